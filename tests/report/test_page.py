"""The page's sections: which questions stay, which move to the appendix, where the consultant's note
stands."""

from __future__ import annotations

import re

import nbformat
import pytest

from kamplay.report.page import section, with_appendix
from kamplay.show.locale import Locale

STEP = "3_health_model"


def display(html: str, call: str = "kp.x()") -> nbformat.NotebookNode:
    """A cell that showed ``html``, or nothing where it is empty."""
    data = {"text/html": html, "text/plain": "x"} if html else {"text/plain": ""}
    return nbformat.v4.new_code_cell(call, outputs=[nbformat.v4.new_output("display_data", data)])


def write(folder, *cells, language="en") -> None:
    made = [nbformat.v4.new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
    (folder / "notebooks").mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=made), folder / "notebooks" / f"{STEP}.{language}.ipynb")


CELLS = (
    "# 3 · Health\n\nWhat it decides.",
    "## Whom to see?\n\nFirst.",
    display("<b>list</b>"),
    "Read it so.",
    "### Is it right?\n\nTested.",
    display("<b>proof</b>"),
    "A reading of the proof.",
    "### Nothing shown?",
    display(""),
    "### Does it drift?",
    display("<b>drift</b>"),
    "## Decisions to confirm",
    display("<b>decide</b>"),
)


@pytest.mark.parametrize("edition", ["client", "internal"])
def test_evidence_goes_to_the_appendix_with_its_displays_and_readings(tmp_path, edition):
    write(tmp_path, *CELLS)
    step = section(tmp_path, "health", STEP, "en", edition)
    assert step.questions == [("health-1", "Whom to see?"), ("health-4", "Decisions to confirm")]
    assert step.checked == [
        ("health-2", "Is it right?"),
        ("health-3", "Does it drift?"),
    ]  # one showed nothing and is left out
    first, last = with_appendix([step], Locale("en", "CNY"))
    assert (
        re.findall(r"<b>(\w+)</b>", first.body) == ["list", "decide"]
        and "reading of the proof" not in first.body
    )
    assert (
        re.findall(r"<b>(\w+)</b>", last.body) == ["proof", "drift"]
        and "A reading of the proof." in last.body
    )
    assert first.body.endswith(
        '<p class="moved"><a href="#appendix-health">How this was checked: '
        "2 questions in the appendix.</a></p>"
    )
    assert last.title == "Appendix: how this was checked" and last.questions == step.checked
    assert (
        'id="appendix-health"' in last.body
        and 'href="#health"' in last.body
        and '<h3 id="health-2">' in last.body
    )


def test_the_appendix_keeps_the_order_of_the_steps(tmp_path):
    write(tmp_path, *CELLS)
    steps = [section(tmp_path, name, STEP, "en", "client") for name in ("value", "health")]
    last = with_appendix(steps, Locale("zh", "CNY"))[-1]
    assert [anchor for anchor, _ in last.questions] == ["value-2", "value-3", "health-2", "health-3"]
    assert last.title == "附录：如何检验"
    anchors = re.findall(r'id="([^"]+)"', "".join(s.body for s in with_appendix(steps, Locale("zh", "CNY"))))
    assert len(anchors) == len(set(anchors))


def test_a_report_without_evidence_has_no_appendix(tmp_path):
    write(tmp_path, *(c.replace("### ", "## ") if isinstance(c, str) else c for c in CELLS))
    step = section(tmp_path, "health", STEP, "en", "client")
    assert with_appendix([step], Locale("en", "CNY")) == [step]
    assert [a for a, _ in step.questions] == [
        "health-1",
        "health-2",
        "health-3",
        "health-4",
    ] and step.evidence == ""


def test_a_lower_heading_inside_a_cell_is_no_question(tmp_path):
    write(
        tmp_path,
        "# 3 · Health",
        "## Whom to see?\n\nFirst.\n\n### A side remark\n\nSo.",
        display("<b>list</b>"),
    )
    step = section(tmp_path, "health", STEP, "en", "client")
    assert step.checked == [] and "<h4>A side remark</h4>" in step.body


def test_the_note_stands_before_the_first_question_that_stays(tmp_path):
    write(
        tmp_path,
        "# 3 · Health\n\nIntro.",
        "### Is it right?",
        display("<b>proof</b>"),
        "## Whom to see?",
        display("<b>list</b>"),
    )
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / f"{STEP}.md").write_text("My remark 3 家 5.", encoding="utf-8")
    step = section(tmp_path, "health", STEP, "en", "client")
    assert step.body.index("Intro.") < step.body.index("My remark") < step.body.index("Whom to see?")
    assert "My remark" not in step.evidence


def test_chinese_prose_has_no_space_beside_a_figure(tmp_path):
    write(
        tmp_path,
        "# 3 · 健康度",
        "## 近 12 个月如何？\n\n前 20% 的客户。",
        display("<b>单 5 元</b>"),
        language="zh",
    )
    step = section(tmp_path, "health", STEP, "zh", "client")
    assert step.questions == [("health-1", "近12个月如何？")] and "前20%的客户。" in step.body
    assert step.title == "3 · 健康度" and "<b>单 5 元</b>" in step.body  # a display is shown as it is


def test_a_reading_stays_where_anything_it_explains_is_seen(tmp_path):
    write(
        tmp_path,
        "# 3 · Health\n\nWhat it decides.",
        "## The last table is empty",
        display("<b>pareto</b>", "kp.charts.pareto(value)"),
        display("", "kp.tables.groups_as_one(value)"),
        "Kept: the curve is there.",
        "Kept: more on the same curve.",
        "## Only the sentence that data are missing",
        display("<i>unknown</i>", 'kp.findings(value, "funnel")'),
        display("", "kp.charts.funnel(value)"),
        "Gone: a shape that nobody sees.",
        "Gone: more of it.",
        "## Two parts",
        display("", "kp.charts.first(value)"),
        "Gone: the first chart.",
        display("<b>second</b>", "kp.charts.second(value)"),
        "Kept: the second chart.",
    )
    body = section(tmp_path, "health", STEP, "en", "client").body
    assert re.findall(r"(Kept|Gone): [^.<]*", body) == ["Kept", "Kept", "Kept"]
