"""The forecast tried on past quarters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from babel.dates import format_date

from kamplay.show.charts.compact import compact
from kamplay.show.charts.figure import PALE, QUIET, money_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def backtest(value: Any) -> Display:
    """What was forecast at each quarter's end beside what was then won of the same deals, and what of them is still open."""
    table, view = value.backtest, current()
    if table.empty:
        return NOTHING
    locale = view.locale
    money = table["unit"].iloc[0] == "amount"
    tall = table[["won", "later", "pending"]].sum(axis=1)
    largest = float(max(table["forecast"].max(), tall.max()))
    if largest <= 0:
        return NOTHING

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        place = np.arange(len(table))
        axes.bar(place - 0.2, table["forecast"], width=0.36, color=PALE, label=locale.text(N_("forecast")))
        axes.bar(place + 0.2, table["won"], width=0.36, color=view.accent, label=locale.text(N_("won within two quarters")))
        if table["later"].any():
            axes.bar(
                place + 0.2,
                table["later"],
                bottom=table["won"],
                width=0.36,
                color=view.accent,
                alpha=0.45,
                label=locale.text(N_("won later")),
            )
        rest = table["pending"].to_numpy() > 0
        if rest.any():
            axes.bar(
                place[rest] + 0.2, table["pending"][rest], bottom=(table["won"] + table["later"])[rest], width=0.36, facecolor="none",
                edgecolor=QUIET, linewidth=0.8, linestyle=(0, (3, 2)), label=locale.text(N_("still open")),
            )  # fmt: skip
        axes.set_xticks(place, _months(table["quarter_end"].tolist(), locale), fontsize=7.6 if len(table) > 6 else 8.5)
        axes.set_xlim(-0.6, len(table) - 0.4)
        axes.set_ylim(0, largest * 1.06)
        if money:
            axes.set_ylabel(money_axis(axes.yaxis, view, largest))
        else:
            axes.yaxis.set_major_formatter(lambda number, _: locale.count(number))
            axes.set_ylabel(locale.text(N_("deals")))
        axes.grid(axis="y")
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2 if narrow else 4, fontsize=8, borderaxespad=0)

    judged = table[table["settled"].astype(bool)]
    said = locale.text(
        N_(
            "At the end of each quarter: what the deals open then were worth by the win rate known then, beside what was won of them. "
            "Quarters with much still open are not judged."
        )
    )
    if len(judged):
        opening = (
            N_("In the {count:n} quarters that can be judged, {forecast:money} was forecast and {won:money} won.")
            if money
            else N_("In the {count:n} quarters that can be judged, {forecast:n} deals were forecast and {won:n} won.")
        )
        sums = {"forecast": judged["forecast"].sum(), "won": (judged["won"] + judged["later"]).sum()}
        said = locale.say(opening, count=len(judged), **sums) + (" " if locale.language == "en" else "") + said
    parts = [
        locale.say(
            N_("{day:date} forecast {forecast:money}, won {won:money}") if money else N_("{day:date} forecast {forecast:n}, won {won:n}"),
            day=row.quarter_end, forecast=row.forecast, won=row.won + row.later,
        )
        for row in table.itertuples()
    ]  # fmt: skip
    return compact(draw, said, locale.say(N_("Forecast against won: {parts}."), parts=locale.text(N_("; ")).join(parts)))


def _months(ends: list[Any], locale: Locale) -> list[str]:
    """The month of each quarter's end, with the year where it begins."""
    years = [end.year for end in ends]
    name = [str(end.month) if locale.language == "zh" else format_date(end, "MMM", locale=locale.babel) for end in ends]
    return [f"{m}\n{y}" if n == 0 or y != years[n - 1] else m for n, (m, y) in enumerate(zip(name, years, strict=True))]
