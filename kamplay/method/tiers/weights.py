"""Where the weights of scorecard criteria come from: the card, ballots, pairwise judgements (AHP), or the
data (entropy, CRITIC).

Weights are Series by criterion key that add up to 1. What cannot be used raises ``ValueError(code)`` or
``ValueError(code, {…})``: a code word, and the texts that its sentence needs; ``pairs`` are written ``"a / b,
c / d"``, ``names`` ``"a, b"``.

Data say how far criteria tell accounts apart, never how much they matter: entropy and CRITIC are a second
opinion on weights that people settled, not a substitute for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from numbers import Real

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.tiers import ballots
from kamplay.presets.scorecard import Scorecard

# Mean consistency index of random reciprocal matrices on the scale 1/9..9, by number of criteria (Saaty 1980,
# The Analytic Hierarchy Process; the dip at 12 is his). Later simulations differ by at most 0.06 (0.52, 0.89,
# 1.11, 1.25, 1.35, 1.40, 1.45, 1.49 for 3 to 10 in Saaty 2008), which moves a ratio near 0.10 by about 0.01
# at
# three criteria and less beyond.
_SAATY = (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
RANDOM_INDEX = dict(enumerate(_SAATY, start=3))
# Saaty's scale, ascending
SCALE = np.array([1 / k for k in range(9, 1, -1)] + [float(k) for k in range(1, 10)])
RECIPROCAL = 0.05  # how far a_ij · a_ji may be from 1: 8 and 0.13 (two decimals) are 4 % off
# a judgement within 1 % of the ratio of the weights is consistent: ratios typed with two decimals are no
# closer
ROUNDED = 0.01
# a column whose range is below this share of its largest value is constant: the rest is arithmetic
CONSTANT = 1e-9
FEWEST = 3  # accounts that two criteria must share for a correlation: two points always lie on a line


@dataclass(frozen=True)
class SettledWeights:
    """The weights that a rating follows.

    Attributes
    ----------
    leaves : measured criterion → weight; they add up to 1.
    source : where the weights of the top criteria come from: card, ballots or judgements.
    ballots_missing : the card asks for ballots, and there are none; its own weights stand in.
    top : top criterion → its weight among them, in any scale.
    by_data : measured criterion → its weight by the data alone; None where the card does not recalibrate.
    """

    leaves: pd.Series
    source: str
    ballots_missing: bool
    top: Mapping[str, float]
    by_data: pd.Series | None


@dataclass(frozen=True)
class Judgement:
    """One pairwise judgement and what would mend it.

    Attributes
    ----------
    a, b : criteria.
    given : ``a`` over ``b`` as judged, written so that it is at least 1.
    mended : the value on Saaty's scale (1 to 9, 1/2 to 1/9) closest, as a ratio, to what all other judgements
        imply; equal to ``given`` where no better step is on the scale.
    cr_after : the consistency ratio with it; None where the random index is not known.
    """

    a: str
    b: str
    given: float
    mended: float
    cr_after: float | None


@dataclass(frozen=True)
class Priorities:
    """What a matrix of judgements says.

    Attributes
    ----------
    weights : criterion → weight; they add up to 1.
    lambda_max : the largest eigenvalue.
    ci : (λmax − n) / (n − 1).
    cr : ci / random index; to 0.10 is accepted (Saaty 1980). None below three criteria, which cannot
        contradict each other, and above fifteen.
    worst : the judgement to ask about first; None where every one is within rounding of the weights.
    """

    weights: pd.Series
    lambda_max: float
    ci: float
    cr: float | None
    worst: Judgement | None


def settle(card: Scorecard, book: Book, points: pd.DataFrame) -> SettledWeights:
    """Take the weights that the card asks for: its own, the departments' mean, or those of pairwise
    judgements; recalibrated by the data where it says so.

    Parameters
    ----------
    card : the scorecard.
    book : of the rated units, with their ballots.
    points : units × measured criteria, 0 to 100.
    """
    top: dict[str, float] | None = None
    missing = False
    if card.weights_from == "ballots":
        departments = ballots.latest_department_weights(book, card)
        missing = departments is None
        top = None if departments is None else ballots.mean_weights(departments).to_dict()
    elif card.weights_from == "judgements":
        top = judged_priorities(card).weights.to_dict()
    leaves, by_data = pd.Series(card.weights(top)), None
    if card.recalibrate:
        by_data = objective_weights(card.recalibrate.method, book, points)
        leaves = (1 - card.recalibrate.share) * leaves + card.recalibrate.share * by_data
    used = top or {key: c.weight for key, c in card.criteria.items()}
    return SettledWeights(leaves, "card" if missing else card.weights_from, missing, used, by_data)


def objective_weights(method: str, book: Book, points: pd.DataFrame) -> pd.Series:
    """Weights of the measured criteria by the data alone (entropy or critic), over the units that ever
    bought.
    """
    bought = points[points.index.isin(book.days["account_id"])]
    return entropy(bought) if method == "entropy" else critic(bought)


def judged_priorities(card: Scorecard) -> Priorities:
    """The priorities of all raters' judgements taken together, by the geometric mean."""
    criteria = list(card.criteria)
    return ahp(group([matrix_of(pairs, criteria) for pairs in card.judgements.values()]))


def ahp(matrix: pd.DataFrame) -> Priorities:
    """Take priorities by the principal eigenvector of a reciprocal matrix (Saaty 1980).

    Parameters
    ----------
    matrix : criteria × criteria, a_ij = row over column. Of two reciprocal entries the larger counts, as the
        smaller is the rounded one (3 and 0.33).

    Raises
    ------
    ValueError
        empty; not_square; criteria_differ {names} (rows and columns name different criteria, or one twice);
        not_positive {pairs} (missing too); not_reciprocal {pairs}.
    """
    cells = _checked(matrix)
    n = len(cells)
    a = cells.to_numpy()
    largest, w = _principal(a)
    ci = _ci(largest, n)
    weights = pd.Series(w, index=cells.index, name="weight")
    return Priorities(weights, largest, ci, _ratio(ci, n), _worst(cells, w) if n > 2 else None)


def matrix_of(judgements: Mapping[str, float], criteria: Sequence[str]) -> pd.DataFrame:
    """Make the full reciprocal matrix of judgements.

    Parameters
    ----------
    judgements : such as ``{"value / loyalty": 3}``: the first is 3 times as important as the second. Every
        pair is judged once, in either direction, between 1/9 and 9; 0.11 is taken for 1/9.
    criteria : all criteria, in the order of the matrix.

    Raises
    ------
    ValueError
        criterion_twice {names}; pair_unknown {pair, name} (``name`` is the unknown criterion, or the whole
        text where it is not a pair of two); pair_twice {pair}; ratio_out_of_scale {pair, ratio};
        pairs_missing {pairs}.
    """
    place = {key: at for at, key in enumerate(criteria)}
    if len(place) < len(criteria):
        twice = dict.fromkeys(k for k in criteria if list(criteria).count(k) > 1)
        raise ValueError("criterion_twice", {"names": _names(twice)})
    cells = np.full((len(place), len(place)), np.nan)
    np.fill_diagonal(cells, 1.0)
    for text, ratio in judgements.items():
        pair = [part.strip() for part in re.split("[/／]", str(text))]
        unknown = next((part for part in pair if part not in place), None)
        if len(pair) != 2 or pair[0] == pair[1] or unknown is not None:
            name = unknown if len(pair) == 2 and unknown else str(text).strip()
            raise ValueError("pair_unknown", {"pair": str(text).strip(), "name": name})
        i, j = place[pair[0]], place[pair[1]]
        if not np.isnan(cells[i, j]):
            raise ValueError("pair_twice", {"pair": _pair(*pair)})
        value = float(ratio) if isinstance(ratio, Real) and not isinstance(ratio, bool) else np.nan
        if not 0.99 / 9 - 1e-9 <= value <= 9 + 1e-9:  # 0.11 is 1/9 to two decimals
            raise ValueError("ratio_out_of_scale", {"pair": _pair(*pair), "ratio": str(ratio)})
        value = min(max(value, 1 / 9), 9.0)
        cells[i, j], cells[j, i] = value, 1 / value
    missing = [_pair(a, b) for a, b in combinations(criteria, 2) if np.isnan(cells[place[a], place[b]])]
    if missing:
        raise ValueError("pairs_missing", {"pairs": ", ".join(missing)})
    return pd.DataFrame(cells, index=list(criteria), columns=list(criteria))


def group(matrices: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Make one matrix of several raters', in the first one's order of criteria: the geometric mean of each
    judgement, the only mean that keeps reciprocals (Aczél & Saaty 1983).

    Raises
    ------
    ValueError
        no_matrices; criteria_differ {names}; those of ``ahp``.
    """
    if not matrices:
        raise ValueError("no_matrices")
    checked = [_checked(m) for m in matrices]
    keys = checked[0].index
    for other in checked[1:]:
        if set(other.index) != set(keys):
            raise ValueError("criteria_differ", {"names": _names(keys.symmetric_difference(other.index))})
    mean = np.exp(np.mean([np.log(m.loc[keys, keys].to_numpy()) for m in checked], axis=0))
    return pd.DataFrame(_reciprocal(mean), index=keys, columns=keys)


def entropy(points: pd.DataFrame) -> pd.Series:
    """Weigh criteria by Shannon entropy: the more unequal one is, the weightier (Hwang & Yoon 1981, Multiple
    Attribute Decision Making).

    p_ij = x_ij / Σ_i x_ij over the m_j accounts known in column j; E_j = −Σ_i p_ij·ln p_ij / ln m_j; weight_j
    = (1 − E_j) / Σ_k (1 − E_k). A zero adds nothing to the sum (p·ln p → 0) but its account counts in m_j:
    many zeros are a strong contrast. A missing cell is left out of its own column only, so a column known for
    few accounts can weigh much on little: show the coverage beside it. A constant column, or one with fewer
    than two known cells, weighs 0; if all are, the weights are equal.

    Parameters
    ----------
    points : accounts × criteria, 0 to 100.

    Raises
    ------
    ValueError
        no_criteria; not_finite {names}; negative {names}.
    """
    from scipy.special import entr

    table, varied = _table(points)
    if (table < 0).any(axis=None):
        raise ValueError("negative", {"names": _names(table.columns[(table < 0).any()])})
    x = table.loc[:, varied]
    x = x / x.max()
    share = (x / x.sum()).to_numpy()
    summed = np.nansum(entr(share), axis=0)
    known = x.notna().sum().to_numpy()
    return _in_proportion(np.clip(1 - summed / np.log(known), 0.0, None), varied)


def critic(points: pd.DataFrame) -> pd.Series:
    """Weigh criteria by contrast and conflict: spread out, and unlike the others (CRITIC; Diakoulaki,
    Mavrotas & Papayannakis 1995).

    Each column is brought to 0..1 by its minimum and maximum; C_j = σ_j · Σ_k (1 − r_jk), weight_j = C_j /
    Σ_k C_k. σ has the divisor m (it cancels unless cells are missing). r is Pearson's, over the accounts
    known in both columns; with fewer than three of them, or no variation among them, nothing is known of the
    conflict and r counts as 0. A constant column, or one with fewer than two known cells, weighs 0 and enters
    no sum; if all are, the weights are equal. Without any conflict (one varied column, or all in step)
    contrast σ alone decides.

    Parameters
    ----------
    points : accounts × criteria, more is better.

    Raises
    ------
    ValueError
        no_criteria; not_finite {names}.
    """
    table, varied = _table(points)
    x = table.loc[:, varied]
    unit = (x - x.min()) / (x.max() - x.min())
    contrast = unit.std(ddof=0).to_numpy()
    r = np.nan_to_num(unit.corr(min_periods=FEWEST).to_numpy(copy=True))
    np.fill_diagonal(r, 1.0)
    # rounded: columns in step differ from r = 1 by arithmetic only
    conflict = np.round(1 - r, 12).sum(axis=1)
    information = contrast * conflict
    return _in_proportion(information if information.sum() > 0 else contrast, varied)


def _checked(matrix: pd.DataFrame) -> pd.DataFrame:
    """The matrix as floats with columns in the order of the rows, a diagonal of 1 and exact reciprocals."""
    if matrix.size == 0:
        raise ValueError("empty")
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError("not_square")
    keys = matrix.index
    if not keys.is_unique or not matrix.columns.is_unique or set(keys) != set(matrix.columns):
        names = [
            *keys[keys.duplicated()],
            *matrix.columns[matrix.columns.duplicated()],
            *(set(keys) ^ set(matrix.columns)),
        ]
        raise ValueError("criteria_differ", {"names": _names(sorted({str(n) for n in names}))})
    a = matrix.loc[:, list(keys)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    _refuse("not_positive", ~(np.isfinite(a) & (a > 0)), keys)
    # in logarithms: no product overflows
    off = np.triu(np.abs(np.log(a) + np.log(a.T)) > np.log1p(RECIPROCAL))
    _refuse("not_reciprocal", off, keys)
    return pd.DataFrame(_reciprocal(a), index=keys, columns=list(keys))


def _refuse(code: str, cells: np.ndarray, keys: pd.Index) -> None:
    if cells.any():
        raise ValueError(code, {"pairs": ", ".join(_pair(keys[i], keys[j]) for i, j in np.argwhere(cells))})


def _reciprocal(a: np.ndarray) -> np.ndarray:
    """Of each pair the larger entry, and its exact reciprocal; 1 where both are the same."""
    return np.where(a > a.T, a, np.where(a < a.T, 1 / a.T, 1.0))


def _principal(a: np.ndarray) -> tuple[float, np.ndarray]:
    """The largest eigenvalue of a nonnegative irreducible matrix (real, by Perron and Frobenius), and its
    vector with sum 1.
    """
    values, vectors = np.linalg.eig(a)
    top = int(values.real.argmax())
    vector = np.abs(vectors[:, top].real)
    return float(values[top].real), vector / vector.sum()


def _ci(largest: float, n: int) -> float:
    """(λmax − n) / (n − 1); λmax is never below n, and what is within arithmetic of n is 0."""
    return (largest - n) / (n - 1) if n > 2 and largest - n > 1e-12 * n else 0.0


def _ratio(ci: float, n: int) -> float | None:
    return ci / RANDOM_INDEX[n] if n in RANDOM_INDEX else None


def _worst(cells: pd.DataFrame, w: np.ndarray) -> Judgement | None:
    """The judgement with the largest |ln(a_ij · w_j / w_i)|; among equals the one that mends most, then the
    first in the matrix.

    With three criteria all three are always equal: any of them could be the mistaken one.
    """
    a = cells.to_numpy()
    off = np.triu(np.abs(np.log(a * w / w[:, None])), 1)
    if off.max() <= ROUNDED:
        return None
    ties = [(i, j) if a[i, j] >= 1 else (j, i) for i, j in np.argwhere(off >= off.max() - 1e-6)]
    ci, value, i, j = min(((*_mend(a, i, j), i, j) for i, j in ties), key=lambda m: round(m[0], 9))
    return Judgement(cells.index[i], cells.index[j], float(a[i, j]), value, _ratio(ci, len(a)))


def _mend(a: np.ndarray, i: int, j: int) -> tuple[float, float]:
    """The consistency index with a mended a_ij, and that value: the scale's closest to w_i / w_j, weights
    without this judgement.

    Harker (1987): a missing judgement is 0 in the matrix, and the diagonal of its two rows grows by 1. Where
    no value of the scale lies closer to consistency than the one given (a mean of several raters may lie
    between two), the given one stays.
    """
    without = a.copy()
    without[i, j] = without[j, i] = 0.0
    without[i, i] = without[j, j] = 2.0
    w = _principal(without)[1]
    value = float(SCALE[np.abs(np.log(SCALE * w[j] / w[i])).argmin()])
    before = _ci(_principal(a)[0], len(a))
    trial = a.copy()
    trial[i, j], trial[j, i] = value, 1 / value
    after = _ci(_principal(trial)[0], len(a))
    return (after, value) if after < before else (before, float(a[i, j]))


def _table(points: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """The points as floats, and which columns vary at all."""
    if points.shape[1] == 0:
        raise ValueError("no_criteria")
    table = pd.DataFrame(
        points.to_numpy(dtype=float, na_value=np.nan), index=points.index, columns=points.columns
    )
    infinite = np.isinf(table).any()
    if infinite.any():
        raise ValueError("not_finite", {"names": _names(table.columns[infinite])})
    return table, (table.max() - table.min()) > CONSTANT * table.abs().max()


def _in_proportion(information: np.ndarray, varied: pd.Series) -> pd.Series:
    """Each varied column's share of the information, 0 for the others; equal weights where there is none at
    all.
    """
    out = pd.Series(0.0, index=varied.index, name="weight")
    out[varied] = information
    out = out if out.sum() > 0 else out + 1.0
    out = out / out.max()  # first, so that no sum overflows
    return out / out.sum()


def _pair(a: object, b: object) -> str:
    return f"{a} / {b}"


def _names(keys: Iterable[object]) -> str:
    return ", ".join(str(k) for k in keys)
