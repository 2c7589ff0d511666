"""Visits go first to the norms, from the highest level down, then where they keep and win most."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kamplay.method.plan.allocation import allocate, gain, left_out_units, worth
from kamplay.method.plan.allocation_findings import add_findings, without_a_day
from kamplay.method.plan.calendar import Calendar
from kamplay.method.plan.calendar import add_findings as add_calendar_findings
from kamplay.method.plan.capacity import Person, Team
from kamplay.method.plan.tours import HeadOfSales
from kamplay.method.results import Findings
from kamplay.presets import LEVELS
from kamplay.presets.strategy import Response
from kamplay.show.findings import action, brief, headline
from kamplay.show.locale import Locale
from kamplay.show.registry import charts, plots, sheets
from kamplay.show.view import View, using

WORDS = {"zh": "假设", "en": "assumed"}
RESPONSE = Response(source=WORDS, loss_averted=0.3, room_won=0.05, next_visit=0.8, most_times_norm=2)
NORMS = {"S": (2.0, 2.0), "A": (2.0, 1.0), "B": (1.0, 1.0), "C": (1.0, 0.5)}
OF_X = pd.DataFrame({"owner": ["x"]})


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


def test_no_more_is_given_than_the_days_hold_and_what_lacks_is_told_once_with_who_could_go():
    """By hand: x's four accounts of level B ask for 12 visits of the branch, and ten fit x's days; y, near
    by, has days left, z is elsewhere. The third visit brings least, and least at the two smallest.
    """
    rows = [("B", "x", 400.0 - n, 10.0, 0.0) for n in range(4)]
    rows += [("B", who, 9.0, 1.0, 0.0) for who in "yz"]
    units = units_of(*rows, region=["east"] * 5 + ["west"]).assign(visits_head_office=0.0)
    found = allocate(units, Team(), RESPONSE, holds={"x": 10})
    given = found.visits.groupby("person")["visits"].sum().to_dict()
    assert given == {"x": 10, "y": 3, "z": 3}
    assert found.unmet[["unit_id", "person", "norm", "visits", "reason"]].values.tolist() == [
        ["U2", "x", 3, 2, "days_full"],
        ["U3", "x", 3, 2, "days_full"],
    ]
    lacking, free = without_a_day(found, units)
    assert free == ["y"]
    told = Findings("plan")
    add_findings(told, found, Team(), RESPONSE, units, "2026-01-30")
    assert not {"over_capacity", "people_over_capacity"} & {f.kind for f in told.settled()}
    said = Findings("plan")
    add_calendar_findings(said, Calendar(figures=FIGURES), lacking, free)
    (finding,) = [f for f in said.settled() if f.kind == "calendar_unplaced"]
    assert finding.figures["count"] == 2 and finding.accounts == ("U2", "U3")
    english = Locale("en", "CNY")
    assert "2 visits to 2 accounts found no place, as the days of x are full: U2" in headline(
        finding, english, {}
    )
    assert "give these to y, who look after accounts there" in str(action(finding, english, {}))
    # whole programmes, with a limit of the team beside it, keep it too
    both = allocate(units, Team(visits_per_month=5.0), RESPONSE, holds={"x": 10})
    assert both.visits["visits"].sum() == 15 and (
        both.visits.loc[both.visits["person"] == "x", "visits"].sum() <= 10
    )


FIGURES = dict.fromkeys(["placed", "reviews", "working_days", "actions", "visits", "regions"], 1) | {
    "first": "2026-01-01",
    "last": "2026-03-31",
    "days_out": 1,
    "one_region": 1,
    "cities": 1,
    "no_city": 0,
    "country": "CN",
    "unannounced": [],
}


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
                to_one = {
                    place: max(
                        n
                        for (unit, role), n in visits.items()
                        if units.loc[unit, "region"] == place
                        and (role == "head_office" or units.loc[unit, "owner"] == name)
                        and (role == "branch") == (name != "h")
                    )
                    for place in ("north", "south")
                    if own[place]
                }
                days = sum(max(-(-n // 2), to_one.get(place, 0)) for place, n in own.items())
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


def test_lower_levels_give_way_first_and_each_norm_that_is_not_met_is_named():
    units = units_of(("B", "x", 9e6, 1e6, np.nan), ("S", "x", 1e6, 0.0, np.nan), ("B", "x", 1e6, 2e6, np.nan))
    team = Team(None, {"x": Person("branch", 3.0), "h": Person("head_office", 100.0)})
    found = allocate(units, team, RESPONSE)
    at_branch = found.visits[found.visits["role"] == "branch"].set_index("unit_id")["visits"]
    # nine visits: six for S though nothing is at stake there, three for the B account with more to lose
    assert at_branch.to_dict() == {"U1": 6, "U2": 3}
    assert found.unmet.to_dict("records") == [
        {
            "unit_id": "U0",
            "level": "B",
            "role": "branch",
            "person": "x",
            "norm": 3,
            "visits": 0,
            "reason": "person_full",
        }
    ]
    # half of the loss is of the branch's part, of which 30 % would be averted
    assert found.units.loc["U0", "given_up"] == pytest.approx(
        max(0.0, 0.3 * 1e6 - found.units.loc["U0", "kept"])
    )
    assert (found.capacity, found.over) == (103.0, 1.0)  # 4 visits a month of x asked for, 3 can be made
    assert found.units.loc[["U1", "U2"], "given_up"].tolist() == [0.0, 0.0]


def test_the_whole_team_is_full():
    units = units_of(("A", "x", 1e6, 1e5, 1e5), ("B", None, 5e5, 1e5, 1e5))
    found = allocate(units, Team(4.0), RESPONSE)
    assert found.visits["visits"].sum() == 12
    assert set(found.unmet["reason"]) == {"team_full"} and set(found.unmet["level"]) == {"B"}
    assert found.unmet["norm"].sum() - found.unmet["visits"].sum() == 15 - 12
    assert (found.capacity, found.over) == (4.0, 1.0)
    assert found.visits["person"].isna().any()  # nobody is named at head office


@pytest.mark.parametrize(("loss", "severity"), [(6000.0, "watch"), (1e6, "act")])
def test_visits_that_next_to_nothing_hangs_on_are_at_stake_with_it_and_call_for_nothing(loss, severity):
    units = units_of(("A", "x", 1e6, 0.0, 0.0), ("B", None, 5e5, loss, 0.0))
    team, findings = Team(4.0), Findings("plan")
    made = allocate(units, team, RESPONSE)
    add_findings(findings, made, team, RESPONSE, OF_X, "2026-07-31")
    told = next(f for f in findings if f.kind == "over_capacity")
    # at most what the norm's visits would keep of it
    assert 0 < told.figures["stake"] == made.units["given_up"].sum() <= 0.3 * loss
    assert told.severity == severity


@pytest.mark.parametrize(("loss", "pays"), [(4000.0, False), (6000.0, True)])
def test_no_visit_is_planned_where_all_together_do_not_pay(loss, pays):
    """Of a loss the norm's visits keep 0.3: of 6,000 that is 1,800, over a thousandth of 1.5 million of
    revenue; of 4,000 1,200. Level A asks for 9 visits in the quarter, B for 6."""
    units = units_of(("A", "x", 1e6, loss, 0.0), ("B", "x", 5e5, 0.0, 0.0))
    team, findings = Team(2.0), Findings("plan")
    made = allocate(units, team, RESPONSE)
    assert (made.none_pays, made.visits.empty, made.units.empty) == (not pays,) * 3
    add_findings(findings, made, team, RESPONSE, OF_X, "2026-07-31")
    kinds = {f.kind: f for f in findings}
    assert ("visits_expected" in kinds, "visits_do_not_pay" in kinds) == (pays, not pays)
    with using(View(Locale("en", "CNY"))):
        title = sheets.allocation(SimpleNamespace(allocation=made)).title
    assert title == ("Visits allocated" if pays else "Visits not planned")
    if pays:
        assert made.units["kept"].sum() <= 0.3 * loss and made.left_out.empty
        return
    assert "over_capacity" not in kinds and made.over == 0.0 and made.capacity == 2.0
    assert kinds["visits_none_planned"].figures == {
        "visits": 15, "units": 2, "key": 1, "others": 1, "due": "2026-07-31",
        "levels": ["A", "B"], "a_year": [36, 24], "cost_known": False,
    }  # fmt: skip
    told = kinds["visits_do_not_pay"].figures
    assert told["brings"] == pytest.approx(0.3 * loss)
    # the norms in words, and no figure that nobody can use
    said = brief(kinds["visits_none_planned"], Locale("en", "CNY"), {})
    assert said == (
        "No visits are planned: the starting norms (visits a year for an account: A 36, B 24) would bring "
        "next to no revenue."
    )
    assert made.norms.empty and left_out_units(made)["visits"].tolist() == [9, 6]


def test_below_the_key_levels_a_visit_that_brings_less_than_it_costs_is_left_out():
    """By hand. The norm of B is 3 visits of each role in the quarter, each role with half of the loss of
    10,000. With 0.8 of the one before, 0.3 · 5,000 = 1,500 is 614.75, 491.80 and 393.44. At a cost of 450 the
    third of each is left out, so 2 · 393.44 of gain. The key account keeps its nine though it brings nothing
    further, and what could be lost at the last is not known, so its norm stays.
    """
    units = units_of(
        ("A", "x", 1e6, 1e5, 0.0),
        ("B", "x", 5e5, 1e4, 0.0),
        ("B", "x", 4e5, 0.0, 0.0),
        ("B", "x", 1e5, None, None),
    )
    found = allocate(units, Team(), RESPONSE, visit_cost=450.0, called=pd.Series({"U2": 1.0}))
    assert found.units["norm"].tolist() == [9, 6, 6, 6]
    assert found.units["visits"].tolist() == [9, 4, 1, 6]
    out = left_out_units(found).set_index("unit_id")
    assert out["visits"].to_dict() == {"U1": 2, "U2": 5} and out["cost"].to_dict() == {"U1": 900, "U2": 2250}
    assert out.at["U1", "brings"] == pytest.approx(2 * 1500 * 0.64 / 2.44) and out.at["U2", "brings"] == 0
    # visits a month of the norms: of U1 two in three months by each role, of U2 the one that an action takes
    assert found.norms.loc["U1"].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert found.norms.loc["U2"].tolist() == pytest.approx([1 / 3, 0])
    assert found.norms.sum().sum() == pytest.approx(found.loads["norm"].sum()) == pytest.approx(9 - 7 / 3)
    findings = Findings("plan")
    add_findings(findings, found, Team(), RESPONSE, OF_X, "2026-07-31")
    told = next(f for f in findings if f.kind == "visits_left_out")
    assert {k: told.figures[k] for k in ("visits", "units", "none", "levels", "revenue")} == {
        "visits": 7, "units": 2, "none": 0, "levels": ["B"], "revenue": 9e5
    }  # fmt: skip
    # without a cost nothing says which visit does not pay
    assert allocate(units, Team(), RESPONSE).left_out.empty


def test_norms_of_key_accounts_fall_where_they_do_not_pay_as_a_whole():
    """Nine visits keep 0.3 · 10,000 = 3,000: they are made at a cost of 300 each, and not at 400."""
    units = units_of(("A", "x", 1e6, 1e4, 0.0))
    assert allocate(units, Team(), RESPONSE, visit_cost=300.0).visits["visits"].sum() == 9
    found = allocate(units, Team(), RESPONSE, visit_cost=400.0)
    assert found.none_pays and left_out_units(found)["cost"].tolist() == [3600]


def test_without_a_stated_capacity_the_norms_stand():
    units = units_of(("A", "x", 1e6, 1e5, 1e5), ("C", "x", 5e5, 1e5, 1e5))
    found = allocate(units, Team(), RESPONSE)
    assert found.visits.set_index(["unit_id", "role"])["visits"].to_dict() == {
        ("U0", "branch"): 6,
        ("U0", "head_office"): 3,
        ("U1", "branch"): 3,
        ("U1", "head_office"): 2,  # one and a half a quarter, in whole visits
    }
    assert found.capacity is None and found.over is None and found.one_more.empty


def test_whoever_is_not_named_keeps_to_the_norms():
    units = units_of(("A", "x", 1e6, 1e6, 1e6), ("A", "y", 1e6, 1e6, 1e6))
    found = allocate(units, Team(None, {"x": Person("branch", 100.0)}), RESPONSE)
    visits = found.visits.set_index(["unit_id", "role"])["visits"]
    assert visits["U0", "branch"] == 12  # twice the norm at most
    assert visits["U1", "branch"] == 6 and visits["U1", "head_office"] == 3
    assert found.capacity is None and found.over == 0.0


def test_a_visit_beyond_the_norm_is_made_where_it_is_worth_its_cost():
    units = units_of(("B", "x", 1e6, 1e6, 0.0))
    seventh = [by_hand(v + 1, 3, 0.3) - by_hand(v, 3, 0.3) for v in range(6)]
    for cost in (0.5 * seventh[4] * 1e6 + 1, 0.5 * seventh[4] * 1e6 - 1):  # the role has half of the loss
        found = allocate(units, Team(100.0), RESPONSE, visit_cost=cost)
        # head office names nobody: the head of sales makes no visit beyond the norm
        assert found.visits["visits"].tolist() == [4 if cost > 0.5 * seventh[4] * 1e6 else 5, 3]


def test_without_tiers_all_are_alike():
    units = units_of(("B", "x", 1e6, 1e5, 0.0), ("B", "x", 1e6, 2e5, 0.0)).assign(level=None)
    found = allocate(units, Team(3.0), RESPONSE)
    assert found.visits["visits"].sum() == 9 and found.unmet["unit_id"].unique().tolist() == ["U0"]


def test_money_is_margin_at_the_units_own_rate():
    units = units_of(
        ("B", "x", 1000.0, 100.0, 10.0), ("B", "x", 500.0, 100.0, np.nan), ("B", "x", 100.0, 100.0, 10.0)
    )
    assert worth(units)[["loss", "room"]].fillna(-1).to_numpy().tolist() == [[100, 10], [100, -1], [100, 10]]
    with_costs = worth(units.assign(margin=[400.0, np.nan, -20.0]))
    # 380 of 1,100 where costs are known; below 0 nothing is lost with the sales
    assert with_costs["loss"].to_numpy() == pytest.approx([40.0, 100 * 380 / 1100, 0.0])
    assert with_costs.attrs["in_margin"] and not worth(units).attrs["in_margin"]


def test_one_more_person_takes_what_falls_out_and_then_what_brings_most():
    units = units_of(("A", "x", 1e6, 1e5, 0.0), ("B", "y", 1e6, 4e5, 0.0))
    team = Team(
        None, {"x": Person("branch", 1.0), "y": Person("branch", 3.0), "h": Person("head_office", 100.0)}
    )
    found = allocate(units, team, RESPONSE)
    at_branch = found.one_more.set_index("role").loc["branch"]
    # x makes 3 of the 6 visits of U0, y 6 of U1, twice its norm; the newcomer the 6 of the middle of 1 and 3:
    # the 3 that x lacks and 3 beyond the norm of U0
    assert (at_branch["visits"], at_branch["norm_visits"], at_branch["made"]) == (2.0, 3, 6)
    part = 2 / 3 * 1e5 * (by_hand(9, 6, 0.3) - by_hand(3, 6, 0.3))
    assert at_branch["gain"] == pytest.approx(part) and at_branch["cost"] is None


def test_halved_and_doubled_assumptions_move_visits_between_loss_and_room():
    """Of two accounts alike but that one can lose and the other be won, the free visits go where more is."""
    units = units_of(("B", "x", 1e6, 1e6, 0.0), ("B", "x", 1e6, 0.0, 5e6))
    found = allocate(
        units, Team(5.0), RESPONSE
    )  # three visits beyond the norms; 0.3 of 1e6 above 0.05 of 5e6
    moved = found.sensitivity.set_index(["assumption", "factor"])
    for assumption in ("loss_averted", "room_won"):
        for factor in (0.5, 2.0):
            changed = RESPONSE.model_copy(update={assumption: factor * getattr(RESPONSE, assumption)})
            again = allocate(units, Team(5.0), changed)
            assert moved.loc[(assumption, factor), "gain"] == pytest.approx(
                again.units[["kept", "won"]].sum().sum()
            )
            both = again.visits.merge(found.visits, on=["unit_id", "role"], how="outer").fillna(0)
            more = (both["visits_x"] - both["visits_y"]).clip(lower=0).sum()
            assert moved.loc[(assumption, factor), "visits_moved"] == more
    assert moved.loc[("loss_averted", 0.5), "visits_moved"] > 0


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_over_capacity_and_every_norm_is_met_or_named(seed):
    rng = np.random.default_rng(seed)
    owners, places = rng.choice(list("wxyz"), 60), rng.choice(["north", "south"], 60)
    money = zip(rng.choice(list("SABC"), 60), owners, *rng.uniform(0, 1e6, (3, 60)), strict=True)
    units = units_of(*money, region=places)
    people = {name: Person("branch", None, 60.0, 2.0, 3.0, 3) for name in "wxy"}
    team = Team(120.0, people | {"h": Person("head_office", 30.0)})
    found = allocate(units, team, RESPONSE)
    made = found.visits.assign(
        region=found.visits["unit_id"].map(units["region"]), owner=found.visits["unit_id"].map(units["owner"])
    )
    assert made["visits"].sum() <= 360 and made.loc[made["person"] == "h", "visits"].sum() <= 90
    at_branch = made[made["role"] == "branch"]
    assert (at_branch["person"] == at_branch["owner"]).all()
    for name in "wxy":
        own = made[made["person"] == name].groupby("region")["visits"].sum()
        assert 2.0 * own.sum() + 3.0 * np.ceil(own / 3).sum() <= 180
    least = np.ceil(3 * units[["visits_branch", "visits_head_office"]])
    least.columns = ["branch", "head_office"]
    done = made.pivot_table(index="unit_id", columns="role", values="visits", aggfunc="sum")
    done = done.reindex(units.index).fillna(0)
    short = {
        (unit, role) for unit in units.index for role in least if done.loc[unit, role] < least.loc[unit, role]
    }
    assert short and short == set(zip(found.unmet["unit_id"], found.unmet["role"], strict=True))
    by_person = found.loads.set_index(["person", "role"])
    assert by_person["visits"].sum() * 3 == pytest.approx(made["visits"].sum())
    assert found.gap < 0.01


def test_medtech_keeps_to_the_teams_capacity(medtech_steps):
    found = medtech_steps.plan.allocation
    assert found.visits["visits"].sum() <= 3 * 320 and found.capacity == 320
    norms = medtech_steps.plan.accounts[["visits_branch", "visits_head_office"]].sum(axis=1)
    asked = 3 * norms[norms > 0]
    assert set(asked.index) <= set(found.units.index)
    left_out = left_out_units(found).set_index("unit_id")
    assert set(left_out["level"]) == {"B"} and (left_out["brings"] < left_out["cost"]).all()
    whole = set(left_out.index[left_out["whole"]])
    assert set(found.units.index) - set(asked.index) == whole | set(found.units.query("urgent > 0").index)
    # the norms of the tiers are 40 + 60 + 116 visits a month
    assert asked.sum() + left_out["visits"].sum() == pytest.approx(3 * 216)
    assert found.loads["norm"].sum() == pytest.approx(asked.sum() / 3)
    named = found.units.index.isin(found.unmet["unit_id"])
    planned = asked.reindex(found.units.index).fillna(0.0).round(6)
    assert (named | (found.units["visits"] >= planned)).all()
    by_unit = found.visits.groupby("unit_id")["visits"].sum()
    assert by_unit.reindex(found.units.index).fillna(0).tolist() == found.units["visits"].tolist()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_tells_how_the_visits_of_the_quarter_come_about(medtech_steps, language):
    """One sum from the visits of the norms to those of the calendar, every part of it told."""
    plan = medtech_steps.plan
    counts = plan.allocation.counts | {"unplaced": (plan.calendar.unplaced["kind"] == "visit").sum()}
    assert (
        counts["asked"]
        + counts["urgent"]
        - counts["lacking_head"]
        - counts["lacking"]
        + counts["beyond"]
        - counts["unplaced"]
        == plan.calendar.figures["placed"]
    )
    assert counts["visits"] == plan.allocation.visits["visits"].sum()
    assert counts["beyond"] == plan.finding("visits_beyond").figures["beyond"] > 0
    short = plan.finding("visits_senior_beyond").figures
    assert counts["lacking_head"] == short["missing"] > 0
    with using(View(Locale(language, "CNY"))):
        shown, drawn = charts.visits(plan), plots.visits(plan)
    for said in (re.search(r"(?s)<figcaption.*?</figcaption>", shown.html)[0], drawn.caption):
        told = [int(n) for n in re.findall(r"\d+", unescape(re.sub("<[^>]*>", " ", said)))]
        parts = [counts[name] for name in ("asked", "urgent", "lacking_head", "beyond", "unplaced")]
        assert {n for n in parts if n} | {plan.calendar.figures["placed"]} <= set(told)
    # the team has room, and what is short rests on one person
    assert str(short["missing"]) in drawn.message and str(short["both"]) in drawn.message


def test_hours_of_a_month_are_spent_in_it_and_a_day_out_sees_an_account_once():
    """By hand. Two accounts in one region, 2 visits a month each; 3 hours a visit, 4 a day out. Of 5 hours a
    month nobody gets anywhere, though a quarter has 15. Of 10 both are seen on one day (3 + 3 + 4). Of 14 one
    day still: a second visit to one of the two takes a second day, 3 · 3 + 2 · 4 = 17.
    """
    units = units_of(("A", "x", 1e6, 1e5, 0.0), ("A", "x", 1e6, 1e5, 0.0), region=["north", "north"])
    units["visits_head_office"] = 0.0
    for hours, visits, days in ((5.0, 0, 0), (10.0, 2, 1), (14.0, 2, 1), (20.0, 4, 2)):
        one = Person("branch", None, hours, 3.0, 4.0, 3)
        found = allocate(units, Team(None, {"x": one}), RESPONSE, 1, 0.0, gap=0.0)
        assert (found.visits["visits"].sum(), found.loads["days_out"].fillna(0).sum()) == (visits, days)
    found = allocate(units, Team(None, {"x": Person("branch", None, 5.0, 3.0, 4.0, 3)}), RESPONSE)
    assert found.visits["visits"].sum() == 0 and found.capacity == 0.0
    assert set(found.unmet["reason"]) == {"person_full"}


def test_what_nobody_is_named_for_is_the_head_of_sales_and_no_more_than_one_person_makes():
    """By hand. Norms of head office in the quarter: A 3, B 3, B 3. The head of sales has four days, a week
    apart: A keeps its three, the larger B one, the smaller none; 2 + 3 visits have nobody, though the team
    has more.
    """
    units = units_of(("B", "x", 4e5, 1e5, 0.0), ("A", "x", 1e6, 1e5, 0.0), ("B", "x", 5e5, 1e5, 0.0))
    head = head_of_sales(units, 4)
    found = allocate(units, Team(100.0), RESPONSE, head=head)
    senior = found.visits[found.visits["role"] == "head_office"]
    assert senior.set_index("unit_id")["visits"].to_dict() == {"U1": 3, "U2": 1}
    assert senior["person"].isna().all()
    lacking = found.unmet.set_index("unit_id")
    assert set(lacking["reason"]) == {"lead_full"} and set(lacking["role"]) == {"head_office"}
    assert (lacking["norm"] - lacking["visits"]).to_dict() == {"U2": 2, "U0": 3}
    findings = Findings("plan")
    add_findings(findings, found, Team(100.0), RESPONSE, OF_X, "2026-07-31")
    told = next(f for f in findings if f.kind == "visits_senior_beyond")
    assert (told.figures["made"], told.figures["missing"], told.figures["days_out"]) == (4, 5, 4)
    # norms of 6 + 3 + 3 of the branch and 9 of head office; the team's 300 go beyond those of the branch
    assert found.counts == {
        "asked": 21,
        "urgent": 0,
        "lacking_head": 5,
        "lacking": 0,
        "beyond": found.units["beyond"].sum(),
        "visits": found.visits["visits"].sum(),
    }
    assert found.counts["visits"] == 21 - 5 + found.counts["beyond"] and found.counts["beyond"] > 0
    assert (told.action, told.figures["due"]) == ("name_senior_or_drop", "2026-07-31")
    assert "within_capacity" in {f.kind for f in findings}
    # whoever is named has as many as stated
    named = allocate(units, Team(100.0, {"h": Person("head_office", 50.0)}), RESPONSE, head=head)
    assert named.unmet.empty and named.visits.query("role == 'head_office'")["visits"].sum() > 9


def head_of_sales(units: pd.DataFrame, weeks: int) -> HeadOfSales:
    """With one day a week, a week at least between two visits to one account, each in a city of its own; key
    accounts come first.
    """
    first, key = date(2026, 7, 6), units["level"].isin(["S", "A"])
    known = units[["level"]].assign(region=None, city=list(units.index), due=None, begins=first, key=key)
    known["rank"] = key.map({True: 0.0, False: np.nan})
    return HeadOfSales(tuple(first + timedelta(days=7 * n) for n in range(weeks)), known, 1, 7)


def test_beyond_its_norm_an_account_is_visited_as_often_as_there_are_people_to_meet():
    """By hand. Norm of A: 6 branch visits a quarter, 12 at most. With three people known each can be met
    three times, 9; with one the norm stays, though it asks for more than three.
    """
    units = units_of(("A", "x", 1e6, 1e7, 1e7))
    for known, branch in ((None, 12), ({"U0": 3}, 9), ({"U0": 1}, 6), ({}, 6)):
        found = allocate(units, Team(100.0), RESPONSE, known=known)
        assert found.visits.set_index("role")["visits"]["branch"] == branch


def test_beyond_the_norm_no_account_gets_more_than_the_most_a_month():
    """By hand. Norm of A: 6 branch and 3 head-office visits a quarter. At most 4 a month are 12 a quarter,
    of which the branch has its part, 8; without the bound it goes to twice the norm, 12.
    """
    units, team = units_of(("A", "x", 1e6, 1e7, 1e7)), Team(100.0)
    for most, branch in ((4.0, 8), (1.0, 6), (None, 12)):
        found = allocate(units, team, RESPONSE.model_copy(update={"most_a_month": most}))
        assert found.visits.set_index("role")["visits"].to_dict() == {"branch": branch, "head_office": 3}


def test_an_urgent_action_has_its_visit_where_the_level_has_none():
    units = units_of(("A", "x", 1e6, 1e5, 0.0), ("C", "x", 1e5, 1e4, 0.0), ("C", "x", 1e5, 1e4, 0.0))
    units["level_branch"], units["level_head_office"] = units["visits_branch"], units["visits_head_office"]
    units.loc[["U1", "U2"], ["visits_branch", "visits_head_office"]] = 0.0
    found = allocate(units, Team(100.0), RESPONSE, urgent={"U1": "head_office", "U0": "branch"})
    # nor do the norms of larger accounts take the head of sales's last visit
    head = head_of_sales(units, 1)
    head = replace(head, units=head.units.assign(rank=[1.0, 0.0, 1.0]))
    scarce = allocate(units, Team(100.0), RESPONSE, urgent={"U1": "head_office"}, head=head)
    assert scarce.visits.query("role == 'head_office'")["unit_id"].tolist() == ["U1"]
    assert found.visits.query("unit_id == 'U1'")[["role", "visits"]].to_numpy().tolist() == [
        ["head_office", 1]
    ]
    assert "U2" not in set(found.visits["unit_id"])
    row = found.units.loc["U1"]
    assert (row["norm"], row["urgent"], row["visits"]) == (0, 1, 1) and found.norms.loc["U1"].sum() == 0
    # one of the 1.5 visits a quarter of its level's norm
    assert row["kept"] == pytest.approx(1e4 * 0.3 * (1 - 0.8) / (1 - 0.8**1.5))


def test_large_terms_have_a_visit_of_the_head_of_sales_beside_the_norm_of_the_branch():
    units = units_of(("B", "x", 1e6, 1e5, 0.0), ("C", "x", 1e5, 1e4, 0.0))
    units["visits_head_office"] = 0.0
    before = allocate(units, Team(100.0), RESPONSE).visits
    assert "head_office" not in set(before["role"])
    found = allocate(units, Team(100.0), RESPONSE, terms={"U0"})
    head = found.visits.query("role == 'head_office'")
    assert head[["unit_id", "visits"]].to_numpy().tolist() == [["U0", 1]]
    assert found.norms.loc["U0", "head_office"] == 0 and found.norms.loc["U0", "branch"] > 0


def test_whom_to_call_instead_has_lost_all_its_visits(medtech_steps):
    plan = medtech_steps.plan
    told = plan.finding("visits_left_out")
    made = plan.calendar.entries.query("kind != 'action'").groupby("unit_id").size()
    lost = [unit for unit in told.accounts if unit not in made.index]
    assert told.figures["none"] == len(lost) > 0 and list(told.accounts[: len(lost)]) == lost
    assert told.action == "call_instead_of_visits"


def test_where_capacity_is_enough_what_head_office_lacks_is_said_with_it(medtech_steps):
    plan = medtech_steps.plan
    missing = plan.finding("visits_senior_beyond").figures["missing"]
    told = headline(plan.finding("within_capacity"), Locale("en", "CNY"), {})
    assert missing > 0 and f"; only {missing} of head office in the quarter have nobody" in told
