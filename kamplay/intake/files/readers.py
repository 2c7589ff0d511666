"""Read files to rows of raw cells, each row keeping its number in the user's file. Nothing is interpreted
here.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from xml.etree import ElementTree
from xml.parsers import expat

import pandas as pd

from kamplay.codebook import TableSpec, fold
from kamplay.errors import Fault, KamplayError
from kamplay.intake.files.file_safety import Look, content, first_line
from kamplay.intake.files.month_headers import FEWEST, count_months, joined
from kamplay.intake.files.number_formats import shown_currencies
from kamplay.intake.files.sheet_shape import SheetShape, fill_merged, scan, under_merged
from kamplay.intake.files.struck_cells import struck_cells
from kamplay.intake.files.text_reader import read_text, surplus

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

Cells = TypeVar("Cells")
TEXT = {".csv", ".tsv", ".txt"}
EXCEL = {".xlsx", ".xls", ".xlsb", ".xlsm", ".ods"}
READABLE = TEXT | EXCEL | {".parquet"}
MOST_COLUMNS = 500  # with a header; no export of one table has more, and a table lying on its side has
HEADER_SEARCH = 20  # rows from the top among which a header row is looked for, below titles and print dates
HEADINGS = "(A)"  # the name of a first column without a header that holds headings
FAR_SEARCH = 200  # rows, where a report prints its parameters first and the header names what we require


@dataclass(frozen=True)
class Raw:
    """The cells of one input as they stand.

    Attributes
    ----------
    frame : DataFrame
        Columns are the user's headers, the index is the row number in the user's file.
    file, sheet : str
        Where it was read.
    faults : list of Fault
        Faults of the file itself.
    bad_cells : tuple of (row, header, code, text shown)
        Cells without a value because the workbook shows an error there.
    date1904 : bool
        The workbook counts its days from 1904: dates that are no more than a number start there.
    above : tuple of (row, text)
        The filled cells over the header: titles, print dates, units.
    hidden_rows : frozenset of int
        Rows that the workbook hides, as the user counts them.
    hidden_columns : tuple of str
        Headers of the columns that it hides.
    merged : dict of str to frozenset of int
        Header → the rows that took the value of a merged cell above them.
    formats : dict of str to Series
        Header → the currency that the number format of its cells shows, by the row in the user's file.
    struck : dict of str to frozenset of int
        Header → the rows whose cell the workbook strikes through.
    """

    frame: pd.DataFrame
    file: str
    sheet: str | None
    header_row: int
    faults: tuple[Fault, ...] = ()
    bad_cells: tuple[tuple[int, str, str, str | None], ...] = ()
    date1904: bool = False
    above: tuple[tuple[int, str], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[str, ...] = ()
    merged: dict[str, frozenset[int]] = field(default_factory=dict)
    formats: dict[str, pd.Series] = field(default_factory=dict)
    struck: dict[str, frozenset[int]] = field(default_factory=dict)


def read(
    path: Path, shown: str, sheet: str | None, spec: TableSpec, extra_headers: tuple[str, ...] = ()
) -> Raw:
    """Read the rows of one file or sheet.

    Parameters
    ----------
    path, shown : Path, str
        The file, and its path as the user knows it.
    sheet : str, optional
        The sheet of a workbook; the first one without.
    spec : TableSpec
        The table in the codebook.
    extra_headers : tuple of str
        Headers that the settings name, which help to find the header row.

    Raises
    ------
    KamplayError
        The file cannot be read as what it claims to be.
    """
    place: dict[str, Any] = {"table": spec.name, "file": shown, "sheet": sheet}
    seen = content(path, shown)
    if seen.refused:
        raise KamplayError(_placed(list(seen.faults), place))
    extra = {fold(h) for h in extra_headers}
    known = {fold(h) for column in spec.columns.values() for h in column.headers} | extra
    required = {fold(h) for c in spec.columns.values() if c.required for h in c.headers} | extra
    faults: list[Fault] = []
    try:
        if seen.kind == "parquet":
            return _parquet(path, place)
        if seen.kind == "text":
            grid, faults = read_text(path, shown, known)
        else:
            grid = cells(path, shown, sheet)
    except KamplayError as error:
        raise KamplayError(_placed(error.faults, place)) from None
    except PermissionError:
        raise KamplayError(Fault("file_not_permitted", **place)) from None
    except Exception as error:  # a damaged file raises whatever its library likes; the user needs its name
        raise KamplayError(Fault("file_unreadable", args={"detail": first_line(error)}, **place)) from None
    if grid.empty:
        raise KamplayError(Fault("file_empty", **place))
    return _below_header(grid, known, required, place, _placed(faults, place), path, seen)


def _below_header(
    grid: pd.DataFrame,
    known: set[str],
    required: set[str],
    place: dict[str, Any],
    faults: list[Fault],
    path: Path,
    seen: Look,
) -> Raw:
    top, names = _header(grid, known, required)
    shape = _shape(path, place["sheet"], seen) if seen.kind == "excel" else SheetShape()
    if two := under_merged(grid, top, names, shape.merged, known):
        top, names = top + 1, two
    _check_width(names, place)
    if seen.kind == "text":
        faults += surplus(grid, top, names, place)
    if _heads_lines(grid, top, names):
        names = [HEADINGS, *names[1:]]
    faults += _unnamed(grid, top, names, place, seen.kind)
    headers = _unique(names)
    body, merged = fill_merged(grid.iloc[top + 1 :], headers, shape.merged)
    frame = body.set_axis(headers, axis=1)[[h for h in headers if h]]
    frame.index = pd.RangeIndex(top + 2, top + 2 + len(frame))
    bad = bad_cells(path, place["sheet"], seen) if seen.kind == "excel" else []
    cells = tuple(
        (b.row, headers[b.column], b.code, b.value)
        for b in bad
        if b.row > top + 1 and b.column < len(headers) and headers[b.column]
    )
    above = tuple((i + 1, cell) for i in range(top) for v in grid.iloc[i] if (cell := _cell_text(v)))
    return Raw(
        frame,
        place["file"],
        place["sheet"],
        top + 1,
        tuple(faults),
        cells,
        seen.kind == "excel" and date1904(path),
        above,
        shape.hidden_rows,
        tuple(h for i, h in enumerate(headers) if h and shape.hides(i)),
        merged,
        _of_styles(path, place["sheet"], headers, shown_currencies) if seen.kind == "excel" else {},
        _of_styles(path, place["sheet"], headers, struck_cells) if seen.kind == "excel" else {},
    )


def _check_width(names: list[str], place: dict[str, Any]) -> None:
    if (columns := sum(map(bool, names))) > MOST_COLUMNS:
        raise KamplayError(
            Fault("columns_too_many", args={"columns": columns, "most": MOST_COLUMNS}, **place)
        )


def cell_faults(
    raw: Raw, spec: TableSpec, headers: dict[str, str], rows: pd.Index, place: dict[str, Any]
) -> list[Fault]:
    """Report the error cells in rows and columns that are used.

    Parameters
    ----------
    raw : Raw
        The input.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the user's header.
    rows : Index
        The rows that are used.
    place : dict
        Where the faults stand: table, file, sheet.

    Returns
    -------
    list of Fault
        An error where the column is required, else a warning.
    """
    names = {header: name for name, header in headers.items()}
    used = set(rows) if raw.bad_cells else set()
    found = [
        (row, header, code, value)
        for row, header, code, value in raw.bad_cells
        if row in used and header in names
    ]
    return [
        Fault(
            code,
            "error" if spec.columns[names[header]].required else "warning",
            row=row,
            column=header,
            value=value,
            **place,
        )
        for row, header, code, value in found
    ]


def without_value(
    raw: Raw, headers: dict[str, str], rows: pd.Index, bad: dict[str, pd.Series]
) -> dict[str, pd.Series]:
    """Extend the masks of unreadable cells by the error cells: neither is reported as empty as well."""
    out = {}
    for name, header in headers.items():
        if at := [row for row, of, _, _ in raw.bad_cells if of == header]:
            out[name] = bad.get(name, pd.Series(False, index=rows)) | rows.isin(at)
    return out


def _placed(faults: list[Fault], place: dict[str, Any]) -> list[Fault]:
    """The faults with table and sheet, which the lower readers do not know."""
    return [Fault(**{**f.__dict__, **place}) for f in faults]


def _parquet(path: Path, place: dict[str, Any]) -> Raw:
    """A parquet file with its own types; an index that pandas stored is a column like any other, and so is a
    whole number with gaps.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()
    if not table.num_columns:
        raise KamplayError(Fault("file_empty", **place))
    names = [str(name) for name in table.column_names]
    _check_width(names, place)
    # Numbered before pandas sees them: the same name twice would trip it
    numbered = table.rename_columns([str(i) for i in range(len(names))])
    frame = numbered.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    for position, column in enumerate(table.schema):
        if pa.types.is_nested(column.type):
            frame[str(position)] = [None if v is None else str(v) for v in frame[str(position)]]
        elif "binary" in str(column.type):
            frame[str(position)] = [
                None if v is None else bytes(v).decode("utf-8", "replace") for v in frame[str(position)]
            ]
    headers = _unique(names)
    kept = [i for i, h in enumerate(headers) if h and not re.fullmatch(r"__index_level_\d+__", h)]
    frame = frame.iloc[:, kept].set_axis([headers[i] for i in kept], axis=1)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return Raw(frame, place["file"], None, 1)


def _header(grid: pd.DataFrame, known: set[str], required: set[str]) -> tuple[int, list[str]]:
    """The last row of the header (from 0) and the names it gives: the row that names most columns, else one
    of months, else the first filled one.

    Under merged cells a header has two lines. The lower line counts where it has a word, the upper where it
    has none.
    """
    from kamplay.codebook import bare

    rows = [[_cell_text(v) for v in grid.iloc[i]] for i in range(min(HEADER_SEARCH, len(grid)))]

    def named(row: list[str], words: set[str] = known) -> list[bool]:
        return [bool(cell) and (fold(cell) in words or fold(bare(cell)) in words) for cell in row]

    hits = [sum(named(row)) for row in rows]
    most = max(sum(named(row, required)) for row in rows)
    far = _far_header(grid, named, required, max(most, 1))
    if far is not None:
        rows += [[_cell_text(v) for v in grid.iloc[i]] for i in range(len(rows), min(far + 2, len(grid)))]
        hits = [0] * far + [1]
    if not max(hits):
        if of_months := _header_of_months(rows):
            return of_months
        top = next((i for i, row in enumerate(rows) if any(row)), 0)
        return top, rows[top]
    top = hits.index(max(hits))
    for low in (top, top + 1):
        if 0 < low < len(rows) and (over := joined(rows[low - 1], rows[low])):
            return low, over
    names = rows[top]
    if top and any(
        above and not own and ok
        for above, own, ok in zip(rows[top - 1], names, named(rows[top - 1]), strict=True)
    ):
        above = named(rows[top - 1])
        return top, [
            own or (upper if ok else "") for own, upper, ok in zip(names, rows[top - 1], above, strict=True)
        ]
    if top + 1 < len(rows) and _second_line(names, rows[top + 1], named(names), named(rows[top + 1])):
        return top + 1, [lower or upper for lower, upper in zip(rows[top + 1], names, strict=True)]
    return top, names


def _far_header(
    grid: pd.DataFrame, named: Callable[[list[str], set[str]], list[bool]], required: set[str], most: int
) -> int | None:
    """A row far below that names more required columns than any of the first rows; data rarely do."""
    best = None
    for i, cells_of_row in enumerate(grid.iloc[HEADER_SEARCH:FAR_SEARCH].to_numpy(), HEADER_SEARCH):
        row = [text for v in cells_of_row if isinstance(v, str) and (text := v.strip())]
        if len(row) >= 2 and (count := sum(named(row, required))) > most:
            best, most = i, count
    return best


def _header_of_months(rows: list[list[str]]) -> tuple[int, list[str]] | None:
    """A header with months side by side, in one line or under their years."""
    for i, row in enumerate(rows):
        if i and (names := joined(rows[i - 1], row)):
            return i, names
        if max(FEWEST, sum(map(bool, row)) / 2) <= count_months(row) and not (
            i + 1 < len(rows) and joined(row, rows[i + 1])
        ):
            return i, row
    return None


def _second_line(
    upper: list[str], lower: list[str], upper_named: list[bool], lower_named: list[bool]
) -> bool:
    """Whether ``lower`` goes on with the header: it names a column, and stands under merged cells, not under
    filled ones with data.
    """
    under = [
        (low, ok)
        for low, ok, up, known in zip(lower, lower_named, upper, upper_named, strict=True)
        if known and up
    ]
    return any(lower_named) and any(not low for low, _ in under) and all(not low or ok for low, ok in under)


def _heads_lines(grid: pd.DataFrame, top: int, names: list[str]) -> bool:
    """Whether a first column without a header holds headings: texts with nothing beside them, and lines with
    nothing in it.
    """
    if names[0] or not any(names):
        return False
    body = grid.iloc[top + 1 :]
    filled = body.notna().to_numpy() & (body != "").to_numpy()
    first, beside = filled[:, 0], filled[:, 1:].any(axis=1)
    headings, sums = (first & ~beside).sum(), (first & beside).sum()  # a heading's own total stands beside
    return bool(2 <= headings < (beside & ~first).sum() and sums <= headings + 2)


def _unnamed(grid: pd.DataFrame, top: int, names: list[str], place: dict[str, Any], kind: str) -> list[Fault]:
    """Columns with values but no header are not read. In a text file those behind the last header are a fault
    of their own.
    """
    last = max((i for i, name in enumerate(names) if name), default=-1)
    faults = []
    for position, name in enumerate(names):
        if name or (kind == "text" and position > last):
            continue
        filled = grid.iloc[top + 1 :, position].map(lambda v: _cell_text(v) != "")
        if filled.any():
            row = int(filled.to_numpy().argmax()) + top + 2
            value = _cell_text(grid.iat[row - 1, position])[:80]
            faults.append(
                Fault("column_unnamed", "warning", row=row, value=value, count=int(filled.sum()), **place)
            )
    return faults


def _unique(headers: list[str]) -> list[str]:
    """Headers told apart: the second 金额 is 金额.2, unless a column is already called that."""
    taken = set(headers)
    seen: dict[str, int] = {}
    out = []
    for header in headers:
        seen[header] = seen.get(header, 0) + 1
        name = header
        while header and seen[header] > 1 and (name == header or name in taken):
            name = f"{header}.{seen[header]}"
            if name in taken:
                seen[header] += 1
        taken.add(name)
        out.append(name)
    return out


def _cell_text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and value != value) else str(value).strip()


@dataclass(frozen=True)
class BadCell:
    """A cell that shows an error (``cell_error``), or a formula whose result was not saved
    (``cell_not_calculated``).
    """

    row: int  # as the user sees it, from 1
    column: int  # from 0
    code: str
    value: str | None


@dataclass(frozen=True)
class Sheets:
    """The data sheets of a workbook in their order, the hidden ones apart."""

    visible: tuple[str, ...]
    hidden: tuple[str, ...]


@contextmanager
def _opened(path: Path, shown: str) -> Iterator[CalamineWorkbook]:
    """The workbook by its content, whatever its suffix. Raises KamplayError for whatever the library
    dislikes.
    """
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
            yield book
    except PasswordError:
        raise KamplayError(Fault("file_encrypted", file=shown)) from None
    except (KamplayError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except PermissionError:
        raise KamplayError(Fault("file_not_permitted", file=shown)) from None
    except BaseException as error:  # a panic of the library is no Exception
        raise KamplayError(Fault("file_unreadable", file=shown, args={"detail": first_line(error)})) from None


def sheet_names(path: Path, shown: str) -> Sheets | Fault:
    """List the sheets of a workbook; a Fault where it cannot be opened."""
    return _sheet_names(path, shown, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _sheet_names(path: Path, shown: str, _changed: int) -> Sheets | Fault:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    try:
        with _opened(path, shown) as book:
            data = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
            shows = tuple(s.name for s in data if s.visible == SheetVisibleEnum.Visible)
            return Sheets(shows, tuple(s.name for s in data if s.visible != SheetVisibleEnum.Visible))
    except KamplayError as error:
        return error.faults[0]


def cells(path: Path, shown: str, sheet: str | None) -> pd.DataFrame:
    """Read every cell of one sheet (the first when None) from row 1 and column A; index and columns count
    from 0.
    """
    with _opened(path, shown) as book:
        # skip_empty_area=False keeps the rows above the first filled one, so that row numbers are the user's
        rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    return pd.DataFrame(rows, dtype=object)


def date1904(path: Path) -> bool:
    """Tell whether a workbook counts its days from 1904, as those of old Macs do.

    The reader of workbooks converts what is formatted as a date; a plain number in a date column it leaves.
    """
    try:
        return _date1904(path, path.stat().st_mtime_ns)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        return False  # the workbook reader has read the sheet; an odd directory is no reason to refuse it


@lru_cache(maxsize=64)
def _date1904(path: Path, _changed: int) -> bool:
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            file.seek(0)
            return _biff_1904(file.read(1 << 20))
        with zipfile.ZipFile(file) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            if name := names.get("xl/workbook.xml"):
                about = re.search(rb"<(?:\w+:)?workbookPr\b[^>]*>", archive.read(name))
                return bool(about and re.search(rb"\bdate1904\s*=\s*[\"'](1|true)[\"']", about[0]))
            if name := names.get("xl/workbook.bin"):
                return _xlsb_1904(archive.read(name))
    return False


def _biff_1904(content: bytes) -> bool:
    """The DATEMODE record (0x22) among the first records of an .xls, each (kind, length, content)."""
    for start in re.finditer(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00", content):
        at = start.start()
        while at + 6 <= len(content):
            kind, length = struct.unpack_from("<HH", content, at)
            if kind == 0x22:
                return content[at + 4] == 1
            if kind in (0x0A, 0xFC) or length > 8228:  # the end, the texts, or no record at all
                break
            at += 4 + length
    return False


def _xlsb_1904(content: bytes) -> bool:
    """The first bit of the record 153 (BrtWbProp): kind and length take 7 bits a byte."""
    at = 0
    while at + 2 <= len(content):
        kind, at = content[at], at + 1
        if kind & 0x80 and at < len(content):
            kind, at = kind & 0x7F | content[at] << 7, at + 1
        length = 0
        for shift in range(4):
            byte, at = content[at] if at < len(content) else 0, at + 1
            length |= (byte & 0x7F) << 7 * shift
            if byte < 128:
                break
        if kind == 153:
            return at < len(content) and bool(content[at] & 1)
        at += length
    return False


def bad_cells(path: Path, sheet: str | None, seen: Look) -> list[BadCell]:
    """Find the error cells and unsaved formulas of one sheet of an .xlsx or .xlsm.

    The reader of workbooks gives such cells as blank, so without this they would vanish. ``seen`` says
    whether there may be any.
    """
    if not seen.suspects:
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, sheet)
            return _scan(archive, part) if part in seen.suspects else []
    except (zipfile.BadZipFile, ElementTree.ParseError, expat.ExpatError, KeyError, ValueError, OSError):
        return []  # the workbook reader has read the sheet; an odd directory is no reason to refuse it


def _shape(path: Path, sheet: str | None, seen: Look) -> SheetShape:
    """Merged and hidden parts of one sheet; of an .xls the merged ones, all that its reader tells."""
    try:
        if not zipfile.is_zipfile(path):
            with _opened(path, path.name) as book:
                ranges = book.get_sheet_by_name(sheet or book.sheet_names[0]).merged_cell_ranges or []
                return SheetShape(tuple((top, left, low, right) for (top, left), (low, right) in ranges))
        if not seen.shaped:
            return SheetShape()
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, sheet)
            if part not in seen.shaped:
                return SheetShape()
            with archive.open(part) as content:
                return scan(content)
    except (KamplayError, zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, OSError):
        return SheetShape()  # the cells were read; an odd directory is no reason to refuse them


def _of_styles(
    path: Path,
    sheet: str | None,
    headers: list[str],
    look: Callable[[zipfile.ZipFile, str], dict[int, Cells]],
) -> dict[str, Cells]:
    """What the styles of an .xlsx say of its cells, by header: currencies shown, cells struck through."""
    try:
        if not zipfile.is_zipfile(path):
            return {}
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, sheet)
            found = look(archive, part) if part else {}
        return {headers[i]: cells for i, cells in found.items() if i < len(headers) and headers[i]}
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, OSError):
        return {}  # the cells were read; an odd directory is no reason to refuse them


def _part(archive: zipfile.ZipFile, sheet: str | None) -> str | None:
    """The file inside the workbook that holds the sheet."""
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    targets = {
        r.get("Id"): r.get("Target", "")
        for r in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    for node in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet") and sheet in (None, node.get("name")):
            target = targets.get(node.get(relation), "")
            return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return None


def _scan(archive: zipfile.ZipFile, part: str) -> list[BadCell]:
    found: list[BadCell] = []
    at: dict[str, Any] = {"row": 0, "column": -1, "type": "", "formula": False, "text": [], "inside": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "row":
            at.update(row=int(attributes.get("r", at["row"] + 1)), column=-1)
        elif kind == "c":
            place = attributes.get("r", "")
            column = _column(place) if place else at["column"] + 1
            at.update(column=column, type=attributes.get("t", ""), formula=False, text=[])
        elif kind == "f":
            at["formula"] = True
        elif kind in ("v", "is"):
            at["inside"] = True

    def text(data: str) -> None:
        if at["inside"]:
            at["text"].append(data)

    def end(tag: str) -> None:
        kind = tag.rpartition(":")[2]
        if kind in ("v", "is"):
            at["inside"] = False
        elif kind == "c":
            value = "".join(at["text"]).strip()
            if at["type"] == "e":
                found.append(BadCell(at["row"], at["column"], "cell_error", value or None))
            elif at["formula"] and not value and at["type"] != "str":  # a formula may well give an empty text
                found.append(BadCell(at["row"], at["column"], "cell_not_calculated", None))

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    with archive.open(part) as content:
        parser.ParseFile(content)
    return found


def _column(place: str) -> int:
    """The column of a place such as AB12, from 0."""
    number = 0
    for letter in place.rstrip("0123456789").upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
