"""Actions, allocation and calendar speak of the same visits: what holds of both samples."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from conftest import Steps

from kamplay.method.plan.capacity import VISITS_A_DAY
from kamplay.report import calendars
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import in_words
from kamplay.show.plan.calendar import calendar_sheet
from kamplay.show.plan.capacity import allocation_sheet
from kamplay.show.registry import charts
from kamplay.show.summary.days_ahead import capacity_told
from kamplay.show.view import View, using

CLIENTS = ("medtech_steps", "retail_steps")
# what has been, and the facts in brackets
HISTORY = (
    r"有记录的上次拜访是|不再安排拜访|the last visit on record|No visits beyond that|（[^）]*）|\([^)]*\)"
)
ON_SITE = r"拜访|上门|登门|[Vv]isit|[Mm]eet "


def made(plan) -> pd.DataFrame:
    return plan.calendar.entries[plan.calendar.entries["kind"] != "action"]


@pytest.fixture(scope="module")
def issued_late(medtech_issued) -> Steps:
    """The shipped sample, issued five months after its figures end."""
    return medtech_issued(date(2026, 11, 30))


@pytest.mark.parametrize("client", [*CLIENTS, "issued_late", "issued_on_notice"])
def test_terms_are_negotiated_on_site_before_they_are_to_be_agreed(client, request):
    """Or it is told that it is done by phone. With a large account the head of sales goes as well, and no
    visit is for terms over four weeks before their notice.
    """
    plan = request.getfixturevalue(client).plan
    visits, count = made(plan), 0
    for row in plan.actions[plan.actions["kind"].isin(["agree_contract", "reprice"])].itertuples():
        facts = json.loads(row.facts)
        if "agree" not in facts:
            continue
        for_it = (visits["purpose"] == row.kind) | visits["also"].fillna("").str.split().map(
            lambda kinds, kind=row.kind: kind in kinds
        )
        own = visits[(visits["unit_id"] == row.account_id) & for_it]
        if row.visits == 0:
            assert facts["by_phone"]
        elif facts["agree"] <= plan.calendar.figures["last"]:
            count += 1
            assert (own["date"] <= pd.Timestamp(facts["agree"])).all() and len(own), row.action_id
            assert (own["contact_id"] == row.meet).any()
        if len(own) > 1 and facts["ask"] <= facts.get("notice", ""):
            assert own["date"].min() >= pd.Timestamp(facts["notice"]) - pd.Timedelta(days=28)
    assert client == "retail_steps" or count >= 3


def test_the_largest_contract_is_negotiated_twice_with_who_decides(issued_on_notice):
    """C0092: notice on 1 December, to be agreed by 15 January. P0001, of the layer that decides, was seen
    first on 3 February.
    """
    visits = made(issued_on_notice.plan)
    own = visits[(visits["unit_id"] == "C0092") & (visits["purpose"] == "agree_contract")]
    assert set(own["role"]) == {"branch", "head_office"} and set(own["contact_id"]) == {"P0001"}
    assert (own["date"] <= pd.Timestamp(2027, 1, 15)).all()


@pytest.mark.parametrize("client", [*CLIENTS, "issued_late"])
def test_an_action_that_takes_a_visit_has_it_by_its_due_day_with_whom_it_names(client, request):
    plan = request.getfixturevalue(client).plan
    visits, named = made(plan), 0
    for row in plan.actions[plan.actions["visits"] > 0].itertuples():
        own = visits[(visits["unit_id"] == row.account_id) & (visits["date"] <= pd.Timestamp(row.due))]
        assert len(own), row.action_id
        if isinstance(row.meet, str):
            named += 1
            assert row.meet in set(own["contact_id"]), row.action_id
    assert client == "retail_steps" or named > 100


@pytest.mark.parametrize("client", ["medtech_steps", "issued_late", "issued_on_notice"])
def test_what_is_done_at_a_visit_is_due_on_its_day(client, request):
    """71 were due after the visit that does them. What is promised to the customer, or asked for in writing
    by a day of notice, is due by that day, its visit before.
    """
    plan = request.getfixturevalue(client).plan
    done = {}
    for visit in made(plan).sort_values("date").itertuples():
        for kind in [visit.purpose, *(visit.also or "").split()]:
            done.setdefault((visit.unit_id, kind), []).append((f"{visit.date:%Y-%m-%d}", visit.contact_id))
    takes, on_the_day = plan.actions[plan.actions["visits"] > 0], 0
    for row in takes.itertuples():
        visits, facts = done[row.account_id, row.kind], json.loads(row.facts)
        if row.kind == "close_complaints" or "agree" in facts:
            assert visits[0][0] <= max(row.due, facts.get("agree", ""))
            continue
        on_the_day += 1
        assert row.due in [day for day, _ in visits], row.action_id
        # and with whom it names
        if row.kind != "joint_review" and isinstance(row.meet, str):
            assert (row.due, row.meet) in visits, row.action_id
    assert on_the_day > 140


def test_large_terms_are_never_settled_by_phone(issued_late):
    """Of 1 % of all revenue or more. The terms that are renegotiated with the third largest, where nobody
    goes by the norm, have a visit of the head of sales; so has the contract where the owner's visit is for
    who takes over.
    """
    plan = issued_late.plan
    revenue = plan.units.set_index("account_id")["revenue"]
    terms = plan.actions[plan.actions["kind"].isin(["reprice", "agree_contract"])]
    large = terms[terms["account_id"].map(revenue) >= 0.01 * revenue.clip(lower=0).sum()]
    assert len(large) > 10 and (large["visits"] > 0).all()
    assert not large["facts"].str.contains("by_phone").any()
    visits = made(plan)
    senior = visits[visits["role"] == "head_office"]
    for unit in ("C0005", "C0028"):
        row = large[large["account_id"] == unit].iloc[0]
        own = senior[(senior["unit_id"] == unit) & (senior["contact_id"] == row["meet"])]
        assert own["date"].min() <= pd.Timestamp(json.loads(row["facts"]).get("agree", row["due"]))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("client", CLIENTS)
def test_nothing_is_told_as_on_site_where_nobody_comes(client, language, request):
    plan = request.getfixturevalue(client).plan
    seen = set(made(plan)["unit_id"])
    away = plan.actions[~plan.actions["account_id"].isin(seen)]
    with using(View(Locale(language, "CNY"))):
        told = in_words(plan, away)
    for row in told.itertuples():
        assert not re.search(ON_SITE, re.sub(HISTORY, "", row.text)), row.text
        assert row.visits == 0
    phoned = plan.actions["facts"].str.contains("by_phone")
    assert client == "retail_steps" or phoned.sum() > 100
    assert (plan.actions.loc[phoned, "visits"] == 0).all()


def test_the_priority_list_has_its_first_visits_by_their_due_days(medtech_steps):
    plan = medtech_steps.plan
    on_list = plan.accounts.index[plan.accounts["reached_by"] == "list"]
    first = plan.actions[(plan.actions["place"] == 1) & plan.actions["account_id"].isin(on_list)]
    assert len(first) == len(on_list) > 0
    takes = first[~first["facts"].str.contains("by_phone")]
    assert len(takes) == len(first)  # nobody of the list is put off with a call
    met = made(plan).groupby("unit_id")["date"].min()
    due = pd.to_datetime(first.set_index("account_id")["due"])
    assert (met.reindex(due.index) <= due).all()


def test_the_head_of_sales_makes_no_more_than_a_person_does_in_a_day(medtech_steps):
    visits = made(medtech_steps.plan)
    senior = visits[visits["person"].isna()]
    assert set(senior["role"]) == {"head_office"}  # every account has an owner
    assert senior.groupby("date").size().max() <= VISITS_A_DAY
    assert senior.groupby("date")["city"].nunique().max() == 1
    told = medtech_steps.plan.finding("visits_senior_beyond")  # in so many cities one person is not
    assert (
        told.figures["made"] == len(senior) == medtech_steps.plan.finding("calendar_made").figures["senior"]
    )
    assert told.action == "name_senior_or_drop" and told.figures["missing"] > 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_place_has_the_same_number_of_visits(medtech_steps, language, tmp_path):
    plan = medtech_steps.plan
    visits, view = made(plan), View(Locale(language, "CNY"))
    count = len(visits)
    missed = int((plan.calendar.unplaced["kind"] == "visit").sum())  # no day, told as such
    assert plan.calendar.figures["placed"] == count
    assert plan.allocation.units["visits"].sum() == count + missed
    assert plan.finding("calendar_made").figures["placed"] == count
    owners = plan.by_owner.owners.set_index("owner")["placed"]
    assert owners.sum() + visits["person"].isna().sum() == count
    with using(view):
        assert allocation_sheet(plan).rows["visits"].sum() == count + missed
        said = {"zh": ["拜访", "拜访并开业务复盘会"], "en": ["visit", "visit with joint review"]}[language]
        rows = calendar_sheet(plan).rows
        by_person = rows[rows["what"].isin(said)].groupby("who").size()
    assert by_person.sum() == count
    assert (
        by_person.drop({"zh": "销售负责人", "en": "Head of sales"}[language]).to_dict()
        == owners[owners > 0].to_dict()
    )
    files = calendars.write(tmp_path / "ics", plan, view, "client")
    text = b"".join(path.read_bytes() for path in files).decode().replace("\r\n ", "")
    assert text.count("CATEGORIES:visit") + text.count("CATEGORIES:review") == count
    soon = int((visits["date"] <= pd.Timestamp(plan.day) + pd.Timedelta(days=30)).sum())
    with using(view):
        told = re.findall(r"\d+", capacity_told(plan, view))
    assert str(soon) in told


@pytest.fixture(scope="module")
def issued_on_notice(medtech_issued) -> Steps:
    """The shipped sample, issued on the last day of notice of its largest contract."""
    return medtech_issued(date(2026, 12, 1))


@pytest.mark.parametrize(
    ("language", "summary", "said"),
    [
        ("zh", "到期：书面提出续签合同（C0092）", "今天（2026年12月1日）就发出。"),
        ("en", "Due: Ask in writing to renew the contract: C0092", "Send it today, 1 Dec 2026."),
    ],
)
def test_what_is_due_on_the_day_of_issue_stands_on_it(issued_on_notice, language, summary, said, tmp_path):
    plan, view = issued_on_notice.plan, View(Locale(language, "CNY"))
    entries = plan.calendar.entries
    due = pd.to_datetime(plan.actions.set_index("action_id")["due"])
    own = entries[entries["kind"] == "action"]
    assert (own["date"] <= own["action"].map(due)).all()  # never after its deadline
    now = own[own["action"].map(due) == pd.Timestamp(2026, 12, 1)]
    assert len(now) == (due == pd.Timestamp(2026, 12, 1)).sum() > 0
    assert (now["date"] == pd.Timestamp(2026, 12, 1)).all()
    with using(view):
        told = in_words(plan, plan.actions[plan.actions["account_id"] == "C0092"])
    text = told.loc[told["kind"] == "renew_contract", "text"].item()
    assert text.endswith(said) and "线上" not in text and "by phone" not in text.lower()
    files = calendars.write(tmp_path, plan, view, "client")
    events = b"".join(path.read_bytes() for path in files).decode().replace("\r\n ", "").split("BEGIN:VEVENT")
    (event,) = [one for one in events if f"SUMMARY:{summary}" in one.replace("\\", "")]
    assert "DTSTART;VALUE=DATE:20261201" in event


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_found_no_day_is_named_and_not_counted(issued_late, language):
    """Six visits without a day: chapter 5 counts those of the calendar, and names where the rest were due."""
    whole, view = issued_late.plan, View(Locale(language, "CNY"))
    entries, taken = whole.calendar.entries, made(whole).query("kind == 'visit'").tail(6)
    missed = taken.assign(month=1, reason="week_limit")[[*whole.calendar.unplaced]]
    figures = whole.calendar.figures | {"placed": len(made(whole)) - 6}
    calendar = replace(whole.calendar, entries=entries.drop(taken.index), unplaced=missed, figures=figures)
    plan = replace(whole, calendar=calendar)
    count = len(made(plan))
    assert plan.allocation.units["visits"].sum() == count + 6
    with using(view):
        caption = charts.visits(plan).text
    told = set(re.findall(r"\d+", caption))
    assert {str(count), "6"} <= told and str(count + 6) not in told
    assert missed["unit_id"].iloc[0] in caption
    above = whole.finding("visits_above_made")
    assert above is None or above.figures["planned"] == pytest.approx((count + 6) / 3)
