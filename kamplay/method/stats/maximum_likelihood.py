"""Maximum likelihood from several starting points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize


def best_minimum(
    loss: Callable[..., Any], starts: Sequence[Sequence[float]], bounds: Sequence[Any], args: tuple[Any, ...]
) -> Any:
    """Minimise a loss by L-BFGS-B from each start.

    Parameters
    ----------
    loss : from parameters and ``args`` to the loss and its gradient.
    starts, bounds : of the parameters.
    args : the data.

    Returns
    -------
    scipy's result with the lowest finite loss; None where none is finite.
    """
    best: Any = None
    for start in starts:
        found = minimize(
            loss, np.array(start), args, "L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": 500}
        )
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun - 1e-9):
            best = found
    return best
