"""Accounts that buy to a rhythm: how many purchases to expect of one that reorders every so many days.

A model of chance (BG/NBD) wastes what a steady rhythm tells. Here the next purchases follow the account's own
gap for as long as it is not late; the later it is, the likelier it has left.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaincc

PURCHASES = 6  # at least, before a rhythm is believed
STEADY = 0.5  # at most: standard deviation of the gaps over their mean
LATE = 3.0  # silent for so many gaps: taken as gone when the rate of leaving is estimated


def is_regular(history: pd.DataFrame) -> pd.Series:
    """Which accounts (rows with ``purchases`` and ``cv``) buy to a rhythm."""
    return (history["purchases"] >= PURCHASES) & (history["cv"] <= STEADY) & (history["gap"] > 0)


def leaving(history: pd.DataFrame) -> float:
    """The rate a day at which regular accounts stop for good: those silent for LATE gaps, over the days all
    of them were buying.

    By time and not by purchase, so that a weekly buyer does not leave four times as fast as a monthly one.
    Half an account is added, so that nobody is certain to stay.
    """
    rows = history[is_regular(history)]
    gone = int((rows["silent"] > LATE * rows["gap"]).sum())
    return (0.5 + gone) / (365.0 + float((rows["gap"] * (rows["purchases"] - 1)).sum()))


def alive(history: pd.DataFrame, leave: float) -> np.ndarray:
    """Probability that an account still buys, by Bayes: either it left after its last purchase, or its gap
    outlasts the silence.

    Gaps are Gamma with the account's mean ``gap`` and ``cv`` (days); ``silent``: days since the last
    purchase.
    """
    gap, silent, cv = (history[c].to_numpy(dtype=float) for c in ("gap", "silent", "cv"))
    shape, gap = 1 / np.clip(cv, 0.05, None) ** 2, np.maximum(gap, 1.0)
    waits = gammaincc(shape, shape * silent / gap)
    stayed = np.exp(-leave * gap)  # over one gap
    return stayed * waits / (stayed * waits + 1 - stayed)


def expected(history: pd.DataFrame, chance: np.ndarray, leave: float, horizon: float) -> np.ndarray:
    """Expected purchases in ``horizon`` days: horizon / gap, less those after it leaves, times the chance
    that it still buys.
    """
    return (
        chance * -np.expm1(-leave * horizon) / (leave * np.maximum(history["gap"].to_numpy(dtype=float), 1.0))
    )


def draw(
    history: pd.DataFrame,
    chance: np.ndarray,
    leave: float,
    horizon: float,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Purchases in ``horizon`` days, simulated: (accounts, draws). The count over a time varies by time/gap ·
    cv² (renewal theory), and the mean gap is known from ``purchases`` − 1 gaps only.
    """
    shape = (len(history), draws)
    until = np.minimum(rng.exponential(1 / leave, shape), horizon)
    wanted = until / np.maximum(history["gap"].to_numpy(dtype=float), 1.0)[:, None]
    cv, known = (
        history["cv"].to_numpy(dtype=float)[:, None],
        np.maximum(history["purchases"].to_numpy(dtype=float)[:, None] - 1, 1),
    )
    count = np.rint(wanted + cv * np.sqrt(wanted + wanted**2 / known) * rng.standard_normal(shape)).clip(0)
    return np.where(rng.random(shape) < chance[:, None], count, 0)
