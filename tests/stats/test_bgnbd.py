"""BG/NBD: published estimates, direct evaluation and recovery from simulated accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1
from scipy.stats import beta as beta_law
from scipy.stats import nbinom

from kamplay.method.stats import bgnbd
from kamplay.method.stats.bgnbd import BGNBD

PUBLISHED = BGNBD(0.243, 4.414, 0.793, 2.426)  # CDNOW, Fader, Hardie & Lee (2005)


def simulated(n: int, model: BGNBD, seed: int) -> pd.DataFrame:
    """Accounts that live by the model, one by one: x, t_x, T."""
    rng = np.random.default_rng(seed)
    rows = []
    for seen in rng.uniform(20, 60, n):
        rate, leave = rng.gamma(model.r, 1 / model.alpha), rng.beta(model.a, model.b)
        time = last = 0.0
        x = 0
        gone = model.first and rng.random() < leave
        while not gone:
            time += rng.exponential(1 / max(rate, 1e-12))
            if time > seen:
                break
            x, last, gone = x + 1, time, rng.random() < leave
        rows.append((float(x), last, seen))
    return pd.DataFrame(rows, columns=["x", "t_x", "T"])


def loglik(table, r, alpha, a, b):
    data = bgnbd._Rows(table.assign(weight=1.0), False)
    return -bgnbd._loss(np.log([r, alpha, a, b]), data)[0] * data.total


def test_published_expectation():
    # the paper's example: x = 2, t_x = 30.43, T = 38.86, the next 39 weeks
    got = bgnbd.expected(PUBLISHED, np.array([2.0]), np.array([30.43]), np.array([38.86]), 39.0)
    assert got[0] == pytest.approx(1.226, abs=5e-4)


def test_a_customer_just_come_is_expected_as_published():
    # equation 9 of the paper, E[X(t)], is the conditional expectation with nothing seen yet; its slope at 0
    # is the mean rate r/α
    r, al, a, b = PUBLISHED.r, PUBLISHED.alpha, PUBLISHED.a, PUBLISHED.b
    none = np.zeros(1)
    for t in (1.0, 39.0, 78.0):
        by_hand = (a + b - 1) / (a - 1) * (1 - (al / (al + t)) ** r * hyp2f1(r, b, a + b - 1, t / (al + t)))
        assert bgnbd.expected(PUBLISHED, none, none, none, t)[0] == pytest.approx(by_hand, rel=1e-9)
    assert bgnbd.expected(PUBLISHED, none, none, none, 1e-6)[0] == pytest.approx(1e-6 * r / al, rel=1e-4)


def test_likelihood_by_hand():
    # x = 0: the likelihood is (α / (α + T))^r; x = 1 from the densities, integrated over p in closed form
    r, alpha, a, b = 0.5, 2.0, 1.5, 3.0
    none = loglik(pd.DataFrame({"x": [0.0], "t_x": [0.0], "T": [6.0]}), r, alpha, a, b)
    assert none == pytest.approx(0.5 * np.log(2 / 8))
    once = loglik(pd.DataFrame({"x": [1.0], "t_x": [2.0], "T": [6.0]}), r, alpha, a, b)
    by_hand = (
        r * alpha**r * (b / (a + b) * 8.0**-1.5 + a / (a + b) * 4.0**-1.5)
    )  # stays, or left at the purchase
    assert once == pytest.approx(np.log(by_hand))


@pytest.mark.parametrize("a", [0.793, 2.3])
def test_expectation_against_direct_evaluation(a):
    model = BGNBD(0.243, 4.414, a, 2.426)
    x, t_x, seen, t = np.array([0.0, 1, 2, 7, 26]), np.array([0.0, 3, 30.43, 12, 38]), np.full(5, 38.86), 39.0
    r, al, b = model.r, model.alpha, model.b
    shrunk = ((al + seen) / (al + seen + t)) ** (r + x)
    top = (a + b + x - 1) / (a - 1) * (1 - shrunk * hyp2f1(r + x, b + x, a + b + x - 1, t / (al + seen + t)))
    below = 1 + np.where(x > 0, a / np.maximum(b + x - 1, 1e-9) * ((al + seen) / (al + t_x)) ** (r + x), 0)
    assert bgnbd.expected(model, x, t_x, seen, t) == pytest.approx(top / below, rel=1e-9)


def test_expectation_where_the_direct_form_fails():
    x, t_x, seen = np.array([0.0, 300.0, 5000.0]), np.array([0.0, 155.0, 155.9]), np.full(3, 156.0)
    for model in (
        BGNBD(0.2, 4.0, 1.0, 2.0),
        BGNBD(0.2, 4.0, 1e-4, 1e4),
        BGNBD(3.0, 15.0, 300.0, 20.0),
        BGNBD(1.0, 1.0, 1.0, 1.0, 0.0, True),
    ):
        got = bgnbd.expected(model, x, t_x, seen, 156.0)
        assert np.isfinite(got).all() and (got >= 0).all()
    near = bgnbd.expected(BGNBD(0.2, 4.0, 1e-4, 1e4), x, t_x, seen, 52.0)  # nobody leaves: rate times time
    assert near[1] == pytest.approx((0.2 + 300) / (4 + 156) * 52, rel=1e-3)


def test_quadrature_is_that_of_the_beta_law():
    for a, laws in ((0.05, [0.3, 3.0, 700.0]), (1.0, [1.0]), (0.8, [400.0, 2.0]), (1e-4, [1e4])):
        for b, points, weights in zip(laws, *bgnbd.beta_quadrature(a, tuple(laws)), strict=True):
            assert weights.sum() == pytest.approx(1)
            assert weights @ points == pytest.approx(beta_law.mean(a, b))
            assert weights @ points**4 == pytest.approx(beta_law.moment(4, a, b))


@pytest.mark.parametrize("first", [False, True])
def test_parameters_are_recovered(first):
    truth = BGNBD(0.6, 5.0, 0.8, 2.5, 0.0, first)
    table = simulated(12_000, truth, 3)
    found = bgnbd.fit_best(table)
    assert found is not None and found.first == first  # and the variant is told apart
    assert (found.r, found.alpha) == pytest.approx((0.6, 5.0), rel=0.12)
    assert found.a / (found.a + found.b) == pytest.approx(0.8 / 3.3, rel=0.12)


def test_equal_accounts_are_fitted_as_one_row_with_a_weight():
    table = simulated(400, PUBLISHED, 5).round({"t_x": 0, "T": 0})
    found = bgnbd.fit(table)
    assert found is not None
    assert loglik(table, found.r, found.alpha, found.a, found.b) == pytest.approx(found.loglik)


def test_simulated_purchases_have_the_expected_mean():
    x, t_x, seen = np.array([0.0, 3.0, 12.0]), np.array([0.0, 20.0, 38.0]), np.full(3, 40.0)
    rng, chance = np.random.default_rng(1), bgnbd.alive(PUBLISHED, x, t_x, seen)
    drawn = bgnbd.draw(PUBLISHED, x, chance, seen, 52.0, 200_000, rng).mean(axis=1)
    assert drawn == pytest.approx(bgnbd.expected(PUBLISHED, x, t_x, seen, 52.0), rel=0.03)


@pytest.mark.parametrize("first", [False, True])
def test_draws_are_those_of_drawing_each_rate_and_each_chance_to_leave(first):
    model, size, rng = bgnbd.BGNBD(0.7, 9.0, 0.4, 2.5, first=first), 200_000, np.random.default_rng(3)
    x, seen, active = np.array([0.0, 3.0, 40.0]), np.array([30.0, 60.0, 100.0]), np.array([0.9, 0.6, 0.95])
    drawn = bgnbd.draw(model, x, active, seen, 52.0, size, rng)
    for own, repeats, weeks, there in zip(drawn, x, seen, active, strict=True):
        wanted = rng.poisson(rng.gamma(model.r + repeats, 52.0 / (model.alpha + weeks), size))
        leave = rng.beta(model.a, model.b + model.chances(repeats), size)
        plain = np.where(rng.random(size) < there, np.minimum(wanted, rng.geometric(leave)), 0)
        for k in (1, 2, 3, 8, 20, 40):
            assert (own >= k).mean() == pytest.approx((plain >= k).mean(), abs=0.005)


@pytest.mark.parametrize(("x", "weeks"), [(3.0, 52.0), (40.0, 52.0), (900.0, 260.0)])
def test_who_never_leaves_buys_as_a_negative_binomial_says(x: float, weeks: float) -> None:
    """scipy's own negative binomial; the last case has a chance of no purchase below the smallest float."""
    model = bgnbd.BGNBD(r=0.8, alpha=6.0, a=1e-12, b=5.0)
    draws, seen = 20_000, 130.0
    who = (np.array([x]), np.ones(1), np.array([seen]))
    one = bgnbd.draw(model, *who, weeks, draws, np.random.default_rng(1))
    share = weeks / (model.alpha + seen + weeks)
    ks = np.arange(1, int(7 * weeks) + 1)
    said = nbinom.sf(ks - 1, model.r + x, 1 - share)
    found = (one[0][:, None] >= ks[None, :]).mean(axis=0)
    assert np.abs(found - said).max() <= 1 / draws + 1e-9
