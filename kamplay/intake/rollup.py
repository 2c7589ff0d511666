"""Transactions to what every later step works on: account × day, × month, × month and category, and totals.

One set of ibis expressions serves every source: a cleaned frame or a parquet file through DuckDB here, or the
client's own database, where only the sums are fetched. Amounts are added as decimals of 1e-6, so that the
order of adding, and with it the number of threads, cannot change a digit.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.errors import Fault, KamplayError

if TYPE_CHECKING:
    import ibis.expr.types as ir

SUMMED = ("amount", "margin", "costed")
LINES = (
    "account_id",
    "date",
    "amount",
    "cost",
    "order_id",
    "category",
    "product",
)  # what the roll-up reads of a line
LONG_MONTHS, SHORT_MONTHS = (1, 3, 5, 7, 8, 10, 12), (4, 6, 9, 11)
TO_MICRO = 6  # decimal places that sums keep
BASKETS = {"account_id": "str", "bucket": "int64", "category": "str", "amount": "float64", "orders": "int64"}
# environment: the most that DuckDB may hold in memory, for example 2GB; beyond it, it spills to disk
MEMORY = "KAMPLAY_MEMORY"


@dataclass(frozen=True)
class RollUp:
    """The frames ``monthly``, ``days``, ``baskets`` and the dict ``totals``, all as described in Book."""

    monthly: pd.DataFrame
    days: pd.DataFrame
    baskets: pd.DataFrame
    totals: dict[str, Any]


def roll_up(transactions: pd.DataFrame, as_of: date) -> RollUp:
    """Roll cleaned transactions up with DuckDB, without copying the frame.

    Parameters
    ----------
    transactions : DataFrame
        Columns as in the codebook; amounts in the engagement's currency.
    as_of : date
        The reporting date, from which month buckets count back.
    """
    with local() as here:
        present = [c for c in LINES if c in transactions.columns]
        here.con.register("lines", transactions[present])
        return collect(here.table("lines"), as_of, here)


def collect(lines: ir.Table, as_of: date, here: Any) -> RollUp:
    """Roll up an ibis table with the columns of LINES (cost and those after it may be missing).

    The sums run where the table lives; ``here`` is the backend of ``local``, which puts them together.
    """
    exact = lines.get_backend().name != "sqlite"  # SQLite knows no decimals, and adds in one order
    found = _totals(lines, as_of, exact).to_pyarrow().to_pylist()[0]
    filled = {
        c
        for c in ("cost", "order_id", "category", "product")
        if c in lines.columns and int(found[f"filled_{c}"] or 0)
    }
    known = _prepared(lines, as_of, filled, exact)
    made = {"days": _days(known), "orders": _orders(known), "baskets": _baskets(known)}
    landed = {
        name: _land(here, name, expression) for name, expression in made.items() if expression is not None
    }
    return _composed(landed, as_of, _told(found))


def statements(lines: ir.Table, as_of: date, filled: set[str]) -> list[str]:
    """List the SQL that ``collect`` runs, to look at and to test that only sums are asked for."""
    import ibis

    exact = lines.get_backend().name != "sqlite"
    known = _prepared(lines, as_of, filled, exact)
    made = (_totals(lines, as_of, exact), _days(known), _orders(known), _baskets(known))
    return [str(ibis.to_sql(e, dialect=lines.get_backend().name)) for e in made if e is not None]


def bucket_of(day: ir.DateValue, as_of: date) -> ir.IntegerValue:
    """The month bucket of a date, counted back from ``as_of``: 0 is the month that ends there, inclusive;
    negative after it.

    With as_of at a month's end buckets are calendar months; with as_of on the 15th each runs from the 16th to
    the 15th. A month too short for the day has its edge on its last day. Plain arithmetic on year, month and
    day, so that every database can do it.
    """
    import ibis

    edge = pd.Timestamp(as_of) + pd.Timedelta(days=1)  # buckets end before this day of each month
    year, month, dom = day.year().cast("int64"), day.month().cast("int64"), day.day().cast("int64")
    back = (edge.year * 12 + edge.month) - (year * 12 + month)
    if edge.day <= 28:
        reached = dom >= edge.day
    else:
        leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
        february = ibis.ifelse(leap, 29, 28)
        length = ibis.cases((month.isin(LONG_MONTHS), 31), (month.isin(SHORT_MONTHS), 30), else_=february)
        reached = dom >= ibis.ifelse(length < edge.day, length, edge.day)
    return (back - ibis.ifelse(reached, 1, 0)).cast("int64")


def month_ends(buckets: pd.Series, as_of: date) -> pd.Series:
    """Give the last day of each month bucket."""
    after = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    ends = {b: after - pd.DateOffset(months=int(b)) - pd.Timedelta(days=1) for b in buckets.unique()}
    return buckets.map(ends).astype("datetime64[us]")


def _amount(column: Any, exact: bool) -> Any:
    return column.cast("decimal(38, 6)") if exact else column.cast("float64")


def _totals(lines: ir.Table, as_of: date, exact: bool) -> ir.Table:
    import ibis

    day, amount = lines.date.cast("date"), _amount(lines.amount, exact)
    until = ibis.date(as_of.isoformat())
    known = lines.select(
        day=day,
        money=amount,
        account=lines.account_id,
        **{f"filled_{c}": lines[c] for c in LINES[3:] if c in lines.columns},
    )
    nobody, later = known.account.isnull(), known.day > until
    return known.aggregate(
        rows=known.count(),
        amount=known.money.sum(),
        first=known.day.min(where=~later),
        last=known.day.max(where=~later),
        unassigned_rows=known.count(where=nobody),
        unassigned_amount=known.money.sum(where=nobody),
        after_rows=known.count(where=later),
        after_amount=known.money.sum(where=later),
        after_last=known.day.max(where=later),
        **{c: known[c].count() for c in known.columns if c.startswith("filled_")},
    )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("first", "last", "after_last"):
            out[name] = None if value is None else str(pd.Timestamp(value).date())
        elif not name.startswith("filled_"):
            out[name] = int(value or 0) if name.endswith("rows") else round(float(value or 0.0), TO_MICRO)
    return out


def _prepared(lines: ir.Table, as_of: date, filled: set[str], exact: bool) -> ir.Table:
    """The lines with an account: account_id, date, bucket, amount, positive; margin, costed, order_id,
    category where filled.
    """
    import ibis

    day, amount = lines.date.cast("date"), _amount(lines.amount, exact)
    columns: dict[str, Any] = {
        "account_id": lines.account_id,
        "date": day,
        "bucket": bucket_of(day, as_of),
        "amount": amount,
    }
    columns["positive"] = lines.amount > 0
    if "cost" in filled:
        columns["margin"] = amount - _amount(lines.cost, exact)
        columns["costed"] = lines.cost.notnull().ifelse(amount, ibis.null())
    if "order_id" in filled:
        columns["order_id"] = lines.order_id
    for name in ("product", "category"):  # the category where there is one
        if name in filled:
            columns["category"] = lines[name]
    return lines.filter(lines.account_id.notnull()).select(**columns)


def _order(known: ir.Table) -> Any:
    """An order is an order number, and where there is none, a day of buying."""
    day = known.date.cast("string")
    return known.order_id.cast("string").fill_null(day) if "order_id" in known.columns else day


def _days(known: ir.Table) -> ir.Table:
    """account × day, with the margin that the month needs."""
    keys = ["account_id", "date", "bucket"]
    sums = {name: known[name].sum() for name in SUMMED if name in known.columns}
    bought = known.positive.ifelse(1, 0).max()
    if "order_id" not in known.columns:
        return known.group_by(keys).aggregate(**sums, orders=bought, bought=bought)
    by_order = (
        known.mutate(order=_order(known)).group_by([*keys, "order"]).aggregate(**sums, bought=bought)
    )  # cheaper than count(distinct)
    again = {name: by_order[name].sum() for name in sums}
    return by_order.group_by(keys).aggregate(
        **again, orders=by_order.bought.sum(), bought=by_order.bought.max()
    )


def _orders(known: ir.Table) -> ir.Table | None:
    """Orders per account × month: an order number on two days of a month is one order. None without order
    numbers.
    """
    if "order_id" not in known.columns:
        return None
    distinct = known.filter(known.positive).select("account_id", "bucket", order=_order(known)).distinct()
    return distinct.group_by(["account_id", "bucket"]).aggregate(orders=distinct.count())


def _baskets(known: ir.Table) -> ir.Table | None:
    """account × month × category. None where lines carry neither category nor product."""
    if "category" not in known.columns:
        return None
    inside = known.filter(known.category.notnull())
    keys = ["account_id", "bucket", "category"]
    by_order = inside.mutate(order=_order(inside)).group_by([*keys, "order"])
    by_order = by_order.aggregate(amount=inside.amount.sum(), bought=inside.positive.ifelse(1, 0).max())
    return by_order.group_by(keys).aggregate(amount=by_order.amount.sum(), orders=by_order.bought.sum())


def _land(here: Any, name: str, expression: ir.Table) -> ir.Table:
    """The rows of a grouped expression as a table of ``here``; from another database they come in batches."""
    numbers = {n: expression[n].cast("float64") for n, t in expression.schema().items() if t.is_decimal()}
    plain = expression.mutate(**numbers) if numbers else expression
    if plain.get_backend() is here:
        return here.create_table(f"landed_{name}", plain, temp=True)
    rows = (
        plain.to_pyarrow() if plain.get_backend().name == "duckdb" else plain.to_pyarrow_batches()
    )  # DuckDB 2 gives ibis 12 no batches
    here.con.register("arriving", rows)
    here.con.execute(f"create temp table landed_{name} as select * from arriving").fetchall()
    here.con.unregister("arriving")
    return here.table(f"landed_{name}")


def _composed(landed: dict[str, ir.Table], as_of: date, totals: dict[str, Any]) -> RollUp:
    """The frames in their order. Months are sums of days, their categories counted from the baskets."""
    import ibis

    days, orders, baskets = landed["days"], landed.get("orders"), landed.get("baskets")
    key = ["account_id", "bucket"]
    sums = {name: _sum(days[name]) if name in days.columns else ibis.null("float64") for name in SUMMED}
    counts = {"orders": days.orders.sum(), "active_days": days.bought.sum()}
    monthly = days.group_by(key).aggregate(**sums, **counts, first=days.date.min(), last=days.date.max())
    if orders is not None:
        monthly = monthly.drop("orders").left_join(orders, key).drop("account_id_right", "bucket_right")
        monthly = monthly.mutate(orders=monthly.orders.fill_null(0))
    kinds = ibis.null("int64")
    if baskets is not None:
        bought = baskets.filter(baskets.orders > 0).group_by(key).aggregate(categories=lambda t: t.count())
        monthly = monthly.left_join(bought, key).drop("account_id_right", "bucket_right")
        kinds = monthly.categories.fill_null(0)
    monthly = monthly.mutate(categories=kinds).order_by("account_id", ibis.desc("bucket"))
    table = _frame(monthly)
    table["month_end"] = month_ends(table["bucket"], as_of)
    table["categories"] = table["categories"].astype("Int64")
    columns = [
        "month_end",
        "amount",
        "margin",
        "costed",
        "orders",
        "active_days",
        "categories",
        "first",
        "last",
    ]
    by_day = days.select(
        "account_id", "date", amount=_exact(days.amount), orders=days.orders, bought=days.bought > 0
    )
    if baskets is None:
        kept = pd.DataFrame({c: pd.Series(dtype=k) for c, k in BASKETS.items()})
    else:
        by_kind = baskets.select(*key, "category", amount=_exact(baskets.amount), orders=baskets.orders)
        kept = _frame(by_kind.order_by("account_id", ibis.desc("bucket"), "category"))
    return RollUp(table[[*key, *columns]], _frame(by_day.order_by("account_id", "date")), kept, totals)


def _exact(column: Any) -> Any:
    return column.cast("decimal(38, 6)").cast("float64")


def _sum(column: Any) -> Any:
    return column.cast("decimal(38, 6)").sum().cast("float64")


def _frame(expression: ir.Table) -> pd.DataFrame:
    """The rows with text as str, dates as datetime64[us], counts as int64, the arrow memory given back column
    by column.
    """
    import pyarrow as pa

    kinds = {
        "account_id": "string",
        "category": "string",
        "date": "timestamp",
        "first": "timestamp",
        "last": "timestamp",
        "bucket": "int64",
        "orders": "int64",
        "active_days": "int64",
        "categories": "int64",
    }
    typed = expression.select(
        **{n: expression[n].cast(kinds[n]) if n in kinds else expression[n] for n in expression.columns}
    )
    text = pd.StringDtype(na_value=float("nan"))
    table = typed.to_pyarrow()
    frame = table.to_pandas(
        types_mapper={pa.string(): text, pa.large_string(): text}.get, split_blocks=True, self_destruct=True
    )
    dates = [n for n in ("date", "first", "last") if n in frame]
    return frame.astype(dict.fromkeys(dates, "datetime64[us]"))


def settings() -> dict[str, Any]:
    """Tell how much memory DuckDB may take: KAMPLAY_MEMORY (512MB, 2GB), else 60 % of the machine's."""
    limit = os.environ.get(MEMORY, "").strip() or "60%"
    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", limit, re.IGNORECASE):
        raise KamplayError(Fault("memory_unreadable", column=MEMORY, value=limit))
    return {"memory_limit": limit}


@contextmanager
def local() -> Iterator[Any]:
    """Open a DuckDB of our own (as an ibis backend) that spills into a scratch folder, which is gone
    afterwards.
    """
    import ibis

    with tempfile.TemporaryDirectory(prefix="kamplay-duckdb-", ignore_cleanup_errors=True) as scratch:
        backend = ibis.duckdb.connect(
            ":memory:", temp_directory=scratch, preserve_insertion_order=False, **settings()
        )
        try:
            yield backend
        finally:
            backend.disconnect()
