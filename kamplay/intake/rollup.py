"""Transactions to account × month and account × day, in DuckDB: the roll-ups that every later step works on."""

from __future__ import annotations

from datetime import date

import pandas as pd


def buckets(first: pd.Timestamp, last: pd.Timestamp, as_of: date) -> pd.DataFrame:
    """Every date from ``first`` to ``last`` with its month bucket counted back from ``as_of``: columns date, bucket, month_end.

    Bucket 0 is the month that ends at as_of (inclusive). With as_of at a month's end buckets are calendar
    months; with as_of on the 15th each runs from the 16th to the 15th.
    """
    day_after = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    span = range(-max(0, _months(day_after, last)) - 1, _months(first, day_after) + 2)
    edges = pd.Series({k: day_after - pd.DateOffset(months=k) for k in span}).sort_values()  # bucket k: [edge k+1, edge k)
    dates = pd.date_range(first, last, freq="D")
    position = edges.searchsorted(dates, side="right")
    bucket = edges.index.to_numpy()[position]
    month_end = edges.loc[bucket].to_numpy() - pd.Timedelta(days=1).to_numpy()
    return pd.DataFrame({"date": dates.astype("datetime64[us]"), "bucket": bucket, "month_end": month_end})


def _months(start: pd.Timestamp, end: pd.Timestamp) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def roll_up(transactions: pd.DataFrame, as_of: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``(monthly, days)`` as described in Book, sorted by account and time. Rows without an account are not in them."""
    import duckdb

    present = set(transactions.columns)
    lines = transactions[[c for c in ("account_id", "date", "amount", "cost", "order_id", "category", "product") if c in present]]
    calendar = buckets(lines["date"].min(), lines["date"].max(), as_of)
    # An order is an order number, and where there is none, a day of buying
    order = "coalesce(order_id, cast(l.date as varchar))" if "order_id" in present else "cast(l.date as varchar)"
    breadth = "category" if "category" in present else "product" if "product" in present else None
    categories = f"count(distinct {breadth}) filter (amount > 0)" if breadth else "cast(null as bigint)"
    margin = "sum(amount - cost)" if "cost" in present else "cast(null as double)"
    with duckdb.connect() as db:
        db.execute("set threads = 1")  # sums in one order: the same input gives the same last digit on every machine
        db.register("lines", lines)
        db.register("calendar", calendar)
        monthly = db.execute(f"""
            select account_id, bucket, cast(any_value(month_end) as timestamp) as month_end, sum(amount) as amount, {margin} as margin,
                   count(distinct {order}) filter (amount > 0) as orders, count(distinct l.date) filter (amount > 0) as active_days,
                   {categories} as categories, min(l.date) as first, max(l.date) as last
            from lines l join calendar using (date) where account_id is not null
            group by account_id, bucket order by account_id, bucket desc""").df()
        days = db.execute(f"""
            select account_id, date, sum(amount) as amount, count(distinct {order}) filter (amount > 0) as orders,
                   bool_or(amount > 0) as bought
            from lines l where account_id is not null group by account_id, date order by account_id, date""").df()
    return _typed(monthly), _typed(days)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    frame["account_id"] = frame["account_id"].astype("str")
    for column in ("date", "month_end", "first", "last"):
        if column in frame:
            frame[column] = frame[column].astype("datetime64[us]")
    if "categories" in frame:
        frame["categories"] = frame["categories"].astype("Int64")
    return frame
