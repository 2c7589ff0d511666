"""Statistics of all values but one, for every one of them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def median_of_others(values: pd.Series) -> np.ndarray:
    """Compute for each value the median of all the others (two values or more)."""
    x = values.to_numpy(float)
    place, ordered = np.empty(len(x), dtype=int), np.sort(x)
    place[np.argsort(x, kind="stable")] = np.arange(len(x))
    lower, upper = (len(x) - 2) // 2, (len(x) - 1) // 2  # the middle of the others
    return (ordered[lower + (lower >= place)] + ordered[upper + (upper >= place)]) / 2
