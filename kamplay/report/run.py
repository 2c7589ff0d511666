"""One engagement from its folder to its published report."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kamplay import book as books
from kamplay import digests
from kamplay.api import resolve_policies
from kamplay.book import Book
from kamplay.engagement import Engagement
from kamplay.errors import Fault, KamplayError
from kamplay.intake.prepare import survey, to_book
from kamplay.json_files import write_json
from kamplay.output_place import (
    BUILDING,
    InUseError,
    clear_left_over,
    need_files,
    new_folder,
    output_fault,
    own,
    publish,
    remove,
    scratch_folder,
)
from kamplay.report import benchmark
from kamplay.report.engine.fork_engine import KERNEL_DIED
from kamplay.report.engine.pace import Pace
from kamplay.report.engine.workers import WorkerDiedError
from kamplay.report.kept import Kept, finished
from kamplay.report.pages.pdf import find_browser
from kamplay.report.production import print_of, produce
from kamplay.run_folder import GUESSED, ISSUED, WORK, Compared, compare_with_earlier, create, latest_run
from kamplay.show.progress import Moment

BOOK = f"{WORK}/book"
WORKER_DIED = WorkerDiedError.__name__  # how the error of a run begins whose worker was killed
MANY = 5000  # files in an engagement's folder, from which they are not looked through


@dataclass(frozen=True)
class Outcome:
    """How a run ended: ``ok`` with the folder published, or ``failed`` with what happened and where its
    remains are.

    ``warnings`` are on the data, as ``kamplay check`` lists them; ``uncompared`` says why the earlier run
    could not serve, ``fault`` what keeps the place from being written to, ``again`` that nothing had changed
    since the run that stands there, ``unprinted`` that a PDF was asked for and none could be made,
    ``megabytes`` what a fleet saw it hold at most.
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
    again: bool = False
    unprinted: bool = False
    megabytes: float | None = None

    @property
    def ok(self) -> bool:
        return self.folder is not None

    @property
    def killed(self) -> bool:
        """Whether it was a process that ended, and nothing that a second try would meet again."""
        return bool(self.error) and str(self.error).startswith((KERNEL_DIED, WORKER_DIED))


@dataclass(frozen=True)
class Day:
    """The day of a run as ISO dates: on which it is ``issued`` (due dates count from it), and ``today``."""

    issued: str
    today: str

    @classmethod
    def now(cls) -> Day:
        return cls(issue_date(), str(date.today()))


def run_engagement(
    engagement: Engagement,
    out: Path,
    languages: Sequence[str],
    progress: Callable[[Moment], None] = lambda moment: None,
    jobs: int = 1,
    day: Day | None = None,
) -> Outcome:
    """Check, prepare, take the steps, run the notebooks in each language, assemble, publish. What an earlier
    run of the client has made from the same is taken over.

    Parameters
    ----------
    engagement : the client's folder with its settings.
    out : where reports are put.
    languages : zh, en or both.
    progress : told what is being done.
    jobs : processes beside each other.
    day : the day of the run, by default today: a fleet that goes on later keeps the day on which it began.

    Raises
    ------
    KamplayError
        For faults of the input.
    """
    from kamplay.report.engine.notebooks import NotebookError

    started = time.monotonic()
    client, folder = engagement.settings.client, out / engagement.slug
    pace = Pace(client, folder, progress)
    pace.begin("reading")
    day = day or Day.now()
    issued = day.issued
    inputs = inputs_of(engagement, out)
    browser = find_browser() if engagement.settings.pdf else None
    whole = inputs and digests.of_value([inputs, list(languages), issued, day.today, browser])
    if whole and (there := finished(folder, lambda as_of: _with_earlier(whole, folder, as_of))):
        pace.end()
        ended = _as_it_ended(there)
        unprinted = _unprinted(engagement, there, languages)
        return replace(ended, seconds=time.monotonic() - started, unprinted=unprinted)
    kept, policies = Kept(folder), resolve_policies(engagement)
    book, book_at, made_from = read_book(engagement, kept)
    as_of = book.as_of.isoformat()

    def failed(error: str, notebook: str | None = None, cell: int | None = None, **more: Any) -> Outcome:
        return Outcome(client, None, time.monotonic() - started, notebook, cell, error, **more)

    try:
        need_files()
        built = building_place(out, engagement.slug)
    except OSError as failure:
        return failed(str(failure), fault=output_fault(failure, out, every=True))
    try:
        create(engagement, book, policies, built, book_at)
        kept.made(BOOK, made_from, built)
        benchmark.keep(engagement, built)
        write_json(built / WORK / ISSUED, {"date": issued})
        _keep_guesses(engagement, list(languages), built)
        compared = compare_with_earlier(folder, client, book.as_of, built / WORK)
        warnings = tuple(f for f in book.faults if f.level == "warning")
        about = _about_inputs(engagement, book)
        del book  # the steps take the one that was written: what is kept and what is new are then the same
        produce(built, list(languages), kept, pace, jobs)
        pace.end()
        _manifest(engagement, built, list(languages), pace.seconds, as_of, issued, compared, about)
        kept.write(_with_earlier(whole, folder, as_of), inputs, built)
        target = folder / as_of
        publish(built, target)
        _mended(target)
    except InUseError as failure:
        return failed(str(failure), fault=output_fault(failure), kept=failure.kept)
    except NotebookError as failure:
        log = f"{failure.notebook}, cell {failure.cell}: {failure.error}\n"
        kept_at = keep_failed(built, out, engagement.slug, as_of, log)
        about = {"kept": kept_at, "fault": output_fault(failure.error, out)}
        return failed(failure.error, failure.notebook, failure.cell, **about)
    except KamplayError:
        clear(built)
        raise
    except Exception as failure:  # a defect of ours: its traceback goes into the log, never to the user
        kept_at = keep_failed(built, out, engagement.slug, as_of, traceback.format_exc())
        fault = output_fault(failure, out) or output_fault(str(failure), out)
        return failed(f"{type(failure).__name__}: {failure}", kept=kept_at, fault=fault)
    except BaseException:  # interrupted: leave nothing half-made behind
        clear(built)
        raise
    return Outcome(
        client,
        target,
        time.monotonic() - started,
        warnings=warnings,
        uncompared=compared.fault,
        unprinted=_unprinted(engagement, target, languages),
    )


def _keep_guesses(engagement: Engagement, languages: list[str], run: Path) -> None:
    """Note in a run what was guessed; the language only where the run is in that one alone."""
    guessed = engagement.guessed
    if languages != engagement.settings.languages:
        guessed.pop("language", None)
    if guessed:
        write_json(run / WORK / GUESSED, guessed)


def _unprinted(engagement: Engagement, run: Path, languages: Sequence[str]) -> bool:
    """Whether a PDF that was asked for is not there."""
    wanted = languages if engagement.settings.pdf else ()
    return not all((run / print_of(language)).is_file() for language in wanted)


# settings that reading the data does not look at: a change of them leaves the Book as it is
NOT_FOR_READING = {
    "scorecard",
    "strategy",
    "health",
    "outline",
    "benchmark",
    "target",
    "control_total",
    "capacity",
    "holidays",
    "cost_to_serve",
    "brand",
    "labels",
    "prepared_by",
    "edition",
    "slides",
    "pdf",
    "final",
    "accepted_warnings",
    "confirmed",
}


def inputs_of(engagement: Engagement, out: Path) -> str | None:
    """What a run is made from whatever the day, the language and the earlier run: the client's files, the
    settings, the code. None where files do not tell: data in a database, or a folder of thousands of files.
    """
    if any(source.url for source in engagement.settings.sources.values()):
        return None
    folder, results = engagement.folder.resolve(), out.resolve()
    files = [p for p in folder.rglob("*") if p.is_file() and not p.is_relative_to(results)]
    if len(files) > MANY:
        return None
    told = {p.relative_to(folder).as_posix(): digests.of_file(p) for p in sorted(files)}
    return digests.of_value([digests.of_code(), engagement.settings, told, benchmark.digest(engagement)])


def _with_earlier(whole: str | None, client: Path, as_of: str) -> str | None:
    """``whole`` with the run that one of ``as_of`` is compared with."""
    earlier = latest_run(client, date.fromisoformat(as_of))
    names = ("manifest.json", f"{WORK}/*.json", f"{WORK}/steps/**/*")
    of_earlier = [earlier.name, digests.of_folder(earlier, names)] if earlier else []
    return whole and digests.of_value([whole, of_earlier])


def _as_it_ended(run: Path) -> Outcome:
    """The outcome of a run that is there already."""
    about = json.loads((run / BOOK / "book.json").read_text(encoding="utf-8"))
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    warnings = tuple(Fault(**f) for f in about["faults"] if f["level"] == "warning")
    told = manifest["not_compared"]
    uncompared = Fault(told["code"], "warning", file=told["file"]) if told else None
    return Outcome(manifest["client"], run, 0.0, warnings=warnings, uncompared=uncompared, again=True)


def read_book(engagement: Engagement, kept: Kept) -> tuple[Book, Path | None, str]:
    """The client's Book; where an earlier run holds it, read from the same files by the same settings; and
    what it was made from.
    """
    settings = engagement.settings
    named = [p for source in settings.sources.values() for p in source.path if not Path(p).is_absolute()]
    files = digests.of_folder(engagement.folder, ("data/**/*", *named))
    seen = settings.model_dump(mode="json", exclude=NOT_FOR_READING)
    made_from = digests.of_value([digests.of_code(), seen, files, date.today()])
    live = any(source.url for source in settings.sources.values())
    place = None if live else kept.find(BOOK, made_from)
    book = books.load(place) if place else to_book(engagement, survey(engagement))
    return book, place, made_from


def issue_date() -> str:
    """The day of the run as an ISO date. SOURCE_DATE_EPOCH (seconds since 1970) sets it where a build has to
    be the same on any day.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now()).date().isoformat()


def _about_inputs(engagement: Engagement, book: Book) -> dict[str, Any]:
    """The manifest's words on the client's files and how they were read."""
    from kamplay.intake.files.archives import on_disk

    files = sorted({r.file for r in book.readings})
    return {
        "inputs": [{"file": f, "sha256": _sha256(engagement.folder / on_disk(f))} for f in files],
        "readings": [{k: v for k, v in r.__dict__.items() if k not in LEFT_OUT} for r in book.readings],
        "warnings": [
            {"code": f.code, "table": f.table, "file": f.file, "count": f.count} for f in book.faults
        ],
    }


def _manifest(
    engagement: Engagement,
    run: Path,
    languages: list[str],
    seconds: dict[str, float],
    as_of: str,
    issued: str,
    compared: Compared,
    about_inputs: dict[str, Any],
) -> None:
    write_json(
        run / "manifest.json",
        {
            "client": engagement.settings.client,
            "engagement": engagement.identity,
            "as_of": as_of,
            "issued": issued,
            "languages": languages,
            "settings": engagement.settings.model_dump(mode="json"),
            **about_inputs,
            **compared.manifest(),
            "versions": {"python": platform.python_version(), **digests.versions()},
            "seconds": seconds,
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
    built = new_folder(parent, BUILDING)
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


def _mended(target: Path) -> None:
    """What failed before is mended now."""
    shutil.rmtree(target.parent / FAILED / target.name, ignore_errors=True)
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
        (place / "run.log").write_text(log, encoding="utf-8", newline="\n")
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
