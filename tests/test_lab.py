"""JupyterLab opens at step 1 and asks nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from kamplay.commands.lab import lab_arguments

SCHEMA = "share/jupyter/lab/schemas/@jupyterlab/apputils-extension/notification.json"


def test_step_1_is_opened_and_no_news_are_offered(tmp_path):
    notebook, setting, *_ = lab_arguments(tmp_path)
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


@pytest.mark.skipif(os.name == "nt", reason="this system has no SIGTERM")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_one_line_says_where_it_is_and_what_stops_the_command_stops_it(tmp_path, end):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "1_define_tiers.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    code = (
        "import sys; from pathlib import Path; from kamplay.commands.lab import serve; "
        "from kamplay.show.locale import Locale; "
        "raise SystemExit(serve(Path(sys.argv[1]), Locale('zh', 'CNY')))"
    )
    # a browser that is none, and a server that may be root's
    environment = {**os.environ, "BROWSER": "true", "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_server_config.json").write_text('{"ServerApp": {"allow_root": true}}')
    command = [sys.executable, "-c", code, str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path)
    said = process.stderr.readline()
    url = re.fullmatch(r"JupyterLab 已启动，按 Ctrl\+C 停止：(http://\S+)\n", said)[1]
    assert "/lab/tree/1_define_tiers.ipynb?token=" in url
    with urllib.request.urlopen(url, timeout=30) as page:
        assert page.status == 200
    process.send_signal(end)
    rest = process.stderr.read()
    assert process.wait(30) == 0
    assert "[I " not in rest
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url, timeout=5)
