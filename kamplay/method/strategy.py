"""Step 4: what each account gets, who does what by when, and whether the team can carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import measures
from kamplay.method.health import Health
from kamplay.method.indicators import measured
from kamplay.method.results import Findings, StepResult, figure
from kamplay.method.tiers import Tiers
from kamplay.method.value import Value
from kamplay.presets import LEVELS, Strategy

ROOM_TO_GROW = 0.5  # below half of the account's wallet there is room
LIKELY = 0.5  # a chance of stopping at which someone should ask, where the expected loss is among the upper tenth
GROWING = 0.2  # a year's growth that shows potential where no wallet is known
OVERDUE_MATTERS = 0.1  # overdue above a tenth of the year's revenue comes before selling


@dataclass(frozen=True)
class Plan(StepResult):
    """``levels``: per level accounts, revenue, visits a month. ``actions``: planned accounts in order of due date and revenue.
    ``owners``: visits a month per owner, empty without owners. ``visits``: key accounts' visits of the last three months against the
    norm (done, norm, days since the last), empty without a visit log."""

    step: ClassVar[str] = "plan"
    levels: pd.DataFrame
    actions: pd.DataFrame
    owners: pd.DataFrame
    visits: pd.DataFrame


def plan_strategies(book: Book, strategy: Strategy, tiers: Tiers, value: Value, health: Health, capacity: float | None) -> Plan:
    """A strategy, a type, visits, a next action and a date for every account that bought in the 12 months.

    Large accounts lost since the year before are planned too: to be won back. ``capacity``: visits a month.
    """
    health_columns = ["health_band", "churn_probability", "revenue_at_risk", "late"]
    frame = tiers.accounts[["tier", "level", "gate", "revenue"]].join(health.accounts[health_columns]).join(value.moves[["before", "move"]])
    frame["win_back"] = (frame["move"] == "lost") & measures.material(frame["before"]) & (book.months_covered >= measures.TWO_YEARS)
    frame = frame[(frame["revenue"] > 0) | frame["win_back"]].copy()
    frame["owner"] = book.accounts["owner"].reindex(frame.index) if "owner" in book.accounts else None
    frame["wallet_share"] = measured(book, "wallet_share").reindex(frame.index)
    frame["type"] = _types(frame, measures.growth(book).reindex(frame.index))
    frame["strategy"] = frame["level"]
    visits = {level: strategy.levels[level].visits for level in LEVELS}  # type: ignore[index]
    visited = frame["level"].isin(list(strategy.visited_levels)) & (frame["revenue"] > 0)
    frame["visits_branch"] = frame["level"].map({k: v.branch for k, v in visits.items()}).where(visited, 0.0)
    frame["visits_head_office"] = frame["level"].map({k: v.head_office for k, v in visits.items()}).where(visited, 0.0)
    frame["visits"] = frame["visits_branch"] + frame["visits_head_office"]
    overdue = health.owed["overdue"].reindex(frame.index).astype("float64").fillna(0.0)
    frame["overdue"] = overdue.where(frame["level"].isin(["S", "A", "B"]) | (overdue >= 0.001 * frame["revenue"].sum()), 0.0)
    frame["watched"] = frame.index.isin(health.watch.index)
    frame["sign"] = health.watch["sign"].reindex(frame.index).astype(object)
    frame["next_action"], frame["urgency"] = _actions(frame)
    due = frame["urgency"].map(strategy.due_days.model_dump())
    frame["due"] = (pd.Timestamp(book.as_of) + pd.to_timedelta(due, unit="D")).dt.strftime("%Y-%m-%d")
    done = _visits_done(book, frame)
    levels = _levels(frame[~frame["win_back"]], strategy)
    needed = float(frame["visits"].sum())
    over = max(0.0, needed - capacity) if capacity else None
    figures = {
        "accounts_planned": len(frame),
        "visits_per_month": figure(round(needed, 2)),
        "capacity": capacity,
        "over_capacity": figure(over),
    }
    accounts = frame[["strategy", "type", "visits_branch", "visits_head_office", "owner", "next_action", "due"]].reindex(
        book.accounts.index
    )
    if "owner" in book.accounts:
        accounts["owner"] = book.accounts["owner"]
    actions = frame.sort_values(["due", "revenue"], ascending=[True, False])
    owners = (
        frame.groupby("owner").agg(accounts=("visits", "size"), visits=("visits", "sum"), revenue=("revenue", "sum"))
        if frame["owner"].notna().any()
        else pd.DataFrame()
    )
    return Plan(
        figures,
        tuple(_findings(book, frame, levels, strategy, capacity, done)),
        accounts,
        levels,
        actions.reset_index(),
        owners.reset_index(),
        done,
    )


def _types(frame: pd.DataFrame, growth: pd.Series) -> pd.Series:
    """Upper tiers with room are invested in, without it maintained; lower tiers with room are promoted, without it operated."""
    upper = frame["level"].isin(["S", "A"])
    ungated = frame["gate"].isna()
    room = ungated & np.where(frame["wallet_share"].notna(), frame["wallet_share"] < ROOM_TO_GROW, growth >= GROWING)
    return pd.Series(np.select([upper & room, upper, room], ["invest", "maintain", "promote"], "operate"), index=frame.index).mask(
        frame["win_back"], None
    )


def _actions(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The one next action of each account and its urgency; the first rule that holds decides.

    Urgent are the accounts of step 3's short list and no others, each with the action that its sign calls for.
    """
    upper = frame["level"].isin(["S", "A"])
    red, yellow = frame["health_band"] == "red", frame["health_band"] == "yellow"
    dear = frame["revenue_at_risk"].quantile(0.9) if frame["revenue_at_risk"].notna().any() else 0.0
    rules: list[tuple[Any, str, str]] = [
        (frame["sign"] == "payment", "payment_plan", "urgent"),
        (frame["sign"] == "complaints", "close_complaints", "urgent"),
        (frame["sign"] == "contact_lost", "find_successor", "urgent"),
        (frame["sign"] == "competitor", "defend_offer", "urgent"),
        (frame["sign"] == "delivery", "mend_delivery", "urgent"),
        (frame["sign"] == "satisfaction_gap", "senior_visit", "urgent"),
        (frame["sign"] == "order_rhythm", "ask_rhythm", "urgent"),
        (frame["watched"], "ask_change", "urgent"),
        (frame["gate"].isin(["skinner", "unprofitable"]), "reprice", "soon"),
        (frame["overdue"] > OVERDUE_MATTERS * frame["revenue"], "collect_overdue", "soon"),
        (red & upper, "rescue_visit", "soon"),
        (frame["late"] == True, "recovery_call", "soon"),  # noqa: E712 - missing is not late
        (frame["win_back"], "win_back_talk", "soon"),
        ((frame["churn_probability"] >= LIKELY) & (frame["revenue_at_risk"] >= dear), "recovery_call", "soon"),
        (red & (frame["level"] == "B"), "recovery_call", "soon"),
        (yellow & upper, "review_meeting", "soon"),
        (frame["gate"] == "one_off", "no_investment", "routine"),
        (frame["type"] == "invest", "joint_plan", "soon"),
        (frame["type"] == "maintain", "quarterly_review", "routine"),
        (frame["type"] == "promote", "targeted_offer", "routine"),
        (red, "reactivation_mail", "routine"),
    ]
    conditions = [np.asarray(r[0], dtype=bool) for r in rules]
    action = np.select(conditions, [r[1] for r in rules], "standard_care")
    urgency = np.select(conditions, [r[2] for r in rules], "routine")
    return pd.Series(action, index=frame.index), pd.Series(urgency, index=frame.index)


def _visits_done(book: Book, frame: pd.DataFrame) -> pd.DataFrame:
    """For upper tiers: visits in the last three months against three months of the norm, and days since the last."""
    if not book.has("visits"):
        return pd.DataFrame({"done": [], "norm": [], "days": [], "revenue": []})
    start, end = measures.window_dates(book, 3)
    log = book.table("visits")
    log = log[log["date"] <= end]
    upper = frame[frame["level"].isin(["S", "A"])]
    done = log[log["date"] >= start].groupby("account_id").size().reindex(upper.index).fillna(0)
    last = log.groupby("account_id")["date"].max().reindex(upper.index)
    return pd.DataFrame(
        {"done": done, "norm": upper["visits"] * 3, "days": (pd.Timestamp(book.as_of) - last).dt.days, "revenue": upper["revenue"]}
    )


def _levels(frame: pd.DataFrame, strategy: Strategy) -> pd.DataFrame:
    by = (
        frame.groupby("level")
        .agg(accounts=("visits", "size"), revenue=("revenue", "sum"), visits=("visits", "sum"))
        .reindex(LEVELS)
        .fillna(0.0)
    )
    by["accounts"] = by["accounts"].astype(int)
    for key in ("title", "mechanism", "customisation", "discount"):
        for language in ("zh", "en"):
            by[f"{key}_{language}"] = [getattr(strategy.levels[level], key).get(language) for level in LEVELS]  # type: ignore[index]
    by["proactive_service_per_quarter"] = [strategy.levels[level].proactive_service_per_quarter for level in LEVELS]  # type: ignore[index]
    visited = [float(level in strategy.visited_levels) for level in LEVELS]
    by["branch"] = [strategy.levels[level].visits.branch * on for level, on in zip(LEVELS, visited, strict=True)]  # type: ignore[index]
    by["head_office"] = [strategy.levels[level].visits.head_office * on for level, on in zip(LEVELS, visited, strict=True)]  # type: ignore[index]
    return by.reset_index()


def _findings(
    book: Book, frame: pd.DataFrame, levels: pd.DataFrame, strategy: Strategy, capacity: float | None, done: pd.DataFrame
) -> Findings:
    found = Findings("plan")
    needed = float(frame["visits"].sum())
    urgent = frame[frame["urgency"] == "urgent"].sort_values("revenue", ascending=False)
    if len(urgent):
        sums = {"count": len(urgent), "revenue": urgent["revenue"].sum(), "days": strategy.due_days.urgent}
        if book.has("receivables"):
            found.add("urgent", "act", "start_urgent", urgent.index, **sums, overdue=urgent["overdue"].sum())
        else:
            found.add("urgent_silent", "act", "start_urgent", urgent.index, **sums)
    else:
        found.add("nothing_urgent", "note")
    by_type = {t: int((frame["type"] == t).sum()) for t in strategy.types}
    invest = frame[frame["type"] == "invest"].sort_values("revenue", ascending=False)
    win_back = int(frame["win_back"].sum())
    found.add("types", "note", "assign_teams", invest.index, planned=len(frame) - win_back, **by_type)
    if win_back:
        lost = frame[frame["win_back"]].sort_values("before", ascending=False)
        found.add("win_back_list", "act", "name_win_back_owners", lost.index, count=win_back, before=lost["before"].sum())
    over = capacity is not None and needed > capacity
    if capacity is None:
        found.add("capacity_unknown", "watch", "state_capacity", needed=needed)
    elif over:
        reach = _covered(levels, capacity)
        found.add("over_capacity", "act", "cut_from_below", needed=needed, capacity=capacity, over=needed - capacity, **reach)
    else:
        found.add("within_capacity", "note", needed=needed, capacity=capacity)
    if not book.has("visits"):
        found.add("visits_unknown", "watch", "ask_for_visits")
    elif len(done):
        behind = done[done["done"] < done["norm"]].sort_values("revenue", ascending=False)
        counts = {"behind": len(behind), "upper": len(done), "done": int(done["done"].sum()), "norm": done["norm"].sum()}
        if len(behind):
            found.add(
                "visits_behind", "watch", "schedule_visits" if over or capacity is None else "reallocate_visits", behind.index, **counts
            )
        else:
            found.add("visits_kept", "note", **counts)
    return found


def _covered(levels: pd.DataFrame, capacity: float) -> dict[str, Any]:
    """How far the capacity reaches when visits go to the highest level first: full levels, and the share of the next."""
    left, full = capacity, []
    for row in levels.itertuples():
        if row.visits <= left:
            left -= row.visits
            full.append(row.level)
        else:
            return {"full": "".join(full), "partial": row.level, "partial_share": figure(left / row.visits)}
    return {"full": "".join(full), "partial": None, "partial_share": None}
