"""Decisions by the money at stake, one for each account; who is held back from growth; and new business in
one figure.
"""

from __future__ import annotations

import numpy as np
import pytest

from kamplay.method.results import Findings, by_stake
from kamplay.show.findings import decisions
from kamplay.show.locale import Locale
from kamplay.show.view import View, using


def test_by_money_and_one_for_each_account():
    found = Findings("value")
    found.add("room_wallet", "watch", "x", ("w",), gain=900.0)
    found.add("deals_stalled", "watch", "x", ("d",), stake=5.0)
    found.add("stress_threat", "watch", "x", ("a",), stake=200.0)
    found.add("concentration", "watch", "protect_first", ("a", "b", "c"), stake=200.0)
    found.add("stress_two", "watch", "x", ("a", "b"), revenue=400.0)
    found.add("target_within", "watch", "x", stake=50.0)
    found.add("room_gap", "watch", "x", ("d",), gain=7.0)
    found.add("credit_exceeded", "watch", "x", ("a", "b", "c"), stake=60.0)
    # 200 of the first account, named once; 60; 50; 5; then what could be won, but not of the account of the
    # stalled deal again
    assert [f.kind for f in by_stake(found)] == [
        "stress_threat",
        "credit_exceeded",
        "target_within",
        "deals_stalled",
        "room_wallet",
    ]


def test_the_stake_is_the_last_figure_and_left_out_where_unknown():
    found = Findings("value")
    found.add("a", "act", stake=np.float64(2.0), gain=3, owed=2.0)
    found.add("b", "act", stake=float("nan"), owed=None)
    assert [list(f.figures.items()) for f in found] == [
        [("owed", 2.0), ("stake", 2.0), ("gain", 3.0)],
        [("owed", None)],
    ]


def test_the_sample_counts_no_one_off_and_says_one_rate_of_new_business(medtech_book, medtech_value):
    book, result = medtech_book, medtech_value
    expected, single = result.finding("future_expected").figures, result.finding("future_single")
    future = result.customer_value.accounts
    told = future[(future["model"] != "none") & (future["purchases"] > 1)]
    assert expected["expected"] == pytest.approx(told["revenue_12m"].sum())
    assert expected["ten"] == pytest.approx(told["revenue_12m"].head(10).sum())
    assert "C0270" in single.accounts and single.figures["last"] > 5e6
    new = result.finding("target_new_once").figures["new_amount"]
    assert result.finding("stress_first").figures["new_per_year"] == pytest.approx(new)
    assert result.finding("deals_overdue") is None  # its one deal is told among those that stand still
    for language in ("zh", "en"):
        with using(View(Locale(language, "CNY"), book.names.to_dict())):
            lines = decisions(result).text.splitlines()
            first = book.names["C0092"]
            assert sum(first in line.split(" (")[0] for line in lines) == 1
            assert sum("O0156" in line for line in lines) <= 1
