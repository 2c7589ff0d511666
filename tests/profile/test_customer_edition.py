"""What reaches the customer: only what is named."""

import json
from dataclasses import fields, replace

import pandas as pd
import pytest

from kamplay.method.profile.rows import Rows, Table
from kamplay.method.profile.step import Profile
from kamplay.show.profile.account_plan import plan_display
from kamplay.show.profile.customer_edition import ACTIONS, FACTS, GOALS, TABLES, allowed

MARK = "INTERNAL-MARK"


@pytest.fixture(scope="module")
def profile(medtech_profiles) -> Profile:
    """The account with most to hide: red, warned, with a rival, an opponent and overdue bills."""
    return medtech_profiles.of("C0074")


def marked(profile: Profile) -> Profile:
    """A mark in every text of the profile that is not named for the customer, in new columns too."""
    rows = {}
    for part in fields(profile):
        whole = getattr(profile, part.name)
        if not isinstance(whole, Rows):
            continue
        named = TABLES.get(part.name, ())
        frame = pd.DataFrame(list(whole), columns=whole.columns)
        for column in frame.columns:
            if column not in named and frame[column].dtype.kind not in "biufM":
                frame = frame.assign(**{column: MARK})
        rows[part.name] = Table(frame.assign(added_later=MARK)).at(range(len(frame)))
    hidden = dict.fromkeys([*profile.facts, "added_later"], MARK)
    facts = {**hidden, **{name: profile.facts[name] for name in FACTS}}
    return replace(profile, facts=facts, about={**profile.about, "strategy": MARK}, **rows)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_not_named_does_not_reach_it(profile, medtech_view, language):
    with medtech_view(language):
        whole = marked(profile)
        shown = plan_display(whole, "customer")
        assert MARK not in shown.html + shown.text
        assert shown.html == plan_display(profile, "customer").html  # nothing hidden decides what is said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_word_of_ours_about_the_customer(medtech_profiles, medtech_view, language):
    ours = {
        "zh": [
            "等级",
            "毛利",
            "服务成本",
            "流失",
            "概率",
            "支持我方",
            "反对",
            "影响力",
            "份额",
            "竞争对手",
            "健康度",
            "扒皮",
            "预期损失",
        ],
        "en": [
            "tier",
            "margin",
            "cost to serve",
            "chance",
            "supports us",
            "against us",
            "influence",
            "share",
            "rival",
            "health",
            "skinner",
            "expected loss",
            "wallet",
        ],
    }[language]
    with medtech_view(language) as view:
        for unit in medtech_profiles.accounts.index[medtech_profiles.accounts["level"].isin(["S", "A"])]:
            text = plan_display(medtech_profiles.of(unit), "customer").text.lower()
            assert [word for word in ours if word in text] == [], unit
            names = {view.name(other) for other in view.names} - {view.name(unit)}
            assert [name for name in names if name in text and name not in view.name(unit)] == [], unit


def test_allowed_holds_nothing_else(profile):
    kept = allowed(profile)
    assert list(kept.facts) == list(FACTS)
    for part in fields(kept):
        rows = getattr(kept, part.name)
        if isinstance(rows, Rows):
            assert set(rows.columns) <= set(TABLES.get(part.name, ())), part.name
    assert set(kept.actions["kind"]) <= set(ACTIONS)
    assert set(kept.goals["goal"]) <= set(GOALS)
    for row in kept.actions:
        assert set(json.loads(row.facts)) <= set(ACTIONS[row.kind])
    assert "money" not in kept.actions.columns
    assert "person" not in json.loads(kept.actions["facts"][0])
