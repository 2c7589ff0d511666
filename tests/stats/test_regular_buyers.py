"""Buyers with a rhythm follow their gap until they are late."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kamplay.method.stats import regular_buyers


def test_reorder_follows_the_gap_until_late():
    rows = pd.DataFrame({"purchases": 12, "cv": 0.3, "gap": 30.0, "silent": [0.0, 30.0, 120.0]})
    leave = 1e-5
    chance = regular_buyers.alive(rows, leave)
    number = regular_buyers.expected(rows, chance, leave, 360.0)
    assert number[0] == pytest.approx(12, rel=0.01)
    assert chance[0] > chance[1] > 0.9 and chance[2] < 0.01
    drawn = regular_buyers.draw(rows, chance, leave, 360.0, 20_000, np.random.default_rng(0)).mean(axis=1)
    assert drawn == pytest.approx(number, abs=0.1)
