"""Charts of step 2: what is expected of the largest accounts, and the same method against the year just past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.future import counted
from kamplay.method.future_findings import TENTHS, tenths
from kamplay.method.value import Value
from kamplay.show.charts.compact import compact
from kamplay.show.charts.figure import BAD, INK, PALE, QUIET, chart, clip, money_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 8


def future(value: Value) -> Display:
    """Expected revenue of the next 12 months with its 80 % interval, against the last 12, for the accounts expected to bring most."""
    view = current()
    table = counted(value.future)
    table = table[table["revenue_12m"] > 0].head(MOST)
    if table.empty:
        return NOTHING
    locale, places = view.locale, np.arange(len(table))[::-1]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        left, right = table[["low", "revenue_12m"]].min(axis=1), table[["high", "revenue_12m"]].max(axis=1)
        axes.barh(places, right - left, left=left, height=0.46, color=PALE, label=locale.text(N_("80% interval")))
        axes.plot(table["revenue_12m"], places, "o", color=view.accent, markersize=5.5, label=locale.text(N_("expected, next 12 months")))
        axes.plot(table["revenue"], places, "|", color=BAD, markersize=11, markeredgewidth=2, label=locale.text(N_("last 12 months")))
        mark = [clip(view.name(str(a)), narrow) for a in table.index]
        axes.set_yticks(places, mark, fontsize=7.6 if narrow else 8.5)
        top = max(right.max(), table["revenue"].max())
        axes.set_xlim(min(0.0, table["revenue"].min()), top * 1.04)
        axes.set_xlabel(money_axis(axes.xaxis, view, top))
        axes.set_ylim(-0.6, len(table) - 0.4)
        axes.tick_params(axis="x", colors=QUIET, labelcolor=INK)
        axes.grid(axis="x")
        axes.legend(
            frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=1 if narrow else 3,
            fontsize=8, borderaxespad=0, handletextpad=0.5, columnspacing=1.4, labelspacing=0.3,
        )  # fmt: skip

    caption = locale.text(
        N_(
            "The accounts expected to bring most in the next 12 months. "
            "Where the mark of the last 12 lies outside the bar, a clear change is expected."
        )
    )
    first = table.iloc[0]
    alt = locale.say(
        N_("Expected revenue of {count:n} accounts; the first, {name}, {expected:money} "
            "(80% interval {low:money} to {high:money}) after {last:money}."),
        count=len(table), name=view.name(str(table.index[0])),
        expected=first["revenue_12m"], low=first["low"], high=first["high"], last=first["revenue"],
    )  # fmt: skip
    return chart(draw, caption, alt, height=0.45 + 0.065 * len(table))


def future_check(value: Value) -> Display:
    """Expected against actual of the year just past, accounts in ten groups from the largest expected; nothing without the test."""
    view, table = current(), value.future_check
    if len(table) < TENTHS:
        return NOTHING
    locale = view.locale
    sums = tenths(table)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        x = np.arange(TENTHS)
        axes.bar(x - 0.2, sums["expected"], width=0.38, color=PALE, label=locale.text(N_("expected a year ago")))
        axes.bar(x + 0.2, sums["actual"], width=0.38, color=view.accent, label=locale.text(N_("came")))
        axes.set_xticks(x, [str(n) for n in range(1, TENTHS + 1)])
        axes.set_xlabel(locale.text(N_("tenths of the accounts, largest expectation first")))
        axes.set_ylabel(money_axis(axes.yaxis, view, float(sums.to_numpy().max())))
        axes.set_ylim(min(0.0, float(sums["actual"].min())), None)
        axes.grid(axis="y")
        axes.legend(frameon=False, loc="upper right", fontsize=8.5)

    caption = locale.text(
        N_("The method put to the test: fitted to what was known a year ago, against the revenue that then came, by tenth of the accounts.")
    )
    alt = locale.say(
        N_("Test on the year just past: {expected:money} expected of {count:n} accounts, {actual:money} came; "
            "in the first tenth {first:money} and {first_actual:money}."),
        expected=table["expected"].sum(), actual=table["actual"].sum(), count=len(table),
        first=sums["expected"].iloc[0], first_actual=sums["actual"].iloc[0],
    )  # fmt: skip
    return compact(draw, caption, alt)
