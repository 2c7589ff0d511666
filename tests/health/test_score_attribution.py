"""Why a score moved, worked by hand: another card, other measures, a decision that ended, accounts that left
and entered.
"""

import dataclasses
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of

from kamplay.method.health import score as score_module
from kamplay.method.health.score import health_score
from kamplay.method.health.score_attribution import (
    CAUSES,
    KEPT,
    KEPT_PARTS,
    EarlierScore,
    add_findings,
    attribute_changes,
    score_attribution,
)
from kamplay.method.results import Findings
from kamplay.presets import load_health
from kamplay.presets.health_card import HealthCard
from kamplay.show.findings import action, headline
from kamplay.show.locale import Locale


def weighing(rhythm: float, trend: float, breadth: float) -> HealthCard:
    weights = {"rhythm": rhythm, "trend": trend, "breadth": breadth}
    dimensions = {name: {"weight": weight} for name, weight in weights.items()}
    return load_health({"base": "purchases", "dimensions": dimensions}, Path())


PURCHASES, OTHER = weighing(50, 30, 20), weighing(20, 60, 20)
THEN = date(2025, 9, 30)


def days_ago(days: int) -> pd.Timestamp:
    return (AS_OF - pd.Timedelta(days=days)).as_unit("us")


def buying(account: str, recent: float = 100.0) -> list[tuple]:
    """A purchase of 100 every 30 days, the last at AS_OF; the last six of ``recent``."""
    return [(account, days_ago(30 * k), recent if k < 6 else 100.0, f"{account}{k}", "x") for k in range(30)]


def book(*accounts: str, **overrides):
    """a buys evenly: its half-year is 700 after 600, for 80 points of trend. b: 340 after 600, for 70 · 340 /
    600 = 39.67 points. Both are in time (100 points) and as broad as before (70 points).
    """
    rows = [row for account in accounts for row in buying(account, 40.0 if account == "b" else 100.0)]
    lines = pd.DataFrame(rows, columns=["account_id", "date", "amount", "order_id", "category"])
    return book_of(lines, **({"overrides": pd.DataFrame(overrides)} if overrides else {}))


def kept(found, card=PURCHASES, **changed) -> EarlierScore:
    return EarlierScore(THEN, card, found.accounts[KEPT].assign(**changed), found.parts[KEPT_PARTS])


def adds_up(moved) -> None:
    tenths = np.rint(moved.accounts[["change", *CAUSES]].to_numpy() * 10).astype(int)
    assert np.allclose(tenths / 10, moved.accounts[["change", *CAUSES]], atol=1e-9)
    assert (tenths[:, 0] == tenths[:, 1:].sum(axis=1)).all()
    assert np.allclose(moved.accounts["now"] - moved.accounts["before"], moved.accounts["change"])
    steps = moved.steps.set_index("item")["points"]
    assert steps["before"] + steps.drop(["before", "now"]).sum() == pytest.approx(steps["now"], abs=1e-9)


def told(now, before, moved) -> dict:
    found = Findings("health")
    score_module.add_findings(found, now)
    add_findings(found, moved, now, before)
    return {f.kind: f for f in found}


def test_other_weights_on_the_same_data_are_definition_alone():
    """By 20/60/20 a loses 0.6 · 20 + 0.2 · 30 = 18.0 and b 0.6 · 60.33 + 6 = 42.2; by 50/30/20 they lose 12.0
    and 24.1.
    """
    client = book("a", "b")
    before, now = kept(health_score(client, AS_OF, OTHER), OTHER), health_score(client, AS_OF, PURCHASES)
    assert before.accounts["health"].to_dict() == {"a": 82.0, "b": 57.8} and now.accounts[
        "health"
    ].to_dict() == {"a": 88.0, "b": 75.9}
    moved = score_attribution(client, now, before)
    assert moved.accounts["definition"].to_dict() == pytest.approx({"a": 6.0, "b": 18.1})
    assert moved.same_version and (moved.accounts[["customer", "age", "override"]] == 0).all(axis=None)
    adds_up(moved)
    found = told(now, before, moved)
    assert {"score_moved", "score_definition"} <= set(found) and "score_version" not in found
    assert found["score_definition"].figures["definition"] == pytest.approx((6.0 + 18.1) / 2)
    assert "score_fell" not in found  # nobody did anything


def test_with_another_version_all_but_overrides_is_definition():
    """b went from 57.8 to 10.0: 65.9 down from 75.9 by hand, 18.1 up that nobody can tell apart."""
    client = book("a", "b", account_id=["b"], health=[10.0], reason="r", by="who")
    before, now = (
        kept(health_score(book("a", "b"), AS_OF, OTHER), OTHER, definition="0.12345678"),
        health_score(client, AS_OF, PURCHASES),
    )
    moved = score_attribution(client, now, before)
    assert not moved.same_version
    row = moved.accounts.loc["b"]
    assert row[["change", *CAUSES]].to_dict() == pytest.approx(
        {"change": -47.8, "customer": 0, "age": 0, "override": -65.9, "definition": 18.1}
    )
    assert moved.accounts["because"].eq("").all()
    adds_up(moved)
    found = told(now, before, moved)
    assert not {"score_moved", "score_definition", "score_fell"} & set(found)
    said = {
        language: headline(found["score_version"], Locale(language, "EUR"), {}) for language in ("zh", "en")
    }
    for text in said.values():
        figures = re.findall(
            r"\d+\.\d|49|33", text
        )  # (82 + 57.8)/2, (88 + 10)/2, (6 + 18.1)/2 = 12.05, −65.9/2 = −32.95
        assert [f.removesuffix(".0") for f in figures][:4] == ["69.9", "49", "12.1", "33"]
    assert "counted differently" in said["en"] and "计算方法与上次不同" in said["zh"]
    assert action(found["score_version"], Locale("en", "EUR"))


def test_the_version_of_the_measures_itself(monkeypatch):
    client = book("a", "b")
    before = kept(health_score(client, AS_OF, PURCHASES))
    monkeypatch.setattr(score_module, "VERSION", score_module.VERSION + 1)
    now = health_score(client, AS_OF, PURCHASES)
    moved = score_attribution(client, now, before)
    assert now.definition != before.definition and not moved.same_version
    assert (moved.accounts[["change", *CAUSES]] == 0).all(
        axis=None
    )  # same figures, yet nobody may say that nothing moved
    assert "score_version" in told(now, before, moved)


def test_a_decision_that_expired_gives_its_points_back():
    decision = {"account_id": ["b"], "health": [30.0], "reason": "r", "by": "who", "expires": [days_ago(10)]}
    then = health_score(
        dataclasses.replace(book("a", "b", **decision), as_of=days_ago(10).date()), AS_OF, PURCHASES
    )
    client = book("a", "b", **decision)
    now = health_score(client, AS_OF, PURCHASES)
    assert then.accounts.loc["b", "health"] == 30.0 and now.overrides["state"].to_dict() == {"b": "expired"}
    moved = score_attribution(client, now, kept(then))
    assert moved.accounts.loc["b", ["change", *CAUSES]].to_dict() == pytest.approx(
        {"change": 45.9, "customer": 0, "age": 0, "override": 45.9, "definition": 0}
    )
    adds_up(moved)
    assert "score_hand_expired" in told(now, kept(then), moved)


def test_one_left_and_one_entered():
    """Then a with 82 and gone with 40, on average 61. Without gone 82 (+21), by today's card 88 (+6), with b
    at 75.9 81.95 (−6.05).
    """
    client = book("a", "b")
    then = health_score(book("a", "gone"), AS_OF, OTHER)
    before = kept(then, OTHER)
    before.accounts.loc["gone", ["health", "raw"]] = 40.0
    now = health_score(client, AS_OF, PURCHASES)
    moved = score_attribution(client, now, before)
    assert moved.accounts.index.tolist() == ["a"]
    steps = moved.steps.set_index("item")
    assert steps["points"].to_dict() == pytest.approx(
        {
            "before": 61,
            "left": 21,
            "customer": 0,
            "age": 0,
            "override": 0,
            "definition": 6,
            "entered": -6.05,
            "now": 81.95,
        }
    )
    assert steps["accounts"].to_dict() == {
        "before": 2,
        "left": 1,
        "customer": 0,
        "age": 0,
        "override": 0,
        "definition": 1,
        "entered": 1,
        "now": 2,
    }
    adds_up(moved)
    figures = told(now, before, moved)["score_moved"].figures
    assert (figures["left"], figures["entered"], figures["mix"]) == (1, 1, pytest.approx(14.95))


def test_all_left_and_nobody_stayed():
    client = book("a")
    moved = score_attribution(
        client, health_score(client, AS_OF, PURCHASES), kept(health_score(book("b"), AS_OF, PURCHASES))
    )
    assert moved.accounts.empty and moved.steps.empty
    now = health_score(client, AS_OF, PURCHASES)
    empty = EarlierScore(THEN, PURCHASES, now.accounts[KEPT].iloc[:0], now.parts[KEPT_PARTS].iloc[:0])
    assert score_attribution(client, now, empty).steps.empty and not {"score_moved", "score_version"} & set(
        told(now, empty, score_attribution(client, now, empty))
    )


def test_what_the_earlier_card_cannot_judge_today_is_definition():
    """Its only table is no longer delivered: nothing says that the customer lost 82 points."""
    client = book("a", "b")
    before, now = kept(health_score(client, AS_OF, OTHER), OTHER), health_score(client, AS_OF, PURCHASES)
    blind = dataclasses.replace(health_score(client, AS_OF, OTHER))
    blind = dataclasses.replace(
        blind, accounts=blind.accounts.assign(raw=np.nan, cap=0.0, health=np.nan), parts=blind.parts.iloc[:0]
    )
    moved = attribute_changes(now, before, blind)
    assert moved.accounts["definition"].to_dict() == pytest.approx({"a": 6.0, "b": 18.1})
    assert (moved.accounts[["customer", "age", "override"]] == 0).all(axis=None) and moved.accounts[
        "because"
    ].eq("").all()
    adds_up(moved)


def test_a_score_that_only_a_decision_gives_is_override():
    """Nothing is known of b any more, but somebody set it to 20: the parts still add up."""
    client = book("a", "b")
    before, now = kept(health_score(client, AS_OF, PURCHASES)), health_score(client, AS_OF, PURCHASES)
    accounts = now.accounts.copy()
    accounts.loc["b", ["health", "raw", "cap", "override"]] = [20.0, np.nan, 0.0, 0.0]
    now = dataclasses.replace(now, accounts=accounts)
    moved = attribute_changes(now, before, now)
    assert moved.accounts.loc["b", ["change", *CAUSES]].to_dict() == pytest.approx(
        {"change": -55.9, "customer": 0, "age": 0, "override": -55.9, "definition": 0}
    )
    adds_up(moved)


def test_an_account_that_lost_points_and_yet_rose():
    """Its own part is told as its own, whatever another card makes of the sum."""
    client = book("a", "b")
    now = health_score(client, AS_OF, PURCHASES)
    moved = score_attribution(client, now, kept(health_score(client, AS_OF, OTHER), OTHER))
    accounts = moved.accounts.copy()
    accounts.loc["b", ["before", "customer", "definition", "change"]] = [74.9, -17.1, 18.1, 1.0]
    finding = told(
        now, kept(health_score(client, AS_OF, OTHER), OTHER), dataclasses.replace(moved, accounts=accounts)
    )["score_fell"]
    assert finding.accounts == ("b",)
    said = headline(finding, Locale("en", "EUR"), {})
    assert said.startswith("1 account lost 15 points or more") and said.endswith(
        "b 17.1 (score 74.9 then, 75.9 now)."
    )
