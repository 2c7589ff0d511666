"""A preset in prose: complete, in one language, wrapped to the terminal."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from kamplay import presets
from kamplay.cli import app
from kamplay.show.locale import Locale
from kamplay.show.texts.preset_texts import explained
from kamplay.show.texts.vocabulary import measure_label
from kamplay.show.wrap import wrapped

CARDS = {name: presets.load_scorecard(name, Path()) for name in presets.names("scorecard")}
NAMES = [*CARDS, *presets.names("strategy")]


def said(*arguments: str, columns: int = 100) -> str:
    result = CliRunner().invoke(app, ["presets", *arguments], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0, result.output
    return result.output


def experts_keys(card):
    own = {key for key, c in card.leaves().items() if c.measure == "rating"}
    named = [s.measure for s in card.specials.values()] + [
        m for r in (*card.gates.values(), *card.safeguards.values()) for m in r.when
    ]
    return own | {m.partition(".")[2] for m in named if m.startswith("rating.")}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_explained(name, language):
    text = said(name, "--language", language)
    assert not re.search(r"[{}]|\bNone\b|\bnan\b|\x1b", text)
    preset = CARDS[name] if name in CARDS else presets.load_strategy(name, Path())
    flat = re.sub(r"\s", "", text)
    assert re.sub(r"\s", "", preset.title.get(language)) in flat
    assert re.sub(r"\s", "", preset.source.get(language)) in flat
    if name in CARDS:
        card = CARDS[name]
        for part in (
            *card.leaves().values(),
            *card.specials.values(),
            *card.tiers,
            *card.gates.values(),
            *card.safeguards.values(),
        ):
            assert re.sub(r"\s", "", part.get(language)).lower() in flat.lower()
        for leaf in card.leaves().values():
            if leaf.measure != "rating":
                assert re.sub(r"\s", "", measure_label(leaf.measure, Locale(language, "CNY"))) in flat
    else:
        for plan in preset.levels.values():
            assert re.sub(r"\s", "", plan.mechanism.get(language)) in flat


@pytest.mark.parametrize("name", NAMES)
def test_no_english_word_in_the_chinese_prose(name):
    text = said(name, "--language", "zh", columns=500).replace(f"kamplay presets {name} --yaml > my_", "")
    keys = {name, "scorecard", "strategy", "yaml"} | (experts_keys(CARDS[name]) if name in CARDS else set())
    proper = {
        "S",
        "A",
        "B",
        "C",
        "D",
        "AA",
        "AAA",
        "B2B",
        "KAM",
        "VIP",
        "CRITIC",
        "DELTA",
        "RACI",
        "R",
        "I",
        "AR",
    }
    assert set(re.findall(r"[A-Za-z]\w*", re.sub(r"[一-鿿]", " ", text))) <= keys | proper


@pytest.mark.parametrize("name", NAMES)
def test_no_chinese_in_the_english_prose(name):
    assert not re.search(r"[一-鿿，。；：（）]", said(name, "--language", "en"))


def test_prose_says_what_the_card_says():
    text = " ".join(said("four_dimensions", "--language", "en").split())
    assert "Value contribution, 50% of the whole. Measured: revenue of the last 12 months." in text
    assert "Points: 0 gives 0, 4 gives 40, 8 gives 70, 12 or more gives 100, linearly between." in text
    assert "Where a criterion is unknown, its weight goes to the others." in text
    assert (
        "held at level C at most where concessions eat more than 80% of "
        "the usual margin and the account brings at least 1% of all "
        "revenue."
    ) in text
    assert (
        "kept at level B at least where our share of its purchases is less "
        "than 10% and its own yearly revenue is at least 1 billion."
    ) in text
    assert "One that buys for more than 5 million a year is assessed within 30 days; above 10 million" in text
    assert "in units of 10 thousand. Points: from 0: 0; from 1: 20;" in " ".join(
        said("distributor_100", "--language", "en").split()
    )
    deep = " ".join(said("enterprise_rating", "--language", "en").split())
    assert "Registered capital, 14% of the whole." in deep  # 0.2 · 0.7
    assert "from −100%: 0; from 0% to 5%: 20 to 60, linearly;" in deep
    assert "B: −5;" in deep
    strategy = " ".join(said("by_tier", "--language", "en").split())
    assert "Proactive service: 3 a quarter. Visits: 2 a month by the branch, 2 by head office." in strategy


def test_prose_of_every_cut(tmp_path):
    """A quota, places, natural breaks and judgements are told too, in both languages."""
    tiers = [{"key": k, "level": v, "zh": k, "en": k} for k, v in (("top", "S"), ("mid", "A"), ("rest", "C"))]
    first = {"quota": {"share": "0.05"}, "capacity": {"places": "12"}, "natural": {}}
    for cut, told in (
        ("quota", "the best 5% of the accounts"),
        ("capacity", "the best 12 accounts"),
        ("natural", "above the break below it"),
    ):
        parts = {"cut": cut, "tiers": [{**t, **(first[cut] if n < 2 else {})} for n, t in enumerate(tiers)]}
        card = presets.load_scorecard({"base": "four_dimensions", **parts}, tmp_path)
        assert any(told in line.text for line in explained(card, "x", Locale("en", "CNY")))
        assert not any("{" in line.text for line in explained(card, "x", Locale("zh", "CNY")))


def test_the_list_names_every_preset():
    for language in ("zh", "en"):
        text = said("--language", language)
        assert all(re.search(rf"^- {name}\b", text, re.MULTILINE) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_yaml_is_the_file_itself_and_loads(name, tmp_path):
    kind = "scorecard" if name in CARDS else "strategy"
    (tmp_path / "mine.yaml").write_text(said(name, "--yaml"), encoding="utf-8")
    load = presets.load_scorecard if kind == "scorecard" else presets.load_strategy
    assert load("mine.yaml", tmp_path) == load(name, tmp_path)


@pytest.mark.parametrize("arguments", [["four_dimension"], ["--language", "fr"]])
def test_wrong_arguments_are_told(arguments):
    result = CliRunner().invoke(app, ["presets", *arguments])
    assert result.exit_code == 2
    assert "four_dimensions" in result.output or "zh, en" in result.output


@pytest.mark.parametrize("width", [20, 43, 80])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_wrapping_loses_nothing_and_keeps_the_width(width, language):
    text = CARDS["dynamic"].source.get(language)
    rows = wrapped(text, width)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(row) <= width for row in rows)
    assert not any(row[0] in "，。；：、）” " for row in rows)
