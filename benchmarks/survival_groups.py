"""Whether groups of accounts that differ in how often they buy are told to differ in how long they stay:
clients in which they do not, and clients in which they do.

    .venv/bin/python benchmarks/survival_groups.py --clients 200

Each client has 150 accounts of each of two groups, with mean gaps of 12 and 40 days at random (and 12 and 80
with ``--gaps 12 80``), over four years; all leave at the same rate a year (0 or ``--leave``), or one group
``--times`` as fast. Printed: in how many clients the log-rank test tells a difference at 5 %; beside it the
same test where a silence of a horizon is taken for a stop and all accounts are compared at once.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from kamplay.method.health.retention_curves import lifetimes_from, rate_bands
from kamplay.method.stats.survival import log_rank

END, YEARS, HORIZON = pd.Timestamp("2025-12-31"), 4, 180
LANDMARK = END - pd.Timedelta(days=730 + HORIZON)


def made(
    rng: np.random.Generator, gaps: tuple[float, float], leave: tuple[float, float], each: int
) -> pd.DataFrame:
    """Buying days of a client: account_id (a… of the first group, b… of the second), date, bought."""
    rows = []
    for name, gap, chance in zip("ab", gaps, leave, strict=True):
        for number in range(each):
            mean = gap * rng.lognormal(0, 0.3)
            # who is there at the landmark leaves after it, if at all
            stop = rng.exponential(365 / chance) + 365 * YEARS - 910 if chance else np.inf
            at = np.cumsum(rng.exponential(mean, int(3 * 365 * YEARS / mean) + 9))
            at = np.unique(at[at < min(stop, 365 * YEARS)].astype(int))
            rows.append(pd.DataFrame({"account_id": f"{name}{number:03d}", "at": at}))
    days = pd.concat(rows, ignore_index=True)
    return days.assign(date=END - pd.to_timedelta(365 * YEARS - 1 - days["at"], unit="D"), bought=True)


def told(days: pd.DataFrame) -> float | None:
    lives = lifetimes_from(days, LANDMARK, END, HORIZON)
    lives = lives[~lives["slow"]]
    return log_rank(lives["days"], lives["stopped"], lives.index.str[0], rate_bands(lives["gap"]))


def by_silence(days: pd.DataFrame) -> float | None:
    """A silence of the horizon is a stop, and all accounts are compared at once."""
    silence = pd.Timedelta(days=HORIZON)
    bought = days.sort_values(["account_id", "date"])
    stop = bought["date"] + silence
    following = bought.groupby("account_id")["date"].shift(-1)
    is_stop = (following.isna() | (following > stop)) & (stop > LANDMARK) & (stop <= END)
    first = stop[is_stop].groupby(bought.loc[is_stop, "account_id"]).min()
    there = bought.loc[
        (bought["date"] <= LANDMARK) & (bought["date"] > LANDMARK - silence), "account_id"
    ].unique()
    first = first.reindex(there)
    return log_rank((first.fillna(END) - LANDMARK).dt.days, first.notna(), pd.Index(there).str[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--accounts", type=int, default=150, help="of each group")
    parser.add_argument("--gaps", type=float, nargs=2, default=[12.0, 40.0])
    parser.add_argument("--leave", type=float, default=0.15, help="of those there, a year")
    parser.add_argument("--times", type=float, default=3.0)
    options = parser.parse_args()
    rate, gaps = options.leave, tuple(options.gaps)
    for name, leave, apart in (
        ("nobody leaves", (0.0, 0.0), gaps),
        ("both leave alike", (rate, rate), gaps),
        ("the second leaves faster", (rate, options.times * rate), gaps),
        ("the second leaves faster, both buy alike", (rate, options.times * rate), (gaps[0], gaps[0])),
    ):
        rng, found = np.random.default_rng(1), []
        for _ in range(options.clients):
            days = made(rng, apart, leave, options.accounts)
            found.append([1.0 if p is None else p for p in (told(days), by_silence(days))])
        ours, before = (np.array(found) < 0.05).mean(axis=0)
        print(f"{name}: told in {ours:.1%} of clients; by silence alone {before:.1%}", flush=True)


if __name__ == "__main__":
    main()
