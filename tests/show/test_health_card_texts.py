"""Health cards: what they may say, what the shipped ones say, and how the engagement names and changes
one."""

from pathlib import Path

import pytest

from kamplay import presets
from kamplay.api import resolve_policies
from kamplay.commands.presets import show_presets
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.method.measures.registry import MEASURES
from kamplay.show.faults import line
from kamplay.show.locale import Locale
from kamplay.show.texts.preset_texts import health_explained
from kamplay.show.texts.vocabulary import DRIVERS, MEASURE_TEXTS

CARDS = {name: presets.load_health(name, Path()) for name in presets.names("health")}
STANDARD = CARDS["standard"]


def card(**parts):
    return presets.load_health({"base": "purchases", **parts}, Path())


def test_the_shipped_cards_and_their_weights():
    assert set(CARDS) == {"standard", "loyalty_100", "purchases"}
    assert {k: d.weight for k, d in CARDS["purchases"].dimensions.items()} == {
        "rhythm": 86,
        "trend": 9,
        "breadth": 5,
    }
    assert [d.weight for d in CARDS["loyalty_100"].dimensions.values()] == [15, 10, 10, 30, 10, 15, 10]
    assert list(STANDARD.dimensions) == [
        "rhythm",
        "value",
        "breadth",
        "share",
        "margin",
        "service",
        "payment",
        "satisfaction",
        "relationship",
        "engagement",
    ]
    for one in CARDS.values():
        for place in (None, *range(len(one.segments))):
            assert sum(one.weights(place).values()) == pytest.approx(1)
        assert sum(d.weight for d in one.dimensions.values()) == pytest.approx(100)
        for segment in one.segments:
            assert sum(segment.weights.get(k, d.weight) for k, d in one.dimensions.items()) == pytest.approx(
                100
            )
        assert one.title.zh and one.source.zh and one.title.en and one.source.en


def test_the_loyalty_card_has_the_scorecards_bands():
    known = presets.load_scorecard("loyalty_100", Path()).leaves()
    for key, indicator in CARDS["loyalty_100"].indicators().items():
        assert (indicator.measure, list(indicator.bands)) == (known[key].measure, list(known[key].bands))


def test_every_measure_can_be_taken_and_told():
    of_health = {name: m for name, m in MEASURES.items() if m.code}
    assert set(of_health) == set(MEASURE_TEXTS)
    assert {m.code for m in of_health.values()} | {"cap", "override"} <= set(DRIVERS)


def test_a_segment_changes_weights_of_dimensions_only():
    dealers = STANDARD.weights(0)
    assert dealers["overdue"] + dealers["oldest"] + dealers["days_late"] == pytest.approx(0.18)
    assert (dealers["stays"], dealers["lateness"]) == (pytest.approx(0.36), 0.0)
    assert dealers["overdue"] / dealers["oldest"] == pytest.approx(
        STANDARD.weights()["overdue"] / STANDARD.weights()["oldest"]
    )


def test_the_digest_changes_with_the_rule_and_not_with_the_words():
    assert card().digest() == CARDS["purchases"].digest()
    assert card(title={"zh": "甲", "en": "A"}, dimensions={"trend": {"zh": "乙"}}).digest() == card().digest()
    assert card(dimensions={"trend": {"weight": 31}}).digest() != card().digest()
    assert card(green=75).digest() != card().digest()


BANDS = [{"from": 0, "points": [0, 100]}, {"from": 1, "points": [100, 100]}]
WRONG = [
    ({"dimensions": {"trend": {"wieght": 3}}}, "setting_unknown"),
    ({"dimensions": {"trend": {"weight": -1}}}, "setting_invalid"),
    (
        {"dimensions": {"rhythm": {"indicators": {"rhythm": {"direction": "higher"}}}}},
        "direction_against_bands",
    ),
    (
        {"dimensions": {"trend": {"indicators": {"trend": {"measure": "half_year_rate"}}}}},
        "health_measure_unknown",
    ),
    ({"dimensions": {"trend": {"indicators": {"trend": {"bands": BANDS[::-1]}}}}}, "bands_not_ascending"),
    (
        {"dimensions": {"trend": {"indicators": {"trend": {"bands": [{"from": 0, "points": [0, 101]}]}}}}},
        "points_outside",
    ),
    ({"dimensions": {"trend": {"indicators": {"trend": {"half_life_days": 0}}}}}, "setting_invalid"),
    (
        {"gates": {"x": {"zh": "x", "en": "x", "cap": 30, "when": {"complaint": {"above": 1}}}}},
        "health_measure_unknown",
    ),
    (
        {"gates": {"x": {"zh": "x", "en": "x", "cap": 30, "when": {"complaints_past_due": {}}}}},
        "limit_without_bound",
    ),
    (
        {"gates": {"x": {"zh": "x", "en": "x", "cap": 100, "when": {"lateness": {"above": 1}}}}},
        "setting_invalid",
    ),
    (
        {"segments": [{"zh": "x", "en": "x", "when": {"nature": ["d"]}, "weights": {"rythm": 3}}]},
        "dimension_unknown",
    ),
    (
        {"segments": [{"zh": "x", "en": "x", "when": {"colour": ["d"]}, "weights": {"rhythm": 3}}]},
        "setting_not_allowed",
    ),
    (
        {
            "segments": [
                {
                    "zh": "x",
                    "en": "x",
                    "when": {"nature": ["d"]},
                    "weights": {"rhythm": 0, "trend": 0, "breadth": 0},
                }
            ]
        },
        "weights_all_zero",
    ),
    ({"green": 40, "yellow": 40}, "yellow_above_green"),
]


@pytest.mark.parametrize(("parts", "code"), WRONG)
def test_what_a_card_may_not_say(parts, code):
    with pytest.raises(KamplayError) as caught:
        card(**parts)
    assert [f.code for f in caught.value.faults] == [code]
    for language in ("zh", "en"):
        assert line(caught.value.faults[0], Locale(language, "CNY"))


def settings(tmp_path, text, *changes):
    (tmp_path / "engagement.yaml").write_text(f"client: A\n{text}", encoding="utf-8")
    return resolve_policies(load(tmp_path, changes))[2]


@pytest.mark.parametrize(
    ("text", "changes", "weight", "rows"),
    [
        ("", (), 36, 10),
        ("health: {card: purchases}\n", (), 86, 3),
        ("health: {card: {base: standard, dimensions: {rhythm: {weight: 30}}}}\n", (), 30, 10),
        ("health: {horizon_days: 90}\n", ("health.card=purchases",), 86, 3),
        ("", ("health.card.dimensions.rhythm.weight=40",), 40, 10),
        ("health: {card: purchases}\n", ("health.card.dimensions.rhythm.weight=40",), 40, 3),
    ],
)
def test_the_engagement_names_or_changes_a_card(tmp_path, text, changes, weight, rows):
    found = settings(tmp_path, text, *changes)
    assert (found.dimensions["rhythm"].weight, len(found.dimensions)) == (weight, rows)


def test_a_file_of_ones_own(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        presets.text("health", "purchases").replace("weight: 86", "weight: 60"), encoding="utf-8"
    )
    assert settings(tmp_path, "health: {card: mine.yaml}\n").dimensions["rhythm"].weight == 60


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("health: {card: standart}\n", "preset_unknown", "health.card"),
        ("health: {card: {dimensions: {}}}\n", "base_missing", "health.card.base"),
        ("health: {card: [standard]}\n", "name_or_parts", "health.card"),
        ("health: {card: {base: standard, gates: {silnt: {cap: 3}}}}\n", "part_unknown", "gates.silnt"),
    ],
)
def test_faults_name_the_setting(tmp_path, text, code, column):
    with pytest.raises(KamplayError) as caught:
        settings(tmp_path, text)
    assert [(f.code, f.column) for f in caught.value.faults] == [(code, column)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_card_is_told_in_prose(language, capsys):
    for name, one in CARDS.items():
        text = "\n".join(part.text for part in health_explained(one, name, Locale(language, "CNY")))
        for words in (*one.dimensions.values(), *one.gates.values(), *one.segments):
            assert words.get(language).casefold() in text.casefold()
        assert "{" not in text
    show_presets(None, language)
    listed = capsys.readouterr().out
    assert "health/loyalty_100" in listed and "standard" in listed
    show_presets("loyalty_100", language)
    plain = capsys.readouterr().out
    show_presets("health/loyalty_100", language)
    assert capsys.readouterr().out != plain
    show_presets("health/loyalty_100", language, as_yaml=True)
    assert capsys.readouterr().out == presets.text("health", "loyalty_100")
