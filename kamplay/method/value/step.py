"""Step 2: where the value sits, how it moved, what it would cost to lose, what is coming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.warning_signs import signs_at
from kamplay.method.results import Findings, Severity, StepResult, figure
from kamplay.method.stats import concentration as c
from kamplay.method.value import (
    clv,
    concentration,
    forecast,
    pipeline,
    portfolio_map,
    sales_entities,
    stress_test,
)
from kamplay.method.value import pipeline as pipeline_findings
from kamplay.method.value import retention as flows
from kamplay.method.value import wallet as room
from kamplay.method.value.credit import add_findings as tell_standing
from kamplay.method.value.credit import credit
from kamplay.method.value.growth_exclusions import growth_exclusions
from kamplay.method.value.pipeline import Funnel, funnel
from kamplay.method.value.pipeline import add_funnel_findings as tell_funnel
from kamplay.method.value.profitability import add_findings as tell_profit
from kamplay.method.value.profitability import profitability
from kamplay.method.value.retention import MOVES, retention

DEPENDENT = 0.1  # a share of revenue whose loss would threaten the supplier
COST_COMPLETE = 0.98  # below this share of revenue with a known cost the margin is partly an estimate
FEW = 60  # as many accounts as a management team can know by name
LARGE_MOVE = 0.02  # a change of one account worth naming: 2 % of last year's revenue


@dataclass(frozen=True)
class Value(StepResult):
    """``ranking``: accounts with positive revenue, largest first (amount, share, cumulative). ``bridge``:
    last year to this. ``moves``: per account. ``stages``: the open funnel, empty without opportunities.
    """

    step: ClassVar[str] = "value"
    ranking: pd.DataFrame
    bridge: pd.DataFrame
    moves: pd.DataFrame
    stages: pd.DataFrame
    profit: pd.DataFrame
    whale: pd.DataFrame
    standing: pd.DataFrame
    ageing: pd.DataFrame
    intervals: pd.DataFrame
    abc_xyz: pd.DataFrame
    classes_xyz: pd.DataFrame
    trend: pd.DataFrame
    retention: pd.DataFrame
    cohorts: pd.DataFrame
    pvm: pd.DataFrame
    win_rates: pd.DataFrame
    backtest: pd.DataFrame
    stalled: pd.DataFrame
    entities: pd.DataFrame
    wallet: pd.DataFrame
    white_space: pd.DataFrame
    room_by_category: pd.DataFrame
    stress: pd.DataFrame
    dependence: pd.DataFrame
    future: pd.DataFrame
    future_fit: pd.DataFrame
    future_check: pd.DataFrame
    outlook: pd.DataFrame
    joint: pd.DataFrame
    asset_map: pd.DataFrame


def pareto_value(
    book: Book,
    costs: Mapping[str, float] | None = None,
    tiers: pd.Series | None = None,
    target: float | None = None,
    levels: pd.Series | None = None,
    gates: pd.Series | None = None,
) -> Value:
    """Concentration, movement, exposure and funnel of the 12 months to as_of. Amounts in the engagement's
    currency.

    ``costs``: what serving costs, see ``profit``. ``tiers``: account → tier of an earlier run, to tell
    retention by tier; today's say nothing of that, and are not used for it. ``target``: the revenue goal of
    the 12 months after as_of. ``levels``: account → S, A, B or C of today. ``gates``: account → gate of step
    1, for which no growth is advised.
    """
    now, before, margin = purchases.revenue(book), purchases.revenue(book, 12, 12), purchases.margin(book)
    ranking = c.ranked(now)
    two_years = book.months_covered >= purchases.TWO_YEARS
    nrr, grr = retention(now, before) if two_years else (None, None)
    open_deals = funnel(book)
    figures = _figures(now, ranking, nrr, grr, open_deals)
    flow = flows.movement(book, None if _of_today(tiers, levels) else tiers, levels)
    found = Findings("value")
    _concentration(found, figures, ranking)
    joined = concentration.group_concentration(book)
    concentration.add_group_findings(found, joined)
    _movement(found, book, flow.moves, figures)
    _margins(found, now, margin)
    left = profitability(book, costs or {})
    tell_profit(found, left)
    part = purchases.costed_share(book)
    if part is not None and part < COST_COMPLETE:
        found.add("margin_partial", "watch", "complete_cost", share=part)
    deals = pipeline.pipeline(book)
    condition = credit(book)
    tell_standing(found, condition)
    deep = concentration.concentration(book)
    concentration.add_findings(found, deep)
    flows.add_findings(found, flow, book)
    pipeline_findings.add_findings(found, deals)
    ours = sales_entities.sales_entities(book)
    sales_entities.add_findings(found, ours)
    shocks = stress_test.stress_test(book)
    stress_test.add_findings(found, shocks)
    ahead = clv.customer_value(book)
    clv.add_findings(found, ahead)
    holds = not (
        deals.figures.get("settled", 0) >= pipeline_findings.TRIED
        and deals.figures["high"] == deals.figures["settled"]
    )
    look = forecast.forecast(book, ahead, open_deals, target, deals.win_rates if holds else None)
    forecast.add_findings(found, look)
    tell_funnel(found, open_deals, figures["revenue"], deals, look.figures.get("gap"))
    signs = signs_at(book, book.seen_to)
    aside = growth_exclusions(book, gates, left.profit, condition.standing, signs)
    grow = room.wallet(book, aside)
    room.add_findings(found, grow)
    assets = portfolio_map.portfolio_map(
        book,
        levels,
        ahead.accounts,
        grow.wallet,
        grow.white_space,
        left.profit,
        condition.standing,
        aside,
        signs,
    )
    portfolio_map.add_findings(found, assets)
    accounts = pd.DataFrame({"revenue": now.round(2), "margin": margin.round(2)})
    accounts["revenue_share"] = ranking["share"].reindex(accounts.index).fillna(0.0).round(6)
    accounts["cumulative_share"] = ranking["cumulative"].reindex(accounts.index).round(6)
    accounts["abc"] = c.abc(now)
    stages = (
        open_deals.stages
        if open_deals
        else pd.DataFrame({"stage": [], "win_rate": [], "count": [], "amount": [], "weighted": []})
    )
    return Value(
        key_figures=figures,
        findings=tuple(found),
        accounts=accounts,
        ranking=ranking,
        bridge=flow.bridge,
        moves=flow.moves,
        retention=flow.retention,
        cohorts=flow.cohorts,
        pvm=flow.pvm,
        stages=stages,
        profit=left.profit,
        whale=left.whale,
        standing=condition.standing,
        ageing=condition.ageing,
        intervals=deep.intervals,
        abc_xyz=deep.abc_xyz,
        classes_xyz=deep.classes_xyz,
        trend=deep.trend,
        win_rates=deals.win_rates,
        backtest=deals.backtest,
        stalled=deals.stalled,
        entities=ours.entities,
        wallet=grow.wallet,
        white_space=grow.white_space,
        room_by_category=grow.room_by_category,
        stress=shocks.stress,
        dependence=shocks.dependence,
        future=ahead.accounts,
        future_fit=ahead.fit,
        future_check=ahead.check,
        outlook=look.outlook,
        joint=joined.joint,
        asset_map=assets.asset_map,
    )


def _of_today(tiers: pd.Series | None, levels: pd.Series | None) -> bool:
    """Whether ``tiers`` are those of this run: then every tier has one level, while an earlier run's have
    moved.
    """
    if tiers is None or levels is None:
        return False
    both = pd.DataFrame({"tier": tiers, "level": levels.reindex(tiers.index)}).dropna()
    return bool((both.groupby("tier")["level"].nunique() <= 1).all())


def _figures(
    now: pd.Series, ranking: pd.DataFrame, nrr: float | None, grr: float | None, pipeline: Funnel | None
) -> dict[str, Any]:
    figures = {
        "accounts": len(ranking),
        "revenue": round(float(now.sum()), 2),
        "top20_share": c.top_share(now, 0.2),
        "accounts_for_80": c.accounts_for(now, 0.8),
        "gini": c.gini(now),
        "hhi": c.hhi(now),
        "top1_share": c.first_share(now, 1),
        "top5_share": c.first_share(now, 5),
        "nrr": nrr,
        "grr": grr,
        "funnel_weighted": pipeline.weighted if pipeline else None,
        "funnel_forecast": pipeline.weighted + pipeline.won if pipeline else None,
    }
    return {k: figure(round(v, 6) if isinstance(v, float) else v) for k, v in figures.items()}


def _concentration(found: Findings, figures: dict[str, Any], ranking: pd.DataFrame) -> None:
    if ranking.empty:
        return
    dependent = figures["top1_share"] >= DEPENDENT
    shares = {
        k: figures[k]
        for k in ("accounts", "accounts_for_80", "top1_share", "top5_share", "top20_share", "gini", "hhi")
    }
    few = figures["accounts_for_80"] <= FEW
    action = "protect_first" if dependent else "focus_on_few" if few else "one_standard_for_most"
    found.add(
        "concentration",
        "act" if dependent else "note",
        action,
        ranking.index[: figures["accounts_for_80"]],
        **shares,
        stake=figures["top1_share"] * figures["revenue"],
    )


def _movement(found: Findings, book: Book, table: pd.DataFrame, figures: dict[str, Any]) -> None:
    if figures["nrr"] is None:
        found.add("movement_unknown", "watch", "ask_for_history", months=book.months_covered)
        return
    by = table.groupby("move")["change"].agg(["sum", "size"])
    sums = {f"{m}_amount": by["sum"].get(m, 0.0) for m in MOVES} | {
        f"{m}_count": int(by["size"].get(m, 0)) for m in MOVES
    }
    now, before = table["now"].sum(), table["before"].sum()
    falling = table[table["move"].isin(["contracted", "lost"])].sort_values("change")
    severity: Severity = "act" if figures["grr"] < 0.8 else "watch" if figures["grr"] < 0.9 else "note"
    action = "keep_growing" if severity == "note" else "win_back"
    shares = {
        "nrr": figures["nrr"],
        "grr": figures["grr"],
        "growth": now / before - 1 if before > 0 else None,
    }
    found.add(
        "movement",
        severity,
        action,
        falling.index[:5],
        now=now,
        before=before,
        **shares,
        **sums,
        stake=(1 - figures["grr"]) * before,
    )
    heavy = falling[-falling["change"] >= LARGE_MOVE * before] if before > 0 else falling.iloc[:0]
    if len(heavy):
        drop, drops = -heavy["change"].sum(), -falling["change"].sum()
        found.add(
            "large_losses",
            "act",
            "find_out_why",
            heavy.index,
            falls=len(falling),
            total=drops,
            total_share=drops / before,
            count=len(heavy),
            amount=drop,
            stake=drop,
        )
    if book.months_covered >= 36:
        years = [float(purchases.revenue(book, 12, back).sum()) for back in (24, 12, 0)]
        change = years[2] / max(years[:2]) - 1 if max(years[:2]) > 0 else 0.0
        if change < -0.1:
            found.add(
                "below_peak",
                "act" if change < -0.2 else "watch",
                "explain_decline",
                before_last=years[0],
                last=years[1],
                now=years[2],
                change=change,
            )


def _margins(found: Findings, now: pd.Series, margin: pd.Series) -> None:
    if margin.notna().sum() == 0:
        found.add("margin_unknown", "watch", "ask_for_cost")
        return
    known = now[(now > 0) & margin.notna()]
    if known.empty:  # nobody bought for more than was returned: there is no rate
        return
    losing = margin[known.index][purchases.material(known) & (margin[known.index] < 0)].sort_values()
    figures = {"margin_rate": margin[known.index].sum() / known.sum(), "margin": margin.sum()}
    if len(losing):
        sums = {
            "losing": len(losing),
            "losing_revenue": now[losing.index].sum(),
            "losing_margin": losing.sum(),
        }
        found.add(
            "margin_losers", "act", "reprice", losing.index, **figures, **sums, stake=-sums["losing_margin"]
        )
    else:
        large = known[purchases.material(known)]
        rates = (margin[large.index] / large).sort_values()
        found.add("margin", "note", None, rates.index, **figures, thinnest=rates.iloc[0])
