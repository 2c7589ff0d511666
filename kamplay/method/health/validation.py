"""How far a churn probability can be believed: against what happened, against simpler ways to rank, and in
calls that a team can make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, fisher_exact

from kamplay.method.health import churn_features
from kamplay.method.results import Findings
from kamplay.method.stats.classification import (
    GROUPS,
    CalibrationLine,
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
from kamplay.method.stats.intervals import NAN, Estimate, Z, share_estimate

CALLS = (10, 20, 50)  # workloads that are shown beside the team's own
LEAST_CALLS, SHARE_CALLED = 10, 0.1  # what a team finds time for beside its planned visits
RANKS = frozenset({"recency"})  # baselines that order accounts but are no probability
DAYS_AHEAD = 90
PLAIN, LEAST_PLAIN = 3.0, 30.0  # silence is plain after three times the own gap, and not within 30 days
CURVE = 60  # points of the workload curve
VERSUS = [
    "method",
    "accounts",
    "auc",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
    "p",
    "brier",
    "brier_low",
    "brier_high",
    "skill",
    "skill_low",
    "skill_high",
    "k",
    "met",
    "precision",
    "recall",
    "revenue_share",
]
SHARES = ("precision", "recall", "revenue_share")
WORKLOAD = [
    "k",
    "team",
    "met",
    "stopped",
    "revenue_lost",
    *(f"{s}{end}" for s in SHARES for end in ("", "_low", "_high")),
    "lift",
    "chance",
    "recency_met",
    "recency_revenue_share",
    "stake_met",
    "stake_revenue_share",
    "stake_low",
    "stake_high",
]
AHEAD = ["method", "k", "accounts", "late", "revenue", "reachable", "share", "low", "high"]


@dataclass(frozen=True)
class Silence:
    """When each test account fell silent, for what was known ahead. Arrays in the order of the outcomes.

    ``last``: date of its last purchase in all the data; ``gap``: its usual days between purchases;
    ``cutoff``: the test's; ``seen_to``: where the data end.
    """

    last: Any
    gap: Any
    cutoff: pd.Timestamp
    seen_to: pd.Timestamp


@dataclass(frozen=True)
class Validation:
    """What the test showed. ``figures``: n_test, stopped, predicted, churn_rate, auc and brier with
    ``_low``/``_high``, brier_base, skill, calibration_slope, calibration_intercept (each with ``_se``), k,
    reason (why nothing could be tested: empty, one_class, or None).

    ``versus``: one row a method (model first), columns VERSUS; ``difference`` is the model's AUC less this
    one's. ``workload``: one row a number of calls, columns WORKLOAD; ``stake``: called by expected loss
    (probability × revenue). ``curve``: k, and the share of the lost revenue caught by each method.
    ``calibration``: predicted, seen, low, high, accounts by group. ``ahead``: columns AHEAD. ``drift`` and
    ``last``: see proof_later.
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
    """The calls that a list is judged by: a tenth of the accounts and at least 10, but no more than the
    team's visits a month.
    """
    tenth = max(LEAST_CALLS, round(SHARE_CALLED * accounts))
    return int(min(accounts, tenth if capacity is None or capacity < 1 else min(tenth, int(capacity))))


def validate(
    outcome: Any,
    predicted: Any,
    baselines: dict[str, Any],
    revenue: Any,
    k: int | None = None,
    *,
    silence: Silence | None = None,
    drift: pd.DataFrame | None = None,
    last: LastScore | None = None,
) -> Validation:
    """Set predictions against what happened, in one test window.

    ``outcome``: 1 where the account bought nothing in the horizon, else 0. ``predicted``: its probability.
    ``baselines``: name → score, higher meaning more likely to stop; every one but ``recency`` (days silent)
    is a probability; NaN where it says nothing. ``revenue``: of the 12 months before the test, in the
    engagement's currency. ``k``: calls the team can make, see ``calls``. What they would have met is counted
    among the accounts that were not plainly silent already (with ``silence`` and ``recency`` known): nobody
    needs a model to find those. Accuracy and calibration are of all accounts.
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
        "n_test": len(y),
        "stopped": int(y.sum()),
        "predicted": float(p.sum()),
        "predicted_sd": float(np.sqrt((p * (1 - p)).sum())),
        "churn_rate": float(y.mean()) if len(y) else NAN,
        "unpredicted": int((~known).sum()),
        "n_open": int(here.sum()),
        "auc": scores["auc"],
        "auc_low": scores["low"],
        "auc_high": scores["high"],
        "brier": scores["brier"],
        "brier_low": scores["brier_low"],
        "brier_high": scores["brier_high"],
        "brier_base": float(y.mean() * (1 - y.mean())) if len(y) else NAN,
        "skill": scores["skill"],
        "skill_low": scores["skill_low"],
        "skill_high": scores["skill_high"],
        **_line(line),
        "k": k,
        "reason": None if has_both_outcomes(y) else "one_class" if len(y) else "empty",
    }
    left = {name: score[here] for name, score in others.items()}
    return Validation(
        {
            name: None if isinstance(value, float) and not np.isfinite(value) else value
            for name, value in figures.items()
        },
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
    """The accounts a call can still be about: not plainly silent at the cut-off already. All, where that is
    not known.
    """
    if silence is None or silent is None:
        return np.ones(accounts, dtype=bool)
    return ~(silent > np.maximum(PLAIN * np.nan_to_num(silence.gap), LEAST_PLAIN))


def _line(line: CalibrationLine) -> dict[str, float]:
    return {
        "calibration_slope": line.slope,
        "calibration_slope_se": line.slope_se,
        "calibration_intercept": line.intercept,
        "calibration_intercept_se": line.intercept_se,
    }


def _only(silence: Silence, known: np.ndarray) -> Silence:
    last, gap = pd.DatetimeIndex(silence.last), np.asarray(silence.gap, dtype=float)
    return Silence(last[known], gap[known], silence.cutoff, silence.seen_to)


def _row(
    method: str,
    y: np.ndarray,
    score: np.ndarray,
    model: np.ndarray,
    revenue: np.ndarray,
    k: int,
    here: np.ndarray,
) -> dict[str, Any]:
    """A method's figures on the accounts of which it says something; the model is compared with it on the
    same accounts. What calls would have met is counted among the accounts ``here``.
    """
    told = np.isfinite(score)
    y, score, model, revenue, here = y[told], score[told], model[told], revenue[told], here[told]
    area = auc(y, score)
    gain, p = (Estimate(), NAN) if method == "model" else auc_difference(y, model, score)
    likely = method not in RANKS
    error, gained = (brier(y, score), skill(y, score)) if likely else (Estimate(), Estimate())
    yields = at_workload(y[here], score[here], revenue[here], min(k, int(here.sum())))
    return {
        "method": method,
        "accounts": len(y),
        "auc": area.value,
        "low": area.low,
        "high": area.high,
        "difference": gain.value,
        "difference_low": gain.low,
        "difference_high": gain.high,
        "p": p,
        "brier": error.value,
        "brier_low": error.low,
        "brier_high": error.high,
        "skill": gained.value,
        "skill_low": gained.low,
        "skill_high": gained.high,
        **{name: yields[name] for name in ("k", "met", *SHARES)},
    }


def _workload(
    y: np.ndarray, p: np.ndarray, others: dict[str, np.ndarray], revenue: np.ndarray, k: int
) -> pd.DataFrame:
    if len(y) == 0:
        return pd.DataFrame(columns=WORKLOAD)
    silent, rows = others.get("recency"), []
    for size in sorted({c for c in CALLS if c <= len(y)} | {k}):
        row: dict[str, Any] = {
            **at_workload(y, p, revenue, size),
            "team": size == k,
            "chance": size * float(y.mean()),
        }
        worth = at_workload(y, p * revenue, revenue, size)
        row |= {
            "recency_met": NAN,
            "recency_revenue_share": NAN,
            "stake_met": worth["met"],
            "stake_revenue_share": worth["revenue_share"],
        }
        row |= {"stake_low": worth["revenue_share_low"], "stake_high": worth["revenue_share_high"]}
        if silent is not None and np.isfinite(silent).all():
            plain = at_workload(y, silent, revenue, size)
            row |= {"recency_met": plain["met"], "recency_revenue_share": plain["revenue_share"]}
        rows.append(row)
    return pd.DataFrame(rows)[WORKLOAD].astype({"k": int})


def _curve(y: np.ndarray, scores: dict[str, np.ndarray], revenue: np.ndarray, k: int) -> pd.DataFrame:
    """Share of the lost revenue caught by k calls, from none to a little past the largest workload shown; by
    chance k/n.
    """
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
    """Share of ``lost`` among the first k for each k: level by level of score, between two levels in
    proportion (ties share).
    """
    levels = (
        pd.DataFrame({"score": -score, "lost": lost, "one": 1.0})
        .groupby("score", sort=True)[["one", "lost"]]
        .sum()
        .cumsum()
    )
    return np.interp(points, np.r_[0, levels["one"]], np.r_[0, levels["lost"]] / lost.sum())


def caught_ahead(
    scores: dict[str, np.ndarray], revenue: np.ndarray, k: int, silence: Silence, days: int = DAYS_AHEAD
) -> pd.DataFrame:
    """Revenue caught ``days`` ahead, per method.

    An account's silence is plain on the day that lies PLAIN times its own gap (and at least LEAST_PLAIN days)
    after its last purchase. Counted are the accounts whose silence became plain after the test's cut-off and
    by the end of the data: before the cut-off no model was needed, and later it is not yet known. Of their
    revenue (12 months before the cut-off), ``share`` belongs to accounts that were among the first ``k`` at
    the cut-off, at least ``days`` before their silence was plain; ``reachable`` is the share that became
    plain that late at all (``late`` accounts), the most that any score could have caught.
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
            e = weighted_share(top_k(score, k)[plain] * late, money)
            rows.append(
                (
                    method,
                    k,
                    int(plain.sum()),
                    int(late.sum()),
                    float(money.sum()),
                    reachable,
                    e.value,
                    e.low,
                    e.high,
                )
            )
    return pd.DataFrame(rows, columns=AHEAD)


# Lewis (1994, An Introduction to Credit Scoring), Siddiqi (2006, Credit Risk Scorecards): below 0.1 no
# change, above 0.25 a large one
SHIFTED, MOVED = 0.1, 0.25
BINS, PER_BIN = 10, 20  # tenths of the earlier values; fewer bins below 20 accounts each
DRIFT = ["feature", "psi", "noise", "state", "then", "now", "missing_then", "missing_now"]
BANDS = ("red", "yellow", "green")
WARNED = (
    "act",
    "watch",
    "none",
    "silence",
)  # warned of, by urgency; not; plainly stopped already, so that no warning was needed
LAST = ["band", "accounts", "stopped", "share", "low", "high", "predicted", "fell"]
MIN_DAYS = 30  # sooner nothing can have shown
MIN_EVENTS = 10  # stopped and stayed each, for a ranking accuracy worth its interval


@dataclass(frozen=True)
class LastScore:
    """Last period's score against what happened since.

    ``figures``: as_of (ISO, then), seen_to (ISO), days (since, at most the horizon), horizon, complete (the
    whole horizon has passed), accounts (scored then and known today), unknown (scored then, not in today's
    data), stopped (bought nothing in those days), by (churn_probability, health or None), auc, auc_low,
    auc_high (None with fewer than MIN_EVENTS), expected (sum of the probabilities, for the whole horizon;
    None without), expected_sd (what chance alone makes of that number, if the probabilities are right and the
    accounts independent), predicted (the same, None unless complete), due (ISO, when the horizon has passed),
    early (too soon to say). ``bands``: columns LAST, red first; accounts with a band only. ``predicted``
    there is the mean probability, missing unless complete; ``fell`` counts the accounts that stopped or
    bought less than half, see ``fell``. ``warned``: the same by WARNED, of the accounts active then; empty
    where the earlier run does not tell. ``missed``: green then and stopped since, ``lost``: warned of then
    and stopped since, the largest first where the earlier run tells ``revenue``.
    """

    figures: dict[str, Any]
    bands: pd.DataFrame
    missed: tuple[str, ...] = ()
    warned: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LAST))
    lost: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """``bands``, then ``warned``: every account stands in both."""
        told = [frame for frame in (self.bands, self.warned) if len(frame)]
        return pd.concat(told, ignore_index=True) if told else self.bands


def psi(now: pd.Series, then: pd.Series) -> tuple[float, float]:
    """The population stability index Σ (n−t)·ln(n/t) over bins of the earlier values, and what chance alone
    exceeds one time in twenty.

    Bins are tenths of ``then``; a value that fills several tenths keeps one bin, missing values have their
    own. An empty cell counts as half an account. By chance the index is about χ² with bins − 1 degrees of
    freedom times (1/n + 1/m) (Yurdakul & Naranjo 2020, Journal of Risk Model Validation 14), so that few
    accounts pass 0.1 without any change.
    """
    known = then.dropna().to_numpy(dtype=float)
    if len(then) == 0 or len(now) == 0 or len(known) == 0:
        return float("nan"), float("nan")
    bins = int(np.clip(min(len(then), len(now)) // PER_BIN, 2, BINS))
    values = np.unique(known)
    few = len(values) <= bins
    edges = (
        (values[1:] + values[:-1]) / 2 if few else np.unique(np.quantile(known, np.arange(1, bins) / bins))
    )

    def counts(frame: pd.Series) -> np.ndarray:
        place = np.searchsorted(edges, frame.to_numpy(dtype=float), side="left")
        return np.bincount(np.where(frame.isna(), len(edges) + 1, place), minlength=len(edges) + 2).astype(
            float
        )

    n, t = counts(now), counts(then)
    used = (n + t) > 0
    shares = [np.maximum(c[used], 0.5) / c.sum() for c in (n, t)]
    index = float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum())
    freedom = max(int(used.sum()) - 1, 1)
    return index, float(chi2.ppf(0.95, freedom) * (1 / len(now) + 1 / len(then)))


def drift(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """How each input moved from the accounts the model learnt on (``then``) to those it judges (``now``); the
    largest first.

    ``state``: stable, shifted (index above SHIFTED and above chance), moved (above MOVED and above chance),
    missing (a column of only one of the two, or without a value in one). ``then``, ``now``: medians.
    ``missing_*``: share without a value.
    """
    rows = []
    for name in sorted({*now.columns, *then.columns}, key=str):
        new, old = (f[name].astype(float) if name in f else pd.Series(dtype=float) for f in (now, then))
        index, noise = psi(new, old) if new.notna().any() else (float("nan"), float("nan"))
        real = index > noise
        state = (
            "missing"
            if np.isnan(index)
            else "moved"
            if real and index > MOVED
            else "shifted"
            if real and index > SHIFTED
            else "stable"
        )
        gaps = [float(v.isna().mean()) if len(v) else 1.0 for v in (old, new)]
        rows.append((str(name), index, noise, state, old.median(), new.median(), *gaps))
    out = pd.DataFrame(rows, columns=DRIFT)
    return out.sort_values(
        ["psi", "feature"], ascending=[False, True], kind="stable", na_position="last"
    ).reset_index(drop=True)


def backtest_of_last(
    earlier: pd.DataFrame | None,
    days: pd.DataFrame,
    as_of: pd.Timestamp | None,
    seen_to: pd.Timestamp,
    horizon: int,
    today: pd.Index | None = None,
) -> LastScore | None:
    """Last period's score against what happened since; None without one, or where it is not from before
    ``seen_to``.

    ``earlier``: index account_id, any of churn_probability, health, health_band, warned (of WARNED), revenue,
    of the run whose data ended on ``as_of``; ``horizon`` is that run's, in days. ``days``: today's roll-up
    (account_id, date, amount, bought). ``today``: the accounts known today, by default those with a day up to
    ``as_of``: an account that was merged or renumbered since must not pass for one that stopped. Stopped: no
    purchase in the ``horizon`` days after ``as_of``, or in those of them that have passed.
    """
    if earlier is None or as_of is None or len(earlier) == 0 or pd.Timestamp(as_of) >= seen_to:
        return None
    as_of = pd.Timestamp(as_of)
    score, by = _score(earlier)
    band = (
        earlier["health_band"]
        if "health_band" in earlier
        else pd.Series(None, index=earlier.index, dtype=object)
    )
    warned = earlier["warned"] if "warned" in earlier else pd.Series(None, index=earlier.index, dtype=object)
    judged = score.notna() | band.notna() | warned.notna()
    if not judged.any():
        return None
    ids = earlier.index[judged]
    if today is None:
        today = pd.Index(days.loc[days["date"] <= as_of, "account_id"].unique())
    known = ids[ids.isin(today)]
    elapsed = int(min((seen_to - as_of).days, horizon))
    after = days[
        days["bought"] & (days["date"] > as_of) & (days["date"] <= as_of + pd.Timedelta(days=elapsed))
    ]
    stopped = pd.Series((~known.isin(after["account_id"].unique())).astype(float), index=known)
    less = stopped.astype(bool) | fell(days, known, as_of, elapsed)
    score, band, warned = score.reindex(known), band.reindex(known), warned.reindex(known)
    told = score.notna()
    y, p = stopped[told].to_numpy(), score[told].to_numpy(dtype=float)
    complete, early = elapsed >= horizon, elapsed < min(MIN_DAYS, horizon)
    enough = min(y.sum(), (1 - y).sum()) >= MIN_EVENTS and not early
    area = auc(y, p) if enough else None
    likely = by == "churn_probability"
    expected = float(p.sum()) if likely else None
    figures = {
        "as_of": as_of.date().isoformat(),
        "seen_to": seen_to.date().isoformat(),
        "days": elapsed,
        "horizon": horizon,
        "complete": complete,
        "early": early,
        "accounts": len(known),
        "unknown": len(ids) - len(known),
        "stopped": int(stopped.sum()),
        "by": by,
        "events": int(min(y.sum(), (1 - y).sum())) if len(y) else 0,
        "auc": area.value if area else None,
        "auc_low": area.low if area else None,
        "auc_high": area.high if area else None,
        "predicted": expected if complete else None,
        "scored": int(told.sum()),
        "scored_stopped": int(y.sum()),
        "expected": expected,
        "expected_sd": float(np.sqrt((p * (1 - p)).sum())) if likely else None,
        "due": (as_of + pd.Timedelta(days=horizon)).date().isoformat(),
    }
    size = earlier["revenue"] if "revenue" in earlier else pd.Series(0.0, index=earlier.index)

    def gone(among: pd.Series) -> tuple[str, ...]:
        who = known[among.to_numpy(dtype=bool) & (stopped == 1).to_numpy()]
        order = pd.DataFrame({"size": -size.reindex(who).fillna(0.0).to_numpy(), "id": who}).sort_values(
            ["size", "id"]
        )
        return tuple(order["id"])

    likelihood = score if likely and complete else score * np.nan
    bands, warnings = (
        _by_group(stopped, less, label, names, likelihood)
        for label, names in ((band, BANDS), (warned, WARNED))
    )
    return LastScore(figures, bands, gone(band == "green"), warnings, gone(warned.isin(WARNED[:2])))


def fell(days: pd.DataFrame, ids: pd.Index, cutoff: pd.Timestamp, since: int) -> pd.Series:
    """Whether each account bought less than half in the ``since`` days after the cut-off: against the same
    days a year before, as in ``panel.shrunk``, or where the data begin later than that, against as many
    days before. False without a base above 0.
    """
    past = churn_features.history(days)
    if not len(past.accounts) or not since:
        return pd.Series(False, index=ids)
    base = (
        "year"
        if churn_features.number(cutoff) - churn_features.YEAR >= past.start and since <= churn_features.YEAR
        else "before"
    )
    place = past.accounts.get_indexer(ids)
    halved = churn_features.shrunk(past, np.maximum(place, 0), cutoff, since, base) == 1
    return pd.Series(halved & (place >= 0), index=ids)


def _score(earlier: pd.DataFrame) -> tuple[pd.Series, str | None]:
    """What ranked the accounts then, higher meaning more likely to stop: the probability, else the health
    score turned round.
    """
    for name, sign in (("churn_probability", 1.0), ("health", -1.0)):
        if name in earlier and earlier[name].notna().any():
            return sign * earlier[name].astype(float), name
    return pd.Series(np.nan, index=earlier.index, dtype=float), None


def _by_group(
    stopped: pd.Series, less: pd.Series, label: pd.Series, names: tuple[str, ...], probability: pd.Series
) -> pd.DataFrame:
    rows = []
    for name in names:
        inside = (label == name).to_numpy(dtype=bool)
        count, gone = int(inside.sum()), float(stopped[inside].sum())
        share = share_estimate(gone, count)
        likely = probability[inside].mean() if count else float("nan")
        rows.append(
            (name, count, int(gone), share.value, share.low, share.high, likely, int(less[inside].sum()))
        )
    out = pd.DataFrame(rows, columns=LAST)
    return out if out["accounts"].sum() else out.iloc[:0]


FEW = 5  # accounts below which a share of them says nothing
CONFIDENCE = 0.95  # of a difference between two shares (Fisher's exact test)


def add_findings(found: Findings, proof: Validation, horizon: int) -> None:
    """Adds the findings of ``prove``; ``horizon`` in days."""
    f = proof.figures
    if f["reason"] is not None:
        if (
            f["reason"] != "empty"
        ):  # nothing tested: why the probability is withheld is told with the probability
            found.add(
                "proof_one_sided",
                "watch",
                "proof_ask_history",
                n_test=f["n_test"],
                stopped=f["stopped"],
                horizon=horizon,
            )
    else:
        rate = {name: f[name] for name in ("auc", "auc_low", "auc_high", "n_test", "stopped", "skill", "k")}
        holds = f["auc_low"] > 0.5 and f["skill"] > 0
        if holds:
            found.add("proof_validated", "note", None, horizon=horizon, **rate)
        else:
            found.add("proof_weak", "watch", "proof_no_probability", horizon=horizon, **rate)
        _against(found, proof)
        if holds:
            _yield(found, proof)
            _calibration(found, proof)
    _drift(found, proof.drift)
    _last(found, proof.last)


def _against(found: Findings, proof: Validation) -> None:
    """The model beside the two that come for nothing."""
    rows = proof.versus.set_index("method")
    mine = rows.loc["model"]
    for method, better, level, worse in (
        ("recency", "proof_beats_recency", "proof_ties_recency", "proof_below_recency"),
        ("bgnbd", "proof_beats_bgnbd", "proof_ties_bgnbd", "proof_below_bgnbd"),
    ):
        if method not in rows.index or pd.isna(rows.loc[method, "difference"]):
            continue
        other = rows.loc[method]
        figures = {
            "auc": mine["auc"],
            "other": other["auc"],
            "difference": abs(other["difference"]),
            "k": int(other["k"]),
            "met": mine["met"],
            "other_met": other["met"],
        }
        if other["difference_low"] > 0:
            found.add(better, "note", None, **figures)
        elif other["difference_high"] < 0:
            found.add(worse, "watch", "proof_use_simpler", **figures)
        else:
            meets_more = method != "recency" or (mine["met"] or 0) > (
                other["met"] or 0
            )  # of those that can still be called
            found.add(
                level,
                "note" if meets_more else "watch",
                None if meets_more else "proof_use_recency",
                **figures,
            )


def _yield(found: Findings, proof: Validation) -> None:
    """Calls that a team can make, and how long before the silence was plain."""
    row = proof.workload[proof.workload["team"]].iloc[0]
    figures = {
        "k": int(row["k"]),
        "n_open": proof.figures["n_open"],
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
        "stake_met": row["stake_met"],
        "stake_share": row["stake_revenue_share"],
        "stake_low": row["stake_low"],
        "stake_high": row["stake_high"],
    }
    if pd.isna(row["revenue_share"]):
        found.add("proof_workload_counts", "note", "proof_call_first", **figures)
    elif pd.isna(row["recency_met"]):
        found.add("proof_workload_alone", "note", "proof_call_first", **figures)
    else:
        found.add("proof_workload", "note", "proof_call_first", **figures)
    if row["stake_revenue_share"] > row["revenue_share"]:
        found.add("proof_workload_stake", "note", None, **figures)
    ahead = proof.ahead[proof.ahead["method"] == "model"]
    if ahead.empty:
        return
    early = ahead.iloc[0]
    if early["late"] < FEW or pd.isna(early["share"]):
        found.add("proof_ahead_few", "note", None, late=int(early["late"]), days=DAYS_AHEAD)
    else:
        plain = {name: early[name] for name in ("revenue", "share", "low", "high", "reachable")}
        found.add(
            "proof_ahead",
            "note",
            None,
            accounts=int(early["accounts"]),
            k=int(early["k"]),
            days=DAYS_AHEAD,
            **plain,
        )


def _calibration(found: Findings, proof: Validation) -> None:
    """Whether the probabilities can be taken literally: their sum first, then whether high and low ones are
    too far apart.
    """
    f = proof.figures
    figures = {name: f[name] for name in ("predicted", "stopped", "n_test")}
    slope, error = f["calibration_slope"], f["calibration_slope_se"]
    off = (
        abs(f["stopped"] - f["predicted"]) / max(f["predicted_sd"], 1e-9) > Z
    )  # more than chance in the number that stop
    if slope is None:
        found.add(
            "proof_sum_off" if off else "proof_sum", "note", "proof_rank_only" if off else None, **figures
        )
        return
    figures |= {"slope": slope, "slope_low": slope - Z * error, "slope_high": slope + Z * error}
    if figures["slope_high"] < 1:
        found.add("proof_too_extreme", "watch", "proof_rank_only", **figures)
    elif figures["slope_low"] > 1:
        found.add("proof_too_flat", "note", "proof_rank_only", **figures)
    elif off:
        found.add("proof_sum_off", "watch", "proof_rank_only", **figures)
    else:
        found.add("proof_calibrated", "note", None, **figures)


def _drift(found: Findings, drift: pd.DataFrame) -> None:
    if drift.empty:
        return
    counts = drift["state"].value_counts()
    known = int((drift["state"] != "missing").sum())
    moved, shifted = int(counts.get("moved", 0)), int(counts.get("shifted", 0))
    if moved:
        found.add("proof_drift_moved", "note", "proof_relearn", moved=moved, shifted=shifted, known=known)
    elif shifted:
        found.add("proof_drift_shifted", "note", None, shifted=shifted, known=known)
    elif known:
        found.add("proof_drift_none", "note", None, known=known)
    if counts.get("missing", 0):
        found.add("proof_drift_missing", "watch", "proof_ask_same_tables", missing=int(counts["missing"]))


def _last(found: Findings, last: LastScore | None) -> None:
    if last is None:
        return
    f = last.figures
    when = {"as_of": f["as_of"], "days": f["days"], "horizon": f["horizon"], "accounts": f["accounts"]}
    if f["unknown"]:
        found.add(
            "last_score_unmatched", "watch", "last_score_match", unmatched=f["unknown"], as_of=f["as_of"]
        )
    if f["early"] or not f["accounts"]:
        found.add("last_score_early", "note", **when)
        return
    if len(last.bands):
        bands = last.bands.set_index("band")
        figures = {
            f"{b}{end}": bands.loc[b, column]
            for b in ("red", "green")
            for end, column in (("", "accounts"), ("_stopped", "stopped"))
        }
        figures |= {f"{b}_share": bands.loc[b, "share"] for b in ("red", "green")}
        red, green = bands.loc["red"], bands.loc["green"]
        told = min(red["accounts"], green["accounts"]) >= FEW
        if told and red["share"] <= green["share"] and green["stopped"]:
            found.add("last_score_inverted", "watch", "last_score_ask", last.missed, **when, **figures)
        elif red["accounts"] and green["accounts"]:
            kind = "last_score" if f["complete"] else "last_score_so_far"
            found.add(kind, "note", "last_score_ask" if last.missed else None, last.missed, **when, **figures)
    _last_warned(found, last, when)
    if f["auc"] is not None:
        kind = "last_probability_ranked" if f["by"] == "churn_probability" else "last_score_ranked"
        found.add(kind, "note", None, **when, auc=f["auc"], low=f["auc_low"], high=f["auc_high"])
    else:
        counts = {"scored": f["scored"], "stopped": f["scored_stopped"], "needed": MIN_EVENTS}
        found.add("last_score_few", "note", None, **when, **counts)
    if f["expected"] is None:
        return
    sums = {"predicted": f["expected"], "stopped": f["scored_stopped"], "scored": f["scored"]}
    if not f["complete"]:
        found.add("last_score_sum_due", "note", None, **when, **sums, due=f["due"])
    elif (
        abs(f["scored_stopped"] - f["expected"]) / max(f["expected_sd"], 1e-9) > Z
    ):  # more than chance in the number that stop
        found.add("last_score_sum_off", "watch", "last_score_level", **when, **sums)
    else:
        found.add("last_score_sum", "note", None, **when, **sums)


def _last_warned(found: Findings, last: LastScore, when: dict[str, Any]) -> None:
    """What became of those warned of then, beside the others that had not plainly stopped."""
    if last.warned.empty:
        return
    rows = last.warned.set_index("band")[["accounts", "stopped", "fell"]]
    warned, others = rows.loc[["act", "watch"]].sum(), rows.loc["none"]
    figures: dict[str, Any] = {
        f"{side}{end}": int(row[column])
        for side, row in (("warned", warned), ("others", others))
        for end, column in (("", "accounts"), ("_stopped", "stopped"), ("_fell", "fell"))
    }
    figures["count"] = len(last.lost)
    if not figures["warned"]:
        found.add("last_warned_none", "note", None, **when, **figures)
        return
    if not figures["others"]:
        found.add(
            "last_warned_all", "note", "last_warned_ask" if last.lost else None, last.lost, **when, **figures
        )
        return
    shares = {side: figures[f"{side}_stopped"] / figures[side] for side in ("warned", "others")}
    figures |= {f"{side}_share": share for side, share in shares.items()}
    told = (
        figures["others_stopped"] >= FEW and figures["warned"] * shares["others"] >= 1
    )  # one at least without any foresight
    if told and shares["warned"] <= shares["others"]:
        found.add("last_warned_missed", "watch", "last_warned_learn", **when, **figures)
        return
    kind = "last_warned" if last.figures["complete"] else "last_warned_so_far"
    found.add(
        kind,
        "watch" if last.lost else "note",
        "last_warned_ask" if last.lost else None,
        last.lost,
        **when,
        **figures,
    )
    counts = [
        [figures[f"{side}_stopped"], figures[side] - figures[f"{side}_stopped"]]
        for side in ("warned", "others")
    ]
    if fisher_exact(counts).pvalue > 1 - CONFIDENCE:
        found.add("last_warned_chance", "note", None, **when, **figures)
