"""Step 4, shown and said: who does what by when, the load of each owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.palette import BAD
from kamplay.show.chart import draw_chart, floating_bars
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import View, current
from kamplay.show.vocabulary import level_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@chart
def visits_chart(plan: Plan) -> Display:
    """Visits a month that the norms ask for, level by level from the top, against what the team can make."""
    view, table, capacity = current(), plan.levels[plan.levels["visits"] > 0], plan.key_figures["capacity"]
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        ends = table["visits"].cumsum()
        floating_bars(axes, ends - table["visits"], table["visits"], [view.accent] * len(table), 0.55)
        total = max(float(ends.max()), capacity or 0.0)
        for y, row in enumerate(table.itertuples()):
            text = locale.say(
                N_("{visits:n} visits, {accounts:n} accounts"), visits=row.visits, accounts=row.accounts
            )
            axes.text(total * 1.04, y, text, va="center", fontsize=8.5)
        if capacity:
            axes.axvline(capacity, ymax=0.9, color=BAD, linewidth=1.3)
            side = "right" if capacity > total / 2 else "left"
            axes.text(
                capacity,
                -0.58,
                locale.say(N_("capacity {capacity:n}"), capacity=capacity),
                color=BAD,
                ha=side,
                va="bottom",
                fontsize=8.5,
            )
        axes.set_yticks(range(len(table)), [level_label(level, locale) for level in table["level"]])
        axes.set_xlim(0, total * (1.75 if narrow else 1.4))
        axes.spines["bottom"].set_bounds(0, total)
        axes.set_xticks([0, total / 2, total])
        axes.set(ylabel="", ylim=(len(table) - 0.4, -0.9))
        axes.xaxis.set_major_formatter(lambda v, _: locale.number(v))

    caption = locale.text(
        N_("Visits a month by level, added up from the top level down, against the team's capacity.")
    )
    parts = locale.text(N_("; ")).join(
        f"{level_label(lv, locale)} {locale.number(n)}"
        for lv, n in zip(table["level"], table["visits"], strict=True)
    )
    return draw_chart(draw, caption, locale.say(N_("Visits a month: {parts}."), parts=parts), height=0.72)


@table
def visits_table(plan: Plan) -> Display:
    """Key accounts visited less than the norm, the furthest behind first; nothing without a visit log."""
    behind = plan.visits[plan.visits["done"] < plan.visits["norm"]]
    behind = behind.assign(gap=behind["norm"] - behind["done"]).sort_values(
        ["gap", "revenue"], ascending=False
    )
    columns = [
        ACCOUNT,
        Column("done", N_("Visits made"), "n"),
        Column("norm", N_("Norm"), "count"),
        Column("days", N_("Days since the last visit"), "n"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    return html_table(
        with_names(behind),
        columns,
        N_("Key accounts below the visit norm in the last three months, the furthest behind first."),
        most=12,
    )


@table
def owners_table(plan: Plan) -> Display:
    """The load of each owner."""
    if plan.owners.empty or "visits" not in plan.owners:
        return NOTHING
    columns = [
        Column("owner", N_("Owner")),
        Column("accounts", N_("Accounts"), "n"),
        Column("visits", N_("Visits a month"), "count"),
        Column("revenue", N_("Revenue"), "money"),
    ]
    return html_table(
        plan.owners.sort_values("visits", ascending=False),
        columns,
        N_("Accounts, visits a month by the norms, and revenue per owner."),
        most=20,
    )


def _coverage(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How far the team's visits reach, from the highest level down."""
    figures = finding.figures
    full = locale.text(N_(", ")).join(figures["full"])
    partial = {"share": figures["partial_share"], "level": figures["partial"], "full": full}
    message = (
        N_("enough for level {full} and {share:pct} of level {level}")
        if full
        else N_("enough for {share:pct} of level {level}")
    )
    return {"coverage": locale.say(message, **partial)}


# what this topic can find, in words
START_URGENT = {
    "start_urgent": N_(
        "Each owner does what the table names by {due:date}; the head of sales asks for the outcome that day."
    )
}
START_URGENT_UNOWNED = {
    "start_urgent_unowned": N_(
        "Head of sales: give each a person who does what the table names by {due:date}."
    )
}
FOLLOW_SIGNS = {
    "follow_signs": N_(
        "Whoever the table names deals with the sign by {due:date}, before any offer or plan to grow."
    )
}

FOLLOW_SIGNS_IN_BRIEF = N_(
    "Whoever the plan in section 4 names deals with the sign by {due:date}, before any offer."
)

register_findings(
    FindingSpec(
        "urgent",
        "urgent",
        N_(
            "{count:n} {count:plural|account needs|accounts need} action within {days:n} days, "
            "{revenue:money} of revenue: the short list of section 3, one action each. "
            "{overdue:money} is overdue there."
        ),
        actions=START_URGENT | START_URGENT_UNOWNED,
        on_first_page=False,
    ),
    FindingSpec(
        "urgent_silent",
        "urgent",
        N_(
            "{count:n} {count:plural|account needs|accounts need} action within {days:n} days, "
            "{revenue:money} of revenue: the short list of section 3, one action each."
        ),
        actions=START_URGENT | START_URGENT_UNOWNED,
        on_first_page=False,
    ),
    FindingSpec(
        "planned_campaign",
        "urgent",
        N_(
            "The campaign of section 3 is one line of the plan, due {due:date}: its {count:n} "
            "{count:plural|account|accounts} ({revenue:money} of revenue) get no visit and no other action."
        ),
    ),
    FindingSpec("nothing_urgent", "urgent", N_("Section 3 puts no account on the short list for this week.")),
    FindingSpec(
        "warned",
        "urgent",
        N_(
            "Beside the list of the week {count:n} {count:plural|account shows|accounts show} a sign that "
            "calls for action ({revenue:money} of revenue): {names}."
        ),
        actions=FOLLOW_SIGNS,
        brief_actions={"follow_signs": FOLLOW_SIGNS_IN_BRIEF},
        brief=N_(
            "Beside the list of the week {count:n} {count:plural|account shows|accounts show} a sign that "
            "calls for action, {revenue:money} of revenue; first {first}."
        ),
        rank=37,
    ),
    FindingSpec(
        "win_back_list",
        "types",
        N_(
            "{count:n} large {count:plural|account is|accounts are} lost or as good as lost: in the "
            "year up to {count:plural|its|their} last purchase {count:plural|it|they} brought "
            "{brought:money}. {names}. The last order of {first} was on {last_order:date}."
        ),
        actions={
            "decide_win_back": N_(
                "The owners ask each for the reason; by {due:date} the head of sales decides with "
                "them: win back or close."
            ),
            "decide_win_back_unowned": N_(
                "Head of sales: name who asks each for the reason, and by {due:date} decide: win "
                "back or close."
            ),
        },
        brief=N_(
            "{count:n} large {count:plural|account is|accounts are} lost or as good as lost, "
            "{brought:money} a year before; first {first}, {first_brought:money}, last order "
            "{last_order:date}."
        ),
        rank=19,
    ),
    FindingSpec(
        "over_capacity",
        "capacity",
        N_("The visit norms ask for {needed:n} visits a month, the team can make {capacity:n}: {coverage}."),
        actions={
            "cut_from_below": N_(
                "Head of sales: from next month serve the lowest levels by phone and online, or ask "
                "for more people; leave the visits to the top as they are."
            )
        },
        rank=33,
        words=_coverage,
    ),
    FindingSpec(
        "within_capacity",
        "capacity",
        N_("The visit norms ask for {needed:n} visits a month; the team can make {capacity:n}."),
    ),
    FindingSpec(
        "capacity_unknown",
        "capacity",
        N_("The visit norms ask for {needed:n} visits a month; what the team can make was not stated."),
        actions={
            "state_capacity": N_(
                "Head of sales: state how many visits a month the team can make, for the next report."
            )
        },
    ),
    FindingSpec(
        "visits_behind",
        "visits",
        N_(
            "{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three "
            "months (all {upper:n} together: {done:n} of {norm:n})."
        ),
        actions={
            "schedule_visits": N_("The owners book the missing visits by {due:date}, first at {three}."),
            "reallocate_visits": N_(
                "Head of sales: the team has visits to spare; by {due:date} move some to those "
                "furthest behind, first {three}."
            ),
        },
        brief=N_(
            "{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three months."
        ),
        rank=40,
        chance=N_(
            "At their own pace so far these accounts get {chance_low:n} to {chance_high:n} visits in "
            "three months: "
            "it is the norm that is new."
        ),
    ),
    FindingSpec(
        "visits_kept", "visits", N_("All {upper:n} key accounts got their visits in the last three months.")
    ),
    FindingSpec(
        "visits_none",
        "capacity",
        N_("No visits are planned: the accounts are no companies that one could call on."),
    ),
    FindingSpec(
        "visits_unknown",
        "visits",
        N_("Whether visits are made is unknown: no visit log was delivered."),
        actions={
            "ask_for_visits": N_(
                "Sales operations: provide the visit log of the last six months for the next report."
            )
        },
    ),
)
