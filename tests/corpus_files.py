"""Messy and hostile files, made byte by byte: what clients' systems export, and what nobody should open."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import xlsxwriter

HEADER = ["Date", "Account ID", "Amount"]
ROWS: list[list[Any]] = [["2025-03-01", "A", 10], ["2025-04-01", "B", 20.5], ["2025-05-01", "A", -3]]
TABLE = [HEADER, *ROWS]
TOTAL = 27.5


def csv_of(rows: Sequence[Sequence[Any]] = TABLE, delimiter: str = ",", end: str = "\n") -> str:
    return "".join(delimiter.join(str(c) for c in row) + end for row in rows)


def xlsx(
    *sheets: Sequence[Sequence[Any]],
    names: Sequence[str] = (),
    hidden: Sequence[int] = (),
    options: dict | None = None,
) -> bytes:
    """A workbook by XlsxWriter; a text that begins with = is a formula without a saved result of its own."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False, **(options or {})}) as book:
        for number, rows in enumerate(sheets or (TABLE,)):
            sheet = book.add_worksheet(names[number] if names else None)
            if number in hidden:
                sheet.hide()
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, tuple):  # (formula, what it shows)
                        sheet.write_formula(r, c, cell[0], None, cell[1])
                    else:
                        sheet.write(r, c, cell)
    return out.getvalue()


def never_calculated() -> bytes:
    """openpyxl writes formulas without results."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [HEADER, ["2025-03-01", "A", 10], ["2025-04-01", "B", "=41/2"]]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def empty_texts() -> bytes:
    """Formulas whose saved result is an empty text, as a spreadsheet program writes them."""
    rows = "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{"ABC"[c]}{r}" t="inlineStr"><is><t>{v}</t></is></c>' for c, v in enumerate(row))
        + f'<c r="D{r}" t="str"><f>""</f><v></v></c></row>'
        for r, row in enumerate(TABLE, start=1)
    )
    return with_sheet(rows)


def repacked(data: bytes, change: dict[str, bytes | None] | None = None, stored: bool = False) -> bytes:
    """A zip with parts replaced, added, or (None) left out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as new,
    ):
        parts = {name: old.read(name) for name in old.namelist()} | (change or {})
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def sheet_xml(cells: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    opening = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{main}">'
    return f"{opening}<sheetData>{cells}</sheetData></worksheet>".encode()


def with_sheet(cells: str) -> bytes:
    """A workbook whose first sheet is this XML."""
    return repacked(xlsx(), {"xl/worksheets/sheet1.xml": sheet_xml(cells)})


def far_cell() -> bytes:
    """Two kilobytes, and a sheet that spans seventeen thousand million cells."""
    return with_sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )


def bomb(size: int = 60 << 20) -> bytes:
    return repacked(xlsx(), {"xl/media/image1.png": bytes(size)})


def lying_directory() -> bytes:
    """A part that unpacks to 3 MB and says, in both of its headers, that it holds 100 bytes."""
    data = repacked(xlsx(), {"xl/worksheets/sheet9.xml": b" " * (3 << 20)})
    return data.replace(struct.pack("<I", 3 << 20), struct.pack("<I", 100))


def ods(
    rows: Sequence[Sequence[Any]] = TABLE, name: str = "Sheet1", manifest: str = "", tail: str = ""
) -> bytes:
    """An OpenDocument spreadsheet with the least a reader needs."""

    def cell(value: Any) -> str:
        if value == "":
            return "<table:table-cell/>"
        if isinstance(value, int | float):
            kind, text = f'float" office:value="{value}', str(value)
        else:
            kind, text = "string", escape(str(value))
        return f'<table:table-cell office:value-type="{kind}"><text:p>{text}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows) + tail
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        f"<office:body><office:spreadsheet><table:table table:name={quoteattr(name)}>{body}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            manifest or '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return out.getvalue()


def ole(name: str, stream: bytes) -> bytes:
    """A compound file with one stream: header, one FAT sector, one directory sector, then the stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack(
            "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0
        )
    )

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (label + "\0").encode("utf-16-le")
        return text.ljust(64, b"\0") + struct.pack(
            "<HBBIII36xIQ", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child, start, size
        )

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream))
    sheet = header + struct.pack("<I", 0) + b"\xff" * (512 - len(header) - 4)
    return (
        sheet + struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff") + directory.ljust(512, b"\0") + stream
    )


def xls(rows: Sequence[Sequence[Any]] = TABLE, name: str = "Sheet1") -> bytes:
    """A workbook of Excel 97: texts and numbers, nothing else."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def cell(r: int, c: int, value: Any) -> bytes:
        at = struct.pack("<HHH", r, c, 0)
        if isinstance(value, int | float):
            return record(0x0203, at + struct.pack("<d", value))
        text = str(value).encode("utf-16-le")
        return record(0x0204, at + struct.pack("<HB", len(text) // 2, 1) + text)

    title = name.encode("utf-16-le")
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    place = len(start) + 4 + 8 + len(title) + 4
    sheets = record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(title) // 2, 1) + title)
    body = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    body += b"".join(cell(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row))
    return ole("Workbook", start + sheets + record(0x000A, b"") + body + record(0x000A, b""))


def xlsb(rows: Sequence[Sequence[Any]] = TABLE, name: str = "Sheet1", apart: int = 1) -> bytes:
    """A binary workbook: texts and numbers, nothing else, with the cells ``apart`` rows and columns from each
    other.
    """

    def record(kind: int, data: bytes = b"") -> bytes:
        first = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size, out = len(data), b""
        while True:
            out += bytes([size & 0x7F | (0x80 if size > 127 else 0)])
            size >>= 7
            if not size:
                return first + out + data

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    cells = b""
    for r, row in enumerate(rows):
        cells += record(0, struct.pack("<I", r * apart) + bytes(13))
        for c, value in enumerate(row):
            at = struct.pack("<II", c * apart, 0)
            cells += (
                record(5, at + struct.pack("<d", value))
                if isinstance(value, int | float)
                else record(6, at + text(str(value)))
            )
    area = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = record(129) + record(148, area) + record(145) + cells + record(146) + record(130)
    book = (
        record(131)
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + text("rId1") + text(name))
        + record(144)
        + record(132)
    )
    kind = "http://schemas.openxmlformats.org/package/2006/relationships"
    sheet_type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    relations = (
        f'<?xml version="1.0"?><Relationships xmlns="{kind}"><Relationship Id="rId1" Type="{sheet_type}" '
        'Target="worksheets/sheet1.bin"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", relations)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()
