"""A list written block by block is the file that XlsxWriter writes cell by cell."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from kamplay.report.sheets.list_sheet import BLOCK, LONGEST, ListSheet

ROWS = 2 * BLOCK + 5
RNG = np.random.default_rng(3)
HOLES = RNG.random(ROWS) < 0.3
HOLES[-1] = False
FIGURES = [
    None if hole else float(value) for hole, value in zip(HOLES, RNG.lognormal(3, 8, ROWS) - 40, strict=True)
]
FIGURES[:6] = [0.0, -0.1, 1e21, 1 / 3, 2.0**53, 1e-9]
TEXTS = [None if hole else f"客户 {n % 40} <&> \"'" for n, hole in enumerate(HOLES)]
TEXTS[:5] = ["=1+1", " a ", "_x0041_ \x07", "x" * (LONGEST + 5), "𠮷" * LONGEST]
DAYS = [None if hole else datetime(1999 + n % 40, 2, 1 + n % 28) for n, hole in enumerate(HOLES)]
GAP = range(60, 100)  # rows without a cell


def written(file: Path, plain: bool) -> Path:
    """A workbook of three lists, of every kind of column, one of them coloured cell by cell and one empty;
    the second list is to be filled in.
    """
    columns = {"Figures": FIGURES, "Texts": TEXTS, "Days": DAYS, "Empty": [None] * ROWS, "Bands": TEXTS}
    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})
    asked = ({"bold": True}, {"bg_color": "#FF0000"}, {"italic": True}, {"num_format": "yyyy-mm-dd"})
    head, red, other, day = map(book.add_format, asked)
    formats = [red if n % 3 else other for n in range(ROWS)]
    for length, to_fill in ((ROWS, False), (200, True), (3, False)):
        sheet = book.add_worksheet(None if plain else f"Sheet{length}", None if plain else ListSheet)
        if plain:
            sheet.name = f"Sheet{length}"
        for place, (label, values) in enumerate(columns.items()):
            cells = [None if row in GAP else value for row, value in enumerate(values[:length])]
            styles = {"Bands": formats[:length], "Days": day}.get(label, other)
            if not plain:
                add = {"Figures": sheet.add_figures, "Days": sheet.add_days}.get(label, sheet.add_texts)
                add(label, head, cells, styles, to_fill)
            else:
                sheet.write_string(0, place, label, head)
                write = {"Figures": sheet.write_number, "Days": sheet.write_datetime}.get(
                    label, sheet.write_string
                )
                for row, cell in enumerate(cells):
                    style = styles[row] if label == "Bands" else styles
                    if cell is not None:
                        write(row + 1, place, cell, style)
                    elif to_fill:
                        sheet.write_blank(row + 1, place, None, style)
            sheet.set_column(place, place, 9 + place, day if label == "Days" else other)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, length, len(columns) - 1)
    book.close()
    return file


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("lists")
    return written(folder / "plain.xlsx", plain=True), written(folder / "listed.xlsx", plain=False)


def test_every_part_of_the_file_has_the_same_bytes(files: tuple[Path, Path]) -> None:
    plain, listed = (zipfile.ZipFile(file) for file in files)
    assert plain.namelist() == listed.namelist()
    assert [name for name in plain.namelist() if plain.read(name) != listed.read(name)] == []


def test_the_cells_come_back_as_they_were_given(files: tuple[Path, Path]) -> None:
    sheet = openpyxl.load_workbook(files[1])[f"Sheet{ROWS}"]
    _, *rows = sheet.iter_rows(values_only=True)
    kept = [row for row in range(ROWS) if row not in GAP]
    figures = np.array([[rows[row][0], FIGURES[row]] for row in kept], dtype=float)
    np.testing.assert_allclose(figures[:, 0], figures[:, 1], rtol=1e-15)
    assert [rows[row][2] for row in kept] == [DAYS[row] for row in kept]
    assert [rows[row][1] for row in kept[5:]] == [TEXTS[row] for row in kept[5:]]
    assert {rows[row] for row in GAP} == {(None,) * 5}
    assert sheet.auto_filter.ref == f"A1:E{ROWS + 1}" and sheet.freeze_panes == "C2"


def test_a_figure_that_no_cell_can_hold_is_refused(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "w.xlsx"))
    style = book.add_format()
    with pytest.raises(ValueError, match="Share"):
        book.add_worksheet("a", ListSheet).add_figures("Share", style, [1.0, float("inf")], style)
