"""Signs that an account may leave: planted ones are found with their date, passed ones are not raised, chance
rarely raises any.
"""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, ROOT, book_of, lines_of, random_lines
from words import of_module

from kamplay.book import Book
from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.method.health.early_warning import add_findings, early_warning, evidence, past_days, variant
from kamplay.method.health.priority_list import priority_list
from kamplay.method.measures import warning_signs
from kamplay.method.measures.sign_onset import episode
from kamplay.method.measures.warning_signs import strongest_sign
from kamplay.method.plan.next_action import signs_of
from kamplay.method.results import Finding, Findings
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.vocabulary import SIGN_ACTIONS, SIGN_EVIDENCE, SIGN_NAMES

ACTIONS = of_module("health.early_warning").ACTIONS
HEADLINES = of_module("health.early_warning").HEADLINES
TOPICS = of_module("health.early_warning").TOPICS

SAMPLE = ROOT / "data_templates" / "samples" / "medtech"
CASES = {
    "unpaid_key": "payment",
    "lost_champion": "contact_lost",
    "satisfaction_divergence": "satisfaction_gap",
}


@pytest.fixture(scope="module")
def medtech() -> Book:
    return prepare(load(SAMPLE))


@pytest.fixture(scope="module")
def answers() -> dict:
    return json.loads((SAMPLE / "answer_key.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def warned(medtech):
    return early_warning(medtech, 180)


def steady(gap: int, until: str, days: int = 1000, account: str = "a") -> pd.DataFrame:
    end = pd.Timestamp(until)
    return lines_of(
        *[(account, str((end - pd.Timedelta(days=d)).date()), 100.0) for d in range(0, days, gap)]
    )


def test_the_planted_reason_is_the_strongest(medtech, answers):
    wide = warning_signs.signs_at(medtech, pd.Timestamp(medtech.as_of))
    hits = [
        wide.loc[c["account_id"]].idxmax() == c["reason"]
        for c in answers["churners"]
        if wide.loc[c["account_id"]].max() > 0
    ]
    assert sum(hits) >= 12  # of 14
    active = warning_signs.active_accounts(medtech, pd.Timestamp(medtech.as_of))
    rank = warning_signs.combined_strength(wide.loc[active]).rank(ascending=False, method="min")
    assert sum(rank[c["account_id"]] <= len(active) / 10 for c in answers["churners"]) >= 12


def test_the_cases_are_raised_with_their_date(warned, answers):
    for case in answers["cases"]:
        if case["kind"] in CASES:
            row = warned.warnings.set_index(["account_id", "sign"]).loc[
                (case["account_id"], CASES[case["kind"]])
            ]
            assert abs((row["since"] - pd.Timestamp(case["first_visible"])).days) <= 3
            assert row["severity"] == "act"


def test_what_has_passed_is_not_raised(warned, answers):
    passed = {(c["account_id"], c["reason"]) for c in answers["false_alarms"]}
    assert not passed & set(zip(warned.warnings["account_id"], warned.warnings["sign"], strict=True))


def test_few_accounts_without_a_planted_story_are_raised(warned, answers):
    planted = {c["account_id"] for group in ("churners", "churned", "cases") for c in answers[group]}
    early = warned.warnings[warned.warnings["sign"] != "silence"]
    clean = early[~early["account_id"].isin(planted)]
    assert clean["account_id"].nunique() <= 0.06 * answers["summary"]["accounts_buying_12_months"]
    assert clean.loc[clean["severity"] == "act", "account_id"].nunique() <= 4


def test_since_is_never_after_the_day_and_strength_within_bounds(warned):
    assert (warned.warnings["since"] <= pd.Timestamp("2026-06-30")).all()
    assert warned.warnings["strength"].between(0, 1).all()
    assert set(warned.warnings["severity"]) <= {"act", "watch"}


def test_nothing_after_the_day_is_read(medtech):
    """A past day reads the same when everything after it is struck from the tables."""
    day = pd.Timestamp("2025-09-30")
    dates = {
        "receivables": "invoice_date",
        "deliveries": "promised_date",
        "tickets": "opened",
        "surveys": "date",
        "visits": "date",
        "opportunities": "closed",
    }
    ends = {"receivables": "paid_date", "deliveries": "delivered_date", "tickets": "closed"}
    tables = dict(medtech.tables)
    for name, column in dates.items():
        rows = tables[name][tables[name][column] <= day]
        tables[name] = (
            rows.assign(**{ends[name]: rows[ends[name]].where(rows[ends[name]] <= day)})
            if name in ends
            else rows
        )
    tables.pop("contacts"), tables.pop("wallet")  # undated: open for the present only
    ended = medtech.monthly["month_end"] <= day
    buckets = medtech.monthly.loc[ended, "bucket"].min()
    cut = replace(
        medtech,
        tables=tables,
        days=medtech.days[medtech.days["date"] <= day],
        baskets=medtech.baskets[medtech.baskets["bucket"] >= buckets],
    )
    whole = warning_signs.signs_at(medtech, day)
    pd.testing.assert_frame_equal(whole, warning_signs.signs_at(cut, day)[whole.columns])
    assert (whole > 0).any().sum() >= 6


def test_a_steady_buyer_is_not_late_and_one_that_slows_is():
    usual = pd.concat([steady(20, "2025-12-28", account="a"), steady(20, "2025-08-01", account="b")])
    slow = lines_of(*[("b", d, 100.0) for d in ("2025-09-10", "2025-10-20", "2025-11-30")])
    wide = warning_signs.signs_at(book_of(pd.concat([usual, slow])), AS_OF)
    assert wide.loc["a", "order_rhythm"] == 0
    assert wide.loc["b", "order_rhythm"] > 0
    assert wide["payment"].isna().all()  # without the table


def test_a_stopped_account_is_silent_and_not_late():
    wide = warning_signs.signs_at(book_of(steady(20, "2025-05-01")), AS_OF)
    assert wide.loc["a", "silence"] == 1.0
    assert wide.loc["a", "order_rhythm"] == 0
    assert warning_signs.combined_strength(wide).loc["a"] == 0


def test_the_last_run_of_events_counts():
    days = pd.to_datetime(["2024-01-01", "2025-06-01", "2025-07-01", "2025-08-01"])
    events = pd.DataFrame({"account_id": ["a"] * 4, "date": days})
    assert episode(events).loc["a"] == days[1]
    assert episode(events, nth=3).loc["a"] == days[3]
    assert episode(events, nth=4).empty


def test_complaints_that_are_usual_for_the_account_are_no_sign():
    days = pd.date_range("2024-06-01", "2025-12-20", freq="14D").astype("datetime64[us]")
    tickets = pd.DataFrame(
        {
            "account_id": "a",
            "opened": days,
            "closed": days + pd.Timedelta(days=2),
            "kind": "complaint",
            "due": days,
        }
    )
    book = book_of(
        pd.concat([steady(20, "2025-12-20"), steady(20, "2025-12-20", account="b")]), tickets=tickets
    )
    assert warning_signs.signs_at(book, AS_OF).loc["a", "complaints"] == 0
    late = book_of(
        steady(20, "2025-12-20"),
        tickets=pd.concat([tickets.head(1), tickets[tickets["opened"] > "2025-09-20"]]),
    )
    assert warning_signs.signs_at(late, AS_OF).loc["a", "complaints"] > 0


def test_accounts_that_come_later_change_no_sign_of_before():
    """Neither the number of accounts that come later, nor the scale of later surveys, moves what was seen on
    a day.
    """
    cut = pd.Timestamp("2025-06-30")
    days = pd.DatetimeIndex(
        [
            *pd.date_range("2024-07-10", periods=3, freq="50D"),
            *pd.date_range("2025-01-10", periods=5, freq="30D"),
        ]
    )
    tickets = pd.DataFrame(
        {"account_id": list("bbbaaaaa"), "opened": days, "closed": days, "kind": "complaint"}
    )
    surveys = pd.DataFrame(
        {"account_id": "a", "date": pd.to_datetime(["2024-06-01", "2025-05-01"]), "score": [5.0, 4.0]}
    )
    early = pd.concat([steady(20, "2025-12-20", account=a) for a in "abc"])
    later = pd.concat(
        [early, *(lines_of((f"n{i}", "2025-11-01", 5.0), (f"n{i}", "2025-12-01", 5.0)) for i in range(30))]
    )
    ten = pd.concat(
        [surveys, pd.DataFrame({"account_id": ["n1"], "date": [pd.Timestamp("2025-11-01")], "score": [10.0]})]
    )
    one, two = (
        warning_signs.signs_at(book_of(x, tickets=tickets, surveys=s), cut)
        for x, s in ((early, surveys), (later, ten))
    )
    assert one.loc["a", "complaints"] > 0 and one.loc["a", "satisfaction_gap"] > 0
    pd.testing.assert_frame_equal(one, two.loc[one.index])


def test_deals_without_a_column_of_accounts_are_nobodys():
    deals = pd.DataFrame(
        {"opportunity_id": ["1"], "closed": [AS_OF], "result": ["lost"], "competitor": ["X"]}
    )
    assert "competitor" not in set(
        warning_signs.raised_signs(book_of(steady(20, "2025-12-20"), opportunities=deals), AS_OF)["sign"]
    )


def test_of_two_equally_strong_signs_everyone_names_the_same():
    """Accounts, the list and the plan speak of payment, which stands before complaints, in whatever order
    they come.
    """
    tie = [("a", "complaints", 0.8), ("a", "payment", 0.8), ("a", "delivery", 0.7), ("b", "competitor", 0.9)]
    for rows in (tie, tie[::-1]):
        raised = pd.DataFrame(rows, columns=["account_id", "sign", "strength"])
        raised = raised.assign(severity="act", since=AS_OF, revenue=5.0, overall=0.9)
        assert strongest_sign(raised)["sign"].to_dict() == {"a": "payment", "b": "competitor"}
        assert strongest_sign(raised, 2)["sign"].to_dict() == {"a": "complaints"}
        assert signs_of(raised).loc["a", "sign"] == "payment"
        names = [
            "revenue",
            "probability",
            "at_risk",
            "low",
            "high",
            "health",
            "health_band",
            "health_drivers",
        ]
        listed = priority_list(pd.DataFrame([[5.0, 0.5, 2.5, *[None] * 5]], ["a"], names), raised)
        assert listed.loc["a", ["sign", "more"]].tolist() == ["payment", "complaints"]


def test_combined_strength_is_one_less_the_product():
    wide = pd.DataFrame({s: [0.0] for s in warning_signs.SIGNS}).assign(
        payment=0.5, delivery=0.4, silence=1.0, complaints=np.nan
    )
    assert warning_signs.combined_strength(wide).iloc[0] == pytest.approx(0.7)


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


def test_the_record_is_of_the_past_only(warned, medtech):
    record, figures = warned.record, warned.figures
    assert figures["last_cut"] == "2026-01-01"  # 180 days before the end
    assert (record["right"] + record["wolf"]).tolist() == pytest.approx([1.0] * len(record))
    assert ((record["wolf_low"] <= record["wolf"]) & (record["wolf"] <= record["wolf_high"])).all()
    assert (record["stopped"] <= record["raised"]).all()
    assert figures["stopped"] / figures["raised"] > 1.5 * figures["base"]
    days = past_days(medtech, 180)
    assert {(b - a).days for a, b in pairwise(days)} == {90}
    assert days[0] >= medtech.days["date"].min() + pd.Timedelta(days=365)


def test_blind_picks_are_made_among_accounts_that_could_be_warned_of():
    """One-time buyers all stop; a rhythm is read for regular ones only, and of those it is the share that
    counts.
    """
    regular = pd.concat(
        [steady(20, "2025-12-28" if n < 6 else "2025-02-20", account=f"r{n}") for n in range(8)]
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
    assert {kind for kinds in TOPICS.values() for kind in kinds} == set(HEADLINES)


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
