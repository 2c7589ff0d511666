"""One rating of a client's accounts by one scorecard: units, points, weights, scores, rules, tiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.hierarchy import customers, heads
from kamplay.method.tiers import thresholds
from kamplay.method.tiers.rules import RuleBounds, rule_bounds
from kamplay.method.tiers.scoring import point_table, score, special_points
from kamplay.method.tiers.weights import SettledWeights, settle
from kamplay.presets.scorecard import Scorecard


@dataclass(frozen=True)
class Rating:
    """A client's units under one card: single accounts, or groups rated as one customer.

    Arrays are (units,), in the order of ``book.accounts``; a position is 0 for the highest tier.

    Attributes
    ----------
    card : the scorecard.
    heads : every account → its unit, the id of the group's head.
    book : the Book of the units.
    points : units × measured criteria, 0 to 100.
    weights : of the measured criteria.
    bonus : points of the special items.
    bounds : what gates and safeguards allow.
    """

    card: Scorecard
    heads: pd.Series
    book: Book
    points: pd.DataFrame
    weights: SettledWeights
    bonus: np.ndarray
    bounds: RuleBounds

    @cached_property
    def in_quotas(self) -> np.ndarray:
        """Units that quotas, capacities and natural breaks are taken over: bought in the 12 months, not
        excluded.
        """
        bought = (purchases.revenue(self.book) > 0).to_numpy()
        return ~self.bounds.excluded & (bought if bought.any() else ~bought)

    @cached_property
    def scores(self) -> np.ndarray:
        """0 to 100."""
        return score(self.points, self.weights.leaves.to_numpy(), self.bonus)

    @cached_property
    def position_before_rules(self) -> np.ndarray:
        """Positions by score, or by the two criteria of a matrix, before gates and safeguards."""
        if self.card.matrix:
            return matrix_field(*(self.axis(key).scores >= limit for key, limit in self.axis_limits))
        return thresholds.place(self.scores, thresholds.limits(self.scores, self.card, self.in_quotas))

    @cached_property
    def position(self) -> np.ndarray:
        """Positions with gates and safeguards applied, overrides not."""
        return self.bounds.clip(self.position_before_rules)

    def tiers(self) -> pd.Series:
        """The tier of each unit by rule."""
        return self._named(self.position)

    def positions_under(self, weights: pd.Series) -> np.ndarray:
        """Positions under other weights of the measured criteria, by the card's own cut; unchanged in a
        matrix, where the two criteria are not weighed against each other.
        """
        if self.card.matrix:
            return self.position
        return self._place(score(self.points, self._ordered(weights).to_numpy(), self.bonus))

    def tiers_ranked_by(self, weights: pd.Series) -> pd.Series:
        """The tier of each unit under other weights, as many units in each tier as now.

        Under fixed limits more weight on a criterion that all fulfil would lift everyone: raters who differ
        in that do not differ on who is key.
        """
        weights = self._ordered(weights)
        if self.card.matrix:
            high = []
            for key, limit in self.axis_limits:
                other, now = self.axis(key, weights).scores, self.axis(key).scores
                high.append(_highest(other, int((now >= limit).sum())))
            return self._named(self.bounds.clip(matrix_field(*high)))
        scores, in_quotas = score(self.points, weights.to_numpy(), self.bonus), self.in_quotas
        sizes = np.cumsum(np.bincount(self.position_before_rules[in_quotas], minlength=len(self.card.tiers)))[
            :-1
        ]
        starts = thresholds.by_rank(np.round(scores[in_quotas, None], thresholds.DIGITS), sizes)[:, 0]
        return self._named(self.bounds.clip(thresholds.place(scores, starts)))

    def place_function(self) -> Callable[[np.ndarray], np.ndarray]:
        """A function from scores (units, draws) to positions, rules applied. Fixed limits, and natural breaks
        of the present scores, are not cut anew.
        """
        if self.card.cut in ("score", "natural"):
            fixed = thresholds.limits(self.scores, self.card, self.in_quotas)[:, None]
            return lambda scores: self.bounds.clip(thresholds.place(scores, fixed))
        return self._place

    def _place(self, scores: np.ndarray) -> np.ndarray:
        """Positions by scores (units,) or (units, draws), cut anew and with the rules applied."""
        return self.bounds.clip(
            thresholds.place(scores, thresholds.limits(scores, self.card, self.in_quotas))
        )

    @property
    def axis_limits(self) -> list[tuple[str, float]]:
        """The two top criteria of the matrix, each with the points from which it counts as high."""
        matrix = self.card.matrix
        return [(matrix.first, matrix.high[0]), (matrix.second, matrix.high[1])] if matrix else []

    def axis(self, top: str, weights: pd.Series | None = None) -> Axis:
        """One top criterion on its own, under the settled weights or others."""
        branch = self.card.branch_of()
        leaves = [leaf for leaf in self.points.columns if branch[leaf] == top]
        weight = (self.weights.leaves if weights is None else weights)[leaves]
        inner = (weight / weight.sum() if weight.sum() > 0 else weight + 1 / len(leaves)).to_numpy()
        return Axis(np.round(score(self.points[leaves], inner), thresholds.DIGITS), leaves, inner)

    def _ordered(self, weights: pd.Series) -> pd.Series:
        return weights.reindex(self.points.columns).fillna(0.0)

    def _named(self, position: np.ndarray) -> pd.Series:
        keys = np.array([t.key for t in self.card.tiers], dtype=object)
        return pd.Series(keys[position], index=self.points.index)


@dataclass(frozen=True)
class Axis:
    """A top criterion of a matrix: ``scores`` (units,), its measured criteria and their ``weights`` within
    it.
    """

    scores: np.ndarray
    leaves: list[str]
    weights: np.ndarray


def rate(book: Book, card: Scorecard) -> Rating:
    """Rate every account of the Book, or every group as one where the card says so; overrides are not
    applied.
    """
    unit_of = heads(book)
    itself = pd.Series(unit_of.index, index=unit_of.index)
    if card.rate == "group" and (unit_of != itself).any():
        units = customers(book, unit_of)
    else:
        units, unit_of = book, itself
    points = point_table(units, card.leaves())
    bonus = special_points(units, card).to_numpy()
    return Rating(card, unit_of, units, points, settle(card, units, points), bonus, rule_bounds(units, card))


def matrix_field(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Positions in a matrix: 0 high on both, 1 on the first, 2 on the second, 3 on neither."""
    return np.select([first & second, first, second], [0, 1, 2], 3).astype(np.int8)


def _highest(scores: np.ndarray, count: int) -> np.ndarray:
    """Which are the ``count`` highest; a tie for the last place gets none."""
    start = thresholds.by_rank(scores[:, None], np.array([count]))[:, 0]
    return thresholds.place(scores, start) == 0


@dataclass(frozen=True)
class Units:
    """The rated units (``table``, see ``key_accounts.rated_units``); a group that is rated as one customer
    counts as one.
    """

    table: pd.DataFrame

    @cached_property
    def buying(self) -> pd.DataFrame:
        """The units that bought in the 12 months, the largest first."""
        rows = self.table[self.table["revenue"] > 0]
        return rows.sort_index().sort_values("revenue", ascending=False, kind="stable")

    @cached_property
    def total(self) -> int:
        """How many units bought in the 12 months."""
        return len(self.buying)
