"""Cells: what is read, as what, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamplay.codebook import codebook
from kamplay.intake.values import parsing


def one(reader, value):
    values, bad = reader(pd.Series([value], dtype=object))
    return values.iloc[0], bool(bad.iloc[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", 1234.5),
        ("1,234.50", 1234.5),
        ("¥1,234", 1234),
        ("￥１，２３４．５", 1234.5),
        ("(1,234)", -1234),
        ("1234-", -1234),
        ("-1234", -1234),
        ("−5", -5),
        ("1.2万", 12000),
        ("11,50万元", 115000),
        ("1052,75元", 1052.75),
        ("3亿", 3e8),
        ("1.234,56", 1234.56),
        ("1'234.50", 1234.5),
        ("5E3", 5000),
        (" 7 ", 7),
        ("12元", 12),
        ("-¥3.5", -3.5),
        ("1,234,567", 1234567),
    ],
)
def test_amounts(text, value):
    assert one(parsing.numbers, text) == (pytest.approx(value), False)


@pytest.mark.parametrize(
    "text", ["abc", "12x", "1,23,4", "((3))", "--3", "(-5)-", "1.2.3", "万", "=1+1", "inf", "1e999"]
)
def test_amounts_refused(text):
    value, bad = one(parsing.numbers, text)
    assert bad
    assert not np.isfinite(value)


@pytest.mark.parametrize("text", ["", "-", "—", "N/A", "NULL", None, float("nan")])
def test_nothing_is_missing_not_wrong(text):
    for reader in (parsing.numbers, parsing.dates, parsing.ids):
        value, bad = one(reader, text)
        assert pd.isna(value)
        assert not bad


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        "2024年3月5日",
        "2024/3/5",
        "20240305",
        "2024.3.5",
        "２０２４/３/５",
        "2024-03-05 13:14:15",
        "45356",
        45356.0,
        pd.Timestamp("2024-03-05 10:00"),
    ],
)
def test_dates(text):
    assert one(parsing.dates, text) == (pd.Timestamp("2024-03-05"), False)


@pytest.mark.parametrize("text", ["2024-02-30", "5 March", "2024-13-01", "99999999", "03/05/2024"])
def test_dates_refused(text):
    assert one(parsing.dates, text)[1]


def test_day_or_month_first_is_decided_by_the_column():
    values, bad = parsing.dates(pd.Series(["03/04/2024", "25/04/2024"]))
    assert values.tolist() == [pd.Timestamp("2024-04-03"), pd.Timestamp("2024-04-25")]
    values, bad = parsing.dates(pd.Series(["03/04/2024", "03/25/2024"]))
    assert values.tolist() == [pd.Timestamp("2024-03-04"), pd.Timestamp("2024-03-25")]
    values, bad = parsing.dates(pd.Series(["03/25/2024", "25/04/2024", "03/04/2024", "03/03/2024"]))
    assert bad.tolist() == [
        True,
        True,
        True,
        False,
    ]  # evidence for both: only a date that reads the same either way is read


@pytest.mark.parametrize(
    ("raw", "value"), [("00123", "00123"), (123.0, "123"), (" A１２ ", "A12"), (12, "12"), ("1e5", "1e5")]
)
def test_ids(raw, value):
    assert one(parsing.ids, raw) == (value, False)


def test_ids_written_as_decimals():
    """A program's 14739.0 is the 14739 of another, also beside blanks and codes; 1.1 is no whole number."""

    def read(*cells):
        return parsing.ids(pd.Series(list(cells), dtype="str"))[0].tolist()

    assert read("14739.0", "14739", "C-12") == ["14739", "14739", "C-12"]
    assert read("1.0", "1.1") == ["1.0", "1.1"]
    assert parsing.ids(pd.Series([1.2e5, "00123", 14739.0], dtype=object))[0].tolist() == [
        "120000",
        "00123",
        "14739",
    ]


def test_ids_from_a_numeric_column():
    assert parsing.ids(pd.Series([123.0, np.nan]))[0].tolist()[0] == "123"


@pytest.mark.parametrize(
    ("raw", "value", "bad"),
    [("12%", 0.12, False), ("0.12", 0.12, False), ("12％", 0.12, False), ("x%", None, True)],
)
def test_shares(raw, value, bad):
    found, wrong = one(parsing.shares, raw)
    assert wrong == bad
    assert pd.isna(found) if value is None else found == pytest.approx(value)


def test_choices_in_both_languages():
    column = codebook()["contacts"].columns["layer"]
    values, bad = parsing.choices(pd.Series(["决策层", "Decision", "decision", "决策", "董事会", ""]), column)
    assert values.tolist()[:4] == ["decision"] * 4
    assert bad.tolist() == [False, False, False, False, True, False]


def test_flags():
    values, bad = parsing.flags(pd.Series(["是", "No", "maybe", ""]))
    assert values.tolist()[:2] == [True, False]
    assert bad.tolist() == [False, False, True, False]


@given(st.floats(-1e12, 1e12).map(lambda v: round(v, 2)))
@settings(deadline=None)  # figures are tested here, not times
def test_an_amount_written_out_comes_back(value):
    for text in (f"{value:.2f}", f"{value:,.2f}", f"¥{value:,.2f}" if value >= 0 else f"-¥{-value:,.2f}"):
        assert one(parsing.numbers, text) == (pytest.approx(value, abs=0.005), False)


@given(st.text(max_size=30))
@settings(deadline=None)  # figures are tested here, not times
def test_no_text_brings_a_reader_down(text):
    for reader in parsing.READERS.values():
        values, bad = reader(pd.Series([text]))
        assert len(values) == len(bad) == 1
