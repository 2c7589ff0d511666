"""Wilson's interval against published figures."""

import numpy as np
import pytest

from kamplay.method.stats.intervals import (
    Estimate,
    ratio_difference,
    share_difference,
    share_estimate,
    tells,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_of_newcombe(hits, trials, low, high):
    """Newcombe (1998, Statistics in Medicine 17, 857–872), table I, method 3."""
    found = share_estimate(hits, trials)
    assert (found.value, round(found.low, 4), round(found.high, 4)) == (hits / trials, low, high)
    assert [ends.tolist() for ends in wilson([hits, 0], [trials, 0])] == [
        pytest.approx([found.low, np.nan], nan_ok=True),
        pytest.approx([found.high, np.nan], nan_ok=True),
    ]


def test_without_trials_there_is_no_share():
    assert np.isnan(share_estimate(0, 0).value) and np.isnan(Estimate().low)


def test_an_interval_is_told_by_the_standard_of_the_health_statistics():
    # Parker et al. 2017, figure 1: 0.05 wide is always shown, 0.30 never; between them 130 % of the share
    share = [0.02, 0.5, 0.1, 0.1, 0.034]
    low, high = [0.0, 0.34, 0.04, 0.04, 0.021], [0.05, 0.64, 0.169, 0.171, 0.56]
    assert tells(share, low, high).tolist() == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_difference_of_shares_of_newcombe(first, second, low, high):
    """Newcombe (1998, Statistics in Medicine 17, 873–890), table II, method 10."""
    found = share_difference(*first, *second)
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert np.isnan(share_difference(1, 2, 0, 0).value)


def test_difference_of_ratios_is_that_of_the_sums():
    rng = np.random.default_rng(1)
    base = rng.uniform(1, 3, 400)
    found = ratio_difference(base * rng.uniform(0.7, 0.9, 400), base, 0.5 * base, base)
    assert found.value == pytest.approx(0.3, abs=0.01)
    # one ratio spreads by 0.2/√12 a case; the other, the same for all, not at all
    half = 1.96 * 0.2 / np.sqrt(12) / np.sqrt(400) * np.sqrt((base**2).mean()) / base.mean()
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.15)
    assert np.isnan(ratio_difference(base, base, base, 0 * base).value)
