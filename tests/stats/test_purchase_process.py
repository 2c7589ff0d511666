"""Next year's purchases: renewal theory, BG/NBD's closed forms, and a planted drift and dropout."""

import numpy as np
import pytest
from scipy.stats import poisson

from kamplay.method.stats import bgnbd
from kamplay.method.stats import purchase_process as process
from kamplay.method.stats.bgnbd import BGNBD

CDNOW = BGNBD(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee (2005)


def history(repeats, span, silent, shape=1.0, drift=0.0, accounts=1):
    return process.History(*(np.full(accounts, float(v)) for v in (repeats, span, silent, shape)), drift)


@pytest.mark.parametrize(("x", "span", "silent"), [(0, 0, 270), (2, 212, 60), (26, 212, 60), (5, 100, 180)])
def test_at_random_it_is_bg_nbd(x, span, silent):
    """With shape 1 the mean of the draws is equation 10 of the paper."""
    year = process.draw_year(CDNOW, history(x, span, silent), 60_000, np.random.default_rng(1))
    args = (np.array([float(x)]), np.array([span / 7]), np.array([(span + silent) / 7]))
    expected = bgnbd.expected(CDNOW, *args, 365 / 7)[0]
    # two purchases are a day apart at least, which a weekly buyer notices
    assert year.buys.mean() == pytest.approx(expected, rel=0.06, abs=0.01)


def test_a_steady_random_buyer_is_poisson_and_a_regular_one_is_not():
    """A rate known for certain, nobody leaves: 6 a year are Poisson; with shape 16 the variance is a
    sixteenth, plus 1/6 of the rounding of a renewal count (Cox 1962).
    """
    sure, rng = BGNBD(6e5, 1e5 * 365 / 7, 1e-6, 1e6), np.random.default_rng(2)
    random_ = process.draw_year(sure, history(0, 0, 0), 40_000, rng).buys
    share = np.bincount(random_.ravel(), minlength=20)[:13] / random_.size
    np.testing.assert_allclose(share, poisson(6).pmf(np.arange(13)), atol=0.015)
    regular = process.draw_year(sure, history(0, 0, 0, shape=16.0), 40_000, rng).buys
    assert regular.var() < 0.8 < random_.var() / 5


def test_months_and_silence_of_a_monthly_buyer():
    """Every month once, 24 times, as regular as a clock: the next year has its twelve months."""
    year = process.draw_year(
        BGNBD(1.0, 4.0, 1e-6, 1e6), history(23, 700, 0, shape=30.0), 500, np.random.default_rng(3)
    )
    assert 10.5 < year.months.mean() <= 12 and np.nanmax(year.silent) < 120
    assert ((year.months <= year.buys) & (year.months <= 12)).all()
    gone = process.draw_year(
        BGNBD(1.0, 4.0, 1.0, 9.0), history(23, 700, 300, shape=30.0), 500, np.random.default_rng(3)
    )
    assert (gone.buys == 0).mean() > 0.99 and np.isnan(gone.silent[gone.buys == 0]).all()


def test_the_season_moves_purchases_between_months_not_their_number():
    season = np.array([4.0] + [8 / 11] * 11)
    sure = BGNBD(6e5, 1e5 * 365 / 7, 1e-6, 1e6)
    flat, tilted = (
        process.draw_year(sure, history(0, 0, 0), 5000, np.random.default_rng(4), s) for s in (None, season)
    )
    assert tilted.buys.mean() == pytest.approx(flat.buys.mean(), rel=0.01)
    assert tilted.months.mean() < flat.months.mean() - 0.5


def test_shapes_of_gaps_come_back():
    rng = np.random.default_rng(5)
    code = np.repeat(np.arange(400), 12)
    for shape in (1.0, 4.0):
        gaps = rng.gamma(shape, 30 / shape, len(code)) * rng.lognormal(0, 1, 400)[code]
        assert np.median(process.gap_shapes(code, gaps, 400)) == pytest.approx(shape, rel=0.1)


@pytest.mark.parametrize("drift", [0.0, 0.15])
def test_drift_of_rates_beyond_chance(drift):
    rng = np.random.default_rng(6)
    rate = rng.gamma(2, 5, 4000)
    later = rate * rng.lognormal(0, drift**0.5, 4000)
    before, after = rng.poisson(rate), rng.poisson(later)
    assert process.drift_of_counts(before, after, np.ones(4000)) == pytest.approx(drift, abs=0.03)
    error = rng.uniform(0.05, 0.3, 4000)
    change = 0.2 + rng.normal(0, np.sqrt(error + drift))
    assert process.drift_of_means(change, error) == pytest.approx(drift, abs=0.02)


def test_so_many_leave_that_the_accounts_at_hand_do_not_outgrow_the_client():
    """Accounts that have just come, nobody leaving: together they would buy more than was sold."""
    rng = np.random.default_rng(7)
    seen = rng.uniform(30, 365, 500)
    repeats = rng.poisson(seen / 60).astype(float)
    span = np.where(repeats > 0, seen * rng.uniform(0.5, 1, 500), 0.0)
    made = process.History(repeats, span, seen - span, np.ones(500))
    grows, sold = BGNBD(2.0, 2.0 * 60 / 7, 1e-4, 1.0), float(repeats.sum() + 500)
    args = (repeats, span / 7, seen / 7, 365 / 7)
    assert bgnbd.expected(grows, *args).sum() > 1.3 * sold
    settled, lost = process.settle_dropout(grows, made, sold, come=0.2 * sold)
    assert bgnbd.expected(settled, *args).sum() == pytest.approx(0.8 * sold, rel=0.01) and lost > 0
    assert process.settle_dropout(grows, made, 10 * sold, come=0.0)[0] is grows
