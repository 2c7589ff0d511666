"""Prospects to assess: accounts that do not buy yet and purchase much elsewhere."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.registry import measure_of
from kamplay.method.results import Findings
from kamplay.presets.scorecard import Intake


def prospects(book: Book, rule: Intake | None) -> pd.DataFrame:
    """Find the accounts without a purchase in the 12 months whose yearly purchases elsewhere call for an
    assessment; not those recorded as lost.

    Returns
    -------
    One row per account (index account_id), the largest first: spend (its yearly purchases), dedicated (it
    gets a manager of its own). Empty without the rule or without wallet data.
    """
    spend = measure_of(book, "wallet_spend")
    if rule is None:
        return spend.iloc[:0].to_frame("spend").assign(dedicated=False)
    quiet = purchases.revenue(book).reindex(spend.index) <= 0
    lost = measure_of(book, "stage").reindex(spend.index) == "lost"
    found = spend[quiet & ~lost & (spend > rule.assess_above)].sort_values(ascending=False)
    return pd.DataFrame({"spend": found, "dedicated": found > rule.dedicated_above}).rename_axis("account_id")


def add_findings(findings: Findings, book: Book, rule: Intake | None, found: pd.DataFrame) -> None:
    """Add how many prospects are to be assessed, ``found`` by the rule."""
    if rule is None:
        return
    if not book.has("wallet"):
        findings.add("intake_unknown", "note", "ask_for_wallet")
    elif found.empty:
        findings.add("intake_none", "note", None, above=rule.assess_above)
    else:
        figures = {
            "count": len(found),
            "days": rule.within_days,
            "above": rule.assess_above,
            "dedicated": int(found["dedicated"].sum()),
            "dedicated_above": rule.dedicated_above,
        }
        elsewhere = float(found["spend"].sum())
        findings.add("intake_due", "act", "assess_intake", found.index, **figures, gain=elsewhere)
