"""Periods as people write them in settings: 2025, 2025Q3, 2025-07, 2025-07..2025-12."""

from __future__ import annotations

import re
from datetime import date, timedelta

_ONE = re.compile(r"(?P<year>\d{4})(?:-?(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.IGNORECASE)


def period_dates(text: str) -> tuple[date, date]:
    """First and last day of a period. Raises ValueError for anything that is none, or that ends before it
    starts.
    """
    first, dots, last = text.strip().partition("..")
    start, end = _one(first)
    if dots:
        end = _one(last)[1]
    if end < start:
        raise ValueError(text)
    return start, end


def _one(text: str) -> tuple[date, date]:
    found = _ONE.fullmatch(text.strip())
    if not found or not 1900 <= int(found["year"]) <= 2200:
        raise ValueError(text)
    year = int(found["year"])
    if found["quarter"]:
        first_month, months = 3 * int(found["quarter"]) - 2, 3
    elif found["month"]:
        first_month, months = int(found["month"]), 1
    else:
        first_month, months = 1, 12
    after = first_month + months
    return date(year, first_month, 1), date(year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
