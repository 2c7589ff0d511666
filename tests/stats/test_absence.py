import numpy as np
import pytest
from scipy.stats import betabinom

from kamplay.method.stats.absence import MOST_ALIKE, absent_by_chance, alikeness


def test_absence_is_the_first_term_of_the_beta_binomial():
    n, share, alike = 12, 0.3, 8.0
    assert absent_by_chance(np.array([n]), np.array([share]), np.array([alike]))[0] == pytest.approx(
        betabinom.pmf(0, n, share * alike, (1 - share) * alike)
    )


def test_of_one_mix_absence_is_binomial():
    chance = absent_by_chance(np.array([10.0]), np.array([0.25]), np.array([MOST_ALIKE]))
    assert chance[0] == pytest.approx(0.75**10, rel=1e-3)


def test_alikeness_finds_how_alike_the_mixes_are():
    rng = np.random.default_rng(1)
    number = rng.integers(10, 60, (4000, 1))
    mixes = rng.beta(0.3 * 5, 0.7 * 5, (4000, 1))  # precision 5
    hits = rng.binomial(number, mixes)
    assert alikeness(hits, number, np.full((4000, 1), 0.3))[0] == pytest.approx(5, rel=0.1)
    same = rng.binomial(number, 0.3)
    assert alikeness(same, number, np.full((4000, 1), 0.3))[0] > 300
