"""Accounts that buy at regular intervals: expected purchases of a renewal process with dropout.

BG/NBD ignores how regular purchases are. Here the next purchases follow the account's own mean gap while it
is not late; the later it is, the likelier it has left.

``history`` has a row per account: ``purchases`` (number), ``gap`` (mean days between them), ``cv`` (standard
deviation of the gaps over their mean), ``silent`` (days since the last purchase).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaincc

MIN_PURCHASES = 6
MAX_CV = 0.5
LATE = 3.0  # gaps without a purchase after which an account counts as gone in the dropout rate


def is_regular(history: pd.DataFrame) -> pd.Series:
    """Whether each account of ``history`` buys regularly."""
    return (history["purchases"] >= MIN_PURCHASES) & (history["cv"] <= MAX_CV) & (history["gap"] > 0)


def dropout_rate(history: pd.DataFrame) -> float:
    """Rate a day at which regular accounts stop for good: those silent for LATE gaps, over the days all of
    them were buying.

    Per day and not per purchase, so that a weekly buyer does not leave four times as fast as a monthly one.
    Half an account is added, so that the rate is never 0.
    """
    rows = history[is_regular(history)]
    gone = int((rows["silent"] > LATE * rows["gap"]).sum())
    return (0.5 + gone) / (365.0 + float((rows["gap"] * (rows["purchases"] - 1)).sum()))


def alive(history: pd.DataFrame, dropout: float) -> np.ndarray:
    """Probability (accounts,) that an account still buys, by Bayes: it left after its last purchase, or its
    current gap is longer than the silence. Gaps are Gamma with mean ``gap`` and ``cv``.
    """
    gap, silent, cv = (history[c].to_numpy(dtype=float) for c in ("gap", "silent", "cv"))
    shape, gap = 1 / np.clip(cv, 0.05, None) ** 2, np.maximum(gap, 1.0)
    waits = gammaincc(shape, shape * silent / gap)
    stayed = np.exp(-dropout * gap)  # over one gap
    return stayed * waits / (stayed * waits + 1 - stayed)


def expected(history: pd.DataFrame, p_alive: np.ndarray, dropout: float, horizon: float) -> np.ndarray:
    """Expected purchases (accounts,) in ``horizon`` days: P(still buys) · ∫ e^(−dropout·t) dt / gap.

    Parameters
    ----------
    p_alive : (accounts,), see ``alive``.
    dropout : rate a day, see ``dropout_rate``.
    """
    return (
        p_alive
        * -np.expm1(-dropout * horizon)
        / (dropout * np.maximum(history["gap"].to_numpy(dtype=float), 1.0))
    )


def draw(
    history: pd.DataFrame,
    p_alive: np.ndarray,
    dropout: float,
    horizon: float,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Simulate purchases (accounts, draws) in ``horizon`` days; parameters as in ``expected``.

    The variance of the count over a time t is t/gap · cv² (renewal theory), plus that of the mean gap, which
    is estimated from ``purchases`` − 1 gaps.
    """
    shape = (len(history), draws)
    until = np.minimum(rng.exponential(1 / dropout, shape), horizon)
    wanted = until / np.maximum(history["gap"].to_numpy(dtype=float), 1.0)[:, None]
    cv, known = (
        history["cv"].to_numpy(dtype=float)[:, None],
        np.maximum(history["purchases"].to_numpy(dtype=float)[:, None] - 1, 1),
    )
    count = np.rint(wanted + cv * np.sqrt(wanted + wanted**2 / known) * rng.standard_normal(shape)).clip(0)
    return np.where(rng.random(shape) < p_alive[:, None], count, 0)
