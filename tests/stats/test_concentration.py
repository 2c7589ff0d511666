"""Concentration against published values, hand-worked cases and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamplay.method.stats import concentration as c

amounts = st.lists(st.floats(0.01, 1e9), min_size=1, max_size=60).map(
    lambda v: pd.Series(v, index=[f"a{i}" for i in range(len(v))])
)


@pytest.mark.parametrize(
    ("values", "published"),
    [
        ([10] * 9 + [100], 0.4263158),  # nine of 10 and one of 100: Statistics Slam Dunk, ineq()
        ([1, 3, 2, 1, 1, 1, 4], 0.3076923),  # phylotools::gini, R help page
        ([50] * 10, 0.0),
        (
            [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261],
            0.4620911,
        ),  # incomes of R's ineq help page
    ],
)
def test_gini_matches_published_values(values, published):
    assert c.gini(pd.Series(values, dtype=float)) == pytest.approx(published, abs=5e-8)


def test_hand_worked_shares():
    amounts = pd.Series({"a": 50.0, "b": 30.0, "c": 15.0, "d": 4.0, "e": 1.0, "f": -7.0, "g": 0.0})
    assert c.top_share(amounts, 0.2) == pytest.approx(0.5)  # one of the five that are positive
    assert c.accounts_for(amounts, 0.8) == 2  # 50 + 30 is just 80 %
    assert c.accounts_for(amounts, 0.81) == 3
    assert c.hhi(amounts) == pytest.approx(0.25 + 0.09 + 0.0225 + 0.0016 + 0.0001)
    assert c.first_share(amounts, 99) == pytest.approx(1.0)
    assert c.abc(amounts).to_dict() == {"a": "A", "b": "A", "c": "B", "d": "C", "e": "C", "f": "C", "g": "C"}


def test_ties_are_not_split_between_classes():
    classes = c.abc(pd.Series(dict.fromkeys("abcdefghij", 1.0)))
    assert set(classes) == {"A"}


def test_nothing_positive_gives_none():
    nothing = pd.Series({"a": 0.0, "b": -3.0})
    assert [c.gini(nothing), c.hhi(nothing), c.top_share(nothing, 0.2), c.accounts_for(nothing, 0.8)] == [
        None
    ] * 4


@given(amounts, st.floats(0.001, 1000), st.randoms())
def test_order_and_currency_unit_change_nothing(values, unit, random):
    labels = list(values.index)
    random.shuffle(labels)
    other = values[labels] * unit
    for measure in (c.gini, c.hhi, lambda v: c.top_share(v, 0.2), lambda v: c.first_share(v, 5)):
        assert measure(other) == pytest.approx(measure(values), rel=1e-6, abs=1e-9)


@given(amounts)
def test_bounds_and_sums(values):
    table = c.ranked(values)
    assert table["share"].sum() == pytest.approx(1.0)
    assert (np.diff(table["amount"]) <= 0).all()
    assert -1e-9 <= c.gini(values) < 1
    assert 1 / len(values) - 1e-9 <= c.hhi(values) <= 1 + 1e-9
