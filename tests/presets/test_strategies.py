"""The shipped strategy: every figure of its sources is read back from it; what does not fit is refused."""

from pathlib import Path

import pytest

from kamplay import presets
from kamplay.errors import KamplayError
from kamplay.presets.strategy import Strategy

PLAN = presets.load_strategy("by_tier", Path())
LEVELS = "SABC"
TASK = {"zh": "x", "en": "x"}
RULE = TASK | {"rule": "all", "strategy": "operate", "source": TASK}


def by_level(read) -> dict[str, object]:
    return {level: read(PLAN.levels[level]) for level in LEVELS}


# --- what the sources state


def test_customisation_discount_and_proactive_service_by_tier():
    """F: S responds actively, A offers, B limited, C none; discounts S first, A second, B third, C none;
    service 3 a quarter, 2 a quarter, 1 in two quarters, none.
    """
    assert by_level(lambda p: p.customisation.en) == {
        "S": "responds actively",
        "A": "offered",
        "B": "limited",
        "C": "not offered",
    }
    assert by_level(lambda p: p.discount.priority) == {"S": 1, "A": 2, "B": 3, "C": None}
    assert by_level(lambda p: p.discount.en) == {
        "S": "first",
        "A": "second",
        "B": "third",
        "C": "not offered",
    }
    assert by_level(lambda p: p.proactive_service_per_quarter) == {"S": 3, "A": 2, "B": 0.5, "C": 0}


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("S", ["Strengthen", "individual service", "VIP system", "dedicated team"]),
        ("A", ["offers and care", "relationship system", "files", "regular contact"]),
        ("B", ["Build the relation", "stimulate purchases", "retention and recovery mechanism"]),
    ],
)
def test_strategy_and_mechanism_by_tier(level, said):
    text = f"{PLAN.levels[level].title.en}: {PLAN.levels[level].mechanism.en}"
    assert all(part in text for part in said)


def test_the_lost_row():
    assert PLAN.lost.care.en == "recover actively, learn why, restore trust"
    assert [step.en for step in PLAN.lost.steps] == ["Recover actively", "Learn why", "Restore trust"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("invest", ["dedicated team", "tailored solutions", "mine opportunities"]),
        ("maintain", ["all-stage service"]),
        ("promote", ["win share", "standard end-to-end selling"]),
        ("operate", ["hold share", "portfolio", "lifetime value"]),
    ],
)
def test_strategies_by_type(kind, said):
    assert all(part in PLAN.types[kind].care.en for part in said)


def test_visit_norms():
    """T: core 2/2, senior 2/1, middle 1/1, general 1/0.5, a month, branch / head office."""
    assert by_level(lambda p: (p.visits.branch, p.visits.head_office)) == {
        "S": (2, 2),
        "A": (2, 1),
        "B": (1, 1),
        "C": (1, 0.5),
    }


def test_levels_of_care_and_points():
    """G: a team of its own of, say, 5; tiered incentives and quarterly appreciation; standard automated
    care; at least one joint review a quarter; points redeemed for training and travel support.
    """
    care = PLAN.care
    assert (care["strategic"].team_size, care["strategic"].care.en) == (5, "a team of its own")
    assert (care["core"].care.en, care["core"].appreciation_per_quarter) == ("tiered incentives", 1)
    assert (care["growth"].care.en, care["growth"].automated) == ("standard automated care", True)
    assert {key: c.joint_reviews_per_quarter for key, c in care.items()} == {
        "strategic": 1,
        "core": 1,
        "growth": 0,
    }
    assert by_level(lambda p: p.care) == {"S": "strategic", "A": "core", "B": "growth", "C": "growth"}
    redeemed = " ".join(one.en for one in PLAN.loyalty.redeemed)
    assert "training" in redeemed and "travel support" in redeemed
    assert all(one.points > 0 for one in PLAN.loyalty.earned)


def test_complaints_and_scarce_stock_in_the_order_of_tiers():
    """P: in order of tier, each tier with its own time; scarce stock goes to the higher tier first."""
    assert by_level(lambda p: p.scarce_stock) == {"S": 1, "A": 2, "B": 3, "C": 4}
    for read in (lambda p: p.complaint.reply_hours, lambda p: p.complaint.resolve_days):
        times = list(by_level(read).values())
        assert times == sorted(set(times))
    assert by_level(lambda p: (p.complaint.reply_hours, p.complaint.resolve_days)) == {
        "S": (4, 3),
        "A": (8, 5),
        "B": (24, 10),
        "C": (48, 15),
    }


def test_the_team_and_who_does_what():
    """A: account lead, solution lead and delivery lead with one set of measures."""
    assert [role.en for role in PLAN.team.roles.values()] == [
        "account lead",
        "solution lead",
        "delivery lead",
    ]
    assert list(PLAN.team.others) == ["head_office", "finance", "service"]
    assert all(role.task.zh and role.task.en for role in PLAN.team.every().values())
    assert "DELTA" in PLAN.team.source.en and len(PLAN.team.measures) >= 3
    for task in PLAN.team.raci:
        assert sum("A" in duty for duty in task.duties.values()) == 1


def test_three_gates_each_with_its_six_parts():
    """A: lead → opportunity → contract: role, task, input, output, review and decision at each gate."""
    assert list(PLAN.gates) == ["lead", "opportunity", "contract"]
    for gate in PLAN.gates.values():
        assert gate.led_by and set(gate.led_by) <= set(PLAN.team.every())
        for part in ("task", "input", "output", "review", "decision"):
            assert getattr(gate, part).zh and getattr(gate, part).en


def test_escalation_ends_where_the_promise_to_settle_ends():
    steps = PLAN.escalation.steps
    for level in LEVELS:
        hours = [step.hours[level] for step in steps if level in step.hours]
        assert len(hours) >= 2 and hours == sorted(set(hours))
        assert hours[0] > PLAN.levels[level].complaint.reply_hours
        assert hours[-1] == 24 * PLAN.levels[level].complaint.resolve_days
    for step in steps:  # a higher level never waits longer
        assert [step.hours[lv] for lv in LEVELS if lv in step.hours] == sorted(step.hours.values())


def test_a_manager_of_its_own_above_ten_million():
    """G: above 10 m a year a dedicated service manager; the same limit as at the intake of scorecards."""
    assert PLAN.dedicated.above == 10_000_000
    card = presets.load_scorecard("four_dimensions", Path())
    assert card.intake.dedicated_above == PLAN.dedicated.above


def sources(part, path="") -> dict[str, dict]:
    """Every mapping below ``part`` that carries a source, by its path."""
    found = {}
    if isinstance(part, dict):
        if "source" in part:
            found[path] = part["source"]
        for key, value in part.items():
            found |= sources(value, f"{path}.{key}")
    elif isinstance(part, list):
        for place, value in enumerate(part):
            found |= sources(value, f"{path}.{place}")
    return found


def test_each_level_and_rule_has_its_source():
    found = sources(PLAN.model_dump())
    expected = {f".levels.{level}{part}" for level in LEVELS for part in ("", ".complaint", ".visits")}
    expected |= {f".types.{kind}" for kind in PLAN.types} | {f".care.{care}" for care in PLAN.care}
    expected |= {f".gates.{gate}" for gate in PLAN.gates} | {f".strategies.{k}" for k in PLAN.strategies}
    expected |= {f".choice.{n}" for n in range(len(PLAN.choice))}
    expected |= {".lost", ".loyalty", ".team", ".escalation", ".dedicated", ".response", ".untiered"}
    assert expected <= set(found)
    assert all(source["zh"] and source["en"] for source in found.values())


# --- what does not fit


@pytest.mark.parametrize(
    ("parts", "code", "column"),
    [
        ({"team": {"raci": [TASK | {"duties": {"account": "R"}}]}}, "raci_one_answers", "raci.0.duties"),
        (
            {"team": {"raci": [TASK | {"duties": {"account": "AR", "delivery": "A"}}]}},
            "raci_one_answers",
            "raci.0.duties",
        ),
        ({"team": {"raci": [TASK | {"duties": {"acount": "AR"}}]}}, "role_unknown", "raci.0.duties.acount"),
        (
            {"escalation": {"steps": [TASK | {"hours": {"S": "9"}}, TASK | {"hours": {"S": "9"}}]}},
            "escalation_not_rising",
            "escalation.steps",
        ),
        ({"care": {"core": None}}, "parts_missing", "care"),
        ({"levels": {"C": None}}, "parts_missing", "levels"),
        ({"gates": {"lead": None}}, "parts_missing", "gates"),
        ({"choice": [RULE | {"strategy": "recove"}]}, "strategy_unknown", "choice.0.strategy"),
        ({"choice": [RULE | {"when": {"gone": "yes"}}]}, "choice_leaves_open", "choice"),
        ({"choice": [RULE | {"when": {"gon": "yes"}}]}, "setting_unknown", "choice.0.when.gon"),
    ],
)
def test_what_does_not_fit_is_refused(parts, code, column):
    with pytest.raises(KamplayError) as raised:
        presets.load_strategy({"base": "by_tier", **parts}, Path())
    fault = raised.value.faults[0]
    assert fault.code == code and fault.column.endswith(column)


def test_a_rule_of_ones_own_may_give_a_strategy_of_ones_own():
    words = {"zh": "x", "en": "x"}
    kept = [rule.model_dump(mode="json", exclude_none=True) for rule in PLAN.choice]
    own = words | {"rule": "mine", "strategy": "partner", "when": {"care": ["strategic"]}, "source": words}
    parts = {"strategies": {"partner": words | {"care": words, "source": words}}, "choice": [own, *kept]}
    found = presets.load_strategy({"base": "by_tier", **parts}, Path())
    assert isinstance(found, Strategy) and "partner" in found.described()
    assert found.choice[0].when.care == ["strategic"]
