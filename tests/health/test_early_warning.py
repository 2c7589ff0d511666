"""Early warning: planted cases are raised with their date, the record is of the past, all can be said."""

import re
from itertools import pairwise

import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines, steady_lines
from words import of_module

from kamplay.method.health.early_warning import (
    add_findings,
    early_warning,
    evidence,
    judged,
    past_days,
    variant,
)
from kamplay.method.measures import warning_signs
from kamplay.method.results import Finding, Findings
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.texts.vocabulary import SIGN_ACTIONS, SIGN_EVIDENCE, SIGN_NAMES

ACTIONS = of_module("health.early_warning").ACTIONS
CASES = {
    "unpaid_key": "payment",
    "lost_champion": "contact_lost",
    "satisfaction_divergence": "satisfaction_gap",
}


@pytest.fixture(scope="module")
def warned(medtech_steps):
    return medtech_steps.health.early_warning


def test_the_cases_are_raised_with_their_date(warned, medtech_answers):
    rows = warned.warnings.set_index(["account_id", "sign"])
    for case in medtech_answers["cases"]:
        if case["kind"] in CASES:
            row = rows.loc[(case["account_id"], CASES[case["kind"]])]
            assert abs((row["since"] - pd.Timestamp(case["first_visible"])).days) <= 3
            assert row["severity"] == "act"


def test_what_has_passed_is_not_raised(warned, medtech_answers):
    passed = {(c["account_id"], c["reason"]) for c in medtech_answers["false_alarms"]}
    assert not passed & set(zip(warned.warnings["account_id"], warned.warnings["sign"], strict=True))


def test_few_accounts_without_a_planted_story_are_raised(warned, medtech_answers):
    planted = {c["account_id"] for group in ("churners", "churned", "cases") for c in medtech_answers[group]}
    early = warned.warnings[warned.warnings["sign"] != "silence"]
    clean = early[~early["account_id"].isin(planted)]
    assert clean["account_id"].nunique() <= 0.06 * medtech_answers["summary"]["accounts_buying_12_months"]
    assert clean.loc[clean["severity"] == "act", "account_id"].nunique() <= 4


def test_since_is_never_after_the_day_and_strength_within_bounds(warned):
    assert (warned.warnings["since"] <= pd.Timestamp("2026-06-30")).all()
    assert warned.warnings["strength"].between(0, 1).all()
    assert set(warned.warnings["severity"]) <= {"act", "watch"}


def test_transactions_alone():
    book = book_of(random_lines())
    result = early_warning(book, 90)
    wide = warning_signs.signs_at(book, AS_OF)
    assert (
        wide[["payment", "complaints", "contact_lost", "competitor", "delivery", "satisfaction_gap"]]
        .isna()
        .all()
        .all()
    )
    found = Findings("health")
    add_findings(found, result)
    assert "warn_orders_only" in [f.kind for f in found]


@pytest.mark.parametrize(
    "lines",
    [
        lines_of(("a", "2025-12-01", 10.0)),
        lines_of(("a", "2025-12-01", -10.0)),
        lines_of(("a", "2019-01-01", 1.0)),
    ],
)
def test_almost_no_history(lines):
    result = early_warning(book_of(lines), 180)
    found = Findings("health")
    add_findings(found, result)
    assert [f.kind for f in found] == [
        "warn_quiet",
        "warn_record_short",
        "warn_orders_only",
    ]  # not: 0 times on 0 days
    assert result.record.empty


def test_the_record_is_of_the_past_only(warned, medtech_book):
    record, figures = warned.record, warned.figures
    assert figures["last_cut"] == "2026-01-01"  # 180 days before the end
    assert (record["precision"] + record["false_alarm_rate"]).tolist() == pytest.approx([1.0] * len(record))
    assert (record["false_alarm_low"] <= record["false_alarm_rate"]).all()
    assert (record["false_alarm_rate"] <= record["false_alarm_high"]).all()
    assert (record["stopped"] <= record["raised"]).all()
    assert figures["stopped"] / figures["raised"] > 1.5 * figures["base"]
    days = past_days(medtech_book, medtech_book.seen_to, 180)
    assert {(b - a).days for a, b in pairwise(days)} == {90}
    assert days[0] >= medtech_book.days["date"].min() + pd.Timedelta(days=365)


def test_blind_picks_are_made_among_accounts_that_could_be_warned_of():
    """One-time buyers all stop; a rhythm is read for regular ones only, and of those it is the share that
    counts.
    """
    regular = pd.concat(
        [steady_lines(20, "2025-12-28" if n < 6 else "2025-02-20", account=f"r{n}") for n in range(8)]
    )
    once = lines_of(*[(f"o{n}", f"2024-{n % 12 + 1:02d}-05", 10.0) for n in range(60)])
    result = early_warning(book_of(pd.concat([regular, once])), 90)
    late = result.record.set_index("sign").loc["order_rhythm"]
    assert (late["raised"], late["stopped"], late["base"]) == (2, 2, 0.25)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_warning_can_be_said(warned, language):
    locale = Locale(language, "CNY")
    for _, row in warned.warnings.iterrows():
        said = locale.say(SIGN_EVIDENCE[variant(row)], **evidence(row))
        assert "–" not in said  # no figure is missing
        assert SIGN_ACTIONS[row["sign"]]
    found = Findings("health")
    add_findings(found, warned)
    for finding in found:
        said = headline(finding, locale, {})
        assert "–" not in said
        assert finding.action is None or finding.action in ACTIONS


def test_what_does_not_occur_is_not_counted_out():
    """None calls for action: the headline does not say that 0 do."""
    figures = {"accounts": 1, "act": 0, "watch": 1, "revenue": 10.0}
    said = headline(Finding("health", "warn_all", "watch", figures, ("X",)), Locale("en", "EUR"), {})
    assert said == "1 account shows a sign of leaving, with €10 of yearly revenue: 1 for attention. First: X."


def test_every_sign_has_its_words():
    assert set(SIGN_NAMES) == set(SIGN_ACTIONS) == set(warning_signs.SIGNS)


@pytest.mark.parametrize(("language", "silence"), [("zh", "没有新投诉"), ("en", "no new one")])
def test_who_complains_no_more_but_orders_is_not_told_to_have_stopped_ordering(language, silence):
    """Seven complaints up to 2 November, all open, 59 days before the end; an order 5 days before it."""
    opened = [pd.Timestamp("2024-01-05"), *pd.date_range(end="2025-11-02", periods=7, freq="14D")]
    tickets = pd.DataFrame({"account_id": list("baaaaaaa"), "opened": opened, "kind": "complaint"})
    lines = pd.concat([steady_lines(30, "2025-12-26"), steady_lines(30, "2025-12-26", account="b")])
    warned = early_warning(book_of(lines, tickets=tickets), 90).warnings
    row = warned[warned["sign"] == "complaints"].iloc[0]
    said = Locale(language, "EUR").say(SIGN_EVIDENCE[variant(row)], **evidence(row))
    assert sorted(map(int, re.findall(r"\d+", said))) == [7, 7, 59, 180]
    assert silence in said and "下单" not in said


def test_payment_says_the_figures_of_the_first(warned):
    found = Findings("health")
    add_findings(found, warned)
    payment = next(f for f in found if f.kind == "warn_payment")
    assert payment.accounts[0] == "C0074"
    assert (payment.figures["bills_overdue"], payment.figures["oldest"], payment.figures["since"]) == (
        18,
        229,
        "2025-12-14",
    )


def history(stops: bool, accounts: int = 30):
    """Every account buys each 20 days for three years; twelve are sent bills that they pay two months later
    than before from October 2024 on, and in March they stop, or do not.
    """
    lines, bills = [], []
    for n in range(accounts):
        warned_of = n < 12
        end = pd.Timestamp("2025-03-15") if warned_of and stops else AS_OF
        for day in pd.date_range(f"2023-01-{n % 20 + 1:02d}", end, freq="20D"):
            lines.append((f"A{n:02d}", str(day.date()), 100.0))
            slips = warned_of and day >= pd.Timestamp("2024-10-01")
            paid = day + pd.Timedelta(days=(88 if slips else 30) + (n + day.day) % 5)
            bills.append((f"A{n:02d}", day, day + pd.Timedelta(days=30), paid, 100.0))
    bills = pd.DataFrame(bills, columns=["account_id", "invoice_date", "due_date", "paid_date", "amount"])
    bills["paid_date"] = bills["paid_date"].where(bills["paid_date"] <= AS_OF)
    return book_of(lines_of(*lines), receivables=bills)


@pytest.mark.parametrize(("stops", "verdict"), [(True, "proven"), (False, "not_proven")])
def test_a_sign_calls_for_action_only_where_its_past_bears_it(stops, verdict):
    """Twelve of thirty accounts showed it, once each however many days it stood. Some were told of it more
    than a horizon before they stopped: there it was not right.
    """
    result = early_warning(history(stops), 120)
    payment = result.record.set_index("sign").loc["payment"]
    assert (payment["raised"], payment["verdict"]) == (12, verdict)
    assert 6 <= payment["stopped"] <= 12 if stops else payment["stopped"] == 0
    assert payment["p_value"] < 0.01 if stops else payment["p_value"] == 1.0


def test_facts_call_for_action_without_a_record_and_forecasts_do_not():
    raised = pd.DataFrame(
        {
            "account_id": ["a", "b", "c", "d"],
            "sign": ["payment", "payment", "delivery", "complaints"],
            "severity": ["act", "act", "act", "watch"],
            "fact": [True, False, False, True],
        }
    )
    none = judged(raised, pd.DataFrame(columns=["sign", "verdict"]))
    assert none["severity"].tolist() == ["act", "watch", "watch", "watch"]
    assert none["record"].tolist() == ["fact", "too_few", "too_few", "fact"]
    record = pd.DataFrame({"sign": ["payment", "delivery"], "verdict": ["not_proven", "proven"]})
    some = judged(raised, record)
    assert some["severity"].tolist() == ["act", "watch", "act", "watch"]
    assert some["record"].tolist() == ["fact", "not_proven", "proven", "fact"]


@pytest.mark.parametrize(
    ("open_gap", "severity", "rests_on"),
    [(10.0, "watch", "resumed"), (21.0, "watch", "resumed"), (22.0, "act", "proven")],
)
def test_who_ordered_within_its_earlier_gap_is_to_be_watched(open_gap, severity, rests_on):
    """21 days between orders before, 80 lately: late today only if the last order is over 21 days ago."""
    raised = pd.DataFrame(
        {
            "account_id": ["a"],
            "sign": ["order_rhythm"],
            "severity": ["act"],
            "fact": [False],
            "usual": [21.0],
            "recent": [80.0],
            "open_gap": [open_gap],
        }
    )
    row = judged(raised, pd.DataFrame({"sign": ["order_rhythm"], "verdict": ["proven"]})).iloc[0]
    assert (row["severity"], row["record"]) == (severity, rests_on)
