"""Tables of the page: formatted numbers, escaped names, columns that a phone can leave out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.view import current

SHORT = 12  # rows of a table that print keeps on one page
MOST_ROWS = 25  # beyond that a reader wants the workbook, not the page


@dataclass(frozen=True)
class Column:
    """``kind``: text, n, n1, n2, count, score (cut, not rounded: 69.97 is not 70), pct, pct1, money, date, or a function value → text.

    ``extra`` columns are left out on a phone. ``css``: long (needs room) or keep (stays on one line).
    """

    key: str
    label: str
    kind: str | Callable[[Any], str] = "text"
    extra: bool = False
    css: str = ""


def table(
    frame: pd.DataFrame, columns: list[Column], caption: str, most: int = MOST_ROWS, printed: int | None = None, cards: bool = False
) -> Display:
    """``frame`` row by row in its order; nothing when it is empty. Money columns share one unit, named in the caption.

    ``printed``: the rows that paper shows of a ranked list, where the workbook has them all. ``cards``: on a phone every row is a card
    with all its columns, each under its label.
    """
    if frame.empty:
        return NOTHING
    view = current()
    locale = view.locale
    shown = frame.head(most)
    money = [c.key for c in columns if c.kind == "money"]
    largest = max((float(shown[k].abs().max()) for k in money if shown[k].notna().any()), default=0.0)
    scale, unit = locale.money_scale(largest)
    head, rows, text = [], [], []
    for column in columns:
        head.append(f'<th scope="col"{_classes(column)}>{escape(locale.text(column.label))}</th>')
    labels = [f' data-label="{escape(locale.text(c.label), quote=True)}"' if cards else "" for c in columns]
    most_printed = len(shown) if printed is None or len(shown) <= printed + 1 else printed  # one row more is shorter than saying so
    for number, (_, row) in enumerate(shown.iterrows()):
        cells = [_cell(row[c.key], c, locale, scale) for c in columns]
        rows.append(
            ("<tr>" if number < most_printed else '<tr class="unprinted">')
            + "".join(
                f"<td{_classes(c)}{label}>{_marked(escape(cell), row[c.key], c)}</td>"
                for c, cell, label in zip(columns, cells, labels, strict=True)
            )
            + "</tr>"
        )
        text.append(" | ".join(cells))
    said = [locale.text(caption)]  # a caption that carries figures comes filled in
    if money:
        said.append(locale.say(N_("Amounts in {unit}."), unit=unit))
    rest = len(frame) - len(shown)
    gap = " " if locale.language == "en" else ""
    beyond = locale.say(N_("{rest:n} more in the workbook."), rest=rest) if rest else ""
    wider = locale.text(N_("More columns on a wider screen."))
    more = f'<span class="phone"> {escape(wider)}</span>' if any(c.extra for c in columns) and not cards else ""
    if most_printed < len(shown):
        cut = N_("Kept short in print: the first {shown:n}; {rest:n} more in the workbook.")
        more += f'<span class="print"> {escape(locale.say(cut, shown=most_printed, rest=len(frame) - most_printed))}</span>'
        more += f'<span class="screen">{gap}{escape(beyond)}</span>' if beyond else ""
    elif beyond:
        said.append(beyond)
    kind = ("table short" if most_printed <= SHORT else "table") + (" cards" if cards else "")
    below = gap.join(said)
    html = (
        f'<figure class="{kind}"><div class="scroll" tabindex="0"><table><thead><tr>{"".join(head)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div><figcaption>{escape(below)}{more}</figcaption></figure>"
    )
    spoken = gap.join([below, beyond]) if beyond and beyond not in said else below
    return Display(html, "\n".join([spoken, *text]))


def _cell(value: Any, column: Column, locale: Locale, scale: float) -> str:
    if callable(column.kind):
        return column.kind(value)
    if column.kind == "money":
        digits = 0 if scale == 1.0 else 1
        return locale.number(None if missing(value) else value / scale, digits)
    formats: dict[str, Callable[[Any], str]] = {
        "n": locale.number,
        "n1": lambda v: locale.number(v, 1),
        "n2": lambda v: locale.number(v, 2),
        "count": locale.count,
        "score": lambda v: locale.number(None if missing(v) else math.floor(v * 10) / 10, 1),
        "pct": locale.percent,
        "pct1": lambda v: locale.percent(v, 1),
        "date": locale.date,
    }
    return formats.get(column.kind, lambda v: "–" if missing(v) or v == "" else str(v))(value)


def _classes(column: Column) -> str:
    names = (
        (["num"] if column.kind in ("n", "n1", "n2", "count", "score", "pct", "pct1", "money") else [])
        + (["extra"] if column.extra else [])
        + ([column.css] if column.css else [])
    )
    return f' class="{" ".join(names)}"' if names else ""


def _marked(cell: str, value: Any, column: Column) -> str:
    """A health band carries its colour as a dot beside its word."""
    return f'<span class="dot {value}"></span>{cell}' if column.key == "health_band" and isinstance(value, str) else cell


ACCOUNT = Column("name", N_("Account"))


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` (index account_id) with the accounts' names as column ``name``."""
    view = current()
    return frame.assign(name=[view.name(a) for a in frame.index])


def word(words: dict[str, str]) -> Callable[[Any], str]:
    """A reader of neutral keys: the word for each in the page's language, a dash where there is none."""
    locale = current().locale
    return lambda key: "–" if missing(key) else locale.text(words[key])


def ranges(lows: Iterable[float], highs: Iterable[float], locale: Locale, scale: float) -> list[str]:
    """Low to high in the table's unit; one figure where they show the same."""
    digits = 0 if scale == 1.0 else 1
    said = ([locale.number(None if missing(v) else v / scale, digits) for v in side] for side in (lows, highs))
    return [low if low == high else f"{low}–{high}" for low, high in zip(*said, strict=True)]
