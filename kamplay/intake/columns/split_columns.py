"""What an export splits into two columns, proposed as one formula: debit and credit (``Credit - Debit``), and
year and month (``Year + Month``), of which ``joined`` makes one date.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from kamplay.characters import alike
from kamplay.errors import Fault
from kamplay.intake.columns.header_formulas import headers_in
from kamplay.intake.columns.rivals import Figures
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.dates import shapes
from kamplay.intake.values.month_names import month_number
from kamplay.intake.values.parsing import as_text, dates

SAMPLE = 500  # filled cells of a column that are tried
FITS = 0.9  # share of them that must be years or months


# years and months


def joined(wanted: str, frame: pd.DataFrame, header_of: Callable[[str], str | None]) -> pd.Series | None:
    """Year and month, or year, month and day, of a formula ``Year + Month`` as one date to read; None
    where it is none.
    """
    sides = [header_of(part) for part in headers_in(wanted)]
    found = [frame[side] for side in sides if side]
    return _day(found) if 1 < len(found) == len(sides) < 4 and "+" in wanted else None


def _day(cells: Sequence[pd.Series]) -> pd.Series:
    """Year and month as ``2024-03``, with a day as ``2024-03-05``, year and quarter as ``2024Q1``; what is
    none stays as it is written.
    """
    texts = [as_text(side).str.strip() for side in cells]
    year = _each(texts[0], year_of)
    part = texts[1].map({text: _part_of_year(text) for text in texts[1].unique()})
    good = year.notna() & part.notna()
    written = year.where(good, 0).astype("int64").astype("str") + part.where(good, "").astype("str")
    if len(texts) > 2:
        day = _each(texts[2], _day_in)
        good &= day.notna()
        written += "-" + day.where(good, 0).astype("int64").astype("str").str.zfill(2)
    blank = (pd.concat(texts, axis=1) == "").all(axis=1)
    as_it_is = texts[0].str.cat(texts[1:], sep=" + ")
    return written.where(good, as_it_is).mask(blank, "")


def _each(texts: pd.Series, read: Any) -> pd.Series:
    return texts.map({text: read(text) for text in texts.unique()}).astype("Float64")


def year_of(text: str) -> int | None:
    """The year that a cell names: 2024, 2024年, 2024.0, FY2024, FY24; a year over two (2024/25) is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = re.fullmatch(
        r"(?:FY|CY|财年|年度)?\s*'?((?:19|20)\d\d)(?:\.0+)?\s*(?:年度?|财年)?|FY\s*'?(\d\d)",
        plain,
        re.IGNORECASE,
    )
    return int(found[1] or f"20{found[2]}") if found else None


def _part_of_year(text: str) -> str | None:
    """What follows the year in a date: ``-03`` of a month, ``Q1`` of a quarter."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = re.fullmatch(r"(?:Q|Qtr\.?|第)\s*([1-4一二三四])\s*(?:季度?)?", plain, re.IGNORECASE)
    found = found or re.fullmatch(r"([1-4一二三四])\s*(?:季度?|Q|\.?\s*Quartal)", plain, re.IGNORECASE)
    if found:
        return f"Q{'一二三四'.find(found[1]) + 1 or int(found[1])}"
    month = _month_in(text)
    return f"-{month:02}" if month else None


def _month_in(text: str) -> int | None:
    """The month that a cell names: 3, 03, 003, 3月, P03, 第3期, March, 2024-03, 202403, 2024003."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = re.fullmatch(
        r"(?:P|M|PER\.?|第)?\s*0{0,2}(\d{1,2})(?:\.0+)?\s*(?:月份?|期)?", plain, re.IGNORECASE
    )
    found = found or re.fullmatch(
        r"(?:19|20)\d\d\s*[-/.年M]?\s*0?(\d{1,2})\s*(?:月份?|期)?", plain, re.IGNORECASE
    )
    number = int(found[1]) if found else month_number(plain)
    return number if number and 1 <= number <= 12 else None


def _day_in(text: str) -> int | None:
    found = re.fullmatch(r"0?(\d{1,2})(?:\.0+)?\s*日?", unicodedata.normalize("NFKC", text).strip())
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else None


_OF = (
    r"(?:会计|财政|财务|业务|销售|开票|单据|记账|所属|(?:fiscal|financial|calendar|accounting|invoice|posting|"
    r"sales|document|billing|order|transaction|reporting)\s*)?"
)
_FISCAL = re.compile(
    r"fiscal|financial|\bFY\b|财年|财政|geschäftsjahr|exercice|ejercicio|esercizio|period|期", re.I
)
_YEARS = re.compile(
    rf"{_OF}(?:年|年份|年度|财年)|{_OF}(?:year|FY)|gjahr|(?:geschäfts|kalender|buchungs)?jahr|année|exercice|"
    r"año|ejercicio|anno|esercizio",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    rf"{_OF}(?:年度?\s*/?\s*)?(?:月|月份|月度|期间|期|季|季度)|"
    rf"{_OF}(?:year\s*[/-]?\s*)?(?:month|period|quarter|qtr)(?:\s*(?:no\.?|number|name))?|monat|poper|fiscper|"
    r"(?:(?:geschäfts|buchungs)?jahr\s*/\s*)?(?:buchungs)?periode|quartal|"
    r"mois|période|mes|per[ií]odo|mese|trimestre",
    re.IGNORECASE,
)
_DAYS = re.compile(r"日|日期|天|day|tag|jour|d[ií]a|giorno", re.IGNORECASE)


def year_and_month(raw: Raw, free: Sequence[str]) -> tuple[str, str, str, bool] | None:
    """The headers that hold year and month between them, as ``Year + Month``, or the one that holds both.

    Returns
    -------
    tuple of str, str, str, bool
        What to write under ``columns``; the first line's cells and the date that they are read as; whether
        the year or the period is the company's own. None where there are none.
    """

    def named(pattern: re.Pattern[str]) -> list[str]:
        return [h for h in free if pattern.fullmatch(alike(h).strip().replace("_", " "))]

    def first(pattern: re.Pattern[str], read: Any) -> str | None:
        return next((h for h in named(pattern) if _holds(raw.frame[h], read)), None)

    for header in named(_MONTHS):
        if _holds(raw.frame[header], lambda text: True if _whole(text) else None):
            return _example(raw, header, [header])
    year, month, day = first(_YEARS, year_of), first(_MONTHS, _part_of_year), first(_DAYS, _day_in)
    if not year or not month:
        return None
    sides = [year, month, *([day] if day else [])]
    return _example(raw, " + ".join(sides), sides)


def _whole(text: str) -> bool:
    """Whether a cell names year and month or quarter: 202403, 003.2024, 2024Q1."""
    return bool({"period", "quarter"} & set(shapes([re.sub(r"\.0+$", "", text)])))


def _holds(cells: pd.Series, read: Any) -> bool:
    text = as_text(cells.head(SAMPLE)).str.strip()
    text = text[text != ""]
    return bool(len(text)) and bool(text.map(lambda v: read(v) is not None).mean() >= FITS)


def _example(raw: Raw, wanted: str, sides: list[str]) -> tuple[str, str, str, bool]:
    cells = [as_text(raw.frame[side]).str.strip() for side in sides]
    filled = cells[0].index[cells[0] != ""][0]
    texts = [column[filled] for column in cells]
    own = any(_FISCAL.search(side) for side in sides)
    whole = _day([pd.Series([t]) for t in texts]) if len(texts) > 1 else pd.Series(texts)
    read = dates(whole)[0].iloc[0]
    return wanted, " + ".join(texts), str(read.date()) if pd.notna(read) else "", own


# debit and credit

_PAIRS = (
    ("借方", "贷方"),
    ("借", "贷"),
    ("debits", "credits"),
    ("debit", "credit"),
    ("débit", "crédit"),
    ("debet", "credit"),
    ("soll", "haben"),
    ("debe", "haber"),
    ("dare", "avere"),
    ("dr", "cr"),
)
_CREDIT_IS_SALE = re.compile(
    r"主营业务收入|营业收入|销售收入|\brevenue|\bsales\b|\bincome\b|erlös|umsatz|ventes|ventas", re.I
)
_DEBIT_IS_SALE = re.compile(
    r"应收|往来|receivable|\bA/?R\b|debtor|customer ledger|forderung|debitor|clientes?\b", re.I
)
_TYPE = re.compile(r"\btype\b|类型|类别|belegart", re.IGNORECASE)
_SOLD = re.compile(r"\bsales?\b|\binvoice|销售|发票|rechnung", re.IGNORECASE)
_BACK = re.compile(r"\bcredit (?:note|memo)|\breturns?\b|退货|销退|红字|gutschrift", re.IGNORECASE)
_ACCOUNT_OF = re.compile(r"科目|^account( name)?$|ledger|konto|compte|cuenta|conto", re.IGNORECASE)


def debit_and_credit(there: Sequence[str]) -> tuple[str, str] | None:
    """The headers of debit and credit, in this order: the same but for this word; of several pairs the one in
    the company's own currency.
    """
    plain = {h: alike(h).strip().casefold() for h in there}
    found = []
    for debit, words in plain.items():
        for one, other in _PAIRS:
            mark = rf"(?<![a-z]){one}(?![a-z])" if one.isascii() else one
            if not re.search(mark, words):
                continue
            wanted = re.sub(mark, other, words, count=1)
            credit = next((h for h, w in plain.items() if w == wanted and h != debit), None)
            if credit:
                found.append((debit, credit))
    local = [p for p in found if re.search(r"本币|本位币|\blc(y)?\b|local|company", plain[p[0]])]
    return next(iter([*local, *found]), None)


def by_sides(
    raw: Raw, figures: Figures, pair: tuple[str, str], table: str, place: dict[str, Any]
) -> Fault | None:
    """Ask which of debit and credit is a sale, with both totals; None where neither holds figures.

    Where both come to the same the export has both sides of each entry: the lines of the revenue account are
    then proposed.
    """
    debit, credit = pair
    if not any(figures.are_numbers(side) for side in pair):
        return None
    sums = {side: round(float(figures.numbers(side).sum()), 2) for side in pair}
    at = {**place, "row": raw.header_row, "column": f"{debit}, {credit}"}
    args: dict[str, Any] = {"name": "amount", "debit_sum": sums[debit], "credit_sum": sums[credit]}
    debits, credits_ = f"{debit} - {credit}", f"{credit} - {debit}"
    if sums[debit] > 0 and abs(sums[debit] - sums[credit]) < 0.005 * sums[debit]:
        kept = _lines_of_revenue(raw) if table == "transactions" else {}
        args |= {"propose": credits_, "filter": kept} if kept else {}
        where = "; ".join(f"{{{h}: [{', '.join(values)}]}}" for h, values in kept.items())
        args["where"] = where or "{…: …}"
        return Fault("debit_equals_credit", args=args, **at)
    of_receivables = table == "receivables" or _says(raw, _DEBIT_IS_SALE)
    of_sales = table == "transactions" and _says(raw, _CREDIT_IS_SALE)
    larger = sums[debit] > sums[credit] if of_receivables == of_sales else of_receivables
    if (typed := _side_of_sales(raw, figures, pair)) is not None:
        larger = typed
    total = round(sums[debit] - sums[credit], 2)
    args |= {"debit": debit, "credit": credit}
    if larger:
        args |= {"propose": debits, "total": total, "reverse": credits_, "other_total": -total}
    else:
        args |= {"propose": credits_, "total": -total, "reverse": debits, "other_total": total}
    return Fault("debit_and_credit", args=args, **at)


def _side_of_sales(raw: Raw, figures: Figures, pair: tuple[str, str]) -> bool | None:
    """Whether the lines whose type says sale stand in debit and those that it calls returns in credit, or the
    reverse; None where no column of types has both.
    """
    debit, credit = (figures.numbers(side).fillna(0).abs() for side in pair)
    for header in (h for h in raw.frame.columns if _TYPE.search(alike(h))):
        text = as_text(raw.frame.loc[debit.index, header]).map(alike)
        back = text.str.contains(_BACK)
        sold = text.str.contains(_SOLD) & ~back
        sales, returned = (debit[rows].sum() - credit[rows].sum() for rows in (sold, back))
        if sales * returned < 0:
            return bool(sales > 0)
    return None


def _lines_of_revenue(raw: Raw) -> dict[str, list[str]]:
    """The column of ledger accounts, and those of them that are called revenue."""
    for header in raw.frame.columns:
        if _ACCOUNT_OF.search(header):
            values = [v for v in as_text(raw.frame[header]).str.strip().unique() if _CREDIT_IS_SALE.search(v)]
            if values:
                return {header: values[:10]}
    return {}


def _says(raw: Raw, pattern: re.Pattern[str]) -> bool:
    """Whether a title or most cells of a column of ledger accounts name such an account, or the name of the
    file or sheet, if it speaks of receivables: any table may be called sales.
    """
    names = [raw.file, raw.sheet or ""] if pattern is _DEBIT_IS_SALE else []
    if any(pattern.search(text) for text in (*names, *(title for _, title in raw.above))):
        return True
    for header in raw.frame.columns:
        if _ACCOUNT_OF.search(header):
            text = as_text(raw.frame[header].head(SAMPLE)).str.strip()
            text = text[text != ""]
            if len(text) and text.str.contains(pattern).mean() > 0.5:
                return True
    return False
