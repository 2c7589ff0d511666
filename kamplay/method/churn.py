"""The chance that an active account buys nothing in the next horizon: a logit on few features, proven out of time or withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import rhythm

MIN_EVENTS = 25  # churned and kept accounts needed in the training and in the test window each, about 6 for each feature
SEED = 20260630
RIDGE = 1.0
FEATURES = ("lateness", "silent", "buys", "recent")
NULL_PROOF = {"churn_rate": None, "n_train": None, "n_test": None, "auc": None, "brier": None, "calibration_slope": None}


@dataclass(frozen=True)
class ChurnModel:
    """``probability`` per account active at as_of (missing when withheld); ``proof``: the figures of its validation; ``calibration``:
    by fifth of prediction: predicted, seen, accounts."""

    probability: pd.Series
    proof: dict[str, Any]
    calibration: pd.DataFrame


def features(days: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per account that bought in the 365 days to ``cutoff``; nothing after the cut-off is looked at.

    log lateness against its own rhythm, log days silent, log number of buying days, share of its buying days in the last 90 days.
    """
    seen = rhythm(days, cutoff)
    active = seen[seen["silent"] < 365]
    recent = days[days["bought"] & (days["date"] <= cutoff) & (days["date"] > cutoff - pd.Timedelta(days=90))]
    count = recent.groupby("account_id").size().reindex(active.index).fillna(0)
    return pd.DataFrame({"lateness": np.log1p(active["lateness"]), "silent": np.log1p(active["silent"]),
                         "buys": np.log(active["buys"]), "recent": count / active["buys"]})  # fmt: skip


def churned(days: pd.DataFrame, index: pd.Index, cutoff: pd.Timestamp, horizon: int) -> pd.Series:
    """1 for the accounts that bought nothing in the ``horizon`` days after ``cutoff``, else 0."""
    after = days[days["bought"] & (days["date"] > cutoff) & (days["date"] <= cutoff + pd.Timedelta(days=horizon))]
    return (~index.isin(after["account_id"])).astype(int) * pd.Series(1, index=index)


def fit(book: Book, horizon: int) -> ChurnModel:
    """Train two horizons before the data end, test one before, and, when that holds, refit there and predict from the end."""
    days, as_of = book.days, book.seen_to
    step = pd.Timedelta(days=horizon)
    test_at, train_at = as_of - step, as_of - 2 * step
    empty = pd.DataFrame({"predicted": [], "seen": [], "accounts": []})
    none = pd.Series(np.nan, index=book.accounts.index, dtype="float64")
    x_train, x_test, x_now = (features(days, cut) for cut in (train_at, test_at, as_of))
    y_train, y_test = churned(days, x_train.index, train_at, horizon), churned(days, x_test.index, test_at, horizon)
    events = min(min(int(y.sum()), int((1 - y).sum())) if len(y) else 0 for y in (y_train, y_test))
    enough_past = days["date"].min() <= train_at - pd.Timedelta(days=180)
    proof = {**NULL_PROOF, "churn_rate": float(y_test.mean()) if len(y_test) else None, "n_train": len(y_train), "n_test": len(y_test),
             "verdict": "too_few", "events": events, "needed": MIN_EVENTS, "reason": "events" if enough_past else "history"}  # fmt: skip
    if events < MIN_EVENTS or not enough_past:
        return ChurnModel(none, proof, empty)
    predicted = _predict(_logit(x_train, y_train), x_test)
    scores = _scores(y_test.to_numpy(), predicted)
    proof |= {"predicted": float(predicted.sum()), "stopped": int(y_test.sum())}
    proof |= scores
    if scores["auc_low"] <= 0.5 or scores["brier"] >= scores["brier_base"]:  # no better than a coin, or than the base rate for everyone
        return ChurnModel(none, {**proof, "verdict": "not_better"}, empty)
    proof["verdict"] = "validated"
    probability = pd.Series(_predict(_logit(x_test, y_test), x_now), index=x_now.index)
    return ChurnModel(probability, proof, _calibration(y_test.to_numpy(), predicted))


@dataclass(frozen=True)
class _Logit:
    mean: pd.Series
    scale: pd.Series
    weights: np.ndarray


def _design(x: pd.DataFrame, mean: pd.Series, scale: pd.Series) -> np.ndarray:
    return np.column_stack([np.ones(len(x)), ((x - mean) / scale).to_numpy()])


def _logit(x: pd.DataFrame, y: pd.Series) -> _Logit:
    """A ridge logit on standardised features, with a penalty of ½·‖b‖² on the log-likelihood and a free intercept."""
    import statsmodels.api as sm

    mean, scale = x.mean(), x.std().replace(0.0, 1.0)
    penalty = np.array([0.0] + [RIDGE / len(x)] * x.shape[1])  # statsmodels penalises the mean log-likelihood
    model = sm.GLM(y.to_numpy(dtype=float), _design(x, mean, scale), family=sm.families.Binomial())
    return _Logit(mean, scale, model.fit_regularized(alpha=penalty, L1_wt=0.0).params)


def _predict(model: _Logit, x: pd.DataFrame) -> np.ndarray:
    return 1 / (1 + np.exp(-_design(x, model.mean, model.scale) @ model.weights))


def auc(y: np.ndarray, p: np.ndarray) -> float:
    """Area under the ROC curve as the Mann–Whitney statistic, ties counted half."""
    ranks = pd.Series(p).rank().to_numpy()
    ones = int(y.sum())
    return float((ranks[y == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(y) - ones)))


def _scores(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    rng = np.random.default_rng(SEED)
    draws = []
    for _ in range(400):
        pick = rng.integers(0, len(y), len(y))
        if 0 < y[pick].sum() < len(y):
            draws.append(auc(y[pick], p[pick]))
    low, high = np.quantile(draws, [0.025, 0.975])
    slope = _logit_slope(y, p)
    base = float(y.mean() * (1 - y.mean()))
    brier = float(((p - y) ** 2).mean())
    figures = {
        "auc": auc(y, p),
        "auc_low": float(low),
        "auc_high": float(high),
        "brier": brier,
        "brier_base": base,
        "calibration_slope": slope,
    }
    return {name: round(value, 4) for name, value in figures.items()}


def _logit_slope(y: np.ndarray, p: np.ndarray) -> float:
    """Slope of the outcome's logit on the prediction's logit: 1 is calibrated, below 1 too extreme (Cox 1958)."""
    import statsmodels.api as sm

    odds = np.log(np.clip(p, 1e-6, 1 - 1e-6) / np.clip(1 - p, 1e-6, 1))
    return float(sm.Logit(y, sm.add_constant(odds)).fit(disp=0).params[1])


def _calibration(y: np.ndarray, p: np.ndarray) -> pd.DataFrame:
    fifth = pd.qcut(pd.Series(p).rank(method="first"), 5, labels=False)
    table = pd.DataFrame({"fifth": fifth, "predicted": p, "seen": y}).groupby("fifth")
    return table.agg(predicted=("predicted", "mean"), seen=("seen", "mean"), accounts=("seen", "size")).reset_index(drop=True)
