import numpy as np
import pytest
from scipy.stats import norm

from kamplay.method.noise_gate import (
    FALSE_SHARE,
    SPENT,
    Look,
    beyond_chance,
    expected_beyond,
    family_look,
    high_look,
    low_look,
    threshold,
)
from kamplay.method.results import Findings

# Benjamini & Hochberg (1995), p. 295: 15 p-values, of which four are told at 5 %
BENJAMINI_HOCHBERG = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def test_the_published_example_is_told_as_published():
    assert beyond_chance(BENJAMINI_HOCHBERG, 0.05).sum() == 4
    assert threshold(BENJAMINI_HOCHBERG, 0.05) == pytest.approx(0.05 * 4 / 15)


def test_what_all_steps_spend_is_the_false_share_of_a_run():
    assert sum(SPENT.values()) == pytest.approx(1.0)
    assert FALSE_SHARE == 0.1


def test_a_family_is_more_than_chance_where_one_of_it_is():
    p = [0.001, 0.5, 0.9]
    assert family_look(p).p_value == pytest.approx(0.003)
    assert bool(beyond_chance(p, 0.0031).any())
    assert not beyond_chance(p, 0.0029).any()


def test_tails_are_those_of_the_curve_the_draws_come_from():
    draws = np.random.default_rng(1).normal(5, 2, 100_000)
    assert low_look(5 - 2 * 2, draws).p_value == pytest.approx(norm.cdf(-2), rel=0.05)
    assert high_look(5 + 2 * 4, draws).p_value == pytest.approx(norm.sf(4), rel=0.3)
    low, high = low_look(0.0, draws).range(0.025)
    assert (low, high) == pytest.approx((5 - 1.96 * 2, 5 + 1.96 * 2), abs=0.05)


def told(*p_values):
    findings = Findings("value")
    for place, p in enumerate(p_values):
        findings.add(f"k{place}", "act", "do", ["a"], look=Look(p, 0.84, 0.02), stake=1.0, grr=0.8)
    return findings.settled()


def test_within_chance_a_finding_is_a_note_without_anything_to_do():
    first, second = told(0.0001, 0.4)
    assert (first.severity, first.action, first.reference) == ("act", "do", "outside")
    assert (second.severity, second.action, second.reference) == ("note", None, "within")
    assert "stake" in first.figures
    assert "stake" not in second.figures
    # what is told lies outside the range beside it, what is not inside
    assert second.figures["chance_low"] == first.figures["chance_low"]


def test_many_looks_take_more_than_one_does():
    p = FALSE_SHARE * SPENT["value"] * 0.9
    assert told(p)[0].reference == "outside"
    assert {f.reference for f in told(p, *[0.5] * 9)} == {"within"}


def test_a_look_counts_that_led_to_nothing_and_two_findings_of_one_look_count_once():
    findings = Findings("value")
    look = Look(FALSE_SHARE * SPENT["value"] * 0.9)
    findings.add("a", "act", look=look)
    findings.add("b", "watch", look=look, only_outside=True)
    assert [f.reference for f in findings.settled()] == ["outside", "outside"]
    findings.looked(Look(1.0))
    assert [f.kind for f in findings.settled()] == ["a"]


@pytest.mark.parametrize("skewed", [False, True])
def test_what_lies_beyond_a_limit_is_that_of_the_curve(skewed):
    rng = np.random.default_rng(7)
    draws = rng.gamma(4, 22, 400_000) if skewed else rng.normal(88, 44, 400_000)
    assert expected_beyond(150, draws) == pytest.approx(np.maximum(draws - 150, 0).mean(), rel=0.03)
