"""Kendall's W against hand-worked tables."""

import pandas as pd
import pytest

from kamplay.method.agreement import kendall_w


def test_full_agreement_and_none():
    assert kendall_w(pd.DataFrame([[1, 2, 3, 4]] * 3)).w == pytest.approx(1.0)
    assert kendall_w(pd.DataFrame([[1, 2, 3], [2, 3, 1], [3, 1, 2]])).w == pytest.approx(0.0)


def test_by_hand_without_ties():
    """Rank sums 4, 7, 8, 11 (mean 7.5): S = 12.25 + 0.25 + 0.25 + 12.25 = 25; W = 12·25 / (9·60) = 0.5556; χ² = 3·3·W = 5 on 3 df."""
    result = kendall_w(pd.DataFrame([[1, 2, 3, 4], [2, 1, 3, 4], [1, 4, 2, 3]]))
    assert result.w == pytest.approx(300 / 540)
    assert result.p_value == pytest.approx(0.1718, abs=5e-4)


def test_by_hand_with_ties():
    """Ranks 1, 2.5, 2.5 twice: sums 2, 5, 5 (mean 4), S = 6; T = 6 each; W = 72 / (4·24 − 2·12) = 1: the two agree in full."""
    assert kendall_w(pd.DataFrame([[1, 5, 5], [10, 20, 20]])).w == pytest.approx(1.0)


def test_too_little_to_rank():
    assert kendall_w(pd.DataFrame([[1, 2, 3]])) is None
    assert kendall_w(pd.DataFrame([[1, 1, 1], [2, 2, 2]])) is None
