"""One figure as it is written: which decimal mark a column proves, its sign, unit and currency."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from kamplay.currency_names import CURRENCIES

Style = Literal["point", "comma", "mixed"]
LAKHS = r"[1-9]\d?(,\d{2})+,\d{3}"  # 5,24,248: the last three figures, then two and two, as India writes it
LAKHS_ALONE = LAKHS.replace("(", "(?:")
GROUPED = rf"([1-9]\d{{0,2}}(,\d{{3}})+|{LAKHS})"
# where the point is the decimal mark
PLAIN = rf"[¥￥$€£₹]?[+-]?(\d+|{GROUPED})(\.\d*)?|[+-]?(\d+|{GROUPED})(\.\d*)?元"
PLAIN_COMMA = r"[+-]?([1-9]\d{0,2}(\.\d{3})+,\d+|\d+,(\d{1,2}|\d{4,}))"
NAN = float("nan")
UNITS = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}
UNITS |= {word: size for size, words in ((1e5, "lakh lac"), (1e7, "crore")) for word in words.split()}
LETTERS = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "bn": 1e9}  # 1.5k, £2.3m: rounded, and short for it
UNITS |= LETTERS
SHORTENED = rf"\d\s*(?:{'|'.join(LETTERS)})(?![^\W\d_])"
WORDS = "|".join(re.escape(w) for w in sorted((*CURRENCIES, "￥"), key=len, reverse=True))
SIDES = r"(?:CR|DR|贷|借)(?![a-z])\.?"  # credit and debit
CREDIT = ("CR", "贷")
SHAPE = re.compile(
    rf"(?P<lead>{SIDES}[:：]?)?\s*"
    rf"(?P<open>\()?\s*(?P<s1>[-+])?\s*(?P<before>{WORDS})?\s*(?P<s2>[-+])?\s*(?P<number>[\d.,][\d.,' ]*?)\s*"
    rf"(?:(?P<unit>百万|千万|千|万|亿|lakh|lac|crore|(?:{'|'.join(LETTERS)})(?![^\W\d_]))s?)?\s*(?P<after>{WORDS})?整?\s*(?P<close>\))?\s*(?P<s3>[-+])?\s*(?P<side>{SIDES})?",
    re.IGNORECASE,
)
_NOTHING = re.compile(rf"({WORDS})\s*-|-\s*({WORDS})", re.IGNORECASE)  # $ - in accounting: zero
_NO_CENTS = re.compile(r"(?<=\d)\s?([.,])\s?-{1,2}(?=\D*$)")  # 1'234.- and 1.234,--
_SIGN_OUTSIDE = re.compile(rf"^({WORDS})\s*\(", re.IGNORECASE)  # $(5) is ($5)
_WRITTEN_MINUS = re.compile(r"^([¥$]?)\s*[▲△▼负負]\s*(?=[¥$\d])")  # ▲1,234 and 负1,234
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
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    plain = _WRITTEN_MINUS.sub(r"\1-", plain)
    plain = re.sub(r"^'\s*(?=[-+(\d])", "", plain)  # '1234: how a spreadsheet keeps a text
    return _NO_CENTS.sub(r"\g<1>0", _SIGN_OUTSIDE.sub(r"(\1", plain))


_PLAIN = (
    {ord(c): "-" for c in "−–—﹣"}
    | {ord(c): "'" for c in "’‘＇`´"}
    | {ord("٫"): ".", ord("٬"): ","}  # the Arabic marks of decimals and thousands
    | dict.fromkeys(map(ord, "\u200b\ufeff\u200e\u200f\u2060\u061c"), None)
)


def marks(texts: Iterable[str]) -> Marks:
    """Find what the distinct cells of one column prove about its decimal mark.

    Without proof it is the point, as 1,234 then has thousands.
    """
    comma = point = None
    for text in texts:
        found = SHAPE.fullmatch(normal(text))
        proof = _proof(found["number"]) if found and isfinite(amount(text)) else None
        comma = comma or (text if proof == "comma" else None)
        point = point or (text if proof == "point" else None)
        if comma and point:
            break
    return Marks("mixed" if comma and point else "comma" if comma else "point", comma, point)


def undecided(text: str) -> bool:
    """Tell whether a cell could be read with a decimal comma as well as with a point: 1,234 and 1.234."""
    found = SHAPE.fullmatch(normal(text))
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
    if _NOTHING.fullmatch(plain):
        return 0.0
    found = SHAPE.fullmatch(plain)
    if not found or bool(found["open"]) != bool(found["close"]) or (style == "mixed" and undecided(text)):
        return NAN
    if (
        found["before"]
        and found["after"]
        and CURRENCIES[found["before"].upper()] != CURRENCIES[found["after"].upper()]
    ):
        return NAN
    signs = [
        s
        for s in (
            found["s1"],
            found["s2"],
            found["s3"],
            "-" if found["open"] else None,
            found["lead"],
            found["side"],
        )
        if s
    ]
    if len(signs) > 1:
        return NAN
    value = _number(found["number"], style) * UNITS[(found["unit"] or "").lower()]
    return -value if signs and signs[0].upper().startswith(("-", *CREDIT)) else value


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
        ) or (thousands == "," and re.fullmatch(rf"({LAKHS_ALONE})(?:\.(\d*))?", digits))
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
