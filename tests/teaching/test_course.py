"""A course folder: everything in it, nothing of the answers in a team's part, the same bytes again."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from typer.testing import CliRunner

import kamplay as kp
from kamplay.cli import app
from kamplay.errors import KamplayError
from kamplay.shipped import shipped
from kamplay.teaching.course import make_course
from kamplay.teaching.keys import MAKERS
from kamplay.teaching.registry import STEPS, column_labels, exercises

TAGS = {"setup", "exercise", "answer"}


def test_every_exercise_has_words_and_a_key():
    assert list(exercises()) == sorted(MAKERS) and len(MAKERS) == 15
    assert {one.step for one in exercises().values()} == set(STEPS)
    for one in exercises().values():
        for words in (one.title, one.question, one.unit, one.rule, one.goes_wrong, one.discuss, *one.hints):
            assert re.search(r"[一-鿿]", words.zh), one.id
            assert not re.search(r"[一-鿿]", words.en.replace("万", "")), one.id


def test_a_team_has_all_it_needs(made_course):
    team = made_course / "students" / "team_01"
    names = {p.relative_to(team).as_posix() for p in team.rglob("*") if p.is_file()}
    for language in ("zh", "en"):
        assert {f"{step}.{language}.ipynb" for step in STEPS} | {
            f"sheets.{language}.html",
            f"workshop.{language}.ipynb",
        } <= names
    assert {"engagement.yaml", "course.json", "data/销售明细.csv", "data/客户资料.xlsx"} <= names
    trainer = {p.name for p in (made_course / "trainer").iterdir()}
    assert {
        "trainer.zh.html",
        "trainer.en.html",
        "trainer.zh.ipynb",
        "cards.zh.html",
        "cards.en.html",
        "hints.zh.html",
        "ballots.zh.html",
        "course.json",
        "keys",
    } <= trainer


def test_teams_have_different_clients(made_course):
    tables = [
        (made_course / "students" / f"team_0{n}" / "data" / "销售明细.csv").read_bytes() for n in (1, 2, 3)
    ]
    assert len(set(tables)) == 3


def test_a_team_starts_its_vote_from_nothing(made_course):
    """The client's files hold no ballots: they are the class's to cast, from round 1 on."""
    team = made_course / "students" / "team_01"
    with zipfile.ZipFile(team / "data" / "客户资料.xlsx") as book:
        assert "投票" not in book.read("xl/workbook.xml").decode("utf-8")
    panel = kp.workshop(kp.open(team, language="zh"), ballots=team)
    assert panel.round.value == 1 and panel.session.rounds == [] and panel.department.options == ()
    shown = [
        w.value for w in panel.children[1].children[0].children if isinstance(getattr(w, "value", 0), str)
    ]
    assert any("选票：" in text for text in shown) and not any("Ballot" in text for text in shown)


def texts(folder: Path):
    """Every file of a folder as text, workbooks unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield f"{path.name}/{name}", book.read(name).decode("utf-8", "replace")
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8", errors="replace")


def test_no_file_of_a_team_holds_the_key(made_course, open_keys):
    """Neither the answers as they would be typed, nor the solutions, nor the seed, nor the open key."""
    about = json.loads((made_course / "trainer" / "course.json").read_text(encoding="utf-8"))
    seeds = {str(one["seed"]) for one in about["teams"]}
    for team, key in open_keys.items():
        typed = {
            json.dumps(e["best"], ensure_ascii=False)
            for e in key["exercises"].values()
            if not isinstance(e["best"], float)
        }
        typed = {re.sub(r"\s", "", t) for t in typed if len(t) > 12}
        told = {e.solution.en[:40] for e in exercises().values() if "{" not in e.solution.en[:40]}
        for name, text in texts(made_course / "students" / team):
            squeezed = re.sub(r"\s", "", text)
            assert not [t for t in typed if t in squeezed], name
            assert not [t for t in told if t in text], name
            assert not [s for s in seeds if s in text], name
            assert (
                not re.search(r"(?<![\d.])364\.8(?!\d)", text)
                and '"accepted":{"weighted":["3' not in squeezed
            ), name
            assert not re.search(r"扒皮大户[^：”]{0,4}C\d{4}|answer_key|planted", text), name
    sealed = json.loads((made_course / "students" / "team_01" / "course.json").read_text(encoding="utf-8"))
    assert all(
        re.fullmatch(r"[0-9a-f]{24}", h)
        for e in sealed["exercises"].values()
        for own in e["sealed"]["accepted"].values()
        for h in own
    )


def test_the_student_notebooks_are_valid_and_tagged(made_course):
    for path in sorted((made_course / "students" / "team_01").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            assert set(cell.metadata["tags"]) <= TAGS and (cell.cell_type == "markdown" or not cell.outputs)


def executed(paths: list[Path]) -> Iterator[nbformat.NotebookNode]:
    """Notebooks of a folder, run to their ends in one kernel, each in an empty namespace."""
    kernel, about = AsyncKernelManager(), {"metadata": {"path": str(paths[0].parent)}}
    try:
        for path in paths:
            notebook = nbformat.read(path, as_version=4)
            notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
            yield NotebookClient(notebook, km=kernel, timeout=240, resources=about).execute()
    finally:
        run_sync(kernel.shutdown_kernel)(now=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_run_all_unanswered(course_folder, language):
    """Each unanswered cell says so, no cell fails, nothing is written down."""
    team = course_folder / "students" / "team_01"
    said = []
    for notebook in executed([team / f"{step}.{language}.ipynb" for step in STEPS]):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert not [o for o in cell.outputs if o.output_type == "error"]
            if "answer" in cell.metadata.get("tags", []):
                said.append(cell.outputs[0]["data"]["text/plain"])
    assert len(said) == 15
    assert all(("还没有作答" if language == "zh" else "no answer yet") in text for text in said)
    assert not (team / "answers.json").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_trainer_s_notebook_marks_and_collects(course_folder, language):
    team = course_folder / "students" / "team_01"
    rows = [f"{n},Sales,{c},{w},{r}" for n, r, own in VOTES for c, w in own.items()]
    header = "rater,department,criterion,weight,round"
    (team / "ballots.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    (team / "engagement.yaml").write_text(
        "sources: {transactions: {url: 'postgres://x/y'}}", encoding="utf-8"
    )
    trainer = course_folder / "trainer"
    notebook = nbformat.read(trainer / f"trainer.{language}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(trainer)}}).execute()
    shown = "\n".join(str(o) for c in notebook.cells if c.cell_type == "code" for o in c.outputs)
    told = (
        "讨论之前权重的一致程度为0.00，讨论之后为1.00"
        if language == "zh"
        else "agreement on the weights was 0.00, after it 1.00."
    )
    assert "team_01" in shown and told in shown
    assert (trainer / "marks" / f"projector.{language}.html").is_file()


VOTES = [
    ("a", 1, {"value": 40, "loyalty": 30, "growth": 20, "risk": 10}),
    ("b", 1, {"value": 10, "loyalty": 20, "growth": 30, "risk": 40}),
    ("a", 2, {"value": 40, "loyalty": 30, "growth": 20, "risk": 10}),
    ("b", 2, {"value": 35, "loyalty": 30, "growth": 25, "risk": 10}),
]  # opposite ranks, then the same


def test_the_same_seed_makes_the_same_bytes(tmp_path):
    one, other = (
        make_course(tmp_path / n, "wholesaler", seed=3, teams=1, languages=("en",)) for n in ("a", "b")
    )
    files = [p.relative_to(one) for p in sorted(one.rglob("*")) if p.is_file()]
    assert files == [p.relative_to(other) for p in sorted(other.rglob("*")) if p.is_file()]
    assert [f for f in files if (one / f).read_bytes() != (other / f).read_bytes()] == []


def test_a_drawn_seed_is_another_each_time(tmp_path):
    seeds = set()
    for n in range(2):
        folder = make_course(tmp_path / str(n), "distributor", teams=1, difficulty=1, languages=("en",))
        seeds.add(json.loads((folder / "trainer" / "course.json").read_text(encoding="utf-8"))["seed"])
    assert len(seeds) == 2


@pytest.mark.parametrize(
    "given",
    [["--teams", "0"], ["--case", "bank"], ["--difficulty", "4"], ["--language", "fr"], ["--seed", "-1"]],
)
def test_a_wrong_option_is_told(given, tmp_path):
    shown = CliRunner().invoke(app, ["teach", str(tmp_path / "c"), *given])
    assert shown.exit_code == 2 and not (tmp_path / "c").exists()


def test_a_full_folder_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(KamplayError):
        make_course(tmp_path)


def test_sheets_and_pages_are_whole(made_course):
    pages = [
        *(made_course / "students" / "team_01").glob("*.html"),
        *(made_course / "trainer").glob("*.html"),
    ]
    assert len(pages) == 10
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text and not re.search(r"\{\{|\}\}|\{\w+:\w+\}", text), path.name
        if ".en." in path.name:
            shown = re.sub(r"<style>.*?</style>|万", "", text, flags=re.DOTALL)
            assert not re.search(r"[一-鿿]", shown), re.search(r".{20}[一-鿿].{20}", shown)


def test_sheets_have_no_names_of_the_notebook_s_variables(made_course):
    """The names by which an answer cell goes, and code at all; the notebook of the same team has them."""
    team = made_course / "students" / "team_01"
    names = re.compile(r"left_out|top20|for80|one_off|<code>|`")
    for language in ("zh", "en"):
        assert not names.search((team / f"sheets.{language}.html").read_text(encoding="utf-8"))
        assert "for80" in (team / f"2_pareto_value.{language}.ipynb").read_text(encoding="utf-8")


def test_own_data_are_asked_where_they_can_be_checked(tmp_path):
    """The retail sample: invoices and customers, no deals, ratings or contacts."""
    folder = tmp_path / "own"
    shown = CliRunner().invoke(
        app,
        [
            "teach",
            str(folder),
            "--own",
            str(shipped("data_templates") / "samples" / "online_retail"),
            "--teams",
            "1",
            "--language",
            "en",
        ],
    )
    assert shown.exit_code == 0, shown.output
    team = folder / "students" / "team_01"
    asked = json.loads((team / "course.json").read_text(encoding="utf-8"))["exercises"]
    assert {"2a", "2c", "3a", "4b"} <= {n for n, e in asked.items() if e["sealed"]}
    assert {"3c", "4a"} <= {n for n, e in asked.items() if e["sealed"] is None}
    assert "1c" not in asked and "ratings" in shown.output
    kp.course(team, "en")
    assert kp.check("3c", ["12345"]).verdict == "kept" and kp.check("2a", 364.8).verdict == "right"
    assert not list(team.glob("data/*"))
    assert "GBP" in (team / "exhibits" / "2c_ranks.en.csv").read_text(encoding="utf-8-sig")


def test_every_column_of_an_exhibit_has_a_header(made_course):
    labels = column_labels()
    for path in (made_course / "students" / "team_01" / "exhibits").glob("*.en.csv"):
        header = path.read_text(encoding="utf-8-sig").splitlines()[0]
        assert not re.search(r"\b\w+_\w+\b", header), (path.name, header)
    assert all(set(own) == {"zh", "en"} for group in labels.values() for own in group.values())
