"""The funnel in depth: win rates that history gives, the forecast tried on past quarters, deals that stand
still, sales outside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.purchases import window_dates
from kamplay.method.results import Findings, Severity
from kamplay.method.stats.intervals import wilson

FEW = 20  # closed deals below which a win rate is not told
QUARTERS = 8  # how far back the forecast is tried
SLOW = 2.0  # times the usual age at its stage
PEERS = 5  # open deals at a stage before it has a usual age
LATE = 60  # days past the expected close
# of won and of lost deals with an amount: below it the blanks are no accident, and amounts say who won
KNOWN = 0.8
LIVE = 0.1  # part of a past quarter's deals that may still be won before its forecast is called tried
RATES = ["by", "value", "closed", "won", "rate", "low", "high", "recorded"]
BACKTEST = [
    "quarter_end",
    "open_deals",
    "unvalued",
    "closed_before",
    "rate",
    "forecast",
    "won",
    "later",
    "pending",
    "settled",
    "unit",
]
STALLED = [
    "opportunity_id",
    "account_id",
    "stage",
    "amount",
    "age",
    "median_age",
    "expected_close",
    "late_days",
]


@dataclass(frozen=True)
class Pipeline:
    """``win_rates``: per group (``by``: all, stage, entity, owner, size, recorded) the ``closed`` and ``won``
    deals, ``rate`` with its 95 % interval (missing below FEW closed), ``recorded``: mean recorded win
    rate, of open deals (by recorded: of the closed). ``backtest``: per past quarter what was open at its
    end, forecast, won within two quarters and ``later``, ``pending`` (may still be won), in amounts or,
    where lost deals carry none, in deals (``unit``: amount or deals). ``stalled``: the largest first.
    ``ages``: open deals, median age and oldest by stage, in days. ``figures``: the plain numbers beside
    them.
    """

    figures: dict[str, Any]
    win_rates: pd.DataFrame
    backtest: pd.DataFrame
    stalled: pd.DataFrame
    ages: pd.DataFrame


def pipeline(book: Book) -> Pipeline:
    """The funnel's history and state at as_of."""
    if not book.has("opportunities"):
        empty = (
            pd.DataFrame(columns=c)
            for c in (RATES, BACKTEST, STALLED, ["stage", "open_deals", "median_age", "oldest", "stalled"])
        )
        return Pipeline({"deals": 0}, *empty)
    deals, as_of = deals_at(book), pd.Timestamp(book.as_of)
    rates = _win_rates(deals)
    valued = deals["amount"] > 0
    covered = {side: _part(valued[deals[side]]) for side in ("won", "lost")}
    in_amounts = min(covered.values()) >= KNOWN
    back = _backtest(deals, as_of, in_amounts)
    stalled, ages = _stalled(deals, as_of)
    closed, current = deals[deals["won"] | deals["lost"]], deals[deals["open"]]
    days = (closed["closed"] - closed["opened"]).dt.days
    figures: dict[str, Any] = {
        "deals": len(deals),
        "closed": len(closed),
        "won": int(closed["won"].sum()),
        "open": len(current),
        "unit": "amount" if in_amounts else "deals",
        "lost_valued": covered["lost"],
        "won_valued": covered["won"],
        "unclear": int((deals["open"] & (deals["closed"] <= as_of)).sum()),
        "undated": int((closed["closed"].isna() | closed["opened"].isna()).sum()),
        "unopened": int(current["opened"].isna().sum()),
        "open_blank": int((~valued[current.index]).sum()),
        "open_amount": float(current["amount"].sum()),
        "days_lost": days[closed["lost"]].median(),
    }
    figures |= _pace(current, days[closed["won"]], as_of) | _calibration(rates)
    figures |= _promise(current, rates) | _misses(back) | _outside(book, deals)
    return Pipeline(figures, rates, back, stalled, ages)


def _part(mask: pd.Series) -> float:
    return float(mask.mean()) if len(mask) else 0.0


def _win_rates(deals: pd.DataFrame) -> pd.DataFrame:
    closed, current = deals[~deals["open"]], deals[deals["open"]]
    everyone = pd.Series("", index=deals.index)
    parts = [_by("all", everyone, closed, current), _reached(closed, current)]
    parts += [
        _by(name, deals[c], closed, current)
        for name, c in (("entity", "sales_entity"), ("owner", "owner"))
        if c in deals
    ]
    valued = closed[closed["amount"] > 0]
    enough = all(_part(closed.loc[closed[side], "amount"] > 0) >= KNOWN for side in ("won", "lost"))
    if enough and valued["amount"].nunique() >= 3:
        low, high = valued["amount"].quantile([1 / 3, 2 / 3])
        size = pd.Series(
            np.select([deals["amount"] <= low, deals["amount"] <= high], ["small", "middle"], "large"),
            index=deals.index,
        )
        parts.append(_by("size", size.where(deals["amount"] > 0), closed, current).iloc[::-1])
    real = closed[
        closed["recorded"].between(0, 1, inclusive="neither")
    ]  # 0 and 1 are the outcome, written over the estimate
    kept = [len(real[real[side]]) >= KNOWN * closed[side].sum() > 0 for side in ("won", "lost")]
    if all(kept):  # where only one side keeps its estimate, its outcome is known from that alone
        band = (np.floor(real["recorded"] * 5 + 1e-9) / 5).clip(upper=0.8).round(1).astype("str")
        parts.append(_by("recorded", band, real, real))
    rows = (
        pd.concat([p for p in parts if len(p)], ignore_index=True)
        if any(map(len, parts))
        else pd.DataFrame(columns=RATES[:4])
    )
    return _rated(rows)


def _by(name: str, group: pd.Series, closed: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    keys = group.reindex(closed.index)
    out = closed.groupby(keys)["won"].agg(["size", "sum"]).rename(columns={"size": "closed", "sum": "won"})
    out["recorded"] = current["recorded"].groupby(group.reindex(current.index)).mean().reindex(out.index)
    return out.rename_axis("value").reset_index().assign(by=name)


def _reached(closed: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Won of all that reached a stage: won deals passed every stage, lost ones all up to that in which they
    ended.

    That a deal stands at its last stage when it is lost would otherwise leave every early stage without a
    win. Needs lost deals that kept their stage, and recorded win rates of open deals to put the stages in
    order; else there are no rows.
    """
    order = current.groupby("stage")["recorded"].median().dropna().sort_values(kind="stable")
    lost = closed[closed["lost"]]
    if order.empty or lost.empty or lost["stage"].isin(order.index).mean() < 0.95:
        return pd.DataFrame()
    ends = np.sort(lost["stage"].map(order).dropna().to_numpy())
    won = int(closed["won"].sum())
    counted = won + len(ends) - np.searchsorted(ends, order.to_numpy(), side="left")
    recorded = current.groupby("stage")["recorded"].mean().reindex(order.index).to_numpy()
    return pd.DataFrame({"value": order.index, "closed": counted, "won": won, "recorded": recorded}).assign(
        by="stage"
    )


def _rated(rows: pd.DataFrame) -> pd.DataFrame:
    """Rates and intervals where enough deals closed; missing elsewhere."""
    n, won = (rows[c].astype("float64") for c in ("closed", "won"))
    n = n.where(n >= FEW)
    low, high = wilson(won, n)
    return rows.assign(rate=won / n, low=low, high=high).reindex(columns=RATES)


def _backtest(deals: pd.DataFrame, as_of: pd.Timestamp, in_amounts: bool) -> pd.DataFrame:
    """At the end of each past quarter: the deals open then, weighed by the share won of those closed by then,
    against what came.

    Nothing later enters the forecast but the amount, of which only the last one recorded is known. A quarter
    is settled when two quarters have passed and little of it can still be won: a deal open for longer than 95
    % of won deals took counts as past winning. The same deal stands in several quarters, so their misses are
    not independent.
    """
    after = as_of + pd.Timedelta(days=1)
    known = deals[deals["opened"].notna() & (deals["open"] | deals["closed"].notna())]
    took = (known["closed"] - known["opened"]).dt.days[known["won"]]
    longest = _longest(took)
    live = known["open"] & ((as_of - known["opened"]).dt.days <= longest)
    worth = known["amount"].clip(lower=0.0).fillna(0.0) if in_amounts else pd.Series(1.0, index=known.index)
    ended = deals[~deals["open"]]
    unit, rows = "amount" if in_amounts else "deals", []
    for back in range(QUARTERS, 0, -1):
        start = after - pd.DateOffset(months=3 * back)
        end, until = start - pd.Timedelta(days=1), start + pd.DateOffset(months=6)
        before = ended[ended["closed"] < start]
        then = (known["opened"] < start) & (known["open"] | (known["closed"] >= start))
        if len(before) < FEW or not then.any():
            continue
        rate, total = float(before["won"].mean()), float(worth[then].sum())
        soon = then & known["won"] & (known["closed"] < until)
        later = then & known["won"] & ~soon
        pending = float(worth[then & live].sum())
        blank = int((~(known["amount"][then] > 0)).sum())
        settled = until <= after and pending <= LIVE * total
        came = (float(worth[soon].sum()), float(worth[later].sum()), pending)
        rows.append((end, int(then.sum()), blank, len(before), rate, rate * total, *came, settled, unit))
    return pd.DataFrame(rows, columns=BACKTEST)


def _longest(took: pd.Series) -> float:
    """Days within which 95 % of won deals were won; endless where too few were."""
    took = took.dropna()
    return float(took.quantile(0.95)) if len(took) >= FEW else np.inf


def _pace(current: pd.DataFrame, took: pd.Series, as_of: pd.Timestamp) -> dict[str, Any]:
    age, longest = (as_of - current["opened"]).dt.days, _longest(took)
    return {
        "days_won": took.median(),
        "age_open": age.median(),
        "longest": longest,
        "past_winning": int((age > longest).sum()),
    }


def _calibration(rates: pd.DataFrame) -> dict[str, Any]:
    """Deals that closed with their recorded win rate kept: how many, the mean recorded, the share won with
    its interval.
    """
    kept = rates[rates["by"] == "recorded"]
    n = int(kept["closed"].sum())
    if n < FEW:
        return {"kept": n}
    low, high = wilson(kept["won"].sum(), n)
    said = float((kept["recorded"] * kept["closed"]).sum() / n)
    return {
        "kept": n,
        "kept_recorded": said,
        "kept_rate": float(kept["won"].sum() / n),
        "kept_low": float(low),
        "kept_high": float(high),
    }


def _misses(back: pd.DataFrame) -> dict[str, Any]:
    """Over settled quarters: how many, the summed miss over what was won, and in how many the forecast was
    above and below.
    """
    tried = back[back["settled"].astype(bool)]
    won = tried["won"] + tried["later"]
    off = tried["forecast"] - won
    miss = float(off.abs().sum() / won.sum()) if won.sum() > 0 else None
    return {
        "quarters": len(back),
        "settled": len(tried),
        "miss": miss,
        "high": int((off > 0).sum()),
        "low": int((off < 0).sum()),
        "forecast": float(tried["forecast"].sum()),
        "came": float(won.sum()),
    }


def by_history(deals: pd.DataFrame, rates: pd.DataFrame) -> pd.Series:
    """For each deal the share won of those that reached its stage, else of all; missing where too few closed."""
    every = rates.loc[rates["by"] == "all", "rate"]
    whole = float(every.iloc[0]) if len(every) else np.nan
    stages = rates[rates["by"] == "stage"].set_index("value")["rate"]
    return (
        deals["stage"].map(stages).astype("float64").fillna(whole)
        if len(stages)
        else pd.Series(whole, index=deals.index)
    )


def _promise(current: pd.DataFrame, rates: pd.DataFrame) -> dict[str, Any]:
    """The open amount weighed by recorded win rates and, over the same deals, by history: of what reached the
    stage, else of all.
    """
    stages = rates[rates["by"] == "stage"].set_index("value")["rate"]
    history = by_history(current, rates)
    both = current["recorded"].notna() & history.notna() & (current["amount"] > 0)
    amount = current["amount"].where(current["amount"] > 0, 0.0)
    weighed = float((amount * history).sum()) if history.notna().any() and amount.any() else None
    out: dict[str, Any] = {
        "by_history": weighed,
        "stage_rates": bool(stages.notna().any()),
        "compared": int(both.sum()),
    }
    if not both.any():
        return out | {
            "recorded_promise": None,
            "history_promise": None,
            "recorded_weighted": None,
            "history_weighted": None,
        }
    total = amount[both].sum()
    recorded, told = ((amount * rate)[both].sum() for rate in (current["recorded"], history))
    shares = {"recorded_promise": recorded / total, "history_promise": told / total}
    return out | shares | {"recorded_weighted": recorded, "history_weighted": told}


def _stalled(deals: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Open deals older than SLOW times the median of the others at their stage, or LATE days past their date;
    ages by stage.
    """
    current = deals[deals["open"]].copy()
    current["age"] = (as_of - current["opened"]).dt.days.astype("float64")
    current["late_days"] = (as_of - current["expected_close"]).dt.days.astype("float64")
    current["late_days"] = current["late_days"].where(current["late_days"] > 0)
    current["median_age"] = _others(current)
    slow = current["age"] > SLOW * current["median_age"]
    current["stands"] = slow | (current["late_days"] > LATE)
    order = current[current["stands"]].sort_values(
        ["amount", "age", "opportunity_id"], ascending=[False, False, True]
    )
    by = current.groupby("stage", as_index=False, sort=False).agg(
        open_deals=("stage", "size"),
        median_age=("age", "median"),
        oldest=("age", "max"),
        stalled=("stands", "sum"),
    )
    return order[STALLED].reset_index(drop=True), by.sort_values(
        "median_age", kind="stable", ignore_index=True
    )


def _others(current: pd.DataFrame) -> pd.Series:
    """For each open deal the median age of the others at its stage; missing where a stage has fewer than
    PEERS with an age.
    """
    out = pd.Series(np.nan, index=current.index)
    for _, ages in current.dropna(subset=["age"]).groupby("stage")["age"]:
        n = len(ages)
        if n >= PEERS:
            ordered = ages.sort_values(kind="stable")
            values, place = ordered.to_numpy(), np.arange(n)
            left, right = (n - 2) // 2, (n - 1) // 2  # the middle of the n − 1 others
            middle = [values[np.where(at < place, at, at + 1)] for at in (left, right)]
            out[ordered.index] = (middle[0] + middle[1]) / 2
    return out


def _outside(book: Book, deals: pd.DataFrame) -> dict[str, Any]:
    """Revenue of the 12 months of accounts without a deal won in them, as a share; missing without one deal
    won by a known account.
    """
    start, end = purchases.window_dates(book, 12)
    won = deals[deals["won"] & deals["closed"].between(start, end)]
    revenue = purchases.revenue(book).clip(lower=0.0)
    inside = revenue.index.isin(won["account_id"].dropna())
    known = inside.any() and revenue.sum() > 0
    around = revenue[~inside & (revenue > 0)]
    figures: dict[str, Any] = {"outside_share": None, "outside": None, "outside_accounts": None}
    if known:
        total = float(around.sum())
        figures = {
            "outside_share": total / float(revenue.sum()),
            "outside": total,
            "outside_accounts": len(around),
        }
    return figures | {"won_nameless": int(won["account_id"].isna().sum())}


Shape = Literal["balanced", "wide_mouth", "thin_mouth"]


@dataclass(frozen=True)
class Funnel:
    """``stages``: one row per stage (stage, win_rate, count, amount, weighted), the lowest win rate first.
    Amounts in its currency.
    """

    stages: pd.DataFrame
    open_count: int
    open_amount: float
    weighted: float
    won: float  # won in the 12 months to as_of
    shape: Shape
    unweighted: int  # open deals whose win rate is not known: they weigh nothing
    overdue: pd.DataFrame  # open deals whose expected close has passed, the largest first


def funnel(book: Book) -> Funnel | None:
    """The funnel at as_of; None without opportunities. A deal counts as open when neither its result nor its
    stage says it ended.
    """
    if not book.has("opportunities"):
        return None
    deals, as_of = deals_at(book), pd.Timestamp(book.as_of)
    won_amount = deals.loc[deals["won"] & deals["closed"].between(*window_dates(book, 12)), "amount"].sum()
    current = deals[deals["open"]]
    unweighted = int(current["recorded"].isna().sum())
    current = current.assign(win_rate=current["recorded"].fillna(0.0))
    stages = by_stage(current)
    late = current[current["expected_close"] < as_of].sort_values("amount", ascending=False)
    weighted, amount = float(stages["weighted"].sum()), float(current["amount"].sum())
    return Funnel(stages, len(current), amount, weighted, float(won_amount), shape(stages), unweighted, late)


def by_stage(deals: pd.DataFrame) -> pd.DataFrame:
    """Open deals summed by stage and win rate: count, amount and amount × win rate."""
    rows = deals.assign(weighted=deals["amount"] * deals["win_rate"])
    by = rows.groupby(["win_rate", "stage"], as_index=False).agg(
        count=("amount", "size"), amount=("amount", "sum"), weighted=("weighted", "sum")
    )
    return by[["stage", "win_rate", "count", "amount", "weighted"]]


def shape(stages: pd.DataFrame) -> Shape:
    """Thin mouth: less is open early (win rate below 30 %) than late. Wide mouth, thin neck: more than 4 × as
    much early as late.
    """
    early = stages.loc[stages["win_rate"] < 0.3, "amount"].sum()
    late = stages.loc[stages["win_rate"] >= 0.3, "amount"].sum()
    if early < late:
        return "thin_mouth"
    return "wide_mouth" if early > 4 * late else "balanced"


OFF = 0.05  # between what recorded win rates promise and what history gives, worth a word
DEAD = 0.1  # of the open deals past the age at which deals are won: a habit, not a case
TRIED = 2  # settled quarters before the forecast is judged


def add_findings(found: Findings, result: Pipeline) -> None:
    """The findings of the funnel's history, from what was won to what stands still. Needs nothing but the
    result.
    """
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
    found.add(
        "deals_won",
        "note",
        closed=every["closed"],
        won=every["won"],
        rate=every["rate"],
        low=every["low"],
        high=every["high"],
    )
    if figures["recorded_promise"] is not None:
        gap = figures["recorded_promise"] - figures["history_promise"]
        kind = (
            "deals_promise_high" if gap > OFF else "deals_promise_low" if gap < -OFF else "deals_promise_fair"
        )
        names = ("recorded_promise", "history_promise", "recorded_weighted", "history_weighted", "compared")
        said = {n: figures[n] for n in names}
        found.add(
            kind,
            "note" if kind == "deals_promise_fair" else "watch",
            None if kind == "deals_promise_fair" else "deals_use_history",
            **said,
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
        found.add(
            "deals_large_harder",
            "watch",
            "deals_qualify_large",
            large=size.loc["large", "rate"],
            small=size.loc["small", "rate"],
        )


def _apart(found: Findings, rows: pd.DataFrame, kind: str) -> None:
    """The best and the worst of a group, where their intervals do not touch."""
    if len(rows) < 2:
        return
    best, worst = rows.loc[rows["rate"].idxmax()], rows.loc[rows["rate"].idxmin()]
    if best["low"] > worst["high"]:
        found.add(
            kind,
            "note",
            "deals_learn",
            best=best["value"],
            best_rate=best["rate"],
            worst=worst["value"],
            worst_rate=worst["rate"],
        )


def _forecast(found: Findings, result: Pipeline) -> None:
    figures = result.figures
    if figures["closed"] >= FEW and figures["unit"] == "deals":
        found.add(
            "deals_amounts_missing",
            "watch",
            "deals_keep_amounts",
            won=figures["won_valued"],
            lost=figures["lost_valued"],
            least=KNOWN,
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
            "deals_past_winning",
            "act",
            "deals_close_dead",
            count=figures["past_winning"],
            open=figures["open"],
            longest=figures["longest"],
        )
    if stalled.empty:
        dated = figures["unopened"] < figures["open"]
        found.add(
            "deals_moving" if dated else "deals_undatable",
            "note",
            None if dated else "deals_state_dates",
            open=figures["open"],
        )
        return
    who = list(dict.fromkeys(stalled["account_id"].dropna()))
    sums = {
        "count": len(stalled),
        "amount": stalled["amount"].sum(),
        "late": int((stalled["late_days"] > LATE).sum()),
        "days": LATE,
    }
    worst = stalled.dropna(subset=["account_id", "median_age"]).assign(
        times=lambda s: s["age"] / s["median_age"].clip(lower=1.0)
    )
    if worst.empty:
        found.add("deals_stalled_plain", "act", "deals_move_or_close", who, **sums, stake=sums["amount"])
        return
    top = worst.loc[worst["times"].idxmax()]
    who = [top["account_id"], *(a for a in who if a != top["account_id"])]
    one = {
        "deal": top["opportunity_id"],
        "stage": top["stage"],
        "age": top["age"],
        "median": top["median_age"],
        "times": top["times"],
    }
    if sums["amount"] > 0:
        found.add("deals_stalled", "act", "deals_move_or_close", who, **sums, **one, stake=sums["amount"])
    else:
        found.add("deals_stalled_blank", "act", "deals_move_or_close", who, **sums, **one)


def _beside(found: Findings, result: Pipeline) -> None:
    figures = result.figures
    if figures["outside_accounts"]:
        said = {
            "share": figures["outside_share"],
            "amount": figures["outside"],
            "count": figures["outside_accounts"],
        }
        found.add("deals_outside", "note", **said)
    if figures["open_blank"]:
        found.add(
            "deals_blank", "watch", "deals_state_amounts", count=figures["open_blank"], open=figures["open"]
        )
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


def add_funnel_findings(
    found: Findings, funnel: Funnel | None, revenue: float, deals: Pipeline, gap: float | None
) -> None:
    """The funnel and what has to go into it. ``gap``: what is missing to the target, None or not above 0
    where nothing is known to be.

    A gap takes gap ÷ win rate of history in new opportunities; a funnel that is wide at the mouth has to be
    qualified before.
    """
    if funnel is None:
        found.add("funnel_unknown", "watch", "ask_for_opportunities")
        return
    severity: Severity = "note" if funnel.shape == "balanced" else "watch"
    sums: dict[str, Any] = {
        "open": funnel.open_count,
        "open_amount": funnel.open_amount,
        "weighted": funnel.weighted,
        "won": funnel.won,
    }
    share = funnel.weighted / revenue if revenue > 0 else None
    action = f"funnel_{funnel.shape}"
    if gap is not None and gap > 0 and funnel.shape != "wide_mouth":
        rates = deals.win_rates
        rate = rates.loc[rates["by"] == "all", "rate"].dropna() if len(rates) else rates
        severity, action = (
            "watch",
            "funnel_fill_gap" if len(rate) and rate.iloc[0] > 0 else "funnel_fill_gap_unrated",
        )
        sums |= {"gap": gap}
        if action == "funnel_fill_gap":
            sums |= {"rate": float(rate.iloc[0]), "needed": gap / float(rate.iloc[0])}
    found.add("funnel", severity, action, **sums, forecast=funnel.weighted + funnel.won, share=share)
    if funnel.unweighted:
        found.add("deals_without_rate", "watch", "state_win_rates", count=funnel.unweighted)
    late, stalled = funnel.overdue, deals.stalled
    if (
        len(late) and not late["opportunity_id"].isin(stalled["opportunity_id"]).all()
    ):  # else told with the deals that stand still
        found.add(
            "deals_overdue",
            "act",
            "review_deals",
            dict.fromkeys(late["account_id"].dropna()),
            count=len(late),
            amount=late["amount"].sum(),
            stake=late["amount"].sum(),
        )
