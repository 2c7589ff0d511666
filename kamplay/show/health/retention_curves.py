"""Charts of staying: who is still buying as time goes by; what is at risk by tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kamplay.show.chart import GOOD, INK, QUIET, draw_chart, percent_axis
from kamplay.show.check.step import ASK_FOR_HISTORY
from kamplay.show.display import NOTHING, Display
from kamplay.show.health.step import WORK_BY_CAMPAIGN, WORK_THE_LIST
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, chart, register_findings
from kamplay.show.view import View, current
from kamplay.show.vocabulary import level_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLAIN = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # keeps a figure readable on a line
APART = 0.05  # of the axis between two labels at the end of the curves


@chart
def survival_chart(health: Any) -> Display:
    """Share of accounts still buying by months since the landmark: by size where levels are known, else all
    together.
    """
    view, table = current(), health.survival
    if table.empty:
        return NOTHING
    locale = view.locale
    kind = "level" if (table["kind"] == "level").any() else "all"
    order = [g for g in ("S", "A", "B", "C", "all") if g in set(table.loc[table["kind"] == kind, "group"])]
    curves = {g: table[(table["kind"] == kind) & (table["group"] == g)] for g in order}
    colours = dict(
        zip(("S", "A", "B", "C", "all"), (view.accent, GOOD, QUIET, "#A0ABB4", view.accent), strict=True)
    )
    words = {g: locale.text(N_("all accounts")) if g == "all" else level_label(g, locale) for g in order}

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        lowest = min(
            float(curve["low" if len(order) == 1 else "surviving"].min()) for curve in curves.values()
        )
        floor = max(0.0, lowest - 0.08)
        ends = {g: float(curve["surviving"].iloc[-1]) for g, curve in curves.items()}
        for g, curve in curves.items():
            months = curve["days"] / 30.4375
            if len(order) == 1:
                axes.fill_between(
                    months,
                    curve["low"],
                    curve["high"],
                    step="post",
                    color=colours[g],
                    alpha=0.12,
                    linewidth=0,
                )
            axes.step(
                months,
                curve["surviving"],
                where="post",
                color=colours[g],
                linewidth=2 if g in ("S", "all") else 1.5,
            )
        last, gap, above = (
            max(float(c["days"].max()) for c in curves.values()) / 30.4375,
            APART * (1 - floor),
            2.0,
        )
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
            N_(
                "Share of accounts still buying, by how large they were at the start: the largest "
                "then, as many as each level holds today."
            )
        )
        if kind == "level"
        else locale.text(N_("Share of accounts still buying, with its 95% interval."))
    )
    parts = locale.text(N_("; ")).join(
        f"{words[g]} {locale.percent(float(c['surviving'].iloc[-1]))}" for g, c in curves.items()
    )
    alt = locale.say(
        N_("Still buying after {months:n} months: {parts}."),
        months=round(float(first["days"].max()) / 30.4375),
        parts=parts,
    )
    return draw_chart(draw, caption, alt)


@chart
def hazards_chart(health: Any) -> Display:
    """How much more often accounts stop per step of what was known of them, with 95 % intervals; 1 is no
    difference.
    """
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
                said,
                (min(max(row.ratio, low), high), place),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
            )
        axes.set_xscale("log")
        ticks = [t for t in (0.1, 0.25, 0.5, 1, 2, 4, 8) if low <= t <= high]
        axes.set_xticks(ticks, [locale.number(t, 0 if t >= 1 else 2) for t in ticks])
        axes.minorticks_off()
        texts = [locale.text(words[term]) for term in table["term"]]
        axes.set_yticks(
            list(places), [t.replace(" ", "\n", 1) if narrow and len(t) > 18 else t for t in texts]
        )
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
    return draw_chart(
        draw,
        caption,
        locale.say(N_("Ratio of stopping: {parts}."), parts=parts),
        height=0.35 + 0.14 * len(table),
    )


# what this topic can find, in words
LOOK_AT_WORST = {
    "look_at_worst": N_(
        "Ask the owners of the group that stays least what it leaves for, and settle one thing to change "
        "there this quarter."
    )
}

register_findings(
    FindingSpec(
        "survive_all",
        "survival",
        N_(
            "Of {accounts:n} accounts that were buying on {landmark:date}, {year:pct} (95% interval "
            "{low:pct} to {high:pct}) were still buying a year later; stopped means no purchase for "
            "{horizon:n} days."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_level",
        "survival",
        N_(
            "Size told stayers from leavers: a year later {best_share:pct} of the accounts as large "
            "then as today's level {best} were still buying, {worst_share:pct} of those as large as "
            "level {worst}."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_nature",
        "survival",
        N_(
            "By nature accounts stay for different times: a year later {best_share:pct} of “{best}” "
            "were still buying ({best_accounts:n} accounts), {worst_share:pct} of “{worst}” "
            "({worst_accounts:n})."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_industry",
        "survival",
        N_(
            "By industry accounts stay for different times: a year later {best_share:pct} of "
            "“{best}” were still buying ({best_accounts:n} accounts), {worst_share:pct} of “{worst}” "
            "({worst_accounts:n})."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_region",
        "survival",
        N_(
            "By region accounts stay for different times: a year later {best_share:pct} of “{best}” "
            "were still buying ({best_accounts:n} accounts), {worst_share:pct} of “{worst}” "
            "({worst_accounts:n})."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_leaning",
        "survival",
        N_(
            "By size the lines lie apart: after {followed:n} days {best_share:pct} of accounts as "
            "large then as today's level {best} ({best_accounts:n} accounts) were still buying, "
            "{worst_share:pct} of those as large as level {worst}. Among {kinds:n} "
            "{kinds:plural|grouping|groupings} looked at, chance alone parts one as far in up to "
            "{p_value:pct} of cases: a hint, no proof."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_alike",
        "survival",
        N_(
            "Neither size nor the recorded groups told stayers from leavers by more than chance: no "
            "group needs a programme of its own for staying."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_unknown",
        "survival",
        N_(
            "How long accounts stay cannot be told yet: following them for a year takes at least "
            "that and the horizon in history, and ten accounts that buy."
        ),
        actions=ASK_FOR_HISTORY | LOOK_AT_WORST,
    ),
    FindingSpec(
        "hazard_lateness",
        "hazards",
        N_(
            "Accounts twice as late against their rhythm stop {ratio:n1} times as often as others "
            "that are alike in the rest (95% interval {low:n1} to {high:n1})."
        ),
    ),
    FindingSpec(
        "hazard_buys",
        "hazards",
        N_(
            "Accounts that buy on twice as many days stop {ratio:n2} times as often as others that "
            "are alike in the rest (95% interval {low:n2} to {high:n2})."
        ),
    ),
    FindingSpec(
        "hazard_revenue",
        "hazards",
        N_(
            "Accounts with twice the revenue stop {ratio:n2} times as often as others that are alike "
            "in the rest (95% interval {low:n2} to {high:n2})."
        ),
    ),
    FindingSpec(
        "hazard_tenure",
        "hazards",
        N_(
            "With every year an account stays it stops {ratio:n2} times as often as others that are "
            "alike in the rest (95% interval {low:n2} to {high:n2})."
        ),
    ),
    FindingSpec(
        "hazard_few",
        "hazards",
        N_(
            "What goes with stopping cannot be separated yet: {events:n} "
            "{events:plural|account|accounts} stopped and {stayed:n} stayed; each thing held against "
            "it takes {needed:n} of either."
        ),
    ),
    FindingSpec(
        "hazard_unsettled",
        "hazards",
        N_(
            "What goes with stopping cannot be told: what was known of these {accounts:n} accounts "
            "is too alike, or parts those that stopped from the others too sharply to be measured."
        ),
    ),
    FindingSpec(
        "at_risk",
        "at_risk",
        N_(
            "Accounts that stop are expected to cost {at_risk:money} in the next {horizon:n} days, "
            "in eight cases of ten between {low:money} and {high:money}; {first} weighs most. What "
            "accounts lose that only shrink is in addition; those that have plainly stopped already "
            "are not counted."
        ),
        actions=WORK_BY_CAMPAIGN | WORK_THE_LIST,
    ),
    FindingSpec(
        "at_risk_owner",
        "at_risk",
        N_(
            "Of this, {at_risk:money} ({share:pct}) is with the accounts of {owner}, the most of "
            "{owners:n} owners."
        ),
        actions={
            "talk_to_owner": N_(
                "Have the sales lead go through these accounts with this owner first, one by one, this week."
            )
        },
    ),
)
