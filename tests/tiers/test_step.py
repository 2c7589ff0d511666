"""Step 1 on the invented sample with its planted truths, and on small clients worked by hand."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines, revenue_card, sold

from kamplay.method.results import Finding
from kamplay.method.tiers.key_accounts import PROBABILITIES
from kamplay.method.tiers.stability import STABLE
from kamplay.method.tiers.step import Tiers, define_tiers
from kamplay.presets import load_scorecard
from kamplay.presets.scorecard import Scorecard
from kamplay.show.findings import action, brief, brief_action, headline
from kamplay.show.locale import Locale
from kamplay.show.tiers.key_accounts import key_accounts_table
from kamplay.show.view import View, using

FOUR = load_scorecard("four_dimensions", Path())


@pytest.fixture(scope="module")
def by_rule(medtech_book) -> Tiers:
    """Without the sample's overrides, so that the rules alone must place the planted cases."""
    tables = {k: v for k, v in medtech_book.tables.items() if k != "overrides"}
    return define_tiers(dataclasses.replace(medtech_book, tables=tables), FOUR)


@pytest.fixture(scope="module")
def cases(medtech_answers) -> dict:
    return {case["kind"]: case for case in medtech_answers["cases"]}


def test_the_skinner_is_gated_and_nobody_else_is_taken_for_one(by_rule, cases):
    who = cases["skinner"]["account_id"]
    held = by_rule.rated[by_rule.rated["gate"].isin(["skinner", "unprofitable"])]
    assert list(held.index) == [who]
    assert held.loc[who, ["tier", "level"]].tolist() == ["C", "C"]
    assert held.loc[who, "tier_score"] >= 70  # the score alone would have made it strategic
    assert by_rule.finding("gate_skinner").figures["revenue"] == pytest.approx(
        cases["skinner"]["evidence"]["revenue"]
    )


def test_the_one_off_purchase_is_excluded(by_rule, cases):
    who = cases["one_off"]["account_id"]
    assert by_rule.rated.loc[who, ["tier", "gate"]].tolist() == ["C", "one_off"]
    assert by_rule.finding("gate_one_off").accounts == (who,)


def test_the_unpaid_account_can_rise_no_higher_than_level_a(by_rule, cases):
    who = cases["unpaid_key"]["account_id"]
    assert by_rule.rated.loc[who, ["level", "gate"]].tolist() == ["A", "broken_word"]
    assert by_rule.finding("gate_broken_word").accounts == (who,)


def test_the_small_but_strong_account_is_kept(by_rule, cases):
    who = cases["small_but_strong"]["account_id"]
    assert by_rule.rated.loc[who, ["level", "safeguard"]].tolist() == ["B", "small_but_strong"]
    assert by_rule.finding("kept_small_but_strong").accounts == (who,)


def test_the_demanding_account_is_kept_and_key(by_rule, cases):
    who = cases["demanding_but_profitable"]["account_id"]
    assert by_rule.rated.loc[who, "safeguard"] == "demanding"
    assert by_rule.rated.loc[who, "level"] in ("S", "A")


def test_the_hidden_group_is_rated_as_one_and_its_fourth_member_is_suggested(by_rule, cases):
    case = cases["hidden_group"]
    linked, by_name = case["evidence"]["linked_by_parent_id"], case["evidence"]["linked_by_name_only"]
    assert by_rule.accounts.loc[linked, "group"].tolist() == [case["account_id"]] * len(linked)
    assert by_rule.accounts.loc[linked, "tier"].nunique() == 1
    assert by_rule.rated.loc[case["account_id"], "members"] == len(linked)
    assert by_rule.rated.loc[case["account_id"], "level"] == "S"  # none of them alone would be
    first = by_rule.related_accounts.iloc[0]
    assert (first["head"], first["account_id"]) == (case["account_id"], by_name)
    assert first["joint_revenue"] == pytest.approx(case["evidence"]["joint_revenue"])
    assert first["joint_rank"] == case["evidence"]["joint_rank"]
    assert (
        len(by_rule.related_accounts) <= 5
    )  # four more pairs share a town and a brand; a person would ask about them too


def test_alone_no_member_of_the_group_would_be_strategic(medtech_book, cases):
    alone = define_tiers(medtech_book, FOUR.model_copy(update={"rate": "account"}))
    assert "S" not in set(alone.accounts.loc[cases["hidden_group"]["evidence"]["members"], "tier"])


def test_the_large_prospects_are_to_be_assessed(by_rule, medtech_answers):
    key = medtech_answers["prospects"]
    assert len(key) == 3
    assert by_rule.prospects["spend"].to_dict() == {p["account_id"]: pytest.approx(p["spend"]) for p in key}
    assert by_rule.prospects["dedicated"].to_dict() == {p["account_id"]: p["dedicated"] for p in key}


def test_overrides_of_the_sample_are_applied_but_for_the_expired(medtech_book, cases):
    result = define_tiers(medtech_book, FOUR)
    set_by_hand = result.accounts["override"].dropna().index
    assert set(set_by_hand) == {
        cases[k]["account_id"] for k in ("small_but_strong", "one_off", "demanding_but_profitable")
    }
    assert result.finding("overrides_expired").accounts == (cases["stalled_deal"]["account_id"],)


def test_tables_agree_with_each_other(by_rule):
    rated, accounts, points = by_rule.rated, by_rule.accounts, by_rule.points
    assert rated.index.equals(points.index)
    assert set(accounts["group"]) == set(rated.index)
    assert rated["revenue"].sum() == pytest.approx(accounts["revenue"].sum())
    assert by_rule.summary["accounts"].sum() == (rated["revenue"] > 0).sum()
    assert by_rule.criteria[["weight", "critic", "entropy", "departments"]].sum().tolist() == pytest.approx(
        [1, 1, 1, 1]
    )
    assert 0 < rated["warned"].sum() < 40 and rated.loc[rated["warned"], "tier_probability"].isna().all()
    kept = rated.loc[~rated["warned"], PROBABILITIES]
    assert ((kept >= 0) & (kept <= 1)).all().all()
    buying = rated[rated["revenue"] > 0]
    assert by_rule.key_figures["unstable"] == (buying["tier_probability"] < STABLE).sum()
    assert by_rule.account_classes.groupby("dimension")["share"].sum().tolist() == pytest.approx(
        [1.0] * by_rule.account_classes["dimension"].nunique()
    )


def test_of_a_groups_overrides_the_first_that_can_be_used_applies():
    accounts = pd.DataFrame({"account_id": list("hab"), "parent_id": [None, "h", "h"]})
    overrides = pd.DataFrame(
        [
            ("h", "X", "no such tier", "board", pd.NaT),
            ("a", "C", "closing down", "board", pd.Timestamp("2026-06-30")),
            ("b", "A", "other view", "board", pd.Timestamp("2026-03-31")),
        ],
        columns=["account_id", "tier", "reason", "by", "expires"],
    )
    result = define_tiers(
        book_of(sold(h=30, a=25, b=20), accounts=accounts, overrides=overrides), revenue_card()
    )
    assert result.accounts["tier"].tolist() == ["C", "C", "C"]
    assert result.overrides["state"].tolist() == ["unusable", "applied", "superseded"]


def test_the_strictest_gate_is_named_with_its_own_cap():
    """Both hold: seriously overdue (cap A) and in litigation (cap B). Litigation is what holds the account at
    B.
    """
    ratings = pd.DataFrame([("z", "合同诉讼", 1)], columns=["account_id", "criterion", "score"])
    bills = pd.DataFrame(
        {
            "account_id": ["z"],
            "invoice_id": ["1"],
            "invoice_date": pd.Timestamp("2025-01-31"),
            "due_date": pd.Timestamp("2025-02-28"),
            "amount": [900.0],
        }
    )
    lines = lines_of(
        *[("z", f"2025-{m:02d}-05", 100.0) for m in range(1, 13)],
        ("y", "2025-05-05", 1.0),
        ("y", "2025-09-05", 1.0),
    )
    result = define_tiers(book_of(lines, ratings=ratings, receivables=bills), FOUR)
    assert result.rated.loc["z", ["gate", "level"]].tolist() == ["litigation", "B"]
    assert result.finding("gate_litigation").figures["most"] == "B"
    assert result.rules.set_index("key").loc[["broken_word", "litigation"], "accounts"].tolist() == [1, 1]
    assert result.finding("ratings_unused") is None


def test_costs_on_a_few_lines_make_nobody_a_skinner():
    months = [f"2025-{m:02d}-10" for m in range(1, 13)]
    rows = [("big", d, 1000.0, 700.0 if n < 3 else np.nan) for n, d in enumerate(months)] + [
        (f"s{k}", d, 100.0, 70.0) for k in range(5) for d in months
    ]
    lines = pd.DataFrame(rows, columns=["account_id", "date", "amount", "cost"])
    result = define_tiers(book_of(lines), FOUR)
    assert result.rated["gate"].isna().all()
    assert np.isnan(
        result.rated.loc["big", "margin_share"]
    )  # cost of a quarter of its revenue tells nothing of the rest
    assert result.rated.loc["s0", "margin_share"] == pytest.approx(0.3)


def test_a_card_of_which_nothing_is_known_rates_nobody():
    words = {"zh": "x", "en": "x"}
    only = {"care": {**words, "weight": 1, "measure": "rating", "scoring": "scale", "scale": [0, 10]}}
    tiers = [{**words, "key": "S", "level": "S", "from": 50}, {**words, "key": "C", "level": "C", "from": 0}]
    blind = Scorecard.model_validate({"title": words, "source": words, "criteria": only, "tiers": tiers})
    result = define_tiers(book_of(sold(a=5, b=1)), blind)
    assert result.rated["tier_probability"].isna().all()
    assert result.finding("unrated").severity == "act"
    assert result.finding("key_none") is not None and result.finding("all_firm") is None


def test_weights_of_the_top_criteria_move_nobody_in_a_matrix():
    matrix = load_scorecard("value_matrix", Path())
    ids = [f"A{n:03d}" for n in range(20)]
    ratings = pd.DataFrame(
        [(a, c, (n * 7) % 11) for n, a in enumerate(ids) for c in ("brand_effect", "strategic_meaning")],
        columns=["account_id", "criterion", "score"],
    )
    votes = pd.DataFrame(
        [("x", "Sales", k, w) for k, w in zip(matrix.criteria, (90, 10), strict=True)]
        + [("y", "Finance", k, w) for k, w in zip(matrix.criteria, (10, 90), strict=True)],
        columns=["rater", "department", "criterion", "weight"],
    )
    result = define_tiers(book_of(random_lines(20), ratings=ratings, ballots=votes), matrix)
    assert result.finding("proposal").figures["count"] == 0
    assert not result.rated["open"].map(lambda why: "departments" in why).any()


# --- ballots


def two_criteria(**parts) -> Scorecard:
    criteria = {
        "size": {"zh": "规模", "en": "Size", "weight": 50, "measure": "revenue", "scoring": "percentile"},
        "care": {
            "zh": "用心",
            "en": "Care",
            "weight": 50,
            "measure": "rating",
            "scoring": "scale",
            "scale": [0, 100],
        },
        "calm": {
            "zh": "平稳",
            "en": "Calm",
            "weight": 50,
            "measure": "rating",
            "scoring": "scale",
            "scale": [0, 100],
        },
    }
    tiers = [
        {"key": "S", "level": "S", "zh": "高", "en": "high", "places": 1},
        {"key": "C", "level": "C", "zh": "低", "en": "low"},
    ]
    words = {"zh": "卡", "en": "card"}
    return Scorecard.model_validate(
        {"title": words, "source": words, "criteria": criteria, "tiers": tiers, "cut": "capacity", **parts}
    )


RATINGS = pd.DataFrame(
    [
        ("a", "care", 0),
        ("b", "care", 100),
        ("c", "care", 50),
        ("a", "calm", 10),
        ("b", "calm", 20),
        ("c", "calm", 100),
    ],
    columns=["account_id", "criterion", "score"],
)
SALES = sold(a=300, b=200, c=100)


def ballots(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["rater", "department", "criterion", "weight"])


VOTES = ballots(
    ("ann", "Sales", "size", 80),
    ("ann", "Sales", "care", 10),
    ("ann", "Sales", "calm", 10),
    ("bob", "Finance", "Size", 10),
    ("bob", "Finance", "用心", 10),
    ("bob", "Finance", "Calm", 80),
)


def test_ballots_name_the_pair_the_criterion_and_the_accounts():
    """By Sales' weights a leads (80 + 0 + 1), by Finance's c (3.3 + 5 + 80): for b nobody is in two minds."""
    result = define_tiers(book_of(SALES, ratings=RATINGS, ballots=VOTES), two_criteria())
    far = result.finding("furthest").figures
    assert (far["more"], far["less"], far["en"], far["gap"]) == (
        "Sales",
        "Finance",
        "Size",
        pytest.approx(0.7),
    )
    assert result.disputed.loc[["a", "c"], ["by Sales", "by Finance"]].to_numpy().tolist() == [
        ["S", "C"],
        ["C", "S"],
    ]
    assert result.rated["open"].map(lambda why: "departments" in why).to_dict() == {
        "a": True,
        "b": False,
        "c": True,
    }
    assert result.finding("to_settle").figures["by_departments"] == 2
    gap = result.finding(
        "proposal"
    ).figures  # the card gives each a third, the departments' mean 45, 10 and 45 %
    assert (gap["en"], gap["ours"], gap["theirs"]) == ("Care", pytest.approx(1 / 3), pytest.approx(0.1))
    assert result.criteria["departments"].tolist() == pytest.approx([0.45, 0.1, 0.45])


def test_weights_can_come_from_the_ballots():
    book = book_of(SALES, ratings=RATINGS, ballots=VOTES)
    result = define_tiers(book, two_criteria(weights_from="ballots"))
    assert result.criteria["weight"].tolist() == pytest.approx([0.45, 0.1, 0.45])
    assert result.finding("weights_from_ballots") is not None
    # a 45 + 0 + 4.5, b 30 + 10 + 9, c 15 + 5 + 45
    assert result.rated["tier_score"].to_dict() == pytest.approx({"a": 49.5, "b": 49.0, "c": 65.0})
    without = define_tiers(book_of(SALES, ratings=RATINGS), two_criteria(weights_from="ballots"))
    assert without.finding("ballots_missing").action == "hold_ballot"
    assert without.criteria["weight"].tolist() == pytest.approx([1 / 3] * 3)


def test_weights_can_come_from_pairwise_judgements():
    """Size over care 2, care over calm 2, size over calm 4: consistent, weights 4 : 2 : 1."""
    pairs = {"size / care": "2", "care / calm": "2", "size / calm": "4"}
    result = define_tiers(
        book_of(SALES, ratings=RATINGS), two_criteria(weights_from="judgements", judgements={"cfo": pairs})
    )
    assert result.criteria["weight"].tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert result.finding("judgements_consistent").figures["cr"] == pytest.approx(0, abs=1e-9)
    odd = {**pairs, "size / calm": "1/4"}
    rough = define_tiers(
        book_of(SALES, ratings=RATINGS), two_criteria(weights_from="judgements", judgements={"cfo": odd})
    )
    assert rough.finding("judgements_rough").figures["worst"] > 0.1


def test_before_and_after_two_rounds():
    """Round 1 as above, W by hand: ranks (1, 2.5, 2.5) and (2.5, 2.5, 1) give S = 1.5 of at most 6: W = 0.25.
    Round 2: all alike, W = 1.
    """
    second = VOTES.assign(weight=[60, 30, 10] * 2, round=2)
    result = define_tiers(
        book_of(SALES, ratings=RATINGS, ballots=pd.concat([VOTES.assign(round=1), second])), two_criteria()
    )
    assert result.rounds["w"].tolist() == pytest.approx([0.25, 1.0])
    rose = result.finding("agreement_rose").figures
    assert (rose["w_before"], rose["w_now"]) == (pytest.approx(0.25), pytest.approx(1.0))
    assert result.key_figures["consensus_w"] == 1.0
    assert not result.rated["open"].map(lambda why: "departments" in why).any()


# --- the map, the classes, whom to assess


def test_intake_rule_by_hand():
    accounts = pd.DataFrame(
        {"account_id": list("abcde"), "stage": ["producing", "potential", "potential", "lost", "incubating"]}
    )
    wallet = pd.DataFrame(
        [("a", 9e6), ("b", 7e6), ("c", 4e6), ("c", 7e6), ("d", 8e6), ("e", 5e6)],
        columns=["account_id", "spend"],
    )
    result = define_tiers(book_of(sold(a=100), accounts=accounts, wallet=wallet), FOUR)
    # a buys, d is lost, e is not above 5 million; c has 11 million in two categories
    assert result.prospects["spend"].to_dict() == {"c": 11e6, "b": 7e6}
    assert result.prospects["dedicated"].to_dict() == {"c": True, "b": False}
    assert result.finding("intake_due").figures["count"] == 2


def test_the_map_needs_half_of_each_axis():
    result = define_tiers(book_of(random_lines(20)), FOUR)
    assert result.positioning.empty
    assert result.finding("map_unknown").action == "ask_for_map"
    ids = sorted(set(random_lines(20)["account_id"]))
    wallet = pd.DataFrame({"account_id": ids[:10], "spend": np.linspace(1e4, 1e6, 10)})
    placed = define_tiers(book_of(random_lines(20), wallet=wallet), FOUR)
    assert set(placed.positioning.index) <= set(ids[:10])
    assert len(placed.positioning) > 0


def test_classes_divide_the_accounts_that_bought():
    accounts = pd.DataFrame(
        {"account_id": list("abcd"), "nature": ["x", "x", "y", None], "region": ["one"] * 4}
    )
    result = define_tiers(book_of(sold(a=90, b=10, c=50, d=50), accounts=accounts), revenue_card())
    assert set(result.account_classes["dimension"]) == {"nature"}  # one region for all tells nothing
    rows = result.account_classes.set_index("value")
    assert rows["revenue"].to_dict() == {"x": 100, "y": 50, "": 50}
    assert rows["key"].to_dict() == {"x": 1, "y": 1, "": 1}


def test_step_one_of_a_client_with_nothing_but_a_few_lines():
    for lines in (
        lines_of(("a", "2025-03-01", 10.0)),
        lines_of(("a", "2025-03-01", -10.0)),
        lines_of(("a", "2019-03-01", 10.0)),
    ):
        result = define_tiers(book_of(lines), FOUR)
        assert result.accounts.index.tolist() == ["a"]
        assert json.dumps(result.key_figures, allow_nan=False)


def test_where_nobody_is_key_nobody_is_beyond_doubt():
    """An account that only returned goods brings no revenue: no tier is held, so none can be firm."""
    result = define_tiers(book_of(lines_of(("a", "2025-03-01", -10.0))), FOUR)
    assert "settled" not in [f.kind for f in result.findings]


def test_no_tier_is_certain_of_an_account_that_shows_a_sign_of_leaving():
    """The key account a buys as ever and pays 90 days late: what its purchases say of next year is not told,
    and it is open, not settled; other weights would still keep it, and b's chance stands.
    """
    days = pd.date_range("2024-01-10", "2025-12-20", freq="30D")
    lines = lines_of(
        *(("a", str(d.date()), 900.0) for d in days), *(("b", str(d.date()), 100.0) for d in days)
    )
    bills = pd.DataFrame(
        {
            "account_id": "a",
            "invoice_date": days,
            "due_date": days + pd.Timedelta(days=10),
            "paid_date": [
                d + pd.Timedelta(days=9) if d < pd.Timestamp("2025-08-01") else pd.NaT for d in days
            ],
            "amount": 900.0,
        }
    )
    card = revenue_card()
    calm, late = (define_tiers(book_of(lines, **tables), card) for tables in ({}, {"receivables": bills}))
    assert calm.rated.loc["a", "level"] in ("S", "A") and calm.rated.loc["a", "tier_probability"] > 0.9
    assert calm.rated.loc["a", "open"] == []
    assert np.isnan(late.rated.loc["a", "tier_probability"]) and np.isnan(
        late.accounts.loc["a", "tier_probability"]
    )
    assert late.rated.loc["a", "open"] == ["warned"]
    assert late.rated.loc["a", "by_weights"] == calm.rated.loc["a", "by_weights"]
    assert late.rated.loc["b", "tier_probability"] == calm.rated.loc["b", "tier_probability"]
    told = {f.kind: f for f in late.findings}
    assert told["to_settle"].figures["by_warned"] == 1 and "all_firm" not in told


def test_one_account_below_the_key_ones_is_told_in_the_singular():
    figures = {
        "sure": 2,
        "doubt": 0,
        "near": 1,
        "key": 2,
        "count": 1,
        "revenue": 5.0,
        "share": 0.1,
        "by_weights": 1,
        "by_data": 0,
    }
    figures |= {"by_departments": 0, "by_votes": 0, "by_warned": 0, "voted": False}
    told = headline(Finding("tiers", "to_settle", "act", figures, ("a",)), Locale("en", "CNY"), {})
    assert "0 are open; 1 that is not key is open" in told


@pytest.mark.parametrize(
    ("language", "said", "todo"),
    [
        (
            "en",
            "{doubt} still open; so are {near} that are not",
            "{count} accounts have an open tier ({doubt} key, {near} not)",
        ),
        (
            "zh",
            "{doubt}家待评审；另有{near}家非大客户待评审，共{count}家",
            "{count}家等级待定的客户（大客户{doubt}家、其他{near}家）",
        ),
    ],
)
def test_of_the_open_accounts_it_is_said_which_are_key(medtech_steps, language, said, todo):
    """The sentence counts key accounts, the action all that are open; both say so."""
    rated = medtech_steps.tiers.rated
    is_open = (rated["open"].map(len) > 0) & (rated["revenue"] > 0)
    key = rated["level"].isin(["S", "A"]) & (rated["revenue"] > 0)
    numbers = {"key": key.sum(), "count": is_open.sum(), "doubt": (key & is_open).sum()}
    numbers |= {"near": numbers["count"] - numbers["doubt"], "sure": numbers["key"] - numbers["doubt"]}
    found, locale = medtech_steps.tiers.finding("to_settle"), Locale(language, "CNY")
    told = re.sub(r"（[^）]*）|\s\([^)]*\)", "", brief(found, locale, {}))  # without what settled means
    assert said.format(**numbers) in told
    # one yardstick: as many are settled in the list, by the three or by hand
    with using(View(locale)):
        status = [row[-1] for row in key_accounts_table(medtech_steps.tiers).grid.lines]
    settled, by_hand = locale.text("settled"), locale.text("set by hand")
    assert numbers["sure"] == sum(word in (settled, by_hand) for word in status)
    assert found.figures["by_hand"] == status.count(by_hand)
    assert todo.format(**numbers) in action(found, locale, {})


def test_the_list_of_key_accounts_says_which_larger_ones_are_not_in_it(medtech_steps):
    rated = medtech_steps.tiers.rated.sort_values("revenue", ascending=False)
    with using(View(Locale("en", "CNY"))):
        caption = key_accounts_table(medtech_steps.tiers).grid.caption
    key = rated["level"].isin(["S", "A"])
    last = rated.loc[key, "revenue"].iloc[9]
    others = rated[~key & (rated["revenue"] > last)]
    assert list(others.index) == ["C0005", "C0270"]  # third and seventh by revenue, both held back by a rule
    told = caption.partition("Not in it, though larger than some of these, as of another level: ")[2]
    assert told.startswith("C0005 (C, CN¥9.51M), C0270 (C, CN¥5.68M); see the workbook.")
    assert caption.startswith("Levels S and A alone")


def test_the_list_that_people_and_money_follow_says_how_long_it_holds(medtech_steps):
    rated, found = medtech_steps.tiers.rated, medtech_steps.tiers.finding("key_accounts")
    key = rated[rated["level"].isin(["S", "A"]) & (rated["revenue"] > 0)]
    known, stay = key["key_probability"].notna().sum(), (key["key_probability"] >= 0.5).sum()
    assert 0 < stay < known < len(key)
    told = action(found, Locale("en", "CNY"), {})
    said = f"for this year only: of {known} with a known chance {stay} have at least an even one"
    assert said in brief_action(found, Locale("en", "CNY"), {})
    assert f"for this year only: of {known} whose chance is known, {stay} have at least an even one" in told
