"""How far a churn probability can be believed: against what happened, against simpler ways to rank, and in calls that a team can make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.proof_later import LastScore
from kamplay.method.proof_scores import (
    GROUPS,
    NAN,
    Estimate,
    Line,
    at_workload,
    auc,
    auc_difference,
    both,
    brier,
    calibration_groups,
    calibration_line,
    first,
    skill,
    weighted_share,
)

CALLS = (10, 20, 50)  # workloads that are shown beside the team's own
LEAST_CALLS, SHARE_CALLED = 10, 0.1  # what a team finds time for beside its planned visits
RANKS = frozenset({"recency"})  # baselines that order accounts but are no probability
DAYS_AHEAD = 90
PLAIN, LEAST_PLAIN = 3.0, 30.0  # silence is plain after three times the own gap, and not within 30 days
CURVE = 60  # points of the workload curve
VERSUS = [
    "method", "accounts", "auc", "low", "high", "difference", "difference_low", "difference_high", "p",
    "brier", "brier_low", "brier_high", "skill", "skill_low", "skill_high", "k", "met", "precision", "recall", "revenue_share",
]  # fmt: skip
SHARES = ("precision", "recall", "revenue_share")
WORKLOAD = [
    "k", "team", "met", "stopped", "revenue_lost", *(f"{s}{end}" for s in SHARES for end in ("", "_low", "_high")), "lift", "chance",
    "recency_met", "recency_revenue_share", "stake_met", "stake_revenue_share", "stake_low", "stake_high",
]  # fmt: skip
AHEAD = ["method", "k", "accounts", "late", "revenue", "reachable", "share", "low", "high"]


@dataclass(frozen=True)
class Silence:
    """When each test account fell silent, for what was known ahead. Arrays in the order of the outcomes.

    ``last``: date of its last purchase in all the data; ``gap``: its usual days between purchases; ``cutoff``: the test's; ``seen_to``:
    where the data end.
    """

    last: Any
    gap: Any
    cutoff: pd.Timestamp
    seen_to: pd.Timestamp


@dataclass(frozen=True)
class Proof:
    """What the test showed. ``figures``: n_test, stopped, predicted, churn_rate, auc and brier with ``_low``/``_high``, brier_base, skill,
    calibration_slope, calibration_intercept (each with ``_se``), k, reason (why nothing could be tested: empty, one_class, or None).

    ``versus``: one row a method (model first), columns VERSUS; ``difference`` is the model's AUC less this one's. ``workload``: one row
    a number of calls, columns WORKLOAD; ``stake``: called by expected loss (probability × revenue). ``curve``: k, and the share of the lost
    revenue caught by each method. ``calibration``:
    predicted, seen, low, high, accounts by group. ``ahead``: columns AHEAD. ``drift`` and ``last``: see proof_later.
    """

    figures: dict[str, Any]
    versus: pd.DataFrame
    workload: pd.DataFrame
    curve: pd.DataFrame
    calibration: pd.DataFrame
    ahead: pd.DataFrame
    drift: pd.DataFrame = field(default_factory=pd.DataFrame)
    last: LastScore | None = None


def calls(accounts: int, capacity: float | None = None) -> int:
    """The calls that a list is judged by: a tenth of the accounts and at least 10, but no more than the team's visits a month."""
    tenth = max(LEAST_CALLS, round(SHARE_CALLED * accounts))
    return int(min(accounts, tenth if capacity is None or capacity < 1 else min(tenth, int(capacity))))


def prove(
    outcome: Any,
    predicted: Any,
    baselines: dict[str, Any],
    revenue: Any,
    k: int | None = None,
    *,
    silence: Silence | None = None,
    drift: pd.DataFrame | None = None,
    last: LastScore | None = None,
) -> Proof:
    """Set predictions against what happened, in one test window.

    ``outcome``: 1 where the account bought nothing in the horizon, else 0. ``predicted``: its probability. ``baselines``: name → score,
    higher meaning more likely to stop; every one but ``recency`` (days silent) is a probability; NaN where it says nothing.
    ``revenue``: of the 12 months before the test, in the engagement's currency. ``k``: calls the team can make, see ``calls``. What
    they would have met is counted among the accounts that were not plainly silent already (with ``silence`` and ``recency`` known):
    nobody needs a model to find those. Accuracy and calibration are of all accounts.
    """
    y, p, money = (np.asarray(v, dtype=float) for v in (outcome, predicted, revenue))
    others = {name: np.asarray(score, dtype=float) for name, score in baselines.items()}
    if not len(y) == len(p) == len(money) or any(len(score) != len(y) for score in others.values()):
        raise ValueError("outcomes, predictions, baselines and revenue are not of one length")
    known = np.isfinite(y) & np.isfinite(p)
    y, p, money = y[known], p[known], np.nan_to_num(np.clip(money[known], 0, None))
    others = {name: score[known] for name, score in others.items()}
    timing = _only(silence, known) if silence is not None else None
    here = _open(timing, others.get("recency"), len(y))
    k = min(k if k is not None else calls(len(y)), int(here.sum()))
    rows = [_row(n, y, s, p, money, k, here) for n, s in {"model": p, **others}.items()]
    versus = pd.DataFrame(rows, columns=VERSUS)
    line, scores = calibration_line(y, p), versus.iloc[0]
    figures = {
        "n_test": len(y), "stopped": int(y.sum()), "predicted": float(p.sum()), "predicted_sd": float(np.sqrt((p * (1 - p)).sum())),
        "churn_rate": float(y.mean()) if len(y) else NAN, "unpredicted": int((~known).sum()), "n_open": int(here.sum()),
        "auc": scores["auc"], "auc_low": scores["low"], "auc_high": scores["high"], "brier": scores["brier"],
        "brier_low": scores["brier_low"], "brier_high": scores["brier_high"],
        "brier_base": float(y.mean() * (1 - y.mean())) if len(y) else NAN,
        "skill": scores["skill"], "skill_low": scores["skill_low"], "skill_high": scores["skill_high"], **_line(line), "k": k,
        "reason": None if both(y) else "one_class" if len(y) else "empty",
    }  # fmt: skip
    left = {name: score[here] for name, score in others.items()}
    return Proof(
        {name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in figures.items()},
        versus,
        _workload(y[here], p[here], left, money[here], k),
        _curve(y[here], {"model": p[here], **left, "stake": (p * money)[here]}, money[here], k),
        calibration_groups(y, p, GROUPS),
        caught_ahead({"model": p[here], **left}, money[here], k, _only(timing, here))
        if timing is not None
        else pd.DataFrame(columns=AHEAD),
        drift if drift is not None else pd.DataFrame(),
        last,
    )


def _open(silence: Silence | None, silent: np.ndarray | None, accounts: int) -> np.ndarray:
    """The accounts a call can still be about: not plainly silent at the cut-off already. All, where that is not known."""
    if silence is None or silent is None:
        return np.ones(accounts, dtype=bool)
    return ~(silent > np.maximum(PLAIN * np.nan_to_num(silence.gap), LEAST_PLAIN))


def _line(line: Line) -> dict[str, float]:
    return {
        "calibration_slope": line.slope,
        "calibration_slope_se": line.slope_se,
        "calibration_intercept": line.intercept,
        "calibration_intercept_se": line.intercept_se,
    }


def _only(silence: Silence, known: np.ndarray) -> Silence:
    last, gap = pd.DatetimeIndex(silence.last), np.asarray(silence.gap, dtype=float)
    return Silence(last[known], gap[known], silence.cutoff, silence.seen_to)


def _row(method: str, y: np.ndarray, score: np.ndarray, model: np.ndarray, revenue: np.ndarray, k: int, here: np.ndarray) -> dict[str, Any]:
    """A method's figures on the accounts of which it says something; the model is compared with it on the same accounts. What calls
    would have met is counted among the accounts ``here``."""
    told = np.isfinite(score)
    y, score, model, revenue, here = y[told], score[told], model[told], revenue[told], here[told]
    area = auc(y, score)
    gain, p = (Estimate(), NAN) if method == "model" else auc_difference(y, model, score)
    likely = method not in RANKS
    error, gained = (brier(y, score), skill(y, score)) if likely else (Estimate(), Estimate())
    yields = at_workload(y[here], score[here], revenue[here], min(k, int(here.sum())))
    return {
        "method": method, "accounts": len(y), "auc": area.value, "low": area.low, "high": area.high,
        "difference": gain.value, "difference_low": gain.low, "difference_high": gain.high, "p": p,
        "brier": error.value, "brier_low": error.low, "brier_high": error.high,
        "skill": gained.value, "skill_low": gained.low, "skill_high": gained.high,
        **{name: yields[name] for name in ("k", "met", *SHARES)},
    }  # fmt: skip


def _workload(y: np.ndarray, p: np.ndarray, others: dict[str, np.ndarray], revenue: np.ndarray, k: int) -> pd.DataFrame:
    if len(y) == 0:
        return pd.DataFrame(columns=WORKLOAD)
    silent, rows = others.get("recency"), []
    for size in sorted({c for c in CALLS if c <= len(y)} | {k}):
        row: dict[str, Any] = {**at_workload(y, p, revenue, size), "team": size == k, "chance": size * float(y.mean())}
        worth = at_workload(y, p * revenue, revenue, size)
        row |= {"recency_met": NAN, "recency_revenue_share": NAN, "stake_met": worth["met"], "stake_revenue_share": worth["revenue_share"]}
        row |= {"stake_low": worth["revenue_share_low"], "stake_high": worth["revenue_share_high"]}
        if silent is not None and np.isfinite(silent).all():
            plain = at_workload(y, silent, revenue, size)
            row |= {"recency_met": plain["met"], "recency_revenue_share": plain["revenue_share"]}
        rows.append(row)
    return pd.DataFrame(rows)[WORKLOAD].astype({"k": int})


def _curve(y: np.ndarray, scores: dict[str, np.ndarray], revenue: np.ndarray, k: int) -> pd.DataFrame:
    """Share of the lost revenue caught by k calls, from none to a little past the largest workload shown; by chance k/n."""
    lost = revenue * (y == 1)
    if lost.sum() <= 0:
        return pd.DataFrame(columns=["k", "chance"])
    end = min(len(y), max(CALLS[-1], 2 * k))
    points = np.unique(np.linspace(0, end, min(CURVE, end) + 1).round().astype(int))
    out = pd.DataFrame({"k": points, "chance": points / len(y)})
    for name, score in scores.items():
        if np.isfinite(score).all():
            out[name] = _caught(score, lost, points)
    return out


def _caught(score: np.ndarray, lost: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Share of ``lost`` among the first k for each k: level by level of score, between two levels in proportion (ties share)."""
    levels = pd.DataFrame({"score": -score, "lost": lost, "one": 1.0}).groupby("score", sort=True)[["one", "lost"]].sum().cumsum()
    return np.interp(points, np.r_[0, levels["one"]], np.r_[0, levels["lost"]] / lost.sum())


def caught_ahead(scores: dict[str, np.ndarray], revenue: np.ndarray, k: int, silence: Silence, days: int = DAYS_AHEAD) -> pd.DataFrame:
    """Revenue caught ``days`` ahead, per method.

    An account's silence is plain on the day that lies PLAIN times its own gap (and at least LEAST_PLAIN days) after its last purchase.
    Counted are the accounts whose silence became plain after the test's cut-off and by the end of the data: before the cut-off no model
    was needed, and later it is not yet known. Of their revenue (12 months before the cut-off), ``share`` belongs to accounts that
    were among the first ``k`` at the cut-off, at least ``days`` before their silence was plain; ``reachable`` is the share that
    became plain that late at all (``late`` accounts), the most that any score could have caught.
    """
    last, gap = pd.DatetimeIndex(silence.last), np.asarray(silence.gap, dtype=float)
    wait = np.maximum(PLAIN * gap, LEAST_PLAIN)
    since = (last - silence.cutoff) / pd.Timedelta(days=1) + wait  # days from the cut-off until it is plain
    until = (silence.seen_to - silence.cutoff) / pd.Timedelta(days=1)
    plain = np.asarray((since > 0) & (since <= until))
    late = np.asarray(since >= days)[plain].astype(float)
    money = np.clip(revenue, 0, None)[plain]
    reachable = weighted_share(late, money).value
    rows = []
    for method, score in scores.items():
        if np.isfinite(score).all():
            e = weighted_share(first(score, k)[plain] * late, money)
            rows.append((method, k, int(plain.sum()), int(late.sum()), float(money.sum()), reachable, e.value, e.low, e.high))
    return pd.DataFrame(rows, columns=AHEAD)
