"""The commonest slips in an answer cell get a sentence in the language, in a notebook and by themselves."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from kamplay.show.locale import Locale
from kamplay.teaching.answers import Refused, number_of
from kamplay.teaching.slips import told

SLIPS = [
    ("answer_1b = {“skinner”: 'C0005'}", "“", '"'),
    ('answer_1b = {"skinner"：\n"C0005"}', "：", ":"),
    ('answer_3c = ["C0005"，"C0006"]', "，", ","),
    ('answer_0b = {"net": 212,880.71, "left_out": 3}', "212,880.71", "212880.71"),
    ('answer_1b = {"skinner": C0005}', "C0005", '"C0005"'),
    ("answer_3c = [C0005 C0006]", "C0005", '"C0005"'),
    ('answer_1a = ["C0005", "C0006"', "1", ""),
    ('answer_1b = {"skinner": "C0005"}\nprint("1b", answer1b)', "answer1b", "answer_1b"),
    ('answer_1b = 1\nprint("1b", anwser_1b)', "anwser_1b", ""),
    ('answer_1b = 1\nprint("1b", answer)', "answer", "answer_1b"),
]


def error_of(cell):
    try:
        exec(compile(cell, "cell", "exec"), {})
    except (SyntaxError, NameError) as error:
        return error
    raise AssertionError(cell)


@pytest.mark.parametrize(("cell", "named", "meant"), SLIPS)
def test_a_slip_is_named(cell, named, meant):
    for language in ("zh", "en"):
        text = told(error_of(cell), cell, Locale(language, "CNY"))
        assert named in text and meant in text, text


def test_a_comma_in_a_bare_number_is_named():
    with pytest.raises(Refused) as error:
        number_of((212, 880.71))
    assert error.value.code == "number_comma"


def test_curly_quotes_are_called_so():
    text = told(error_of(SLIPS[0][0]), SLIPS[0][0], Locale("en", "CNY"))
    assert "curly quote" in text and "Chinese" not in text


def test_a_misspelled_command_is_named_and_other_errors_stay(course_folder):
    team = course_folder / "students" / "team_01"
    notebook = nbformat.read(team / "1_define_tiers.en.ipynb", as_version=4)
    setup = next(c for c in notebook.cells if c.id == "setup")
    cells = [nbformat.v4.new_code_cell(text) for text in ('kp.chek("1a", 1)', '"x".lowr()')]
    notebook.cells = [setup, *cells]
    NotebookClient(
        notebook, timeout=240, allow_errors=True, resources={"metadata": {"path": str(team)}}
    ).execute()
    (named,), (other,) = (cell.outputs for cell in notebook.cells[1:])
    assert "There is no kp.chek. The commands of a class are kp.check" in named["data"]["text/plain"]
    assert other.output_type == "error" and other.ename == "AttributeError"


def test_in_a_notebook_no_python_error_is_shown(course_folder):
    team = course_folder / "students" / "team_01"
    notebook = nbformat.read(team / "1_define_tiers.zh.ipynb", as_version=4)
    setup = next(c for c in notebook.cells if c.id == "setup")
    notebook.cells = [setup, *(nbformat.v4.new_code_cell(cell) for cell, _, _ in SLIPS)]
    NotebookClient(
        notebook, timeout=240, allow_errors=True, resources={"metadata": {"path": str(team)}}
    ).execute()
    for cell, (_, named, _) in zip(notebook.cells[1:], SLIPS, strict=True):
        (output,) = cell.outputs
        assert output.output_type == "display_data" and named in output["data"]["text/plain"]
        assert "不计作答次数" in output["data"]["text/plain"]
