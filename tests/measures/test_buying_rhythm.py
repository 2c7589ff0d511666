"""Buying rhythm: the usual gap, and the test of recent gaps against an account's habit."""

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.measures.buying_rhythm import buying_rhythm, habit_test
from kamplay.method.value.account_forecast import history


def test_usual_gap_by_hand():
    lines = lines_of(
        ("a", "2025-01-01", 5.0), ("a", "2025-01-31", 5.0), ("a", "2025-03-02", 5.0), ("b", "2025-06-01", 5.0)
    )
    table = buying_rhythm(book_of(lines).days, pd.Timestamp("2025-04-01"))
    assert list(table.index) == ["a"]  # b bought only after the cut-off
    row = table.loc["a"]
    assert (row["buys"], row["silent"]) == (3, 30)
    assert row["gap"] == pytest.approx((60 + 30) / 3)  # two real gaps of 30 and a pseudo-gap of the usual 30


def test_an_account_with_gaps_enough_keeps_its_own_rhythm():
    """Three gaps of a week are told as a week, though the others buy every 90 days; two are drawn to them.

    Gaps that closed over 12 months ago do not count where three or more closed since.
    """
    rows = [("weekly", f"2025-03-{day:02}", 5.0) for day in (1, 8, 15, 22)]
    rows += [("new", f"2025-03-{day:02}", 5.0) for day in (8, 15, 22)]
    ninety = ["2024-12-01", "2025-03-01"]
    rows += [(slow, day, 5.0) for slow in "abcd" for day in ninety]
    changed = ["2024-03-01", "2024-04-30", "2024-05-20", "2024-06-09", "2024-06-29"]  # 60 days, then 20
    changed = [*pd.date_range(end="2024-01-01", periods=5, freq="60D").strftime("%Y-%m-%d"), *changed]
    rows += [("changed", day, 5.0) for day in changed]
    cutoff = pd.Timestamp("2025-04-01")
    table = buying_rhythm(book_of(lines_of(*rows)).days, cutoff)
    assert table.at["weekly", "gap"] == pytest.approx(7)
    assert table.at["new", "gap"] == table.at["new", "drawn_gap"] == pytest.approx((14 + 90) / 3)
    assert table.at["changed", "gap"] == pytest.approx((60 + 3 * 20) / 4)
    assert table.at["weekly", "lateness"] == pytest.approx(10 / 7)
    forecast = history(book_of(lines_of(*rows)), cutoff)
    several = ["weekly", "changed"]
    assert (
        forecast.loc[several, "gap"].tolist() == table.loc[several, "gap"].tolist()
    )  # one gap, wherever told


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
