"""What an account leaves after it has been served: margin less the cost of visits, tickets, orders, returns
and unpaid bills.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings

KINDS = (
    "visits",
    "tickets",
    "orders",
    "returns",
    "financing",
)  # what serving costs; the unit costs are the engagement's


@dataclass(frozen=True)
class Profitability:
    """``profit``: per account that bought: revenue, margin, a column per kind of cost, cost, net (missing
    without a margin).

    ``whale``: accounts from the most to the least profitable: position (share of accounts, 0 to 1) and
    cumulative (share of the sum of all nets); empty without margins. ``known``: the kinds of cost that could
    be counted; ``asked``: those with a unit cost.
    """

    profit: pd.DataFrame
    whale: pd.DataFrame
    known: tuple[str, ...]
    asked: tuple[str, ...]


def profitability(book: Book, costs: Mapping[str, float]) -> Profitability:
    """Margin and cost to serve of the 12 months. ``costs``: of one visit, ticket, order or return, and a
    yearly rate (financing).
    """
    revenue = purchases.revenue(book)
    frame = pd.DataFrame({"revenue": revenue, "margin": purchases.margin(book)})[revenue > 0]
    counted = {
        kind: found.reindex(frame.index).fillna(0.0)
        for kind, found in _counts(book).items()
        if found is not None
    }
    asked = tuple(kind for kind in KINDS if costs.get(kind))
    for kind in asked:
        frame[kind] = counted[kind] * costs[kind] if kind in counted else 0.0
    frame["cost"] = frame[list(asked)].sum(axis=1) if asked else 0.0
    frame["net"] = frame["margin"] - frame["cost"]
    return Profitability(frame, _whale(frame["net"].dropna()), tuple(k for k in asked if k in counted), asked)


def _counts(book: Book) -> dict[str, pd.Series | None]:
    """How often each account was served in each way in the 12 months; money tied up in unpaid bills as amount
    × years.
    """
    start, end = purchases.window_dates(book, 12)

    def logged(table: str, date: str) -> pd.Series | None:
        if not book.has(table):
            return None
        rows = book.table(table)
        return rows[rows[date].between(start, end)].groupby("account_id").size().astype("float64")

    orders = book.window(12).groupby("account_id")["orders"].sum().astype("float64")
    lines = book.tables.get("transactions")
    returns = None
    if lines is not None and len(lines):
        back = lines[(lines["amount"] < 0) & lines["date"].between(start, end)]
        returns = back.groupby("account_id").size().astype("float64")
    return {
        "visits": logged("visits", "date"),
        "tickets": logged("tickets", "opened"),
        "orders": orders,
        "returns": returns,
        "financing": _tied(book),
    }


def _tied(book: Book) -> pd.Series | None:
    """Amount × years that bills stood open within the 12 months; None without receivables."""
    if not book.has("receivables"):
        return None
    start, end = purchases.window_dates(book, 12)
    bills = book.table("receivables")
    paid = bills["paid_date"] if "paid_date" in bills else pd.Series(pd.NaT, index=bills.index)
    opened = bills["invoice_date"].clip(lower=start)
    closed = paid.where(paid <= end, end)
    days = (closed - opened).dt.days.clip(lower=0).where(bills["invoice_date"] <= end, 0)
    return (bills["amount"] * days / 365).groupby(bills["account_id"]).sum().astype("float64")


def _whale(net: pd.Series) -> pd.DataFrame:
    total = net.sum()
    if len(net) < 2 or not total > 0:
        return pd.DataFrame({"account_id": [], "position": [], "cumulative": []})
    order = (
        net.to_frame("net").assign(_id=net.index).sort_values(["net", "_id"], ascending=[False, True])["net"]
    )
    return pd.DataFrame(
        {
            "account_id": order.index,
            "position": np.arange(1, len(order) + 1) / len(order),
            "cumulative": order.cumsum().to_numpy() / total,
        }
    )


def add_findings(found: Findings, result: Profitability) -> None:
    """Who creates and who destroys profit, and what is not counted."""
    frame = result.profit.dropna(subset=["net"])
    if frame.empty:
        return  # that the margin is unknown is told elsewhere
    if not result.asked:
        found.add("serve_costs_unstated", "watch", "state_serve_costs")
    missing = [kind for kind in result.asked if kind not in result.known]
    if missing:
        found.add("serve_costs_partial", "note", None, kinds=missing)
    losing = frame[frame["net"] < 0].sort_values("net")
    gains = frame.loc[frame["net"] > 0, "net"].sum()
    figures = {
        "net": frame["net"].sum(),
        "gains": gains,
        "losing": len(losing),
        "accounts": len(frame),
        "lost": -losing["net"].sum(),
    }
    figures |= {
        "margin": frame["margin"].sum(),
        "cost": frame["cost"].sum(),
        "share": -losing["net"].sum() / gains if gains > 0 else None,
    }
    if len(losing):
        found.add(
            "profit_given_back",
            "watch" if figures["share"] and figures["share"] < 0.1 else "act",
            "mend_losers",
            losing.index,
            **figures,
            stake=figures["lost"],
        )
    else:
        found.add("profit_all_earn", "note", None, **figures)
    eaten = losing[(losing["margin"] > 0) & (losing["cost"] > losing["margin"])]
    eaten = eaten[eaten["revenue"] >= 0.001 * result.profit["revenue"].sum()].sort_values(
        "revenue", ascending=False
    )
    if len(eaten):
        sums = {
            "count": len(eaten),
            "revenue": eaten["revenue"].sum(),
            "margin": eaten["margin"].sum(),
            "cost": eaten["cost"].sum(),
        }
        found.add(
            "service_eats_margin",
            "act",
            "change_service",
            eaten.index,
            **sums,
            stake=sums["cost"] - sums["margin"],
        )
