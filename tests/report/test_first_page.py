"""The first page and the decisions: short, without specialists' statistics, and nothing asked twice."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from words import ACTIONS, BRIEF, BRIEF_ACTIONS, HEADLINES, TOPICS

from kamplay.engagement import Settings
from kamplay.method.results import Finding, StepResult
from kamplay.report import page, run
from kamplay.report.first_page import MOST, MOST_TO_WATCH, first_page
from kamplay.run_folder import issued
from kamplay.show.findings import FIRST_SCREEN, LONGEST, decisions, shortened
from kamplay.show.findings import MOST as MOST_DECISIONS
from kamplay.show.locale import Locale
from kamplay.show.registry import specs
from kamplay.show.view import View, using

EN, ZH = Locale("en", "EUR"), Locale("zh", "CNY")
FIGURES = {
    "value": {
        "revenue": 1000.0,
        "accounts": 9,
        "accounts_for_80": 4,
        "top20_share": 0.6,
        "top1_share": 0.3,
        "top5_share": 0.8,
        "grr": 0.9,
        "nrr": 1.0,
    },
    "health": {"verdict": "too_few", "horizon_days": 180},
    "plan": {"accounts_planned": 9},
}
NO_RED = Finding("health", "no_red", "note", {"red": 0, "active": 9})


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_short_sentence_says_no_figure_that_the_long_one_does_not():
    words = {"names", "three", "first", "second", "degree", "first_brought"}
    for kind, text in BRIEF.items():
        assert kind in HEADLINES, kind
        known = names_in(HEADLINES[kind]) | words
        if kind != "win_back_list":
            assert names_in(text) <= known, kind


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_statistics_for_specialists_and_short_enough(language):
    locale = Locale(language, "EUR")
    assert set(BRIEF_ACTIONS) <= set(ACTIONS)
    for text in [*BRIEF.values(), *BRIEF_ACTIONS.values()]:
        said = locale.text(text)
        assert not re.search(r"Gini|Kendall|Fleiss|kappa|AUC|CRITIC|interval|基尼|肯德尔|卡帕|区间\d", said)
        assert len(re.sub(r"\{[^}]*\}", "12345", said)) <= LONGEST[language]


def test_a_long_sentence_is_cut_at_its_end_and_never_within_a_word():
    long = (
        "Revenue fell at many accounts of the region. "
        + "And so on, and so on, word after word after word. " * 4
    )
    assert shortened(long, EN) == "Revenue fell at many accounts of the region."
    assert shortened("收入下降。" + "其余从略，" * 20, ZH) == "收入下降。"
    assert shortened("Short.", EN) == "Short."


def test_the_first_page_holds_what_one_page_can():
    found = [NO_RED] + [
        Finding(
            "plan",
            "over_capacity",
            "act",
            {
                "needed": 2,
                "capacity": 1,
                "missing": 3,
                "accounts": 1,
                "levels": ["S", "A"],
                "shares": [1.0, 0.5],
                "given_up": None,
                "in_margin": True,
            },
        )
    ] * 20
    found += [Finding("plan", "visits_unknown", "watch", {}, (), "ask_for_visits")] * 20
    found += [
        Finding("health", "proof_weak", "act", {"n_test": 5, "auc": 0.5, "auc_low": 0.4, "auc_high": 0.6})
    ]
    said = first_page(FIGURES, found, View(EN, {}))
    assert (len(said.points), len(said.watch)) == (MOST, MOST_TO_WATCH) == (8, 4)
    assert not any("AUC" in point.text for point in said.points)


def test_the_target_speaks_for_the_forecast():
    target = Finding("value", "target_short", "act", {"gap": 10.0, "target": 100.0, "cover": 0.9})
    forecast = Finding(
        "value", "future_expected_untested", "watch", {"expected": 90.0, "low": 80.0, "high": 99.0}
    )
    assert forecast.kind in specs()["target_short"].replaces
    alone = first_page(FIGURES, [NO_RED, forecast], View(EN, {}))
    both = first_page(FIGURES, [NO_RED, forecast, target], View(EN, {}))
    assert [p.text for p in alone.points] == [
        "Today's accounts should bring €90 in the next 12 months (€80 to €99); this could not be tested yet."
    ]
    assert [p.text for p in both.points] == ["€10 of the target of €100 is missing; the outlook covers 90%."]


@dataclass(frozen=True)
class Tiered(StepResult):
    step = "tiers"


def result_of(*found: Finding) -> Tiered:
    return Tiered({}, found, pd.DataFrame())


def test_decisions_are_few_and_none_repeats_the_first_screen():
    key = Finding(
        "tiers", "key_accounts", "act", {"key": 1, "accounts": 9, "share": 0.5}, ("a",), "confirm_key"
    )
    gates = [
        Finding("tiers", "gate_skinner", "act", {"count": 1}, (name,), "review_skinner")
        for name in "bcdefghi"
    ]
    with using(View(EN, {"b": "Beta & Sons"})):
        shown = decisions(result_of(key, *gates))
        assert len(shown.text.splitlines()) == MOST_DECISIONS == 5
        assert "confirm the list" not in shown.text and "Beta &amp; Sons" in shown.html
        assert "why" not in shown.html  # the account is named in what is to be done
        assert decisions(result_of(key)).text == "Nothing further is left to decide here."
        assert decisions(result_of()).text == "Nothing is left to decide here."
    assert all(topic in TOPICS for topics in FIRST_SCREEN.values() for topic in topics)


def test_a_decision_names_its_accounts_where_the_sentence_does_not():
    found = Finding(
        "tiers", "overrides_unusable", "watch", {"count": 25}, ("Xu", "Yi", "Zhu", "Wen"), "settle_borderline"
    )
    with using(View(EN, {})):
        assert decisions(result_of(found)).text.endswith("(Xu, Yi, Zhu and 22 more)")


def test_the_cover_says_when_and_by_whom(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01 00:00 UTC
    assert run.issue_date() == "2026-01-01"
    day = pd.Timestamp("2025-12-31")
    assert (
        page._imprint("Li & Partner", date(2026, 1, 1), day, EN)
        == "Prepared by Li & Partner · Issued 1 Jan 2026"
    )
    assert page._imprint(None, date(2026, 1, 1), day, ZH) == "出具日期：2026年1月1日"
    assert page._imprint(None, issued(tmp_path), day, EN) == ""  # a run made before there was a date
    late = "Issued 20 May 2026 · figures as of 31 Dec 2025, due dates from the day of issue"
    assert page._imprint(None, date(2026, 5, 20), day, EN) == late
    assert Settings.model_validate({"client": "A", "prepared_by": "Li"}).prepared_by == "Li"
