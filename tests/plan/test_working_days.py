"""Working days against the calendars that governments published."""

from __future__ import annotations

from datetime import date

import pytest

from kamplay.method.plan.working_days import working_days


def test_china_2026_as_the_state_council_announced_it():
    """Notice of the General Office of the State Council of 4 November 2025 on the holidays of 2026."""
    year = working_days("CN", date(2026, 1, 1), date(2026, 12, 31))
    worked = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
    assert year.made_up == tuple(date(2026, *day) for day in worked)
    off = {
        date(2026, 1, 1): 3,  # New Year, to 3 January
        date(2026, 2, 15): 9,  # Spring Festival, to 23 February
        date(2026, 4, 4): 3,
        date(2026, 5, 1): 5,
        date(2026, 6, 19): 3,
        date(2026, 9, 25): 3,
        date(2026, 10, 1): 7,
    }
    for start, count in off.items():
        stretch = [date.fromordinal(start.toordinal() + n) for n in range(count)]
        assert not set(stretch) & set(year.days)
        assert date.fromordinal(start.toordinal() + count) in year.days
    # 365 less 104 at weekends, less the 19 of the 33 days off that fall on weekdays, and six worked
    assert len(year.days) == 365 - 104 - 19 + 6
    assert year.unannounced == ()


def test_a_year_whose_arrangement_is_not_announced_is_named():
    """The library knows China's 2026 and not yet its 2027: the law's days are off, no weekend is worked."""
    far = working_days("CN", date(2026, 12, 1), date(2099, 3, 1))
    assert 2026 not in far.unannounced
    assert 2099 in far.unannounced
    assert date(2099, 1, 1) in far.holidays
    assert all(day.year <= 2098 or day.weekday() < 5 for day in far.made_up)


def test_new_year_of_a_year_not_announced_has_eight_days_off():
    """Lunar New Year is on 6 February 2027; the law has 5 to 8 February, with the weekend made good to 10."""
    days = working_days("CN", date(2026, 12, 1), date(2027, 3, 31))
    assert days.unannounced == (2027,)
    assert days.assumed == tuple(date(2027, 2, n) for n in range(5, 13))
    assert not set(days.assumed) & set(days.days)
    assert {date(2027, 2, 4), date(2027, 2, 15)} <= set(days.days)
    assert {date(2027, 2, n) for n in (5, 8, 9, 10, 11, 12)} <= set(days.holidays)
    assert days.on_or_before(date(2027, 2, 11)) == date(2027, 2, 4)
    # a part of it, and a year with its arrangement: 2026 as announced
    assert working_days("CN", date(2027, 2, 11), date(2027, 2, 16)).days == (
        date(2027, 2, 15),
        date(2027, 2, 16),
    )
    assert working_days("CN", date(2026, 1, 1), date(2026, 3, 31)).assumed == ()
    assert working_days("HK", date(2027, 2, 1), date(2027, 2, 28)).assumed == ()


def test_holidays_by_the_moon_are_estimates():
    assert working_days("IN", date(2027, 3, 1), date(2027, 3, 31)).unannounced == (2027,)
    assert working_days("GB", date(2027, 1, 1), date(2027, 12, 31)).unannounced == ()


def test_parts_of_a_country_and_none():
    second = date(2026, 1, 2)  # a bank holiday in Scotland alone
    assert second not in working_days("GB-SCT", second, second).days
    assert second in working_days("GB-ENG", second, second).days
    week = working_days(None, date(2026, 12, 21), date(2026, 12, 27))
    assert week.days == tuple(date(2026, 12, n) for n in range(21, 26))
    assert week.holidays == week.made_up == week.unannounced == ()


def test_weekends_are_those_of_the_country():
    week = working_days("SA", date(2026, 11, 1), date(2026, 11, 7))  # Sunday to Saturday
    assert [day.strftime("%a") for day in week.days] == ["Sun", "Mon", "Tue", "Wed", "Thu"]


def test_the_next_and_the_last_working_day():
    golden_week = working_days("CN", date(2026, 9, 1), date(2026, 10, 31))
    assert golden_week.on_or_after(date(2026, 10, 1)) == date(2026, 10, 8)
    assert golden_week.on_or_before(date(2026, 10, 7)) == date(2026, 9, 30)
    assert golden_week.on_or_after(date(2026, 10, 10)) == date(2026, 10, 10)  # a Saturday that is worked
    with pytest.raises(ValueError, match="not followed"):
        golden_week.on_or_after(date(2026, 11, 1))
    with pytest.raises(ValueError, match="is before"):
        working_days("CN", date(2026, 2, 1), date(2026, 1, 1))


def test_a_date_within_so_many_days_is_worked():
    """Seven days after Friday 25 September 2026 lie in the golden week, 1 to 7 October."""
    days = working_days("CN", date(2026, 9, 25), date(2026, 12, 31))
    assert days.within(7) == date(2026, 9, 30)
    assert working_days("CN", date(2026, 10, 1), date(2026, 10, 31)).within(3) == date(2026, 10, 8)


def test_an_unknown_country_is_an_error():
    with pytest.raises(NotImplementedError):
        working_days("ZZ", date(2026, 1, 1), date(2026, 1, 2))


def test_around_christmas_nothing_is_due_where_it_is_a_holiday():
    """2011: the Christmas week and the first of January, a Sunday whose bank holiday is the second."""
    quiet = ("12-23", "01-01")
    days = working_days("GB", date(2011, 12, 19), date(2012, 1, 4), quiet).days
    assert days == (*(date(2011, 12, n) for n in (19, 20, 21, 22)), date(2012, 1, 3), date(2012, 1, 4))
    for country in ("CN", None):  # no holiday there
        working = working_days(country, date(2026, 12, 21), date(2026, 12, 31), quiet)
        assert working.days == working_days(country, date(2026, 12, 21), date(2026, 12, 31)).days
    assert date(2011, 12, 28) in working_days("GB", date(2011, 12, 1), date(2011, 12, 31)).days
