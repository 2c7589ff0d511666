"""What the cells of one date column say together: the order of day and month, short years, months, swaps.

A single cell such as 3/4/24 says little; the column decides. All work is done once for each distinct cell.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from kamplay.intake.values import unix_time
from kamplay.intake.values.month_names import MONTHS
from kamplay.intake.values.month_names import NAME as _NAME

Order = Literal["day", "month", "year"]  # which part of the date comes first
ORDERS: tuple[Order, ...] = ("day", "month", "year")
Shape = Literal[
    "typed",
    "serial",
    "iso",
    "named",
    "numeric",
    "short",
    "short_named",
    "unix",
    "period",
    "quarter",
    "format",
]
BLANK = {"", "-", "—", "–", "/", "n/a", "na", "null", "none", "nan", "#n/a", "无"}
EARLIEST = 1900  # a year before it is a slip: 0024 for 2024
DAYS_1904 = 1462  # from the day that a workbook of 1900 counts from to that of a workbook of 1904
SWAP_CHANCE = 1e-6  # how rarely honest dates may look as if Excel had swapped them, for a swap to be certain
MANY, FEW = 15, 3  # different figures of a part of a short date: of days in an export, and of its years
SWAP_ASKED = 1e-2  # … and for it to be asked about
_ZONE = r"(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_ORDINAL = r"(?:st|nd|rd|th|er|º|°)?"
_CLOCK = r"\d{1,2}(?:[:时点]\d{1,2}(?:[:分]\d{1,2}(?:[.,]\d+)?秒?)?分?)\s*(?:[ap]\.?m\.?)?"
_TIME = rf"(?:(?:[T ]|(?<=日))\s*(?:上午|下午)?\s*{_CLOCK}{_ZONE})?"
_DAY_NAME = r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
_YEAR_FIRST = re.compile(
    rf"(\d{{4}})\s?([-/.年])\s?(\d{{1,2}})\s?(\2|月)\s?(\d{{1,2}})\s?日?{_DAY_NAME}{_TIME}", re.IGNORECASE
)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.IGNORECASE)
_SHORT = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.IGNORECASE)
_SHORT_CHINESE = re.compile(rf"(\d{{2}})年(\d{{1,2}})月(\d{{1,2}})日?{_DAY_NAME}{_TIME}", re.IGNORECASE)
_REPUBLIC = re.compile(
    rf"(?:民国|民國)?\s?(1[0-4]\d|\d{{2}})([-/.年])(\d{{1,2}})(?:\2|月)(\d{{1,2}})日?{_TIME}"
)
_REPUBLIC_FIGURES = re.compile(r"(1[0-4]\d)(0[1-9]|1[0-2])([0-3]\d)")
_WEEKDAY = re.compile(
    r"^(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?|Mo|Di|Mi|Do|Fr|Sa|So|"
    r"(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
    r"[.,]*\s+(?=\w*\d|\w+\s\d)",
    re.IGNORECASE,
)
_NAMED = (
    re.compile(
        rf"(?P<day>\d{{1,2}}){_ORDINAL}[-/. ]\s*(?:de\s+)?{_NAME}[-/., ]\s*(?:del?\s+)?"
        rf"(?P<year>\d{{4}}){_TIME}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_NAME}[-/. ]\s*(?P<day>\d{{1,2}}){_ORDINAL}[-/., ]\s*(?P<year>\d{{4}}){_TIME}", re.IGNORECASE
    ),
    re.compile(rf"(?P<year>\d{{4}})[-/. ]{_NAME}[-/. ](?P<day>\d{{1,2}}){_TIME}", re.IGNORECASE),
)
_SHORT_NAMED = re.compile(
    rf"(?P<first>\d{{1,2}})[-/. ]\s*{_NAME}[-/., ]\s*'?(?P<last>\d{{2}}){_TIME}", re.IGNORECASE
)
_PERIODS = (
    re.compile(r"(?P<year>\d{4})\s?(?:[-/.年M]|\s)\s?(?P<month>\d{1,2})\s?月?份?", re.IGNORECASE),
    re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])"),
    re.compile(r"(?P<month>\d{1,2})\s?[-/.]\s?(?P<year>\d{4})"),
    re.compile(rf"{_NAME}\s?[-/., ]?\s?(?:del?\s)?(?P<year>\d{{4}})", re.IGNORECASE),
    re.compile(rf"(?P<year>\d{{4}})\s?[-/., ]?\s?{_NAME}", re.IGNORECASE),
    re.compile(r"(?P<short>\d{2})年(?P<month>\d{1,2})月份?"),
    re.compile(rf"{_NAME}\s?[-/. ]?\s?'(?P<short>\d{{2}})", re.IGNORECASE),
    re.compile(
        rf"{_NAME}\s?[-/. ]\s?(?P<short>\d{{2}})", re.IGNORECASE
    ),  # 24 may be a day: the column decides
)
_MAYBE_DAY = _PERIODS[-1]
LAST_MONTHS = 16  # accounting systems close a year in periods 13 to 16, which lie in its last month
_NUMBERED_PERIODS = (  # 001.2024 and 2024001
    re.compile(r"(?P<month>0\d\d)\s?[-/.]\s?(?P<year>(?:19|20)\d\d)"),
    re.compile(r"(?P<year>(?:19|20)\d\d)\s?[-/.]?\s?(?P<month>0\d\d)"),
)
_YEAR = r"(?:(?P<year>(?:19|20)\d\d)|'?(?P<short>\d\d))"
_QUARTER = r"(?:quarter|quartal|trimestre|qtr\.?|q|t)"
_QUARTERS = (
    re.compile(rf"(?P<year>(?:19|20)\d\d)\s?[-/._年]?\s?{_QUARTER}\s?(?P<quarter>[1-4])", re.IGNORECASE),
    re.compile(rf"{_QUARTER}\s?(?P<quarter>[1-4])\s?[-/._]?\s?{_YEAR}", re.IGNORECASE),
    re.compile(
        rf"(?P<quarter>[1-4])(?:st|nd|rd|th|er|e|\.|º)?\s?{_QUARTER}\s?[-/._]?\s?{_YEAR}", re.IGNORECASE
    ),
    re.compile(rf"{_YEAR}\s?[-/年]?\s?第?\s?(?P<quarter>[1-4一二三四])\s?季度?"),
)
_MOMENT = re.compile(r"((?:19|20)\d{6})[T ]?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")  # 20240115103000


@dataclass(frozen=True)
class DateRules:
    """What is known of a date column beside its cells.

    Attributes
    ----------
    date1904 : bool
        The workbook counts days from 1904.
    format : str, optional
        The engagement's own ``date_format`` for the column, as ``strptime`` takes it.
    """

    date1904: bool = False
    format: str | None = None


AS_FOUND = DateRules()


class _Cell(NamedTuple):
    shape: Shape
    parts: tuple[int, int, int]  # typed, serial, iso, named: year, month, day; else as they are written
    digits: tuple[int, int] = (2, 2)  # of the first and the last figure: a year has two at least
    maybe_day: bool = False


class Swap(NamedTuple):
    """Dates whose day and month Excel has swapped, as places in the list of distinct cells."""

    cells: tuple[int, ...]
    text: int  # a text cell that proves the order
    certain: bool


@dataclass
class DateColumn:
    """How the distinct cells of one date column are read.

    Attributes
    ----------
    days : list of date or None
        For each distinct cell.
    causes : dict of int to str
        Why a filled cell is not read: the code of its fault.
    shapes : list of str or None
        The way each cell is written.
    likely : Order
        The order that short dates seem to have where their century is open.
    order, proof
        Which part comes first in figures such as 3/4/2024, and the cell that proves it.
    conflict
        Two cells that prove different orders.
    swap : Swap, optional
        Typed dates with day and month swapped.
    short : tuple of int
        Cells with two-digit years that were read.
    periods, quarters : tuple of int
        Cells that name a month or a quarter, read as its last day.
    midnights : bool, optional
        Whether Unix times are midnights of another time zone than Greenwich's; None without any.
    """

    days: list[date | None]
    causes: dict[int, str] = field(default_factory=dict)
    shapes: list[Shape | None] = field(default_factory=list)
    order: Order | None = None
    likely: Order = "month"
    proof: int | None = None
    conflict: tuple[int, int] | None = None
    swap: Swap | None = None
    short: tuple[int, ...] = ()
    periods: tuple[int, ...] = ()
    quarters: tuple[int, ...] = ()
    midnights: bool | None = None


def plain(text: str) -> str:
    """Write full-width and foreign figures as 0 to 9, without outer and invisible characters."""
    text = unicodedata.normalize("NFKC", text)
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return text.replace("\u200b", "").strip().lstrip("'").strip()


def read_dates(
    cells: Sequence[object], texts: Sequence[str], rules: DateRules, counts: Sequence[int], today: date
) -> DateColumn:
    """Read the distinct cells of one column.

    Parameters
    ----------
    cells, texts : sequence
        The distinct cells as they stand and as text.
    rules : DateRules
        What is known beside the cells.
    counts : sequence of int
        How many rows hold each.
    today : date
        Two-digit years up to the next one are of this century.
    """
    found = [_cell(cell, text, rules, today) for cell, text in zip(cells, texts, strict=True)]
    column = DateColumn([None] * len(found), shapes=[c.shape if c else None for c in found])
    for number, (cell, text) in enumerate(zip(found, texts, strict=True)):
        if cell is None:
            if text.strip().casefold() not in BLANK:
                column.causes[number] = "date_not_in_format" if rules.format else "unreadable_date"
        elif cell.shape in FIXED or cell.shape == "format":
            _set(column, number, cell.parts)
    at = {shape: [n for n, c in enumerate(found) if c and c.shape == shape] for shape in ALL_SHAPES}
    parts = {n: c.parts for n, c in enumerate(found) if c}
    _numeric(column, at["numeric"], parts)
    _short(column, at["short"], found, (today.year + 1) % 100)
    _short_named(column, at["short_named"], found, (today.year + 1) % 100)
    _unix(column, at["unix"], parts)
    _months(column, at["period"], at["quarter"], found, today)
    _swapped(column, at, counts)
    return column


FIXED: tuple[Shape, ...] = ("typed", "serial", "iso", "named")  # year, month and day are told apart
ALL_SHAPES: tuple[Shape, ...] = (
    *FIXED,
    *("numeric", "short", "short_named", "unix", "period", "quarter", "format"),
)


def _cell(cell: object, text: str, rules: DateRules, today: date) -> _Cell | None:
    if isinstance(cell, date):
        return _Cell("typed", (cell.year, cell.month, cell.day)) if cell == cell else None
    if text.strip().casefold() in BLANK:
        return None
    words = plain(text)
    if rules.format:
        return _formatted(words, rules.format)
    if re.fullmatch(r"(?:\d{6}|\d{8}|\d{12,14})\.0+", words):
        words = words.partition(".")[0]  # 20240113.0: a whole number that a program wrote as a decimal
    if re.fullmatch(r"\d{5}(\.\d+)?", words):
        return _serial(float(words), rules)
    if since_1970 := unix_time.moment(words, today):
        return _Cell("unix", (*since_1970, 0))
    words = _WEEKDAY.sub("", words)
    if (found := _REPUBLIC.fullmatch(words)) and (len(found[1]) == 3 or words.startswith("民")):
        return _Cell("iso", (int(found[1]) + 1911, int(found[3]), int(found[4])))
    if found := _REPUBLIC_FIGURES.fullmatch(words):
        return _Cell("iso", (int(found[1]) + 1911, int(found[2]), int(found[3])))
    if found := _YEAR_FIRST.fullmatch(words):
        if (found[2] == "年") != (found[4] == "月"):
            return None
        return _Cell("iso", (int(found[1]), int(found[3]), int(found[5])))
    if found := _MOMENT.fullmatch(words):
        words = found[1]
    if re.fullmatch(r"(19|20)\d{6}", words):
        return _Cell("iso", (int(words[:4]), int(words[4:6]), int(words[6:])))
    if found := _YEAR_LAST.fullmatch(words):
        return _Cell("numeric", (int(found[1]), int(found[3]), int(found[4])))
    for pattern in _NAMED:
        if found := pattern.fullmatch(words):
            return _Cell("named", (int(found["year"]), _month(found["name"]), int(found["day"])))
    if found := _SHORT_CHINESE.fullmatch(words):
        return _Cell("short", (int(found[1]), int(found[2]), int(found[3])), (2, 1))
    if (found := _SHORT.fullmatch(words)) and (len(found[1]) == 2 or len(found[4]) == 2):
        return _Cell("short", (int(found[1]), int(found[3]), int(found[4])), (len(found[1]), len(found[4])))
    if found := _SHORT_NAMED.fullmatch(words):
        return _Cell("short_named", (int(found["first"]), _month(found["name"]), int(found["last"])))
    for pattern in _PERIODS:
        if found := pattern.fullmatch(words):
            named = found.groupdict()
            month = _month(named["name"]) if named.get("name") else int(named["month"])
            year = int(named["year"]) if named.get("year") else 2000 + int(named["short"])
            if 1 <= month <= 12 and year >= EARLIEST:
                dotted = re.fullmatch(r"\d{4}\.\d{1,2}", words)
                figures = (len(words) - 5, 0) if dotted else (2, 2)
                return _Cell("period", (year, month, 0), figures, pattern is _MAYBE_DAY)
    return _numbered_period(words) or _quarter(words)


def _numbered_period(words: str) -> _Cell | None:
    for pattern in _NUMBERED_PERIODS:
        if (found := pattern.fullmatch(words)) and 1 <= int(found["month"]) <= LAST_MONTHS:
            return _Cell("period", (int(found["year"]), min(int(found["month"]), 12), 0))
    return None


def _quarter(words: str) -> _Cell | None:
    for pattern in _QUARTERS:
        if found := pattern.fullmatch(words):
            named = found.groupdict()
            quarter = "一二三四".find(named["quarter"]) + 1 or int(named["quarter"])
            year = int(named["year"] or f"20{named['short']}")
            return _Cell("quarter", (year, 3 * quarter, 0))
    return None


def _month(name: str) -> int:
    return MONTHS[name.casefold()]


def _serial(number: float, rules: DateRules) -> _Cell | None:
    """A spreadsheet's number of a day: of 1954 to 2119."""
    days = int(number) + (DAYS_1904 if rules.date1904 else 0)
    if not 20000 <= days < 80000:
        return None
    day = date(1899, 12, 30) + timedelta(days=days)
    return _Cell("serial", (day.year, day.month, day.day))


def _formatted(words: str, form: str) -> _Cell | None:
    for text in dict.fromkeys((words, re.sub(r"\.0+$", "", words))):
        try:
            day = datetime.strptime(_in_english(text) if "%b" in form.casefold() else text, form)
        except ValueError:
            continue
        if not names_day(form):
            return _Cell("period", (day.year, day.month, 0))
        return _Cell("format", (day.year, day.month, day.day))
    return None


def _in_english(words: str) -> str:
    """A date with its month in the words that a format knows: 15-févr.-24 is 15-Feb-24."""
    return re.sub(
        rf"(?<![^\W\d_]){_NAME}(?![^\W\d_])",
        lambda m: calendar.month_abbr[_month(m["name"])],
        words,
        flags=re.I,
    )


def names_day(form: str) -> bool:
    """Tell whether a ``strptime`` format names a day, not only a month."""
    return bool(re.search(r"%[djxcD]", form))


def _set(column: DateColumn, number: int, parts: tuple[int, int, int]) -> None:
    day = _day(*parts)
    if day is None:
        column.causes[number] = "unreadable_date"
    else:
        column.days[number] = day


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= EARLIEST else None
    except ValueError:
        return None


def _numeric(column: DateColumn, cells: list[int], parts: dict[int, tuple[int, int, int]]) -> None:
    """3/4/2024: a part above 12 can only be the day."""
    proofs: dict[Order, int] = {}
    for number in cells:
        first, second, _ = parts[number]
        if first > 12 >= second:
            proofs.setdefault("day", number)
        elif second > 12 >= first:
            proofs.setdefault("month", number)
    if len(proofs) == 2:
        column.conflict = (proofs["day"], proofs["month"])
    elif proofs:
        ((column.order, column.proof),) = proofs.items()
    for number in cells:
        first, second, year = parts[number]
        if column.order is None and first != second:
            column.causes[number] = (
                "date_orders_mixed"
                if column.conflict
                else "unreadable_date_ambiguous"
                if _day(year, first, second) and _day(year, second, first)
                else "unreadable_date"
            )
        else:
            _set(column, number, (year, second, first) if column.order == "day" else (year, first, second))


def _as_order(parts: tuple[int, int, int], order: Order) -> tuple[int, int, int]:
    """Year (of two digits), month and day of three figures in this order."""
    one, two, three = parts
    return {"day": (three, two, one), "month": (three, one, two), "year": (one, two, three)}[order]


def _short(column: DateColumn, cells: list[int], found: list[_Cell | None], last: int) -> None:
    """1/13/24: the order that gives a date for every cell, if it is one alone and its years are of this
    century.
    """
    orders = ORDERS
    dates = {
        n: {o: day for o in ORDERS if (day := _short_day(cell, o)) is not None}
        for n in cells
        if (cell := found[n])
    }
    sound = [n for n in cells if dates[n]]
    for number in cells:
        column.causes[number] = "unreadable_date"
    if not sound:
        return
    possible = [o for o in orders if all(o in dates[n] for n in sound)]
    possible = [o for o in possible if column.order in (None, o)]
    clear = [o for o in possible if all(dates[n][o].year <= 2000 + last for n in sound)]
    left = _plausible(clear, [dates[n] for n in sound])
    if len(left) == 1:
        (order,) = left
        if column.order is None:
            column.order = order
            column.proof = next((n for n in sound if len(dates[n]) == 1), None)
        for number in sound:
            column.days[number] = dates[number][order]
            del column.causes[number]
        column.short += tuple(sound)
        return
    column.likely = possible[0] if possible else "day"
    if not possible:
        proofs = [next((n for n in sound if o not in dates[n]), None) for o in ("month", "day")]
        if column.conflict is None and proofs[0] is not None and proofs[1] is not None:
            column.conflict = (proofs[0], proofs[1])
        elif column.conflict is None and column.proof is not None:
            column.conflict = (column.proof, next(n for n in sound if column.order not in dates[n]))
    cause = (
        "unreadable_date_ambiguous"
        if clear
        else "unreadable_date_short_year"
        if possible or column.conflict is None
        else "date_orders_mixed"
    )
    for number in sound:
        column.causes[number] = cause


def _short_day(cell: _Cell, order: Order) -> date | None:
    year, month, day = _as_order(cell.parts, order)
    return _day(2000 + year, month, day) if cell.digits[0 if order == "year" else 1] == 2 else None


def _plausible(orders: list[Order], written: list[dict[Order, date]]) -> list[Order]:
    """Without the orders whose years would be a month's days: many of them, on two or three days, where with
    the year at the other end there are many days in a few years.
    """
    days = {o: len({dates[o].day for dates in written}) for o in orders}
    years = {o: len({dates[o].year for dates in written}) for o in orders}

    def mistaken(order: Order) -> bool:
        others = [o for o in orders if (o == "year") != (order == "year")]
        return years[order] >= MANY and days[order] <= FEW and any(years[o] <= FEW for o in others)

    return [o for o in orders if not mistaken(o)]


def _short_named(column: DateColumn, cells: list[int], found: list[_Cell | None], last: int) -> None:
    """13-Jan-24; 24-Jan-13 only where the first figures cannot be days, or stay the same few throughout."""
    orders: tuple[Order, ...] = ("day", "year")
    dates = {
        n: {o: day for o in orders if (day := _short_day(cell, o)) is not None}
        for n in cells
        if (cell := found[n])
    }
    sound = [n for n in cells if dates[n]]
    fits = [o for o in orders if all(o in dates[n] and dates[n][o].year <= 2000 + last for n in sound)]
    left = _plausible(fits, [dates[n] for n in sound])
    for number in cells:
        if not dates[number]:
            column.causes[number] = "unreadable_date"
        elif left:
            column.days[number] = dates[number][left[0]]
        else:
            column.causes[number] = "unreadable_date_short_year"
    column.short += tuple(n for n in cells if column.days[n])


def _unix(column: DateColumn, cells: list[int], parts: dict[int, tuple[int, int, int]]) -> None:
    """1705276800 is 2024-01-15 by Greenwich time; where all are midnights elsewhere, the day that begins."""
    seconds = [parts[n][1] for n in cells]
    if cells:
        column.midnights = len(cells) >= unix_time.FEWEST and unix_time.of_midnights(seconds)
    for number in cells:
        days, second, _ = parts[number]
        column.days[number] = unix_time.day_of(days, second, bool(column.midnights))


def _months(
    column: DateColumn, months: list[int], quarters: list[int], found: list[_Cell | None], today: date
) -> None:
    """2024年1月 is a month and 2024Q1 a quarter: read as the last day where the whole column is alike."""
    cells = months or quarters
    whole = any(day is not None for day in column.days) or any(
        c and c.shape in ("numeric", "short", "short_named") for c in found
    )
    open_years = {c.parts[0] for n in cells if (c := found[n]) and c.maybe_day}
    # Jan-13 to Jan-31 are days without a year
    days = open_years and (max(open_years) > today.year + 1 or max(open_years) - min(open_years) > 15)
    short = {c.parts[1] for n in cells if (c := found[n]) and c.digits == (1, 0)}
    long = any(c.parts[1] < 10 and c.digits == (2, 0) for n in cells if (c := found[n]))
    for number in cells:
        cell = found[number]
        if cell is None:
            continue
        year, month, _ = cell.parts
        if short == {1} and long and cell.digits == (1, 0):
            month = 10  # beside 2024.01 a 2024.1 is 2024.10 that went through a number
        if whole:
            column.causes[number] = "date_period_mixed"
        elif days and cell.maybe_day:
            column.causes[number] = "unreadable_date"
        else:
            column.days[number] = date(year, month, calendar.monthrange(year, month)[1])
    if months:
        column.causes |= dict.fromkeys(quarters, "date_period_mixed")
    read = tuple(n for n in cells if column.days[n])
    column.periods, column.quarters = (read, ()) if months else ((), read)


def _swapped(column: DateColumn, at: dict[Shape, list[int]], counts: Sequence[int]) -> None:
    """Find what Excel does to 07/01/2024 in another country's settings: the days to 12 become true dates with
    day and month swapped, the others stay text.

    So no true date lies after the 12th, and the text cells all do. How often honest dates would look like
    that is reckoned from the days of a month, and the swapped dates must lie where the text ones do.
    """
    texts = [n for shape in ("numeric", "short", "format") for n in at[shape] if column.days[n]]
    fixed = [n for shape in FIXED for n in at[shape] if column.days[n]]
    if not texts or not fixed or (column.order not in ("day", "month") and not at["format"]):
        return
    days = {n: day for n in [*fixed, *texts] if (day := column.days[n])}
    late = [n for n in fixed if days[n].day > 12]
    early = [n for n in texts if days[n].day <= 12]
    chance = (12 / 30.4) ** len({days[n] for n in fixed}) * (18.4 / 30.4) ** len({days[n] for n in texts})
    few = 0.03 if min(len(fixed), len(texts)) >= 20 else 0  # cells that somebody has mended since
    if chance > SWAP_ASKED or len(late) > few * len(fixed) or len(early) > few * len(texts):
        return
    turned = {n: date(days[n].year, days[n].day, days[n].month) for n in fixed if n not in late}
    months = {(days[n].year, days[n].month) for n in texts}
    inside = sum(counts[n] for n, day in turned.items() if (day.year, day.month) in months)
    before = sum(counts[n] for n in turned if (days[n].year, days[n].month) in months)
    certain = chance <= SWAP_CHANCE and inside >= before and not late and not early
    column.swap = Swap(tuple(turned), texts[0], certain)
    for number, day in turned.items():
        if certain:
            column.days[number] = day
        else:
            column.days[number] = None
            column.causes[number] = "date_swap_unsure"


def shapes(texts: Sequence[str]) -> list[Shape | None]:
    """Give the way in which each text is written as a date; None where it is none."""
    today = datetime.now().date()
    found = (_cell(text, text, AS_FOUND, today) for text in texts)
    return [cell.shape if cell else None for cell in found]


def ways(text: str) -> list[tuple[Order, date]]:
    """Give the orders in which a date in figures can be read, each with its day; the usual ones first."""
    words = plain(text)
    if found := _YEAR_LAST.fullmatch(words):
        one, two, year = int(found[1]), int(found[3]), int(found[4])
        read: list[tuple[Order, date | None]] = [
            ("day", _day(year, two, one)),
            ("month", _day(year, one, two)),
        ]
    elif found := _SHORT.fullmatch(words):
        cell = _Cell("short", (int(found[1]), int(found[3]), int(found[4])), (len(found[1]), len(found[4])))
        read = [(order, _short_day(cell, order)) for order in ORDERS]
    else:
        return []
    return [(order, day) for order, day in read if day]


def both_ways(text: str) -> tuple[date, date] | None:
    """Give the first two days that a date in figures can be; None where it is one day alone."""
    days = list(dict.fromkeys(day for _, day in ways(text)))
    return (days[0], days[1]) if len(days) > 1 else None


def format_of(text: str, order: Order) -> str:
    """Give the ``strptime`` format of a date in figures or with a month's name, for a setting to paste."""
    words = plain(text)
    if found := _YEAR_LAST.fullmatch(words):
        mark, year = found[2], "%Y"
    elif found := _SHORT.fullmatch(words):
        mark, year = found[2], "%y"
    elif _SHORT_NAMED.fullmatch(words) and (marks := re.findall(r"[-/. ]", words)):
        return f"%d{marks[0]}%b{marks[-1]}%y"
    else:
        return "%d.%m.%Y"
    return {
        "day": f"%d{mark}%m{mark}{year}",
        "month": f"%m{mark}%d{mark}{year}",
        "year": f"{year}{mark}%m{mark}%d",
    }[order]
