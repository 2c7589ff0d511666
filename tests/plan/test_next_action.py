"""Step 4: one next action for each account, who is lost, and what comes first. Worked by hand, and held on
the shipped sample.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, steps_of

from kamplay.method.measures.purchases import last_year_of_purchases
from kamplay.method.measures.warning_signs import ACTIONS
from kamplay.method.plan.next_action import next_actions, signs_of
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.plan.win_back import win_back_table
from kamplay.show.texts import vocabulary
from kamplay.show.view import View, using

QUIET = {
    "level": "A",
    "gate": None,
    "type": "invest",
    "revenue": 100.0,
    "overdue": 0.0,
    "late": False,
    "health_band": "green",
    "churn_probability": 0.1,
    "revenue_at_risk": 1.0,
    "sign": None,
    "severity": None,
    "gone": False,
    "win_back": False,
    "watched": False,
    "channel": None,
    "key_in_danger": False,
}


def planned(**accounts: dict) -> pd.DataFrame:
    """A planned account each, quiet but for what is said of it, beside ten large quiet ones."""
    rows = {name: QUIET | said for name, said in accounts.items()}
    rows |= {f"calm{n}": QUIET | {"revenue_at_risk": 50.0} for n in range(10)}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    act = frame["watched"] | (frame["severity"] == "act")
    doubtful = frame["sign"].notna() | (frame["health_band"] != "green") | (frame["overdue"] > 10)
    frame["verdict"] = np.select([frame["gone"], act, doubtful], ["stopped", "act", "watch"], "fine")
    return frame


def test_every_sign_has_an_action_with_a_word():
    assert set(ACTIONS.values()) <= set(vocabulary.ACTIONS)


def test_the_first_rule_that_holds():
    frame = planned(
        calm={},
        listed={"sign": "payment", "severity": "watch", "watched": True},
        warned={"sign": "delivery", "severity": "act"},
        priced={
            "sign": "complaints",
            "severity": "act",
            "gate": "skinner",
        },  # the sign comes before the price
        weak={"sign": "complaints", "severity": "watch"},
        stopped={"sign": "payment", "severity": "act", "gone": True, "win_back": True, "type": None},
        small={"gone": True, "type": None, "revenue": 1.0},
        owes={"overdue": 11.0},
        key={"key_in_danger": True, "health_band": "yellow"},
    )
    action, urgency, clear = next_actions(frame)
    said = {
        name: (action[name], urgency[name], clear[name])
        for name in frame.index
        if not name.startswith("calm")
    }
    assert (action["calm"], urgency["calm"], clear["calm"]) == ("grow", "soon", None)
    assert said == {
        "listed": ("payment_plan", "urgent", None),
        "warned": ("mend_delivery", "warned", None),
        "priced": ("close_complaints", "warned", None),
        "weak": ("grow", "soon", "complaints"),  # keeps its plan, but the sign first
        "stopped": ("win_back_talk", "soon", None),
        "small": ("close_lost", "routine", None),
        "owes": ("collect_overdue", "soon", None),
        "key": ("ask_change", "soon", None),  # in danger: no mere review of its health
    }


def test_the_strongest_sign_and_who_has_stopped():
    warnings = pd.DataFrame(
        [
            ("a", "payment", 0.7, "act"),
            ("a", "complaints", 0.9, "act"),
            ("b", "silence", 1.0, "act"),
            ("c", "delivery", 0.4, "watch"),
            ("c", "silence", 0.8, "act"),
        ],
        columns=["account_id", "sign", "strength", "severity"],
    )
    found = signs_of(warnings)
    assert found.loc["a"].tolist() == ["complaints", "act", False]
    assert pd.isna(found.loc["b", "sign"]) and found["stopped"].tolist() == [False, True, True]
    assert found.loc["c", "sign"] == "delivery"
    assert signs_of(warnings.iloc[:0]).empty


def test_what_an_account_brought_before_it_fell_silent():
    rows = [
        ("still", "2025-12-01", 5.0),
        ("still", "2024-12-31", 7.0),
        ("went", "2024-06-30", 30.0),
        ("went", "2023-07-02", 20.0),
    ]
    rows += [("went", "2023-06-01", 90.0), ("went", "2024-08-01", -4.0), ("later", "2026-01-05", 8.0)]
    found = last_year_of_purchases(book_of(lines_of(*rows)))
    assert found.to_dict() == {
        "still": 12.0,
        "went": 46.0,
    }  # 30 + 20 of the 365 days to the last purchase, less the 4 returned after it


def test_every_account_with_a_grave_sign_gets_its_action_within_two_weeks(medtech_steps, medtech_book):
    plan, warnings = medtech_steps.plan, medtech_steps.health.early_warning.warnings
    as_of = pd.Timestamp(medtech_book.as_of)
    by_account = plan.units.set_index("account_id")
    gone = set(warnings.loc[warnings["sign"] == "silence", "account_id"])
    called = warnings[(warnings["severity"] == "act") & ~warnings["account_id"].isin(gone)]
    assert len(called) >= 10
    for account, rows in called.groupby("account_id"):
        # that which raises the chance of stopping most
        first = rows.sort_values(["raises", "strength"], ascending=False).iloc[0]["sign"]
        row, own = by_account.loc[account], plan.actions[plan.actions["account_id"] == account]
        (due,) = pd.to_datetime(own.loc[own["kind"] == ACTIONS[first], "due"])
        assert due <= as_of + pd.Timedelta(days=7 if row["watched"] else 14), account
        # it is next, unless something else has a nearer day on record; a deal has none before it
        nearer = own[own["due"] < str(due.date())]
        assert nearer["bound"].all() and not nearer["kind"].eq("move_deal").any(), account
        assert row["next_action"] == (ACTIONS[first] if nearer.empty else nearer.iloc[0]["kind"]), account
        assert row["due"] == own["due"].min(), account
    for account in gone & set(by_account.index):
        assert by_account.loc[account, "next_action"] in ("win_back_talk", "close_lost")
        assert pd.isna(by_account.loc[account, "type"])  # nothing is invested in an account that has stopped


def test_lost_accounts_stand_by_what_they_brought(medtech_steps):
    plan = medtech_steps.plan
    found = plan.finding("win_back_list")
    lost = plan.units[plan.units["win_back"]].set_index("account_id")["brought"]
    assert list(found.accounts) == lost.sort_values(ascending=False).index.tolist()
    assert "C0174" in found.accounts  # fell silent 245 days ago and still has revenue in the 12 months
    assert found.figures["brought"] == pytest.approx(lost.sum())
    # two stopped within the year to the reporting date, four in the second half of 2024
    ends = plan.units[plan.units["win_back"]].set_index("account_id")["last_order"].sort_values()
    late = ends[ends > pd.Timestamp("2025-06-30")]
    assert (found.figures["recent"], found.figures["older"]) == (len(late), len(ends) - len(late))
    told = [str(ends.iloc[place].date()) for place in (0, -1)]
    assert [found.figures["oldest"], found.figures["newest"]] == told
    with using(View(Locale("en", "CNY"), {one: f"[{one}]" for one in ends.index})):
        text = win_back_table(plan).text
    places = [text.index(f"[{one}]") for one in ends.index[::-1]]
    assert places == sorted(places)  # all of them, who stopped last first
    days = plan.accounts["due"].reindex(found.accounts)  # what the cards, the calendar and the list show
    assert found.figures["due"] == days.max()


@pytest.mark.parametrize("amount", [0.0, -10.0])
def test_where_nobody_bought_nobody_brought_anything(amount):
    """Lines without an amount, or returns alone: there is no last purchase to count back from."""
    assert last_year_of_purchases(
        book_of(lines_of(("a", "2025-03-01", amount), ("b", "2025-05-01", amount)))
    ).empty


def test_what_bought_once_is_not_called_lost(retail_steps):
    """13687 bought for 11,881 on one day and never again: that it had a rhythm, nobody knows."""
    units, once = retail_steps.plan.units.set_index("account_id"), retail_steps.value.retention.bought_once
    assert "13687" in once and "13687" not in units.index
    assert not units.index[units["win_back"]].isin(once).any() and units["win_back"].any()


def test_a_large_single_order_is_told_apart_from_the_lost_and_returns_make_a_loss_smaller():
    """Three bought for 10,000 in 2024 and nothing since: on ten days; on ten days, with 9,990 sent back in
    2025; on one day. Twenty others buy for 100 a month.
    """
    months = pd.date_range("2023-01-15", "2025-12-15", freq="MS") + pd.Timedelta(days=14)
    rows = [(f"s{n}", str(day.date()), 100.0) for n in range(20) for day in months]
    on = [str(day.date()) for day in pd.date_range("2024-01-05", periods=10, freq="20D")]
    rows += [(who, day, 1000.0) for who in ("lost", "returned") for day in on]
    rows += [("returned", "2025-03-01", -9990.0), ("once", "2024-05-02", 10_000.0)]
    plan = steps_of(book_of(lines_of(*rows))).plan
    found = plan.finding("win_back_list")
    assert (found.accounts, found.figures["brought"]) == (("lost",), 10_000.0)
    assert (found.figures["one_offs"], found.figures["one_offs_brought"]) == (1, 10_000.0)
    told = headline(found, Locale("en", "GBP"), {})
    assert "Not counted: 1 that ordered on one day alone (£10K)" in told
