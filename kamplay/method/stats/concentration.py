"""How unequal a set of amounts is: Pareto shares, Gini, Herfindahl–Hirschman, with bootstrap intervals.

All take amounts in any order and unit; only positive ones count.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kamplay.method.stats.intervals import DRAWS, SEED, percentile_interval, resamples


def ranked(amounts: pd.Series) -> pd.DataFrame:
    """Rank positive amounts from the largest, equal amounts by label.

    Returns
    -------
    Index as ``amounts``; ``amount``, ``share`` of their total and ``cumulative`` share.
    """
    positive = amounts[amounts > 0].rename("amount")
    order = (
        positive.to_frame()
        .assign(_label=positive.index.astype(str))
        .sort_values(["amount", "_label"], ascending=[False, True])
    )
    total = math.fsum(order["amount"])
    out = order[["amount"]].assign(share=order["amount"] / total if total else 0.0)
    out["cumulative"] = out["share"].cumsum()
    return out


def top_share(amounts: pd.Series, part: float) -> float | None:
    """Share of the total held by the ⌈part·n⌉ largest, between 0 and 1; None without a positive amount."""
    table = ranked(amounts)
    return (
        None if table.empty else float(table["cumulative"].iloc[math.ceil(round(part * len(table), 9)) - 1])
    )


def first_share(amounts: pd.Series, count: int) -> float | None:
    """Share of the total held by the ``count`` largest; None without a positive amount."""
    table = ranked(amounts)
    return None if table.empty else float(table["cumulative"].iloc[min(count, len(table)) - 1])


def accounts_for(amounts: pd.Series, share: float) -> int | None:
    """The smallest number of accounts that together hold at least ``share`` of the total."""
    table = ranked(amounts)
    return None if table.empty else int((table["cumulative"] < share - 1e-12).sum()) + 1


def gini(amounts: pd.Series) -> float | None:
    """Gini coefficient, population form: Σ(2i − n − 1)·xᵢ / (n·Σx), x ascending (Gini 1912; Sen 1973)."""
    x = np.sort(amounts[amounts > 0].to_numpy(dtype=float))
    n = len(x)
    return None if n == 0 else float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * x.sum()))


def hhi(amounts: pd.Series) -> float | None:
    """Herfindahl–Hirschman index: the sum of squared shares, 1/n to 1."""
    table = ranked(amounts)
    return None if table.empty else float((table["share"] ** 2).sum())


def pareto_rule(amounts: pd.Series) -> float | None:
    """The share x of accounts, largest first, that brings 1 − x of the total: 0.2 where 80/20 holds, 0.5
    where all are equal.

    One less the Kolkata index k (Banerjee, Chakrabarti, Mitra & Mutuswami 2020, Frontiers in Physics
    8:562182), on the curve drawn straight between accounts. None without a positive amount.
    """
    return concentration_figures(amounts).get("law")


def concentration_figures(amounts: pd.Series | np.ndarray) -> dict[str, float]:
    """All figures at once, faster than one by one: accounts_for_50, _80 and _95, top1_, top5_ and
    top20_share, gini, hhi, law (``pareto_rule``). Empty without a positive amount.
    """
    x = _descending(amounts)
    if len(x) == 0:
        return {}
    once = np.ones((1, len(x)), dtype=np.int64)
    return {name: float(values[0]) for name, values in _resampled_figures(x, once).items()}


def abc(amounts: pd.Series, cuts: tuple[float, float] = (0.8, 0.95)) -> pd.Series:
    """Class of each account: A until the cumulative share reaches the first cut (the account that reaches it
    included), B until the second, C after.

    Accounts without positive amount are C. Equal amounts get the better class, so that ties are not split.
    """
    table = ranked(amounts)
    before = (table["cumulative"] - table["share"]).groupby(table["amount"]).transform("min")
    classes = pd.Series(
        np.select([before < cuts[0] - 1e-12, before < cuts[1] - 1e-12], ["A", "B"], "C"), index=table.index
    )
    return classes.reindex(amounts.index).fillna("C").astype("str")


def gini_interval(amounts: pd.Series, draws: int = DRAWS, seed: int = SEED) -> tuple[float, float]:
    """Low and high end of Gini's 95 % interval: percentile bootstrap over accounts.

    Resamples are a little more equal than the accounts themselves: with very few of them the estimate could
    lie outside, so the interval is widened to it. (0, 0) without a positive amount.
    """
    x = np.sort(amounts[amounts > 0].to_numpy(dtype=float))
    if len(x) == 0:
        return 0.0, 0.0
    estimate = gini(amounts) or 0.0
    drawn = [_resampled_gini(x, times) for times in resamples(len(x), draws, seed)]
    low, high = percentile_interval(np.concatenate(drawn))
    return min(low, estimate), min(1.0, max(high, estimate))


def concentration_intervals(amounts: pd.Series, draws: int = DRAWS, seed: int = SEED) -> pd.DataFrame:
    """Every figure of concentration with its 95 % interval: percentile bootstrap over accounts.

    A resample repeats some accounts and lacks others: with few of them the estimate can lie outside, so the
    interval is widened to it.

    Returns
    -------
    One row a figure (``figure``): ``estimate``, ``low`` and ``high`` (numbers of accounts rounded outward to
    whole ones), the ``accounts`` with a positive amount and the ``draws`` taken. Empty without such an
    account.
    """
    estimates = {
        "accounts_for_50": accounts_for(amounts, 0.5),
        "accounts_for_80": accounts_for(amounts, 0.8),
        "accounts_for_95": accounts_for(amounts, 0.95),
        "top1_share": first_share(amounts, 1),
        "top5_share": first_share(amounts, 5),
        "top20_share": top_share(amounts, 0.2),
        "gini": gini(amounts),
        "hhi": hhi(amounts),
        "law": pareto_rule(amounts),
    }
    columns = ["figure", "estimate", "low", "high", "accounts", "draws"]
    x = _descending(amounts)
    if len(x) == 0:
        return pd.DataFrame(columns=columns)
    batches = [_resampled_figures(x, times) for times in resamples(len(x), draws, seed)]
    rows = []
    for name, value in estimates.items():
        drawn = np.concatenate([batch[name] for batch in batches])
        low, high = percentile_interval(drawn)
        if name.startswith("accounts"):
            low, high = math.floor(low), math.ceil(high)
        estimate = float(value or 0.0)
        rows.append((name, estimate, min(low, estimate), max(high, estimate), len(x), len(drawn)))
    return pd.DataFrame(rows, columns=columns)


def _descending(amounts: pd.Series | np.ndarray) -> np.ndarray:
    """The positive amounts, the largest first."""
    values = np.asarray(amounts, dtype=float)
    return np.sort(values[values > 0])[::-1]


def _resampled_gini(ascending: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Gini of each row of ``times``: how often each of the ascending amounts stands in that resample.

    With n accounts of which the i-th smallest is drawn cᵢ times, Cᵢ = c₁ + … + cᵢ, the population form
    becomes Σ cᵢ(2Cᵢ − cᵢ − n)·xᵢ / (n·Σ cᵢxᵢ): the amounts are sorted once for all draws.
    """
    n = times[0].sum()
    ranks = times * (2 * np.cumsum(times, axis=1) - times - n)
    return np.maximum(0.0, (ranks @ ascending) / (n * (times @ ascending)))


def _resampled_figures(amounts: np.ndarray, times: np.ndarray) -> dict[str, np.ndarray]:
    """Each figure for each row of ``times``: how often each of the descending amounts stands in that
    resample.

    With Cⱼ = c₁ + … + cⱼ accounts and Sⱼ their amounts, the k largest accounts hold S up to the account at
    which C reaches k, less what is counted too much there; the Pareto rule is where the curve through
    (C/n, S/ΣS) meets the falling diagonal.
    """
    n = int(times[0].sum())
    parts = amounts / amounts[0]  # of the largest: no unit, and squares stay finite
    count, weighted = np.cumsum(times, axis=1), times * parts
    held = np.cumsum(weighted, axis=1)
    total = held[:, -1]
    rows = np.arange(len(times))

    def first(rising: np.ndarray, goals: np.ndarray) -> np.ndarray:
        """Where each row first reaches its goal."""
        return np.array([row.searchsorted(goal) for row, goal in zip(rising, goals, strict=True)])

    def share(k: int) -> np.ndarray:
        at = first(count, np.full(len(times), min(k, n)))
        return np.minimum(1.0, (held[rows, at] - (count[rows, at] - min(k, n)) * parts[at]) / total)

    def needed(part: float) -> np.ndarray:
        goal = (part - 1e-12) * total
        at = first(held, goal)
        # equal accounts of that place that are not needed any more
        over = np.floor((held[rows, at] - goal) / parts[at])
        return count[rows, at] - np.minimum(over, times[rows, at] - 1)

    at = first(held / total[:, None] + count / n, np.ones(len(times)))
    before_count, before_held = count[rows, at] - times[rows, at], held[rows, at] - weighted[rows, at]
    step = (1.0 - before_count / n - before_held / total) / (parts[at] / total + 1.0 / n)
    return {
        "accounts_for_50": needed(0.5),
        "accounts_for_80": needed(0.8),
        "accounts_for_95": needed(0.95),
        "top1_share": share(1),
        "top5_share": share(5),
        "top20_share": share(math.ceil(round(0.2 * n, 9))),
        "gini": _resampled_gini(parts[::-1], times[:, ::-1]),
        "hhi": (times @ parts**2) / total**2,
        "law": (before_count + step) / n,
    }
