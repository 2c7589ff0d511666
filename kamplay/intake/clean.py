"""Raw cells to typed values. A cell that cannot be read becomes missing *and* is reported by its row; nothing is guessed.

Every reader takes a Series of raw cells and returns ``(values, bad)``: the typed Series and a mask of
the filled cells that it could not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from kamplay.codebook import Column, fold

Cleaned = tuple[pd.Series, pd.Series]
UNITS = {"万元": 1e4, "万": 1e4, "亿元": 1e8, "亿": 1e8, "元": 1.0, "": 1.0}
NO_VALUE = {"", "-", "—", "–", "/", "n/a", "na", "null", "none", "nan", "#n/a", "无"}
YES, NO = {"是", "y", "yes", "true", "1", "有", "√"}, {"否", "n", "no", "false", "0", "×"}
_AMOUNT = re.compile(r"^([-+]?)[¥￥$€£]?([-+]?)([\d.,' ]*\d[\d.,' ]*)(万元|亿元|万|亿|元|)(-?)$")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ].*)?$")


def clean(raw: pd.Series, column: Column) -> Cleaned:
    """``raw`` read as the column's kind."""
    if column.kind == "choice":
        return choices(raw, column)
    return READERS[column.kind](raw)


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as text: whole floats without their ``.0`` (Excel's 123.0 is 123), missing cells empty."""
    if isinstance(cells.dtype, pd.StringDtype):
        return cells.fillna("")
    if pd.api.types.is_float_dtype(cells.dtype):
        whole = cells.notna() & (cells % 1 == 0) & (cells.abs() < 1e15)
        text = cells.astype("str")
        text[whole] = cells[whole].astype("int64").astype("str")
        return text.where(cells.notna(), "")
    return _by_value(cells.astype(object), _one_text).astype("str")


def _one_text(value: Any) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    return str(value)


def ids(raw: pd.Series) -> Cleaned:
    """Identifiers: full-width folded, outer spaces trimmed, leading zeros kept."""
    text = _by_value(as_text(raw), lambda v: unicodedata.normalize("NFKC", v).strip()).astype("str")
    return text.where(~text.str.casefold().isin(NO_VALUE)), _none_bad(raw)


def texts(raw: pd.Series) -> Cleaned:
    """Free text, outer and repeated spaces removed."""
    text = as_text(raw).str.replace(r"\s+", " ", regex=True).str.strip()
    return text.where(text != ""), _none_bad(raw)


def numbers(raw: pd.Series) -> Cleaned:
    """Amounts and numbers: currency signs, 万 and 亿, thousands marks, parentheses, trailing minus, decimal comma."""
    if pd.api.types.is_numeric_dtype(raw.dtype) and not pd.api.types.is_bool_dtype(raw.dtype):
        values = raw.astype("float64")
        return values, values.notna() & ~np.isfinite(values)
    text = as_text(raw).str.strip()
    values = pd.to_numeric(text.where(~text.str.contains(r"[^\d.eE+-]", regex=True)), errors="coerce").astype("float64")
    rest = values.isna() & ~text.str.casefold().isin(NO_VALUE)
    if rest.any():
        values[rest] = _by_value(text[rest], amount).astype("float64")
    return values, rest & ~np.isfinite(values) | np.isinf(values)


def amount(text: str) -> float:
    """One amount as people write it; NaN when it cannot be read."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("RMB", "").replace("CNY", "").strip()
    negative = plain.startswith("(") and plain.endswith(")")
    found = _AMOUNT.match((plain[1:-1] if negative else plain).replace(" ", ""))
    if not found:
        return float("nan")
    before, after, digits, unit, trailing = found.groups()
    value = _decimal(digits)
    minus = sum((before == "-", after == "-", trailing == "-", negative))
    return float("nan") if minus > 1 else (-1.0 if minus else 1.0) * value * UNITS[unit]


def _decimal(digits: str) -> float:
    digits = digits.replace("'", "")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", digits) or re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(".", "").replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return float("nan")


def integers(raw: pd.Series) -> Cleaned:
    values, bad = numbers(raw)
    broken = values.notna() & (values % 1 != 0)
    return values.where(~broken), bad | broken


def shares(raw: pd.Series) -> Cleaned:
    """Shares from 0 to 1: ``12 %`` is 0.12. A bare 12 stays 12 and fails the range check rather than being guessed at."""
    text = as_text(raw).str.strip()
    percent = text.str.endswith(("%", "％"))
    values, bad = numbers(text.str.rstrip("%％"))
    return values.where(~percent, values / 100), bad


def flags(raw: pd.Series) -> Cleaned:
    text = as_text(raw).str.strip().str.casefold()
    values = text.map({**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}).astype("boolean")
    return values, values.isna() & ~text.isin(NO_VALUE)


def choices(raw: pd.Series, column: Column) -> Cleaned:
    """The neutral key of a choice, from the key itself, its labels or its aliases."""
    known: dict[str, str] = {}
    for key, spec in column.choices.items():
        known |= {fold(word): key for word in (key, spec["zh"], spec["en"], *spec.get("aliases", ()))}
    text = as_text(raw).str.strip()
    values = _by_value(text, lambda v: known.get(fold(v)) if v else None).astype("str")
    return values, values.isna() & (text != "")


def dates(raw: pd.Series) -> Cleaned:
    """Dates without time of day. Day-first or month-first is decided by the whole column; undecided cells are bad."""
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        values = raw.dt.tz_localize(None) if getattr(raw.dt, "tz", None) is not None else raw
        return values.dt.normalize().astype("datetime64[us]"), _none_bad(raw)
    text = as_text(raw).str.strip()
    values = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    rest = values.isna() & ~text.str.casefold().isin(NO_VALUE)
    if rest.any():
        order = _day_or_month_first(text[rest])
        values[rest] = _by_value(text[rest], lambda v: _one_date(v, order)).astype("datetime64[us]")
    return values, rest & values.isna()


def _day_or_month_first(text: pd.Series) -> str | None:
    parts = pd.Series(text.unique()).str.extract(_YEAR_LAST).dropna()
    first, second = (parts[0].astype(int) > 12).any(), (parts[1].astype(int) > 12).any()
    return "day" if first and not second else "month" if second and not first else None


def _one_date(text: str, order: str | None) -> pd.Timestamp | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if found := _YEAR_FIRST.match(plain):
            return pd.Timestamp(date(*map(int, found.groups())))
        if found := _YEAR_LAST.match(plain):
            one, two, year = map(int, found.groups())
            if order is None and one != two:
                return None
            return pd.Timestamp(date(year, two, one) if order == "day" else date(year, one, two))
        if re.fullmatch(r"(19|20)\d{6}", plain):
            return pd.Timestamp(date(int(plain[:4]), int(plain[4:6]), int(plain[6:])))
        if re.fullmatch(r"\d{5}(\.\d+)?", plain) and 20000 <= float(plain) < 80000:  # an Excel serial: 1954 to 2119
            return pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(float(plain)))
    except ValueError:
        return None
    return None


def _by_value(cells: pd.Series, function: Callable[[Any], Any]) -> pd.Series:
    """``function`` once for each distinct value: exports repeat themselves."""
    codes, values = pd.factorize(cells, use_na_sentinel=False)
    results = pd.Series([function(v) for v in values], dtype=object)
    return results.take(codes).set_axis(cells.index)


def _none_bad(cells: pd.Series) -> pd.Series:
    return pd.Series(False, index=cells.index)


READERS: dict[str, Callable[[pd.Series], Cleaned]] = {
    "id": ids, "text": texts, "date": dates, "amount": numbers, "number": numbers,
    "integer": integers, "share": shares, "flag": flags,
}  # fmt: skip
