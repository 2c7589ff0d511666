"""What accounts owe, and how much of it is overdue."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import receivables
from kamplay.method.measures.receivables import JUST_LATE
from kamplay.method.results import Findings, Severity


def overdue(book: Book, revenue: pd.Series) -> pd.DataFrame:
    """List the accounts that owe at as_of, the largest overdue first; empty without receivables.

    Parameters
    ----------
    revenue : account_id → net amount of 12 months.

    Returns
    -------
    Index account_id: open and overdue amounts, oldest (days the oldest overdue bill is late), overdue_share
    (of open), share_of_year (overdue over revenue, missing without revenue).
    """
    owed = receivables.owed(book)
    if owed is None:
        columns = ["open", "overdue", "oldest", "overdue_share", "share_of_year"]
        return pd.DataFrame({name: [] for name in columns})
    year = revenue.reindex(owed.index)
    owed = owed.assign(share_of_year=(owed["overdue"] / year.where(year > 0)).astype("float64"))
    return owed[owed["open"] > 0].sort_values("overdue", ascending=False, kind="stable")


def add_findings(findings: Findings, book: Book, owed: pd.DataFrame) -> None:
    """Add how much is overdue, and where most of it lies."""
    if not book.has("receivables"):
        findings.add("payment_unknown", "note", "ask_for_receivables")
        return
    late = owed[owed["overdue"] > 0]
    if late.empty:
        findings.add("payment_clean", "note", open=owed["open"].sum())
        return
    largest = late.iloc[0]
    figures = {
        "count": len(late),
        "overdue": late["overdue"].sum(),
        "open": owed["open"].sum(),
        "oldest": largest["oldest"],
        "first_overdue": largest["overdue"],
    }
    severity: Severity = "act" if late["oldest"].max() > JUST_LATE else "watch"
    if pd.isna(largest["share_of_year"]):
        findings.add(
            "overdue_without_purchases", severity, "collect", late.index, **figures, stake=figures["overdue"]
        )
    else:
        share = largest["share_of_year"]
        findings.add(
            "overdue", severity, "collect", late.index, **figures, first_share=share, stake=figures["overdue"]
        )
