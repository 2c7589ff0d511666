"""A contract is asked for by one day and agreed by another, both in the calendar."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
from conftest import Steps

from kamplay.method.plan.calendar import quarter
from kamplay.method.plan.terms import asked_and_agreed
from kamplay.method.plan.working_days import holidays_after, working_days
from kamplay.method.value.contracts import agreed_by
from kamplay.presets.strategy import DueDays
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import in_words
from kamplay.show.view import View, using

DAY = date(2026, 12, 1)
WITHIN = DueDays(urgent=7, warned=14, soon=30, routine=90)


@pytest.fixture(scope="module")
def issued(medtech_issued) -> Steps:
    """The shipped sample, issued on the last day of notice of its largest contract."""
    return medtech_issued(DAY)


def candidates(*contracts: dict) -> pd.DataFrame:
    rows = [
        (f"u{n}", "renew_contract", "k", {"contract": "k", "stands": "soon", **facts}, 10.0, "contract", 1)
        for n, facts in enumerate(contracts)
    ]
    return pd.DataFrame(rows, columns=["account_id", "kind", "ref", "facts", "money", "basis", "place"])


@pytest.mark.parametrize(
    ("facts", "ask", "agree"),
    [
        # of 7 February and 28 March the middle is 3 March
        ({"notice": "2027-02-07", "end": "2027-03-28"}, "2027-02-04", "2027-03-03"),
        # of 26 December and 26 March it is 9 February, within China's New Year: the 4th is worked
        ({"notice": "2026-12-26", "end": "2027-03-26"}, "2026-12-25", "2027-02-04"),
        # passed: asked with the urgent on 8 December, half-way to the end is 7 January
        ({"notice": "2026-11-08", "end": "2027-02-06"}, "2026-12-08", "2027-01-07"),
        # ended: with the urgent and with the soon
        ({"notice": "2026-06-08", "end": "2026-08-07"}, "2026-12-08", "2026-12-31"),
        ({"since": 1.0, "end": "2026-02-05"}, "2026-12-08", "2026-12-31"),
        # ends before the urgent are due
        ({"notice": "2026-11-08", "end": "2026-12-04"}, "2026-12-04", "2026-12-04"),
    ],
)
def test_it_is_asked_for_in_writing_and_agreed_on_working_days_before_its_end(facts, ask, agree):
    rows = candidates(facts)
    days = working_days("CN", DAY, date(2027, 4, 12))
    out = asked_and_agreed(rows, rows, WITHIN, days)
    assert out["kind"].tolist() == ["renew_contract", "agree_contract"] and out["place"].tolist() == [1, 2]
    assert {(own["ask"], own["agree"]) for own in out["facts"]} == {(ask, agree)}


def test_prices_are_renegotiated_where_they_are_agreed():
    """Terms that go into a contract take the place of its agreement; those without one stay as they are."""
    contract = candidates({"notice": "2027-01-04", "end": "2027-02-03"})
    terms = {"revenue": 5.0}
    whole = contract.assign(kind="reprice", ref="", money=7.0, basis="given")
    whole = whole.assign(facts=[terms | contract["facts"].iloc[0]])
    bare = whole.assign(account_id="u9", facts=[terms])
    days = working_days("CN", DAY, date(2027, 4, 12))
    out = asked_and_agreed(pd.concat([bare, whole]), contract, WITHIN, days)
    assert out[["account_id", "kind", "money"]].to_numpy().tolist() == [
        ["u9", "reprice", 7.0],
        ["u0", "renew_contract", 10.0],
        ["u0", "reprice", 7.0],
    ]
    assert "ask" not in out["facts"].iloc[0] and "revenue" not in out["facts"].iloc[1]


def test_nothing_is_agreed_on_a_holiday():
    """2027: off from 5 to 12 February by the arrangements of the years before, New Year on the 1st."""
    off = holidays_after("CN", DAY)
    assert {date(2027, 1, 1), date(2027, 2, 5), date(2027, 2, 12)} <= set(off)
    assert agreed_by(pd.Timestamp("2027-01-15"), pd.Timestamp("2027-03-16"), off) == pd.Timestamp(
        "2027-02-04"
    )
    assert agreed_by(pd.Timestamp("2027-02-08"), pd.Timestamp("2027-02-09"), off) == pd.Timestamp(
        "2027-02-08"
    )


def test_every_agreement_stands_in_the_calendar_with_a_visit_before(issued):
    """No agreement had a row; of 襄阳璞和 there was no day, and its owner came on 3 February."""
    plan = issued.plan
    agreed = plan.actions[
        plan.actions["facts"].str.contains('"agree"') & (plan.actions["kind"] != "renew_contract")
    ]
    asked = plan.actions[plan.actions["kind"] == "renew_contract"].set_index("account_id")
    entries = plan.calendar.entries
    days = quarter(DAY, "CN")
    on = entries[entries["kind"] == "action"].set_index("action")["date"].dt.date
    visits = entries[entries["kind"] != "action"]
    assert len(agreed) == len(asked) > 20
    for row in agreed.itertuples():
        facts, due = json.loads(row.facts), date.fromisoformat(row.due)
        assert row.due == facts["agree"] > facts["ask"] == asked.at[row.account_id, "due"]
        if due > days.last:
            continue
        assert on[row.action_id] == due and due in days.days
        own = visits[(visits["unit_id"] == row.account_id) & (visits["date"].dt.date <= due)]
        assert facts.get("by_phone", False) == (row.meet not in set(own["contact_id"])), row.action_id
    last = agreed.set_index("account_id")["due"]
    assert (last["C0028"], last["C0145"], last["C0092"]) == ("2027-01-07", "2027-02-04", "2027-01-15")


@pytest.mark.parametrize(
    ("language", "asked", "agreed"),
    [
        (
            "en",
            "asked for in writing, and a day for the talks is fixed",
            "price and terms are agreed in writing",
        ),
        ("zh", "已书面提出，并约定谈定日期", "价格和条款已书面谈定"),
    ],
)
def test_each_of_the_two_has_one_mark_of_being_done_and_one_day(issued, language, asked, agreed):
    view = View(Locale(language, "CNY"))
    with using(view):
        told = in_words(issued.plan, issued.plan.actions)
    for kind, done, fact in (("renew_contract", asked, "ask"), ("agree_contract", agreed, "agree")):
        rows = told[told["kind"] == kind]
        assert len(rows) and rows["done_when"].str.contains(done, regex=False).all()
        for row in rows.itertuples():
            assert json.loads(row.facts)[fact] == row.due and view.locale.date(row.due) in row.text
