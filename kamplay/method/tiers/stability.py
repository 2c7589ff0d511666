"""How stable each account's tier is, when the weights and the data could have come out a little
differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.results import Findings
from kamplay.method.tiers import thresholds
from kamplay.method.tiers.rating import Rating, Units
from kamplay.method.tiers.scoring import point_table
from kamplay.presets.scorecard import KEY_LEVELS

FIRM = 0.7  # below this probability of its tier an account is borderline
SEED = 20260630
DRAWS = 2000
# Dirichlet concentration: a 50 % weight moves by about ±6.4 points, what two reasonable people differ by
SPREAD = 60.0
CELLS = 8_000_000  # scores held at a time: some 64 MB an array, so that 100,000 accounts fit in memory
NUDGE = 1e-9  # more than the rounding errors of a weighted mean of points, far less than any real difference
YEAR = 12  # month buckets
MANY = 20_000  # units above which fewer draws are taken: 500 tell a share to within 2 points
FEW_DRAWS = 500
# up to so many units, data are resampled so often; beyond, FEW_REPLICATES times
REPLICATES = ((2_000, 60), (5_000, 40), (MANY, 20))
FEW_REPLICATES = 6

Place = Callable[[np.ndarray], np.ndarray]
"""Scores (accounts, draws), 0 to 100, to positions of the same shape, 0 the highest tier; gates, safeguards
and
cuts included.

It is always given all accounts, in the order of ``points``, for some of the draws; each draw must be placed
for
itself.
"""


@dataclass(frozen=True)
class Stability:
    """Shares of draws, 0 to 1, in the order of the accounts.

    Attributes
    ----------
    probability : (accounts,), the settled position is kept, weights and data varied together.
    by_weights : (accounts,), the same with the observed data, the weights alone varied.
    by_data : (accounts,), the same with the settled weights, the data alone varied.
    chances : (accounts, tiers), of each position, weights and data varied together.
    driver : (accounts,), index of the criterion whose weight decides most whether the position is kept: the
        largest absolute correlation, over the draws of the weights alone, between that weight and keeping it.
        Only criteria known of the account count, equals go to the first; −1 where no draw makes a difference.
    """

    probability: np.ndarray
    by_weights: np.ndarray
    by_data: np.ndarray
    chances: np.ndarray
    driver: np.ndarray


def tier_stability(rating: Rating) -> Stability:
    """Vary the weights and the months' data of a rating, and count how often each unit keeps its position."""
    replicates = _replicates(rating)
    if rating.card.matrix:
        return _matrix_stability(rating, replicates)
    return stability(
        rating.points.to_numpy(),
        replicates,
        rating.weights.leaves.to_numpy(),
        rating.placing(),
        rating.position,
        len(rating.card.tiers),
        draws=DRAWS if len(rating.points) <= MANY else FEW_DRAWS,
        bonus=rating.bonus,
    )


def _replicates(rating: Rating) -> list[np.ndarray]:
    """Tables of points from resampled data."""
    count = next((times for most, times in REPLICATES if len(rating.points) <= most), FEW_REPLICATES)
    leaves = rating.card.leaves()
    return [
        point_table(book, leaves, known=rating.points).to_numpy()
        for book in resampled(rating.book, count, SEED)
    ]


def _matrix_stability(rating: Rating, replicates: list[np.ndarray]) -> Stability:
    """Each axis on its own: the chance of a field is the product of both; what the rules allow is applied to
    the fields.
    """
    sides, names = [], list(rating.points.columns)
    for key, limit in rating.axis_limits:
        axis = rating.axis(key)
        columns = [names.index(leaf) for leaf in axis.leaves]

        def low(scores: np.ndarray, limit: float = limit) -> np.ndarray:
            return (np.round(scores, thresholds.DIGITS) < limit).astype(np.int8)

        parts = [table[:, columns] for table in replicates]
        points = rating.points[axis.leaves].to_numpy()
        found = stability(points, parts, axis.weights, low, low(axis.scores), 2)
        sides.append((found, np.where(found.driver >= 0, np.array(columns)[found.driver], -1)))
    (first, first_driver), (second, second_driver) = sides
    fields = np.stack(
        [first.chances[:, a] * second.chances[:, b] for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))], axis=1
    )
    units = np.arange(len(fields))
    chances = np.zeros_like(fields)
    for field in range(4):
        np.add.at(chances, (units, rating.bounds.bound(np.full(len(fields), field))), fields[:, field])
    # where the rules leave one position nothing can move the unit
    fixed = rating.bounds.ceiling >= rating.bounds.floor
    return Stability(
        probability=np.where(fixed, 1.0, chances[units, rating.position]),
        by_weights=np.where(fixed, 1.0, first.by_weights * second.by_weights),
        by_data=np.where(fixed, 1.0, first.by_data * second.by_data),
        chances=chances,
        driver=np.where(first.by_weights <= second.by_weights, first_driver, second_driver),
    )


def stability(
    points: np.ndarray,
    replicates: Sequence[np.ndarray],
    weights: np.ndarray,
    place: Place,
    settled: np.ndarray,
    tiers: int,
    *,
    draws: int = DRAWS,
    spread: float = SPREAD,
    seed: int = SEED,
    bonus: np.ndarray | None = None,
) -> Stability:
    """Score and place every account under drawn weights and resampled data, and count how often it stays
    where it is.

    Weights are drawn from Dirichlet(weights × ``spread``), the weights summing to 1, so that each keeps its
    settled value on average, with variance w(1 − w) / (spread + 1). A criterion unknown for all accounts, in
    all tables, is left out before that: the result is the one without it. The weights alone and the weights
    with the data are varied by the same draws, so that the two differ by the data only. The accounts' order
    does not matter.

    Parameters
    ----------
    points : (accounts, criteria), 0 to 100, NaN where unknown; an unknown criterion's weight goes to the
    known
        ones in proportion, and an account of which nothing is known scores 0.
    replicates : tables of the same shape from resampled data; each gets the same number of draws (``draws``
    is
        rounded up for that). Without any, the data are taken as they are.
    weights : (criteria,), not negative, of any sum.
    place : from scores to positions.
    settled : (accounts,), the positions in force, 0 to ``tiers`` − 1.
    tiers : how many there are.
    draws : of the weights.
    spread : concentration of the Dirichlet distribution.
    seed : of the draws.
    bonus : (accounts,), points added to the weighted score, which is then held to 0 to 100.

    Raises
    ------
    ValueError
        Shapes do not match, no criterion has weight, or ``place`` gives positions that do not exist.
    """
    points = np.asarray(points, dtype=float)
    tables = [np.asarray(table, dtype=float) for table in replicates] or [points]
    weights, settled = np.asarray(weights, dtype=float), np.asarray(settled, dtype=int)
    _check(points, tables, weights, settled, tiers, draws, spread, bonus)
    used = (weights > 0) & np.any([~np.isnan(table).all(axis=0) for table in (points, *tables)], axis=0)
    if not used.any():  # nothing is known of anybody: every score is 0 and the bonus, whatever the weights
        used = weights > 0
    accounts, names = len(points), np.flatnonzero(used)
    points, tables = points[:, used], [table[:, used] for table in tables]
    centre = weights[used] / weights[used].sum()
    each = -(-draws // len(tables))
    drawn = np.random.default_rng(seed).dirichlet(centre * spread, each * len(tables)).T
    # a slight weight can be drawn as 0, which would leave an account known by it alone unscored
    drawn = np.maximum(drawn, 1e-12)

    chances = np.zeros((accounts, tiers))
    for number, table in enumerate(tables):
        for _, positions in _placed(table, drawn[:, number * each : (number + 1) * each], place, bonus):
            for tier in range(tiers):
                chances[:, tier] += np.count_nonzero(positions == tier, axis=1)
    if (chances.sum(axis=1) != each * len(tables)).any():
        raise ValueError(f"place gave positions outside 0 to {tiers - 1}")
    chances /= each * len(tables)

    alone = drawn[:, :draws]
    # centred first, so that a covariance is one product
    around = (alone - alone.mean(axis=1, keepdims=True)).T
    kept, together = np.zeros(accounts), np.zeros((accounts, len(centre)))
    for part, positions in _placed(points, alone, place, bonus):
        stays = positions == settled[:, None]
        kept += np.count_nonzero(stays, axis=1)
        together += stays.astype(float) @ around[part]

    still = np.zeros(accounts)
    for table in tables:
        for _, positions in _placed(table, centre[:, None], place, bonus):
            still += positions[:, 0] == settled
    return Stability(
        probability=chances[np.arange(accounts), settled],
        by_weights=kept / draws,
        by_data=still / len(tables),
        chances=chances,
        driver=_driver(kept, together, around, ~np.isnan(points), names),
    )


def _check(
    points: np.ndarray,
    tables: list[np.ndarray],
    weights: np.ndarray,
    settled: np.ndarray,
    tiers: int,
    draws: int,
    spread: float,
    bonus: np.ndarray | None,
) -> None:
    """Refuse what does not fit together."""
    if points.ndim != 2 or any(table.shape != points.shape for table in tables):
        raise ValueError("points and replicates must be tables of one shape (accounts, criteria)")
    if (
        weights.shape != points.shape[1:]
        or not (np.isfinite(weights) & (weights >= 0)).all()
        or not weights.sum() > 0
    ):
        raise ValueError("one weight per criterion, none negative, at least one above 0")
    if settled.shape != points.shape[:1] or (
        len(settled) and not (settled.min() >= 0 and settled.max() < tiers)
    ):
        raise ValueError(f"one settled position per account, 0 to {tiers - 1}")
    if bonus is not None and (np.shape(bonus) != points.shape[:1] or np.isnan(bonus).any()):
        raise ValueError("one bonus per account, 0 where there is none")
    if draws < 1 or not spread > 0:
        raise ValueError("at least one draw, and a spread above 0")


def _placed(
    table: np.ndarray, weights: np.ndarray, place: Place, bonus: np.ndarray | None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Positions (accounts, block) under ``weights`` (criteria, draws), block after block of draws."""
    known = ~np.isnan(table)
    cells, filled = np.where(known, table, 0.0), None if known.all() else known.astype(float)
    step = max(16, CELLS // max(1, len(table)))
    for start in range(0, weights.shape[1], step):
        part = slice(start, start + step)
        scores = cells @ weights[:, part]
        if filled is not None:
            weight = filled @ weights[:, part]
            np.divide(scores, weight, out=scores, where=weight > 0)  # nothing known: the sum is 0 already
        if bonus is not None:
            scores += np.asarray(bonus, dtype=float)[:, None]
            np.clip(scores, 0.0, 100.0, out=scores)
        # whatever the last digits of a sum come to, a score of exactly 70 reaches a limit of 70
        scores += NUDGE
        yield part, np.asarray(place(scores)).astype(np.int16, copy=False)


def _driver(
    kept: np.ndarray, together: np.ndarray, around: np.ndarray, known: np.ndarray, names: np.ndarray
) -> np.ndarray:
    """Index, among all criteria, of the largest |correlation|; −1 where keeping the tier does not vary.

    ``kept`` (accounts,) draws that kept it; ``together`` (accounts, criteria) sums of keeping × centred
    weight; ``around`` (draws, criteria) centred weights; ``names`` the criteria's own indices.
    """
    draws = len(around)
    varies = (kept > 0) & (kept < draws)
    below = np.sqrt((kept * (1 - kept / draws))[:, None] * (around**2).sum(axis=0))
    correlation = np.divide(np.abs(together), below, out=np.zeros_like(together), where=below > 0)
    # the weight of an unknown criterion goes to the others in proportion, so it decides nothing; rounded, so
    # that equals are equal
    correlation = np.where(known, np.round(correlation, 9), -1.0)
    return np.where(varies, names[correlation.argmax(axis=1)], -1) if len(kept) else np.zeros(0, dtype=int)


def month_weights(rng: np.random.Generator, months: int, replicates: int) -> np.ndarray:
    """Draw weights of a Bayesian bootstrap (replicates, months): Dirichlet(1, …, 1) × months, so that the
    mean of each row is 1 (Rubin 1981).
    """
    return rng.dirichlet(np.ones(months), replicates) * months


def resampled(book: Book, replicates: int, seed: int) -> Iterator[Book]:
    """The Book as it might have come out: the month buckets 0–11, and apart from them 12–23, weighted anew
    each time.

    Amounts and margins of a month are multiplied by one weight for all accounts, so that accounts stay
    comparable and what a good or bad month did to all of them stays together. The Bayesian bootstrap (Rubin
    1981) is used because its weights are never 0: the ordinary bootstrap leaves a given month of twelve out
    in 35 % of the replicates, and an account that bought in that month alone would vanish, which nothing in
    the data suggests. The two years are weighted apart, each with mean 1, so that growth is compared between
    whole years. Older months, months after as_of, days, baskets and other tables stay as they are, and so do
    the measures that rest on them.
    """
    rng = np.random.default_rng(seed)
    recent, before = month_weights(rng, YEAR, replicates), month_weights(rng, YEAR, replicates)
    bucket = book.monthly["bucket"].to_numpy(dtype=int)
    inside = (bucket >= 0) & (bucket < 2 * YEAR)
    amounts = [name for name in ("amount", "margin", "costed") if name in book.monthly]
    for weights in np.hstack([recent, before]):
        factor = np.where(inside, weights[np.where(inside, bucket, 0)], 1.0)
        sums = {name: book.monthly[name] * factor for name in amounts}
        yield replace(book, monthly=book.monthly.assign(**sums))


def add_findings(findings: Findings, units: Units, criteria: pd.DataFrame) -> None:
    """Add how many accounts sit on the border of a tier, and which weight decides most.

    Parameters
    ----------
    findings : to add to.
    units : the rated units.
    criteria : one row per measured criterion, with its labels, see ``criteria.criteria_table``.
    """
    buying = units.buying
    borderline = buying[buying["tier_probability"] < FIRM]
    if borderline.empty:
        if buying["tier_probability"].notna().any():
            findings.add("all_firm", "note", accounts=units.total)
        return
    upper = borderline[borderline["level"].isin(KEY_LEVELS)]
    figures = {
        "unstable": units.count(borderline.index),
        "accounts": units.total,
        "upper": units.count(upper.index),
        "firm": FIRM,
        "by_weights": units.count(borderline.index[borderline["by_weights"] < FIRM]),
        "by_data": units.count(borderline.index[borderline["by_data"] < FIRM]),
    }
    who = upper.index if len(upper) else borderline.index
    findings.add("borderline", "watch", "settle_borderline", who, **figures)
    drivers = borderline["driver"].dropna().value_counts()
    if len(drivers):
        top = min(drivers.index[drivers == drivers.iloc[0]])
        label = criteria.set_index("criterion").loc[top]
        count = units.count(borderline.index[borderline["driver"] == top])
        findings.add(
            "doubt_driver",
            "note",
            "sharpen_criterion",
            count=count,
            unstable=figures["unstable"],
            zh=label["zh"],
            en=label["en"],
        )
