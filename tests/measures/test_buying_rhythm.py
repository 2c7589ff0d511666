"""Buying rhythm: the usual gap, and the test of recent gaps against an account's habit."""

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.measures.buying_rhythm import buying_rhythm, habit_test


def test_usual_gap_by_hand():
    lines = lines_of(
        ("a", "2025-01-01", 5.0), ("a", "2025-01-31", 5.0), ("a", "2025-03-02", 5.0), ("b", "2025-06-01", 5.0)
    )
    table = buying_rhythm(book_of(lines).days, pd.Timestamp("2025-04-01"))
    assert list(table.index) == ["a"]  # b bought only after the cut-off
    row = table.loc["a"]
    assert (row["buys"], row["silent"]) == (3, 30)
    assert row["gap"] == pytest.approx((60 + 30) / 3)  # two real gaps of 30 and a pseudo-gap of the usual 30


def test_habit_by_hand():
    book = book_of(
        lines_of(
            *(
                ("a", str((pd.Timestamp("2025-12-01") - pd.Timedelta(days=d)).date()), 1.0)
                for d in range(0, 1000, 20)
            )
        )
    )
    own = habit_test(book, AS_OF).loc["a"]
    assert own[["usual", "recent", "ratio", "open_gap", "open_ratio"]].tolist() == pytest.approx(
        [20, 22, 1.1, 30, 1.5]
    )
    assert own["p_value"] > 0.05


def test_p_values_are_those_of_chance():
    """Of many gamma buyers of one habit about as many have a p-value below 5 % as it says (an F test of
    two means).
    """
    rng = np.random.default_rng(3)
    rows = []
    for number in range(400):
        day = AS_OF - pd.Timedelta(days=int(rng.integers(0, 15)))
        for _ in range(40):
            rows.append((f"A{number}", str(day.date()), 10.0))
            day -= pd.Timedelta(days=max(1, round(rng.gamma(5, 6))))
    own = habit_test(book_of(lines_of(*rows)), AS_OF)
    assert (own["p_value"] < 0.05).mean() == pytest.approx(0.05, abs=0.035)
