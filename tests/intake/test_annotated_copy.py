"""The marked copy: the client's own workbook, coloured where it is faulty and nowhere else, with nothing in
it that computes.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from conftest import MARK_WORDS
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from xlsxwriter import Workbook

from kamplay.engagement import load
from kamplay.intake.annotated_copy import COLOURS, WHOLE_TABLE, copy_name, spans, write_marked
from kamplay.intake.prepare import survey


def marked(folder: Path, settings: str = "") -> list[Path]:
    (folder / "engagement.yaml").write_text(f"client: C\nas_of: 2025-12-31\n{settings}", encoding="utf-8")
    intake = survey(load(folder))
    return write_marked(
        intake, folder, folder / "check", MARK_WORDS, {id(f): (f.code, "=fix") for f in intake.faults}
    )


def colours(sheet) -> dict[str, str]:
    level = {colour[1:]: name for name, colour in COLOURS.items()}
    found = {
        c.coordinate: level.get(c.fill.fgColor.rgb[2:])
        for row in sheet.iter_rows()
        for c in row
        if isinstance(c.fill.fgColor.rgb, str)
    }
    return {cell: name for cell, name in found.items() if name}


def formulas(path: Path) -> list[str]:
    """Every part of the file that has a formula in it, in whatever place."""
    with zipfile.ZipFile(path) as archive:
        parts = {
            name: archive.read(name).decode("utf-8", "replace")
            for name in archive.namelist()
            if name.endswith(".xml")
        }
    marks = (
        "<f>",
        "<f ",
        "<formula>",
        "<definedName ",
        "calculatedColumnFormula",
        "totalsRowFormula",
        "<formula1>=",
        "<formula1>INDIRECT",
    )
    return [name for name, text in parts.items() if any(mark in text for mark in marks)]


@pytest.fixture
def own(tmp_path) -> Path:
    """A client's workbook: title, formats, a blank column, formulas in every corner, four faults."""
    (tmp_path / "data").mkdir()
    plain = tmp_path / "plain.xlsx"
    with Workbook(str(plain)) as book:
        sheet = book.add_worksheet("销售明细")
        sheet.write(0, 0, "某公司")
        for column, header in ((1, "日期"), (2, "客户编号"), (4, "金额"), (5, "备注")):
            sheet.write(2, column, header)
        rows = [
            ("2025-12-01", "A", 10, "x"),
            ("soon", "A", 20, "=HYPERLINK(1)"),
            ("2025-12-03", "", 30, "y"),
            ("2025-12-04", "B", "ten", "z"),
            ("soon", "B", 5, "z"),
        ]
        for k, (day, account, amount, note) in enumerate(rows, start=3):
            for column, value in ((1, day), (2, account), (4, amount), (5, note)):
                sheet.write_string(k, column, value) if isinstance(value, str) else sheet.write(
                    k, column, value
                )
        sheet.write_formula(9, 4, "=SUM(E4:E8)", None, 65)
        sheet.write(9, 1, "合计")
        sheet.write_formula(10, 6, '=WEBSERVICE("http://x")', None, "=cmd|' /C calc'!A0")
        book.add_worksheet("其他").write_formula(0, 0, "=1+1", None, 2)
    book = openpyxl.load_workbook(plain)
    sheet = book["销售明细"]
    sheet["B4"].font, sheet["E4"].number_format = Font(bold=True, color="FF00AA00"), "#,##0.00"
    sheet["F4"].fill = PatternFill("solid", start_color="FF123456")
    sheet["E7"].comment = Comment("our own note", "client")
    sheet.conditional_formatting.add(
        "B4:B9", FormulaRule(formula=["TRUE"], fill=PatternFill("solid", bgColor="FFF4B8AE"))
    )
    for formula in ("INDIRECT(A1)", '"a,b"'):
        rule = DataValidation("list", formula1=formula)
        rule.add("F4:F9")
        sheet.add_data_validation(rule)
    book.defined_names["evil"] = DefinedName("evil", attr_text="'http://x'!A1")
    book.save(tmp_path / "data" / "销售 2025.xlsx")
    return tmp_path


def test_the_clients_workbook_comes_back_with_its_formats_and_only_the_bad_cells_coloured(own):
    (path,) = marked(own)
    assert path == own / "check" / "销售 2025-marked.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["faults", "销售明细", "其他"]
    assert book.active.title == "faults"
    sheet = book["销售明细"]
    assert colours(sheet) == {"B5": "error", "B8": "error", "C6": "warning", "E7": "error", "B10": "warning"}
    assert (sheet["B4"].font.b, sheet["E4"].number_format, sheet["F4"].fill.fgColor.rgb) == (
        True,
        "#,##0.00",
        "FF123456",
    )
    assert sheet["E7"].comment.text == "our own note\nunreadable_amount =fix"
    assert sheet["B8"].comment.text == "unreadable_date =fix"
    assert sheet["F5"].value == "=HYPERLINK(1)"
    assert {c.coordinate for row in sheet.iter_rows() for c in row if c.comment} == set(colours(sheet))


def test_no_formula_survives_in_any_place(own):
    assert formulas(own / "data" / "销售 2025.xlsx")
    (path,) = marked(own)
    assert formulas(path) == []
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert len(openpyxl.load_workbook(path)["销售明细"].data_validations.dataValidation) == 1


def test_values_that_formulas_had_are_kept_as_values(tmp_path):
    (tmp_path / "data").mkdir()
    with Workbook(str(tmp_path / "data" / "transactions.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Date", "Account ID", "Amount", "Order ID"])
        sheet.write_row(1, 0, ["2025-12-01", "A"])
        sheet.write_formula(1, 2, "=5*8", None, 40)
        sheet.write_formula(1, 3, '="="&"1+1"', None, "=1+1")
        sheet.write_row(2, 0, ["never", "A", 3])
    (path,) = marked(tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[1]
    assert (sheet["C2"].value, sheet["C2"].data_type) == (40, "n")
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("=1+1", "s")
    assert formulas(path) == []


def test_the_list_of_faults_comes_first_with_all_their_rows(own):
    (path,) = marked(own)
    rows = list(openpyxl.load_workbook(path)["faults"].iter_rows(values_only=True))
    assert rows[0] == ("level", "sheet", "row", "column", "value", "problem", "fix", "count")
    assert ("error", "销售明细", "5, 8", "日期", "soon", "unreadable_date", "=fix", 2) in rows


def test_a_text_file_becomes_a_workbook_of_texts(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "transactions.csv").write_text(
        "Date,Account ID,Amount\n2025-12-01,A,=1+1\n2025-12-02,007,5\n", encoding="utf-8"
    )
    (path,) = marked(tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[1]
    assert colours(sheet) == {"C2": "error"}
    assert [(c.value, c.data_type) for c in (sheet["C2"], sheet["B3"])] == [("=1+1", "s"), ("007", "s")]
    assert formulas(path) == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_of_a_large_file_only_the_faulty_rows_are_written(tmp_path, kind):
    (tmp_path / "data").mkdir()
    rows = [["2025-12-01", f"A{k}", str(k)] for k in range(WHOLE_TABLE + 1)]
    rows[700][0] = rows[20_000][0] = "soon"
    file = tmp_path / "data" / f"transactions.{kind}"
    if kind == "csv":
        file.write_text(
            "\n".join(",".join(row) for row in [["Date", "Account ID", "Amount"], *rows]), encoding="utf-8"
        )
    else:
        with Workbook(str(file)) as book:
            sheet = book.add_worksheet()
            for k, row in enumerate([["Date", "Account ID", "Amount"], *rows]):
                sheet.write_row(k, 0, row)
    (path,) = marked(tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[1]
    assert list(sheet.iter_rows(values_only=True)) == [
        ("#", "Date", "Account ID", "Amount"),
        (702, "soon", "A700", "700"),
        (20_002, "soon", "A20000", "20000"),
    ]
    assert colours(sheet) == {"B2": "error", "B3": "error"}


def test_a_faulty_row_is_coloured_as_far_as_it_is_filled_and_told_once(tmp_path):
    (tmp_path / "data").mkdir()
    text = "Date,Account ID,Amount,Remark\n2025-12-01,A,5,\n2025-12-01,A,5,\n2025-12-02,A,5,\n"
    (tmp_path / "data" / "transactions.csv").write_text(text, encoding="utf-8")
    (path,) = marked(tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[1]
    assert colours(sheet) == dict.fromkeys(("A3", "B3", "C3"), "warning")
    assert [c.coordinate for row in sheet.iter_rows() for c in row if c.comment] == ["A3"]


BAD = "Date,Account ID,Amount\nsoon,A,5\n2025-12-01,A,6\n"


def test_one_copy_a_file_and_none_over_another(tmp_path):
    for name in ("a/transactions..csv", "b/transactions..csv", "transactions 2025.csv"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text(BAD.replace("A,6", f"{name[0]},6"), encoding="utf-8")
    paths = marked(tmp_path)
    assert sorted(p.name for p in paths) == [
        "transactions 2025-marked.xlsx",
        "transactions-marked-2.xlsx",
        "transactions-marked.xlsx",
    ]
    assert {p.parent for p in paths} == {tmp_path / "check"}
    assert all(p.is_file() for p in paths)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("data/../../etc/pass|wd.csv", "pass_wd-marked.xlsx"),
        ("C:\\secret\\..\\销售: 2025?.xlsx", "销售_ 2025-marked.xlsx"),
        ("...csv", "data-marked.xlsx"),
        ("data/a\x00b\n.csv", "a_b-marked.xlsx"),
        ("data/" + "长" * 300 + ".csv", "长" * 60 + "-marked.xlsx"),
    ],
)
def test_names_stay_in_the_folder(tmp_path, file, name):
    path = copy_name(tmp_path, file, [])
    assert (path.parent, path.name) == (tmp_path, name)
    path.write_bytes(b"")
    assert copy_name(tmp_path, file, [path]).name == name.replace("-marked", "-marked-2")


def test_a_copy_goes_once_its_file_is_mended(tmp_path):
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "transactions.csv"
    file.write_text(BAD, encoding="utf-8")
    (path,) = marked(tmp_path)
    (path.parent / "mine.xlsx").write_bytes(b"")
    file.write_text(BAD.replace("soon", "2025-12-02"), encoding="utf-8")
    assert marked(tmp_path) == []
    assert [p.name for p in path.parent.iterdir()] == ["mine.xlsx"]


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ((7,), 7),
        ((2, 3, 4, 9), "2–4, 9"),
        ((5, 4), "4–5"),
        (tuple(range(1, 60, 2)), "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 …"),
    ],
)
def test_rows_as_one_reads_them(rows, shown):
    assert spans(rows) == shown
