"""Transactions to what every later step works on: account × day, × month, × month and category, and totals.

A cleaned frame is added up by DuckDB here, in its own SQL; the client's database by the same in ibis, which
speaks its dialect, and only the sums are fetched: a change of one is a change of the other, and a test holds
them together. ibis takes half a second to import, which a client without a database need not wait for.
Amounts are added as decimals of 1e-6, so that the order of adding, and with it the number of threads, cannot
change a digit.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.book import TO_MICRO, Scratch, Stored, holds_roll_ups
from kamplay.intake.memory import megabytes, settings, within_memory
from kamplay.intake.reversed_orders import undo

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
PART = 10_000  # lines that are added up at once for each MB of memory: the groups of more do not fit it
HELD = 1_000_000  # lines of all parts together that are held before they are written
BATCH = 1 << 18  # rows that are written at once
BASKETS = {"account_id": "str", "bucket": "int64", "category": "str", "amount": "float64", "orders": "int64"}


@holds_roll_ups
@dataclass(frozen=True)
class RollUp:
    """The rows ``monthly``, ``days``, ``baskets`` and the dict ``totals``, all as described in Book.

    ``accounts``: each account once, by its id: account_id, amount, year (the amount of the twelve months up
    to as_of, missing without a line in them), bought (a positive line). ``undone``: the orders
    that were credited in full, see ``reversed_orders``.
    """

    monthly: pd.DataFrame
    days: pd.DataFrame
    baskets: pd.DataFrame
    totals: dict[str, Any]
    accounts: pd.DataFrame
    undone: pd.DataFrame


def roll_up(transactions: pd.DataFrame, as_of: date) -> RollUp:
    """Roll cleaned transactions up with DuckDB, without copying the frame.

    Parameters
    ----------
    transactions : DataFrame
        Columns as in the codebook; amounts in the engagement's currency.
    as_of : date
        The reporting date, from which month buckets count back.

    Raises
    ------
    KamplayError
        Neither memory nor the disk holds what has to be put together.
    """
    present = [c for c in LINES if c in transactions.columns]
    with within_memory({"table": "transactions"}), _duckdb() as here:
        here.register("lines", transactions[present])
        return _added_up(here, "lines", present, as_of)


def _added_up(here: Any, lines: str, present: list[str], as_of: date, to: Scratch | None = None) -> RollUp:
    """Roll up the lines of a view of a DuckDB of our own, of many lines some of the accounts at a time."""
    found = here.sql(_totals_sql(lines, present, as_of)).to_arrow_table().to_pylist()[0]
    filled, rows = _filled(found), _Sorted(here, as_of, to)
    landed = _landed(filled)
    for part in _parts(here, lines, filled, int(found["rows"])):
        here.execute(f"create or replace temp view known as {_known_sql(part, filled, as_of)}").fetchall()
        for statement in _sums_sql(filled):
            here.execute(statement).fetchall()
        rows.add(landed, undo(here, as_of, landed))
    return rows.rolled(_told(found))


def _parts(here: Any, lines: str, filled: set[str], count: int) -> Iterator[str]:
    """The lines as relations of no more than fit the memory, by account, in the order of the accounts; many
    are parted on the disk, in one reading.
    """
    most = int(PART * megabytes())
    if count <= most:
        yield lines
        return
    by_account = f"select account_id, count(*) as n from {lines} where account_id is not null group by all"
    placed = f"select *, (sum(n) over (order by account_id) - 1) // {most} as part from ({by_account})"
    ends = f"select max(account_id) from ({placed}) group by part order by 1"
    last = [str(row[0]) for row in here.execute(ends).fetchall()][:-1]
    if not last:
        yield lines
        return
    held = max(HELD // (len(last) + 1), 2048)
    cases = " ".join(f"when account_id <= {_word(one)} then {n}" for n, one in enumerate(last))
    columns = ", ".join([*LINES[:3], *(c for c in LINES[3:] if c in filled)])
    with tempfile.TemporaryDirectory(prefix="kamplay-parts-", ignore_cleanup_errors=True) as scratch:
        here.execute(f"set partitioned_write_flush_threshold = {held}").fetchall()
        here.execute(
            f"""copy (select {columns}, case {cases} else {len(last)} end as part from {lines}
            where account_id is not null) to {_word(scratch)} (format parquet, partition_by (part),
            overwrite_or_ignore true)"""
        ).fetchall()
        for part in range(len(last) + 1):
            folder = Path(scratch) / f"part={part}"
            yield f"read_parquet({_word(f'{folder.as_posix()}/*.parquet')})"
            shutil.rmtree(folder, ignore_errors=True)


def _word(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


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
    # without a number the sales of a day are an order, and its credits another document
    by_day = f"cast({day} as varchar) || case when amount < 0 then '-' else '' end"
    columns.append(
        f"coalesce(cast(order_id as varchar), {by_day}) as number"
        if "order_id" in filled
        else f"{by_day} as number"
    )
    if kinds := [c for c in ("category", "product") if c in filled]:
        columns.append(f"{kinds[0]} as category")
    return f"select {', '.join(columns)} from {lines} where account_id is not null"


def _landed(filled: set[str]) -> set[str]:
    """The tables of sums that such lines come to."""
    kinds = {"baskets"} if filled & {"category", "product"} else set()
    return {"days"} | kinds | ({"orders"} if "order_id" in filled else set())


def _sums_sql(filled: set[str]) -> list[str]:
    """The statements that make what ``_days``, ``_orders`` and ``_baskets`` give, with sums as floats. What
    they make is temporary, as DuckDB then spares itself to pack it.
    """
    sums = SUMMED if "cost" in filled else SUMMED[:1]
    inner = ", ".join(f"sum({name}) as {name}" for name in sums)
    outer = ", ".join(f"cast(sum({name}) as double) as {name}" for name in sums)
    of_days = "account_id, date, bucket"
    by_order = f"select {of_days}, number, {inner}, max(bought) as bought from known group by all"
    days = f"select {of_days}, {outer}, sum(bought) as orders, max(bought) as bought from landed_by_order"
    made = {"by_order": by_order, "days": f"{days} group by all"}
    if "order_id" in filled:
        distinct = "select distinct account_id, bucket, number from landed_by_order where bought = 1"
        made["orders"] = f"select account_id, bucket, count(*) as orders from ({distinct}) group by all"
    landing = [f"create or replace temp table landed_{name} as {query}" for name, query in made.items()]
    landing += _documents_sql(bool(filled & {"category", "product"}))
    landing.append("drop table landed_by_order")
    if filled & {"category", "product"}:
        # its lines are as many as its orders, but where an order has several: to count those costs half
        keys = "account_id, bucket, category"
        known = "from known where category is not null"
        again = f"select {keys}, number, count(*) - 1 as n {known} and bought = 1 group by all having n > 0"
        again = f"select {keys}, sum(n) as n from ({again}) group by all"
        plain = f"select {keys}, cast(sum(amount) as double) as amount, sum(bought) as lines {known}"
        landing.append(
            f"""create or replace temp table landed_baskets as
            select {keys}, amount, lines - coalesce(n, 0) as orders
            from ({plain} group by all) left join ({again}) using ({keys})"""
        )
    return landing


def _documents_sql(kinds: bool) -> list[str]:
    """As ``_documents`` and ``_document_parts``."""
    units = "select *, cast(round(cast(amount as double) * 1000) as bigint) as units from landed_by_order"
    of_day = "account_id, date, sum(units) as units"
    equal = f"""with documents as ({units}),
        back as (select account_id, date, units from documents where units < 0 and bought = 0),
        given as (select account_id, date, units from documents where units > 0),
        credits as (from back union all select {of_day} from back group by all having count(*) > 1),
        orders as (from given union all select {of_day} from given group by all having count(*) > 1)
        select c.account_id, c.date as back, o.date as given from credits c join orders o
        on c.account_id = o.account_id and c.units = -o.units and o.date <= c.date"""
    days = "select account_id, back as date from pairs union select account_id, given from pairs"
    spread = """select account_id, bucket, number, count(*) as spread from landed_by_order
        where account_id in (select account_id from pairs) group by all"""
    made = {
        "pairs": equal,
        "landed_documents": f"""select d.account_id, d.date, d.bucket, number, units, bought, spread
        from ({units}) d join ({days}) using (account_id, date)
        join ({spread}) using (account_id, bucket, number)""",
    }
    if kinds:
        made["landed_parts"] = """select account_id, date, number, category,
            cast(sum(k.amount) as double) as amount, max(k.bought) as bought from known k
            join (select account_id, date, number from landed_documents) using (account_id, date, number)
            where category is not null group by all"""
    return [f"create or replace temp table {name} as {query}" for name, query in made.items()]


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
    made |= {"documents": _documents(known), "parts": _document_parts(known)}
    for name, expression in made.items():
        if expression is not None:
            _land(here, name, expression)
    rows, landed = _Sorted(here.con, as_of, to), _landed(filled)
    rows.add(landed, undo(here.con, as_of, landed))
    return rows.rolled(_told(found))


def statements(lines: ir.Table, as_of: date, filled: set[str]) -> list[str]:
    """List the SQL that ``collect`` runs, to look at and to test that only sums are asked for."""
    import ibis

    exact = lines.get_backend().name != "sqlite"
    known = _prepared(lines, as_of, filled, exact)
    sums = (_totals(lines, as_of, exact), _days(known), _orders(known), _baskets(known))
    made = [*sums, _documents(known), _document_parts(known)]
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
    """An order is an order number, and where there is none, a day of buying; its credits are another."""
    import ibis

    day = known.date.cast("string") + ibis.ifelse(known.amount < 0, "-", "")
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


def _documents(known: ir.Table) -> ir.Table:
    """The documents of the days on which something may have been undone: where credits come to an earlier
    order, or to all orders of a day.
    """
    import ibis

    keys = ["account_id", "date", "bucket", "number"]
    lines = known.mutate(number=_order(known))
    by_order = lines.group_by(keys).aggregate(
        amount=lines.amount.sum(), bought=lines.positive.ifelse(1, 0).max()
    )
    units = (by_order.amount.cast("float64") * 1000).round().cast("int64")
    documents = by_order.mutate(units=units).drop("amount")
    sides = []
    for kind in ((documents.units < 0) & (documents.bought == 0), documents.units > 0):
        one = documents.filter(kind).select("account_id", "date", "units")
        days = one.group_by(["account_id", "date"]).aggregate(total=one.units.sum(), n=one.count())
        days = days.filter(days.n > 1).select("account_id", "date", units=days.total.cast("int64"))
        sides.append(ibis.union(one, days))
    back, given = sides[0].rename(back="date"), sides[1].rename(given="date")
    pairs = back.inner_join(given.mutate(units=-given.units), ["account_id", "units"])
    pairs = pairs.filter(pairs.given <= pairs.back)
    days = ibis.union(
        pairs.select("account_id", date="back"), pairs.select("account_id", date="given"), distinct=True
    )
    numbers = documents.group_by(["account_id", "bucket", "number"]).aggregate(spread=documents.count())
    found = documents.semi_join(days, ["account_id", "date"])
    found = found.inner_join(numbers, ["account_id", "bucket", "number"])
    return found.select(*keys, "units", "bought", "spread")


def _document_parts(known: ir.Table) -> ir.Table | None:
    """What these documents hold of each category. None where lines carry neither category nor product."""
    if "category" not in known.columns:
        return None
    inside = known.filter(known.category.notnull())
    inside = inside.mutate(number=_order(inside))
    by = inside.group_by(["account_id", "date", "number", "category"])
    parts = by.aggregate(amount=inside.amount.sum(), bought=inside.positive.ifelse(1, 0).max())
    return parts.semi_join(_documents(known), ["account_id", "date", "number"])


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


class _Sorted:
    """The rows in their order, from the tables ``landed_…`` of a DuckDB, part of the accounts by part: as
    frames, or in files of ``to``, a batch at a time.
    """

    def __init__(self, here: Any, as_of: date, to: Scratch | None):
        self.here, self.as_of, self.to = here, as_of, to
        self._frames: dict[str, list[pd.DataFrame]] = {}
        self._files: dict[str, Any] = {}
        self._undone: list[pd.DataFrame] = []

    def add(self, landed: set[str], undone: pd.DataFrame) -> None:
        """The rows of what has landed, and the orders that were undone; its accounts follow those before."""
        self._undone.append(undone)
        for name, query in _queries(self.here, self.as_of, landed).items():
            if self.to and name != "accounts":
                self._write(name, query)
            else:
                self._frames.setdefault(name, []).append(_frame(self.here, query))

    def _write(self, name: str, query: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as parquet

        if name not in self._files:
            empty = _frame(self.here, f"select * from ({query}) limit 0")
            schema = pa.Schema.from_pandas(empty, preserve_index=False)
            self._files[name] = parquet.ParquetWriter(self._file(name), schema)
        file = self._files[name]
        for batch in self.here.sql(_typed(self.here, query)).to_arrow_reader(BATCH):
            file.write_table(pa.Table.from_batches([batch]).cast(file.schema))

    def _file(self, name: str) -> Path:
        assert self.to
        return self.to.path / f"{name}.parquet"

    def rolled(self, totals: dict[str, Any]) -> RollUp:
        """All parts."""
        none = pd.DataFrame({c: pd.Series(dtype=k) for c, k in BASKETS.items()})
        made: dict[str, Any] = {
            name: parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
            for name, parts in self._frames.items()
        }
        for name, file in self._files.items():
            file.close()
            made[name] = Stored(self._file(name), self.to, pd.get_option("mode.string_storage"))  # type: ignore[arg-type]
        undone = pd.concat(self._undone, ignore_index=True).astype({"account_id": "str", "order_id": "str"})
        baskets = made.get("baskets", none)
        return RollUp(made["monthly"], made["days"], baskets, totals, made["accounts"], undone)


def _queries(here: Any, as_of: date, landed: set[str]) -> dict[str, str]:
    """What gives the rows of each kind in their order. Months are sums of days, their categories counted from
    the baskets.
    """
    orders, baskets = "orders" in landed, "baskets" in landed
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
    made = {"monthly": query}
    amount = exact.format("amount")
    made["days"] = f"""select account_id, date, {amount} as amount, orders, bought > 0 as bought,
        reversed from landed_days order by account_id, date"""
    if baskets:
        made["baskets"] = f"""select account_id, bucket, category, {amount} as amount, orders
            from landed_baskets order by account_id, bucket desc, category"""
    within = "cast(sum(cast(amount as decimal(38, 6))) filter (bucket between 0 and 11) as double) as year"
    made["accounts"] = f"""select account_id, {added.format("amount")} as amount, {within},
        bool_or(bought > 0) as bought from landed_days group by account_id order by account_id"""
    return made


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
