"""Concentration against published values, hand-worked cases and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from kamplay.method.stats import concentration as c
from kamplay.method.stats.concentration import _figures, redrawn

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
    amounts = pd.Series(values, dtype=float)
    assert c.gini(amounts) == pytest.approx(published, abs=5e-8)
    low, high = c.gini_interval(amounts)
    assert low == high == 0.0 if published == 0.0 else low <= published <= high


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


@given(amounts)
def test_same_as_the_figures_of_concentration(values):
    """The forms for resamples say what the plain ones say."""
    found = c.concentration_figures(values)
    for share in (50, 80, 95):
        assert found[f"accounts_for_{share}"] == c.accounts_for(values, share / 100)
    assert found["top1_share"] == pytest.approx(c.first_share(values, 1))
    assert found["top5_share"] == pytest.approx(c.first_share(values, 5))
    assert found["top20_share"] == pytest.approx(c.top_share(values, 0.2))
    assert found["gini"] == pytest.approx(c.gini(values), abs=1e-12)
    assert found["hhi"] == pytest.approx(c.hhi(values))


def test_rows_of_amounts_have_the_figures_of_the_same_accounts():
    rng = np.random.default_rng(3)
    rows = -np.sort(-rng.lognormal(0, 1.5, (20, 31)).round(1) - 0.1, axis=1)
    found = _figures(rows)
    for at, row in enumerate(rows):
        for name, value in c.concentration_figures(row).items():
            assert found[name][at] == pytest.approx(value, rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize(
    ("lorenz", "share"),
    [
        (
            lambda p: p**2,
            (3 - 5**0.5) / 2,
        ),  # amounts spread evenly from 0: k is the golden ratio's 0.618 (Banerjee et al. 2020)
        (
            lambda p: 1 - (1 - p) ** (1 - np.log(4) / np.log(5)),
            0.2,
        ),  # Pareto with exponent log 5 / log 4: exactly 80/20
        (lambda p: p, 0.5),
    ],
)
def test_pareto_rule_of_known_curves(lorenz, share):
    assert c.pareto_rule(pd.Series(np.diff(lorenz(np.linspace(0, 1, 1001))))) == pytest.approx(
        share, abs=1e-5
    )


def test_pareto_rule_by_hand():
    # 10 accounts: the first brings 80, nine share 20. At t accounts past the first: (80 + 20t/9)/100 + (1 +
    # t)/10 = 1, t = 9/11
    assert c.pareto_rule(pd.Series([80.0] + [20 / 9] * 9)) == pytest.approx((1 + 9 / 11) / 10)
    assert c.pareto_rule(pd.Series([-1.0, 0.0])) is None


def test_the_largest_equal_give_the_bootstrap_of_the_accounts_themselves():
    """Half of 100 accounts buy 1 and half 3: no tail to draw from. Gini's own spread by simulation, not by
    the same code.
    """
    x = pd.Series([1.0] * 50 + [3.0] * 50)
    rng = np.random.default_rng(5)
    drawn = [c.gini(pd.Series(rng.choice(x, 100))) for _ in range(1000)]
    low, high = c.gini_interval(x)
    assert (low, high) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))), abs=0.01)
    table = c.concentration_intervals(x)
    assert tuple(table.set_index("figure").loc["gini", ["low", "high"]]) == pytest.approx((low, high))
    pd.testing.assert_frame_equal(table, c.concentration_intervals(x))


def test_the_tail_that_is_drawn_is_the_pareto_law_of_the_largest():
    """Of 400 amounts of a Pareto law the 20 largest are drawn from it: its exponent, and a twentieth of the
    amounts, come back; the others are those given.
    """
    x = (np.arange(1, 401) / 400.5) ** (-1 / 2.5)
    rows = np.concatenate(list(redrawn(x, 2000)))
    above = rows[rows > x[20] / x[0]]
    assert above.size / rows.size == pytest.approx(0.05, abs=0.002)
    exponent = 19 / np.log(x[:20] / x[20]).sum()
    assert 1 / np.log(above * x[0] / x[20]).mean() == pytest.approx(exponent, rel=0.02)
    assert np.isin(np.round(rows[rows <= x[20] / x[0]], 12), np.round(x / x[0], 12)).all()
    assert (np.diff(rows, axis=1) <= 0).all()


@pytest.mark.parametrize(("accounts", "sigma"), [(50, 1.5), (200, 1.5)])
def test_gini_interval_of_a_heavy_tail_covers(accounts, sigma):
    """Gini of a lognormal is 2Φ(σ/√2) − 1 (Aitchison & Brown 1957). 150 clients: 135 is 90 %."""
    rng, truth = np.random.default_rng(8), 2 * norm.cdf(sigma / 2**0.5) - 1
    made = (c.gini_interval(pd.Series(rng.lognormal(0, sigma, accounts)), draws=300) for _ in range(150))
    assert sum(low <= truth <= high for low, high in made) >= 135


def test_interval_of_a_law_without_a_mean_stays_a_number():
    low, high = c.gini_interval(pd.Series((np.arange(1, 201) / 201) ** (-1 / 0.3)))
    assert 0.9 < low <= high <= 1


def test_fewer_draws_for_many_accounts():
    x = pd.Series(np.random.default_rng(1).lognormal(8, 2, 60_000))
    gini = c.concentration_intervals(x).set_index("figure").loc["gini"]
    assert gini["draws"] == 333 and gini["low"] < gini["estimate"] < gini["high"]


def test_replicates_are_those_of_drawing_and_sorting_the_amounts():
    x = np.sort(np.random.default_rng(1).lognormal(0, 1.5, 90))[::-1]
    k, rng, parts = 9, np.random.default_rng(5), x / x[0]
    rows = parts[rng.integers(k, 90, (40, 90))]
    tail = rng.random((40, 90)) < k / 90
    mean = np.log(parts[:k] / parts[k]).sum() / (k - 1)
    rows[tail] = parts[k] * np.exp(rng.standard_exponential(int(tail.sum())) * mean)
    assert np.concatenate(list(redrawn(x, 40, 5))) == pytest.approx(-np.sort(-rows, axis=1), rel=1e-12)
