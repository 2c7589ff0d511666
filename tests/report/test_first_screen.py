"""The first screen says what the results hold: its figures and ranges are theirs, in one precision."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from types import SimpleNamespace

import pytest
from conftest import Steps

from kamplay.report.argument import populations
from kamplay.show.locale import Locale
from kamplay.show.summary.bridge import bridge_chart
from kamplay.show.summary.days_ahead import capacity_told, days_ahead
from kamplay.show.summary.tiles import tiles
from kamplay.show.summary.whole import whole
from kamplay.show.view import View, using

UNCHECKED = SimpleNamespace(finding=lambda kind: None)  # of step 0, as without a ledger


def view_of(language: str) -> View:
    return View(Locale(language, "CNY"))


def stated(steps: Steps, view: View) -> dict[str, str]:
    """What the first screen has to say, from the results themselves."""
    money, forecast = view.locale.money, steps.value.forecast
    out = {"revenue": money(steps.value.key_figures["revenue"])}
    if forecast.expected is not None:
        out |= {"ahead": money(forecast.total), "low": money(forecast.low), "high": money(forecast.high)}
    if forecast.gap:
        out["gap"] = money(abs(forecast.gap))
    return out


@pytest.fixture(params=["medtech_steps", "retail_steps"])
def steps(request) -> Steps:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sentence_the_tiles_and_the_bridge_say_the_same_figures(steps, language):
    view = view_of(language)
    told = whole(steps.value, steps.health, view)
    shown = tiles(UNCHECKED, steps.value, steps.health, view)
    with using(view):
        bridge = bridge_chart(steps.value)
    words = stated(steps, view)
    for what, figure in words.items():
        assert figure in told, what
    in_tiles = " ".join(f"{tile.value} {tile.change}" for tile in shown)
    for what in {"revenue", "ahead", "low", "high"} & set(words):
        assert words[what] in in_tiles, what
    for what in {"revenue", "ahead"} & set(words):
        assert words[what] in bridge.text, what
    risk = steps.health.finding("at_risk")
    if risk:
        last = shown[-1]
        assert last.value == view.locale.money(risk.figures["at_risk"])
        assert view.locale.money(risk.figures["low"]) in last.change
        assert view.locale.money(risk.figures["high"]) in last.change


@pytest.mark.parametrize(("factor", "en", "zh"), [(1.1, "too high", "偏高"), (0.9, "too low", "偏低")])
def test_the_tile_says_on_which_side_the_forecast_was(medtech_steps, factor, en, zh):
    """Of what came, ``factor`` was forecast."""
    found = medtech_steps.value.finding("future_checked") or medtech_steps.value.finding(
        "future_checked_total"
    )
    other = dataclasses.replace(found, figures=found.figures | {"off": factor - 1})
    told = tuple(other if one is found else one for one in medtech_steps.value.findings)
    value = dataclasses.replace(medtech_steps.value, findings=told)
    for language, side in (("en", f"10% {en}"), ("zh", f"{zh}10%")):
        trust = tiles(UNCHECKED, value, medtech_steps.health, view_of(language))[2].trust
        assert side in trust


def test_a_planted_contradiction_is_seen(medtech_steps):
    """Were the sentence made of another total than the results', the comparison above would fail."""
    view = view_of("en")
    other = dataclasses.replace(medtech_steps.value.forecast, total=medtech_steps.value.forecast.total * 1.1)
    wrong = dataclasses.replace(medtech_steps.value, forecast=other)
    told = whole(wrong, medtech_steps.health, view)
    assert stated(medtech_steps, view)["ahead"] not in told


def test_what_left_and_what_came_add_up_to_the_change(steps):
    from kamplay.show.summary.whole import moved

    amounts = moved(steps.value.retention)
    bridge = steps.value.retention.bridge.set_index("item")["amount"]
    assert amounts["won"] - amounts["lost"] == pytest.approx(bridge["now"] - bridge["before"], abs=0.05)


def test_every_action_due_within_ninety_days_is_counted_once(medtech_steps):
    view = view_of("en")
    spans = days_ahead(medtech_steps.plan, view)
    counted = [int(span.total.split()[0].replace(",", "")) for span in spans]
    last = (medtech_steps.plan.issued + timedelta(days=90)).isoformat()
    assert sum(counted) == int((medtech_steps.plan.actions["due"] <= last).sum())
    assert all(len(span.lines) <= 3 for span in spans)


def test_the_populations_add_up(medtech_steps):
    """Who buys = who has a score + who bought once; who has a chance = who has a score − who has stopped."""
    check = SimpleNamespace(accounts=range(300), key_figures={"accounts": 284})
    results = {step: getattr(medtech_steps, step) for step in ("tiers", "value", "health", "plan")}
    told = dict(populations({"check": check, **results}, view_of("en")))
    count = {what: int(number.replace(",", "")) for what, number in told.items()}

    def of(words: str) -> int:
        return next(number for what, number in count.items() if words in what)

    assert of("tiers and value") == of("bought once: they") + of("a health score")
    assert of("a health score") == of("plainly stopped") + of("expected loss")
    assert of("record") < of("tested on") and of("listed") == 300


def test_how_many_visits_the_team_can_make_is_told(medtech_steps):
    view = view_of("en")
    plan, told = medtech_steps.plan, capacity_told(medtech_steps.plan, view)
    near = plan.actions["due"] <= (plan.issued + timedelta(days=30)).isoformat()
    assert f"{int((plan.actions.loc[near, 'visits'] > 0).sum())} take a visit" in told
    assert f"{plan.allocation.capacity:,.0f} a month" in told
    bare = dataclasses.replace(plan, allocation=dataclasses.replace(plan.allocation, capacity=None))
    assert capacity_told(bare, view) == ""
