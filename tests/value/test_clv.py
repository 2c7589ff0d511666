"""Expected revenue and lifetime value: accounts by hand, messy histories, the backtest and its correction."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines
from words import of_module

from kamplay.book import Book
from kamplay.method.results import Finding, Findings
from kamplay.method.value.clv import (
    DISCOUNT,
    CustomerValue,
    RevenueBacktest,
    add_findings,
    correction_factor,
    customer_value,
    history,
    revenue_backtest,
    worst_size_group,
)
from kamplay.show.findings import headline
from kamplay.show.locale import Locale

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
    assert {f.kind for f in found} >= {"future_expected", "future_clv_revenue"}


def test_history_by_hand():
    book = book_of(
        lines_of(
            ("A", "2025-01-01", 100.0),
            ("A", "2025-01-15", 50.0),
            ("A", "2025-01-29", -30.0),
            ("B", "2025-12-31", -5.0),
        )
    )
    past = history(book.days, AS_OF)
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
    assert {"future_expected", "future_checked"} <= kinds
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
    lines = [("ONE", "2023-05-01", 10.0), ("NET", "2024-02-01", 10.0), ("NET", "2024-03-01", -10.0)]
    lines += [
        ("IRR", d, 10.0)
        for d in ("2023-01-01", "2023-01-05", "2024-01-01", "2024-01-02", "2025-03-01", "2025-03-02")
    ]
    result, found = valued(book_of(lines_of(*lines)))
    assert result.accounts["reason"].to_dict() == {
        "ONE": "one_purchase",
        "NET": "no_net_revenue",
        "IRR": "irregular",
    }
    assert result.accounts["revenue_12m"].isna().all() and [f.kind for f in found] == ["future_no_model"]


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
    whole = customer_value(book_of(lines.drop(columns="cost")), None).accounts["clv"]
    part = on[on == "margin"].index
    assert (result.accounts.loc[part, "clv"] / whole[part]).to_numpy() == pytest.approx(0.25, rel=1e-6)


def made_backtest(
    low: float = 110.0, high: float = 140.0, actual: float = 100.0, **also: float | None
) -> RevenueBacktest:
    """A backtest of 40 accounts that expected a quarter too much."""
    figures = {"expected": 125.0, "error": 0.25, "inside": 1.0, "correlation": 0.9, "single": 0.0, "new": 0.0}
    return RevenueBacktest(pd.DataFrame(index=range(40)), low=low, high=high, actual=actual, **figures | also)


def test_a_bias_beyond_chance_is_taken_off_and_a_small_or_a_chance_one_is_not():
    assert correction_factor(made_backtest()) == pytest.approx(0.8)
    assert correction_factor(None) == 1
    for kept in (
        made_backtest(error=0.09),  # small
        made_backtest(actual=115.0),  # chance does as much
        made_backtest(error=None, actual=0.0),
        dataclasses.replace(made_backtest(), accounts=pd.DataFrame(index=range(29))),  # few
    ):
        assert correction_factor(kept) == 1


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
        "actual": 380.0,
        "off": 0.0,
        "inside": 1.0,
        "new": 0.0,
        "single": 0.0,
    }
    locale = Locale("en", "EUR")
    text = headline(Finding("value", "future_checked", "note", figures | worst), locale, {})
    assert "no. 1 was missed" in text and "210" in text
    assert "missed by most" not in headline(Finding("value", "future_checked", "note", figures), locale, {})


def test_the_corrected_sum_is_told_first():
    figures = {
        "expected": 816.0,
        "corrected": 652.8,
        "corrected_low": 490.0,
        "corrected_high": 870.0,
        "count": 9,
        "last": 796.0,
        "off": 0.25,
    }
    text = headline(Finding("value", "future_expected_corrected", "watch", figures), Locale("en", "EUR"), {})
    assert text.index("€653") < text.index("€816") and "25% too high" in text


def test_every_finding_can_be_said(irregular):
    _, findings = valued(irregular)
    for language in ("zh", "en"):
        for finding in findings:
            assert headline(finding, Locale(language, "EUR"), {})
            assert finding.action is None or finding.action in words.ACTIONS
