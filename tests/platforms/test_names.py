"""Names of files and folders, and paths, by the rules of all systems at once."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
from conftest import lines_of, random_lines, write_engagement
from hypothesis import given
from hypothesis import strategies as st

from kamplay import output_place
from kamplay.commands.run import run_folders
from kamplay.engagement import Source, load, slug
from kamplay.errors import KamplayError
from kamplay.intake.prepare import prepare
from kamplay.report.account_plans import file_name
from kamplay.report.pages import pdf
from kamplay.run_folder import WORK

# as Microsoft states it: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in "123456789¹²³")}
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def allowed(name: str) -> bool:
    return not (
        FORBIDDEN.search(name)
        or name.partition(".")[0].casefold() in DEVICES
        or name.endswith((".", " "))
        or not name
    )


@pytest.mark.parametrize(
    ("client", "folder"),
    [
        ("CON", "client-CON"),
        ("nul", "client-nul"),
        ("AUX.", "client-AUX"),
        ("com¹", "client-com1"),
        ("NUL.txt", "NUL-txt"),
        ("Acme Inc. ", "Acme-Inc"),
        (' <A>:"B"/C\\D|E?F*. . ', "A-B-C-D-E-F"),
        ("...", "client-"),
        ("..\\..\\Windows", "Windows"),
        ("C:\\clients\\acme", "C-clients-acme"),
        ("长" * 300, "长" * 60),
    ],
)
def test_a_client_by_any_name(client: str, folder: str) -> None:
    assert slug(client) == folder
    assert allowed(folder)


@given(st.text(max_size=200))
def test_no_name_makes_a_folder_that_windows_refuses(client: str) -> None:
    assert allowed(slug(client))
    assert len(slug(client)) <= 67
    assert allowed(file_name(client, client) + ".html")


def test_accounts_that_differ_by_case_have_plans_of_their_own() -> None:
    names = [file_name(unit, "Acme") for unit in ("ab1", "AB1", "Ab1")]
    assert len({name.casefold() for name in names}) == 3


def test_clients_that_differ_by_case_do_not_share_a_folder(tmp_path: Path, capsys) -> None:
    folders = []
    for client in ("Acme", "ACME"):
        folder = write_engagement(tmp_path / f"of {client}", lines_of(("a", "2025-06-15", 1.0)))
        settings = folder / "engagement.yaml"
        text = settings.read_text(encoding="utf-8").replace("Test client", client)
        settings.write_text(text, encoding="utf-8")
        folders.append(folder)
    run_folders(folders, tmp_path / "out", None, None, [], 1, "en")
    assert "the same client" in capsys.readouterr().err


# --- paths


@pytest.mark.parametrize("path", ["data\\sales\\2025.csv", "data/sales/2025.csv", "data\\sales/2025.csv"])
def test_a_path_as_windows_writes_it(tmp_path: Path, path: str) -> None:
    folder = write_engagement(tmp_path / "client", random_lines(3))
    (folder / "data" / "sales").mkdir()
    (folder / "data" / "transactions.csv").rename(folder / "data" / "sales" / "2025.csv")
    with (folder / "engagement.yaml").open("a", encoding="utf-8") as file:
        file.write(f"sources: {{transactions: '{path}'}}\n")
    engagement = load(folder)
    assert engagement.settings.sources["transactions"].path == ["data/sales/2025.csv"]
    assert len(prepare(engagement).table("transactions")) > 0


@pytest.mark.parametrize(
    "path", ["C:\\data\\sales.csv", "C:/data/sales.csv", "c:sales.csv", "\\\\server\\share\\sales.csv",
             "\\sales.csv", "data\\..\\..\\sales.csv"]
)  # fmt: skip
def test_a_drive_or_a_share_is_outside_the_folder_on_every_system(tmp_path: Path, path: str) -> None:
    folder = write_engagement(tmp_path / "client", random_lines(3))
    with (folder / "engagement.yaml").open("a", encoding="utf-8") as file:
        file.write(f"sources: {{transactions: '{path}'}}\n")
    with pytest.raises(KamplayError) as refused:
        load(folder)
    assert [f.code for f in refused.value.faults] == ["path_outside"]


def test_a_path_between_quotes_that_yaml_takes_for_signs(tmp_path: Path) -> None:
    folder = write_engagement(tmp_path / "client", random_lines(3))
    with (folder / "engagement.yaml").open("a", encoding="utf-8") as file:
        file.write('sources: {transactions: "data\\sales.csv"}\n')
    with pytest.raises(KamplayError) as refused:
        load(folder)
    assert refused.value.faults[0].row == 5


def test_a_path_without_backslashes_stays() -> None:
    assert Source(path=["data/*.csv", "data/book.xlsx#Sheet 1"]).path == [
        "data/*.csv",
        "data/book.xlsx#Sheet 1",
    ]


@pytest.mark.parametrize("number", [errno.ENAMETOOLONG, errno.ENOENT, errno.EINVAL])
def test_a_place_too_deep_is_told_before_anything_is_begun(
    tmp_path: Path, monkeypatch, capsys, number
) -> None:
    """Windows counts 260 letters, and calls a longer path one that is not there."""
    touched, room = Path.touch, len(str(tmp_path)) + 100

    def touch(path: Path, *rest: object, **more: object) -> None:
        if len(str(path)) > room:
            raise OSError(number, "The system cannot find the path specified", str(path))
        touched(path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "touch", touch)
    client = write_engagement(tmp_path / "client", random_lines(3))
    assert run_folders([client], tmp_path / ("d" * 40) / "out", None, None, [], 1, "en") == 1
    assert "The path is too long for this system. Name a shorter one with --out." in capsys.readouterr().err
    assert not list(tmp_path.rglob(".building-*"))


def test_no_path_in_a_run_is_longer_than_was_asked_for() -> None:
    """Of what is named after a step, a part of it or a person; the longest of a finished run."""
    assert len(f"{WORK}/steps/health/retention_curves.groups.parquet") < output_place.LONGEST_INSIDE
    assert len(f"results/calendars/{slug('长' * 300)}-12.ics") < output_place.LONGEST_INSIDE
    assert len(f"plans/internal/{file_name('u', '长' * 300)}.html") < output_place.LONGEST_INSIDE


# --- browsers


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("win32", "Microsoft/Edge/Application/msedge.exe"),
        ("win32", "Google/Chrome/Application/chrome.exe"),
        ("darwin", "Google Chrome.app"),
    ],
)
def test_a_browser_where_the_system_keeps_it(tmp_path: Path, monkeypatch, system: str, place: str) -> None:
    browser = tmp_path / place
    browser.parent.mkdir(parents=True, exist_ok=True)
    browser.touch()
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.setattr(pdf.sys, "platform", system)
    monkeypatch.setattr(pdf, "OF_A_MAC", (str(browser),))
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert pdf.find_browser() == str(browser)
