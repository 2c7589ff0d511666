"""What a sheet of an .xlsx says beside its cells: merged ranges, hidden rows, hidden columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

import numpy as np
import pandas as pd

from kamplay.codebook import fold

PIECE = 1 << 20
_TAG = re.compile(rb"<(?:\w+:)?(row|col|mergeCell)\b([^<>]*)>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']", re.IGNORECASE)
_FLAT = re.compile(rb"\b(?:ht|width)\s*=\s*[\"']0(?:\.0*)?[\"']")  # no height, no width: nobody sees it
_ROW = re.compile(rb"\br\s*=\s*[\"'](\d+)[\"']")
_FROM_TO = re.compile(rb"\b(min|max)\s*=\s*[\"'](\d+)[\"']")
_RANGE = re.compile(rb"\bref\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7}):([A-Za-z]{1,3})(\d{1,7})[\"']")

Range = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0


@dataclass(frozen=True)
class SheetShape:
    """Merged ranges and hidden parts of one sheet.

    Attributes
    ----------
    merged : tuple of (first row, first column, last row, last column)
        All from 0.
    hidden_rows : frozenset of int
        As the user sees them, from 1.
    hidden_columns : tuple of (first, last)
        From 0.
    """

    merged: tuple[Range, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()

    def hides(self, column: int) -> bool:
        """Whether the column, from 0, is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


def scan(sheet: IO[bytes]) -> SheetShape:
    """Read the shape of a sheet from its XML, piece by piece."""
    merged: list[Range] = []
    rows: set[int] = set()
    columns: list[tuple[int, int]] = []
    row, rest = 0, b""
    while True:
        piece = sheet.read(PIECE)
        text = rest + piece
        cut = text.rfind(b"<") if piece else len(text)  # a tag holds no other: none is cut in two
        text, rest = text[:cut], text[cut:]
        for kind, attributes in _TAG.findall(text):
            if kind == b"row":
                at = _ROW.search(attributes)
                row = int(at[1]) if at else row + 1
                if _HIDDEN.search(attributes) or _FLAT.search(attributes):
                    rows.add(row)
            elif kind == b"col":
                if _HIDDEN.search(attributes) or _FLAT.search(attributes):
                    ends = dict(_FROM_TO.findall(attributes))
                    columns.append((int(ends.get(b"min", 1)) - 1, int(ends.get(b"max", 1)) - 1))
            elif found := _RANGE.search(attributes):
                merged.append(
                    (int(found[2]) - 1, column_number(found[1]), int(found[4]) - 1, column_number(found[3]))
                )
        if not piece:
            return SheetShape(tuple(merged), frozenset(rows), tuple(columns))


def column_number(letters: bytes) -> int:
    """The letters of a column as its number, from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def under_merged(
    grid: pd.DataFrame, top: int, names: list[str], merged: Iterable[Range], known: set[str]
) -> list[str] | None:
    """The names of a header whose words are merged over several columns, with a word for each below: 客户
    over 编码 and 名称.

    None where the row below is not such a second line: it then has a figure, or a word under a name that
    stands alone.
    """
    if top + 1 >= len(grid):
        return None
    over = {
        column: first
        for row, first, last_row, last in merged
        if row == last_row == top and last > first
        for column in range(first, last + 1)
    }
    lower = ["" if v is None or v != v else v for v in grid.iloc[top + 1]]
    if not over or any((not isinstance(v, str) or not v.strip()) for i, v in enumerate(lower) if i in over):
        return None
    if any(v != "" for i, v in enumerate(lower) if i not in over) or any(
        re.search(r"\d", v) for v in lower if isinstance(v, str)
    ):
        return None
    out = list(names)
    for column, first in over.items():
        upper, own = names[first], str(lower[column]).strip()
        ways = [upper + own, f"{upper} {own}", own + upper, own]
        out[column] = next((w for w in ways if fold(w) in known), ways[1] if upper.isascii() else ways[0])
    return out


def fill_merged(
    body: pd.DataFrame, headers: list[str], merged: Iterable[Range]
) -> tuple[pd.DataFrame, dict[str, frozenset[int]]]:
    """Give the rows of a merged cell its value, down its first column; to the right a merged cell stays one
    text (合计 over three columns is no date).

    Parameters
    ----------
    body : DataFrame
        The cells below the header; the index is the row of the grid, from 0.
    headers : list of str
        The header of each column; columns without one are not filled.
    merged : iterable of ranges

    Returns
    -------
    body : DataFrame
    filled : dict of str to frozenset of int
        Header → the rows, as the user sees them, that took the value of the cell above.
    """
    if not len(body):
        return body, {}
    first, last = int(body.index[0]), int(body.index[-1])
    down = [
        (max(top, first), column, min(bottom, last))
        for top, column, bottom, _ in merged
        if top >= first and bottom > top and column < len(headers) and headers[column]
    ]
    if not down:
        return body, {}
    blank = body.isna() | (body == "")
    lives = ~blank.all(axis=1).to_numpy()
    body = body.copy()
    filled: dict[str, set[int]] = {}
    for column in sorted({column for _, column, _ in down}):
        values, empty = (
            body.iloc[:, column].to_numpy(dtype=object, copy=True),
            blank.iloc[:, column].to_numpy(),
        )
        rows = filled.setdefault(headers[column], set())
        for top, of, bottom in down:
            if of != column or empty[top - first]:
                continue
            inside = np.arange(top + 1, bottom + 1) - first
            inside = inside[empty[inside] & lives[inside]]
            values[inside] = values[top - first]
            rows.update((inside + first + 1).tolist())
        body.isetitem(column, pd.Series(values, index=body.index, dtype=object))
    return body, {header: frozenset(rows) for header, rows in filled.items() if rows}
