"""Is tiering worth doing at all? Where no account is visible and all are much alike, it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.method.stats import concentration
from kamplay.method.stats.intervals import DRAWS, SEED

# from this share of sales an account is a visible one (the distributor's rule for when not to tier)
VISIBLE = 0.05
UNEQUAL = 0.4  # Gini from which accounts differ enough for tiers to mean something
# an account of the upper levels that brings less than twice one of the others is hardly set apart
ALIKE = 2.0


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
    draws: int = DRAWS,
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
    low, high = concentration.gini_interval(pd.Series(parts), draws, seed)
    spread = None if upper is None else _spread(positive, upper)
    seen, differ = (
        round(top1, 9) >= visible,
        round(low, 9) >= unequal,
    )  # a share of exactly the limit has reached it
    reasons = ["visible_account" if seen else "no_visible_account", "unequal" if differ else "equal"]
    if spread is not None and round(spread, 9) < ALIKE:
        reasons.append("tiers_alike")
    return TieringTest(seen or differ, len(parts), top1, gini, low, high, spread, tuple(reasons))


def _spread(positive: pd.Series, upper: pd.Series) -> float | None:
    """Mean of the upper accounts over mean of the others."""
    chosen = positive.index.isin(upper.index[upper.eq(True).fillna(False).to_numpy(dtype=bool)])
    if chosen.all() or not chosen.any():
        return None
    inside, outside = positive[chosen], positive[~chosen]
    return (math.fsum(inside) / len(inside)) / (math.fsum(outside) / len(outside))
