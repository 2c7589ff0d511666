"""A ridge logit with an intercept of its own for each cut-off: partial pooling over time.

The intercepts take up what moves all accounts at once (season, history growing longer), so that the
coefficients say how accounts of one cut-off differ. Coefficients have normal priors around 0 (ridge: Hoerl &
Kennard 1970), intercepts a normal prior around their common mean. Weights of evidence keep their own unit,
are never cut off, and share one coefficient from which each departs a little: they are rare, and standardised
they would be cut off and shrunk to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

INTERCEPT_PRECISION = 4.0  # intercepts differ with a standard deviation of about 0.5 on the logit scale
FAR = 4.0  # standard deviations beyond which a feature counts no further
# prior variances: of the coefficient that all evidence shares, and of each one's departure from it
EVIDENCE_COMMON, EVIDENCE_OWN = 2.0, 1 / 3
# Steps with the same curvature are cheap: it is taken anew where a step is more than SHRINK of the one before
STEPS, SHRINK, CLOSE = 100, 0.1, 1e-9
MOST_INTERCEPT_STEPS = 30
Terms = tuple[tuple[str, ...], ...]


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

    @property
    def terms(self) -> list[str]:
        """A name for each term, the same in every specification that has it."""
        products = [f"{self.features[a]} × {self.features[b]}" for a, b in self.pairs]
        return [*self.features, *products, *self.evidence]

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
    intercepts : one a cut-off (index), the oldest first.
    rows : what it was fitted to.
    """

    specification: Specification
    center: np.ndarray
    scale: np.ndarray
    term_center: np.ndarray
    term_scale: np.ndarray
    coefficients: np.ndarray
    intercepts: pd.Series = field(repr=False)
    rows: Rows | None = field(default=None, repr=False, compare=False)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Of the coefficients, terms × terms; only the model that is shown needs it."""
        assert self.rows
        return self.rows.covariance(self)

    def terms(self, x: pd.DataFrame) -> np.ndarray:
        """Terms, one row an account: features, squares and products, standardised, what is missing being the
        mean; then the evidence in its own unit, what is missing being none.
        """
        raw = _raw_terms(x, self.specification, self.center, self.scale)
        return ((raw - self.term_center[:, None]) / self.term_scale[:, None]).T

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
    """Terms × rows, so that each term lies in one piece."""
    values = (x.reindex(columns=list(specification.features)).to_numpy(dtype=float) - center) / scale
    values = np.clip(np.where(np.isfinite(values), values, 0.0), -FAR, FAR)
    evidence = x.reindex(columns=list(specification.evidence)).to_numpy(dtype=float)
    single, pairs = values.shape[1], specification.pairs
    out = np.empty((single + len(pairs) + evidence.shape[1], len(x)))
    out[:single] = values.T
    for number, (a, b) in enumerate(pairs, start=single):
        np.multiply(out[a], out[b], out=out[number])
    out[single + len(pairs) :] = np.where(np.isfinite(evidence), evidence, 0.0).T
    return out


def _terms(specification: Specification) -> Terms:
    """What specifications that differ in their penalty alone share."""
    return specification.features, specification.crossed, specification.evidence


class _Design:
    """The terms of some rows (terms × rows), standardised, and the scales by which they are."""

    def __init__(self, x: pd.DataFrame, specification: Specification):
        frame = x.reindex(columns=list(specification.features)).astype("float64")
        self.center, scale = frame.mean().fillna(0.0).to_numpy(), frame.std(ddof=0).to_numpy()
        self.scale = np.where(np.isfinite(scale) & (scale > 1e-9), scale, 1.0)
        terms = _raw_terms(x, specification, self.center, self.scale)
        standard = len(terms) - len(specification.evidence)
        self.term_center, self.term_scale = np.empty(len(terms)), np.ones(len(terms))
        for number, term in enumerate(terms):  # in place, and one at a time, while it is at hand
            self.term_center[number] = term.mean()
            term -= self.term_center[number]
            spread = np.sqrt(np.square(term).mean())
            if number < standard and spread > 1e-6:
                self.term_scale[number] = spread
                term /= spread
        self.terms = terms


class Rows:
    """Rows to which models of several specifications are fitted, by Newton's method.

    The terms of a set of features are built once for all penalties in a row, and those of the last set held:
    of many rows they are the most that a model takes. A fit begins where another ended, with the curvature
    found there, so that the second of a path of penalties costs a few steps: Newton's step with a curvature
    that is not quite the present one ends in the same place.

    Parameters
    ----------
    x : one row an account at a cut-off, with the columns of the specifications to come.
    y : 0 or 1 a row.
    cutoff : the cut-off of each row.
    weight : what one row counts, below 1 where outcome windows overlap and rows repeat one another.
    """

    def __init__(self, x: pd.DataFrame, y: np.ndarray, cutoff: pd.Series, weight: float):
        self.cuts, place = np.unique(cutoff.to_numpy(), return_inverse=True)
        order = np.argsort(place, kind="stable")  # one block a cut-off
        self.x, self.y, self.place, self.weight = x.iloc[order], y[order], place[order], weight
        self.starts = np.searchsorted(self.place, np.arange(len(self.cuts) + 1))
        self._design_held: tuple[Terms, _Design] | None = None
        self._curvatures: dict[Terms, np.ndarray] = {}  # of the likelihood of the last fit of each
        self._fitted: dict[Specification, RidgeLogit] = {}  # without their rows: else neither is given back

    def fit(self, specification: Specification, like: RidgeLogit | None = None) -> RidgeLogit:
        """Fit a model, once; begin at ``like``, or at the last one that was fitted to these rows."""
        if specification not in self._fitted:
            last = next(reversed(self._fitted.values()), None)
            self._fitted[specification] = self._newton(specification, last if like is None else like)
        return replace(self._fitted[specification], rows=self)

    def _newton(self, specification: Specification, like: RidgeLogit | None) -> RidgeLogit:
        design, k, terms = self._design(specification), len(self.cuts), _terms(specification)
        prior, found = self._prior(specification), self._start(specification, like)
        known = self._curvatures.get(terms)
        factor = None if known is None else cho_factor(known + prior)
        before = np.inf
        for _ in range(STEPS):
            p = self._probability(design, found)
            error = self.weight * (self.y - p)
            by_cut = np.bincount(self.place, error, minlength=k)
            gradient = np.r_[error.sum(), by_cut, design.terms @ error] - prior @ found
            step = None if factor is None else cho_solve(factor, gradient)
            if step is None or np.abs(step).max() > SHRINK * before:
                self._curvatures[terms] = self._curvature(design, p)
                factor = cho_factor(self._curvatures[terms] + prior)
                step = cho_solve(factor, gradient)
            before = float(np.abs(step).max())
            found = found + step * min(1.0, 5.0 / max(before, 1e-12))
            if before < CLOSE:
                break
        intercepts = pd.Series(found[0] + found[1 : 1 + k], index=pd.DatetimeIndex(self.cuts))
        scales = (design.center, design.scale, design.term_center, design.term_scale)
        return RidgeLogit(specification, *scales, found[1 + k :], intercepts)

    def covariance(self, model: RidgeLogit) -> np.ndarray:
        """Of the coefficients of a model that was fitted to these rows, terms × terms."""
        design, k = self._design(model.specification), len(self.cuts)
        found = np.r_[0.0, model.intercepts.to_numpy(), model.coefficients]
        curvature = self._curvature(design, self._probability(design, found))
        return np.asarray(np.linalg.inv(curvature + self._prior(model.specification))[1 + k :, 1 + k :])

    def _design(self, specification: Specification) -> _Design:
        terms = _terms(specification)
        if self._design_held is None or self._design_held[0] != terms:
            self._design_held = None  # before the next is built
            self._design_held = (terms, _Design(self.x, specification))
        return self._design_held[1]

    def _prior(self, specification: Specification) -> np.ndarray:
        """Prior precision of the common intercept, each cut-off's departure from it, and the coefficients."""
        k, m = len(self.cuts), len(specification.terms)
        out = np.diag(np.r_[1e-6, np.full(k, INTERCEPT_PRECISION), np.zeros(m)])
        out[1 + k :, 1 + k :] = specification.prior_precision()
        return out

    def _start(self, specification: Specification, like: RidgeLogit | None) -> np.ndarray:
        """The unknowns of another model, 0 for a term that it does not have; without one only the odds."""
        ones, k = float(self.y.sum()), len(self.cuts)
        odds = np.log((ones + 0.5) / (len(self.y) - ones + 0.5))
        if like is None:
            return np.r_[odds, np.zeros(k + len(specification.terms))]
        known = pd.Series(like.coefficients, index=like.specification.terms)
        common = like.intercepts.mean()
        own = (like.intercepts - common).reindex(pd.DatetimeIndex(self.cuts)).fillna(0.0)
        return np.r_[common, own, known.reindex(specification.terms).fillna(0.0)]

    def _probability(self, design: _Design, found: np.ndarray) -> np.ndarray:
        k = len(self.cuts)
        return np.asarray(expit(found[0] + found[1 + self.place] + found[1 + k :] @ design.terms))

    def _curvature(self, design: _Design, p: np.ndarray) -> np.ndarray:
        """What the rows add to the Hessian of the unknowns, at probabilities ``p``."""
        terms, k = design.terms, len(self.cuts)
        curve = self.weight * np.maximum(p * (1 - p), 1e-9)
        by_cut = np.bincount(self.place, curve, minlength=k)
        cross = np.vstack([terms[:, a:b] @ curve[a:b] for a, b in pairwise(self.starts)])
        rooted = terms * np.sqrt(curve)
        out = np.zeros((1 + k + len(terms),) * 2)
        out[0, 0] = by_cut.sum()
        out[0, 1 : 1 + k] = out[1 : 1 + k, 0] = by_cut
        out[1 : 1 + k, 1 : 1 + k] = np.diag(by_cut)
        out[0, 1 + k :] = out[1 + k :, 0] = cross.sum(axis=0)
        out[1 : 1 + k, 1 + k :], out[1 + k :, 1 : 1 + k] = cross, cross.T
        out[1 + k :, 1 + k :] = rooted @ rooted.T
        return out


def fit(
    x: pd.DataFrame, y: np.ndarray, cutoff: pd.Series, specification: Specification, weight: float
) -> RidgeLogit:
    """Fit a single model; parameters as of ``Rows``."""
    return Rows(x, y, cutoff, weight).fit(specification)


def calibrated_intercept(y: np.ndarray, linear: np.ndarray) -> float:
    """The intercept at which the probabilities of a linear predictor sum to the cases seen, within ±8."""
    intercept = 0.0
    for _ in range(MOST_INTERCEPT_STEPS):
        p = expit(linear + intercept)
        intercept += float(np.clip((y - p).sum() / max((p * (1 - p)).sum(), 1e-9), -2.0, 2.0))
    return float(np.clip(intercept, -8.0, 8.0))


def log_loss(y: np.ndarray, logit: np.ndarray) -> np.ndarray:
    """The logarithmic loss of each row, given its logit."""
    return np.logaddexp(0.0, logit) - y * logit
