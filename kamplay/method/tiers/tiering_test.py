"""Is tiering worth doing at all? Where no account is visible and all are much alike, it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.method.results import Findings
from kamplay.method.stats import concentration
from kamplay.method.stats.intervals import DRAWS, SEED

# from this share of sales an account is a visible one (the distributor's rule for when not to tier)
VISIBLE = 0.05
UNEQUAL = 0.4  # Gini from which accounts differ enough for tiers to mean something
# an account of the upper levels that brings less than twice one of the others is hardly set apart
ALIKE = 2.0


@dataclass(frozen=True)
class TieringTest:
    """Whether tiering is worth doing.

    Attributes
    ----------
    worthwhile : the answer.
    accounts : with positive revenue.
    top1_share : of the largest account, 0 to 1.
    gini, gini_low, gini_high : of revenue, 0 to 1, with its 95 % interval.
    spread : mean revenue of an account of the upper levels over that of the others; None without both.
    reasons : visible_account or no_visible_account, then unequal or equal, then tiers_alike as a caution.
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
    """Test whether tiering is worth doing: the largest account's share reaches ``visible``, or the lower end
    of Gini's interval reaches ``unequal``.

    A single account is a visible one. Without any, nothing is visible and nothing unequal.

    Parameters
    ----------
    revenue : per account (index account_id), in any unit; only positive ones count, missing as none.
    upper : per account whether it is in the upper levels; an account that it does not name is not.
    visible : share of revenue, 0 to 1.
    unequal : Gini, 0 to 1.
    draws, seed : of the bootstrap.

    Raises
    ------
    ValueError
        Revenue is infinite.
    """
    positive = revenue[revenue > 0].astype("float64")
    if np.isinf(positive).any():
        raise ValueError("revenue must be finite")
    if positive.empty:
        return TieringTest(False, 0, 0.0, 0.0, 0.0, 0.0, None, ("no_visible_account", "equal"))
    # of the largest: no unit, and equal accounts are exactly 1
    parts = np.sort((positive / positive.max()).to_numpy())
    parts = np.maximum(parts, 1e-300)  # what is positive stays so, however small beside the largest
    top1 = 1.0 / math.fsum(parts)
    gini = concentration.gini(pd.Series(parts)) or 0.0
    low, high = concentration.gini_interval(pd.Series(parts), draws, seed)
    spread = None if upper is None else _spread(positive, upper)
    # a share of exactly the limit has reached it
    seen, differ = round(top1, 9) >= visible, round(low, 9) >= unequal
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


def add_findings(findings: Findings, test: TieringTest, largest: pd.Index) -> None:
    """Add whether tiering is worth doing; ``largest``: the id of the largest unit, if there is one."""
    figures = {
        "top1_share": test.top1_share,
        "gini": test.gini,
        "gini_low": test.gini_low,
        "gini_high": test.gini_high,
        "accounts": test.accounts,
        "spread": test.spread,
    }
    if not test.worthwhile:
        findings.add("not_worth_tiering", "act", "do_not_tier", largest, **figures)
        return
    kind = "worth_tiering" if "visible_account" in test.reasons else "worth_tiering_spread"
    findings.add(kind, "note", "tier", largest, **figures)
    if "tiers_alike" in test.reasons:
        findings.add("tiers_alike", "watch", "redraw_tiers", spread=test.spread)
