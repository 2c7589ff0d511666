"""Charts of exposure: what each loss would cost, and who depends on whom."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.value.step import Value
from kamplay.method.value.stress_test import THEY_DEPEND, WE_DEPEND
from kamplay.show.chart import BAD, INK, PALE, QUIET, WARN, bare, clip, draw_chart, join_parts, one_line
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.map_labels import NAMED_DIAMETER, place_labels
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names, word
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SCENARIOS = {
    "worst_two": N_("both: {one} + {two}"),
    "group": N_("group: {one}"),
    "industry": N_("industry: {one}"),
    "region": N_("region: {one}"),
}
DEPENDS = {
    "both": N_("we need each other"),
    "we": N_("we depend on them"),
    "they": N_("they depend on us"),
    "neither": N_("neither depends"),
}
LEAST = 0.0005  # the share of our revenue below which accounts are drawn at the lower edge
MOST_DOTS = 150  # the largest are drawn; the others cannot matter to us and would only fill the corner
NAMED, NAMED_NARROW = 6, 4


def scenario_label(row: Any, view: View) -> str:
    """A scenario in words: the account, or what is lost together."""
    one = one_line(view.name(row.account_id) if missing(row.value) else str(row.value))
    two = "" if missing(row.second_id) else one_line(view.name(row.second_id))
    return (
        one if row.scenario not in SCENARIOS else view.locale.say(SCENARIOS[row.scenario], one=one, two=two)
    )


def short_labels(rows: list[Any], view: View, room: int) -> list[str]:
    """The scenarios beside their bars, cut to ``room`` half-width characters; accounts carry their rank, by
    which the pair names them.
    """
    ranks = {
        row.account_id: row.scenario.removeprefix("account_")
        for row in rows
        if row.scenario.startswith("account_")
    }
    out = []
    for row in rows:
        if row.scenario == "worst_two":
            pair = sorted(ranks[account] for account in (row.account_id, row.second_id))
            out.append(view.locale.say(N_("{one} and {two} together"), one=pair[0], two=pair[1]))
        else:
            rank = f"{ranks[row.account_id]} " if row.scenario.startswith("account_") else ""
            out.append(fitted(rank + scenario_label(row, view), room))
    return out


def fitted(text: str, room: int) -> str:
    """``text`` cut to ``room`` half-width characters: a Chinese character takes two."""
    widths = np.cumsum([2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text])
    return (
        text
        if not len(text) or widths[-1] <= room
        else text[: int((widths <= room - 1).sum())].rstrip() + "…"
    )


def cost_words(row: Any, locale: Locale) -> str:
    """The share of revenue, that of margin, and the years that new business needs, as far as they are known."""
    said = locale.percent(row.share)
    if not missing(row.margin_share):
        said = locale.say(
            N_("revenue {share:pct}, margin {margin:pct}"), share=row.share, margin=row.margin_share
        )
    return (
        said
        if missing(row.years_to_replace)
        else locale.say(N_("{said}, {years:n1} years"), said=said, years=row.years_to_replace)
    )


@chart
def stress_chart(value: Value) -> Display:
    """Revenue share lost in each scenario with the years to replace it; the margin share as a mark on the
    bar.
    """
    view, table = current(), value.stress_test.scenarios
    table = table[
        ~table["scenario"].isin(["industry", "region"])
    ]  # a whole market would dwarf the customers; the table has it
    if table.empty:
        return NOTHING
    locale, rows = view.locale, list(table.itertuples())
    margins = bool(table["margin_share"].notna().any())
    timed = bool(table["years_to_replace"].notna().any())

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        places = np.arange(len(rows))[::-1]
        colours = [
            BAD if row.threat else view.accent if row.scenario.startswith("account_") else PALE
            for row in rows
        ]
        axes.barh(places, table["share"], height=0.62, color=colours)
        if margins:
            axes.plot(
                table["margin_share"],
                places,
                "D",
                color=INK,
                markersize=4.2,
                linestyle="none",
                label=locale.text(N_("share of margin")),
            )
            axes.legend(
                frameon=False,
                loc="lower right",
                bbox_to_anchor=(1, 1),
                fontsize=8.5,
                borderaxespad=0,
                handletextpad=0.2,
            )
        reach = table[["share", "margin_share"]].max(axis=1).to_numpy(float)
        top = float(reach.max())
        for place, end, row in zip(places, reach, rows, strict=True):
            said, size = cost_words(row, locale), 8 if narrow else 8.5
            axes.annotate(
                said, (end, place), xytext=(10, 0), textcoords="offset points", va="center", fontsize=size
            )
        axes.set_yticks(places, short_labels(rows, view, 20 if narrow else 34), fontsize=7.8 if narrow else 9)
        beside = (2.05 if margins else 1.6) if narrow else (1.42 if margins else 1.26)  # room for the words
        axes.set_xlim(min(0.0, float(table["margin_share"].min()) * 1.1 if margins else 0.0), top * beside)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        bare(axes, "bottom")

    caption = locale.text(
        N_(
            "What each loss would take: the bar is its share of the 12 months' revenue, the diamond its share of margin. "
            "Red: one customer with 10% or more of either."
        )
    )
    if timed:
        caption += (" " if locale.language == "en" else "") + locale.text(
            N_(
                "Years: until new accounts have made up for it, if they bring as much each year as in these 12 months, "
                "one-off purchases not counted, and all of it went into the gap."
            )
        )
    parts = [f"{scenario_label(row, view)} {cost_words(row, locale)}" for row in rows]
    return draw_chart(
        draw,
        caption,
        locale.say(N_("Loss by scenario: {parts}."), parts=join_parts(parts, locale)),
        height=0.32 + 0.085 * len(rows),
    )


@chart
def dependence_chart(value: Value) -> Display:
    """Our share of their purchases (across) against their share of our revenue (up, logarithmic), in four
    fields.
    """
    view, table = current(), value.stress_test.dependence
    if table.empty:
        return NOTHING
    locale = view.locale
    colours = {"both": WARN, "we": BAD, "they": view.accent, "neither": PALE}
    shown = table.head(MOST_DOTS)
    low = max(LEAST, min(float(shown["their_share_of_ours"].min()), WE_DEPEND / 4))
    high = max(float(shown["their_share_of_ours"].max()) * 2.2, WE_DEPEND * 3)
    edge = low / (high / low) ** 0.12  # room below the lowest dot for the fields' names

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        figure: Any = axes.figure
        for side in axes.spines.values():
            side.set_visible(True)
        axes.set_yscale("log")
        axes.set(xlim=(-0.04, 1.04), ylim=(edge, high))
        axes.axvline(THEY_DEPEND, color=QUIET, linewidth=0.9)
        axes.axhline(WE_DEPEND, color=QUIET, linewidth=0.9)
        ticks = [t for t in (0.001, 0.01, 0.05, 0.2, 1.0) if edge <= t <= high]
        axes.set_yticks(ticks, [locale.percent(t, 1 if t < 0.01 else 0) for t in ticks])
        axes.set_yticks([], minor=True)
        axes.set_xticks(
            [0, 0.25, THEY_DEPEND, 0.75, 1], [locale.percent(t, 0) for t in (0, 0.25, THEY_DEPEND, 0.75, 1)]
        )
        axes.set_xlabel(locale.text(N_("our share of their purchases")))
        axes.set_ylabel(locale.text(N_("their share of our revenue")))
        corners = {
            "we": (0.01, "left", 0.985, "top"),
            "both": (0.99, "right", 0.985, "top"),
            "neither": (0.01, "left", 0.012, "bottom"),
            "they": (0.99, "right", 0.012, "bottom"),
        }
        for field, (x, ha, y, va) in corners.items():
            said = locale.say(
                N_("{field} ({count:n})"),
                field=locale.text(DEPENDS[field]),
                count=int((table["field"] == field).sum()),
            )
            axes.text(
                x, y, said, ha=ha, va=va, fontsize=8 if narrow else 9, color=QUIET, transform=axes.transAxes
            )
        figure.draw_without_rendering()  # settles where the map lies, so that names can be placed
        figure.set_layout_engine("none")
        _dots(axes, view, shown, colours, low, narrow)

    caption = locale.text(
        N_(
            "Who needs whom: each dot is an account whose purchases are known. "
            "Top left, we need them more than they need us; the scale upwards is logarithmic."
        )
    )
    if len(table) > MOST_DOTS:
        caption += (" " if locale.language == "en" else "") + locale.say(
            N_("The {count:n} largest are drawn."), count=MOST_DOTS
        )
    parts = [
        locale.say(
            N_("{field} {count:n} {count:plural|account|accounts}, {share:pct} of revenue"),
            field=locale.text(DEPENDS[field]),
            count=len(rows),
            share=rows["their_share_of_ours"].sum(),
        )
        for field in ("we", "both", "they", "neither")
        for rows in [table[table["field"] == field]]
    ]
    return draw_chart(
        draw,
        caption,
        locale.say(N_("Dependence both ways: {parts}."), parts=join_parts(parts, locale)),
        height=1.1,
    )


def _dots(
    axes: Axes, view: View, shown: pd.DataFrame, colours: dict[str, str], low: float, narrow: bool
) -> None:
    """A dot per account, the largest on top; names first for those we depend on, then for the largest."""
    from matplotlib.transforms import Affine2D

    figure: Any = axes.figure
    at = np.column_stack([shown["our_share_of_theirs"], shown["their_share_of_ours"].clip(lower=low)]).astype(
        float
    )
    points = np.round(axes.transData.transform(at) * 72 / figure.dpi, 1)
    inches = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    axes.scatter(
        points[::-1, 0],
        points[::-1, 1],
        s=NAMED_DIAMETER**2 * 1.6,
        c=shown["field"].map(colours).to_numpy(object)[::-1],
        edgecolors="white",
        linewidths=0.5,
        transform=inches,
        zorder=3,
        clip_on=False,
    )
    first = shown["field"].map({"we": 0, "both": 0, "they": 1, "neither": 2}).to_numpy()
    large = (shown["their_share_of_ours"] >= WE_DEPEND / 5).to_numpy()
    chosen = [int(n) for n in np.argsort(first, kind="stable") if first[n] == 0]
    chosen += [n for n in range(len(shown)) if n not in chosen and large[n]]
    chosen = chosen[: NAMED_NARROW if narrow else NAMED]
    names = [clip(one_line(view.name(str(shown.index[n]))), narrow, 14, 8) for n in chosen]
    size = np.full(len(shown), NAMED_DIAMETER * 1.3)
    place_labels(
        axes,
        names,
        points,
        size,
        np.array(chosen, dtype=int),
        np.ones(len(shown), dtype=bool),
        inches,
        7.6 if narrow else 8.2,
    )
    for label in axes.texts:
        box = label.get_bbox_patch()
        if box is not None:
            box.set_alpha(0.92)  # a limit that runs behind a name does not cross it out


@table
def dependence_table(value: Value) -> Display:
    """Accounts where one side depends: those we depend on first, then the largest."""
    frame = value.stress_test.dependence
    frame = frame[frame["field"] != "neither"]
    order = frame["field"].map({"we": 0, "both": 1}).fillna(2)
    frame = frame.assign(_order=order).sort_values(
        ["_order", "revenue"], ascending=[True, False], kind="stable"
    )
    columns = [
        ACCOUNT,
        Column("their_share_of_ours", N_("Share of our revenue"), "pct"),
        Column("our_share_of_theirs", N_("Our share of purchases"), "pct"),
        Column("field", N_("Who depends"), word(DEPENDS)),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    return html_table(
        with_names(frame),
        columns,
        N_(
            "Accounts where one side depends on the other, those we depend on first, then by "
            "revenue. Dependent: from 5% of our revenue, from half of their purchases."
        ),
        most=8,
    )


# what this topic can find, in words
STRESS_SECOND_LEG = {
    "stress_second_leg": N_(
        "General manager and sales head: name this quarter what would be cut and who would be won if "
        "{first} left, and put a figure on both."
    )
}
STRESS_WATCH_MARKET = {
    "stress_watch_market": N_(
        "Marketing: name the one event (a rule, a tender, a price cut) that would hit {value}, and the "
        "sign by which it would be seen first."
    )
}
STRESS_ASK_HISTORY = {
    "stress_ask_history": N_(
        "Provide at least 24 months of sales: then new accounts can be told from old ones."
    )
}
STRESS_FIND_NEW = {
    "stress_find_new": N_("Sales head: set a target for new accounts and give somebody the time to win them.")
}
STRESS_ASK_MASTER = {
    "stress_ask_master": N_(
        "Have the accounts' parent, industry and region recorded: losses that come together can then be "
        "tried together."
    )
}
DEPEND_ASK_WALLET = {
    "depend_ask_wallet": N_(
        "Account owners: find out what the largest accounts spend in all on what we sell."
    )
}

register_findings(
    FindingSpec(
        "stress_first",
        "stress",
        N_(
            "Losing {first} costs {share:pct} of revenue and {margin_share:pct} of margin. New "
            "accounts, one-off purchases not counted, brought {new_per_year:money} in the last 12 "
            "months; at that rate it takes {years_to_replace:n1} years to replace."
        ),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
        brief=N_(
            "Losing {first} would cost {share:pct} of revenue and take {years_to_replace:n1} years "
            "to replace."
        ),
        rank=31,
    ),
    FindingSpec(
        "stress_first_revenue",
        "stress",
        N_(
            "Losing {first} costs {share:pct} of revenue; its share of margin cannot be told. New "
            "accounts, one-off purchases not counted, brought {new_per_year:money} in the last 12 "
            "months; at that rate it takes {years_to_replace:n1} years to replace."
        ),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
        brief=N_(
            "Losing {first} would cost {share:pct} of revenue and take {years_to_replace:n1} years "
            "to replace."
        ),
        rank=32,
    ),
    FindingSpec(
        "stress_lost",
        "stress",
        N_("Losing {first} costs {revenue:money}, {share:pct} of revenue, and {margin_share:pct} of margin."),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_lost_revenue",
        "stress",
        N_(
            "Losing {first} costs {revenue:money}, {share:pct} of revenue; its share of margin "
            "cannot be told."
        ),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_lost_no_margin",
        "stress",
        N_(
            "Losing {first} costs {revenue:money}, {share:pct} of revenue, but no margin: it leaves "
            "{margin:money}."
        ),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_rate_unknown",
        "stress",
        N_(
            "How long new business would take to replace a loss cannot be told: that needs 24 months "
            "of sales, and {months:n} are there."
        ),
        actions=STRESS_ASK_HISTORY,
    ),
    FindingSpec(
        "stress_no_new",
        "stress",
        N_(
            "New business replaces nothing: apart from the first account, no account that bought "
            "more than once is new in the last 12 months."
        ),
        actions=STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_two",
        "stress",
        N_(
            "{first} and {second} are the two whose loss would hurt most: together {revenue:money}, "
            "{share:pct} of revenue. Of what is left, {accounts_for_80_after:n} "
            "{accounts_for_80_after:plural|account brings|accounts bring} 80%."
        ),
        actions={
            "stress_two_fallback": N_(
                "Finance: run the plan for the year without {first} and {second} and state how long "
                "cash would last."
            )
        },
    ),
    FindingSpec(
        "stress_threat",
        "stress",
        N_(
            "{count:n} {count:plural|customer carries|customers carry} {limit:pct} or more of "
            "revenue or margin, groups taken as one: {names} ({share:pct} of revenue). Accounting "
            "rules (IFRS 8) have listed companies disclose customers of that size."
        ),
        actions={
            "stress_cap_exposure": N_(
                "Management: agree notice periods and minimum quantities with {three}, and win new "
                "business elsewhere, so that others grow into the balance."
            )
        },
    ),
    FindingSpec(
        "stress_no_threat",
        "stress",
        N_(
            "No customer, groups taken as one, carries {limit:pct} of revenue or margin; the largest "
            "has {largest:pct} of revenue."
        ),
    ),
    FindingSpec(
        "stress_group",
        "stress",
        N_(
            "The largest group, that of {first}, buys through {members:n} accounts: {revenue:money}, "
            "{share:pct} of revenue, lost together if one decision goes against us."
        ),
        actions={
            "stress_group_one_plan": N_(
                "Sales head: one plan and one owner for the whole group of {first}, with contacts in "
                "each member that buys."
            )
        },
    ),
    FindingSpec(
        "stress_industry",
        "stress",
        N_(
            "{value} is the largest industry: {accounts:n} {accounts:plural|account|accounts}, "
            "{revenue:money}, {share:pct} of revenue. The industry is known for {known:pct} of "
            "revenue."
        ),
        actions=STRESS_WATCH_MARKET,
    ),
    FindingSpec(
        "stress_region",
        "stress",
        N_(
            "{value} is the largest region: {accounts:n} {accounts:plural|account|accounts}, "
            "{revenue:money}, {share:pct} of revenue. The region is known for {known:pct} of revenue."
        ),
        actions=STRESS_WATCH_MARKET,
    ),
    FindingSpec(
        "stress_master_unknown",
        "stress",
        N_(
            "Only single accounts are tried, because no parent, industry or region of the accounts "
            "is recorded."
        ),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_group_unknown",
        "stress",
        N_("The loss of a group is not tried, because no account has a parent recorded."),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_industry_unknown",
        "stress",
        N_("The loss of an industry is not tried, because no account that buys has one recorded."),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_region_unknown",
        "stress",
        N_("The loss of a region is not tried, because no account that buys has one recorded."),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_nothing",
        "stress",
        N_("There is nothing to lose in a stress test: no account has positive revenue in the 12 months."),
        actions={
            "stress_ask_revenue": N_(
                "Check the reporting date and whether the sales of the last 12 months were delivered."
            )
        },
    ),
    FindingSpec(
        "depend_fields",
        "dependence",
        N_(
            "Purchases are known for {known:n} {known:plural|account|accounts} ({part:pct} of "
            "revenue): mutual dependence with {both:n}, only we depend on {we:n}, only they depend "
            "on us for {they:n}, neither for {neither:n}."
        ),
    ),
    FindingSpec(
        "depend_we",
        "dependence",
        N_(
            "{count:n} {count:plural|account matters|accounts matter} more to us than we do to "
            "{count:plural|it|them}: {names}. {count:plural|It brings|They bring} {share:pct} of our "
            "revenue, while we have at most {most:pct} of {count:plural|its|their} purchases."
        ),
        actions={
            "depend_reduce": N_(
                "Account owners: give {three} a reason to stay that others cannot copy, and find a "
                "second contact; management: hold no capacity there without a commitment."
            )
        },
    ),
    FindingSpec(
        "depend_both",
        "dependence",
        N_(
            "{count:n} {count:plural|account|accounts} and we need each other: {names}, {share:pct} "
            "of our revenue."
        ),
        actions={
            "depend_bind": N_(
                "Account owners: turn the mutual need into a framework agreement of several years "
                "with {three}."
            )
        },
    ),
    FindingSpec(
        "depend_they",
        "dependence",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} half or more from us without being "
            "large for us: {names}, {share:pct} of our revenue."
        ),
        actions={
            "depend_deserve": N_(
                "Sales: secure their supply and keep prices fair; half a customer's purchases is "
                "trust, and also the limit of growth there."
            )
        },
    ),
    FindingSpec(
        "depend_unseen",
        "dependence",
        N_(
            "{count:n} {count:plural|account|accounts} with 5% or more of our revenue each ({names}, "
            "together {share:pct}) {count:plural|has|have} no known purchases: whether they need us "
            "cannot be told."
        ),
        actions=DEPEND_ASK_WALLET,
    ),
    FindingSpec(
        "depend_capped",
        "dependence",
        N_(
            "{count:n} {count:plural|account|accounts} bought more from us than they are said to "
            "spend in all ({names}); their share is taken as 100%."
        ),
        actions={
            "depend_correct_wallet": N_("Account owners: correct the stated purchases of these accounts.")
        },
    ),
    FindingSpec(
        "depend_unknown",
        "dependence",
        N_(
            "Who depends on whom cannot be told, because the total purchases of the accounts that "
            "buy are not known."
        ),
        actions=DEPEND_ASK_WALLET,
    ),
)
