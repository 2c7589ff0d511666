"""actions.xlsx: what it asks for, that it carries no formula, and that it comes back as it was filled in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from conftest import lines_of, write_engagement

from kamplay.codebook import codebook
from kamplay.engagement import load
from kamplay.intake.prepare import survey
from kamplay.method.plan.since_last_run import SinceLastRun
from kamplay.report.sheets import action_list
from kamplay.show.locale import Locale
from kamplay.show.view import View

AS_OF, ISSUED = date(2025, 12, 31), date(2026, 1, 4)


def view(language: str) -> View:
    return View(Locale(language, "EUR"), {"a": "=SUM(A1)", "b": "Beta & Söhne"}, as_of=AS_OF)


def plan(since: SinceLastRun | None = None) -> SimpleNamespace:
    """Two actions: b's comes first, since its unit does in the plan."""
    facts = json.dumps({"revenue": 2000.0, "person": "+Head Wu"})
    columns = ["action_id", "account_id", "place", "kind", "facts", "money", "basis", "leads", "owner", "due"]
    rows = [
        ["a-joint_review", "a", 1, "joint_review", facts, 1234.567, "revenue", "owner", "@An", "2026-02-10"],
        ["b-revisit", "b", 1, "joint_review", facts, 0.0, "revenue", "owner", None, "2026-02-20"],
    ]
    units = pd.DataFrame({"account_id": ["b", "a"], "tier": ["S", "A"]})
    return SimpleNamespace(
        actions=pd.DataFrame(rows, columns=columns), units=units, since=since or SinceLastRun(), day=ISSUED
    )


def written(folder: Path, language: str, **more) -> openpyxl.worksheet.worksheet.Worksheet:
    path = action_list.write(folder, plan(**more), view(language), "A & B")
    return openpyxl.load_workbook(path).active


def cells(sheet) -> list[dict[str, object]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_action_stands_there_and_asks_for_what_was_done(tmp_path, language):
    sheet = written(tmp_path, language)
    label = {name: c.labels[language] for name, c in codebook()["actions"].columns.items()}
    rows = cells(sheet)
    assert [row[label["action_id"]] for row in rows] == ["b-revisit", "a-joint_review"]
    assert rows[1][label["due"]] == datetime(2026, 2, 10) and rows[0][label["owner"]] is None
    status = codebook()["actions"].columns["status"].choices
    assert {row[label["status"]] for row in rows} == {status["open"][language]}
    assert all(row[label[name]] is None for row in rows for name in ("done_on", "result", "note"))
    asked = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}
    place = {cell.value: cell.column_letter for cell in sheet[1]}
    for name in ("status", "result"):
        words = [choice[language] for choice in codebook()["actions"].columns[name].choices.values()]
        assert asked[f"{place[label[name]]}2"].formula1 == '"' + ",".join(words) + '"'
    day = asked[f"{place[label['done_on']]}2"]
    assert (day.type, day.formula1) == ("date", str((AS_OF - date(1899, 12, 30)).days))
    assert sheet.freeze_panes == "D2" and sheet.auto_filter.ref.endswith("3")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$1:$1" and "A && B" in sheet.oddHeader.left.text
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}  # no formula


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_read_back_without_a_fault_untouched_rows_as_open(tmp_path, language):
    sheet = written(tmp_path, language)
    book = sheet.parent
    spec = codebook()["actions"]
    place = {cell.value: cell.column for cell in sheet[1]}
    filled = {
        "status": spec.columns["status"].choices["done"][language],
        "done_on": datetime(2026, 2, 9),
        "result": spec.columns["result"].choices["advanced"][language],
        "note": "a trial was agreed",
    }
    for name, value in filled.items():
        sheet.cell(3, place[spec.columns[name].labels[language]], value)
    folder = write_engagement(
        tmp_path / "client", lines_of(("a", "2025-06-01", 10.0), ("b", "2025-07-01", 20.0))
    )
    book.save(folder / "data" / "actions.xlsx")
    intake = survey(load(folder))
    assert [
        (f.code, f.file) for f in intake.faults if f.table == "actions" or "actions" in (f.file or "")
    ] == []
    table = intake.tables["actions"].set_index("action_id")
    assert table["status"].to_dict() == {"b-revisit": "open", "a-joint_review": "done"}
    assert table["account_id"].to_dict() == {"b-revisit": "b", "a-joint_review": "a"}
    own = table.loc["a-joint_review"]
    assert (own["done_on"], own["result"], own["note"]) == (
        pd.Timestamp("2026-02-09"),
        "advanced",
        "a trial was agreed",
    )
    assert own["due"] == pd.Timestamp("2026-02-10") and own["owner"] == "@An"


def test_what_was_begun_keeps_its_status_and_its_note(tmp_path):
    since = SinceLastRun()
    row = {"action_id": "b-revisit", "status": "started", "state": "overdue", "note": "waits for finance"}
    since = replace(since, done=replace(since.done, actions=pd.DataFrame([row])))
    first = cells(written(tmp_path, "en", since=since))[0]
    assert (first["Status"], first["Note"]) == ("In progress", "waits for finance")


def test_the_same_plan_gives_the_same_bytes_and_none_no_file(tmp_path):
    one, two = (tmp_path / name for name in ("one", "two"))
    for folder in (one, two):
        folder.mkdir()
        written(folder, "zh")
    assert (one / "actions.xlsx").read_bytes() == (two / "actions.xlsx").read_bytes()
    empty = plan()
    empty.actions = empty.actions.iloc[:0]
    assert action_list.write(tmp_path, empty, view("en"), "C") is None
