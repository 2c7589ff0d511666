"""``kamplay run`` on the shipped samples against what a user would do without it: papermill and nbconvert,
notebook by notebook.

Timed one after the other on this machine, each ``--rounds`` times in turn, as CPU seconds (children included)
and seconds on the clock, the medians printed:

- the real sample in one language: bare, the first run of a client (cold), a run again without any change, and
  one after another scorecard (warm);
- the invented sample in two languages, and in one;
- with ``--other FOLDER`` first runs by another checkout of kamplay and by this one, on that checkout's
  samples and in the same environment.

The bare way does the same five notebooks from the same engagement folder to HTML; it has to take the intake
and the earlier steps anew in each of them, as anyone would who runs them one by one.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kamplay.api import NOTEBOOKS
from kamplay.shipped import shipped

BIN = Path(sys.executable).parent
HERE = Path(__file__).resolve().parents[1]
SAMPLES = shipped("data_templates") / "samples"
RETAIL, MEDTECH = SAMPLES / "online_retail", SAMPLES / "medtech"
Timed = tuple[float, float]  # CPU seconds, seconds


def kamplay_run(sample: Path, out: Path, languages: str, code: Path = HERE, *settings: str) -> None:
    changes = [word for setting in settings for word in ("--set", setting)]
    _call([BIN / "kamplay", "run", sample, "--out", out, "--language", languages, *changes], code)


def bare(sample: Path, out: Path) -> None:
    for name in NOTEBOOKS:
        done = out / f"{name}.ipynb"
        parameters = ["-p", "folder", sample, "-p", "language", "en"]
        notebook = shipped("notebooks") / f"{name}.ipynb"
        _call([BIN / "papermill", "--no-progress-bar", notebook, done, *parameters], HERE)
        _call([BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", done], HERE)


def _call(command: list[str | Path], code: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=code)


def told(job: str, took: Timed) -> None:
    """A line of figures, at once: a long round that is stopped has said what it measured."""
    print(f"{job:32} {took[0]:6.1f} {took[1]:6.1f}", flush=True)


def timed(job: Callable[[], None]) -> Timed:
    """CPU seconds of the processes that a job starts, and seconds on the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    job()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - start


def one_round(other: Path | None) -> dict[str, Timed]:
    place = Path(tempfile.mkdtemp(prefix="kamplay-bench-"))
    found: dict[str, Timed] = {}

    def take(job: str, work: Callable[[], None]) -> None:
        found[job] = timed(work)
        told(job, found[job])

    try:
        for name in ("bare", "a", "b", "c"):
            (place / name).mkdir()
        take("papermill + nbconvert", lambda: bare(RETAIL, place / "bare"))
        take("one language, first", lambda: kamplay_run(RETAIL, place / "a", "en"))
        take("one language, again", lambda: kamplay_run(RETAIL, place / "a", "en"))
        card = "scorecard=value_matrix"
        take("one language, other scorecard", lambda: kamplay_run(RETAIL, place / "a", "en", HERE, card))
        take("invented sample, one language", lambda: kamplay_run(MEDTECH, place / "b", "zh"))
        take("invented sample, two languages", lambda: kamplay_run(MEDTECH, place / "c", "zh,en"))
        if other:
            # each on the samples of the other checkout, which may not know the tables of today's
            theirs = other / "data_templates" / "samples"
            for name, sample, languages in (
                ("one language", RETAIL.name, "en"),
                ("two languages", MEDTECH.name, "zh,en"),
            ):
                for whose, code in (("other", other), ("this", HERE)):
                    (out := place / f"{whose}-{sample}").mkdir()
                    take(f"{whose}, {name}", partial(kamplay_run, theirs / sample, out, languages, code))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--other", type=Path, help="another checkout, to run beside this one")
    options = parser.parse_args()
    rounds = [one_round(options.other) for _ in range(options.rounds)]
    median = {job: tuple(statistics.median(r[job][n] for r in rounds) for n in (0, 1)) for job in rounds[0]}
    print(f"{f'median of {options.rounds}':32}  CPU s      s")
    for job, took in median.items():
        told(job, took)

    def ratio(what: str, one: str, to: str) -> None:
        print(f"{what}: CPU {median[one][0] / median[to][0]:.2f}, clock {median[one][1] / median[to][1]:.2f}")

    ratio("bare / kamplay", "papermill + nbconvert", "one language, first")
    ratio("again / first", "one language, again", "one language, first")
    ratio("other scorecard / first", "one language, other scorecard", "one language, first")
    ratio("two languages / one", "invented sample, two languages", "invented sample, one language")
    if options.other:
        ratio("this / other, one language", "this, one language", "other, one language")
        ratio("this / other, two languages", "this, two languages", "other, two languages")


if __name__ == "__main__":
    main()
