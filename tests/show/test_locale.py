"""Figures are written as Babel writes them, in both languages."""

from __future__ import annotations

import numpy as np
import pytest
from babel.numbers import format_decimal, format_percent

from kamplay.show.locale import MINUS, Locale

RNG = np.random.default_rng(5)
SIZES = 10.0 ** RNG.uniform(-6, 14, 400)
FIGURES = [0.0, 0.5, -0.04, 999.95, 1e12, 123_456_789_012.35, float("inf")]
FIGURES += map(float, [*SIZES, *-SIZES, *np.round(SIZES, 1), *np.floor(SIZES)])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("digits", [0, 1, 2, 3])
def test_a_figure_and_a_share_are_as_babel_writes_them(language: str, digits: int) -> None:
    locale = Locale(language, "CNY")
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    for value in FIGURES:
        # half away from zero, and never minus nought
        rounded, share = (
            round(value + (1e-12 if value >= 0 else -1e-12), d) + 0.0 for d in (digits, digits + 2)
        )
        said = format_decimal(rounded, format=pattern, locale=locale.babel).replace("-", MINUS)
        assert locale.number(value, digits, fixed=True) == said
        said = format_percent(share, format=pattern + "%", locale=locale.babel).replace("-", MINUS)
        assert locale.percent(value, digits) == said


def test_a_sentence_is_filled_in_piece_by_piece() -> None:
    said = "{{{name}}}: {n:n} {n:plural|deal|deals}, {part:pct}, {day:date}; {list:words}"
    filled = Locale("en", "EUR").say(
        said, name="{n}", n=1234, part=0.0312, day="2026-03-01", list=["a", "b", "c", "d"]
    )
    assert filled == "{{n}}: 1,234 deals, 3.1%, 1 Mar 2026; a, b, c and 1 more"
    with pytest.raises(KeyError):
        Locale("en", "EUR").say("{known} {other}", known=1)


def test_a_change_of_a_share_is_told_in_points() -> None:
    said = Locale("en", "EUR").say("{low:points} to {high:points} percentage points", low=-0.024, high=0.0271)
    assert said == f"{MINUS}2.4 to +2.7 percentage points"


@pytest.mark.parametrize(
    ("language", "late", "told"),
    [
        (
            "en",
            "{late:part|whole|{n} of them |all of them |}late",
            ["2 of them late", "all of them late", "late"],
        ),
        ("zh", "{late:part|whole|其中{n}家|都|}延误", ["其中2家延误", "都延误", "延误"]),
        ("en", "{late:part|whole|{n}|all} late", ["2 late", "all late", "all late"]),
    ],
)
def test_a_part_that_is_the_whole_is_told_as_all(language, late, told):
    pairs = [(2, 5), (5, 5), (1, 1)]
    assert [Locale(language, "EUR").say(late, late=part, whole=whole) for part, whole in pairs] == told


@pytest.mark.parametrize(
    ("language", "value", "shown", "finer"),
    [
        ("en", 24_561_000.0, (24.6e6, "CN¥24.6M"), (24.56e6, "CN¥24.56M")),
        ("en", 1_996_000.0, (2.0e6, "CN¥2.00M"), (1.996e6, "CN¥1.996M")),
        ("en", 640.4, (640.0, "CN¥640"), (640.0, "CN¥640")),
        ("zh", 24_561_000.0, (24.56e6, "2,456万元"), (24.561e6, "2,456.1万元")),
    ],
)
def test_what_is_shown_of_an_amount_can_be_added_up(language, value, shown, finer):
    locale = Locale(language, "CNY")
    assert (locale.money_shown(value), locale.money(value)) == (pytest.approx(shown[0]), shown[1])
    assert (locale.money_shown(value, True), locale.money(value, True)) == (pytest.approx(finer[0]), finer[1])


def test_a_header_names_the_currency_as_people_write_it():
    assert [Locale("zh", code).currency_unit for code in ("CNY", "GBP")] == ["元", "英镑"]
    assert Locale("en", "GBP").currency_unit == "GBP"
