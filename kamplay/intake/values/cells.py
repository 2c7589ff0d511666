"""Columns with millions of cells: each distinct text is looked at once, what is kept whole is not copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
import pandas as pd

Cells = TypeVar("Cells", pd.Series, pd.DataFrame)


def is_texts(cells: pd.Series) -> bool:
    """Whether a column holds texts alone, as a text file's does; a sheet's cells are of any type."""
    return isinstance(cells.dtype, pd.StringDtype)


def is_typed(cells: pd.Series) -> bool:
    """Whether every cell is a number, a flag or a date by the file's own type: none of them holds words."""
    return cells.dtype.kind in "iufbM"


def of_one_type(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """A sheet's cells, of the columns ``names`` those that hold nothing but texts, or nothing but figures, as
    such: most do, and what is of one type is looked at all at once.
    """
    types = {"string": "str", "floating": "float64"}
    mixed = [name for name in names if frame[name].dtype == object]
    kinds = {name: pd.api.types.infer_dtype(frame[name], skipna=False) for name in mixed}
    found = {name: types[kind] for name, kind in kinds.items() if kind in types}
    return frame.astype(found) if found else frame


def distinct(cells: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Find the distinct cells of a column of texts.

    Returns
    -------
    codes : ndarray of int
        For every cell its place among the distinct ones.
    values : Series
        The distinct cells in the order in which they come, each at the row where it stands first.
    """
    codes, values = pd.factorize(cells, use_na_sentinel=False)
    first = np.empty(len(values), dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # the last to be written is the first to stand
    return codes, pd.Series(values, index=cells.index.take(first), name=cells.name, dtype=cells.dtype)


def first_of_each(cells: pd.Series) -> pd.Series:
    """The distinct cells of a column of texts, each at the row where it stands first; of others all."""
    return distinct(cells)[1] if is_texts(cells) else cells


def spread(values: pd.Series, codes: np.ndarray, index: pd.Index) -> pd.Series:
    """What was found of the distinct cells, on every row."""
    return values.take(codes).set_axis(index)


def kept(cells: Cells, mask: pd.Series) -> Cells:
    """The rows in ``mask``."""
    return cells if mask.all() else cells[mask]


def at(cells: Cells, rows: pd.Index) -> Cells:
    """The cells at these rows of the user's file."""
    return cells if rows.equals(cells.index) else cells.loc[rows]


def distinct_texts(cells: pd.Series) -> pd.Series:
    """The distinct texts of a column with cells of any type, without an index of their own."""
    if is_texts(cells):
        return pd.Series(cells.unique(), dtype=cells.dtype).dropna()
    return pd.Series([v for v in pd.unique(cells) if isinstance(v, str)], dtype="str")


def texts_like(
    cells: pd.Series, pattern: str, hint: str | None = None, seen: Callable[[str], str] | None = None
) -> list[str]:
    """The distinct texts of a column in which a pattern is found, whatever their case.

    Parameters
    ----------
    cells : Series
        Cells of any type; only texts are looked at.
    pattern : str
        A regular expression.
    hint : str, optional
        A simpler one, as for ``hinted``.
    seen : callable, optional
        What the pattern sees of a text; of plain letters it is the text.
    """
    values = distinct_texts(cells)
    if hint is not None:
        values = hinted(values, hint)
    if values.empty:
        return []
    looked_at = values.map(seen) if seen else values
    return list(values[looked_at.str.contains(pattern, case=False, regex=True)])


def hinted(texts: pd.Series, hint: str) -> pd.Series:
    """The texts in which a pattern may be found.

    Its ``hint`` is found wherever the pattern is, but without spaces, word ends and looking around, so that
    Arrow looks for it in no time. It decides on plain letters alone: of others it knows the case less well.
    """
    return texts[texts.str.contains(hint, case=False, regex=True) | ~texts.str.isascii()]
