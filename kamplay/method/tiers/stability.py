"""How firm each account's tier is: the chance that next year's rating leaves it where it is, and whether
other reasonable weights would move it (Monte Carlo).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.method.results import Findings
from kamplay.method.tiers import thresholds
from kamplay.method.tiers.next_year import next_years_chances
from kamplay.method.tiers.rating import Rating, Units
from kamplay.presets.scorecard import KEY_LEVELS

STABLE = 0.7  # below this probability of its tier an account is borderline
SEED = 20260630
DRAWS = 2000
# Dirichlet concentration: a 50 % weight moves by about ±6.4 points, what two reasonable people differ by
CONCENTRATION = 60.0
MAX_CELLS = 1_000_000  # scores at a time, some 8 MB an array: what the processor holds near itself
ROUNDING_TOLERANCE = 1e-9  # above the rounding error of a weighted mean, far below any real difference
LARGE_BOOK = 20_000  # units above which fewer draws are taken: 500 give a share to within 2 points
FEW_DRAWS = 500

Place = Callable[[np.ndarray], np.ndarray]
"""Scores (accounts, draws), 0 to 100, to positions of the same shape, 0 the highest tier, after gates and
safeguards. It gets all accounts in the order of ``points`` and some of the draws, and places each draw
apart."""


@dataclass(frozen=True)
class Stability:
    """Shares of draws, 0 to 1, in the order of the accounts.

    Attributes
    ----------
    probability : (accounts,), next year's rating by the same card and weights leaves the account in its
        position, see ``next_year``.
    chances : (accounts, tiers), of each position in next year's rating.
    weights : what the weights alone move.
    """

    probability: np.ndarray
    chances: np.ndarray
    weights: WeightStability


@dataclass(frozen=True)
class WeightStability:
    """Shares of draws of the weights, 0 to 1, with this year's data, in the order of the accounts.

    Attributes
    ----------
    kept : (accounts,), the current position is kept.
    chances : (accounts, tiers), of each position.
    driver : (accounts,), index of the criterion whose weight decides most whether the position is kept: the
        largest absolute correlation over the draws between that weight and keeping it. Only criteria known of
        the account count, equals go to the first; −1 where no draw makes a difference.
    """

    kept: np.ndarray
    chances: np.ndarray
    driver: np.ndarray


def tier_stability(rating: Rating) -> Stability:
    """Vary the weights of a rating, and draw next year's data, and count how often each unit keeps its
    position.
    """
    chances = next_years_chances(rating)
    weights = _matrix_stability(rating) if rating.card.matrix else _card_stability(rating)
    return Stability(chances[np.arange(len(chances)), rating.position], chances, weights)


def _card_stability(rating: Rating) -> WeightStability:
    return weight_stability(
        rating.points.to_numpy(),
        rating.weights.leaves.to_numpy(),
        rating.place_function(),
        rating.position,
        len(rating.card.tiers),
        draws=DRAWS if len(rating.points) <= LARGE_BOOK else FEW_DRAWS,
        bonus=rating.bonus,
    )


def _matrix_stability(rating: Rating) -> WeightStability:
    """Each axis on its own: the probability of a field is the product of both; the rules are applied to the
    fields.
    """
    sides, names = [], list(rating.points.columns)
    for key, limit in rating.axis_limits:
        axis = rating.axis(key)

        def low(scores: np.ndarray, limit: float = limit) -> np.ndarray:
            return (np.round(scores, thresholds.DIGITS) < limit).astype(np.int8)

        points = rating.points[axis.leaves].to_numpy()
        found = weight_stability(points, axis.weights, low, low(axis.scores), 2)
        columns = np.array([names.index(leaf) for leaf in axis.leaves])
        sides.append((found, np.where(found.driver >= 0, columns[found.driver], -1)))
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
    return WeightStability(
        kept=np.where(fixed, 1.0, first.kept * second.kept),
        chances=chances,
        driver=np.where(first.kept <= second.kept, first_driver, second_driver),
    )


def weight_stability(
    points: np.ndarray,
    weights: np.ndarray,
    place: Place,
    current: np.ndarray,
    tiers: int,
    *,
    draws: int = DRAWS,
    concentration: float = CONCENTRATION,
    seed: int = SEED,
    bonus: np.ndarray | None = None,
) -> WeightStability:
    """Score and place every account under drawn weights, and count how often it stays where it is.

    Weights (sum 1) are drawn from Dirichlet(weights × ``concentration``), so that each keeps its
    value on average, with variance w(1 − w) / (concentration + 1). A criterion unknown for all accounts is
    left out first. The order of the accounts does not matter.

    Parameters
    ----------
    points : (accounts, criteria), 0 to 100, NaN where unknown; an unknown criterion's weight goes to the
        known ones in proportion, and an account of which nothing is known scores 0.
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
    weights, current = np.asarray(weights, dtype=float), np.asarray(current, dtype=int)
    _check(points, weights, current, tiers, draws, concentration, bonus)
    used = (weights > 0) & ~np.isnan(points).all(axis=0)
    if not used.any():  # nothing is known of anybody: every score is 0 and the bonus, whatever the weights
        used = weights > 0
    accounts, names = len(points), np.flatnonzero(used)
    points, mean_weights = points[:, used], weights[used] / weights[used].sum()
    drawn = np.random.default_rng(seed).dirichlet(mean_weights * concentration, draws).T
    # a small weight can be drawn as 0, and an account known by that criterion alone would have no score
    drawn = np.maximum(drawn, 1e-12)
    # centred, so that a covariance is one product
    centred = (drawn - drawn.mean(axis=1, keepdims=True)).T
    counts = np.zeros((accounts, tiers))
    times_kept, cross_sums = np.zeros(accounts), np.zeros((accounts, len(mean_weights)))
    for part, positions in _placed(points, drawn, place, bonus):
        for tier in range(tiers):
            counts[:, tier] += np.count_nonzero(positions == tier, axis=1)
        stays = positions == current[:, None]
        times_kept += np.count_nonzero(stays, axis=1)
        cross_sums += stays.astype(float) @ centred[part]
    if (counts.sum(axis=1) != draws).any():
        raise ValueError(f"place gave positions outside 0 to {tiers - 1}")
    return WeightStability(
        kept=times_kept / draws,
        chances=counts / draws,
        driver=_driver(times_kept, cross_sums, centred, ~np.isnan(points), names),
    )


def _check(
    points: np.ndarray,
    weights: np.ndarray,
    current: np.ndarray,
    tiers: int,
    draws: int,
    concentration: float,
    bonus: np.ndarray | None,
) -> None:
    """Raise ValueError where shapes or values do not match."""
    if points.ndim != 2:
        raise ValueError("points must be a table (accounts, criteria)")
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


def add_findings(findings: Findings, units: Units, criteria: pd.DataFrame) -> None:
    """Add how many accounts may well change tier next year, how many other weights would move today, and
    which weight decides most.

    Parameters
    ----------
    findings : to add to.
    units : the rated units.
    criteria : one row per measured criterion, with its labels, see ``criteria.criteria_table``.
    """
    buying = units.buying
    borderline = buying[buying["tier_probability"] < STABLE]
    if borderline.empty:
        if buying["tier_probability"].notna().any() and not buying["warned"].any():
            findings.add("all_firm", "note", accounts=units.total)
        return
    moved = buying[buying["by_weights"] < STABLE]
    upper = borderline[borderline["level"].isin(KEY_LEVELS)]
    figures = {
        "unstable": len(borderline),
        "accounts": units.total,
        "upper": len(upper),
        "firm": STABLE,
        "by_weights": len(moved),
    }
    who = upper.index if len(upper) else borderline.index
    findings.add("borderline", "watch", "settle_borderline", who, **figures)
    drivers = moved["driver"].dropna().value_counts()
    if len(drivers):
        top = min(drivers.index[drivers == drivers.iloc[0]])
        label = criteria.set_index("criterion").loc[top]
        count = len(moved.index[moved["driver"] == top])
        findings.add(
            "doubt_driver",
            "note",
            "sharpen_criterion",
            count=count,
            unstable=figures["by_weights"],
            zh=label["zh"],
            en=label["en"],
        )
