"""The tours of the head of sales: small cases by hand, what holds of all of them, and of the sample's."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from conftest import Steps
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from kamplay.method.plan.actions import STANDING
from kamplay.method.plan.capacity import VISITS_A_DAY
from kamplay.method.plan.tours import HeadOfSales
from kamplay.show.locale import Locale
from kamplay.show.plan.calendar import WAITS, calendar_sheet, what_for
from kamplay.show.plan.owners import head_page, owner_page
from kamplay.show.summary.days_ahead import days_ahead
from kamplay.show.view import View, using

MONDAY = date(2026, 12, 7)
WEEKDAYS = tuple(MONDAY + timedelta(days=7 * week + n) for week in range(12) for n in range(5))
ISSUED = date(2026, 12, 1)


def units_of(*rows: tuple) -> pd.DataFrame:
    """From (unit, region, city, due, rank, key)."""
    columns = ["unit_id", "region", "city", "due", "rank", "key"]
    frame = pd.DataFrame(rows, columns=columns).set_index("unit_id")
    return frame.assign(begins=MONDAY, due=frame["due"].astype(object))


def asked_of(units: pd.DataFrame, visits: int) -> pd.DataFrame:
    return pd.DataFrame({"unit_id": units.index, "level": "S", "revenue": 1.0, "least": visits})


def tours(units: pd.DataFrame, visits: int, a_week: int = 3, apart: int = 21) -> dict[str, list[date]]:
    made = HeadOfSales(WEEKDAYS, units, a_week, apart).tours(asked_of(units, visits))
    return made.groupby("unit_id")["date"].agg(list).to_dict()


def test_key_accounts_are_seen_again_before_others_are_seen_at_all_and_others_where_he_is_anyway():
    """Two days in all, four weeks apart: the key account has both, its neighbour is seen with it, and the
    other city never.
    """
    units = units_of(
        ("b", "east", "Wuxi", None, np.nan, False),
        ("far", "west", "Xining", None, np.nan, False),
        ("key", "east", "Wuxi", None, 0.0, True),
    )
    days = (MONDAY, MONDAY + timedelta(days=28))
    made = HeadOfSales(days, units, 3, 21).tours(asked_of(units, 3))
    assert made.groupby("unit_id")["date"].agg(list).to_dict() == {"b": list(days), "key": list(days)}


def test_one_region_of_a_week_is_one_tour_and_what_is_dated_comes_by_its_day():
    """By hand. A day in the west is bound to the first Tuesday; of three accounts in the east two go into the
    same week, on days that follow each other, the third into the next week.
    """
    units = units_of(
        ("w", "west", "Xining", MONDAY + timedelta(days=1), 0.0, True),
        *[(f"e{n}", "east", f"City{n}", None, 1.0, True) for n in range(3)],
    )
    made = tours(units, 1)
    assert made["w"] == [MONDAY]
    assert [made[f"e{n}"][0] for n in range(3)] == [MONDAY + timedelta(days=n) for n in (1, 2, 7)]


def test_the_visits_of_one_account_are_spread():
    """Six visits a quarter by the norm: three weeks at least lie between two of them."""
    (made,) = tours(units_of(("a", "east", "Wuxi", None, 0.0, True)), 6).values()
    gaps = [(b - a).days for a, b in itertools.pairwise(made)]
    assert len(made) == 4 and min(gaps) >= 21 and made[0] == MONDAY


@st.composite
def clients(draw) -> pd.DataFrame:
    rows = []
    for n in range(draw(st.integers(1, 25))):
        city = draw(st.sampled_from(["Wuxi", "Suzhou", "Xining", "Foshan", None]))
        region = {"Wuxi": "east", "Suzhou": "east", "Xining": "west", "Foshan": "south"}.get(city, "north")
        due = draw(st.sampled_from([None, None, None, 3, 8, 15]))
        due = None if due is None else MONDAY + timedelta(days=due)
        key = draw(st.booleans())
        rank = 0.0 if key or due else draw(st.sampled_from([np.nan, 3.0]))
        rows.append((f"u{n:02d}", region, city, due, rank, key))
    return units_of(*rows)


@given(clients(), st.integers(1, 6), st.integers(1, 5), st.integers(1, 5))
@effort(max_examples=80)
def test_what_holds_of_all_tours(units, visits, a_week, weeks):
    made = HeadOfSales(WEEKDAYS, units, a_week, 7 * weeks).tours(asked_of(units, visits))
    assert not made.duplicated().any() and set(made["date"]) <= set(WEEKDAYS)
    assert made["unit_id"].value_counts().max() <= visits
    place = units["city"].fillna(units["region"])
    on = made.groupby("date")["unit_id"].agg(list)
    assert on.map(len).max() <= VISITS_A_DAY
    assert on.map(lambda there: len(set(place[there]))).max() == 1
    for _, own in made.groupby("unit_id"):
        days = sorted(own["date"])
        assert all((b - a).days >= 7 * weeks for a, b in itertools.pairwise(days))
    dated = units["due"].map(lambda due: isinstance(due, date))
    weekly = pd.Series({day: day - timedelta(days=day.weekday()) for day in on.index})
    for monday, days in weekly.groupby(weekly):
        bound = sum(dated[on[day]].any() for day in days.index)
        assert len(days) <= a_week + bound, monday
    # nobody but a key account is seen again while a key account with a free day of its own is not seen
    seen, again = made["unit_id"].value_counts(), set(made.loc[made["unit_id"].duplicated(), "unit_id"])
    unseen = [unit for unit in units.index[units["key"]] if unit not in seen]
    if unseen:
        joined = {day for day, there in on.items() if units.loc[there, "key"].any() or dated[there].any()}
        for unit in again - set(units.index[units["key"]]):
            assert any(day in joined for day in made.loc[made["unit_id"] == unit, "date"])


@pytest.fixture(scope="module")
def issued_late(medtech_issued) -> Steps:
    """The shipped sample, issued five months after its figures end."""
    return medtech_issued(ISSUED)


@pytest.fixture(scope="module")
def visits(issued_late) -> pd.DataFrame:
    entries = issued_late.plan.calendar.entries
    return entries[entries["kind"] != "action"]


def test_the_programme_of_the_head_of_sales_can_be_done(issued_late, visits):
    """At most three days out a week, three weeks between two visits to one account, and in on the days on
    which the plan has decisions.
    """
    own = visits[visits["person"].isna()]
    week = own["date"].dt.to_period("W-SUN")
    assert own.groupby(week)["date"].nunique().max() <= 3
    assert own.groupby("unit_id")["date"].agg(lambda on: on.sort_values().diff().min()).min() >= pd.Timedelta(
        days=21
    )
    assert not {"2026-12-08", "2026-12-15", "2026-12-31", "2027-03-01"} & set(own["date"].astype(str))
    # nobody meets one person on two days that follow each other
    for _, rows in visits[visits["contact_id"].notna()].groupby(["unit_id", "contact_id"]):
        gaps = rows["date"].sort_values().diff().dropna()
        assert (gaps > pd.Timedelta(days=3)).all()
    assert (
        len(own)
        == issued_late.plan.finding("visits_senior_beyond").figures["made"]
        == len(issued_late.plan.allocation.tours)
    )


def test_whom_the_page_names_first_is_seen_before_others_are_seen_again(issued_late, visits):
    """Every key account, whoever leads the priority list, and whose large contract ends."""
    plan = issued_late.plan
    units = plan.units.set_index("account_id")
    own = visits[visits["person"].isna()]
    first = own.groupby("unit_id")["date"].min()
    key = units.index[units["level"].isin(["S", "A"])]
    assert set(key) <= set(first.index)
    led = plan.actions[(plan.actions["kind"] == "agree_contract") & (plan.actions["account_id"] == "C0028")]
    assert first["C0028"] <= pd.Timestamp(led["due"].item())  # a large contract that ends
    on_list = units[units["watched"].astype(bool) & units["level"].isin(["S", "A"])]
    assert (first[on_list.index] < pd.Timestamp(2026, 12, 12)).all()  # in the first two weeks
    third = own[~own["unit_id"].isin(key)].groupby("unit_id").size()
    assert third.max() <= 2


def test_every_visit_says_what_it_is_for_and_whom_to_meet(issued_late, visits):
    plan = issued_late.plan
    for language in ("zh", "en"):
        view = View(Locale(language, "CNY"))
        with using(view):
            assert all(what_for(row) for row in visits.itertuples())
            page = head_page(plan).text
            owner = owner_page(plan, plan.by_owner.owners["owner"].iloc[0]).text
        near = visits[visits["date"] <= pd.Timestamp(2026, 12, 15)]
        assert near["contact"].notna().sum() > 20
        for person, text in ((None, page), (plan.by_owner.owners["owner"].iloc[0], owner)):
            mine = near[near["person"].isna()] if person is None else near[near["person"] == person]
            assert len(mine) and all(name in text for name in mine["contact"].dropna())


def test_a_review_has_one_day_on_every_page(issued_late, visits):
    """That of the largest account is not told for another visit to whom it is held with."""
    plan = issued_late.plan
    (due,) = plan.actions.query("account_id == 'C0092' and kind == 'joint_review'")["due"]
    held = visits[(visits["unit_id"] == "C0092") & (visits["kind"] == "review")]
    assert held["date"].dt.strftime("%Y-%m-%d").tolist() == [due]
    assert (visits.loc[visits["purpose"] == "joint_review", "kind"] == "review").all()


def test_the_people_of_an_account_are_seen_in_turn(visits):
    """C0150: of twelve visits eleven were to one user. Nobody is met more than once a month by the branch."""
    met = visits[(visits["role"] == "branch") & visits["contact_id"].notna()]
    assert met.groupby(["unit_id", "contact_id"]).size().max() <= 4
    own = visits[visits["unit_id"] == "C0150"]
    assert len(own) <= 8 and own["contact_id"].value_counts().max() <= 3
    assert {"decision", "use"} <= set(own["layer"])


def test_the_sign_that_raises_the_chance_most_is_named_first_and_acted_on(issued_late):
    """C0056: complaints add 45.0 points to the chance of stopping, payment 36.3, though payment is the
    stronger sign.
    """
    health, plan = issued_late.health, issued_late.plan
    own = health.early_warning.warnings.query("account_id == 'C0056'")
    assert own["sign"].tolist() == ["complaints", "payment"]
    assert own["raises"].round(3).tolist() == [0.450, 0.363]
    assert own["strength"].iloc[0] < own["strength"].iloc[1]
    assert health.accounts.at["C0056", "warning"] == "complaints"
    first = plan.actions.query("account_id == 'C0056' and place == 1")
    assert first["kind"].item() == "close_complaints" and first["urgency"].item() == "urgent"


def test_who_may_stop_is_called_while_it_may(issued_late):
    """The chance speaks of the 180 days up to 27 December. At a chance of a half or more the call is made
    within the days of the warned, the largest expected loss first.
    """
    plan, chance = issued_late.plan, issued_late.health.accounts["churn_probability"]
    calls = plan.actions[plan.actions["kind"] == "recovery_call"]
    calls = calls.assign(chance=calls["account_id"].map(chance), owner=calls["owner"].astype(str))
    assert len(calls) >= 3 and (calls["due"] <= "2026-12-27").all()
    likely = calls[calls["chance"] >= 0.5]
    assert len(likely) >= 2 and (likely["due"] <= "2026-12-15").all()


def test_where_nobody_owns_an_account_little_is_due_before_owners_are_named(retail_steps):
    """The wholesaler names owners by 7 December: before, 114 actions were due by then, 17 reviews among them.
    The list of key accounts is settled the day before, ahead of any of their reviews; on that day the head of
    sales asks the key accounts in danger.
    """
    plan, level = retail_steps.plan, retail_steps.tiers.units["level"]
    by = "2011-12-07"
    early = plan.actions[plan.actions["due"] <= by]
    assert set(early["kind"]) <= {"win_back_talk", "ask_change"} and len(early) < 10
    asked = early[early["kind"] == "ask_change"]
    assert asked["account_id"].map(level).isin(["S", "A"]).all() and asked["due"].eq(by).all()
    reviews = plan.actions[plan.actions["kind"] == "joint_review"]
    assert len(reviews) > 100 and reviews["due"].min() > by
    moved = plan.actions[(plan.actions["due"] > by) & (plan.actions["due"] <= "2011-12-14")]
    assert moved["due"].value_counts().max() < len(moved) / 3  # evenly over the days after


def test_with_old_figures_what_can_be_done_now_leads_and_the_rest_is_marked(issued_late):
    plan = issued_late.plan
    waits = plan.waiting
    own = plan.actions[~plan.actions["action_id"].isin(waits)]
    told = plan.finding("figures_old").figures
    assert len(waits) == told["waits"] > 300 and told["goes"] + told["waits"] == len(plan.actions)
    by_record = own["kind"].isin(STANDING) | (
        own["kind"].eq("reprice") & own["facts"].str.contains('"agree"')
    )
    assert (by_record | own["urgency"].eq("urgent") | (own["due"] <= "2026-12-02")).all()
    view = View(Locale("en", "CNY"))
    with using(view):
        rows = calendar_sheet(plan).rows
        spans = days_ahead(plan, view)
    marked = rows[rows["note"] == "to be confirmed by the plan made of newer figures"]
    actions = marked[marked["kind"] == "action"]
    assert set(actions["action"]) <= waits and len(actions) > 300
    # a visit for what waits waits too, and none that is for anything that holds, nor before that plan
    visits = rows[rows["kind"].isin(["visit", "review"]) & rows["purpose"].notna()]
    held = set(zip(own["account_id"], own["kind"], strict=True))
    aims = visits["purpose"].str.cat(visits["also"].fillna(""), sep=" ").str.split()
    holds = [
        any((account, kind) in held for kind in kinds)
        for account, kinds in zip(visits["account_id"], aims, strict=True)
    ]
    assert (visits.index.isin(marked.index) != pd.Series(holds, visits.index)).all()
    assert (pd.to_datetime(marked["date"]) > "2026-12-02").all()
    # and the page of who makes it says so, as often as in the calendar
    end = pd.Timestamp(plan.calendar.figures["first"]) + timedelta(days=13)
    near = marked[(marked["kind"] != "action") & (pd.to_datetime(marked["date"]) <= end)]
    owners = near["person"].value_counts().drop("Head of sales", errors="ignore")
    with using(view):
        told = {one: owner_page(plan, one).text.count(WAITS) for one in owners.index}
    assert len(owners) >= 5 and told == owners.to_dict()
    assert spans[0].lines[0].startswith("ask in writing to renew contracts")
    # complaints go ahead as well, all of them; people to win in the decision chain, of whom most wait, do not
    soon = plan.actions[plan.actions["due"] <= "2026-12-30"]
    count = soon["kind"].isin(["settle_complaint", "close_complaints"]).sum()
    assert f"settle complaints ({count})" in spans[0].kinds and count > 7
    assert not any(line.startswith("win people") for line in spans[0].lines)
    assert "go ahead now" in spans[0].total


def test_the_head_of_sales_sees_the_priority_list_within_the_window_of_its_chances(issued_late, visits):
    """Up to 27 December: four of twelve came on 30 December and later. At C0116 nobody is known who decides:
    its owner finds out first, and the page of the head of sales says so.
    """
    plan = issued_late.plan
    on_list = plan.accounts.index[plan.accounts["reached_by"] == "list"]
    own = visits[visits["role"] == "head_office"]
    first = own.groupby("unit_id")["date"].min().reindex(on_list)
    assert first.index[first.isna()].tolist() == ["C0116"]
    assert first.max() <= pd.Timestamp(2026, 12, 27)
    assert not own["layer"].isin(["implementation", "use"]).any()
    assert own["contact_id"].notna().all()  # no "find out whom"
    with using(View(Locale("en", "CNY"))):
        assert "Not seen of the priority list: C0116;" in head_page(plan).text


@pytest.mark.parametrize(
    ("unit", "kind"), [("C0038", "agree_contract"), ("C0118", "close_complaints"), ("C0074", "payment_plan")]
)
def test_the_head_of_sales_goes_for_the_matter_that_is_due_there(visits, unit, kind):
    """A contract that ran out, five complaints, 4.9 million owed: each was a regular visit, or for a deal."""
    own = visits[visits["unit_id"] == unit].sort_values("date")
    assert own.loc[own["role"] == "head_office", "purpose"].iloc[0] == kind
    assert kind in set(own.loc[own["role"] == "branch", "purpose"])  # terms after they are asked for


def test_owners_are_not_out_on_all_days_of_a_week(issued_late, visits):
    """One owner was out on 57 of 57 working days. Now on four of five, unless a deadline asks for more, and
    nobody is in two cities on one day. No more is allotted than these days hold: 24 of 107 found none.
    """
    plan = issued_late.plan
    named = visits[visits["person"].notna()]
    by = [named["person"], named["date"].dt.to_period("W-SUN")]
    out = named.groupby(by)["date"].nunique()
    assert (out > 4).sum() <= 1 and out.max() <= 5
    assert named.groupby("person")["date"].nunique().max() <= 0.88 * plan.calendar.figures["working_days"]
    assert plan.calendar.figures["two_cities"] == 0
    assert plan.calendar.unplaced.empty
    given = plan.allocation.visits.groupby("person")["visits"].sum()
    assert given.to_dict() == named["person"].value_counts().to_dict()
    weeks = plan.calendar.days["date"].dt.to_period("W-SUN").value_counts()
    held = VISITS_A_DAY * int(np.ceil(0.8 * weeks).sum())  # four days of five, three visits on each
    assert given.max() < held and len(given) > 8
    # and nothing of the norms is given up for that
    assert set(plan.allocation.unmet["reason"]) == {"lead_full"}
