"""Transactions in files of more lines than memory should hold: DuckDB reads the file, and its lines are added
up as those of a table in a database are. No frame of the lines is ever made.

How figures and dates are written is told by a sample of the file; a cell that is written otherwise is counted
and shown, never guessed at.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.book import Reading
from kamplay.codebook import TableSpec, codebook, fold
from kamplay.engagement import Engagement, Source
from kamplay.errors import Fault, KamplayError
from kamplay.intake.columns.account_columns import BESIDE, Beside, columns_beside
from kamplay.intake.columns.account_names import headers_of_names
from kamplay.intake.columns.mapping import map_headers
from kamplay.intake.databases.database import (
    LINE,
    Lines,
    Rolled,
    added_up,
    checks_not_made,
    lines_of,
    texts_beside,
)
from kamplay.intake.files.file_safety import content, first_line
from kamplay.intake.files.readers import HEADINGS, Raw, read
from kamplay.intake.files.text_reader import Shape, shape_of
from kamplay.intake.lines.credit_notes import speaks_of_sign
from kamplay.intake.lines.currency import names_currency
from kamplay.intake.memory import settings, shortage, within_memory
from kamplay.intake.rollup import LINES
from kamplay.intake.values.figures import PLAIN, PLAIN_COMMA, marks
from kamplay.line_status import is_status

if TYPE_CHECKING:
    from kamplay.intake.discovery import Input

MOST_LINES = 5_000_000  # that are looked at cell by cell; a file of more is read by DuckDB
SHORTEST_LINE = 8  # bytes of a line: a date alone has more
SAMPLE = 1 << 21  # bytes of the beginning, the middle and the end that tell how cells are written
SAMPLED_ROWS = 50_000  # of a parquet file
MONEY = "decimal(24, 6)"
# how dates may be written, the first that fits all of a sample; a time of day may follow each
DATES: dict[str, tuple[str, ...]] = {
    "iso": (),  # as DuckDB reads it itself: 2026-06-30, 2026/06/30, with or without a time
    "year_first": ("%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日"),
    "day_first": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    "month_first": ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y"),
}
TIMES = ("", " %H:%M", " %H:%M:%S")


def is_large(entry: Input) -> bool:
    """Whether a file of transactions has more than MOST_LINES; a parquet file says so, a text file is
    measured by its first lines. One whose layout has to be undone first (``unpivot``, ``fill_down``) is not.
    """
    source = entry.source
    if entry.table != "transactions" or source.url or source.unpivot or source.fill_down:
        return False
    kind = content(entry.path, entry.shown).kind
    if kind == "parquet":
        import pyarrow.parquet as parquet

        try:
            return int(parquet.ParquetFile(entry.path).metadata.num_rows) > MOST_LINES
        except Exception:  # a damaged file: its reader says what is wrong
            return False
    size = entry.path.stat().st_size
    if kind != "text" or size < MOST_LINES * SHORTEST_LINE:
        return False
    with entry.path.open("rb") as file:
        head = file.read(SAMPLE)
    return size / len(head) * max(head.count(b"\n"), head.count(b"\r")) > MOST_LINES


def roll_up_files(
    engagement: Engagement, entries: Sequence[Input], others: Sequence[pd.DataFrame]
) -> tuple[Rolled | None, list[Reading], list[Fault]]:
    """Add up the lines of large files, and with them those of others that were read cell by cell.

    Parameters
    ----------
    entries : the large files.
    others : checked transactions of other inputs, under our names.

    Returns
    -------
    rolled : None when they cannot be used; its reading is that of the first file.
    readings : of all files.
    faults : what was wrong or assumed, and which checks need each line and were not made.
    """
    spec = codebook()["transactions"]
    found: list[Lines] = []
    faults: list[Fault] = []
    with (
        tempfile.TemporaryDirectory(prefix="kamplay-lines-", ignore_cleanup_errors=True) as scratch,
        _opened(Path(scratch)) as here,
    ):
        for number, entry in enumerate(entries):
            place: dict[str, Any] = {"table": spec.name, "file": entry.shown, "sheet": None}
            source = entry.source.model_copy(update={"date_format": {}})
            try:
                with within_memory(place):
                    loaded = _loaded(here, number, entry, spec, place, Path(scratch))
                    about = (loaded.headers, loaded.trimmed, loaded.beside)
                    lines, said = lines_of(engagement, source, loaded.table, spec, place, *about)
            except KamplayError as error:
                faults += error.faults
                continue
            faults += loaded.faults
            faults += _filled(said, loaded.faults)
            if lines is not None:
                reading = replace(lines.reading, rows=loaded.rows, blank=loaded.rows - lines.reading.rows)
                found.append(replace(lines, reading=reading))
        if any(f.level == "error" for f in faults) or not found:
            return None, [one.reading for one in found], faults
        tables = []
        words = {BESIDE + name for one in found for name in texts_beside(one.beside)}
        for number, frame in enumerate(others):
            rows = frame[[c for c in frame if c in LINES or c in words]]
            here.con.register(f"careful_{number}", rows)
            tables.append(here.table(f"careful_{number}"))
        readings = [one.reading for one in found]
        file = readings[0].file if len(found) == 1 else None
        try:
            with within_memory({"table": spec.name, "file": file}):
                rolled, said = added_up(engagement, found, tables, here)
        except KamplayError as error:
            return None, readings, [*faults, *error.faults]
        return rolled, readings, [*faults, *said]


@dataclass(frozen=True)
class _Loaded:
    """A file as an ibis table with the client's headers (``headers``: all of them, also those that are not
    loaded), the texts among them without a blank at either end, those that feed columns of the accounts, its
    ``rows`` below the header, and what was wrong or assumed.
    """

    table: Any
    headers: list[str]
    trimmed: frozenset[str]
    beside: Beside
    rows: int
    faults: list[Fault]


@contextmanager
def _opened(scratch: Path) -> Iterator[Any]:
    """A DuckDB of our own in a scratch folder, compressed on the disk, as an ibis backend."""
    import ibis

    backend = ibis.duckdb.connect(
        scratch / "lines.duckdb",
        temp_directory=str(scratch / "spilled"),
        preserve_insertion_order=False,
        **settings(),
    )
    try:
        yield backend
    finally:
        backend.disconnect()


def _loaded(
    here: Any, number: int, entry: Input, spec: TableSpec, place: dict[str, Any], scratch: Path
) -> _Loaded:
    """Read one file into ``here``.

    Raises
    ------
    KamplayError
        It cannot be read as what it claims to be, or not without looking at its cells.
    """
    text = content(entry.path, entry.shown).kind == "text"
    try:
        if text:
            raw, relation = _text(entry, spec, place, scratch, number)
        else:
            raw, relation = _parquet(here, entry, place, scratch, number)
    except KamplayError:
        raise
    except Exception as error:  # a damaged file raises whatever its library likes
        raise KamplayError(_unread(error, place)) from None
    mapped, faults = map_headers(raw, spec, entry.source.model_copy(update={"where": {}}))
    if any(f.level == "error" for f in faults):
        raise KamplayError(faults)
    every = [str(h) for h in raw.frame.columns]
    beside = columns_beside(raw, mapped, entry.source, entry.accounts, raw.frame.index, place)
    beside = beside.with_name(headers_of_names(raw, mapped, entry.source, entry.accounts))
    needed = _needed(every, mapped.headers, entry.source, set(texts_beside(beside).values()))
    ways: dict[str, str] = {}
    columns, bad = [], []
    for header in needed:
        name = next((n for n, h in mapped.headers.items() if h == header), None)
        cell, kind = _name(header), spec.columns[name].kind if name else "text"
        if name in ("date", "amount", "cost") and raw.frame[header].dtype == "str":
            sample = raw.frame[header]
            form = entry.source.date_format.get("date") if name == "date" else None
            typed, ways[name] = _date(cell, sample, here, form) if kind == "date" else _amount(cell, sample)
            if not typed:
                raise KamplayError(_unclear(sample, header, place))
            columns.append(f"{typed} as {cell}")
            bad.append((name, header, f"case when {typed} is null and trim({cell}) <> '' then {cell} end"))
        else:
            columns.append(cell)
    blank = " and ".join(f"coalesce(trim({_name(h)}), '') = ''" for h in every) if text else "false"
    marked = [f"{expression} as _bad_{name}" for name, _, expression in bad]
    kind = "table" if text else "view"
    own = f"hash({', '.join(map(_name, every))}) as {LINE}"
    query = f"select {', '.join([*columns, *marked, own])}, {blank} as _blank from {relation}"
    try:
        here.con.execute(f"create {kind} loaded_{number} as {query}").fetchall()
        shown = ", ".join(_name(h) for h in needed)
        here.con.execute(
            f"create view lines_{number} as select {shown}, {LINE} from loaded_{number} where not _blank"
        ).fetchall()
        rows = here.con.execute(f"select count(*) from loaded_{number}").fetchall()[0][0]
        texts = [
            h for n, h in mapped.headers.items() if n in LINES and spec.columns[n].kind in ("id", "text")
        ]
        trimmed = _trimmed(here, number, texts)
        faults = [*raw.faults, *beside.faults, *_bad_cells(here, number, bad, spec, place)]
    except Exception as error:  # a row of another width, a quotation mark that is never closed
        raise KamplayError(_unread(error, place)) from None
    faults.append(checks_not_made(place, int(rows), ways))
    return _Loaded(here.table(f"lines_{number}"), every, trimmed, beside, int(rows), faults)


def _unread(error: Exception, place: dict[str, Any]) -> Fault:
    """What keeps a file from being read: memory, room on the disk, or what is in it."""
    return shortage(error, place) or Fault("file_unreadable", args={"detail": first_line(error)}, **place)


def _trimmed(here: Any, number: int, headers: list[str]) -> frozenset[str]:
    """The texts that neither begin nor end with a blank anywhere, nor are empty: trimming the others costs
    more than adding them up.
    """
    told = here.con.execute(f"describe lines_{number}").fetchall()
    texts = [h for h in headers if (h, "VARCHAR") in {row[:2] for row in told}]
    if not texts:
        return frozenset()
    bare = ", ".join(f"count(*) filter ({c} < '!' or {c}[-1] < '!')" for c in map(_name, texts))
    counts = here.con.execute(f"select {bare} from lines_{number}").fetchall()[0]
    return frozenset(h for h, count in zip(texts, counts, strict=True) if not count)


def _bad_cells(
    here: Any, number: int, bad: list[tuple[str, str, str]], spec: TableSpec, place: dict[str, Any]
) -> list[Fault]:
    """Cells that are filled and written otherwise than those of the sample."""
    out = []
    for name, header, _ in bad:
        query = f"select count(_bad_{name}), min(_bad_{name}) from loaded_{number}"
        count, value = here.con.execute(query).fetchall()[0]
        if count:
            code = "unreadable_date" if name == "date" else "unreadable_amount"
            level: Any = "error" if spec.columns[name].required else "warning"
            out.append(Fault(code, level, column=header, value=str(value)[:60], count=int(count), **place))
    return out


def _filled(empty: list[Fault], unreadable: list[Fault]) -> list[Fault]:
    """Faults of empty cells without those that are filled and could not be read."""
    told = {f.column: f.count for f in unreadable if f.code.startswith("unreadable")}
    counted = [
        replace(f, count=f.count - told.get(f.column, 0)) if f.code == "cell_empty" else f for f in empty
    ]
    return [f for f in counted if f.count or f.code != "cell_empty"]


def _needed(every: list[str], headers: dict[str, str], source: Source, beside: set[str]) -> list[str]:
    """The columns to load: those of the roll-up and ``beside`` them, and those by which lines are kept,
    signed or converted.
    """
    used = beside | {header for name, header in headers.items() if name in (*LINES, "status")}
    ruled = {fold(h) for h in (*source.where, *source.void, *source.returns)}
    return [
        h
        for h in every
        if h in used or fold(h) in ruled or is_status(h) or speaks_of_sign(h) or names_currency(h)
    ]


def _text(
    entry: Input, spec: TableSpec, place: dict[str, Any], scratch: Path, number: int
) -> tuple[Raw, str]:
    """A sample of a text file as raw cells, and the whole file as DuckDB reads it, every cell as text."""
    headers = (*entry.source.columns.values(), *entry.source.where)
    known = {fold(h) for column in spec.columns.values() for h in column.headers} | {fold(h) for h in headers}
    shape = shape_of(entry.path, entry.shown, known)
    sample = scratch / f"sample_{number}.csv"
    sample.write_text(_sampled(entry.path, shape), encoding="utf-8", newline="")
    raw = read(sample, entry.shown, None, spec, headers)
    if HEADINGS in raw.frame.columns:
        raise KamplayError(Fault("large_file_layout", args={"most": MOST_LINES}, **place))
    cells = _record(sample, shape, raw.header_row)
    named = iter(raw.frame.columns)
    columns = [str(next(named)) if cell.strip() else f"_unnamed_{n}" for n, cell in enumerate(cells)]
    typed = ", ".join(f"{_word(c)}: 'varchar'" for c in columns)
    path = _plain(entry.path, shape, scratch, number)
    options = [
        f"delim = {_word(shape.delimiter)}",
        "header = false",
        "quote = '\"'",
        "escape = '\"'",
        "auto_detect = false",
        f"skip = {shape.lines_before + raw.header_row}",
        "null_padding = false",
        f"columns = {{{typed}}}",
    ]
    return raw, f"read_csv({_word(str(path))}, {', '.join(options)})"


def _sampled(path: Path, shape: Shape) -> str:
    """Whole lines of the beginning, the middle and the end."""
    size, parts = path.stat().st_size, []
    with path.open("rb") as file:
        for start in (0, size // 2, size - SAMPLE) if size > 4 * SAMPLE else (0,):
            file.seek(start - start % 4)  # no encoding has more bytes to a letter
            piece = file.read(SAMPLE if size > 4 * SAMPLE else -1)
            text = piece.decode(shape.encoding if not start else _markless(shape), "replace")
            parts.append(text if not start else re.split(r"\r\n|\r|\n", text, maxsplit=1)[-1])
    lines = [re.sub(r"(\r\n|\r|\n)[^\r\n]*\Z", r"\1", part) for part in parts]
    head = lines[0].splitlines(keepends=True)[shape.lines_before :]
    return "".join([*head, *lines[1:]])


def _markless(shape: Shape) -> str:
    """The encoding of a piece that does not begin with the file's mark."""
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(
        shape.encoding, shape.encoding
    )


def _record(sample: Path, shape: Shape, number: int) -> list[str]:
    with sample.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(io.StringIO(file.read(SAMPLE)), delimiter=shape.delimiter)
        return next(row for place, row in enumerate(rows, start=1) if place == number)


def _plain(path: Path, shape: Shape, scratch: Path, number: int) -> Path:
    """The file under a name that DuckDB takes to the letter, in UTF-8."""
    if shape.encoding in ("utf-8", "utf-8-sig") and not re.search(r"[*?\[\]{}]", str(path)):
        return path
    copy = scratch / f"lines_{number}.csv"
    with (
        path.open(encoding=shape.encoding, newline="") as old,
        copy.open("w", encoding="utf-8", newline="") as new,
    ):
        while piece := old.read(SAMPLE):
            new.write(piece)
    return copy


def _parquet(here: Any, entry: Input, place: dict[str, Any], scratch: Path, number: int) -> tuple[Raw, str]:
    """Some rows of a parquet file, and the whole of it as DuckDB reads it."""
    import shutil

    path = entry.path
    if re.search(r"[*?\[\]{}]", str(path)):  # DuckDB would take it for a pattern
        path = scratch / f"lines_{number}.parquet"
        shutil.copyfile(entry.path, path)
    relation = f"read_parquet({_word(str(path))})"
    some = here.con.sql(f"select * from {relation} limit {SAMPLED_ROWS}").to_arrow_table()
    frame = some.to_pandas(date_as_object=False)
    return Raw(frame, place["file"], None, 1), relation


def _amount(cell: str, sample: pd.Series) -> tuple[str, str]:
    """The SQL that reads an amount, and its decimal mark."""
    style = marks(sample.dropna().unique()[:SAMPLED_ROWS]).style
    text = f"trim({cell})"
    if style == "comma":
        bare = f"replace(replace({text}, '.', ''), ',', '.')"
        whole = f"[+-]?\\d+|{PLAIN_COMMA}"
        return f"case when regexp_full_match({text}, {_word(whole)}) then try_cast({bare} as {MONEY}) end", (
            "decimal_comma"
        )
    bare = f"regexp_replace({text}, '[^0-9.+-]', '', 'g')"
    careful = f"case when regexp_full_match({text}, {_word(PLAIN)}) then try_cast({bare} as {MONEY}) end"
    return f"coalesce(try_cast({text} as {MONEY}), {careful})", "decimal_point"


def _date(cell: str, sample: pd.Series, here: Any, form: str | None) -> tuple[str, str]:
    """The SQL that reads a date, and the order of its parts; ``form`` is the engagement's ``date_format``.

    Empty where the sample does not tell the day from the month.
    """
    text = f"trim({cell})"
    if form:
        return f"cast(try_strptime({text}, {_word(form)}) as date)", "date_format"
    here.con.register("sampled", pd.DataFrame({"cell": sample.dropna().astype(str)}))
    fits = {}
    for way in DATES:
        read_it = _reads(way, "trim(cell)")
        fits[way] = here.con.execute(
            f"select count({read_it}) / greatest(count(nullif(trim(cell), '')), 1) from sampled"
        ).fetchall()[0][0]
    here.con.unregister("sampled")
    way = max(DATES, key=lambda one: fits[one])
    if fits["day_first"] == fits["month_first"] == fits[way]:
        return "", ""
    return (_reads(way, text), way) if fits[way] > 0 else ("", "")


def _reads(way: str, text: str) -> str:
    if way == "iso":
        return f"cast(try_cast({text} as timestamp) as date)"
    forms = ", ".join(_word(form + time) for form in DATES[way] for time in TIMES)
    return f"cast(try_strptime({text}, [{forms}]) as date)"


def _unclear(sample: pd.Series, header: str, place: dict[str, Any]) -> Fault:
    """Dates that the sample does not explain: the engagement's ``date_format`` has to."""
    value = next((str(v) for v in sample.dropna() if str(v).strip()), "")
    return Fault("unreadable_date_ambiguous", column=header, value=value[:60], **place)


def _word(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    """A name as SQL."""
    return '"' + text.replace('"', '""') + '"'
