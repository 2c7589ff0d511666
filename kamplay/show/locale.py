"""Language and number formats: the one place where numbers are formatted.

Results are the same in every language; the currency comes from the engagement, never from the language.
"""

from __future__ import annotations

import math
import re
import string
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, lru_cache
from typing import Any

from babel import Locale as BabelLocale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_symbol,
)

from kamplay.show.catalogue import BABEL as BABEL
from kamplay.show.catalogue import N_ as N_
from kamplay.show.catalogue import catalogue as catalogue

MISSING = "–"
WHOLE = 0.005  # percentage points from a whole percent within which no decimal is shown
MINUS = "−"  # the one minus of the page: a hyphen is shorter and breaks a line
BETWEEN = re.compile(r"( \*|[ ·/、，]|（已离职）)")  # what parts the words of a value
HAN = r"[\u3400-\u9fff]"
# private-use characters, in no client's text: they mark figures while a Chinese sentence is filled in
FIGURE_START, FIGURE_END = "\ue000", "\ue001"


@dataclass(frozen=True)
class Locale:
    """A language (zh or en) and a currency (ISO 4217). ``labels``: a client's value → its word."""

    language: str
    currency: str
    labels: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def babel(self) -> str:
        return BABEL[self.language]

    @cached_property
    def spoken(self) -> str:
        """Tells the labels apart: locales that differ in them alone are equal."""
        return repr(sorted(self.labels.items()))

    @property
    def colon(self) -> str:
        """Between a name and what is said of it."""
        return "：" if self.language == "zh" else ": "

    def text(self, message: str) -> str:
        """``message`` (English, as written in the code) in this language."""
        return message if self.language == "en" else close(catalogue(self.babel).get(message, message))

    def label(self, value: str) -> str:
        """A client's value in this language; of several words (院长 苏春涛) those that are known."""
        if not self.labels or value in self.labels:
            return self.labels.get(value, value)
        return "".join(self.labels.get(part, part) for part in BETWEEN.split(value))

    def say(self, message: str, **values: Any) -> str:
        """``message`` translated and filled in; format specs: n, n1, n2, pct, change (a signed pct), points,
        money, date, plural|one|many, words; part|whole|some|all|one of a number that may be all of another
        field, ``whole``: the words for some of them ({n} is the number), for all, and for the only one.
        """
        text = "".join(
            literal if name is None else literal + self._filled_in(values[name], spec, values)
            for literal, name, spec in _parts(self.text(message))
        )
        if self.language == "zh":
            text = re.sub(
                f"(?<={HAN}) {FIGURE_START}|{FIGURE_END} (?={HAN})|[{FIGURE_START}{FIGURE_END}]", "", text
            )
        return text

    def number(self, value: Any, digits: int = 0, fixed: bool = False) -> str:
        """``value`` with at most ``digits`` decimals. One decimal is left out where it is 0 or follows three
        digits; ``fixed`` keeps exactly ``digits``, for the figures of a column.
        """
        if missing(value):
            return MISSING
        if digits == 1 and not fixed and (abs(value) >= 99.95 or float(_round(value, 1)).is_integer()):
            digits = 0
        return _signed(_figure(_round(value, digits), digits, "f", self.babel))

    def count(self, value: Any) -> str:
        """A count: without decimals where it is whole, else with one."""
        return self.number(value, 0 if missing(value) or float(value).is_integer() else 1)

    def percent(self, value: Any, digits: int | None = None) -> str:
        """A share as a percentage, the same in a sentence, a table, a tile and a card: whole from 10 % on,
        one decimal below and just short of all; whole ones without. A little is "<0.1%", not nothing, and
        all is said only of all: ">99.9%". ``digits``: exactly so many decimals.
        """
        if missing(value):
            return MISSING
        if digits is None:
            if 0 < value < 0.0005:
                return "<0.1%"
            if 0.9995 <= value < 1 - 1e-9:
                return ">99.9%"
            size = abs(value)
            whole = abs(100 * size - round(100 * size)) < WHOLE if math.isfinite(size) else True
            digits = 1 if not whole and (size < 0.0995 or 0.995 <= size < 1) else 0
        return _signed(_figure(_round(value, digits + 2), digits, "%", self.babel))

    def money(self, value: Any, finer: bool = False) -> str:
        """An amount in about three significant digits, with its currency: 34.6万元, £7.96M, £7.00M; a
        round one without decimals, £8M. ``finer``: with one decimal more.
        """
        if missing(value):
            return MISSING
        size, digits = self._money_steps(value, finer)
        if self.language == "zh":
            name = "元" if self.currency == "CNY" else _currency_name(self.currency, self.babel)
            if size == 1.0:
                return f"{self.number(value)}{name}"
            unit = f"亿{name}" if size == 1e8 else f"万{name}"
            return f"{_trimmed(self.number(value / size, digits, fixed=True))}{unit}"
        if size == 1.0:
            return _signed(_whole_money(_round(value, 0), self.currency, self.babel))
        shown = _round(value / size, digits) * size
        text = _signed(_compact_money(shown, self.currency, digits, self.babel))
        # a sum of millions that is not round keeps its digits: £7.00M beside £7.65M
        return _padded(text, digits) if size >= 1e6 and abs(value - shown) >= 1 else _trimmed(text)

    def money_shown(self, value: float, finer: bool = False) -> float:
        """The amount that ``money`` shows of another: what a reader adds up."""
        size, digits = self._money_steps(value, finer)
        return _round(value / size, digits) * size

    def _money_steps(self, value: float, finer: bool) -> tuple[float, int]:
        """By what ``money`` divides an amount, and its decimals."""
        if self.language == "zh":
            size = next((size for size in (1e8, 1e4) if abs(value) >= size * 0.99995), 1.0)
        elif abs(value) < 1000:
            size = 1.0
        else:  # 999,600 is shown in millions
            size = 1000.0 ** min(int(math.log10(abs(value) * 1.0005)) // 3, 4)
        return size, 0 if size == 1.0 else _decimals(value / size) + finer

    @property
    def currency_unit(self) -> str:
        """The unit of whole amounts, for a header: 元, and in English the currency's code."""
        return self.money_scale(0.0)[1] if self.language == "zh" else self.currency

    def money_scale(self, largest: float, coarse: bool = False) -> tuple[float, str]:
        """``(divisor, unit)`` for a column whose largest absolute amount is ``largest``; ``coarse`` for an
        axis, which needs fewer figures.
        """
        symbol = _currency_symbol(self.currency, self.babel)
        if self.language == "zh":
            name = "元" if self.currency == "CNY" else _currency_name(self.currency, self.babel)
            return (
                (1e8, "亿" + name)
                if largest >= (2e8 if coarse else 1e10)
                else (1e4, "万" + name)
                if largest >= (2e4 if coarse else 1e4)
                else (1.0, name)
            )
        if largest >= (2e6 if coarse else 1e8):
            return 1e6, self.say(N_("{symbol} million"), symbol=symbol)
        return (
            (1e3, self.say(N_("{symbol} thousand"), symbol=symbol))
            if largest >= (2e3 if coarse else 1e4)
            else (1.0, symbol)
        )

    def date(self, value: Any) -> str:
        if missing(value):
            return MISSING
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return _day(day, "long" if self.language == "zh" else "d MMM y", self.babel)

    def month(self, value: Any) -> str:
        return _month(value, self.babel)

    def words(self, items: Sequence[str], most: int = 3, total: int | None = None) -> str:
        """A list in a sentence, cut after ``most`` with the number left out; ``total`` where there are more
        than ``items``.
        """
        return self._cut(N_("{names} and {rest:n} more"), items, most, total)

    def accounts(self, names: Sequence[str], most: int = 3, total: int | None = None) -> str:
        """As ``words``, of accounts, which Chinese counts by a word of their own."""
        return self._cut(N_("{names} and {further:n} more"), names, most, total)

    def _cut(self, message: str, items: Sequence[str], most: int, total: int | None) -> str:
        shown = list(items[:most])
        joined = self.text(N_(", ")).join(shown)
        rest = max(len(items), total or 0) - len(shown)
        return self.say(message, names=joined, rest=rest, further=rest) if rest > 0 else joined

    def listed(self, items: Sequence[str]) -> str:
        """All of a list in a sentence, its last after "and"."""
        if len(items) < 2:
            return "".join(items)
        *head, last = items
        return self.say(N_("{names} and {last}"), names=self.text(N_(", ")).join(head), last=last)

    def sentences(self, *sentences: str) -> str:
        """The sentences that are not empty, one after another; Chinese has no space between them."""
        return (" " if self.language == "en" else "").join(filter(None, sentences))

    def _filled_in(self, value: Any, spec: str, values: Mapping[str, Any]) -> str:
        """A field of a sentence, by its format spec."""
        if spec.startswith("part|"):
            _, whole, some, every, *only = spec.split("|")
            if value != values[whole]:
                return some.replace("{n}", self._filled_in(value, "n", values))
            return only[0] if only and value == 1 else every
        text = self._formatted(value, spec)
        figure = spec in FIGURES or (spec == "" and re.fullmatch(r"[−+]?[\d.,]*\d%?", text))
        return f"{FIGURE_START}{text}{FIGURE_END}" if figure and self.language == "zh" else text

    def _formatted(self, value: Any, spec: str) -> str:
        kind, *rest = spec.split("|")
        match kind:
            case "":
                return (
                    MISSING
                    if missing(value)
                    else _signed(str(value))
                    if isinstance(value, int | float)
                    else self.label(str(value))
                )
            case "n":
                return self.number(value)
            case "n1":
                return self.number(value, 1)
            case "n2":
                return self.number(value, 2)
            case "n3":
                return self.number(value, 3)
            case "pct":
                return self.percent(value)
            case "change":
                return ("+" if not missing(value) and value > 0 else "") + self.percent(value)
            case "points":
                return ("+" if not missing(value) and value > 0 else "") + self.number(100 * value, 1)
            case "money":
                return self.money(value)
            case "date":
                return self.date(value)
            case "words":
                return self.words([self.label(str(one)) for one in value])
            case "plural":
                return rest[0] if value == 1 else rest[1]
        raise ValueError(f"unknown format {spec!r} in a sentence")


def missing(value: Any) -> bool:
    if value is None or (isinstance(value, float) and value != value):
        return True
    pandas = sys.modules.get("pandas")  # takes a second; without it there is no value of its own
    return pandas is not None and (value is pandas.NaT or value is pandas.NA)


def _round(value: Any, digits: int) -> float:
    """Rounded half away from zero, and never −0."""
    rounded = round(float(value) + (1e-12 if value >= 0 else -1e-12), digits)
    return rounded + 0.0 if rounded else 0.0


def _decimals(value: float) -> int:
    """The decimals that give a value three significant digits: 7.96, 34.6, 489."""
    return 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0


def _trimmed(text: str) -> str:
    """Without trailing zeros of decimals: 5.00M is 5M, 2.30 is 2.3."""
    return re.sub(r"(\.\d*?)0+(?!\d)", lambda found: found[1].rstrip("."), text)


def _padded(text: str, digits: int) -> str:
    """With zeros up to so many decimals: 7M is 7.00M, 2.3 is 2.30."""
    if not digits:
        return text
    return re.sub(r"(\d+)\.?(\d*)", lambda found: f"{found[1]}.{found[2]:0<{digits}}", text, count=1)


def _signed(text: str) -> str:
    """With a minus sign where Babel writes a hyphen."""
    return text.replace("-", MINUS)


@lru_cache(maxsize=4096)
def close(text: str) -> str:
    """Chinese without the space between a character and a figure: 近 12 个月 is 近12个月."""
    return re.sub(rf"(?<={HAN}) (?=[−+]?\d)|(?<=[\d%]) (?={HAN})", "", text)


FIGURES = ("n", "n1", "n2", "n3", "pct", "change", "points", "money", "date")
PLAIN = 1e10  # below it all decimals that are shown are within what a float holds


def _figure(rounded: float, digits: int, kind: str, babel_locale: str) -> str:
    """A rounded figure (kind f) or share (%) with ``digits`` decimals, in groups of three, as Babel writes it
    in both languages.

    Babel reads its locale and the pattern at every call: forty times the work, for each cell of a table.
    """
    if abs(rounded) < PLAIN:
        return f"{rounded:,.{digits}{kind}}"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    if kind == "%":
        return format_percent(rounded, format=pattern + "%", locale=babel_locale)
    return format_decimal(rounded, format=pattern, locale=babel_locale)


# few amounts are different once rounded, and Babel reads a pattern for each
@lru_cache(maxsize=16384)
def _whole_money(rounded: float, currency: str, babel_locale: str) -> str:
    return format_currency(
        rounded, currency, format="¤#,##0", locale=_read(babel_locale), currency_digits=False
    )


@lru_cache(maxsize=16384)
def _compact_money(rounded: float, currency: str, digits: int, babel_locale: str) -> str:
    return format_compact_currency(rounded, currency, fraction_digits=digits, locale=_read(babel_locale))


@lru_cache(maxsize=4096)
def _day(day: date, pattern: str, babel_locale: str) -> str:
    return format_date(day, format=pattern, locale=_read(babel_locale))


@lru_cache(maxsize=4096)
def _month(day: date, babel_locale: str) -> str:
    return format_skeleton("yMMM", day, locale=_read(babel_locale))


@cache
def _read(babel_locale: str) -> BabelLocale:
    """Babel looks up the locale of a name at every call."""
    return BabelLocale.parse(babel_locale)


@cache
def _currency_name(currency: str, babel_locale: str) -> str:
    return get_currency_name(currency, locale=babel_locale)


@cache
def _currency_symbol(currency: str, babel_locale: str) -> str:
    return get_currency_symbol(currency, locale=babel_locale)


@lru_cache(maxsize=4096)
def _parts(message: str) -> list[tuple[str, str | None, str]]:
    """A sentence in pieces: literal text, the field after it, and that field's format spec."""
    return [(literal, name, spec or "") for literal, name, spec, _ in string.Formatter().parse(message)]
