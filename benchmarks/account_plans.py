"""``kamplay plans`` for 200 units against one papermill process for each unit.

Both make plans of one language from the same finished run of the invented sample. The bare way is measured on
``--bare`` units, spread over all of them, and stated for one: it starts a kernel, imports kamplay, reads the
run and its steps and puts the profiles together for each unit, as anyone's loop over papermill would.
Printed are CPU seconds (children included) and seconds on the clock for each unit, start-up shared out, and
the most memory that all processes of a way held at once (pages that they share counted once, where the system
tells).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
from run_against_bare import BIN, HERE, MEDTECH, _call, kamplay_run, timed

from kamplay.shipped import shipped


class Memory(threading.Thread):
    """The most memory that the children of this process held at once, in MB; looked at ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self.going = 0.0, True

    def run(self) -> None:
        while self.going:
            held = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    about = child.memory_full_info()
                    held += getattr(about, "pss", about.rss)
                except psutil.Error:
                    continue  # it has ended
            self.most = max(self.most, held / 1e6)
            time.sleep(0.1)


def measured(job: Callable[[], None], units: int) -> tuple[float, float, float]:
    """CPU seconds and seconds for each unit, and the most memory in MB."""
    memory = Memory()
    memory.start()
    cpu, clock = timed(job)
    memory.going = False
    memory.join()
    return cpu / units, clock / units, memory.most


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--bare", type=int, default=5, help="units of the bare way")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="kamplay-bench-"))
    try:
        kamplay_run(MEDTECH, place, "en")
        (run,) = (p.parent for p in place.glob("*/*/manifest.json"))
        accounts = pd.read_csv(run / "results" / "accounts.csv", dtype=str)
        accounts["revenue"] = accounts["revenue"].astype(float)
        own = accounts[accounts["unit_id"] == accounts["account_id"]].nlargest(options.units, "revenue")
        units = own["account_id"].tolist()
        named = [word for unit in units for word in ("--account", unit)]
        plans = [BIN / "kamplay", "plans", run, *named, "--language", "en", "--jobs", str(options.jobs)]
        ours = measured(lambda: _call(plans, HERE), len(units))
        few = units[:: max(1, len(units) // options.bare)][: options.bare]

        def bare() -> None:
            for unit in few:
                values = {"folder": run, "language": "en", "edition": "internal", "account": unit}
                parameters = [word for name, value in values.items() for word in ("-p", name, value)]
                notebook = shipped("notebooks") / "account_plan.ipynb"
                done = place / f"{unit}.ipynb"
                _call([BIN / "papermill", "--no-progress-bar", notebook, done, *parameters], HERE)

        theirs = measured(bare, len(few))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"{'':34} CPU s   s    MB at most")
    for name, (cpu, clock, most) in {
        f"kamplay plans, {len(units)} units, a unit": ours,
        f"papermill, {len(few)} units, a unit": theirs,
    }.items():
        print(f"{name:34} {cpu:5.2f} {clock:5.2f} {most:6.0f}")
    print(f"plans / papermill: CPU {ours[0] / theirs[0]:.3f}, clock {ours[1] / theirs[1]:.3f}")


if __name__ == "__main__":
    main()
