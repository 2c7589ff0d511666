"""Step 3: how healthy each account is, how likely it is to stop buying, how far that can be believed, and
whom to see this week.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health import input_drift, last_score, validation
from kamplay.method.health.churn import ChurnModel, fit_churn_model
from kamplay.method.health.churn_features import signs_beside_purchases
from kamplay.method.health.early_warning import EarlyWarning, early_warning
from kamplay.method.health.early_warning import add_findings as tell_warnings
from kamplay.method.health.early_warning import stopped as gone
from kamplay.method.health.findings import add_findings, add_trust_findings
from kamplay.method.health.last_score import LastScore, outcome_of_last_score
from kamplay.method.health.order_to_cash import OrderToCash, order_to_cash
from kamplay.method.health.order_to_cash import add_findings as tell_loop
from kamplay.method.health.priority_list import past_priority_list, priority_list
from kamplay.method.health.retention_curves import RetentionCurves, retention_curves
from kamplay.method.health.retention_curves import add_findings as tell_survival
from kamplay.method.health.revenue_at_risk import add_findings as tell_risk
from kamplay.method.health.revenue_at_risk import add_forecast_findings as tell_outlook
from kamplay.method.health.revenue_at_risk import forecast_after_signs, revenue_at_risk
from kamplay.method.health.score import BANDS, score
from kamplay.method.health.score_attribution import EarlierScore, ScoreChanges, score_attribution
from kamplay.method.health.score_attribution import add_findings as tell_score
from kamplay.method.health.stakeholders import Stakeholders, stakeholders
from kamplay.method.health.stakeholders import add_findings as tell_relationship
from kamplay.method.health.validation import Validation, validate_churn_model
from kamplay.method.measures import purchases, receivables
from kamplay.method.measures.buying_rhythm import buying_rhythm
from kamplay.method.measures.warning_signs import strongest_sign
from kamplay.method.results import Findings, StepResult, figure
from kamplay.presets.health_card import HealthCard

MOVES = [
    "before",
    "now",
    "change",
    "customer",
    "age",
    "override",
    "definition",
    "band_before",
    "band_now",
    "because",
]


@dataclass(frozen=True)
class Ahead:
    """Of step 2: ``accounts``, the revenue expected of each in the next 12 months by purchase dates;
    ``total``, with the deals (None where history expects nothing); ``target`` for the same months (None:
    not set).
    """

    accounts: pd.Series
    total: float | None
    target: float | None


@dataclass(frozen=True)
class Health(StepResult):
    """``bands``: accounts, revenue and expected loss per band. ``owed``: outstanding and overdue per account.
    ``explained``: per account and input of the model what it adds to the logit, with the intercept. The
    other fields are as in the modules of their names: ``watch`` in watch_list, ``warnings`` and
    ``warning_record`` in early_warning, ``risk`` in revenue_at_risk, ``score_*`` in score and
    score_attribution, ``input_drift`` in input_drift.drift.
    """

    step: ClassVar[str] = "health"
    bands: pd.DataFrame
    owed: pd.DataFrame
    watch: pd.DataFrame
    warnings: pd.DataFrame
    warning_record: pd.DataFrame
    risk: pd.DataFrame
    explained: pd.DataFrame
    input_drift: pd.DataFrame
    score_accounts: pd.DataFrame
    score_parts: pd.DataFrame
    score_dimensions: pd.DataFrame
    score_indicators: pd.DataFrame
    score_flags: pd.DataFrame
    score_overrides: pd.DataFrame
    score_moves: pd.DataFrame
    score_steps: pd.DataFrame
    validation: Validation = field(default_factory=Validation)
    last_score: LastScore = field(default_factory=LastScore)
    retention: RetentionCurves = field(default_factory=RetentionCurves)
    stakeholders: Stakeholders = field(default_factory=Stakeholders)
    order_to_cash: OrderToCash = field(default_factory=OrderToCash)


def health_model(
    book: Book,
    horizon_days: int,
    card: HealthCard,
    levels: pd.Series | None = None,
    capacity: float | None = None,
    before: EarlierScore | None = None,
    ahead: Ahead | None = None,
) -> Health:
    """Score every account active where the data end; validate the chance of no purchase in the next
    ``horizon_days`` on the window before.

    ``levels``: account → level S to C. ``capacity``: visits a month, for the calls that a list is judged by.
    ``before``: the earlier run's scores. ``ahead``: what step 2 expects.
    """
    revenue = purchases.revenue(book)
    warned = early_warning(book, horizon_days)
    model = fit_churn_model(book, horizon_days, signs_beside_purchases(book))
    scored = score(book, book.seen_to, card, model.probability)
    moved = score_attribution(book, scored, before) if before else None
    accounts = _accounts(book, scored.accounts, warned, model, revenue, horizon_days)
    stopped = warned.warnings.loc[warned.warnings["sign"] == "silence", "account_id"]
    judged = _judged(book, accounts, model, revenue, levels, horizon_days, stopped)
    watch = priority_list(judged, warned.warnings)
    risk = revenue_at_risk(judged)
    tested = validate_churn_model(book, model, capacity)
    drift = pd.DataFrame()
    if tested.figures["reason"] != "empty":
        drift = input_drift.input_drift(book, model.test["cutoff"].iloc[0], horizon_days)
    outcome = outcome_of_last_score(book, before, horizon_days, accounts.index)
    owed, bands = _owed(book, revenue), _bands(accounts, revenue)
    lives = retention_curves(book, horizon_days, levels)
    people, loop = stakeholders(book, levels), order_to_cash(book)
    keys = ("churn_rate", "n_train", "n_test", "auc", "brier", "calibration_slope", "verdict")
    figures = {"horizon_days": horizon_days, **{k: figure(model.evaluation[k]) for k in keys}}
    found = Findings("health")
    add_findings(found, book, accounts, judged, watch, bands, owed, model, horizon_days)
    add_trust_findings(found, tested, drift, past_priority_list(book, model, horizon_days), watch)
    tell_risk(found, risk, horizon_days, float(watch["at_risk"].sum()))
    if ahead is not None:
        early = pd.Index(warned.warnings.loc[~gone(warned.warnings), "account_id"].unique())
        tell_outlook(
            found,
            forecast_after_signs(ahead.accounts, judged, early, model.bgnbd_probability),
            ahead.total,
            ahead.target,
        )
    tell_score(found, scored, before, moved)
    tell_warnings(found, warned)
    validation.add_findings(found, tested, horizon_days)
    input_drift.add_findings(found, drift)
    last_score.add_findings(found, outcome)
    tell_relationship(found, people)
    tell_loop(found, loop)
    tell_survival(found, lives)
    return Health(
        figures,
        tuple(found),
        accounts,
        bands=bands,
        owed=owed,
        watch=watch,
        warnings=warned.warnings,
        warning_record=warned.record,
        risk=risk.risk,
        explained=_explained(model),
        input_drift=drift,
        score_accounts=scored.accounts,
        score_parts=scored.parts,
        score_dimensions=scored.dimensions,
        score_indicators=scored.indicators,
        score_flags=scored.flags,
        score_overrides=scored.overrides,
        **_moves(moved),
        validation=tested,
        last_score=outcome,
        retention=lives,
        stakeholders=people,
        order_to_cash=loop,
    )


def _accounts(
    book: Book,
    scored: pd.DataFrame,
    warned: EarlyWarning,
    model: ChurnModel,
    revenue: pd.Series,
    horizon: int,
) -> pd.DataFrame:
    """The step's columns of accounts.csv."""
    index = book.accounts.index
    out = pd.DataFrame(index=index)
    for name in ("health", "health_band", "coverage", "capped_by"):
        out[name] = scored[name].reindex(index)
    strongest = strongest_sign(warned.warnings)
    out["warning"] = strongest["sign"].reindex(index).astype(object)
    out["warning_strength"] = strongest["overall"].reindex(index).round(4)
    out["warned_since"] = (
        strongest["since"].dt.strftime("%Y-%m-%d").reindex(index) if len(strongest) else None
    )
    out["health_drivers"] = _drivers(scored["health_drivers"], strongest).reindex(index)
    out["churn_probability"] = model.probability.round(4).reindex(index)
    for side in ("low", "high"):
        out[f"churn_{side}"] = (
            model.intervals[side].round(4).reindex(index) if side in model.intervals else np.nan
        )
    out["shrink_probability"] = model.halving_probability.round(4).reindex(index)
    rhythm = buying_rhythm(book.days, book.seen_to).reindex(index)
    # A single purchase promises no second one: its revenue is not expected, so it is not at risk
    expected = purchases.over_horizon(revenue, horizon).where(rhythm["buys"] != 1, 0.0)
    out["revenue_at_risk"] = (out["churn_probability"] * expected).round(2)
    active = rhythm["silent"] < 365
    out["silent_days"], out["gap_days"] = rhythm["silent"].where(active), rhythm["gap"].round(1).where(active)
    out["late"] = (
        purchases.material(revenue) & (out["silent_days"] > 2 * out["gap_days"]) & out["health"].notna()
    )
    return out


def _drivers(drivers: pd.Series, strongest: pd.DataFrame) -> pd.Series:
    """What costs points, with the account's strongest warning put first where it calls for action: the points
    of the red flag ``warned`` are those of the warning that raised it.
    """
    first = strongest.loc[
        (strongest["severity"] == "act") & (strongest["sign"] != "silence"), "sign"
    ].reindex(drivers.index)

    def ordered(said: str, sign: str) -> str:
        points = dict(part.split(":") for part in said.split(";") if part)
        whole = int(points.pop(sign, 0)) + int(points.pop("cap", 0))
        return ";".join([f"{sign}:{whole}", *(f"{code}:{value}" for code, value in points.items())])

    known = first.notna()
    out = drivers.copy()
    out[known] = [ordered(said, sign) for said, sign in zip(drivers[known], first[known], strict=True)]
    return out


def _judged(
    book: Book,
    accounts: pd.DataFrame,
    model: ChurnModel,
    revenue: pd.Series,
    levels: pd.Series | None,
    horizon: int,
    stopped: pd.Series,
) -> pd.DataFrame:
    """Per active account what lists and sums need: probability with its interval, expected revenue, expected
    loss, owner, level.
    """
    out = accounts[accounts["silent_days"].notna()][
        ["health", "health_band", "health_drivers", "silent_days", "gap_days", "late"]
    ].copy()
    out["revenue"] = revenue.reindex(out.index)
    out["probability"] = model.probability.reindex(out.index)
    for side in ("low", "high"):
        out[side] = accounts[f"churn_{side}"].reindex(out.index)
    out["at_risk"] = accounts["revenue_at_risk"].reindex(out.index)
    still = out["health"].notna() & ~out.index.isin(
        stopped
    )  # what has stopped is lost already and no risk any more
    out["expected"] = purchases.over_horizon(out["revenue"], horizon) * still
    out["stopped"] = out.index.isin(stopped)
    out["warned"] = accounts["warning"].reindex(out.index).notna()
    out["owner"] = (
        book.accounts["owner"].reindex(out.index).astype(object) if "owner" in book.accounts else None
    )
    out["level"] = levels.reindex(out.index).astype(object) if levels is not None else None
    return out


def _explained(model: ChurnModel) -> pd.DataFrame:
    if model.contributions.empty:
        return pd.DataFrame()
    return model.contributions.assign(intercept=model.intercept).round(6)


def _moves(moved: ScoreChanges | None) -> dict[str, Any]:
    """The fields on the movement of the score; empty without an earlier run."""
    steps = pd.DataFrame({"item": [], "points": [], "accounts": []})
    return {
        "score_moves": moved.accounts if moved else pd.DataFrame(columns=MOVES),
        "score_steps": moved.steps if moved else steps,
    }


def _owed(book: Book, revenue: pd.Series) -> pd.DataFrame:
    """What is outstanding and overdue per account, the largest overdue first; empty without receivables."""
    owed = receivables.owed(book)
    if owed is None:
        return pd.DataFrame(
            {"open": [], "overdue": [], "oldest": [], "overdue_share": [], "share_of_year": []}
        )
    year = revenue.reindex(owed.index)
    owed["share_of_year"] = (owed["overdue"] / year.where(year > 0)).astype("float64")
    return owed[owed["open"] > 0].sort_values("overdue", ascending=False, kind="stable")


def _bands(accounts: pd.DataFrame, revenue: pd.Series) -> pd.DataFrame:
    rows = []
    for band in BANDS:
        inside = accounts["health_band"] == band
        rows.append(
            (
                band,
                int(inside.sum()),
                float(revenue[inside].sum()),
                float(accounts.loc[inside, "revenue_at_risk"].sum()),
            )
        )
    out = pd.DataFrame(rows, columns=["band", "accounts", "revenue", "revenue_at_risk"])
    total = out["revenue"].sum()
    return out.assign(revenue_share=out["revenue"] / total if total else 0.0)
