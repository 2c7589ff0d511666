"""The tours of the head of sales, where head office names nobody else: on which day at which account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise, permutations

import numpy as np
import pandas as pd

from kamplay.method.plan.capacity import VISITS_A_DAY
from kamplay.method.plan.diary import Place

# what a day costs beside the weeks until it comes, by what the head of sales does in its week anyway
THERE, NEAR, FREE, ELSEWHERE = -1.0, 0.0, 1.0, 1.5
SPREAD_WEEKS = 6  # two visits of a quarter to one account so far apart are evenly spread


@dataclass(frozen=True)
class HeadOfSales:
    """When the head of sales can be out, and whom the plan has him see first.

    Attributes
    ----------
    days : working days on which he can be away: those on which he decides are left out.
    units : index unit_id: region and city (may be missing), due (day by which a dated matter takes him there;
        missing: none) and opens (first day of the visit that is dated; missing: any), asks (day up to which
        what it is about is asked for, the visit after it where a day is left; missing: any), begins (first
        day on which any may be), before (day by which its first visit is, as far as days are left; missing:
        none), rank (of its first visit, 0 the first; missing: it is seen where he is in its city anyway, and
        elsewhere only once all others are), key (whether it is an account of level S or A, which is seen
        again before others are).
    days_a_week : on which he is away at most, unless a dated matter takes one more.
    days_apart : at least between two visits to one account, unless a dated matter takes one sooner.
    """

    days: tuple[date, ...]
    units: pd.DataFrame
    days_a_week: int
    days_apart: int

    def tours(self, asked: pd.DataFrame) -> pd.DataFrame:
        """The visits that he can make.

        What is dated, or is to come before a day, is first, the sooner of them first, then a visit to each by
        its rank, then the second, third … of key
        accounts, then the others; of days that serve as well the one on which he is in the city, then one of
        a week in its region, then a free week's. In the end the days of one region follow each other.

        Parameters
        ----------
        asked : unit_id, level, revenue and least (visits of the quarter) of all that are his, the highest
            level and the largest first.

        Returns
        -------
        unit_id and date of each, by date.
        """
        made = _Out(self)
        rows = asked[asked["unit_id"].isin(self.units.index) & (asked["least"] > 0)]
        most = dict(zip(rows["unit_id"], rows["least"].astype(int), strict=True))
        order, units = list(most), self.units
        dated = [unit for unit in order if isinstance(self.units.at[unit, "due"], date)]
        before = units["before"] if "before" in units else pd.Series(None, units.index, dtype=object)
        first = [(self.units.at[unit, "due"], 0, 0.0, unit) for unit in dated]
        for unit in (one for one in order if isinstance(before[one], date)):
            rank = units.at[unit, "rank"]
            first.append((before[unit], 1, np.inf if pd.isna(rank) else float(rank), unit))
        for day, undated, _, unit in sorted(first, key=lambda one: one[:3]):
            if undated:
                made.undated(unit, 1, last=day)
            else:
                made.dated(unit, day)
        ranked = [unit for unit in order if pd.notna(units.at[unit, "rank"])]
        for unit in sorted(ranked, key=lambda unit: int(units.at[unit, "rank"])):
            made.undated(unit, 1)
        key = [unit for unit in order if units.at[unit, "key"]]
        others = [unit for unit in order if not units.at[unit, "key"]]
        for joins in (True, False):  # others where he is anyway, and then wherever days are left
            for unit, number in _rounds(key, most):
                made.undated(unit, number)
            for unit, number in _rounds(others, most):
                made.undated(unit, number, joins)
        made.in_regions()
        told = [(unit, day) for unit in order for day in made.of[unit]]
        out = pd.DataFrame(told, columns=["unit_id", "date"]).astype({"unit_id": object})
        return out.sort_values(["date", "unit_id"], kind="stable", ignore_index=True)


def _rounds(units: list[str], most: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Each unit once, then again, as often as it is to be seen: with how many visits it has then."""
    for number in range(1, max((most[unit] for unit in units), default=0) + 1):
        yield from ((unit, number) for unit in units if most[unit] >= number)


@dataclass
class _Out:
    """The days as they fill up."""

    head: HeadOfSales
    places: dict[str, Place] = field(init=False)
    at: dict[date, list[str]] = field(default_factory=dict)  # whom he sees on a day
    of: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        where = self.head.units[["region", "city"]].astype(object)
        where = where.where(where.notna(), None)
        rows = where.itertuples(index=False, name=None)
        self.places = {unit: Place(*row) for unit, row in zip(where.index, rows, strict=True)}

    def _takes(self, day: date, unit: str) -> bool:
        """Whether a day has room for a visit there: one city a day."""
        there = self.at.get(day, [])
        way = self.places[unit].way
        return (
            unit not in there
            and len(there) < VISITS_A_DAY
            and all(self.places[other].way == way for other in there)
        )

    def _week(self, day: date) -> list[date]:
        """The days of its week on which he is away."""
        monday = day - timedelta(days=day.weekday())
        return [one for one in self.at if monday <= one < monday + timedelta(days=7)]

    def _full(self, day: date) -> bool:
        return day not in self.at and len(self._week(day)) >= self.head.days_a_week

    def _way(self, day: date, unit: str) -> float:
        """What the way there costs on a day, by where he is in its week anyway."""
        if self.at.get(day):
            return THERE
        week = self._week(day)
        if not week:
            return FREE
        regions = {self.places[other].region for one in week for other in self.at[one]}
        region = self.places[unit].region
        beside = min(abs((day - one).days) for one in week) / 10  # days of one tour follow each other
        return (NEAR if region is not None and region in regions else ELSEWHERE) + beside

    def _days(self, unit: str, last: date | None = None) -> Iterable[date]:
        begins = self.head.units.at[unit, "begins"]
        return (d for d in self.head.days if d >= begins and (last is None or d <= last))

    def dated(self, unit: str, due: date) -> None:
        """A visit by a day, unless one of its days is spent there: the last that a week takes, if need be one
        more of the week.
        """
        opens = self.head.units["opens"].get(unit) if "opens" in self.head.units else None
        from_ = opens if isinstance(opens, date) else self.head.days[0]
        if any(from_ <= day <= due for day in self.of[unit]):
            return
        days = [day for day in self._days(unit, due) if day >= from_ and self._takes(day, unit)]
        asks = self.head.units["asks"].get(unit) if "asks" in self.head.units else None
        days = [day for day in days if isinstance(asks, date) and day > asks] or days
        days = [day for day in days if not self._full(day)] or days
        if days:
            self._see(unit, min(days, key=lambda day: (self._way(day, unit), day)))

    def undated(self, unit: str, number: int, joins: bool = False, last: date | None = None) -> None:
        """The visit with which the unit has ``number``, where the others are far enough; ``joins``: only
        where he is anyway; ``last``: up to that day.
        """
        others = self.of[unit]
        if len(others) >= number:
            return
        gaps = {
            day: min((abs((day - other).days) for other in others), default=7 * SPREAD_WEEKS)
            for day in self._days(unit, last)
            if self._takes(day, unit) and not self._full(day) and (not joins or day in self.at)
        }
        days = [day for day, gap in gaps.items() if gap >= self.head.days_apart]
        if not days:
            return
        monday = self.head.days[0] - timedelta(days=self.head.days[0].weekday())

        def cost(day: date) -> tuple[float, date]:
            weeks = (day - monday).days // 7 if not others else max(0.0, SPREAD_WEEKS - gaps[day] / 7)
            return weeks + self._way(day, unit), day

        self._see(unit, min(days, key=cost))

    def in_regions(self) -> None:
        """Have the days of one region follow each other within each week, where nothing dated, nor a day too
        near to another visit, keeps one where it is.
        """
        for monday in sorted({day - timedelta(days=day.weekday()) for day in self.at}):
            days = sorted(self._week(monday))
            stops = [self.at[day] for day in days]
            best = min(
                (order for order in permutations(range(len(days))) if self._may(days, stops, order)),
                key=lambda order: (self._changes(stops, order), order),
            )
            for day, place in zip(days, best, strict=True):
                self.at[day] = stops[place]
            for place, old in enumerate(days):
                new = days[best.index(place)]
                for unit in stops[place] if new != old else ():
                    self.of[unit] = sorted(new if one == old else one for one in self.of[unit])

    def _may(self, days: list[date], stops: list[list[str]], order: tuple[int, ...]) -> bool:
        """Whether each stop may be on its new day."""
        units = self.head.units
        before = units["before"] if "before" in units else pd.Series(dtype=object)
        for new, place in zip(days, order, strict=True):
            for unit in stops[place] if new != days[place] else ():
                due, old = self.head.units.at[unit, "due"], days[place]
                held = any(isinstance(one, date) and old <= one < new for one in (due, before.get(unit)))
                others = [one for one in self.of[unit] if one != old]
                opens = units["opens"].get(unit) if "opens" in units else None
                held |= isinstance(opens, date) and new < opens <= old
                asks = units["asks"].get(unit) if "asks" in units else None
                held |= isinstance(asks, date) and new <= asks < old
                near = any(abs((new - one).days) < self.head.days_apart for one in others)
                if held or near or new < self.head.units.at[unit, "begins"]:
                    return False
        return True

    def _changes(self, stops: list[list[str]], order: tuple[int, ...]) -> int:
        """How often the region changes from one day to the next."""
        regions = [self.places[stops[place][0]].region for place in order]
        return sum(a != b for a, b in pairwise(regions))

    def _see(self, unit: str, day: date) -> None:
        self.at.setdefault(day, []).append(unit)
        self.of[unit].append(day)
