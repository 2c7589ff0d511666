"""results.xlsx: what stands in front, every list of step 3 whole, in both languages, the client's text as
text.
"""

import dataclasses
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kamplay.codebook import codebook
from kamplay.method.check.step import check_data
from kamplay.method.health.score_attribution import ScoreChanges
from kamplay.presets import load_scorecard
from kamplay.report import results
from kamplay.report.pages.telling import Ranked
from kamplay.report.sheets import workbook
from kamplay.show import registry
from kamplay.show.client_edition import Edition
from kamplay.show.findings import action
from kamplay.show.health import score
from kamplay.show.locale import Locale
from kamplay.show.texts.vocabulary import SIGN_NAMES
from kamplay.show.view import View, using

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
def contents(medtech_steps, medtech_book, health, view):
    steps = medtech_steps
    told = [
        Ranked("act", 1.5e6, "=2+2", HOSTILE, "=1+1", "@SUM(1)", date(2026, 12, 4), ("C0092",), 1),
        Ranked("note", None, "", "-2+3", "", "", None, (), 0),
    ]
    owners = steps.plan.by_owner
    renamed = owners.owners.replace({"owner": {owners.owners["owner"].iloc[0]: HOSTILE}})
    units = owners.units.replace({"owner": {owners.owners["owner"].iloc[0]: HOSTILE}})
    plan = dataclasses.replace(steps.plan, by_owner=dataclasses.replace(owners, owners=renamed, units=units))
    found = {
        "check": check_data(medtech_book, None),
        "tiers": steps.tiers,
        "value": steps.value,
        "health": health,
        "plan": plan,
    }
    return workbook.Contents(
        results.accounts_table(found),
        told,
        plan,
        steps.tiers,
        load_scorecard("four_dimensions", Path()),
        "=A & B",
        Edition(),
        [("health", sheet) for sheet in sheets_of(health, view).values()],
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory, view, contents):
    file = tmp_path_factory.mktemp("written") / "w.xlsx"
    workbook.write(file, contents, view)
    again = file.with_name("again.xlsx")
    workbook.write(again, contents, view)
    assert again.read_bytes() == file.read_bytes()
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
    names = [view.locale.text(sheet.title) for _, sheet in workbook.sheets_of(steps, view)]
    names += [view.locale.text(title) for title, _ in workbook.FRONT.values()]
    names.append(view.locale.text("Contents"))
    assert len({n.casefold() for n in names}) == len(names) > 40
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
    cells = {sheet: [c for row in sheet.iter_rows() for c in row] for sheet in written}
    formulas = {written.index(s): [c for c in of if c.data_type == "f"] for s, of in cells.items()}
    assert {place for place, found in formulas.items() if found} == {5, 6}  # tiers and capacity compute
    assert not [c for found in formulas.values() for c in found if "cmd" in c.value or "C0092" in c.value]
    # as a person, an owner, an account, a finding and a reason
    assert sum(c.value == HOSTILE for of in cells.values() for c in of) >= 5
    assert {"=1+1", "@SUM(1)", "-2+3"} <= {c.value for c in cells[written.worksheets[1]]}


def test_the_watch_list_says_why_since_when_and_how_sure(written, view, health):
    shown, _ = rows_of(written, view, health, "watch_list")
    first = health.priority_list.accounts.iloc[0]
    row = shown.iloc[0]
    assert row["account_id"] == health.priority_list.accounts.index[0]
    assert "at_risk" not in row.index and not health.revenue_at_risk.told  # its test failed: the order alone
    assert row["sign"] == view.locale.text(SIGN_NAMES[first["sign"]])
    assert pd.Timestamp(row["since"]) == first["since"]
    assert row["low"] <= row["probability"] <= row["high"]


def test_no_sheet_gives_one_figure_for_a_chance_whose_range_is_too_wide(written, view, health, contents):
    """As on the page: below a third to above two thirds stands as its range, but of what has stopped."""
    listed, _ = rows_of(written, view, health, "watch_list")
    sheet = written[view.locale.text(workbook.FRONT["accounts"][0])]
    place = [cell.value for cell in sheet[1]].index(view.locale.text("Chance of stopping"))
    told = {row[0].value: row[place].value for row in sheet.iter_rows(min_row=2)}
    told_of_the_list = dict(zip(listed["account_id"], listed["probability"], strict=True))
    wide = 0
    for account, row in contents.accounts.iterrows():
        too_wide = row["churn_low"] < 1 / 3 and row["churn_high"] > 2 / 3 and row["verdict"] != "stopped"
        for shown in (told[account], told_of_the_list.get(account, told[account])):
            if too_wide:
                low, high = (view.locale.percent(row[end]) for end in ("churn_low", "churn_high"))
                assert shown.endswith(f"{low}–{high}") and not shown.startswith(low)
            else:
                assert not isinstance(shown, str)
        wide += too_wide
    assert wide > 4


def test_the_accounts_to_decide_by_name_are_found(view, medtech_steps):
    """As many as the finding counts, each with its reason, in the sheet that its action names."""
    (finding,) = (f for f in medtech_steps.tiers.findings if f.kind == "to_settle")
    with using(view):
        made = registry.sheets["stability"](medtech_steps.tiers)
    made = Edition(internal=False).sheet("stability", made)
    (column,) = (c for c in made.columns if c.key == "note")
    assert made.rows["note"].notna().sum() == finding.figures["count"] == 44
    said = action(finding, view.locale)
    assert view.locale.text(made.title) in said and view.locale.text(column.label) in said


def test_the_head_of_a_group_is_told_from_the_group(written, view, contents):
    """Its own revenue stands by its name as of this account alone; the group goes by the bare name."""
    units = contents.accounts["unit_id"]
    (head,) = units.value_counts().loc[lambda count: count > 1].index
    name, own = view.name(head), contents.accounts.loc[head, "revenue"]
    for key, marked in (("accounts", True), ("plan", True), ("owners", False)):
        sheet = written[view.locale.text(workbook.FRONT[key][0])]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows() if head in {c.value for c in row}]
        (row,) = (row for row in rows)
        assert (name in row) != marked and (own in row) == marked


def test_what_costs_points_adds_up_with_what_is_too_small_to_list(written, view, health):
    shown, _ = rows_of(written, view, health, "score_parts")
    parts = health.score.parts[health.score.parts["lost"] >= score.LEAST]
    assert len(shown) == len(parts) and shown["lost"].sum() == pytest.approx(parts["lost"].sum(), abs=0.01)
    order = health.score.accounts["revenue"].sort_values(ascending=False).index
    assert list(dict.fromkeys(shown["account_id"])) == [a for a in order if a in set(parts["account_id"])]


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


def test_industry_and_region_are_those_of_the_account(contents, written, view, medtech_book):
    """In accounts.csv as in the list of accounts that the client sent, in the workbook in the same rows."""
    for name in ("industry", "region"):
        sent = medtech_book.accounts[name].reindex(contents.accounts.index)
        assert contents.accounts[name].equals(sent) and sent.notna().any()
    sheet = next(s for s in written if s.title == view.locale.text(workbook.FRONT["accounts"][0]))
    heads = [cell.value for cell in sheet[1]]
    at = heads.index(view.locale.text("Region"))
    shown = [sheet.cell(row, at + 1).value for row in range(2, 12)]
    assert shown == contents.accounts["region"].head(10).tolist()


def test_eight_sheets_stand_in_front_and_the_contents_lead_to_every_sheet(written, view):
    front = [view.locale.text(title) for title, _ in workbook.FRONT.values()]
    assert written.sheetnames[:8] == [view.locale.text("Contents"), *front]
    links = [cell.hyperlink for row in written.worksheets[0].iter_rows() for cell in row if cell.hyperlink]
    leads = {link.location.rpartition("!")[0].strip("'") for link in links}
    assert leads == set(written.sheetnames[1:])
    accents = {sheet.sheet_properties.tabColor.rgb for sheet in written.worksheets[:8]}
    assert len(accents) == 1 and accents.isdisjoint(
        {sheet.sheet_properties.tabColor.rgb for sheet in written.worksheets[8:]}
    )


def test_every_sheet_prints_on_a4_one_page_wide_with_its_header_and_a_limit(written):
    for number, sheet in enumerate(written):
        page = sheet.page_setup
        assert (page.orientation, int(page.paperSize)) == ("landscape", 9), sheet.title
        assert (page.fitToWidth or 1, page.fitToHeight) == (1, 0), sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert sheet.print_title_rows and sheet.oddFooter.right.text, sheet.title
        head, last = (int(cell.rpartition("$")[2]) for cell in sheet.print_area.partition("!")[2].split(":"))
        title = int(sheet.print_title_rows.rpartition("$")[2])
        if number:
            most = workbook.PRINTED if number < 8 else workbook.PRINTED_BEHIND
            assert head == 1 and last - title <= most, sheet.title
            # what does not print is said at the foot
            beyond = sheet.max_row - title > most
            assert bool(sheet.oddFooter.left.text) == beyond, sheet.title


def test_actions_take_status_day_and_note_with_the_words_of_the_action_list(written, view, contents):
    sheet, spec = written.worksheets[2], codebook()["actions"].columns
    head = [cell.value for cell in sheet[1]]
    assert sheet.max_row - 1 == len(contents.plan.actions)
    lists = {str(v.sqref).rstrip("0123456789:"): v for v in sheet.data_validations.dataValidation}
    at = {key: head.index(spec[key].labels[view.locale.language]) for key in ("status", "done_on", "note")}
    column = openpyxl.utils.get_column_letter(at["status"] + 1)
    asked = next(v for place, v in lists.items() if place.startswith(column))
    words = [choice[view.locale.language] for choice in spec["status"].choices.values()]
    assert asked.type == "list" and asked.formula1.strip('"').split(",") == words


def test_owners_stand_above_their_accounts_with_their_sums(written, contents, view):
    sheet, found = written.worksheets[3], contents.plan.by_owner
    levels = [sheet.row_dimensions[row].outlineLevel for row in range(2, sheet.max_row + 1)]
    assert levels.count(0) == len(found.owners) and levels.count(1) == len(found.units)
    own = len(found.units[found.units["owner"] == HOSTILE])
    revenue = [sheet.cell(row, 7).value for row in range(2, own + 3)]
    assert sheet.cell(2, 1).value == HOSTILE and revenue[0] == pytest.approx(sum(revenue[1:]))


def test_the_clients_edition_has_no_internal_column(tmp_path, contents, view):
    workbook.write(tmp_path / "c.xlsx", dataclasses.replace(contents, edition=Edition(False)), view)
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    labels = {c.key: view.locale.text(c.label) for c in workbook.ACCOUNTS}
    internal = {labels[key] for key in ("margin", "gate", "override", "coverage", "tier_score")}
    head = [str(cell.value) for cell in book.worksheets[4][1]]
    assert internal and not [cell for cell in head for label in internal if cell.startswith(label)]
    everywhere = [c.value for sheet in book for row in sheet.iter_rows() for c in row]
    overridden = contents.tiers.rated["override"].dropna()
    assert len(overridden) and not set(overridden) & set(everywhere)
    # the contents promise weights to change only where the sheet has them
    promised = view.locale.text("weights and limits to change; scores and tiers follow")
    assert promised not in everywhere and view.locale.text(workbook.TIERS_FIXED) in everywhere


def test_without_actions_and_tiers_the_sheets_say_so_and_without_owners_there_is_none(
    tmp_path, contents, view
):
    plan = dataclasses.replace(
        contents.plan, actions=contents.plan.actions.iloc[:0], by_owner=type(contents.plan.by_owner)()
    )
    tiers = dataclasses.replace(
        contents.tiers, key_figures={**contents.tiers.key_figures, "worthwhile": False}
    )
    workbook.write(tmp_path / "e.xlsx", dataclasses.replace(contents, plan=plan, tiers=tiers), view)
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert view.locale.text("By owner") not in book.sheetnames
    said = [book.worksheets[place]["A1"].value for place in (2, 4)]
    assert said == [
        view.locale.text("There is no action in the plan."),
        view.locale.text("Tiering is not worth its while here, so that no account is treated by tier."),
    ]


def test_long_lists_say_how_long_they_are_and_which_file_has_them(tmp_path, contents, view, monkeypatch):
    monkeypatch.setattr(workbook, "LONGEST", 7)
    workbook.write(tmp_path / "results.xlsx", contents, view)
    (tmp_path / "results").mkdir()
    workbook.write_whole(tmp_path / "results", contents.sheets, view)
    book, cut = openpyxl.load_workbook(tmp_path / "results.xlsx"), 0
    for _, made in contents.sheets:
        page = book[view.locale.text(made.title)]
        file = tmp_path / workbook.whole_list(made)
        assert file.exists() == (len(made.rows) > 7), made.title
        if file.exists():
            cut += 1
            assert page.max_row == 1 + 7 + 1
            assert f"{len(made.rows):,}" in page.cell(9, 1).value and file.name in page.cell(9, 1).value
            assert len(pd.read_csv(file)) == len(made.rows)
            assert list(pd.read_csv(file)) == [column.key for column in made.columns]
    assert cut > 3
    plan = book[view.locale.text(workbook.FRONT["plan"][0])]
    assert plan.max_row == 9 and workbook.ACCOUNTS_FILE in plan.cell(9, 1).value


def test_long_lists_in_front_are_bounded_and_say_so(contents, view, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "LONGEST", 20)
    workbook.write(tmp_path / "w.xlsx", contents, view)
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    title = {key: view.locale.text(label) for key, (label, _) in workbook.FRONT.items()}
    actions, owners, plan = (book[title[key]] for key in ("actions", "owners", "plan"))
    assert actions.max_row == 1 + 20 + 1 and "actions.xlsx" in actions.cell(22, 1).value
    assert plan.max_row == 1 + 20 + 1
    people = contents.plan.by_owner.owners
    ids = {str(unit) for unit in contents.plan.by_owner.units["unit_id"]}
    shown = [row for row in owners.iter_rows(min_row=2, values_only=True) if row[1] in ids]
    assert len(shown) == 20 and len({row[0] for row in shown}) == 20
    left = [row[0] for row in owners.iter_rows(min_row=2, values_only=True) if "csv" in str(row[0])]
    told = sum(int("".join(letter for letter in text if letter.isdigit())) for text in left)
    assert told == len(ids) - 20 and len(people) == sum(
        row[1] is not None and row[1] not in ids for row in owners.iter_rows(min_row=2, values_only=True)
    )
    said = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    whole = len(contents.plan.actions)
    assert any(title["actions"] in text and str(whole) in text for text in said)
