"""How stable each account's tier is when the weights and the data vary within reason (Monte Carlo)."""

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

STABLE = 0.7  # below this probability of its tier an account is borderline
SEED = 20260630
DRAWS = 2000
# Dirichlet concentration: a 50 % weight moves by about ±6.4 points, what two reasonable people differ by
CONCENTRATION = 60.0
MAX_CELLS = 8_000_000  # scores in memory at a time, some 64 MB an array: 100,000 accounts then fit
ROUNDING_TOLERANCE = 1e-9  # above the rounding error of a weighted mean, far below any real difference
YEAR = 12  # month buckets
LARGE_BOOK = 20_000  # units above which fewer draws are taken: 500 give a share to within 2 points
FEW_DRAWS = 500
# up to so many units, data are resampled so often; beyond, FEW_REPLICATES times
REPLICATES = ((2_000, 60), (5_000, 40), (LARGE_BOOK, 20))
FEW_REPLICATES = 6

Place = Callable[[np.ndarray], np.ndarray]
"""Scores (accounts, draws), 0 to 100, to positions of the same shape, 0 the highest tier, after gates and
safeguards. It gets all accounts in the order of ``points`` and some of the draws, and places each draw
apart."""


@dataclass(frozen=True)
class Stability:
    """Shares of draws, 0 to 1, in the order of the accounts.

    Attributes
    ----------
    probability : (accounts,), the current position is kept, weights and data varied together.
    by_weights : (accounts,), the same with the observed data, the weights alone varied.
    by_data : (accounts,), the same with the current weights, the data alone varied.
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
        rating.place_function(),
        rating.position,
        len(rating.card.tiers),
        draws=DRAWS if len(rating.points) <= LARGE_BOOK else FEW_DRAWS,
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
    """Each axis on its own: the probability of a field is the product of both; the rules are applied to the
    fields.
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
        np.add.at(chances, (units, rating.bounds.clip(np.full(len(fields), field))), fields[:, field])
    # where the rules allow one position only, nothing can move the unit
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
    current: np.ndarray,
    tiers: int,
    *,
    draws: int = DRAWS,
    concentration: float = CONCENTRATION,
    seed: int = SEED,
    bonus: np.ndarray | None = None,
) -> Stability:
    """Score and place every account under drawn weights and resampled data, and count how often it stays
    where it is.

    Weights (sum 1) are drawn from Dirichlet(weights × ``concentration``), so that each keeps its
    value on average, with variance w(1 − w) / (concentration + 1). A criterion unknown for all accounts in
    all tables is left out first. The weights alone and the weights with the data are varied by the same
    draws, so that the two differ by the data only. The order of the accounts does not matter.

    Parameters
    ----------
    points : (accounts, criteria), 0 to 100, NaN where unknown; an unknown criterion's weight goes to the
        known ones in proportion, and an account of which nothing is known scores 0.
    replicates : tables of the same shape from resampled data; each gets the same number of draws (``draws``
        is rounded up for that). Without any, the data are taken as they are.
    weights : (criteria,), not negative, of any sum.
    place : from scores to positions.
    current : (accounts,), the positions in force, 0 to ``tiers`` − 1.
    tiers : how many there are.
    draws : of the weights.
    concentration : of the Dirichlet distribution.
    seed : of the draws.
    bonus : (accounts,), points added to the weighted score, which is then limited to 0 to 100.

    Raises
    ------
    ValueError
        Shapes do not match, no criterion has weight, or ``place`` gives positions that do not exist.
    """
    points = np.asarray(points, dtype=float)
    tables = [np.asarray(table, dtype=float) for table in replicates] or [points]
    weights, current = np.asarray(weights, dtype=float), np.asarray(current, dtype=int)
    _check(points, tables, weights, current, tiers, draws, concentration, bonus)
    used = (weights > 0) & np.any([~np.isnan(table).all(axis=0) for table in (points, *tables)], axis=0)
    if not used.any():  # nothing is known of anybody: every score is 0 and the bonus, whatever the weights
        used = weights > 0
    accounts, names = len(points), np.flatnonzero(used)
    points, tables = points[:, used], [table[:, used] for table in tables]
    mean_weights = weights[used] / weights[used].sum()
    per_table = -(-draws // len(tables))
    drawn = np.random.default_rng(seed).dirichlet(mean_weights * concentration, per_table * len(tables)).T
    # a small weight can be drawn as 0, and an account known by that criterion alone would have no score
    drawn = np.maximum(drawn, 1e-12)

    chances = np.zeros((accounts, tiers))
    for table, weights_of in zip(tables, np.split(drawn, len(tables), axis=1), strict=True):
        for _, positions in _placed(table, weights_of, place, bonus):
            for tier in range(tiers):
                chances[:, tier] += np.count_nonzero(positions == tier, axis=1)
    if (chances.sum(axis=1) != per_table * len(tables)).any():
        raise ValueError(f"place gave positions outside 0 to {tiers - 1}")
    chances /= per_table * len(tables)

    weight_draws = drawn[:, :draws]
    # centred, so that a covariance is one product
    centred = (weight_draws - weight_draws.mean(axis=1, keepdims=True)).T
    times_kept, cross_sums = np.zeros(accounts), np.zeros((accounts, len(mean_weights)))
    for part, positions in _placed(points, weight_draws, place, bonus):
        stays = positions == current[:, None]
        times_kept += np.count_nonzero(stays, axis=1)
        cross_sums += stays.astype(float) @ centred[part]

    kept_with_data = np.zeros(accounts)
    for table in tables:
        for _, positions in _placed(table, mean_weights[:, None], place, bonus):
            kept_with_data += positions[:, 0] == current
    return Stability(
        probability=chances[np.arange(accounts), current],
        by_weights=times_kept / draws,
        by_data=kept_with_data / len(tables),
        chances=chances,
        driver=_driver(times_kept, cross_sums, centred, ~np.isnan(points), names),
    )


def _check(
    points: np.ndarray,
    tables: list[np.ndarray],
    weights: np.ndarray,
    current: np.ndarray,
    tiers: int,
    draws: int,
    concentration: float,
    bonus: np.ndarray | None,
) -> None:
    """Raise ValueError where shapes or values do not match."""
    if points.ndim != 2 or any(table.shape != points.shape for table in tables):
        raise ValueError("points and replicates must be tables of one shape (accounts, criteria)")
    if (
        weights.shape != points.shape[1:]
        or not (np.isfinite(weights) & (weights >= 0)).all()
        or not weights.sum() > 0
    ):
        raise ValueError("one weight per criterion, none negative, at least one above 0")
    if current.shape != points.shape[:1] or (
        len(current) and not (current.min() >= 0 and current.max() < tiers)
    ):
        raise ValueError(f"one current position per account, 0 to {tiers - 1}")
    if bonus is not None and (np.shape(bonus) != points.shape[:1] or np.isnan(bonus).any()):
        raise ValueError("one bonus per account, 0 where there is none")
    if draws < 1 or not concentration > 0:
        raise ValueError("at least one draw, and a concentration above 0")


def _placed(
    table: np.ndarray, weights: np.ndarray, place: Place, bonus: np.ndarray | None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Positions (accounts, block) under ``weights`` (criteria, draws), block after block of draws."""
    known = ~np.isnan(table)
    values, known_weights = np.where(known, table, 0.0), None if known.all() else known.astype(float)
    step = max(16, MAX_CELLS // max(1, len(table)))
    for start in range(0, weights.shape[1], step):
        part = slice(start, start + step)
        scores = values @ weights[:, part]
        if known_weights is not None:
            weight = known_weights @ weights[:, part]
            np.divide(scores, weight, out=scores, where=weight > 0)  # nothing known: the sum is 0 already
        if bonus is not None:
            scores += np.asarray(bonus, dtype=float)[:, None]
            np.clip(scores, 0.0, 100.0, out=scores)
        # so that a score of exactly 70 reaches a limit of 70 whatever the rounding
        scores += ROUNDING_TOLERANCE
        yield part, np.asarray(place(scores)).astype(np.int16, copy=False)


def _driver(
    times_kept: np.ndarray, cross_sums: np.ndarray, centred: np.ndarray, known: np.ndarray, names: np.ndarray
) -> np.ndarray:
    """Index, among all criteria, of the largest |correlation|; −1 where keeping the tier does not vary.

    ``times_kept`` (accounts,) draws that kept it; ``cross_sums`` (accounts, criteria) sums of keeping ×
    centred weight; ``centred`` (draws, criteria) centred weights; ``names`` the criteria's own indices.
    """
    draws = len(centred)
    varies = (times_kept > 0) & (times_kept < draws)
    below = np.sqrt((times_kept * (1 - times_kept / draws))[:, None] * (centred**2).sum(axis=0))
    correlation = np.divide(np.abs(cross_sums), below, out=np.zeros_like(cross_sums), where=below > 0)
    # the weight of an unknown criterion goes to the others in proportion, so it decides nothing; rounded, so
    # that equals are equal
    correlation = np.where(known, np.round(correlation, 9), -1.0)
    return (
        np.where(varies, names[correlation.argmax(axis=1)], -1) if len(times_kept) else np.zeros(0, dtype=int)
    )


def month_weights(rng: np.random.Generator, months: int, replicates: int) -> np.ndarray:
    """Draw weights of a Bayesian bootstrap (replicates, months): Dirichlet(1, …, 1) × months, so that the
    mean of each row is 1 (Rubin 1981).
    """
    return rng.dirichlet(np.ones(months), replicates) * months


def resampled(book: Book, replicates: int, seed: int) -> Iterator[Book]:
    """The Book as it might have come out: the month buckets 0–11, and apart from them 12–23, are weighted
    anew each time.

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
    """Add how many accounts are borderline, and which weight decides most.

    Parameters
    ----------
    findings : to add to.
    units : the rated units.
    criteria : one row per measured criterion, with its labels, see ``criteria.criteria_table``.
    """
    buying = units.buying
    borderline = buying[buying["tier_probability"] < STABLE]
    if borderline.empty:
        if buying["tier_probability"].notna().any():
            findings.add("all_firm", "note", accounts=units.total)
        return
    upper = borderline[borderline["level"].isin(KEY_LEVELS)]
    figures = {
        "unstable": units.count(borderline.index),
        "accounts": units.total,
        "upper": units.count(upper.index),
        "firm": STABLE,
        "by_weights": units.count(borderline.index[borderline["by_weights"] < STABLE]),
        "by_data": units.count(borderline.index[borderline["by_data"] < STABLE]),
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
