"""The scorecard engine: measures to points, points to a weighted score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.registry import MEASURES, measure_of, rated
from kamplay.presets.scorecard import LEVELS, Criterion, Limit, Rule, Scorecard, Scored

NEUTRAL = 50.0


def raw(book: Book, key: str, scored: Scored) -> pd.Series:
    """The criterion's measure per account in its unit (float), or its word in lower case; missing where
    unknown.
    """
    values = measure_of(book, scored.measure or "", (key, scored.zh, scored.en))
    if scored.measure in MEASURES and MEASURES[scored.measure].worded:
        return values.map(lambda v: str(v).strip().casefold(), na_action="ignore")
    return values.astype("float64") / scored.unit


def points(values: pd.Series, scored: Scored) -> pd.Series:
    """Raw measures to points; missing stays missing. Equal values always get equal points.

    ``bands``: linear inside a band; ``scale``: linear between its two ends; ``percentile``: the share of
    accounts at or below; ``minmax``: from the smallest to the largest; ``contribution``: 100 less the share
    of the total held by the accounts above; ``choices``: by the word, missing for a word the card does not
    name.
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
    inside = np.clip(
        (x - starts[band]) / width, 0.0, 1.0
    )  # below the first band and beyond the last the points stay level
    inside = np.where(band == len(starts) - 1, 0.0, inside)  # the last band has no end to run to
    out = low[band] + inside * (high[band] - low[band])
    return pd.Series(np.where(np.isnan(x), np.nan, out), index=values.index)


def point_table(
    book: Book, criteria: Mapping[str, Criterion], known: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One column of 0–100 points per measured criterion; index account_id; missing where nothing is known and
    the card gives nothing.

    ``known``: a table made before from the same lines; only measures of money over months are then taken
    anew.
    """
    columns = {}
    for key, c in criteria.items():
        if known is not None and not (c.measure in MEASURES and MEASURES[c.measure].of_money):
            columns[key] = known[key]
        else:
            columns[key] = filled(points(raw(book, key, c), c).clip(0, 100), c)
    return pd.DataFrame(columns, index=book.accounts.index)


def filled(points: pd.Series, criterion: Criterion) -> pd.Series:
    """What an unknown counts: nothing, the middle, or (reweight) it stays missing and its weight goes to the
    others.
    """
    return (
        points
        if criterion.missing == "reweight"
        else points.fillna(NEUTRAL if criterion.missing == "neutral" else 0.0)
    )


def special_points(book: Book, card: Scorecard) -> pd.Series:
    """The sum of the special items' points per account; 0 where none is known."""
    total = pd.Series(0.0, index=book.accounts.index)
    for key, item in card.specials.items():
        total = total + points(raw(book, key, item), item).fillna(0.0)
    return total


def score(
    table: pd.DataFrame | np.ndarray, weights: np.ndarray, bonus: np.ndarray | None = None
) -> np.ndarray:
    """Weighted means over the known criteria: (accounts, draws) for ``weights`` of shape (criteria, draws),
    (accounts,) for one set.

    A missing criterion's weight goes to the others in proportion. An account with nothing known scores 0.
    ``bonus`` (accounts,) is added, and the result kept between 0 and 100.
    """
    cells = np.asarray(table, dtype=float)
    known = ~np.isnan(cells)
    total = np.where(known, cells, 0.0) @ weights
    weight = known.astype(float) @ weights
    out = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    if bonus is not None:
        out = np.clip(out + (bonus if out.ndim == 1 else bonus[:, None]), 0.0, 100.0)
    return out


@dataclass(frozen=True)
class Ruled:
    """What the rules say of each account (index account_id).

    ``ceiling`` and ``floor``: the highest and the lowest position that its gates and safeguards allow (0 =
    highest tier); ``gate``: the strictest gate that holds, the first of equals, and ``safeguard``: the first
    that holds, None where none does; a safeguard does not speak for an account that is excluded. ``holding``:
    units × rules, which hold. ``excluded``: not counted in quotas. ``unchecked``: rules whose measures no
    account has.
    """

    ceiling: np.ndarray
    floor: np.ndarray
    gate: pd.Series
    safeguard: pd.Series
    holding: pd.DataFrame
    excluded: np.ndarray
    unchecked: tuple[str, ...]

    def bound(self, position: np.ndarray) -> np.ndarray:
        """Positions (accounts,) or (accounts, draws) held within what the rules allow; a safeguard is
        stronger than a gate.
        """
        ceiling, floor = (
            (self.ceiling, self.floor) if position.ndim == 1 else (self.ceiling[:, None], self.floor[:, None])
        )
        return np.minimum(np.maximum(position, ceiling), floor)


def holds(book: Book, rule: Rule) -> pd.Series | None:
    """Whether every condition of ``rule`` holds per account; unknown never holds. None where a measure is
    known of no account.
    """
    out = pd.Series(True, index=book.accounts.index)
    for measure, limit in rule.when.items():
        values = (
            measure_of(book, measure)
            if measure in MEASURES
            else rated(book, [measure.partition(".")[2], rule.zh, rule.en])
        )
        if values.notna().sum() == 0:
            return None
        out &= _within(values, limit, measure)
    return out


def _within(values: pd.Series, limit: Limit, measure: str) -> pd.Series:
    if measure in MEASURES and MEASURES[measure].worded:
        allowed = {word.strip().casefold() for word in limit.one_of or []}
        return (
            values.map(lambda v: str(v).strip().casefold() in allowed, na_action="ignore")
            .fillna(False)
            .astype(bool)
        )
    inside = values.notna()
    for bound, test in (
        (limit.above, values.gt),
        (limit.below, values.lt),
        (limit.at_least, values.ge),
        (limit.at_most, values.le),
    ):
        if bound is not None:
            inside &= test(bound)
    return inside


def ruled(book: Book, card: Scorecard) -> Ruled:
    """All gates and safeguards of the card, for every account of the Book."""
    index = book.accounts.index
    last = len(card.tiers) - 1
    ceiling, floor = np.zeros(len(index), dtype=np.int8), np.full(len(index), last, dtype=np.int8)
    gate, safeguard = (pd.Series(None, index=index, dtype=object) for _ in range(2))
    excluded, unchecked = np.zeros(len(index), dtype=bool), []
    kept, holding = {}, pd.DataFrame(index=index)
    for name, guard in card.safeguards.items():
        found = holds(book, guard)
        if found is None:
            unchecked.append(name)
            continue
        kept[name] = found.to_numpy()
        if guard.floor:
            floor[kept[name]] = np.minimum(floor[kept[name]], lowest_at(card, guard.floor))
    for name, rule in card.gates.items():
        found = holds(book, rule)
        if found is None:
            unchecked.append(name)
            continue
        held = found.to_numpy() & ~np.any(
            [kept[g] for g, guard in card.safeguards.items() if g in kept and name in guard.shields]
            or [np.zeros(len(index), bool)],
            axis=0,
        )
        holding[name] = held
        cap = last if rule.exclude else highest_at(card, rule.cap or "C")
        gate[held & (gate.isna().to_numpy() | (cap > ceiling))] = name
        ceiling[held] = np.maximum(ceiling[held], cap)
        excluded |= held & rule.exclude
    for name in kept:
        holding[name] = kept[name] & ~excluded
        safeguard[holding[name] & safeguard.isna()] = name
    floor = np.where(excluded, last, floor).astype(np.int8)
    return Ruled(ceiling, floor, gate, safeguard, holding, excluded, tuple(unchecked))


def highest_at(card: Scorecard, level: str) -> int:
    """The position of the highest tier whose level is not above ``level``."""
    return next(
        (i for i, t in enumerate(card.tiers) if LEVELS.index(t.level) >= LEVELS.index(level)),
        len(card.tiers) - 1,
    )


def lowest_at(card: Scorecard, level: str) -> int:
    """The position of the lowest tier whose level is not below ``level``; the highest tier where there is
    none.
    """
    return max(
        (i for i, t in enumerate(card.tiers) if LEVELS.index(t.level) <= LEVELS.index(level)), default=0
    )
