"""What a week of each owner holds: the visits of the calendar, and the actions beside them. What is done at a
visit counts with it, once.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kamplay.method.plan.actions import of_one_matter, turns, waits_for
from kamplay.method.plan.capacity import Team
from kamplay.method.plan.due_dates import in_weeks, rooms
from kamplay.method.plan.meetings import VISITS, dated_by_visits, done_on
from kamplay.method.plan.owners import WEEKS
from kamplay.method.plan.working_days import WorkingDays

A_DAY = 3  # things to do beside visits on one day, where the week has other days for the rest


def at_a_visit(actions: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """Whether each action is done at a visit: a joint review, or one that takes a visit and is due in a week
    in which its owner visits the account.

    Parameters
    ----------
    actions : account_id, owner, kind, visits, due (ISO).
    entries : of the calendar.
    """
    made = entries[entries["kind"].isin(VISITS)]
    seen = set(zip(made["unit_id"], made["person"], mondays(made["date"]), strict=True))
    own = zip(actions["account_id"], actions["owner"], mondays(actions["due"]), strict=True)
    there = np.array([one in seen for one in own], dtype=bool)
    return (actions["kind"] == "joint_review") | (there & (actions["visits"] > 0))


def weeks_with_visits(
    actions: pd.DataFrame,
    postponed: pd.DataFrame,
    entries: pd.DataFrame,
    a_week: float,
    last: date,
    days: WorkingDays,
    team: Team,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The actions and those that no week holds, once the calendar says what is done at a visit, which takes
    no room of a week: what still is too much moves on as in ``in_weeks``, and what found no week before has
    the room that is left.

    Parameters
    ----------
    actions, postponed : as in ``Plan``, on one index.
    entries : of the calendar made of the actions.
    a_week, last, days, team : as in ``in_weeks``.
    """
    again = postponed.assign(due=postponed["wished"])
    whole = dated_by_visits(pd.concat([actions, again]).sort_index(), entries)
    held = (whole["visits"] > 0) & done_on(whole["account_id"], whole["kind"], whole["meet"], entries).notna()
    # what has no visit is done by phone, beside them
    beside = at_a_visit(whole.assign(visits=held.astype(int)), entries) | of_one_matter(whole)
    rows = whole.assign(
        fixed=(whole["bound"] | beside | held).astype(bool),
        counted=~beside,
        waits=waits_for(whole),
        place=turns(whole),
        visits=0,
    )
    whole["due"] = in_weeks(rows, a_week, last, days, team)
    moves = ~rows["fixed"] & (whole["due"] != "")
    whole["due"] = on_days_in(whole, entries, moves, rows["counted"] & ~held, last, days)
    whole["wished"] = whole["wished"].mask(moves & (whole["due"] < whole["wished"]), whole["due"])
    return whole[whole["due"] != ""], whole[whole["due"] == ""]


def on_days_in(
    actions: pd.DataFrame,
    entries: pd.DataFrame,
    moves: pd.Series,
    counted: pd.Series,
    last: date,
    days: WorkingDays,
) -> pd.Series:
    """The due dates (ISO), what ``moves`` on a day of its week on which its owner makes no visit, where there
    is one, and no more than A_DAY a day, or the week's even part, where others are left. At one unit the
    order stays.

    Parameters
    ----------
    actions : account_id, owner (where nobody is named, nothing moves), due (ISO).
    entries : of the calendar.
    moves, counted : on the index of the actions: which may move, and which take room of a day.
    last : the day after which nothing is put.
    """
    made = entries[entries["kind"].isin(VISITS) & entries["person"].notna()]
    out_on = set(zip(made["person"], made["date"].dt.strftime("%Y-%m-%d"), strict=True))
    week = mondays(actions["due"].where(actions["due"] != "")).dt.strftime("%Y-%m-%d")
    those = [day for day in days.days if days.first < day <= last]
    in_week: dict[str, list[str]] = defaultdict(list)
    for day in those:
        in_week[(day - timedelta(days=day.weekday())).isoformat()].append(day.isoformat())
    due = actions["due"].astype(object).copy()
    of_unit = actions.groupby("account_id").groups
    load = due[counted].groupby([actions["owner"], due]).size().to_dict()
    count = counted.groupby([actions["owner"], week]).sum()
    order = actions[moves & actions["owner"].notna()].sort_values("due", kind="stable")
    for row in order.itertuples():
        monday, owner = week[row.Index], row.owner
        free = [day for day in in_week[monday] if (owner, day) not in out_on]
        others = [due[at] for at in of_unit[row.account_id] if at != row.Index and due[at]]
        first = max((day for day in others if day <= row.due), default="")
        end = min((day for day in others if day >= row.due), default="9")
        free = [day for day in free if first <= day <= end]
        if not free:
            continue
        most = max(-(-int(count[owner, monday]) // len(free)), A_DAY)
        load[owner, row.due] -= 1
        on = date.fromisoformat(row.due)
        best = min(
            free,
            key=lambda day: (
                max(load.get((owner, day), 0) + 1 - most, 0),
                abs((date.fromisoformat(day) - on).days),
                day,
            ),
        )
        load[owner, best] = load.get((owner, best), 0) + 1
        due[row.Index] = best
    return due


def weekly(
    actions: pd.DataFrame, entries: pd.DataFrame, a_week: float | None, days: WorkingDays
) -> pd.DataFrame:
    """What each week of each owner holds.

    Returns
    -------
    A row per owner and week: owner, week (its Monday), actions (due in it, without those done at a visit and
    the many routine ones that are one matter), bound (of these, to a day), visits (of the calendar, by the
    owner), room (actions that it can hold; missing where nothing limits them).
    """
    own = actions[actions["owner"].notna() & ~at_a_visit(actions, entries) & ~of_one_matter(actions)]
    made = entries[entries["kind"].isin(VISITS) & entries["person"].notna()]
    todo = pd.DataFrame(
        {"owner": own["owner"], "week": mondays(own["due"]), "actions": 1, "bound": own["bound"].astype(int)}
    )
    seen = pd.DataFrame({"owner": made["person"], "week": mondays(made["date"]), "visits": 1})
    seen = seen[seen["owner"].isin(actions["owner"].dropna())]
    sums = pd.concat([todo, seen]).groupby(["owner", "week"])[["actions", "bound", "visits"]].sum()
    sums = sums.astype("int64").reset_index()
    room = {pd.Timestamp(week): n for week, n in rooms(a_week, days).items()} if a_week else {}
    return sums.assign(room=sums["week"].map(room).astype("float64"))[WEEKS]


def mondays(days: pd.Series) -> pd.Series:
    """The Monday of the week of each day (date, or ISO)."""
    on = pd.to_datetime(days).astype("datetime64[us]")
    return on - pd.to_timedelta(on.dt.day_of_week, unit="D")
