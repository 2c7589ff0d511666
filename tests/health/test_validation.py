"""How far the churn probability can be believed, against figures worked by hand and what must always hold."""

import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kamplay.method.health.validation import (
    PurchaseTiming,
    Validation,
    add_findings,
    caught_ahead,
    team_calls,
    validate,
)
from kamplay.method.results import Findings
from kamplay.show.findings import headline
from kamplay.show.health.validation import (
    calibration_chart,
    calls_by_workload_table,
    cumulative_gains_chart,
    method_comparison_chart,
)
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

THEN, NOW = pd.Timestamp("2025-06-30"), pd.Timestamp("2025-12-31")


def drawn_outcomes(n: int = 400, seed: int = 3, slope: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes drawn from known probabilities; with another ``slope`` than 1 the probabilities are wrong."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1, 1.2, n)
    return (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float), 1 / (1 + np.exp(-odds / slope))


def validated(n: int = 400, seed: int = 3) -> Validation:
    """Drawn outcomes, with both baselines and the days on which the accounts lapsed."""
    outcome, p = drawn_outcomes(n, seed)
    rng = np.random.default_rng(seed + 1)
    silent = np.round(60 * np.exp(np.log(p / (1 - p)) + rng.normal(0, 1.5, n)))
    last = pd.DatetimeIndex(THEN - pd.to_timedelta(silent % 300 - 150, unit="D"))
    timing = PurchaseTiming(last, rng.uniform(5, 60, n), THEN, NOW)
    return validate(outcome, p, {"recency": silent, "bgnbd": p**1.5}, rng.lognormal(9, 1, n), timing=timing)


def findings_of(result: Validation) -> Findings:
    found = Findings("health")
    add_findings(found, result, 180)
    return found


def kinds_of(result: Validation) -> set[str]:
    return {finding.kind for finding in findings_of(result)}


def shown(result: Validation) -> list[str]:
    """Every chart and table in both languages; every sentence is filled in."""
    health, out = SimpleNamespace(validation=result), []
    for language in ("zh", "en"):
        with using(View(Locale(language, "CNY"))):
            for show in (
                calibration_chart,
                method_comparison_chart,
                cumulative_gains_chart,
                calls_by_workload_table,
            ):
                out.append(show(health).text)
        for finding in findings_of(result):
            text = headline(finding, Locale(language, "CNY"), {})
            assert "None" not in text and "nan" not in text and "{" not in text, text
    return out


def test_expected_loss_puts_the_large_first():
    """One call: the likeliest brings 1 of the 101 lost, the dearest (0.5 · 100 against 0.9 · 1) brings
    100."""
    row = validate([1, 1, 0], [0.9, 0.5, 0.8], {}, [1, 100, 1], 1).workload.iloc[0]
    assert row["revenue_share"] == pytest.approx(1 / 101) and row[
        "expected_loss_revenue_share"
    ] == pytest.approx(100 / 101)
    assert row["expected_loss_met"] == 1 and row["team"] and row["chance"] == pytest.approx(2 / 3)


def test_calls_a_team_can_make():
    assert [team_calls(n) for n in (500, 60, 4)] == [50, 10, 4]
    assert [team_calls(n, c) for n, c in ((500, 33.7), (20, 33), (500, 0), (500, 900))] == [33, 10, 50, 50]


def test_caught_ahead_by_hand():
    """Cut-off on day 0, data to day 200. Lapsed: A on day 120 (called), B on day 40 (called, too late), C on
    day 150 (not called), D before the cut-off, E after the end of the data, F after 30 days at least
    though it buys daily.
    """
    last = pd.DatetimeIndex(THEN + pd.to_timedelta([30, 10, 60, -90, 180, 70], unit="D"))
    gap = np.array([30, 10, 30, 10, 30, 1.0])  # lapsed on 120, 40, 150, −60, 270, 100
    timing = PurchaseTiming(last, gap, THEN, THEN + pd.Timedelta(days=200))
    revenue = np.array([100, 200, 300, 999, 999, 400.0])
    model = caught_ahead(np.array([9, 8, 3, 7, 6, 2.0]), revenue, 2, timing)
    assert (model["accounts"], model["late"], model["revenue"]) == (4, 3, 1000)
    assert (model["share"], model["reachable"]) == (pytest.approx(0.1), pytest.approx(0.8))
    by_silence = caught_ahead(np.array([1, 2, 9, 8, 3, 4.0]), revenue, 2, timing)
    assert by_silence["share"] == pytest.approx(0.3)


def test_row_order_does_not_matter():
    outcome, p = drawn_outcomes()
    p = np.round(p, 2)  # with ties
    revenue = np.random.default_rng(2).lognormal(9, 1, len(p))
    mixed = np.random.default_rng(4).permutation(len(p))
    one = validate(outcome, p, {"recency": np.round(p * 9)}, revenue)
    two = validate(outcome[mixed], p[mixed], {"recency": np.round(p * 9)[mixed]}, revenue[mixed])
    for name in ("method_comparison", "workload", "gains", "calibration"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), rtol=1e-9)
    assert one.figures == pytest.approx(two.figures)


def test_the_better_of_two_is_told():
    outcome, p = drawn_outcomes(2000)
    noise = np.random.default_rng(9).normal(0, 2, len(p))
    good = validate(outcome, p, {"recency": p + noise, "bgnbd": p}, np.ones(len(p)))
    assert {
        "proof_validated",
        "proof_beats_recency",
        "proof_ties_bgnbd",
        "proof_workload",
        "proof_calibrated",
    } <= kinds_of(good)
    weak = validate(outcome, np.clip(0.5 + noise / 20, 0, 1), {"recency": p}, np.ones(len(p)))
    assert {"proof_weak", "proof_below_recency"} <= kinds_of(weak)
    assert not {"proof_workload", "proof_calibrated"} & kinds_of(weak)


@pytest.mark.parametrize(("slope", "kind"), [(0.5, "proof_too_extreme"), (2.0, "proof_too_flat")])
def test_probabilities_too_far_apart_or_too_close(slope, kind):
    outcome, p = drawn_outcomes(3000, slope=slope)
    assert kind in kinds_of(validate(outcome, p, {}, np.ones(len(p))))


@pytest.mark.parametrize(("shift", "kind"), [(0.5, "proof_too_high"), (-0.5, "proof_too_low")])
def test_probabilities_all_too_high_or_all_too_low(shift, kind):
    """Log odds moved by half at every account: a fault of the level, told with its points."""
    outcome, p = drawn_outcomes(3000)
    moved = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + shift)))
    found = findings_of(validate(outcome, moved, {}, np.ones(len(p))))
    told = next(f for f in found if f.kind == kind)
    assert told.figures["points"] == pytest.approx(100 * abs(moved.mean() - outcome.mean()))
    assert not {"proof_too_extreme", "proof_too_flat", "proof_sum_off"} & {f.kind for f in found}


def test_by_accounts_and_by_revenue_the_better_order_may_differ():
    """The model meets both that stopped, of 1 each; the longest silent is one of 100 that stopped as well."""
    outcome, p = np.array([1, 1, 1, 0, 0, 0, 0, 0]), np.array([0.9, 0.8, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1])
    silent, revenue = np.array([5, 4, 9, 8, 7, 3, 2, 1.0]), np.array([1, 1, 100, 1, 1, 1, 1, 1.0])
    result = validate(outcome, p, {"recency": silent}, revenue, calls=2)
    team = result.workload[result.workload["team"]].iloc[0]
    assert team["revenue_share"] == pytest.approx(2 / 102)
    assert team["recency_revenue_share"] == pytest.approx(100 / 102)
    assert team["expected_loss_revenue_share"] == pytest.approx(101 / 102)
    shown = {"auc": 0.8, "other": 0.7, "k": 2, "met": 2, "other_met": 1, "share": 2 / 102}
    for other, worse in ((100 / 102, "worse"), (1 / 102, "neither is best")):
        found = Findings("health")
        stake = {"other_share": other, "stake_share": 101 / 102}
        found.add("proof_beats_recency", "note", None, **shown, **stake)
        told = headline(next(iter(found)), Locale("en", "EUR"), {})
        assert worse in told and "expected loss" in told and "99%" in told


def test_the_gains_agree_with_the_table():
    result = validated()
    gains, workload = result.gains.set_index("k"), result.workload
    both = workload[workload["k"].isin(gains.index)]
    assert len(both) >= 2
    for row in both.itertuples():
        assert gains.loc[row.k, "model"] == pytest.approx(row.revenue_share)
        assert gains.loc[row.k, "recency"] == pytest.approx(row.recency_revenue_share)
        assert gains.loc[row.k, "expected_loss"] == pytest.approx(row.expected_loss_revenue_share)
    assert workload.loc[workload["team"], "k"].tolist() == [40]
    assert (workload["recall"].diff().dropna() >= 0).all()


@pytest.mark.parametrize(
    ("outcome", "predicted", "reason"),
    [
        ([], [], "empty"),
        ([0, 0, 0], [0.1, 0.2, 0.3], "one_class"),
        ([1, 1], [0.5, 0.5], "one_class"),
        ([1], [0.5], "one_class"),
        ([0, 1, 0, 1], [0.5] * 4, None),
        ([0, 0, 1, 1], [0.0, 0.1, 0.9, 1.0], None),
        ([0, 1, np.nan], [0.2, 0.7, 0.4], None),
        ([0, 1, 0], [0.2, np.nan, 0.4], "one_class"),
        ([0, 1], [np.nan, np.nan], "empty"),
    ],
)
def test_little_to_go_by(outcome, predicted, reason):
    n = len(outcome)
    baselines = {"recency": np.arange(n, dtype=float), "bgnbd": np.full(n, np.nan)}
    timing = PurchaseTiming(pd.DatetimeIndex([THEN] * n), np.full(n, 10.0), THEN, NOW)
    result = validate(outcome, predicted, baselines, np.zeros(n), timing=timing)
    assert result.figures["reason"] == reason
    shown(result)
    for finding in findings_of(result):
        assert all(v is None or not isinstance(v, float) or np.isfinite(v) for v in finding.figures.values())


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="one length"):
        validate([0, 1], [0.1, 0.2], {"recency": [1.0]}, [1, 1])


def test_a_hundred_thousand_in_seconds():
    began = time.perf_counter()
    validated(100_000)
    assert time.perf_counter() - began < 8


def test_shown_in_both_languages():
    assert all(shown(validated()))


def test_nothing_shown_without_a_test():
    assert kinds_of(Validation()) == set() and not any(shown(Validation()))
