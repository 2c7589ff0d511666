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
