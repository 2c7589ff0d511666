"""What each account bought: revenue, growth, margin, breadth, over whole months or up to a day; who is
new."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from kamplay.book import TO_MICRO, Book

COSTED = 0.5  # below this share of revenue with a known cost an account's margin is unknown
TWO_YEARS = 24  # months: the least from which a year can be compared with the one before
# months without a purchase before the first one known: else an old account would pass for a new one
LOOK_BACK = 12
ACTIVE_DAYS = 365  # an account is active if it bought in so many days


def revenue(book: Book, months: int = 12, ending_months_ago: int = 0) -> pd.Series:
    """Sum each account's net amount in a window of whole months to as_of.

    Returns
    -------
    Series
        Index as ``book.accounts``; 0 for accounts that bought nothing in the window.
    """
    kept, window = book.computed.setdefault("revenue", {}), (months, ending_months_ago)
    if window not in kept:
        sums = book.window(*window).groupby("account_id")["amount"].sum()
        kept[window] = sums.reindex(book.accounts.index).fillna(0.0).round(TO_MICRO)
    return cast(pd.Series, kept[window].copy(deep=False))


def without_net(book: Book) -> int:
    """How many accounts have lines in the 12 months to as_of and no positive revenue by them, as returns took
    all or there were only returns: they count as no customer of the year.
    """
    sums = book.window(12).groupby("account_id")["amount"].sum()
    return int((sums.round(TO_MICRO) <= 0).sum())


def revenue_to(book: Book, cutoff: pd.Timestamp, days: int = 365, ended: int = 0) -> pd.Series:
    """Sum each account's net amount in the ``days`` days that end ``ended`` days before the cut-off.

    Returns
    -------
    Series
        Index as ``book.accounts``; missing for accounts without a line in these days.
    """
    when, codes = book.days["date"].to_numpy(dtype="datetime64[us]"), book.account_codes("days")
    end = np.datetime64(cutoff - pd.Timedelta(days=ended))
    inside = (when <= end) & (when > end - np.timedelta64(days, "D")) & (codes >= 0)
    index, amount = book.accounts.index, book.days["amount"].to_numpy(dtype=float)[inside]
    number = np.bincount(codes[inside], minlength=len(index))
    sums = np.bincount(codes[inside], amount, len(index)).round(TO_MICRO)
    return pd.Series(sums, index=index).where(number > 0)


def standing(days: pd.DataFrame) -> pd.Series:
    """What each day brought without orders that were undone and the credits that undo them: the amounts of
    purchases and returns. Over all days it adds up to the same as ``amount``.

    Parameters
    ----------
    days : as ``Book.days``; without ``reversed`` nothing was undone.
    """
    return (days["amount"] - days.get("reversed", 0.0)).round(TO_MICRO)


def over_horizon(revenue: pd.Series, horizon: int) -> pd.Series:
    """Scale a year's revenue to ``horizon`` days of going on as before: at most the year, and never below
    0."""
    return revenue.clip(lower=0) * min(horizon, 365) / 365


def margin_share(book: Book, months: int = 12) -> pd.Series:
    """Divide margin by the revenue of the lines whose cost is known.

    Returns
    -------
    Series
        Index as ``book.accounts``; missing where the cost of less than COSTED of the revenue is known.
    """
    sums = _margin_sums(book, months)
    known = (sums["costed"] > 0) & (sums["costed"] >= COSTED * sums["amount"])
    return (sums["margin"] / sums["costed"]).where(known).astype("float64")


def margin(book: Book, months: int = 12) -> pd.Series:
    """Subtract cost from amount per account; where part of the lines carry no cost, the others stand for
    them.

    Returns
    -------
    Series
        Index as ``book.accounts``, in the engagement's currency; missing as in ``margin_share``.
    """
    sums = _margin_sums(book, months)
    whole = (sums["costed"] - sums["amount"]).abs() <= 1e-6 * sums["amount"].abs()
    return sums["margin"].where(whole, margin_share(book, months) * sums["amount"]).astype("float64")


def _margin_sums(book: Book, months: int) -> pd.DataFrame:
    kept = book.computed.setdefault("margin_sums", {})
    if months not in kept:
        by = book.window(months).groupby("account_id")[["amount", "margin", "costed"]]
        kept[months] = by.sum(min_count=1).reindex(book.accounts.index)
    return cast(pd.DataFrame, kept[months].copy(deep=False))


def costed_share(book: Book, months: int = 12) -> float | None:
    """Tell the share of the window's revenue whose cost is known; None without any."""
    sums = book.window(months)[["amount", "costed"]].sum(min_count=1)
    known = sums["costed"] == sums["costed"] and sums["amount"] > 0
    return float(sums["costed"] / sums["amount"]) if known else None


def material(revenue: pd.Series) -> pd.Series:
    """Tell which accounts are large enough to name: in the upper fifth of those that bought, and at least
    0.1 % of all revenue.
    """
    least = material_from(revenue)
    return revenue > 0 if least is None else revenue >= least


def material_from(revenue: pd.Series) -> float | None:
    """The revenue from which an account is ``material``; None where nobody bought."""
    bought = revenue[revenue > 0]
    return max(float(bought.quantile(0.8)), 0.001 * float(bought.sum())) if len(bought) else None


def growth(book: Book) -> pd.Series:
    """Divide revenue of the 12 months by that of the 12 before, less 1; missing without positive revenue then
    or without two full years.
    """
    before = revenue(book, 12, 12)
    if book.months_covered < TWO_YEARS:
        return pd.Series(np.nan, index=before.index, dtype="float64")
    return ((revenue(book) - before) / before.where(before > 0)).astype("float64")


def active_months(book: Book, months: int = 12) -> pd.Series:
    """Count the last ``months`` month buckets that hold a purchase."""
    window = book.window(months)
    bought = window[window["active_days"] > 0]
    return bought.groupby("account_id")["bucket"].nunique().reindex(book.accounts.index).fillna(0).astype(int)


def tenure_years(book: Book, cutoff: pd.Timestamp | None = None) -> pd.Series:
    """Count the years from the first purchase, or the recorded start if earlier, to a day (default: as_of).

    Returns
    -------
    Series
        Index as ``book.accounts``; missing without a purchase by then.
    """
    cutoff = pd.Timestamp(book.as_of) if cutoff is None else cutoff
    days = book.days[book.days["date"] <= cutoff]
    first = days.groupby("account_id")["date"].min().reindex(book.accounts.index)
    if "since" in book.accounts:
        since = book.accounts["since"]
        first = first.where(~(since < first), since)
    return (cutoff - first).dt.days / 365.25


def breadth(book: Book, months: int = 12, ending_months_ago: int = 0) -> pd.Series | None:
    """Count the different categories (else products) bought in the window; None when lines carry neither."""
    if not book.has_categories:
        return None
    bought = book.baskets[book.baskets["orders"] > 0]
    inside = bought[bought["bucket"].between(ending_months_ago, ending_months_ago + months - 1)]
    kinds = inside.groupby("account_id")["category"].nunique()
    return kinds.reindex(book.accounts.index).fillna(0).astype(int)


def breadth_by_quarter(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Compare the categories bought lately with those that as many purchases would have brought before.

    Returns
    -------
    DataFrame
        Index as ``book.accounts``: ``categories`` (in the last three whole months by the cut-off),
        ``categories_before`` (mean of the four such spans of the year before in which it bought),
        ``expected`` (how many as many purchases as now would have brought then: Σ 1 − (1 − p)^m with p a
        category's share of its purchases of that year; rarefaction, Hurlbert 1971). All missing without
        categories.
    """
    index = book.accounts.index
    bought = _category_purchases(book, cutoff)
    if bought is None:
        return pd.DataFrame(np.nan, index=index, columns=["categories", "categories_before", "expected"])
    size, kinds = len(index), int(bought["kind"].max() + 1) if len(bought) else 1
    different = np.unique((bought["code"].astype("int64") * 5 + bought["span"]) * kinds + bought["kind"])
    count = np.bincount(different // kinds, minlength=5 * size).reshape(size, 5).astype(float)
    spans = (count[:, 1:] > 0).sum(axis=1)
    now, year = bought[bought["span"] == 0], bought[bought["span"] > 0]
    number = np.bincount(now["code"], now["orders"], size)
    before = year.groupby(["code", "kind"], as_index=False)["orders"].sum()
    share = before["orders"] / np.bincount(before["code"], before["orders"], size)[before["code"]]
    expected = np.bincount(before["code"], 1 - (1 - share) ** number[before["code"]], size)
    out = pd.DataFrame({"categories": count[:, 0]}, index=index)
    out["categories_before"] = np.where(spans > 0, count[:, 1:].sum(axis=1) / np.maximum(spans, 1), np.nan)
    out["expected"] = np.where(expected > 0, expected, np.nan)
    return out


def category_counts(book: Book, cutoff: pd.Timestamp, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count purchases by category in the last three whole months by the cut-off, and in the year before.

    Parameters
    ----------
    codes : places in ``book.accounts``, ascending.

    Returns
    -------
    (accounts, categories) twice, in the order of ``codes``; zeros of a single category without any.
    """
    bought = _category_purchases(book, cutoff)
    kinds = int(bought["kind"].max() + 1) if bought is not None and len(bought) else 1
    counts = np.zeros((2, len(codes), kinds))
    if bought is not None and len(codes):
        row = np.searchsorted(codes, bought["code"]).clip(max=len(codes) - 1)
        own = codes[row] == bought["code"]
        part = bought[own]
        np.add.at(counts, ((part["span"] > 0).astype(int), row[own], part["kind"]), part["orders"])
    return counts[0], counts[1]


def _category_purchases(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Orders by ``code`` (the account's place), ``span`` (0 the last three whole months by the cut-off, 1 to
    4 those before) and ``kind`` (the category's number); None without categories.
    """
    if not book.has_categories:
        return None
    newest, baskets = last_whole_month(book, cutoff), book.baskets
    bucket, orders = baskets["bucket"].to_numpy(), baskets["orders"].to_numpy()
    mask = (orders > 0) & (bucket >= newest) & (bucket <= newest + 14)
    kind, _ = pd.factorize(baskets["category"])
    code, span = book.account_codes("baskets")[mask], (bucket[mask] - newest) // 3
    bought = pd.DataFrame({"code": code, "span": span, "kind": kind[mask], "orders": orders[mask]})
    return bought[(bought["code"] >= 0) & (bought["kind"] >= 0)]


def window_dates(book: Book, months: int, ending_months_ago: int = 0) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Tell the first and last date (inclusive) of the window that ``Book.window`` means."""
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    end = after - pd.DateOffset(months=ending_months_ago) - pd.Timedelta(days=1)
    return after - pd.DateOffset(months=ending_months_ago + months), end


def last_whole_month(book: Book, cutoff: pd.Timestamp) -> int:
    """Find the latest month bucket that ended by the cut-off: one still running would look poor."""
    as_of = book.as_of
    # the window that ends so many months ago reaches into the month after the cut-off's
    newest = max(0, 12 * (as_of.year - cutoff.year) + as_of.month - cutoff.month - 1)
    while window_dates(book, 1, newest)[1] > cutoff:
        newest += 1
    return newest


def bought_once(book: Book) -> pd.Index:
    """List the accounts with a single buying day in all of the data: a one-off, or a beginning; which, nobody
    can tell yet.
    """
    rows = (
        book.days[book.days["bought"] & (book.days["date"] <= book.seen_to)] if len(book.days) else book.days
    )
    times = rows.groupby("account_id").size()
    return pd.Index(times.index[times == 1], name="account_id")


def bought_after(book: Book) -> pd.Series:
    """First purchase of each account that bought after the reporting date, as far as the data tell."""
    if not book.totals.get("after_rows"):
        return pd.Series(dtype="datetime64[us]")
    later = book.days[book.days["bought"] & (pd.to_datetime(book.days["date"]) > pd.Timestamp(book.as_of))]
    return pd.to_datetime(later["date"]).groupby(later["account_id"]).min()


def first_seen(book: Book) -> pd.Series:
    """Tell in which month bucket before as_of (0 = the month that ends there) each account was first seen.

    A return counts: whoever gives back has bought before. Who is recorded as a customer for more than
    LOOK_BACK months before its first line may be old, and counts from that record on.

    Returns
    -------
    Series
        Index account_id, the accounts with a line by as_of.
    """
    past = book.monthly[book.monthly["bucket"] >= 0]
    seen = past.groupby("account_id").agg(bucket=("bucket", "max"), first=("first", "min"))
    if "since" not in book.accounts:
        return seen["bucket"]
    since = pd.to_datetime(book.accounts["since"].reindex(seen.index))
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    months = (after.year - since.dt.year) * 12 + after.month - since.dt.month
    bucket = months - (since.dt.day >= after.day).astype(int)
    old = (since < seen["first"] - pd.DateOffset(months=LOOK_BACK)).fillna(False)
    return seen["bucket"].where(~old, bucket).astype(int)


def newcomers(book: Book) -> pd.DataFrame | None:
    """List the new accounts: first seen in the 12 months to as_of (see ``first_seen``), with positive revenue
    in them.

    Returns
    -------
    DataFrame or None
        Index account_id: ``revenue`` of these months, in the engagement's currency, and ``once`` (bought a
        single time so far). None below 12 + LOOK_BACK months, where an old account may look new.
    """
    if book.months_covered < 12 + LOOK_BACK:
        return None
    seen, bought = first_seen(book), revenue(book)
    new = seen.index[(seen < 12) & (bought.reindex(seen.index) > 0)]
    once = new.isin(bought_once(book))
    return pd.DataFrame({"revenue": bought[new], "once": once}, index=pd.Index(new, name="account_id"))


def last_year_of_purchases(book: Book) -> pd.Series:
    """Sum the net amount of the 365 days up to each account's last purchase, less what it returned since: its
    worth before it fell silent, if it did.

    Index account_id, accounts that ever bought by as_of; amounts in the engagement's currency.
    """
    days = book.days[book.days["date"] <= pd.Timestamp(book.as_of)]
    last = days[days["bought"]].groupby("account_id")["date"].max()
    if last.empty:
        return pd.Series(dtype="float64")
    upto = days["account_id"].map(last)
    inside = days[days["date"] > upto - pd.Timedelta(days=365)]  # nothing but returns comes after the last
    return inside.groupby("account_id")["amount"].sum().round(TO_MICRO)
