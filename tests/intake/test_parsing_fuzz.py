"""Any cell at all: no reader fails, and an amount written in a supported way is read as itself or refused."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamplay.codebook import codebook
from kamplay.intake.values import parsing

settings.register_profile("cells", deadline=None)  # figures are tested here, not times
settings.load_profile("cells")

CELLS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.text(alphabet="0123456789.,-+()%'/ ¥$€元万亿年月日TZ:eE１２，．CRDR\u2009", max_size=14),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
)
COLUMNS = [column for spec in codebook().values() for column in spec.columns.values()]
KINDS = list({column.kind: column for column in COLUMNS}.values())
PLACE = {"table": "transactions", "file": "x.csv", "sheet": None}


@pytest.mark.parametrize("column", KINDS, ids=lambda c: c.kind)
@given(cells=st.lists(CELLS, max_size=8))
@settings(max_examples=150)
def test_no_cell_brings_a_reader_down(column, cells):
    raw = pd.Series(cells, dtype=object, index=range(2, 2 + len(cells)))
    values, bad = parsing.clean(raw, column)
    assert len(values) == len(bad) == len(raw)
    assert bad.isin([True, False]).all()
    parsing.remarks(raw, column, "header", PLACE)


def grouped(whole: int, mark: str) -> str:
    return f"{whole:,}".replace(",", mark)


POINT = [
    lambda w, c: f"{w}.{c:02d}",
    lambda w, c: f"{grouped(w, ',')}.{c:02d}",
    lambda w, c: f"{grouped(w, ' ')}.{c:02d}",
    lambda w, c: f"{grouped(w, chr(39))}.{c:02d}",
]
COMMA = [
    lambda w, c: f"{w},{c:02d}",
    lambda w, c: f"{grouped(w, '.')},{c:02d}",
    lambda w, c: f"{grouped(w, chr(0x2009))},{c:02d}",
]
SIGNS = ["-{}", "{}-", "({})", "−{}", "{} CR", "-¥{}", "¥-{}", "({}元)"]
DRESS = ["{}", "¥{}", "￥{}", "$ {}", "€{}", "{}元", "RMB {}", "{} USD", "+{}", "{} DR"]
UNITS = [("", 1), ("万", 1e4), ("万元", 1e4), ("亿", 1e8), ("千", 1e3)]


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(POINT + COMMA), st.booleans(), st.data())
@settings(max_examples=400)
def test_an_amount_comes_back_as_itself_or_not_at_all(whole, cents, write, negative, data):
    text = data.draw(st.sampled_from(SIGNS if negative else DRESS)).format(write(whole, cents))
    if data.draw(st.booleans()):
        text = text.translate(
            {ord(a): b for a, b in zip("0123456789,.", "０１２３４５６７８９，．", strict=True)}
        )
    (value,), (bad,) = parsing.numbers(pd.Series([text], dtype=object))
    expected = (whole + cents / 100) * (-1 if negative else 1)
    assert bad or value == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert not bad


@given(
    st.integers(1, 10**6), st.integers(0, 99), st.sampled_from(POINT[:2] + COMMA[:2]), st.sampled_from(UNITS)
)
def test_units_multiply(whole, cents, write, unit):
    word, factor = unit
    (value,), (bad,) = parsing.numbers(pd.Series([write(whole, cents) + word], dtype=object))
    assert not bad
    assert value == pytest.approx((whole + cents / 100) * factor, rel=1e-12)


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=6), st.sampled_from([",", "."]), st.integers(0, 5)
)
def test_thousands_without_decimals_follow_the_column(wholes, decimal, at):
    """Whole amounts in thousands next to one amount whose decimals show the mark."""
    thousands = "." if decimal == "," else ","
    cells = [grouped(w, thousands) for w in wholes]
    cells.insert(min(at, len(cells)), f"1{thousands}234{decimal}50")
    expected = list(wholes)
    expected.insert(min(at, len(wholes)), 1234.5)
    values, bad = parsing.numbers(pd.Series(cells, dtype=object))
    assert not bad.any()
    assert values.tolist() == pytest.approx(expected)


STYLES = [
    "{0:%Y-%m-%d}",
    "{0:%Y/%m/%d}",
    "{0:%Y.%m.%d}",
    "{0:%Y%m%d}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%d-%b-%Y}",
    "{0:%b %d, %Y}",
    "{0:%Y-%m-%dT%H:%M:%SZ}",
    "{0.year}-{0.month}-{0.day} 10:20",
]


@given(st.dates(dt.date(1960, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(STYLES))
def test_a_date_comes_back_as_itself(day, style):
    (value,), (bad,) = parsing.dates(
        pd.Series([style.format(dt.datetime(day.year, day.month, day.day))], dtype=object)
    )
    assert not bad
    assert value == pd.Timestamp(day)


@given(
    st.lists(st.dates(dt.date(1960, 1, 1), dt.date(2100, 12, 31)), min_size=1, max_size=8),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"]),
)
def test_a_column_of_short_dates_is_read_right_or_refused(days, style):
    values, bad = parsing.dates(pd.Series([day.strftime(style) for day in days], dtype=object))
    for value, wrong, day in zip(values, bad, days, strict=True):
        assert wrong or value == pd.Timestamp(day)
