"""A whole run of a client with 100,000 accounts and a million lines: does it end, and can it be read?

    .venv/bin/python benchmarks/many_accounts.py
    .venv/bin/python benchmarks/many_accounts.py --sold-to consumers
    .venv/bin/python benchmarks/many_accounts.py --make FOLDER

A made wholesaler: rates and sizes of purchase are skewed, so that a few thousand accounts bring most of the
sales, one in a thousand (chains) much more, and most accounts order a few times in three years. Planted: one
account in eight has left at some day, one in fifty of those that order often falls to a quarter of its rate
in the last half-year, one in twenty-five pays two months late, one in 300 does not pay, and 60 groups of
companies have three to eight members each. The team can make 400 visits a month; it has 40 owners. Sold to
consumers nobody is visited.

``--make`` writes the engagement and ends. Otherwise the run is timed, with the memory of its largest process,
and of what came out is printed: the size of each page, its longest table and longest list, the sheets of the
workbook with their rows, the findings and the most accounts that one of them names, and the calendar's
entries by kind.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

FIRST, AS_OF = np.datetime64("2023-01-01"), np.datetime64("2025-12-31")
DAYS = int((AS_OF - FIRST).astype(int)) + 1
REGIONS = ("North", "East", "South", "West", "Centre", "Coast", "Islands", "Abroad")
INDUSTRIES = ("Clinic", "Hospital", "Laboratory", "Pharmacy", "Dealer", "School")
PEOPLE, GROUPS = 40, 60


def make(folder: Path, accounts: int, lines: int, sold_to: str = "companies", seed: int = 7) -> None:
    """Write the engagement: sales lines, customers and invoices as csv."""
    draw = np.random.default_rng(seed)
    ids = np.array([f"K{n:06d}" for n in range(accounts)])
    rate = draw.lognormal(0, 1.3, accounts)
    size = draw.lognormal(0, 1.1, accounts) * np.sqrt(rate)
    chains = draw.random(accounts) < 1 / 1000
    rate, size = np.where(chains, 20 * rate, rate), np.where(chains, 8 * size, size)
    old = draw.random(accounts) < 0.6  # customers before the records begin: seen again within some months
    since = np.where(old, draw.integers(0, 270, accounts), draw.integers(0, DAYS - 30, accounts))
    left = np.where(draw.random(accounts) < 1 / 8, draw.integers(30, DAYS, accounts), DAYS)
    often = rate > np.quantile(rate, 0.9)
    falling = often & (draw.random(accounts) < 1 / 50)
    orders = _orders(draw, rate, since, np.maximum(left, since + 1), falling, lines / 2.5)
    sold = _lines(draw, orders, size)
    (folder / "data").mkdir(parents=True)
    sold.assign(account_id=ids[sold["account_id"]]).to_csv(folder / "data" / "transactions.csv", index=False)
    customers = _customers(draw, ids, since)
    customers.to_csv(folder / "data" / "accounts.csv", index=False)
    invoices = _invoices(draw, sold, accounts)
    invoices.assign(account_id=ids[invoices["account_id"]]).to_csv(
        folder / "data" / "receivables.csv", index=False
    )
    visits = "capacity:\n  visits_per_month: 400\n" if sold_to == "companies" else ""
    (folder / "engagement.yaml").write_text(
        "client: Many accounts\nlanguage: en\ncurrency: EUR\nas_of: 2025-12-31\n"
        f"accounts_are: {sold_to}\n{visits}",
        encoding="utf-8",
    )


def _orders(
    draw: np.random.Generator,
    rate: np.ndarray,
    since: np.ndarray,
    left: np.ndarray,
    falling: np.ndarray,
    wanted: float,
) -> pd.DataFrame:
    """The account and the day (from 0) of each order; everybody orders on its first day."""
    span = left - since
    per_day = rate * (wanted - len(rate)) / (rate * span).sum()
    count = draw.poisson(per_day * span)
    who = np.repeat(np.arange(len(rate)), count)
    day = since[who] + np.floor(draw.random(len(who)) * span[who]).astype(int)
    kept = ~(falling[who] & (day > DAYS - 180) & (draw.random(len(who)) < 3 / 4))
    who, day = np.r_[np.arange(len(rate)), who[kept]], np.r_[since, day[kept]]
    by_day = np.lexsort((who, day))
    return pd.DataFrame({"account": who[by_day], "day": day[by_day]})


def _lines(draw: np.random.Generator, orders: pd.DataFrame, size: np.ndarray) -> pd.DataFrame:
    """One to four lines an order, 2 % of them returns; the category goes with the product."""
    of = np.repeat(np.arange(len(orders)), draw.integers(1, 5, len(orders)))
    who = orders["account"].to_numpy()[of]
    product = np.floor(800 * draw.random(len(of)) ** 2).astype(int)
    quantity = draw.integers(1, 13, len(of))
    price = (2 + 40 * ((product * 37) % 101 / 101) ** 2) * size[who] ** 0.5
    amount = np.round(quantity * price * draw.lognormal(0, 0.4, len(of)), 2)
    cost = np.round(amount * draw.normal(0.72, 0.06, len(of)), 2)
    sign = np.where(draw.random(len(of)) < 0.02, -1, 1)
    return pd.DataFrame(
        {
            "date": (FIRST + orders["day"].to_numpy()[of]).astype("datetime64[D]").astype(str),
            "order_id": np.char.add("O", np.char.zfill(of.astype(str), 7)),
            "account_id": who,
            "product": np.char.add("P", np.char.zfill(product.astype(str), 3)),
            "category": np.char.add("Range ", np.char.zfill((product % 25).astype(str), 2)),
            "quantity": quantity * sign,
            "amount": amount * sign,
            "cost": cost * sign,
        }
    )


def _customers(draw: np.random.Generator, ids: np.ndarray, since: np.ndarray) -> pd.DataFrame:
    """Who they are; of a group, the first member is the head of the others."""
    region = draw.integers(0, len(REGIONS), len(ids))
    owner = region * (PEOPLE // len(REGIONS)) + draw.integers(0, PEOPLE // len(REGIONS), len(ids))
    parent = np.full(len(ids), "", dtype=object)
    members = draw.permutation(len(ids))
    for _ in range(GROUPS):
        own, members = np.split(members, [draw.integers(3, 9)])
        parent[own[1:]] = ids[own[0]]
    return pd.DataFrame(
        {
            "account_id": ids,
            "account_name": [f"Customer {n[1:]}" for n in ids],
            "parent_id": parent,
            "region": np.array(REGIONS)[region],
            "industry": np.array(INDUSTRIES)[draw.integers(0, len(INDUSTRIES), len(ids))],
            "owner": np.char.add("Person ", np.char.zfill(owner.astype(str), 2)),
            "since": (FIRST + since).astype("datetime64[D]").astype(str),
        }
    )


def _invoices(draw: np.random.Generator, sold: pd.DataFrame, accounts: int) -> pd.DataFrame:
    """An invoice an order of the last 18 months, due after 30 days."""
    order = sold[sold["amount"] > 0].groupby("order_id", sort=False)
    bills = order.agg(account_id=("account_id", "first"), date=("date", "first"), amount=("amount", "sum"))
    bills = bills[bills["date"] >= "2024-07-01"].round(2).reset_index()
    habit = draw.random(accounts)[bills["account_id"]]
    issued = bills["date"].to_numpy().astype("datetime64[D]")
    days = np.maximum(draw.normal(27, 6, len(bills)), 1) + np.where(habit < 1 / 25, 60, 0)
    paid = issued + days.astype(int)
    paid = np.where((paid > AS_OF) | (habit > 1 - 1 / 300), np.datetime64("NaT"), paid)
    return pd.DataFrame(
        {
            "invoice_id": bills["order_id"].str.replace("O", "R"),
            "account_id": bills["account_id"],
            "invoice_date": issued.astype(str),
            "due_date": (issued + 30).astype(str),
            "paid_date": pd.Series(paid.astype(str)).replace("NaT", ""),
            "amount": bills["amount"],
        }
    )


def run(folder: Path, out: Path, languages: str) -> Path:
    """Run it from the command line; prints seconds and memory, and returns the folder of the results."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [Path(sys.executable).parent / "kamplay", "run", folder, "--language", languages, "--out", out]
    done = subprocess.run(
        [*command, "--set", "edition=internal"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.perf_counter() - wall
    print(f"run: {wall:.0f} s, {cpu:.0f} s of CPU, {after.ru_maxrss / 1024:,.0f} MB in the largest process")
    return next(out.rglob("manifest.json")).parent


def tell(place: Path) -> None:
    """Print what came out, as the module's docstring says."""
    import openpyxl

    for page in sorted(place.glob("*.html")):
        text = page.read_text(encoding="utf-8")
        rows = [len(re.findall("<tr", table)) for table in re.findall("<table.*?</table>", text, re.S)]
        items = [len(re.findall("<li", part)) for part in re.findall("<[uo]l.*?</[uo]l>", text, re.S)]
        print(
            f"{page.name}: {page.stat().st_size / 1e6:.1f} MB, {len(rows)} tables of at most "
            f"{max(rows, default=0)} rows, lists of at most {max(items, default=0)} items"
        )
    book = place / "results.xlsx"
    sheets = openpyxl.load_workbook(book, read_only=True)
    print(f"{book.name}: {book.stat().st_size / 1e6:.1f} MB; rows by sheet:")
    print("  " + ", ".join(f"{sheet.title} {sheet.max_row:,}" for sheet in sheets.worksheets))
    findings = json.loads((place / "results" / "findings.json").read_text(encoding="utf-8"))
    by = pd.Series([one["severity"] for one in findings]).value_counts().to_dict()
    most = max(findings, key=lambda one: len(one["accounts"]))
    print(f"findings: {by}; most accounts named by one: {len(most['accounts'])} ({most['kind']})")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--sold-to", choices=["companies", "consumers"], default="companies")
    parser.add_argument("--language", default="zh,en")
    parser.add_argument("--make", type=Path, metavar="FOLDER", help="write the engagement and end")
    parser.add_argument("--tell", type=Path, metavar="RESULTS", help="only tell what a run made")
    options = parser.parse_args()
    if options.tell:
        tell(options.tell)
    elif options.make:
        make(options.make, options.accounts, options.lines, options.sold_to)
    else:
        with tempfile.TemporaryDirectory(prefix="kamplay-many-") as scratch:
            make(Path(scratch) / "client", options.accounts, options.lines, options.sold_to)
            tell(run(Path(scratch) / "client", Path(scratch) / "out", options.language))


if __name__ == "__main__":
    main()
