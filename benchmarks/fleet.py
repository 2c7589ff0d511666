"""``kamplay run`` on a fleet against what a user would do without it: one papermill process after another for
each notebook of each engagement, two at once by ``xargs -P2``.

    python benchmarks/fleet.py --firms FILE [--first 12] [--jobs 2] [--only bare] [--other FOLDER]

``--firms`` is a parquet file of sales lines of several firms (COLUMNS), each of which becomes an engagement.
Both ways do the same jobs, one after the other on this machine: seconds on the clock and CPU seconds. The
fleet's efficiency is CPU seconds over clock seconds times cores: 1 keeps every core busy all the time. Where
other work runs on the machine it is lower, and CPU seconds alone tell.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from run_against_bare import BIN, HERE, Timed, timed

from kamplay.api import NOTEBOOKS
from kamplay.engagement import slug
from kamplay.shipped import shipped

COLUMNS = {"date": "开票日期", "account_id": "购方单位代号", "amount": "金额", "firm": "企业代号"}
VOID = "作废发票"


def firms(file: Path, first: int | None, folder: Path) -> list[Path]:
    """An engagement of each of the first firms of a file, as they are ordered by their number of lines."""
    lines = pd.read_parquet(file)
    lines = lines.rename(columns={theirs: ours for ours, theirs in COLUMNS.items()})
    if "发票状态" in lines:
        lines = lines[lines["发票状态"].astype(str).str.strip() != VOID]
    sizes = lines["firm"].value_counts()
    chosen = list(sizes.index) if first is None else list(sizes.index[:: max(1, len(sizes) // first)][:first])
    return [engagement(folder, str(firm), lines[lines["firm"] == firm]) for firm in sorted(chosen)]


def engagement(folder: Path, client: str, lines: pd.DataFrame) -> Path:
    """An engagement folder with a csv of transactions."""
    made = folder / slug(client)
    (made / "data").mkdir(parents=True)
    lines[["date", "account_id", "amount"]].to_csv(made / "data" / "transactions.csv", index=False)
    (made / "engagement.yaml").write_text(
        f"client: {client}\nlanguage: zh\ncurrency: CNY\n", encoding="utf-8"
    )
    return made


def environment(code: Path = HERE) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}


def fleet(engagements: list[Path], out: Path, jobs: int, code: Path = HERE) -> None:
    """All engagements by one command; firms whose data are refused make its exit code 2."""
    command = [BIN / "kamplay", "run", *engagements, "--out", out, "--jobs", str(jobs)]
    ended = subprocess.run(
        command, capture_output=True, env=environment(code), cwd=code, check=False
    ).returncode
    if ended not in (0, 2):
        raise SystemExit(f"the fleet ended with {ended}")


def bare(engagements: list[Path], out: Path, jobs: int) -> None:
    """The five notebooks of each engagement by papermill, one process each, so many at once."""
    lines = []
    for one in engagements:
        (out / one.name).mkdir(parents=True)
        for name in NOTEBOOKS:
            notebook, done = shipped("notebooks") / f"{name}.ipynb", out / one.name / f"{name}.ipynb"
            lines.append(f"{notebook} {done} -p folder {one} -p language zh")
    subprocess.run(
        ["xargs", f"-P{jobs}", "-L1", str(BIN / "papermill"), "--no-progress-bar"],
        input="\n".join(lines),
        text=True,
        capture_output=True,
        env=environment(),
        check=False,  # refused firms fail here, too
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--firms", type=Path, required=True)
    parser.add_argument("--first", type=int, help="so many firms, of all sizes; left out: all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=["bare", "fleet"])
    parser.add_argument("--other", type=Path, help="another checkout, to run on the same firms")
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="kamplay-fleet-"))
    try:
        made = firms(options.firms, options.first, place / "firms")
        found: dict[str, Timed] = {}
        if options.only != "bare":
            found["kamplay run"] = timed(lambda: fleet(made, place / "reports", options.jobs))
            again = timed(lambda: fleet(made, place / "reports", options.jobs))
            found["kamplay run again"] = again
            done = len(list((place / "reports").glob("*/*/manifest.json")))
            print(f"{len(made)} engagements, {done} with a report")
        if options.other:
            found["other checkout"] = timed(
                lambda: fleet(made, place / "other", options.jobs, options.other.resolve())
            )
        if options.only != "fleet":
            found[f"xargs -P{options.jobs} papermill"] = timed(
                lambda: bare(made, place / "bare", options.jobs)
            )
        print(f"{'':28} CPU s   clock s   efficiency on {options.jobs}")
        for name, (cpu, clock) in found.items():
            print(f"{name:28} {cpu:7.1f} {clock:7.1f}   {cpu / (clock * options.jobs):.2f}")
        for name in [n for n in found if "kamplay run" in found and not n.startswith("kamplay")]:
            (cpu, clock), (others_cpu, others_clock) = found["kamplay run"], found[name]
            print(f"kamplay run / {name}: CPU {cpu / others_cpu:.2f}, clock {clock / others_clock:.2f}")
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
