"""Tables from a client's database: transactions as roll-ups only, added up where they live; other tables
whole.

A source's ``url`` is duckdb:///data/erp.duckdb, sqlite:///data/erp.sqlite (files in the engagement folder),
postgres://USER:${PASSWORD}@HOST:5432/DATABASE or pyspark://HOST:15002 (Spark Connect; pyspark:// is the
session at hand). ``${NAME}`` is filled in from the environment when connecting, and what it held is kept out
of every message.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import pandas as pd

from kamplay.book import Reading
from kamplay.codebook import TableSpec, codebook, fold
from kamplay.engagement import Engagement, Source
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.intake.columns.account_columns import BESIDE, COUNTED, Beside, columns_beside
from kamplay.intake.columns.account_names import headers_of_names
from kamplay.intake.columns.mapping import map_headers
from kamplay.intake.databases.database_lines import understood
from kamplay.intake.files.file_safety import first_line
from kamplay.intake.files.readers import Raw
from kamplay.intake.layout.total_rows import EXACT
from kamplay.intake.memory import settings, shortage
from kamplay.intake.rollup import LINES, RollUp, bucket_of, collect, local
from kamplay.intake.values.parsing import most

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST_ROWS = 5_000_000  # of a table that is pulled whole
MOST_EACH = 6  # values of an account in a year, on average: a column of more is of the lines
LINE = "_line"  # a column that is equal where lines are, in all columns of the client's
ISO_DATE = r"^\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True)
class Rolled:
    """Transactions as a database added them up: ``roll_up`` with its ``as_of``, and how it was read;
    ``counted`` has for each column of the accounts on the lines what ``account_columns.counted`` gives.
    """

    roll_up: RollUp
    as_of: date
    reading: Reading
    counted: dict[str, pd.DataFrame] = field(default_factory=dict)
    beside: list[tuple[Reading, Beside]] = field(default_factory=list)


def shown(source: Source) -> str:
    """Name a source as messages and the manifest do: the file, or the url as it is written, never as it is
    filled in.
    """
    url = source.url or ""
    return file_of(url) if url.split("://")[0] in FILE_KINDS else url


def sheet(source: Source) -> str:
    """Name the table or query of a source, where a workbook would name its sheet."""
    return source.table or "query"


def roll_up_source(
    engagement: Engagement, source: Source, accounts: Source | None = None
) -> tuple[Rolled | None, list[Fault]]:
    """Roll up transactions where they live; ``accounts`` are the settings of the accounts where they name
    the same lines.

    Returns
    -------
    rolled : Rolled or None
        None when they cannot be used.
    faults : list of Fault
    """
    spec = codebook()["transactions"]
    place: dict[str, Any] = {"table": spec.name, "file": shown(source), "sheet": sheet(source)}
    try:
        with _opened(engagement.folder, source, place) as table:
            return _rolled(engagement, source, table, spec, place, accounts)
    except KamplayError as error:
        return None, error.faults


def pull(folder: Path, source: Source, spec: TableSpec) -> tuple[Raw, int]:
    """Fetch a whole table as raw cells.

    Returns
    -------
    raw : Raw
    set_aside : int
        Rows that ``where`` did not keep.

    Raises
    ------
    KamplayError
        No connection, no such table, or more rows than MOST_ROWS.
    """
    place: dict[str, Any] = {"table": spec.name, "file": shown(source), "sheet": sheet(source)}
    with _opened(folder, source, place) as table:
        kept, faults = _kept(table, source, place)
        if faults:
            raise KamplayError(faults)
        rows, inside = _count(table), _count(kept)
        if inside > MOST_ROWS:
            raise KamplayError(
                Fault("database_too_large", value=str(inside), args={"most": MOST_ROWS}, **place)
            )
        decimals = {n: kept[n].cast("float64") for n, t in kept.schema().items() if t.is_decimal()}
        frame = (kept.mutate(**decimals) if decimals else kept).to_pyarrow().to_pandas(date_as_object=False)
    frame.index = pd.RangeIndex(2, len(frame) + 2)  # as in a parquet file: row 1 is the header
    return Raw(frame, place["file"], place["sheet"], 1), rows - inside


@dataclass(frozen=True)
class Lines:
    """Lines that stay where they are, under our names, how they were read, and which of their headers feed
    columns of the accounts.
    """

    lines: ir.Table
    reading: Reading
    beside: Beside


def _rolled(
    engagement: Engagement,
    source: Source,
    table: ir.Table,
    spec: TableSpec,
    place: dict[str, Any],
    accounts: Source | None,
) -> tuple[Rolled | None, list[Fault]]:
    found, faults = lines_of(engagement, source, table, spec, place, accounts=accounts)
    if found is None or any(f.level == "error" for f in faults):
        return None, faults
    with local() as here:
        rolled, said = added_up(engagement, [found], [], here)
    return rolled, [*faults, checks_not_made(place, found.reading.rows, {}), *said]


def lines_of(
    engagement: Engagement,
    source: Source,
    table: ir.Table,
    spec: TableSpec,
    place: dict[str, Any],
    headers: list[str] | None = None,
    trimmed: frozenset[str] = frozenset(),
    beside: Beside | None = None,
    accounts: Source | None = None,
) -> tuple[Lines | None, list[Fault]]:
    """Express a client's table as our lines: those that ``where`` keeps, that are not void, in the
    engagement's currency.

    Parameters
    ----------
    headers : all that the client's table has, where ``table`` holds a part of them; its column ``LINE`` then
        tells lines apart.
    trimmed : those whose texts are known to have no blank at either end.
    beside : which of them feed columns of the accounts, where their cells have been looked at.
    accounts : the settings of the accounts, where they name the same lines.

    Returns
    -------
    lines : None when they cannot be used.
    faults : list of Fault
    """
    columns = [c for c in headers or table.columns if c != LINE]
    head = Raw(pd.DataFrame(columns=columns), place["file"], place["sheet"], 0)
    mapped, faults = map_headers(head, spec, source.model_copy(update={"where": {}}))
    kept, where_faults = _kept(table, source, place)
    faults += where_faults
    if beside is None:
        beside = columns_beside(head, mapped, source, accounts, head.frame.index, place)
        beside = beside.with_name(headers_of_names(head, mapped, source, accounts))
        faults += beside.faults
    named = {name: header for name, header in mapped.headers.items() if name in LINES}
    if any(f.level == "error" for f in faults):
        return None, faults
    inside = _count(kept)
    kept, repeat_faults = _once(kept, engagement.settings.dedupe, inside, place)
    meaning = understood(kept, mapped.headers, source, engagement.settings, place)
    faults += [*repeat_faults, *meaning.faults]
    lines, kind_faults = typed(meaning.lines, named, spec, place, trimmed, texts_beside(beside))
    faults += kind_faults
    if any(f.level == "error" for f in faults):
        return None, faults
    faults += _empty_cells(meaning.lines, lines, named, place)
    if not inside:
        return None, [*faults, Fault("no_rows", **place)]
    rows = _count(table)
    repeated = next((f.count for f in repeat_faults if f.code == "line_repeated_dropped"), 0)
    reading = Reading(
        spec.name,
        place["file"],
        place["sheet"],
        rows,
        rows - inside,
        0,
        0,
        repeated,
        inside - repeated - meaning.void,
        mapped.headers,
        tuple(h for h in mapped.unused if h not in set(source.where)),
        meaning.void,
        meaning.void_amount,
    )
    return Lines(lines, reading, beside), faults


def texts_beside(beside: Beside) -> dict[str, str]:
    """Of the columns of the accounts on the lines those of words, which alone are read where the lines
    are.
    """
    kinds = codebook()["accounts"].columns
    return {name: h for name, h in beside.headers.items() if kinds[name].kind in ("id", "text")}


def added_up(
    engagement: Engagement, found: list[Lines], others: list[ir.Table], here: Any
) -> tuple[Rolled | None, list[Fault]]:
    """Add up the lines of one table, or of several in one database.

    Parameters
    ----------
    found : under our names, with their readings, the first of which the result bears; a column that one of
        them lacks is empty there.
    others : lines of inputs that were read cell by cell.
    here : the backend that puts the sums together.
    """
    lines = [*(one.lines for one in found), *others]
    first = found[0].reading
    alone = len(lines) == 1
    place: dict[str, Any] = {
        "table": first.table,
        "file": first.file if alone else None,
        "sheet": first.sheet if alone else None,
    }
    whole = lines[0] if alone else _together(lines)
    as_of = engagement.settings.as_of or _last_date(whole)
    if as_of is None:
        return None, [Fault("no_rows", **place)]
    up = collect(whole, as_of, here)
    faults: list[Fault] = []
    if up.totals["unassigned_rows"]:
        faults.append(
            Fault(
                "account_blank",
                "warning",
                column=first.headers["account_id"],
                count=up.totals["unassigned_rows"],
                args={"amount": up.totals["unassigned_amount"]},
                **place,
            )
        )
    sums = up.accounts[up.accounts["account_id"].map(lambda one: bool(EXACT.fullmatch(one))).astype(bool)]
    if len(sums):
        amount, total = float(sums["amount"].sum()), float(up.totals["amount"])
        args = {"amount": amount, "total": total, "rest": total - amount}
        header, value = first.headers["account_id"], ", ".join(sums["account_id"][:4])
        faults.append(Fault("total_account", "warning", column=header, value=value, args=args, **place))
    counts = {
        name.removeprefix(BESIDE): _counted(whole, name, as_of, up)
        for name in whole.columns
        if name.startswith(BESIDE)
    }
    return Rolled(up, as_of, first, counts, [(one.reading, one.beside) for one in found]), faults


def _counted(lines: ir.Table, name: str, as_of: date, up: RollUp) -> pd.DataFrame:
    """As ``account_columns.counted``; without a row where there are so many values that they are the
    lines' own.
    """
    import ibis

    known = lines.select("account_id", value=lines[name], day=lines.date.cast("date"))
    known = known.filter(
        known.account_id.notnull() & known.value.notnull() & (known.day <= ibis.date(as_of.isoformat()))
    )
    known = known.mutate(year=bucket_of(known.day, as_of) // 12)
    by = known.group_by(["account_id", "value", "year"]).aggregate(
        lines=known.count(), first=known.day.min(), last=known.day.max()
    )
    years = as_of.year - pd.Timestamp(up.totals["first"] or as_of).year + 1
    most = MOST_EACH * years * len(up.accounts)
    frame = by.limit(most + 1).to_pyarrow().to_pandas(date_as_object=False)[COUNTED]
    frame = frame.iloc[:0] if len(frame) > most else frame
    dates = {day: pd.to_datetime(frame[day]).astype("datetime64[us]") for day in ("first", "last")}
    texts = {text: frame[text].astype("str") for text in ("account_id", "value")}
    return frame.assign(**dates, **texts)


def _together(lines: list[ir.Table]) -> ir.Table:
    import ibis

    beside = sorted({name for one in lines for name in one.columns if name.startswith(BESIDE)})
    names = [*(name for name in LINES if any(name in one.columns for one in lines)), *beside]
    kinds = {"date": "date", "amount": "decimal(38, 6)", "cost": "decimal(38, 6)"}
    parts = [
        one.select(
            **{
                name: one[name].cast(kinds.get(name, "string"))
                if name in one.columns
                else ibis.null(kinds.get(name, "string"))
                for name in names
            }
        )
        for one in lines
    ]
    return ibis.union(*parts)


def _once(kept: ir.Table, dedupe: bool, rows: int, place: dict[str, Any]) -> tuple[ir.Table, list[Fault]]:
    """Count the lines that repeat another in all columns; with ``dedupe`` one of each stays. Without a
    fault where a column cannot be compared, which ``checks_not_made`` says of databases in general.
    """
    if LINE in kept.columns:
        count = rows - int(kept[LINE].nunique().to_pyarrow().as_py())
    elif all(_comparable(kind) for kind in kept.schema().values()):
        count = rows - _count(kept.distinct())
    else:
        return kept, []
    if not count:
        return kept, []
    code = "line_repeated_dropped" if dedupe else "line_repeated"
    fault = Fault(code, "warning", count=count, **place)
    if dedupe:
        kept = kept.distinct(on=LINE, keep="first") if LINE in kept.columns else kept.distinct()
    return kept, [fault]


def _comparable(kind: Any) -> bool:
    return bool(kind.is_numeric() or kind.is_string() or kind.is_temporal() or kind.is_boolean())


def checks_not_made(place: dict[str, Any], rows: int, ways: dict[str, str]) -> Fault:
    """Say which checks look at single lines and were not made; ``ways``: how dates and amounts were read."""
    return Fault("lines_added_up", "warning", args={"rows": rows, "ways": list(ways.values())}, **place)


def typed(
    table: ir.Table,
    headers: dict[str, str],
    spec: TableSpec,
    place: dict[str, Any],
    trimmed: frozenset[str] = frozenset(),
    beside: dict[str, str] | None = None,
) -> tuple[ir.Table, list[Fault]]:
    """Express our columns with our types on the client's table: ids and texts trimmed unless they are, blanks
    missing, dates without time; and texts ``beside`` them, columns of the accounts.
    """
    columns: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, header in headers.items():
        column, kind = table[header], spec.columns[name].kind
        dtype = column.type()
        if kind in ("id", "text"):
            whole = column.cast("int64") if dtype.is_floating() or dtype.is_decimal() else column
            columns[name] = column if header in trimmed else whole.cast("string").strip().nullif("")
        elif kind == "date" and (dtype.is_date() or dtype.is_timestamp()):
            columns[name] = column.cast("date")
        elif kind == "date" and dtype.is_string():
            columns[name] = column.re_search(ISO_DATE).ifelse(column.left(10), None).cast("date")
        elif kind == "amount" and dtype.is_numeric():
            columns[name] = column
        else:
            faults.append(
                Fault("database_type", column=header, args={"type": str(dtype), "kind": kind}, **place)
            )
    for name, header in (beside or {}).items():
        dtype = table[header].type()
        whole = table[header].cast("int64") if dtype.is_floating() or dtype.is_decimal() else table[header]
        columns[BESIDE + name] = whole.cast("string").strip().nullif("")
    return table.select(**columns), faults


def _kept(table: ir.Table, source: Source, place: dict[str, Any]) -> tuple[ir.Table, list[Fault]]:
    """The rows that ``where`` keeps, filtered in the database."""
    faults: list[Fault] = []
    kept = table
    for header, wanted in source.where.items():
        actual = next((h for h in table.columns if fold(h) == fold(header)), None)
        if actual is None:
            near = {"near": nearest(header, table.columns) or "", "there": ", ".join(table.columns[:12])}
            faults.append(Fault("header_missing", column=header, args=near, **place))
            continue
        words = [w.strip() for w in wanted]
        cells = table[actual].cast("string").strip().fill_null("")
        kept = kept.filter(cells.isin(words))
        if not faults and not _count(kept):
            there = table.select(v=cells).distinct().limit(6).to_pyarrow().column("v").to_pylist()
            faults.append(
                Fault(
                    "where_keeps_nothing",
                    column=header,
                    value=", ".join(wanted),
                    args={"there": ", ".join(sorted(there))},
                    **place,
                )
            )
    return kept, faults


def _empty_cells(
    kept: ir.Table, lines: ir.Table, headers: dict[str, str], place: dict[str, Any]
) -> list[Fault]:
    """Lines without a date or an amount, amounts beyond all sums, and texts that are no date: errors, with
    how many there are.
    """
    bound = most(codebook()["transactions"].columns["amount"])
    large = lines.amount.cast("float64").abs() > bound  # nan is above every number in a database
    sums = {"all": lines.count(), "date": lines.date.count(), "amount": lines.amount.count()}
    sums["large"] = lines.count(where=large)
    found = lines.aggregate(**sums).to_pyarrow().to_pylist()[0]
    filled = kept.aggregate(date=kept[headers["date"]].count()).to_pyarrow().to_pylist()[0]["date"]
    counts = {"amount": found["all"] - found["amount"], "date": found["all"] - filled}
    out = [Fault("cell_empty", column=headers[n], count=c, **place) for n, c in counts.items() if c]
    if found["large"]:
        where: dict[str, Any] = {"column": headers["amount"], "count": found["large"], **place}
        out.append(Fault("amount_too_large", args={"most": bound}, **where))
    if filled > found["date"]:
        out.append(Fault("unreadable_date", column=headers["date"], count=filled - found["date"], **place))
    return out


def _last_date(lines: ir.Table) -> date | None:
    import ibis

    today = ibis.date(datetime.now().date().isoformat())
    day = lines.select(day=lines.date.cast("date"))
    found = day.aggregate(last=day.day.max(where=day.day <= today)).to_pyarrow().to_pylist()[0]["last"]
    return None if found is None else pd.Timestamp(found).date()


def _count(table: ir.Table) -> int:
    return int(table.aggregate(rows=table.count()).to_pyarrow().to_pylist()[0]["rows"])


@contextmanager
def _opened(folder: Path, source: Source, place: dict[str, Any]) -> Iterator[ir.Table]:
    """The source's table or query as an ibis table. Whatever its database raises becomes one fault, without
    what the environment held.
    """
    secrets: dict[str, str] = {}
    backend = None
    try:
        query = _one_select(source, place) if source.query else None
        backend = connect(folder, source.url or "", place, secrets)
        yield _table(backend, source, query, place)
    except KamplayError:
        raise
    except Exception as error:  # each driver has its own; the user needs one line
        code = "database_unreachable" if backend is None else "database_query"
        said = shortage(error, place) or Fault(code, args={"detail": scrubbed(error, secrets)}, **place)
        raise KamplayError(said) from None
    finally:
        if backend is not None:
            backend.disconnect()


DIALECTS = {"postgresql": "postgres", "pyspark": "spark"}  # url schemes that sqlglot knows by another name


def _one_select(source: Source, place: dict[str, Any]) -> str:
    """The query of a source, without what follows its end; refused unless it is one SELECT, with or without
    WITH: what else could stand in it could write.
    """
    import sqlglot
    from sqlglot import errors, exp

    scheme = (source.url or "").partition("://")[0]
    dialect = DIALECTS.get(scheme, scheme if scheme in {*FILE_KINDS, "postgres"} else None)
    query = source.query or ""
    writing = (exp.DDL, exp.DML, exp.Into, exp.Command, exp.Copy, exp.Pragma, exp.Attach, exp.Set)
    log = logging.getLogger("sqlglot")
    level, log.level = log.level, logging.CRITICAL  # it warns of what is refused here
    try:
        found = sqlglot.parse(query, read=dialect)
        ends = [t.start for t in sqlglot.tokenize(query, read=dialect) if t.token_type.name == "SEMICOLON"]
    except errors.SqlglotError as error:
        detail = re.sub(r"\x1b\[\d+m", "", first_line(error))
        raise KamplayError(Fault("query_unreadable", args={"detail": detail}, **place)) from None
    except RecursionError:
        raise KamplayError(Fault("query_unreadable", args={"detail": "too deep"}, **place)) from None
    finally:
        log.level = level
    statements = [s for s in found if s is not None and not isinstance(s, exp.Semicolon)]
    selects = [s for s in statements if isinstance(s, exp.Query)]
    one = query[: ends[0]] if ends else query
    if len(statements) != 1 or not selects or selects[0].find(*writing) or not one.strip():
        raise KamplayError(Fault("query_not_one_select", **place))
    return one


def _table(backend: Any, source: Source, query: str | None, place: dict[str, Any]) -> ir.Table:
    own = backend.name == "duckdb"  # what ibis 12 asks DuckDB 2 for its tables and queries is gone from it
    if query:
        view = f"create temporary view kamplay_query as {query}"
        if backend.name == "postgres":  # ibis 12 cannot find out a query's columns here
            with backend.con.cursor() as cursor, backend.con.transaction():
                cursor.execute(view, prepare=True)  # prepared, it can be but one statement
            backend.con.execute(READ_ONLY)  # a view, even a temporary one, had to be made before
            return backend.sql(query, schema=backend.get_schema("kamplay_query"))
        if not own:
            return backend.sql(query)
        backend.con.execute(view).fetchall()
        return backend.table("kamplay_query")
    if backend.name == "postgres":
        backend.con.execute(READ_ONLY)
    schema, _, name = (source.table or "").rpartition(".")
    if own:
        named = "select table_name from information_schema.tables where table_schema = ? order by 1"
        there = [row[0] for row in backend.con.execute(named, [schema or "main"]).fetchall()]
    else:
        there = backend.list_tables(database=schema or None)
    if name not in there:
        listed = {"near": nearest(name, there) or "", "there": ", ".join(there[:12])}
        raise KamplayError(Fault("database_table_missing", value=source.table, args=listed, **place))
    return backend.table(name, database=schema or None)


READ_ONLY = "set session characteristics as transaction read only"
FILE_KINDS = {"duckdb", "sqlite"}
NAME = re.compile(r"\$\{(\w+)\}")
WAIT = 10  # seconds to wait for a server to answer


def connect(folder: Path, url: str, place: dict[str, Any], secrets: dict[str, str]) -> Any:
    """Connect to a database as an ibis backend.

    ``secrets`` takes up what the environment filled in, by name, so that no message shows it.

    Raises
    ------
    KamplayError
        The driver is missing, a name is not in the environment, or the database refuses.
    """
    import ibis

    missing = [n for n in NAME.findall(url) if not os.environ.get(n)]
    if missing:
        raise KamplayError([Fault("env_missing", value=n, **place) for n in dict.fromkeys(missing)])

    def fill(text: str) -> str:
        def value(found: re.Match[str]) -> str:
            secrets[found[1]] = os.environ[found[1]]
            return secrets[found[1]]

        return NAME.sub(value, text)

    if "://" not in url:  # the whole url is in the environment
        url = secrets["URL"] = fill(url)
        fill = str  # type: ignore[assignment]
    scheme, mark, rest = url.partition("://")
    if not mark:
        raise KamplayError(Fault("url_unreadable", **place))
    if scheme in FILE_KINDS:
        path = _inside(folder, fill(file_of(url)), place)
        return _sqlite(path) if scheme == "sqlite" else _duckdb(path)
    if scheme in ("postgres", "postgresql"):
        return ibis.postgres.connect(**{"connect_timeout": WAIT, **_server(rest, fill, secrets)})
    if scheme == "pyspark":
        from pyspark.sql import SparkSession  # type: ignore[import-not-found,unused-ignore]

        builder = SparkSession.builder
        return ibis.pyspark.connect((builder.remote(f"sc://{fill(rest)}") if rest else builder).getOrCreate())
    raise KamplayError(
        Fault(
            "database_kind_unknown", value=scheme if re.fullmatch(r"[\w+]{1,20}", scheme) else None, **place
        )
    )


def _duckdb(path: Path) -> Any:
    """A DuckDB file, the only one that a query of it can reach: no other file, no extension, no way back."""
    import ibis

    backend = ibis.duckdb.connect(path, read_only=True, **settings())
    for setting in ("enable_external_access = false", "lock_configuration = true"):
        backend.con.execute(f"set {setting}").fetchall()
    return backend


def _sqlite(path: Path) -> Any:
    """A SQLite file, opened to be read: no other file can be attached and nothing written but ibis' own
    temporary views.
    """
    import ibis

    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    backend = ibis.sqlite.from_connection(connection)
    connection.set_authorizer(_allowed)
    return backend


def _allowed(action: int, first: str | None, second: str | None, database: str | None, _: str | None) -> int:
    """SQLite asks of every step of a statement whether it may."""
    reading = (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
        sqlite3.SQLITE_DROP_TEMP_VIEW,
    )
    own = action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_UPDATE)
    named = action == sqlite3.SQLITE_PRAGMA and first in ("table_info", "table_xinfo", "table_list")
    function = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in (
        "load_extension",
        "fts3_tokenizer",
    )
    # what a temporary view costs SQLite itself; its own lists it lets nobody else write
    temporary = own and (database == "temp" or first in ("sqlite_master", "sqlite_schema"))
    return sqlite3.SQLITE_OK if action in reading or named or function or temporary else sqlite3.SQLITE_DENY


def _server(rest: str, fill: Any, secrets: dict[str, str]) -> dict[str, Any]:
    """USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS taken apart first and filled in then: a password may hold any
    character.
    """
    before, _, after = rest.rpartition("@")
    user, _, password = before.partition(":")
    address, _, path = after.partition("/")
    database, _, options = path.partition("?")
    host, _, port = address.partition(":")
    filled: dict[str, Any] = {
        "user": user,
        "password": password,
        "host": host,
        "port": port,
        "database": database,
    }
    filled = {k: unquote(v) if fill is str or not NAME.search(v) else fill(v) for k, v in filled.items() if v}
    secrets["PASSWORD"] = filled.get("password", "")
    return {**filled, **{k: fill(v) for k, v in parse_qsl(options)}}


def file_of(url: str) -> str:
    """Read the file that a url names; ``duckdb:///data/erp.duckdb`` is relative, a fourth stroke makes it
    absolute.
    """
    rest = url.split("://", 1)[-1]
    return rest[1:] if rest.startswith("/") else rest


def _inside(folder: Path, file: str, place: dict[str, Any]) -> Path:
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise KamplayError(Fault("path_outside", **place))
    if not path.is_file():
        raise KamplayError(Fault("file_missing", **place))
    return path


def scrubbed(error: BaseException, secrets: dict[str, str]) -> str:
    """Write an error in one line, with every secret taken out."""
    text = " ".join(str(error).split()) or type(error).__name__
    for name, value in sorted(secrets.items(), key=lambda item: -len(item[1])):
        if value:
            text = text.replace(value, "${" + name + "}")
    return text[:200]
