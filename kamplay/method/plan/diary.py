"""The days of every person as they fill up with visits: on which day each visit is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.plan.capacity import VISITS_A_DAY, Team
from kamplay.method.plan.working_days import WorkingDays

LEAD_VISITS = (None, "head_office")  # who makes those of head office: the head of sales
SEVERAL = (None, "branch")  # who makes visits of the branch that nobody is named for: more than one
MONTHS = 3  # of the quarter, counted from the day of the plan
APART = 5  # days at least between two visits of one unit, where a visit moves so that a day holds one place
WEEK = 7
PLACE = ["region", "city"]


@dataclass(frozen=True)
class Place:
    """Where a unit is."""

    region: str | None = None
    city: str | None = None

    @property
    def way(self) -> str | None:
        """Visits of one day that have the same share the way."""
        return self.city or self.region

    def apart(self, other: Place) -> bool:
        """Whether the two are known to be in different cities."""
        return None not in (self.city, other.city) and self.city != other.city


@dataclass(eq=False)
class Visit:
    """A visit that has found its day; ``earliest`` and ``latest``: the first and last day (as counted) on
    which it may be.
    """

    day: int
    person: Any
    role: str
    unit: str
    place: Place
    earliest: int
    latest: int

    @property
    def who(self) -> Any:
        """The person; the role too where nobody is named."""
        return (None, self.role) if self.person is None else self.person


class Diary:
    """The days of every person as they fill up. Days and months are counted from 0. ``days_out``: of a week
    with five working days, on which one who is named is out at most unless a deadline asks for more; None:
    all.
    """

    def __init__(self, days: WorkingDays, day: date, team: Team, days_out: int | None = None):
        self.days = days.days
        ends = [(pd.Timestamp(day) + pd.DateOffset(months=n)).date() for n in range(1, MONTHS + 1)]
        month = np.searchsorted(np.array(ends, dtype="datetime64[D]"), np.array(self.days, "datetime64[D]"))
        self.months = [[int(d) for d in np.flatnonzero(month == n)] for n in range(MONTHS)]
        self.month_of = month.tolist()
        self.team = team
        self.days_out = days_out
        self.week_of: dict[int, list[int]] = {}  # the days of the same week
        for _, week in groupby(range(len(self.days)), key=lambda d: self.days[d].isocalendar()[:2]):
            those = list(week)
            self.week_of |= dict.fromkeys(those, those)
        self.used: dict[Any, list[float]] = defaultdict(lambda: [0.0] * MONTHS)  # visits or hours a month
        self.of_all = [0] * MONTHS
        self.pool = 0  # visits a day of the branch's for which nobody is named
        self.load: dict[Any, dict[int, list[Visit]]] = defaultdict(lambda: defaultdict(list))
        self.in_month: dict[Any, list[int]] = defaultdict(lambda: [0] * MONTHS)
        self.seen: dict[str, set[int]] = defaultdict(set)  # days on which somebody is at the unit
        self.placed: list[Visit] = []
        self.unplaced: list[tuple[Any, ...]] = []
        self.moved = 0

    def share_out(self, visits: pd.DataFrame) -> None:
        """Where nobody is named, a day holds as many visits of the branch as an even spread takes; those of
        head office are one person's, the head of sales's.
        """
        nobody = visits.loc[visits["person"].isna() & (visits["role"] == "branch"), "visits"].sum()
        self.pool = -(-int(nobody) // max(len(self.days), 1)) + 1

    def fix(self, unit: str, where: Place, day: date) -> None:
        """Put a visit of the head of sales on the day of its tour."""
        at = self.days.index(day)
        self._enter(Visit(at, None, "head_office", unit, where, at, at), self.month_of[at])

    def _enter(self, visit: Visit, month: int) -> None:
        """Enter a visit that has found its day; ``month``: the one in which it was asked for."""
        at = self.month_of[visit.day]
        self.used[visit.who][at] += self._cost(visit.who, visit.day, visit.place)
        self.load[visit.who][visit.day].append(visit)
        self.in_month[visit.who][at] += 1
        self.of_all[at] += 1
        self.seen[visit.unit].add(visit.day)
        self.moved += at != month
        self.placed.append(visit)

    def _a_day(self, who: Any) -> int:
        """How many visits a day holds."""
        if who == SEVERAL:
            return self.pool
        one = self.team.people.get(who)
        return one.visits_per_day if one else VISITS_A_DAY

    def place(
        self,
        unit: str,
        asked: pd.DataFrame,
        where: Place,
        due: date | None,
        held_to: date | None,
        by_head: bool = False,
        after: date | None = None,
        first_waits: bool = True,
        senior: date | None = None,
    ) -> None:
        """Put all visits of one unit into the diary, the first of them by ``due``, and of head office
        ``by_head``. ``held_to``, ``senior``: the day after which that one, and the first of head office, may
        not come, even if it takes two cities; ``after``: the day up to which none is made, but the first
        where it does not wait (``first_waits``).
        """
        begin = sum(after is not None and day <= after for day in self.days)
        by_month: list[list[tuple[Any, str]]] = [[] for _ in range(MONTHS)]
        in_time, by_senior = (
            [d for d, day in enumerate(self.days) if last is not None and day <= last]
            for last in (due, senior)
        )
        waits = bool(by_senior)  # for the first visit of head office
        fixed = [sum(self.month_of[day] == month for day in self.seen[unit]) for month in range(MONTHS)]
        for row in asked.itertuples():
            who = (None if pd.isna(row.person) else row.person, row.role)
            own = row.role == "head_office" and bool(by_senior)
            last = by_senior if own else in_time
            early = self.month_of[last[-1]] if last else None
            count_in = [len(those) + n for those, n in zip(by_month, fixed, strict=True)]
            is_first = own or not any(by_month)
            counts = self._by_month(who, int(row.visits), count_in, early if is_first else None)
            for month, count in enumerate(counts):
                by_month[month] += [who] * count
        for month, together in enumerate(by_month):
            in_turn = _in_turn(together)
            of_head = [n for n, (_, role) in enumerate(in_turn) if role == "head_office"]
            if by_head and of_head and not any(by_month[:month]):
                in_turn.insert(0, in_turn.pop(of_head[0]))
            for place, (person, role) in enumerate(in_turn):
                window, latest = _slice(self.months[month], place, len(in_turn)), len(self.days) - 1
                bound = -1
                if in_time and place == 0 and not any(by_month[:month]):
                    within = [d for d in in_time if self.month_of[d] == month]
                    window = [d for d in window if d in within] or within[-len(window) :] or window
                    latest = in_time[-1] if within else latest
                    bound = max(
                        (d for d in self.months[month] if held_to and self.days[d] <= held_to), default=-1
                    )
                if waits and role == "head_office":
                    waits = False
                    within = [d for d in by_senior if self.month_of[d] == month]
                    if within and within[-1] < min(latest, self.months[month][-1]):
                        window = [d for d in window if d in within] or within
                        latest = bound = within[-1]
                earliest = 0 if place == 0 and not any(by_month[:month]) and not first_waits else begin
                self._put(unit, person, role, where, month, window, earliest, latest, bound)

    def _by_month(self, who: tuple[Any, str], visits: int, so_far: list[int], early: int | None) -> list[int]:
        """As many each month; what is left over goes to the months in which the unit (``so_far``), then the
        person, has least, and the first visit no later than month ``early``.
        """
        counts = [visits // MONTHS] * MONTHS
        key = who if who[0] is None else who[0]
        late = [early is not None and m > early for m in range(MONTHS)]
        loads = [self.in_month[key][m] / max(len(self.months[m]), 1) for m in range(MONTHS)]
        order = sorted(range(MONTHS), key=lambda m: (late[m], so_far[m], loads[m], m))
        for month in order[: visits % MONTHS]:
            counts[month] += 1
        return counts

    def _put(
        self,
        unit: str,
        person: Any,
        role: str,
        place: Place,
        month: int,
        window: list[int],
        earliest: int,
        latest: int,
        bound: int,
    ) -> None:
        """The best day of the window, else of the month, APART from the unit's others; else any of the
        window, of the month, of a later month, of an earlier one, never before the ``earliest``.

        What has a ``latest`` day takes any day up to it before it comes later, if need be one that others
        leave for it; what is ``bound`` to a day (−1: to none) as the last one that is spent in another city.
        """
        who = (person, role) if person is None else person
        others = [*range(month + 1, MONTHS), *range(month)]
        days = self.months[month]
        in_time, held = ([d for d in days if d <= end] for end in (latest, bound))
        spaced = [d for d in in_time if self._spaced(d, self.seen[unit])]
        stretches = [(month, [d for d in window if d in spaced], ""), (month, spaced, "")]
        if who == LEAD_VISITS:  # one person for all of head office: a day in the city already comes first
            stretches = [(month, window, "joined"), (month, in_time, "joined"), *stretches]
        stretches.append((month, window, ""))
        if latest < len(self.days) - 1:
            stretches += [(month, in_time, ""), (month, in_time, "left")]
            stretches += [(month, held, way) for way in ("", "left", "at last") if held]
            late = [d for d in days if d > latest]
            stretches += [(month, late[:first], "") for first in (5, 10)]
        stretches += [(m, self.months[m], way) for way in ("", "left") for m in (month, *others)]
        reasons = []
        for at, whole, way in stretches:
            stretch = [d for d in whole if d >= earliest]
            if not stretch:
                continue
            if self.team.visits_per_month is not None and self.of_all[at] + 1 > self.team.visits_per_month:
                reasons.append("team_limit")
                continue
            if way == "left" and who != SEVERAL:
                self._leave_one(who, unit, place, stretch)
            day, reason = self._best(who, unit, place, at, stretch, way, bound)
            if day is not None:
                self._enter(Visit(day, person, role, unit, place, earliest, latest), month)
                return
            reasons.append(reason)
        # what holds of every month; where they differ, the days of one were full
        full = next((one for one in ("week_limit", "other_city") if one in reasons), "day_limit")
        told = reasons[0] if len(set(reasons)) == 1 else full
        self.unplaced.append((unit, person, role, "visit", month + 1, told))

    def _out_enough(self, who: Any, day: int) -> bool:
        """Whether its week holds no further day out."""
        if self.days_out is None or isinstance(who, tuple) or self.load[who].get(day):
            return False
        week = self.week_of[day]
        return sum(bool(self.load[who].get(d)) for d in week) >= ceil(self.days_out * len(week) / 5)

    def _cost(self, who: Any, day: int, place: Place) -> float:
        """What a further visit on a day takes of a person's month: one visit, or its hours and those of the
        way, which visits in one place on one day share.
        """
        one = self.team.people.get(who)
        if one is None or one.hours_per_month is None:
            return 1.0
        out = place.way not in {visit.place.way for visit in self.load[who].get(day, ())}
        return (one.hours_per_visit or 0.0) + one.travel_hours * out

    def _best(
        self,
        who: Any,
        unit: str,
        place: Place,
        month: int,
        stretch: list[int],
        way: str = "",
        bound: int = -1,
    ) -> tuple[int | None, str]:
        """A day APART from the unit's others, already spent in the place, then a free one, then one
        elsewhere, but in another city only "at last"; of equals the one nearest to the middle, then the
        "at last"; of equals the one nearest to the middle, then the earlier. Without one, why. The unit has
        no third visit within WEEK days but where a deadline binds it to a day up to ``bound``.
        """
        load, seen, one = self.load[who], self.seen[unit], self.team.people.get(who)
        limit = self._a_day(who)
        able = None if one is None else one.visits_per_month or one.hours_per_month
        left = np.inf if able is None else able - self.used[who][month] + 1e-9
        middle = (stretch[0] + stretch[-1]) / 2 if stretch else 0.0
        best, least, reason, away = None, None, "day_limit", False
        for day in stretch:
            there = [visit.place for visit in load.get(day, ())]
            if len(there) >= limit or day in seen:
                continue
            if day > bound and self._third(day, seen):
                reason = "near_others"
                continue
            if way != "at last" and self._out_enough(who, day):
                away = True
                continue
            if able is not None and self._cost(who, day, place) > left:
                reason = "month_limit"
                continue
            elsewhere = who != SEVERAL and any(place.apart(other) for other in there)
            if way == "joined" and not any(other == place for other in there):
                continue
            if elsewhere and way != "at last":
                reason = "other_city"
                continue
            near = all(other.region == place.region for other in there)
            alike = all(other == place for other in there)
            kind = 1 if not there else 0 if alike else 4 if elsewhere else 2 if near else 3
            key = (not self._spaced(day, seen), kind, abs(day - middle), day)
            if least is None or key < least:
                best, least = day, key
        return best, "week_limit" if away else reason

    def _third(self, day: int, others: Iterable[int]) -> bool:
        """Whether a day would be a unit's third within a week."""
        near = sorted((self.days[other] - self.days[day]).days for other in others)
        near = [apart for apart in near if abs(apart) < WEEK]
        return any(max(late, 0) - min(early, 0) < WEEK for early, late in pairwise(near))

    def _spaced(self, day: int, others: Iterable[int]) -> bool:
        return all(abs((self.days[day] - self.days[other]).days) >= APART for other in others)

    def _leave_one(self, who: Any, unit: str, place: Place, stretch: list[int]) -> None:
        """Have the visits of one day move, those of the fewest first, so that it is free, or holds visits in
        the place alone.
        """
        load, seen = self.load[who], self.seen[unit]
        for day in sorted((d for d in stretch if d not in seen), key=lambda d: (len(load.get(d, ())), d)):
            apart: dict[Place, list[Visit]] = defaultdict(list)
            for visit in load.get(day, ()):
                if visit.place.apart(place):
                    apart[visit.place].append(visit)
            # one after the other: of those that stay nothing is lost
            if apart and all(self._move(who, day, visits) for visits in apart.values()):
                return

    def part(self) -> None:
        """Part the days of one person that hold several places: the visits in one of them move to a day of
        the same month that is free or holds that place alone, as far as the day, the month's hours and the
        visit's latest day allow, and APART from the unit's other visits; the places with fewest first.
        """
        moved = True
        while moved:
            moved = False
            by_day: dict[tuple[Any, int], dict[Place, list[Visit]]] = defaultdict(lambda: defaultdict(list))
            for visit in self.placed:
                if visit.who != SEVERAL:
                    by_day[visit.who, visit.day][visit.place].append(visit)
            for (who, day), places in by_day.items():
                left = len(places)
                for visits in sorted(places.values(), key=len):
                    if left > 1 and self._move(who, day, visits):
                        left, moved = left - 1, True

    def _move(self, who: Any, day: int, visits: list[Visit]) -> bool:
        """Move all of these visits in one place away from a day, if each finds another."""
        load, month, place = self.load[who], self.month_of[day], visits[0].place
        one, limit = self.team.people.get(who), self._a_day(who)
        new: list[int] = []
        for visit in visits:
            others = self.seen[visit.unit] - {day}

            def takes(d: int, visit: Visit = visit, others: set[int] = others) -> bool:
                there = load.get(d, [])
                return (
                    visit.earliest <= d <= visit.latest
                    and len(there) + new.count(d) < limit
                    and not self._out_enough(who, d)
                    and all(other.place == place for other in there)
                    and self._spaced(d, others)
                    and not self._third(d, others)
                )

            free = [d for d in self.months[month] if d != day and takes(d)]
            if not free:
                return False
            new.append(min(free, key=lambda d: (not (load.get(d) or d in new), abs(d - day), d)))
        if one is not None and one.hours_per_month is not None:
            stays = {visit.place.way for visit in load[day] if visit not in visits}
            further = len({d for d in new if not load.get(d)}) - (place.way not in stays)  # days out more
            spent = self.used[who][month] + further * one.travel_hours
            if spent > one.hours_per_month + 1e-9:
                return False
            self.used[who][month] = spent
        for visit, d in zip(visits, new, strict=True):
            load[day].remove(visit)
            load[d].append(visit)
            self.seen[visit.unit] = self.seen[visit.unit] - {day} | {d}
            visit.day = d
        return True

    def frame(self) -> pd.DataFrame:
        """The visits that were placed, numbered by unit, person and role."""
        told = [
            (self.days[v.day], v.person, v.role, v.unit, v.place.region, v.place.city) for v in self.placed
        ]
        rows = pd.DataFrame(told, columns=["date", "person", "role", "unit_id", *PLACE])
        rows["date"] = pd.to_datetime(rows["date"]).astype("datetime64[us]")
        rows[["person", *PLACE]] = rows[["person", *PLACE]].astype(object)
        rows = rows.sort_values(["unit_id", "date"], kind="stable").reset_index(drop=True)
        number = rows.groupby(["unit_id", "person", "role"], dropna=False).cumcount() + 1
        return rows.assign(kind="visit", action=None, todo=None, number=number)


def _in_turn(together: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """The visits of one unit in a month, those who make them in turn."""
    count: dict[tuple[Any, str], int] = defaultdict(int)
    keyed = []
    for one in together:
        count[one] += 1
        keyed.append((count[one], one))
    total = dict(count)
    # the k-th of n stands at (k − ½) / n of the month
    return [one for _, _, one in sorted(((k - 0.5) / total[one], str(one), one) for k, one in keyed)]


def _slice(days: list[int], place: int, parts: int) -> list[int]:
    """One of ``parts`` even stretches of the days; a day at least where there is any."""
    start, end = len(days) * place // parts, len(days) * (place + 1) // parts
    return days[start : max(end, start + 1)]
