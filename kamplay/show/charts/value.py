"""Charts of step 2: concentration, movement, funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.value import Value
from kamplay.show.charts.compact import compact
from kamplay.show.charts.figure import INK, PALE, QUIET, clip, percent_axis
from kamplay.show.charts.flows import cut_note, steps
from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import move_label
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 100  # more corners the curve does not show


def pareto(value: Value) -> Display:
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
        note = locale.say(N_("{needed:n} accounts ({part:pct})\nbring 80% of revenue"), needed=needed, part=at)
        axes.annotate(
            note,
            (at, cumulative[needed]),
            xytext=(at + 0.05, 0.5),
            linespacing=1.5,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7},
        )
        axes.text(0.99, 0.72, locale.text(N_("if all were equal")), color=QUIET, ha="right", va="top", fontsize=8.5)
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(locale.text(N_("accounts, largest first")))
        axes.set_ylabel(locale.text(N_("cumulative revenue")))
        axes.grid(axis="y")

    caption = locale.text(
        N_("Cumulative share of revenue, accounts from the largest. The further the curve bows from the dashed line, the more unequal.")
    )
    alt = locale.say(
        N_("Pareto curve: {needed:n} of {count:n} accounts bring 80% of revenue; the top fifth brings {top:pct}."),
        needed=needed,
        count=count,
        top=value.key_figures["top20_share"],
    )
    return compact(draw, caption, alt)


def movement(value: Value) -> Display:
    """The bridge from last year's revenue to this year's: new, won back, expanded, contracted, lost."""
    view, table = current(), value.bridge
    if value.key_figures["nrr"] is None:
        return NOTHING
    locale, amounts = view.locale, table["amount"].to_numpy()
    words = [f"{move_label(i, locale)} ({locale.number(n)})" for i, n in zip(table["item"], table["accounts"], strict=True)]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        steps(axes, view, words, amounts, narrow)

    said = locale.text(N_("From the revenue of the 12 months before to that of the last 12; number of accounts in brackets."))
    parts = locale.text(N_("; ")).join(f"{move_label(i, locale)} {locale.money(a)}" for i, a in zip(table["item"], amounts, strict=True))
    caption = (" " if locale.language == "en" else "").join([said, cut_note(amounts, locale)]).strip()
    return compact(draw, caption, locale.say(N_("Revenue bridge: {parts}."), parts=parts), 0.95)


def funnel(value: Value) -> Display:
    """Open opportunities by stage: amount, and what of it the win rate makes count."""
    view, table = current(), value.stages
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        place = np.arange(len(table))[::-1]
        axes.barh(place, table["amount"], color=PALE, height=0.7, label=locale.text(N_("open amount")))
        axes.barh(place, table["weighted"], color=view.accent, height=0.34, label=locale.text(N_("weighted by win rate")))
        for y, row in zip(place, table.itertuples(), strict=True):
            axes.text(row.amount * 1.015, y, f"{locale.money(row.amount)} ({locale.number(row.count)})", va="center", fontsize=8)
        axes.set_yticks(
            place, [f"{clip(str(s), narrow)} {locale.percent(r)}" for s, r in zip(table["stage"], table["win_rate"], strict=True)]
        )
        axes.set_xlim(0, table["amount"].max() * (1.5 if narrow else 1.28))
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.legend(frameon=False, loc="lower right", fontsize=8, bbox_to_anchor=(1, 1), ncols=2)

    caption = locale.text(
        N_("Open opportunities by stage and win rate: amount (number of opportunities in brackets) and what of it counts in the forecast.")
    )
    total = locale.say(
        N_("{count:n} open opportunities worth {amount:money}, weighted {weighted:money}."),
        count=int(table["count"].sum()),
        amount=table["amount"].sum(),
        weighted=table["weighted"].sum(),
    )
    return compact(draw, caption, total)
