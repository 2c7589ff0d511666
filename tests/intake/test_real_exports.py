"""What real exports do to us, one after the other: one ledger of 60 lines as 29 systems and people hand it
over. Each is read to the right total, or one fault says why not; a block that is offered to paste gives the
total.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml
from intake.exports import (
    AS_IF_SOLD,
    FEW,
    LINES,
    RETURNED,
    TOTAL,
    Export,
    Line,
    book,
    book_of,
    codes,
    csv_of,
    ledger,
    read,
    summed,
    table,
    text,
    zipped,
)
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from rich.cells import cell_len

from kamplay.commands.check import check_folder
from kamplay.engagement import load
from kamplay.errors import Fault, KamplayError
from kamplay.intake.prepare import Intake, prepare, survey
from kamplay.intake.settings_to_paste import proposals
from kamplay.report.run import run_engagement
from kamplay.show.check.on_screen import fault_lines
from kamplay.show.faults import fix, problem
from kamplay.show.locale import Locale

EXPORTS: dict[str, Callable[[], Export]] = {}


def export(name: str) -> Callable[[Callable[[], Export]], Callable[[], Export]]:
    def kept(build: Callable[[], Export]) -> Callable[[], Export]:
        EXPORTS[name] = build
        return build

    return kept


def by_account(language: str = "en") -> Iterator[tuple[str, list[Line]]]:
    lines = sorted(ledger(language), key=lambda x: (x.account, x.day))
    for account, group in groupby(lines, key=lambda x: x.account):
        yield account, list(group)


def sold(lines: list[Line]) -> float:
    return round(sum(x.amount for x in lines), 2)


@export("credit memos with positive amounts")
def _() -> Export:
    rows = table(
        columns=FEW[1:],
        change=lambda i, x: {"amount": abs(x.amount)},
        **{"Posting date": lambda i, x: x.day}
        | {"Document type": lambda i, x: "Credit memo" if x.amount < 0 else "Invoice"},
    )
    return csv_of(rows, "returns_signed")


@export("months as columns")
def _() -> Export:
    months = [date(2024 + (2 + m) // 12, (2 + m) % 12 + 1, 1) for m in range(18)]  # March 2024 to August 2025
    rows: list[list[Any]] = [["Customer no", "Customer name", *(f"{m:%b-%y}" for m in months), "Total"]]
    for account, lines in by_account():
        cells = [sold([x for x in lines if x.day.replace(day=1) == m]) or None for m in months]
        rows.append([account, lines[0].firm, *cells, sold(lines)])
    # eight accounts, and for each of the 60 lines a cell of its own
    return book_of({"Sales": rows}, "months_as_columns", usable=False, total=None, pasted=True)


@export("a currency in the header that is not the engagement's")
def _() -> Export:
    return csv_of(table(heads={"amount": "Net amount (USD)"}), "currency_differs")


@export("a workbook that counts from 1904, days as plain numbers")
def _() -> Export:
    rows = table(change=lambda i, x: {"day": (x.day - date(1904, 1, 1)).days})
    return book_of(rows, "date_1904", before=lambda wb: setattr(wb, "epoch", CALENDAR_MAC_1904))


@export("amounts after discount beside list prices, zh")
def _() -> Export:
    def list_price(x: Line) -> float:  # a fifth is taken off it
        return x.price / 0.8

    rows = table(
        "zh",
        ("day", "account", "product", "quantity"),
        heads={"day": "日期", "product": "产品"},
        单价=lambda i, x: round(list_price(x), 2),
        折扣额=lambda i, x: round(x.quantity * list_price(x) * 0.2, 2),
        折后金额=lambda i, x: x.amount,
        单号=lambda i, x: x.order,
    )
    return csv_of(rows, "amount_before_discount", language="zh")


@export("the tax platform's invoices: red pairs, void ones, and the same in a second sheet")
def _() -> Export:
    def invoice(x: Line, number: int, state: str, amount: float) -> dict[str, Any]:
        return {
            "序号": str(number),
            "发票代码": None,
            "发票号码": None,
            "数电发票号码": f"2544200000{number:010d}",
            "销方识别号": "91440000MA5MADE11X",
            "销方名称": "南岭泵业有限公司",
            "购方识别号": f"91440300BUY{x.account[-2:]}0000Q",
            "购买方名称": x.firm,
            "开票日期": f"{x.day} 09:15:00",
            "金额": f"{amount:.2f}",
            "税率": "13%",
            "税额": f"{amount * 0.13:.2f}",
            "价税合计": f"{amount * 1.13:.2f}",
            "发票来源": "电子发票服务平台",
            "发票票种": "数电发票（增值税专用发票）",
            "发票状态": state,
            "是否正数发票": "否" if amount < 0 else "是",
            "开票人": "李",
            "备注": None,
        }

    invoices = []
    for i, x in enumerate(ledger("zh")):
        invoices.append(invoice(x, len(invoices) + 1, "正常", x.amount))
        if i in (10, 20, 30):  # issued wrong, and taken back by an invoice of its own
            invoices.append(invoice(x, len(invoices) + 1, "已红冲-全额", x.amount + 1000))
            invoices.append(invoice(x, len(invoices) + 1, "正常", -x.amount - 1000))
        if i in (15, 35):
            invoices.append(invoice(x, len(invoices) + 1, "已作废", x.amount + 2000))
    sheets = {"发票基础信息": [list(invoices[0]), *(list(v.values()) for v in invoices)]}
    sheets["信息汇总表"] = [
        [*row[:9], more, *row[9:]]
        for row, more in zip(sheets["发票基础信息"], ["货物或应税劳务名称", *["*泵*"] * 99], strict=False)
    ]
    return Export(
        {"全量发票查询导出结果-2025年8月.xlsx": book(sheets)},
        ("lines_voided", "sheet_same_invoices"),
        rows_read=LINES + 6,
        language="zh",
        settings={"sources": {"transactions": "data/全量发票查询导出结果-*.xlsx"}},
    )


@export("days and months swapped by a spreadsheet, true dates beside text")
def _() -> Export:
    def swapped(x: Line) -> Any:
        return datetime(x.day.year, x.day.day, x.day.month) if x.day.day <= 12 else f"{x.day:%d/%m/%Y}"

    return book_of(table(change=lambda i, x: {"day": swapped(x)}), "dates_swapped")


@export("totals of orders of resellers that buy each quarter")
def _() -> Export:
    rows = [["Order date", "Customer no", "Net amount"]]
    for i in range(60):  # six resellers, ten quarters, 1000 and 10 more each time
        day = date(2023, 1, 10 + i % 6) + timedelta(days=91 * (i // 6))
        rows.append([day, f"Q{i % 6}", 1000 + 10 * i])
    return csv_of(rows, total=60 * 1000 + 10 * 59 * 30, accounts=6, settings={"as_of": "2025-04-30"})


@export("a filter that hides the rows of two accounts")
def _() -> Export:
    def hide(workbook: Any) -> None:
        sheet = workbook.active
        sheet.auto_filter.ref = sheet.dimensions
        for row, line in enumerate(ledger(), start=2):
            sheet.row_dimensions[row].hidden = line.account in ("P-12", "P-17")

    return book_of(table(), "rows_hidden", change=hide)


@export("a deal's amount in its own currency, then in the company's")
def _() -> Export:
    rows = [
        ["Close Date", "Associated Company", "Amount", "Currency", "Amount in company currency", "Deal ID"]
    ]
    for i, x in enumerate(ledger()):
        own = round(x.amount * 160, 0) if i % 3 == 1 else x.amount
        currency = "JPY" if i % 3 == 1 else "EUR"
        rows.append([f"{x.day} 10:05", x.firm, own, currency, x.amount, x.order])
    columns = {"date": "Close Date", "account_id": "Associated Company"}
    sources = {"transactions": {"path": "data/transactions.csv", "columns": columns}}
    return csv_of(rows, "amount_company_currency", settings={"sources": sources})


def lakhs(amount: float) -> str:
    """1,30,500.25: after the first three figures in pairs."""
    whole, cents = f"{abs(amount):.2f}".split(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = []
    while head:
        head, pair = head[:-2], head[-2:]
        pairs.insert(0, pair)
    return ("-" if amount < 0 else "") + ",".join([*pairs, tail]) + "." + cents


@export("lakhs")
def _() -> Export:
    return csv_of(table(change=lambda i, x: {"amount": lakhs(x.amount)}))


@export("a long list of parameters above the header")
def _() -> Export:
    above = [[f"Selection {n}:", f"choice {n}"] for n in range(28)]
    return book_of([*above, [], *table()])


@export("the customer merged over his lines, sums below them, zh")
def _() -> Export:
    heads = {"firm": "客户名称", "day": "日期", "product": "物料名称"}
    columns = ("firm", "day", "order", "product", "quantity", "amount")
    rows, spans = table("zh", columns, [], heads), []
    for _account, lines in by_account("zh"):
        spans.append((len(rows) + 1, len(rows) + len(lines)))
        rows += table("zh", columns, lines)[1:]
        rows.append([None, "小计", None, None, sum(x.quantity for x in lines), sold(lines)])
    rows.append(["合计", None, None, None, sum(x.quantity for x in ledger()), TOTAL])

    def merge(workbook: Any) -> None:
        for first, last in spans:
            workbook.active.merge_cells(f"A{first}:A{last}")

    return book_of({"销售明细": rows}, "total_rows", change=merge, language="zh")


@export("three currencies in one column")
def _() -> Export:
    rows = table(Currency=lambda i, x: ("EUR", "USD", "JPY")[i % 3], heads={"amount": "Amount"})
    return csv_of(rows, "currencies_several", usable=False)


@export("heads of orders on their first line only")
def _() -> Export:
    rows = [
        ["Order Reference", "Order Date", "Customer", "Lines/Product", "Lines/Quantity", "Lines/Subtotal"]
    ]
    for _account, lines in by_account():
        for n, x in enumerate(lines):  # orders of two lines
            head = [lines[n].order, f"{x.day} 07:30:00", x.firm] if n % 2 == 0 else [None] * 3
            rows.append([*head, x.product, x.quantity, x.amount])
    columns = {"account_id": "Customer", "amount": "Lines/Subtotal", "date": "Order Date"}
    sources = {"transactions": {"path": "data/transactions.csv", "columns": columns}}
    told = "heads_on_first_line"
    return csv_of(rows, told, usable=False, total=None, settings={"sources": sources}, pasted=True)


@export("the header again on every page")
def _() -> Export:
    head, *lines = table()
    return csv_of([row for n, line in enumerate(lines) for row in ([head, line] if n % 20 == 0 else [line])],
                  "page_rows")  # fmt: skip


@export("months in place of days, zh")
def _() -> Export:
    rows = table("zh", change=lambda i, x: {"day": f"{x.day.year}年{x.day.month}月"})
    return csv_of(rows, "date_period", language="zh")


@export("deliveries to countries, day by day")
def _() -> Export:
    rows = [["Invoice date", "Customer no", "Net amount"]]
    for i in range(60):  # 60 days, four countries
        rows.append([date(2025, 6, 1) + timedelta(days=i), f"L{i % 4}", 2000.5 + 7 * i])
    return csv_of(rows, total=60 * 2000.5 + 7 * 59 * 30, accounts=4, settings={"as_of": "2025-07-30"})


@export("a report's footer below the lines")
def _() -> Export:
    rows = [["Account ID", "Account Name", "Invoice Date", "Amount Currency", "Amount"]]
    rows += [[x.account, x.firm, f"{x.day:%m/%d/%Y}", "EUR", x.amount] for x in ledger()]
    rows += [
        [],
        ["Billing by quarter"],
        ["Copyright (c) 2019-2025 cloudcrm.example, inc. All rights reserved."],
    ]
    rows += [["Confidential Information - Do Not Distribute"], ["Generated By:  I. Vale  8/30/2025 9:12 AM"]]
    rows += [["Pump Works"]]
    return csv_of(rows, "date_order", "page_rows")


@export("'Result' below each customer, 'Overall Result' at the end")
def _() -> Export:
    rows: list[list[Any]] = [["Customer", "Billing date", "Billing doc", "Net value"]]
    for account, lines in by_account():
        rows += [[x.account, x.day, x.order, x.amount] for x in lines]
        rows.append([account, "Result", None, sold(lines)])
    return book_of([*rows, ["Overall Result", None, None, TOTAL]], "total_rows")


@export("a small firm's ledger below comments, with a target")
def _() -> Export:
    above = [["# Written by ledger 9.1, user OPS"], ["# Filter: firm=07; open=N"], ["# Rows: 60"]]
    return csv_of([*above, *table()], settings={"target": 2_000_000})


@export("drafts and lines not yet approved, zh")
def _() -> Export:
    states = ["已审核", "草稿", "待审核", "已关闭"]
    rows = table("zh", heads={"day": "日期", "amount": "金额"}, 单据状态=lambda i, x: states[i % 4])
    return csv_of(rows, "lines_doubtful", language="zh")


@export("'合   计' in the customer's column after each year, dated")
def _() -> Export:
    rows = table(columns=("day", "firm", "amount", "order"), lines=[])
    for _year, lines in groupby(ledger(), key=lambda x: x.day.year):
        year = list(lines)
        rows += [[x.day, x.firm, x.amount, x.order] for x in year]
        rows.append([year[-1].day, "合   计", sold(year), None])
    return book_of(rows, "total_rows")


@export("the cost of one piece beside the line's")
def _() -> Export:
    lines = [x for x in ledger() if x.amount > 0]
    rows = table(
        columns=("day", "account", "product", "quantity", "price", "amount"),
        lines=lines,
        **{"Total product cost": lambda i, x: round(x.amount * 1.02, 2)}
        | {"Standard cost": lambda i, x: round(x.price * 1.02, 2)},
    )
    return csv_of(rows, total=AS_IF_SOLD - RETURNED, rows_read=LINES - 3)  # without the returns, all is sold


@export("ten thousands of yuan, said in the title, zh")
def _() -> Export:
    above = [["南岭泵业2024-2025年销售明细"], ["编制部门：财务部", None, None, "单位：万元"]]
    rows = table(
        "zh",
        heads={"day": "日期", "amount": "金额"},
        change=lambda i, x: {"amount": round(x.amount / 1e4, 4)},
    )
    # each line is rounded by half a yuan at most, 60 of them by 30
    return book_of({"销售明细": [*above, *rows]}, "unit_applied", language="zh", cents=30)


@export("short dates, the month first")
def _() -> Export:
    return csv_of(
        table(change=lambda i, x: {"day": f"{x.day.month}/{x.day.day}/{x.day:%y}"}), "date_short_year"
    )


@export("the invoice's total on each of its lines, the ledger account beside")
def _() -> Export:
    head = "ContactName,InvoiceNumber,InvoiceDate,DueDate,Total,TaxTotal,InvoiceAmountPaid,InvoiceAmountDue,"
    head += "Description,Quantity,UnitAmount,LineAmount,AccountCode,Currency,Type,Status"
    rows: list[list[Any]] = [head.split(",")]
    lines = ledger()
    for i, x in enumerate(lines):  # an invoice takes two lines in turn
        first, second = lines[i - i % 2], lines[i - i % 2 + 1]
        whole, day = round(first.amount + second.amount, 2), first.day
        due = day + timedelta(days=30)
        rows.append(
            [first.firm, first.order, f"{day:%d/%m/%Y}", f"{due:%d/%m/%Y}", whole, 0, whole, 0, x.product]
        )
        rows[-1] += [x.quantity, x.price, x.amount, 210, "EUR", "Sales Invoice", "PAID"]
    return csv_of(rows, "date_order", accounts=4)  # lines in pairs: every other firm heads one


@export("sums of the month and of the year in the memo, dated, zh")
def _() -> Export:
    heads = {"day": "日期", "order": "单据号"}
    columns = ("day", "order", "account", "firm")
    rows = [[*table("zh", columns, [], heads)[0], "摘要", "本币无税金额"]]
    year: list[Line] = []
    for (_y, _m), lines in groupby(ledger("zh"), key=lambda x: (x.day.year, x.day.month)):
        month = list(lines)
        year = [x for x in year if x.day.year == month[0].day.year] + month
        rows += [[x.day, x.order, x.account, x.firm, "销售", x.amount] for x in month]
        rows.append([month[-1].day, None, None, None, "本月合计", sold(month)])
        rows.append([month[-1].day, None, None, None, "本年累计", sold(year)])
    return book_of({"销售明细": rows}, "total_rows", language="zh")


@export("a packed table")
def _() -> Export:
    return Export({"invoices.csv.zip": zipped({"invoices.csv": text(table())})})


def test_the_ledger_comes_to_what_was_worked_out_by_hand():
    assert sold(ledger()) == TOTAL
    assert round(sum(abs(x.amount) for x in ledger()), 2) == AS_IF_SOLD
    assert len(EXPORTS) == 29


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory) -> Callable[[str], tuple[Path, Intake]]:
    """Each export is written and read once for all that is asked of it."""

    @cache
    def of(name: str) -> tuple[Path, Intake]:
        folder = tmp_path_factory.mktemp("client")
        return folder, read(EXPORTS[name](), folder)

    return of


@pytest.mark.parametrize("name", EXPORTS)
def test_a_real_export_comes_to_its_total_or_to_one_fault(surveyed, name):
    wanted, (_, intake) = EXPORTS[name](), surveyed(name)
    assert (codes(intake), intake.usable) == (wanted.told, wanted.usable)
    assert sum(f.level == "error" for f in intake.faults) == (not wanted.usable)
    if wanted.usable:
        *sizes, total = summed(intake)
        assert sizes == [wanted.rows_read, wanted.accounts]
        assert total == pytest.approx(wanted.total, abs=wanted.cents)


@pytest.mark.parametrize("name", [name for name, build in EXPORTS.items() if build().pasted])
def test_what_is_offered_to_paste_gives_the_total(tmp_path, name):
    wanted = EXPORTS[name]()
    intake = read(wanted, tmp_path)
    block = proposals(load(tmp_path), intake.faults)
    settings = yaml.safe_load((tmp_path / "engagement.yaml").read_text(encoding="utf-8"))
    Export.settle(tmp_path, settings | block)
    again = survey(load(tmp_path))
    assert again.usable
    assert summed(again) == (wanted.rows_read, wanted.accounts, TOTAL)


# the same verdict and the same words wherever it is read


@pytest.mark.parametrize("name", EXPORTS)
def test_run_takes_what_check_calls_usable_and_refuses_the_rest_with_the_same_faults(
    surveyed, tmp_path, name
):
    folder, checked = surveyed(name)
    engagement = load(folder)
    if checked.usable:
        assert list(prepare(engagement).faults) == checked.faults
        return
    with pytest.raises(KamplayError) as refused:
        run_engagement(engagement, tmp_path / "out", ["en"])
    assert refused.value.faults == checked.faults
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [80, 200])
def test_every_cause_is_said_in_three_lines_of_the_screen(surveyed, width, language):
    for name in EXPORTS:
        for fault in surveyed(name)[1].faults:
            lines = fault_lines(fault, Locale(language, "EUR"), width)
            assert len(lines) <= 3, lines
            assert max(cell_len(line) for line in lines) <= width, lines
            # what to do is said to its end
            remedy = fix(fault, Locale(language, "EUR"))
            assert "".join(remedy.split()) in "".join("".join(lines).split()), lines


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", range(40, 121))
def test_a_sentence_cut_short_ends_with_a_whole_figure(width, language):
    args = {"amount": 87_398_556.76, "total": 123_699_278.38, "where": '{"Status": ["Posted", "Closed"]}'}
    fault = Fault("lines_doubtful", "warning", "transactions", "data/a.xlsx", "Sheet1", args=args)
    lines = fault_lines(fault, Locale(language, "EUR"), width)
    whole = problem(fault, Locale(language, "EUR"))
    assert len(lines) <= 3
    assert set(re.findall(r"[\d.,]*\d(?=…)", " ".join(lines[1:]))) <= set(re.findall(r"[\d.,]*\d", whole))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [80, 200])
def test_check_prints_each_cause_once_within_the_width(tmp_path, capsys, monkeypatch, width, language):
    monkeypatch.setenv("COLUMNS", str(width))
    export = EXPORTS["a filter that hides the rows of two accounts"]()
    export.write(tmp_path / "client", language)
    assert check_folder(tmp_path / "client", False, tmp_path / "out")
    said = capsys.readouterr().out
    (at,) = [n for n, line in enumerate(said.splitlines()) if line.startswith(("warning", "警告"))]
    told = said.splitlines()[at:]
    assert max(cell_len(line) for line in told[:3]) <= width
    assert "visible_only: true" in " ".join(told[:3])
    assert told[3].startswith(("Usable", "数据可用"))
