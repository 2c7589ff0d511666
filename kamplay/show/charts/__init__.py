"""The charts of the five steps. Each takes a step's result; a chart without data shows nothing, as its finding has said so."""

from kamplay.show.charts.asset_map import asset_map
from kamplay.show.charts.cash_loop import cash_loop
from kamplay.show.charts.data import cover, months
from kamplay.show.charts.exposure import dependence, stress
from kamplay.show.charts.flows import cohorts, pvm
from kamplay.show.charts.health import bands, visits
from kamplay.show.charts.health_score import dimensions, waterfall
from kamplay.show.charts.pipeline import backtest
from kamplay.show.charts.positions import position
from kamplay.show.charts.profit import whale
from kamplay.show.charts.proof import calibration, proof_versus, proof_workload
from kamplay.show.charts.relationship import relationship
from kamplay.show.charts.room import room
from kamplay.show.charts.spread import abc_xyz, trend
from kamplay.show.charts.survival import hazards, survival
from kamplay.show.charts.tiers import certainty, departments, tiers
from kamplay.show.charts.value import funnel, movement, pareto

__all__ = [
    "abc_xyz",
    "asset_map",
    "backtest",
    "bands",
    "calibration",
    "cash_loop",
    "certainty",
    "cohorts",
    "cover",
    "departments",
    "dependence",
    "dimensions",
    "funnel",
    "hazards",
    "months",
    "movement",
    "pareto",
    "position",
    "proof_versus",
    "proof_workload",
    "pvm",
    "relationship",
    "room",
    "stress",
    "survival",
    "tiers",
    "trend",
    "visits",
    "waterfall",
    "whale",
]
