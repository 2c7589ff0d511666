"""Archives and files of other kinds in data/: read when they hold one table, else named once."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kamplay.engagement import load
from kamplay.intake.files import archives
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.settings_to_paste import proposals

TABLE = "Date,Customer no,Net amount\n2025-03-01,K-7,120.5\n2025-04-02,K-8,80\n2025-09-03,K-7,-12.25\n"
TOTAL = 188.25


def zip_of(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in TABLE.splitlines():
        book.active.append([_number(c) for c in line.split(",")])
    book.save(out)
    return out.getvalue()


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def parquet() -> bytes:
    out = io.BytesIO()
    pd.read_csv(io.StringIO(TABLE)).to_parquet(out)
    return out.getvalue()


def read(folder: Path, files: dict[str, bytes | str], settings: str = "") -> Intake:
    (folder / "data").mkdir(parents=True)
    for name, content in files.items():
        (folder / "data" / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "engagement.yaml").write_text(f"client: C\nas_of: 2025-09-30\n{settings}", encoding="utf-8")
    return survey(load(folder))


def told(intake: Intake) -> list[tuple[str, str, str | None]]:
    return [(f.code, f.level, f.file) for f in intake.faults]


HOLDING_ONE = {
    "transactions.csv.zip": zip_of({"transactions.csv": TABLE}),
    "transactions.zip": zip_of({"export/2025/lines 1.csv": TABLE}),
    "export.zip": zip_of({"销售明细.csv": TABLE}),
    "invoices.csv.gz": gzip.compress(TABLE.encode()),
    "交易.csv.gz": gzip.compress(TABLE.encode("utf-16")),
    "transactions.gz": gzip.compress(TABLE.encode()),
    "transactions.xlsx.zip": zip_of({"transactions.xlsx": workbook()}),
    "transactions.xlsx.gz": gzip.compress(workbook()),
    "transactions.parquet.gz": gzip.compress(parquet()),
    "transactions.zip ": zip_of({"transactions.csv": TABLE, "readme.txt": "note", "__MACOSX/._x.csv": b"\0"}),
}


@pytest.mark.parametrize("name", HOLDING_ONE)
def test_one_table_in_an_archive_is_read(tmp_path, name):
    intake = read(tmp_path, {name.strip(): HOLDING_ONE[name]})
    assert told(intake) == []
    assert intake.tables["transactions"]["amount"].sum() == TOTAL
    (reading,) = intake.readings
    assert reading.file.startswith(f"data/{name.strip()}/")
    assert archives.on_disk(reading.file) == f"data/{name.strip()}"
    assert [p.name for p in (tmp_path / "data").iterdir()] == [name.strip()]  # nothing beside the client's


def test_a_workbook_that_is_only_named_zip(tmp_path):
    intake = read(tmp_path, {"transactions.zip": workbook()})
    assert [code for code, *_ in told(intake)] == ["file_read_as"]
    assert intake.tables["transactions"]["amount"].sum() == TOTAL


def test_a_source_names_an_archive_or_the_table_in_it(tmp_path):
    content = zip_of({"lines.csv": TABLE.replace("Net amount", "Worth")})
    for number, path in enumerate(("data/x.zip", "x.zip", "data/x.zip/lines.csv", "x.zip/lines.csv")):
        settings = f"sources: {{transactions: {{path: {path}, columns: {{amount: Worth}}}}}}\n"
        intake = read(tmp_path / str(number), {"x.zip": content}, settings)
        assert told(intake) == []
        assert intake.tables["transactions"]["amount"].sum() == TOTAL


def test_what_is_proposed_can_be_pasted(tmp_path):
    content = zip_of({"transactions.csv": TABLE.replace("Net amount", "Net amounts of lines")})
    intake = read(tmp_path, {"transactions.csv.zip": content})
    source = proposals(load(tmp_path), intake.faults)["sources"]["transactions"]
    assert source["path"] == ["data/transactions.csv.zip/transactions.csv"]
    again = read(
        tmp_path / "again", {"transactions.csv.zip": content}, f"sources: {{transactions: {source}}}\n"
    )
    assert again.tables["transactions"]["amount"].sum() == TOTAL


def test_the_same_table_packed_and_unpacked_is_read_once(tmp_path):
    intake = read(tmp_path, {"transactions.csv": TABLE, "transactions.csv.zip": zip_of({"t.csv": TABLE})})
    assert [code for code, *_ in told(intake)] == ["file_repeated"]
    assert intake.tables["transactions"]["amount"].sum() == TOTAL


def bomb() -> bytes:
    return zip_of({"transactions.csv": TABLE + "\n" * 60_000_000})


def encrypted() -> bytes:
    content = bytearray(zip_of({"transactions.csv": TABLE}))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = content.index(mark) + at
        struct.pack_into("<H", content, place, struct.unpack_from("<H", content, place)[0] | 1)
    return bytes(content)


BAD = {
    "several tables": (zip_of({"a.csv": TABLE, "b.csv": TABLE}), "archive_tables"),
    "no table": (zip_of({"a.pdf": b"%PDF"}), "archive_without_table"),
    "nothing": (zip_of({}), "archive_without_table"),
    "an archive": (zip_of({"transactions.csv.zip": zip_of({"t.csv": TABLE})}), "archive_without_table"),
    "a way out": (zip_of({"../transactions.csv": TABLE}), "path_outside"),
    "an absolute path": (zip_of({"/tmp/transactions.csv": TABLE}), "path_outside"),
    "a drive": (zip_of({"C:\\transactions.csv": TABLE}), "path_outside"),
    "cut off": (zip_of({"transactions.csv": TABLE})[:-30], "file_damaged"),
    "text": (TABLE.encode(), "file_damaged"),
    "encrypted": (encrypted(), "file_encrypted"),
    "a bomb": (bomb(), "file_expands"),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_an_archive_without_one_table_is_named_once(tmp_path, content):
    data, code = content
    intake = read(tmp_path, {"transactions.zip": data})
    assert told(intake) == [(code, "error", "data/transactions.zip")]
    assert not list(tmp_path.glob("data/*.csv"))


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_an_archive_that_no_table_is_named_for_is_a_warning(tmp_path, content):
    data, code = content
    intake = read(tmp_path, {"transactions.csv": TABLE, "backup.zip": data})
    assert told(intake) == [(code, "warning", "data/backup.zip")]
    assert intake.usable


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(TABLE.encode())[:-6], "file_damaged"),
        (b"\x1f\x8b", "file_damaged"),
        (gzip.compress(b"\n" * 60_000_000), "file_expands"),
    ],
    ids=["cut off", "only a head", "bomb"],
)
def test_a_gz_that_cannot_be_read(tmp_path, data, code):
    assert told(read(tmp_path, {"transactions.csv.gz": data})) == [
        (code, "error", "data/transactions.csv.gz")
    ]


@pytest.mark.parametrize("suffix", [".numbers", ".pdf", ".et", ".docx", ".rar", ".json"])
def test_other_kinds_are_named(tmp_path, suffix):
    only = read(tmp_path, {f"invoices{suffix}": b"x"})
    assert told(only) == [("file_kind_unknown", "error", f"data/invoices{suffix}")]
    beside = read(tmp_path / "beside", {f"invoices{suffix}": b"x", "transactions.csv": TABLE})
    assert told(beside) == [("file_kind_unknown", "warning", f"data/invoices{suffix}")]


def test_what_was_unpacked_is_gone_and_so_is_what_a_dead_process_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    left = tmp_path / "scratch" / "kamplay-unpacked-99999999-x"
    mine = tmp_path / "scratch" / f"kamplay-unpacked-{os.getppid()}-x"
    left.mkdir()
    mine.mkdir()
    read(tmp_path / "client", {"transactions.csv.gz": gzip.compress(TABLE.encode())})
    assert list((tmp_path / "scratch").iterdir()) == [mine]
