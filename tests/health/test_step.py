"""Step 3 as a whole: no look into the future, honest refusal, one list to act on; figures by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines

from kamplay import run_folder
from kamplay.method.health.step import Health, health_model
from kamplay.presets import load_health
from kamplay.show.findings import headline
from kamplay.show.locale import Locale

CARD = load_health("standard", Path())


def of(lines: pd.DataFrame, horizon: int = 180, **tables: pd.DataFrame) -> Health:
    return health_model(book_of(lines, **tables), horizon, CARD)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Equal values; a missing text may be None or NaN."""
    plain = [frame.astype(object).where(frame.notna(), None) for frame in (one, other)]
    pd.testing.assert_frame_equal(*plain, check_index_type=False)


@pytest.fixture(scope="module")
def result(medtech_steps) -> Health:
    return medtech_steps.health


def test_nothing_after_the_reporting_date_is_seen():
    """Lines dated after as_of, whatever they say, change no figure of the step."""
    lines = random_lines(60)
    later = lines.sample(100, random_state=4).assign(date=AS_OF + pd.Timedelta(days=20), amount=999.0)
    one, other = of(lines), of(pd.concat([lines, later], ignore_index=True))
    pd.testing.assert_frame_equal(one.accounts, other.accounts)
    pd.testing.assert_frame_equal(one.priority_list.accounts, other.priority_list.accounts)


def test_missing_months_are_not_silence():
    """Data that end four months before as_of: health is judged where the data end."""
    lines = lines_of(
        *[(f"a{n}", d, 10.0) for n in range(5) for d in pd.date_range("2024-01-05", "2025-08-31", freq="20D")]
    )
    result = of(lines)
    assert result.finding("seen_to").figures["seen_to"] == str(lines["date"].max().date())
    assert (result.accounts["health_band"] == "green").all()


def test_health_covers_every_account_that_bought_twice_and_in_the_year():
    lines = random_lines(60)
    result = of(lines)
    past = lines[lines["date"] <= AS_OF]
    bought = set(past.loc[past["date"] > AS_OF - pd.Timedelta(days=365), "account_id"])
    often = past.drop_duplicates(["account_id", "date"])["account_id"].value_counts()
    assert set(result.accounts["health"].dropna().index) == {a for a in bought if often[a] > 1}


def test_too_few_is_said_and_the_score_still_ranks():
    result = of(random_lines(12))
    assert result.key_figures["verdict"] == "too_few" and result.key_figures["auc"] is None
    assert result.accounts["churn_probability"].isna().all()
    assert result.finding("too_few") or result.finding("too_short")
    assert (
        result.accounts["health"].notna().sum() >= 5
        and result.revenue_at_risk.groups.empty
        and result.validation.method_comparison.empty
    )


def test_no_account_at_all():
    result = of(lines_of(("a", "2020-01-01", 5.0)))
    assert (
        result.accounts["health"].isna().all()
        and result.priority_list.accounts.empty
        and result.finding("watch_too_few")
    )


def test_what_cannot_be_set_against_anything_is_said_without_a_figure():
    """An overdue bill of an account that bought nothing in the year; no account with a score."""
    bills = pd.DataFrame(
        {"account_id": ["a"], "invoice_date": ["2023-02-01"], "due_date": ["2023-03-01"], "amount": [50.0]}
    )
    dated = bills.assign(**{c: pd.to_datetime(bills[c]) for c in ("invoice_date", "due_date")})
    result = of(lines_of(("a", "2023-02-01", 50.0), ("b", "2025-12-01", 9.0)), receivables=dated)
    for kind in ("overdue_without_purchases", "none_scored"):
        for language in ("zh", "en"):
            assert "–" not in headline(result.finding(kind), Locale(language, "EUR"), {})
    assert not result.finding("overdue") and not result.finding("no_red")


def test_equals_stand_in_the_order_of_their_ids():
    """60 accounts of one revenue that all turned red: an unstable sort would name others on another
    machine."""
    days = pd.date_range("2024-01-05", "2025-05-31", freq="20D")
    result = of(
        lines_of(*[(f"a{n:02d}", d, 10.0) for n in range(60) for d in days], ("z", "2025-12-30", 1.0))
    )
    assert result.finding("red_gone").accounts == tuple(f"a{n:02d}" for n in range(20))


def test_what_is_saved_is_what_is_loaded(result, tmp_path):
    run_folder.save_result(result, tmp_path, "")
    again = run_folder.load_result(Health, tmp_path)
    assert again.key_figures == result.key_figures and again.findings == result.findings
    same(again.stakeholders.relations, result.stakeholders.relations)
    same(again.order_to_cash.stages, result.order_to_cash.stages)
    assert (
        again.stakeholders.figures == result.stakeholders.figures
        and again.stakeholders.unmapped == result.stakeholders.unmapped
    )
    same(again.score.parts, result.score.parts)
    pd.testing.assert_series_equal(again.churn.probability, result.churn.probability, check_names=False)


def test_the_planted_cases_are_on_the_list_with_their_reason(result, medtech_answers):
    """The unpaid key account, the lost champion and the satisfaction that diverges: on the list, each by its
    sign and its first date.
    """
    cases = {c["kind"]: c for c in medtech_answers["cases"]}
    for kind, sign in (
        ("unpaid_key", "payment"),
        ("lost_champion", "contact_lost"),
        ("satisfaction_divergence", "satisfaction_gap"),
    ):
        row = result.priority_list.accounts.loc[cases[kind]["account_id"]]
        assert (row["sign"], str(row["since"].date())) == (sign, cases[kind]["first_visible"]), kind


def test_planted_churners_are_named_with_their_reason_first(result, medtech_answers):
    """health_drivers opens with the planted reason for every account about to leave that a sign calls for
    action on, and that are most of them. Two lost deals, or an order some weeks late, are no more than chance
    gives one of 240 accounts; a sign that too few showed in the past asks for attention only.
    """
    leaving = medtech_answers["churners"]
    warnings = result.early_warning.warnings
    called = set(warnings.loc[warnings["severity"] == "act", "account_id"])
    by_account = result.drivers.drop_duplicates("account_id").set_index("account_id")["code"]
    first = [by_account[c["account_id"]] for c in leaving]
    right = [f == c["reason"] for f, c in zip(first, leaving, strict=True)]
    said = [c["account_id"] in called for c in leaving]
    assert sum(said) > len(leaving) / 2
    # another sign stands first only where it raises the chance of stopping more than the planted one
    raises = warnings.set_index(["account_id", "sign"])["raises"]
    others = [c for c, r, s in zip(leaving, right, said, strict=True) if s and not r]
    assert [c["account_id"] for c in others] == ["C0056"]
    assert raises["C0056", "complaints"] > raises["C0056", others[0]["reason"]] > 0


def test_an_account_with_a_grave_sign_is_not_green(result):
    warnings = result.early_warning.warnings
    grave = warnings.loc[
        (warnings["severity"] == "act") & (warnings["sign"] != "silence"), "account_id"
    ].unique()
    assert len(grave) >= 10 and not (result.accounts.loc[grave, "health_band"] == "green").any()


def test_drivers_add_up_to_the_points_lost(result):
    """Red flag and warning included, in whole points: one rounding each."""
    drivers = result.drivers.groupby("account_id")["points"].agg(["sum", "size"])
    off = (100 + drivers["sum"] - result.accounts["health"].reindex(drivers.index)).abs()
    assert len(drivers) > 100 and (off <= 0.5 * drivers["size"] + 0.5).all()


def test_the_model_explains_itself_exactly(result):
    """Contributions and intercept give the probability to the last printed digit."""
    logit = result.churn.contributions.sum(axis=1) + result.churn.intercept
    given = result.accounts.loc[logit.index, "churn_probability"]
    assert (1 / (1 + np.exp(-logit)) - given).abs().max() < 1e-4


def test_row_order_changes_nothing():
    lines = random_lines(40, seed=6)
    one, other = of(lines), of(lines.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(one.accounts, other.accounts)


def test_planted_churners_are_in_the_top_decile_of_the_warnings(result, medtech_answers):
    """Ranked by the strength of their signs, accounts about to leave are in the first tenth of those that
    bought in the year, for at least 80 % of them. By the chance of buying
    nothing for 180 days they cannot be: they still order for a while.
    """
    leaving = medtech_answers["churners"]
    active = result.accounts[result.accounts["churn_probability"].notna()]
    place = active["warning_strength"].fillna(0.0).rank(ascending=False, method="max")
    hit = [place[c["account_id"]] <= len(active) / 10 for c in leaving]
    assert sum(hit) >= 0.8 * len(leaving), hit


def test_what_grows_with_the_record_is_no_drift(result):
    """Years as a customer and the chance of having left grow as the data go on; the other inputs are
    compared.
    """
    compared = set(result.input_drift["feature"])
    assert {"silent", "lateness", "p_none"} <= compared and not {"tenure", "p_left"} & compared


def test_of_a_handful_of_accounts_no_verdict_is_given_but_the_fall_is_told():
    """Three accounts; two bring half of what they brought the year before."""
    days = [str(day.date()) for day in pd.date_range("2024-01-01", "2025-12-15", freq="MS")]
    rows = []
    for name, share in (("a", 0.5), ("b", 0.5), ("c", 1.0)):
        rows += [(name, day, 100.0 if day < "2025" else 100.0 * share) for day in days]
    result = of(lines_of(*rows))
    found = result.finding("watch_too_few")
    assert not result.finding("watch_none")
    assert list(found.accounts) == ["a", "b"]
    assert (found.figures["buying"], found.figures["needed"], found.figures["count"]) == (3, 25, 2)
    assert (found.figures["now"], found.figures["before"]) == (2 * 12 * 50.0, 2 * 12 * 100.0)
    told = headline(found, Locale("en", "EUR"), {"a": "First", "b": "Second"})
    assert "too few to tell" in told.lower()
    assert "First" in told
