"""What a finding must be before it may call for something: more than chance gives where nothing happened.

A topic hands in a ``Look`` with each finding that claims a change or a difference: how often chance alone
gives as much. All looks of a step are judged together, so that of what a run tells as a change at most
FALSE_SHARE is expected to be false. Within chance a finding is a note of the level, or is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaincc
from scipy.stats import norm, pearson3

Reference = Literal["outside", "within", "none", "fact"]
FALSE_SHARE = 0.1  # of what a run tells as a change, expected to be false
# What each step may spend of it. A run's share of false findings is at most the sum of its steps' shares,
# as the findings of all steps are never fewer than those of one.
SPENT = {"check": 0.0, "tiers": 0.0, "value": 0.6, "health": 0.3, "plan": 0.1}
# kinds that claim a change or a difference and have nothing to be compared with: their report says so
WITHOUT_REFERENCE = frozenset(
    {
        "asset_grow",
        "asset_grow_one",
        "collect_days",
        "deals_promise_high",
        "deals_promise_low",
        "deals_uncalibrated",
        "deals_forecast_high",
        "deals_large_harder",
        "deals_entities_differ",
        "loop_slower_delivery",
        "loop_slower_invoice",
        "loop_slower_collection",
        "moved",
        "score_fell",
        "spread_margin_narrower",
    }
)


@dataclass(frozen=True)
class Look:
    """One comparison of a figure with what chance gives.

    Attributes
    ----------
    p_value : how often chance alone gives as much.
    mean, sd, skew : of the figure where nothing happened; sd 0 where a range cannot be told. Between and
        beyond the draws a Pearson type III curve with these moments stands for them, so that its tails
        reach further than the draws do (Mielke & Berry 2007, Permutation Methods, ch. 2).
    """

    p_value: float
    mean: float = 0.0
    sd: float = 0.0
    skew: float = 0.0

    def range(self, tail: float) -> tuple[float, float] | None:
        """What chance gives but for ``tail`` on either side."""
        if self.sd == 0:
            return None
        low, high = pearson3.ppf([tail, 1 - tail], self.skew, self.mean, self.sd)
        return float(low), float(high)


def low_look(figure: float, draws: np.ndarray) -> Look:
    """A figure that is worse the lower it is, against its draws where nothing happened."""
    return _look(figure, draws, pearson3.cdf)


def high_look(figure: float, draws: np.ndarray) -> Look:
    """A figure that is worse the higher it is, against its draws where nothing happened."""
    return _look(figure, draws, pearson3.sf)


def _look(figure: float, draws: np.ndarray, tail: Callable[..., float]) -> Look:
    draws = np.asarray(draws, dtype=float)
    draws = draws[np.isfinite(draws)]
    mean, sd = (float(draws.mean()), float(draws.std())) if len(draws) else (0.0, 0.0)
    if sd <= 1e-9 * max(1.0, abs(mean)) or not np.isfinite(figure):
        return Look(1.0)
    skew = float(np.mean(((draws - mean) / sd) ** 3))
    return Look(float(tail(figure, skew, mean, sd)), mean, sd, skew)


def expected_beyond(limit: float, draws: np.ndarray) -> float:
    """By how much draws exceed a limit on average, 0 where they do not: of the Pearson type III curve with
    their mean, spread and skew, so that it can be told beyond the largest.
    """
    mean, sd = float(draws.mean()), float(draws.std())
    skew = float(np.mean(((draws - mean) / sd) ** 3))
    if skew < 0.05:  # no longer tail on that side than the normal curve's
        z = (limit - mean) / sd
        return float(sd * (norm.pdf(z) - z * norm.sf(z)))
    shape = 4 / skew**2
    scale, start = sd / np.sqrt(shape), mean - sd * np.sqrt(shape)
    x = max(limit - start, 0.0) / scale
    return float(shape * scale * gammaincc(shape + 1, x) - (limit - start) * gammaincc(shape, x))


def family_look(p_values: Iterable[float]) -> Look:
    """Many looks of a kind, one for each account, as one: Simes' test that none of them is more than chance
    (Simes 1986, Biometrika 73, 751–754), which agrees with ``beyond_chance``.
    """
    p = np.sort(np.asarray(list(p_values), dtype=float))
    p = p[np.isfinite(p)]
    if not len(p):
        return Look(1.0)
    return Look(float(min(1.0, (p * len(p) / np.arange(1, len(p) + 1)).min())))


def beyond_chance(p_values: Sequence[float] | np.ndarray, share: float = FALSE_SHARE) -> np.ndarray:
    """Which of many looks of a kind are more than chance, at most ``share`` of them expected to be false
    (Benjamini & Hochberg 1995); missing p-values are not.
    """
    from statsmodels.stats.multitest import multipletests

    p = np.asarray(p_values, dtype=float)
    out, known = np.zeros(len(p), dtype=bool), np.isfinite(p)
    if known.any():
        out[known] = multipletests(p[known], share, "fdr_bh")[0]
    return out


def threshold(p_values: Sequence[float], share: float) -> float:
    """The p-value from which a look is more than chance when all of ``p_values`` are judged together at
    ``share``.
    """
    told = int(beyond_chance(p_values, share).sum())
    return share * max(told, 1) / max(len(p_values), 1)
