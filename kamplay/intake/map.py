"""The user's headers to our column names, and the rows that ``where`` keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kamplay.codebook import TableSpec, fold
from kamplay.engagement import Source
from kamplay.errors import Fault, nearest
from kamplay.intake.clean import as_text
from kamplay.intake.read import Raw


@dataclass(frozen=True)
class Mapped:
    """``frame`` holds our columns (raw cells); ``headers`` maps each to the user's header; ``unused`` are headers of no known column."""

    frame: pd.DataFrame
    headers: dict[str, str]
    unused: tuple[str, ...]
    set_aside: int  # rows that `where` did not keep


def map_headers(raw: Raw, spec: TableSpec, source: Source) -> tuple[Mapped, list[Fault]]:
    """Columns by the engagement's own mapping first, then by label, then by alias: the surest header of several wins."""
    place: dict[str, Any] = {"table": spec.name, "file": raw.file, "sheet": raw.sheet}
    by_fold = {fold(h): h for h in reversed(list(raw.frame.columns))}
    headers: dict[str, str] = {}
    faults: list[Fault] = []
    for name, column in spec.columns.items():
        if name in source.columns:
            wanted = source.columns[name]
            if fold(wanted) in by_fold:
                headers[name] = by_fold[fold(wanted)]
            else:
                faults.append(Fault("header_missing", column=wanted, args=_near(wanted, raw), **place))
            continue
        taken = set(headers.values()) | {by_fold.get(fold(h)) for h in source.columns.values()}
        found = (by_fold[fold(h)] for h in column.headers if fold(h) in by_fold and by_fold[fold(h)] not in taken)
        if header := next(found, None):
            headers[name] = header
    for name in spec.required:
        if name not in headers and name not in source.columns:
            label = spec.columns[name].labels
            faults.append(Fault("column_missing", row=raw.header_row, args={"name": name, **label, "there": _listed(raw)}, **place))
    frame, where_faults = _kept(raw, source, place)
    mapped = frame[list(headers.values())].set_axis(list(headers), axis=1)
    unused = tuple(h for h in raw.frame.columns if h not in headers.values() and h not in source.where)
    return Mapped(mapped, headers, unused, len(raw.frame) - len(frame)), faults + where_faults


def _kept(raw: Raw, source: Source, place: dict[str, Any]) -> tuple[pd.DataFrame, list[Fault]]:
    keep = pd.Series(True, index=raw.frame.index)
    faults: list[Fault] = []
    for header, wanted in source.where.items():
        actual = next((h for h in raw.frame.columns if fold(h) == fold(header)), None)
        if actual is None:
            faults.append(Fault("header_missing", column=header, args=_near(header, raw), **place))
            continue
        cells = as_text(raw.frame[actual]).str.strip()
        keep &= cells.isin([w.strip() for w in wanted])
        if not keep.any():
            there = ", ".join(cells.value_counts().index[:6])
            faults.append(Fault("where_keeps_nothing", column=header, value=", ".join(wanted), args={"there": there}, **place))
    return raw.frame[keep], faults


def _near(wanted: str, raw: Raw) -> dict[str, str]:
    return {"near": nearest(wanted, raw.frame.columns) or "", "there": _listed(raw)}


def _listed(raw: Raw) -> str:
    return ", ".join(str(c) for c in raw.frame.columns[:12])
