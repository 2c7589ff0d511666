"""The stress test as charts and tables: the loss in each scenario, and who depends on whom."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.step import Value
from kamplay.method.value.stress_test import THEY_DEPEND, WE_DEPEND
from kamplay.palette import BAD, INK, PALE, QUIET, WARN, WHITE
from kamplay.show.charts.chart import bare, clip, draw_chart, join_parts, one_line
from kamplay.show.charts.map_labels import NAMED_DIAMETER, place_labels
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SCENARIOS = {
    "worst_two": N_("both: {one} + {two}"),
    "group": N_("group: {one}"),
    "industry": N_("industry: {one}"),
    "region": N_("region: {one}"),
}


LEAST_YEARS, MOST_YEARS = 0.5, 20  # outside of these a figure of years says nothing that one could act on


@chart
def stress_test_chart(value: Value) -> Display:
    """Revenue share lost in each scenario with the years to replace it; the margin share as a mark on the
    bar.
    """
    view, scenarios = current(), value.stress_test.scenarios
    # the loss of a whole market would dwarf the others; it has a finding of its own
    scenarios = scenarios[~scenarios["scenario"].isin(["industry", "region"])]
    if scenarios.empty or not view.one_by_one:
        return NOTHING
    locale, rows = view.locale, list(scenarios.itertuples())
    shares, margins = scenarios["share"].to_numpy(float), scenarios["margin_share"].to_numpy(float)
    margin_known = not np.isnan(margins).all()

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        places = np.arange(len(rows))
        colours = [
            BAD if row.threat else view.accent if row.scenario.startswith("account_") else PALE
            for row in rows
        ]
        sns.barplot(
            x=shares,
            y=places,
            hue=places,
            palette=colours,
            orient="h",
            width=0.62,
            saturation=1,
            errorbar=None,
            legend=False,
            ax=axes,
        )
        if margin_known:
            label = locale.text(N_("share of margin"))
            sns.scatterplot(
                x=margins, y=places, marker="D", color=INK, s=28, linewidth=0, zorder=3, label=label, ax=axes
            )
            axes.legend(
                frameon=False,
                loc="lower right",
                bbox_to_anchor=(1, 1),
                fontsize=8.5,
                borderaxespad=0,
                handletextpad=0.2,
            )
        ends = np.fmax(shares, margins)
        words = [
            axes.annotate(
                loss_in_words(row, locale),
                (end, place),
                xytext=(10, 0),
                textcoords="offset points",
                va="center",
                fontsize=8 if narrow else 8.5,
                in_layout=False,
            )
            for place, end, row in zip(places, ends, rows, strict=True)
        ]
        labels = short_labels(rows, view, 20 if narrow else 34)
        axes.set_yticks(places, labels, fontsize=7.8 if narrow else 9)
        axes.set(xlabel="", ylabel="")
        _make_room(axes, ends, words, min(0.0, np.nanmin(margins) * 1.1 if margin_known else 0.0))
        axes.set_ylim(len(rows) - 0.4, -0.6)
        bare(axes, "bottom")

    bars = N_(
        "What each loss would take: the bar is its share of the 12 months' revenue, the diamond its share of "
        "margin. Red: one customer with 10% or more of either."
    )
    if not margin_known:
        bars = N_(
            "What each loss would take: the bar is its share of the 12 months' revenue. Red: one customer "
            "with "
            "10% or more of it."
        )
    years = N_(
        "Years: until new accounts have made up for it, if those that buy at least twice bring as much each "
        "year as in these 12 months, and all of it went into the gap."
    )
    timed = scenarios["years_to_replace"].notna().any()
    caption = locale.sentences(locale.text(bars), locale.text(years) if timed else "")
    parts = [f"{scenario_label(row, view)} {loss_in_words(row, locale)}" for row in rows]
    alt = locale.say(N_("Loss by scenario: {parts}."), parts=join_parts(parts, locale))
    return draw_chart(draw, caption, alt, height=0.32 + 0.085 * len(rows))


def _make_room(axes: Axes, ends: np.ndarray, words: list[Any], left: float) -> None:
    """Set the axis from ``left`` to where the labels beside the bars fit."""
    figure: Any = axes.figure
    figure.draw_without_rendering()  # settles how wide the axes and the words are
    width, gap = axes.get_window_extent().width, 12 * figure.dpi / 72
    taken = np.array([text.get_window_extent().width + gap for text in words]) / width
    axes.set_xlim(left, float((left + (ends - left) / (1 - taken.clip(max=0.8))).max()))


def scenario_label(row: Any, view: View) -> str:
    """A scenario in words: the account, or what is lost together. ``row``: of ``StressTest.scenarios``."""
    one = one_line(view.name(row.account_id) if missing(row.value) else str(row.value))
    if row.scenario not in SCENARIOS:
        return one
    two = "" if missing(row.second_id) else one_line(view.name(row.second_id))
    return view.locale.say(SCENARIOS[row.scenario], one=one, two=two)


def short_labels(rows: list[Any], view: View, room: int) -> list[str]:
    """The scenarios beside their bars, cut to ``room`` half-width characters; accounts carry their rank, by
    which the pair names them.
    """
    ranks = {
        row.account_id: row.scenario.removeprefix("account_")
        for row in rows
        if row.scenario.startswith("account_")
    }
    labels = []
    for row in rows:
        if row.scenario == "worst_two":
            one, two = sorted(ranks[account] for account in (row.account_id, row.second_id))
            labels.append(view.locale.say(N_("{one} and {two} together"), one=one, two=two))
        else:
            rank = f"{ranks[row.account_id]} " if row.scenario.startswith("account_") else ""
            labels.append(fitted(rank + scenario_label(row, view), room))
    return labels


def fitted(text: str, room: int) -> str:
    """``text`` cut to ``room`` half-width characters: a Chinese character takes two."""
    widths = np.cumsum([2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text])
    if not text or widths[-1] <= room:
        return text
    return text[: int((widths <= room - 1).sum())].rstrip() + "…"


def loss_in_words(row: Any, locale: Locale) -> str:
    """The share of revenue, that of margin, and the years that new business needs, as far as known."""
    loss = locale.percent(row.share)
    if not missing(row.margin_share):
        both = N_("revenue {share:pct}, margin {margin:pct}")
        loss = locale.say(both, share=row.share, margin=row.margin_share)
    if missing(row.years_to_replace):
        return loss
    return locale.say(N_("{loss}, {time}"), loss=loss, time=time_to_replace(row.years_to_replace, locale))


def time_to_replace(years: float, locale: Locale) -> str:
    """Years until new business has made up for a loss; beyond what anybody plans for, no figure."""
    if years > MOST_YEARS:
        return locale.say(N_("over {most:n} years"), most=MOST_YEARS)
    if years < LEAST_YEARS:
        return locale.text(N_("less than half a year"))
    return locale.say(N_("{years:n1} {years:plural|year|years}"), years=years)


def _time(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"time": time_to_replace(finding.figures["years_to_replace"], locale)}


DEPENDENCE = {
    "both": N_("we need each other"),
    "we": N_("we depend on them"),
    "they": N_("they depend on us"),
    "neither": N_("neither depends"),
}
LEAST = 0.0005  # the share of our revenue below which accounts are drawn at the lower edge
MOST_DOTS = 150  # the largest are drawn; the others cannot matter to us and would only fill the corner
NAMED, NAMED_NARROW = 6, 4


@chart
def dependence_chart(value: Value) -> Display:
    """Our share of their purchases (across) against their share of our revenue (up, logarithmic), in four
    fields.
    """
    view, dependence = current(), value.stress_test.dependence
    if dependence.empty:
        return NOTHING
    locale, drawn = view.locale, dependence.head(MOST_DOTS)
    low = max(LEAST, min(float(drawn["their_share_of_ours"].min()), WE_DEPEND / 4))
    high = max(float(drawn["their_share_of_ours"].max()) * 2.2, WE_DEPEND * 3)
    edge = low / (high / low) ** 0.12  # room below the lowest dot for the fields' names
    drawn = drawn.assign(their_share_of_ours=drawn["their_share_of_ours"].clip(lower=low))
    by = {field: dependence[dependence["field"] == field] for field in DEPENDENCE}

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        sns.scatterplot(
            drawn.iloc[::-1],  # the largest on top
            x="our_share_of_theirs",
            y="their_share_of_ours",
            hue="field",
            palette={"both": WARN, "we": BAD, "they": view.accent, "neither": PALE},
            s=NAMED_DIAMETER**2 * 1.6,
            edgecolor=WHITE,
            linewidth=0.5,
            zorder=3,
            clip_on=False,
            legend=False,
            ax=axes,
        )
        for side in axes.spines.values():
            side.set_visible(True)
        axes.set_yscale("log")
        axes.set(xlim=(-0.04, 1.04), ylim=(edge, high))
        axes.axvline(THEY_DEPEND, color=QUIET, linewidth=0.9)
        axes.axhline(WE_DEPEND, color=QUIET, linewidth=0.9)
        ticks = [t for t in (0.001, 0.01, 0.05, 0.2, 1.0) if edge <= t <= high]
        axes.set_yticks(ticks, [locale.percent(t) for t in ticks])
        axes.set_yticks([], minor=True)
        across = (0, 0.25, THEY_DEPEND, 0.75, 1)
        axes.set_xticks(across, [locale.percent(t) for t in across])
        axes.set_xlabel(locale.text(N_("our share of their purchases")))
        axes.set_ylabel(locale.text(N_("their share of our revenue")))
        corners = {
            "we": (0.01, "left", 0.985, "top"),
            "both": (0.99, "right", 0.985, "top"),
            "neither": (0.01, "left", 0.012, "bottom"),
            "they": (0.99, "right", 0.012, "bottom"),
        }
        for field, (x, ha, y, va) in corners.items():
            name, count = locale.text(DEPENDENCE[field]), len(by[field])
            text = locale.say(N_("{field} ({count:n})"), field=name, count=count)
            size = 8 if narrow else 9
            axes.text(x, y, text, ha=ha, va=va, fontsize=size, color=QUIET, transform=axes.transAxes)
        _name_dots(axes, view, drawn, narrow)

    caption = locale.text(
        N_(
            "Who needs whom: each dot is an account whose purchases are known. "
            "Top left, we need them more than they need us; the scale upwards is logarithmic."
        )
    )
    most = locale.say(N_("The {count:n} largest are drawn."), count=MOST_DOTS)
    parts = [
        locale.say(
            N_("{field} {count:n} {count:plural|account|accounts}, {share:pct} of revenue"),
            field=locale.text(DEPENDENCE[field]),
            count=len(by[field]),
            share=by[field]["their_share_of_ours"].sum(),
        )
        for field in ("we", "both", "they", "neither")
    ]
    alt = locale.say(N_("Dependence both ways: {parts}."), parts=join_parts(parts, locale))
    caption = locale.sentences(caption, most if len(dependence) > MOST_DOTS else "")
    return draw_chart(draw, caption, alt, height=1.1)


def _name_dots(axes: Axes, view: View, drawn: pd.DataFrame, narrow: bool) -> None:
    """Names first for those we depend on, then for the largest."""
    from matplotlib.transforms import Affine2D

    figure: Any = axes.figure
    figure.draw_without_rendering()  # settles where the dots lie, so that names can be placed
    figure.set_layout_engine("none")
    shares = drawn[["our_share_of_theirs", "their_share_of_ours"]].to_numpy(float)
    points = np.round(axes.transData.transform(shares) * 72 / figure.dpi, 1)
    we = drawn["field"].isin(["we", "both"]).to_numpy()
    large = (drawn["their_share_of_ours"] >= WE_DEPEND / 5).to_numpy()
    chosen = np.concatenate([np.flatnonzero(we), np.flatnonzero(large & ~we)])
    chosen = chosen[: NAMED_NARROW if narrow else NAMED]
    place_labels(
        axes,
        [clip(one_line(view.name(str(drawn.index[n]))), narrow, 14, 8) for n in chosen],
        points,
        np.full(len(drawn), NAMED_DIAMETER * 1.3),
        chosen,
        np.ones(len(drawn), dtype=bool),
        Affine2D().scale(1 / 72) + figure.dpi_scale_trans,
        7.6 if narrow else 8.2,
    )
    for label in axes.texts:
        box = label.get_bbox_patch()
        if box is not None:
            box.set_alpha(0.92)  # a limit that runs behind a name does not cross it out


@sheet
def dependence_sheet(value: Value) -> Sheet:
    """How much each side depends on the other, every account whose purchases are known."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("our_share_of_theirs", N_("Our share of its purchases"), "pct"),
        Column("their_share_of_ours", N_("Its share of our revenue"), "pct"),
        REVENUE,
    ]
    return Sheet(N_("Dependence"), value.stress_test.dependence, columns)


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
        Column("field", N_("Who depends"), DEPENDENCE),
        replace(REVENUE, extra=True),
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
        "General manager and sales head: name what would be cut and which accounts would have to be won if "
        "{first} left, with a figure for each."
    )
}
STRESS_WATCH_MARKET = {
    "stress_watch_market": N_(
        "Head of sales: name the accounts of other industries to win this year, and who wins them: {value} "
        "brings {share:pct} of revenue."
    )
}
STRESS_ASK_HISTORY = {
    "stress_ask_history": N_(
        "Data owner: provide at least 24 months of sales; then new accounts can be told from old ones."
    )
}
STRESS_FIND_NEW = {
    "stress_find_new": N_("Sales head: set a target for new accounts and give somebody the time to win them.")
}
STRESS_ASK_MASTER = {
    "stress_ask_master": N_(
        "Sales operations: record parent, industry and region of the accounts; losses that "
        "come together can then be tested together."
    )
}
DEPEND_ASK_WALLET = {
    "depend_ask_wallet": N_(
        "Account owners: find out what the largest accounts spend in all on what we sell."
    )
}

OF_WHAT = {True: N_("revenue or margin"), False: N_("revenue")}


def _of_what(finding: Finding, locale: Locale) -> dict[str, str]:
    """``of``: of what a share is told; of margin only where the lines have a cost."""
    return {"of": locale.text(OF_WHAT[bool(finding.figures.get("margin_known"))])}


# new accounts that bought once are left out of the rate: who has not come back may not replace anybody
REPLACED_BY_REPEATERS = N_(
    "Losing {first} would cost {share:pct} of revenue; new accounts that bought at least twice would take "
    "{time} to replace it."
)


def _who_pays_first(finding: Finding, locale: Locale) -> dict[str, str]:
    """``but``: that supply of some of them follows payment."""
    said = N_(" (at the {owing:n} above {owing:plural|its|their} credit limit supply follows payment)")
    owing = finding.figures.get("owing")
    return {"but": locale.say(said, owing=owing) if owing else ""}


register_findings(
    FindingSpec(
        "stress_first",
        "stress_test",
        N_(
            "Losing {first} costs {share:pct} of revenue and {margin_share:pct} of margin. New "
            "accounts that bought at least twice brought {new_per_year:money} in the last 12 "
            "months; at that rate replacing it takes {time}."
        ),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
        brief=REPLACED_BY_REPEATERS,
        words=_time,
        rank=31,
    ),
    FindingSpec(
        "stress_first_revenue",
        "stress_test",
        N_(
            "Losing {first} costs {share:pct} of revenue. New "
            "accounts that bought at least twice brought {new_per_year:money} in the last 12 "
            "months; at that rate replacing it takes {time}."
        ),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
        brief=REPLACED_BY_REPEATERS,
        words=_time,
        rank=32,
    ),
    FindingSpec(
        "stress_lost",
        "stress_test",
        N_("Losing {first} costs {revenue:money}, {share:pct} of revenue, and {margin_share:pct} of margin."),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_lost_revenue",
        "stress_test",
        N_("Losing {first} costs {revenue:money}, {share:pct} of revenue."),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_lost_no_margin",
        "stress_test",
        N_(
            "Losing {first} costs {revenue:money}, {share:pct} of revenue, but no margin: it leaves "
            "{margin:money}."
        ),
        actions=STRESS_SECOND_LEG | STRESS_ASK_HISTORY | STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_rate_unknown",
        "stress_test",
        N_(
            "How long new business would take to replace a loss cannot be told: that needs 24 months "
            "of sales, and {months:n} are there."
        ),
        actions=STRESS_ASK_HISTORY,
    ),
    FindingSpec(
        "stress_no_new",
        "stress_test",
        N_(
            "New business replaces nothing: apart from the first account, no account that bought "
            "more than once is new in the last 12 months."
        ),
        actions=STRESS_FIND_NEW,
    ),
    FindingSpec(
        "stress_two",
        "stress_test",
        N_(
            "{first} and {second} are the two whose loss would hurt most: together {revenue:money}, "
            "{share:pct} of revenue. Of what is left, {accounts_for_80_after:n} "
            "{accounts_for_80_after:plural|account brings|accounts bring} 80%."
        ),
        actions={
            "stress_two_fallback": N_(
                "General manager and sales head: name what would be cut and which accounts would have to be "
                "won if {first} and {second} left: {revenue:money} less revenue."
            )
        },
    ),
    FindingSpec(
        "stress_threat",
        "stress_test",
        N_(
            "{count:plural|One customer brings|Customers bring} {limit:pct} or more of {of}: {names} "
            "({share:pct} of revenue)."
        ),
        words=_of_what,
        actions={
            "stress_cap_exposure": N_(
                "Management: agree notice periods and minimum quantities with {names}, and win new "
                "business elsewhere, so that others grow into the balance."
            )
        },
    ),
    FindingSpec(
        "stress_markets",
        "stress_test",
        N_(
            "{count:n} {count:plural|country brings|countries bring} {limit:pct} or more of revenue each: "
            "{names} ({share:pct} of revenue)."
        ),
        actions={
            "stress_cap_exposure": N_(
                "Management: agree notice periods and minimum quantities with {names}, and win new "
                "business elsewhere, so that others grow into the balance."
            )
        },
    ),
    FindingSpec(
        "stress_no_threat",
        "stress_test",
        N_(
            "No customer, groups taken as one, carries {limit:pct} of {of}; the largest has {largest:pct} of "
            "revenue."
        ),
        words=_of_what,
    ),
    FindingSpec(
        "stress_group",
        "stress_test",
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
        "stress_test",
        N_(
            "{value} is the largest industry: {accounts:n} {accounts:plural|account|accounts} with revenue "
            "in the 12 months, {revenue:money}, {share:pct} of revenue. The industry is known for "
            "{known:pct} of revenue."
        ),
        actions=STRESS_WATCH_MARKET,
    ),
    FindingSpec(
        "stress_region",
        "stress_test",
        N_(
            "{value} is the largest region: {accounts:n} {accounts:plural|account|accounts} with revenue in "
            "the 12 months, {revenue:money}, {share:pct} of revenue. The region is known for {known:pct} of "
            "revenue."
        ),
    ),
    FindingSpec(
        "stress_master_unknown",
        "stress_test",
        N_(
            "Only single accounts are tried, because no parent, industry or region of the accounts "
            "is recorded."
        ),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_group_unknown",
        "stress_test",
        N_("The loss of a group is not tried, because no account has a parent recorded."),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_industry_unknown",
        "stress_test",
        N_("The loss of an industry is not tried, because no account that buys has one recorded."),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_region_unknown",
        "stress_test",
        N_("The loss of a region is not tried, because no account that buys has one recorded."),
        actions=STRESS_ASK_MASTER,
    ),
    FindingSpec(
        "stress_nothing",
        "stress_test",
        N_("There is nothing to lose in a stress test: no account has positive revenue in the 12 months."),
        actions={
            "stress_ask_revenue": N_(
                "Data owner: check the reporting date and whether the sales of the last 12 months "
                "were delivered."
            )
        },
    ),
    FindingSpec(
        "depend_fields",
        "dependence",
        N_(
            "Purchases are known for {known:n} {known:plural|account|accounts} ({part:pct} of revenue): "
            "both sides depend on each other at {both:n}, only we at {we:n}, only they at {they:n}, "
            "neither at {neither:n}."
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
                "Account owners: offer {names} what other suppliers cannot; management: beyond a manager of "
                "its own, put staff and stock there, also on consignment, only against a committed volume."
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
                "with {names}."
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
                "Sales: secure their supply and keep prices fair{but}; half a customer's purchases is "
                "trust, and also the limit of growth there."
            )
        },
        words=_who_pays_first,
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
