"""An exhibit on the screen: a DataFrame to sort and compute with that is shown as on the printed sheet."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.palette import RULE
from kamplay.show.locale import MISSING, Locale, missing
from kamplay.teaching.pages import header
from kamplay.teaching.registry import column_labels
from kamplay.teaching.wording import Wording

_BOX = "overflow-x:auto;max-width:100%"
_CELL = f"padding:2px 7px;border-bottom:1px solid {RULE};white-space:nowrap"
# a Chinese header breaks before its unit, never inside a word
_HEAD = f"{_CELL.replace('nowrap', 'normal')};vertical-align:bottom;word-break:keep-all"
_ROOM = ";min-width:4.5em"
WIDE = 12  # columns from which a table is set tight, so that it fits beside the files of JupyterLab
_TIGHT = ";padding:1px 3px"
_NARROW = ";width:1px"  # of a figure: what is to spare goes to the names
# account numbers, and names behind them, stay in sight when a wide table is scrolled
_STAYS = ";position:sticky;z-index:1;background:var(--jp-layout-color0,#fff)"
_WRAPS = ";white-space:normal;min-width:8em"
_GROUP = f"{_CELL};text-align:center;border-left:2px solid {RULE}"
_HAN = re.compile(r"[\u3400-\u9fff]")


@cache
def _known() -> dict[str, str]:
    return {text: column for column, own in column_labels()["headers"].items() for text in own.values()}


def _column(label: str) -> str:
    """The column that a header is of; the header itself where it is none of an exhibit."""
    return _known().get(label, label)


class ExhibitTable(pd.DataFrame):
    """Without row numbers, whole numbers without decimals, – where there is no record; what is computed
    from it is a plain DataFrame.
    """

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        aligned = ["right" if _figures(self[c]) else "left" for c in self.columns]
        labels = [str(c) for c in self.columns]
        columns = [_column(label) for label in labels]
        lines = _lines(self)
        tight = _TIGHT if len(columns) >= WIDE else ""
        stays = _stays(columns, lines, bool(tight))
        language = "zh" if any(_HAN.search(label) for label in labels) else "en"
        above, labels = Wording(Locale(language, "CNY")).grouped(columns, labels)
        top = ""
        if above:  # ids and names keep a cell each, so that these stay in sight, too
            spans = [("", 1)] * above[0][1] + above[1:] if not above[0][0] else above
            top = "".join(
                f'<th colspan="{span}" style="{_GROUP if text else _HEAD}{tight}{stay}">{escape(text)}</th>'
                for (text, span), stay in zip(spans, [*stays, *[""] * len(spans)], strict=False)
            )
            top = f"<tr>{top}</tr>"
        head = "".join(
            f'<th style="{_HEAD}{_room(tight, side)};text-align:{side}{stay}">{header(label)}</th>'
            for label, side, stay in zip(labels, aligned, stays, strict=False)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="{_CELL}{tight};text-align:{side}{stay}">{escape(cell)}</td>'
                for cell, side, stay in zip(line, aligned, stays, strict=False)
            )
            + "</tr>"
            for line in lines
        )
        size = ";font-size:12px" if tight else ""
        return (
            f'<div style="{_BOX}"><table style="border-collapse:collapse{size}">'
            f"<thead>{top}<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def __repr__(self) -> str:
        return pd.DataFrame(_lines(self), columns=list(self.columns)).to_string(index=False)


def _room(tight: str, side: str) -> str:
    """The width of a header: that of its words, and of a figure's in a wide table as little as it takes."""
    return _ROOM if not tight else tight + _NARROW if side == "right" else tight


def _stays(columns: list[str], lines: list[list[str]], tight: bool) -> list[str]:
    """The style of each column that stays in sight: account numbers as wide as the longest, names behind."""
    others = [""] * len(columns)
    if columns[:2] != ["account_id", "account_name"]:
        return others
    wide = max(5.6, 0.65 * max((len(line[0]) for line in lines), default=0) + 1.6)
    own = f"{_STAYS};left:0;box-sizing:border-box;width:{wide:g}em;min-width:{wide:g}em;max-width:{wide:g}em"
    name = f"{_STAYS};left:{wide:g}em;border-right:1px solid {RULE}{_WRAPS if tight else ''}"
    return [own, name, *others[2:]]


def read_exhibit(path: Path) -> ExhibitTable:
    """The table of a file."""
    table = pd.read_csv(path)
    for name in table.select_dtypes("float"):
        known = table[name].dropna()
        table[name] = table[name].astype("Int64") if (known == known.round(0)).all() else table[name] + 0.0
    return ExhibitTable(table)


def _figures(values: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(values):
        return True
    known = [str(v) for v in values.dropna()]
    return bool(known) and all(set(v) <= set("0123456789.,–～- −to至") for v in known) and not _dates(known)


def _dates(known: list[str]) -> bool:
    return all(len(v) == 10 and v[4] == v[7] == "-" for v in known)


def _lines(frame: pd.DataFrame) -> list[list[str]]:
    columns = []
    locale = Locale("en", "CNY")  # the digits are written alike in both languages
    for name in frame.columns:
        values = frame[name]
        if pd.api.types.is_numeric_dtype(values):
            known = values.dropna()
            digits = 0 if (known == known.round(0)).all() else 1
            cells = [MISSING if missing(v) else locale.number(float(v), digits, fixed=True) for v in values]
        else:
            cells = [MISSING if missing(v) else str(v) for v in values]
        columns.append(cells)
    return [list(line) for line in zip(*columns, strict=True)]
