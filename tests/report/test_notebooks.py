"""The notebooks' rules: prose and one-line calls, both languages, a closed list of tags, nothing committed
but the source.
"""

import re
from pathlib import Path

import nbformat
import pytest
from words import TOPICS

from kamplay.api import NOTEBOOKS as STEP_NOTEBOOKS
from kamplay.shipped import shipped

TAGS = {"parameters", "setup", "zh", "en", "result", "internal"}
PARAMETERS = ["folder", "language", "edition"]
FOLDER = shipped("notebooks")
NOTEBOOKS = [p for p in sorted(FOLDER.glob("*.ipynb")) if p.stem in STEP_NOTEBOOKS]
ACCOUNT_PLAN = FOLDER / "account_plan.ipynb"  # once for each account, beside the five
WORKSHOPS = sorted((FOLDER / "workshop").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda p: p.stem)
def step(request):
    """One of the five."""
    return nbformat.read(request.param, as_version=4)


@pytest.fixture(
    params=[*NOTEBOOKS, ACCOUNT_PLAN, *WORKSHOPS],
    ids=lambda p: p.relative_to(FOLDER).with_suffix("").as_posix(),
)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    """Any notebook: the five, the account plan, and the twins for a workshop."""
    return nbformat.read(path, as_version=4)


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def test_the_five_steps_are_there():
    assert [p.stem for p in NOTEBOOKS] == list(STEP_NOTEBOOKS)
    assert {p.stem for p in FOLDER.glob("*.ipynb")} == {*STEP_NOTEBOOKS, ACCOUNT_PLAN.stem}


def test_valid_and_without_outputs(notebook):
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_code_is_short_calls(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            lines = [text for text in cell.source.splitlines() if text.strip()]
            assert len(lines) <= 8
            assert not re.search(r"^\s*(def|class|for|while|if|try|with|lambda)\b", cell.source, re.MULTILINE)


def test_tags_are_from_the_list(notebook):
    for cell in notebook.cells:
        assert set(tags(cell)) <= TAGS, cell.id


def test_markdown_comes_in_twins(notebook):
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert len(prose) % 2 == 0
    for zh, en in zip(prose[::2], prose[1::2], strict=True):
        assert "zh" in tags(zh), zh.id
        assert "en" in tags(en), en.id
        assert set(tags(zh)) - {"zh"} == set(tags(en)) - {"en"}
        assert re.findall(r"^#+", zh.source, re.MULTILINE) == re.findall(r"^#+", en.source, re.MULTILINE), (
            zh.id
        )
        assert re.search(r"[一-鿿]", zh.source)
        assert not re.search(r"[一-鿿]", en.source), en.id


def test_twins_stand_together(notebook):
    for here, after in zip(notebook.cells, notebook.cells[1:], strict=False):
        if "zh" in tags(here):
            assert "en" in tags(after), here.id


def test_parameters_are_a_signature(notebook, path):
    cells = [c for c in notebook.cells if "parameters" in tags(c)]
    assert len(cells) == 1
    lines = cells[0].source.splitlines()
    assert [re.match(r'(\w+): str = ".*"  # help: .+', text).group(1) for text in lines] == (
        [*PARAMETERS, "account"] if path == ACCOUNT_PLAN else PARAMETERS
    )
    default = re.search(r'folder: str = "(.*?)"', cells[0].source).group(1)
    assert (path.parent / default / "engagement.yaml").exists()


def test_a_workshop_is_the_twin_of_a_step():
    assert WORKSHOPS
    assert {p.stem for p in WORKSHOPS} <= set(STEP_NOTEBOOKS)


def test_every_notebook_ends_with_decisions_and_saving(step):
    code = [c.source for c in step.cells if c.cell_type == "code"]
    assert code[-2].startswith("kp.decisions(")
    assert code[-1].startswith("kp.save(run, ")


def test_every_topic_is_told_once():
    told = [
        t
        for p in NOTEBOOKS
        for t in re.findall(
            r'kp\.findings\(\w+, "(\w+)"\)', Path(p).read_text(encoding="utf-8").replace('\\"', '"')
        )
    ]
    assert sorted(told) == sorted(TOPICS)


def test_no_figure_of_the_client_is_typed_by_hand(step):
    """Amounts and account names come from the results; the report's prose never mentions the tool either."""
    for cell in step.cells:
        if cell.cell_type == "markdown" and "internal" not in tags(cell):
            assert not re.search(
                r"[¥£$€]\s?\d|\d\s?(万元|亿元)|\bkp\.|kamplay|notebook|笔记本|单元格", cell.source
            ), cell.id
