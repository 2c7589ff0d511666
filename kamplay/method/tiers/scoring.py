"""The scorecard engine: measures to points, points to a weighted score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.registry import MEASURES, measure_of
from kamplay.presets.scorecard import Criterion, Scorecard, Scored

NEUTRAL = 50.0  # points where nothing tells accounts apart, or nothing is known


def measured(book: Book, key: str, scored: Scored) -> pd.Series:
    """Take a criterion's measure.

    Returns
    -------
    Series by account_id: the measure in the criterion's unit, or its word in lower case; missing where
    unknown.
    """
    values = measure_of(book, scored.measure or "", (key, scored.zh, scored.en))
    if scored.measure in MEASURES and MEASURES[scored.measure].worded:
        return values.map(lambda v: str(v).strip().casefold(), na_action="ignore")
    return values.astype("float64") / scored.unit


def points(values: pd.Series, scored: Scored) -> pd.Series:
    """Turn measures into points; missing stays missing, and equal values get equal points.

    Parameters
    ----------
    values : the measure per account, as ``measured`` gives it.
    scored : names the way of scoring. ``bands``: linear inside a band. ``scale``: linear between its two
    ends.
        ``percentile``: the share of accounts at or below. ``minmax``: from the smallest to the largest.
        ``contribution``: 100 less the share of the total that the accounts above hold. ``choices``: by the
        word, missing for a word that the card does not name.

    Returns
    -------
    Series like ``values``: 0 to 100 for a criterion, −100 to 100 for a special item.
    """
    if scored.scoring == "choices":
        of_word = {word.strip().casefold(): float(p) for word, p in scored.choices.items()}
        return values.map(of_word).astype("float64")
    return pd.Series(number_points(values.to_numpy(dtype=float), scored), index=values.index)


def number_points(values: np.ndarray, scored: Scored) -> np.ndarray:
    """Points of measures that are numbers, see ``points``.

    Parameters
    ----------
    values : (accounts,), or (accounts, draws), of which each column is scored on its own.
    scored : names any way of scoring but ``choices``.
    """
    match scored.scoring:
        case "bands":
            return _by_bands(values, scored)
        case "percentile":
            ranks = pd.DataFrame(values).rank(pct=True, method="max").to_numpy() * 100
            return ranks[:, 0] if values.ndim == 1 else ranks
        case "contribution":
            return _by_contribution(values)
        case "scale":
            low, high = scored.scale or (0.0, 10.0)
            return np.clip(100 * (values - low) / (high - low), 0, 100)
    known = ~np.isnan(values)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    span = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf) - low
    # where nothing tells the accounts apart none is better, none is worse
    out = np.where(span > 0, 100 * (values - low) / np.where(span > 0, span, 1.0), NEUTRAL)
    return np.where(known, out, np.nan)


def _by_contribution(values: np.ndarray) -> np.ndarray:
    positive = np.where(values > 0, values, 0.0)
    order = np.argsort(-positive, axis=0, kind="stable")
    ranked = np.take_along_axis(positive, order, axis=0)
    above = np.cumsum(ranked, axis=0) - ranked
    # of equal accounts all have as much above them as the first
    above[1:] = np.where(ranked[1:] == ranked[:-1], 0.0, above[1:])
    above = np.maximum.accumulate(above, axis=0)
    total = positive.sum(axis=0)
    larger = np.empty_like(above)
    np.put_along_axis(larger, order, above, axis=0)
    out = np.where(positive > 0, 100 * (1 - larger / np.where(total > 0, total, 1.0)), 0.0)
    return np.where(np.isnan(values), np.nan, out)


def _by_bands(values: np.ndarray, scored: Scored) -> np.ndarray:
    starts = np.array([b.start for b in scored.bands])
    low, high = np.array([b.points for b in scored.bands]).T
    band = np.clip(np.searchsorted(starts, values, side="right") - 1, 0, len(starts) - 1)
    width = np.append(np.diff(starts), 1.0)[band]
    # below the first band the points stay level, and the last band has no end to run to
    inside = np.clip((values - starts[band]) / width, 0.0, 1.0)
    inside = np.where(band == len(starts) - 1, 0.0, inside)
    return np.where(np.isnan(values), np.nan, low[band] + inside * (high[band] - low[band]))


def point_table(book: Book, criteria: Mapping[str, Criterion]) -> pd.DataFrame:
    """Score every measured criterion.

    Returns
    -------
    accounts × criteria, 0 to 100; missing where nothing is known and the card gives nothing for that.
    """
    columns = {
        key: fill_missing(points(measured(book, key, c), c).clip(0, 100), c) for key, c in criteria.items()
    }
    return pd.DataFrame(columns, index=book.accounts.index)


def fill_missing(points: pd.Series, criterion: Criterion) -> pd.Series:
    """Give unknown accounts what the card says: no points, the middle, or (reweight) nothing at all, so that
    the weight goes to the other criteria.
    """
    if criterion.missing == "reweight":
        return points
    return points.fillna(NEUTRAL if criterion.missing == "neutral" else 0.0)


def special_points(book: Book, card: Scorecard) -> pd.Series:
    """Add up the points of the special items per account; 0 where none is known."""
    total = pd.Series(0.0, index=book.accounts.index)
    for key, item in card.specials.items():
        total = total + points(measured(book, key, item), item).fillna(0.0)
    return total


def score(
    table: pd.DataFrame | np.ndarray, weights: np.ndarray, bonus: np.ndarray | None = None
) -> np.ndarray:
    """Take weighted means over the known criteria; a missing one's weight goes to the others in proportion.

    Parameters
    ----------
    table : (accounts, criteria), points 0 to 100.
    weights : (criteria,), or (criteria, draws) for many sets at once.
    bonus : (accounts,), added to the mean, which is then held to 0 to 100.

    Returns
    -------
    (accounts,) or (accounts, draws); 0 for an account of which nothing is known.
    """
    cells = np.asarray(table, dtype=float)
    known = ~np.isnan(cells)
    total = np.where(known, cells, 0.0) @ weights
    weight = known.astype(float) @ weights
    out = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    if bonus is not None:
        out = np.clip(out + (bonus if out.ndim == 1 else bonus[:, None]), 0.0, 100.0)
    return out
