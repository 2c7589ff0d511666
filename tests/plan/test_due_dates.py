"""Due dates by hand: spread over working days, behind each other, within what can be done."""

from datetime import date

import pandas as pd
import pytest

from kamplay.method.plan.capacity import Person, Team
from kamplay.method.plan.due_dates import due_dates, no_later
from kamplay.method.plan.working_days import working_days
from kamplay.presets.strategy import DueDays

WITHIN = DueDays(urgent=7, warned=14, soon=30, routine=90)
MONDAY = date(2025, 9, 1)
DAYS = working_days(None, MONDAY, date(2026, 1, 31))  # Mondays to Fridays; the 30 days end on 1 October
SOON = 22  # working days from 2 September to 1 October


def rows(count: int, owner: object = "ann", urgency: str = "soon", visits: int = 1, **more) -> pd.DataFrame:
    frame = pd.DataFrame({"account_id": [f"{owner}{n}" for n in range(count)]})
    base = {"owner": owner, "urgency": urgency, "waits": 0, "visits": visits, "at_once": False}
    return frame.assign(**base | more)


def days_of(frame: pd.DataFrame, team: Team | None = None) -> list[date]:
    return [date.fromisoformat(day) for day in due_dates(frame, WITHIN, DAYS, team or Team())]


def test_as_many_as_days_lie_on_every_day():
    assert days_of(rows(SOON)) == list(DAYS.days[1 : SOON + 1])


def test_two_lie_at_half_time_and_at_its_end():
    assert days_of(rows(2)) == [date(2025, 9, 16), date(2025, 10, 1)]


def test_what_is_urgent_or_of_a_campaign_keeps_its_day():
    assert set(days_of(rows(30, urgency="urgent"))) == {date(2025, 9, 8)}
    assert set(days_of(rows(30, urgency="warned"))) == {date(2025, 9, 15)}
    assert set(days_of(rows(30, at_once=True))) == {date(2025, 10, 1)}


def test_no_owner_has_more_visits_a_day_than_can_be_made():
    """Three a day, where nothing is stated; what does not fit comes later, and what takes no visit does not
    wait."""
    due = days_of(rows(90))
    assert max(pd.Series(due).value_counts()) == 3 and due == sorted(due)
    assert due[-1] == DAYS.days[30]  # 90 at 3 a day are 30 days after the first
    assert days_of(rows(90, visits=0))[-1] == date(2025, 10, 1)
    person = Team(people={"ann": Person(visits_per_month=21.0)})  # one a working day
    assert max(pd.Series(days_of(rows(40), person)).value_counts()) == 1


def test_the_team_bounds_its_owners_by_what_is_asked_of_each():
    """42 a month are 2 a working day: of 60 visits 40 of ann's and 20 of bob's take 30 days."""
    both = pd.concat([rows(40), rows(20, "bob")], ignore_index=True)
    due = pd.Series(days_of(both, Team(visits_per_month=42.0)))
    assert due[:40].max() == due[40:].max() == DAYS.days[30]


def test_what_waits_comes_two_weeks_behind():
    two = pd.concat([rows(10), rows(10, waits=1)], ignore_index=True)
    due = days_of(two)
    assert all((later - first).days >= 12 for first, later in zip(due[:10], due[10:], strict=True))
    assert max(due[10:]) <= date(2025, 10, 15)  # 44 days


@pytest.mark.parametrize("issued", [date(2025, 9, 6), date(2025, 9, 7)])  # a weekend
def test_an_issue_on_a_weekend(issued):
    days = working_days(None, issued, date(2026, 1, 31))
    due = [date.fromisoformat(day) for day in due_dates(rows(3), WITHIN, days, Team())]
    assert min(due) > issued and set(due) <= set(days.days)


def test_nothing_is_due_after_the_day_that_the_matter_names():
    """From Monday 1 September: a day of notice on Sunday the 7th is met on Friday the 5th; a past one, or one
    behind the due date, changes nothing."""
    due = date(2025, 9, 8)
    assert no_later(due, date(2025, 9, 7), DAYS) == date(2025, 9, 5)
    assert no_later(due, MONDAY, DAYS) == MONDAY
    for other in (None, date(2025, 8, 20), date(2025, 10, 1)):
        assert no_later(due, other, DAYS) == due
