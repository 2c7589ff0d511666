"""One rating of a client's accounts by one scorecard: units, points, weights, scores, rules and positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases, receivables
from kamplay.method.measures.hierarchy import by_group, heads
from kamplay.method.tiers import ballots, thresholds, weights
from kamplay.method.tiers.scoring import Ruled, point_table, ruled, score, special_points
from kamplay.method.tiers.stability import DRAWS, Stability, resampled, stability
from kamplay.presets.scorecard import Scorecard

MANY = 20_000  # accounts above which fewer draws are taken: 500 tell a share to within 2 points
FEW_DRAWS = 500
REPLICATES = (
    (2_000, 60),
    (5_000, 40),
    (MANY, 20),
)  # up to so many accounts, data are resampled so often; beyond, 6 times
FEW_REPLICATES = 6


@dataclass(frozen=True)
class Settled:
    """Each measured criterion's weight (they add up to 1), where the weights of the top criteria come from,
    and why not from elsewhere.
    """

    leaves: pd.Series
    source: str  # card, ballots or judgements
    missing: bool  # the card asked for ballots, and there are none


@dataclass(frozen=True)
class Rating:
    """A client's units (accounts, or groups rated as one) under one card. Arrays and frames are in the order
    of ``book.accounts``.

    ``heads``: every account → its unit. ``book``: the Book of the units. ``position``: 0 = highest tier,
    rules applied, overrides not.
    """

    card: Scorecard
    heads: pd.Series
    book: Book
    points: pd.DataFrame
    settled: Settled
    bonus: np.ndarray
    scores: np.ndarray
    rules: Ruled
    unbound: np.ndarray
    position: np.ndarray

    def tiers(self) -> pd.Series:
        """The tier's key per unit."""
        keys = np.array([t.key for t in self.card.tiers], dtype=object)
        return pd.Series(keys[self.position], index=self.points.index)

    def ranked_by(self, leaves: pd.Series) -> pd.Series:
        """The tier per unit under other weights, with as many units in each tier as now: who would be in it,
        not how many.

        Under fixed limits a weight on a criterion that all fulfil would lift everyone; that is no difference
        of opinion.
        """
        card = self.card
        keys = np.array([t.key for t in card.tiers], dtype=object)
        if card.matrix:
            return pd.Series(keys[self._fields(leaves)], index=self.points.index)
        other = score(self.points, leaves.reindex(self.points.columns).fillna(0.0).to_numpy(), self.bonus)
        counted = self.counted
        held = np.cumsum(np.bincount(self.unbound[counted], minlength=len(card.tiers)))[:-1]
        starts = thresholds.by_rank(np.round(other[counted, None], thresholds.DIGITS), held)[:, 0]
        return pd.Series(keys[self.rules.bound(thresholds.place(other, starts))], index=self.points.index)

    def _fields(self, leaves: pd.Series) -> np.ndarray:
        """Positions in the matrix under other weights within each axis, as many units high on each as now;
        top weights move nobody.
        """
        assert self.card.matrix is not None
        other = replace(
            self, settled=Settled(leaves.reindex(self.points.columns).fillna(0.0), self.settled.source, False)
        )
        high = []
        for key, limit in zip(
            (self.card.matrix.first, self.card.matrix.second), self.card.matrix.high, strict=True
        ):
            many = int((_axis(self, key)[0] >= limit).sum())
            axis = _axis(other, key)[0]
            high.append(
                thresholds.place(axis, thresholds.by_rank(axis[:, None], np.array([many]))[:, 0]) == 0
            )
        return self.rules.bound(_field(high))

    def firmness(self) -> Stability:
        """How firmly each unit sits in its position, when weights and data could have come out a little
        differently.
        """
        return (
            _matrix_firmness(self)
            if self.card.matrix
            else _firmness(self, self._place(), self.position, len(self.card.tiers))
        )

    @property
    def counted(self) -> np.ndarray:
        """The units that quotas, capacities and natural breaks are taken over: bought in the 12 months, not
        excluded.
        """
        bought = (purchases.revenue(self.book) > 0).to_numpy()
        return ~self.rules.excluded & (bought if bought.any() else ~bought)

    def _place(self) -> Callable[[np.ndarray], np.ndarray]:
        counted = self.counted
        if self.card.cut in (
            "score",
            "natural",
        ):  # fixed limits; natural breaks are those of the settled scores
            starts = thresholds.limits(self.scores, self.card, counted)[:, None]
            return lambda scores: self.rules.bound(thresholds.place(scores, starts))
        return lambda scores: self.rules.bound(
            thresholds.place(scores, thresholds.limits(scores, self.card, counted))
        )


def rate(book: Book, card: Scorecard) -> Rating:
    """Rate every account of the Book, or every group as one, by the card; overrides are for the caller to
    apply.
    """
    lead = heads(book)
    own = pd.Series(lead.index, index=lead.index)
    if card.rate == "group" and (lead != own).any():
        units = by_group(book, lead)
    else:
        units, lead = book, own
    points = point_table(units, card.leaves())
    settled = settle(card, units, points)
    bonus = special_points(units, card).to_numpy()
    nothing = np.empty(0)
    return _placed(
        Rating(card, lead, units, points, settled, bonus, nothing, ruled(units, card), nothing, nothing)
    )


def _placed(rating: Rating) -> Rating:
    card, leaves = rating.card, rating.settled.leaves
    scores = score(rating.points, leaves.to_numpy(), rating.bonus)
    if card.matrix:
        high = [
            _axis(rating, key)[0] >= limit
            for key, limit in zip((card.matrix.first, card.matrix.second), card.matrix.high, strict=True)
        ]
        unbound = _field(high)
    else:
        unbound = thresholds.place(scores, thresholds.limits(scores, card, rating.counted))
    return replace(rating, scores=scores, unbound=unbound, position=rating.rules.bound(unbound))


def _field(high: list[np.ndarray]) -> np.ndarray:
    return np.select([high[0] & high[1], high[0], high[1]], [0, 1, 2], 3).astype(np.int8)


def _axis(rating: Rating, top: str) -> tuple[np.ndarray, list[str], np.ndarray]:
    """One top criterion's points per unit, its measured criteria and their weights within it."""
    branch = rating.card.branch_of()
    mine = [leaf for leaf in rating.points.columns if branch[leaf] == top]
    weight = rating.settled.leaves[mine]
    inner = (weight / weight.sum() if weight.sum() > 0 else weight + 1 / len(mine)).to_numpy()
    return np.round(score(rating.points[mine], inner), thresholds.DIGITS), mine, inner


def settle(card: Scorecard, book: Book, points: pd.DataFrame) -> Settled:
    """The weights that the card asks for: its own, the departments' mean, or those of pairwise judgements;
    recalibrated if it says so.
    """
    top: dict[str, float] | None = None
    missing = False
    if card.weights_from == "ballots":
        given = last_round(book, card)
        missing = given is None
        top = None if given is None else ballots.settled(given).to_dict()
    elif card.weights_from == "judgements":
        top = group_judgement(card).weights.to_dict()
    leaves = pd.Series(card.weights(top))
    if card.recalibrate:
        bought = points[points.index.isin(book.days["account_id"])]
        objective = (weights.entropy if card.recalibrate.method == "entropy" else weights.critic)(bought)
        leaves = (1 - card.recalibrate.share) * leaves + card.recalibrate.share * objective
    return Settled(leaves, "card" if missing else card.weights_from, missing)


def last_round(book: Book, card: Scorecard) -> pd.DataFrame | None:
    """Departments × top criteria: the weights of the latest round; None without usable ballots."""
    if not book.has("ballots", "criterion"):
        return None
    table = keyed(book.table("ballots"), card)
    for number in reversed(ballots.rounds(table)):
        rows = ballots.in_round(table, number)
        given = ballots.weights_given(rows, list(card.criteria))
        if len(given):
            return ballots.by_department(given, rows)
    return None


def keyed(table: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    """The ballots with the card's keys for its criteria, where a form carried their labels."""
    keys = {label.strip().casefold(): key for key, c in card.criteria.items() for label in (c.zh, c.en, key)}
    if "criterion" not in table:
        return table
    said = table["criterion"].astype(object)
    return table.assign(
        criterion=said.map(lambda v: keys.get(str(v).strip().casefold(), v), na_action="ignore")
    )


def group_judgement(card: Scorecard) -> weights.Priorities:
    """The priorities of the raters' judgements taken together, by the geometric mean."""
    return weights.ahp(
        weights.group([weights.matrix_of(pairs, list(card.criteria)) for pairs in card.judgements.values()])
    )


def _firmness(
    rating: Rating, place: Callable[[np.ndarray], np.ndarray], settled: np.ndarray, tiers: int
) -> Stability:
    leaves = rating.settled.leaves.to_numpy()
    draws = DRAWS if len(rating.points) <= MANY else FEW_DRAWS
    return stability(
        rating.points.to_numpy(),
        _replicates(rating),
        leaves,
        place,
        settled,
        tiers,
        draws=draws,
        bonus=rating.bonus,
    )


def _replicates(rating: Rating) -> list[np.ndarray]:
    count = next((times for most, times in REPLICATES if len(rating.points) <= most), FEW_REPLICATES)
    leaves = rating.card.leaves()
    return [
        point_table(b, leaves, known=rating.points).to_numpy()
        for b in resampled(rating.book, count, seed=20260630)
    ]


def _matrix_firmness(rating: Rating) -> Stability:
    """Each axis on its own: the chance of a field is the product of both; what the rules allow is applied to
    the fields.
    """
    matrix = rating.card.matrix
    assert matrix is not None
    replicates = _replicates(rating)
    sides, names = [], list(rating.points.columns)
    for key, limit in zip((matrix.first, matrix.second), matrix.high, strict=True):
        axis, mine, inner = _axis(rating, key)
        columns = [names.index(m) for m in mine]

        def side(scores: np.ndarray, limit: float = limit) -> np.ndarray:
            return (np.round(scores, thresholds.DIGITS) < limit).astype(np.int8)

        parts = [r[:, columns] for r in replicates]
        found = stability(rating.points[mine].to_numpy(), parts, inner, side, side(axis), 2)
        sides.append((found, np.where(found.driver >= 0, np.array(columns)[found.driver], -1)))
    (first, driver1), (second, driver2) = sides
    fields = np.stack(
        [first.chances[:, a] * second.chances[:, b] for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))], axis=1
    )
    chances = np.zeros_like(fields)
    for position in range(4):
        to = rating.rules.bound(np.full(len(fields), position))
        np.add.at(chances, (np.arange(len(fields)), to), fields[:, position])
    kept = chances[np.arange(len(fields)), rating.position]
    held = (
        rating.rules.ceiling >= rating.rules.floor
    )  # the rules leave one position: nothing can move the unit
    by = [
        np.where(held, 1.0, getattr(first, name) * getattr(second, name))
        for name in ("by_weights", "by_data")
    ]
    driver = np.where(first.by_weights <= second.by_weights, driver1, driver2)
    return Stability(np.where(held, 1.0, kept), by[0], by[1], chances, driver)


FIRM = 0.7  # below this probability of its tier an account is borderline
KEY = ["S", "A"]
OVERRIDES = ["tier", "by_rule", "reason", "by", "expires", "state"]


def rated_units(rating: Rating) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The units (index: the id of the head) with their tiers, overrides applied; and every override with its
    ``state``.

    ``state``: applied, expired, superseded (another of the same group applies), or unusable (a tier or an
    account that the card or the client does not have).
    """
    card, index, rules = rating.card, rating.points.index, rating.rules
    firm = rating.firmness()
    names = np.array([*rating.points.columns, None], dtype=object)
    capped = np.maximum(
        rating.unbound, rules.ceiling
    )  # a gate or a safeguard counts where it changes something
    levels = {t.key: t.level for t in card.tiers}
    out = pd.DataFrame(
        {
            "members": rating.heads.value_counts().reindex(index).fillna(1).astype(int),
            "revenue": purchases.revenue(rating.book),
            "tier_score": np.floor(np.round(rating.scores, 6) * 100) / 100,
            "tier": rating.tiers(),
            "tier_probability": np.round(firm.probability, 3),
            "key_probability": np.round(firm.chances[:, [t.level in KEY for t in card.tiers]].sum(axis=1), 3),
            "by_weights": np.round(firm.by_weights, 3),
            "by_data": np.round(firm.by_data, 3),
            "doubt": names[firm.driver],
            "gate": rules.gate.where((capped > rating.unbound) & (rating.position > rating.unbound), None),
            "safeguard": rules.safeguard,
            "kept": rating.position < capped,
            "override": pd.Series(None, index=index, dtype=object),
        },
        index=index,
    )
    out["blank"] = _blank(rating)
    out.loc[out["blank"], ["tier_probability", "key_probability", "by_weights", "by_data"]] = (
        np.nan
    )  # nothing known is nothing sure
    overrides = _overrides(rating)
    live = overrides[overrides["state"] == "applied"]
    out.loc[live.index, "tier"] = live["tier"]
    out.loc[live.index, "override"] = live["reason"]
    out.loc[live.index, ["tier_probability", "key_probability", "by_weights", "by_data"]] = (
        np.nan
    )  # set by hand: no weight decides it
    out["level"] = out["tier"].map(levels)
    return out.join(_beside(rating.book)), overrides


def _blank(rating: Rating) -> np.ndarray:
    """Units of which nothing is known that the card asks for, or nothing on one of the matrix's axes."""
    known = rating.points.notna()
    if rating.card.matrix is None:
        return ~known.any(axis=1).to_numpy()
    branch = rating.card.branch_of()
    axes = [
        [c for c in known if branch[c] == key]
        for key in (rating.card.matrix.first, rating.card.matrix.second)
    ]
    return ~(known[axes[0]].any(axis=1) & known[axes[1]].any(axis=1)).to_numpy()


def _overrides(rating: Rating) -> pd.DataFrame:
    if not rating.book.has("overrides", "tier"):
        return pd.DataFrame(columns=OVERRIDES, index=pd.Index([], name="account_id", dtype="str"))
    # of a group's several the one to prefer stands first
    rows = rating.book.table("overrides").dropna(subset=["tier"]).set_index("account_id")
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    usable = rows.index.isin(rating.points.index) & rows["tier"].isin([t.key for t in rating.card.tiers])
    over = ends < pd.Timestamp(rating.book.as_of)
    first = pd.Series(usable & ~over, index=rows.index).groupby(level=0).cumsum() == 1
    state = np.select([~usable, over, ~first], ["unusable", "expired", "superseded"], "applied")
    expires = ends.dt.strftime("%Y-%m-%d").astype(object).where(ends.notna(), None)
    return rows.assign(by_rule=rating.tiers().reindex(rows.index), expires=expires, state=state).reindex(
        columns=OVERRIDES
    )


def _beside(book: Book) -> pd.DataFrame:
    """What a reader asks next of an account: margin_share, growth, overdue (missing where unknown), owner."""
    revenue = purchases.revenue(book)
    owed = receivables.owed(book)
    return pd.DataFrame(
        {
            "margin_share": purchases.margin_share(book),
            "growth": purchases.growth(book),
            "overdue": np.nan if owed is None else owed["overdue"].reindex(revenue.index),
            "owner": book.accounts.get("owner"),
        },
        index=revenue.index,
    )


def still_open(rated: pd.DataFrame, disputed: pd.DataFrame) -> pd.Series:
    """Why it is not settled whether a unit is key, as codes joined by ``;``; empty where it is, or was set by
    hand.

    ``weights``, ``data``: it would be key in between 30 and 70 % of the draws, and other weights, or a
    slightly different year, are what moves it. ``departments``: by some departments' own weights it is key,
    by others' not. ``votes``: not key, and yet named by at least half of the departments that named any.
    """
    edge = rated["key_probability"].between(1 - FIRM, FIRM)
    by_weights, by_data = edge & (rated["by_weights"] < FIRM), edge & (rated["by_data"] < FIRM)
    neither = edge & ~by_weights & ~by_data
    codes = {"weights": by_weights | neither, "data": by_data | neither}
    if len(disputed):
        seen = disputed.reindex(rated.index)
        codes["departments"] = (seen["key_by"] > 0) & (seen["key_by"] < seen["departments"])
        codes["votes"] = (
            ~rated["level"].isin(KEY) & (seen["voters"] > 0) & (seen["named_by"] >= seen["voters"] / 2)
        )
    live = rated["override"].isna() & (rated["revenue"] > 0)
    said = pd.DataFrame(
        {code: np.where(live & holds.fillna(False).astype(bool), code, "") for code, holds in codes.items()},
        index=rated.index,
    )
    return (
        said.apply(lambda row: ";".join(code for code in row if code), axis=1)
        if len(said)
        else pd.Series("", index=rated.index, dtype=object)
    )
