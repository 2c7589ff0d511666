"""What the team can do, in visits or hours by person and role, and who makes the visits of an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kamplay.presets import LEVELS

ROLES = ("branch", "head_office")
ROUND = 1e-6  # what a solver leaves of a whole number
NOBODY = ""  # makes the visits of accounts without an owner
LEAD = "\0lead"  # the head of sales, who makes those of head office where it names nobody
VISITS_A_DAY = 3  # of one person, where the settings say nothing else


@dataclass(frozen=True)
class Person:
    """What one person can do in a month, in visits or in hours.

    Attributes
    ----------
    role : ``branch`` or ``head_office``, as the visit norms count.
    visits_per_month, hours_per_month : one of the two; the other is None.
    hours_per_visit : of a visit with its preparation; needed where hours are given.
    travel_hours : of a day out in one city (one region where it is not known), whatever the number of visits.
    visits_per_day : that fit a day out.
    """

    role: str = "branch"
    visits_per_month: float | None = None
    hours_per_month: float | None = None
    hours_per_visit: float | None = None
    travel_hours: float = 0.0
    visits_per_day: int = 3

    @property
    def travels(self) -> bool:
        """Whether days out take hours of their own."""
        return self.hours_per_month is not None and self.travel_hours > 0

    @property
    def visits(self) -> float:
        """Visits a month; of hours as many whole ones as fit the month, with the days out they take."""
        if self.visits_per_month is not None:
            return self.visits_per_month
        return float(self.visits_in(self.hours_per_month or 0.0).max())

    def visits_in(self, hours: float) -> np.ndarray:
        """The whole visits that fit so many hours on no day out, one, two …; where days out take no hours, in
        one figure.
        """
        each = self.hours_per_visit or 1.0
        if not self.travels:
            return np.array([np.floor(hours / each + ROUND)])
        days = np.arange(int(hours / self.travel_hours + ROUND) + 1)
        fit = np.floor((hours - days * self.travel_hours) / each + ROUND)
        return np.minimum(days * self.visits_per_day, fit)


@dataclass(frozen=True)
class Team:
    """What all can do together, and by person where that is known; both bounds hold.

    Attributes
    ----------
    visits_per_month : of the whole team; None where it is not stated.
    people : by name; who is not named has no bound of their own.
    """

    visits_per_month: float | None = None
    people: Mapping[str, Person] = field(default_factory=dict)

    @property
    def visits(self) -> float | None:
        """Visits a month that all can make together; None where nothing is stated."""
        named = sum(person.visits for person in self.people.values()) if self.people else None
        bounds = [bound for bound in (self.visits_per_month, named) if bound is not None]
        return min(bounds) if bounds else None

    def of_role(self, role: str) -> list[str]:
        """The people who are named with that role."""
        return [name for name, person in self.people.items() if person.role == role]

    def bounds(self, person: str) -> bool:
        """Whether anything bounds the visits of a person, who may be named or not."""
        return self.visits_per_month is not None or person in self.people


def place_of(level: pd.Series) -> pd.Series:
    """The place of each level, 0 the highest; without tiers all are alike."""
    return level.map({level: place for place, level in enumerate(LEVELS)}).fillna(0).astype(int)


def highest_first(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` by level, the highest first, then by revenue, the largest first."""
    order = np.lexsort((-frame["revenue"].to_numpy(dtype=float), place_of(frame["level"])))
    return frame.iloc[order]


def needs_of(units: pd.DataFrame, team: Team) -> pd.DataFrame:
    """List what the norms ask for, and lay each unit's visits of a role on one person.

    The owner makes the visits of the branch. Those of accounts without an owner go to the named people of the
    branch, first to those who own an account of the region; those of the head office to its named people. Of
    several the one with the most visits to spare takes a region, the highest levels and the largest accounts
    first, until the visits are used up. Where nobody is named, those of the head office are LEAD's, the
    others NOBODY's.

    Parameters
    ----------
    units : index unit_id: level, owner (may be missing), revenue, visits_branch and visits_head_office
        (norms, a month); region and city may be missing.

    Returns
    -------
    A row per unit and role with a norm: unit_id, role, level, person, region, place (the city, else the
    region; both "" where unknown), revenue, norm (visits a month).
    """
    frame = units.rename_axis("unit_id").reset_index()
    frame["region"] = frame["region"].fillna("").astype(object) if "region" in frame else ""
    city = frame["city"] if "city" in frame else pd.Series(None, index=frame.index, dtype=object)
    frame["place"] = city.where(city.notna(), frame["region"]).astype(object)
    parts = []
    for role in ROLES:
        part = frame[frame[f"visits_{role}"] > 0]
        part = part.assign(role=role, norm=part[f"visits_{role}"].astype("float64"))
        part["person"] = part["owner"].astype(object) if role == "branch" else None
        parts.append(part[["unit_id", "role", "level", "person", "region", "place", "revenue", "norm"]])
    needs = pd.concat(parts, ignore_index=True)
    spare = {
        name: one.visits - needs.loc[needs["person"] == name, "norm"].sum()
        for name, one in team.people.items()
    }
    owned = needs[needs["person"].isin(team.of_role("branch"))]
    of_region = owned.groupby("region")["person"].unique().map(list).to_dict()
    needs["person"] = needs["person"].where(needs["person"].notna(), None)
    free = needs[needs["person"].isna()]
    regions = free.groupby(["role", "region"])["norm"].sum().sort_values(ascending=False, kind="stable")
    for role, region in regions.index:
        people = (of_region.get(region) if role == "branch" else None) or team.of_role(role)
        own = free[(free["role"] == role) & (free["region"] == region)]
        own = highest_first(own)
        person = NOBODY if role == "branch" else LEAD
        for row, norm in zip(own.index, own["norm"], strict=True):
            if people and (person in (NOBODY, LEAD) or spare[person] < norm):
                person = max(people, key=lambda one: (spare[one], one))
            if people:
                spare[person] -= norm
            needs.loc[row, "person"] = person
    return needs


def of_the_place(accounts: pd.DataFrame, units: Iterable[str], people: Sequence[str]) -> list[str]:
    """Those of some people who own an account where ``units`` are: who has one in a city of theirs first,
    then who has one in a region of theirs. Where no place of the units is known, all of the people.

    Parameters
    ----------
    accounts : index account_id; owner, region and city may be missing.
    people : in the order in which they are to be named.
    """
    known = [name for name in ("city", "region") if name in accounts and "owner" in accounts]
    there = accounts.loc[accounts.index.intersection(pd.Index(list(units), dtype="str"))]
    known = [name for name in known if there[name].notna().any()]
    if not known:
        return list(people)
    near: list[str] = []
    for name in known:
        owners = set(accounts.loc[accounts[name].isin(there[name].dropna().unique()), "owner"].dropna())
        near += [one for one in people if one in owners and one not in near]
    return near
