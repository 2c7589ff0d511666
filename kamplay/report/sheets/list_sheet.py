"""A sheet of the workbook that is filled column by column and written row by row, for lists of any length.

XlsxWriter keeps an object for each cell and writes them one by one. Here a column is a list of figures or
texts with its format, and a block of rows becomes XML in one pass: the same file in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from math import isfinite
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

SPANNED = 16  # rows that share one hint of where their cells begin and end
BLOCK = 64 * SPANNED  # rows that are in memory as XML
LONGEST = 32_767  # letters of a cell, as UTF-16 counts them: Excel takes no more


@dataclass(frozen=True)
class _Column:
    """A header and the cells below it: figures, or texts by their number among those of the workbook; None is
    an empty cell. ``formats``: one for all, or one for each; ``text``: whether all are texts, or which;
    ``to_fill``: empty cells have their format too.
    """

    header: int
    head: Any
    values: Sequence[float | None]
    formats: Any
    text: bool | Collection[int]
    to_fill: bool = False

    def cells(self, name: str, first: int, last: int) -> list[str]:
        """The cells of the sheet's rows ``first`` to before ``last`` as XML; an empty one is no letter."""
        begin, end = max(first, 1) - 1, last - 1
        head = self.head._get_xf_index()  # formats are numbered as they are asked for: the header's first
        styles: Any
        if isinstance(self.formats, Sequence):
            styles = [style._get_xf_index() for style in self.formats[begin:end]]
        else:
            styles = repeat(self.formats._get_xf_index())
        rows, values = range(begin + 2, last + 1), self.values[begin:end]
        if self.text is True:
            cells = [
                "" if value is None else f'<c r="{name}{row}" s="{style}" t="s"><v>{value}</v></c>'
                for row, value, style in zip(rows, values, styles, strict=False)
            ]
        else:
            kinds: Iterable[str] = repeat("")
            if self.text:
                kinds = [' t="s"' if place in self.text else "" for place in range(begin, end)]
            cells = [
                "" if value is None else f'<c r="{name}{row}" s="{style}"{kind}><v>{value:.16G}</v></c>'
                for row, value, style, kind in zip(rows, values, styles, kinds, strict=False)
            ]
        if self.to_fill:
            cells = [
                cell or f'<c r="{name}{row}" s="{style}"/>'
                for row, cell, style in zip(rows, cells, styles, strict=False)
            ]
        if first == 0:
            cells.insert(0, f'<c r="{name}1" s="{head}" t="s"><v>{self.header}</v></c>')
        return cells


class ListSheet(Worksheet):
    """A worksheet with a header in its first row and a list below it, added column by column.

    XlsxWriter writes everything of the sheet but the rows: ``_write_rows`` puts them where its own table of
    cells would stand.
    """

    def __init__(self) -> None:
        super().__init__()
        self._columns: list[_Column] = []
        self._heights: dict[int, float] = {}
        self._closing: tuple[int, int, Any] | None = None

    def set_height(self, row: int, height: float) -> None:
        """The height of a row of the sheet, in points; others have the usual one."""
        self._heights[row] = height

    def add_figures(
        self, label: str, head: Any, values: Sequence[float | str | None], formats: Any, to_fill: bool = False
    ) -> None:
        """A column of figures with its header; None is an empty cell, which bears its format in a column
        ``to_fill``, and a text stands as it is.

        Raises
        ------
        ValueError
            A figure is not finite: Excel would not open the file.
        """
        header = self._number(label)
        figures = [self._number(one) if isinstance(one, str) else one for one in values]
        texts = {place for place, one in enumerate(values) if isinstance(one, str)}
        if not all(value is None or isfinite(value) for value in figures):
            raise ValueError(f"{self.name}: not a finite figure in {label!r}")
        self._add(_Column(header, head, figures, formats, text=texts or False, to_fill=to_fill))

    def add_days(
        self, label: str, head: Any, values: Sequence[datetime | None], formats: Any, to_fill: bool = False
    ) -> None:
        """A column of days, see ``add_figures``."""
        numbers: dict[Any, float] = {
            day: self._convert_date_time(day) for day in set(values) if day is not None
        }
        self.add_figures(label, head, [numbers.get(day) for day in values], formats, to_fill)

    def add_texts(
        self, label: str, head: Any, texts: Sequence[str | None], formats: Any, to_fill: bool = False
    ) -> None:
        """A column of texts, see ``add_figures``; an empty text is an empty cell too."""
        header = self._number(label)
        known = {text: self._number(text) for text in dict.fromkeys(texts) if text}
        numbers = [known[text] if text else None for text in texts]
        self.str_table.count += len(numbers) - numbers.count(None) - len(known)  # a text counts in each cell
        self._add(_Column(header, head, numbers, formats, text=True, to_fill=to_fill))

    def close_with(self, text: str, style: Any) -> None:
        """A line below the list, whose columns have been added."""
        row = max((len(column.values) for column in self._columns), default=0) + 1
        self._check_dimensions(row, 0)
        self._closing = row, self._number(text), style

    def _number(self, text: str) -> int:
        """The place of a text among those of the workbook."""
        if len(text) > LONGEST // 2:
            text = text.encode("utf-16-le", "surrogatepass")[: 2 * LONGEST].decode("utf-16-le", "ignore")
        return int(self.str_table._get_shared_string_index(text))

    def _add(self, column: _Column) -> None:
        rows = range(len(column.values), 0, -1)
        filled = (row for row in rows if column.to_fill or column.values[row - 1] is not None)
        for row in (0, next(filled, 0)):
            self._check_dimensions(row, len(self._columns))  # takes note of how far the sheet goes
        self._columns.append(column)

    def _write_rows(self) -> None:
        names = [xl_col_to_name(place) for place in range(len(self._columns))]
        end = self.dim_rowmax + 1
        for first in range(0, end, BLOCK):
            last = min(first + BLOCK, end)
            block = [c.cells(name, first, last) for c, name in zip(self._columns, names, strict=True)]
            rows = ["".join(cells) for cells in zip(*block, strict=True)]
            for start in range(0, len(rows), SPANNED):
                part = slice(start, start + SPANNED)
                filled = [place for place, cells in enumerate(block, start=1) if any(cells[part])]
                for row, cells in enumerate(rows[part], start=first + start + 1):
                    if cells:
                        tall = self._heights.get(row - 1)
                        height = f' ht="{tall:g}" customHeight="1"' if tall else ""
                        spans = f"{filled[0]}:{filled[-1]}"
                        self.fh.write(f'<row r="{row}" spans="{spans}"{height}>{cells}</row>')
        if self._closing:
            row, number, style = self._closing
            cell = f'<c r="A{row + 1}" s="{style._get_xf_index()}" t="s"><v>{number}</v></c>'
            self.fh.write(f'<row r="{row + 1}" spans="1:{len(names)}">{cell}</row>')
