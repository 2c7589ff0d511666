"""The currency of every line: from a currency column, the cells, the header, the title or an exchange rate.

Two currencies are never added up: without ``currency_rates`` or a column in company currency several of them
are an error that gives the sum of each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import pandas as pd

from kamplay.book import Reading
from kamplay.characters import alike
from kamplay.codebook import TableSpec
from kamplay.currency_names import CODES, SHARED, code_of, is_mark, meant, of_header
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.columns.header_formulas import headers_in
from kamplay.intake.columns.header_words import looks_like
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.cells import at
from kamplay.intake.values.figures import WORDS
from kamplay.intake.values.parsing import as_text, cells_with, numbers

_HEADER = re.compile(
    r"币种|币别|货币|幣別|幣種|通貨|币名|currency|\bccy\b|\bcurr?\b(?! ?(?:month|year|period))|"
    r"w[äa]e?hrung|\bdevise\b|moneda|valuta|divisa|\bmoeda\b|cexch_name|waerk|waers|fcurrency|fsettlecurr",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"本币|本位币|本幣|本位幣|記帳本位|(?:company|local|home|base|functional|reporting|group|domestic|house)[\s_-]*"
    r"(?:currency|ccy|curr)|in (?:company|local|home|base) |hausw[äa]hrung|(?:_|\b)lc(?:y)?\b|_lcy\b|dmbtr|"
    r"natmoney|natsum|natunit|\bbase (?:amount|total|price|grand)|^base_|devise (?:société|locale)|converted|"
    r"折人民币|折合|折算|人民币金额",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"汇率|匯率|兑换率|exchange[\s_-]*rate|\bfx[\s_-]*rate|currency[\s_-]*rate|conversion[\s_-]*rate|wechselkurs|"
    r"umrechnungskurs|taux de change|tipo de cambio|tasso di cambio|fexchangerate|iexchrate|kursf",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    "金额|金額|价税合计|價稅合計|净额|淨額|收入|销售额|銷售額|amount|total|value|revenue|sales|net|betrag|umsatz|montant|importe|dmbtr|money",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?:币种|币别|货币|currency|ccy|währung|devise|moneda|valuta)\s*(?:[:：=]|is|为)\s*(?P<a>[^\s,;，；)）]{1,12})|"
    r"\b(?:in|en)\s+(?:thousands?\s+(?:of\s+)?|millions?\s+(?:of\s+)?|k|m|T|'000\s+)?"
    r"(?P<b>[A-Z]{3}|US\$|HK\$|€|\$|£)(?![A-Za-z])|"
    r"[(\[（【]\s*(?P<c>[A-Z]{3}|US\$|HK\$|€|£|美元|美金|欧元|港币|港元|日元|英镑|人民币)\s*[)\]）】]|"
    r"(?P<e>美元|美金|欧元|港币|港元|日元|英镑|人民币)(?:报表|销售|口径|计价|结算|明细|账)|"
    r"单位\s*[:：]?\s*[百千万亿]*(?P<d>美元|美金|欧元|港币|港元|日元|英镑|人民币)",
    re.IGNORECASE,
)
_IN_NAME = re.compile(  # Acme GmbH (USD), Acme GmbH - USD, 安泰商贸（美元）
    r"[(\[【]\s*(?P<a>[A-Z]{3}|US\$|HK\$|€|£|[\u4e00-\u9fff]{2,4}?)\s*(?:账?户)?\s*[)\]】]\s*$|"
    r"[-_/|:]\s*(?P<b>[A-Z]{3}|[\u4e00-\u9fff]{2,4})\s*$|\s(?P<c>USD|EUR|GBP|CNY|RMB|HKD|JPY|CHF)\s*$"
)
_NO_FIGURE = r"[^\d\s.,()'+-]"
_ALSO_WORDS = {"TRY", "PEN", "COP", "MAD"}  # in the name of a file these may be words
_NAMES_ZH = re.compile("美元|美金|欧元|港币|港元|日元|英镑|人民币")
MOST_CODES, LOOKED_AT = 40, 2000


@dataclass(frozen=True)
class _Said:
    """The currencies of the lines, as far as something says so, with the place that does."""

    codes: pd.Series
    column: str
    row: int | None = None
    by_format: bool = False  # the cells show it by their number format and hold bare figures
    by_name: bool = False  # only the names of customers bear it


def names_currency(header: str) -> bool:
    """Whether a header names the currency of the documents."""
    return bool(_HEADER.search(header)) and not _RATE.search(header) and not _COMPANY.search(header)


def in_one(
    frame: pd.DataFrame,
    cells: pd.DataFrame,
    raw: Raw,
    spec: TableSpec,
    headers: dict[str, str],
    currency: str,
    rates: dict[str, float],
    counted: pd.Series,
    place: dict[str, Any],
) -> tuple[pd.DataFrame, list[Fault]]:
    """Bring all amounts into the engagement's currency.

    Parameters
    ----------
    frame, cells : DataFrame
        Typed values and cells as they stand under our names, index the row in the user's file.
    raw : Raw
        The input with all its columns.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the user's header.
    currency : str
        The engagement's.
    rates : dict of str to float
        Units of the engagement's currency for one unit of each other.
    counted : Series of bool
        The lines that count: void ones contradict nobody.
    place : dict
        Where the faults stand: table, file, sheet.

    Returns
    -------
    frame : DataFrame
        Converted where rates say how.
    faults : list of Fault
        An error with the sum of each currency where some have no rate; warnings where amounts were converted
        or where all of them are in another currency.
    """
    amounts = [c for c in frame.columns if spec.columns[c].kind == "amount"]
    if not amounts or frame.empty:
        return frame, []
    lead = "amount" if "amount" in amounts else amounts[0]
    said = _said(frame, cells, raw, headers, lead, currency)
    if said is None:
        return frame, []
    codes = said.codes.map({c: meant(c, currency) for c in said.codes.unique()})
    known = counted & frame[lead].notna()
    present = list(codes[known].value_counts().index)
    foreign = [c for c in present if c != currency]
    if not foreign:
        return frame, []
    sums = [
        (c, int((known & (codes == c)).sum()), float(frame.loc[known & (codes == c), lead].sum()))
        for c in present
    ]
    at: dict[str, Any] = {"column": said.column, "value": ", ".join(present[:6])}
    args: dict[str, Any] = {"currency": currency, "sums": sums, "by_format": said.by_format}
    unrated = [c for c in foreign if c not in rates]
    if said.by_name and unrated:
        args["missing"] = ", ".join(unrated)
        rows = frame.index[known & codes.isin(foreign)]
        return frame, [at_rows(Fault("currency_in_names", "warning", args=args, **at, **place), rows)]
    if unrated and len(present) == 1:
        (code,) = present
        args |= {"code": code, "amount": sums[0][2]}
        return frame, [Fault("currency_differs", "warning", row=said.row, args=args, count=1, **at, **place)]
    if unrated:
        args |= {"missing": ", ".join(unrated), **_remedies(raw, frame, headers, lead, spec)}
        row = said.row or int(codes.index[known & (codes == unrated[0])][0])
        count = int((known & codes.isin(unrated)).sum())
        return frame, [Fault("currencies_several", row=row, count=count, args=args, **at, **place)]
    factor = codes.map({**rates, currency: 1.0}).astype("float64")
    own = {name for name in amounts if name != lead and of_company(headers[name], currency)}
    changed = {name: (frame[name] * factor).round(6) for name in amounts if name not in own}
    out = frame.assign(**changed)
    args |= {
        "amount": float(out.loc[known, lead].sum()),
        "rates": ", ".join(f"{c} {rates[c]:g}" for c in foreign),
    }
    count = int((known & codes.isin(foreign)).sum())
    return out, [Fault("currency_converted", "warning", row=said.row, count=count, args=args, **at, **place)]


def between_inputs(faults: list[Fault], readings: Sequence[Reading]) -> list[Fault]:
    """Make an input in another currency an error where others of its table are not in the same one."""
    out = []
    for fault in faults:
        inputs = [r for r in readings if r.table == fault.table]
        others = [f for f in faults if f.code == "currency_differs" and f.table == fault.table]
        if fault.code == "currency_differs" and (
            len(others) < len(inputs) or len({f.args["code"] for f in others}) > 1
        ):
            fault = replace(fault, code="currency_of_input", level="error")
        out.append(fault)
    return out


def of_company(header: str, currency: str) -> bool:
    """Whether the header says that its amounts are in the company's, the engagement's currency."""
    code = of_header(header)
    return bool(_COMPANY.search(header)) or (code is not None and code not in SHARED and code == currency)


def _said(
    frame: pd.DataFrame, cells: pd.DataFrame, raw: Raw, headers: dict[str, str], lead: str, currency: str
) -> _Said | None:
    header = headers[lead]
    free = [h for h in raw.frame.columns if h not in headers.values()]
    index = frame.index
    company = [h for h in free if _COMPANY.search(h)]
    if _COMPANY.search(header) or any(_RATE.search(part) for part in headers_in(header)[1:]):
        own = [h for h in company if not _AMOUNT.search(h) or _HEADER.search(h)]
        return _column(raw, own, index, currency)
    if code := of_header(header):
        return _Said(pd.Series(code, index=index), header, raw.header_row or None)
    column = _column(raw, [h for h in free if h not in company], index, currency)
    if column is not None:
        return column
    odd = as_text(cells_with(cells[lead], _NO_FIGURE))
    words = odd.str.extract(rf"(?i)({WORDS}|[₹₩])", expand=False).dropna()
    if len(words):
        names = {w: code_of(w.upper()) or w for w in words.unique()}
        return _Said(words.map(names).reindex(index, fill_value=currency), header)
    if (shown := _by_format(raw, header, index, currency)) is not None:
        return shown
    titles = [*raw.above, *([(None, raw.sheet)] if raw.sheet else [])]
    for row, title in titles:
        found = _TITLE.finditer(alike(title))
        codes = (code_of(next(g for g in hit.groups() if g)) for hit in found)
        if code := next((c for c in codes if c), None):
            return _Said(pd.Series(code, index=index), title.strip()[:60], row)
    by_rate = _by_rate(raw, free, index, currency)
    return by_rate or _by_name(raw, index) or _in_names(frame, raw, headers, currency)


def _by_name(raw: Raw, index: pd.Index) -> _Said | None:
    """The currency that the sheet or the file is named after: sheet USD, sales_USD.csv."""
    for name in (raw.sheet or "", PurePath(raw.file).stem):
        plain = alike(name)
        words = re.findall(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", plain)
        codes = {w for w in words if w in CODES - _ALSO_WORDS}
        codes |= {c for w in _NAMES_ZH.findall(plain) if (c := code_of(w))}
        if len(codes) == 1:
            return _Said(pd.Series(codes.pop(), index=index), name[:60])
    return None


def _in_names(frame: pd.DataFrame, raw: Raw, headers: dict[str, str], currency: str) -> _Said | None:
    """The currencies that stand behind the names of customers alone, as of one customer's two accounts."""
    own = [headers[n] for n in ("account_id", "account_name") if headers.get(n) in raw.frame]
    named = [h for h in raw.frame.columns if h not in headers.values() and looks_like(h) == "account"]
    for header in [*own, *named]:
        cells = raw.frame.loc[frame.index, header]
        if cells.dtype.kind in "ifbM":
            continue
        codes = {name: code for name in cells.unique() if (code := _of_name(name))}
        if codes:
            return _Said(cells.map(codes).fillna(currency), header, by_name=True)
    return None


def _of_name(name: object) -> str | None:
    found = _IN_NAME.search(alike(name)) if isinstance(name, str) else None
    code = code_of(next(g for g in found.groups() if g)) if found else None
    return code if code in CODES - _ALSO_WORDS else None


def _column(raw: Raw, free: list[str], index: pd.Index, currency: str) -> _Said | None:
    """The currency column: by its header, or because it holds nothing but codes."""
    for header in sorted(free, key=lambda h: not _HEADER.search(h)):
        cells = raw.frame[header]
        if pd.api.types.is_numeric_dtype(cells.dtype) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
            continue
        named = bool(_HEADER.search(header)) and not _RATE.search(header)
        if not named and not _codes_only(as_text(cells.iloc[:LOOKED_AT]).str.strip().unique()):
            continue
        values = as_text(at(cells, index)).str.strip()
        distinct = [v for v in values.unique() if v]
        if not distinct or len(distinct) > MOST_CODES or (not named and not _codes_only(distinct)):
            continue
        if all(re.fullmatch(r"[\d.,\s]+", v) for v in distinct):
            continue
        codes = {v: code_of(v) or v.upper() for v in distinct}
        if len(distinct) == 1 and code_of(distinct[0]) is None:
            continue  # one word that names no currency we know says nothing
        # a line that names none among lines of another currency is in the engagement's
        return _Said(values.map({**codes, "": currency}), header)
    return None


def _by_format(raw: Raw, header: str, index: pd.Index, currency: str) -> _Said | None:
    """The currencies that the cells of the amount show by their number format; the others show none."""
    sides = [h for h in (header, *headers_in(header)) if h in raw.formats]
    if not sides:
        return None
    codes = {shown: code_of(shown) for shown in raw.formats[sides[0]].unique()}
    found = raw.formats[sides[0]].map(codes).dropna().reindex(index)
    if not found.notna().any():
        return None
    return _Said(found.fillna(currency), sides[0], by_format=True)


def _codes_only(distinct: Any) -> bool:
    filled = [v for v in distinct if v]
    return bool(filled) and len(filled) <= MOST_CODES and all(is_mark(v) for v in filled)


def _by_rate(raw: Raw, free: list[str], index: pd.Index, currency: str) -> _Said | None:
    """Where only an exchange rate tells: lines at a rate other than 1 are in another currency."""
    for header in (h for h in free if _RATE.search(h)):
        values, _ = numbers(at(raw.frame[header], index))
        other = values.notna() & (values != 1) & (values != 0)
        if other.any():
            shown = values.where(other).map("{:g}".format, na_action="ignore").astype(object)
            names = header + " " + shown
            if names.nunique() > MOST_CODES:
                names = names.where(~other, f"{header} ≠ 1")
            return _Said(names.fillna(currency), header)
    return None


def _remedies(
    raw: Raw, frame: pd.DataFrame, headers: dict[str, str], lead: str, spec: TableSpec
) -> dict[str, Any]:
    """The column in company currency, or the amount times the exchange rate, with the total it would give."""
    free = [h for h in raw.frame.columns if h not in headers.values()]
    for header in (h for h in free if _COMPANY.search(h) and (_AMOUNT.search(h) or not _HEADER.search(h))):
        values, bad = numbers(raw.frame.loc[frame.index, header])
        if values.notna().mean() >= 0.5 and not bad.any() and not _RATE.search(header):
            return {"name": lead, "propose": header, "would": float(values.sum())}
    for header in (h for h in free if _RATE.search(h)):
        values, bad = numbers(raw.frame.loc[frame.index, header])
        if values.notna().all() and not bad.any() and headers[lead] in raw.frame.columns:
            product = f"{headers[lead]} * {header}"
            return {"name": lead, "propose": product, "would": float((frame[lead] * values).sum())}
    return {}
