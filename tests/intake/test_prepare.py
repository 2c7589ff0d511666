"""From files to a Book: what is found, mapped, refused and counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import write_engagement

from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake.prepare import prepare, survey

HEAD = 'client: C\nas_of: "2025-12-31"\n'


def folder_with(path: Path, files: dict[str, str | bytes], settings: str = HEAD) -> Path:
    (path / "data").mkdir(parents=True)
    for name, content in files.items():
        (path / "data" / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    (path / "engagement.yaml").write_text(settings, encoding="utf-8")
    return path


def faults(folder: Path) -> list[tuple]:
    found = survey(load(folder)).faults
    return [(f.code, f.row, f.column, f.value, f.count) for f in found if f.code != "data_ends_early"]


VAT = (
    "企业代号,发票号码,开票日期,购方单位代号,金额,税额,发票状态\nE1,1,"
    "2025-01-05,B1,100,13,有效发票\nE1,2,2025-02-05,B2,200.5,26, 有效发票\n"
    "E1,3,2025-02-06,B2,999,1,作废发票\nE2,4,2025-02-07,B2,777,1,有效发票\n"
    "E1,5,2025-03-05,B1,-40,-5,有效发票\n"
)


def test_columns_where_and_counts(tmp_path):
    settings = HEAD + (
        "sources:\n  transactions:\n    path: data/vat.csv\n    columns: {date: "
        "开票日期, account_id: 购方单位代号, amount: 金额}\n    where: "
        "{企业代号: E1, 发票状态: 有效发票}\n"
    )
    book = prepare(load(folder_with(tmp_path, {"vat.csv": "\ufeff" + VAT}, settings)))
    assert book.window(12)["amount"].sum() == pytest.approx(260.5)
    reading = book.readings[0]
    assert (reading.rows, reading.set_aside, reading.used) == (5, 2, 3)
    assert reading.unused == ("税额",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(tmp_path, encoding, separator):
    text = "日期,客户编号,金额\n2025-03-01,甲一,10\n2025-04-01,乙二,20\n".replace(",", separator)
    book = prepare(load(folder_with(tmp_path, {"交易.csv": text.encode(encoding)})))
    assert book.days["account_id"].tolist() == ["乙二", "甲一"]
    assert book.days["amount"].sum() == 30


def test_excel_with_titles_totals_and_other_sheets(tmp_path):
    import xlsxwriter

    (tmp_path / "data").mkdir()
    (tmp_path / "engagement.yaml").write_text(HEAD, encoding="utf-8")
    with xlsxwriter.Workbook(str(tmp_path / "data" / "导出2025.xlsx")) as book:
        sheet = book.add_worksheet("销售明细")
        rows = [
            ["某公司销售明细表"],
            [],
            ["日期", "客户编码", "不含税金额", "备注"],
            ["2025-01-02", "00123", 10.5, ""],
            ["", "", "", ""],
            [45000, 123.0, 20, "x"],
            ["合计", "", 30.5, ""],
        ]
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
        accounts = book.add_worksheet("客户档案")
        for r, row in enumerate([["客户编码", "客户名称"], ["00123", "甲医院"], ["123", "乙医院"]]):
            accounts.write_row(r, 0, row)
        book.add_worksheet("说明")
    book = prepare(load(tmp_path))
    assert book.names.to_dict() == {"00123": "甲医院", "123": "乙医院"}
    assert dict(zip(book.days["account_id"], book.days["amount"], strict=True)) == {
        "00123": 10.5,
        "123": 20.0,
    }
    reading = next(r for r in book.readings if r.table == "transactions")
    assert (reading.rows, reading.blank, reading.totals, reading.used) == (4, 1, 1, 2)


def test_every_fault_with_its_place_at_once(tmp_path):
    text = (
        "Date,Account ID,Amount,Order ID\n2025-01-01,A,10,1\n2025-02-30,A,ten,2\n,"
        "B,5,3\n2025-03-01,,7,4\n2025-03-01,A,1,5\n2025-03-01,A,1,5\n"
    )
    found = faults(folder_with(tmp_path, {"transactions.csv": text}))
    assert ("unreadable_date", 3, "Date", "2025-02-30", 1) in found
    assert ("unreadable_amount", 3, "Amount", "ten", 1) in found
    assert ("cell_empty", 4, "Date", None, 1) in found
    assert ("account_blank", 5, "Account ID", None, 1) in found
    assert ("line_repeated", 7, None, None, 1) in found
    assert len(found) == 5


def test_identical_faults_are_folded(tmp_path):
    text = "Date,Account ID,Amount\n" + "2025-01-01,A,n.b.\n" * 500
    found = [
        f for f in faults(folder_with(tmp_path, {"transactions.csv": text})) if f[0] == "unreadable_amount"
    ]
    assert found == [("unreadable_amount", 2, "Amount", "n.b.", 500)]


def test_optional_cells_are_left_out_and_reported(tmp_path):
    accounts = "Account ID,Employees,State-owned share,Listed\nA,many,130%,perhaps\n"
    intake = survey(
        load(
            folder_with(
                tmp_path,
                {"transactions.csv": "Date,Account ID,Amount\n2025-01-01,A,10\n", "accounts.csv": accounts},
            )
        )
    )
    assert intake.usable
    assert {f.code for f in intake.faults} - {"data_ends_early"} == {
        "unreadable_integer",
        "out_of_range",
        "unreadable_flag",
    }
    assert pd.isna(intake.tables["accounts"].loc[0, "employees"])


@pytest.mark.parametrize(
    ("files", "settings", "code"),
    [
        ({}, HEAD, "table_missing"),
        ({"transactions.csv": ""}, HEAD, "file_empty"),
        ({"transactions.xlsx": b"not a workbook"}, HEAD, "file_other_kind"),
        ({"transactions.parquet": b"PAR1 broken"}, HEAD, "file_unreadable"),
        ({"transactions.csv": "a,b\n1,2\n"}, HEAD, "column_missing"),
        (
            {"x.csv": "Date,Account ID,Amount\n2025-01-01,A,1\n"},
            HEAD + "sources: {transactions: data/y.csv}\n",
            "source_missing",
        ),
        (
            {"x.csv": "Date,Account ID,Amount\n2025-01-01,A,1\n"},
            HEAD + "sources: {transactions: {path: data/x.csv, columns: {amount: Betrag}}}\n",
            "header_missing",
        ),
        (
            {"x.csv": "Date,Account ID,Amount\n2025-01-01,A,1\n"},
            HEAD + "sources: {transactions: {path: data/x.csv, where: {Amount: 2}}}\n",
            "where_keeps_nothing",
        ),
        ({"transactions.csv": "Date,Account ID,Amount\n2020-01-01,A,1\n"}, HEAD, "as_of_outside_data"),
    ],
)
def test_unusable_input_is_refused_with_a_reason(tmp_path, files, settings, code):
    with pytest.raises(KamplayError) as caught:
        prepare(load(folder_with(tmp_path, files, settings)))
    assert code in {f.code for f in caught.value.faults}


def test_a_table_of_headers_only_is_not_there(tmp_path):
    book = prepare(
        load(
            folder_with(
                tmp_path,
                {
                    "transactions.csv": "Date,Account ID,Amount\n2025-01-01,A,1\n",
                    "visits.csv": "Account ID,Date\n",
                },
            )
        )
    )
    assert not book.has("visits")


def test_repeated_account_rows_and_conflicting_ones(tmp_path):
    lines = "Date,Account ID,Amount\n2025-01-01,A,1\n"
    same = prepare(
        load(
            folder_with(
                tmp_path / "same",
                {"transactions.csv": lines, "accounts.csv": "Account ID,Region\nA,North\nA,North\n"},
            )
        )
    )
    assert len(same.table("accounts")) == 1
    found = faults(
        folder_with(
            tmp_path / "clash",
            {"transactions.csv": lines, "accounts.csv": "Account ID,Region\nA,North\nA,South\n"},
        )
    )
    assert ("key_repeated", 3, "Account ID", "A", 1) in found


def test_parquet_keeps_types_and_total(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "Date": pd.date_range("2025-01-01", periods=300),
            "Account ID": rng.integers(1, 20, 300),
            "Amount": rng.normal(100, 50, 300).round(2),
        }
    )
    (tmp_path / "data").mkdir()
    frame.to_parquet(tmp_path / "data" / "transactions.parquet")
    (tmp_path / "engagement.yaml").write_text(HEAD, encoding="utf-8")
    book = prepare(load(tmp_path))
    assert book.monthly["amount"].sum() == pytest.approx(frame["Amount"].sum())
    assert set(book.days["account_id"]) == set(frame["Account ID"].astype(str))


def test_row_order_changes_nothing(tmp_path):
    lines = pd.DataFrame(
        {
            "date": pd.date_range("2025-01-01", periods=200).strftime("%Y-%m-%d"),
            "account_id": [f"a{i % 7}" for i in range(200)],
            "amount": np.arange(200.0),
        }
    )
    one = prepare(load(write_engagement(tmp_path / "one", lines)))
    other = prepare(load(write_engagement(tmp_path / "other", lines.sample(frac=1, random_state=2))))
    pd.testing.assert_frame_equal(one.monthly, other.monthly)
