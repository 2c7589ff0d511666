"""What stands beside the cells or between the lines: struck-through lines, currencies in the names of
customers, reversed credit notes, one export in several inputs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from intake.exports import TOTAL, Export, Line, book, codes, csv_of, ledger, read, summed, table, text
from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from kamplay.engagement import load
from kamplay.intake.prepare import Intake
from kamplay.intake.settings_to_paste import proposals
from kamplay.show.faults import fix, problem
from kamplay.show.locale import Locale

VOID = (3, 12, 40)  # of the ledger's lines
# 4 · 4950.25 + 1 · 7650.25 + 5 · 16050.25
VOID_SUM = 19_801.00 + 7_650.25 + 80_251.25


def one(intake: Intake, code: str) -> Any:
    (fault,) = [f for f in intake.faults if f.code == code]
    return fault


def strike(columns: str) -> Any:
    def change(workbook: Workbook) -> None:
        for number in VOID:
            for column in columns:
                workbook.active[f"{column}{number + 2}"].font = Font(strike=True)

    return change


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", ["ABCD", "D", "ABC"])
def test_struck_through_lines_are_told(tmp_path, language, columns):
    content = book(table(language), strike(columns))
    intake = read(Export({"transactions.xlsx": content}, language=language), tmp_path)
    assert codes(intake) == ("lines_struck",)
    fault = one(intake, "lines_struck")
    assert (fault.level, fault.all_rows) == ("warning", (5, 14, 42))
    assert fault.args == pytest.approx({"amount": VOID_SUM, "total": TOTAL, "rest": TOTAL - VOID_SUM})
    assert summed(intake)[2] == TOTAL


def test_a_struck_header_or_remark_is_no_struck_line(tmp_path):
    def change(workbook: Workbook) -> None:
        workbook.active["D1"].font = Font(strike=True)
        workbook.active["C9"].font = Font(strike=True)
        workbook.active["D9"].font = Font(strike=False)

    intake = read(Export({"transactions.xlsx": book(table(), change)}), tmp_path)
    assert codes(intake) == ()


def of_two_currencies(suffix: str) -> Any:
    return lambda i, line: {"firm": line.firm + suffix if i % 4 == 1 else line.firm}


@pytest.mark.parametrize(
    ("language", "suffix"),
    [("en", " (USD)"), ("en", " - USD"), ("en", " USD"), ("zh", "（美元）"), ("zh", "（美元户）")],
)
def test_a_currency_in_names_alone_is_asked_about(tmp_path, language, suffix):
    rows = table(language, ("day", "firm", "order", "amount"), change=of_two_currencies(suffix))
    intake = read(csv_of(rows, language=language), tmp_path)
    assert codes(intake) == ("currency_in_names",)
    fault = one(intake, "currency_in_names")
    assert (fault.level, fault.count) == ("warning", 15)
    assert [(c, n) for c, n, _ in fault.args["sums"]] == [
        ("CNY" if language == "zh" else "EUR", 45),
        ("USD", 15),
    ]
    assert summed(intake)[2] == TOTAL
    assert "currency_rates: {USD: …}" in fix(fault, Locale(language, "EUR"))


def test_with_a_rate_the_lines_of_such_customers_are_converted(tmp_path):
    rows = table("en", ("day", "firm", "order", "amount"), change=of_two_currencies(" (USD)"))
    dollars = sum(line.amount for i, line in enumerate(ledger()) if i % 4 == 1)
    intake = read(csv_of(rows, settings={"currency_rates": {"USD": 0.5}}), tmp_path)
    assert codes(intake) == ("currency_converted",)
    assert summed(intake)[2] == pytest.approx(TOTAL - dollars / 2)


@pytest.mark.parametrize("suffix", [" (EUR)", " (HQ)", " ALL", " (ABC)", " Peso SAR", " (Try)", "（上海）"])
def test_other_names_say_nothing_of_currencies(tmp_path, suffix):
    rows = table("en", ("day", "firm", "order", "amount"), change=of_two_currencies(suffix))
    assert codes(read(csv_of(rows), tmp_path)) == ()


def test_a_reversed_credit_note_and_its_reversal_both_count(tmp_path):
    """Line 10, a sale, and line 27, a credit note, are cancelled; each stands with the document that does."""
    cancelled = (10, 27)

    def typed(lines: list[Line]) -> list[list[Any]]:
        rows: list[list[Any]] = [
            ["Invoice date", "Customer no", "Invoice no", "Net amount", "Billing Type", "Cancelled"]
        ]
        for i, line in enumerate(lines):
            rows.append(
                [line.day, line.account, line.order, line.amount, "F2", "X" if i in cancelled else ""]
            )
            if i in cancelled:
                rows.append([line.day, line.account, line.order + "S", -line.amount, "S1", ""])
        return rows

    intake = read(csv_of(typed(ledger())), tmp_path)
    assert codes(intake) == ()
    gone = sum(ledger()[i].amount for i in cancelled)
    rows, _, total = summed(intake)
    assert rows == 62
    assert total == pytest.approx(TOTAL - gone)


def test_a_void_credit_note_does_not_pair_with_a_sale(tmp_path):
    """Line 27 is void and takes back nothing; a sale of its size to its customer stays a sale."""
    rows = table(change=lambda i, line: {"amount": abs(line.amount)} if i == 19 else {})
    rows[0].append("Status")
    for i, row in enumerate(rows[1:]):
        row.append("Voided" if i == 27 else "Posted")
    rows[20][3] = abs(rows[28][3])  # the same customer: 19 = 27 - 8
    intake = read(csv_of(rows), tmp_path)
    assert codes(intake) == ("lines_voided",)
    assert summed(intake)[0] == 59


def test_one_sheet_of_all_beside_one_for_each_year_is_one_fault(tmp_path):
    parts = {str(year): [line for line in ledger("zh") if line.day.year == year] for year in (2024, 2025)}
    sheets = {"全部": table("zh")} | {name: table("zh", lines=lines) for name, lines in parts.items()}
    source = {"sources": {"transactions": "data/销售.xlsx#*"}}
    export = Export({"销售.xlsx": book(sheets)}, language="zh", settings=source)
    intake = read(export, tmp_path)
    assert codes(intake) == ("invoices_in_several",)
    fault = one(intake, "invoices_in_several")
    assert (fault.level, fault.sheet, fault.args["invoices"]) == ("error", "全部", 60)
    assert fault.args["amount"] == pytest.approx(TOTAL)
    assert fault.args["others"] == "data/销售.xlsx#2024, data/销售.xlsx#2025"
    pasted = proposals(load(tmp_path), intake.faults)
    assert pasted == {"sources": {"transactions": {"path": ["data/销售.xlsx#全部"]}}}


def test_the_type_of_a_document_shows_which_side_is_a_sale(tmp_path):
    rows: list[list[Any]] = [
        ["Sales Register"],
        ["Date", "Particulars", "Vch Type", "Vch No.", "Debit", "Credit"],
    ]
    for line in ledger():
        sale = line.amount > 0
        sides = [line.amount, ""] if sale else ["", -line.amount]
        rows.append([line.day, line.firm, "Sales" if sale else "Credit Note", line.order, *sides])
    intake = read(
        Export({"DayBook.csv": text(rows)}, settings={"sources": {"transactions": "data/DayBook.csv"}}),
        tmp_path,
    )
    assert codes(intake) == ("debit_and_credit",)
    assert one(intake, "debit_and_credit").args["propose"] == "Debit - Credit"
    assert one(intake, "debit_and_credit").args["total"] == pytest.approx(TOTAL)


def test_bookings_of_datev_are_called_by_name(tmp_path):
    rows: list[list[Any]] = [
        ["EXTF", 700, 21, "Buchungsstapel", 13, "", "", "", "", "", "", "", "20240101", 4],
        ["Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "Konto", "Belegdatum", "Belegfeld 1"],
    ]
    rows += [
        [str(abs(x.amount)).replace(".", ","), "S", 10011, x.day.strftime("%d%m"), x.order] for x in ledger()
    ]
    content = text(rows, ";", "cp1252")
    export = Export({"buchungen.csv": content}, settings={"sources": {"transactions": "data/buchungen.csv"}})
    intake = read(export, tmp_path)
    assert codes(intake) == ("datev_bookings",)


def test_columns_filled_on_the_first_line_are_told_in_a_whole_sentence():
    from kamplay.errors import Fault

    args = {"below": 120.0, "fill_down": ["account_id", "date"], "columns": ["Customer no", "Day"]}
    fault = Fault("heads_on_first_line", table="transactions", column="Customer no", args=args)
    assert problem(fault, Locale("en", "EUR")) == (
        "Only the first line of each group fills Customer no, Day; the lines below come to 120."
    )
    told = "只有每组的首行填了Customer no、Day，其下各行为空，金额共120。"
    assert problem(fault, Locale("zh", "CNY")) == told


def test_oracle_receivables_are_read_at_once(tmp_path):
    rows: list[list[Any]] = [["TRX_DATE", "TRX_NUMBER", "CLASS", "CUSTOMER_NUMBER", "AMOUNT_DUE_ORIGINAL"]]
    for x in ledger():
        rows.append(
            [
                x.day.strftime("%d-%b-%Y").upper(),
                x.order,
                "CM" if x.amount < 0 else "INV",
                x.account,
                abs(x.amount),
            ]
        )
    intake = read(csv_of(rows), tmp_path)
    assert codes(intake) == ("gross_used", "returns_signed")
    assert summed(intake)[2] == TOTAL


def test_a_customer_and_an_invoicing_company_are_no_rivals(tmp_path: Path):
    rows = table(
        "en",
        ("day", "account", "firm", "order", "amount"),
        heads={"firm": "Billing Company", "amount": "Order Total Amount"},
    )
    intake = read(csv_of(rows), tmp_path)
    assert codes(intake) == ("column_missing",)
    pasted = proposals(load(tmp_path), intake.faults)
    assert pasted["sources"]["transactions"]["columns"] == {"amount": "Order Total Amount"}
