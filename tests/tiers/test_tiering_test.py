"""Is tiering worth doing: hand-worked cases, published forms of Gini, and properties."""

import math
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kamplay.method.stats.concentration import gini
from kamplay.method.tiers.tiering_test import tiering_test


def lognormal(accounts: int, sigma: float, seed: int = 2) -> pd.Series:
    return pd.Series(
        np.random.default_rng(seed).lognormal(8, sigma, accounts),
        index=[f"A{n:06d}" for n in range(accounts)],
    )


@pytest.mark.parametrize("each", [100.0, 33.33, 1e-6, 0.1 + 0.2])
def test_equal_small_accounts_are_not_worth_it(each):
    found = tiering_test(pd.Series(each, index=range(500)))
    assert not found.worthwhile
    assert (found.accounts, found.gini, found.gini_low, found.gini_high) == (500, 0, 0, 0)
    assert found.top1_share == pytest.approx(1 / 500)
    assert found.reasons == ("no_visible_account", "equal")


def test_modest_spread_is_not_worth_it():
    """Gini of a log-normal is erf(σ/2) (Aitchison & Brown 1957): 0.168 for σ = 0.3."""
    found = tiering_test(lognormal(500, 0.3))
    assert not found.worthwhile
    assert found.gini_low < math.erf(0.15) < found.gini_high
    assert found.gini_high - found.gini_low < 0.05
    assert found.reasons == ("no_visible_account", "equal")


def test_the_interval_holds_the_true_gini_about_as_often_as_it_says():
    """Of 100 samples of 500 accounts, 95 by the interval's level; a percentile bootstrap falls a little short
    of it.
    """
    found = [tiering_test(lognormal(500, 0.3, seed), draws=400) for seed in range(100)]
    assert 88 <= sum(f.gini_low < math.erf(0.15) < f.gini_high for f in found) <= 99
    assert not any(f.worthwhile for f in found)


def test_a_visible_account_among_ten():
    """30 and nine of 70/9: Gini is 0.3 − 1/10 = 0.2, the share of the largest over its part of the
    accounts."""
    found = tiering_test(pd.Series([30.0] + [70 / 9] * 9))
    assert found.worthwhile
    assert (found.top1_share, found.gini) == (pytest.approx(0.3), pytest.approx(0.2))
    assert found.reasons == ("visible_account", "equal")


def test_many_accounts_that_differ_much():
    found = tiering_test(lognormal(3000, 1.0))
    assert found.worthwhile
    assert found.top1_share < 0.05
    assert found.gini_low < math.erf(0.5) < found.gini_high
    assert found.reasons == ("no_visible_account", "unequal")


def test_it_is_the_lower_end_of_the_interval_that_must_reach_the_limit():
    found = tiering_test(lognormal(100, 0.85), visible=0.5)
    assert found.gini_low < 0.4 < found.gini
    assert not found.worthwhile
    assert tiering_test(lognormal(100, 0.85), visible=0.5, unequal=found.gini_low).worthwhile


@pytest.mark.parametrize(("accounts", "worthwhile"), [(20, True), (21, False)])
def test_a_share_of_exactly_the_limit_is_visible(accounts, worthwhile):
    assert tiering_test(pd.Series(7.7, index=range(accounts))).worthwhile is worthwhile


def test_the_interval_against_all_resamples():
    """Six accounts have 462 resamples without order; a resample with counts c comes 6!/Πc! times in 6⁶."""
    x = [1.0, 2.0, 4.5, 7.0, 11.0, 25.0]
    rows = []
    for picked in combinations_with_replacement(x, 6):
        counts = [picked.count(value) for value in set(picked)]
        rows.append(
            (gini(pd.Series(picked)), math.factorial(6) / math.prod(math.factorial(c) for c in counts) / 6**6)
        )
    values, chances = np.array(sorted(rows)).T
    low, high = (values[np.searchsorted(np.cumsum(chances), part)] for part in (0.025, 0.975))
    found = tiering_test(pd.Series(x), draws=20_000)
    assert found.gini == pytest.approx(gini(pd.Series(x)))
    assert (found.gini_low, found.gini_high) == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))


def test_no_account_one_account_and_negative_totals():
    for nobody in (pd.Series(dtype=float), pd.Series([-5.0, 0.0]), pd.Series([np.nan])):
        found = tiering_test(nobody, nobody > 0)
        assert (found.worthwhile, found.accounts, found.top1_share, found.gini, found.gini_high) == (
            False,
            0,
            0,
            0,
            0,
        )
        assert found.reasons == ("no_visible_account", "equal")
    alone = tiering_test(pd.Series([5.0, -20.0]))  # the total is negative, but one account bought
    assert (alone.worthwhile, alone.accounts, alone.top1_share, alone.gini, alone.gini_high) == (
        True,
        1,
        1,
        0,
        0,
    )
    with pytest.raises(ValueError, match="finite"):
        tiering_test(pd.Series([1.0, np.inf]))


def test_only_positive_revenue_counts():
    some = lognormal(50, 1.0)
    more = pd.concat([some, pd.Series([-100.0, 0.0, np.nan], index=["x", "y", "z"])])
    assert tiering_test(more) == tiering_test(some)


def test_spread_of_the_upper_levels():
    """(12 + 8) / 2 = 10 over (5 + 3) / 2 = 4 is 2.5; with 12 and 5 above, 8.5 over 5.5, 1.55, and hardly set
    apart.
    """
    revenue = pd.Series({"a": 12.0, "b": 8.0, "c": 5.0, "d": 3.0, "e": -4.0})
    found = tiering_test(revenue, pd.Series({"a": True, "b": True, "c": False, "d": False, "e": False}))
    assert (found.mean_ratio, found.reasons) == (pytest.approx(2.5), ("visible_account", "equal"))
    found = tiering_test(revenue, pd.Series({"c": True, "a": True}))  # the others are not named, so not upper
    assert (found.mean_ratio, found.reasons) == (
        pytest.approx(8.5 / 5.5),
        ("visible_account", "equal", "tiers_alike"),
    )
    assert tiering_test(
        revenue, pd.Series({"d": pd.NA, "a": True}, dtype="boolean")
    ).mean_ratio == pytest.approx(12 / (16 / 3))
    twice = tiering_test(pd.Series({"a": 2.0, "b": 1.0}), pd.Series({"a": True, "b": False}))
    assert (twice.mean_ratio, "tiers_alike" in twice.reasons) == (2, False)


@pytest.mark.parametrize("everybody", [True, False])
def test_without_both_there_is_no_spread(everybody):
    revenue = pd.Series({"a": 12.0, "b": 8.0})
    assert tiering_test(revenue, pd.Series(everybody, index=revenue.index)).mean_ratio is None
    assert tiering_test(revenue).mean_ratio is None


@pytest.mark.parametrize("accounts", [60, 30_000])  # above 20,000 fewer draws are taken
def test_row_order_and_currency_unit_do_not_matter(accounts):
    revenue = lognormal(accounts, 0.9)
    upper = revenue > revenue.quantile(0.8)
    one = tiering_test(revenue, upper)
    assert tiering_test(revenue.sample(frac=1, random_state=2), upper.sample(frac=1, random_state=3)) == one
    other = tiering_test(revenue * 7.8, upper)
    assert (other.worthwhile, other.reasons) == (one.worthwhile, one.reasons)
    for name in ("top1_share", "gini", "gini_low", "gini_high", "mean_ratio"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-9)


def test_the_interval_narrows_with_the_root_of_the_number_of_accounts():
    few, many = tiering_test(lognormal(1000, 0.5)), tiering_test(lognormal(100_000, 0.5))
    assert few.gini_low < math.erf(0.25) < few.gini_high
    assert (few.gini_high - few.gini_low) / (many.gini_high - many.gini_low) == pytest.approx(10, rel=0.35)


@given(st.lists(st.floats(-1e12, 1e12), max_size=30))
@example([9e10, 2e-313])  # the second over the first is below the smallest number there is
def test_always_finite_and_in_order(values):
    found = tiering_test(pd.Series(values, dtype=float), draws=50)
    assert 0 <= found.gini_low <= found.gini <= found.gini_high <= 1
    assert 0 <= found.top1_share <= 1
    assert found.accounts == sum(v > 0 for v in values)
    assert found.worthwhile is ("visible_account" in found.reasons or "unequal" in found.reasons)
