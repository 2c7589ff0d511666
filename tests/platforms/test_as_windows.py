"""The commands under a Python that behaves as on Windows: same results, nothing left over. What is acted and
what not is told in docs/platforms.md.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, random_lines, write_engagement

ACTOR = Path(__file__).with_name("as_windows")
NOT_COMPARED = {"manifest.json", "made.json"}  # they tell how long it took
NAMES = {"one": "AUX.", "two": 'A/B: "C"? ' + "长" * 80}


def kamplay(place: Path, *words: str, windows: bool) -> subprocess.CompletedProcess[bytes]:
    """The command in ``place``, with a folder for temporary files that must be empty afterwards."""
    (place / "temp").mkdir(exist_ok=True)
    (place / "home").mkdir(exist_ok=True)
    paths = [str(ACTOR), str(ROOT)] if windows else [str(ROOT)]
    about = {
        **{name: os.environ[name] for name in ("PATH", "OMP_NUM_THREADS") if name in os.environ},
        "PYTHONPATH": os.pathsep.join(paths),
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "temp"),
        "SOURCE_DATE_EPOCH": "1767225600",
        "LC_ALL": "C",
        **({"PYTHONIOENCODING": "cp936", "AS_WINDOWS_TOP": str(place)} if windows else {}),
    }
    command = [sys.executable, "-c", "from kamplay.cli import main; main()", *words]
    return subprocess.run(command, cwd=place, env=about, capture_output=True, check=False)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """By whether it acted as Windows: the place where two clients were run, there twice."""
    made = {}
    for windows in (False, True):
        place = made[windows] = tmp_path_factory.mktemp("platform")
        for number, (name, client) in enumerate(NAMES.items()):
            folder = write_engagement(place / name, random_lines(25, seed=number))
            settings = folder / "engagement.yaml"
            text = settings.read_text(encoding="utf-8").replace("client: Test client", f"client: '{client}'")
            text += "sources: {transactions: 'data\\transactions.csv'}\n"
            settings.write_text(text, encoding="utf-8", newline="\r\n" if windows else "\n")
        last = ("--language", "zh,en", "--set", "target=2000000")
        for options in [("--language", "en"), last] if windows else [last]:  # takes the place of the first
            done = kamplay(place, "run", *NAMES, *options, windows=windows)
            assert done.returncode == 0, done.stderr.decode("cp936", "replace")
    return made


def parts(workbook: bytes) -> list[tuple[str, bytes]]:
    """Of a workbook; XlsxWriter ends the first line of each as the system does, which no reader minds."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return [(n, archive.read(n).replace(b"\r\n", b"\n")) for n in archive.namelist()]


def files(place: Path) -> dict[str, bytes]:
    whole = place / "reports"
    found = (p for p in sorted(whole.rglob("*")) if p.is_file() and p.name not in NOT_COMPARED)
    return {p.relative_to(whole).as_posix(): p.read_bytes() for p in found}


def test_the_actor_acts(tmp_path: Path) -> None:
    look = (
        "import os; from pathlib import Path; Path('a').write_text('1\\n2\\n')\n"
        "print(hasattr(os, 'fork'), Path('a').read_bytes())\n"
        "for act in (lambda: Path('b').mkdir() or Path('a').rename('b'), lambda: Path('nul.txt').touch() or "
        "Path('nul.txt').write_text(''), lambda: Path('x').open('w') and Path('x').unlink(), "
        "lambda: Path('A').write_text(''), lambda: Path('c' * 300).mkdir()):\n"
        "    try:\n        act()\n        print('let')\n"
        "    except OSError as error:\n        print(type(error).__name__)\n"
    )
    about = {**os.environ, "PYTHONPATH": str(ACTOR), "AS_WINDOWS_TOP": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, env=about, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[0] == r"False b'1\r\n2\r\n'", done.stderr
    expected = ["FileExistsError", "OSError", "let", "FileExistsError", "FileNotFoundError"]
    assert done.stdout.splitlines()[1:] == expected


@pytest.mark.long
def test_reports_are_the_same_byte_for_byte(places: dict[bool, Path]) -> None:
    elsewhere, here = files(places[True]), files(places[False])
    assert list(elsewhere) == list(here)
    others = [name for name, content in here.items() if elsewhere[name] != content]
    timed = [name for name in others if name.endswith("status.json")]  # tells how long it took
    others = [name for name in others if name not in timed]
    assert [name for name in others if not name.endswith(".xlsx")] == []
    assert [name for name in others if parts(elsewhere[name]) != parts(here[name])] == []
    assert len([name for name in here if name.endswith(".html") and "report." in name]) == 4


@pytest.mark.long
def test_nothing_is_left_over(places: dict[bool, Path]) -> None:
    place = places[True]
    left = [p for p in (place / "reports").glob("*/*") if p.name not in ("2025-12-31", "status.json")]
    assert left == []
    assert [p for p in (place / "temp").iterdir() if p.name.startswith("kamplay")] == []


@pytest.mark.long
def test_names_are_ones_that_every_system_takes(places: dict[bool, Path]) -> None:
    names = [p.relative_to(places[True]) for p in (places[True] / "reports").rglob("*")]
    assert len({str(n).casefold() for n in names}) == len(names)
    clients = sorted(p.name for p in (places[True] / "reports").iterdir() if p.is_dir())
    assert clients == ["A-B-C-" + "长" * 54, "client-AUX"]


@pytest.mark.long
def test_account_plans_are_the_same(places: dict[bool, Path]) -> None:
    for windows, place in places.items():
        run = place / "reports" / "client-AUX" / "2025-12-31"
        done = kamplay(place, "plans", str(run), "--account", "A001", windows=windows)
        assert done.returncode == 0, done.stderr.decode("cp936", "replace")
    plans = [{n: c for n, c in files(place).items() if "/plans/" in n} for place in places.values()]
    assert plans[0] == plans[1]
    assert plans[0]
