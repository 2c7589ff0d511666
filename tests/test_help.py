"""Help and endings on a screen: in the consultant's language, whole at any width."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len
from typer.testing import CliRunner

import kamplay
from kamplay.cli import app
from kamplay.commands import ending
from kamplay.commands.help import WIDEST
from kamplay.show.locale import Locale
from kamplay.show.wrap import wrapped

TREE = typer.main.get_command(app)
NAMES = sorted(TREE.commands)  # type: ignore[attr-defined]
PAGE = (
    '<section id="summary" class="summary"><h2 class="whole">Revenue fell.</h2><ol class="points">'
    '<li><p class="headline"><a href="#x">A &amp; B left</a> <span class="money">$5</span></p></li>'
    '<li><p class="headline">Two</p></li><li><p class="headline">Three</p></li></ol></section>'
    '<section><p class="headline">Not on the first screen</p></section>'
)


def help_of(*names: str, columns: int = 80, language: str = "en_US.UTF-8") -> str:
    env = {"COLUMNS": str(columns), "LC_ALL": language, "LANG": language}
    done = CliRunner().invoke(app, [*names, "--help"], env=env)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Where no engagement stands, whose language would be spoken."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
@pytest.mark.parametrize("language", ["en_US.UTF-8", "zh_CN.UTF-8"])
@pytest.mark.parametrize("name", NAMES)
def test_help_fits_any_width_and_keeps_words_whole(name, language, columns):
    text = help_of(name, columns=columns, language=language)
    whole = re.sub(r"\s", "", help_of(name, columns=200, language=language))
    assert re.sub(r"\s", "", text) == whole
    assert max(cell_len(row) for row in text.splitlines()) <= min(columns, WIDEST)
    for word in ("2026-06-30", "reports/CLIENT/DATE", "engagement.yaml", "health.horizon_days=90"):
        assert (word in whole) == (word in text)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_an_example_that_it_takes(name):
    command = TREE.commands[name]  # type: ignore[attr-defined]
    examples = [row for row in command.epilog.splitlines() if row]
    assert examples
    for example in examples:
        assert example in help_of(name)
        kamplay, called, *rest = shlex.split(example.partition(" > ")[0])
        assert (kamplay, called) == ("kamplay", name)
        command.make_context(name, rest)  # raises for what it does not take


@pytest.mark.parametrize("name", NAMES)
def test_chinese_help_has_no_english_sentence(name):
    text = re.sub(r"--[\w-]+", "", help_of(name, language="zh_CN.UTF-8"))
    assert re.search(r"[一-鿿]", text)
    assert not re.search(r"\b(?:the|of|and|is|for|with)\b", text)


def test_an_engagement_speaks_its_language(tmp_path):
    (tmp_path / "engagement.yaml").write_text("client: A\nlanguage: zh\n", encoding="utf-8")
    assert "选项" in help_of("run")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--opne"], "There is no option --opne. Did you mean --open?"),
        (["render"], "FILE|FOLDER is missing."),
        (["rnu"], "rnu"),
    ],
)
def test_what_is_mistyped_is_told_in_a_line_with_where_help_is(arguments, told):
    done = CliRunner().invoke(app, arguments, env={"LC_ALL": "en_US.UTF-8"})
    assert done.exit_code == 2
    first, second = done.output.strip().splitlines()
    assert told in first
    assert second.startswith("Help: ") and second.endswith("--help")


def test_the_ending_says_the_first_sentences_and_keeps_paths_whole(tmp_path, monkeypatch, capsys):
    run = tmp_path / "reports" / "A-client-with-quite-a-long-name-of-its-own-Ltd" / "2026-06-30"
    run.mkdir(parents=True)
    (run / "report.en.html").write_text(PAGE, encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "60")
    ending.say_ending(run, Path("acme"), ["en"], Locale("en", "USD"))
    said = capsys.readouterr().err
    assert re.findall(r"^\d\. .*", said, re.MULTILINE) == ["1. Revenue fell.", "2. A & B left $5", "3. Two"]
    path = "reports/A-client-with-quite-a-long-name-of-its-own-Ltd/2026-06-30"
    assert f"\n  {path}\n" in said
    assert f"\n  kamplay render {path}\n" in said
    assert "\n  kamplay lab acme\n" in said


def test_what_is_wider_than_a_line_stays_whole_where_it_is_to_be_copied():
    path = "reports/" + "x" * 40 + "/2026-06-30"
    assert wrapped(f"See {path} there", 30, whole=True) == ["See", path, "there"]
    assert all(cell_len(row) <= 30 for row in wrapped(f"See {path} there", 30))


def test_the_version_is_told():
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0 and done.output == f"kamplay {kamplay.__version__}\n"
