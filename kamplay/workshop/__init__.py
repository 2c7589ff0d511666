"""The workshop on who is a key account: sliders for the weights, live tiers, and each department's ballot.

``kp.workshop(run)`` is the panel for JupyterLab; ``kamplay.workshop.session`` is what it works on, without
widgets.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any


class _Workshop(ModuleType):
    """A package that can be called: ``kp.workshop`` stays the panel when a module inside it was imported
    before.
    """

    def __call__(self, run: Any, ballots: str | Path | None = None) -> Any:
        """The panel of a run that ``kp.open`` opened; it saves its ballots in the folder ``ballots``, the
        run's own by default.
        """
        from kamplay.workshop.panel import panel

        return panel(run, None if ballots is None else Path(ballots))


sys.modules[__name__].__class__ = _Workshop
