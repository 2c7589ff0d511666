"""Whether tiering pays at all: not where no account is large and all are much alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.method.check.readiness import ENOUGH_ACCOUNTS
from kamplay.method.results import Findings
from kamplay.method.stats import concentration
from kamplay.method.stats.intervals import DRAWS, SEED

# share of sales from which an account is visible (a distributor's rule for when not to tier)
VISIBLE = 0.05
UNEQUAL = 0.4  # Gini coefficient from which accounts differ enough to be tiered
ALIKE = 2.0  # mean revenue of the upper levels over that of the others, below which tiers hardly differ


@dataclass(frozen=True)
class TieringTest:
    """Whether tiering pays.

    Attributes
    ----------
    worthwhile : the answer.
    accounts : with positive revenue.
    top1_share : of the largest account, 0 to 1.
    gini, gini_low, gini_high : of revenue, 0 to 1, with its 95 % interval.
    mean_ratio : mean revenue of an account of the upper levels over that of the others; None without both.
    reasons : visible_account or no_visible_account, then unequal or equal, then tiers_alike as a caution.
    """

    worthwhile: bool
    accounts: int
    top1_share: float
    gini: float
    gini_low: float
    gini_high: float
    mean_ratio: float | None
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
    """Test whether tiering pays: the largest account's share reaches ``visible``, or the lower end
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
    # relative to the largest, so that equal accounts are exactly 1
    parts = np.sort((positive / positive.max()).to_numpy())
    parts = np.maximum(parts, 1e-300)  # positive revenue stays positive, however small
    top1 = 1.0 / math.fsum(parts)
    gini = concentration.gini(pd.Series(parts)) or 0.0
    low, high = concentration.gini_interval(pd.Series(parts), draws, seed)
    mean_ratio = None if upper is None else _mean_ratio(positive, upper)
    # rounded, so that a share of exactly the limit reaches it
    is_visible, is_unequal = round(top1, 9) >= round(visible, 9), round(low, 9) >= round(unequal, 9)
    reasons = [
        "visible_account" if is_visible else "no_visible_account",
        "unequal" if is_unequal else "equal",
    ]
    if mean_ratio is not None and round(mean_ratio, 9) < ALIKE:
        reasons.append("tiers_alike")
    return TieringTest(
        is_visible or is_unequal, len(parts), top1, gini, low, high, mean_ratio, tuple(reasons)
    )


def _mean_ratio(positive: pd.Series, upper: pd.Series) -> float | None:
    """Mean of the upper accounts over mean of the others."""
    chosen = positive.index.isin(upper.index[upper.eq(True).fillna(False).to_numpy(dtype=bool)])
    if chosen.all() or not chosen.any():
        return None
    inside, outside = positive[chosen], positive[~chosen]
    return (math.fsum(inside) / len(inside)) / (math.fsum(outside) / len(outside))


def add_findings(findings: Findings, test: TieringTest, largest: pd.Index) -> None:
    """Add whether tiering pays; ``largest``: the id of the largest unit, if there is one."""
    figures = {
        "top1_share": test.top1_share,
        "gini": test.gini,
        "gini_low": test.gini_low,
        "gini_high": test.gini_high,
        "accounts": test.accounts,
        "spread": test.mean_ratio,
    }
    if not test.worthwhile:
        findings.add("not_worth_tiering", "act", "do_not_tier", largest, **figures)
        return
    if test.accounts < ENOUGH_ACCOUNTS:
        findings.add("few_to_tier", "note", "decide_one_by_one", largest, **figures)
        return
    kind = "worth_tiering" if "visible_account" in test.reasons else "worth_tiering_spread"
    findings.add(kind, "note", "tier", largest, **figures)
    if "tiers_alike" in test.reasons:
        findings.add("tiers_alike", "watch", "redraw_tiers", spread=test.mean_ratio)
