"""The scorecard engine: measures to points, points to a weighted score, scores to tiers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import measures
from kamplay.presets import Criterion, Scorecard


def measured(book: Book, name: str, criterion: Criterion) -> pd.Series:
    """The criterion's raw measure per account in its unit; missing where the tables do not hold it."""
    index = book.accounts.index
    empty = pd.Series(np.nan, index=index, dtype="float64")
    revenue = measures.revenue(book)
    match criterion.measure:
        case "revenue":
            values = revenue
        case "monthly_revenue":
            values = revenue / 12
        case "margin_share":
            values = measures.margin(book) / revenue.where(revenue > 0)
        case "growth":
            values = measures.growth(book)
        case "active_months":
            values = measures.active_months(book)
        case "tenure_years":
            values = measures.tenure_years(book)
        case "breadth":
            found = measures.breadth(book)
            values = empty if found is None else found
        case "overdue_share":
            owed = measures.overdue(book)
            values = empty if owed is None else owed["overdue_share"].reindex(index)
        case "rating":
            values = _rated(book, name).reindex(index)
    return values.astype("float64") / criterion.unit


def _rated(book: Book, criterion: str) -> pd.Series:
    """The mean of all raters' scores for one criterion, by its key."""
    if not book.has("ratings"):
        return pd.Series(dtype="float64")
    rows = book.table("ratings")
    return rows[rows["criterion"].str.casefold() == criterion.casefold()].groupby("account_id")["score"].mean()


def points(values: pd.Series, criterion: Criterion) -> pd.Series:
    """Raw measures to 0–100 points; missing stays missing. Equal values always get equal points."""
    if criterion.scoring == "bands":
        return _banded(values, criterion)
    if criterion.scoring == "percentile":
        return values.rank(pct=True, method="max") * 100
    positive = values.clip(lower=0).fillna(0)
    total = positive.sum()
    if total <= 0:
        return values.where(values.isna(), 0.0)
    # contribution: 100 less the share of the total held by the accounts above; the largest has 100
    ahead = (
        positive.sort_values(ascending=False)
        .groupby(positive, sort=False)
        .sum()
        .sort_index(ascending=False)
        .cumsum()
        .shift(1, fill_value=0.0)
    )
    return (100 * (1 - positive.map(ahead) / total)).where(positive > 0, 0.0).where(values.notna())


def _banded(values: pd.Series, criterion: Criterion) -> pd.Series:
    starts = np.array([b.start for b in criterion.bands])
    low, high = np.array([b.points for b in criterion.bands]).T
    x = values.to_numpy(dtype=float)
    band = np.clip(np.searchsorted(starts, x, side="right") - 1, 0, len(starts) - 1)
    width = np.append(np.diff(starts), 1.0)[band]
    inside = np.clip((x - starts[band]) / width, 0.0, 1.0)  # below the first band and beyond the last the points stay level
    out = low[band] + inside * (high[band] - low[band])
    return pd.Series(np.where(np.isnan(x), np.nan, out), index=values.index)


def point_table(book: Book, card: Scorecard) -> pd.DataFrame:
    """One column of 0–100 points per criterion; index account_id; missing where nothing is known."""
    return pd.DataFrame({name: points(measured(book, name, c), c) for name, c in card.criteria.items()})


def score(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Weighted means over the known criteria: (accounts, draws) for ``weights`` of shape (criteria, draws), (accounts,) for one set.

    A missing criterion's weight goes to the others in proportion. An account with nothing known scores 0.
    """
    cells = table.to_numpy(dtype=float)
    known = ~np.isnan(cells)
    total = np.where(known, cells, 0.0) @ weights
    weight = known.astype(float) @ weights
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)


def tier_index(scores: np.ndarray, card: Scorecard) -> np.ndarray:
    """Position in ``card.tiers`` (0 = highest) for each score. A score equal to a tier's start is in it."""
    starts = np.array([t.start for t in card.tiers])  # descending, the last is 0
    return np.minimum((np.round(scores, 9)[..., None] < starts).sum(axis=-1), len(starts) - 1)
