"""Rebuild the chart font: a subset of Noto Sans CJK SC, renamed to "Kamplay Sans SC".

For developers only; nothing in the package imports this file. It needs fonttools and the font collection
of the Debian package fonts-noto-cjk:

    python kamplay/show/fonts/build.py PATH/TO/NotoSansCJK-Regular.ttc

The same input and the same fonttools give a byte-identical output.
"""

from __future__ import annotations

import argparse
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Kamplay Sans SC"
POSTSCRIPT = "KamplaySansSC-Regular"
FILE = "KamplaySans-SC.otf"
FACE = 2  # the order inside the collection is JP, KR, SC, TC, HK, and then the monospaced faces

# Blocks beyond GBK that a report about money and ranks uses. The names are Unicode's own.
BLOCKS = {
    "Basic Latin and Latin-1": (0x0020, 0x00FF),
    "Latin Extended-A": (0x0100, 0x017F),  # names of European clients
    "Greek": (0x0370, 0x03FF),
    "General Punctuation": (0x2010, 0x205E),
    "Superscripts and Subscripts": (0x2070, 0x209F),
    "Currency Symbols": (0x20A0, 0x20BF),
    "Letterlike Symbols": (0x2100, 0x214F),
    "Number Forms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "Mathematical Operators": (0x2200, 0x22FF),
    "Enclosed Alphanumerics": (0x2460, 0x24FF),
    "Box Drawing to Geometric Shapes": (0x2500, 0x25FF),
    "Stars, warning sign, ticks and crosses": (0x2600, 0x27BF),
    "CJK Symbols and Punctuation": (0x3000, 0x303F),
    "Enclosed CJK": (0x3200, 0x32FF),
    "CJK Compatibility Forms": (0xFE30, 0xFE4F),
    "Halfwidth and Fullwidth Forms": (0xFF00, 0xFFEF),
}


def gbk_characters() -> set[int]:
    """Every code point of GBK (about 21,900 characters).

    The two-byte half of GB 18030 is GBK plus some 80 characters that GBK itself left to private use; among
    them is 䶮, which occurs in names.
    """
    found = set(range(0x20, 0x7F))
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.update(map(ord, bytes([lead, trail]).decode("gb18030")))
            except UnicodeDecodeError:
                continue  # an unassigned or user-defined position of the encoding
    return found


def wanted() -> set[int]:
    """GBK and the blocks above, without code points that are unassigned or private."""
    points = gbk_characters()
    for first, last in BLOCKS.values():
        points.update(range(first, last + 1))
    return {point for point in points if unicodedata.category(chr(point)) not in {"Cn", "Co", "Cs", "Cc"}}


def rename(font: TTFont) -> None:
    """Give the font its own name, so that it never stands in for, or hides behind, an installed Noto.

    The copyright, trademark, designers and licence records stay as they are; the version record keeps
    the version of the original.
    """
    names = font["name"]
    version = names.getDebugName(5)
    # Names in other languages would still say Noto Sans CJK SC: keep only the English records.
    names.names = [record for record in names.names if (record.platformID, record.langID) == (3, 0x409)]
    new = {
        1: FAMILY,
        2: "Regular",
        3: f"2.004;{POSTSCRIPT}",
        4: FAMILY,
        5: f"{version}; subset",
        6: POSTSCRIPT,
    }
    for number, text in new.items():
        names.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [POSTSCRIPT]
    top.topDictIndex[0].FullName = FAMILY
    top.topDictIndex[0].FamilyName = FAMILY


def build(source: Path, target: Path) -> tuple[int, int]:
    """Write the subset; returns (characters in the font, bytes of the file)."""
    options = subset.Options()
    options.layout_features = []  # charts set plain horizontal text
    options.hinting = False  # everything is drawn as outlines or at print resolution
    options.desubroutinize = False
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False  # the build time must not enter the file
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx"]  # vertical setting
    options.font_number = FACE
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    rename(font)
    subset.save_font(font, str(target), options)
    return len(font.getBestCmap()), target.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the chart font from Noto Sans CJK.")
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc")
    parser.add_argument("--target", type=Path, default=Path(__file__).with_name(FILE))
    arguments = parser.parse_args()
    characters, size = build(arguments.source, arguments.target)
    print(f"{arguments.target.name}: {characters:,} characters, {size:,} bytes")


if __name__ == "__main__":
    main()
