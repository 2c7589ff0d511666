"""The exhibits and the key of each exercise, from what was planted in a case or, where it can be told
without, from a client's tables.

Exhibits are in the words of the tables, amounts in 万 (10,000) unless their column says otherwise, and
rounded as they are shown: the key follows from the figures on the sheet. ``MAKERS`` holds every exercise.
"""

from kamplay.teaching.keys import check_data, define_tiers, health_model, pareto_value, plan_strategies
from kamplay.teaching.keys.made import MAKERS

__all__ = ["MAKERS", "check_data", "define_tiers", "health_model", "pareto_value", "plan_strategies"]
