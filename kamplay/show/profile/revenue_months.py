"""Revenue of one unit by month, three years of it, and what it says in one sentence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kamplay.method.profile.step import Profile
from kamplay.palette import PALE
from kamplay.show.chart import draw_strip, money_axis, month_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, missing
from kamplay.show.registry import chart
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

YEAR = 12


def message(profile: Profile) -> str:
    """What the three years say, as the title of the drawing."""
    locale, facts = current().locale, profile.facts
    if not facts["revenue"] > 0:
        if missing(facts["last_order"]):
            return locale.text(N_("No purchase in the last 12 months"))
        return locale.say(N_("No purchase since {day:date}"), day=facts["last_order"])
    revenue, change = facts["revenue"], facts["change"]
    recent, same = profile.months.iloc[-3:].sum(), profile.months.iloc[-15:-12].sum()
    if missing(change):
        said = N_("{revenue:money} in 12 months, {recent:money} of it in the last three")
        return locale.say(said, revenue=revenue, recent=recent)
    if not same > 0:
        return locale.say(
            N_("{revenue:money} in 12 months, {change:change} on the year before"),
            revenue=revenue,
            change=change,
        )
    return locale.say(
        N_(
            "{revenue:money} in 12 months, {change:change} on the year before; the last three months "
            "{recent:change} on the same months"
        ),
        revenue=revenue,
        change=change,
        recent=recent / same - 1,
    )


@chart
def revenue_months_chart(profile: Profile) -> Display:
    """A bar a month, the last 12 in colour."""
    months = profile.months
    if not months.any():
        return NOTHING
    ends = [date.fromisoformat(day) for day in months.index]
    locale, title = current().locale, message(profile)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        before = len(months) - YEAR
        colours = [PALE if place < before else view.accent for place in range(len(months))]
        sns.barplot(
            x=list(range(len(months))),
            y=months.to_numpy(),
            hue=list(range(len(months))),
            palette=colours,
            saturation=1,
            errorbar=None,
            legend=False,
            width=0.72,
            ax=axes,
        )
        month_axis(axes, view, ends, narrow)
        unit = money_axis(axes.yaxis, view, float(months.abs().max()))
        axes.set(xlabel="", ylabel=unit)
        axes.grid(axis="y")

    alt = locale.say(
        N_("{title}. The best month brought {most:money}, the poorest {least:money}."),
        title=title,
        most=months.max(),
        least=months.min(),
    )
    return draw_strip(draw, title, alt)
