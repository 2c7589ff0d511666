"""The unit of the amounts, as people write it in a header, a title or a note; lines of 1.5, 2.5 and 6."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kamplay.engagement import load
from kamplay.intake.lines.units import of_header, of_title
from kamplay.intake.prepare import Intake, survey

LINES = [("2025-01-03", "A", 1.5), ("2025-02-03", "B", 2.5), ("2025-03-04", "A", 6)]
TEN_THOUSAND = 100_000.0  # 10 of them


def read(folder: Path, *rows: tuple[object, ...]) -> Intake:
    (folder / "data").mkdir()
    (folder / "engagement.yaml").write_text("client: A\n", encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.title = "销售明细"
    for row in rows:
        book.active.append(row)
    book.save(folder / "data" / "book.xlsx")
    return survey(load(folder))


def total(found: Intake) -> float:
    return float(found.tables["transactions"]["amount"].sum())


@pytest.mark.parametrize(
    ("header", "amount"),
    [
        *[
            (f"金额({unit})", TEN_THOUSAND)
            for unit in ("万RMB", "RMB万", "万元RMB", "人民币万元", "万元人民币")
        ],
        *[(f"金额（{unit}）", TEN_THOUSAND) for unit in ("W", "w元", "¥万", "单位：RMB万", "万 RMB")],
        ("金额(千元)", 10_000.0),
        ("金额(千RMB)", 10_000.0),
        ("金额（百万RMB）", 10_000_000.0),
        ("Amount (10,000 RMB)", TEN_THOUSAND),  # not the thousand at its end
        ("Net amount (RMB 10k)", TEN_THOUSAND),
        ("Amount (RMB 100,000)", 1_000_000.0),
        ("金额(元)", 10.0),
        ("金额(RMB)", 10.0),
    ],
)
def test_a_header_states_the_unit(tmp_path, header, amount):
    assert total(read(tmp_path, ("日期", "客户", header), *LINES)) == pytest.approx(amount)


@pytest.mark.parametrize(
    "note",
    ["单位：万RMB", "单位：RMB万", "单位：人民币（万元）", "（万RMB）", "Unit: RMB 10k", "单位：10,000 RMB"],
)
@pytest.mark.parametrize("above", [True, False])
def test_a_note_states_the_unit(tmp_path, note, above):
    head = ("日期", "客户", "金额")
    rows = [(note,), head, *LINES] if above else [head, *LINES, (), (note,)]
    assert total(read(tmp_path, *rows)) == pytest.approx(TEN_THOUSAND)


def test_the_currency_alone_is_no_unit(tmp_path):
    """It does not contradict the 万 of the header."""
    found = read(tmp_path, ("单位：人民币",), ("日期", "客户", "金额(万元)"), *LINES)
    assert total(found) == pytest.approx(TEN_THOUSAND)


@pytest.mark.parametrize(
    "header", ["k£", "Revenue (k£)", "Revenue £k", "Revenue kUSD", "K RMB", "Revenue (£'000)"]
)
def test_thousands_in_english(header):
    assert of_header(header).factor == of_title(f"({header})").factor == 1_000


@pytest.mark.parametrize(
    "title",
    [
        "注册资本5000万RMB",
        "Customers above 10,000 RMB",
        "Accounts below RMB 10,000",
        "目标 10,000 RMB",
        "单位：件",
    ],
)
def test_an_amount_in_a_title_is_no_unit(title):
    assert of_title(title) is None


@pytest.mark.parametrize("header", ["数量(万件)", "Price per 1000", "Amount (RMB 25,000)", "金额"])
def test_other_figures_in_a_header_are_no_unit(header):
    assert of_header(header) is None
