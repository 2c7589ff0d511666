"""Agreement between raters: Kendall's W of ranks, Fleiss' kappa of categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_Z95 = 1.959963984540054  # the standard normal's 97.5 % point


@dataclass(frozen=True)
class Concordance:
    """Kendall's W (0 no agreement, 1 full), with its χ² p-value on items − 1 degrees of freedom."""

    w: float
    p_value: float
    raters: int
    items: int


def kendall_w(ranks: pd.DataFrame) -> Concordance | None:
    """Kendall's coefficient of concordance with the correction for ties.

    W = 12·S / (m²(n³ − n) − m·ΣT), S the squared deviations of the rank sums, T = Σ(t³ − t) over each rater's
    ties (Kendall & Babington Smith 1939; Siegel & Castellan 1988). The χ² test is conservative with few
    raters (Legendre 2005), so judge the strength of agreement by W.

    Parameters
    ----------
    ranks : raters × items; a rater with a missing cell is left out.

    Returns
    -------
    None with fewer than two raters or three items, or where every rater ties all items.
    """
    complete = ranks.dropna()
    m, n = complete.shape
    if m < 2 or n < 3:
        return None
    from scipy.stats import chi2

    table = complete.rank(axis=1).to_numpy()
    sums = table.sum(axis=0)
    deviation = ((sums - sums.mean()) ** 2).sum()
    ties = sum(
        float((t.astype(float) ** 3 - t).sum())
        for t in (np.unique(row, return_counts=True)[1] for row in table)
    )
    denominator = m**2 * (n**3 - n) - m * ties
    if denominator <= 0:
        return None
    w = float(12 * deviation / denominator)
    return Concordance(w, float(chi2.sf(m * (n - 1) * w, n - 1)), m, n)


@dataclass(frozen=True)
class Kappa:
    """Fleiss' kappa.

    Attributes
    ----------
    kappa : 1 full agreement, 0 as by chance, below 0 less.
    subjects, raters : numbers.
    agreement, chance : observed and expected share of pairs of raters that choose alike.
    p_value : two-sided, of kappa = 0.
    low, high : 95 % interval over subjects, within −1 and 1.
    """

    kappa: float
    subjects: int
    raters: int
    agreement: float
    chance: float
    p_value: float
    low: float
    high: float


def fleiss_kappa(counts: pd.DataFrame) -> Kappa | None:
    """Fleiss' kappa (Fleiss 1971).

    The p-value uses the variance under kappa = 0 of Fleiss, Nee & Landis (1979). The interval is kappa ±
    1.96·se with the linearised variance of Gwet (2008, Br. J. Math. Stat. Psychol. 61), subjects taken as a
    sample, raters as fixed.

    Parameters
    ----------
    counts : subjects × categories, the number of raters who chose each.

    Returns
    -------
    None with fewer than two subjects or raters, or where all raters chose one category throughout.

    Raises
    ------
    ValueError
        Subjects have different numbers of raters, or a cell is not a count.
    """
    table = counts.to_numpy(dtype=float)
    if not (np.isfinite(table).all() and (table >= 0).all() and (table == np.round(table)).all()):
        raise ValueError("counts must be whole numbers of raters")
    subjects = len(table)
    if subjects < 2:
        return None
    per_subject = table.sum(axis=1)
    if (per_subject != per_subject[0]).any():
        raise ValueError("every subject needs the same number of raters")
    raters = int(per_subject[0])
    if raters < 2:
        return None
    share = table.sum(axis=0) / table.sum()
    chance = float((share**2).sum())
    variance = float((share * (1 - share)).sum())
    if variance <= 0:
        return None
    from scipy.stats import norm

    alike = (table * (table - 1)).sum(axis=1) / (raters * (raters - 1))
    agreement = float(alike.mean())
    kappa = (agreement - chance) / (1 - chance)
    skew = float((share * (1 - share) * (1 - 2 * share)).sum())
    null = 2 * (variance**2 - skew) / (subjects * raters * (raters - 1) * variance**2)
    by_subject = (alike - chance - 2 * (1 - kappa) * (table @ share / raters - chance)) / (1 - chance)
    error = float(np.sqrt(((by_subject - kappa) ** 2).sum() / (subjects * (subjects - 1))))
    p_value = float(2 * norm.sf(abs(kappa) / np.sqrt(null)))
    low, high = max(-1.0, kappa - _Z95 * error), min(1.0, kappa + _Z95 * error)
    return Kappa(kappa, subjects, raters, agreement, chance, p_value, low, high)
