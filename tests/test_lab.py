"""JupyterLab opens at step 1 and asks nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kamplay.commands.lab import lab_arguments

SCHEMA = "share/jupyter/lab/schemas/@jupyterlab/apputils-extension/notification.json"


def test_step_1_is_opened_and_no_news_are_offered(tmp_path):
    notebook, setting = lab_arguments(tmp_path)
    assert Path(notebook) == tmp_path / "notebooks" / "1_define_tiers.ipynb"
    folder = Path(setting.removeprefix("--LabApp.app_settings_dir="))
    ((plugin, chosen),) = json.loads((folder / "overrides.json").read_text(encoding="utf-8")).items()
    known = json.loads((Path(sys.prefix) / SCHEMA).read_text(encoding="utf-8"))["properties"]
    assert plugin == "@jupyterlab/apputils-extension:notification"
    assert (
        chosen["fetchNews"] in [one["const"] for one in known["fetchNews"]["oneOf"]]
        and chosen["fetchNews"] == "false"
    )
    assert known["checkForUpdates"]["type"] == "boolean" and chosen["checkForUpdates"] is False
