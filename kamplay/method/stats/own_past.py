"""Tests of an account's latest figures against its own past, where few observations make up that past.

A test that takes the usual level, rate or spread of an account for known, although five or six values told
it, calls chance a change far too often. Each test here therefore allows for how little the past tells:
p-values are predictive, how often an account that goes on as before would show at least as much. Where
accounts are alike, each borrows from all as much as they are alike (empirical Bayes).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy import optimize, stats
from scipy.special import digamma, fdtrc, polygamma, stdtr

Values: TypeAlias = np.ndarray | pd.Series

NODES = 15  # equally likely values of a spread that is not known
MAX_PRIOR_DF = 1000.0  # so many say that all accounts have one and the same spread
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

    Rates differ between accounts as a gamma distribution whose mean and spread the earlier counts give
    (moments); events to come are then negative binomial, with each account's own past weighing the more the
    longer it is (Gelman et al. 2013, Bayesian Data Analysis, section 2.6).

    Parameters
    ----------
    now : (accounts,) events in the span of length 1.
    before : (accounts,) events earlier.
    exposure : (accounts,) length of that time, in such spans; 0 for an account that was not there.

    Returns
    -------
    expected, p_value : (accounts,).
    """
    now, before = np.asarray(now, dtype=float), np.asarray(before, dtype=float)
    exposure = np.asarray(exposure, dtype=float)
    there = exposure > 0
    time, events = exposure[there], before[there]
    # half an event more than were seen: that none came does not make the next one impossible
    rate = (events.sum() + 0.5) / max(time.sum(), 1.0)
    spread = ((events - rate * time) ** 2 - rate * time).sum() / max((time**2).sum(), 1e-9)
    shape = rate**2 / max(spread, rate**2 / 100)
    posterior, scale = shape + before, shape / rate + exposure
    return posterior / scale, stats.nbinom.sf(now - 1, posterior, scale / (scale + 1))


def share_tail(hits: Values, number: Values, before: Values, number_before: Values) -> np.ndarray:
    """How often chance brings ``hits`` of ``number`` or more, where ``before`` of ``number_before`` were
    hits earlier: the beta-binomial tail, each past with one case more at the rate of all accounts.

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
    p_value = stats.betabinom.sf(now - 1, all_now, then + rate, all_then - then + 1 - rate)
    return np.where((all_now > 0) & (all_then > 0), p_value, np.nan)


def gap_tail(
    ratio: Values, number: Values, number_before: Values, dispersion: Values, df: Values
) -> np.ndarray:
    """How often the mean of ``number`` gaps is ``ratio`` times that of ``number_before`` earlier ones by
    chance alone.

    Gaps are gamma with shape 1 / CV², so that the ratio of two means is F. The CV² is itself an estimate,
    about χ² with ``df`` degrees of freedom: the tail is the mean over NODES equally likely values of it.

    Parameters
    ----------
    ratio, number, number_before, dispersion, df : (accounts,); dispersion and df are the CV² of the gaps and
        its degrees of freedom, as ``moderated_variance`` gives them.
    """
    times, now, before, spread, free = (
        np.asarray(a, dtype=float)[:, None] for a in (ratio, number, number_before, dispersion, df)
    )
    place = (np.arange(NODES) + 0.5) / NODES
    shape = 1 / np.minimum(spread * free / stats.chi2.ppf(place, free), MAX_DISPERSION)
    return np.asarray(fdtrc(2 * now * shape, 2 * before * shape, times).mean(axis=1))
