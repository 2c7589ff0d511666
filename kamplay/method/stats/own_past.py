"""Tests of an account's latest figures against its own past, where few observations make up that past.

A test that takes the usual level, rate or spread of an account for known, although five or six values told
it, calls chance a change far too often. Each test here therefore allows for how little the past tells:
p-values are predictive, how often an account that goes on as before would show at least as much. Where
accounts are alike, each borrows from all as much as they are alike (empirical Bayes).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy import optimize, stats
from scipy.special import digamma, fdtrc, gammaln, polygamma, stdtr

Values: TypeAlias = np.ndarray | pd.Series

NODES = 15  # equally likely values of a spread that is not known
MAX_PRIOR_DF = 1000.0  # so many say that all accounts have one and the same spread
MOST_CASES = 100.0  # as so many cases counts at most what all accounts say of one's share
# least coefficient of variation of the gaps: without it four equal gaps would make any fifth one improbable
MIN_CV = 0.25
MAX_DISPERSION = 4.0  # CV² of gaps; what few gaps cannot rule out beyond that is not believed


def moderated_variance(variance: Values, df: Values) -> tuple[np.ndarray, np.ndarray]:
    """Draw each account's variance towards the common one, by as much as accounts are alike (Smyth 2004,
    Statistical Applications in Genetics and Molecular Biology 3:3, section 6.2).

    Parameters
    ----------
    variance : (accounts,) each one's own, missing where it has none.
    df : (accounts,) its degrees of freedom, 0 for none.

    Returns
    -------
    variance, df : (accounts,) the posterior variance and the degrees of freedom of a t-test that uses it; NaN
        and 0 where no account has a variance of its own.
    """
    variance, df = np.asarray(variance, dtype=float), np.asarray(df, dtype=float)
    own = (df > 0) & (variance > 0)
    if not own.any():
        return np.full(len(variance), np.nan), np.zeros(len(variance))
    logs = np.log(variance[own]) - digamma(df[own] / 2) + np.log(df[own] / 2)
    excess = float(np.mean((logs - logs.mean()) ** 2) - np.mean(polygamma(1, df[own] / 2)))
    prior_df = MAX_PRIOR_DF
    if own.sum() > 2 and excess > polygamma(1, MAX_PRIOR_DF / 2):
        # trigamma falls from infinity to 0, so that there is one solution
        prior_df = 2 * float(optimize.brentq(lambda y: polygamma(1, y) - excess, 1e-3, MAX_PRIOR_DF / 2))
    prior = float(np.exp(logs.mean() + digamma(prior_df / 2) - np.log(prior_df / 2)))
    used = np.where(own, df, 0.0)
    posterior = (prior_df * prior + used * np.where(own, variance, 0.0)) / (prior_df + used)
    return posterior, prior_df + used


def t_tail(fall: Values, variance: Values, df: Values, now: Values, before: Values) -> np.ndarray:
    """How often the mean of ``now`` values lies ``fall`` below that of ``before`` ones by chance alone (one
    side of the t-test).

    Parameters
    ----------
    fall, variance, df, now, before : of one shape; variance and df as ``moderated_variance`` gives them, now
        and before the number of values.
    """
    now, before = np.asarray(now, dtype=float), np.asarray(before, dtype=float)
    known = (now > 0) & (before > 0)
    error = np.sqrt(np.asarray(variance) * (1 / np.where(known, now, 1) + 1 / np.where(known, before, 1)))
    t = np.asarray(fall, dtype=float) / np.where(error > 0, error, np.nan)
    return np.where(known, stdtr(df, -t), np.nan)


def count_tail(now: Values, before: Values, exposure: Values) -> tuple[np.ndarray, np.ndarray]:
    """How many events each account was to be expected to have, and how often chance brings ``now`` or more.

    Parameters
    ----------
    now : (accounts,) events in the span of length 1.
    before, exposure : as ``count_chances``.

    Returns
    -------
    expected, p_value : (accounts,).
    """
    shape, scale = _rates(before, exposure)
    now = np.asarray(now, dtype=float)
    return shape / scale, stats.nbinom.sf(now - 1, shape, scale / (scale + 1))


def count_chances(before: Values, exposure: Values, most: int) -> np.ndarray:
    """How likely each number of events is in a span of length 1.

    Rates differ between accounts as a gamma distribution whose mean and spread the earlier counts give
    (moments); events to come are then negative binomial, with each account's own past weighing the more the
    longer it is (Gelman et al. 2013, Bayesian Data Analysis, section 2.6).

    Parameters
    ----------
    before : (accounts,) events earlier.
    exposure : (accounts,) length of that time, in such spans; 0 for an account that was not there.
    most : the largest number asked for.

    Returns
    -------
    (accounts, most + 1); the last stands for more as well.
    """
    shape, scale = (part[:, None] for part in _rates(before, exposure))
    chance: np.ndarray = stats.nbinom.pmf(np.arange(most + 1), shape, scale / (scale + 1))
    chance[:, -1] += np.maximum(1 - chance.sum(axis=1), 0.0)
    return chance


def _rates(before: Values, exposure: Values) -> tuple[np.ndarray, np.ndarray]:
    """Shape and inverse scale of each account's rate, a gamma distribution."""
    before, exposure = np.asarray(before, dtype=float), np.asarray(exposure, dtype=float)
    there = exposure > 0
    time, events = exposure[there], before[there]
    # half an event more than were seen: that none came does not make the next one impossible
    rate = (events.sum() + 0.5) / max(time.sum(), 1.0)
    spread = ((events - rate * time) ** 2 - rate * time).sum() / max((time**2).sum(), 1e-9)
    shape = rate**2 / max(spread, rate**2 / 100)
    return shape + before, shape / rate + exposure


def kinds_chances(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """How likely it is that as many purchases as now, drawn from all at random, are of so many kinds.

    A kind is missing among m of M purchases, n of them its own, with C(M − n, m) / C(M, m) (rarefaction,
    Hurlbert 1971); kinds are counted as if independent, which makes few and many of them likelier, as in
    truth one kind's absence leaves room for the others.

    Parameters
    ----------
    now, before : (accounts, kinds) purchases.

    Returns
    -------
    (accounts, kinds + 1): of 0, 1, … kinds.
    """
    every = now + before
    drawn, total = now.sum(axis=1)[:, None], every.sum(axis=1)[:, None]
    left = total - every
    possible = left >= drawn
    ways = gammaln(left + 1) - gammaln(np.where(possible, left - drawn, 0) + 1)
    missing = np.where(possible, np.exp(ways - gammaln(total + 1) + gammaln(total - drawn + 1)), 0.0)
    chance = np.zeros((len(now), now.shape[1] + 1))
    chance[:, 0] = 1.0
    for bought in 1 - missing.T:
        chance[:, 1:] = chance[:, 1:] * (1 - bought[:, None]) + chance[:, :-1] * bought[:, None]
        chance[:, 0] *= 1 - bought
    return chance


def joint_tail(
    steps: Sequence[tuple[np.ndarray, np.ndarray]], rank: np.ndarray, alike: float = 0.0
) -> np.ndarray:
    """How often chance brings as much in several tests together: Fisher's sum of −ln p, set against what it
    may be. Tests of few events have few possible p-values, so that χ² would make chance far too likely; their
    possible sums are counted out.

    Parameters
    ----------
    steps : of each test that comes in steps, chance (accounts, steps), the worse the later, and the step seen
        (accounts,). Only outcomes in which the first test shows something (not its first step) count.
    rank : (accounts,) p-value of a test without steps; NaN where it could not be made.
    alike : correlation of that test with the others where nothing happens; 0 for independent ones. Beyond its
        mean the sum is then worth 1 / (1 + alike), which is right for independent tests and for tests that
        say the same: the sum of two equal ones reaches twice as far as one.
    """
    shows = np.zeros(steps[0][0].shape[1])
    shows[1:] = 1.0
    sums, chances = np.zeros((len(rank), 1)), np.ones((len(rank), 1))
    counted = np.ones(1)
    total = np.where(np.isnan(rank), 0.0, -np.log(np.fmax(rank, 1e-300)))
    for number, (chance, seen) in enumerate(steps):
        tail = np.minimum(chance[:, ::-1].cumsum(axis=1)[:, ::-1], 1.0)
        score = -np.log(np.maximum(tail, 1e-300))
        total = total + score[np.arange(len(score)), seen]
        sums = (sums[:, :, None] + score[:, None, :]).reshape(len(score), -1)
        chances = (chances[:, :, None] * chance[:, None, :]).reshape(len(score), -1)
        counted = np.outer(counted, shows if number == 0 else np.ones(chance.shape[1])).ravel()
    mean = (sums * chances).sum(axis=1) + ~np.isnan(rank)
    beyond = np.maximum(total - mean, 0.0)
    total = total - beyond + beyond / (1 + max(alike, 0.0))
    short = total[:, None] - sums
    # what the sums lack, −ln of a uniform p-value brings with chance e^−x
    brings = np.where(np.isnan(rank)[:, None], short <= 1e-9, np.exp(-np.maximum(short, 0.0)))
    p_value: np.ndarray = (chances * counted * brings).sum(axis=1)
    return np.minimum(p_value, 1.0)


def share_tail(hits: Values, number: Values, before: Values, number_before: Values) -> np.ndarray:
    """How often chance brings ``hits`` of ``number`` or more, where ``before`` of ``number_before`` were
    hits earlier.

    Shares differ between accounts as a beta distribution whose mean and spread the earlier cases give
    (moments; Kleinman 1973, Journal of the American Statistical Association 68, 46–54); hits to come are then
    beta-binomial, with each account's own past weighing the more the more cases it has.

    Parameters
    ----------
    hits, number, before, number_before : (accounts,) counts.

    Returns
    -------
    (accounts,), NaN without earlier or later cases.
    """
    now, all_now, then, all_then = (
        np.nan_to_num(np.asarray(a, dtype=float)) for a in (hits, number, before, number_before)
    )
    rate = (then.sum() + 0.5) / (all_then.sum() + 1)
    had = all_then > 0
    # a case of one account resembles another of the same by so much more than one of another account
    excess = ((then - rate * all_then)[had] ** 2 / all_then[had]).sum() / (rate * (1 - rate)) - had.sum()
    alike = excess / max((all_then[had] - 1).sum(), 1.0)
    cases = np.clip(1 / max(alike, 1e-9) - 1, 1.0, MOST_CASES)
    p_value = stats.betabinom.sf(now - 1, all_now, then + rate * cases, all_then - then + (1 - rate) * cases)
    return np.where((all_now > 0) & (all_then > 0), p_value, np.nan)


def gap_tail(
    spans: Values, closed: Values, number_before: Values, dispersion: Values, df: Values
) -> np.ndarray:
    """How often ``closed`` gaps and the open one after them take as long as ``spans`` usual gaps by chance
    alone.

    Gaps are gamma with shape 1 / CV². Looked at on any day, the open gap has mean (1 + CV²) / 2 of a usual
    one and the second moment (1 + CV²)(1 + 2 CV²) / 3 (Cox 1962, Renewal Theory, 5.1). The sum is taken as
    gamma with its mean and variance, so that over the usual gap of ``number_before`` earlier ones it is F.
    The CV² is itself an estimate, about χ² with ``df`` degrees of freedom: the tail is the mean over NODES
    equally likely values of it.

    Parameters
    ----------
    spans, closed, number_before, dispersion, df : (accounts,); dispersion and df are the CV² of the gaps and
        its degrees of freedom, as ``gap_dispersion`` gives them.
    """
    times, gaps, before, spread, free = (
        np.asarray(a, dtype=float)[:, None] for a in (spans, closed, number_before, dispersion, df)
    )
    place = (np.arange(NODES) + 0.5) / NODES
    cv2 = np.minimum(spread * free / stats.chi2.ppf(place, free), MAX_DISPERSION)
    mean = gaps + (1 + cv2) / 2
    variance = gaps * cv2 + (1 + cv2) * (1 + 2 * cv2) / 3 - ((1 + cv2) / 2) ** 2
    return np.asarray(fdtrc(2 * mean**2 / variance, 2 * before / cv2, times / mean).mean(axis=1))


def gap_dispersion(mean: Values, sd: Values, number: Values) -> tuple[np.ndarray, np.ndarray]:
    """How irregular each account's gaps are, drawn towards the common measure as ``moderated_variance``.

    A sample's CV² of gamma gaps lies below the true one, on average at 1 / (1 / CV² + 1 / number), as it does
    not depend on their mean (Lukacs 1955); and tells less than that of normal values, the less the more
    irregular: its relative variance is about (2 + 2 CV²) / number (delta method), so that the degrees of
    freedom are those of normal values over 1 + CV².

    Parameters
    ----------
    mean, sd, number : (accounts,) of each one's gaps, two at least.

    Returns
    -------
    dispersion, df : (accounts,) the CV² and its degrees of freedom.
    """
    mean, sd, number = (np.asarray(a, dtype=float) for a in (mean, sd, number))
    seen = (sd / np.maximum(mean, 1e-9)) ** 2
    cv2 = np.maximum(seen / np.maximum(1 - seen / number, 0.5), MIN_CV**2)
    dispersion, _ = moderated_variance(cv2, (number - 1) / (1 + cv2))
    return moderated_variance(cv2, (number - 1) / (1 + dispersion))
