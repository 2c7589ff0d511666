"""A ridge logit with an intercept of its own for each cut-off: partial pooling over time.

The intercepts take up what moves all accounts at once (season, history growing longer), so that the
coefficients say how accounts of one cut-off differ. Coefficients have normal priors around 0 (ridge: Hoerl &
Kennard 1970), intercepts a normal prior around their common mean. Weights of evidence keep their own unit,
are never cut off, and share one coefficient from which each departs a little: they are rare, and standardised
they would be cut off and shrunk to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import expit

INTERCEPT_PRECISION = 4.0  # intercepts differ with a standard deviation of about 0.5 on the logit scale
FAR = 4.0  # standard deviations beyond which a feature counts no further
# prior variances: of the coefficient that all evidence shares, and of each one's departure from it
EVIDENCE_COMMON, EVIDENCE_OWN = 2.0, 1 / 3
STEPS = 30


@dataclass(frozen=True)
class Specification:
    """Which terms the model has.

    Attributes
    ----------
    features : columns that enter as they are.
    crossed : those of them that enter with their squares and products as well.
    ridge : precision of the prior of all coefficients but those of the evidence.
    evidence : columns that hold weights of evidence (log odds ratios; missing: none).
    """

    features: tuple[str, ...]
    crossed: tuple[str, ...] = ()
    ridge: float = 10.0
    evidence: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Places of the features that are multiplied with one another."""
        places = [self.features.index(name) for name in self.crossed]
        return [(a, b) for number, a in enumerate(places) for b in places[number:]]

    def prior_precision(self) -> np.ndarray:
        """Prior precision of the coefficients, terms × terms."""
        ridged, own = len(self.features) + len(self.pairs), len(self.evidence)
        out = np.zeros((ridged + own, ridged + own))
        out[:ridged, :ridged] = np.diag(np.full(ridged, self.ridge))
        out[ridged:, ridged:] = np.linalg.inv(
            np.full((own, own), EVIDENCE_COMMON) + np.diag(np.full(own, EVIDENCE_OWN))
        )
        return out


@dataclass(frozen=True)
class RidgeLogit:
    """A fitted model.

    Attributes
    ----------
    center, scale : mean and standard deviation of each feature; ``term_center``, ``term_scale`` of each term.
    coefficients : of the standardised terms: features, squares and products, evidence.
    covariance : of the coefficients, terms × terms.
    intercepts : one a cut-off (index), the oldest first.
    """

    specification: Specification
    center: np.ndarray
    scale: np.ndarray
    term_center: np.ndarray
    term_scale: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    intercepts: pd.Series = field(repr=False)

    def terms(self, x: pd.DataFrame) -> np.ndarray:
        """Terms, one row an account: features, squares and products, standardised, what is missing being the
        mean; then the evidence in its own unit, what is missing being none.
        """
        raw = _raw_terms(x, self.specification, self.center, self.scale)
        return (raw - self.term_center) / self.term_scale

    def linear_predictor(self, x: pd.DataFrame) -> np.ndarray:
        """The logit of each account without its intercept."""
        return self.terms(x) @ self.coefficients

    def sd(self, x: pd.DataFrame) -> np.ndarray:
        """Standard deviation of ``linear_predictor`` from what the coefficients leave open."""
        terms = self.terms(x)
        return np.sqrt(
            np.maximum(np.einsum("ij,jk,ik->i", terms, self.covariance, terms, optimize=True), 0.0)
        )

    def contributions(self, x: pd.DataFrame) -> pd.DataFrame:
        """What each feature and each evidence adds to an account's logit: coefficient × (value − mean of
        these accounts), a product counted half to either feature. Accounts × (features, evidence).
        """
        terms = self.terms(x)
        parts = (terms - terms.mean(axis=0)) * self.coefficients
        single = len(self.specification.features)
        out = parts[:, :single].copy()
        for number, (a, b) in enumerate(self.specification.pairs):
            out[:, a] += parts[:, single + number] / 2
            out[:, b] += parts[:, single + number] / 2
        out = np.column_stack([out, parts[:, single + len(self.specification.pairs) :]])
        return pd.DataFrame(
            out, index=x.index, columns=[*self.specification.features, *self.specification.evidence]
        )


def _raw_terms(
    x: pd.DataFrame, specification: Specification, center: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    values = (x.reindex(columns=list(specification.features)).to_numpy(dtype=float) - center) / scale
    values = np.clip(np.where(np.isfinite(values), values, 0.0), -FAR, FAR)
    evidence = x.reindex(columns=list(specification.evidence)).to_numpy(dtype=float)
    return np.column_stack(
        [
            values,
            *(values[:, a] * values[:, b] for a, b in specification.pairs),
            np.where(np.isfinite(evidence), evidence, 0.0),
        ]
    )


def fit(
    x: pd.DataFrame, y: np.ndarray, cutoff: pd.Series, specification: Specification, weight: float
) -> RidgeLogit:
    """Fit the model by Newton's method.

    Parameters
    ----------
    x : one row an account at a cut-off, the columns of the specification.
    y : 0 or 1 a row.
    cutoff : the cut-off of each row.
    weight : what one row counts, below 1 where outcome windows overlap and rows repeat one another.
    """
    x = x.reindex(columns=[*specification.features, *specification.evidence])
    frame = x[list(specification.features)].astype("float64")
    center, scale = frame.mean().fillna(0.0).to_numpy(), frame.std(ddof=0).to_numpy()
    scale = np.where(np.isfinite(scale) & (scale > 1e-9), scale, 1.0)
    raw = _raw_terms(x, specification, center, scale)
    term_center, term_scale = raw.mean(axis=0), raw.std(axis=0)
    standard = np.arange(raw.shape[1]) < raw.shape[1] - len(specification.evidence)
    term_scale = np.where(standard & (term_scale > 1e-6), term_scale, 1.0)
    terms = (raw - term_center) / term_scale
    cuts, place = np.unique(cutoff.to_numpy(), return_inverse=True)
    order = np.argsort(place, kind="stable")  # one block a cut-off
    y, place, terms = y[order], place[order], terms[order]
    starts = np.searchsorted(place, np.arange(len(cuts) + 1))
    k, m = len(cuts), terms.shape[1]
    start = np.log((y.mean() * len(y) + 0.5) / ((1 - y.mean()) * len(y) + 0.5))
    # unknowns: common intercept, each cut-off's departure from it, coefficients
    prior = np.diag(np.r_[1e-6, np.full(k, INTERCEPT_PRECISION), np.zeros(m)])
    prior[1 + k :, 1 + k :] = specification.prior_precision()
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
    intercepts = pd.Series(found[0] + found[1 : 1 + k], index=pd.DatetimeIndex(cuts))
    return RidgeLogit(
        specification, center, scale, term_center, term_scale, found[1 + k :], covariance, intercepts
    )


def calibrated_intercept(y: np.ndarray, linear: np.ndarray) -> float:
    """The intercept at which the probabilities of a linear predictor sum to the cases seen, within ±8."""
    intercept = 0.0
    for _ in range(STEPS):
        p = expit(linear + intercept)
        intercept += float(np.clip((y - p).sum() / max((p * (1 - p)).sum(), 1e-9), -2.0, 2.0))
    return float(np.clip(intercept, -8.0, 8.0))


def log_loss(y: np.ndarray, logit: np.ndarray) -> np.ndarray:
    """The logarithmic loss of each row, given its logit."""
    return np.logaddexp(0.0, logit) - y * logit
