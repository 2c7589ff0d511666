"""Days written as figures that count from 1970: the seconds or milliseconds of programs and web shops."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

START = date(1970, 1, 1)
DAY, HOUR, QUARTER = 86_400, 3_600, 900  # seconds
_UNITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}  # figures → how many of the unit make a second
_FIGURES = re.compile(r"(\d{10}|\d{13}|\d{16}|\d{19})(?:\.\d+)?")
FEWEST = 3  # different moments from which their time of day shows a time zone


def moment(text: str, today: date) -> tuple[int, int] | None:
    """The whole days since 1970 and the second of the day, by Greenwich time; None for other figures.

    Figures of a day over a year ahead are none: 2024011512 is an hour of January 2024.
    """
    found = _FIGURES.fullmatch(text)
    if not found:
        return None
    seconds = int(found[1]) // _UNITS[len(found[1])]
    days, second = divmod(seconds, DAY)
    return (days, second) if days <= (today - START).days + 366 else None


def of_midnights(seconds: Iterable[int]) -> bool:
    """Whether the seconds of the day are midnight in another time zone: one and the same throughout, or two
    an hour apart, in summer and in winter.
    """
    found = set(seconds)
    if found == {0} or any(second % QUARTER for second in found):
        return False
    apart = max(found) - min(found)
    return len(found) == 1 or (len(found) == 2 and apart in (HOUR, DAY - HOUR))


def day_of(days: int, second: int, midnights: bool) -> date:
    """The day of a moment: by Greenwich time, or the one that begins with it where it is a midnight."""
    return START + timedelta(days=days + (midnights and 2 * second > DAY))
