"""Days and amounts as people type them into settings: 30 June 2026, 30/06/2026, 3,000,000, 3M, 150万."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date

_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_EIGHT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]+)\.?,?[ -](\d{4}))"
    r"|(?:([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}))"
)
_MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}|\d+(?:\.\d+)?)\s*(\w*)")
_TIMES = {
    "": 1,
    "k": 1e3,
    "千": 1e3,
    "thousand": 1e3,
    "万": 1e4,
    "萬": 1e4,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "億": 1e8,
    "bn": 1e9,
    "billion": 1e9,
}


def day_of(text: str) -> date:
    """The day that is meant. Raises ValueError ``date_unreadable``, or ``date_two_ways`` for 03/06/2026."""
    words = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    try:
        if found := _YEAR_FIRST.fullmatch(words) or _EIGHT.fullmatch(words):
            return date(*map(int, found.groups()))
        if found := _YEAR_LAST.fullmatch(words):
            one, other, year = int(found[1]), int(found[3]), int(found[4])
            if found[2] != "." and one != other and max(one, other) <= 12:
                either = {"one": date(year, other, one), "other": date(year, one, other)}
                raise ValueError("date_two_ways", {name: day.isoformat() for name, day in either.items()})
            return date(year, other, one) if other <= 12 else date(year, one, other)
        if found := _NAMED.fullmatch(words):
            day, month, year_ = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
            return date(int(year_), _MONTHS[month], int(day))
        return date.fromisoformat(text)
    except (ValueError, KeyError) as error:
        if error.args[:1] == ("date_two_ways",):
            raise
        raise ValueError("date_unreadable") from None


def number_of(text: str) -> float:
    """The number that is meant, with its thousands marks and its unit. Raises ValueError where it is none."""
    words = unicodedata.normalize("NFKC", text).strip().lower().removesuffix("元")
    found = _NUMBER.fullmatch(words)
    if not found or found[3] not in _TIMES:
        return float(text)
    digits = found[2].replace(",", "")
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    return float(f"{found[1]}{digits}") * _TIMES[found[3]]
