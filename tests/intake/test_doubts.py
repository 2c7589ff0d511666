"""A default that changes the total is told with the total of either way, and a setting takes the other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import random_lines, write_engagement

from kamplay.engagement import load
from kamplay.intake.doubts import doubts, taken_the_other_way
from kamplay.intake.prepare import Intake, survey

LINES = random_lines(8)[["date", "account_id", "amount"]].assign(amount=lambda f: f["amount"].abs())
TOTAL = round(float(LINES["amount"].sum()), 2)


def total(intake: Intake) -> float:
    return round(float(intake.tables["transactions"]["amount"].sum()), 2)


def repeated() -> tuple[pd.DataFrame, float]:
    return pd.concat([LINES, LINES.iloc[:20]]), TOTAL


def drafts() -> tuple[pd.DataFrame, float]:
    draft = LINES.index < 20
    status = pd.Series("Posted", index=LINES.index).mask(draft, "Draft")
    return LINES.assign(Status=status), round(float(LINES.loc[~draft, "amount"].sum()), 2)


def negative_quantities() -> tuple[pd.DataFrame, float]:
    back = LINES.index < 20
    quantity = pd.Series(2, index=LINES.index).mask(back, -2)
    return LINES.assign(Quantity=quantity), round(TOTAL - 2 * float(LINES.loc[back, "amount"].sum()), 2)


def refunds() -> tuple[pd.DataFrame, float]:
    refund = (LINES["amount"] / 10).round(2).where(LINES.index < 30, 0.0)
    return LINES.assign(Refunds=refund), round(TOTAL - float(refund.sum()), 2)


@pytest.mark.parametrize("case", [repeated, drafts, negative_quantities, refunds])
def test_the_other_total_is_the_one_that_its_setting_gives(tmp_path, case):
    lines, other = case()
    engagement = load(write_engagement(tmp_path / "one", lines, "sources: {transactions: data/*.csv}\n"))
    intake = survey(engagement)
    (doubt,) = doubts(intake)
    assert (round(doubt.taken, 2), doubt.other) == (total(intake), other)
    assert doubt.is_open
    then = survey(taken_the_other_way(engagement, doubt))
    assert total(then) == other
    assert doubts(then) == []


def test_what_changes_the_total_most_comes_first(tmp_path):
    lines = LINES.assign(Status=pd.Series("Posted", index=LINES.index).mask(LINES.index < 3, "Draft"))
    lines = pd.concat([lines, lines.iloc[100:180]])
    found = doubts(survey(load(write_engagement(tmp_path / "one", lines))))
    assert [d.fault.code for d in found] == ["line_repeated", "lines_doubtful"]


def booked_twice(folder: Path, documents: int) -> Intake:
    """Lines with an invoice number each; the first ``documents`` of them also under another customer."""
    lines = LINES.assign(order_id=[f"F{number:05}" for number in range(len(LINES))])
    again = lines.iloc[:documents].assign(account_id="Z999")
    return survey(load(write_engagement(folder, pd.concat([lines, again]))))


def test_an_invoice_booked_to_two_customers_is_told_with_both_totals(tmp_path):
    again = float(LINES["amount"].iloc[:40].sum())
    (doubt,) = doubts(booked_twice(tmp_path / "one", 40))
    assert doubt.fault.code == "document_of_two_accounts"
    assert doubt.fault.args["documents"] == 40
    assert (doubt.fault.column, doubt.fault.count) == ("account_id", 40)
    assert (doubt.taken, doubt.other) == pytest.approx((TOTAL + again, TOTAL))
    assert not doubt.is_open  # which customer was billed only the client can tell


def test_two_such_invoices_may_be_chance(tmp_path):
    assert doubts(booked_twice(tmp_path / "one", 2)) == []


def test_numbers_that_each_customer_counts_are_no_double_invoices(tmp_path):
    """Order 1 of the day for everybody; now and then two of the same price."""
    lines = pd.DataFrame(
        {
            "date": ["2025-03-01"] * 12 + ["2025-06-01"] * 12,
            "order_id": [str(n // 2) for n in range(24)],
            "account_id": [f"A{n % 2}" for n in range(24)],
            "amount": [100.0 + n for n in range(18)] + [50.0] * 6,
        }
    )
    codes = [d.fault.code for d in doubts(survey(load(write_engagement(tmp_path / "one", lines))))]
    assert "document_of_two_accounts" not in codes
