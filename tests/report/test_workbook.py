"""results.xlsx on step 3: every list whole, in both languages, with the client's text as text."""

import dataclasses

import openpyxl
import pandas as pd
import pytest

from kamplay.codebook import codebook
from kamplay.method.health.score_attribution import ScoreChanges
from kamplay.report import results, workbook
from kamplay.show import registry
from kamplay.show.health import score
from kamplay.show.locale import Locale
from kamplay.show.view import View, using
from kamplay.show.vocabulary import SIGN_NAMES

HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def health(medtech_steps):
    """Step 3 of the sample, with a score that moved, a contact whose name looks like a formula, and a
    decision by hand.
    """
    found = medtech_steps.health
    people = found.stakeholders.people.copy()
    people.loc[people.index[0], ["name", "label"]] = HOSTILE
    first = found.score.accounts.index[0]
    moves = pd.DataFrame(
        {
            "before": 80.0,
            "now": 60.0,
            "change": -20.0,
            "customer": -15.0,
            "age": -5.0,
            "override": 0.0,
            "definition": 0.0,
            "band_before": "green",
            "band_now": "yellow",
            "because": "overdue",
        },
        index=pd.Index([first], name="account_id"),
    )
    scores = found.score.accounts.copy()
    scores.loc[first, "override_reason"] = HOSTILE
    return dataclasses.replace(
        found,
        stakeholders=dataclasses.replace(found.stakeholders, people=people),
        score=dataclasses.replace(found.score, accounts=scores),
        score_changes=ScoreChanges(moves, pd.DataFrame(), True),
    )


@pytest.fixture(scope="module", params=["zh", "en"])
def view(request, medtech_book):
    view = View(Locale(request.param, "CNY"), {**medtech_book.names.to_dict(), "C0092": HOSTILE})
    with using(view):
        yield view


@pytest.fixture(scope="module")
def written(tmp_path_factory, view, health):
    file = tmp_path_factory.mktemp("written") / "w.xlsx"
    accounts = pd.DataFrame(
        columns=[c.key for c in workbook.ACCOUNTS][2:], index=pd.Index([], name="account_id")
    )
    workbook.write(file, accounts, [], view, sheets_of(health, view).values())
    return openpyxl.load_workbook(file)


def sheets_of(health, view):
    """The sheets of step 3 that have rows."""
    of_step = {name: make for name, make in registry.sheets.items() if registry.step_of(make) == "health"}
    with using(view):
        made = {name: make(health) for name, make in of_step.items()}
    return {name: sheet for name, sheet in made.items() if len(sheet.rows)}


def rows_of(written, view, health, name):
    sheet = sheets_of(health, view)[name]
    head, *rows = written[view.locale.text(sheet.title)].iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=[c.key for c in sheet.columns]), head


def test_every_sheet_has_a_name_of_its_own_that_excel_takes(view, medtech_steps, health):
    steps = {
        "tiers": medtech_steps.tiers,
        "value": medtech_steps.value,
        "health": health,
        "plan": medtech_steps.plan,
    }
    names = [view.locale.text(sheet.title) for sheet in workbook.sheets_of(steps, view)]
    assert len({n.casefold() for n in names}) == len(names) > 30
    assert all(len(n) <= 31 and not set(n) & set("[]:*?/\\") for n in names)
    assert set(workbook.ORDER) <= set(registry.sheets)


def test_every_list_of_the_step_is_there_whole(written, view, health):
    expected = {
        "watch_list": health.priority_list.accounts,
        "warnings": health.early_warning.warnings,
        "warning_record": health.early_warning.record,
        "scores": health.score.accounts,
        "score_moves": health.score_changes.accounts,
        "risk": health.revenue_at_risk.groups,
        "input_drift": health.input_drift,
        "calibration": health.validation.calibration,
        "relations": health.stakeholders.relations,
        "people": health.stakeholders.people,
        "order_to_cash": health.order_to_cash.accounts,
        "hazard_ratios": health.retention.hazard_ratios,
    }
    for name, table in expected.items():
        assert len(rows_of(written, view, health, name)[0]) == len(table) > 0, name


def test_headers_are_in_the_language_of_the_page(written, view, health):
    for name in sheets_of(health, view):
        _, head = rows_of(written, view, health, name)
        chinese = [any("一" <= letter <= "鿿" for letter in cell) for cell in head]
        assert all(chinese) if view.locale.language == "zh" else not any(chinese), (name, head)


def test_text_of_the_client_is_no_formula(written):
    cells = [c for sheet in written for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert sum(c.value == HOSTILE for c in cells) >= 3  # as a person, as an account and as a reason


def test_the_watch_list_says_why_since_when_and_how_sure(written, view, health):
    shown, _ = rows_of(written, view, health, "watch_list")
    first = health.priority_list.accounts.iloc[0]
    row = shown.iloc[0]
    assert row["account_id"] == health.priority_list.accounts.index[0]
    assert row["at_risk"] == pytest.approx(first["at_risk"])
    assert row["sign"] == view.locale.text(SIGN_NAMES[first["sign"]])
    assert pd.Timestamp(row["since"]) == first["since"]
    assert row["low"] <= row["probability"] <= row["high"]


def test_what_costs_points_adds_up_with_what_is_too_small_to_list(written, view, health):
    shown, _ = rows_of(written, view, health, "score_parts")
    parts = health.score.parts[health.score.parts["lost"] >= score.LEAST]
    assert len(shown) == len(parts) and shown["lost"].sum() == pytest.approx(parts["lost"].sum(), abs=0.01)
    order = health.score.accounts["revenue"].sort_values(ascending=False).index
    assert list(dict.fromkeys(shown["account_id"])) == [a for a in order if a in set(parts["account_id"])]


def test_a_long_detail_is_cut_between_accounts(view, health, monkeypatch):
    monkeypatch.setattr(score, "MOST_PARTS", 100)
    kept = sheets_of(health, view)["score_parts"].rows
    whole = (
        health.score.parts[health.score.parts["lost"] >= score.LEAST]
        .groupby("account_id", observed=True)
        .size()
    )
    assert 0 < len(kept) <= 100
    counted = kept["account_id"].value_counts()
    assert counted.to_dict() == whole.reindex(counted.index).to_dict()


def test_words_for_people_and_rates_of_a_few_cases(written, view, health):
    people, _ = rows_of(written, view, health, "people")
    layers = {c[view.locale.language] for c in codebook()["contacts"].columns["layer"].choices.values()}
    assert set(people["layer"].dropna()) <= layers
    assert (people["gone"] == view.locale.text("no")).sum() == health.stakeholders.people["gone"].sum()
    record, _ = rows_of(written, view, health, "warning_record")
    told = health.early_warning.record
    assert list(record["precision"].notna()) == list(told["enough"] | (told["verdict"] == "proven"))
    moves, _ = rows_of(written, view, health, "score_moves")
    assert moves["driver"].notna().all() and moves["change"].iloc[0] == -20


def test_nothing_known_gives_no_sheet(view, health):
    def emptied(result):
        parts = {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}
        tables = {n: v.iloc[:0] for n, v in parts.items() if isinstance(v, pd.DataFrame)}
        inner = {n: emptied(v) for n, v in parts.items() if dataclasses.is_dataclass(v)}
        return dataclasses.replace(result, **tables, **inner)

    assert sheets_of(emptied(health), view) == {}


def test_the_sheet_of_accounts_has_columns_of_accounts_csv_only():
    assert {c.key for c in workbook.ACCOUNTS} - {"account_id"} <= set(results.COLUMNS)
