"""What is found between rows, tables and files: the planted fault, its place and its figures, and nothing
beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from conftest import write_engagement

from kamplay.engagement import load
from kamplay.errors import Fault
from kamplay.intake.checks.duplicate_accounts import SAME_NAME, SAME_TAX_ID, SIMILAR, alike, bare_name
from kamplay.intake.checks.validation import fold_faults, returns
from kamplay.intake.prepare import Intake, survey
from kamplay.line_status import is_void

LINES = "Date,Account ID,Amount,Order ID\n2025-12-01,A,100,1\n2025-12-02,B,200,2\n"


def checked(folder: Path, settings: dict[str, Any] | None = None, **files: str) -> Intake:
    (folder / "data").mkdir(parents=True)
    for name, text in {"transactions": LINES, **files}.items():
        (folder / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    text = yaml.safe_dump({"client": "C", "as_of": "2025-12-31", **(settings or {})}, allow_unicode=True)
    (folder / "engagement.yaml").write_text(text, encoding="utf-8")
    return survey(load(folder))


def found(intake: Intake) -> list[tuple]:
    return [(f.code, f.level, f.all_rows, f.column) for f in intake.faults]


def test_clean_tables_give_no_fault(tmp_path):
    accounts = "Account ID,Account name,Parent account ID\nA,Alpha,\nB,Beta,A\n"
    assert found(checked(tmp_path, accounts=accounts)) == []


STATUS = (
    "日期,客户编号,金额,发票状态\n2025-12-01,A,100,正常\n2025-12-02,A,40,"
    "已作废\n2025-12-03,B,60,红冲\n2025-12-04,B,7,未作废\n"
)


def test_voided_lines_are_set_aside_counted_and_summed(tmp_path):
    intake = checked(tmp_path / "before", transactions=STATUS)
    (fault,) = intake.faults
    assert (fault.code, fault.level, fault.all_rows, fault.column, fault.count) == (
        "lines_voided",
        "warning",
        (3, 4),
        "发票状态",
        2,
    )
    assert fault.args["amount"] == 100
    assert intake.tables["transactions"]["amount"].tolist() == [100, 7]
    (reading,) = intake.readings
    assert (reading.rows, reading.void, reading.void_amount, reading.used) == (4, 2, 100.0, 2)
    kept = checked(tmp_path / "kept", {"keep_void": True}, transactions=STATUS)
    assert [f.code for f in kept.faults] == ["lines_voided_kept"]
    assert kept.tables["transactions"]["amount"].sum() == 207


def test_a_filter_on_the_status_is_trusted_even_when_it_keeps_voided_lines(tmp_path):
    source = {"path": "data/transactions.csv", "where": {"发票状态": ["正常", "红冲"]}}
    assert checked(tmp_path, {"sources": {"transactions": source}}, transactions=STATUS).faults == []


def test_words_of_voided_lines():
    says = pd.Series(
        ["Cancelled by customer", "VOID", "作废发票", "已冲红", "Posted", "未作废", None, "not void", "有效"]
    )
    assert is_void(says).tolist() == [True, True, True, True, False, False, False, False, False]


REPEATS = (
    "Date,Account ID,Amount,Remark\n2025-12-01,A,100,x\n2025-12-01,A,100,x\n"
    "2025-12-01,A,100,y\n2025-12-02,B,5,x\n2025-12-01,A,100,x\n"
)


def test_repeated_lines_are_kept_and_warned_of(tmp_path):
    intake = checked(tmp_path, transactions=REPEATS)
    (fault,) = intake.faults
    assert (fault.code, fault.level, fault.all_rows, fault.count, fault.args["amount"]) == (
        "line_repeated",
        "warning",
        (3, 6),
        2,
        200,
    )
    assert len(intake.tables["transactions"]) == 5
    assert (intake.readings[0].repeated, intake.readings[0].used) == (0, 5)


def test_dedupe_drops_and_counts_them_where_they_stand(tmp_path):
    two = "Date,Account ID,Amount,Remark\n2025-12-02,B,5,x\n2025-12-09,B,9,x\n"
    intake = checked(tmp_path, {"dedupe": True}, transactions=REPEATS, transactions_more=two)
    assert [(f.code, f.file, f.all_rows) for f in intake.faults] == [
        ("line_repeated_dropped", "data/transactions.csv", (3, 6)),
        ("line_repeated_dropped", "data/transactions_more.csv", (2,)),
    ]
    assert [(r.repeated, r.used) for r in intake.readings] == [(2, 3), (1, 1)]
    assert intake.tables["transactions"]["amount"].tolist() == [100, 100, 5, 9]


@pytest.mark.parametrize(("back", "warned"), [(-60, []), (-61, ["returns_many"]), (-299, ["returns_many"])])
def test_returns_warn_above_a_fifth_of_the_gross_amount(tmp_path, back, warned):
    intake = checked(tmp_path, transactions=LINES + f"2025-12-03,A,{back},3\n")
    assert [f.code for f in intake.faults] == warned
    assert returns(intake.tables["transactions"]) == {
        "rows": 1,
        "amount": back,
        "share": pytest.approx(-back / 300),
    }
    if warned:
        assert (intake.faults[0].count, intake.faults[0].args["amount"]) == (1, back)


TABLES = {
    "receivables": (
        "Invoice ID,Account ID,Invoice date,Due date,Paid date,Amount\n1,A,"
        "2025-05-10,2025-05-09,,5\n2,A,2025-05-10,2025-06-09,2025-05-01,5\n3,A,"
        "2025-05-10,2025-05-10,2025-05-10,5\n"
    ),
    "deliveries": (
        "Order ID,Account ID,Promised date,Ordered quantity,Delivered quantity\n"
        "1,A,2025-05-01,10,12\n2,A,2025-05-01,10,12.5\n3,Z,2999-05-01,0.1,0.12\n"
    ),
    "tickets": (
        "Ticket ID,Account ID,Opened,Closed\n1,A,2025-05-02,2025-05-01\n2,A,"
        "2025-05-01,2025-05-01\n3,A,2999-01-01,\n"
    ),
    "contacts": "Contact ID,Account ID,Reports to\nP,A,Q\nQ,A,P\nR,B,R\nS,B,T\nU,B,R\n",
    "visits": "Account ID,Date,Contact ID\nA,2025-05-01,P\nB,2025-05-01,P\nB,2025-05-01,X\n,2025-05-01,P\n",
}
EXPECTED = {
    "receivables": [
        ("due_before_invoice", "warning", (2,), "Due date"),
        ("paid_before_invoice", "warning", (3,), "Paid date"),
    ],
    "deliveries": [
        ("account_unknown", "warning", (4,), "Account ID"),
        ("delivered_over_ordered", "warning", (3,), "Delivered quantity"),
    ],
    "tickets": [
        ("closed_before_opened", "warning", (2,), "Closed"),
        ("date_in_future", "warning", (4,), "Opened"),
    ],
    "contacts": [
        ("superior_cycle", "warning", (2, 3), "Reports to"),
        ("superior_cycle", "warning", (4,), "Reports to"),
        ("superior_unknown", "warning", (5,), "Reports to"),
    ],
    "visits": [
        ("cell_empty", "error", (5,), "Account ID"),
        ("contact_elsewhere", "warning", (3,), "Contact ID"),
        ("contact_unknown", "warning", (4,), "Contact ID"),
        ("superior_cycle", "warning", (2, 3), "Reports to"),
        ("superior_cycle", "warning", (4,), "Reports to"),
        ("superior_unknown", "warning", (5,), "Reports to"),
    ],
}


@pytest.mark.parametrize("table", TABLES)
def test_rows_that_contradict_themselves_or_another_table(tmp_path, table):
    files = {table: TABLES[table], **({"contacts": TABLES["contacts"]} if table == "visits" else {})}
    assert sorted(found(checked(tmp_path, **files))) == EXPECTED[table]


def test_parents(tmp_path):
    accounts = "Account ID,Parent account ID\nA,A\nB,C\nC,D\nD,B\nE,B\nF,Z\n"
    intake = checked(tmp_path, accounts=accounts)
    assert found(intake) == [
        ("parent_cycle", "error", (3, 4, 5), "Parent account ID"),
        ("parent_unknown", "warning", (7,), "Parent account ID"),
        ("parent_self", "warning", (2,), "Parent account ID"),
    ]
    assert intake.faults[0].args["cycle"] == "B → C → D → B"


def test_conflicting_rows_of_an_account_name_the_columns_that_differ(tmp_path):
    accounts = "Account ID,Region,Owner,Industry\nA,North,Li,\nA,South,Li,Steel\nA,North,Li,\nB,North,Li,\n"
    intake = checked(tmp_path, accounts=accounts)
    assert found(intake) == [
        ("key_repeated", "error", (3,), "Account ID"),
        ("line_repeated_dropped", "warning", (4,), None),
    ]
    assert intake.faults[0].args["differing"] == ["Industry", "Region"]  # as the codebook has them


def test_lines_of_accounts_that_the_list_lacks(tmp_path):
    (fault,) = checked(tmp_path, accounts="Account ID\nA\n").faults
    assert (fault.code, fault.all_rows, fault.args) == (
        "account_unlisted",
        (3,),
        {"accounts": 1, "amount": 200},
    )


def test_folded_faults_keep_every_row():
    faults = [Fault("cell_empty", row=row, column="x", file="f") for row in (9, 2, 4)] + [
        Fault("cell_empty", row=2, column="y", file="f")
    ]
    one, other = fold_faults(faults)
    assert (one.row, one.count, one.all_rows) == (2, 3, (2, 4, 9))
    assert (other.count, other.all_rows) == (1, (2,))


@pytest.mark.parametrize(
    ("names", "bare"),
    [
        (
            [
                "上海华康医疗器械有限公司",
                "上海华康医疗器械股份有限公司",
                "上海华康医疗器械（集团）有限公司",
                "上海 华康医疗器械有限责任公司",
            ],
            "上海华康医疗器械",
        ),
        (["Acme GmbH", "ACME, Inc.", "acme ltd.", "Acme G.m.b.H. & Co. KG", "Ａｃｍｅ Corporation"], "acme"),
        (["集团有限公司"], "集团"),
        (["The Company Ltd"], "thecompanyltd"),
    ],
)
def test_names_without_their_legal_form(names, bare):
    assert {bare_name(name) for name in names} == {bare}


def test_pairs_that_look_like_one_company_and_pairs_that_do_not():
    accounts = pd.DataFrame(
        [
            ("1", "上海华康医疗器械有限公司", "T1", None),
            ("2", "完全不同的名字", "T1", None),
            ("3", "上海华康医疗器械股份有限公司", "T3", None),
            ("4", "Northern Instruments Ltd", None, None),
            ("5", "Northern Instrument Inc", None, None),
            ("6", "广州市第一人民医院", None, None),
            ("7", "广州市第二人民医院", None, None),
            ("8", "Plant 3 Chemicals", None, None),
            ("9", "Plant 4 Chemicals", None, None),
            ("10", "Holding Steel AG", None, None),
            ("11", "Steel GmbH", None, "10"),
            ("12", "苏州康利生物", None, None),
            ("13", "苏州康瑞生物", None, None),
            ("14", None, None, None),
            ("15", None, None, None),
            ("16", "Nothern Instruments", None, None),
        ],
        columns=["account_id", "account_name", "tax_id", "parent_id"],
    )
    pairs = alike(accounts)
    ids = accounts["account_id"]
    assert {(ids[p.left], ids[p.right], p.sign) for p in pairs.itertuples()} == {
        ("1", "2", SAME_TAX_ID),
        ("1", "3", SAME_NAME),
        ("4", "5", SIMILAR),
        ("4", "16", SIMILAR),
        ("5", "16", SIMILAR),
    }


def test_every_slip_of_one_letter_is_found_among_many_names():
    words = [
        f"{a}{b} Trading"
        for a in ("Alder", "Birch", "Cedar", "Maple", "Rowan", "Hazel")
        for b in ("brook", "field", "wood", "stone", "hurst")
    ]
    slips = [name[:4] + name[5:] for name in words]
    accounts = pd.DataFrame({"account_id": range(60), "account_name": words + slips})
    pairs = alike(accounts)
    assert {(k, k + 30) for k in range(30)} <= set(zip(pairs["left"], pairs["right"], strict=True))


def test_twins_are_proposed_with_both_ids_and_never_merged(tmp_path):
    accounts = "客户编号,客户名称,税号\nA,华康医疗有限公司,9131\nB,华康医疗集团,\nC,另一家,9131\n"
    intake = checked(tmp_path, accounts=accounts)
    assert [
        (f.code, f.all_rows, f.column, f.args["id"], f.args["other"], f.args["other_row"])
        for f in intake.faults
    ] == [
        ("accounts_same_name", (3,), "客户名称", "B", "A", 2),
        ("accounts_same_tax_id", (4,), "税号", "C", "A", 2),
    ]
    assert intake.tables["accounts"]["account_id"].tolist() == ["A", "B", "C"]


def test_a_cell_that_says_nothing_is_told_with_what_it_holds(tmp_path):
    head = "date,account_id,amount\n"
    rows = "2025-01-01,a,10\nN/A,a,20\n2025-01-03,b,-\n2025-01-04,b,\n"
    folder = tmp_path / "client"
    (folder / "data").mkdir(parents=True)
    (folder / "engagement.yaml").write_text("client: A\ncurrency: EUR\n", encoding="utf-8")
    (folder / "data" / "transactions.csv").write_text(head + rows, encoding="utf-8")
    found = {(f.code, f.column, f.value, f.row) for f in survey(load(folder)).faults}
    assert {
        ("cell_says_nothing", "date", "N/A", 3),
        ("cell_says_nothing", "amount", "-", 4),
        ("cell_empty", "amount", None, 5),
    } <= found


@pytest.mark.parametrize("twin", ["协和 医院", "协和\u3000医院"])
def test_accounts_that_differ_in_spaces_alone_are_told_with_both_sums(tmp_path, twin):
    lines = pd.DataFrame(
        {
            "date": ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"],
            "account_id": ["协和医院", twin, "协和医院", "第二医院"],
            "amount": [100.0, 30.0, 200.0, 50.0],
        }
    )
    folder = write_engagement(tmp_path / "client", lines)
    (fault,) = [f for f in survey(load(folder)).faults if f.code == "accounts_written_alike"]
    assert (fault.level, fault.row, fault.args["other"]) == ("warning", 3, "协和医院")
    assert (fault.args["amount"], fault.args["other_amount"]) == (30.0, 300.0)
