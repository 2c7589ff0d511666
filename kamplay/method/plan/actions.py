"""The two or three things to do at each unit, of all that ``possible_actions`` lists, and by when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.step import Health
from kamplay.method.plan.calendar import MOST_ROUTINE, ROUTINE_CALLS, routine_calls
from kamplay.method.plan.capacity import Team, highest_first
from kamplay.method.plan.due_dates import APART, due_dates, in_weeks, leveled
from kamplay.method.plan.meetings import LARGE
from kamplay.method.plan.next_action import LIKELY_TO_STOP
from kamplay.method.plan.possible_actions import SETTLED, possible_actions
from kamplay.method.plan.terms import AGREED, ASKED, asked_and_agreed, of_terms
from kamplay.method.plan.whom import People, matter_of_the_top
from kamplay.method.plan.working_days import WorkingDays
from kamplay.method.value.step import Value
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.presets.strategy import DueDays, NextOrder, Worth

MOST = 3  # things to do at one unit, beside stuck deals and letters that ask for terms: more are not done
MOST_LOWEST = 2  # at one of the lowest level
LAST = 100  # beyond the things that there are to do at one unit
CLOSED = 5  # days without a working day that are no mere weekend
EXPECTED = ("next_order", "move_deal")  # kinds of which the facts name the day on which it is expected
# kinds that keep their day, however much there is to do in its week
BOUND = (
    "settle_complaint",
    "close_complaints",
    "credit_limit",
    "campaign",
    "joint_review",
    "collect_overdue",
)
# kinds that go by a day or a promise on record and need no newer data
STANDING = ("renew_contract", "agree_contract", "settle_complaint", "close_complaints", "one_lead")
Stage = Literal["keep_alive", "put_right", "people", "deal", "grow", "routine"]
STAGES: tuple[Stage, ...] = ("keep_alive", "put_right", "people", "deal", "grow", "routine")


@dataclass(frozen=True)
class Kind:
    """What a kind of action is.

    Attributes
    ----------
    stage : what comes first is done first: whether it stays, what went wrong, whom we know, deals, growth,
        routine.
    within : key of the strategy's due_days.
    visits : that it takes; 0 is done by phone or mail.
    leads : who does it: the unit's ``owner``, or ``finance``, ``service``, ``supply``, ``head`` (of sales),
        ``marketing``, always together with the owner. At a unit without an owner ``inside`` (sales) may take
        the owner's place, see ``by_inside_sales``.
    """

    stage: Stage
    within: Literal["urgent", "warned", "soon", "routine"]
    visits: int
    leads: Literal["owner", "finance", "service", "supply", "head", "marketing"] = "owner"


KINDS = {
    "win_back_talk": Kind("keep_alive", "soon", 1),
    "close_lost": Kind("keep_alive", "routine", 0),
    "bought_again": Kind("keep_alive", "soon", 0),
    "campaign": Kind("keep_alive", "soon", 0, "marketing"),
    "ask_rhythm": Kind("keep_alive", "warned", 0),
    "payment_plan": Kind("keep_alive", "warned", 1, "finance"),
    "close_complaints": Kind("keep_alive", "warned", 1, "service"),
    "find_successor": Kind("keep_alive", "warned", 1),
    "defend_offer": Kind("keep_alive", "warned", 1),
    "mend_delivery": Kind("keep_alive", "warned", 0, "supply"),
    "senior_visit": Kind("keep_alive", "warned", 1, "head"),
    "ask_change": Kind("keep_alive", "urgent", 1),
    "rescue_visit": Kind("keep_alive", "soon", 1, "head"),
    "recovery_call": Kind("keep_alive", "soon", 0),
    "review_meeting": Kind("keep_alive", "soon", 1),
    "reprice": Kind("put_right", "soon", 1, "head"),
    "collect_overdue": Kind("put_right", "soon", 0, "finance"),
    "settle_complaint": Kind("put_right", "soon", 0, "service"),
    "credit_limit": Kind("put_right", "soon", 0, "finance"),
    "deliver_order": Kind("put_right", "soon", 0, "supply"),
    "renew_contract": Kind("put_right", "soon", 0),
    "agree_contract": Kind("put_right", "soon", 1),
    "one_lead": Kind("people", "soon", 0, "head"),
    "meet_successor": Kind("people", "soon", 1),
    "meet_person": Kind("people", "soon", 1),
    "open_layer": Kind("people", "soon", 1),
    "revisit": Kind("people", "soon", 1),
    "move_deal": Kind("deal", "soon", 1),
    "regain_category": Kind("grow", "soon", 1),
    "offer_category": Kind("grow", "soon", 1),
    "win_share": Kind("grow", "soon", 1),
    "joint_review": Kind("routine", "routine", 1),
    "no_investment": Kind("routine", "routine", 0),
    "reactivation_mail": Kind("keep_alive", "soon", 0),
    "targeted_offer": Kind("grow", "routine", 0),
    "next_order": Kind("routine", "routine", 0),
}
COLUMNS = [
    "action_id",
    "account_id",
    "place",
    "kind",
    "facts",
    "person",
    "meet",
    "money",
    "basis",
    "visits",
    "leads",
    "owner",
    "urgency",
    "due",
    "wished",
    "bound",
]


def actions(
    book: Book,
    units: pd.DataFrame,
    value: Value,
    health: Health,
    within: DueDays,
    days: WorkingDays,
    team: Team,
    instead: Mapping[str, str] | None = None,
    settle_by: Mapping[str, pd.Timestamp] | None = None,
    prices: pd.DataFrame | None = None,
    a_week: float | None = None,
    assumed_notice: int | None = None,
    renewed_by: date | None = None,
    next_order: NextOrder | None = None,
    worth: Worth | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose what to do at each unit, and by when; what an order after the reporting date has settled is not
    asked.

    What ``next_action`` named comes first; then what else the unit's tables tell, in the order of STAGES, the
    larger sum first. Nothing is offered where somebody has to act first or growth is not advised
    (``growth_exclusions``). Where nothing else is known, the next order is confirmed, if it is expected up to
    the plan's last day. A deal of LEAST_DEAL or more that is past its date or stands still is settled
    whatever else there is to do.

    Parameters
    ----------
    book : the client's data by units.
    units : the planned units, see ``Plan.units``, with next_action and urgency of ``next_action``.
    within : days to the due date by urgency.
    days : the working days from the day of the plan on; due dates count from ``days.first`` and fall on a
        working day, see ``due_dates``.
    team : what the people can do, by which due dates are spread.
    instead : kind → kind that takes its place, where nobody is visited; None where customers are visited.
    settle_by : unit → day by which its first open complaint is to be settled: what is done about complaints
        is due no later, nor is an order or a deal after the day on which it is expected, if that is ahead. A
        contract is asked for in writing by its day of notice, at once where that has passed or the contract
        has run out, and agreed by a day of its own, see ``asked_and_agreed``. Nor can it wait who leads where
        entities of ours bid against each other, nor a credit limit that is exceeded.
    prices : the units' prices, as ``PriceByTier.units``.
    next_order : how early the next order is confirmed, and of whom, see ``NextOrder``.
    worth : what a joint review and a call for an order have to bring; None: nothing.
    a_week : actions of an owner; None: as many as there are. What a day of its own binds (urgent, warned, a
        promise, a notice, the day of an order or a deal) is not moved, nor a review, which has the day of its
        visit, nor the many routine ones that are one line of the calendar.
    assumed_notice : days before the end that are taken for the notice of a contract that states none.
    renewed_by : the day by which the data are to be made anew, as they are old: but for STANDING, what is
        urgent, terms that go into a contract and reviews, nothing is due before the next working day. None:
        they are not.

    Returns
    -------
    A row per action, by unit in the order of ``units``, then ``place`` (1 what comes first by the rules; in
    ``Plan.actions`` the nearest, see ``in_order_of_days``): action_id (the same in
    the next run for the same matter), kind (of KINDS), facts (JSON: names and ids as they stand in the
    tables, sums in the currency, ISO dates), person (contact_id to speak to), meet (contact_id of whom the
    visit is for, which may be another), money at stake and its ``basis`` (expected_loss, wide_loss: of a
    chance too wide to rank on, revenue, brought, owed, overdue, late_orders, deal, deal_amount, contract,
    given: what it pays less than the customer in the middle, peers, own, wallet, order, only_order), visits,
    leads (of KINDS, or ``inside``), owner, urgency, due (ISO; "" where no week of the owner holds it), wished
    (the day on which it would be due if every week held all). And a row per action that is not asked, as it
    is settled: account_id, kind, again (ISO, when it ordered).
    """
    people = People(health.stakeholders.people)
    orders, last_day = next_order or NextOrder(), pd.Timestamp(days.within(within.routine))
    rows = possible_actions(
        book,
        units,
        value,
        health,
        people,
        prices,
        first=pd.Timestamp(days.first),
        last=last_day,
        assumed_notice=assumed_notice,
        least_orders=orders.least_orders,
        worth=worth,
    )
    rows = rows[rows["account_id"].isin(units.index)]
    contracts, rows = rows[rows["kind"] == ASKED], _one_matter(rows)
    if instead is not None:
        rows = rows[~rows["kind"].isin(["joint_review", "meet_person", "revisit", "open_layer"])]
    chosen, settled_since = _settled(_chosen(rows, units))
    chosen = asked_and_agreed(chosen, contracts, within, days)
    top = _matters_of_the_top(units, health)
    fits = [
        people.to_speak_to(unit, kind, unit in top)
        for unit, kind in zip(chosen["account_id"], chosen["kind"], strict=True)
    ]
    chosen["person"] = chosen["person"].where(chosen["person"].notna(), pd.Series(fits, chosen.index))
    chosen["meet"] = chosen["ref"].where(chosen["kind"] == "meet_person", chosen["person"]).astype(object)
    chosen["meet"] = chosen["meet"].mask(chosen["kind"] == "meet_successor", None)
    facts = _with_review(chosen, units, days.within(within.soon))
    named = [people.named(person) for person in chosen["person"]]
    chosen["facts"] = [
        json.dumps(own | told, ensure_ascii=False, sort_keys=True, default=lambda v: v.item())
        for own, told in zip(facts, named, strict=True)
    ]
    if instead is not None:
        chosen["kind"] = chosen["kind"].replace(dict(instead))
    kinds = chosen["kind"].map(KINDS)
    chosen["visits"] = [kind.visits if instead is None else 0 for kind in kinds]
    chosen["leads"] = [kind.leads for kind in kinds]
    chosen["owner"] = chosen["account_id"].map(units["owner"]).astype(object)
    chosen["leads"] = chosen["leads"].mask(by_inside_sales(chosen, units, worth), "inside")
    first = chosen["place"] == 1
    own = pd.Series([kind.within for kind in kinds], index=chosen.index, dtype=object)
    expected = _expected(chosen["kind"], facts)
    own = own.mask((chosen["kind"] == "next_order") & (expected <= str(days.first)), "soon")  # is late
    by_rule = (first & chosen["named"]).astype(bool)
    chosen["urgency"] = own.mask(by_rule, chosen["account_id"].map(units["urgency"]))
    # a sign that does not call for action, but is to be cleared up before anything is offered
    chosen["urgency"] = chosen["urgency"].mask(~by_rule & (chosen["urgency"] == "warned"), "soon")
    # whether the largest single orders come back is asked before the end of the quarter
    large = chosen["money"] >= LARGE * units["revenue"].clip(lower=0).sum()
    chosen["urgency"] = chosen["urgency"].mask((chosen["kind"] == "no_investment") & large, "soon")
    waits = waits_for(chosen)
    order = _most_first(units)
    dated = chosen.assign(
        waits=waits,
        at_once=chosen["kind"] == "campaign",
        alone=_alone(chosen, a_week),
        _place=chosen["account_id"].map(pd.Series(range(len(order)), index=order)),
    ).sort_values(["_place", "place"], kind="stable")
    chosen["due"] = pd.Series(due_dates(dated, within, days, team), index=dated.index, dtype="str")
    promised = chosen["account_id"].map({unit: str(day.date()) for unit, day in (settle_by or {}).items()})
    sooner = chosen["kind"].isin(["settle_complaint", "close_complaints"]) & (promised < chosen["due"])
    chosen["due"] = chosen["due"].mask(sooner, promised)
    chosen["due"] = _by_its_day(chosen["due"], expected, days)
    confirmed = expected[(chosen["kind"] == "next_order").to_numpy()]
    chosen["due"] = _not_before(chosen["due"], confirmed, orders.days_before, days)
    at_once = days.within(within.urgent).isoformat()
    settled = _settled_by(chosen["kind"], facts, within, days)
    # key accounts in danger are asked before the small ones are called
    of_key = chosen["account_id"].map(units["key_in_danger"]).astype(bool) & chosen["named"].astype(bool)
    settled = settled.mask(of_key, at_once)
    chosen["due"] = settled.where(settled.notna(), chosen["due"])
    # every further delivery adds to what is owed
    chosen["due"] = chosen["due"].mask(chosen["kind"] == "credit_limit", at_once)
    chosen["due"] = _collected(chosen, facts, within, days)
    window = book.as_of + timedelta(days=int(health.key_figures["horizon_days"] or 0))
    called = _called_in_time(chosen, facts, units, within, days, window)
    chosen["due"] = called.where(called.notna() & (called < chosen["due"]), chosen["due"])
    if renewed_by is not None:
        next_day = next(one for one in days.days if one > renewed_by).isoformat()
        rests = ~goes_by_record(chosen) & (chosen["kind"] != "joint_review") & settled.isna()
        rests &= chosen["urgency"] != "urgent"
        chosen["due"] = chosen["due"].mask(rests & (chosen["due"] < next_day), next_day)
    chosen["due"] = _deals_last(chosen, expected, days)
    unowned = chosen["owner"].isna().all() and instead is None
    if unowned:
        chosen["due"] = _once_named(chosen, settled, within, days)
        if a_week is not None:
            chosen["due"] = _for_few(chosen, settled.notna() | called.notna(), a_week, within, days)
    opens = max(days.first, renewed_by or days.first, days.within(within.urgent) if unowned else days.first)
    by_size = _largest_first(chosen, units["revenue"])
    chosen["due"] = _level_calls(chosen, by_size, expected, orders.days_before, opens, within, days)
    chosen["wished"] = chosen["due"]
    bound = chosen["urgency"].isin(["urgent", "warned"]) | settled.notna()
    bound |= chosen["kind"].isin(BOUND) | called.notna()
    bound |= (expected > str(days.first)) & ~_after_lead(chosen)  # of an order or a deal
    chosen["bound"] = bound.astype(bool)
    if a_week is not None:
        last = days.within(within.routine)
        many = of_one_matter(chosen)
        order = chosen.assign(fixed=chosen["bound"] | many, counted=~many, waits=waits, place=turns(chosen))
        chosen["due"] = in_weeks(order.loc[dated.index], a_week, last, days, team).reindex(chosen.index)
    chosen["action_id"] = [
        f"{unit}-{kind}" + (f"-{ref}" if ref else "")
        for unit, kind, ref in zip(chosen["account_id"], chosen["kind"], chosen["ref"], strict=True)
    ]
    return chosen[COLUMNS].reset_index(drop=True), settled_since


def _with_review(chosen: pd.DataFrame, units: pd.DataFrame, review: date) -> list[dict[str, Any]]:
    """The facts of each action, of terms to be talked of where the level is held back by what the customer
    earns us with the day of the review that settles it (``review``).
    """
    open_ = units["gate"].isin(["skinner", "unprofitable"]) & units["level"].notna()
    waits = (chosen["kind"] == "reprice") & chosen["account_id"].map(open_).astype(bool)
    return [
        own | {"review": review.isoformat()} if level_open else own
        for own, level_open in zip(chosen["facts"], waits, strict=True)
    ]


def _alone(chosen: pd.DataFrame, a_week: float | None) -> pd.Series:
    """The kinds that are spread by themselves, "" of all else: joint reviews that no owner leads and no week
    of one person holds, and routine questions for a further need that are more than one line of a calendar.
    """
    kind, owner = chosen["kind"], chosen["owner"].fillna("").astype("str")
    routine = chosen["urgency"] == "routine"
    count = routine.groupby([owner, kind]).transform("sum")
    reviews = (kind == "joint_review") & (owner == "") & (count > (np.inf if a_week is None else a_week))
    further = (kind == "no_investment") & (count > MOST_ROUTINE)
    return kind.where(routine & (reviews | further), "")


def _settled(chosen: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The actions that are left, and those that an order after the reporting date has settled."""
    again = [
        facts.get("again") if kind in SETTLED else None
        for kind, facts in zip(chosen["kind"], chosen["facts"], strict=True)
    ]
    out = chosen.assign(again=pd.Series(again, chosen.index, dtype=object))
    settled = out["again"].notna()
    left = chosen[~settled]
    left = left.assign(place=left.groupby("account_id").cumcount() + 1)
    return left, out.loc[settled, ["account_id", "kind", "again"]].reset_index(drop=True)


def waits_for(actions: pd.DataFrame) -> pd.Series:
    """For how many others at its unit each action waits: none, if it is routine or a deal that is stuck;
    nothing waits for the terms of a contract, which are agreed by their own day.
    """
    routine = actions["kind"].map({name: kind.stage == "routine" for name, kind in KINDS.items()})
    other = (~of_terms(actions)).astype(int)
    order = actions.assign(_other=other).sort_values(["account_id", "place"], kind="stable")
    waits = order.groupby("account_id")["_other"].cumsum().reindex(actions.index) - other
    return waits.mask((routine | _stuck(actions) | of_terms(actions)).astype(bool), 0)


def turns(actions: pd.DataFrame) -> pd.Series:
    """In which turn each action is at its unit: as its ``place``, and terms behind all else."""
    return actions["place"].mask(of_terms(actions), LAST + actions["place"]).astype(int)


def for_visits(actions: pd.DataFrame) -> pd.DataFrame:
    """The actions with ``waits`` and ``place`` as visits are made for them: a deal that is stuck, or of those
    that bid against each other, waits for what comes before a deal at its unit.
    """
    gate = actions["place"].where(before_deals(actions)).groupby(actions["account_id"]).transform("max")
    behind = (_stuck(actions) | _after_lead(actions)) & gate.notna()
    return actions.assign(
        waits=waits_for(actions).mask(behind, 1), place=turns(actions).astype(float).mask(behind, gate + 0.5)
    )


def before_deals(actions: pd.DataFrame) -> pd.Series:
    """Which actions come before any deal of their unit: whether it stays, open complaints, and who leads
    where entities of ours bid against each other.
    """
    stays = actions["kind"].map({name: kind.stage == "keep_alive" for name, kind in KINDS.items()})
    stays &= actions["urgency"].isin(["urgent", "warned"])
    lead = (actions["kind"] == "one_lead") & actions["facts"].str.contains('"deals"', regex=False)
    return (stays | lead | actions["kind"].isin(["close_complaints", "settle_complaint"])).astype(bool)


def _deals_last(chosen: pd.DataFrame, expected: pd.Series, days: WorkingDays) -> pd.Series:
    """The due dates, but of deals none before the day after what comes before them, if their own day is not
    still ahead.
    """
    gate = chosen["due"].where(before_deals(chosen)).groupby(chosen["account_id"]).max()
    gate = gate[gate.notna() & (gate < days.last.isoformat())]
    after = {
        unit: days.on_or_after(date.fromisoformat(day) + timedelta(days=1)) for unit, day in gate.items()
    }
    first = chosen["account_id"].map({unit: day.isoformat() for unit, day in after.items()})
    ahead = (expected > str(days.first)) & (expected < first)
    later = (chosen["kind"] == "move_deal") & (chosen["due"] < first) & ~ahead
    return chosen["due"].mask(later.astype(bool), first)


def _after_lead(actions: pd.DataFrame) -> pd.Series:
    return actions["facts"].str.contains('"after_lead"', regex=False).astype(bool)


def _stuck(actions: pd.DataFrame) -> pd.Series:
    return actions["facts"].str.contains('"stuck": true', regex=False).astype(bool)


def in_order_of_days(actions: pd.DataFrame) -> pd.DataFrame:
    """The actions with ``place`` in the order in which they are due at their unit, of one day what comes
    before deals first, then the one with most money.
    """
    order = actions.assign(_behind=~before_deals(actions)).sort_values(
        ["due", "_behind", "money", "place"], ascending=[True, True, False, True], kind="stable"
    )
    place = order.groupby("account_id").cumcount() + 1
    out = actions.assign(place=place)
    unit = pd.Series(pd.factorize(out["account_id"])[0], out.index)
    return out.loc[out.assign(_unit=unit).sort_values(["_unit", "place"], kind="stable").index]


def goes_by_record(actions: pd.DataFrame) -> pd.Series:
    """Which actions go by a day or a promise on record, whatever newer data say: STANDING, and terms that are
    negotiated anew by the day by which a contract has to be agreed.
    """
    terms = (actions["kind"] == "reprice") & of_terms(actions)
    return (actions["kind"].isin(STANDING) | terms).astype(bool)


def of_one_matter(actions: pd.DataFrame) -> pd.Series:
    """Which actions are the many routine calls of one owner: one line of the calendar, and no thing each of a
    week's.
    """
    many = routine_calls(actions)
    count = many.groupby(actions["owner"].fillna("").astype("str")).transform("sum")
    return (many & (count > MOST_ROUTINE)).astype(bool)


def by_phone(actions: pd.DataFrame, those: pd.Series) -> pd.DataFrame:
    """The actions, ``those`` that take a visit done by phone or online: ``visits`` 0, and the fact
    ``by_phone``, by which they are told.
    """
    those = those & (actions["visits"] > 0)
    facts = [
        json.dumps(json.loads(told) | {"by_phone": True}, ensure_ascii=False, sort_keys=True) if one else told
        for told, one in zip(actions["facts"], those, strict=True)
    ]
    facts_ = pd.Series(facts, actions.index, dtype=object)
    return actions.assign(visits=actions["visits"].mask(those, 0), facts=facts_)


def due_today(actions: pd.DataFrame, issued: date | None) -> pd.DataFrame:
    """The actions, what is to be asked for in writing by the day of issue with the fact ``today``."""
    if issued is None:
        return actions
    now = (actions["kind"] == ASKED) & (actions["due"] == issued.isoformat())
    facts = [
        json.dumps(json.loads(told) | {"today": True}, ensure_ascii=False, sort_keys=True) if one else told
        for told, one in zip(actions["facts"], now, strict=True)
    ]
    return actions.assign(facts=pd.Series(facts, actions.index, dtype=object))


def _matters_of_the_top(units: pd.DataFrame, health: Health) -> set[str]:
    """Units whose overdue money is a matter of who decides there."""
    owed = health.owed.reindex(units.index)[["overdue", "oldest"]].astype("float64").fillna(0.0)
    rows = zip(owed.index, owed["overdue"], owed["oldest"], units["revenue"], strict=True)
    return {str(unit) for unit, sum_, oldest, revenue in rows if matter_of_the_top(sum_, oldest, revenue)}


def _most_first(units: pd.DataFrame) -> pd.Index:
    """The units in the order in which what has time is done: by level, then by what they bring or brought;
    of those that stopped the largest goes first, whatever its level was.
    """
    gone = units["gone"].astype(bool)
    brings = units["revenue"].where(~gone, units["brought"])
    order = highest_first(units[["level"]].assign(revenue=brings)).index.to_series()
    stopped = order.isin(units.index[gone])
    largest = brings[order[stopped]].sort_values(ascending=False, kind="stable").index
    order[stopped] = largest
    return pd.Index(order)


def _expected(kinds: pd.Series, facts: list[dict[str, Any]]) -> pd.Series:
    """The day (ISO) on which an order or the close of a deal is expected; None of all else."""
    days = [own.get("expected") if kind in EXPECTED else None for kind, own in zip(kinds, facts, strict=True)]
    return pd.Series(days, index=kinds.index, dtype="str")


def _by_its_day(due: pd.Series, expected: pd.Series, days: WorkingDays) -> pd.Series:
    """The due dates, but of what is expected on a day ahead no later than on the working day up to it; what
    is expected while nobody works for CLOSED days or more lies evenly on the five working days before.
    """
    first = next(day for day in days.days if day > days.first)  # nothing begins on the day itself
    ahead = expected[(expected >= str(first)) & (expected < due)].sort_values(kind="stable")
    sooner = pd.Series(
        [days.on_or_before(date.fromisoformat(day)) for day in ahead], ahead.index, dtype=object
    )
    for last, own in ahead.groupby(sooner):
        at = days.days.index(last)
        inside = own[own > str(last)]
        if at + 1 < len(days.days) and (days.days[at + 1] - last).days > CLOSED:
            before = [day for day in days.days[max(at - 4, 0) : at + 1] if day >= first]
            for place, row in enumerate(inside.index):
                sooner[row] = before[place * len(before) // len(inside)]
    told = sooner.map(lambda day: day.isoformat()).astype("str")
    return due.mask(due.index.isin(ahead.index), told)


def _not_before(due: pd.Series, expected: pd.Series, days_before: int, days: WorkingDays) -> pd.Series:
    """The due dates, but of an order that is expected on a day ahead no sooner than ``days_before`` it."""
    out = due.copy()
    for at, day in expected[expected > str(days.first)].items():
        order = date.fromisoformat(day)
        early = order - timedelta(days=days_before)
        if early > days.first:
            earliest = min(days.on_or_after(early), days.on_or_before(order)).isoformat()
            out[at] = max(out[at], earliest)
    return out


def _settled_by(
    kinds: pd.Series, facts: list[dict[str, Any]], within: DueDays, days: WorkingDays
) -> pd.Series:
    """The days by which contracts are asked for in writing and their terms agreed; where entities of ours bid
    against each other, as soon as what is urgent. None of all else.
    """
    out: list[str | None] = []
    for kind, own in zip(kinds, facts, strict=True):
        if kind == ASKED or (kind in AGREED and "agree" in own):
            out.append(own["ask" if kind == ASKED else "agree"])
        elif kind == "one_lead" and "deals" in own:
            out.append(days.within(within.urgent).isoformat())
        else:
            out.append(None)
    return pd.Series(out, index=kinds.index, dtype=object)


def _collected(
    chosen: pd.DataFrame, facts: list[dict[str, Any]], within: DueDays, days: WorkingDays
) -> pd.Series:
    """The due dates, but what is overdue in one order for all owners: from the day by which it is settled who
    collects it (that of the urgent), spread over the days of what is soon, the most money for the longest
    time first. What is urgent or warned keeps its day.
    """
    own = chosen.index[(chosen["kind"] == "collect_overdue") & ~chosen["urgency"].isin(["urgent", "warned"])]
    known = pd.DataFrame(facts, index=chosen.index).reindex(columns=["overdue", "due_since"]).loc[own]
    late = (pd.Timestamp(days.first) - pd.to_datetime(known["due_since"])).dt.days
    order = (known["overdue"] * late).sort_values(ascending=False, kind="stable").index
    first, last = (days.days.index(days.within(length)) for length in (within.urgent, within.soon))
    steps = [first + max(1, (last - first) * place // len(order)) for place in range(1, len(order) + 1)]
    due = pd.Series([days.days[min(at, len(days.days) - 1)].isoformat() for at in steps], order, dtype="str")
    return due.reindex(chosen.index).fillna(chosen["due"])


def _called_in_time(
    chosen: pd.DataFrame,
    facts: list[dict[str, Any]],
    units: pd.DataFrame,
    within: DueDays,
    days: WorkingDays,
    window: date,
) -> pd.Series:
    """By when those are called that may stop buying (ISO; missing of all else): of whom the chance is
    LIKELY_TO_STOP or more, right after the urgent, an owner's largest expected loss first, within the days of
    the warned; of all others of whom a chance is told within the ``window`` that it speaks of, if it lies
    ahead.
    """
    told = pd.Series(["chance" in own for own in facts], chosen.index) | (chosen["kind"] == "recovery_call")
    told &= (chosen["visits"] == 0) & ~chosen["urgency"].isin(["urgent", "warned"])
    out = pd.Series(None, chosen.index, dtype=object)
    if window >= days.days[1]:
        out[told] = days.on_or_before(min(window, days.last)).isoformat()
    known = units[["churn_probability", "revenue_at_risk"]].reindex(chosen["account_id"])
    likely = chosen.assign(loss=known["revenue_at_risk"].fillna(0.0).to_numpy())[
        told & (known["churn_probability"] >= LIKELY_TO_STOP).to_numpy()
    ]
    first, last = (days.days.index(days.within(length)) for length in (within.urgent, within.warned))
    for _, own in likely.groupby(likely["owner"].fillna("").astype("str")):
        order = own.sort_values("loss", ascending=False, kind="stable").index
        for place, row in enumerate(order, 1):
            at = first + -(-place * max(last - first, 0) // len(order))
            out[row] = days.days[at].isoformat()
    return out


# what goes ahead though nobody is named for it: it is urgent, bound by a promise, or the head of sales's own
BEFORE_NAMED = (
    "settle_complaint",
    "close_complaints",
    "credit_limit",
    "campaign",
    "collect_overdue",
    "win_back_talk",
)


def _once_named(chosen: pd.DataFrame, settled: pd.Series, within: DueDays, days: WorkingDays) -> pd.Series:
    """The due dates where no account has an owner: but for what is urgent or warned, goes by a day of notice
    or is of BEFORE_NAMED nothing is due before owners are named, on the day of the urgent; what was, lies
    evenly over the five working days after it.
    """
    named = days.within(within.urgent)
    early = ~chosen["urgency"].isin(["urgent", "warned"]) & settled.isna()
    early &= ~chosen["kind"].isin(BEFORE_NAMED) & (chosen["due"] <= named.isoformat())
    order = chosen["due"][early].sort_values(kind="stable").index
    after = [day for day in days.days if day > named][:5]
    on = [after[place * len(after) // len(order)].isoformat() for place in range(len(order))]
    return chosen["due"].mask(early, pd.Series(on, order, dtype="str").reindex(chosen.index))


def _for_few(
    chosen: pd.DataFrame, held: pd.Series, a_week: float, within: DueDays, days: WorkingDays
) -> pd.Series:
    """The due dates where no account has an owner: what is not inside sales's lies on its day or later, so
    that as few people as can do all of it in the days of the routine have no more than ``a_week`` a week of
    it, and no more a day than their part. ``held`` : what has a day of its own, which it keeps, as do what is
    urgent or warned and BOUND; it takes its room.
    """
    own = ~chosen["leads"].isin(["inside", "marketing"]) & (chosen["kind"] != "joint_review")
    fixed = held | chosen["urgency"].isin(["urgent", "warned"]) | chosen["kind"].isin(BOUND)
    last = days.within(within.routine)
    on = [day for day in days.days if days.first < day <= last]
    people = max(1, -(-int(own.sum()) * 5 // max(int(a_week * len(on)), 1)))
    due = chosen["due"].copy()
    taken = pd.Series(due[own & fixed]).value_counts().to_dict()
    free = chosen[own & ~fixed].sort_values(["due", "money"], ascending=[True, False], kind="stable")
    waits, latest = waits_for(chosen), dict[str, str]()
    for row, unit in free["account_id"].items():
        wished = due[row]
        if waits[row] and unit in latest:
            wished = max(wished, (date.fromisoformat(latest[unit]) + timedelta(days=APART)).isoformat())
        at = next(
            (day for day in on if day.isoformat() >= wished and _fits(day, taken, a_week, people)), None
        )
        if at is not None:
            due[row] = latest[unit] = at.isoformat()
        taken[due[row]] = taken.get(due[row], 0) + 1
    return due


def _fits(day: date, taken: Mapping[str, int], a_week: float, people: int) -> bool:
    """Whether so many people have room for one more on a day and in its week. ``taken`` : by day (ISO)."""
    monday = day - timedelta(days=day.weekday())
    week = sum(taken.get((monday + timedelta(days=n)).isoformat(), 0) for n in range(7))
    return week < a_week * people and taken.get(day.isoformat(), 0) < np.ceil(a_week / 5) * people


def _largest_first(chosen: pd.DataFrame, revenue: pd.Series) -> pd.Index:
    """The actions by money, then by the unit's revenue, its number last."""
    rows = chosen.assign(_revenue=chosen["account_id"].map(revenue))
    return rows.sort_values(
        ["money", "_revenue", "account_id"], ascending=[False, False, True], kind="stable"
    ).index


def _level_calls(
    chosen: pd.DataFrame,
    by_size: pd.Index,
    expected: pd.Series,
    days_before: int,
    after: date,
    within: DueDays,
    days: WorkingDays,
) -> pd.Series:
    """The due dates, but the many routine calls of one person each day as few as can be: that for an order
    that is expected on a day ahead within ``days_before`` it, of one that is late within the days of what is
    soon, all else between the end of what is soon and that of the routine; none up to the day ``after``. Of
    those with the same days the first ``by_size`` goes first.
    """
    many, due = of_one_matter(chosen), chosen["due"].copy()
    opens = days.on_or_after(after + timedelta(days=1))
    soon, last = days.within(within.soon), days.within(within.routine)
    calls = chosen.loc[by_size[many.loc[by_size]]]
    for _, own in calls.groupby(calls["owner"].fillna("").astype("str")):
        windows: dict[Any, tuple[date, date]] = {}
        for row, kind, urgency in zip(own.index, own["kind"], own["urgency"], strict=True):
            day = days.on_or_before(date.fromisoformat(due[row]))
            if kind == "next_order" and urgency == "soon":
                windows[row] = (min(day, opens), max(day, soon))
            elif kind == "next_order":
                order = date.fromisoformat(str(expected[row]))
                begins = days.on_or_after(max(opens, order - timedelta(days=days_before)))
                windows[row] = (min(day, begins), max(day, days.on_or_before(min(order, last))))
            else:
                windows[row] = (min(day, days.on_or_after(soon)), max(day, last))
        for row, day in leveled(windows, days.days).items():
            due[row] = day.isoformat()
    return due


def by_inside_sales(actions: pd.DataFrame, units: pd.DataFrame, worth: Worth | None) -> pd.Series:
    """Which actions are inside sales's, as their unit has no owner: routine calls and mails, and what is done
    by phone at a unit below the key levels that brings less than it is ``worth`` the head of sales's time.

    ``units`` : level, revenue, brought (in its last year of purchases) and gone.
    """
    routine = actions["kind"].isin(ROUTINE_CALLS)
    if worth is not None:
        weight = units["revenue"].where(~units["gone"].astype(bool), units["brought"])
        least = worth.head_of_sales * float(units["revenue"].clip(lower=0).sum())
        small = (weight < least) & ~units["level"].isin(KEY_LEVELS)
        routine |= actions["account_id"].map(small).astype(bool) & (actions["visits"] == 0)
    return (routine & actions["owner"].isna() & (actions["leads"] == "owner")).astype(bool)


def _one_matter(rows: pd.DataFrame) -> pd.DataFrame:
    """The candidates, but terms that are renegotiated and the contract into which they go as one of them."""
    contract = rows[rows["kind"] == "renew_contract"].drop_duplicates("account_id").set_index("account_id")
    both = (rows["kind"] == "reprice") & rows["account_id"].isin(contract.index)
    merged = [
        {**facts, **contract.at[unit, "facts"]} if joined else facts
        for unit, facts, joined in zip(rows["account_id"], rows["facts"], both, strict=True)
    ]
    repriced = rows.loc[both, "account_id"]
    rows = rows.assign(facts=pd.Series(merged, rows.index, dtype=object))
    return rows[~((rows["kind"] == "renew_contract") & rows["account_id"].isin(repriced))]


def _chosen(rows: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Of each unit's candidates the first few, without two on one matter, in the order of ``units``."""
    rows = rows.copy()
    rows["stage"] = [STAGES.index(KINDS[kind].stage) for kind in rows["kind"]]
    # what orders again is asked in place of what was to be done with a lost one
    rows["named"] = (rows["kind"] == rows["account_id"].map(units["next_action"])) | (
        rows["kind"] == "bought_again"
    )
    # nothing is offered where somebody has to act first
    acting = rows["account_id"].map(units["verdict"]).isin(["act", "stopped"])
    rows = rows[rows["named"] | ~(acting & (rows["stage"] == STAGES.index("grow")))]
    reached = (
        rows["account_id"]
        .map(units["next_action"])
        .isin(["campaign", "held_out", "ordered_since", "close_lost"])
    )
    rows = rows[rows["named"] | ~reached]
    # first it is decided whether to go on with it: until then only what went wrong is put right
    undecided = rows["account_id"].map(units["next_action"]).isin(["win_back_talk", "no_investment"])
    rows = rows[rows["named"] | ~(undecided & (rows["stage"] > STAGES.index("put_right")))]
    order = pd.Series(np.arange(len(units)), index=units.index)
    rows["_unit"] = rows["account_id"].map(order)
    rows["_strategic"] = (rows["kind"] == "joint_review") & (rows["account_id"].map(units["level"]) == "S")
    rows = rows.sort_values(
        ["_unit", "named", "stage", "money", "ref"], ascending=[True, False, True, False, True], kind="stable"
    )
    matter = rows["kind"].map(_MATTERS).fillna(rows["kind"])
    rival = pd.Series(["after_lead" in facts for facts in rows["facts"]], index=rows.index, dtype=bool)
    matter = matter.mask(rival, rows["ref"])  # of deals that bid against each other each is one
    rows = rows[~pd.DataFrame({"unit": rows["account_id"], "matter": matter}).duplicated()]
    category = pd.Series([facts.get("category") for facts in rows["facts"]], index=rows.index, dtype=object)
    again = pd.DataFrame({"unit": rows["account_id"], "category": category}).duplicated()
    rows = rows[~(again & category.notna())]  # a category that others sell it and peers buy is one matter
    most = rows["account_id"].map(units["level"]).map(lambda level: MOST_LOWEST if level == "C" else MOST)
    # the review with the largest is held whatever else there is to do, as the last of the three
    held = rows.groupby("account_id")["_strategic"].transform("any")
    rank = rows[~rows["_strategic"]].groupby("account_id").cumcount().reindex(rows.index, fill_value=-1)
    kept = rows["_strategic"] | (rank < most - held)
    # routine fills up to two, and is not the third
    routine = (rows["stage"] == STAGES.index("routine")) & ~rows["_strategic"] & ~rows["named"]
    kept &= ~(routine & (rank >= 2))
    alone = [bool({"stuck", "after_lead"} & set(facts)) for facts in rows["facts"]]
    kept |= pd.Series(alone, index=rows.index, dtype=bool)
    rows = rows[kept]
    return rows.assign(place=rows.groupby("account_id").cumcount() + 1)


# kinds that are about one matter: only the first of them is done
_MATTERS = {
    "payment_plan": "money owed",
    "collect_overdue": "money owed",
    "close_complaints": "complaints",
    "settle_complaint": "complaints",
    "mend_delivery": "late orders",
    "deliver_order": "late orders",
    "find_successor": "people",
    "meet_successor": "people",
    "meet_person": "people",
    "open_layer": "people",
    "revisit": "people",
    "offer_category": "offer",
    "regain_category": "offer",
    "win_share": "share",
    "defend_offer": "share",
    "ask_rhythm": "orders",
    "ask_change": "orders",
    "recovery_call": "orders",
    "rescue_visit": "orders",
    "next_order": "orders",
    "no_investment": "orders",
    "joint_review": "review",
    "review_meeting": "review",
}
