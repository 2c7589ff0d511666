"""What each account bought over whole months: revenue, growth, margin, breadth; who is new."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book

COSTED = 0.5  # below this share of revenue with a known cost an account's margin is not told
TWO_YEARS = 24  # months: the least from which a year can be compared with the one before


def revenue(book: Book, months: int = 12, ending_months_ago: int = 0) -> pd.Series:
    """Net amount per account in a window of whole months to as_of; 0 for accounts that bought nothing in it."""
    sums = book.window(months, ending_months_ago).groupby("account_id")["amount"].sum()
    return sums.reindex(book.accounts.index).fillna(0.0)


def over_horizon(revenue: pd.Series, horizon: int) -> pd.Series:
    """What a year's revenue comes to in ``horizon`` days if an account goes on as before: at most the year,
    and never below 0.
    """
    return revenue.clip(lower=0) * min(horizon, 365) / 365


def margin_share(book: Book, months: int = 12) -> pd.Series:
    """Margin per unit of revenue of the lines whose cost is known; missing where that is less than COSTED of
    the account's revenue.
    """
    sums = (
        book.window(months)
        .groupby("account_id")[["amount", "margin", "costed"]]
        .sum(min_count=1)
        .reindex(book.accounts.index)
    )
    known = (sums["costed"] > 0) & (sums["costed"] >= COSTED * sums["amount"])
    return (sums["margin"] / sums["costed"]).where(known).astype("float64")


def margin(book: Book, months: int = 12) -> pd.Series:
    """Amount less cost per account in the window; missing where too little of the cost is known.

    Where part of the lines carry no cost, the margin of the others stands for them.
    """
    sums = (
        book.window(months)
        .groupby("account_id")[["amount", "margin", "costed"]]
        .sum(min_count=1)
        .reindex(book.accounts.index)
    )
    whole = (sums["costed"] - sums["amount"]).abs() <= 1e-6 * sums["amount"].abs()
    return sums["margin"].where(whole, margin_share(book, months) * sums["amount"]).astype("float64")


def costed_share(book: Book, months: int = 12) -> float | None:
    """The share of the window's revenue whose cost is known; None without any."""
    sums = book.window(months)[["amount", "costed"]].sum(min_count=1)
    return (
        float(sums["costed"] / sums["amount"])
        if sums["costed"] == sums["costed"] and sums["amount"] > 0
        else None
    )


def material(revenue: pd.Series) -> pd.Series:
    """Large enough to name singly: in the upper fifth of those that bought, and at least 0.1 % of all
    revenue.
    """
    bought = revenue[revenue > 0]
    return revenue >= max(bought.quantile(0.8), 0.001 * bought.sum()) if len(bought) else revenue > 0


def growth(book: Book) -> pd.Series:
    """Revenue of the 12 months over that of the 12 before, less 1; missing without positive revenue then or
    without two full years.
    """
    before = revenue(book, 12, 12)
    if book.months_covered < TWO_YEARS:
        return pd.Series(np.nan, index=before.index, dtype="float64")
    return ((revenue(book) - before) / before.where(before > 0)).astype("float64")


def active_months(book: Book, months: int = 12) -> pd.Series:
    """How many of the last ``months`` month buckets hold a purchase."""
    window = book.window(months)
    bought = window[window["active_days"] > 0]
    return bought.groupby("account_id")["bucket"].nunique().reindex(book.accounts.index).fillna(0).astype(int)


def tenure_years(book: Book) -> pd.Series:
    """Years from the first purchase (or the recorded start, if earlier) to as_of; missing without a purchase
    by then.
    """
    as_of = pd.Timestamp(book.as_of)
    days = book.days[book.days["date"] <= as_of]
    first = days.groupby("account_id")["date"].min().reindex(book.accounts.index)
    if "since" in book.accounts:
        since = book.accounts["since"]
        first = first.where(~(since < first), since)
    return (as_of - first).dt.days / 365.25


def breadth(book: Book, months: int = 12, ending_months_ago: int = 0) -> pd.Series | None:
    """Distinct categories (else products) bought in the window; None when lines carry neither."""
    if not book.has_categories:
        return None
    bought = book.baskets[book.baskets["orders"] > 0]
    inside = bought[bought["bucket"].between(ending_months_ago, ending_months_ago + months - 1)]
    return (
        inside.groupby("account_id")["category"].nunique().reindex(book.accounts.index).fillna(0).astype(int)
    )


def bought_to(book: Book, cutoff: pd.Timestamp) -> pd.Series:
    """Net amount per account of the 365 days to ``cutoff``, 0 without purchases (index: every account)."""
    inside = book.days[(book.days["date"] <= cutoff) & (book.days["date"] > cutoff - pd.Timedelta(days=365))]
    return inside.groupby("account_id")["amount"].sum().reindex(book.accounts.index).fillna(0.0)


def window_dates(book: Book, months: int, ending_months_ago: int = 0) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last date (inclusive) of the window that ``Book.window`` means."""
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    end = after - pd.DateOffset(months=ending_months_ago) - pd.Timedelta(days=1)
    return after - pd.DateOffset(months=ending_months_ago + months), end


# months without a purchase before the first one known: else an old account would pass for a new one
LOOK_BACK = 12


def bought_once(book: Book) -> pd.Index:
    """Accounts with a single day of purchase in all of the data: a one-off, or a beginning; which, nobody can
    tell yet.
    """
    rows = (
        book.days[book.days["bought"] & (book.days["date"] <= book.seen_to)] if len(book.days) else book.days
    )
    times = rows.groupby("account_id").size()
    return pd.Index(times.index[times == 1], name="account_id")


def newcomers(book: Book) -> pd.DataFrame | None:
    """Accounts (index account_id) whose first purchase lies in the 12 months to as_of: ``revenue`` of these
    months, in the engagement's currency, and ``once`` (bought a single time so far). None below 12 +
    LOOK_BACK months, where an old account may look new.

    Who is recorded as a customer for more than LOOK_BACK months before its first purchase may be old and does
    not count.
    """
    if book.months_covered < 12 + LOOK_BACK:
        return None
    past = book.monthly[(book.monthly["bucket"] >= 0) & (book.monthly["active_days"] > 0)]
    first = past.groupby("account_id").agg(bucket=("bucket", "max"), first=("first", "min"))
    if "since" in book.accounts:
        since = pd.to_datetime(book.accounts["since"].reindex(first.index))
        first = first[~(since < first["first"] - pd.DateOffset(months=LOOK_BACK))]
    came = first.index[first["bucket"] < 12]
    bought = revenue(book).reindex(came).fillna(0.0)
    return pd.DataFrame(
        {"revenue": bought, "once": came.isin(bought_once(book))}, index=pd.Index(came, name="account_id")
    )
