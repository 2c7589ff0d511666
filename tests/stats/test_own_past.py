"""Tests against an account's own past: published and closed forms, and chance as often as they say."""

import numpy as np
import pytest
from scipy import stats

from kamplay.method.stats.own_past import count_tail, gap_tail, moderated_variance, share_tail, t_tail


def test_variances_of_one_truth_become_one_and_different_ones_stay():
    """Smyth 2004: the posterior lies between the account's own variance and the common one; the degrees of
    freedom add up. Drawn from a scaled inverse χ² of 10 degrees, these are found again.
    """
    rng = np.random.default_rng(5)
    alike, df = moderated_variance(4.0 * rng.chisquare(5, 3000) / 5, np.full(3000, 5))
    assert alike == pytest.approx(4.0, rel=0.1) and (df > 100).all()
    true = 10 * 2.0 / rng.chisquare(10, 3000)
    own = true * rng.chisquare(5, 3000) / 5
    posterior, df = moderated_variance(own, np.full(3000, 5))
    assert df[0] == pytest.approx(15, rel=0.2)
    assert np.abs(np.log(posterior / true)).mean() < 0.7 * np.abs(np.log(own / true)).mean()


def test_an_account_without_a_variance_takes_the_common_one():
    posterior, df = moderated_variance([1.0, 1.1, 0.9, np.nan], [4, 4, 4, 0])
    assert posterior[3] == pytest.approx(posterior[:3].mean(), rel=0.1) and df[3] > 0
    assert np.isnan(moderated_variance([np.nan], [0])[0]).all()


def test_the_t_tail_is_that_of_students_test():
    low, high = np.array([4.0, 5.0, 6.5]), np.array([7.0, 6.0, 8.5, 9.0])
    fall, df = high.mean() - low.mean(), 5
    pooled = (low.var(ddof=1) * 2 + high.var(ddof=1) * 3) / df
    said = t_tail([fall], [pooled], [df], [3], [4])
    assert said == pytest.approx([stats.ttest_ind(high, low, alternative="greater").pvalue])


def test_counts_borrow_from_all_and_events_come_as_often_as_said():
    rng = np.random.default_rng(6)
    rate = rng.gamma(0.8, 1.5, 20_000)
    expected, p_value = count_tail(rng.poisson(rate), rng.poisson(3 * rate), np.full(20_000, 3.0))
    assert expected.mean() == pytest.approx(1.2, rel=0.05)
    assert 0.004 < (p_value < 0.01).mean() <= 0.011  # counts are steps, so at most as often as said
    quiet = count_tail([3, 3], [0, 9], [3.0, 3.0])[1]
    assert quiet[0] < quiet[1]


def test_shares_are_beta_binomial():
    """3 of 4 hits, none of 10 before: with one case more at the rate of all, ½ of 11."""
    prior = 0.5 / 11
    expected = stats.betabinom.sf(2, 4, prior, 11 - prior)
    assert share_tail([3], [4], [0], [10]) == pytest.approx([expected])
    assert np.isnan(share_tail([3], [4], [0], [0]))[0]


def test_gaps_of_a_known_spread_are_f_and_an_uncertain_one_makes_chance_likelier():
    known = gap_tail([3.0], [2], [10], [1.0], [1e6])
    assert known == pytest.approx([stats.f.sf(3.0, 4, 20)], rel=0.01)
    assert gap_tail([3.0], [2], [10], [1.0], [5]) > known
