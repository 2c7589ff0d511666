"""The population stability index, by hand and against what chance gives."""

import numpy as np
import pandas as pd
import pytest

from kamplay.method.stats.population_stability import population_stability


def test_psi_by_hand():
    """Shares 50/50 that become 75/25: 2 · 0.25 · ln(1.5) … = (0.25)·ln(1.5) + (−0.25)·ln(0.5) = 0.2747."""
    then, now = pd.Series([0.0] * 50 + [1.0] * 50), pd.Series([0.0] * 75 + [1.0] * 25)
    index, noise = population_stability(now, then)
    assert index == pytest.approx(0.25 * np.log(1.5) - 0.25 * np.log(0.5)) == pytest.approx(0.2747, abs=1e-4)
    assert noise == pytest.approx(
        3.841459 * (1 / 100 + 1 / 100), rel=1e-6
    )  # χ² with one degree of freedom, 95 %


def test_psi_passes_what_chance_gives_one_time_in_twenty():
    rng = np.random.default_rng(8)
    over = [
        np.greater(*population_stability(pd.Series(rng.normal(size=150)), pd.Series(rng.normal(size=150))))
        for _ in range(400)
    ]
    assert 0.02 < np.mean(over) < 0.10
