"""What lines mean: sums among them, their unit, sign, status and currency. Each case starts from one clean
ledger whose total is known, and every reading is that total or says what it decided.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake.prepare import Intake, survey

EN = {"date": "Date", "account": "Customer no", "amount": "Net amount", "order": "Invoice no"}
ZH = {"date": "日期", "account": "客户编码", "amount": "金额", "order": "单据编号"}
NAMES = ["North Mill", "Total Energies", "Harbour Co", "合计通商贸", "Sumner Ltd", "Result Labs"]


def ledger(lines: int = 96, seed: int = 7) -> pd.DataFrame:
    """Clean lines of six accounts over two years, some of them returns."""
    draw = random.Random(seed)
    rows = []
    for number in range(lines):
        day = date(2024, 1, 5) + timedelta(days=number * 7)
        amount = round(draw.uniform(200, 9000), 2) * (-0.1 if number % 17 == 5 else 1)
        rows.append((day.isoformat(), f"K{draw.randint(1, 6):02}", round(amount, 2), f"R{5000 + number}"))
    return pd.DataFrame(rows, columns=["date", "account", "amount", "order"])


TOTAL = round(float(ledger()["amount"].sum()), 2)


def read(folder: Path, frame: pd.DataFrame, titles: list[str] | None = None, **settings: Any) -> Intake:
    """Survey an engagement that holds this one table of transactions."""
    (folder / "data").mkdir(parents=True)
    head = "".join(f"{t}\n" for t in titles or [])
    (folder / "data" / "transactions.csv").write_text(head + frame.to_csv(index=False), encoding="utf-8")
    said = {"client": "Case", "currency": "EUR", **settings}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def source(**settings: Any) -> dict[str, Any]:
    return {"transactions": {"path": "data/transactions.csv", **settings}}


def total(intake: Intake) -> float:
    return round(float(intake.tables["transactions"]["amount"].sum()), 2)


def codes(intake: Intake) -> list[tuple[str, str]]:
    return [(f.code, f.level) for f in intake.faults]


def in_words(frame: pd.DataFrame, words: dict[str, str]) -> pd.DataFrame:
    return frame.rename(columns=words)


BOTH = pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])


@BOTH
def test_a_clean_ledger_stays_silent(tmp_path, words):
    clean = ledger().assign(
        name=lambda f: f["account"].map(lambda a: NAMES[int(a[1:]) - 1]),
        memo="Total care package",
        currency="EUR",
        status="已审核" if words is ZH else "Posted",
        kind="Invoice",
    )
    intake = read(tmp_path, in_words(clean, words).rename(columns={"name": "Customer name"}))
    assert codes(intake) == []
    assert total(intake) == TOTAL


# sums


def _grand(frame: pd.DataFrame, word: str, column: str, dated: bool) -> pd.DataFrame:
    row = dict.fromkeys(frame.columns, None) | {"amount": TOTAL, column: word}
    if dated and column != "date":
        row["date"] = frame["date"].iloc[-1]
    return pd.concat([frame, pd.DataFrame([row])], ignore_index=True)


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("column", ["account", "order", "memo"])
@pytest.mark.parametrize(
    "word",
    [
        "合   计",
        "总计：",
        "合　计",
        "Grand Total",
        "TOTAL:",
        "Summe",
        "Overall Result",
        "Totaux",
        "総計",
        "本年累计",
    ],
)
def test_a_total_is_left_out_whatever_it_is_called_and_wherever_it_stands(tmp_path, word, column, dated):
    frame = _grand(ledger().assign(memo="x"), word, column, dated)
    intake = read(tmp_path, in_words(frame, EN if word.isascii() else ZH))
    assert (total(intake), codes(intake)) == (TOTAL, [("total_rows", "warning")])
    assert intake.faults[0].count == 1
    assert intake.faults[0].args["amount"] == pytest.approx(TOTAL)


def _by_group(
    frame: pd.DataFrame, label: Callable[[str], str], key: str = "account", **filled: Any
) -> pd.DataFrame:
    parts = []
    for name, rows in frame.sort_values(key, kind="stable").groupby(key, sort=False):
        row = dict.fromkeys(frame.columns, None) | {key: label(name), "amount": rows["amount"].sum()}
        row |= {k: rows[v].iloc[-1] if v in rows else v for k, v in filled.items()}
        parts += [rows, pd.DataFrame([row])]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    "label", ["{} Total", "{} 小计", "{} 汇总", "Total {}", "{} Ergebnis", "小计：{}", "Sub-total"]
)
@pytest.mark.parametrize("filled", [{}, {"date": "date"}], ids=["undated", "dated"])
def test_sums_of_each_group_are_left_out(tmp_path, label, filled):
    frame = _by_group(ledger(), label.format, **filled)
    intake = read(tmp_path, in_words(frame, EN))
    assert total(intake) == TOTAL
    assert codes(intake) == [("total_rows", "warning")]
    assert intake.faults[0].count == 6


@BOTH
def test_dated_sums_of_month_and_year_are_left_out(tmp_path, words):
    frame = ledger().assign(memo="sale", month=lambda f: f["date"].str[:7])
    parts, year = [], {}
    for month, rows in frame.groupby("month"):
        year[month[:4]] = year.get(month[:4], 0) + rows["amount"].sum()
        last = {"date": rows["date"].iloc[-1]}
        month_word, year_word = ("本月合计", "本年累计") if words is ZH else ("Monthly total", "YTD total")
        parts += [
            rows,
            pd.DataFrame([last | {"memo": month_word, "amount": rows["amount"].sum()}]),
            pd.DataFrame([last | {"memo": year_word, "amount": year[month[:4]]}]),
        ]
    intake = read(tmp_path, in_words(pd.concat(parts).drop(columns="month"), words))
    assert (total(intake), codes(intake)) == (TOTAL, [("total_rows", "warning")])


def test_the_sum_above_its_lines_is_left_out(tmp_path):
    frame = ledger()
    top = pd.DataFrame([{"date": frame["date"][0], "account": "Total", "amount": TOTAL}])
    intake = read(tmp_path, in_words(pd.concat([top, frame]), EN))
    assert (total(intake), codes(intake)) == (TOTAL, [("total_rows", "warning")])


def test_customers_named_like_a_total_stay(tmp_path):
    frame = ledger().assign(account=lambda f: f["account"].map(lambda a: NAMES[int(a[1:]) - 1]))
    intake = read(tmp_path, in_words(frame, EN))
    assert (total(intake), codes(intake)) == (TOTAL, [])


def test_a_customer_called_total_with_equal_payments_stays_and_is_told(tmp_path):
    frame = ledger()
    frame.loc[10:20:2, "account"] = "Total"
    frame.loc[10:20, "amount"] = 100.0
    intake = read(tmp_path, in_words(frame, EN))
    assert total(intake) == round(float(frame["amount"].sum()), 2)
    assert codes(intake) == [("total_word_kept", "warning")]
    assert intake.faults[0].count == 6


def test_a_sum_without_word_account_and_date_is_left_out_and_one_with_them_is_told(tmp_path):
    bare = pd.concat([ledger(), pd.DataFrame([{"amount": TOTAL}])])
    intake = read(tmp_path / "bare", in_words(bare, EN))
    assert (total(intake), codes(intake)) == (TOTAL, [("total_rows", "warning")])
    full = pd.concat([ledger(), pd.DataFrame([{"date": "2025-11-07", "account": "K01", "amount": TOTAL}])])
    intake = read(tmp_path / "full", in_words(full, EN))
    assert total(intake) == round(2 * TOTAL, 2)
    (fault,) = [f for f in intake.faults if f.code == "total_suspected"]
    assert fault.args["rest"] == pytest.approx(TOTAL)


# figures that can be read two ways


def test_points_before_three_figures_are_told_with_both_totals(tmp_path):
    whole = ledger().assign(amount=lambda f: f["amount"].abs().round().astype(int))
    frame = whole.assign(amount=whole["amount"].map(lambda v: f"{v:,}".replace(",", ".")))
    intake = read(tmp_path, in_words(frame, EN))
    (fault,) = intake.faults
    assert (fault.code, fault.level) == ("point_of_thousands", "warning")
    assert fault.args["other"] == whole["amount"].sum()
    assert fault.args["amount"] == pytest.approx(total(intake), abs=0.01)


@pytest.mark.parametrize("form", ["{:.2f}", "{:,.2f}", "{:.4f}", "{:.0f}", "{:,.0f}"])
def test_other_figures_leave_no_doubt_of_their_point(tmp_path, form):
    frame = ledger().assign(amount=lambda f: f["amount"].abs().map(form.format))
    assert codes(read(tmp_path, in_words(frame, EN))) == []


# units


@pytest.mark.parametrize(
    ("title", "header", "factor"),
    [
        ("编制单位：财务部,单位：万元", "金额", 1e4),
        ("金额单位:人民币千元", "金额", 1e3),
        ("（单位：百万元）", "金额", 1e6),
        ("(in thousands)", "Net amount", 1e3),
        ("All amounts in EUR thousand", "Net amount", 1e3),
        ("Sales report (EUR k)", "Net amount", 1e3),
        ("Umsatz in Mio. EUR", "Net amount", 1e6),
        ("Umsätze in 1.000 EUR", "Net amount", 1e3),
        ("Sales EURm", "Net amount", 1e6),
        ("单位:万", "金额", 1e4),
        (None, "金额(万元)", 1e4),
        (None, "Net amount (in thousands)", 1e3),
        (None, "Net amount (000s)", 1e3),
        (None, "Amount (k€)", 1e3),
    ],
)
def test_a_unit_is_applied_to_amount_and_cost_and_said_once(tmp_path, title, header, factor):
    frame = ledger().assign(cost=lambda f: (f["amount"] * 0.6).round(2))
    frame[["amount", "cost"]] /= factor
    words = {
        **(ZH if header.startswith("金额") else EN),
        "amount": header,
        "cost": header.replace("Net amount", "Cost"),
    }
    words["cost"] = {"金额": "成本", "金额(万元)": "成本(万元)", "Amount (k€)": "Cost (k€)"}.get(
        header, words["cost"]
    )
    intake = read(tmp_path, in_words(frame, words), titles=["Company report", title] if title else None)
    assert total(intake) == pytest.approx(TOTAL)
    assert intake.tables["transactions"]["cost"].sum() == pytest.approx(
        (ledger()["amount"] * 0.6).sum(), abs=1
    )
    said = [f for f in intake.faults if f.code == "unit_applied"]
    assert said
    assert said[0].args["amount"] == pytest.approx(TOTAL)
    assert said[0].args["before"] == pytest.approx(TOTAL / factor)
    assert intake.usable


@pytest.mark.parametrize(
    "title", ["单位：元", "Report for 5 thousand customers", "编制单位：万元科技有限公司", "Sales (net)"]
)
def test_titles_that_state_no_unit_change_nothing(tmp_path, title):
    intake = read(tmp_path, in_words(ledger(), ZH), titles=[title])
    assert (total(intake), codes(intake)) == (TOTAL, [])


@pytest.mark.parametrize(
    ("words", "note", "factor"),
    [(EN, "All amounts in EUR thousands", 1e3), (ZH, "注：以上金额单位为万元", 1e4)],
    ids=["en", "zh"],
)
def test_a_unit_below_the_table_is_applied_as_one_above_it(tmp_path, words, note, factor):
    frame = ledger().assign(amount=lambda f: f["amount"] / factor)
    frame = pd.concat([frame, pd.DataFrame([{"date": note}])])
    intake = read(tmp_path, in_words(frame, words))
    assert total(intake) == pytest.approx(TOTAL)
    assert codes(intake) == [("page_rows", "warning"), ("unit_applied", "warning")]


def test_units_that_contradict_each_other_are_an_error(tmp_path):
    frame = in_words(ledger(), {**ZH, "amount": "金额(元)"})
    intake = read(tmp_path, frame, titles=["单位：万元"])
    assert codes(intake)[0] == ("units_differ", "error")


# signs


@pytest.mark.parametrize(
    ("header", "sale", "back"),
    [
        ("Document type", "Invoice", "Credit memo"),
        ("Type", "INV", "CN"),
        ("move_type", "out_invoice", "out_refund"),
        ("Belegart", "Rechnung", "Gutschrift"),
        ("Type de pièce", "Facture", "Avoir"),
        ("单据类型", "销售出库单", "销售退货单"),
        ("发票类型", "蓝字发票", "红字发票"),
        ("业务类型", "普通销售", "贷项通知单"),
        ("业务类型", "普通销售", "冲销"),
        ("Doc. kind", "SI", "SRN"),
        ("红蓝字", "蓝", "红"),
        ("是否正数发票", "是", "否"),
        ("借贷方向", "贷", "借"),
        ("D/C", "C", "D"),
        ("摘要", "销售", "退货"),
    ],
)
def test_returns_with_positive_amounts_are_subtracted_and_told(tmp_path, header, sale, back):
    clean = ledger().assign(quantity=lambda f: f["amount"].map(lambda a: 3 if a > 0 else -1))
    frame = clean.assign(**{header: clean["amount"].map(lambda a: sale if a > 0 else back)})
    frame["amount"], frame["quantity"] = frame["amount"].abs(), frame["quantity"].abs()
    frame = in_words(frame, EN)
    intake = read(tmp_path / "a", frame)
    assert total(intake) == TOTAL
    assert codes(intake) == [("returns_signed", "warning")]
    assert (intake.tables["transactions"]["quantity"] == clean["quantity"]).all()
    (fault,) = intake.faults
    assert (fault.count, fault.args["given"]) == (
        (clean["amount"] < 0).sum(),
        pytest.approx(frame["Net amount"].sum()),
    )
    undone = read(tmp_path / "b", frame, signs_as_given=True)
    assert (total(undone), codes(undone)) == (round(float(frame["Net amount"].sum()), 2), [])


def test_returns_that_are_negative_already_stay_silent(tmp_path):
    frame = ledger().assign(
        **{"Document type": lambda f: f["amount"].map(lambda a: "Invoice" if a > 0 else "Return")}
    )
    intake = read(tmp_path, in_words(frame, EN))
    assert (total(intake), codes(intake)) == (TOTAL, [])


def test_returns_of_both_signs_are_told_with_both_totals_and_the_setting_settles_them(tmp_path):
    frame = ledger().assign(**{"Type": "Invoice"})
    back = frame.index[frame["amount"] < 0]
    frame.loc[back, "Type"] = "Credit note"
    frame.loc[back[:2], "amount"] *= -1
    frame = in_words(frame, EN)
    intake = read(tmp_path / "a", frame)
    (fault,) = intake.faults
    assert (fault.code, fault.count, fault.args["other"]) == ("returns_doubtful", 2, pytest.approx(TOTAL))
    assert total(intake) == pytest.approx(fault.args["given"])
    settled = read(tmp_path / "b", frame, sources=source(returns=yaml.safe_load(fault.args["returns"])))
    assert (total(settled), codes(settled)) == (TOTAL, [])


def test_a_negative_quantity_with_a_positive_amount_is_told_and_can_be_settled(tmp_path):
    frame = ledger().assign(数量=lambda f: f["amount"].map(lambda a: 2 if a > 0 else -2))
    frame["amount"] = frame["amount"].abs()
    frame = in_words(frame, ZH)
    intake = read(tmp_path / "a", frame)
    (fault,) = intake.faults
    assert (fault.code, fault.args["other"]) == ("returns_by_quantity", pytest.approx(TOTAL))
    settled = read(tmp_path / "b", frame, sources=source(returns=yaml.safe_load(fault.args["returns"])))
    assert (total(settled), codes(settled)) == (TOTAL, [])


@pytest.mark.parametrize(
    ("header", "values"), [("Payment type", ["Credit", "Cash"]), ("Terms", ["Credit card", "Bank"])]
)
def test_sales_on_credit_are_no_returns(tmp_path, header, values):
    frame = ledger().assign(**{header: [values[i % 2] for i in range(96)]})
    assert codes(read(tmp_path, in_words(frame, EN))) == []


# status


@pytest.mark.parametrize(
    ("header", "fine", "void"),
    [
        ("Status", "Posted", "Void"),
        ("Invoice status", "Paid", "Cancelled by customer"),
        ("Financial Status", "paid", "voided"),
        ("Payment status", "Succeeded", "Failed"),
        ("发票状态", "正常", "已作废"),
        ("单据状态", "已审核", "已取消"),
        ("作废标志", "否", "是"),
        ("docstatus", "1", "2"),
        ("Statut", "Payée", "Annulée"),
        ("备注状态", "有效", "作废"),
        ("Belegstatus", "gültig", "ungültig"),
        ("Cancelled at", "", "2026-06-01 10:22:11 +0100"),
        ("作废时间", "", "2026/6/1 10:00"),
        ("Remarks", "", "VOID"),
    ],
)
def test_void_lines_are_set_aside_told_and_kept_on_demand(tmp_path, header, fine, void):
    clean = ledger().assign(**{header: fine})
    extra = clean.iloc[:5].assign(**{header: void, "order": [f"V{i}" for i in range(5)]})
    frame = in_words(pd.concat([clean, extra]), EN)
    intake = read(tmp_path / "a", frame)
    assert (total(intake), codes(intake)) == (TOTAL, [("lines_voided", "warning")])
    (reading,) = intake.readings
    assert (reading.void, reading.used) == (5, 96)
    assert reading.void_amount == pytest.approx(extra["amount"].sum())
    for kept_by in ({"keep_void": True}, {"sources": source(keep_void=True)}):
        kept = read(tmp_path / str(len(str(kept_by))), frame, **kept_by)
        assert total(kept) == pytest.approx(TOTAL + extra["amount"].sum())
        assert codes(kept) == [("lines_voided_kept", "warning")]


@pytest.mark.parametrize("header", ["Customer status", "Product status", "客户状态"])
def test_the_status_of_a_customer_or_a_product_says_nothing_of_the_line(tmp_path, header):
    frame = ledger().assign(**{header: [["Active", "New", "Blocked"][i % 3] for i in range(96)]})
    assert codes(read(tmp_path, in_words(frame, EN))) == []


@pytest.mark.parametrize(
    ("header", "fine", "doubtful"),
    [
        ("Status", "Posted", "Draft"),
        ("State", "done", "Pending"),
        ("Payment status", "Paid", "Disputed"),
        ("Order status", "Completed", "Refunded"),
        ("Document type", "Invoice", "Quote"),
        ("单据状态", "已审核", "草稿"),
        ("审核状态", "已关闭", "待审核"),
        ("FDocumentStatus", "C", "Z"),
    ],
)
def test_doubtful_lines_stay_and_are_told_with_their_sum(tmp_path, header, fine, doubtful):
    frame = ledger().assign(**{header: fine})
    frame.loc[frame.index[6:9], header] = doubtful
    intake = read(tmp_path / "a", in_words(frame, ZH))
    assert (total(intake), codes(intake)) == (TOTAL, [("lines_doubtful", "warning")])
    (fault,) = intake.faults
    assert fault.args["amount"] == pytest.approx(frame["amount"].iloc[6:9].sum())
    where = yaml.safe_load(fault.args["where"])
    filtered = read(tmp_path / "b", in_words(frame, ZH), sources=source(where=where))
    assert codes(filtered) == []
    assert total(filtered) == pytest.approx(TOTAL - fault.args["amount"])


def _red_pairs(status: str = "已红冲-全额") -> pd.DataFrame:
    clean = ledger().assign(发票状态="正常")
    originals = clean.iloc[6:10].assign(发票状态=status, order=["O1", "O2", "O3", "O4"])
    red = originals.assign(发票状态="正常", order=["N1", "N2", "N3", "N4"], amount=lambda f: -f["amount"])
    return in_words(pd.concat([clean, originals, red]), ZH)


def test_red_pairs_stay_together_and_come_to_nothing(tmp_path):
    intake = read(tmp_path, _red_pairs())
    assert (total(intake), codes(intake)) == (TOTAL, [])


def test_a_filter_that_parts_red_pairs_is_told_with_both_totals(tmp_path):
    intake = read(tmp_path, _red_pairs(), sources=source(where={"发票状态": "正常"}))
    (fault,) = intake.faults
    assert (fault.code, fault.count, fault.args["together"]) == ("reversed_apart", 4, pytest.approx(TOTAL))
    assert total(intake) == pytest.approx(fault.args["amount"])


def test_reversed_lines_without_their_reversal_are_set_aside(tmp_path):
    frame = _red_pairs()
    frame = frame[~frame["单据编号"].str.startswith("N")]
    frame = frame[
        (frame["金额"] > 0) | ~frame["客户编码"].isin(frame[frame["单据编号"].str[0] == "O"]["客户编码"])
    ]
    wanted = round(float(frame.loc[frame["发票状态"] == "正常", "金额"].sum()), 2)
    intake = read(tmp_path, frame)
    assert (total(intake), codes(intake)) == (wanted, [("lines_voided", "warning")])


# currency


def _mixed(header: str, home: str = "EUR", other: str = "USD") -> tuple[pd.DataFrame, float]:
    frame = ledger().assign(**{header: home})
    frame.loc[frame.index[::3], header] = other
    foreign = frame[header] == other
    return frame, round(
        float(frame.loc[~foreign, "amount"].sum() + 0.5 * frame.loc[foreign, "amount"].sum()), 2
    )


@pytest.mark.parametrize(
    ("header", "home", "other"),
    [
        ("Currency", "EUR", "USD"),
        ("币种", "欧元", "美元"),
        ("币别", "EUR", "USD"),
        ("Währung", "€", "USD"),
        ("Curr.", "EUR", "USD"),
        ("cur", "EUR", "USD"),
    ],
)
def test_several_currencies_are_an_error_with_the_sum_of_each_and_rates_settle_it(
    tmp_path, header, home, other
):
    frame, wanted = _mixed(header, home, other)
    intake = read(tmp_path / "a", in_words(frame, EN))
    (fault,) = [f for f in intake.faults if f.level == "error"]
    assert fault.code == "currencies_several"
    assert {c: (n, round(s, 2)) for c, n, s in fault.args["sums"]} == {
        c: (int(rows.sum()), round(float(frame.loc[rows, "amount"].sum()), 2))
        for c, rows in (("EUR", frame[header] == home), ("USD", frame[header] == other))
    }
    rated = read(tmp_path / "b", in_words(frame, EN), currency_rates={"USD": 0.5})
    assert total(rated) == pytest.approx(wanted, abs=0.02)
    assert codes(rated) == [("currency_converted", "warning")]
    assert rated.faults[0].args["amount"] == pytest.approx(wanted, abs=0.02)


def test_the_column_in_company_currency_is_proposed_and_settles_it(tmp_path):
    frame, wanted = _mixed("Currency")
    frame["Amount in company currency"] = frame["amount"].where(
        frame["Currency"] == "EUR", frame["amount"] * 0.5
    )
    frame = in_words(frame, {**EN, "amount": "Document value"})
    columns = {"amount": "Document value"}
    intake = read(tmp_path / "a", frame, sources=source(columns=columns))
    (fault,) = [f for f in intake.faults if f.level == "error"]
    assert fault.args["propose"] == "Amount in company currency"
    assert fault.args["would"] == pytest.approx(wanted, abs=0.02)
    settled = read(tmp_path / "b", frame, sources=source(columns={"amount": fault.args["propose"]}))
    assert (total(settled), [c for c in codes(settled) if c[1] == "error"]) == (
        pytest.approx(wanted, abs=0.02),
        [],
    )
    assert "currency" not in "".join(c for c, _ in codes(settled))


def test_an_exchange_rate_alone_tells_and_its_product_settles_it(tmp_path):
    frame = ledger().assign(汇率=1.0)
    frame.loc[::3, "汇率"] = 0.5
    wanted = round(float((frame["amount"] * frame["汇率"]).sum()), 2)
    intake = read(tmp_path / "a", in_words(frame, ZH))
    (fault,) = [f for f in intake.faults if f.level == "error"]
    assert (fault.code, fault.args["propose"]) == ("currencies_several", "金额 * 汇率")
    settled = read(tmp_path / "b", in_words(frame, ZH), sources=source(columns={"amount": "金额 * 汇率"}))
    assert (total(settled), codes(settled)) == (pytest.approx(wanted, abs=0.02), [])


@pytest.mark.parametrize(
    ("header", "titles", "column"),
    [
        ("Net amount (USD)", None, None),
        ("Net amount", ["Currency: USD"], None),
        ("金额", ["币种：美元"], None),
        ("金额(美元)", None, None),
        ("Net amount", None, "USD"),
    ],
)
def test_one_other_currency_is_told_and_a_rate_converts_it(tmp_path, header, titles, column):
    frame = in_words(ledger(), {**(ZH if header[0] == "金" else EN), "amount": header})
    if column:
        frame["Currency"] = column
    intake = read(tmp_path / "a", frame, titles=titles)
    assert (total(intake), codes(intake)) == (TOTAL, [("currency_differs", "warning")])
    assert intake.faults[0].args["code"] == "USD"
    rated = read(tmp_path / "b", frame, titles=titles, currency_rates={"USD": 2})
    assert (total(rated), codes(rated)) == (pytest.approx(2 * TOTAL), [("currency_converted", "warning")])


@pytest.mark.parametrize(
    "rates", [{"USD": 0}, {"USD": -1}, {"USD": "nan"}, {"USD": "inf"}, {"gold": 1}, {"USD": "x"}]
)
def test_rates_are_checked(tmp_path, rates):
    with pytest.raises(KamplayError) as error:
        read(tmp_path, in_words(ledger(), EN), currency_rates=rates)
    assert {f.code for f in error.value.faults} <= {"rate_not_positive", "currency_code", "number_not_finite"}


def test_void_lines_in_another_currency_contradict_nobody(tmp_path):
    frame = ledger().assign(Currency="EUR", Status="Posted")
    extra = frame.iloc[:2].assign(Currency="USD", Status="Void", order=["V1", "V2"])
    intake = read(tmp_path, in_words(pd.concat([frame, extra]), EN))
    assert (total(intake), codes(intake)) == (TOTAL, [("lines_voided", "warning")])


def test_the_bridge_begins_with_what_was_set_aside(tmp_path):
    from kamplay.intake.prepare import to_book
    from kamplay.method.check.reconciliation import revenue_bridge

    frame = ledger().assign(Status="Posted")
    extra = frame.iloc[:3].assign(Status="Void", order=["V1", "V2", "V3"])
    frame = in_words(pd.concat([frame, extra]), EN)
    folder = tmp_path / "c"
    intake = read(folder, frame)
    bridge = revenue_bridge(to_book(load(folder), intake), None).set_index("item")["amount"]
    assert list(bridge.index[:3]) == ["in_files", "void", "read"]
    assert bridge["in_files"] + bridge["void"] == pytest.approx(bridge["read"])
    assert bridge["void"] == pytest.approx(-extra["amount"].sum())
    assert replace(intake.readings[0], void=0).void == 0


def test_two_files_in_two_currencies_are_not_added_up(tmp_path):
    (tmp_path / "data").mkdir()
    for name, currency, seed in (("a", "EUR", 7), ("b", "USD", 8)):
        frame = in_words(
            ledger(seed=seed).assign(Currency=currency, order=lambda f, n=name: n + f["order"]), EN
        )
        frame.to_csv(tmp_path / "data" / f"transactions-{name}.csv", index=False)
    said = {"client": "Case", "currency": "EUR", "sources": {"transactions": "data/transactions-*.csv"}}
    file = tmp_path / "engagement.yaml"
    file.write_text(yaml.safe_dump(said), encoding="utf-8")
    (fault,) = [f for f in survey(load(tmp_path)).faults if f.level == "error"]
    assert (fault.code, fault.args["code"]) == ("currency_of_input", "USD")
    file.write_text(yaml.safe_dump({**said, "currency_rates": {"USD": 2}}), encoding="utf-8")
    intake = survey(load(tmp_path))
    assert (intake.usable, total(intake)) == (True, pytest.approx(TOTAL + 2 * ledger(seed=8)["amount"].sum()))


def in_database(folder: Path, frame: pd.DataFrame, **settings: Any) -> Intake:
    """Survey an engagement whose transactions live in DuckDB."""
    import duckdb

    (folder / "data").mkdir(parents=True)
    frame = frame.assign(Date=pd.to_datetime(frame["Date"]))
    with duckdb.connect(folder / "data" / "erp.duckdb") as db:
        db.register("arriving", frame)
        db.execute("create table sales as select * from arriving")
    table = {"url": "duckdb:///data/erp.duckdb", "table": "sales", **settings.pop("source", {})}
    said = {"client": "Case", "currency": "EUR", "sources": {"transactions": table}, **settings}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def test_values_with_a_star_are_found_in_a_database_too(tmp_path):
    frame = in_words(ledger(), EN)
    back, gone = frame["Invoice no"].isin(["R5001", "R5002"]), frame["Invoice no"].isin(["R5003", "R5004"])
    frame.loc[back, "Invoice no"] = "CN-" + frame["Invoice no"]
    frame.loc[gone, "Invoice no"] += " VOID"
    settings = {"returns": {"Invoice no": ["CN-*"]}, "void": {"Invoice no": ["*VOID*"]}}
    intake = in_database(tmp_path, frame, source=settings)
    assert {(f.code, f.count) for f in intake.faults} == {("lines_voided", 2), ("lines_added_up", 1)}
    without = TOTAL - 2 * frame.loc[back, "Net amount"].sum() - frame.loc[gone, "Net amount"].sum()
    assert intake.rolled.roll_up.totals["amount"] == pytest.approx(without)


def test_lines_in_a_database_mean_the_same(tmp_path):
    frame = ledger().assign(Status="Posted", Type="Invoice", Currency="EUR")
    frame.loc[frame["amount"] < 0, "Type"] = "Credit memo"
    frame["amount"] = frame["amount"].abs()
    void = frame.iloc[:4].assign(Status="Void", order=["V1", "V2", "V3", "V4"])
    frame = in_words(pd.concat([frame, void]), EN)
    intake = in_database(tmp_path / "a", frame)
    assert {c for c, _ in codes(intake)} == {"returns_signed", "lines_voided", "lines_added_up"}
    assert intake.rolled is not None
    assert intake.rolled.roll_up.totals["amount"] == pytest.approx(TOTAL)
    assert (intake.readings[0].void, intake.readings[0].used) == (4, 96)
    frame.loc[frame.index[::3], "Currency"] = "USD"
    mixed = in_database(tmp_path / "b", frame, keep_void=True, signs_as_given=True)
    assert [c for c, level in codes(mixed) if level == "error"] == ["currencies_several"]
    rated = in_database(
        tmp_path / "c", frame, keep_void=True, signs_as_given=True, currency_rates={"USD": 2.0}
    )
    wanted = float((frame["Net amount"] * frame["Currency"].map({"EUR": 1, "USD": 2})).sum())
    assert rated.rolled is not None
    assert rated.rolled.roll_up.totals["amount"] == pytest.approx(wanted)
    thousands = in_words(ledger(), {**EN, "amount": "金额(千元)"})
    thousands["金额(千元)"] /= 1e3
    read_ = in_database(tmp_path / "d", thousands)
    assert read_.rolled is not None
    assert read_.rolled.roll_up.totals["amount"] == pytest.approx(TOTAL)


# whatever is added

TOTALS = ["合计", "总 计", "小计：", "Total", "Grand total", "Summe", "Result", "Totale", "合   計"]
VOID = [("Status", "Posted", "Void"), ("单据状态", "已审核", "已作废"), ("Statut", "Payée", "Annulée")]
BACK = [
    ("Document type", "Invoice", "Credit memo"),
    ("单据类型", "销售发票", "红字发票"),
    ("Belegart", "RG", "Gutschrift"),
]
UNITS = [("单位：万元", 1e4), ("(in thousands)", 1e3), ("Umsatz in T€", 1e3), ("金额单位：百万元", 1e6)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 500),
    words=st.sampled_from([EN, ZH]),
    total_word=st.sampled_from([None, *TOTALS]),
    total_in=st.sampled_from(["account", "order", "memo"]),
    total_dated=st.booleans(),
    void=st.sampled_from([None, *VOID]),
    back=st.sampled_from([None, *BACK]),
    unit=st.sampled_from([None, *UNITS]),
    foreign=st.booleans(),
)
def test_nothing_added_to_a_ledger_changes_its_total_silently(
    seed, words, total_word, total_in, total_dated, void, back, unit, foreign
):
    frame = ledger(60, seed).assign(memo="x")
    wanted, told = float(frame["amount"].sum()), set()
    if back:
        header, sale, credit = back
        frame[header] = frame["amount"].map(lambda a: sale if a > 0 else credit)
        frame["amount"] = frame["amount"].abs()
        told.add("returns_signed")
    if void:
        header, fine, gone = void
        extra = frame.iloc[20:23].assign(order=["V1", "V2", "V3"], **{header: gone})
        frame = pd.concat([frame.assign(**{header: fine}), extra], ignore_index=True)
        told.add("lines_voided")
    if foreign:
        frame["币种" if words is ZH else "Currency"] = "EUR"
        frame.iloc[3, -1] = "USD"
        told = {"currencies_several"}
    if total_word:
        row = {"amount": frame["amount"].sum(), total_in: total_word}
        row |= {"date": frame["date"].iloc[-1]} if total_dated else {}
        frame = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
        told.add("total_rows")
    if unit:
        frame["amount"] /= unit[1]
        told.add("unit_applied")
    with tempfile.TemporaryDirectory() as folder:
        intake = read(Path(folder) / "e", in_words(frame, words), titles=[unit[0]] if unit else None)
    found = {f.code for f in intake.faults}
    assert told <= found
    assert intake.usable == (not foreign)
    if not foreign:
        assert total(intake) == pytest.approx(wanted, abs=0.05)
        assert found == told


def test_open_receivables_are_no_doubt_and_void_ones_are_set_aside(tmp_path):
    frame = ledger().assign(due=lambda f: f["date"], Status="Open")
    frame.loc[:3, "Status"] = "Void"
    folder = tmp_path / "e"
    (folder / "data").mkdir(parents=True)
    names = {"date": "Invoice date", "account": "Customer no", "due": "Due date", "order": "Invoice no"}
    frame.rename(columns={**names, "amount": "Amount"}).to_csv(
        folder / "data" / "receivables.csv", index=False
    )
    (folder / "data" / "transactions.csv").write_text(in_words(ledger(), EN).to_csv(index=False), "utf-8")
    (folder / "engagement.yaml").write_text("client: Case\ncurrency: EUR\n", encoding="utf-8")
    intake = survey(load(folder))
    assert codes(intake) == [("lines_voided", "warning")]
    assert (len(intake.tables["receivables"]), intake.faults[0].table) == (92, "receivables")


@BOTH
def test_a_status_that_is_final_nowhere_proposes_no_empty_filter(tmp_path, words):
    frame = ledger().assign(status="草稿" if words is ZH else "Draft")
    intake = read(tmp_path, in_words(frame, words).rename(columns={"status": "Status"}))
    assert codes(intake) == [("lines_all_doubtful", "warning")]
    assert total(intake) == TOTAL


@BOTH
def test_one_amount_on_all_lines_of_an_order_is_told_with_both_totals(tmp_path, words):
    """Without quantities nothing proves it, so each line counts; 96 orders of two lines each."""
    twice = ledger().loc[lambda f: f.index.repeat(2)].reset_index(drop=True)
    twice["product"] = [f"P{number}" for number in range(len(twice))]
    intake = read(tmp_path, in_words(twice, words).rename(columns={"product": "Product"}))
    (fault,) = [f for f in intake.faults if f.code == "amount_repeats_maybe"]
    assert fault.level == "warning"
    assert (fault.args["total"], fault.args["once"]) == pytest.approx((2 * TOTAL, TOTAL))
    assert total(intake) == pytest.approx(2 * TOTAL)


def test_a_workbook_of_years_is_asked_for_its_sheets(tmp_path):
    (tmp_path / "data").mkdir()
    with pd.ExcelWriter(tmp_path / "data" / "transactions.xlsx") as book:
        for sheet in ("2024", "2025", "All"):
            in_words(ledger(), EN).to_excel(book, sheet_name=sheet, index=False)
    (tmp_path / "engagement.yaml").write_text("{client: Case, currency: EUR}", encoding="utf-8")
    intake = survey(load(tmp_path))
    assert codes(intake) == [("sheets_unnamed", "error")]
    assert intake.faults[0].args["there"] == "2024, 2025, All"
