"""The place that results go to refuses at some moment: one clear line, the right exit code, the last good
report intact, nothing left behind.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import random_lines, write_engagement

from kamplay import output_place
from kamplay.commands.run import run_folders
from kamplay.errors import Fault
from kamplay.report import run
from kamplay.report.engine import notebooks
from kamplay.show.faults import line
from kamplay.show.locale import Locale

CODES = {
    errno.ENOSPC: "output_full",
    errno.EROFS: "output_not_permitted",
    errno.EACCES: "output_not_permitted",
    errno.ENAMETOOLONG: "output_name_too_long",
    errno.EMFILE: "too_many_files",
}
GOOD = {"report.en.html": "the last good one", "manifest.json": '{"as_of": "2025-12-31"}'}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client with a good report, whose data are not read and whose notebooks not run."""
    folder = write_engagement(tmp_path / "client", random_lines(2))
    good = tmp_path / "out" / "Test-client" / "2025-12-31"
    good.mkdir(parents=True)
    for name, text in GOOD.items():
        (good / name).write_text(text, encoding="utf-8")
    book = SimpleNamespace(as_of=run.date(2025, 12, 31), faults=(), readings=())
    monkeypatch.setattr(run, "read_book", lambda engagement, kept: (book, None, ""))
    monkeypatch.setattr(run, "compare_with_earlier", lambda *_: run.Compared())
    monkeypatch.setattr(
        run, "create", lambda engagement, book, policies, built, _: (built / run.WORK).mkdir()
    )
    monkeypatch.setattr(
        run, "produce", lambda built, *_: (built / "report.en.html").write_text("new", encoding="utf-8")
    )
    monkeypatch.setattr(
        run,
        "_manifest",
        lambda _, built, *rest: (built / "manifest.json").write_text('{"as_of": "2025-12-31"}'),
    )
    return folder


def said(client: Path, capsys: pytest.CaptureFixture[str], out: Path | None = None) -> tuple[int, list[str]]:
    code = run_folders([client], out or client.parent / "out", None, None, [], 1, "en")
    return code, capsys.readouterr().err.splitlines()


def left(client: Path) -> list[str]:
    """What stands in the client's folder of results."""
    return sorted(p.name for p in (client.parent / "out" / "Test-client").iterdir())


def intact(client: Path) -> bool:
    good = client.parent / "out" / "Test-client" / "2025-12-31"
    return {p.name: p.read_text(encoding="utf-8") for p in good.iterdir()} == GOOD


def refuse(number: int) -> Callable[..., None]:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "somewhere")

    return refused


MOMENTS = ("create", "produce", "_manifest", "publish")


@pytest.mark.parametrize("number", CODES, ids=errno.errorcode.get)
@pytest.mark.parametrize("moment", MOMENTS)
def test_an_error_of_the_disk_at_any_moment(client, capsys, monkeypatch, moment, number):
    monkeypatch.setattr(run, moment, refuse(number))
    code, lines = said(client, capsys)
    expected = line(Fault(CODES[number], file=str(client.parent / "out")), Locale("en", "EUR"))
    assert (code, lines) == (1, [f"Test client: {expected} The last good report is untouched."])
    assert intact(client)
    assert left(client) == ["2025-12-31", "failed"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_disk_that_does_not_even_take_the_log(client, capsys, monkeypatch, moment):
    monkeypatch.setattr(run, moment, refuse(errno.ENOSPC))
    written = Path.write_text

    def write(path: Path, *rest: str, **options: str) -> int:
        if path.name == "run.log":
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(path, *rest, **options)

    monkeypatch.setattr(Path, "write_text", write)
    code, lines = said(client, capsys)
    assert (code, len(lines)) == (1, 1)
    assert "The disk is full" in lines[0]
    assert intact(client)
    assert left(client) == ["2025-12-31"]


def test_a_defect_whose_log_cannot_be_kept_is_still_one_line(client, capsys, monkeypatch):
    monkeypatch.setattr(run, "produce", lambda *_: 1 / 0)
    monkeypatch.setattr(run, "keep_failed", lambda built, *_: output_place.remove(built))
    code, lines = said(client, capsys)
    assert (code, len(lines)) == (1, 1)
    assert "ZeroDivisionError" in lines[0]
    assert "None" not in lines[0]


@pytest.mark.parametrize(
    "text", ["OSError: [Errno 28] No space left on device", "ZMQError: Too many open files"]
)
def test_a_notebook_that_tells_of_the_disk(client, capsys, monkeypatch, text):
    def stop(*_: object) -> None:
        raise notebooks.NotebookError("2_pareto_value.ipynb", 3, text, Path())

    monkeypatch.setattr(run, "produce", stop)
    code, lines = said(client, capsys)
    assert (code, len(lines)) == (1, 1)
    assert ("disk is full" if "28" in text else "no more files") in lines[0]
    assert intact(client)


@pytest.mark.parametrize(
    ("place", "words"), [("file", "A file stands"), ("file/under", "A file stands"), ("x" * 300, "too long")]
)
def test_a_place_that_is_none(client, capsys, tmp_path, place, words):
    (tmp_path / "file").write_text("x")
    code, lines = said(client, capsys, tmp_path / place)
    assert (code, len(lines)) == (1, 1)
    assert words in lines[0]


@pytest.mark.parametrize("number", [*CODES, errno.EIO], ids=errno.errorcode.get)
def test_a_place_that_refuses_from_the_start(client, capsys, monkeypatch, number):
    monkeypatch.setattr(run, "building_place", refuse(number))
    code, lines = said(client, capsys)
    assert (code, len(lines)) == (1, 1)
    assert intact(client)


def test_too_few_files_are_told_before_anything_is_begun(client, capsys, monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (40, 40))
    code, lines = said(client, capsys)
    assert (code, len(lines)) == (1, 1)
    assert "no more files" in lines[0]
    assert left(client) == ["2025-12-31"]


def test_a_low_limit_of_files_is_raised_where_the_system_lets(client, capsys, monkeypatch):
    resource = pytest.importorskip("resource")
    raised = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (40, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))
    assert said(client, capsys) == (0, [])
    assert raised == [(output_place.FILES_NEEDED, 4096)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB, where the test may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nothing may be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_full(client, capsys, monkeypatch, small_disk):
    monkeypatch.setattr(
        run, "produce", lambda built, *_: (built / "report.en.html").write_bytes(b"x" * 200_000)
    )
    code, lines = said(client, capsys, small_disk)
    assert (code, len(lines)) == (1, 1)
    assert "The disk is full" in lines[0]
    assert not list(small_disk.rglob(".building-*"))


# --- what killed runs left


def building(client: Path, name: str, owner: dict | None) -> Path:
    folder = client.parent / "out" / "Test-client" / name
    (folder / "notebooks").mkdir(parents=True)
    if owner is not None:
        (folder / output_place.OWNER).write_text(json.dumps(owner), encoding="utf-8")
    return folder


def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_next_run_clears_what_no_living_process_owns(client, capsys):
    me = output_place._this_process()
    scratch = output_place.scratch_folder()
    (scratch / "kernel-1.json").write_text("{}")
    gone = {**me, "pid": ended(), "scratch": str(scratch)}
    building(client, ".building-killed", gone)
    building(client, ".building-number-taken-again", {**me, "started": me["started"] - 1000})
    building(client, ".building-living", me)
    building(client, ".building-elsewhere", {**gone, "host": "another machine"})
    building(client, ".building-just-begun", None)
    old = building(client, ".building-forgotten", None)
    os.utime(old, (time.time() - 7200,) * 2)
    code, _ = said(client, capsys)
    assert code == 0
    assert left(client) == [".building-elsewhere", ".building-just-begun", ".building-living", "2025-12-31"]
    assert not scratch.exists()


def test_a_report_moved_aside_by_a_killed_run_comes_back(client, capsys, monkeypatch):
    place = client.parent / "out" / "Test-client"
    aside = building(client, ".replaced-x", {**output_place._this_process(), "pid": ended()})
    (place / "2025-12-31").rename(aside / "run")
    monkeypatch.setattr(run, "produce", refuse(errno.ENOSPC))
    said(client, capsys)
    assert intact(client)
    assert left(client) == ["2025-12-31", "failed"]


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"pid": "x", "host": null}', b'{"pid": -5}', b"\xff"])
def test_a_damaged_note_of_the_owner_stops_no_run(client, capsys, note):
    folder = building(client, ".building-x", {})
    (folder / output_place.OWNER).write_bytes(note)
    code, _ = said(client, capsys)
    assert code == 0


def test_a_note_can_name_no_folder_to_remove(client, capsys, tmp_path):
    (tmp_path / "precious").mkdir()
    owner = {**output_place._this_process(), "pid": ended(), "scratch": str(tmp_path / "precious")}
    building(client, ".building-x", owner)
    said(client, capsys)
    assert (tmp_path / "precious").is_dir()


def test_a_good_run_leaves_nothing_but_the_report(client, capsys):
    before = set(Path(output_place.tempfile.gettempdir()).glob("kamplay-run-*"))
    code, lines = said(client, capsys)
    assert (code, lines) == (0, [])
    assert left(client) == ["2025-12-31"]
    published = client.parent / "out" / "Test-client" / "2025-12-31"
    assert not (published / output_place.OWNER).exists()
    assert (published / "report.en.html").read_text() == "new"
    assert set(Path(output_place.tempfile.gettempdir()).glob("kamplay-run-*")) <= before
