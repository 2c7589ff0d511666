"""Accounts that buy at regular intervals: expected purchases of a renewal process with dropout.

BG/NBD ignores how regular purchases are. Here the next purchases follow the account's own mean gap while it
is not late; the later it is, the likelier it has left.

``history`` has a row per account: ``purchases`` (number), ``gap`` (mean days between them), ``gaps`` (how
many that mean is of), ``cv`` (standard deviation of the gaps over their mean, see ``steadied``), ``silent``
(days since the last purchase), ``t_x`` (weeks from the first to the last).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaincc

MIN_PURCHASES = 4
MAX_CV = 0.5
PSEUDO_GAPS = 2  # gaps of usual spread that each account is taken to have beside its own
LATE = 3.0  # gaps without a purchase after which an account counts as gone in the dropout rate


def steadied(cv: pd.Series, purchases: pd.Series) -> pd.Series:
    """Draw each account's coefficient of variation of its gaps towards that of all accounts.

    Three gaps are alike by chance in many accounts where all buy at random, and hardly prove more where all
    buy to a rhythm. The squares are averaged: (n − 1)·cv² of the account's n gaps with PSEUDO_GAPS of the
    mean over all accounts, weighted by their gaps less 1.

    Parameters
    ----------
    cv : of each account's gaps, missing with fewer than two.
    purchases : number of purchases.

    Returns
    -------
    As ``cv``; missing where it is.
    """
    freedom = (purchases - 2).clip(lower=0.0).where(cv.notna(), 0.0)
    squares = (freedom * cv**2).fillna(0.0)
    if not freedom.sum() > 0:
        return cv
    usual = squares.sum() / freedom.sum()
    return np.sqrt((squares + PSEUDO_GAPS * usual) / (freedom + PSEUDO_GAPS)).where(cv.notna())


def is_regular(history: pd.DataFrame) -> pd.Series:
    """Whether each account of ``history`` buys regularly."""
    return (history["purchases"] >= MIN_PURCHASES) & (history["cv"] <= MAX_CV) & (history["gap"] > 0)


def dropout_rate(history: pd.DataFrame) -> float:
    """Rate a day at which accounts stop for good: those silent for LATE gaps, over the days all were buying.

    Per day and not per purchase, so that a weekly buyer does not leave four times as fast as a monthly one.
    Half an account is added, so that the rate is never 0.

    Parameters
    ----------
    history : of accounts with at least two purchases, such as the regular ones.
    """
    gone = int((history["silent"] > LATE * history["gap"]).sum())
    return (0.5 + gone) / (365.0 + float(7 * history["t_x"].sum()))


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
    is estimated from ``gaps`` of them.
    """
    shape = (len(history), draws)
    until = np.minimum(rng.exponential(1 / dropout, shape), horizon)
    wanted = until / np.maximum(history["gap"].to_numpy(dtype=float), 1.0)[:, None]
    cv, known = (
        history["cv"].to_numpy(dtype=float)[:, None],
        np.maximum(history["gaps"].to_numpy(dtype=float)[:, None], 1),
    )
    count = np.rint(wanted + cv * np.sqrt(wanted + wanted**2 / known) * rng.standard_normal(shape)).clip(0)
    return np.where(rng.random(shape) < p_alive[:, None], count, 0)
