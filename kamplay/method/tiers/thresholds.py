"""From scores to tiers: by fixed limits, by quota, by capacity, by natural breaks. Accounts with equal scores
are never split.
"""

from __future__ import annotations

import numpy as np

from kamplay.presets.scorecard import Scorecard

DIGITS = 4  # decimals of a score: closer ones are equal
_ABOVE = 10.0 ** -(DIGITS + 2)


def limits(scores: np.ndarray, card: Scorecard, in_quotas: np.ndarray) -> np.ndarray:
    """Find the score from which each tier but the last begins, from the highest.

    Accounts tied for the last place of a tier all go below it; a tier that nobody can reach begins at
    infinity.

    Parameters
    ----------
    scores : (accounts,), or (accounts, draws).
    card : the scorecard with the cut.
    in_quotas : (accounts,), which of them quotas, capacities and breaks are taken over.

    Returns
    -------
    (tiers − 1,), or (tiers − 1, draws).
    """
    tiers = len(card.tiers)
    columns = scores.reshape(len(scores), -1)
    if card.cut == "score":
        fixed = np.array([t.start or 0.0 for t in card.tiers[:-1]])
        out = np.repeat(fixed[:, None], columns.shape[1], axis=1)
    elif card.cut == "natural":
        breaks = natural_breaks(columns[in_quotas, 0], tiers)
        out = np.repeat(breaks[:, None], columns.shape[1], axis=1)
    else:
        out = by_rank(np.round(columns[in_quotas], DIGITS), _places(card, int(in_quotas.sum())))
    return out[:, 0] if scores.ndim == 1 else out


def place(scores: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Give each score its position (0 = highest) against ``starts``, as ``limits`` gives them; a score equal
    to a tier's start is in it.
    """
    rounded = np.round(scores, DIGITS)
    out = np.zeros(rounded.shape, dtype=np.int8)
    for start in starts:
        out += rounded < start  # a start per draw is compared with its column
    return out


def _places(card: Scorecard, count: int) -> np.ndarray:
    """The most accounts in the tiers down to each one."""
    if card.cut == "quota":
        shares = np.cumsum([t.share or 0.0 for t in card.tiers[:-1]])
        return np.floor(shares * count + 1e-9).astype(int)
    return np.cumsum([t.places or 0 for t in card.tiers[:-1]])


def by_rank(columns: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Find where each tier begins when the number of accounts in the tiers down to each one is limited.

    Parameters
    ----------
    columns : (accounts, draws), scores.
    places : (tiers − 1,), accounts in the tiers down to each one.

    Returns
    -------
    (tiers − 1, draws).
    """
    count = len(columns)
    descending = -np.sort(-columns, axis=0)
    out = np.full((len(places), columns.shape[1]), np.inf)
    for tier, size in enumerate(places):
        if size >= count:
            out[tier] = -np.inf
        elif size > 0:
            last, next_ = descending[size - 1], descending[size]
            # accounts tied across the border all go below it
            out[tier] = np.where(last > next_, last, last + _ABOVE)
    return out


def natural_breaks(scores: np.ndarray, classes: int) -> np.ndarray:
    """Find where the classes but the last begin, from the highest: the split with the least squared deviation
    within (Fisher 1958; Jenks 1967).

    Scores (accounts,) are rounded to a tenth of a point. With fewer distinct scores than classes the upper
    classes stay empty.
    """
    values, counts = np.unique(np.round(scores, 1), return_counts=True)
    n = len(values)
    used = min(classes, n)
    if n == 0:
        return np.full(classes - 1, np.inf)
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(counts * values)])
    square = np.concatenate([[0.0], np.cumsum(counts * values**2)])
    start, end = np.meshgrid(np.arange(n), np.arange(1, n + 1), indexing="ij")
    size = np.maximum(weight[end] - weight[start], 1.0)
    within = np.where(
        end > start, square[end] - square[start] - (total[end] - total[start]) ** 2 / size, np.inf
    )
    best, cut = within[0], []
    for _ in range(used - 1):
        ways = np.concatenate([[np.inf], best])[:n, None] + within  # the last class starts at row's value
        cut.append(ways.argmin(axis=0))
        best = ways.min(axis=0)
    borders, stop = [], n
    for step in reversed(cut):
        stop = int(step[stop - 1])
        borders.append(values[stop] - 0.05)
    return np.array([np.inf] * (classes - used) + borders)
