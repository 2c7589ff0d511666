"""Chart of step 2: who creates and who gives back profit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kamplay.show.charts.compact import compact
from kamplay.show.charts.figure import BAD, INK, QUIET, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VISIBLE = 1.02  # below this the fall of the curve cannot be seen
MOST_POINTS = 100  # more corners a curve does not show


def whale(value: Any) -> Display:
    """Cumulative profit, accounts from the most to the least profitable: how far it rises above the whole before losers pull it down.

    Nothing where that could not be seen.
    """
    frame = value.whale
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
        note = locale.say(N_("{share:pct} of accounts earn {peak:pct}\nof the profit that is left"), share=at, peak=peak)
        axes.annotate(note, (at, peak), xytext=(min(at, 0.55), 0.55), textcoords="data", color=INK, fontsize=9, linespacing=1.5,
                      arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7})  # fmt: skip
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
    return compact(draw, caption, alt)
