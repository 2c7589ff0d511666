"""What a run costs as it grows: seconds and memory of each phase, and how they grow with the lines.

Made lines (orders of four over three years; the accounts' sizes are skewed, 2 % are returns) are written as
csv or parquet, read, rolled up, and taken through the five steps and the workbook, one phase after the other
in one process for each size; ``run`` is a whole run from the command line, pages and all.
CPU seconds are those of the process; wall seconds depend on what else
the machine does. Peak memory is that of the phase alone where Linux lets it be counted anew, and holds what
the phases before have left behind. The exponent of a phase says that n times the lines cost n to its power.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

SIZES = {100_000: 5_000, 1_000_000: 20_000, 5_000_000: 100_000}  # lines → accounts
PHASES = ("read", "book", "check", "tiers", "value", "health", "plan", "workbook", "run")


def make(lines: int, accounts: int, folder: Path, kind: str) -> None:
    """An engagement with made lines."""
    import duckdb

    def u(seed: int, key: str = "i") -> str:
        return f"(hash({key} + {seed}::bigint * 100000000000) % 1000003 / 1000003.0)"

    def name(letter: str, digits: int, number: str) -> str:
        return f"'{letter}' || lpad(cast(cast(floor({number}) as int) as varchar), {digits}, '0')"

    (folder / "data").mkdir(parents=True)
    with duckdb.connect() as db:
        db.execute(f"""copy (
            select date '2023-01-01' + cast(floor({u(2, "o")} * 1095) as int) as date,
                   {name("O", 8, "o")} as order_id,
                   {name("A", 6, f"{accounts} * pow({u(1, 'o')}, 2)")} as account_id,
                   {name("P", 4, f"{u(6)} * 800")} as product, {name("C", 2, f"{u(5)} * 40")} as category,
                   cast(1 + floor({u(7)} * 12) as int) as quantity,
                   round(10 * exp(3 * {u(3)}), 2) * (case when {u(4)} < 0.02 then -1 else 1 end) as amount,
                   round(8 * exp(3 * {u(3)}), 2) as cost
            from (select i, i // 4 as o from range({lines}) t(i)) order by i)
            to '{folder / "data" / f"transactions.{kind}"}' (format {kind})""").fetchall()
    (folder / "engagement.yaml").write_text(
        "client: Scale\nlanguage: en\nas_of: 2025-12-31\n", encoding="utf-8"
    )


def measured(phase: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a phase makes, with its seconds and its peak memory in MB."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # Linux counts the peak anew from here
    wall, cpu = time.perf_counter(), time.process_time()
    made = phase()
    seconds = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return made, {**seconds, "mb": _peak()}


def _peak() -> float:
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
    unit = 1024**2 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def prepared(folder: Path, whole: bool) -> dict[str, dict[str, float]]:
    """Read an engagement, and roll it up into a run where ``whole``; each with its figures."""
    from kamplay import api
    from kamplay.engagement import load
    from kamplay.intake.prepare import survey, to_book

    engagement = load(folder)
    intake, read = measured(lambda: survey(engagement))
    if not whole:
        return {"read": read}
    book, rolled_up = measured(lambda: to_book(engagement, intake))
    api.create(engagement, book, folder / "run")
    return {"read": read, "book": rolled_up}


def one(folder: Path, upto: str) -> dict[str, dict[str, float]]:
    """The phases of one engagement up to one of them, each with its figures."""
    from kamplay import api
    from kamplay.report import production

    wanted, run_folder = PHASES[: PHASES.index(upto) + 1], folder / "run"
    costs = prepared(folder, "book" in wanted)
    if len(wanted) < 3:
        return costs
    run = api.open(run_folder, language="en")
    for key in [key for key in api.STEPS if key in wanted]:
        step = api.STEPS[key]
        made, costs[key] = measured(lambda step=step: api.computed(run, step.result))
        api.save(run, made)
    if "workbook" in wanted:
        _, costs["workbook"] = measured(lambda: production.write_workbook(run, run_folder, ["en"]))
    if "run" in wanted:
        costs["run"] = whole_run(folder)
    return costs


def whole_run(folder: Path) -> dict[str, float]:
    """A run from the command line: seconds of all its processes, and the memory of the largest of them."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [Path(sys.executable).parent / "kamplay", "run", folder, "--language", "en"]
    done = subprocess.run([*command, "--out", folder / "out"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    unit = 1024**2 if platform.system() == "Darwin" else 1024
    return {"wall": time.perf_counter() - wall, "cpu": cpu, "mb": after.ru_maxrss / unit}


def exponent(costs: dict[int, dict[str, dict[str, float]]], phase: str) -> float | None:
    """From the smallest to the largest size that has the phase."""
    sizes = sorted(n for n in costs if phase in costs[n])
    if len(sizes) < 2:
        return None
    first, last = sizes[0], sizes[-1]
    return math.log(costs[last][phase]["cpu"] / costs[first][phase]["cpu"]) / math.log(last / first)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, nargs="+", default=list(SIZES), help="a subset of the sizes")
    parser.add_argument(
        "--accounts", type=int, nargs="+", help="one number for each of --lines; without it a usual one"
    )
    parser.add_argument("--kind", choices=["csv", "parquet"], default="csv")
    parser.add_argument("--upto", choices=PHASES, default="run", help="the last phase to measure")
    parser.add_argument("--one", nargs=2, metavar=("FOLDER", "PHASE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(Path(options.one[0]), options.one[1])))
        return
    accounts = options.accounts or [SIZES.get(n, max(1, n // 50)) for n in options.lines]
    costs: dict[int, dict[str, dict[str, float]]] = {}
    for lines, of in zip(options.lines, accounts, strict=True):
        with tempfile.TemporaryDirectory(prefix="kamplay-scale-") as scratch:
            folder = Path(scratch) / "client"
            make(lines, of, folder, options.kind)
            command = [sys.executable, __file__, "--one", str(folder), options.upto]
            threads = {"OMP_NUM_THREADS": "1", **os.environ}
            done = subprocess.run(command, capture_output=True, text=True, env=threads)
        if done.returncode:
            raise SystemExit(done.stderr)
        costs[lines] = json.loads(done.stdout.splitlines()[-1])
        print(f"{lines:,} lines, {of:,} accounts, {options.kind}", file=sys.stderr, flush=True)
    print(table(costs))


def table(costs: dict[int, dict[str, dict[str, float]]]) -> str:
    """A row for each phase: CPU seconds / wall seconds / MB of each size, and the exponent of the CPU."""
    sizes = sorted(costs)
    rows = [
        "| phase | " + " | ".join(f"{n:,}" for n in sizes) + " | exponent |",
        "| --- " * (len(sizes) + 2) + "|",
    ]
    for phase in (p for p in PHASES if any(p in costs[n] for n in sizes)):
        cells = [
            f"{c['cpu']:.1f} / {c['wall']:.1f} / {c['mb']:,.0f}" if (c := costs[n].get(phase)) else ""
            for n in sizes
        ]
        power = exponent(costs, phase)
        rows.append(f"| {phase} | " + " | ".join(cells) + f" | {'' if power is None else f'{power:.2f}'} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
