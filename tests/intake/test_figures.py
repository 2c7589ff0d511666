"""Amounts as ledgers of other countries write them: the total is right, or one fault says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kamplay.codebook import codebook
from kamplay.engagement import load
from kamplay.errors import Fault
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.values.parsing import MOST, how_read
from kamplay.show.faults import few_of_each, line
from kamplay.show.locale import Locale

VALUES = [334.96, 12393.52, 524248.56, -5941.61, 12345678.0, 0.0, 27916.2, -1234567.89, 7.05, 980.0]
HEADS = {"en": ("Date", "Customer no", "Net amount"), "zh": ("日期", "客户编号", "金额")}
QUIET = {"data_ends_early", "line_repeated", "returns_many", "currency_differs"}


def surveyed(folder: Path, cells: list[Any], language: str = "en") -> Intake:
    rows = [(f"2024-03-{n % 28 + 1:02}", f"K{n % 7}", cell) for n, cell in enumerate(cells)]
    (folder / "data").mkdir(parents=True)
    path = folder / "data" / "transactions.csv"
    pd.DataFrame(rows, columns=HEADS[language]).to_csv(path, index=False, encoding="utf-8-sig")
    (folder / "engagement.yaml").write_text(f"client: C\nlanguage: {language}\n", encoding="utf-8")
    return survey(load(folder))


def amounts(intake: Intake) -> list[float]:
    return intake.tables["transactions"]["amount"].tolist()


def told(intake: Intake) -> list[tuple[str, str, int]]:
    return [(f.code, f.level, f.count) for f in intake.faults if f.code not in QUIET]


def the_fault(intake: Intake) -> Fault:
    (fault,) = [f for f in intake.faults if f.code not in QUIET]
    for language in ("zh", "en"):
        assert len(line(fault, Locale(language, "EUR"))) < 400
    return fault


def lakhs(value: float) -> str:
    whole, _, cents = f"{abs(value):.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ("-" if value < 0 else "") + ",".join([*pairs, tail]) + f".{cents}"


def accounting(value: float) -> str:
    return " $ -   " if value == 0 else f" $ ({-value:,.2f})" if value < 0 else f" $ {value:,.2f} "


def comma_style(value: float) -> str:
    return " -   " if value == 0 else f" ({-value:,.2f})" if value < 0 else f" {value:,.2f} "


def swiss(value: float) -> str:
    text = f"{value:,.2f}".replace(",", "’")
    return text.replace(".00", ".–")


def german(value: float) -> str:
    text = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    return text.replace(",00", ",-")


def french(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", "\u202f,")) + "\u00a0€"


def figures(zero: str) -> dict[int, str]:
    return {ord(str(n)): chr(ord(zero) + n) for n in range(10)}


WRITTEN = {
    "lakhs": lakhs,
    "lakhs with sign": lambda v: f"₹ {lakhs(v)}",
    "lakhs with Rs.": lambda v: f"Rs. {lakhs(v)}",
    "apostrophe": lambda v: f"'{v}",
    "accounting": accounting,
    "accounting without currency": comma_style,
    "swiss": swiss,
    "swiss francs": lambda v: f"CHF {swiss(v)}",
    "german": german,
    "french": french,
    "french, thin spaces": lambda v: f"{v:,.2f}".translate(str.maketrans(",.", "\u2009,")),
    "trailing minus": lambda v: f"{abs(v):,.2f}{'-' if v < 0 else ''}",
    "trailing minus, comma": lambda v: f"{german(abs(v))}{'-' if v < 0 else ''}".replace(",--", ",00-"),
    "full width": lambda v: f"{v:,.2f}".translate(figures("０") | {ord(","): "，", ord("."): "．"}),
    "devanagari": lambda v: lakhs(v).translate(figures("०")),
    "arabic": lambda v: f"{v:,.2f}".translate(figures("٠") | {ord(","): "٬", ord("."): "٫"}),
    "rupees": lambda v: f"{v:,.2f} INR",
    "won": lambda v: f"₩{v:,.2f}",
    "taiwan": lambda v: f"NT${v:,.2f}",
    "zloty": lambda v: f"{v:,.2f} zł",
    "plain": lambda v: f"{v:.2f}",
    "thousands": lambda v: f"{v:,.2f}",
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_every_way_of_writing_gives_the_same_total_without_a_word(tmp_path, write, language):
    intake = surveyed(tmp_path, [write(value) for value in VALUES], language)
    assert amounts(intake) == pytest.approx(VALUES)
    assert told(intake) == []


SALES = [100.0, 250.5, 80.0, 1000.25, 60.0, 75.0]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("credit", "debit"),
    [("{:,.2f} Cr", "{:,.2f} Dr"), ("{:.2f}CR", "{:.2f}DR"), ("Cr {}", "Dr {}"), ("贷 {}", "借 {}")],
)
def test_in_an_account_of_sales_the_credits_are_the_sales(tmp_path, credit, debit, language):
    intake = surveyed(tmp_path, [*map(credit.format, SALES), debit.format(40.0)], language)
    assert amounts(intake) == [*SALES, -40]
    fault = the_fault(intake)
    assert (fault.code, fault.level, fault.count) == ("credit_is_sale", "warning", 7)
    assert (fault.args["credit"], fault.args["debit"]) == (sum(SALES), 40)


def test_in_an_account_of_customers_the_debits_are_the_sales(tmp_path):
    intake = surveyed(tmp_path, [*(f"{v} Dr" for v in SALES), "40 Cr"])
    assert amounts(intake) == [*SALES, -40]
    assert the_fault(intake).code == "debit_is_sale"


def test_credits_alone_are_sales(tmp_path):
    intake = surveyed(tmp_path, [f"{v} Cr" for v in SALES])
    assert amounts(intake) == SALES
    assert the_fault(intake).code == "credit_is_sale"


def test_many_small_debits_against_one_large_credit_are_asked_about(tmp_path):
    intake = surveyed(tmp_path, [*(f"{v} Dr" for v in SALES), "9000 Cr"])
    assert told(intake) == [("debit_credit_unsure", "error", 7)]


def test_credits_in_rupees_may_be_crores_and_are_asked_about(tmp_path):
    assert told(surveyed(tmp_path / "open", [f"₹ {v} Cr" for v in SALES])) == [
        ("debit_credit_unsure", "error", 6)
    ]
    intake = surveyed(tmp_path / "said", ["₹ 1.25 crore", "3 Crores", "2.5 lakh", "Rs. 4 Lakhs", "INR 5 lac"])
    assert amounts(intake) == [12_500_000, 30_000_000, 250_000, 400_000, 500_000]


@pytest.mark.parametrize("cell", ["1e308", "10000000000001", "-2E+13", "99,999,999,999,999.00", "1e15"])
def test_money_beyond_the_bound_is_refused_by_cell(tmp_path, cell):
    fault = the_fault(surveyed(tmp_path, ["5", cell, "7"]))
    assert (fault.code, fault.level, fault.all_rows, fault.value) == ("amount_too_large", "error", (3,), cell)
    assert fault.args["most"] == MOST


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "∞"])
def test_what_is_no_number_is_refused_by_cell(tmp_path, cell):
    assert told(surveyed(tmp_path, ["5", cell, "7"])) == [("unreadable_amount", "error", 1)]


def test_nan_is_a_cell_without_a_value(tmp_path):
    fault = the_fault(surveyed(tmp_path, ["5", "nan", "7"]))
    told_ = (fault.code, fault.level, fault.all_rows, fault.value)
    assert told_ == ("cell_says_nothing", "error", (3,), "nan")


def test_hundreds_of_unreadable_amounts_are_one_fault(tmp_path):
    fault = the_fault(surveyed(tmp_path, ["5", *(f"about {n}" for n in range(324))]))
    assert (fault.code, fault.count, len(fault.all_rows)) == ("unreadable_amount", 324, 324)
    assert fault.args["places"] == [(3, "about 0"), (4, "about 1"), (5, "about 2")]


@pytest.mark.parametrize("cell", ["1,23,4", "12,34,56", "5,24,24", "1.2.3", "$ - 5 -", "-", "'abc"])
def test_marks_in_odd_places_are_not_guessed_at(tmp_path, cell):
    assert not surveyed(tmp_path, ["5", cell, "7"]).usable


def test_faults_of_one_kind_take_three_lines_of_a_screen():
    faults = [Fault("key_repeated", column="Id", file="a.csv", row=n, value=str(n)) for n in range(400)]
    other = Fault("no_rows", file="a.csv")
    told, rest = few_of_each([*faults, other])
    assert (told, rest) == ([*faults[:3], other], 397)


@pytest.mark.parametrize(
    ("cells", "ways"),
    [
        ([5.0, 7.5], ["typed"]),
        (["1,234.50", "7"], ["decimal_point"]),
        (["1.234,50", "7"], ["decimal_comma"]),
        (["5 Cr", "7 Cr"], ["decimal_point", "credit_is_sale"]),
    ],
)
def test_how_figures_were_read_is_told(cells, ways):
    assert how_read(pd.Series(cells, dtype=object), codebook()["transactions"].columns["amount"]) == ways


def test_thousands_and_millions_by_a_letter(tmp_path):
    """k and m are read and told, and only as a figure's last letters."""
    cells = ["£1.5k", "1.5K", "$1.2M", "2.3m", "(£4k)", "1,250 k", "3 bn", "800"]
    intake = surveyed(tmp_path / "read", [c.replace("$", "£") for c in cells])
    assert amounts(intake) == [1500, 1500, 1.2e6, 2.3e6, -4000, 1.25e6, 3e9, 800]
    (fault,) = [f for f in intake.faults if f.code == "figures_shortened"]
    assert (fault.value, fault.args["read"], fault.count) == ("£1.5k", 1500, 7)
    refused = surveyed(tmp_path / "refused", ["1.5 kg", "12 m2", "2 months", "k5"])
    assert [f.value for f in refused.faults if f.code == "unreadable_amount"] == ["1.5 kg"]
    assert not [f for f in refused.faults if f.code == "figures_shortened"]
    kronor = surveyed(tmp_path / "kronor", ["150 kr", "1 200 kr"])
    assert amounts(kronor) == [150, 1200]
