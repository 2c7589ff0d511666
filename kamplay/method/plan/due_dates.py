"""By when each action is due: the urgent within their days, all else spread over the days that it has, and no
more a week than an owner can do.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.plan.capacity import VISITS_A_DAY, Team
from kamplay.method.plan.working_days import WorkingDays
from kamplay.presets.strategy import DueDays

APART = 14  # days between the due dates of two things at one unit
FROM_THE_FIRST = ("joint_review",)  # kinds that, where they are many, take all days of their length
SPREAD = ("soon", "routine")  # urgencies whose actions need not all be done on their last day
DAYS_A_MONTH = 21  # working days


def due_dates(rows: pd.DataFrame, within: DueDays, days: WorkingDays, team: Team) -> list[str]:
    """The due date of each action, ISO.

    What is urgent or warned is due on the last working day within its days. What has more time is spread: an
    owner's actions of one length of time lie evenly on its working days, behind those of the shorter one, no
    more visits a day than the owner, or the owner's part of what the team, can make; where they do not fit,
    later. What waits for others at the same unit comes APART days behind each of them, if the days last.
    What is ``alone`` lies evenly by itself on the days of its length, behind those of what is soon, joint
    reviews from the first day on.

    Parameters
    ----------
    rows : account_id, owner (may be missing), urgency, waits (how many others it waits for), visits, at_once
        (all of these on one day, as of a campaign), alone (kind of the many that are spread by themselves,
        "" of all else; without the column of all); of one owner and length the first comes first.
    days : the working days from the day of the plan on.
    team : what the people can do.
    """
    allowed = within.model_dump()
    length = rows["urgency"].map(allowed).astype(int) + APART * rows["waits"].astype(int)
    out = pd.Series([days.within(n) for n in length], index=rows.index, dtype=object)
    rows = rows.assign(length=length, alone=rows.get("alone", ""))
    free = rows[rows["urgency"].isin(SPREAD) & ~rows["at_once"]]
    a_day = _visits_a_day(free[free["length"] <= allowed["soon"]], team)
    latest: dict[str, date] = {}
    for owner, own in free.groupby(free["owner"].fillna(""), sort=True):
        begin = end = days.days.index(days.first) if days.first in days.days else -1
        for (allowed_days, alone), group in own.groupby(["length", "alone"], sort=True):
            start, last = end, days.days.index(days.within(int(allowed_days)))
            if alone:
                start = begin if alone in FROM_THE_FIRST else days.days.index(days.within(allowed["soon"]))
            visits = int((group["visits"] > 0).sum())
            stretch = max(last - start, int(np.ceil(visits / a_day[str(owner)])), 1)
            for place, row in enumerate(group.itertuples(), 1):
                at = min(start + -(-place * stretch // len(group)), len(days.days) - 1)
                end = max(end, at)
                due, before = days.days[at], latest.get(row.account_id)
                if row.waits and before is not None:
                    apart = min(before + timedelta(days=APART), days.last)
                    due = max(due, days.on_or_before(apart))
                latest[row.account_id] = out[row.Index] = due
            end = max(end, last)
    return [day.isoformat() for day in out]


def in_weeks(rows: pd.DataFrame, a_week: float, last: date, days: WorkingDays, team: Team) -> pd.Series:
    """The due dates (ISO) where no owner has more than ``a_week`` actions a week; "" where one finds no week.

    What is fixed keeps its day and comes first. Of all else that is due by the end of a week the first things
    at each unit, then those with most at stake, take what is left of it, no more of them with a visit than
    the owner can make; the others wait for the next week, and after ``last`` they are not planned. At one
    unit the order stays. Where nobody is named, nothing is moved.

    Parameters
    ----------
    rows : account_id, owner (may be missing), due (ISO), fixed, place (of the unit's actions), waits, visits,
        money; of equals the one that stands first comes first. Those that are not ``counted`` take no room
        (without the column all do), and are fixed.
    a_week : of a week with five working days; a shorter one holds its part.
    """
    rows = rows if "counted" in rows else rows.assign(counted=True)
    out = rows["due"].astype(object).copy()
    week = pd.Series([_monday(date.fromisoformat(day)) for day in rows["due"]], rows.index, dtype=object)
    on = _by_week(days, last)
    room = rooms(a_week, days, last)
    a_day = _visits_a_day(rows[~rows["fixed"]], team)
    for owner, own in rows.groupby("owner"):
        load = week[own.index[own["counted"]]].value_counts()
        if all(count <= room.get(monday, count) for monday, count in load.items()):
            continue
        fixed = own["fixed"] | ~week[own.index].isin(on)  # what is due beyond the last day stays
        taken = week[own.index[fixed & own["counted"]]].value_counts()
        order = own.assign(further=own["place"] > 1)[~fixed]
        free = order.sort_values(["further", "money"], ascending=[True, False], kind="stable")
        visits = max(1.0, 5 * a_day[str(owner)])
        held: dict[Any, dict[int, date]] = defaultdict(dict)  # of each unit the weeks of its actions
        waiting: dict[Any, set[int]] = defaultdict(set)  # and those that have none yet
        for row in own.itertuples():
            if fixed[row.Index]:
                held[row.account_id][row.place] = week[row.Index]
            else:
                waiting[row.account_id].add(row.place)
        for monday in sorted(on):
            left, with_visit = room[monday] - int(taken.get(monday, 0)), 0
            chosen: list[Any] = []
            for row in free[free.index.isin(week.index[week <= monday])].itertuples():
                unit, place = row.account_id, row.place
                if len(chosen) >= left or (row.visits > 0 and with_visit >= visits):
                    continue
                if row.waits and not _in_turn(place, monday, held[unit], waiting[unit]):
                    continue
                chosen.append(row.Index)
                with_visit += int(row.visits > 0)
                held[unit][place] = monday
                waiting[unit].discard(place)
            moved = [at for at in chosen if week[at] < monday]
            for place, at in enumerate(moved):
                out[at] = on[monday][place * len(on[monday]) // len(moved)].isoformat()
            free = free.drop(index=chosen)
        out[free.index] = ""
    return out


def leveled(windows: Mapping[Any, tuple[date, date]], days: Sequence[date]) -> dict[Any, date]:
    """A working day for each thing between the first and the last day of its window, as evenly as these let:
    each day takes the part that keeps up with all that ends by any later day, what ends soonest first.

    Parameters
    ----------
    windows : thing → its first and its last day; both are among ``days``.
    days : the working days, in their order.
    """
    place = {day: n for n, day in enumerate(days)}
    opening: dict[int, list[tuple[int, int, Any]]] = defaultdict(list)
    left = np.zeros(len(days), dtype=int)  # of what has no day yet, by its last day
    for order, (thing, (first, last)) in enumerate(windows.items()):
        opening[place[first]].append((place[last], order, thing))
        left[place[last]] += 1
    out: dict[Any, date] = {}
    waiting: list[tuple[int, int, Any]] = []
    for at in range(len(days)):
        for one in opening[at]:
            heapq.heappush(waiting, one)
        until = np.cumsum(left[at:])
        part = int(np.ceil((until / np.arange(1, len(until) + 1)).max()))
        for _ in range(min(part, len(waiting))):
            ends, _, thing = heapq.heappop(waiting)
            out[thing] = days[at]
            left[ends] -= 1
    return out


def rooms(a_week: float, days: WorkingDays, last: date | None = None) -> dict[date, int]:
    """How many actions each week (by its Monday) holds, where one of five working days holds ``a_week``."""
    on = _by_week(days, last or days.last)
    return {monday: int(np.ceil(a_week * min(len(those), 5) / 5)) for monday, those in on.items()}


def _by_week(days: WorkingDays, last: date) -> dict[date, list[date]]:
    """The working days up to the ``last``, by the Monday of their week."""
    on: dict[date, list[date]] = defaultdict(list)
    for day in days.days:
        if days.first <= day <= last:
            on[_monday(day)].append(day)
    return on


def _in_turn(place: int, monday: date, held: dict[int, date], waiting: set[int]) -> bool:
    """Whether all earlier actions of the unit have a week, and lie APART from this one."""
    late = monday - timedelta(days=APART)
    return not any(one < place for one in waiting) and all(
        before <= late or number >= place for number, before in held.items()
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def no_later(due: date, first: date | None, days: WorkingDays) -> date:
    """``due``, or the last working day up to the ``first`` day that the matter itself names (a day of
    notice), where that is sooner and not past.
    """
    if first is None or not days.days[0] <= first < due:
        return due
    return days.on_or_before(first)


def _visits_a_day(rows: pd.DataFrame, team: Team) -> dict[str, float]:
    """How many visits a day each owner can make: of their own, and of the team's by what is asked of them."""
    asked = rows.loc[rows["visits"] > 0, "owner"].fillna("").value_counts()
    out: dict[str, float] = defaultdict(lambda: float(VISITS_A_DAY))
    out[""] = np.inf  # nobody is named: as many as it takes
    for name, person in team.people.items():
        out[name] = max(min(person.visits / DAYS_A_MONTH, float(person.visits_per_day)), 1e-3)
    if team.visits is not None and asked.sum() > 0:
        whole = max(team.visits, 1e-3) / DAYS_A_MONTH
        for name, count in asked.items():
            out[str(name)] = min(out[str(name)], whole * count / asked.sum())
    return out
