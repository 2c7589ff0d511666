"""Expected revenue and lifetime value: accounts by hand, messy histories, past years and what they change."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines
from words import of_module

from kamplay.book import Book
from kamplay.method.results import Finding, Findings
from kamplay.method.value.account_forecast import history
from kamplay.method.value.clv import (
    DISCOUNT,
    MISSES,
    CustomerValue,
    add_findings,
    better_basis,
    counted,
    customer_value,
    revenue_backtest,
    short_history,
    worst_size_group,
)
from kamplay.show.findings import action, brief_action, headline
from kamplay.show.locale import Locale
from kamplay.show.value.clv import expected_revenue_sheet, expected_revenue_table
from kamplay.show.view import View, using

words = of_module("value.clv")


def valued(book: Book) -> tuple[CustomerValue, Findings]:
    findings, backtest = Findings("value"), revenue_backtest(book)
    result = customer_value(book, backtest)
    add_findings(findings, result, backtest)
    return result, findings


@pytest.fixture(scope="module")
def irregular() -> Book:
    """150 accounts, of which some buy to a rhythm and the others do not."""
    return book_of(random_lines(accounts=150, seed=4))


def test_steady_account_alone():
    # one purchase of 100 every 30 days for two years and more: 365/30 purchases, less the chance that it
    # leaves
    days = pd.date_range(end=AS_OF, periods=30, freq="30D")
    result, found = valued(book_of(lines_of(*[("A", str(d.date()), 100.0) for d in days])))
    row = result.accounts.loc["A"]
    assert row["model"] == "reorder" and row["revenue_12m"] == pytest.approx(100 * 365 / 30, rel=0.1)
    assert row["low"] < row["revenue_12m"] < row["high"]
    assert (
        row["clv"] == pytest.approx(row["revenue_12m"] * sum(1.1 ** -(y - 0.5) for y in (1, 2, 3)), rel=0.15)
        and row["clv_on"] == "revenue"
    )
    assert DISCOUNT == 0.10
    assert row["clv_low"] < row["clv"] < row["clv_high"]
    assert "future_clv_revenue" in {f.kind for f in found}


def test_history_by_hand():
    book = book_of(
        lines_of(
            ("A", "2025-01-01", 100.0),
            ("A", "2025-01-15", 50.0),
            ("A", "2025-01-29", -30.0),
            ("B", "2025-12-31", -5.0),
        )
    )
    past = history(book, AS_OF)
    assert list(past.index) == ["A"]  # a return alone is no purchase
    row = past.loc["A"]
    assert (row["x"], row["t_x"], row["purchases"]) == (1, 2.0, 2) and row["spend"] == 60.0
    assert row["T"] == pytest.approx(364 / 7) and row["gap"] == 14


def test_models_refusals_and_the_test_of_a_year_ago(irregular):
    book = irregular
    result, found = valued(book)
    table, backtest = result.accounts, revenue_backtest(book)
    assert backtest is not None
    check = backtest.accounts
    assert set(table["model"]) == {"reorder", "bgnbd"}
    numbers = table.select_dtypes("number")
    assert (
        np.isfinite(numbers.to_numpy()).all()
        and (table["low"] <= table["high"]).all()
        and table["alive"].between(0, 1).all()
    )
    assert table["revenue_12m"].is_monotonic_decreasing
    kinds = {f.kind for f in found}
    assert "future_checked" in kinds and kinds & {"future_expected", "future_expected_corrected"}
    assert result.low < result.expected < result.high and result.clv_low < result.clv < result.clv_high
    assert result.expected == pytest.approx(table["revenue_12m"].sum())  # the sum of all accounts, once
    # the check knows nothing after its day: what came is the Book's, for accounts that had bought by then
    before = set(book.days.loc[book.days["date"] <= "2024-12-31", "account_id"])
    after = book.days[book.days["date"] > "2024-12-31"].groupby("account_id")["amount"].sum()
    assert set(check.index) <= before and check["actual"].sum() == pytest.approx(
        after.reindex(check.index).sum()
    )
    assert abs(backtest.error) < 0.25
    altered = book.days.assign(amount=book.days["amount"].where(book.days["date"] <= "2024-12-31", 1.0))
    other = revenue_backtest(dataclasses.replace(book, days=altered))
    assert other is not None
    pd.testing.assert_series_equal(other.accounts["expected"].sort_index(), check["expected"].sort_index())
    pd.testing.assert_frame_equal(customer_value(book, backtest).accounts, table)  # seeded


def test_too_few_accounts():
    lines = [("ONE", "2023-05-01", 10.0), ("NET", "2024-02-01", 10.0), ("NET", "2024-03-01", -11.0)]
    lines += [
        ("IRR", d, 10.0)
        for d in ("2023-01-01", "2023-01-05", "2024-01-01", "2024-01-02", "2025-03-01", "2025-03-02")
    ]
    result, found = valued(book_of(lines_of(*lines)))
    table = result.accounts
    assert table.loc[["ONE", "NET"], "reason"].to_dict() == {"ONE": "one_purchase", "NET": "no_net_revenue"}
    assert table.loc[["ONE", "NET"], "revenue_12m"].isna().all()
    # no model, no rhythm: last year again, as the years before were missed
    assert table.loc["IRR", "model"] == "last_year"
    assert table.loc["IRR", "revenue_12m"] == pytest.approx(20 * result.factor)
    assert {"future_refused_single", "future_refused_returns"} <= {f.kind for f in found}
    nobody = valued(book_of(lines_of(("ONE", "2024-05-01", 10.0), ("TWO", "2024-02-01", 10.0))))
    assert [f.kind for f in nobody[1]] == ["future_no_model"]


def test_a_small_firm_is_forecast_whole():
    """Fourteen accounts that buy at random, about ten times a year: no model can be fitted, none has a
    rhythm, and yet all of them are in the sum.
    """
    rng, lines = np.random.default_rng(5), []
    for n in range(14):
        days = AS_OF - pd.to_timedelta(np.sort(rng.integers(0, 900, 25)), unit="D")
        lines += [(f"C{n:02d}", f"{day:%Y-%m-%d}", float(rng.gamma(2.0, 5_000.0))) for day in days]
    book = book_of(lines_of(*lines))
    result = customer_value(book, revenue_backtest(book))
    assert (result.accounts["model"] != "none").all()
    assert result.expected == pytest.approx(result.last_revenue, rel=0.25)
    assert result.low < result.last_revenue < result.high


def test_a_quarterly_buyer_goes_on_at_its_own_amount():
    """Sixty accounts order every 91 days, give or take three, each a size of its own; the largest has ordered
    four times. Its next year is about four orders of its own size and not of the average account's.
    """
    rng, lines = np.random.default_rng(7), []
    for n in range(60):
        orders, size = 4 if n == 0 else 9, 130_000.0 if n == 0 else float(rng.lognormal(9, 1))
        for k in range(orders):
            day = AS_OF - pd.Timedelta(days=40 + 91 * k + int(rng.integers(-3, 4)))
            lines.append((f"R{n:02d}", f"{day:%Y-%m-%d}", size * float(rng.uniform(0.8, 1.2))))
    result, found = valued(book_of(lines_of(*lines)))
    row = result.accounts.loc["R00"]
    assert set(result.accounts["model"]) == {"reorder"}
    assert row["revenue_12m"] == pytest.approx(4 * 130_000, rel=0.15)
    assert "future_falling" not in {f.kind for f in found}


def test_who_stopped_falls_and_a_lucky_year_does_not():
    lines = random_lines(accounts=80, seed=9)
    steady = [
        ("STEADY", f"{day:%Y-%m-%d}", 9000.0) for day in pd.date_range(end=AS_OF, periods=30, freq="30D")
    ]
    stopped = [
        ("STOPPED", f"{day:%Y-%m-%d}", 9000.0)
        for day in pd.date_range(end=AS_OF - pd.Timedelta(days=200), periods=24, freq="30D")
    ]
    _, found = valued(book_of(pd.concat([lines, lines_of(*steady, *stopped)], ignore_index=True)))
    falls = [f for f in found if f.kind == "future_falling"]
    assert falls and falls[0].accounts == ("STOPPED",)


@pytest.mark.parametrize(
    "lines", [[("A", "2025-11-01", 5.0)], [("A", "2025-11-01", -5.0)], [("A", "2026-05-01", 5.0)]]
)
def test_too_short_a_history(lines):
    result, found = valued(book_of(lines_of(*lines)))
    assert [f.kind for f in found] == ["future_unknown"] and (result.accounts["model"] == "none").all()
    assert set(result.parameters.values()) == {None}


def test_margin_where_known():
    lines = random_lines(accounts=80, seed=6)
    lines["cost"] = np.where(lines["account_id"] < "A040", lines["amount"] * 0.75, np.nan)
    result, found = valued(book_of(lines))
    on = result.accounts["clv_on"]
    assert set(on[on.index < "A040"]) == {"margin"} and set(on[on.index >= "A040"]) == {"revenue"}
    assert "future_clv_mixed" in {f.kind for f in found}
    whole = valued(book_of(lines.drop(columns="cost")))[0].accounts["clv"]
    part = on[on == "margin"].index
    assert (result.accounts.loc[part, "clv"] / whole[part]).to_numpy() == pytest.approx(0.25, rel=1e-6)


def test_what_loses_to_last_year_again_is_not_used():
    one = pd.DataFrame([[AS_OF, -0.30, 0.03, -0.10, 0.03]], columns=MISSES)
    assert better_basis(one) == "last_year"
    assert better_basis(one.assign(last_miss=0.31)) == "model"
    assert better_basis(one.assign(last_miss=0.28)) == "model"  # chance may make it
    assert better_basis(one.head(0)) == "model"
    # last year again then has the range of its own misses, and a quarter of the one seen is taken off
    book = book_of(random_lines(accounts=80, seed=6))
    backtest = revenue_backtest(book)
    assert backtest is not None
    losing = dataclasses.replace(backtest, misses=one, basis="last_year")
    result = customer_value(book, losing)
    assert set(result.accounts["model"]) == {"last_year"} and result.basis == "last_year"
    assert np.log(result.factor) == pytest.approx(-0.025, abs=0.003)
    assert result.expected == pytest.approx(result.last_revenue * result.factor, rel=1e-6)
    found = Findings("value")
    add_findings(found, result, losing)
    told = next(f for f in found if f.kind == "future_expected_last_year")
    text = headline(told, Locale("en", "EUR"), {})
    assert "missed by 35%" in text and "11%" in text  # e^0.30 − 1, e^0.10 − 1


def test_a_right_total_tells_its_worst_tenth():
    """Twenty accounts in ten groups of two; the first group brings 10 more than expected, the last two groups
    5 less each.
    """
    expected = np.array([100.0, 100.0] + [10.0] * 18)
    actual = expected.copy()
    actual[:2] += 5.0
    actual[-4:] -= 2.5
    accounts = pd.DataFrame({"expected": expected, "actual": actual})
    worst = worst_size_group(accounts)
    assert accounts["expected"].sum() == accounts["actual"].sum()
    assert worst == {
        "group": 1,
        "group_expected": 200.0,
        "group_actual": 210.0,
        "group_off": pytest.approx(200 / 210 - 1),
    }
    assert worst_size_group(accounts.head(9)) == {}
    figures = {
        "accounts": 20,
        "expected": 380.0,
        "low": 300.0,
        "high": 470.0,
        "actual": 380.0,
        "off": 0.0,
        "last_off": 0.1,
        "inside": 1.0,
        "new": 0.0,
        "single": 0.0,
    }
    locale = Locale("en", "EUR")
    text = headline(Finding("value", "future_checked", "note", figures | worst), locale, {})
    assert "group 1 was furthest off" in text and "210" in text
    assert "missed by most" not in headline(Finding("value", "future_checked", "note", figures), locale, {})


def test_the_corrected_sum_is_told_first():
    figures = {
        "expected": 765.0,
        "by_method": 816.0,
        "correction": 765 / 816 - 1,
        "low": 490.0,
        "high": 970.0,
        "count": 9,
        "ten": 765.0,
        "ten_count": 9,
        "last": 796.0,
        "off": 0.25,
    }
    text = headline(Finding("value", "future_expected_corrected", "watch", figures), Locale("en", "EUR"), {})
    assert text.index("€765") < text.index("€816") and "25% too high" in text and "lowered by 6.3%" in text


def test_every_finding_can_be_said(irregular):
    _, findings = valued(irregular)
    for language in ("zh", "en"):
        for finding in findings:
            assert headline(finding, Locale(language, "EUR"), {})
            assert finding.action is None or finding.action in words.ACTIONS


@pytest.mark.parametrize(
    ("error", "again", "chance", "basis", "beaten", "no_better"),
    [
        # ln 0.677 = −0.390, ln 0.918 = −0.086: 0.304 apart
        (-0.3231, -0.0825, 0.172, "model", True, True),
        (-0.3231, -0.0825, 0.35, "model", False, True),  # chance alone parts two totals by more than that
        (0.29, 0.29, 0.05, "model", False, True),  # both far off by as much
        (0.29, 0.60, 0.05, "model", False, False),  # ln 1.29 = 0.255, ln 1.6 = 0.470: clearly nearer
        (0.02, 0.02, 0.05, "model", False, False),  # both near
        (0.02, -0.30, 0.05, "model", False, False),
        (0.05, 0.01, 0.001, "model", False, False),  # 0.049 − 0.010: too little to matter
        (-0.3231, -0.0825, 0.172, "last_year", False, False),  # it is what is told anyway
        (None, -0.0825, 0.172, "model", False, False),
    ],
)
def test_last_year_again_beats_a_forecast_that_missed_by_clearly_more(
    irregular, error, again, chance, basis, beaten, no_better
):
    test = revenue_backtest(irregular)
    one = pd.DataFrame([(AS_OF, 0.0, chance, 0.0, 0.1)], columns=MISSES)
    test = dataclasses.replace(test, error=error, last_error=again, misses=one, basis=basis)
    assert (test.beaten, test.no_better) == (beaten, no_better)
    if not beaten or basis != "model":
        return
    result, found = customer_value(irregular, test), Findings("value")
    add_findings(found, result, test)
    told = next(f for f in found if f.kind == "future_expected_beaten")
    text = headline(told, Locale("en", "EUR"), {})
    assert told.severity == "watch" and "32% too low" in text and "8.3% too low" in text
    assert not {"future_expected", "future_expected_corrected"} & {f.kind for f in found}


@pytest.mark.parametrize("name", ["retail_steps", "medtech_steps"])
def test_nobody_with_too_short_a_history_stands_above_others_by_a_forecast(name, request):
    """14096 stood third in the worth of three years and in the list of the next 12 months."""
    value = request.getfixturevalue(name).value
    accounts = counted(value.customer_value.accounts)
    young = set(accounts.index[accounts["first"] > accounts["last"].max() - pd.DateOffset(months=11)])
    assert len(young) > 10
    for finding in value.findings:
        if finding.kind.startswith(("future_expected", "future_clv")) and finding.accounts:
            assert not young & set(finding.accounts[:10]), finding.kind
    with using(View(Locale("en", "GBP"))):
        rows, table = expected_revenue_sheet(value).rows, expected_revenue_table(value)
    places = {account: place for place, account in enumerate(rows.index)}
    assert max(places[a] for a in set(accounts.index) - young) < min(places[a] for a in young)
    assert set(rows.index[rows["rank"].eq("young")]) == young
    assert rows["revenue_12m"].sum() == pytest.approx(accounts["revenue_12m"].sum())
    assert "not ranked and come last" in table.text
    assert not young & {line[0] for line in table.grid.lines}


def test_who_has_bought_for_a_season_is_not_named_first(retail_steps):
    """14096 bought for 49,285 from 30 August on and would be third by what is expected of it for a year."""
    found = retail_steps.value.finding("future_expected_beaten")
    expected = retail_steps.value.customer_value.accounts
    assert expected.index.get_loc("14096") < 5
    assert "14096" not in found.accounts[:5] and found.figures["short_first"] == "14096"
    young = short_history(expected)
    assert young["14096"] and not young[list(found.accounts[:10])].any()
    with using(View(Locale("en", "GBP"), {"14096": "Ann"})):
        for told in (action, brief_action):
            assert "Ann has bought for less than a year, too short to rank it by a forecast" in told(
                found, Locale("en", "GBP"), {}
            )


def test_where_all_are_new_somebody_is_named():
    """With a year of data nobody has bought for longer than that."""
    days = pd.to_datetime(["2025-03-01", "2025-06-01"])
    accounts = pd.DataFrame({"first": days, "last": pd.Timestamp("2025-12-01")}, index=["a", "b"])
    assert not short_history(accounts).any()
    assert short_history(accounts.assign(first=[pd.Timestamp("2024-03-01"), days[1]])).tolist() == [
        False,
        True,
    ]
