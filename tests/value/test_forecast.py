"""The forecast counts no amount twice: deals worked by hand, a target missed and met, and missing tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from words import ACTIONS, of_module

from kamplay.book import Book
from kamplay.method.results import Findings
from kamplay.method.value.clv import CustomerValue, customer_value, revenue_backtest
from kamplay.method.value.forecast import Forecast, add_findings, forecast
from kamplay.method.value.pipeline import pipeline
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from tests.conftest import book_of, lines_of, random_lines

words = of_module("value.forecast")

LINES = lines_of(("a", "2025-05-01", 100.0), ("b", "2025-06-01", 300.0))


def deals(*rows: tuple) -> pd.DataFrame:
    """Open deals from (account, amount, win rate, expected close)."""
    frame = pd.DataFrame(rows, columns=["account_id", "amount", "win_rate", "expected_close"])
    return frame.assign(
        expected_close=pd.to_datetime(frame["expected_close"]),
        opportunity_id=[f"O{i}" for i in frame.index],
        stage="offer",
    )


def expecting(**accounts: float) -> CustomerValue:
    """History that expects so much of each account; NaN: it has no model."""
    table = pd.DataFrame({"revenue_12m": pd.Series(accounts, dtype="float64"), "purchases": 9})
    table["model"] = np.where(table["revenue_12m"].isna(), "none", "bgnbd")
    total = float(table["revenue_12m"].sum())
    return CustomerValue(
        table,
        months=30,
        expected=total,
        low=0.8 * total,
        high=1.3 * total,
        factor=1.0,
        last_revenue=total,
        repeaters=9,
        correlation=None,
        parameters={},
    )


def made(book: Book, customers: CustomerValue, target: float | None = None) -> tuple[Forecast, Findings]:
    result, findings = forecast(book, customers, pipeline(book), target), Findings("value")
    add_findings(findings, result)
    return result, findings


BY_HAND = deals(
    ("a", 100.0, 0.5, "2026-03-01"),
    ("a", 200.0, 0.4, None),  # 50 + 80 against 60 expected: 70 beyond
    ("b", 100.0, 0.9, "2026-12-31"),  # 90 against 300: nothing beyond
    ("c", 40.0, 0.5, "2026-01-31"),  # 20, refused by history
    ("new", 10.0, 1.0, None),  # 10
    (None, 8.0, 0.5, None),  # 4, nobody's
    ("a", 1000.0, 0.9, "2027-01-01"),  # a day too late
    ("b", np.nan, 0.9, None),
    ("b", 50.0, np.nan, None),  # weigh nothing
)


def test_no_amount_is_counted_twice():
    result, found = made(book_of(LINES, opportunities=BY_HAND), expecting(a=60.0, b=300.0, c=np.nan), 500.0)
    rows = result.parts.set_index("part")
    assert list(rows.index) == ["history", "known", "fresh", "unnamed", "later", "total", "target", "gap"]
    assert rows["counted"].to_list() == pytest.approx([360, 70, 30, 4, 0, 464, 500, 36])
    assert rows.loc[["known", "fresh", "unnamed", "later"], "weighted"].to_list() == pytest.approx(
        [220, 30, 4, 900]
    )
    assert rows.loc[["known", "fresh", "unnamed", "later", "total"], "deals"].to_list() == [5, 2, 1, 1, 9]
    assert (result.overlap, result.added, result.most) == pytest.approx((150, 104, 360 + 254))
    assert (result.low, result.high) == pytest.approx((0.8 * 360 + 104, 1.3 * 360 + 104))
    assert result.funnel_weighted == pytest.approx(rows.loc["total", "weighted"])
    assert result.funnel_won == 0 and result.gap == pytest.approx(36)
    assert [x.kind for x in found] == ["outlook", "target_within"]


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (464.0, "target_covered"),
        (464.01, "target_within"),
        (1.3 * 360 + 104.01, "target_short"),
        (None, "target_unknown"),
    ],
)
def test_the_target_is_judged_by_the_range(target, kind):
    _, found = made(book_of(LINES, opportunities=BY_HAND), expecting(a=60.0, b=300.0, c=np.nan), target)
    assert found[-1].kind == kind


def test_by_the_win_rates_of_history():
    rates = pd.DataFrame({"by": ["all"], "value": [""], "rate": [0.8]})
    customers, book = expecting(a=60.0, b=300.0, c=np.nan), book_of(LINES, opportunities=BY_HAND)
    result, found = forecast(book, customers, pipeline(book), 1000.0, rates), Findings("value")
    rows = result.parts.set_index("part")
    # 0.8 of 300 against 60, 0.8 of 150 against 300; 0.8 of 50; 0.8 of 8
    assert rows["history_counted"].to_list() == pytest.approx([360, 180, 40, 6.4, 0, 586.4, 1000, 413.6])
    assert rows.loc[["known", "later"], "history_weighted"].to_list() == pytest.approx([360, 800])
    add_findings(found, result)
    assert [f.kind for f in found] == [
        "outlook",
        "outlook_by_history",
        "target_short",
    ]  # the table has the gap by history
    assert result.history_total == pytest.approx(586.4)
    few = forecast(
        book, customers, pipeline(book), 1000.0, rates.assign(rate=np.nan)
    )  # too few closed: history says nothing
    assert few.parts["history_counted"].isna().all() and few.history_total is None


def test_what_new_accounts_brought_is_told_beside_the_gap():
    lines = lines_of(
        ("a", "2023-05-01", 9.0),
        ("n", "2025-05-01", 10.0),
        ("n", "2025-07-01", 30.0),
        ("once", "2025-05-01", 70.0),
    )
    result, found = made(book_of(lines, opportunities=BY_HAND), expecting(a=60.0), 1000.0)
    told = found[-1]
    assert told.kind == "target_new_once" and [
        told.figures[k] for k in ("new", "new_amount", "once_amount")
    ] == [1, 40, 70]
    assert told.figures["share"] == pytest.approx(40 / result.gap)
    assert result.parts["part"].iloc[-1] == "new"


def test_more_deals_never_lower_the_outlook_and_never_add_more_than_they_weigh():
    rng, seen = np.random.default_rng(3), 0.0
    rows = [
        ("ab"[i % 2], float(x), float(p), None)
        for i, (x, p) in enumerate(zip(rng.uniform(1, 90, 30), rng.random(30), strict=True))
    ]
    for n in (1, 2, 4, 8, 16, 30):
        result, _ = made(book_of(LINES, opportunities=deals(*rows[:n])), expecting(a=60.0, b=300.0))
        assert max(seen, 360.0) - 1e-9 <= result.total <= result.most + 1e-9
        seen = result.total


def test_what_is_missing_is_said():
    alone, found = made(book_of(LINES), expecting(a=60.0, b=300.0), 300.0)
    assert [f.kind for f in found] == ["outlook_history_only", "target_covered"]
    assert alone.parts["part"].to_list() == ["history", "total", "target"]
    blind, found = made(book_of(LINES, opportunities=BY_HAND), expecting(a=np.nan), 300.0)
    assert [f.kind for f in found] == ["outlook_funnel_only", "target_unjudged"] and blind.parts.empty
    assert [f.kind for f in made(book_of(LINES), expecting(a=np.nan))[1]] == [
        "target_unknown"
    ]  # the rest is said elsewhere


def test_on_real_histories_and_in_both_languages():
    lines = random_lines(accounts=120, seed=2)
    book = book_of(lines, opportunities=deals(("A001", 9e5, 0.3, None), ("nobody", 1e5, 0.5, "2026-05-01")))
    customers, kinds = customer_value(book, revenue_backtest(book)), set()
    for given, expected, target in (
        (book, customers, 1e12),
        (book, customers, 1.0),
        (book, customers, None),
        (book_of(LINES), expecting(a=1.0), 1.2),
    ):
        _, found = made(given, expected, target)
        for f in found:
            kinds.add(f.kind)
            for language in ("zh", "en"):
                said = headline(f, Locale(language, "EUR"), {})
                assert "nan" not in said and "–" not in said.replace("Hirschman", "") and "{" not in said
            assert f.action in ACTIONS
    assert {"outlook", "target_short", "target_covered", "target_unknown", "target_within"} <= kinds
