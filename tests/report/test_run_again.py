"""A report that takes the place of another says what it changes."""

import json
from pathlib import Path
from types import SimpleNamespace

from kamplay.commands import run as commands
from kamplay.show.locale import Locale


def test_what_differs_from_the_report_that_stood_there_is_said(tmp_path: Path, capsys):
    file = tmp_path / "Acme" / "2025-12-31" / "results" / "key_figures.json"
    file.parent.mkdir(parents=True)
    engagement = SimpleNamespace(slug="Acme")
    found = []
    for revenue in (12_080_000, 10_650_000):
        file.write_text(json.dumps({"value": {"revenue": revenue, "accounts": 60}}))
        found.append(commands._figures(tmp_path, engagement))
    commands.say_changed(*found, Locale("en", "USD"))
    said = capsys.readouterr().err
    assert "12.1 million" in said or "12.08" in said or "12.1M" in said
    assert "10.6" in said or "10.7" in said
    assert "customers" not in said
    commands.say_changed({}, found[1], Locale("zh", "CNY"))
    commands.say_changed(found[0], found[0], Locale("zh", "CNY"))
    assert capsys.readouterr().err == ""
