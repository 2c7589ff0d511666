"""Tables of the page: formatted numbers, escaped names, rows that a phone shows as cards."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from kamplay.show.display import NOTHING, Display, Grid, template
from kamplay.show.links import account_link, owner_link
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.view import View, current

if TYPE_CHECKING:
    pass

SHORT = 6  # rows of a table that print keeps on one page: a longer one would leave half a page empty
PHONE = 46  # letters that fit a phone side by side; a wider table becomes cards there
PHONE_ROWS = 12  # cards of a long list on a phone
HALF = 21  # letters of a label and its figure that fit half a card; a Chinese character counts two
LONG_HEADER = 12  # letters beyond which a Chinese header needs a place to break
NAME = 16  # letters of an account's name that stays on one line
WORD = 10  # letters of a cell that is one word, a name or a tier, and stays on one line
UNBROKEN = re.compile(r"[\x21-\u024f]{31,}")  # Latin letters without a break: such a name may break anywhere
COLUMNS_OF = re.compile(r' data-columns="([^"]*)"')  # which columns a table of a notebook has
ON_WIDE = Markup('<span class="on-wide">{}</span>')
MOST_ROWS = 25  # beyond that a reader wants the workbook, not the page


@dataclass(frozen=True)
class Column:
    """A column of a table, on the page and in the workbook.

    Parameters
    ----------
    key : the column of the frame.
    label : its header, in English and marked with ``N_``.
    kind : text, n, n1, n2, n3, count, score (cut, not rounded: 69.97 is not 70), pct, pct1, money, date;
    words
        by key, for a column of neutral keys; or a function value → text. The figures of a column have one
        precision, see ``_reader``.
    extra : left out where a phone shows a table and no cards.
    css : long (needs room) or keep (stays on one line).
    to_owner : each of its texts is an owner's name and leads to the owner's page.
    """

    key: str
    label: str
    kind: str | Mapping[str, str] | Callable[[Any], str] = "text"
    extra: bool = False
    css: str = ""
    to_owner: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind in ("n", "n1", "n2", "n3", "count", "score", "pct", "pct1", "money")


def html_table(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    caption: str,
    most: int = MOST_ROWS,
    printed: int | None = None,
    cards: bool | None = None,
    phone: int = PHONE_ROWS,
    of_extra: str = "",
    marks: Mapping[str, Iterable[bool]] | None = None,
    whole: bool = False,
) -> Display:
    """``frame`` row by row in its order; nothing when it is empty. Money columns share one unit, named in the
    caption.

    Parameters
    ----------
    caption : in English and marked with ``N_``; one that carries figures comes filled in.
    most : rows that the page shows; the caption counts the others.
    printed : rows that paper shows of a ranked list, where the workbook has them all.
    cards : on a phone every row is a card with all its columns, each beside its label, and the unit of
        amounts stands above the first one; left out, so it is where a phone cannot hold the columns that are
        not ``extra``.
    phone : cards shown on a phone.
    of_extra : what the caption says of ``extra`` columns besides, in words; for a place without them it is
        left out.
    whole : amounts of three digits and more have no decimals.
    marks : what a mark in the cells means, in words → whether each row of ``frame`` bears it; the caption
        explains those of the rows shown.
    """
    if frame.empty:
        return NOTHING
    locale = current().locale
    # one row more is shorter than saying so
    shown = frame.head(most if len(frame) > most + 1 else most + 1)
    money, unit = _unit(shown, columns, locale, whole)
    readers = [_reader(c, shown[c.key], locale, money) for c in columns]
    lines = [
        [read(value) for read, value in zip(readers, row, strict=True)]
        for row in zip(*(shown[c.key] for c in columns), strict=True)
    ]
    labels = [locale.text(c.label) for c in columns]
    loose = [any(UNBROKEN.search(line[place]) for line in lines) for place in range(len(columns))]
    widest = [max(text_width(line[place]) for line in lines) for place in range(len(columns))]
    if cards is None:
        sized = zip(columns, labels, widest, strict=True)
        cards = sum(_letters_needed(c, label, wide) for c, label, wide in sized if not c.extra) > PHONE
    laid_out = [
        _laid_out(c, label, wide, cards) for c, label, wide in zip(columns, labels, widest, strict=True)
    ]
    for c in [c for c, free in zip(laid_out, loose, strict=True) if free]:
        c["css"] = f"{c['css']} loose".strip()
    grouped = any(line[0] == "" for line in lines)  # a group's name stands in its first row only
    halves = [c for c in laid_out[2 if grouped else 1 :] if c["half"]]
    for c in halves[: len(halves) // 2 * 2]:  # one without a neighbour takes the whole line
        c["css"] = f"{c['css']} half".strip()
    count = len(shown)
    # one row more is shorter than saying so
    on_paper = count if printed is None or count <= printed + 1 else printed
    on_phone = phone if cards and count > phone + 1 else count
    # a health band carries its colour as a dot beside its word
    accounts, keys = _accounts_of(shown), [c.key for c in columns]
    to_owner = {OWNER.key, *(c.key for c in columns if c.to_owner)}
    bands = [b if isinstance(b, str) else None for b in shown.get("health_band", [None] * count)]
    rows = [
        {
            "css": " ".join(["unprinted"] * (number >= on_paper) + ["beyond"] * (number >= on_phone)),
            "cells": [
                (
                    column,
                    _leading(column_key, text, accounts[number] if accounts else None, to_owner),
                    bands[number] if column["band"] else None,
                )
                for column, text, column_key in zip(laid_out, line, keys, strict=True)
            ],
        }
        for number, line in enumerate(lines)
    ]
    # the caption, and what is added to it where rows or columns are left out
    borne = [(said, tuple(map(bool, rows))[:count]) for said, rows in (marks or {}).items()]
    borne = [(said, rows) for said, rows in borne if any(rows)]
    sentences = [locale.text(caption), *(said for said, _ in borne)]
    in_unit = locale.say(N_("Amounts in {unit}."), unit=unit)
    has_amounts = any(c.kind == "money" for c in columns)
    if has_amounts:
        sentences.append(in_unit)
    beyond = (
        locale.say(N_("{rest:n} more in the workbook."), rest=len(frame) - count)
        if len(frame) > count
        else ""
    )
    notes = {"on_phone": "", "on_paper": "", "on_screen": ""}
    if on_phone < count:
        notes["on_phone"] = locale.say(
            N_("The first {shown:n} here; more on a wider screen."), shown=on_phone
        )
    elif any(c.extra for c in columns) and not cards:
        notes["on_phone"] = locale.text(N_("More columns on a wider screen."))
    if on_paper < count:
        cut = N_("Kept short in print: the first {shown:n}; {rest:n} more in the workbook.")
        notes["on_paper"] = locale.say(cut, shown=on_paper, rest=len(frame) - on_paper)
        notes["on_screen"] = beyond
    elif beyond:
        sentences.append(beyond)
    gap = " " if locale.language == "en" else ""
    brief = gap.join(one for one in sentences if one != beyond)
    if of_extra:
        sentences.insert(1 + len(borne), of_extra)
    below, whole_caption = gap.join(sentences), gap.join(one for one in sentences if one != beyond)
    # a phone leaves out what is said of columns that it leaves out, and the unit, which is above its cards
    not_there = in_unit if cards else of_extra
    html = template("table.html.j2").render(
        kind=("table short" if on_paper <= SHORT else "table")
        + (" cards" if cards else "")
        + (" grouped" if cards and grouped else ""),
        columns=laid_out,
        keys=" ".join(key.replace(" ", "_") for key in keys),
        rows=rows,
        cards=cards,
        unit=in_unit if cards and has_amounts else "",
        caption=Markup(gap).join([ON_WIDE.format(one) if one is not_there else one for one in sentences]),
        **{where: gap + note if note else "" for where, note in notes.items()},
    )
    spoken = gap.join([below, beyond]) if beyond and beyond not in sentences else below
    grid = Grid(
        tuple(labels),
        tuple(c.numeric or "num" in c.css for c in columns),
        tuple(c.extra for c in columns),
        tuple(map(tuple, lines)),
        whole_caption,
        tuple(keys),
        brief,
        tuple(borne),
        len(frame),
    )
    return Display(html, "\n".join([spoken, *(" | ".join(line) for line in lines)]), grid)


def _leading(column: str, text: str, account: object, to_owner: Collection[str]) -> str:
    """The cell's text; an account's or an owner's name marked with where it leads."""
    if not text or text == MISSING:
        return text
    if column == ACCOUNT.key and account is not None:
        return account_link(account, text)
    return owner_link(text) if column in to_owner else text


def _accounts_of(shown: pd.DataFrame) -> list[object] | None:
    """Whose name each row has: account_id as a column or else the index; None of another table."""
    if "account_id" in shown:
        return list(shown["account_id"])
    return list(shown.index) if shown.index.name == "account_id" else None


def _laid_out(column: Column, label: str, widest: int, cards: bool) -> dict[str, Any]:
    """A column as the template writes it; its cells are ``widest`` letters wide at most."""
    number = "num" if column.numeric else ""
    word = "word" if widest <= (NAME if column.key == ACCOUNT.key else WORD) and not number else ""
    extra = "extra" if column.extra else ""
    return {
        "header": Markup("<wbr>").join(_pieces(label)),
        "header_css": " ".join(filter(None, [number, extra, column.css])),
        "label": label,
        "css": " ".join(filter(None, [number, word, extra, column.css])),
        "half": cards and text_width(label) + widest <= HALF,
        "band": column.key == "health_band",
    }


def _unit(
    shown: pd.DataFrame, columns: Sequence[Column], locale: Locale, whole: bool = False
) -> tuple[Callable[[Any], str], str]:
    """How all money columns show an amount, in one unit and one precision as they are compared; the unit's
    name. ``whole``: without decimals from three digits on.
    """
    amounts = [float(v) for c in columns if c.kind == "money" for v in shown[c.key] if not missing(v)]
    scale, unit = locale.money_scale(max(map(abs, amounts), default=0.0))
    digits = money_decimals(amounts, scale)
    if whole and max(map(abs, amounts), default=0.0) >= 100 * scale:
        digits = 0
    return lambda v: MISSING if missing(v) else _amount(v / scale, digits, locale), unit


def money_decimals(amounts: Iterable[Any], scale: float) -> int:
    """The decimals of a column of amounts that is told in units of ``scale``: as ``decimals``, two where the
    largest has one digit before the point, as in a sentence.
    """
    told = [abs(float(a)) / scale for a in amounts if not missing(a)]
    few = decimals(told) if scale != 1.0 else 0
    return 2 if few and max(told) < 9.995 and not all(round(10 * a, 1).is_integer() for a in told) else few


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
    is not 0 but would be told as 0 is "<1" (or "<0.1"). Shares: as in a sentence, so that a figure is the
    same in both; weights (pct1): one decimal in the whole column, none where all are whole.
    """
    kind = column.kind
    if callable(kind):
        return kind
    if isinstance(kind, Mapping):
        return word(kind)
    if kind == "money":
        return money
    if kind in ("n1", "score"):
        read = (lambda v: v) if kind == "n1" else (lambda v: None if missing(v) else math.floor(v * 10) / 10)
        digits = decimals(read(v) for v in values)
        return lambda v: locale.number(read(v), digits, fixed=True)
    if kind == "pct1":
        digits = int(not all(round(100 * float(v), 1).is_integer() for v in values if not missing(v)))
        return lambda v: locale.percent(v, digits)
    formats: dict[str, Callable[[Any], str]] = {
        "n": locale.number,
        "n2": lambda v: locale.number(v, 2),
        "n3": lambda v: locale.number(v, 3),
        "count": locale.count,
        "pct": locale.percent,
        "date": locale.date,
        "text": lambda v: MISSING if missing(v) or v == "" else locale.label(str(v)),
    }
    return formats[kind]


def _amount(value: float, digits: int, locale: Locale) -> str:
    least = 10.0**-digits
    return (
        f"<{locale.number(least, digits)}"
        if 0 < value < least / 2
        else locale.number(value, digits, fixed=True)
    )


def _letters_needed(column: Column, label: str, widest: int) -> int:
    """Letters that a column takes on a phone: figures and single words whole, other text in two lines, the
    header where it may break.
    """
    whole = column.numeric or "keep" in column.css or widest <= WORD
    cell = widest if whole else max(WORD + 2, -(-widest // 2))
    return max(cell, *(text_width(word) for piece in _pieces(label) for word in piece.split() or [""])) + 2


def text_width(text: str) -> int:
    """Letters that a text is wide; a Chinese character counts two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pieces(label: str) -> list[str]:
    """A header, split where a long one may break: the page keeps Chinese words whole, which would else break
    anywhere (等/级), and so does what stands in brackets.
    """
    if text_width(label) <= LONG_HEADER:
        return [label]
    return re.split(
        r"(?<=[\u4e00-\u9fff])(?=（)|(?<=[\u4e00-\u9fff])(?<!（.)(?=\d)|(?<=[的，、])(?=[^（]{2})|(?<=[\d%])(?!的)(?=[\u4e00-\u9fff]{2})",
        label.replace("/", "/\u2060"),
    )


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook, which has all rows of a list that the page cuts short.

    Parameters
    ----------
    title : its name, in English and marked with ``N_``; at most 31 letters in either language.
    rows : accounts by index or column ``account_id``; a sheet without rows is left out.
    columns : the same records as in the page's table where they show the same.
    """

    title: str
    rows: pd.DataFrame
    columns: Sequence[Column]


ACCOUNT = Column("name", N_("Account"))
OWNER = Column("owner", N_("Owner"))
ACCOUNT_COLUMNS = (
    Column("account_id", N_("Account ID")),
    Column("account_name", N_("Account")),
)  # of a sheet
REVENUE = Column("revenue", N_("Revenue"), "money")


def names_alone(unit: pd.Series, view: View) -> dict[str, str]:
    """The names of accounts that head a group, as of the account alone: by the bare name the whole group
    goes. ``unit``: the unit of each account (index account_id), itself where it is in no group.
    """
    alone, members = N_("{name} (this account alone)"), unit.value_counts()
    heads = [str(one) for one in members.index[members > 1]]
    return {one: view.locale.say(alone, name=view.name(one)) for one in heads}


def with_names(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the accounts' names as column ``name``: account_id is a column or else the index, and a
    row without one shows a dash.
    """
    view = current()
    ids = frame.get("account_id", frame.index)
    return frame.assign(name=[MISSING if missing(a) else view.name(a) for a in ids])


def word(words: Mapping[str, str]) -> Callable[[Any], str]:
    """A reader of neutral keys: the word for each in the page's language, a dash where there is none."""
    locale = current().locale
    return lambda key: MISSING if missing(key) else locale.text(words[key])


def ranges(lows: Iterable[float], highs: Iterable[float], locale: Locale, scale: float) -> list[str]:
    """Low to high in the table's unit and in one precision; one figure where they show the same."""
    sides = [[None if missing(v) else v / scale for v in side] for side in (lows, highs)]
    digits = 0 if scale == 1.0 else decimals(sides[0] + sides[1])
    said = ([locale.number(v, digits, fixed=True) for v in side] for side in sides)
    return [low if low == high else f"{low}–{high}" for low, high in zip(*said, strict=True)]
