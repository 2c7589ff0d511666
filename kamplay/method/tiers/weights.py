"""Where the weights of scorecard criteria come from: typed in, judged pair by pair (AHP), or read off the
data (entropy, CRITIC).

Weights are Series by criterion key that add up to 1. What cannot be used raises ``ValueError(code)`` or
``ValueError(code, {…})``: a code word, and the texts its sentence needs; ``pairs`` are written ``"a / b, c /
d"``, ``names`` ``"a, b"``.

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

# Mean consistency index of random reciprocal matrices on the scale 1/9..9, by number of criteria (Saaty 1980,
# The Analytic Hierarchy
# Process; the dip at 12 is his). Later simulations differ by at most 0.06 (0.52, 0.89, 1.11, 1.25, 1.35,
# 1.40, 1.45, 1.49 for 3 to 10 in
# Saaty 2008), which moves a ratio near 0.10 by about 0.01 at three criteria and less beyond.
RANDOM_INDEX = dict(
    zip(
        range(3, 16),
        (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
        strict=True,
    )
)
SCALE = np.array(
    [1 / k for k in range(9, 1, -1)] + [float(k) for k in range(1, 10)]
)  # Saaty's scale, ascending
RECIPROCAL = 0.05  # how far a_ij · a_ji may be from 1: 8 and 0.13 (two decimals) are 4 % off
# a judgement within 1 % of the ratio of the weights is consistent: ratios typed with two decimals are no
# closer
ROUNDED = 0.01
# a column whose range is below this share of its largest value is constant: the rest is arithmetic
CONSTANT = 1e-9
FEWEST = 3  # accounts that two criteria must share for a correlation: two points always lie on a line


@dataclass(frozen=True)
class Judgement:
    """One pairwise judgement and what would mend it.

    ``given``: ``a`` over ``b`` as judged, written so that it is at least 1. ``mended``: the value on Saaty's
    scale (1 to 9, 1/2 to 1/9) closest, as a ratio, to what all other judgements imply; equal to ``given``
    when no better step is on the scale. ``cr_after``: the consistency ratio with it, None where the random
    index is not known.
    """

    a: str
    b: str
    given: float
    mended: float
    cr_after: float | None


@dataclass(frozen=True)
class Priorities:
    """What a matrix of judgements says: ``weights`` (sum 1), how consistent it is, and the judgement to ask
    about first.

    ``ci`` = (λmax − n) / (n − 1), ``cr`` = ci / random index: to 0.10 is accepted (Saaty 1980). ``cr`` is
    None below three criteria, which cannot contradict each other, and above fifteen. ``worst`` is None when
    every judgement is within rounding of the weights.
    """

    weights: pd.Series
    lambda_max: float
    ci: float
    cr: float | None
    worst: Judgement | None


def normalised(weights: pd.Series) -> pd.Series:
    """The weights in proportion, adding up to 1; a zero stays zero. ValueError: not_finite (missing too),
    negative, none_positive.
    """
    out = pd.Series(weights.to_numpy(dtype=float, na_value=np.nan), index=weights.index, name=weights.name)
    if not np.isfinite(out).all():
        raise ValueError("not_finite", {"names": _names(out.index[~np.isfinite(out)])})
    if (out < 0).any():
        raise ValueError("negative", {"names": _names(out.index[out < 0])})
    if not (out > 0).any():
        raise ValueError("none_positive")
    out = out / out.max()  # first, so that no sum overflows
    return out / out.sum()


def ahp(matrix: pd.DataFrame) -> Priorities:
    """Priorities by the principal eigenvector of a reciprocal matrix (Saaty 1980); criteria × criteria, a_ij
    = row over column.

    Of two reciprocal entries the larger counts, as the smaller is the rounded one (3 and 0.33). ValueError:
    empty, not_square, criteria_differ (rows and columns name different criteria, or one twice), not_positive
    (missing too), not_reciprocal.
    """
    cells = _checked(matrix)
    n = len(cells)
    a = cells.to_numpy()
    largest, w = _principal(a)
    ci = _ci(largest, n)
    weights = pd.Series(w, index=cells.index, name="weight")
    return Priorities(weights, largest, ci, _ratio(ci, n), _worst(cells, w) if n > 2 else None)


def matrix_of(judgements: Mapping[str, float], criteria: Sequence[str]) -> pd.DataFrame:
    """The full reciprocal matrix of judgements such as ``{"value / loyalty": 3}``: the first is 3 times as
    important as the second.

    Every pair is judged once, in either direction, between 1/9 and 9; 0.11 is taken for 1/9. ValueError:
    criterion_twice {names}, pair_unknown {pair, name} (``name`` is the unknown criterion, or the whole text
    when it is not a pair of two), pair_twice {pair}, ratio_out_of_scale {pair, ratio}, pairs_missing {pairs}.
    """
    place = {key: at for at, key in enumerate(criteria)}
    if len(place) < len(criteria):
        raise ValueError(
            "criterion_twice",
            {"names": _names(dict.fromkeys(k for k in criteria if list(criteria).count(k) > 1))},
        )
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
    """One matrix for several raters: the geometric mean of each judgement, the only mean that keeps
    reciprocals (Aczél & Saaty 1983).

    In the first matrix's order of criteria. ValueError: no_matrices, criteria_differ, and those of ``ahp``.

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
    """Weights by Shannon entropy (Hwang & Yoon 1981, Multiple Attribute Decision Making): the more unequal a
    criterion, the weightier.

    ``points``: accounts × criteria, 0–100. p_ij = x_ij / Σ_i x_ij over the m_j accounts known in column j;
    E_j = −Σ_i p_ij·ln p_ij / ln m_j; weight_j = (1 − E_j) / Σ_k (1 − E_k). A zero adds nothing to the sum
    (p·ln p → 0) but its account counts in m_j: many zeros are a strong contrast. A missing cell is left out
    of its own column only, so a column known for few accounts can weigh much on little: show the coverage
    beside it. A constant column, or one with fewer than two known cells, weighs 0; if all are, the weights
    are equal. ValueError: no_criteria, not_finite, negative {names}.
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
    return _spread(np.clip(1 - summed / np.log(known), 0.0, None), varied)


def critic(points: pd.DataFrame) -> pd.Series:
    """Weights by contrast and conflict (CRITIC; Diakoulaki, Mavrotas & Papayannakis 1995): spread out, and
    unlike the other criteria.

    ``points``: accounts × criteria, more is better. Each column is brought to 0..1 by its minimum and
    maximum; C_j = σ_j · Σ_k (1 − r_jk), weight_j = C_j / Σ_k C_k. σ has the divisor m (it cancels unless
    cells are missing). r is Pearson's, over the accounts known in both columns; with fewer than three of
    them, or no variation among them, nothing is known of the conflict and r counts as 0. A constant column,
    or one with fewer than two known cells, weighs 0 and enters no sum; if all are, the weights are equal.
    Without any conflict (one varied column, or all in step) contrast σ alone decides. ValueError:
    no_criteria, not_finite {names}.
    """
    table, varied = _table(points)
    x = table.loc[:, varied]
    unit = (x - x.min()) / (x.max() - x.min())
    contrast = unit.std(ddof=0).to_numpy()
    r = np.nan_to_num(unit.corr(min_periods=FEWEST).to_numpy(copy=True))
    np.fill_diagonal(r, 1.0)
    conflict = np.round(1 - r, 12).sum(
        axis=1
    )  # rounded: columns in step differ from r = 1 by arithmetic only
    information = contrast * conflict
    return _spread(information if information.sum() > 0 else contrast, varied)


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
    off = np.triu(
        np.abs(np.log(a) + np.log(a.T)) > np.log1p(RECIPROCAL)
    )  # in logarithms: no product overflows
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


def _spread(information: np.ndarray, varied: pd.Series) -> pd.Series:
    """Each varied column's share of the information, 0 for the others; equal weights where there is none at
    all.
    """
    out = pd.Series(0.0, index=varied.index, name="weight")
    out[varied] = information
    return normalised(out if out.sum() > 0 else out + 1.0)


def _pair(a: object, b: object) -> str:
    return f"{a} / {b}"


def _names(keys: Iterable[object]) -> str:
    return ", ".join(str(k) for k in keys)
