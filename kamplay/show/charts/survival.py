"""Charts of staying: who is still buying as time goes by; what is at risk by tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kamplay.show.charts.figure import GOOD, INK, QUIET, chart, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import level_label
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLAIN = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # keeps a figure readable on a line
APART = 0.05  # of the axis between two labels at the end of the curves


def survival(health: Any) -> Display:
    """Share of accounts still buying by months since the landmark: by size where levels are known, else all together."""
    view, table = current(), health.survival
    if table.empty:
        return NOTHING
    locale = view.locale
    kind = "level" if (table["kind"] == "level").any() else "all"
    order = [g for g in ("S", "A", "B", "C", "all") if g in set(table.loc[table["kind"] == kind, "group"])]
    curves = {g: table[(table["kind"] == kind) & (table["group"] == g)] for g in order}
    colours = dict(zip(("S", "A", "B", "C", "all"), (view.accent, GOOD, QUIET, "#A0ABB4", view.accent), strict=True))
    words = {g: locale.text(N_("all accounts")) if g == "all" else level_label(g, locale) for g in order}

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        lowest = min(float(curve["low" if len(order) == 1 else "surviving"].min()) for curve in curves.values())
        floor = max(0.0, lowest - 0.08)
        ends = {g: float(curve["surviving"].iloc[-1]) for g, curve in curves.items()}
        for g, curve in curves.items():
            months = curve["days"] / 30.4375
            if len(order) == 1:
                axes.fill_between(months, curve["low"], curve["high"], step="post", color=colours[g], alpha=0.12, linewidth=0)
            axes.step(months, curve["surviving"], where="post", color=colours[g], linewidth=2 if g in ("S", "all") else 1.5)
        last, gap, above = max(float(c["days"].max()) for c in curves.values()) / 30.4375, APART * (1 - floor), 2.0
        for g in sorted(order, key=lambda g: -ends[g]):
            above = min(ends[g], above - gap * (1.5 if narrow else 1.2))
            text = f"{words[g]} {locale.percent(ends[g])}"
            axes.text(last * 1.02, above, text, color=INK if g != "C" else QUIET, va="center", fontsize=8.5)
        axes.set(xlim=(0, last * (1.45 if narrow else 1.22)), ylim=(min(floor, above - gap), 1.01))
        axes.set_xticks([m for m in (0, 6, 12, 18, 24) if m <= last + 0.5])
        axes.spines["bottom"].set_bounds(0, last)
        axes.set_xlabel(locale.text(N_("months later")))
        percent_axis(axes.yaxis, view)
        axes.grid(axis="y")

    first = next(iter(curves.values()))
    caption = (
        locale.text(
            N_("Share of accounts still buying, by how large they were at the start: the largest then, as many as each level holds today.")
        )
        if kind == "level"
        else locale.text(N_("Share of accounts still buying, with its 95% interval."))
    )
    parts = locale.text(N_("; ")).join(f"{words[g]} {locale.percent(float(c['surviving'].iloc[-1]))}" for g, c in curves.items())
    alt = locale.say(N_("Still buying after {months:n} months: {parts}."), months=round(float(first["days"].max()) / 30.4375), parts=parts)
    return chart(draw, caption, alt)


def hazards(health: Any) -> Display:
    """How much more often accounts stop per step of what was known of them, with 95 % intervals; 1 is no difference."""
    view, table = current(), health.hazards
    if table.empty:
        return NOTHING
    locale = view.locale
    words = {
        "lateness": N_("twice as late against its rhythm"),
        "buys": N_("twice as many buying days a year"),
        "revenue": N_("twice the revenue"),
        "tenure": N_("a year longer with us"),
    }

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        low, high = min(0.5, float(table["low"].min())) * 0.9, max(2.0, float(table["high"].max())) * 1.1
        low, high = max(low, 0.1), min(high, 10.0)
        axes.axvline(1, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        places = range(len(table) - 1, -1, -1)
        for place, row in zip(places, table.itertuples(), strict=True):
            sure = row.low > 1 or row.high < 1
            colour = view.accent if sure else QUIET
            axes.plot([max(row.low, low), min(row.high, high)], [place, place], color=colour, linewidth=2)
            axes.plot([min(max(row.ratio, low), high)], [place], "o", color=colour, markersize=6)
            said = locale.say(N_("{ratio:n2} times"), ratio=row.ratio)
            axes.annotate(
                said, (min(max(row.ratio, low), high), place), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8.5
            )
        axes.set_xscale("log")
        ticks = [t for t in (0.1, 0.25, 0.5, 1, 2, 4, 8) if low <= t <= high]
        axes.set_xticks(ticks, [locale.number(t, 0 if t >= 1 else 2) for t in ticks])
        axes.minorticks_off()
        texts = [locale.text(words[term]) for term in table["term"]]
        axes.set_yticks(list(places), [t.replace(" ", "\n", 1) if narrow and len(t) > 18 else t for t in texts])
        axes.set(xlim=(low, high), ylim=(-0.5, len(table) - 0.3))
        axes.spines["left"].set_visible(False)

    caption = locale.text(
        N_(
            "How often accounts stop against others that are alike in the rest: left of 1 less often, right of it more. "
            "Bars are 95% intervals; grey where chance explains it."
        )
    )
    parts = locale.text(N_("; ")).join(
        f"{locale.text(words[r.term])} {locale.number(r.ratio, 2)} ({locale.number(r.low, 2)}–{locale.number(r.high, 2)})"
        for r in table.itertuples()
    )
    return chart(draw, caption, locale.say(N_("Ratio of stopping: {parts}."), parts=parts), height=0.35 + 0.14 * len(table))
