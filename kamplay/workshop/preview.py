"""What other weights would do: the accounts are rated once, and only their scores and tiers are taken anew."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.tiers import ballots, thresholds
from kamplay.method.tiers.consensus import KEY, Consensus
from kamplay.method.tiers.rating import Rating, group_judgement, last_round, settle
from kamplay.method.tiers.scoring import score
from kamplay.presets.scorecard import Recalibrate
from kamplay.workshop.ballot_file import RefusedError


@dataclass(frozen=True)
class Preview:
    """The tiers now and with other weights, overrides applied to both: under the card's own cut, or with
    tiers of today's size.

    ``weights``: share of each top criterion (they add up to 1). ``counts``: per tier, from the highest, the
    buying accounts ``now`` and ``then`` (as the report counts them), with ``revenue_now`` and
    ``revenue_then`` (12 months to as_of). ``rises`` and ``drops``: units (accounts, or groups rated as one;
    index the head's id) that become key (level S or A), or cease to be: accounts (that buy), revenue, before
    and after (keys of tiers), the largest revenue first. ``moved``: units that change tier. ``agreement``:
    what the ballots say so far, None without any.
    """

    weights: pd.Series
    counts: pd.DataFrame
    rises: pd.DataFrame
    drops: pd.DataFrame
    moved: int
    agreement: Consensus | None = None


class Base:
    """The part that no weight changes: points, rules, overrides, revenue and the tiers of today."""

    def __init__(self, book: Book, rating: Rating):
        self.rating = rating
        card = rating.card
        self.start = top_weights(rating)
        self.objective = _objective(rating)
        self.tiers = np.array([t.key for t in card.tiers], dtype=object)
        self.key = np.array([t.level in KEY for t in card.tiers])
        self.held = _overridden(rating)
        self.unit = rating.points.index.get_indexer(
            rating.heads.to_numpy()
        )  # per account, the place of its unit
        self.account_revenue = purchases.revenue(book).reindex(rating.heads.index).to_numpy()
        self.revenue = np.bincount(self.unit, self.account_revenue, minlength=len(rating.points))
        self.accounts = np.bincount(self.unit[self.account_revenue > 0], minlength=len(rating.points))
        self.now = self._held(rating.position)

    def preview(self, weights: Mapping[str, float] | pd.Series, same_size: bool = False) -> Preview:
        """The tiers under other weights of the top criteria. Raises RefusedError as ``shares`` does.

        ``same_size`` places as many units in each tier as now, so that a weight on what all fulfil does not
        lift everyone.
        """
        given = shares(weights, list(self.rating.card.criteria))
        now, then = self.now, self._held(self._position(given, same_size))
        buys = self.accounts > 0
        return Preview(
            given,
            self._counts(now, then),
            self._list(buys & self.key[then] & ~self.key[now], now, then),
            self._list(buys & self.key[now] & ~self.key[then], now, then),
            int((buys & (now != then)).sum()),
        )

    def _position(self, given: pd.Series, same_size: bool) -> np.ndarray:
        rating, card = self.rating, self.rating.card
        if card.matrix:  # each axis is one top criterion: their weights against each other place nobody
            return rating.position
        leaves = pd.Series(card.weights(given.to_dict())).reindex(rating.points.columns)
        if card.recalibrate and self.objective is not None:
            leaves = (1 - card.recalibrate.share) * leaves + card.recalibrate.share * self.objective
        if same_size:
            return pd.Index(self.tiers).get_indexer(rating.ranked_by(leaves))
        scores = score(rating.points, leaves.to_numpy(), rating.bonus)
        return rating.rules.bound(
            thresholds.place(scores, thresholds.limits(scores, card, ~rating.rules.excluded))
        )

    def _held(self, position: np.ndarray) -> np.ndarray:
        """Positions with the overrides applied; −1 in ``held`` is none."""
        return np.where(self.held >= 0, self.held, position).astype(int)

    def _counts(self, now: np.ndarray, then: np.ndarray) -> pd.DataFrame:
        buying, revenue = self.account_revenue > 0, self.account_revenue
        out = pd.DataFrame(index=pd.Index(self.tiers, name="tier"))
        out["level"] = [t.level for t in self.rating.card.tiers]
        for name, position in (("now", now), ("then", then)):
            placed = position[self.unit[buying]]
            out[name] = np.bincount(placed, minlength=len(self.tiers))
            out[f"revenue_{name}"] = np.bincount(placed, revenue[buying], minlength=len(self.tiers))
        return out

    def _list(self, who: np.ndarray, now: np.ndarray, then: np.ndarray) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "accounts": self.accounts[who],
                "revenue": self.revenue[who],
                "before": self.tiers[now[who]],
                "after": self.tiers[then[who]],
            },
            index=self.rating.points.index[who],
        )
        return (
            frame.assign(_id=frame.index)
            .sort_values(["revenue", "_id"], ascending=[False, True])
            .drop(columns="_id")
        )


def shares(weights: Mapping[str, float] | pd.Series, criteria: list[str]) -> pd.Series:
    """The weights as shares that add up to 1, in the order of ``criteria``.

    Raises RefusedError: criterion_unknown, criterion_missing, weight_not_number, weight_negative,
    weights_all_zero.
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
    """The weights of the top criteria that the rating follows, as shares; before any recalibration."""
    card, source = rating.card, rating.settled.source
    found = pd.Series({key: c.weight for key, c in card.criteria.items()})
    if source == "ballots":
        given = last_round(rating.book, card)
        found = found if given is None else ballots.settled(given)
    elif source == "judgements":
        found = group_judgement(card).weights
    return shares(found, list(card.criteria))


def _objective(rating: Rating) -> pd.Series | None:
    """The weights of the measured criteria that the data alone would give, where the card takes a part of
    them.
    """
    card = rating.card
    if card.recalibrate is None:
        return None
    whole = Recalibrate(method=card.recalibrate.method, share=1.0)
    return settle(
        card.model_copy(update={"recalibrate": whole, "weights_from": "card"}), rating.book, rating.points
    ).leaves


def _overridden(rating: Rating) -> np.ndarray:
    """Per unit the position that an unexpired override sets, as step 1 applies it; −1 for none."""
    out = np.full(len(rating.points), -1)
    if not rating.book.has("overrides", "tier"):
        return out
    rows, places = rating.book.table("overrides"), {t.key: n for n, t in enumerate(rating.card.tiers)}
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    live = rows[
        rows["account_id"].isin(rating.points.index)
        & rows["tier"].isin(list(places))
        & ~(ends < pd.Timestamp(rating.book.as_of))
    ]
    out[rating.points.index.get_indexer(live["account_id"])] = live["tier"].map(places).to_numpy()
    return out
