"""Tests against an account's own past: published and closed forms, and chance as often as they say."""

import numpy as np
import pytest
from scipy import stats

from kamplay.method.stats.own_past import (
    count_chances,
    count_tail,
    gap_dispersion,
    gap_tail,
    joint_tail,
    kinds_chances,
    moderated_variance,
    share_tail,
    t_tail,
)


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
    chances = count_chances([0.0, 9.0], [3.0, 3.0], 30)
    assert chances.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert chances[:, 2:].sum(axis=1) == pytest.approx(count_tail([2, 2], [0, 9], [3.0, 3.0])[1])
    quiet = count_tail([3, 3], [0, 9], [3.0, 3.0])[1]
    assert quiet[0] < quiet[1]


def test_shares_are_beta_binomial():
    """3 of 4 hits, none of 10 before: a single account tells nothing of how accounts differ, so that all
    says as much as MOST_CASES at the rate ½ of 11.
    """
    prior = 100 * 0.5 / 11
    expected = stats.betabinom.sf(2, 4, prior, 10 + 100 - prior)
    assert share_tail([3], [4], [0], [10]) == pytest.approx([expected])
    assert np.isnan(share_tail([3], [4], [0], [0]))[0]


@pytest.mark.parametrize("cases", [1.5, 8.0, np.inf])
def test_shares_come_as_often_as_said_however_accounts_differ(cases):
    """Late shares of beta(0.15, cases), or all alike; a prior of one case called chance a change twice as
    often as it said where accounts are alike.
    """
    rng = np.random.default_rng(11)
    size = 40_000
    share = np.full(size, 0.15) if cases == np.inf else rng.beta(0.15 * cases, 0.85 * cases, size)
    before, now = rng.integers(1, 30, size), rng.integers(1, 15, size)
    p_value = share_tail(rng.binomial(now, share), now, rng.binomial(before, share), before)
    for level in (0.01, 0.001):
        assert 0 < (p_value < level).mean() <= 1.15 * level


def test_gaps_of_a_known_spread_are_f_and_an_uncertain_one_makes_chance_likelier():
    """Of a buyer at random the open gap is one like all others: three gaps that take nine usual ones."""
    known = gap_tail([9.0], [2], [10], [1.0], [1e6])
    assert known == pytest.approx([stats.f.sf(3.0, 6, 20)], rel=0.01)
    assert gap_tail([9.0], [2], [10], [1.0], [5]) > known


@pytest.mark.parametrize("shape", [1.0, 4.0, 9.0])
def test_gaps_seen_on_any_day_are_as_long_as_said(shape):
    """The open gap of a renewal process is no gap of its own law, and is never left out: counted only where
    it is long, it made chance a change half as often again as was said.
    """
    rng = np.random.default_rng(12)
    size, before, closed = 30_000, 12, 4
    gaps = rng.gamma(shape, 1 / shape, (size, 80))
    ends = gaps.cumsum(axis=1)
    day = rng.uniform(40, 50, size)[:, None]
    last = (ends <= day).sum(axis=1)
    rows = np.arange(size)
    spans = day[:, 0] - ends[rows, last - closed - 1]
    past = np.stack([gaps[rows, last - closed - 1 - k] for k in range(before)])
    number = np.full(size, before)
    spread, df = gap_dispersion(past.mean(axis=0), past.std(axis=0, ddof=1), number)
    p_value = gap_tail(spans / past.mean(axis=0), np.full(size, closed), number, spread, df)
    assert 0.5 < (p_value < 0.05).mean() / 0.05 <= 1.2
    assert 0.2 < (p_value < 0.001).mean() / 0.001 <= 1.3


def test_kinds_are_those_of_a_draw_without_putting_back():
    """Two of four purchases, two of kind A and two of B: both of one kind in 2 of 6 draws. As if independent,
    A and B are each missing with 1/6.
    """
    chance = kinds_chances(np.array([[1.0, 1.0]]), np.array([[1.0, 1.0]]))
    assert chance == pytest.approx(np.array([[1 / 36, 10 / 36, 25 / 36]]))
    assert kinds_chances(np.array([[2.0, 0.0]]), np.zeros((1, 2))).tolist() == [[0.0, 1.0, 0.0]]
    rng = np.random.default_rng(13)
    bought = np.array([9, 5, 3, 2, 1])
    drawn = rng.multivariate_hypergeometric(bought, 6, 50_000)
    few = ((drawn > 0).sum(axis=1) <= 2).mean()
    now = np.array([[2.0, 2, 1, 1, 0]])
    said = kinds_chances(now, bought - now)[0, :3].sum()
    assert few <= said < 2 * few  # fewer than said, as a draw leaves room for others


def test_tests_together_count_what_each_could_have_said():
    """A test of steps ½, ¼, ¼ and a uniform one, by hand: the worst step and p = .1 have a product of .025,
    which the worst step brings with .1 and the second, p ½, with .05; the first shows nothing.
    """
    steps = [(np.array([[0.5, 0.25, 0.25]]), np.array([2]))]
    assert joint_tail(steps, np.array([0.1])) == pytest.approx([0.25 * 0.1 + 0.25 * 0.05])
    assert joint_tail(steps, np.array([np.nan])) == pytest.approx([0.25])
    assert joint_tail(steps, np.array([0.1]), 0.5) > joint_tail(steps, np.array([0.1]))


@pytest.mark.parametrize("together", [0.0, 0.5])
def test_tests_together_come_as_often_as_said_also_where_they_go_together(together):
    """Lost deals, kinds and a rank; with ``together`` the rank goes with the deals (normal copula)."""
    rng = np.random.default_rng(14)
    size, rate = 40_000, 0.4
    both = rng.multivariate_normal([0, 0], [[1, together], [together, 1]], size)
    place = stats.norm.cdf(both)
    lost = stats.poisson.ppf(place[:, 0], rate).astype(int)
    fewer = rng.choice(3, size, p=[0.6, 0.3, 0.1])
    chance = np.tile(stats.poisson.pmf(np.arange(13), rate), (size, 1))
    kinds = np.tile([0.6, 0.3, 0.1], (size, 1))
    alike = float(stats.spearmanr(lost, place[:, 1]).statistic)
    p_value = joint_tail([(chance, lost), (kinds, fewer)], 1 - place[:, 1], alike)
    p_value = np.where(lost > 0, p_value, 1.0)
    for level in (0.05, 0.01, 0.001):
        assert (p_value < level).mean() <= 1.3 * level
    if not together:
        assert (p_value < 0.01).mean() > 0.006
