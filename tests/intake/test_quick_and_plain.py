"""Each distinct text once, by Arrow: the same tables, readings and faults as cell by cell."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kamplay.engagement import load
from kamplay.intake import prepare
from kamplay.intake.checks import validation
from kamplay.intake.files import text_reader
from kamplay.intake.layout import total_rows
from kamplay.intake.lines import written_marks
from kamplay.intake.prepare import Intake, survey, to_book
from kamplay.intake.values import cells, parsing

DATES = [
    "2024-03-05",
    "5/3/2024",
    "05.03.2024",
    "2024年3月5日",
    "20240305",
    "13/3/24",
    "",
    "n/a",
    "2024-02-30",
]
IDS = ["A01", " A01 ", "Ａ０１", "00123", "123.0", "1.2E+15", "客户甲", "A\u200b01", "", "-", "Total", "VOID"]
AMOUNTS = [
    "1,234.50",
    "1.234,50",
    "850",
    "-3.2",
    "(5.00)",
    "¥12",
    "12元",
    "€ 3",
    "5 Cr",
    "6 Dr",
    "1.25",
    "7万",
]
AMOUNTS += ["-", " -  ", "", "abc", "1e3", "6.154", "2.345", "9.999.999", "1e14", "+4"]
ORDERS = ["1001", "1001R", "CN-7", "RMA 12", "O-88-CN", "1002-退", "9.0", "", "作废 5", "void"]
PRODUCTS = [
    "Pump",
    "pump",
    "Pump  A",
    "合 计",
    "小计：",
    "t o t a l",
    "Sum",
    "Opening balance",
    "期初余额",
    "Seal",
    "*",
]
STATUS = ["", "ok", "cancelled", "作废", "正常", "reversed"]
TIDY = {"Date": ["2024-03-05", "2025-01-31"], "Account ID": ["A1", "B2"], "Amount": ["12.50", "-3.00"]}
DIRTY = {
    "Date": DATES,
    "Account ID": IDS,
    "Amount": AMOUNTS,
    "Order ID": ORDERS,
    "Product": PRODUCTS,
    "Status": STATUS,
    "Note": ["", "returned goods", "fine", "void order", "退货"],
}


@dataclass
class Found:
    intake: Intake
    said: list[str]
    totals: str


def read(folder: Path) -> Found:
    engagement = load(folder)
    intake = survey(engagement)
    totals = repr(to_book(engagement, intake).totals) if intake.usable else ""
    return Found(intake, [repr(x) for x in (*intake.faults, *intake.readings, *intake.refused)], totals)


@pytest.fixture
def cell_by_cell(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Turns the quick ways off: every cell is read for itself."""

    def off() -> None:
        for room in (cells, parsing):
            monkeypatch.setattr(room, "is_texts", lambda cells: False)
        for room in (cells, written_marks):
            monkeypatch.setattr(room, "hinted", lambda texts, hint: texts)
        monkeypatch.setattr(prepare, "of_one_type", lambda frame, names: frame)
        monkeypatch.setattr(text_reader, "_tidy", lambda path, shape: None)
        monkeypatch.setattr(validation, "_again", lambda data: data.duplicated(keep="first"))
        monkeypatch.setattr(validation, "_broken", lambda values, column, optional: True)
        monkeypatch.setattr(total_rows, "_HINT", None)

    return off


def folder_with(path: Path, columns: dict[str, list[str]], seed: int, dirt: float, rows: int = 60) -> Path:
    """An export whose cells are tidy but for a share of them, with a comma in some cells under quotes."""
    draw = random.Random(seed)
    delimiter = draw.choice(",;\t")
    tidy = {
        **TIDY,
        "Order ID": ["1001", "1002"],
        "Product": ["Pump", "Seal"],
        "Status": ["", ""],
        "Note": [""],
    }
    lines = [delimiter.join(columns)]
    for _ in range(rows):
        row = [draw.choice(columns[c] if draw.random() < dirt else tidy[c]) for c in columns]
        lines.append(delimiter.join(f'"{v}"' if delimiter in v else v for v in row))
    if draw.random() < 0.2:  # a row that is not as wide as the others
        lines.insert(draw.randrange(2, rows), draw.choice(["", "x", delimiter * (len(columns) + 1)]))
    (path / "data").mkdir(parents=True)
    text = draw.choice(["\n", "\r\n"]).join(lines) + draw.choice(["", "\n"])
    (path / "data" / "transactions.csv").write_bytes(text.encode(draw.choice(["utf-8", "utf-8-sig"])))
    (path / "engagement.yaml").write_text("client: C\nlanguage: en\nas_of: 2025-06-30\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("seed", range(20))  # each share of dirt with each number of columns
def test_generated_exports_read_the_same_both_ways(
    tmp_path: Path, cell_by_cell: Callable[[], None], seed: int
) -> None:
    dirt = [0.0, 0.02, 0.2, 0.7][seed % 4]
    columns = {c: DIRTY[c] for c in list(DIRTY)[: 3 + seed % 5]}
    folder = folder_with(tmp_path / "e", columns, seed, dirt)
    quick = read(folder)
    cell_by_cell()
    plain = read(folder)
    assert quick.said == plain.said
    assert quick.totals == plain.totals
    assert list(quick.intake.tables) == list(plain.intake.tables)
    for name, table in quick.intake.tables.items():
        pd.testing.assert_frame_equal(table, plain.intake.tables[name])


def test_typed_parquet_reads_the_same_both_ways(tmp_path: Path, cell_by_cell: Callable[[], None]) -> None:
    draw = np.random.default_rng(3)
    lines = pd.DataFrame(
        {
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 500, 400), "D"),
            "account_id": draw.integers(1, 30, 400),
            "order_id": draw.integers(1, 90, 400).astype(float),
            "amount": draw.normal(100, 90, 400).round(2),
            "cost": np.where(draw.random(400) < 0.1, np.nan, draw.normal(50, 9, 400).round(2)),
            "product": draw.choice(["Pump", "Seal", "Total", None], 400),
        }
    )
    (tmp_path / "data").mkdir()
    lines.to_parquet(tmp_path / "data" / "transactions.parquet", index=False)
    (tmp_path / "engagement.yaml").write_text("client: C\nas_of: 2025-06-30\n", encoding="utf-8")
    quick = read(tmp_path)
    cell_by_cell()
    plain = read(tmp_path)
    assert (quick.said, quick.totals) == (plain.said, plain.totals)
    pd.testing.assert_frame_equal(quick.intake.tables["transactions"], plain.intake.tables["transactions"])


FIGURES = [12.5, -3.0, 1200.0, 1e-5, 1e15, 3.0, 45000.0]


@pytest.mark.parametrize("seed", range(18))
def test_generated_sheets_read_the_same_both_ways(
    tmp_path: Path, cell_by_cell: Callable[[], None], seed: int
) -> None:
    """Columns of texts alone, of figures alone, and of both beside days and blanks."""
    draw = random.Random(seed)
    tidy = {
        **TIDY,
        "Order ID": ["1001"],
        "Product": ["Pump"],
        "Status": [""],
        "Note": [""],
        "Quantity": [1.0],
    }
    kinds: dict[str, list[object]] = {}
    for name, texts in {**DIRTY, "Quantity": AMOUNTS}.items():
        every = [*texts, *FIGURES, None, date(2024, 3, 5)]
        kinds[name] = draw.choice([tidy[name], list[object](texts), list[object](FIGURES), every])
    dirt = [0.0, 0.05, 0.3][seed % 3]
    rows = [[draw.choice(kinds[c] if draw.random() < dirt else tidy[c]) for c in kinds] for _ in range(60)]
    for place, name in enumerate(kinds):  # the whole column, so that none of it is of another type
        if draw.random() < 0.3:
            for row in rows:
                row[place] = draw.choice(kinds[name])
    (tmp_path / "data").mkdir()
    pd.DataFrame(rows, columns=list(kinds)).to_excel(tmp_path / "data" / "transactions.xlsx", index=False)
    (tmp_path / "engagement.yaml").write_text(
        "client: C\nlanguage: en\nas_of: 2025-06-30\n", encoding="utf-8"
    )
    quick = read(tmp_path)
    cell_by_cell()
    plain = read(tmp_path)
    assert quick.said == plain.said
    assert quick.totals == plain.totals
    for name, table in quick.intake.tables.items():
        pd.testing.assert_frame_equal(table, plain.intake.tables[name])


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "a,b\r\n1,2\r\n 3 ,\n",
        "a,b\r1,2\r",
        "sep=;\na;b\n1;2\n",
        "a,b\n1,2\n\n3,4\n",
        "a,b\n1\n",
        "a,b\n1,2,3\n",
        'a,b\n"1,5",2\n',
        "a\n1\n\n2\n",
        "a,b\n值,NULL\nNA,\n",
        "",
        "\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_tidy_texts_are_read_as_the_careful_reader_does(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    shape = text_reader.shape_of(path, "t.csv", {"a"})
    quick = text_reader._tidy(path, shape)
    if quick is not None:
        pd.testing.assert_frame_equal(quick, text_reader._parse(path, shape, shape.width))


def test_files_with_quotation_marks_or_another_encoding_are_read_with_care(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    for content in (b'a,b\n"1",2\n', "a,b\n客户名称,2\n".encode("gb18030")):
        path.write_bytes(content)
        assert text_reader._tidy(path, text_reader.shape_of(path, "t.csv", {"a"})) is None


def test_hints_leave_no_text_out() -> None:
    """What a hint passes over, its pattern does not find either."""
    words = [
        *PRODUCTS,
        *ORDERS,
        *IDS,
        "Übertrag",
        "SUMME",
        "Average",
        " mean",
        "mean value",
        "CRN9",
        "x CN-1",
    ]
    words += ["cancelled", "annulé", "Storniert - Müller", "INV-1-RET2", "no 5 voided", "红冲 88", "12-红"]
    texts = pd.Series(words, dtype="str")
    assert cells.texts_like(texts, total_rows._QUICK, total_rows._HINT) == cells.texts_like(
        texts, total_rows._QUICK
    )
    for hint, patterns in {
        written_marks._VOID_HINT: (
            written_marks._VOID_NUMBER,
            written_marks._VOID_NAME,
            written_marks._VOID_NOTE,
            written_marks._VOID_WHOLE,
        ),
        written_marks._MARK_HINT: (written_marks._BEGINS, written_marks._WITHIN),
        written_marks._TWIN_HINT: (written_marks._TWIN,),
    }.items():
        near = set(cells.hinted(texts, hint))
        for pattern in patterns:
            find = pattern.fullmatch if pattern is written_marks._TWIN else pattern.search
            if pattern is written_marks._BEGINS:
                find = pattern.match
            assert {word for word in words if find(word)} <= near


def test_distinct_cells_stand_at_their_first_row() -> None:
    column = pd.Series(["b", "a", None, "b", "a"], index=[5, 6, 7, 9, 11], dtype="str")
    codes, values = cells.distinct(column)
    assert list(values.index) == [5, 6, 7]
    pd.testing.assert_series_equal(cells.spread(values, codes, column.index), column)
    assert list(cells.at(column, column.index[:2])) == ["b", "a"]
