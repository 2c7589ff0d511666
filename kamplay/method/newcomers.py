"""New business, told in one way everywhere: what accounts that first bought in the 12 months brought in them, one-off purchases apart."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method import measures

LOOK_BACK = 12  # months without a purchase before the first one known: else an old account would pass for a new one


def bought_once(book: Book) -> pd.Index:
    """Accounts with a single day of purchase in all of the data: a one-off, or a beginning; which, nobody can tell yet."""
    rows = book.days[book.days["bought"] & (book.days["date"] <= book.seen_to)] if len(book.days) else book.days
    times = rows.groupby("account_id").size()
    return pd.Index(times.index[times == 1], name="account_id")


def newcomers(book: Book) -> pd.DataFrame | None:
    """Accounts (index account_id) whose first purchase lies in the 12 months to as_of: ``revenue`` of these months, in the engagement's
    currency, and ``once`` (bought a single time so far). None below 12 + LOOK_BACK months, where an old account may look new.

    Who is recorded as a customer for more than LOOK_BACK months before its first purchase may be old and does not count.
    """
    if book.months_covered < 12 + LOOK_BACK:
        return None
    past = book.monthly[(book.monthly["bucket"] >= 0) & (book.monthly["active_days"] > 0)]
    first = past.groupby("account_id").agg(bucket=("bucket", "max"), first=("first", "min"))
    if "since" in book.accounts:
        since = pd.to_datetime(book.accounts["since"].reindex(first.index))
        first = first[~(since < first["first"] - pd.DateOffset(months=LOOK_BACK))]
    came = first.index[first["bucket"] < 12]
    revenue = measures.revenue(book).reindex(came).fillna(0.0)
    return pd.DataFrame({"revenue": revenue, "once": came.isin(bought_once(book))}, index=pd.Index(came, name="account_id"))
