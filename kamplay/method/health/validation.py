"""How far the churn probability can be believed, in a test window later than all it was trained on: how well
it ranks beside simpler orders, whether its values can be taken literally, and what a team's calls would have
met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kamplay.book import Book
from kamplay.method.health.churn import ChurnModel, is_skilled
from kamplay.method.health.season_of_test import SeasonOfTest
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.results import Findings, figure
from kamplay.method.stats.classification import (
    at_workload,
    auc,
    auc_difference,
    brier,
    calibration_groups,
    calibration_line,
    has_both_outcomes,
    skill,
    top_k,
    weighted_share,
)
from kamplay.method.stats.intervals import NAN, Estimate, Z

WORKLOADS = (10, 20, 50)  # numbers of calls that are shown beside the team's own
# calls a team finds time for beside its planned visits
MIN_CALLS, CALL_SHARE = 10, 0.1
LEAD_DAYS = 90
# an account has lapsed after a silence of three times its usual gap, and not within 30 days
LAPSE_GAPS, MIN_LAPSE_DAYS = 3.0, 30.0
CURVE_POINTS = 60
MIN_LAPSED = 5  # lapsed accounts below which a share of them says nothing
METHOD_COLUMNS = [
    "method",
    "accounts",
    "auc",
    "auc_low",
    "auc_high",
    "difference",
    "difference_low",
    "difference_high",
    "brier",
    "skill",
    "k",
    "met",
]
WORKLOAD_COLUMNS = [
    "k",
    "team",
    "met",
    "stopped",
    "precision",
    "precision_low",
    "precision_high",
    "recall",
    "revenue_share",
    "revenue_share_low",
    "revenue_share_high",
    "lift",
    "chance",
    "recency_met",
    "recency_revenue_share",
    "expected_loss_met",
    "expected_loss_revenue_share",
    "expected_loss_low",
    "expected_loss_high",
]


@dataclass(frozen=True)
class PurchaseTiming:
    """When the accounts of the test bought, in the order of its outcomes.

    Attributes
    ----------
    last_purchase : date of the last purchase in all the data.
    usual_gap : days between purchases, as known at the cut-off.
    cutoff : the day from which the test window runs.
    seen_to : the day on which the data end.
    """

    last_purchase: pd.DatetimeIndex
    usual_gap: np.ndarray
    cutoff: pd.Timestamp
    seen_to: pd.Timestamp

    @property
    def days_to_lapse(self) -> np.ndarray:
        """Days of silence after which an account has lapsed."""
        return np.maximum(LAPSE_GAPS * self.usual_gap, MIN_LAPSE_DAYS)

    def only(self, accounts: np.ndarray) -> PurchaseTiming:
        """The same of some of the accounts (a mask)."""
        return PurchaseTiming(
            self.last_purchase[accounts], self.usual_gap[accounts], self.cutoff, self.seen_to
        )


@dataclass(frozen=True)
class Validation:
    """What the test showed.

    Attributes
    ----------
    figures : n_test, n_open (accounts that had not lapsed at the cut-off), stopped, predicted (how many were
        expected to stop) with predicted_sd, auc with auc_low and auc_high, skill, calibration_slope with
        calibration_slope_se, k (the team's calls), shown (whether the probability may be shown), and reason:
        why nothing could be tested (``empty``, ``one_class`` or None). None where a figure is not defined.
    method_comparison : one row a way to rank (``model`` first), METHOD_COLUMNS. ``difference`` is the model's
        AUC less this one's; ``met`` counts the accounts that stopped among the first ``k``.
    workload : one row a number of calls ``k``, WORKLOAD_COLUMNS; ``team`` marks the team's own. ``chance`` is
        what as many random calls would have met, ``expected_loss_*`` calls in the order of probability ×
        revenue.
    gains : the cumulative gains: ``k``, and for each way to rank (and ``chance``) the share of the lost
        revenue that the first ``k`` calls would have met.
    calibration : groups by prediction: predicted, seen, low, high, accounts.
    lead_time : see ``caught_ahead``; empty where it is not known when the accounts lapsed.
    """

    figures: dict[str, Any] = field(default_factory=lambda: {"n_test": 0, "reason": "empty"})
    method_comparison: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=METHOD_COLUMNS))
    workload: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=WORKLOAD_COLUMNS))
    gains: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["k", "chance"]))
    calibration: pd.DataFrame = field(default_factory=lambda: calibration_groups(np.empty(0), np.empty(0)))
    lead_time: dict[str, Any] = field(default_factory=dict)


def validate_churn_model(book: Book, model: ChurnModel, capacity: float | None = None) -> Validation:
    """Validate what is told, or would be, on the test window of the churn model, against recency and, where
    it is not told itself, the BG/NBD.

    Parameters
    ----------
    capacity : visits a month that the team can make; None where it is not known.

    Returns
    -------
    An empty Validation where the model was not tested.
    """
    test = model.test
    if test.empty or test["predicted"].isna().all():
        return Validation()
    ids, cutoff = pd.Index(test["account_id"]), test["cutoff"].iloc[0]
    last = rhythm_at(book, book.seen_to)["last"].reindex(ids)
    gap = rhythm_at(book, cutoff)["gap"].reindex(ids)
    told = model.evaluation["probability_from"]
    baselines = {"recency": test["silent"]} | ({} if told == "bgnbd" else {"bgnbd": test["bgnbd"]})
    found = validate(
        test["outcome"],
        test["predicted"],
        baselines,
        test["revenue"],
        team_calls(len(test), capacity),
        PurchaseTiming(pd.DatetimeIndex(last), gap.to_numpy(dtype=float), cutoff, book.seen_to),
    )
    return replace(found, figures=found.figures | {"shown": told != "none"})  # one gate, the model's


def team_calls(accounts: int, capacity: float | None = None) -> int:
    """The calls by which a list is judged: a tenth of the accounts and at least 10, but no more than the
    team's visits a month (``capacity``).
    """
    calls = max(MIN_CALLS, round(CALL_SHARE * accounts))
    if capacity is not None and capacity >= 1:
        calls = min(calls, int(capacity))
    return min(accounts, calls)


def validate(
    outcome: ArrayLike,
    predicted: ArrayLike,
    baselines: Mapping[str, ArrayLike],
    revenue: ArrayLike,
    calls: int | None = None,
    timing: PurchaseTiming | None = None,
) -> Validation:
    """Compare predictions with what happened, in one test window.

    What calls would have met is counted among the accounts that had not lapsed at the cut-off (where
    ``timing`` and ``recency`` are known): nobody needs a model to find the others. Accuracy and calibration
    are of all accounts.

    Parameters
    ----------
    outcome : 1 where the account bought nothing in the horizon, else 0.
    predicted : the probability of that.
    baselines : name → score, higher meaning more likely to stop; NaN where it says nothing. All but
        ``recency`` (days of silence) are probabilities.
    revenue : of the 12 months before the test, in the engagement's currency.
    calls : how many the team can make, see ``team_calls``.

    Raises
    ------
    ValueError
        The arrays are not of one length.
    """
    y, money = np.asarray(outcome, dtype=float), np.asarray(revenue, dtype=float)
    scores = {n: np.asarray(s, dtype=float) for n, s in {"model": predicted, **baselines}.items()}
    if any(len(array) != len(y) for array in (money, *scores.values())):
        raise ValueError("outcomes, predictions, baselines and revenue are not of one length")
    known = np.isfinite(y) & np.isfinite(scores["model"])
    y, money = y[known], np.nan_to_num(np.clip(money[known], 0, None))
    scores = {name: score[known] for name, score in scores.items()}
    p, timing = scores["model"], timing.only(known) if timing else None
    if len(y) == 0:
        return Validation()
    is_open = np.ones(len(y), dtype=bool)
    if timing is not None and "recency" in scores:
        is_open = ~(scores["recency"] > timing.days_to_lapse)
    k = min(team_calls(len(y)) if calls is None else calls, int(is_open.sum()))
    compared = pd.DataFrame(
        [_compare(name, y, score, p, money, k, is_open) for name, score in scores.items()],
        columns=METHOD_COLUMNS,
    )
    line, model = calibration_line(y, p), compared.iloc[0]
    figures = {
        "n_test": len(y),
        "n_open": int(is_open.sum()),
        "stopped": int(y.sum()),
        "predicted": float(p.sum()),
        "predicted_sd": float(np.sqrt((p * (1 - p)).sum())),
        **{name: model[name] for name in ("auc", "auc_low", "auc_high", "skill")},
        "calibration_slope": line.slope,
        "calibration_slope_se": line.slope_se,
        "k": k,
        "reason": None if has_both_outcomes(y) else "one_class",
    }
    open_scores = {name: score[is_open] for name, score in scores.items()}
    y_open, money_open = y[is_open], money[is_open]
    return Validation(
        {name: figure(value) for name, value in figures.items()} | {"shown": is_skilled(y, p)},
        compared,
        _workloads(y_open, open_scores, money_open, k),
        _gains(y_open, open_scores | {"expected_loss": open_scores["model"] * money_open}, money_open, k),
        calibration_groups(y, p),
        caught_ahead(p[is_open], money_open, k, timing.only(is_open)) if timing else {},
    )


def _compare(
    method: str,
    y: np.ndarray,
    score: np.ndarray,
    model: np.ndarray,
    revenue: np.ndarray,
    k: int,
    is_open: np.ndarray,
) -> dict[str, Any]:
    """A method's row, of the accounts that it scores; the model is compared on the same accounts."""
    scored = np.isfinite(score)
    y, score, model, revenue, is_open = (a[scored] for a in (y, score, model, revenue, is_open))
    area = auc(y, score)
    difference = Estimate() if method == "model" else auc_difference(y, model, score)[0]
    is_probability = method != "recency"
    calls = at_workload(y[is_open], score[is_open], revenue[is_open], min(k, int(is_open.sum())))
    return {
        "method": method,
        "accounts": len(y),
        "auc": area.value,
        "auc_low": area.low,
        "auc_high": area.high,
        "difference": difference.value,
        "difference_low": difference.low,
        "difference_high": difference.high,
        "brier": brier(y, score).value if is_probability else NAN,
        "skill": skill(y, score).value if is_probability else NAN,
        "k": calls["k"],
        "met": calls["met"],
    }


def _workloads(y: np.ndarray, scores: dict[str, np.ndarray], revenue: np.ndarray, k: int) -> pd.DataFrame:
    """What the usual numbers of calls, and the team's own, would have met."""
    p, silent, rows = scores["model"], scores.get("recency"), []
    if len(y) == 0:
        return pd.DataFrame(columns=WORKLOAD_COLUMNS)
    for size in sorted({c for c in WORKLOADS if c <= len(y)} | {k}):
        by_loss = at_workload(y, p * revenue, revenue, size)
        row: dict[str, Any] = {
            **at_workload(y, p, revenue, size),
            "team": size == k,
            "chance": size * float(y.mean()),
            "recency_met": NAN,
            "recency_revenue_share": NAN,
            "expected_loss_met": by_loss["met"],
            "expected_loss_revenue_share": by_loss["revenue_share"],
            "expected_loss_low": by_loss["revenue_share_low"],
            "expected_loss_high": by_loss["revenue_share_high"],
        }
        if silent is not None and np.isfinite(silent).all():
            by_silence = at_workload(y, silent, revenue, size)
            row |= {"recency_met": by_silence["met"], "recency_revenue_share": by_silence["revenue_share"]}
        rows.append(row)
    return pd.DataFrame(rows)[WORKLOAD_COLUMNS].astype({"k": int})


def _gains(y: np.ndarray, scores: dict[str, np.ndarray], revenue: np.ndarray, k: int) -> pd.DataFrame:
    """Cumulative gains, from no call to a little past the largest workload; accounts with equal scores share
    what their places earn.
    """
    lost = revenue * (y == 1)
    if lost.sum() <= 0:
        return pd.DataFrame(columns=["k", "chance"])
    end = min(len(y), max(WORKLOADS[-1], 2 * k))
    points = np.unique(np.linspace(0, end, min(CURVE_POINTS, end) + 1).round().astype(int))
    out = pd.DataFrame({"k": points, "chance": points / len(y)})
    for name, score in scores.items():
        if np.isfinite(score).all():
            frame = pd.DataFrame({"score": -score, "accounts": 1.0, "lost": lost})
            sums = frame.groupby("score", sort=True).sum().cumsum()
            share = np.r_[0, sums["lost"]] / lost.sum()
            out[name] = np.interp(points, np.r_[0, sums["accounts"]], share)
    return out


def caught_ahead(
    score: np.ndarray, revenue: np.ndarray, k: int, timing: PurchaseTiming, days: int = LEAD_DAYS
) -> dict[str, Any]:
    """The revenue of lapsed accounts that a score had among its first ``k`` at least ``days`` before they
    lapsed.

    Counted are the accounts that lapsed after the test's cut-off and by the end of the data: before the
    cut-off no model was needed, and later it is not known yet.

    Parameters
    ----------
    score : at the cut-off, higher meaning more likely to stop.
    revenue : of the 12 months before the cut-off.

    Returns
    -------
    accounts (lapsed), late (of them, at least ``days`` after the cut-off), revenue (of the lapsed), share (of
    it, caught so early) with low and high (95 %), reachable (the most that any order of that day could have
    caught).
    """
    lapse = (timing.last_purchase - timing.cutoff) / pd.Timedelta(days=1) + timing.days_to_lapse
    lapsed = np.asarray((lapse > 0) & (lapse <= (timing.seen_to - timing.cutoff) / pd.Timedelta(days=1)))
    late = np.asarray(lapse >= days)[lapsed].astype(float)
    money = np.clip(revenue, 0, None)[lapsed]
    caught = weighted_share(top_k(score, k)[lapsed] * late, money)
    return {
        "accounts": int(lapsed.sum()),
        "late": int(late.sum()),
        "revenue": figure(money.sum()),
        "share": figure(caught.value),
        "low": figure(caught.low),
        "high": figure(caught.high),
        "reachable": figure(weighted_share(late, money).value),
    }


def add_findings(
    found: Findings, result: Validation, horizon: int, season: SeasonOfTest | None = None
) -> None:
    """Add how well the probability ranks, what calls by it would have met, and whether it can be taken
    literally.

    Parameters
    ----------
    horizon : days that the probability looks ahead.
    season : that of the test and that of the probabilities; None where they are taken to be alike.
    """
    f = result.figures
    if f["reason"] == "empty":  # why no probability is shown is a finding of the model itself
        return
    if f["reason"] == "one_class":
        tested = {"n_test": f["n_test"], "stopped": f["stopped"]}
        found.add("proof_one_sided", "watch", "proof_ask_history", **tested, horizon=horizon)
        return
    accuracy = {name: f[name] for name in ("auc", "auc_low", "auc_high", "n_test", "stopped", "skill", "k")}
    if f["shown"]:
        found.add("proof_validated", "note", None, horizon=horizon, **accuracy)
    else:
        found.add("proof_weak", "watch", "proof_no_probability", horizon=horizon, **accuracy)
    _add_comparison(found, result)
    if f["shown"]:
        _add_workload(found, result)
        _add_calibration(found, f, result.calibration, season)


def _add_comparison(found: Findings, result: Validation) -> None:
    """The model beside the two ways to rank that come for nothing."""
    rows = result.method_comparison.set_index("method")
    model = rows.loc["model"]
    for method in ("recency", "bgnbd"):
        if method not in rows.index or pd.isna(rows.loc[method, "difference"]):
            continue
        other = rows.loc[method]
        figures = {
            "auc": model["auc"],
            "other": other["auc"],
            "difference": abs(other["difference"]),
            "k": int(other["k"]),
            "met": model["met"],
            "other_met": other["met"],
        }
        if method == "recency":
            held = result.workload[result.workload["team"]].iloc[0]
            figures |= {"share": held["revenue_share"], "other_share": held["recency_revenue_share"]}
            figures["stake_share"] = held["expected_loss_revenue_share"]
        if other["difference_low"] > 0:
            found.add(f"proof_beats_{method}", "note", None, **figures)
        elif other["difference_high"] < 0:
            found.add(f"proof_below_{method}", "watch", "proof_use_simpler", **figures)
        elif method == "recency" and (model["met"] or 0) <= (other["met"] or 0):
            found.add("proof_ties_recency", "watch", "proof_use_recency", **figures)
        else:
            found.add(f"proof_ties_{method}", "note", None, **figures)


def _add_workload(found: Findings, result: Validation) -> None:
    """What the team's calls would have met, and how long before the accounts lapsed."""
    row = result.workload[result.workload["team"]].iloc[0]
    figures = {
        "k": int(row["k"]),
        "n_open": result.figures["n_open"],
        "met": row["met"],
        "stopped": int(row["stopped"]),
        "chance": row["chance"],
        "precision": row["precision"],
        "precision_low": row["precision_low"],
        "precision_high": row["precision_high"],
        "lift": row["lift"],
        "share": row["revenue_share"],
        "share_low": row["revenue_share_low"],
        "share_high": row["revenue_share_high"],
        "recency_met": row["recency_met"],
        "recency_share": row["recency_revenue_share"],
        "stake_met": row["expected_loss_met"],
        "stake_share": row["expected_loss_revenue_share"],
        "stake_low": row["expected_loss_low"],
        "stake_high": row["expected_loss_high"],
    }
    kind = "proof_workload"
    if pd.isna(row["revenue_share"]):
        kind = "proof_workload_counts"
    elif pd.isna(row["recency_met"]):
        kind = "proof_workload_alone"
    found.add(kind, "note", "proof_call_first", **figures)
    if row["expected_loss_revenue_share"] > row["revenue_share"]:
        found.add("proof_workload_stake", "note", None, **figures)
    early = result.lead_time
    if not early:
        return
    if early["late"] < MIN_LAPSED or early["share"] is None:
        found.add("proof_ahead_few", "note", None, late=early["late"], days=LEAD_DAYS)
        return
    shares = {name: early[name] for name in ("revenue", "share", "low", "high", "reachable")}
    calls = {"accounts": early["accounts"], "k": result.figures["k"], "days": LEAD_DAYS}
    found.add("proof_ahead", "note", None, **calls, **shares)


def _add_calibration(
    found: Findings, f: dict[str, Any], groups: pd.DataFrame, season: SeasonOfTest | None
) -> None:
    """Whether all probabilities are too high or all too low; else whether high and low ones lie too far apart
    or too close; else whether their sum is right.

    To which side they err is said only of their own season: where the newest test ran in another, of the same
    season a year before, and without such a test not at all.

    ``groups`` : as in ``Validation.calibration``.
    """
    told: dict[str, Any] = {}
    if season is not None and not season.alike:
        told = season.figures
        if season.proves:
            then = season.then
            a_year_ago = validate(then["stopped"], then["predicted"], {}, then["revenue"])
            told |= {f"newest_{name}": f[name] for name in ("predicted", "stopped", "n_test")}
            f, groups = a_year_ago.figures, a_year_ago.calibration
    figures = {name: f[name] for name in ("predicted", "stopped", "n_test")} | told
    slope, error = f["calibration_slope"], f["calibration_slope_se"]
    # more than chance in the number that stop
    is_off = abs(f["stopped"] - f["predicted"]) / max(f["predicted_sd"], 1e-9) > Z
    gaps = (groups["predicted"] - groups["seen"]).to_numpy(dtype=float)
    one_side = len(gaps) > 1 and abs(np.sign(gaps).sum()) == len(gaps)
    if is_off and one_side and told and not told["proves"]:
        found.add("proof_sum_off", "watch", "proof_rank_only", **figures)
        return
    if is_off and one_side:
        kind = "proof_too_high" if gaps[0] > 0 else "proof_too_low"
        points = 100 * abs(f["predicted"] - f["stopped"]) / f["n_test"]
        found.add(kind, "watch", "proof_rank_only", **figures, points=points, groups=len(gaps))
        return
    if slope is None:
        kind, action = ("proof_sum_off", "proof_rank_only") if is_off else ("proof_sum", None)
        found.add(kind, "note", action, **figures)
        return
    figures |= {"slope": slope, "slope_low": slope - Z * error, "slope_high": slope + Z * error}
    if figures["slope_high"] < 1:
        found.add("proof_too_extreme", "watch", "proof_rank_only", **figures)
    elif figures["slope_low"] > 1:
        found.add("proof_too_flat", "note", "proof_rank_only", **figures)
    elif is_off:
        found.add("proof_sum_off", "watch", "proof_rank_only", **figures)
    else:
        found.add("proof_calibrated", "note", None, **figures)
