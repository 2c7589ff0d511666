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
from kamplay.teaching.registry import column_labels
from kamplay.teaching.wording import Wording

_BOX = "overflow-x:auto;max-width:100%"
_CELL = f"padding:2px 7px;border-bottom:1px solid {RULE};white-space:nowrap"
_HEAD = f"{_CELL.replace('nowrap', 'normal')};min-width:4.5em;vertical-align:bottom"
# ids, and names behind them, stay in sight when a wide table is scrolled
_STAYS = ";position:sticky;z-index:1;background:var(--jp-layout-color0,#fff)"
_ID = f"{_STAYS};left:0;box-sizing:border-box;width:5.6em;min-width:5.6em;max-width:5.6em"
_NAME = f"{_STAYS};left:5.6em;border-right:1px solid {RULE}"


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
        named = columns[1:2] == ["account_name"]
        stays = [_ID, _NAME if named else "", *[""] * len(aligned)]
        language = "zh" if any(_HAN.search(label) for label in labels) else "en"
        above, labels = Wording(Locale(language, "CNY")).grouped(columns, labels)
        top = ""
        if above:  # ids and names keep a cell each, so that these stay in sight, too
            spans = [("", 1)] * above[0][1] + above[1:] if not above[0][0] else above
            top = "".join(
                f'<th colspan="{span}" style="{_GROUP if text else _HEAD}{stay}">{escape(text)}</th>'
                for (text, span), stay in zip(spans, [*stays, *[""] * len(spans)], strict=False)
            )
            top = f"<tr>{top}</tr>"
        head = "".join(
            f'<th style="{_HEAD};text-align:{side}{stay}">{escape(label)}</th>'
            for label, side, stay in zip(labels, aligned, stays, strict=False)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="{_CELL};text-align:{side}{stay}">{escape(cell)}</td>'
                for cell, side, stay in zip(line, aligned, stays, strict=False)
            )
            + "</tr>"
            for line in _lines(self)
        )
        return (
            f'<div style="{_BOX}"><table style="border-collapse:collapse"><thead>{top}<tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )

    def __repr__(self) -> str:
        return pd.DataFrame(_lines(self), columns=list(self.columns)).to_string(index=False)


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
    return bool(known) and all(set(v) <= set("0123456789.,–～- −to") for v in known) and not _dates(known)


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
