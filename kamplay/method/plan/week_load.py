"""What a week of each owner holds: the visits of the calendar, and the actions beside them. What is done at a
visit counts with it, once.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kamplay.method.plan.actions import of_one_matter, turns, waits_for
from kamplay.method.plan.capacity import Team
from kamplay.method.plan.due_dates import in_weeks, rooms
from kamplay.method.plan.meetings import dated_by_visits, done_on
from kamplay.method.plan.owners import WEEKS
from kamplay.method.plan.working_days import WorkingDays

VISITS = ("visit", "review")  # kinds of the calendar's entries


def at_a_visit(actions: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """Whether each action is done at a visit: a joint review, or one that takes a visit and is due in a week
    in which its owner visits the account.

    Parameters
    ----------
    actions : account_id, owner, kind, visits, due (ISO).
    entries : of the calendar.
    """
    made = entries[entries["kind"].isin(VISITS)]
    seen = set(zip(made["unit_id"], made["person"], _mondays(made["date"]), strict=True))
    own = zip(actions["account_id"], actions["owner"], _mondays(actions["due"]), strict=True)
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
    return whole[whole["due"] != ""], whole[whole["due"] == ""]


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
        {"owner": own["owner"], "week": _mondays(own["due"]), "actions": 1, "bound": own["bound"].astype(int)}
    )
    seen = pd.DataFrame({"owner": made["person"], "week": _mondays(made["date"]), "visits": 1})
    seen = seen[seen["owner"].isin(actions["owner"].dropna())]
    sums = pd.concat([todo, seen]).groupby(["owner", "week"])[["actions", "bound", "visits"]].sum()
    sums = sums.astype("int64").reset_index()
    room = {pd.Timestamp(week): n for week, n in rooms(a_week, days).items()} if a_week else {}
    return sums.assign(room=sums["week"].map(room).astype("float64"))[WEEKS]


def _mondays(days: pd.Series) -> pd.Series:
    on = pd.to_datetime(days).astype("datetime64[us]")
    return on - pd.to_timedelta(on.dt.day_of_week, unit="D")
