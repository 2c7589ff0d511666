"""Names for the roles of the account team, and where complaints stand on the way up: by hand."""

from pathlib import Path

import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay import presets
from kamplay.errors import KamplayError
from kamplay.method.plan.capacity import Person
from kamplay.method.plan.organisation import add_findings, organisation
from kamplay.method.results import Findings
from kamplay.show.locale import Locale
from kamplay.show.registry import tables
from kamplay.show.view import View, using

STRATEGY = presets.load_strategy("by_tier", Path())
UNITS = pd.DataFrame(
    {
        "owner": ["li", "li", "wu", None, "wu", "he"],
        "level": ["S", "A", "A", "S", "B", "A"],
        "gone": [False, False, False, False, False, True],
    },
    index=pd.Index(list("abcdef"), name="unit_id"),
)
QUEUE = pd.DataFrame(
    {
        "unit_id": ["a", "a", "c", "d", "f"],
        "rung": [2.0, 2.0, 2.0, None, 1.0],
        "lost": [False, False, False, False, True],
    }
)
VISITS = pd.DataFrame(
    {
        "account_id": ["a", "b", "c", "a"],
        "date": pd.to_datetime(["2025-05-01", "2025-06-01", "2024-01-01", "2025-07-01"]),
        "by": ["head", "head", "old", "li"],
        "level": ["head_office", "head_office", "head_office", "branch"],
    }
)
BOOK = book_of(lines_of(("a", "2025-06-01", 1.0)), visits=VISITS)


def test_owners_of_key_accounts_by_level_and_head_office_by_its_visits():
    people = organisation(BOOK, UNITS, QUEUE, STRATEGY, {}, True).people
    named = [tuple(row) for row in people.astype({"level": object}).fillna("").to_numpy()]
    assert named == [
        ("account", "li", "S", 1.0, "owners"),  # d has no owner
        ("account", "li", "A", 1.0, "owners"),
        ("account", "wu", "A", 1.0, "owners"),  # f is gone, e is no key account
        ("head_office", "head", "", 2.0, "visits"),  # of the 12 months
    ]


def test_settings_before_visits_and_the_strategy_before_all():
    team = {"branch man": Person(), "key accounts": Person("head_office", 20.0)}
    people = organisation(BOOK, UNITS, QUEUE, STRATEGY, team, True).people
    head = people[people["role"] == "head_office"]
    assert head[["person", "source"]].to_numpy().tolist() == [["key accounts", "settings"]]
    parts = {"team": {"others": {"head_office": {"who": "Ms Gu"}, "finance": {"who": "=1+1"}}}}
    named = presets.load_strategy({"base": "by_tier", **parts}, Path())
    people = organisation(BOOK, UNITS, QUEUE, named, team, True).people
    assert people.loc[people["source"] == "strategy", "person"].tolist() == ["Ms Gu", "=1+1"]
    assert "key accounts" not in set(people["person"])


def test_without_tiers_all_that_are_left_are_led():
    people = organisation(BOOK, UNITS, QUEUE, STRATEGY, {}, False).people
    leads = people[people["role"] == "account"]
    assert dict(zip(leads["person"], leads["count"], strict=True)) == {"li": 2, "wu": 2}
    assert leads["level"].isna().all()


def test_complaints_by_rung_and_owner_without_those_of_lost_accounts():
    rungs = organisation(BOOK, UNITS, QUEUE, STRATEGY, {}, True).rungs
    rows = rungs.astype({"person": object}).fillna({"person": ""}).to_numpy().tolist()
    assert rows == [[-1, 1, 1, "", 1], [2, 3, 2, "li", 2], [2, 3, 2, "wu", 1]]


def test_who_is_not_named_is_told():
    found = Findings("plan")
    add_findings(found, organisation(BOOK, UNITS, QUEUE, STRATEGY, {}, True), STRATEGY, "2026-02-02")
    figures = found[0].figures
    assert found[0].kind == "team_unnamed" and (figures["count"], figures["of"]) == (4, 6)
    assert figures["en"] == ["solution lead", "delivery lead", "finance", "service"]
    whole = {key: {"who": "x"} for key in ("solution", "delivery")}
    rest = {key: {"who": "x"} for key in ("finance", "service")}
    named = presets.load_strategy({"base": "by_tier", "team": {"roles": whole, "others": rest}}, Path())
    found = Findings("plan")
    add_findings(found, organisation(BOOK, UNITS, QUEUE, named, {}, True), named, "2026-02-02")
    assert [f.kind for f in found] == ["team_named"]


def test_without_owners_visits_and_complaints_roles_stand():
    bare = book_of(lines_of(("a", "2025-06-01", 1.0)))
    result = organisation(bare, UNITS.assign(owner=None), QUEUE.iloc[:0], STRATEGY, {}, True)
    assert result.people.empty and result.rungs.empty


def test_a_gate_is_led_by_a_role_of_the_team():
    with pytest.raises(KamplayError) as raised:
        presets.load_strategy({"base": "by_tier", "gates": {"lead": {"led_by": ["acount"]}}}, Path())
    fault = raised.value.faults[0]
    assert fault.code == "role_unknown" and fault.column.endswith("gates.lead.led_by.0")


def test_the_tables_hold_the_clients_own_names(medtech_steps):
    plan = medtech_steps.plan
    owners = set(medtech_steps.plan.organisation.people.query("role == 'account'")["person"])
    with using(View(Locale("en", "CNY"))):
        team, gates, path = tables.team(plan), tables.stage_gates(plan), tables.escalation(plan)
        duties = tables.duties(plan)
    assert any(name in team.text for name in owners) and "总部客户部 (320)" in team.text
    assert any(name in gates.text.splitlines()[1] for name in owners)
    assert len(duties.text.splitlines()) == 9 and len(team.text.splitlines()) == 7
    queue = plan.service.queue[~plan.service.queue["lost"].astype(bool)]
    shown = [int(line.split(" | ")[5]) for line in path.text.splitlines()[1:]]
    assert sum(shown) == len(queue)
    assert shown[3] == int((queue["rung"] == 2).sum())
