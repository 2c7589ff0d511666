"""A file that is open in another program, as Windows keeps it: Excel lets nobody write to it, replace it or
move the folder it stands in. One line names it, nothing is lost, the next command puts it right.
"""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from conftest import random_lines, write_engagement

from kamplay import output_place
from kamplay.commands.check import check_folder
from kamplay.commands.run import render_run, run_folders
from kamplay.output_place import InUseError, output_fault, publish


class Excel:
    """Has files open."""

    def __init__(self) -> None:
        self.files: set[Path] = set()

    def refuse(self, path: Path) -> None:
        if any(file.is_relative_to(path) for file in self.files):
            raise PermissionError(errno.EACCES, "Access is denied", str(path))


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch) -> Excel:
    held, opened, renamed, unlinked = Excel(), Path.open, Path.rename, Path.unlink
    replaced = Path.replace

    def open_(path: Path, mode: str = "r", *rest: object, **more: object) -> object:
        if set(mode) & set("wa+"):
            held.refuse(path)
        return opened(path, mode, *rest, **more)  # type: ignore[arg-type]

    def rename(path: Path, target: Path) -> Path:
        held.refuse(path)
        if target.exists():
            raise FileExistsError(errno.EEXIST, "Cannot create a file when that file already exists")
        return renamed(path, target)

    def replace(path: Path, target: Path) -> Path:
        held.refuse(path)
        held.refuse(Path(target))
        return replaced(path, target)

    def unlink(path: Path, missing_ok: bool = False) -> None:
        held.refuse(path)
        unlinked(path, missing_ok)

    monkeypatch.setattr(Path, "open", open_)
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr(output_place, "LOCKS", True)
    return held


def folder_of(place: Path, text: str) -> Path:
    place.mkdir(parents=True)
    for name in ("manifest.json", "report.en.html", "results.xlsx"):
        (place / name).write_text(text, encoding="utf-8")
    return place


def texts(place: Path) -> set[str]:
    return {p.read_text(encoding="utf-8") for p in place.iterdir()}


def test_the_new_stands_beside_the_old_until_the_file_is_closed(tmp_path: Path, excel: Excel) -> None:
    target = folder_of(tmp_path / "2025-12-31", "old")
    excel.files = {target / "results.xlsx"}
    for text in ("new", "newer"):
        built = folder_of(tmp_path / ".building-x", text)
        with pytest.raises(InUseError) as refused:
            publish(built, target)
        assert refused.value.filename == str(target / "results.xlsx")
        assert refused.value.kept == tmp_path / "2025-12-31-new"
        assert (texts(target), texts(tmp_path / "2025-12-31-new")) == ({"old"}, {text})
        assert {p.name for p in tmp_path.iterdir()} == {"2025-12-31", "2025-12-31-new"}
    excel.files = set()
    publish(folder_of(tmp_path / ".building-x", "newest"), target)
    assert texts(target) == {"newest"}
    assert [p.name for p in tmp_path.iterdir()] == ["2025-12-31"]


def test_a_folder_that_something_stands_in_is_named_itself(tmp_path: Path, monkeypatch) -> None:
    target, renamed = folder_of(tmp_path / "2025-12-31", "old"), Path.rename

    def rename(path: Path, to: Path) -> Path:
        if path == target:  # a terminal's current folder is held, and no file
            raise PermissionError(errno.EACCES, "Access is denied", str(path))
        return renamed(path, to)

    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(output_place, "LOCKS", True)
    with pytest.raises(InUseError) as refused:
        publish(folder_of(tmp_path / ".building-x", "new"), target)
    assert refused.value.filename == str(target)
    assert texts(tmp_path / "2025-12-31-new") == {"new"}


def test_a_scanner_that_holds_a_new_file_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch) -> None:
    built, renamed, tries = folder_of(tmp_path / ".building-x", "new"), Path.rename, []

    def rename(path: Path, to: Path) -> Path:
        tries.append(path)
        if len(tries) < 3:
            raise PermissionError(errno.EACCES, "Access is denied", str(path))
        return renamed(path, to)

    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(output_place, "PAUSES", (0.0, 0.0, 0.0))
    publish(built, tmp_path / "2025-12-31")
    assert texts(tmp_path / "2025-12-31") == {"new"}


def test_what_is_said_names_the_file_and_what_to_do() -> None:
    fault = output_fault(InUseError(Path("results.xlsx"), Path("2025-12-31-new")))
    assert fault is not None
    assert (fault.code, fault.file, fault.args["kept"]) == (
        "output_kept_beside",
        "results.xlsx",
        "2025-12-31-new",
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A client, and the folder of the run that was made of it."""
    place = tmp_path_factory.mktemp("open")
    client = write_engagement(place / "client", random_lines(25))
    assert run_folders([client], place / "out", None, None, [], 2, "en") == 0
    return client, place / "out" / "Test-client" / "2025-12-31"


def contents(place: Path) -> dict[str, bytes]:
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}


def test_a_run_over_an_open_workbook(finished, excel: Excel, capsys) -> None:
    client, run = finished
    before = contents(run)
    excel.files = {run / "results.xlsx"}
    change = ["target=900000"]
    code = run_folders([client], run.parents[1], None, None, change, 2, "en")
    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert said.err.splitlines() == [
        f"Test client: {run / 'results.xlsx'}: This file is open in another program, so the new results "
        f"could not take its place. They stand in {run}-new; close the file and repeat the command to have "
        "them here. The last good report is untouched."
    ]
    assert contents(run) == before
    fresh = contents(run.with_name("2025-12-31-new"))
    assert fresh["report.en.html"] != before["report.en.html"]
    excel.files = set()
    assert run_folders([client], run.parents[1], None, None, change, 2, "en") == 0
    assert contents(run)["report.en.html"] == fresh["report.en.html"]
    assert [p.name for p in run.parent.iterdir()] == ["2025-12-31"]


def test_rendering_over_an_open_report_changes_nothing(finished, excel: Excel) -> None:
    _, run = finished
    before = contents(run)
    excel.files = {run / "report.en.html"}
    with pytest.raises(InUseError) as refused:
        render_run(run, final=False)
    assert refused.value.filename == str(run / "report.en.html")
    assert contents(run) == before
    excel.files = set()
    render_run(run)
    assert contents(run) == before


def test_a_marked_copy_that_is_open_stays(tmp_path: Path, excel: Excel, capsys) -> None:
    lines = random_lines(5).astype({"amount": object})
    lines.loc[3, "amount"] = "twelve"
    client = write_engagement(tmp_path / "client", lines)
    check_folder(client, False, tmp_path / "out")
    copies = sorted((tmp_path / "out" / "Test-client" / "check").iterdir())
    assert [p.name for p in copies] == ["transactions-marked.xlsx"]
    before = copies[0].read_bytes()
    excel.files = set(copies)
    capsys.readouterr()
    check_folder(client, False, tmp_path / "out")
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"No marked copy was written: {copies[0]}: This file is open in another program, so nothing new was "
        "written. Close it there and repeat the command."
    ]
    assert copies[0].read_bytes() == before
