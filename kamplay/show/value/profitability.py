"""Chart of step 2: who creates and who gives back profit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.step import Value
from kamplay.show.chart import BAD, INK, QUIET, draw_compact, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERVING = {
    "visits": N_("visits"),
    "tickets": N_("tickets"),
    "orders": N_("orders"),
    "returns": N_("returns"),
    "financing": N_("money tied up in unpaid bills"),
}
VISIBLE = 1.02  # below this the fall of the curve cannot be seen
MOST_POINTS = 100  # more corners a curve does not show


MARGINS, LOSERS = 9, 5  # rows; of them accounts that lose money, at most


@table
def margins_table(value: Value) -> Display:
    """What accounts leave, the least first: those that cost more than they bring, then the thinnest margins
    of class A; without cost nothing.
    """
    frame = value.profitability.accounts.assign(
        margin_rate=value.profitability.accounts["margin"] / value.profitability.accounts["revenue"]
    ).dropna(subset=["net"])
    losing = frame[frame["net"] < 0].sort_values("net")
    thin = frame[(value.accounts["abc"].reindex(frame.index) == "A") & (frame["net"] >= 0)].sort_values(
        "margin_rate"
    )
    shown = pd.concat([losing.head(LOSERS), thin.head(MARGINS - min(len(losing), LOSERS))])
    columns = [
        ACCOUNT,
        Column("revenue", N_("Revenue"), "money", extra=True),
        Column("margin_rate", N_("Margin"), "pct"),
        Column("margin", N_("Margin amount"), "money"),
        Column("cost", N_("Cost to serve"), "money"),
        Column("net", N_("Left"), "money"),
    ]
    if not (frame["cost"] > 0).any():
        columns = columns[:-2]
    caption = N_(
        "Accounts that leave least: first those that cost more than they bring, then the "
        "thinnest margins of ABC class A."
    )
    return html_table(with_names(shown), columns, caption)


@chart
def whale_chart(value: Value) -> Display:
    """Cumulative profit, accounts from the most to the least profitable: how far it rises above the whole
    before losers pull it down.

    Nothing where that could not be seen.

    """
    frame = value.profitability.whale_curve
    if frame.empty or frame["cumulative"].max() < VISIBLE:
        return NOTHING
    view = current()
    locale = view.locale
    every = np.unique(np.linspace(0, len(frame) - 1, min(len(frame), MOST_POINTS)).astype(int))
    top = int(frame["cumulative"].to_numpy().argmax())
    every = np.unique(np.append(every, top))
    x = np.concatenate([[0.0], frame["position"].to_numpy()[every]])
    y = np.concatenate([[0.0], frame["cumulative"].to_numpy()[every]])
    peak, at = float(frame["cumulative"].iloc[top]), float(frame["position"].iloc[top])

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        axes.axhline(1, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        axes.fill_between(x, np.minimum(y, 1.0), 0, color=view.accent, alpha=0.12, linewidth=0)
        axes.fill_between(x, y, 1.0, where=y > 1, color=BAD, alpha=0.18, linewidth=0)
        axes.plot(x, y, color=view.accent, linewidth=2)
        axes.plot([at], [peak], "o", color=view.accent, markersize=5)
        note = locale.say(
            N_("{share:pct} of accounts earn {peak:pct}\nof the profit that is left"), share=at, peak=peak
        )
        axes.annotate(
            note,
            (at, peak),
            xytext=(min(at, 0.55), 0.55),
            textcoords="data",
            color=INK,
            fontsize=9,
            linespacing=1.5,
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7},
        )
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, max(1.05, float(y.max()) * 1.08))
        axes.set_xlabel(locale.text(N_("accounts, most profitable first")))
        axes.set_ylabel(locale.text(N_("cumulative profit")))
        axes.grid(axis="y")

    caption = locale.say(
        N_(
            "{share:pct} of accounts earn {peak:pct} of the profit that is left; the others give {back:pct} of it back. "
            "Profit after the cost to serve, added up from the most profitable account."
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


def _kinds(finding: Finding, locale: Locale) -> Mapping[str, object]:
    kinds = finding.figures["kinds"]
    return {"what": locale.words([locale.text(SERVING[kind]) for kind in kinds], most=len(kinds))}


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
        actions={"reprice": N_("Recalculate price, terms and service of those that lose most, {three}.")},
        rank=23,
    ),
    FindingSpec(
        "margin_unknown",
        "margin",
        N_("Profit by account is unknown, because the sales lines carry no cost."),
        actions={
            "ask_for_cost": N_(
                "Provide the cost of each line: revenue alone cannot tell a key account from an "
                "expensive one."
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
        actions={"complete_cost": N_("Complete the cost of the lines before repricing on these margins.")},
    ),
    FindingSpec(
        "profit_given_back",
        "profit",
        N_(
            "After what serving costs, {accounts:n} accounts with positive revenue and a known cost "
            "leave {net:money}; {losing:n} of them cost more than they bring and give back "
            "{lost:money} ({share:pct} of what the others earn)."
        ),
        actions={
            "mend_losers": N_(
                "For each of the largest losers, {three} first, choose one: charge for the service, "
                "serve more cheaply, or reprice."
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
        "profit",
        N_(
            "After what serving costs, every one of {accounts:n} accounts earns its keep: "
            "{net:money} is left of a margin of {margin:money}."
        ),
    ),
    FindingSpec(
        "service_eats_margin",
        "profit",
        N_(
            "Of these, {count:n} {count:plural|is|are} of visible size: a margin of {margin:money} "
            "against {cost:money} for serving {count:plural|it|them}. {names}."
        ),
        actions={
            "change_service": N_(
                "Agree with {three} on fewer visits and orders, a service fee, or a higher price."
            )
        },
    ),
    FindingSpec(
        "serve_costs_unstated",
        "profit",
        N_("What serving an account costs is not stated, so profit here is margin alone."),
        actions={
            "state_serve_costs": N_(
                "Have finance state what a visit, a ticket, an order and a return cost, and the rate "
                "for money tied up."
            )
        },
    ),
    FindingSpec("serve_costs_partial", "profit", N_("Not counted for lack of data: {what}."), words=_kinds),
)
