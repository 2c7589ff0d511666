"""Currencies that a workbook shows by the number format of its cells alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from kamplay.engagement import load
from kamplay.intake.files.number_formats import currency_of
from kamplay.intake.prepare import Intake, survey

EN = ["Date", "Customer no", "Invoice no", "Net amount"]
ZH = ["日期", "客户编码", "单据编号", "不含税金额"]
LINES = 40


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        ("[$$-409]#,##0.00", "USD"),
        ("[$$-1009]#,##0.00", "CAD"),
        ("[$€-2] #,##0.00", "€"),
        ('"US$"#,##0', "USD"),
        ('"HK$"#,##0_);\\("HK$"#,##0\\)', "HKD"),
        ("[$¥-804]#,##0.00", "CNY"),
        ("[$￥-411]#,##0", "JPY"),
        ('_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ', "¥"),
        ("[$CHF-807] #,##0.00", "CHF"),
        ("#,##0.00\\ [$kr-41D]", "SEK"),
        ('#,##0.00 "元"', "元"),
        ('#,##0.00\\ "zł"', "PLN"),
        ("#,##0.00 [$USD]", "USD"),
        # a gap as wide as a sign, a country without one, dates, units and colours show none
        ("_-* #,##0.00\\ _€_-;\\-* #,##0.00\\ _€_-", None),
        ("[$-409]d-mmm-yy;@", None),
        ("DD-MMM-YYYY", None),
        ("[Red]-#,##0.00", None),
        ("#,##0.00", None),
        ("General", None),
        ('0.00,"k"', None),
    ],
)
def test_the_currency_of_a_number_format(code, currency):
    assert currency_of(code) == currency


def read(
    folder: Path, headers: list[str], formats: dict[int, str], engagement: str = "EUR", **said: Any
) -> Intake:
    """Survey a workbook of 40 lines whose amounts, 200, 205, … 395, ×5, have these formats by line."""
    (folder / "data").mkdir(parents=True)
    book = openpyxl.Workbook()
    book.active.append(headers)
    for number in range(LINES):
        day = date(2025, 1, 6) + timedelta(days=4 * number)
        book.active.append([day, f"K{number % 7}", f"R{100 + number}", 5.0 * (200 + number)])
        book.active.cell(number + 2, 4).number_format = formats.get(number, "#,##0.00")
    book.save(folder / "data" / "transactions.xlsx")
    settings = {"client": "Case", "currency": engagement, "as_of": "2025-06-30", **said}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return survey(load(folder))


def told(intake: Intake) -> list[tuple[str, str, str | None]]:
    return [(f.code, f.level, f.column) for f in intake.faults]


ALL = dict.fromkeys(range(LINES))
SOME = list(range(2, LINES, 5))


@pytest.mark.parametrize("headers", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("code", ["[$$-409]#,##0.00", '"US$"#,##0', "$#,##0.00", "#,##0.00 [$USD]"])
def test_two_currencies_shown_by_format_are_never_added_up(tmp_path, headers, code):
    intake = read(tmp_path, headers, dict.fromkeys(ALL, "#,##0.00 [$€-407]") | dict.fromkeys(SOME, code))
    assert told(intake) == [("currencies_several", "error", headers[3])]
    fault = intake.faults[0]
    assert fault.row == 4  # the third line, below the header
    assert [(c, n) for c, n, _ in fault.args["sums"]] == [("EUR", 32), ("USD", 8)]
    assert fault.args["sums"][1][2] == sum(5.0 * (200 + n) for n in SOME)


def test_some_cells_with_a_sign_and_the_others_without_are_two_currencies(tmp_path):
    intake = read(tmp_path, EN, dict.fromkeys(SOME, "[$£-809]#,##0.00"))
    assert told(intake) == [("currencies_several", "error", "Net amount")]


@pytest.mark.parametrize("headers", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize(
    ("code", "currency"), [("[$$-409]#,##0.00", "USD"), ('"¥"#,##0', "CNY"), ("[$CHF] #,##0.00", "CHF")]
)
def test_one_other_currency_is_told_and_a_rate_converts_it(tmp_path, headers, code, currency):
    formats = dict.fromkeys(ALL, code)
    intake = read(tmp_path / "a", headers, formats)
    assert told(intake) == [("currency_differs", "warning", headers[3])]
    assert intake.faults[0].args["code"] == currency
    rated = read(tmp_path / "b", headers, formats, currency_rates={currency: 2.0})
    assert told(rated) == [("currency_converted", "warning", headers[3])]
    assert rated.tables["transactions"]["amount"].sum() == 2 * sum(5.0 * (200 + n) for n in ALL)


@pytest.mark.parametrize(
    ("code", "engagement"),
    [
        ("[$€-407]#,##0.00", "EUR"),
        ("$#,##0.00", "CAD"),
        ("[$¥-804]#,##0.00", "CNY"),
        ('"¥"#,##0', "JPY"),
        ("_-* #,##0.00\\ _€_-", "USD"),
        ('#,##0.00 "kr"', "NOK"),
    ],
)
def test_the_engagements_own_currency_stays_silent(tmp_path, code, engagement):
    assert told(read(tmp_path, EN, dict.fromkeys(ALL, code), engagement)) == []


def test_months_as_columns_show_theirs(tmp_path):
    (tmp_path / "data").mkdir()
    book = openpyxl.Workbook()
    book.active.append(["Customer", *(f"2025-{m:02}" for m in range(1, 7))])
    for number in range(8):
        book.active.append([f"Client {number}", *(100.0 + 7 * number + m for m in range(6))])
        for column in range(2, 8):
            sign = "[$$-409]#,##0.00" if number == 3 else "[$€-2]#,##0.00"
            book.active.cell(number + 2, column).number_format = sign
    book.save(tmp_path / "data" / "transactions.xlsx")
    path = {"path": "data/transactions.xlsx", "unpivot": "amount", "columns": {"account_id": "Customer"}}
    said = {"client": "Case", "currency": "EUR", "sources": {"transactions": path}}
    (tmp_path / "engagement.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    intake = survey(load(tmp_path))
    assert [f.code for f in intake.faults] == ["currencies_several"]
    assert intake.faults[0].args["sums"][1] == ("USD", 6, 6 * 121.0 + 15)
    assert intake.faults[0].row == 5
