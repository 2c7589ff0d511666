"""The tables of the five steps. Each takes a step's result and shows the rows that matter, in the order to act on them."""

from kamplay.show.tables.asset_map import asset_map
from kamplay.show.tables.beside import classes, intake, kin, map_basis, moves, to_win
from kamplay.show.tables.cash_loop import cash_loop
from kamplay.show.tables.data import (
    assumed,
    ledger,
    quality,
    readings,
    reconciliation,
    unlocks,
    verdicts,
)
from kamplay.show.tables.exposure import dependence
from kamplay.show.tables.flows import retention
from kamplay.show.tables.future import future
from kamplay.show.tables.health_score import score_base, score_detail, score_moves
from kamplay.show.tables.outlook import joint, outlook
from kamplay.show.tables.pipeline import entities, stalled, win_rates
from kamplay.show.tables.plan import actions, levels, owners, visits
from kamplay.show.tables.proof import proof_drift, proof_last, proof_versus, proof_workload
from kamplay.show.tables.relationship import relationship
from kamplay.show.tables.room import wallet, white_space
from kamplay.show.tables.spread import intervals
from kamplay.show.tables.standing import ageing, standing
from kamplay.show.tables.survival import revenue_risk
from kamplay.show.tables.tiers import criteria, gated, kept, key_accounts, overrides, to_settle
from kamplay.show.tables.value import losses, margins, top_accounts
from kamplay.show.tables.warning import warning_record, warnings
from kamplay.show.tables.watch import watch

__all__ = [
    "actions",
    "ageing",
    "asset_map",
    "assumed",
    "cash_loop",
    "classes",
    "criteria",
    "dependence",
    "entities",
    "future",
    "gated",
    "intake",
    "intervals",
    "joint",
    "kept",
    "key_accounts",
    "kin",
    "ledger",
    "levels",
    "losses",
    "map_basis",
    "margins",
    "moves",
    "outlook",
    "overrides",
    "owners",
    "proof_drift",
    "proof_last",
    "proof_versus",
    "proof_workload",
    "quality",
    "readings",
    "reconciliation",
    "relationship",
    "retention",
    "revenue_risk",
    "score_base",
    "score_detail",
    "score_moves",
    "stalled",
    "standing",
    "to_settle",
    "to_win",
    "top_accounts",
    "unlocks",
    "verdicts",
    "visits",
    "wallet",
    "warning_record",
    "warnings",
    "watch",
    "white_space",
    "win_rates",
]
