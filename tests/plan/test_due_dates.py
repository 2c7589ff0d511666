"""Due dates by hand: spread over working days, behind each other, within what can be done."""

import json
from datetime import date, timedelta

import pandas as pd
import pytest

from kamplay.method.plan.actions import _alone
from kamplay.method.plan.calendar import MOST_ROUTINE
from kamplay.method.plan.capacity import Person, Team
from kamplay.method.plan.due_dates import due_dates, in_weeks, leveled, no_later
from kamplay.method.plan.working_days import working_days
from kamplay.presets.strategy import DueDays
from kamplay.show.findings import action
from kamplay.show.locale import Locale

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


def todo(*lines: tuple, owner: object = "ann", **more) -> pd.DataFrame:
    """From (unit, place, due, money)."""
    frame = pd.DataFrame(lines, columns=["account_id", "place", "due", "money"])
    frame["due"] = [day.isoformat() for day in frame["due"]]
    base = {"owner": owner, "fixed": False, "waits": frame["place"] - 1, "visits": 0}
    return frame.assign(**base | more)


def test_a_week_holds_what_one_person_can_do_the_most_at_stake_first():
    """Of five things due in the week of 8 September and room for two, those with 50 and 40 stay on their day;
    30 and 20 go to the next week, and 10 to the one after, which ends the plan. What is due there, with 5,
    stands beside it; a third would find none."""
    day = date(2025, 9, 9)
    rows = todo(*((f"a{n}", 1, day, 10.0 * n) for n in (1, 2, 3, 4, 5)), ("late", 1, date(2025, 9, 22), 5.0))
    last = date(2025, 9, 26)
    due = in_weeks(rows, 2, last, DAYS, Team()).tolist()
    # the two that move lie on Monday and on the third of five days
    assert due == ["2025-09-22", "2025-09-17", "2025-09-15", *[day.isoformat()] * 2, "2025-09-22"]
    crowded = pd.concat([rows, todo(("least", 1, day, 1.0))], ignore_index=True)
    assert in_weeks(crowded, 2, last, DAYS, Team()).tolist() == [*due, ""]


def test_what_is_bound_to_a_day_stays_and_takes_its_part_of_the_week():
    day = date(2025, 9, 9)
    rows = todo(("a", 1, day, 1.0), ("b", 1, day, 1.0), ("c", 1, day, 9.0), fixed=[True, True, False])
    due = in_weeks(rows, 2, date(2025, 9, 26), DAYS, Team()).tolist()
    assert due[:2] == [day.isoformat()] * 2 and due[2] == "2025-09-15"
    # and nobody's are not moved, as it is not known how many people they are
    nobody = in_weeks(rows.assign(owner=None), 2, date(2025, 9, 26), DAYS, Team()).tolist()
    assert nobody == [day.isoformat()] * 3


def test_the_second_thing_at_a_unit_stays_two_weeks_behind_the_first():
    """The first at a moves from the week of the 8th to that of the 15th; its second, due on the 23rd, moves
    so to the 29th. What cannot follow its first is not planned."""
    rows = todo(
        ("b", 1, date(2025, 9, 9), 9.0), ("a", 1, date(2025, 9, 10), 1.0), ("a", 2, date(2025, 9, 23), 99.0)
    )
    due = in_weeks(rows, 1, date(2025, 10, 3), DAYS, Team()).tolist()
    assert due == ["2025-09-09", "2025-09-15", "2025-09-29"]
    assert in_weeks(rows, 1, date(2025, 9, 26), DAYS, Team()).tolist() == ["2025-09-09", "2025-09-15", ""]


def test_no_owner_of_the_sample_has_more_a_week_than_the_preset_says(medtech_steps):
    plan = medtech_steps.plan
    todo = plan.actions[plan.actions["kind"] != "joint_review"]
    week = pd.to_datetime(todo["due"]).dt.to_period("W-SUN")
    # what its owner does at a visit of that week counts with the visit
    visits = plan.calendar.entries[plan.calendar.entries["kind"] != "action"]
    seen = set(zip(visits["unit_id"], visits["person"], visits["date"].dt.to_period("W-SUN"), strict=True))
    own = list(zip(todo["account_id"], todo["owner"], week, strict=True))
    at_visit = (todo["visits"] > 0) & pd.Series([one in seen for one in own], todo.index)
    load = (~at_visit).groupby([todo["owner"], week]).sum()
    assert load.max() == 8 and at_visit.sum() > 50 and (todo["due"] > todo["wished"]).sum() > 50
    # the owners' pages count the same
    told = plan.by_owner.weeks.set_index(["owner", "week"])["actions"]
    load.index = load.index.set_levels(load.index.levels[1].start_time, level=1)
    pd.testing.assert_series_equal(told[told > 0], load[load > 0], check_names=False, check_index_type=False)
    # what notice, a promise or a deal's close binds is not moved
    bound = todo[todo["kind"].isin(["renew_contract", "settle_complaint", "close_complaints"])]
    assert (bound["due"] == bound["wished"]).all()


def test_what_found_no_week_is_told_with_who_could_take_it(medtech_book, medtech_issued):
    """The sample issued five months after its figures end, when more falls due in the first weeks."""
    plan = medtech_issued(date(2026, 11, 30)).plan
    told = plan.finding("actions_postponed").figures
    # who is named for the accounts of the first looks after some in the region already
    at = medtech_book.accounts
    own = plan.postponed.loc[plan.postponed["owner"] == told["people"][0], "account_id"]
    there = at[at["region"].isin(at.loc[own, "region"])]
    assert set(told["free"]) <= set(there["owner"]) and told["own"] == len(own)
    assert told["regions"] == at.loc[own, "region"].value_counts().index.tolist()
    # whoever is said to have room has it: in the weeks from that day on, up to the plan's last
    weeks = plan.by_owner.weeks
    wished = pd.Timestamp(plan.postponed["wished"].min()).to_period("W").start_time
    for name in told["free"]:
        held = weeks[weeks["owner"] == name].set_index("week")["actions"]
        later = [week for week in weeks["week"].unique() if wished <= week <= pd.Timestamp(told["until"])]
        assert sum(max(7 - held.get(week, 0), 0) for week in later) >= len(own)
        assert held.get(pd.Timestamp(told["begins"]), 0) < 8
    said = action(plan.finding("actions_postponed"), Locale("en", "CNY"), {})
    assert Locale("en", "CNY").date(told["begins" if told["free"] else "until"]) in said
    assert told["count"] == len(plan.postponed) > 0 and set(plan.postponed["due"]) == {""}
    assert not set(plan.postponed["action_id"]) & set(plan.actions["action_id"])
    assert told["accounts"] == plan.postponed["account_id"].nunique()


def test_things_with_a_first_and_a_last_day_lie_as_evenly_as_these_let():
    """Ten days, five things for the first two of them and thirty for any: 35 in ten days are four a day while
    19 or more are left for six days or fewer, and three from then on; by hand.
    """
    on = DAYS.days[1:11]
    windows = {f"early{n}": (on[0], on[1]) for n in range(5)} | {f"any{n}": (on[0], on[9]) for n in range(30)}
    made = leveled(windows, on)
    assert all(first <= made[thing] <= last for thing, (first, last) in windows.items())
    assert pd.Series(made).value_counts().reindex(on).tolist() == [4, 4, 4, 4, 4, 3, 3, 3, 3, 3]
    # what can be done on the last day alone is done on it
    late = dict.fromkeys(range(20), (on[9], on[9]))
    made = leveled(windows | late, on)
    assert all(made[n] == on[9] for n in late)
    assert pd.Series(made).value_counts().reindex(on[:9]).max() <= 6


def test_what_is_overdue_is_collected_in_one_order_once_it_is_settled_by_whom(medtech_steps):
    """The most money for the longest time first, whoever the owner; settled with what is urgent."""
    plan = medtech_steps.plan
    todo = plan.actions[plan.actions["kind"] == "collect_overdue"]
    todo = todo[~todo["urgency"].isin(["urgent", "warned"])]
    facts = pd.DataFrame(todo["facts"].map(json.loads).to_list(), index=todo.index)
    weight = facts["overdue"] * (pd.Timestamp(plan.day) - pd.to_datetime(facts["due_since"])).dt.days
    due = todo.loc[weight.sort_values(ascending=False, kind="stable").index, "due"].to_list()
    assert len(due) > 5 and due == sorted(due) and todo["owner"].nunique() > 1
    urgent, last = (str(plan.day + timedelta(days=n)) for n in (7, 30))
    assert urgent < due[0] and due[-1] <= last


def test_many_reviews_that_nobody_leads_take_the_whole_quarter_the_first_first():
    """From 2 September to 28 November there are 64 working days: 128 reviews are two a day, in their order,
    whatever else is routine; 84 questions for a further need lie on the 42 days behind what is soon.
    """
    reviews = rows(128, None, "routine", alone="joint_review")
    further = rows(84, None, "routine", visits=0, alone="no_investment")
    soon = rows(40, None, "soon", visits=0, alone="")
    due = days_of(pd.concat([reviews, further, soon, rows(9, None, "routine", alone="")], ignore_index=True))
    quarter = [day for day in DAYS.days if MONDAY < day <= date(2025, 11, 28)]
    assert len(quarter) == 64
    assert due[:128] == [day for day in quarter for _ in range(2)]
    assert due[128:212] == [day for day in quarter[22:] for _ in range(2)]


def test_reviews_are_spread_where_nobody_owns_them_and_no_week_holds_them():
    reviews = rows(9, None, "routine").assign(kind="joint_review", place=1)
    assert _alone(reviews, 8).eq("joint_review").all()
    assert _alone(reviews, 9).eq("").all() and _alone(reviews, None).eq("").all()
    assert _alone(reviews.assign(owner="ann"), 8).eq("").all()
    further = rows(MOST_ROUTINE + 1, "ann", "routine").assign(kind="no_investment")
    assert _alone(further, 8).eq("no_investment").all()
    assert _alone(further.iloc[1:], 8).eq("").all()
