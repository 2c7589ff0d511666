"""What the history of the funnel says: win rates, how far the forecast can be trusted, deals that stand still."""

from __future__ import annotations

import pandas as pd

from kamplay.method.pipeline import FEW, KNOWN, LATE, Pipeline
from kamplay.method.results import Findings

OFF = 0.05  # between what recorded win rates promise and what history gives, worth a word
DEAD = 0.1  # of the open deals past the age at which deals are won: a habit, not a case
TRIED = 2  # settled quarters before the forecast is judged


def tell(found: Findings, result: Pipeline) -> None:
    """The findings of the funnel's history, from what was won to what stands still. Needs nothing but the result."""
    if not result.figures["deals"]:
        found.add("deals_unknown", "note")
        return
    _rates(found, result)
    _forecast(found, result)
    _open(found, result)
    _beside(found, result)


def _rates(found: Findings, result: Pipeline) -> None:
    figures, rates = result.figures, result.win_rates
    if figures["closed"] < FEW:
        found.add("deals_few_closed", "watch", "deals_keep_closed", closed=figures["closed"], few=FEW)
        return
    every = rates[rates["by"] == "all"].iloc[0]
    found.add("deals_won", "note", closed=every["closed"], won=every["won"], rate=every["rate"], low=every["low"], high=every["high"])
    if figures["recorded_promise"] is not None:
        gap = figures["recorded_promise"] - figures["history_promise"]
        kind = "deals_promise_high" if gap > OFF else "deals_promise_low" if gap < -OFF else "deals_promise_fair"
        names = ("recorded_promise", "history_promise", "recorded_weighted", "history_weighted", "compared")
        said = {n: figures[n] for n in names}
        found.add(
            kind, "note" if kind == "deals_promise_fair" else "watch", None if kind == "deals_promise_fair" else "deals_use_history", **said
        )
    if figures["kept"] >= FEW:
        holds = figures["kept_low"] <= figures["kept_recorded"] <= figures["kept_high"]
        said = {n: figures[n] for n in ("kept", "kept_recorded", "kept_rate", "kept_low", "kept_high")}
        if holds:
            found.add("deals_calibrated", "note", **said)
        else:
            found.add("deals_uncalibrated", "watch", "deals_use_history", **said)
    _apart(found, rates[(rates["by"] == "entity") & rates["rate"].notna()], "deals_entities_differ")
    size = rates[(rates["by"] == "size") & rates["rate"].notna()].set_index("value")
    if {"small", "large"} <= set(size.index) and size.loc["large", "high"] < size.loc["small", "low"]:
        found.add("deals_large_harder", "watch", "deals_qualify_large", large=size.loc["large", "rate"], small=size.loc["small", "rate"])


def _apart(found: Findings, rows: pd.DataFrame, kind: str) -> None:
    """The best and the worst of a group, where their intervals do not touch."""
    if len(rows) < 2:
        return
    best, worst = rows.loc[rows["rate"].idxmax()], rows.loc[rows["rate"].idxmin()]
    if best["low"] > worst["high"]:
        found.add(kind, "note", "deals_learn", best=best["value"], best_rate=best["rate"], worst=worst["value"], worst_rate=worst["rate"])


def _forecast(found: Findings, result: Pipeline) -> None:
    figures = result.figures
    if figures["closed"] >= FEW and figures["unit"] == "deals":
        found.add(
            "deals_amounts_missing", "watch", "deals_keep_amounts", won=figures["won_valued"], lost=figures["lost_valued"], least=KNOWN
        )
    if figures["settled"] < TRIED or figures["miss"] is None:
        found.add("deals_untested", "note", "deals_keep_closed", settled=figures["settled"], few=FEW)
        return
    said = {n: figures[n] for n in ("settled", "miss", "high", "low")}
    if figures["high"] == figures["settled"]:
        found.add("deals_forecast_high", "watch", "deals_discount", **said)
    elif figures["low"] == figures["settled"]:
        found.add("deals_forecast_low", "note", "deals_plan_more", **said)
    else:
        found.add("deals_forecast_mixed", "note", **said)


def _open(found: Findings, result: Pipeline) -> None:
    figures, stalled = result.figures, result.stalled
    if not figures["open"]:
        found.add("deals_none_open", "watch", "deals_prospect")
        return
    if figures["days_won"] == figures["days_won"] and figures["age_open"] == figures["age_open"]:
        said = {n: figures[n] for n in ("days_won", "days_lost", "age_open")}
        found.add("deals_pace", "note", **said)
    if figures["past_winning"] >= DEAD * figures["open"]:
        found.add(
            "deals_past_winning", "act", "deals_close_dead", count=figures["past_winning"], open=figures["open"], longest=figures["longest"]
        )
    if stalled.empty:
        dated = figures["unopened"] < figures["open"]
        found.add("deals_moving" if dated else "deals_undatable", "note", None if dated else "deals_state_dates", open=figures["open"])
        return
    who = list(dict.fromkeys(stalled["account_id"].dropna()))
    sums = {"count": len(stalled), "amount": stalled["amount"].sum(), "late": int((stalled["late_days"] > LATE).sum()), "days": LATE}
    worst = stalled.dropna(subset=["account_id", "median_age"]).assign(times=lambda s: s["age"] / s["median_age"].clip(lower=1.0))
    if worst.empty:
        found.add("deals_stalled_plain", "act", "deals_move_or_close", who, **sums)
        return
    top = worst.loc[worst["times"].idxmax()]
    who = [top["account_id"], *(a for a in who if a != top["account_id"])]
    one = {"deal": top["opportunity_id"], "stage": top["stage"], "age": top["age"], "median": top["median_age"], "times": top["times"]}
    kind = "deals_stalled" if sums["amount"] > 0 else "deals_stalled_blank"
    found.add(kind, "act", "deals_move_or_close", who, **sums, **one)


def _beside(found: Findings, result: Pipeline) -> None:
    figures = result.figures
    if figures["outside_accounts"]:
        said = {"share": figures["outside_share"], "amount": figures["outside"], "count": figures["outside_accounts"]}
        found.add("deals_outside", "note", **said)
    if figures["open_blank"]:
        found.add("deals_blank", "watch", "deals_state_amounts", count=figures["open_blank"], open=figures["open"])
    loose = figures["undated"] + figures["unopened"] + figures["unclear"]
    if loose:
        found.add(
            "deals_dates_missing",
            "note",
            "deals_state_dates",
            undated=figures["undated"],
            unopened=figures["unopened"],
            unclear=figures["unclear"],
        )
