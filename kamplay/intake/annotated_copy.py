"""The way back to the client: their own workbook with the bad cells coloured and commented, and the list of
faults first.

A workbook of ordinary size is written again as it was sent, formats kept. A text file, and whatever is too
large to write cell by cell, becomes a new workbook: all rows as text, or only the faulty ones. Nothing in
either is a formula.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.errors import Fault
from kamplay.intake.files.file_safety import content
from kamplay.intake.files.readers import Raw
from kamplay.intake.prepare import Intake
from kamplay.intake.values.parsing import as_text
from kamplay.palette import BAD_FILL, FILL, WARN_FILL

# rows of one fault shown from such a large source; the list of faults has the count of all
MOST_MARKED = 2_000
WHOLE_TABLE = 20_000  # rows; beyond that only the faulty rows are copied, or writing would take minutes
LARGEST_FILE = 10_000_000  # bytes of a workbook that is loaded whole: sheets we do not read count as well
MOST_COLUMNS = 16_000
MOST_MERGED = 1_000_000  # cells; openpyxl makes one of each cell in a merged range
LONGEST_CELL = 32_000  # characters; Excel holds 32,767
COLOURS = {"error": BAD_FILL, "warning": WARN_FILL}
HEADS = {
    "level": 9,
    "sheet": 16,
    "row": 14,
    "column": 18,
    "value": 22,
    "problem": 50,
    "fix": 50,
    "count": 8,
}  # widths
Words = dict[
    str, str
]  # faults, level, sheet, row, column, value, problem, fix, count, error, warning: in the user's language
Sentences = dict[int, tuple[str, str]]  # id of a fault → (what is wrong, what to do)


@dataclass(frozen=True)
class Mark:
    """What a cell is marked with: the gravest level of its faults, and all their sentences (empty: coloured
    only).
    """

    level: str
    note: str


def write_marked(
    intake: Intake, source: Path, folder: Path, words: Words, sentences: Sentences
) -> list[Path]:
    """Write ``NAME-marked.xlsx`` for every file with a fault in one of its rows.

    Parameters
    ----------
    intake : Intake
        What reading found.
    source : Path
        The engagement folder, where the files are read again.
    folder : Path
        Where the copies go; those of an earlier check are removed first.
    words, sentences
        The sheet's words, and the faults' sentences, in the user's language.

    Returns
    -------
    list of Path
    """
    for old in [*folder.glob("*-marked.xlsx"), *folder.glob("*-marked-*.xlsx")] if folder.is_dir() else ():
        old.unlink()
    written: list[Path] = []
    for file in dict.fromkeys(raw.file for raw in intake.raws):
        faults = [f for f in intake.faults if f.file == file]
        if not any(f.all_rows for f in faults):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        path = copy_name(folder, file, written)
        raws = list({raw.sheet: raw for raw in intake.raws if raw.file == file}.values())
        if not _own_workbook(source / file, path, raws, faults, words, sentences):
            _new_workbook(path, raws, faults, words, sentences)
        written.append(path)
    return written


def marks(raw: Raw, faults: list[Fault], sentences: Sentences) -> dict[tuple[int, str], Mark]:
    """Collect the mark of each faulty cell, by (row in the user's file, header).

    From a large source the first rows of each fault are taken. A fault of a whole row marks each filled cell
    of it and is told at the first.
    """
    found: dict[tuple[int, str], list[tuple[Fault, bool]]] = defaultdict(list)
    for fault in faults:
        if fault.sheet != raw.sheet:
            continue
        if several := fault.args.get("at_cells"):  # one cause in several columns
            for cell in several:
                found[cell].append((fault, True))
            continue
        for row in fault.all_rows if len(raw.frame) <= WHOLE_TABLE else fault.all_rows[:MOST_MARKED]:
            if fault.column is not None:
                found[row, fault.column].append((fault, True))
            else:
                for position, header in enumerate(_filled(raw, row)):
                    found[row, header].append((fault, position == 0))
    return {cell: _mark(faults, sentences) for cell, faults in found.items()}


def _filled(raw: Raw, row: int) -> list[str]:
    if row not in raw.frame.index:  # the header row: a column that is missing
        return list(raw.frame.columns)
    return [
        header for header, value in raw.frame.loc[row].items() if not pd.isna(value) and str(value).strip()
    ]


def _mark(faults: list[tuple[Fault, bool]], sentences: Sentences) -> Mark:
    level = "error" if any(f.level == "error" for f, _ in faults) else "warning"
    return Mark(level, "\n".join(" ".join(sentences[id(f)]) for f, written in faults if written))


def copy_name(folder: Path, file: str, taken: list[Path]) -> Path:
    """Choose a name in ``folder`` that no system stumbles over and no earlier copy has."""
    stem = (
        re.sub(r'[<>:"/\\|?*\x00-\x1f]+', "_", re.split(r"[/\\]", file)[-1].rpartition(".")[0]).strip(" ._")[
            :60
        ]
        or "data"
    )
    names = (f"{stem}-marked{f'-{n}' if n else ''}.xlsx" for n in (0, *range(2, 10_000)))
    return next(folder / name for name in names if folder / name not in taken)


def _fault_rows(faults: list[Fault], words: Words, sentences: Sentences) -> list[list[Any]]:
    rows: list[list[Any]] = [[words[key] for key in HEADS]]
    for fault in faults:
        wrong, fix = sentences[id(fault)]
        rows.append(
            [
                words[fault.level],
                fault.sheet,
                spans(fault.all_rows),
                fault.column,
                fault.value,
                wrong,
                fix,
                fault.count,
            ]
        )
    return rows


def spans(rows: tuple[int, ...], most: int = 12) -> int | str:
    """Write row numbers as one reads them: 7, or 2–501, 600; cut after ``most`` runs."""
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    if len(runs) == 1 and runs[0][0] == runs[0][1]:
        return runs[0][0]
    return ", ".join(f"{a}–{b}" if a != b else str(a) for a, b in runs[:most]) + (
        " …" if len(runs) > most else ""
    )


def _own_workbook(
    source: Path, path: Path, raws: list[Raw], faults: list[Fault], words: Words, sentences: Sentences
) -> bool:
    """Write the client's own workbook again with its marks; False where that cannot be done and a new one is
    needed.
    """
    if (
        source.suffix.lower() not in (".xlsx", ".xlsm")
        or not source.is_file()
        or source.stat().st_size > LARGEST_FILE
    ):
        return False
    if sum(len(raw.frame) for raw in raws) > WHOLE_TABLE or content(source, source.name).merged > MOST_MERGED:
        return False
    from openpyxl import load_workbook

    try:
        book = load_workbook(source, data_only=True, keep_vba=False, keep_links=False)
        columns = {raw.sheet: _positions(book[raw.sheet or book.sheetnames[0]], raw) for raw in raws}
    except (
        Exception
    ):  # calamine reads workbooks that openpyxl stumbles over, each in its own way; the new workbook serves
        return False
    if not all(columns.values()):
        return False
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    _without_formulas(book)
    fills = {
        level: PatternFill("solid", start_color=colour[1:], end_color=colour[1:])
        for level, colour in COLOURS.items()
    }
    for raw in raws:
        sheet = book[raw.sheet or book.sheetnames[0]]
        marked = {
            (row, position): mark
            for (row, header), mark in marks(raw, faults, sentences).items()
            if (position := columns[raw.sheet].get(header))
        }
        for (row, position), mark in _at_anchors(marked, sheet.merged_cells.ranges).items():
            cell = sheet.cell(row, position)
            cell.fill = fills[mark.level]
            if mark.note:
                before = f"{cell.comment.text}\n" if cell.comment else ""
                cell.comment = Comment(before + mark.note, "kamplay", width=320, height=120)
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
    _list_in(book.create_sheet(words["faults"][:31], 0), _fault_rows(faults, words, sentences))
    book.active = 0
    book.save(path)
    return True


def _at_anchors(marked: dict[tuple[int, int], Mark], ranges: Any) -> dict[tuple[int, int], Mark]:
    """The marks with those inside a merged range at its top left cell, the only one that can be written to:
    the gravest level, each note once.
    """
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    for merged in ranges:
        top, left = merged.min_row, merged.min_col
        for row in range(top, merged.max_row + 1):
            for column in range(left, merged.max_col + 1):
                if (row, column) in marked:
                    anchors[row, column] = (top, left)
    joined: dict[tuple[int, int], list[Mark]] = defaultdict(list)
    for cell, mark in marked.items():
        joined[anchors.get(cell, cell)].append(mark)
    return {
        cell: Mark(
            "error" if any(m.level == "error" for m in same) else "warning",
            "\n".join(dict.fromkeys(m.note for m in same if m.note)),
        )
        for cell, same in joined.items()
    }


def _positions(sheet: Any, raw: Raw) -> dict[str, int]:
    """Header → column number; empty when the sheet's header row is not the one that was read."""
    filled = [
        cell.column for cell in sheet[raw.header_row] if cell.value is not None and str(cell.value).strip()
    ]
    return dict(zip(raw.frame.columns, filled, strict=True)) if len(filled) == len(raw.frame.columns) else {}


def _without_formulas(book: Any) -> None:
    """Every place of a workbook that could hold a formula: cells, names, rules, table columns. Texts that
    begin with = stay texts.
    """
    book.defined_names.clear()
    for sheet in book.worksheets:
        sheet.defined_names.clear()
        sheet.conditional_formatting = type(sheet.conditional_formatting)()
        rules = sheet.data_validations.dataValidation
        sheet.data_validations.dataValidation = [
            r for r in rules if r.type == "list" and str(r.formula1).startswith('"')
        ]
        for table in sheet.tables.values():
            for column in table.tableColumns:
                column.calculatedColumnFormula = column.totalsRowFormula = None
        sheet._pivots = []
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" or (isinstance(cell.value, str) and cell.value.startswith("=")):
                    cell.data_type = "s"


def _list_in(sheet: Any, rows: list[list[Any]]) -> None:
    """The list of faults in a sheet of openpyxl's."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells, start=1):
            if value is None:
                continue
            cell = sheet.cell(row, column)
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL]
                cell.data_type = "s"
            else:
                cell.value = value
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate(HEADS.values(), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"


def _new_workbook(
    path: Path, raws: list[Raw], faults: list[Fault], words: Words, sentences: Sentences
) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": datetime(2000, 1, 1)})
    styles = {
        "head": book.add_format({"bold": True, "bg_color": FILL, "text_wrap": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        **{level: book.add_format({"bg_color": colour}) for level, colour in COLOURS.items()},
    }
    sheet = book.add_worksheet(words["faults"][:31])
    for row, cells in enumerate(_fault_rows(faults, words, sentences)):
        for column, value in enumerate(cells):
            if isinstance(value, int):
                sheet.write_number(row, column, value, styles["wrap"])
            elif value:
                sheet.write_string(row, column, value[:LONGEST_CELL], styles["wrap" if row else "head"])
    for column, width in enumerate(HEADS.values()):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    for number, raw in enumerate(raws, start=1):
        _copy(book, number, raw, marks(raw, faults, sentences), styles)
    book.close()


def _copy(
    book: Any, number: int, raw: Raw, marked: dict[tuple[int, str], Mark], styles: dict[str, Any]
) -> None:
    """The rows of one source at their own row numbers, or only the faulty ones when there are too many."""
    frame = raw.frame.iloc[:, :MOST_COLUMNS]
    whole = len(frame) <= WHOLE_TABLE
    rows = frame if whole else frame.loc[frame.index.isin({row for row, _ in marked})]
    name = f"{number} {raw.sheet or Path(raw.file).stem}"
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "_", name)[:31])
    top = raw.header_row - 1 if whole else 0
    shift = 0 if whole else 1  # the user's row number stands in a column of its own
    if not whole:
        sheet.write_string(top, 0, "#", styles["head"])
    for column, header in enumerate(frame.columns):
        _cell(sheet, top, column + shift, str(header), marked.get((raw.header_row, header)), styles, "head")
    text = rows.apply(as_text)
    for position, (row_number, cells) in enumerate(
        zip(rows.index, text.itertuples(index=False), strict=True), start=1
    ):
        line = int(row_number) - 1 if whole else position
        if not whole:
            sheet.write_number(line, 0, int(row_number))
        for column, (header, cell) in enumerate(zip(frame.columns, cells, strict=True)):
            _cell(sheet, line, column + shift, cell, marked.get((int(row_number), header)), styles, None)


def _cell(
    sheet: Any, row: int, column: int, text: str, mark: Mark | None, styles: dict[str, Any], plain: str | None
) -> None:
    style = styles[mark.level] if mark else styles[plain] if plain else None
    if text:
        sheet.write_string(row, column, text[:LONGEST_CELL], style)
    elif mark:
        sheet.write_blank(row, column, None, style)
    if mark and mark.note:
        sheet.write_comment(row, column, mark.note[:LONGEST_CELL])
