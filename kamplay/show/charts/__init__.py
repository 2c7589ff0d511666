"""The charts of the five steps. Each takes a step's result; a chart without data shows nothing, as its finding has said so."""

from kamplay.show.charts.data import cover, months
from kamplay.show.charts.health import bands, calibration, visits
from kamplay.show.charts.positions import position
from kamplay.show.charts.tiers import certainty, departments, tiers
from kamplay.show.charts.value import funnel, movement, pareto, year_on_year

__all__ = [
    "bands", "calibration", "certainty", "cover", "departments", "funnel", "months", "movement", "pareto", "position", "tiers",
    "visits", "year_on_year",
]  # fmt: skip
