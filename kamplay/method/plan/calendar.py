"""The calendar of the next quarter: each visit on a working day, whom to meet, and what found no place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.plan.capacity import Team
from kamplay.method.plan.diary import MONTHS, PLACE, Diary, Place
from kamplay.method.plan.meetings import (
    MATTERS_DUE,
    WHO,
    for_the_senior,
    large_terms,
    on_their_visits,
    talks,
    with_contacts,
)
from kamplay.method.plan.working_days import WorkingDays, working_days
from kamplay.method.results import Findings
from kamplay.presets import Strategy

SOON_DAYS = 14  # the visits of so many days get a visit sheet; whom nobody has seen for long comes in them
# routine calls of one person in the quarter at accounts that nobody visits; more are no matter of days
MOST_ROUTINE = 100
# kinds that are a call or a mail like many others: inside sales make them where the account has no owner
ROUTINE_CALLS = ("next_order", "no_investment", "close_lost", "bought_again", "targeted_offer")
INSIDE = "inside_sales"  # the role of an action that is theirs
ENTRIES = ["date", "person", "role", "unit_id", *PLACE, "kind", "action", "todo", "number", *WHO]
ROUTINE = ["person", "todo", "units", "first", "last"]
# columns of ``Plan.actions`` and what the calendar calls them
AS_ENTRIES = {"account_id": "unit_id", "owner": "person", "action_id": "action", "kind": "todo"}
UNPLACED = ["unit_id", "person", "role", "kind", "month", "reason"]


@dataclass(frozen=True)
class Calendar:
    """What happens when, for three months: visits from the day after that of the plan, and what is due on the
    day of the plan on that day.

    Attributes
    ----------
    entries : by date and person: date, person (missing: nobody is named), role (``branch`` or
        ``head_office``, or INSIDE of an action that inside sales does), unit_id, region, city, kind
        (``visit``, ``review``: the visit at which the quarter is reviewed together, or ``action``: due on
        that day), action (its id, or the review's) and todo (its kind), number (of the visits of the quarter
        of this unit by this person in this role, from 1), layer, contact_id and contact (whom to meet, title
        and name; a layer without a contact: nobody is known there yet), purpose (kind of the action that a
        visit is for; missing: of none) and also (kinds of those done at it as well).
    unplaced : what found no place: unit_id, person, role, kind, month (1 to 3, 0: none), reason
        (``day_limit``: every working day of the person is full, ``other_city``: or spent in another city,
        ``week_limit``: the person is out on as many days of every week as are assumed,
        ``month_limit`` and ``team_limit``: what the person, or all together, can do in every month is used
        up, ``near_others``: two other visits to the unit lie
        within a week of every day left, ``no_visit``: a review without a visit at which to hold it).
    days : the working days of the quarter: date, made_up (a weekend day that is worked).
    days_off : its public holidays that are no weekend: date.
    figures : first and last (ISO), day (of the plan) and issued (ISO), country (None: weekends only),
        unannounced (years), assumed (days off that are, ISO), working_days, visits (asked for), placed,
        reviews, actions, routine (actions that ``routine`` holds), every_routine (all routine calls), later
        (actions due after the quarter), unplaced, moved (visits that had to leave their month), regions and
        cities (of the visits), days_out (of all persons named and the head of sales), one_region (of these,
        days in one region alone; None where regions are not known), no_city (their visits to units without a
        city), two_cities (days out in several cities, see ``two_cities``).
    routine : what is no entry: of who has more than MOST_ROUTINE routine calls at units that nobody visits, a
        row per person (missing: nobody is named) and kind of action (``todo``): units, first and last (due).
    """

    entries: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ENTRIES))
    unplaced: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=UNPLACED))
    days: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["date", "made_up"]))
    days_off: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["date"]))
    figures: dict[str, Any] = field(default_factory=dict)
    routine: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ROUTINE))

    def lines(self) -> pd.DataFrame:
        """The entries, and each row of ``routine`` as one on its first day (kind ``routine``, ``number`` its
        units, ``last`` its last day).
        """
        if self.routine.empty:
            return self.entries.assign(last=pd.NaT)
        rows = self.routine.rename(columns={"first": "date", "units": "number"})
        rows = rows.assign(role="branch", kind="routine", action=rows["todo"])
        rows = rows.reindex(columns=[*ENTRIES, "last"])
        whole = pd.concat([self.entries.astype(object), rows.astype(object)], ignore_index=True)
        whole[["date", "last"]] = whole[["date", "last"]].astype("datetime64[us]")
        return whole.sort_values(["date", "person", "kind"], kind="stable", ignore_index=True)


def calendar(
    book: Book,
    units: pd.DataFrame,
    visits: pd.DataFrame,
    actions: pd.DataFrame,
    strategy: Strategy,
    people: pd.DataFrame,
    waiting: pd.Index,
    team: Team,
    day: date,
    country: str | None,
    renewed_by: date | None = None,
    ahead: frozenset[str] = frozenset(),
    tours: pd.DataFrame | None = None,
) -> Calendar:
    """The calendar of the quarter after ``day``, the plan's, for the planned units.

    Parameters
    ----------
    units : index unit_id; level, revenue, channel.
    visits : as ``Allocation.visits``.
    actions : as ``Plan.actions``, with ``waits`` as in ``with_contacts``.
    people : as in ``Stakeholders``.
    waiting : units that nobody has visited for long: they come within SOON_DAYS.
    team : what the people can do a day and a month.
    country : whose holidays hold (ISO 3166); None: weekends only.
    renewed_by, ahead, tours : as in ``plan_calendar``.
    """
    visited = units.index.isin(visits["unit_id"])
    a_quarter = [strategy.care[strategy.of(level).care].joint_reviews_per_quarter for level in units["level"]]
    reviews = np.floor(pd.Series(a_quarter, units.index, dtype="float64") + 0.5)
    # none where the plan has more pressing things to do than to review the quarter
    planned = units.index.isin(actions.loc[actions["kind"] == "joint_review", "account_id"])
    reviews = reviews.where(visited & planned, 0.0)
    own, days = _of_the_list(actions, units), quarter(day, country, strategy.quiet_days)
    branch = set(visits.loc[visits["role"] == "branch", "unit_id"])
    when = talks(own)
    # terms of a large account that are to be agreed: its owner and somebody senior each go for them
    both = large_terms(own, units["revenue"]) & (when["begins"] != "") & (own["visits"] > 0)
    # what is urgent, and what is due of a contract, complaints or money, the first of each account
    matter = own["kind"].isin(MATTERS_DUE) | (own["urgency"].eq("urgent") & own["place"].eq(1))
    own = own.assign(matter=matter, senior=for_the_senior(own, units["revenue"], branch), both=both, **when)
    due = _named_alike(own[~_together(own, units.index[visited], days)])
    meeting = own[(own["visits"] > 0) & own["meet"].notna()].drop_duplicates("account_id")
    by_head = meeting["senior"]
    planned = plan_calendar(
        units.assign(**_places(book, units), reviews=reviews.astype("int64")),
        visits,
        due,
        people,
        days,
        day,
        team,
        waiting,
        frozenset(meeting.loc[by_head, "account_id"]),
        frozenset(own.loc[own["urgency"] == "urgent", "account_id"]),
        renewed_by,
        ahead,
        tours,
        strategy.week.days_out if strategy.week else None,
    )
    return with_due(planned, book, units, actions, days)


def with_due(
    calendar: Calendar, book: Book, units: pd.DataFrame, actions: pd.DataFrame, days: WorkingDays
) -> Calendar:
    """The calendar with the actions on the days on which they are due; of who has many routine ones these as
    lines.

    Parameters
    ----------
    calendar : made of these actions, or of the same due on other days.
    units, actions : as for ``calendar``.
    days : of the quarter.
    """
    visits = calendar.entries[calendar.entries["kind"] != "action"]
    asked = pd.Index([*visits["unit_id"], *calendar.unplaced["unit_id"]])
    own = _of_the_list(actions, units)
    together = _together(own, asked, days)
    routine, due = own[together], _named_alike(own[~together])
    held = visits.loc[visits["kind"] == "review", "unit_id"]
    # the review is the visit at which it is held, and not due once more
    due = due[~(due["todo"].eq("joint_review") & due["unit_id"].isin(held))]
    due_in, later = _actions(due, units.assign(**_places(book, units)), days)
    every = int((together | routine_calls(own)).sum())
    figures = calendar.figures | {"actions": len(due_in), "later": later}
    figures |= {"routine": len(routine), "every_routine": every}
    entries = _in_turn_of_days([visits, due_in])
    return replace(calendar, entries=entries, routine=_in_lines(routine), figures=figures)


def _places(book: Book, units: pd.DataFrame) -> dict[str, Any]:
    """Where the units are, by column; None of what is not known."""
    return {
        name: book.accounts[name].reindex(units.index) if name in book.accounts else None for name in PLACE
    }


def _of_the_list(actions: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The actions that are a line of somebody's calendar: not those of the campaign."""
    return actions[actions["account_id"].isin(units.index[units["channel"].isna()])]


def _named_alike(actions: pd.DataFrame) -> pd.DataFrame:
    """Actions of the plan as ``plan_calendar`` takes them."""
    more = ("senior", "both", "begins", "by", "asks", "matter", "waits", "place", "leads")
    further = [name for name in more if name in actions]
    columns = [*AS_ENTRIES, "due", "visits", "bound", "meet", *further]
    return actions[columns].reset_index(drop=True).rename(columns=AS_ENTRIES)


def _in_turn_of_days(parts: list[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(parts, ignore_index=True)[ENTRIES]
    by = ["date", "person", "kind", "unit_id", "role", "number"]
    return whole.sort_values(by, kind="stable", ignore_index=True)


def routine_calls(actions: pd.DataFrame) -> pd.Series:
    """Which actions are routine calls or mails: of ROUTINE_CALLS, without a visit, and neither urgent nor
    warned of.
    """
    quiet = actions["visits"].eq(0) & ~actions["urgency"].isin(["urgent", "warned"])
    return (actions["kind"].isin(ROUTINE_CALLS) & quiet).astype(bool)


def _together(actions: pd.DataFrame, visited: pd.Index, days: WorkingDays) -> pd.Series:
    """Which actions are told as one line: the routine calls due in the quarter at units that nobody visits,
    of who has more than MOST_ROUTINE of them.
    """
    routine = routine_calls(actions) & ~actions["account_id"].isin(visited)
    routine &= pd.to_datetime(actions["due"]) <= pd.Timestamp(days.last)
    count = routine.groupby(actions["owner"].fillna("").astype("str")).transform("sum")
    return (routine & (count > MOST_ROUTINE)).astype(bool)


def _in_lines(actions: pd.DataFrame) -> pd.DataFrame:
    """A row per person and kind of action, as ``Calendar.routine``."""
    due = pd.to_datetime(actions["due"]).astype("datetime64[us]")
    rows = actions.assign(person=actions["owner"], todo=actions["kind"], due=due)
    by = rows.groupby(["person", "todo"], dropna=False)
    lines = by.agg(units=("account_id", "nunique"), first=("due", "min"), last=("due", "max")).reset_index()
    return lines.sort_values(["first", "person", "todo"], kind="stable", ignore_index=True)[ROUTINE]


def add_findings(
    found: Findings, calendar: Calendar, lacking: pd.DataFrame | None = None, free: Sequence[str] = ()
) -> None:
    """Add what the calendar holds, what found no place, and how sure its days are; nothing where nobody is
    visited.

    Parameters
    ----------
    lacking : visits of norms for which no day is left, so that they were not asked for: unit_id, person, norm
        and visits, as ``Allocation.unmet``.
    free : people who look after accounts there and have days left.
    """
    figures = calendar.figures
    if figures.get("routine"):
        lines = calendar.routine
        told = {"count": figures["routine"], "every": figures["every_routine"], "lines": len(lines)}
        found.add("calendar_routine", "note", **told, last=f"{lines['last'].max():%Y-%m-%d}")
    if not figures.get("visits"):
        return
    told = {name: figures[name] for name in ("placed", "reviews", "working_days", "actions")}
    told |= {"begins": figures["first"], "ends": figures["last"]}
    told |= {name: figures[name] or 0 for name in ("days_out", "one_region", "cities", "no_city")}
    days = two_cities(calendar.entries)
    told |= {"two_cities": len(days), "of_people": list(days["person"]), "on": list(days["date"])}
    told["in_cities"] = [" · ".join(cities) for cities in days["cities"]]
    made = calendar.entries[calendar.entries["kind"] != "action"]
    nobody = made.loc[made["person"].isna(), "role"]
    told["senior"], told["unnamed"] = (int((nobody == role).sum()) for role in ("head_office", "branch"))
    found.add("calendar_made", "note", **told)
    missing = calendar.unplaced.loc[calendar.unplaced["kind"] == "visit", ["unit_id", "person"]]
    if lacking is not None and len(lacking):
        short = lacking.loc[lacking.index.repeat(lacking["norm"] - lacking["visits"]), ["unit_id", "person"]]
        missing = pd.concat([short, missing], ignore_index=True)
    if len(missing):
        most = missing["unit_id"].value_counts(sort=True)
        full = list(missing["person"].dropna().value_counts().index)
        told = {"count": len(missing), "accounts": len(most), "people": full, "free": list(free)}
        action = "place_visits_with" if free else "place_visits"
        found.add("calendar_unplaced", "watch", action, most.index, **told)
    if not (figures["regions"] or figures["cities"]):
        found.add("regions_unknown", "note", "state_regions")
    if figures["country"] is None:
        found.add("holidays_unknown", "note", "state_country")
    elif figures["unannounced"]:
        years = ", ".join(map(str, figures["unannounced"]))
        assumed = (
            {"from_day": figures["assumed"][0], "to_day": figures["assumed"][-1]}
            if figures["assumed"]
            else {}
        )
        found.add("holidays_unannounced", "watch", "renew_calendar", years=years, **assumed)


def two_cities(entries: pd.DataFrame) -> pd.DataFrame:
    """The days on which one person is in several cities, as a deadline forces it: person (``head_office``:
    the head of sales), date (ISO), cities (sorted).
    """
    out = _of_one_person(entries)
    out = out[out["city"].notna()]
    cities = out.groupby(["date", "person"])["city"].agg(lambda own: sorted(set(own)))
    several = cities[cities.map(len) > 1].rename("cities").reset_index()
    return several.assign(date=[f"{day:%Y-%m-%d}" for day in several["date"]])


def _of_one_person(entries: pd.DataFrame) -> pd.DataFrame:
    """The visits of people named, and of the head of sales, whose ``person`` is ``head_office``."""
    visits = entries[entries["kind"] != "action"]
    lead = visits["person"].isna() & (visits["role"] == "head_office")
    visits = visits.assign(person=visits["person"].astype(object).mask(lead, "head_office"))
    return visits[visits["person"].notna()]


def quarter(day: date, country: str | None, quiet: tuple[str, str] | None = None) -> WorkingDays:
    """The working days of the three months after the day of the plan: nothing begins on the day itself.
    ``quiet``: as in ``working_days``.
    """
    last = (pd.Timestamp(day) + pd.DateOffset(months=MONTHS)).date()
    return working_days(country, day + timedelta(days=1), last, quiet)


def plan_calendar(
    units: pd.DataFrame,
    visits: pd.DataFrame,
    actions: pd.DataFrame,
    people: pd.DataFrame,
    days: WorkingDays,
    day: date,
    team: Team,
    waiting: pd.Index | None = None,
    by_head: frozenset[str] = frozenset(),
    urgent: frozenset[str] = frozenset(),
    renewed_by: date | None = None,
    ahead: frozenset[str] = frozenset(),
    tours: pd.DataFrame | None = None,
    days_out: int | None = None,
) -> Calendar:
    """Give every visit of the quarter a working day.

    A unit's visits are spread evenly: as many each month, or one more, and within a month each in its own
    stretch of days, branch and head office in turn. Within the stretch a person goes where the same place is
    visited already, then on a free day, and to a day of another region last; nobody makes more visits a day
    than stated. Nobody is in two cities on one day, unless a visit would otherwise come after the action for
    which it is made. A day that holds two regions or cities in the end is parted again as far as another day
    of the month takes one of them, see ``Diary.part``. The first visit comes no later than the first action
    that takes one is due; one that no deadline binds waits for its visit rather than send a person to two
    cities. The ``urgent`` choose first, then those of the higher level, then of the larger revenue.

    Parameters
    ----------
    units : index unit_id; level, revenue, region and city (may be missing), reviews (joint reviews
        this quarter, whole).
    visits : unit_id, person (missing: nobody is named; those of the branch are spread evenly, without a limit
        a day, and those of head office are the head of sales's), role, visits (whole, over the quarter).
    actions : unit_id, person, action (its id), todo (its kind), due (ISO), visits (that it takes), bound
        (whether a deadline holds; without the column one does), meet (contact_id of whom its visit is for)
        and senior (whether somebody senior is to make it); without these columns nobody is named; both,
        begins, by, asks, matter, waits and place as in ``with_contacts``.
    people : index contact_id; account_id (the unit), label, layer, gone, days (since last met), influence.
    days : the working days of the quarter, as ``quarter`` gives them.
    team : how many visits a day and a month each person, and all together a month, can make; who is not
        named makes VISITS_A_DAY.
    waiting : units whose first visit comes within SOON_DAYS, as if an action were due then.
    by_head : units whose first visit is head office's, since somebody senior is to make it; where a deadline
        binds what is ``senior``, the first of head office comes by its day, and such a unit chooses before
        those without.
    urgent : units that choose before all others.
    renewed_by : the day by which the data are to be made anew: visits come after it, but for the first one
        of the units ``ahead``, and where a deadline ends by then. None: they are not old.
    days_out : of a week, as for ``Diary``.
    tours : the days of the head of sales's visits, as ``Allocation.tours``: there those of ``visits`` are.
    """
    diary = Diary(days, day, team, days_out)
    usual = {"bound": True, "meet": None, "senior": False, "begins": "", "by": actions["due"]}
    actions = actions.assign(**{name: one for name, one in usual.items() if name not in actions})
    needed = actions[actions["visits"] > 0]
    held = needed[needed["bound"].astype(bool)]
    soon = pd.Timestamp(day) + pd.Timedelta(days=SOON_DAYS)
    by, bound_by, senior_by = (
        pd.to_datetime(some["by"]).groupby(some["unit_id"]).min().to_dict()
        for some in (needed, held, held[held["senior"].astype(bool)])
    )
    for dates in (by, bound_by):
        dates |= {unit: min(dates.get(unit, soon), soon) for unit in ([] if waiting is None else waiting)}
    ordered = sorted(_in_order(units), key=lambda unit: (unit not in urgent, unit not in senior_by))
    diary.share_out(visits)
    asked = visits[visits["visits"] > 0].sort_values(["role", "person"], kind="stable")
    toured: dict[Any, list[date]] = {}
    if tours is not None and len(tours):
        asked = asked[asked["person"].notna() | (asked["role"] != "head_office")]
        toured = tours.groupby("unit_id")["date"].agg(list).to_dict()
        for unit, on in toured.items():
            for one in on:
                diary.fix(unit, _place(units, unit), one)
    by_unit = dict(list(asked.groupby("unit_id")))
    for unit in ordered:
        if unit in by_unit:
            place = _place(units, unit)
            due, held_to, senior = (
                None if unit not in of else of[unit].date() for of in (by, bound_by, senior_by)
            )
            after, first = renewed_by, min(toured.get(unit, ()), default=None)
            if unit in by_head and first and held_to and first <= held_to:
                due, held_to, after = None, None, first  # somebody senior comes first, and by then
            goes = unit in ahead or bool(renewed_by and held_to and held_to <= renewed_by)
            waits = after == first or not goes
            asked_here = by_unit[unit].sort_values("role", ascending=unit not in by_head, kind="stable")
            diary.place(unit, asked_here, place, due, held_to, unit in by_head, after, waits, senior)
    diary.part()
    reviews = units.loc[units["reviews"] > 0, "reviews"]
    entries = _with_reviews(diary.frame(), reviews, days)
    entries = with_contacts(entries, people, actions)
    actions = actions.assign(due=on_their_visits(actions, entries))
    held = entries.loc[entries["kind"] == "review", "unit_id"].value_counts()
    without = (reviews - held.reindex(reviews.index).fillna(0)).astype(int)
    lacking = [(unit, None, None, "review", 0, "no_visit") for unit, n in without.items() for _ in range(n)]
    unplaced = [*diary.unplaced, *lacking]
    # the review is the visit at which it is held, and not due once more
    twice = (actions["todo"] == "joint_review") & actions["unit_id"].isin(held.index)
    entries = _with_review_actions(entries, actions[twice])
    due_in, later = _actions(actions[~twice], units, days)
    named = _of_one_person(entries)
    out = named.groupby(["person", "date"])["region"]
    lone = out.nunique(dropna=False) == 1 if entries["region"].notna().any() else None
    figures = {
        "day": day.isoformat(),
        "first": days.first.isoformat(),
        "last": days.last.isoformat(),
        "country": days.country,
        "unannounced": list(days.unannounced),
        "assumed": [day.isoformat() for day in days.assumed],
        "working_days": len(days.days),
        "visits": int(visits["visits"].sum()),
        "placed": len(entries),
        "reviews": int((entries["kind"] == "review").sum()),
        "actions": len(due_in),
        "routine": 0,
        "later": later,
        "unplaced": len(unplaced),
        "moved": diary.moved,
        "regions": int(entries["region"].nunique()),
        "cities": int(entries["city"].nunique()),
        "no_city": int(named["city"].isna().sum()),
        "two_cities": len(two_cities(entries)),
        "days_out": out.ngroups,
        "one_region": None if lone is None else int(lone.sum()),
    }
    return Calendar(
        _in_turn_of_days([entries, due_in]),
        pd.DataFrame(unplaced, columns=UNPLACED),
        pd.DataFrame({"date": _dates(days.days), "made_up": [day in days.made_up for day in days.days]}),
        pd.DataFrame({"date": _dates(days.holidays)}),
        figures,
    )


def _place(units: pd.DataFrame, unit: Any) -> Place:
    where = (units[name].get(unit) if name in units else None for name in PLACE)
    return Place(*(None if pd.isna(one) else str(one) for one in where))


def _in_order(units: pd.DataFrame) -> list[str]:
    """Units by level from the top, then by revenue."""
    rank = units["level"].map({"S": 0, "A": 1, "B": 2, "C": 3}).fillna(4)
    order = units.assign(_rank=rank, _id=units.index).sort_values(
        ["_rank", "revenue", "_id"], ascending=[True, False, True], kind="stable"
    )
    return list(order.index)


def _with_reviews(entries: pd.DataFrame, reviews: pd.Series, days: WorkingDays) -> pd.DataFrame:
    """Of a unit's n reviews the k-th is held at the first visit after (k − ⅓) / n of the quarter, a single
    one at the first of the last month: two months have shown something, and one is left to act. Of a person
    with more single ones than the last month has working days they are spread over the second half. Where
    there is none after that day, at the last before it. The owner's visits come before head office's.
    """
    kind = entries["kind"].copy()
    length = days.last - days.first
    after = _part_of_quarter(entries, reviews, len(days.days) // MONTHS)
    free: dict[Any, list[tuple[Any, pd.Timestamp, bool]]] = defaultdict(list)
    for at, unit, day, role in entries.loc[kind == "visit", ["unit_id", "date", "role"]].itertuples():
        free[unit].append((at, day, role != "branch"))
    for unit in sorted(free.keys() & set(reviews.index)):
        for k in range(1, reviews[unit] + 1):
            target = pd.Timestamp(days.first + length * after.get(unit, (k - 1 / 3) / reviews[unit]))
            near = [((day < target, office, abs(day - target)), at) for at, day, office in free[unit]]
            if near:
                held = min(near, key=lambda one: one[0])[1]
                kind[held] = "review"
                free[unit] = [one for one in free[unit] if one[0] != held]
    return entries.assign(kind=kind)


def _part_of_quarter(entries: pd.DataFrame, reviews: pd.Series, most: int) -> dict[Any, float]:
    """After which part of the quarter each review is held, of units with one whose person has over ``most``
    such: evenly over the second half. Others are left out.
    """
    visited = entries[(entries["kind"] == "visit") & entries["unit_id"].isin(reviews.index[reviews == 1])]
    visited = visited.sort_values(["role", "unit_id"], kind="stable").drop_duplicates("unit_id")
    out: dict[Any, float] = {}
    for _, own in visited.groupby(visited["person"].fillna("").astype("str")):
        if len(own) > most:
            out |= {unit: 0.5 + 0.5 * place / len(own) for place, unit in enumerate(own["unit_id"])}
    return out


def _with_review_actions(entries: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """The visits at which a review is held, with the action that it is; ``reviews``: of the actions."""
    of_unit = reviews.drop_duplicates("unit_id").set_index("unit_id")["action"]
    action = entries["unit_id"].map(of_unit).where(entries["kind"] == "review")
    return entries.assign(action=action.astype(object).where(action.notna(), None))


def _actions(actions: pd.DataFrame, units: pd.DataFrame, days: WorkingDays) -> tuple[pd.DataFrame, int]:
    """Actions due in the quarter, on their day; how many are due after it."""
    due = pd.to_datetime(actions["due"])
    inside = actions[due <= pd.Timestamp(days.last)]
    on = [_working(days, day.date()) for day in due[inside.index]]
    places = {
        name: units[name].reindex(inside["unit_id"]).to_numpy(dtype=object) if name in units else None
        for name in PLACE
    }
    rows = pd.DataFrame(
        {
            "date": pd.Series(pd.to_datetime(on), dtype="datetime64[us]"),
            "person": inside["person"].to_numpy(dtype=object),
            "role": np.where(inside.get("leads", pd.Series("", inside.index)) == "inside", INSIDE, "branch"),
            "unit_id": inside["unit_id"].to_numpy(),
            **places,
            "kind": "action",
            "action": inside["action"].to_numpy(dtype=object),
            "todo": inside["todo"].to_numpy(dtype=object),
            "number": 1,
            **dict.fromkeys(WHO),
        }
    )
    return rows, len(actions) - len(inside)


def _working(days: WorkingDays, day: date) -> date:
    """The day itself or the working day before it, never one after it: what is due before the quarter's first
    working day stands on the day of the plan.
    """
    return days.on_or_before(day) if day >= days.days[0] else days.first - timedelta(days=1)


def _dates(days: Iterable[date]) -> pd.Series:
    return pd.Series(pd.to_datetime(list(days)), dtype="datetime64[us]")
