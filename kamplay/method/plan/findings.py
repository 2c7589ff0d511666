"""What step 4 found out: what comes first, what is lost, whether the team can carry the visits and makes
them.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.book import Book
from kamplay.method.results import Findings, figure
from kamplay.presets import Strategy

TEAMS = 10  # accounts to invest in that get a team first: as many as can be set up within a month


def plan_findings(
    book: Book,
    frame: pd.DataFrame,
    levels: pd.DataFrame,
    strategy: Strategy,
    capacity: float | None,
    done: pd.DataFrame,
) -> Findings:
    """The findings of step 4. ``frame``: the planned accounts; the other tables as in ``Plan``."""
    found = Findings("plan")
    due = {urgency: _day(book, days) for urgency, days in strategy.due_days.model_dump().items()}
    owned = bool(frame["owner"].notna().any())
    _first(found, book, frame, strategy, due, owned)
    _types(found, frame, strategy, due)
    _lost(found, frame, due, owned)
    _capacity(found, frame, levels, capacity)
    _visits(found, book, frame, capacity, done, due)
    return found


def _day(book: Book, days: int) -> str:
    return str((pd.Timestamp(book.as_of) + pd.Timedelta(days=days)).date())


def _first(
    found: Findings, book: Book, frame: pd.DataFrame, strategy: Strategy, due: dict[str, str], owned: bool
) -> None:
    action = "start_urgent" if owned else "start_urgent_unowned"
    urgent = frame[frame["urgency"] == "urgent"].sort_values("revenue", ascending=False)
    if len(urgent):
        sums = {
            "count": len(urgent),
            "revenue": urgent["revenue"].sum(),
            "days": strategy.due_days.urgent,
            "due": due["urgent"],
        }
        if book.has("receivables"):
            found.add("urgent", "act", action, urgent.index, **sums, overdue=urgent["overdue"].sum())
        else:
            found.add("urgent_silent", "act", action, urgent.index, **sums)
    else:
        found.add("nothing_urgent", "note")
    warned = frame[frame["urgency"] == "warned"].sort_values("revenue", ascending=False)
    if len(warned):
        sums = {
            "count": len(warned),
            "revenue": warned["revenue"].sum(),
            "days": strategy.due_days.warned,
            "due": due["warned"],
        }
        found.add("warned", "act", "follow_signs", warned.index, **sums)


def _types(found: Findings, frame: pd.DataFrame, strategy: Strategy, due: dict[str, str]) -> None:
    by_type: dict[str, int] = {t: int((frame["type"] == t).sum()) for t in strategy.types}
    invest = frame[frame["type"] == "invest"].sort_values("revenue", ascending=False)
    figures: dict[str, Any] = {
        "planned": int(frame["type"].notna().sum()),
        "buying": int((frame["revenue"] > 0).sum()),
        "due": due["soon"],
        **by_type,
    }
    found.add(
        "types",
        "note",
        "assign_teams" if len(invest) else None,
        invest.index,
        first_teams=min(TEAMS, len(invest)),
        **figures,
    )


def _lost(found: Findings, frame: pd.DataFrame, due: dict[str, str], owned: bool) -> None:
    lost = frame[frame["win_back"]].sort_values("brought", ascending=False)
    if lost.empty:
        return
    sums = {
        "count": len(lost),
        "brought": lost["brought"].sum(),
        "first_brought": lost["brought"].iloc[0],
        "due": due["soon"],
    }
    sums["last_order"] = str(lost["last_order"].iloc[0].date())
    found.add(
        "win_back_list", "act", "decide_win_back" if owned else "decide_win_back_unowned", lost.index, **sums
    )


def _capacity(found: Findings, frame: pd.DataFrame, levels: pd.DataFrame, capacity: float | None) -> None:
    needed = float(frame["visits"].sum())
    if capacity is None:
        found.add("capacity_unknown", "watch", "state_capacity", needed=needed)
    elif needed > capacity:
        reach = covered(levels, capacity)
        found.add(
            "over_capacity",
            "act",
            "cut_from_below",
            needed=needed,
            capacity=capacity,
            over=needed - capacity,
            **reach,
        )
    else:
        found.add("within_capacity", "note", needed=needed, capacity=capacity)


def _visits(
    found: Findings,
    book: Book,
    frame: pd.DataFrame,
    capacity: float | None,
    done: pd.DataFrame,
    due: dict[str, str],
) -> None:
    """The accounts furthest behind the norm come first, as in the table."""
    if not book.has("visits"):
        found.add("visits_unknown", "watch", "ask_for_visits")
    elif len(done):
        behind = done[done["done"] < done["norm"]].assign(gap=done["norm"] - done["done"])
        behind = behind.sort_values(["gap", "revenue"], ascending=False, kind="stable")
        counts = {
            "behind": len(behind),
            "upper": len(done),
            "done": int(done["done"].sum()),
            "norm": done["norm"].sum(),
        }
        if len(behind):
            spare = capacity is not None and float(frame["visits"].sum()) <= capacity
            action = "reallocate_visits" if spare else "schedule_visits"
            found.add("visits_behind", "watch", action, behind.index, **counts, due=due["soon"])
        else:
            found.add("visits_kept", "note", **counts)


def covered(levels: pd.DataFrame, capacity: float) -> dict[str, Any]:
    """How far the capacity reaches when visits go to the highest level first: full levels, and the share of
    the next.
    """
    left, full = capacity, []
    for row in levels.itertuples():
        if row.visits <= left:
            left -= row.visits
            full.append(row.level)
        else:
            return {"full": "".join(full), "partial": row.level, "partial_share": figure(left / row.visits)}
    return {"full": "".join(full), "partial": None, "partial_share": None}
