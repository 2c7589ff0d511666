"""Whether a variable is distributed as it was: the population stability index of credit scoring."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2

BINS, MIN_PER_BIN = 10, 20  # tenths of the earlier values; fewer bins below 20 values each


def population_stability(now: pd.Series, then: pd.Series) -> tuple[float, float]:
    """The population stability index, and what it passes by chance one time in twenty.

    The index is Σ (n − t) · ln(n / t) over bins of the earlier values, n and t being the shares of the values
    in a bin now and then. By chance alone it is about χ² with bins − 1 degrees of freedom times (1/n + 1/m),
    n and m being the numbers of values (Yurdakul & Naranjo 2020, Journal of Risk Model Validation 14): with
    few values it passes the usual limit of 0.1 without any change.

    Parameters
    ----------
    now, then : values of the variable. Bins are tenths of ``then``; a value that fills several tenths keeps
        one bin, missing values have their own, and an empty cell counts as half a value.

    Returns
    -------
    index, noise : both NaN where either is empty or ``then`` has no value.
    """
    known = then.dropna().to_numpy(dtype=float)
    if len(now) == 0 or len(known) == 0:
        return float("nan"), float("nan")
    bins = int(np.clip(min(len(then), len(now)) // MIN_PER_BIN, 2, BINS))
    values = np.unique(known)
    if len(values) <= bins:
        edges = (values[1:] + values[:-1]) / 2
    else:
        edges = np.unique(np.quantile(known, np.arange(1, bins) / bins))

    def counts(series: pd.Series) -> np.ndarray:
        place = np.searchsorted(edges, series.to_numpy(dtype=float), side="left")
        place = np.where(series.isna(), len(edges) + 1, place)
        return np.bincount(place, minlength=len(edges) + 2).astype(float)

    n, t = counts(now), counts(then)
    used = (n + t) > 0
    n_share, t_share = (np.maximum(c[used], 0.5) / c.sum() for c in (n, t))
    index = float(((n_share - t_share) * np.log(n_share / t_share)).sum())
    freedom = max(int(used.sum()) - 1, 1)
    return index, float(chi2.ppf(0.95, freedom) * (1 / len(now) + 1 / len(then)))
