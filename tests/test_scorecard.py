"""The scorecard engine: the distributor card at its band edges, properties, gates and overrides."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines
from hypothesis import given
from hypothesis import strategies as st

from kamplay.method.scorecard import points, score, tier_index
from kamplay.method.tiers import define_tiers
from kamplay.presets import load_scorecard

P = load_scorecard("distributor_100", Path())
FOUR = load_scorecard("four_dimensions", Path())


@pytest.mark.parametrize(
    ("units", "of_50"), [(0.99, 0), (1, 10), (1.99, 10), (2, 20), (3, 30), (4.99, 30), (5, 40), (9.99, 40), (10, 50), (80, 50)]
)
def test_distributor_card_monthly_sales(units, of_50):
    assert points(pd.Series([float(units)]), P.criteria["sales"]).iloc[0] / 100 * 50 == pytest.approx(of_50)


@pytest.mark.parametrize(("growth", "of_20"), [(-1, 0), (0.2, 5), (0.35, 7.5), (0.5, 10), (0.75, 15), (1.0, 20), (3.0, 20)])
def test_distributor_card_growth_is_linear_inside_its_bands(growth, of_20):
    assert points(pd.Series([float(growth)]), P.criteria["growth"]).iloc[0] / 100 * 20 == pytest.approx(of_20)


def test_distributor_card_by_hand():
    """Monthly sales of 6 units (40), growth 50 % (10), coverage 9 (9), loyalty 8 (8), prospects 7 (7): 74 points, effective."""
    lines = lines_of(
        *[("d", f"2025-{m:02d}-15", 60000.0) for m in range(1, 13)], *[("d", f"2024-{m:02d}-15", 40000.0) for m in range(1, 13)]
    )
    ratings = pd.DataFrame(
        [("d", "channel_coverage", 10), ("d", "channel_coverage", 8), ("d", "loyalty", 8), ("d", "prospects", 7)],
        columns=["account_id", "criterion", "score"],
    )
    result = define_tiers(book_of(lines, ratings=ratings), P)
    assert result.accounts.loc["d", "tier_score"] == pytest.approx(74)
    assert result.accounts.loc["d", "tier"] == "effective"


@pytest.mark.parametrize(
    ("value", "tier"),
    [
        (100, "VIP"),
        (90, "VIP"),
        (89.99, "backbone"),
        (75, "backbone"),
        (60, "effective"),
        (50, "dormant"),
        (49.99, "potential"),
        (0, "potential"),
    ],
)
def test_a_score_at_a_tiers_start_is_in_it(value, tier):
    assert P.tiers[int(tier_index(np.array([value]), P)[0])].key == tier


def test_missing_criterion_gives_its_weight_to_the_others():
    table = pd.DataFrame({"a": [80.0, 80.0], "b": [40.0, np.nan]})
    assert score(table, np.array([3.0, 1.0])).tolist() == [70.0, 80.0]


@given(st.lists(st.floats(0, 1e7), min_size=2, max_size=40), st.integers(0, 39), st.floats(1, 1e6))
def test_more_of_a_criterion_never_gives_fewer_points(values, which, more):
    before = pd.Series(values)
    after = before.copy()
    after.iloc[which % len(values)] += more
    for criterion in (FOUR.criteria["value"], P.criteria["sales"]):
        place = which % len(values)
        assert points(after, criterion).iloc[place] >= points(before, criterion).iloc[place] - 1e-9


def test_equal_accounts_get_equal_tiers_and_are_not_worth_tiering():
    lines = lines_of(*[(f"a{n}", f"2025-{m:02d}-10", 100.0) for n in range(50) for m in range(1, 13)])
    result = define_tiers(book_of(lines), FOUR)
    assert result.accounts["tier"].nunique() == 1
    assert result.key_figures["worthwhile"] is False
    assert result.finding("not_worth_tiering").action == "do_not_tier"


def test_row_order_and_currency_unit_change_no_tier():
    lines = random_lines()
    one = define_tiers(book_of(lines), FOUR).accounts
    other = define_tiers(book_of(lines.sample(frac=1, random_state=3).assign(amount=lambda f: f["amount"] * 7.5)), FOUR).accounts
    pd.testing.assert_series_equal(one["tier"], other["tier"])
    np.testing.assert_allclose(one["tier_probability"], other["tier_probability"], atol=0.002)


def test_gates_and_overrides():
    months = [f"2025-{m:02d}-10" for m in range(1, 13)]
    rows = (
        [("skinner", d, 1000.0, 995.0) for d in months]
        + [("good", d, 900.0, 500.0) for d in months]
        + [("small", d, 10.0, 5.0) for d in months]
    )
    lines = pd.DataFrame([*rows, ("once", "2025-02-10", 30000.0, 15000.0)], columns=["account_id", "date", "amount", "cost"])
    overrides = pd.DataFrame([
        ("small", "A", "strong itself", "board", pd.NaT), ("good", "C", "old decision", "board", pd.Timestamp("2025-06-30")), ("nobody", "S", "typo", "board", pd.NaT),
    ], columns=["account_id", "tier", "reason", "by", "expires"])  # fmt: skip
    result = define_tiers(book_of(lines, overrides=overrides), FOUR)
    accounts = result.accounts
    assert accounts["gate"].dropna().to_dict() == {"skinner": "skinner", "once": "one_off"}
    assert accounts.loc[["skinner", "once"], "level"].tolist() == ["C", "C"]
    assert (accounts.loc["small", "tier"], accounts.loc["small", "override"]) == ("A", "strong itself")
    assert accounts.loc["good", "tier"] != "C"
    assert result.finding("overrides_expired").accounts == ("good",)
    assert result.finding("overrides_unusable").accounts == ("nobody",)
