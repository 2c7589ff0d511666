"""The funnel: the method's worked example, and what counts as open."""

import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.funnel import by_stage, funnel, shape
from kamplay.method.value import pareto_value

# Worked example of the method, € 10k: win rate, opportunities, amount
STAGES = [(0.05, 5, 300), (0.10, 4, 240), (0.20, 3, 176), (0.30, 2, 464), (0.50, 2, 146), (0.80, 2, 98)]


def deals() -> pd.DataFrame:
    rows = []
    for rate, count, amount in STAGES:
        rows += [
            {"opportunity_id": f"{rate}-{i}", "amount": amount / count, "stage": f"stage {rate}", "win_rate": rate} for i in range(count)
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
    ("early", "late", "expected"), [(100, 100, "balanced"), (99, 100, "thin_mouth"), (401, 100, "wide_mouth"), (400, 100, "balanced")]
)
def test_shape(early, late, expected):
    assert shape(pd.DataFrame({"win_rate": [0.1, 0.5], "amount": [early, late]})) == expected


def test_none_without_opportunities():
    assert funnel(book_of(lines_of(("a", "2025-05-01", 10.0)))) is None
