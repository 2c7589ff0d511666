"""How far people agree: Kendall's coefficient of concordance over the ranks that raters give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book


@dataclass(frozen=True)
class Concordance:
    """Kendall's W (0 no agreement, 1 full), with its χ² p-value on items − 1 degrees of freedom."""

    w: float
    p_value: float
    raters: int
    items: int


def kendall_w(ranks: pd.DataFrame) -> Concordance | None:
    """W with the correction for ties; rows are raters, columns items. None with fewer than two raters or three items.

    W = 12·S / (m²(n³ − n) − m·ΣT), S the squared deviations of the rank sums, T = Σ(t³ − t) over each rater's ties
    (Kendall & Babington Smith 1939; Siegel & Castellan 1988).
    """
    m, n = ranks.shape
    if m < 2 or n < 3:
        return None
    from scipy.stats import chi2

    table = ranks.rank(axis=1).to_numpy()
    sums = table.sum(axis=0)
    deviation = ((sums - sums.mean()) ** 2).sum()
    ties = sum(float((t.astype(float) ** 3 - t).sum()) for t in (np.unique(row, return_counts=True)[1] for row in table))
    below = m**2 * (n**3 - n) - m * ties
    if below <= 0:
        return None  # every rater ties everything: nothing was ranked
    w = float(12 * deviation / below)
    return Concordance(w, float(chi2.sf(m * (n - 1) * w, n - 1)), m, n)


def weight_ranks(book: Book) -> pd.DataFrame | None:
    """Raters × criteria: the weights (or ranks) of the ballots as ranks, 1 the weightiest; raters who left one out are left out."""
    if not book.has("ballots", "criterion"):
        return None
    rows = book.table("ballots")
    rows = rows[rows["criterion"].notna()]
    for column, ascending in (("weight", False), ("rank", True)):
        if column in rows and rows[column].notna().any():
            table = rows.pivot_table(index="rater", columns="criterion", values=column, aggfunc="mean").dropna()
            return None if table.empty else table.rank(axis=1, ascending=ascending)
    return None
