"""The tables of the five steps. Each takes a step's result and shows the rows that matter, in the order to act on them."""

from kamplay.show.tables.data import (
    assumed,
    borderline,
    criteria,
    gated,
    key_accounts,
    ledger,
    quality,
    readings,
    reconciliation,
    unlocks,
    verdicts,
)
from kamplay.show.tables.plan import actions, at_risk, levels, overdue, owners, visits
from kamplay.show.tables.value import losses, margins, top_accounts

__all__ = [
    "actions",
    "assumed",
    "at_risk",
    "borderline",
    "criteria",
    "gated",
    "key_accounts",
    "ledger",
    "levels",
    "losses",
    "margins",
    "overdue",
    "owners",
    "quality",
    "readings",
    "reconciliation",
    "top_accounts",
    "unlocks",
    "verdicts",
    "visits",
]
