"""Read raw cells as typed values: identifiers, amounts, shares, dates, choices.

A cell that cannot be read becomes missing and is reported by its row; nothing is guessed. Every reader takes
a Series of raw cells and returns ``(values, bad)``: the typed values, and a mask of the filled cells it could
not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Literal

import numpy as np
import pandas as pd

from kamplay.codebook import Column, fold
from kamplay.errors import Fault, Level

Cleaned = tuple[pd.Series, pd.Series]
NO_VALUE = {"", "-", "—", "–", "/", "n/a", "na", "null", "none", "nan", "#n/a", "无"}
YES, NO = {"是", "y", "yes", "true", "1", "有", "√"}, {"否", "n", "no", "false", "0", "×"}
GROUPED = r"[1-9]\d{0,2}(,\d{3})+"
# where the point is the decimal mark
PLAIN = rf"[¥￥$€£]?[+-]?(\d+|{GROUPED})(\.\d*)?|[+-]?(\d+|{GROUPED})(\.\d*)?元"
PLAIN_COMMA = r"[+-]?([1-9]\d{0,2}(\.\d{3})+,\d+|\d+,(\d{1,2}|\d{4,}))"
EITHER = r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"
_POWER = r"\d(\.\d+)?[eE]\+\d{2,}"  # how a spreadsheet shows a long number, its last figures lost
WHOLE_COLUMN = (
    "unreadable_date_ambiguous",
    "share_in_percent",
    "id_rounded",
)  # one decision settles every cell of the column
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")


def clean(raw: pd.Series, column: Column) -> Cleaned:
    """Read raw cells as the column's kind.

    Returns
    -------
    values : Series
        Typed; missing where a cell is blank or cannot be read.
    bad : Series of bool
        The filled cells that could not be read.
    """
    if column.kind == "choice":
        return choices(raw, column)
    return READERS[column.kind](raw)


def as_text(cells: pd.Series) -> pd.Series:
    """Give cells as text: whole floats without their ``.0`` (Excel's 123.0 is 123), missing cells empty."""
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
    """Read identifiers: full-width characters folded, outer spaces trimmed, leading zeros kept.

    A number that lost figures (1.23E+15) is bad. Where every cell ends in ``.0`` a spreadsheet or a program
    has written whole numbers as decimals: 123.0 is 123.
    """
    text = _by_value(
        as_text(raw), lambda v: _INVISIBLE.sub("", unicodedata.normalize("NFKC", v)).strip()
    ).astype("str")
    filled = ~text.str.casefold().isin(NO_VALUE)
    ending = text.str.endswith(".0")
    if filled.any() and ending[filled].all() and text[filled].str.fullmatch(r"\d+\.0").all():
        text = text.str.removesuffix(".0")
    lost = filled & text.str.fullmatch(_POWER)
    return text.where(filled & ~lost), lost


def texts(raw: pd.Series) -> Cleaned:
    """Read free text, outer and repeated spaces removed."""
    text = as_text(raw).str.replace(r"\s+", " ", regex=True).str.strip()
    return text.where(text != ""), _none_bad(raw)


def numbers(raw: pd.Series) -> Cleaned:
    """Read amounts and numbers as ``amount`` does; what is a number already stays one."""
    if pd.api.types.is_numeric_dtype(raw.dtype) and not pd.api.types.is_bool_dtype(raw.dtype):
        values = raw.astype("float64")
        return values, values.notna() & ~np.isfinite(values)
    text = as_text(raw).str.strip()
    filled = ~text.str.casefold().isin(NO_VALUE)
    style = _marks(raw, text).style
    typed = _typed(raw)
    plain = text.where(
        typed | text.str.fullmatch(PLAIN if style == "point" else r"[+-]?\d+")
    )  # most cells, read all at once
    values = pd.to_numeric(plain.str.replace(r"[¥￥$€£,元]", "", regex=True), errors="coerce").astype(
        "float64"
    )
    if style == "comma":
        plain = (
            text.where(~typed & text.str.fullmatch(PLAIN_COMMA)).str.replace(".", "").str.replace(",", ".")
        )
        values = values.fillna(pd.to_numeric(plain, errors="coerce").astype("float64"))
    rest = values.isna() & filled
    if rest.any():
        values[rest] = _by_value(text[rest], lambda v: amount(v, style)).astype("float64")
    return values, (rest & ~np.isfinite(values)) | np.isinf(values)


def _typed(raw: pd.Series) -> pd.Series:
    """Cells that are numbers and no text: a spreadsheet's own numbers have no marks to read."""
    if raw.dtype != object:
        return _none_bad(raw)
    return raw.map(lambda v: isinstance(v, int | float | np.number) and not isinstance(v, bool)).astype(bool)


def _marks(raw: pd.Series, text: pd.Series) -> Marks:
    """The decimal mark of a column; only where a comma or a second point stands somewhere is there a
    question.
    """
    written = text[~_typed(raw)]
    if not written.str.contains(r"[,，]|\..*\.", regex=True).any():
        return Marks("point")
    written = written[written.str.contains(r"[.,，．]", regex=True)].drop_duplicates()
    point = written[written.str.fullmatch(rf"[¥￥$€£]?[+-]?{GROUPED}\.\d+|[+-]?\d+\.(\d{{1,2}}|\d{{4,}})")]
    comma = written[written.str.fullmatch(PLAIN_COMMA)]
    rest = written.drop(point.index.union(comma.index))  # the few that are written otherwise
    return marks([*point.head(1), *comma.head(1), *rest[~rest.str.fullmatch(GROUPED)]])


def integers(raw: pd.Series) -> Cleaned:
    """Read whole numbers; a fraction is bad."""
    values, bad = numbers(raw)
    broken = values.notna() & (values % 1 != 0)
    return values.where(~broken), bad | broken


def shares(raw: pd.Series) -> Cleaned:
    """Read shares from 0 to 1: ``12 %`` is 0.12.

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
    """Read yes and no in either language as True and False."""
    text = as_text(raw).str.strip().str.casefold()
    values = text.map({**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}).astype("boolean")
    return values, values.isna() & ~text.isin(NO_VALUE)


def choices(raw: pd.Series, column: Column) -> Cleaned:
    """Read a choice as its neutral key, from the key itself, its labels or its aliases."""
    known: dict[str, str] = {}
    for key, spec in column.choices.items():
        known |= {fold(word): key for word in (key, spec["zh"], spec["en"], *spec.get("aliases", ()))}
    text = as_text(raw).str.strip()
    values = _by_value(text, lambda v: known.get(fold(v)) if v else None).astype("str")
    return values, values.isna() & (text != "")


def dates(raw: pd.Series) -> Cleaned:
    """Read dates without time of day.

    Day first or month first is decided by the whole column; cells that it leaves open are bad.
    """
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        values = raw.dt.tz_localize(None) if getattr(raw.dt, "tz", None) is not None else raw
        return values.dt.normalize().astype("datetime64[us]"), _none_bad(raw)
    text = as_text(raw).str.strip()
    values = _iso(text)
    rest = values.isna() & ~text.str.casefold().isin(NO_VALUE)
    if rest.any():
        order = evidence(text[rest].unique()).order
        values[rest] = _by_value(text[rest], lambda v: one_date(v, order)).astype("datetime64[us]")
    return values, rest & values.isna()


def _iso(text: pd.Series) -> pd.Series:
    values = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    return values.where(values.dt.year >= EARLIEST)


def remarks(raw: pd.Series, column: Column, header: str, place: dict[str, Any]) -> list[Fault]:
    """Say how a column as a whole was read: its order of day and month, its decimal mark, its currencies."""
    if column.kind == "date" and not pd.api.types.is_datetime64_any_dtype(raw.dtype):
        return _date_remarks(raw, header, place)
    if column.kind in ("amount", "number", "integer") and not pd.api.types.is_numeric_dtype(raw.dtype):
        return _amount_remarks(raw, column, header, place)
    return []


def _date_remarks(raw: pd.Series, header: str, place: dict[str, Any]) -> list[Fault]:
    text = as_text(raw).str.strip()
    rest = text[_iso(text).isna()]
    found = evidence(rest.unique())
    if found.order is None or found.proof is None:
        return []
    either = next(((v, r) for v in rest.unique() if (r := readings(v))), None)
    example = found.proof if either is None else either[0]
    read = one_date(example, found.order)
    args = {"example": example, "read": str(read.date()) if read is not None else None, "order": found.order}
    return [
        Fault(
            "date_order",
            "warning",
            row=_row_of(text, found.proof),
            column=header,
            value=found.proof,
            args=args,
            **place,
        )
    ]


def _amount_remarks(raw: pd.Series, column: Column, header: str, place: dict[str, Any]) -> list[Fault]:
    text = as_text(raw).str.strip()
    level: Level = "error" if column.required else "warning"
    out = []
    found = _marks(raw, text)
    if found.style == "mixed":
        args: dict[str, Any] = {
            "comma": found.comma,
            "point": found.point,
            "point_row": _row_of(text, found.point),
        }
        row = _row_of(text, found.comma)
        out.append(
            Fault(
                "decimal_marks_differ", level, row=row, column=header, value=found.comma, args=args, **place
            )
        )
    elif found.style == "comma" and (
        example := next((v for v in text[~_typed(raw) & text.str.contains(EITHER)] if undecided(v)), None)
    ):
        args = {"example": example, "read": f"{amount(example, 'comma'):.15g}"}
        out.append(
            Fault(
                "decimal_comma",
                "warning",
                row=_row_of(text, found.comma),
                column=header,
                value=found.comma,
                args=args,
                **place,
            )
        )
    words = text.str.extract(rf"(?i)({WORDS})", expand=False).str.upper()
    named: dict[str, str] = {}
    for word in words.dropna().unique():
        named.setdefault(CURRENCIES[word.replace("￥", "¥")], text[words == word].iloc[0])
    if len(named) > 1:
        first, other = list(named.values())[:2]
        args = {"other": other, "other_row": _row_of(text, other)}
        out.append(
            Fault(
                "currencies_mixed",
                level,
                row=_row_of(text, first),
                column=header,
                value=first,
                args=args,
                **place,
            )
        )
    return out


def explained(faults: Sequence[Fault]) -> list[Fault]:
    """Give ``unreadable_…`` faults their exact reason; one that holds for a whole column is one fault,
    counted.
    """
    groups: dict[tuple, list[Fault]] = {}
    for number, exact in enumerate(map(_exact, faults)):
        column = (exact.code, exact.table, exact.file, exact.sheet, exact.column)
        groups.setdefault(column if exact.code in WHOLE_COLUMN else (number,), []).append(exact)
    return [_as_one(same) for same in groups.values()]


def _as_one(same: list[Fault]) -> Fault:
    rows = tuple(sorted(row for fault in same for row in fault.all_rows))
    return (
        same[0]
        if len(same) == 1
        else replace(same[0], count=sum(f.count for f in same), rows=rows, row=same[0].row)
    )


def _exact(fault: Fault) -> Fault:
    value = fault.value or ""
    if fault.code == "unreadable_date" and (both := readings(value)):
        return replace(
            fault,
            code="unreadable_date_ambiguous",
            args={"day_first": str(both[0]), "month_first": str(both[1])},
        )
    if fault.code == "unreadable_date" and short_year(value):
        return replace(fault, code="unreadable_date_short_year")
    if fault.code == "unreadable_id":
        return replace(fault, code="id_rounded")
    if fault.code == "unreadable_share" and 0 <= amount(value) <= 100:
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
    "id": ids,
    "text": texts,
    "date": dates,
    "amount": numbers,
    "number": numbers,
    "integer": integers,
    "share": shares,
    "flag": flags,
}


Style = Literal["point", "comma", "mixed"]
NAN = float("nan")
UNITS = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}
CURRENCIES = {
    word: code
    for code, words in {
        "CNY": "RMB CNY CNH 人民币 ¥ 元 圆",
        "USD": "USD US$ $ 美元",
        "EUR": "EUR € 欧元",
        "GBP": "GBP £ 英镑",
        "HKD": "HKD HK$ 港币 港元",
        "JPY": "JPY 日元",
    }.items()
    for word in words.split()
}
WORDS = "|".join(re.escape(w) for w in sorted((*CURRENCIES, "￥"), key=len, reverse=True))
_SHAPE = re.compile(
    rf"(?P<open>\()?\s*(?P<s1>[-+])?\s*(?P<before>{WORDS})?\s*(?P<s2>[-+])?\s*(?P<number>[\d.,][\d.,' ]*?)\s*"
    rf"(?P<unit>百万|千万|千|万|亿)?\s*(?P<after>{WORDS})?整?\s*(?P<close>\))?\s*(?P<s3>[-+])?\s*(?P<side>CR|DR)?",
    re.IGNORECASE,
)
_SIGN_OUTSIDE = re.compile(rf"^({WORDS})\s*\(", re.IGNORECASE)  # $(5) is ($5)
_AMOUNTS_POWER = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d{1,3}")
_HEAD = r"[1-9]\d{0,2}"  # the figures before the first thousands mark


@dataclass(frozen=True)
class Marks:
    """How a column writes decimals, and the cells that prove it (None where no cell does)."""

    style: Style
    comma: str | None = None
    point: str | None = None


def normal(text: str) -> str:
    """Write full-width characters, odd spaces and odd minus signs as the plain ones."""
    plain = unicodedata.normalize("NFKC", text).translate(_PLAIN).strip()
    return _SIGN_OUTSIDE.sub(r"(\1", plain)


_PLAIN = (
    {ord(c): "-" for c in "−–—﹣"}
    | {ord(c): "'" for c in "’‘＇`´"}
    | dict.fromkeys(map(ord, "\u200b\ufeff\u200e\u200f\u2060"), None)
)


def marks(texts: Iterable[str]) -> Marks:
    """Find what the distinct cells of one column prove about its decimal mark.

    Without proof it is the point, as 1,234 then has thousands.
    """
    comma = point = None
    for text in texts:
        found = _SHAPE.fullmatch(normal(text))
        proof = _proof(found["number"]) if found and isfinite(amount(text)) else None
        comma = comma or (text if proof == "comma" else None)
        point = point or (text if proof == "point" else None)
        if comma and point:
            break
    return Marks("mixed" if comma and point else "comma" if comma else "point", comma, point)


def undecided(text: str) -> bool:
    """Tell whether a cell could be read with a decimal comma as well as with a point: 1,234 and 1.234."""
    found = _SHAPE.fullmatch(normal(text))
    return bool(found and re.fullmatch(rf"{_HEAD}[.,]\d{{3}}", found["number"]))


def amount(text: str, style: Style = "point") -> float:
    """Read one amount; ``CR`` is a credit and negative.

    Returns
    -------
    float
        NaN when it cannot be read, or when ``style`` is mixed and it could be read two ways.
    """
    plain = normal(text)
    if _AMOUNTS_POWER.fullmatch(plain):
        return float(plain)
    found = _SHAPE.fullmatch(plain)
    if not found or bool(found["open"]) != bool(found["close"]) or (style == "mixed" and undecided(text)):
        return NAN
    if (
        found["before"]
        and found["after"]
        and CURRENCIES[found["before"].upper()] != CURRENCIES[found["after"].upper()]
    ):
        return NAN
    signs = [
        s for s in (found["s1"], found["s2"], found["s3"], "-" if found["open"] else None, found["side"]) if s
    ]
    if len(signs) > 1:
        return NAN
    value = _number(found["number"], style) * UNITS[found["unit"] or ""]
    return -value if signs and signs[0].upper() in ("-", "CR") else value


def _number(digits: str, style: Style) -> float:
    """Figures with their marks. Thousands stand in threes, under one mark throughout."""
    decimal = {"comma": ",", "point": "."}.get(_proof(digits) or style, ".")
    if re.fullmatch(r"\d+([.,]\d*)?|[.,]\d+", digits):
        whole, _, rest = digits.partition(decimal)
        if decimal not in digits and re.search(
            r"[.,]", digits
        ):  # one mark, and it is not the decimal one: 1,234
            return float(re.sub(r"[.,]", "", digits)) if re.fullmatch(rf"{_HEAD}[.,]\d{{3}}", digits) else NAN
        return float(f"{whole or 0}.{rest or 0}")
    for thousands in ("." if decimal == "," else ",", "'", " "):
        grouped = re.fullmatch(
            rf"({_HEAD}(?:{re.escape(thousands)}\d{{3}})+)(?:{re.escape(decimal)}(\d*))?", digits
        )
        if grouped:
            return float(f"{grouped[1].replace(thousands, '')}.{grouped[2] or 0}")
    return NAN


def _proof(digits: str) -> str | None:
    """``comma`` or ``point`` where the figures can only be read with that decimal mark."""
    both = re.fullmatch(r"[\d' .,]*?([.,])\d*", digits) if "," in digits and "." in digits else None
    if both:
        return "comma" if both[1] == "," else "point"
    for mark, other, name in ((",", "point", "comma"), (".", "comma", "point")):
        count = digits.count(mark)
        if count > 1:
            return other  # a mark that comes twice parts thousands
        if count == 1:
            if re.search(r"[' ]", digits):
                return name  # thousands have a mark of their own
            return None if re.fullmatch(rf"{_HEAD}[.,]\d{{3}}", digits) else name
    return None


Order = Literal["day", "month"]
EARLIEST = 1900  # a year before it is a slip: 0024 for 2024
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ZONE = r"(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_CLOCK = r"\d{1,2}(?:[:时点]\d{1,2}(?:[:分]\d{1,2}(?:[.,]\d+)?秒?)?分?)\s*(?:[ap]\.?m\.?)?"
_TIME = rf"(?:(?:[T ]|(?<=日))\s*(?:上午|下午)?\s*{_CLOCK}{_ZONE})?"
_DAY_NAME = r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
_YEAR_FIRST = re.compile(
    rf"(\d{{4}})\s?([-/.年])\s?(\d{{1,2}})\s?(\2|月)\s?(\d{{1,2}})\s?日?{_DAY_NAME}{_TIME}", re.IGNORECASE
)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.IGNORECASE)
_NAMED = (
    re.compile(
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]\s*{_NAME}[-/., ]\s*(?P<year>\d{{4}}){_TIME}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_NAME}[-/. ]\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/., ]\s*(?P<year>\d{{4}}){_TIME}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<year>\d{{4}})[-/. ]{_NAME}[-/. ](?P<day>\d{{1,2}}){_TIME}", re.IGNORECASE),
)
_SHORT_YEAR = re.compile(
    r"\d{1,2}([-/.])\d{1,2}\1\d{2}|\d{1,2}[-/. ][a-z]{3,9}[-/. ]\d{2}|\d{2}年\d{1,2}月\d{1,2}日",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Evidence:
    """Which of day and month comes first, and the cell that proves it; without an order nothing or both are
    proven.
    """

    order: Order | None = None
    proof: str | None = None


def evidence(texts: Iterable[str]) -> Evidence:
    """Find what the distinct cells of one column prove: a part above 12 can only be the day."""
    proofs: dict[Order, str] = {}
    for text in texts:
        if found := _YEAR_LAST.fullmatch(_plain(text)):
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second:
                proofs.setdefault("day", text)
            elif second > 12 >= first:
                proofs.setdefault("month", text)
    if len(proofs) == 1:
        ((order, proof),) = proofs.items()
        return Evidence(order, proof)
    return Evidence()


def readings(text: str) -> tuple[date, date] | None:
    """Give ``(day first, month first)`` of a date that can be read both ways and differs, else None."""
    found = _YEAR_LAST.fullmatch(_plain(text))
    if not found or found[1] == found[3] or not (1 <= int(found[1]) <= 12 and 1 <= int(found[3]) <= 12):
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    return (date(year, second, first), date(year, first, second)) if first != second and year else None


def short_year(text: str) -> bool:
    """Tell whether this is a date whose year has two digits."""
    return bool(_SHORT_YEAR.fullmatch(_plain(text)))


def one_date(text: str, order: Order | None) -> pd.Timestamp | None:
    """Read the day that a text names, without its time; None when it names none, or one of two."""
    try:
        found = _parts(_plain(text), order)
        return pd.Timestamp(date(*found)) if found and found[0] >= EARLIEST else None
    except (ValueError, OverflowError):
        return None


def _parts(plain: str, order: Order | None) -> tuple[int, int, int] | None:
    if found := _YEAR_FIRST.fullmatch(plain):
        return (
            (int(found[1]), int(found[3]), int(found[5]))
            if (found[2] == "年") == (found[4] == "月")
            else None
        )
    if found := _YEAR_LAST.fullmatch(plain):
        one, two, year = int(found[1]), int(found[3]), int(found[4])
        if order is None and one != two:
            return None
        return (year, two, one) if order == "day" else (year, one, two)
    for pattern in _NAMED:
        if found := pattern.fullmatch(plain):
            return int(found["year"]), MONTHS.index(found["name"][:3].lower()) + 1, int(found["day"])
    if re.fullmatch(r"(19|20)\d{6}", plain):
        return int(plain[:4]), int(plain[4:6]), int(plain[6:])
    if (
        re.fullmatch(r"\d{5}(\.\d+)?", plain) and 20000 <= float(plain) < 80000
    ):  # an Excel serial: 1954 to 2119
        day = date(1899, 12, 30) + timedelta(days=int(float(plain)))
        return day.year, day.month, day.day
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u200b", "").strip()
