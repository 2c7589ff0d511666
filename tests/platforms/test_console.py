"""Consoles and files in the character sets of Windows: what they lack is replaced by what can be read."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import unicodedata

import pytest
from conftest import ROOT

from kamplay.commands import speech
from kamplay.console import INSTEAD, make_readable, readable

SIGNS = "−5 ¥1 £2 €3 … ✓ ≥ ≈ → × – “x”"


def written(text: str, encoding: str) -> str:
    """As a program reads it that knows the character set."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    make_readable(stream)
    stream.write(text)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", SIGNS),
        ("cp936", "-5 ￥1 ￡2 EUR 3 … √ ≥ ≈ → × – “x”"),
        ("cp1252", "-5 ¥1 £2 €3 … [x] >= ~ -> × – “x”"),
        ("ascii", '-5 Y1 GBP 2 EUR 3 ... [x] >= ~ -> x - "x"'),
    ],
)
def test_signs_of_a_report_can_be_read(encoding: str, expected: str) -> None:
    assert written(SIGNS, encoding) == expected


def test_a_letter_loses_its_accent_and_a_character_becomes_its_number() -> None:
    assert written("Zoë 华衡", "cp936") == "Zoe 华衡"
    assert written("Zoë 华衡", "cp1252") == "Zoë \\u534e\\u8861"


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "cp437", "cp850", "shift_jis", "ascii"])
def test_no_character_ends_the_work_or_becomes_a_question_mark(encoding: str) -> None:
    points = [*range(0x20, 0xD800), *range(0xE000, 0x11000)]
    every = "".join(c for c in map(chr, points) if "?" not in unicodedata.normalize("NFKD", c))
    assert len(every) > 60_000
    assert "?" not in readable(every, encoding)


def test_each_sign_ends_in_what_every_character_set_has() -> None:
    for sign, others in INSTEAD.items():
        assert readable(sign, "ascii") == (others if isinstance(others, str) else others[-1])


def test_the_command_itself_writes_so(tmp_path) -> None:
    folder = tmp_path / "中文—“x” ✓"
    about = {**os.environ, "PYTHONIOENCODING": "cp936", "PYTHONPATH": str(ROOT)}
    start = "from kamplay.cli import main; main()"
    command = [sys.executable, "-c", start, "new", str(folder), "--language", "en"]
    told = subprocess.run(command, env=about, capture_output=True, check=True).stdout.decode("cp936")
    assert "中文—“x” √" in told
    assert "?" not in told


@pytest.mark.parametrize(
    ("setting", "system", "language"),
    [
        ("zh_CN.UTF-8", "English_United States", "zh"),
        ("en_GB.UTF-8", "Chinese (Simplified)_China", "en"),
        (None, "Chinese (Simplified)_China", "zh"),
        (None, "zh_CN", "zh"),
        (None, "English_United States", "en"),
        (None, None, "en"),
    ],
)
def test_the_language_of_a_system_that_sets_no_variable(monkeypatch, setting, system, language) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    if setting:
        monkeypatch.setenv("LANG", setting)
    monkeypatch.setattr(speech.locale, "getlocale", lambda: (system, "cp936"))
    assert speech.system_language() == language


@pytest.mark.parametrize(
    ("system", "territory"),
    [
        ("Chinese (Simplified)_China", "CN"),
        ("English_United States", "US"),
        ("German_Switzerland", "CH"),
        ("zh_CN", "CN"),
        ("de_CH.UTF-8@euro", "CH"),
        ("Klingon_Kronos", ""),
        ("C", ""),
    ],
)
def test_the_country_of_a_system(monkeypatch, system: str, territory: str) -> None:
    monkeypatch.setattr(speech, "system_setting", lambda: system)
    assert speech.system_territory() == territory
