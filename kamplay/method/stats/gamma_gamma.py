"""What an account spends per purchase: the gamma–gamma model (Fader & Hardie 2013, "The gamma–gamma model of
monetary value").

Each purchase of an account is Gamma(p, rate ν) with its own ν; over the accounts ν ~ Gamma(q, rate v). Spend
per purchase is taken to be independent of how often an account buys; ``dependence`` tells whether the data
agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

STARTS = (
    (0.0, 0.0, 0.0),
    (1.5, 1.0, 0.0),
    (-0.5, -1.0, 0.5),
)  # ln p, ln(q − 1), ln v of spend scaled to a median of 1
BOUNDS = (
    (-5.0, 9.0),
    (-5.0, 9.0),
    (-12.0, 14.0),
)  # q stays above 1, where the mean over all accounts is finite


@dataclass(frozen=True)
class GammaGamma:
    """``p`` and ``q`` are shapes, ``v`` is in the currency."""

    p: float
    q: float
    v: float
    loglik: float


def fit(purchases: np.ndarray, spend: np.ndarray, weight: np.ndarray | None = None) -> GammaGamma | None:
    """Maximum likelihood from each account's number of purchases (≥ 1) and mean spend per purchase (> 0).
    None when nothing fits.
    """
    m, z = np.asarray(purchases, dtype=float), np.asarray(spend, dtype=float)
    if len(z) == 0:
        return None
    w = np.ones(len(z)) if weight is None else np.asarray(weight, dtype=float)
    unit = float(np.median(z))
    best: Any = None
    for start in STARTS:
        data = (m, z / unit, w)
        found = minimize(
            _loss,
            np.array(start),
            args=data,
            jac=True,
            method="L-BFGS-B",
            bounds=BOUNDS,
            options={"maxiter": 500},
        )
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun - 1e-9):
            best = found
    if best is None:
        return None
    p, q, v = float(np.exp(best.x[0])), 1 + float(np.exp(best.x[1])), float(np.exp(best.x[2]))
    return GammaGamma(
        p, q, v * unit, -float(best.fun) * float(w.sum()) - float(w.sum()) * float(np.log(unit))
    )


def _loss(logs: np.ndarray, m: np.ndarray, z: np.ndarray, w: np.ndarray) -> tuple[float, np.ndarray]:
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
    size = float(w.sum())
    return -float(w @ value) / size, -np.array([w @ by_p * p, w @ by_q * more, w @ by_v * v]) / size


def expected(model: GammaGamma, purchases: np.ndarray, spend: np.ndarray) -> np.ndarray:
    """Expected spend per future purchase: the account's own mean drawn towards that of all, less so the more
    it bought (equation 5).
    """
    return model.p * (model.v + purchases * spend) / (model.p * purchases + model.q - 1)


def draw(
    model: GammaGamma, purchases: np.ndarray, spend: np.ndarray, future: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Revenue of ``future`` purchases (accounts, draws), simulated: the account's ν given its past, then the
    sum of its purchases.
    """
    nu = (
        rng.standard_gamma((model.q + model.p * purchases)[:, None], future.shape)
        / (model.v + purchases * spend)[:, None]
    )
    return rng.standard_gamma(model.p * future) / np.maximum(nu, 1e-300)


def dependence(purchases: pd.Series, spend: pd.Series) -> float | None:
    """Rank correlation of number of purchases and mean spend over the accounts that bought again; None below
    three or without spread.
    """
    again = (purchases > 1) & (spend > 0)
    one, other = purchases[again].rank(), spend[again].rank()
    if len(one) < 3 or one.nunique() < 2 or other.nunique() < 2:
        return None
    return float(np.corrcoef(one, other)[0, 1])
