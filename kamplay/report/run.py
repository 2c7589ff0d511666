"""One engagement from its folder to its published report."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kamplay import run_folder
from kamplay.api import NOTEBOOKS, STEPS, create, examine
from kamplay.book import Book
from kamplay.engagement import Engagement
from kamplay.errors import Fault, KamplayError
from kamplay.intake.prepare import to_book
from kamplay.output_place import (
    BUILDING,
    REPLACED,
    clear_left_over,
    disown,
    need_files,
    output_fault,
    own,
    remove,
    scratch_folder,
    scratch_of,
)
from kamplay.run_folder import ISSUED, WORK, Compared, compare_with_earlier, shipped

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all
VERSIONED = (
    "kamplay",
    "pandas",
    "numpy",
    "duckdb",
    "matplotlib",
    "babel",
    "papermill",
    "nbconvert",
    "statsmodels",
)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: ``ok`` with the folder published, or ``failed`` with what happened and where its
    remains are.

    ``warnings`` are on the data, as ``kamplay check`` lists them; ``uncompared`` says why the earlier run
    could not serve, ``fault`` what keeps the place from being written to.
    """

    client: str
    folder: Path | None
    seconds: float
    failed_notebook: str | None = None
    cell: int | None = None
    error: str | None = None
    kept: Path | None = None
    warnings: tuple[Fault, ...] = ()
    uncompared: Fault | None = None
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        return self.folder is not None


def run_engagement(
    engagement: Engagement, out: Path, languages: Sequence[str], progress: Progress = lambda *_: None
) -> Outcome:
    """Check, prepare, run the notebooks in each language, assemble, publish. Raises KamplayError for faults
    of the input.
    """
    from kamplay.report.notebooks import NotebookError

    started = time.monotonic()
    timings: dict[str, float] = {}
    total = 2 + len(STEPS) * len(languages)
    progress("reading", 0, total)
    intake = examine(engagement)
    book = to_book(engagement, intake)
    as_of = book.as_of.isoformat()
    timings["intake"] = time.monotonic() - started
    client = engagement.settings.client

    def failed(error: str, notebook: str | None = None, cell: int | None = None, **more: Any) -> Outcome:
        return Outcome(client, None, time.monotonic() - started, notebook, cell, error, **more)

    try:
        need_files()
        built = building_place(out, engagement.slug)
    except OSError as failure:
        return failed(str(failure), fault=output_fault(failure, out, every=True))
    try:
        create(engagement, book, built)
        issued = issue_date()
        run_folder.write_json(built / WORK / ISSUED, {"date": issued})
        compared = compare_with_earlier(out / engagement.slug, client, book.as_of, built / WORK)
        progress("notebooks", 1, total)
        mark = time.monotonic()
        _run_notebooks(
            built,
            list(languages),
            engagement.settings.edition,
            lambda done: progress("notebooks", 1 + done, total),
        )
        timings["notebooks"] = time.monotonic() - mark
        progress("assembling", total - 1, total)
        mark = time.monotonic()
        assemble(built, list(languages))
        timings["assembly"] = time.monotonic() - mark
        _manifest(engagement, book, built, list(languages), timings, issued, compared)
        target = out / engagement.slug / as_of
        publish(built, target)
    except NotebookError as failure:
        log = f"{failure.notebook}, cell {failure.cell}: {failure.error}\n"
        kept = keep_failed(built, out, engagement.slug, as_of, log)
        about = {"kept": kept, "fault": output_fault(failure.error, out)}
        return failed(failure.error, failure.notebook, failure.cell, **about)
    except KamplayError:
        clear(built)
        raise
    except Exception as failure:  # a defect of ours: its traceback goes into the log, never to the user
        kept = keep_failed(built, out, engagement.slug, as_of, traceback.format_exc())
        fault = output_fault(failure, out) or output_fault(str(failure), out)
        return failed(f"{type(failure).__name__}: {failure}", kept=kept, fault=fault)
    except BaseException:  # interrupted: leave nothing half-made behind
        clear(built)
        raise
    progress("done", total, total)
    warnings = tuple(f for f in intake.faults if f.level == "warning")
    return Outcome(client, target, time.monotonic() - started, warnings=warnings, uncompared=compared.fault)


def _run_notebooks(built: Path, languages: list[str], edition: str, on_done: Callable[[int], None]) -> None:
    """All five notebooks in every language; the languages run beside each other, each in a kernel of its
    own."""
    from kamplay.report.notebooks import Notebooks

    (built / "notebooks").mkdir()
    done = 0

    def one_language(language: str) -> None:
        nonlocal done
        with Notebooks(built / "notebooks", scratch_of(built)) as kernel:
            for name in NOTEBOOKS:
                parameters = {"folder": "..", "language": language, "edition": edition}
                kernel.run(
                    shipped("notebooks") / f"{name}.ipynb",
                    built / "notebooks" / f"{name}.{language}.ipynb",
                    parameters,
                )
                done += 1
                on_done(done)

    with ThreadPoolExecutor(len(languages)) as pool:
        for future in [pool.submit(one_language, language) for language in languages]:
            future.result()


def issue_date() -> str:
    """The day of the run as an ISO date. SOURCE_DATE_EPOCH (seconds since 1970) sets it where a build has to
    be the same on any day.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now()).date().isoformat()


def assemble(run: Path, languages: list[str]) -> None:
    """results/, results.xlsx and a page per language, from what the notebooks saved and show."""
    from kamplay.report import results as tables
    from kamplay.report.page import render

    loaded = tables.load_all(run, languages)
    _refuse_without_revenue(loaded)
    tables.write(loaded, run / "results")
    for language in languages:
        (run / f"report.{language}.html").write_text(render(run, language), encoding="utf-8")
    _write_workbook(run, loaded, languages)


def _refuse_without_revenue(loaded: dict[str, Any]) -> None:
    """The last guard of what is published; ``kamplay check`` has told it before, from the lines."""
    revenue = loaded["value"].key_figures["revenue"]
    if not revenue or revenue <= 0:
        raise KamplayError(Fault("revenue_not_positive", args={"amount": revenue, "as_of": None}))


def _write_workbook(run: Path, loaded: dict[str, Any], languages: list[str]) -> None:
    import json

    from kamplay.engagement import Settings
    from kamplay.report import workbook
    from kamplay.report.results import accounts_table
    from kamplay.show.view import view_of

    settings = Settings.model_validate(json.loads((run / WORK / "settings.json").read_text(encoding="utf-8")))
    accounts = accounts_table(loaded)
    language = settings.language if settings.language in languages else languages[0]
    view = view_of(settings, language, accounts["account_name"].to_dict())
    findings = [f for r in loaded.values() for f in r.findings]
    workbook.write(run / "results.xlsx", accounts, findings, view, workbook.sheets_of(loaded, view))


def _manifest(
    engagement: Engagement,
    book: Book,
    run: Path,
    languages: list[str],
    timings: dict[str, float],
    issued: str,
    compared: Compared,
) -> None:
    from kamplay.intake.files.archives import on_disk

    files = sorted({r.file for r in book.readings})
    run_folder.write_json(
        run / "manifest.json",
        {
            "client": engagement.settings.client,
            "as_of": book.as_of.isoformat(),
            "issued": issued,
            "languages": languages,
            "settings": engagement.settings.model_dump(mode="json"),
            "inputs": [{"file": f, "sha256": _sha256(engagement.folder / on_disk(f))} for f in files],
            "readings": [{k: v for k, v in r.__dict__.items() if k not in LEFT_OUT} for r in book.readings],
            "warnings": [
                {"code": f.code, "table": f.table, "file": f.file, "count": f.count} for f in book.faults
            ],
            **compared.manifest(),
            "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONED}},
            "seconds": {k: round(v, 2) for k, v in timings.items()},
        },
    )


def _sha256(path: Path) -> str | None:
    """The hash of an input file; None for a database on a server, which is no file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


FAILED = "failed"
# of a reading in the manifest: headers nobody knows, and cells of the client
LEFT_OUT = {"unused", "columns", "passed_over"}


def building_place(out: Path, client: str) -> Path:
    """A new, empty folder beside where the run will stand, on the same disk so that moving it is one step.

    What killed runs of this client left there is removed first.
    """
    parent = out / client
    parent.mkdir(parents=True, exist_ok=True)
    clear_left_over(parent)
    built = Path(tempfile.mkdtemp(prefix=BUILDING, dir=parent))
    scratch = None
    try:
        scratch = scratch_folder()
        own(built, scratch)
    except BaseException:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
        clear(built)
        raise
    return built


def publish(built: Path, target: Path) -> None:
    """Move ``built`` to ``target``. An earlier run there is moved aside first, comes back if the move fails,
    and is then removed.
    """
    disown(built)
    built.chmod(0o755)  # mkdtemp gave it to its owner alone
    aside = None
    if target.exists():
        aside = Path(tempfile.mkdtemp(prefix=REPLACED, dir=target.parent)) / "run"
        own(aside.parent)
        target.rename(aside)
    try:
        built.rename(target)
    except OSError:
        if aside:
            aside.rename(target)
            shutil.rmtree(aside.parent, ignore_errors=True)
        raise
    if aside:
        shutil.rmtree(aside.parent, ignore_errors=True)
    shutil.rmtree(
        target.parent / FAILED / target.name, ignore_errors=True
    )  # what failed before is mended now
    with contextlib.suppress(OSError):
        (target.parent / FAILED).rmdir()


def keep_failed(built: Path, out: Path, client: str, as_of: str, log: str) -> Path | None:
    """What a failed run leaves: its notebooks so far and its log under ``failed/``, replacing an earlier
    failure of the same date. None where the disk does not even take that.
    """
    place = out / client / FAILED / as_of
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        notebooks = built / "notebooks"
        if notebooks.is_dir():
            shutil.move(str(notebooks), str(place / "notebooks"))
        (place / "run.log").write_text(log, encoding="utf-8")
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):
            place.parent.rmdir()
        clear(built)
        return None
    remove(built)
    return place


def clear(built: Path) -> None:
    """Remove a folder that came to nothing, and the client's folder when that is empty too."""
    remove(built)
    with contextlib.suppress(OSError):
        built.parent.rmdir()
