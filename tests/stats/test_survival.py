"""Kaplan–Meier, log-rank and Cox against published answers: Freireich's remission times."""

import numpy as np
import pandas as pd
import pytest

from kamplay.method.stats.survival import cox, kaplan_meier, log_rank, proportional

# Freireich et al. (1963), weeks of remission of 42 children: 6-mercaptopurine, and placebo (all relapsed)
DRUG = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [1] * 9 + [0] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_kaplan_meier_gives_the_published_table():
    """Kleinbaum & Klein, Survival Analysis, chapter 2: 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378,
    0.4482; 95 % at week 6.
    """
    found = kaplan_meier(DRUG, RELAPSED).set_index("days")
    assert found["surviving"].tolist() == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    assert found.loc[6, ["low", "high"]].tolist() == pytest.approx([0.6197, 0.9516], abs=5e-5)


def test_cox_gives_the_published_ratio():
    """The same data, Efron's ties: coefficient 1.572, error 0.412, ratio 4.82 (2.15 to 10.81)."""
    group = pd.DataFrame({"placebo": [0] * 21 + [1] * 21})
    row = cox(DRUG + PLACEBO, RELAPSED + [1] * 21, group)[0].iloc[0]
    assert np.log(row["ratio"]) == pytest.approx(1.572, abs=5e-4)
    assert [row["low"], row["high"]] == pytest.approx([2.15, 10.81], abs=5e-3)


def test_proportionality_of_the_published_data():
    """The two arms: Kleinbaum & Klein find no sign against proportional hazards."""
    group = pd.DataFrame({"placebo": [0] * 21 + [1] * 21})
    residuals = cox(DRUG + PLACEBO, RELAPSED + [1] * 21, group)[1]
    assert proportional(DRUG + PLACEBO, residuals)


def test_log_rank_of_the_published_data():
    """Kleinbaum & Klein, chapter 2: chi-square 16.79 on one degree of freedom."""
    from scipy.stats import chi2

    p_value = log_rank(DRUG + PLACEBO, RELAPSED + [1] * 21, ["drug"] * 21 + ["placebo"] * 21)
    assert p_value is not None and chi2.isf(p_value, 1) == pytest.approx(16.79, abs=5e-3)
    assert log_rank([1, 2], [0, 0], ["a", "b"]) is None
