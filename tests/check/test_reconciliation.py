"""Read against the ledger, and the causes that explain a planted difference."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kamplay.engagement import Settings
from kamplay.errors import KamplayError
from kamplay.method.check.reconciliation import add_findings, causes, reconcile
from kamplay.method.results import Findings
from kamplay.periods import period_dates
from kamplay.settings_file import validated
from kamplay.show.findings import headline
from kamplay.show.locale import Locale

AS_OF = date(2025, 12, 31)


def lines(**changes: object) -> pd.DataFrame:
    """1,000 on the 15th of every month of 2025, 12,000 in all."""
    frame = pd.DataFrame({"account_id": ["A"] * 12, "amount": 1000.0})
    frame["order_id"] = [f"O{k}" for k in range(len(frame))]
    return frame.assign(
        date=pd.date_range("2025-01-01", periods=12, freq="MS") + pd.Timedelta(days=14), **changes
    )


def plus(frame: pd.DataFrame, **row: object) -> pd.DataFrame:
    return pd.concat(
        [
            frame,
            pd.DataFrame(
                [{"account_id": "A", "order_id": "X", **row, "date": pd.Timestamp(str(row["date"]))}]
            ),
        ],
        ignore_index=True,
    )


def likeliest(frame: pd.DataFrame, total: float | dict[str, float]) -> tuple:
    found = causes(frame, reconcile(frame, total, AS_OF))
    found = found[found["explains"]]
    return tuple(found[["cause", "rows", "amount", "detail"]].iloc[0]) if len(found) else ()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025-07..2025-12", date(2025, 7, 1), date(2025, 12, 31)),
        ("2024..2025Q1", date(2024, 1, 1), date(2025, 3, 31)),
    ],
)
def test_periods(text, start, end):
    assert period_dates(text) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "25", "2025-13", "2025-1", "2025Q5", "2025-07..", "2025-12..2025-07", "2025-07-01", "July"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError):
        period_dates(text)


def test_settings_take_one_total_or_periods():
    assert Settings(client="C", control_total="12.5").control_total == 12.5
    assert Settings(client="C", control_total={"2025": "1", "2025Q3": 2}).control_total == {
        "2025": 1.0,
        "2025Q3": 2.0,
    }
    for raw, code, at in [
        ({"2025-13": 1}, "period_unreadable", "control_total.2025-13"),
        ({"2025": "x"}, "number_not_finite", "control_total.2025"),
        ("nan", "number_not_finite", "control_total"),
    ]:
        with pytest.raises(KamplayError) as caught:
            validated(Settings, {"client": "C", "control_total": raw}, "engagement.yaml")
        assert [(f.code, f.column) for f in caught.value.faults] == [(code, at)]


def test_one_total_is_the_twelve_months_and_periods_are_their_own():
    whole = reconcile(lines(), 12_600, AS_OF).iloc[0]
    assert (whole["start"], whole["end"]) == (pd.Timestamp("2025-01-01"), pd.Timestamp(AS_OF))
    assert (whole["read"], whole["difference"], whole["share"]) == (12_000, 600, pytest.approx(600 / 12_600))
    parts = reconcile(
        lines(), {"2025Q3": 3000, "2025-07": 900, "2025-07..2025-12": 6000, "2024": 0}, AS_OF
    ).set_index("period")
    assert parts["read"].to_dict() == {"2025Q3": 3000, "2025-07": 1000, "2025-07..2025-12": 6000, "2024": 0}
    assert parts["difference"].to_dict() == {"2025Q3": 0, "2025-07": -100, "2025-07..2025-12": 0, "2024": 0}
    assert pd.isna(parts.loc["2024", "share"])


def test_no_difference_needs_no_cause():
    assert causes(lines(), reconcile(lines(), 12_000, AS_OF)).empty


@pytest.mark.parametrize(
    ("frame", "total", "expected"),
    [
        (plus(lines(), date="2025-05-05", account_id=None, amount=700.0), 12_700, ("no_account", 1, 700, "")),
        (pd.concat([lines(), lines().head(2)]), 12_000, ("duplicates", 2, -2000, "")),
        (plus(lines(), date="2026-01-03", amount=450.0), 12_450, ("after_period", 1, 450, "")),
        (plus(lines(), date="2024-12-30", amount=450.0), 12_450, ("before_period", 1, 450, "")),
        (
            plus(lines(status="有效"), date="2025-05-05", amount=333.0, status="已作废"),
            12_000,
            ("voided", 1, -333, ""),
        ),
        (lines(), 12_000 * 1.13, ("ledger_gross", 12, 1560, "1.13")),
        (lines(), 12_000 / 1.06, ("read_gross", 12, round(12_000 / 1.06 - 12_000, 2), "1.06")),
        (lines().drop(6), 12_000, ("month_missing", 0, 1000, "2025-07")),
        (lines(), 20_000, ()),
    ],
)
def test_a_planted_cause_is_found(frame, total, expected):
    assert (
        likeliest(frame, total) == pytest.approx(expected)
        if expected
        else likeliest(frame, total) == expected
    )


def test_within_half_a_percent_explains_and_beyond_does_not():
    frame = plus(lines(), date="2025-05-05", account_id=None, amount=1000.0)
    assert likeliest(frame, 13_004)[0] == "no_account"
    assert likeliest(frame, 13_006) == ()


@pytest.mark.parametrize(
    "total", [12_000.0, 13_000.0, {"2025Q1": 3000.0, "2025Q2": 3000.0}, {"2025Q1": 1.0}, None]
)
def test_a_total_that_was_given_is_called_no_ledger(total):
    """Nobody knows whence it came: 12,000 against 12,000, 1,000 apart, two quarters, and none."""
    findings = Findings("check")
    ledger = reconcile(lines(), {} if total is None else total, AS_OF)
    add_findings(findings, ledger, causes(lines(), ledger))
    said = [headline(f, Locale("en", "EUR"), {}) for f in findings]
    assert "control total" in said[0] and not any("ledger" in one for one in said)
    assert "对账总额" in headline(next(iter(findings)), Locale("zh", "EUR"), {})
