"""A report is made anew from its own notes: what stands in the client's folder beside it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kamplay.commands import run as commands
from kamplay.errors import KamplayError
from kamplay.report import run_files

NOTE = "1_define_tiers.md"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A client's folder and its run, each with a note."""
    monkeypatch.chdir(tmp_path)
    folder, run = tmp_path / "acme", tmp_path / "reports" / "Acme" / "2025-12-31"
    for place in (folder, run):
        (place / "notes").mkdir(parents=True)
        (place / "notes" / NOTE).write_text("first")
    (folder / "engagement.yaml").write_text("client: Acme\n")
    (run / "work").mkdir()
    return folder, run


def told(named: Path, run: Path, capsys, language: str = "en") -> str:
    commands.say_notes_beside(named, run, language)
    return " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("by_run", [True, False])
def test_a_note_that_a_report_does_not_hold_is_named(made, capsys, by_run):
    folder, run = made
    assert told(run if by_run else folder, run, capsys) == ""
    (folder / "notes" / "2_analyse_value.md").write_text("second")
    said = told(run if by_run else folder, run, capsys)
    assert said.startswith(
        "1 note in acme/notes is newer than this report and not in it: 2_analyse_value.md."
    )
    assert "kamplay run acme" in said
    (folder / "notes" / NOTE).write_text("changed")
    os.utime(run / "notes" / NOTE, (0, 0))
    assert "acme/notes 中有2条批注比这份报告新" in told(run if by_run else folder, run, capsys, "zh")


def test_a_note_that_was_edited_in_the_run_is_the_newer_one(made, capsys):
    folder, run = made
    os.utime(folder / "notes" / NOTE, (0, 0))
    (run / "notes" / NOTE).write_text("edited")
    assert told(run, run, capsys) == ""


def test_a_note_of_no_section_is_refused_as_a_run_does(made, monkeypatch):
    _, run = made
    (run / "notes" / "1_define_tier.md").write_text("misnamed")
    monkeypatch.setattr(run_files, "languages_of", lambda folder: ["en"])
    monkeypatch.setattr(run_files, "need_readable", lambda folder, languages: None)
    with pytest.raises(KamplayError) as error:
        commands.render_run(run)
    assert [(f.code, f.file, f.args["near"]) for f in error.value.faults] == [
        ("note_unknown", "notes/1_define_tier.md", NOTE)
    ]
