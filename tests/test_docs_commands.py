"""Every command that the readme and the docs name is one, and does what it is named for."""

from __future__ import annotations

import re
import shlex
import shutil
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from conftest import random_lines, write_engagement
from typer.testing import CliRunner

from kamplay.cli import app
from kamplay.commands import lab

ROOT = Path(__file__).parents[1]
FIRST = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")]
PAGES = [*FIRST, *sorted((ROOT / "docs").glob("*.md"))]
# the same thing by another name in another language or place
SAME = {
    "../acme": "acme",
    "../huakang": "acme",
    "huakang": "acme",
    "DIR": "acme",
    "FOLDER": "acme",
    "文件夹": "acme",
    "invoices.csv": "invoices.xlsx",
    "销售明细.csv": "invoices.xlsx",
    "销售明细.xlsx": "invoices.xlsx",
    "data_templates/samples/medtech": "acme",
    "reports/<client>/<date>": "RUN",
    "名称": "NAME",
    "NAME": "four_dimensions",
    "命令": "COMMAND",
    "COMMAND": "run",
}
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def named() -> Iterator[str]:
    """Every command line in the docs as it would be typed; a synopsis with [options] is none."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in FENCED.findall(text) for line in block.splitlines()]
        for line in [*lines, *re.findall(r"`([^`\n]+)`", FENCED.sub("", text))]:
            found = re.match(r"\s*(?:\.venv/bin/)?kamplay +(\S.*)", line)
            if found and "[" not in line and "…" not in line:
                yield found[1]


def words(line: str) -> list[str]:
    """The words of a command line, comment and redirection left out, names made the same."""
    plain = re.split(r"\s#|\s>", line)[0]
    return [SAME.get(SAME.get(word, word), SAME.get(word, word)) for word in shlex.split(plain)]


COMMANDS = sorted({tuple(words(line)) for line in named()})
TREE = typer.main.get_command(app)
ALONE = set(TREE.commands)  # type: ignore[attr-defined]


def test_commands_are_found_in_the_docs():
    assert ("run", "invoices.xlsx", "--open") in COMMANDS
    assert ("plans", "acme", "--account", "C0092", "--edition", "customer") in COMMANDS
    assert len(COMMANDS) > 12


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_in_the_docs_is_one(command):
    name, *rest = command
    assert name in ALONE
    if not rest:  # named, not called
        return
    known = TREE.commands[name]  # type: ignore[attr-defined]
    if rest in (["--json"], ["--help"]):
        assert rest[0] in ["--help", *(option for param in known.params for option in param.opts)]
        return
    known.make_context(name, list(rest), resilient_parsing=False)  # raises for what it does not take


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A consultant's folder: an export, an engagement, and the run that comes of it."""
    folder = tmp_path_factory.mktemp("desk")
    lines = random_lines(14).replace({"account_id": {"A003": "C0092"}})
    lines.to_excel(folder / "invoices.xlsx", index=False)
    write_engagement(folder / "acme", lines)
    return folder


def test_what_the_docs_call_does_what_it_says(desk, monkeypatch):
    """In the order of a consultant: presets, a new folder, run, check, plans, render, lab."""
    order = ["presets", "new", "run", "check", "plans", "render", "lab"]
    called = [c for c in COMMANDS if c[0] in order and len(c) > 1 and c[1:] not in (("--json",), ("--help",))]
    called = [c for c in called if "--scheduler" not in c]  # needs a cluster: tests/report/test_fleet.py
    opened: list[str] = []
    started: list[Path] = []
    monkeypatch.chdir(desk)
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    monkeypatch.setattr(lab, "serve", lambda place, locale: started.append(place) or 0)
    for command in sorted(called, key=lambda c: (order.index(c[0]), c)):
        arguments = list(command)
        if command[0] == "new":
            shutil.rmtree(desk / "fresh", ignore_errors=True)
            arguments[1] = "fresh"
        if command[0] == "run" and "invoices.xlsx" in command:
            arguments.append("--yes")  # as who accepts what is offered
        if "RUN" in command:
            (run,) = (desk / "reports" / "Test-client").glob("2*")
            arguments[arguments.index("RUN")] = str(run)
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, f"kamplay {' '.join(arguments)}: {done.output[-2000:]}"
    assert opened and opened[0].startswith("file:")
    assert started and (started[0] / "notebooks" / "1_define_tiers.ipynb").is_file()
    assert (desk / "fresh" / "engagement.yaml").is_file()
