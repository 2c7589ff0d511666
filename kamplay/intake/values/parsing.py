"""Read raw cells as typed values: identifiers, amounts, shares, dates, choices.

A cell that cannot be read becomes missing and is reported by its row; nothing is guessed. Every reader takes
a Series of raw cells and returns ``(values, bad)``: the typed values, and a mask of the filled cells it could
not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

from kamplay.codebook import Column, fold
from kamplay.errors import Fault, Level
from kamplay.intake.values.cells import distinct, first_of_each, is_texts, is_typed, spread
from kamplay.intake.values.dates import (
    AS_FOUND,
    BLANK,
    EARLIEST,
    DateColumn,
    DateRules,
    both_ways,
    format_of,
    read_dates,
    ways,
)
from kamplay.intake.values.figures import (
    CREDIT,
    CURRENCIES,
    GROUPED,
    PLAIN,
    PLAIN_COMMA,
    SHAPE,
    SHORTENED,
    Marks,
    amount,
    marks,
    normal,
    undecided,
)

Cleaned = tuple[pd.Series, pd.Series]
NO_VALUE = BLANK
YES, NO = {"是", "y", "yes", "true", "1", "有", "√"}, {"否", "n", "no", "false", "0", "×"}
EITHER = r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"
_POWER = r"\d(\.\d+)?[eE]\+\d{2,}"  # how a spreadsheet shows a long number, its last figures lost
SHOWN = 3  # places that a fault with many rows names
BOUNDED = ("amount", "number", "integer")
MOST = 1e13  # money in one cell: no line is worth that, and beyond it cents are lost
MOST_OF_A_COMPANY = 1e16  # a company's own revenue or assets, in whatever currency
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_AS_IT_IS = "[!-~](?:[ -~]*[!-~])?"  # printed in plain letters, with no space around it
_SIDE = r"[CcDd][Rr]|[贷借]|[ＣＤｃｄ][Ｒｒ]"


def _each_text_once(read: Callable[..., Cleaned]) -> Callable[..., Cleaned]:
    """A reader that sees each distinct text of a column once: lines repeat their dates, customers and goods.

    For readers that ask of the column only which texts there are, not how often.
    """

    @wraps(read)
    def reader(raw: pd.Series, *about: Any) -> Cleaned:
        if not is_texts(raw):
            return read(raw, *about)
        codes, cells = distinct(raw)
        values, bad = read(cells, *about)
        return spread(values, codes, raw.index), spread(bad, codes, raw.index)

    return reader


def clean(raw: pd.Series, column: Column, rules: DateRules = AS_FOUND) -> Cleaned:
    """Read raw cells as the column's kind.

    Parameters
    ----------
    raw : Series
        The cells as they stand.
    column : Column
        What the codebook says of it.
    rules : DateRules
        What is known of its dates beside the cells.

    Returns
    -------
    values : Series
        Typed; missing where a cell is blank or cannot be read.
    bad : Series of bool
        The filled cells that could not be read.
    """
    if column.kind == "choice":
        return choices(raw, column)
    if column.kind == "date":
        return dates(raw, rules)
    values, bad = READERS[column.kind](raw)
    if column.kind in BOUNDED:
        large = values.abs() > most(column)
        values, bad = values.mask(large), bad | large
    if _is_sales(column) and (sides := _sides(raw, values)) and sides.credit_is_sale:
        values = values.where(~sides.marked, -values)
    return values, bad


@dataclass(frozen=True)
class Sides:
    """Amounts with Dr or Cr beside them, as rows and as sums of each side.

    Attributes
    ----------
    marked : Series of bool
        The cells with a mark.
    rupees : bool
        Some are in rupees, of which Cr may be ten million: 1.25 Cr.
    """

    marked: pd.Series
    credit_rows: int
    debit_rows: int
    credit: float
    debit: float
    rupees: bool = False

    @property
    def credit_is_sale(self) -> bool:
        """In an account of sales the credits are the sales, and sales are more than what is taken back."""
        return self.credit > self.debit and self.credit_rows >= self.debit_rows

    @property
    def unsure(self) -> bool:
        if self.credit_is_sale:
            return self.rupees and not self.debit_rows
        return self.debit <= self.credit or self.debit_rows < self.credit_rows


def _is_sales(column: Column) -> bool:
    return column.table == "transactions" and column.name == "amount"


def _sides(raw: pd.Series, values: pd.Series) -> Sides | None:
    """The Dr and Cr of a column; ``values`` as read, debits positive. None where there are none."""
    if pd.api.types.is_numeric_dtype(raw.dtype):
        return None
    if is_texts(raw) and not pd.Series(raw.unique()).str.contains(_SIDE, regex=True).any():
        return None
    text = as_text(raw)
    text = text[values.notna() & text.str.contains(_SIDE, regex=True)]
    found = text.map(lambda v: _side(v)) if len(text) else text
    found = found[found != ""]
    if found.empty:
        return None
    sums = values[found.index].groupby(found).sum()
    rows = found.value_counts()
    return Sides(
        pd.Series(raw.index.isin(found.index), index=raw.index),
        int(rows.get("credit", 0)),
        int(rows.get("debit", 0)),
        abs(float(sums.get("credit", 0.0))),
        abs(float(sums.get("debit", 0.0))),
        bool(text.str.contains(r"₹|(?i:\b(?:inr|rs)\b)", regex=True).any()),
    )


def _side(text: str) -> str:
    found = SHAPE.fullmatch(normal(text))
    side = (found["lead"] or found["side"] or "").upper() if found else ""
    return "credit" if side.startswith(CREDIT) else "debit" if side else ""


def most(column: Column) -> float:
    """The largest figure that is believed of a column."""
    return MOST_OF_A_COMPANY if column.table in ("accounts", "financials") else MOST


def as_text(cells: pd.Series) -> pd.Series:
    """Give cells as text: whole floats without their ``.0`` (Excel's 123.0 is 123), missing cells empty."""
    if isinstance(cells.dtype, pd.StringDtype):
        return cells.fillna("")
    if pd.api.types.is_float_dtype(cells.dtype):
        codes, found = pd.factorize(cells, use_na_sentinel=False)
        each = pd.Series(found)
        whole = each.notna() & (each % 1 == 0) & (each.abs() < 1e15)
        text = each.astype("str")
        text[whole] = each[whole].astype("int64").astype("str")
        return spread(text.where(each.notna(), ""), codes, cells.index).rename(cells.name)
    return _by_value(cells, _one_text, "str")


def cells_with(cells: pd.Series, pattern: str) -> pd.Series:
    """The cells whose text has a pattern of words or signs; of a column of texts each is looked at once."""
    if is_typed(cells):
        return cells.iloc[:0]
    each = first_of_each(cells)
    found = each[as_text(each).str.contains(pattern, regex=True)]
    return cells[cells.isin(found)] if is_texts(cells) and len(found) else found


def is_blank(cells: pd.Series) -> pd.Series:
    """Whether a cell holds nothing but spaces."""
    return cells.isna() if is_typed(cells) else as_text(cells).str.strip() == ""


def blank_rows(frame: pd.DataFrame) -> pd.Series:
    """The rows without a filled cell."""
    blank = pd.Series(True, index=frame.index)
    for name in frame.columns:
        blank &= is_blank(frame[name])
        if not blank.any():  # most tables are told by their first column
            break
    return blank


def _one_text(value: Any) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    return str(value)


@_each_text_once
def ids(raw: pd.Series) -> Cleaned:
    """Read identifiers: full-width characters folded, outer spaces trimmed, leading zeros kept.

    A number that lost figures (1.23E+15) is bad. Where every cell with a point ends in ``.0`` a spreadsheet
    or a program has written whole numbers as decimals: 123.0 is 123, also beside 124 and C-125.
    """
    text = as_text(raw)
    folded = ~text.str.fullmatch(_AS_IT_IS)
    if folded.any():
        text = text.mask(folded, _by_value(text[folded], _id_text, "str"))
    filled = ~text.str.casefold().isin(NO_VALUE)
    pointed = filled & text.str.contains(".", regex=False)
    if pointed.any() and text[pointed].str.fullmatch(r"\d+\.0").all():
        text = text.str.removesuffix(".0")
    lost = filled & text.str.fullmatch(_POWER)
    return text.where(filled & ~lost), lost


def _id_text(value: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).strip()


@_each_text_once
def texts(raw: pd.Series) -> Cleaned:
    """Read free text, outer and repeated spaces removed."""
    text = as_text(raw).str.replace(r"\s+", " ", regex=True).str.strip()
    return text.where(text != ""), _none_bad(raw)


@_each_text_once
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
    values = pd.to_numeric(plain.str.replace(r"[¥￥$€£₹,元]", "", regex=True), errors="coerce").astype(
        "float64"
    )
    if style == "comma":
        plain = (
            text.where(~typed & text.str.fullmatch(PLAIN_COMMA)).str.replace(".", "").str.replace(",", ".")
        )
        values = values.fillna(pd.to_numeric(plain, errors="coerce").astype("float64"))
    rest = values.isna() & filled
    if rest.any():
        values[rest] = _by_value(text[rest], lambda v: amount(v, style), "float64")
    dashes = text.isin(("-", "–", "—"))
    if dashes.any():  # " -   " between spaces is how a spreadsheet's accounting format shows zero
        padded = as_text(raw[dashes]).str.len() > 1
        values[padded.index[padded]] = 0.0
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
    point = written[written.str.fullmatch(rf"[¥￥$€£₹]?[+-]?{GROUPED}\.\d+|[+-]?\d+\.(\d{{1,2}}|\d{{4,}})")]
    comma = written[written.str.fullmatch(PLAIN_COMMA)]
    rest = written.drop(point.index.union(comma.index))  # the few that are written otherwise
    return marks([*point.head(1), *comma.head(1), *rest[~rest.str.fullmatch(GROUPED)]])


def _threes(raw: pd.Series, text: pd.Series) -> pd.Series | None:
    """The cells with a point, where three figures follow each and nothing shows that it is the decimal mark:
    6.154 beside 850.
    """
    written = text[~_typed(raw)]
    pointed = written[written.str.contains(r"[.．]", regex=True)]
    if pointed.head(50).nunique() < 5 or not all(map(undecided, pointed.head(50).unique())):
        return None
    long = written.str.contains(r"\d{4}|,", regex=True)
    return None if long.any() or not all(map(undecided, pointed.unique())) else pointed


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


@_each_text_once
def flags(raw: pd.Series) -> Cleaned:
    """Read yes and no in either language as True and False."""
    text = as_text(raw).str.strip().str.casefold()
    values = text.map({**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}).astype("boolean")
    return values, values.isna() & ~text.isin(NO_VALUE)


def known_choices(column: Column) -> dict[str, str]:
    """The words under which each choice of a column is read, folded → its key."""
    known: dict[str, str] = {}
    for key, spec in column.choices.items():
        known |= {fold(word): key for word in (key, spec["zh"], spec["en"], *spec.get("aliases", ()))}
    return known


@_each_text_once
def choices(raw: pd.Series, column: Column) -> Cleaned:
    """Read a choice as its neutral key, from the key itself, its labels or its aliases."""
    known = known_choices(column)
    text = as_text(raw).str.strip()
    values = _by_value(text, lambda v: known.get(fold(v)) if v else None, "str")
    return values, values.isna() & (text != "")


def dates(raw: pd.Series, rules: DateRules = AS_FOUND) -> Cleaned:
    """Read dates without time of day, as the whole column shows them to be written; months are their last
    day.

    Parameters
    ----------
    raw : Series
        The cells as they stand.
    rules : DateRules
        What is known beside the cells: a workbook that counts from 1904, the engagement's ``date_format``.
    """
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        values = raw.dt.tz_localize(None) if getattr(raw.dt, "tz", None) is not None else raw
        return values.dt.normalize().astype("datetime64[us]"), _none_bad(raw)
    if pd.api.types.is_string_dtype(raw.dtype) and not rules.format:
        codes, cells = distinct(raw) if is_texts(raw) else (np.arange(len(raw)), raw)
        values = _iso(cells.fillna("").astype("str").str.strip())
        if values.notna().all():
            return spread(values, codes, raw.index), _none_bad(raw)
    column, codes, _ = date_column(raw, rules)
    values = pd.Series(column.days, dtype=object).astype("datetime64[us]")
    unread = pd.Series(False, index=values.index)
    unread[list(column.causes)] = True
    return values.take(codes).set_axis(raw.index), unread.take(codes).set_axis(raw.index)


def date_column(raw: pd.Series, rules: DateRules) -> tuple[DateColumn, np.ndarray, list[str]]:
    """Read the distinct cells of a date column: how, for each row which of them it holds, and their texts."""
    codes, found = pd.factorize(raw if is_texts(raw) else raw.astype(object), use_na_sentinel=False)
    cells = np.asarray(found, dtype=object)
    texts = as_text(pd.Series(cells, dtype=object)).tolist()
    counts = np.bincount(codes, minlength=len(cells)).tolist()
    return read_dates(cells.tolist(), texts, rules, counts, datetime.now().date()), codes, texts


def _iso(text: pd.Series) -> pd.Series:
    values = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    return values.where(values.dt.year >= EARLIEST)


def remarks(
    raw: pd.Series, column: Column, header: str, place: dict[str, Any], rules: DateRules = AS_FOUND
) -> list[Fault]:
    """Say how a column as a whole was read: its order of day and month, its decimal mark, its currencies."""
    if column.kind == "date" and not pd.api.types.is_datetime64_any_dtype(raw.dtype):
        return _date_remarks(raw, header, place, rules)
    if column.kind in ("amount", "number", "integer") and not pd.api.types.is_numeric_dtype(raw.dtype):
        return _amount_remarks(raw, column, header, place)
    return []


def _date_remarks(raw: pd.Series, header: str, place: dict[str, Any], rules: DateRules) -> list[Fault]:
    """One warning for each thing that was decided: the order or the century, months, 1904, a swap."""
    column, codes, texts = date_column(raw, rules)
    out: list[Fault] = []

    def warn(code: str, cells: Iterable[int], example: int | None = None, **args: Any) -> None:
        at = sorted(cells)
        rows = raw.index[np.isin(codes, at)]
        shown = [(int(raw.index[np.argmax(codes == n)]), texts[n]) for n in at]
        shown.sort()
        value = texts[at[0] if example is None else example]
        row = _row_of(pd.Series(codes, index=raw.index), at[0] if example is None else example)
        args = {"example": value, "read": _day_text(column, at[0] if example is None else example)} | args
        if len(at) > 1:
            args["places"] = shown[:SHOWN]
        fault = Fault(code, "warning", row=row, column=header, value=value, args=args, **place)
        marked = tuple(int(r) for r in rows) if code == "dates_swapped" else ()
        out.append(replace(fault, count=len(rows), rows=marked))

    if column.swap and column.swap.certain:
        turned = column.swap.cells
        before = sorted(_turned(day) for n in turned if (day := column.days[n]))
        after = sorted(day for n in turned if (day := column.days[n]))
        warn(
            "dates_swapped",
            turned,
            min(turned, key=lambda n: int(np.argmax(codes == n))),
            text=texts[column.swap.text],
            first_before=str(before[0]),
            last_before=str(before[-1]),
            first=str(after[0]),
            last=str(after[-1]),
        )
    elif column.short:
        proof = column.proof if column.proof in column.short else column.short[0]
        warn("date_short_year", column.short, proof)
    elif column.proof is not None and not column.swap:
        written = [n for n, shape in enumerate(column.shapes) if shape == "numeric"]
        example = next((n for n in written if both_ways(texts[n])), column.proof)
        args = {"example": texts[example], "read": _day_text(column, example), "order": column.order}
        row = _row_of(pd.Series(codes, index=raw.index), column.proof)
        value = texts[column.proof]
        out.append(Fault("date_order", "warning", row=row, column=header, value=value, args=args, **place))
    if column.periods:
        warn("date_period", column.periods)
    if column.quarters:
        warn("date_quarter", column.quarters)
    if column.midnights is not None:
        unix = [n for n, shape in enumerate(column.shapes) if shape == "unix"]
        warn("date_unix", unix, midnights=column.midnights)
    serials = [n for n, shape in enumerate(column.shapes) if shape == "serial"]
    if rules.date1904 and serials:
        warn("date_1904", serials)
    return out


def in_one_order(faults: list[Fault]) -> list[Fault]:
    """One warning for the columns of a file in which day and month stand in the same order: one program wrote
    them.
    """
    groups: dict[str, list[Fault]] = {}
    for fault in faults:
        if fault.code == "date_order":
            groups.setdefault(fault.args["order"], []).append(fault)
    out, several = [], {order: same for order, same in groups.items() if len(same) > 1}
    for fault in faults:
        same = several.get(fault.args.get("order", "")) if fault.code == "date_order" else None
        if same is None:
            out.append(fault)
        elif fault is same[0]:
            places = [(f.row, f.value) for f in same]
            cells = [(f.row, f.column) for f in same]
            args = {**fault.args, "places": places[:SHOWN], "at_cells": cells}
            column = ", ".join(str(f.column) for f in same)
            out.append(replace(fault, column=column, count=len(same), args=args))
    return out


def how_read(raw: pd.Series, column: Column, rules: DateRules = AS_FOUND) -> list[str]:
    """Name the ways in which the cells of a column are written and read, the most frequent first.

    Returns
    -------
    list of str
        Of dates ``typed``, ``serial``, ``iso``, ``named``, ``day_first``, ``month_first``, ``year_first``,
        ``short_year``, ``unix``, ``month``, ``quarter``, ``swapped_back``, ``date_format``; of figures
        ``typed``, ``decimal_point``, ``decimal_comma``, ``credit_is_sale``. Empty for other columns.
        ``kamplay.show.how_read`` has the words.
    """
    if column.kind == "date":
        return _ways_of_dates(raw, rules)
    if column.kind not in ("amount", "number", "integer"):
        return []
    if pd.api.types.is_numeric_dtype(raw.dtype):
        return ["typed"]
    each = first_of_each(raw)
    text = as_text(each).str.strip()
    typed = _typed(each)
    written = ~typed & ~text.str.casefold().isin(NO_VALUE)
    ways = ["typed"] if typed.any() else []
    if written.any():
        ways.append("decimal_comma" if _marks(each, text).style == "comma" else "decimal_point")
    if _is_sales(column) and (sides := _sides(raw, numbers(raw)[0])) and sides.credit_is_sale:
        ways.append("credit_is_sale")
    return ways


def _ways_of_dates(raw: pd.Series, rules: DateRules) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        return ["typed"]
    column, codes, _ = date_column(raw, rules)
    order = {"day": "day_first", "month": "month_first", "year": "year_first"}[column.order or "month"]
    names = {"numeric": [order], "short": [order, "short_year"], "short_named": ["named", "short_year"]}
    names |= {"period": ["month"], "format": ["date_format"]}
    rows: dict[str, int] = {}
    swapped = set(column.swap.cells) if column.swap and column.swap.certain else set()
    for number, count in enumerate(np.bincount(codes, minlength=len(column.days)).tolist()):
        shape = column.shapes[number]
        if shape and column.days[number]:
            for way in [*names.get(shape, [shape]), *(["swapped_back"] if number in swapped else [])]:
                rows[way] = rows.get(way, 0) + count
    return sorted(rows, key=lambda way: -rows[way])


def _text_of(day: date | None) -> str | None:
    return str(day) if day else None


def _day_text(column: DateColumn, number: int) -> str | None:
    return _text_of(column.days[number])


def _turned(day: date) -> date:
    return date(day.year, day.day, day.month)


def _amount_remarks(raw: pd.Series, column: Column, header: str, place: dict[str, Any]) -> list[Fault]:
    each = first_of_each(raw)
    text = as_text(each).str.strip()
    level: Level = "error" if column.required else "warning"
    out = []
    found = _marks(each, text)
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
        example := next((v for v in text[~_typed(each) & text.str.contains(EITHER)] if undecided(v)), None)
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
    elif (
        column.kind == "amount"
        and found.style == "point"
        and _threes(each, text) is not None  # what holds of the first lines holds of the different cells
        and (threes := _threes(raw, as_text(raw).str.strip())) is not None
    ):
        args = {
            "example": threes.iloc[0],
            "read": f"{amount(threes.iloc[0]):.15g}",
            "amount": float(numbers(raw)[0].sum()),
            "other": float(threes.map({v: amount(v, "comma") for v in threes.unique()}).sum()),
        }
        args["other"] += float(numbers(raw.drop(threes.index))[0].sum())
        row, value = int(threes.index[0]), threes.iloc[0]
        out.append(
            Fault("point_of_thousands", "warning", row=row, column=header, value=value, args=args, **place)
        )
    if column.kind == "amount" and (sides := _sides(raw, numbers(raw)[0])):
        sums = {name: getattr(sides, name) for name in ("credit", "debit", "credit_rows", "debit_rows")}
        first = as_text(raw).str.strip()[sides.marked].iloc[0]
        unsure = _is_sales(column) and sides.unsure
        code = (
            "debit_credit_unsure"
            if unsure
            else "credit_is_sale"
            if _is_sales(column) and sides.credit_is_sale
            else "debit_is_sale"
        )
        out.append(
            Fault(
                code,
                level if unsure else "warning",
                row=_row_of(text, first),
                column=header,
                value=first,
                count=int(sides.marked.sum()),
                args=sums,
                **place,
            )
        )
    short = text[text.str.contains(SHORTENED, case=False, regex=True)]
    read = {value: amount(value, found.style) for value in short.unique()}
    if example := next((value for value, figure in read.items() if np.isfinite(figure)), None):
        count = int(as_text(raw).str.strip().isin([v for v, one in read.items() if np.isfinite(one)]).sum())
        args = {"read": read[example]}
        where: dict[str, Any] = {"row": _row_of(text, example), "column": header, "value": example, **place}
        out.append(Fault("figures_shortened", "warning", count=count, args=args, **where))
    named = _currencies(text)
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


def _currencies(text: pd.Series) -> dict[str, str]:
    """The currencies that the amounts of a column name, each with its first cell."""
    dressed = text[text.str.contains(r"[^\d.,+\-\s]", regex=True)]
    named: dict[str, str] = {}
    for value in dressed.unique():
        if (found := SHAPE.fullmatch(normal(value))) and (word := found["before"] or found["after"]):
            named.setdefault(CURRENCIES[word.upper()], value)
    return named


def causes(raw: pd.Series, bad: pd.Series, column: Column, rules: DateRules = AS_FOUND) -> pd.Series:
    """Give for each unreadable cell the code of its cause; of dates the whole column tells.

    Parameters
    ----------
    raw : Series
        All cells of the column.
    bad : Series of bool
        Those that could not be read.
    """
    if column.kind == "date":
        if pd.api.types.is_datetime64_any_dtype(raw.dtype):
            return pd.Series("unreadable_date", index=bad.index[bad])
        read, codes, _ = date_column(raw, rules)
        found = pd.Series(
            [read.causes.get(n, "unreadable_date") for n in range(len(read.days))], dtype=object
        )
        return found.take(codes).set_axis(raw.index)[bad]
    return _by_value(as_text(raw[bad]), lambda v: _cause(v, column))


def _cause(text: str, column: Column) -> str:
    if column.kind == "id":
        return "id_rounded"
    if column.kind == "share" and 0 <= amount(text) <= 100:
        return "share_in_percent"
    if column.kind in BOUNDED and abs(amount(text)) > most(column):
        return "amount_too_large"
    return f"unreadable_{column.kind}"


def cause_args(code: str, raw: pd.Series, column: Column, rules: DateRules, value: str) -> dict[str, Any]:
    """The figures that the sentence of a cause needs; ``value`` is its first cell."""
    known = {"date_column": column.name}
    if code == "unreadable_date_ambiguous" and len(found := ways(value)) > 1:
        (order, day), (other, other_day) = found[:2]
        forms = {"form": format_of(value, order), "other_form": format_of(value, other)}
        return known | forms | {"one": str(day), "other_day": str(other_day)}
    if code == "unreadable_date_short_year":
        return known | {"form": format_of(value, date_column(raw, rules)[0].likely)}
    if code == "unreadable_date":
        if pd.api.types.is_datetime64_any_dtype(raw.dtype):
            return known
        read = date_column(raw, rules)[0]
        return known | {"mostly": 2 * len(read.causes) > len(read.days)}  # a format is of the whole column
    if code == "date_orders_mixed":
        read, codes, texts = date_column(raw, rules)
        of_day, of_month = read.conflict or (codes[0], codes[0])
        rows = pd.Series(codes, index=raw.index)
        return {"day": texts[of_day], "month": texts[of_month], "month_row": _row_of(rows, of_month)}
    if code == "date_swap_unsure":
        read, _, texts = date_column(raw, rules)
        return {"text": texts[read.swap.text] if read.swap else value}
    if code == "date_not_in_format":
        return {"format": rules.format}
    if code == "share_in_percent":
        return {"percent": f"{value}%"}
    if code == "amount_too_large":
        return {"most": most(column)}
    return {"kind": column.kind, "choices": [{"zh": c["zh"], "en": c["en"]} for c in column.choices.values()]}


def _row_of(text: pd.Series, value: object) -> int | None:
    found = text.index[text == value]
    return int(found[0]) if len(found) else None


def _by_value(cells: pd.Series, function: Callable[[Any], Any], kind: str = "object") -> pd.Series:
    """``function`` once for each distinct value, as values of a ``kind``: exports repeat themselves."""
    codes, values = pd.factorize(cells, use_na_sentinel=False)
    results = pd.Series([function(v) for v in np.asarray(values, dtype=object)], dtype=object).astype(kind)
    return spread(results, codes, cells.index)


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
