"""How often the 95 % interval of Gini holds the true figure: the one that kamplay gives, beside the plain
percentile bootstrap and BCa, for amounts of known laws.

    .venv/bin/python benchmarks/gini_interval.py --clients 500

True Gini: lognormal 2Φ(σ/√2) − 1, Pareto 1/(2α − 1), exponential 1/2. Coverage, with the median width of the
intervals and how often they lie above the truth.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from scipy.stats import bootstrap, norm

from kamplay.method.stats.concentration import gini_interval

LAWS = {
    "lognormal 1": (lambda r, n: r.lognormal(0, 1.0, n), 2 * norm.cdf(1.0 / 2**0.5) - 1),
    "lognormal 1.5": (lambda r, n: r.lognormal(0, 1.5, n), 2 * norm.cdf(1.5 / 2**0.5) - 1),
    "lognormal 2": (lambda r, n: r.lognormal(0, 2.0, n), 2 * norm.cdf(2.0 / 2**0.5) - 1),
    "Pareto 1.5": (lambda r, n: r.random(n) ** (-1 / 1.5), 1 / 2),
    "Pareto 2": (lambda r, n: r.random(n) ** (-1 / 2.0), 1 / 3),
    "exponential": (lambda r, n: r.exponential(1.0, n), 1 / 2),
}


def gini_of(x: np.ndarray, axis: int = -1) -> np.ndarray:
    x = np.sort(x, axis=axis)
    n = x.shape[axis]
    return (x * (2 * np.arange(1, n + 1) - n - 1)).sum(axis=axis) / (n * x.sum(axis=axis))


def told(x: np.ndarray, draws: int) -> dict[str, tuple[float, float]]:
    found = {"kamplay": gini_interval(pd.Series(x), draws)}
    for name in ("percentile", "BCa"):
        ends = bootstrap(
            (x,), gini_of, n_resamples=draws, method=name, vectorized=True, random_state=1
        ).confidence_interval
        found[name] = (float(ends.low), float(ends.high))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=300, help="made for each law and number of accounts")
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--accounts", type=int, nargs="+", default=[20, 50, 200])
    options = parser.parse_args()
    for law, (draw, truth) in LAWS.items():
        for accounts in options.accounts:
            rng, rows = np.random.default_rng(7), []
            for _ in range(options.clients):
                ends = told(draw(rng, accounts), options.draws)
                rows += [
                    (name, low <= truth <= high, high - low, low > truth)
                    for name, (low, high) in ends.items()
                ]
            by = pd.DataFrame(rows, columns=["way", "holds", "width", "above"]).groupby("way", sort=False)
            parts = [
                f"{name} {part['holds'].mean():.3f} ({part['width'].median():.2f} wide, above "
                f"{part['above'].mean():.3f})"
                for name, part in by
            ]
            print(f"{law:13s} {accounts:4d} accounts: " + "  ".join(parts), flush=True)


if __name__ == "__main__":
    main()
