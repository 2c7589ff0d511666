"""The funnel: the method's worked example, and what counts as open."""

from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.results import Finding, Findings
from kamplay.method.value.pipeline import Funnel, add_funnel_findings, by_stage, funnel, shape
from kamplay.method.value.step import pareto_value
from kamplay.show.findings import action
from kamplay.show.locale import Locale

# Worked example of the method, € 10k: win rate, opportunities, amount
STAGES = [(0.05, 5, 300), (0.10, 4, 240), (0.20, 3, 176), (0.30, 2, 464), (0.50, 2, 146), (0.80, 2, 98)]


def deals() -> pd.DataFrame:
    rows = []
    for rate, count, amount in STAGES:
        rows += [
            {
                "opportunity_id": f"{rate}-{i}",
                "amount": amount / count,
                "stage": f"stage {rate}",
                "win_rate": rate,
            }
            for i in range(count)
        ]
    return pd.DataFrame(rows)


def test_worked_example_weighs_364_8():
    table = by_stage(deals())
    assert table["count"].sum() == 18
    assert table["amount"].sum() == pytest.approx(1424)
    assert table["weighted"].sum() == pytest.approx(364.8)


def test_forecast_is_won_plus_weighted():
    ended = pd.DataFrame([
        {"opportunity_id": "w", "amount": 100.0, "stage": "Won", "win_rate": 1.0, "closed": pd.Timestamp("2025-06-01"), "result": "won"},
        {"opportunity_id": "old", "amount": 999.0, "stage": "Won", "win_rate": 1.0, "closed": pd.Timestamp("2024-06-01"), "result": "won"},
        {"opportunity_id": "l", "amount": 50.0, "stage": "Lost", "win_rate": 0.0, "closed": pd.Timestamp("2025-06-01"), "result": "lost"},
    ])  # fmt: skip
    table = pd.concat([deals(), ended], ignore_index=True)
    table["closed"] = pd.to_datetime(table["closed"])
    book = book_of(lines_of(("a", "2025-05-01", 10.0)), opportunities=table)
    figures = pareto_value(book).key_figures
    assert figures["funnel_weighted"] == pytest.approx(364.8)
    assert figures["funnel_forecast"] == pytest.approx(464.8)


@pytest.mark.parametrize(
    ("early", "late", "expected"),
    [(100, 100, "balanced"), (99, 100, "thin_mouth"), (401, 100, "wide_mouth"), (400, 100, "balanced")],
)
def test_shape(early, late, expected):
    assert shape(pd.DataFrame({"win_rate": [0.1, 0.5], "amount": [early, late]})) == expected


def test_none_without_opportunities():
    assert funnel(book_of(lines_of(("a", "2025-05-01", 10.0)))) is None


def told(shape: str, gap: float | None, rate: float) -> Finding:
    """What a funnel of that shape calls for, with so much missing and such a win rate of past deals."""
    found = Findings("value")
    stages = pd.DataFrame(
        {"stage": ["x"], "win_rate": [0.5], "count": [1], "amount": [10.0], "weighted": [5.0]}
    )
    late = pd.DataFrame({"opportunity_id": [], "account_id": [], "amount": []})
    past = SimpleNamespace(win_rates=pd.DataFrame({"by": ["all"], "rate": [rate]}), stalled=late)
    add_funnel_findings(found, Funnel(stages, 1, 10.0, 5.0, 3.0, shape, 0, late), 100.0, past, gap)  # type: ignore[arg-type]
    return found[0]


def test_the_action_follows_the_gap():
    """480 missing at a win rate of 48 % takes 1,000 of new opportunities."""
    assert told("balanced", None, 0.48).action == told("balanced", -5.0, 0.48).action == "funnel_balanced"
    filled = told("balanced", 480.0, 0.48)
    assert (filled.action, filled.severity, filled.figures["needed"]) == (
        "funnel_fill_gap",
        "watch",
        pytest.approx(1000),
    )
    assert "€1K" in (action(filled, Locale("en", "EUR")) or "") and "48%" in (
        action(filled, Locale("en", "EUR")) or ""
    )
    assert told("thin_mouth", 480.0, float("nan")).action == "funnel_fill_gap_unrated"
    assert (
        told("wide_mouth", 480.0, 0.48).action == "funnel_wide_mouth"
    )  # more of what does not close is no help
