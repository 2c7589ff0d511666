"""The charts of the five steps. Each takes a step's result; a chart without data shows nothing, as its finding has said so."""

from kamplay.show.charts.data import cover, months
from kamplay.show.charts.exposure import dependence, stress
from kamplay.show.charts.flows import cohorts, pvm
from kamplay.show.charts.future import future, future_check
from kamplay.show.charts.health import bands, calibration, visits
from kamplay.show.charts.pipeline import backtest
from kamplay.show.charts.positions import position
from kamplay.show.charts.profit import whale
from kamplay.show.charts.room import room
from kamplay.show.charts.spread import abc_xyz, trend
from kamplay.show.charts.tiers import certainty, departments, tiers
from kamplay.show.charts.value import funnel, movement, pareto, year_on_year

__all__ = [
    "abc_xyz",
    "backtest",
    "bands",
    "calibration",
    "certainty",
    "cohorts",
    "cover",
    "departments",
    "dependence",
    "funnel",
    "future",
    "future_check",
    "months",
    "movement",
    "pareto",
    "position",
    "pvm",
    "room",
    "stress",
    "tiers",
    "trend",
    "visits",
    "whale",
    "year_on_year",
]
