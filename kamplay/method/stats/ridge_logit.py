"""A ridge logit with a level of its own for each cut-off: partial pooling over time, features with their
squares and products.

The levels take up what moves all accounts at once (season, history growing longer), so that the coefficients
say how accounts of one cut-off differ. Coefficients have normal priors around 0 (ridge: Hoerl & Kennard
1970), levels a normal prior around their common mean. Weights of evidence keep their own unit, are never cut
off, and share one coefficient from which each departs a little: they are rare, and standardised they would be
cut off and shrunk to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import expit

LEVEL_PRECISION = 4.0  # levels differ with a standard deviation of about 0.5 on the logit scale
FAR = 4.0  # standard deviations beyond which a feature counts no further
EVIDENCE_COMMON, EVIDENCE_OWN = (
    2.0,
    1 / 3,
)  # prior variances: of the coefficient that evidence shares, and of each one's departure from it
STEPS = 30


@dataclass(frozen=True)
class Shape:
    """Which terms: single ``features``, the ``crossed`` ones with their squares and products, and weights of
    ``evidence``. ``ridge``: precision of the prior of all but the evidence.
    """

    features: tuple[str, ...]
    crossed: tuple[str, ...] = ()
    ridge: float = 10.0
    evidence: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[int, int]]:
        places = [self.features.index(name) for name in self.crossed]
        return [(a, b) for number, a in enumerate(places) for b in places[number:]]

    def prior(self) -> np.ndarray:
        """Precision of the coefficients, terms by terms, in the order of ``Logit.weights``."""
        ridged, own = len(self.features) + len(self.pairs), len(self.evidence)
        out = np.zeros((ridged + own, ridged + own))
        out[:ridged, :ridged] = np.diag(np.full(ridged, self.ridge))
        out[ridged:, ridged:] = np.linalg.inv(
            np.full((own, own), EVIDENCE_COMMON) + np.diag(np.full(own, EVIDENCE_OWN))
        )
        return out


@dataclass(frozen=True)
class RidgeLogit:
    """Fitted: ``levels`` per cut-off (oldest first), ``weights`` of the terms, ``covariance`` of the weights."""

    shape: Shape
    center: np.ndarray
    scale: np.ndarray
    term_center: np.ndarray
    term_scale: np.ndarray
    weights: np.ndarray
    covariance: np.ndarray
    levels: pd.Series = field(repr=False)

    def terms(self, x: pd.DataFrame) -> np.ndarray:
        """Terms, one row an account: features, squares and products, standardised, what is missing being the
        mean; then the evidence, in its own unit, what is missing being none.
        """
        return (_raw(x, self.shape, self.center, self.scale) - self.term_center) / self.term_scale

    def slope(self, x: pd.DataFrame) -> np.ndarray:
        """The logit without its level."""
        return self.terms(x) @ self.weights

    def spread(self, x: pd.DataFrame) -> np.ndarray:
        """Standard deviation of ``slope`` from what the coefficients leave open."""
        terms = self.terms(x)
        return np.sqrt(
            np.maximum(np.einsum("ij,jk,ik->i", terms, self.covariance, terms, optimize=True), 0.0)
        )

    def contributions(self, x: pd.DataFrame) -> pd.DataFrame:
        """Coefficient × (value − mean of these accounts) per account, feature and evidence; a product counts
        half to either feature.
        """
        terms = self.terms(x)
        parts = (terms - terms.mean(axis=0)) * self.weights
        single = len(self.shape.features)
        out = parts[:, :single].copy()
        for number, (a, b) in enumerate(self.shape.pairs):
            out[:, a] += parts[:, single + number] / 2
            out[:, b] += parts[:, single + number] / 2
        out = np.column_stack([out, parts[:, single + len(self.shape.pairs) :]])
        return pd.DataFrame(out, index=x.index, columns=[*self.shape.features, *self.shape.evidence])


def _raw(x: pd.DataFrame, shape: Shape, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
    values = (x.reindex(columns=list(shape.features)).to_numpy(dtype=float) - center) / scale
    values = np.clip(np.where(np.isfinite(values), values, 0.0), -FAR, FAR)
    told = x.reindex(columns=list(shape.evidence)).to_numpy(dtype=float)
    return np.column_stack(
        [
            values,
            *(values[:, a] * values[:, b] for a, b in shape.pairs),
            np.where(np.isfinite(told), told, 0.0),
        ]
    )


def fit(x: pd.DataFrame, y: np.ndarray, cutoff: pd.Series, shape: Shape, weight: float) -> RidgeLogit:
    """By Newton's method. ``weight``: what one row counts, below 1 where outcome windows overlap and rows
    repeat one another.
    """
    x = x.reindex(columns=[*shape.features, *shape.evidence])
    frame = x[list(shape.features)].astype("float64")
    center, scale = frame.mean().fillna(0.0).to_numpy(), frame.std(ddof=0).to_numpy()
    scale = np.where(np.isfinite(scale) & (scale > 1e-9), scale, 1.0)
    raw = _raw(x, shape, center, scale)
    term_center, term_scale = raw.mean(axis=0), raw.std(axis=0)
    standard = np.arange(raw.shape[1]) < raw.shape[1] - len(shape.evidence)
    term_scale = np.where(standard & (term_scale > 1e-6), term_scale, 1.0)
    terms = (raw - term_center) / term_scale
    cuts, place = np.unique(cutoff.to_numpy(), return_inverse=True)
    order = np.argsort(place, kind="stable")  # one block a cut-off
    y, place, terms = y[order], place[order], terms[order]
    starts = np.searchsorted(place, np.arange(len(cuts) + 1))
    k, m = len(cuts), terms.shape[1]
    start = np.log((y.mean() * len(y) + 0.5) / ((1 - y.mean()) * len(y) + 0.5))
    # Unknowns: common level, each cut-off's departure from it, weights
    prior = np.diag(np.r_[1e-6, np.full(k, LEVEL_PRECISION), np.zeros(m)])
    prior[1 + k :, 1 + k :] = shape.prior()
    found = np.r_[start, np.zeros(k + m)]
    hessian = prior
    for _ in range(STEPS):
        p = expit(found[0] + found[1 + place] + terms @ found[1 + k :])
        error, curve = weight * (y - p), weight * np.maximum(p * (1 - p), 1e-9)
        gradient = np.r_[error.sum(), np.bincount(place, error, minlength=k), error @ terms] - prior @ found
        weighted = terms * curve[:, None]
        by_cut = np.bincount(place, curve, minlength=k)
        cross = np.vstack([curve[a:b] @ terms[a:b] for a, b in pairwise(starts)])
        hessian = prior.copy()
        hessian[0, 0] += by_cut.sum()
        hessian[0, 1 : 1 + k] = hessian[1 : 1 + k, 0] = by_cut
        hessian[1 : 1 + k, 1 : 1 + k] += np.diag(by_cut)
        hessian[0, 1 + k :] = hessian[1 + k :, 0] = cross.sum(axis=0)
        hessian[1 : 1 + k, 1 + k :], hessian[1 + k :, 1 : 1 + k] = cross, cross.T
        hessian[1 + k :, 1 + k :] += terms.T @ weighted
        step = np.linalg.solve(hessian, gradient)
        found = found + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-6:
            break
    covariance = np.linalg.inv(hessian)[1 + k :, 1 + k :]
    levels = pd.Series(found[0] + found[1 : 1 + k], index=pd.DatetimeIndex(cuts))
    return RidgeLogit(shape, center, scale, term_center, term_scale, found[1 + k :], covariance, levels)


def level_of(y: np.ndarray, slope: np.ndarray) -> float:
    """The level at which the predictions sum to what was seen."""
    level = 0.0
    for _ in range(STEPS):
        p = expit(slope + level)
        level += float(np.clip((y - p).sum() / max((p * (1 - p)).sum(), 1e-9), -2.0, 2.0))
    return float(np.clip(level, -8.0, 8.0))


def log_loss(y: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Of each row, given its logit."""
    return np.logaddexp(0.0, slope) - y * slope
