"""Date columns as exports have them: each is read right, with one word where something was decided, or gives
one fault.
"""

from __future__ import annotations

import struct
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from kamplay.codebook import codebook
from kamplay.engagement import load
from kamplay.errors import Fault, KamplayError
from kamplay.intake.files import readers
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.values.parsing import dates, how_read
from kamplay.show.faults import fix, line
from kamplay.show.how_read import WAYS, in_words
from kamplay.show.locale import Locale

DAYS = [date(2024, 1, 2) + timedelta(days=13 * n) for n in range(68)]  # to 2026-06-14, every day of a month
HEADS = {"en": ("Invoice date", "Customer no", "Net amount"), "zh": ("开票日期", "客户编号", "金额")}
QUIET = {"data_ends_early", "line_repeated", "header_ambiguous"}


def surveyed(
    folder: Path,
    cells: list[Any],
    language: str = "en",
    book: bool = False,
    epoch: datetime | None = None,
    **source: Any,
) -> Intake:
    """Sales of 10, 11, 12 … on these dates, as a text file or a workbook."""
    rows = [(cell, f"K{n % 7}", 10 + n) for n, cell in enumerate(cells)]
    (folder / "data").mkdir(parents=True)
    path = folder / "data" / ("transactions.xlsx" if book else "transactions.csv")
    if book:
        made = openpyxl.Workbook()
        if epoch:
            made.epoch = epoch
        for row in [HEADS[language], *rows]:
            made.active.append(row)
        made.save(path)
    else:
        pd.DataFrame(rows, columns=HEADS[language]).to_csv(path, index=False, encoding="utf-8-sig")
    about: dict[str, Any] = {"client": "C", "language": language}
    if source:
        about["sources"] = {"transactions": {"path": path.name, **source}}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(about, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def days(intake: Intake) -> list[date]:
    return [d.date() for d in intake.tables["transactions"]["date"]]


def told(intake: Intake) -> list[tuple[str, str, int]]:
    return [(f.code, f.level, f.count) for f in intake.faults if f.code not in QUIET]


def the_fault(intake: Intake) -> Fault:
    (fault,) = [f for f in intake.faults if f.code not in QUIET]
    for language in ("zh", "en"):
        assert len(line(fault, Locale(language, "EUR"))) < 520  # it can be said, and shortly
    return fault


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "write",
    [
        "{:%Y-%m-%d}",
        "{:%Y/%m/%d}",
        "{:%Y年%m月%d日}",
        "{:%Y%m%d}",
        "{:%Y%m%d}.0",
        "'{:%Y-%m-%d}",
        "{:%d %b %Y}",
        "{:%Y-%m-%dT%H:%M:%S+08:00}",
    ],
)
def test_clean_dates_stay_silent(tmp_path, write, language):
    intake = surveyed(tmp_path, [write.format(d) for d in DAYS], language)
    assert days(intake) == DAYS
    assert told(intake) == []


def swapped(day: date, order: str) -> date | str:
    """What a spreadsheet of another country makes of a date in figures."""
    if day.day <= 12:
        return date(day.year, day.day, day.month)
    return f"{day:%d/%m/%Y}" if order == "day" else f"{day.month}/{day.day}/{day.year}"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("order", ["day", "month"])
def test_days_and_months_that_excel_swapped_are_swapped_back(tmp_path, order, language):
    intake = surveyed(tmp_path, [swapped(d, order) for d in DAYS], language, book=True)
    assert days(intake) == DAYS
    fault = the_fault(intake)
    turned = [n for n, d in enumerate(DAYS) if d.day <= 12]
    assert (fault.code, fault.level, fault.count) == ("dates_swapped", "warning", len(turned))
    assert fault.all_rows == tuple(n + 2 for n in turned)
    assert [row for row, _ in fault.args["places"]] == [n + 2 for n in turned[:3]]
    before = [swapped(DAYS[n], order) for n in turned]
    assert (fault.args["first_before"], fault.args["last_before"]) == (str(min(before)), str(max(before)))
    assert (fault.args["first"], fault.args["last"]) == (str(DAYS[turned[0]]), str(DAYS[turned[-1]]))


@pytest.mark.parametrize(
    "write", ["{:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{:%d-%b-%Y}", "{:%Y-%m-%d %H:%M}"]
)
def test_swapped_dates_saved_as_text_again_are_found_too(tmp_path, write):
    cells = [write.format(c) if isinstance(c := swapped(d, "day"), date) else c for d in DAYS]
    intake = surveyed(tmp_path, cells)
    assert days(intake) == DAYS
    assert the_fault(intake).code == "dates_swapped"


def test_swapped_dates_as_bare_numbers_and_with_short_years(tmp_path):
    start = date(1899, 12, 30)
    cells = [(c - start).days if isinstance(c := swapped(d, "day"), date) else c[:-4] + c[-2:] for d in DAYS]
    intake = surveyed(tmp_path, cells, book=True)
    assert days(intake) == DAYS
    assert the_fault(intake).code == "dates_swapped"


def test_swapped_dates_of_one_month_come_back_into_it(tmp_path):
    month = [date(2024, 3, 1 + n % 31) for n in range(62)]
    intake = surveyed(tmp_path, [swapped(d, "day") for d in month], book=True)
    assert days(intake) == month
    assert the_fault(intake).code == "dates_swapped"


def test_what_a_spreadsheet_shows_in_its_own_order_needs_no_swap(tmp_path):
    """Saved as text by an American spreadsheet, 7 January from 07/01/2024 is 7/1/2024: day first again."""
    cells = [f"{c.month}/{c.day}/{c.year}" if isinstance(c := swapped(d, "day"), date) else c for d in DAYS]
    intake = surveyed(tmp_path, cells)
    assert days(intake) == DAYS
    assert told(intake) == [("date_order", "warning", 1)]


def test_few_dates_that_look_swapped_are_asked_about(tmp_path):
    intake = surveyed(tmp_path, [swapped(d, "day") for d in DAYS[:14]], book=True)
    fault = the_fault(intake)
    assert (fault.code, fault.level, fault.count) == ("date_swap_unsure", "error", 6)


def test_true_dates_beside_text_are_left_alone_where_both_run_through_the_month(tmp_path):
    cells = [d if n % 2 else f"{d:%d/%m/%Y}" for n, d in enumerate(DAYS)]
    intake = surveyed(tmp_path, cells, book=True)
    assert days(intake) == DAYS
    assert told(intake) == [("date_order", "warning", 1)]


@pytest.mark.parametrize("kind", ["numbers", "dates", "both"])
def test_a_workbook_that_counts_from_1904(tmp_path, kind):
    start = date(1904, 1, 1)
    numbers = [(d - start).days for d in DAYS]
    cells = {
        "numbers": numbers,
        "dates": DAYS,
        "both": [c if n % 2 else DAYS[n] for n, c in enumerate(numbers)],
    }[kind]
    intake = surveyed(tmp_path, cells, book=True, epoch=CALENDAR_MAC_1904)
    assert days(intake) == DAYS
    counted = {"numbers": 68, "dates": 0, "both": 34}[kind]
    assert told(intake) == ([("date_1904", "warning", counted)] if counted else [])


def test_a_workbook_that_counts_from_1900_stays_silent(tmp_path):
    intake = surveyed(tmp_path, [(d - date(1899, 12, 30)).days for d in DAYS], book=True)
    assert days(intake) == DAYS
    assert told(intake) == []


def test_where_old_and_binary_workbooks_say_1904(tmp_path):
    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    globals_ = record(0x0809, bytes([0, 6, 5, 0]) + bytes(12)) + record(0x0042, bytes(2))
    for flag in (0, 1):
        path = tmp_path / f"{flag}.xls"
        path.write_bytes(bytes(512) + globals_ + record(0x22, bytes([flag, 0])) + record(0x0A, b""))
        assert readers.date1904(path) is bool(flag)
        content = bytes([0x83, 0x01, 0]) + bytes([0x99, 0x01, 4, flag, 0, 0, 0])
        assert readers._xlsb_1904(content) is bool(flag)


MONTH_FORMS = [
    "{0.year}年{0.month}月",
    "{0.year}年{0.month:02}月",
    "{:%Y%m}",
    "{:%Y-%m}",
    "{0.year}/{0.month}",
    "{:%Y.%m}",
    "{:%m/%Y}",
    "{:%b-%y}",
    "{:%b %Y}",
    "{:%B %Y}",
    "{:%Y-%b}",
    "{:%b'%y}",
    "{:%Y%m}.0",
    "{0:%y}年{0.month}月",
]


@pytest.mark.parametrize("write", MONTH_FORMS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_months_are_read_as_their_last_day(tmp_path, write, language):
    intake = surveyed(tmp_path, [write.format(d) for d in DAYS], language)
    ends = [(pd.Timestamp(d) + pd.offsets.MonthEnd(0)).date() for d in DAYS]
    assert days(intake) == ends
    fault = the_fault(intake)
    assert (fault.code, fault.level, fault.count) == ("date_period", "warning", 68)
    assert (fault.args["read"], len(fault.args["places"])) == ("2024-01-31", 3)


def test_an_october_that_lost_its_zero_in_a_number_is_no_january(tmp_path):
    cells = [float(f"{d:%Y.%m}") for d in DAYS]
    intake = surveyed(tmp_path, cells, book=True)
    assert {(d.month, c) for d, c in zip(days(intake), cells, strict=True) if c == 2024.1} == {(10, 2024.1)}
    assert days(intake) == [(pd.Timestamp(d) + pd.offsets.MonthEnd(0)).date() for d in DAYS]


def test_months_beside_full_dates_are_one_error(tmp_path):
    intake = surveyed(tmp_path, [f"{d:%Y-%m}" if n % 3 else str(d) for n, d in enumerate(DAYS)])
    fault = the_fault(intake)
    assert (fault.code, fault.level, fault.count) == ("date_period_mixed", "error", 45)


def test_days_without_a_year_are_no_months(tmp_path):
    intake = surveyed(tmp_path, [f"{d:%b-%d}" for d in DAYS])
    assert told(intake) == [("unreadable_date", "error", 68)]
    assert "date_format" in fix(intake.faults[0], Locale("en", "EUR"))


def test_a_format_is_no_remedy_for_one_cell(tmp_path):
    texts = [f"{d:%Y-%m-%d}" for d in DAYS[:-1]] + ["soon"]
    (fault,) = (f for f in surveyed(tmp_path, texts).faults if f.code == "unreadable_date")
    assert fix(fault, Locale("en", "EUR")) == "Write it as 2026-06-30."


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "write",
    [
        "{0.month}/{0.day}/{0:%y}",
        "{:%m/%d/%y}",
        "{0.day}.{0.month}.{0:%y}",
        "{:%d/%m/%y}",
        "{0:%y}-{0.month}-{0.day}",
        "{:%d-%b-%y}",
        "{:%y-%b-%d}",
        "{0:%y}年{0.month}月{0.day}日",
        "{0.month}/{0.day}/{0:%y} 9:30",
    ],
)
def test_short_years_are_read_where_the_column_leaves_one_order(tmp_path, write, language):
    intake = surveyed(tmp_path, [write.format(d) for d in DAYS], language)
    assert days(intake) == DAYS
    fault = the_fault(intake)
    assert (fault.code, fault.level, fault.count) == ("date_short_year", "warning", 68)


def test_short_years_of_another_century_are_one_error_with_a_setting_that_works(tmp_path):
    old = [d.replace(year=d.year - 28) for d in DAYS if (d.month, d.day) != (2, 29)]
    cells = [f"{d.month}/{d.day}/{d:%y}" for d in old]
    fault = the_fault(surveyed(tmp_path / "one", cells))
    assert (fault.code, fault.level, fault.count) == ("unreadable_date_short_year", "error", len(old))
    assert fault.args["form"] == "%m/%d/%y"
    intake = surveyed(tmp_path / "two", cells, date_format={"date": fault.args["form"]})
    assert days(intake) == old
    assert told(intake) == []


@pytest.mark.parametrize("write", ["{:%d/%m/%y}", "{:%d/%m/%Y}"])
def test_dates_that_leave_the_order_open_are_one_error_with_a_setting_that_works(tmp_path, write):
    early = [d for d in DAYS if d.day <= 12 and d.day != d.month]
    cells = [write.format(d) for d in early]
    fault = the_fault(surveyed(tmp_path / "one", cells))
    assert (fault.code, fault.level) == ("unreadable_date_ambiguous", "error")
    assert fault.count == len(early)
    setting = {"date": fault.args["form"]}
    assert days(surveyed(tmp_path / "two", cells, date_format=setting)) == early


def test_short_dates_of_day_or_year_first_name_both(tmp_path):
    fault = the_fault(surveyed(tmp_path, ["13.01.24", "14.02.24"]))
    assert (fault.code, fault.count) == ("unreadable_date_ambiguous", 2)
    assert (fault.args["form"], fault.args["one"]) == ("%d.%m.%y", "2024-01-13")
    assert (fault.args["other_form"], fault.args["other_day"]) == ("%y.%m.%d", "2013-01-24")


def test_both_orders_in_one_column_are_one_error_that_names_two_cells(tmp_path):
    intake = surveyed(tmp_path, [f"{d:%d/%m/%Y}" if n % 2 else f"{d:%m/%d/%Y}" for n, d in enumerate(DAYS)])
    fault = the_fault(intake)
    assert (fault.code, fault.level) == ("date_orders_mixed", "error")
    assert fault.args["day"] == "15/01/2024"
    assert (fault.args["month"], fault.args["month_row"]) == ("01/28/2024", 4)


@pytest.mark.parametrize(
    ("form", "write"),
    [
        ("%d/%m/%Y", "{:%d/%m/%Y}"),
        ("%m/%d/%Y", "{:%m/%d/%Y}"),
        ("%y%m%d", "{:%y%m%d}"),
        ("%d%m%Y", "{:%d%m%Y}"),
        ("%d.%m.%Y %H:%M", "{:%d.%m.%Y} 08:30"),
    ],
)
@pytest.mark.parametrize("of_all", [True, False])
def test_date_format_comes_before_anything_else(tmp_path, form, write, of_all):
    cells = [write.format(d) for d in DAYS]
    intake = surveyed(tmp_path, cells, date_format=form if of_all else {"date": form})
    assert days(intake) == DAYS
    assert told(intake) == []


def test_cells_that_do_not_fit_the_format_are_one_fault(tmp_path):
    cells = [f"{d:%d/%m/%Y}" for d in DAYS[:30]] + ["2024-05-01", "soon", "1/2", "x"]
    fault = the_fault(surveyed(tmp_path, cells, date_format={"date": "%d/%m/%Y"}))
    assert (fault.code, fault.count, fault.all_rows) == ("date_not_in_format", 4, (32, 33, 34, 35))
    assert fault.args["places"] == [(32, "2024-05-01"), (33, "soon"), (34, "1/2")]


@pytest.mark.parametrize(
    ("setting", "code", "column"),
    [
        ({"date": "%d/%m"}, "date_format_invalid", "sources.transactions.date_format.date"),
        ({"date": "dd/mm/yyyy"}, "date_format_invalid", "sources.transactions.date_format.date"),
        ("%Q", "date_format_invalid", "sources.transactions.date_format.date"),
        ({"day": "%d/%m/%Y"}, "date_column_unknown", "sources.transactions.date_format.day"),
        ({"amount": "%d/%m/%Y"}, "date_column_unknown", "sources.transactions.date_format.amount"),
    ],
)
def test_a_wrong_date_format_is_told(tmp_path, setting, code, column):
    with pytest.raises(KamplayError) as caught:
        surveyed(tmp_path, ["2024-01-01"], date_format=setting)
    (fault,) = caught.value.faults
    assert (fault.code, fault.column) == (code, column)
    assert line(fault, Locale("zh", "CNY"))


def test_a_hundred_unreadable_dates_are_one_fault_that_keeps_their_rows(tmp_path):
    cells = [str(d) for d in DAYS] + [f"no date {n}" for n in range(100)]
    fault = the_fault(surveyed(tmp_path, cells))
    assert (fault.code, fault.count, fault.row) == ("unreadable_date", 100, 70)
    assert fault.all_rows == tuple(range(70, 170))
    assert fault.args["places"] == [(70, "no date 0"), (71, "no date 1"), (72, "no date 2")]
    assert "“no date 1” (row 71), “no date 2” (row 72) ×100: " in line(fault, Locale("en", "EUR"))


def test_a_format_for_the_text_leaves_the_swap_to_be_found(tmp_path):
    cells = [swapped(d, "day") for d in DAYS]
    intake = surveyed(tmp_path, cells, book=True, date_format={"date": "%d/%m/%Y"})
    assert days(intake) == DAYS
    assert the_fault(intake).code == "dates_swapped"


def test_monthly_dates_with_short_years_are_not_taken_for_days_of_january(tmp_path):
    firsts = [date(y, m, 1) for y in range(2014, 2026) for m in range(1, 13)]
    assert not surveyed(tmp_path, [f"{d:%m/%d/%y}" for d in firsts]).usable


FORMS = [
    "{:%Y-%m-%d}",
    "{:%d/%m/%Y}",
    "{:%m/%d/%Y}",
    "{:%d.%m.%y}",
    "{:%m/%d/%y}",
    "{:%y-%m-%d}",
    "{:%d-%b-%y}",
    "{:%d %b %Y}",
    "{:%y年%m月%d日}",
]


@given(
    st.lists(st.dates(date(2000, 1, 1), date(2027, 12, 31)), min_size=1, max_size=40),
    st.sampled_from(FORMS),
    st.integers(0, 40),
)
@settings(max_examples=300)
def test_a_date_is_read_as_itself_or_not_at_all(true, form, at):
    """One way of writing, or ISO dates below it: nothing is read as another day."""
    cells = [(form if n < at else FORMS[0]).format(day) for n, day in enumerate(true)]
    values, bad = dates(pd.Series(cells))
    for day, value, wrong in zip(true, values, bad, strict=True):
        assert wrong or value.date() == day
    for day in true if at >= len(true) and "%y" not in form else []:
        assert "/" in form or not bad.any(), day


@pytest.mark.parametrize(
    ("cells", "ways"),
    [
        (["2024-01-13", "2024-01-14"], ["iso"]),
        (["13/01/2024", "1/2/2024"], ["day_first"]),
        (["1/13/24", "1/2/24"], ["month_first", "short_year"]),
        (["202401"], ["month"]),
        ([datetime(2024, 1, 13), 45304.0, "2024-01-15"], ["typed", "serial", "iso"]),
    ],
)
def test_how_dates_were_read_is_told(cells, ways):
    found = how_read(pd.Series(cells, dtype=object), codebook()["transactions"].columns["date"])
    assert found == ways
    assert set(ways) <= set(WAYS)
    for language in ("zh", "en"):
        assert in_words(found, Locale(language, "CNY"))
