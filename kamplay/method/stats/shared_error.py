"""An error that all accounts share: how far a total may miss beyond what chance does to each account alone.

Chance evens out over many accounts; the state of the market, a new price list or a wrong model does not. On
the log scale the miss of year t is e_t = b + u_t + c_t: what stays (b), what the year brings (u_t), and
chance (c_t, whose spread the model of the accounts tells). The spread s of b + u has a half-Cauchy prior
(Gelman 2006, Bayesian Analysis 1, 515–534, for the spread of few groups). From fewer than two years a spread
cannot be estimated: a single miss may widen the range, but one that was small by luck does not narrow it
below FLOOR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

FLOOR = 0.2  # spread of the shared error where it cannot be estimated: expert judgement
ESTIMATED = 2  # tested years from which it is
SCALE = FLOOR  # of the half-Cauchy
# The share of the spread's square that stays from one year to the next: expert judgement between "all of it"
# and "none". What is taken off is the mean of b given the misses, a quarter of a single one.
PERSISTENT = 0.25
SPREADS = np.geomspace(1e-3, 3.0, 160)  # grid of s


@dataclass(frozen=True)
class SharedError:
    """What next year's shared error may be, in logs: a mixture of normal laws over the grid of spreads.

    Attributes
    ----------
    weights, means, spreads : (grid,), of the mixture.
    years : tested years behind it.
    """

    weights: np.ndarray
    means: np.ndarray
    spreads: np.ndarray
    years: int

    @property
    def median(self) -> float:
        """The error to be expected, to be taken off."""
        return float(self.quantiles(np.array([0.5]))[0]) if self.years else 0.0

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """The error's quantiles at ``levels`` (each 0 to 1)."""
        reach = float(np.abs(self.means).max()) + float(self.spreads.max()) * 4.0
        # dense near the middle, where most of the mixture lies
        points = np.sinh(np.linspace(-1, 1, 2001) * np.arcsinh(reach / 0.02)) * 0.02
        chance = ndtr((points[:, None] - self.means) / self.spreads) @ self.weights
        return np.interp(levels, chance, points)

    def draws(self, number: int) -> np.ndarray:
        """Factors e^error on a total, evenly spread over the distribution, in increasing order (number,)."""
        return np.exp(self.quantiles((np.arange(number) + 0.5) / number))


def shared_error(misses: Sequence[float], chance: Sequence[float]) -> SharedError:
    """Learn the shared error from the years tested.

    Given s, the misses are normal with covariance s²·((1 − PERSISTENT)·I + PERSISTENT·J) + diag(chance²); the
    next year's shared error is normal given them.

    Parameters
    ----------
    misses : ln(came / expected) of each year tested; may be empty.
    chance : of each, the spread of ln(came) by chance alone.
    """
    e, c = np.asarray(misses, dtype=float), np.asarray(chance, dtype=float)
    n = len(e)
    shape = (1 - PERSISTENT) * np.eye(n) + PERSISTENT * np.ones((n, n))
    logs, means, variances = np.empty_like(SPREADS), np.zeros_like(SPREADS), np.empty_like(SPREADS)
    for i, s in enumerate(SPREADS):
        # ds = s·d ln s on a geometric grid
        logs[i], variances[i] = np.log(s) - np.log1p((s / SCALE) ** 2), s**2
        if n:
            covariance = s**2 * shape + np.diag(c**2)
            solved = np.linalg.solve(covariance, e)
            logs[i] -= 0.5 * float(e @ solved) + 0.5 * float(np.linalg.slogdet(covariance)[1])
            with_next = np.full(n, PERSISTENT * s**2)
            means[i] = float(with_next @ solved)
            variances[i] -= float(with_next @ np.linalg.solve(covariance, with_next))
    if n < ESTIMATED:
        variances = np.maximum(variances, FLOOR**2) if n else np.full_like(variances, FLOOR**2)
    weights = np.exp(logs - logs.max())
    return SharedError(weights / weights.sum(), means, np.sqrt(variances), n)
