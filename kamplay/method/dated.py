"""Dated rows of a table up to a day, each with the place of its account, and what can be counted of them per account."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import coded

Mask = np.ndarray  # of bool, one per row


@dataclass(frozen=True)
class Rows:
    """Rows of a table: ``whole`` and their places in it, each with the place of its account in ``index``; ``first``: the first day."""

    whole: pd.DataFrame
    where: np.ndarray
    codes: np.ndarray
    index: pd.Index
    first: pd.Timestamp

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(index=self.index)

    def date(self, column: str) -> np.ndarray:
        if column not in self.whole:
            return np.full(len(self.where), np.datetime64("NaT"), dtype="datetime64[us]")
        return self.whole[column].to_numpy(dtype="datetime64[us]")[self.where]

    def number(self, column: str) -> np.ndarray:
        if column not in self.whole:
            return np.full(len(self.where), np.nan)
        return self.whole[column].to_numpy(dtype=float, na_value=np.nan)[self.where]

    def told(self, column: str) -> Mask:
        """Where the column says something."""
        if column not in self.whole:
            return np.zeros(len(self.where), dtype=bool)
        return self.whole[column].notna().to_numpy(dtype=bool)[self.where]

    def says(self, column: str, value: str) -> Mask:
        if column not in self.whole:
            return np.zeros(len(self.where), dtype=bool)
        return (self.whole[column] == value).to_numpy(dtype=bool, na_value=False)[self.where]

    def count(self, mask: Mask) -> np.ndarray:
        return np.bincount(self.codes[mask], minlength=len(self.index))

    def total(self, values: np.ndarray, mask: Mask) -> np.ndarray:
        mask = mask & ~np.isnan(values)
        return np.bincount(self.codes[mask], values[mask], len(self.index))

    def mean(self, values: np.ndarray, mask: Mask) -> np.ndarray:
        mask = mask & ~np.isnan(values)
        number = self.count(mask)
        return np.where(number > 0, self.total(values, mask) / np.maximum(number, 1), np.nan)

    def largest(self, values: np.ndarray, mask: Mask, empty: float) -> np.ndarray:
        mask = mask & ~np.isnan(values)
        out = np.full(len(self.index), -np.inf)
        np.maximum.at(out, self.codes[mask], values[mask])
        return np.where(np.isfinite(out), out, empty)

    def latest(self, dates: np.ndarray) -> np.ndarray:
        known = ~np.isnat(dates)
        out = np.full(len(self.index), np.iinfo("int64").min)  # which is how NaT is written
        np.maximum.at(out, self.codes[known], dates[known].astype("datetime64[us]").astype("int64"))
        return out.astype("datetime64[us]")

    def covers(self, cutoff: pd.Timestamp, days: int, ended: int) -> bool:
        """Whether the table reaches back over at least half of the ``days`` that end ``ended`` days before the cut-off."""
        return bool(self.first <= cutoff - pd.Timedelta(days=ended + days // 2))


def rows_to(book: Book, table: str, column: str, cutoff: pd.Timestamp, needed: tuple[str, ...] = ()) -> Rows | None:
    """The rows, of accounts of the Book, dated (``column``) up to the cut-off; None without the table, a needed column or any such row."""
    if not book.has(table, column, *needed):
        return None
    dates = book.table(table)[column].to_numpy(dtype="datetime64[us]")
    seen = dates <= np.datetime64(cutoff)
    rows = rows_of(book, table, seen)
    return None if not len(rows.where) else replace(rows, first=pd.Timestamp(dates[seen].min()))


def rows_of(book: Book, table: str, mask: Mask | None = None) -> Rows:
    whole = book.table(table)
    codes = coded.codes(book, whole)
    where = np.flatnonzero(codes >= 0 if mask is None else mask & (codes >= 0))
    return Rows(whole, where, codes[where], book.accounts.index, pd.NaT)


def within(dates: np.ndarray, cutoff: pd.Timestamp, days: int, ended: int = 0) -> Mask:
    """Dates in the ``days`` days that end ``ended`` days before the cut-off, its last day included."""
    end = np.datetime64(cutoff - pd.Timedelta(days=ended))
    return (dates <= end) & (dates > end - np.timedelta64(days, "D"))


def days_of(spans: np.ndarray) -> np.ndarray:
    return spans.astype("timedelta64[us]").astype(float) / 86_400e6 * np.where(np.isnat(spans), np.nan, 1.0)
