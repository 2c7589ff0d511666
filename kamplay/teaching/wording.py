"""The words of exercises and exhibits in one language, with figures and the trade's own words filled in."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kamplay.show.locale import MISSING, Locale, missing
from kamplay.teaching.cases import Trade
from kamplay.teaching.keys.made import Span
from kamplay.teaching.registry import Exercise, column_labels

_HAN = re.compile(r"[\u3400-\u9fff]")
_WHOLE = {"orders_3_years", "visits", "complaints", "rank", "stance", "influence"}


@dataclass(frozen=True)
class Wording:
    """A language, and the trade whose words the tables are in; without one they are a client's own."""

    locale: Locale
    trade: Trade | None = None

    @property
    def language(self) -> str:
        return self.locale.language

    def fill(self, text: str, values: Mapping[str, Any], exercise: Exercise) -> str:
        """A text of an exercise with its figures; besides the locale's own formats ``ids`` (a list) and the
        name of a list of words.
        """
        out = []
        for literal, name, spec, _ in string.Formatter().parse(text):
            out.append(literal)
            if name is not None:
                out.append(self._filled(name, values[name], spec or "", exercise))
        return "".join(out)

    def _filled(self, name: str, value: Any, spec: str, exercise: Exercise) -> str:
        if name == "name" or name.endswith("_name"):
            return self.account(str(value))
        if spec == "ids":
            return self._joined([str(v) for v in value])
        if spec in exercise.words:
            if isinstance(value, Mapping):
                return self._joined([f"{k} {self.word(exercise, spec, v)}" for k, v in value.items()])
            if isinstance(value, list | tuple):
                return self._joined([self.word(exercise, spec, v) for v in value])
            return self.word(exercise, spec, str(value))
        return self.locale.say("{value" + (f":{spec}" if spec else "") + "}", value=value)

    def _joined(self, words: list[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(words) or MISSING

    def word(self, exercise: Exercise, listed: str, key: str) -> str:
        """A word of an exercise's list in this language."""
        spellings = exercise.words[listed].get(key, [key])
        fits = [s for s in spellings if bool(_HAN.search(s)) == (self.language == "zh")]
        return (fits or spellings)[0]

    def account(self, name: str) -> str:
        return str(self.trade.word("account", name, self.language)) if self.trade else name

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """An exhibit with headers and keys in words; figures and dates as they are."""
        told = self.trade.told(frame, self.language) if self.trade else frame.copy()
        labels = column_labels()
        for column in told.columns:
            values = told[column]
            if values.dtype == object or pd.api.types.is_string_dtype(values):
                told[column] = [self._value(v, labels["values"]) for v in values]
            elif pd.api.types.is_datetime64_any_dtype(values):
                told[column] = values.dt.date.astype(object).where(values.notna(), None)
            elif pd.api.types.is_float_dtype(values):
                told[column] = values.astype("Int64") if _digits(values) == 0 else values + 0.0
        return told.rename(columns={c: self.header(c, "department" in frame) for c in frame.columns})

    def _value(self, value: Any, words: Mapping[str, Mapping[str, str]]) -> Any:
        if isinstance(value, Span):
            return self._span(value)
        return words[value][self.language] if isinstance(value, str) and value in words else value

    def _span(self, span: Span) -> str:
        """3～6 or 3–6; a bound below 0 is joined by a word."""
        low, high = (
            self.locale.number(x, span.digits, fixed=True) for x in (span.low + 0.0, span.high + 0.0)
        )
        if low == high:
            return low
        zh = self.language == "zh"
        between = (" 至 " if zh else " to ") if span.low < 0 else "～" if zh else "–"
        return f"{low}{between}{high}"

    def header(self, column: str, of_criteria: bool = False) -> str:
        labels = column_labels()
        own = (
            labels["columns_of_criteria"]
            if of_criteria and column in labels["columns_of_criteria"]
            else labels["headers"]
        )
        if column not in own:
            return column
        text, currency = own[column][self.language], self.locale.currency
        if currency == "CNY":
            return text
        return (
            text.replace("CNY", currency)
            if self.language == "en"
            else re.sub(r"（(百?万?)元）", rf"（\1{currency}）", text)
        )

    def grouped(self, columns: list[str], labels: list[str]) -> tuple[list[tuple[str, int]], list[str]]:
        """Headers of two rows for paper: above, each group with the number of its columns ("" for one without
        a group), and below the columns' own headers. Nothing above where no column has a group.
        """
        known = column_labels()
        above: list[tuple[str, int]] = []
        for column in columns:
            text = known["groups"][column][self.language] if column in known["groups"] else ""
            if text and above and above[-1][0] == text:
                above[-1] = (text, above[-1][1] + 1)
            else:
                above.append((text, 1))
        below = [
            known["in_group"][c][self.language] if c in known["groups"] else label
            for c, label in zip(columns, labels, strict=True)
        ]
        return above if any(text for text, _ in above) else [], below

    def cells(self, frame: pd.DataFrame) -> tuple[list[str], list[bool], list[list[str]]]:
        """An exhibit for paper: headers, which columns are figures, and the cells as text."""
        told = self.table(frame)
        numeric = [pd.api.types.is_numeric_dtype(frame[c]) for c in frame.columns]
        ranged = [any(isinstance(v, Span) for v in frame[c]) for c in frame.columns]
        lines = []
        digits = {c: _digits(frame[c]) for c, n in zip(frame.columns, numeric, strict=True) if n}
        for row, raw in zip(told.itertuples(index=False), frame.itertuples(index=False), strict=True):
            cells = []
            for column, number, value, own in zip(frame.columns, numeric, row, raw, strict=True):
                if missing(own) or missing(value):
                    cells.append(MISSING)
                elif number:
                    cells.append(self.locale.number(own, digits[column], fixed=True))
                else:
                    cells.append(value.isoformat() if isinstance(value, date) else str(value))
            lines.append(cells)
        return list(told.columns), [n or r for n, r in zip(numeric, ranged, strict=True)], lines


def _digits(values: pd.Series) -> int:
    known = values.dropna()
    return 0 if (known == known.round(0)).all() else 1
