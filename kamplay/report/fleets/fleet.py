"""Many engagements, one job each: beside each other on this machine, or on a Dask cluster.

What an earlier run made from the same is taken over, so a fleet that was cut off goes on where it stopped; a
job whose process was killed is begun once more.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from kamplay import digests
from kamplay.engagement import SETTINGS_FILE, Engagement, load, slug
from kamplay.errors import Fault, KamplayError
from kamplay.json_files import read_json, write_json
from kamplay.report.engine.fork_engine import can_fork
from kamplay.report.engine.workers import WorkerDiedError, Workers
from kamplay.report.fleets import places
from kamplay.report.fleets.fleet_job import Ended, Job, Tell, run_job, twice
from kamplay.report.fleets.nursery import of_this_thread
from kamplay.report.run import Day, Outcome
from kamplay.show.progress import FleetMoment, Moment

STATUS = "status.json"  # in a client's folder: how the last run of a fleet ended for it
OPEN = ".fleet.json"  # in the folder of results: the fleet that is not through yet, and its day
TOLD = 3  # faults of one engagement that are kept

# megabytes of one job: what this process holds already, what a run adds, and each line of the client's; from
# runs of 300 to 5 million lines
_PROCESS_MB, _LINE_MB, _BYTES_A_LINE = 350.0, 0.0009, 40.0
_BYTES_PACKED = {".xlsx": 12.0, ".parquet": 10.0, ".zip": 8.0, ".gz": 8.0, ".xlsb": 12.0, ".ods": 10.0}
_MB = 1024 * 1024
_REACHED = 1.2  # what a job that was stopped for want of memory is taken to need, over what it had reached


def settings_of(place: str, changes: Sequence[str], as_of: str | None) -> Engagement:
    """An engagement with its settings; of a url they alone are brought.

    Raises
    ------
    KamplayError
        With every fault of the settings.
    """
    if not places.is_url(place):
        return load(Path(place), changes, as_of)
    with places.brought(place, lambda name: name == SETTINGS_FILE) as folder:
        engagement = load(folder, changes, as_of)
    return replace(engagement, folder=Path(places.spelled(place)))


# --- the fleet on this machine


@dataclass
class Ahead:
    """How far a fleet is, told as it goes on."""

    tell: Tell
    of: int
    done: int = 0
    failed: int = 0
    refused: int = 0
    again: int = 0
    began: float = field(default_factory=time.monotonic)

    def count(self, ended: Ended) -> None:
        """One more has ended."""
        self.done += 1
        self.refused += isinstance(ended, KamplayError)
        self.failed += isinstance(ended, Outcome) and not ended.ok
        self.again += isinstance(ended, Outcome) and ended.again
        made, spent = self.done - self.again, time.monotonic() - self.began
        rate = (
            made / spent * 60 if made and spent > 0 else None
        )  # what is taken over takes no time to speak of
        left = (self.of - self.done) / rate * 60 if rate else None
        self.tell(FleetMoment(self.done, self.failed, self.refused, self.of, rate, left))


def run_here(
    jobs: Sequence[Job], at_once: int, memory: float | None, tell: Tell
) -> Iterator[tuple[Job, Ended]]:
    """Do the jobs in processes of this machine, the longest first; yields each as it ends.

    Parameters
    ----------
    at_once : processes, each for one job.
    memory : megabytes that this process and all of them may hold together; fewer are begun at once where more
        would be needed. None: no bound.
    """
    ordered = sorted(jobs, key=lambda job: -(job.seconds if job.seconds is not None else job.megabytes / 40))
    if can_fork():
        yield from _Fleet(ordered, at_once, memory, tell).ended()
    else:
        yield from _in_nurseries(ordered, at_once, tell)


class _Fleet:
    """Children forked of this process, which has imported all that a run needs, once for all of them."""

    def __init__(self, jobs: Sequence[Job], at_once: int, memory: float | None, tell: Tell):
        self.jobs = {str(number): job for number, job in enumerate(jobs)}
        self.needs = {name: job.megabytes for name, job in self.jobs.items()}
        self.reached: dict[str, float] = {}
        self.memory, self.tell = memory, tell
        self.again: set[str] = set()
        self.stopped: list[tuple[str, Ended]] = []
        every = 1.0 if memory else 3.0  # to ask what a process holds takes the system a hundredth of a second
        self.workers = Workers(
            at_once, self._fits if memory else None, go_on=True, watch=self._watch, every=every
        )

    def ended(self) -> Iterator[tuple[Job, Ended]]:
        from kamplay.report.production import import_all

        import_all()
        with self.workers:
            for name in self.jobs:
                self._add(name)
            for name, found in self.workers.results(self.tell):
                ended = self._settled(name, found)
                if ended is not None:
                    yield self.jobs[name], ended
                yield from self._told_of_the_stopped()
            yield from self._told_of_the_stopped()

    def _told_of_the_stopped(self) -> Iterator[tuple[Job, Ended]]:
        while self.stopped:
            name, ended = self.stopped.pop()
            yield self.jobs[name], ended

    def _add(self, name: str) -> None:
        self.workers.add(name, partial(run_job, self.jobs[name], tell=self.workers.tell))

    def _settled(self, name: str, found: Any) -> Ended | None:
        """How a job has ended; None where it is begun once more."""
        ended: Ended = (
            Outcome(self.jobs[name].client, None, 0.0, error=f"{WorkerDiedError.__name__}: {found.end}")
            if isinstance(found, WorkerDiedError)
            else found
        )
        if isinstance(ended, Outcome):
            if ended.killed and name not in self.again:
                self.again.add(name)
                self._add(name)
                return None
            return replace(ended, megabytes=self.reached.get(name))
        return ended

    def _fits(self, name: str) -> bool:
        assert self.memory is not None
        needed = sum(self.needs[one] for one in self.workers.children())
        return held(os.getpid()) + needed + self.needs[name] <= self.memory

    def _watch(self) -> None:
        """Note what each job holds; where all of them hold too much, the one begun last waits until there is
        room for it, and one that is alone ends.
        """
        holding = {name: held_by_all(pid) for name, pid in self.workers.children().items()}
        for name, megabytes in holding.items():
            self.reached[name] = max(self.reached.get(name, 0.0), megabytes)
        if self.memory is None or not holding:
            return
        if held(os.getpid()) + sum(holding.values()) <= self.memory:
            return
        last = list(holding)[-1]
        self.workers.stop(last)
        if len(holding) > 1:
            self.needs[last] = max(self.needs[last], holding[last] * _REACHED)
            self._add(last)
        else:
            about = {"needed": holding[last], "memory": self.memory}
            fault = Fault("memory_too_small", file=self.jobs[last].place, args=about)
            self.stopped.append((last, KamplayError(fault)))


def _in_nurseries(jobs: Sequence[Job], at_once: int, tell: Tell) -> Iterator[tuple[Job, Ended]]:
    """Where the system cannot fork: processes that are kept, each doing one job after another."""
    with ThreadPoolExecutor(at_once) as pool:

        def begun(job: Job) -> Ended:
            tell(Moment(job.client, "reading", 0.0, None))
            ended = twice(lambda: of_this_thread().do(job), job)
            tell(Moment(job.client, "done", 1.0, 0.0))
            return ended

        waiting = {pool.submit(begun, job): job for job in jobs}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


# --- memory


def held(pid: int) -> float:
    """Megabytes that a process holds; what it shares with others counts in part, where the system tells."""
    import psutil

    try:
        process = psutil.Process(pid)
        try:
            about = process.memory_full_info()
            return float(getattr(about, "pss", 0) or about.rss) / _MB
        except psutil.AccessDenied:
            return float(process.memory_info().rss) / _MB
    except psutil.Error:
        return 0.0


def held_by_all(pid: int) -> float:
    """Megabytes of a process and all that it has started."""
    import psutil

    try:
        below = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        below = []
    return held(pid) + sum(held(child.pid) for child in below)


def megabytes_needed(place: str, last: dict[str, Any]) -> float:
    """What a job is taken to need: what its last run held, else an estimate by the size of its files."""
    size = _size(place)
    if last.get("megabytes") and last.get("bytes") and size <= 1.25 * float(last["bytes"]):
        return float(last["megabytes"]) * 1.1
    return _PROCESS_MB + _LINE_MB * lines_in(place)


def lines_in(place: str) -> float:
    """About how many lines the files of an engagement hold, by their sizes."""
    return sum(size / _BYTES_PACKED.get(ending, _BYTES_A_LINE) for ending, size in _files(place))


def _size(place: str) -> int:
    return sum(size for _, size in _files(place))


def _files(place: str) -> list[tuple[str, int]]:
    data = Path(place) / "data"
    if places.is_url(place) or not data.is_dir():
        return []
    return [(p.suffix.lower(), p.stat().st_size) for p in data.rglob("*") if p.is_file()]


def read_memory(text: str) -> float:
    """Megabytes of a text as 8G, 1500M or 0.5T.

    Raises
    ------
    KamplayError
        It is none.
    """
    import re

    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([MGT])i?B?\s*", text, re.IGNORECASE)
    if not found or float(found[1]) == 0:
        raise KamplayError(Fault("memory_unreadable", column="--memory", value=text))
    return float(found[1]) * {"M": 1, "G": 1024, "T": 1024 * 1024}[found[2].upper()]


# --- what stays of a fleet


def day_of(out: str, jobs: Collection[Job]) -> Day:
    """The day of a fleet: today, or the one on which it began, where it was cut off and goes on."""
    if places.is_url(out):
        return Day.now()
    asked = digests.of_value([[j.place, j.languages, j.changes, j.as_of] for j in jobs] + [digests.of_code()])
    note = Path(out) / OPEN
    try:
        about = json.loads(note.read_text(encoding="utf-8"))
        if about["asked"] == asked:
            return Day(str(about["issued"]), str(about["today"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    day = Day.now()
    note.parent.mkdir(parents=True, exist_ok=True)
    write_json(note, {"asked": asked, **asdict(day)})
    return day


def close(out: str) -> None:
    """The fleet is through: the next one has a day of its own."""
    if not places.is_url(out):
        (Path(out) / OPEN).unlink(missing_ok=True)


@contextmanager
def kept(
    out: str, wanted: Callable[[str], bool] = lambda name: name.endswith(f"/{STATUS}")
) -> Iterator[Path]:
    """The folder of results as a folder of this machine; of one elsewhere what is ``wanted`` (by its name in
    it) is brought, and what has changed put back at the end.
    """
    if not places.is_url(out):
        Path(out).mkdir(parents=True, exist_ok=True)
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="kamplay-place-") as scratch:
        before = places.fetch(out, Path(scratch), wanted)
        try:
            yield Path(scratch)
        finally:
            places.put_back(Path(scratch), out, before)


def last_status(out: Path, client: str) -> dict[str, Any]:
    """What ``note_status`` kept of a client, by its folder's name; {} without."""
    return dict(read_json(out / client / STATUS))


def note_status(out: Path, place: str, client: str, ended: Ended) -> None:
    """Keep how a run ended in the client's folder, for the page on all clients and for the next fleet."""
    folder = out / slug(client)
    folder.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {"client": client}
    if isinstance(ended, KamplayError):
        told = [f for f in ended.faults if f.level == "error"] or ended.faults
        about |= {"status": "refused", "faults": [_plain(f) for f in told[:TOLD]], "count": len(told)}
    elif ended.fault:
        about |= {"status": "failed", "faults": [_plain(ended.fault)], "count": 1}
    elif ended.ok:
        before = last_status(out, slug(client))
        known = {"megabytes": ended.megabytes, "seconds": round(ended.seconds, 1), "bytes": _size(place)}
        if ended.again:  # it took nothing to speak of
            known = {k: before[k] for k in known if k in before}
        about |= {"status": "done", "as_of": ended.folder.name if ended.folder else None, **known}
    else:
        where = f"{ended.failed_notebook or 'kamplay'}"
        about |= {"status": "failed", "error": ended.error, "where": where}
    write_json(folder / STATUS, about)


def _plain(fault: Fault) -> dict[str, Any]:
    """A fault as JSON has it: where it stands and what its sentence says, without its many rows."""
    about = asdict(fault)
    text = json.dumps({k: v for k, v in about.items() if k != "rows"}, default=str)
    return dict(json.loads(text))
