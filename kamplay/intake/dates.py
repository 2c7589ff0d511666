"""Dates as people and systems write them.

Day-first or month-first is decided by evidence in the column, and said; without evidence nothing is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pandas as pd

Order = Literal["day", "month"]
EARLIEST = 1900  # a year before it is a slip: 0024 for 2024
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ZONE = r"(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_CLOCK = r"\d{1,2}(?:[:时点]\d{1,2}(?:[:分]\d{1,2}(?:[.,]\d+)?秒?)?分?)\s*(?:[ap]\.?m\.?)?"
_TIME = rf"(?:(?:[T ]|(?<=日))\s*(?:上午|下午)?\s*{_CLOCK}{_ZONE})?"
_DAY_NAME = r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s?([-/.年])\s?(\d{{1,2}})\s?(\2|月)\s?(\d{{1,2}})\s?日?{_DAY_NAME}{_TIME}", re.IGNORECASE)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.IGNORECASE)
_NAMED = (
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]\s*{_NAME}[-/., ]\s*(?P<year>\d{{4}}){_TIME}", re.IGNORECASE),
    re.compile(rf"{_NAME}[-/. ]\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/., ]\s*(?P<year>\d{{4}}){_TIME}", re.IGNORECASE),
    re.compile(rf"(?P<year>\d{{4}})[-/. ]{_NAME}[-/. ](?P<day>\d{{1,2}}){_TIME}", re.IGNORECASE),
)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}|\d{1,2}[-/. ][a-z]{3,9}[-/. ]\d{2}|\d{2}年\d{1,2}月\d{1,2}日", re.IGNORECASE)


@dataclass(frozen=True)
class Evidence:
    """Which of day and month comes first, and the cell that proves it; without an order ``proof`` is None or there is proof of both."""

    order: Order | None = None
    proof: str | None = None


def evidence(texts: Iterable[str]) -> Evidence:
    """What the distinct cells of one column prove: a part above 12 can only be the day."""
    proofs: dict[Order, str] = {}
    for text in texts:
        if found := _YEAR_LAST.fullmatch(_plain(text)):
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second:
                proofs.setdefault("day", text)
            elif second > 12 >= first:
                proofs.setdefault("month", text)
    if len(proofs) == 1:
        ((order, proof),) = proofs.items()
        return Evidence(order, proof)
    return Evidence()


def readings(text: str) -> tuple[date, date] | None:
    """``(day first, month first)`` of a date that can be read both ways and differs."""
    found = _YEAR_LAST.fullmatch(_plain(text))
    if not found or found[1] == found[3] or not (1 <= int(found[1]) <= 12 and 1 <= int(found[3]) <= 12):
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    return (date(year, second, first), date(year, first, second)) if first != second and year else None


def short_year(text: str) -> bool:
    """Whether this is a date whose year has two digits."""
    return bool(_SHORT_YEAR.fullmatch(_plain(text)))


def one_date(text: str, order: Order | None) -> pd.Timestamp | None:
    """The day that ``text`` names, without its time; None when it names none, or one of two."""
    try:
        found = _parts(_plain(text), order)
        return pd.Timestamp(date(*found)) if found and found[0] >= EARLIEST else None
    except (ValueError, OverflowError):
        return None


def _parts(plain: str, order: Order | None) -> tuple[int, int, int] | None:
    if found := _YEAR_FIRST.fullmatch(plain):
        return (int(found[1]), int(found[3]), int(found[5])) if (found[2] == "年") == (found[4] == "月") else None
    if found := _YEAR_LAST.fullmatch(plain):
        one, two, year = int(found[1]), int(found[3]), int(found[4])
        if order is None and one != two:
            return None
        return (year, two, one) if order == "day" else (year, one, two)
    for pattern in _NAMED:
        if found := pattern.fullmatch(plain):
            return int(found["year"]), MONTHS.index(found["name"][:3].lower()) + 1, int(found["day"])
    if re.fullmatch(r"(19|20)\d{6}", plain):
        return int(plain[:4]), int(plain[4:6]), int(plain[6:])
    if re.fullmatch(r"\d{5}(\.\d+)?", plain) and 20000 <= float(plain) < 80000:  # an Excel serial: 1954 to 2119
        day = date(1899, 12, 30) + timedelta(days=int(float(plain)))
        return day.year, day.month, day.day
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u200b", "").strip()
