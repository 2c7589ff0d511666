"""Charts of steps 0 and 1: sales over the whole history, and the tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.coverage import Check
from kamplay.method.tiers import Tiers
from kamplay.show.charts.figure import BAD, PALE, chart, money_axis, month_axis, paired_bars
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


def tiers(result: Tiers) -> Display:
    """Share of accounts against share of revenue, by tier."""
    view, table = current(), result.summary
    locale = view.locale
    share = table["accounts"] / max(1, table["accounts"].sum())

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        colours = [view.accent] * len(table)
        paired_bars(axes, view, table[locale.language].tolist(), share, table["revenue_share"], table["accounts"], colours, narrow)

    caption = locale.text(
        N_("Each tier's share of revenue and of the accounts that bought in the last 12 months (their number in brackets).")
    )
    parts = [
        f"{row[locale.language]} {locale.percent(part)} / {locale.percent(row['revenue_share'])}"
        for (_, row), part in zip(table.iterrows(), share, strict=True)
    ]
    return chart(draw, caption, locale.say(N_("Share of accounts / of revenue: {parts}."), parts=locale.text(N_("; ")).join(parts)))
