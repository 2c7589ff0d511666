"""Step 2: where the value sits, how it moved, what it would cost to lose, what is coming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.method import concentration as c
from kamplay.method import measures
from kamplay.method.funnel import Funnel, funnel
from kamplay.method.movement import bridge, moves, retention
from kamplay.method.results import Finding, StepResult, figure

LARGE_MOVE = 0.02  # a change of one account worth naming: 2 % of last year's revenue


@dataclass(frozen=True)
class Value(StepResult):
    """``ranking``: accounts with positive revenue, largest first (amount, share, cumulative). ``bridge``: last year to this.
    ``moves``: per account. ``months``: revenue per month, 24 to as_of. ``stages``: the open funnel, empty without opportunities."""

    step: ClassVar[str] = "value"
    ranking: pd.DataFrame
    bridge: pd.DataFrame
    moves: pd.DataFrame
    months: pd.DataFrame
    stages: pd.DataFrame


def pareto_value(book: Book) -> Value:
    """Concentration, movement, exposure and funnel of the 12 months to as_of. Amounts in the engagement's currency."""
    now, before, margin = measures.revenue(book), measures.revenue(book, 12, 12), measures.margin(book)
    ranking = c.ranked(now)
    two_years = book.months_covered >= 13
    nrr, grr = retention(now, before) if two_years else (None, None)
    pipeline = funnel(book)
    figures = _figures(now, ranking, nrr, grr, pipeline)
    table = moves(now, before)
    findings = [
        *_concentration(figures, ranking),
        *_movement(book, table, figures, now, before),
        *_margins(now, margin),
        *_funnel(pipeline, now),
    ]
    accounts = pd.DataFrame({"revenue": now.round(2), "margin": margin.round(2)})
    accounts["revenue_share"] = ranking["share"].reindex(accounts.index).fillna(0.0).round(6)
    accounts["cumulative_share"] = ranking["cumulative"].reindex(accounts.index).round(6)
    accounts["abc"] = c.abc(now)
    stages = pipeline.stages if pipeline else pd.DataFrame({"stage": [], "win_rate": [], "count": [], "amount": [], "weighted": []})
    return Value(figures, tuple(findings), accounts, ranking, bridge(now, before), table, _months(book), stages)


def _figures(now: pd.Series, ranking: pd.DataFrame, nrr: float | None, grr: float | None, pipeline: Funnel | None) -> dict[str, Any]:
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


def _months(book: Book) -> pd.DataFrame:
    window = book.window(24)
    by = window.groupby("bucket").agg(amount=("amount", "sum"), accounts=("account_id", "nunique"))
    by = by.reindex(range(min(24, book.months_covered) - 1, -1, -1)).fillna(0.0)
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    by["month_end"] = [after - pd.DateOffset(months=int(b)) - pd.Timedelta(days=1) for b in by.index]
    return by.reset_index()


def _concentration(figures: dict[str, Any], ranking: pd.DataFrame) -> list[Finding]:
    if ranking.empty:
        return []
    wanted = ("accounts", "accounts_for_80", "top1_share", "top5_share", "top20_share", "gini", "hhi")
    dependent = figures["top1_share"] >= 0.1
    shares = {k: figures[k] for k in wanted}
    found = [
        Finding(
            "value",
            "concentration",
            "act" if dependent else "note",
            {**shares, "top20": -(-len(ranking) // 5)},
            tuple(ranking.index[: min(figures["accounts_for_80"], 20)]),
            "protect_first" if dependent else "focus_on_few",
        )
    ]
    five = ranking.head(5)
    after = (ranking["share"].iloc[1:] / (1 - ranking["share"].iloc[0])).pow(2).sum() if len(ranking) > 1 else None
    found.append(
        Finding(
            "value",
            "exposure",
            "act" if dependent else "watch",
            {
                "top1_amount": figure(five["amount"].iloc[0]),
                "top1_share": figures["top1_share"],
                "top5_amount": figure(five["amount"].sum()),
                "top5_share": figures["top5_share"],
                "five": len(five),
                "hhi": figures["hhi"],
                "hhi_after": figure(after),
            },
            tuple(five.index),
            "stress_plan",
        )
    )
    return found


def _movement(book: Book, table: pd.DataFrame, figures: dict[str, Any], now: pd.Series, before: pd.Series) -> list[Finding]:
    if figures["nrr"] is None:
        return [Finding("value", "movement_unknown", "watch", {"months": book.months_covered}, (), "ask_for_history")]
    by = table.groupby("move")["change"].agg(["sum", "size"])
    part = {m: (float(by["sum"].get(m, 0.0)), int(by["size"].get(m, 0))) for m in ("new", "expanded", "contracted", "lost")}
    sums = {f"{m}_amount": v[0] for m, v in part.items()} | {f"{m}_count": v[1] for m, v in part.items()}
    total = float(before.sum())
    falling = table[table["change"] < 0].sort_values("change")
    figures_moved = {
        "nrr": figures["nrr"],
        "grr": figures["grr"],
        "now": float(now.sum()),
        "before": total,
        "growth": figure(now.sum() / total - 1) if total > 0 else None,
        **sums,
    }
    found = [
        Finding(
            "value",
            "movement",
            "act" if figures["grr"] < 0.8 else "note",
            figures_moved,
            tuple(falling.index[:5]),
            "win_back" if figures["grr"] < 0.8 else "keep_growing",
        )
    ]
    heavy = falling[-falling["change"] >= LARGE_MOVE * total] if total > 0 else falling.iloc[:0]
    if len(heavy):
        drop = -heavy["change"].sum()
        found.append(
            Finding(
                "value",
                "large_losses",
                "act",
                {
                    "count": len(heavy),
                    "amount": figure(drop),
                    "share": figure(drop / total),
                    "first_drop": figure(-heavy["change"].iloc[0]),
                },
                tuple(heavy.index[:10]),
                "find_out_why",
            )
        )
    return found


def _margins(now: pd.Series, margin: pd.Series) -> list[Finding]:
    if margin.notna().sum() == 0:
        return [Finding("value", "margin_unknown", "watch", {}, (), "ask_for_cost")]
    positive = now[(now > 0) & margin.notna()]
    rate = figure(margin[positive.index].sum() / positive.sum())
    top = c.ranked(now).index[: max(1, -(-len(positive) // 5))]
    losing = margin[top][margin[top] < 0].sort_values()
    figures = {
        "margin_rate": rate,
        "margin": figure(margin.sum()),
        "losing": len(losing),
        "losing_revenue": figure(now[losing.index].sum()),
        "losing_margin": figure(losing.sum()),
    }
    return [
        Finding(
            "value",
            "margin_losers" if len(losing) else "margin",
            "act" if len(losing) else "note",
            figures,
            tuple(losing.index[:10]),
            "reprice" if len(losing) else None,
        )
    ]


def _funnel(pipeline: Funnel | None, now: pd.Series) -> list[Finding]:
    if pipeline is None:
        return [Finding("value", "funnel_unknown", "watch", {}, (), "ask_for_opportunities")]
    figures = {
        "open": pipeline.open_count,
        "open_amount": figure(pipeline.open_amount),
        "weighted": figure(pipeline.weighted),
        "won": figure(pipeline.won),
        "forecast": figure(pipeline.weighted + pipeline.won),
        "shape": pipeline.shape,
        "overdue": len(pipeline.overdue),
    }
    found = [Finding("value", "funnel", "note" if pipeline.shape == "balanced" else "watch", figures, (), f"funnel_{pipeline.shape}")]
    if len(pipeline.overdue):
        late = pipeline.overdue
        accounts = tuple(dict.fromkeys(late["account_id"].dropna()))[:10]
        found.append(
            Finding("value", "deals_overdue", "act", {"count": len(late), "amount": figure(late["amount"].sum())}, accounts, "review_deals")
        )
    return found
