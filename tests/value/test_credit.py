"""The accounts' own condition, worked by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.measures.registry import measure_of
from kamplay.method.results import Findings
from kamplay.method.value.credit import add_findings, credit
from kamplay.show.findings import action
from kamplay.show.locale import Locale

LINES = lines_of(("a", "2025-06-01", 1000.0), ("b", "2025-06-01", 500.0))
BILLS = pd.DataFrame(
    [
        ("a", "2025-10-01", "2025-11-01", None, 300.0),  # 60 days overdue at the end of the year
        ("a", "2025-12-01", "2026-01-15", None, 200.0),  # not due
        ("a", "2025-03-01", "2025-04-01", "2025-05-10", 100.0),  # paid after 70 days
        ("b", "2025-03-01", "2025-04-01", "2025-03-11", 300.0),  # after 10
        ("b", "2024-03-01", "2024-04-01", "2024-04-10", 100.0),  # the year before: after 40
        (
            "b",
            "2025-01-01",
            "2025-02-01",
            "2026-02-01",
            50.0,
        ),  # paid after the reporting date: 333 days overdue then
    ],
    columns=["account_id", "invoice_date", "due_date", "paid_date", "amount"],
).assign(
    **{
        c: lambda f, c=c: pd.to_datetime(f[c]).astype("datetime64[us]")
        for c in ("invoice_date", "due_date", "paid_date")
    }
)
BOOKS = pd.DataFrame(
    [
        ("a", 2024, 200.0, 100.0, 50.0, 1000.0, 50.0, 500.0),
        ("a", 2025, 90.0, 100.0, 10.0, 1000.0, -20.0, 400.0),
        ("b", 2025, 300.0, 100.0, 60.0, 800.0, 40.0, 400.0),
    ],
    columns=[
        "account_id",
        "year",
        "current_assets",
        "current_liabilities",
        "cash",
        "revenue",
        "net_profit",
        "total_assets",
    ],
)


def found(result) -> dict:
    out = Findings("value")
    add_findings(out, result)
    return {f.kind: f for f in out}


def test_by_hand():
    accounts = pd.DataFrame({"account_id": ["a", "b"], "credit_limit": [400.0, 100.0]})
    result = credit(book_of(LINES, receivables=BILLS, financials=BOOKS, accounts=accounts))
    a, b = result.accounts.loc["a"], result.accounts.loc["b"]
    assert a[["current_ratio", "cash_ratio", "net_margin", "return_on_assets"]].tolist() == pytest.approx(
        [0.9, 0.1, -0.02, -0.05]
    )
    assert (a["weak"], b["weak"], a["year"]) == (4, 0, 2025)
    assert a[["open", "overdue", "oldest", "credit_used"]].tolist() == [500, 300, 60, 1.25]
    assert (a["days_to_pay"], b["days_to_pay"]) == (70, 10)
    assert result.days_now == pytest.approx((70 * 100 + 10 * 300) / 400)
    assert result.days_before == 40
    ages = result.ageing.set_index("age")
    assert ages["amount"].to_dict() == {"not_due": 200, "to_30": 0, "to_90": 300, "to_180": 0, "over_180": 50}
    assert ages["share"].sum() == pytest.approx(1)
    told = found(result)
    assert told["standing_weak"].accounts == ("a",)
    assert told["credit_exceeded"].figures["beyond"] == 100
    assert told["collect_days"].severity == "note"  # 25 days now, 40 before: not slower


def test_a_limit_exceeded_by_next_to_nothing_is_no_decision():
    """A ten-thousandth of the revenue of 10,001 is about 1: who is 2 above the limit is decided on, who is
    0.5 above it is told beside; alone it is a note without an action.
    """
    lines = lines_of(("large", "2025-06-01", 10_000.0), ("a", "2025-06-01", 1.0), ("b", "2025-06-01", 0.0))
    bills = pd.DataFrame(
        {
            "account_id": ["a", "b"],
            "invoice_date": pd.Timestamp("2025-12-01"),
            "due_date": pd.Timestamp("2026-01-15"),
            "paid_date": pd.NaT,
            "amount": [102.0, 100.5],
        }
    )
    accounts = pd.DataFrame({"account_id": ["large", "a", "b"], "credit_limit": [100.0, 100.0, 100.0]})
    told = found(credit(book_of(lines, receivables=bills, accounts=accounts)))["credit_exceeded"]
    assert (told.accounts, told.severity, told.action) == (("a",), "act", "decide_credit")
    assert told.figures == {
        **{"count": 1, "owed": 102.0, "beyond": 2.0, "stake": 102.0},
        **{"little": 1, "little_beyond": 0.5},
    }
    alone = accounts.assign(credit_limit=[100.0, 200.0, 100.0])
    told = found(credit(book_of(lines, receivables=bills, accounts=alone)))["credit_exceeded"]
    assert (told.accounts, told.severity, told.action) == (("b",), "note", None)


def test_nobody_who_has_to_pay_first_is_promised_supply_first(medtech_value):
    """Of those that depend on us, who is above the credit limit is counted, and named behind all others."""
    told, table = medtech_value.finding("depend_they"), medtech_value.stress_test.dependence
    over = medtech_value.finding("credit_exceeded")
    assert len(over.accounts) == over.figures["count"]
    owing = table.index[table["field"] == "they"].intersection(list(over.accounts))
    assert told.figures["owing"] == len(owing) > 0 and not set(told.accounts[:10]) & set(owing)
    said = action(told, Locale("en", "CNY"), {})
    assert f"at the {len(owing)} above their credit limit supply follows payment" in said


def test_without_tables_it_says_what_is_missing():
    result = credit(book_of(LINES))
    assert set(found(result)) == {"standing_unknown"}
    assert result.ageing.empty and result.accounts["open"].isna().all()


def test_what_is_open_agrees_with_the_ageing():
    result = credit(book_of(LINES, receivables=BILLS))
    assert result.ageing["amount"].sum() == pytest.approx(result.accounts["open"].sum())
    assert result.ageing.loc[result.ageing["age"] != "not_due", "amount"].sum() == pytest.approx(
        result.accounts["overdue"].sum()
    )


def test_a_ratio_never_sets_one_year_against_another():
    """Account a has no cash in its latest books: its cash ratio is that of the year before, 50 of 100, not 50
    of the latest 400; the scorecard's measure says the same.
    """
    books = pd.DataFrame(
        [("a", 2024, 50.0, 100.0), ("a", 2025, None, 400.0), ("b", 2026, 10.0, 10.0)],
        columns=["account_id", "year", "cash", "current_liabilities"],
    )
    book = book_of(LINES, financials=books)
    row = credit(book).accounts.loc["a"]
    assert (row["year"], row["cash_ratio"]) == (2024, 0.5)
    assert measure_of(book, "cash_ratio").reindex(["a", "b"]).tolist() == pytest.approx(
        [0.5, np.nan], nan_ok=True
    )
