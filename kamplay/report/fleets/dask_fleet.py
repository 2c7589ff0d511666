"""A fleet on a Dask cluster: each job goes to a worker, which does it as this machine would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kamplay import digests
from kamplay.errors import Fault, KamplayError
from kamplay.report.fleets.fleet_job import Ended, Job, twice
from kamplay.report.fleets.nursery import of_this_thread
from kamplay.report.run import Outcome

REACHED_IN = "20s"  # how long a scheduler may take to answer


def run_on_cluster(jobs: Sequence[Job], scheduler: str) -> Iterator[tuple[Job, Ended]]:
    """Do the jobs on the workers of a Dask scheduler (tcp://host:8786); yields each as it ends.

    The folders of the engagements and of the results must be the same for all workers: on a shared path, or
    urls that fsspec reaches. A job whose worker is lost goes to another one.

    Raises
    ------
    KamplayError
        Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise KamplayError(Fault("dask_missing", column="--scheduler", value=scheduler)) from None
    try:
        client = Client(scheduler, timeout=REACHED_IN, set_as_default=False)
    except (OSError, ValueError) as error:
        about = {"detail": str(error)}
        raise KamplayError(
            Fault("scheduler_unreachable", column="--scheduler", value=scheduler, args=about)
        ) from None
    code = digests.of_code()
    with client:
        waiting = {
            client.submit(run_on_worker, replace(job, code=code), key=f"kamplay-{job.slug}", pure=False): job
            for job in jobs
        }
        for future in as_completed(list(waiting), loop=client.loop):
            job = waiting[future]
            lost = future.exception()
            yield job, Outcome(job.client, None, 0.0, error=str(lost)) if lost else future.result()
            future.release()


def run_on_worker(job: Job) -> Ended:
    """Do a job in a Dask worker: in a process of its own, as nothing may be forked from the worker's
    threads.
    """
    return twice(lambda: of_this_thread().do(job), job)
