"""Expected number of purchases: the BG/NBD model of Fader, Hardie & Lee (2005, Marketing Science 24,
275–284).

While active, an account buys at random with its own rate λ; after any purchase it leaves for good with its
own probability p. Over the accounts λ ~ Gamma(r, rate α) and p ~ Beta(a, b). The data of an account are
``x`` repeat purchases, ``t_x`` the time of the last, ``T`` the time observed, both in weeks since the first
purchase.

In the paper nobody leaves before a repeat purchase, so an account that bought once stays active for ever.
With ``first`` it may leave after its first purchase too (MBG/NBD: Batislam, Denizel & Filiztekin 2007, Int.
J. of Research in Marketing 24, 201–209): x + 1 opportunities to leave in place of x. Both have four
parameters, so their likelihoods compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.linalg import eigvalsh_tridiagonal
from scipy.special import betainc, digamma, expit, gammaln

from kamplay.method.stats.maximum_likelihood import best_minimum

STARTS = (
    (0.0, 1.5, 0.0, 1.0),
    (-1.0, 1.0, -1.0, 0.5),
    (0.5, 3.0, -2.0, 0.0),
    (-0.5, 2.5, 1.0, 3.0),
)  # ln r, ln α, ln a, ln b
BOUNDS = ((-7.0, 7.0), (-7.0, 10.0), (-9.0, 9.0), (-7.0, 11.0))  # beyond, accounts hardly differ
SAMPLE = 4000  # rows
NODES = 64  # of the quadrature: error below 1e-10 against direct evaluation
CHUNK = 20_000  # rows in memory at once, each with NODES


@dataclass(frozen=True)
class BGNBD:
    """A fitted model.

    Attributes
    ----------
    r, alpha : shape and rate (weeks) of the purchase rates' Gamma distribution.
    a, b : of the dropout probabilities' Beta distribution.
    loglik : log-likelihood at the maximum.
    first : whether an account may leave after its first purchase (MBG/NBD).
    """

    r: float
    alpha: float
    a: float
    b: float
    loglik: float = 0.0
    first: bool = False

    def chances(self, x: np.ndarray) -> np.ndarray:
        """Opportunities to leave of an account with x repeat purchases."""
        return x + float(self.first)


def fit_best(table: pd.DataFrame) -> BGNBD | None:
    """Fit the more likely of BG/NBD and MBG/NBD, see ``fit``; of many accounts a sample decides which."""
    part = table.sample(SAMPLE, random_state=0) if len(table) > 5 * SAMPLE else table
    rows = _distinct(part)
    found = [model for model in (_fit(rows, False), _fit(rows, True)) if model is not None]
    best = max(found, key=lambda model: model.loglik) if found else None
    return best if best is None or part is table else fit(table, best.first)


def fit(table: pd.DataFrame, first: bool = False) -> BGNBD | None:
    """Fit the model by maximum likelihood.

    Parameters
    ----------
    table : a row per account with x, t_x, T (weeks).
    first : fit MBG/NBD.

    Returns
    -------
    The model; None where no start leads to a finite maximum.
    """
    return _fit(_distinct(table), first)


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that differ, with the number of accounts of each as ``weight``."""
    return table.groupby(["x", "t_x", "T"], sort=True).size().reset_index(name="weight")


def _fit(rows: pd.DataFrame, first: bool) -> BGNBD | None:
    part = data = _Rows(rows, first)
    if len(rows) > SAMPLE:  # a sample gives the start for all rows
        part = _Rows(rows.sample(SAMPLE, random_state=0), first)
    best = best_minimum(_loss, STARTS, BOUNDS, (part,))
    if best is not None and part is not data:
        best = best_minimum(_loss, (best.x,), BOUNDS, (data,))
    if best is None:
        return None
    r, alpha, a, b = (float(v) for v in np.exp(best.x))
    return BGNBD(r, alpha, a, b, -float(best.fun) * data.total, first)


class _Rows:
    """The data of the likelihood, from rows x, t_x, T and weight (accounts of a row). Its gamma functions
    depend on x alone and are evaluated once per x.
    """

    def __init__(self, table: pd.DataFrame, first: bool):
        x, t_x, self.seen, self.weight = (table[c].to_numpy(dtype=float) for c in ("x", "t_x", "T", "weight"))
        self.x, self.t_x = x, np.where(x > 0, t_x, 0.0)
        self.total = float(self.weight.sum())
        self.values, self.place = np.unique(x, return_inverse=True)
        self.counts = np.bincount(self.place, weights=self.weight)
        self.chances = self.values + float(first)


def _loss(logs: np.ndarray, d: _Rows) -> tuple[float, np.ndarray]:
    """Mean negative log-likelihood (equation 6 of the paper) and its gradient in the logs of (r, α, a, b)."""
    r, alpha, a, b = np.exp(logs)
    v, n, k, w = d.values, d.counts, d.chances, d.weight
    of_x = (
        gammaln(r + v)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + k)
        - gammaln(b)
        - gammaln(a + b + k)
    )
    could = k > 0
    stayed = np.where(could, b + k - 1, 1.0)
    to_leave = np.where(could, np.log(a) - np.log(stayed), -np.inf).take(d.place)
    last, now = alpha + d.t_x, alpha + d.seen
    since, until, u = np.log(last), np.log(now), r + d.x
    stay, left = -u * until, to_leave - u * since  # still active at T; left at t_x
    odds = left - stay
    least = np.exp(-np.abs(odds))
    gone = np.where(odds > 0, 1.0, least) / (1 + least)
    # log(exp(stay) + exp(left)): numpy's logaddexp, one value after another, takes as long as all the rest
    value = float(n @ of_x + w @ (np.maximum(stay, left) + np.log1p(least)))
    lost = w * gone
    kept = w - lost
    of_b = digamma(a + b) - digamma(a + b + k)
    grad = np.array(
        [
            n @ (digamma(r + v) - digamma(r) + np.log(alpha)) - kept @ until - lost @ since,
            d.total * r / alpha - kept @ (u / now) - lost @ (u / last),
            n @ of_b + lost.sum() / a,
            n @ (of_b + digamma(b + k) - digamma(b)) - lost @ (1 / stayed).take(d.place),
        ]
    )
    return -value / d.total, -grad * np.array([r, alpha, a, b]) / d.total


def alive(model: BGNBD, x: np.ndarray, t_x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Probability that an account is still active (Fader, Hardie & Lee 2008, Computing P(alive)
    using the BG/NBD model).

    Parameters
    ----------
    x, t_x, seen : (accounts,), repeat purchases, weeks to the last one, weeks observed.

    Returns
    -------
    (accounts,), 0 to 1; 1 where the account had no opportunity to leave.
    """
    chances = model.chances(x)
    could = chances > 0
    silence = np.log(model.alpha + seen) - np.log(model.alpha + t_x)
    odds = np.log(model.a) - np.log(np.where(could, model.b + chances - 1, 1.0)) + (model.r + x) * silence
    return np.where(could, expit(-odds), 1.0)


def expected(
    model: BGNBD, x: np.ndarray, t_x: np.ndarray, seen: np.ndarray, horizon: float, nodes: int = NODES
) -> np.ndarray:
    """Expected purchases in the next ``horizon`` weeks, given the past (equation 10 of the paper).

    The paper's hypergeometric function overflows for large x. The same figure is
    P(alive) · E[(1 − (1 + p·horizon/(α+T))^−(r+x)) / p] with p ~ Beta(a, b + chances): a smooth integrand,
    taken by Gauss–Jacobi quadrature.

    Parameters
    ----------
    x, t_x, seen : (accounts,), repeat purchases, weeks to the last one, weeks observed.
    horizon : weeks.
    nodes : of the quadrature.

    Returns
    -------
    (accounts,).
    """
    out = np.zeros(len(x))
    values, place = np.unique(x, return_inverse=True)
    points, weights = beta_quadrature(model.a, tuple((model.b + model.chances(values)).tolist()), nodes)
    rows = np.argsort(place, kind="stable")
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        at = points[place[part]]
        ratio = horizon / (model.alpha + seen[part])
        inner = -np.expm1(-(model.r + x[part])[:, None] * np.log1p(ratio[:, None] * at)) / at
        out[part] = np.einsum("ij,ij->i", inner, weights[place[part]])
    return out * alive(model, x, t_x, seen)


@lru_cache(maxsize=32)  # a forecast of two horizons asks for the same
def beta_quadrature(a: float, b: tuple[float, ...], nodes: int = NODES) -> tuple[np.ndarray, np.ndarray]:
    """Gauss quadrature for the densities of Beta(a, b), from the recurrence of their orthonormal polynomials
    (Golub & Welsch 1969); without gamma functions nothing overflows.

    The points are the eigenvalues of the recurrence's matrix; the weight of each is one over the sum of the
    squares of the polynomials there (Gautschi 2004, Orthogonal Polynomials, 3.1), taken for all b at once.

    Returns
    -------
    points, weights : (densities, nodes), in (0, 1), the weights of each adding up to 1.
    """
    k = np.arange(nodes, dtype=float)
    left, right = np.array(b)[:, None] - 1.0, a - 1.0  # exponents of (1 − z) and (1 + z) on [−1, 1]
    s = 2 * k + left + right
    with np.errstate(divide="ignore", invalid="ignore"):
        diagonal = (right**2 - left**2) / (s * (s + 2))
    diagonal[:, 0] = ((right - left) / (left + right + 2))[:, 0]
    j = k[1:]
    s = 2 * j + left + right
    with np.errstate(divide="ignore", invalid="ignore"):
        square = 4 * j * (j + left) * (j + right) * (j + left + right) / (s**2 * (s + 1) * (s - 1))
    square[:, 0] = (4 * (1 + left) * (1 + right) / ((2 + left + right) ** 2 * (3 + left + right)))[:, 0]
    beside = np.sqrt(square)
    eigenvalues = [eigvalsh_tridiagonal(d, e) for d, e in zip(diagonal, beside, strict=True)]
    z = np.reshape(eigenvalues, (len(b), nodes))
    before, value, total = np.zeros_like(z), np.ones_like(z), np.ones_like(z)
    for i in range(nodes - 1):
        further = (z - diagonal[:, [i]]) * value
        if i:
            further -= beside[:, [i - 1]] * before
        before, value = value, further / beside[:, [i]]
        total += value**2
    points, weights = np.clip((z + 1) / 2, 1e-300, 1.0), 1 / total
    weights /= weights.sum(axis=1, keepdims=True)
    points.setflags(write=False)
    weights.setflags(write=False)
    return points, weights


def draw(
    model: BGNBD,
    x: np.ndarray,
    p_alive: np.ndarray,
    seen: np.ndarray,
    horizon: float,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Simulate purchases in the next ``horizon`` weeks.

    An account buys k times or more if it is active, wants to, λ ~ Gamma(r + x, α + T), and does not leave
    after one of the first k − 1, p ~ Beta(a, b + chances); λ and p integrate out, λ to a negative binomial.
    Of its draws that share, to one of them, has k purchases or more (systematic sampling), in an order of
    their own.

    Parameters
    ----------
    x, p_alive, seen : (accounts,), repeat purchases, probability of being active, weeks observed.
    horizon : weeks; at most a purchase a day.

    Returns
    -------
    (accounts, draws).
    """
    wants, stays = model.r + x, model.b + model.chances(x)
    share = horizon / (model.alpha + seen + horizon)
    rows, stayed, rounding = np.arange(len(x)), p_alive.astype(float), rng.random(len(x))
    steps = np.zeros((len(x), draws), dtype=np.int16)
    log_none = wants * np.log1p(-share)
    none = np.exp(log_none)  # the chance of no purchase; of k of them, the one before times a factor
    exactly, or_more, tiny = none * wants * share, -np.expm1(log_none), none < 1e-290
    for k in range(1, int(7 * horizon) + 1):
        if tiny.any():  # too small a chance to start from
            or_more[tiny] = betainc(k, wants[tiny], share[tiny])
        number = (or_more * stayed * draws + rounding).astype(int)
        more = number > 0
        if not more.any():
            break
        steps[rows[more], number[more] - 1] += 1
        or_more -= exactly
        exactly *= share * (wants + k) / (k + 1)
        left = stays + k - 1
        stayed *= left / (model.a + left)
        if not more.all():
            kept = (rows, stays, wants, share, stayed, rounding, exactly, or_more, tiny)
            rows, stays, wants, share, stayed, rounding, exactly, or_more, tiny = (v[more] for v in kept)
    return rng.permuted(steps[:, ::-1].cumsum(axis=1, dtype=np.int16), axis=1)
