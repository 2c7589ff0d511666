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
from kamplay.method.measures.receivables import bills_at
from kamplay.method.results import Findings, Severity

# what serving costs; the unit costs are the engagement's
COSTS = ("visits", "tickets", "orders", "returns", "financing")
COST_COMPLETE = 0.98  # below this share of revenue with a known cost the margin is partly an estimate


@dataclass(frozen=True)
class Profitability:
    """Margin and cost to serve of the 12 months to as_of. Amounts in the engagement's currency.

    Attributes
    ----------
    accounts : index account_id, positive revenue: revenue, margin, a column per cost of ``stated``, cost
        (their sum), net (margin less cost; missing without a margin).
    whale_curve : accounts from the most to the least profitable: account_id, position (share of accounts, 0
        to 1), cumulative (share of the sum of all nets). Empty with fewer than two nets, or a sum of 0 or
        less.
    stated : the costs (of COSTS) with a unit cost.
    counted : those of them that the tables let be counted.
    margin : of all accounts whose margin is known, also without revenue; None where none is.
    cost_coverage : share of revenue whose cost is known; None without any.
    """

    accounts: pd.DataFrame
    whale_curve: pd.DataFrame
    stated: tuple[str, ...]
    counted: tuple[str, ...]
    margin: float | None
    cost_coverage: float | None


def profitability(book: Book, costs: Mapping[str, float]) -> Profitability:
    """Take the cost to serve from the margin of each account.

    Parameters
    ----------
    book : the client's data.
    costs : cost of one visit, ticket, order and return, and the yearly rate of financing (0 to 1), by the
        names of COSTS; what is left out is not counted.
    """
    revenue, margin = purchases.revenue(book), purchases.margin(book)
    accounts = pd.DataFrame({"revenue": revenue, "margin": margin})[revenue > 0]
    services = _services(book)
    stated = tuple(name for name in COSTS if costs.get(name))
    counted = tuple(name for name in stated if name in services)
    for name in stated:
        units = services[name].reindex(accounts.index).fillna(0.0) if name in counted else 0.0
        accounts[name] = units * costs[name]
    accounts["cost"] = accounts[list(stated)].sum(axis=1) if stated else 0.0
    accounts["net"] = accounts["margin"] - accounts["cost"]
    return Profitability(
        accounts,
        _whale_curve(accounts["net"].dropna()),
        stated,
        counted,
        float(margin.sum()) if margin.notna().any() else None,
        purchases.costed_share(book),
    )


def _services(book: Book) -> dict[str, pd.Series]:
    """How often each account was served in each way in the 12 months (of COSTS; only what can be counted)."""
    start, end = purchases.window_dates(book, 12)
    services = {"orders": book.window(12).groupby("account_id")["orders"].sum().astype("float64")}
    for table, date in (("visits", "date"), ("tickets", "opened")):
        if book.has(table):
            rows = book.table(table)
            rows = rows[rows[date].between(start, end)]
            services[table] = rows.groupby("account_id").size().astype("float64")
    lines = book.tables.get("transactions")
    if lines is not None and len(lines):
        returns = lines[(lines["amount"] < 0) & lines["date"].between(start, end)]
        if book.undone is not None and len(book.undone):  # their credits bring no goods back
            credited = pd.MultiIndex.from_frame(book.undone[["account_id", "credited"]])
            rows = pd.MultiIndex.from_arrays([returns["account_id"], returns["date"].dt.normalize()])
            returns = returns[~rows.isin(credited)]
        services["returns"] = returns.groupby("account_id").size().astype("float64")
    if book.has("receivables"):
        services["financing"] = _tied_up(book)
    return services


def _tied_up(book: Book) -> pd.Series:
    """Amount × years that bills stood open within the 12 months."""
    start, end = purchases.window_dates(book, 12)
    bills = bills_at(book.table("receivables"), end)
    days = (bills["until"] - bills["invoice_date"].clip(lower=start)).dt.days
    days = days.clip(lower=0).where(bills["issued"], 0)
    return (bills["amount"] * days / 365).groupby(bills["account_id"]).sum().astype("float64")


def _whale_curve(net: pd.Series) -> pd.DataFrame:
    total = net.sum()
    if len(net) < 2 or not total > 0:
        return pd.DataFrame({"account_id": [], "position": [], "cumulative": []})
    by_net = net.rename_axis("account_id").rename("net").reset_index()
    by_net = by_net.sort_values(["net", "account_id"], ascending=[False, True], ignore_index=True)
    return pd.DataFrame(
        {
            "account_id": by_net["account_id"],
            "position": np.arange(1, len(by_net) + 1) / len(by_net),
            "cumulative": by_net["net"].cumsum() / total,
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
    if not result.stated:
        findings.add("serve_costs_unstated", "watch", "state_serve_costs")
    missing = [name for name in result.stated if name not in result.counted]
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
