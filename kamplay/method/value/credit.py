"""The account's own condition: its books, what it owes us and for how long, how quickly it pays, how far its
credit is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings

# what counts as weak, and why: rules of thumb of credit analysis, to be judged against the industry
WEAK = {"current_ratio": 1.0, "cash_ratio": 0.2, "net_margin": 0.0, "return_on_assets": 0.0}
AGES = (
    ("not_due", -np.inf, 0),
    ("to_30", 0, 30),
    ("to_90", 30, 90),
    ("to_180", 90, 180),
    ("over_180", 180, np.inf),
)
RATIOS = {
    "current_ratio": ("current_assets", "current_liabilities"),
    "cash_ratio": ("cash", "current_liabilities"),
    "net_margin": ("net_profit", "revenue"),
    "return_on_assets": ("net_profit", "total_assets"),
}


@dataclass(frozen=True)
class Credit:
    """``accounts``: per account that bought or owes: year, the RATIOS, weak (how many lie below WEAK), open,
    overdue, oldest (days), days_to_pay (mean over its bills paid in the 12 months, weighted by amount),
    credit_limit, credit_used (open over limit), revenue. ``ageing``: age, amount, bills, accounts, share
    of what is open. ``days_now``, ``days_before``: days to collect over all bills paid in the 12 months
    and in the 12 before; None without.
    """

    accounts: pd.DataFrame
    ageing: pd.DataFrame
    days_now: float | None
    days_before: float | None


def credit(book: Book) -> Credit:
    """Everything the tables tell of the accounts' condition; empty columns where they do not."""
    index = book.accounts.index
    frame = pd.DataFrame({"revenue": purchases.revenue(book)}).join(_ratios(book).reindex(index))
    owed = purchases.overdue(book)
    for column in ("open", "overdue", "oldest"):
        frame[column] = np.nan if owed is None else owed[column].reindex(index)
    frame["days_to_pay"] = _days_to_pay(book).reindex(index)
    frame["credit_limit"] = (
        book.accounts["credit_limit"].astype("float64") if "credit_limit" in book.accounts else np.nan
    )
    frame["credit_used"] = frame["open"] / frame["credit_limit"].where(frame["credit_limit"] > 0)
    kept = (frame["revenue"] > 0) | (frame["open"] > 0)
    return Credit(frame[kept], _ageing(book), _collected(book, 0), _collected(book, 12))


def _ratios(book: Book) -> pd.DataFrame:
    """Of each account's latest year by as_of: year, the ratios, weak."""
    columns = ["year", *RATIOS, "weak"]
    if not book.has("financials"):
        return pd.DataFrame(columns=columns, dtype="float64")
    rows = book.table("financials")
    rows = rows[rows["year"] <= book.as_of.year].sort_values("year").groupby("account_id").last()
    out = pd.DataFrame({"year": rows["year"].astype("float64")})
    for name, (above, below) in RATIOS.items():
        if above in rows and below in rows:
            out[name] = (rows[above] / rows[below].where(rows[below] > 0)).astype("float64")
        else:
            out[name] = np.nan
    out["weak"] = sum((out[name] < limit).astype(int) for name, limit in WEAK.items())
    return out[columns]


def _paid(book: Book, months_ago: int) -> pd.DataFrame | None:
    """Bills paid within the 12 months that end ``months_ago`` months before as_of, with the days it took."""
    if not book.has("receivables", "paid_date"):
        return None
    start, end = purchases.window_dates(book, 12, months_ago)
    bills = book.table("receivables")
    paid = bills[bills["paid_date"].between(start, end) & (bills["amount"] > 0)]
    return paid.assign(days=(paid["paid_date"] - paid["invoice_date"]).dt.days.clip(lower=0))


def _days_to_pay(book: Book) -> pd.Series:
    paid = _paid(book, 0)
    if paid is None or paid.empty:
        return pd.Series(dtype="float64")
    sums = (
        paid.assign(weighted=paid["days"] * paid["amount"])
        .groupby("account_id")[["weighted", "amount"]]
        .sum()
    )
    return sums["weighted"] / sums["amount"]


def _collected(book: Book, months_ago: int) -> float | None:
    paid = _paid(book, months_ago)
    if paid is None or paid.empty:
        return None
    return float((paid["days"] * paid["amount"]).sum() / paid["amount"].sum())


def _ageing(book: Book) -> pd.DataFrame:
    """What is open at as_of by how long it has been due."""
    columns = ["age", "amount", "bills", "accounts", "share"]
    if not book.has("receivables"):
        return pd.DataFrame(columns=columns)
    as_of, bills = pd.Timestamp(book.as_of), book.table("receivables")
    paid = bills["paid_date"] if "paid_date" in bills else pd.Series(pd.NaT, index=bills.index)
    unpaid = bills[(bills["invoice_date"] <= as_of) & ~(paid <= as_of)]
    late = (as_of - unpaid["due_date"]).dt.days
    total = unpaid["amount"].sum()
    rows = []
    for age, low, high in AGES:
        part = unpaid[(late > low) & (late <= high)]
        amount = part["amount"].sum()
        rows.append((age, amount, len(part), part["account_id"].nunique(), amount / total if total else 0.0))
    return pd.DataFrame(rows, columns=columns)


def add_findings(found: Findings, result: Credit) -> None:
    """Weak accounts that owe or buy much, exceeded limits, days to collect."""
    frame = result.accounts
    if frame["weak"].notna().any():
        known = frame[frame["weak"].notna() & (frame["revenue"] > 0)]
        weak = known[known["weak"] >= 2].sort_values("revenue", ascending=False)
        if len(weak):
            owed = None if weak["open"].isna().all() else weak["open"].sum()
            figures = {
                "count": len(weak),
                "known": len(known),
                "revenue": weak["revenue"].sum(),
                "owed": owed,
            }
            found.add("standing_weak", "watch", "watch_credit", weak.index, **figures, stake=owed)
        else:
            found.add("standing_sound", "note", None, known=len(known))
    else:
        found.add("standing_unknown", "note", "ask_for_financials")
    if result.days_now is not None:
        slower = result.days_before is not None and result.days_now > result.days_before * 1.1
        figures = {"now": result.days_now, "before": result.days_before}
        kind = "collect_days" if result.days_before is not None else "collect_days_first"
        found.add(kind, "watch" if slower else "note", "speed_collection" if slower else None, **figures)
    over = frame[frame["credit_used"] > 1].sort_values("open", ascending=False)
    if len(over):
        beyond = (over["open"] - over["credit_limit"]).sum()
        found.add(
            "credit_exceeded",
            "act",
            "decide_credit",
            over.index,
            count=len(over),
            beyond=beyond,
            owed=over["open"].sum(),
            stake=over["open"].sum(),
        )
