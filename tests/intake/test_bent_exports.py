"""Exports bent in one way each as further systems bend them: read right, or told with one fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import groupby
from typing import Any

import pandas as pd
import pytest
from intake.exports import (
    AS_IF_SOLD,
    RETURNED,
    TOTAL,
    Export,
    book,
    book_of,
    codes,
    csv_of,
    ledger,
    read,
    summed,
    table,
    text,
)

from kamplay.intake.columns.rivals import counted_otherwise
from kamplay.intake.files.sheet_shape import scan
from kamplay.intake.lines import units
from kamplay.intake.values.parsing import dates
from kamplay.line_status import is_status, kind_of, stages
from kamplay.show.faults import problem
from kamplay.show.locale import Locale

# lines 5, 21, 37 and 53 of the ledger: 6 · 5550.25 + 4 · 10350.25 + 2 · 15150.25 + 6 · 19950.25
MARKED, MARKED_SUM = (5, 21, 37, 53), 224_704.50


def flag(yes: str, no: str = "") -> Any:
    return lambda i, x: yes if i in MARKED else no


def positive(i: int, x: Any) -> dict[str, Any]:
    return {"amount": f"{abs(x.amount):.2f}"}


def thousands(i: int, x: Any) -> dict[str, Any]:
    return {"amount": f"{x.amount / 1000:.5f}"}


def averaged(language: str, word: str) -> list[list[Any]]:
    """Below each account's lines a dated row with their average."""
    rows = table(language)[:1]
    by_account = sorted(ledger(language), key=lambda x: x.account)
    for account, lines in groupby(by_account, key=lambda x: x.account):
        of = list(lines)
        rows += [[x.day, x.account, x.order, f"{x.amount:.2f}"] for x in of]
        rows.append([of[-1].day, account, word, f"{sum(x.amount for x in of) / len(of):.2f}"])
    return rows


def by_currency(language: str, heading: str, own: str, other: str) -> list[list[Any]]:
    head, *lines = table(language)
    return [head, [heading + own, "", "", ""], *lines[::2], [heading + other, "", "", ""], *lines[1::2]]


def with_type(of_return: Any, of_sale: Any, header: str) -> list[list[Any]]:
    return table(change=positive, **{header: lambda i, x: of_return if x.amount < 0 else of_sale})


CASES: dict[str, Export] = {
    "credits of Sage": csv_of(with_type("SC", "SI", "Type"), "returns_signed"),
    "numbered types": csv_of(with_type(3, 2, "Document Type"), "returns_doubtful", total=AS_IF_SOLD),
    "deletion mark of SAP": csv_of(
        table(LOEKZ=flag("X")), "lines_voided", total=TOTAL - MARKED_SUM, rows_read=56
    ),
    "lost deals": csv_of(
        table(**{"Deal Stage": flag("Closed Lost", "Closed Won")}),
        "lines_voided",
        total=TOTAL - MARKED_SUM,
        rows_read=56,
    ),
    "open deals": csv_of(table(Stage=flag("Negotiation/Review", "Closed Won")), "lines_doubtful"),
    "丢单": csv_of(
        table("zh", 商机阶段=flag("丢单", "赢单")),
        "lines_voided",
        total=TOTAL - MARKED_SUM,
        rows_read=56,
        language="zh",
    ),
    "averages": csv_of(averaged("en", "Average"), "total_rows"),
    "平均值": csv_of(averaged("zh", "平均值"), "total_rows", language="zh"),
    "a column of units": csv_of(
        table("zh", change=thousands, 金额单位=lambda i, x: "千元"), "unit_applied", language="zh"
    ),
    "units of goods": csv_of(table("zh", 单位=lambda i, x: ["件", "箱"][i % 2]), language="zh"),
    "a file named after its unit": Export(
        {"销售明细（千元）.csv": text(table("zh", change=thousands))}, ("unit_applied",), language="zh"
    ),
    "a unit below the header": csv_of(
        [table()[0], ["", "", "", "EUR thousand"], *table(change=thousands)[1:]], "page_rows", "unit_applied"
    ),
    "cents": csv_of(
        table(heads={"amount": "Net amount (cents)"}, change=lambda i, x: {"amount": round(x.amount * 100)}),
        "unit_applied",
    ),
    "headings with a currency": csv_of(
        by_currency("en", "Currency: ", "EUR", "USD"), "currencies_several", total=None, usable=False
    ),
    "币种分组": csv_of(
        by_currency("zh", "币种：", "人民币", "美元"),
        "currencies_several",
        total=None,
        usable=False,
        language="zh",
    ),
    "headings with one currency": csv_of(by_currency("en", "Currency: ", "EUR", "EUR")),
    "sheets named after currencies": Export(
        {"sales.xlsx": book({"EUR": table(lines=ledger()[:30]), "USD": table(lines=ledger()[30:])})},
        ("currency_of_input",),
        total=None,
        usable=False,
        settings={"sources": {"transactions": "data/sales.xlsx#*"}},
    ),
    "▲": csv_of(
        table("zh", change=lambda i, x: {"amount": f"{x.amount:.2f}".replace("-", "▲")}), language="zh"
    ),
    "负": csv_of(
        table("zh", change=lambda i, x: {"amount": f"{x.amount:.2f}".replace("-", "负")}), language="zh"
    ),
    "years of the Republic": csv_of(
        table("zh", change=lambda i, x: {"day": f"{x.day.year - 1911}/{x.day:%m/%d}"}), language="zh"
    ),
    "days of the week": csv_of(table(change=lambda i, x: {"day": f"{x.day:%A, %d %B %Y}"})),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bent_export_is_read_right_or_told_once(tmp_path, name):
    wanted = CASES[name]
    intake = read(wanted, tmp_path)
    assert (codes(intake), intake.usable) == (tuple(sorted(wanted.told)), wanted.usable)
    if wanted.total is not None:
        assert summed(intake) == (wanted.rows_read, wanted.accounts, pytest.approx(wanted.total, abs=0.01))


def test_two_lines_of_a_header_under_merged_cells(tmp_path):
    rows = [["日期", "客户", "", "金额", ""], ["", "编码", "名称", "未税", "含税"]]
    rows += [[x.day, x.account, x.firm, x.amount, round(x.amount * 1.13, 2)] for x in ledger("zh")]

    def merge(workbook: Any) -> None:
        for cells in ("A1:A2", "B1:C1", "D1:E1"):
            workbook.worksheets[0].merge_cells(cells)

    intake = read(book_of(rows, change=merge, language="zh"), tmp_path)
    assert (codes(intake), summed(intake)) == ((), (60, 8, TOTAL))
    assert intake.readings[0].headers["account_id"] == "客户编码"


def test_two_tables_side_by_side_are_one_fault(tmp_path):
    head, *rows = table()
    beside = [[*head, "", *head], *([*a, "", *b] for a, b in zip(rows[:30], rows[30:], strict=True))]
    (fault,) = read(csv_of(beside), tmp_path).faults
    left = sum(x.amount for x in ledger()[:30])
    assert (fault.code, fault.level) == ("tables_side_by_side", "error")
    assert (fault.args["left"], fault.args["amount"]) == pytest.approx((left, TOTAL - left))


def test_no_amount_is_proposed_from_cases_and_the_price_of_a_piece(tmp_path):
    heads = {"quantity": "Qty (cases)", "price": "Price per piece"}
    rows = table(columns=("day", "account", "order", "quantity", "price"), heads=heads)
    rows = [[*row, "Pieces per case" if i == 0 else 12] for i, row in enumerate(rows)]
    (fault,) = read(csv_of(rows), tmp_path).faults
    assert fault.code == "column_missing"
    assert [(w["name"], w["propose"]) for w in fault.args["lacking"]] == [("amount", "")]


@pytest.mark.parametrize(
    ("price", "differ"), [("单价(元/件)", True), ("单价(元/箱)", False), ("单价", False)]
)
def test_a_price_for_another_unit_than_is_counted(price, differ):
    assert counted_otherwise("数量(箱)", price) == differ


def test_months_as_columns_with_a_total_row_say_what_is_left_out(tmp_path):
    months = ["Jan 2024", "Feb 2024", "Mar 2024"]
    rows = [
        ["Customer no", *months, "Total"],
        *([f"C{i}", 10 * i, 20, 30, 10 * i + 50] for i in range(1, 6)),
        ["TOTAL", 150, 100, 150, 400],
    ]
    settings = {"sources": {"transactions": {"path": ["data/transactions.csv"], "unpivot": "amount"}}}
    faults = read(csv_of(rows, settings=settings), tmp_path).faults
    total = next(f for f in faults if f.code == "total_rows")
    assert total.args == {"amount": 400.0, "rest": 400.0}
    for language in ("en", "zh"):
        assert "400" in problem(total, Locale(language, "EUR"))


def test_a_file_whose_name_says_nothing_is_one_fault_with_the_setting(tmp_path):
    export = Export({"VF05.csv": text(table()), "notes.csv": text([["a"], ["b"]])})
    (fault,) = read(export, tmp_path).faults
    assert (fault.code, fault.args["path"]) == ("transactions_unnamed", "data/VF05.csv")
    named = replace(export, settings={"sources": {"transactions": fault.args["path"]}})
    assert summed(read(named, tmp_path))[2] == TOTAL


def test_the_marked_lines_come_to_their_sum():
    assert sum(ledger()[i].amount for i in MARKED) == pytest.approx(MARKED_SUM)
    assert AS_IF_SOLD - 2 * RETURNED == TOTAL


def test_a_hidden_sheet_with_further_lines_is_told_and_a_list_is_not(tmp_path):
    def hide(workbook: Any) -> None:
        workbook["Old"].sheet_state = workbook["Lists"].sheet_state = "hidden"

    sheets = {
        "New": table(lines=ledger()[20:]),
        "Old": table(lines=ledger()[:20]),
        "Lists": [["Region"], ["North"]],
    }
    export = book_of(sheets, change=hide)
    (fault,) = read(export, tmp_path).faults
    old = round(sum(x.amount for x in ledger()[:20]), 2)
    assert (fault.code, fault.args["sheets"]) == ("sheets_not_used", [("Old", 20, pytest.approx(old))])
    named = replace(export, settings={"sources": {"transactions": "data/transactions.xlsx"}})
    assert codes(read(named, tmp_path / "named")) == ("sheets_not_used",)


def test_a_row_without_height_is_hidden():
    sheet = (
        b'<cols><col min="2" max="2" width="0" customWidth="1"/></cols><row r="4" ht="0" customHeight="1">'
    )
    shape = scan(BytesIO(sheet + b'<row r="5" ht="15"><row r="6" ht="0.75">'))
    assert (shape.hidden_rows, shape.hidden_columns) == (frozenset({4}), ((1, 1),))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("113/01/13", date(2024, 1, 13)),
        ("113年1月13日", date(2024, 1, 13)),
        ("民國99年12月31日", date(2010, 12, 31)),
        ("1130113", date(2024, 1, 13)),
        ("Sat, 13 Jan 2024", date(2024, 1, 13)),
        ("Samstag, 13.01.2024", date(2024, 1, 13)),
    ],
)
def test_dates_of_the_republic_and_with_the_day_of_the_week(written, day):
    values, _ = dates(pd.Series([written]))
    assert values[0].date() == day


@pytest.mark.parametrize(
    ("header", "factor"),
    [("amount_cents", 0.01), ("金额（分）", 0.01), ("Per cent", None), ("Percent", None), ("积分", None)],
)
def test_cents_are_a_unit_and_per_cent_is_none(header, factor):
    unit = units.of_header(header)
    assert (unit.factor if unit else None) == factor


def test_stages_speak_only_where_one_is_won_or_lost():
    assert stages("Stage", ["Mixing", "Filling"]) is None
    assert stages("Lifecycle Stage", ["Won", "Lead"]) is None
    assert stages("deal_stage", ["closedwon", "closedlost"]) == {"closedwon": "fine", "closedlost": "void"}
    assert is_status("Deletion indicator") and kind_of("X", "Deletion indicator") == "void"
