"""What exercises are made from: the tables of a case or of a class's own, and figures of the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

WAN = 10_000.0
ROWS = {1: 12, 2: 16, 3: 22}  # accounts of a sheet, by difficulty


class NotInDataError(Exception):
    """The client's tables do not hold what an exercise needs: ``what`` names the table."""

    def __init__(self, what: str):
        self.what = what
        super().__init__(what)


@dataclass(frozen=True)
class Source:
    """What exercises are made from.

    Attributes
    ----------
    tables : by name, in the codebook's columns.
    planted : kind → what was planted; None for a client's own data, of which nothing is known beforehand.
    leaving : account → yearly revenue of those that are leaving; None likewise.
    """

    tables: Mapping[str, pd.DataFrame]
    as_of: date
    seed: int
    difficulty: int
    planted: Mapping[str, dict[str, Any]] | None = None
    leaving: Mapping[str, float] | None = None

    def table(self, name: str) -> pd.DataFrame:
        if name not in self.tables or self.tables[name].empty:
            raise NotInDataError(name)
        return self.tables[name]

    def rng(self, exercise: str) -> np.random.Generator:
        """Chance for one exercise, so that a change to another leaves it as it was."""
        return np.random.default_rng([self.seed, *exercise.encode()])

    @property
    def end(self) -> pd.Timestamp:
        return pd.Timestamp(self.as_of)

    @cached_property
    def names(self) -> pd.Series:
        if "accounts" not in self.tables or "account_name" not in self.tables["accounts"]:
            return pd.Series(dtype=object)
        return self.tables["accounts"].drop_duplicates("account_id").set_index("account_id")["account_name"]

    def name(self, account: str) -> str:
        found = self.names.get(account)
        return account if found is None or pd.isna(found) else str(found)

    @cached_property
    def lines(self) -> pd.DataFrame:
        lines = self.table("transactions")
        return lines[lines["date"] <= self.end]

    @cached_property
    def year(self) -> pd.DataFrame:
        return self.lines[self.lines["date"] > self.end - pd.DateOffset(years=1)]

    @cached_property
    def revenue(self) -> pd.Series:
        """Of the 12 months, the largest first; only accounts with a purchase."""
        found = self.year.groupby("account_id")["amount"].sum().sort_values(ascending=False, kind="stable")
        return found[found > 0]

    @cached_property
    def figures(self) -> pd.DataFrame:
        """One row per account that bought in the 12 months, as exhibits show it."""
        year, lines, end = self.year, self.lines, self.end
        by = year.groupby("account_id")
        before = lines[
            (lines["date"] <= end - pd.DateOffset(years=1)) & (lines["date"] > end - pd.DateOffset(years=2))
        ]
        was = before.groupby("account_id")["amount"].sum().reindex(self.revenue.index)
        out = pd.DataFrame(index=self.revenue.index)
        out["revenue"] = (self.revenue / WAN).round(1)
        if "cost" in lines and lines["cost"].notna().any():
            margin = (by["amount"].sum() - by["cost"].sum()).reindex(out.index)
            out["margin"] = (margin / WAN).round(1)
            out["margin_share"] = (100 * margin / self.revenue).round(1)
        order = lines["order_id"] if "order_id" in lines else lines["date"].astype(str)
        whole = lines[lines["amount"] > 0].assign(order=order)
        largest = (
            whole[whole["date"] > end - pd.DateOffset(years=1)]
            .groupby(["account_id", "order"])["amount"]
            .sum()
        )
        out["largest_order"] = (largest.groupby("account_id").max().reindex(out.index) / WAN).round(1)
        out["orders_3_years"] = whole.groupby("account_id")["order"].nunique().reindex(out.index)
        out["growth"] = (100 * (self.revenue / was.where(was > 0) - 1)).round(0)
        accounts = self.tables.get("accounts")
        if accounts is not None and "annual_revenue" in accounts:
            own = accounts.drop_duplicates("account_id").set_index("account_id")["annual_revenue"]
            out["own_turnover"] = (own.reindex(out.index) / WAN).round(0)
        if "visits" in self.tables:
            visits = self.tables["visits"]
            recent = visits[(visits["date"] > end - pd.DateOffset(years=1)) & (visits["date"] <= end)]
            out["visits"] = recent["account_id"].value_counts().reindex(out.index).fillna(0).astype(int)
        if "tickets" in self.tables:
            tickets = self.tables["tickets"]
            told = tickets[
                (tickets["opened"] > end - pd.DateOffset(years=1)) & (tickets["kind"] == "complaint")
            ]
            out["complaints"] = told["account_id"].value_counts().reindex(out.index).fillna(0).astype(int)
        if "wallet" in self.tables:
            spend = self.tables["wallet"].groupby("account_id")["spend"].sum()
            out["spend_everywhere"] = (spend.reindex(out.index) / WAN).round(0)
        return out

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """With the accounts' ids and names as first columns."""
        out = frame.copy()
        out.insert(0, "account_id", [str(i) for i in frame.index])
        out.insert(1, "account_name", [self.name(i) for i in frame.index])
        return out.reset_index(drop=True)


def pick(rng: np.random.Generator, pool: list[str], count: int) -> list[str]:
    """``count`` of the pool by chance; all of a smaller one."""
    return [pool[int(i)] for i in rng.permutation(len(pool))[:count]]
