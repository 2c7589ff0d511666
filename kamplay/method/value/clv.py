"""What each account is expected to bring: revenue of the next 12 months with an interval, and its value over
three years.

Accounts that buy to a rhythm follow it (reorder); the others follow BG/NBD for how often and gamma–gamma for
how much; where neither can be fitted an account is refused with the reason. The same is done as of a year
earlier, and compared with what then came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings, Severity
from kamplay.method.stats import bgnbd, gamma_gamma, regular_buyers

YEAR = 365.0  # days
YEARS = 3  # of lifetime value
DISCOUNT = 0.10  # a year: an amount due in a year counts for 1/1.1 today
REPEATERS = 50  # accounts with a repeat purchase: the least for BG/NBD and gamma–gamma
# purchases of the last 12 months from which spend per purchase is taken, so that a price or a size of long
# ago does not count
RECENT = 3
MONTHS = 12  # of history, the least
INTERVAL = (0.1, 0.9)  # 80 %
BIASED, TESTED = (
    0.1,
    30,
)  # a total missed by as much, and by more than chance, over as many accounts is corrected for
SEED = 20050501
DRAWS, BUDGET, BLOCK = 1000, 8_000_000, 2_000_000  # draws an account; draws in all; draws held at once
COLUMNS = (
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
)
REFUSED = ("short_history", "no_net_revenue", "one_purchase", "irregular")


@dataclass(frozen=True)
class CustomerValue:
    """``accounts`` (index account_id, those that ever bought; largest expected first): model (bgnbd, reorder,
    none), reason (of REFUSED, of a refusal), purchases so far, alive (probability of still buying),
    purchases_12m, revenue_12m, low and high (80 %), clv, clv_on (margin or revenue), revenue of the last
    12 months, last (date). Refused accounts have no figures. ``fit``: figure, value. ``check``: per
    account a year ago, index account_id: model, expected, low, high, actual. ``figures``: totals, here and
    in the check over accounts with at least two purchases: a single one may be a one-off, so what those
    that bought once would bring stands beside (single, single_expected, single_last); factor, corrected,
    corrected_low, corrected_high as in ``_corrected``.
    """

    accounts: pd.DataFrame
    fit: pd.DataFrame
    check: pd.DataFrame
    figures: dict[str, Any]


@dataclass(frozen=True)
class Models:
    """What was fitted to a history; None where too few accounts bought again."""

    rate: bgnbd.BGNBD | None
    spend: gamma_gamma.GammaGamma | None
    leave: float


def customer_value(book: Book) -> CustomerValue:
    """Expected revenue of the 365 days after the last day seen, and lifetime value over YEARS at DISCOUNT.

    Amounts in the engagement's currency.
    """
    end = book.seen_to
    past = history(book.days, end) if len(book.days) else history(book.days, pd.Timestamp(book.as_of))
    if book.months_covered < MONTHS:
        return _refused(past, book)
    test, check = _holdout(book, end)
    spread = (
        abs(np.log(test["actual"] / test["expected"]))
        if test.get("expected", 0) > 0 and test.get("actual", 0) > 0
        else None
    )
    models = fit_models(past)
    table, low, high = expected_revenue(past, models, YEAR, spread or 0.0)
    table["clv"], table["clv_on"] = lifetime(past, table, models, _rate(book))
    table["revenue"] = purchases.revenue(book).reindex(table.index).fillna(0.0)
    table = _ordered(table)
    told, single = counted(table), table[(table["model"] != "none") & (table["purchases"] == 1)]
    figures = {
        "months": book.months_covered,
        "expected": float(told["revenue_12m"].sum()),
        "low": low,
        "high": high,
        "told": len(told),
        "clv": float(told["clv"].sum()),
        "last": float(purchases.revenue(book).sum()),
        "tested": bool(test),
        "correlation": gamma_gamma.dependence(past["purchases"], past["spend"]),
        "repeaters": int((past["purchases"] > 1).sum()),
        "single": len(single),
        "single_expected": float(single["revenue_12m"].sum()),
        "single_last": float(single["revenue"].sum()),
    }
    figures |= {f"holdout_{k}": v for k, v in test.items()}
    figures |= _corrected(figures)
    return CustomerValue(table, _fit_table(models, figures), check, figures)


def _corrected(figures: dict[str, Any]) -> dict[str, float]:
    """What is left of the total once the miss of a year ago is taken off it: factor, corrected,
    corrected_low, corrected_high.

    Only where the miss is BIASED or more, over TESTED accounts or more, and chance alone would rarely do it:
    what then came lay outside the test's own 80 % interval, which counts chance only. Else the factor is 1.
    One year shows a bias and not that it stays, so the interval keeps its width in logs.
    """
    off = figures.get("holdout_off")
    factor = 1.0
    if off is not None and abs(off) >= BIASED and off > -1 and figures["holdout_accounts"] >= TESTED:
        beyond = not figures["holdout_low"] <= figures["holdout_actual"] <= figures["holdout_high"]
        factor = 1 / (1 + off) if beyond else 1.0
    return {"factor": factor} | {
        f"corrected{end}": figures[name] * factor
        for end, name in (("", "expected"), ("_low", "low"), ("_high", "high"))
    }


def counted(accounts: pd.DataFrame) -> pd.DataFrame:
    """Of ``Future.accounts`` those with an expectation that counts: told, and with more than one purchase."""
    return accounts[(accounts["model"] != "none") & (accounts["purchases"] > 1)]


def history(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Per account that bought by ``end``: x, t_x, T (weeks), purchases (buying days), spend (net amount per
    purchase, returns taken off: of the last 12 months where it bought at least RECENT times in them, else
    of all time), ``priced`` (the purchases behind it), sd of a purchase, gap (mean, days), cv of the gaps,
    silent (days), first and last.
    """
    past = days[days["date"] <= end]
    bought = past.loc[past["bought"], ["account_id", "date", "amount"]].sort_values(
        ["account_id", "date"], kind="stable"
    )
    gaps = bought["date"].diff().dt.days.where(bought["account_id"].eq(bought["account_id"].shift()))
    by, gap = bought.groupby("account_id"), gaps.groupby(bought["account_id"]).agg(["mean", "std"])
    out = pd.DataFrame({"first": by["date"].min(), "last": by["date"].max(), "purchases": by.size()})
    out["x"] = out["purchases"] - 1.0
    out["t_x"], out["T"] = (out["last"] - out["first"]).dt.days / 7.0, (end - out["first"]).dt.days / 7.0
    out["silent"] = (end - out["last"]).dt.days.astype(float)
    since = end - pd.DateOffset(months=12)
    late, recent = (
        past[past["date"] > since],
        bought[bought["date"] > since].groupby("account_id").size().reindex(out.index),
    )
    out["priced"] = recent.where(recent >= RECENT, out["purchases"]).astype(float)
    net, new = (rows.groupby("account_id")["amount"].sum().reindex(out.index) for rows in (past, late))
    out["spend"] = new.where(recent >= RECENT, net) / out["priced"]
    out["sd"] = by["amount"].std().reindex(out.index).fillna(0.0)
    out["gap"] = gap["mean"].reindex(out.index)
    out["cv"] = (gap["std"] / gap["mean"]).reindex(out.index)
    out.index.name = "account_id"
    return out


def fit_models(past: pd.DataFrame) -> Models:
    """The models that a history allows."""
    leave = regular_buyers.leaving(past) if len(past) else 0.0
    if (past["purchases"] > 1).sum() < REPEATERS:
        return Models(None, None, leave)
    spent = past[past["spend"] > 0]
    enough = (spent["purchases"] > 1).sum() >= REPEATERS
    spend = gamma_gamma.fit(spent["priced"].to_numpy(), spent["spend"].to_numpy()) if enough else None
    return Models(bgnbd.better(past[["x", "t_x", "T"]]) if spend else None, spend, leave)


def choose(past: pd.DataFrame, models: Models) -> tuple[np.ndarray, np.ndarray]:
    """Which model for which account, and why none."""
    steady = regular_buyers.is_regular(past).to_numpy()
    paid = (past["spend"] > 0).to_numpy()
    both = models.rate is not None and models.spend is not None
    model = np.select([~paid, steady], ["none", "reorder"], "bgnbd" if both else "none")
    reason = np.select(
        [model != "none", ~paid, (past["purchases"] == 1).to_numpy()],
        ["", "no_net_revenue", "one_purchase"],
        "irregular",
    )
    return model, reason


def expected_revenue(
    past: pd.DataFrame, models: Models, days: float, spread: float
) -> tuple[pd.DataFrame, float, float]:
    """The columns of Future.accounts up to ``high``, and the 80 % interval of the total of the accounts that
    bought more than once.

    Chance hits each account alone and evens out in the total; ``spread`` is what does not: the error of a
    year ago as a standard deviation in logs, shared by all accounts.
    """
    model, reason = choose(past, models)
    out = pd.DataFrame({"model": model, "reason": reason, "purchases": past["purchases"]}, index=past.index)
    out["alive"] = np.nan
    out["last"] = past["last"]
    for column in ("purchases_12m", "revenue_12m", "low", "high"):
        out[column] = np.nan
    rng = np.random.default_rng(SEED)
    draws = int(np.clip(BUDGET // max(len(past), 1), 80, DRAWS))
    totals, shared = np.zeros(draws), np.exp(spread * ndtri((np.arange(draws) + 0.5) / draws))
    for kind in ("bgnbd", "reorder"):
        places = np.flatnonzero(model == kind)
        for part in np.array_split(places, len(places) * draws // BLOCK + 1):
            if len(part) == 0:
                continue
            rows = past.iloc[part]
            chance, number, each, sums = _one(kind, rows, models, days, draws, rng)
            totals += sums[(rows["purchases"] > 1).to_numpy()].sum(axis=0)
            low, high = np.quantile(sums, INTERVAL, axis=1)
            found = {
                "alive": chance,
                "purchases_12m": number,
                "revenue_12m": number * each,
                "low": low,
                "high": high,
            }
            for column, values in found.items():
                out.iloc[part, out.columns.get_loc(column)] = values
    low, high = (float(v) for v in np.quantile(totals * shared, INTERVAL))
    return out, low, high


def _one(
    kind: str, rows: pd.DataFrame, models: Models, days: float, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Chance of still buying, expected purchases, spend per purchase, and revenue simulated (accounts,
    draws).
    """
    chance, number, each = _means(kind, rows, models, days)
    if kind == "reorder":
        count = regular_buyers.draw(rows, chance, models.leave, days, draws, rng)
        sd, m = rows["sd"].to_numpy()[:, None], rows["priced"].to_numpy()[:, None]
        noise = (
            sd * np.sqrt(count + count**2 / m) * rng.standard_normal(count.shape)
        )  # of the purchases, and of the mean itself
        return chance, number, each, np.maximum(count * each[:, None] + noise, 0.0)
    assert models.rate is not None and models.spend is not None
    count = bgnbd.draw(models.rate, rows["x"].to_numpy(), chance, rows["T"].to_numpy(), days / 7, draws, rng)
    return (
        chance,
        number,
        each,
        gamma_gamma.draw(models.spend, rows["priced"].to_numpy(), rows["spend"].to_numpy(), count, rng),
    )


def _means(
    kind: str, rows: pd.DataFrame, models: Models, days: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chance of still buying, expected purchases in so many days, expected spend per purchase."""
    if kind == "reorder":
        chance = regular_buyers.alive(rows, models.leave)
        return chance, regular_buyers.expected(rows, chance, models.leave, days), rows["spend"].to_numpy()
    assert models.rate is not None and models.spend is not None
    x, t_x, seen = (rows[c].to_numpy(dtype=float) for c in ("x", "t_x", "T"))
    each = gamma_gamma.expected(models.spend, rows["priced"].to_numpy(), rows["spend"].to_numpy())
    return bgnbd.alive(models.rate, x, t_x, seen), bgnbd.expected(models.rate, x, t_x, seen, days / 7), each


def lifetime(
    past: pd.DataFrame, table: pd.DataFrame, models: Models, rate: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Discounted value of YEARS per account, each year's amount taken at its middle, and whether it stands on
    margin or on revenue.

    ``rate``: margin per unit of revenue, missing where cost is unknown.

    """
    value = pd.Series(np.nan, index=past.index)
    for kind in ("bgnbd", "reorder"):
        rows = past[table["model"] == kind]
        if len(rows) == 0:
            continue
        sofar, total = np.zeros(len(rows)), np.zeros(len(rows))
        for year in range(1, YEARS + 1):
            _, number, each = _means(kind, rows, models, YEAR * year)
            total += (number - sofar) * each / (1 + DISCOUNT) ** (year - 0.5)
            sofar = number
        value[rows.index] = total
    own = rate.reindex(past.index)
    on = own.notna().map({True: "margin", False: "revenue"}).where(value.notna(), "")
    return value * own.fillna(1.0), on


def _rate(book: Book) -> pd.Series:
    """Margin per unit of revenue of the last 12 months, else of all months; missing where cost is unknown."""
    return purchases.margin_share(book).fillna(purchases.margin_share(book, max(book.months_covered, 1)))


def _holdout(book: Book, end: pd.Timestamp) -> tuple[dict[str, Any], pd.DataFrame]:
    """Fitted to what was known 12 months before ``as_of``, and compared with what came until ``end``; empty
    below two years.
    """
    none = pd.DataFrame(columns=["model", "expected", "low", "high", "actual"])
    if book.months_covered < MONTHS + 12:
        return {}, none
    cut = purchases.window_dates(book, 12)[0] - pd.Timedelta(days=1)
    horizon = float((end - cut).days)
    past = history(book.days, cut)
    if horizon < YEAR / 2 or len(past) == 0:
        return {}, none
    table, low, high = expected_revenue(past, fit_models(past), horizon, 0.0)
    told = counted(table).rename(columns={"revenue_12m": "expected"})
    after = (
        book.days[(book.days["date"] > cut) & (book.days["date"] <= end)]
        .groupby("account_id")["amount"]
        .sum()
    )
    check = told[["model", "expected", "low", "high"]].assign(actual=after.reindex(told.index).fillna(0.0))
    check = check.sort_values("expected", ascending=False, kind="stable")
    if len(check) == 0:
        return {}, none
    known = after[after.index.isin(past.index)].sum()
    single = float(after.reindex(past.index[past["purchases"] == 1]).sum())
    spread = len(check) > 2 and check["expected"].std() > 0 and check["actual"].std() > 0
    expected, actual = float(check["expected"].sum()), float(check["actual"].sum())
    inside = check["actual"].between(check["low"], check["high"]).mean()
    return {
        "expected": expected,
        "actual": actual,
        "off": expected / actual - 1 if actual > 0 else None,
        "low": low,
        "high": high,
        "accounts": len(check),
        "refused": float(known - actual - single),
        "single": single,
        "new": float(after.sum() - known),
        "inside": float(inside),
        "by_account": float(check["expected"].corr(check["actual"])) if spread else None,
        "misplaced": float((check["expected"] - check["actual"]).abs().sum() / actual)
        if actual > 0
        else None,
    }, check


def _fit_table(models: Models, figures: dict[str, Any]) -> pd.DataFrame:
    rate, spend = models.rate, models.spend
    rows: dict[str, Any] = {k: getattr(rate, k) if rate else None for k in ("r", "alpha", "a", "b")}
    rows |= {k: getattr(spend, k) if spend else None for k in ("p", "q", "v")}
    rows |= {"accounts": figures["told"], "correlation": figures["correlation"]}
    rows |= {k: figures.get(k) for k in ("holdout_expected", "holdout_actual")}
    return pd.DataFrame(
        {"figure": list(rows), "value": pd.array(list(rows.values()), dtype="Float64").astype("float64")}
    )


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    table = table.reindex(columns=list(COLUMNS))
    return table.sort_index().sort_values("revenue_12m", ascending=False, na_position="last", kind="stable")


def _refused(past: pd.DataFrame, book: Book) -> CustomerValue:
    """Nobody is told: less than MONTHS of history."""
    said = {
        "model": "none",
        "reason": "short_history",
        "purchases": past["purchases"],
        "last": past["last"],
        "clv_on": "",
    }
    table = pd.DataFrame(said, index=past.index)
    table["revenue"] = purchases.revenue(book).reindex(table.index).fillna(0.0)
    repeaters = int((past["purchases"] > 1).sum())
    figures: dict[str, Any] = {
        "months": book.months_covered,
        "told": 0,
        "tested": False,
        "correlation": None,
        "repeaters": repeaters,
    }
    check = pd.DataFrame(columns=["model", "expected", "low", "high", "actual"])
    return CustomerValue(_ordered(table), _fit_table(Models(None, None, 0.0), figures), check, figures)


FAR_OFF = 0.2  # a total missed by more is no basis for a budget
DEPENDENT = 0.3  # rank correlation of frequency and spend beyond which the model's assumption fails
REFUSALS = {
    "one_purchase": "future_refused_single",
    "irregular": "future_refused_irregular",
    "no_net_revenue": "future_refused_returns",
}
TEN = 10
TENTHS = 10  # groups by size in which the test of a year ago is told
# what single purchases brought or would bring, against the expectation, from which it is worth saying
SINGLE = 0.01
FALL = 0.01  # an expected fall worth a name: 1 % of last year's revenue


def add_findings(found: Findings, result: CustomerValue) -> None:
    """Adds the findings of ``future``."""
    f, table = result.figures, result.accounts
    refused = table[table["model"] == "none"]
    if f["told"] == 0:
        if (refused["reason"] == "short_history").any() or table.empty:
            found.add("future_unknown", "watch", "future_ask_history", months=f["months"])
        else:
            found.add(
                "future_no_model",
                "watch",
                "future_ask_history",
                refused.index,
                count=len(refused),
                repeaters=f["repeaters"],
            )
        return
    told = counted(table)
    _total(found, result)
    falling = told[
        (told["high"] < told["revenue"])
        & (told["revenue"] - told["revenue_12m"] > FALL * max(f["last"], 0.0))
    ]
    if len(falling):
        falling = falling.assign(fall=falling["revenue"] - falling["revenue_12m"]).sort_values(
            "fall", ascending=False, kind="stable"
        )
        sums = {"count": len(falling), "fall": falling["fall"].sum(), "before": falling["revenue"].sum()}
        found.add("future_falling", "act", "future_call", falling.index, **sums, stake=sums["fall"])
    single = table[(table["model"] != "none") & (table["purchases"] == 1)]
    if max(f["single_expected"], f["single_last"]) > SINGLE * f["expected"]:
        sums = {"count": len(single), "amount": f["single_expected"], "last": f["single_last"]}
        found.add("future_single", "watch", "future_ask_single", single.index, **sums, stake=sums["last"])
    _lifetime(found, result)
    if (
        f["correlation"] is not None
        and abs(f["correlation"]) > DEPENDENT
        and (told["model"] == "bgnbd").any()
    ):
        kind = "future_dependent_more" if f["correlation"] > 0 else "future_dependent_less"
        found.add(kind, "watch", "future_split", correlation=f["correlation"])
    for reason, kind in REFUSALS.items():
        rows = refused[refused["reason"] == reason]
        if len(rows):
            found.add(
                kind,
                "note",
                None,
                rows.index,
                count=len(rows),
                revenue=rows["revenue"].sum(),
                repeaters=f["repeaters"],
            )


def tenths(check: pd.DataFrame) -> pd.DataFrame:
    """Sums of expected and actual by tenth of the accounts, 0 the largest expectations. ``check``: as in
    Future, in its order.
    """
    return check.groupby(np.arange(len(check)) * TENTHS // len(check))[["expected", "actual"]].sum()


def by_size(check: pd.DataFrame) -> dict[str, float | int]:
    """The tenth whose amount was missed most: group (1 to 10), group_expected, group_actual, group_off; empty
    without ten accounts.

    A total can be right because large accounts brought more and small ones less than expected; then no group
    is as near as it.
    """
    if len(check) < TENTHS:
        return {}
    sums = tenths(check)
    sums = sums[sums["actual"] > 0]
    if sums.empty:
        return {}
    at = (sums["expected"] - sums["actual"]).abs().idxmax()
    expected, actual = sums.loc[at, "expected"], sums.loc[at, "actual"]
    return {
        "group": int(at) + 1,
        "group_expected": expected,
        "group_actual": actual,
        "group_off": expected / actual - 1,
    }


def _total(found: Findings, result: CustomerValue) -> None:
    f, table = result.figures, result.accounts
    ten = counted(table).head(TEN)
    share = ten["revenue_12m"].sum() / f["expected"] if f["expected"] > 0 else None
    sums = {
        "count": f["told"],
        "expected": f["expected"],
        "low": f["low"],
        "high": f["high"],
        "last": f["last"],
    }
    sums |= {"ten": ten["revenue_12m"].sum(), "ten_count": len(ten), "ten_share": share}
    off = f.get("holdout_off")
    if off is None:
        found.add("future_expected_untested", "watch", "future_test_first", ten.index, **sums)
        return
    far = abs(off) > FAR_OFF
    worst = by_size(result.check)
    if f["factor"] != 1:
        sums |= {k: f[k] for k in ("corrected", "corrected_low", "corrected_high")}
        found.add(
            "future_expected_corrected",
            "watch",
            "future_corrected_budget",
            ten.index,
            **sums,
            off=off,
            **worst,
        )
    else:
        severity: Severity = "watch" if far else "note"
        action = "future_not_a_budget" if far else "future_compare_budget"
        found.add("future_expected", severity, action, ten.index, **sums, off=off, **worst)
    test = {
        k: f[f"holdout_{k}"]
        for k in ("expected", "actual", "new", "single", "by_account", "inside", "accounts")
    }
    kind = "future_checked" if f["holdout_by_account"] is not None else "future_checked_total"
    found.add(kind, "note", None, result.check.index[:TEN], **test, off=off, **worst)


def _lifetime(found: Findings, result: CustomerValue) -> None:
    table = result.accounts
    told = counted(table)
    on = told[told["clv_on"] == "margin"]
    best = told.sort_values("clv", ascending=False, kind="stable")
    kind = (
        "future_clv_margin"
        if len(on) == len(told)
        else "future_clv_mixed"
        if len(on)
        else "future_clv_revenue"
    )
    sums = {
        "clv": told["clv"].sum() * result.figures["factor"],
        "years": YEARS,
        "rate": DISCOUNT,
        "count": len(told),
    }
    sums |= {"with_cost": len(on), "without": len(told) - len(on)}
    found.add(
        kind, "note", None if kind == "future_clv_margin" else "future_ask_cost", best.index[:TEN], **sums
    )
