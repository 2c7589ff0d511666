"""Capacity and allocation, shown and said: what the norms ask of whom, where the visits go, what is given up,
and how firm that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.plan.allocation import left_out_units
from kamplay.method.plan.capacity import ROLES
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.palette import BAD, PALE, SLATE
from kamplay.show.charts.chart import clip, draw_chart, few_ticks, floating_bars
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, plot, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names, word
from kamplay.show.texts.vocabulary import level_label
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROLE_NAMES = {"branch": N_("branch"), "head_office": N_("head office")}
REASONS = {
    "person_full": N_("{who}: no visit left"),
    "lead_full": N_("{who}: no visit left"),
    "team_full": N_("the team has no visit left"),
}
CASES = {
    ("as_assumed", 1.0): N_("as assumed"),
    ("loss_averted", 0.5): N_("half as much loss averted"),
    ("loss_averted", 2.0): N_("twice as much loss averted"),
    ("room_won", 0.5): N_("half as much room won"),
    ("room_won", 2.0): N_("twice as much room won"),
}
VISITS = N_("{visits:n} visits")
LEVEL_VISITS = N_("{visits:n} visits, {accounts:n} accounts")
MOST_NAMED = 5  # people in a sentence
MOST_PEOPLE = 15  # of the chart: those of whom the norms ask most


def who(person: Any, role: str, locale: Locale) -> str:
    """A person's name; where nobody is named, the head of sales for head office, or nobody."""
    if not missing(person):
        return str(person)
    return locale.text(N_("head of sales") if role == "head_office" else N_("nobody named"))


# --- what the norms ask, and of whom


@plot
def visits_plot(plan: Plan) -> Plot | None:
    """Visits a month: what the norms ask, what is given and what can be made, by person where that is stated,
    else by level.
    """
    loads, view = plan.allocation.loads, current()
    locale = view.locale
    if loads.empty:
        return None
    if loads["capacity"].notna().any():
        loads = loads.sort_values("norm", ascending=False, kind="stable").head(MOST_PEOPLE)
        names = tuple(who(row.person, row.role, locale) for row in loads.itertuples())
        kinds = {
            "norm": (N_("what the norms ask"), PALE),
            "visits": (N_("what is allocated"), view.accent),
            "capacity": (N_("what can be made"), BAD),
        }
        series = tuple(
            Series(
                locale.text(words),
                tuple(None if missing(v) else float(v) for v in loads[key]),
                colour,
                labels=tuple("" if missing(v) else locale.number(v, 1) for v in loads[key]),
            )
            for key, (words, colour) in kinds.items()
        )
        said = locale.sentences(
            locale.text(N_("Visits a month by person.")), _how_many(plan, locale), _source(plan, locale)
        )
        return Plot("bars", names, series, said)
    table = plan.levels[plan.levels["visits"] > 0]
    capacity = plan.allocation.whole_team
    words = tuple(
        locale.say(LEVEL_VISITS, visits=row.visits, accounts=row.visited) for row in table.itertuples()
    )
    levels = [_level_name(level, locale) for level in table["level"]]
    values, colours = [float(n) for n in table["visits"]], [view.accent] * len(table)
    if capacity:  # what all levels ask for together stands against it
        total = sum(values)
        levels += [locale.text(N_("All levels")), locale.text(N_("What can be made"))]
        words += (locale.say(VISITS, visits=total), locale.say(VISITS, visits=capacity))
        values = [*values, total, float(capacity)]
        colours += [BAD if total > capacity else SLATE, PALE]
    visits = Series(locale.text(N_("visits a month")), tuple(values), view.accent, (), words, tuple(colours))
    said = locale.sentences(
        locale.text(N_("Visits a month by level.")), _how_many(plan, locale), _source(plan, locale)
    )
    return Plot("bars", tuple(levels), (visits,), said, message=_norms_against_capacity(plan, locale))


@chart
def visits_chart(plan: Plan) -> Display:
    """Visits a month that the norms ask for against what can be made: by person where that is stated, else
    level by level from the top.
    """
    loads = plan.allocation.loads
    return (
        NOTHING if loads.empty else _by_person(plan) if loads["capacity"].notna().any() else _by_level(plan)
    )


def _by_person(plan: Plan) -> Display:
    locale = current().locale
    loads = plan.allocation.loads.sort_values("norm", ascending=False, kind="stable").head(MOST_PEOPLE)
    names = [who(row.person, row.role, locale) for row in loads.itertuples()]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        floating_bars(axes, loads["norm"] * 0, loads["norm"], [PALE] * len(loads), 0.62)
        floating_bars(axes, loads["norm"] * 0, loads["visits"], [view.accent] * len(loads), 0.3)
        for y, row in enumerate(loads.itertuples()):
            if not missing(row.capacity):
                axes.plot([row.capacity] * 2, [y - 0.4, y + 0.4], color=BAD, linewidth=1.6)
        axes.set_yticks(range(len(loads)), [clip(name, narrow) for name in names])
        axes.set(ylabel="", ylim=(len(loads) - 0.4, -0.6))
        axes.xaxis.set_major_formatter(lambda v, _: locale.number(v))

    caption = locale.text(
        N_(
            "Visits a month by person: what the norms ask for (pale), what the quarter's allocation gives "
            "(dark), and what the person can make (red line)."
        )
    )
    caption = locale.sentences(caption, _how_many(plan, locale), _source(plan, locale))
    parts = [
        locale.say(
            N_("{name}: norm {norm:n1}, allocated {visits:n1}, capacity {capacity:n1}"),
            name=name,
            norm=row.norm,
            visits=row.visits,
            capacity=row.capacity,
        )
        for name, row in zip(names, loads.itertuples(), strict=True)
    ]
    height = 0.3 + 0.085 * len(loads)
    return draw_chart(draw, caption, locale.text(N_("; ")).join(parts), height=height)


def _by_level(plan: Plan) -> Display:
    view, table, capacity = current(), plan.levels[plan.levels["visits"] > 0], plan.allocation.whole_team
    locale = view.locale
    names = [_level_name(level, locale) for level in table["level"]]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        ends = table["visits"].cumsum()
        floating_bars(axes, ends - table["visits"], table["visits"], [view.accent] * len(table), 0.55)
        total = max(float(ends.max()), capacity or 0.0)
        for y, row in enumerate(table.itertuples()):
            text = locale.say(LEVEL_VISITS, visits=row.visits, accounts=row.visited)
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
        axes.set_yticks(range(len(table)), names)
        axes.set_xlim(0, total * (1.75 if narrow else 1.4))
        axes.spines["bottom"].set_bounds(0, total)
        axes.set_xticks([tick for tick in few_ticks().tick_values(0, total) if 0 <= tick <= total])
        axes.set(ylabel="", ylim=(len(table) - 0.4, -0.9))
        axes.xaxis.set_major_formatter(lambda v, _: locale.number(v))

    if capacity:
        caption = N_(
            "Visits a month by level, added up from the top level down, against the team's capacity."
        )
    else:
        caption = N_("Visits a month by level, added up from the top level down.")
    parts = locale.text(N_("; ")).join(
        f"{name} {locale.number(n)}" for name, n in zip(names, table["visits"], strict=True)
    )
    return draw_chart(
        draw,
        locale.sentences(locale.text(caption), _how_many(plan, locale), _source(plan, locale)),
        locale.say(N_("Visits a month: {parts}."), parts=parts),
        height=0.72,
        message=_norms_against_capacity(plan, locale),
    )


def _norms_against_capacity(plan: Plan, locale: Locale) -> str:
    """What the norms ask for and what the team can make; where that is enough, and the visits of head office
    rest on one person, that these are what is short.
    """
    capacity = plan.allocation.whole_team
    norms = _asking(float(plan.allocation.loads["left_out"].sum()), locale)
    visits, short = plan.levels["visits"].sum(), plan.finding("visits_senior_beyond")
    if capacity and short and visits <= capacity:
        message = N_(
            "{norms} ask for {visits:n} visits a month and the team can make {capacity:n}; short are those "
            "of head office: {missing:n} of {both:n} in the quarter have nobody."
        )
        told = {name: short.figures[name] for name in ("missing", "both")}
        return locale.say(message, visits=visits, capacity=capacity, norms=norms, **told)
    if capacity:
        message = N_("{norms} ask for {visits:n} visits a month; the team can make {capacity:n}.")
    else:
        message = N_("{norms} ask for {visits:n} visits a month.")
    return locale.say(message, visits=visits, capacity=capacity, norms=norms)


def _asking(left_out: float, locale: Locale) -> str:
    """The norms, as far as their visits are planned; ``left_out``: those that do not pay."""
    return locale.text(N_("The visit norms, as far as they pay,") if left_out else N_("The visit norms"))


# how the visits of the calendar come about, by what changes the number that the norms ask for
COUNTS = {
    "lacking_head": N_(" − {lacking_head:n} of head office that nobody makes"),
    "lacking": N_(" − {lacking:n} that nobody else can make"),
    "beyond": N_(" + {beyond:n} beyond them, where most can be kept or won"),
    "urgent": N_(" + {urgent:n} that an action takes where the norms have none"),
    "unplaced": N_(" − {unplaced:n} that found no day"),
}


def _how_many(plan: Plan, locale: Locale) -> str:
    """How the visits of the calendar come about, in one sum; "" where they are those of the norms."""
    missed = plan.calendar.unplaced.query("kind == 'visit'")["unit_id"]
    counts = {**plan.allocation.counts, "unplaced": len(missed)}
    parts = [locale.say(text, **counts) for name, text in COUNTS.items() if counts.get(name)]
    if not parts:
        return ""
    said = locale.say(
        N_("From {start:date} on, visits of the quarter: {asked:n} by the norms{parts} = {placed:n}."),
        start=str(plan.day),
        asked=counts["asked"],
        parts="".join(parts),
        placed=plan.calendar.figures["placed"],
    )
    names = [current().name(unit) for unit in missed.unique()]
    left = locale.say(N_("No day was found at {names}."), names=locale.accounts(names))
    return locale.sentences(said, left if names else "")


def _source(plan: Plan, locale: Locale) -> str:
    """Where the team's capacity is stated, and whether the plan has more visits than were made lately."""
    parts = []
    if plan.allocation.whole_team is not None:
        parts.append(locale.text(N_("What the team can make is stated for all together.")))
    if found := plan.finding("visits_above_made"):
        said = N_("The plan has {planned:n} a month; {made:n} were made on average in the last three months.")
        parts.append(locale.say(said, planned=found.figures["planned"], made=found.figures["made"]))
    return locale.sentences(*parts)


def _level_name(level: Any, locale: Locale) -> str:
    return locale.text(N_("Every account")) if missing(level) or not level else level_label(level, locale)


@table
def capacity_table(plan: Plan) -> Display:
    """What the norms ask of each person a month, what each can make, and what the allocation gives."""
    locale, loads = current().locale, plan.allocation.loads
    frame = loads.assign(
        name=[who(row.person, row.role, locale) for row in loads.itertuples()],
        left=loads["capacity"] - loads["norm"],
    ).sort_values("norm", ascending=False, kind="stable")
    columns = [
        Column("name", N_("Who visits")),
        Column("role", N_("Role"), word(ROLE_NAMES), extra=True),
        Column("units", N_("Accounts"), "n"),
        Column("norm", N_("Visits a month by the norms"), "n1"),
        Column("capacity", N_("Can make"), "n1"),
        Column("left", N_("Left, or short"), "n1", extra=True),
        Column("visits", N_("Allocated a month"), "n1"),
        Column("days_out", N_("Days out in the quarter"), "n"),
    ]
    bare = {"capacity", "left"} if loads["capacity"].isna().all() else set()
    bare |= {"days_out"} if loads["days_out"].isna().all() else set()
    shown = [column for column in columns if column.key not in bare]
    caption = N_("Who makes the visits: what the norms ask for a month, and what the quarter's plan gives.")
    return html_table(frame, shown, caption, most=20)


# --- where the visits go, and what is given up


@table
def unmet_norms_table(plan: Plan) -> Display:
    """The norms that cannot be met, for whom, by whom and why; the highest level first."""
    return html_table(_unmet(plan), UNMET_COLUMNS, UNMET_CAPTION, most=15)


@sheet
def unmet_norms_sheet(plan: Plan) -> Sheet:
    """All norms that cannot be met."""
    return Sheet(N_("Norms not met"), _unmet(plan), [*ACCOUNT_COLUMNS, *UNMET_COLUMNS[1:]])


UNMET_COLUMNS = [
    ACCOUNT,
    Column("level", N_("Level")),
    Column("branch", N_("Branch visits: planned / norm"), css="keep"),
    Column("head_office", N_("Head-office visits: planned / norm"), css="keep"),
    Column("why", N_("Why not more")),
    Column("given_up", N_("Given up"), "money"),
]
UNMET_CAPTION = N_(
    "Visit norms that cannot be met in the quarter, the highest level and the largest account first. Given "
    "up: what the visits of the norm would keep and win beyond those planned, by the preset's assumptions."
)


def _unmet(plan: Plan) -> pd.DataFrame:
    """A row per account with an unmet norm, in the order of ``unmet``."""
    locale, unmet, units = current().locale, plan.allocation.unmet, plan.allocation.units
    if unmet.empty:
        return unmet
    said = {
        (row.unit_id, row.role): locale.say(N_("{made:n} / {norm:n}"), made=row.visits, norm=row.norm)
        for row in unmet.itertuples()
    }
    why: dict[str, list[str]] = {}
    for row in unmet.itertuples():
        reason = locale.say(REASONS[row.reason], who=who(row.person, row.role, locale))
        if reason not in why.setdefault(row.unit_id, []):
            why[row.unit_id].append(reason)
    frame = pd.DataFrame({"account_id": list(why)})
    return with_names(
        frame.assign(
            level=frame["account_id"].map(units["level"]),
            **{role: [said.get((one, role)) for one in why] for role in ROLES},
            why=[locale.text(N_("; ")).join(reasons) for reasons in why.values()],
            given_up=frame["account_id"].map(units["given_up"]),
        )
    )


@table
def allocation_table(plan: Plan) -> Display:
    """The accounts whose visits should bring most, with their norm and their visits over the quarter; by
    revenue where it is not known of any what its visits bring.
    """
    found = plan.allocation
    bare = {"kept"} if not found.loss_known else set()
    bare |= {"won"} if not found.room_known else set()
    columns = [column for column in ALLOCATION_COLUMNS if column.key not in bare]
    caption = N_("The accounts with a visit norm, the largest first: the norm and the visits planned.")
    return html_table(_allocated(plan), columns, caption if len(bare) == 2 else ALLOCATION_CAPTION, most=12)


@sheet
def allocation_sheet(plan: Plan) -> Sheet:
    """All accounts that are visited; the norms that are not planned where none is."""
    if plan.allocation.none_pays:
        rows = with_names(left_out_units(plan.allocation).rename(columns={"unit_id": "account_id"}))
        columns = [column for column in LEFT_OUT_COLUMNS if rows[column.key].notna().any()]
        return Sheet(N_("Visits not planned"), rows, [*ACCOUNT_COLUMNS, *columns])
    return Sheet(N_("Visits allocated"), _allocated(plan), [*ACCOUNT_COLUMNS, *ALLOCATION_COLUMNS[1:]])


LEFT_OUT_COLUMNS = [
    Column("level", N_("Level")),
    Column("visits", N_("Visits of the norm"), "n"),
    Column("brings", N_("Expected to keep and win"), "money"),
    Column("cost", N_("They would cost"), "money"),
    REVENUE,
]


ALLOCATION_COLUMNS = [
    ACCOUNT,
    Column("level", N_("Level")),
    Column("norm", N_("Norm of the quarter"), "n"),
    Column("visits", N_("Visits, before days are set"), "n"),  # some may find no day in the calendar
    Column("kept", N_("Expected to keep"), "money"),
    Column("won", N_("Expected to win"), "money"),
    REVENUE,
]
ALLOCATION_CAPTION = N_(
    "The accounts whose visits should bring most in the quarter, by the preset's assumptions: kept of the "
    "expected loss of step 3, won of what they purchase elsewhere in a year."
)


def _allocated(plan: Plan) -> pd.DataFrame:
    units = plan.allocation.units
    if units.empty:
        return units
    brings = units[["kept", "won"]].sum(axis=1)
    order = units.assign(_brings=brings).sort_values(["_brings", "revenue"], ascending=False, kind="stable")
    return with_names(order.rename_axis("account_id").reset_index())


@table
def assumptions_table(plan: Plan) -> Display:
    """What is expected with each assumption halved and doubled, and how many visits would go elsewhere."""
    found = plan.allocation
    if found.sensitivity.empty or (not found.loss_known and not found.room_known):
        return NOTHING
    locale = current().locale
    now = float(found.units[["kept", "won"]].sum().sum())
    rows = [("as_assumed", 1.0, now, 0, 0), *found.sensitivity.itertuples(index=False)]
    frame = pd.DataFrame(rows, columns=found.sensitivity.columns)
    frame["case"] = [
        locale.text(CASES[assumption, factor])
        for assumption, factor in zip(frame["assumption"], frame["factor"], strict=True)
    ]
    columns = [
        Column("case", N_("If visits bring")),
        Column("gain", N_("Expected to keep and win"), "money"),
        Column("visits_moved", N_("Visits that change"), "n"),
        Column("units", N_("Accounts visited more or less"), "n", extra=True),
    ]
    return html_table(
        frame,
        columns,
        N_("How the allocation moves with each assumption halved and doubled, the other kept."),
    )


# --- in words


def _money(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"what": locale.text(N_("margin") if finding.figures["in_margin"] else N_("revenue"))}


def _not_paying(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """The norms in words, visits a year for each account by level, and how little they bring."""
    figures = finding.figures
    each = [
        locale.say(N_("{level} {visits:n}"), level=level or locale.text(N_("each")), visits=visits)
        for level, visits in zip(figures["levels"], figures["a_year"], strict=True)
    ]
    said = N_(" (visits a year for an account: {parts})")
    cost = N_("less than they cost") if figures["cost_known"] else N_("next to no revenue")
    return {
        "a_year": locale.say(said, parts=locale.text(N_(", ")).join(each)) if each else "",
        "little": locale.text(cost),
    }


def _idle(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """What they would cost, and that nothing is known of what they could win."""
    figures = finding.figures
    cost = locale.say(N_(", and cost {cost:money} in all"), **figures)
    open_ = N_(" What could be won there is not known.")
    return {
        "against": "" if figures["cost"] is None else cost,
        "unknown": "" if figures["room_known"] else locale.text(open_),
        **_money(finding, locale),
    }


def _levels_left_out(finding: Finding, locale: Locale) -> Mapping[str, object]:
    names = [level_label(level, locale) for level in finding.figures["levels"]]
    return {"level_names": locale.words(names, len(names)) if names else locale.text(N_("no level"))}


def _given_up(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How much of each level's visits can be made, and what the others would bring."""
    figures = finding.figures
    parts = [
        locale.say(N_("{level} {share:pct}"), level=level or locale.text(N_("all")), share=share)
        for level, share in zip(figures["levels"], figures["shares"], strict=True)
    ]
    said = N_("By the assumptions this gives up {given_up:money} of {what}.")
    known = figures["given_up"] is not None and figures["given_up"] > 0
    return {
        "coverage": locale.text(N_(", ")).join(parts),
        "money": locale.say(said, given_up=figures["given_up"], **_money(finding, locale)) if known else "",
        **_norms(finding, locale),
        **_people(finding, locale),
    }


def _norms(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"norms": _asking(finding.figures.get("left_out", 0.0), locale)}


def _within(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """``but``: the visits of head office, which lack somebody to make them and no capacity."""
    but = N_("; only {head_missing:n} of head office in the quarter have nobody to make them")
    said = locale.say(but, **finding.figures) if finding.figures.get("head_missing") else ""
    return {**_norms(finding, locale), "but": said}


def _people(finding: Finding, locale: Locale) -> Mapping[str, object]:
    people, free = finding.figures.get("people", []), finding.figures.get("free", [])
    return {
        "count_people": len(people),
        "people_named": _listed(people, locale),
        "first_person": _listed(people[:1], locale),
        "free_named": _listed(free, locale),
    }


def _listed(people: list[str], locale: Locale) -> str:
    """The first few of some people; of those who are not named, the head of sales for head office, and the
    branch for its own.
    """
    unnamed = {"branch": locale.text(ROLE_NAMES["branch"]), "head_office": who(None, "head_office", locale)}
    names = [unnamed.get(one, one) for one in people]
    joined = locale.text(N_(", ")).join(names[:MOST_NAMED])
    return locale.say(N_("{names} and others"), names=joined) if len(names) > MOST_NAMED else joined


def _newcomer(finding: Finding, locale: Locale) -> Mapping[str, object]:
    words = {
        "branch": N_("One person more at the branch"),
        "head_office": N_("One person more at head office"),
        "team": N_("One person more"),
    }
    cost = finding.figures["cost"]
    said = N_("The visits cost {cost:money}, the salary comes on top.")
    return {
        "newcomer": locale.text(words[finding.figures["role"]]),
        "costs": locale.text(N_("What the person costs is not taken off."))
        if cost is None
        else locale.say(said, cost=cost),
        **_money(finding, locale),
    }


def _moved(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    if not figures["most"]:
        said = N_("the visits stay as they are")
    elif figures["fewest"] == figures["most"]:
        said = N_("{most:n} of the {visits:n} visits change")
    else:
        said = N_("{fewest:n} to {most:n} of the {visits:n} visits change")
    return {"moves": locale.say(said, **figures), **_money(finding, locale)}


CUT_FROM_BELOW = N_(
    "Head of sales: from next month serve the accounts of the table of norms not met by phone and online, or "
    "ask for more people; leave the other visits as they are."
)

CALL_INSTEAD = {
    "call_instead": N_(
        "Head of sales: plan no visits. Have the {key:n} key accounts called once a quarter, the joint "
        "review on the phone; the {others:n} others have the calls and mails of the plan. Visit only where "
        "an order is to be won."
    ),
    "call_instead_no_key": N_(
        "Head of sales: plan no visits; the {others:n} accounts have the calls and mails of the plan. Visit "
        "only where an order is to be won."
    ),
}

register_findings(
    FindingSpec(
        "over_capacity",
        "capacity",
        N_(
            "{norms} ask for {needed:n} visits a month, the team can make {capacity:n}. Over the "
            "quarter {missing:n} visits to {accounts:n} {accounts:plural|account|accounts} fall out; made "
            "are, by level: {coverage}. {money}"
        ),
        actions={"cut_from_below": CUT_FROM_BELOW},
        brief=N_(
            "{norms} ask for {needed:n} visits a month, the team can make {capacity:n}; {accounts:n} "
            "{accounts:plural|account gets|accounts get} fewer than the norm."
        ),
        brief_actions={
            "cut_from_below": N_(
                "Head of sales: serve those accounts by phone and online from next month, or ask for people."
            )
        },
        rank=33,
        words=_given_up,
    ),
    FindingSpec(
        "people_over_capacity",
        "capacity",
        N_(
            "{count_people:n} of those who visit {count_people:plural|has|have} more visits by the norms "
            "than can be made: {people_named}. Over the quarter {missing:n} visits to {accounts:n} "
            "{accounts:plural|account|accounts} fall out; made are, by level: {coverage}. {money}"
        ),
        actions={
            "even_out": N_(
                "Head of sales: by {due:date} move accounts from {first_person} to others who have visits "
                "left: {free_named}."
            ),
            "relieve_people": N_(
                "Head of sales: by {due:date} decide which of these accounts {first_person} serves by phone "
                "and online; nobody else there has visits left."
            ),
        },
        brief=N_(
            "{count_people:n} of those who visit {count_people:plural|has|have} more visits by the norms "
            "than can be made: {people_named}."
        ),
        rank=33,
        words=_given_up,
    ),
    FindingSpec(
        "within_capacity",
        "capacity",
        N_("{norms} ask for {needed:n} visits a month; the team can make {capacity:n}{but}."),
        words=_within,
    ),
    FindingSpec(
        "within_what_is_stated",
        "capacity",
        N_("{norms} ask for {needed:n} visits a month; all whose capacity is stated can make theirs{but}."),
        words=_within,
    ),
    FindingSpec(
        "capacity_unknown",
        "capacity",
        N_("{norms} ask for {needed:n} visits a month; what the team can make was not stated."),
        actions={
            "state_capacity": N_(
                "Head of sales: state how many visits a month the team can make, for the next report."
            )
        },
        words=_norms,
    ),
    FindingSpec(
        "people_unstated",
        "capacity",
        N_(
            "For {count_people:n} of those who visit no capacity is stated ({people_named}); their "
            "{visits:n} visits a month stand as the norms ask, whether they can be made or not."
        ),
        actions={
            "state_people": N_(
                "Head of sales: state what they can do, in visits or hours, for the next report."
            )
        },
        words=_people,
    ),
    FindingSpec(
        "people_not_owners",
        "capacity",
        N_(
            "The settings state the capacity of {people_named}, who "
            "{count_people:plural|owns|own} no account: the visits stated there cannot be used."
        ),
        actions={
            "mend_names": N_(
                "Sales operations: write the names in the settings as they stand with the accounts."
            )
        },
        words=_people,
    ),
    FindingSpec(
        "visits_expected",
        "capacity",
        N_(
            "By the preset's assumptions the {visits:n} visits of the quarter should keep {kept:money} and "
            "win {won:money} of {what}, most at {three}. The expected loss is known for {loss_known:n} of "
            "the {units:n} accounts visited, what they purchase elsewhere for {room_known:n}."
        ),
        words=_money,
    ),
    FindingSpec(
        "visits_expected_of_loss",
        "capacity",
        N_(
            "By the preset's assumptions the {visits:n} visits of the quarter should keep {kept:money} of "
            "{what}, most at {three}. What accounts purchase elsewhere is not known, so visits go where most "
            "could be lost, and nothing is expected to be won."
        ),
        words=_money,
    ),
    FindingSpec(
        "visits_none_planned",
        "capacity",
        N_(
            "No visits are planned at the {units:n} {units:plural|account|accounts} with visit "
            "norms{a_year}: by the assumptions of the strategy preset they would bring {little}. The norms "
            "are starting values, to be replaced by one's own."
        ),
        actions=CALL_INSTEAD,
        brief_actions={
            "call_instead": N_(
                "Head of sales: have the {key:n} key accounts called once a quarter; the {others:n} others "
                "have the calls and mails of the plan."
            )
        },
        brief=N_("No visits are planned: the starting norms{a_year} would bring {little}."),
        words=_not_paying,
        rank=32,
    ),
    FindingSpec(
        "visits_do_not_pay",
        "capacity",
        N_(
            "The {visits:n} visits of the norms should bring {brings:money} of {what} in the quarter"
            "{against}: they do not pay.{unknown}"
        ),
        rank=32,
        words=_idle,
    ),
    FindingSpec(
        "visits_left_out",
        "capacity",
        N_(
            "{visits:n} {visits:plural|visit|visits} of the quarter's norms at {units:n} "
            "{units:plural|account|accounts} of {level_names}, {revenue:money} of revenue, "
            "{visits:plural|is|are} not planned: "
            "by the preset's assumptions none of them brings what it costs. {none:n} of these accounts "
            "{none:plural|loses|lose} all visits, the others some. The norms of key accounts stay, and so do "
            "visits that an action takes."
        ),
        actions={
            "call_instead_of_visits": N_(
                "Account owners: keep in touch by phone and mail with the {none:n} "
                "{none:plural|account|accounts} that {none:plural|loses|lose} all visits, {first} first; the "
                "others have fewer."
            )
        },
        brief=N_(
            "{visits:n} visits of the norms at {units:n} accounts of {level_names} are not planned: by the "
            "assumptions none brings what it costs."
        ),
        words=_levels_left_out,
    ),
    FindingSpec(
        "visits_left_out_money",
        "capacity",
        N_("The {visits:n} visits left out should bring {brings:money} of {what} and cost {cost:money}."),
        words=_money,
    ),
    FindingSpec(
        "visits_unvalued",
        "capacity",
        N_(
            "No expected loss and no purchases elsewhere are known of the {units:n} "
            "{units:plural|account|accounts} with a visit norm: what visits could keep or win is open, and "
            "they follow level and revenue alone."
        ),
    ),
    FindingSpec(
        "visits_senior",
        "capacity",
        N_(
            "{made:n} visits of head office in the quarter, to {accounts:n} "
            "{accounts:plural|account|accounts}, are the head of sales's, on {days_out:n} days: nobody else "
            "is named for them. At most {a_week:n} days out a week are assumed."
        ),
        brief=N_(
            "{made:n} visits of head office in the quarter are the head of sales's, on {days_out:n} days: "
            "nobody else is named."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "visits_senior_beyond",
        "capacity",
        N_(
            "{made:n} visits of head office in the quarter are the head of sales's, on {days_out:n} days; "
            "{missing:n} more of the norms have nobody, as nobody else is named. Assumed are at most "
            "{a_week:n} days out a week, each in one city, and {weeks:n} weeks between two visits to one "
            "account. They are lacking at {names}."
        ),
        actions={
            "name_senior_or_drop": N_(
                "Head of sales: by {due:date} name who makes the {missing:n} visits of head office that have "
                "nobody, or drop them: you can make {made:n} of {both:n}, on {a_week:n} days a week at most."
            )
        },
        brief_actions={
            "name_senior_or_drop": N_(
                "Head of sales: of {both:n} visits of head office you can make {made:n}, on {a_week:n} days "
                "a week at most; name who makes the other {missing:n}, or drop them."
            )
        },
        brief=N_(
            "{missing:n} visits of head office in the quarter have nobody; {made:n} are the head of sales's."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "visits_above_made",
        "capacity",
        N_(
            "The plan has {planned:n} visits a month, more than the {made:n} a month made in the last three "
            "months."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "visits_beyond",
        "capacity",
        N_(
            "{beyond:n} visits of the quarter beyond the norms go to {accounts:n} "
            "{accounts:plural|account|accounts} where they should bring most: {names}."
        ),
    ),
    FindingSpec(
        "one_more",
        "capacity",
        N_(
            "{newcomer}, with {each:n} visits a month, could make {norm_visits:n} of the quarter's visits "
            "that fall out; its {made:n} visits should bring {brings:money} of {what}. {costs}"
        ),
        words=_newcomer,
    ),
    FindingSpec(
        "one_more_beyond",
        "capacity",
        N_(
            "{newcomer}, with {each:n} visits a month, would meet no norm that is not met already; {made:n} "
            "visits more of the quarter should bring {brings:money} of {what}. {costs}"
        ),
        words=_newcomer,
    ),
    FindingSpec(
        "one_more_idle",
        "capacity",
        N_(
            "{newcomer} would bring nothing by the assumptions: the norms are met, and no further visit is "
            "worth what it costs."
        ),
        words=_newcomer,
    ),
    FindingSpec(
        "assumptions_moved",
        "capacity",
        N_(
            "Assumed, not measured: visits by the norm avert {averted:pct} of an expected loss and win "
            "{room:pct} of the room to grow. With one of these halved or doubled {moves}, and {low:money} "
            "to {high:money} of {what} are expected."
        ),
        words=_moved,
    ),
)
