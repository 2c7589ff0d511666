"""Visits go first to the norms, from the highest level down, then where they keep and win most."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from kamplay.method.plan.allocation import allocate, gain
from kamplay.method.plan.capacity import Person, Team
from kamplay.presets import LEVELS
from kamplay.presets.strategy import Response

WORDS = {"zh": "假设", "en": "assumed"}
RESPONSE = Response(source=WORDS, loss_averted=0.3, room_won=0.05, next_visit=0.8, most_times_norm=2)
NORMS = {"S": (2.0, 2.0), "A": (2.0, 1.0), "B": (1.0, 1.0), "C": (1.0, 0.5)}


def units_of(*rows: tuple, **columns) -> pd.DataFrame:
    """From (level, owner, revenue, expected loss, room)."""
    names = ["level", "owner", "revenue", "revenue_at_risk", "room"]
    frame = pd.DataFrame(rows, columns=names, index=[f"U{n}" for n in range(len(rows))])
    for place, role in enumerate(("branch", "head_office")):
        frame[f"visits_{role}"] = [NORMS[level][place] for level in frame["level"]]
    return frame.assign(**columns)


def by_hand(visits: int, norm: float, at_norm: float) -> float:
    """The first visit brings a, each further 0.8 of the one before, the norm's visits at_norm together."""
    first = at_norm / sum(0.8**k for k in range(int(norm)))
    return min(1.0, sum(first * 0.8**k for k in range(visits)))


def test_gain_is_the_share_at_the_norm_and_each_visit_brings_less():
    visits = gain(np.arange(13), np.full(13, 6.0), 0.3, 0.8)
    assert visits[0] == 0 and visits[6] == pytest.approx(0.3)
    assert np.diff(visits)[1:] == pytest.approx(0.8 * np.diff(visits)[:-1])
    assert visits == pytest.approx([by_hand(v, 6, 0.3) for v in range(13)])


def brute_force(units: pd.DataFrame, can: callable, months: int, cost: float) -> tuple[list[int], float]:
    """Every way of visiting: the norms missing per level, and the most money among the ways with the fewest
    missing.
    """
    slots = [(unit, role) for unit in units.index for role in ("branch", "head_office")]
    norm = [int(units.loc[unit, f"visits_{role}"] * months) for unit, role in slots]
    best: tuple[list[int], float] | None = None
    for made in product(*(range(2 * most + 1) for most in norm)):
        if not can(dict(zip(slots, made, strict=True))):
            continue
        missing = [
            sum(
                max(0, n - v)
                for (unit, _), n, v in zip(slots, norm, made, strict=True)
                if units.loc[unit, "level"] == level
            )
            for level in LEVELS
        ]
        money = -cost * sum(made)
        for (unit, _), n, v in zip(slots, norm, made, strict=True):
            part = n / sum(m for (u, _), m in zip(slots, norm, strict=True) if u == unit)
            money += part * units.loc[unit, "revenue_at_risk"] * by_hand(v, n, 0.3)
            money += part * units.loc[unit, "room"] * by_hand(v, n, 0.05)
        if best is None or (missing, -money) < (best[0], -best[1]):
            best = missing, money
    return best


def of_person(visits: dict, units: pd.DataFrame, owner: str) -> int:
    return sum(
        n for (unit, role), n in visits.items() if role == "branch" and units.loc[unit, "owner"] == owner
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("capacity", ["whole", "by person", "hours and days out"])
def test_small_cases_equal_brute_force(seed, capacity):
    rng = np.random.default_rng(seed)
    levels = rng.choice(list("SAB"), 3)
    units = units_of(
        *[(level, owner, 1e6, *rng.uniform(0, 1e5, 2)) for level, owner in zip(levels, "xxy", strict=True)],
        region=["north", "south", "north"],
    )
    cost, months = float(rng.choice([0.0, 1000.0])), 1
    most = {name: int(rng.integers(1, 6)) for name in ("all", "x", "y", "h")}
    if capacity == "whole":
        team = Team(most["all"])

        def can(visits):
            return sum(visits.values()) <= most["all"]
    elif capacity == "by person":
        team = Team(
            None,
            {
                "x": Person("branch", most["x"]),
                "y": Person("branch", most["y"]),
                "h": Person("head_office", most["h"]),
            },
        )

        def can(visits):
            at_head_office = sum(n for (_, role), n in visits.items() if role == "head_office")
            by_owner = all(of_person(visits, units, owner) <= most[owner] for owner in "xy")
            return by_owner and at_head_office <= most["h"]
    else:
        hours = {name: 4.0 * n for name, n in most.items()}
        people = {
            name: Person(role, None, hours[name], 2.0, 3.0, 2)
            for name, role in (("x", "branch"), ("y", "branch"), ("h", "head_office"))
        }
        team = Team(None, people)

        def can(visits):
            for name in "xyh":
                own = {
                    place: sum(
                        n
                        for (unit, role), n in visits.items()
                        if units.loc[unit, "region"] == place
                        and (units.loc[unit, "owner"] if role == "branch" else "h") == name
                    )
                    for place in ("north", "south")
                }
                days = sum(-(-n // 2) for n in own.values())
                if 2.0 * sum(own.values()) + 3.0 * days > hours[name]:
                    return False
            return True

    missing, money = brute_force(units, can, months, cost)
    found = allocate(units, team, RESPONSE, months, cost, gap=0.0)
    made = found.visits.set_index(["unit_id", "role"])["visits"].to_dict()
    assert can({slot: made.get(slot, 0) for slot in product(units.index, ("branch", "head_office"))})
    lacks = (found.unmet["norm"] - found.unmet["visits"]).groupby(found.unmet["level"]).sum()
    assert [int(lacks.get(level, 0)) for level in LEVELS] == missing
    expected = found.units[["kept", "won"]].sum().sum() - cost * found.visits["visits"].sum()
    assert expected == pytest.approx(money, abs=5.0)  # larger accounts count a millionth of their revenue
