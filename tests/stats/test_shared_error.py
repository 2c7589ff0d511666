"""The error that all accounts share: its floor, what a single year tells, and how often its range holds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from kamplay.method.stats.shared_error import FLOOR, PERSISTENT, shared_error

LEVELS = np.array([0.1, 0.5, 0.9])


def test_untested_it_is_the_floor():
    low, middle, high = shared_error([], []).quantiles(LEVELS)
    assert (low, middle, high) == pytest.approx(
        (-FLOOR * norm.ppf(0.9), 0.0, FLOOR * norm.ppf(0.9)), abs=1e-3
    )
    assert shared_error([], []).median == 0.0


def test_a_quarter_of_a_single_miss_is_taken_off():
    # without chance the mean of what stays, given one miss e, is PERSISTENT·e at every spread
    assert shared_error([0.2], [1e-6]).median == pytest.approx(PERSISTENT * 0.2, abs=0.002)
    # where chance alone explains the miss, next to nothing
    assert abs(shared_error([0.2], [0.5]).median) < 0.01


def test_a_lucky_year_does_not_narrow_and_a_bad_one_widens():
    none, lucky, bad = (
        shared_error(*of).quantiles(LEVELS) for of in (([], []), ([0.0], [0.03]), ([0.6], [0.03]))
    )
    assert lucky[2] >= none[2] - 1e-3
    assert bad[2] - bad[0] > 1.5 * (none[2] - none[0])
    two = shared_error([0.0, 0.01], [0.03, 0.03]).quantiles(LEVELS)
    assert two[2] - two[0] < 0.5 * (none[2] - none[0])


@pytest.mark.parametrize("spread", [0.1, 0.15, 0.3])
def test_the_range_holds_about_as_often_as_it_says(spread):
    """Two tested years, the years independent: four in five, less what two years leave open."""
    rng, inside = np.random.default_rng(11), []
    for _ in range(250):
        *seen, to_come = spread * rng.standard_normal(3)
        low, _, high = shared_error(seen, [0.02, 0.02]).quantiles(LEVELS)
        inside.append(low <= to_come <= high)
    assert 0.7 <= np.mean(inside) <= 0.92


def test_draws_are_its_quantiles():
    error = shared_error([0.1, 0.2], [0.03, 0.03])
    drawn = error.draws(1000)
    assert (np.diff(drawn) >= 0).all()
    assert np.log(np.quantile(drawn, LEVELS)) == pytest.approx(error.quantiles(LEVELS), abs=0.005)
