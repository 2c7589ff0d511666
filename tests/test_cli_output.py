"""Standard output that is full, closed or nobody's: the verdict stands, one line, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import random_lines, write_engagement

COMMAND = [sys.executable, "-c", "from kamplay.cli import main; main()"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A usable client with lines without an account, so that there is something to mark and to print."""
    lines = random_lines(6)
    lines.loc[3, "account_id"] = None
    return write_engagement(tmp_path_factory.mktemp("e") / "client", lines)


def check(client: Path, *more: str, **streams: object) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, "check", str(client), *more], stderr=subprocess.PIPE, text=True, timeout=120, **streams
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_output_is_told(client, tmp_path):
    with Path("/dev/full").open("w") as full:
        code, said = check(client, "--json", "--out", str(tmp_path), stdout=full)
    assert (code, said.count("\n")) == (1, 1)
    assert "could not be written" in said


def test_a_reader_that_hangs_up_changes_no_verdict(client, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert check(client, "--out", str(tmp_path), stdout=writing) == (0, "")
    finally:
        os.close(writing)


@pytest.mark.skipif(os.name == "nt", reason="a shell closes it")
def test_a_closed_output_changes_no_verdict(client, tmp_path):
    command = " ".join(f"'{part}'" for part in [*COMMAND, "check", str(client), "--out", str(tmp_path)])
    done = subprocess.run(["sh", "-c", f"{command} >&-"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("place", ["file", "file/under", "x" * 300])
def test_a_place_that_takes_no_copy_changes_no_verdict(client, tmp_path, place):
    (tmp_path / "file").write_text("x")
    code, said = check(client, "--out", str(tmp_path / place), stdout=subprocess.DEVNULL)
    assert (code, said.count("\n")) == (0, 1)
    assert said.startswith("No marked copy was written")
