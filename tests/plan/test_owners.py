"""What each owner looks after: by hand, and the same sums as the plan on the sample."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from kamplay.errors import KamplayError
from kamplay.method.plan.owners import add_findings, by_owner
from kamplay.method.results import Findings
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.plan.owners import head_page
from kamplay.show.registry import tables
from kamplay.show.view import View, using

UNITS = pd.DataFrame(
    {
        "owner": ["li", "li", "wu", None],
        "level": ["S", "C", "A", "B"],
        "health_band": "green",
        "verdict": ["fine", "act", "fine", "fine"],
        "next_action": "standard_care",
        "due": ["2026-03-31", "2026-01-07", "2026-03-31", "2026-03-31"],
        "revenue": [100.0, 10.0, 50.0, 30.0],
        "revenue_at_risk": [1.0, 5.0, 8.0, None],
        "visits": [4.0, 0.0, 3.0, 2.0],
        "gone": False,
    },
    index=pd.Index(["a", "b", "c", "d"], name="account_id"),
)
ENTRIES = pd.DataFrame({"person": ["li", "li", "li", None], "kind": ["visit", "review", "action", "visit"]})
QUEUE = pd.DataFrame({"unit_id": ["b", "b", "c"], "days_late": [3, 0, 9], "lost": False})


def test_by_hand():
    result = by_owner(UNITS, pd.Series({"a": 7.0, "x": 100.0}), QUEUE, ENTRIES)
    owners = result.owners.set_index(result.owners["owner"].fillna("nobody"))
    assert owners.index.tolist() == ["wu", "li", "nobody"]  # by expected loss, nobody last
    li = owners.loc["li"]
    assert li[["units", "S", "A", "B", "C", "acting", "past_due"]].tolist() == [2, 1, 0, 0, 1, 1, 1]
    assert li[["revenue", "revenue_at_risk", "overdue", "visits"]].tolist() == [110.0, 6.0, 7.0, 4.0]
    assert li["due"] == "2026-01-07" and li["placed"] == 2
    assert pd.isna(owners.loc["nobody", "revenue_at_risk"])
    assert result.units["unit_id"].tolist() == ["c", "b", "a", "d"]  # whoever needs something first
    found = Findings("plan")
    add_findings(found, result, UNITS, "companies")
    assert found[0].kind == "units_without_owner" and found[0].accounts == ("d",)
    assert (found[0].figures["count"], found[0].figures["revenue"]) == (1, 30.0)


def test_what_is_gone_is_no_loss_to_come_and_its_complaints_are_told_elsewhere():
    gone, queue = UNITS.assign(gone=[False, True, False, False]), QUEUE.assign(lost=[True, True, False])
    owners = by_owner(gone, pd.Series(dtype=float), queue, ENTRIES).owners.set_index("owner")
    assert owners.loc["li", ["revenue_at_risk", "past_due"]].tolist() == [1.0, 0]


def test_the_owners_losses_are_those_of_section_3(medtech_steps):
    """There none are told on the made sample: the owners have no amounts, and their order all the same."""
    owners, groups = medtech_steps.plan.by_owner.owners, medtech_steps.health.revenue_at_risk.groups
    assert not medtech_steps.health.revenue_at_risk.told and owners["revenue_at_risk"].isna().all()
    assert owners["owner"].iloc[0] == groups[groups["by"] == "owner"]["group"].iloc[0]


def test_without_owners_no_page_but_those_that_need_one_first():
    """The key accounts a and c (S, A: 150 of revenue), and b that is to be acted on (10); d waits."""
    none = UNITS.assign(owner=None, channel=None, urgency=["routine", "urgent", "soon", "soon"])
    result = by_owner(none, pd.Series(dtype=float), QUEUE, ENTRIES)
    assert result.owners.empty
    found = Findings("plan")
    add_findings(found, result, none, "companies")
    assert (found[0].kind, found[0].accounts) == ("owners_none", ("a", "c", "b"))
    assert [found[0].figures[name] for name in ("count", "key", "others", "revenue")] == [3, 2, 1, 160.0]
    told = headline(found[0], Locale("en", "EUR"), {})
    assert "3 need one first (2 key, 1 other to act on)" in told
    only = Findings("plan")
    add_findings(only, result, none.assign(urgency="routine"), "companies")
    assert "(all of them key)" in headline(only[0], Locale("en", "EUR"), {})
    consumers = Findings("plan")
    add_findings(consumers, result, none, "consumers")
    assert not consumers


def test_the_sums_are_those_of_the_plan(medtech_steps):
    plan, owners = medtech_steps.plan, medtech_steps.plan.by_owner
    assert owners.owners["units"].sum() == plan.key_figures["accounts_planned"] == len(owners.units)
    assert owners.owners["visits"].sum() == pytest.approx(plan.key_figures["visits_per_month"], abs=0.005)
    assert owners.owners["past_due"].sum() <= plan.finding("complaints_past_due").figures["count"]
    assert owners.units["unit_id"].is_unique


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_owners_visits_and_those_of_nobody_are_all_of_the_calendar(medtech_steps, language):
    plan = medtech_steps.plan
    entries = plan.calendar.entries
    own = plan.by_owner.owners["placed"].sum()
    with using(View(Locale(language, "CNY"))):
        caption = tables.by_owner(plan).grid.caption
    assert {"en": "more of the calendar are the head of sales's", "zh": "由销售负责人承担"}[
        language
    ] in caption
    told = [int(n) for n in re.findall(r"\d+", caption)]
    assert own + sum(told) == (entries["kind"] != "action").sum() and told[0] > 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages(medtech_steps, medtech_book, language):
    plan = medtech_steps.plan
    with using(View(Locale(language, "CNY"), medtech_book.names.to_dict())):
        every = tables.owner_pages(plan)
        assert len(tables.by_owner(plan).text.splitlines()) == 1 + len(plan.by_owner.owners)
        one = tables.owner(plan, "许宏峰")
        assert one.html in every.html and one.text in every.text
        with pytest.raises(KamplayError) as wrong:
            tables.owner(plan, "许宏锋")
        assert wrong.value.faults[0].code == "owner_unknown"
        assert wrong.value.faults[0].args["near"] == "许宏峰"


def test_the_caption_speaks_of_columns_that_are_there():
    """Sold to consumers nobody is visited, and without tickets nothing is past due."""
    no_visit = by_owner(UNITS.assign(visits=0.0), pd.Series(dtype=float), QUEUE.iloc[:0], ENTRIES.iloc[:0])
    visited = by_owner(UNITS, pd.Series(dtype=float), QUEUE, ENTRIES)
    said = []
    for owners in (no_visit, visited):
        todo = pd.DataFrame(columns=["owner", "kind", "due"])
        dates = SimpleNamespace(figures={"first": "2026-01-05"}, entries=ENTRIES.iloc[:0].assign(date=None))
        plan = SimpleNamespace(by_owner=owners, finding=lambda kind: None, actions=todo, calendar=dates)
        with using(View(Locale("en", "EUR"))):
            said.append(tables.by_owner(plan).grid.caption)
    for column in ("Visits in the calendar", "Complaints past due"):
        assert column not in said[0] and column in said[1]


def test_a_name_is_escaped(medtech_steps):
    from dataclasses import replace

    plan = medtech_steps.plan
    result = by_owner(UNITS.assign(owner="<b>x</b>"), pd.Series(dtype=float), QUEUE, ENTRIES)
    with using(View(Locale("en", "CNY"))):
        html = tables.owner_pages(replace(plan, by_owner=result)).html
    assert "<b>x" not in html and "&lt;b&gt;x" in html


def test_a_week_that_holds_more_says_how_much_and_why(medtech_steps):
    """Ten of twelve things with a day of their own stand in the week of 6 July 2026, which holds eight."""
    from dataclasses import replace

    plan = medtech_steps.plan
    monday = pd.Timestamp("2026-07-06")
    full = pd.DataFrame(
        {"owner": ["许宏峰"], "week": [monday], "actions": [12], "bound": [10], "visits": [4], "room": [8.0]}
    )
    with using(View(Locale("en", "CNY"))):
        held, over = (
            tables.owner(replace(plan, by_owner=replace(plan.by_owner, weeks=weeks)), "许宏峰").text
            for weeks in (full.assign(actions=8, bound=8), full)
        )
    assert "0+0, 8+4, 0+0, 0+0; what is done at a visit counts with it." in held and "more than" not in held
    assert "The week of 6 Jul 2026 holds 12 actions, more than 8: the day of 10 cannot move" in over


def test_the_head_of_sales_has_a_page_of_decisions_questions_and_loads(medtech_steps):
    """What the head leads, then what others do first, and each owner's four weeks."""
    plan = medtech_steps.plan
    with using(View(Locale("en", "CNY"))):
        own, _, asked, loads = head_page(plan).html.split("<h3>")[1:]
    todo = plan.actions.sort_values(["due", "place"], kind="stable")
    lead = todo["leads"] == "head"
    assert 0 < lead.sum() <= 8 and all(unit in own for unit in todo.loc[lead, "account_id"])
    others = todo[todo["urgency"].isin(["urgent", "warned"]) & ~lead]
    assert all(unit in asked for unit in others["account_id"][:3])
    # of one owner: what is due in the four weeks from the Monday on, but for what is done at a visit
    first = pd.Timestamp(plan.calendar.figures["first"])
    first -= pd.Timedelta(days=first.day_of_week)
    days = (pd.to_datetime(todo["due"]) - first).dt.days
    made = plan.calendar.entries[plan.calendar.entries["kind"].isin(["visit", "review"])]
    made = made[made["person"] == "许宏峰"]
    seen = set(zip(made["unit_id"], (made["date"] - first).dt.days // 7, strict=True))
    met = [one in seen for one in zip(todo["account_id"], days // 7, strict=True)]
    with_visit = (todo["visits"] > 0) & pd.Series(met, todo.index)
    days = days[(todo["kind"] != "joint_review") & (todo["owner"] == "许宏峰") & ~with_visit]
    count = [int((days // 7 == week).sum()) for week in range(4)]
    assert max(count) <= 8 < max(count[n] + len({u for u, w in seen if w == n}) for n in range(4))
    told = re.search(r"许宏峰.*?(\d+\+\d+(?:, \d+\+\d+){3})", loads, re.DOTALL)[1]
    assert sum(count) > 0 and [int(week.split("+")[0]) for week in told.split(", ")] == count
