"""How unequal a set of amounts is: Pareto shares, Gini, Herfindahl–Hirschman. All take positive amounts in
any order.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd


def ranked(amounts: pd.Series) -> pd.DataFrame:
    """Positive amounts from the largest, with ``share`` and ``cumulative`` share of their total; equal
    amounts by label.
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
    """Share of the total held by the ``count`` largest."""
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


def abc(amounts: pd.Series, cuts: tuple[float, float] = (0.8, 0.95)) -> pd.Series:
    """A until the cumulative share reaches the first cut (the account that reaches it included), B until the
    second, C after.

    Accounts without positive amount are C. Equal amounts get the better class, so that ties are not split.

    """
    table = ranked(amounts)
    before = (table["cumulative"] - table["share"]).groupby(table["amount"]).transform("min")
    classes = pd.Series(
        np.select([before < cuts[0] - 1e-12, before < cuts[1] - 1e-12], ["A", "B"], "C"), index=table.index
    )
    return classes.reindex(amounts.index).fillna("C").astype("str")


FIGURES = (
    "accounts_for_50",
    "accounts_for_80",
    "accounts_for_95",
    "top1_share",
    "top5_share",
    "top20_share",
    "gini",
    "hhi",
    "law",
)
SEED = 20260630
DRAWS = 1000
LEVEL = (2.5, 97.5)  # percentiles of the interval
CELLS = 20_000_000  # resampled accounts in all: above it fewer draws are taken
FEWEST = 200  # draws
AT_ONCE = 1_000_000  # cells of one batch, which bounds the memory


def concentration_figures(amounts: np.ndarray) -> dict[str, float]:
    """The figures of positive ``amounts``, largest first, each account once."""
    return {
        name: float(values[0])
        for name, values in _figures(amounts, np.ones((1, len(amounts)), dtype=np.int64)).items()
    }


def bootstrap_intervals(
    amounts: np.ndarray, draws: int = DRAWS, seed: int = SEED
) -> tuple[dict[str, tuple[float, float]], int]:
    """Percentile bootstrap over accounts (Efron & Tibshirani 1993, ch. 13): ``(low, high)`` per figure, and
    the draws taken.

    ``amounts`` positive, largest first. Above CELLS / ``draws`` accounts (20,000 with the default) fewer
    draws are taken, down to FEWEST: an interval over so many accounts is narrow, and its ends need no more.
    """
    n = len(amounts)
    draws = min(draws, max(FEWEST, CELLS // n))
    rng, parts = np.random.default_rng(seed), []
    step = max(1, AT_ONCE // n)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        picked = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        parts.append(_figures(amounts, np.bincount(picked.ravel(), minlength=rows * n).reshape(rows, n)))
    out = {}
    for name in FIGURES:
        low, high = np.percentile(np.concatenate([part[name] for part in parts]), LEVEL)
        counted = name.startswith("accounts")  # there are no half accounts: outward to the next whole one
        out[name] = (math.floor(low), math.ceil(high)) if counted else (float(low), float(high))
    return out, draws


def _figures(amounts: np.ndarray, times: np.ndarray) -> dict[str, np.ndarray]:
    """Each figure for each row of ``times``: how often an account stands in that resample.

    The amounts (largest first) are sorted once for all rows. With Cⱼ = c₁ + … + cⱼ accounts and Sⱼ their
    amounts, the k largest accounts hold S up to the account at which C reaches k, less what is counted too
    much there; Gini (population form) is Σ cⱼ(n + cⱼ − 2Cⱼ)·xⱼ / (n·ΣS); the law is where the curve through
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
        over = np.floor(
            (held[rows, at] - goal) / parts[at]
        )  # equal accounts of that place that are not needed any more
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
        "gini": np.maximum(0.0, np.einsum("ij,ij->i", weighted, n + times - 2 * count) / (n * total)),
        "hhi": (times @ parts**2) / total**2,
        "law": (before_count + step) / n,
    }
