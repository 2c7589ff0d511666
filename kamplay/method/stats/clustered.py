"""Shares over cases that come in clusters, as a customer's orders do: its cases resemble each
other, so many cases of few customers say less than as many of many.

``hits`` and ``trials`` are counted per cluster; ``group`` names the group that each cluster belongs to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def correlation_within(hits: ArrayLike, trials: ArrayLike, group: ArrayLike) -> float:
    """Estimate how much the cases of one cluster resemble each other: the intraclass correlation.

    Of the beta-binomial model, by moments (Kleinman 1973, JASA 68, 46–54): what the squared distances of the
    clusters from their group's share hold beyond chance, over what they would hold if all cases of a cluster
    were alike. The distances of a group of m clusters are widened by m / (m − 1), its share being estimated.

    Returns
    -------
    0 (no more alike than any two) to 1; 0 where no group with two clusters tells.
    """
    hits, trials = np.asarray(hits, dtype=float), np.asarray(trials, dtype=float)
    _, code = np.unique(np.asarray(group, dtype=str), return_inverse=True)
    keep = trials > 0
    hits, trials, code = hits[keep], trials[keep], code[keep]
    if not len(code):
        return 0.0
    size = int(code.max()) + 1
    share = np.bincount(code, hits, size) / np.maximum(np.bincount(code, trials, size), 1e-12)
    clusters = np.bincount(code, minlength=size)
    spread = (share * (1 - share))[code]
    apart = (hits - trials * share[code]) ** 2 * (clusters / np.maximum(clusters - 1, 1))[code]
    told = clusters[code] >= 2
    most = float((trials * (trials - 1) * spread)[told].sum())
    beyond = float((apart - trials * spread)[told].sum())
    return float(np.clip(beyond / most, 0.0, 1.0)) if most > 0 else 0.0


def effective(hits: ArrayLike, trials: ArrayLike, correlation: float) -> tuple[float, float]:
    """Tell how many independent cases a group's clustered cases are worth, and the hits among them: divided
    by the design effect 1 + (Σn² / Σn − 1) · correlation (Rao & Scott 1992, Biometrics 48, 577–585).
    """
    hits, trials = np.asarray(hits, dtype=float), np.asarray(trials, dtype=float)
    number = float(trials.sum())
    if not number > 0:
        return 0.0, 0.0
    design = 1 + (float((trials**2).sum()) / number - 1) * correlation
    return float(hits.sum()) / design, number / design
