"""One matter of one account has one day, one owner and one amount, wherever it is told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import Steps

from kamplay.method.plan.actions import before_deals, for_visits, waits_for
from kamplay.method.plan.possible_actions import least_deal
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.method.value.contracts import agreed_by
from kamplay.presets import load_outline, load_strategy
from kamplay.report.pages.telling import Telling, amount
from kamplay.show.findings import action
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import action_text, in_words
from kamplay.show.plan.matters import AGREED, ANYWHERE, ASKED, AT_REVIEW, AT_THE_FIRST, BEFORE_REVIEW, DONE_BY
from kamplay.show.plan.win_back import win_back_table
from kamplay.show.registry import actions as worded
from kamplay.show.view import View, using

ISSUED = date(2026, 11, 30)


@pytest.fixture(scope="module")
def issued_late(medtech_issued) -> Steps:
    """The shipped sample, issued five months after its figures end."""
    return medtech_issued(ISSUED)


def telling(steps: Steps, language: str) -> Telling:
    run = SimpleNamespace(
        plan_day=steps.plan.day,
        strategy=load_strategy("by_tier", Path()),
        settings=SimpleNamespace(holiday_country="CN", edition="internal"),
    )
    found = [f for step in (steps.tiers, steps.value, steps.health, steps.plan) for f in step.findings]
    names = {account: f"[{account}]" for account in steps.plan.accounts.index}
    return Telling(
        found, run, load_outline("argument", Path()), View(Locale(language, "CNY"), names), steps.plan
    )


def of(told: Telling, kind: str) -> Finding:
    return told.by_kind[kind]


CLIENTS = ["medtech_steps", "retail_steps", "issued_late"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("client", CLIENTS)
def test_advice_on_an_account_has_the_day_and_the_owner_of_the_plan(client, language, request):
    steps = request.getfixturevalue(client)
    told, seen = telling(steps, language), 0
    for finding in told.findings:
        rows, whole = told.planned(finding), told.dated_action(finding)
        if rows.empty:
            continue
        seen += 1
        todo, last = told.todo(finding), told.day_of(finding).isoformat()
        assert todo is not None, finding.kind
        if "notice" in finding.figures and finding.figures["notice"] >= steps.plan.day.isoformat():
            assert last == rows["due"].iloc[0], (
                finding.kind
            )  # the first; each of the others by its own notice
        else:
            assert last >= rows["due"].max(), finding.kind
        if len(finding.accounts) == told.counted(finding) == 1:
            assert last == rows["due"].iloc[0], finding.kind
            owner = rows["owner"].iloc[0]
            assert not isinstance(owner, str) or owner in todo.who, finding.kind
            money = amount(finding)
            facts = json.loads(rows["facts"].iloc[0])
            if money is not None:
                assert money == pytest.approx(facts.get("amount", rows["money"].iloc[0])), finding.kind
        if rows["due"].nunique() > 1 and todo.by != told.view.locale.date(last):
            first = told.view.locale.date(rows["due"].iloc[0])
            assert first in whole, finding.kind
    assert seen >= (2 if client == "retail_steps" else 9)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_row_of_the_plan_lies_within_the_days_of_the_sentence_about_it(client, request):
    """24 accounts were to be decided "by 26 Jan", of which the sentence names 20; three had later rows."""
    steps = request.getfixturevalue(client)
    told, rows, seen = telling(steps, "en"), steps.plan.actions, 0
    for finding in told.findings:
        kinds = DONE_BY.get(finding.action, ANYWHERE.get(finding.action, ()))
        if not kinds:
            continue
        asked = finding.figures.get("asked")
        accounts = [*finding.accounts, *finding.others][:asked]
        assert len(accounts) == (asked or finding.about), finding.kind
        own = rows[rows["kind"].isin(kinds)]
        if finding.action not in ANYWHERE:
            own = own[own["account_id"].isin(accounts)]
        if finding.action in AT_THE_FIRST:
            own = own.sort_values("due", kind="stable").drop_duplicates("account_id")
        if finding.figures.get("category"):
            own = own[
                [json.loads(one).get("category") == finding.figures["category"] for one in own["facts"]]
            ]
        if own.empty:
            continue
        seen += 1
        todo, last = told.todo(finding), told.last_of(finding).isoformat()
        assert todo.day <= own["due"].min() and own["due"].max() <= last, finding.kind
        if "near_last" not in finding.figures:  # else of the contracts of which notice is due soon
            assert todo.by.endswith(told.view.locale.date(last)), finding.kind
        if own["due"].min() < last:
            assert told.view.locale.date(last) in told.dated_action(finding), finding.kind
    assert seen >= (5 if client == "retail_steps" else 9)


@pytest.mark.parametrize("client", CLIENTS)
def test_what_the_plan_does_wherever_it_is_has_all_its_days(client, request):
    """By the plan alone: whoever has stopped, whoever bought once, and the joint reviews on the phone."""
    steps = request.getfixturevalue(client)
    told, actions = telling(steps, "en"), steps.plan.actions
    last = actions.groupby("kind")["due"].max()
    stopped = told.last_of(of(told, "already_stopped")).isoformat()
    assert stopped >= max(last[kind] for kind in ("close_lost", "bought_again") if kind in last)
    if "visits_none_planned" in told.by_kind:
        reviews = of(told, "visits_none_planned")
        assert told.last_of(reviews).isoformat() == last["joint_review"]
        assert told.todo(reviews).day == actions.loc[actions["kind"] == "joint_review", "due"].min()


@pytest.mark.parametrize("client", CLIENTS)
def test_an_account_has_each_matter_once(client, request):
    """A contract is asked for once and agreed once; the calendar and the owners have the plan's days."""
    plan: Plan = request.getfixturevalue(client).plan
    for kinds in (ASKED, AGREED):
        assert plan.actions.loc[plan.actions["kind"].isin(kinds), "account_id"].is_unique
    due = plan.actions.set_index("action_id")["due"]
    entries = plan.calendar.entries
    entries = entries[entries["kind"] == "action"]
    assert (
        entries["date"].astype(str).str[:10].to_numpy() == due.reindex(entries["action"]).to_numpy()
    ).all()
    first = plan.actions[plan.actions["place"] == 1].set_index("account_id")["due"]
    units = plan.units.set_index("account_id")
    assert units["due"].equals(first.reindex(units.index).rename("due"))


@pytest.mark.parametrize("client", CLIENTS)
def test_the_next_action_of_an_account_is_its_nearest_step_everywhere(client, request):
    """The earliest day, of one day what comes before any deal, then the larger sum: in the table of all
    accounts, on the card, which has them in the order of ``Plan.actions``, and on its owner's page, which has
    them by day and place.
    """
    plan: Plan = request.getfixturevalue(client).plan
    nearest, order = {}, {}
    for row, ahead in zip(plan.actions.itertuples(), before_deals(plan.actions), strict=True):
        turn = (row.due, not ahead, -row.money)
        if row.account_id not in nearest or turn < order[row.account_id]:
            nearest[row.account_id], order[row.account_id] = row, turn
    assert len(nearest) > 200
    told = plan.accounts.loc[list(nearest), ["next_action", "due"]]
    assert told["next_action"].tolist() == [row.kind for row in nearest.values()]
    assert told["due"].tolist() == [row.due for row in nearest.values()]
    on_card = plan.actions.drop_duplicates("account_id").set_index("account_id")["kind"]
    on_page = plan.actions.sort_values(["due", "place"], kind="stable").drop_duplicates("account_id")
    on_page = on_page.set_index("account_id")["kind"]
    assert on_card[list(nearest)].tolist() == on_page[list(nearest)].tolist() == told["next_action"].tolist()


@pytest.mark.parametrize("client", CLIENTS)
def test_the_review_is_held_on_one_day_and_prepared_before(client, request):
    told = telling(request.getfixturevalue(client), "en")
    held = {told.day_of(f) for f in told.findings if f.action in AT_REVIEW}
    ready = {told.day_of(f) for f in told.findings if f.action in BEFORE_REVIEW}
    assert len(held) <= 1 and len(ready) <= 1
    if held and ready:
        assert ready.pop() < held.pop()


def test_every_code_is_an_action_and_every_action_at_the_review_is_one_of_them():
    known = worded()
    assert set(DONE_BY) | set(ANYWHERE) | AT_REVIEW | BEFORE_REVIEW <= set(known)
    assert set(DONE_BY) >= AT_THE_FIRST
    at = {code for code, text in known.items() if "at the review" in text}
    assert (
        at <= AT_REVIEW and {c for c, text in known.items() if "before the review" in text} == BEFORE_REVIEW
    )


def test_terms_of_a_contract_that_runs_out_are_one_matter_in_steps(issued_late):
    """By hand: of notice on 4 January and an end on 3 February the middle is 19 January, a Tuesday."""
    plan, told = issued_late.plan, telling(issued_late, "en")
    row = plan.actions[plan.actions["kind"] == "reprice"].iloc[0]
    facts = json.loads(row["facts"])
    assert (facts["notice"], facts["agree"], facts["end"]) == ("2027-01-04", "2027-01-19", "2027-02-03")
    finding = of(told, "price_far_below")
    assert (
        finding.accounts[0] == row["account_id"]
        and told.day_of(finding).isoformat() == row["due"] == facts["agree"]
    )
    assert row["money"] == pytest.approx(finding.figures["first_given"])
    text = action_text("reprice", facts, str(plan.day), Locale("en", "CNY"))
    order = [
        text.index(word) for word in ("check its prices", "renegotiate", "by 19 Jan 2027", "by 4 Jan 2027")
    ]
    assert order == sorted(order)
    asked = plan.actions[(plan.actions["kind"] == "renew_contract") & (plan.actions["account_id"] == "C0005")]
    assert asked["due"].item() == "2027-01-04" and asked["visits"].item() == 0


@pytest.mark.parametrize(
    ("notice", "end", "agreed"),
    [
        ("2026-12-01", "2027-03-01", "2027-01-15"),
        ("2027-01-04", "2027-02-03", "2027-01-19"),
        ("2026-06-01", "2026-06-11", "2026-06-05"),  # the 6th is a Saturday
        ("2026-06-05", "2026-06-07", "2026-06-05"),
        ("2026-06-06", "2026-06-06", "2026-06-06"),  # never before the notice
    ],
)
def test_a_price_is_agreed_between_the_notice_and_the_end(notice, end, agreed):
    assert agreed_by(pd.Timestamp(notice), pd.Timestamp(end)) == pd.Timestamp(agreed)


def test_who_is_owed_goods_is_not_dunned_first(issued_late):
    plan = issued_late.plan
    waiting = next(f for f in issued_late.health.findings if f.kind == "loop_both_ways")
    rows = plan.actions[plan.actions["kind"] == "collect_overdue"]
    facts = rows["facts"].map(json.loads)
    owed = set(rows.loc[["we_owe" in one for one in facts], "account_id"])
    assert owed == set(waiting.accounts) & set(rows["account_id"]) and owed
    with using(View(Locale("en", "CNY"))):
        texts = in_words(plan, rows)
    first = texts[texts["account_id"].isin(owed)]["text"]
    assert first.str.contains("deliver or settle these first").all()


def test_a_large_deal_past_its_date_is_settled_and_a_tiny_one_has_no_action(issued_late, medtech_book):
    plan = issued_late.plan
    deals = medtech_book.table("opportunities")
    least = least_deal(plan.units["revenue"])
    rows = plan.actions[plan.actions["kind"] == "move_deal"]
    facts = rows["facts"].map(json.loads)
    assert len(facts) and min(one["amount"] for one in facts) >= least
    settled = {one["deal"] for one in facts}
    live = deals[~deals["stage"].isin(["won", "lost", "赢单", "输单"]) & deals["closed"].isna()]
    past = live[(live["expected_close"] < pd.Timestamp(ISSUED)) & (live["amount"] >= least)]
    buying = plan.units.loc[~plan.units["gone"].astype(bool), "account_id"]
    largest = (
        past[past["account_id"].isin(buying)].sort_values("amount").drop_duplicates("account_id", keep="last")
    )
    held_back = plan.accounts["next_action"].isin(
        ["campaign", "close_lost", "no_investment", "win_back_talk"]
    )
    largest = largest[~largest["account_id"].isin(plan.accounts.index[held_back])]
    assert len(largest) > 10 and set(largest["opportunity_id"]) <= settled
    told = next(f for f in plan.findings if f.kind == "deals_past")
    assert told.figures["large"] + told.figures["small"] == told.figures["count"]
    assert told.figures["first_amount"] == pytest.approx(past["amount"].max())
    # four fifths of the open amount, and what weighs by its win rate with the close still ahead
    opened, funnel = live[live["amount"] > 0], issued_late.value.pipeline.funnel
    behind = opened["expected_close"] < pd.Timestamp(ISSUED)
    assert told.figures["open"] == funnel.open_deals == 93
    assert told.figures["share"] == pytest.approx(opened.loc[behind, "amount"].sum() / funnel.open_amount)
    assert told.figures["count"] == behind.sum() and 0.85 < told.figures["share"] < 0.86
    rate = opened["win_rate"].fillna(0.0)
    assert told.figures["dated"] == pytest.approx((opened["amount"] * rate)[~behind].sum())
    assert told.figures["weighted"] == pytest.approx(funnel.weighted)
    assert rows["due"].max() <= max(rows["due"].min(), "2027-01-31")


def test_what_can_no_longer_wait_is_due_with_the_urgent(issued_late):
    """Contracts that ran out, and whoever leads where our entities bid against each other."""
    told = telling(issued_late, "en")
    urgent = told.days.within(told.run.strategy.due_days.urgent)
    ran_out, shared = of(told, "contracts_ran_out"), of(told, "entities_competing_shared")
    assert len(told.days_of(ran_out)) == 3 and set(told.days_of(ran_out)) == {urgent.isoformat()}
    # asked for in writing, and agreed at a visit of the same month
    visits = issued_late.plan.calendar.entries.query("purpose == 'agree_contract'").groupby("unit_id")["date"]
    assert (visits.min()[list(told.days_of(ran_out).index)] <= pd.Timestamp(2026, 12, 30)).all()
    rivals = shared.accounts[: shared.figures["rivals"]]
    assert set(told.days_of(shared)[list(rivals)]) == {urgent.isoformat()}
    assert amount(shared) == pytest.approx(told.planned(shared)["money"].sum())


def test_accounts_in_two_lists_are_told_with_their_sum(issued_late):
    lost = next(f for f in issued_late.plan.findings if f.kind == "win_back_list")
    stopped = next(f for f in issued_late.health.findings if f.kind == "already_stopped")
    both = set(lost.accounts) & set(stopped.accounts)
    assert lost.figures.get("both", 0) == len(both) > 0
    units = issued_late.plan.units.set_index("account_id")
    assert lost.figures["both_brought"] == pytest.approx(units.loc[list(both), "brought"].sum())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_is_one_sum_to_budget_on(issued_late, held_health, language):
    """A cautious case is told where the expected loss held its test, and then as what the sum may come to."""
    locale = Locale(language, "CNY")
    assert not any(f.kind.startswith("outlook_signs") for f in issued_late.health.findings)
    signs = held_health.finding("outlook_signs_target")
    outlook, left = (locale.money(signs.figures[name]) for name in ("outlook", "left"))
    advice = action(signs, locale, {})
    assert advice is not None and advice.index(outlook) < advice.index(left)
    history = next(f for f in issued_late.value.findings if f.kind == "outlook")
    said = action(history, locale, {})
    assert said is not None and outlook in said
    assert np.isclose(history.figures["middle"], signs.figures["outlook"])


def test_who_leads_is_decided_before_either_rival_deal_and_both_are_dealt_with(issued_late):
    """C0145: O0217 and O0185 bid against each other. One was to be settled before, the other by nobody."""
    own = issued_late.plan.actions.query("account_id == 'C0145'")
    deals = own[own["kind"] == "move_deal"]
    (lead,) = own.loc[own["kind"] == "one_lead", "due"]
    assert {json.loads(facts)["deal"] for facts in deals["facts"]} == {"O0217", "O0185"}
    assert (deals["due"] > lead).all()
    assert deals.loc[deals["action_id"].str.endswith("O0217"), "due"].item() <= "2027-01-07"  # its own day
    with using(View(Locale("zh", "CNY"))):
        told = in_words(issued_late.plan, deals)
    assert told["text"].str.contains("先定由谁牵头").all()


def test_no_deal_is_settled_before_what_went_wrong_at_its_account(issued_late):
    """C0044 had its deal settled on the day on which the head of sales hears why it is not satisfied."""
    actions = issued_late.plan.actions
    gate = actions[before_deals(actions)].groupby("account_id")["due"].max()
    deals = actions[(actions["kind"] == "move_deal") & actions["account_id"].isin(gate.index)]
    late = deals["facts"].map(json.loads).map(lambda facts: facts["stands"] != "open")
    assert "C0044" in set(deals.loc[late, "account_id"]) and late.sum() >= 3
    assert (deals.loc[late, "due"] > deals.loc[late, "account_id"].map(gate)).all()


def test_nothing_waits_for_the_day_on_which_a_contract_is_agreed():
    """By hand: of these only the person waits, for the complaints; the deal for none."""
    rows = [
        ("renew_contract", '{"agree": "2027-04-16", "ask": "2027-03-03"}', "soon"),
        ("agree_contract", '{"agree": "2027-04-16", "ask": "2027-03-03"}', "soon"),
        ("close_complaints", "{}", "warned"),
        ("meet_person", "{}", "soon"),
        ("move_deal", '{"stuck": true}', "soon"),
    ]
    todo = pd.DataFrame(rows, columns=["kind", "facts", "urgency"]).assign(account_id="a")
    todo["place"] = range(1, 6)
    assert waits_for(todo).tolist() == [0, 0, 0, 1, 0]
    visits = for_visits(todo)  # but no visit for the deal comes before the complaints
    assert visits["waits"].tolist() == [0, 0, 0, 1, 1]
    assert visits.sort_values("place")["kind"].tolist()[:3] == [
        "close_complaints",
        "move_deal",
        "meet_person",
    ]


@pytest.mark.parametrize(
    ("language", "successor", "complaints", "checked"),
    [
        (
            "en",
            "a meeting has a date",
            "has a person and a day",
            "Check first what was closed after 30 Jun 2026",
        ),
        ("zh", "会面有日期", "都有责任人和办结日期", "先核对2026年6月30日以后是否已办结"),
    ],
)
def test_what_is_done_by_a_day_can_be_done_by_it(issued_late, language, successor, complaints, checked):
    """A successor is met where one is introduced first; complaints get a person and a day before they are
    closed, on the day on which the queue names one person each.
    """
    plan, people = issued_late.plan, issued_late.health.stakeholders.people
    with using(View(Locale(language, "CNY"))):
        told = in_words(plan, plan.actions)
    found = told[told["kind"] == "find_successor"]
    assert len(found) and found["done_when"].str.contains(successor).all()
    gone = people[people["gone"].astype(bool)].groupby("account_id")["name"].first()
    for row in found[found["account_id"].isin(gone.index)].itertuples():
        assert gone[row.account_id] in row.text
    closed = told[told["kind"] == "close_complaints"]
    assert len(closed) and closed["done_when"].str.contains(complaints).all()
    assert closed["text"].str.contains(checked).all()
    named = of(telling(issued_late, language), "complaints_past_due").figures["due"]
    urgent = closed[closed["urgency"] == "urgent"]
    assert len(urgent) and (urgent["due"] <= named).all()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_red_accounts_have_the_days_of_the_plan(issued_late, language):
    """Two that only get a call by mid December were "to be seen first" by the 8th."""
    told = telling(issued_late, language)
    red = of(told, "red_accounts")
    calls = told.planned(red).query("kind == 'recovery_call'")
    assert len(calls) and told.day_of(red).isoformat() >= calls["due"].max()
    assert told.view.locale.date(told.day_of(red).isoformat()) in told.dated_action(red)


def test_no_action_is_due_this_quarter():
    """It stood for three days, by the deadline beside it."""
    assert not [code for code, text in worded().items() if "this quarter" in text]


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_the_threshold_of_large_lost_accounts_says_of_what_it_is(client, request):
    """Retail: a tenth of a percent of the 10.23 million that all accounts brought in their last years; the
    smallest of the list lies above it.
    """
    plan: Plan = request.getfixturevalue(client).plan
    figures = plan.finding("win_back_list").figures
    least, total = figures["large_from"], figures["all_brought"]
    assert least >= 0.001 * total
    assert plan.units.loc[plan.units["win_back"].astype(bool), "brought"].min() >= least
    if client == "retail_steps":
        assert total == pytest.approx(10_230_000, rel=0.01)
    locale = Locale("en", "GBP")
    with using(View(locale)):
        caption = win_back_table(plan).grid.caption
    assert locale.money(least) in caption and locale.money(total) in caption
