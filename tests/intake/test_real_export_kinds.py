"""Further exports of each of the twelve kinds in which real ones go wrong, in English and in Chinese.

What other tests hold already, with the number of cases:

1. figures of one piece: test_rivals (cost 10, amount 2, totals of documents 5)
2. currency: test_line_meaning (columns 6, titles and headers 6, rates), test_rivals (company currency)
3. sign: test_line_meaning (types 15, both signs, quantity), test_figures (Dr and Cr, marks)
4. status: test_line_meaning (void 14, doubtful 8, red pairs 4)
5. totals: test_line_meaning (words 60, groups, month and year, above the lines, names that look like one)
6. units: test_line_meaning (title, header, below the table, several units)
7. dates: test_dates (swapped, 1904, months, short years, formats)
8. hidden rows and columns: test_layout
9. layouts: test_layout (pages, footers, merged, heads, months as columns, customers as headings)
10. numbers: test_figures
11. archives and other kinds of files: test_archives
12. the same invoices twice: test_rivals (files 4, months, sheets), and verdicts on all: test_verdicts
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import pytest
from intake.exports import (
    ACCOUNTS,
    AS_IF_SOLD,
    FEW,
    LINES,
    TOTAL,
    WORDS,
    Export,
    Line,
    book,
    book_of,
    codes,
    csv_of,
    gzipped,
    ledger,
    read,
    summed,
    table,
    text,
    zipped,
)

VARIANTS: dict[tuple[int, str], Callable[[str], Export]] = {}
ZH = "zh"


def variant(kind: int, name: str) -> Callable[[Callable[[str], Export]], Callable[[str], Export]]:
    def kept(build: Callable[[str], Export]) -> Callable[[str], Export]:
        VARIANTS[kind, name] = build
        return build

    return kept


def sold(lines: list[Line]) -> float:
    return round(sum(x.amount for x in lines), 2)


def priced(language: str, price: str, amount: str, **further: Any) -> list[list[Any]]:
    columns = ("day", "account", "order", "quantity", "price", "amount")
    return table(language, columns, heads={"price": price, "amount": amount}, **further)


# 1. figures of one piece


@variant(1, "a price, then what the line comes to")
def _(language: str) -> Export:
    if language == ZH:  # 小计 is the word of a sum, too: asked, never guessed
        return csv_of(priced(language, "销售单价", "小计"), "column_missing", usable=False)
    return csv_of(priced(language, "Sales price", "Line total"))


@variant(1, "the extended price beside the price")
def _(language: str) -> Export:
    return csv_of(priced(language, *(("价格", "销售额") if language == ZH else ("Price", "Extended price"))))


@variant(1, "what one piece was bought for")
def _(language: str) -> Export:
    header = "采购单价" if language == ZH else "Purchase price"
    rows = priced(
        language, WORDS[language]["price"], WORDS[language]["amount"], **{header: lambda i, x: x.price / 2}
    )
    return csv_of(rows, *([] if language == ZH else ["cost_per_unit"]))


@variant(1, "the cost of one piece before the line's")
def _(language: str) -> Export:
    one, line = ("单位成本", "销售成本") if language == ZH else ("Unit cost", "Cost of goods sold")
    costs = {one: lambda i, x: x.price / 2, line: lambda i, x: x.amount / 2}
    return csv_of(priced(language, WORDS[language]["price"], WORDS[language]["amount"], **costs))


# 2. currency


@variant(2, "another currency in every cell")
def _(language: str) -> Export:
    sign = "US$" if language == ZH else "USD "
    return csv_of(
        table(language, change=lambda i, x: {"amount": f"{sign}{x.amount:.2f}"}), "currency_differs"
    )


@variant(2, "another currency in the title")
def _(language: str) -> Export:
    title = "币种：美元" if language == ZH else "Currency: USD"
    return csv_of([[title], *table(language)], "currency_differs")


@variant(2, "two currencies")
def _(language: str) -> Export:
    header, own, other = (
        ("结算币种", "人民币", "美元") if language == ZH else ("Transaction currency", "EUR", "USD")
    )
    rows = table(language, **{header: lambda i, x: other if i % 3 == 1 else own})
    return csv_of(rows, "currencies_several", usable=False)


@variant(2, "two currencies, and what one is worth")
def _(language: str) -> Export:
    header, own = ("币种", "CNY") if language == ZH else ("Curr.", "EUR")
    rows = table(
        language,
        change=lambda i, x: {"amount": x.amount / 8 if i % 3 == 1 else x.amount},
        **{header: lambda i, x: "USD" if i % 3 == 1 else own},
    )
    return csv_of(rows, "currency_converted", settings={"currency_rates": {"USD": 8}})


@variant(2, "signs alone, under a header that says little")
def _(language: str) -> Export:
    header, own, other = ("币", "￥", "€") if language == ZH else ("Cur.", "€", "£")
    rows = table(language, **{header: lambda i, x: other if i % 3 == 1 else own})
    return csv_of(rows, "currencies_several", usable=False)


@variant(2, "another currency in brackets behind the title")
def _(language: str) -> Export:
    title = "销售明细（美元）" if language == ZH else "Sales ledger (USD)"
    return book_of([[title], *table(language)], "currency_differs")


@variant(2, "a currency named only where it is another")
def _(language: str) -> Export:
    header, other = ("外币币种", "美元") if language == ZH else ("Foreign currency", "USD")
    rows = table(language, **{header: lambda i, x: other if i % 3 == 1 else ""})
    return csv_of(rows, "currencies_several", usable=False)


# 3. sign


@variant(3, "returns by their kind of business")
def _(language: str) -> Export:
    header, sale, back = (
        ("业务类型", "普通销售", "销售退货") if language == ZH else ("Transaction type", "Sale", "Return")
    )
    kinds = {header: lambda i, x: back if x.amount < 0 else sale}
    return csv_of(table(language, change=lambda i, x: {"amount": abs(x.amount)}, **kinds), "returns_signed")


@variant(3, "goods that came back among those that left")
def _(language: str) -> Export:
    header, left, back = ("方式", "发货", "退货") if language == ZH else ("Movement", "ISSUE", "RETURN")
    kinds = {header: lambda i, x: back if x.amount < 0 else left}
    rows = table(language, change=lambda i, x: {"amount": abs(x.amount)}, **kinds)
    if language == ZH:  # the header names no kind of document: told, with both totals
        return csv_of(rows, "returns_doubtful", total=AS_IF_SOLD)
    return csv_of(rows, "returns_signed")


@variant(3, "pieces below zero, amounts above")
def _(language: str) -> Export:
    columns = ("day", "account", "order", "quantity", "amount")
    rows = table(language, columns, change=lambda i, x: {"amount": abs(x.amount)})
    return csv_of(rows, "returns_by_quantity", total=AS_IF_SOLD)


@variant(3, "the minus behind the figure")
def _(language: str) -> Export:
    minus = "－" if language == ZH else "-"
    return csv_of(
        table(
            language, change=lambda i, x: {"amount": f"{abs(x.amount):,.2f}{minus if x.amount < 0 else ''}"}
        )
    )


@variant(3, "returns in brackets")
def _(language: str) -> Export:
    left, right = "（）" if language == ZH else "()"

    def shown(x: Line) -> str:
        return f"{left}{-x.amount:,.2f}{right}" if x.amount < 0 else f"{x.amount:,.2f}"

    return csv_of(table(language, change=lambda i, x: {"amount": shown(x)}))


# 4. status


def with_void(language: str, header: str, fine: Any, void: Any) -> list[list[Any]]:
    """The ledger with three more lines that are void."""
    lines = [*ledger(language), *(x._replace(order=f"V{n}") for n, x in enumerate(ledger(language)[20:23]))]
    return table(language, lines=lines, **{header: lambda i, x: void if x.order[0] == "V" else fine})


@variant(4, "a mark for what was deleted")
def _(language: str) -> Export:
    words = ("删除标记", "否", "是") if language == ZH else ("Is deleted", "no", "yes")
    return csv_of(with_void(language, *words), "lines_voided")


@variant(4, "orders that were cancelled")
def _(language: str) -> Export:
    words = (
        ("订单状态", "已完成", "交易取消") if language == ZH else ("Order status", "Completed", "Canceled")
    )
    return csv_of(with_void(language, *words), "lines_voided")


@variant(4, "payments that were given back")
def _(language: str) -> Export:
    header, fine, doubt = (
        ("支付状态", "已支付", "已退款") if language == ZH else ("Payment status", "Paid", "Refunded")
    )
    return csv_of(table(language, **{header: lambda i, x: doubt if i in (3, 9) else fine}), "lines_doubtful")


@variant(4, "an invoice taken back by another")
def _(language: str) -> Export:
    header, fine, gone = (
        ("发票状态", "正常", "已红冲") if language == ZH else ("Invoice status", "Posted", "Reversed")
    )
    lines = ledger(language)
    wrong = [
        lines[10]._replace(order="W1"),
        lines[10]._replace(order="W2", amount=-lines[10].amount, quantity=-5),
    ]
    rows = table(language, lines=[*lines, *wrong], **{header: lambda i, x: gone if x.order == "W1" else fine})
    return csv_of(rows, rows_read=LINES + 2)


# 5. totals


@variant(5, "the customer's own id and the word below his lines")
def _(language: str) -> Export:
    rows = table(language, lines=[])
    for account, group in groupby(sorted(ledger(language), key=lambda x: x.account), key=lambda x: x.account):
        lines = list(group)
        rows += table(language, lines=lines)[1:]
        rows.append(["", f"{account} 小计" if language == ZH else f"Subtotal {account}:", "", sold(lines)])
    return csv_of(rows, "total_rows")


@variant(5, "the total above all lines")
def _(language: str) -> Export:
    head, *lines = table(language)
    return csv_of([head, ["", "总 计" if language == ZH else "Grand total", "", TOTAL], *lines], "total_rows")


@variant(5, "what is carried to the next page")
def _(language: str) -> Export:
    over, back = ("过次页", "承前页") if language == ZH else ("Carried forward", "Brought forward")
    rows, so_far = table(language, lines=[]), 0.0
    for page in (ledger(language)[n : n + 20] for n in (0, 20, 40)):
        rows += [["", back, "", so_far]] if so_far else []
        so_far = round(so_far + sold(page), 2)
        rows += table(language, lines=page)[1:]
        rows.append(["", over, "", so_far])
    return csv_of(rows, "balance_rows")


@variant(5, "dated sums of quarters")
def _(language: str) -> Export:
    rows = table(language, lines=[])
    for (year, quarter), group in groupby(
        ledger(language), key=lambda x: (x.day.year, (x.day.month + 2) // 3)
    ):
        lines = list(group)
        word = f"{year}年{quarter}季度合计" if language == ZH else f"Total Q{quarter} {year}"
        rows += [*table(language, lines=lines)[1:], [lines[-1].day, "", word, sold(lines)]]
    return csv_of(rows, "total_rows")


@variant(5, "the sum of all customers as if one of them")
def _(language: str) -> Export:
    name = "全部客户" if language == ZH else "All customers"
    return csv_of([*table(language), [ledger(language)[-1].day, name, "", TOTAL]], "total_rows")


@variant(5, "what the months come to, dated and without a word for it")
def _(language: str) -> Export:
    rows = table(language, lines=[])
    for _month, group in groupby(ledger(language), key=lambda x: (x.day.year, x.day.month)):
        lines = list(group)
        closing = "月结" if language == ZH else "closing"
        rows += [*table(language, lines=lines)[1:], [lines[-1].day, "", closing, sold(lines)]]
    return csv_of(rows, "total_rows")


# 6. units


def divided(language: str, by: float, header: str | None = None) -> list[list[Any]]:
    heads = {"amount": header} if header else None
    return table(language, heads=heads, change=lambda i, x: {"amount": round(x.amount / by, 8)})


@variant(6, "thousands in the header")
def _(language: str) -> Export:
    return csv_of(
        divided(language, 1e3, "销售额（千元）" if language == ZH else "Net amount (k EUR)"), "unit_applied"
    )


@variant(6, "millions in the header")
def _(language: str) -> Export:
    return csv_of(
        divided(language, 1e6, "金额（百万元）" if language == ZH else "Amount (EUR m)"), "unit_applied"
    )


@variant(6, "a unit in the name of the sheet")
def _(language: str) -> Export:
    sheet, by = ("销售（万元）", 1e4) if language == ZH else ("Sales in thousands", 1e3)
    return book_of({sheet: divided(language, by)}, "unit_applied")


@variant(6, "a unit in the title")
def _(language: str) -> Export:
    title = "金额单位：人民币千元" if language == ZH else "All amounts in EUR thousands"
    return csv_of([[title], *divided(language, 1e3)], "unit_applied")


# 7. dates


def dated(language: str, write: Callable[[date], Any], *told: str) -> Export:
    return csv_of(table(language, change=lambda i, x: {"day": write(x.day)}), *told)


@variant(7, "figures in a row, with the point of a spreadsheet")
def _(language: str) -> Export:
    return dated(language, lambda d: f"{d:%Y%m%d}.0")


@variant(7, "the month in words")
def _(language: str) -> Export:
    write = (
        (lambda d: f"{d.year}年{d.month}月{d.day}日") if language == ZH else lambda d: f"{d.day}-{d:%b-%Y}"
    )
    return dated(language, write)


@variant(7, "points between")
def _(language: str) -> Export:
    if language == ZH:
        return dated(language, lambda d: f"{d:%Y.%m.%d}")
    return dated(language, lambda d: f"{d:%d.%m.%Y}", "date_order")


@variant(7, "months only")
def _(language: str) -> Export:
    return dated(language, lambda d: f"{d:%Y%m}" if language == ZH else f"{d:%m/%Y}", "date_period")


@variant(7, "a time of day")
def _(language: str) -> Export:
    return dated(
        language, lambda d: f"{d.year}/{d.month}/{d.day} 9:05" if language == ZH else f"{d}T09:05:00+01:00"
    )


# 8. hidden rows and columns


def hiding(rows: list[int] | None = None, column: str | None = None) -> Callable[[Any], None]:
    def hide(workbook: Any) -> None:
        sheet = workbook.active
        for row in rows or []:
            sheet.row_dimensions[row].hidden = True
        if column:
            sheet.column_dimensions[column].hidden = True

    return hide


@variant(8, "rows folded away")
def _(language: str) -> Export:
    return book_of(table(language), "rows_hidden", change=hiding([5, 6, 7, 30]))


@variant(8, "rows folded away that are not wanted")
def _(language: str) -> Export:
    total = round(TOTAL - sold(ledger()[3:6]), 2)
    sources = {"transactions": {"path": "data/transactions.xlsx", "visible_only": True}}
    shown = {"rows_read": LINES - 3, "total": total, "settings": {"sources": sources}}
    return book_of(table(language), change=hiding([5, 6, 7]), **shown)


@variant(8, "the column of amounts")
def _(language: str) -> Export:
    return book_of(table(language), "columns_hidden", change=hiding(column="D"))


@variant(8, "a column of figures that is not read")
def _(language: str) -> Export:
    rows = table(language, **{"税额" if language == ZH else "VAT": lambda i, x: round(x.amount * 0.2, 2)})
    return book_of(rows, "columns_hidden_unused", change=hiding(column="E"))


# 9. layouts


@variant(9, "the customer merged over his lines")
def _(language: str) -> Export:
    columns = ("firm", "day", "order", "amount")
    rows, spans = table(language, columns, []), []
    for _firm, group in groupby(sorted(ledger(language), key=lambda x: x.account), key=lambda x: x.firm):
        lines = list(group)
        spans.append(f"A{len(rows) + 1}:A{len(rows) + len(lines)}")
        rows += table(language, columns, lines)[1:]

    def merge(workbook: Any) -> None:
        for span in spans:
            workbook.active.merge_cells(span)

    return book_of(rows, change=merge)


@variant(9, "the customer in a row above his lines")
def _(language: str) -> Export:
    columns = ("day", "order", "product", "amount")
    rows = table(language, columns, [])
    for firm, group in groupby(sorted(ledger(language), key=lambda x: x.account), key=lambda x: x.firm):
        rows += [[firm, "", "", ""], *table(language, columns, list(group))[1:]]
    return csv_of(rows, "customer_headings", usable=False)


@variant(9, "headers in two rows")
def _(language: str) -> Export:
    over = ["单据", "", "", "金额"] if language == ZH else ["Document", "", "", "Figures"]
    return book_of([over, *table(language)], change=lambda wb: wb.active.merge_cells("A1:C1"))


@variant(9, "who printed it, and the end of the report")
def _(language: str) -> Export:
    ends = (
        [["制表人：陈工"], ["—— 报表结束 ——"]]
        if language == ZH
        else [["Printed by: A. Grove"], ["*** End of report ***"]]
    )
    return csv_of([*table(language), [], *ends], "page_rows")


@variant(9, "how many records there are")
def _(language: str) -> Export:
    words = "记录数" if language == ZH else "Record count"
    return csv_of([*table(language), [words, LINES, "", ""]], "page_rows")


@variant(9, "empty rows and columns")
def _(language: str) -> Export:
    rows = [["", *row[:2], "", *row[2:]] for row in table(language)]
    return book_of([[], [], rows[0], [], *(r for row in rows[1:] for r in (row, []))])


# 10. numbers


def figures(language: str, write: Callable[[float], str]) -> Export:
    return csv_of(table(language, change=lambda i, x: {"amount": write(x.amount)}))


@variant(10, "apostrophes between the thousands")
def _(language: str) -> Export:
    return figures(language, lambda v: f"{v:,.2f}".replace(",", "’" if language == ZH else "'"))


@variant(10, "spaces that do not break")
def _(language: str) -> Export:
    return figures(language, lambda v: f"{v:,.2f}".replace(",", "\u202f" if language == ZH else "\u00a0"))


@variant(10, "the sign of the currency")
def _(language: str) -> Export:
    return figures(language, lambda v: f"{'￥' if language == ZH else '€ '}{v:,.2f}")


@variant(10, "a mark that makes it text")
def _(language: str) -> Export:
    return figures(language, lambda v: f"'{v:.2f}" if language == ZH else f" {v:,.2f} ")


@variant(10, "figures of full width, or a comma for the decimals")
def _(language: str) -> Export:
    wide = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
    commas = str.maketrans(",.", ".,")
    return figures(
        language, lambda v: f"{v:.2f}".translate(wide) if language == ZH else f"{v:,.2f}".translate(commas)
    )


# 11. archives


@variant(11, "one packed text")
def _(language: str) -> Export:
    name = "销售明细.csv.gz" if language == ZH else "sales.csv.gz"
    coded = text(table(language), encoding="gb18030" if language == ZH else "utf-8")
    return Export({name: gzipped(coded)}, language=language)


@variant(11, "a workbook in a folder in an archive")
def _(language: str) -> Export:
    name = "导出/销售明细.xlsx" if language == ZH else "export/invoices.xlsx"
    return Export({"transactions.zip": zipped({name: book(table(language)), "readme.txt": b"-"})})


@variant(11, "two tables in an archive")
def _(language: str) -> Export:
    names = ("一月.csv", "二月.csv") if language == ZH else ("january.csv", "february.csv")
    content = zipped(dict.fromkeys(names, text(table(language))))
    return Export({"transactions.zip": content}, ("archive_tables",), usable=False, total=None)


@variant(11, "a kind of file that is not read, beside the table")
def _(language: str) -> Export:
    other = "销售明细.numbers" if language == ZH else "sales.numbers"
    files = {"transactions.csv": text(table(language)), other: zipped({"Index/Document.iwa": b"x"})}
    return Export(files, ("file_kind_unknown",))


# 12. the same invoices twice


def twice(language: str, one: list[list[Any]], other: list[list[Any]], *told: str, **more: Any) -> Export:
    names = ("销售一.csv", "销售二.csv") if language == ZH else ("sales_1.csv", "sales_2.csv")
    sources = {"transactions": {"path": [f"data/{name}" for name in names]}}
    files = dict(zip(names, (text(one), text(other)), strict=True))
    return Export(files, told, settings={"sources": sources}, **more)


@variant(12, "all in both files")
def _(language: str) -> Export:
    other = table(language, heads={"amount": "金额" if language == ZH else "Amount"})
    return twice(language, table(language), other, "invoices_twice", usable=False)


@variant(12, "ten lines in both files")
def _(language: str) -> Export:
    lines = ledger(language)
    one, other = table(language, lines=lines[:40]), table(language, FEW[::-1], lines[30:])
    return twice(language, one, other, "invoices_twice", usable=False)


@variant(12, "orders beside the invoices of the same sales")
def _(language: str) -> Export:
    invoiced = table(
        language, change=lambda i, x: {"day": x.day + timedelta(days=3 + i % 5), "order": f"F{88 + i}"}
    )
    return twice(language, table(language), invoiced, "sales_on_other_days", usable=False)


@variant(12, "the same fee from all in two regions, in turn")
def _(language: str) -> Export:
    lines = [x._replace(amount=round(TOTAL / LINES, 2)) for x in ledger(language)]
    halves = [[x for i, x in enumerate(lines) if i // ACCOUNTS % 2 == half] for half in (0, 1)]
    total = round(sum(x.amount for x in lines), 2)
    return replace(twice(language, *(table(language, lines=half) for half in halves)), total=total)


@variant(12, "all in two sheets of which one is read")
def _(language: str) -> Export:
    names = ("明细", "汇总") if language == ZH else ("Detail", "Overview")
    sheets = dict(zip(names, (table(language), table(language, FEW[::-1])), strict=True))
    sources = {"transactions": "data/transactions.xlsx"}
    return book_of(sheets, "sheet_same_invoices", settings={"sources": sources})


@variant(12, "a year in each file")
def _(language: str) -> Export:
    lines = ledger(language)
    return twice(
        language, *(table(language, lines=[x for x in lines if x.day.year == y]) for y in (2024, 2025))
    )


@pytest.mark.parametrize("language", ["en", ZH])
@pytest.mark.parametrize(("kind", "name"), VARIANTS)
def test_a_variant_comes_to_its_total_or_to_one_fault(tmp_path, kind, name, language):
    wanted = replace(VARIANTS[kind, name](language), language=language)
    intake = read(wanted, tmp_path)
    assert (codes(intake), intake.usable) == (wanted.told, wanted.usable)
    if wanted.usable:
        *sizes, total = summed(intake)
        assert sizes == [wanted.rows_read, wanted.accounts]
        assert total == pytest.approx(wanted.total, abs=wanted.cents)


def test_each_kind_has_four_variants():
    assert all(sum(kind == k for kind, _ in VARIANTS) >= 4 for k in range(1, 13))
