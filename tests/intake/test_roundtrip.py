"""The blank workbook filled in, checked, spoilt in known cells and sent back: every value and every fault
where it was put.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from conftest import MARK_WORDS

from kamplay.codebook import Column, codebook
from kamplay.engagement import load
from kamplay.intake.annotated_copy import COLOURS, write_marked
from kamplay.intake.blank_workbook import WORDS, write_blank
from kamplay.intake.prepare import Intake, survey

ROWS = 300
AS_OF = datetime(2025, 12, 31)
Rows = dict[str, list[dict[str, Any]]]


def valid_rows(seed: int) -> Rows:
    """300 valid rows of every table, all columns filled, as neutral keys and Python values."""
    rng = np.random.default_rng(seed)
    rows: Rows = {
        name: [{c.name: a_value(c, rng) for c in spec.columns.values()} for _ in range(ROWS)]
        for name, spec in codebook().items()
    }
    ids = [f"{k:05d}" for k in rng.permutation(ROWS)]
    for name, table in rows.items():
        for k, row in enumerate(table):
            if "account_id" in row:
                row["account_id"] = (
                    ids[k]
                    if name in ("accounts", "financials", "overrides", "contacts")
                    else str(rng.choice(ids))
                )
            for column in ("order_id", "invoice_id", "ticket_id", "contact_id", "opportunity_id", "tax_id"):
                if column in row:
                    row[column] = f"{column[0].upper()}-0{k:04d}"
            for first, *later in (
                ("invoice_date", "paid_date", "due_date"),
                ("opened", "closed", "due", "expected_close"),
            ):
                for column in later:
                    if first in row and column in row:
                        row[column] = row[first] + timedelta(days=int(rng.integers(0, 90)))
    for k, row in enumerate(rows["accounts"]):
        row["parent_id"] = ids[int(rng.integers(0, k))] if k else None
        row["account_name"] = f"Client {k * 7:04d} 医院"
    for k, row in enumerate(rows["contacts"]):
        row["reports_to"] = f"C-0{int(rng.integers(0, k)):04d}" if k else None
    for k, row in enumerate(rows["visits"]):
        row |= {"account_id": ids[k], "contact_id": f"C-0{k:04d}"}
    for row in rows["deliveries"]:
        row["delivered"] = round(row["ordered"] * float(rng.uniform(0, 1.2)), 2)
    for row in rows["contracts"]:
        row["end"] = row["start"] + timedelta(days=365)
        row["notice_date"] = row["end"] - timedelta(days=30)
    for row in rows["value_cases"]:
        row["realised_on"] = row["agreed_on"] + timedelta(days=90)
    for k, row in enumerate(rows["transactions"]):
        row |= {
            "date": AS_OF - timedelta(days=int(k * 2.4)),
            "status": "Posted",
            "amount": row["amount"] * (-0.01 if k % 10 == 9 else 1),
        }
        row["amount"] = round(row["amount"], 2)
    return rows


def a_value(column: Column, rng: np.random.Generator) -> Any:
    low = 0.0 if column.minimum is None else column.minimum
    high = low + 1e6 if column.maximum is None else column.maximum
    match column.kind:
        case "choice":
            return str(rng.choice(list(column.choices)))
        case "flag":
            return bool(rng.integers(0, 2))
        case "date":
            return AS_OF - timedelta(days=int(rng.integers(100, 700)))
        case "integer":
            return int(rng.integers(low, high + 1))
        case "amount" | "number" | "share":
            return round(float(rng.uniform(low, 1 if column.kind == "share" else high)), 2)
    return f"{rng.choice(['Alpha', '华', '=1+1', '-x', '001'])} {int(rng.integers(0, 9999))}"


def fill(
    path: Path, language: str, rows: Rows, spoilt: dict[tuple[str, int, str], Any] | None = None
) -> None:
    """Write the rows into a blank workbook as a client would: labels for choices, dates as dates."""
    write_blank(path, language)
    book = openpyxl.load_workbook(path)
    for name, spec in codebook().items():
        sheet = book[spec.labels[language]]
        for k, row in enumerate(rows[name]):
            for position, column in enumerate(spec.columns.values(), start=1):
                value = shown(row[column.name], column, language)
                value = (spoilt or {}).get((name, k, column.name), value)
                if value is not None:
                    cell = sheet.cell(k + 2, position, value)
                    if isinstance(value, str):
                        cell.data_type = "s"
                    if isinstance(value, datetime):
                        cell.number_format = "yyyy-mm-dd"
    book.save(path)


def shown(value: Any, column: Column, language: str) -> Any:
    if value is not None and column.kind == "choice":
        return column.choices[value][language]
    if value is not None and column.kind == "flag":
        return WORDS[language]["flags"][0 if value else 1]
    return value


def surveyed(
    folder: Path, language: str, rows: Rows, spoilt: dict[tuple[str, int, str], Any] | None = None
) -> Intake:
    (folder / "data").mkdir(parents=True)
    (folder / "engagement.yaml").write_text(
        f"client: C\nlanguage: {language}\nas_of: {AS_OF:%Y-%m-%d}\n", encoding="utf-8"
    )
    fill(folder / "data" / f"kamplay_blank.{language}.xlsx", language, rows, spoilt)
    return survey(load(folder))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_valid_value_comes_back_without_a_fault(tmp_path, language):
    rows = valid_rows(7 if language == "zh" else 8)
    intake = surveyed(tmp_path, language, rows)
    assert [(f.code, f.table, f.row, f.column, f.value) for f in intake.faults] == []
    assert set(intake.tables) == set(codebook())
    for name, spec in codebook().items():
        table = intake.tables[name]
        assert len(table) == ROWS
        for column in spec.columns.values():
            for read, row in zip(table[column.name], rows[name], strict=True):
                meant = row[column.name]
                if meant is None:
                    assert pd.isna(read)
                elif column.kind == "date":
                    assert read == pd.Timestamp(meant)
                else:
                    assert read == (pytest.approx(meant, rel=1e-12) if isinstance(meant, float) else meant), (
                        name,
                        column.name,
                    )


def seeded(rows: Rows) -> list[tuple[str, int, str, Any, str]]:
    """40 spoilt cells: table, row (from 0), column, what is written there, the fault it must give."""
    ahead = datetime(2999, 1, 1)
    account = [row["account_id"] for row in rows["accounts"]]
    for k in (26, 28):  # a parent and its own subsidiary may share a name or a tax id
        rows["accounts"][k]["parent_id"] = account[0]
    before = {name: rows[name] for name in ("receivables", "tickets", "opportunities")}
    return [
        ("transactions", 3, "date", "soon", "unreadable_date"),
        ("transactions", 4, "amount", "ten", "unreadable_amount"),
        ("transactions", 5, "amount", None, "cell_empty"),
        ("transactions", 6, "date", None, "cell_empty"),
        ("transactions", 7, "date", ahead, "date_in_future"),
        ("transactions", 8, "account_id", None, "account_blank"),
        ("transactions", 10, "account_id", "nobody", "account_unlisted"),
        ("transactions", 11, "status", "已作废", "lines_voided"),
        ("transactions", 12, "cost", "n.b.", "unreadable_amount"),
        ("accounts", 20, "since", "2024-02-30", "unreadable_date"),
        ("accounts", 21, "stage", "dormant", "unreadable_choice"),
        ("accounts", 22, "listed", "perhaps", "unreadable_flag"),
        ("accounts", 23, "employees", 3.5, "unreadable_integer"),
        ("accounts", 24, "state_owned_share", 1.3, "out_of_range"),
        ("accounts", 25, "credit_limit", -5, "out_of_range"),
        ("accounts", 26, "tax_id", rows["accounts"][1]["tax_id"], "accounts_same_tax_id"),
        (
            "accounts",
            28,
            "account_name",
            rows["accounts"][1]["account_name"] + "有限公司",
            "accounts_same_name",
        ),
        ("accounts", 29, "parent_id", "no such", "parent_unknown"),
        ("accounts", 30, "parent_id", account[30], "parent_self"),
        ("accounts", 298, "parent_id", account[299], "parent_cycle"),
        ("accounts", 299, "parent_id", account[298], "parent_cycle"),
        (
            "receivables",
            1,
            "due_date",
            before["receivables"][1]["invoice_date"] - timedelta(days=1),
            "due_before_invoice",
        ),
        (
            "receivables",
            2,
            "paid_date",
            before["receivables"][2]["invoice_date"] - timedelta(days=3),
            "paid_before_invoice",
        ),
        ("receivables", 3, "account_id", "ghost", "account_unknown"),
        ("deliveries", 9, "delivered", rows["deliveries"][9]["ordered"] * 1.3 + 1, "delivered_over_ordered"),
        ("deliveries", 10, "promised_date", "next week", "unreadable_date"),
        (
            "tickets",
            11,
            "closed",
            before["tickets"][11]["opened"] - timedelta(days=1),
            "closed_before_opened",
        ),
        ("tickets", 12, "severity", 9, "out_of_range"),
        ("tickets", 13, "kind", "praise", "unreadable_choice"),
        ("surveys", 14, "score", "good", "unreadable_number"),
        ("surveys", 15, "nps", 11, "out_of_range"),
        ("contacts", 16, "stance", 5, "out_of_range"),
        ("contacts", 17, "reports_to", "C-99", "superior_unknown"),
        ("contacts", 18, "reports_to", rows["contacts"][18]["contact_id"], "superior_cycle"),
        ("visits", 19, "contact_id", "C-98", "contact_unknown"),
        ("visits", 20, "contact_id", rows["contacts"][21]["contact_id"], "contact_elsewhere"),
        ("opportunities", 22, "opportunity_id", rows["opportunities"][1]["opportunity_id"], "key_repeated"),
        ("opportunities", 23, "win_rate", "high", "unreadable_share"),
        ("wallet", 24, "basis", "guess", "unreadable_choice"),
        ("maturity", 25, "capability", None, "cell_empty"),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_forty_spoilt_cells_are_named_and_coloured_and_no_other(tmp_path, language):
    rows = valid_rows(3)
    errors = seeded(rows)
    assert len({error[:3] for error in errors}) == 40
    intake = surveyed(tmp_path, language, rows, {error[:3]: error[3] for error in errors})
    expected = {}
    for name, k, column, _, code in errors:
        spec = codebook()[name]
        expected[spec.labels[language], k + 2, spec.columns[column].labels[language]] = code
    found = {(f.sheet, row, f.column): f.code for f in intake.faults for row in f.all_rows}
    assert found == expected
    assert sum(f.count for f in intake.faults) == 40

    sentences = {id(f): (f.code, "fix") for f in intake.faults}
    (path,) = write_marked(intake, tmp_path, tmp_path / "out", MARK_WORDS, sentences)
    assert path.name == f"kamplay_blank.{language}-marked.xlsx"
    assert coloured(path) == expected
    sent, back = (
        openpyxl.load_workbook(p) for p in (tmp_path / "data" / f"kamplay_blank.{language}.xlsx", path)
    )
    assert back.sheetnames[1:] == sent.sheetnames
    for sheet in sent:
        for row in sheet.iter_rows():
            for cell in row:
                copy = back[sheet.title][cell.coordinate]
                assert (copy.value, copy.number_format) == (cell.value, cell.number_format)
                assert copy.data_type != "f"


def coloured(path: Path) -> dict[tuple[str, int, str], str]:
    """(sheet, row, header) → the first word of the comment, of every cell in one of the marking colours."""
    out = {}
    for sheet in openpyxl.load_workbook(path).worksheets[1:]:
        for row in sheet.iter_rows():
            for cell in row:
                if f"#{cell.fill.fgColor.rgb[-6:]}" in COLOURS.values():
                    out[sheet.title, cell.row, sheet.cell(1, cell.column).value] = cell.comment.text.split()[
                        0
                    ]
    return out
