"""Dates that name a quarter or a period of an accounting system, and figures that count from 1970."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from kamplay.engagement import load
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.values.dates import AS_FOUND, read_dates

TODAY = date(2026, 6, 30)


def surveyed(
    folder: Path,
    name: str,
    rows: list[Any],
    language: str = "en",
    currency: str = "EUR",
    columns: dict[str, str] | None = None,
) -> Intake:
    """An engagement with these rows as its one file, read."""
    (folder / "data").mkdir(exist_ok=True)
    with (folder / "data" / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    source = {"path": f"data/{name}"} | ({"columns": columns} if columns else {})
    said = {"client": "Case", "language": language, "currency": currency, "sources": {"transactions": source}}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def read(*texts: str) -> Any:
    return read_dates(list(texts), list(texts), AS_FOUND, [1] * len(texts), TODAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023Q1", date(2023, 3, 31)),
        ("2023-Q2", date(2023, 6, 30)),
        ("Q3 2023", date(2023, 9, 30)),
        ("4Q23", date(2023, 12, 31)),
        ("Q1'25", date(2025, 3, 31)),
        ("2. Quartal 2024", date(2024, 6, 30)),
        ("T4 2024", date(2024, 12, 31)),
        ("2023年第3季度", date(2023, 9, 30)),
        ("2023年四季度", date(2023, 12, 31)),
        ("2023年Q2", date(2023, 6, 30)),
    ],
)
def test_a_quarter_is_its_last_day(text, day):
    column = read(text)
    assert column.days == [day]
    assert column.quarters == (0,)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("002.2023", date(2023, 2, 28)),
        ("2023011", date(2023, 11, 30)),
        ("2023/007", date(2023, 7, 31)),
        ("013.2023", date(2023, 12, 31)),  # a closing period lies in the year's last month
    ],
)
def test_a_period_in_three_figures_is_a_month(text, day):
    column = read(text)
    assert column.days == [day]
    assert column.periods == (0,)


def test_a_period_above_the_closing_ones_is_no_date():
    assert read("017.2023").days == [None]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1709251200", date(2024, 3, 1)),
        ("1709251199", date(2024, 2, 29)),  # a second before
        ("1709251200123", date(2024, 3, 1)),
        ("1709251200.0", date(2024, 3, 1)),
    ],
)
def test_seconds_and_milliseconds_since_1970(text, day):
    column = read(text)
    assert column.days == [day]
    assert column.midnights is False


def test_midnights_of_beijing_belong_to_the_day_that_begins():
    # 16:00 by Greenwich time on 29 February, 1 and 2 March 2024
    column = read("1709222400", "1709308800", "1709395200")
    assert column.days == [date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)]
    assert column.midnights is True


def test_midnights_of_berlin_in_winter_and_summer():
    # 23:00 before 5 and 6 February, 22:00 before 5 August 2024
    column = read("1707087600", "1707174000", "1722808800")
    assert column.days == [date(2024, 2, 5), date(2024, 2, 6), date(2024, 8, 5)]


def test_an_hour_written_in_figures_is_no_unix_time():
    assert read("2024011512").days == [None]


def test_a_moment_in_figures_is_its_day():
    assert read("20240301104500", "202403021130").days == [date(2024, 3, 1), date(2024, 3, 2)]


def test_quarters_beside_months_are_told():
    column = read("2023Q1", "2023-05")
    assert column.causes == {0: "date_period_mixed"}


def test_a_ledger_of_unix_times(tmp_path):
    header = ["created", "Customer", "Amount"]
    lines = [(1709251200 + 86_400 * 20 * i + 3_600, f"C{i % 3}", 100 + i) for i in range(12)]
    found = surveyed(tmp_path, "payments.csv", [header, *lines])
    assert [f.code for f in found.faults] == ["date_unix"]
    lines = found.tables["transactions"]
    assert lines["amount"].sum() == 1266
    assert lines["date"].min().date() == date(2024, 3, 1)


def test_a_ledger_of_quarters(tmp_path):
    header = ["日期", "客户", "金额"]
    lines = [
        (f"202{3 + i // 4}年第{i % 4 + 1}季度", f"客户{c}", 10 * i + c) for i in range(8) for c in (1, 2)
    ]
    found = surveyed(tmp_path, "销售明细.csv", [header, *lines], language="zh", currency="CNY")
    assert [f.code for f in found.faults] == ["date_quarter"]
    assert found.tables["transactions"]["amount"].sum() == 584
    assert str(found.tables["transactions"]["date"].max().date()) == "2024-12-31"


def test_a_fiscal_period_is_proposed_not_applied(tmp_path):
    header = ["Fiscal year/period", "Customer", "Amount"]
    lines = [(f"{m:03}.2024", f"C{m % 2}", m) for m in range(1, 13)]
    found = surveyed(tmp_path, "sales.csv", [header, *lines])
    assert [f.code for f in found.faults] == ["date_in_own_periods"]
    assert found.faults[0].args["propose"] == "Fiscal year/period"
    found = surveyed(tmp_path, "sales.csv", [header, *lines], columns={"date": "Fiscal year/period"})
    assert [f.code for f in found.faults] == ["date_period"]
    assert found.tables["transactions"]["amount"].sum() == 78


def test_year_and_quarter_in_two_columns(tmp_path):
    header = ["年度", "季度", "客户", "金额"]
    lines = [(2024, f"第{i % 4 + 1}季度", f"客户{i % 2}", 7 * i) for i in range(8)]
    found = surveyed(tmp_path, "销售明细.csv", [header, *lines], columns={"date": "年度 + 季度"})
    assert [f.code for f in found.faults] == ["date_quarter"]
    assert found.tables["transactions"]["amount"].sum() == 196


def test_traditional_headers_and_statuses(tmp_path):
    header = ["單據日期", "客戶代號", "客戶簡稱", "銷貨單號", "品號", "數量", "未稅金額", "單據狀態"]
    rows = [
        (
            f"2024/03/{d:02}",
            f"T{d % 3}",
            f"商行{d % 3}",
            f"S{d}",
            "P1",
            1,
            50 + d,
            "已作廢" if d == 4 else "已審核",
        )
        for d in range(1, 13)
    ]
    found = surveyed(tmp_path, "銷貨明細.csv", [header, *rows], language="zh", currency="TWD")
    assert [(f.code, f.count) for f in found.faults] == [("lines_voided", 1)]
    reading = found.readings[0].headers
    assert reading["order_id"] == "銷貨單號"
    assert reading["product"] == "品號"
    assert found.tables["transactions"]["amount"].sum() == 12 * 50 + 78 - 54


def test_traditional_returns_totals_and_units(tmp_path):
    header = ["單據日期", "客戶編號", "單據類型", "金額"]
    rows = [(f"2024-05-{d:02}", f"T{d % 3}", "銷貨退回" if d == 9 else "銷貨", d) for d in range(1, 13)]
    rows.append(("", "", "總計", 78))
    found = surveyed(tmp_path, "銷貨.csv", [["單位：千元"], header, *rows], currency="TWD")
    assert sorted(f.code for f in found.faults) == ["returns_signed", "total_rows", "unit_applied"]
    assert found.tables["transactions"]["amount"].sum() == 1000 * (78 - 18)


def test_tax_in_a_traditional_header_is_said(tmp_path):
    header = ["單據日期", "客戶編號", "含稅金額"]
    rows = [(f"2024-05-{d:02}", f"T{d % 3}", d) for d in range(1, 13)]
    found = surveyed(tmp_path, "銷售.csv", [header, *rows], currency="TWD")
    assert [f.code for f in found.faults] == ["gross_used"]
