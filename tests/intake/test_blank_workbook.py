"""The blank workbooks: their headers and drop-downs follow the codebook, and the shipped files are up to
date.
"""

import zipfile

import openpyxl
import pytest
import yaml
from conftest import ROOT

from kamplay.engagement import load
from kamplay.intake import blank_workbook
from kamplay.intake.discovery import find
from kamplay.intake.prepare import survey

SHIPPED = ROOT / "data_templates"
CODEBOOK = yaml.safe_load((ROOT / "kamplay" / "codebook.yaml").read_text(encoding="utf-8"))
TABLES = list(CODEBOOK)


@pytest.fixture(scope="module", params=["zh", "en"])
def written(request, tmp_path_factory):
    """(language, workbook as openpyxl reads it back)."""
    path = tmp_path_factory.mktemp("blank") / "blank.xlsx"
    blank_workbook.write_blank(path, request.param)
    return request.param, openpyxl.load_workbook(path)


def data_sheets(written):
    """(table, its columns as {label: column}, its sheet) for every table."""
    language, book = written
    for table in CODEBOOK.values():
        columns = {column[language]: column for column in table["columns"].values()}
        yield table, columns, book[table["names"][language]]


def test_sheets_come_in_codebook_order(written):
    language, book = written
    first, example, last = {"zh": ("说明", "填写示例", "代码本"), "en": ("Read me", "Example", "Codebook")}[
        language
    ]
    assert book.sheetnames == [
        first,
        example,
        *(table["names"][language] for table in CODEBOOK.values()),
        last,
    ]


def test_the_example_shows_every_required_column_of_every_table(written):
    language, book = written
    sheet = book[blank_workbook.WORDS[language]["example"]]
    rows = list(sheet.iter_rows(values_only=True))
    assert sheet.protection.sheet
    for table in CODEBOOK.values():
        title = next(
            i for i, row in enumerate(rows) if row[0] == table["names"][language] and not any(row[1:])
        )
        shown = {
            header: value for header, value in zip(rows[title + 1], rows[title + 2], strict=True) if header
        }
        labels = {column[language]: column for column in table["columns"].values()}
        assert (
            {label for label, column in labels.items() if column.get("required")} <= set(shown) <= set(labels)
        )
        for label, value in shown.items():
            assert value is not None
            if labels[label]["kind"] == "choice":
                assert value in [choice[language] for choice in labels[label]["choices"].values()]


def test_the_example_and_the_other_sheets_around_the_data_are_never_read(tmp_path):
    """Straight from `kamplay new`, moved to data/ and not filled in: headers only, so no table at all."""
    for language in blank_workbook.LANGUAGES:
        folder = tmp_path / language
        (folder / "data").mkdir(parents=True)
        (folder / "engagement.yaml").write_text("client: C\n", encoding="utf-8")
        blank_workbook.write_blank(folder / "data" / f"kamplay_blank.{language}.xlsx", language)
        inputs, faults = find(load(folder))
        assert {i.sheet for i in inputs} == {table["names"][language] for table in CODEBOOK.values()}
        assert faults == []
        assert all(reading.used == 0 for reading in survey(load(folder)).readings)


def test_headers_are_the_labels_and_nothing_stands_below_them(written):
    for table, columns, sheet in data_sheets(written):
        assert [cell.value for cell in sheet[1]] == list(columns)
        assert len(columns) == len(table["columns"]), "two columns of a table share a label"
        assert sheet.max_row == 1
        assert sheet.freeze_panes == "A2"


def test_required_headers_are_told_by_their_colour(written):
    for _, columns, sheet in data_sheets(written):
        fills = {bool(column.get("required")): set() for column in columns.values()}
        for cell in sheet[1]:
            fills[bool(columns[cell.value].get("required"))].add(cell.fill.fgColor.rgb)
        assert all(len(colours) == 1 for colours in fills.values())
        assert len(set.union(*fills.values())) == len(fills)


def test_every_header_has_a_note_in_the_workbooks_language(written):
    language, _ = written
    words = blank_workbook.WORDS[language]
    for _, columns, sheet in data_sheets(written):
        for cell in sheet[1]:
            column, note = columns[cell.value], cell.comment.text
            assert words["kinds"][column["kind"]] in note
            assert words["required" if column.get("required") else "optional"] in note
            assert all(choice[language] in note for choice in column.get("choices", {}).values())
            assert all(str(column[limit]) in note for limit in ("min", "max") if limit in column)


def test_choices_and_flags_have_a_drop_down(written):
    language, _ = written
    for _, columns, sheet in data_sheets(written):
        found = {
            sheet.cell(1, area.min_col).value: (
                rule.formula1.strip('"').split(","),
                area.min_row,
                area.max_row,
            )
            for rule in sheet.data_validations.dataValidation
            for area in rule.sqref.ranges
        }
        expected = {}
        for label, column in columns.items():
            if column["kind"] == "choice":
                expected[label] = [choice[language] for choice in column["choices"].values()]
            elif column["kind"] == "flag":
                expected[label] = {"zh": ["是", "否"], "en": ["Yes", "No"]}[language]
        assert found == {label: (choices, 2, 1_048_576) for label, choices in expected.items()}


def test_empty_rows_already_carry_the_format(written):
    for _, columns, sheet in data_sheets(written):
        # openpyxl reports neighbouring columns of the same width and format as one group.
        formats = {}
        for group in sheet.column_dimensions.values():
            for index in range(group.min, group.max + 1):
                formats[index] = group.number_format
        for index, column in enumerate(columns.values(), start=1):
            if column["kind"] in {"id", "text"}:
                assert formats[index] == "@"
            elif column["kind"] == "date":
                assert formats[index] == "yyyy-mm-dd"


def test_the_codebook_sheet_lists_every_column(written):
    language, book = written
    rows = list(book.worksheets[-1].iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows] == [
        f"{table}.{key}" for table in CODEBOOK for key in CODEBOOK[table]["columns"]
    ]
    by_key = {row[2]: row for row in rows}
    assert (
        by_key["tickets.kind"][5].split(blank_workbook.WORDS[language]["join"])
        == {"zh": ["投诉", "需求", "维修"], "en": ["Complaint", "Request", "Repair"]}[language]
    )
    assert by_key["transactions.amount"][4] == {"zh": "是", "en": "Yes"}[language]
    assert by_key["transactions.cost"][4] is None
    assert by_key["wallet.spend"][6] == CODEBOOK["wallet"]["unlocks"][language]


def test_no_cell_is_a_formula(written):
    _, book = written
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_every_kind_of_the_codebook_has_a_name_in_both_languages():
    kinds = {column["kind"] for table in CODEBOOK.values() for column in table["columns"].values()}
    for language in blank_workbook.LANGUAGES:
        assert kinds <= set(blank_workbook.WORDS[language]["kinds"])
    assert set(blank_workbook.WORDS["zh"]) == set(blank_workbook.WORDS["en"])


def test_an_unknown_language_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be one of zh, en"):
        blank_workbook.write_blank(tmp_path / "blank.xlsx", "fr")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_codebook_gives_the_same_bytes(tmp_path, language):
    for name in ["first.xlsx", "second.xlsx"]:
        blank_workbook.write_blank(tmp_path / name, language)
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_shipped_workbooks_are_up_to_date(tmp_path, language):
    """Byte for byte in every part, not the archive, as zlib builds differ in how they compress."""
    blank_workbook.write_blank(tmp_path / "fresh.xlsx", language)
    parts = []
    for path in [SHIPPED / f"kamplay_blank.{language}.xlsx", tmp_path / "fresh.xlsx"]:
        with zipfile.ZipFile(path) as archive:
            parts.append(
                [(entry.filename, entry.date_time, archive.read(entry)) for entry in archive.infolist()]
            )
    assert parts[0] == parts[1], "run python -m kamplay.intake.blank --write data_templates"


def test_the_shipped_codebook_page_is_up_to_date():
    page = (SHIPPED / "codebook.md").read_text(encoding="utf-8")
    assert page == blank_workbook.codebook_markdown(), (
        "run python -m kamplay.intake.blank --write data_templates"
    )
    for table in TABLES:
        for key in CODEBOOK[table]["columns"]:
            assert f"| `{key}` |" in page.split(f"## {table} ")[1].split("\n## ")[0]


def test_the_codebook_page_says_from_which_system_a_header_comes():
    page = blank_workbook.codebook_markdown().split("## transactions ")[1].split("\n## ")[0]
    assert "- QuickBooks: `date` TxnDate" in page and "name (+ num)" in page
    assert "- 德语 · German: `date` Datum" in page
    systems = {
        system
        for table in CODEBOOK.values()
        for column in table["columns"].values()
        for system in column.get("aliases_of", {})
    }
    assert systems == set(blank_workbook.SYSTEMS)
