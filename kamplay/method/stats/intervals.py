"""Intervals of 95 %: Wilson's of a share, and the percentile bootstrap's of any figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

Z = 1.959963984540054  # the standard normal's 97.5 % point
NAN = float("nan")

SEED = 20260630
DRAWS = 1000
FEWEST = 200  # draws, of however many cases
CELLS = 20_000_000  # drawn cases in all: above it fewer draws are taken
AT_ONCE = 2_000_000  # drawn cases of one batch, which bounds the memory


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; all three NaN where it is not defined."""

    value: float = NAN
    low: float = NAN
    high: float = NAN

    @staticmethod
    def about(value: float, half: float, least: float = -np.inf, most: float = np.inf) -> Estimate:
        """``value`` ± ``half``, its ends kept between ``least`` and ``most``."""
        return Estimate(
            float(value), float(np.clip(value - half, least, most)), float(np.clip(value + half, least, most))
        )


def wilson(hits: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The score interval of a share (Wilson 1927, JASA 22, 209–212).

    Unlike the plain interval it stays inside 0 to 1, holds with few trials and is no point at either end.

    Parameters
    ----------
    hits, trials : arrays of one shape. Both may be fractions of cases (weighted counts).

    Returns
    -------
    low, high : arrays of that shape; NaN without trials.
    """
    from statsmodels.stats.proportion import proportion_confint

    hits, trials = np.asarray(hits, dtype=float), np.asarray(trials, dtype=float)
    trials = np.where(trials > 0, trials, np.nan)
    low, high = proportion_confint(np.clip(hits, 0.0, trials), trials, method="wilson")
    return np.asarray(low), np.asarray(high)


def share_estimate(hits: float, trials: float) -> Estimate:
    """``hits`` / ``trials`` with its Wilson interval; NaN without trials."""
    if not trials > 0:
        return Estimate()
    low, high = wilson(hits, trials)
    return Estimate(min(max(float(hits / trials), 0.0), 1.0), float(low), float(high))


def tells(share: ArrayLike, low: ArrayLike, high: ArrayLike) -> np.ndarray:
    """Whether the 95 % interval of a share (0 to 1) says something of it.

    The standard by which a statistical office prints or withholds a proportion (Parker et al. 2017, National
    Center for Health Statistics Data Presentation Standards for Proportions, Vital and Health Statistics 2
    (175)): withheld where the interval is 0.30 wide or more, or wider than both 0.05 and 1.3 times the share.
    """
    width = np.asarray(high, dtype=float) - np.asarray(low, dtype=float)
    share = np.asarray(share, dtype=float)
    return (width <= 0.05) | ((width < 0.30) & (width <= 1.3 * share))


def draws_for(n: int, draws: int = DRAWS) -> int:
    """How often ``n`` cases are drawn anew: above ``CELLS`` / ``draws`` cases (20,000 with the default)
    fewer times, down to ``FEWEST``: an interval over so many cases is narrow, and its ends need no more.
    """
    return min(draws, max(FEWEST, CELLS // n))


def percentile_interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile interval of a bootstrap (Efron & Tibshirani 1993, ch. 13) from a figure's draws."""
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def share_difference(hits: float, trials: float, other_hits: float, other_trials: float) -> Estimate:
    """A share less another's, with the hybrid score interval (Newcombe 1998, Statistics in Medicine 17,
    873–890, method 10); NaN where either has no trials.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    if not (trials > 0 and other_trials > 0):
        return Estimate()
    low, high = confint_proportions_2indep(
        hits, trials, other_hits, other_trials, method="newcomb", compare="diff"
    )
    return Estimate(hits / trials - other_hits / other_trials, float(low), float(high))


def ratio_difference(
    got: np.ndarray, base: np.ndarray, other_got: np.ndarray, other_base: np.ndarray
) -> Estimate:
    """Σ``got`` / Σ``base`` of some cases less that of others, with the percentile interval of a bootstrap in
    which each group is drawn anew for itself; NaN where either base is not above 0.
    """
    if not (base.sum() > 0 and other_base.sum() > 0):
        return Estimate()
    rng = np.random.default_rng(SEED)

    def drawn(top: np.ndarray, below: np.ndarray) -> np.ndarray:
        chosen = rng.integers(len(top), size=(draws_for(len(top)), len(top)))
        sums = below[chosen].sum(axis=1)
        return np.asarray(top[chosen].sum(axis=1) / np.where(sums > 0, sums, np.nan))

    one, other = drawn(got, base), drawn(other_got, other_base)
    number = min(len(one), len(other))
    differences = one[:number] - other[:number]
    value = float(got.sum() / base.sum() - other_got.sum() / other_base.sum())
    return Estimate(value, *percentile_interval(differences[np.isfinite(differences)]))
