"""How unequal a set of amounts is: Pareto shares, Gini, Herfindahl–Hirschman. All take positive amounts in any order."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd


def ranked(amounts: pd.Series) -> pd.DataFrame:
    """Positive amounts from the largest, with ``share`` and ``cumulative`` share of their total; equal amounts by label."""
    positive = amounts[amounts > 0].rename("amount")
    order = positive.to_frame().assign(_label=positive.index.astype(str)).sort_values(["amount", "_label"], ascending=[False, True])
    total = math.fsum(order["amount"])
    out = order[["amount"]].assign(share=order["amount"] / total if total else 0.0)
    out["cumulative"] = out["share"].cumsum()
    return out


def top_share(amounts: pd.Series, part: float) -> float | None:
    """Share of the total held by the ⌈part·n⌉ largest, between 0 and 1; None without a positive amount."""
    table = ranked(amounts)
    return None if table.empty else float(table["cumulative"].iloc[math.ceil(round(part * len(table), 9)) - 1])


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
    """A until the cumulative share reaches the first cut (the account that reaches it included), B until the second, C after.

    Accounts without positive amount are C. Equal amounts get the better class, so that ties are not split.
    """
    table = ranked(amounts)
    before = (table["cumulative"] - table["share"]).groupby(table["amount"]).transform("min")
    classes = pd.Series(np.select([before < cuts[0] - 1e-12, before < cuts[1] - 1e-12], ["A", "B"], "C"), index=table.index)
    return classes.reindex(amounts.index).fillna("C").astype("str")
