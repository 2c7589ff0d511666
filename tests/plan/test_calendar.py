"""The calendar of visits: small cases by hand, and what holds of every calendar."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from kamplay.method.plan.calendar import add_findings, plan_calendar, quarter, two_cities
from kamplay.method.plan.capacity import VISITS_A_DAY, Person, Team
from kamplay.method.plan.meetings import dated_by_visits
from kamplay.method.results import Findings
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

ISSUED = date(2026, 8, 31)
NO_PEOPLE = pd.DataFrame(columns=["account_id", "label", "layer", "gone", "days", "influence"])
FREE = Team()
ROLES = [("Li", "branch"), ("Wu", "head_office")]
NO_ACTIONS = pd.DataFrame({"unit_id": [], "person": [], "action": [], "todo": [], "due": [], "visits": []})


def units_of(**levels: str) -> pd.DataFrame:
    frame = pd.DataFrame({"level": levels}).rename_axis("unit_id")
    return frame.assign(revenue=1.0, region="east", reviews=0)


def visits_of(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit_id", "person", "role", "visits"])


def months_of(entries: pd.DataFrame, issued: date = ISSUED) -> pd.Series:
    """The month of the quarter, counted from the day of issue."""
    ends = [pd.Timestamp(issued) + pd.DateOffset(months=n) for n in (1, 2, 3)]
    return entries["date"].map(lambda day: sum(day > end for end in ends))


def test_golden_week_is_left_out_and_its_make_up_days_are_worked():
    days = quarter(ISSUED, "CN")
    # State Council: off from 1 to 7 October 2026, and on 25 September; worked on 20 September and 10 October
    count = len(days.days)
    units = units_of(**{f"u{n:02d}": "S" for n in range(count)})
    visits = visits_of(*[(unit, "Li", "branch", 1) for unit in units.index])
    able = Team(None, {"Li": Person(visits_per_month=99, visits_per_day=1)})
    calendar = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, days, ISSUED, able)
    taken = {day.date() for day in calendar.entries["date"]}
    assert taken == set(days.days)  # one visit a day fills every working day
    assert not taken & {date(2026, 10, n) for n in range(1, 8)}
    assert date(2026, 9, 25) not in taken
    assert {date(2026, 9, 20), date(2026, 10, 10)} <= taken
    made_up = calendar.days.loc[calendar.days["made_up"], "date"]
    assert made_up.tolist() == [pd.Timestamp(2026, 9, 20), pd.Timestamp(2026, 10, 10)]
    assert len(calendar.days_off) == 6  # 25 September, and 1 to 7 October but for the weekend
    assert calendar.figures["unannounced"] == []


def test_nothing_begins_on_the_day_of_issue_and_nothing_after_three_months():
    days = quarter(date(2026, 11, 30), None)
    assert (days.first, days.last) == (date(2026, 12, 1), date(2027, 2, 28))


def test_two_regions_take_a_day_each_and_not_every_day_both():
    """Three visits in each of two regions within a month, three a day: two days out, one for each."""
    units = units_of(a="S", b="S", c="S", d="S", e="S", f="S")
    units["region"] = ["east", "west"] * 3
    visits = visits_of(*[(unit, "Li", "branch", 3) for unit in units.index])
    calendar = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, FREE)
    assert (calendar.figures["days_out"], calendar.figures["one_region"]) == (6, 6)


def test_what_does_not_fit_is_listed_and_not_squeezed_in():
    days = quarter(ISSUED, None)
    big, small = ([f"{name}{n:02d}" for n in range(len(days.days))] for name in ("big", "small"))
    units = units_of(**dict.fromkeys(big, "S"), **dict.fromkeys(small, "B"))
    visits = visits_of(*[(unit, "Li", "branch", 1) for unit in units.index])
    one_a_day = Team(None, {"Li": Person(visits_per_month=99, visits_per_day=1)})
    tight = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, days, ISSUED, one_a_day)
    # a day holds one visit: the key accounts have them all
    assert set(tight.entries["unit_id"]) == set(big)
    assert len(tight.entries) == len(days.days) < VISITS_A_DAY * len(days.days)
    assert set(tight.unplaced["unit_id"]) == set(small)
    assert set(tight.unplaced["reason"]) == {"day_limit"}
    assert len(tight.entries) + len(tight.unplaced) == visits["visits"].sum() == tight.figures["visits"]


def test_no_third_visit_to_one_account_within_a_week():
    """A visit each working day is asked for: two of any seven days are made, the others told. Only what a
    deadline binds may come sooner.
    """
    days = quarter(ISSUED, None)
    asked = visits_of(("a", "Li", "branch", len(days.days)))
    able = Team(None, {"Li": Person(visits_per_month=99, visits_per_day=1)})
    found = plan_calendar(units_of(a="S"), asked, NO_ACTIONS, NO_PEOPLE, days, ISSUED, able)
    on = found.entries["date"]
    assert max(((on >= day) & (on < day + pd.Timedelta(days=7))).sum() for day in on) == 2
    assert "near_others" in set(found.unplaced["reason"])
    assert len(on) + len(found.unplaced) == len(days.days)


def test_nobody_is_over_the_month_and_the_rest_says_why():
    visits = visits_of(("a", "Li", "branch", 12), ("b", "Li", "branch", 12))
    units, able = units_of(a="S", b="B"), Team(None, {"Li": Person(visits_per_month=5.5)})
    found = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, able)
    assert months_of(found.entries).value_counts().tolist() == [5, 5, 5]
    assert (found.entries["unit_id"] == "a").sum() == 12
    assert found.unplaced["reason"].tolist() == ["month_limit"] * 9
    assert set(found.unplaced["unit_id"]) == {"b"}


def test_all_together_are_within_the_teams_month():
    visits = visits_of(("a", "Li", "branch", 9), ("b", "Wu", "branch", 9))
    able = Team(visits_per_month=5)
    found = plan_calendar(
        units_of(a="S", b="B"), visits, NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, able
    )
    assert months_of(found.entries).value_counts().tolist() == [5, 5, 5]
    assert found.unplaced["reason"].tolist() == ["team_limit"] * 3


def test_days_out_take_hours_of_their_own():
    """Eight hours a month, two a visit and four for a day out in a region: two visits on one day."""
    able = Team(None, {"Li": Person(hours_per_month=8, hours_per_visit=2, travel_hours=4)})
    visits = visits_of(*[(unit, "Li", "branch", 3) for unit in "abc"])
    found = plan_calendar(
        units_of(a="S", b="S", c="S"), visits, NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, able
    )
    assert months_of(found.entries).value_counts().tolist() == [2, 2, 2]
    assert found.figures["days_out"] == 3
    assert found.unplaced["reason"].tolist() == ["month_limit"] * 3


def test_the_first_visit_comes_before_the_first_action_is_due():
    actions = pd.DataFrame(
        {
            "unit_id": ["a", "a"],
            "person": "Li",
            "action": ["a1", "a2"],
            "todo": ["call", "plan"],
            "visits": [1, 1],
            "due": ["2026-09-04", "2026-11-27"],
        }
    )
    visits = visits_of(("a", "Li", "branch", 1), ("b", "Li", "branch", 1))
    found = plan_calendar(
        units_of(a="B", b="B"), visits, actions, NO_PEOPLE, quarter(ISSUED, "CN"), ISSUED, FREE
    ).entries
    met = found[found["kind"] == "visit"].set_index("unit_id")["date"]
    assert met["a"] <= pd.Timestamp(2026, 9, 4)
    due = found[found["kind"] == "action"]
    # both are done at the one visit that there is, and due on its day
    assert due["date"].tolist() == [met["a"]] * 2
    assert due["todo"].tolist() == ["call", "plan"]


def test_what_somebody_senior_is_to_do_is_head_offices_first_visit():
    actions = pd.DataFrame(
        {"unit_id": ["a"], "person": "Li", "action": "a1", "todo": "senior_visit", "visits": 1}
        | {"due": ["2026-09-04"]}
    )
    visits = visits_of(*((unit, who, role, 3) for unit in "ab" for who, role in ROLES))
    days = quarter(ISSUED, "CN")
    by_head = frozenset("a")
    found = plan_calendar(
        units_of(a="B", b="B"), visits, actions, NO_PEOPLE, days, ISSUED, FREE, by_head=by_head
    ).entries.query("kind == 'visit'")
    first = found.drop_duplicates("unit_id").set_index("unit_id")
    assert first["role"].to_dict() == {"a": "head_office", "b": "branch"}
    assert first.at["a", "date"] <= pd.Timestamp(2026, 9, 4)


def test_an_action_due_on_a_holiday_stands_on_the_working_day_before():
    actions = pd.DataFrame(
        {
            "unit_id": ["a", "a"],
            "person": "Li",
            "action": ["a1", "a2"],
            "todo": "call",
            "visits": 0,
            "due": ["2026-10-05", "2027-01-05"],
        }
    )
    found = plan_calendar(
        units_of(a="S"), visits_of(), actions, NO_PEOPLE, quarter(ISSUED, "CN"), ISSUED, FREE
    )
    assert found.entries["date"].tolist() == [pd.Timestamp(2026, 9, 30)]
    assert found.figures["later"] == 1


def test_what_is_due_on_the_day_of_the_plan_stands_on_that_day():
    """Issued on a Thursday before seven days off: what is due on it, on a day off after it and on the first
    working day.
    """
    issued = date(2026, 9, 30)
    actions = pd.DataFrame(
        {
            "unit_id": "a",
            "person": "Li",
            "action": ["now", "off", "then"],
            "todo": "call",
            "visits": 0,
            "due": ["2026-09-30", "2026-10-03", "2026-10-08"],
        }
    )
    units, visits = units_of(a="S"), visits_of(("a", "Li", "branch", 1))
    found = plan_calendar(units, visits, actions, NO_PEOPLE, quarter(issued, "CN"), issued, FREE).entries
    on = found[found["kind"] == "action"].set_index("action")["date"].dt.strftime("%Y-%m-%d")
    assert on.to_dict() == {"now": "2026-09-30", "off": "2026-09-30", "then": "2026-10-08"}
    assert found.loc[found["kind"] == "visit", "date"].min() > pd.Timestamp(issued)


def test_more_reviews_than_a_month_has_days_are_spread_over_the_second_half():
    """60 units with a visit a week and a review each, by nobody named: two a day of the second half."""
    names = [f"u{n:02d}" for n in range(60)]
    units = units_of(**dict.fromkeys(names, "S")).assign(reviews=1)
    visits = visits_of(*[(name, None, "branch", 12) for name in names])
    found = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, Team())
    reviews = found.entries[found.entries["kind"] == "review"]
    assert len(reviews) == 60
    a_day = reviews.groupby("date").size()
    days = found.days["date"]
    assert reviews["date"].min() >= days.iloc[len(days) // 2 - 2]
    # in the last month alone they came within a week
    assert a_day.max() <= 10 and (reviews["date"].max() - reviews["date"].min()).days > 30


def test_a_review_is_due_on_the_day_of_its_visit():
    units = units_of(a="S").assign(reviews=[1])
    found = plan_calendar(
        units, visits_of(("a", "Li", "branch", 6)), NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, FREE
    )
    day = found.entries.loc[found.entries["kind"] == "review", "date"].iloc[0]
    actions = pd.DataFrame(
        {"account_id": ["a", "a", "b"], "kind": ["joint_review", "next_order", "joint_review"]}
    ).assign(visits=0, bound=False, due="2026-08-01", wished="2026-08-01", facts="{}", meet=None)
    dated = dated_by_visits(actions, found.entries)
    assert dated["due"].tolist() == [f"{day:%Y-%m-%d}", "2026-08-01", "2026-08-01"]


def test_one_review_a_quarter_is_the_owners_visit_in_the_last_month():
    units = units_of(a="S", b="S", c="S").assign(reviews=[1, 0, 1])
    visits = visits_of(("a", "Li", "branch", 6), ("a", None, "head_office", 6), ("b", "Li", "branch", 6))
    found = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, FREE)
    reviews = found.entries[found.entries["kind"] == "review"]
    assert reviews["unit_id"].tolist() == ["a"]
    assert reviews["role"].tolist() == ["branch"]
    assert months_of(reviews).tolist() == [2]
    assert len(found.entries) == 18  # a review is one of the visits, and no other
    assert found.unplaced[["unit_id", "kind", "reason"]].to_numpy().tolist() == [["c", "review", "no_visit"]]


def test_branch_and_head_office_meet_their_own_layers():
    people = pd.DataFrame(
        {
            "account_id": "a",
            "label": "somebody",
            "layer": ["decision", "use", "use", "use"],
            "gone": [False, False, False, True],
            "days": [10.0, 50.0, np.nan, np.nan],
            "influence": 3.0,
        },
        index=["head", "met", "never", "left"],
    )
    visits = visits_of(("a", "Li", "branch", 3), ("a", None, "head_office", 1), ("b", "Li", "branch", 1))
    found = plan_calendar(
        units_of(a="S", b="S"), visits, NO_ACTIONS, people, quarter(ISSUED, None), ISSUED, FREE
    ).entries
    of_a = found[found["unit_id"] == "a"]
    # never met comes before met long ago, and then in turn; who has left is not visited
    assert of_a.loc[of_a["role"] == "branch", "contact_id"].tolist() == ["never", "met", "never"]
    assert of_a.loc[of_a["role"] == "head_office", "contact_id"].tolist() == ["head"]
    assert found.loc[found["unit_id"] == "b", "contact_id"].isna().all()
    nobody = people.loc[["met", "never"]]
    alone = plan_calendar(
        units_of(a="S"), visits[1:2], NO_ACTIONS, nobody, quarter(ISSUED, None), ISSUED, FREE
    ).entries
    assert alone[["layer", "contact_id"]].to_numpy().tolist() == [["decision", None]]


def test_visits_of_nobody_are_spread_evenly():
    units = pd.DataFrame({"level": "B", "revenue": 1.0, "reviews": 0}, index=[f"u{n}" for n in range(60)])
    visits = visits_of(*[(unit, None, "branch", 3) for unit in units.index])
    found = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, quarter(ISSUED, None), ISSUED, FREE)
    days = len(quarter(ISSUED, None).days)
    assert found.figures["placed"] == 180
    assert found.entries.groupby("date").size().max() <= -(-180 // days) + 1


@st.composite
def teams(draw):
    people = draw(st.lists(st.sampled_from(["Li", "Wu", "An", None]), min_size=1, max_size=30))
    units = pd.DataFrame(
        {
            "level": [draw(st.sampled_from("SABC")) for _ in people],
            "revenue": [float(draw(st.integers(0, 5))) for _ in people],
            "region": [draw(st.sampled_from(["east", "west", None])) for _ in people],
            "city": [draw(st.sampled_from(["Xi", "Yu", "Zu", None])) for _ in people],
            "reviews": [draw(st.integers(0, 2)) for _ in people],
        },
        index=pd.Index([f"u{n:02d}" for n in range(len(people))], name="unit_id"),
    )
    rows = []
    for unit, person in zip(units.index, people, strict=True):
        rows.append((unit, person, "branch", draw(st.integers(0, 9))))
        rows.append((unit, None, "head_office", draw(st.integers(0, 6))))
    people = {
        "Li": Person(visits_per_month=draw(st.integers(1, 40)), visits_per_day=draw(st.integers(1, 4))),
        "Wu": Person(hours_per_month=draw(st.integers(1, 60)), hours_per_visit=2.0, travel_hours=3.0),
    }
    return units, visits_of(*rows), Team(draw(st.sampled_from([None, 20.0])), people)


@given(teams(), st.dates(date(2025, 3, 1), date(2026, 12, 31)), st.sampled_from(["CN", "GB", None]))
@effort(max_examples=60)
def test_what_holds_of_every_calendar(team, issued, country):
    units, visits, able = team
    days = quarter(issued, country)
    found = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, days, issued, able)
    entries = found.entries
    # every visit is placed or listed
    assert len(entries) + (found.unplaced["kind"] == "visit").sum() == visits["visits"].sum()
    placed = entries.groupby(["unit_id", "role"]).size()
    missing = found.unplaced[found.unplaced["kind"] == "visit"].groupby(["unit_id", "role"]).size()
    asked = visits.set_index(["unit_id", "role"])["visits"]
    assert placed.add(missing, fill_value=0).reindex(asked.index).fillna(0).eq(asked).all()
    # on working days, nobody over the day or the month, no unit twice a day
    assert {day.date() for day in entries["date"]} <= set(days.days)
    named = _of_one(entries)
    for person, count in named.groupby(["person", "date"]).size().groupby("person").max().items():
        assert count <= (able.people[person].visits_per_day if person in able.people else VISITS_A_DAY)
    by_month = named.assign(month=months_of(named, issued)).groupby(["person", "month"])
    for (person, _), rows in by_month:
        if person == "Li":
            assert len(rows) <= able.people["Li"].visits_per_month
        elif person == "Wu":  # two hours a visit, and three for each day in a region
            place = rows["city"].fillna(rows["region"])
            trips = len(rows.assign(place=place).groupby(["date", "place"], dropna=False))
            assert 2.0 * len(rows) + 3.0 * trips <= able.people["Wu"].hours_per_month
    assert (
        months_of(entries, issued).value_counts().max() <= (able.visits_per_month or np.inf) or entries.empty
    )
    assert not entries.duplicated(["unit_id", "date"]).any()
    # evenly over the months, but for visits that had to leave theirs
    if found.figures["moved"] == 0 and found.unplaced.empty and len(entries):
        by_month = entries.assign(month=months_of(entries, issued)).pivot_table(
            index=["unit_id", "role"], columns="month", values="number", aggfunc="size", fill_value=0
        )
        spread = by_month.reindex(columns=[0, 1, 2], fill_value=0)
        assert (spread.max(axis=1) - spread.min(axis=1) <= 1).all()
    assert (named.groupby(["person", "date"])["city"].nunique() <= 1).all()  # no deadline forces it here
    _no_two_regions_where_another_day_takes_one(entries, days, able, issued)
    # the same again, whatever the order of the rows
    again = plan_calendar(units.iloc[::-1], visits.iloc[::-1], NO_ACTIONS, NO_PEOPLE, days, issued, able)
    pd.testing.assert_frame_equal(again.entries, entries)


def _no_two_regions_where_another_day_takes_one(visits, days, able, issued):
    """Whoever is in two regions on one day has no day of that month that would take the one visit of one of
    them: a free one, or one of that region with room; a few days from the unit's other visits.
    """
    for person, own in _of_one(visits).groupby("person"):
        one = able.people.get(person)
        if one is not None and one.hours_per_month is not None:
            continue  # a further day out takes hours that may be used up
        limit = one.visits_per_day if one else VISITS_A_DAY
        place = own["region"].fillna("-") + own["city"].fillna("-")
        own = own.assign(month=months_of(own, issued), region=place)
        for (day, month), rows in own.groupby(["date", "month"]):
            counts = rows["region"].value_counts()
            alone = rows[rows["region"].map(counts).eq(1)] if len(counts) > 1 else rows[:0]
            for row in alone.itertuples():
                others = visits.loc[(visits["unit_id"] == row.unit_id) & (visits["date"] != day), "date"]
                for other in map(pd.Timestamp, days.days):
                    if other == day or sum(other > end for end in _ends(issued)) != month:
                        continue
                    there = own[own["date"] == other]
                    fits = len(there) < limit and (there["region"] == row.region).all()
                    assert not (fits and ((others - other).abs().dt.days >= 5).all())


def test_without_a_region_it_is_said_once():
    units, visits = units_of(a="S", b="A"), visits_of(("a", "Li", "branch", 3), ("b", None, "branch", 3))
    for region, said in ((None, 1), ("east", 0)):
        found = Findings("plan")
        frame = units.assign(region=region)
        days = quarter(ISSUED, "CN")
        add_findings(found, plan_calendar(frame, visits, NO_ACTIONS, NO_PEOPLE, days, ISSUED, FREE))
        assert [f.kind for f in found.settled()].count("regions_unknown") == said


def _of_one(entries: pd.DataFrame) -> pd.DataFrame:
    """The visits of one person each: of those named, and of the head of sales."""
    lead = entries["person"].isna() & (entries["role"] == "head_office")
    own = entries.assign(person=entries["person"].astype(object).mask(lead, "head_office"))
    return own[own["person"].notna()]


def _ends(issued: date) -> list[pd.Timestamp]:
    return [pd.Timestamp(issued) + pd.DateOffset(months=n) for n in (1, 2, 3)]


def test_a_crowded_stretch_is_parted_while_the_month_has_free_days():
    """Accounts of three regions, all to be seen within two weeks, two a day: no day holds two regions."""
    units = units_of(**{f"u{n:02d}": "S" for n in range(18)})
    units["region"] = [["east", "west", "north"][n % 3] for n in range(18)]
    visits = visits_of(*[(unit, "Li", "branch", 3) for unit in units.index])
    able = Team(None, {"Li": Person(visits_per_month=60, visits_per_day=2)})
    days = quarter(ISSUED, None)
    found = plan_calendar(units, visits, NO_ACTIONS, NO_PEOPLE, days, ISSUED, able, units.index)
    regions = found.entries.groupby("date")["region"].nunique()
    assert len(found.entries) == 54 and regions.max() == 1
    first = found.entries.groupby("unit_id")["date"].min()
    assert first.max() <= pd.Timestamp(ISSUED) + pd.Timedelta(days=14)


def test_the_shipped_sample_keeps_every_holiday(medtech_steps):
    """July to September 2026 in China: the Mid-Autumn Friday is off, the Sunday before it is worked."""
    plan = medtech_steps.plan
    entries = plan.calendar.entries
    days = {day.date() for day in entries["date"]}
    assert min(days) > date(2026, 6, 30)
    assert max(days) <= date(2026, 9, 30)
    weekend = {day for day in days if day.weekday() >= 5}
    assert weekend <= {date(2026, 9, 20)}
    assert date(2026, 9, 25) not in days
    visits = entries[entries["kind"] != "action"]
    named = visits[visits["person"].notna()]
    assert named.groupby(["person", "date"]).size().max() <= VISITS_A_DAY
    assert set(visits["unit_id"]) <= set(plan.actions["account_id"])
    assert len(visits) + (plan.calendar.unplaced["kind"] == "visit").sum() == plan.calendar.figures["visits"]
    known = medtech_steps.health.stakeholders.people
    met = visits.dropna(subset=["contact_id"])
    assert (known.loc[met["contact_id"], "account_id"].to_numpy() == met["unit_id"].to_numpy()).all()
    assert not known.loc[met["contact_id"], "gone"].any()


@given(teams(), st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=12))
@effort(max_examples=40)
def test_nobody_is_in_two_cities_a_day_unless_a_deadline_takes_it_and_is_told(team, given_due):
    units, visits, able = team
    days = quarter(ISSUED, "CN")
    due = [(ISSUED + timedelta(days=n)).isoformat() for n, _ in given_due]
    todo = pd.DataFrame(
        {
            "unit_id": units.index[: len(due)].tolist() + ["none"] * max(0, len(due) - len(units)),
            "person": "Li",
            "action": [f"x{n}" for n in range(len(due))],
            "todo": "meet_person",
            "due": due,
            "visits": 1,
            "bound": [bound for _, bound in given_due],
        }
    )
    found = plan_calendar(units, visits, todo, NO_PEOPLE, days, ISSUED, able)
    out = _of_one(found.entries[found.entries["kind"] != "action"])
    cities = out.groupby(["date", "person"])["city"].nunique()
    told = two_cities(found.entries)
    assert set(zip(told["date"], told["person"], strict=True)) == {
        (f"{day:%Y-%m-%d}", person) for day, person in cities.index[cities > 1]
    }
    bound = todo[todo["bound"].astype(bool)].groupby("unit_id")["due"].min()
    for row in told.itertuples():  # somebody on that day could not have come later
        there = out[(out["date"] == row.date) & (out["person"] == row.person)]
        assert there["unit_id"].map(bound).ge(row.date).any()


def test_the_head_of_sales_is_in_one_city_a_day_too():
    """Nobody is named at head office. Three visits to each of 30 accounts in 30 cities are 90 days: as many
    as there are working days are made, though a day holds three visits, and the others are listed. Where a
    notice ends on the first day it takes three of them to it, and that is told.
    """
    cities = {f"u{n:02d}": f"city{n}" for n in range(30)}
    units = units_of(**dict.fromkeys(cities, "S")).assign(city=list(cities.values()))
    days = quarter(ISSUED, None)
    asked = visits_of(*[(unit, None, "head_office", 3) for unit in cities])
    many = plan_calendar(units, asked, NO_ACTIONS, NO_PEOPLE, days, ISSUED, FREE)
    assert many.entries["date"].value_counts().max() == 1 and many.figures["two_cities"] == 0
    assert len(many.entries) == len(days.days) == 90 - len(many.unplaced)
    assert set(many.unplaced["reason"]) == {"other_city"}
    units = units_of(a="S", b="S", c="S").assign(city=["Wuxi", "Ningbo", "Wenzhou"])
    visits = visits_of(*[(unit, None, "head_office", 1) for unit in "abc"])
    first = days.days[0].isoformat()
    todo = pd.DataFrame(
        {"unit_id": list("abc"), "person": None, "action": list("xyz"), "todo": "senior_visit", "due": first}
    ).assign(visits=1)
    held = plan_calendar(units, visits, todo, NO_PEOPLE, days, ISSUED, FREE)
    found = Findings("plan")
    add_findings(found, held)
    finding = next(f for f in found.settled() if f.kind == "calendar_made")
    assert (finding.figures["of_people"], finding.figures["on"]) == (["head_office"], [first])
    with using(View(Locale("en", "EUR"))):
        assert "Head of sales on 1 Sep 2026 (Ningbo, Wenzhou, Wuxi)" in headline(
            finding, Locale("en", "EUR"), {}
        )


def test_visits_wait_for_newer_data_but_for_what_goes_ahead():
    """The data are to be made anew on the first working day. Of five accounts to be seen at once, the one
    ahead and the one whose notice ends on that day do not wait; nor does a second visit come before it.
    """
    units = units_of(**dict.fromkeys("abcde", "S"))
    visits = visits_of(*[(unit, f"P{unit}", "branch", 2) for unit in "abcde"])
    days = quarter(ISSUED, None)
    first, second = days.days[:2]
    todo = pd.DataFrame(
        {"unit_id": list("abcde"), "person": "Li", "action": list("vwxyz"), "todo": "x", "due": str(second)}
    ).assign(visits=1, bound=True)
    todo.loc[1, "due"] = str(first)

    def seen(*old) -> set[str]:
        found = plan_calendar(
            units, visits, todo, NO_PEOPLE, days, ISSUED, FREE, None, frozenset(), frozenset(), *old
        )
        made = found.entries[found.entries["kind"] == "visit"]
        assert len(made) == 10 and made.groupby("unit_id")["date"].min().max() <= pd.Timestamp(second)
        return set(made.loc[made["date"] == pd.Timestamp(first), "unit_id"])

    assert seen() == set("abcde")  # the nearest to the middle of two days, then the earlier
    assert seen(first, frozenset("a")) == {"a", "b"}


def test_three_cities_take_three_days_and_two_only_by_a_deadline():
    """Three accounts in three cities of one region, all to be seen by Li: the first working day is one
    city's. A talk that nothing binds waits; a notice that ends that day does not, and is told.
    """
    units = units_of(a="S", b="S", c="S").assign(city=["Wuxi", "Ningbo", "Wenzhou"])
    visits = visits_of(*[(unit, "Li", "branch", 1) for unit in "abc"])
    days = quarter(ISSUED, None)
    first = days.days[0].isoformat()
    todo = pd.DataFrame(
        {"unit_id": list("abc"), "person": "Li", "action": list("xyz"), "todo": "meet_person", "due": first}
    ).assign(visits=1, bound=False)
    free = plan_calendar(units, visits, todo, NO_PEOPLE, days, ISSUED, FREE)
    seen = free.entries[free.entries["kind"] == "visit"]
    assert seen["date"].nunique() == 3 and free.figures["two_cities"] == 0
    # what waits for its visit is due on its day
    due = free.entries[free.entries["kind"] == "action"].set_index("unit_id")["date"]
    assert due.to_dict() == seen.set_index("unit_id")["date"].to_dict()
    held = plan_calendar(units, visits, todo.assign(bound=True), NO_PEOPLE, days, ISSUED, FREE)
    assert two_cities(held.entries)[["person", "date", "cities"]].to_numpy().tolist() == [
        ["Li", first, ["Ningbo", "Wenzhou", "Wuxi"]]
    ]
    found = Findings("plan")
    add_findings(found, held)
    made = next(f for f in found.settled() if f.kind == "calendar_made").figures
    assert (made["two_cities"], made["of_people"], made["on"]) == (1, ["Li"], [first])
    assert made["in_cities"] == ["Ningbo · Wenzhou · Wuxi"]
