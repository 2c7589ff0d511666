"""Small exports as clients send them: what each cell becomes, or which fault stands where."""

from pathlib import Path

import pandas as pd
import pytest

from kamplay.engagement import load
from kamplay.intake.prepare import survey

HEAD = 'client: C\nlanguage: en\nas_of: "2024-12-31"\n'
SALE = "2024-03-05,A1,10\n"


def surveyed(folder: Path, files: dict[str, str], settings: str = HEAD):
    (folder / "data").mkdir(parents=True)
    for name, text in files.items():
        (folder / "data" / name).write_text(text, encoding="utf-8")
    (folder / "engagement.yaml").write_text(settings, encoding="utf-8")
    return survey(load(folder))


def one_column(folder: Path, column: str, cells: list[str]):
    """A csv of transactions in which ``column`` holds ``cells`` and all else is in order."""
    rows = [
        {"date": "2024-03-05", "account_id": f"A{n}", "amount": "10", column: cell}
        for n, cell in enumerate(cells)
    ]
    frame = pd.DataFrame(rows)
    return surveyed(folder, {"transactions.csv": frame.to_csv(index=False)})


def said(intake) -> list[tuple[str, str, int | None, str | None]]:
    quiet = {"data_ends_early", "line_repeated"}
    return [(f.code, f.level, f.row, f.column) for f in intake.faults if f.code not in quiet]


DATES = [
    ("2024年3月5日", "2024-03-05"),
    ("2024/3/5", "2024-03-05"),
    ("20240305", "2024-03-05"),
    ("2024.3.10", "2024-03-10"),
    ("2024-3-5 10:20", "2024-03-05"),
    ("5-Mar-2024", "2024-03-05"),
    ("Mar 5, 2024", "2024-03-05"),
    ("45356", "2024-03-05"),  # Excel's day 45356
    ("2024-03-05T23:59:59Z", "2024-03-05"),
    ("２０２４－０３－０５", "2024-03-05"),
    ("29/02/2024", "2024-02-29"),
    ("2/29/2024", "2024-02-29"),
]
AMOUNTS = [
    ("¥1,234.50", 1234.5),
    ("￥１，２３４．５", 1234.5),
    ("$1234", 1234),
    ("€ 1.234,56", 1234.56),
    ("£(1,234)", -1234),
    ("RMB 1,000", 1000),
    ("1,000.5 CNY", 1000.5),
    ("USD 12", 12),
    ("12元", 12),
    ("1.5万", 15000),
    ("2亿元", 2e8),
    ("3千", 3000),
    ("1052,75元", 1052.75),
    ("11,50万元", 115000),
    ("1'234'567.5", 1234567.5),
    ("1 234 567", 1234567),
    ("1\u2009234,5", 1234.5),
    ("(99)", -99),
    ("-99", -99),
    ("99-", -99),
    ("1,234.50 CR", 1234.5),  # in an account of sales a credit is a sale
    ("1,234.50 DR", 1234.5),
    ("1,234", 1234),
]
REFUSED = [
    ("date", "3/4/2024", "unreadable_date_ambiguous"),
    ("date", "5/3/24", "unreadable_date_ambiguous"),
    ("date", "25/3/98", "unreadable_date_short_year"),
    ("date", "05-Mar-98", "unreadable_date_short_year"),
    ("date", "2024-02-30", "unreadable_date"),
    ("date", "2024-13", "unreadable_date"),
    ("date", "0024-03-05", "unreadable_date"),
    ("amount", "12%", "unreadable_amount"),
    ("amount", "1,23,4", "unreadable_amount"),
    ("amount", "12 34", "unreadable_amount"),
    ("amount", "(-5)-", "unreadable_amount"),
    ("amount", "USD 5元", "unreadable_amount"),
    ("account_id", "1.23E+15", "id_rounded"),
]
IDS = [("00123", "00123"), (" A１２ ", "A12"), ("123.0", "123"), ("1e5", "1e5"), ("V1.0", "V1.0")]


@pytest.mark.parametrize(("cell", "day"), DATES)
def test_dates(tmp_path, cell, day):
    intake = one_column(tmp_path, "date", [cell])
    assert intake.usable
    assert intake.tables["transactions"]["date"].tolist() == [pd.Timestamp(day)]


@pytest.mark.parametrize(("cell", "value"), AMOUNTS)
def test_amounts(tmp_path, cell, value):
    intake = one_column(tmp_path, "amount", [cell])
    errors = [f.code for f in intake.faults if f.level == "error"]
    assert errors == (["revenue_not_positive"] if value < 0 else [])
    assert intake.tables["transactions"]["amount"].tolist() == [pytest.approx(value)]


@pytest.mark.parametrize(("column", "cell", "code"), REFUSED)
def test_cells_that_are_refused_with_their_place(tmp_path, column, cell, code):
    intake = one_column(tmp_path, column, [cell])
    assert not intake.usable
    assert (code, "error", 2, column) in said(intake)


@pytest.mark.parametrize(("cell", "value"), IDS)
def test_ids(tmp_path, cell, value):
    assert one_column(tmp_path, "account_id", [cell]).tables["transactions"]["account_id"].tolist() == [value]


def test_an_ambiguous_column_names_both_readings_once(tmp_path):
    (fault,) = [
        f
        for f in one_column(tmp_path, "date", ["3/4/2024", "5/6/2024", "7/7/2024"]).faults
        if f.level == "error"
    ]
    assert (fault.args["one"], fault.args["other_day"]) == ("2024-04-03", "2024-03-04")
    assert (fault.args["form"], fault.args["other_form"]) == ("%d/%m/%Y", "%m/%d/%Y")
    assert fault.args["places"] == [(2, "3/4/2024"), (3, "5/6/2024")]
    assert (fault.count, fault.all_rows) == (2, (2, 3))


def test_the_order_of_day_and_month_is_told_with_its_evidence(tmp_path):
    intake = one_column(tmp_path, "date", ["3/4/2024", "3/25/2024"])
    (fault,) = [f for f in intake.faults if f.code == "date_order"]
    assert (fault.level, fault.row, fault.value) == ("warning", 3, "3/25/2024")
    assert fault.args == {"example": "3/4/2024", "read": "2024-03-04", "order": "month"}
    assert intake.tables["transactions"]["date"].tolist() == [
        pd.Timestamp("2024-03-04"),
        pd.Timestamp("2024-03-25"),
    ]


@pytest.mark.parametrize(
    ("cells", "values", "code"),
    [
        (["1.234,56", "12,5", "7"], [1234.56, 12.5, 7], None),
        (["1,234", "12.50"], [1234, 12.5], None),
        (["1,234", "2,5"], [1.234, 2.5], "decimal_comma"),
        (["1.234", "2,5"], [1234, 2.5], "decimal_comma"),
        (["1.234.567", "2.500"], [1234567, 2500], "decimal_comma"),
    ],
)
def test_the_decimal_mark_is_the_columns(tmp_path, cells, values, code):
    intake = one_column(tmp_path, "amount", cells)
    assert intake.usable
    assert intake.tables["transactions"]["amount"].tolist() == pytest.approx(values)
    assert [c for c, *_ in said(intake)] == ([code] if code else [])


def test_contradictory_decimal_marks_are_an_error(tmp_path):
    intake = one_column(tmp_path, "amount", ["1.234,56", "1,234.56", "1,234"])
    assert ("decimal_marks_differ", "error", 2, "amount") in said(intake)
    assert ("unreadable_amount", "error", 4, "amount") in said(intake)


def test_two_currencies_in_a_column_are_an_error(tmp_path):
    assert ("currencies_several", "error", 3, "amount") in said(
        one_column(tmp_path, "amount", ["¥5", "$5", "7"])
    )


RATES = "opportunity_id,amount,stage,{}\n1,5,open,{}\n2,5,open,{}\n3,5,open,{}\n"


@pytest.mark.parametrize(
    ("header", "cells", "values", "code"),
    [
        ("win_rate", ("12 %", "0.5", "1"), [0.12, 0.5, 1], None),
        ("win_rate", ("12", "45", "100"), [None, None, None], "share_in_percent"),
        ("Probability (%)", ("12", "45", "100"), [0.12, 0.45, 1], None),
        ("Probability (%)", ("0.12", "0.45", "1"), [0.12, 0.45, 1], None),
        ("win_rate", ("0.5", "0.6", "45"), [0.5, 0.6, 45], "out_of_range"),
    ],
)
def test_shares(tmp_path, header, cells, values, code):
    files = {
        "transactions.csv": "date,account_id,amount\n" + SALE,
        "opportunities.csv": RATES.format(header, *cells),
    }
    intake = surveyed(tmp_path, files)
    read = [None if pd.isna(v) else v for v in intake.tables["opportunities"]["win_rate"]]
    assert [c for c, _, _, column in said(intake) if column == header] == ([code] if code else [])
    if code != "out_of_range":
        assert read == [None if v is None else pytest.approx(v) for v in values]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["GTX Pro", "GTX Pro", "GTXPro"], ("GTXPro", "GTX Pro", 1, 2)),
        (["technology", "technology", "technolgy"], ("technolgy", "technology", 1, 2)),
        (["Pump", "Pump", "pump"], ("pump", "Pump", 1, 2)),
        (["Pump 1", "Pump 2", "华北", "华南", "Anna", "Anne", "GTX Basic", "GTX Plus Basic"], None),
    ],
)
def test_values_that_look_alike_are_told_and_kept(tmp_path, cells, told):
    intake = one_column(tmp_path, "product", cells)
    found = [
        (f.value, f.args["other"], f.count, f.args["other_count"])
        for f in intake.faults
        if f.code == "values_alike"
    ]
    assert found == ([told] if told else [])
    assert intake.tables["transactions"]["product"].tolist() == cells


def test_the_unit_in_a_header_counts(tmp_path):
    text = "日期,客户编码,不含税金额（万元）\n2024-03-05,A1,1.5\n2024-03-05,A2,-2\n"
    assert surveyed(tmp_path, {"交易.csv": text}).tables["transactions"]["amount"].tolist() == [15000, -20000]
