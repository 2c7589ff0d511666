"""The tables of the five steps. Each takes a step's result and shows the rows that matter, in the order to act on them."""

from kamplay.show.tables.beside import classes, intake, kin, map_basis, moves, to_win
from kamplay.show.tables.data import (
    assumed,
    ledger,
    quality,
    readings,
    reconciliation,
    unlocks,
    verdicts,
)
from kamplay.show.tables.exposure import dependence, stress
from kamplay.show.tables.flows import retention
from kamplay.show.tables.future import future, lifetime
from kamplay.show.tables.pipeline import entities, stalled, win_rates
from kamplay.show.tables.plan import actions, at_risk, levels, overdue, owners, visits
from kamplay.show.tables.profit import losers
from kamplay.show.tables.room import wallet, white_space
from kamplay.show.tables.spread import intervals
from kamplay.show.tables.standing import ageing, standing
from kamplay.show.tables.tiers import criteria, gated, kept, key_accounts, overrides, to_settle
from kamplay.show.tables.value import losses, margins, top_accounts

__all__ = [
    "actions",
    "ageing",
    "assumed",
    "at_risk",
    "classes",
    "criteria",
    "dependence",
    "entities",
    "future",
    "gated",
    "intake",
    "intervals",
    "kept",
    "key_accounts",
    "kin",
    "ledger",
    "levels",
    "lifetime",
    "losers",
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
    "retention",
    "stalled",
    "standing",
    "stress",
    "to_settle",
    "to_win",
    "top_accounts",
    "unlocks",
    "verdicts",
    "visits",
    "wallet",
    "white_space",
    "win_rates",
]
