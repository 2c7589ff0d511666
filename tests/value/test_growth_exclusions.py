"""At which accounts growth is not advised, and why, worked by hand."""

import pandas as pd
from conftest import book_of, lines_of

from kamplay.method.measures.purchases import bought_once
from kamplay.method.measures.warning_signs import SIGNS
from kamplay.method.value.credit import credit
from kamplay.method.value.growth_exclusions import growth_exclusions
from kamplay.method.value.profitability import profitability


def test_the_first_reason_that_holds():
    rows = [
        (a, f"2025-{m:02d}-05", 100.0) for a in ("bare", "late", "well", "over", "gated") for m in (1, 5, 9)
    ]
    rows += [("once", "2025-03-05", 100.0), ("big", "2025-03-05", 5000.0), ("big", "2025-04-05", 5000.0)]
    lines = lines_of(*rows)
    lines["cost"] = lines["amount"] * lines["account_id"].map({"bare": 0.97}).fillna(0.6)
    accounts = pd.DataFrame(
        {"account_id": ["bare", "late", "well", "over", "gated", "once", "big"], "credit_limit": 200.0}
    )
    bills = pd.DataFrame(
        {
            "account_id": ["late", "over"],
            "amount": [150.0, 250.0],
            "invoice_date": ["2025-05-01", "2025-12-01"],
        }
    )
    bills["due_date"] = ["2025-06-01", "2026-03-01"]
    bills[["invoice_date", "due_date"]] = bills[["invoice_date", "due_date"]].apply(pd.to_datetime)
    book = book_of(lines, accounts=accounts, receivables=bills.assign(paid_date=pd.NaT))
    gates = pd.Series({"gated": "skinner", "well": None})
    why = growth_exclusions(book, gates, profitability(book, {}).accounts, credit(book).accounts)
    assert why.to_dict() == {
        "bare": "terms",
        "late": "payment",
        "well": "",
        "over": "payment",
        "gated": "terms",
        "once": "once",
        "big": "size",
    }
    assert list(bought_once(book)) == ["once"]
    signs = pd.DataFrame(0.0, index=book.accounts.index, columns=list(SIGNS))
    signs.loc["well", "delivery"], signs.loc["late", "payment"], signs.loc["bare", "silence"] = 0.4, 1.0, 0.7
    again = growth_exclusions(book, gates, profitability(book, {}).accounts, credit(book).accounts, signs)
    assert again[["well", "late", "bare"]].tolist() == [
        "warned",
        "payment",
        "stopped",
    ]  # money first; nothing to agree with who left
