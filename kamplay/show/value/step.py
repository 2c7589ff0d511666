"""Charts of step 2: concentration, movement, funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.value.step import Value
from kamplay.show.chart import INK, QUIET, draw_compact, percent_axis
from kamplay.show.check.step import ASK_FOR_HISTORY
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.value.retention import cut_note, steps
from kamplay.show.view import View, current
from kamplay.show.vocabulary import move_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 100  # more corners the curve does not show


@chart
def pareto_chart(value: Value) -> Display:
    """Cumulative share of revenue against accounts from the largest, with the 80 % point and an equal split."""
    view, table = current(), value.ranking
    if table.empty:
        return NOTHING
    locale, needed = view.locale, value.key_figures["accounts_for_80"]
    count = len(table)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        every = np.unique(np.append(np.linspace(0, count, min(count, MOST_POINTS) + 1).astype(int), needed))
        cumulative = np.concatenate([[0.0], table["cumulative"].to_numpy()])
        x, y = every / count, cumulative[every]
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        axes.fill_between(x, y, x, color=view.accent, alpha=0.12, linewidth=0)
        axes.plot(x, y, color=view.accent, linewidth=2)
        at = needed / count
        axes.plot([at, at], [0, 0.8], color=QUIET, linewidth=0.8)
        axes.plot([0, at], [0.8, 0.8], color=QUIET, linewidth=0.8)
        axes.plot([at], [cumulative[needed]], "o", color=view.accent, markersize=5)
        note = locale.say(
            N_("{needed:n} accounts ({part:pct})\nbring 80% of revenue"), needed=needed, part=at
        )
        axes.annotate(
            note,
            (at, cumulative[needed]),
            xytext=(at + 0.05, 0.5),
            linespacing=1.5,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7},
        )
        axes.text(
            0.99, 0.72, locale.text(N_("if all were equal")), color=QUIET, ha="right", va="top", fontsize=8.5
        )
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(locale.text(N_("accounts, largest first")))
        axes.set_ylabel(locale.text(N_("cumulative revenue")))
        axes.grid(axis="y")

    caption = locale.text(
        N_(
            "Cumulative share of revenue, accounts from the largest. The further the curve bows "
            "from the dashed line, the more unequal."
        )
    )
    alt = locale.say(
        N_(
            "Pareto curve: {needed:n} of {count:n} accounts bring 80% of revenue; the top fifth "
            "brings {top:pct}."
        ),
        needed=needed,
        count=count,
        top=value.key_figures["top20_share"],
    )
    return draw_compact(draw, caption, alt)


@chart
def movement_chart(value: Value) -> Display:
    """The bridge from last year's revenue to this year's: new, won back, expanded, contracted, lost."""
    view, table = current(), value.bridge
    if value.key_figures["nrr"] is None:
        return NOTHING
    locale, amounts = view.locale, table["amount"].to_numpy()
    words = [
        f"{move_label(i, locale)} ({locale.number(n)})"
        for i, n in zip(table["item"], table["accounts"], strict=True)
    ]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        steps(axes, view, words, amounts, narrow)

    said = locale.text(
        N_("From the revenue of the 12 months before to that of the last 12; number of accounts in brackets.")
    )
    parts = locale.text(N_("; ")).join(
        f"{move_label(i, locale)} {locale.money(a)}" for i, a in zip(table["item"], amounts, strict=True)
    )
    caption = (" " if locale.language == "en" else "").join([said, cut_note(amounts, locale)]).strip()
    return draw_compact(draw, caption, locale.say(N_("Revenue bridge: {parts}."), parts=parts), 0.95)


MARGINS, LOSERS = 9, 5  # rows; of them accounts that lose money, at most


@table
def top_accounts_table(value: Value) -> Display:
    """The largest accounts with their share, class and movement."""
    frame = value.ranking.join(value.accounts[["abc", "margin"]]).join(value.moves[["before", "change"]])
    frame["margin_rate"] = frame["margin"] / frame["amount"]
    columns = [
        ACCOUNT,
        Column("amount", N_("Revenue"), "money"),
        Column("share", N_("Share"), "pct"),
        Column("cumulative", N_("Cumulative"), "pct", extra=True),
        Column("abc", N_("ABC class"), extra=True),
        Column("change", N_("Change"), "money"),
        Column("margin_rate", N_("Margin"), "pct", extra=True),
    ]
    if frame["margin"].isna().all():
        columns = columns[:-1]
    said = N_(
        "The largest accounts of the last 12 months. ABC class: A brings the first 80% of "
        "revenue, B the next 15%, C the rest; it is not the tier S, A, B or C. Change: "
        "against the 12 months before."
    )
    return html_table(with_names(frame), columns, said, most=10)


@table
def margins_table(value: Value) -> Display:
    """What accounts leave, the least first: those that cost more than they bring, then the thinnest margins
    of class A; without cost nothing.
    """
    frame = value.profit.assign(margin_rate=value.profit["margin"] / value.profit["revenue"]).dropna(
        subset=["net"]
    )
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


@table
def losses_table(value: Value) -> Display:
    """The largest falls against the year before."""
    if value.key_figures["nrr"] is None:
        return html_table(value.moves.iloc[:0], [], "")
    falls = value.moves[value.moves["change"] < 0].sort_values("change")
    locale = current().locale
    gone, less = locale.text(N_("lost")), locale.text(N_("contracted"))
    columns = [
        ACCOUNT,
        Column("before", N_("Year before"), "money"),
        Column("now", N_("This year"), "money"),
        Column("change", N_("Change"), "money"),
        Column("move", N_("What happened"), lambda m: gone if m == "lost" else less),
    ]
    return html_table(with_names(falls), columns, N_("Largest falls against the year before."), most=8)


# what this topic can find, in words

register_findings(
    FindingSpec(
        "concentration",
        "concentration",
        N_(
            "{accounts_for_80:n} of {accounts:n} {accounts:plural|account|accounts} "
            "{accounts_for_80:plural|brings|bring} 80% of revenue; losing {first} would cost "
            "{top1_share:pct}."
        ),
        actions={
            "protect_first": N_(
                "Give {first} a plan of its own: a team, a second contact at the top, and a stated fallback."
            ),
            "focus_on_few": N_("Put the best people on these accounts first."),
            "one_standard_for_most": N_(
                "Too many to manage one by one: personal care for levels S and A, one good standard "
                "for the rest."
            ),
        },
        brief=N_(
            "{accounts_for_80:n} of {accounts:n} accounts bring 80% of revenue, {first} alone "
            "{top1_share:pct}."
        ),
        rank=4,
        always=True,
    ),
    FindingSpec(
        "movement",
        "movement",
        N_(
            "Revenue changed by {growth:change}. Last year's accounts brought {before:money} then "
            "and {nrr:pct} of it now, but only {grr:pct} when no growth is counted."
        ),
        actions={
            "win_back": N_(
                "Before hunting for new accounts, find out why those that fell most left or shrank: {three}."
            ),
            "keep_growing": N_("Retention is in order: put the effort into the accounts with room to grow."),
        },
        brief=N_(
            "Last year's accounts now bring {nrr:pct} of what they brought then, {grr:pct} when no "
            "growth is counted."
        ),
        rank=5,
        always=True,
    ),
    FindingSpec(
        "movement_unknown",
        "movement",
        N_("With {months:n} months of data, growth and retention cannot be told yet."),
        actions=ASK_FOR_HISTORY,
    ),
    FindingSpec(
        "large_losses",
        "movement",
        N_(
            "{falls:n} accounts shrank or left and took away {total:money}, {total_share:pct} of the "
            "year before; {count:n} of them account for {amount:money}: {names}."
        ),
        actions={
            "find_out_why": N_("Talk to these accounts this month, {three} first, and record the reasons.")
        },
        brief=N_(
            "{count:n} large {count:plural|account|accounts} shrank or left and took away "
            "{amount:money}; first {first}."
        ),
        rank=20,
    ),
    FindingSpec(
        "below_peak",
        "movement",
        N_(
            "Over three years revenue went from {before_last:money} to {last:money} to {now:money}: "
            "{change:change} against the best of them."
        ),
        actions={
            "explain_decline": N_(
                "Establish with sales and finance what was lost for good and what can come back."
            )
        },
        rank=21,
    ),
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
)
