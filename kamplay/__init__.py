"""kamplay: a playbook for key account management. ``import kamplay as kp`` is the whole vocabulary of a
notebook.

``run = kp.open(folder)`` opens an engagement; ``kp.check_data``, ``kp.define_tiers``, ``kp.pareto_value``,
``kp.health_model`` and ``kp.plan_strategies`` take the five steps; ``kp.findings``, ``kp.charts.*``,
``kp.tables.*`` and ``kp.decisions`` show a result; ``kp.save`` keeps it. ``kp.profiles`` puts together what
is known of each account, ``kp.account_plan`` shows the plan of one; ``kp.value_case`` computes what an offer
is worth to a customer. ``kp.workshop(run)`` is the panel of a workshop, ``kp.class_ballots(run)`` the
agreement of a class. In a course's notebooks ``kp.course`` opens the team's folder, ``kp.exhibit`` shows a
table, ``kp.check`` checks an answer; ``kp.marks`` shows the trainer how the class did.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    **dict.fromkeys(
        (
            "open",
            "save",
            "check_data",
            "define_tiers",
            "pareto_value",
            "health_model",
            "plan_strategies",
            "profiles",
            "account_plan",
        ),
        "kamplay.api",
    ),
    **dict.fromkeys(("findings", "decisions"), "kamplay.show.findings"),
    **dict.fromkeys(("charts", "tables"), "kamplay.show.registry"),
    "value_case": "kamplay.method.value.value_case",
    "class_ballots": "kamplay.workshop.class_ballots",
    **dict.fromkeys(("check", "course", "exhibit"), "kamplay.teaching.checking"),
    "marks": "kamplay.teaching.projector",
}
_MODULES = {"workshop": "kamplay.workshop"}  # a module that can be called
__all__ = [
    "account_plan",
    "charts",
    "check",
    "check_data",
    "class_ballots",
    "course",
    "decisions",
    "define_tiers",
    "exhibit",
    "findings",
    "health_model",
    "marks",
    "open",
    "pareto_value",
    "plan_strategies",
    "profiles",
    "save",
    "tables",
    "value_case",
    "workshop",
]


def __getattr__(name: str) -> Any:
    """Names are imported when first used: the command line stays quick, a notebook loads what it shows."""
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'kamplay' has no attribute {name!r}", name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
