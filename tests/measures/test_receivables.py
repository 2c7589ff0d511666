"""How a bill stood on a day is decided once: everybody who asks is told the same."""

import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.measures.features_at import payments
from kamplay.method.measures.receivables import bills_at, owed, paid_between
from kamplay.method.value.credit import credit

DAY = pd.Timestamp(AS_OF)
BILLS = pd.DataFrame(
    [
        ("a", "2025-10-01", "2025-11-01", "2025-12-01", 100.0),  # paid 30 days late, after 61
        ("a", "2025-10-01", "2025-12-21", None, 40.0),  # ten days overdue
        ("a", "2025-12-01", "2025-12-31", "2026-01-15", 30.0),  # due on the day itself, paid later: open
        ("b", "2026-01-05", "2026-02-05", None, 70.0),  # not issued yet
        ("b", "2025-12-10", "2026-01-10", "2025-12-05", 10.0),  # paid in advance
    ],
    columns=["account_id", "invoice_date", "due_date", "paid_date", "amount"],
)
DATES = ["invoice_date", "due_date", "paid_date"]
BILLS[DATES] = BILLS[DATES].apply(pd.to_datetime)


@pytest.fixture(scope="module")
def book():
    return book_of(lines_of(("a", "2025-01-05", 500.0), ("b", "2025-02-05", 50.0)), receivables=BILLS)


def test_bills_by_hand():
    bills = bills_at(BILLS, DAY)
    assert bills["open"].tolist() == [False, True, True, False, False]
    assert bills["overdue"].tolist() == [False, True, False, False, False]
    assert bills["days_late"].tolist() == [30, 10, 0, -36, -36]
    assert not bills_at(BILLS.drop(columns="paid_date"), DAY)["paid"].any()


def test_what_is_owed_is_the_same_for_all_who_ask(book):
    told, seen, standing = owed(book), payments(book, DAY), credit(book).accounts
    assert told.loc["a"].to_dict() == {
        "open": 70.0,
        "overdue": 40.0,
        "oldest": 10.0,
        "overdue_share": pytest.approx(4 / 7),
    }
    columns = ["open", "overdue", "oldest"]
    pd.testing.assert_frame_equal(told[columns], seen[columns], check_dtype=False, check_names=False)
    assert standing.loc["a", columns].tolist() == told.loc["a", columns].tolist()


def test_days_to_pay_by_hand(book):
    paid = paid_between(book, DAY - pd.Timedelta(days=365), DAY)
    assert paid["days_to_pay"].tolist() == [61, 0]
    assert credit(book).accounts.loc["a", "days_to_pay"] == 61
    assert paid_between(book_of(lines_of(("a", "2025-01-05", 5.0))), DAY, DAY).empty
