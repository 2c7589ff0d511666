"""``kamplay lab``: JupyterLab on notebooks bound to one engagement."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from kamplay.api import NOTEBOOKS, STEPS, resolve_policies, step_digest
from kamplay.api import open as open_run
from kamplay.commands.engagement_meant import engagement_of
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.json_files import write_json
from kamplay.languages import chosen_languages
from kamplay.report.account_plans import NOTEBOOK as ACCOUNT_PLAN
from kamplay.run_folder import WORK, compare_with_earlier, create
from kamplay.shipped import shipped
from kamplay.show.faults import print_faults
from kamplay.show.locale import N_, Locale

FIRST = STEPS["tiers"].notebook  # the notebook that is opened
PORT, MOST_PORTS = 8888, 50  # the first that is tried, and how many after it
PATIENCE = 60.0  # seconds until JupyterLab answers
SETTINGS = ".settings"  # in the workplace: what differs from JupyterLab's own settings


def open_lab(folder: Path, out: Path, language: str | None, speech: str) -> int:
    """JupyterLab on a copy of the notebooks whose parameters cell names this engagement's prepared run.
    Returns when it is closed, or what stopped this command has stopped it: its exit code.
    """
    return serve(prepare_lab(folder, out, language, speech), Locale(speech, "CNY"))


def serve(place: Path, locale: Locale) -> int:
    """Run JupyterLab on a workplace until it ends, and say in one line where it is; whatever ends this
    process ends it too. Its exit code.
    """
    port, token = _free_port(), secrets.token_hex(24)
    command = [sys.executable, "-m", "jupyterlab", *lab_arguments(place), f"--ServerApp.port={port}"]
    server = subprocess.Popen(command, env={**os.environ, "JUPYTER_TOKEN": token})
    before = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    stopped = False
    try:
        while server.poll() is None:
            try:
                if _answers(port, server):
                    told = N_("JupyterLab is running, Ctrl+C stops it: {url}")
                    print(locale.say(told, url=url(port, token)), file=sys.stderr, flush=True)
                server.wait()
            except KeyboardInterrupt:
                stopped = True
                server.terminate()
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0 if stopped or server.returncode < 0 else server.returncode


def url(port: int, token: str) -> str:
    """Where step 1 opens in a browser."""
    return f"http://127.0.0.1:{port}/lab/tree/{FIRST}.ipynb?token={token}"


def _free_port() -> int:
    """A port of this machine that nobody listens to."""
    for port in range(PORT, PORT + MOST_PORTS):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return PORT


def _answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server answers; False where it has ended, or takes too long."""
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.2)
    return False


def lab_arguments(place: Path) -> list[str]:
    """What JupyterLab is called with: it opens step 1, asks nothing about news and updates, nor on Ctrl+C,
    and tells nothing but errors.
    """
    settings = place / SETTINGS
    settings.mkdir(exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    write_json(settings / "overrides.json", {"@jupyterlab/apputils-extension:notification": quiet})
    return [
        str(place / "notebooks" / f"{FIRST}.ipynb"),
        f"--LabApp.app_settings_dir={settings}",
        f"--LabApp.default_url=/lab/tree/{FIRST}.ipynb",
        "--Application.log_level=ERROR",
        "--JupyterApp.answer_yes=True",
        "--ServerApp.port_retries=0",
    ]


def prepare_lab(folder: Path, out: Path, language: str | None, speech: str = "en") -> Path:
    """The workplace that ``open_lab`` opens: OUT/<client>/lab/, compared with the earlier run as ``kamplay
    run`` does.

    Notebooks already there keep their edits.
    """
    import nbformat

    from kamplay.report.kept import Kept
    from kamplay.report.run import read_book

    engagement = load(engagement_of(folder, speech))
    policies = resolve_policies(engagement)
    place = out.resolve() / engagement.slug / "lab"
    kept = Kept(place.parent)
    book, book_at, _ = read_book(engagement, kept)
    for old in (place / WORK, place / "notes"):
        shutil.rmtree(old, ignore_errors=True)
    create(engagement, book, policies, place, book_at)
    compared = compare_with_earlier(place.parent, engagement.settings.client, book.as_of, place / WORK)
    if compared.fault:
        print_faults(KamplayError(compared.fault), speech)
    run = open_run(place)
    for key, step in STEPS.items():  # what a report was made from need not be computed again
        kept.take(f"{WORK}/steps/{key}", step_digest(run, step.result), place)
    (place / "notebooks").mkdir(exist_ok=True)
    bought = run.book.window(12).groupby("account_id")["amount"].sum()
    chosen = (chosen_languages(language) or engagement.settings.languages)[0]
    workshops = [f"workshop/{p.stem}" for p in sorted((shipped("notebooks") / "workshop").glob("*.ipynb"))]
    for name in (*NOTEBOOKS, ACCOUNT_PLAN, *workshops):
        target = place / "notebooks" / f"{name}.ipynb"
        if target.exists():
            continue
        target.parent.mkdir(exist_ok=True)
        values = {
            "folder": "/".join([".."] * (name.count("/") + 1)),
            "language": chosen,
            "edition": "internal",
            "account": str(bought.idxmax()) if len(bought) else "",
        }
        node = nbformat.read(str(shipped("notebooks") / f"{name}.ipynb"), as_version=4)
        for cell in node.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = "\n".join(_bound(text, values) for text in cell.source.splitlines())
        target.write_text(nbformat.writes(node) + "\n", encoding="utf-8", newline="\n")
    return place


def _bound(text: str, values: dict[str, str]) -> str:
    """A line of the parameters cell with its default replaced: ``name: str = "value"  # help``. Whatever the
    value holds, it stays a text.
    """
    name = text.partition(":")[0].strip()
    if name not in values:
        return text
    help_ = text.partition("#")[2]
    return f"{name}: str = {json.dumps(values[name], ensure_ascii=False)}" + (f"  #{help_}" if help_ else "")
