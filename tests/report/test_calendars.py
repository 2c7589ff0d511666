"""Calendar files and visit sheets: read by another library, equal to the plan, safe, the same each time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
import vobject
from conftest import AS_OF, book_of, lines_of, steps_of

from kamplay.method.plan.calendar import Calendar, plan_calendar, quarter
from kamplay.method.plan.capacity import Team
from kamplay.method.plan.service import Service
from kamplay.method.plan.visit_sheets import VisitSheets
from kamplay.method.plan.visit_sheets import visit_sheets as collect_sheets
from kamplay.report import calendars, visit_sheets
from kamplay.show.locale import Locale
from kamplay.show.plan.visit_sheet import _of_each_visit, visit_sheets_page
from kamplay.show.view import View, using

ISSUED = date(2026, 8, 31)
PEOPLE = pd.DataFrame(
    {
        "account_id": ["a", "a"],
        "label": ["Head Wu; \n\\ , <b>", "Nurse An"],
        "layer": ["decision", "use"],
        "gone": False,
        "days": [10.0, None],
        "influence": 3.0,
    },
    index=["P1", "P2"],
)


def plan_of(**owners: str) -> SimpleNamespace:
    """A quarter of three visits to each account by its owner, and one action due."""
    units = pd.DataFrame({"level": "S", "revenue": 1.0, "region": "east", "reviews": 1}, index=list(owners))
    visits = pd.DataFrame(
        {"unit_id": list(owners), "person": list(owners.values()), "role": "branch", "visits": 3}
    )
    office = visits.assign(person=None, role="head_office", visits=1)
    facts = json.dumps({"revenue": 2000.0, "person": "Head Wu"})
    actions = pd.DataFrame(
        [["a-review", "a", "joint_review", facts, 0.0, "revenue", "owner", owners["a"], "2026-09-25", 1]],
        columns=[
            "action_id",
            "account_id",
            "kind",
            "facts",
            "money",
            "basis",
            "leads",
            "owner",
            "due",
            "visits",
        ],
    )
    due = actions.rename(columns={"account_id": "unit_id", "owner": "person", "action_id": "action"})
    due = due.rename(columns={"kind": "todo"})
    whole = pd.concat([visits, office], ignore_index=True)
    days = quarter(ISSUED, "CN")
    calendar = plan_calendar(units, whole, due, PEOPLE, days, ISSUED, Team())
    nothing = frozenset()
    return SimpleNamespace(
        calendar=calendar,
        actions=actions,
        units=actions.set_index("account_id"),
        service=Service(),
        day=ISSUED,
        issued=ISSUED,
        waiting=nothing,
        visits_waiting=nothing,
    )


def view_of(language: str, **names: str) -> View:
    return View(Locale(language, "CNY"), names, as_of=date(2026, 6, 30))


def events_of(path) -> list:
    (calendar,) = vobject.readComponents(path.read_bytes().decode("utf-8"))
    return list(calendar.vevent_list)


def test_another_library_reads_what_the_plan_says(tmp_path):
    plan = plan_of(a="Li", b="Li", c="Wu")
    names = {"a": "First; hospital, north \\ <1>", "b": "Second", "c": "Third"}
    written = calendars.write(tmp_path / "calendars", plan, view_of("en", **names), "client")
    assert [path.name for path in written] == ["Head-of-sales.ics", "Li.ics", "Wu.ics"]
    entries = plan.calendar.entries
    for path, person in zip(written, [None, "Li", "Wu"], strict=True):
        own = entries[entries["person"].isna() if person is None else entries["person"] == person]
        said = {"visit": "Visit: {}", "review": "Visit with joint review: {}"}
        planned = sorted(
            (row.date.date(), said[row.kind].format(names[row.unit_id])) for row in own.itertuples()
        )
        events = events_of(path)
        assert sorted((e.dtstart.value, e.summary.value) for e in events) == planned
        assert all((e.dtend.value - e.dtstart.value).days == 1 for e in events)
        assert len({e.uid.value for e in events}) == len(events)
    met = [e.description.value for e in events_of(written[0]) if "First" in e.summary.value]
    # the review is held at a visit: it tells what is to be done, and is not due once more
    (held,) = [
        e for e in events_of(written[1]) if e.summary.value.startswith("Visit with joint review: First")
    ]
    said = "Joint review with Head Wu: CN¥2K in 12 months; agree goals and dates."
    *told, firm = held.description.value.splitlines()
    assert told[-1] == said
    # no city of these accounts is known, so a day is no more than a proposal; with one it is not said
    assert firm == "a proposal within the week: the calendar does not know the city"
    plan.calendar.entries["city"] = "Wuxi"
    known = calendars.write(tmp_path / "known", plan, view_of("en", **names), "client")
    assert not [e for path in known for e in events_of(path) if "proposal" in e.description.value]
    assert {e.location.value for e in events_of(known[1])} == {"Wuxi"}
    aim = "What for: regular visit: their plans, and how they judge us\n"
    assert met == ["From: head office\nTo meet: Head Wu; \n\\ , <b> (Decision)\n" + aim + firm]


def test_the_same_bytes_again_and_the_same_events_when_issued_later(tmp_path):
    view = view_of("zh", a="甲", b="乙")
    plan = plan_of(a="李", b="李")
    first = calendars.write(tmp_path / "one", plan, view, "client")
    again = calendars.write(tmp_path / "two", plan, view, "client")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    assert [p.name for p in first] == ["李.ics", "销售负责人.ics"]
    assert {e.dtstamp.value.date() for p in first for e in events_of(p)} == {ISSUED}
    figures = plan.calendar.figures | {"day": "2026-09-01"}
    later = SimpleNamespace(**{**plan.__dict__, "calendar": replace(plan.calendar, figures=figures)})
    moved = calendars.write(tmp_path / "three", later, view, "client")
    uids = [{e.uid.value for p in paths for e in events_of(p)} for paths in (first, moved)]
    assert uids[0] == uids[1]  # a calendar programme moves them and does not double them
    other = calendars.write(tmp_path / "four", plan, view, "another client")
    assert not uids[0] & {e.uid.value for p in other for e in events_of(p)}


def test_names_of_people_make_safe_and_different_files(tmp_path):
    owners = {"a": "../../etc/passwd", "b": "Li / An", "c": "li an", "d": "CON", "e": "..."}
    written = calendars.write(tmp_path / "calendars", plan_of(**owners), view_of("en"), "client")
    assert len({p.name.casefold() for p in written}) == 6
    assert {p.parent for p in written} == {tmp_path / "calendars"}
    assert sorted(tmp_path.rglob("*.ics")) == written
    assert "CON.ics" not in {p.name for p in written}


def test_nothing_planned_no_file(tmp_path):
    empty = SimpleNamespace(calendar=Calendar(), visit_sheets=VisitSheets())
    assert calendars.write(tmp_path / "calendars", empty, view_of("en"), "client") == []
    assert visit_sheets.write(tmp_path, empty, view_of("en"), "client") is None
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_shipped_sample(medtech_steps, medtech_book, tmp_path, language):
    """Every file of the sample read by vobject, entry by entry as planned; a sheet for each visit of the next
    two weeks.
    """
    plan, view = medtech_steps.plan, view_of(language, **medtech_book.names.to_dict())
    entries = plan.calendar.entries
    written = calendars.write(tmp_path / "calendars", plan, view, "client")
    read = pd.Series([e.dtstart.value for path in written for e in events_of(path)]).value_counts()
    # the head of sales has the actions that are the head of sales's once more
    lead = plan.actions.loc[plan.actions["leads"] == "head", "due"].map(date.fromisoformat)
    # and the complaints that have come to the head of sales, by the first of their days
    queue = plan.service.queue
    rungs = plan.service.rungs["en"]
    mine = queue["rung"].isin([place for place, name in enumerate(rungs) if "head of sales" in name])
    escalated = queue.loc[mine, "settle_by"].dt.date.sort_values().head(1)
    planned = pd.concat([entries["date"].dt.date, lead, escalated]).value_counts()
    assert read.sort_index().to_dict() == planned.sort_index().to_dict()
    people = entries["person"].dropna().unique()
    assert {f"{name}.ics" for name in people} <= {p.name for p in written}
    for name in people:
        own = entries[entries["person"] == name]
        found = [
            (e.dtstart.value, e.summary.value) for e in events_of(tmp_path / "calendars" / f"{name}.ics")
        ]
        assert len(found) == len(own)
        at = own.sort_values(["date", "kind"])
        days = [(day.date(), view.name(unit)) for day, unit in zip(at["date"], at["unit_id"], strict=True)]
        assert sorted(day for day, _ in found) == sorted(day for day, _ in days)
        assert all(any(day == d and unit in s for d, s in found) for day, unit in days)
    page = visit_sheets.write(tmp_path, plan, view, "<client>").read_text(encoding="utf-8")
    soon = entries[(entries["kind"] != "action") & (entries["date"] <= pd.Timestamp(2026, 7, 14))]
    assert page.count("<article>") == len(soon) == len(plan.visit_sheets.visits) > 50
    assert "<client>" not in page and "&lt;client&gt;" in page
    assert "<script" not in page and "http" not in page
    assert f'lang="{"zh-Hans" if language == "zh" else "en"}"' in page


def test_the_facts_of_a_sheet_are_those_of_the_tables(medtech_steps, medtech_book):
    """Counted again from the client's tables: what is open at the units visited."""
    sheets, steps = medtech_steps.plan.visit_sheets, medtech_steps
    as_of = pd.Timestamp(2026, 6, 30)
    unit = steps.tiers.accounts["group"]
    visited = set(sheets.visits["unit_id"])

    def of_visited(table: str) -> pd.DataFrame:
        rows = medtech_book.table(table)
        return rows[rows["account_id"].map(unit).isin(visited)]

    tickets = of_visited("tickets")
    open_tickets = tickets[(tickets["opened"] <= as_of) & ~(tickets["closed"] <= as_of)]
    assert set(sheets.tickets["ticket_id"]) == set(open_tickets["ticket_id"])
    late = open_tickets[open_tickets["due"] < as_of]
    assert set(sheets.tickets.loc[sheets.tickets["late"] > 0, "ticket_id"]) == set(late["ticket_id"])
    bills = of_visited("receivables")
    bills = bills[(bills["invoice_date"] <= as_of) & ~(bills["paid_date"] <= as_of)]
    assert sheets.bills["amount"].sum() == pytest.approx(bills["amount"].sum())
    overdue = bills.loc[bills["due_date"] < as_of, "amount"].sum()
    assert sheets.bills.loc[sheets.bills["late"] > 0, "amount"].sum() == pytest.approx(overdue)
    goods = of_visited("deliveries")
    goods = goods[~(goods["delivered_date"] <= as_of)]
    assert sorted(sheets.deliveries["order_id"]) == sorted(goods["order_id"])
    deals = of_visited("opportunities")
    deals = deals[(deals["result"] == "open") | deals["result"].isna()]
    assert set(sheets.deals["opportunity_id"]) <= set(deals["opportunity_id"])


def test_no_visit_in_the_first_two_weeks():
    """A small team's first visit may come later: there is no sheet then, and a page that says so."""
    lines = [("a", str((AS_OF - pd.Timedelta(days=30 * n)).date()), 100.0 * (n + 1)) for n in range(24)]
    steps = steps_of(book_of(lines_of(*lines)))
    dates, book = steps.plan.calendar, book_of(lines_of(*lines))
    late = dates.entries[dates.entries["kind"] == "action"]
    found = collect_sheets(book, steps.tiers.units, replace(dates, entries=late), pd.DataFrame())
    assert found.visits.empty
    page = visit_sheets_page(replace(steps.plan, visit_sheets=found), view_of("en"), "client")
    assert "No visit is planned for the next two weeks." in page


def test_a_review_of_the_plan_stands_in_the_calendar_once(medtech_steps):
    plan = medtech_steps.plan
    asked = plan.actions.loc[plan.actions["kind"] == "joint_review"].set_index("action_id")["account_id"]
    entries = plan.calendar.entries
    held = entries[entries["kind"] == "review"]
    assert len(held) == plan.calendar.figures["reviews"] > 0
    assert held["action"].map(asked).eq(held["unit_id"]).all()
    due = entries.loc[entries["todo"] == "joint_review", "unit_id"]
    assert not set(due) & set(held["unit_id"])


def test_two_visits_of_a_unit_are_not_for_the_same_review(medtech_steps):
    """Only the visit at which the calendar holds the review is for it, where there is anything else to do."""
    plan = medtech_steps.plan
    kinds = plan.actions.groupby("account_id")["kind"].agg(set)
    with using(view_of("en")):
        purposes = [rows[0].kind if rows else None for rows in _of_each_visit(plan)]
    visits = plan.visit_sheets.visits.assign(purpose=purposes)
    for row in visits.itertuples():
        review = row.purpose == "joint_review"
        assert review == (row.kind == "review") or kinds[row.unit_id] == {"joint_review"}
