"""Headers that name a month: Jan-24, 2024年1月, 202401, 2024-01, 1月 under 2024年."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kamplay.intake.values.month_names import MONTHS, NAME

FEWEST = 3  # months side by side that make a table with months as columns
_NAME = rf"{NAME}(?![^\W\d_])"
_CHINESE = {word: number for number, word in enumerate([*"一二三四五六七八九十", "十一", "十二"], start=1)}
_YEAR, _MONTH = r"(?P<year>(?:19|20)\d\d)", r"(?P<month>1[0-2]|0?[1-9])"
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T]00:00(?::00)?)?")
_DATED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}\s*年\s*{_MONTH}\s*月份?",
        rf"(?<!\d){_YEAR}\s*[-/.]\s*{_MONTH}(?![\d.]|[-/]\d)",
        rf"(?<!\d){_YEAR}(?P<month>0[1-9]|1[0-2])(?:\.0)?(?!\d)",
        rf"(?<![\d/.-]){_MONTH}\s*[-/.]\s*{_YEAR}(?!\d)",
        rf"(?<![^\W\d_]){_NAME}\s*[-/.,' ]*\s*{_YEAR}(?!\d)",
        rf"(?<![^\W\d_]){_NAME}\s*[-/.' ]\s*'?(?P<short>\d\d)(?!\d)",
        rf"(?<!\d){_YEAR}\s*[-/. ]\s*{_NAME}",
        rf"(?<!\d){_YEAR}\s*年?\s*(?P<chinese>十[一二]?|[一二三四五六七八九])\s*月份?",
        rf"(?<!\d){_YEAR}\s*年?\s*(?P<month>1[0-2]|0?[1-9])\s*月份?",
    )
]
_YEARLESS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\d年]){_MONTH}\s*月份?",
        r"(?<![一二三四五六七八九十年])(?P<chinese>十[一二]?|[一二三四五六七八九])月份?",
        rf"(?<![^\W\d_]){_NAME}(?!\s*[-/.' ]?\s*\d)",
    )
]
_ONLY_YEAR = re.compile(r"(?:FY\s*)?((?:19|20)\d\d)(?:\.0)?\s*年?度?", re.IGNORECASE)
_PERIOD = re.compile(
    r"(?:FY\s*)?(?:19|20)\d\d(?:\.0)?\s*年?度?(?:[\s/-]*(?:Q[1-4]|[1-4]Q|第?[一二三四1-4]季度?))?"
    r"|(?:Q[1-4]|[1-4]Q)[\s/'-]*(?:20)?\d\d",
    re.IGNORECASE,
)
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


@dataclass(frozen=True)
class Month:
    """A header that names a month: its first day, or the day itself where days stand in the headers; ``year``
    0 where it names none; and what else it says (金额).
    """

    year: int
    month: int
    day: int | None
    rest: str


def month_of(header: str) -> Month | None:
    """The month that a header names, or None."""
    text = unicodedata.normalize("NFKC", header).strip()
    if not text or len(text) > 40:
        return None
    if found := _DAY.fullmatch(text):
        try:
            whole = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return None
        return Month(whole.year, whole.month, whole.day, "")
    for pattern in (*_DATED, *_YEARLESS):
        if found := pattern.search(text):
            named = found.groupdict()
            year = int(named.get("year") or (f"20{named['short']}" if named.get("short") else 0))
            rest = (text[: found.start()] + text[found.end() :]).strip(" -_/.:·|'")
            if not year and len(rest) > 12:  # May I …
                return None
            return Month(year, _number(named), None, rest)
    return None


def _number(named: dict[str, str | None]) -> int:
    if named.get("month"):
        return int(str(named["month"]))
    if named.get("chinese"):
        return _CHINESE[str(named["chinese"])]
    return MONTHS[str(named["name"]).casefold()]


def names_period(header: str) -> bool:
    """Whether a header names a quarter or a year: 2024Q1, 2024年一季度, FY2024."""
    return bool(_PERIOD.fullmatch(unicodedata.normalize("NFKC", header).strip()))


def year_in(texts: Iterable[str]) -> int | None:
    """The one year that titles, the sheet's or the file's name give; None without one or with several."""
    years = {int(year) for text in texts for year in _ANY_YEAR.findall(unicodedata.normalize("NFKC", text))}
    return years.pop() if len(years) == 1 else None


def count_months(cells: Sequence[str]) -> int:
    """How many different months a row of cells names; each with what else it says."""
    return len({(m.year, m.month, m.day, m.rest) for cell in cells if (m := month_of(cell))})


def joined(upper: Sequence[str], lower: Sequence[str]) -> list[str] | None:
    """Names of a header of two lines: years over months, or months over what stands under them.

    A year or month stands once, over all columns to its right up to the next. None where the two rows are no
    such header.
    """
    under_years = sum(bool(_ONLY_YEAR.fullmatch(cell)) for cell in upper)
    yearless = sum(bool((m := month_of(cell)) and not m.year) for cell in lower)
    years_over_months = under_years >= 1 and yearless >= FEWEST
    over = [bool(month_of(cell)) for cell in upper]
    words = [bool(cell) and not re.search(r"\d", cell) for cell in lower]
    months_over_words = sum(over) >= FEWEST and sum(
        not up and word for up, word in zip(upper, words, strict=True)
    ) >= sum(over)
    if not years_over_months and not months_over_words:
        return None
    names, carried = [], ""
    for up, low in zip(upper, lower, strict=True):
        if up:
            carried = up if _ONLY_YEAR.fullmatch(up) or month_of(up) else ""
        year = _ONLY_YEAR.fullmatch(carried) if years_over_months else None
        found = month_of(low) if year else None
        if year and found:
            names.append(f"{year[1]}年{low}" if "月" in low else f"{low} {year[1]}")
        elif months_over_words and carried and low:
            names.append(f"{carried} {low}")
        else:
            names.append(low or up)
    return names
