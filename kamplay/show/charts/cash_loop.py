"""From demand to cash in one picture: days for each stage and loops left open, a year ago beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kamplay.show.charts.figure import BAD, PALE, QUIET, bare, chart
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STAGES = {"delivery": N_("Order to delivery"), "invoice": N_("Order to invoice"), "collection": N_("Invoice to payment")}


def cash_loop(health: Any) -> Display:
    """Each stage with its days now and a year before, and beneath it the loops open and their amount."""
    result, view = health.cash_loop, current()
    if not result.figures:
        return NOTHING
    table = result.stages
    table = table[table["days"].notna() | table["open"].notna()]
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        longest = max(float(table[["days", "days_before"]].fillna(0.0).max().max()), 1.0)  # a stage may be known a year before only
        for number, row in enumerate(table.itertuples()):
            top = -number * 1.12
            axes.text(0, top + 0.44, locale.text(STAGES[row.stage]), fontsize=9, va="center")
            for shift, days, colour, ink in ((0.17, row.days, view.accent, None), (-0.08, row.days_before, PALE, QUIET)):
                if days == days:
                    axes.barh(top + shift, days, height=0.22, color=colour)
                    said = N_("{days:n1} days") if ink is None else N_("{days:n1} days a year before")
                    axes.text(days + longest * 0.015, top + shift, locale.say(said, days=days), va="center", fontsize=8.5, color=ink)
                elif ink is None:
                    axes.text(0, top + shift, locale.text(N_("days not known")), va="center", fontsize=8.5, color=QUIET)
            if row.open == row.open:
                axes.text(0, top - 0.33, _loops(row, locale), va="center", fontsize=8.5, color=BAD if row.open else QUIET)
        axes.set_xlim(0, longest * (1.62 if narrow else 1.35))
        axes.set_ylim(-(len(table) - 1) * 1.12 - 0.5, 0.62)
        bare(axes, "bottom", "left")

    caption = locale.text(
        N_(
            "How long each stage took in the last 12 months and in the 12 before: the median, for payment the mean weighted by amount. "
            "In words: the loops open now, and how many stood open a year ago."
        )
    )
    parts = [
        f"{locale.text(STAGES[r.stage])} {locale.number(r.days, 1)} / {locale.number(r.days_before, 1)}"
        + (f" ({_loops(r, locale)})" if r.open == r.open else "")
        for r in table.itertuples()
    ]
    alt = locale.say(N_("Days now / a year before: {parts}."), parts=locale.text(N_("; ")).join(parts))
    return chart(draw, caption, alt, height=0.2 + 0.34 * len(table))


def _loops(row: Any, locale: Locale) -> str:
    """81 open with 2.5 million, 76 a year ago; without the amount where no order's amount is known."""
    if not row.open:
        said = locale.text(N_("nothing open"))
    elif row.stuck > 0:
        said = locale.say(N_("{open:n} open, {stuck:money}"), open=row.open, stuck=row.stuck)
    else:
        said = locale.say(N_("{open:n} open"), open=row.open)
    if row.open_before != row.open_before:
        return said
    return locale.say(N_("{said}; {before:n} a year ago"), said=said, before=row.open_before)
