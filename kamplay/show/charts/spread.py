"""Charts of concentration in depth: where it is heading, and how regularly large and small accounts buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamplay.method.spread import RHYTHMS
from kamplay.method.value import Value
from kamplay.show.charts.compact import compact
from kamplay.show.charts.figure import INK, PALE, QUIET, bare, month_axis, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACROSS = {"X": N_("X regular"), "Y": N_("Y variable"), "Z": N_("Z irregular")}


def trend(value: Value) -> Display:
    """The five largest accounts' share and the accounts for 80 %, over rolling 12 months; nothing with fewer than two points."""
    view, table = current(), value.trend
    if len(table) < 2:
        return NOTHING
    locale = view.locale
    first, last = table.iloc[0], table.iloc[-1]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        figure = axes.figure
        axes.remove()
        upper, lower = figure.subplots(2, 1, sharex=True)
        places = range(len(table))
        for panel, column, title, colour in (
            (upper, "top5_share", N_("share of the five largest accounts"), view.accent),
            (lower, "accounts_for_80", N_("accounts that bring 80% of revenue"), INK),
        ):
            amounts = table[column].to_numpy(dtype=float)
            panel.fill_between(places, amounts, color=colour, alpha=0.1, linewidth=0)
            panel.plot(places, amounts, color=colour, linewidth=2)
            for at, ha in ((0, "left"), (len(table) - 1, "right")):
                said = locale.percent(amounts[at]) if column == "top5_share" else locale.number(amounts[at])
                panel.plot([at], [amounts[at]], "o", color=colour, markersize=4, clip_on=False)
                panel.annotate(said, (at, amounts[at]), xytext=(0, 6), textcoords="offset points", ha=ha, va="bottom", color=INK)
            panel.set_ylim(0, amounts.max() * 1.3)
            panel.set_xlim(0, len(table) - 1)
            panel.set_title(locale.text(title), loc="left", color=QUIET)
            panel.grid(axis="y")
            panel.spines["left"].set_visible(False)
            panel.locator_params(axis="y", nbins=3)
        percent_axis(upper.yaxis, view)
        lower.yaxis.set_major_formatter(lambda amount, _: locale.number(amount, 0 if float(amount).is_integer() else 1))
        month_axis(lower, view, table["month_end"].tolist(), narrow)

    figures = {"was": first["top5_share"], "now": last["top5_share"]}
    figures |= {"before_80": int(first["accounts_for_80"]), "now_80": int(last["accounts_for_80"])}
    caption = locale.say(
        N_(
            "The five largest accounts' share of revenue went from {was:pct} to {now:pct}, the number of accounts that bring 80% "
            "from {before_80:n} to {now_80:n}. Each point stands for the 12 months up to it."
        ),
        **figures,
    )
    alt = locale.say(
        N_(
            "Concentration over {points:n} rolling years, from the 12 months to {since:date} to those to {until:date}: share of the five "
            "largest accounts {was:pct}, then {now:pct}; accounts for 80% of revenue {before_80:n}, then {now_80:n}."
        ),
        points=len(table),
        since=first["month_end"].date(),
        until=last["month_end"].date(),
        **figures,
    )
    return compact(draw, caption, alt, height=1.15)


def abc_xyz(value: Value) -> Display:
    """Accounts and share of revenue by class A to C and by how regularly they buy; nothing where no account can be judged."""
    view = current()
    if (value.abc_xyz["xyz"] == "new").all():
        return NOTHING
    locale, table = view.locale, value.classes_xyz.set_index(["abc", "xyz"])
    rows, columns = ("A", "B", "C"), RHYTHMS[:3]
    largest = max(float(table.loc[(a, x), "share"]) for a in rows for x in columns)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        for down, a in enumerate(rows):
            for across, x in enumerate(columns):
                cell = table.loc[(a, x)]
                depth = 0.06 + 0.5 * float(cell["share"]) / largest if cell["accounts"] and largest > 0 else 0.0
                axes.barh(-down - 0.5, 1, height=1, left=across, color=view.accent, alpha=depth, linewidth=0)
                count = locale.say(N_("{count:n} {count:plural|account|accounts}"), count=int(cell["accounts"]))
                axes.text(across + 0.5, -down - 0.38, count, ha="center", va="center", fontsize=9 if narrow else 10)
                if cell["accounts"]:
                    share = locale.say(N_("{part:pct} of revenue"), part=float(cell["share"]))
                    axes.text(across + 0.5, -down - 0.66, share, ha="center", va="center", fontsize=8 if narrow else 9, color=INK)
        for line in range(4):
            axes.plot([0, 3], [-line, -line], color=PALE, linewidth=0.8, clip_on=False)
            axes.plot([line, line], [0, -3], color=PALE, linewidth=0.8, clip_on=False)
        axes.set(xlim=(0, 3), ylim=(-3, 0))
        bare(axes, "left", "bottom")
        axes.set_yticks([-0.5, -1.5, -2.5], rows, fontsize=11)
        axes.xaxis.tick_top()
        axes.set_xticks([0.5, 1.5, 2.5], [locale.text(ACROSS[x]) for x in columns], va="baseline")

    new = table.xs("new", level="xyz")
    caption = locale.say(
        N_(
            "Of the accounts of class A with a full year behind them, {x:n} buy evenly ({x_share:pct} of revenue), {y:n} unevenly "
            "({y_share:pct}) and {z:n} irregularly ({z_share:pct}). "
            "Down: A brings the first 80% of revenue, B the next 15%, C the rest. Across: how evenly an account buys from month to month; "
            "the standard deviation of its months is up to half their mean (X), up to the mean (Y) or above it (Z)."
        ),
        **{x.lower(): int(table.loc[("A", x), "accounts"]) for x in columns},
        **{f"{x.lower()}_share": float(table.loc[("A", x), "share"]) for x in columns},
    )
    if new["accounts"].sum():
        caption += locale.say(
            N_(" Not shown: {count:n} {count:plural|account|accounts} with less than a year of purchases, {share:pct} of revenue."),
            count=int(new["accounts"].sum()),
            share=float(new["share"].sum()),
        )
    parts = [
        f"{a}{x} {locale.number(int(table.loc[(a, x), 'accounts']))} ({locale.percent(float(table.loc[(a, x), 'share']))})"
        for a in rows
        for x in columns
    ]
    said = locale.text(N_("; ")).join(parts)
    alt = locale.say(N_("Accounts (share of revenue) by ABC class and regularity: {parts}."), parts=said)
    return compact(draw, caption, alt, height=0.85)
