"""Text files: which encoding, which delimiter, and the records as a spreadsheet would show them.

A row is a record: a line break inside quotation marks does not start a row, an empty line is one, and
Excel's ``sep=;`` line is none, because Excel does not show it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.codebook import fold
from kamplay.errors import Fault, KamplayError
from kamplay.intake.files.file_safety import first_line

CHUNK = 1 << 20
SAMPLE = 1 << 16  # bytes
LONGEST_LINE = 1 << 22
DELIMITERS = ",;\t|"
MOST_COLUMNS = 16_384
LEGACY = ("gb18030", "cp950", "cp1252")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SURE = 0.25  # by how much the best encoding must be more plausible than the next
_SEP = re.compile(r"^\"?sep=(.)\"?[ ]*(?:\r\n|\r|\n|$)", re.I)


@dataclass(frozen=True)
class Shape:
    """How to read a text file; ``lines_before`` are lines a spreadsheet does not show (``sep=``)."""

    encoding: str
    delimiter: str
    lines_before: int
    width: int
    assumed: bool  # nothing in the file proves the encoding


def read_text(path: Path, shown: str, known: set[str]) -> tuple[pd.DataFrame, list[Fault]]:
    """Read the cells of a text file.

    Parameters
    ----------
    path, shown : Path, str
        The file, and its path as the user knows it.
    known : set of str
        Folded headers that are expected.

    Returns
    -------
    grid : DataFrame of str
        Row 1 of the file at index 0.
    faults : list of Fault
        Warnings: what the file does not prove about its encoding, stray quotation marks.

    Raises
    ------
    KamplayError
        The bytes are no text, break off their encoding, or a quotation mark is never closed.
    """
    shape = shape_of(path, shown, known)
    faults = (
        [Fault("encoding_assumed", "warning", file=shown, args={"encoding": shape.encoding})]
        if shape.assumed
        else []
    )
    if (tidy := _tidy(path, shape)) is not None:
        return tidy, faults
    try:
        grid = _parse(path, shape, shape.width)
    except pd.errors.EmptyDataError:
        return pd.DataFrame(), faults
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        if opened := re.search(r"EOF inside string starting at row (\d+)", str(error)):
            raise KamplayError(Fault("quote_open", file=shown, row=int(opened[1]) + 1)) from None
        grid = _parse(path, shape, _widest(path, shape, shown))
    return grid, faults + _swallowed(grid, shape, shown)


def _tidy(path: Path, shape: Shape) -> pd.DataFrame | None:
    """The cells of a file in UTF-8 without quotation marks whose rows are all as wide as the first: nothing
    in it is open to doubt, so Arrow may read it. None for any other file.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow

    if shape.encoding not in ("utf-8", "utf-8-sig") or not _without_quotes(path):
        return None
    names = [str(i) for i in range(shape.width)]
    try:
        table = arrow.read_csv(
            path,
            arrow.ReadOptions(column_names=names, skip_rows=shape.lines_before),
            arrow.ParseOptions(delimiter=shape.delimiter, quote_char=False, ignore_empty_lines=False),
            arrow.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # rows of other widths, empty lines, an empty file
        return None
    text = pd.StringDtype(na_value=float("nan"))
    left = table.columns[::-1]
    del table
    # one after the other, each given up once it is read, so that no two copies of all cells are held
    columns = {number: text.__from_arrow__(left.pop().combine_chunks()) for number in range(len(left))}
    return pd.DataFrame(columns, copy=False)


def _without_quotes(path: Path) -> bool:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if b'"' in chunk:
                return False
    return True


def _parse(path: Path, shape: Shape, width: int) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # cells beyond the width would be lost
        return pd.read_csv(
            path,
            header=None,
            dtype=str,
            sep=shape.delimiter,
            encoding=shape.encoding,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            low_memory=False,
            names=range(width),
            index_col=False,
            skiprows=shape.lines_before,
        )


def _widest(path: Path, shape: Shape, shown: str) -> int:
    """The cells of the longest row: a second reading, only for files with rows longer than their first lines
    promised.
    """
    try:
        with path.open(encoding=shape.encoding, newline="") as file:
            for _ in range(shape.lines_before):
                file.readline()
            widest = max((len(row) for row in csv.reader(file, delimiter=shape.delimiter)), default=1)
    except csv.Error as error:
        raise KamplayError(Fault("file_unreadable", file=shown, args={"detail": first_line(error)})) from None
    if widest > MOST_COLUMNS:
        raise KamplayError(Fault("file_unreadable", file=shown, args={"detail": f"> {MOST_COLUMNS} columns"}))
    return widest


def _swallowed(grid: pd.DataFrame, shape: Shape, shown: str) -> list[Fault]:
    """Cells that hold whole rows: a quotation mark that was opened by mistake and closed by a later one."""
    filled = sum(bool((grid[c] != "").any()) for c in grid.columns[:200])
    faults = []
    for column in grid.columns if filled > 1 else ():
        broken = grid[column][grid[column].str.contains("\n", regex=False)]
        for row, cell in broken.items():
            if any(line.count(shape.delimiter) >= filled - 1 for line in cell.splitlines()[1:-1]):
                faults.append(Fault("quote_open", file=shown, row=int(row) + 1))
    return faults


def shape_of(path: Path, shown: str, known: set[str]) -> Shape:
    """Find encoding, delimiter and width from the whole file's bytes (read in pieces) and its first rows."""
    encoding, assumed = _encoding(path, shown, known)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.read(SAMPLE)
        if "\n" not in head and "\r" not in head:  # a header longer than the sample is not to be cut
            head += file.readline(LONGEST_LINE)
    stated = _SEP.match(head)
    body = head[stated.end() :] if stated else head
    delimiter = stated[1] if stated and stated[1] not in '"\r\n' else _delimiter(body, known)
    width = max(map(len, _rows(body, delimiter)), default=1)
    if width > MOST_COLUMNS:
        raise KamplayError(Fault("file_unreadable", file=shown, args={"detail": f"> {MOST_COLUMNS} columns"}))
    return Shape(encoding, delimiter, 1 if stated else 0, max(1, width), assumed)


def _rows(head: str, delimiter: str, most: int = 200) -> list[list[str]]:
    """The first records; the last is left out when there are others, because it may be cut."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == most:
                return rows
    except csv.Error:
        return rows
    return rows[:-1] if len(head) >= SAMPLE and len(rows) > 1 else rows


def _delimiter(head: str, known: set[str]) -> str:
    """The delimiter under which most expected headers appear in one row, then under which most rows are
    equally wide.
    """

    def plausible(delimiter: str) -> tuple[int, float, int]:
        rows = [row for row in _rows(head, delimiter) if any(row)]
        widths = [len(row) for row in rows]
        common = max(set(widths), key=lambda w: (widths.count(w), w), default=1)
        named = (
            max((len({fold(cell) for cell in row} & known) for row in rows), default=0) if common > 1 else 0
        )
        return named, widths.count(common) / len(widths) if common > 1 else 0.0, common

    return max(DELIMITERS, key=plausible)


def _encoding(path: Path, shown: str, known: set[str]) -> tuple[str, bool]:
    """The encoding, and whether it is a guess. A byte order mark or valid UTF-8 decide; otherwise what reads
    most like a table.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    for mark, name in BOMS:
        if head.startswith(mark):
            _verify(path, name, shown)
            return name, False
    if b"\0" in head:
        name = _utf16(head, shown)
        _verify(path, name, shown)
        return name, False
    samples, broken = _not_ascii(path, shown)
    if broken is None:
        return "utf-8", False
    sample = b"\n".join([head[: head.rfind(b"\n") + 1 or len(head)], *samples])
    text = sample.decode("utf-8", "replace")
    wrong, right, asian = (
        text.count("\ufffd"),
        sum(c > "\x7f" and c != "\ufffd" for c in text),
        sum("\u0800" <= c < "\ufffd" for c in text),
    )
    if asian >= max(1, wrong) or right >= 2 * max(
        1, wrong
    ):  # other encodings rarely look like UTF-8 by chance
        raise KamplayError(Fault("text_broken", file=shown, row=broken, args={"encoding": "UTF-8"}))
    name, assumed = legacy_encoding(sample, known)
    _verify(path, name, shown)
    return name, assumed


def _utf16(head: bytes, shown: str) -> str:
    """UTF-16 without a mark: its delimiters, digits and line ends have their zero bytes all on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > 10 * min(even, odd) and max(even, odd) * 20 > len(head):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise KamplayError(Fault("file_not_text", file=shown))


def _not_ascii(path: Path, shown: str) -> tuple[list[bytes], int | None]:
    """Up to four samples round bytes beyond ASCII, and the line on which UTF-8 breaks (None: it does not)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    samples: list[bytes] = []
    broken, lines = None, 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                raise KamplayError(Fault("file_not_text", file=shown))
            if not chunk.isascii() and len(samples) < 4:
                first = re.search(rb"[^\n]*[\x80-\xff]", chunk)
                assert first is not None
                piece = chunk[first.start() : first.start() + SAMPLE]
                samples.append(piece[: piece.rfind(b"\n") + 1 or len(piece)])
            if broken is None:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    broken = lines + _line_ends(error.object[: error.start])
                lines += _line_ends(chunk)
    try:
        if broken is None:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        broken = lines
    return samples, broken


def _line_ends(data: bytes) -> int:
    return data.count(b"\n") or data.count(b"\r")


def _verify(path: Path, encoding: str, shown: str) -> None:
    """The whole file in its encoding, in pieces. Raises KamplayError with the line on which it stops being
    so.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                done = (
                    error.object[: error.start].decode(encoding, "ignore")
                    if isinstance(error, UnicodeDecodeError)
                    else ""
                )
                row = lines + (done.count("\n") or done.count("\r"))
                raise KamplayError(
                    Fault("text_broken", file=shown, row=row, args={"encoding": encoding.upper()})
                ) from None
            lines += text.count("\n") or text.count("\r")
            if not chunk:
                return


def legacy_encoding(sample: bytes, known: set[str]) -> tuple[str, bool]:
    """Choose between GB18030, Big5 and CP1252 by how much of the text is in common use there.

    GB18030 decodes almost anything, so that it decodes is no evidence. Characters of everyday use are: the
    first level of GB2312 and of Big5, or single accented letters among plain ones. charset-normalizer decides
    where none of the three is plausible.

    Returns
    -------
    encoding : str
        Its name for Python.
    proven : bool
        False where the file does not tell for certain.
    """
    scores = sorted(((_plausible(sample, name, known), name) for name in LEGACY), reverse=True)
    best, name = scores[0]
    if best >= 0.6:
        return name, best - scores[1][0] < SURE
    from charset_normalizer import from_bytes

    guess = from_bytes(sample).best()
    return (guess.encoding if guess else name if best > 0 else "latin-1"), True


def _plausible(sample: bytes, encoding: str, known: set[str]) -> float:
    """0 to 1: the share of characters beyond ASCII that are common in this encoding; 1 more where they form
    an expected header.
    """
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    named = any(
        not cell.isascii() and fold(cell) in known
        for cell in re.split(r"[,;\t|\"\r\n]+", text[: SAMPLE // 4])
    )
    if encoding == "cp1252":
        runs = re.findall(r"[^\x00-\x7f]+", text)
        common = sum(
            len(r)
            for r in runs
            if len(r) <= 2 and all(c.isalpha() or c in "€£°§–—’‘“”«»©®ªº½\xa0" for c in r)
        )
        # A capital with an accent behind a small letter is a byte of something else
        common -= len(re.findall(r"[a-zà-ÿ][À-ß]", text))
    else:
        common = sum(_lead_byte(c, encoding) for c in beyond)
    return max(0.0, common / len(beyond)) + named


def _lead_byte(character: str, encoding: str) -> bool:
    try:
        code = character.encode("gb2312" if encoding == "gb18030" else encoding)
    except UnicodeEncodeError:
        return False
    low, high = (0xB0, 0xD7) if encoding == "gb18030" else (0xA4, 0xC6)
    return low <= code[0] <= high or 0xA1 <= code[0] <= 0xA3


def surplus(
    grid: pd.DataFrame, top: int, headers: list[str], place: dict[str, Any], rows: Iterable[int] = ()
) -> list[Fault]:
    """Report rows below the header (row ``top``, from 0) with values beyond the last header: a delimiter
    moved them.
    """
    named = max((i for i, h in enumerate(headers) if h), default=-1) + 1
    beyond = grid.iloc[top + 1 :, named:]
    if beyond.empty:
        return []
    filled = beyond.apply(lambda c: c.str.strip() != "")
    long = filled.any(axis=1)
    faults = []
    for row in beyond.index[long][:200]:
        cells = named + max(i for i, full in enumerate(filled.loc[row]) if full) + 1
        value = " ".join(v.strip() for v in beyond.loc[row] if v.strip())[:80]
        faults.append(
            Fault(
                "row_too_long",
                row=int(row) + 1,
                value=value,
                args={"cells": cells, "columns": named},
                **place,
            )
        )
    if (rest := int(long.sum()) - len(faults)) > 0:
        last = faults[-1]
        faults[-1] = Fault(
            "row_too_long", row=last.row, value=last.value, count=rest + 1, args=last.args, **place
        )
    return faults
