"""Concentration: Pareto curve, largest accounts, intervals, groups as one, trend, ABC × XYZ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.stats.concentration import part_of
from kamplay.method.stats.intervals import DRAWS
from kamplay.method.value.concentration import ABC, XYZ
from kamplay.method.value.step import Value
from kamplay.palette import GREY, INK, PALE, QUIET
from kamplay.show.charts.chart import draw_compact, join_parts, month_axis, percent_axis
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, plot, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 100  # of the curve
PARETO = N_(
    "Cumulative share of revenue, accounts from the largest. The further the curve bows "
    "from the dashed line, the more unequal."
)
NEEDED = N_("{needed:n} accounts ({part:pct})\nbring 80% of revenue")
EQUAL = N_("if all were equal")
PARETO_AXES = (N_("accounts, largest first"), N_("cumulative revenue"))


def _curve(value: Value) -> tuple[np.ndarray, np.ndarray, int]:
    """Share of accounts and cumulative share of revenue at the corners of the curve, and how many accounts
    bring 80 %.
    """
    ranking, needed = value.concentration.ranking, value.concentration.shares["accounts_for_80"]
    cumulative, count = np.concatenate([[0.0], ranking["cumulative"]]), len(ranking)
    corners = np.linspace(0, count, min(count, MOST_POINTS) + 1).astype(int)
    corners = np.unique(np.append(corners, needed))
    return corners / count, cumulative[corners], needed


@plot
def pareto_plot(value: Value) -> Plot | None:
    """The Pareto curve, with the point at which 80 % are reached and an equal split."""
    if value.concentration.ranking.empty:
        return None
    view, (x, y, needed) = current(), _curve(value)
    locale, count = view.locale, len(value.concentration.ranking)
    words = locale.say(NEEDED, needed=needed, part=needed / count).replace("\n", " ")
    part = needed / count
    reached, at = float(y[np.searchsorted(x, part)]), tuple(map(float, x))
    return Plot(
        "curve",
        (),
        (
            Series(locale.text(EQUAL), at, GREY, at),
            Series(locale.text(PARETO_AXES[1]), tuple(map(float, y)), view.accent, at),
            Series("", (max(reached - 0.08, 0.0),), "", (part + 0.02,), (words,)),  # below the curve
        ),
        locale.text(PARETO),
        "0%",
        "0%",
        (locale.text(PARETO_AXES[0]), locale.text(PARETO_AXES[1])),
        message=locale.say(PARETO_SHOWS, **_pareto_figures(value)),
    )


@chart
def pareto_chart(value: Value) -> Display:
    """Cumulative share of revenue, accounts from the largest, with the 80 % point and an equal split."""
    view, ranking = current(), value.concentration.ranking
    if ranking.empty:
        return NOTHING
    locale, count, (x, y, needed) = view.locale, len(ranking), _curve(value)
    at, reached = needed / count, float(y[np.searchsorted(x, needed / count)])

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        sns.lineplot(
            x=[0, 1], y=[0, 1], estimator=None, ax=axes, color=QUIET, linewidth=1, linestyle=(0, (4, 3))
        )
        axes.fill_between(x, y, x, color=view.accent, alpha=0.12, linewidth=0)
        sns.lineplot(x=x, y=y, estimator=None, ax=axes, color=view.accent, linewidth=2)
        sns.lineplot(
            x=[at, at, 0], y=[0, 0.8, 0.8], sort=False, estimator=None, color=QUIET, linewidth=0.8, ax=axes
        )
        sns.scatterplot(x=[at], y=[reached], ax=axes, color=view.accent, s=28, linewidth=0, zorder=3)
        axes.annotate(
            locale.say(NEEDED, needed=needed, part=at),
            (at, reached),
            xytext=(max(at, 0.2) + 0.03, 0.05) if at < 0.5 else (at - 0.03, 0.05),  # under the dashed line
            ha="left" if at < 0.5 else "right",
            linespacing=1.5,
            color=INK,
        )
        equal = locale.text(EQUAL)
        axes.text(0.99, 0.72, equal, color=QUIET, ha="right", va="top", fontsize=8.5)
        percent_axis(axes.xaxis, view)
        percent_axis(axes.yaxis, view)
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        axes.set_xlabel(locale.text(PARETO_AXES[0]))
        axes.set_ylabel(locale.text(PARETO_AXES[1]))
        axes.grid(axis="y")

    caption = locale.text(PARETO)
    alt = locale.say(
        N_(
            "Pareto curve: {needed:n} of {count:n} accounts bring 80% of revenue; the top fifth "
            "({fifth:n}) brings {top:pct}."
        ),
        **_pareto_figures(value),
    )
    return draw_compact(draw, caption, alt)


PARETO_SHOWS = N_(
    "{needed:n} of {count:n} accounts bring 80% of revenue; the top fifth ({fifth:n}) brings {top:pct}."
)


def _pareto_figures(value: Value) -> dict[str, Any]:
    shares = value.concentration.shares
    return {
        "needed": shares["accounts_for_80"],
        "count": len(value.concentration.ranking),
        "fifth": part_of(int(shares["accounts"]), 0.2),
        "top": shares["top20_share"],
    }


@table
def top_accounts_table(value: Value) -> Display:
    """The largest accounts with their share, class and movement."""
    frame = value.concentration.ranking.join(value.accounts[["abc", "margin"]])
    frame = frame.join(value.retention.moves["change"]).assign(
        margin_rate=lambda f: f["margin"] / f["amount"]
    )
    columns = [
        ACCOUNT,
        Column("amount", N_("Revenue"), "money"),
        Column("share", N_("Share"), "pct"),
        Column("cumulative", N_("Cumulative"), "pct", extra=True),
        Column("abc", N_("ABC class"), extra=True),
        Column("change", N_("Change"), "money"),
        Column("margin_rate", N_("Margin"), "pct", extra=True),
    ]
    if frame["margin"].isna().all():
        columns = columns[:-1]
    caption = N_(
        "The largest accounts of the last 12 months. ABC class: A brings the first 80% of "
        "revenue, B the next 15%, C the rest; it is not the tier S, A, B or C. Change: "
        "against the 12 months before."
    )
    return html_table(with_names(frame), columns, caption, most=10)


# the figures that the table shows, of those that have an interval
FIGURES = {
    "accounts_for_80": N_("Accounts that bring 80%"),
    "top1_share": N_("Share of the largest account"),
    "top5_share": N_("Share of the five largest"),
    "law": N_("Own rule, beside 20/80"),
}


@table
def concentration_intervals_table(value: Value) -> Display:
    """Each figure of concentration with its 95 % interval: of revenue, and of margin where cost is known."""
    intervals = value.concentration.intervals
    if intervals.empty or not intervals["tells"].any():
        return NOTHING  # none tells anything: the figures stand elsewhere
    locale = current().locale
    shown = pd.DataFrame({"figure": [locale.text(words) for words in FIGURES.values()]}, index=list(FIGURES))
    columns, withheld = [Column("figure", N_("Figure"))], pd.Series(False, index=list(FIGURES))
    for basis, label in (("revenue", N_("Revenue")), ("margin", N_("Margin amount"))):
        rows = intervals[intervals["basis"] == basis].set_index("figure")
        if rows.empty:
            continue
        words = {
            column: [_figure(name, rows.loc[name, column], locale) for name in FIGURES]
            for column in ("estimate", "low", "high")
        }
        shown[basis] = words["estimate"]
        told = rows.loc[list(FIGURES), "tells"]
        shown[f"{basis}_interval"] = [
            locale.say(N_("{low} to {high}"), low=low, high=high) if tells else locale.text(N_("too wide"))
            for low, high, tells in zip(words["low"], words["high"], told, strict=True)
        ]
        withheld |= ~told.astype(bool)
        columns += [
            Column(basis, label, css="num keep"),
            Column(f"{basis}_interval", N_("95% interval"), extra=basis == "margin", css="num keep"),
        ]
    accounts = intervals.groupby("basis")["accounts"].first()
    draws = int(intervals["draws"].min())
    caption = [
        locale.say(
            N_(
                "Concentration over the {accounts:n} accounts with positive revenue. Of these accounts "
                "the figures are exact; the interval says where they could lie for as many accounts "
                "that the same market might have brought ({draws:n} draws, the largest from a heavy "
                "tail). It is no forecast."
            ),
            accounts=int(accounts.get("revenue", accounts.iloc[0])),
            draws=draws,
        )
    ]
    if "margin" in accounts:
        margin = N_("Margin: the {count:n} accounts with a known cost and a positive margin.")
        caption.append(locale.say(margin, count=int(accounts["margin"])))
    if draws < DRAWS:
        caption.append(locale.text(N_("With so many accounts fewer draws suffice.")))
    wide = N_(
        "Too wide: by 30 percentage points or more, or by over 1.3 times the figure, so that nothing can "
        "be told; it hangs on whether such a market brings one account far above all others."
    )
    return html_table(shown, columns, locale.sentences(*caption), marks={locale.text(wide): withheld})


def _figure(name: str, amount: float, locale: Locale) -> str:
    if name.startswith("accounts"):
        return locale.number(amount)
    if name == "law":
        few = round(100 * float(amount))
        return f"{few}/{100 - few}"
    return locale.percent(amount)


@table
def groups_as_one_table(value: Value) -> Display:
    """Groups by joint revenue, with their rank as one customer against the best rank of a member alone; a
    single group has a finding instead.
    """
    view, groups = current(), value.concentration.groups
    if len(groups) < 2:
        return NOTHING
    frame = groups.assign(
        name=[view.name(g) for g in groups["group"]], largest=[view.name(b) for b in groups["best"]]
    )
    columns = [
        Column("name", N_("Group")),
        Column("members", N_("Members"), "n", extra=True),
        Column("revenue", N_("Joint revenue"), "money"),
        Column("joint_rank", N_("Joint rank"), "n"),
        Column("best_rank", N_("Best rank alone"), "n"),
        Column("largest", N_("Largest member"), extra=True),
    ]
    return html_table(
        frame,
        columns,
        N_("Groups counted as one customer, the largest first; ranks by revenue of the last 12 months."),
        most=8,
    )


@plot
def concentration_trend_plot(value: Value) -> Plot | None:
    """The five largest accounts' share over rolling 12 months."""
    view, trend = current(), value.concentration.trend
    if len(trend) < 2:
        return None
    locale, shares = view.locale, trend["top5_share"].astype(float).tolist()
    ends = {0, len(trend) - 1}
    labels = tuple(locale.percent(share) if n in ends else "" for n, share in enumerate(shares))
    title = locale.text(N_("share of the five largest accounts"))
    months = tuple(locale.month(day) for day in trend["month_end"])
    caption = locale.sentences(
        locale.text(N_("The five largest accounts' share of revenue.")),
        locale.text(N_("Each point stands for the 12 months up to it.")),
    )
    return Plot("line", months, (Series(title, tuple(shares), view.accent, (), labels),), caption, "0%")


@chart
def concentration_trend_chart(value: Value) -> Display:
    """The five largest accounts' share and the accounts for 80 %, over rolling 12 months; nothing with fewer
    than two points.
    """
    view, trend = current(), value.concentration.trend
    if len(trend) < 2:
        return NOTHING
    locale, first, last = view.locale, trend.iloc[0], trend.iloc[-1]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        figure, places = axes.figure, np.arange(len(trend))
        axes.remove()
        upper, lower = figure.subplots(2, 1, sharex=True)
        for panel, column, title, colour in (
            (upper, "top5_share", N_("share of the five largest accounts"), view.accent),
            (lower, "accounts_for_80", N_("accounts that bring 80% of revenue"), INK),
        ):
            amounts = trend[column].to_numpy(dtype=float)
            panel.fill_between(places, amounts, color=colour, alpha=0.1, linewidth=0)
            sns.lineplot(x=places, y=amounts, estimator=None, ax=panel, color=colour, linewidth=2)
            ends = [0, len(trend) - 1]
            sns.scatterplot(
                x=ends, y=amounts[ends], ax=panel, color=colour, s=18, linewidth=0, zorder=3, clip_on=False
            )
            words = locale.percent if column == "top5_share" else locale.number
            for at, ha in zip(ends, ("left", "right"), strict=True):
                panel.annotate(
                    words(amounts[at]),
                    (at, amounts[at]),
                    xytext=(0, 6),
                    textcoords="offset points",
                    ha=ha,
                    va="bottom",
                    color=INK,
                )
            panel.set(xlim=(0, len(trend) - 1), ylim=(0, amounts.max() * 1.3))
            panel.set_title(locale.text(title), loc="left", color=QUIET)
            panel.grid(axis="y")
            panel.spines["left"].set_visible(False)
            panel.locator_params(axis="y", nbins=3)
        percent_axis(upper.yaxis, view)
        lower.yaxis.set_major_formatter(
            lambda amount, _: locale.number(amount, 0 if float(amount).is_integer() else 1)
        )
        month_axis(lower, view, trend["month_end"].tolist(), narrow)

    figures = {
        "was": first["top5_share"],
        "now": last["top5_share"],
        "before_80": int(first["accounts_for_80"]),
        "now_80": int(last["accounts_for_80"]),
    }
    caption = locale.say(
        N_(
            "The five largest accounts' share of revenue went from {was:pct} to {now:pct}, the number of "
            "accounts that bring 80% from {before_80:n} to {now_80:n}. Each point stands for the 12 months "
            "up to it."
        ),
        **figures,
    )
    alt = locale.say(
        N_(
            "Concentration over {points:n} rolling years, from the 12 months to {since:date} to those to "
            "{until:date}: share of the five largest accounts {was:pct}, then {now:pct}; accounts for 80% of "
            "revenue {before_80:n}, then {now_80:n}."
        ),
        points=len(trend),
        since=first["month_end"].date(),
        until=last["month_end"].date(),
        **figures,
    )
    return draw_compact(draw, caption, alt, height=1.15)


ACROSS = {"X": N_("X regular"), "Y": N_("Y variable"), "Z": N_("Z irregular")}


@chart
def abc_xyz_chart(value: Value) -> Display:
    """Accounts and share of revenue by class A to C and by how regularly they buy; nothing where no account
    can be judged.
    """
    view = current()
    if (value.concentration.abc_xyz["xyz"] == "new").all():
        return NOTHING
    locale, cells = view.locale, value.concentration.abc_xyz_classes.set_index(["abc", "xyz"])
    counts, shares = (cells[name].unstack("xyz").loc[list(ABC), list(XYZ)] for name in ("accounts", "share"))
    new, counts, shares = (
        (counts["new"].sum(), shares["new"].sum()),
        counts[list(ACROSS)],
        shares[list(ACROSS)],
    )

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        # a cell with an account is never white, and the darkest still carries ink
        largest = shares.to_numpy().max()
        depth = (0.06 + 0.5 * shares / largest).where(counts > 0, 0.0) if largest > 0 else 0.0 * shares
        sns.heatmap(
            depth,
            ax=axes,
            vmin=0,
            vmax=1,
            cmap=sns.blend_palette(["white", view.accent], as_cmap=True),
            annot=[[_cell(counts.loc[a, x], shares.loc[a, x], locale) for x in ACROSS] for a in ABC],
            fmt="",
            annot_kws={"color": INK, "fontsize": 8.5, "linespacing": 1.5},
            linewidths=0.8,
            linecolor=PALE,
            clip_on=False,
            cbar=False,
        )
        axes.set(xlabel="", ylabel="")
        axes.set_yticks([0.5, 1.5, 2.5], ABC, fontsize=11, rotation=0)
        axes.xaxis.tick_top()
        axes.set_xticks([0.5, 1.5, 2.5], [locale.text(words) for words in ACROSS.values()], va="baseline")

    caption = [
        locale.say(
            N_(
                "Of the accounts of class A with a full year behind them, {x:n} buy evenly ({x_share:pct} of "
                "revenue), {y:n} unevenly ({y_share:pct}) and {z:n} irregularly ({z_share:pct}). Down: A "
                "brings the first 80% of revenue, B the next 15%, C the rest. Across: how evenly an account "
                "buys from month to month; the standard deviation of its months is up to half their mean "
                "(X), up to the mean (Y) or above it (Z)."
            ),
            **{x.lower(): int(counts.loc["A", x]) for x in ACROSS},
            **{f"{x.lower()}_share": shares.loc["A", x] for x in ACROSS},
        )
    ]
    if new[0]:
        caption.append(
            locale.say(
                N_(
                    "Not shown: {count:n} {count:plural|account|accounts} with less than a year of "
                    "purchases, {share:pct} of revenue."
                ),
                count=int(new[0]),
                share=new[1],
            )
        )
    parts = [
        f"{a}{x} {locale.number(counts.loc[a, x])} ({locale.percent(shares.loc[a, x])})"
        for a in ABC
        for x in ACROSS
    ]
    alt = locale.say(
        N_("Accounts (share of revenue) by ABC class and regularity: {parts}."),
        parts=join_parts(parts, locale),
    )
    return draw_compact(draw, locale.sentences(*caption), alt, height=0.85)


def _cell(count: int, share: float, locale: Locale) -> str:
    accounts = locale.say(N_("{count:n} {count:plural|account|accounts}"), count=count)
    return f"{accounts}\n{locale.say(N_('{part:pct} of revenue'), part=share)}" if count else accounts


# what this topic can find, in words
SPREAD_GUARD_MARGIN = {
    "spread_guard_margin": N_(
        "Sales and finance: review price and terms of these accounts together before any concession, as "
        "most of the profit hangs on them."
    )
}
SPREAD_WIDEN_BASE = {
    "spread_widen_base": N_(
        "Head of sales: name the accounts below the first five that can grow, and give each a target and "
        "an owner."
    )
}

CHANCE_TREND = N_(
    "By random variation alone the share of the five largest would move by "
    "{chance_low:points} to {chance_high:points} percentage points."
)

register_findings(
    FindingSpec(
        "concentration",
        "concentration",
        N_(
            "{accounts_for_80:n} of {accounts:n} {accounts:plural|account|accounts} "
            "{accounts_for_80:plural|brings|bring} 80% of revenue; losing {first} would cost "
            "{top1_share:pct}."
        ),
        unnamed=N_(
            "{accounts_for_80:n} of {accounts:n} accounts bring 80% of revenue; nobody brings more "
            "than {top1_share:pct}."
        ),
        actions={
            "protect_first": N_(
                "Management: give {first} a plan of its own, with a team and a stated fallback."
            ),
            "focus_on_few": N_("Management: put the best people on these accounts first."),
            "one_standard_for_most": N_(
                "Head of sales: look after levels S and A one by one, and give the rest one good standard of "
                "service."
            ),
        },
        brief=N_(
            "{accounts_for_80:n} of {accounts:n} accounts bring 80% of revenue, {first} alone "
            "{top1_share:pct}."
        ),
        rank=4,
        always=True,
    ),
    FindingSpec(
        "spread_law",
        "pareto_rule",
        N_(
            "Where the rule of thumb says 20/80, the rule here is about {few:n}/{many:n} (95% interval "
            "{low:n}/{low_many:n} to {high:n}/{high_many:n}): the largest {holders:n} of {accounts:n} "
            "accounts ({holders_share:pct}) bring {held:pct} of revenue; the largest fifth ({fifth:n}) "
            "brings {top20:pct}."
        ),
    ),
    FindingSpec(
        "spread_law_unknown",
        "pareto_rule",
        N_(
            "With {accounts:n} {accounts:plural|account|accounts} that bought, no rule such as 20/80 "
            "can be read; {needed:n} are needed."
        ),
    ),
    FindingSpec(
        "spread_empty",
        "pareto_rule",
        N_("No account brought net revenue in the 12 months, so concentration cannot be told."),
        actions={
            "spread_check_period": N_(
                "Check with the client whether the sales of these 12 months were delivered in full."
            )
        },
    ),
    FindingSpec(
        "spread_margin_narrower",
        "margin_concentration",
        N_(
            "Margin is more concentrated than revenue: of the {known:n} accounts whose cost is "
            "known, {margin_for_80:n} {margin_for_80:plural|brings|bring} 80% of what the profitable "
            "ones earn, while it takes {revenue_for_80:n} to bring 80% of revenue."
        ),
        actions=SPREAD_GUARD_MARGIN,
    ),
    FindingSpec(
        "spread_margin_wider",
        "margin_concentration",
        N_(
            "Margin is spread wider than revenue: of the {known:n} accounts whose cost is known, it "
            "takes {margin_for_80:n} to bring 80% of what the profitable ones earn, but only "
            "{revenue_for_80:n} to bring 80% of revenue."
        ),
        actions=SPREAD_GUARD_MARGIN,
    ),
    FindingSpec(
        "spread_margin_alike",
        "margin_concentration",
        N_(
            "Margin is about as concentrated as revenue: of the {known:n} accounts whose cost is "
            "known, {margin_for_80:n} {margin_for_80:plural|brings|bring} 80% of what the profitable "
            "ones earn and {revenue_for_80:n} {revenue_for_80:plural|brings|bring} 80% of revenue."
        ),
        actions=SPREAD_GUARD_MARGIN,
    ),
    FindingSpec(
        "spread_margin_unknown",
        "margin_concentration",
        N_(
            "Whether profit hangs on fewer accounts than revenue cannot be told, because too little "
            "of the cost is known; with the cost of each line it could."
        ),
    ),
    FindingSpec(
        "spread_rose",
        "concentration_trend",
        N_(
            "Concentration rose: in the 12 months to {since:date} the five largest accounts brought "
            "{was:pct} of revenue, in those to {until:date} {now:pct}; 80% came from {before_80:n} "
            "of {before_all:n} accounts then and comes from {now_80:n} of {now_all:n} now."
        ),
        actions=SPREAD_WIDEN_BASE,
        brief=N_(
            "Concentration rose: the five largest accounts bring {now:pct} of revenue, against "
            "{was:pct} in the year to {since:date}."
        ),
        rank=29,
        chance=CHANCE_TREND,
    ),
    FindingSpec(
        "spread_fell",
        "concentration_trend",
        N_(
            "Concentration fell: in the 12 months to {since:date} the five largest accounts brought "
            "{was:pct} of revenue, in those to {until:date} {now:pct}; 80% came from {before_80:n} "
            "of {before_all:n} accounts then and comes from {now_80:n} of {now_all:n} now."
        ),
        actions=SPREAD_WIDEN_BASE,
        chance=CHANCE_TREND,
    ),
    FindingSpec(
        "spread_steady",
        "concentration_trend",
        N_(
            "Concentration at the top hardly moved: in the 12 months to {since:date} the five "
            "largest accounts brought {was:pct} of revenue, in those to {until:date} {now:pct}; 80% "
            "came from {before_80:n} of {before_all:n} accounts then and comes from {now_80:n} of "
            "{now_all:n} now."
        ),
        actions=SPREAD_WIDEN_BASE,
        chance=CHANCE_TREND,
    ),
    FindingSpec(
        "spread_trend_unknown",
        "concentration_trend",
        N_(
            "With {months:n} {months:plural|month|months} of data it cannot be told where "
            "concentration is heading; 13 months give a first comparison, 24 a full one."
        ),
    ),
    FindingSpec(
        "spread_irregular_a",
        "abc_xyz",
        N_(
            "{count:n} of {judged:n} accounts of ABC class A with a full year behind them "
            "{count:plural|buys|buy} irregularly (AZ) and {count:plural|brings|bring} {share:pct} of "
            "revenue: {names}."
        ),
        unnamed=N_(
            "{count:n} of {judged:n} accounts of ABC class A with a full year behind them buy "
            "irregularly (AZ) and bring {share:pct} of revenue."
        ),
        actions={
            "spread_call_offs": N_(
                "Account owners: agree a yearly frame with call-offs, or a purchase forecast, with "
                "the largest of them, {three} first."
            )
        },
    ),
    FindingSpec(
        "spread_regular_a",
        "abc_xyz",
        N_(
            "None of the {judged:n} accounts of ABC class A with a full year behind them buys "
            "irregularly; {regular:n} {regular:plural|buys|buy} evenly from month to month (AX) and "
            "{regular:plural|brings|bring} {regular_share:pct} of revenue."
        ),
    ),
    FindingSpec(
        "spread_a_new",
        "abc_xyz",
        N_(
            "No account of ABC class A has a full year behind it, so how regularly the large "
            "accounts buy cannot be told."
        ),
    ),
    FindingSpec(
        "spread_xyz_unknown",
        "abc_xyz",
        N_(
            "With {months:n} {months:plural|month|months} of data no account has a full year behind "
            "it, so how regularly accounts buy cannot be told; more than 12 months of lines, or the "
            "start of each relation, would show it."
        ),
    ),
    FindingSpec(
        "joint_concentration",
        "groups_as_one",
        N_(
            "With {groups:n} {groups:plural|group|groups} ({members:n} accounts) counted as one "
            "customer each, the largest customer brings {top1_joint:pct} of revenue instead of "
            "{top1_single:pct}, the five largest {top5_joint:pct} instead of {top5_single:pct}; "
            "{for_80_joint:n} instead of {for_80_single:n} customers bring 80%."
        ),
    ),
    FindingSpec(
        "joint_alike",
        "groups_as_one",
        N_(
            "With {groups:n} {groups:plural|group|groups} ({members:n} accounts) counted as one "
            "customer each, concentration hardly changes: the largest customer brings "
            "{top1_joint:pct} of revenue, the five largest {top5_joint:pct}, and {for_80_joint:n} "
            "instead of {for_80_single:n} customers bring 80%."
        ),
    ),
    FindingSpec(
        "joint_riser",
        "groups_as_one",
        N_(
            "{first} is customer no. {joint_rank:n} as a group, though no member alone ranks higher "
            "than no. {best_rank:n}: {members:n} accounts bring {revenue:money} together "
            "({share:pct} of revenue)."
        ),
        actions={
            "joint_one_plan": N_(
                "Name one lead for the whole group of {first}, with one plan, one price frame and "
                "one credit limit."
            )
        },
    ),
    FindingSpec(
        "joint_steady",
        "groups_as_one",
        N_("No group ranks higher together than its largest member does alone."),
    ),
)
