"""Rows whose facts stand as JSON, since each kind of row has others."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd


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
    for row in frame.itertuples():
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
