"""Headers of real systems, the order of trust among them, and proposals that can be pasted."""

from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
import yaml
from intake.test_parsing_corpus import HEAD, said, surveyed

from kamplay.codebook import codebook, fold
from kamplay.commands.check import check_folder
from kamplay.engagement import Source, load
from kamplay.intake.columns.mapping import map_headers
from kamplay.intake.files.readers import Raw
from kamplay.intake.prepare import survey
from kamplay.intake.settings_to_paste import as_yaml, proposals

# (table, alias) that two columns share on purpose: the first in the codebook takes it, or each counts only
# beside a header of its own export
ORDERED = {("transactions", "name")}

EXPORTS = [
    (
        "transactions",
        "*(单据头)单据编号,*(单据头)日期,(单据头)客户#编码,(单据头)客户#名称,(明细信息)物料编码#编码,(明细信息)物料名称,(明细信息)实发数量,金额(本位币),价税合计(本位币),销售组织#名称",
        {"order_id": 0, "date": 1, "account_id": 2, "product": 5, "quantity": 6, "amount": 7},
    ),  # 金蝶云星空
    (
        "transactions",
        "日期,单据编号,购货单位,产品代码,产品名称,实发数量,销售金额,销售成本",
        # 金蝶 K3
        {"date": 0, "order_id": 1, "account_id": 2, "product": 4, "quantity": 5, "amount": 6, "cost": 7},
    ),
    (
        "transactions",
        "单据号,开票日期,客户编码,客户简称,存货编码,存货名称,存货分类,数量,本币无税金额,本币价税合计,销售成本",
        # 用友 U8
        {
            "order_id": 0,
            "date": 1,
            "account_id": 2,
            "product": 5,
            "category": 6,
            "quantity": 7,
            "amount": 8,
            "cost": 10,
        },
    ),
    (
        "transactions",
        "发票代码,发票号码,购方名称,购方税号,开票日期,货物或应税劳务名称,数量,金额,税额,价税合计,发票状态",
        # 销项发票
        {"order_id": 1, "account_id": 3, "date": 4, "product": 5, "quantity": 6, "amount": 7, "status": 10},
    ),
    (
        "transactions",
        (
            "Billing Document,Billing Date,Sold-to Party,Material,Material "
            "Description,Billed Quantity,Net Value,Cost,Sales Organization"
        ),
        # SAP
        {"order_id": 0, "date": 1, "account_id": 2, "quantity": 5, "amount": 6, "cost": 7, "sales_entity": 8},
    ),
    (
        "opportunities",
        (
            "Opportunity ID,Opportunity Name,Account Name,Account ID,Stage,"
            "Probability (%),Amount,Close Date,Created Date"
        ),
        # Salesforce report
        {
            "opportunity_id": 0,
            "account_id": 3,
            "stage": 4,
            "win_rate": 5,
            "amount": 6,
            "closed": 7,
            "opened": 8,
        },
    ),
    (
        "opportunities",
        "Id,Name,StageName,Amount,CloseDate,AccountId,Probability,CreatedDate",
        {"stage": 2, "amount": 3, "closed": 4, "account_id": 5, "win_rate": 6, "opened": 7},
    ),  # Salesforce API
    (
        "opportunities",
        (
            "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Amount in "
            "company currency,Associated Company,Create Date"
        ),
        {"opportunity_id": 0, "stage": 2, "closed": 3, "amount": 5, "account_id": 7, "opened": 8},
    ),  # HubSpot
    (
        "accounts",
        "Record ID,Company name,Company owner,Industry,Number of Employees,Create Date",
        {"account_id": 0, "account_name": 1, "owner": 2, "industry": 3, "employees": 4, "since": 5},
    ),  # HubSpot
    (
        "opportunities",
        "商机编号,商机名称,客户名称,销售阶段,赢率(%),预计成交金额,预计成交日期,创建时间",
        # 纷享销客
        {
            "opportunity_id": 0,
            "account_id": 2,
            "stage": 3,
            "win_rate": 4,
            "amount": 5,
            "expected_close": 6,
            "opened": 7,
        },
    ),
    (
        "opportunities",
        "销售机会名称,客户名称,销售阶段,销售金额,结单日期,可能性,创建日期",
        # 销售易
        {
            "opportunity_id": 0,
            "account_id": 1,
            "stage": 2,
            "amount": 3,
            "closed": 4,
            "win_rate": 5,
            "opened": 6,
        },
    ),
    (
        "accounts",
        "客户编码,客户名称,客户所有人,行业,省份",
        {"account_id": 0, "account_name": 1, "owner": 2, "industry": 3, "region": 4},
    ),
]


def mapped(table: str, headers: list[str], **source):
    frame = pd.DataFrame([["1"] * len(headers)], columns=headers, index=[2])
    return map_headers(
        Raw(frame, "data/x.csv", None, 1), codebook()[table], Source(path=["data/x.csv"], **source)
    )


def test_no_two_columns_of_a_table_share_a_header():
    for table, spec in codebook().items():
        columns = defaultdict(set)
        for name, column in spec.columns.items():
            for header in column.headers:
                columns[fold(header)].add(name)
        assert {(table, h) for h, names in columns.items() if len(names) > 1} <= ORDERED


@pytest.mark.parametrize(("table", "line", "expected"), EXPORTS)
def test_headers_of_real_systems(table, line, expected):
    headers = line.split(",")
    found, faults = mapped(table, headers)
    assert {name: headers.index(found.headers[name]) for name in expected} == expected
    assert not [f for f in faults if f.level == "error"]


@pytest.mark.parametrize(
    ("headers", "used", "codes"),
    [
        (["日期", "客户编码", "价税合计", "不含税金额"], "不含税金额", set()),
        (["日期", "客户编码", "金额", "不含税金额"], "不含税金额", set()),
        (["日期", "客户编码", "价税合计", "税额"], "价税合计", {"gross_used"}),
        (["日期", "客户编码", "含税金额", "金额"], "金额", set()),
        (["Date", "Account", "Gross Amount", "Revenue"], "Revenue", set()),
        (["Date", "Account", "Amount incl. VAT"], "Amount incl. VAT", {"gross_used"}),
        (["日期", "客户编码", "销售额", "销售收入"], "销售收入", {"header_ambiguous"}),
        (["日期", "客户编码", "金额", "金额.2"], "金额", {"header_ambiguous"}),
    ],
)
def test_net_before_gross_and_ties_told(headers, used, codes):
    found, faults = mapped("transactions", headers)
    assert found.headers["amount"] == used
    assert {f.code for f in faults} == codes
    for fault in faults:
        assert fault.level == "warning"
        assert fault.column == used


def test_the_engagements_own_columns_come_first():
    found, _ = mapped(
        "transactions", ["日期", "客户编码", "金额", "客户名称"], columns={"account_id": "客户名称"}
    )
    assert found.headers["account_id"] == "客户名称"


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("开票日,客户编号,金额\n2024-03-05,A1,10\n", {"date": "开票日"}),
        ("When,Account ID,Amount\n2024-03-05,A1,10\n", {"date": "When"}),  # the only column of dates
        ("Date,Acount ID,Amuont\n2024-03-05,A1,10\n", {"account_id": "Acount ID", "amount": "Amuont"}),
        ("Date,Account ID,Amount,Produuct\n2024-03-05,A1,10,X\n", {"product": "Produuct"}),
        ("Date,Account ID,销售额,销售收入\n2024-03-05,A1,10,11\n", {"amount": "销售收入"}),
    ],
)
def test_a_proposal_pasted_makes_the_file_read(tmp_path, text, proposed):
    intake = surveyed(tmp_path, {"transactions.csv": text})
    block = as_yaml(proposals(load(tmp_path), intake.faults), intake.faults)
    assert yaml.safe_load(block)["sources"]["transactions"]["columns"] == proposed
    (tmp_path / "engagement.yaml").write_text(HEAD + block, encoding="utf-8")
    again = survey(load(tmp_path))
    assert again.usable
    assert again.tables["transactions"]["account_id"].tolist() == ["A1"]
    assert not {"column_missing", "column_close", "header_ambiguous"} & {c for c, *_ in said(again)}


def test_a_proposal_keeps_what_the_engagement_says(tmp_path):
    settings = HEAD + (
        "sources:\n  transactions: {path: data/x.csv, columns: {amount: Betrag},"
        " where: {Art: [R, G]}}\n  accounts: data/a.csv\n"
    )
    files = {"x.csv": "Datm,Account ID,Betrag,Art\n2024-03-05,A1,10,R\n", "a.csv": "Account ID\nA1\n"}
    intake = surveyed(tmp_path, files, settings)
    assert proposals(load(tmp_path), intake.faults) == {
        "sources": {
            "transactions": {
                "path": ["data/x.csv"],
                "columns": {"amount": "Betrag", "date": "Datm"},
                "where": {"Art": ["R", "G"]},
            },
            "accounts": {"path": ["data/a.csv"]},
        }
    }


def test_what_nobody_can_guess_stays_open(tmp_path):
    intake = surveyed(tmp_path, {"transactions.csv": "Date,Amount,Zzz\n2024-03-05,1,x\n"})
    block = as_yaml(proposals(load(tmp_path), intake.faults), intake.faults)
    assert yaml.safe_load(block) is None
    assert "account_id: ?" in block
    assert "Zzz" in block


def check_json(folder: Path, capsys) -> dict:
    import json

    usable = check_folder(folder, True, folder / "out")
    found = json.loads(capsys.readouterr().out)
    assert found["usable"] == usable
    return found


def test_check_json_has_the_proposals(tmp_path, capsys):
    surveyed(tmp_path, {"transactions.csv": "开票日,客户编号,金额\n2024-03-05,A1,10\n"})
    found = check_json(tmp_path, capsys)
    assert set(found) == {"usable", "tables", "faults", "proposals"}
    assert found["proposals"] == {
        "sources": {"transactions": {"path": ["data/transactions.csv"], "columns": {"date": "开票日"}}}
    }


def test_check_prints_a_block_that_is_yaml(tmp_path, capsys):
    surveyed(tmp_path, {"transactions.csv": "开票日,客户编号,金额\n2024-03-05,A1,10\n"})
    assert not check_folder(tmp_path, False, tmp_path / "out")
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("sources:")
    block = "\n".join(lines[start : lines.index("", start)])
    assert yaml.safe_load(block)["sources"]["transactions"]["columns"] == {"date": "开票日"}


def test_check_json_of_broken_settings(tmp_path, capsys):
    (tmp_path / "engagement.yaml").write_text("client: C\nlanguage: en\nsorces: {}\n", encoding="utf-8")
    found = check_json(tmp_path, capsys)
    assert not found["usable"]
    assert [(f["code"], f["column"]) for f in found["faults"]] == [("setting_unknown", "sorces")]


def test_amounts_from_quantity_times_price(tmp_path):
    """An export of quantities and prices has no amounts: `Quantity * Price` in columns makes them, and is
    proposed when nothing is said.
    """
    (tmp_path / "data").mkdir()
    lines = (
        "Date,Account ID,Quantity,Price\n2025-01-02,A,3,2.50\n2025-01-03,A,-1,2.50\n2025-01-04,B,2,0.333\n"
    )
    (tmp_path / "data" / "transactions.csv").write_text(lines, encoding="utf-8")
    settings = 'client: C\nas_of: "2025-01-31"\n'
    (tmp_path / "engagement.yaml").write_text(settings, encoding="utf-8")
    (missing,) = [f for f in survey(load(tmp_path)).faults if f.code == "column_missing"]
    assert [w["propose"] for w in missing.args["lacking"]] == ["Quantity * Price"]
    (tmp_path / "engagement.yaml").write_text(
        settings
        + "sources: {transactions: {path: data/transactions.csv, columns: {amount: Quantity * Price}}}\n",
        encoding="utf-8",
    )
    intake = survey(load(tmp_path))
    assert intake.usable
    assert intake.tables["transactions"]["amount"].tolist() == [7.5, -2.5, 0.666]
    assert intake.tables["transactions"]["quantity"].tolist() == [3, -1, 2]


def test_a_side_of_the_product_that_cannot_be_read_is_a_fault_of_its_row(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text(
        "Date,Account ID,Quantity,Price\n2025-01-02,A,3,free\n2025-01-03,A,1,2\n", encoding="utf-8"
    )
    (tmp_path / "engagement.yaml").write_text(
        (
            'client: C\nas_of: "2025-01-31"\nsources: {transactions: {path: '
            "data/t.csv, columns: {amount: Quantity * Price}}}\n"
        ),
        encoding="utf-8",
    )
    found = [(f.code, f.row, f.column, f.value) for f in survey(load(tmp_path)).faults if f.level == "error"]
    assert found == [("unreadable_amount", 2, "Quantity * Price", "free")]


def test_values_are_held_against_a_list_nobody_claims(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "transactions.csv").write_text(
        "Date,Account ID,Amount,Product\n2025-01-02,A,3,GTXPro\n2025-01-03,A,3,MG Special\n", encoding="utf-8"
    )
    (tmp_path / "data" / "price_list.csv").write_text(
        "Product,Price\nGTX Pro,10\nMG Special,20\n", encoding="utf-8"
    )
    (tmp_path / "engagement.yaml").write_text('client: C\nas_of: "2025-01-31"\n', encoding="utf-8")
    found = [
        (f.row, f.column, f.value, f.args["other"])
        for f in survey(load(tmp_path)).faults
        if f.code == "values_alike"
    ]
    assert found == [(2, "Product", "GTXPro", "GTX Pro")]


def test_a_short_name_inside_another_word_claims_no_file(tmp_path):
    """ar is a name of the receivables, and part of dictionary."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "transactions.csv").write_text(
        "Date,Account ID,Amount\n2025-01-02,A,3\n", encoding="utf-8"
    )
    (tmp_path / "data" / "data_dictionary.csv").write_text("Table,Field\na,b\n", encoding="utf-8")
    (tmp_path / "engagement.yaml").write_text('client: C\nas_of: "2025-01-31"\n', encoding="utf-8")
    assert [f.code for f in survey(load(tmp_path)).faults] == ["file_not_used"]


def test_open_opportunities_may_lack_an_amount(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "transactions.csv").write_text(
        "Date,Account ID,Amount\n2025-01-02,A,3\n", encoding="utf-8"
    )
    deals = (
        "Opportunity ID,Account ID,Amount,Stage\n1,A,100,Won\n2,A,,Engaging\n3,A,,"
        "Prospecting\n4,A,x,Engaging\n"
    )
    (tmp_path / "data" / "opportunities.csv").write_text(deals, encoding="utf-8")
    (tmp_path / "engagement.yaml").write_text('client: C\nas_of: "2025-01-31"\n', encoding="utf-8")
    found = [(f.code, f.level, f.all_rows) for f in survey(load(tmp_path)).faults]
    assert sorted(found) == [("amount_blank", "warning", (3, 4)), ("unreadable_amount", "error", (5,))]
