"""Charts of steps 3 and 4: health bands, the model's calibration, visits against capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.health import Health
from kamplay.method.strategy import Plan
from kamplay.show.charts.figure import BAD, GOOD, WARN, chart, paired_bars
from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import band_label, level_label
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes


BAND_COLOURS = {"green": GOOD, "yellow": WARN, "red": BAD}


def bands(health: Health) -> Display:
    """Accounts and revenue by health band, as two bars of 100 %."""
    view, table = current(), health.bands
    if table["accounts"].sum() == 0:
        return NOTHING
    locale = view.locale
    accounts = table["accounts"] / table["accounts"].sum()
    revenue = table["revenue"].clip(lower=0) / max(table["revenue"].clip(lower=0).sum(), 1e-9)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        labels = [band_label(band, locale) for band in table["band"]]
        paired_bars(axes, view, labels, accounts, revenue, table["accounts"], [BAND_COLOURS[band] for band in table["band"]], narrow)

    caption = locale.text(
        N_(
            "Accounts that bought at least twice, the last time within a year, and their revenue: "
            "green from 70 points, yellow from 40, red below."
        )
    )
    parts = locale.text(N_("; ")).join(
        f"{band_label(b, locale)} {locale.number(n)} / {locale.money(r)}"
        for b, n, r in zip(table["band"], table["accounts"], table["revenue"], strict=True)
    )
    return chart(draw, caption, locale.say(N_("Accounts / revenue by band: {parts}."), parts=parts), height=0.75)


def visits(plan: Plan) -> Display:
    """Visits a month that the norms ask for, level by level from the top, against what the team can make."""
    view, table, capacity = current(), plan.levels[plan.levels["visits"] > 0], plan.key_figures["capacity"]
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        ends = table["visits"].cumsum()
        place = np.arange(len(table))[::-1]
        axes.barh(place, table["visits"], left=ends - table["visits"], color=view.accent, height=0.55)
        total = max(float(ends.max()), capacity or 0.0)
        for y, row in zip(place, table.itertuples(), strict=True):
            text = locale.say(N_("{visits:n} visits, {accounts:n} accounts"), visits=row.visits, accounts=row.accounts)
            axes.text(total * 1.04, y, text, va="center", fontsize=8.5)
        if capacity:
            axes.plot([capacity, capacity], [-0.45, len(table) - 0.5], color=BAD, linewidth=1.3)
            side = "right" if capacity > total / 2 else "left"
            axes.text(
                capacity,
                len(table) - 0.42,
                locale.say(N_("capacity {capacity:n}"), capacity=capacity),
                color=BAD,
                ha=side,
                va="bottom",
                fontsize=8.5,
            )
        axes.set_yticks(place, [level_label(level, locale) for level in table["level"]])
        axes.set_xlim(0, total * (1.75 if narrow else 1.4))
        axes.spines["bottom"].set_bounds(0, total)
        axes.set_xticks([0, total / 2, total])
        axes.set_ylim(-0.6, len(table) - 0.1)
        axes.xaxis.set_major_formatter(lambda v, _: locale.number(v))

    caption = locale.text(N_("Visits a month by level, added up from the top level down, against the team's capacity."))
    parts = locale.text(N_("; ")).join(
        f"{level_label(lv, locale)} {locale.number(n)}" for lv, n in zip(table["level"], table["visits"], strict=True)
    )
    return chart(draw, caption, locale.say(N_("Visits a month: {parts}."), parts=parts), height=0.72)
