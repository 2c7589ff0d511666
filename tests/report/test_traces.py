"""What ``kamplay forget`` shows and removes: all of one client's, and nothing of another."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import random_lines, write_engagement
from typer.testing import CliRunner

from kamplay.cli import app
from kamplay.commands.forget import asked as asked_at_terminal
from kamplay.commands.forget import forget_client
from kamplay.engagement import load, slug
from kamplay.output_place import own
from kamplay.report.traces import clients, forget, traces_of


def run_of(out: Path, client: str, name: str = "2025-12-31", at: str = "manifest.json") -> Path:
    """A folder of a client that says whose it is, with files deep in it."""
    run = out / slug(client) / name
    for file in (at, "report.en.html", "work/steps/tiers/result.json", "plans/customer/A.html"):
        (run / file).parent.mkdir(parents=True, exist_ok=True)
        (run / file).write_text(json.dumps({"client": client}), encoding="utf-8")
    return run


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir() or p.is_symlink()}


def asked(*words: object, answer: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["forget", *map(str, words)], input=answer)
    return done.exit_code, done.output


def test_every_kind_of_trace_is_removed_and_all_of_other_clients_stays(tmp_path):
    for client in ("Ace", "Ace Tools", "Acme", "ace", "王牌"):
        run_of(tmp_path, client)
    before = files(tmp_path)
    run_of(tmp_path, "Ace", "2024-12-31")
    run_of(tmp_path, "Ace", "lab", at="work/settings.json")
    run_of(tmp_path, "Ace", ".replaced-x", at="run/manifest.json")
    for more in ("check/book-marked.xlsx", "failed/2025-09-30/run.log", ".building-old/half"):
        (tmp_path / "Ace" / more).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "Ace" / more).write_text("x")
    os.utime(tmp_path / "Ace" / ".building-old", (0, 0))  # long since nobody's
    os.utime(tmp_path / "Ace" / ".replaced-x", (0, 0))
    found = traces_of("Ace", tmp_path)
    kinds = sorted(trace.kind for trace in found.found)
    assert kinds == ["check", "failed", "lab", "left_over", "left_over", "report", "report"]
    assert sum(trace.files for trace in found.found) == len(files(tmp_path / "Ace"))
    size = sum(p.stat().st_size for p in (tmp_path / "Ace").rglob("*") if p.is_file())
    assert sum(trace.bytes for trace in found.found) == size
    assert forget(found, tmp_path) == []
    assert files(tmp_path) == {f for f in before if not f.startswith("Ace/")}
    assert not (tmp_path / "Ace").exists()
    assert set(clients(tmp_path)) == {"Ace Tools", "Acme", "ace", "王牌"}


def test_two_clients_that_share_a_folder_are_told_apart_by_what_their_runs_say(tmp_path):
    mine, other = run_of(tmp_path, "A & B", "2025-12-31"), run_of(tmp_path, "A B", "2024-12-31")
    assert mine.parent == other.parent
    (mine.parent / "check").mkdir()
    (mine.parent / "check" / "x-marked.xlsx").write_text("whose")
    found = traces_of("A & B", tmp_path)
    assert [t.place for t in found.found] == [mine]
    assert found.unclear == [mine.parent / "check"]
    assert traces_of("A-B", tmp_path).found == []  # the folder's name says not which of them
    assert traces_of("A  B!", tmp_path).found == []  # a third that would have the same folder
    forget(found, tmp_path)
    assert not mine.exists() and other.is_dir() and (mine.parent / "check").is_dir()


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_links_are_removed_and_never_followed(tmp_path):
    out, outside = tmp_path / "out", tmp_path / "outside"
    run = run_of(out, "Ace")
    kept = run_of(outside, "Ace", "2020-12-31")
    (outside / "book.csv").write_text("dear")
    (run / "more").symlink_to(outside, target_is_directory=True)
    (out / "Ace" / "2023-12-31").symlink_to(kept, target_is_directory=True)
    (out / "Ace" / "one.csv").symlink_to(outside / "book.csv")
    before = files(outside)
    found = traces_of("Ace", out)
    assert {t.place.name: t.kind for t in found.found} == {
        "2025-12-31": "report",
        "2023-12-31": "link",
        "one.csv": "link",
    }
    assert forget(found, out) == []
    assert files(outside) == before and not (out / "Ace").exists()
    (out / "Ace").symlink_to(outside / "Ace", target_is_directory=True)  # the client's whole folder
    found = traces_of("Ace", out)
    assert [t.kind for t in found.found] == ["link"]
    forget(found, out)
    assert files(outside) == before and not os.path.lexists(out / "Ace")


def test_a_copy_for_notebooks_elsewhere_goes_with_its_client_alone(tmp_path, monkeypatch):
    scratch = tmp_path / "tmp"
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    for name, client in (("kamplay-a", "Ace"), ("kamplay-b", "Ace Tools"), ("other-c", "Ace")):
        run_of(scratch / name, client, "run", at="work/settings.json").rename(scratch / name / "run")
    found = traces_of("Ace", tmp_path / "out")
    assert [t.place.name for t in found.found] == ["kamplay-a"]
    forget(found, tmp_path / "out")
    assert sorted(p.name for p in scratch.iterdir()) == ["kamplay-b", "other-c"]


def test_it_shows_asks_and_says_what_is_there(tmp_path):
    run_of(tmp_path, "Ace"), run_of(tmp_path, "Acme")
    before = files(tmp_path)
    code, said = asked("Ac", "--out", tmp_path)
    assert code == 2 and "“Ace”" in said and "“Acme”" in said
    code, said = asked("Ace", "--out", tmp_path, answer="y\n")  # nobody is at a terminal: no answer counts
    assert code == 1 and "2025-12-31" in said and "4 files" in said
    assert files(tmp_path) == before
    code, said = asked("Ace", "--yes", "--out", tmp_path)
    assert code == 0 and not (tmp_path / "Ace").exists()
    assert asked("Ace", "--yes", "--out", tmp_path)[0] == 2
    assert asked("Ace", "--yes", "--out", tmp_path / "none")[0] == 2
    assert asked("../Acme", "--yes", "--out", tmp_path / "Acme")[0] == 2
    assert files(tmp_path) == {f for f in before if f.startswith("Acme/")}


@pytest.mark.parametrize(
    ("answers", "removed"),
    [
        ("是\n", True),
        ("Yes\n", True),
        ("1\nno\n", False),
        ("否\n", False),
        ("\n", False),
        ("vielleicht\n", False),
    ],
)
def test_what_is_answered_in_either_language_counts_and_a_number_does_not(
    tmp_path, monkeypatch, capsys, answers, removed
):
    run = run_of(tmp_path, "Ace")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answers))
    forget_client("Ace", tmp_path, lambda question: asked_at_terminal(question, "zh"), "zh")
    assert run.is_dir() is not removed
    first = answers.split("\n")[0]
    assert (f"“{first}”" in capsys.readouterr().err) == (first in ("1", "vielleicht"))


def test_where_nobody_can_be_asked_it_is_said_how_to_remove_all_the_same(tmp_path):
    run = run_of(tmp_path, "Ace")
    code, said = asked("Ace", "--out", tmp_path)
    assert code == 1 and run.is_dir() and "--yes" in said.splitlines()[-1]


def test_a_run_that_goes_on_is_not_taken_away_under_its_hands(tmp_path):
    built = run_of(tmp_path, "Ace", ".building-now", at="work/settings.json")
    own(built)  # by this process
    code, said = asked("Ace", "--yes", "--out", tmp_path)
    assert code == 2 and ".building-now" in said and built.is_dir()


def test_what_cannot_be_removed_is_said(tmp_path, monkeypatch):
    run_of(tmp_path, "Ace")
    monkeypatch.setattr("kamplay.report.traces.shutil.rmtree", lambda *_, **__: None)  # open in Excel
    code, said = asked("Ace", "--yes", "--out", tmp_path)
    assert code == 1 and "2025-12-31" in said.splitlines()[-1]


def test_a_file_names_its_reports_under_every_name_and_nobody_elses(tmp_path):
    out = tmp_path / "reports"
    mine = load(write_engagement(tmp_path / "mine", random_lines(6)))
    other = load(write_engagement(tmp_path / "other", random_lines(6)))
    assert mine.identity != other.identity and str(tmp_path) not in mine.identity
    stays, goes = [], []
    for engagement, client, day, places in (
        (mine, "Test client", "2025-12-31", goes),
        (mine, "Renamed", "2025-12-31", goes),
        (mine, "Shared & Co", "2025-12-31", goes),
        (other, "Shared Co", "2024-12-31", stays),  # in the same folder
        (other, "Other", "2025-12-31", stays),
    ):
        places.append(run := run_of(out, client, day))
        told = {"client": client, "engagement": engagement.identity}
        (run / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    stays.append(run_of(out, "Older"))  # says nothing of its engagement
    (out / "Renamed" / "check").mkdir()  # as nobody else's is there
    code, said = asked("Test client", "--out", out, answer="n\n")
    assert code == 1 and "Renamed" in said.partition("Stays")[2]  # the name alone takes its own
    code, said = asked(mine.folder, "--out", out, "--yes")
    assert code == 0 and all(str(place) in said for place in goes)
    assert "Renamed, Shared & Co" in said and not any(str(place) in said for place in stays)
    assert not any(place.exists() for place in goes) and all(place.is_dir() for place in stays)
    assert not (out / "Renamed").exists()


def test_a_run_that_was_moved_is_found_by_its_manifest(tmp_path):
    """Whatever it is called now and however deep it lies; what lies beside it stays."""
    renamed = run_of(tmp_path, "Ace", "2025-12-31 (old)")
    up = run_of(tmp_path, "Ace").rename(tmp_path / "2025-12-31")
    deep = tmp_path / "archive" / "2025" / "Ace"
    deep.parent.mkdir(parents=True)
    run_of(tmp_path, "Ace", "2024-12-31").parent.joinpath("2024-12-31").rename(deep)
    other = run_of(tmp_path, "Other").rename(tmp_path / "archive" / "2025" / "Other")
    (tmp_path / "archive" / "note.txt").write_text("whose")
    assert set(clients(tmp_path)) == {"Ace", "Other"}
    found = traces_of("Ace", tmp_path)
    assert {(t.place, t.kind) for t in found.found} == {(p, "report") for p in (renamed, up, deep)}
    assert forget(found, tmp_path) == []
    assert files(tmp_path) == {"archive/note.txt"} | {f"archive/2025/Other/{name}" for name in files(other)}


def test_the_engagement_that_stays_is_named(tmp_path):
    out = tmp_path / "reports"
    run_of(out, "Test client")
    engagement = write_engagement(tmp_path / "sent", random_lines(6))
    code, said = asked("Test client", "--out", out, "--yes")
    assert code == 0
    assert f"under {out} is removed" in said and "All" not in said
    assert f"stays: {engagement}" in said
    assert (engagement / "engagement.yaml").exists()
