"""Profitability shown: who leaves least, and the whale curve of who creates and who gives back profit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.step import Value
from kamplay.palette import BAD, INK, QUIET
from kamplay.show.charts.chart import draw_compact, percent_axis
from kamplay.show.display import NOTHING, Display, sentence
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COSTS = {
    "visits": N_("visits"),
    "tickets": N_("tickets"),
    "orders": N_("orders"),
    "returns": N_("returns"),
    "financing": N_("money tied up in unpaid bills"),
}
ROWS, LOSERS = 9, 5  # rows; of them accounts that lose money, at most
VISIBLE = 1.02  # below this the fall of the curve cannot be seen
MOST_POINTS = 100  # more corners a curve does not show


MARGIN = Column("margin", N_("Margin amount"), "money")
COST = Column("cost", N_("Cost to serve"), "money")
NET = Column("net", N_("Left"), "money")


@table
def least_profitable_table(value: Value) -> Display:
    """What accounts leave, the least first: those that cost more than they bring, then the thinnest margins
    of class A; without cost nothing.
    """
    frame = value.profitability.accounts.dropna(subset=["net"])
    frame = frame.assign(margin_rate=frame["margin"] / frame["revenue"])
    losing = frame[frame["net"] < 0].sort_values("net").head(LOSERS)
    thin = frame[(value.accounts["abc"].reindex(frame.index) == "A") & (frame["net"] >= 0)]
    thin = thin.sort_values("margin_rate").head(ROWS - len(losing))
    columns = [
        ACCOUNT,
        replace(REVENUE, extra=True),
        Column("margin_rate", N_("Margin"), "pct"),
        MARGIN,
        COST,
        NET,
    ]
    if not (frame["cost"] > 0).any():
        columns = columns[:-2]
    caption = N_(
        "Accounts that leave least: first those that cost more than they bring, then the "
        "thinnest margins of ABC class A."
    )
    return html_table(with_names(pd.concat([losing, thin])), columns, caption)


@sheet
def profitability_sheet(value: Value) -> Sheet:
    """What every account leaves after the cost of serving it, the least first; nothing without cost."""
    rows = value.profitability.accounts.sort_values("net")
    known = rows if rows["net"].notna().any() else rows.iloc[:0]
    return Sheet(N_("Profit after service"), known, [*ACCOUNT_COLUMNS, REVENUE, MARGIN, COST, NET])


@chart
def whale_curve_chart(value: Value) -> Display:
    """Cumulative profit, accounts from the most to the least profitable: how far it rises above the whole
    before losers pull it down; a sentence in its place where that could not be seen.
    """
    locale, curve = current().locale, value.profitability.whale_curve
    if curve.empty:
        return NOTHING
    if curve["cumulative"].max() < VISIBLE:
        given_back = N_(
            "Accounts that cost more than they bring give back {share:pct} of the profit: too little for a "
            "curve to show."
        )
        none_loses = N_("No account costs more than it brings, so there is no curve of profit given back.")
        back = float(curve["cumulative"].max()) - 1
        return sentence(locale.say(given_back, share=back) if back > 0.0005 else locale.text(none_loses))
    top = int(curve["cumulative"].to_numpy().argmax())
    peak, at = float(curve["cumulative"].iloc[top]), float(curve["position"].iloc[top])
    corners = np.linspace(0, len(curve) - 1, min(len(curve), MOST_POINTS)).astype(int)
    corners = np.unique(np.append(corners, top))
    x = np.concatenate([[0.0], curve["position"].to_numpy()[corners]])
    y = np.concatenate([[0.0], curve["cumulative"].to_numpy()[corners]])

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        axes.axhline(1, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        axes.fill_between(x, np.minimum(y, 1.0), 0, color=view.accent, alpha=0.12, linewidth=0)
        axes.fill_between(x, y, 1.0, where=y > 1, color=BAD, alpha=0.18, linewidth=0)
        sns.lineplot(x=x, y=y, estimator=None, ax=axes, color=view.accent, linewidth=2)
        sns.scatterplot(x=[at], y=[peak], ax=axes, color=view.accent, s=28, linewidth=0, zorder=3)
        axes.annotate(
            locale.say(
                N_("{share:pct} of accounts earn {peak:pct}\nof the profit that is left"), share=at, peak=peak
            ),
            (at, peak),
            xytext=(min(at, 0.55), 0.55),
            color=INK,
            fontsize=9,
            linespacing=1.5,
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7},
        )
        percent_axis(axes.xaxis, view)
        percent_axis(axes.yaxis, view)
        axes.set(xlim=(0, 1), ylim=(0, max(1.05, float(y.max()) * 1.08)))
        axes.set_xlabel(locale.text(N_("accounts, most profitable first")))
        axes.set_ylabel(locale.text(N_("cumulative profit")))
        axes.grid(axis="y")

    caption = locale.say(
        N_(
            "{share:pct} of accounts earn {peak:pct} of the profit that is left; the others give {back:pct} "
            "of it back. Profit after the cost to serve, added up from the most profitable account."
        ),
        share=at,
        peak=peak,
        back=peak - 1,
    )
    alt = locale.say(
        N_("Profit curve: {share:pct} of accounts earn {peak:pct} of the profit that is left."),
        share=at,
        peak=peak,
    )
    return draw_compact(draw, caption, alt)


def _not_counted(finding: Finding, locale: Locale) -> Mapping[str, object]:
    costs = [locale.text(COSTS[name]) for name in finding.figures["kinds"]]
    return {"what": locale.words(costs, most=len(costs))}


# what this topic can find, in words

register_findings(
    FindingSpec(
        "margin",
        "margin",
        N_(
            "Sales leave a margin of {margin_rate:pct} ({margin:money}); before service no large "
            "account loses money, the thinnest margin among them is {thinnest:pct} at {first}."
        ),
    ),
    FindingSpec(
        "margin_losers",
        "margin",
        N_(
            "{losing:n} large {losing:plural|account loses|accounts lose} money: "
            "{losing_revenue:money} of revenue at a margin of {losing_margin:money}. {names}."
        ),
        actions={
            "reprice": N_(
                "Finance and sales: recalculate price, terms and service of those that lose most: {names}."
            )
        },
        rank=23,
    ),
    FindingSpec(
        "margin_unknown",
        "margin",
        N_("Profit by account is unknown, because the sales lines carry no cost."),
        actions={
            "ask_for_cost": N_(
                "Finance: provide the cost of each line; revenue alone cannot tell a key account "
                "from an expensive one."
            )
        },
    ),
    FindingSpec(
        "margin_partial",
        "margin",
        N_(
            "The cost of {share:pct} of revenue is known; where an account's lines carry none, its "
            "other lines stand for them."
        ),
        actions={
            "complete_cost": N_("Finance: complete the cost of the lines before repricing on these margins.")
        },
    ),
    FindingSpec(
        "profit_given_back",
        "cost_to_serve",
        N_(
            "After what serving costs, {accounts:n} accounts with positive revenue and a known cost "
            "leave {net:money}; {losing:n} of them cost more than they bring and give back "
            "{lost:money} ({share:pct} of what the others earn)."
        ),
        actions={
            "mend_losers": N_(
                "Head of sales and finance: for each of the largest losers, {three} first, choose "
                "one: charge for the service, serve more cheaply, or reprice."
            )
        },
        brief=N_(
            "{losing:n} {losing:plural|account costs|accounts cost} more than {losing:plural|it "
            "brings|they bring}, {lost:money} in all."
        ),
        rank=46,
    ),
    FindingSpec(
        "profit_all_earn",
        "cost_to_serve",
        N_(
            "After what serving costs, every one of {accounts:n} accounts earns its keep: "
            "{net:money} is left of a margin of {margin:money}."
        ),
    ),
    FindingSpec(
        "service_eats_margin",
        "cost_to_serve",
        N_(
            "Of these, {count:n} {count:plural|is|are} of visible size: a margin of {margin:money} "
            "against {cost:money} for serving {count:plural|it|them}. {names}."
        ),
        actions={
            "change_service": N_(
                "Account owners: agree with {names} on fewer visits and orders, a service fee, or "
                "a higher price."
            )
        },
    ),
    FindingSpec(
        "serve_costs_unstated",
        "cost_to_serve",
        N_("What serving an account costs is not stated, so profit here is margin alone."),
        actions={
            "state_serve_costs": N_(
                "Finance: state what a visit, a ticket, an order and a return cost, and the rate "
                "for money tied up."
            )
        },
    ),
    FindingSpec(
        "serve_costs_partial",
        "cost_to_serve",
        N_("Not counted for lack of data: {what}."),
        words=_not_counted,
    ),
)
