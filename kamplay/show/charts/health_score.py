"""Charts of the health score: its dimensions, and why the average moved since the earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kamplay.show.charts.figure import BAD, GOOD, INK, PALE, QUIET, WARN, bare, chart, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.health_words import CAUSES
from kamplay.show.labels import band_label
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"green": GOOD, "yellow": WARN, "red": BAD}


def dimensions(health: Any) -> Display:
    """For every dimension with data the share of accounts green, yellow and red, and the median points (``health.score_dimensions``)."""
    view, table = current(), health.score_dimensions
    table = table[table["accounts"] > 0].reset_index(drop=True)
    if table.empty:
        return NOTHING
    locale = view.locale
    names = table["zh" if locale.language == "zh" else "en"]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        places = np.arange(len(table))[::-1]
        left = np.zeros(len(table))
        for band, colour in COLOURS.items():
            axes.barh(places, table[band], left=left, color=colour, height=0.62, label=band_label(band, locale))
            left = left + table[band].to_numpy()
        for place, row in zip(places, table.itertuples(), strict=True):
            many = "" if narrow else " " + locale.say(N_("({accounts:n} accounts)"), accounts=row.accounts)
            axes.text(1.02, place, locale.number(row.median) + many, va="center", fontsize=8.5)
        axes.text(1.02, len(table) - 0.42, locale.text(N_("median points")), va="bottom", fontsize=8, color=QUIET)
        axes.set_yticks(places, list(names))
        axes.set_xlim(0, 1.3 if narrow else 1.28)
        axes.set_ylim(-0.6, len(table) - 0.1)
        axes.set_xticks([0, 0.5, 1])
        axes.spines["bottom"].set_bounds(0, 1)
        percent_axis(axes.xaxis, view)
        bare(axes, "left")
        axes.set_yticks(places, list(names))
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, fontsize=8.5, borderaxespad=0)

    caption = locale.text(
        N_("Accounts green, yellow and red on each side of the relation, of those with data on it; the points are before any red flag.")
    )
    parts = locale.text(N_("; ")).join(
        locale.say(N_("{name} {green:pct} green, {red:pct} red, median {median:n}"), name=name, green=g, red=r, median=m)
        for name, g, r, m in zip(names, table["green"], table["red"], table["median"], strict=True)
    )
    return chart(draw, caption, locale.say(N_("By dimension: {parts}."), parts=parts), height=0.35 + 0.085 * len(table))


def _colour(item: str, points: float) -> str:
    """Accounts that come and go are neither good nor bad news."""
    return PALE if item in ("left", "entered") else GOOD if points > 0 else BAD


def waterfall(health: Any) -> Display:
    """The average score of the earlier run and of now, and what lies between (``health.score_steps``); nothing without an earlier run."""
    view, table = current(), health.score_steps
    if table.empty:
        return NOTHING
    locale = view.locale
    ends = table["item"].isin(["before", "now"])
    table = table[ends | (table["points"].abs() >= 0.05)].reset_index(drop=True)
    inner = ~table["item"].isin(["before", "now"]).to_numpy()
    points = table["points"].to_numpy()
    levels = np.where(inner, 0.0, points)
    levels[1:-1] = points[0] + np.cumsum(points[1:-1])

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        size = 7.6 if narrow else 8.5
        start = np.concatenate([[points[0]], levels[:-1]])
        spread = max(float(np.ptp(levels)), 1.0)
        for place, item in enumerate(table["item"]):
            if inner[place]:
                axes.bar(place, points[place], bottom=start[place], color=_colour(item, points[place]), width=0.62)
            else:
                axes.plot([place - 0.31, place + 0.31], [points[place]] * 2, color=view.accent if item == "now" else QUIET, linewidth=4)
            if place:
                axes.plot([place - 0.69, place - 0.31], [levels[place - 1]] * 2, color=PALE, linewidth=0.9)
            sign = "+" if inner[place] and points[place] > 0 else ""
            top = max(start[place], levels[place])
            said = sign + locale.number(points[place], 1)
            axes.text(place, top + 0.04 * spread, said, ha="center", va="bottom", fontsize=size, color=INK)
        axes.set_xticks(range(len(table)), [locale.text(CAUSES[item]) for item in table["item"]], fontsize=size)
        low, high = min(levels.min(), start.min()), max(levels.max(), start.max())
        axes.set_ylim(low - 0.15 * spread, high + 0.2 * spread)
        bare(axes, "left")

    caption = locale.text(
        N_(
            "Average health score of the earlier run and of now, and what moved it. The scale does not begin at 0; "
            "only the part of the customers says that something changed at the accounts."
        )
    )
    said = [f"{locale.text(CAUSES[i]).replace(chr(10), ' ')} {locale.number(p, 1)}" for i, p in zip(table["item"], points, strict=True)]
    return chart(draw, caption, locale.say(N_("Average score: {parts}."), parts=locale.text(N_("; ")).join(said)), height=0.8)
