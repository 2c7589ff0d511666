"""The mixed-integer programme of an allocation of visits, solved by HiGHS through ``scipy.optimize.milp``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from kamplay.method.plan.capacity import ROUND, Person, Team, place_of
from kamplay.presets import LEVELS

NODES = 5000  # of the search: a bound that is the same on every machine, unlike one of time


class Programme:
    """The programme of some needs: whether a further visit is made (y, each with its gain), whole visits n of
    a trip (a person in a place), and days out d of those whose hours are counted.

    With whole n and d the rest is a network, whose best answers are whole. ``limit``: the one sum that bounds
    the visits, infinite without any; None where there are several or hours. ``holds``: person → visits that
    the days of the quarter hold.
    """

    def __init__(self, needs: pd.DataFrame, team: Team, months: int, holds: Mapping[str, int] | None = None):
        people = {name: team.people[name] for name in needs["person"].unique() if name in team.people}
        trip, trips = pd.factorize(pd.MultiIndex.from_frame(needs[["person", "place"]]))
        on_trip = np.array([people.get(person) for person, _ in trips], dtype=object)
        most, least = needs["most"].to_numpy(), needs["least"].to_numpy()
        self.count = len(needs)
        self.need = np.repeat(np.arange(len(needs)), most)
        self.number = np.arange(len(self.need)) - np.repeat(np.cumsum(most) - most, most)
        level = place_of(needs["level"]).to_numpy()
        # of a norm its level, of a visit beyond it the place after the last
        self.level = np.where(self.number < least[self.need], level[self.need], len(LEVELS))
        self.size = len(self.need) + 2 * len(trips)
        self.y = np.arange(len(self.need))
        n = len(self.y) + np.arange(len(trips))
        d = n + len(trips)
        self._sums: list[
            tuple[np.ndarray, np.ndarray, float, float]
        ] = []  # variables, coefficients, low, high
        for number in range(len(trips)):
            own = self.y[trip[self.need] == number]
            self._sum(np.r_[own, n[number]], np.r_[np.ones(len(own)), -1.0], 0.0, 0.0)
            one = on_trip[number]
            if one is not None and one.travels:
                self._sum([n[number], d[number]], [1.0, -one.visits_per_day], -np.inf, 0.0)
                for need in np.flatnonzero(trip == number):  # a day out sees each account once
                    seen = self.y[self.need == need]
                    self._sum(np.r_[seen, d[number]], np.r_[np.ones(len(seen)), -1.0], -np.inf, 0.0)
        for name, one in people.items():
            own = np.array([person == name for person, _ in trips])
            if one.visits_per_month is not None:
                self._sum(n[own], np.ones(own.sum()), 0.0, whole_number(one.visits_per_month * months))
            else:
                hours = np.repeat([one.hours_per_visit, one.travel_hours], own.sum())
                self._sum(np.r_[n[own], d[own]], hours, 0.0, (one.hours_per_month or 0.0) * months)
                # hours that are left of a month are no visit in the next
                self._sum(n[own], np.ones(own.sum()), 0.0, one.visits * months)
        held = {name: most_of for name, most_of in (holds or {}).items() if name in set(needs["person"])}
        for name, most_of in held.items():
            own = np.array([person == name for person, _ in trips])
            self._sum(n[own], np.ones(own.sum()), 0.0, float(most_of))
        if team.visits_per_month is not None:
            self._sum(n, np.ones(len(n)), 0.0, whole_number(team.visits_per_month * months))
        bounds = [one.visits_per_month for one in people.values()]
        bounds += [] if team.visits_per_month is None else [team.visits_per_month]
        counted = not any(one.travels or one.visits_per_month is None for one in people.values())
        whole = [whole_number(bound * months) for bound in bounds if bound is not None]
        whole += [float(most_of) for most_of in held.values()]
        self.limit = (whole[0] if whole else np.inf) if counted and len(whole) < 2 else None
        self.n, self.d, self.trip, self.months = n, d, trip, months
        # the trips of each whose days out count
        self.travellers = [
            (one, np.flatnonzero([person == name for person, _ in trips]))
            for name, one in people.items()
            if one.travels
        ]
        self.whole = np.r_[np.zeros(len(self.y)), np.ones(2 * len(trips))]
        self.upper = np.r_[np.ones(len(self.y)), np.full(2 * len(trips), np.inf)]

    def _sum(self, variables: Any, coefficients: Any, low: float, high: float) -> None:
        """low ≤ Σ coefficient·variable ≤ high."""
        self._sums.append((np.asarray(variables), np.asarray(coefficients, dtype=float), low, high))

    def norms_kept(self) -> list[int]:
        """The visits of norms that can be made per level, the highest first and kept for those below."""
        asked = [int((self.level == place).sum()) for place in range(len(LEVELS))]
        if self.limit is not None:
            before = np.cumsum([0, *asked[:-1]])
            return [
                int(min(number, max(0.0, self.limit - used)))
                for number, used in zip(asked, before, strict=True)
            ]
        if self._run(np.zeros(self.size), asked, 0.0).x is not None:
            return asked
        kept: list[int] = []
        for place, number in enumerate(asked):
            if number:
                made = self._run(-self._of_level(place), kept, 0.0)
                number = round(float(made.x[self._of_level(place) > 0].sum()))
            kept.append(number)
        return kept

    def best(self, gains: np.ndarray, kept: list[int], gap: float) -> tuple[np.ndarray, float, float]:
        """The visits of each need that bring the most where norms are kept so far, what they bring, and what
        no others could exceed.
        """
        each = gains[self.need, self.number]
        if self.limit is not None:
            chosen = self._most(each, kept)
            brought = float(each[chosen].sum())
            return np.bincount(self.need[chosen], minlength=self.count), brought, brought
        scale = float(np.abs(each).max(initial=0.0)) or 1.0
        objective = np.zeros(self.size)
        objective[self.y] = -each / scale
        solved, bound = self._near(objective, kept, gap) if self.travellers else (None, 0.0)
        if solved is None:
            solved = self._run(objective, kept, gap)
            bound = float(solved.mip_dual_bound)
        made = np.rint(solved.x[self.y])
        visits = np.bincount(self.need, weights=made, minlength=self.count).astype(int)
        return visits, float(made @ each), -bound * scale

    def _most(self, each: np.ndarray, kept: list[int]) -> np.ndarray:
        """The visits to make under one limit: of each level as many as are kept, those that bring most, then
        whatever else brings anything.
        """
        order = np.argsort(-each, kind="stable")
        chosen = np.zeros(len(each), dtype=bool)
        for place, number in enumerate(kept):
            chosen[order[self.level[order] == place][:number]] = True
        further = order[~chosen[order] & (each[order] > 0)]
        left = (np.inf if self.limit is None else self.limit) - chosen.sum()
        chosen[further[: int(min(left, len(further)))]] = True
        return chosen

    def _near(self, objective: np.ndarray, kept: list[int], gap: float) -> tuple[Any, float]:
        """A quick answer: days out rounded from the programme in which they need not be whole, whose best no
        other exceeds. None where that does not come near enough, or not at all.
        """
        relaxed = self._run(objective, kept, 0.0, whole=np.zeros(self.size))
        if relaxed.x is None:
            return None, 0.0
        days = np.full(len(self.d), np.nan)
        to_one = np.zeros(len(self.d))
        np.maximum.at(
            to_one, self.trip, np.bincount(self.need, weights=relaxed.x[self.y], minlength=self.count)
        )
        for one, trips in self.travellers:
            wanted = relaxed.x[self.n[trips]]
            shares = np.maximum(wanted / one.visits_per_day, to_one[trips])
            out = np.floor(shares + ROUND)
            left = days_out(one, self.months, float(wanted.sum())) - int(out.sum())
            further = np.argsort(out - shares, kind="stable")[: max(0, left)]
            out[further] += 1
            days[trips] = out
        fixed = self._run(objective, kept, gap, days=days)
        if fixed.x is None or fixed.fun - relaxed.fun > max(gap, ROUND) * abs(fixed.fun):
            return None, 0.0
        return fixed, float(relaxed.fun)

    def _of_level(self, place: int) -> np.ndarray:
        out = np.zeros(self.size)
        out[self.y] = self.level == place
        return out

    def _run(
        self,
        objective: np.ndarray,
        kept: list[int],
        gap: float,
        whole: np.ndarray | None = None,
        days: np.ndarray | None = None,
    ) -> Any:
        """The programme with at least ``kept`` visits of the norms of each level; ``days`` out of each trip
        where they are not missing, ``whole`` in place of the programme's own.
        """
        low, upper = np.zeros(self.size), self.upper
        if days is not None:
            stated = ~np.isnan(days)
            upper = upper.copy()
            low[self.d[stated]] = upper[self.d[stated]] = days[stated]
        sums = list(self._sums)
        for place, number in enumerate(kept):
            own = np.flatnonzero(self._of_level(place))
            if len(own):
                sums.append((own, np.ones(len(own)), float(number), np.inf))
        row = np.repeat(np.arange(len(sums)), [len(variables) for variables, *_ in sums])
        variable, coefficient = (np.concatenate([one[part] for one in sums]) for part in (0, 1))
        matrix = csr_array((coefficient, (row, variable)), shape=(len(sums), self.size))
        return milp(
            objective,
            integrality=self.whole if whole is None else whole,
            bounds=Bounds(low, upper),
            constraints=LinearConstraint(matrix, [one[2] for one in sums], [one[3] for one in sums]),
            options={"mip_rel_gap": gap, "node_limit": NODES},
        )


def days_out(one: Person, months: int, wanted: float) -> int:
    """The fewest days out on which a person can make the visits wanted, or as many as the hours allow."""
    hours = (one.hours_per_month or 0.0) * months
    seats = one.visits_in(hours)
    return int(np.argmax(seats >= min(seats.max(), np.floor(wanted + ROUND))))


def whole_number(visits: float) -> float:
    """Visits without a part of one, 3.9999999999 being four."""
    return float(np.floor(visits + ROUND))
