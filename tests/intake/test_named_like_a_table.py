"""Files that are named like a table and hold none; what one file lacks, or decides, is one fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kamplay.engagement import load
from kamplay.errors import Fault
from kamplay.intake.columns.header_words import looks_like
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.settings_to_paste import as_yaml, proposals
from kamplay.show.faults import fix, problem
from kamplay.show.locale import Locale

TEAMS = "sales_agent,manager,regional_office\nAda Byron,Max Planck,North\nEmil Noether,Max Planck,South\n"
# 30 lines of 5 customers; 100 + … + 129 = 3435
SOLD = "Date,Customer no,Amount\n" + "".join(
    f"2025-{1 + i % 6:02}-{1 + i % 28:02},C{i % 5},{100 + i}\n" for i in range(30)
)
PEOPLE = "Account ID,Account name\nC0,Ohm\nC1,Volt\n"


def read(folder: Path, files: dict[str, str], **settings: Any) -> Intake:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / "data" / name).write_text(text, encoding="utf-8")
    stated = {"client": "C", "language": "en", "currency": "EUR", "as_of": "2025-06-30", **settings}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(stated, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def said(intake: Intake) -> list[tuple[str, str, str | None]]:
    return [(f.level, f.code, f.file) for f in intake.faults]


def words(fault: Fault, language: str = "en") -> str:
    locale = Locale(language, "EUR")
    return f"{problem(fault, locale)} {fix(fault, locale)}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sales_teams.csv", TEAMS),
        ("sales_products.csv", "product,category,price\nValve,Steel,10\nHose,Rubber,4\n"),
        ("销售人员.csv", "姓名,部门,入职日期\n张三,华东,2019-05-01\n李四,华北,2020-06-01\n"),
        ("Sales regions.csv", "Code,Meaning\nN,North\nS,South\n"),
    ],
)
def test_a_list_named_like_the_sales_is_not_read_as_them(tmp_path, name, text):
    intake = read(tmp_path, {"sales.csv": SOLD, name: text})
    assert intake.usable
    assert said(intake) == [("warning", "file_not_used", f"data/{name}")]
    assert intake.tables["transactions"]["amount"].sum() == 3435
    assert not intake.refused
    assert "Date, Account ID, Amount" in words(intake.faults[0])
    assert "日期、客户编号、金额" in words(intake.faults[0], "zh")


TARGETS = "Region,Month,Target\n" + "".join(
    f"{region},2025-{month:02},{1000 * month}\n" for region in ("North", "South") for month in range(1, 13)
)
SELLERS = "Rep,Hired,Phone\n" + "".join(f"Rep {i},201{i}-03-04,55512{i}\n" for i in range(8))


@pytest.mark.parametrize(("name", "text"), [("sales_targets.csv", TARGETS), ("sales_reps.csv", SELLERS)])
def test_dates_and_figures_of_nobody_who_bought_are_no_sales(tmp_path, name, text):
    intake = read(tmp_path, {"sales.csv": SOLD, name: text})
    assert said(intake) == [("warning", "file_not_used", f"data/{name}")]
    assert proposals(load(tmp_path), intake.faults) == {}


def test_a_list_of_who_looks_after_whom_is_none_either(tmp_path):
    intake = read(tmp_path, {"sales.csv": SOLD, "sales_owners.csv": "Customer no,Who\nC0,Ada\nC1,Max\n"})
    assert said(intake) == [("warning", "file_not_used", "data/sales_owners.csv")]
    assert "known for Date, Amount;" in words(intake.faults[0])


def test_without_other_sales_there_is_one_error(tmp_path):
    intake = read(tmp_path, {"sales_teams.csv": TEAMS, "customers.csv": PEOPLE})
    assert said(intake) == [
        ("error", "table_missing", "data/"),
        ("warning", "file_not_used", "data/sales_teams.csv"),
    ]
    named = {"sources": {"accounts": "customers.csv"}}
    assert said(read(tmp_path, {}, **named)) == said(intake)


def test_a_file_that_may_hold_the_sales_is_named_in_that_error(tmp_path):
    dictionary = "Field,Meaning\nDate,the day\nAmount,the amount\n"
    files = {"sales_teams.csv": TEAMS, "VF05.csv": SOLD, "zz_dictionary.csv": dictionary * 100}
    intake = read(tmp_path, files)
    assert said(intake) == [
        ("error", "transactions_unnamed", "data/"),
        ("warning", "file_not_used", "data/sales_teams.csv"),
    ]
    assert intake.faults[0].args["path"] == "data/VF05.csv"


def test_lines_under_headers_that_nobody_knows_stay_an_error(tmp_path):
    """Half the sales are not left out with a warning."""
    other = SOLD.replace("Date,Customer no,Amount", "Xa,Xb,Xc").replace("2025", "2024")
    intake = read(tmp_path, {"sales_2025.csv": SOLD, "sales_2024.csv": other})
    assert said(intake) == [("error", "column_missing", "data/sales_2024.csv")]


@pytest.mark.parametrize(
    "files", [{"sales.csv": TEAMS}, {"sales.csv": TEAMS, "sales_teams.csv": TEAMS + "x,y,z\n"}]
)
def test_a_file_called_sales_and_nothing_else_is_asked_for_its_columns(tmp_path, files):
    intake = read(tmp_path, files)
    (fault,) = [f for f in intake.faults if f.level == "error"]
    assert (fault.code, fault.file) == ("column_missing", "data/sales.csv")
    assert [w["name"] for w in fault.args["lacking"]] == ["date", "account_id", "amount"]


def test_a_sheet_named_like_a_table_that_holds_none(tmp_path):
    import pandas as pd

    (tmp_path / "data").mkdir()
    with pd.ExcelWriter(tmp_path / "data" / "export.xlsx") as book:
        rows = [line.split(",") for line in SOLD.splitlines()]
        pd.DataFrame(rows[1:], columns=rows[0]).to_excel(book, sheet_name="Sales", index=False)
        pd.DataFrame({"Agent": ["Ada", "Max"], "Office": ["N", "S"]}).to_excel(
            book, sheet_name="Sales team", index=False
        )
    intake = read(tmp_path, {})
    assert [(f.level, f.code, f.sheet) for f in intake.faults] == [("warning", "file_not_used", "Sales team")]


def test_another_table_of_which_only_the_name_fits_is_not_used(tmp_path):
    intake = read(
        tmp_path, {"sales.csv": SOLD, "customer_segments.csv": "Segment,Meaning\nA,large\nB,small\n"}
    )
    assert said(intake) == [("warning", "file_not_used", "data/customer_segments.csv")]


def test_the_block_to_paste_leaves_out_what_is_not_used(tmp_path):
    bent = SOLD.replace("Customer no", "Custommer nr")
    intake = read(tmp_path, {"sales.csv": bent, "sales_teams.csv": TEAMS})
    block = proposals(load(tmp_path), intake.faults)["sources"]["transactions"]
    assert block == {"path": ["data/sales.csv"], "columns": {"account_id": "Custommer nr"}}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_that_a_file_lacks_is_one_fault(tmp_path, language):
    bent = SOLD.replace("Date,Customer no,Amount", "Datte,Xb,Ammount")
    intake = read(tmp_path, {"sales.csv": bent})
    (fault,) = intake.faults
    assert fault.code == "column_missing"
    assert [(w["name"], w["propose"]) for w in fault.args["lacking"]] == [
        ("date", "Datte"),
        ("account_id", ""),
        ("amount", "Ammount"),
    ]
    told = words(fault, language)
    assert {"en": "date: Datte, amount: Ammount", "zh": "date：Datte、amount：Ammount"}[language] in told
    assert "{date: …, account_id: …, amount: …}" in told
    assert {"en": "account_id: Xb", "zh": "account_id：Xb"}[language] in told
    pasted = as_yaml(proposals(load(tmp_path), intake.faults), intake.faults)
    assert yaml.safe_load(pasted)["sources"]["transactions"]["columns"] == {
        "date": "Datte",
        "amount": "Ammount",
    }
    assert pasted.count(": ?") == 1


BILLS = "Invoice ID,Account ID,Invoice date,Due date,Paid date,Amount\n" + "".join(
    f"{i},C{i % 5},{m}/{1 + i % 28}/2025,{m + 1}/{1 + i % 28}/2025,{m + 1}/{1 + i % 20}/2025,10\n"
    for i in range(40)
    for m in [1 + i % 6]
)


def test_one_order_of_day_and_month_in_three_columns_is_one_fault(tmp_path):
    intake = read(tmp_path, {"sales.csv": SOLD, "receivables.csv": BILLS}, as_of="2025-06-30")
    (fault,) = [f for f in intake.faults if f.code == "date_order"]
    assert (fault.column, fault.count) == ("Invoice date, Due date, Paid date", 3)
    assert len(fault.args["places"]) == 3
    assert [column for _, column in fault.args["at_cells"]] == ["Invoice date", "Due date", "Paid date"]


def test_two_orders_in_one_file_stay_two_faults(tmp_path):
    rows = [line.split(",") for line in BILLS.splitlines()]
    for row in rows[1:]:
        month, day, year = row[3].split("/")
        row[3] = f"{day}/{month}/{year}"
    turned = "".join(",".join(row) + "\n" for row in rows)
    intake = read(tmp_path, {"sales.csv": SOLD, "receivables.csv": turned})
    found = [(f.column, f.args["order"]) for f in intake.faults if f.code == "date_order"]
    assert found == [("Invoice date, Paid date", "month"), ("Due date", "day")]


def test_where_nothing_was_sold_no_account_is_called_unknown(tmp_path):
    bills = {
        "receivables.csv": "Invoice ID,Account ID,Invoice date,Due date,Amount\n"
        "1,C9,2025-01-02,2025-02-01,5\n"
    }
    assert said(read(tmp_path, bills)) == [("error", "table_missing", "data/")]
    assert ("warning", "account_unknown", "data/receivables.csv") in said(read(tmp_path, {"sales.csv": SOLD}))


@pytest.mark.parametrize(
    "header",
    ["sales_agent", "Sales Rep", "Sales team", "SalesPerson", "sales manager", "Sales region", "sales_org"],
)
def test_the_sales_force_is_no_amount(header):
    assert looks_like(header) != "amount"


@pytest.mark.parametrize("header", ["Sales", "Net sales", "sales_value", "Sales EUR", "Sales amount"])
def test_what_was_sold_is_one(header):
    assert looks_like(header) == "amount"


def test_names_under_a_word_of_money_are_not_listed_as_an_amount(tmp_path):
    rows = [f"{line},Ada,{'n/a' if i else ''}" for i, line in enumerate(SOLD.splitlines()[1:])]
    text = "\n".join(["Date,Customer no,Amount,Value stream,Total value", *rows, ""])
    (reading,) = read(tmp_path, {"sales.csv": text}).readings
    assert reading.passed_over == []


# the same lines once more, written otherwise


def invoices(day: str, number: str, amount: str) -> str:
    head = "单据日期,客户编码,客户名称,单据号,金额\n"
    return head + "".join(
        f"{day.format(y=2025, m=1 + i % 6, d=1 + i % 28)},C{i % 5},客户{i % 5}公司,"
        f"{number.format(n=7000 + i)},{amount.format(a=1200.5 + i)}\n"
        for i in range(40)
    )


PLAIN = invoices("{y}-{m:02}-{d:02}", "V{n}", "{a}")
OTHERWISE = {
    "slashes and thousands": invoices("{y}/{m:02}/{d:02}", "V{n}", '"{a:,.2f}"'),
    "numbers with a dash": invoices("{y}年{m}月{d}日", "V-{n}", "{a}"),
}


@pytest.mark.parametrize("text", OTHERWISE.values(), ids=OTHERWISE)
def test_an_unnamed_copy_of_the_lines_is_no_list_of_names(tmp_path, text):
    intake = read(tmp_path, {"销售明细.csv": PLAIN, "新版(1).csv": text}, language="zh")
    assert said(intake) == [("warning", "file_not_used", "data/新版(1).csv")]


def test_a_second_version_of_the_lines_is_told_once(tmp_path):
    files = {"销售明细.csv": PLAIN, "销售明细(1).csv": OTHERWISE["slashes and thousands"]}
    (fault,) = read(tmp_path, files, language="zh", sources={"transactions": "data/*.csv"}).faults
    assert (fault.code, fault.level, fault.count) == ("invoices_twice", "error", 40)


def test_many_values_alike_in_a_column_are_one_fault_with_three_places(tmp_path):
    names = [f"Valve{'' if i < 10 else ' '}{chr(65 + i % 10)}x" for i in range(30)]
    text = "\n".join([f"{line},{name}" for line, name in zip(SOLD.splitlines()[1:], names, strict=True)])
    intake = read(tmp_path, {"sales.csv": f"Date,Customer no,Amount,Product\n{text}\n"})
    (fault,) = intake.faults
    assert (fault.code, fault.value, fault.args["other"]) == ("values_alike", "ValveAx", "Valve Ax")
    assert (fault.args["pairs"], fault.count, len(fault.args["places"])) == (10, 10, 3)
    assert "10 values of the column have such a twin" in words(fault)
