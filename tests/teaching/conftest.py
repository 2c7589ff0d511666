"""One small course for the tests: two teams of each language pair, made once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kamplay.teaching.course import make_course


@pytest.fixture(scope="session")
def made_course(tmp_path_factory) -> Path:
    """A course for three teams in Chinese and English; read only."""
    folder = tmp_path_factory.mktemp("course") / "course"
    return make_course(folder, "hospital_supplier", seed=11, difficulty=2, teams=3)


@pytest.fixture
def course_folder(made_course, tmp_path) -> Path:
    """A copy to work in."""
    return Path(shutil.copytree(made_course, tmp_path / "course"))


@pytest.fixture(scope="session")
def open_keys(made_course) -> dict[str, dict]:
    """Team → the trainer's key."""
    files = sorted((made_course / "trainer" / "keys").glob("*.json"))
    return {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in files}
