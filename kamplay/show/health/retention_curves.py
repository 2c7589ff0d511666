"""Retention curves and hazard ratios, as charts and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamplay.method.health.step import Health
from kamplay.palette import GOOD, INK, PALE, QUIET
from kamplay.presets.scorecard import LEVELS
from kamplay.show.charts.chart import INTERVAL, draw_chart, interval_rows, percent_axis, wrap_label
from kamplay.show.check.step import ASK_FOR_HISTORY
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet
from kamplay.show.table import Column, Sheet
from kamplay.show.texts.vocabulary import level_label
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAYS_PER_MONTH = 30.4375
LABEL_GAP = 0.06  # of the axis between two labels at the end of the curves
TERMS = {
    "lateness": N_("twice as late against its rhythm"),
    "revenue": N_("twice the revenue"),
    "tenure": N_("a year longer with us"),
}


@chart
def retention_curves_chart(health: Health) -> Display:
    """Share of accounts still buying by months since the landmark date: by size where levels are known, else
    overall with the interval.
    """
    view, curves = current(), health.retention.curves
    if curves.empty:
        return NOTHING
    locale = view.locale
    kind = "level" if (curves["kind"] == "level").any() else "all"
    curves = curves[curves["kind"] == kind].assign(months=lambda c: c["days"] / DAYS_PER_MONTH)
    ends = curves.drop_duplicates("group", keep="last").set_index("group")["surviving"]
    groups = [g for g in (*LEVELS, "all") if g in ends.index]
    labels = {g: locale.text(N_("all accounts")) if g == "all" else level_label(g, locale) for g in groups}
    last = float(curves["months"].max())

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        colours = {"S": view.accent, "A": GOOD, "B": QUIET, "C": PALE, "all": view.accent}
        with_interval = kind == "all"
        sns.lineplot(
            interval_rows(curves, "surviving", "low", "high") if with_interval else curves,
            x="months",
            y="surviving",
            hue="group",
            hue_order=groups,
            palette=colours,
            size="group",
            sizes={g: 2.0 if g in ("S", "all") else 1.5 for g in groups},
            **(INTERVAL if with_interval else {"estimator": None}),
            err_kws={"step": "post", "alpha": 0.15, "linewidth": 0},
            drawstyle="steps-post",
            legend=False,
            ax=axes,
        )
        floor = max(0.0, float(curves["low" if with_interval else "surviving"].min()) - 0.08)
        gap = LABEL_GAP * (1 - floor) * (1.3 if narrow else 1.0)
        place = 2.0
        for group in sorted(groups, key=lambda g: -ends[g]):
            place = min(ends[group], place - gap)
            text = f"{labels[group]} {locale.percent(ends[group])}"
            ink = QUIET if group == "C" else INK
            axes.text(last * 1.02, place, text, color=ink, va="center", fontsize=8.5)
        axes.set(xlim=(0, last * (1.45 if narrow else 1.22)), ylim=(min(floor, place - gap), 1.01))
        axes.set_xticks([m for m in (0, 6, 12, 18, 24) if m <= last + 0.5])
        axes.spines["bottom"].set_bounds(0, last)
        axes.set_xlabel(locale.text(N_("months later")))
        axes.set_ylabel("")
        percent_axis(axes.yaxis, view)
        axes.grid(axis="y")

    caption = N_("Share of accounts still buying, with its 95% interval.")
    if kind == "level":
        caption = N_(
            "Share of accounts still buying, by how large they were at the start: the largest "
            "then, as many as each level holds today."
        )
    parts = locale.text(N_("; ")).join(f"{labels[g]} {locale.percent(ends[g])}" for g in groups)
    alt = locale.say(N_("Still buying after {months:n} months: {parts}."), months=round(last), parts=parts)
    return draw_chart(draw, locale.text(caption), alt)


@chart
def hazard_ratios_chart(health: Health) -> Display:
    """Hazard ratios of stopping with 95 % intervals; 1 is no difference."""
    view, ratios = current(), health.retention.hazard_ratios
    if ratios.empty:
        return NOTHING
    locale = view.locale
    labels = {term: locale.text(TERMS[term]) for term in ratios["term"]}
    is_sure = (ratios["low"] > 1) | (ratios["high"] < 1)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        low = max(0.1, min(0.5, float(ratios["low"].min())) * 0.9)
        high = min(10.0, max(2.0, float(ratios["high"].max())) * 1.1)
        rows = interval_rows(ratios, "ratio", "low", "high")
        axes.axvline(1, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        sns.pointplot(
            rows.assign(ratio=rows["ratio"].clip(low, high)),
            x="ratio",
            y="term",
            hue="term",
            palette={t: view.accent if sure else QUIET for t, sure in zip(labels, is_sure, strict=True)},
            **INTERVAL,
            log_scale=(True, False),
            linestyle="none",
            markersize=6,
            markeredgewidth=0,
            err_kws={"linewidth": 2},
            legend=False,
            ax=axes,
        )
        for place, ratio in enumerate(ratios["ratio"]):
            text = locale.say(N_("{ratio:n2} times"), ratio=ratio)
            at = (min(max(ratio, low), high), place)
            axes.annotate(text, at, (0, 6), textcoords="offset points", ha="center", fontsize=8.5)
        ticks = [t for t in (0.1, 0.25, 0.5, 1, 2, 4, 8) if low <= t <= high]
        axes.set_xticks(ticks, [locale.number(t, 0 if t >= 1 else 2) for t in ticks])
        axes.minorticks_off()
        axes.set_yticks(range(len(ratios)), [wrap_label(t, 18 if narrow else 40) for t in labels.values()])
        axes.set(xlim=(low, high), ylim=(len(ratios) - 0.5, -0.7), xlabel="", ylabel="")
        axes.spines["left"].set_visible(False)

    caption = locale.text(
        N_(
            "How often accounts stop against others that buy as often and are alike in the rest: left of 1 "
            "less often, right of it more. Bars are 95% intervals; grey where chance explains it."
        )
    )
    parts = locale.text(N_("; ")).join(
        f"{labels[r.term]} {locale.number(r.ratio, 2)} ({locale.number(r.low, 2)}–{locale.number(r.high, 2)})"
        for r in ratios.itertuples()
    )
    alt = locale.say(N_("Ratio of stopping: {parts}."), parts=parts)
    return draw_chart(draw, caption, alt, height=0.35 + 0.14 * len(ratios))


@sheet
def hazard_ratios_sheet(health: Health) -> Sheet:
    """What goes with stopping, with its interval."""
    columns = [
        Column("term", N_("What goes with stopping"), TERMS),
        Column("ratio", N_("Stops so many times as often"), "n2"),
        Column("low", N_("95% interval from"), "n2"),
        Column("high", N_("95% interval to"), "n2"),
        Column("p_value", N_("p value"), "n3"),
    ]
    return Sheet(N_("What goes with stopping"), health.retention.hazard_ratios, columns)


# what this topic can find, in words
LOOK_AT_WORST = {
    "look_at_worst": N_(
        "Ask the owners of the group that stays least what it leaves for, and settle one thing to change "
        "there."
    )
}

register_findings(
    FindingSpec(
        "survive_all",
        "retention_curves",
        N_(
            "Of {accounts:n} accounts that were buying on {landmark:date}, {year:pct} (95% interval "
            "{low:pct} to {high:pct}) were still buying a year later. Stopped means that nothing was "
            "bought again to the end of the data, for {horizon:n} days at least. Not counted: {slow:n} that "
            "usually buy less often than every {usual:n} days, as their silence says little."
        ),
    ),
    FindingSpec(
        "survive_level",
        "retention_curves",
        N_(
            "Size told stayers from leavers, among accounts that buy equally often: a year later "
            "{best_share:pct} of the accounts as large then as today's level {best} were still buying, "
            "{worst_share:pct} of those as large as level {worst}."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_nature",
        "retention_curves",
        N_(
            "By nature accounts that buy equally often stay for different times: a year later "
            "{best_share:pct} of “{best}” were still buying ({best_accounts:n} accounts), "
            "{worst_share:pct} of “{worst}” ({worst_accounts:n})."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_industry",
        "retention_curves",
        N_(
            "By industry accounts that buy equally often stay for different times: a year later "
            "{best_share:pct} of “{best}” were still buying ({best_accounts:n} accounts), "
            "{worst_share:pct} of “{worst}” ({worst_accounts:n})."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_region",
        "retention_curves",
        N_(
            "By region accounts that buy equally often stay for different times: a year later "
            "{best_share:pct} of “{best}” were still buying ({best_accounts:n} accounts), "
            "{worst_share:pct} of “{worst}” ({worst_accounts:n})."
        ),
        actions=LOOK_AT_WORST,
    ),
    FindingSpec(
        "survive_leaning",
        "retention_curves",
        N_(
            "By size the lines lie apart: after {followed:n} days {best_share:pct} of accounts as "
            "large then as today's level {best} ({best_accounts:n} accounts) were still buying, "
            "{worst_share:pct} of those as large as level {worst}. Among {kinds:n} "
            "{kinds:plural|grouping|groupings} looked at, chance alone parts one as far in up to "
            "{p_value:pct} of cases, with how often they buy held fixed: a hint, no proof."
        ),
    ),
    FindingSpec(
        "survive_by_rate",
        "retention_curves",
        N_(
            "By size the lines lie apart: after {followed:n} days {best_share:pct} of accounts as "
            "large then as today's level {best} ({best_accounts:n} accounts) were still buying, "
            "{worst_share:pct} of those as large as level {worst}. Among accounts that buy equally often "
            "that is no more than chance, so size by itself tells nothing of who stays."
        ),
    ),
    FindingSpec(
        "survive_alike",
        "retention_curves",
        N_(
            "Neither size nor the recorded groups told stayers from leavers by more than chance among "
            "accounts that buy equally often: no group needs a programme of its own for staying."
        ),
    ),
    FindingSpec(
        "survive_slow",
        "retention_curves",
        N_(
            "How long accounts stay cannot be told: of those that were buying on {landmark:date}, {slow:n} "
            "are not known to buy more often than every {usual:n} days, and {horizon:n} days without a "
            "purchase say little of them."
        ),
    ),
    FindingSpec(
        "survive_unknown",
        "retention_curves",
        N_(
            "How long accounts stay cannot be told yet: following them for a year takes that and two "
            "horizons of history, and ten accounts that buy often enough for a silence to tell."
        ),
        actions=ASK_FOR_HISTORY,
    ),
    FindingSpec(
        "hazard_lateness",
        "hazard_ratios",
        N_(
            "Accounts twice as late against their rhythm stop {ratio:n1} times as often as others "
            "that are alike in the rest (95% interval {low:n1} to {high:n1})."
        ),
    ),
    FindingSpec(
        "hazard_revenue",
        "hazard_ratios",
        N_(
            "Accounts with twice the revenue stop {ratio:n2} times as often as others that are alike "
            "in the rest (95% interval {low:n2} to {high:n2})."
        ),
    ),
    FindingSpec(
        "hazard_tenure",
        "hazard_ratios",
        N_(
            "With every year an account stays it stops {ratio:n2} times as often as others that are "
            "alike in the rest (95% interval {low:n2} to {high:n2})."
        ),
    ),
    FindingSpec(
        "hazard_few",
        "hazard_ratios",
        N_(
            "What goes with stopping cannot be separated yet: {events:n} "
            "{events:plural|account|accounts} stopped and {stayed:n} stayed; each thing held against "
            "it takes {needed:n} of either."
        ),
    ),
    FindingSpec(
        "hazard_unsettled",
        "hazard_ratios",
        N_(
            "What goes with stopping cannot be told: what was known of these {accounts:n} accounts "
            "is too alike, or parts those that stopped from the others too sharply to be measured."
        ),
    ),
)
