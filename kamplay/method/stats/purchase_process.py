"""How often accounts will buy in a year to come: a renewal process with dropout, account by account.

While active an account buys at gaps that are Gamma with its own shape k (1: at random, more: regular) and its
own mean; after any purchase it may leave for good. Over the accounts the rates λ and the chances to leave p
are those of BG/NBD (``bgnbd``), of which this is the extension to regular buyers (as Platzer & Reutterer
2016, Marketing Science 35, 779–799, extend Pareto/NBD). Draws are of the predictive distribution: neither an
account's rate, nor whether it is still there, nor the year's own luck is taken as known.

Times are in days; ``draws`` stand in columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaincc, polygamma

from kamplay.method.stats.bgnbd import BGNBD, alive, expected, fit_best

YEAR = 365
PRIOR_GAPS = 4.0  # gaps that all accounts' regularity stands for beside an account's own
SHAPES = (0.3, 30.0)
TRIES = 4  # draws of a gap that must be longer than the silence so far, before its tail is taken
MOST_LEAVE = 0.6  # mean chance to leave after a purchase
# a + b of the chances to leave where they are settled, at most: above it all accounts have the same. Of 50
# firms with two or more years of invoices the fitted median is 0.9 (half lie in 0.5 to 2.4); CDNOW has 3.2
MOST_ALIKE = 1.0
FEW_NODES = 16  # of the quadrature where only its sum's sign is asked for
MOST_DRIFT = 1.0  # variance of a logarithm: more than that is no drift but another kind of account
# where nothing can be fitted: rates spread as an exponential, one in twenty leaves after a purchase
FALLBACK = BGNBD(1.0, 1.0, 1.0, 19.0, first=True)


@dataclass(frozen=True)
class History:
    """What accounts did: arrays (accounts,), of accounts that bought.

    Attributes
    ----------
    repeats : purchases after the first.
    span : days from the first to the last.
    silent : days since the last.
    shape : k of the gaps, see ``gap_shapes``.
    drift : variance of the logarithm of a rate from one year to the next, see ``drift_of_counts``.
    """

    repeats: np.ndarray
    span: np.ndarray
    silent: np.ndarray
    shape: np.ndarray
    drift: float = 0.0


@dataclass(frozen=True)
class Year:
    """What accounts will have done in the year to come: arrays (accounts, draws).

    Attributes
    ----------
    buys : purchases (days with one).
    months : of the twelve, those with a purchase.
    silent : days from the last purchase to the end of the year; NaN without one in it.
    """

    buys: np.ndarray
    months: np.ndarray
    silent: np.ndarray


def gap_shapes(code: np.ndarray, gap: np.ndarray, accounts: int) -> np.ndarray:
    """The shape of each account's Gamma gaps, from the variance of their logarithms, which is ψ′(k): its own
    drawn towards that of all accounts by PRIOR_GAPS gaps.

    Parameters
    ----------
    code, gap : of each gap, the account's place and the days (> 0).

    Returns
    -------
    (accounts,); 1 where no account has two gaps.
    """
    own, degrees = log_variance(code, gap, accounts)
    if not degrees.sum():
        return np.ones(accounts)
    pooled = float((own * degrees).sum() / degrees.sum())
    variance = np.maximum((PRIOR_GAPS * pooled + own * degrees) / (PRIOR_GAPS + degrees), 1e-3)
    shape = (1 + np.sqrt(1 + 2 * variance)) / (2 * variance)  # of ψ′(k) ≈ 1/k + 1/2k²
    for _ in range(3):  # Newton
        shape = np.clip(shape - (polygamma(1, shape) - variance) / polygamma(2, shape), *SHAPES)
    return shape


def log_variance(code: np.ndarray, values: np.ndarray, accounts: int) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the logarithms of each account's values, and its degrees of freedom (0: variance 0)."""
    logs = np.log(values)
    number = np.bincount(code, minlength=accounts)
    mean = np.bincount(code, logs, accounts) / np.maximum(number, 1)
    squares = np.bincount(code, (logs - mean[code]) ** 2, accounts)
    degrees = np.maximum(number - 1, 0)
    return squares / np.maximum(degrees, 1), degrees


def drift_of_counts(before: np.ndarray, after: np.ndarray, shape: np.ndarray) -> float:
    """Variance of the logarithm of a rate between two spans of equal length, beyond chance.

    Of N = n₁ + n₂ purchases that a steady account makes in both, n₁ has variance N·p·(1 − p)/k; what
    n₁ varies more is that of the rates (method of moments, accounts weighted by N; p the share of all).

    Parameters
    ----------
    before, after : (accounts,), purchases in the two spans, of accounts that were there in both.
    shape : (accounts,), k of their gaps.
    """
    total = before + after
    enough = total >= 4
    if enough.sum() < 20:
        return 0.0
    n, first, k = total[enough], before[enough], shape[enough]
    share = first.sum() / n.sum()
    each = share * (1 - share)
    excess = ((first - share * n) ** 2 / n - each / k).sum()
    return float(np.clip(excess / (each**2 * n.sum()), 0.0, MOST_DRIFT))


def drift_of_means(change: np.ndarray, error: np.ndarray) -> float:
    """Variance of the ``change`` of logarithms between two spans beyond that of their ``error`` (variances).

    Method of moments; the mean change, which all share, is taken off. 0 with fewer than 20 accounts.
    """
    if len(change) < 20:
        return 0.0
    weight = 1 / (error + np.median(error))
    middle = (weight * change).sum() / weight.sum()
    excess = (weight * ((change - middle) ** 2 - error)).sum() / weight.sum()
    return float(np.clip(excess, 0.0, MOST_DRIFT))


def fit(history: History) -> BGNBD:
    """The rates and the chances to leave over the accounts (weeks), FALLBACK's spread where none fits."""
    weeks = pd.DataFrame(
        {"x": history.repeats, "t_x": history.span / 7, "T": (history.span + history.silent) / 7}
    )
    found = fit_best(weeks)
    if found is not None:
        return found
    return BGNBD(
        1.0, float(weeks["T"].sum() + 1) / float(weeks["x"].sum() + 1), FALLBACK.a, FALLBACK.b, first=True
    )


def settle_dropout(model: BGNBD, history: History, sold: float, come: float | None) -> tuple[BGNBD, float]:
    """Let so many accounts leave that the client is not expected to grow by those it has.

    In a year or two of data few accounts are seen to leave, and those that came within them have been seen
    for a short time: a fit that lets nobody leave makes the accounts at hand buy more next year than all did
    this year. The plainest forecast of the level is the present one: what the accounts at hand buy and what
    newcomers buy is together no more than ``sold``. Where the fit says more, the chance to leave after a
    purchase, the first one included, is raised until it holds; the rates stay.

    Parameters
    ----------
    model : as fitted.
    sold : purchases of all accounts in the last year.
    come : purchases that a year's newcomers make in it; None where that is not known: as many come as leave,
        evenly over the year, and buy as the model says.

    Returns
    -------
    The model, and how many accounts are expected not to buy.
    """
    x, until = history.repeats, (history.span + history.silent) / 7
    last, horizon = history.span / 7, YEAR / 7
    new, weeks = (np.zeros(1),) * 3, (np.arange(6) + 0.5) / 6 * horizon  # to the year's end

    def left_over(leave: float) -> tuple[BGNBD, float, float]:
        total = min(model.a + model.b, MOST_ALIKE)
        found = BGNBD(model.r, model.alpha, leave * total, (1 - leave) * total, model.loglik, first=True)
        active = alive(found, x, last, until)
        silent = ((model.alpha + until) / (model.alpha + until + horizon)) ** (model.r + x)
        lost = float((1 - active * (1 - silent)).sum())
        each = 1 + np.mean([expected(found, *new, w, FEW_NODES)[0] for w in weeks]) if come is None else 0.0
        more = lost * each if come is None else come
        bought = expected(found, x, last, until, horizon, FEW_NODES).sum()
        return found, bought + more - sold, lost

    low, high = model.a / (model.a + model.b), MOST_LEAVE
    first = left_over(low)
    if first[1] <= 0:
        return model, first[2]
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if left_over(middle)[1] > 0 else (low, middle)
    found, _, lost = left_over(high)
    return found, lost


def draw_year(
    model: BGNBD, history: History, draws: int, rng: np.random.Generator, season: np.ndarray | None = None
) -> Year:
    """Draw the purchases of the next 365 days.

    λ and p are drawn from what the purchases so far say of them, then drawn again in proportion to how well
    they explain the silence since the last one: the account left after it, or this gap is longer still. The
    rate moves by ``history.drift``.

    Parameters
    ----------
    season : (12,), how much is bought in each month of the year to come against the mean of them; all alike
        without.

    Returns
    -------
    (accounts, draws).
    """
    size = (len(history.repeats), draws)
    k, x, silent = history.shape[:, None], history.repeats[:, None], history.silent[:, None]
    alpha = 7 * model.alpha
    rate = rng.standard_gamma(model.r + k * x, size) / (alpha + k * history.span[:, None])
    chances = model.chances(history.repeats)[:, None]
    leave = rng.beta(model.a, model.b + np.maximum(chances - 1, 0), size)
    left = np.where(chances > 0, leave, 0.0)  # after the last purchase
    waits = (1 - left) * gammaincc(k, k * rate * silent)
    chosen = _resampled(waits + left, rng)
    rate, leave, left, waits = (
        np.take_along_axis(part, chosen, axis=1) for part in (rate, leave, left, waits)
    )
    stays = rng.random(size) * (waits + left) < waits
    moved = rate * np.exp(np.sqrt(history.drift) * rng.standard_normal(size) - history.drift / 2)
    months = np.ones(12) if season is None else season
    return _simulate(stays, rate, moved, leave, k, silent, np.cumsum(months) * (YEAR / months.sum()), rng)


def _resampled(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Columns drawn in proportion to ``weight`` in each row, systematically: equal weights give each once."""
    draws = weight.shape[1]
    edges = np.cumsum(np.maximum(weight, 1e-300), axis=1)
    edges /= edges[:, -1:]
    # columns of all rows at once: row i lies between i and i + 1
    rows = np.arange(len(weight))[:, None]
    points = (np.arange(draws) + rng.random((len(weight), 1))) / draws
    found = np.searchsorted((edges + rows).ravel(), (points + rows).ravel(), side="right")
    return np.clip(found.reshape(weight.shape) - rows * draws, 0, draws - 1)


def _simulate(
    stays: np.ndarray,
    rate: np.ndarray,
    moved: np.ndarray,
    leave: np.ndarray,
    shape: np.ndarray,
    silent: np.ndarray,
    ends: np.ndarray,
    rng: np.random.Generator,
) -> Year:
    """Purchases one after another, of all that still buy at once; ``ends`` of the twelve months."""
    cells = np.flatnonzero(stays)
    k = np.broadcast_to(shape, stays.shape).ravel()[cells]
    quiet = np.broadcast_to(silent, stays.shape).ravel()[cells]
    beta, moved, leave = (k * rate.ravel()[cells]), moved.ravel()[cells] * k, leave.ravel()[cells]
    time = np.full(len(cells), np.nan)
    for _ in range(TRIES):
        open_ = np.flatnonzero(np.isnan(time))
        with np.errstate(over="ignore"):  # a rate next to 0: the next purchase is beyond any year
            gap = rng.standard_gamma(k[open_]) / beta[open_] - quiet[open_]
        time[open_[gap > 0]] = gap[gap > 0]
    rest = np.isnan(time)  # far in the tail a Gamma gap is memoryless
    time[rest] = rng.standard_exponential(int(rest.sum())) / beta[rest]

    buys = np.zeros(stays.size, dtype=np.int32)
    seen = np.zeros(stays.size, dtype=np.int16)
    last = np.full(stays.size, np.nan)
    while len(cells):
        on = time < YEAR
        cells, time, k, moved, leave = cells[on], time[on], k[on], moved[on], leave[on]
        buys[cells] += 1
        month = np.minimum(np.searchsorted(ends, time, side="right"), 11)
        seen[cells] |= np.left_shift(1, month).astype(np.int16)
        last[cells] = time
        on = rng.random(len(cells)) >= leave
        cells, time, k, moved, leave = cells[on], time[on], k[on], moved[on], leave[on]
        time = time + np.maximum(rng.standard_gamma(k) / moved, 1.0)  # buying days, so a day apart at least
    months = np.zeros(stays.size, dtype=np.int16)
    for place in range(12):
        months += (seen >> place) & 1
    return Year(buys.reshape(stays.shape), months.reshape(stays.shape), (YEAR - last).reshape(stays.shape))
