"""Customer lifetime value: revenue expected of each account in the next 12 months, with an interval, and its
discounted value over three years.

Accounts that buy to a rhythm follow it; the others follow BG/NBD for how often and gamma–gamma for how much;
where neither can be fitted an account gets no figure, with the reason. The same is done as of a year earlier
and compared with what then came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings, Severity
from kamplay.method.stats import bgnbd, gamma_gamma, regular_buyers

MONTHS = 12  # of history, the least
YEAR = 365.0  # days
YEARS = 3  # of lifetime value
DISCOUNT = 0.10  # a year: an amount due in a year counts for 1/1.1 today
REPEATERS = 50  # accounts with a repeat purchase: the least for BG/NBD and gamma–gamma
# purchases of the last 12 months from which spend per purchase is taken from these alone, so that a price or
# a size of long ago does not count
RECENT = 3
INTERVAL = (0.1, 0.9)  # 80 %
# a total missed by so much, and by more than chance, over so many accounts is corrected for
BIASED, TESTED = 0.1, 30
SEED = 20050501
DRAWS, BUDGET, BLOCK = 1000, 8_000_000, 2_000_000  # draws an account; draws in all; draws held at once
COLUMNS = [
    "model",
    "reason",
    "purchases",
    "alive",
    "purchases_12m",
    "revenue_12m",
    "low",
    "high",
    "clv",
    "clv_on",
    "revenue",
    "last",
]
EXPECTED = ["alive", "purchases_12m", "revenue_12m", "low", "high"]


@dataclass(frozen=True)
class CustomerValue:
    """Expected revenue and lifetime value, in the engagement's currency.

    Attributes
    ----------
    accounts : index account_id, those that ever bought, the largest expected first. model (``bgnbd``,
        ``reorder``, ``none``); reason where none (``short_history``, ``no_net_revenue``, ``one_purchase``,
        ``irregular``); purchases so far; alive (probability of still buying); purchases_12m, revenue_12m and
        its 80 % interval low to high; clv, and clv_on, what it is of (``margin`` or ``revenue``); revenue of
        the last 12 months; last (date of purchase). Without a model there are no figures.
    months : months of data.
    expected, low, high : revenue_12m of the accounts that count (see ``counted``) in total, and its 80 %
        interval.
    factor : by which the total is corrected, see ``correction_factor``; 1 for none.
    last_revenue : of the last 12 months, all accounts.
    repeaters : accounts that bought again.
    correlation : rank correlation of number of purchases and spend per purchase, None where unknown.
    parameters : the fitted r, alpha, a, b of BG/NBD and p, q, v of gamma–gamma, None where not fitted.
    """

    accounts: pd.DataFrame
    months: int
    expected: float
    low: float
    high: float
    factor: float
    last_revenue: float
    repeaters: int
    correlation: float | None
    parameters: dict[str, float | None]


@dataclass(frozen=True)
class RevenueBacktest:
    """What was expected a year ago of the accounts that counted then, and what came.

    Attributes
    ----------
    accounts : index account_id, the largest expected first: model, expected, low, high, actual.
    expected, low, high : the total with its 80 % interval, which counts chance only.
    actual : what came.
    error : expected / actual − 1, None where nothing came.
    inside : the share of accounts whose revenue fell into their interval.
    correlation : of expected and actual over the accounts, None where unknown.
    single, new : revenue of accounts that had bought once, and of new ones.
    """

    accounts: pd.DataFrame
    expected: float
    low: float
    high: float
    actual: float
    error: float | None
    inside: float
    correlation: float | None
    single: float
    new: float


def customer_value(book: Book, backtest: RevenueBacktest | None) -> CustomerValue:
    """Compute the revenue expected in the 365 days after the last day seen, and the value over YEARS.

    Parameters
    ----------
    book : the client's data.
    backtest : the same a year ago; its error widens the interval of the total, and may correct it.
    """
    past = history(book.days, book.seen_to if len(book.days) else pd.Timestamp(book.as_of))
    if book.months_covered >= MONTHS:
        models = fit_models(past)
        table, low, high = expected_revenue(past, models, YEAR, _log_error(backtest))
        table["clv"], table["clv_on"] = lifetime_value(past, table, models, _margin_share(book))
        correlation = gamma_gamma.dependence(past["purchases"], past["spend"])
    else:
        models, correlation, low, high = Models(None, None, 0.0), None, 0.0, 0.0
        table = past[["purchases", "last"]].assign(model="none", reason="short_history", clv_on="")
    table["revenue"] = purchases.revenue(book).reindex(table.index).fillna(0.0)
    table = table.reindex(columns=COLUMNS).sort_index()
    table = table.sort_values("revenue_12m", ascending=False, na_position="last", kind="stable")
    parameters = {k: getattr(models.rate, k, None) for k in ("r", "alpha", "a", "b")}
    parameters |= {k: getattr(models.spend, k, None) for k in ("p", "q", "v")}
    return CustomerValue(
        accounts=table,
        months=book.months_covered,
        expected=float(counted(table)["revenue_12m"].sum()),
        low=low,
        high=high,
        factor=correction_factor(backtest),
        last_revenue=float(purchases.revenue(book).sum()),
        repeaters=int((past["purchases"] > 1).sum()),
        correlation=correlation,
        parameters=parameters,
    )


def counted(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts whose expectation counts in totals: with a model, and with more than one purchase, as a
    single one may be a one-off. ``accounts``: as in ``CustomerValue``.
    """
    return accounts[(accounts["model"] != "none") & (accounts["purchases"] > 1)]


def history(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Summarise the purchases of each account up to ``end``.

    Parameters
    ----------
    days : a row per account and buying day: account_id, date, amount (net), bought.
    end : the last day that counts.

    Returns
    -------
    Index account_id, those that bought: first and last (dates); purchases (buying days); x (repeat
    purchases), t_x and T (weeks from the first purchase to the last and to ``end``), as BG/NBD takes them;
    spend (net amount per purchase, returns taken off) and priced (the purchases behind it: those of the last
    12 months where they are RECENT or more, else all); sd (of a purchase's amount); gap (mean days between
    purchases) and cv (of the gaps); silent (days since the last).
    """
    past = days[days["date"] <= end]
    bought = past.loc[past["bought"], ["account_id", "date", "amount"]]
    bought = bought.sort_values(["account_id", "date"], kind="stable")
    by_account = bought.groupby("account_id")
    out = pd.DataFrame(
        {"first": by_account["date"].min(), "last": by_account["date"].max(), "purchases": by_account.size()}
    )
    out["x"] = out["purchases"] - 1.0
    out["t_x"], out["T"] = (out["last"] - out["first"]).dt.days / 7.0, (end - out["first"]).dt.days / 7.0
    out["silent"] = (end - out["last"]).dt.days.astype(float)
    year_ago = end - pd.DateOffset(months=12)
    recent = bought[bought["date"] > year_ago].groupby("account_id").size().reindex(out.index)
    net, net_recent = (
        rows.groupby("account_id")["amount"].sum().reindex(out.index)
        for rows in (past, past[past["date"] > year_ago])
    )
    out["priced"] = recent.where(recent >= RECENT, out["purchases"]).astype(float)
    out["spend"] = net_recent.where(recent >= RECENT, net) / out["priced"]
    out["sd"] = by_account["amount"].std().reindex(out.index).fillna(0.0)
    same_account = bought["account_id"].eq(bought["account_id"].shift())
    gaps = bought["date"].diff().dt.days.where(same_account).groupby(bought["account_id"])
    out["gap"] = gaps.mean().reindex(out.index)
    out["cv"] = (gaps.std() / gaps.mean()).reindex(out.index)
    return out.rename_axis("account_id")


@dataclass(frozen=True)
class Models:
    """What was fitted to a history: how often and for how much irregular buyers buy (None where too few
    accounts bought again), and the rate a day at which regular buyers leave.
    """

    rate: bgnbd.BGNBD | None
    spend: gamma_gamma.GammaGamma | None
    leave: float


def fit_models(past: pd.DataFrame) -> Models:
    """Fit the models that a history (as ``history`` gives it) allows."""
    leave = regular_buyers.dropout_rate(past) if len(past) else 0.0
    spent = past[past["spend"] > 0]
    if (spent["purchases"] > 1).sum() < REPEATERS:
        return Models(None, None, leave)
    spend = gamma_gamma.fit(spent["priced"].to_numpy(), spent["spend"].to_numpy())
    return Models(bgnbd.fit_best(past[["x", "t_x", "T"]]) if spend else None, spend, leave)


def choose_model(past: pd.DataFrame, models: Models) -> tuple[np.ndarray, np.ndarray]:
    """Which model for which account, and the reason where none."""
    regular = regular_buyers.is_regular(past).to_numpy()
    spends = (past["spend"] > 0).to_numpy()
    fitted = models.rate is not None and models.spend is not None
    model = np.select([~spends, regular], ["none", "reorder"], "bgnbd" if fitted else "none")
    reason = np.select(
        [model != "none", ~spends, (past["purchases"] == 1).to_numpy()],
        ["", "no_net_revenue", "one_purchase"],
        "irregular",
    )
    return model, reason


def expected_revenue(
    past: pd.DataFrame, models: Models, days: float, log_error: float
) -> tuple[pd.DataFrame, float, float]:
    """Compute what each account is expected to bring, and the 80 % interval of the total that counts.

    Parameters
    ----------
    past : as ``history`` gives it.
    days : how many days ahead.
    log_error : standard deviation, in logs, of an error shared by all accounts. Chance hits each account
        alone and evens out in the total; this does not.

    Returns
    -------
    The columns of ``CustomerValue.accounts`` up to ``high`` and ``last``; low and high of the total.
    """
    model, reason = choose_model(past, models)
    out = pd.DataFrame({"model": model, "reason": reason}, index=past.index)
    out["purchases"], out["last"] = past["purchases"], past["last"]
    out[EXPECTED] = np.nan
    rng = np.random.default_rng(SEED)
    draws = int(np.clip(BUDGET // max(len(past), 1), 80, DRAWS))
    totals, shared = np.zeros(draws), np.exp(log_error * ndtri((np.arange(draws) + 0.5) / draws))
    for kind in ("bgnbd", "reorder"):
        places = np.flatnonzero(model == kind)
        for part in np.array_split(places, len(places) * draws // BLOCK + 1):
            if len(part) == 0:
                continue
            rows = past.iloc[part]
            future = _future(kind, rows, models)
            purchases_12m, revenue = future.purchases(days), future.simulate(days, draws, rng)
            totals += revenue[(rows["purchases"] > 1).to_numpy()].sum(axis=0)
            low, high = np.quantile(revenue, INTERVAL, axis=1)
            found = (future.alive, purchases_12m, purchases_12m * future.spend, low, high)
            for column, values in zip(EXPECTED, found, strict=True):
                out.iloc[part, out.columns.get_loc(column)] = values
    low, high = (float(v) for v in np.quantile(totals * shared, INTERVAL))
    return out, low, high


class _Future(NamedTuple):
    """What a model says of accounts: probability of still buying, spend per purchase; expected purchases in
    so many days; revenue simulated over so many days (accounts × draws).
    """

    alive: np.ndarray
    spend: np.ndarray
    purchases: Callable[[float], np.ndarray]
    simulate: Callable[[float, int, np.random.Generator], np.ndarray]


def _future(kind: str, rows: pd.DataFrame, models: Models) -> _Future:
    return _regular_future(rows, models.leave) if kind == "reorder" else _irregular_future(rows, models)


def _regular_future(rows: pd.DataFrame, leave: float) -> _Future:
    alive, spend = regular_buyers.alive(rows, leave), rows["spend"].to_numpy()

    def purchases_in(days: float) -> np.ndarray:
        return regular_buyers.expected(rows, alive, leave, days)

    def simulate(days: float, draws: int, rng: np.random.Generator) -> np.ndarray:
        count = regular_buyers.draw(rows, alive, leave, days, draws, rng)
        sd, priced = rows["sd"].to_numpy()[:, None], rows["priced"].to_numpy()[:, None]
        # of the purchases, and of the mean that is known from ``priced`` of them
        noise = sd * np.sqrt(count + count**2 / priced) * rng.standard_normal(count.shape)
        return np.maximum(count * spend[:, None] + noise, 0.0)

    return _Future(alive, spend, purchases_in, simulate)


def _irregular_future(rows: pd.DataFrame, models: Models) -> _Future:
    rate, spend_model = models.rate, models.spend
    assert rate is not None and spend_model is not None
    x, t_x, seen = (rows[c].to_numpy(dtype=float) for c in ("x", "t_x", "T"))
    priced, spend = rows["priced"].to_numpy(), rows["spend"].to_numpy()
    alive = bgnbd.alive(rate, x, t_x, seen)

    def purchases_in(days: float) -> np.ndarray:
        return bgnbd.expected(rate, x, t_x, seen, days / 7)

    def simulate(days: float, draws: int, rng: np.random.Generator) -> np.ndarray:
        count = bgnbd.draw(rate, x, alive, seen, days / 7, draws, rng)
        return gamma_gamma.draw(spend_model, priced, spend, count, rng)

    return _Future(alive, gamma_gamma.expected(spend_model, priced, spend), purchases_in, simulate)


def lifetime_value(
    past: pd.DataFrame, table: pd.DataFrame, models: Models, margin_share: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Discount what each account is expected to bring over YEARS, each year's amount at its middle.

    Parameters
    ----------
    past : as ``history`` gives it.
    table : with ``model``, as ``expected_revenue`` gives it.
    margin_share : margin per unit of revenue by account, missing where cost is unknown.

    Returns
    -------
    The value per account, and what it is of: ``margin``, ``revenue``, blank without a value.
    """
    value = pd.Series(np.nan, index=past.index)
    for kind in ("bgnbd", "reorder"):
        rows = past[table["model"] == kind]
        if len(rows) == 0:
            continue
        future = _future(kind, rows, models)
        before, total = np.zeros(len(rows)), np.zeros(len(rows))
        for year in range(1, YEARS + 1):
            number = future.purchases(YEAR * year)
            total += (number - before) * future.spend / (1 + DISCOUNT) ** (year - 0.5)
            before = number
        value[rows.index] = total
    share = margin_share.reindex(past.index)
    on = share.notna().map({True: "margin", False: "revenue"}).where(value.notna(), "")
    return value * share.fillna(1.0), on


def _margin_share(book: Book) -> pd.Series:
    """Margin per unit of revenue of the last 12 months, else of all months."""
    every = purchases.margin_share(book, max(book.months_covered, 1))
    return purchases.margin_share(book).fillna(every)


def revenue_backtest(book: Book) -> RevenueBacktest | None:
    """Expect the last 12 months from what was known before them, and compare with what came.

    Returns
    -------
    None below two years of data, or where nothing was expected.
    """
    if book.months_covered < MONTHS + 12:
        return None
    end = book.seen_to
    cut = purchases.window_dates(book, 12)[0] - pd.Timedelta(days=1)
    horizon = float((end - cut).days)
    past = history(book.days, cut)
    if horizon < YEAR / 2 or len(past) == 0:
        return None
    table, low, high = expected_revenue(past, fit_models(past), horizon, 0.0)
    accounts = counted(table).rename(columns={"revenue_12m": "expected"})
    if accounts.empty:
        return None
    later = book.days[(book.days["date"] > cut) & (book.days["date"] <= end)]
    revenue = later.groupby("account_id")["amount"].sum()
    actual = revenue.reindex(accounts.index).fillna(0.0)
    accounts = accounts[["model", "expected", "low", "high"]].assign(actual=actual)
    accounts = accounts.sort_values("expected", ascending=False, kind="stable")
    expected_sum, actual_sum = float(accounts["expected"].sum()), float(accounts["actual"].sum())
    varies = len(accounts) > 2 and accounts["expected"].std() > 0 and accounts["actual"].std() > 0
    return RevenueBacktest(
        accounts=accounts,
        expected=expected_sum,
        low=low,
        high=high,
        actual=actual_sum,
        error=expected_sum / actual_sum - 1 if actual_sum > 0 else None,
        inside=float(accounts["actual"].between(accounts["low"], accounts["high"]).mean()),
        correlation=float(accounts["expected"].corr(accounts["actual"])) if varies else None,
        single=float(revenue.reindex(past.index[past["purchases"] == 1]).sum()),
        new=float(revenue.sum() - revenue[revenue.index.isin(past.index)].sum()),
    )


def _log_error(backtest: RevenueBacktest | None) -> float:
    if backtest is None or not (backtest.expected > 0 and backtest.actual > 0):
        return 0.0
    return float(abs(np.log(backtest.actual / backtest.expected)))


def correction_factor(backtest: RevenueBacktest | None) -> float:
    """Compute by what to multiply a total, so that the bias of a year ago is taken off it.

    Only a bias of BIASED or more, over TESTED accounts or more, that chance alone would rarely make is taken
    off: what then came lay outside the test's own 80 % interval, which counts chance only. Else the factor is
    1. One year shows a bias and not that it stays, so the interval keeps its width in logs.
    """
    if backtest is None or backtest.error is None or len(backtest.accounts) < TESTED:
        return 1.0
    beyond_chance = not backtest.low <= backtest.actual <= backtest.high
    corrects = beyond_chance and abs(backtest.error) >= BIASED and backtest.error > -1
    return 1 / (1 + backtest.error) if corrects else 1.0


FAR_OFF = 0.2  # a total missed by more is no basis for a budget
DEPENDENT = 0.3  # rank correlation of frequency and spend beyond which the model's assumption fails
FIRST = 10  # accounts whose sum is given
SIZE_GROUPS = 10  # of accounts, in which the backtest is looked at
# what single purchases brought or would bring, against the expectation, from which it is worth saying
SINGLE = 0.01
FALL = 0.01  # an expected fall worth a name: 1 % of last year's revenue
REFUSALS = {
    "one_purchase": "future_refused_single",
    "irregular": "future_refused_irregular",
    "no_net_revenue": "future_refused_returns",
}


def add_findings(findings: Findings, result: CustomerValue, backtest: RevenueBacktest | None) -> None:
    """Add what the next 12 months should bring, how that did a year ago, who falls, lifetime value, and who
    has no figure.
    """
    table = result.accounts
    refused = table[table["model"] == "none"]
    accounts = counted(table)
    if accounts.empty:
        if (refused["reason"] == "short_history").any() or table.empty:
            findings.add("future_unknown", "watch", "future_ask_history", months=result.months)
        else:
            findings.add(
                "future_no_model",
                "watch",
                "future_ask_history",
                refused.index,
                count=len(refused),
                repeaters=result.repeaters,
            )
        return
    _add_total(findings, result, accounts, backtest)
    _add_falls(findings, accounts, result.last_revenue)
    _add_single(findings, table, result.expected)
    _add_lifetime_value(findings, accounts, result.factor)
    correlation = result.correlation
    if correlation is not None and abs(correlation) > DEPENDENT and (accounts["model"] == "bgnbd").any():
        kind = "future_dependent_more" if correlation > 0 else "future_dependent_less"
        findings.add(kind, "watch", "future_split", correlation=correlation)
    for reason, kind in REFUSALS.items():
        rows = refused[refused["reason"] == reason]
        if len(rows):
            revenue = rows["revenue"].sum()
            findings.add(
                kind, "note", None, rows.index, count=len(rows), revenue=revenue, repeaters=result.repeaters
            )


def _add_total(
    findings: Findings, result: CustomerValue, accounts: pd.DataFrame, backtest: RevenueBacktest | None
) -> None:
    """The expected total, corrected where the backtest calls for it, and the backtest itself."""
    first = accounts.head(FIRST)
    figures = {
        "count": len(accounts),
        "expected": result.expected,
        "low": result.low,
        "high": result.high,
        "last": result.last_revenue,
        "ten": first["revenue_12m"].sum(),
        "ten_count": len(first),
        "ten_share": first["revenue_12m"].sum() / result.expected if result.expected > 0 else None,
    }
    if backtest is None or backtest.error is None:
        findings.add("future_expected_untested", "watch", "future_test_first", first.index, **figures)
        return
    group = worst_size_group(backtest.accounts)
    if result.factor != 1:
        ends = {"corrected": result.expected, "corrected_low": result.low, "corrected_high": result.high}
        figures |= {name: amount * result.factor for name, amount in ends.items()}
        kind, action, watch = "future_expected_corrected", "future_corrected_budget", True
    else:
        watch = abs(backtest.error) > FAR_OFF
        kind, action = "future_expected", "future_not_a_budget" if watch else "future_compare_budget"
    severity: Severity = "watch" if watch else "note"
    findings.add(kind, severity, action, first.index, **figures, off=backtest.error, **group)
    findings.add(
        "future_checked_total" if backtest.correlation is None else "future_checked",
        "note",
        None,
        backtest.accounts.index[:FIRST],
        expected=backtest.expected,
        actual=backtest.actual,
        new=backtest.new,
        single=backtest.single,
        by_account=backtest.correlation,
        inside=backtest.inside,
        accounts=len(backtest.accounts),
        off=backtest.error,
        **group,
    )


def worst_size_group(accounts: pd.DataFrame) -> dict[str, float]:
    """Find the tenth of the accounts by size whose amount was missed most.

    A total can be right because large accounts brought more and small ones less than expected; then no group
    is as near as it.

    Parameters
    ----------
    accounts : expected and actual, the largest expected first.

    Returns
    -------
    group (1 the largest, to 10), group_expected, group_actual, group_off; empty below ten accounts.
    """
    if len(accounts) < SIZE_GROUPS:
        return {}
    groups = np.arange(len(accounts)) * SIZE_GROUPS // len(accounts)
    sums = accounts.groupby(groups)[["expected", "actual"]].sum()
    sums = sums[sums["actual"] > 0]
    if sums.empty:
        return {}
    worst = (sums["expected"] - sums["actual"]).abs().idxmax()
    expected, actual = sums.loc[worst, "expected"], sums.loc[worst, "actual"]
    return {
        "group": int(worst) + 1,
        "group_expected": expected,
        "group_actual": actual,
        "group_off": expected / actual - 1,
    }


def _add_falls(findings: Findings, accounts: pd.DataFrame, last_revenue: float) -> None:
    """Accounts whose whole interval lies below what they brought."""
    fall = accounts["revenue"] - accounts["revenue_12m"]
    falls = (accounts["high"] < accounts["revenue"]) & (fall > FALL * max(last_revenue, 0.0))
    if not falls.any():
        return
    fall = fall[falls].sort_values(ascending=False, kind="stable")
    findings.add(
        "future_falling",
        "act",
        "future_call",
        fall.index,
        count=len(fall),
        fall=fall.sum(),
        before=accounts.loc[fall.index, "revenue"].sum(),
        stake=fall.sum(),
    )


def _add_single(findings: Findings, table: pd.DataFrame, expected: float) -> None:
    """What accounts that bought once would bring: not in the total."""
    single = table[(table["model"] != "none") & (table["purchases"] == 1)]
    amount, last = float(single["revenue_12m"].sum()), float(single["revenue"].sum())
    if max(amount, last) > SINGLE * expected:
        findings.add(
            "future_single",
            "watch",
            "future_ask_single",
            single.index,
            count=len(single),
            amount=amount,
            last=last,
            stake=last,
        )


def _add_lifetime_value(findings: Findings, accounts: pd.DataFrame, factor: float) -> None:
    with_cost = int((accounts["clv_on"] == "margin").sum())
    without = len(accounts) - with_cost
    kind = "future_clv_margin" if not without else "future_clv_mixed" if with_cost else "future_clv_revenue"
    findings.add(
        kind,
        "note",
        "future_ask_cost" if without else None,
        accounts.sort_values("clv", ascending=False, kind="stable").index[:FIRST],
        clv=accounts["clv"].sum() * factor,
        years=YEARS,
        rate=DISCOUNT,
        count=len(accounts),
        with_cost=with_cost,
        without=without,
    )
