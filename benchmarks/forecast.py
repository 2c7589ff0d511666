"""Whether the outlook of the next 12 months comes true: simulated clients whose truth is known, and firms
whose last 12 months are held out.

    .venv/bin/python benchmarks/forecast.py                                     # simulated clients
    .venv/bin/python benchmarks/forecast.py --seeds 0 --firms sales_123_firms.parquet

Simulated: 200 accounts with a rate, an amount and a spread of their own, after 18 and 36 months:

- ``poisson``: nothing changes, purchases come by chance.
- ``cohort``: all came in the first quarter and leave as BG/NBD says.
- ``shock``: as poisson, but each year has an effect of its own on all accounts, SD 0.15 on the log scale.
- ``decline``: as poisson, but all rates fall by 14 % a year.

Firms: VAT sales invoices of 123 Chinese firms (the columns are those of ``churn.py``), those of which at
least 50 accounts had bought again by then.

What is judged is the outlook without deals: what the accounts that had bought more than once by the cut-off
bring in the 12 months after it, all of them, whether or not the outlook held them.

A row says in how many clients that fell inside the 80 % range, with the 95 % interval of that share, how
wide the range is (median of high / low), the mean error of the outlook, as |ln(said / came)|, and by how much
it is above that of "last year again", with the standard error over the clients.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.intake.rollup import roll_up
from kamplay.method.measures import purchases
from kamplay.method.stats.intervals import wilson
from kamplay.method.value.clv import counted, customer_value, revenue_backtest
from kamplay.method.value.forecast import forecast

CUT = pd.Timestamp("2024-12-31")
MONTH = 365.25 / 12
ACCOUNTS = 200
TOLD = 50  # accounts that bought again by the cut-off: the least for a firm to be judged
# BG/NBD of the cohort, in weeks: most come back a few times
R, ALPHA, A, B = 0.8, 8.0, 0.8, 4.0
COLUMNS = ["world", "months", "client", "said", "low", "high", "came", "last", "told", "basis"]


def book_of(lines: pd.DataFrame, as_of: pd.Timestamp) -> Book:
    up = roll_up(lines, as_of.date())
    return Book({"transactions": lines}, up.monthly, up.days, up.baskets, up.totals, (), (), as_of.date())


def judge(lines: pd.DataFrame, cut: pd.Timestamp, world: str, months: int, client: str) -> dict[str, object]:
    """What was said at the cut-off from the lines up to it, and what came in the 12 months after it."""
    past = lines[lines["date"] <= cut].reset_index(drop=True)
    book = book_of(past, cut)
    customers = customer_value(book, revenue_backtest(book))
    said = forecast(book, customers, None)
    later = lines[(lines["date"] > cut) & (lines["date"] <= cut + pd.DateOffset(months=12))]
    days = past[past["amount"] > 0].groupby("account_id")["date"].nunique()
    again = days.index[days > 1]
    known = later["account_id"].isin(again)
    return {
        "world": world,
        "months": months,
        "client": client,
        "said": said.total if said.expected is not None else np.nan,
        "low": said.low,
        "high": said.high,
        "came": float(later.loc[known, "amount"].sum()),
        "last": float(purchases.revenue(book).reindex(again).sum()),
        "told": len(counted(customers.accounts)),
        "basis": getattr(customers, "basis", ""),
    }


def simulate(world: str, months: int, seed: int) -> pd.DataFrame:
    """Lines of a made client: ``months`` of history to CUT and 12 months after it."""
    rng = np.random.default_rng([seed, months, ["poisson", "cohort", "shock", "decline"].index(world)])
    days = months * MONTH
    level = rng.lognormal(6.0, 1.0, ACCOUNTS)
    if world == "cohort":
        who, when = _cohort(days, rng)
    else:
        who, when = _steady(world, days, rng)
    inside = (when >= -days) & (when < 365)
    who, when = who[inside], when[inside]
    amount = level[who] * rng.gamma(4.0, 0.25, len(who))
    date = (CUT + pd.to_timedelta(np.ceil(when), unit="D")).astype("datetime64[us]")
    ids = pd.Series(np.char.add("A", np.char.zfill(who.astype(str), 4)), dtype="str")
    return pd.DataFrame({"account_id": ids, "date": date, "amount": amount})


def _steady(world: str, days: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Account and day (0 the cut-off) of purchases at a rate a month, thinned to what the world has."""
    rate = rng.gamma(1.0, 1.0, ACCOUNTS) + 0.1
    begin, peak = -days, 2.0  # purchases are drawn at ``peak`` times the rate and thinned
    counts = rng.poisson(peak * rate * (365 - begin) / MONTH)
    who = np.repeat(np.arange(ACCOUNTS), counts)
    when = begin + rng.random(len(who)) * (365 - begin)
    factor = np.ones(len(who))
    if world == "shock":
        years = np.floor(when / 365).astype(int)
        effect = np.exp(0.15 * rng.standard_normal(10))
        factor = effect[years + 9]
    if world == "decline":
        factor = 0.86 ** (when / 365)
    keep = rng.random(len(who)) < factor / peak
    return who[keep], when[keep]


def _cohort(days: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The same for accounts that came in the first quarter, buy at random and may leave at each purchase."""
    rate, leave = rng.gamma(R, 1 / ALPHA, ACCOUNTS) / 7, rng.beta(A, B, ACCOUNTS)
    who, when = [], []
    for i in range(ACCOUNTS):
        t = -days + 90 * rng.random()
        while t < 365:
            who.append(i)
            when.append(t)
            if rng.random() < leave[i] and t > -days + 90:
                break
            t += rng.exponential(1 / max(rate[i], 1e-9))
    return np.array(who), np.array(when)


def firms(path: Path) -> Iterator[dict[str, object]]:
    raw = pd.read_parquet(path)
    raw = raw[raw["发票状态"].str.strip() == "有效发票"]
    lines = pd.DataFrame(
        {
            "firm": raw["企业代号"],
            "account_id": raw["购方单位代号"].astype("str"),
            "date": raw["开票日期"].dt.normalize().astype("datetime64[us]"),
            "amount": raw["金额"],
            "order_id": raw["发票号码"],
        }
    )
    for firm, own in lines.groupby("firm"):
        # the last month may be half there
        cut = own["date"].max() + pd.Timedelta(days=1) - pd.DateOffset(months=12) - pd.Timedelta(days=1)
        months = int((cut - own["date"].min()).days / MONTH)
        days = own[(own["date"] <= cut) & (own["amount"] > 0)].groupby("account_id")["date"].nunique()
        if months >= 12 and (days > 1).sum() >= TOLD:
            yield judge(own.drop(columns="firm").reset_index(drop=True), cut, "firms", months, str(firm))


def show(rows: pd.DataFrame, by: Callable[[pd.DataFrame], pd.Series], title: str) -> None:
    heads = f"{'inside 80 %':>20}{'high/low':>10}{'error':>8}{'less last year':>18}{'bias':>8}"
    print(f"\n{title:24}{'n':>5}{heads}  basis")
    for name, part in rows.groupby(by(rows), sort=False):
        known = part[part["said"].notna() & (part["came"] > 0) & (part["said"] > 0) & (part["last"] > 0)]
        inside = known["came"].between(known["low"], known["high"])
        low, high = wilson(inside.sum(), len(known))
        share = f"{inside.mean():.0%} ({low:.0%}–{high:.0%})"
        miss = np.log((known["said"] / known["came"]).astype(float))
        above = miss.abs() - np.log((known["last"] / known["came"]).astype(float)).abs()
        against = f"{above.mean():+.3f} ± {above.sem():.3f}"
        width = (known["high"] / known["low"].clip(lower=1e-9)).median()
        basis = known["basis"].value_counts().to_dict()
        print(
            f"{name!s:24}{len(known):5d}{share:>20}{width:10.2f}{miss.abs().mean():8.3f}{against:>18}"
            f"{miss.mean():+8.3f}  {basis if set(basis) != {''} else ''}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20, help="of each simulated client; 0: none")
    parser.add_argument("--firms", type=Path)
    parser.add_argument("--out", type=Path, help="a CSV of every client")
    options = parser.parse_args()
    rows = [
        judge(simulate(world, months, seed), CUT, world, months, str(seed))
        for world in ("poisson", "cohort", "shock", "decline")
        for months in (18, 36)
        for seed in range(options.seeds)
    ]
    made = pd.DataFrame(rows, columns=COLUMNS)
    if len(made):
        show(made, lambda t: t["world"] + ", " + t["months"].astype(str) + " months", "simulated")
    real = pd.DataFrame(firms(options.firms) if options.firms else [], columns=COLUMNS)
    if len(real):
        show(real, lambda t: t["world"], "firms")
        show(real, lambda t: np.where(t["months"] < 24, "below 24 months", "24 months and more"), "firms")
    if options.out:
        pd.concat([made, real]).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
