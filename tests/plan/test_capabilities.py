"""The firm's own capabilities: every figure by hand; words mapped or taken as they are; the planted truths of
the sample; and what is said where there is little to go by.
"""

import json
from pathlib import Path

import pandas as pd
import pytest
from conftest import MEDTECH, book_of, lines_of

from kamplay import presets
from kamplay.errors import KamplayError
from kamplay.method.plan.capabilities import OWN, Capabilities, add_findings, capabilities
from kamplay.method.results import Findings
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.plan.capabilities import VERDICTS
from kamplay.show.registry import charts, tables
from kamplay.show.view import View, using

FRAMES = presets.load_capabilities("kam_capabilities", Path())
DUE = {"soon": "2026-02-02", "routine": "2026-04-01"}


def rows(*given: tuple) -> pd.DataFrame:
    return pd.DataFrame(given, columns=["capability", "item", "score", "target", "rater"])


BY_HAND = rows(
    ("客户规划", "plan", 2.0, 4.0, "a"),
    ("客户规划", "map", 3.0, 4.0, "a"),
    ("客户规划", "plan", 3.0, 4.0, "b"),
    ("客户规划", "plan", 2.0, 4.0, "c"),
    ("客户规划", "map", 2.0, 4.0, "c"),
    ("Sales Execution", None, 4.0, 3.5, "a"),
    ("Sales Execution", None, 4.0, 3.5, "b"),
    ("Sales Execution", None, 4.0, 3.5, "c"),
    ("delivery", None, 1.0, 4.0, "a"),
    ("delivery", None, 4.0, 4.0, "b"),
    ("delivery", None, 2.5, 4.0, "c"),
    ("五项能力", "大客户组织", 1.0, 4.0, "a"),
    ("五项能力", "大客户组织", 1.5, 4.5, "b"),
    ("五项能力", "大客户组织", 1.0, 4.0, "c"),
)


def found_in(table: pd.DataFrame, frames=FRAMES) -> Capabilities:
    return capabilities(book_of(lines_of(("x", "2026-01-01", 1.0)), maturity=table), frames)


def told(result: Capabilities) -> Findings:
    found = Findings("plan")
    add_findings(found, result, DUE)
    return found


def test_scores_targets_gaps_and_raters_by_hand():
    """Planning: a (2 + 3)/2, b 3 (one item), c 2 → 2.5. Organisation: (1 + 1.5 + 1)/3 of (4 + 4.5 + 4)/3."""
    rated = found_in(BY_HAND).rated.set_index("capability")
    assert list(rated.index) == ["organisation", "planning", "delivery", "sales"]  # widest gap first
    assert set(rated["frame"]) == {"capabilities"} and set(rated["raters"]) == {3}
    expected = {
        "planning": (2.5, 4.0, 1.5, 2.0, 3.0, 1.0, "move"),
        "sales": (4.0, 3.5, -0.5, 4.0, 4.0, 0.0, "reached"),
        "delivery": (2.5, 4.0, 1.5, 1.0, 4.0, 3.0, "talk"),
        "organisation": (3.5 / 3, 12.5 / 3, 3.0, 1.0, 1.5, 0.5, "move"),
    }
    for key, (*figures, verdict) in expected.items():
        row = rated.loc[key]
        assert list(row[["score", "target", "gap", "low", "high", "apart"]]) == pytest.approx(figures)
        assert row["verdict"] == verdict


def test_agreement_as_in_step_1_by_hand():
    """Ranks of planning, sales, delivery, organisation: a 2, 1, 3.5, 3.5; b 3, 1.5, 1.5, 4; c 3, 1, 2, 4;
    sums 8, 3.5, 7, 11.5; S = 32.5; W = 12·32.5 / (9·60 − 3·12) = 390/504.
    """
    (frame,) = found_in(BY_HAND).frames.to_dict("records")
    assert frame["w"] == pytest.approx(390 / 504)
    assert (frame["raters"], frame["rated"], frame["of"]) == (3, 4, 5)


def test_moves_by_gap_and_by_gap_times_importance():
    assert list(found_in(BY_HAND).moves["capability"]) == ["organisation", "planning"]
    parts = {"frames": {"capabilities": {"items": {"planning": {"importance": 3}}}}}
    weighted = presets.load_capabilities({"base": "kam_capabilities", **parts}, Path())
    result = found_in(BY_HAND, weighted)
    assert list(result.moves["capability"]) == ["planning", "organisation"]  # 3 × 1.5 before 1 × 3
    assert result.figures["weighted"]
    kinds = {f.kind: f for f in told(result)}
    assert kinds["capability_moves"].figures["en"] == ["Account planning and relations", "KAM organisation"]
    assert kinds["capability_moves"].figures["due"] == "2026-04-01"
    talk = kinds["capability_talk"].figures
    assert (talk["en"], talk["low"], talk["high"], talk["apart"]) == (
        ["Delivery and closed-loop response"],
        1.0,
        4.0,
        3.0,
    )


def test_at_most_three_moves_and_none_where_the_gap_is_as_wide_as_the_raters_are_apart():
    names, scores = ("战略", "资源", "协同", "人才"), (("a", 1.0), ("b", 2.0))
    many = found_in(rows(*[(name, None, score, 4.0, who) for name in names for who, score in scores]))
    assert set(many.rated["verdict"]) == {"move"} and len(many.moves) == 3
    same = found_in(rows(("战略", None, 2.5, 4.0, "a"), ("战略", None, 3.5, 4.0, "b")))
    assert list(same.rated["verdict"]) == ["talk"]  # 4 − 3 = 1 is no wider than the raters are apart
    # the targets may be what they differ on
    apart = found_in(rows(("战略", None, 2.0, 3.0, "a"), ("战略", None, 2.0, 5.0, "b"))).rated
    assert list(apart[["gap", "apart", "verdict"]].iloc[0]) == [2.0, 2.0, "talk"]


def test_words_of_no_frame_are_taken_as_they_are_and_told():
    own = [("渠道<b>", None, 1.0, 4.0, "a"), ("渠道<b>", None, 1.5, 4.0, "b")]
    result = found_in(rows(*own, (" ＳＡＬＥＳ  execution", None, 3.0, 4.0, "a")))
    assert result.own_words == ("渠道<b>",)
    by_word = result.rated.set_index("capability")["frame"]
    assert by_word.to_dict() == {"sales": "capabilities", "渠道<b>": OWN}
    (finding,) = [f for f in told(result) if f.kind == "capability_words"]
    assert headline(finding, Locale("en", "CNY"), {}).endswith("taken in the client's own words: 渠道<b>.")


def test_one_rater_no_target_nothing():
    scored = [("战略", None, 2.0, 4.0, None), ("资源", None, 2.0, None, None), ("人才", None, 3.8, 4.0, None)]
    result = found_in(rows(*scored))
    assert result.rated.set_index("capability")["verdict"].to_dict() == {
        "strategy": "one_rater",
        "talent": "nearly",
        "resources": "no_target",
    }
    assert result.moves.empty and result.figures["raters"] == 0 and result.frames["w"].isna().all()
    assert {f.kind for f in told(result)} == {"capability_one_rater", "capability_no_target"}
    bare = capabilities(book_of(lines_of(("x", "2026-01-01", 1.0))), FRAMES)
    assert [f.kind for f in told(bare)] == ["capabilities_unknown"]


def test_careers_against_what_they_take():
    """Expert: industry 3 of 5, solution skill 4 of 5: 3.5 of 5."""
    table = rows(("行业知识", None, 3, 4, "a"), ("方案能力", None, 4, 4, "a"))
    (path,) = found_in(table).paths.to_dict("records")
    assert path["capability"] == "expert" and (path["rated"], path["of"]) == (2, 4)
    assert (path["score"], path["needed"], path["gap"], path["furthest"]) == (3.5, 5.0, 1.5, "industry")


def test_the_planted_truths_of_the_sample(medtech_steps):
    key = json.loads((MEDTECH / "answer_key.json").read_text(encoding="utf-8"))["capabilities"]
    result = medtech_steps.plan.capabilities
    first, talk = result.moves.iloc[0], result.rated.set_index("capability").loc["delivery"]
    assert first["capability"] == "organisation"
    gap = key["widest_gap"]
    assert (first["score"], first["target"]) == pytest.approx((gap["score"], gap["target"]), abs=1e-3)
    assert talk["verdict"] == "talk"
    ends = key["disputed"]["lowest_rater"], key["disputed"]["highest_rater"]
    assert (talk["low"], talk["high"]) == pytest.approx(ends, abs=1e-3)
    assert result.own_words == (key["own_word"],) and result.figures["raters"] == key["raters"]
    assert len(result.moves) == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_shown_and_escaped(medtech_steps, language):
    plan = medtech_steps.plan
    with using(View(Locale(language, "CNY"))):
        chart, table = charts.capabilities(plan), tables.capabilities(plan)
        assert chart.html.count("<figure") == 3 and len(table.text.splitlines()) == 20
        assert ("1.4 of 4" if language == "en" else "1.4／4") in chart.text
        moves = tables.capability_moves(plan)
        assert len(moves.text.splitlines()) == 4
        claims = tables.guide_claims(plan)
        assert claims.html.startswith("<details><summary>") and "68%" in claims.text
        assert set(VERDICTS) >= set(plan.capabilities.rated["verdict"])


def test_a_preset_that_does_not_fit_is_refused():
    def code(items: dict) -> str:
        parts = {"base": "kam_capabilities", "frames": {"careers": {"items": items}}}
        with pytest.raises(KamplayError) as caught:
            presets.load_capabilities(parts, Path())
        return caught.value.faults[0].code

    assert code({"expert": {"needs": {"industri": 3}}}) == "capability_unknown"
    assert code({"expert": {"needs": {"industry": 6}}}) == "level_outside"
    assert code({"expert": {"aliases": ["谈判"]}}) == "capability_twice"


def test_which_parts_are_the_sources():
    """A: five capabilities; G: five pillars, of eight competencies three named, two careers."""
    named = {key: list(frame.items) for key, frame in FRAMES.frames.items()}
    assert [len(items) for items in named.values()] == [5, 5, 8, 2]
    items = FRAMES.frames["competencies"].items
    of_the_guide = [key for key, one in items.items() if one.source is None]
    assert of_the_guide == ["industry", "solution_skill", "negotiation"]
    assert len(FRAMES.claims.said) == 9
