"""Expected spend per purchase: the gamma–gamma model (Fader & Hardie 2013, "The gamma–gamma model of
monetary value").

Each purchase of an account is Gamma(p, rate ν) with its own ν; over the accounts ν ~ Gamma(q, rate v). Spend
per purchase is taken to be independent of how often an account buys; ``dependence`` tests that.
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


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model: shapes ``p`` and ``q``, ``v`` in the currency, log-likelihood at the maximum."""

    p: float
    q: float
    v: float
    loglik: float


def fit(purchases: np.ndarray, spend: np.ndarray) -> GammaGamma | None:
    """Fit the model by maximum likelihood.

    Parameters
    ----------
    purchases, spend : (accounts,), number of purchases (≥ 1) and mean spend per purchase (> 0).

    Returns
    -------
    The model; None without accounts or a finite maximum.
    """
    m, z = np.asarray(purchases, dtype=float), np.asarray(spend, dtype=float)
    if len(z) == 0:
        return None
    unit = float(np.median(z))
    best = best_minimum(_loss, STARTS, BOUNDS, (m, z / unit))
    if best is None:
        return None
    p, q, v = float(np.exp(best.x[0])), 1 + float(np.exp(best.x[1])), float(np.exp(best.x[2]))
    return GammaGamma(p, q, v * unit, -float(best.fun) * len(z) - len(z) * float(np.log(unit)))


def _loss(logs: np.ndarray, m: np.ndarray, z: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean negative log of the density of the mean spend (equation 1a), and its gradient in (ln p, ln(q − 1),
    ln v).
    """
    p, more, v = np.exp(logs)
    q = 1 + more
    pm, total = p * m, v + m * z
    ln_total, ln_mz = np.log(total), np.log(m * z)
    value = (
        gammaln(pm + q)
        - gammaln(pm)
        - gammaln(q)
        + q * np.log(v)
        + pm * ln_mz
        - np.log(z)
        - (pm + q) * ln_total
    )
    both = digamma(pm + q)
    by_p = m * (both - digamma(pm) + ln_mz - ln_total)
    by_q = both - digamma(q) + np.log(v) - ln_total
    by_v = q / v - (pm + q) / total
    w = np.ones(len(z))
    return -float(w @ value) / len(z), -np.array([w @ by_p * p, w @ by_q * more, w @ by_v * v]) / len(z)


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
