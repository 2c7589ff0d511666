"""The sales funnel: open deals by stage, win rates of past deals, the forecast tried on past quarters, deals
that stand still, and sales outside the funnel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.deals import deals_at
from kamplay.method.noise_gate import Look, expected_beyond, family_look
from kamplay.method.results import Findings, Severity
from kamplay.method.stats.intervals import wilson
from kamplay.method.stats.leave_one_out import median_of_others

if TYPE_CHECKING:
    from kamplay.method.value.new_deals import NewDeals

EARLY = 0.3  # win rate below which a stage is early
WIDE = 4  # times as much open early as late: a wide mouth
FEW = 20  # closed deals below which a win rate is not told
# of won and of lost deals with an amount (or a win rate kept from when they were open): below it the blanks
# are no accident, and would say who won
KNOWN = 0.8
QUARTERS = 8  # how far back the forecast is tried
LIVE = 0.1  # part of a past quarter's deals that may still be won before its forecast is judged
TRIED = 2  # settled quarters before the forecast is judged
SLOW = 2.0  # times the usual age at its stage
PEERS = 5  # open deals at a stage before it has a usual age
LATE = 60  # days past the expected close
Shape = Literal["balanced", "wide_mouth", "thin_mouth"]
OVERDUE = ["opportunity_id", "account_id", "stage", "amount", "expected_close"]
RATES = ["by", "value", "closed", "won", "rate", "low", "high", "recorded"]
BACKTEST = [
    "quarter_end",
    "open_deals",
    "closed_before",
    "rate",
    "forecast",
    "won",
    "later",
    "pending",
    "settled",
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
class Funnel:
    """The open deals. Amounts in the engagement's currency.

    Attributes
    ----------
    stages : a row per stage and win rate, the lowest win rate first: stage, win_rate, count, amount, weighted
        (amount × win rate).
    open_deals, open_amount, weighted : sums of ``stages``.
    won : amount won in the 12 months to as_of.
    shape : see ``shape``.
    without_rate : open deals whose win rate is not known: they weigh nothing.
    overdue : open deals whose expected close has passed, the largest first: opportunity_id, account_id,
        stage, amount, expected_close.
    """

    stages: pd.DataFrame
    open_deals: int
    open_amount: float
    weighted: float
    won: float
    shape: Shape
    without_rate: int
    overdue: pd.DataFrame


@dataclass(frozen=True)
class WinRates:
    """What part of closed deals was won, beside the win rates that are recorded.

    Attributes
    ----------
    rates : a row per group of deals: by (``all``, ``stage``: of those that reached it, ``entity``, ``owner``,
        ``size``, ``recorded``: bands of the recorded win rate) and value (the group); closed and won deals;
        rate with its 95 % interval low to high, missing below FEW closed; recorded (mean recorded win rate of
        the open deals of the group; by recorded: of its closed deals).
    closed : deals that closed.
    compared : open deals with an amount, a recorded win rate and one of history.
    recorded_share, history_share : the part of their amount that recorded win rates and those of history
        promise.
    recorded_weighted, history_weighted : the same as amounts. All four None where nothing can be compared.
    """

    rates: pd.DataFrame
    closed: int
    compared: int = 0
    recorded_share: float | None = None
    history_share: float | None = None
    recorded_weighted: float | None = None
    history_weighted: float | None = None

    @property
    def overall(self) -> float | None:
        """The part of all closed deals that was won; None where too few closed."""
        rate = self.rates.loc[self.rates["by"] == "all", "rate"].dropna()
        return float(rate.iloc[0]) if len(rate) else None


@dataclass(frozen=True)
class FunnelBacktest:
    """What the funnel would have forecast at the end of past quarters, and what came.

    Attributes
    ----------
    quarters : a row per quarter: quarter_end; open_deals; closed_before (by then) and the rate of these that
        was won; forecast (open × rate); won within two quarters; won later; pending (may still be won);
        settled (hardly anything is pending).
    in_amounts : whether these are amounts; else, as too many deals carry none, numbers of deals.
    won_valued, lost_valued : the part of won and of lost deals that carries an amount.
    """

    quarters: pd.DataFrame
    in_amounts: bool
    won_valued: float
    lost_valued: float

    @property
    def settled(self) -> pd.DataFrame:
        """The quarters that can be judged, with ``came`` (won by now) and ``off`` (forecast − came)."""
        settled = self.quarters[self.quarters["settled"].astype(bool)]
        came = settled["won"] + settled["later"]
        return settled.assign(came=came, off=settled["forecast"] - came)

    @property
    def always_too_high(self) -> bool:
        """Whether the forecast was above what came in every settled quarter, of TRIED or more."""
        settled = self.settled
        return len(settled) >= TRIED and bool((settled["off"] > 0).all())


@dataclass(frozen=True)
class DealAges:
    """How long deals take, and which open ones stand still. Ages in days; None where no dates say it.

    Attributes
    ----------
    stalled : the open deals that stand still, the largest first: opportunity_id, account_id, stage, amount,
        age, median_age (of the other open deals at its stage), expected_close, late_days (past it).
    open_deals : how many are open.
    days_won, days_lost, days_open : median age of deals when won, when lost, and of open ones now.
    longest : days within which 95 % of won deals were won.
    past_winning : open deals older than that.
    without_amount : open deals without an amount.
    open_undated : open deals without an opening date.
    closed_undated : closed deals without both dates.
    unclear : deals with a closing date but no outcome, which count as open.
    stalled_p_value : how often chance alone leaves a deal open as long, or as late, as the least likely of
        them; None where too few deals were closed to say.
    """

    stalled: pd.DataFrame
    open_deals: int
    days_won: float | None
    days_lost: float | None
    days_open: float | None
    longest: float | None
    past_winning: int
    without_amount: int
    open_undated: int
    closed_undated: int
    unclear: int
    stalled_p_value: float | None = None


@dataclass(frozen=True)
class OutsideFunnel:
    """Revenue of the 12 months of accounts without a deal won in them, and its share of all revenue."""

    accounts: int
    revenue: float
    share: float


@dataclass(frozen=True)
class Pipeline:
    """The sales funnel at as_of and its history. ``deals``: how many are known; ``outside`` is None where no
    deal of a known account was won.
    """

    deals: int
    funnel: Funnel
    win_rates: WinRates
    backtest: FunnelBacktest
    ages: DealAges
    outside: OutsideFunnel | None


def pipeline(book: Book) -> Pipeline | None:
    """Analyse the sales funnel; None without opportunities."""
    if not book.has("opportunities"):
        return None
    deals, as_of = deals_at(book), pd.Timestamp(book.as_of)
    return Pipeline(
        len(deals),
        funnel(book, deals),
        win_rates(deals),
        funnel_backtest(deals, as_of),
        deal_ages(deals, as_of),
        outside_funnel(book, deals),
    )


# ---- open deals


def funnel(book: Book, deals: pd.DataFrame) -> Funnel:
    """Sum the open deals by stage. ``deals``: as ``deals_at`` gives them."""
    start, end = purchases.window_dates(book, 12)
    current = deals[deals["open"]]
    stages = by_stage(current.assign(win_rate=current["recorded"].fillna(0.0)))
    overdue = current[current["expected_close"] < pd.Timestamp(book.as_of)]
    return Funnel(
        stages,
        len(current),
        float(current["amount"].sum()),
        float(stages["weighted"].sum()),
        float(deals.loc[deals["won"] & deals["closed"].between(start, end), "amount"].sum()),
        shape(stages),
        int(current["recorded"].isna().sum()),
        overdue[OVERDUE].sort_values("amount", ascending=False),
    )


def by_stage(deals: pd.DataFrame) -> pd.DataFrame:
    """Sum deals (stage, win_rate, amount) by stage and win rate: count, amount and amount × win rate."""
    rows = deals.assign(weighted=deals["amount"] * deals["win_rate"])
    by = rows.groupby(["win_rate", "stage"], as_index=False).agg(
        count=("amount", "size"), amount=("amount", "sum"), weighted=("weighted", "sum")
    )
    return by[["stage", "win_rate", "count", "amount", "weighted"]]


def shape(stages: pd.DataFrame) -> Shape:
    """Diagnose the shape of a funnel (win_rate, amount by stage).

    Thin mouth: less is open early than late. Wide mouth and thin neck: more than WIDE times as much.
    """
    early, late = early_and_late(stages)
    if early < late:
        return "thin_mouth"
    return "wide_mouth" if early > WIDE * late else "balanced"


def early_and_late(stages: pd.DataFrame) -> tuple[float, float]:
    """Open amount at stages with a win rate below EARLY, and at the others."""
    early = stages["win_rate"] < EARLY
    return float(stages.loc[early, "amount"].sum()), float(stages.loc[~early, "amount"].sum())


# ---- win rates of past deals


def win_rates(deals: pd.DataFrame) -> WinRates:
    """Compute the part of closed deals that was won, by stage, entity, owner, size and recorded win rate."""
    closed, current = deals[~deals["open"]], deals[deals["open"]]
    parts = [_rate_by("all", pd.Series("", index=deals.index), closed, current), _reached(closed, current)]
    for by, column in (("entity", "sales_entity"), ("owner", "owner")):
        if column in deals:
            parts.append(_rate_by(by, deals[column], closed, current))
    amounts = closed.loc[closed["amount"] > 0, "amount"]
    if min(_valued(closed)) >= KNOWN and amounts.nunique() >= 3:
        low, high = amounts.quantile([1 / 3, 2 / 3])
        thirds = np.select([deals["amount"] <= low, deals["amount"] <= high], ["small", "middle"], "large")
        size = pd.Series(thirds, index=deals.index).where(deals["amount"] > 0)
        parts.append(_rate_by("size", size, closed, current).iloc[::-1])
    # 0 and 1 are the outcome, written over the estimate
    kept = closed[closed["recorded"].between(0, 1, inclusive="neither")]
    # where only won or only lost deals keep their estimate, the outcome is known from that alone
    if all(len(kept[kept[side]]) >= KNOWN * closed[side].sum() > 0 for side in ("won", "lost")):
        band = (np.floor(kept["recorded"] * 5 + 1e-9) / 5).clip(upper=0.8).round(1).astype("str")
        parts.append(_rate_by("recorded", band, kept, kept))
    parts = [part for part in parts if len(part)]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RATES[:4])
    enough = rows["closed"].astype("float64").where(rows["closed"] >= FEW)
    won = rows["won"].astype("float64")
    low, high = wilson(won, enough)
    rates = rows.assign(rate=won / enough, low=low, high=high).reindex(columns=RATES)
    return _with_comparison(WinRates(rates, len(closed)), current)


def _rate_by(by: str, group: pd.Series, closed: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    counts = closed.groupby(group.reindex(closed.index))["won"].agg(closed="size", won="sum")
    recorded = current["recorded"].groupby(group.reindex(current.index)).mean()
    counts["recorded"] = recorded.reindex(counts.index)
    return counts.rename_axis("value").reset_index().assign(by=by)


def _reached(closed: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Won of all that reached a stage: won deals passed every stage, lost ones all up to that in which they
    ended. (By the stage at which deals stand, no early stage would ever have a win.)

    Needs lost deals that kept their stage, and recorded win rates of open deals to put the stages in order;
    else there are no rows.
    """
    order = current.groupby("stage")["recorded"].median().dropna().sort_values(kind="stable")
    lost = closed[closed["lost"]]
    if order.empty or lost.empty or lost["stage"].isin(order.index).mean() < 0.95:
        return pd.DataFrame()
    ends = np.sort(lost["stage"].map(order).dropna().to_numpy())
    won = int(closed["won"].sum())
    counted = won + len(ends) - np.searchsorted(ends, order.to_numpy(), side="left")
    recorded = current.groupby("stage")["recorded"].mean().reindex(order.index).to_numpy()
    return pd.DataFrame(
        {"by": "stage", "value": order.index, "closed": counted, "won": won, "recorded": recorded}
    )


def _valued(closed: pd.DataFrame) -> tuple[float, float]:
    """The part of won and of lost deals that carries an amount; 0 without a deal."""
    valued = closed["amount"] > 0
    won, lost = (valued[closed[side]] for side in ("won", "lost"))
    return (float(won.mean()) if len(won) else 0.0), (float(lost.mean()) if len(lost) else 0.0)


def history_rate(deals: pd.DataFrame, rates: pd.DataFrame) -> pd.Series:
    """For each deal the part won of past deals that reached its stage, else of all; missing where too few
    closed.

    Parameters
    ----------
    deals : with ``stage``.
    rates : as in ``WinRates``.
    """
    overall = rates.loc[rates["by"] == "all", "rate"]
    whole = float(overall.iloc[0]) if len(overall) else np.nan
    stages = rates[rates["by"] == "stage"].set_index("value")["rate"]
    if stages.empty:
        return pd.Series(whole, index=deals.index)
    return deals["stage"].map(stages).astype("float64").fillna(whole)


def _with_comparison(result: WinRates, current: pd.DataFrame) -> WinRates:
    """With what recorded win rates promise of open deals, and what history does, over the same deals."""
    history = history_rate(current, result.rates)
    both = current["recorded"].notna() & history.notna() & (current["amount"] > 0)
    if not both.any():
        return result
    amount = current["amount"].where(current["amount"] > 0, 0.0)
    total = amount[both].sum()
    recorded, by_history = (float((amount * rate)[both].sum()) for rate in (current["recorded"], history))
    return WinRates(
        result.rates,
        result.closed,
        int(both.sum()),
        recorded / total,
        by_history / total,
        recorded,
        by_history,
    )


# ---- the forecast tried on past quarters


def funnel_backtest(deals: pd.DataFrame, as_of: pd.Timestamp) -> FunnelBacktest:
    """Weigh the deals open at the end of each past quarter by the part won of those closed by then, and
    compare with what came of them.

    Nothing later enters the forecast but the amount, of which only the last one recorded is known. A quarter
    is settled when two quarters have passed and little of it can still be won: a deal open for longer than 95
    % of won deals took counts as past winning. The same deal stands in several quarters, so their misses are
    not independent.
    """
    won_valued, lost_valued = _valued(deals)
    in_amounts = min(won_valued, lost_valued) >= KNOWN
    after = as_of + pd.Timedelta(days=1)
    dated = deals[deals["opened"].notna() & (deals["open"] | deals["closed"].notna())]
    took = (dated["closed"] - dated["opened"]).dt.days[dated["won"]]
    live = dated["open"] & ((as_of - dated["opened"]).dt.days <= _longest(took))
    size = dated["amount"].clip(lower=0.0).fillna(0.0) if in_amounts else pd.Series(1.0, index=dated.index)
    closed, rows = deals[~deals["open"]], []
    for back in range(QUARTERS, 0, -1):
        start = after - pd.DateOffset(months=3 * back)
        until = start + pd.DateOffset(months=6)
        before = closed[closed["closed"] < start]
        open_then = (dated["opened"] < start) & (dated["open"] | (dated["closed"] >= start))
        if len(before) < FEW or not open_then.any():
            continue
        rate, total = float(before["won"].mean()), float(size[open_then].sum())
        soon = open_then & dated["won"] & (dated["closed"] < until)
        later = open_then & dated["won"] & ~soon
        pending = float(size[open_then & live].sum())
        rows.append(
            (
                start - pd.Timedelta(days=1),
                int(open_then.sum()),
                len(before),
                rate,
                rate * total,
                float(size[soon].sum()),
                float(size[later].sum()),
                pending,
                until <= after and pending <= LIVE * total,
            )
        )
    return FunnelBacktest(pd.DataFrame(rows, columns=BACKTEST), in_amounts, won_valued, lost_valued)


def _longest(took: pd.Series) -> float:
    """Days within which 95 % of won deals were won; endless where too few were."""
    took = took.dropna()
    return float(took.quantile(0.95)) if len(took) >= FEW else np.inf


# ---- deals that stand still, and sales outside the funnel


def deal_ages(deals: pd.DataFrame, as_of: pd.Timestamp) -> DealAges:
    """Find the open deals older than SLOW times the median of the others at their stage, or more than LATE
    days past their expected close.
    """
    closed, current = deals[~deals["open"]], deals[deals["open"]]
    age = (as_of - current["opened"]).dt.days.astype("float64")
    late = (as_of - current["expected_close"]).dt.days.astype("float64")
    dated = age.dropna()
    stage = current["stage"].reindex(dated.index)
    dated = dated[stage.groupby(stage).transform("size") >= PEERS]
    median_age = dated.groupby(stage).transform(median_of_others).reindex(current.index)
    current = current.assign(age=age, late_days=late.where(late > 0), median_age=median_age)
    stalled = current[(age > SLOW * median_age) | (late > LATE)]
    stalled = stalled.sort_values(["amount", "age", "opportunity_id"], ascending=[False, False, True])
    took = (closed["closed"] - closed["opened"]).dt.days
    longest = _longest(took[closed["won"]])

    def median(days: pd.Series) -> float | None:
        return float(days.median()) if days.notna().any() else None

    return DealAges(
        stalled[STALLED].reset_index(drop=True),
        len(current),
        median(took[closed["won"]]),
        median(took[closed["lost"]]),
        median(age),
        longest if np.isfinite(longest) else None,
        past_winning=int((age > longest).sum()),
        without_amount=int((~(current["amount"] > 0)).sum()),
        open_undated=int(age.isna().sum()),
        closed_undated=int((closed["closed"].isna() | closed["opened"].isna()).sum()),
        unclear=int((current["closed"] <= as_of).sum()),
        stalled_p_value=_stalled_p_value(current, closed, as_of),
    )


def _stalled_p_value(current: pd.DataFrame, closed: pd.DataFrame, as_of: pd.Timestamp) -> float | None:
    """How often chance alone leaves a deal among the open ones so old, or so late, all of them looked at.

    On any day, a deal that is open is older than t with probability ∫ₜ^∞ S / ∫₀^∞ S, S the chance that a deal
    takes longer (Cox 1962, Renewal Theory, 5.1); past its expected close by t with the same integral over how
    far deals slipped. The days that deals took are taken as lognormal, their slips as Pearson type III.
    """
    took = (closed["closed"] - closed["opened"]).dt.days
    took = took[took > 0].astype("float64")
    age, late = current["age"][current["age"] > 0], current["late_days"].dropna()
    slip = (closed["closed"] - closed["expected_close"]).dt.days.dropna().astype("float64")
    found = []
    if len(took) >= FEW and len(age):
        mu, sigma = float(np.log(took).mean()), float(max(np.log(took).std(), 0.1))
        near = (mu + sigma**2 - np.log(age)) / sigma
        longer = norm.cdf(near) - age / np.exp(mu + sigma**2 / 2) * norm.cdf(near - sigma)
        found.append(family_look(np.clip(longer, 0.0, 1.0)).p_value)
    if len(took) >= FEW and len(slip) >= FEW and slip.std() > 0:
        further = [expected_beyond(float(t), slip.to_numpy()) / float(took.mean()) for t in late]
        further += [1.0] * (len(current) - len(late))  # those that are not late are looked at too
        found.append(family_look(np.clip(further, 0.0, 1.0)).p_value)
    return min(1.0, len(found) * min(found)) if found else None


def outside_funnel(book: Book, deals: pd.DataFrame) -> OutsideFunnel | None:
    """Sum the revenue of the 12 months of accounts without a deal won in them; None where no deal of a known
    account was won.
    """
    start, end = purchases.window_dates(book, 12)
    won = deals[deals["won"] & deals["closed"].between(start, end)]
    revenue = purchases.revenue(book).clip(lower=0.0)
    inside = revenue.index.isin(won["account_id"].dropna())
    if not inside.any() or not revenue.sum() > 0:
        return None
    outside = revenue[~inside & (revenue > 0)]
    total = float(outside.sum())
    return OutsideFunnel(len(outside), total, total / float(revenue.sum()))


# ---- findings

GAP = 0.05  # between what recorded win rates promise and what history gives, worth a word
DEAD = 0.1  # of the open deals past the age at which deals are won: a habit, not a case


def add_findings(findings: Findings, result: Pipeline | None) -> None:
    """Add what past deals say: win rates, how the forecast did, what stands still, and what runs outside."""
    if result is None or not result.deals:
        findings.add("deals_unknown", "note")
        return
    _add_win_rates(findings, result.win_rates)
    _add_backtest(findings, result)
    _add_ages(findings, result.ages)
    if result.outside and result.outside.accounts:
        outside = result.outside
        findings.add(
            "deals_outside", "note", share=outside.share, amount=outside.revenue, count=outside.accounts
        )
    ages = result.ages
    if ages.without_amount:
        findings.add(
            "deals_blank", "watch", "deals_state_amounts", count=ages.without_amount, open=ages.open_deals
        )
    if ages.closed_undated or ages.open_undated or ages.unclear:
        findings.add(
            "deals_dates_missing",
            "note",
            "deals_state_dates",
            undated=ages.closed_undated,
            unopened=ages.open_undated,
            unclear=ages.unclear,
        )


def _add_win_rates(findings: Findings, result: WinRates) -> None:
    rates = result.rates
    if result.closed < FEW:
        findings.add("deals_few_closed", "watch", "deals_keep_closed", closed=result.closed, few=FEW)
        return
    overall = rates[rates["by"] == "all"].iloc[0]
    findings.add(
        "deals_won", "note", **{name: overall[name] for name in ("closed", "won", "rate", "low", "high")}
    )
    _add_comparison(findings, result)
    _add_calibration(findings, rates[rates["by"] == "recorded"])
    entities = rates[(rates["by"] == "entity") & rates["rate"].notna()]
    if len(entities) >= 2:
        best, worst = (entities.loc[entities["rate"].agg(end)] for end in ("idxmax", "idxmin"))
        if best["low"] > worst["high"]:
            findings.add(
                "deals_entities_differ",
                "note",
                "deals_learn",
                best=best["value"],
                best_rate=best["rate"],
                worst=worst["value"],
                worst_rate=worst["rate"],
            )
    size = rates[(rates["by"] == "size") & rates["rate"].notna()].set_index("value")
    if {"small", "large"} <= set(size.index) and size.loc["large", "high"] < size.loc["small", "low"]:
        large, small = size.loc[["large", "small"], "rate"]
        findings.add("deals_large_harder", "watch", "deals_qualify_large", large=large, small=small)


def _add_comparison(findings: Findings, result: WinRates) -> None:
    """What recorded win rates promise of open deals against history."""
    if result.recorded_share is None or result.history_share is None:
        return
    gap = result.recorded_share - result.history_share
    fair = abs(gap) <= GAP
    findings.add(
        "deals_promise_fair" if fair else "deals_promise_high" if gap > 0 else "deals_promise_low",
        "note" if fair else "watch",
        None if fair else "deals_use_history",
        recorded_promise=result.recorded_share,
        history_promise=result.history_share,
        recorded_weighted=result.recorded_weighted,
        history_weighted=result.history_weighted,
        compared=result.compared,
    )


def _add_calibration(findings: Findings, kept: pd.DataFrame) -> None:
    """Whether deals closed as their recorded win rate said. ``kept``: bands of recorded win rates."""
    count = int(kept["closed"].sum())
    if count < FEW:
        return
    low, high = (float(end) for end in wilson(kept["won"].sum(), count))
    recorded = float((kept["recorded"] * kept["closed"]).sum() / count)
    holds = low <= recorded <= high
    findings.add(
        "deals_calibrated" if holds else "deals_uncalibrated",
        "note" if holds else "watch",
        None if holds else "deals_use_history",
        kept=count,
        kept_recorded=recorded,
        kept_rate=float(kept["won"].sum() / count),
        kept_low=low,
        kept_high=high,
    )


def _add_backtest(findings: Findings, result: Pipeline) -> None:
    backtest, settled = result.backtest, result.backtest.settled
    if result.win_rates.closed >= FEW and not backtest.in_amounts:
        findings.add(
            "deals_amounts_missing",
            "watch",
            "deals_keep_amounts",
            won=backtest.won_valued,
            lost=backtest.lost_valued,
            least=KNOWN,
        )
    came = settled["came"].sum()
    if len(settled) < TRIED or not came > 0:
        findings.add("deals_untested", "note", "deals_keep_closed", settled=len(settled), few=FEW)
        return
    high, low = int((settled["off"] > 0).sum()), int((settled["off"] < 0).sum())
    figures = {"settled": len(settled), "miss": settled["off"].abs().sum() / came, "high": high, "low": low}
    if high == len(settled):
        findings.add("deals_forecast_high", "watch", "deals_discount", **figures)
    elif low == len(settled):
        findings.add("deals_forecast_low", "note", "deals_plan_more", **figures)
    else:
        findings.add("deals_forecast_mixed", "note", **figures)


def _add_ages(findings: Findings, ages: DealAges) -> None:
    if not ages.open_deals:
        findings.add("deals_none_open", "watch", "deals_prospect")
        return
    if ages.days_won is not None and ages.days_open is not None:
        findings.add(
            "deals_pace", "note", days_won=ages.days_won, days_lost=ages.days_lost, age_open=ages.days_open
        )
    if ages.past_winning >= DEAD * ages.open_deals:
        findings.add(
            "deals_past_winning",
            "act",
            "deals_close_dead",
            count=ages.past_winning,
            open=ages.open_deals,
            longest=ages.longest,
        )
    if ages.stalled.empty and ages.open_undated < ages.open_deals:
        findings.add("deals_moving", "note", None, open=ages.open_deals)
    elif ages.stalled.empty:
        findings.add("deals_undatable", "note", "deals_state_dates", open=ages.open_deals)
    else:
        _add_stalled(
            findings, ages.stalled, None if ages.stalled_p_value is None else Look(ages.stalled_p_value)
        )


def _add_stalled(findings: Findings, stalled: pd.DataFrame, look: Look | None) -> None:
    """The deals that stand still, and that which does most against the usual of its stage."""
    accounts = list(dict.fromkeys(stalled["account_id"].dropna()))
    amount = stalled["amount"].sum()
    figures = {
        "count": len(stalled),
        "amount": amount,
        "late": int((stalled["late_days"] > LATE).sum()),
        "days": LATE,
    }
    slow = stalled.dropna(subset=["account_id", "median_age"])
    if slow.empty:
        findings.add(
            "deals_stalled_plain", "act", "deals_move_or_close", accounts, **figures, stake=amount, look=look
        )
        return
    times = slow["age"] / slow["median_age"].clip(lower=1.0)
    worst = slow.loc[times.idxmax()]
    findings.add(
        "deals_stalled" if amount > 0 else "deals_stalled_blank",
        "act",
        "deals_move_or_close",
        [worst["account_id"], *(account for account in accounts if account != worst["account_id"])],
        **figures,
        deal=worst["opportunity_id"],
        stage=worst["stage"],
        age=worst["age"],
        median=worst["median_age"],
        times=times.max(),
        stake=amount if amount > 0 else None,
        look=look,
    )


def add_funnel_findings(
    findings: Findings,
    result: Pipeline | None,
    revenue: float,
    gap: float | None,
    new: NewDeals | None = None,
) -> None:
    """Add the funnel and what has to go into it.

    A gap takes new opportunities as far as these can be won in time; a funnel that is wide at the mouth has
    to be qualified before.

    Parameters
    ----------
    revenue : of the 12 months to as_of.
    gap : what is missing to the target; None or not above 0 where nothing is known to be.
    new : what new deals can still bring; None where it is not known.
    """
    if result is None:
        findings.add("funnel_unknown", "watch", "ask_for_opportunities")
        return
    funnel = result.funnel
    severity: Severity = "note" if funnel.shape == "balanced" else "watch"
    figures: dict[str, Any] = {
        "open": funnel.open_deals,
        "open_amount": funnel.open_amount,
        "weighted": funnel.weighted,
        "won": funnel.won,
    }
    action = f"funnel_{funnel.shape}"
    if gap is not None and gap > 0 and funnel.shape != "wide_mouth":
        severity, action = "watch", "funnel_fill_gap_unrated"
        figures["gap"] = gap
        if new:
            needed = new.needed(gap)
            action = "funnel_fill_gap" if needed else "funnel_gap_beyond"
            figures |= new.figures | {"needed": needed}
    findings.add(
        "funnel",
        severity,
        action,
        **figures,
        forecast=funnel.weighted + funnel.won,
        share=funnel.weighted / revenue if revenue > 0 else None,
    )
    if "gap" in figures and funnel.open_deals:  # the gap's action stands in the place of the shape's
        early, late = early_and_late(funnel.stages)
        if funnel.shape == "balanced":
            findings.add("funnel_shape_balanced", "note", None, early=early, late=late)
        else:
            findings.add("funnel_shape_thin", "watch", "funnel_thin_mouth", early=early, late=late)
    if funnel.without_rate:
        findings.add("deals_without_rate", "watch", "state_win_rates", count=funnel.without_rate)
    overdue, stalled = funnel.overdue, result.ages.stalled
    if not overdue["opportunity_id"].isin(stalled["opportunity_id"]).all():  # else told with those
        findings.add(
            "deals_overdue",
            "watch",  # those far beyond stand still, and that is told
            "review_deals",
            dict.fromkeys(overdue["account_id"].dropna()),
            count=len(overdue),
            amount=overdue["amount"].sum(),
            stake=overdue["amount"].sum(),
        )
