"""Tables of the page: formatted numbers, escaped names, rows that a phone shows as cards."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.view import current

SHORT = 6  # rows of a table that print keeps on one page: a longer one would leave half a page empty
PHONE = 48  # letters that fit a phone side by side; a wider table becomes cards there
PHONE_ROWS = 12  # cards of a long list on a phone
HALF = 21  # letters of a label and its figure that fit half a card; a Chinese character counts two
LONG_HEADER = 12  # letters beyond which a Chinese header needs a place to break
WORD = 10  # letters of a cell that is one word, a name or a tier, and stays on one line
MOST_ROWS = 25  # beyond that a reader wants the workbook, not the page


@dataclass(frozen=True)
class Column:
    """``kind``: text, n, n1, n2, count, score (cut, not rounded: 69.97 is not 70), pct, pct1, money, date, or
    a function value → text.

    The figures of a column have one precision: see ``_reader``. ``extra`` columns are left out where a phone
    shows a table and no cards. ``css``: long (needs room) or keep (stays on one line).
    """

    key: str
    label: str
    kind: str | Callable[[Any], str] = "text"
    extra: bool = False
    css: str = ""


def html_table(
    frame: pd.DataFrame,
    columns: list[Column],
    caption: str,
    most: int = MOST_ROWS,
    printed: int | None = None,
    cards: bool | None = None,
    phone: int = PHONE_ROWS,
) -> Display:
    """``frame`` row by row in its order; nothing when it is empty. Money columns share one unit, named in the
    caption.

    ``printed``: the rows that paper shows of a ranked list, where the workbook has them all. ``cards``: on a
    phone every row is a card with all its columns, each beside its label; left out, so it is where a phone
    cannot hold the columns that are not ``extra``. ``phone``: the cards shown there.
    """
    if frame.empty:
        return NOTHING
    view = current()
    locale = view.locale
    shown = frame.head(most)
    money, unit = _unit(shown, columns, locale)
    labels = [locale.text(c.label) for c in columns]
    readers = [_reader(c, shown[c.key], locale, money) for c in columns]
    lines = [
        [read(value) for read, value in zip(readers, row, strict=True)]
        for row in zip(*(shown[c.key] for c in columns), strict=True)
    ]
    widest = [max(_width(line[place]) for line in lines) for place in range(len(columns))]
    if cards is None:
        needs = (
            _needs(c, label, wide)
            for c, label, wide in zip(columns, labels, widest, strict=True)
            if not c.extra
        )
        cards = sum(needs) > PHONE
    head = "".join(
        f'<th scope="col"{_classes(c)}>{_breakable(label)}</th>'
        for c, label in zip(columns, labels, strict=True)
    )
    # a card stands far from the caption that names the unit
    united = [
        locale.say(N_("{what} ({unit})"), what=label, unit=unit) if c.kind == "money" else label
        for c, label in zip(columns, labels, strict=True)
    ]
    fits = [cards and _width(label) + wide <= HALF for label, wide in zip(united, widest, strict=True)]
    opening = [
        f"<td{_classes(c, wide <= WORD, half)}"
        + (f' data-label="{escape(label, quote=True)}">' if cards else ">")
        for c, label, wide, half in zip(columns, united, widest, fits, strict=True)
    ]
    most_printed = (
        len(shown) if printed is None or len(shown) <= printed + 1 else printed
    )  # one row more is shorter than saying so
    on_phone = phone if cards and len(shown) > phone + 1 else len(shown)
    rows = []
    for number, (line, (_, row)) in enumerate(zip(lines, shown.iterrows(), strict=True)):
        left_out = " ".join(["unprinted"] * (number >= most_printed) + ["beyond"] * (number >= on_phone))
        cells = (
            f"{tag}{_marked(escape(cell), row[c.key], c)}</td>"
            for tag, cell, c in zip(opening, line, columns, strict=True)
        )
        rows.append((f'<tr class="{left_out}">' if left_out else "<tr>") + "".join(cells) + "</tr>")
    said = [locale.text(caption)]  # a caption that carries figures comes filled in
    if any(c.kind == "money" for c in columns):
        said.append(locale.say(N_("Amounts in {unit}."), unit=unit))
    rest = len(frame) - len(shown)
    gap = " " if locale.language == "en" else ""
    beyond = locale.say(N_("{rest:n} more in the workbook."), rest=rest) if rest else ""
    more = ""
    if on_phone < len(shown):
        more = _only(
            "phone", gap + locale.say(N_("The first {shown:n} here; more on a wider screen."), shown=on_phone)
        )
    elif any(c.extra for c in columns) and not cards:
        more = _only("phone", gap + locale.text(N_("More columns on a wider screen.")))
    if most_printed < len(shown):
        cut = N_("Kept short in print: the first {shown:n}; {rest:n} more in the workbook.")
        more += _only("print", gap + locale.say(cut, shown=most_printed, rest=len(frame) - most_printed))
        more += _only("screen", gap + beyond) if beyond else ""
    elif beyond:
        said.append(beyond)
    kind = ("table short" if most_printed <= SHORT else "table") + (" cards" if cards else "")
    below = gap.join(said)
    html = (
        f'<figure class="{kind}"><div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div><figcaption>{escape(below)}{more}</figcaption></figure>"
    )
    spoken = gap.join([below, beyond]) if beyond and beyond not in said else below
    return Display(html, "\n".join([spoken, *(" | ".join(line) for line in lines)]))


def _only(where: str, text: str) -> str:
    return f'<span class="{where}">{escape(text)}</span>'


def _unit(shown: pd.DataFrame, columns: list[Column], locale: Locale) -> tuple[Callable[[Any], str], str]:
    """How all money columns tell an amount, in one unit and one precision as they are compared; the unit's
    name.
    """
    amounts = [float(v) for c in columns if c.kind == "money" for v in shown[c.key] if not missing(v)]
    scale, unit = locale.money_scale(max(map(abs, amounts), default=0.0))
    digits = 0 if scale == 1.0 else decimals(a / scale for a in amounts)
    return lambda v: MISSING if missing(v) else _told(v / scale, digits, locale), unit


def decimals(values: Iterable[Any]) -> int:
    """The decimals of a column of figures: none where all are whole or the largest has four digits, one where
    it has two or fewer.

    With three digits: one where a quarter of the figures that are not 0 have a single digit and would lose
    half of what they say.
    """
    known = sorted(abs(float(v)) for v in values if not missing(v) and v)
    if not known or all(round(v, 1).is_integer() for v in known) or known[-1] >= 999.5:
        return 0
    return 1 if known[-1] < 99.95 or known[len(known) // 4] < 9.95 else 0


def _reader(
    column: Column, values: pd.Series, locale: Locale, money: Callable[[Any], str]
) -> Callable[[Any], str]:
    """Value → text for one column, so that its figures have one precision and stand under one another.

    Amounts (all columns of a table alike) and measures: at most one decimal, see ``decimals``; an amount that
    is not 0 but would be told as 0 is "<1" (or "<0.1"). Shares: one decimal where the median of those that
    are not 0 lies below 10% (pct1: always), none where all are whole; a small one is "<1%", one just short of
    all ">99%".
    """
    if callable(column.kind):
        return column.kind
    if column.kind == "money":
        return money
    if column.kind in ("n1", "score"):
        read = (
            (lambda v: v)
            if column.kind == "n1"
            else (lambda v: None if missing(v) else math.floor(v * 10) / 10)
        )
        digits = decimals(read(v) for v in values)
        return lambda v: locale.number(read(v), digits, fixed=True)
    if column.kind in ("pct", "pct1"):
        return _shares(values, locale, column.kind == "pct1")
    formats: dict[str, Callable[[Any], str]] = {
        "n": locale.number,
        "n2": lambda v: locale.number(v, 2),
        "count": locale.count,
        "date": locale.date,
    }
    return formats.get(column.kind, lambda v: MISSING if missing(v) or v == "" else str(v))


def _told(value: float, digits: int, locale: Locale) -> str:
    least = 10.0**-digits
    return (
        f"<{locale.number(least, digits)}"
        if 0 < value < least / 2
        else locale.number(value, digits, fixed=True)
    )


def _shares(values: pd.Series, locale: Locale, exact: bool) -> Callable[[Any], str]:
    known = sorted(abs(float(v)) for v in values if not missing(v) and v)
    small = exact or (bool(known) and known[len(known) // 2] < 0.0995)
    digits = 1 if small and not all(round(100 * v, 1).is_integer() for v in known) else 0
    least = 10.0 ** (-2 - digits)

    def read(value: Any) -> str:
        if missing(value):
            return MISSING
        if 0 < value < least / 2:
            return f"<{locale.percent(least, digits)}"
        if 1 - least / 2 <= value < 1:
            return f">{locale.percent(1 - least, digits)}"
        return locale.percent(value, digits, fixed=True)

    return read


def _needs(column: Column, label: str, widest: int) -> int:
    """Letters that a column takes on a phone: figures and single words whole, other text in two lines, the
    header where it may break.
    """
    whole = _numeric(column) or "keep" in column.css or widest <= WORD
    cell = widest if whole else max(WORD + 2, -(-widest // 2))
    return max(cell, *map(_width, re.split(r"<wbr>|\s", _breakable(label)))) + 2


def _width(text: str) -> int:
    """Letters that a text is wide; a Chinese character counts two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _breakable(label: str) -> str:
    """A header with the places where a long one may break: the page keeps Chinese words whole, which would
    else break anywhere (等/级).
    """
    if _width(label) <= LONG_HEADER:
        return escape(label)
    return re.sub(
        r"(?<=[\u4e00-\u9fff])(?=（|\d)|(?<=[的，、])(?=[^（]{2})|(?<=[\d%])(?!的)(?=[\u4e00-\u9fff]{2})",
        "<wbr>",
        escape(label),
    )


def _numeric(column: Column) -> bool:
    return column.kind in ("n", "n1", "n2", "count", "score", "pct", "pct1", "money")


def _classes(column: Column, word: bool = False, half: bool = False) -> str:
    names = (
        (["num"] if _numeric(column) else ["word"] if word else [])
        + (["extra"] if column.extra else [])
        + (["half"] if half else [])
        + ([column.css] if column.css else [])
    )
    return f' class="{" ".join(names)}"' if names else ""


def _marked(cell: str, value: Any, column: Column) -> str:
    """A health band carries its colour as a dot beside its word."""
    return (
        f'<span class="dot {value}"></span>{cell}'
        if column.key == "health_band" and isinstance(value, str)
        else cell
    )


ACCOUNT = Column("name", N_("Account"))


def with_names(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the accounts' names as column ``name``: account_id is a column or else the index, and a
    row without one shows a dash.
    """
    view = current()
    ids = frame.get("account_id", frame.index)
    return frame.assign(name=["–" if missing(a) else view.name(a) for a in ids])


def word(words: dict[str, str]) -> Callable[[Any], str]:
    """A reader of neutral keys: the word for each in the page's language, a dash where there is none."""
    locale = current().locale
    return lambda key: "–" if missing(key) else locale.text(words[key])


def ranges(lows: Iterable[float], highs: Iterable[float], locale: Locale, scale: float) -> list[str]:
    """Low to high in the table's unit and in one precision; one figure where they show the same."""
    sides = [[None if missing(v) else v / scale for v in side] for side in (lows, highs)]
    digits = 0 if scale == 1.0 else decimals(sides[0] + sides[1])
    said = ([locale.number(v, digits, fixed=True) for v in side] for side in sides)
    return [low if low == high else f"{low}–{high}" for low, high in zip(*said, strict=True)]
