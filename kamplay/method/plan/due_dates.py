"""By when each action is due: the urgent within their days, all else spread over the days that it has."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kamplay.method.plan.calendar import VISITS_A_DAY
from kamplay.method.plan.capacity import Team
from kamplay.method.plan.working_days import WorkingDays
from kamplay.presets.strategy import DueDays

APART = 14  # days between the due dates of two things at one unit
SPREAD = ("soon", "routine")  # urgencies whose actions need not all be done on their last day
DAYS_A_MONTH = 21  # working days


def due_dates(rows: pd.DataFrame, within: DueDays, days: WorkingDays, team: Team) -> list[str]:
    """The due date of each action, ISO.

    What is urgent or warned is due on the last working day within its days. What has more time is spread: an
    owner's actions of one length of time lie evenly on its working days, behind those of the shorter one, no
    more visits a day than the owner, or the owner's part of what the team, can make; where they do not fit,
    later. What waits for others at the same unit comes APART days behind each of them, if the days last.

    Parameters
    ----------
    rows : account_id, owner (may be missing), urgency, waits (how many others it waits for), visits, at_once
        (all of these on one day, as of a campaign); of one owner and length the first comes first.
    days : the working days from the day of the plan on.
    team : what the people can do.
    """
    allowed = within.model_dump()
    length = rows["urgency"].map(allowed).astype(int) + APART * rows["waits"].astype(int)
    out = pd.Series([days.within(n) for n in length], index=rows.index, dtype=object)
    rows = rows.assign(length=length)
    free = rows[rows["urgency"].isin(SPREAD) & ~rows["at_once"]]
    a_day = _visits_a_day(free[free["length"] <= allowed["soon"]], team)
    latest: dict[str, date] = {}
    for owner, own in free.groupby(free["owner"].fillna(""), sort=True):
        end = days.days.index(days.first) if days.first in days.days else -1
        for allowed_days, group in own.groupby("length", sort=True):
            start, last = end, days.days.index(days.within(int(allowed_days)))
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
