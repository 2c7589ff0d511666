"""The rows of one input against the table's contract: every fault found, with its rows in the user's file, identical ones folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from kamplay.codebook import TableSpec
from kamplay.errors import Fault, Level

TOTAL_WORDS = ("合计", "总计", "小计", "本页合计", "total", "subtotal", "grand total", "sum")


def total_rows(text: pd.DataFrame, frame: pd.DataFrame, spec: TableSpec) -> pd.Series:
    """Rows that sum the others up: a cell says so and the row lacks a required identity or date."""
    says = text.apply(lambda c: c.str.strip().str.rstrip(":：").str.casefold().isin(TOTAL_WORDS)).any(axis=1)
    identity = [c for c in frame.columns if spec.columns[c].required and spec.columns[c].kind in ("id", "date")]
    lacks = frame[identity].isna().any(axis=1) if identity else pd.Series(True, index=frame.index)
    return says & (lacks | says_in(text, identity))


def says_in(text: pd.DataFrame, columns: Iterable[str]) -> pd.Series:
    cells = text[list(columns)]
    return cells.apply(lambda c: c.str.strip().str.rstrip(":：").str.casefold().isin(TOTAL_WORDS)).any(axis=1)


def unreadable(
    bad: dict[str, pd.Series], text: pd.DataFrame, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]
) -> list[Fault]:
    """Filled cells that their column's reader could not read: an error where the column is required, else a warning.

    One fault for each value of a column, with all its rows.
    """
    out = []
    for name, mask in bad.items():
        column = spec.columns[name]
        args = {"kind": column.kind, "choices": [{"zh": c["zh"], "en": c["en"]} for c in column.choices.values()]}
        level: Level = "error" if column.required else "warning"
        cells = text.loc[mask, name]
        for value, same in cells.groupby(cells, sort=False):
            out.append(
                at_rows(Fault(f"unreadable_{column.kind}", level, column=headers[name], value=str(value), args=args, **place), same.index)
            )
    return out


def contract(
    frame: pd.DataFrame,
    spec: TableSpec,
    headers: dict[str, str],
    place: dict[str, Any],
    blank_allowed: set[str],
    bad: dict[str, pd.Series],
) -> list[Fault]:
    """What a pandera schema built from the codebook finds: empty required cells and values out of range.

    An unreadable cell (``bad``) is missing after cleaning and was reported as such: it is one fault, not two.
    """
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    columns = {}
    for name in frame.columns:
        column = spec.columns[name]
        checks = []
        if column.minimum is not None:
            checks.append(pa.Check.ge(column.minimum, name="below"))
        if column.maximum is not None:
            checks.append(pa.Check.le(column.maximum, name="above"))
        columns[name] = pa.Column(nullable=not column.required or name in blank_allowed, checks=checks)
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
        return []
    except SchemaErrors as error:
        cases = error.failure_cases
    out = []
    for (name, test, value), same in cases.groupby(["column", "check", "failure_case"], sort=False, dropna=False):
        column, rows = spec.columns[name], same["index"].astype(int)
        limits = {"low": column.minimum, "high": column.maximum}
        level: Level = "error" if column.required else "warning"
        if test == "not_nullable":
            rows = rows[~rows.isin(bad[name].index[bad[name]])] if name in bad else rows
            if len(rows):
                out.append(at_rows(Fault("cell_empty", level, column=headers[name], **place), rows))
        else:
            out.append(at_rows(Fault("out_of_range", level, column=headers[name], value=f"{value:g}", args=limits, **place), rows))
    return out


def at_rows(fault: Fault, rows: Iterable[int]) -> Fault:
    """``fault`` standing in these rows of the user's file."""
    at = tuple(sorted(int(r) for r in rows))
    return replace(fault, row=at[0], rows=at, count=len(at))


def fold_faults(faults: Iterable[Fault]) -> list[Fault]:
    """Identical faults as one with a count and all their rows, at the place of the first; errors first, the order otherwise kept."""
    alike: dict[tuple, list[Fault]] = {}
    for fault in faults:
        key = (fault.code, fault.level, fault.table, fault.file, fault.sheet, fault.column, fault.value, repr(fault.args))
        alike.setdefault(key, []).append(fault)
    return sorted((_folded(same) for same in alike.values()), key=lambda f: f.level != "error")


def _folded(same: list[Fault]) -> Fault:
    if len(same) == 1:
        return same[0]
    rows = tuple(sorted({row for fault in same for row in fault.all_rows}))
    return replace(same[0], count=sum(f.count for f in same), rows=rows, row=rows[0] if rows else None)
