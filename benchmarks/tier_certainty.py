"""Whether the certainty of a tier says what then happens: the chance to stay in today's tier at next year's
rating, against the share that stayed.

    .venv/bin/python benchmarks/tier_certainty.py --clients 10 --retail lines.parquet

Made clients: each account buys by a renewal process with a rate and a regularity of its own and may stop
after any purchase; amounts are lognormal about a mean of its own; a yearly shock (standard deviation 0.15 of
the logarithm) is shared by all; new accounts keep coming. Half of the clients show 12, half 24 months.
``--retail``: the lines of Online Retail II (UCI, CC BY 4.0), rated at 2010-12-09 and at 2011-12-09. Judged
are the accounts that bought in the 12 months to the first rating.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.intake.rollup import roll_up
from kamplay.method.measures import purchases
from kamplay.method.tiers.rating import rate
from kamplay.method.tiers.stability import tier_stability
from kamplay.presets import load_scorecard
from kamplay.presets.scorecard import Scorecard

BINS = [0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001]


def book_of(lines: pd.DataFrame, as_of: pd.Timestamp) -> Book:
    lines = lines[lines["date"] <= as_of].reset_index(drop=True)
    up = roll_up(lines, as_of.date())
    return Book({"transactions": lines}, up.monthly, up.days, up.baskets, up.totals, (), (), as_of.date())


def made(seed: int, accounts: int, months: int, as_of: pd.Timestamp) -> pd.DataFrame:
    """Lines of ``months`` up to as_of and of the year after it."""
    rng = np.random.default_rng(seed)
    span, day = int(months * 30.44) + 365, as_of + pd.Timedelta(days=365)
    shape = rng.choice([1.0, 4.0])
    mean_rate, leave = rng.choice([5.0, 12.0]) / 365, rng.choice([0.02, 0.06])
    rates = rng.gamma(1.5, mean_rate / 1.5, accounts * 3).clip(0.4 / 365)
    size = rng.lognormal(6, 1.2, len(rates)) * (rates / mean_rate) ** 0.3
    spread = rng.uniform(0.3, 0.7, len(rates))
    stops = rng.beta(1.0, 1.0 / leave, len(rates))
    # those who came before the data begin, and those who come later
    first = np.where(
        np.arange(len(rates)) < accounts,
        -rng.exponential(1.0, len(rates)) / rates,
        rng.uniform(0, span * 4.0, len(rates)),
    )
    shock = rng.normal(0, 0.15, span // 365 + 3)
    rows = []
    for number in np.flatnonzero(first < span):
        at = first[number]
        while at < span:
            if at >= 0:
                amount = (
                    size[number] * rng.lognormal(0, spread[number]) * np.exp(shock[int(span - at) // 365])
                )
                rows.append((f"A{number:05d}", int(at), amount))
                if rng.random() < stops[number]:
                    break
            at += max(1.0, rng.gamma(shape, 1 / (shape * rates[number])))
    frame = pd.DataFrame(rows, columns=["account_id", "at", "amount"])
    date = (day - pd.to_timedelta(span - 1 - frame["at"], unit="D")).astype("datetime64[us]")
    return frame.assign(date=date, account_id=frame["account_id"].astype("str")).drop(columns="at")


def judged(lines: pd.DataFrame, as_of: pd.Timestamp, later: pd.Timestamp, card: Scorecard) -> pd.DataFrame:
    """Of each account that bought: said (chance to stay), kept, tier, revenue."""
    book = book_of(lines, as_of)
    rating, after = rate(book, card), rate(book_of(lines, later), card)
    start = time.perf_counter()
    said = tier_stability(rating).probability
    seconds = time.perf_counter() - start
    now, then = rating.tiers(), after.tiers().reindex(rating.points.index)
    out = pd.DataFrame({"said": said, "kept": now == then, "tier": now, "revenue": purchases.revenue(book)})
    out.attrs["seconds"] = seconds
    return out[out["revenue"] > 0]


def show(name: str, rows: pd.DataFrame) -> None:
    print(f"{name}: {len(rows):,} accounts, said {rows['said'].mean():.3f}, kept {rows['kept'].mean():.3f}")
    by = rows.groupby(pd.cut(rows["said"], BINS, right=False), observed=True)
    for span, part in by:
        flag = (
            ""
            if len(part) < 50 or abs(part["said"].mean() - part["kept"].mean()) <= 0.1
            else "  off by > .10"
        )
        print(
            f"  said {span.left:.2f}–{min(span.right, 1):.2f}: {len(part):5d} accounts, "
            f"said {part['said'].mean():.3f}, kept {part['kept'].mean():.3f}{flag}"
        )
    for tier, part in rows.groupby("tier"):
        print(
            f"  tier {tier}: {len(part):5d}, said {part['said'].mean():.3f}, kept {part['kept'].mean():.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--accounts", type=int, default=400, help="of a made client at the start")
    parser.add_argument("--retail", type=Path)
    parser.add_argument("--scorecard", default="four_dimensions")
    options = parser.parse_args()
    card = load_scorecard(options.scorecard, Path())
    as_of = pd.Timestamp("2024-12-31")
    parts = {
        months: [
            judged(made(seed, options.accounts, months, as_of), as_of, as_of + pd.Timedelta(days=365), card)
            for seed in range(options.clients)
            if seed % 2 == (months == 24)
        ]
        for months in (12, 24)
    }
    for months, found in parts.items():
        if found:
            show(f"made clients, {months} months", pd.concat(found))
    if options.clients:
        show("made clients, all", pd.concat([frame for found in parts.values() for frame in found]))
    if options.retail:
        raw = pd.read_parquet(options.retail)
        raw = raw[raw["Customer ID"].notna()]
        lines = pd.DataFrame(
            {
                "account_id": raw["Customer ID"].astype("int64").astype("str"),
                "date": raw["InvoiceDate"].dt.normalize().astype("datetime64[us]"),
                "amount": raw["Quantity"] * raw["Price"],
                "order_id": raw["Invoice"].astype("str"),
            }
        )
        first, second = pd.Timestamp("2010-12-09"), pd.Timestamp("2011-12-09")
        rows = judged(lines, first, second, card)
        show("Online Retail II, 2010-12 to 2011-12", rows)
        print(f"  certainty took {rows.attrs['seconds']:.1f} s")


if __name__ == "__main__":
    main()
