"""What a wheel is built from: the lock whole, the back-end of the lock."""

from __future__ import annotations

import importlib.util
import re
import tomllib

import pytest
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pinned(text: str) -> list[str]:
    pytest.importorskip("hatchling", reason="an environment from before the lock had it: make dev")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.pinned(text))


def test_a_lock_is_read_whole() -> None:
    text = (
        "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:aa\n"
        "ibis-framework[duckdb]==12.0.0 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\nzipp==4.1.0\n"
    )
    expected = ["colorama==0.4.6 ; sys_platform == 'win32'", "ibis-framework[duckdb]==12.0.0", "zipp==4.1.0"]
    assert _pinned(text) == expected


def test_every_package_of_the_lock_is_pinned() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([A-Za-z0-9][\w.-]*)", lock, re.MULTILINE)
    assert [re.split(r"[=\[]", one)[0] for one in _pinned(lock)] == names
    assert len(names) > 100


def test_the_back_end_is_the_one_of_the_lock() -> None:
    wanted = PROJECT["build-system"]["requires"]
    lock = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    assert all(re.search(rf"^{re.escape(one)}\b", lock, re.MULTILINE) for one in wanted)
    assert set(wanted) <= set(PROJECT["project"]["optional-dependencies"]["dev"])
