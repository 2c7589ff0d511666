"""The page and the calendar of the head of sales hold all that the report asks of the head of sales."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import Steps
from icalendar import Calendar

from kamplay.method.plan.service import Service
from kamplay.presets import load_outline, load_strategy
from kamplay.report import calendars
from kamplay.report.pages.argument import decisions, of_the_head
from kamplay.show import registry
from kamplay.show.findings import action
from kamplay.show.locale import Locale
from kamplay.show.plan.matters import DONE_BY
from kamplay.show.plan.owners import ONE_MEETING, WITH_OWNERS, head_page, head_rows, owner_page
from kamplay.show.view import View, using

CLIENTS = ("issued_late", "retail_steps")
NAMES = {"zh": "销售负责人", "en": r"[Hh]ead of sales|sales head"}
# who decides with the head of sales, or prepares it
WITH = {
    "zh": {"财务与销售", "销售与财务", "财务和销售管理层", "管理层", "各部门负责人", "销售", "销售运营"},
    "en": {
        *("Finance and sales", "Sales and finance", "Finance and sales management", "Management"),
        *("Heads of department", "Sales", "Sales operations"),
    },
}
HIMSELF = {"zh": "亲自拜访", "en": r"Visit [^<.]* yourself"}
BY_PHONE = {"zh": "亲自致电[^：]*，问清变化", "en": r"Call [^<.]* yourself and ask what changed"}


@pytest.fixture(scope="module")
def issued_late(medtech_issued) -> Steps:
    """The shipped sample, issued five months after its figures end."""
    return medtech_issued(date(2026, 11, 30))


def asked(steps: Steps, language: str) -> tuple:
    run = SimpleNamespace(
        plan_day=steps.plan.day,
        strategy=load_strategy("by_tier", Path()),
        settings=SimpleNamespace(holiday_country="CN", edition="client"),
    )
    results = {one: getattr(steps, one) for one in ("tiers", "value", "health", "plan")}
    names = {account: f"[{account}]" for account in steps.plan.accounts.index}
    view, outline = View(Locale(language, "CNY"), names), load_outline("argument", Path())
    return view, decisions(run, outline, results, view), of_the_head(run, outline, results, view)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("client", CLIENTS)
def test_every_row_that_names_the_head_of_sales_stands_on_the_page(client, language, request, tmp_path):
    steps = request.getfixturevalue(client)
    view, todos, own = asked(steps, language)
    his = WITH[language]
    named = [t for t in todos if re.search(NAMES[language], t.who + t.what) or t.who in his]
    if client == "issued_late":  # credit limits with finance, the data made anew by sales operations
        assert {"credit_exceeded", "figures_old"} <= {todo.kind for todo in named}
    assert len(named) >= (14 if client == "issued_late" else 3)
    with using(view):
        rows, html = head_rows(steps.plan, own), head_page(steps.plan, own).html
    page = unescape(re.sub(r"<[^>]*>", "", html.split("<h3>")[1]))
    joined = [todo for todo in named if todo.kind in WITH_OWNERS and client == "issued_late"]
    for todo in named:  # those that are one meeting with the owners are one row
        what = view.locale.text(ONE_MEETING) if todo in joined and len(joined) > 1 else todo.what
        assert all(part in page for part in (what, todo.by, todo.money)), todo.what
    # and every action of the plan that is the head of sales's, told here or by a row above
    lead = steps.plan.actions[steps.plan.actions["leads"] == "head"]
    assert set(lead["action_id"]) <= {*rows["key"], *(action for one in own for action in one.covers)}
    assert rows["day"].is_monotonic_increasing
    calendars.write(tmp_path, steps.plan, view, "client", own)
    label = {"zh": "销售负责人", "en": "head-of-sales"}[language]
    (path,) = [one for one in tmp_path.iterdir() if one.stem.casefold().replace(" ", "-") == label]
    events = list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))
    made = [one for one in events if one["CATEGORIES"].to_ical() == b"decision"]
    assert sorted(str(one["DTSTART"].dt) for one in made) == rows["day"].tolist()
    assert len({str(one["UID"]) for one in events}) == len(events)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_head_of_sales_reads_of_his_own_visits_and_goes_himself(issued_late, language):
    plan = issued_late.plan
    view, todos, own = asked(issued_late, language)
    with using(view):
        first, visits, *_ = head_page(plan, own).html.split("<h3>")[1:]
    goes, calls = (len(re.findall(words[language], first)) for words in (HIMSELF, BY_PHONE))
    assert goes + calls == (plan.actions["kind"] == "senior_visit").sum() and goes > calls
    told = plan.finding("visits_senior_beyond").figures
    assert re.search(rf"\b{told['made']}\b", re.sub(r"[^\d]+", " ", visits))
    assert re.search(rf"\b{told['missing']}\b", re.sub(r"[^\d]+", " ", visits))
    # chapter 5 asks who makes them, with the number that one person can make
    (row,) = [todo for todo in todos if todo.kind == "visits_senior_beyond"]
    numbers = set(re.findall(r"\d+", row.what))
    assert {str(told["made"]), str(told["missing"]), str(told["made"] + told["missing"])} <= numbers
    entries = plan.calendar.entries
    made = entries[entries["person"].isna() & (entries["kind"] != "action")]
    assert len(made) == told["made"]


@pytest.mark.parametrize("client", CLIENTS)
def test_what_only_the_workbook_asks_of_the_head_of_sales_stands_on_the_page_too(client, request):
    """Each finding whose advice begins with the head of sales, or with whom the head decides, has a row, but
    where another about all its accounts takes its place, or each account has an action of the head's own.
    """
    steps = request.getfixturevalue(client)
    view, _, own = asked(steps, "en")
    kinds = {one.kind for one in own}
    findings = [f for key in ("tiers", "value", "health", "plan") for f in getattr(steps, key).findings]
    lead = steps.plan.actions[steps.plan.actions["leads"] == "head"]
    asks = {}
    for f in findings:
        who = (action(f, view.locale, view.names) or "").partition(":")[0]
        if who == "Head of sales" or (who in ("Finance and sales", "Management") and f.severity != "note"):
            others = [set(o.accounts) for o in findings if f.kind in registry.specs()[o.kind].replaces]
            done = set(lead.loc[lead["kind"].isin(DONE_BY.get(f.action, ())), "account_id"])
            told = any(set(f.accounts) <= other for other in others)
            if not told and not (f.accounts and set(f.accounts) <= done):
                asks[f.kind] = f
    assert len(asks) >= 3 and set(asks) <= kinds
    if client == "issued_late":  # what the owners do at each account, the head of sales decides with them
        assert {"red_accounts", "already_stopped", "credit_exceeded"} <= set(asks)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_complaints_that_have_come_to_the_head_of_sales_have_a_row(issued_late, language):
    """The ladder of the preset names the head of sales on its second rung, where level C ends."""
    plan, (view, _, own) = issued_late.plan, asked(issued_late, language)
    queue = plan.service.queue
    rung = load_strategy("by_tier", Path()).escalation.steps[1]
    mine = queue[queue["rung"] == 1]
    assert "head of sales" in rung.en and len(mine) > 0 and set(mine["level"]) == {"C"}
    with using(view):
        rows = head_rows(plan, own)
        bare = head_rows(dataclasses.replace(plan, service=Service()), own)
    (row,) = rows[rows["key"] == "complaints_escalated"].itertuples()
    assert str(len(mine)) in re.findall(r"\d+", row.text) and row.day == f"{mine['settle_by'].min():%Y-%m-%d}"
    assert row.who.casefold() == rung.get(language).casefold()
    assert len(bare) == len(rows) - 1


def test_a_column_in_which_nothing_stands_is_left_out(retail_steps, issued_late):
    for steps, there in ((retail_steps, False), (issued_late, True)):
        view, _, own = asked(steps, "en")
        with using(view):
            html = head_page(steps.plan, own).html
        columns = re.search(r'data-columns="([^"]*)"', html)[1].split()
        assert ("name" in columns) == there, columns


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_owners_visits_name_whom_to_see_and_a_phone_shows_all_rows(issued_late, language):
    plan = issued_late.plan
    end = pd.Timestamp(plan.calendar.figures["first"]) + pd.Timedelta(days=13)
    entries = plan.calendar.entries
    near = entries[(pd.to_datetime(entries["date"]) <= end) & entries["kind"].isin(["visit", "review"])]
    view, _, _ = asked(issued_late, language)
    named = 0
    for owner, own in near.dropna(subset="person").groupby("person"):
        with using(view):
            html = owner_page(plan, owner).html
        for contact in own["contact"].dropna():
            assert contact in html
            named += 1
        assert not re.search(r'class="[^"]*beyond', html)
    assert named > 20
