"""Profit after the cost to serve: hand-worked, with tables missing, and the planted account of the sample."""

import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.results import Findings
from kamplay.method.value.profitability import add_findings, profitability

COSTS = {"visits": 10.0, "tickets": 5.0, "orders": 1.0, "returns": 2.0, "financing": 0.1}


def found(result) -> dict:
    out = Findings("value")
    add_findings(out, result)
    return {f.kind: f for f in out}


def costed(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "date", "amount", "cost"])


LINES = costed(
    ("a", "2025-03-01", 100.0, 60.0),
    ("a", "2025-05-01", -20.0, -12.0),
    ("b", "2025-04-01", 50.0, 30.0),
    ("b", "2025-08-01", 50.0, 30.0),
)


def test_by_hand():
    """a: margin 32, one order 1, one return 2. b: margin 40, 4 visits 40, 2 tickets 10, 2 orders 2, 365 open
    for 100 days at 10 %: 10.
    """
    visits = pd.DataFrame(
        {
            "account_id": ["b"] * 5,
            "date": pd.to_datetime(["2025-01-05", "2025-02-05", "2025-03-05", "2025-12-31", "2024-12-31"]),
        }
    )
    tickets = pd.DataFrame({"account_id": ["b", "b"], "opened": pd.to_datetime(["2025-06-01", "2025-07-01"])})
    dates = {"invoice_date": "2025-02-01", "due_date": "2025-03-01", "paid_date": "2025-05-12"}
    bills = pd.DataFrame(
        [{"account_id": "b", "amount": 365.0, **{k: pd.Timestamp(d) for k, d in dates.items()}}]
    )
    result = profitability(book_of(LINES, visits=visits, tickets=tickets, receivables=bills), COSTS)
    assert result.accounts.loc["a", ["margin", "cost", "net"]].tolist() == pytest.approx([32, 3, 29])
    assert result.accounts.loc["b", ["visits", "tickets", "orders", "financing"]].tolist() == pytest.approx(
        [40, 10, 2, 10]
    )
    assert result.accounts.loc["b", "net"] == pytest.approx(40 - 62)
    # 29 earned, 22 given back: after the first account 29/7 of what is left, after both all of it
    assert result.whale_curve["cumulative"].tolist() == pytest.approx([29 / 7, 1.0])
    told = found(result)
    assert told["service_eats_margin"].accounts == ("b",)
    assert told["profit_given_back"].figures["share"] == pytest.approx(22 / 29)


def test_what_is_not_known_is_told():
    told = found(profitability(book_of(LINES), {"visits": 10.0, "orders": 1.0}))
    assert told["serve_costs_partial"].figures["kinds"] == ["visits"]
    assert "serve_costs_unstated" in found(profitability(book_of(LINES), {}))
    without = profitability(book_of(lines_of(("a", "2025-03-01", 100.0))), COSTS)
    assert without.whale_curve.empty and set(found(without)) == {"margin_unknown"}


def test_parts_add_up_to_the_whole(medtech_book):
    result = profitability(medtech_book, COSTS)
    frame = result.accounts
    assert frame[list(result.stated)].sum(axis=1).to_numpy() == pytest.approx(frame["cost"].to_numpy())
    assert result.whale_curve["cumulative"].iloc[-1] == pytest.approx(1.0)
    assert (
        result.whale_curve["cumulative"].diff().dropna().diff().dropna() <= 1e-12
    ).all()  # each adds no more than the one before


def test_the_samples_profit_destroyer_is_found(medtech_value, medtech_answers):
    cases = {c["kind"]: c for c in medtech_answers["cases"]}
    case = cases["profit_destroyer"]
    result = medtech_value.profitability
    who = found(result)["service_eats_margin"].accounts
    assert set(who) == {
        case["account_id"],
        cases["skinner"]["account_id"],
    }  # the other account without margin, and no false alarm
    row = result.accounts.loc[case["account_id"]]
    assert row["margin"] == pytest.approx(case["evidence"]["margin"])
    counted = case["evidence"]["counts"]
    assert (
        row["visits"] == counted["visit"] * 2500
        and row["tickets"] == counted["ticket"] * 1200
        and row["returns"] == counted["return_line"] * 800
    )
