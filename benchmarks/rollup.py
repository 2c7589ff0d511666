"""From a file of made lines to the checked tables that a run works on: kamplay beside hand-written DuckDB SQL
and Polars, in seconds and peak memory, and how they grow with the lines.

    .venv/bin/python benchmarks/rollup.py
    .venv/bin/python benchmarks/rollup.py --lines 1000000 10000000 100000000 --accounts 200000

Lines come as orders of four over three years. Each job reads the file, counts lines without a date, an amount
or an account, amounts beyond all sums and lines that repeat, and writes account × month, account × day and
account × month × category in order as parquet. kamplay does so by its own way through an engagement, which
makes more checks, up to five million lines cell by cell, under its own cap for DuckDB unless ``--cap`` sets
one; the SQL has ``--hand-cap``. Both spill beyond it. A job of more than ``--most`` GB of address space, or
of more than ``--minutes``, fails, which is told. Each is a process of its own; CPU seconds are those of the
process, seconds on the clock depend on what else the machine does. The exponent says that n times the lines
cost n to its power. All must come to the same rows and sums.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

AS_OF = "2025-12-31"
JOBS = ("kamplay", "duckdb", "polars")
TABLES = ("monthly", "days", "baskets")
_WRONG = re.compile(r"\w(Error|Exception)\b|allocation of|out of memory", re.IGNORECASE)


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


def kamplay(folder: Path, path: Path, out: Path) -> None:
    from kamplay import book
    from kamplay.engagement import load
    from kamplay.intake.prepare import survey, to_book

    (folder / "engagement.yaml").write_text(
        f"client: Scale\nlanguage: en\nas_of: {AS_OF}\n", encoding="utf-8"
    )
    engagement = load(folder)
    book.save(to_book(engagement, survey(engagement)), out)


def by_hand(folder: Path, path: Path, out: Path) -> None:
    import duckdb

    config = {"memory_limit": os.environ["KAMPLAY_MEMORY"], "preserve_insertion_order": "false"}
    with duckdb.connect(folder / "hand.duckdb", config=config) as db:
        source = f"'{path}'"
        if path.suffix == ".csv":
            db.execute(f"create table lines as from {source}").fetchall()
            source = "lines"
        # as_of is a year's end here, so buckets are calendar months
        db.execute(
            "create temp view l as select *, (2025 - year(date)) * 12 + 12 - month(date) as bucket, "
            "cast(amount as decimal(38, 6)) as money, cast(cost as decimal(38, 6)) as spent "
            f"from {source}"
        ).fetchall()
        db.execute("""select count(*), sum(money), min(date), max(date), count(date), count(amount),
            count(account_id), sum(money) filter (account_id is null),
            count(*) filter (date > date '2025-12-31'), count(*) filter (abs(amount) > 1e15),
            count(*) - count(distinct hash(account_id, date, amount, cost, order_id, category))
            from l""").fetchall()
        orders = "count(distinct order_id) filter (amount > 0) as orders"
        queries = {
            "monthly": f"""select account_id, bucket, cast(sum(money) as double) as amount,
                cast(sum(money - spent) as double) as margin, {orders},
                count(distinct date) filter (amount > 0) as active_days,
                count(distinct category) filter (amount > 0) as categories,
                min(date) as first, max(date) as last
                from l group by account_id, bucket order by account_id, bucket desc""",
            "days": f"""select account_id, date, cast(sum(money) as double) as amount, {orders},
                bool_or(amount > 0) as bought from l group by account_id, date order by account_id, date""",
            "baskets": f"""select account_id, bucket, category, cast(sum(money) as double) as amount, {orders}
                from l group by account_id, bucket, category order by account_id, bucket desc, category""",
        }
        for name, query in queries.items():
            db.execute(f"copy ({query}) to '{out / name}.parquet' (format parquet)").fetchall()


def in_polars(folder: Path, path: Path, out: Path) -> None:
    import polars as pl

    lines = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path, try_parse_dates=True)
    columns = lines.collect_schema().names()
    day, amount, bought = pl.col("date"), pl.col("amount"), pl.col("amount") > 0
    lines.select(
        rows=pl.len(),
        total=amount.sum(),
        first=day.min(),
        last=day.max(),
        **{f"empty_{c}": pl.col(c).null_count() for c in ("date", "amount", "account_id")},
        unassigned=amount.filter(pl.col("account_id").is_null()).sum(),
        later=(day > pl.date(2025, 12, 31)).sum(),
        large=(amount.abs() > 1e15).sum(),
    ).collect(engine="streaming")
    lines.select(pl.struct(columns).hash().alias("line")).unique().select(pl.len()).collect(
        engine="streaming"
    )
    lines = lines.with_columns(bucket=(2025 - day.dt.year()) * 12 + 12 - day.dt.month().cast(pl.Int32))
    sums = [amount.sum(), pl.col("order_id").filter(bought).n_unique().alias("orders")]
    more = [
        (amount - pl.col("cost")).sum().alias("margin"),
        day.filter(bought).n_unique().alias("active_days"),
        pl.col("category").filter(bought).n_unique().alias("categories"),
        day.min().alias("first"),
        day.max().alias("last"),
    ]
    tables = {
        "monthly": (["account_id", "bucket"], [*sums, *more]),
        "days": (["account_id", "date"], [*sums, bought.any().alias("bought")]),
        "baskets": (["account_id", "bucket", "category"], sums),
    }
    for name, (keys, wanted) in tables.items():
        down = [key == "bucket" for key in keys]
        found = lines.group_by(keys).agg(wanted).sort(keys, descending=down)
        found.sink_parquet(out / f"{name}.parquet", engine="streaming")


def one(job: str, folder: Path, most: float) -> None:
    """Run one job here; print its seconds, its peak memory in MB, and what it came to."""
    import pyarrow.compute as pc
    import pyarrow.parquet as parquet

    path = next((folder / "data").iterdir())
    out = folder / job
    if job != "kamplay":  # which makes the folder itself
        out.mkdir()
    limit = int(most * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    wall = time.perf_counter()
    {"kamplay": kamplay, "duckdb": by_hand, "polars": in_polars}[job](folder, path, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    found: dict[str, Any] = {"clock": time.perf_counter() - wall, "cpu": used.ru_utime + used.ru_stime}
    found["mb"] = used.ru_maxrss / 1024
    for name in TABLES:
        file = parquet.ParquetFile(out / f"{name}.parquet")
        parts = [(b["amount"], b["orders"]) for b in file.iter_batches(columns=["amount", "orders"])]
        amount = math.fsum(pc.sum(a).as_py() for a, _ in parts)
        found[name] = [file.metadata.num_rows, round(amount, 2), sum(pc.sum(o).as_py() for _, o in parts)]
    print(json.dumps(found))


def measured(job: str, folder: Path, options: argparse.Namespace) -> dict[str, Any] | str:
    """The medians of a job's rounds; what it said, where it failed."""
    runs = []
    for _ in range(options.rounds):
        cap = options.hand_cap if job == "duckdb" else options.cap
        memory = {"KAMPLAY_MEMORY": cap} if cap else {}
        command = [sys.executable, __file__, "--one", job, str(folder), "--most", str(options.most)]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **memory},
                capture_output=True,
                text=True,
                timeout=60 * options.minutes,
            )
        except subprocess.TimeoutExpired:
            return f"not done after {options.minutes:g} minutes"
        finally:
            shutil.rmtree(folder / job, ignore_errors=True)
            (folder / "hand.duckdb").unlink(missing_ok=True)
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
            return next((one for one in said if _WRONG.search(one)), said[-1]).strip()[:200]
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return {**runs[0], **{k: statistics.median(r[k] for r in runs) for k in ("clock", "cpu", "mb")}}


def tell(costs: dict[int, dict[str, dict[str, Any] | str]], jobs: list[str]) -> None:
    """A row for each job: seconds and memory of each size, and the exponents."""
    sizes = sorted(costs)
    print("| | " + " | ".join(f"{n:,} lines" for n in sizes) + " | exponent of CPU, of memory |")
    print("| --- " * (len(sizes) + 2) + "|")
    for job in jobs:
        cells, whole = [], [n for n in sizes if isinstance(costs[n][job], dict)]
        for n in sizes:
            c = costs[n][job]
            cells.append(
                c if isinstance(c, str) else f"{c['cpu']:,.1f} s CPU, {c['clock']:,.0f} s, {c['mb']:,.0f} MB"
            )
        power = ""
        if len(whole) > 1:
            first, last = whole[0], whole[-1]
            power = ", ".join(
                f"{math.log(costs[last][job][k] / costs[first][job][k]) / math.log(last / first):.2f}"  # type: ignore[index]
                for k in ("cpu", "mb")
            )
        print(f"| {job} | " + " | ".join(cells) + f" | {power} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--accounts", type=int, nargs="+", default=[5_000, 200_000])
    parser.add_argument("--kinds", nargs="+", choices=["parquet", "csv"], default=["parquet"])
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cap", default="")
    parser.add_argument("--hand-cap", default="2GB")
    parser.add_argument("--most", type=float, default=16.0)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--one", nargs=2, metavar=("JOB", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(options.one[0], Path(options.one[1]), options.most)
    jobs = [job for job in options.jobs if job != "polars" or find_spec("polars")]
    if jobs != options.jobs:
        print('Polars is not installed (pip install ".[bench]"), and left out.')
    for accounts in options.accounts:
        for kind in options.kinds:
            costs: dict[int, dict[str, dict[str, Any] | str]] = {}
            for lines in options.lines:
                with tempfile.TemporaryDirectory(prefix="kamplay-bench-") as scratch:
                    folder = Path(scratch)
                    (folder / "data").mkdir()
                    make(lines, accounts, folder / "data" / f"transactions.{kind}")
                    costs[lines] = {job: measured(job, folder, options) for job in jobs}
                came = [c for c in costs[lines].values() if isinstance(c, dict)]
                for name in TABLES if came else ():
                    rows, amounts, orders = zip(*(c[name] for c in came), strict=True)
                    if len({*rows}) > 1 or len({*orders}) > 1 or max(amounts) - min(amounts) > 0.05:
                        raise SystemExit(f"{name} differ: {costs[lines]}")
            print(
                f"{accounts:,} accounts, {kind}, cap {options.cap or 'its own'}, median of {options.rounds}:"
            )
            tell(costs, jobs)


if __name__ == "__main__":
    main()
