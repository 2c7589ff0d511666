"""Is tiering worth doing at all? Where no account is visible and all are much alike, it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.method.stats import concentration

SEED = 20260630
# from this share of sales an account is a visible one (the distributor's rule for when not to tier)
VISIBLE = 0.05
UNEQUAL = 0.4  # Gini from which accounts differ enough for tiers to mean something
# an account of the upper levels that brings less than twice one of the others is hardly set apart
ALIKE = 2.0
LEVEL = (2.5, 97.5)  # percentiles of the interval
CELLS = 20_000_000  # resampled accounts in all: above it fewer draws are taken
FEWEST = 200  # draws


@dataclass(frozen=True)
class TieringTest:
    """``accounts`` with positive revenue; ``top1_share`` of the largest and ``gini`` among them, 0 to 1, with
    a 95 % interval.

    ``spread``: mean revenue of an account of the upper levels over that of the others; None without both.
    ``reasons``: "visible_account" or "no_visible_account", then "unequal" or "equal", then "tiers_alike" as a
    caution.
    """

    worthwhile: bool
    accounts: int
    top1_share: float
    gini: float
    gini_low: float
    gini_high: float
    spread: float | None
    reasons: tuple[str, ...]


def tiering_test(
    revenue: pd.Series,
    upper: pd.Series | None = None,
    *,
    visible: float = VISIBLE,
    unequal: float = UNEQUAL,
    draws: int = 1000,
    seed: int = SEED,
) -> TieringTest:
    """Worth doing where the largest account's share reaches ``visible``, or the LOWER end of Gini's interval
    reaches ``unequal``.

    ``revenue`` per account (index account_id, any unit); only positive ones count, missing as none. ``upper``
    says for each account whether it is in the upper levels; an account it does not name is not. A single
    account is a visible one. Without any, nothing is visible and nothing unequal. Raises ValueError for
    infinite revenue.
    """
    positive = revenue[revenue > 0].astype("float64")
    if np.isinf(positive).any():
        raise ValueError("revenue must be finite")
    if positive.empty:
        return TieringTest(False, 0, 0.0, 0.0, 0.0, 0.0, None, ("no_visible_account", "equal"))
    parts = np.sort(
        (positive / positive.max()).to_numpy()
    )  # of the largest: no unit, and equal accounts are exactly 1
    parts = np.maximum(parts, 1e-300)  # what is positive stays so, however small beside the largest
    top1 = 1.0 / math.fsum(parts)
    gini = concentration.gini(pd.Series(parts)) or 0.0
    low, high = _interval(parts, gini, draws, seed)
    spread = None if upper is None else _spread(positive, upper)
    seen, differ = (
        round(top1, 9) >= visible,
        round(low, 9) >= unequal,
    )  # a share of exactly the limit has reached it
    reasons = ["visible_account" if seen else "no_visible_account", "unequal" if differ else "equal"]
    if spread is not None and round(spread, 9) < ALIKE:
        reasons.append("tiers_alike")
    return TieringTest(seen or differ, len(parts), top1, gini, low, high, spread, tuple(reasons))


def _interval(x: np.ndarray, gini: float, draws: int, seed: int) -> tuple[float, float]:
    """Percentile bootstrap over accounts of Gini (Efron & Tibshirani 1993, ch. 13); ``x`` ascending and
    positive.

    With n accounts of which the i-th smallest is drawn cᵢ times, Cᵢ = c₁ + … + cᵢ, the population form
    becomes Σ cᵢ(2Cᵢ − cᵢ − n)·xᵢ / (n·Σ cᵢxᵢ): the amounts are sorted once for all draws. Above CELLS /
    ``draws`` accounts (20,000 with the default) fewer draws are taken, down to FEWEST: an interval over so
    many accounts is narrow, and its ends need no more.
    """
    n = len(x)
    draws = min(draws, max(FEWEST, CELLS // n))
    rng, found = np.random.default_rng(seed), np.empty(draws)
    step = max(1, 2_000_000 // n)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        picked = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(picked.ravel(), minlength=rows * n).reshape(rows, n)
        ranks = times * (2 * np.cumsum(times, axis=1) - times - n)
        found[start : start + rows] = (ranks @ x) / (n * (times @ x))
    low, high = np.percentile(found, LEVEL)
    # resamples are a little more equal than the accounts themselves: with very few of them the estimate could
    # lie outside
    return float(max(0.0, min(low, gini))), float(min(1.0, max(high, gini)))


def _spread(positive: pd.Series, upper: pd.Series) -> float | None:
    """Mean of the upper accounts over mean of the others."""
    chosen = positive.index.isin(upper.index[upper.eq(True).fillna(False).to_numpy(dtype=bool)])
    if chosen.all() or not chosen.any():
        return None
    inside, outside = positive[chosen], positive[~chosen]
    return (math.fsum(inside) / len(inside)) / (math.fsum(outside) / len(outside))
