"""The way back to the client: a workbook with their rows as they sent them, bad cells coloured and commented, and the list of faults."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kamplay.errors import Fault
from kamplay.intake.clean import as_text
from kamplay.intake.read import Raw

if TYPE_CHECKING:
    from kamplay.intake.prepare import Intake

WHOLE_TABLE = 20_000  # rows; beyond that only the faulty rows are copied, or writing would take minutes
MOST_COLUMNS = 16_000
Words = dict[str, str]  # sheet, row, column, value, problem, fix, level, faults: headings in the user's language


def write_marked(intake: Intake, folder: Path, words: Words, sentences: dict[int, tuple[str, str]]) -> Path:
    """Write ``marked.xlsx`` into ``folder``. ``sentences``: id of a fault → (what is wrong, what to do).

    Cells are text, as they stood in the file: nothing of the client's becomes a formula.
    """
    import xlsxwriter

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "marked.xlsx"
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"created": datetime(2000, 1, 1)})
    styles = {
        "head": book.add_format({"bold": True, "bg_color": "#E8EDF1", "text_wrap": True}),
        "error": book.add_format({"bg_color": "#F4B8AE"}),
        "warning": book.add_format({"bg_color": "#FBE7A9"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    _list(book, intake.faults, words, sentences, styles)
    for number, raw in enumerate(intake.raws, start=1):
        mine = [f for f in intake.faults if f.file == raw.file and f.sheet == raw.sheet and f.row]
        if mine:
            _copy(book, number, raw, mine, sentences, styles)
    book.close()
    return path


def _list(book: Any, faults: list[Fault], words: Words, sentences: dict[int, tuple[str, str]], styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(words["faults"])
    heads = ("level", "file", "sheet", "row", "column", "value", "problem", "fix", "count")
    for column, (key, width) in enumerate(zip(heads, (9, 30, 16, 8, 18, 22, 50, 50, 8), strict=True)):
        sheet.set_column(column, column, width, styles["wrap"])
        sheet.write_string(0, column, words[key], styles["head"])
    for row, fault in enumerate(faults, start=1):
        problem, fix = sentences[id(fault)]
        cells = (words[fault.level], fault.file, fault.sheet, fault.row, fault.column, fault.value, problem, fix, fault.count)
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell)
            elif cell:
                sheet.write_string(row, column, str(cell), styles["wrap"])
    sheet.freeze_panes(1, 0)


def _copy(book: Any, number: int, raw: Raw, faults: list[Fault], sentences: dict[int, tuple[str, str]], styles: dict[str, Any]) -> None:
    """The rows of one source at their own row numbers, or only the faulty ones when there are too many."""
    frame = raw.frame.iloc[:, :MOST_COLUMNS]
    places: dict[tuple[int, str | None], Fault] = {}
    for fault in faults:
        places.setdefault((int(fault.row or 0), fault.column), fault)
    whole = len(frame) <= WHOLE_TABLE
    rows = frame if whole else frame.loc[frame.index.isin([row for row, _ in places])]
    sheet = book.add_worksheet(f"{number} {Path(raw.file).stem}"[:31].translate(str.maketrans("[]:*?/\\'", "_" * 8)))
    top = raw.header_row - 1 if whole else 0
    sheet.write_string(top, 0, "#", styles["head"]) if not whole else None
    shift = 0 if whole else 1  # the user's row number stands in a column of its own
    for column, header in enumerate(frame.columns):
        sheet.write_string(top, column + shift, str(header), styles["head"])
    text = rows.apply(as_text)
    for position, (row_number, cells) in enumerate(zip(rows.index, text.itertuples(index=False), strict=True), start=1):
        line = int(row_number) - 1 if whole else position
        if not whole:
            sheet.write_number(line, 0, int(row_number))
        for column, (header, cell) in enumerate(zip(frame.columns, cells, strict=True)):
            found = places.get((int(row_number), header))
            style = styles[found.level] if found else None
            if cell or found:
                sheet.write_string(line, column + shift, cell[:32_000], style) if style else sheet.write_string(
                    line, column + shift, cell[:32_000]
                )
            if found:
                sheet.write_comment(line, column + shift, " ".join(sentences[id(found)]))
