"""The page: what it takes of the executed notebooks, where the consultant's words stand, what its cover
says.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import nbformat
import pandas as pd

from kamplay import digests
from kamplay.engagement import Settings
from kamplay.report import run
from kamplay.report.engine.notebooks import EXECUTED
from kamplay.report.pages import page
from kamplay.run_folder import issued
from kamplay.show.locale import Locale

EN, ZH = Locale("en", "EUR"), Locale("zh", "CNY")


def display(call: str, html: str, *tags: str) -> nbformat.NotebookNode:
    """A cell that showed ``html``, or nothing where it is empty."""
    data = {"text/html": html, "text/plain": "x"} if html else {"text/plain": ""}
    outputs = [nbformat.v4.new_output("display_data", data)]
    return nbformat.v4.new_code_cell(call, outputs=outputs, metadata={"tags": list(tags)})


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """An executed notebook: its cells are known."""
    node = nbformat.v4.new_notebook(cells=list(cells))
    node.metadata[EXECUTED] = [digests.of_value(cell.source)[:16] for cell in cells]
    return node


def test_each_display_is_found_by_what_the_cell_calls():
    node = notebook(
        display("kp.charts.pareto(value)", "<b>curve</b>"),
        display("kp.tables.watch(health)", ""),
        display('kp.findings(value, "wallet")', "<b>sentence</b>"),
        display("kp.tables.columns(check)", "<b>secret</b>", "internal"),
    )
    assert dict(page._displays(node, "en", "client")) == {"charts.pareto": "<b>curve</b>"}
    assert dict(page._displays(node, "en", "internal"))["tables.columns"] == "<b>secret</b>"


def test_an_output_with_a_script_is_shown_without_it():
    evil = '<b onclick="alert(1)">curve</b><script>alert(2)</script>'
    node = notebook(display("kp.charts.pareto(value)", evil))
    assert dict(page._displays(node, "en", "client")) == {"charts.pareto": "<b>curve</b>"}
    node.cells.append(display("my_own_chart()", evil))
    (added,) = page._added(node, "en", "client")
    assert "<b>curve</b>" in added
    assert "alert" not in added


def test_what_a_consultant_adds_or_changes_is_shown_as_commentary():
    said = nbformat.v4.new_markdown_cell("The method's own prose.", metadata={"tags": ["en"]})
    node = notebook(said, display("kp.charts.pareto(value)", "<b>curve</b>"))
    assert page._added(node, "en", "client") == []
    node.cells += [
        nbformat.v4.new_markdown_cell("# Mine\n\nAsk <script>alert(1)</script> them."),
        nbformat.v4.new_markdown_cell("只给中文版", metadata={"tags": ["zh"]}),
        nbformat.v4.new_markdown_cell("For us alone.", metadata={"tags": ["internal"]}),
        display("my_own_chart()", "<b>own</b>"),
    ]
    (added,) = page._added(node, "en", "client")
    assert "<h4" in added and "Mine" in added and "<b>own</b>" in added
    assert "只给中文版" not in added and "For us alone" not in added and "The method" not in added
    assert "<script" not in added
    said.source = "The method's prose, changed."
    assert "changed" in page._added(node, "en", "internal")[0]


def test_a_notebook_that_is_not_known_adds_nothing():
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Prose of an older version.")])
    assert page._added(node, "en", "client") == []


def test_the_note_of_a_language_goes_before_the_one_for_all(tmp_path: Path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "1_define_tiers.md").write_text("# A\n\n<b>For all</b>", encoding="utf-8")
    (note,) = page._note(tmp_path, "1_define_tiers", "en", "client")
    assert "<h4>A</h4>" in note and "&lt;b&gt;For all" in note
    (tmp_path / "notes" / "1_define_tiers.en.md").write_text("Of English.", encoding="utf-8")
    assert "Of English." in page._note(tmp_path, "1_define_tiers", "en", "client")[0]
    assert "For all" in page._note(tmp_path, "1_define_tiers", "zh", "client")[0]
    assert page._note(tmp_path, "2_pareto_value", "en", "client") == []
    (tmp_path / "notes" / "1_define_tiers.internal.md").write_text("Ours.", encoding="utf-8")
    assert len(page._note(tmp_path, "1_define_tiers", "en", "client")) == 1
    both = page._note(tmp_path, "1_define_tiers", "en", "internal")
    assert "Of English." in both[0] and "Ours." in both[1]


def test_the_cover_says_when_and_by_whom(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01 00:00 UTC
    assert run.issue_date() == "2026-01-01"
    day = pd.Timestamp("2025-12-31")
    assert (
        page._imprint("Li & Partner", date(2026, 1, 1), day, EN)
        == "Prepared by Li & Partner · Issued 1 Jan 2026"
    )
    assert page._imprint(None, date(2026, 1, 1), day, ZH) == "出具日期：2026年1月1日"
    assert page._imprint(None, issued(tmp_path), day, EN) == ""  # a run made before there was a date
    late = "Issued 20 May 2027 · figures as of 31 Dec 2025, and the plan is dated from that day"
    assert page._imprint(None, date(2027, 5, 20), day, EN) == late
    assert Settings.model_validate({"client": "A", "prepared_by": "Li"}).prepared_by == "Li"
