"""Step 4: what each account gets, who does what by when, and whether the team can carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.step import Health
from kamplay.method.measures import purchases
from kamplay.method.measures.business import NEXT_ACTIONS, business, fitting
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.measures.registry import measure_of
from kamplay.method.plan.actions import COLUMNS as ACTION_COLUMNS
from kamplay.method.plan.actions import (
    KINDS,
    MOST,
    actions,
    by_inside_sales,
    by_phone,
    due_today,
    for_visits,
    goes_by_record,
    in_order_of_days,
)
from kamplay.method.plan.allocation import Allocation, allocate, with_money
from kamplay.method.plan.allocation_findings import add_findings as add_allocation_findings
from kamplay.method.plan.allocation_findings import without_a_day
from kamplay.method.plan.calendar import Calendar, calendar, quarter, with_due
from kamplay.method.plan.calendar import add_findings as add_calendar_findings
from kamplay.method.plan.capabilities import Capabilities, capabilities
from kamplay.method.plan.capabilities import add_findings as add_capability_findings
from kamplay.method.plan.capacity import ROLES, Team
from kamplay.method.plan.due_dates import APART
from kamplay.method.plan.findings import in_one_list, old, plan_findings
from kamplay.method.plan.growth import COLUMNS as GROWTH_COLUMNS
from kamplay.method.plan.growth import add_findings as add_growth_findings
from kamplay.method.plan.growth import growth_rooms
from kamplay.method.plan.meetings import (
    ASKS_WHO,
    dated_by_visits,
    for_the_senior,
    large_terms,
    nobody_senior,
    seen_by_then,
    talks,
)
from kamplay.method.plan.next_action import NOT_ASKED, next_actions, no_step, signs_of
from kamplay.method.plan.one_talk import (
    asked_for_at_visits,
    asked_why,
    each_matter,
    fallen,
    in_one_call,
    met_by_the_head_first,
    met_for_terms,
)
from kamplay.method.plan.organisation import Organisation, organisation
from kamplay.method.plan.organisation import add_findings as add_organisation_findings
from kamplay.method.plan.owners import Owners, by_owner
from kamplay.method.plan.owners import add_findings as add_owner_findings
from kamplay.method.plan.platform import Platform, platform
from kamplay.method.plan.platform import add_findings as add_platform_findings
from kamplay.method.plan.possible_actions import least_worth
from kamplay.method.plan.service import (
    Service,
    beside_the_plan,
    closed_by,
    service_by_tier,
    settled_as_planned,
)
from kamplay.method.plan.service import add_findings as add_service_findings
from kamplay.method.plan.since_last_run import Earlier, SinceLastRun, since_last_run
from kamplay.method.plan.since_last_run import add_findings as add_since_findings
from kamplay.method.plan.strategy_choice import StrategyChoice, strategy_choice
from kamplay.method.plan.strategy_choice import add_findings as add_strategy_findings
from kamplay.method.plan.tours import HeadOfSales
from kamplay.method.plan.visit_sheets import VisitSheets, visit_sheets
from kamplay.method.plan.visits_done import made_a_month, visits_done
from kamplay.method.plan.week_load import weekly, weeks_with_visits
from kamplay.method.plan.working_days import WorkingDays, plan_day, working_days
from kamplay.method.results import StepResult, figure
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value
from kamplay.presets import LEVELS, CapabilityFrames, Level, Strategy
from kamplay.presets.scorecard import KEY_LEVELS

ROOM_TO_GROW = 0.5  # below half of the account's wallet there is room
MATERIAL = 0.001  # of the revenue of the planned accounts: what holds less comes behind what holds more
MOST_TRIES = 5  # of the allocation, each with as many visits as the calendar before it found days for
GROWING = 0.2  # a year's growth that shows potential where no wallet is known


@dataclass(frozen=True)
class Plan(StepResult):
    """What step 4 plans.

    Attributes
    ----------
    accounts : every account (index account_id): strategy, type, visits_branch and visits_head_office (a
        month), owner, next_action, due (ISO), reached_by: ``list`` (by priority), ``campaign``, ``plan`` or
        ``held_back`` (of the campaign's, but held out or bought since).
    levels : per level accounts, revenue, visits a month and of how many accounts they are (``visited``: not
        of those in the campaign), and what the strategy gives it.
    units : the planned units outside the campaign: the urgent first, by expected loss as in step 3, then
        those that are MATERIAL, by due date, then revenue: next_action (the nearest of its actions, as is
        its ``due``), urgency (of what comes first by the rules), ``clear`` (the sign to clear up first),
        ``gone`` (lost or plainly stopped), ``win_back`` (gone and large), ``brought`` (revenue of the year up
        to its last purchase), ``next_order`` (when its rhythm promises one), and what the rules read. In
        place of an action, where there is none: why (NOT_ASKED, NO_STEP).
    actions : what is done at each of them, see ``actions.actions``.
    postponed : what no week of its owner holds, as ``actions``.
    ordered_since : what is not asked, as the account ordered after the reporting date: account_id, kind,
        again (ISO, when it ordered); of the campaign's too.
    growth : where there is room, and what is done about it next, see ``growth.growth_rooms``.
    members : the accounts of every unit that is a group: unit (its head), account_id, revenue (12 months).
    visits : of key units (index unit_id) the visits of the last three months against the norm, as in
        ``visits_done``; empty without a visit log.
    by_campaign : the campaign as the one line that it is in the plan: count (accounts reached), revenue,
        revenue_at_risk, due; empty without a campaign.
    strategies : the strategy of each unit, why, and what it holds.
    calendar : the visits, reviews and due actions of the next quarter, day by day.
    allocation : the visits of the quarter, by unit, person and role.
    service : what each level was promised and what it got, and the queue of complaints.
    by_owner : what each owner looks after.
    visit_sheets : what whoever makes a visit of the next two weeks has to know.
    capabilities : how the firm's own capabilities are rated, and what to build first.
    since : what has changed since the last run, and what became of its actions.
    organisation : who holds the roles of the account team, and where the complaints stand on the way up.
    platform : how the work on a common platform with the customers goes.
    """

    step: ClassVar[str] = "plan"
    levels: pd.DataFrame
    units: pd.DataFrame
    actions: pd.DataFrame
    visits: pd.DataFrame
    by_campaign: pd.DataFrame = field(default_factory=pd.DataFrame)
    postponed: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ACTION_COLUMNS))
    ordered_since: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["account_id", "kind", "again"])
    )
    strategies: StrategyChoice = field(default_factory=StrategyChoice)
    calendar: Calendar = field(default_factory=Calendar)
    allocation: Allocation = field(default_factory=Allocation)
    service: Service = field(default_factory=Service)
    by_owner: Owners = field(default_factory=Owners)
    visit_sheets: VisitSheets = field(default_factory=VisitSheets)
    growth: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=GROWTH_COLUMNS))
    members: pd.DataFrame = field(default_factory=pd.DataFrame)
    capabilities: Capabilities = field(default_factory=Capabilities)
    since: SinceLastRun = field(default_factory=SinceLastRun)
    organisation: Organisation = field(default_factory=Organisation)
    platform: Platform = field(default_factory=Platform)

    @property
    def day(self) -> date:
        """The day from which all that is to be done is dated, see ``plan_day``."""
        return date.fromisoformat(self.calendar.figures["day"])

    @property
    def issued(self) -> date:
        """The day of issue; that of the plan where it is not known."""
        return date.fromisoformat(self.calendar.figures["issued"])

    @cached_property
    def matters(self) -> pd.DataFrame:
        """The actions, and what is spoken of in the same talk as rows of their own: see ``each_matter``."""
        return each_matter(self.actions)

    @cached_property
    def waiting(self) -> frozenset[str]:
        """The ids of the actions that a plan made of newer figures confirms first: where the figures are old,
        all that is due after that plan and neither urgent nor goes by a day or a promise on record.
        """
        old, own = self.finding("figures_old"), self.actions
        if not old or old.action is None:
            return frozenset()
        now = goes_by_record(own) | own["urgency"].eq("urgent")
        return frozenset(own.loc[~now & (own["due"].astype("str") > old.figures["due"]), "action_id"])

    @cached_property
    def visits_waiting(self) -> frozenset[tuple[str, str]]:
        """The accounts and kinds of action of which each one is ``waiting``."""
        own = self.actions
        waits = own["action_id"].isin(self.waiting).groupby([own["account_id"], own["kind"]]).all()
        return frozenset(waits.index[waits])


def plan_strategies(
    book: Book,
    strategy: Strategy,
    tiers: Tiers,
    value: Value,
    health: Health,
    team: Team,
    issued: date | None = None,
    country: str | None = None,
    visit_cost: float | None = None,
    frames: CapabilityFrames | None = None,
    earlier: Earlier | None = None,
) -> Plan:
    """Take step 4: a strategy, a type, visits, a next action and a date for every unit (account, or group
    rated as one) that bought in the 12 months, and for large ones that are lost.

    Parameters
    ----------
    strategy : what each level gets, and the days in which an action is due.
    team : what the team can do, in visits or hours.
    issued : the day of issue, which with ``as_of`` says from when due dates count, see ``plan_day``.
    country : whose public holidays hold (ISO 3166); None: weekends only.
    visit_cost : what one visit costs; None where it is not known.
    frames : the capabilities by which the firm is diagnosed; None: it is not.
    earlier : what is kept of the last run; None without one.
    """
    day = plan_day(book.as_of, issued)
    first_day = pd.Timestamp(day)
    health_columns = ["health_band", "churn_probability", "churn_low", "churn_high", "revenue_at_risk"]
    health_columns += ["late", "verdict"]
    frame = (
        tiers.units[["tier", "level", "gate"]]
        .assign(revenue=purchases.revenue(book))
        .join(health.accounts[health_columns])
        .join(value.retention.moves[["before", "move"]])
    )
    frame = frame.join(signs_of(health.early_warning.warnings))
    frame["brought"] = purchases.last_year_of_purchases(book).reindex(frame.index).fillna(0.0)
    frame["last_order"] = rhythm_at(book, book.seen_to)["last"].reindex(frame.index)
    lost = (frame["move"] == "lost") & (book.months_covered >= purchases.TWO_YEARS)
    frame["gone"] = lost | frame["stopped"].eq(True)
    gone = frame["gone"]
    once = frame.index.isin(purchases.bought_once(book))  # no rhythm that it could have broken
    large_gone = frame["gone"] & purchases.material(frame["brought"])
    frame["win_back"] = large_gone & ~once
    one_offs, brought = frame.loc[large_gone & once, "brought"], frame["brought"]
    frame = frame[(frame["revenue"] > 0) | frame["win_back"]].copy()
    frame["owner"] = book.accounts["owner"].reindex(frame.index) if "owner" in book.accounts else None
    frame["wallet_share"] = measure_of(book, "wallet_share").reindex(frame.index)
    frame["channel"] = health.campaign.accounts["channel"].reindex(frame.index).astype(object)
    frame["contact"] = health.campaign.accounts["contact"].reindex(frame.index).astype(object)
    frame["type"] = _types(frame, purchases.growth(book).reindex(frame.index))
    strategies = strategy_choice(book, frame, strategy, tiers.tiered)
    frame["strategy"] = strategies.units["strategy"]
    sold_to = business(book)
    visited_levels = strategy.visited_levels if sold_to == "companies" else []
    visited = (frame["revenue"] > 0) & frame["channel"].isna() & ~gone.reindex(frame.index)
    visited &= frame["level"].isin(list(visited_levels)) if tiers.tiered else sold_to == "companies"
    norms = [strategy.of(level).visits for level in frame["level"]]
    for role in ROLES:
        frame[f"level_{role}"] = pd.Series([getattr(n, role) for n in norms], frame.index, dtype="float64")
        frame[f"visits_{role}"] = frame[f"level_{role}"].where(visited, 0.0)
    frame["visits"] = (frame["visits_branch"] + frame["visits_head_office"]).astype(
        "float64"
    )  # of no account at all they are words
    overdue = health.owed["overdue"].reindex(frame.index).astype("float64").fillna(0.0)
    frame["overdue"] = overdue.where(
        frame["level"].isin(["S", "A", "B"]) | (overdue >= 0.001 * frame["revenue"].sum()), 0.0
    )
    frame["watched"] = frame.index.isin(health.priority_list.accounts.index)
    frame["key_in_danger"] = frame.index.isin(health.campaign.key)
    frame["next_action"], frame["urgency"], frame["clear"] = next_actions(frame)
    furthest = max(strategy.due_days.model_dump().values())
    last_day = (first_day + pd.Timedelta(days=furthest + MOST * APART)).date()
    days = working_days(country, day, last_day, strategy.quiet_days)
    ahead = quarter(day, country, strategy.quiet_days)
    by = {name: days.within(length).isoformat() for name, length in strategy.due_days.model_dump().items()}
    in_campaign = frame["channel"].notna()
    service = service_by_tier(book, frame, tiers.units["level"], strategy, first_day, ahead)
    settle_by = service.queue.groupby("unit_id")["settle_by"].min().to_dict()
    renewed_by = next(one for one in days.days if one > day) if old(book.as_of, issued) else None
    no_contact = frame.loc[frame["next_action"].isin(NOT_ASKED), "next_action"]
    todo, ordered_since = actions(
        book,
        frame,
        value,
        health,
        strategy.due_days,
        days,
        team,
        NEXT_ACTIONS.get(sold_to),
        settle_by,
        service.price.units,
        strategy.week.actions if strategy.week else None,
        strategy.assumed_notice_days,
        renewed_by,
        strategy.next_order,
        strategy.worth,
    )
    todo = due_today(todo, issued)
    of_list = todo[~todo["account_id"].isin(frame.index[in_campaign])]
    service = replace(service, queue=settled_as_planned(service.queue, of_list, strategy, ahead))
    todo = closed_by(todo, service.queue)
    done = visits_done(book, frame)
    later = health.campaign.accounts["again"].dropna()
    of_campaign = pd.DataFrame(
        {"account_id": later.index, "kind": "campaign", "again": [str(day.date()) for day in later]}
    )
    ordered_since = pd.concat([of_campaign, ordered_since], ignore_index=True)
    known_actions = todo["action_id"].to_list()
    first = todo[todo["place"] == 1].set_index("account_id")
    postponed, todo = todo[todo["due"] == ""], todo[todo["due"] != ""]
    called = todo.groupby("account_id")["visits"].sum()
    urgent = first[(first["visits"] > 0) & frame["watched"].reindex(first.index) & (first["due"] != "")]
    called_on = set(frame.index[frame["visits_branch"] > 0])
    when = talks(todo)
    led = for_the_senior(todo, frame["revenue"], called_on)
    # what is agreed with a large account: its owner goes, and the head of sales
    led |= large_terms(todo, frame["revenue"]) & (when["begins"] != "")
    led = todo.assign(**when)[led & (todo["visits"] > 0)]
    standing = goes_by_record(todo) & (todo["visits"] > 0)
    standing &= when["begins"] <= ahead.first.isoformat()
    goes_ahead = frozenset(todo.loc[todo["urgency"].eq("urgent") | standing, "account_id"])
    people = health.stakeholders.people
    money_frame = with_money(frame, book, value)
    allotted = partial(
        allocate,
        money_frame,
        team,
        strategy.response,
        visit_cost=visit_cost,
        called=called,
        urgent={
            unit: "head_office" if KINDS[kind].leads == "head" else "branch"
            for unit, kind in urgent["kind"].items()
        },
        head=_head_of_sales(
            frame,
            led,
            called,
            money_frame,
            strategy,
            ahead,
            days,
            renewed_by,
            goes_ahead,
            nobody_senior(people),
            _asks_first(todo),
            book.as_of + timedelta(days=int(health.key_figures["horizon_days"] or 0)),
        ),
        known=None if people.empty else people.loc[~people["gone"].astype(bool), "account_id"].value_counts(),
        terms=set(led.loc[large_terms(led, frame["revenue"]), "account_id"]),
    )
    waiting = done.index[done["long"].astype(bool)]
    holds: dict[str, int] = {}  # visits that the days of those hold who would have more
    for _ in range(MOST_TRIES):
        allocation = allotted(holds=holds)
        asked = by_phone(todo, ~todo["account_id"].isin(allocation.visits["unit_id"]))
        dates = calendar(
            book,
            frame,
            allocation.visits,
            for_visits(asked),
            strategy,
            people,
            waiting,
            team,
            day,
            country,
            renewed_by,
            goes_ahead,
            allocation.tours,
        )
        without = dates.unplaced.loc[dates.unplaced["kind"] == "visit", "person"].value_counts()
        if without.empty:
            break
        given = allocation.visits.groupby("person")["visits"].sum()
        holds |= {person: int(given[person] - count) for person, count in without.items()}
    todo, entries = asked_for_at_visits(asked, dates.entries, ahead.last)
    dates = replace(dates, entries=entries)
    for role in ROLES:  # of what pays
        frame[f"visits_{role}"] = allocation.norms[role].reindex(frame.index).astype("float64").fillna(0.0)
    frame["visits"] = frame[[f"visits_{role}" for role in ROLES]].sum(axis=1)
    dates.figures["issued"] = (issued or day).isoformat()
    if strategy.week:
        a_week, last = strategy.week.actions, days.within(strategy.due_days.routine)
        todo, postponed = weeks_with_visits(todo, postponed, dates.entries, a_week, last, days, team)
    else:
        todo = dated_by_visits(todo, dates.entries)
    todo = by_phone(todo, ~seen_by_then(todo, dates.entries))
    todo = todo.assign(leads=todo["leads"].mask(by_inside_sales(todo, frame, strategy.worth), "inside"))
    whole, entries = met_for_terms(pd.concat([todo, postponed]), dates.entries)
    whole = met_by_the_head_first(whole, entries)
    todo, postponed = whole[whole["due"] != ""], whole[whole["due"] == ""]
    dates = replace(dates, entries=entries)
    todo = asked_why(in_order_of_days(in_one_call(todo)), fallen(value))
    dates = with_due(dates, book, frame, todo, ahead)
    service = beside_the_plan(service, dates.entries)
    postponed = postponed.reset_index(drop=True)
    nearest = todo[todo["place"] == 1].set_index("account_id")[["kind", "due"]]
    nearest = nearest.combine_first(first[["kind"]])  # of whom no week holds any, what would come first
    settled = pd.Series("ordered_since", index=ordered_since["account_id"].unique(), dtype=object)
    instead = no_contact.combine_first(settled).reindex(frame.index)
    frame["next_action"] = nearest["kind"].reindex(frame.index).fillna(instead)
    _, least_order = least_worth(strategy.worth, frame)
    none = no_step(book, frame.index, pd.Timestamp(by["routine"]), least_order)
    frame["next_order"] = none["next_order"]
    frame["next_action"] = frame["next_action"].fillna(none["reason"])
    frame["urgency"], frame["due"] = (
        first["urgency"].reindex(frame.index),
        nearest["due"].reindex(frame.index),
    )
    frame["reached_by"] = np.select([frame["watched"], in_campaign], ["list", "campaign"], "plan")
    frame["reached_by"] = frame["reached_by"].mask(in_campaign & frame["contact"].ne("reach"), "held_back")
    levels = _levels(frame[frame["revenue"] > 0], strategy, visited_levels, tiers.tiered)
    needed, capacity = float(frame["visits"].sum()), allocation.capacity
    figures = {
        "accounts_planned": len(frame),
        "visits_per_month": figure(round(needed, 2)),
        "capacity": capacity,
        "over_capacity": figure(allocation.over),
    }
    accounts = frame[
        [
            "strategy",
            "type",
            "visits_branch",
            "visits_head_office",
            "owner",
            "next_action",
            "due",
            "reached_by",
        ]
    ].reindex(book.accounts.index)
    if "owner" in book.accounts:
        accounts["owner"] = book.accounts["owner"]
    weight = frame["revenue"].where(~frame["gone"], frame["brought"])
    # what moves next to no revenue waits behind what does, however early it is due
    small = (weight < MATERIAL * weight[~in_campaign].sum()) & (frame["urgency"] != "urgent")
    later = frame["urgency"] != "urgent"
    order = {"_later": later, "_small": small, "_due": frame["due"].where(later, "")}
    planned = (
        frame.assign(**order, _weight=weight.where(later, frame["revenue_at_risk"].fillna(0.0)))[~in_campaign]
        .sort_values(
            ["_later", "_small", "_due", "_weight"], ascending=[True, True, True, False], kind="stable"
        )
        .drop(columns=["_weight", *order])
    )
    by_week = weekly(todo, dates.entries, strategy.week.actions if strategy.week else None, days)
    findings = plan_findings(
        book,
        frame,
        strategy,
        capacity,
        done,
        issued,
        by,
        todo,
        postponed,
        day,
        renewed_by,
        ordered_since,
        one_offs,
        by_week,
        brought,
        days,
    )
    add_strategy_findings(findings, book, frame, strategies, by["soon"])
    if sold_to == "companies":
        add_service_findings(findings, service, by["urgent"])
    looked_after = replace(
        by_owner(frame, health.owed["overdue"], service.queue, dates.entries, health.revenue_at_risk.told),
        weeks=by_week,
    )
    add_owner_findings(findings, looked_after, frame, sold_to)
    made = made_a_month(book)
    add_allocation_findings(
        findings,
        allocation,
        team,
        strategy.response,
        book.accounts,
        by["soon"],
        strategy.senior_visits,
        made,
        dates.figures["placed"],
    )
    add_calendar_findings(findings, dates, *without_a_day(allocation, book.accounts))
    staff = organisation(book, frame, service.queue, strategy, team.people, tiers.tiered)
    own, joint = Capabilities(), Platform()
    if sold_to == "companies":
        joint = platform(book, service.shares)
        add_organisation_findings(findings, staff, strategy, by["soon"])
        add_platform_findings(findings, joint)
    if frames is not None and sold_to == "companies":
        own = capabilities(book, frames)
        add_capability_findings(findings, own, by)
    own_actions = todo[~todo["account_id"].isin(frame.index[in_campaign])].reset_index(drop=True)
    intake = tiers.finding("intake_due")
    assess_by = days.within(intake.figures["days"]).isoformat() if intake else by["routine"]
    rooms = growth_rooms(book, frame, tiers, value, own_actions, assess_by, first_day)
    add_growth_findings(findings, rooms, float(frame["revenue"].sum()))
    told = in_one_list(fitting(findings.settled(), book))
    known_so_far = [*tiers.findings, *value.findings, *health.findings, *told]
    since = since_last_run(
        book, earlier or Earlier(), tiers, health, gone, known_so_far, first_day, known_actions
    )
    add_since_findings(findings, since, by["soon"], book.has("actions"))
    return Plan(
        figures,
        in_one_list(fitting(findings.settled(), book)),
        accounts,
        levels,
        planned.reset_index(),
        own_actions,
        done,
        _by_campaign(frame[in_campaign]),
        postponed=postponed,
        ordered_since=ordered_since,
        growth=rooms,
        members=_members(tiers, frame.index),
        strategies=strategies,
        calendar=dates,
        allocation=allocation,
        service=service,
        by_owner=looked_after,
        visit_sheets=visit_sheets(book, frame, dates, people),
        capabilities=own,
        since=since,
        organisation=staff,
        platform=joint,
    )


def _head_of_sales(
    frame: pd.DataFrame,
    led: pd.DataFrame,
    called: pd.Series,
    where: pd.DataFrame,
    strategy: Strategy,
    ahead: WorkingDays,
    days: WorkingDays,
    renewed_by: date | None,
    goes_ahead: frozenset[str],
    unknown: frozenset[str],
    asks_first: Mapping[str, date],
    window: date,
) -> HeadOfSales:
    """When the head of sales is free to go, and whom to see first: by the day that binds it whoever waits for
    an action of the head's own, and the priority list by the end of the ``window`` that its chances speak of,
    level S and A first; then where nobody else could do what is planned, level S and level A.

    Parameters
    ----------
    led : the actions that take a visit of the head of sales.
    called : unit → visits of the quarter that its actions take.
    where : as ``frame``, with region and city.
    ahead, days : the working days of the quarter, and all that due dates fall on: on the days by which the
        urgent, the warned, the soon and the routine are due the head of sales decides, and is in.
    renewed_by, goes_ahead : as ``renewed_by`` and ``ahead`` of the calendar.
    unknown : units at which nobody who decides is known: their owners find out first.
    asks_first : as ``_asks_first``: nobody is seen there up to that day, unless one binds it.
    """
    within = strategy.due_days
    decides = {days.within(length) for length in within.model_dump().values()}
    dated = led[led["bound"].astype(bool) & (led["by"] <= ahead.last.isoformat())]
    dated = dated.sort_values("by", kind="stable").drop_duplicates("account_id").set_index("account_id")
    bound, opens, asks = dated["by"], dated["begins"], dated["asks"]
    alone = frame.index.isin(called.index[called > 0]) & ~(frame["visits_branch"] > 0)
    own = led[led["begins"] <= ahead.first.isoformat()]
    first, of_key = frame.index.isin(own["account_id"]) | alone, frame["level"].isin(KEY_LEVELS)
    watched = frame["watched"].astype(bool)
    begins = ahead.first if renewed_by is None else max(ahead.first, renewed_by + timedelta(days=1))
    units = where[["region", "city"]].assign(
        due=[None if unit not in bound else date.fromisoformat(bound[unit]) for unit in frame.index],
        begins=[ahead.first if unit in goes_ahead else begins for unit in frame.index],
        opens=[None if not opens.get(unit) else date.fromisoformat(opens[unit]) for unit in frame.index],
        asks=[None if not asks.get(unit) else date.fromisoformat(asks[unit]) for unit in frame.index],
        rank=np.select(
            [watched & of_key, watched, first, frame["level"] == "S", of_key],
            [0.0, 1.0, 2.0, 3.0, 4.0],
            np.nan,
        ),
        key=of_key,
    )
    senior = strategy.senior_visits
    free = tuple(day for day in ahead.days if day not in decides)
    within_it = [day for day in free if day <= window]
    for unit, day in asks_first.items():
        if unit in units.index and not (unit in bound and bound[unit] <= day.isoformat()):
            units.at[unit, "begins"] = max(units.at[unit, "begins"], day + timedelta(days=1))
    units["before"] = [within_it[-1] if one and within_it else None for one in watched]
    units = units[~units.index.isin(list(unknown))]
    return HeadOfSales(free, units, senior.days_a_week, 7 * senior.weeks_apart)


def _asks_first(actions: pd.DataFrame) -> dict[str, date]:
    """The day on which the owner asks who takes over, or who stands for a layer, by unit: who is senior comes
    after it.
    """
    rows = actions[actions["kind"].isin(ASKS_WHO) & actions["leads"].eq("owner")]
    return {unit: date.fromisoformat(day) for unit, day in rows.groupby("account_id")["due"].max().items()}


def _members(tiers: Tiers, units: pd.Index) -> pd.DataFrame:
    """The accounts of the planned groups, by unit, the head first, then the larger."""
    rows = tiers.accounts[["group", "revenue"]].rename(columns={"group": "unit"})
    rows = rows[rows["unit"].duplicated(keep=False) & rows["unit"].isin(units)]
    rows = rows.assign(_head=rows["unit"] == rows.index).rename_axis("account_id").reset_index()
    rows = rows.sort_values(
        ["unit", "_head", "revenue", "account_id"], ascending=[True, False, False, True], kind="stable"
    )
    return rows[["unit", "account_id", "revenue"]].reset_index(drop=True)


def _by_campaign(frame: pd.DataFrame) -> pd.DataFrame:
    """The accounts of the campaign as one line; no row without."""
    lines = frame.groupby("due").agg(
        count=("revenue", "size"),
        revenue=("revenue", "sum"),
        revenue_at_risk=("revenue_at_risk", lambda losses: losses.sum(min_count=1)),
    )
    return lines.reset_index()


def _types(frame: pd.DataFrame, growth: pd.Series) -> pd.Series:
    """Upper tiers with room are invested in, without it maintained; lower ones promoted or operated. Nothing
    is invested or promoted where somebody has to act first. What is lost has no type.
    """
    upper = frame["level"].isin(KEY_LEVELS)
    ungated = frame["gate"].isna()
    room = (
        ungated
        & (frame["verdict"] != "act")
        & frame["channel"].isna()
        & np.where(frame["wallet_share"].notna(), frame["wallet_share"] < ROOM_TO_GROW, growth >= GROWING)
    )
    return pd.Series(
        np.select([upper & room, upper, room], ["invest", "maintain", "promote"], "operate"),
        index=frame.index,
    ).mask(frame["gone"], None)


def _levels(
    frame: pd.DataFrame, strategy: Strategy, visited_levels: list[Level], tiered: bool
) -> pd.DataFrame:
    """Per level, or of all where accounts are not tiered (``level`` missing), what the norms come to."""
    by = frame.assign(level=frame["level"].where(frame["level"].notna(), "")).groupby("level")
    sums = by.agg(accounts=("visits", "size"), revenue=("revenue", "sum"), visits=("visits", "sum"))
    sums["visited"] = (frame["visits"] > 0).groupby(frame["level"].where(frame["level"].notna(), "")).sum()
    out = sums.reindex(LEVELS if tiered else [""]).fillna(0.0).astype({"accounts": int, "visited": int})
    plans = [strategy.of(level or None) for level in out.index]
    on = [float(level in visited_levels or not level) for level in out.index]
    out["branch"] = [plan.visits.branch * now for plan, now in zip(plans, on, strict=True)]
    out["head_office"] = [plan.visits.head_office * now for plan, now in zip(plans, on, strict=True)]
    out = out.reset_index()
    return out.assign(level=out["level"].replace("", None))
