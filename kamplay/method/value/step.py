"""Step 2: where the value sits, how it moved, what it would cost to lose, what is coming."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.business import fitting
from kamplay.method.measures.warning_signs import signs_at
from kamplay.method.results import Findings, StepResult, figure
from kamplay.method.stats.concentration import abc
from kamplay.method.value import (
    clv,
    concentration,
    contracts,
    credit,
    forecast,
    new_deals,
    pipeline,
    price_volume_mix,
    profitability,
    retention,
    sales_entities,
    stress_test,
    tenders,
    value_case,
    wallet,
    white_space,
)
from kamplay.method.value.clv import CustomerValue, RevenueBacktest, counted
from kamplay.method.value.concentration import Concentration
from kamplay.method.value.contracts import Contracts
from kamplay.method.value.credit import Credit
from kamplay.method.value.forecast import Forecast
from kamplay.method.value.growth_exclusions import growth_exclusions
from kamplay.method.value.pipeline import Pipeline
from kamplay.method.value.price_volume_mix import PriceVolumeMix
from kamplay.method.value.profitability import Profitability
from kamplay.method.value.retention import Retention
from kamplay.method.value.sales_entities import SalesEntities
from kamplay.method.value.stress_test import StressTest
from kamplay.method.value.tenders import Tenders
from kamplay.method.value.value_case import ValueCase, ValueRegister
from kamplay.method.value.wallet import Wallet
from kamplay.method.value.white_space import WhiteSpace

# of accounts.csv, from ``CustomerValue.accounts``
FUTURE_COLUMNS = {
    "expected_12m": "revenue_12m",
    "expected_low": "low",
    "expected_high": "high",
    "clv": "clv",
    "clv_low": "clv_low",
    "clv_high": "clv_high",
}


@dataclass(frozen=True)
class Value(StepResult):
    """What step 2 found, a result for each topic; ``accounts`` (index account_id): revenue, margin,
    revenue_share, cumulative_share, abc; ``growth_exclusions``: its ``reason`` says
    why no growth is advised there, blank for none.
    """

    step: ClassVar[str] = "value"
    concentration: Concentration
    retention: Retention
    price_volume_mix: PriceVolumeMix
    profitability: Profitability
    credit: Credit
    stress_test: StressTest
    customer_value: CustomerValue
    wallet: Wallet
    white_space: WhiteSpace
    sales_entities: SalesEntities
    forecast: Forecast
    growth_exclusions: pd.DataFrame
    pipeline: Pipeline | None = None
    revenue_backtest: RevenueBacktest | None = None
    tenders: Tenders | None = None
    contracts: Contracts | None = None
    value_cases: ValueRegister | None = None

    @property
    def largest_case(self) -> ValueCase | None:
        """Of the value register the largest case with assumptions, computed; None without one."""
        return self.value_cases.largest if self.value_cases else None


def pareto_value(
    book: Book,
    costs: Mapping[str, float] | None = None,
    earlier_tiers: pd.Series | None = None,
    target: float | None = None,
    levels: pd.Series | None = None,
    gates: pd.Series | None = None,
    day: date | None = None,
    letters: contracts.Letters | None = None,
    off: Collection[date] = (),
) -> Value:
    """Take step 2 for the 12 months to as_of. Amounts in the engagement's currency.

    Parameters
    ----------
    book : the client's data.
    costs : what serving costs, see ``profitability``.
    earlier_tiers : account_id → tier of the earlier run, by which retention is split.
    target : the revenue goal of the 12 months after as_of.
    levels : account_id → level S, A, B or C of today.
    gates : account_id → gate of step 1, for which no growth is advised.
    day : the day of the plan, from which days of notice and those left to the target's end count; as_of where
        it is not given.
    letters : when letters about renewals go out, see ``contracts``.
    off : the public holidays after it.
    """
    shares = concentration.concentration(book)
    kept = retention.retention(book, earlier_tiers, levels)
    prices = price_volume_mix.price_volume_mix(book)
    profit = profitability.profitability(book, costs or {})
    standing = credit.credit(book)
    losses = stress_test.stress_test(book)
    tested = clv.revenue_backtest(book)
    customers = clv.customer_value(book, tested)
    deals = pipeline.pipeline(book)
    entities = sales_entities.sales_entities(book)
    # where the win rates of history promised too much at every past quarter, they are not used
    rates = deals.win_rates.rates if deals and not deals.backtest.always_too_high else None
    expected = forecast.forecast(book, customers, deals, target, rates)
    new = new_deals.new_deals(book, deals, day)
    signs = signs_at(book, book.seen_to, told=True)
    excluded = growth_exclusions(book, gates, profit.accounts, standing.accounts, signs)
    purchasing = wallet.wallet(book, excluded)
    gaps = white_space.white_space(book, excluded)
    bids = tenders.tenders(book)
    agreements = contracts.contracts(book, levels, day, letters, off)
    register = value_case.value_register(book)
    funnel = deals.funnel if deals else None
    key_figures = shares.shares | {
        "nrr": kept.nrr,
        "grr": kept.grr,
        "funnel_weighted": funnel and figure(round(funnel.weighted, 6)),
        "funnel_forecast": funnel and figure(round(funnel.weighted + funnel.won, 6)),
    }
    findings = Findings("value")
    concentration.add_findings(findings, shares, levels is None or bool(levels.notna().any()))
    retention.add_findings(findings, kept, price_volume_mix.told_beside(prices))
    profitability.add_findings(findings, profit)
    credit.add_findings(findings, standing)
    concentration.add_distribution_findings(findings, shares)
    retention.add_segment_findings(findings, kept)
    price_volume_mix.add_findings(findings, prices)
    pipeline.add_findings(findings, deals)
    sales_entities.add_findings(findings, entities)
    stress_test.add_findings(findings, losses, credit.exceeded(standing.accounts)[0].index)
    clv.add_findings(findings, customers, tested)
    forecast.add_findings(findings, expected, new)
    pipeline.add_funnel_findings(findings, deals, shares.shares["revenue"], expected.gap, new)
    wallet.add_findings(findings, purchasing)
    white_space.add_findings(findings, gaps, pd.Timestamp(day or book.as_of))
    tenders.add_findings(findings, bids, book.has("tenders"))
    contracts.add_findings(findings, agreements)
    value_case.add_findings(findings, register)
    return Value(
        key_figures=key_figures,
        findings=fitting(findings.settled(), book),
        accounts=_accounts(book, shares.ranking, customers.accounts),
        concentration=shares,
        retention=kept,
        price_volume_mix=prices,
        profitability=profit,
        credit=standing,
        stress_test=losses,
        customer_value=customers,
        wallet=purchasing,
        white_space=gaps,
        sales_entities=entities,
        forecast=expected,
        growth_exclusions=excluded.to_frame("reason"),
        pipeline=deals,
        revenue_backtest=tested,
        tenders=bids,
        contracts=agreements,
        value_cases=register,
    )


def _accounts(book: Book, ranking: pd.DataFrame, future: pd.DataFrame) -> pd.DataFrame:
    """The step's columns of accounts.csv."""
    revenue = purchases.revenue(book)
    accounts = pd.DataFrame({"revenue": revenue.round(2), "margin": purchases.margin(book).round(2)})
    accounts["revenue_share"] = ranking["share"].reindex(accounts.index).fillna(0.0).round(6)
    accounts["cumulative_share"] = ranking["cumulative"].reindex(accounts.index).round(6)
    accounts["abc"] = abc(revenue)
    future = counted(future)  # as in the total: what bought once may be a one-off
    for name, column in FUTURE_COLUMNS.items():
        accounts[name] = future[column].reindex(accounts.index).astype("float64").round(2)
    return accounts


def again(value: Value) -> float | None:
    """What the accounts that the forecast is of brought in the last 12 months, where the forecast proved no
    better on the last 12 months than repeating that; else None.
    """
    test, customers = value.revenue_backtest, value.customer_value
    if value.forecast.expected is None or test is None or not test.no_better or customers.basis != "model":
        return None
    return float(counted(customers.accounts)["revenue"].sum())


def proven(value: Value) -> bool:
    """Whether the sum of the forecast may be headed as what will come: not where the test missed by too much
    for a budget, or where it proved no better than last year again.
    """
    test = value.revenue_backtest
    return again(value) is None and not (test is not None and test.far_off)
