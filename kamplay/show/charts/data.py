"""Charts of step 0: sales over the whole history, and what the tables hold by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.codebook import codebook
from kamplay.method.coverage import Check
from kamplay.show.charts.figure import BAD, PALE, chart, money_axis, month_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def months(check: Check) -> Display:
    """Sales by month over the whole history; months without a sale are marked."""
    view, table = current(), check.months
    if table.empty:
        return NOTHING
    amounts, dates = table["amount"].to_numpy(), table["month_end"].tolist()

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        recent = np.arange(len(amounts)) >= len(amounts) - 12
        axes.bar(range(len(amounts)), amounts, color=np.where(recent, view.accent, PALE), width=0.78)
        for place in np.flatnonzero(table["orders"].to_numpy() == 0):
            axes.text(float(place), 0, "×", ha="center", va="bottom", color=BAD)
        axes.set_ylabel(money_axis(axes.yaxis, view, abs(amounts).max()))
        axes.grid(axis="y")
        month_axis(axes, view, dates, narrow)

    caption = view.locale.say(N_("Net sales by month; the last 12 months in colour, months without a sale marked ×."))
    low, high = table["amount"].idxmin(), table["amount"].idxmax()
    alt = view.locale.say(
        N_("Monthly net sales from {start} to {end}, between {low:money} and {high:money}."),
        start=view.locale.month(dates[0]),
        end=view.locale.month(dates[-1]),
        low=table["amount"][low],
        high=table["amount"][high],
    )
    return chart(draw, caption, alt)


def cover(check: Check) -> Display:
    """Rows per table and month: the darker the more, against each table's own busiest month; empty months stay white."""
    view, frame = current(), check.cover
    if frame["table"].nunique() < 2:  # sales alone: the chart of months has said it
        return NOTHING
    locale = view.locale
    names = list(dict.fromkeys(frame["table"]))
    grid = frame.pivot(index="table", columns="bucket", values="rows").reindex(names)[sorted(frame["bucket"].unique(), reverse=True)]
    dates = frame.drop_duplicates("bucket").sort_values("bucket", ascending=False)["month_end"].tolist()
    labels = [codebook()[name].labels[locale.language] for name in names]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        shade = LinearSegmentedColormap.from_list("cover", ["#FFFFFF", view.accent])
        share = grid.div(grid.max(axis=1).replace(0, 1), axis=0).to_numpy() ** 0.5
        axes.pcolormesh(share, cmap=shade, vmin=0, vmax=1, edgecolors="white", linewidth=1.2)
        axes.invert_yaxis()
        axes.set_yticks([n + 0.5 for n in range(len(labels))], labels)
        month_axis(axes, view, dates, narrow)
        axes.set_xticks([t + 0.5 for t in axes.get_xticks()], [t.get_text() for t in axes.get_xticklabels()])
        for side in axes.spines.values():
            side.set_visible(True)

    caption = locale.text(
        N_("Rows by table and month: the darker, the more, each table against its own busiest month. White months hold nothing.")
    )
    empty = grid.eq(0).sum(axis=1)
    parts = locale.text(N_("; ")).join(
        locale.say(N_("{table}: {count:n} months without rows"), table=label, count=int(n)) for label, n in zip(labels, empty, strict=True)
    )
    return chart(draw, caption, parts + ("." if locale.language == "en" else "。"), height=0.28 + 0.11 * len(names))
