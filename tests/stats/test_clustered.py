"""Clustered shares: two hand-worked cases, and a correlation that was planted."""

import numpy as np
import pytest

from kamplay.method.stats.clustered import correlation_within, effective


def test_clusters_whose_cases_are_all_alike():
    hits, trials = [10, 0, 10, 0], [10, 10, 10, 10]
    assert correlation_within(hits, trials, ["a"] * 4) == 1.0
    assert effective(hits, trials, 1.0) == pytest.approx((2.0, 4.0))  # four clusters are four cases


def test_by_hand():
    # share 0.5; distances² 9 and 9, widened by 2: 36; chance 5; alike (9·10 + 9·10)·0.25 = 45
    assert correlation_within([8, 2], [10, 10], ["a", "a"]) == pytest.approx((36 - 5) / 45)
    # design effect 1 + (200 / 20 − 1)·0.5 = 5.5
    assert effective([8, 2], [10, 10], 0.5) == pytest.approx((10 / 5.5, 20 / 5.5))


def test_nothing_to_tell():
    assert correlation_within([], [], []) == 0.0
    assert correlation_within([3], [5], ["a"]) == 0.0
    assert effective([], [], 0.3) == (0.0, 0.0)


@pytest.mark.parametrize("planted", [0.0, 0.2])
def test_a_planted_correlation_is_found(planted):
    rng = np.random.default_rng(7)
    trials = rng.integers(2, 60, 4000)
    share = np.full(4000, 0.7)
    if planted:
        strength = 1 / planted - 1  # of the beta law: 1 / (a + b + 1) is the correlation
        share = rng.beta(0.7 * strength, 0.3 * strength, 4000)
    hits = rng.binomial(trials, share)
    assert correlation_within(hits, trials, np.where(np.arange(4000) < 2000, "a", "b")) == pytest.approx(
        planted, abs=0.01
    )
