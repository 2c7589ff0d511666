"""The sales funnel: forecast = won + Σ open amount × win rate, and the shape of what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import window_dates
from kamplay.method.results import Findings, Severity

if TYPE_CHECKING:
    from kamplay.method.pipeline import Pipeline

Shape = Literal["balanced", "wide_mouth", "thin_mouth"]
WON = {"won", "closed won", "赢单", "成交"}
LOST = {"lost", "closed lost", "输单", "丢单"}


@dataclass(frozen=True)
class Funnel:
    """``stages``: one row per stage (stage, win_rate, count, amount, weighted), the lowest win rate first. Amounts in its currency."""

    stages: pd.DataFrame
    open_count: int
    open_amount: float
    weighted: float
    won: float  # won in the 12 months to as_of
    shape: Shape
    unweighted: int  # open deals whose win rate is not known: they weigh nothing
    overdue: pd.DataFrame  # open deals whose expected close has passed, the largest first


def funnel(book: Book) -> Funnel | None:
    """The funnel at as_of; None without opportunities. A deal counts as open when neither its result nor its stage says it ended."""
    if not book.has("opportunities"):
        return None
    as_of = pd.Timestamp(book.as_of)
    deals = book.table("opportunities").copy()
    for column in ("win_rate", "opened", "expected_close", "closed", "result"):
        if column not in deals:
            deals[column] = None
    stage = deals["stage"].str.casefold()
    ended = pd.to_datetime(deals["closed"]) <= as_of
    won = (deals["result"] == "won") | stage.isin(WON)
    lost = (deals["result"] == "lost") | stage.isin(LOST)
    start, end = window_dates(book, 12)
    won_amount = deals.loc[won & pd.to_datetime(deals["closed"]).between(start, end), "amount"].sum()
    is_open = ~((won | lost) & (ended | deals["closed"].isna())) & ~(pd.to_datetime(deals["opened"]) > as_of)
    unweighted = int(deals.loc[is_open, "win_rate"].isna().sum())
    current = deals[is_open].assign(win_rate=lambda d: pd.to_numeric(d["win_rate"]).fillna(0.0))
    stages = by_stage(current)
    late = current[pd.to_datetime(current["expected_close"]) < as_of].sort_values("amount", ascending=False)
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
    """Thin mouth: less is open early (win rate below 30 %) than late. Wide mouth, thin neck: more than 4 × as much early as late."""
    early = stages.loc[stages["win_rate"] < 0.3, "amount"].sum()
    late = stages.loc[stages["win_rate"] >= 0.3, "amount"].sum()
    if early < late:
        return "thin_mouth"
    return "wide_mouth" if early > 4 * late else "balanced"


def tell(found: Findings, funnel: Funnel | None, revenue: float, deals: Pipeline, gap: float | None) -> None:
    """The funnel and what has to go into it. ``gap``: what is missing to the target, None or not above 0 where nothing is known to be.

    A gap takes gap ÷ win rate of history in new opportunities; a funnel that is wide at the mouth has to be qualified before.
    """
    if funnel is None:
        found.add("funnel_unknown", "watch", "ask_for_opportunities")
        return
    severity: Severity = "note" if funnel.shape == "balanced" else "watch"
    sums: dict[str, Any] = {"open": funnel.open_count, "open_amount": funnel.open_amount, "weighted": funnel.weighted, "won": funnel.won}
    share = funnel.weighted / revenue if revenue > 0 else None
    action = f"funnel_{funnel.shape}"
    if gap is not None and gap > 0 and funnel.shape != "wide_mouth":
        rates = deals.win_rates
        rate = rates.loc[rates["by"] == "all", "rate"].dropna() if len(rates) else rates
        severity, action = "watch", "funnel_fill_gap" if len(rate) and rate.iloc[0] > 0 else "funnel_fill_gap_unrated"
        sums |= {"gap": gap}
        if action == "funnel_fill_gap":
            sums |= {"rate": float(rate.iloc[0]), "needed": gap / float(rate.iloc[0])}
    found.add("funnel", severity, action, **sums, forecast=funnel.weighted + funnel.won, share=share)
    if funnel.unweighted:
        found.add("deals_without_rate", "watch", "state_win_rates", count=funnel.unweighted)
    late, stalled = funnel.overdue, deals.stalled
    if len(late) and not late["opportunity_id"].isin(stalled["opportunity_id"]).all():  # else told with the deals that stand still
        found.add(
            "deals_overdue", "act", "review_deals", dict.fromkeys(late["account_id"].dropna()), count=len(late), amount=late["amount"].sum()
        )
