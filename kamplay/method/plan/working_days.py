"""Working days: weekends, public holidays and the days that are worked in their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

YEARS_BEFORE = 3  # years in a row that show that a government moves working days every year
NEW_YEAR_DAYS = 8  # off from New Year's Eve on in China, as in 2025; 2024 and 2026 had more
GIVEN_UP = frozenset({"TW"})  # moved them until 2025, and no more
LOOKED_AHEAD = 400  # days: the contracts of a year, and a month
PLANNED_DAYS = 366  # from the reporting date to the issue; older data are a case from the past


def plan_day(as_of: date, issued: date | None) -> date:
    """The day from which all that is to be done is dated: the day of issue, as nothing can be done before it;
    with data that are older than PLANNED_DAYS by then, or where it is not known, the data's reporting date
    ``as_of``.
    """
    if issued is None or not as_of <= issued <= as_of + timedelta(days=PLANNED_DAYS):
        return as_of
    return issued


@dataclass(frozen=True)
class WorkingDays:
    """The working days of a stretch of time.

    Attributes
    ----------
    country : its holidays hold; None: Monday to Friday, no holiday is known.
    first, last : the stretch, both included.
    days : the working days in it, in order.
    holidays : the days in it that are off though they are no weekend.
    made_up : the days in it that are worked though they are a weekend (调休上班).
    unannounced : years of it whose days off are not settled yet: holidays by the law alone, without the
        working days that are moved; or by the moon, estimated.
    assumed : the days around China's New Year in it that are taken as off, though not announced.
    """

    country: str | None
    first: date
    last: date
    days: tuple[date, ...]
    holidays: tuple[date, ...]
    made_up: tuple[date, ...]
    unannounced: tuple[int, ...]
    assumed: tuple[date, ...] = ()

    def on_or_after(self, day: date) -> date:
        """The first working day from ``day`` on. Raises ValueError where the stretch has none."""
        found = next((one for one in self.days if one >= day), None)
        if found is None or day < self.first:
            raise ValueError(f"{day} is not followed by a working day between {self.first} and {self.last}")
        return found

    def on_or_before(self, day: date) -> date:
        """The last working day up to ``day``. Raises ValueError where the stretch has none."""
        found = next((one for one in reversed(self.days) if one <= day), None)
        if found is None or day > self.last:
            raise ValueError(f"{day} is not preceded by a working day between {self.first} and {self.last}")
        return found

    def within(self, length: int) -> date:
        """The last working day within ``length`` days of ``first``, or the first of all if none is."""
        last = min(self.first + timedelta(days=length), self.last)
        return next((one for one in reversed(self.days) if one <= last), self.days[0])


@lru_cache(maxsize=64)  # the library works its years out anew, each time for 5 ms
def working_days(
    country: str | None, first: date, last: date, quiet: tuple[str, str] | None = None
) -> WorkingDays:
    """Tell the working days from ``first`` to ``last``.

    Parameters
    ----------
    country : ISO 3166 code, with its part after a hyphen where holidays differ (``GB-SCT``); None: weekends
        are Saturday and Sunday, and no holiday is known.
    quiet : the first and the last day (MM-DD) around a year's end that are off as well, where Christmas Day
        is a public holiday; None: none.

    Returns
    -------
    WorkingDays. The days are those of the library ``holidays``, which has the arrangements that governments
    announce (for China those of the State Council, with the Saturdays and Sundays that are worked). Where a
    government moved working days year after year, the years after the last that the library knows of are not
    announced, or not known yet: they are in ``unannounced``, as is a year with a holiday in the stretch that
    is marked as estimated. Of China's New Year the law has four days and the arrangements eight or nine: in
    a year that is not announced NEW_YEAR_DAYS from New Year's Eve on are off.

    Raises
    ------
    ValueError
        ``last`` is before ``first``.
    NotImplementedError
        The library does not know the country, or the part of it.
    """
    if last < first:
        raise ValueError(f"{last} is before {first}")
    stretch = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if country is None:
        days = tuple(day for day in stretch if day.weekday() < 5)
        return WorkingDays(None, first, last, days, (), (), ())
    known = _public_holidays(country, first.year, last.year)
    weekend = [day.weekday() in known.weekend for day in stretch]
    unsettled = [year for year in range(first.year, last.year + 1) if _unsettled(known, year, stretch)]
    new_year = {day for year in unsettled for day in _new_year(known, year)}
    off = new_year | {day for day in stretch if quiet and _is_quiet(known, day, *quiet)}
    works = [known.is_working_day(day) and day not in off for day in stretch]
    told = list(zip(stretch, weekend, works, strict=True))
    return WorkingDays(
        country,
        first,
        last,
        tuple(day for day, _, work in told if work),
        tuple(day for day, end, work in told if not work and not end),
        tuple(day for day, end, work in told if work and end),
        tuple(unsettled),
        tuple(day for day in stretch if day in new_year),
    )


def holidays_after(country: str | None, day: date) -> tuple[date, ...]:
    """The days after ``day`` that are off though they are no weekend, as far ahead as contracts are read."""
    return working_days(country, day, day + timedelta(days=LOOKED_AHEAD)).holidays


def _is_quiet(known: holidays.HolidayBase, day: date, begins: str, ends: str) -> bool:
    """Whether a day lies between the two (MM-DD), which may take in the end of a year, of a year in which
    Christmas Day is a public holiday.
    """
    at = f"{day:%m-%d}"
    inside = begins <= at <= ends if begins <= ends else at >= begins or at <= ends
    of_year = day.year - 1 if begins > ends and at <= ends else day.year
    return inside and date(of_year, 12, 25) in known


def _public_holidays(country: str, first: int, last: int) -> holidays.HolidayBase:
    """The library's holidays from three years before ``first`` on, in one language, so that the marks of
    their names do not depend on the machine.
    """
    code, _, part = country.partition("-")
    years = range(first - YEARS_BEFORE, last + 1)
    kind = type(holidays.country_holidays(code))
    language = "en_US" if "en_US" in kind.supported_languages else kind.default_language
    return holidays.country_holidays(code, subdiv=part or None, years=years, language=language)


def _new_year(known: holidays.HolidayBase, year: int) -> list[date]:
    """The days off of China's New Year as they are arranged year after year; none elsewhere."""
    if known.country != "CN":
        return []
    eve = min((day for day in known if day.year == year and "Chinese New Year" in known[day]), default=None)
    return [] if eve is None else [eve + timedelta(days=n) for n in range(NEW_YEAR_DAYS)]


def _unsettled(known: holidays.HolidayBase, year: int, stretch: list[date]) -> bool:
    moved = {day.year for day in known.weekend_workdays}
    latest = max(moved, default=0)
    every_year = moved.issuperset(range(latest - YEARS_BEFORE + 1, latest + 1))
    estimated = any("(estimated)" in known.get(day, "") for day in stretch if day.year == year)
    announced = year <= latest or not every_year or known.country in GIVEN_UP
    return not announced or estimated
