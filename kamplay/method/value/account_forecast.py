"""What each account is expected to bring: its purchases so far, the model it follows, the draws of its
future.

Three models. ``reorder``: who buys to a rhythm follows its own gap and its own amounts. ``bgnbd``: the others
follow the BG/NBD of all accounts for how often and gamma–gamma for how much. ``last_year``: where no BG/NBD
can be fitted, or where the two lose to it, an account brings what it brought last year.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import own_gaps
from kamplay.method.measures.purchase_model import purchase_model
from kamplay.method.stats import bgnbd, gamma_gamma, regular_buyers
from kamplay.method.stats.draw_order import draw_order
from kamplay.method.stats.row_quantiles import row_quantiles
from kamplay.method.stats.shared_error import FLOOR

YEAR = 365.0  # days
# purchases of the last 12 months from which on spend per purchase is taken from these alone, so that a price
# or a size of long ago does not count
RECENT = 3
MODELS = ("bgnbd", "reorder", "last_year")
INTERVAL = (0.1, 0.9)  # 80 %
SEED = 20050501
BLOCK = 2_000_000  # draws held at once
EXPECTED = ["alive", "purchases_12m", "revenue_12m", "low", "high", "beyond"]


def history(book: Book, end: pd.Timestamp) -> pd.DataFrame:
    """Summarise the purchases of each account up to ``end``.

    Returns
    -------
    Index account_id, those that bought: first and last (dates); purchases (buying days); x (repeat
    purchases), t_x and T (weeks from the first purchase to the last and to ``end``), as BG/NBD takes them;
    year (purchases) and year_revenue (net) of the last 12 months; spend and priced, see ``order_size``; gross
    and mean_log (mean amount and mean log of these purchases, before returns); sd (of a
    purchase's amount); gap and gaps (days between purchases, see ``own_gaps``); cv (of all gaps,
    ``regular_buyers.steadied``); silent (days since the last).
    """
    days = book.days.assign(amount=purchases.standing(book.days))
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
    out = out.join(order_size(book.days, end))
    lately, enough = bought["date"] > end - pd.DateOffset(months=12), out["year"] >= RECENT
    behind = bought[lately | ~bought["account_id"].isin(out.index[enough])]
    behind = behind.assign(log=np.log(behind["amount"].clip(lower=1e-9)))
    means = behind.groupby("account_id")[["amount", "log"]].mean().reindex(out.index)
    out["gross"], out["mean_log"] = means["amount"], means["log"]
    out["sd"] = by_account["amount"].std().reindex(out.index).fillna(0.0)
    gaps = own_gaps(bought, end).reindex(out.index)
    out[["gap", "gaps"]] = gaps[["gap", "gaps"]]
    out["cv"] = regular_buyers.steadied(gaps["std"] / gaps["mean"], out["purchases"])
    return out.rename_axis("account_id")


def order_size(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Give what each account brings per purchase, returns taken off.

    Parameters
    ----------
    days : DataFrame
        As ``Book.days``; those after ``end`` are not looked at.
    end : Timestamp
        The day.

    Returns
    -------
    DataFrame
        Index account_id, those that bought: ``year`` (purchases) and ``year_revenue`` (net) of the last 12
        months; ``spend`` (net amount per purchase) and ``priced`` (the purchases behind it: those of the last
        12 months where they are RECENT or more, else all).
    """
    past = days[days["date"] <= end]
    lately = past[past["date"] > end - pd.DateOffset(months=12)]
    every, recent = (rows[rows["bought"]].groupby("account_id").size() for rows in (past, lately))
    net, net_recent = (
        purchases.standing(rows).groupby(rows["account_id"]).sum().reindex(every.index)
        for rows in (past, lately)
    )
    booked = lately.groupby("account_id")["amount"].sum().reindex(every.index)
    recent = recent.reindex(every.index, fill_value=0)
    enough = recent >= RECENT
    out = pd.DataFrame({"year": recent.astype(float), "year_revenue": booked.fillna(0.0)})
    out["priced"] = recent.where(enough, every).astype(float)
    out["spend"] = net_recent.where(enough, net) / out["priced"]
    return out


@dataclass(frozen=True)
class Models:
    """What was fitted to a history.

    Attributes
    ----------
    rate, spend : how often and for how much irregular buyers buy; None where too few accounts bought again.
    leave : rate a day at which regular buyers leave, and ``leave_all`` that of all that bought again.
    pace : purchases of the last year against a steady pace, see ``last_year_pace``.
    """

    rate: bgnbd.BGNBD | None
    spend: gamma_gamma.GammaGamma | None
    leave: float
    leave_all: float
    pace: float = 1.0


def fit_models(book: Book, past: pd.DataFrame, end: pd.Timestamp) -> Models:
    """Fit the models that a history (as ``history`` gives it) allows; BG/NBD is the one of the whole "
    "report."""
    regular = regular_buyers.is_regular(past)
    leave, leave_all = (regular_buyers.dropout_rate(past[rows]) for rows in (regular, past["purchases"] > 1))
    rate = purchase_model(book, end).rate
    spent = past[past["spend"] > 0]
    spend = None
    if rate is not None and len(spent):
        spend = gamma_gamma.fit(*(spent[c].to_numpy() for c in ("priced", "gross", "mean_log")))
    return Models(rate, spend, leave, leave_all, last_year_pace(past[~regular]))


def last_year_pace(past: pd.DataFrame) -> float:
    """Compare the purchases of the last year with those that a steady pace since the first purchase would
    give.

    BG/NBD takes the mean pace since the first purchase. Where all accounts slow down, or where history holds
    one season twice and another once, that is not the pace of a year. A Poisson process that had x repeat
    purchases, the last at t_x, had the others anywhere before it alike: (x − 1)·(share of t_x that lies in
    the last year) of them are expected there. The ratio over all accounts, whose spread between accounts
    tells how sure it is, is drawn towards 1 as an effect with the spread FLOOR.

    Returns
    -------
    The factor by which accounts seen for more than a year buy faster or slower now.
    """
    week = YEAR / 7
    rows = past[(past["T"] > week) & (past["x"] > 1) & (past["t_x"] > past["T"] - week)]
    if rows.empty:
        return 1.0
    steady = ((rows["x"] - 1) * (rows["t_x"] - rows["T"] + week) / rows["t_x"]).to_numpy()
    seen = (rows["year"] - 1).to_numpy()
    if not (seen.sum() > 0 and steady.sum() > 0):
        return 1.0
    log = float(np.log(seen.sum() / steady.sum()))
    variance = float(((seen - steady) ** 2).sum() / steady.sum() ** 2)
    return float(np.exp(log * FLOOR**2 / (FLOOR**2 + variance)))


def choose_model(past: pd.DataFrame, models: Models, basis: str = "model") -> tuple[np.ndarray, np.ndarray]:
    """Which model for which account, and the reason where none. ``basis`` last_year: that for all.

    Without BG/NBD nothing tells whether an account that bought once comes again: it gets no expectation.
    """
    regular = regular_buyers.is_regular(past).to_numpy()
    refused = (past["spend"] <= 0).to_numpy()
    once = (past["purchases"] == 1).to_numpy()
    if basis == "last_year":
        return np.where(refused, "none", "last_year"), np.where(refused, "no_net_revenue", "")
    if models.rate is not None and models.spend is not None:
        model = np.where(regular, "reorder", "bgnbd")
    else:
        model = np.select([regular, once], ["reorder", "none"], "last_year")
    reason = np.select([refused, model == "none"], ["no_net_revenue", "one_purchase"], "")
    return np.where(refused, "none", model), reason


class Future(NamedTuple):
    """What a model says of accounts: probability of still buying (missing where it says nothing of it), spend
    per purchase; expected purchases in so many days; revenue simulated over so many days (accounts × draws).
    """

    alive: np.ndarray
    spend: np.ndarray
    purchases: Callable[[float], np.ndarray]
    simulate: Callable[[float, int, np.random.Generator], np.ndarray]


def future_of(kind: str, rows: pd.DataFrame, models: Models) -> Future:
    """The future of accounts that follow one of MODELS. ``rows``: of ``history``."""
    if kind == "last_year":
        return _last_year(rows, models)
    return _regular(rows, models.leave) if kind == "reorder" else _irregular(rows, models)


def _own_amounts(
    rows: pd.DataFrame, count: np.ndarray, spend: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Revenue of ``count`` purchases (accounts × draws) of the account's own size and spread."""
    sd, priced = rows["sd"].to_numpy()[:, None], rows["priced"].to_numpy()[:, None]
    # of the purchases, and of the mean that is known from ``priced`` of them
    noise = sd * np.sqrt(count + count**2 / priced) * rng.standard_normal(count.shape)
    return np.maximum(count * spend[:, None] + noise, 0.0)


def _regular(rows: pd.DataFrame, leave: float) -> Future:
    alive, spend = regular_buyers.alive(rows, leave), rows["spend"].to_numpy()

    def purchases_in(days: float) -> np.ndarray:
        return regular_buyers.expected(rows, alive, leave, days)

    def simulate(days: float, draws: int, rng: np.random.Generator) -> np.ndarray:
        return _own_amounts(rows, regular_buyers.draw(rows, alive, leave, days, draws, rng), spend, rng)

    return Future(alive, spend, purchases_in, simulate)


def _irregular(rows: pd.DataFrame, models: Models) -> Future:
    rate, spend_model = models.rate, models.spend
    assert rate is not None and spend_model is not None
    x, t_x, seen = (rows[c].to_numpy(dtype=float) for c in ("x", "t_x", "T"))
    priced, spend = rows["priced"].to_numpy(), rows["spend"].to_numpy()
    alive = bgnbd.alive(rate, x, t_x, seen)
    slowed = seen > YEAR / 7  # a pace below 1 is a shorter time at the old one

    def by_pace(
        of: Callable[[np.ndarray, float], np.ndarray], days: float, shape: tuple[int, ...]
    ) -> np.ndarray:
        out = np.zeros(shape)
        for part, pace in ((slowed, models.pace), (~slowed, 1.0)):
            if part.any():
                out[part] = of(part, days * pace / 7)
        return out

    def purchases_in(days: float) -> np.ndarray:
        return by_pace(
            lambda part, weeks: bgnbd.expected(rate, x[part], t_x[part], seen[part], weeks), days, x.shape
        )

    def simulate(days: float, draws: int, rng: np.random.Generator) -> np.ndarray:
        count = by_pace(
            lambda part, weeks: bgnbd.draw(rate, x[part], alive[part], seen[part], weeks, draws, rng),
            days,
            (len(x), draws),
        )
        return gamma_gamma.draw(spend_model, priced, spend, count, rng)

    return Future(alive, gamma_gamma.expected(spend_model, priced, spend), purchases_in, simulate)


def _last_year(rows: pd.DataFrame, models: Models) -> Future:
    """Last year again: its purchases as a rate that is known no better than so many purchases tell it; after
    the first year it fades as accounts leave.
    """
    year, leave = rows["year"].to_numpy(), models.leave_all
    spend = np.maximum(rows["year_revenue"].to_numpy(), 0.0) / np.maximum(year, 1.0)
    one_year = -np.expm1(-leave * YEAR)

    def purchases_in(days: float) -> np.ndarray:
        return year * -np.expm1(-leave * days) / one_year

    def simulate(days: float, draws: int, rng: np.random.Generator) -> np.ndarray:
        rate = rng.standard_gamma(np.maximum(year, 1e-9)[:, None], (len(year), draws))
        count = rng.poisson(rate * (-np.expm1(-leave * days) / one_year))
        return _own_amounts(rows, count, spend, rng)

    return Future(np.full(len(rows), np.nan), spend, purchases_in, simulate)


def order_of_draws(past: pd.DataFrame) -> np.ndarray:
    """In which order the accounts of a ``history`` take their random numbers."""
    return draw_order(*(past[c].to_numpy() for c in ("purchases", "x", "t_x", "T", "year", "spend")))


def expected_revenue(
    past: pd.DataFrame,
    models: Models,
    days: float,
    draws: int,
    shared: np.ndarray | None = None,
    basis: str = "model",
    ranges: bool = True,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Compute what each account is expected to bring, and draw the total of those that bought more than once.

    Parameters
    ----------
    past : as ``history`` gives it.
    days : how many days ahead.
    shared : (draws,), factors of an error shared by all accounts, in the order of the draws; None for none.
    basis : as in ``choose_model``.
    ranges : whether each account's low, high and beyond are asked for; else they are missing.

    Returns
    -------
    model, reason, purchases, last and EXPECTED by account (``beyond``: the chance to bring what the last 12
    months brought, or more); the total's draws (draws,). The expectations are those without the shared error.
    """
    model, reason = choose_model(past, models, basis)
    out = pd.DataFrame({"model": model, "reason": reason}, index=past.index)
    out["purchases"], out["last"] = past["purchases"], past["last"]
    out[EXPECTED] = np.nan
    rng, order = np.random.default_rng(SEED), order_of_draws(past)
    factors, totals = np.ones(draws) if shared is None else shared, np.zeros(draws)
    for kind in MODELS:
        places = order[model[order] == kind]
        for part in np.array_split(places, len(places) * draws // BLOCK + 1):
            if len(part) == 0:
                continue
            rows = past.iloc[part]
            future = future_of(kind, rows, models)
            number = future.purchases(days)
            revenue = future.simulate(days, draws, rng) * factors
            totals += revenue[(rows["purchases"] > 1).to_numpy()].sum(axis=0)
            found = {"alive": future.alive, "purchases_12m": number, "revenue_12m": number * future.spend}
            if ranges:
                found["low"], found["high"] = row_quantiles(revenue, INTERVAL)
                as_much = revenue >= rows["year_revenue"].to_numpy()[:, None]
                found["beyond"] = (1 + as_much.sum(axis=1)) / (draws + 1)
            for column, values in found.items():
                out.iloc[part, out.columns.get_loc(column)] = values
    return out, totals
