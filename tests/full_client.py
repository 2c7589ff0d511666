"""A small client whose files hold every table and every column of the codebook, each cell of a free column
with a value that stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kamplay.codebook import Column, codebook
from kamplay.presets import load_scorecard

ACCOUNTS = 24
AS_OF = pd.Timestamp("2026-06-30")
CRITERION = next(iter(load_scorecard("four_dimensions", Path()).criteria))
AHEAD = {"end", "notice_date"}  # dates of what holds for years
CATEGORIES = "implants", "imaging", "reagents"  # what several accounts buy is no secret of one


def places() -> dict[tuple[str, str], int]:
    """A number for every column of the codebook."""
    names = [(table, column) for table, spec in codebook().items() for column in spec.columns]
    return {name: place for place, name in enumerate(names)}


PLACES = places()


def word(table: str, column: str, account: int) -> str:
    """A text that no other column and no other account has."""
    return f"zq{PLACES[table, column]:03d}y{account:02d}"


def amount(table: str, column: str) -> float:
    """An amount whose three leading digits are of this column alone; accounts buy for far less."""
    return 10_000_000.0 + 110_000.0 * PLACES[table, column] + 0.37


def day(table: str, column: str) -> pd.Timestamp:
    """A day that is of this column alone, before anything was bought; years later where it lies ahead."""
    first = "2031-03-01" if column in AHEAD else "2019-03-01"
    return pd.Timestamp(first) + pd.Timedelta(days=PLACES[table, column])


def account_id(number: int) -> str:
    return f"K{number:02d}"


Fill = Callable[[int], Any]  # the number of an account → the cell
# columns that join tables, that the method needs as they would be, or that take a closed set of texts
FILLED: dict[tuple[str, str], Fill] = {
    ("accounts", "parent_id"): lambda n: None,
    ("accounts", "stage"): lambda n: "producing",
    ("contacts", "reports_to"): lambda n: None,
    ("contacts", "stance"): lambda n: -2,
    ("visits", "contact_id"): lambda n: word("contacts", "contact_id", n),
    ("deliveries", "order_id"): lambda n: f"O{n:02d}-0",
    ("opportunities", "result"): lambda n: "lost" if n % 2 else "open",
    ("opportunities", "closed"): lambda n: AS_OF - pd.Timedelta(days=40) if n % 2 else None,
    ("opportunities", "expected_close"): lambda n: AS_OF + pd.Timedelta(days=50),
    ("wallet", "category"): lambda n: CATEGORIES[n % 3],
    ("financials", "year"): lambda n: 2025,
    ("ratings", "criterion"): lambda n: CRITERION,
    ("ballots", "criterion"): lambda n: CRITERION,
    ("overrides", "tier"): lambda n: "SABC"[n % 4],
    ("overrides", "strategy"): lambda n: None,
    ("overrides", "health"): lambda n: 63,
    ("overrides", "expires"): lambda n: AS_OF + pd.Timedelta(days=200),
}
RECENT = {"date", "opened", "invoice_date", "promised_date", "due_date", "due"}  # of what has just happened
SMALL = {"integer": 3, "number": 4, "share": 0.0137}


def cell(column: Column, number: int) -> Any:
    """What an account has in a column."""
    own = column.table, column.name
    if own in FILLED:
        return FILLED[own](number)
    if column.name == "account_id":
        return account_id(number)
    if column.kind in ("text", "id"):
        return word(*own, number)
    if column.kind == "choice":
        return next(reversed(column.choices))
    if column.kind == "date":
        return AS_OF - pd.Timedelta(days=9) if column.name in RECENT else day(*own)
    if column.kind == "amount":
        return amount(*own)
    if column.kind == "flag":
        return "yes"
    bounded = column.maximum is not None and column.maximum <= 1000
    return SMALL[column.kind] if bounded or column.kind == "share" else amount(*own)


def lines() -> pd.DataFrame:
    """Every account buys each month of three years, some less and less; sums far below ``amount``."""
    rng, counter, rows = np.random.default_rng(17), count(), []
    for number in range(ACCOUNTS):
        for month in range(36):
            size = 900 * 1.22**number * rng.uniform(0.8, 1.2) * (0.4 if number % 3 == 1 and month < 9 else 1)
            rows.append(
                {
                    "date": AS_OF - pd.DateOffset(months=month) - pd.Timedelta(days=int(rng.integers(1, 20))),
                    "account_id": account_id(number),
                    "amount": round(size, 2),
                    "order_id": f"O{number:02d}-{month}",
                    "category": CATEGORIES[int(rng.integers(0, 3))],
                    "quantity": next(counter) + 1,
                    "cost": round(size * 0.6173, 2),
                    "status": "posted",
                }
            )
    frame = pd.DataFrame(rows)
    for name in ("product", "sales_entity"):
        frame[name] = [word("transactions", name, int(own[1:])) for own in frame["account_id"]]
    return frame


def tables() -> dict[str, pd.DataFrame]:
    """Every table with every column: one row for each account, but of transactions."""
    made = {}
    for name, spec in codebook().items():
        rows = [{c.name: cell(c, n) for c in spec.columns.values()} for n in range(ACCOUNTS)]
        made[name] = lines() if name == "transactions" else pd.DataFrame(rows)
    return made


def with_other_opinions(columns: Iterable[tuple[str, str]]) -> dict[str, pd.DataFrame]:
    """The tables with another value in those of ``columns`` whose values cannot be told from others: choices,
    flags, shares, grades, cost; and what is thought of people. Their layer stays: who of us sees them goes by
    it.
    """
    made = tables()
    cost = made["transactions"]["amount"] * 0.91
    made["transactions"]["cost"] = cost.round(2)
    made["contacts"]["stance"] = 2
    for table, column in columns:
        spec, frame = codebook()[table].columns[column], made[table]
        if (table, column) == ("contacts", "layer"):
            continue
        if spec.kind == "choice":
            frame[column] = next(iter(spec.choices))
        elif spec.kind == "flag":
            frame[column] = "no"
        elif spec.kind == "share":
            frame[column] = 0.731
        elif spec.kind in ("integer", "number") and spec.maximum is not None:
            frame[column] = spec.minimum or 1
    return made


def write(folder: Path, made: dict[str, pd.DataFrame]) -> Path:
    """An engagement folder with a csv for each table."""
    (folder / "data").mkdir(parents=True)
    for name, frame in made.items():
        frame.to_csv(folder / "data" / f"{name}.csv", index=False, date_format="%Y-%m-%d")
    settings = f'client: Planted\nlanguage: en\ncurrency: EUR\nas_of: "{AS_OF.date()}"\n'
    (folder / "engagement.yaml").write_text(settings, encoding="utf-8")
    return folder
