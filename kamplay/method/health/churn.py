"""The chance that an active account buys nothing in the next horizon, and that its revenue halves: tested out
of time, or withheld.

A ridge logit on a rolling panel, in this order:
1. Rows: every active account at cut-offs stepping back from the end of the data. The outcome windows of
   training rows end by the cut-off at which the model is used.
2. Features and penalty: the simplest candidate whose loss in the newest finished window, never trained on, is
   within one standard error of the best (Breiman et al. 1984). Warning signs enter every candidate as weights
   of evidence, lightly penalised.
3. Intercept: each cut-off has its own. The next one is forecast as the mean of all that is known of it: the
   newest (moved on as the year moved), that of a year before (moved by what the year changed), which knows
   the season, and the one at which the probabilities add up to those of the model of purchases (BG/NBD) at
   the cut-off. A plain mean, as weights that are estimated from a few windows do worse (Timmermann 2006,
   Handbook of Economic Forecasting 1, 135–196).
4. Test: the newest finished window, predicted from what was known at its start, choice and intercept
   included. The model that is shipped is fitted anew with that window.
5. Gate: the logit ships where it ranks, saves error against giving everyone the share that did stop, and does
   not err more than BG/NBD. Else BG/NBD ships, where it does the first two. Else nothing does.
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
    first_day,
    log_odds,
    purchase_history,
    rows_at_cutoff,
    sample_accounts,
    training_rows,
)
from kamplay.method.measures.purchase_model import purchase_model
from kamplay.method.results import Findings
from kamplay.method.stats import ridge_logit
from kamplay.method.stats.classification import auc, brier, calibration_line, skill
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
# what the features other than evidence tell: when an account buys; how much and how often
RHYTHM = frozenset({"p_none", "expected", "silent", "lateness", "irregular", "season_bought"})
LEAST_STEP = 0.02  # of a chance: a smaller part of it is told with the others
# Standard deviation of what the form of the model misses, on the logit scale: everywhere, and per unit away
# from where the undecided accounts are. Chosen on half of 14 kinds of simulated clients of 300 to 3,000
# accounts, whose true chances are known, so that 80 % intervals hold four of five of them, not half as
# without; on the other half they hold 81 % (67 % with 300 accounts, 94 % with 3,000). Most of those missed
# lie near 0 or 1: to half a percentage point the intervals hold 93 %
FORM_SD, FORM_SD_PER_UNIT = 0.4, 0.3
Z80 = 1.2815515655446004  # of an 80 % interval
CASES = ["account_id", "sign", "cases", "share"]
MIN_CASES = 5  # past accounts with a sign as strong, below which a share of them says nothing
AS_STRONG = 0.95  # of a sign's strength: what counts as as strong
LATE = np.log(2.0)  # of ``lateness``, the log of 1 + silence over gap: silent for longer than its usual gap
TEST_COLUMNS = ["account_id", "cutoff", "outcome", "predicted", "silent", "bgnbd", "revenue"]


@dataclass(frozen=True)
class ChurnModel:
    """The probabilities, and how the model did in its test.

    Attributes
    ----------
    probability : per account that no purchase follows; NaN where withheld, or where the account was not
        active.
    season_known : whether the model shipped has seen the season that it predicts.
    evaluation : verdict on the model (``validated``, ``too_few`` or ``not_better``), reason (of too_few:
        ``events`` or ``history``; of not_better: ``chance`` or ``bgnbd``), probability_from (``model``,
        ``bgnbd`` or ``none``: whose probability is shown), events (the fewest of stopped and staying
        accounts, in training or test) and needed; churn_rate, n_test, predicted and stopped of the test;
        n_train (rows: accounts at cut-offs) and cutoffs; auc with auc_low and auc_high, brier and
        calibration_slope, of what is shown; brier_base (everyone given the share that stopped in the test);
        brier_bgnbd; features, terms; season_known (that of the test was seen a year before); intercept_sd (of
        the model shipped, on the logit scale); where signs are weighed those of ``_of_signed``.
        The same of ``halving_probability`` with ``shrink_`` before
        it, and shrink_base (``year`` or ``before``, see ``revenue_halved``).
    halving_probability : per account that its revenue falls by more than half.
    intervals : low and high (80 %) of the probability.
    contributions : account × feature, what each adds to the logit against the mean account; with
        ``intercept`` they sum to the logit of the probability. Empty where it is not the model's.
    cases : what became of past accounts with a sign as strong as one of today's, see ``cases_as_strong``.
        Empty where the probability is not the model's.
    test : one row an account of the test, TEST_COLUMNS: ``predicted`` by what is shown, or would be;
        ``silent`` (days, the baseline of recency), ``bgnbd`` (that model's probability), ``revenue`` (of the
        365 days to the cut-off).
    """

    probability: pd.Series
    evaluation: dict[str, Any]
    halving_probability: pd.Series
    test: pd.DataFrame
    intervals: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"low": [], "high": []}))
    contributions: pd.DataFrame = field(default_factory=pd.DataFrame)
    intercept: float = 0.0
    cases: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CASES))
    season_known: bool = False


@dataclass(frozen=True)
class Fitted:
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
        open_ = (self.slope * self.model.sd(x)) ** 2 + self.intercept_sd**2
        return np.sqrt(open_ + form_variance(self.logit(x)))

    def probability(self, x: pd.DataFrame) -> pd.Series:
        return pd.Series(expit(self.logit(x)), index=x.index)


@dataclass(frozen=True)
class _Evaluated:
    figures: dict[str, Any]
    predicted: np.ndarray | None  # of the test rows
    final: Fitted | None = None  # None where withheld
    from_dates: bool = False  # whether the model of purchases is shown in its place


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
    whole_from = first_day(history) + pd.Timedelta(days=YEAR)
    stopping = _evaluate(rows, test, now, "stopped", end, horizon, whole_from)
    known = rows["cutoff"] <= end - pd.Timedelta(days=2 * horizon)
    base = "year" if rows.loc[known, "halved_year"].notna().any() else "before"
    halving = _evaluate(rows, test, now, f"halved_{base}", end, horizon, whole_from)
    evaluation = {
        **stopping.figures,
        **{f"shrink_{name}": value for name, value in halving.figures.items()},
        "shrink_base": base,
        **_of_signed(test, stopping.predicted),
    }
    blank = pd.Series(np.nan, index=index, dtype="float64")
    halving_probability = halving.final.probability(now).reindex(index) if halving.final else blank
    tested = _test_table(test, stopping.predicted)
    final = stopping.final
    if final is not None:
        logit, sd, contributions = final.logit(now), final.logit_sd(now), final.model.contributions(now)
        contributions *= final.slope
    elif stopping.from_dates:
        logit = log_odds(purchase_model(book).no_purchase(horizon).reindex(now.index).to_numpy())
        sd, contributions = np.sqrt(DEFAULT_INTERCEPT_SD**2 + form_variance(logit)), pd.DataFrame()
    else:
        return ChurnModel(blank, evaluation, halving_probability, tested)
    limits = {"low": expit(logit - Z80 * sd), "high": expit(logit + Z80 * sd)}
    return ChurnModel(
        pd.Series(expit(logit), index=now.index).reindex(index),
        evaluation,
        halving_probability,
        tested,
        pd.DataFrame(limits, index=now.index).reindex(index),
        contributions,
        float(logit.mean()),
        cases_as_strong(rows, now) if final is not None else pd.DataFrame(columns=CASES),
        final is not None and final.season_known,
    )


def _of_signed(test: pd.DataFrame, predicted: np.ndarray | None) -> dict[str, Any]:
    """Of the accounts of the test that showed a sign: how many (signed), how many were expected to stop by
    their chances (signed_predicted) and how many did (signed_stopped); empty without any.
    """
    evidence = [name for name in test if name.startswith(EVIDENCE_PREFIX)]
    if predicted is None or not evidence or test.empty:
        return {}
    shown = (test[evidence].astype("float64").fillna(0.0) > 0).any(axis=1).to_numpy()
    return {
        "signed": int(shown.sum()),
        "signed_predicted": round(float(predicted[shown].sum()), 2),
        "signed_stopped": int(test["stopped"].to_numpy()[shown].sum()),
    }


def cases_as_strong(rows: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Count the past accounts that showed a sign as strongly as an account of today, and how often they
    stopped, as the chance means it.

    What became of all accounts with a sign, weak and strong, does not tell what becomes of one whose sign is
    strong; nor does what followed its first such day alone: the chance is of an account that stands so on any
    day. So of each past account the days count on which its sign had AS_STRONG of that strength or more, and
    the share of them after which it bought nothing in the horizon; accounts count alike, however many days.
    Of the rhythm of orders only days are alike on which the last order was as much in time, or late.

    Parameters
    ----------
    rows : of past days, see ``training_rows``.
    now : the features of today (index account_id).

    Returns
    -------
    CASES: a row per account of today and sign that it shows: ``cases`` (past accounts) and ``share`` (mean
    share of their days after which nothing was bought; missing without cases).
    """
    known = rows[rows["stopped"].notna()]
    found: list[tuple[str, str, int, float]] = []
    for name in [column for column in now if column.startswith(EVIDENCE_PREFIX)]:
        sign = name.removeprefix(EVIDENCE_PREFIX)
        shown = pd.DataFrame({"least": -np.expm1(-now[name].dropna())})
        past = -np.expm1(-known[name].astype("float64").fillna(0.0))
        shown["late"], late = True, np.ones(len(known), dtype=bool)
        if sign == "order_rhythm" and "lateness" in now:
            shown["late"] = now["lateness"].reindex(shown.index) > LATE
            late = (known["lateness"] > LATE).to_numpy()
        shown = shown[shown["least"] > 0].round({"least": 3})
        for (least, is_late), showing in shown.groupby(["least", "late"]):
            alike = known["stopped"][(past >= AS_STRONG * least).to_numpy() & (late == is_late)]
            shares = alike.astype("float64").groupby(level=0).mean()
            told = (sign, len(shares), float(shares.mean()) if len(shares) else np.nan)
            found += [(account, *told) for account in showing.index]
    return pd.DataFrame(found, columns=CASES)


def told_cases(model: ChurnModel) -> pd.DataFrame:
    """Of ``ChurnModel.cases`` those of which the share is told."""
    return model.cases[model.cases["cases"] >= MIN_CASES]


def chance_steps(model: ChurnModel) -> pd.DataFrame:
    """How each chance comes about: from that of the mean account, part by part.

    A part's share of a chance depends on what was added before it; parts are added in one order: when the
    account buys, how much and how often, then its warning signs, the larger share first.

    Returns
    -------
    account_id, part (``start``: the chance of the mean account, ``rhythm``, ``volume``, a sign, ``rest``:
    all parts below LEAST_STEP) and by (the change of the chance; of ``start`` that chance). The parts of an
    account sum to its probability. Empty where the probabilities are not the model's.
    """
    columns = ["account_id", "part", "by"]
    if model.contributions.empty:
        return pd.DataFrame(columns=columns)
    parts: dict[str, str] = {}
    for name in model.contributions:
        sign = name.removeprefix(EVIDENCE_PREFIX)
        parts[name] = sign if sign != name else "rhythm" if name in RHYTHM else "volume"
    sums = model.contributions.T.groupby(parts).sum().T
    first = [part for part in ("rhythm", "volume") if part in sums]
    signs = np.array(sorted(set(sums) - set(first)), dtype=object)
    by_sign = sums[list(signs)].to_numpy(dtype=float)
    order = np.argsort(-np.abs(by_sign), axis=1, kind="stable")
    added = np.hstack([sums[first].to_numpy(dtype=float), np.take_along_axis(by_sign, order, axis=1)])
    accounts = len(sums)
    logits = model.intercept + np.hstack([np.zeros((accounts, 1)), np.cumsum(added, axis=1)])
    chances = expit(logits)
    steps = np.diff(chances)
    told = np.abs(steps) >= LEAST_STEP
    rest = np.cumsum(np.where(told, 0.0, steps), axis=1)[:, -1:]
    same_for_all = np.tile(np.array(["start", *first], dtype=object), (accounts, 1))
    named = np.hstack([same_for_all, signs[order], np.full((accounts, 1), "rest", object)])
    shown = np.hstack([np.ones((accounts, 1), bool), told, rest != 0])
    return pd.DataFrame(
        {
            "account_id": np.repeat(sums.index.to_numpy(), shown.sum(axis=1)),
            "part": named[shown],
            "by": np.hstack([chances[:, :1], steps, rest])[shown],
        }
    )


def chance_without_signs(model: ChurnModel) -> pd.Series:
    """The chance of each account by its orders alone; empty where the probabilities are not the model's."""
    of_orders = [name for name in model.contributions if not name.startswith(EVIDENCE_PREFIX)]
    return pd.Series(expit(model.intercept + model.contributions[of_orders].sum(axis=1)), dtype="float64")


def costliest_first(warnings: pd.DataFrame, model: ChurnModel) -> pd.DataFrame:
    """The warnings with ``raises``, by how much each sign raises the account's chance of stopping (0: not),
    and of each account those first that call for action, then those that raise it most.

    Parameters
    ----------
    warnings : as ``EarlyWarning.warnings``; the order of the accounts stays.
    """
    steps = chance_steps(model)
    by = steps[steps["by"] > 0].set_index(["account_id", "part"])["by"]
    own = pd.MultiIndex.from_frame(warnings[["account_id", "sign"]])
    out = warnings.assign(raises=by.reindex(own).fillna(0.0).to_numpy() if len(by) else 0.0)
    place = pd.factorize(out["account_id"])[0]
    order = out.assign(_place=place, _calls=out["severity"] != "act").sort_values(
        ["_place", "_calls", "raises", "strength"], ascending=[True, True, False, False], kind="stable"
    )
    return order.drop(columns=["_place", "_calls"]).reset_index(drop=True)


def form_variance(logit: np.ndarray) -> np.ndarray:
    """What the form of a model misses, as a variance of each account's logit.

    A wrong slope turns around where the accounts are undecided, so that the sum of the probabilities stays.
    """
    p = expit(logit)
    pivot = np.average(logit, weights=p * (1 - p))
    return np.asarray(FORM_SD**2 + (FORM_SD_PER_UNIT * (logit - pivot)) ** 2)


def _evaluate(
    rows: pd.DataFrame,
    test: pd.DataFrame,
    now: pd.DataFrame,
    target: str,
    end: pd.Timestamp,
    horizon: int,
    whole_from: pd.Timestamp,
) -> _Evaluated:
    """Predict the newest finished window from what was known before it; where that holds, fit the model for
    the next; where it does not, see whether the model of purchases does.
    """
    step, cutoff = pd.Timedelta(days=horizon), end - pd.Timedelta(days=horizon)
    training, test = TrainingRows(rows, target, horizon), test[test[target].notna()]
    train = training.until(cutoff - step)
    y = test[target].to_numpy(dtype=float)
    by_dates = expit(test["p_none"].to_numpy(dtype=float)) if target == "stopped" and len(test) else None
    if by_dates is not None and np.isnan(by_dates).any():  # too few bought again to fit it
        by_dates = None
    events = min(_events(train, target), _events(test, target))
    figures: dict[str, Any] = {
        "churn_rate": float(y.mean()) if len(y) else None,
        "n_train": len(train),
        "n_test": len(y),
        "auc": None,
        "brier": None,
        "calibration_slope": None,
        "verdict": "too_few",
        "probability_from": "none",
        "events": events,
        "needed": MIN_EVENTS,
        "reason": "events" if len(train) else "history",
    }
    predicted = None
    if events >= MIN_EVENTS:
        fitted = fit_for(training, cutoff, test, whole_from)
        predicted = expit(fitted.logit(test))
        specification = fitted.model.specification
        figures |= _scores(y, predicted) | {
            "verdict": "not_better",
            "reason": "chance",
            "season_known": fitted.season_known,
            "cutoffs": int(train["cutoff"].nunique()),
            "features": len(specification.features) + len(specification.evidence),
            "terms": len(fitted.model.coefficients),
        }
        if by_dates is not None:
            figures["brier_bgnbd"] = round(brier(y, by_dates).value, 4)
        if is_skilled(y, predicted):
            if by_dates is None or brier(y, predicted).value <= brier(y, by_dates).value:
                final = fit_for(training, end, now, whole_from)
                figures |= {"verdict": "validated", "reason": None, "probability_from": "model"}
                figures["intercept_sd"] = round(final.intercept_sd, 4)
                return _Evaluated(figures, predicted, final)
            figures["reason"] = "bgnbd"
    if by_dates is not None and _events(test, target) >= MIN_EVENTS and is_skilled(y, by_dates):
        figures |= _scores(y, by_dates) | {"probability_from": "bgnbd"}
        return _Evaluated(figures, by_dates, from_dates=True)
    return _Evaluated(figures, predicted)


def is_skilled(outcome: np.ndarray, predicted: np.ndarray) -> bool:
    """Whether probabilities earn to be shown: they rank better than a coin (AUC, lower end of the 95 %
    interval) and err less than giving everyone the share that did stop, as known only afterwards.
    """
    return bool(auc(outcome, predicted).low > 0.5 and skill(outcome, predicted).value > 0)


def _scores(y: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """The figures of a test that depend on the prediction."""
    area = auc(y, predicted)
    scores = {
        "auc": area.value,
        "auc_low": area.low,
        "auc_high": area.high,
        "brier": brier(y, predicted).value,
        "brier_base": float(y.mean() * (1 - y.mean())),
        "calibration_slope": calibration_line(y, predicted).slope,
    }
    rounded = {name: round(v, 4) if np.isfinite(v) else None for name, v in scores.items()}
    return rounded | {"predicted": float(predicted.sum()), "stopped": int(y.sum())}


def _events(rows: pd.DataFrame, target: str) -> int:
    """The fewer of the accounts that ever did and that ever did not: one seen at several cut-offs counts
    once.
    """
    return min(rows.index[rows[target] == value].nunique() for value in (0.0, 1.0))


class TrainingRows:
    """Rows whose outcome is known. What models are fitted to is built once for each day: the rows from which
    the model for the present chooses its features are those to which the tested one was fitted.

    Parameters
    ----------
    rows : as ``training_rows`` gives them.
    target : one of OUTCOMES.
    horizon : days that the outcome looks ahead.
    """

    def __init__(self, rows: pd.DataFrame, target: str, horizon: int):
        self.table, self.target, self.horizon = rows[rows[target].notna()], target, horizon
        self._fitted: dict[pd.Timestamp, ridge_logit.Rows] = {}

    def until(self, cutoff: pd.Timestamp) -> pd.DataFrame:
        return self.table[self.table["cutoff"] <= cutoff]

    def fitted_until(self, cutoff: pd.Timestamp) -> ridge_logit.Rows:
        """What models are fitted to, of the rows up to a cut-off."""
        if cutoff not in self._fitted:
            rows = self.until(cutoff)
            if len(rows) > MAX_ROWS:
                drawn = np.random.default_rng(SEED).choice(len(rows), MAX_ROWS, replace=False)
                rows = rows.iloc[np.sort(drawn)]
            # windows that overlap tell the same thing several times
            weight = min(1.0, days_between_cutoffs(self.horizon) / self.horizon)
            y = rows[self.target].to_numpy(dtype=float)
            self._fitted[cutoff] = ridge_logit.Rows(rows, y, rows["cutoff"], weight)
        return self._fitted[cutoff]


def fit_for(
    training: TrainingRows, cutoff: pd.Timestamp, now: pd.DataFrame, whole_from: pd.Timestamp
) -> Fitted:
    """Fit the model to the rows whose windows ended by the cut-off, to predict from it.

    Parameters
    ----------
    now : the features of the accounts at the cut-off.
    whole_from : the first cut-off with a year of data before it, see ``forecast_intercept``.
    """
    horizon = training.horizon
    last = cutoff - pd.Timedelta(days=horizon)
    specification, slope, like = _select(training, last)
    model = training.fitted_until(last).fit(specification, like)
    by_dates = None
    if training.target == "stopped" and len(now) and now["p_none"].notna().all():
        predictor = slope * model.linear_predictor(now)
        by_dates = ridge_logit.calibrated_intercept(expit(now["p_none"].to_numpy()), predictor)
    return Fitted(model, slope, *forecast_intercept(model.intercepts, cutoff, horizon, whole_from, by_dates))


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


def _select(training: TrainingRows, last: pd.Timestamp) -> tuple[Specification, float, RidgeLogit | None]:
    """The simplest specification within one standard error of the best in the newest finished window, the
    slope that calibrates it there, and the model by which it was chosen (None without one).
    """
    rows, target = training.until(last), training.target
    newest = rows["cutoff"].max()
    earlier = newest - pd.Timedelta(days=training.horizon)
    before, after = rows[rows["cutoff"] <= earlier], rows[rows["cutoff"] == newest]
    events = min(_events(before, target), _events(after, target))
    if events < MIN_EVENTS:  # nothing to choose by
        specifications = candidate_specifications(rows, 0)
        return specifications[len(specifications) // 2], 1.0, None
    y = after[target].to_numpy(dtype=float)
    candidates = []
    for specification in candidate_specifications(before, events):
        model = training.fitted_until(earlier).fit(specification)
        predictor = model.linear_predictor(after)
        loss = ridge_logit.log_loss(y, predictor + ridge_logit.calibrated_intercept(y, predictor))
        candidates.append((model, predictor, loss))
    least = min((loss for _, _, loss in candidates), key=lambda loss: float(loss.mean()))
    model, predictor, _ = next(
        c for c in candidates if (c[2] - least).mean() <= (c[2] - least).std() / np.sqrt(len(y))
    )
    return model.specification, recalibration_slope(y, predictor), model


def recalibration_slope(y: np.ndarray, predictor: np.ndarray) -> float:
    """Cox's slope of the outcome on the logit, drawn towards 1 as far as its error leaves it open."""
    line = calibration_line(y, expit(predictor + ridge_logit.calibrated_intercept(y, predictor)))
    if not (np.isfinite(line.slope) and np.isfinite(line.slope_se)):
        return 1.0
    weight = SLOPE_PRIOR_SD**2 / (SLOPE_PRIOR_SD**2 + line.slope_se**2)
    return float(np.clip(1 + weight * (line.slope - 1), 0.5, 1.5))


def forecast_intercept(
    intercepts: pd.Series,
    cutoff: pd.Timestamp,
    horizon: int,
    whole_from: pd.Timestamp,
    by_dates: float | None = None,
) -> tuple[float, float, bool]:
    """Forecast the intercept of a cut-off: the mean of what is known of it.

    Known are the newest; where there was one, that of a year before the cut-off; and BG/NBD's at the cut-off.
    Where the change over the year to the newest can be seen, both move by it: that of a year before by the
    whole, the newest by the part that falls in one horizon, so that a level that goes up or down steadily is
    followed.

    Parameters
    ----------
    intercepts : by cut-off, oldest first.
    whole_from : cut-offs before it tell nothing of the season: their accounts had less than a year of data,
        so that all of them were new or of unknown age.
    by_dates : the intercept at which the probabilities add up to BG/NBD's; None where that is not known.

    Returns
    -------
    intercept, its standard deviation, and whether the season was seen a year before. The standard deviation
    is the spread of what is known of it; without the year before at least how far intercepts moved in one
    horizon.
    """
    near = pd.Timedelta(days=days_between_cutoffs(horizon) // 2 + 1)

    def known(day: pd.Timestamp) -> float | None:
        distance = np.abs(intercepts.index - day)
        return float(intercepts.iloc[int(np.argmin(distance))]) if distance.min() <= near else None

    def season(day: pd.Timestamp) -> float | None:
        return known(day) if day >= whole_from else None

    year, newest = pd.Timedelta(days=YEAR), float(intercepts.iloc[-1])
    year_before, newest_year_before = season(cutoff - year), season(intercepts.index[-1] - year)
    change = 0.0 if newest_year_before is None else newest - newest_year_before
    found = [newest + change * min(horizon / YEAR, 1.0)]
    if year_before is not None:
        found.append(year_before + change)
    if by_dates is not None:
        found.append(by_dates)
    sd = max(float(np.std(found)), MIN_INTERCEPT_SD)
    if year_before is None:
        pairs = [(value, known(day - pd.Timedelta(days=horizon))) for day, value in intercepts.items()]
        moves = [float(value - before) for value, before in pairs if before is not None]
        sd = max(sd, float(np.sqrt(np.mean(np.square(moves)))) if moves else DEFAULT_INTERCEPT_SD)
    return float(np.mean(found)), sd, year_before is not None


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
    """Add why no probability is shown, or that of purchase dates alone, and that the data end early."""
    figures = model.evaluation
    if figures["probability_from"] == "bgnbd":
        kind = {"events": "dates_few", "history": "dates_short"}.get(figures["reason"], "dates_better")
        tested = {name: figures[name] for name in ("auc", "auc_low", "auc_high", "n_test")}
        findings.add(kind, "note", None, horizon=horizon, **tested)
    elif figures["verdict"] == "too_few":
        kind = "too_few" if figures["reason"] == "events" else "too_short"
        counts = {"events": figures["events"], "needed": figures["needed"]}
        findings.add(kind, "watch", "use_expert_score", horizon=horizon, **counts)
    elif figures["verdict"] == "not_better":
        tested = {"auc": figures["auc"], "n_test": figures["n_test"]}
        findings.add("not_better", "watch", "use_expert_score", horizon=horizon, **tested)
    if book.seen_to < pd.Timestamp(book.as_of):
        findings.add("seen_to", "watch", "ask_for_months", seen_to=str(book.seen_to.date()))
