"""Line ends: any are read, one is written."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, random_lines, write_engagement

from kamplay.commands.new import scaffold
from kamplay.engagement import load
from kamplay.intake.prepare import prepare

ENDS = {"unix": b"\n", "windows": b"\r\n", "old mac": b"\r"}


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return random_lines(8)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_settings_and_exports_with_any_line_ends(tmp_path: Path, lines: pd.DataFrame, end: bytes) -> None:
    folder = write_engagement(tmp_path / "client", lines, "target: 900000\ncapacity: {visits_per_month: 9}\n")
    for file in (folder / "engagement.yaml", folder / "data" / "transactions.csv"):
        file.write_bytes(file.read_bytes().replace(b"\n", end))
    engagement = load(folder)
    assert (engagement.settings.client, engagement.settings.target) == ("Test client", 900000)
    book = prepare(engagement)
    read = book.table("transactions")
    assert (len(read), read["amount"].sum()) == (len(lines), pytest.approx(lines["amount"].sum()))
    assert [f for f in book.faults if f.level == "error"] == []


def test_what_is_written_as_text_names_its_line_ends() -> None:
    """Where none is named, Windows writes two characters, and its reports would not be the same bytes."""
    found = []
    for file in sorted((ROOT / "kamplay").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            modes = [a.value for a in node.args if isinstance(a, ast.Constant)]
            opens = node.func.attr == "open" and modes[:1] == ["w"] and "devnull" not in ast.unparse(node)
            writes = opens or node.func.attr == "write_text"
            if writes and "newline" not in {k.arg for k in node.keywords}:
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_a_new_folder_has_the_line_ends_of_its_template(tmp_path: Path) -> None:
    scaffold(tmp_path / "client", "zh")
    assert b"\r" not in (tmp_path / "client" / "engagement.yaml").read_bytes()
