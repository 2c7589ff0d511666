"""The unit of the amounts, where a title, a header or the name of the sheet states it: 单位：万元,
in thousands, T€.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pandas as pd

from kamplay.characters import alike
from kamplay.codebook import TableSpec
from kamplay.errors import Fault
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.parsing import as_text

_ZH = {
    "": 1.0,
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "萬": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "億": 1e8,
}
_BIG = "十万|百万|千万|百|千|万|萬|亿|億"
_MONEY = "元|圆|円|美元|美金|欧元|港币|港元|日元|英镑|人民币"
_SIGN = r"EUR|USD|GBP|CNY|RMB|CHF|JPY|HKD|SGD|AUD|CAD|INR|€|US\$|HK\$|\$|£|¥|₹|Rs\.?"
_OF = rf"(?:{_MONEY}|{_SIGN})"  # of what: 人民币, RMB
_LONG = (
    r"thousands?|tausend|tsd\.?|milliers?|miles|migliaia|millions?|mio\.?|mill\.?|mln\.?|millionen|millones|milioni|"
    r"lakhs?|lacs?|crores?|billions?|mrd\.?|'?000'?s?"
)
_WORD = rf"{_LONG}|mn|mm|bn|k|m"
# 人民币万元, RMB万, 万RMB, 万元RMB; 万 alone does where something before it says that a unit follows
_BEFORE_ZH = rf"(?:{_OF}\s*[:(]?\s*)?"
_BIG_ZH = rf"(?:({_BIG})|w(?=\s*{_OF}))\s*(?:{_OF}\s*)*"
_HEADER_ZH = re.compile(
    rf"(?:^|[(\[【,/:_\s-]|单位[:]?|金额|收入|销售额|成本|总额|净额)\s*(?:单位[:]?)?\s*{_BEFORE_ZH}{_BIG_ZH}"
    r"[)\]】]*\s*$|[\u4e00-\u9fff]\s*[(\[【]\s*(?:单位:?)?\s*w\s*[)\]】]\s*$",
    re.IGNORECASE,
)
_PLAIN_ZH = re.compile(r"[(\[【/]\s*(?:单位[:]?)?\s*(?:人民币|RMB|CNY)?\s*元\s*[)\]】]?\s*$", re.IGNORECASE)
_TITLE_ZH = re.compile(
    rf"(?<![制量])单位\s*(?:均?为|是)?\s*[::]?\s*{_BEFORE_ZH}(?:({_BIG})|w)\s*{_OF}|"
    rf"(?<![制量])单位\s*(?:均?为|是)?\s*[::]?\s*(?:人民币|RMB|CNY)?\s*()(?:元|圆|円|美元|美金|欧元|港元|日元|英镑)|"
    rf"以\s*{_BEFORE_ZH}({_BIG})\s*{_OF}+\s*(?:为单位|计|列示|表示)|"
    rf"[(\[【]\s*{_BEFORE_ZH}({_BIG})\s*{_OF}+\s*[)\]】]|^\s*{_BEFORE_ZH}({_BIG})\s*{_OF}+\s*$|"
    rf"{_OF}\s*({_BIG})\s*[)\]】]?\s*$|"
    rf"(?<![\d.一二三四五六七八九十百千万两几数])({_BIG}){_OF}+\s*[)\]】]?\s*$|"
    rf"(?<![制量])单位\s*[::]\s*({_BIG})\s*[)\]】]?\s*$",
    re.IGNORECASE,
)
_BEHIND = rf"(?:{_SIGN})\s?(?:in\s+)?(?:{_WORD})(?![\w])"
# 10k, 1.000, 10,000: the power of ten itself, never the end of another number
_ROUND = r"(?<![\d.,'])(?:10{0,2}(?:[.,' ]?000){1,3}|10{0,2}\s?k)(?![\d.,']?\d)(?![a-z])"
_ROUND_OF = rf"(?:{_SIGN})\s?(?:in\s+)?{_ROUND}|{_ROUND}\s?(?:of\s+)?(?:{_SIGN}|元|人民币|euros?)(?![\w])"
_HEADER_ROUND = re.compile(rf"{_ROUND_OF}|[x×*]\s?{_ROUND}", re.IGNORECASE)
_TITLE_ROUND = re.compile(
    rf"(?:\b(?:in|en)\s+|\bunits?\s*[:=]\s*|单位\s*(?:均?为|是)?\s*[::]?\s*|[(\[]\s*(?=[^)\]]*k))(?:{_ROUND_OF})",
    re.IGNORECASE,
)
_DIGITS = rf"\b(?:in|en)\s+T\s?(?:{_SIGN}|euros?)(?![\w])"  # in T EUR
_BEFORE = (
    r"(?:k|T|M|Tsd\.?|Mio\.?|Mrd\.?|mn|thousands?|millions?)\s?(?:of\s+)?"
    r"(?:EUR|USD|GBP|CNY|RMB|CHF|INR|€|\$|£|¥)(?![\w])"
)
_HEADER_EN = re.compile(
    rf"(?<![\w])(?:{_BEHIND}|{_BEFORE})|{_DIGITS}|\b(?:in|en)\s+(?:{_SIGN})?\s*(?:{_WORD})(?![\w])|"
    rf"(?:[(\[/]|(?<!\d),)\s*(?:in\s+)?(?:{_SIGN})?\s*(?:{_WORD})\s*(?:{_SIGN})?\s*[)\]]?\s*$|"
    r"(?<![\w])'000s?(?![\w])|(?<![\w.,'])000s(?![\w])|\b(?:thousands?|millions?|lakhs?|crores?)\s*$",
    re.IGNORECASE,
)
_TITLE_EN = re.compile(
    rf"(?<![\w])(?:{_BEHIND}|{_BEFORE})(?!\s*(?:customers|clients|orders|lines))|{_DIGITS}|"
    rf"\b(?:in|en)\s+(?:{_SIGN})?\s*'?(?:thousands?|tausend|tsd\.?|milliers?|miles|migliaia|millions?|mio\.?|mn|"
    rf"mln\.?|millionen|millones|milioni|lakhs?|crores?|billions?|bn|000'?s?)(?![\w])|"
    rf"[(\[]\s*(?:in\s+)?(?:(?:{_SIGN})\s*(?:{_WORD})|(?:{_LONG})|(?:{_WORD})\s*(?:{_SIGN}))\s*[)\]]|"
    r"(?<![\w])'000s?(?![\w])|\bunits?\s*[:=]\s*(?:thousands?|millions?|k|lakhs?|crores?)(?![\w])",
    re.IGNORECASE,
)
_FACTORS = (
    (1e9, r"billion|bn|mrd"),
    (1e7, r"crore"),
    (
        1e6,
        r"milli?on|mio|mill\b|mill\.|mn|mln|mm|millones|milioni|(?<![a-z])m(?![a-z])|m(?:eur|usd|gbp|cny|rmb|chf|inr|€|\$|£|¥)|"
        r"(?<=[a-z]{3})m\b",  # EURm, glued to the currency
    ),
    (1e5, r"lakh|lac"),
    (
        1e3,
        r"thousand|tausend|tsd|millier|miles|migliaia|000|(?<![a-z])k|(?<=[a-z]{3})k\b|"
        r"(?<![a-z])t\s?(?:eur|usd|chf|gbp|€)",
    ),
)
_CENTS = re.compile(
    r"(?<!per)(?<!per )(?:_|\b)(?:in[_ ]?)?cents?[)\]]?\s*$|\bminor[_ ]units?\b|"
    r"[(\[【]\s*(?:单位:?)?\s*分\s*[)\]】]\s*$",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    r"^(?:金额|币值|货币|计量金额)?单位$|金额单位|^(?:amount |value )?(?:unit|scale)(?: of amounts?)?$", re.I
)
_OWN_UNIT = r"[千万亿百萬億kKmM]"


@dataclass(frozen=True)
class Unit:
    """A unit: how many of the currency one stands for, the words that say so, and their row in the file."""

    factor: float
    said: str
    row: int | None = None


def of_header(header: str) -> Unit | None:
    """The unit that a header states for its own column; None where it states none."""
    plain = alike(header)
    if _CENTS.search(plain):
        return Unit(0.01, header)
    if found := _HEADER_ZH.search(plain):
        return Unit(_ZH[found[1] or "万"], header)  # w: 万 as it is typed
    if _PLAIN_ZH.search(plain):
        return Unit(1.0, header)
    if found := _HEADER_ROUND.search(plain):
        return Unit(_rounded(found[0]), header)
    if found := _HEADER_EN.search(plain):
        return _western(found[0], header)
    return None


def of_title(text: str, row: int | None = None) -> Unit | None:
    """The unit that a title or a sheet's name states for the whole table."""
    plain = alike(text)
    if found := _TITLE_ZH.search(plain):
        of = next((g for g in found.groups() if g is not None), "万")
        return Unit(_ZH[of], text.strip(), row)
    if found := _TITLE_ROUND.search(plain):
        return Unit(_rounded(found[0]), text.strip(), row)
    if found := _TITLE_EN.search(plain):
        return _western(found[0], text.strip(), row)
    return None


def _of_column(raw: Raw, headers: dict[str, str], index: pd.Index) -> list[Unit]:
    """The units that a column of its own states: 金额单位, every line 万元. Pieces and boxes are none."""
    out = []
    for header in (h for h in raw.frame.columns if h not in headers.values() and _COLUMN.search(str(h))):
        words = [str(v).strip() for v in raw.frame.loc[index, header].dropna().unique() if str(v).strip()]
        stated = [_of_words(word) for word in words[:10]]
        out += [Unit(u.factor, f"{header}: {u.said}") for u in stated if u] if all(stated) else []
    return out


def _of_words(word: str) -> Unit | None:
    """The unit that a cell states with nothing beside it: 万元, k€."""
    found = re.fullmatch(rf"(?:人民币)?({_BIG}|)\s*(?:{_MONEY})", alike(word))
    return Unit(_ZH[found[1]], word) if found else of_title(f"({word})")


def _rounded(words: str) -> float:
    """The power of ten that stands in figures: 10k, 1.000, 10,000."""
    return float(re.sub(r"\D", "", words)) * (1e3 if re.search(r"\dk|\d\sk", words, re.IGNORECASE) else 1)


def unit_row(raw: Raw) -> tuple[int, str] | None:
    """The first row below the header where it holds nothing but a unit, with its words."""
    if raw.frame.empty:
        return None
    texts = [str(v).strip() for v in raw.frame.iloc[0] if v is not None and v == v and str(v).strip()]
    words = set(texts)
    if len(words) != 1 or len(texts) > 0.5 * raw.frame.shape[1] or any(c.isdigit() for c in texts[0][:-3]):
        return None
    unit = _of_words(texts[0]) or of_header(texts[0])
    return (int(raw.frame.index[0]), texts[0]) if unit else None


def _western(words: str, said: str, row: int | None = None) -> Unit | None:
    low = words.casefold()
    factor = next((f for f, pattern in _FACTORS if re.search(pattern, low)), None)
    return Unit(factor, said, row) if factor else None


def applied(
    frame: pd.DataFrame,
    cells: pd.DataFrame,
    raw: Raw,
    spec: TableSpec,
    headers: dict[str, str],
    counted: pd.Series,
    place: dict[str, Any],
) -> tuple[pd.DataFrame, list[Fault]]:
    """Put the unit that the header, a title or the sheet's name states on the amounts.

    A header speaks for its own column. Cells with a unit of their own keep it. ``counted`` are the lines
    whose totals are told.

    Returns
    -------
    frame : DataFrame
        With the amounts in units of the currency.
    faults : list of Fault
        What was applied with both totals, one warning a unit; an error where two contradict each other.
    """
    amounts = [c for c in frame.columns if spec.columns[c].kind == "amount"]
    if not amounts:
        return frame, []
    titles = [u for row, words in raw.above if (u := of_title(words, row))]
    titles += [u for u in [of_title(raw.sheet or "")] if u]
    titles += _of_column(raw, headers, frame.index)
    if not titles:
        titles = [u for u in [of_title(PurePath(raw.file).stem)] if u]
    differing = {u.factor: u for u in reversed(titles)}
    out, faults = frame, []
    used: dict[Unit, list[str]] = {}
    for name in amounts:
        own = of_header(headers[name])
        against = [u for u in differing.values() if own is None or u.factor != own.factor]
        if (own and against) or len(differing) > 1:
            stated = [*([own] if own else []), *differing.values()]
            args: dict[str, Any] = {"units": "; ".join(dict.fromkeys(u.said for u in stated))}
            row = (against or stated)[0].row
            return frame, [Fault("units_differ", row=row, column=headers[name], args=args, **place)]
        unit = own or next(iter(differing.values()), None)
        if unit is not None and unit.factor != 1:
            used.setdefault(unit, []).append(name)
    for unit, names in used.items():
        before = float(out.loc[counted, names[0]].sum())
        for name in names:
            bare = ~as_text(cells[name]).str.contains(_OWN_UNIT, regex=True)
            values = out[name]
            out = out.assign(**{name: (values * unit.factor).round(6).where(bare, values)})
        args = {"factor": unit.factor, "before": before, "amount": float(out.loc[counted, names[0]].sum())}
        row, column = unit.row or raw.header_row or None, ", ".join(headers[n] for n in names)
        value = unit.said[:60]
        faults.append(
            Fault("unit_applied", "warning", row=row, column=column, value=value, args=args, **place)
        )
    return out, faults
