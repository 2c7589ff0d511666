"""A table on a page that can be searched, filtered, sorted and downloaded offline: its columns, its data, and
the page's one script that reads them.

Texts of a client are text everywhere: the data stand in the page as JSON in which nothing can end the script
element, and the script puts them into the page as text only.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, cast

import pandas as pd
from babel.dates import format_date

from kamplay import palette
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.table import Column, money_decimals
from kamplay.show.view import current

PACKED_FROM = 300_000  # bytes of data from which they are compressed


@dataclass(frozen=True)
class Field:
    """A column of the table.

    Parameters
    ----------
    key, label : as in ``Column``.
    kind : text, choice (few different words), money, pct, change, n1, n, date.
    words : of a choice of neutral keys, in their order; None where its words are the client's.
    shown : whether it is there before the reader chooses.
    filter : whether there is a list to choose one of its words from; ``any`` is the entry for all of them.
    bounds : the columns of the interval that stands in brackets behind the figure.
    css : of its cells, as in ``Column``; "half" ones stand side by side on a phone.
    foreign : whether its texts may be in another language than the page.
    names : whether its values are names, which no label translates.
    dots : of a choice, word's key → the colour of the dot before it.
    """

    key: str
    label: str
    kind: str = "text"
    words: Mapping[str, str] | None = None
    shown: bool = False
    filter: bool = False
    any: str | None = None
    search: bool = False
    bounds: tuple[str, ...] = ()
    hidden: bool = False
    css: str = ""
    foreign: bool = False
    names: bool = False
    dots: Mapping[str, str] | None = None

    @property
    def column(self) -> Column:
        """The same in the table that is there without a script."""
        kind = {"choice": "text", "change": lambda v: current().locale.say("{v:change}", v=v)}
        return Column(self.key, self.label, cast(Any, kind.get(self.kind, self.kind)))


def whole(
    columns: Sequence[dict[str, Any]],
    amounts: Iterable[float],
    rows: int,
    locale: Locale,
    file: str,
    sort: str,
    count: str,
    none: str,
) -> dict[str, Any]:
    """All that the script reads.

    Parameters
    ----------
    columns : as of ``column``.
    amounts : of all columns of money, by which their unit is chosen.
    file : the name of what is downloaded.
    sort : the column by which the table is sorted at first, the largest first.
    count : the sentence on how many rows are shown: {shown} of {total}, and {sum} of the column revenue in
        {unit}.
    none : the sentence where no row fits.
    """
    money = [abs(float(v)) for v in amounts if not missing(v)]
    scale, unit = locale.money_scale(max(money, default=0.0))
    said = {
        "count": count,
        "where": locale.text(N_("{first}–{last} of {of}")),
        "none": none,
        "all": locale.text(N_("all")),
        "without": locale.text(N_("(none)")),
        "months": [format_date(date(2000, month, 1), "MMM", locale="en") for month in range(1, 13)],
    }
    return {
        "lang": locale.language,
        "currency": locale.currency_unit,
        "scale": scale,
        "unit": unit,
        "digits": money_decimals(money, scale),
        "file": file,
        "sort": sort,
        "rows": rows,
        "words": said,
        "columns": list(columns),
    }


def section(
    title: str, on_paper: str, data: dict[str, Any], fallback: str, locale: Locale, hint: str = ""
) -> str:
    """The table as HTML, its data compressed where they are long.

    Parameters
    ----------
    title, on_paper : its heading, and the sentence in its place on paper.
    data : as of ``whole``.
    fallback : HTML of what is there without a script.
    hint : how its figures differ from those above; "" where they do not.
    """
    text = in_page(data)
    packed = len(text.encode("utf-8")) > PACKED_FROM
    template = environment().get_template("explorer.html.j2")
    about = {"title": title, "on_paper": on_paper, "fallback": fallback, "packed": packed, "hint": hint}
    return str(template.render(_=locale.text, data=_packed(text) if packed else text, **about))


def column(one: Field, values: pd.Series, words: Mapping[str, str] | None, locale: Locale) -> dict[str, Any]:
    """A column for the script; missing values are null, or −1 in a choice."""
    out: dict[str, Any] = {"key": one.key, "label": locale.text(one.label), "kind": one.kind}
    for name in ("shown", "filter", "search", "hidden"):
        if getattr(one, name):
            out[name] = True
    if one.bounds:
        out["range"] = one.bounds
    if css := one.css or ("keep" if one.kind == "date" else ""):
        out["css"] = css
    if one.foreign:
        out["foreign"] = True
    known = values.notna().tolist()
    values = values.to_numpy(object).tolist()
    if one.kind == "choice":
        there = list(dict.fromkeys(v for v, there in zip(values, known, strict=True) if there))
        keys = [k for k in words if k in there] if words is not None else there
        keys += [k for k in there if k not in keys]
        place = {key: n for n, key in enumerate(keys)}
        if words is not None:
            out["words"] = [locale.text(words.get(key, key)) for key in keys]
        else:
            out["words"] = [str(key) if one.names else locale.label(str(key)) for key in keys]
        out["values"] = [place[v] if there else -1 for v, there in zip(values, known, strict=True)]
        if words is not None:
            out["ordered"] = True
        if one.dots:
            out["dots"] = [one.dots.get(key, "") for key in keys]
        if one.any:
            out["any"] = locale.text(one.any)
    elif one.kind in ("text", "date"):
        out["values"] = [str(v) if there else None for v, there in zip(values, known, strict=True)]
    else:
        digits = 2 if one.kind == "money" else 6
        out["values"] = [short(float(v), digits) if k else None for v, k in zip(values, known, strict=True)]
    return out


def short(value: float, digits: int) -> float | int:
    """A figure in as few letters as its digits need."""
    rounded = round(value, digits)
    return int(rounded) if rounded.is_integer() else rounded


def in_page(whole: Any) -> str:
    """JSON in which no text can end the script element that holds it."""
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _packed(text: str) -> str:
    """The data compressed, the same bytes for the same text."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), 9, mtime=0)).decode("ascii")


def _template(name: str) -> str:
    return resources.files("kamplay.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def script() -> str:
    return _template("explorer.js")


def hash_of(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


@cache
def environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("kamplay.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def css(name: str = "explorer.css.j2") -> str:
    colours = {n: c for n, c in vars(palette).items() if n.isupper() and isinstance(c, str)}
    return str(environment().get_template(name).render(**colours))
