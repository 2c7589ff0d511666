"""Who works for the key accounts, as far as the data name anybody: the roles of the account team by name, and
where the open complaints stand on the way up.

An account lead is the owner of a key account; head office are those whom the settings name for its visits,
else whoever the visit log names for them. No table names the other roles: they are named in the strategy or
not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.plan.capacity import Person
from kamplay.method.results import Findings
from kamplay.presets import LEVELS, Strategy
from kamplay.presets.scorecard import KEY_LEVELS

PEOPLE = ["role", "person", "level", "count", "source"]
RUNGS = ["rung", "open", "units", "person", "of_person"]


@dataclass(frozen=True)
class Organisation:
    """Names for the roles.

    Attributes
    ----------
    people : one row a person, role and level: PEOPLE. ``count``: key accounts that an account lead owns,
        visits of 12 months that head office made; missing of who is named in the strategy or the settings.
        ``level`` of account leads only (missing where accounts are not tiered). ``source``: ``strategy``,
        ``owners``, ``visits`` or ``settings``. Those with most first.
    rungs : one row a rung of the escalation and owner: RUNGS. ``rung`` −1 where a complaint is not past its
        day or the first rung's time has not passed; ``open``: complaints there now without those of lost
        units, in all, and ``of_person`` those at accounts of this owner (missing: nobody); rungs without any
        have no row.
    """

    people: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PEOPLE))
    rungs: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RUNGS))


def organisation(
    book: Book,
    units: pd.DataFrame,
    queue: pd.DataFrame,
    strategy: Strategy,
    team: Mapping[str, Person],
    tiered: bool,
) -> Organisation:
    """Name who is known.

    Parameters
    ----------
    units : planned units (index unit_id): owner, level, gone.
    queue : open complaints, as in ``Service``.
    team : people whose capacity is stated.
    tiered : False where accounts are not tiered: all that are left count as key.
    """
    named = [
        (key, role.who, None, None, "strategy") for key, role in strategy.team.every().items() if role.who
    ]
    known = {key for key, *_ in named}
    if "account" not in known:
        named += _owners(units, tiered)
    if "head_office" in strategy.team.every() and "head_office" not in known:
        own = [name for name, person in team.items() if person.role == "head_office"]
        named += [("head_office", name, None, None, "settings") for name in own] or _head_office(book)
    people = pd.DataFrame(named, columns=PEOPLE).astype({"count": "float64"})
    return Organisation(people, _rungs(queue, units))


def _owners(units: pd.DataFrame, tiered: bool) -> list[tuple]:
    """Owners of key units that still buy, level by level."""
    key = units[units["owner"].notna() & ~units["gone"].astype(bool)]
    if not tiered:
        counts = key["owner"].value_counts()
        return [("account", person, None, count, "owners") for person, count in counts.items()]
    out = []
    for level in LEVELS:
        if level in KEY_LEVELS:
            counts = key.loc[key["level"] == level, "owner"].value_counts()
            out += [("account", person, level, count, "owners") for person, count in counts.items()]
    return out


def _head_office(book: Book) -> list[tuple]:
    """Who made the visits of head office in the 12 months, by number."""
    if not book.has("visits", "by", "level"):
        return []
    start, end = purchases.window_dates(book, 12)
    log = book.table("visits")
    log = log[(log["level"] == "head_office") & (log["date"] >= start) & (log["date"] <= end)]
    return [("head_office", who, None, count, "visits") for who, count in log["by"].value_counts().items()]


def _rungs(queue: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Open complaints by rung and by the owner of their account."""
    own = queue[~queue["lost"].astype(bool)] if len(queue) else queue
    if own.empty:
        return Organisation().rungs
    rows = pd.DataFrame(
        {
            "rung": own["rung"].fillna(-1).astype(int),
            "unit_id": own["unit_id"],
            "person": own["unit_id"].map(units["owner"]).astype(object),
        }
    )
    out = rows.groupby(["rung", "person"], dropna=False, sort=False).size().rename("of_person").reset_index()
    whole = rows.groupby("rung").agg(open=("unit_id", "size"), units=("unit_id", "nunique"))
    out = out.join(whole, on="rung").sort_values(
        ["rung", "of_person"], ascending=[True, False], kind="stable"
    )
    out["person"] = out["person"].where(out["person"].notna(), None)
    return out[RUNGS].reset_index(drop=True)


def add_findings(found: Findings, result: Organisation, strategy: Strategy, due: str) -> None:
    """Add for which roles nobody is named.

    Parameters
    ----------
    due : day (ISO) by which each has a name.
    """
    roles = strategy.team.every()
    lacking = [key for key in roles if key not in set(result.people["role"])]
    if lacking:
        names = {language: [roles[key].get(language) for key in lacking] for language in ("zh", "en")}
        found.add("team_unnamed", "note", "name_team", **names, count=len(lacking), of=len(roles), due=due)
    else:
        found.add("team_named", "note", None, count=len(roles))
