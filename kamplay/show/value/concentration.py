"""Charts of concentration in depth: where it is heading, and how regularly large and small accounts buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.stats.intervals import DRAWS
from kamplay.method.value.concentration import XYZ
from kamplay.method.value.step import Value
from kamplay.show.chart import INK, PALE, QUIET, bare, draw_compact, month_axis, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACROSS = {"X": N_("X regular"), "Y": N_("Y variable"), "Z": N_("Z irregular")}


MOST_POINTS = 100  # more corners the curve does not show


@chart
def pareto_chart(value: Value) -> Display:
    """Cumulative share of revenue against accounts from the largest, with the 80 % point and an equal split."""
    view, table = current(), value.concentration.ranking
    if table.empty:
        return NOTHING
    locale, needed = view.locale, value.key_figures["accounts_for_80"]
    count = len(table)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        every = np.unique(np.append(np.linspace(0, count, min(count, MOST_POINTS) + 1).astype(int), needed))
        cumulative = np.concatenate([[0.0], table["cumulative"].to_numpy()])
        x, y = every / count, cumulative[every]
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        axes.fill_between(x, y, x, color=view.accent, alpha=0.12, linewidth=0)
        axes.plot(x, y, color=view.accent, linewidth=2)
        at = needed / count
        axes.plot([at, at], [0, 0.8], color=QUIET, linewidth=0.8)
        axes.plot([0, at], [0.8, 0.8], color=QUIET, linewidth=0.8)
        axes.plot([at], [cumulative[needed]], "o", color=view.accent, markersize=5)
        note = locale.say(
            N_("{needed:n} accounts ({part:pct})\nbring 80% of revenue"), needed=needed, part=at
        )
        axes.annotate(
            note,
            (at, cumulative[needed]),
            xytext=(at + 0.05, 0.5),
            linespacing=1.5,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7},
        )
        axes.text(
            0.99, 0.72, locale.text(N_("if all were equal")), color=QUIET, ha="right", va="top", fontsize=8.5
        )
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(locale.text(N_("accounts, largest first")))
        axes.set_ylabel(locale.text(N_("cumulative revenue")))
        axes.grid(axis="y")

    caption = locale.text(
        N_(
            "Cumulative share of revenue, accounts from the largest. The further the curve bows "
            "from the dashed line, the more unequal."
        )
    )
    alt = locale.say(
        N_(
            "Pareto curve: {needed:n} of {count:n} accounts bring 80% of revenue; the top fifth "
            "brings {top:pct}."
        ),
        needed=needed,
        count=count,
        top=value.key_figures["top20_share"],
    )
    return draw_compact(draw, caption, alt)


@table
def top_accounts_table(value: Value) -> Display:
    """The largest accounts with their share, class and movement."""
    frame = value.concentration.ranking.join(value.accounts[["abc", "margin"]]).join(
        value.retention.moves[["before", "change"]]
    )
    frame["margin_rate"] = frame["margin"] / frame["amount"]
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
    said = N_(
        "The largest accounts of the last 12 months. ABC class: A brings the first 80% of "
        "revenue, B the next 15%, C the rest; it is not the tier S, A, B or C. Change: "
        "against the 12 months before."
    )
    return html_table(with_names(frame), columns, said, most=10)


@chart
def trend_chart(value: Value) -> Display:
    """The five largest accounts' share and the accounts for 80 %, over rolling 12 months; nothing with fewer
    than two points.
    """
    view, table = current(), value.concentration.trend
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
                panel.annotate(
                    said,
                    (at, amounts[at]),
                    xytext=(0, 6),
                    textcoords="offset points",
                    ha=ha,
                    va="bottom",
                    color=INK,
                )
            panel.set_ylim(0, amounts.max() * 1.3)
            panel.set_xlim(0, len(table) - 1)
            panel.set_title(locale.text(title), loc="left", color=QUIET)
            panel.grid(axis="y")
            panel.spines["left"].set_visible(False)
            panel.locator_params(axis="y", nbins=3)
        percent_axis(upper.yaxis, view)
        lower.yaxis.set_major_formatter(
            lambda amount, _: locale.number(amount, 0 if float(amount).is_integer() else 1)
        )
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
    return draw_compact(draw, caption, alt, height=1.15)


@chart
def abc_xyz_chart(value: Value) -> Display:
    """Accounts and share of revenue by class A to C and by how regularly they buy; nothing where no account
    can be judged.
    """
    view = current()
    if (value.concentration.abc_xyz["xyz"] == "new").all():
        return NOTHING
    locale, table = view.locale, value.concentration.abc_xyz_classes.set_index(["abc", "xyz"])
    rows, columns = ("A", "B", "C"), XYZ[:3]
    largest = max(float(table.loc[(a, x), "share"]) for a in rows for x in columns)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        for down, a in enumerate(rows):
            for across, x in enumerate(columns):
                cell = table.loc[(a, x)]
                depth = (
                    0.06 + 0.5 * float(cell["share"]) / largest if cell["accounts"] and largest > 0 else 0.0
                )
                axes.barh(-down - 0.5, 1, height=1, left=across, color=view.accent, alpha=depth, linewidth=0)
                count = locale.say(
                    N_("{count:n} {count:plural|account|accounts}"), count=int(cell["accounts"])
                )
                axes.text(
                    across + 0.5, -down - 0.38, count, ha="center", va="center", fontsize=9 if narrow else 10
                )
                if cell["accounts"]:
                    share = locale.say(N_("{part:pct} of revenue"), part=float(cell["share"]))
                    axes.text(
                        across + 0.5,
                        -down - 0.66,
                        share,
                        ha="center",
                        va="center",
                        fontsize=8 if narrow else 9,
                        color=INK,
                    )
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
            N_(
                " Not shown: {count:n} {count:plural|account|accounts} with less than a year of "
                "purchases, {share:pct} of revenue."
            ),
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
    return draw_compact(draw, caption, alt, height=0.85)


FIGURES = {
    "accounts_for_80": N_("Accounts that bring 80%"),
    "top1_share": N_("Share of the largest account"),
    "top5_share": N_("Share of the five largest"),
    "law": N_("Own rule, beside 20/80"),
}


@table
def intervals_table(value: Value) -> Display:
    """Each figure of concentration with its 95 % interval: of revenue, and of margin where cost is known."""
    frame = value.concentration.intervals
    if frame.empty:
        return NOTHING
    locale, rows = current().locale, frame.set_index(["basis", "figure"])
    bases = [basis for basis in ("revenue", "margin") if basis in rows.index.get_level_values("basis")]
    shown = pd.DataFrame({"figure": [locale.text(said) for said in FIGURES.values()]}, index=list(FIGURES))
    for basis in bases:
        of = rows.loc[basis]
        shown[basis] = [_say(name, of.loc[name, "estimate"], locale) for name in FIGURES]
        ends = [[_say(name, of.loc[name, end], locale) for end in ("low", "high")] for name in FIGURES]
        shown[f"{basis}_interval"] = [
            locale.say(N_("{low} to {high}"), low=low, high=high) for low, high in ends
        ]
    columns = [Column("figure", N_("Figure"))]
    for basis, label in (("revenue", N_("Revenue")), ("margin", N_("Margin amount"))):
        if basis in bases:
            columns += [
                Column(basis, label, css="num keep"),
                Column(f"{basis}_interval", N_("95% interval"), extra=basis == "margin", css="num keep"),
            ]
    draws, accounts = int(frame["draws"].min()), rows.loc[bases[0], "accounts"].iloc[0]
    caption = locale.say(
        N_(
            "Concentration over the {accounts:n} accounts with positive revenue, each figure with the range in which 95% of it fell when the accounts were drawn anew "
            "{draws:n} times."
        ),
        accounts=int(accounts),
        draws=draws,
    )
    sentences = [caption]
    if "margin" in bases:
        sentences.append(
            locale.say(
                N_("Margin: the {count:n} accounts with a known cost and a positive margin."),
                count=int(rows.loc["margin", "accounts"].iloc[0]),
            )
        )
    if draws < DRAWS:
        sentences.append(locale.text(N_("With so many accounts fewer draws suffice.")))
    return html_table(shown, columns, (" " if locale.language == "en" else "").join(sentences))


def _say(name: str, amount: float, locale: Locale) -> str:
    if name.startswith("accounts"):
        return locale.number(amount)
    if name == "law":
        few = round(100 * float(amount))
        return f"{few}/{100 - few}"
    return locale.percent(amount)


@table
def groups_as_one_table(value: Value) -> Display:
    """Groups by joint revenue, with their rank as one customer against the best rank of a member alone; of a
    single one the sentence tells.
    """
    view = current()
    if len(value.concentration.groups) < 2:
        return NOTHING
    frame = value.concentration.groups.assign(
        name=[view.name(g) for g in value.concentration.groups["group"]],
        largest=[view.name(b) for b in value.concentration.groups["best"]],
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

register_findings(
    FindingSpec(
        "concentration",
        "concentration",
        N_(
            "{accounts_for_80:n} of {accounts:n} {accounts:plural|account|accounts} "
            "{accounts_for_80:plural|brings|bring} 80% of revenue; losing {first} would cost "
            "{top1_share:pct}."
        ),
        actions={
            "protect_first": N_(
                "Give {first} a plan of its own: a team, a second contact at the top, and a stated fallback."
            ),
            "focus_on_few": N_("Put the best people on these accounts first."),
            "one_standard_for_most": N_(
                "Too many to manage one by one: personal care for levels S and A, one good standard "
                "for the rest."
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
        "spread_law",
        N_(
            "Where the rule of thumb says 20/80, the rule here is {few:n}/{many:n}: the largest "
            "{few:n}% of accounts ({holders:n} of {accounts:n}) bring {many:n}% of revenue (95% "
            "interval {low:n}/{low_many:n} to {high:n}/{high_many:n}); the largest fifth brings "
            "{top20:pct}."
        ),
    ),
    FindingSpec(
        "spread_law_unknown",
        "spread_law",
        N_(
            "With {accounts:n} {accounts:plural|account|accounts} that bought, no rule such as 20/80 "
            "can be read; {needed:n} are needed."
        ),
    ),
    FindingSpec(
        "spread_empty",
        "spread_law",
        N_("No account brought net revenue in the 12 months, so concentration cannot be told."),
        actions={
            "spread_check_period": N_(
                "Check with the client whether the sales of these 12 months were delivered in full."
            )
        },
    ),
    FindingSpec(
        "spread_margin_narrower",
        "spread_margin",
        N_(
            "Margin is more concentrated than revenue: of the {known:n} accounts whose cost is "
            "known, {margin_for_80:n} {margin_for_80:plural|brings|bring} 80% of what the profitable "
            "ones earn, while it takes {revenue_for_80:n} to bring 80% of revenue."
        ),
        actions=SPREAD_GUARD_MARGIN,
    ),
    FindingSpec(
        "spread_margin_wider",
        "spread_margin",
        N_(
            "Margin is spread wider than revenue: of the {known:n} accounts whose cost is known, it "
            "takes {margin_for_80:n} to bring 80% of what the profitable ones earn, but only "
            "{revenue_for_80:n} to bring 80% of revenue."
        ),
        actions=SPREAD_GUARD_MARGIN,
    ),
    FindingSpec(
        "spread_margin_alike",
        "spread_margin",
        N_(
            "Margin is about as concentrated as revenue: of the {known:n} accounts whose cost is "
            "known, {margin_for_80:n} {margin_for_80:plural|brings|bring} 80% of what the profitable "
            "ones earn and {revenue_for_80:n} {revenue_for_80:plural|brings|bring} 80% of revenue."
        ),
        actions=SPREAD_GUARD_MARGIN,
    ),
    FindingSpec(
        "spread_margin_unknown",
        "spread_margin",
        N_(
            "Whether profit hangs on fewer accounts than revenue cannot be told, because too little "
            "of the cost is known; with the cost of each line it could."
        ),
    ),
    FindingSpec(
        "spread_rose",
        "spread_trend",
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
    ),
    FindingSpec(
        "spread_fell",
        "spread_trend",
        N_(
            "Concentration fell: in the 12 months to {since:date} the five largest accounts brought "
            "{was:pct} of revenue, in those to {until:date} {now:pct}; 80% came from {before_80:n} "
            "of {before_all:n} accounts then and comes from {now_80:n} of {now_all:n} now."
        ),
        actions=SPREAD_WIDEN_BASE,
    ),
    FindingSpec(
        "spread_steady",
        "spread_trend",
        N_(
            "Concentration at the top hardly moved: in the 12 months to {since:date} the five "
            "largest accounts brought {was:pct} of revenue, in those to {until:date} {now:pct}; 80% "
            "came from {before_80:n} of {before_all:n} accounts then and comes from {now_80:n} of "
            "{now_all:n} now."
        ),
        actions=SPREAD_WIDEN_BASE,
    ),
    FindingSpec(
        "spread_trend_unknown",
        "spread_trend",
        N_(
            "With {months:n} {months:plural|month|months} of data it cannot be told where "
            "concentration is heading; 13 months give a first comparison, 24 a full one."
        ),
    ),
    FindingSpec(
        "spread_irregular_a",
        "spread_rhythm",
        N_(
            "{count:n} of {judged:n} accounts of ABC class A with a full year behind them "
            "{count:plural|buys|buy} irregularly (AZ) and {count:plural|brings|bring} {share:pct} of "
            "revenue: {names}."
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
        "spread_rhythm",
        N_(
            "None of the {judged:n} accounts of ABC class A with a full year behind them buys "
            "irregularly; {regular:n} {regular:plural|buys|buy} evenly from month to month (AX) and "
            "{regular:plural|brings|bring} {regular_share:pct} of revenue."
        ),
    ),
    FindingSpec(
        "spread_a_new",
        "spread_rhythm",
        N_(
            "No account of ABC class A has a full year behind it, so how regularly the large "
            "accounts buy cannot be told."
        ),
    ),
    FindingSpec(
        "spread_xyz_unknown",
        "spread_rhythm",
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
