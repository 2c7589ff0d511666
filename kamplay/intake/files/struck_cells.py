"""Cells that a workbook strikes through: how somebody marks a line as void when no column says so."""

from __future__ import annotations

import re
import zipfile
from typing import IO

from kamplay.intake.files.sheet_shape import column_number

PIECE = 1 << 20
MOST_STYLES = 8 << 20  # bytes of the styles that are looked at; those of a real workbook are far fewer
_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:\w+:)?font\b[^<>]*/>|<(?:\w+:)?font\b[^<>]*>.*?</(?:\w+:)?font>", re.DOTALL)
_STRIKE = re.compile(rb"<(?:\w+:)?strike\b(?![^<>]*\bval\s*=\s*[\"'](?:0|false)[\"'])")
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(rb"<(?:\w+:)?xf\b([^<>]*)>")
_OF_FONT = re.compile(rb"\bfontId\s*=\s*[\"'](\d{1,9})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^<>]*[^<>/])>")  # an empty one closes itself
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_STYLE = re.compile(rb"\bs=[\"'](\d{1,9})[\"']")


def struck_styles(styles: bytes) -> set[bytes]:
    """The numbers of the cell styles whose font is struck through."""
    block = _FONTS.search(styles) if b"strike" in styles else None
    if not block:
        return set()
    fonts = {b"%d" % i for i, font in enumerate(_FONT.findall(block[0])) if _STRIKE.search(font)}
    formats = _CELL_FORMATS.search(styles) if fonts else None
    of = [_OF_FONT.search(attributes) for attributes in _CELL_FORMAT.findall(formats[0])] if formats else []
    return {b"%d" % i for i, font in enumerate(of) if font and font[1] in fonts}


def struck_cells(archive: zipfile.ZipFile, part: str) -> dict[int, frozenset[int]]:
    """Find the filled cells of one sheet that are struck through.

    A workbook without such fonts costs no more than a look at its styles.

    Returns
    -------
    dict of int to frozenset of int
        Column, from 0 → its rows, as the user sees them.
    """
    if "xl/styles.xml" not in archive.namelist():
        return {}
    with archive.open("xl/styles.xml") as content:
        styles = struck_styles(content.read(MOST_STYLES))
    if not styles:
        return {}
    with archive.open(part) as sheet:
        return _scan(sheet, styles)


def _scan(sheet: IO[bytes], styles: set[bytes]) -> dict[int, frozenset[int]]:
    found: dict[bytes, set[int]] = {}
    rest = b""
    while True:
        piece = sheet.read(PIECE)
        text = rest + piece
        cut = text.rfind(b"<") if piece else len(text)  # a tag holds no other: none is cut in two
        text, rest = text[:cut], text[cut:]
        for attributes in _CELL.findall(text):
            style = _STYLE.search(attributes)
            if style and style[1] in styles and (place := _PLACE.search(attributes)):
                found.setdefault(place[1], set()).add(int(place[2]))
        if not piece:
            return {column_number(letters): frozenset(rows) for letters, rows in found.items()}
