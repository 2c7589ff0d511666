"""Gamma–gamma: recovery from simulated accounts, and its density integrated by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma as gamma_law

from kamplay.method.stats import gamma_gamma


def test_gamma_gamma_recovered_and_drawn_to_the_mean():
    rng = np.random.default_rng(2)
    m = rng.integers(1, 9, 6000)
    nu = rng.gamma(3.74, 1 / 15.44, 6000)
    z = rng.gamma(6.25 * m, 1 / (nu * m))
    found = gamma_gamma.fit(m, z)
    assert found is not None
    assert found.q == pytest.approx(3.74, rel=0.1) and found.p * found.v == pytest.approx(
        6.25 * 15.44, rel=0.1
    )  # p and v trade off
    every = found.p * found.v / (found.q - 1)
    once, often = gamma_gamma.expected(found, np.array([1.0, 400.0]), np.array([200.0, 200.0]))
    assert every < once < often < 200 and often == pytest.approx(200, rel=0.01)
    # the density of the mean spend, integrated over the account's own rate
    p, q, v = found.p, found.q, found.v
    by_hand = quad(
        lambda n: gamma_law.pdf(30.0, 2 * p, scale=1 / (2 * n)) * gamma_law.pdf(n, q, scale=1 / v), 0, 5
    )[0]
    logs = np.log([p, q - 1, v])
    assert -gamma_gamma._loss(logs, np.array([2.0]), np.array([30.0]))[0] == pytest.approx(
        np.log(by_hand), rel=1e-6
    )


def test_a_fit_at_its_bound_is_refused_and_single_purchases_tell():
    """One purchase an account leaves p and q open. Of four each, Gamma(4) about a level of its own, the
    single amounts give both back.
    """
    rng = np.random.default_rng(3)
    same = rng.gamma(2.0, 50.0, 400)  # one purchase each: no spread within an account is known
    assert gamma_gamma.fit(np.ones(400), same) is None
    nu = rng.gamma(2.5, 1 / 100.0, 3000)
    bought = rng.gamma(4.0, 1 / nu[:, None], (3000, 4))
    m, z, logs = np.full(3000, 4), bought.mean(axis=1), np.log(bought).mean(axis=1)
    found = gamma_gamma.fit(m, z, logs)
    assert found is not None
    assert (found.p, found.q) == (pytest.approx(4.0, rel=0.05), pytest.approx(2.5, rel=0.1))
    assert found.v == pytest.approx(100.0, rel=0.1)
    # the density of two purchases, integrated over the account's own rate
    p, q, v = found.p, found.q, found.v
    by_hand = quad(
        lambda n: (
            gamma_law.pdf(30.0, p, scale=1 / n)
            * gamma_law.pdf(50.0, p, scale=1 / n)
            * gamma_law.pdf(n, q, scale=1 / v)
        ),
        0,
        5,
    )[0]
    loss, gradient = gamma_gamma._loss_purchases(
        np.log([p, q - 1, v]), np.array([2.0]), np.array([40.0]), np.array([np.log([30.0, 50.0]).mean()])
    )
    assert -loss == pytest.approx(np.log(by_hand), rel=1e-6)
    for i in range(3):  # by differences
        step = 1e-6 * np.eye(3)[i]
        up, down = (
            gamma_gamma._loss_purchases(
                np.log([p, q - 1, v]) + sign * step,
                np.array([2.0]),
                np.array([40.0]),
                np.array([np.log([30.0, 50.0]).mean()]),
            )[0]
            for sign in (1, -1)
        )
        assert gradient[i] == pytest.approx((up - down) / 2e-6, abs=1e-5)
