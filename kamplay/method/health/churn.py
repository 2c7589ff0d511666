"""The chance that an active account buys nothing in the next horizon, and that its revenue halves: proven out
of time or withheld.

A ridge logit on a rolling panel. How it is built, in order:
1. Rows: every active account at cut-offs stepping back from the end; windows of training rows end by the cut-off they are judged at.
2. Terms and penalty: the simplest candidate whose loss in the newest finished window, never trained on, is within one standard
   error of the best (Breiman et al. 1984). Signs enter as weights of evidence, lightly penalised, in every candidate.
3. Level: each cut-off has its own; the next one is forecast as the mean of the newest and of that of the same season a year before
   (moved by what a year changed, where that is known). One knows the trend and the other the season.
4. The proof is the newest finished window, predicted from what was known at its start, choice and level included. What is shipped is
   fitted anew with that window.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from kamplay.book import Book
from kamplay.method.health import churn_features
from kamplay.method.health.churn_features import SEED, Signs
from kamplay.method.stats import ridge_logit
from kamplay.method.stats.classification import auc, brier, calibration_groups, calibration_line
from kamplay.method.stats.ridge_logit import RidgeLogit, Specification

MIN_EVENTS = 25  # stopped and staying accounts needed in training and in the test each
ALL_FROM, CROSSED_FROM = 100, 400  # of them, from which all features, and their products, are tried
MOST_ROWS = 120_000  # rows a model is fitted to
# Penalties tried for the small set. Beside evidence a heavy one on habits leaves chances too flat; which is
# best cannot be told from one
# window of a few dozen events, so it is one that did well on simulated clients with signs
RIDGES, RIDGES_BESIDE = (30.0, 10.0, 3.0), (3.0,)
SLOPE_PRIOR_SD = 0.1  # of the recalibration slope around 1, before it is looked at
# standard deviation of a forecast intercept on the logit scale, however well two intercepts agree
LEAST_INTERCEPT_SD = 0.1
# Standard deviation of what the form of the model misses, on the logit scale: everywhere, and per unit away
# from where the undecided
# accounts are. Chosen on half of 14 kinds of simulated clients of 300 to 3,000 accounts, whose true chances
# are known, so that 80 %
# intervals hold four of five of them, not half as without; on the other half they hold 81 % (67 % with 300
# accounts, 94 % with 3,000).
# Most of those missed lie near 0 or 1: to half a percentage point the intervals hold 93 %
FORM_SD, FORM_SD_FAR = 0.4, 0.3
Z80 = 1.2815515655446004
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
NULL_PROOF = {
    "churn_rate": None,
    "n_train": None,
    "n_test": None,
    "auc": None,
    "brier": None,
    "calibration_slope": None,
}
TEST = ("account_id", "cutoff", "outcome", "predicted", "silent", "bgnbd", "revenue")


@dataclass(frozen=True)
class ChurnModel:
    """``probability`` per account active at the end of the data (missing when withheld or not active).
    ``calibration``: by fifth of prediction: predicted, seen, accounts.

    ``proof``: figures of its validation. verdict (validated, too_few, not_better), reason of too_few (events,
    history), events (the fewest of stopped and staying accounts, in training or test) and needed; churn_rate,
    n_test, predicted and stopped of the test; n_train (rows: accounts at cut-offs) and cutoffs; auc with
    auc_low, auc_high; brier; brier_base (everyone given the share of the newest window known before the
    test); calibration_slope; features, terms; season_known (that of the test was seen a year before);
    intercept_sd (standard deviation of the intercept used, on the logit scale). The same with ``shrink_``
    before it for ``shrink``, and shrink_base (year, before).

    ``shrink``: the chance that revenue halves. ``intervals``: low, high (80 %) of the probability.
    ``contributions``: account × feature, what each adds to the logit against the mean account; with
    ``intercept`` they sum to the logit of the probability. ``test``: account_id, cutoff, outcome, predicted,
    silent (days, the baseline of recency), bgnbd (that model's chance), revenue (365 days to the cut-off).
    ``by_dates``: the BG/NBD's chance now, from purchase dates alone.
    """

    probability: pd.Series
    proof: dict[str, Any]
    calibration: pd.DataFrame
    shrink: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))
    intervals: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"low": [], "high": []}))
    contributions: pd.DataFrame = field(default_factory=pd.DataFrame)
    intercept: float = 0.0
    test: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TEST)))
    by_dates: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))


@dataclass(frozen=True)
class _Fitted:
    """A model ready to predict at a cut-off: its logit is ``intercept`` + ``slope`` × linear predictor;
    ``sd``: standard deviation of the intercept.
    """

    model: RidgeLogit
    intercept: float
    sd: float
    slope: float
    seasonal: bool

    def logit(self, x: pd.DataFrame) -> np.ndarray:
        return self.intercept + self.slope * self.model.linear_predictor(x)


@dataclass(frozen=True)
class _Judged:
    proof: dict[str, Any]
    predicted: np.ndarray | None  # of the test rows
    final: _Fitted | None  # None where withheld


def fit(book: Book, horizon: int, signs: Signs | None = None) -> ChurnModel:
    """Test one horizon before the data end, trained on windows that had ended by then; when that holds, refit
    and predict from the end.

    ``signs(book, cutoff)``: strengths 0 to 1 per account (index) and sign, of what was known at the cut-off;
    see ``panel.beside``.
    """
    end = book.seen_to
    past = churn_features.history(book.days)
    part = churn_features.history(churn_features.chosen(book.days))
    rows = churn_features.training_rows(book, part, end, horizon, signs)
    test = _test_rows(book, past, part, rows, end, horizon, signs)
    now = churn_features.features(book, past, end, horizon, signs)
    index = book.accounts.index
    judged = _judge(rows, test, "stopped", end, horizon)
    base = (
        "shrunk_year" if _told(rows, "shrunk_year", end - pd.Timedelta(days=2 * horizon)) else "shrunk_before"
    )
    halved = _judge(rows, test, base, end, horizon)
    proof = (
        judged.proof
        | {f"shrink_{k}": v for k, v in halved.proof.items()}
        | {"shrink_base": base.removeprefix("shrunk_")}
    )
    shrink = _probability(halved.final, now, index)
    probability = _probability(judged.final, now, index)
    table = _test_table(test, judged.predicted)
    if judged.final is None or judged.predicted is None:
        return ChurnModel(
            probability,
            proof,
            pd.DataFrame({"predicted": [], "seen": [], "accounts": []}),
            shrink,
            test=table,
        )
    final = judged.final
    parts = final.model.contributions(now) * final.slope
    middle = final.logit(now)
    spread = Z80 * _logit_sd(final, now, middle)
    intervals = pd.DataFrame(
        {"low": expit(middle - spread), "high": expit(middle + spread)}, index=now.index
    ).reindex(index)
    groups = calibration_groups(test["stopped"].to_numpy(), judged.predicted)[
        ["predicted", "seen", "accounts"]
    ]
    by_dates = pd.Series(expit(now["p_none"].to_numpy(dtype=float)), index=now.index)
    return ChurnModel(
        probability, proof, groups, shrink, intervals, parts, float(middle.mean()), table, by_dates
    )


def _logit_sd(final: _Fitted, now: pd.DataFrame, middle: np.ndarray) -> np.ndarray:
    """Standard deviation of each logit: what coefficients and intercept leave open, and what the form of the
    model misses.
    """
    p = expit(middle)
    pivot = np.average(
        middle, weights=p * (1 - p)
    )  # around which a wrong slope turns: the sum of chances stays
    form = FORM_SD**2 + (FORM_SD_FAR * (middle - pivot)) ** 2
    return np.sqrt((final.slope * final.model.sd(now)) ** 2 + final.sd**2 + form)


def _probability(final: _Fitted | None, now: pd.DataFrame, index: pd.Index) -> pd.Series:
    if final is None:
        return pd.Series(np.nan, index=index, dtype="float64")
    return pd.Series(expit(final.logit(now)), index=now.index).reindex(index)


def _test_rows(
    book: Book,
    past: churn_features.History,
    part: churn_features.History,
    rows: pd.DataFrame,
    end: pd.Timestamp,
    horizon: int,
    signs: Signs | None,
) -> pd.DataFrame:
    """The newest finished window, of all accounts even where only a part of them is trained on."""
    at = end - pd.Timedelta(days=horizon)
    if len(part.accounts) == len(past.accounts) or len(rows) == 0:
        return rows[rows["cutoff"] == at] if len(rows) else rows
    return churn_features.rows_at(book, past, at, horizon, signs)


def _told(rows: pd.DataFrame, target: str, by: pd.Timestamp) -> bool:
    return bool(len(rows)) and bool(rows.loc[rows["cutoff"] <= by, target].notna().any())


def _judge(rows: pd.DataFrame, test: pd.DataFrame, target: str, end: pd.Timestamp, horizon: int) -> _Judged:
    """Whether the newest finished window could be told beforehand, and the model for the next one."""
    step, at = pd.Timedelta(days=horizon), end - pd.Timedelta(days=horizon)
    rows, test = rows[rows[target].notna()], test[test[target].notna()]
    train = rows[rows["cutoff"] <= at - step]
    y = test[target].to_numpy(dtype=float)
    events = min(_events(train, target), _events(test, target))
    proof: dict[str, Any] = {
        **NULL_PROOF,
        "churn_rate": float(y.mean()) if len(y) else None,
        "n_train": len(train),
        "n_test": len(y),
        "verdict": "too_few",
        "events": events,
        "needed": MIN_EVENTS,
        "reason": "events" if len(train) else "history",
    }
    if events < MIN_EVENTS:
        return _Judged(proof, None, None)
    then = _fitted(train, target, at, horizon)
    predicted = expit(then.logit(test))
    area, line = auc(y, predicted), calibration_line(y, predicted)
    known = float(
        train.loc[train["cutoff"] == train["cutoff"].max(), target].mean()
    )  # the base rate known then, not as it became
    figures = {
        "auc": area.value,
        "auc_low": area.low,
        "auc_high": area.high,
        "brier": brier(y, predicted).value,
        "brier_base": float(((known - y) ** 2).mean()),
        "calibration_slope": line.slope,
    }
    proof |= {k: round(v, 4) if np.isfinite(v) else None for k, v in figures.items()}
    proof |= {"predicted": float(predicted.sum()), "stopped": int(y.sum()), "season_known": then.seasonal}
    specification = then.model.specification
    used = len(specification.features) + len(specification.evidence)
    proof |= {
        "cutoffs": int(train["cutoff"].nunique()),
        "features": used,
        "terms": len(then.model.coefficients),
    }
    if (
        not area.low > 0.5 or figures["brier"] >= figures["brier_base"]
    ):  # no better than a coin, or than the base rate known then
        return _Judged({**proof, "verdict": "not_better"}, predicted, None)
    final = _fitted(rows, target, end, horizon)
    return _Judged({**proof, "verdict": "validated", "intercept_sd": round(final.sd, 4)}, predicted, final)


def _events(rows: pd.DataFrame, target: str) -> int:
    """The fewer of the accounts that ever did and of those that ever did not: an account seen at several
    cut-offs is one.
    """
    by = [rows.index[rows[target] == value].nunique() for value in (0.0, 1.0)]
    return min(by)


def _fitted(rows: pd.DataFrame, target: str, at: pd.Timestamp, horizon: int) -> _Fitted:
    """Fitted to rows whose windows ended by ``at``, to predict from ``at``."""
    specification, slope = _chosen(rows, target, horizon)
    model = _model(rows, target, specification, horizon)
    intercept, sd, seasonal = intercept_ahead(model.intercepts, at, horizon)
    return _Fitted(model, intercept, sd, slope, seasonal)


def _model(rows: pd.DataFrame, target: str, specification: Specification, horizon: int) -> RidgeLogit:
    if len(rows) > MOST_ROWS:
        rows = rows.iloc[np.sort(np.random.default_rng(SEED).choice(len(rows), MOST_ROWS, replace=False))]
    weight = min(
        1.0, churn_features.stepping(horizon) / horizon
    )  # windows that overlap tell the same thing several times
    return ridge_logit.fit(rows, rows[target].to_numpy(dtype=float), rows["cutoff"], specification, weight)


def specifications(rows: pd.DataFrame, events: int) -> list[Specification]:
    """Candidates for the terms and the penalty, the simplest first. Evidence is in all of them."""
    known = [
        c
        for c in rows.columns
        if c not in ("cutoff", "year", *churn_features.OUTCOMES) and rows[c].notna().any()
    ]
    evidence = tuple(c for c in known if c.startswith(churn_features.SIGN))
    known = [c for c in known if c not in evidence]
    small = tuple(c for c in SMALL if c in known)
    found = [Specification(small, ridge=ridge) for ridge in (RIDGES_BESIDE if evidence else RIDGES)]
    if events >= ALL_FROM:
        found += [Specification(tuple(known), ridge=ridge) for ridge in (150.0, 50.0, 15.0)]
    if events >= CROSSED_FROM:
        crossed = tuple(c for c in CROSSED if c in known)
        found += [Specification(tuple(known), crossed, ridge) for ridge in (300.0, 100.0, 30.0)]
    return [replace(specification, evidence=evidence) for specification in found]


def _chosen(rows: pd.DataFrame, target: str, horizon: int) -> tuple[Specification, float]:
    """The simplest specification within one standard error of the best in the newest finished window, and its
    recalibration slope.
    """
    newest = rows["cutoff"].max()
    before, after = (
        rows[rows["cutoff"] <= newest - pd.Timedelta(days=horizon)],
        rows[rows["cutoff"] == newest],
    )
    events = min(_events(before, target), _events(after, target))
    if events < MIN_EVENTS:
        small = specifications(rows, 0)
        return small[len(small) // 2], 1.0  # nothing to choose by: the small set
    y = after[target].to_numpy(dtype=float)
    found = []
    for specification in specifications(before, events):
        linear = _model(before, target, specification, horizon).linear_predictor(after)
        logit = linear + ridge_logit.calibrated_intercept(y, linear)
        found.append((specification, linear, ridge_logit.log_loss(y, logit)))
    best = min(found, key=lambda f: float(f[2].mean()))
    for specification, linear, loss in found:
        worse = loss - best[2]
        if worse.mean() <= worse.std() / np.sqrt(len(worse)):
            return specification, recalibration_slope(y, linear)
    return best[0], recalibration_slope(y, best[1])


def recalibration_slope(y: np.ndarray, linear: np.ndarray) -> float:
    """Cox's slope of the outcome on the logit, drawn towards 1 as far as its error leaves it open."""
    line = calibration_line(y, expit(linear + ridge_logit.calibrated_intercept(y, linear)))
    if not (np.isfinite(line.slope) and np.isfinite(line.slope_se)):
        return 1.0
    trust = SLOPE_PRIOR_SD**2 / (SLOPE_PRIOR_SD**2 + line.slope_se**2)
    return float(np.clip(1 + trust * (line.slope - 1), 0.5, 1.5))


def intercept_ahead(intercepts: pd.Series, at: pd.Timestamp, horizon: int) -> tuple[float, float, bool]:
    """The intercept to expect at ``at``, its standard deviation, and whether the season a year before was seen.

    The mean of the newest intercept and of the intercept a year before ``at`` plus the change of intercept over the year
    to the newest (0 where that cannot be seen); half their distance is what they leave open. Without the year
    before: the newest, and how far intercepts moved in one horizon.
    """
    near = pd.Timedelta(days=churn_features.stepping(horizon) // 2 + 1)

    def seen(day: pd.Timestamp) -> float | None:
        away = np.abs(intercepts.index - day)
        return float(intercepts.iloc[int(np.argmin(away))]) if away.min() <= near else None

    year, newest = pd.Timedelta(days=churn_features.YEAR), float(intercepts.iloc[-1])
    before, start = seen(at - year), seen(intercepts.index[-1] - year)
    if before is None:
        earlier = [
            (intercepts.iloc[i], seen(day - pd.Timedelta(days=horizon)))
            for i, day in enumerate(intercepts.index)
        ]
        moved = [float(new - old) for new, old in earlier if old is not None]
        return (
            newest,
            max(float(np.sqrt(np.mean(np.square(moved)))), LEAST_INTERCEPT_SD) if moved else 0.3,
            False,
        )
    season = before + (newest - start if start is not None else 0.0)
    return (newest + season) / 2, max(abs(newest - season) / 2, LEAST_INTERCEPT_SD), True


def _test_table(test: pd.DataFrame, predicted: np.ndarray | None) -> pd.DataFrame:
    if len(test) == 0:
        return pd.DataFrame(columns=list(TEST))
    out = {
        "account_id": test.index,
        "cutoff": test["cutoff"].to_numpy(),
        "outcome": test["stopped"].astype(int).to_numpy(),
        "predicted": np.nan if predicted is None else predicted,
        "silent": np.expm1(test["silent"].to_numpy()).round(),
        "bgnbd": expit(test["p_none"].to_numpy(dtype=float)),
        "revenue": test["year"].to_numpy(),
    }
    return pd.DataFrame(out)[list(TEST)]


def churned(days: pd.DataFrame, index: pd.Index, cutoff: pd.Timestamp, horizon: int) -> pd.Series:
    """1 for the accounts that bought nothing in the ``horizon`` days after ``cutoff``, else 0."""
    past = churn_features.history(days)
    return pd.Series(
        churn_features.outcome(past, past.accounts.get_indexer(index), cutoff, horizon).astype(int),
        index=index,
    )
