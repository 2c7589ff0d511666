"""What is refused before it is opened: every file is looked at from outside first, by its path, its first
bytes and its directory.

A library that opens a hostile file may take all memory or end the process, so nothing here trusts what a file
says of itself.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from kamplay.errors import Fault

MEBI = 1 << 20
MAX_UNPACKED = 2048 * MEBI  # bytes; a workbook of a million rows unpacks to about a quarter of that
SMALL_UNPACKED, MAX_RATIO = 50 * MEBI, 200  # real workbooks shrink to between a fifth and a fiftieth
MAX_CELLS = 60_000_000  # the rectangle a sheet spans: libraries allocate all of it, filled or not
CELL_BYTES = 64  # what one cell costs in memory
MAX_ROWS_PER_BYTE, FEW_ROWS = 1_000, 5_000_000  # what a parquet file may claim
PACKED = {".xlsx", ".xlsm", ".xlsb", ".ods"}
_ZIP, _OLE, _PARQUET = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_HEART = {"xl/workbook.bin": ".xlsb", "xl/workbook.xml": ".xlsx", "content.xml": ".ods"}
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|table|meta|style|\?xml|div|!--)", re.I)
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]{0,400}?\br\s*=\s*[\"'](\d{1,9})")
_WIDE = re.compile(
    rb"<(?:\w+:)?c\s[^<>]{0,400}?\br\s*=\s*[\"']([A-Za-z]{2,4})\d+[\"'][^<>/]{0,400}>"
)  # a filled cell beyond column Z
_MERGED = re.compile(rb"mergeCell\s[^<>]{0,200}?\bref\s*=\s*[\"'](\w{2,10}:\w{2,10})[\"']")
SUSPECT = re.compile(
    rb"\bt\s*=\s*[\"']e[\"']|</(?:\w+:)?f>\s*(?:</|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)|<(?:\w+:)?f(?:\s[^<>]{0,400})?/>\s*</"
)


@dataclass(frozen=True)
class Look:
    """What a file turned out to be.

    Attributes
    ----------
    kind : str
        text, excel, parquet, or none.
    faults : tuple of Fault
        What stands against opening it.
    suspects : frozenset of str
        The parts of a workbook that may hold error cells.
    shaped : frozenset of str
        The parts of a workbook that may hold merged cells, or hidden rows or columns.
    merged : int
        The cells that the merged ranges of a workbook span.
    """

    kind: str
    faults: tuple[Fault, ...] = ()
    suspects: frozenset[str] = frozenset()
    shaped: frozenset[str] = frozenset()
    merged: int = 0

    @property
    def refused(self) -> bool:
        return any(f.level == "error" for f in self.faults)


class RefusedError(Exception):
    """A file that is not opened: the fault's code and figures."""

    def __init__(self, code: str, **args: Any):
        self.code, self.figures = code, args
        super().__init__(code)


def name_shown(name: str) -> str:
    """Write a path fit to print: control, direction and undecodable characters are spelled out."""
    return "".join(
        c if unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNING else f"\\x{ord(c):02x}"
        for c in name
    )


_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # show a name as another than it is


def look(path: Path, shown: str, folder: Path) -> Look:
    """Look at a file from outside, without reading it whole. Never raises.

    Parameters
    ----------
    path : Path
        The file as found.
    shown : str
        Its path as the user knows it, for the faults.
    folder : Path
        The engagement; what lies outside it is refused.

    Returns
    -------
    Look
        A file that must not be opened has a fault of level error.
    """
    against = not_openable(path, shown, folder)
    return Look("none", (against,)) if against else content(path, shown)


def not_openable(path: Path, shown: str, folder: Path) -> Fault | None:
    """What stands against a file by its name and place alone, whatever it holds."""
    if name_shown(path.name) != path.name:
        return Fault("file_name_unusable", file=shown)
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return Fault("path_outside", file=shown)
        if not path.is_file():  # opening a pipe would wait for ever
            return Fault("file_not_a_file", file=shown)
    except (OSError, RuntimeError, ValueError) as error:  # a link that points at itself, for one
        return Fault("file_unreadable", file=shown, args={"detail": first_line(error)})
    return None


def content(path: Path, shown: str) -> Look:
    """Tell what a file holds and what in it stands against opening it; the answer is kept until the file
    changes.
    """
    try:
        found = path.stat()
        return _inside(path, shown, found.st_size, found.st_mtime_ns)
    except PermissionError:
        return Look("none", (Fault("file_not_permitted", file=shown),))
    except (OSError, ValueError) as error:
        return Look("none", (Fault("file_unreadable", file=shown, args={"detail": first_line(error)}),))


@lru_cache(maxsize=256)
def _inside(path: Path, shown: str, size: int, _changed: int) -> Look:
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(4096)
        try:
            if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe") and size <= len(head):
                raise RefusedError("file_empty")
            if head.startswith(_ZIP):
                return _zip(file, shown, suffix)
            if head.startswith(_OLE):
                return _ole(file, shown, suffix)
            if head.startswith(_PARQUET):
                return _parquet(path, shown, suffix, size)
            if suffix in PACKED or suffix == ".parquet":
                raise RefusedError("file_other_kind", suffix=suffix)
            if found := _MARKUP.match(head):
                raise RefusedError(
                    "file_mislabelled", suffix=suffix, kind="XML" if found[1].lower() == b"?xml" else "HTML"
                )
            return Look("text", _renamed(shown, suffix, ".csv") if suffix == ".xls" else ())
        except RefusedError as refused:
            return Look("none", (Fault(refused.code, file=shown, args=refused.figures),))
        except (
            zipfile.BadZipFile,
            zlib.error,
            struct.error,
            EOFError,
            expat.ExpatError,
            UnicodeDecodeError,
            NotImplementedError,
        ):
            return Look("none", (Fault("file_damaged", file=shown),))


def _renamed(shown: str, suffix: str, content: str) -> tuple[Fault, ...]:
    return (
        (Fault("file_read_as", "warning", file=shown, args={"suffix": suffix, "kind": content}),)
        if suffix != content
        else ()
    )


def _ole(file: BinaryIO, shown: str, suffix: str) -> Look:
    """An .xls, or the envelope that Excel puts round an encrypted workbook."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise RefusedError("file_encrypted")
        if all(content.find(n.encode("utf-16-le")) < 0 for n in ("Workbook", "Book", "WORKBOOK", "BOOK")):
            raise RefusedError("file_damaged")
    return Look("excel", _renamed(shown, suffix, ".xls"))


def _parquet(path: Path, shown: str, suffix: str, size: int) -> Look:
    """The footer's claims: rows that agree with its row groups, and no more of them than so many bytes can
    hold.
    """
    import pyarrow.parquet as pq

    try:
        about = pq.ParquetFile(path).metadata
        groups = [about.row_group(i) for i in range(about.num_row_groups)]
        rows, claimed = about.num_rows, sum(g.num_rows for g in groups)
        unpacked = sum(g.total_byte_size for g in groups)
    except Exception as error:  # pyarrow raises many kinds on a damaged footer
        raise RefusedError("file_unreadable", detail=first_line(error)) from None
    if rows < 0 or rows != claimed or any(g.num_rows < 0 for g in groups):
        raise RefusedError("file_damaged")
    cells = rows * max(1, about.num_columns)
    if (rows > FEW_ROWS and rows > size * MAX_ROWS_PER_BYTE) or cells > MAX_CELLS * 100:
        raise RefusedError("file_expands", megabytes=cells * 8 // MEBI)
    if unpacked > MAX_UNPACKED * 8:
        raise RefusedError("file_expands", megabytes=unpacked // MEBI)
    return Look("parquet", _renamed(shown, suffix, ".parquet"))


def _zip(file: BinaryIO, shown: str, suffix: str) -> Look:
    """A workbook: its directory, then each part unpacked piece by piece, as the directory may lie."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        names = {p.filename for p in parts}
        # Case is not told apart: the library that opens the workbook does not either
        lower = {n.lower() for n in names}
        content = next((kind for part, kind in _HEART.items() if part in lower), "")
        if any(p.flag_bits & 1 for p in parts):
            raise RefusedError("file_encrypted")
        if not content:
            raise RefusedError("file_mislabelled", suffix=suffix, kind="ZIP")
        unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
        if unpacked > MAX_UNPACKED or (unpacked > SMALL_UNPACKED and unpacked > MAX_RATIO * max(1, packed)):
            raise RefusedError("file_expands", megabytes=unpacked // MEBI)
        suspects, shaped, merged = set(), set(), 0
        for part in parts:
            scan = _SheetScan()
            unpack(file, part, scan.feed)
            if scan.cells > MAX_CELLS:
                raise RefusedError("file_expands", megabytes=scan.cells * CELL_BYTES // MEBI)
            if scan.suspect:
                suspects.add(part.filename)
            if scan.shaped:
                shaped.add(part.filename)
            merged += scan.merged
        if content == ".ods":
            _ods(archive)
        if content == ".xlsb":
            for name in names:
                if name.lower().endswith(".bin") and "/worksheets/" in name.lower():
                    _xlsb(archive.read(name))
    faults = list(_renamed(shown, ".xlsx" if suffix == ".xlsm" else suffix, content))
    if any(n.endswith("vbaproject.bin") for n in lower):
        faults.append(Fault("file_has_macros", "warning", file=shown))
    if any(n.startswith("xl/externallinks/") for n in lower):
        faults.append(Fault("file_has_links", "warning", file=shown))
    return Look("excel", tuple(faults), frozenset(suspects), frozenset(shaped), merged)


def unpack(file: BinaryIO, part: zipfile.ZipInfo, take: Callable[[bytes], object]) -> None:
    """Give one part of an archive piece by piece to ``take``.

    Raises
    ------
    RefusedError
        It is longer than it says.
    BadZipFile
        It is damaged: its checksum is wrong.
    """
    file.seek(part.header_offset)
    header = file.read(30)
    if (
        len(header) < 30
        or not header.startswith(b"PK\3\4")
        or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    ):
        raise zipfile.BadZipFile
    file.seek(sum(struct.unpack("<HH", header[26:30])), os.SEEK_CUR)
    left, made, checksum = part.compress_size, 0, 0
    inflate = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    rest = b""
    while (left or rest) and not (inflate and inflate.eof):
        if not rest:
            rest = file.read(min(left, 256 * 1024))
            left -= len(rest)
            if not rest:
                raise zipfile.BadZipFile
        piece = inflate.decompress(rest, MEBI) if inflate else rest
        rest = inflate.unconsumed_tail if inflate else b""
        made, checksum = made + len(piece), zlib.crc32(piece, checksum)
        if made > part.file_size:
            raise RefusedError("file_expands", megabytes=max(1, made // MEBI))
        take(piece)
    if made != part.file_size or checksum != part.CRC:
        raise zipfile.BadZipFile


class _SheetScan:
    """How far a sheet's cells reach, whether any may be an error or a formula without a result, and whether
    any are merged or hidden.
    """

    OVERLAP = 2048  # bytes looked at twice, so that no cell is cut in two

    def __init__(self) -> None:
        self.rows, self.columns, self.suspect, self.tail = 0, 26, False, b""
        self.shaped, self.merged, self.ranges = False, 0, set[bytes]()

    def feed(self, piece: bytes) -> None:
        text = self.tail + piece
        self.rows = max(self.rows, max(map(int, _ROW.findall(text)), default=0))
        self.columns = max(self.columns, max(map(_number, set(_WIDE.findall(text))), default=0))
        self.suspect = self.suspect or bool(SUSPECT.search(text))
        if b"mergeCell" in text:
            self.shaped = True
            new = set(_MERGED.findall(text)) - self.ranges  # the end of a piece is looked at twice
            self.merged += sum(map(_spanned, new))
            self.ranges = new
        self.shaped = self.shaped or b"hidden" in text or b' ht="0"' in text
        self.tail = text[-self.OVERLAP :]

    @property
    def cells(self) -> int:
        return self.rows * self.columns


def _spanned(reference: bytes) -> int:
    """The cells of a range such as A2:B5."""
    first, last = (re.fullmatch(rb"([A-Za-z]+)(\d+)", corner) for corner in reference.split(b":"))
    if not first or not last:
        return 0
    return (abs(_number(last[1]) - _number(first[1])) + 1) * (abs(int(last[2]) - int(first[2])) + 1)


def _number(letters: bytes) -> int:
    """A column's letters as its number, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _xlsb(data: bytes) -> None:
    """How far the cells of a binary sheet reach: records of (kind, length, content), 0 a row, 2 to 11 a
    filled cell.
    """
    at, rows, columns = 0, 0, 0

    def number(most: int) -> int:
        nonlocal at
        value = 0
        for shift in range(most):
            byte = data[at] if at < len(data) else 0
            value, at = value | (byte & 0x7F) << 7 * shift, at + 1
            if byte < 128:
                break
        return value

    while at < len(data):
        kind, length = number(2), number(4)
        if kind <= 11 and kind != 1 and length >= 4 and at + 4 <= len(data):
            place = struct.unpack_from("<I", data, at)[0] + 1
            rows, columns = (max(rows, place), columns) if kind == 0 else (rows, max(columns, place))
        at += length
    if rows * columns > MAX_CELLS:
        raise RefusedError("file_expands", megabytes=rows * columns * CELL_BYTES // MEBI)


def _ods(archive: zipfile.ZipFile) -> None:
    """OpenDocument writes one cell for many (``number-columns-repeated``): few bytes fill a sheet."""
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read(
        "META-INF/manifest.xml"
    ):
        raise RefusedError("file_encrypted")
    state = {"cells": 0, "row": 1, "filled": 0, "wide": 0, "total": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition(":")[2]
        get = {k.rpartition(":")[2]: v for k, v in attributes.items()}.get
        if kind == "table-row":
            state.update(row=int(get("number-rows-repeated", "1")), filled=0, wide=0)
        elif kind in ("table-cell", "covered-table-cell"):
            repeated = int(get("number-columns-repeated", "1"))
            state["wide"] += repeated
            if get("value-type") or get("formula"):
                state["filled"] = state["wide"]

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] == "table-row":
            state["total"] += state["row"] * state["filled"]
            if state["total"] > MAX_CELLS:
                raise RefusedError("file_expands", megabytes=state["total"] * CELL_BYTES // MEBI)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        with archive.open("content.xml") as content:
            parser.ParseFile(content)
    except (ValueError, TypeError):
        raise RefusedError("file_damaged") from None


def first_line(error: BaseException) -> str:
    """Shorten what a library says of a file to one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
