"""What would be two talks with one account within days is one: a call with all its matters, terms that are
negotiated with whoever was to be met first, and how terms are agreed once they are asked for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from kamplay.method.plan.due_dates import APART
from kamplay.method.plan.meetings import VISITS, done_on
from kamplay.method.plan.terms import AGREED, ASKED, of_terms
from kamplay.method.value.step import Value

# calls that can be one; the first of them is the talk in which the others are spoken of as well
CALLS = (
    "ask_change",
    "ask_rhythm",
    "recovery_call",
    "joint_review",
    "review_meeting",
    "win_share",
    "regain_category",
    "offer_category",
    "next_order",
    "no_investment",
)
INTRODUCED = "meet_person"
# kinds that ask why it stopped, and the talks in which it is asked first why it buys less
STOPPED = frozenset(["win_back_talk", "close_lost", "bought_again"])
HOW_WE_STAND = frozenset(["ask_change", "recovery_call", "rescue_visit", "review_meeting", "joint_review"])
ASKS_WHY = frozenset(["find_out_why", "win_back", "win_back_largest"])  # codes of findings that ask why


def in_one_call(actions: pd.DataFrame) -> pd.DataFrame:
    """The actions, calls of one person that are due less than APART days after each other as one of them, the
    first by CALLS: on the last of their days, or sooner where one of them has a day of its own. The others
    stand in its fact ``beside``: kind, facts, money and basis of each.

    Parameters
    ----------
    actions : as ``Plan.actions``, each done by phone where ``visits`` is 0.
    """
    own = actions["leads"].isin(["owner", "inside"])
    calls = actions[actions["kind"].isin(CALLS) & actions["visits"].eq(0) & own]
    calls = calls[calls["account_id"].duplicated(keep=False)].assign(_who=calls["meet"].fillna(""))
    gone: list[Any] = []
    facts, due = actions["facts"].copy(), actions["due"].copy()
    for _, own in calls.sort_values("due", kind="stable").groupby(["account_id", "_who"]):
        for together in _within_days(own):
            main, *others = sorted(together, key=lambda row: CALLS.index(row.kind))
            others.sort(key=lambda row: row.place)
            told = json.loads(main.facts)
            told["beside"] = [
                {"kind": row.kind, "facts": _without(row.facts, told), "money": row.money, "basis": row.basis}
                for row in others
            ]
            facts[main.Index] = json.dumps(told, ensure_ascii=False, sort_keys=True)
            bound = [row.due for row in together if row.bound and row.kind != "joint_review"]
            due[main.Index] = min([together[-1].due, *bound])
            gone += [row.Index for row in others]
    return actions.assign(facts=facts, due=due).drop(index=gone)


def _without(stated: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of what is spoken of beside another: that it is by phone is told once."""
    own: dict[str, Any] = json.loads(stated)
    return {name: fact for name, fact in own.items() if name != "by_phone" or name not in told}


def _within_days(calls: pd.DataFrame) -> list[list[Any]]:
    """Calls of one person, by their days: those less than APART days after the one before together."""
    out: list[list[Any]] = []
    for row in calls.itertuples():
        last = date.fromisoformat(row.due) - timedelta(days=APART)
        if out and date.fromisoformat(out[-1][-1].due) > last:
            out[-1].append(row)
        else:
            out.append([row])
    return [together for together in out if len(together) > 1]


def fallen(value: Value) -> pd.Series:
    """How much less those bought than the year before of whom step 2 asks the reason, by account."""
    asked = [
        account
        for found in value.findings
        if found.action in ASKS_WHY
        for account in (*found.accounts, *found.others)[: found.figures.get("asked")]
    ]
    moves = value.retention.moves.reindex(list(dict.fromkeys(asked)))
    return moves["before"] - moves["now"].clip(lower=0)


def asked_why(actions: pd.DataFrame, fell: pd.Series) -> pd.DataFrame:
    """The actions, of each account that ``fell`` (by how much) one that asks why (fact ``fell``): the first
    talk on how we stand, without one the first of all; none where it is asked why it stopped.
    """
    facts = actions["facts"].copy()
    rows = actions[actions["account_id"].isin(fell.index[fell > 0])].sort_values("due", kind="stable")
    for unit, own in rows.groupby("account_id"):
        told = {at: json.loads(stated) for at, stated in own["facts"].items()}
        beside = {at: {one["kind"] for one in told[at].get("beside", ())} for at in told}
        kinds = {at: beside[at] | {own.at[at, "kind"]} for at in told}
        if any(kinds[at] & STOPPED for at in told):
            continue
        first = next((at for at in told if kinds[at] & HOW_WE_STAND), own.index[0])
        stated = told[first] | {"fell": round(float(fell[unit]), 2)}
        facts[first] = json.dumps(stated, ensure_ascii=False, sort_keys=True)
    return actions.assign(facts=facts)


def each_matter(actions: pd.DataFrame) -> pd.DataFrame:
    """The actions, and behind each what is spoken of beside it as a row of its own with the same account,
    owner and day.
    """
    joined = actions["facts"].str.contains('"beside"', regex=False)
    more = [
        row
        | {"kind": one["kind"], "facts": json.dumps(one["facts"], ensure_ascii=False, sort_keys=True)}
        | {"money": one["money"], "basis": one["basis"]}
        for row in actions[joined].to_dict("records")
        for one in json.loads(row["facts"])["beside"]
    ]
    if not more:
        return actions
    return pd.concat([actions, pd.DataFrame(more, columns=actions.columns)], ignore_index=True)


def asked_for_at_visits(
    actions: pd.DataFrame, entries: pd.DataFrame, last: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The actions, terms of a contract asked for no later than on the first visit that is for them: handed
    over there (fact ``handed``) by whoever leads, or by the head of sales where only that visit is made (fact
    ``handed_senior``); and the calendar's entries, the visit for that as well. Where no further visit follows
    by the day on which they are to be agreed, and the calendar goes as far, what is left is agreed by phone
    (fact ``then_called``).

    Parameters
    ----------
    actions : as ``Plan.actions``.
    entries : of the calendar made of them.
    last : its last day.
    """
    on = _visits_of_terms(entries)
    facts, due, entries = actions["facts"].copy(), actions["due"].copy(), entries.copy()
    for row in actions[of_terms(actions)].itertuples():
        told = json.loads(row.facts)
        there = [one for one in on.get(row.account_id, ()) if one[0] <= told["agree"]]
        if not there:
            continue
        days = [one[0] for one in there]
        told["ask"] = min(told["ask"], days[0])
        if row.kind == ASKED:
            due[row.Index] = told["ask"]
            that_day = [one for one in there if one[0] == told["ask"]]
            own = [one for one in that_day if (one[1] == "head_office") == (row.leads == "head")]
            if that_day:
                at = (own or that_day)[0][2]
                told["handed" if own else "handed_senior"] = True
                further = entries.at[at, "also"]
                entries.at[at, "also"] = " ".join(
                    [ASKED, *(further.split() if isinstance(further, str) else [])]
                )
        elif days[-1] <= told["ask"] and told["agree"] <= last.isoformat():
            told["then_called"] = True
        facts[row.Index] = json.dumps(told, ensure_ascii=False, sort_keys=True)
    wished = actions["wished"].where(due == actions["due"], due)
    return actions.assign(facts=facts, due=due, wished=wished), entries


def _visits_of_terms(entries: pd.DataFrame) -> dict[str, list[tuple[str, str, Any]]]:
    """Day (ISO), role and place of the visits that are for the terms of a contract, by unit."""
    out: dict[str, list[tuple[str, str, Any]]] = defaultdict(list)
    visits = entries[entries["kind"].isin(VISITS)].sort_values("date", kind="stable")
    for row in visits.itertuples():
        if set(AGREED) & set(_kinds(row.purpose, row.also)):
            out[row.unit_id].append((f"{row.date:%Y-%m-%d}", row.role, row.Index))
    return out


def _kinds(purpose: Any, also: Any) -> list[str]:
    """The kinds of the actions that are done at a visit."""
    return [
        *([purpose] if isinstance(purpose, str) else []),
        *(also.split() if isinstance(also, str) else []),
    ]


def met_for_terms(actions: pd.DataFrame, entries: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The actions and the calendar's entries, without getting to know somebody with whom terms are agreed on
    the same day or before: what is done at the first visit to that person on its day says who may introduce
    us (fact ``introducer``), if anything is; without a visit what agrees the terms.

    Parameters
    ----------
    actions : as for ``asked_for_at_visits``; what no week holds, without a day, is taken to come later.
    entries : of the calendar made of them.
    """
    rows = actions[actions["kind"].isin(AGREED) & of_terms(actions) & actions["meet"].notna()]
    terms = {(row.account_id, row.meet): row for row in rows.itertuples()}
    met = actions[actions["kind"] == INTRODUCED]
    on = done_on(actions["account_id"], actions["kind"], actions["meet"], entries)
    facts, entries, gone = actions["facts"].copy(), entries.copy(), []
    for row in met.itertuples():
        agreed = terms.get((row.account_id, row.meet))
        if agreed is None:
            continue
        day, last = on[row.Index] or row.due, on[agreed.Index] or agreed.due
        if "" < day < last:
            continue
        gone.append(row.Index)
        at = _at_the_first_visit(actions, row, entries, agreed)
        if at is not None:
            _introduced(facts, at, json.loads(row.facts))
        there = (entries["unit_id"] == row.account_id) & (entries["contact_id"] == row.meet)
        for at in entries.index[there & entries["kind"].isin(VISITS)]:
            kinds = [k for k in _kinds(*entries.loc[at, ["purpose", "also"]]) if k != INTRODUCED]
            entries.at[at, "purpose"] = kinds[0] if kinds else None
            entries.at[at, "also"] = " ".join(kinds[1:]) or None
    return actions.assign(facts=facts).drop(index=gone), entries


def _at_the_first_visit(actions: pd.DataFrame, row: Any, entries: pd.DataFrame, agreed: Any) -> Any:
    """Place of the action that is done on the day of the first visit to whom one is to meet; that of
    ``agreed`` without a visit up to its day, None where nothing is done there.
    """
    first = _first_visit(entries, row.account_id, row.meet)
    if not first or first > agreed.due:
        return agreed.Index
    own = actions[(actions["account_id"] == row.account_id) & (actions["meet"] == row.meet)]
    own = own[own["due"].eq(first) & own["kind"].isin([ASKED, *AGREED, "move_deal"])]
    handed = own["kind"].ne(ASKED) | own["facts"].str.contains('"handed', regex=False)
    return next(iter(own.index[handed.astype(bool)]), None)


def _first_visit(entries: pd.DataFrame, unit: str, contact: str, role: str = "") -> str:
    """Day (ISO) of the first visit to a person; "" without one."""
    there = entries["kind"].isin(VISITS) & (entries["unit_id"] == unit) & (entries["contact_id"] == contact)
    days = entries.loc[there & (entries["role"].eq(role) if role else True), "date"]
    return f"{days.min():%Y-%m-%d}" if len(days) else ""


def met_by_the_head_first(actions: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """The actions, who is got to know by the owner after the head of sales has seen that person introduced by
    the head of sales (fact ``met_before``, ISO), and by nobody else.

    Parameters
    ----------
    actions, entries : as for ``met_for_terms``.
    """
    facts = actions["facts"].copy()
    rows = actions[(actions["kind"] == INTRODUCED) & actions["meet"].notna() & (actions["leads"] != "head")]
    on = done_on(rows["account_id"], rows["kind"], rows["meet"], entries)
    for row in rows.itertuples():
        first = _first_visit(entries, row.account_id, row.meet, "head_office")
        day = on[row.Index] if isinstance(on[row.Index], str) else row.due
        if first and (not day or first < day):
            told = {name: fact for name, fact in json.loads(row.facts).items() if name != "introducer"}
            facts[row.Index] = json.dumps(told | {"met_before": first}, ensure_ascii=False, sort_keys=True)
    return actions.assign(facts=facts)


def _introduced(facts: pd.Series, at: Any, told: Mapping[str, Any]) -> None:
    """Name in the facts of one action who may introduce us."""
    if "introducer" in told:
        whole = json.loads(facts[at]) | {"introducer": told["introducer"]}
        facts[at] = json.dumps(whole, ensure_ascii=False, sort_keys=True)
