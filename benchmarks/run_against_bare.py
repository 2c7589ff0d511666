"""One ``kamplay run`` on the real sample against what a user would do without it: papermill and nbconvert,
notebook by notebook.

Both do the same five notebooks from the same engagement folder to HTML, one language, on this machine, one
after the other, ``--rounds`` times in turn; the ratio of the medians is printed. kamplay also assembles one
report, results, a workbook and a manifest in its time; the bare way gets the intake's result for nothing but
has to do it anew in each notebook, as anyone would who runs them one by one.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kamplay.api import NOTEBOOKS
from kamplay.run_folder import shipped

BIN = Path(sys.executable).parent


def kamplay_run(sample: Path, out: Path) -> None:
    subprocess.run(
        [BIN / "kamplay", "run", sample, "--out", out, "--language", "en"], check=True, capture_output=True
    )


def bare(sample: Path, out: Path) -> None:
    for name in NOTEBOOKS:
        notebook = shipped("notebooks") / f"{name}.ipynb"
        done = out / f"{name}.ipynb"
        parameters = ["-p", "folder", sample, "-p", "language", "en"]
        subprocess.run(
            [BIN / "papermill", "--no-progress-bar", notebook, done, *parameters],
            check=True,
            capture_output=True,
        )
        subprocess.run(
            [BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", done],
            check=True,
            capture_output=True,
        )


def seconds(job, sample: Path) -> float:  # type: ignore[no-untyped-def]
    out = Path(tempfile.mkdtemp(prefix="kamplay-bench-"))
    start = time.perf_counter()
    try:
        job(sample, out)
        return time.perf_counter() - start
    finally:
        shutil.rmtree(out, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    sample = shipped("data_templates") / "samples" / "online_retail"
    mine, theirs = [], []
    for number in range(rounds):
        mine.append(seconds(kamplay_run, sample))
        theirs.append(seconds(bare, sample))
        print(
            f"round {number + 1}: kamplay run {mine[-1]:.1f} s, papermill + nbconvert {theirs[-1]:.1f} s",
            flush=True,
        )
    kamplay, without = statistics.median(mine), statistics.median(theirs)
    print(
        f"median of {rounds}: kamplay run {kamplay:.1f} s, papermill + nbconvert {without:.1f} s, "
        f"ratio {without / kamplay:.1f}"
    )


if __name__ == "__main__":
    main()
