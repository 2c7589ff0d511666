"""Expected spend per purchase: the gamma–gamma model (Fader & Hardie 2013, "The gamma–gamma model of
monetary value").

Each purchase of an account is Gamma(p, rate ν) with its own ν; over the accounts ν ~ Gamma(q, rate v). Spend
per purchase is taken to be independent of how often an account buys; ``dependence`` tests that.

The paper fits the accounts' mean spend alone. Where all accounts have about as many purchases, these means do
not tell how much of their spread lies within an account and how much between accounts, and the likelihood may
rise to a bound at which every account gets the same mean. The single purchases, where they are known, tell
it: their spread within accounts fixes p, that between accounts q.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import digamma, gammaln

from kamplay.method.stats.maximum_likelihood import best_minimum

# ln p, ln(q − 1), ln v of spend scaled to a median of 1; above q = 1 the mean over all accounts is finite
STARTS = ((0.0, 0.0, 0.0), (1.5, 1.0, 0.0), (-0.5, -1.0, 0.5))
BOUNDS = ((-5.0, 9.0), (-5.0, 9.0), (-12.0, 14.0))
NEAR = 0.01  # of a bound, in logs


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model: shapes ``p`` and ``q``, ``v`` in the currency, log-likelihood at the maximum."""

    p: float
    q: float
    v: float
    loglik: float


def fit(purchases: np.ndarray, spend: np.ndarray, mean_log: np.ndarray | None = None) -> GammaGamma | None:
    """Fit the model by maximum likelihood, to the single purchases or, as the paper does, to their means.

    Of an account's purchases their number, mean and mean log hold all that the model needs. A fit to means is
    refused at a bound; one to purchases holds there: accounts that do not differ (q large), that differ
    without measure (q near 1: each keeps its own mean) or always spend alike (p large).

    Parameters
    ----------
    purchases, spend : (accounts,), number of purchases (≥ 1) and mean spend per purchase (> 0).
    mean_log : (accounts,), mean of the purchases' natural logs; None to fit to means.

    Returns
    -------
    The model; None without accounts, without a finite maximum, or refused.
    """
    m, z = np.asarray(purchases, dtype=float), np.asarray(spend, dtype=float)
    if len(z) == 0:
        return None
    unit = float(np.median(z))
    if mean_log is None:
        best = best_minimum(_loss, STARTS, BOUNDS, (m, z / unit))
        amounts = float(len(z))
    else:
        logs = np.asarray(mean_log, dtype=float) - np.log(unit)
        best = best_minimum(_loss_purchases, STARTS, BOUNDS, (m, z / unit, logs))
        amounts = float(m.sum())
    if best is None or (mean_log is None and _at_bound(best.x)):
        return None
    p, q, v = float(np.exp(best.x[0])), 1 + float(np.exp(best.x[1])), float(np.exp(best.x[2]))
    return GammaGamma(p, q, v * unit, -float(best.fun) * len(z) - amounts * float(np.log(unit)))


def _at_bound(logs: np.ndarray) -> bool:
    return any(x - low < NEAR or high - x < NEAR for x, (low, high) in zip(logs, BOUNDS, strict=True))


def _loss(logs: np.ndarray, m: np.ndarray, z: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean negative log of the density of the mean spend (equation 1a), and its gradient in (ln p, ln(q − 1),
    ln v).
    """
    p = np.exp(logs[0])
    shape, ln_mz = p * m, np.log(m * z)
    within = p * m * ln_mz - np.log(z) - gammaln(shape)
    return _with_rates(logs, m, z, within, m * (ln_mz - digamma(shape)))


def _loss_purchases(
    logs: np.ndarray, m: np.ndarray, z: np.ndarray, mean_log: np.ndarray
) -> tuple[float, np.ndarray]:
    """The same of the single purchases: their densities multiplied, the account's rate integrated out."""
    p = np.exp(logs[0])
    within = m * ((p - 1) * mean_log - gammaln(p))
    return _with_rates(logs, m, z, within, m * (mean_log - digamma(p)))


def _with_rates(
    logs: np.ndarray, m: np.ndarray, z: np.ndarray, within: np.ndarray, within_by_p: np.ndarray
) -> tuple[float, np.ndarray]:
    """Mean negative log-likelihood and gradient. ``within``: the terms of the log-likelihood without q and v,
    and what they change by with p.
    """
    p, more, v = np.exp(logs)
    q = 1 + more
    pm, total = p * m, v + m * z
    ln_total = np.log(total)
    value = within + gammaln(pm + q) - gammaln(q) + q * np.log(v) - (pm + q) * ln_total
    both = digamma(pm + q)
    by_p = within_by_p + m * (both - ln_total)
    by_q = both - digamma(q) + np.log(v) - ln_total
    by_v = q / v - (pm + q) / total
    grad = np.array([by_p.sum() * p, by_q.sum() * more, by_v.sum() * v])
    return -float(value.sum()) / len(z), -grad / len(z)


def expected(model: GammaGamma, purchases: np.ndarray, spend: np.ndarray) -> np.ndarray:
    """Expected spend per future purchase: the account's mean shrunk towards that of all (equation 5).

    Parameters
    ----------
    purchases, spend : (accounts,), number of purchases and mean spend per purchase.

    Returns
    -------
    (accounts,), in the currency.
    """
    return model.p * (model.v + purchases * spend) / (model.p * purchases + model.q - 1)


def draw(
    model: GammaGamma, purchases: np.ndarray, spend: np.ndarray, future: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Simulate revenue: the account's ν given its past, then the sum of its purchases.

    Parameters
    ----------
    purchases, spend : (accounts,), number of purchases and mean spend per purchase.
    future : (accounts, draws), number of future purchases.

    Returns
    -------
    (accounts, draws), in the currency.
    """
    nu = (
        rng.standard_gamma((model.q + model.p * purchases)[:, None], future.shape)
        / (model.v + purchases * spend)[:, None]
    )
    return rng.standard_gamma(model.p * future) / np.maximum(nu, 1e-300)


def dependence(purchases: pd.Series, spend: pd.Series) -> float | None:
    """Spearman correlation of number of purchases and mean spend over accounts with repeat purchases; None
    with fewer than three of them, or where either does not vary.
    """
    again = (purchases > 1) & (spend > 0)
    one, other = purchases[again].rank(), spend[again].rank()
    if len(one) < 3 or one.nunique() < 2 or other.nunique() < 2:
        return None
    return float(np.corrcoef(one, other)[0, 1])
