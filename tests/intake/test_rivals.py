"""Several headers that could hold one figure: what arithmetic proves is used and told, what it leaves open is
asked with the totals side by side.
"""

import json

import pandas as pd
import pytest
import yaml
from intake.test_parsing_corpus import said

from kamplay.commands.check import check_folder
from kamplay.engagement import load
from kamplay.intake.prepare import survey
from kamplay.intake.settings_to_paste import proposals, would_give

HEAD = 'client: C\nlanguage: en\nas_of: "2024-06-30"\n'
LINES = 72


def ledger() -> pd.DataFrame:
    """A clean ledger: orders of two lines, six accounts, prices and quantities that vary."""
    rows = []
    for n in range(LINES):
        quantity, price = 1 + (n * 7) % 23, 20 + (n * 37) % 311 + 0.25
        rows.append(
            {
                "day": pd.Timestamp("2024-01-01") + pd.Timedelta(days=5 * (n // 2)),
                "account": f"K{(n // 2) % 6:02d}",
                "order": f"R{500 + n // 2}",
                "item": f"Part {n % 5}",
                "quantity": quantity,
                "price": price,
                "amount": round(quantity * price, 2),
                "unit_cost": round(price * (0.6 + 0.05 * (n % 4)), 2),
            }
        )
    frame = pd.DataFrame(rows)
    frame["cost"] = (frame["quantity"] * frame["unit_cost"]).round(2)
    return frame


BASE = ledger()
TOTAL = round(float(BASE["amount"].sum()), 2)
COST = round(float(BASE["cost"].sum()), 2)
EN = {"day": "Invoice date", "account": "Customer no", "order": "Order no", "item": "Product"}
ZH = {"day": "开票日期", "account": "客户编码", "order": "单据编号", "item": "产品名称"}


def written(frame: pd.DataFrame, names: dict[str, str]) -> str:
    return frame[list(names)].rename(columns=names).to_csv(index=False)


def surveyed(folder, files: dict[str, str], settings: str = HEAD):
    (folder / "data").mkdir(parents=True)
    for name, text in files.items():
        (folder / "data" / name).write_text(text, encoding="utf-8")
    (folder / "engagement.yaml").write_text(settings, encoding="utf-8")
    return survey(load(folder))


def sums(intake) -> dict[str, float]:
    lines = intake.tables["transactions"]
    return {name: round(float(lines[name].sum()), 2) for name in ("amount", "cost") if name in lines}


# a cost or an amount of one piece


@pytest.mark.parametrize(
    ("names", "header"),
    [
        (
            EN
            | {"quantity": "Quantity", "amount": "Net amount", "cost": "Total product cost"}
            | {"unit_cost": "Standard cost"},
            "Total product cost",
        ),
        (
            EN | {"unit_cost": "Cost", "quantity": "Qty", "amount": "Amount", "cost": "Cost amount"},
            "Cost amount",
        ),
        (ZH | {"quantity": "数量", "amount": "金额", "unit_cost": "成本", "cost": "成本金额"}, "成本金额"),
        (
            ZH | {"quantity": "数量", "amount": "销售金额", "unit_cost": "单位成本", "cost": "结转成本"},
            "结转成本",
        ),
        (
            ZH
            | {
                "quantity": "数量",
                "amount": "金额",
                "price": "单价",
                "cost": "销售成本",
                "unit_cost": "进价",
            },
            "销售成本",
        ),
    ],
)
def test_the_cost_of_the_line_beside_that_of_one_piece(tmp_path, names, header):
    intake = surveyed(tmp_path, {"transactions.csv": written(BASE, names)})
    assert said(intake) == []
    assert intake.readings[0].headers["cost"] == header
    assert sums(intake) == {"amount": TOTAL, "cost": COST}


@pytest.mark.parametrize(
    "names",
    [
        EN | {"quantity": "Quantity", "amount": "Net amount", "unit_cost": "Standard cost"},
        EN | {"quantity": "Qty", "amount": "Line total", "unit_cost": "Unit cost"},
        EN | {"quantity": "Qty", "amount": "Amount", "unit_cost": "Cost"},
        ZH | {"quantity": "数量", "amount": "金额", "unit_cost": "单位成本"},
        ZH | {"quantity": "销售数量", "amount": "金额", "unit_cost": "成本"},
    ],
)
def test_only_the_cost_of_one_piece_is_multiplied_and_told(tmp_path, names):
    intake = surveyed(tmp_path, {"transactions.csv": written(BASE, names)})
    assert [(code, level) for code, level, _, _ in said(intake)] == [("cost_per_unit", "warning")]
    assert sums(intake) == {"amount": TOTAL, "cost": COST}
    totals = dict(intake.faults[0].args["totals"])
    assert sorted(totals.values()) == [round(float(BASE["unit_cost"].sum()), 2), COST]


@pytest.mark.parametrize(
    "names",
    [
        EN | {"quantity": "Quantity", "price": "Amount", "amount": "Line amount"},
        EN | {"quantity": "Quantity", "price": "Sales value", "amount": "Extended price"},
        ZH | {"quantity": "数量", "price": "金额", "amount": "销售金额"},
        ZH | {"quantity": "数量", "price": "销售额", "amount": "销售收入"},
    ],
)
def test_an_amount_of_one_piece_gives_way_to_the_lines(tmp_path, names):
    intake = surveyed(tmp_path, {"transactions.csv": written(BASE, names)})
    assert {code for code, _, _, _ in said(intake)} <= {"amount_per_unit"}
    assert sums(intake) == {"amount": TOTAL}


@pytest.mark.parametrize(
    "names",
    [
        EN | {"quantity": "Quantity", "price": "Unit price", "amount": "Amount", "cost": "Cost"},
        EN | {"quantity": "Quantity", "price": "Price", "amount": "Net amount", "cost": "Standard cost"},
        ZH | {"quantity": "数量", "price": "单价", "amount": "金额", "cost": "成本"},
        ZH | {"amount": "金额", "cost": "成本"},
    ],
)
def test_a_clean_ledger_stays_silent(tmp_path, names):
    intake = surveyed(tmp_path, {"transactions.csv": written(BASE, names)})
    assert said(intake) == []
    assert sums(intake) == {"amount": TOTAL, "cost": COST}


# rivals of the amount


def with_rivals() -> pd.DataFrame:
    """The ledger with its amount in other currencies, before discount, with tax, and by document."""
    frame = BASE.copy()
    rate = [(1.0, "EUR"), (7.8, "CNY"), (1.09, "USD")]
    frame["currency"] = [rate[n % 3][1] for n in range(LINES)]
    frame["foreign"] = [round(a * rate[n % 3][0], 2) for n, a in enumerate(frame["amount"])]
    frame["list_price"] = (frame["price"] * 1.25).round(2)
    frame["discount"] = (frame["quantity"] * frame["list_price"] - frame["amount"]).round(2)
    frame["before"] = (frame["quantity"] * frame["list_price"]).round(2)
    frame["tax"] = (frame["amount"] * 0.13).round(2)
    frame["gross"] = (frame["amount"] + frame["tax"]).round(2)
    frame["document"] = frame.groupby("order")["amount"].transform("sum").round(2)
    frame["ledger"] = "4000"
    return frame


WIDE = with_rivals()


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (
            EN | {"foreign": "Amount", "currency": "Currency", "amount": "Amount in company currency"},
            "currency",
        ),
        (EN | {"foreign": "Amount", "amount": "Amount (base currency)"}, None),
        (ZH | {"foreign": "金额", "currency": "币种", "amount": "本币金额"}, "currency"),
        (EN | {"foreign": "Amount", "currency": "Currency", "amount": "Converted amount"}, "currency"),
        (
            ZH | {"quantity": "数量", "list_price": "单价", "discount": "折扣额", "amount": "折后金额"},
            "discount",
        ),
        (ZH | {"before": "金额", "amount": "优惠后金额"}, "discount"),
        (EN | {"before": "Amount", "discount": "Discount", "amount": "Amount after discount"}, "discount"),
        (
            EN
            | {"quantity": "Qty", "list_price": "Unit price", "discount": "Discount", "amount": "Net amount"},
            "discount",
        ),
        (EN | {"document": "Total", "amount": "LineAmount"}, None),
        (ZH | {"document": "发票金额", "amount": "销售金额"}, None),
        (ZH | {"gross": "价税合计", "tax": "税额", "amount": "金额"}, None),
        (EN | {"gross": "Gross amount", "amount": "Net amount"}, None),
    ],
)
def test_the_figure_that_is_surely_right_is_used_and_both_totals_told(tmp_path, names, code):
    settings = HEAD + "currency: EUR\n"
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)}, settings)
    found = [f for f in intake.faults if f.args.get("name") == "amount"]
    assert all(f.level == "warning" for f in intake.faults)
    if code:
        wanted = {"currency": "amount_company_currency", "discount": "amount_before_discount"}[code]
        assert [f.code for f in found] == [wanted]
        assert TOTAL in dict(found[0].args["totals"]).values()
    if names.get("amount") != "Amount (base currency)":  # brackets hide it: both are called Amount
        assert sums(intake)["amount"] == TOTAL


@pytest.mark.parametrize(
    "names",
    [
        EN | {"before": "Sales amount", "amount": "Revenue"},
        EN | {"before": "Sales", "amount": "Turnover"},
        ZH | {"foreign": "销售额", "amount": "销售收入"},
        ZH | {"foreign": "开票金额", "amount": "销售金额"},
    ],
)
def test_what_nothing_tells_apart_is_asked_once_with_the_totals(tmp_path, names):
    frame = WIDE.assign(before=WIDE["before"] * [1 + (n % 7) / 3 for n in range(LINES)])
    intake = surveyed(tmp_path, {"transactions.csv": written(frame, names)})
    found = [f for f in intake.faults if f.level == "error"]
    assert [f.code for f in found] == ["amount_undecided"]
    assert TOTAL in dict(found[0].args["candidates"]).values()
    assert len(found[0].args["candidates"]) == 2


@pytest.mark.parametrize(
    "names",
    [
        EN | {"quantity": "Qty", "list_price": "Unit price", "amount": "Paid by customer amount"},
        ZH | {"quantity": "数量", "list_price": "单价", "amount": "结算金额"},
    ],
)
def test_without_a_known_header_all_that_may_hold_the_amount_are_listed(tmp_path, names):
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)})
    (fault,) = (f for f in intake.faults if f.level == "error")
    if fault.code == "amount_undecided":
        assert len(fault.args["candidates"]) == 2
    else:
        (lacking,) = fault.args["lacking"]
        assert lacking["name"] == "amount" and lacking["propose"]


def test_the_engagements_own_word_holds_and_is_told_of_the_other(tmp_path):
    names = ZH | {"quantity": "数量", "list_price": "单价", "discount": "折扣额", "amount": "折后金额"}
    settings = HEAD + (
        "sources: {transactions: {path: data/transactions.csv, columns: {amount: 数量 * 单价}}}\n"
    )
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)}, settings)
    assert [f.code for f in intake.faults if f.args.get("name")] == ["amount_before_discount_own"]
    assert sums(intake)["amount"] == round(float((WIDE["quantity"] * WIDE["list_price"]).sum()), 2)


@pytest.mark.parametrize(
    "names",
    [
        EN | {"quantity": "Qty", "price": "Unit price", "document": "Invoice amount"},
        ZH | {"quantity": "数量", "price": "单价", "document": "发票金额"},
    ],
)
def test_a_document_total_gives_way_to_quantity_times_price(tmp_path, names):
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)})
    assert [code for code, _, _, _ in said(intake)] == ["amount_per_document"]
    assert sums(intake)["amount"] == TOTAL


@pytest.mark.parametrize(
    "names",
    [EN | {"quantity": "Qty", "document": "Invoice amount"}, ZH | {"quantity": "数量", "document": "金额"}],
)
def test_a_document_total_alone_is_refused_with_both_sums(tmp_path, names):
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)})
    (fault,) = (f for f in intake.faults if f.level == "error")
    assert fault.code == "amount_repeats"
    assert fault.args["once"] == TOTAL
    assert fault.args["total"] == round(float(WIDE["document"].sum()), 2)


# accounts and order ids


@pytest.mark.parametrize(
    ("ledger_header", "account_header"),
    [
        ("AccountCode", "ContactName"),
        ("Account", "Customer"),
        ("Account number", "Billing company"),
        ("往来单位编码", "客户名称"),
    ],
)
def test_a_ledger_account_is_no_customer(tmp_path, ledger_header, account_header):
    names = {"day": "Date", "ledger": ledger_header, "account": account_header, "amount": "Amount"}
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)})
    assert {f.code for f in intake.faults} <= {"header_not_fit"}
    assert intake.readings[0].headers["account_id"] == account_header
    assert intake.tables["transactions"]["account_id"].nunique() == 6


@pytest.mark.parametrize("header", ["Acount code", "Custommer no", "客户编马", "Account cod"])
def test_no_header_is_proposed_for_the_account_whose_values_cannot_be_accounts(tmp_path, header):
    names = {"day": "Date", "ledger": header, "amount": "Amount", "item": "Thing"}
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)})
    (fault,) = (f for f in intake.faults if f.code == "column_missing")
    (lacking,) = fault.args["lacking"]
    assert lacking["name"] == "account_id"
    assert lacking["propose"] != header
    assert header not in lacking["fitting"]
    assert "Thing" in lacking["fitting"]


def test_an_order_id_that_is_blank_gives_way(tmp_path):
    frame = WIDE.assign(blank="")
    names = {"day": "开票日期", "account": "购买方名称", "blank": "发票号码", "order": "数电发票号码"}
    intake = surveyed(tmp_path, {"transactions.csv": written(frame, names | {"amount": "金额"})})
    assert said(intake) == []
    assert intake.readings[0].headers["order_id"] == "数电发票号码"


# what is shown, and what a proposal gives


def test_the_mapping_is_shown_with_samples_and_what_is_left_out(tmp_path, capsys):
    names = EN | {"quantity": "Qty", "price": "Unit price", "amount": "Net amount", "cost": "Cost"}
    surveyed(
        tmp_path, {"transactions.csv": written(WIDE, names | {"currency": "Currency", "gross": "Gross"})}
    )
    check_folder(tmp_path, True, tmp_path / "out")
    shown = json.loads(capsys.readouterr().out)["tables"]["transactions"]
    assert shown["columns"]["amount"]["header"] == "Net amount"
    assert shown["columns"]["amount"]["samples"] == [str(v) for v in BASE["amount"].head(3)]
    assert shown["columns"]["date"]["read_as"] == "year, month, day"
    left = {entry["header"]: entry for entry in shown["unused"]}
    assert set(left) == {"Unit price", "Currency", "Gross"}
    assert left["Gross"]["sum"] == round(float(WIDE["gross"].sum()), 2)
    assert all(entry["why"] for entry in left.values())


@pytest.mark.parametrize("width", ["80", "200"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_console_keeps_one_line_a_column(tmp_path, capsys, monkeypatch, width, language):
    monkeypatch.setenv("COLUMNS", width)
    names = ZH | {"amount": "金额", "gross": "价税合计"}
    settings = HEAD.replace("language: en", f"language: {language}")
    surveyed(tmp_path, {"transactions.csv": written(WIDE, names)}, settings)
    check_folder(tmp_path, False, tmp_path / "out")
    out = capsys.readouterr().out
    assert [
        line.split()[0] for line in out.splitlines() if line.startswith(("date ", "amount ", "account_id "))
    ] == ["date", "account_id", "amount"]
    assert "价税合计" in out


def test_a_proposal_says_what_it_gives_and_gives_it(tmp_path, capsys):
    names = ZH | {"amount": "结算金额", "quantity": "数量"}
    intake = surveyed(tmp_path, {"transactions.csv": written(WIDE, names)})
    engagement = load(tmp_path)
    proposed = proposals(engagement, intake.faults)
    given = would_give(engagement, proposed)
    assert given == {"rows": LINES, "accounts": 6, "amount": TOTAL, "usable": True}
    check_folder(tmp_path, False, tmp_path / "out")
    assert f"# With this: 72 lines, 6 accounts, {TOTAL:,.2f} in all" in capsys.readouterr().out
    own = yaml.safe_load(HEAD) | proposed
    (tmp_path / "engagement.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    assert sums(survey(load(tmp_path)))["amount"] == TOTAL


# the same invoices twice


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (EN | {"amount": "Amount"}, EN | {"amount": "Net amount"}, "error"),
        (EN | {"amount": "Amount"}, ZH | {"amount": "金额", "quantity": "数量"}, "error"),
        ({"day": "Date", "account": "Account", "amount": "Amount"}, EN | {"amount": "Amount"}, "error"),
        (ZH | {"amount": "金额"}, ZH | {"amount": "不含税金额"}, "error"),
    ],
)
def test_the_same_invoices_in_two_files_are_told_with_their_sum(tmp_path, one, other, level):
    files = {"sales_a.csv": written(BASE, one), "sales_b.csv": written(BASE, other)}
    settings = HEAD + "sources: {transactions: data/sales_*.csv}\n"
    intake = surveyed(tmp_path, files, settings)
    (fault,) = (f for f in intake.faults if f.code == "invoices_twice")
    assert fault.level == level
    assert round(fault.args["amount"], 2) == TOTAL
    assert fault.count == LINES
    assert proposals(load(tmp_path), intake.faults)["sources"]["transactions"]["path"] == ["data/sales_a.csv"]


def test_a_month_that_stands_in_both_files_is_told(tmp_path):
    names = EN | {"amount": "Amount"}
    files = {"sales_a.csv": written(BASE.iloc[:50], names), "sales_b.csv": written(BASE.iloc[44:], names)}
    intake = surveyed(tmp_path, files, HEAD + "sources: {transactions: data/sales_*.csv}\n")
    (fault,) = (f for f in intake.faults if f.code == "invoices_twice")
    assert fault.count == 6
    assert round(fault.args["amount"], 2) == round(float(BASE["amount"].iloc[44:50].sum()), 2)


def test_files_of_different_months_stay_silent(tmp_path):
    names = EN | {"amount": "Amount"}
    files = {"sales_a.csv": written(BASE.iloc[:36], names), "sales_b.csv": written(BASE.iloc[36:], names)}
    intake = surveyed(tmp_path, files, HEAD + "sources: {transactions: data/sales_*.csv}\n")
    assert said(intake) == []
    assert sums(intake)["amount"] == TOTAL


@pytest.mark.parametrize(("same", "code"), [(True, "sheet_same_invoices"), (False, "sheets_not_used")])
def test_a_further_sheet_says_what_it_would_add_or_double(tmp_path, same, code):
    names = ZH | {"amount": "金额"}
    other = BASE if same else BASE.assign(order="Z" + BASE["order"], day=BASE["day"] - pd.Timedelta(days=700))
    (tmp_path / "data").mkdir()
    with pd.ExcelWriter(tmp_path / "data" / "book.xlsx") as book:
        for sheet, frame in (("一", BASE), ("二", other)):
            frame[list(names)].rename(columns=names).to_excel(book, sheet_name=sheet, index=False)
    settings = HEAD + "sources: {transactions: data/book.xlsx}\n"
    (tmp_path / "engagement.yaml").write_text(settings, encoding="utf-8")
    intake = survey(load(tmp_path))
    (fault,) = intake.faults
    assert fault.code == code
    assert sums(intake)["amount"] == TOTAL
    if same:
        assert round(fault.args["would"], 2) == round(2 * TOTAL, 2)
        (tmp_path / "engagement.yaml").write_text(settings.replace(".xlsx", ".xlsx#*"), encoding="utf-8")
        assert "invoices_twice" in {f.code for f in survey(load(tmp_path)).faults}
