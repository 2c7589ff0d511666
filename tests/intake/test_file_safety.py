"""Messy and hostile files: each is read to its known total, or refused by name with its place."""

import datetime
import os
import struct
from pathlib import Path

import corpus_files as make
import pandas as pd
import pytest
from corpus_files import HEADER, ROWS, TABLE, TOTAL, csv_of, ods, xls, xlsb, xlsx

from kamplay.engagement import load
from kamplay.intake import discovery
from kamplay.intake.files import file_safety
from kamplay.intake.files.text_reader import legacy_encoding
from kamplay.intake.prepare import Intake, survey

HEAD = 'client: C\nas_of: "2025-12-31"\n'
QUIET = {"data_ends_early", "account_unlisted", "line_repeated"}  # about the rows, not about the file


def engagement(path: Path, files: dict[str, bytes | str], settings: str = "") -> Path:
    (path / "data").mkdir(parents=True)
    for name, content in files.items():
        (path / "data" / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (path / "engagement.yaml").write_text(HEAD + settings, encoding="utf-8")
    return path


def read(path: Path, files: dict[str, bytes | str], settings: str = "") -> Intake:
    return survey(load(engagement(path, files, settings)))


def codes(intake: Intake) -> set[str]:
    return {f.code for f in intake.faults} - QUIET


def total(intake: Intake) -> float:
    return float(intake.tables["transactions"]["amount"].sum())


ZH = (
    "日期,客户编号,金额,客户名称\n2025-03-01,甲医院,10,某某\n2025-04-01,"
    "乙公司,20.5,北京市第一人民医院\n2025-05-01,甲医院,-3,\n"
)
MAPPED = (
    "sources:\n  transactions: {{path: data/{file}, columns: {{date: {date},"
    " account_id: {account}, amount: {amount}}}}}\n"
)
WEST = (
    "Datum;Käufer;Betrag\n2025-03-01;Müller & Söhne;10,00\n2025-04-01;"
    "Société Générale;20,50\n2025-05-01;Müller & Söhne;-3,00\n"
)
TAIWAN = (
    "日期,客戶編號,金額\n2025-03-01,臺北榮民總醫院,10\n2025-04-01,"
    "國立臺灣大學醫學院附設醫院,20.5\n2025-05-01,臺北榮民總醫院,-3\n"
)
MERGED = [
    ["销售明细表"],
    [],
    ["日期", "客户编号", "金额", ""],
    ["", "", "不含税金额", "税额"],
    *[[*row, 1] for row in ROWS],
]
GROUPS = [["日期", "", "金额信息", ""], ["", "客户编号", "金额", "税额"], *[[*row, 1] for row in ROWS]]
DATES = [
    HEADER,
    [datetime.datetime(2025, 3, 1), "00123", "10"],
    [45748, 123.0, 20.5],
    ["2025/5/1", "00123", "-3"],
]

READ = {
    "utf-8": ("t.csv", ZH, ""),
    "utf-8 with mark": ("t.csv", ZH.encode("utf-8-sig"), ""),
    "utf-16 with mark": ("t.csv", ZH.encode("utf-16"), ""),
    "utf-16 little, no mark": ("t.csv", ZH.encode("utf-16-le"), ""),
    "utf-16 big, no mark": ("t.csv", csv_of().encode("utf-16-be"), ""),
    "utf-32": ("t.csv", ZH.encode("utf-32"), ""),
    "gb18030": ("t.csv", ZH.encode("gb18030"), ""),
    "gbk beyond gb2312": ("t.csv", ZH.replace("某某", "朱镕基喆堃").encode("gbk"), ""),
    "big5": (
        "t.csv",
        TAIWAN.encode("cp950"),
        MAPPED.format(file="t.csv", date="日期", account="客戶編號", amount="金額"),
    ),
    "cp1252": (
        "t.csv",
        WEST.encode("cp1252"),
        MAPPED.format(file="t.csv", date="Datum", account="Käufer", amount="Betrag"),
    ),
    "semicolon": ("t.csv", csv_of(delimiter=";"), ""),
    "semicolon and decimal comma": ("t.csv", csv_of(delimiter=";").replace(".5", ",50"), ""),
    "tab": ("t.txt", csv_of(delimiter="\t"), ""),
    "pipe": ("t.csv", csv_of(delimiter="|"), ""),
    "crlf": ("t.csv", csv_of(end="\r\n"), ""),
    "cr": ("t.csv", csv_of(end="\r"), ""),
    "no line end": ("t.csv", csv_of().rstrip(), ""),
    "sep line": ("t.csv", "sep=;\r\n" + csv_of(delimiter=";", end="\r\n"), ""),
    "sep line with a mark": ("t.csv", ("\ufeffsep=|\n" + csv_of(delimiter="|")).encode(), ""),
    "trailing empty columns": ("t.csv", csv_of(end=",,\n"), ""),
    "empty cells behind the header": (
        "t.csv",
        csv_of().replace("\n", ",,\n").replace("Amount,,", "Amount"),
        "",
    ),
    "short rows": ("t.csv", csv_of([[*HEADER, "Product", "Category"], *ROWS]), ""),
    "a long row of nothing far below": ("t.csv", csv_of([HEADER, *ROWS]) + ",,\n" * 300 + ",,,,,,\n", ""),
    "quoted delimiters and line breaks": (
        "t.csv",
        (
            'Date,Account ID,Amount,Product\n2025-03-01,A,10,"a, ""b""\nc"\n'
            '2025-04-01,B,"20.5",\n2025-05-01,A,-3,x\n'
        ),
        "",
    ),
    "inch marks": (
        "t.csv",
        (
            'Date,Account ID,Amount,Product\n2025-03-01,A,10,5" tube\n2025-04-01,B,'
            '20.5,\n2025-05-01,A,-3,3" tube\n'
        ),
        "",
    ),
    "titles above": ("t.csv", "销售明细\n打印日期：2025-06-01\n\n" + csv_of(), ""),
    "total row": ("t.csv", csv_of([*TABLE, ["合计", "", TOTAL]]), ""),
    "subtotals": ("t.csv", csv_of([HEADER, ROWS[0], ["小计", "", 10], *ROWS[1:], ["Total:", "", TOTAL]]), ""),
    "xlsx": ("t.xlsx", xlsx(), ""),
    "xlsm": ("t.xlsm", xlsx(), ""),
    "xls": ("t.xls", xls(), ""),
    "xlsb": ("t.xlsb", xlsb(), ""),
    "ods": ("t.ods", ods(), ""),
    "ods as LibreOffice fills it up": (
        "t.ods",
        ods(
            tail=(
                "<table:table-row "
                'table:number-rows-repeated="1048500"><table:table-cell '
                'table:number-columns-repeated="16384"/></table:table-row>'
            )
        ),
        "",
    ),
    "dates, serials, ids and numbers as text": ("t.xlsx", xlsx(DATES), ""),
    "a header of two lines": ("t.xlsx", xlsx(MERGED), ""),
    "a header of two lines, groups above": ("t.xlsx", xlsx(GROUPS), ""),
    "blank rows and columns": (
        "t.xlsx",
        xlsx([[], [""], ["", *HEADER[:2], "", "Amount"], [], *[["", *r[:2], "", r[2]] for r in ROWS]]),
        "",
    ),
    "formulas with saved results": (
        "t.xlsx",
        xlsx([HEADER, ROWS[0], ["2025-04-01", "B", ("=41/2", 20.5)], ROWS[2]]),
        "",
    ),
    "a formula that gives an empty text": ("t.xlsx", make.empty_texts(), ""),
    "several sheets by glob": (
        "b.xlsx",
        xlsx(TABLE[:2], [HEADER, *ROWS[1:]], [["x"]], names=["1月", "2月", "说明"]),
        "sources: {transactions: 'data/b.xlsx#*月'}\n",
    ),
    "a hidden sheet by name": (
        "b.xlsx",
        xlsx([["x"]], TABLE, names=["a", "b"], hidden=[1]),
        "sources: {transactions: 'data/b.xlsx#b'}\n",
    ),
    "# and [ in a file name": (
        "sales#1 [2025].csv",
        csv_of(),
        "sources: {transactions: 'data/sales#1 [2025].csv'}\n",
    ),
}


@pytest.mark.parametrize("name", READ)
def test_read_to_its_total(tmp_path, name):
    file, content, settings = READ[name]
    file = f"transactions {file}" if not settings else file
    intake = read(tmp_path, {file: content}, settings)
    assert intake.usable, intake.faults
    assert total(intake) == pytest.approx(TOTAL)
    assert codes(intake) <= {"total_rows"}
    assert len(intake.tables["transactions"]) == 3


def test_names_come_through_their_encoding(tmp_path):
    for name, expected in {
        "gb18030": "乙公司",
        "big5": "國立臺灣大學醫學院附設醫院",
        "cp1252": "Société Générale",
        "gbk beyond gb2312": "甲医院",
    }.items():
        file, content, settings = READ[name]
        intake = read(tmp_path / name, {file if settings else "transactions.csv": content}, settings)
        assert expected in set(intake.tables["transactions"]["account_id"])


def test_dates_and_ids_of_a_workbook(tmp_path):
    lines = read(tmp_path, {"transactions.xlsx": xlsx(DATES)}).tables["transactions"]
    assert lines["account_id"].tolist() == ["00123", "123", "00123"]
    assert lines["date"].dt.strftime("%Y-%m-%d").tolist() == ["2025-03-01", "2025-04-01", "2025-05-01"]


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("2025-03-01,上海交通大学医学院附属瑞金医院,10\n", "gb18030", "gb18030"),
        ("2025-03-01,臺北榮民總醫院,10\n", "cp950", "cp950"),
        ("2025-03-01,Müller,10\n", "cp1252", "cp1252"),
        ("2025-03-01,Créée à Besançon – « Hôpital »,10\n", "cp1252", "cp1252"),
        ("日期,客户,金额\n", "gb18030", "gb18030"),
    ],
)
def test_the_plausible_encoding_wins(text, encoding, expected):
    assert legacy_encoding(text.encode(encoding), set()) == (expected, False)


def test_an_encoding_nothing_proves_is_told(tmp_path):
    text = (
        "Date;Account ID;Amount\n2025-03-01;Иванов и сыновья;10\n2025-04-01;"
        "Общество Ромашка;20,5\n2025-05-01;Иванов и сыновья;-3\n"
    )
    intake = read(tmp_path, {"transactions.csv": text.encode("cp1251")})
    assert total(intake) == TOTAL
    assert "encoding_assumed" in codes(intake)


REFUSED = {
    "empty": ("t.csv", b"", "file_empty", None),
    "blank": ("t.csv", b" \r\n\n", "file_empty", None),
    "only a mark": ("t.csv", b"\xef\xbb\xbf", "file_empty", None),
    "empty workbook file": ("t.xlsx", b"", "file_empty", None),
    "empty sheet": ("t.xlsx", xlsx([]), "file_empty", None),
    "cut off": ("t.xlsx", xlsx()[:-300], "file_damaged", None),
    "one byte turned": (
        "t.xlsx",
        (lambda b: b[: len(b) // 3] + bytes([b[len(b) // 3] ^ 255]) + b[len(b) // 3 + 1 :])(xlsx()),
        "file_damaged",
        None,
    ),
    "old workbook cut off": ("t.xls", xls()[:600], "file_damaged", None),
    "encrypted": ("t.xlsx", make.ole("EncryptedPackage", b"x" * 5000), "file_encrypted", None),
    "encrypted ods": (
        "t.ods",
        ods(
            manifest=(
                "<manifest "
                'xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><encryption-data/></manifest>'
            )
        ),
        "file_encrypted",
        None,
    ),
    "encrypted zip": (
        "t.xlsx",
        xlsx()
        .replace(b"PK\1\2\x14\0\x14\0\0\0", b"PK\1\2\x14\0\x14\0\1\0")
        .replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"),
        "file_encrypted",
        None,
    ),
    "zip bomb": ("t.xlsx", make.bomb(), "file_expands", None),
    "a directory that lies": ("t.xlsx", make.lying_directory(), "file_expands", None),
    "a cell in the last corner": ("t.xlsx", make.far_cell(), "file_expands", None),
    "cells far apart": ("t.xlsb", xlsb(apart=8000), "file_expands", None),
    "repeated cells": (
        "t.ods",
        ods(
            tail=(
                "<table:table-row "
                'table:number-rows-repeated="1048000"><table:table-cell '
                'table:number-columns-repeated="16384" office:value-type="float" '
                'office:value="1"/></table:table-row>'
            )
        ),
        "file_expands",
        None,
    ),
    "a zip of something else": (
        "t.xlsx",
        make.repacked(xlsx(), {"xl/workbook.xml": None}),
        "file_mislabelled",
        None,
    ),
    "a web page": ("t.xls", "<html><table><tr><td>Date</td></tr></table></html>", "file_mislabelled", None),
    "a web page as csv": ("t.csv", "<!DOCTYPE html><html>login</html>", "file_mislabelled", None),
    "no workbook": ("t.xlsx", "Date,Account ID,Amount\n", "file_other_kind", None),
    "no parquet": ("t.parquet", b"PAR1 broken", "file_unreadable", None),
    "bytes": ("t.csv", bytes(range(256)) * 40, "file_not_text", None),
    "a broken byte": (
        "t.csv",
        (csv_of() + "2025-06-01,客户甲乙丙丁,4\n").encode() + b"2025-07-01,\xff\xfe,5\n",
        "text_broken",
        6,
    ),
    "cut off in a character": (
        "t.csv",
        (csv_of() + "2025-06-01,客户甲乙丙丁").encode()[:-1],
        "text_broken",
        5,
    ),
    "half utf-16": ("t.csv", csv_of().encode("utf-16")[:-1], "text_broken", 4),
    "too many cells": ("t.csv", csv_of() + "2025-06-01,A,1,234.50\n", "row_too_long", 5),
    "too many cells, far below": (
        "t.csv",
        csv_of() + "2025-06-01,A,1\n" * 300 + "2025-06-01,A,1,234.50\n",
        "row_too_long",
        305,
    ),
    "too many cells, header with an empty end": (
        "t.csv",
        "Date,Account ID,Amount,\n2025-06-01,A,1,234.50\n",
        "row_too_long",
        2,
    ),
    "a quotation mark never closed": (
        "t.csv",
        csv_of() + '2025-06-01,"A,1\n2025-06-02,A,2\n',
        "quote_open",
        5,
    ),
    "a quotation mark closed by another": (
        "t.csv",
        csv_of() + '2025-06-01,"A,1\n2025-06-02,A,2\n2025-06-03,A",3\n',
        "quote_open",
        5,
    ),
    "an error in a required cell": (
        "t.xlsx",
        xlsx([HEADER, ROWS[0], ["2025-04-01", "B", ("=NA()", "#N/A")]]),
        "cell_error",
        3,
    ),
    "an error in an id": (
        "t.xlsx",
        xlsx([HEADER, ROWS[0], ["2025-04-01", ("=Z9", "#REF!"), 5]]),
        "cell_error",
        3,
    ),
    "an error in every cell of a row": (
        "t.xlsx",
        xlsx([HEADER, ROWS[0], [("=Z9", "#REF!")] * 3]),
        "cell_error",
        3,
    ),
    "a formula never calculated": ("t.xlsx", make.never_calculated(), "cell_not_calculated", 3),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name_once(tmp_path, name):
    file, content, code, row = REFUSED[name]
    intake = read(tmp_path, {f"transactions.{file.split('.')[1]}": content})
    assert not intake.usable
    errors = [f for f in intake.faults if f.level == "error"]
    assert {f.code for f in errors} == {code}
    assert {f.file for f in errors} == {f"data/transactions.{file.split('.')[1]}"}
    assert errors[0].row == row
    if name != "an error in every cell of a row":
        assert len(errors) == 1


def test_an_error_in_an_optional_column_is_told(tmp_path):
    rows = [[*HEADER, "Cost", "Notes"], [*ROWS[0], ("=1/0", "#DIV/0!"), ("=1/0", "#DIV/0!")], *ROWS[1:]]
    intake = read(tmp_path, {"transactions.xlsx": xlsx(rows)})
    assert intake.usable
    assert [(f.level, f.row, f.column, f.value) for f in intake.faults if f.code == "cell_error"] == [
        ("warning", 2, "Cost", "#DIV/0!")
    ]


def test_errors_in_a_row_left_out_do_not_count(tmp_path):
    intake = read(tmp_path, {"transactions.xlsx": xlsx([*TABLE, ["合计", "", ("=SUM(Z9)", "#REF!")]])})
    assert intake.usable
    assert codes(intake) == {"total_rows"}


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path):
    quoted = 'Date,Account ID,Amount,Product\n2025-03-01,A,10,"two\nlines"\n\n2025-04-01,B,x,\n'
    text = read(tmp_path / "text", {"transactions.csv": quoted})
    assert [f.row for f in text.faults if f.code == "unreadable_amount"] == [4]
    told = read(
        tmp_path / "sep",
        {"transactions.csv": "sep=;\n" + csv_of([*TABLE, ["2025-06-01", "A", "x"]], delimiter=";")},
    )
    assert [f.row for f in told.faults if f.code == "unreadable_amount"] == [5]
    book = read(
        tmp_path / "book", {"transactions.xlsx": xlsx([["title"], [], *TABLE, ["2025-06-01", "A", "x"]])}
    )
    assert [f.row for f in book.faults if f.code == "unreadable_amount"] == [7]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (make.repacked(xlsx(), {"xl/vbaProject.bin": b"macro"}), "file_has_macros"),
        (make.repacked(xlsx(), {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}), "file_has_links"),
        (xls(), "file_read_as"),
        (xlsb(), "file_read_as"),
        (xlsx([["", *HEADER], *[[i, *r] for i, r in enumerate(ROWS)]]), "column_unnamed"),
    ],
)
def test_read_with_a_warning(tmp_path, content, code):
    intake = read(tmp_path, {"transactions.xlsx": content})
    assert intake.usable
    assert total(intake) == TOTAL
    assert codes(intake) == {code}


def test_text_and_workbooks_under_a_wrong_name(tmp_path):
    for file, content in {
        "transactions.xls": csv_of(delimiter="\t").encode("gbk"),
        "transactions.csv": xlsx(),
    }.items():
        intake = read(tmp_path / file, {file: content})
        assert total(intake) == TOTAL
        assert codes(intake) == {"file_read_as"}


def test_hidden_and_unnamed_sheets_are_told(tmp_path):
    hidden = read(tmp_path / "hidden", {"b.xlsx": xlsx(TABLE, TABLE, names=["交易", "交易2024"], hidden=[1])})
    assert total(hidden) == TOTAL
    assert codes(hidden) == {"sheet_hidden"}
    months = read(
        tmp_path / "months",
        {"b.xlsx": xlsx(TABLE, TABLE, names=["1月", "2月"])},
        "sources: {transactions: data/b.xlsx}\n",
    )
    assert total(months) == TOTAL
    assert codes(months) == {"sheets_not_used"}


def test_several_files_are_one_table_and_a_copy_is_read_once(tmp_path):
    files = {"s1.csv": csv_of(TABLE[:2]), "s2.csv": csv_of([HEADER, *ROWS[1:]])}
    both = read(tmp_path / "glob", files, "sources: {transactions: 'data/s*.csv'}\n")
    assert total(both) == TOTAL
    assert codes(both) == set()
    twice = read(tmp_path / "twice", files, "sources: {transactions: [data/s1.csv, 'data/s*.csv']}\n")
    assert total(twice) == TOTAL
    assert codes(twice) == {"file_repeated"}
    copies = read(tmp_path / "copies", {"transactions.csv": csv_of(), "transactions (1).csv": csv_of()})
    assert total(copies) == TOTAL
    assert codes(copies) == {"file_repeated"}


def test_links_out_of_the_folder_are_refused(tmp_path):
    outside = tmp_path / "secret.csv"
    outside.write_text(csv_of(), encoding="utf-8")
    folder = engagement(tmp_path / "client", {})
    (folder / "data" / "transactions.csv").symlink_to(outside)
    assert codes(survey(load(folder))) == {"path_outside"}
    (folder / "data" / "transactions.csv").unlink()
    (folder / "data" / "sub").symlink_to(tmp_path)
    (folder / "engagement.yaml").write_text(
        HEAD + "sources: {transactions: data/sub/secret.csv}\n", encoding="utf-8"
    )
    assert codes(survey(load(folder))) == {"path_outside"}


def test_a_link_within_the_folder_is_followed(tmp_path):
    folder = engagement(tmp_path, {"x.csv": csv_of()})
    (folder / "data" / "transactions.csv").symlink_to(folder / "data" / "x.csv")
    assert total(survey(load(folder))) == TOTAL


@pytest.mark.parametrize("kind", ["folder", "pipe", "broken link", "endless link"])
def test_what_is_no_file(tmp_path, kind):
    folder = engagement(tmp_path, {})
    path = folder / "data" / "transactions.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(folder / "data" / ("nothing.csv" if kind == "broken link" else "transactions.csv"))
    assert codes(survey(load(folder))) <= {"file_not_a_file", "file_unreadable"}
    assert not survey(load(folder)).usable


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(file_safety, "_inside", forbidden)
    assert codes(read(tmp_path, {"transactions.csv": csv_of()})) == {"file_not_permitted"}


def test_file_names_that_cannot_be_shown(tmp_path):
    for number, name in enumerate(
        ["transactions\n.csv", "transactions\x1b[31m.csv", "transactions\u202evsc.csv"]
    ):
        intake = read(tmp_path / str(number), {name: csv_of()})
        assert codes(intake) == {"file_name_unusable"}
        assert all(f.file is None or f.file.isprintable() for f in intake.faults)


def test_parquet_with_its_own_types(tmp_path):
    frame = pd.DataFrame(
        {
            "Date": pd.to_datetime([r[0] for r in ROWS]),
            "Account ID": [9007199254740993, 7, 9007199254740993],
            "Amount": [r[2] for r in ROWS],
        }
    )
    frame["Order ID"] = pd.array([9007199254740993, None, 1], dtype="Int64")
    frame["Product"] = [["a"], ["b", "c"], None]
    frame["Category"] = [b"x", b"\xff", None]
    folder = engagement(tmp_path, {})
    frame.set_index("Date").to_parquet(folder / "data" / "transactions.parquet")
    intake = survey(load(folder))
    assert total(intake) == TOTAL
    lines = intake.tables["transactions"]
    assert lines["account_id"].tolist() == ["9007199254740993", "7", "9007199254740993"]
    assert lines["order_id"].tolist()[0] == "9007199254740993"


def test_a_parquet_file_that_claims_too_much(tmp_path, monkeypatch):
    folder = engagement(tmp_path, {})
    pd.DataFrame({"Date": ["2025-03-01"] * 90_000, "Account ID": "A", "Amount": 1}).to_parquet(
        folder / "data" / "transactions.parquet"
    )
    monkeypatch.setattr(file_safety, "FEW_ROWS", 50_000)
    monkeypatch.setattr(file_safety, "MAX_ROWS_PER_BYTE", 2)
    assert codes(survey(load(folder))) == {"file_expands"}


def test_a_parquet_footer_against_its_row_groups(tmp_path):
    folder = engagement(tmp_path, {})
    path = folder / "data" / "transactions.parquet"
    pd.DataFrame({"Date": ["2025-03-01"] * 100, "Account ID": "A", "Amount": 1.0}).to_parquet(
        path, compression=None
    )
    data = path.read_bytes()
    footer = len(data) - 8 - struct.unpack("<I", data[-8:-4])[0]
    claim = data[footer:].replace(b"\x16\xc8\x01", b"\x16\xc6\x01", 1)  # 100 as thrift writes it, then 99
    assert claim != data[footer:]
    path.write_bytes(data[:footer] + claim)
    assert not survey(load(folder)).usable


def test_a_damaged_file_that_no_source_needs_is_one_fault(tmp_path):
    intake = read(tmp_path, {"transactions.csv": csv_of(), "old.xlsx": xlsx()[:-300]})
    assert [(f.code, f.file) for f in intake.faults if f.level == "error"] == [
        ("file_damaged", "data/old.xlsx")
    ]


def test_odd_patterns_name_no_file(tmp_path):
    for number, pattern in enumerate(["**x", "data/[", "#", "data/\\0.csv", "."]):
        intake = read(
            tmp_path / str(number),
            {"x.csv": csv_of()},
            f'sources: {{transactions: {{path: ["{pattern}"]}}}}\n'.replace("\\0", "\\\\0"),
        )
        assert not intake.usable
        assert "source_missing" in codes(intake)


def test_a_fault_of_a_file_is_found_before_anything_is_opened(tmp_path, monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(discovery, "sheet_names", never)
    assert codes(read(tmp_path, {"transactions.xlsx": make.bomb()})) == {"file_expands"}
