"""Workbooks: their sheets, the cells of one sheet at the user's own rows, and the cells that hold an error instead of a value."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.parsers import expat

import pandas as pd

from kamplay.errors import Fault, KamplayError
from kamplay.intake.guard import Look, first_line

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


@dataclass(frozen=True)
class BadCell:
    """A cell that a workbook shows as an error (``cell_error``), or a formula whose result it does not hold (``cell_not_calculated``)."""

    row: int  # as the user sees it, from 1
    column: int  # from 0
    code: str
    value: str | None


@dataclass(frozen=True)
class Sheets:
    """The names of a workbook's data sheets in their order, the hidden ones apart."""

    visible: tuple[str, ...]
    hidden: tuple[str, ...]


@contextmanager
def _opened(path: Path, shown: str) -> Iterator[CalamineWorkbook]:
    """The workbook by its content, whatever its suffix. Raises KamplayError for whatever the library dislikes."""
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
            yield book
    except PasswordError:
        raise KamplayError(Fault("file_encrypted", file=shown)) from None
    except (KamplayError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except PermissionError:
        raise KamplayError(Fault("file_not_permitted", file=shown)) from None
    except BaseException as error:  # a panic of the library is no Exception
        raise KamplayError(Fault("file_unreadable", file=shown, args={"detail": first_line(error)})) from None


def sheet_names(path: Path, shown: str) -> Sheets | Fault:
    """The sheets of a workbook, or the fault that says why it cannot be opened."""
    return _sheet_names(path, shown, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _sheet_names(path: Path, shown: str, _changed: int) -> Sheets | Fault:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    try:
        with _opened(path, shown) as book:
            data = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
            shows = tuple(s.name for s in data if s.visible == SheetVisibleEnum.Visible)
            return Sheets(shows, tuple(s.name for s in data if s.visible != SheetVisibleEnum.Visible))
    except KamplayError as error:
        return error.faults[0]


def cells(path: Path, shown: str, sheet: str | None) -> pd.DataFrame:
    """Every cell of one sheet (the first when None), from row 1 and column A: index and columns count from 0."""
    with _opened(path, shown) as book:
        # skip_empty_area=False keeps the rows above the first filled one, so that row numbers are the user's
        rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    return pd.DataFrame(rows, dtype=object)


def bad_cells(path: Path, sheet: str | None, seen: Look) -> list[BadCell]:
    """The error cells and unsaved formulas of one sheet of an .xlsx or .xlsm, where ``seen`` says there may be any.

    The reader of workbooks gives such cells as blank, so without this they would vanish.
    """
    if not seen.suspects:
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, sheet)
            return _scan(archive, part) if part in seen.suspects else []
    except (zipfile.BadZipFile, ElementTree.ParseError, expat.ExpatError, KeyError, ValueError, OSError):
        return []  # the workbook reader has read the sheet; an odd directory is no reason to refuse it


def _part(archive: zipfile.ZipFile, sheet: str | None) -> str | None:
    """The file inside the workbook that holds the sheet."""
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    targets = {r.get("Id"): r.get("Target", "") for r in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))}
    for node in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet") and sheet in (None, node.get("name")):
            target = targets.get(node.get(relation), "")
            return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return None


def _scan(archive: zipfile.ZipFile, part: str) -> list[BadCell]:
    found: list[BadCell] = []
    at: dict[str, Any] = {"row": 0, "column": -1, "type": "", "formula": False, "text": [], "inside": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "row":
            at.update(row=int(attributes.get("r", at["row"] + 1)), column=-1)
        elif kind == "c":
            place = attributes.get("r", "")
            column = _column(place) if place else at["column"] + 1
            at.update(column=column, type=attributes.get("t", ""), formula=False, text=[])
        elif kind == "f":
            at["formula"] = True
        elif kind in ("v", "is"):
            at["inside"] = True

    def text(data: str) -> None:
        if at["inside"]:
            at["text"].append(data)

    def end(tag: str) -> None:
        kind = tag.rpartition(":")[2]
        if kind in ("v", "is"):
            at["inside"] = False
        elif kind == "c":
            value = "".join(at["text"]).strip()
            if at["type"] == "e":
                found.append(BadCell(at["row"], at["column"], "cell_error", value or None))
            elif at["formula"] and not value and at["type"] != "str":  # a formula may well give an empty text
                found.append(BadCell(at["row"], at["column"], "cell_not_calculated", None))

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    with archive.open(part) as content:
        parser.ParseFile(content)
    return found


def _column(place: str) -> int:
    """The column of a place such as AB12, from 0."""
    number = 0
    for letter in place.rstrip("0123456789").upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
