"""Transactions to what every later step works on: account × day, × month, × month and category, and totals.

A cleaned frame is added up by DuckDB here, in its own SQL; the client's database by the same in ibis, which
speaks its dialect, and only the sums are fetched: a change of one is a change of the other, and a test holds
them together. ibis takes half a second to import, which a client without a database need not wait for.
Amounts are added as decimals of 1e-6, so that the order of adding, and with it the number of threads, cannot
change a digit.
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

from kamplay.book import Scratch, Stored, holds_roll_ups
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
DATED = ("date", "month_end", "first", "last")
PART = 10_000_000  # lines whose accounts are added up at once: the groups of more fit no small memory
BATCH = 1 << 18  # rows that are written at once
TO_MICRO = 6  # decimal places that sums keep
BASKETS = {"account_id": "str", "bucket": "int64", "category": "str", "amount": "float64", "orders": "int64"}
# environment: the most that DuckDB may hold in memory, for example 2GB; beyond it, it spills to disk
MEMORY = "KAMPLAY_MEMORY"


@holds_roll_ups
@dataclass(frozen=True)
class RollUp:
    """The rows ``monthly``, ``days``, ``baskets`` and the dict ``totals``, all as described in Book.

    ``accounts``: each account once, by its id: account_id, amount, year (the amount of the twelve months up
    to as_of, missing without a line in them), bought (a positive line).
    """

    monthly: pd.DataFrame
    days: pd.DataFrame
    baskets: pd.DataFrame
    totals: dict[str, Any]
    accounts: pd.DataFrame


def roll_up(transactions: pd.DataFrame, as_of: date) -> RollUp:
    """Roll cleaned transactions up with DuckDB, without copying the frame.

    Parameters
    ----------
    transactions : DataFrame
        Columns as in the codebook; amounts in the engagement's currency.
    as_of : date
        The reporting date, from which month buckets count back.
    """
    present = [c for c in LINES if c in transactions.columns]
    with _duckdb() as here:
        here.register("lines", transactions[present])
        return _added_up(here, "lines", present, as_of)


def _added_up(here: Any, lines: str, present: list[str], as_of: date, to: Scratch | None = None) -> RollUp:
    """Roll up the lines of a view of a DuckDB of our own, of many lines some of the accounts at a time."""
    found = here.sql(_totals_sql(lines, present, as_of)).to_arrow_table().to_pylist()[0]
    filled = _filled(found)
    known, parts = _known_sql(lines, filled, as_of), int(found["rows"]) // PART + 1
    for part in range(parts):
        own = f"{known} and hash(account_id) % {parts} = {part}" if parts > 1 else known
        here.execute(f"create or replace temp view known as {own}").fetchall()
        for name, query in _sums_sql(filled).items():
            into = f"insert into landed_{name}" if part else f"create table landed_{name} as"
            here.execute(f"{into} {query}").fetchall()
    return _composed(here, as_of, _told(found), to)


def _filled(totals: dict[str, Any]) -> set[str]:
    """The optional columns of lines that hold anything."""
    return {c for c in LINES[3:] if int(totals.get(f"filled_{c}") or 0)}


def _totals_sql(lines: str, present: list[str], as_of: date) -> str:
    """As ``_totals``."""
    day, amount = "cast(date as date)", "cast(amount as decimal(38, 6))"
    later = f"{day} > date '{as_of.isoformat()}'"
    counted = "".join(f", count({c}) as filled_{c}" for c in LINES[3:] if c in present)
    return f"""select count(*) as rows, sum({amount}) as amount,
        min({day}) filter (not {later}) as first, max({day}) filter (not {later}) as last,
        count(*) filter (account_id is null) as unassigned_rows,
        sum({amount}) filter (account_id is null) as unassigned_amount,
        count(*) filter ({later}) as after_rows, sum({amount}) filter ({later}) as after_amount,
        max({day}) filter ({later}) as after_last{counted} from {lines}"""


def _known_sql(lines: str, filled: set[str], as_of: date) -> str:
    """As ``_prepared``, with the order of ``_order``."""
    edge = pd.Timestamp(as_of) + pd.Timedelta(days=1)  # see ``bucket_of``
    day, amount = "cast(date as date)", "cast(amount as decimal(38, 6))"
    reached = f"case when day({day}) >= least({edge.day}, day(last_day({day}))) then 1 else 0 end"
    back = f"{edge.year * 12 + edge.month} - year({day}) * 12 - month({day})"
    columns = [
        f"account_id, {day} as date, cast({back} - ({reached}) as bigint) as bucket",
        f"{amount} as amount, case when amount > 0 then 1 else 0 end as bought",
    ]
    if "cost" in filled:
        columns.append(f"{amount} - cast(cost as decimal(38, 6)) as margin")
        columns.append(f"case when cost is not null then {amount} end as costed")
    number = "coalesce(cast(order_id as varchar), cast({0} as varchar))" if "order_id" in filled else "{0}"
    columns.append(f"{number.format(day)} as number")
    if kinds := [c for c in ("category", "product") if c in filled]:
        columns.append(f"{kinds[0]} as category")
    return f"select {', '.join(columns)} from {lines} where account_id is not null"


def _sums_sql(filled: set[str]) -> dict[str, str]:
    """As ``_days``, ``_orders`` and ``_baskets``, with sums as floats."""
    sums = SUMMED if "cost" in filled else SUMMED[:1]
    inner = ", ".join(f"sum({name}) as {name}" for name in sums)
    outer = ", ".join(f"cast(sum({name}) as double) as {name}" for name in sums)
    of_days = "account_id, date, bucket"
    by_order = f"select {of_days}, number, {inner}, max(bought) as bought from known group by all"
    outer += ", sum(bought) as orders, max(bought) as bought"
    made = {"days": f"select {of_days}, {outer} from ({by_order}) group by all"}
    if "order_id" in filled:
        distinct = "select distinct account_id, bucket, number from known where bought = 1"
        made["orders"] = f"select account_id, bucket, count(*) as orders from ({distinct}) group by all"
    if filled & {"category", "product"}:
        keys = "account_id, bucket, category"
        by_order = f"select {keys}, number, sum(amount) as amount, max(bought) as bought from known"
        by_order += " where category is not null group by all"
        totals = "cast(sum(amount) as double) as amount, sum(bought) as orders"
        made["baskets"] = f"select {keys}, {totals} from ({by_order}) group by all"
    return made


def collect(lines: ir.Table, as_of: date, here: Any) -> RollUp:
    """Roll up an ibis table with the columns of LINES (cost and those after it may be missing).

    The sums run where the table lives; ``here`` is the backend of ``local``, which puts them together and
    stores the rows.
    """
    to = Scratch()
    if lines.get_backend() is here:
        here.con.execute(f"create temp view sold as {here.compile(lines)}").fetchall()
        return _added_up(here.con, "sold", list(lines.columns), as_of, to)
    exact = lines.get_backend().name != "sqlite"  # SQLite knows no decimals, and adds in one order
    found = _totals(lines, as_of, exact).to_pyarrow().to_pylist()[0]
    filled = _filled(found)
    known = _prepared(lines, as_of, filled, exact)
    made = {"days": _days(known), "orders": _orders(known), "baskets": _baskets(known)}
    for name, expression in made.items():
        if expression is not None:
            _land(here, name, expression)
    return _composed(here.con, as_of, _told(found), to)


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


def _land(here: Any, name: str, expression: ir.Table) -> None:
    """The rows of a grouped expression as a table of ``here``, to which they come in batches."""
    numbers = {n: expression[n].cast("float64") for n, t in expression.schema().items() if t.is_decimal()}
    plain = expression.mutate(**numbers) if numbers else expression
    rows = (
        plain.to_pyarrow() if plain.get_backend().name == "duckdb" else plain.to_pyarrow_batches()
    )  # DuckDB 2 gives ibis 12 no batches
    here.con.register("arriving", rows)
    here.con.execute(f"create table landed_{name} as select * from arriving").fetchall()
    here.con.unregister("arriving")


def _composed(here: Any, as_of: date, totals: dict[str, Any], to: Scratch | None) -> RollUp:
    """The rows in their order, from the tables ``landed_…`` of a DuckDB. Months are sums of days, their
    categories counted from the baskets.
    """
    tables = {row[0] for row in here.execute("select table_name from information_schema.tables").fetchall()}
    orders, baskets = "landed_orders" in tables, "landed_baskets" in tables
    has = [row[0] for row in here.execute("describe landed_days").fetchall()]
    exact = "cast(cast({0} as decimal(38, 6)) as double)"
    added = "cast(sum(cast({0} as decimal(38, 6))) as double)"
    sums = ", ".join(
        f"{added.format(name) if name in has else 'cast(null as double)'} as {name}" for name in SUMMED
    )
    months = f"""select account_id, bucket, {sums}, sum(orders) as orders, sum(bought) as active_days,
        min(date) as first, max(date) as last from landed_days group by all"""
    kinds = (
        "select account_id, bucket, count(*) as categories from landed_baskets where orders > 0 group by all"
    )
    joined = "left join {0} using (account_id, bucket)"
    buckets = pd.DataFrame(here.execute("select distinct bucket from landed_days").fetchnumpy())
    here.register("ends", buckets.assign(month_end=month_ends(buckets["bucket"], as_of)))
    query = f"""select account_id, bucket, month_end, amount, margin, costed,
        {"coalesce(o.orders, 0)" if orders else "m.orders"} as orders, active_days,
        {"coalesce(k.categories, 0)" if baskets else "cast(null as bigint)"} as categories, first, last
        from ({months}) m join ends using (bucket) {joined.format("landed_orders o") if orders else ""}
        {joined.format(f"({kinds}) k") if baskets else ""} order by account_id, bucket desc"""
    table = _rows(here, "monthly", query, to)
    days = _rows(
        here,
        "days",
        f"""select account_id, date, {exact.format("amount")} as amount, orders, bought > 0 as bought
        from landed_days order by account_id, date""",
        to,
    )
    kept = pd.DataFrame({c: pd.Series(dtype=k) for c, k in BASKETS.items()})
    if baskets:
        kept = _rows(
            here,
            "baskets",
            f"""select account_id, bucket, category, {exact.format("amount")} as amount, orders
            from landed_baskets order by account_id, bucket desc, category""",
            to,
        )
    within = "cast(sum(cast(amount as decimal(38, 6))) filter (bucket between 0 and 11) as double) as year"
    accounts = _frame(
        here,
        f"""select account_id, {added.format("amount")} as amount, {within}, bool_or(bought > 0) as bought
        from landed_days group by account_id order by account_id""",
    )
    return RollUp(table, days, kept, totals, accounts)


_KINDS = {
    "account_id": "varchar",
    "category": "varchar",
    "date": "timestamp",
    "month_end": "timestamp",
    "first": "timestamp",
    "last": "timestamp",
    "bucket": "bigint",
    "orders": "bigint",
    "active_days": "bigint",
    "categories": "bigint",
}


def _rows(here: Any, name: str, query: str, to: Scratch | None) -> Any:
    """The rows as a frame; with ``to`` in a file there, a batch at a time."""
    if to is None:
        return _frame(here, query)
    import pyarrow as pa
    import pyarrow.parquet as parquet

    file = to.path / f"{name}.parquet"
    schema = pa.Schema.from_pandas(_frame(here, f"select * from ({query}) limit 0"), preserve_index=False)
    with parquet.ParquetWriter(file, schema) as out:
        for batch in here.sql(_typed(here, query)).to_arrow_reader(BATCH):
            out.write_table(pa.Table.from_batches([batch]).cast(schema))
    return Stored(file, to, pd.get_option("mode.string_storage"))


def _typed(here: Any, query: str) -> str:
    """The query with the kind that each column has in a Book."""
    names = [column[0] for column in here.execute(f"describe {query}").fetchall()]
    typed = ", ".join(f"cast({n} as {_KINDS[n]}) as {n}" if n in _KINDS else n for n in names)
    return f"select {typed} from ({query})"


def _frame(here: Any, query: str) -> pd.DataFrame:
    """The rows with text as str, dates as datetime64[us], counts as int64, categories as Int64, the arrow
    memory given back column by column.
    """
    import pyarrow as pa

    text = pd.StringDtype(na_value=float("nan"))
    table = here.sql(_typed(here, query)).to_arrow_table()
    frame = table.to_pandas(
        types_mapper={pa.string(): text, pa.large_string(): text}.get, split_blocks=True, self_destruct=True
    )
    kinds = {"categories": "Int64", **dict.fromkeys(DATED, "datetime64[us]")}
    return frame.astype({n: kind for n, kind in kinds.items() if n in frame})


def settings() -> dict[str, Any]:
    """Tell how much memory DuckDB may take: KAMPLAY_MEMORY (512MB, 2GB), else 60 % of the machine's."""
    limit = os.environ.get(MEMORY, "").strip() or "60%"
    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", limit, re.IGNORECASE):
        raise KamplayError(Fault("memory_unreadable", column=MEMORY, value=limit))
    return {"memory_limit": limit}


@contextmanager
def _duckdb() -> Iterator[Any]:
    """Open a DuckDB of our own that spills into a scratch folder, which is gone afterwards."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="kamplay-duckdb-", ignore_cleanup_errors=True) as scratch:
        config = {"temp_directory": scratch, "preserve_insertion_order": "false", **settings()}
        with duckdb.connect(":memory:", config=config) as here:
            yield here


@contextmanager
def local() -> Iterator[Any]:
    """Open such a DuckDB as an ibis backend, for what comes from a database."""
    import ibis

    with tempfile.TemporaryDirectory(prefix="kamplay-duckdb-", ignore_cleanup_errors=True) as scratch:
        backend = ibis.duckdb.connect(
            ":memory:", temp_directory=scratch, preserve_insertion_order=False, **settings()
        )
        try:
            yield backend
        finally:
            backend.disconnect()
