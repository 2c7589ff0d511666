"""How often an account will still buy: the BG/NBD model of Fader, Hardie & Lee (2005, Marketing Science 24,
275–284).

While active, an account buys at random with its own rate λ; after any purchase it leaves for good with its
own probability p. Over the accounts λ ~ Gamma(r, rate α) and p ~ Beta(a, b). An account is known by three
figures: ``x`` repeat purchases, ``t_x`` the time of the last, ``T`` the time observed, both in weeks since
the first purchase.

In the paper nobody leaves before a repeat purchase, so whoever bought once counts as active for ever. With
``first`` an account may leave after its first purchase as well (MBG/NBD: Batislam, Denizel & Filiztekin 2007,
Int. J. of Research in Marketing 24, 201–209): x + 1 chances to leave in place of x, the rest unchanged. Both
have four parameters, so the likelihood alone may choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

STARTS = (
    (0.0, 1.5, 0.0, 1.0),
    (-1.0, 1.0, -1.0, 0.5),
    (0.5, 3.0, -2.0, 0.0),
    (-0.5, 2.5, 1.0, 3.0),
)  # ln r, ln α, ln a, ln b
BOUNDS = ((-7.0, 7.0), (-7.0, 10.0), (-9.0, 9.0), (-7.0, 11.0))  # beyond, accounts cannot be told apart
SAMPLE = 4000  # rows
NODES = 64  # of the quadrature: error below 1e-10 against direct evaluation
CHUNK = 20_000  # rows times NODES held at once


@dataclass(frozen=True)
class BGNBD:
    """Fitted parameters; α in weeks. ``loglik`` at the maximum. ``first``: an account may leave after its
    first purchase.
    """

    r: float
    alpha: float
    a: float
    b: float
    loglik: float = 0.0
    first: bool = False

    def chances(self, x: np.ndarray) -> np.ndarray:
        """How often an account with x repeat purchases could have left."""
        return x + float(self.first)


def better(table: pd.DataFrame) -> BGNBD | None:
    """The more likely of the two variants; of many accounts a part decides which."""
    part = table.sample(SAMPLE, random_state=0) if len(table) > 5 * SAMPLE else table
    found = [model for model in (fit(part), fit(part, first=True)) if model is not None]
    best = max(found, key=lambda model: model.loglik) if found else None
    return best if best is None or part is table else fit(table, best.first)


def fit(table: pd.DataFrame, first: bool = False) -> BGNBD | None:
    """Maximum likelihood from one row an account: x, t_x, T (weeks), and ``count`` where a row stands for
    several.

    None when no start leads to a finite maximum.
    """
    if "count" in table:
        rows = table.groupby(["x", "t_x", "T"], sort=True)["count"].sum().reset_index(name="weight")
    else:
        rows = table.groupby(["x", "t_x", "T"], sort=True).size().reset_index(name="weight")
    data = _rows(rows, rows["weight"].to_numpy(dtype=float), first)
    part = data
    if len(rows) > SAMPLE:  # where to start is found on a part of the rows, the maximum on all of them
        chosen = rows.sample(SAMPLE, random_state=0)
        part = _rows(chosen, chosen["weight"].to_numpy(dtype=float), first)
    best = _climb(part, STARTS)
    if best is not None and part is not data:
        best = _climb(data, (tuple(best.x),))
    if best is None:
        return None
    r, alpha, a, b = (float(v) for v in np.exp(best.x))
    return BGNBD(r, alpha, a, b, -float(best.fun) * data.total, first)


def _climb(data: _Rows, starts: tuple[tuple[float, ...], ...]) -> Any:
    """The best of the maxima that the starts lead to; None where none is finite."""
    best: Any = None
    for start in starts:
        found = minimize(
            _loss,
            np.array(start),
            args=(data,),
            jac=True,
            method="L-BFGS-B",
            bounds=BOUNDS,
            options={"maxiter": 500},
        )
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun - 1e-9):
            best = found
    return best


class _Rows:
    """The data as the likelihood needs it: gamma functions depend on x alone and are evaluated once for each
    x.
    """

    def __init__(
        self, x: np.ndarray, t_x: np.ndarray, seen: np.ndarray, weight: np.ndarray, first: bool = False
    ):
        self.chances = x + float(first)
        self.x, self.t_x, self.seen, self.weight = x, np.where(x > 0, t_x, 0.0), seen, weight
        self.total = float(weight.sum())
        self.values, where = np.unique(x, return_inverse=True)
        self.counts = np.bincount(where, weights=weight)
        self.extra = float(first)


def _loss(logs: np.ndarray, d: _Rows) -> tuple[float, np.ndarray]:
    """Mean negative log-likelihood and its gradient in the logs of (r, α, a, b). Equation 6 of the paper, in
    logs throughout.
    """
    r, alpha, a, b = np.exp(logs)
    v, n, k = d.values, d.counts, d.values + d.extra
    of_x = (
        gammaln(r + v)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + k)
        - gammaln(b)
        - gammaln(a + b + k)
    )
    since, until = np.log(alpha + d.t_x), np.log(alpha + d.seen)
    u, could = r + d.x, d.chances > 0
    stayed = np.where(could, b + d.chances - 1, 1.0)
    stay = -u * until  # still active at T
    left = np.where(could, np.log(a) - np.log(stayed) - u * since, -np.inf)  # left at t_x
    value = float(n @ of_x + d.weight @ np.logaddexp(stay, left))
    gone = np.where(could, expit(left - stay), 0.0)
    w = d.weight
    grad = np.array(
        [
            n @ (digamma(r + v) - digamma(r) + np.log(alpha)) - w @ ((1 - gone) * until + gone * since),
            d.total * r / alpha - w @ (u * ((1 - gone) / (alpha + d.seen) + gone / (alpha + d.t_x))),
            n @ (digamma(a + b) - digamma(a + b + k)) + (w @ gone) / a,
            n @ (digamma(a + b) + digamma(b + k) - digamma(b) - digamma(a + b + k)) - w @ (gone / stayed),
        ]
    )
    return -value / d.total, -grad * np.array([r, alpha, a, b]) / d.total


def _rows(table: pd.DataFrame, weight: np.ndarray, first: bool = False) -> _Rows:
    x, t_x, seen = (table[c].to_numpy(dtype=float) for c in ("x", "t_x", "T"))
    return _Rows(x, t_x, seen, weight, first)


def loglik(table: pd.DataFrame, r: float, alpha: float, a: float, b: float) -> float:
    """The log-likelihood of rows x, t_x, T (and count) at given parameters."""
    weight = table["count"].to_numpy(dtype=float) if "count" in table else np.ones(len(table))
    data = _rows(table, weight)
    return -_loss(np.log([r, alpha, a, b]), data)[0] * data.total


def alive(model: BGNBD, x: np.ndarray, t_x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Probability that an account is still active after ``seen`` weeks; 1 where it had no chance to leave."""
    chances = model.chances(x)
    could = chances > 0
    silence = np.log(model.alpha + seen) - np.log(model.alpha + t_x)
    odds = np.log(model.a) - np.log(np.where(could, model.b + chances - 1, 1.0)) + (model.r + x) * silence
    return np.where(could, expit(-odds), 1.0)


def expected(model: BGNBD, x: np.ndarray, t_x: np.ndarray, seen: np.ndarray, horizon: float) -> np.ndarray:
    """Expected purchases in the ``horizon`` weeks after ``seen``, given the past (equation 10 of the paper).

    The paper's form holds a hypergeometric function that overflows for large x and a factor 1 / (a − 1). The
    same figure is P(alive) · E[(1 − (1 + p·horizon/(α+T))^−(r+x)) / p] with p ~ Beta(a, b + chances): a
    smooth integrand without a cancellation, taken by Gauss–Jacobi quadrature.
    """
    out = np.zeros(len(x))
    for value in np.unique(x):
        nodes, weights = jacobi(model.a, model.b + float(model.chances(value)))
        rows = np.flatnonzero(x == value)
        for part in np.array_split(rows, len(rows) // CHUNK + 1):
            ratio = horizon / (model.alpha + seen[part])
            inner = -np.expm1(-(model.r + value) * np.log1p(ratio[:, None] * nodes)) / nodes
            out[part] = inner @ weights
    return out * alive(model, x, t_x, seen)


def jacobi(a: float, b: float, nodes: int = NODES) -> tuple[np.ndarray, np.ndarray]:
    """Nodes in (0, 1) and weights (sum 1) of Gauss quadrature for the density of Beta(a, b).

    From the eigenvalues of the recurrence's matrix (Golub & Welsch 1969): no gamma function, so nothing
    overflows.
    """
    k = np.arange(nodes, dtype=float)
    left, right = b - 1.0, a - 1.0  # exponents of (1 − z) and (1 + z) on [−1, 1]
    s = 2 * k + left + right
    with np.errstate(divide="ignore", invalid="ignore"):
        diagonal = (right**2 - left**2) / (s * (s + 2))
    diagonal[0] = (right - left) / (left + right + 2)
    j = k[1:]
    s = 2 * j + left + right
    with np.errstate(divide="ignore", invalid="ignore"):
        square = 4 * j * (j + left) * (j + right) * (j + left + right) / (s**2 * (s + 1) * (s - 1))
    square[0] = 4 * (1 + left) * (1 + right) / ((2 + left + right) ** 2 * (3 + left + right))
    values, vectors = eigh_tridiagonal(diagonal, np.sqrt(square))
    points = np.clip((values + 1) / 2, 1e-300, 1.0)
    return points, vectors[0] ** 2


def draw(
    model: BGNBD,
    x: np.ndarray,
    chance: np.ndarray,
    seen: np.ndarray,
    horizon: float,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Purchases in the ``horizon`` weeks after ``seen``, simulated: (accounts, draws). ``chance``: the
    probability of being active.

    Given that it is active, λ ~ Gamma(r + x, α + T) and p ~ Beta(a, b + chances); it buys as often as its
    rate has it, or until it leaves.
    """
    shape = (len(x), draws)
    rate = rng.standard_gamma((model.r + x)[:, None], shape) / (model.alpha + seen)[:, None]
    leave = rng.beta(model.a, (model.b + model.chances(x))[:, None], shape)
    wanted = rng.poisson(np.minimum(rate * horizon, 1e6))
    last = rng.geometric(np.clip(leave, 1e-9, 1.0))
    return np.where(rng.random(shape) < chance[:, None], np.minimum(wanted, last), 0)
