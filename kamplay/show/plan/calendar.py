"""The calendar of the next quarter, shown and said: who is where when, whom to meet, what found no place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.plan.calendar import INSIDE, ROUTINE_CALLS
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.palette import INK, WHITE
from kamplay.show.charts.chart import draw_chart, lighten
from kamplay.show.display import NOTHING, Display
from kamplay.show.health.stakeholders import LAYER_LABELS
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names, word
from kamplay.show.texts.vocabulary import ACTIONS
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = {"visit": N_("visit"), "review": N_("joint review"), "action": N_("action due")}
ENTRY_KINDS = KINDS | {"review": N_("visit with joint review")}
ROLES = {"branch": N_("branch"), "head_office": N_("head office")}
REASONS = {
    "day_limit": N_("every working day of this person is full"),
    "other_city": N_("every working day of this person is full or spent in another city"),
    "week_limit": N_("this person is out on as many days of each week as are assumed"),
    "month_limit": N_("what this person can do in the quarter is used up"),
    "team_limit": N_("what all can do together in the quarter is used up"),
    "near_others": N_("two other visits there lie within a week of every day left"),
    "no_visit": N_("no visit at which to hold the review"),
}
MOST_PEOPLE = 20  # rows of the chart
MOST_DAYS = 3  # in a sentence


def person_label(person: Any, role: str) -> str:
    """Who makes a visit; head office's is the head of sales's where nobody is named."""
    if not missing(person):
        return current().locale.label(str(person))
    nobody = N_("Head of sales") if role == "head_office" else N_("Nobody named yet")
    return current().locale.text(nobody)


def whose(entry: Any) -> str:
    """Whose an entry or line of the calendar is: what is to be done at an account without an owner is the
    head of sales's, routine calls there and what is done at small accounts inside sales's, as the list of
    actions says.
    """
    if not missing(entry.person) or entry.kind in ("visit", "review"):
        return person_label(entry.person, entry.role)
    inside = entry.role == INSIDE or entry.todo in ROUTINE_CALLS
    return current().locale.text(N_("Inside sales") if inside else N_("Head of sales"))


def whom(row: Any) -> str:
    """Whom a visit is for: title, name and layer; or the layer in which to find somebody."""
    locale = current().locale
    if missing(row.layer):
        return "" if missing(row.contact) else locale.label(str(row.contact))
    layer = locale.text(LAYER_LABELS[row.layer])
    if missing(row.contact):
        return locale.say(N_("{layer}: find out who"), layer=layer)
    return locale.say(N_("{who} ({layer})"), who=row.contact, layer=layer)


REGULAR = {
    **dict.fromkeys(("decision", "image"), N_("regular visit: their plans, and how they judge us")),
    **dict.fromkeys(("implementation", "use"), N_("regular visit: how things run, what is needed next")),
}


def what_for(row: Any) -> str:
    """What a visit is for: the actions done at it, else what a regular one is for with whom it meets."""
    text = current().locale.text
    if not missing(row.purpose):
        kinds = [row.purpose, *([] if missing(row.also) else row.also.split())]
        return text(N_("; ")).join(text(ACTIONS[kind]) for kind in kinds)
    if missing(row.layer):
        return text(N_("regular visit by the norm"))
    return text(ACTIONS["open_layer"] if missing(row.contact) else REGULAR[row.layer])


def spoken_entry(row: Any, told: Mapping[str, str]) -> tuple[str, str]:
    """What an entry of the calendar is called, and what stands below it in a calendar programme; ``told``:
    action id → the action in words.
    """
    view = current()
    locale = view.locale
    if row.kind == "routine":
        return _accounts_until(row), ""
    account = view.name(row.unit_id)
    if row.kind == "action":
        todo = locale.text(ACTIONS[row.todo])
        return locale.say(N_("Due: {todo}: {account}"), todo=todo, account=account), told.get(row.action, "")
    said = N_("Visit with joint review: {account}") if row.kind == "review" else N_("Visit: {account}")
    lines = [locale.say(N_("From: {role}"), role=locale.text(ROLES[row.role]))]
    if met := whom(row):
        lines.append(locale.say(N_("To meet: {who}"), who=met))
    if row.kind == "visit":
        lines.append(locale.say(N_("What for: {what}"), what=what_for(row)))
    if row.kind == "review" and row.action in told:
        lines.append(told[row.action])
    return locale.say(said, account=account), "\n".join(lines)


def _accounts_until(row: Any) -> str:
    """A line that stands for many routine actions: the kind, at how many accounts, until when."""
    locale = current().locale
    return locale.say(
        N_("{todo}: {count:n} {count:plural|account|accounts}, until {last:date}"),
        todo=locale.text(ACTIONS[row.todo]),
        count=row.number,
        last=row.last,
    )


def _said(entries: pd.DataFrame) -> pd.DataFrame:
    """Entries with their words: who, what, whom."""
    locale = current().locale
    people = [whose(row) for row in entries.itertuples()]
    kinds = [
        _accounts_until(row)
        if row.kind == "routine"
        else locale.text(ACTIONS[row.todo] if row.kind == "action" else ENTRY_KINDS[row.kind])
        for row in entries.itertuples()
    ]
    at_visits = [row if row.kind in ("visit", "review") else None for row in entries.itertuples()]
    met = [whom(row) if row else "" for row in at_visits]
    aims = [what_for(row) if row else None for row in at_visits]
    told = entries.assign(who=people, what=kinds, met=met, aim=aims)
    return with_names(told.rename(columns={"unit_id": "account_id"}))


@sheet
def calendar_sheet(plan: Plan) -> Sheet:
    """The whole quarter, day by day."""
    entries = plan.calendar.lines()
    if entries.empty:
        return Sheet(N_("Calendar"), entries, [])
    columns = [
        Column("date", N_("Day"), "date"),
        Column("who", N_("Who")),
        *ACCOUNT_COLUMNS,
        Column("what", N_("What")),
    ]
    rows = _said(entries).drop(columns="name")
    if rows["aim"].notna().any():  # somebody is visited
        columns += [
            Column("role", N_("Made by"), ROLES),
            Column("met", N_("Whom to meet")),
            Column("aim", N_("What for")),
            Column("region", N_("Region")),
        ]
        if rows["city"].notna().any():
            columns.append(Column("city", N_("City")))
    waits, said = plan.waiting, current().locale.text(WAITS)
    visits = plan.visits_waiting
    rows["note"] = [
        said if row.kind == "action" and row.action in waits else how_firm(row, visits) or None
        for row in entries.itertuples()
    ]
    if rows["note"].notna().any():
        columns.append(Column("note", N_("How firm the day is")))
    return Sheet(N_("Calendar"), rows, columns)


@table
def unplaced_table(plan: Plan) -> Display:
    """What found no place in the calendar, and why."""
    missed = plan.calendar.unplaced
    if missed.empty:
        return NOTHING
    by = ["unit_id", "person", "role", "kind", "reason"]
    rows = missed.groupby(by, dropna=False, sort=False).size().rename("count").reset_index()
    rows = rows.rename(columns={"unit_id": "account_id"}).sort_values("count", ascending=False, kind="stable")
    people = [
        MISSING if missing(r) else person_label(p, r)
        for p, r in zip(rows["person"], rows["role"], strict=True)
    ]
    columns = [
        ACCOUNT,
        Column("who", N_("Who")),
        Column("kind", N_("What"), word(KINDS)),
        Column("count", N_("Number"), "n"),
        Column("reason", N_("Why not"), word(REASONS)),
    ]
    return html_table(
        with_names(rows.assign(who=people)), columns, N_("What found no place in the calendar, and why.")
    )


@chart
def calendar_chart(plan: Plan) -> Display:
    """Visits of each person week by week; below each week its first day and its working days."""
    entries, figures = plan.calendar.entries, plan.calendar.figures
    visits = entries[entries["kind"] != "action"] if len(entries) else entries
    if visits.empty:
        return NOTHING
    locale = current().locale
    people = [person_label(p, r) for p, r in zip(visits["person"], visits["role"], strict=True)]
    week = visits["date"].dt.to_period("W-SUN").dt.start_time
    counts = pd.crosstab(pd.Series(people, name="who"), week.reset_index(drop=True))
    weeks = pd.period_range(figures["first"], figures["last"], freq="W-SUN").start_time
    counts = counts.reindex(columns=weeks, fill_value=0)
    counts = counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    shown = counts.head(MOST_PEOPLE)
    days = plan.calendar.days["date"].dt.to_period("W-SUN").dt.start_time.value_counts()
    first = N_("{day}/{month}")
    labels = [
        f"{locale.say(first, day=day.day, month=day.month)}\n{locale.number(days.get(day, 0))}"
        for day in weeks
    ]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns
        from matplotlib.colors import LinearSegmentedColormap

        shade = LinearSegmentedColormap.from_list("load", [WHITE, lighten(view.accent, 0.15)])
        sns.heatmap(
            shown,
            cmap=shade,
            vmin=0,
            annot=True,
            fmt="d",
            annot_kws={"fontsize": 6.5 if narrow else 8},
            cbar=False,
            linewidths=0.8,
            linecolor=WHITE,
            ax=axes,
        )
        for text in axes.texts:
            if text.get_text() == "0":
                text.set_text("")
        axes.set(xlabel="", ylabel="")
        axes.set_xticklabels(labels, rotation=0, fontsize=5.5 if narrow else 7.5, color=INK)
        axes.set_yticklabels(shown.index, rotation=0)
        axes.tick_params(length=0)

    caption = [
        locale.text(
            N_("Visits of each person by week; below, the week's Monday (day/month) and its working days.")
        )
    ]
    if len(counts) > len(shown):
        caption.append(locale.say(N_("{rest:n} people more in the workbook."), rest=len(counts) - len(shown)))
    alt = locale.text(N_("; ")).join(
        locale.say(N_("{who}: {number:n} visits"), who=who, number=number)
        for who, number in shown.sum(axis=1).items()
    )
    return draw_chart(draw, locale.sentences(*caption), alt, height=max(0.45, 0.16 * len(shown) * 0.62 + 0.2))


WAITS = N_("to be confirmed by the plan made of newer figures")
NO_CITY = N_("a proposal within the week: the calendar does not know the city")


def how_firm(entry: Any, waiting: frozenset[tuple[str, str]] = frozenset()) -> str:
    """That a visit is for actions that wait for newer figures (``waiting``, as ``Plan.visits_waiting``), and
    that its day is a proposal, where the calendar does not know the city; else nothing.
    """
    if entry.kind not in ("visit", "review"):
        return ""
    locale = current().locale
    day = locale.text(NO_CITY) if missing(entry.city) else ""
    return locale.text(N_("; ")).join(filter(None, [whether_it_waits(entry, waiting), day]))


def whether_it_waits(visit: Any, waiting: frozenset[tuple[str, str]]) -> str:
    """That all a visit is for waits for newer figures; else nothing."""
    kinds = [] if missing(visit.purpose) else [visit.purpose]
    kinds += [] if missing(visit.also) else visit.also.split()
    waits = bool(kinds) and all((visit.unit_id, kind) in waiting for kind in kinds)
    return current().locale.text(WAITS) if waits else ""


ONE_CITY = N_("Each of the {days_out:n} days out stays in one city.")
TWO_CITIES = N_(
    "{one_city:n} of {days_out:n} days out stay in one city; on {two_cities:n} a deadline takes somebody to "
    "several: {which}."
)
SOME_WITHOUT = N_(
    "{no_city:n} of the visits are to accounts whose city is not known: the owner moves within the week "
    "those that lie too far apart."
)
ONE_REGION = N_(
    "Each of the {days_out:n} days out stays in one region. The calendar does not know cities: where a day's "
    "accounts lie far apart, the owner moves them within the week."
)
SENIOR = N_("{senior:n} of the visits are the head of sales's: nobody is named at head office.")
UNNAMED = N_(
    "For {unnamed:n} of the visits nobody is named: they are spread over the days alone, and whoever makes "
    "them is to be named first."
)
MOSTLY_ONE = N_(
    "{one_region:n} of {days_out:n} days out stay in one region. The calendar does not know cities: where a "
    "day's accounts lie far apart, the owner moves them within the week."
)


ALL_ROUTINE = N_("All {count:n} routine calls and mails")
SOME_ROUTINE = N_("Of {every:n} routine calls and mails {count:n}, at accounts that nobody visits,")


def _ways(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How many nobody is named for, and how far a day out stays in one region, where that is known."""
    figures, said = finding.figures, []
    if figures.get("senior"):
        said.append(locale.say(SENIOR, **figures))
    if figures.get("unnamed"):
        said.append(locale.say(UNNAMED, **figures))
    if figures.get("cities"):
        said.append(_in_cities(finding, locale))
        if figures["no_city"]:
            said.append(locale.say(SOME_WITHOUT, **figures))
    elif figures.get("one_region"):
        alike = figures["one_region"] == figures["days_out"]
        said.append(locale.say(ONE_REGION if alike else MOSTLY_ONE, **figures))
    return {"ways": locale.sentences(*said)}


def _in_cities(finding: Finding, locale: Locale) -> str:
    """How many days out stay in one city, and who has to be in several when."""
    figures = finding.figures
    if not figures["two_cities"]:
        return locale.say(ONE_CITY, **figures)
    told = zip(figures["of_people"], figures["on"], figures["in_cities"], strict=True)
    which = [
        locale.say(
            N_("{who} on {day:date} ({cities})"),
            who=person_label(None if who == "head_office" else who, "head_office"),
            day=day,
            cities=locale.words([locale.label(city) for city in cities.split(" · ")]),
        )
        for who, day, cities in told
    ]
    one_city = figures["days_out"] - figures["two_cities"]
    return locale.say(TWO_CITIES, one_city=one_city, which=locale.words(which, MOST_DAYS), **figures)


NEW_YEAR = N_(" Around New Year {from_day:date} to {to_day:date} are taken as off.")


def _new_year(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """What is assumed of China's New Year, where it falls into the quarter."""
    figures = finding.figures
    return {"new_year": locale.say(NEW_YEAR, **figures) if "from_day" in figures else ""}


def _routine_counted(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """``routine``: how many routine actions the lines hold, and of how many where that is not all."""
    figures = finding.figures
    all_ = figures.get("every", figures["count"]) == figures["count"]
    return {"routine": locale.say(ALL_ROUTINE if all_ else SOME_ROUTINE, **figures)}


def _whose_days(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """``whose``: whose days of the quarter are full; ``free_named``: who has some left there."""
    people, free = (
        [locale.label(str(name)) for name in finding.figures.get(key, ())[:MOST_DAYS]]
        for key in ("people", "free")
    )
    said = N_(", as the days of {people:words} are full")
    whose = locale.say(said, people=people) if people else ""
    return {"whose": whose, "free_named": locale.words(free)}


register_findings(
    FindingSpec(
        "calendar_made",
        "calendar",
        N_(
            "From {begins:date} to {ends:date} the calendar places {placed:n} {placed:plural|visit|visits} "
            "on {working_days:n} working days, {reviews:n} joint {reviews:plural|review|reviews} among them, "
            "and {actions:n} due {actions:plural|action|actions}. {ways}"
        ),
        on_first_page=False,
        words=_ways,
    ),
    FindingSpec(
        "calendar_routine",
        "calendar",
        N_(
            "{routine} are {lines:n} {lines:plural|line|lines} of the calendar, one for each person and "
            "kind, the last due on {last:date}; the list of actions names the accounts."
        ),
        on_first_page=False,
        words=_routine_counted,
    ),
    FindingSpec(
        "calendar_unplaced",
        "calendar",
        N_(
            "{count:n} {count:plural|visit|visits} to {accounts:n} {accounts:plural|account|accounts} found "
            "no place{whose}: {names}."
        ),
        actions={
            "place_visits": N_(
                "Head of sales: give these to somebody with free days, or settle which are made by phone."
            ),
            "place_visits_with": N_(
                "Head of sales: give these to {free_named}, who look after accounts there and have days "
                "left, or settle which are made by phone."
            ),
        },
        words=_whose_days,
        rank=42,
    ),
    FindingSpec(
        "holidays_unannounced",
        "calendar",
        N_(
            "The public holidays of {years} are not settled yet: the calendar knows the days off by law, and "
            "not the working days that will be moved.{new_year}"
        ),
        words=_new_year,
        actions={"renew_calendar": N_("Sales operations: make the calendar again once they are announced.")},
        on_first_page=False,
    ),
    FindingSpec(
        "regions_unknown",
        "calendar",
        N_("No account has a city or region: the calendar spreads visits without regard to the way."),
        actions={
            "state_regions": N_("Sales operations: state each account's city or region, for the next report.")
        },
        on_first_page=False,
    ),
    FindingSpec(
        "holidays_unknown",
        "calendar",
        N_("The calendar keeps weekends free and knows no public holiday, since no country was stated."),
        actions={
            "state_country": N_("Sales operations: state whose public holidays hold, for the next report.")
        },
        on_first_page=False,
    ),
)
