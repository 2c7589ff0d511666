"""Files to rows of raw cells, each row keeping its number in the user's file. Nothing is interpreted here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from kamplay.codebook import TableSpec, fold
from kamplay.errors import Fault, KamplayError

TEXT = {".csv", ".tsv", ".txt"}
EXCEL = {".xlsx", ".xls", ".xlsb", ".xlsm", ".ods"}
READABLE = TEXT | EXCEL | {".parquet"}
HEADER_SEARCH = 20  # rows from the top among which a header row is looked for, below titles and print dates


@dataclass(frozen=True)
class Raw:
    """Cells as they stand. The frame's columns are the user's headers, its index the row numbers in the user's file."""

    frame: pd.DataFrame
    file: str
    sheet: str | None
    header_row: int


def read(path: Path, shown: str, sheet: str | None, spec: TableSpec, extra_headers: tuple[str, ...] = ()) -> Raw:
    """The rows of one file or sheet. Raises KamplayError naming the file when it cannot be read as what it claims to be."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            frame = pd.read_parquet(path)
            frame.columns = [str(c) for c in frame.columns]
            frame.index = pd.RangeIndex(2, len(frame) + 2)
            return Raw(frame, shown, None, 1)
        grid = _excel(path, sheet) if suffix in EXCEL else _text(path)
    except KamplayError:
        raise
    except Exception as error:  # a damaged file raises whatever its library likes; the user needs its name
        raise KamplayError(
            Fault("file_unreadable", table=spec.name, file=shown, sheet=sheet, args={"detail": _first_line(error)})
        ) from None
    if grid.empty:
        raise KamplayError(Fault("file_empty", table=spec.name, file=shown, sheet=sheet))
    top = _header_row(grid, spec, extra_headers)
    headers = _unique([_cell_text(v) for v in grid.iloc[top]])
    body = grid.iloc[top + 1 :]
    frame = body.set_axis(headers, axis=1)[[h for h in headers if h]]
    frame.index = pd.RangeIndex(top + 2, top + 2 + len(frame))
    return Raw(frame, shown, sheet, top + 1)


@lru_cache(maxsize=64)
def sheet_names(path: Path, shown: str) -> tuple[str, ...] | Fault:
    """The sheets of a workbook in their order, or the fault that says why it cannot be opened."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return tuple(book.sheet_names)
    except (CalamineError, OSError, ValueError) as error:
        return Fault("file_unreadable", file=shown, args={"detail": _first_line(error)})


def _excel(path: Path, sheet: str | None) -> pd.DataFrame:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(str(path)) as book:
        # skip_empty_area=False keeps the rows above the first filled one, so that row numbers are the user's
        cells = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    return pd.DataFrame(cells, dtype=object)


def _text(path: Path) -> pd.DataFrame:
    data = path.read_bytes()
    if not data.strip():
        return pd.DataFrame()
    encoding = _encoding(data)
    head = data[:65536].decode(encoding, errors="ignore")
    return pd.read_csv(
        path,
        header=None,
        dtype=str,
        sep=_delimiter(head),
        encoding=encoding,
        keep_default_na=False,
        na_filter=False,
        skip_blank_lines=False,
        low_memory=False,
        names=range(_width(head)),
        index_col=False,
    )


def _encoding(data: bytes) -> str:
    """UTF-8 when it is valid, GB18030 when that is, and otherwise what charset-normalizer makes of the first megabyte."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            data.decode(encoding)
            return encoding
        except UnicodeDecodeError:
            continue
    from charset_normalizer import from_bytes

    best = from_bytes(data[:1_000_000]).best()
    return best.encoding if best else "latin-1"


def _delimiter(head: str) -> str:
    try:
        return csv.Sniffer().sniff("\n".join(head.splitlines()[:20]), delimiters=",;\t|").delimiter
    except csv.Error:
        first = head.splitlines()[0]
        return max(",;\t|", key=first.count)


def _width(head: str) -> int:
    rows = list(csv.reader(head.splitlines()[:200], delimiter=_delimiter(head)))
    return max((len(r) for r in rows[:-1] or rows), default=1) or 1


def _header_row(grid: pd.DataFrame, spec: TableSpec, extra: tuple[str, ...]) -> int:
    """The row that names most of the table's columns; the first filled row when none names any."""
    known = {fold(h) for column in spec.columns.values() for h in column.headers} | {fold(h) for h in extra}
    rows = [[fold(_cell_text(v)) for v in grid.iloc[i]] for i in range(min(HEADER_SEARCH, len(grid)))]
    hits = [sum(bool(cell) and cell in known for cell in row) for row in rows]
    if max(hits) > 0:
        return hits.index(max(hits))
    return next((i for i, row in enumerate(rows) if any(row)), 0)


def _unique(headers: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for header in headers:
        seen[header] = seen.get(header, 0) + 1
        out.append(header if seen[header] == 1 or not header else f"{header}.{seen[header]}")
    return out


def _cell_text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and value != value) else str(value).strip()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
