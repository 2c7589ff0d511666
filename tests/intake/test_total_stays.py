"""Whatever a report of an ERP adds to a clean ledger, its total stays, or the change is told.

Property tests over ledgers, languages and layouts: rows of sums, repeated page headers, a footer, a title
with a unit, void lines, a second currency and credit notes with positive amounts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamplay.engagement import load
from kamplay.intake.prepare import Intake, survey

HEADERS = {
    "en": ["Invoice date", "Customer no", "Customer name", "Invoice no", "Net amount"],
    "zh": ["开票日期", "客户编码", "客户名称", "单据编号", "不含税金额"],
}
NAMES = {
    "en": ["North Mill", "Harbour Stores", "Total Energies", "Mercer Labs", "Oak & Sons"],
    "zh": ["江城医院", "合兴贸易", "总统大酒店", "远川机电", "北山诊所"],
}
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TITLES = {"en": "Sales by customer", "zh": "销售明细表"}
Row = list[object]


@dataclass(frozen=True)
class Ledger:
    """Clean lines in the order of ``HEADERS``, and how the file is written."""

    language: str
    rows: tuple[tuple[object, ...], ...]
    workbook: bool
    titled: bool

    @property
    def total(self) -> float:
        return round(sum(float(str(row[-1])) for row in self.rows), 2)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """24 to 40 lines of five accounts within a year and a half; no two lines are the same, none is zero."""
    language = draw(st.sampled_from(["en", "zh"]))
    count = draw(st.integers(24, 40))
    cents = draw(st.lists(st.integers(10_000, 900_000), min_size=count, max_size=count, unique=True))
    accounts = draw(st.lists(st.integers(0, 4), min_size=count - 5, max_size=count - 5))
    order = sorted([*range(5), *accounts]) if draw(st.booleans()) else [*range(5), *accounts]
    rows = []
    for number, (who, amount) in enumerate(zip(order, cents, strict=True)):
        day = (date(2024, 1, 15) + timedelta(days=13 * number)).isoformat()
        rows.append((day, f"K{who + 1:03}", NAMES[language][who], f"R{7000 + number}", amount / 100))
    return Ledger(language, tuple(rows), draw(st.booleans()), draw(st.booleans()))


def surveyed(ledger: Ledger, grid: list[Row], title: str = "") -> Intake:
    """Survey an engagement that holds the grid, below a title where the ledger has one or one is given."""
    above: list[Row] = [[title or TITLES[ledger.language]]] if title or ledger.titled else []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if ledger.workbook:
            book = openpyxl.Workbook()
            for row in above + grid:
                book.active.append(row)
            book.save(data / "transactions.xlsx")
        else:
            lines = [",".join(str(cell) for cell in row) for row in above + grid]
            (data / "transactions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        said = {"client": "Case", "language": ledger.language, "currency": "EUR", "as_of": ledger.rows[-1][0]}
        (Path(folder) / "engagement.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
        return survey(load(Path(folder)))


def told(intake: Intake) -> set[str]:
    return {fault.code for fault in intake.faults}


def total(intake: Intake) -> float | None:
    lines = intake.tables.get("transactions")
    return None if lines is None or "amount" not in lines else round(float(lines["amount"].sum()), 2)


def clean(ledger: Ledger) -> list[Row]:
    return [list(HEADERS[ledger.language]), *(list(row) for row in ledger.rows)]


def with_total_row(ledger: Ledger, draw: st.DataObject) -> list[Row]:
    words = {
        "en": ["Total", "Grand total", "Sub-total", "TOTAL:"],
        "zh": ["合计", "总 计", "合   计", "小计"],
    }
    word = draw.draw(st.sampled_from(words[ledger.language]))
    row: Row = ["", "", "", "", ledger.total]
    row[draw.draw(st.integers(0, 3))] = word
    return [*clean(ledger), row]


def with_group_totals(ledger: Ledger, draw: st.DataObject) -> list[Row]:
    word = {"en": "Total", "zh": "小计"}[ledger.language]
    rows = sorted(ledger.rows, key=lambda row: str(row[1]))
    grid: list[Row] = [list(HEADERS[ledger.language])]
    for account in dict.fromkeys(row[1] for row in rows):
        mine = [row for row in rows if row[1] == account]
        amount = round(sum(float(str(row[-1])) for row in mine), 2)
        grid += [list(row) for row in mine]
        name = f"{mine[0][2]} {word}" if draw.draw(st.booleans()) else word
        grid.append(["", "", name, "", amount])
    return grid


def with_page_headers(ledger: Ledger, draw: st.DataObject) -> list[Row]:
    every = draw.draw(st.integers(5, 15))
    grid = clean(ledger)
    out = grid[:1]
    for number, row in enumerate(grid[1:]):
        if number and number % every == 0:
            out.append(list(grid[0]))
        out.append(row)
    return out


def with_footer(ledger: Ledger, draw: st.DataObject) -> list[Row]:
    footers = {
        "en": ["Printed by J. Smith", "Confidential. Do not distribute.", "Page 1 of 1"],
        "zh": ["制表人：张三", "打印时间：2025-07-01 10:00", "第1页 共1页"],
    }
    chosen = draw.draw(st.lists(st.sampled_from(footers[ledger.language]), min_size=1, unique=True))
    return [*clean(ledger), ["", "", "", "", ""], *([text, "", "", "", ""] for text in chosen)]


@pytest.mark.parametrize(
    "add", [with_total_row, with_group_totals, with_page_headers, with_footer], ids=lambda f: f.__name__
)
@FEW
@given(ledger=ledgers(), draw=st.data())
def test_rows_that_are_no_lines_leave_the_total(
    add: Callable[[Ledger, st.DataObject], list[Row]], ledger: Ledger, draw: st.DataObject
) -> None:
    intake = surveyed(ledger, add(ledger, draw))
    assert intake.usable, intake.faults
    assert total(intake) == ledger.total
    assert len(intake.tables["transactions"]) == len(ledger.rows)
    assert told(intake), "rows were left out and nothing said so"


@FEW
@given(ledger=ledgers())
def test_a_clean_ledger_is_read_whole_and_nothing_is_told(ledger: Ledger) -> None:
    intake = surveyed(ledger, clean(ledger))
    assert (total(intake), told(intake)) == (ledger.total, set())


@FEW
@given(ledger=ledgers(), draw=st.data())
def test_a_unit_in_the_title_is_applied_and_told(ledger: Ledger, draw: st.DataObject) -> None:
    titles = {
        "en": [
            ("Sales by customer (in thousands)", 1e3),
            ("Sales, EUR k", 1e3),
            ("Revenue in EUR million", 1e6),
        ],
        "zh": [("销售明细表（单位：万元）", 1e4), ("单位：千元", 1e3), ("销售收入 单位:百万元", 1e6)],
    }
    title, unit = draw.draw(st.sampled_from(titles[ledger.language]))
    intake = surveyed(ledger, clean(ledger), title)
    assert total(intake) == pytest.approx(ledger.total * unit, rel=1e-9)
    assert "unit_applied" in told(intake)


@FEW
@given(ledger=ledgers(), draw=st.data())
def test_void_lines_are_set_aside_and_told(ledger: Ledger, draw: st.DataObject) -> None:
    header = {"en": "Invoice status", "zh": "发票状态"}[ledger.language]
    usual = {"en": "Posted", "zh": "正常"}[ledger.language]
    void = {"en": ["Void", "Cancelled", "VOIDED"], "zh": ["已作废", "作废", "已取消"]}[ledger.language]
    at = draw.draw(st.sets(st.integers(0, len(ledger.rows) - 1), min_size=1, max_size=6))
    grid = clean(ledger)
    grid[0].append(header)
    for number, row in enumerate(grid[1:]):
        row.append(draw.draw(st.sampled_from(void)) if number in at else usual)
    intake = surveyed(ledger, grid)
    kept = round(sum(float(str(row[-1])) for n, row in enumerate(ledger.rows) if n not in at), 2)
    assert total(intake) == kept
    assert "lines_voided" in told(intake)


@FEW
@given(ledger=ledgers(), draw=st.data())
def test_two_currencies_are_never_added_up(ledger: Ledger, draw: st.DataObject) -> None:
    header = {"en": ["Currency", "Currency code"], "zh": ["币种", "币别"]}[ledger.language]
    other = draw.draw(st.sampled_from(["USD", "JPY", "CNY", "GBP"]))
    at = draw.draw(st.sets(st.integers(0, len(ledger.rows) - 1), min_size=1, max_size=6))
    grid = clean(ledger)
    grid[0].append(draw.draw(st.sampled_from(header)))
    for number, row in enumerate(grid[1:]):
        row.append(other if number in at else "EUR")
    intake = surveyed(ledger, grid)
    assert not intake.usable
    assert "currencies_several" in told(intake)


@FEW
@given(ledger=ledgers(), draw=st.data())
def test_credit_notes_with_positive_amounts_are_subtracted_and_told(
    ledger: Ledger, draw: st.DataObject
) -> None:
    header = {"en": "Document type", "zh": "单据类型"}[ledger.language]
    usual = {"en": "Invoice", "zh": "销售出库单"}[ledger.language]
    back = {"en": ["Credit memo", "Credit note"], "zh": ["销售退货单", "红字发票"]}[ledger.language]
    word = draw.draw(st.sampled_from(back))
    at = draw.draw(st.sets(st.integers(0, len(ledger.rows) - 1), min_size=1, max_size=4))
    grid = clean(ledger)
    grid[0].append(header)
    for number, row in enumerate(grid[1:]):
        row.append(word if number in at else usual)
    intake = surveyed(ledger, grid)
    returned = sum(float(str(row[-1])) for n, row in enumerate(ledger.rows) if n in at)
    assert total(intake) == round(ledger.total - 2 * returned, 2)
    assert "returns_signed" in told(intake)


@FEW
@given(ledger=ledgers(), draw=st.data())
def test_credit_notes_known_by_their_number_are_told(ledger: Ledger, draw: st.DataObject) -> None:
    mark = draw.draw(
        st.sampled_from({"en": ["CN-", "SCN", "CR/"], "zh": ["红冲", "红字-", "退"]}[ledger.language])
    )
    at = draw.draw(st.sets(st.integers(5, len(ledger.rows) - 1), min_size=1, max_size=4))
    grid = clean(ledger)
    for number in at:
        # an account with other invoices, so that the letters are not its own
        grid[number + 1][1:4] = [ledger.rows[0][1], ledger.rows[0][2], f"{mark}{9000 + number}"]
    intake = surveyed(ledger, grid)
    assert total(intake) == ledger.total
    assert "returns_doubtful" in told(intake)


@FEW
@given(ledger=ledgers(), draw=st.data())
def test_refunds_beside_the_amount_are_told(ledger: Ledger, draw: st.DataObject) -> None:
    headers = {"en": ["Refunded amount", "Refunds"], "zh": ["退款金额", "已退款金额"]}
    at = draw.draw(st.sets(st.integers(0, len(ledger.rows) - 1), min_size=1, max_size=4))
    grid = clean(ledger)
    grid[0].append(draw.draw(st.sampled_from(headers[ledger.language])))
    for number, row in enumerate(grid[1:]):
        row.append(float(str(row[-1])) / 2 if number in at else 0)
    intake = surveyed(ledger, grid)
    refunded = sum(float(str(row[-1])) / 2 for n, row in enumerate(ledger.rows) if n in at)
    assert total(intake) == ledger.total
    (fault,) = [f for f in intake.faults if f.code == "refunds_beside"]
    assert fault.args["net"] == pytest.approx(ledger.total - refunded, abs=0.02)


@FEW
@given(ledger=ledgers(), draw=st.data())
def test_void_in_a_name_is_told(ledger: Ledger, draw: st.DataObject) -> None:
    forms = {"en": ["{} (VOID)", "VOID - {}", "{} CANCELLED"], "zh": ["{}（作废）", "【作废】{}", "作废-{}"]}
    form = draw.draw(st.sampled_from(forms[ledger.language]))
    at = draw.draw(st.sets(st.integers(0, len(ledger.rows) - 1), min_size=1, max_size=6))
    grid = clean(ledger)
    for number in at:
        grid[number + 1][2] = form.format(grid[number + 1][2])
    intake = surveyed(ledger, grid)
    kept = sum(float(str(row[-1])) for n, row in enumerate(ledger.rows) if n not in at)
    assert total(intake) == ledger.total
    (fault,) = [f for f in intake.faults if f.code == "lines_marked_void"]
    assert fault.args["rest"] == pytest.approx(kept, abs=0.01)
