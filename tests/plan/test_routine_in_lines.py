"""Routine actions of many accounts: lines of the calendar in place of entries, worked by hand."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd
from conftest import book_of, lines_of

from kamplay.method.plan.calendar import MOST_ROUTINE, Calendar, calendar
from kamplay.method.plan.capacity import Team
from kamplay.presets import load_strategy
from kamplay.show.locale import Locale
from kamplay.show.plan.calendar import whose
from kamplay.show.view import View, using

ISSUED = date(2026, 8, 31)
DUE = ["2026-09-30", "2026-11-03"]


def calendar_of(
    rows: list[tuple[str, str | None, str]],
    visited: tuple[str, ...] = (),
    kinds: dict[str, str] | None = None,
) -> Calendar:
    """The calendar where these have something to do: account, owner and urgency; the next order but for those
    of other ``kinds``.
    """
    todo = pd.DataFrame(rows, columns=["account_id", "owner", "urgency"])
    todo = todo.assign(visits=0, meet=None, leads="owner", bound=False, facts="{}", place=1)
    todo["kind"] = [(kinds or {}).get(unit, "next_order") for unit in todo["account_id"]]
    todo = todo.assign(
        due=[DUE[n % 2] for n in range(len(todo))], action_id=todo["account_id"] + "-" + todo["kind"]
    )
    units = pd.DataFrame({"level": "C", "revenue": 1.0, "channel": None}, index=todo["account_id"])
    visits = pd.DataFrame({"unit_id": list(visited), "person": "Li", "role": "branch", "visits": 3})
    people = pd.DataFrame(columns=["account_id", "label", "layer", "gone", "days", "influence"])
    book, strategy = book_of(lines_of(("a", "2025-06-15", 1.0))), load_strategy("by_tier", Path())
    return calendar(book, units, visits, todo, strategy, people, units.index[:0], Team(), ISSUED, None)


def many(owner: str | None, count: int) -> list[tuple[str, str | None, str]]:
    return [(f"{owner}{n:04d}", owner, "routine") for n in range(count)]


def test_many_routine_actions_of_one_person_are_one_line():
    rows = [*many("Li", MOST_ROUTINE), ("seen", "Li", "routine"), ("late", "Li", "urgent"), *many("Wu", 9)]
    found = calendar_of([*rows, ("one more", "Li", "routine")], visited=("seen",))
    entries = found.entries[found.entries["kind"] == "action"]
    # the one that is visited, the urgent one, and those of who has few
    assert set(entries["unit_id"]) == {"seen", "late", *(unit for unit, _, _ in many("Wu", 9))}
    line = found.routine.iloc[0]
    assert len(found.routine) == 1
    assert (line["person"], line["todo"], line["units"]) == ("Li", "next_order", MOST_ROUTINE + 1)
    assert [f"{line[day]:%Y-%m-%d}" for day in ("first", "last")] == DUE
    # all routine ones: these, the one that is visited, and Wu's nine; not the urgent one
    assert (found.figures["routine"], found.figures["every_routine"]) == (MOST_ROUTINE + 1, MOST_ROUTINE + 11)
    shown = found.lines()
    assert len(shown) == len(found.entries) + 1
    assert shown.loc[shown["kind"] == "routine", "number"].tolist() == [MOST_ROUTINE + 1]


def test_what_is_due_after_the_quarter_is_no_line_of_it(monkeypatch):
    """The quarter ends on 30 November: of twice as many, the half that is due on 1 December comes later."""
    monkeypatch.setattr(sys.modules[__name__], "DUE", ["2026-09-30", "2026-12-01"])
    found = calendar_of(many("Li", 2 * MOST_ROUTINE + 2))
    assert (found.figures["routine"], found.figures["later"]) == (MOST_ROUTINE + 1, MOST_ROUTINE + 1)
    assert f"{found.routine['last'].max():%Y-%m-%d}" == "2026-09-30"


def test_few_stay_entries():
    found = calendar_of([*many("Li", MOST_ROUTINE), ("seen", "Li", "routine")], visited=("seen",))
    assert found.routine.empty and found.figures["actions"] == MOST_ROUTINE + 1


def test_the_shipped_sample_has_few(medtech_steps):
    assert medtech_steps.plan.calendar.routine.empty


def test_reviews_are_entries_of_their_own_and_no_routine_calls():
    """Thirty reviews beside 101 calls of nobody's: the calls are a line, each review is an entry."""
    rows = [*many(None, MOST_ROUTINE + 1), *((f"r{n:02d}", None, "routine") for n in range(30))]
    found = calendar_of(rows, kinds={f"r{n:02d}": "joint_review" for n in range(30)})
    assert set(found.entries["unit_id"]) == {f"r{n:02d}" for n in range(30)}
    assert found.routine["todo"].tolist() == ["next_order"]
    assert found.figures["routine"] == found.figures["every_routine"] == MOST_ROUTINE + 1
    with using(View(Locale("en", "GBP"))):
        whose_are = {(row.todo, whose(row)) for row in found.lines().itertuples()}
    assert whose_are == {("next_order", "Inside sales"), ("joint_review", "Head of sales")}
