"""Settings of a table whose files are found by their names: they hold as if the files were named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kamplay.engagement import load
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.settings_to_paste import as_yaml, proposals, would_give

HEAD = "Invoice date,Customer no,Product,Net amount,State,Kind"
FIRST = [
    "2024-01-05,C1,Valve,100.5,open,sale",
    "2024-02-06,C2,Hose,40,open,sale",
    "2024-03-07,C1,Seal,9.25,closed,back",
]
SECOND = ["2025-01-05,C3,Valve,300,open,sale", "2025-02-06,C2,Hose,7.5,void,sale"]


def read(folder: Path, source: dict[str, Any] | None, files: dict[str, list[str]] | None = None) -> Intake:
    (folder / "data").mkdir(parents=True)
    files = files or {"transactions_2024.csv": [HEAD, *FIRST], "transactions_2025.csv": [HEAD, *SECOND]}
    for name, lines in files.items():
        (folder / "data" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings: dict[str, Any] = {"client": "C", "language": "en", "as_of": "2025-03-31"}
    settings |= {"sources": {"transactions": source}} if source is not None else {}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def sums(intake: Intake) -> tuple[int, int, float]:
    lines = intake.tables["transactions"]
    return len(lines), lines["account_id"].nunique(), round(float(lines["amount"].sum()), 2)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (None, (4, 3, 449.75)),
        ({}, (4, 3, 449.75)),
        ({"where": {"State": ["open", "closed"]}}, (4, 3, 449.75)),
        ({"where": {"State": "open"}}, (3, 3, 440.5)),
        ({"void": {"State": ["closed", "void"]}}, (3, 3, 440.5)),
        ({"keep_void": True}, (5, 3, 457.25)),
        ({"returns": {"Kind": "back"}}, (4, 3, 431.25)),
        ({"columns": {"account_id": "Product"}, "keep_void": True}, (5, 3, 457.25)),
        ({"path": "transactions_2024.csv", "where": {"State": "open"}}, (2, 2, 140.5)),
    ],
)
def test_settings_hold_for_every_file_found_by_name(tmp_path, source, expected):
    assert sums(read(tmp_path, source)) == expected


def test_dates_are_read_as_the_setting_says(tmp_path):
    files = {"transactions.csv": [HEAD, "03/04/2024,C1,Valve,5,open,sale", "05/06/2024,C2,Hose,6,open,sale"]}
    lines = read(tmp_path, {"date_format": "%m/%d/%Y"}, files).tables["transactions"]
    assert [str(day.date()) for day in lines["date"]] == ["2024-03-04", "2024-05-06"]


def test_heads_are_carried_down_in_each_file(tmp_path):
    head = "Invoice date,Customer no,Product,Net amount"
    files = {
        "transactions_a.csv": [head, "2024-01-05,C1,Valve,1.5", ",,Hose,2", "2024-01-06,C2,Seal,4"],
        "transactions_b.csv": [head, "2024-02-05,C3,Valve,8", ",,Hose,16.25", "2024-02-06,C2,Seal,32"],
    }
    source = {"fill_down": ["date", "account_id"]}
    lines = read(tmp_path, source, files).tables["transactions"]
    assert lines.groupby("account_id")["amount"].sum().to_dict() == {"C1": 3.5, "C2": 36.0, "C3": 24.25}


def test_a_block_to_paste_keeps_what_a_source_without_a_path_says(tmp_path):
    months = "Customer no,Kind,Jan-24,Feb-24,Mar-24,Apr-24"
    rows = [f"C{i},{'sale' if i % 3 else 'plan'},{i}.5,2,{10 * i},4" for i in range(9)]
    kept = sum(i + 0.5 + 2 + 10 * i + 4 for i in range(9) if i % 3)
    intake = read(tmp_path, {"where": {"Kind": "sale"}}, {"transactions.csv": [months, *rows]})
    engagement = load(tmp_path)
    proposed = proposals(engagement, intake.faults)
    assert proposed["sources"]["transactions"] == {"where": {"Kind": ["sale"]}, "unpivot": "amount"}
    again = {"client": "C", "as_of": "2025-03-31", **yaml.safe_load(as_yaml(proposed, intake.faults))}
    (tmp_path / "engagement.yaml").write_text(yaml.safe_dump(again), encoding="utf-8")
    pasted = survey(load(tmp_path))
    assert sums(pasted) == (24, 6, kept)
    given = would_give(engagement, proposed)
    assert given and (given["rows"], given["accounts"], given["amount"]) == sums(pasted)


def test_invoices_in_two_files_are_settled_for_a_source_without_a_path(tmp_path):
    lines = [f"2024-0{1 + i % 9}-1{i % 9},C{i % 4},Part {i},{i}.75,open,sale" for i in range(40)]
    head = HEAD.replace("Kind", "Invoice no")
    numbered = [line.removesuffix("sale") + f"IV{i}" for i, line in enumerate(lines)]
    files = {"transactions_a.csv": [head, *numbered], "transactions_b.csv": [head, *reversed(numbered)]}
    intake = read(tmp_path, {"where": {"State": "open"}}, files)
    proposed = proposals(load(tmp_path), intake.faults)
    assert proposed["sources"]["transactions"]["where"] == {"State": ["open"]}
    assert len(proposed["sources"]["transactions"]["path"]) == 1


def test_settings_of_a_table_without_a_file_are_told(tmp_path):
    read(tmp_path, None)
    text = (tmp_path / "engagement.yaml").read_text(encoding="utf-8")
    text += "sources: {accounts: {columns: {account_id: Code}}}\n"
    (tmp_path / "engagement.yaml").write_text(text, encoding="utf-8")
    faults = [f for f in survey(load(tmp_path)).faults if f.code == "settings_without_file"]
    assert [(f.table, f.level) for f in faults] == [("accounts", "warning")]
