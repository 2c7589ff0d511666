"""The forecast of the next 12 months from history and sales funnel, without double counting, compared with
the target.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.purchases import newcomers
from kamplay.method.results import Findings
from kamplay.method.value.clv import CustomerValue, counted
from kamplay.method.value.new_deals import NewDeals
from kamplay.method.value.pipeline import Pipeline, history_rate

COLUMNS = ["part", "deals", "weighted", "counted", "history_weighted", "history_counted"]


@dataclass(frozen=True)
class Forecast:
    """What the next 12 months should bring. Amounts in the engagement's currency.

    Attributes
    ----------
    parts : a row per part with its open ``deals``, their amount ``weighted`` by recorded win rates, and what
        of it is ``counted`` in the forecast; history_weighted and history_counted are the same by the win
        rates of past deals, missing without. Parts: history (expected of today's accounts; no deals), known
        (deals with these accounts), fresh (deals with accounts without an expectation), unnamed (deals
        without an account), later (expected to close after the 12 months), total; with a target also target,
        gap (where it is missed) and new (what new accounts brought last year; in no forecast). Parts without
        a deal are left out; empty where history expects nothing.
    months : months of data.
    target : revenue goal of the 12 months after as_of, None where none is stated.
    open_deals, funnel_weighted, funnel_won : of the funnel; None without opportunities.
    expected : of today's accounts; None where history expects nothing, as are all the following then.
    added : by weighted deals beyond what history expects.
    overlap : weighted amount of deals that may be part of what history expects.
    later : weighted amount of deals expected to close after the 12 months.
    total : expected and added, from low to high.
    most : the same if no deal were part of what history expects.
    history_added, history_total : the same by the win rates of past deals, None without.
    new_accounts, new_revenue : accounts that came in the last 12 months and bought again, and their revenue.
    once_accounts, once_revenue : those that came and bought once. All four None where unknown.
    """

    parts: pd.DataFrame
    months: int
    target: float | None = None
    open_deals: int | None = None
    funnel_weighted: float | None = None
    funnel_won: float | None = None
    expected: float | None = None
    added: float = 0.0
    overlap: float = 0.0
    later: float = 0.0
    total: float = 0.0
    low: float = 0.0
    high: float = 0.0
    most: float = 0.0
    history_added: float | None = None
    history_total: float | None = None
    new_accounts: int | None = None
    new_revenue: float | None = None
    once_accounts: int | None = None
    once_revenue: float | None = None

    @property
    def gap(self) -> float | None:
        """Target less total, negative where it is exceeded; None without a target or an expectation."""
        return None if self.expected is None or not self.target else self.target - self.total


def forecast(
    book: Book,
    customers: CustomerValue,
    pipeline: Pipeline | None,
    target: float | None = None,
    rates: pd.DataFrame | None = None,
) -> Forecast:
    """Add the weighted deals that lie beyond what history expects to what it expects.

    A deal weighs its amount times its recorded win rate, as in the funnel. History expects E of an account,
    and its deals weigh W: they may be part of what it would buy anyway, but only up to E, so min(E, W) is not
    added and max(W − E, 0) is. The interval is that of history: a weighted deal is a mean, and has none.

    Parameters
    ----------
    book : the client's data.
    customers : what history expects.
    pipeline : the sales funnel; None without opportunities.
    target : revenue goal of the 12 months after as_of.
    rates : win rates of past deals, as in ``WinRates``, by which deals are weighted a second time; None for
        not.
    """
    base = Forecast(pd.DataFrame(columns=COLUMNS), customers.months, target)
    if pipeline:
        funnel = pipeline.funnel
        base = replace(
            base, open_deals=funnel.open_deals, funnel_weighted=funnel.weighted, funnel_won=funnel.won
        )
    by_account = counted(customers.accounts)["revenue_12m"]
    if by_account.empty:
        return base
    deals = _deals(book, by_account, rates) if pipeline else pd.DataFrame(columns=COLUMNS)
    expected = customers.expected
    added, weighted = float(deals["counted"].sum()), float(deals["weighted"].sum())
    later = float(deals.loc[deals["part"] == "later", "weighted"].sum())
    known = deals["history_counted"].notna().any()
    history_added = float(deals["history_counted"].sum()) if known else None
    result = replace(
        base,
        expected=expected,
        added=added,
        overlap=weighted - added - later,
        later=later,
        total=expected + added,
        low=customers.low + added,
        high=customers.high + added,
        most=expected + weighted - later,
        history_added=history_added,
        history_total=None if history_added is None else expected + history_added,
    )
    arrivals = newcomers(book) if target else None
    if arrivals is not None:
        once = arrivals["once"]
        result = replace(
            result,
            new_accounts=int((~once).sum()),
            new_revenue=float(arrivals.loc[~once, "revenue"].sum()),
            once_accounts=int(once.sum()),
            once_revenue=float(arrivals.loc[once, "revenue"].sum()),
        )
    return replace(result, parts=_parts(result, deals, weighted))


def _deals(book: Book, expected: pd.Series, rates: pd.DataFrame | None) -> pd.DataFrame:
    """The open deals by part, as rows of ``Forecast.parts``. ``expected``: of each account, by history."""
    deals = deals_at(book)
    deals = deals[deals["open"]]
    part = pd.Series("fresh", index=deals.index)
    part[deals["account_id"].isna()] = "unnamed"
    part[deals["account_id"].isin(expected.index)] = "known"
    part[deals["expected_close"] > pd.Timestamp(book.as_of) + pd.DateOffset(months=12)] = "later"
    known = part == "known"
    by_history = None if rates is None else history_rate(deals, rates)
    if by_history is not None and by_history.isna().all():
        by_history = None

    def weigh(name: str, rate: pd.Series | None) -> tuple[float | None, float | None]:
        """The weighted amount of a part, and what of it exceeds the expectation from history."""
        if rate is None:
            return None, None
        weighted = (deals["amount"] * rate).fillna(0.0)
        amount = float(weighted[part == name].sum())
        if name == "later":
            return amount, 0.0
        if name == "known":
            by_account = weighted[known].groupby(deals.loc[known, "account_id"]).sum()
            return amount, float((by_account - expected.reindex(by_account.index)).clip(lower=0.0).sum())
        return amount, amount

    rows = [
        (name, int((part == name).sum()), *weigh(name, deals["recorded"]), *weigh(name, by_history))
        for name in ("known", "fresh", "unnamed", "later")
        if (part == name).any()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _parts(result: Forecast, deals: pd.DataFrame, weighted: float) -> pd.DataFrame:
    """History, deals, the total and, with a target, what is missing to it."""
    by_history, target, gap = result.history_total, result.target, result.gap
    with_rates = by_history is not None
    history_weighted = (
        float(deals["history_weighted"].sum()) if deals["history_weighted"].notna().any() else None
    )
    rows: list[tuple[object, ...]] = [
        ("total", int(deals["deals"].sum()), weighted, result.total, history_weighted, by_history)
    ]
    if target and gap is not None:
        rows.append(("target", None, None, target, None, target if with_rates else None))
        if gap > 0:
            missing = None if by_history is None else max(target - by_history, 0.0)
            rows.append(("gap", None, None, gap, None, missing))
        if gap > 0 and result.new_accounts:
            new = result.new_revenue
            rows.append(("new", None, None, new, None, new if with_rates else None))
    history = [("history", None, None, result.expected, None, result.expected if with_rates else None)]
    frames = [pd.DataFrame(history, columns=COLUMNS), deals, pd.DataFrame(rows, columns=COLUMNS)]
    table = pd.concat([f.astype("object") for f in frames if len(f)], ignore_index=True)
    return table.astype({"part": "str"} | dict.fromkeys(COLUMNS[1:], "float64"))


def add_findings(findings: Findings, result: Forecast, new: NewDeals | None = None) -> None:
    """Add the forecast and how much of the target it covers. ``new``: what new deals can still bring; None
    where it is not known.
    """
    if result.expected is None:
        if result.open_deals:  # without deals too, the topics of funnel and expected revenue ask for the data
            findings.add(
                "outlook_funnel_only",
                "watch",
                "outlook_ask_history",
                weighted=result.funnel_weighted,
                months=result.months,
            )
    elif result.funnel_weighted is None or result.funnel_won is None:
        findings.add(
            "outlook_history_only",
            "note",
            "outlook_ask_deals",
            middle=result.total,
            low=result.low,
            high=result.high,
        )
    else:
        findings.add(
            "outlook",
            "note",
            "outlook_plan",
            middle=result.total,
            low=result.low,
            high=result.high,
            expected=result.expected,
            extra=result.added,
            overlap=result.overlap,
            later=result.later,
            most=result.most,
            funnel=result.funnel_weighted + result.funnel_won,
            won=result.funnel_won,
            weighted=result.funnel_weighted,
        )
        if result.history_added is not None:
            findings.add(
                "outlook_by_history",
                "note",
                None,
                extra=result.added,
                history_extra=result.history_added,
                middle=result.total,
                history_middle=result.history_total,
            )
    _add_target(findings, result, new)


def _add_target(findings: Findings, result: Forecast, new: NewDeals | None) -> None:
    target, gap = result.target, result.gap
    if not target:
        findings.add("target_unknown", "note", "target_state")
        return
    if gap is None:
        findings.add("target_unjudged", "watch", "outlook_ask_history", target=target, months=result.months)
        return
    figures: dict[str, Any] = {
        "target": target,
        "cover": result.total / target,
        "expected": result.expected,
        "extra": result.added,
        "low": result.low,
        "high": result.high,
    }
    if gap <= 0:
        findings.add("target_covered", "note", "target_hold", **figures, over=-gap)
        return
    action = "target_close_gap"
    if new:
        needed = new.needed(gap)
        action = "target_fill_gap" if needed else "target_gap_beyond"
        figures |= new.figures | {"needed": needed, "overlap": result.overlap}
    if target <= result.high:
        findings.add("target_within", "watch", action, **figures, gap=gap, stake=gap)
    else:
        findings.add(
            "target_short",
            "act",
            action,
            **figures,
            gap=gap,
            gap_low=target - result.high,
            gap_high=target - result.low,
            new_amount=result.new_revenue,
            stake=gap,
        )
    if result.history_total is not None and target <= result.history_total:  # else the table has it
        findings.add(
            "target_met_by_history",
            "note",
            None,
            gap=gap,
            history_gap=target - result.history_total,
            extra=result.added,
            history_extra=result.history_added,
        )
    if result.new_accounts and result.new_revenue is not None:
        findings.add(
            "target_new_once" if result.once_accounts else "target_new",
            "note",
            None,
            share=min(result.new_revenue / gap, 1.0),
            new=result.new_accounts,
            new_amount=result.new_revenue,
            once=result.once_accounts,
            once_amount=result.once_revenue,
            gap=gap,
        )
