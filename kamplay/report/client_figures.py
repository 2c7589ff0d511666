"""The figures of one run by which clients are put beside each other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from kamplay.json_files import read_json
from kamplay.method.measures.receivables import bills_at
from kamplay.run_folder import WORK

# in a run: the bills as they were read, and what part of deals was won
BILLS, RATES = f"{WORK}/book/receivables.parquet", f"{WORK}/steps/value/pipeline.win_rates.rates.parquet"
FIGURES = {
    "accounts": ("value", "accounts"),
    "revenue": ("value", "revenue"),
    "top1_share": ("value", "top1_share"),
    "top5_share": ("value", "top5_share"),
    "accounts_for_80": ("value", "accounts_for_80"),
    "gini": ("value", "gini"),
    "hhi": ("value", "hhi"),
    "nrr": ("value", "nrr"),
    "grr": ("value", "grr"),
    "churn_rate": ("health", "churn_rate"),
}


def figures_of(run: Path, as_of: date) -> dict[str, float | None]:
    """FIGURES of a run, and its days_overdue and win_rate; None where not known."""
    told = read_json(run / "results" / "key_figures.json")
    found = {name: told.get(step, {}).get(key) for name, (step, key) in FIGURES.items()}
    return found | {"days_overdue": _days_overdue(run, as_of), "win_rate": _win_rate(run)}


def _days_overdue(run: Path, as_of: date) -> float | None:
    """How many days what is overdue is late, by amount; 0 where nothing is; None without receivables."""
    file = run / BILLS
    if not file.is_file():
        return None
    bills = pd.read_parquet(file)
    if not {"invoice_date", "due_date", "amount"} <= set(bills):
        return None
    late = bills_at(bills, pd.Timestamp(as_of))
    late = late[late["overdue"] & (late["amount"] > 0)]
    if late.empty:
        return 0.0
    return round(float((late["days_late"] * late["amount"]).sum() / late["amount"].sum()), 1)


def _win_rate(run: Path) -> float | None:
    """The part of closed deals that was won; None where too few closed."""
    file = run / RATES
    if not file.is_file():
        return None
    rates = pd.read_parquet(file)
    rate = rates.loc[rates["by"] == "all", "rate"]
    return float(rate.iloc[0]) if len(rate) and pd.notna(rate.iloc[0]) else None
