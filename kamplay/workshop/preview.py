"""The effect of other weights: accounts are rated once, only scores and tiers are computed again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.tiers import ballots, rules
from kamplay.method.tiers.consensus import Consensus
from kamplay.method.tiers.rating import Rating
from kamplay.method.tiers.weights import judged_priorities, objective_weights
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.workshop.ballot_file import RefusedError


@dataclass(frozen=True)
class Preview:
    """The tiers now and with other weights, overrides applied to both: under the card's own cut, or with
    tiers of today's size.

    Attributes
    ----------
    weights : top criterion → share; they add up to 1.
    counts : per tier, from the highest: level, the buying units ``now`` and ``then`` (as the report counts
        them), revenue_now, revenue_then (12 months to as_of).
    rises, drops : units (accounts, or groups rated as one; index the head's id) that become key (level S or
        A), or cease to be, the largest first: accounts (that buy), revenue, before, after (keys of tiers).
    moved : units that change tier.
    agreement : of the ballots so far; None without any.
    """

    weights: pd.Series
    counts: pd.DataFrame
    rises: pd.DataFrame
    drops: pd.DataFrame
    moved: int
    agreement: Consensus | None = None


class Base:
    """What weights do not change: points, rules, overrides, revenue and the present tiers."""

    def __init__(self, book: Book, rating: Rating):
        card = rating.card
        self.rating = rating
        self.start = top_weights(rating)
        self.tiers = np.array([t.key for t in card.tiers], dtype=object)
        self.key = np.array([t.level in KEY_LEVELS for t in card.tiers])
        self.by_data = (
            objective_weights(card.recalibrate.method, rating.book, rating.points)
            if card.recalibrate
            else None
        )
        self.set_by_hand = self._set_by_hand()
        # per account, the place of its unit
        self.unit = rating.points.index.get_indexer(rating.heads.to_numpy())
        revenue = purchases.revenue(book).reindex(rating.heads.index).to_numpy()
        self.revenue = np.bincount(self.unit, revenue, minlength=len(rating.points))
        self.accounts = np.bincount(self.unit[revenue > 0], minlength=len(rating.points))
        self.now = self._with_overrides(rating.position)

    def preview(self, weights: Mapping[str, float] | pd.Series, same_size: bool = False) -> Preview:
        """Place the units under other weights of the top criteria.

        Parameters
        ----------
        weights : of all top criteria, on any scale.
        same_size : keep the number of units in each tier, so that a weight on what all fulfil does not lift
            everyone.

        Raises
        ------
        RefusedError
            As ``shares``.
        """
        given = shares(weights, list(self.rating.card.criteria))
        now, then = self.now, self._with_overrides(self._position(given, same_size))
        buys = self.accounts > 0
        return Preview(
            given,
            self._counts(now, then),
            self._movers(buys & self.key[then] & ~self.key[now], now, then),
            self._movers(buys & self.key[now] & ~self.key[then], now, then),
            int((buys & (now != then)).sum()),
        )

    def _position(self, given: pd.Series, same_size: bool) -> np.ndarray:
        rating, card = self.rating, self.rating.card
        if card.matrix:  # each axis is one top criterion, so their weights move nobody
            return rating.position
        leaves = pd.Series(card.weights(given.to_dict()))
        if card.recalibrate and self.by_data is not None:
            leaves = (1 - card.recalibrate.share) * leaves + card.recalibrate.share * self.by_data
        if same_size:
            return pd.Index(self.tiers).get_indexer(rating.tiers_ranked_by(leaves))
        return rating.positions_under(leaves)

    def _set_by_hand(self) -> np.ndarray:
        """Per unit the position that an override sets; −1 for none."""
        rating = self.rating
        found = rules.overrides(rating.book, rating.card, rating.tiers())
        applied = found.loc[found["state"] == "applied", "tier"]
        out = np.full(len(rating.points), -1)
        out[rating.points.index.get_indexer(applied.index)] = pd.Index(self.tiers).get_indexer(applied)
        return out

    def _with_overrides(self, position: np.ndarray) -> np.ndarray:
        return np.where(self.set_by_hand >= 0, self.set_by_hand, position).astype(int)

    def _counts(self, now: np.ndarray, then: np.ndarray) -> pd.DataFrame:
        buying, revenue = self.revenue > 0, self.revenue
        out = pd.DataFrame(index=pd.Index(self.tiers, name="tier"))
        out["level"] = [t.level for t in self.rating.card.tiers]
        for name, position in (("now", now), ("then", then)):
            placed = position[buying]
            out[name] = np.bincount(placed, minlength=len(self.tiers))
            out[f"revenue_{name}"] = np.bincount(placed, revenue[buying], minlength=len(self.tiers))
        return out

    def _movers(self, who: np.ndarray, now: np.ndarray, then: np.ndarray) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "accounts": self.accounts[who],
                "revenue": self.revenue[who],
                "before": self.tiers[now[who]],
                "after": self.tiers[then[who]],
            },
            index=self.rating.points.index[who],
        )
        return frame.sort_index().sort_values("revenue", ascending=False, kind="stable")


def shares(weights: Mapping[str, float] | pd.Series, criteria: list[str]) -> pd.Series:
    """Bring weights to shares that add up to 1, in the order of ``criteria``.

    Raises
    ------
    RefusedError
        criterion_unknown, criterion_missing, weight_not_number, weight_negative, weights_all_zero.
    """
    given = dict(weights)
    if unknown := [str(k) for k in given if k not in criteria]:
        raise RefusedError("criterion_unknown", names=unknown)
    if missing := [k for k in criteria if k not in given]:
        raise RefusedError("criterion_missing", names=missing)
    numbers = {}
    for key in criteria:
        try:
            numbers[key] = math.nan if isinstance(given[key], bool | str) else float(given[key])
        except (TypeError, ValueError):
            numbers[key] = math.nan
        if not math.isfinite(numbers[key]):
            raise RefusedError("weight_not_number", names=[key])
        if numbers[key] < 0:
            raise RefusedError("weight_negative", names=[key])
    total = sum(numbers.values())
    if total <= 0:
        raise RefusedError("weights_all_zero")
    return pd.Series(numbers, dtype="float64", name="weight") / total


def top_weights(rating: Rating) -> pd.Series:
    """Take the weights of the top criteria that the rating follows, as shares; before any recalibration."""
    card, source = rating.card, rating.weights.source
    found = pd.Series({key: c.weight for key, c in card.criteria.items()})
    if source == "ballots":
        departments = ballots.latest_department_weights(rating.book, card)
        found = found if departments is None else ballots.mean_weights(departments)
    elif source == "judgements":
        found = judged_priorities(card).weights
    return shares(found, list(card.criteria))
