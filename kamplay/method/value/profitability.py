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
from kamplay.method.results import Findings, Severity

KINDS = (
    "visits",
    "tickets",
    "orders",
    "returns",
    "financing",
)  # what serving costs; the unit costs are the engagement's
COST_COMPLETE = 0.98  # below this share of revenue with a known cost the margin is partly an estimate


@dataclass(frozen=True)
class Profitability:
    """``accounts``: per account that bought: revenue, margin, a column per kind of cost, cost, net (missing
    without a margin).

    ``whale_curve``: accounts from the most to the least profitable: position (share of accounts, 0 to 1) and
    cumulative (share of the sum of all nets); empty without margins. ``known``: the kinds of cost that could
    be counted; ``asked``: those with a unit cost.
    """

    accounts: pd.DataFrame
    whale_curve: pd.DataFrame
    known: tuple[str, ...]
    asked: tuple[str, ...]
    margin: float | None
    cost_coverage: float | None


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
    margin = purchases.margin(book)
    return Profitability(
        frame,
        _whale_curve(frame["net"].dropna()),
        tuple(k for k in asked if k in counted),
        asked,
        float(margin.sum()) if margin.notna().any() else None,
        purchases.costed_share(book),
    )


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


def _whale_curve(net: pd.Series) -> pd.DataFrame:
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


def add_findings(findings: Findings, result: Profitability) -> None:
    """Add the margin before service, what is left after it, and what is not counted."""
    _add_margin(findings, result)
    _add_cost_to_serve(findings, result)
    if result.cost_coverage is not None and result.cost_coverage < COST_COMPLETE:
        findings.add("margin_partial", "watch", "complete_cost", share=result.cost_coverage)


def _add_margin(findings: Findings, result: Profitability) -> None:
    if result.margin is None:
        findings.add("margin_unknown", "watch", "ask_for_cost")
        return
    known = result.accounts.dropna(subset=["margin"])
    if known.empty:  # nobody bought for more than was returned: there is no rate
        return
    revenue, margin = known["revenue"], known["margin"]
    figures = {"margin_rate": margin.sum() / revenue.sum(), "margin": result.margin}
    large = purchases.material(revenue)
    losing = margin[large & (margin < 0)].sort_values()
    if len(losing):
        figures |= {
            "losing": len(losing),
            "losing_revenue": revenue[losing.index].sum(),
            "losing_margin": losing.sum(),
        }
        stake = -figures["losing_margin"]
        findings.add("margin_losers", "act", "reprice", losing.index, **figures, stake=stake)
    else:
        rates = (margin / revenue)[large].sort_values()
        findings.add("margin", "note", None, rates.index, **figures, thinnest=rates.iloc[0])


def _add_cost_to_serve(findings: Findings, result: Profitability) -> None:
    known = result.accounts.dropna(subset=["net"])
    if known.empty:  # that the margin is unknown is said already
        return
    if not result.asked:
        findings.add("serve_costs_unstated", "watch", "state_serve_costs")
    missing = [kind for kind in result.asked if kind not in result.known]
    if missing:
        findings.add("serve_costs_partial", "note", None, kinds=missing)
    losing = known[known["net"] < 0].sort_values("net")
    gains, lost = known.loc[known["net"] > 0, "net"].sum(), -losing["net"].sum()
    share = lost / gains if gains > 0 else None
    figures = {
        "net": known["net"].sum(),
        "gains": gains,
        "losing": len(losing),
        "accounts": len(known),
        "lost": lost,
        "margin": known["margin"].sum(),
        "cost": known["cost"].sum(),
        "share": share,
    }
    if len(losing):
        severity: Severity = "watch" if share and share < 0.1 else "act"
        findings.add("profit_given_back", severity, "mend_losers", losing.index, **figures, stake=lost)
    else:
        findings.add("profit_all_earn", "note", None, **figures)
    visible = losing["revenue"] >= 0.001 * result.accounts["revenue"].sum()
    eaten = losing[(losing["margin"] > 0) & (losing["cost"] > losing["margin"]) & visible]
    eaten = eaten.sort_values("revenue", ascending=False)
    if len(eaten):
        sums = {"count": len(eaten)} | {name: eaten[name].sum() for name in ("revenue", "margin", "cost")}
        stake = sums["cost"] - sums["margin"]
        findings.add("service_eats_margin", "act", "change_service", eaten.index, **sums, stake=stake)
