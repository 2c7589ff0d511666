"""Kaplan–Meier, log-rank and Cox against published answers: Freireich's remission times, and lung cancer."""

from pathlib import Path

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


@pytest.fixture(scope="module")
def lung() -> pd.DataFrame:
    """Loprinzi et al. (1994), J. of Clinical Oncology 12, 601–607: 228 patients, 165 deaths; ``lung`` of R's
    survival.
    """
    return pd.read_csv(Path(__file__).with_name("lung.csv"))


def chi_square(p_value: float | None, degrees: int) -> float:
    from scipy.stats import chi2

    assert p_value is not None
    return float(chi2.isf(p_value, degrees))


def test_log_rank_of_lung_cancer(lung):
    """R's survival: men and women differ with chi-square 10.3 on one degree of freedom, p 0.00131."""
    p_value = log_rank(lung["days"], lung["died"], lung["sex"])
    assert p_value == pytest.approx(0.00131, abs=5e-6)
    assert chi_square(p_value, 1) == pytest.approx(10.3, abs=0.05)


def test_stratified_log_rank_of_lung_cancer(lung):
    """The example of R's survdiff, by the patients' own rating with the institutions as strata: 224 patients,
    chi-square 21.4 on 7 degrees of freedom, p 0.00326.
    """
    known = lung.dropna(subset=["place", "karno"])
    p_value = log_rank(known["days"], known["died"], known["karno"], known["place"])
    assert len(known) == 224 and p_value == pytest.approx(0.00326, abs=5e-6)
    assert chi_square(p_value, 7) == pytest.approx(21.4, abs=0.05)


def test_cox_of_lung_cancer(lung):
    """R's survival: sex −0.531 (ratio 0.588, 0.424 to 0.816); with age and ECOG score 0.011067, −0.552612,
    0.463728.
    """
    row = cox(lung["days"], lung["died"], lung[["sex"]])[0].iloc[0]
    assert np.log(row["ratio"]) == pytest.approx(-0.531, abs=5e-4)
    assert [row["ratio"], row["low"], row["high"]] == pytest.approx([0.588, 0.4237, 0.816], abs=5e-4)
    known = lung.dropna(subset=["ecog"])
    ratios = cox(known["days"], known["died"], known[["age", "sex", "ecog"]])[0]["ratio"]
    assert np.log(ratios).tolist() == pytest.approx([0.011067, -0.552612, 0.463728], abs=5e-7)
