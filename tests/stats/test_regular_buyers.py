"""Buyers with a rhythm follow their gap until they are late."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kamplay.method.stats import regular_buyers


def test_reorder_follows_the_gap_until_late():
    rows = pd.DataFrame({"purchases": 12, "gaps": 11, "cv": 0.3, "gap": 30.0, "silent": [0.0, 30.0, 120.0]})
    leave = 1e-5
    chance = regular_buyers.alive(rows, leave)
    number = regular_buyers.expected(rows, chance, leave, 360.0)
    assert number[0] == pytest.approx(12, rel=0.01)
    assert chance[0] > chance[1] > 0.9 and chance[2] < 0.01
    drawn = regular_buyers.draw(rows, chance, leave, 360.0, 20_000, np.random.default_rng(0)).mean(axis=1)
    assert drawn == pytest.approx(number, abs=0.1)


def test_few_gaps_are_judged_by_all():
    """Squares by hand: 2·0.1² + 10·0.9² over 12 is the usual 0.6767; three gaps with 0.1 then count as
    √((2·0.01 + 2·0.6767) / 4), eleven with 0.9 as √((10·0.81 + 2·0.6767) / 12).
    """
    cv = regular_buyers.steadied(pd.Series([0.1, 0.9, np.nan]), pd.Series([4, 12, 2]))
    assert cv.to_list()[:2] == pytest.approx([(1.3733 / 4) ** 0.5, (9.4533 / 12) ** 0.5], rel=1e-3)
    assert np.isnan(cv[2])
    among_steady = regular_buyers.steadied(pd.Series([0.1, 0.12]), pd.Series([4, 12]))
    rows = pd.DataFrame({"purchases": [4, 12], "cv": among_steady, "gap": 91.0})
    assert regular_buyers.is_regular(rows).all()
    assert not regular_buyers.is_regular(rows.assign(cv=cv[:2])).any()
