"""Credit notes, returns and void documents known only by a number, a name or a note."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from kamplay.engagement import load
from kamplay.intake.prepare import Intake, survey
from kamplay.show.faults import fix
from kamplay.show.locale import Locale

EN = {
    "date": "Date",
    "id": "Customer no",
    "name": "Customer name",
    "no": "Invoice no",
    "amount": "Net amount",
}
ZH = {"date": "日期", "id": "客户编码", "name": "客户名称", "no": "发票号码", "amount": "不含税金额"}
BOTH = pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
NAMES = ["North Mill", "Returnable Crates Ltd", "Void Studios", "合兴贸易", "退思园林", "Cancelled Plans LLC"]
LINES = 60
MARKED = [7, 22, 41]  # lines that bear the mark


def ledger(no: str = "R{}") -> pd.DataFrame:
    rows = [
        (
            (date(2025, 1, 6) + timedelta(days=2 * n)).isoformat(),
            f"K{n % 6}",
            NAMES[n % 6],
            no.format(500 + n),
            round(310.4 + 17.35 * n, 2),
        )
        for n in range(LINES)
    ]
    return pd.DataFrame(rows, columns=["date", "id", "name", "no", "amount"])


TOTAL = round(float(ledger()["amount"].sum()), 2)
OF_MARKED = round(float(ledger()["amount"].iloc[MARKED].sum()), 2)


def marked(column: str, value: Any, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """The ledger with this in the marked lines of a column; ``{}`` stands for what is there."""
    frame = ledger() if frame is None else frame
    usual = pd.Series([f"rush order {n}" for n in frame.index], dtype=object)
    cells = frame[column].astype(object) if column in frame else usual
    for number in MARKED:
        cells[number] = value.format(cells[number], 500 + number)
    return frame.assign(**{column: cells})


def read(folder: Path, frame: pd.DataFrame, words: dict[str, str], **source: Any) -> Intake:
    (folder / "data").mkdir(parents=True)
    if folder.name == "x":
        frame.rename(columns=words).to_excel(folder / "data" / "transactions.xlsx", index=False)
    else:
        frame.rename(columns=words).to_csv(folder / "data" / "transactions.csv", index=False)
    said: dict[str, Any] = {"client": "Case", "currency": "EUR", "as_of": "2025-05-05"}
    if source:
        said["sources"] = {"transactions": {"path": "data/transactions.*", **source}}
    (folder / "engagement.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return survey(load(folder))


def total(intake: Intake) -> float:
    return round(float(intake.tables["transactions"]["amount"].sum()), 2)


def told(intake: Intake) -> list[tuple[str, str | None, int]]:
    return [(f.code, f.column, f.count) for f in intake.faults]


def pasted(intake: Intake, setting: str) -> dict[str, Any]:
    """The setting that the remedy proposes."""
    words = fix(intake.faults[0], Locale("en", "EUR"))
    text = words[words.index(f"{setting}: {{") :].split("; else")[0]
    found: dict[str, Any] = yaml.safe_load(text)
    return found


# credit notes by number


@pytest.mark.parametrize("folder", ["c", "x"])
@pytest.mark.parametrize(
    ("words", "usual", "mark"),
    [
        (EN, "INV-{}", "CN-{1}"),
        (EN, "INV/2025/{}", "CR/2025/{1}"),
        (EN, "SI-{}", "SCN{1}"),
        (EN, "SI-{}", "SRN-{1}"),
        (EN, "{}", "CRN {1}"),
        (EN, "SO/{}", "SO/REFUND/{1}"),
        (EN, "R{}", "GS{1}"),
        (EN, "F{}", "AV-{1}"),
        (ZH, "XS{}", "红冲{1}"),
        (ZH, "XS{}", "红字-{1}"),
        (ZH, "XSCK{}", "XSTH{1}"),
        (ZH, "{}", "退{1}"),
    ],
)
def test_credit_notes_by_number_are_told_with_both_totals_and_the_setting_works(
    tmp_path, words, usual, mark, folder
):
    frame = marked("no", mark, ledger(usual))
    intake = read(tmp_path / folder, frame, words)
    assert told(intake) == [("returns_doubtful", words["no"], 3)]
    args = intake.faults[0].args
    assert total(intake) == TOTAL == round(args["given"], 2)
    assert round(args["other"], 2) == round(TOTAL - 2 * OF_MARKED, 2)
    settled = read(tmp_path / "s" / folder, frame, words, **pasted(intake, "returns"))
    assert (total(settled), told(settled)) == (round(TOTAL - 2 * OF_MARKED, 2), [])


@pytest.mark.parametrize(
    ("words", "suffix"), [(EN, "-R"), (EN, "/CR"), (EN, " RET"), (ZH, "-冲"), (ZH, "红冲")]
)
def test_a_number_that_repeats_another_with_a_letter_is_told(tmp_path, words, suffix):
    frame = ledger()
    twins = frame.iloc[MARKED].assign(no=lambda f: f["no"] + suffix)
    intake = read(tmp_path, pd.concat([frame, twins]), words)
    assert told(intake) == [("returns_doubtful", words["no"], 3)]
    assert round(intake.faults[0].args["other"], 2) == round(TOTAL - OF_MARKED, 2)


@pytest.mark.parametrize(
    ("usual", "mark"),
    [
        ("DE-{}", "CN-{1}"),  # countries
        ("CN-{}", "CN-{1}"),  # all of them
        ("CR{}", "CR{1}"),
        ("R{}", "R{1}-R"),  # the same number without the letter is not there
        ("R{}", "CNC{1}"),
    ],
)
def test_letters_that_mark_no_credit_note_stay_silent(tmp_path, usual, mark):
    intake = read(tmp_path, marked("no", mark, ledger(usual)), EN)
    assert (total(intake), told(intake)) == (TOTAL, [])


def test_the_letters_of_one_customer_mark_no_credit_note(tmp_path):
    frame = ledger("AB{}")
    frame["no"] = frame["no"].where(frame["id"] != "K3", frame["no"].str.replace("AB", "CR-"))
    assert told(read(tmp_path, frame, EN)) == []


@BOTH
def test_credit_notes_below_zero_are_in_the_sum(tmp_path, words):
    frame = marked("no", "CN-{1}", ledger("INV-{}"))
    frame.loc[MARKED, "amount"] *= -1
    assert told(read(tmp_path, frame, words)) == []


# returns in a note


@pytest.mark.parametrize(
    ("words", "header", "note"),
    [
        (EN, "Description", "Return of goods, see R{1}"),
        (EN, "Remarks", "goods returned {1}"),
        (EN, "Memo", "Credit note for R{1}"),
        (EN, "Comment", "Refund {1}"),
        (EN, "Buchungstext", "Gutschrift zu {1}"),
        (ZH, "备注", "退货 {1}"),
        (ZH, "附注", "客户退货，原单{1}"),
        (ZH, "说明", "冲销{1}"),
        (ZH, "备注", "红冲原发票{1}"),
    ],
)
def test_a_note_that_speaks_of_a_return_is_told_with_both_totals(tmp_path, words, header, note):
    frame = ledger().assign(
        **{header: [f"{'发货' if words is ZH else 'Delivery'} {n}" for n in range(LINES)]}
    )
    frame = marked(header, note, frame)
    intake = read(tmp_path / "a", frame, words)
    assert told(intake) == [("returns_doubtful", header, 3)]
    assert round(intake.faults[0].args["other"], 2) == round(TOTAL - 2 * OF_MARKED, 2)
    settled = read(tmp_path / "b", frame, words, **pasted(intake, "returns"))
    assert (total(settled), told(settled)) == (round(TOTAL - 2 * OF_MARKED, 2), [])


@pytest.mark.parametrize(
    ("header", "note"),
    [
        ("Remarks", "No returns accepted"),
        ("Remarks", "many happy returns"),
        ("Remarks", "returning customer"),
        ("Comment", "paid by credit card"),
        ("Remarks", "in return for a review"),
        ("备注", "七天无理由退货"),
        ("备注", "不退不换"),
        ("备注", "客户要求换货"),
        ("备注", "退货地址：江城路1号"),
        ("Product", "Return spring"),
        ("Product", "Refund Manager licence"),
        ("产品名称", "退货运费险"),
        ("产品名称", "退热贴"),
    ],
)
def test_notes_and_products_that_only_sound_like_a_return_stay_silent(tmp_path, header, note):
    intake = read(tmp_path, marked(header, note), EN if header.isascii() else ZH)
    assert (total(intake), told(intake)) == (TOTAL, [])


# void


@pytest.mark.parametrize("folder", ["c", "x"])
@pytest.mark.parametrize(
    ("words", "column", "value"),
    [
        (EN, "no", "{} VOID"),
        (EN, "no", "VOID-{}"),
        (EN, "no", "{} (cancelled)"),
        (EN, "Remarks", "VOID"),
        (EN, "Note", "Invoice cancelled"),
        (ZH, "no", "{}作废"),
        (ZH, "no", "（已作废）{}"),
        (ZH, "备注", "作废"),
        (ZH, "备注", "已取消"),
    ],
)
def test_a_number_or_a_whole_note_that_says_void_is_set_aside_and_told(
    tmp_path, words, column, value, folder
):
    frame = marked(column, value)
    intake = read(tmp_path / folder, frame, words)
    assert told(intake) == [("lines_voided", words.get(column, column), 3)]
    assert total(intake) == round(TOTAL - OF_MARKED, 2)
    kept = read(tmp_path / "k" / folder, frame, words, keep_void=True)
    assert (total(kept), [f.code for f in kept.faults]) == (TOTAL, ["lines_voided_kept"])


@pytest.mark.parametrize(
    ("words", "column", "value"),
    [
        (EN, "name", "{} (VOID)"),
        (EN, "name", "VOID - {}"),
        (EN, "name", "{} *CANCELLED*"),
        (EN, "Remarks", "duplicate, invoice was cancelled by phone"),
        (ZH, "name", "{}（作废）"),
        (ZH, "name", "【已作废】{}"),
        (ZH, "备注", "重复开票，此票作废"),
        (ZH, "备注", "客户取消订单，改下月"),
    ],
)
def test_void_in_a_name_or_within_a_note_is_told_and_the_setting_sets_it_aside(
    tmp_path, words, column, value
):
    intake = read(tmp_path / "a", marked(column, value), words)
    assert told(intake) == [("lines_marked_void", words.get(column, column), 3)]
    assert total(intake) == TOTAL
    assert round(intake.faults[0].args["rest"], 2) == round(TOTAL - OF_MARKED, 2)
    settled = read(tmp_path / "b", marked(column, value), words, **pasted(intake, "void"))
    assert (total(settled), [f.code for f in settled.faults]) == (
        round(TOTAL - OF_MARKED, 2),
        ["lines_voided"],
    )
    header = words.get(column, column)
    counted = read(tmp_path / "c", marked(column, value), words, void={header: []})
    assert (total(counted), told(counted)) == (TOTAL, [])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("no", "{}未作废"),
        ("备注", "未作废"),
        ("Product", "Noise cancelled headset"),
        ("Product", "作废章"),
        ("Remarks", "customer cancelled the second delivery slot, new one agreed"),
        ("Remarks", "avoid weekends"),
    ],
)
def test_words_that_only_sound_like_void_stay_silent(tmp_path, column, value):
    intake = read(tmp_path, marked(column, value), EN)
    assert (total(intake), told(intake)) == (TOTAL, [])


@BOTH
def test_names_with_such_words_in_them_stay_silent(tmp_path, words):
    assert told(read(tmp_path, ledger(), words)) == []


def test_a_header_under_void_that_is_not_there_is_an_error(tmp_path):
    intake = read(tmp_path, ledger(), EN, void={"Remark": ["VOID"]})
    assert [f.code for f in intake.faults] == ["header_missing"]
    assert not intake.usable


# a status in codes


@pytest.mark.parametrize(
    ("words", "header", "usual", "other"),
    [
        (EN, "Status", 1, 9),
        (EN, "Status", "A", "V"),
        (EN, "Invoice status", "P", "X"),
        (EN, "Posted?", "Y", "N"),
        (EN, "Status code", "01", "90"),
        (EN, "Order status", 0, 1),
        (ZH, "单据状态", 1, 0),
        (ZH, "状态", "Y", "N"),
        (ZH, "是否审核", "是", "否"),
        (ZH, "过账标志", 1, 0),
    ],
)
def test_a_status_in_codes_is_asked_with_the_sum_of_each(tmp_path, words, header, usual, other):
    frame = ledger().assign(**{header: [other if n in MARKED else usual for n in range(LINES)]})
    intake = read(tmp_path / "x", frame, words)
    assert told(intake) == [("status_codes", header, 3)]
    sums = [(code, rows, round(amount, 2)) for code, rows, amount in intake.faults[0].args["sums"]]
    assert sums == [(str(usual), LINES - 3, round(TOTAL - OF_MARKED, 2)), (str(other), 3, OF_MARKED)]
    assert total(intake) == TOTAL
    settled = read(tmp_path / "s" / "x", frame, words, where={header: str(usual)})
    assert (total(settled), told(settled)) == (round(TOTAL - OF_MARKED, 2), [])


@pytest.mark.parametrize(
    ("header", "usual", "other"),
    [
        ("State", "CA", "NY"),
        ("Customer status", "A", "B"),
        ("Paid", "Y", "N"),
        ("Delivery status", 1, 2),
        ("Status", "A", "A"),
        ("Size", "S", "M"),
        ("VIP", "Y", "N"),
        ("发货状态", 0, 1),
    ],
)
def test_codes_that_are_no_status_of_the_line_stay_silent(tmp_path, header, usual, other):
    frame = ledger().assign(**{header: [other if n in MARKED else usual for n in range(LINES)]})
    intake = read(tmp_path, frame, EN)
    marks = [fault for fault in told(intake) if fault[0] != "account_column_usual"]  # a State is a region
    assert (total(intake), marks) == (TOTAL, [])
