"""The layers that ``make lint`` checks: they hold, and an import that points upward is caught."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

LINT = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports())"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "planted", "broken"),
    [
        ("", "", ""),
        ("method/value/credit.py", "import kamplay.show.charts.chart", "knows no settings"),
        ("method/value/credit.py", "import kamplay.method.health.churn", "imports no later step"),
        ("method/stats/bgnbd.py", "import kamplay.book", "do not know the Book"),
        ("show/locale.py", "import kamplay.report.pages.page", "Nothing imports upward"),
    ],
)
def test_the_layers_hold_and_an_upward_import_is_caught(tmp_path, file, planted, broken):
    shutil.copytree(
        ROOT / "kamplay", tmp_path / "kamplay", ignore=shutil.ignore_patterns("__pycache__", "fonts")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if file:
        path = tmp_path / "kamplay" / file
        path.write_text(path.read_text(encoding="utf-8") + f"\n{planted}\n", encoding="utf-8")
    run = lint(tmp_path)
    said = " ".join(run.stdout.split())
    assert (run.returncode == 0) == (not file), said
    assert broken in said and ("BROKEN" in said) == bool(file)
