"""Capacity and allocation in charts and tables: what the norms ask of whom, where the visits go, what is
given up, and how firm that is. The sentences are in ``capacity_findings``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.plan.allocation import left_out_units
from kamplay.method.plan.capacity import ROLES
from kamplay.method.plan.step import Plan
from kamplay.palette import BAD, PALE, SLATE
from kamplay.show.charts.chart import clip, draw_chart, few_ticks, floating_bars
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import chart, plot, sheet, table
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
    "days_full": N_("{who}: no day left"),
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
        height=min(0.72, 0.28 + 0.08 * len(names)),
        message=_norms_against_capacity(plan, locale),
    )


def _norms_against_capacity(plan: Plan, locale: Locale) -> str:
    """What the norms ask for and what the team can make; where that is enough, and the visits of head office
    rest on one person, that these are what is short.
    """
    capacity = plan.allocation.whole_team
    norms = asking(float(plan.allocation.loads["left_out"].sum()), locale)
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


def asking(left_out: float, locale: Locale) -> str:
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
