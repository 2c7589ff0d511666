"""Expected revenue of the next 12 months, with an interval, and customer lifetime value: the same over three
years, discounted.

How each account goes on is in ``account_forecast``. Here the accounts are added up, all of them, with the
error that they share (``shared_error``), learned from the same done as of one year ago and more. Where "last
year again" came nearer in those years, it is what is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.noise_gate import beyond_chance, family_look
from kamplay.method.results import Findings, Severity
from kamplay.method.stats import gamma_gamma
from kamplay.method.stats.row_quantiles import row_quantiles
from kamplay.method.stats.shared_error import SharedError, shared_error
from kamplay.method.value.account_forecast import (
    BLOCK,
    INTERVAL,
    MODELS,
    SEED,
    YEAR,
    Models,
    expected_revenue,
    fit_models,
    future_of,
    history,
    order_of_draws,
)

MONTHS = 12  # of history, the least
YEARS = 3  # of lifetime value
DISCOUNT = 0.10  # a year: an amount due in a year counts for 1/1.1 today
TESTED_YEARS = 3  # past years that the forecast is tested on, at most
DRAWS, BUDGET = 1000, 8_000_000  # draws an account; draws in all
FEW_DRAWS = 200  # for the spread of a total alone
COLUMNS = [
    "model",
    "reason",
    "purchases",
    "alive",
    "purchases_12m",
    "revenue_12m",
    "low",
    "high",
    "beyond",
    "clv",
    "clv_low",
    "clv_high",
    "clv_on",
    "revenue",
    "first",
    "last",
]
TEST_COLUMNS = ["model", "expected", "low", "high", "actual"]
MISSES = ["until", "miss", "chance", "last_miss", "last_chance"]
CLEARLY = 0.05  # on the log scale: by which last year again has to be nearer to beat the forecast
FAR_OFF = 0.2  # a total missed by more is no basis for a budget


@dataclass(frozen=True)
class CustomerValue:
    """Expected revenue and lifetime value, in the engagement's currency.

    Attributes
    ----------
    accounts : index account_id, those that ever bought, the largest expected first. model (``bgnbd``,
        ``reorder``, ``last_year``, ``none``); reason where none (``short_history``, ``no_net_revenue``);
        purchases so far; alive (probability of still buying); purchases_12m, revenue_12m and its 80 %
        interval low to high; beyond (the chance to bring as much as in the last 12 months); clv with its 80 %
        interval clv_low to clv_high, and clv_on, what it is of (``margin`` or ``revenue``); revenue of the
        last 12 months; first and last (dates of purchase). Without a model there are no figures.
    months : months of data.
    expected, low, high : revenue_12m of the accounts that count (see ``counted``) in total, and its 80 %
        interval.
    factor : by which every expectation is multiplied, as past years were missed; 1 for none.
    last_revenue : of the last 12 months, all accounts.
    repeaters : accounts that bought again.
    correlation : rank correlation of number of purchases and spend per purchase, None where unknown.
    parameters : r, alpha, a, b of BG/NBD and p, q, v of gamma–gamma, None where not fitted.
    basis : ``model``, or ``last_year`` where that came nearer in past years.
    years_tested : past years behind the range.
    clv, clv_low, clv_high : lifetime value of the accounts that count, and its 80 % interval.
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
    basis: str = "model"
    years_tested: int = 0
    clv: float = 0.0
    clv_low: float = 0.0
    clv_high: float = 0.0


@dataclass(frozen=True)
class RevenueBacktest:
    """What would have been expected a year ago of the accounts known then, and what came; and the years
    before.

    Attributes
    ----------
    accounts : index account_id, the largest expected first: TEST_COLUMNS.
    expected, low, high : the total with the 80 % interval that would have been told.
    actual : what came.
    error : expected / actual − 1, None where nothing came.
    last, last_error : the same of "last year again".
    inside : the share of accounts whose revenue fell into their interval.
    correlation : of expected and actual over the accounts, None where unknown.
    single, new : what accounts brought that had bought once by then, and new ones (``purchases.newcomers``).
    misses : a row a year tested, the newest first: until (its last day); miss, ln(came / expected) by the
        models, and chance, its spread by chance alone; last_miss and last_chance, the same of "last year
    again". basis : ``last_year`` where the models missed by more in these years; else ``model``.
    often : of the OFTEN part of the accounts that had bought most often: least (purchases), count, expected,
        actual, and last (their 12 months before); empty where they are few.
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
    last: float = 0.0
    last_error: float | None = None
    misses: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MISSES))
    basis: str = "model"
    often: dict[str, float] = field(default_factory=dict)

    @property
    def beaten(self) -> bool:
        """Whether, on the year just past, last year again came clearly nearer than what would have been told.

        Clearly: the miss, as |ln(told / came)|, is larger by more than chance makes of a total, and by
        CLEARLY at least. Where last year again is what is told anyway, nothing is beaten.
        """
        worse = self._worse_than_last_year
        return worse is not None and worse > self._by_chance

    @property
    def far_off(self) -> bool:
        """Whether what would have been told was missed by too much for a budget."""
        return self.error is not None and abs(self.error) > FAR_OFF

    @property
    def no_better(self) -> bool:
        """Whether the forecast has nothing over last year again: beaten by it, or far off and not clearly
        nearer.
        """
        worse = self._worse_than_last_year
        return self.beaten or (self.far_off and worse is not None and worse >= -self._by_chance)

    @property
    def _worse_than_last_year(self) -> float | None:
        """By how much the miss exceeds that of last year again, on the log scale; None where the forecast is
        no other, or either is not known.
        """
        if self.error is None or self.last_error is None or self.basis != "model" or self.misses.empty:
            return None
        told, again = (abs(float(np.log1p(max(e, -0.999)))) for e in (self.error, self.last_error))
        return told - again

    @property
    def _by_chance(self) -> float:
        return max(float(self.misses["chance"].iloc[0]), CLEARLY)

    @property
    def shared(self) -> SharedError:
        """The error that all accounts share, as learned from the years tested."""
        return _shared(self.misses, self.basis)


def _shared(misses: pd.DataFrame, basis: str) -> SharedError:
    prefix = "" if basis == "model" else "last_"
    return shared_error(misses[f"{prefix}miss"].to_list(), misses[f"{prefix}chance"].to_list())


def better_basis(misses: pd.DataFrame) -> str:
    """Tell whether the models or last year again came nearer in past years.

    The models lose where their mean of |ln(came / expected)| is larger by more than chance makes of it: two
    that miss alike are told apart by luck.

    Parameters
    ----------
    misses : as in ``RevenueBacktest``; without a year the models hold.
    """
    if misses.empty:
        return "model"
    worse = misses["miss"].abs().mean() - misses["last_miss"].abs().mean()
    return "last_year" if worse > misses["chance"].mean() / len(misses) ** 0.5 else "model"


def customer_value(book: Book, backtest: RevenueBacktest | None) -> CustomerValue:
    """Compute the revenue expected in the 365 days after the last day seen, and the value over YEARS.

    Parameters
    ----------
    book : the client's data.
    backtest : the same for past years, from which the error that all accounts share is learned.
    """
    end = book.seen_to if len(book.days) else pd.Timestamp(book.as_of)
    past = history(book, end)
    basis = backtest.basis if backtest else "model"
    error = backtest.shared if backtest else shared_error([], [])
    factor = float(np.exp(error.median))
    whole: dict[str, float] = {}
    if book.months_covered >= MONTHS:
        models = fit_models(book, past, end)
        draws = _draws(len(past))
        shared = error.draws(draws)
        table, totals = expected_revenue(past, models, YEAR, draws, shared, basis)
        table[["purchases_12m", "revenue_12m"]] *= factor
        low, high = (float(v) for v in np.quantile(totals, INTERVAL))
        values, whole = lifetime_value(past, table["model"], models, _margin_share(book), shared, factor)
        table = table.join(values)
        correlation = gamma_gamma.dependence(past["purchases"], past["spend"])
    else:
        models, correlation, low, high = Models(None, None, 0.0, 0.0), None, 0.0, 0.0
        table = past[["purchases", "last"]].assign(model="none", reason="short_history", clv_on="")
    table["first"] = past["first"]
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
        factor=factor,
        last_revenue=float(purchases.revenue(book).sum()),
        repeaters=int((past["purchases"] > 1).sum()),
        correlation=correlation,
        parameters=parameters,
        basis=basis,
        years_tested=error.years,
        **whole,
    )


def _draws(accounts: int) -> int:
    return int(np.clip(BUDGET // max(accounts, 1), 80, DRAWS))


def counted(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts whose expectation counts in totals: with a model, and with more than one purchase, as a
    single one may be a one-off. ``accounts``: as in ``CustomerValue``.
    """
    return accounts[(accounts["model"] != "none") & (accounts["purchases"] > 1)]


def ranked_by(accounts: pd.DataFrame, amount: str) -> pd.DataFrame:
    """The accounts by what is expected of them, the largest first; behind all others those whose history is
    too short for a place among them. ``accounts``: as ``counted``; ``amount``: the column.
    """
    by = accounts.sort_values(amount, ascending=False, na_position="last", kind="stable")
    young = short_history(accounts).reindex(by.index)
    return pd.concat([by[~young], by[young]])


def lifetime_value(
    past: pd.DataFrame,
    model: pd.Series,
    models: Models,
    margin_share: pd.Series,
    shared: np.ndarray,
    factor: float,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Discount what each account is expected to bring over YEARS, each year's amount at its middle.

    Parameters
    ----------
    past : as ``history`` gives it.
    model : of each account, as ``expected_revenue`` chose it.
    margin_share : margin per unit of revenue by account, missing where cost is unknown.
    shared : (draws,), factors of the error that all accounts share, taken to last over the years.
    factor : by which the expectations are multiplied.

    Returns
    -------
    clv, clv_low, clv_high (80 %) and clv_on (``margin``, ``revenue``, blank without a value) by account; the
    same three of all that count together.
    """
    share = margin_share.reindex(past.index)
    on = share.notna().map({True: "margin", False: "revenue"}).where(model != "none", "")
    out = pd.DataFrame(np.nan, index=past.index, columns=["clv", "clv_low", "clv_high"])
    weight, totals = share.fillna(1.0).to_numpy(), np.zeros(len(shared))
    rng, order = np.random.default_rng(SEED), order_of_draws(past)
    for kind in MODELS:
        places = order[model.to_numpy()[order] == kind]
        for part in np.array_split(places, len(places) * len(shared) // BLOCK + 1):
            if len(part) == 0:
                continue
            rows = past.iloc[part]
            future = future_of(kind, rows, models)
            by_year = np.diff([future.purchases(YEAR * y) for y in range(1, YEARS + 1)], axis=0, prepend=0.0)
            rates = (1 + DISCOUNT) ** -(np.arange(YEARS) + 0.5)
            number, discounted = by_year.sum(axis=0), rates @ by_year
            # the draws are of all years at once and get the mean discount of the account's years
            mean_rate = np.divide(discounted, number, out=np.ones(len(part)), where=number > 0)
            drawn = future.simulate(YEAR * YEARS, len(shared), rng) * shared
            drawn *= (mean_rate * weight[part])[:, None]
            totals += drawn[(rows["purchases"] > 1).to_numpy()].sum(axis=0)
            ends = np.sort(row_quantiles(drawn, INTERVAL), axis=0)  # a margin may be negative
            value = discounted * future.spend * weight[part] * factor
            out.iloc[part] = np.column_stack([value, *ends])
    low, high = (float(v) for v in np.quantile(totals, INTERVAL))
    whole = float(out.loc[past["purchases"] > 1, "clv"].sum())
    return out.assign(clv_on=on), {"clv": whole, "clv_low": low, "clv_high": high}


def _margin_share(book: Book) -> pd.Series:
    """Margin per unit of revenue of the last 12 months, else of all months."""
    every = purchases.margin_share(book, max(book.months_covered, 1))
    return purchases.margin_share(book).fillna(every)


def revenue_backtest(book: Book) -> RevenueBacktest | None:
    """Expect each of the last years from what was known before it, and compare with what came.

    Returns
    -------
    None below two years of data, or where nothing was expected.
    """
    years = min(book.months_covered // 12 - 1, TESTED_YEARS)
    tests = [test for back in range(years) if (test := _Year.of(book, back)) is not None]
    if not tests or tests[0].back > 0:
        return None
    newest, new = tests[0], purchases.newcomers(book)
    misses = pd.DataFrame([row for test in tests if (row := test.misses()) is not None], columns=MISSES)
    basis = better_basis(misses)
    # what would have been told then knows only the years before
    before = misses[misses["until"] < newest.end]
    error = _shared(before, better_basis(before))
    shared = error.draws(_draws(len(newest.past)))
    table, totals = newest.expect(basis, len(shared), shared)
    table["revenue_12m"] *= np.exp(error.median)
    accounts = counted(table).rename(columns={"revenue_12m": "expected"})
    if accounts.empty:
        return None
    actual = newest.came.reindex(accounts.index).fillna(0.0)
    accounts = accounts.assign(actual=actual)[TEST_COLUMNS]
    accounts = accounts.sort_values("expected", ascending=False, kind="stable")
    expected, came, last = float(accounts["expected"].sum()), newest.actual, newest.last_year()
    varies = len(accounts) > 2 and accounts["expected"].std() > 0 and accounts["actual"].std() > 0
    low, high = (float(v) for v in np.quantile(totals, INTERVAL))
    return RevenueBacktest(
        accounts=accounts,
        expected=expected,
        low=low,
        high=high,
        actual=came,
        error=expected / came - 1 if came > 0 else None,
        inside=float(accounts["actual"].between(accounts["low"], accounts["high"]).mean()),
        correlation=float(accounts["expected"].corr(accounts["actual"])) if varies else None,
        single=float(newest.came.reindex(newest.past.index[newest.past["purchases"] == 1]).sum()),
        new=0.0 if new is None else float(new["revenue"].sum()),
        last=last,
        last_error=last / came - 1 if came > 0 else None,
        misses=misses,
        basis=basis,
        often=_often(accounts, newest.past),
    )


def _often(accounts: pd.DataFrame, past: pd.DataFrame) -> dict[str, float]:
    """What was expected of those that had bought most often, and what came, see ``RevenueBacktest.often``."""
    known = accounts.join(past[["purchases", "year_revenue"]])
    least = float(known["purchases"].quantile(1 - OFTEN))
    rows = known[known["purchases"] >= least]
    last = float(rows["year_revenue"].sum())
    if len(rows) < SIZE_GROUPS or not last > 0:
        return {}
    sums = {name: float(rows[name].sum()) for name in ("expected", "actual")}
    return {"least": least, "count": len(rows), **sums, "last": last}


@dataclass(frozen=True)
class _Year:
    """A past year: what was known before it, and what came of each account."""

    back: int  # 0: the last 12 months
    end: pd.Timestamp
    days: float
    past: pd.DataFrame
    models: Models
    came: pd.Series

    @classmethod
    def of(cls, book: Book, back: int) -> _Year | None:
        """None where too few days of the year were seen, or nobody had bought before it."""
        first, end = purchases.window_dates(book, 12, 12 * back)
        cut, end = first - pd.Timedelta(days=1), min(end, book.seen_to)
        days = float((end - cut).days)
        if days < YEAR / 2:
            return None
        past = history(book, cut)
        if past.empty:
            return None
        later = book.days[(book.days["date"] > cut) & (book.days["date"] <= end)]
        came = later.groupby("account_id")["amount"].sum()
        return cls(back, end, days, past, fit_models(book, past, cut), came)

    @property
    def actual(self) -> float:
        """What the accounts brought that had bought more than once before the year."""
        return float(self.came.reindex(self.again.index).sum())

    @property
    def again(self) -> pd.DataFrame:
        """The accounts that had."""
        return self.past[self.past["purchases"] > 1]

    def last_year(self) -> float:
        """What they had brought in the 12 months before, for as many days."""
        return float(self.again["year_revenue"].sum()) * self.days / YEAR

    def expect(
        self, basis: str, draws: int, shared: np.ndarray | None = None, ranges: bool = True
    ) -> tuple[pd.DataFrame, np.ndarray]:
        return expected_revenue(self.past, self.models, self.days, draws, shared, basis, ranges)

    def misses(self) -> tuple[object, ...] | None:
        """The row of MISSES; None where nothing was expected or nothing came."""
        row: list[object] = [self.end]
        for basis in ("model", "last_year"):
            table, totals = self.expect(basis, FEW_DRAWS, ranges=False)
            expected = float(counted(table)["revenue_12m"].sum())
            if not (expected > 0 and self.actual > 0):
                return None
            row += [np.log(self.actual / expected), float(np.log(np.maximum(totals, 1e-9)).std())]
        return tuple(row)


DEPENDENT = 0.3  # rank correlation of frequency and spend beyond which the model's assumption fails
FIRST = 10  # accounts whose sum is given
OFTEN = 0.1  # the part of the accounts that has bought most often
WHOLE_YEAR = 11  # months since the first purchase: below, the season of a few months stands for the year
SIZE_GROUPS = 10  # of accounts, in which the backtest is looked at
ENOUGH_MONTHS = 36  # of history, beyond which more of it would change nothing
# what single purchases brought or would bring, against the expectation, from which it is worth saying
SINGLE = 0.01
CORRECTED = 0.02  # a correction worth a word
FALL = 0.01  # an account's revenue whose fall is worth a name: 1 % of last year's revenue
REFUSALS = {"one_purchase": "future_refused_single", "no_net_revenue": "future_refused_returns"}


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
                "future_ask_history" if result.months < ENOUGH_MONTHS else None,
                refused.index,
                count=len(refused),
                repeaters=result.repeaters,
            )
        return
    _add_total(findings, result, accounts, backtest)
    _add_falls(findings, accounts, result.last_revenue)
    _add_single(findings, table, result.expected)
    _add_lifetime_value(findings, accounts, result)
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
    """The expected total, what it rests on, and the backtest itself."""
    young = short_history(accounts)
    # who would be among the first, had it bought for longer
    brief = accounts.index[:FIRST][young.iloc[:FIRST]]
    accounts = ranked_by(accounts, "revenue_12m")
    first = accounts.head(FIRST)
    figures = {
        "short": len(brief),
        "short_first": brief[0] if len(brief) else None,
        "count": len(accounts),
        "expected": result.expected,
        "low": result.low,
        "high": result.high,
        "last": float(accounts["revenue"].sum()),
        "ten": first["revenue_12m"].sum(),
        "ten_count": len(first),
        "asked": len(first),
        "ten_share": first["revenue_12m"].sum() / result.expected if result.expected > 0 else None,
        "again": int((accounts["model"] == "last_year").sum()),
        "months": result.months,
    }
    if backtest is None or backtest.error is None or not result.years_tested:
        action = "future_test_first" if result.months < MONTHS + 12 else None
        findings.add("future_expected_untested", "watch", action, accounts.index, **figures)
        return
    group = worst_size_group(backtest.accounts)
    tested = {"off": backtest.error, "years": result.years_tested, **group}
    watch = backtest.far_off
    kind, action = "future_expected", "future_not_a_budget" if watch else "future_compare_budget"
    if result.basis == "last_year":
        misses = backtest.misses[["miss", "last_miss"]].abs().mean()
        kind = "future_expected_last_year"
        tested |= {"model_miss": np.expm1(misses["miss"]), "last_miss": np.expm1(misses["last_miss"])}
    elif backtest.no_better and backtest.last_error is not None:
        watch, kind, action = True, "future_expected_beaten", "future_not_a_budget"
        tested |= {"last_off": backtest.last_error, "new": backtest.new}
    elif abs(result.factor - 1) >= CORRECTED:
        kind = "future_expected_corrected"
    figures |= {"by_method": result.expected / result.factor, "correction": result.factor - 1}
    severity: Severity = "watch" if watch else "note"
    findings.add(kind, severity, action, accounts.index, **figures, **tested)
    findings.add(
        "future_checked_total" if backtest.correlation is None else "future_checked",
        "note",
        None,
        backtest.accounts.index,
        expected=backtest.expected,
        low=backtest.low,
        high=backtest.high,
        actual=backtest.actual,
        new=backtest.new,
        single=backtest.single,
        by_account=backtest.correlation,
        inside=backtest.inside,
        accounts=len(backtest.accounts),
        off=backtest.error,
        last_off=backtest.last_error,
        years=result.years_tested,
        wider=_wider(backtest, result),
        **group,
    )


def short_history(accounts: pd.DataFrame) -> pd.Series:
    """Tell which accounts have bought for less than WHOLE_YEAR months by the last purchase of all; none where
    that holds of all. ``accounts``: as in ``CustomerValue``.
    """
    short = accounts["first"] > accounts["last"].max() - pd.DateOffset(months=WHOLE_YEAR)
    return short & (not short.all())


def _wider(then: RevenueBacktest, now: CustomerValue) -> bool:
    """Whether the range told then was wider than today's, against what it was a range of."""
    if not then.expected > 0 or not now.expected > 0:
        return False
    return (then.high - then.low) / then.expected > 1.1 * (now.high - now.low) / now.expected


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
    """Accounts that are all but certain to bring less than last year, by their own pace and amounts.

    Of many accounts some had a lucky year and will bring less again: only those are named whose chance to
    bring as much once more is too small for that (Benjamini & Hochberg 1995, over the accounts large enough
    to name).
    """
    large = accounts[
        (accounts["revenue"] > FALL * max(last_revenue, 0.0)) & (accounts["model"] != "last_year")
    ]
    if large.empty:
        return
    look = family_look(large["beyond"])
    findings.looked(look)
    falls = large[beyond_chance(large["beyond"].to_numpy())]
    fall = (falls["revenue"] - falls["revenue_12m"]).sort_values(ascending=False, kind="stable")
    fall = fall[fall > 0]
    if fall.empty:
        return
    findings.add(
        "future_falling",
        "act",
        "future_call",
        fall.index,
        count=len(fall),
        fall=fall.sum(),
        before=accounts.loc[fall.index, "revenue"].sum(),
        stake=fall.sum(),
        look=look,
    )


def _add_single(findings: Findings, table: pd.DataFrame, expected: float) -> None:
    """What accounts that bought once would bring: not in the total. Who returned more than it bought before
    this year has no model, and bought all the same.
    """
    returned = (table["reason"] == "no_net_revenue") & (table["revenue"] > 0)
    single = table[((table["model"] != "none") | returned) & (table["purchases"] == 1)]
    single = single.sort_values("revenue", ascending=False, kind="stable")
    amount, last = float(single["revenue_12m"].sum()), float(single["revenue"].clip(lower=0).sum())
    if max(amount, last) > SINGLE * expected:
        findings.add(
            "future_single",
            "watch",
            "future_ask_single",
            single.index,
            count=len(single),
            buying=int((single["revenue"] > 0).sum()),
            amount=amount,
            last=last,
            largest=float(single["revenue"].iloc[0]),
            stake=last,
        )


def _add_lifetime_value(findings: Findings, accounts: pd.DataFrame, result: CustomerValue) -> None:
    with_cost = int((accounts["clv_on"] == "margin").sum())
    without = len(accounts) - with_cost
    kind = "future_clv_margin" if not without else "future_clv_mixed" if with_cost else "future_clv_revenue"
    findings.add(
        kind,
        "note",
        "future_ask_cost" if without else None,
        ranked_by(accounts, "clv").index,
        clv=result.clv,
        low=result.clv_low,
        high=result.clv_high,
        years=YEARS,
        rate=DISCOUNT,
        count=len(accounts),
        with_cost=with_cost,
        without=without,
    )
