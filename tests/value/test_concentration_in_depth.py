"""Concentration in depth: published and hand-worked figures, properties of the intervals, messy clients."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from words import of_module

from kamplay.method.results import Findings
from kamplay.method.stats import concentration as c
from kamplay.method.stats.concentration import FIGURES, bootstrap_intervals, concentration_figures
from kamplay.method.value.concentration import add_distribution_findings, concentration, law
from kamplay.show.locale import Locale
from kamplay.show.value import concentration as charts
from kamplay.show.value.concentration import intervals_table as interval_table
from kamplay.show.view import View, using
from tests.conftest import book_of, lines_of, random_lines

ACTIONS = of_module("value.concentration").ACTIONS
HEADLINES = of_module("value.concentration").HEADLINES
TOPICS = of_module("value.concentration").TOPICS

amounts = st.lists(st.floats(0.01, 1e9), min_size=1, max_size=60)


def sorted_(values):
    return np.sort(np.asarray(values, dtype=float))[::-1]


def kinds(result):
    found = Findings("value")
    add_distribution_findings(found, result)
    return {f.kind: f for f in found}


def monthly_lines(account, months, as_of="2025-12-31"):
    """One line in the middle of each of the last months; the last amount is the latest."""
    ends = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    days = [ends - pd.DateOffset(months=back) + pd.Timedelta(days=14) for back in range(len(months), 0, -1)]
    return [
        (account, f"{day:%Y-%m-%d}", float(amount))
        for day, amount in zip(days, months, strict=True)
        if amount
    ]


@pytest.mark.parametrize(
    ("values", "published"),
    [
        (
            [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261],
            0.4620911,
        ),  # incomes of R's ineq help page
        ([10] * 9 + [100], 0.4263158),  # Statistics Slam Dunk, ineq()
        ([1, 3, 2, 1, 1, 1, 4], 0.3076923),  # phylotools::gini, R help page
        ([50] * 10, 0.0),
    ],
)
def test_gini_matches_published_values(values, published):
    assert concentration_figures(sorted_(values))["gini"] == pytest.approx(published, abs=5e-8)
    low, high = bootstrap_intervals(sorted_(values))[0]["gini"]
    assert low == high == 0.0 if published == 0.0 else low <= published <= high


@given(amounts)
def test_same_as_the_figures_of_concentration(values):
    """The vectorised forms say what kamplay.method.concentration says."""
    series, found = pd.Series(values), concentration_figures(sorted_(values))
    for share in (50, 80, 95):
        assert found[f"accounts_for_{share}"] == c.accounts_for(series, share / 100)
    assert found["top1_share"] == pytest.approx(c.first_share(series, 1))
    assert found["top5_share"] == pytest.approx(c.first_share(series, 5))
    assert found["top20_share"] == pytest.approx(c.top_share(series, 0.2))
    assert found["gini"] == pytest.approx(c.gini(series), abs=1e-12)
    assert found["hhi"] == pytest.approx(c.hhi(series))


@given(
    st.lists(st.tuples(st.floats(0.01, 1e6), st.integers(0, 4)), min_size=2, max_size=30).filter(
        lambda rows: any(n for _, n in rows)
    )
)
def test_multiplicities_are_repeated_accounts(rows):
    """A resample written as multiplicities has the figures of the same accounts written out."""
    from kamplay.method.stats.concentration import _figures

    rows = sorted(rows, reverse=True)
    x, times = np.array([v for v, _ in rows]), np.array([[n for _, n in rows]])
    written, counted = concentration_figures(np.repeat(x, times[0])), _figures(x, times)
    for name in FIGURES:
        assert counted[name][0] == pytest.approx(written[name], rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize(
    ("lorenz", "share"),
    [
        (
            lambda p: p**2,
            (3 - 5**0.5) / 2,
        ),  # amounts spread evenly from 0: k is the golden ratio's 0.618 (Banerjee et al. 2020)
        (
            lambda p: 1 - (1 - p) ** (1 - np.log(4) / np.log(5)),
            0.2,
        ),  # Pareto with exponent log 5 / log 4: exactly 80/20
        (lambda p: p, 0.5),
    ],
)
def test_law_of_known_curves(lorenz, share):
    assert law(pd.Series(np.diff(lorenz(np.linspace(0, 1, 1001))))) == pytest.approx(share, abs=1e-5)


def test_law_by_hand():
    # 10 accounts: the first brings 80, nine share 20. At t accounts past the first: (80 + 20t/9)/100 + (1 +
    # t)/10 = 1, t = 9/11
    assert law(pd.Series([80.0] + [20 / 9] * 9)) == pytest.approx((1 + 9 / 11) / 10)
    assert law(pd.Series([-1.0, 0.0])) is None


def test_interval_of_the_mean_share_is_as_wide_as_theory_says():
    """A bootstrap over n accounts of which half buy 1 and half 3: Gini's own spread by simulation, not by the
    same code.
    """
    x = sorted_([1.0] * 50 + [3.0] * 50)
    rng = np.random.default_rng(5)
    drawn = [c.gini(pd.Series(rng.choice(x, 100))) for _ in range(1000)]
    low, high = bootstrap_intervals(x)[0]["gini"]
    assert (low, high) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))), abs=0.01)
    assert bootstrap_intervals(x) == bootstrap_intervals(x)


def test_fewer_draws_for_many_accounts():
    x = sorted_(np.random.default_rng(1).lognormal(8, 2, 60_000))
    ends, draws = bootstrap_intervals(x)
    assert draws == 333 and ends["gini"][0] < concentration_figures(x)["gini"] < ends["gini"][1]


def test_regular_irregular_and_new_by_hand():
    book = book_of(
        lines_of(
            *monthly_lines("even", [100] * 24),
            *monthly_lines("half", [100] * 12 + [150, 50] * 6),  # deviation exactly half of the mean
            *monthly_lines("full", [100] * 12 + [200, 0] * 6),  # exactly the mean
            *monthly_lines("lumpy", [100] * 12 + [0] * 11 + [1200]),
            *monthly_lines("young", [100] * 6),
        )
    )
    table = concentration(book).abc_xyz
    assert table["xyz"].to_dict() == {"even": "X", "half": "X", "full": "Y", "lumpy": "Z", "young": "new"}
    assert table["cv"].drop("young").to_dict() == pytest.approx(
        {"even": 0.0, "half": 0.5, "full": 1.0, "lumpy": 11**0.5}
    )
    assert np.isnan(table.loc["young", "cv"])
    classes = concentration(book).abc_xyz_classes
    assert (
        len(classes) == 12 and classes["accounts"].sum() == 5 and classes["share"].sum() == pytest.approx(1.0)
    )


def test_recorded_start_makes_an_account_old():
    lines = lines_of(*monthly_lines("a", [100] * 6), *monthly_lines("b", [100] * 6))
    accounts = pd.DataFrame({"account_id": ["a", "b"], "since": pd.to_datetime(["2019-01-01", None])})
    assert concentration(book_of(lines, accounts=accounts)).abc_xyz["xyz"].to_dict() == {"a": "Y", "b": "new"}


def test_trend_ends_with_the_year_and_rises_as_one_account_grows():
    lines = [row for n in range(30) for row in monthly_lines(f"s{n}", [100] * 36)] + monthly_lines(
        "big", [100] * 24 + [2000] * 12
    )
    result = concentration(book_of(lines_of(*lines)))
    trend = result.trend
    assert (
        len(trend) == 25
        and trend["month_end"].is_monotonic_increasing
        and trend["month_end"].iloc[-1] == pd.Timestamp("2025-12-31")
    )
    assert trend["top5_share"].iloc[0] == pytest.approx(5 / 31)
    assert trend["top5_share"].iloc[-1] == pytest.approx((24000 + 4 * 1200) / (24000 + 30 * 1200))
    assert trend["top5_share"].iloc[-1] == pytest.approx(
        result.intervals.set_index("figure").loc["top5_share", "estimate"]
    )
    found = kinds(result)
    assert (
        found["spread_rose"].figures["was"] == pytest.approx(5 / 31)
        and found["spread_rose"].accounts[0] == "big"
    )


def test_months_never_delivered_are_no_silence():
    lines = lines_of(
        *monthly_lines("a", [100] * 30, "2025-09-30"), *monthly_lines("b", [50] * 30, "2025-09-30")
    )
    result = concentration(book_of(lines))
    assert set(result.abc_xyz["xyz"]) == {"X"} and result.trend["month_end"].iloc[-1] == pd.Timestamp(
        "2025-09-30"
    )


def test_margin_more_concentrated_and_losers_left_out():
    lines = lines_of(*[row for n in range(30) for row in monthly_lines(f"s{n:02d}", [100] * 12)])
    cost = {"s00": 10.0, "s01": 10.0, "s02": 150.0}
    result = concentration(book_of(lines.assign(cost=lines["account_id"].map(cost).fillna(99.0))))
    # margins: twice 1,080, 27 times 12, one of −600; 80 % of 2,484 is 1,987.2: two accounts
    assert (
        result.margin_figures["known"],
        result.margin_figures["losing"],
        result.margin_figures["margin_for_80"],
    ) == (30, 1, 2)
    rows = result.intervals[result.intervals["basis"] == "margin"].set_index("figure")
    assert rows.loc["accounts_for_80", "estimate"] == 2 and (rows["accounts"] == 29).all()
    told = kinds(result)["spread_margin_narrower"]
    assert told.figures["revenue_for_80"] == 24 and told.accounts[:2] == ("s00", "s01")


def test_cost_known_for_part_of_the_accounts_only():
    lines = lines_of(*[row for n in range(30) for row in monthly_lines(f"s{n:02d}", [100] * 12)])
    cost = lines["account_id"].map(lambda a: 60.0 if a < "s10" else np.nan)
    result = concentration(book_of(lines.assign(cost=cost)))
    assert (result.margin_figures["known"], result.margin_figures["revenue_for_80"]) == (
        10,
        8,
    )  # compared over the same ten accounts
    assert "spread_margin_alike" in kinds(result)


MESSY = {
    "one": lines_of(("a", "2025-12-01", 10.0)),
    "returns": lines_of(("a", "2025-12-01", -10.0), ("b", "2025-11-01", -1.0)),
    "old": lines_of(("a", "2021-12-01", 10.0)),
    "cancelled": lines_of(("a", "2025-12-01", 10.0), ("a", "2025-12-02", -10.0), ("b", "2024-12-02", 3.0)),
    "few_months": lines_of(*monthly_lines("a", [5, 6, 7]), *monthly_lines("b", [1, 0, 1])),
    "years": random_lines(80),
}


@pytest.mark.parametrize("name", MESSY)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_messy_clients_get_findings_not_crashes(name, language):
    result = concentration(book_of(MESSY[name]))
    assert np.isfinite(result.intervals[["estimate", "low", "high"]].to_numpy(dtype=float)).all()
    assert (result.intervals["low"] <= result.intervals["estimate"]).all() and (
        result.intervals["estimate"] <= result.intervals["high"]
    ).all()
    found = kinds(result)
    assert (
        found and set(found) <= set(HEADLINES) and {f.action for f in found.values()} <= set(ACTIONS) | {None}
    )
    locale = Locale(language, "CNY")
    for kind, finding in found.items():
        said = locale.say(HEADLINES[kind], **finding.figures, names="…")
        assert "{" not in said and "nan" not in said
    with using(View(locale)):
        value = SimpleNamespace(concentration=result)
        shown = {
            "trend": charts.trend_chart(value),
            "grid": charts.abc_xyz_chart(value),
            "table": interval_table(value),
        }
    assert bool(shown["trend"].html) == (len(result.trend) > 1)
    assert bool(shown["grid"].html) == bool((result.abc_xyz["xyz"] != "new").any())
    assert bool(shown["table"].html) == (len(result.intervals) > 0)


def test_what_is_missing_is_said():
    assert {
        "spread_law_unknown",
        "spread_trend_unknown",
        "spread_xyz_unknown",
        "spread_margin_unknown",
    } == set(kinds(concentration(book_of(MESSY["one"]))))
    assert set(kinds(concentration(book_of(MESSY["returns"])))) == {"spread_empty"}
    assert sorted(kind for told in TOPICS.values() for kind in told) == sorted(HEADLINES)


def test_rule_adds_up_to_a_hundred():
    told = kinds(concentration(book_of(MESSY["years"])))["spread_law"].figures
    assert told["few"] + told["many"] == 100 and told["low"] <= told["few"] <= told["high"]
