"""The scorecard engine: measures to points, points to a weighted score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.indicators import OF_MONTHS, measured
from kamplay.presets.criteria import Criterion, Scored
from kamplay.presets.measures import WORDED
from kamplay.presets.scorecard import Scorecard

NEUTRAL = 50.0


def raw(book: Book, key: str, scored: Scored) -> pd.Series:
    """The criterion's measure per account in its unit (float), or its word in lower case; missing where unknown."""
    values = measured(book, scored.measure or "", (key, scored.zh, scored.en))
    if scored.measure in WORDED:
        return values.map(lambda v: str(v).strip().casefold(), na_action="ignore")
    return values.astype("float64") / scored.unit


def points(values: pd.Series, scored: Scored) -> pd.Series:
    """Raw measures to points; missing stays missing. Equal values always get equal points.

    ``bands``: linear inside a band; ``scale``: linear between its two ends; ``percentile``: the share of accounts at or below;
    ``minmax``: from the smallest to the largest; ``contribution``: 100 less the share of the total held by the accounts above;
    ``choices``: by the word, missing for a word the card does not name.
    """
    if scored.scoring == "choices":
        worth = {word.strip().casefold(): float(p) for word, p in scored.choices.items()}
        return values.map(worth).astype("float64")
    match scored.scoring:
        case "bands":
            return _banded(values, scored)
        case "percentile":
            return values.rank(pct=True, method="max") * 100
        case "contribution":
            return _contributed(values)
        case "scale":
            low, high = scored.scale or (0.0, 10.0)
        case _:
            low, high = values.min(), values.max()
            if not high > low:  # nothing tells the accounts apart: none is better, none is worse
                return values.where(values.isna(), NEUTRAL)
    return (100 * (values - low) / (high - low)).clip(0, 100)


def _contributed(values: pd.Series) -> pd.Series:
    positive = values.clip(lower=0).fillna(0)
    total = positive.sum()
    if total <= 0:
        return values.where(values.isna(), 0.0)
    by_size = positive.groupby(positive, sort=False).sum().sort_index(ascending=False)
    ahead = by_size.cumsum().shift(1, fill_value=0.0)
    return (100 * (1 - positive.map(ahead) / total)).where(positive > 0, 0.0).where(values.notna())


def _banded(values: pd.Series, scored: Scored) -> pd.Series:
    starts = np.array([b.start for b in scored.bands])
    low, high = np.array([b.points for b in scored.bands]).T
    x = values.to_numpy(dtype=float)
    band = np.clip(np.searchsorted(starts, x, side="right") - 1, 0, len(starts) - 1)
    width = np.append(np.diff(starts), 1.0)[band]
    inside = np.clip((x - starts[band]) / width, 0.0, 1.0)  # below the first band and beyond the last the points stay level
    inside = np.where(band == len(starts) - 1, 0.0, inside)  # the last band has no end to run to
    out = low[band] + inside * (high[band] - low[band])
    return pd.Series(np.where(np.isnan(x), np.nan, out), index=values.index)


def point_table(book: Book, criteria: Mapping[str, Criterion], known: pd.DataFrame | None = None) -> pd.DataFrame:
    """One column of 0–100 points per measured criterion; index account_id; missing where nothing is known and the card gives nothing.

    ``known``: a table made before from the same lines; only measures of money over months are then taken anew.
    """
    columns = {}
    for key, c in criteria.items():
        if known is not None and c.measure not in OF_MONTHS:
            columns[key] = known[key]
        else:
            columns[key] = filled(points(raw(book, key, c), c).clip(0, 100), c)
    return pd.DataFrame(columns, index=book.accounts.index)


def filled(points: pd.Series, criterion: Criterion) -> pd.Series:
    """What an unknown counts: nothing, the middle, or (reweight) it stays missing and its weight goes to the others."""
    return points if criterion.missing == "reweight" else points.fillna(NEUTRAL if criterion.missing == "neutral" else 0.0)


def special_points(book: Book, card: Scorecard) -> pd.Series:
    """The sum of the special items' points per account; 0 where none is known."""
    total = pd.Series(0.0, index=book.accounts.index)
    for key, item in card.specials.items():
        total = total + points(raw(book, key, item), item).fillna(0.0)
    return total


def score(table: pd.DataFrame | np.ndarray, weights: np.ndarray, bonus: np.ndarray | None = None) -> np.ndarray:
    """Weighted means over the known criteria: (accounts, draws) for ``weights`` of shape (criteria, draws), (accounts,) for one set.

    A missing criterion's weight goes to the others in proportion. An account with nothing known scores 0. ``bonus``
    (accounts,) is added, and the result kept between 0 and 100.
    """
    cells = np.asarray(table, dtype=float)
    known = ~np.isnan(cells)
    total = np.where(known, cells, 0.0) @ weights
    weight = known.astype(float) @ weights
    out = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    if bonus is not None:
        out = np.clip(out + (bonus if out.ndim == 1 else bonus[:, None]), 0.0, 100.0)
    return out
