"""A process that is kept to do jobs of a fleet one after the other, each in a child of its own: for the
threads of a Dask worker, from which nothing may be forked, and for systems that cannot fork.

    python -m kamplay.report.fleets.nursery

It takes jobs on its standard input and tells how they ended on its standard output, both by pickle, and ends
with the process that started it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from functools import partial
from typing import IO

from kamplay.report.engine.fork_engine import can_fork
from kamplay.report.engine.workers import WorkerDiedError, Workers
from kamplay.report.fleets.fleet_job import Ended, Job, run_job

_here = threading.local()


class Nursery:
    """One such process; a context manager."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "kamplay.report.fleets.nursery"]
        environment = {**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
        environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def do(self, job: Job) -> Ended:
        """How a job of a fleet ended.

        Raises
        ------
        WorkerDiedError
            The process that did it was killed.
        """
        assert self.process.stdin and self.process.stdout
        try:
            pickle.dump(job, self.process.stdin)
            self.process.stdin.flush()
            found: Ended | WorkerDiedError = pickle.load(self.process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            self.close()
            raise WorkerDiedError(job.client, f"exit code {self.process.returncode}") from None
        if isinstance(found, WorkerDiedError):
            raise found
        return found

    def close(self) -> None:
        """End the process, and what it is doing."""
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
        self.process.kill()
        self.process.wait()


def of_this_thread() -> Nursery:
    """The nursery of the thread that asks, started where there is none that lives."""
    kept: Nursery | None = getattr(_here, "nursery", None)
    if kept is None or kept.process.poll() is not None:
        kept = _here.nursery = Nursery()
    return kept


def _serve(asked: IO[bytes], told: IO[bytes], parent: int) -> None:
    """Do jobs until there are no more, or nobody asks any longer."""
    from kamplay.report.production import import_all

    import_all()

    def orphaned() -> None:
        if os.getppid() != parent:
            os._exit(1)  # its children notice

    while True:
        try:
            job = pickle.load(asked)
        except EOFError:
            return
        if can_fork():
            with Workers(1, go_on=True, watch=orphaned) as workers:
                workers.add(job.client, partial(run_job, job))
                ended = next(found for _, found in workers.results())
        else:
            ended = run_job(job)
        pickle.dump(ended, told)
        told.flush()


def main() -> None:
    """Serve, with what the jobs print on standard error."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, told, os.getppid())


if __name__ == "__main__":
    main()
