"""Refunds and returned quantities in a column beside the amount are told, and the formula proposed works."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from kamplay.engagement import load
from kamplay.intake.prepare import Intake, survey
from kamplay.show.faults import fix
from kamplay.show.locale import Locale

EN = ["Date", "Customer no", "Order no", "Quantity", "Price", "Net amount"]
ZH = ["日期", "客户编码", "订单号", "数量", "单价", "不含税金额"]
BOTH = pytest.mark.parametrize("headers", [EN, ZH], ids=["en", "zh"])
LINES = 60
BACK = {7: 2, 20: 1, 33: 5}  # line → pieces that came back


def line(number: int) -> list[Any]:
    quantity, price = 5 + number % 4, 12.5 + number
    day = date(2025, 1, 6) + timedelta(days=2 * number)
    return [day, f"K{number % 7}", f"R{100 + number}", quantity, price, round(quantity * price, 2)]


TOTAL = round(sum(line(n)[5] for n in range(LINES)), 2)
WORTH = round(sum(line(n)[4] * pieces for n, pieces in BACK.items()), 2)


def read(folder: Path, grid: list[list[Any]], workbook: bool = False, **source: Any) -> Intake:
    (folder / "data").mkdir(parents=True)
    if workbook:
        book = openpyxl.Workbook()
        for row in grid:
            book.active.append(row)
        book.save(folder / "data" / "transactions.xlsx")
    else:
        text = "\n".join(",".join("" if v is None else str(v) for v in row) for row in grid)
        (folder / "data" / "transactions.csv").write_text(text, encoding="utf-8")
    said: dict[str, Any] = {"client": "Case", "currency": "EUR", "as_of": "2025-05-05"}
    if source:
        path = f"data/transactions.{'xlsx' if workbook else 'csv'}"
        said["sources"] = {"transactions": {"path": path, **source}}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def grid(headers: list[str], header: str, cell: Any) -> list[list[Any]]:
    """The ledger with one more column, its cells by line."""
    return [[*headers, header], *([*line(n), cell(n)] for n in range(LINES))]


def total(intake: Intake) -> float:
    return round(float(intake.tables["transactions"]["amount"].sum()), 2)


def pasted(intake: Intake) -> dict[str, str]:
    """The columns that the remedy says to write."""
    words = fix(intake.faults[0], Locale("en", "EUR"))
    columns: dict[str, str] = yaml.safe_load(words[words.index("{amount:") :])
    return columns


def money(number: int) -> float:
    return round(line(number)[4] * BACK.get(number, 0), 2)


@pytest.mark.parametrize("workbook", [False, True], ids=["csv", "xlsx"])
@pytest.mark.parametrize(
    ("headers", "header"),
    [
        (EN, "Refunded Amount"),
        (EN, "Amount refunded"),
        (EN, "Order Refund Amount"),
        (EN, "amount_refunded"),
        (EN, "Refunds"),
        (ZH, "退款金额"),
        (ZH, "已退款金额"),
        (ZH, "退货额"),
    ],
)
def test_a_refunded_amount_is_told_with_both_totals_and_the_formula_subtracts_it(
    tmp_path, headers, header, workbook
):
    table = grid(headers, header, money)
    intake = read(tmp_path / "a", table, workbook)
    assert [(f.code, f.level, f.column, f.count) for f in intake.faults] == [
        ("refunds_beside", "warning", header, 3)
    ]
    args = intake.faults[0].args
    assert (args["refunds"], args["amount"], args["net"]) == (WORTH, TOTAL, round(TOTAL - WORTH, 2))
    assert (total(intake), intake.faults[0].row) == (TOTAL, 9)
    settled = read(tmp_path / "b", table, workbook, columns=pasted(intake))
    assert (total(settled), settled.faults) == (round(TOTAL - WORTH, 2), [])


@BOTH
def test_refunds_below_zero_are_added(tmp_path, headers):
    header = "Refund amount" if headers is EN else "退款金额"
    table = grid(headers, header, lambda n: -money(n) if n in BACK else None)
    intake = read(tmp_path / "a", table)
    assert intake.faults[0].args["net"] == round(TOTAL - WORTH, 2)
    settled = read(tmp_path / "b", table, columns=pasted(intake))
    assert (total(settled), settled.faults) == (round(TOTAL - WORTH, 2), [])


@pytest.mark.parametrize("priced", [True, False], ids=["price", "no price"])
@pytest.mark.parametrize(
    ("headers", "header"),
    [(EN, "Returned qty"), (EN, "Return quantity"), (ZH, "退货数量"), (ZH, "已退数量"), (ZH, "退回件数")],
)
def test_a_returned_quantity_is_told_with_its_worth(tmp_path, headers, header, priced):
    table = grid(headers, header, lambda n: BACK.get(n, 0))
    if not priced:
        table = [[*row[:4], *row[5:]] for row in table]
    intake = read(tmp_path / "a", table)
    assert [f.code for f in intake.faults] == ["returned_beside"]
    args = intake.faults[0].args
    assert (args["pieces"], args["refunds"], args["net"]) == (8, WORTH, round(TOTAL - WORTH, 2))
    settled = read(tmp_path / "b", table, columns=pasted(intake))
    assert (total(settled), settled.faults) == (round(TOTAL - WORTH, 2), [])


@BOTH
def test_a_returned_quantity_without_price_and_quantity_is_asked(tmp_path, headers):
    header = "Returned qty" if headers is EN else "退货数量"
    table = [[*row[:3], *row[5:]] for row in grid(headers, header, lambda n: BACK.get(n))]
    assert [f.code for f in read(tmp_path, table).faults] == ["returned_beside_unknown"]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Refunded amount", lambda n: 0),
        ("Refunded amount", lambda n: None),
        ("Refund date", lambda n: date(2025, 6, 1) if n in BACK else None),
        ("Refund reason", lambda n: "damaged" if n in BACK else None),
        ("Refund no", lambda n: 4000 + n if n in BACK else None),
        ("退款单号", lambda n: 4000 + n if n in BACK else None),
        ("退货率", lambda n: 0.02),
        ("Return days", lambda n: 14),
        ("Returnable units", lambda n: 5),
    ],
)
def test_columns_that_hold_no_refund_stay_silent(tmp_path, header, cell):
    intake = read(tmp_path, grid(EN if header.isascii() else ZH, header, cell))
    assert (total(intake), [f.code for f in intake.faults if "beside" in f.code]) == (TOTAL, [])


def test_an_amount_that_is_net_of_refunds_already_stays_silent(tmp_path):
    table = [[*EN[:5], "Gross value", "Refunded amount", "Net amount"]]
    for n in range(LINES):
        *head, amount = line(n)
        table.append([*head, amount, money(n), round(amount - money(n), 2)])
    intake = read(tmp_path, table)
    assert total(intake) == round(TOTAL - WORTH, 2)
    assert "refunds_beside" not in {f.code for f in intake.faults}


def test_refunds_on_lines_of_their_own_are_in_the_sum(tmp_path):
    table = grid(EN, "Refunded amount", lambda n: 0)
    for n, row in enumerate(table[1:]):
        if n in BACK:
            row[3], row[5], row[6] = -row[3], -row[5], row[5]
    assert [f.code for f in read(tmp_path, table).faults] == []


def test_a_hyphen_within_a_header_is_no_minus(tmp_path):
    table = grid(EN, "Re-order amount", lambda n: 1.0)
    intake = read(tmp_path, table, columns={"amount": "Re-order amount"})
    assert total(intake) == LINES
