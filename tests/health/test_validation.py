"""The proof of the churn probability against published examples, figures worked by hand, and what must always
hold.
"""

import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from words import of_module

from kamplay.method.health.validation import (
    Silence,
    add_findings,
    backtest_of_last,
    calls,
    caught_ahead,
    drift,
    validate,
)
from kamplay.method.results import Findings
from kamplay.show.health import validation as charts
from kamplay.show.health import validation as tables
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

health_proof = of_module("health.validation")

THEN, NOW = pd.Timestamp("2025-06-30"), pd.Timestamp("2025-12-31")


def made(n: int = 400, seed: int = 3, slope: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes drawn from known probabilities; ``slope`` other than 1 tells probabilities that are wrong."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1, 1.2, n)
    return (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float), 1 / (1 + np.exp(-odds / slope))


def test_expected_loss_puts_the_large_first():
    """One call: the likeliest brings 1 of the 101 lost, the dearest (0.5 · 100 against 0.9 · 1) brings 100."""
    row = validate([1, 1, 0], [0.9, 0.5, 0.8], {}, [1, 100, 1], 1).workload.iloc[0]
    assert row["revenue_share"] == pytest.approx(1 / 101) and row["stake_revenue_share"] == pytest.approx(
        100 / 101
    )
    assert row["stake_met"] == 1 and row["team"] and row["chance"] == pytest.approx(2 / 3)


def test_calls_a_team_can_make():
    assert [
        calls(500),
        calls(60),
        calls(4),
        calls(500, 33.7),
        calls(20, 33),
        calls(500, 0),
        calls(500, 900),
    ] == [50, 10, 4, 33, 10, 50, 50]


def test_caught_ahead_by_hand():
    """Cut-off on day 0, data to day 200. Silence plain: A day 120 (called), B day 40 (called, too late), C
    day 150 (not called), D before the cut-off, E after the end of the data, F after 30 days at least
    though it buys daily.
    """
    days = np.array([30, 10, 60, -90, 180, 70])  # last purchase
    gap = np.array([30, 10, 30, 10, 30, 1.0])  # plain on 120, 40, 150, −60, 270, 100
    silence = Silence(THEN + pd.to_timedelta(days, unit="D"), gap, THEN, THEN + pd.Timedelta(days=200))
    score = {"model": np.array([9, 8, 3, 7, 6, 2.0]), "recency": np.array([1, 2, 9, 8, 3, 4.0])}
    found = caught_ahead(score, np.array([100, 200, 300, 999, 999, 400.0]), 2, silence).set_index("method")
    assert found.loc["model", "accounts"] == 4 and found.loc["model", "revenue"] == 1000
    assert found.loc["model", "share"] == pytest.approx(0.1) and found.loc[
        "model", "reachable"
    ] == pytest.approx(0.8)
    assert found.loc["recency", "share"] == pytest.approx(0.3)
    assert found["late"].tolist() == [3, 3]


def whole(n: int = 400, seed: int = 3, **more):
    outcome, p = made(n, seed)
    rng = np.random.default_rng(seed + 1)
    silent = np.round(60 * np.exp(np.log(p / (1 - p)) + rng.normal(0, 1.5, n)))
    silence = Silence(THEN - pd.to_timedelta(silent % 300 - 150, unit="D"), rng.uniform(5, 60, n), THEN, NOW)
    return validate(
        outcome, p, {"recency": silent, "bgnbd": p**1.5}, rng.lognormal(9, 1, n), silence=silence, **more
    )


def test_row_order_does_not_matter():
    outcome, p = made()
    p = np.round(p, 2)  # with ties
    revenue = np.random.default_rng(2).lognormal(9, 1, len(p))
    mixed = np.random.default_rng(4).permutation(len(p))
    one = validate(outcome, p, {"recency": np.round(p * 9)}, revenue)
    two = validate(outcome[mixed], p[mixed], {"recency": np.round(p * 9)[mixed]}, revenue[mixed])
    for name in ("versus", "workload", "curve", "calibration"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), rtol=1e-9)
    assert one.figures == pytest.approx(two.figures)


def test_the_better_of_two_is_told():
    outcome, p = made(2000)
    noise = np.random.default_rng(9).normal(0, 2, len(p))
    found = Findings("health")
    add_findings(found, validate(outcome, p, {"recency": p + noise, "bgnbd": p}, np.ones(len(p))), 180)
    kinds = [f.kind for f in found]
    assert {
        "proof_validated",
        "proof_beats_recency",
        "proof_ties_bgnbd",
        "proof_workload",
        "proof_calibrated",
    } <= set(kinds)
    found = Findings("health")
    add_findings(
        found, validate(outcome, np.clip(0.5 + noise / 20, 0, 1), {"recency": p}, np.ones(len(p))), 180
    )
    assert {"proof_weak", "proof_below_recency"} <= {f.kind for f in found}
    assert not {"proof_workload", "proof_calibrated"} & {f.kind for f in found}


@pytest.mark.parametrize(("slope", "kind"), [(0.5, "proof_too_extreme"), (2.0, "proof_too_flat")])
def test_probabilities_too_far_apart_or_too_close(slope, kind):
    outcome, p = made(3000, slope=slope)
    found = Findings("health")
    add_findings(found, validate(outcome, p, {}, np.ones(len(p))), 180)
    assert kind in {f.kind for f in found}


def test_the_curve_meets_the_table():
    proof = whole()
    for row in proof.workload.itertuples():
        if row.k in set(proof.curve["k"]):
            caught = proof.curve.set_index("k").loc[row.k]
            assert caught["model"] == pytest.approx(row.revenue_share) and caught["recency"] == pytest.approx(
                row.recency_revenue_share
            )
    assert proof.workload["k"].isin(proof.curve["k"]).sum() >= 2
    assert proof.workload.loc[proof.workload["team"], "k"].tolist() == [40]
    assert (proof.workload["recall"].diff().dropna() >= 0).all()


@pytest.mark.parametrize(
    ("outcome", "predicted", "reason"),
    [
        ([], [], "empty"), ([0, 0, 0], [0.1, 0.2, 0.3], "one_class"), ([1, 1], [0.5, 0.5], "one_class"), ([1], [0.5], "one_class"),
        ([0, 1, 0, 1], [0.5] * 4, None), ([0, 0, 1, 1], [0.0, 0.1, 0.9, 1.0], None), ([0, 1, np.nan], [0.2, 0.7, 0.4], None),
        ([0, 1, 0], [0.2, np.nan, 0.4], "one_class"), ([0, 1], [np.nan, np.nan], "empty"),
    ],
)  # fmt: skip
def test_little_to_go_by(outcome, predicted, reason):
    n = len(outcome)
    baselines = {"recency": np.arange(n, dtype=float), "bgnbd": np.full(n, np.nan)}
    silence = Silence(pd.DatetimeIndex([THEN] * n), np.full(n, 10.0), THEN, NOW)
    proof = validate(outcome, predicted, baselines, np.zeros(n), silence=silence)
    assert proof.figures["reason"] == reason
    found = Findings("health")
    add_findings(found, proof, 180)
    shown(proof, found)
    for finding in found:
        assert all(v is None or not isinstance(v, float) or np.isfinite(v) for v in finding.figures.values())


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="one length"):
        validate([0, 1], [0.1, 0.2], {"recency": [1.0]}, [1, 1])


def test_a_hundred_thousand_in_seconds():
    began = time.perf_counter()
    whole(100_000)
    assert time.perf_counter() - began < 8


# Shown


def shown(proof, found) -> dict[str, str]:
    """Everything of a proof drawn and said, in both languages."""
    health = SimpleNamespace(
        calibration=proof.calibration, proof_versus=proof.versus, proof_workload=proof.workload, proof_curve=proof.curve,
        proof_drift=proof.drift, proof_last=proof.last.table if proof.last else pd.DataFrame(),
    )  # fmt: skip
    out = {}
    for language in ("zh", "en"):
        locale = Locale(language, "CNY")
        with using(View(locale)):
            for module in (charts, tables):
                for name in ("calibration", "proof_versus", "proof_workload", "proof_drift", "proof_last"):
                    if draw := getattr(module, name, None):
                        out[f"{module.__name__[-12:]} {name} {language}"] = draw(health).text
        for finding in found:
            said = locale.say(health_proof.HEADLINES[finding.kind], **finding.figures)
            assert "None" not in said and "nan" not in said and "–" not in said, said
    return out


def test_shown_in_both_languages():
    rng = np.random.default_rng(0)
    moved = drift(
        pd.DataFrame({"silent": rng.normal(1, 1, 300)}), pd.DataFrame({"silent": rng.normal(0, 1, 300)})
    )
    earlier = pd.DataFrame({"health_band": ["red", "green"], "warned": ["act", "none"]}, index=["A", "B"])
    days = pd.DataFrame(
        {
            "account_id": ["A", "B", "B"],
            "date": pd.to_datetime(["2025-01-15", "2025-01-15", "2025-07-10"]),
            "amount": 1.0,
            "bought": True,
        }
    )
    last = backtest_of_last(earlier, days, THEN, NOW, 365)
    proof = whole(drift=moved, last=last)
    found = Findings("health")
    add_findings(found, proof, 180)
    out = shown(proof, found)
    assert len(out) == 14 and all(out.values())
    assert "moved strongly" in "".join(out.values()) and "变化明显" in "".join(out.values())
    assert {f.kind for f in found} <= set(health_proof.HEADLINES)


def test_nothing_shown_without_a_proof():
    proof = validate([], [], {}, [])
    found = Findings("health")
    add_findings(found, proof, 180)
    assert [f.kind for f in found] == []
    assert not any(shown(proof, found).values())


def test_every_kind_has_its_sentence_and_topic():
    told = [kind for kinds in health_proof.TOPICS.values() for kind in kinds]
    assert sorted(told) == sorted(health_proof.HEADLINES)
