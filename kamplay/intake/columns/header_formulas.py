"""Columns worked out of others, as ``columns`` may name them: ``Quantity * Price``, ``Total - Refunded``."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from kamplay.intake.values.parsing import numbers

# between spaces: a hyphen or a stroke without them is part of a header
_SUMS = re.compile(r"\s+([+−–-])\s+")
_FACTORS = re.compile(r"\s*([*×])\s*|\s+([/÷])\s+")


def headers_in(wanted: str) -> list[str]:
    """The headers that a formula names; a plain header names itself."""
    return [part for term in _SUMS.split(wanted)[::2] for part in _FACTORS.split(term)[::3] if part]


def worked_out(wanted: str, frame: pd.DataFrame, header_of: Callable[[str], str | None]) -> pd.Series | None:
    """Work out a formula of headers, line by line.

    Parameters
    ----------
    wanted : str
        Headers joined by ``*`` and, between spaces, by ``/``, ``+`` or ``-``; products come first.
    frame : DataFrame
        Raw cells.
    header_of : callable
        The header of the frame that a part of the formula means, or None.

    Returns
    -------
    Series or None
        Empty where every term has an empty side; else an empty term adds nothing, as where debit and credit
        take turns. A side that cannot be read leaves its own text, for the reader of amounts to report. None
        where ``wanted`` is no formula of headers that are there.
    """
    parts = headers_in(wanted)
    sides = {part: header_of(part) for part in parts}
    if len(parts) < 2 or None in sides.values():
        return None
    read = {part: numbers(frame[side]) for part, side in sides.items()}
    first, *rest = _SUMS.split(wanted)
    total = _product(first, read)
    filled = total.notna()
    total = total.fillna(0.0)
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        value = _product(term, read)
        filled |= value.notna()
        total = total + value.fillna(0.0) if sign == "+" else total - value.fillna(0.0)
    cells = total.round(6).astype(object).where(filled, None)
    for part, (_, bad) in read.items():
        cells = cells.where(~bad, frame[sides[part]])
    return cells


def _product(term: str, read: dict[str, tuple[pd.Series, pd.Series]]) -> pd.Series:
    first, *rest = _FACTORS.split(term)
    value = read[first][0].astype("float64")
    for times, part in zip(rest[::3], rest[2::3], strict=True):
        other = read[part][0].astype("float64")
        value = value * other if times else value / other.where(other != 0)
    return value
