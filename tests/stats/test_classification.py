"""Ranking, probability and yield of calls against published examples and figures worked by hand."""

import numpy as np
import pytest

from kamplay.method.stats.classification import (
    at_workload,
    auc,
    auc_difference,
    brier,
    calibration_groups,
    calibration_line,
    skill,
    top_k,
    weighted_share,
)
from kamplay.method.stats.intervals import Z, share_estimate


def graded(stayed: list[int], stopped: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and scores from how many stayed and stopped at each grade."""
    score = np.r_[np.repeat(np.arange(len(stayed)), stayed), np.repeat(np.arange(len(stopped)), stopped)]
    return np.r_[np.zeros(sum(stayed)), np.ones(sum(stopped))], score


def made(n: int = 400, seed: int = 3, slope: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes drawn from known probabilities; ``slope`` other than 1 tells probabilities that are wrong."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1, 1.2, n)
    return (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float), 1 / (1 + np.exp(-odds / slope))


def test_delong_of_hanley_and_mcneil():
    """109 CT images on five grades (Hanley & McNeil 1982, Radiology 143, 29–36), as Stata's manual reports
    them for roctab.
    """
    outcome, score = graded([33, 6, 6, 11, 2], [3, 2, 2, 11, 33])
    found = auc(outcome, score)
    assert round(found.value, 4) == 0.8932
    assert (round(found.low, 5), round(found.high, 5)) == (0.83295, 0.95339)


def test_delong_of_proc():
    """WFNS grade and outcome of 113 patients (Robin et al. 2011, BMC Bioinformatics 12:77): the variance in
    pROC's own tests.
    """
    outcome, score = graded([37, 20, 3, 8, 4], [2, 12, 1, 8, 18])
    found = auc(outcome, score)
    assert found.high - found.value == pytest.approx(Z * 0.00146991470882363**0.5, rel=1e-12)


def test_paired_difference_by_its_definition():
    """The covariance of DeLong et al. (1988) from all pairs, one by one."""
    rng = np.random.default_rng(5)
    outcome = (rng.random(60) < 0.4).astype(float)
    a = np.round(outcome + rng.normal(0, 1, 60), 1)
    b = np.round(a + rng.normal(0, 1, 60), 1)
    placed = []
    for score in (a, b):
        wins = np.array(
            [[(x > y) + 0.5 * (x == y) for y in score[outcome == 0]] for x in score[outcome == 1]],
            dtype=float,
        )
        placed.append((wins.mean(), wins.mean(axis=1), wins.mean(axis=0)))
    m, n = outcome.sum(), (1 - outcome).sum()
    variance = (placed[0][1] - placed[1][1]).var(ddof=1) / m + (placed[0][2] - placed[1][2]).var(ddof=1) / n
    gain, p = auc_difference(outcome, a, b)
    assert gain.value == pytest.approx(placed[0][0] - placed[1][0])
    assert (gain.high - gain.low) / 2 == pytest.approx(1.959964 * variance**0.5, rel=1e-6)
    assert 0 < p < 1
    assert auc_difference(outcome, b, a)[0].value == pytest.approx(-gain.value)


def test_interval_holds_as_often_as_it_says():
    """Of 400 samples with AUC Φ(1/√2) = 0.7602, about 95 % have it inside."""
    rng, inside = np.random.default_rng(11), 0
    for _ in range(400):
        found = auc(np.r_[np.zeros(70), np.ones(40)], np.r_[rng.normal(0, 1, 70), rng.normal(1, 1, 40)])
        inside += found.low <= 0.7602 <= found.high
    assert 0.91 < inside / 400 < 0.98


def test_a_perfect_order_of_few_is_not_certain():
    found = auc(np.array([0, 0, 0, 1, 1]), np.array([1, 2, 3, 4, 5]))
    assert found.value == 1 and found.high == 1 and found.low < 0.5


def test_weights_count_for_as_many_as_they_are_worth():
    even = weighted_share(np.array([1.0, 1, 0, 0, 0]), np.full(5, 300.0))
    assert (even.value, even.low, even.high) == pytest.approx(
        (share_estimate(2, 5).value, share_estimate(2, 5).low, share_estimate(2, 5).high)
    )
    one = weighted_share(np.array([1.0, 0, 0, 0, 0]), np.array([1e9, 1, 1, 1, 1]))
    assert one.value == pytest.approx(1) and one.low == pytest.approx(
        share_estimate(1, 1).low, abs=1e-6
    )  # all of it, but of one account


def test_brier_by_hand_and_in_its_parts():
    """Ten forecasts on two grades: 0.2 five times with one stop, 0.6 five times with four (Murphy 1973)."""
    outcome = np.array([1, 0, 0, 0, 0, 1, 1, 1, 1, 0.0])
    forecast = np.repeat([0.2, 0.6], 5)
    assert brier(outcome, forecast).value == pytest.approx((0.64 + 4 * 0.04 + 4 * 0.16 + 0.36) / 10)
    reliability = (5 * 0.0 + 5 * (0.6 - 0.8) ** 2) / 10
    resolution = (5 * (0.2 - 0.5) ** 2 + 5 * (0.8 - 0.5) ** 2) / 10
    assert brier(outcome, forecast).value == pytest.approx(reliability - resolution + 0.25)
    assert skill(outcome, forecast).value == pytest.approx((resolution - reliability) / 0.25)
    groups = calibration_groups(outcome, forecast)
    assert groups["seen"].tolist() == [0.2, 0.8] and groups["accounts"].tolist() == [5, 5]


def test_the_base_rate_for_all_has_no_skill():
    outcome = made()[0]
    found = skill(outcome, np.full(len(outcome), outcome.mean()))
    assert found.value == pytest.approx(0) and found.high - found.low == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("slope", [1.0, 0.5, 2.0])
def test_slope_of_known_probabilities(slope):
    line = calibration_line(*made(40_000, slope=slope))
    assert abs(line.slope - slope) < 3 * line.slope_se and line.slope_se < 0.05 * slope
    assert abs(line.intercept) < 3 * line.intercept_se


def test_line_is_that_of_statsmodels():
    import statsmodels.api as sm

    for outcome, p in (made(), made(60, slope=0.4), made(5000, slope=2.0)):
        theirs = sm.Logit(outcome, sm.add_constant(np.log(p / (1 - p)))).fit(disp=0)
        line = calibration_line(outcome, p)
        assert [line.intercept, line.slope] == pytest.approx(theirs.params, rel=1e-9)
        assert [line.intercept_se, line.slope_se] == pytest.approx(theirs.bse, rel=1e-9)


def test_no_line_where_a_cut_all_but_parts_the_outcomes():
    """Only ties at the cut hold both outcomes: the slope has no maximum."""
    outcome, p = np.r_[np.zeros(20), 0, 1, np.ones(20)], np.r_[np.full(20, 0.2), 0.5, 0.5, np.full(20, 0.8)]
    assert np.isnan(calibration_line(outcome, p).slope)


def test_slope_has_the_error_it_says():
    found = [calibration_line(*made(300, seed)) for seed in range(120)]
    assert np.std([f.slope for f in found]) == pytest.approx(np.mean([f.slope_se for f in found]), rel=0.25)


def test_calls_by_hand():
    """Six accounts, the first three called: two that stopped of three, with 90 of 100."""
    outcome = np.array([1, 0, 1, 0, 1, 0])
    found = at_workload(outcome, np.array([9, 8, 7, 6, 5, 4.0]), np.array([80, 500, 10, 500, 10, 500.0]), 3)
    assert (found["met"], found["precision"], found["recall"]) == (
        2,
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    )
    assert found["lift"] == pytest.approx(4 / 3) and found["revenue_share"] == pytest.approx(0.9)


def test_ties_at_the_edge_share_the_places_left():
    assert top_k(np.array([3, 2, 2, 2, 1.0]), 2).tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0])
    outcome = made()[0]
    flat = at_workload(outcome, np.ones(len(outcome)), np.ones(len(outcome)), 20)
    assert flat["lift"] == pytest.approx(1)
