"""How firmly 10,000 made accounts sit in their tiers under other weights: ``weight_stability`` against a loop
over the draws, in time and peak memory.

12 criteria, 5 % of the cells unknown, 10,000 draws of weights; limits at 70, 55 and 40. The loop draws one
set of weights at a time, scores all accounts, cuts the scores and compares: with pandas, as it would be
written in a notebook, and with plain numpy. It is timed on a share of the draws (``--share``) and its time
scaled up, which is said beside the figure. Each job is a process of its own; the making of the accounts and
the imports are not part of its time.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

from kamplay.method.tiers.stability import weight_stability

LIMITS = np.array([40.0, 55.0, 70.0])
TIERS, CONCENTRATION, SEED = len(LIMITS) + 1, 60.0, 20260630
JOBS = ("kamplay", "numpy", "pandas")


def make(accounts: int, criteria: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, weights, and current positions."""
    rng = np.random.default_rng(1)
    middle = rng.uniform(0, 100, (accounts, 1))
    points = np.clip(middle + rng.normal(0, 20, (accounts, criteria)), 0, 100)
    points[rng.random(points.shape) < 0.05] = np.nan
    weights = rng.dirichlet(np.full(criteria, 5.0))
    known = ~np.isnan(points)
    return (
        points,
        weights,
        place(np.where(known, points, 0.0) @ weights / np.maximum(known @ weights, 1e-12)),
    )


def place(scores: np.ndarray) -> np.ndarray:
    """Positions, 0 the highest; a score on a limit has reached it."""
    return TIERS - 1 - np.searchsorted(LIMITS, scores, side="right")


def kamplay(made: tuple, draws: int) -> float:
    points, weights, current = made
    found = weight_stability(
        points, weights, place, current, TIERS, draws=draws, concentration=CONCENTRATION, seed=SEED
    )
    return float(found.kept.mean())


def in_numpy(made: tuple, draws: int) -> float:
    points, weights, current = made
    rng, kept = np.random.default_rng(SEED), np.zeros(len(points))
    for _ in range(draws):
        drawn = rng.dirichlet(weights * CONCENTRATION)
        known = (~np.isnan(points) * drawn).sum(axis=1)
        scores = np.nansum(points * drawn, axis=1) / np.maximum(known, 1e-12)
        kept += place(np.round(scores, 9)) == current
    return float(kept.mean() / draws)


def in_pandas(made: tuple, draws: int) -> float:
    import pandas as pd

    points, weights, current = made
    table = pd.DataFrame(points)
    rng, kept = np.random.default_rng(SEED), pd.Series(0.0, index=table.index)
    for _ in range(draws):
        drawn = rng.dirichlet(weights * CONCENTRATION)
        scores = (table.mul(drawn).sum(axis=1) / table.notna().mul(drawn).sum(axis=1)).fillna(0.0).round(9)
        tier = pd.cut(scores, [-np.inf, *LIMITS, np.inf], right=False, labels=False)
        kept += (TIERS - 1 - tier) == current
    return float(kept.mean() / draws)


def one(job: str, options: argparse.Namespace) -> None:
    """Run one job here and print its seconds, its peak memory in MB, and the mean probability it found."""
    made = make(options.accounts, options.criteria)
    draws = options.draws if job == "kamplay" else max(20, round(options.draws * options.share))
    start = time.perf_counter()
    mean = {"kamplay": kamplay, "numpy": in_numpy, "pandas": in_pandas}[job](made, draws)
    seconds = (time.perf_counter() - start) * options.draws / draws
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, mean)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--criteria", type=int, default=12)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument(
        "--share", type=float, default=0.02, help="of the draws, on which the loops are timed"
    )
    parser.add_argument("--one", choices=JOBS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(options.one, options)
    found: dict[str, list[list[float]]] = {job: [] for job in JOBS}
    for _ in range(options.rounds):
        for job in JOBS:
            done = subprocess.run(
                [sys.executable, __file__, *sys.argv[1:], "--one", job],
                check=True,
                capture_output=True,
                text=True,
            )
            found[job].append([float(word) for word in done.stdout.split()])
    median = {
        job: [statistics.median(column) for column in zip(*runs, strict=True)] for job, runs in found.items()
    }
    means = [m[2] for m in median.values()]
    if max(means) - min(means) > 0.01:
        raise SystemExit(f"the three do not find the same probabilities: {means}")
    print(
        f"{options.accounts:,} accounts, {options.criteria} criteria, {options.draws:,} draws, "
        f"median of {options.rounds}:"
    )
    scaled = f" (timed on {options.share:.0%} of the draws, scaled up)"
    print(
        "  "
        + ", ".join(
            f"{job} {m[0]:.1f} s {m[1]:,.0f} MB{'' if job == 'kamplay' else scaled}"
            for job, m in median.items()
        )
    )
    mine, plain, pandas = (median[job][0] for job in JOBS)
    print(f"  the numpy loop takes {plain / mine:.1f} of kamplay, the pandas loop {pandas / mine:.1f}")


if __name__ == "__main__":
    main()
