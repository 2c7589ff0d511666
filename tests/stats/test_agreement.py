"""Kendall's W and Fleiss' kappa against published and hand-worked tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamplay.method.stats.agreement import fleiss_kappa, kendall_w

# 20 people rated by 3 raters: data set `anxiety` of the R package irr, whose documentation of kendall() gives
# the figures
ANXIETY = [
    [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
    [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
    [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
]
# Fleiss 1971, table 1: 30 patients, 6 psychiatrists, depression / personality disorder / schizophrenia /
# neurosis / other
DIAGNOSES = [
    "00060",
    "03003",
    "01401",
    "00006",
    "03030",
    "20400",
    "00402",
    "20310",
    "20040",
    "00006",
    "10050",
    "11040",
    "03300",
    "10050",
    "02031",
    "00501",
    "30012",
    "51000",
    "02040",
    "10203",
    "00006",
    "01050",
    "02013",
    "20040",
    "10041",
    "05010",
    "40002",
    "02040",
    "10500",
    "00006",
]
# the worked example of Wikipedia's article on Fleiss' kappa: 10 subjects, 14 raters, 5 categories
WORKED = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def counts(rows):
    return pd.DataFrame([[int(x) for x in row] for row in rows])


# --- Kendall's W


def test_full_agreement_and_none():
    assert kendall_w(pd.DataFrame([[1, 2, 3, 4]] * 3)).w == pytest.approx(1.0)
    assert kendall_w(pd.DataFrame([[1, 2, 3], [2, 3, 1], [3, 1, 2]])).w == pytest.approx(0.0)


def test_by_hand_without_ties():
    """Rank sums 4, 7, 8, 11 (mean 7.5): S = 12.25 + 0.25 + 0.25 + 12.25 = 25; W = 12·25 / (9·60) = 0.5556; χ²
    = 3·3·W = 5 on 3 df.
    """
    result = kendall_w(pd.DataFrame([[1, 2, 3, 4], [2, 1, 3, 4], [1, 4, 2, 3]]))
    assert result.w == pytest.approx(300 / 540)
    assert result.p_value == pytest.approx(0.1718, abs=5e-4)


def test_by_hand_with_ties():
    """Ranks 1, 2.5, 2.5 twice: sums 2, 5, 5 (mean 4), S = 6; T = 6 each; W = 72 / (4·24 − 2·12) = 1: the two
    agree in full.
    """
    assert kendall_w(pd.DataFrame([[1, 5, 5], [10, 20, 20]])).w == pytest.approx(1.0)


def test_published_with_many_ties():
    result = kendall_w(pd.DataFrame(ANXIETY))
    assert (result.raters, result.items) == (3, 20)
    assert result.w == pytest.approx(0.540, abs=5e-4)
    assert result.p_value == pytest.approx(0.0429, abs=5e-5)


def test_a_rater_with_a_gap_is_left_out():
    full = pd.DataFrame([[1, 2, 3, 4], [2, 1, 3, 4], [1, 4, 2, 3]])
    assert kendall_w(pd.concat([full, pd.DataFrame([[4, 3, np.nan, 1]])])) == kendall_w(full)


def test_too_little_to_rank():
    assert kendall_w(pd.DataFrame([[1, 2, 3]])) is None
    assert kendall_w(pd.DataFrame([[1, 1, 1], [2, 2, 2]])) is None


# --- Fleiss' kappa


def test_kappa_of_the_worked_example():
    found = fleiss_kappa(counts(WORKED))
    assert (found.subjects, found.raters) == (10, 14)
    assert found.kappa == pytest.approx(0.210, abs=5e-4)
    assert found.agreement == pytest.approx(0.378, abs=5e-4)
    assert found.chance == pytest.approx(0.213, abs=5e-4)


def test_kappa_of_fleiss_1971():
    """Kappa 0.430; observed 0.5556, chance 0.2199."""
    found = fleiss_kappa(counts(DIAGNOSES))
    assert (found.subjects, found.raters) == (30, 6)
    assert found.kappa == pytest.approx(0.430, abs=5e-4)
    assert found.agreement == pytest.approx(0.5556, abs=5e-5) and found.chance == pytest.approx(
        0.2199, abs=5e-5
    )


def test_interval_is_that_of_gwet():
    """The first 15 patients: the R package irrCAC publishes kappa 0.4139265, standard error 0.08119291."""
    found = fleiss_kappa(counts(DIAGNOSES[:15]))
    assert found.kappa == pytest.approx(0.4139265, abs=5e-8)
    assert found.high - found.kappa == pytest.approx(1.959964 * 0.08119291, abs=1e-6)
    assert found.kappa - found.low == pytest.approx(1.959964 * 0.08119291, abs=1e-6)


def test_p_value_with_two_categories():
    """With two categories the variance under kappa = 0 is 2 / (N·n·(n − 1)), whatever the shares.

    4 subjects, 3 raters, counts 3 0, 2 1, 1 2, 0 3: observed (1 + ⅓ + ⅓ + 1)/4 = ⅔, chance ½, kappa ⅓; se =
    √(2/24); z = ⅓ / 0.288675 = 1.154701; p = 0.24821.
    """
    found = fleiss_kappa(counts(["30", "21", "12", "03"]))
    assert found.kappa == pytest.approx(1 / 3)
    assert found.p_value == pytest.approx(0.24821, abs=5e-6)


def test_p_value_with_more_categories():
    """The R package irr gives z = 17.7 for all 30 diagnoses; of the first three subjects, by hand.

    Counts 2 0 0, 0 2 0, 0 1 1: shares ½ − ⅙ = ⅓, ½, ⅙. Observed ⅔; chance 1/9 + 1/4 + 1/36 = 7/18; kappa
    5/11. Σpq = 11/18; Σpq(q − p) = 2/9·1/3 + 0 + 5/36·2/3 = 1/6; variance 2/(3·2·1·(11/18)²)·((11/18)² − 1/6)
    = 0.184573; z = 1.05803; p = 0.29004.
    """
    assert fleiss_kappa(counts(DIAGNOSES)).p_value < 1e-60
    found = fleiss_kappa(counts(["200", "020", "011"]))
    assert found.kappa == pytest.approx(5 / 11)
    assert found.p_value == pytest.approx(0.29004, abs=5e-5)


def test_full_agreement_has_no_width():
    found = fleiss_kappa(counts(["50", "05", "50"]))
    assert (found.kappa, found.low, found.high) == (1.0, 1.0, 1.0)


def test_kappa_where_nothing_can_be_said():
    assert fleiss_kappa(counts(["50", "50"])) is None  # one category: chance explains it all
    assert fleiss_kappa(counts(["32"])) is None
    assert fleiss_kappa(counts(["10", "01"])) is None
    assert fleiss_kappa(pd.DataFrame({"nominated": [], "not_nominated": []})) is None


@pytest.mark.parametrize(
    "rows", [[[3, 0], [2, 0]], [[3, 0], [2, np.nan]], [[2.5, 0.5], [1, 2]], [[4, -1], [1, 2]]]
)
def test_what_is_not_a_table_of_counts_is_refused(rows):
    with pytest.raises(ValueError, match="raters"):
        fleiss_kappa(pd.DataFrame(rows))


@settings(deadline=None)  # the first call imports statsmodels
@given(st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=3, max_size=12))
def test_kappa_is_that_of_statsmodels(choices):
    """Rows of four raters' choices among four categories."""
    from statsmodels.stats.inter_rater import fleiss_kappa as library

    table = pd.DataFrame([np.bincount(row, minlength=4) for row in choices])
    found = fleiss_kappa(table)
    if (table.sum() > 0).sum() == 1:
        assert found is None
        return
    assert found.kappa == pytest.approx(library(table), abs=1e-12)
    assert (
        -1 / 3 - 1e-12 <= found.kappa <= 1
        and found.low <= found.kappa <= found.high
        and 0 <= found.p_value <= 1
    )
