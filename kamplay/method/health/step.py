"""Step 3: how healthy each account is, how likely it is to stop buying, how far that can be believed, and
whom to see first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health import (
    bands,
    campaign,
    churn,
    early_warning,
    input_drift,
    last_score,
    order_to_cash,
    overdue,
    portfolio_map,
    priority_list,
    retention_curves,
    revenue_at_risk,
    score,
    score_attribution,
    season_of_test,
    stakeholders,
    validation,
    verdict,
)
from kamplay.method.health.campaign import Campaign
from kamplay.method.health.churn import ChurnModel
from kamplay.method.health.churn_features import signs_beside_purchases
from kamplay.method.health.early_warning import EarlyWarning
from kamplay.method.health.last_score import LastScore
from kamplay.method.health.order_to_cash import OrderToCash
from kamplay.method.health.portfolio_map import PortfolioMap
from kamplay.method.health.priority_list import PriorityList
from kamplay.method.health.retention_curves import RetentionCurves
from kamplay.method.health.revenue_at_risk import RevenueAtRisk
from kamplay.method.health.score import HealthScore
from kamplay.method.health.score_attribution import EarlierScore, ScoreChanges
from kamplay.method.health.season_of_test import SeasonOfTest
from kamplay.method.health.stakeholders import Stakeholders
from kamplay.method.health.validation import Validation
from kamplay.method.measures import purchases
from kamplay.method.measures.business import fitting
from kamplay.method.measures.buying_rhythm import habit_test, rhythm_at
from kamplay.method.measures.noise_reference import noise_reference
from kamplay.method.measures.purchase_model import purchase_model
from kamplay.method.measures.warning_signs import signs_at, strongest_sign
from kamplay.method.results import Findings, StepResult, figure
from kamplay.method.value.step import Value
from kamplay.presets.health_card import HealthCard


@dataclass(frozen=True)
class Health(StepResult):
    """What step 3 found, a result for each topic.

    Attributes
    ----------
    accounts : every account (index account_id): health, health_band, coverage, capped_by; warning (its
        strongest sign), warning_strength, warned_since; verdict (see ``verdicts``, missing for one that did
        not buy in the 12 months); churn_probability with churn_low and churn_high (80 %), shrink_probability,
        revenue_at_risk; silent_days and gap_days (its usual ones); late (large, silent for more than two of
        its gaps, and with too few of them to test); danger (see ``in_danger``).
    drivers : as in HealthScore, with the strongest sign told of the account first: the points of its red flag
        are those of the sign.
    bands : per health band its accounts, revenue, revenue_at_risk, revenue_share.
    owed : of the accounts that owe, the largest overdue first: open, overdue, oldest (days),
        overdue_share, share_of_year (overdue over the revenue of 12 months).
    input_drift : how the inputs of the churn model moved since its test, see ``drift``.
    season_of_test : whether its test ran in the season of the chances; None where nothing was tested.
    """

    step: ClassVar[str] = "health"
    drivers: pd.DataFrame
    bands: pd.DataFrame
    owed: pd.DataFrame
    input_drift: pd.DataFrame
    score: HealthScore
    early_warning: EarlyWarning
    churn: ChurnModel
    validation: Validation
    last_score: LastScore
    priority_list: PriorityList
    campaign: Campaign
    portfolio_map: PortfolioMap
    revenue_at_risk: RevenueAtRisk
    stakeholders: Stakeholders
    order_to_cash: OrderToCash
    retention: RetentionCurves
    season_of_test: SeasonOfTest | None = None
    score_changes: ScoreChanges | None = None


def health_model(
    book: Book,
    horizon_days: int,
    card: HealthCard,
    levels: pd.Series | None = None,
    capacity: float | None = None,
    before: EarlierScore | None = None,
    value: Value | None = None,
    target: float | None = None,
) -> Health:
    """Take step 3 for every account, as known where the data end.

    Parameters
    ----------
    horizon_days : days without a purchase that count as having stopped.
    card : the health card.
    levels : account_id → level S, A, B or C of today.
    capacity : visits a month that the team can make; None where it is not known.
    before : the earlier run's scores.
    value : step 2, whose forecast is set against the warning signs.
    target : the revenue goal of the 12 months after as_of.
    """
    revenue = purchases.revenue(book)
    warnings = early_warning.early_warning(book, horizon_days)
    model = churn.fit_churn_model(book, horizon_days, signs_beside_purchases(book))
    warnings = replace(warnings, warnings=churn.costliest_first(warnings.warnings, model))
    scores = score.health_score(book, book.seen_to, card, model.probability)
    changes = score_attribution.score_attribution(book, scores, before, model.probability) if before else None
    accounts = _accounts(book, scores, warnings, model, revenue, horizon_days)
    drivers = _drivers(scores, warnings)
    active = _active(book, accounts, model, revenue, levels, horizon_days, warnings, drivers)
    listed = priority_list.priority_list(book, active, warnings.warnings, model, horizon_days)
    rhythm = priority_list.own_rhythm(book, book.seen_to, horizon_days)
    # a sign that calls for action calls also where the rhythm explains all of the probability
    danger = priority_list.in_danger(active, warnings.warnings, rhythm) & (
        (active["at_risk"] > 0) | active["warned"]
    )
    accounts["danger"] = danger.reindex(accounts.index).fillna(False).astype(bool)
    reached = campaign.campaign(
        active, danger, listed.accounts, float(revenue.clip(lower=0).sum()), purchases.bought_after(book)
    )
    if len(reached.channels):  # a list that holds next to nothing is no use of anybody's week
        listed = replace(listed, accounts=listed.accounts.iloc[:0])
    costliest = drivers.drop_duplicates("account_id").set_index("account_id")["code"]
    inside = rhythm["inside"].reindex(accounts.index).fillna(False).astype(bool)
    inside &= costliest.reindex(accounts.index).eq("chance")
    judged = verdict.verdicts(
        # a slow buyer inside its own rhythm is left as it is where its probability costs it most
        accounts.assign(health_band=accounts["health_band"].mask(inside)),
        warnings.warnings,
        listed.accounts.index,
        purchases.bought_once(book),
        revenue,
        value.credit.accounts if value else None,
        reached.accounts.index.union(reached.key),
    )
    accounts["verdict"] = judged["verdict"].reindex(accounts.index)
    tested = validation.validate_churn_model(book, model, capacity)
    season = season_of_test.season_of_test(book, model, horizon_days, signs_beside_purchases(book), levels)
    drift = pd.DataFrame()
    if tested.figures["reason"] != "empty":
        drift = input_drift.input_drift(book, model.test["cutoff"].iloc[0], horizon_days)
    outcome = last_score.outcome_of_last_score(book, before, horizon_days, accounts.index)
    by_dates = purchase_model(book).no_purchase(horizon_days)
    followed = listed.record if tested.figures["reason"] is None else None
    at_risk = revenue_at_risk.revenue_at_risk(active, warnings, by_dates, value, followed, rhythm, danger)
    owed, by_band = overdue.overdue(book, revenue), bands.health_bands(accounts, revenue)
    curves = retention_curves.retention_curves(book, horizon_days, levels)
    assets = portfolio_map.portfolio_map(
        book,
        judged,
        probability=model.probability.fillna(by_dates),
        customers=value.customer_value.accounts if value else None,
        wallet=value.wallet.accounts if value else None,
        gaps=value.white_space.gaps if value else None,
        profit=value.profitability.accounts if value else None,
        levels=levels,
        growth_exclusions=value.growth_exclusions["reason"] if value else None,
        signs=signs_at(book, book.seen_to, told=True),
    )
    people, cash = stakeholders.stakeholders(book, levels), order_to_cash.order_to_cash(book)

    findings, by_campaign = Findings("health"), len(reached.channels) > 0
    campaign.add_findings(findings, reached, horizon_days, at_risk.told)
    shown = model.evaluation["probability_from"] != "none"
    loss = revenue_at_risk.loss_interval(active.loc[listed.accounts.index], rhythm)
    priority_list.add_findings(
        findings, book, listed, active, horizon_days, by_campaign, loss, shown, at_risk.proof
    )
    bands.add_findings(
        findings, by_band, active, noise_reference(book).silence, inside, by_campaign, at_risk.told
    )
    churn.add_findings(findings, book, model, horizon_days)
    overdue.add_findings(findings, book, owed)
    priority_list.add_trust_findings(findings, listed, tested, drift, at_risk.of_all)
    revenue_at_risk.add_findings(
        findings,
        at_risk,
        horizon_days,
        None if len(reached.channels) else float(listed.accounts["at_risk"].sum()),
        _untried(warnings, model, active),
        season.stronger if season is not None else None,
    )
    held = value.findings if value is not None else ()
    to_budget_on = all(finding.action != "future_not_a_budget" for finding in held)
    revenue_at_risk.add_forecast_findings(findings, at_risk, target, to_budget_on)
    score.add_findings(findings, scores, by_campaign)
    if before is not None and changes is not None:
        score_attribution.add_findings(findings, changes, scores, before)
    early_warning.add_findings(findings, warnings, by_campaign)
    validation.add_findings(findings, tested, horizon_days, season)
    if model.probability.notna().any():  # no chance is shown: nothing rests on what the model learnt
        season_of_test.add_findings(findings, season)
        input_drift.add_findings(findings, drift, season)
    last_score.add_findings(findings, outcome)
    stakeholders.add_findings(findings, people)
    order_to_cash.add_findings(findings, cash)
    portfolio_map.add_findings(findings, assets)
    retention_curves.add_findings(findings, curves)
    told = ("churn_rate", "n_train", "n_test", "auc", "brier", "calibration_slope")
    keys = (*told, "verdict", "probability_from")
    return Health(
        key_figures={"horizon_days": horizon_days, **{k: figure(model.evaluation[k]) for k in keys}},
        findings=fitting(findings.settled(), book),
        accounts=accounts,
        drivers=drivers,
        bands=by_band,
        owed=owed,
        input_drift=drift,
        score=scores,
        early_warning=warnings,
        churn=model,
        validation=tested,
        season_of_test=season,
        last_score=outcome,
        priority_list=listed,
        campaign=reached,
        portfolio_map=assets,
        revenue_at_risk=at_risk,
        stakeholders=people,
        order_to_cash=cash,
        retention=curves,
        score_changes=changes,
    )


def _accounts(
    book: Book,
    scores: HealthScore,
    warnings: EarlyWarning,
    model: ChurnModel,
    revenue: pd.Series,
    horizon: int,
) -> pd.DataFrame:
    """The step's columns of accounts.csv."""
    index = book.accounts.index
    out = scores.accounts[["health", "health_band", "coverage", "capped_by"]].reindex(index)
    strongest = strongest_sign(warnings.warnings)
    out["warning"] = strongest["sign"].reindex(index).astype(object)
    out["warning_strength"] = warnings.strength.reindex(index).round(4)
    out["warned_since"] = (
        strongest["since"].dt.strftime("%Y-%m-%d").reindex(index) if len(strongest) else None
    )
    out["churn_probability"] = model.probability.round(4).reindex(index)
    for side in ("low", "high"):
        out[f"churn_{side}"] = (
            model.intervals[side].round(4).reindex(index) if side in model.intervals else np.nan
        )
    out["shrink_probability"] = model.halving_probability.round(4).reindex(index)
    rhythm = rhythm_at(book, book.seen_to).reindex(index)
    expected = priority_list.expected_revenue(revenue, rhythm, horizon)
    own = priority_list.own_rhythm(book, book.seen_to, horizon)
    out["revenue_at_risk"] = (priority_list.beyond_rhythm(out["churn_probability"], own) * expected).round(2)
    active = rhythm["silent"] < 365
    out["silent_days"], out["gap_days"] = rhythm["silent"].where(active), rhythm["gap"].round(1).where(active)
    # with gaps enough to test its silence, the sign of its rhythm says whether it is more than chance
    habit = habit_test(book, book.seen_to)
    untested = ~index.isin(habit.index if habit is not None else [])
    silent = purchases.material(revenue) & (out["silent_days"] > 2 * out["gap_days"])
    out["late"] = silent & untested & out["health"].notna()
    return out


def _drivers(scores: HealthScore, warnings: EarlyWarning) -> pd.DataFrame:
    """The drivers of the score, the strongest sign told of the account first; it takes the red flag's points.

    Whether such signs foretell a loss decides what is to be done (severity), not what happened here.
    """
    sign = strongest_sign(warnings.warnings)["sign"]
    sign = sign[sign != "silence"]
    sign = sign[sign.index.isin(scores.accounts.index)]
    drivers = scores.drivers
    of_sign = drivers["account_id"].map(sign)
    taken = of_sign.notna() & ((drivers["code"] == of_sign) | (drivers["code"] == "cap"))
    points = drivers[taken].groupby("account_id")["points"].sum().reindex(sign.index, fill_value=0)
    first = pd.DataFrame(
        {"account_id": sign.index, "code": sign.to_numpy(), "points": points.to_numpy(dtype=int)}
    )
    both = pd.concat([first, drivers[~taken]], ignore_index=True)
    order = scores.accounts.index.get_indexer(both["account_id"]).argsort(kind="stable")
    return both.iloc[order].reset_index(drop=True)


def _untried(warnings: EarlyWarning, model: ChurnModel, active: pd.DataFrame) -> pd.Series | None:
    """The expected loss by sign of the accounts whose strongest sign has no record; None where the chances
    are not of the signs.
    """
    if model.evaluation["probability_from"] != "model":
        return None
    sign = early_warning.without_record(warnings, churn.told_cases(model))
    loss = active["at_risk"].reindex(sign.index)
    return loss.groupby(sign).sum().sort_values(ascending=False, kind="stable")


def _active(
    book: Book,
    accounts: pd.DataFrame,
    model: ChurnModel,
    revenue: pd.Series,
    levels: pd.Series | None,
    horizon: int,
    warnings: EarlyWarning,
    drivers: pd.DataFrame,
) -> pd.DataFrame:
    """Per account active within a year what lists and sums need: probability with its interval, expected
    revenue, expected loss, owner, level.
    """
    out = accounts.loc[
        accounts["silent_days"].notna(), ["health", "health_band", "silent_days", "gap_days", "late"]
    ].copy()
    index = out.index
    out["driver"] = drivers.drop_duplicates("account_id").set_index("account_id")["code"].reindex(index)
    out["revenue"] = revenue.reindex(index)
    out["probability"] = accounts["churn_probability"].reindex(index)  # as told: lists add up to the sums
    out["low"], out["high"] = accounts["churn_low"].reindex(index), accounts["churn_high"].reindex(index)
    out["at_risk"] = accounts["revenue_at_risk"].reindex(index)
    out["stopped"] = index.isin(early_warning.stopped_accounts(warnings.warnings))
    # what has stopped is lost already and no risk any more
    still_buys = out["health"].notna() & ~out["stopped"]
    out["expected"] = purchases.over_horizon(out["revenue"], horizon) * still_buys
    out["warning"] = accounts["warning"].reindex(index)
    out["warned"] = out["warning"].notna()
    out["last_order"] = book.seen_to - pd.to_timedelta(out["silent_days"], unit="D")
    out["owner"] = book.accounts["owner"].reindex(index).astype(object) if "owner" in book.accounts else None
    out["level"] = levels.reindex(index).astype(object) if levels is not None else None
    return out
