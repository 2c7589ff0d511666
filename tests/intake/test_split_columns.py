"""A column of ours that several of the client's hold: debit and credit, year and month, an amount for each
currency.
"""

import pandas as pd
import pytest
import yaml

from kamplay.engagement import load
from kamplay.intake.prepare import survey
from kamplay.intake.settings_to_paste import as_yaml, proposals, would_give
from kamplay.show.faults import line
from kamplay.show.locale import Locale

HEAD = 'client: C\nlanguage: en\nas_of: "2024-12-31"\n'
LINES = 60


def surveyed(folder, text: str, name: str = "sales.csv", settings: str = HEAD):
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "data" / name).write_text(text, encoding="utf-8")
    (folder / "engagement.yaml").write_text(settings, encoding="utf-8")
    return survey(load(folder))


def table(header: str, row) -> str:
    return "\n".join([header, *(row(n) for n in range(LINES))]) + "\n"


def day(n: int) -> str:
    return f"2024-{n % 12 + 1:02d}-05"


def total(intake) -> float:
    return round(float(intake.tables["transactions"]["amount"].sum()), 2)


def pasted(folder, intake, settings: str = HEAD):
    """Survey again with the block that check proposes."""
    block = as_yaml(proposals(load(folder), intake.faults), intake.faults)
    (folder / "engagement.yaml").write_text(settings + block, encoding="utf-8")
    return survey(load(folder))


def fault(intake, code: str):
    (found,) = [f for f in intake.faults if f.code == code]
    return found


# debit and credit: 54 sales of 100 + n, and 6 returns of 50 on every tenth line

SALES = sum(100 + n for n in range(LINES) if n % 10)
RETURNS = 50 * 6


def sides(n: int, sale_first: bool) -> str:
    sale, back = (str(100 + n), "") if n % 10 else ("", "50")
    return f"{sale},{back}" if sale_first else f"{back},{sale}"


@pytest.mark.parametrize(
    ("headers", "name", "sale_first", "propose"),
    [
        ("Date,Customer no,Debit,Credit", "sales.csv", False, "Credit - Debit"),
        ("Date,Customer no,Debit Amount,Credit Amount", "sales.csv", True, "Debit Amount - Credit Amount"),
        ("日期,客户编码,借方金额,贷方金额", "销售明细.csv", False, "贷方金额 - 借方金额"),
        ("日期,客户编码,本币借方,本币贷方", "销售明细.csv", True, "本币借方 - 本币贷方"),
        ("Datum,Kundennummer,Soll,Haben", "sales.csv", False, "Haben - Soll"),
        ("Fecha,Cliente,Debe,Haber", "sales.csv", False, "Haber - Debe"),
        ("Date,Code client,Débit,Crédit", "sales.csv", False, "Crédit - Débit"),
    ],
)
def test_debit_and_credit_are_asked_and_the_setting_works(tmp_path, headers, name, sale_first, propose):
    text = table(headers, lambda n: f"{day(n)},K{n % 7},{sides(n, sale_first)}")
    intake = surveyed(tmp_path, text, name)
    asked = fault(intake, "debit_and_credit")
    assert asked.level == "error" and asked.args["propose"] == propose
    assert asked.args["total"] == SALES - RETURNS and asked.args["other_total"] == RETURNS - SALES
    proposed = proposals(load(tmp_path), intake.faults)
    assert would_give(load(tmp_path), proposed)["amount"] == SALES - RETURNS
    again = pasted(tmp_path, intake)
    assert again.usable and total(again) == SALES - RETURNS
    assert len(again.tables["transactions"]) == LINES
    for language in ("en", "zh"):
        assert "{amount: " + propose + "}" in line(asked, Locale(language, "CNY"))


def test_what_the_ledger_is_called_decides_which_side_is_proposed(tmp_path):
    text = table(
        "日期,客户名称,科目名称,借方金额,贷方金额,余额",
        lambda n: f"{day(n)},甲{n % 7},应收账款,{100 if n % 2 else 0},{0 if n % 2 else 160},{n}",
    )
    intake = surveyed(tmp_path, text, "明细账.csv", HEAD + "sources: {transactions: data/明细账.csv}\n")
    asked = fault(intake, "debit_and_credit")  # payments are more than invoices, and yet no sale
    assert asked.args["propose"] == "借方金额 - 贷方金额"
    assert (asked.args["total"], asked.args["other_total"]) == (3000.0 - 4800.0, 1800.0)


def test_a_journal_with_both_sides_is_narrowed_to_its_revenue(tmp_path):
    text = table(
        "Date,Transaction Type,Num,Name,Account,Debit,Credit",
        lambda n: (
            f"{day(n // 2)},Invoice,{n // 2},K{n // 2 % 7},"
            + (f"Accounts Receivable,{100 + n // 2}," if n % 2 else f"Sales,,{100 + n // 2}")
        ),
    )
    intake = surveyed(tmp_path, text)
    assert fault(intake, "debit_equals_credit").args["filter"] == {"Account": ["Sales"]}
    assert fault(intake, "header_not_fit").args["reason"] == "ledger"  # Account names no customers
    again = pasted(tmp_path, intake)
    assert again.usable and total(again) == sum(100 + n for n in range(30))
    assert again.tables["transactions"]["account_id"].nunique() == 7


def test_an_amount_beside_debit_and_credit_is_no_question(tmp_path):
    text = table("Date,Customer no,Amount,Debit,Credit", lambda n: f"{day(n)},K{n % 7},{n},{n},")
    intake = surveyed(tmp_path, text)
    assert intake.usable and total(intake) == sum(range(LINES))
    assert not [f for f in intake.faults if f.code.startswith("debit_")]


def test_receivables_by_sides_are_debits(tmp_path):
    sales = table("Date,Customer no,Amount", lambda n: f"{day(n)},K{n % 7},{n + 1}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "receivables.csv").write_text(
        table(
            "Invoice no,Customer no,Invoice date,Due date,Debit,Credit",
            lambda n: f"R{n},K{n % 7},{day(n)},2024-12-20,{10 + n},",
        )
    )
    intake = surveyed(tmp_path, sales)
    assert fault(intake, "debit_and_credit").args["propose"] == "Debit - Credit"
    again = pasted(tmp_path, intake)
    assert round(float(again.tables["receivables"]["amount"].sum())) == sum(10 + n for n in range(LINES))


# year and month

ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
FRENCH = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


@pytest.mark.parametrize(
    ("headers", "period", "code", "wanted"),
    [
        ("年,月,客户编码,金额", lambda m: f"2024,{m}", "date_in_parts", "年 + 月"),
        ("年度,月份,客户编码,金额", lambda m: f"2024年,{m}月", "date_in_parts", "年度 + 月份"),
        ("会计年度,会计期间,客户编码,金额", lambda m: f"2024,{m:02d}", "date_in_own_periods", None),
        (
            "Year,Month,Customer no,Amount",
            lambda m: f"2024,{ENGLISH[m - 1]}",
            "date_in_parts",
            "Year + Month",
        ),
        ("Fiscal Year,Period,Customer no,Amount", lambda m: f"FY2024,P{m:02d}", "date_in_own_periods", None),
        (
            "fiscal_year,fiscal_period,Customer no,Amount",
            lambda m: f"2024,{m:03d}",
            "date_in_own_periods",
            None,
        ),
        ("Jahr,Monat,Kundennummer,Betrag", lambda m: f"2024.0,{m}.0", "date_in_parts", "Jahr + Monat"),
        ("Année,Mois,Code client,Montant HT", lambda m: f"2024,{FRENCH[m - 1]}", "date_in_parts", None),
    ],
)
def test_year_and_month_are_proposed_and_read_as_the_months_last_day(tmp_path, headers, period, code, wanted):
    text = table(headers, lambda n: f"{period(n % 12 + 1)},K{n % 7},{n + 1}")
    intake = surveyed(tmp_path, text)
    asked = fault(intake, code)
    assert asked.level == "error" and asked.args["read"] == "2024-01-31"
    assert asked.args["propose"] == (wanted or " + ".join(headers.split(",")[:2]))
    again = pasted(tmp_path, intake)
    assert again.usable and total(again) == LINES * (LINES + 1) / 2
    days = again.tables["transactions"]["date"]
    assert set(days) == set(pd.date_range("2024-01-31", periods=12, freq="ME"))
    assert fault(again, "date_period").level == "warning"


def test_one_column_of_months_is_proposed(tmp_path):
    text = table("会计期间,客户编码,金额", lambda n: f"2024{n % 12 + 1:02d},K{n % 7},{n + 1}")
    again = pasted(tmp_path, surveyed(tmp_path, text))
    assert again.usable and again.tables["transactions"]["date"].max() == pd.Timestamp("2024-12-31")


def test_a_day_beside_year_and_month_is_taken_too(tmp_path):
    text = table("Year,Month,Day,Customer no,Amount", lambda n: f"2024,{n % 12 + 1},{n % 28 + 1},K{n % 7},1")
    intake = surveyed(tmp_path, text)
    assert fault(intake, "date_in_parts").args["propose"] == "Year + Month + Day"
    again = pasted(tmp_path, intake)
    assert again.tables["transactions"]["date"].min() == pd.Timestamp("2024-01-01")
    assert not [f for f in again.faults if f.code == "date_period"]


def test_a_month_that_is_none_is_one_fault(tmp_path):
    text = table(
        "Year,Period,Customer no,Amount", lambda n: f"2024,{13 if n in (3, 9) else n % 12 + 1},K{n % 7},1"
    )
    settings = HEAD + "sources: {transactions: {path: data/sales.csv, columns: {date: Year + Period}}}\n"
    wrong = fault(surveyed(tmp_path, text, settings=settings), "unreadable_date")
    assert wrong.count == 2 and wrong.value == "2024 + 13" and wrong.row == 5


def test_years_over_two_calendar_years_are_not_guessed(tmp_path):
    text = table("Fiscal Year,Period,Customer no,Amount", lambda n: f"2023/24,{n % 12 + 1},K{n % 7},1")
    intake = surveyed(tmp_path, text)
    assert not intake.usable and not [f for f in intake.faults if f.code.startswith("date_in_")]


# an amount for each currency


def of_currencies(header: str, one, other) -> str:
    return table(f"Date,Customer no,{header}", lambda n: f"{day(n)},K{n % 7},{one(n)},{other(n)}")


@pytest.mark.parametrize(
    ("header", "currency", "used", "amount"),
    [
        ("Amount USD,Amount EUR", "EUR", "Amount EUR", 1830.0),
        ("Amount USD,Amount EUR", "USD", "Amount USD", 3660.0),
        ("Net amount (USD),Net amount (EUR)", "EUR", "Net amount (EUR)", 1830.0),
        ("金额（美元）,金额（人民币）", "CNY", "金额（人民币）", 1830.0),
        ("USD Revenue,CNY Revenue", "CNY", "CNY Revenue", 1830.0),
        ("Umsatz USD,Umsatz EUR", "EUR", "Umsatz EUR", 1830.0),
    ],
)
def test_the_column_in_the_engagements_currency_is_taken_and_told(tmp_path, header, currency, used, amount):
    text = of_currencies(header, lambda n: 2 * (n + 1), lambda n: n + 1)
    intake = surveyed(tmp_path, text, settings=HEAD + f"currency: {currency}\n")
    assert intake.usable and total(intake) == amount
    told = fault(intake, "amount_of_currency")
    assert told.level == "warning" and told.args["used"] == used
    assert sorted(t for _, t in told.args["candidates"]) == [1830.0, 3660.0]
    assert not [f for f in intake.faults if f.code.startswith("currenc")]


def test_none_in_the_engagements_currency_is_asked(tmp_path):
    text = of_currencies("Amount USD,Amount EUR", lambda n: 2 * (n + 1), lambda n: n + 1)
    intake = surveyed(tmp_path, text, settings=HEAD + "currency: CNY\n")
    assert fault(intake, "amount_in_other_currencies").level == "error"
    assert not proposals(load(tmp_path), intake.faults)  # nobody can tell which
    again = surveyed(
        tmp_path,
        text,
        settings=HEAD
        + "currency: CNY\ncurrency_rates: {USD: 7}\n"
        + "sources: {transactions: {path: data/sales.csv, columns: {amount: Amount USD}}}\n",
    )
    assert again.usable and total(again) == 3660.0 * 7


def test_lines_filled_in_one_currency_each_are_not_half_counted(tmp_path):
    text = of_currencies(
        "Amount USD,Amount EUR", lambda n: n + 1 if n % 3 else "", lambda n: "" if n % 3 else n + 1
    )
    intake = surveyed(tmp_path, text, settings=HEAD + "currency: EUR\n")
    assert fault(intake, "amount_split_by_currency").args["lines"] == 40


def test_an_amount_in_the_engagements_currency_goes_before_one_in_several(tmp_path):
    text = table(
        "Date,Customer no,Currency,Amount,Amount USD",
        lambda n: f"{day(n)},K{n % 7},{'EUR' if n % 2 else 'USD'},{n + 1},{(n + 1) * (2 if n % 2 else 1)}",
    )
    intake = surveyed(tmp_path, text, settings=HEAD + "currency: USD\n")
    assert intake.usable and total(intake) == 1830 + sum(n + 1 for n in range(LINES) if n % 2)
    assert fault(intake, "amount_company_currency").args["used"] == "Amount USD"


# other languages


@pytest.mark.parametrize(
    ("header", "row", "columns"),
    [
        (
            "Datum;Kundennummer;Kunde;Rechnungsnummer;Artikel;Menge;Nettobetrag;MwSt;Bruttobetrag",
            "15. März 2024;{k};Firma {k};R{n};Teil;{n};{a},00;1;{a},19",
            {"account_id": "Kundennummer", "amount": "Nettobetrag", "order_id": "Rechnungsnummer"},
        ),
        (
            "Date;Code client;Client;N° facture;Désignation;Quantité;Prix unitaire HT;Montant HT;Montant TTC",
            "15 mars 2024;{k};Sté {k};F{n};Pièce;{n};1;{a},00;{a},20",
            {"account_id": "Code client", "amount": "Montant HT", "quantity": "Quantité"},
        ),
        (
            "Fecha;Cliente;Factura;Artículo;Cantidad;Precio;Importe;Coste",
            "15 de marzo de 2024;{k};F{n};Pieza;{n};1;{a},00;1",
            {"account_id": "Cliente", "amount": "Importe", "order_id": "Factura", "cost": "Coste"},
        ),
        (
            "Data fattura;Codice cliente;Cliente;Numero fattura;Articolo;Quantità;Imponibile;IVA",
            "15 mar 2024;{k};Ditta {k};F{n};Pezzo;{n};{a},00;1",
            {"account_id": "Codice cliente", "amount": "Imponibile", "quantity": "Quantità"},
        ),
    ],
)
def test_headers_and_dates_in_other_languages(tmp_path, header, row, columns):
    text = table(header, lambda n: row.format(n=n + 1, k=1000 + n % 7, a=100 + n))
    intake = surveyed(tmp_path, text, settings=HEAD + "currency: EUR\n")
    assert intake.usable and total(intake) == sum(100 + n for n in range(LINES))
    assert set(intake.tables["transactions"]["date"]) == {pd.Timestamp("2024-03-15")}
    read = intake.readings[0].headers
    assert {name: read[name] for name in columns} == columns
    assert [f.code for f in intake.faults if f.code != "data_ends_early"] == []


def test_gross_alone_is_told_in_other_languages(tmp_path):
    text = table("Datum;Kunde;Bruttobetrag", lambda n: f"{day(n)};Firma {n % 7};119,00")
    assert fault(surveyed(tmp_path, text), "gross_used").column == "Bruttobetrag"


def test_the_settings_are_plain_yaml(tmp_path):
    text = table("年,月,客户编码,借方,贷方", lambda n: f"2024,{n % 12 + 1},K{n % 7},,{n + 1}")
    intake = surveyed(tmp_path, text)
    block = as_yaml(proposals(load(tmp_path), intake.faults), intake.faults)
    assert yaml.safe_load(block)["sources"]["transactions"]["columns"] == {
        "date": "年 + 月",
        "amount": "贷方 - 借方",
    }
    again = pasted(tmp_path, intake)
    assert again.usable and total(again) == 1830.0
