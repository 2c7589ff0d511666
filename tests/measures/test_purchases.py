"""Twelve months to as_of inclusive, at a month's end, in its middle, and on 29 February."""

import pandas as pd
import pytest
from conftest import book_of, lines_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kamplay.method.measures import purchases


@pytest.mark.parametrize(
    ("as_of", "first_in", "last_out"),
    [
        ("2025-12-31", "2025-01-01", "2024-12-31"),
        ("2025-06-15", "2024-06-16", "2024-06-15"),
        ("2024-02-29", "2023-03-01", "2023-02-28"),
        ("2025-02-28", "2024-03-01", "2024-02-29"),
    ],
)
def test_edges_of_the_year(as_of, first_in, last_out):
    lines = lines_of(
        ("a", first_in, 1.0),
        ("a", as_of, 2.0),
        ("a", last_out, 10.0),
        ("a", str((pd.Timestamp(as_of) + pd.Timedelta(days=1)).date()), 100.0),
    )
    book = book_of(lines, pd.Timestamp(as_of))
    assert purchases.revenue(book)["a"] == 3.0
    assert purchases.revenue(book, 12, 12)["a"] == 10.0


@settings(max_examples=40, deadline=None)
@given(
    st.dates(pd.Timestamp("2023-01-01").date(), pd.Timestamp("2025-12-31").date()),
    st.lists(
        st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2026-12-31").date()),
        min_size=1,
        max_size=30,
    ),
)
def test_windows_agree_with_plain_dates(as_of, days):
    lines = pd.DataFrame(
        {"account_id": "a", "date": pd.to_datetime(days), "amount": [float(i + 1) for i in range(len(days))]}
    )
    book = book_of(lines, pd.Timestamp(as_of))
    end = pd.Timestamp(as_of)
    start = end + pd.Timedelta(days=1) - pd.DateOffset(months=12)
    assert purchases.revenue(book)["a"] == pytest.approx(
        lines.loc[lines["date"].between(start, end), "amount"].sum()
    )
    assert book.monthly["amount"].sum() == pytest.approx(lines["amount"].sum())


def test_a_caller_cannot_change_the_revenue_that_the_next_one_gets():
    book = book_of(lines_of(("a", "2025-05-01", 10.0), ("b", "2025-06-01", 5.0)))
    first = purchases.revenue(book)
    first.iloc[:] = -1.0
    first.name = "changed"
    again = purchases.revenue(book)
    assert again.tolist() == [10.0, 5.0] and again.name == "amount"


def test_accounts_of_the_year_without_net_revenue():
    """B's return takes all of its purchase, C has a return alone, D's lines are older than the year."""
    lines = lines_of(
        ("A", "2025-03-01", 10.0),
        ("B", "2025-03-01", 10.0),
        ("B", "2025-04-01", -10.0),
        ("C", "2025-05-01", -3.0),
        ("D", "2024-05-01", -3.0),
    )
    assert purchases.without_net(book_of(lines)) == 2
