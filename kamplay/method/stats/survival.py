"""How long until an event: Kaplan–Meier curve, log-rank test, Cox model and the test of its proportionality.

Throughout, ``days`` are the days each case was followed and ``stopped`` whether it then stopped (the event)
or was still there (censored). The estimates are those of statsmodels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kamplay.method.stats.intervals import Z


def kaplan_meier(days: Sequence[float], stopped: Sequence[bool]) -> pd.DataFrame:
    """Surviving share after each day on which somebody stopped.

    Returns
    -------
    One row a day: ``days``, ``surviving`` (0 to 1), ``low`` and ``high``, its 95 % interval on the log–log
    scale
    (Kalbfleisch & Prentice 1980), which stays inside 0 to 1; where nobody or everybody has stopped the
    interval
    is the share itself.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    fitted = SurvfuncRight(np.asarray(days, dtype=float), np.asarray(stopped, dtype=int))
    share, error = np.asarray(fitted.surv_prob), np.asarray(fitted.surv_prob_se)
    inside = (share > 0) & (share < 1)
    log = np.log(np.where(inside, share, 0.5))
    width = Z * error / np.abs(np.where(inside, share, 0.5) * log)
    low = np.where(inside, np.exp(-np.exp(np.log(-log) + width)), share)
    high = np.where(inside, np.exp(-np.exp(np.log(-log) - width)), share)
    return pd.DataFrame({"days": fitted.surv_times, "surviving": share, "low": low, "high": high})


def log_rank(
    days: Sequence[float],
    stopped: Sequence[bool],
    group: Sequence[str],
    strata: Sequence[object] | None = None,
) -> float | None:
    """The p value of the log-rank test that all groups stop alike, within each stratum where there are any.

    Returns
    -------
    None where nobody stopped, or where the statistic has no variance: all who stopped did so on days on which
    only their own group (of their stratum) was left.
    """
    from statsmodels.duration.survfunc import survdiff

    if not np.any(stopped):
        return None
    try:
        p_value = survdiff(
            np.asarray(days, dtype=float),
            np.asarray(stopped, dtype=int),
            np.asarray(group, dtype=object),
            strata=None if strata is None else np.asarray(strata),
        )[1]
    except np.linalg.LinAlgError:
        return None
    return float(p_value) if np.isfinite(p_value) else None


def cox(
    days: Sequence[float],
    stopped: Sequence[bool],
    terms: pd.DataFrame,
    strata: Sequence[object] | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Hazard ratios of a Cox model (1972), ties by Efron's method.

    Parameters
    ----------
    terms : one row a case, one numeric column a term.
    strata : each case's stratum; cases are compared within theirs alone.

    Returns
    -------
    table : one row a term: ``term``, ``ratio`` (of the hazard, for one unit more), ``low`` and ``high`` (95
    %),
        ``p_value``. Of a term that parts the cases sharply the interval has no end: it is infinite.
    residuals : Schoenfeld residuals, one row a case, one column a term; NaN where the case did not stop.
    """
    from statsmodels.duration.hazard_regression import PHReg

    fitted = PHReg(
        np.asarray(days, dtype=float),
        terms.to_numpy(dtype=float),
        np.asarray(stopped, dtype=int),
        ties="efron",
        strata=None if strata is None else np.asarray(strata),
    ).fit()
    half = Z * fitted.bse
    with np.errstate(over="ignore"):
        table = pd.DataFrame(
            {
                "term": list(terms.columns),
                "ratio": np.exp(fitted.params),
                "low": np.exp(fitted.params - half),
                "high": np.exp(fitted.params + half),
                "p_value": fitted.pvalues,
            }
        )
    return table, np.asarray(fitted.schoenfeld_residuals)


def proportional(days: Sequence[float], residuals: np.ndarray, alpha: float = 0.05) -> bool:
    """Whether the effect of every term of a Cox model holds over time.

    It does where no term's Schoenfeld residuals move with time (Grambsch & Therneau 1994): rank correlation,
    ``alpha`` shared by all terms (Bonferroni).
    """
    from scipy.stats import spearmanr

    known = np.isfinite(residuals).all(axis=1)
    times = np.asarray(days)[known]
    tests = [spearmanr(times, column).pvalue for column in residuals[known].T if np.ptp(column) > 0]
    return not any(p < alpha / len(tests) for p in tests)
