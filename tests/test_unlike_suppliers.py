"""Clients that do not sell to companies: a web shop of consumers, an exporter that books by country."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import book_of

from kamplay.method.check.step import check_data
from kamplay.method.health.step import health_model
from kamplay.method.measures.business import (
    FOR_COMPANIES,
    INSTEAD,
    NO_TABLES,
    NOT_LACKING,
    NOT_TOLD,
    OTHER_KIND,
    UNNAMED,
    business,
)
from kamplay.method.plan.capacity import Team
from kamplay.method.plan.step import plan_strategies
from kamplay.method.tiers.step import define_tiers
from kamplay.method.value.step import pareto_value
from kamplay.presets import load_health, load_scorecard, load_strategy
from kamplay.show import registry as shown
from kamplay.show.display import NOTHING
from kamplay.show.findings import action, headline
from kamplay.show.locale import Locale
from kamplay.show.registry import specs
from kamplay.show.view import View, using

END = pd.Timestamp("2025-12-31")
COUNTRIES = ["France", "Germany", "德国", "Japan", "Viet Nam", "EIRE", "Poland", "Chile", "Kenya", "India"]


def consumers(buyers: int = 1_200) -> pd.DataFrame:
    """Each buys a few times in three years, for 20 to 200."""
    rng = np.random.default_rng(5)
    rows = np.repeat(np.arange(buyers), rng.poisson(5, buyers) + 1)
    days = END - pd.to_timedelta(rng.integers(0, 1_095, len(rows)), unit="D")
    return pd.DataFrame(
        {
            "account_id": [f"U{n:05d}" for n in rows],
            "date": days,
            "amount": rng.uniform(20, 200, len(rows)).round(2),
        }
    )


def countries(names: list[str] = COUNTRIES) -> pd.DataFrame:
    """Each buys every week or so, the first ten times what the last does."""
    rng = np.random.default_rng(6)
    rows = [
        (name, END - pd.Timedelta(days=int(day)), 1e6 / (place + 1) * rng.uniform(0.5, 1.5))
        for place, name in enumerate(names)
        for day in np.arange(0, 1_095, 7) + rng.integers(0, 5, 157)
        if day < 1_095
    ]
    return pd.DataFrame(rows, columns=["account_id", "date", "amount"])


def test_who_is_recognised():
    assert business(book_of(consumers())) == "consumers"
    assert business(book_of(countries())) == "countries"
    assert business(book_of(consumers(900))) == "companies"  # too few to be sure
    named = [f"Hospital of {name}" for name in COUNTRIES]
    assert business(book_of(countries(named))) == "companies"
    large = pd.DataFrame({"account_id": ["X"], "date": ["2025-06-01"], "amount": [9e4]})
    one_large = pd.concat([consumers(), large])
    assert business(book_of(one_large)) == "companies"  # one of them is no consumer


def test_what_the_engagement_says_comes_first():
    stated = dataclasses.replace(book_of(consumers()), accounts_are="companies")
    assert business(stated) == "companies"
    assert business(dataclasses.replace(book_of(countries()), accounts_are="consumers")) == "consumers"


@pytest.fixture(scope="module", params=["consumers", "countries"])
def steps(request) -> tuple[str, list]:
    book = book_of(consumers() if request.param == "consumers" else countries())
    tiers = define_tiers(book, load_scorecard("four_dimensions", Path()))
    level, gate = tiers.units["level"], tiers.units["gate"]
    value = pareto_value(book, None, None, None, level, gate)
    health = health_model(book, 180, load_health("standard", Path()), level, 20.0, None, value, None)
    plan = plan_strategies(book, load_strategy("by_tier", Path()), tiers, value, health, Team(20.0))
    return request.param, [check_data(book, None, 180), tiers, value, health, plan]


def test_no_visits_are_planned(steps):
    _, results = steps
    plan = results[-1]
    assert plan.key_figures["visits_per_month"] == 0
    assert (plan.accounts[["visits_branch", "visits_head_office"]].fillna(0) == 0).all(axis=None)
    assert plan.finding("visits_none") and not plan.finding("over_capacity")
    assert not plan.actions["kind"].isin(["rescue_visit", "senior_visit"]).any()


# a count of nobody, one account as many, a name left out
NOBODY = {
    "en": r"\b(the|of which) 0 |; 0 new|1 accounts|: \.|, \.|first \.|of of ",
    "zh": r"的0家|；0家新|其中0家|：。|首次出现的0家",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_said_that_makes_no_sense_there(steps, language):
    """No contacts, wallets, statements or parents are asked for; no sentence sends anybody to a consumer."""
    sold_to, results = steps
    found = [f for result in results for f in result.findings]
    assert f"sold_to_{sold_to}_seen" in {f.kind for f in found}
    assert not {f.kind for f in found} & FOR_COMPANIES
    locale = Locale(language, "EUR")
    said = [headline(f, locale, {}) for f in found] + [action(f, locale, {}) or "" for f in found]
    unfit = {"en": r"\bvisit (?!norm)|in person|each owner|the owners", "zh": "登门|上门|当面"}
    no_partner = {"en": "second contact|notice period|account manager", "zh": "高层联系|提前通知期|客户经理"}
    assert [s for s in said if re.search(no_partner[language], s)] == []
    assert [s for s in said if re.search(NOBODY[language], s)] == []
    if sold_to == "consumers":
        assert [s for s in said if re.search(unfit[language], s)] == []
        assert [s for s in said if re.search(r"U\d{5}", s)] == []
    else:
        assert [s for s in said if re.search("customers carry|IFRS|家客户（集团按一家计）", s)] == []


def test_every_kind_that_does_without_names_has_words_for_it():
    names = re.compile(r"\{(first|second|names|three)\b")
    for kind in UNNAMED:
        spec = specs()[kind]
        assert spec.unnamed or not names.search(spec.headline), kind
    assert {kind for kind, spec in specs().items() if spec.unnamed} <= UNNAMED
    assert set().union(*NOT_TOLD.values()) | set(OTHER_KIND["countries"].values()) <= set(specs())


def test_nobody_is_listed_where_tiering_does_not_pay(steps):
    """Such consumers differ too little: after "do not tier" no list of key accounts, and none to settle."""
    sold_to, (_, tiers, value, health, _) = steps
    kinds = {f.kind for f in tiers.findings}
    if sold_to == "countries":  # ten of them: a list
        assert "few_to_tier" in kinds and "worth_tiering" not in kinds
        return
    assert {"not_worth_tiering", "key_by_card"} <= kinds
    assert not kinds & {"key_accounts", "to_settle", "settled", "borderline"}
    with using(View(Locale("en", "EUR"), one_by_one=False)):
        assert (
            shown.tables["key_accounts"](tiers) is NOTHING and shown.tables["open_accounts"](tiers) is NOTHING
        )
        assert shown.charts["stress_test"](value) is NOTHING
        assert shown.tables["score_detail"](health) is NOTHING
        assert shown.charts["portfolio_map"](health) is NOTHING


def test_only_tables_that_such_a_client_can_have_are_asked_for(steps):
    sold_to, (check, *_) = steps
    asked = set(check.finding("tables_missing").figures["tables"])
    assert "deliveries" in asked and not asked & NO_TABLES[sold_to]
    assert not set(check.verdicts["lacking"].explode().dropna()) & NOT_LACKING[sold_to]
    assert set(check.verdicts["verdict"]) <= {"full", "partly"}


def test_what_names_no_consumer_asks_for_nothing_by_name():
    shown.load_topics()
    for kind in sorted(UNNAMED):
        for asked, words in specs()[kind].actions.items():
            named = any(f"{{{place}" in words for place in ("names", "first", "three"))
            assert not named or asked in INSTEAD["consumers"], (kind, asked)
