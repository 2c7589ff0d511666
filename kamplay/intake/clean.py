"""Raw cells to typed values. A cell that cannot be read becomes missing *and* is reported by its row; nothing is guessed.

Every reader takes a Series of raw cells and returns ``(values, bad)``: the typed Series and a mask of
the filled cells that it could not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from kamplay.codebook import Column, fold
from kamplay.errors import Fault, Level
from kamplay.intake import amounts
from kamplay.intake import dates as days

Cleaned = tuple[pd.Series, pd.Series]
NO_VALUE = {"", "-", "—", "–", "/", "n/a", "na", "null", "none", "nan", "#n/a", "无"}
YES, NO = {"是", "y", "yes", "true", "1", "有", "√"}, {"否", "n", "no", "false", "0", "×"}
GROUPED = r"[1-9]\d{0,2}(,\d{3})+"
PLAIN = rf"[¥￥$€£]?[+-]?(\d+|{GROUPED})(\.\d*)?|[+-]?(\d+|{GROUPED})(\.\d*)?元"  # where the point is the decimal mark
PLAIN_COMMA = r"[+-]?([1-9]\d{0,2}(\.\d{3})+,\d+|\d+,(\d{1,2}|\d{4,}))"
EITHER = r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"
_POWER = r"\d(\.\d+)?[eE]\+\d{2,}"  # how a spreadsheet shows a long number, its last figures lost
WHOLE_COLUMN = ("unreadable_date_ambiguous", "share_in_percent", "id_rounded")  # one decision settles every cell of the column
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")


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
    """Identifiers: full-width folded, outer spaces trimmed, leading zeros kept; a number that lost figures (1.23E+15) is bad.

    Where every cell ends in ``.0`` a spreadsheet or a program has written whole numbers as decimals: 123.0 is 123.
    """
    text = _by_value(as_text(raw), lambda v: _INVISIBLE.sub("", unicodedata.normalize("NFKC", v)).strip()).astype("str")
    filled = ~text.str.casefold().isin(NO_VALUE)
    ending = text.str.endswith(".0")
    if filled.any() and ending[filled].all() and text[filled].str.fullmatch(r"\d+\.0").all():
        text = text.str.removesuffix(".0")
    lost = filled & text.str.fullmatch(_POWER)
    return text.where(filled & ~lost), lost


def texts(raw: pd.Series) -> Cleaned:
    """Free text, outer and repeated spaces removed."""
    text = as_text(raw).str.replace(r"\s+", " ", regex=True).str.strip()
    return text.where(text != ""), _none_bad(raw)


def numbers(raw: pd.Series) -> Cleaned:
    """Amounts and numbers as ``amounts`` reads them; what is a number already stays one."""
    if pd.api.types.is_numeric_dtype(raw.dtype) and not pd.api.types.is_bool_dtype(raw.dtype):
        values = raw.astype("float64")
        return values, values.notna() & ~np.isfinite(values)
    text = as_text(raw).str.strip()
    filled = ~text.str.casefold().isin(NO_VALUE)
    style = _marks(raw, text).style
    typed = _typed(raw)
    plain = text.where(typed | text.str.fullmatch(PLAIN if style == "point" else r"[+-]?\d+"))  # most cells, read all at once
    values = pd.to_numeric(plain.str.replace(r"[¥￥$€£,元]", "", regex=True), errors="coerce").astype("float64")
    if style == "comma":
        plain = text.where(~typed & text.str.fullmatch(PLAIN_COMMA)).str.replace(".", "").str.replace(",", ".")
        values = values.fillna(pd.to_numeric(plain, errors="coerce").astype("float64"))
    rest = values.isna() & filled
    if rest.any():
        values[rest] = _by_value(text[rest], lambda v: amounts.amount(v, style)).astype("float64")
    return values, (rest & ~np.isfinite(values)) | np.isinf(values)


def _typed(raw: pd.Series) -> pd.Series:
    """Cells that are numbers and no text: a spreadsheet's own numbers have no marks to read."""
    if raw.dtype != object:
        return _none_bad(raw)
    return raw.map(lambda v: isinstance(v, int | float | np.number) and not isinstance(v, bool)).astype(bool)


def _marks(raw: pd.Series, text: pd.Series) -> amounts.Marks:
    """The decimal mark of a column; only where a comma or a second point stands somewhere is there a question."""
    written = text[~_typed(raw)]
    if not written.str.contains(r"[,，]|\..*\.", regex=True).any():
        return amounts.Marks("point")
    written = written[written.str.contains(r"[.,，．]", regex=True)].drop_duplicates()
    point = written[written.str.fullmatch(rf"[¥￥$€£]?[+-]?{GROUPED}\.\d+|[+-]?\d+\.(\d{{1,2}}|\d{{4,}})")]
    comma = written[written.str.fullmatch(PLAIN_COMMA)]
    rest = written.drop(point.index.union(comma.index))  # the few that are written otherwise
    return amounts.marks([*point.head(1), *comma.head(1), *rest[~rest.str.fullmatch(GROUPED)]])


def integers(raw: pd.Series) -> Cleaned:
    values, bad = numbers(raw)
    broken = values.notna() & (values % 1 != 0)
    return values.where(~broken), bad | broken


def shares(raw: pd.Series) -> Cleaned:
    """Shares from 0 to 1: ``12 %`` is 0.12.

    Where most bare figures run above 1 the column is in percent without saying so, and they are bad.
    """
    text = as_text(raw).str.strip()
    percent = text.str.endswith(("%", "％"))
    values, bad = numbers(text.str.rstrip("%％").where(percent | ~_typed(raw), raw.astype(object)))
    bare = values[~percent & values.notna() & (values != 0)]
    unsaid = _none_bad(raw)
    if (bare > 1).sum() * 2 >= len(bare) > 0 and bare.between(0, 100).all():
        unsaid[bare.index] = True
    return values.where(~percent, values / 100).where(~unsaid), bad | unsaid


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
    values = _iso(text)
    rest = values.isna() & ~text.str.casefold().isin(NO_VALUE)
    if rest.any():
        order = days.evidence(text[rest].unique()).order
        values[rest] = _by_value(text[rest], lambda v: days.one_date(v, order)).astype("datetime64[us]")
    return values, rest & values.isna()


def _iso(text: pd.Series) -> pd.Series:
    values = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    return values.where(values.dt.year >= days.EARLIEST)


def remarks(raw: pd.Series, column: Column, header: str, place: dict[str, Any]) -> list[Fault]:
    """What must be said of how a column as a whole was read: its order of day and month, its decimal mark, its currencies."""
    if column.kind == "date" and not pd.api.types.is_datetime64_any_dtype(raw.dtype):
        return _date_remarks(raw, header, place)
    if column.kind in ("amount", "number", "integer") and not pd.api.types.is_numeric_dtype(raw.dtype):
        return _amount_remarks(raw, column, header, place)
    return []


def _date_remarks(raw: pd.Series, header: str, place: dict[str, Any]) -> list[Fault]:
    text = as_text(raw).str.strip()
    rest = text[_iso(text).isna()]
    found = days.evidence(rest.unique())
    if found.order is None or found.proof is None:
        return []
    either = next(((v, r) for v in rest.unique() if (r := days.readings(v))), None)
    example = found.proof if either is None else either[0]
    read = days.one_date(example, found.order)
    args = {"example": example, "read": str(read.date()) if read is not None else None, "order": found.order}
    return [Fault("date_order", "warning", row=_row_of(text, found.proof), column=header, value=found.proof, args=args, **place)]


def _amount_remarks(raw: pd.Series, column: Column, header: str, place: dict[str, Any]) -> list[Fault]:
    text = as_text(raw).str.strip()
    level: Level = "error" if column.required else "warning"
    out = []
    found = _marks(raw, text)
    if found.style == "mixed":
        args: dict[str, Any] = {"comma": found.comma, "point": found.point, "point_row": _row_of(text, found.point)}
        row = _row_of(text, found.comma)
        out.append(Fault("decimal_marks_differ", level, row=row, column=header, value=found.comma, args=args, **place))
    elif found.style == "comma" and (
        example := next((v for v in text[~_typed(raw) & text.str.contains(EITHER)] if amounts.undecided(v)), None)
    ):
        args = {"example": example, "read": f"{amounts.amount(example, 'comma'):.15g}"}
        out.append(Fault("decimal_comma", "warning", row=_row_of(text, found.comma), column=header, value=found.comma, args=args, **place))
    words = text.str.extract(rf"(?i)({amounts.WORDS})", expand=False).str.upper()
    named: dict[str, str] = {}
    for word in words.dropna().unique():
        named.setdefault(amounts.CURRENCIES[word.replace("￥", "¥")], text[words == word].iloc[0])
    if len(named) > 1:
        first, other = list(named.values())[:2]
        args = {"other": other, "other_row": _row_of(text, other)}
        out.append(Fault("currencies_mixed", level, row=_row_of(text, first), column=header, value=first, args=args, **place))
    return out


def explained(faults: Sequence[Fault]) -> list[Fault]:
    """``unreadable_…`` faults with their exact reason where there is one; a reason that holds for a whole column is one fault, counted."""
    groups: dict[tuple, list[Fault]] = {}
    for number, exact in enumerate(map(_exact, faults)):
        column = (exact.code, exact.table, exact.file, exact.sheet, exact.column)
        groups.setdefault(column if exact.code in WHOLE_COLUMN else (number,), []).append(exact)
    return [_as_one(same) for same in groups.values()]


def _as_one(same: list[Fault]) -> Fault:
    rows = tuple(sorted(row for fault in same for row in fault.all_rows))
    return same[0] if len(same) == 1 else replace(same[0], count=sum(f.count for f in same), rows=rows, row=same[0].row)


def _exact(fault: Fault) -> Fault:
    value = fault.value or ""
    if fault.code == "unreadable_date" and (both := days.readings(value)):
        return replace(fault, code="unreadable_date_ambiguous", args={"day_first": str(both[0]), "month_first": str(both[1])})
    if fault.code == "unreadable_date" and days.short_year(value):
        return replace(fault, code="unreadable_date_short_year")
    if fault.code == "unreadable_id":
        return replace(fault, code="id_rounded")
    if fault.code == "unreadable_share" and 0 <= amounts.amount(value) <= 100:
        return replace(fault, code="share_in_percent", args={"percent": f"{value}%"})
    return fault


def _row_of(text: pd.Series, value: str | None) -> int | None:
    found = text.index[text == value]
    return int(found[0]) if len(found) else None


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
