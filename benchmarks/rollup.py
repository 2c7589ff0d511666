"""The roll-up of 10 million made lines: kamplay against hand-written DuckDB SQL and against pandas, in time
and peak memory.

Lines come as orders of four over three years, for 5,000 and for 200,000 accounts, as parquet and as csv. All
three make the same four results: account × month, account × day, account × month × category, and the totals.
Each job is a process of its own; what it reads is read in its time. kamplay and DuckDB get a memory cap
(``--cap``) and spill beyond it. The csv is read by DuckDB for the first two and by pandas' own fastest reader
for the third: kamplay's reading of a client's csv cell by cell, which cleans and checks it, is not part of
this comparison.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

AS_OF = date(2025, 12, 31)
JOBS = ("kamplay", "duckdb", "pandas")


def make(lines: int, accounts: int, path: Path) -> None:
    """Made lines: the accounts' sizes are skewed, 2 % are returns, 40 categories."""
    import duckdb

    def u(seed: int, key: str = "i") -> str:
        return f"(hash({key} + {seed}::bigint * 100000000000) % 1000003 / 1000003.0)"

    with duckdb.connect() as db:
        db.execute(f"""copy (
            select 'A' || lpad(cast(cast(floor({accounts} * pow({u(1, "o")}, 2)) as int) as varchar), 6, '0')
                       as account_id,
                   date '2023-01-01' + cast(floor({u(2, "o")} * 1095) as int) as date,
                   round(10 * exp(3 * {u(3)}), 2) * (case when {u(4)} < 0.02 then -1 else 1 end) as amount,
                   round(8 * exp(3 * {u(3)}), 2) as cost, 'O' || lpad(cast(o as varchar), 8, '0') as order_id,
                   'C' || cast(floor({u(5)} * 40) as int) as category
            from (select i, i // 4 as o from range({lines}) t(i)))
            to '{path}' (format {path.suffix[1:]})""").fetchall()


def kamplay(path: Path) -> int:
    from kamplay.intake.rollup import collect, local

    with local() as here:
        table = here.read_parquet(path) if path.suffix == ".parquet" else here.read_csv(path)
        if path.suffix == ".csv":  # parsed once, not once for each result
            table = here.create_table("lines", table, temp=True)
        up = collect(table, AS_OF, here)
    return len(up.monthly) + len(up.days) + len(up.baskets)


def by_hand(path: Path) -> int:
    import os

    import duckdb

    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as db:
        db.execute(
            f"set memory_limit = '{os.environ['KAMPLAY_MEMORY']}'; set temp_directory = '{scratch}'"
        ).fetchall()
        if path.suffix == ".csv":
            db.execute(f"create temp table lines as from '{path}'").fetchall()
        source = "lines" if path.suffix == ".csv" else f"'{path}'"
        # as_of is a year's end here, so buckets are calendar months
        db.execute(
            "create temp view l as select *, (2025 - year(date)) * 12 + 12 - month(date) as bucket "
            f"from {source}"
        ).fetchall()
        db.execute("""select count(*), sum(amount), min(date), max(date),
            count(*) filter (account_id is null), sum(amount) filter (account_id is null),
            count(*) filter (date > date '2025-12-31') from l""").fetchall()
        orders = "count(distinct order_id) filter (amount > 0)"
        monthly = db.execute(f"""select account_id, bucket, sum(amount), sum(amount - cost), {orders},
            count(distinct date) filter (amount > 0), count(distinct category) filter (amount > 0),
            min(date), max(date)
            from l group by account_id, bucket order by account_id, bucket desc""").df()
        days = db.execute(f"""select account_id, date, sum(amount), {orders}, bool_or(amount > 0)
            from l group by account_id, date order by account_id, date""").df()
        baskets = db.execute(f"""select account_id, bucket, category, sum(amount), {orders}
            from l group by account_id, bucket, category order by account_id, bucket desc, category""").df()
        return len(monthly) + len(days) + len(baskets)


def in_pandas(path: Path) -> int:
    import pandas as pd

    lines = (
        pd.read_parquet(path)
        if path.suffix == ".parquet"
        else pd.read_csv(path, engine="pyarrow", parse_dates=["date"])
    )
    lines["date"] = pd.to_datetime(lines["date"])
    lines["bucket"] = (2025 - lines["date"].dt.year) * 12 + 12 - lines["date"].dt.month
    lines["margin"] = lines["amount"] - lines["cost"]
    bought = lines[lines["amount"] > 0]
    made = 0
    for keys in (["account_id", "bucket"], ["account_id", "date"], ["account_id", "bucket", "category"]):
        by, positive = lines.groupby(keys), bought.groupby(keys)
        table = by.agg(
            amount=("amount", "sum"), margin=("margin", "sum"), first=("date", "min"), last=("date", "max")
        )
        table["orders"] = positive["order_id"].nunique()
        if len(keys) == 2 and "bucket" in keys:
            table["active_days"], table["categories"] = (
                positive["date"].nunique(),
                positive["category"].nunique(),
            )
        made += len(table.reset_index())
    return made


def one(job: str, path: Path) -> None:
    """Run one job here and print its seconds, its peak memory in MB, and how many rows it made."""
    start = time.perf_counter()
    rows = {"kamplay": kamplay, "duckdb": by_hand, "pandas": in_pandas}[job](path)
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--cap", default="700MB")
    parser.add_argument(
        "--hand-cap",
        default="2GB",
        help="the cap of the hand-written SQL, which runs out of memory under ours",
    )
    parser.add_argument("--accounts", type=int, nargs="+", default=[5_000, 200_000])
    parser.add_argument("--kinds", nargs="+", default=["parquet", "csv"])
    parser.add_argument("--one", nargs=2, metavar=("JOB", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(options.one[0], Path(options.one[1]))
    import os

    with tempfile.TemporaryDirectory(prefix="kamplay-bench-") as folder:
        for accounts in options.accounts:
            for kind in options.kinds:
                path = Path(folder) / f"lines.{kind}"
                make(options.lines, accounts, path)
                found: dict[str, list[list[float]]] = {job: [] for job in JOBS}
                for _ in range(options.rounds):
                    for job in JOBS:
                        command = [sys.executable, __file__, "--one", job, str(path)]
                        memory = {"KAMPLAY_MEMORY": options.hand_cap if job == "duckdb" else options.cap}
                        done = subprocess.run(
                            command, env={**os.environ, **memory}, check=True, capture_output=True, text=True
                        )
                        found[job].append([float(word) for word in done.stdout.split()])
                path.unlink()
                if len({runs[0][2] for runs in found.values()}) != 1:
                    raise SystemExit(
                        f"the three make different rows: { {job: runs[0][2] for job, runs in found.items()} }"
                    )
                median = {
                    job: [statistics.median(column) for column in zip(*runs, strict=True)]
                    for job, runs in found.items()
                }
                print(
                    f"{options.lines:,} lines, {accounts:,} accounts, {kind}, "
                    f"cap {options.cap}, median of {options.rounds}:"
                )
                print(
                    "  " + ", ".join(f"{job} {m[0]:.1f} s {m[1]:,.0f} MB" for job, m in median.items()),
                    flush=True,
                )
                mine, hand, pandas = (median[job][0] for job in JOBS)
                print(
                    f"  kamplay takes {mine / hand:.2f} of hand-written DuckDB, "
                    f"pandas {pandas / mine:.1f} of kamplay",
                    flush=True,
                )


if __name__ == "__main__":
    main()
