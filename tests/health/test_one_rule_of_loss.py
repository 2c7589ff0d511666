"""Sums and colours follow one rule on slow buyers inside their own rhythm."""

import numpy as np
import pandas as pd
import pytest

from kamplay.method.health import retention_curves
from kamplay.method.health.priority_list import beyond_rhythm
from kamplay.method.plan.step import MATERIAL
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.registry import charts
from kamplay.show.view import View, using


def test_what_the_rhythm_explains_is_no_chance_of_having_left():
    rhythm = pd.DataFrame({"empty": [0.6, 0.6, 0.0]}, index=["slow", "left", "often"])
    # one that has left with 0.5, else leaves the horizon empty with 0.6: 1 - 0.5 * 0.4 = 0.8
    left = beyond_rhythm(pd.Series([0.55, 0.8, 0.3], index=rhythm.index), rhythm)
    assert left.to_list() == pytest.approx([0.0, 0.5, 0.3])


@pytest.mark.parametrize("steps", ["retail_steps", "medtech_steps"])
def test_the_expected_loss_and_the_list_go_by_the_same_accounts(steps, request):
    health = request.getfixturevalue(steps).health
    told = health.finding("at_risk")
    assert told.figures["danger_at_risk"] <= told.figures["at_risk"]
    assert told.figures["at_risk"] == pytest.approx(
        health.accounts.loc[health.churn.probability.dropna().index, "revenue_at_risk"]
        .drop(_stopped(health), errors="ignore")
        .sum(),
        rel=0.001,
    )
    campaign = health.finding("watch_campaign")
    if campaign is not None:
        apart = health.accounts.loc[
            list(health.campaign.key), "revenue_at_risk"
        ]  # in danger, and in the plan
        assert campaign.figures["accounts"] + len(apart) == told.figures["danger"]
        whole = campaign.figures["at_risk"] + apart.sum()
        assert whole == pytest.approx(told.figures["danger_at_risk"], abs=5)


def _stopped(health):
    signs = health.early_warning.warnings
    return signs.loc[signs["sign"] == "silence", "account_id"]


def test_no_slow_buyer_inside_its_rhythm_is_told_as_red_or_weighs_most(retail_steps):
    health = retail_steps.health
    slow = set(health.priority_list.slow)
    assert slow
    assert not slow & {a for kind in ("red_accounts", "at_risk") for a in health.finding(kind).accounts}
    waiting = health.finding("red_waiting")
    assert set(waiting.accounts) <= slow
    silence = health.accounts.loc[list(waiting.accounts)]
    assert (silence["silent_days"] <= silence["gap_days"].round()).all()
    # what is theirs of the expected loss, and the most of it first
    red = health.accounts[health.accounts["health_band"].eq("red") & health.accounts.index.isin(slow)]
    assert red["revenue_at_risk"].sum() == pytest.approx(waiting.figures["at_risk"], abs=0.01 * len(red))
    assert waiting.figures["first_at_risk"] == silence["revenue_at_risk"].iloc[0]
    assert waiting.figures["first_at_risk"] == red["revenue_at_risk"].max() > 0
    urgent = retail_steps.plan.units.set_index("account_id")["next_action"]
    quiet = health.accounts["verdict"].eq("fine")
    assert not urgent[quiet.reindex(urgent.index)].isin(["rescue_visit", "reactivation_mail"]).any()


def test_what_moves_no_revenue_stands_behind_what_does(retail_steps):
    actions = retail_steps.plan.units
    weight = actions["revenue"].where(~actions["gone"], actions["brought"])
    material = (weight >= MATERIAL * weight.sum()) | (actions["urgency"] == "urgent")
    assert material.to_numpy()[: material.sum()].all()
    assert actions.loc[material, "due"].dropna().is_monotonic_increasing  # without a day: no step


def test_nobody_stopping_leaves_a_bound_that_the_number_of_accounts_sets():
    lifetimes = pd.DataFrame({"days": [365] * 30, "stopped": [False] * 30})
    last = retention_curves._curve("all", "all", lifetimes).iloc[-1]
    assert last["surviving"] == 1
    # Clopper & Pearson for 30 of 30, 95 %: 0.884
    assert last["low"] == pytest.approx(0.8843, abs=0.0001)
    assert np.isclose(last["high"], 1)


@pytest.mark.parametrize("steps", ["retail_steps", "medtech_steps"])
def test_whom_the_page_calls_in_danger_is_at_risk_on_the_map(steps, request):
    """One verdict: in danger is at medium or high risk; a green one among the key accounts is explained."""
    health = request.getfixturevalue(steps).health
    danger = health.accounts["danger"]
    assert danger.sum() == health.finding("at_risk").figures["danger"] > 0
    bands = health.portfolio_map.accounts["risk_band"].reindex(danger.index[danger])
    assert set(bands) == {"medium", "high"}
    calm = danger & health.accounts["health_band"].eq("green")
    key = health.finding("watch_key")
    named = [] if key is None else [a for a in key.accounts if calm[a]]
    assert ("16745" in named) is (steps == "retail_steps")
    if key is not None:
        said = headline(key, Locale("en", "GBP"), {})
        assert f"{len(named)} of them is green by health, which weighs all measures" in said


def test_those_at_high_risk_are_named_beside_the_map(retail_steps):
    health, locale = retail_steps.health, Locale("en", "GBP")
    with using(View(locale)):
        said = charts.portfolio_map(health).text
    accounts = health.portfolio_map.accounts
    upper = accounts[accounts["value"] >= accounts["value"].median()]
    high = upper.index[upper["risk_band"] == "high"]
    assert len(high) == 6 and all(account in said for account in high)
