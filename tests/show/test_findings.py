"""Findings and decisions in words: short, without specialists' statistics, and nothing asked twice."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

import pandas as pd
import pytest
from words import ACTIONS, BRIEF, BRIEF_ACTIONS, HEADLINES, TOPICS

from kamplay.method.results import Finding, StepResult
from kamplay.show.findings import (
    FIRST_SCREEN,
    LONGEST,
    accounts_of,
    decisions,
    fields_of,
    named_or_more,
    shortened,
)
from kamplay.show.findings import MOST as MOST_DECISIONS
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

EN, ZH = Locale("en", "EUR"), Locale("zh", "CNY")


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_short_sentence_says_no_figure_that_the_long_one_does_not():
    words = {"names", "three", "first", "second", "degree", "first_brought"}
    # their sentences count in words of their own
    counting = {
        "actions_people",
        "win_back_list",
        "since_overdue",
        "contracts_notice_missed",
        "contracts_notice_near",
    }
    counting |= {"watch_campaign", "watch_campaign_score", "watch_key", "watch_list", "proof_other_season"}
    for kind, text in BRIEF.items():
        assert kind in HEADLINES, kind
        known = names_in(HEADLINES[kind]) | words
        if kind not in counting:
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


@pytest.mark.parametrize(("kind", "accounts"), [("calendar_unplaced", 30), ("rel_map", 80)])
def test_accounts_that_are_not_named_are_counted_as_accounts(kind, accounts):
    """Of 80 visits to 30 accounts 20 stand in the finding: three are named, and 27 more, not 77."""
    figures, named = {"count": 80, "accounts": 30}, tuple(f"A{n}" for n in range(20))
    finding = Finding("plan", kind, "watch", figures, named)
    assert accounts_of(finding) == accounts
    if kind == "calendar_unplaced":
        assert fields_of(finding, EN, {})["names"] == "A0, A1, A2 and 27 more"


def test_a_list_of_accounts_tells_how_many_more_there_are(medtech_steps, retail_steps):
    """Of every finding on more accounts than it names, in the sentence and in the cell of the workbook."""
    more = re.compile(r"(?:及另外([\d,]+)家| and ([\d,]+) more)")
    for steps in (medtech_steps, retail_steps):
        found = {f.kind: f for result in steps[:4] for f in result.findings}
        units, moves = steps.tiers.rated, steps.value.retention.moves
        true = {
            "key_accounts": int((units["level"].isin(["S", "A"]) & (units["revenue"] > 0)).sum()),
            "to_settle": int(((units["open"].map(len) > 0) & (units["revenue"] > 0)).sum()),
            "concentration": steps.value.key_figures["accounts_for_80"],
            "movement": int(moves["move"].isin(["contracted", "lost"]).sum()),
        }
        for kind, count in true.items():
            assert found[kind].about == count > len(found[kind].accounts), kind
        for finding in found.values():
            assert finding.about == len(finding.accounts) or len(finding.accounts) == 20 < finding.about
            for locale in (EN, ZH):
                cell = locale.accounts(list(finding.accounts), most=4, total=named_or_more(finding))
                fields = fields_of(finding, locale, {})
                for text, shown in ((cell, 4), (fields["names"], 3)):
                    rest = more.search(text)
                    left = int((rest[1] or rest[2]).replace(",", "")) if rest else 0
                    assert left == max(finding.about - shown, 0), (finding.kind, text)


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
