"""The chance that an active account buys nothing in the next horizon, and that its revenue halves: tested out
of time, or withheld.

A ridge logit on a rolling panel, in this order:
1. Rows: every active account at cut-offs stepping back from the end of the data. The outcome windows of
   training rows end by the cut-off at which the model is used.
2. Features and penalty: the simplest candidate whose loss in the newest finished window, never trained on, is
   within one standard error of the best (Breiman et al. 1984). Warning signs enter every candidate as weights
   of evidence, lightly penalised.
3. Intercept: each cut-off has its own. The next one is forecast as the mean of the newest, which knows the
   trend, and of that a year before (moved by what the year changed, where that is known), which knows the
   season.
4. Test: the newest finished window, predicted from what was known at its start, choice and intercept
   included. The model that is shipped is fitted anew with that window.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from kamplay.book import Book
from kamplay.method.health import churn_features
from kamplay.method.health.churn_features import (
    EVIDENCE_PREFIX,
    OUTCOMES,
    SEED,
    YEAR,
    Signs,
    days_between_cutoffs,
    purchase_history,
    rows_at_cutoff,
    sample_accounts,
    training_rows,
)
from kamplay.method.results import Findings
from kamplay.method.stats import ridge_logit
from kamplay.method.stats.classification import auc, brier, calibration_line
from kamplay.method.stats.ridge_logit import RidgeLogit, Specification

MIN_EVENTS = 25  # stopped and staying accounts needed in training and in the test each
# of them, from which all features, and then their products, are tried
EVENTS_FOR_ALL, EVENTS_FOR_PRODUCTS = 100, 400
MAX_ROWS = 120_000  # that a model is fitted to
SMALL = ("p_none", "silent", "lateness", "buys", "trend")
CROSSED = (
    "silent",
    "lateness",
    "buys",
    "p_none",
    "tenure",
    "trend",
    "revenue",
    "season_bought",
    "irregular",
    "returns",
    "decayed_30",
    "decayed_120",
)
# Penalties tried for the small set. Beside evidence a heavy one leaves the chances too flat, and one window
# of a few dozen events cannot tell which is best: the one that did well on simulated clients with signs
RIDGES, RIDGES_WITH_EVIDENCE = (30.0, 10.0, 3.0), (3.0,)
RIDGES_ALL, RIDGES_PRODUCTS = (150.0, 50.0, 15.0), (300.0, 100.0, 30.0)
SLOPE_PRIOR_SD = 0.1  # of the calibration slope, around 1
MIN_INTERCEPT_SD = 0.1  # of a forecast intercept, on the logit scale, however well two of them agree
DEFAULT_INTERCEPT_SD = 0.3  # where no two cut-offs one horizon apart are known
# Standard deviation of what the form of the model misses, on the logit scale: everywhere, and per unit away
# from where the undecided accounts are. Chosen on half of 14 kinds of simulated clients of 300 to 3,000
# accounts, whose true chances are known, so that 80 % intervals hold four of five of them, not half as
# without; on the other half they hold 81 % (67 % with 300 accounts, 94 % with 3,000). Most of those missed
# lie near 0 or 1: to half a percentage point the intervals hold 93 %
FORM_SD, FORM_SD_PER_UNIT = 0.4, 0.3
Z80 = 1.2815515655446004  # of an 80 % interval
TEST_COLUMNS = ["account_id", "cutoff", "outcome", "predicted", "silent", "bgnbd", "revenue"]


@dataclass(frozen=True)
class ChurnModel:
    """The probabilities, and how the model did in its test.

    Attributes
    ----------
    probability : per account that no purchase follows; NaN where withheld, or where the account was not
        active.
    evaluation : verdict (``validated``, ``too_few`` or ``not_better``), reason of too_few (``events`` or
        ``history``), events (the fewest of stopped and staying accounts, in training or test) and needed;
        churn_rate, n_test, predicted and stopped of the test; n_train (rows: accounts at cut-offs) and
        cutoffs; auc with auc_low and auc_high; brier and brier_base (everyone given the share of the newest
        window known before the test); calibration_slope; features, terms; season_known (that of the test was
        seen a year before); intercept_sd (of the model shipped, on the logit scale). The same of
        ``halving_probability`` with ``shrink_`` before it, and shrink_base (``year`` or ``before``, see
        ``revenue_halved``).
    halving_probability : per account that its revenue falls by more than half.
    intervals : low and high (80 %) of the probability.
    contributions : account × feature, what each adds to the logit against the mean account; with
        ``intercept`` they sum to the logit of the probability.
    test : one row an account of the test, TEST_COLUMNS: ``silent`` (days, the baseline of recency), ``bgnbd``
        (that model's probability), ``revenue`` (of the 365 days to the cut-off).
    bgnbd_probability : the BG/NBD's probability now, from purchase dates alone.
    """

    probability: pd.Series
    evaluation: dict[str, Any]
    halving_probability: pd.Series
    test: pd.DataFrame
    intervals: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"low": [], "high": []}))
    contributions: pd.DataFrame = field(default_factory=pd.DataFrame)
    intercept: float = 0.0
    bgnbd_probability: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))


@dataclass(frozen=True)
class _Fitted:
    """A model ready to predict at a cut-off: its logit is ``intercept`` + ``slope`` · linear predictor."""

    model: RidgeLogit
    slope: float
    intercept: float
    intercept_sd: float
    season_known: bool

    def logit(self, x: pd.DataFrame) -> np.ndarray:
        return self.intercept + self.slope * self.model.linear_predictor(x)

    def logit_sd(self, x: pd.DataFrame) -> np.ndarray:
        """What coefficients and intercept leave open, and what the form of the model misses."""
        logit = self.logit(x)
        p = expit(logit)
        # a wrong slope turns around it: the sum of the probabilities stays
        pivot = np.average(logit, weights=p * (1 - p))
        form = FORM_SD**2 + (FORM_SD_PER_UNIT * (logit - pivot)) ** 2
        return np.sqrt((self.slope * self.model.sd(x)) ** 2 + self.intercept_sd**2 + form)

    def probability(self, x: pd.DataFrame) -> pd.Series:
        return pd.Series(expit(self.logit(x)), index=x.index)


@dataclass(frozen=True)
class _Evaluated:
    figures: dict[str, Any]
    predicted: np.ndarray | None  # of the test rows
    final: _Fitted | None  # None where withheld


def fit_churn_model(book: Book, horizon: int, signs: Signs | None = None) -> ChurnModel:
    """Fit and test a model of the chance of no purchase, and predict from the end of the data where it holds.

    It is tested one horizon before the end, trained on windows that had ended by then.

    Parameters
    ----------
    horizon : days that the probability looks ahead.
    signs : the warning signs to use, see ``features_at_cutoff``.
    """
    end, index = book.seen_to, book.accounts.index
    history = purchase_history(book.days)
    sample = purchase_history(sample_accounts(book.days))
    rows = training_rows(book, sample, end, horizon, signs)
    test_cutoff = end - pd.Timedelta(days=horizon)
    test = rows[rows["cutoff"] == test_cutoff]
    if len(rows) and len(sample.accounts) < len(history.accounts):  # tested on all accounts
        test = rows_at_cutoff(book, history, test_cutoff, horizon, signs)
    now = churn_features.features_at_cutoff(book, history, end, horizon, signs)
    stopping = _evaluate(rows, test, "stopped", end, horizon)
    known = rows["cutoff"] <= end - pd.Timedelta(days=2 * horizon)
    base = "year" if rows.loc[known, "halved_year"].notna().any() else "before"
    halving = _evaluate(rows, test, f"halved_{base}", end, horizon)
    evaluation = {
        **stopping.figures,
        **{f"shrink_{name}": value for name, value in halving.figures.items()},
        "shrink_base": base,
    }
    blank = pd.Series(np.nan, index=index, dtype="float64")
    halving_probability = halving.final.probability(now).reindex(index) if halving.final else blank
    tested = _test_table(test, stopping.predicted)
    final = stopping.final
    if final is None:
        return ChurnModel(blank, evaluation, halving_probability, tested)
    logit, half = final.logit(now), Z80 * final.logit_sd(now)
    intervals = pd.DataFrame({"low": expit(logit - half), "high": expit(logit + half)}, index=now.index)
    return ChurnModel(
        final.probability(now).reindex(index),
        evaluation,
        halving_probability,
        tested,
        intervals.reindex(index),
        final.model.contributions(now) * final.slope,
        float(logit.mean()),
        pd.Series(expit(now["p_none"].to_numpy(dtype=float)), index=now.index),
    )


def _evaluate(
    rows: pd.DataFrame, test: pd.DataFrame, target: str, end: pd.Timestamp, horizon: int
) -> _Evaluated:
    """Predict the newest finished window from what was known before it; where that holds, fit the model for
    the next.
    """
    step, cutoff = pd.Timedelta(days=horizon), end - pd.Timedelta(days=horizon)
    rows, test = rows[rows[target].notna()], test[test[target].notna()]
    train = rows[rows["cutoff"] <= cutoff - step]
    y = test[target].to_numpy(dtype=float)
    events = min(_events(train, target), _events(test, target))
    figures: dict[str, Any] = {
        "churn_rate": float(y.mean()) if len(y) else None,
        "n_train": len(train),
        "n_test": len(y),
        "auc": None,
        "brier": None,
        "calibration_slope": None,
        "verdict": "too_few",
        "events": events,
        "needed": MIN_EVENTS,
        "reason": "events" if len(train) else "history",
    }
    if events < MIN_EVENTS:
        return _Evaluated(figures, None, None)
    fitted = _fit_for(train, target, cutoff, horizon)
    predicted = expit(fitted.logit(test))
    area, error = auc(y, predicted), brier(y, predicted).value
    # the base rate known then, not as it became
    base_rate = float(train.loc[train["cutoff"] == train["cutoff"].max(), target].mean())
    error_base = float(((base_rate - y) ** 2).mean())
    scores = {
        "auc": area.value,
        "auc_low": area.low,
        "auc_high": area.high,
        "brier": error,
        "brier_base": error_base,
        "calibration_slope": calibration_line(y, predicted).slope,
    }
    figures |= {name: round(v, 4) if np.isfinite(v) else None for name, v in scores.items()}
    specification = fitted.model.specification
    figures |= {
        "predicted": float(predicted.sum()),
        "stopped": int(y.sum()),
        "season_known": fitted.season_known,
        "cutoffs": int(train["cutoff"].nunique()),
        "features": len(specification.features) + len(specification.evidence),
        "terms": len(fitted.model.coefficients),
    }
    if not area.low > 0.5 or error >= error_base:  # no better than a coin, or than the base rate
        return _Evaluated(figures | {"verdict": "not_better"}, predicted, None)
    final = _fit_for(rows, target, end, horizon)
    figures |= {"verdict": "validated", "intercept_sd": round(final.intercept_sd, 4)}
    return _Evaluated(figures, predicted, final)


def _events(rows: pd.DataFrame, target: str) -> int:
    """The fewer of the accounts that ever did and that ever did not: one seen at several cut-offs counts
    once.
    """
    return min(rows.index[rows[target] == value].nunique() for value in (0.0, 1.0))


def _fit_for(rows: pd.DataFrame, target: str, cutoff: pd.Timestamp, horizon: int) -> _Fitted:
    """Fitted to rows whose windows ended by the cut-off, to predict from it."""
    specification, slope = _select(rows, target, horizon)
    model = _fit(rows, target, specification, horizon)
    return _Fitted(model, slope, *forecast_intercept(model.intercepts, cutoff, horizon))


def _fit(rows: pd.DataFrame, target: str, specification: Specification, horizon: int) -> RidgeLogit:
    if len(rows) > MAX_ROWS:
        rows = rows.iloc[np.sort(np.random.default_rng(SEED).choice(len(rows), MAX_ROWS, replace=False))]
    # windows that overlap tell the same thing several times
    weight = min(1.0, days_between_cutoffs(horizon) / horizon)
    return ridge_logit.fit(rows, rows[target].to_numpy(dtype=float), rows["cutoff"], specification, weight)


def candidate_specifications(rows: pd.DataFrame, events: int) -> list[Specification]:
    """Candidates for features and penalty, the simplest first; evidence is in all of them."""
    features = [c for c in rows if c not in ("cutoff", "year_revenue", *OUTCOMES) and rows[c].notna().any()]
    evidence = tuple(c for c in features if c.startswith(EVIDENCE_PREFIX))
    every = tuple(c for c in features if c not in evidence)
    small = tuple(c for c in SMALL if c in every)
    specifications = [
        Specification(small, ridge=ridge) for ridge in (RIDGES_WITH_EVIDENCE if evidence else RIDGES)
    ]
    if events >= EVENTS_FOR_ALL:
        specifications += [Specification(every, ridge=ridge) for ridge in RIDGES_ALL]
    if events >= EVENTS_FOR_PRODUCTS:
        crossed = tuple(c for c in CROSSED if c in every)
        specifications += [Specification(every, crossed, ridge) for ridge in RIDGES_PRODUCTS]
    return [replace(specification, evidence=evidence) for specification in specifications]


def _select(rows: pd.DataFrame, target: str, horizon: int) -> tuple[Specification, float]:
    """The simplest specification within one standard error of the best in the newest finished window, and the
    slope that calibrates it there.
    """
    newest = rows["cutoff"].max()
    before = rows[rows["cutoff"] <= newest - pd.Timedelta(days=horizon)]
    after = rows[rows["cutoff"] == newest]
    events = min(_events(before, target), _events(after, target))
    if events < MIN_EVENTS:  # nothing to choose by
        specifications = candidate_specifications(rows, 0)
        return specifications[len(specifications) // 2], 1.0
    y = after[target].to_numpy(dtype=float)
    candidates = []
    for specification in candidate_specifications(before, events):
        predictor = _fit(before, target, specification, horizon).linear_predictor(after)
        loss = ridge_logit.log_loss(y, predictor + ridge_logit.calibrated_intercept(y, predictor))
        candidates.append((specification, predictor, loss))
    least = min((loss for _, _, loss in candidates), key=lambda loss: float(loss.mean()))
    specification, predictor, _ = next(
        c for c in candidates if (c[2] - least).mean() <= (c[2] - least).std() / np.sqrt(len(y))
    )
    return specification, recalibration_slope(y, predictor)


def recalibration_slope(y: np.ndarray, predictor: np.ndarray) -> float:
    """Cox's slope of the outcome on the logit, drawn towards 1 as far as its error leaves it open."""
    line = calibration_line(y, expit(predictor + ridge_logit.calibrated_intercept(y, predictor)))
    if not (np.isfinite(line.slope) and np.isfinite(line.slope_se)):
        return 1.0
    weight = SLOPE_PRIOR_SD**2 / (SLOPE_PRIOR_SD**2 + line.slope_se**2)
    return float(np.clip(1 + weight * (line.slope - 1), 0.5, 1.5))


def forecast_intercept(
    intercepts: pd.Series, cutoff: pd.Timestamp, horizon: int
) -> tuple[float, float, bool]:
    """Forecast the intercept of a cut-off from those before it.

    The mean of the newest and of that a year before the cut-off plus the change over the year to the newest
    (0 where that cannot be seen); half their distance is what they leave open. Without the year before: the
    newest, and how far intercepts moved in one horizon.

    Parameters
    ----------
    intercepts : by cut-off, oldest first.

    Returns
    -------
    intercept, its standard deviation, and whether the season was seen a year before.
    """
    near = pd.Timedelta(days=days_between_cutoffs(horizon) // 2 + 1)

    def known(day: pd.Timestamp) -> float | None:
        distance = np.abs(intercepts.index - day)
        return float(intercepts.iloc[int(np.argmin(distance))]) if distance.min() <= near else None

    year, newest = pd.Timedelta(days=YEAR), float(intercepts.iloc[-1])
    year_before, newest_year_before = known(cutoff - year), known(intercepts.index[-1] - year)
    if year_before is None:
        pairs = [(value, known(day - pd.Timedelta(days=horizon))) for day, value in intercepts.items()]
        moves = [float(value - before) for value, before in pairs if before is not None]
        sd = float(np.sqrt(np.mean(np.square(moves)))) if moves else DEFAULT_INTERCEPT_SD
        return newest, max(sd, MIN_INTERCEPT_SD), False
    season = year_before + (newest - newest_year_before if newest_year_before is not None else 0.0)
    return (newest + season) / 2, max(abs(newest - season) / 2, MIN_INTERCEPT_SD), True


def _test_table(test: pd.DataFrame, predicted: np.ndarray | None) -> pd.DataFrame:
    if len(test) == 0:
        return pd.DataFrame(columns=TEST_COLUMNS)
    out = {
        "account_id": test.index,
        "cutoff": test["cutoff"].to_numpy(),
        "outcome": test["stopped"].astype(int).to_numpy(),
        "predicted": np.nan if predicted is None else predicted,
        "silent": np.expm1(test["silent"].to_numpy()).round(),
        "bgnbd": expit(test["p_none"].to_numpy(dtype=float)),
        "revenue": test["year_revenue"].to_numpy(),
    }
    return pd.DataFrame(out)[TEST_COLUMNS]


def add_findings(findings: Findings, book: Book, model: ChurnModel, horizon: int) -> None:
    """Add why no probability is shown, where that is so, and that the data end early."""
    figures = model.evaluation
    if figures["verdict"] == "too_few":
        kind = "too_few" if figures["reason"] == "events" else "too_short"
        counts = {"events": figures["events"], "needed": figures["needed"]}
        findings.add(kind, "watch", "use_expert_score", horizon=horizon, **counts)
    elif figures["verdict"] == "not_better":
        tested = {"auc": figures["auc"], "n_test": figures["n_test"]}
        findings.add("not_better", "watch", "use_expert_score", horizon=horizon, **tested)
    if book.seen_to < pd.Timestamp(book.as_of):
        findings.add("seen_to", "watch", "ask_for_months", seen_to=str(book.seen_to.date()))
