"""The sales funnel: forecast = won + Σ open amount × win rate, and the shape of what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import window_dates

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
