"""Whom each visit of the calendar is for, and at which visit an action that takes one is done."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.health.stakeholders import DECIDING
from kamplay.method.plan.terms import AGREED

# whom a visit is for: the branch meets those who work with us, head office those who decide
LAYERS_MET = {"branch": ("implementation", "use"), "head_office": ("decision", "image")}
VISITS = ("visit", "review")  # kinds of the calendar's entries
WHO = ["layer", "contact_id", "contact", "purpose", "also"]
IN_TURN = ["free", "by", "further", "place"]  # by which actions choose their visits
MOST_MEETINGS = 3  # with one person in a quarter, while others of the chain can be met
# promised to the customer by a day, or agreed by one, which is not that of its visit
BY_A_DAY = ("close_complaints", "settle_complaint", "agree_contract")
LARGE = 0.01  # of all revenue: terms of whoever brings so much are spoken of on site, by somebody senior
MATTER_DAYS = 28  # after a matter other than terms was due who comes for head office still has it as purpose
# matters that are spoken of by whoever comes for head office: a contract, complaints, money owed
MATTERS_DUE = (*AGREED, "close_complaints", "settle_complaint", "payment_plan", "collect_overdue", "one_lead")
ASKS_WHO = ("find_successor", "open_layer")  # by which the owner learns whom to see, and is introduced
TALKS_DAYS = 28  # before the day of notice: from then on a visit is for the terms of a contract


def large_terms(actions: pd.DataFrame, revenue: pd.Series) -> pd.Series:
    """Which actions settle the terms of a unit that brings LARGE of all revenue. ``revenue``: of the planned
    units, by unit.
    """
    brings = actions["account_id"].map(revenue).fillna(0.0)
    return actions["kind"].isin(AGREED) & (brings >= LARGE * revenue.clip(lower=0).sum())


def for_the_senior(actions: pd.DataFrame, revenue: pd.Series, called_on: Collection[str]) -> pd.Series:
    """Which actions somebody senior does on site: the head of sales's own; and large terms, where the first
    visit of the branch is for another action, or the branch does not go there. Else its owner does them.

    Parameters
    ----------
    actions : as ``Plan.actions``, the first of a unit first.
    revenue : of the planned units, by unit.
    called_on : units that the branch visits.
    """
    taken = actions["account_id"].where(actions["visits"] > 0).duplicated() & (actions["visits"] > 0)
    alone = ~actions["account_id"].isin(list(called_on))
    return (actions["leads"] == "head") | (large_terms(actions, revenue) & (taken | alone))


def talks(actions: pd.DataFrame) -> pd.DataFrame:
    """From when and by when (ISO) the visit is that an action takes: where terms go into a contract, from
    TALKS_DAYS before its day of notice, by which it is asked for in writing, to the day by which they are to
    be agreed; of all else, and of a contract whose notice has passed, by its due day. ``actions``: kind,
    facts and due.

    Returns
    -------
    ``begins`` ("": at once), ``by`` and ``asks``, by when terms are asked for ("" of all else), on the index
    of the actions.
    """
    out: list[tuple[str, str, str]] = []
    for kind, told, due in zip(actions["kind"], actions["facts"], actions["due"], strict=True):
        facts = json.loads(told) if kind in AGREED else {}
        begins, notice = "", facts.get("notice", "")
        if due and "ask" in facts and (facts["ask"] <= notice or kind == "reprice"):
            begins = str(date.fromisoformat(notice or facts["ask"]) - timedelta(days=TALKS_DAYS))
        out.append((begins, due, facts.get("ask", "")))
    return pd.DataFrame(out, columns=["begins", "by", "asks"], index=actions.index, dtype=object)


def with_contacts(entries: pd.DataFrame, people: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Whom each visit is for: whoever an action names, see ``_named``; all others are for those of the role's
    own layers in turn, who has not been met for longest first; with nobody known in these the layer alone;
    where no layers are recorded, everybody in turn. Nobody is met more than MOST_MEETINGS times while there
    are others: who decides first, and then a layer in which nobody is known yet. And what it is for
    (``purpose``): the kind of the action done at it, see ``_purposes``; missing: of none; ``also``: the
    kinds of those done at it as well, with a space between them.

    Parameters
    ----------
    entries : visits and reviews: unit_id, date, role, kind.
    people : index contact_id; account_id (the unit), label, layer, gone, days (since last met), influence.
    actions : unit_id, todo (its kind), due (ISO), visits (that it takes), bound (whether a deadline holds),
        meet (contact_id of whom its visit is for), senior (whether somebody senior is to make it);
        ``begins``, ``by`` and ``asks`` as in ``talks`` (without these columns its visit is by its due day);
        ``both`` (without it none): whether the owner and somebody senior each make one; ``matter`` (without
        it none): whether it is what somebody senior speaks of who comes up to MATTER_DAYS after it is due;
        ``waits`` (without it 0): for how many others at its unit it waits, and ``place``, as in
        ``Plan.actions``.
    """
    actions = _for_each(actions)
    if people.empty:
        return _purposes(entries.assign(**dict.fromkeys(WHO)), actions)
    there = people[~people["gone"].astype(bool)]
    met = there["days"].astype("float64").fillna(np.inf)
    ranked = there.assign(_met=-met, _weight=-there["influence"].astype("float64").fillna(0.0))
    ranked = ranked.sort_values(["_met", "_weight"], kind="stable")
    layers = ranked["layer"].astype(object).where(ranked["layer"].notna(), None)
    of_unit: dict[Any, dict[Any, str | None]] = defaultdict(dict)
    for one, unit, of in zip(ranked.index, ranked["account_id"], layers, strict=True):
        of_unit[unit][one] = of
    layer_and_name = dict(zip(there.index, zip(there["layer"], there["label"], strict=True), strict=True))
    senior = set(there.index[there["layer"].isin(LAYERS_MET["head_office"]) | there["layer"].isna()])
    named = _named(entries, actions[actions["meet"].isin(there.index)], senior)
    met_by: list[tuple[Any, ...]] = []
    count: dict[Any, int] = defaultdict(int)  # meetings of each person
    for one in named.values():
        count[one] += 1
    for row in entries.sort_values(["date", "unit_id"], kind="stable").itertuples():
        known = of_unit.get(row.unit_id, {})
        layer: str | None = None
        contact: Any = named.get(row.Index)
        name = None
        if known and contact is None:
            layer, contact = _in_turn(known, row.role, count)
            count[contact] += contact is not None
        if contact is not None:
            layer, name = layer_and_name[contact]
        met_by.append((row.Index, layer, contact, name))
    told = pd.DataFrame(met_by, columns=["at", *WHO[:3]]).set_index("at")
    return _purposes(entries.join(told.astype(object).where(told.notna(), None)), actions)


def nobody_senior(people: pd.DataFrame) -> frozenset[str]:
    """Units of whom people are known, but nobody whom head office meets. ``people``: as in
    ``with_contacts``.
    """
    if people.empty:
        return frozenset()
    there = people[~people["gone"].astype(bool)]
    senior = there["layer"].isin(LAYERS_MET["head_office"]) | there["layer"].isna()
    return frozenset(there["account_id"]) - frozenset(there.loc[senior, "account_id"])


def _for_each(actions: pd.DataFrame) -> pd.DataFrame:
    """The actions with all columns, what both roles go for once more, for the other role (``further``); what
    waits and nothing binds is ``by`` no day before those that it waits for.
    """
    usual: dict[str, Any] = {"begins": "", "by": actions["due"], "asks": ""}
    usual |= {"both": False, "matter": False, "waits": 0, "place": 1}
    actions = actions.assign(**{name: one for name, one in usual.items() if name not in actions})
    steps = _Steps(actions)
    behind = [
        row.by if row.bound else max(row.by, steps.before(row))
        for row in actions[["unit_id", "bound", "by", "waits", "place"]].itertuples()
    ]
    actions = actions.assign(by=pd.Series(behind, actions.index, dtype=object))
    both = actions[actions["both"].astype(bool)]
    further = both.assign(senior=~both["senior"].astype(bool), further=True)
    return pd.concat([actions.assign(further=False), further], ignore_index=True)


def _in_turn(known: Mapping[Any, str | None], role: str, count: Mapping[Any, int]) -> tuple[str | None, Any]:
    """The layer and the contact of a visit that no action names anybody for. ``known``: who is there at the
    unit, in the order in which they are met, each with its layer.
    """
    own = LAYERS_MET[role]
    here = [one for one, layer in known.items() if layer in own]
    here = here or [one for one, layer in known.items() if layer is None]
    if not here:
        return own[0], None
    chosen = min(here, key=lambda one: count[one])
    if count[chosen] < MOST_MEETINGS or role == "head_office":
        return None, chosen
    rest = [one for one in known if one not in here and count[one] < MOST_MEETINGS]
    if rest:
        rank = {layer: place for place, layer in enumerate(DECIDING)}
        return None, min(rest, key=lambda one: (count[one], rank.get(known[one] or "", len(rank))))
    unknown = [layer for layer in DECIDING if layer not in known.values()]
    return (unknown[0], None) if unknown else (None, chosen)


def _purposes(entries: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """The visits with ``purpose`` and ``also``: each action that takes a visit is done at one, a review at
    its own, what is ``senior`` at one of head office. What a deadline binds chooses first: the first by its
    day, if there is one behind what it waits for at its unit, and behind the day by which terms are asked
    for; else the last up to its day, or the first after it, and not before what it waits for. A visit that is
    for nothing else yet comes before one that is. The first visit of head office that has none is for the
    matter due there, if any.
    """
    out = pd.Series(None, entries.index, dtype=object)
    out[entries["kind"] == "review"] = "joint_review"
    also: dict[Any, list[str]] = defaultdict(list)
    needed = actions[(actions["visits"] > 0) & (actions["todo"] != "joint_review")]
    needed = needed.assign(free=~needed["bound"].astype(bool))
    days = entries.assign(on=entries["date"].dt.strftime("%Y-%m-%d")).sort_values("date", kind="stable")
    of_unit = dict(list(days.groupby("unit_id")))
    steps = _Steps(actions)
    matters = False
    for row in needed.sort_values(IN_TURN, kind="stable").itertuples():
        if row.free and not matters:
            _of_head_office(out, entries, actions)
            matters = True
        there = of_unit.get(row.unit_id)
        if there is None:
            continue
        role = "head_office" if row.senior else "branch"
        if row.further or (row.senior and (there["role"] == role).any()):
            there = there[there["role"] == role]
        if isinstance(row.meet, str):
            there = there[there["contact_id"] == row.meet]
        if row.begins:
            there = there[there["kind"] != "review"]
            at_talks = there[(there["on"] >= row.begins) & (there["on"] <= row.by)]
            there = at_talks if len(at_talks) else there[there["on"] <= row.by].tail(1)
        elif not row.free:
            there = there[there["on"] <= row.by]
        first = steps.before(row)
        behind = there[(there["on"] > row.asks) & (there["on"] >= first)]
        there = behind if len(behind) or row.free else there
        rank = [
            (at in also or isinstance(out[at], str), kind == "review", *_near(on, row.by, row.free), at)
            for at, kind, on in there[["kind", "on"]].itertuples()
        ]
        if not rank:
            continue
        taken, *_, at = min(rank)
        if taken:
            also[at].append(row.todo)
        else:
            out[at] = row.todo
        steps.done(row, there.at[at, "on"])
    if not matters:
        _of_head_office(out, entries, actions)
    further = pd.Series({at: " ".join(kinds) for at, kinds in also.items()}, dtype=object)
    return entries.assign(
        purpose=out, also=further.reindex(entries.index).where(lambda one: one.notna(), None)
    )


def _near(on: str, by: str, free: bool) -> tuple[bool, int]:
    """Of several days the smallest is chosen: the first, or for what is ``free`` the last up to its day, then
    the first after it.
    """
    day = date.fromisoformat(on).toordinal()
    late = on > by
    return late, -day if free and not late else day


class _Steps:
    """On which day each action of a unit is done: what waits for others is not done before them."""

    def __init__(self, actions: pd.DataFrame):
        self.days: dict[Any, dict[float, str]] = defaultdict(dict)
        for unit, place, due in zip(actions["unit_id"], actions["place"], actions["due"], strict=True):
            self.days[unit][place] = due

    def before(self, row: Any) -> str:
        """The day of the last that one waits for; "" where it waits for none."""
        if not row.waits:
            return ""
        return max((day for place, day in self.days[row.unit_id].items() if place < row.place), default="")

    def done(self, row: Any, on: str) -> None:
        """One is done on a day, what has a day of its own no sooner than on that."""
        if not row.further:
            self.days[row.unit_id][row.place] = max(on, row.by) if row.todo in BY_A_DAY else on


def _of_head_office(out: pd.Series, entries: pd.DataFrame, actions: pd.DataFrame) -> None:
    """Have the first visit of head office that is for nothing yet be for the matter due at its unit."""
    due = actions[actions["matter"].astype(bool)].drop_duplicates("unit_id").set_index("unit_id")
    own = entries[(entries["role"] == "head_office") & entries["unit_id"].isin(due.index)]
    own = own.sort_values("date", kind="stable")
    told = set(zip(own["unit_id"], out[own.index], strict=True))
    for at, unit, day in own[["unit_id", "date"]].itertuples():
        matter = due.loc[unit]
        if (unit, matter["todo"]) in told:
            continue
        late = 0 if matter["todo"] in AGREED else MATTER_DAYS
        last = pd.Timestamp(matter["by"]) + pd.Timedelta(days=late)
        if pd.isna(out[at]) and matter["begins"] <= f"{day:%Y-%m-%d}" and day <= last:
            out[at] = matter["todo"]
            told.add((unit, matter["todo"]))


def _named(entries: pd.DataFrame, actions: pd.DataFrame, senior: Collection[Any]) -> dict[Any, str]:
    """Place of a visit → contact_id of whom an action names for it.

    A review is for whom the review names. Of a unit's other actions those that a deadline binds choose first,
    then those due first: each a visit by its day that nobody has chosen, not before the talks on its terms
    begin, as far as there is one behind the day by which they are asked for, and behind what it waits for,
    one of head office for what is senior and of the branch for all else, head office only to the ``senior``
    of those to be met; what nothing binds the last by its day, else the first after it, and none before what
    it waits for. Who is met by then anyway takes none, but terms are not settled at a review.
    """
    needed = actions[actions["visits"] > 0].assign(free=lambda rows: ~rows["bound"].astype(bool))
    reviews = needed[needed["todo"] == "joint_review"].drop_duplicates("unit_id").set_index("unit_id")["meet"]
    held = entries[(entries["kind"] == "review") & entries["unit_id"].isin(reviews.index)]
    out: dict[Any, str] = {at: reviews[unit] for at, unit in held["unit_id"].items()}
    needed = needed[needed["todo"] != "joint_review"].sort_values(IN_TURN, kind="stable")
    of_unit = entries.sort_values(["date", "role"], kind="stable").groupby("unit_id")
    visits = {unit: list(_days(rows)) for unit, rows in of_unit}
    matter = set(actions.loc[actions["matter"].astype(bool), "unit_id"])
    steps = _Steps(actions)
    for row in needed.itertuples():
        first = steps.before(row)
        own = [one for one in visits.get(row.unit_id, []) if not row.free or one[1] >= first]
        if row.free and not row.senior and row.unit_id in matter:  # head office comes for that
            own = [one for one in own if one[2] != "head_office"]
        role = "head_office" if row.senior else "branch"
        own = [
            one
            for one in own
            if (one[2] != "head_office" or row.meet in senior) and (one[2] == role or not row.further)
        ]
        here = [one for one in own if not (row.begins and one[0] in held.index)]
        seen = [day for at, day, _ in here if out.get(at) == row.meet and row.begins <= day <= row.by]
        behind = [day for day in seen if day > row.asks and day >= first]
        seen = behind or seen
        left = [
            (
                day > row.by,
                day < row.begins,
                not (day > row.asks and day >= first),
                day <= row.by and of != role,
                _near(day, row.by, row.free),
                day,
                at,
            )
            for at, day, of in own
            if at not in out and not (row.further and day < row.begins)
        ]
        later, early, ahead, *_, on, chosen = min(left, default=(True, True, True, "", None))
        if behind or (seen and (later or early or ahead)):
            steps.done(row, max(seen) if row.free else min(seen))
        elif chosen is not None and (row.free or not later):
            out[chosen] = row.meet
            steps.done(row, on)
    return out


def _days(visits: pd.DataFrame) -> Iterator[tuple[Any, str, str]]:
    """Place, day (ISO) and role of each visit."""
    yield from zip(visits.index, visits["date"].dt.strftime("%Y-%m-%d"), visits["role"], strict=True)


def done_on(units: pd.Series, kinds: pd.Series, meet: pd.Series, entries: pd.DataFrame) -> pd.Series:
    """The day (ISO) of the first visit at which each action is done, see ``with_contacts``; missing where
    there is none. A visit of head office for the matter due there is none, if it is for another person.

    Parameters
    ----------
    units, kinds, meet : of the actions: the unit, the kind, and contact_id of whom the visit is for (missing:
        of anybody).
    entries : of the calendar.
    """
    days: dict[tuple[Any, str, Any], str] = {}
    if "purpose" in entries:
        visits = entries[entries["kind"].isin(VISITS)].sort_values("date", kind="stable")
        told = visits[["date", "unit_id", "contact_id", "purpose", "also"]]
        for day, unit, contact, purpose, also in told.itertuples(index=False):
            for kind in [purpose, *(also.split() if isinstance(also, str) else [])]:
                for who in (contact, None):
                    days.setdefault((unit, kind, who), f"{day:%Y-%m-%d}")
    on = [
        days.get((unit, kind, who if isinstance(who, str) and kind != "joint_review" else None))
        for unit, kind, who in zip(units, kinds, meet, strict=True)
    ]
    return pd.Series(on, units.index, dtype=object)


def dated_by_visits(actions: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """The actions, each that is done at a visit due on the day of that visit, see ``on_their_visits``.

    Parameters
    ----------
    actions : as ``Plan.actions``.
    entries : of the calendar made of them.
    """
    named = actions.rename(columns={"account_id": "unit_id", "kind": "todo"})
    due = on_their_visits(named.assign(begins=talks(actions)["begins"]), entries)
    # it waits for its visit, and not for a week with room
    return actions.assign(due=due, wished=actions["wished"].where(due == actions["due"], due))


def on_their_visits(actions: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """When each action is due (ISO): what is done at a visit, on the day of that visit; what is promised to
    the customer, or asked for in writing by a day of notice, by that day, as its visit is before it.

    Parameters
    ----------
    actions : unit_id, todo, due, visits and begins, as in ``with_contacts``.
    """
    takes = (actions["visits"] > 0) | (actions["todo"] == "joint_review")
    keeps = actions["todo"].isin(BY_A_DAY) | (actions["begins"] != "")
    on = done_on(actions["unit_id"], actions["todo"], actions["meet"], entries).where(takes & ~keeps)
    return actions["due"].astype(object).where(on.isna(), on)


def seen_by_then(actions: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """Whether each action is done at a visit by the day on which it is due, or its terms are to be agreed.
    ``actions``: as ``Plan.actions``.
    """
    on = done_on(actions["account_id"], actions["kind"], actions["meet"], entries)
    seen = [isinstance(day, str) and day <= by for day, by in zip(on, talks(actions)["by"], strict=True)]
    return pd.Series(seen, actions.index, dtype=bool)
