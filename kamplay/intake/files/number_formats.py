"""Currencies that stand only in the number format of cells: the user sees “US$ 1,200”, the cell holds
1200.
"""

from __future__ import annotations

import html
import re
import zipfile
from array import array
from typing import IO

import numpy as np
import pandas as pd

from kamplay.intake.files.sheet_shape import column_number

PIECE = 1 << 20
MOST_STYLES = 8 << 20  # bytes of the styles that are looked at; those of a real workbook are far fewer
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b([^<>]*)>")
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(rb"<(?:\w+:)?xf\b([^<>]*)>")
_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")
_NUMBER = re.compile(rb"\bnumFmtId\s*=\s*[\"'](\d{1,9})[\"']")
_CODE = re.compile(rb"\bformatCode\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_BRACKET = re.compile(r"\[\$([^\]-]*)(?:-([0-9A-Fa-f]+))?\]")
_UNSEEN = re.compile(r"[_*].")  # a gap as wide as a character, or one repeated to fill the cell
_WORD = re.compile(
    r"(?<![A-Za-z])(?:US\$|HK\$|NT\$|CN¥|CA\$|AU\$|A\$|C\$|S\$|R\$|(?![DMYHSE]{3})[A-Z]{3}|kr|zł|Kč|Ft)(?![A-Za-z])|"
    r"[€£¥￥$₹₩₽฿₺₫₱₪]|人民币|美元|欧元|港币|港元|日元|英镑|元"
)
# the country of a format tells which dollar or crown is meant; a number of Windows, in hexadecimal
_OF_COUNTRY = {
    "409": "USD",
    "1009": "CAD",
    "C0C": "CAD",
    "C09": "AUD",
    "1409": "NZD",
    "C04": "HKD",
    "404": "TWD",
    "1004": "SGD",
    "4809": "SGD",
    "1404": "MOP",
    "804": "CNY",
    "411": "JPY",
    "809": "GBP",
    "80A": "MXN",
    "416": "BRL",
    "41D": "SEK",
    "414": "NOK",
    "406": "DKK",
    "415": "PLN",
    "405": "CZK",
    "40E": "HUF",
    "41F": "TRY",
    "807": "CHF",
    "4009": "INR",
    "439": "INR",
    "412": "KRW",
    "419": "RUB",
    "41E": "THB",
    "42A": "VND",
}
_SIGNS = {
    "kr": {"SEK", "NOK", "DKK"},
    "$": {"USD", "CAD", "AUD", "NZD", "HKD", "TWD", "SGD", "MOP", "MXN"},
    "¥": {"CNY", "JPY"},
}
_NAMES = {
    **{"US$": "USD", "HK$": "HKD", "NT$": "TWD", "CN¥": "CNY", "CA$": "CAD", "C$": "CAD"},
    **{"AU$": "AUD", "A$": "AUD", "S$": "SGD", "R$": "BRL"},
    **{"zł": "PLN", "Kč": "CZK", "Ft": "HUF", "R$": "BRL", "₺": "TRY", "₫": "VND", "₱": "PHP", "₪": "ILS"},
}


def currency_of(code: str) -> str | None:
    """The currency that a number format shows, as its code, sign or word; None where it shows none.

    ``[$$-409]#,##0.00`` is USD, ``"US$"#,##0`` is US$, ``_-* #,##0.00 _€`` leaves a gap as wide as € and
    shows none.
    """
    for sign, country in _BRACKET.findall(code):
        sign, of = sign.strip().replace("￥", "¥"), _OF_COUNTRY.get(country.upper().lstrip("0"))
        if sign and of and (of in _SIGNS.get(sign, ()) or sign not in _SIGNS):
            return of if sign in _SIGNS else _NAMES.get(sign, sign)
        if sign and (found := _WORD.fullmatch(sign)):
            return _NAMES.get(found[0], found[0])
    plain = _UNSEEN.sub("", _BRACKET.sub("", code)).replace("\\", "")
    plain = re.sub(r"\[[^\]]*\]", "", plain)
    found = _WORD.search(plain.replace('"', ""))
    return _NAMES.get(found[0], found[0]) if found else None


def of_styles(styles: bytes) -> dict[bytes, str]:
    """The cell styles of a workbook whose number format shows a currency: their number → the currency."""
    formats = {}
    for attributes in _FORMAT.findall(styles):
        number, code = _NUMBER.search(attributes), _CODE.search(attributes)
        if number and code:
            text = html.unescape((code[1] or code[2] or b"").decode("utf-8", "replace"))
            if shown := currency_of(text):
                formats[number[1]] = shown
    block = _CELL_FORMATS.search(styles) if formats else None
    if not block:
        return {}
    ids = [_NUMBER.search(attributes) for attributes in _CELL_FORMAT.findall(block[0])]
    return {b"%d" % i: formats[of[1]] for i, of in enumerate(ids) if of and of[1] in formats}


def shown_currencies(archive: zipfile.ZipFile, part: str) -> dict[int, pd.Series]:
    """The currencies that the cells of one sheet show by their number format.

    A workbook without such formats costs no more than a look at its styles.

    Parameters
    ----------
    archive : ZipFile
        The workbook.
    part : str
        The file in it that holds the sheet.

    Returns
    -------
    dict of int to Series
        Column, from 0 → the currency of its cells; the index is the row as the user sees it.
    """
    if "xl/styles.xml" not in archive.namelist():
        return {}
    with archive.open("xl/styles.xml") as content:
        styles = of_styles(content.read(MOST_STYLES))
    if not styles:
        return {}
    with archive.open(part) as sheet:
        return _scan(sheet, styles)


def _scan(sheet: IO[bytes], styles: dict[bytes, str]) -> dict[int, pd.Series]:
    """Read the places of the cells in these styles from the XML of a sheet, piece by piece."""
    numbers = b"|".join(styles)
    names = sorted(set(styles.values()))
    number = {style: names.index(shown) for style, shown in styles.items()}
    found: dict[bytes, tuple[array[int], array[int]]] = {}
    rest, cell = b"", None
    while True:
        piece = sheet.read(PIECE)
        text = rest + piece
        cut = text.rfind(b"<") if piece else len(text)  # a tag holds no other: none is cut in two
        text, rest = text[:cut], text[cut:]
        if cell is None:  # the prefix written out: a search for fixed text is several times as fast
            prefix = _PREFIX.search(text)
            start = (prefix[1] or b"") if prefix else b""
            cell = re.compile(
                b"<" + start + rb"c r=\"([A-Z]{1,3})(\d{1,7})\" s=\"(" + numbers + rb")\"(?: t=\"n\")?>"
            )
        for letters, row, style in cell.findall(text):
            rows, shown = found.setdefault(letters, (array("i"), array("h")))
            rows.append(int(row))
            shown.append(number[style])
        if not piece:
            break
    words = np.array(names, dtype=object)
    return {
        column_number(letters): pd.Series(
            words[np.array(shown, dtype=int)], index=pd.Index(np.array(rows, dtype=int))
        )
        for letters, (rows, shown) in found.items()
    }
