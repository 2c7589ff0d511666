"""Step 4: what is done at each unit rests on facts that stand in its own tables, and no two are alike."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from functools import cache

import pandas as pd
import pytest
from conftest import AS_OF, Steps, book_of, lines_of, planned, random_lines, steps_of
from pandas.testing import assert_frame_equal

from kamplay.book import Book
from kamplay.method.health.churn import chance_steps
from kamplay.method.measures.hierarchy import customers
from kamplay.method.plan.actions import KINDS, MOST, STAGES, STANDING
from kamplay.method.plan.possible_actions import SETTLED
from kamplay.method.plan.working_days import working_days
from kamplay.show.findings import action
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import action_text, actions_table, in_words, planned_by_action
from kamplay.show.summary.days_ahead import days_ahead
from kamplay.show.texts.vocabulary import ACTIONS
from kamplay.show.view import View, using


@pytest.fixture(scope="module")
def units_book(medtech_steps: Steps, medtech_book: Book) -> Book:
    return customers(medtech_book, medtech_steps.tiers.accounts["group"])


@cache
def random_book() -> Book:
    return book_of(random_lines())


def named_facts(row, facts: dict, tables: dict[str, pd.DataFrame]) -> bool:
    """Whether a fact of the action stands in a table of the client beside the unit's id."""

    def has(table: str, column: str, value: object) -> bool:
        rows = tables[table]
        return bool(((rows["account_id"] == row.account_id) & (rows[column] == value)).any())

    people = tables["contacts"]
    people = people[people["account_id"] == row.account_id]
    labels = set(people["title"].fillna("") + " " + people["name"].fillna("")) | set(people["name"])
    said = {facts.get("person"), facts.get("target")} - {None}
    categories = {"offer_category": None, "regain_category": None, "win_share": None}
    evidence = facts.get("evidence", {})
    return (
        any(label in labels for label in said)
        or ("bill" in facts and has("receivables", "invoice_id", facts["bill"]))
        or ("deal" in facts and has("opportunities", "opportunity_id", facts["deal"]))
        or ("ticket" in facts and has("tickets", "ticket_id", facts["ticket"]))
        or ("rival" in evidence and has("opportunities", "competitor", evidence["rival"]))
        or (row.kind in categories and facts["category"] in set(tables["transactions"]["category"]))
    )


def test_actions_of_key_units_name_a_fact_of_the_unit(medtech_steps, units_book):
    plan = medtech_steps.plan
    level = plan.units.set_index("account_id")["level"]
    key = plan.actions[plan.actions["account_id"].map(level).isin(["S", "A"])]
    assert len(key) > 60
    named = [named_facts(row, json.loads(row.facts), units_book.tables) for row in key.itertuples()]
    assert sum(named) >= 0.9 * len(named)


def test_a_clients_own_words_reach_the_actions_of_its_own_report(medtech_steps):
    plan = medtech_steps.plan
    facts = plan.actions["facts"].map(json.loads)
    named = plan.actions[[isinstance(one.get("person"), str) for one in facts]]
    named = named[named["kind"] == "meet_person"].head(1)
    person = json.loads(named["facts"].iloc[0])["person"]
    told = []
    for labels in ({}, {person: "Somebody Else"}):
        with using(View(Locale("en", "CNY", labels))):
            told.append(in_words(plan, named)["text"].iloc[0])
    assert person in told[0] and "Somebody Else" not in told[0]
    assert "Somebody Else" in told[1] and person not in told[1]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_two_units_share_no_text_unless_their_facts_are_equal(client, language, request):
    plan = request.getfixturevalue(client).plan
    with using(View(Locale(language, "CNY"))):
        told = in_words(plan, plan.actions)
    for _, rows in told.groupby("text"):
        if rows["account_id"].nunique() > 1:
            # money and dates as the page shows them: rounded, so that facts may differ behind them
            assert rows["kind"].nunique() == 1
            facts = [json.loads(text) for text in rows["facts"]]
            assert all(set(one) == set(facts[0]) for one in facts)
            texts = {k for one in facts for k, v in one.items() if isinstance(v, str)}
            assert all(one.get(k) == facts[0].get(k) for one in facts for k in texts)


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_due_dates_count_from_the_day_of_issue(client, request):
    plan = request.getfixturevalue(client).plan
    assert (plan.actions["due"] >= plan.day.isoformat()).all()
    by = plan.actions.groupby("account_id")
    stuck = plan.actions["facts"].map(json.loads).map(lambda facts: "stuck" in facts)
    letter = plan.actions["kind"] == "renew_contract"  # of a contract that is agreed by another day
    rival = plan.actions["facts"].map(json.loads).map(lambda facts: "after_lead" in facts)
    assert plan.actions[~stuck & ~letter & ~rival]["account_id"].value_counts().max() <= MOST
    assert (stuck & ~rival).groupby(plan.actions["account_id"]).sum().max() <= 1
    assert (by["place"].max() == by.size()).all()
    assert plan.actions["action_id"].is_unique
    assert set(plan.actions["kind"]) <= set(KINDS)


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_every_unit_that_is_planned_has_something_to_do_or_a_reason(client, request):
    """Its next order is expected after the plan's 90 days, by its last order and its usual gap; it returned
    no less than it bought; or an order after the reporting date has settled all there was to ask.
    """
    steps = request.getfixturevalue(client)
    plan = steps.plan
    units = plan.units.set_index("account_id")
    nothing = set(units.index) - set(plan.actions["account_id"]) - set(plan.postponed["account_id"])
    assert set(plan.actions["account_id"]) <= set(units.index)
    why = units["next_action"].reindex(sorted(nothing))
    assert set(why) <= {"ordered_since", "order_later", "returned", "small_order"}
    assert set(why.index[why == "ordered_since"]) <= set(plan.ordered_since["account_id"])
    end = pd.Timestamp(plan.day + timedelta(days=90))
    later = units.loc[why.index[why == "order_later"]]
    assert (later["next_order"] > end - pd.Timedelta(days=4)).all()  # its last working day
    # what is known, and was not done, is no reason: nobody who is late, warned or overdue waits so
    assert later["urgency"].isna().all() and later["sign"].isna().all()
    assert not later["gone"].any() and not later["late"].eq(True).any()
    # a key account that is large has a review at least
    least = 0.001 * units["revenue"].clip(lower=0).sum()
    assert (later["level"].isin(["B", "C"]) | (later["revenue"] < least)).all()
    assert (later["overdue"] <= 0).all()
    first = plan.actions[plan.actions["place"] == 1].set_index("account_id")
    assert (first["kind"] == units["next_action"].reindex(first.index)).all()
    assert (first["due"] == units["due"].reindex(first.index)).all()
    if client == "retail_steps":
        assert len(later) > 500
        told = planned_by_action(plan)
        assert told["none"] == (why != "ordered_since").sum()


def test_nothing_is_offered_where_somebody_has_to_act_first(medtech_steps):
    plan = medtech_steps.plan
    verdict = plan.units.set_index("account_id")["verdict"]
    grow = plan.actions[plan.actions["kind"].map(lambda kind: KINDS[kind].stage == "grow")]
    assert len(grow) and not grow["account_id"].map(verdict).isin(["act", "stopped"]).any()


def test_transactions_alone_still_tell_what_to_do():
    plan = steps_of(random_book()).plan
    assert len(plan.actions) and plan.actions["facts"].map(lambda text: json.loads(text) != {}).all()
    kinds = set(plan.actions["kind"])
    assert "next_order" in kinds and not kinds & {"meet_person", "collect_overdue", "move_deal"}


def test_a_due_date_is_no_holiday_and_no_day_before_the_issue():
    """National Day of 2025 in China: 1 to 8 October are off, 28 September and 11 October are worked."""
    issued = date(2025, 9, 26)
    days = working_days("CN", issued, date(2026, 3, 1))
    plan = steps_of(book_of(random_lines(seed=3), pd.Timestamp(issued)), issued=issued, country="CN").plan
    due = pd.to_datetime(plan.actions["due"]).dt.date
    assert set(due) <= set(days.days) and min(due) >= issued


def test_what_comes_first_by_the_stages_is_done_first(medtech_steps):
    """Of what no day binds, but a deal that is stuck: nothing is offered before what went wrong is put right
    and the people are known. The first of all is what a rule names.
    """
    rows = medtech_steps.plan.actions
    free = rows[~rows["bound"].astype(bool) & ~rows["facts"].str.contains('"stuck"')]
    stage = free["kind"].map(lambda kind: STAGES.index(KINDS[kind].stage))
    free = free.assign(stage=stage)[(stage < STAGES.index("routine")) & (free["urgency"] == "soon")]
    days = free.groupby(["account_id", "stage"])["due"].agg(["min", "max"])
    several = days[days.index.get_level_values(0).duplicated(keep=False)]
    assert several.index.get_level_values(0).nunique() > 50
    for _, own in several.groupby(level=0):
        assert (own["max"].iloc[:-1].to_numpy() <= own["min"].iloc[1:].to_numpy()).all(), own


def test_what_once_bought_gets_one_question_and_no_rhythm():
    rows = [("once", "2025-10-01", 900.0)]
    rows += [("often", str((AS_OF - pd.Timedelta(days=d)).date()), 100.0) for d in range(0, 900, 30)]
    plan = steps_of(book_of(lines_of(*rows))).plan
    kinds = plan.actions.set_index("account_id")["kind"]
    assert "next_order" in set(kinds.loc[["often"]])
    assert "next_order" not in set(kinds.loc[["once"]])


def test_no_order_is_asked_for_long_before_it_is_expected():
    """Every 60 days, last 10 days ago: due in 50 or so, asked for in the 14 days before; every 200, last 10
    days ago: after the plan's 90 days, not asked for; two order days are no rhythm.
    """

    def every(who, gap, number):
        return [(who, str((AS_OF - pd.Timedelta(days=10 + gap * n)).date()), 100.0) for n in range(number)]

    plan = steps_of(book_of(lines_of(*every("a", 60, 12), *every("b", 200, 6), *every("c", 60, 2)))).plan
    rows = plan.actions.set_index("account_id")
    asked = rows[rows["kind"] == "next_order"]
    assert list(asked.index) == ["a"]
    expected = pd.Timestamp(json.loads(asked["facts"].iloc[0])["expected"])
    due = pd.Timestamp(asked["due"].iloc[0])
    assert expected > AS_OF + timedelta(days=45)
    assert timedelta(0) <= expected - due <= timedelta(days=14)
    assert "b" not in rows.index or "next_order" not in set(rows.loc[["b"], "kind"])
    assert "next_order" not in set(rows.loc[["c"], "kind"])


def test_until_it_is_decided_whether_to_go_on_nothing_is_asked_or_sold(medtech_steps):
    """A lost account, and one that is to get no visits: beside the question only what went wrong."""
    plan = medtech_steps.plan
    named = plan.units.set_index("account_id")["next_action"]
    undecided = named.index[named.isin(["win_back_talk", "no_investment"])]
    rows = plan.actions[plan.actions["account_id"].isin(undecided)]
    assert len(undecided) >= 6
    rest = rows[rows["place"] > 1]
    assert all(KINDS[kind].stage in ("keep_alive", "put_right") for kind in rest["kind"])
    assert not rest["kind"].isin(["meet_person", "move_deal", "next_order"]).any()


def test_complaints_are_due_on_the_day_that_the_queue_has(medtech_steps):
    """Of one complaint on its day; where all of an account get a person and a day first, no later than
    the first of their days, of which the last is told.
    """
    plan = medtech_steps.plan
    queue = plan.service.queue.groupby("unit_id")["settle_by"]
    rows = plan.actions[plan.actions["kind"].isin(["settle_complaint", "close_complaints"])]
    assert len(rows) > 5
    due, promised = pd.to_datetime(rows["due"]), rows["account_id"].map(queue.min())
    of_all = rows["kind"] == "close_complaints"
    assert (due[~of_all] == promised[~of_all]).all() and of_all.any()
    assert (due[of_all] <= promised[of_all]).all()
    last = pd.to_datetime(rows.loc[of_all, "facts"].map(lambda told: json.loads(told)["closed_by"]))
    assert (last == rows.loc[of_all, "account_id"].map(queue.max())).all()


def test_the_list_of_the_week_keeps_its_order(medtech_steps):
    plan, watched = medtech_steps.plan, medtech_steps.health.priority_list.accounts
    urgent = plan.units.loc[plan.units["urgency"] == "urgent", "account_id"]
    assert plan.units["account_id"].head(len(urgent)).tolist() == urgent.tolist()
    assert set(urgent) == set(watched.index)
    losses = plan.units["revenue_at_risk"].head(len(urgent))
    assert losses.is_monotonic_decreasing


def test_the_same_matter_keeps_its_id(medtech_steps):
    """Ids say unit, kind and matter, so that the next run knows an action again."""
    rows = medtech_steps.plan.actions
    deals = rows[rows["kind"] == "move_deal"].iloc[0]
    assert deals["action_id"] == f"{deals['account_id']}-move_deal-{json.loads(deals['facts'])['deal']}"


def test_an_average_order_is_no_spare_part():
    """Nine small orders beside one of 9,100 in the year: ten come to 10,000, 1,000 each, and not to 100."""
    days = [AS_OF - pd.Timedelta(days=30 * n) for n in range(10)]
    rows = [("mixed", str(day.date()), 9100.0 if n == 4 else 100.0) for n, day in enumerate(days)]
    rows += [("mixed", str((AS_OF - pd.Timedelta(days=400 + 30 * n)).date()), 100.0) for n in range(10)]
    actions = steps_of(book_of(lines_of(*rows))).plan.actions.set_index("kind")
    assert actions.at["next_order", "money"] == pytest.approx(1000.0)
    assert json.loads(actions.at["next_order", "facts"])["amount"] == pytest.approx(1000.0)


@pytest.mark.parametrize("days", range(7))
def test_dates_of_findings_are_working_days(days):
    """Whatever the day of issue: the date by which somebody has to act is the date of what is to be done."""
    issued = date(2026, 1, 1) + pd.Timedelta(days=days)
    plan = steps_of(random_book(), issued=issued).plan
    said = {f.figures["due"] for f in plan.findings if "due" in f.figures}
    assert said and all(date.fromisoformat(day).weekday() < 5 for day in said)
    urgent = [f for f in plan.findings if f.kind in ("urgent", "urgent_silent")]
    assert all(f.figures["due"] in set(plan.actions["due"]) for f in urgent)


@pytest.mark.parametrize(("days", "dated"), [(0, 0), (31, 31), (153, 153), (366, 366), (367, 0), (-5, 0)])
def test_the_plan_is_dated_from_the_issue_and_that_of_an_old_case_from_its_data(days, dated):
    """Nothing is due before the report is issued, but where the data are older than a year; that they end
    more than a month before is told.
    """
    book = random_book()
    issued = book.as_of + timedelta(days=days)
    plan = steps_of(book, issued=issued).plan
    day = book.as_of + timedelta(days=dated)
    assert (plan.day, plan.issued) == (day, issued)
    same = steps_of(book, issued=day).plan  # nothing else hangs on the day of issue
    assert_frame_equal(plan.actions, same.actions)
    assert_frame_equal(plan.calendar.entries, same.calendar.entries)
    assert plan.actions["due"].min() > day.isoformat()
    told = {f.kind: f.figures for f in plan.findings if f.kind.startswith("figures_")}
    kind = "figures_past" if days > 366 else "figures_old"
    figures = {"as_of": "2025-12-31", "days": days, "known_since": False}
    if kind == "figures_old":  # it is done after the issue, not on its day
        assert days <= 31 or issued.isoformat() < told[kind]["due"] <= str(issued + timedelta(days=7))
    if days > 31 and kind == "figures_old":  # and all that rests on newer data comes after it
        waits = plan.actions[~plan.actions["kind"].isin([*STANDING, "joint_review"])]
        again = told[kind].pop("due")
        assert waits["due"].min() > again
        later = (plan.actions["due"] > again).sum()  # those told to be dated after it are
        assert (told[kind].pop("standing"), told[kind].pop("waits")) == ([], later)
        assert told[kind].pop("goes") == 0
    assert told == ({} if days <= 31 else {kind: figures})


def test_where_nobody_is_key_the_first_few_stand_on_the_page():
    equal = [
        (f"E{n}", str((AS_OF - pd.Timedelta(days=30 * k)).date()), 100.0)
        for n in range(60)
        for k in range(24)
    ]
    plan = steps_of(book_of(lines_of(*equal))).plan
    assert plan.units["level"].isna().all()
    with using(View(Locale("en", "CNY"))):
        shown = actions_table(plan)
    assert shown.html.count("Confirm the next order") == 10


def test_one_purchase_of_an_account_that_is_visited():
    """Its visits stand: nobody is told that there are none."""
    rows = [(f"A{n}", str((AS_OF - pd.Timedelta(days=20 + n)).date()), 10.0 * n**3) for n in range(1, 30)]
    plan = steps_of(book_of(lines_of(*rows))).plan
    visited = plan.accounts["visits_branch"] > 0
    with using(View(Locale("en", "CNY"))):
        told = in_words(plan, plan.actions)
    once = told[told["kind"] == "no_investment"].set_index("account_id")["text"]
    on = visited.reindex(once.index)
    assert on.any() and (once.str.contains("No visits beyond that") == ~on).all()


def test_the_largest_single_order_is_asked_after_first_and_called_what_it_is(medtech_steps):
    """5.68 million in one order, 2.4 % of all revenue: not the last thing of the quarter."""
    rows = medtech_steps.plan.actions.query("kind == 'no_investment'").set_index("account_id")
    large = rows.loc["C0270"]
    assert large["money"] == pytest.approx(5.68e6, abs=5e3) == rows["money"].max()
    assert large["due"] < rows["due"].drop("C0270").min()
    assert large["basis"] == "only_order" and "总经理" in large["facts"]


def test_an_expected_loss_of_too_wide_a_chance_is_called_so(
    medtech, medtech_book, medtech_steps, held_health
):
    """From below a third to above two thirds; every other expected loss is one. Where its test failed, as on
    the shipped sample, no action has one.
    """
    losses = ["expected_loss", "wide_loss"]
    assert not medtech_steps.plan.actions["basis"].isin(losses).any()
    chances, (tiers, value, *_) = held_health.accounts, medtech_steps
    book = customers(medtech_book, tiers.accounts["group"])
    rows = planned(book, medtech.settings, tiers, value, held_health, None).actions
    rows = rows[rows["basis"].isin(losses)]
    of = chances.reindex(rows["account_id"])
    wide = ((of["churn_low"] < 1 / 3) & (of["churn_high"] > 2 / 3)).to_numpy()
    assert 0 < wide.sum() < len(rows)
    assert (rows["basis"] == "wide_loss").tolist() == wide.tolist()


def test_nothing_is_due_or_made_around_christmas_where_it_is_kept():
    """From 23 December to 1 January, by the preset; a firm without holidays works on."""
    book = book_of(random_lines(14), pd.Timestamp("2025-11-28"))
    for country, kept in (("GB", True), ("none", False)):
        plan = steps_of(book, issued=date(2025, 12, 1), country=country).plan
        days = pd.concat([plan.actions["due"], plan.calendar.entries["date"].dt.date.astype("str")])
        quiet = days.between("2025-12-23", "2026-01-01")
        assert len(days) > 20 and quiet.any() != kept


def test_what_is_expected_on_a_day_is_due_no_later(medtech_steps):
    """An order is confirmed, a deal moved, before the day for which it is expected; an order that is late is
    asked for within the days of what is soon.
    """
    plan = medtech_steps.plan
    rows = plan.actions[plan.actions["kind"].isin(["next_order", "move_deal"])]
    expected = pd.Series([json.loads(facts).get("expected") for facts in rows["facts"]], rows.index)
    first = (
        working_days(None, plan.day + timedelta(days=1), plan.day + timedelta(days=10)).days[0].isoformat()
    )
    ahead = rows[expected >= first]
    assert len(ahead) > 50 and (ahead["due"] <= expected[ahead.index]).all()
    late = rows[(rows["kind"] == "next_order") & (expected < plan.day.isoformat()) & (rows["place"] == 1)]
    assert (late["urgency"] != "routine").all()


def test_the_order_expected_is_told_and_at_stake_with_one_sum(medtech_steps):
    orders = medtech_steps.plan.actions.query("kind == 'next_order'")
    assert len(orders) and (orders["money"] == [json.loads(f)["amount"] for f in orders["facts"]]).all()


def test_whoever_owes_more_than_its_limit_is_decided_on_within_a_week(medtech_steps, units_book):
    """Counted from the tables: what is invoiced and not paid, against the limit of the account."""
    plan, bills = medtech_steps.plan, units_book.tables["receivables"]
    day = pd.Timestamp(units_book.as_of)
    unpaid = bills[(bills["invoice_date"] <= day) & ~(bills["paid_date"] <= day)]
    owed = unpaid.groupby("account_id")["amount"].sum()
    beyond = (owed - units_book.accounts["credit_limit"]).loc[lambda sums: sums > 0]
    year = units_book.window(12)["amount"].sum()
    beyond = beyond[beyond >= year / 10_000]  # less is finance's to settle
    rows = plan.actions[plan.actions["kind"] == "credit_limit"].set_index("account_id")
    assert len(rows) > 10 and set(rows.index) == set(beyond.index) & set(plan.units["account_id"])
    facts = pd.DataFrame([json.loads(text) for text in rows["facts"]], rows.index)
    assert (facts["beyond"] - beyond.reindex(rows.index)).abs().max() < 0.01
    assert (rows["money"] - owed.reindex(rows.index)).abs().max() < 0.01
    assert (pd.to_datetime(rows["due"]) <= pd.Timestamp(plan.day) + timedelta(days=7)).all()
    assert set(rows["leads"]) == {"finance"}


def test_who_ordered_since_is_not_asked_for_an_order_and_a_return_is_no_order():
    """Of two whose next order the plan asks for one buys a week later, the other only sends goods back; a
    third buys of whom it asks something that an order does not settle.
    """
    lines = random_lines()
    before = steps_of(book_of(lines)).plan
    asked = before.actions.loc[before.actions["kind"] == "next_order", "account_id"]
    buys, returns = asked.iloc[0], asked.iloc[1]
    settled = before.actions["kind"].isin(SETTLED).groupby(before.actions["account_id"]).any()
    other = settled.index[~settled][0]
    later = str((AS_OF + timedelta(days=7)).date())
    added = lines_of((buys, later, 100.0), (returns, later, -100.0), (other, later, 1.0))
    added = added.assign(category="x")
    plan = steps_of(book_of(pd.concat([lines, added]))).plan
    since = plan.ordered_since
    assert since[["account_id", "kind", "again"]].values.tolist() == [[buys, "next_order", later]]
    still = plan.actions.loc[plan.actions["kind"] == "next_order", "account_id"]
    assert set(still) == set(asked) - {buys}
    figures = plan.finding("ordered_since").figures
    assert (figures["accounts"], figures["next_order"], figures["last"]) == (1, 1, later)
    assert (figures["ordered"], figures["others"]) == (2, 1)
    assert figures["of"] == plan.key_figures["accounts_planned"]
    assert before.finding("ordered_since") is None and before.ordered_since.empty
    for name in ("revenue", "churn_probability"):  # figures stay as of the reporting date
        units = [one.units.set_index("account_id")[name] for one in (before, plan)]
        pd.testing.assert_series_equal(units[0], units[1].reindex(units[0].index))


def test_what_orders_again_is_asked_and_not_closed():
    """Those that had stopped on the reporting date are closed or won back; one bought a week later."""
    lines = random_lines()
    before = steps_of(book_of(lines)).plan.actions
    stopped = before[before["kind"].isin(["close_lost", "win_back_talk"])]
    unit, later = stopped["account_id"].iloc[0], AS_OF + timedelta(days=7)
    more = pd.concat([lines, lines_of((unit, str(later.date()), 100.0)).assign(category="x")])
    plan = steps_of(book_of(more)).plan
    again = plan.actions[plan.actions["kind"] == "bought_again"]
    assert again["account_id"].tolist() == [unit] and again["action_id"].tolist() == [f"{unit}-bought_again"]
    facts = json.loads(again["facts"].iloc[0])
    assert facts["again"] == str(later.date())
    others = plan.actions[plan.actions["kind"].isin(["close_lost", "win_back_talk"])]
    assert len(others) == len(stopped) - 1
    for language, words in (("en", "do not close it"), ("zh", "暂不结案")):
        locale = Locale(language, "GBP")
        assert words in action_text("bought_again", facts, str(plan.day), locale)
        assert not re.search("close|结案", locale.text(ACTIONS["bought_again"]))


@pytest.mark.parametrize(("revenue", "told"), [(4000.0, "+300%"), (4001.0, "CN¥1K in the year before")])
def test_beyond_300_percent_a_review_tells_both_amounts(revenue, told):
    text = action_text(
        "joint_review", {"revenue": revenue, "before": 1000.0}, "2026-01-01", Locale("en", "CNY")
    )
    assert told in text


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_poor_health_is_told_by_what_costs_most_points(client, request):
    found = request.getfixturevalue(client)
    plan, health = found.plan, found.health
    told = plan.actions[plan.actions["kind"].isin(["recovery_call", "review_meeting", "rescue_visit"])]
    steps = chance_steps(health.churn).set_index("account_id")
    least = health.drivers.groupby("account_id")["points"].min()
    costs = health.drivers.set_index(["account_id", "code"])["points"]
    for row in told.itertuples():
        facts = json.loads(row.facts)
        if "driver" not in facts:
            continue
        assert costs[row.account_id, facts["driver"]] == least[row.account_id]
        if "part" in facts:
            own = steps.loc[[row.account_id]].set_index("part")["by"].drop(["start", "rest"], errors="ignore")
            assert facts["driver"] == "chance" and own[facts["part"]] == own.max() > 0


def test_too_wide_a_chance_is_told_by_its_ends():
    wide = {"driver": "chance", "low": 0.2, "high": 0.83, "health": 47.0, "part": "competitor", "weak": True}
    said = action_text("recovery_call", wide, "2026-07-01", Locale("en", "GBP"))
    assert "(chance of stopping 20% to 83%, too wide for one figure; due mainly to a sign " in said
    assert "too weak for a warning: " in said


def test_a_chance_is_told_with_what_raises_it_most_and_what_to_ask():
    chance = {"driver": "chance", "chance": 0.38, "health": 62.0, "silent": 91.0, "gap": 54.0}
    said = action_text("recovery_call", chance | {"part": "rhythm"}, "2026-07-01", Locale("en", "GBP"))
    assert said == (
        "Call the buyer and ask how we stand: health 62 of 100 (38% chance of stopping, due mainly to "
        "the timing of its orders: the last 91 days ago, usually one every 54 days). Ask when it needs the "
        "next order, and whether it buys elsewhere meanwhile."
    )
    size = chance | {"part": "volume", "revenue": 2661.24, "days": 1}
    said = action_text("recovery_call", size, "2026-07-01", Locale("en", "GBP"))
    assert "£2.66K on 1 day in 12 months, last 91 days ago). Ask how much it needs a year" in said
    flag = {"driver": "cap", "health": 39.0, "flag": {"zh": "长期逾期", "en": "long overdue"}}
    said = action_text("recovery_call", flag, "2026-07-01", Locale("en", "GBP"))
    assert said.endswith("health 39 of 100 (capped by a red flag: long overdue).")


def test_people_needed_are_told_of_the_busiest_four_weeks_with_reviews_in_them(retail_steps):
    """Counted again from the actions: what is not inside sales's."""
    plan = retail_steps.plan
    found, actions = plan.finding("actions_people").figures, plan.actions
    review = actions["kind"] == "joint_review"
    counted = actions["leads"] != "inside"
    after = (pd.to_datetime(actions["due"]) - pd.Timestamp(plan.day)).dt.days
    spans = {first: after.between(first, first + 27) for first in range(0, 91, 7)}
    assert found["count"] == max(int((counted & inside).sum()) for inside in spans.values())
    busiest = spans[(date.fromisoformat(found["begins"]) - plan.day).days]
    assert (counted & busiest).sum() == found["count"]
    assert (review & busiest).sum() == found["reviews"] > 0
    assert (~counted & busiest).sum() == found["routine"]
    assert found["people"] == -(-found["count"] // 32)  # eight a week
    # nobody owns the reviews: no week has more than a seventh of them, and the largest come first
    weeks = after[review] // 7
    assert weeks.value_counts().max() <= review.sum() / 7
    alone = ~actions["facts"].str.contains('"beside"')  # else it has the day of a call to the same account
    order = actions[review & alone].assign(level=actions["account_id"].map(retail_steps.tiers.units["level"]))
    order = order.sort_values("due")
    assert order["level"].iloc[0] == "S" and order.loc[order["level"] == "S", "due"].max() <= min(
        order.loc[order["level"] == "A", "due"]
    )


def test_where_nobody_owns_accounts_the_head_of_sales_does_no_small_ones(retail_steps):
    """Floor of the preset: a thousandth of the year's revenue, but for key accounts. Nobody has two of the
    rest a day or eight a week more than one person can, joint reviews apart.
    """
    plan, units = retail_steps.plan, retail_steps.plan.units.set_index("account_id")
    todo = plan.actions.assign(
        level=plan.actions["account_id"].map(units["level"]),
        weight=plan.actions["account_id"].map(units["revenue"].clip(lower=0)),
    )
    floor = 0.001 * units["revenue"].clip(lower=0).sum()
    own = todo[(todo["leads"] != "inside") & (todo["kind"] != "joint_review")]
    lost = own["kind"] == "win_back_talk"
    assert (own["level"].isin(["S", "A"]) | (own["weight"] >= floor) | lost).all()
    assert (own.loc[lost, "money"] >= floor).all() and lost.sum() == 8
    assert not set(todo.loc[todo["kind"] == "recovery_call", "leads"]) - {"inside"}
    due = pd.to_datetime(own["due"])
    assert due.value_counts().max() <= 2 and due.dt.to_period("W").value_counts().max() <= 8
    # the calls that are left to inside sales name them wherever they stand
    with using(View(Locale("en", "GBP"))):
        told = in_words(plan, todo)
    assert set(told.loc[todo["leads"] == "inside", "lead"]) == {"inside sales"}
    assert "head of sales" in set(told.loc[lost.index[lost], "lead"])


def _by_monday(due):
    on = pd.to_datetime(due)
    return (on - pd.to_timedelta(on.dt.day_of_week, unit="D")).value_counts().sort_index()


def test_the_campaign_is_counted_among_the_people_of_inside_sales(retail_steps):
    """Calls and mails of 1 to 22 December, as many each working day, beside the calls of the plan."""
    plan, told = retail_steps.plan, retail_steps.plan.finding("actions_people").figures
    accounts = retail_steps.health.campaign.accounts
    count = ((accounts["contact"] == "reach") & accounts["channel"].isin(["phone", "mail"])).sum()
    load = _by_monday(plan.actions.loc[plan.actions["leads"] == "inside", "due"])
    days = {"2011-12-05": 5, "2011-12-12": 5, "2011-12-19": 4}  # of the 16
    both = max(load[monday] + count * n / 16 for monday, n in days.items())
    assert told["campaign"] == count and told["campaign_until"] == "2011-12-22"
    assert abs(told["campaign_week"] - both) <= 1
    assert told["campaign_callers"] == -(-told["campaign_week"] // 50) > told["callers"]


def test_the_largest_goes_first_among_calls_that_can_move(retail_steps):
    """One that is neither bound nor joined to another never comes after a smaller one of its kind."""
    todo = retail_steps.plan.actions
    free = todo[~todo["bound"] & ~todo["facts"].str.contains('"beside"', regex=False)]
    assert {"no_investment", "close_lost"} <= set(free["kind"])
    for kind in ("no_investment", "close_lost", "win_back_talk"):
        own = free[free["kind"] == kind].sort_values(["money", "due"], ascending=[False, True])
        assert own["due"].is_monotonic_increasing, kind
        assert own["due"].rank().corr(own["money"].rank()) < -0.8


def test_the_load_of_inside_sales_is_told_and_level(retail_steps):
    """Of each week, counted from the actions; after the weeks of Christmas none is far above the average."""
    plan = retail_steps.plan
    own = plan.actions[plan.actions["leads"] == "inside"]
    load, told = _by_monday(own["due"]), plan.finding("actions_people").figures
    assert told["calls"] == len(own) and told["calls_week"] == load.max()
    assert told["calls_from"] == str(load.idxmax().date())
    assert told["callers"] == -(-load.max() // 50) and told["callers_mean"] == -(-told["calls_mean"] // 50)
    later = load.loc["2012-01-09":].iloc[:-1]  # full weeks, in which all can move
    assert later.max() - later.min() <= 10
    facts = own["facts"].map(json.loads)
    orders = own["kind"] == "next_order"
    expected = facts[orders].map(lambda one: one["expected"])
    ahead = expected[expected > (plan.day + timedelta(days=14)).isoformat()]
    assert (own.loc[ahead.index, "due"] <= ahead).all()
    earliest = pd.to_datetime(ahead) - pd.Timedelta(days=14)
    assert (pd.to_datetime(own.loc[ahead.index, "due"]) >= earliest).mean() > 0.99


@pytest.mark.parametrize("language", ["zh", "en"])
def test_joint_reviews_are_no_routine_call(retail_steps, language):
    plan = retail_steps.plan
    view = View(Locale(language, "GBP"))
    reviews = (plan.actions["kind"] == "joint_review").sum()
    words = {
        "en": (r"([\d,]+) of them routine", r"([\d,]+) joint review"),
        "zh": (r"其中([\d,]+)项", r"([\d,]+)场"),
    }
    told = [
        [int(re.search(w, s.total)[1].replace(",", "")) for w in words[language]]
        for s in days_ahead(plan, view)
    ]
    assert sum(count for _, count in told) == reviews
    # the one count of the report, the workbook and the calendar
    calls = plan.actions["kind"].isin(["next_order", "no_investment", "close_lost", "bought_again"]).sum()
    assert sum(count for count, _ in told) == calls == plan.finding("calendar_routine").figures["count"]


def test_who_bought_once_and_who_ordered_on_few_days_are_told_apart(retail_steps):
    plan, few = retail_steps.plan, retail_steps.plan.actions["kind"] == "no_investment"
    facts = [json.loads(one) for one in plan.actions.loc[few, "facts"]]
    once = plan.actions.loc[few, "basis"] == "only_order"
    assert 0 < once.sum() < few.sum() and [("orders" in one) for one in facts] == (~once).to_list()
    lines = [line for span in days_ahead(plan, View(Locale("en", "GBP"))) for line in span.lines]
    counted = {
        words: sum(
            int(re.search(r"\(([\d,]+)\)", line)[1].replace(",", "")) for line in lines if words in line
        )
        for words in ("bought once: ask for a second need", "ordered on few days: ask for a further need")
    }
    assert 0 < counted["bought once: ask for a second need"] <= once.sum()
    assert counted["ordered on few days: ask for a further need"] <= (~once).sum()


@pytest.mark.parametrize(("day", "first"), [("2026-06-30", False), ("2026-12-01", True)])
def test_bills_of_older_figures_are_looked_up_before_they_are_asked_for(day, first):
    facts = {"overdue": 900.0, "bills": 2, "due_since": "2026-06-17", "bill": "F1", "as_of": "2026-06-30"}
    assert (
        "先核对2026年6月30日以后是否已付。" in action_text("collect_overdue", facts, day, Locale("zh", "CNY"))
    ) is first


def test_the_decision_on_who_stopped_names_their_last_orders(medtech_steps):
    plan = medtech_steps.plan
    last = plan.units.loc[plan.units["win_back"].astype(bool), "last_order"]
    locale = Locale("en", "CNY")
    told = locale.say(
        "(last orders {a:date} to {b:date})", a=str(last.min().date()), b=str(last.max().date())
    )
    assert told in action(plan.finding("win_back_list"), locale, {})


def test_whom_to_see_again_was_last_seen_on_a_day_of_the_visit_log(medtech_steps, medtech_book):
    plan, log = medtech_steps.plan, medtech_book.table("visits")
    rows, seen = plan.actions[plan.actions["kind"] == "revisit"], 0
    for row in rows.itertuples():
        facts = json.loads(row.facts)
        met = log.loc[
            (log["contact_id"] == row.meet) & (log["date"] <= pd.Timestamp(medtech_book.as_of)), "date"
        ].max()
        text = action_text("revisit", facts, str(plan.day), Locale("en", "CNY"))
        if pd.isna(met):
            assert "No meeting with this person is on record." in text
        else:
            seen += 1
            assert facts["met"] == f"{met:%Y-%m-%d}"
            assert Locale("en", "CNY").say("Last seen in person on {met:date}.", met=facts["met"]) in text
    assert seen > 3


def test_price_talks_say_that_the_level_is_open_and_what_is_at_stake(medtech_steps):
    """The review is held on the working day within 30 days of the plan."""
    plan = medtech_steps.plan
    (row,) = plan.actions[plan.actions["kind"] == "reprice"].itertuples()
    facts = json.loads(row.facts)
    unit = plan.units.set_index("account_id").loc[row.account_id]
    assert unit["gate"] == "skinner" and facts["revenue"] == pytest.approx(unit["revenue"])
    review = working_days("CN", plan.day, plan.day + timedelta(days=60)).within(30)
    text = action_text("reprice", facts, str(plan.day), Locale("en", "CNY"))
    locale = Locale("en", "CNY")
    assert locale.say("at the review on {day:date}", day=review.isoformat()) in text
    at_stake = "{revenue:money} of revenue in the last 12 months, with a margin of {margin:money}."
    assert text.endswith(locale.say(at_stake, revenue=unit["revenue"], margin=facts["margin"]))


def test_a_call_and_a_review_pay_or_are_not_asked(retail_steps):
    """A review from 0.1% of the year's revenue on, a call for an order from a fifty-thousandth of it on;
    nothing is due in the week of Christmas; the calls are inside sales's, where no account has an owner.
    """
    plan = retail_steps.plan
    revenue = retail_steps.tiers.accounts["revenue"].clip(lower=0).sum()
    money = plan.actions.groupby("kind")["money"].min()
    assert money["joint_review"] >= 0.00099 * revenue and money["next_order"] >= 0.0000198 * revenue
    key = plan.units[plan.units["level"].isin(["S", "A"]) & ~plan.units["gone"]]
    reviewed = key["account_id"].isin(plan.actions.loc[plan.actions["kind"] == "joint_review", "account_id"])
    large = key["revenue"] >= 0.00101 * revenue
    assert not reviewed[key["revenue"] < 0.00099 * revenue].any() and (~reviewed).sum() > 100
    # but where somebody has to act first
    assert set(key.loc[large & ~reviewed, "urgency"]) <= {"urgent", "warned", "soon"}
    assert not plan.actions["due"].between("2011-12-23", "2012-01-01").any()
    with using(View(Locale("en", "GBP"))):
        told = in_words(plan, plan.actions)
    by = told.groupby("kind")["lead"].unique().map(list)
    assert by["next_order"] == by["no_investment"] == by["close_lost"] == ["inside sales"]
    assert by["joint_review"] == by["win_back_talk"] == ["head of sales"]
