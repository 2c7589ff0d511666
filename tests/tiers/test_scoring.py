"""The scorecard engine: points, missing policies, cuts without split ties, gates and safeguards, and the
properties of a fair rating.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines, revenue_card, sold
from hypothesis import given, settings
from hypothesis import strategies as st

from kamplay.method.measures.registry import MEASURES, measure_of
from kamplay.method.tiers import thresholds
from kamplay.method.tiers.rating import rate
from kamplay.method.tiers.scoring import fill_missing, points, score
from kamplay.method.tiers.step import define_tiers
from kamplay.presets import load_scorecard
from kamplay.presets.scorecard import Criterion

P = load_scorecard("distributor_100", Path())
FOUR = load_scorecard("four_dimensions", Path())


def tiers_of(book, scorecard) -> dict[str, str]:
    return rate(book, scorecard).tiers().to_dict()


def test_every_measure_answers_per_account_even_when_its_table_is_missing():
    book = book_of(random_lines(5))
    for name in MEASURES:
        assert measure_of(book, name).index.equals(book.accounts.index), name


# --- points


@given(st.lists(st.floats(0, 1e7), min_size=2, max_size=40), st.integers(0, 39), st.floats(1, 1e6))
def test_more_of_a_criterion_never_gives_fewer_points(values, which, more):
    before = pd.Series(values)
    after = before.copy()
    place = which % len(values)
    after.iloc[place] += more
    base = {"zh": "x", "en": "x", "weight": 1, "measure": "revenue"}
    for scored in (
        FOUR.criteria["value"],
        P.criteria["sales"],
        Criterion(**base, scoring="percentile"),
        Criterion(**base, scoring="minmax"),
    ):
        assert points(after, scored).iloc[place] >= points(before, scored).iloc[place] - 1e-9


def test_scoring_by_hand():
    values = pd.Series([10.0, 20.0, 20.0, 40.0, np.nan])
    base = {"zh": "x", "en": "x", "weight": 1, "measure": "revenue"}
    assert points(values, Criterion(**base, scoring="minmax")).tolist()[:4] == pytest.approx(
        [0, 100 / 3, 100 / 3, 100]
    )
    assert points(values, Criterion(**base, scoring="percentile")).tolist()[:4] == [25, 75, 75, 100]
    # contribution: 40 leads; the two of 20 have 40/90 ahead of them, the 10 has 80/90
    assert points(values, Criterion(**base, scoring="contribution")).tolist()[:4] == pytest.approx(
        [100 / 9, 500 / 9, 500 / 9, 100]
    )
    assert points(values, Criterion(**base, scoring="scale", scale=[0, 50])).tolist()[:4] == [20, 40, 40, 80]
    worth = Criterion(
        zh="x", en="x", weight=1, measure="credit_grade", scoring="choices", choices={"AAA": 100, "bb": 40}
    )
    assert points(pd.Series(["aaa", "bb", "ccc", None]), worth).tolist()[:2] == [100, 40]
    assert points(pd.Series(["aaa", "bb", "ccc", None]), worth).isna().tolist() == [False, False, True, True]


def test_equal_values_are_in_the_middle_where_nothing_tells_them_apart():
    flat = Criterion(zh="x", en="x", weight=1, measure="revenue", scoring="minmax")
    assert points(pd.Series([7.0, 7.0]), flat).tolist() == [50.0, 50.0]


@pytest.mark.parametrize(("policy", "expected"), [("reweight", None), ("neutral", 50.0), ("zero", 0.0)])
def test_missing_policies(policy, expected):
    criterion = Criterion(zh="x", en="x", weight=1, measure="revenue", scoring="percentile", missing=policy)
    out = fill_missing(pd.Series([80.0, np.nan]), criterion)
    assert out.iloc[0] == 80
    assert (np.isnan(out.iloc[1]) and expected is None) or out.iloc[1] == expected


def test_missing_criterion_gives_its_weight_to_the_others():
    table = pd.DataFrame({"a": [80.0, 80.0], "b": [40.0, np.nan]})
    assert score(table, np.array([3.0, 1.0])).tolist() == [70.0, 80.0]


def test_bonus_and_deduction_stay_within_the_scale():
    table = pd.DataFrame({"a": [95.0, 50.0, 3.0]})
    assert score(table, np.array([1.0]), np.array([10.0, -5.0, -20.0])).tolist() == [100.0, 45.0, 0.0]


def test_weights_are_shares_whatever_they_add_up_to():
    doubled = FOUR.model_copy(
        update={
            "criteria": {k: c.model_copy(update={"weight": c.weight * 2}) for k, c in FOUR.criteria.items()}
        }
    )
    assert doubled.weights() == pytest.approx(FOUR.weights())
    result = define_tiers(book_of(random_lines(12)), doubled)
    assert result.finding("weights_normalised").figures["sum"] == 200


# --- cuts


@pytest.mark.parametrize(
    ("value", "tier"), [(100, "S"), (70, "S"), (69.99, "A"), (40, "A"), (39.99, "C"), (0.5, "C")]
)
def test_a_score_at_a_tiers_start_is_in_it(value, tier):
    assert tiers_of(book_of(sold(a=value)), revenue_card())["a"] == tier


def test_quota_never_splits_a_tie():
    """Of ten accounts 20 % are two places for S and 30 % three for A. Three share the second place: S takes
    the first alone.
    """
    amounts = dict(zip("abcdefghij", [90, 80, 80, 80, 60, 50, 40, 30, 20, 10], strict=True))
    quota = [
        {"key": "S", "level": "S", "share": 0.2},
        {"key": "A", "level": "A", "share": 0.3},
        {"key": "C", "level": "C"},
    ]
    found = tiers_of(book_of(sold(**amounts)), revenue_card("quota", quota))
    assert "".join(found[a] for a in "abcdefghij") == "SAAAACCCCC"


def test_capacity_is_never_exceeded():
    amounts = dict(zip("abcde", [90, 90, 50, 50, 10], strict=True))
    places = [
        {"key": "S", "level": "S", "places": 1},
        {"key": "A", "level": "A", "places": 2},
        {"key": "C", "level": "C"},
    ]
    assert tiers_of(book_of(sold(**amounts)), revenue_card("capacity", places)) == {
        "a": "A",
        "b": "A",
        "c": "C",
        "d": "C",
        "e": "C",
    }


def test_equal_accounts_share_the_lowest_tier_of_a_quota():
    quota = [{"key": "S", "level": "S", "share": 0.1}, {"key": "C", "level": "C"}]
    assert set(
        tiers_of(book_of(sold(**{f"a{n}": 50.0 for n in range(20)})), revenue_card("quota", quota)).values()
    ) == {"C"}


def test_natural_breaks_by_brute_force():
    """The least squared deviation within classes, against every possible split of random scores."""
    from itertools import combinations

    rng = np.random.default_rng(4)
    for _ in range(30):
        values = np.round(rng.uniform(0, 100, 9), 1)
        starts = thresholds.natural_breaks(values, 3)
        got = thresholds.place(values, starts)
        within = sum(((values[got == k] - values[got == k].mean()) ** 2).sum() for k in range(3))
        ordered = np.sort(np.unique(values))
        best = min(
            sum(
                (
                    (values[(values >= lo) & (values < hi)] - values[(values >= lo) & (values < hi)].mean())
                    ** 2
                ).sum()
                for lo, hi in ((-1, ordered[i]), (ordered[i], ordered[j]), (ordered[j], 999))
            )
            for i, j in combinations(range(1, len(ordered)), 2)
        )
        assert within == pytest.approx(best)


def test_natural_breaks_with_fewer_scores_than_tiers():
    tiers = [{"key": k, "level": k} for k in "SABC"]
    assert tiers_of(book_of(sold(a=80, b=80, c=10)), revenue_card("natural", tiers)) == {
        "a": "B",
        "b": "B",
        "c": "C",
    }


# --- rules


def test_gates_safeguards_and_exclusion():
    gates = {
        "few": {"zh": "少", "en": "few", "cap": "A", "when": {"buying_days": {"at_most": 1}}},
        "gone": {"zh": "走", "en": "gone", "exclude": True, "when": {"stage": {"one_of": ["lost"]}}},
    }
    guards = {
        "strong": {
            "zh": "强",
            "en": "strong",
            "floor": "A",
            "shields": ["few"],
            "when": {"annual_revenue": {"at_least": 1e9}},
        }
    }
    accounts = pd.DataFrame(
        {
            "account_id": list("abcd"),
            "stage": ["producing", "lost", "producing", "producing"],
            "annual_revenue": [1e6, 2e9, 2e9, np.nan],
        }
    )
    lines = lines_of(
        ("a", "2025-06-01", 90),
        ("b", "2025-06-01", 90),
        ("c", "2025-06-01", 5),
        ("d", "2025-06-01", 40),
        ("d", "2025-07-01", 40),
    )
    rating = rate(book_of(lines, accounts=accounts), revenue_card(gates=gates, safeguards=guards))
    # a is capped, b excluded although strong, c raised, d bought twice and its size is not known: no rule
    # holds
    assert rating.tiers().to_dict() == {"a": "A", "b": "C", "c": "A", "d": "S"}
    assert rating.bounds.gate.dropna().to_dict() == {"a": "few", "b": "gone"}
    assert rating.bounds.safeguard.dropna().to_dict() == {
        "c": "strong"
    }  # it does not speak for an account that is excluded
    assert rating.bounds.excluded.tolist() == [False, True, False, False]


def test_a_rule_on_a_measure_nobody_has_is_told():
    gates = {"late": {"zh": "迟", "en": "late", "cap": "C", "when": {"overdue_days": {"above": 90}}}}
    result = define_tiers(book_of(sold(a=90, b=10)), revenue_card(gates=gates))
    assert result.finding("rules_unchecked").figures["en"] == ["late"]
    assert result.rules.set_index("key").loc["late", "checked"] == np.False_


def test_gates_and_overrides():
    months = [f"2025-{m:02d}-10" for m in range(1, 13)]
    rows = (
        [("skinner", d, 1000.0, 995.0) for d in months]
        + [("good", d, 900.0, 500.0) for d in months]
        + [("small", d, 10.0, 5.0) for d in months]
    )
    lines = pd.DataFrame(
        [*rows, ("once", "2025-02-10", 30000.0, 15000.0)], columns=["account_id", "date", "amount", "cost"]
    )
    overrides = pd.DataFrame(
        [
            ("small", "A", "strong itself", "board", pd.NaT),
            ("good", "C", "old decision", "board", pd.Timestamp("2025-06-30")),
            ("nobody", "S", "typo", "board", pd.NaT),
        ],
        columns=["account_id", "tier", "reason", "by", "expires"],
    )
    result = define_tiers(book_of(lines, overrides=overrides), FOUR)
    accounts = result.accounts
    assert accounts["gate"].dropna().to_dict() == {"skinner": "skinner", "once": "one_off"}
    assert accounts.loc[["skinner", "once"], "level"].tolist() == ["C", "C"]
    assert (accounts.loc["small", "tier"], accounts.loc["small", "override"]) == ("A", "strong itself")
    assert np.isnan(accounts.loc["small", "tier_probability"])
    assert accounts.loc["good", "tier"] != "C"
    assert result.finding("overrides_applied").accounts == ("small",)
    assert result.finding("overrides_expired").accounts == ("good",)
    assert result.finding("overrides_unusable").accounts == ("nobody",)


def test_a_group_is_rated_as_one_and_its_members_share_the_tier():
    accounts = pd.DataFrame({"account_id": list("habc"), "parent_id": [None, "h", "h", None]})
    book = book_of(sold(h=30, a=25, b=20, c=60), accounts=accounts)
    alone = revenue_card(rate="account")
    assert tiers_of(book, alone) == {"h": "C", "a": "C", "b": "C", "c": "A"}
    result = define_tiers(book, revenue_card())
    assert result.accounts["tier"].to_dict() == {"h": "S", "a": "S", "b": "S", "c": "A"}
    assert result.accounts["revenue"].to_dict() == {"h": 30, "a": 25, "b": 20, "c": 60}
    assert result.rated.loc["h", ["members", "revenue"]].tolist() == [3, 75]
    assert result.key_figures["counts"] == {"S": 1, "A": 1, "C": 0}  # a group is one customer
    figures = {"key": 2, "accounts": 2, "without_net": 0, "share": 1.0}  # all four bring revenue
    assert figures.items() <= result.finding("key_accounts").figures.items()


# --- properties of a fair rating


CUTS = [
    revenue_card(),
    revenue_card(
        "quota",
        [
            {"key": "S", "level": "S", "share": 0.2},
            {"key": "A", "level": "A", "share": 0.3},
            {"key": "C", "level": "C"},
        ],
    ),
    revenue_card(
        "capacity",
        [
            {"key": "S", "level": "S", "places": 2},
            {"key": "A", "level": "A", "places": 3},
            {"key": "C", "level": "C"},
        ],
    ),
    revenue_card("natural", [{"key": k, "level": k} for k in "SAC"]),
]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=3, max_size=9), st.integers(0, 8), st.integers(1, 40))
def test_raising_one_criterion_never_lowers_a_tier(values, which, more):
    which %= len(values)
    names = [f"a{n}" for n in range(len(values))]
    raised = [min(100, v + more * (n == which)) for n, v in enumerate(values)]
    before, after = (book_of(sold(**dict(zip(names, v, strict=True)))) for v in (values, raised))
    for scorecard in CUTS:
        assert rate(after, scorecard).position[which] <= rate(before, scorecard).position[which], (
            scorecard.cut
        )


def test_row_order_and_currency_unit_change_no_tier():
    lines = random_lines()
    one = define_tiers(book_of(lines), FOUR)
    other = define_tiers(
        book_of(lines.sample(frac=1, random_state=3).assign(amount=lambda f: f["amount"] * 7.5)), FOUR
    )
    pd.testing.assert_series_equal(one.accounts["tier"], other.accounts["tier"])
    np.testing.assert_allclose(
        one.accounts["tier_probability"], other.accounts["tier_probability"], atol=0.002
    )
    assert one.key_figures == other.key_figures


def test_the_names_of_the_accounts_change_no_tier():
    lines = random_lines()
    renamed = {a: f"z{99 - n}" for n, a in enumerate(sorted(set(lines["account_id"])))}
    one = define_tiers(book_of(lines), FOUR).accounts
    other = define_tiers(book_of(lines.assign(account_id=lines["account_id"].map(renamed))), FOUR).accounts
    assert one["tier"].rename(renamed).sort_index().to_dict() == other["tier"].sort_index().to_dict()


def test_equal_accounts_are_not_worth_tiering():
    lines = lines_of(*[(f"a{n:03d}", f"2025-{m:02d}-10", 100.0) for n in range(500) for m in range(1, 13)])
    result = define_tiers(book_of(lines), FOUR)
    assert result.accounts["tier"].nunique() == 1
    assert result.key_figures["worthwhile"] is False
    found = result.finding("not_worth_tiering")
    assert found.action == "do_not_tier"
    assert found.figures["gini"] == pytest.approx(0, abs=1e-12)
    assert found.figures["gini_high"] < 0.4
    assert found.figures["top1_share"] == pytest.approx(1 / 500)
