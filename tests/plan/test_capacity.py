"""What people can do, who makes an account's visits, and how the settings say so."""

from __future__ import annotations

import pandas as pd
import pytest

from kamplay.api import team_of
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.method.plan.capacity import LEAD, NOBODY, Person, Team, needs_of, of_the_place


def test_hours_become_visits_of_full_days_out():
    # a day of 3 visits takes 3 · 2 + 4 = 10 hours
    assert Person("branch", None, 100.0, 2.0, 4.0, 3).visits == pytest.approx(30.0)
    assert Person("branch", None, 100.0, 2.0).visits == 50.0
    team = Team(40.0, {"x": Person("branch", 30.0), "h": Person("head_office", 20.0)})
    assert team.visits == 40.0 and Team(None, team.people).visits == 50.0 and Team().visits is None
    assert team.bounds("anybody") and not Team(None, team.people).bounds("anybody")


def units(**columns) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame.index = [f"U{n}" for n in range(len(frame))]
    return frame.assign(revenue=range(len(frame), 0, -1), visits_branch=1.0, visits_head_office=1.0)


def test_the_owner_makes_the_branch_visits_and_head_office_its_own():
    frame = units(level=["A", "B"], owner=["x", None], region=["north", None])
    team = Team(None, {"x": Person("branch", 9.0), "h": Person("head_office", 9.0)})
    who = needs_of(frame, team).set_index(["unit_id", "role"])["person"]
    assert who.to_dict() == {
        ("U0", "branch"): "x",
        ("U1", "branch"): "x",  # the only one at the branch
        ("U0", "head_office"): "h",
        ("U1", "head_office"): "h",
    }
    nobody = needs_of(frame, Team()).set_index(["unit_id", "role"])["person"]
    assert nobody["U0", "branch"] == "x" and nobody["U1", "branch"] == NOBODY
    assert nobody.xs("head_office", level="role").tolist() == [LEAD, LEAD]


def test_of_several_the_one_with_most_to_spare_takes_a_region():
    frame = units(
        level=["S", "A", "B", "B", "B"],
        owner=["x", None, None, None, "y"],
        region=["north", "north", "south", "south", "west"],
    )
    team = Team(None, {"x": Person("branch", 2.0), "y": Person("branch", 9.0), "z": Person("branch", 3.0)})
    who = needs_of(frame, team).query("role == 'branch'").set_index("unit_id")["person"]
    # x owns an account of the north; nobody one of the south, where y has 8 left
    assert who.to_dict() == {"U0": "x", "U1": "x", "U2": "y", "U3": "y", "U4": "y"}


@pytest.mark.parametrize(
    "text, code, column",
    [
        ("{people: {x: {role: branch}}}", "visits_or_hours", "capacity.people.x"),
        ("{people: {x: {visits_per_month: 3, hours_per_month: 9}}}", "visits_or_hours", "capacity.people.x"),
        ("{people: {x: {hours_per_month: 9}}}", "hours_per_visit_missing", "capacity.people.x"),
        ("{people: {x: {visits_a_month: 9}}}", "setting_unknown", "capacity.people.x.visits_a_month"),
        ("{people: {x: {visits_per_month: 9, role: boss}}}", "setting_not_allowed", "capacity.people.x.role"),
        ("{people: {x: {visits_per_month: 0}}}", "setting_invalid", "capacity.people.x.visits_per_month"),
        ("{visits_per_day: 0}", "setting_invalid", "capacity.visits_per_day"),
    ],
)
def test_a_wrong_capacity_is_told_with_its_place(tmp_path, text, code, column):
    (tmp_path / "engagement.yaml").write_text(f"client: A\ncapacity: {text}\n", encoding="utf-8")
    with pytest.raises(KamplayError) as error:
        load(tmp_path)
    assert code in {f.code for f in error.value.faults}
    assert [f.column for f in error.value.faults if f.code == code] == [column]


def test_the_settings_make_the_team(tmp_path):
    text = """client: A
capacity:
  visits_per_month: 90
  hours_per_visit: 2
  travel_hours: 4
  people:
    许宏峰: {visits_per_month: 30}
    总部客户部: {hours_per_month: 160, role: head_office, travel_hours: 8, visits_per_day: 4}
"""
    (tmp_path / "engagement.yaml").write_text(text, encoding="utf-8")
    team = team_of(load(tmp_path).settings.capacity)
    assert team.visits_per_month == 90 and team.people["许宏峰"].visits == 30
    assert team.people["总部客户部"] == Person("head_office", None, 160.0, 2.0, 8.0, 4)
    assert team.of_role("head_office") == ["总部客户部"] and team.people["总部客户部"].visits == 40.0


def test_accounts_go_to_who_is_there_already():
    """The accounts to hand over are in Wuxi and Hefei, both east. Wu has one in Hefei, An one elsewhere in
    the east, Yi none there; without places nobody can be told from the others.
    """
    accounts = pd.DataFrame(
        {
            "owner": ["Li", "Li", "Wu", "An", "Yi", None],
            "region": ["east", "east", "east", "east", "west", "east"],
            "city": ["Wuxi", "Hefei", "Hefei", None, "Xining", "Wuxi"],
        },
        index=list("abcdef"),
    )
    people = ["Yi", "An", "Wu"]
    assert of_the_place(accounts, ["a", "b"], people) == ["Wu", "An"]
    assert of_the_place(accounts.drop(columns="city"), ["a"], people) == ["An", "Wu"]
    assert of_the_place(accounts, ["a"], ["Yi"]) == []
    assert of_the_place(accounts[["owner"]], ["a"], people) == people
    assert of_the_place(accounts.assign(region=None, city=None), ["a"], people) == people
