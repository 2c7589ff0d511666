"""The charts of the five steps. Each takes a step's result; a chart without data shows nothing, as its finding has said so."""

from kamplay.show.charts.data import cover, months, tiers
from kamplay.show.charts.health import bands, calibration, visits
from kamplay.show.charts.value import funnel, movement, pareto, year_on_year

__all__ = ["bands", "calibration", "cover", "funnel", "months", "movement", "pareto", "tiers", "visits", "year_on_year"]
