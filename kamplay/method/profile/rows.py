"""Rows of a profile's tables; those whose facts stand as JSON, since each kind of row has others."""

from __future__ import annotations

import json
from collections import defaultdict, namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, overload

import numpy as np
import pandas as pd


class Rows(Sequence[Any]):
    """A few rows of a table in their order, each a named tuple of its ``columns``; ``rows["name"]`` is the
    list of one column's values. A page asks for dozens of such tables for each account: as frames they would
    cost many times as much.
    """

    def __init__(self, row: Any, rows: Iterable[Any] = ()):
        self._row, self._rows = row, tuple(rows)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._row._fields)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    @overload
    def __getitem__(self, place: str) -> list[Any]: ...
    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Rows: ...
    def __getitem__(self, place: str | int | slice) -> Any:
        if isinstance(place, str):
            at = self.columns.index(place)
            return [row[at] for row in self._rows]
        found = self._rows[place]
        return Rows(self._row, found) if isinstance(place, slice) else found

    def where(self, wanted: Callable[[Any], bool]) -> Rows:
        """The rows that are wanted."""
        return Rows(self._row, filter(wanted, self._rows))

    def each(self, change: Callable[[Any], Any]) -> Rows:
        """With each row changed."""
        return Rows(self._row, map(change, self._rows))

    def total(self, column: str) -> float:
        """The sum of what is known of a column."""
        return sum(value for value in self[column] if not absent(value))

    def filled(self, **values: Any) -> Rows:
        """With the same value in a whole column, for columns that there are."""
        known = {name: value for name, value in values.items() if name in self.columns}
        return self.each(lambda row: row._replace(**known))

    def only(self, columns: Iterable[str]) -> Rows:
        """With these columns alone, as far as there are such."""
        kept = [name for name in columns if name in self.columns]
        row = _row_type(tuple(kept))
        return Rows(row, (row(*(getattr(one, name) for name in kept)) for one in self._rows))


class Table:
    """A table from which rows are taken by their places."""

    def __init__(self, frame: pd.DataFrame):
        self._row = _row_type(tuple(frame.columns))
        self._columns = [column.to_numpy(object).tolist() for _, column in frame.items()]

    def rows(self) -> Rows:
        """All of them."""
        return Rows(self._row, map(self._row._make, zip(*self._columns, strict=True)))

    def at(self, places: Iterable[int]) -> Rows:
        return Rows(self._row, (self._row(*(column[place] for column in self._columns)) for place in places))


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns)


def absent(value: Any) -> bool:
    """Whether a fact is missing."""
    return (
        value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value))
    )


def told(**facts: Any) -> str:
    """The facts that are known, as JSON: plain numbers and texts, dates as ISO."""
    out: dict[str, Any] = {}
    for name, value in facts.items():
        if absent(value):
            continue
        if isinstance(value, pd.Timestamp):
            value = str(value.date())
        out[name] = value.item() if hasattr(value, "item") else value
    return json.dumps(out, ensure_ascii=False, sort_keys=True)


def by_unit(frame: pd.DataFrame) -> dict[Any, list[Any]]:
    """unit_id → its rows, in their order."""
    rows: dict[Any, list[Any]] = defaultdict(list)
    for row in Table(frame).rows():
        rows[row.unit_id].append(row)
    return rows


def numbered(rows: Iterable[tuple[Any, ...]], columns: list[str], most: int) -> pd.DataFrame:
    """Rows of units that stand together, the first ``most`` of each, with their ``place`` from 1.

    ``columns`` begin with unit_id and have no place.
    """
    frame = pd.DataFrame(list(rows), columns=columns)
    frame = frame.groupby("unit_id", sort=False).head(most).reset_index(drop=True)
    frame.insert(1, "place", frame.groupby("unit_id").cumcount() + 1)
    return frame
