"""Bills of the receivables table: which are open, overdue or paid on a day, and how long payment took."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book

JUST_LATE = 30  # days late: the first column of an ageing list, in which a reminder is on its way


def bills_at(bills: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """How each bill stood on ``day``; what was paid later was not paid yet.

    Parameters
    ----------
    bills : receivables, one row a bill; without ``paid_date`` none is paid.

    Returns
    -------
    The bills with ``issued`` (by the day), ``paid`` (by the day), ``open`` (issued and not paid),
    ``overdue`` (open
    and due before the day), ``until`` (the day of payment, the day itself where not paid) and ``days_late``
    (from the due date to ``until``; below 0: early).
    """
    paid_date = bills["paid_date"] if "paid_date" in bills else pd.Series(pd.NaT, index=bills.index)
    paid, issued = paid_date <= day, bills["invoice_date"] <= day
    until = paid_date.where(paid, day)
    return bills.assign(
        issued=issued,
        paid=paid,
        open=issued & ~paid,
        overdue=issued & ~paid & (bills["due_date"] < day),
        until=until,
        days_late=(until - bills["due_date"]).dt.days,
    )


def bills_on(book: Book, day: pd.Timestamp) -> pd.DataFrame:
    """``bills_at`` of all bills of a Book; kept until another day is asked for."""
    kept = book.computed.setdefault("bills", {})
    if day not in kept:
        kept.clear()
        kept[day] = bills_at(book.table("receivables"), day)
    bills: pd.DataFrame = kept[day]
    return bills


def owed(book: Book) -> pd.DataFrame | None:
    """What each account owes at as_of; None without receivables.

    Returns
    -------
    Index: every account, and those that only the bills name. ``open`` and ``overdue`` amounts,
    ``overdue_share`` of open (0 to 1), ``oldest`` (days the oldest overdue bill is late, 0 without one).
    """
    if not book.has("receivables"):
        return None
    bills = bills_at(book.table("receivables"), pd.Timestamp(book.as_of))
    late = bills[bills["overdue"]].groupby("account_id")
    out = pd.DataFrame(
        {
            "open": bills[bills["open"]].groupby("account_id")["amount"].sum(),
            "overdue": late["amount"].sum(),
            "oldest": late["days_late"].max(),
        }
    )
    out = out.reindex(book.accounts.index.union(out.index)).fillna({"open": 0.0, "overdue": 0.0, "oldest": 0})
    share = out["overdue"] / out["open"].where(out["open"] > 0, 1.0)
    out["overdue_share"] = np.where(out["open"] > 0, share, 0.0)
    return out


def paid_between(book: Book, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """The bills above 0 that were paid from ``start`` to ``end``, both inclusive, with ``days_to_pay`` (from
    the invoice to the payment, at least 0). Empty without payment dates.
    """
    if not book.has("receivables", "paid_date"):
        return pd.DataFrame(columns=["account_id", "amount", "days_to_pay"], dtype="float64")
    bills = book.table("receivables")
    paid = bills[bills["paid_date"].between(start, end) & (bills["amount"] > 0)]
    return paid.assign(days_to_pay=(paid["paid_date"] - paid["invoice_date"]).dt.days.clip(lower=0))
