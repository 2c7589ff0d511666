"""How good a score is, each figure with its 95 % interval: ranking (AUC), probability (Brier, calibration),
yield of the first k calls.

Throughout, ``outcome`` is an array of 0 and 1 (1: stopped), ``score`` of the same length, higher meaning more
likely to stop. Nothing depends on the order of the rows: accounts with the same score share what their places
earn. Nothing is drawn at random.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm, rankdata

from kamplay.method.stats.intervals import NAN, Estimate, Z, share_estimate, wilson

GROUPS = 5
LINE_STEPS, LINE_CLOSE = 35, 1e-8  # as statsmodels has it


@dataclass(frozen=True)
class CalibrationLine:
    """The outcome's log-odds on the prediction's: slope and intercept with standard errors; 1 and 0 are
    calibrated. NaN if undefined.
    """

    slope: float = NAN
    slope_se: float = NAN
    intercept: float = NAN
    intercept_se: float = NAN


def weighted_share(inside: np.ndarray, weight: np.ndarray) -> Estimate:
    """The share of the total weight that lies ``inside`` (0 to 1 a row), with Wilson's interval for as many
    accounts as count.

    A few large weights are worth few accounts: (Σw)²/Σw² of them (Kish 1965; used so by Korn & Graubard 1998,
    Survey Methodology 24).
    """
    weight = np.clip(weight, 0.0, None)
    total = float(weight.sum())
    if total <= 0:
        return Estimate()
    counts = total**2 / float((weight**2).sum())
    return share_estimate(float((weight * inside).sum()) / total * counts, counts)


def has_both_outcomes(outcome: np.ndarray) -> bool:
    """Whether some stopped and some stayed."""
    return bool(0 < outcome.sum() < len(outcome))


def auc(outcome: np.ndarray, score: np.ndarray) -> Estimate:
    """The chance that one that stopped is ranked above one that stayed, ties counted half, with the interval
    of DeLong et al. (1988).

    Where that variance is 0 or unknown (a perfect order, a single case) the interval is Wilson's for the
    smaller of the two groups.
    """
    if not has_both_outcomes(outcome):
        return Estimate()
    areas, cov = _delong(outcome, np.asarray(score, dtype=float)[None, :])
    area, variance = float(areas[0]), float(cov[0, 0])
    if variance > 1e-12:
        return Estimate.about(area, Z * np.sqrt(variance), 0.0, 1.0)
    fewest = min(outcome.sum(), (1 - outcome).sum())
    return share_estimate(area * fewest, fewest)


def auc_difference(outcome: np.ndarray, score: np.ndarray, other: np.ndarray) -> tuple[Estimate, float]:
    """AUC of ``score`` less that of ``other`` on the same accounts, its interval and two-sided p (DeLong et
    al. 1988, paired).
    """
    if not has_both_outcomes(outcome):
        return Estimate(), NAN
    areas, cov = _delong(outcome, np.vstack([score, other]).astype(float))
    gain = float(areas[0] - areas[1])
    variance = float(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
    if not variance > 1e-12:  # the same order twice, or too few to tell
        return Estimate(gain, gain, gain) if gain == 0 else Estimate(gain), 1.0 if gain == 0 else NAN
    error = float(np.sqrt(variance))
    return Estimate.about(gain, Z * error), float(2 * norm.sf(abs(gain) / error))


def _delong(outcome: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Areas and their covariance matrix for scores of shape (methods, accounts), by ranks (Sun & Xu 2014,
    IEEE SPL 21, 1389–1393).
    """
    ones = np.asarray(outcome) == 1
    m, n = int(ones.sum()), int((~ones).sum())
    every = rankdata(scores, axis=1)
    above = (
        every[:, ones] - rankdata(scores[:, ones], axis=1)
    ) / n  # of each that stopped: the share of the others it outranks
    below = 1 - (every[:, ~ones] - rankdata(scores[:, ~ones], axis=1)) / m
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # one case alone has no variance: NaN, which the callers know
        cov = np.atleast_2d(np.cov(above)) / m + np.atleast_2d(np.cov(below)) / n
    return above.mean(axis=1), cov


def brier(outcome: np.ndarray, probability: np.ndarray) -> Estimate:
    """Mean squared error of a probability (Brier 1950), its interval from the spread of the accounts' own
    errors.
    """
    if len(outcome) == 0:
        return Estimate()
    errors = (np.asarray(probability, dtype=float) - outcome) ** 2
    half = Z * float(errors.std(ddof=1)) / np.sqrt(len(errors)) if len(errors) > 1 else NAN
    return Estimate.about(errors.mean(), half, 0.0, 1.0)


def skill(outcome: np.ndarray, probability: np.ndarray) -> Estimate:
    """1 less the Brier score over that of giving everyone the share that stopped: 0 is no gain, 1 perfect;
    interval by the delta method.
    """
    if not has_both_outcomes(outcome):
        return Estimate()
    mine, plain = (np.asarray(probability, dtype=float) - outcome) ** 2, (outcome - outcome.mean()) ** 2
    ratio = float(mine.mean() / plain.mean())
    half = Z * float(((mine - ratio * plain) / plain.mean()).std(ddof=1)) / np.sqrt(len(outcome))
    return Estimate.about(1 - ratio, half)


def calibration_line(outcome: np.ndarray, probability: np.ndarray) -> CalibrationLine:
    """Cox's (1958) line. Slope below 1: too extreme. NaN where all predictions are the same, or one cut parts
    the outcomes.
    """
    p = np.clip(np.asarray(probability, dtype=float), 1e-6, 1 - 1e-6)
    if not has_both_outcomes(outcome) or np.ptp(p) < 1e-12 or auc(outcome, p).value in (0.0, 1.0):
        return CalibrationLine()
    order = np.lexsort((outcome, p))  # sums of floats in one order, whatever the rows'
    y, odds = np.asarray(outcome, dtype=float)[order], np.log(p / (1 - p))[order]
    terms, found = np.column_stack([np.ones(len(odds)), odds]), np.zeros(2)
    for _ in range(LINE_STEPS):  # Newton; it goes on for ever where a cut all but parts the outcomes
        try:
            step = np.linalg.solve(_information(terms, found), terms.T @ (y - expit(terms @ found)))
        except np.linalg.LinAlgError:
            return CalibrationLine()
        found = found + step
        if not np.isfinite(found).all():
            return CalibrationLine()
        if np.abs(step).max() <= LINE_CLOSE:
            errors = np.sqrt(np.diag(np.linalg.inv(_information(terms, found))))
            return CalibrationLine(float(found[1]), float(errors[1]), float(found[0]), float(errors[0]))
    return CalibrationLine()


def _information(terms: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Fisher information of a logit's coefficients; ``terms`` (rows, coefficients)."""
    p = expit(terms @ found)
    return np.asarray(terms.T @ (terms * (p * (1 - p))[:, None]))


def calibration_groups(outcome: np.ndarray, probability: np.ndarray, groups: int = GROUPS) -> pd.DataFrame:
    """Accounts in ``groups`` by prediction: predicted (mean), seen (share that stopped), low, high (Wilson),
    accounts.

    Equal predictions stay in one group, so groups may be fewer and uneven.
    """
    columns = ["predicted", "seen", "low", "high", "accounts"]
    if len(outcome) == 0:
        return pd.DataFrame(columns=columns, dtype=float)
    place = np.floor((rankdata(probability) - 0.5) * groups / len(outcome)).astype(int)
    table = pd.DataFrame({"place": place, "predicted": probability, "seen": outcome}).groupby(
        "place", sort=True
    )
    out = table.agg(
        predicted=("predicted", "mean"), stopped=("seen", "sum"), accounts=("seen", "size")
    ).reset_index(drop=True)
    out["seen"] = out["stopped"] / out["accounts"]
    out["low"], out["high"] = wilson(out["stopped"], out["accounts"])
    return out[columns]


def top_k(score: np.ndarray, k: float) -> np.ndarray:
    """For each account 1 if it is among the ``k`` highest scores, 0 if not; those tied at the edge share the
    places that are left.
    """
    score = np.asarray(score, dtype=float)
    if k >= len(score):
        return np.ones(len(score))
    if k <= 0:
        return np.zeros(len(score))
    edge = np.partition(score, len(score) - int(np.ceil(k)))[len(score) - int(np.ceil(k))]
    above, tied = score > edge, score == edge
    return above + tied * (k - above.sum()) / tied.sum()


def at_workload(outcome: np.ndarray, score: np.ndarray, revenue: np.ndarray, k: int) -> dict[str, float]:
    """What calling the ``k`` highest scores would have met.

    met (of those that stopped), precision (met / k), recall (met / stopped), lift (precision / share that
    stopped), revenue_share (of the revenue of those that stopped, the part called), each share with ``_low``
    and ``_high``.
    """
    called = top_k(score, k)
    size, stopped = float(called.sum()), float(outcome.sum())
    met = float((called * outcome).sum())
    rate = stopped / len(outcome) if len(outcome) else NAN
    lost = outcome == 1
    found = {
        "precision": share_estimate(met, size),
        "recall": share_estimate(met, stopped),
        "revenue_share": weighted_share(called[lost], np.asarray(revenue, dtype=float)[lost]),
    }
    out = {
        "k": size,
        "met": met,
        "stopped": stopped,
        "revenue_lost": float(np.clip(revenue, 0, None)[lost].sum()),
    }
    for name, e in found.items():
        out |= {name: e.value, f"{name}_low": e.low, f"{name}_high": e.high}
    lift = found["precision"].value / rate if rate and rate > 0 else NAN
    return {**out, "lift": lift}
