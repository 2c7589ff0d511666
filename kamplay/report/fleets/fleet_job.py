"""One engagement of a fleet as a job, which is done by the same function on this machine and on any other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kamplay import digests
from kamplay.engagement import load, slug
from kamplay.errors import Fault, KamplayError
from kamplay.report.engine.workers import WorkerDiedError
from kamplay.report.fleets import places
from kamplay.report.run import Day, Outcome, run_engagement

Ended = Outcome | KamplayError
Tell = Callable[[Any], None]


@dataclass(frozen=True)
class Job:
    """One engagement of a fleet, as it can be sent to another machine.

    Attributes
    ----------
    place : its folder, or the url of one.
    client : the client's name.
    out : where reports are put, a folder or a url.
    languages : zh, en or both; none: the engagement's own.
    changes, as_of : of the settings, as on the command line.
    day : the day of the fleet.
    processes : beside each other for this job.
    code : digest of the code that it is to be done by; "" for whatever is there.
    megabytes : what it is taken to need at most.
    seconds : what the last run took; None where there was none.
    """

    place: str
    client: str
    out: str
    languages: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    as_of: str | None = None
    day: Day = field(default_factory=Day.now)
    processes: int = 1
    code: str = ""
    megabytes: float = 0.0
    seconds: float | None = None

    @property
    def slug(self) -> str:
        """The client's folder."""
        return slug(self.client)

    @property
    def remote(self) -> bool:
        """Whether its folder or its results are reached through fsspec."""
        return places.is_url(self.place) or places.is_url(self.out)


def run_job(job: Job, tell: Tell = lambda moment: None) -> Ended:
    """Do one job, whatever happens to it: how it ended, or the faults of its input."""
    try:
        if job.code and job.code != digests.of_code():
            raise KamplayError(Fault("worker_of_another_version", file=job.place))
        languages = list(job.languages)
        with _ready(job) as (folder, out):
            engagement = load(folder, job.changes, job.as_of)
            spoken = languages or engagement.settings.languages
            outcome = run_engagement(engagement, out, spoken, tell, job.processes, job.day)
            return _as_named(outcome, out, job) if job.remote else outcome
    except KamplayError as error:
        return error
    except Exception as error:  # of one job, which must not be that of the others
        return Outcome(job.client, None, 0.0, error=f"{type(error).__name__}: {error}")


@contextmanager
def _ready(job: Job) -> Iterator[tuple[Path, Path]]:
    """The engagement's folder and that of the results as folders of this machine; of results elsewhere only
    the client's are brought.
    """
    with places.brought(job.place) as folder:
        if not places.is_url(job.out):
            yield folder, Path(job.out)
            return
        with tempfile.TemporaryDirectory(prefix="kamplay-place-") as scratch:
            client = places.join(job.out, job.slug)
            (Path(scratch) / job.slug).mkdir()
            before = places.fetch(client, Path(scratch) / job.slug)
            yield folder, Path(scratch)
            if (Path(scratch) / job.slug).is_dir():
                places.put_back(Path(scratch) / job.slug, client, before)


def _as_named(outcome: Outcome, out: Path, job: Job) -> Outcome:
    """The outcome with its folders where they are for everyone."""
    if not places.is_url(job.out):
        return outcome

    def named(folder: Path | None) -> Path | None:
        return folder and Path(places.join(job.out, folder.relative_to(out).as_posix()))

    return replace(outcome, folder=named(outcome.folder), kept=named(outcome.kept))


def twice(do: Callable[[], Ended], job: Job) -> Ended:
    """Do a job, and once more where its process was killed."""
    ended: Ended
    for _ in range(2):
        try:
            ended = do()
        except WorkerDiedError as died:
            ended = Outcome(job.client, None, 0.0, error=f"{WorkerDiedError.__name__}: {died.end}")
        if not (isinstance(ended, Outcome) and ended.killed):
            break
    return ended
