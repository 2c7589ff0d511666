"""What the signs take off the outlook: worked by hand."""

import pandas as pd
import pytest

from kamplay.method.health.revenue_at_risk import (
    RevenueAtRisk,
    add_forecast_findings,
    forecast_after_signs,
    revenue_at_risk,
)
from kamplay.method.results import Findings

AHEAD = pd.Series({"a": 1000.0, "b": 600.0, "c": 500.0, "d": 300.0})
BY_DATES = pd.Series({"a": 0.0, "b": 0.2, "c": 0.5, "d": 0.0})
CHANCES = pd.DataFrame({"probability": [0.4, 0.6, 0.3, 0.9]}, index=["a", "b", "c", "d"]).assign(
    low=lambda x: x["probability"], high=lambda x: x["probability"]
)


def test_by_hand():
    """a: 40 % of 1000. b: by dates 80 % sure to stay, now 40 %: half of 600. c: dates say worse than the
    signs, nothing off. d: no sign.
    """
    taken = forecast_after_signs(AHEAD, CHANCES, pd.Index(["a", "b", "c"]), BY_DATES)
    assert taken is not None
    assert (taken["accounts"], taken["expected"], taken["first"]) == (3, 2100.0, "a")
    assert taken["off"] == pytest.approx(700.0, abs=0.01)
    assert taken["low"] <= 700 <= taken["high"] <= 1600


def test_unit_of_money_and_row_order_change_nothing():
    one = forecast_after_signs(AHEAD, CHANCES, pd.Index(["a", "b", "c"]), BY_DATES)
    other = forecast_after_signs(AHEAD[::-1] * 100, CHANCES[::-1], pd.Index(["c", "b", "a"]), BY_DATES[::-1])
    assert one and other
    for name in ("expected", "off", "low", "high"):
        assert other[name] == pytest.approx(100 * one[name], rel=1e-6), name


def test_what_dates_have_given_up_is_not_taken_off_again():
    assert forecast_after_signs(AHEAD, CHANCES, pd.Index(["a"]), pd.Series({"a": 0.99})) is None


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (2500.0, "outlook_signs_target"),
        (2000.0, "outlook_signs_part"),
        (1000.0, "outlook_signs"),
        (None, "outlook_signs"),
    ],
)
def test_told_against_the_target(target, kind):
    found = Findings("health")
    reduction = forecast_after_signs(AHEAD, CHANCES, pd.Index(["a", "b"]), BY_DATES)
    add_forecast_findings(found, RevenueAtRisk(pd.DataFrame(), reduction, 2400.0), target)
    said = next(iter(found))
    assert said.kind == kind and said.figures["left"] == pytest.approx(1700.0, abs=0.01)
    if target and target > 1700:
        assert said.figures["gap"] == pytest.approx(target - 1700, abs=0.01)
        assert said.figures["least"] == max(target - 2400.0, 0.0)


def test_a_trifle_is_not_told():
    found = Findings("health")
    reduction = forecast_after_signs(AHEAD, CHANCES, pd.Index(["a", "b"]), BY_DATES)
    add_forecast_findings(found, RevenueAtRisk(pd.DataFrame(), reduction, 1e6), None)
    assert not list(found)


def came(expected: float, lost: float, sd: float = 5.0) -> dict:
    """What came of the expected loss of one horizon ago."""
    sums = {"sum_expected": expected, "sum_came": lost, "sum_sd": sd}
    return {"cutoff": "2025-07-01", "counted": 40} | sums


def test_a_sum_that_missed_corrects_as_far_as_chance_allows():
    """ln(0.4) is a miss of 0.92. Where chance alone cannot explain it, a part of it comes again (a quarter
    of what is not chance); where chance moves as much, next to nothing is learnt.
    """
    warned = pd.Index(["a", "b"])
    sure, unsure = (
        forecast_after_signs(AHEAD, CHANCES, warned, BY_DATES, came(10.0, 4.0, sd)) for sd in (0.5, 70.0)
    )
    assert sure and unsure
    assert sure["rated"] == unsure["rated"] == pytest.approx(700.0, abs=0.01)
    assert sure["off"] == pytest.approx(700 * 0.4**0.25, rel=0.03)
    assert 690 < unsure["off"] <= 700
    assert sure["high"] <= 1600 and unsure["high"] <= 1600  # what is expected of the two


def test_the_record_is_told_beside_the_outlook():
    found, record = Findings("health"), came(10.0, 4.0, sd=7.955)  # √(e^0.49 − 1) of what was expected
    reduction = forecast_after_signs(AHEAD, CHANCES, pd.Index(["a", "b"]), BY_DATES, record)
    add_forecast_findings(found, RevenueAtRisk(pd.DataFrame(), reduction, 2400.0, record), None)
    said = {f.kind: f.figures for f in found}["outlook_signs_record"]
    assert said["factor"] == pytest.approx(2.0138, abs=1e-3) and -0.2 < said["change"] < 0


def test_what_is_no_budget_is_not_advised_as_one():
    """A forecast of which step 2 says that it is no budget has no advice to budget on it beside that."""
    reduction = {
        "accounts": 2,
        "expected": 900.0,
        "rated": 600.0,
        "off": 600.0,
        "low": 100.0,
        "high": 900.0,
        "first": "a",
    }
    result = RevenueAtRisk(pd.DataFrame(), reduction, 2400.0)
    for to_budget_on, advice in ((True, "outlook_signs_plan"), (False, None)):
        found = Findings("health")
        add_forecast_findings(found, result, 3000.0, to_budget_on)
        told = {f.kind: f.action for f in found.settled()}
        assert told["outlook_signs_target"] == advice


ONE_GROUP = pd.DataFrame({"by": ["all"], "at_risk": [700.0], "low": [300.0], "high": [1200.0]})


@pytest.mark.parametrize(
    ("expected", "lost", "told"),
    [
        (879.0, 600.0, True),
        (879.0, 88.0, True),  # just within ten times
        (879.0, 66.3, False),  # 13 times
        (60.0, 879.0, False),
        (879.0, 0.0, False),
        (186.0, -26.0, False),  # fewer stopped than their rhythms explain
    ],
)
def test_a_sum_whose_test_failed_bears_no_amounts(expected, lost, told):
    result = RevenueAtRisk(ONE_GROUP, record=came(expected, lost))
    assert result.told == told == (not result.failed)


@pytest.mark.parametrize(("lost", "told"), [(6.0, True), (0.5, False)])
def test_the_cautious_case_goes_with_the_expected_loss_it_is_made_of(medtech_steps, lost, told):
    """Both are of the same chances: where one has no amounts the other has none."""
    health, value = medtech_steps.health, medtech_steps.value
    active = health.accounts.assign(
        probability=health.churn.probability,
        low=health.churn.intervals["low"],
        high=health.churn.intervals["high"],
        expected=100.0,
        revenue=100.0,
    )
    found = revenue_at_risk(
        active, health.early_warning, health.churn.probability * 0, value, came(10.0, lost)
    )
    assert found.told == told and (found.forecast_reduction is not None) == told
