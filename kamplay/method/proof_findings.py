"""What step 3 says of its proof: whether the order holds and beats the simplest one, what calls would have met, what moved since."""

from __future__ import annotations

from typing import Any

import pandas as pd
from scipy.stats import fisher_exact

from kamplay.method.proof import DAYS_AHEAD, Proof
from kamplay.method.proof_later import MIN_EVENTS, LastScore
from kamplay.method.proof_scores import Z
from kamplay.method.results import Findings

FEW = 5  # accounts below which a share of them says nothing
CONFIDENCE = 0.95  # of a difference between two shares (Fisher's exact test)


def tell(found: Findings, proof: Proof, horizon: int) -> None:
    """Adds the findings of ``prove``; ``horizon`` in days."""
    f = proof.figures
    if f["reason"] is not None:
        if f["reason"] != "empty":  # nothing tested: why the probability is withheld is told with the probability
            found.add("proof_one_sided", "watch", "proof_ask_history", n_test=f["n_test"], stopped=f["stopped"], horizon=horizon)
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


def _against(found: Findings, proof: Proof) -> None:
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
            meets_more = method != "recency" or (mine["met"] or 0) > (other["met"] or 0)  # of those that can still be called
            found.add(level, "note" if meets_more else "watch", None if meets_more else "proof_use_recency", **figures)


def _yield(found: Findings, proof: Proof) -> None:
    """Calls that a team can make, and how long before the silence was plain."""
    row = proof.workload[proof.workload["team"]].iloc[0]
    figures = {
        "k": int(row["k"]), "n_open": proof.figures["n_open"], "met": row["met"], "stopped": int(row["stopped"]), "chance": row["chance"],
        "precision": row["precision"], "precision_low": row["precision_low"], "precision_high": row["precision_high"],
        "lift": row["lift"], "share": row["revenue_share"], "share_low": row["revenue_share_low"], "share_high": row["revenue_share_high"],
        "recency_met": row["recency_met"], "recency_share": row["recency_revenue_share"],
        "stake_met": row["stake_met"], "stake_share": row["stake_revenue_share"],
        "stake_low": row["stake_low"], "stake_high": row["stake_high"],
    }  # fmt: skip
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
        found.add("proof_ahead", "note", None, accounts=int(early["accounts"]), k=int(early["k"]), days=DAYS_AHEAD, **plain)


def _calibration(found: Findings, proof: Proof) -> None:
    """Whether the probabilities can be taken literally: their sum first, then whether high and low ones are too far apart."""
    f = proof.figures
    figures = {name: f[name] for name in ("predicted", "stopped", "n_test")}
    slope, error = f["calibration_slope"], f["calibration_slope_se"]
    off = abs(f["stopped"] - f["predicted"]) / max(f["predicted_sd"], 1e-9) > Z  # more than chance in the number that stop
    if slope is None:
        found.add("proof_sum_off" if off else "proof_sum", "note", "proof_rank_only" if off else None, **figures)
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
        found.add("last_score_unmatched", "watch", "last_score_match", unmatched=f["unknown"], as_of=f["as_of"])
    if f["early"] or not f["accounts"]:
        found.add("last_score_early", "note", **when)
        return
    if len(last.bands):
        bands = last.bands.set_index("band")
        figures = {
            f"{b}{end}": bands.loc[b, column] for b in ("red", "green") for end, column in (("", "accounts"), ("_stopped", "stopped"))
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
    elif abs(f["scored_stopped"] - f["expected"]) / max(f["expected_sd"], 1e-9) > Z:  # more than chance in the number that stop
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
        found.add("last_warned_all", "note", "last_warned_ask" if last.lost else None, last.lost, **when, **figures)
        return
    shares = {side: figures[f"{side}_stopped"] / figures[side] for side in ("warned", "others")}
    figures |= {f"{side}_share": share for side, share in shares.items()}
    told = figures["others_stopped"] >= FEW and figures["warned"] * shares["others"] >= 1  # one at least without any foresight
    if told and shares["warned"] <= shares["others"]:
        found.add("last_warned_missed", "watch", "last_warned_learn", **when, **figures)
        return
    kind = "last_warned" if last.figures["complete"] else "last_warned_so_far"
    found.add(kind, "watch" if last.lost else "note", "last_warned_ask" if last.lost else None, last.lost, **when, **figures)
    counts = [[figures[f"{side}_stopped"], figures[side] - figures[f"{side}_stopped"]] for side in ("warned", "others")]
    if fisher_exact(counts).pvalue > 1 - CONFIDENCE:
        found.add("last_warned_chance", "note", None, **when, **figures)
