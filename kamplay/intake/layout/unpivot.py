"""Months as columns: one line for each account and month out of a table that has a column a month."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kamplay.characters import simplified
from kamplay.codebook import TableSpec, fold
from kamplay.engagement import Source, Unpivot
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.files.month_headers import FEWEST, month_of, names_period, year_in
from kamplay.intake.files.readers import Raw
from kamplay.intake.layout.total_rows import EXACT
from kamplay.intake.values.parsing import as_text, numbers

_TOTAL = re.compile(
    r"合\s*计|总\s*计|小\s*计|累\s*计|总\s*额|总和|全年|total|^sum$|\bytd\b|gesamt|summe|somme", re.IGNORECASE
)


@dataclass(frozen=True)
class Months:
    """The columns of a table that are months.

    Attributes
    ----------
    columns : dict of str to Timestamp
        Header → the month's last day, or the day that it names.
    left_out : tuple of str
        Columns of other measures, and totals.
    measures : tuple of str
        What else the headers say: 金额 and 数量, where there are several.
    without_year : bool
        No year is known, so the columns cannot be dated.
    """

    columns: dict[str, pd.Timestamp]
    left_out: tuple[str, ...]
    measures: tuple[str, ...]
    without_year: bool


@dataclass(frozen=True)
class Lines:
    """A table with months as columns, as lines.

    Attributes
    ----------
    raw : Raw
        One row a line; the index goes on below the last row of the file.
    source : Source
        The settings, with the new columns.
    rows : Series of int
        Line → its row in the user's file.
    months : Series of str
        Line → the header of its month.
    empty : int
        Cells of months that are empty or zero.
    totals : int
        Cells of months in rows that sum others up.
    """

    raw: Raw
    source: Source
    rows: pd.Series
    months: pd.Series
    empty: int
    totals: int

    def in_the_file(self, fault: Fault) -> Fault:
        """A fault with its places in the user's file: the row of the line, the header of its month."""
        at = [row for row in fault.all_rows if row in self.rows.index]
        if not at:
            return fault
        column = fault.column
        if column in (self.source.columns.get("date"), _cells_header(self.source)):
            column = str(self.months[at[0]])
        places = self.rows[at].tolist()
        args = fault.args
        if "places" in args:
            args = {
                **args,
                "places": [(int(self.rows.get(row, row)), value) for row, value in args["places"]],
            }
        return replace(fault, row=places[0], rows=tuple(sorted(set(places))), column=column, args=args)


def _cells_header(source: Source) -> str | None:
    return source.columns.get(source.unpivot.cells) if source.unpivot else None


def find_months(raw: Raw, spec: TableSpec, wanted: Unpivot | None = None) -> Months | None:
    """Find the columns that are months; None with fewer than three.

    Parameters
    ----------
    raw : Raw
        The table as it stands.
    spec : TableSpec
        Its codebook.
    wanted : Unpivot, optional
        The year and the measure that the settings name.
    """
    named = {header: found for header in raw.frame.columns if (found := month_of(str(header)))}
    if len(named) < FEWEST:
        return None
    year = (wanted and wanted.year) or year_in([*(text for _, text in raw.above), raw.sheet or ""])
    year = year or year_in([raw.file])
    by_rest: dict[str, dict[str, pd.Timestamp]] = {}
    for header, found in named.items():
        of = found.year or year or 1900
        day = pd.Timestamp(of, found.month, found.day or 1)
        whole = found.day is None or found.day == 1
        by_rest.setdefault(fold(found.rest), {})[header] = day + pd.offsets.MonthEnd(0) if whole else day
    known = {fold(h) for h in spec.columns["amount"].headers} if "amount" in spec.columns else set()
    order = [fold(wanted.measure)] if wanted and wanted.measure else []
    candidates = [rest for rest, columns in by_rest.items() if len(columns) >= FEWEST]
    if not candidates or (order and order[0] not in by_rest):
        return None
    chosen = next(iter((*order, *(rest for rest in candidates if rest in known), *candidates)))
    columns = by_rest[chosen]
    if len(set(columns.values())) < len(columns):
        return None  # a month that comes twice is none of ours to choose from
    rests = {fold(found.rest): found.rest for found in named.values()}
    left_out = [h for h in named if h not in columns]
    left_out += [h for h in raw.frame.columns if h not in named and _is_total(raw.frame, h, list(columns))]
    return Months(
        columns,
        tuple(left_out),
        tuple(rests[rest] or "–" for rest in candidates) if len(candidates) > 1 else (),
        not year and any(not named[h].year for h in columns),
    )


def _is_total(frame: pd.DataFrame, header: str, months: list[str]) -> bool:
    """Whether a column sums the months up: it says so, or its figures do."""
    if _TOTAL.search(simplified(str(header))):
        return True
    figures = numbers(frame[header])[0]
    if figures.notna().mean() < 0.5:
        return False
    sums = frame[months].apply(lambda c: numbers(c)[0]).sum(axis=1)
    return bool(((figures - sums).abs() <= 0.02 + 1e-6 * sums.abs())[figures.notna()].mean() > 0.9)


def months_of(raw: Raw) -> list[str]:
    """The headers that name a month."""
    return [header for header in raw.frame.columns if month_of(str(header))]


def months_as_columns(
    raw: Raw, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]
) -> Fault | None:
    """Name a table with months as columns, and propose to read it; None where it is no such table.

    Parameters
    ----------
    raw : Raw
        The table as it stands.
    spec : TableSpec
        Its codebook.
    headers : dict of str to str
        Our columns that have a header.
    place : dict
        Table, file, sheet.
    """
    if "amount" not in spec.columns or "date" not in spec.columns or "date" in headers:
        return None
    found = find_months(raw, spec)
    if found is None:
        periods = [h for h in raw.frame.columns if names_period(str(h))]
        if len(periods) < FEWEST:
            return None
        ends = {"first": periods[0], "last": periods[-1]}
        return Fault("periods_as_columns", row=raw.header_row, column=periods[0], args=ends, **place)
    account = headers.get("account_id")
    columns = {}
    if account is None:
        account = headers.get("account_name") or _first_text(raw, found)
        columns = {"account_id": account} if account else {}
    cells = raw.frame[list(found.columns)].apply(lambda c: numbers(c)[0])
    ids = as_text(raw.frame[account]).str.strip() if account else pd.Series("–", index=raw.frame.index)
    lines = ~_sums(raw, found, cells) & (ids != "")
    used = cells[lines]
    args: dict[str, Any] = {
        "first": next(iter(found.columns)),
        "last": list(found.columns)[-1],
        "months": len(found.columns),
        "rows": int((used.notna() & (used != 0)).sum().sum()),
        "accounts": int(ids[lines].nunique()),
        "amount": round(float(used.sum().sum()), 2),
        "unpivot": "amount",
        "columns": columns,
    }
    if found.measures:
        measure = month_of(args["first"])
        args["unpivot"] = {"cells": "amount", "measure": measure.rest if measure else ""}
    code = "months_as_columns"
    if found.without_year:
        code = "months_without_year"
        args.pop("unpivot")  # nothing to paste as it stands
    return Fault(code, row=raw.header_row, column=args["first"], args=args, **place)


def _first_text(raw: Raw, found: Months) -> str | None:
    """The first column that is no month and holds words or codes, each filled: whom the row is about."""
    for header in raw.frame.columns:
        if header in found.columns or header in found.left_out:
            continue
        text = as_text(raw.frame[header]).str.strip()
        if (text != "").mean() >= 0.5 and text.nunique() > 1:
            return str(header)
    return None


def to_lines(raw: Raw, spec: TableSpec, source: Source) -> tuple[Lines | None, list[Fault]]:
    """Read a table with months as columns: one line for each row and month that is neither empty nor zero,
    dated the month's last day.

    Parameters
    ----------
    raw : Raw
        The table as it stands.
    spec : TableSpec
        Its codebook.
    source : Source
        Its settings, with ``unpivot``.

    Returns
    -------
    lines : Lines or None
    faults : list of Fault
        No months, or months without a year; errors in cells; totals that do not agree.
    """
    place: dict[str, Any] = {"table": spec.name, "file": raw.file, "sheet": raw.sheet}
    unpivot = source.unpivot
    assert unpivot is not None
    found = find_months(raw, spec, unpivot)
    if found is None:
        there = ", ".join(map(str, raw.frame.columns[:12]))
        return None, [Fault("months_not_found", row=raw.header_row, args={"there": there}, **place)]
    if found.without_year:
        fault = months_as_columns(raw, spec, {}, place)
        return None, [fault] if fault else []
    months = list(found.columns)
    parsed = {header: numbers(raw.frame[header]) for header in months}
    sums = _sums(raw, found, pd.DataFrame({header: values for header, (values, _) in parsed.items()}))
    keep = np.column_stack(
        [(bad | (values.notna() & (values != 0))).to_numpy() for values, bad in parsed.values()]
    )
    keep &= ~sums.to_numpy()[:, None]
    row, month = np.nonzero(keep)
    cells = raw.frame[months].to_numpy(dtype=object)[row, month]
    kept = [h for h in raw.frame.columns if h not in found.columns and h not in found.left_out]
    dated, filled = _free("month", kept), _free(f"{months[0]} … {months[-1]}", kept)
    start = int(raw.frame.index.max()) + 1 if len(raw.frame) else 2
    index = pd.RangeIndex(start, start + len(row))
    frame = raw.frame[kept].iloc[row].set_axis(index)
    frame = frame.assign(
        **{
            dated: pd.DatetimeIndex(list(found.columns.values()))[month],
            filled: pd.Series(cells, index=index),
        }
    )
    faults = [
        Fault(code, row=at, column=header, value=value, **place)
        for at, header, code, value in raw.bad_cells
        if header in found.columns
    ]
    if sums.any():
        of_row = pd.DataFrame({h: values for h, (values, _) in parsed.items()}).sum(axis=1)
        args = {"amount": float(of_row[sums].sum()), "rest": float(of_row[~sums].sum())}
        faults.append(at_rows(Fault("total_rows", "warning", args=args, **place), sums.index[sums]))
    faults += _totals_differ(raw, found, parsed, place)
    columns = {**source.columns, "date": dated, unpivot.cells: filled}
    lines = Lines(
        replace(raw, frame=frame, bad_cells=(), formats=_formats(raw, months, row, month, index, filled)),
        source.model_copy(update={"columns": columns}),
        pd.Series(raw.frame.index.to_numpy()[row], index=index),
        pd.Series(np.array(months, dtype=object)[month], index=index),
        keep.size - len(row) - int(sums.sum()) * len(months),
        int(sums.sum()) * len(months),
    )
    return lines, faults


def _formats(
    raw: Raw, months: list[str], row: np.ndarray, month: np.ndarray, index: pd.Index, filled: str
) -> dict[str, pd.Series]:
    """The currencies that the cells of the months show, by line."""
    shown = pd.Series(None, index=index, dtype=object)
    for number, header in enumerate(months):
        if header in raw.formats:
            of_month = month == number
            rows = raw.frame.index[row[of_month]]
            shown[of_month] = raw.formats[header].reindex(rows).to_numpy(dtype=object)
    return {filled: shown.dropna()} if shown.notna().any() else {}


def _sums(raw: Raw, found: Months, cells: pd.DataFrame) -> pd.Series:
    """The rows that sum up those above: they say so and nothing else, or each of their months does."""
    words = [h for h in raw.frame.columns if h not in found.columns and h not in found.left_out]
    text = raw.frame[words].apply(as_text).apply(lambda c: c.str.strip(" :：\u3000"))
    says = text.map(lambda cell: bool(EXACT.fullmatch(cell))).any(axis=1).to_numpy()
    figures = cells.fillna(0.0).to_numpy()
    out = np.zeros(len(figures), dtype=bool)
    above, group, lines = np.zeros(figures.shape[1]), np.zeros(figures.shape[1]), 0
    for at, row in enumerate(figures):
        near = 0.02 + 1e-6 * np.abs(row)
        filled = np.count_nonzero(row) >= FEWEST
        equal = (np.abs(row - above) <= near).all() or (np.abs(row - group) <= near).all()
        if says[at] or (lines > 1 and filled and equal):
            out[at], group, lines = True, np.zeros_like(group), 2  # a sum of all may follow at once
        else:
            above, group, lines = above + row, group + row, lines + 1
    return pd.Series(out, index=raw.frame.index)


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "'"
    return name


def _totals_differ(
    raw: Raw, found: Months, parsed: dict[str, tuple[pd.Series, pd.Series]], place: dict[str, Any]
) -> list[Fault]:
    """Rows whose months do not add up to their total, where there is one column of totals over all months."""
    totals = [h for h in found.left_out if _TOTAL.search(simplified(h)) and not month_of(h)]
    if len(totals) != 1:
        return []
    total = numbers(raw.frame[totals[0]])[0]
    sums = pd.DataFrame({h: values for h, (values, _) in parsed.items()}).sum(axis=1)
    off = total.notna() & ((total - sums).abs() > 0.02 * len(parsed) + 1e-6 * total.abs())
    if not off.any():
        return []
    args = {"amount": round(float(sums[off].sum()), 2), "total": round(float(total[off].sum()), 2)}
    return [
        at_rows(
            Fault("months_against_total", "warning", column=totals[0], args=args, **place), off.index[off]
        )
    ]
