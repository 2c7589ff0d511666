"""results.xlsx on step 3: every list whole, in both languages, with the client's text as text."""

import dataclasses
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kamplay.codebook import codebook
from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.method.health.step import health_model
from kamplay.method.tiers.step import define_tiers
from kamplay.presets import load_health, load_scorecard
from kamplay.report import results, workbook
from kamplay.report import workbook as workbook_health
from kamplay.run_folder import shipped
from kamplay.show.locale import Locale
from kamplay.show.view import View, using
from kamplay.show.vocabulary import SIGN_NAMES

MEDTECH = shipped("data_templates") / "samples" / "medtech"
HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def book():
    return prepare(load(MEDTECH))


@pytest.fixture(scope="module")
def health(book):
    """Step 3 of the sample, with a score that moved, a contact whose name looks like a formula, and a
    decision by hand.
    """
    levels = define_tiers(book, load_scorecard("four_dimensions", Path())).accounts["level"]
    found = health_model(book, 180, load_health("standard", Path()), levels, 320)
    people = found.stakeholders.people.copy()
    people.loc[people.index[0], ["name", "label"]] = HOSTILE
    first = found.score_accounts.index[0]
    moves = pd.DataFrame(
        {
            "before": 80.0, "now": 60.0, "change": -20.0, "customer": -15.0, "age": -5.0, "override": 0.0, "definition": 0.0,
            "band_before": "green", "band_now": "yellow", "because": "overdue",
        }, index=pd.Index([first], name="account_id"),
    )  # fmt: skip
    scores = found.score_accounts.copy()
    scores.loc[first, "override_reason"] = HOSTILE
    stakeholders = dataclasses.replace(found.stakeholders, people=people)
    return dataclasses.replace(found, stakeholders=stakeholders, score_moves=moves, score_accounts=scores)


@pytest.fixture(params=["zh", "en"])
def view(request, book):
    view = View(Locale(request.param, "CNY"), {**book.names.to_dict(), "C0092": HOSTILE})
    with using(view):
        yield view


@pytest.fixture
def written(tmp_path, view, health):
    accounts = pd.DataFrame(columns=[*workbook.LABELS][1:], index=pd.Index([], name="account_id"))
    workbook.write(tmp_path / "w.xlsx", accounts, [], view, workbook_health.health_lists(health, view))
    return openpyxl.load_workbook(tmp_path / "w.xlsx")


def rows_of(written, view, name):
    sheet = written[view.locale.text(workbook.LISTS[name][0])]
    head, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=workbook.LISTS[name][1]), head


def test_no_column_means_two_things():
    assert not (set(workbook_health.HEALTH_LABELS) & set(workbook.LABELS)) - {"override_reason"}
    labels = workbook.LABELS | workbook.LIST_LABELS
    assert all(column in labels for _, columns in workbook.LISTS.values() for column in columns)
    assert all(workbook.LIST_LABELS[name] == label for name, label in workbook_health.HEALTH_LABELS.items())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_has_a_name_of_its_own_that_excel_takes(language):
    names = [Locale(language, "CNY").text(title) for title, _ in workbook.LISTS.values()]
    assert len({n.casefold() for n in names}) == len(names)
    assert all(len(n) <= 31 and not set(n) & set("[]:*?/\\") for n in names)


def test_every_list_of_the_step_is_there_whole(written, view, health):
    expected = {
        "watch_list": len(health.watch), "warnings": len(health.warnings), "warning_record": len(health.warning_record),
        "scores": len(health.score_accounts), "score_moves": 1, "risk": len(health.risk), "input_drift": len(health.input_drift),
        "calibration": len(health.validation.calibration), "relations": len(health.stakeholders.relations), "people": len(health.stakeholders.people),
        "order_to_cash": len(health.order_to_cash.accounts), "hazard_ratios": len(health.retention.hazard_ratios),
    }  # fmt: skip
    assert all(expected.values())
    assert {name: len(rows_of(written, view, name)[0]) for name in expected} == expected


def test_headers_are_in_the_language_of_the_page(written, view):
    for name in workbook_health.HEALTH_LISTS:
        if view.locale.text(workbook.LISTS[name][0]) not in written.sheetnames:
            continue
        _, head = rows_of(written, view, name)
        chinese = [any("一" <= letter <= "鿿" for letter in cell) for cell in head]
        assert all(chinese) if view.locale.language == "zh" else not any(chinese), (name, head)


def test_text_of_the_client_is_no_formula(written):
    cells = [c for sheet in written for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert sum(c.value == HOSTILE for c in cells) >= 3  # as a person, as an account and as a reason


def test_the_watch_list_says_why_since_when_and_how_sure(written, view, health):
    shown, _ = rows_of(written, view, "watch_list")
    first = health.watch.iloc[0]
    row = shown.iloc[0]
    assert row["account_id"] == health.watch.index[0] and row["revenue_at_risk"] == pytest.approx(
        first["at_risk"]
    )
    assert (
        row["sign"] == view.locale.text(SIGN_NAMES[first["sign"]])
        and pd.Timestamp(row["since"]) == first["since"]
    )
    assert row["churn_low"] <= row["churn_probability"] <= row["churn_high"]


def test_what_costs_points_adds_up_with_what_is_too_small_to_list(written, view, health):
    shown, _ = rows_of(written, view, "score_parts")
    parts = health.score_parts[health.score_parts["lost"] >= workbook_health.LEAST]
    assert len(shown) == len(parts) and shown["lost"].sum() == pytest.approx(parts["lost"].sum(), abs=0.01)
    order = health.score_accounts["revenue"].sort_values(ascending=False).index
    assert list(dict.fromkeys(shown["account_id"])) == [a for a in order if a in set(parts["account_id"])]


def test_a_long_detail_is_cut_between_accounts(view, health, monkeypatch):
    monkeypatch.setattr(workbook_health, "MOST_PARTS", 100)
    kept = workbook_health.health_lists(health, view)["score_parts"]
    whole = (
        health.score_parts[health.score_parts["lost"] >= workbook_health.LEAST]
        .groupby("account_id", observed=True)
        .size()
    )
    assert 0 < len(kept) <= 100
    counted = kept["account_id"].value_counts()
    assert counted.to_dict() == whole.reindex(counted.index).to_dict()


def test_words_for_people_and_rates_of_a_few_cases(written, view, health):
    people, _ = rows_of(written, view, "people")
    layers = {c[view.locale.language] for c in codebook()["contacts"].columns["layer"].choices.values()}
    assert set(people["layer"].dropna()) <= layers
    assert (people["present"] == view.locale.text("no")).sum() == health.stakeholders.people["gone"].sum()
    record, _ = rows_of(written, view, "warning_record")
    assert list(record["right"].notna()) == list(health.warning_record["enough"])
    moves, _ = rows_of(written, view, "score_moves")
    assert moves["driver"].notna().all() and moves["points_change"].iloc[0] == -20


def test_nothing_known_gives_no_sheet(view, health):
    parts = {f.name: getattr(health, f.name) for f in dataclasses.fields(health)}
    bare = {name: part.iloc[:0] for name, part in parts.items() if isinstance(part, pd.DataFrame)}
    bare |= {name: type(part)() for name, part in parts.items() if dataclasses.is_dataclass(part)}
    empty = dataclasses.replace(health, **bare)
    assert workbook_health.health_lists(empty, view) == {}


def test_the_sheet_of_accounts_has_columns_of_accounts_csv_only():
    assert set(workbook.LABELS) - {"account_id"} <= set(results.COLUMNS)
