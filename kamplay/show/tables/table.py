"""Tables of the page: formatted numbers, escaped names, columns that a phone can leave out."""

from __future__ import annotations

import math
from collections.abc import Callable
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


def table(frame: pd.DataFrame, columns: list[Column], caption: str, most: int = MOST_ROWS) -> Display:
    """``frame`` row by row in its order; nothing when it is empty. Money columns share one unit, named in the caption."""
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
    for _, row in shown.iterrows():
        cells = [_cell(row[c.key], c, locale, scale) for c in columns]
        rows.append(
            "<tr>"
            + "".join(f"<td{_classes(c)}>{_marked(escape(cell), row[c.key], c)}</td>" for c, cell in zip(columns, cells, strict=True))
            + "</tr>"
        )
        text.append(" | ".join(cells))
    said = [locale.text(caption)]  # a caption that carries figures comes filled in
    if money:
        said.append(locale.say(N_("Amounts in {unit}."), unit=unit))
    if len(frame) > most:
        said.append(locale.say(N_("{rest:n} more in the workbook."), rest=len(frame) - most))
    wider = locale.text(N_("More columns on a wider screen."))
    more = f'<span class="phone"> {escape(wider)}</span>' if any(c.extra for c in columns) else ""
    kind = "table short" if len(shown) <= SHORT else "table"
    below = (" " if locale.language == "en" else "").join(said)
    html = (
        f'<figure class="{kind}"><div class="scroll" tabindex="0"><table><thead><tr>{"".join(head)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div><figcaption>{escape(below)}{more}</figcaption></figure>"
    )
    return Display(html, "\n".join([below, *text]))


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
