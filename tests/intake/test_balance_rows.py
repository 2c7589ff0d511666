"""Opening and closing balances among the lines are no sales: left out and told, dated or not."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from kamplay.engagement import load
from kamplay.intake.prepare import Intake, survey

EN = ["Date", "Customer no", "Invoice no", "Description", "Net amount"]
ZH = ["日期", "客户编码", "单据编号", "摘要", "不含税金额"]
LINES = 40


def line(number: int) -> list[Any]:
    day = date(2025, 1, 6) + timedelta(days=3 * number)
    return [day, f"K{number % 5}", f"R{100 + number}", f"Delivery {number}", round(210.3 + 11.7 * number, 2)]


TOTAL = round(sum(line(n)[4] for n in range(LINES)), 2)


def read(folder: Path, rows: list[list[Any]], headers: list[str], workbook: bool = False) -> Intake:
    (folder / "data").mkdir(parents=True)
    if workbook:
        book = openpyxl.Workbook()
        for row in [headers, *rows]:
            book.active.append(row)
        book.save(folder / "data" / "transactions.xlsx")
    else:
        text = "\n".join(",".join("" if v is None else str(v) for v in row) for row in [headers, *rows])
        (folder / "data" / "transactions.csv").write_text(text, encoding="utf-8")
    said = {"client": "Case", "currency": "EUR", "as_of": "2025-05-05"}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return survey(load(folder))


def total(intake: Intake) -> float:
    return round(float(intake.tables["transactions"]["amount"].sum()), 2)


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
@pytest.mark.parametrize(
    ("headers", "column", "word"),
    [
        (EN, 3, "Opening balance"),
        (EN, 1, "Opening Balance:"),
        (EN, 3, "B/F"),
        (EN, 2, "Balance brought forward"),
        (EN, 3, "Opening balance as of 2025-01-01"),
        (EN, 3, "Saldo iniziale"),
        (EN, 3, "Saldovortrag"),
        (EN, 3, "Report à nouveau"),
        (ZH, 3, "期初余额"),
        (ZH, 1, "上期结转"),
        (ZH, 3, "上年结转"),
        (ZH, 2, "承前页"),
    ],
)
def test_an_opening_balance_is_left_out_and_told(tmp_path, headers, column, word, dated):
    row: list[Any] = [date(2025, 1, 1) if dated else None, "K1" if dated else None, None, None, 45000.0]
    row[column] = word
    intake = read(tmp_path, [row, *(line(n) for n in range(LINES))], headers, workbook=dated)
    assert [(f.code, f.level, f.count, f.row) for f in intake.faults] == [("balance_rows", "warning", 1, 2)]
    args = intake.faults[0].args
    assert (total(intake), args["amount"], round(args["rest"], 2)) == (TOTAL, 45000.0, TOTAL)
    assert intake.readings[0].used == LINES


@pytest.mark.parametrize(
    ("headers", "first", "last"),
    [(EN, "Opening balance", "Closing balance"), (ZH, "期初余额", "期末余额"), (EN, "B/F", "C/F")],
)
def test_opening_and_closing_balances_are_told_once(tmp_path, headers, first, last):
    lines = [line(n) for n in range(LINES)]
    ends = [[None, word, None, None, amount] for word, amount in ((first, 900.0), (last, TOTAL + 900))]
    intake = read(tmp_path, [ends[0], *lines, ends[1]], headers)
    assert [(f.code, f.count) for f in intake.faults] == [("balance_rows", 2)]
    assert total(intake) == TOTAL


@pytest.mark.parametrize(
    "name",
    ["New Balance", "Balance Labs", "Forward Freight", "Saldo Srl", "余额", "结转科技", "Nouveau Monde"],
)
def test_names_that_only_sound_like_a_balance_stay(tmp_path, name):
    lines = [[*line(n)[:3], name if n % 9 == 4 else "Valve", line(n)[4]] for n in range(LINES)]
    intake = read(tmp_path, lines, EN)
    assert (total(intake), [f.code for f in intake.faults]) == (TOTAL, [])
