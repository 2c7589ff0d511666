"""The tables of the five steps. Each takes a step's result and shows the rows that matter, in the order to act on them."""

from kamplay.show.tables.data import (
    assumed,
    ledger,
    quality,
    readings,
    reconciliation,
    unlocks,
    verdicts,
)
from kamplay.show.tables.plan import actions, at_risk, levels, overdue, owners, visits
from kamplay.show.tables.tiers import (
    classes,
    criteria,
    gated,
    intake,
    kept,
    key_accounts,
    kin,
    map_basis,
    moves,
    overrides,
    to_settle,
    to_win,
)
from kamplay.show.tables.value import losses, margins, top_accounts

__all__ = [
    "actions",
    "assumed",
    "at_risk",
    "classes",
    "criteria",
    "gated",
    "intake",
    "kept",
    "key_accounts",
    "kin",
    "ledger",
    "levels",
    "losses",
    "map_basis",
    "margins",
    "moves",
    "overdue",
    "overrides",
    "owners",
    "quality",
    "readings",
    "reconciliation",
    "to_settle",
    "to_win",
    "top_accounts",
    "unlocks",
    "verdicts",
    "visits",
]
