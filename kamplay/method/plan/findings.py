"""What step 4 found out: what comes first, what is lost, whether the team can carry the visits and makes
them.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.business import business
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.noise_reference import noise_reference
from kamplay.method.noise_gate import beyond_chance, family_look
from kamplay.method.plan import visits_done
from kamplay.method.plan.actions import goes_by_record
from kamplay.method.plan.calendar import MOST_ROUTINE, routine_calls
from kamplay.method.plan.capacity import of_the_place
from kamplay.method.plan.possible_actions import SETTLED
from kamplay.method.plan.week_load import mondays
from kamplay.method.plan.working_days import WorkingDays, plan_day
from kamplay.method.results import Finding, Findings
from kamplay.presets import Strategy

OLD_DAYS = 31  # of the figures on the day of issue: what was done since may change what is to be done
IMMATERIAL = 0.01  # of the year's revenue: what holds less is nothing for the board


# what a plan is made of beside the sales lines: name → table and columns
WANTED = {
    "owner": ("accounts", "owner"),
    "category": ("transactions",),
    "contacts": ("contacts",),
    "visits": ("visits",),
    "receivables": ("receivables",),
    "tickets": ("tickets",),
    "deliveries": ("deliveries",),
    "opportunities": ("opportunities",),
    "wallet": ("wallet",),
}
WEEKS = 4  # of the plan for which the load of each is told
MANY_LACKING = 3  # from so many on one list says it, in place of a line for each
SAID_BY_THE_LIST = frozenset(
    {"visits_unknown", "service_no_tickets", "managers_unknown", "capacity_unknown", "price_tier_unknown"}
)


def lacking(book: Book, capacity: float | None) -> list[str]:
    """What the plan lacks, by the names of WANTED, and ``capacity`` where none is stated."""
    there = {name: book.has(table, *columns) for name, (table, *columns) in WANTED.items()}
    there["category"] &= book.has_categories
    names = [name for name, known in there.items() if not known]
    return names + (["capacity"] if capacity is None else [])


def in_one_list(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Without the lines that the list of what is lacking says already."""
    if not any(finding.kind == "plan_lacks" for finding in findings):
        return findings
    return tuple(finding for finding in findings if finding.kind not in SAID_BY_THE_LIST)


def old(as_of: date, issued: date | None) -> bool:
    """Whether the figures are old on the day of issue, and the plan is dated from it."""
    far = issued is not None and (issued - as_of).days > OLD_DAYS
    return far and plan_day(as_of, issued) == issued


def plan_findings(
    book: Book,
    frame: pd.DataFrame,
    strategy: Strategy,
    capacity: float | None,
    done: pd.DataFrame,
    issued: date | None,
    due: dict[str, str],
    todo: pd.DataFrame,
    postponed: pd.DataFrame,
    day: date,
    renewed_by: date | None = None,
    since: pd.DataFrame | None = None,
    one_offs: pd.Series | None = None,
    weeks: pd.DataFrame | None = None,
    brought: pd.Series | None = None,
    days: WorkingDays | None = None,
) -> Findings:
    """The findings of step 4. ``frame``: the planned accounts; the other tables as in ``Plan``;
    ``issued``: the day of issue; ``due``: the working day by urgency (ISO); ``todo``: the actions;
    ``postponed``: those that no week holds; ``day``: from which the plan is dated; ``renewed_by``:
    when old data are to be made anew; ``since``: as ``Plan.ordered_since``; ``one_offs``: what those brought
    that would be large lost accounts, had they ordered on more than one day; ``brought``: what every account
    did in the year up to its last purchase; ``days``: the working days from ``day`` on.
    """
    found = Findings("plan")
    age = (issued - book.as_of).days if issued is not None else 0
    if issued is not None and age > OLD_DAYS:
        later = purchases.bought_after(book).index
        told = {"as_of": book.as_of.isoformat(), "days": age, "known_since": len(later) > 0}
        if plan_day(book.as_of, issued) == issued:
            own = todo[todo["account_id"].isin(frame.index[frame["channel"].isna()])]
            going = own["kind"].where(goes_by_record(own))
            going = going.mask(going.isna() & (own["urgency"] == "urgent"), "urgent")
            again = str(renewed_by or day)
            going = going.mask(going.isna() & (own["due"].astype("str") <= again), "by_then")
            waits = int(going.isna().sum())
            told |= {"due": again, "standing": sorted(set(going.dropna())), "goes": int(going.notna().sum())}
            found.add("figures_old", "watch", "plan_again", **told, waits=waits)
        else:  # no day of a plan that is dated back is a day for today's work
            found.add("figures_past", "watch", None, **told)
    if since is not None and len(since):
        counts = since["kind"].value_counts()
        kinds = {kind: int(counts.get(kind, 0)) for kind in (*SETTLED, "campaign")}
        last = str(book.totals["after_last"])
        spared = since["account_id"].nunique()
        ordered = len(frame.index.intersection(purchases.bought_after(book).index))
        counts = {"ordered": ordered, "accounts": spared, "others": ordered - spared, "of": len(frame)}
        found.add("ordered_since", "note", None, **counts, last=last, **kinds)
    owned = bool(frame["owner"].notna().any())
    _first(found, frame, strategy, due, owned)
    _lost(found, frame, noise_reference(book).silence, owned, book.as_of, one_offs, brought)
    _past_deals(found, book, frame, todo, day)
    reached = in_campaign(frame, due["soon"], day, days)
    _weeks(found, frame, book.accounts, strategy, todo, postponed, day, weeks, reached)
    if business(book) == "companies":
        missing = lacking(book, capacity)
        if len(missing) >= MANY_LACKING:
            found.add("plan_lacks", "note", "ask_for_plan_tables", lacking=missing)
        visits_done.add_findings(found, book, frame, capacity, done, due["soon"])
    else:
        found.add("visits_none", "note")
    return found


def _first(
    found: Findings, frame: pd.DataFrame, strategy: Strategy, due: dict[str, str], owned: bool
) -> None:
    action = "start_urgent" if owned else "start_urgent_unowned"
    urgent = frame[frame["urgency"] == "urgent"].sort_values("revenue", ascending=False)
    if len(urgent):
        sums = {
            "count": len(urgent),
            "revenue": urgent["revenue"].sum(),
            "days": strategy.due_days.urgent,
            "due": due["urgent"],
        }
        found.add("urgent", "act", action, urgent.index, **sums)
    elif frame["channel"].isna().all():
        found.add("nothing_urgent", "note")
    reached = frame[frame["next_action"] == "campaign"]
    if len(reached):
        sums = {"count": len(reached), "revenue": reached["revenue"].sum(), "due": due["soon"]}
        contact = frame.get("contact", pd.Series(dtype=object))
        sums |= {"held_out": int((contact == "hold_out").sum()), "bought": int((contact == "bought").sum())}
        found.add("planned_campaign", "note", None, (), **sums)
    warned = frame[frame["urgency"] == "warned"].sort_values("revenue", ascending=False)
    if len(warned):
        sums = {
            "count": len(warned),
            "revenue": warned["revenue"].sum(),
            "days": strategy.due_days.warned,
            "due": due["warned"],
        }
        # signs of accounts that bring next to nothing are dealt with, but decide nothing
        little = warned["revenue"].sum() < IMMATERIAL * frame["revenue"].sum()
        found.add("warned", "watch" if little else "act", "follow_signs", warned.index, **sums)


def _weeks(
    found: Findings,
    frame: pd.DataFrame,
    accounts: pd.DataFrame,
    strategy: Strategy,
    todo: pd.DataFrame,
    postponed: pd.DataFrame,
    day: date,
    by_week: pd.DataFrame | None = None,
    reached: pd.Series | None = None,
) -> None:
    """What a week of each owner holds, what moved to later weeks, and what found none. ``by_week``: as
    ``week_load.weekly``; ``reached``: as ``in_campaign``.
    """
    if strategy.week is None or todo.empty:
        return
    a_week = strategy.week.actions
    owned = todo[todo["owner"].notna()]
    if owned.empty:
        todo = todo[~todo["kind"].eq("campaign")]  # which inside sales does
        reviews = todo["kind"] == "joint_review"
        by_phone = routine_calls(todo)
        by_phone &= by_phone.sum() > MOST_ROUTINE
        by_phone |= todo["leads"] == "inside"
        week = (pd.to_datetime(todo["due"]) - pd.Timestamp(day)).dt.days // 7
        load = week[~by_phone].value_counts().sort_index()
        # the busiest weeks, of equals the first
        begins = max(range(int(week.max()) + 1), key=lambda one: load.loc[one : one + WEEKS - 1].sum())
        inside = week.between(begins, begins + WEEKS - 1)
        count = int((inside & ~by_phone).sum())
        people = int(np.ceil(count / (WEEKS * a_week)))
        calls = inside_calls(todo, strategy.week.calls, reached)
        if people > 1 or calls:
            first = day + timedelta(days=7 * begins)
            span = {"begins": str(first), "ends": str(first + timedelta(days=7 * WEEKS - 1))}
            counts = {"routine": int((inside & by_phone).sum()), "reviews": int((inside & reviews).sum())}
            people_needed = {"weeks": WEEKS, "a_week": a_week, "people": people}
            found.add("actions_people", "note", None, count=count, **counts, **people_needed, **span, **calls)
        return
    moved = owned[(mondays(owned["due"]) > mondays(owned["wished"])) & (owned["kind"] != "joint_review")]
    told: dict[str, float | str] = {"a_week": a_week, "moved": len(moved)}
    told |= {"last": str(moved["due"].max())} if len(moved) else {}
    if postponed.empty:
        if len(moved):
            found.add("actions_moved", "note", None, **told)
        return
    waiting = postponed["owner"].value_counts()
    load = owned["owner"].value_counts()
    weeks = strategy.due_days.routine / 7
    free = sorted(load.index[load <= a_week * weeks / 2], key=lambda name: (load[name], name))
    # accounts go to somebody who is there already
    own = postponed.loc[postponed["owner"] == waiting.index[0], "account_id"]
    near = of_the_place(accounts, own.unique(), free)
    places = [accounts[name].reindex(own).dropna() for name in ("region", "city") if name in accounts]
    regions = next((one for one in places if len(one)), own[:0])
    last = day + timedelta(days=strategy.due_days.routine)
    later, from_day = _later(
        by_week,
        postponed,
        []
        if near
        else of_the_place(accounts, own.unique(), [name for name in load.index if name not in waiting.index]),
        last,
    )
    units = postponed["account_id"].drop_duplicates()
    revenue = frame["revenue"].reindex(units).sort_values(ascending=False, kind="stable")
    found.add(
        "actions_postponed",
        "watch",
        "share_actions" if near else "share_later" if later else "hire_or_drop" if free else "drop_actions",
        revenue.index,
        **told,
        count=len(postponed),
        accounts=len(units),
        revenue=float(revenue.sum()),
        people=list(waiting.index),
        free=near or later,
        own=len(own),
        until=last.isoformat(),
        **({"begins": from_day} if later else {}),
        regions=list(regions.value_counts().index),
    )


def _later(
    weeks: pd.DataFrame | None, postponed: pd.DataFrame, people: list[str], last: date
) -> tuple[list[str], str]:
    """Who of some people has room for all that is postponed in the weeks after its day, and from when (the
    Monday, ISO) the first of them has it; nobody, and "".

    ``weeks`` : as ``week_load.weekly``; a week in which somebody has nothing to do is no row of it.
    """
    if weeks is None or weeks.empty:
        return [], ""
    wished = mondays(postponed["wished"]).min()
    room = weeks.groupby("week")["room"].max()
    room = room[(room.index >= wished) & (room.index <= pd.Timestamp(last))]
    out: dict[str, pd.Timestamp] = {}
    for name in people:
        held = weeks[weeks["owner"] == name].set_index("week")["actions"]
        spare = (room - held.reindex(room.index).fillna(0)).clip(lower=0)
        if spare.sum() >= len(postponed):
            out[name] = spare.index[spare > 0][0]
    first = sorted(out, key=lambda name: (out[name], name))
    return first, f"{out[first[0]]:%Y-%m-%d}" if first else ""


def in_campaign(frame: pd.DataFrame, due: str, day: date, days: WorkingDays | None) -> pd.Series:
    """The day on which each account is called or written to in the campaign, evenly over the working days
    after ``day`` up to ``due`` (ISO); empty where there is none.
    """
    on = [one for one in days.days if day < one <= date.fromisoformat(due)] if days else []
    if not on or "contact" not in frame:
        return pd.Series(dtype="datetime64[us]")
    units = frame.index[(frame["contact"] == "reach") & frame["channel"].isin(["phone", "mail"])]
    return pd.Series(pd.to_datetime([on[at * len(on) // len(units)] for at in range(len(units))]), units)


def inside_calls(
    todo: pd.DataFrame, a_week: float | None, reached: pd.Series | None = None
) -> dict[str, float | str]:
    """What inside sales have to do where no account has an owner: calls and mails in all, in an average and
    in the fullest week, when that begins (its Monday), and how many people these two take at ``a_week`` each;
    of a campaign how many calls and mails it has, until when, and what the fullest week takes with it. Empty
    where they are few, or nothing is assumed. ``reached``: as ``in_campaign``.
    """
    own = todo[todo["leads"] == "inside"]
    if a_week is None or len(own) <= MOST_ROUTINE:
        return {}
    load = mondays(own["due"]).value_counts().sort_index()
    mean = len(own) / ((load.index[-1] - load.index[0]).days // 7 + 1)
    out: dict[str, float | str] = {
        "calls": len(own),
        "calls_week": int(load.max()),
        "calls_mean": round(mean),
        "calls_from": f"{load.idxmax():%Y-%m-%d}",
        "calls_a_week": a_week,
        "callers": int(np.ceil(load.max() / a_week)),
        "callers_mean": int(np.ceil(mean / a_week)),
    }
    if reached is None or reached.empty:
        return out
    both = load.add(mondays(reached).value_counts(), fill_value=0)
    return out | {
        "campaign": len(reached),
        "campaign_until": f"{reached.max():%Y-%m-%d}",
        "campaign_week": int(both.max()),
        "campaign_from": f"{both.idxmax():%Y-%m-%d}",
        "campaign_callers": int(np.ceil(both.max() / a_week)),
    }


def _lost(
    found: Findings,
    frame: pd.DataFrame,
    silence: pd.Series,
    owned: bool,
    as_of: date,
    one_offs: pd.Series | None,
    brought: pd.Series | None,
) -> None:
    p_values = silence.reindex(frame.index[purchases.material(frame["brought"]) & (frame["brought"] > 0)])
    look = family_look(p_values) if p_values.notna().any() else None
    # what bought once has no gap of its own: that it bought nothing since is all there is to say
    by_chance = p_values.index[p_values.notna() & ~beyond_chance(p_values.to_numpy())]
    lost = frame[frame["win_back"] & ~frame.index.isin(by_chance)].sort_values("brought", ascending=False)
    if lost.empty:
        if look is not None:
            found.looked(look)
        return
    sums = {
        "count": len(lost),
        "brought": lost["brought"].sum(),
        "first_brought": lost["brought"].iloc[0],
        "due": lost["due"].max(),  # of each as the plan has it
        "unsure": int(frame["win_back"].sum()) - len(lost),
    }
    if one_offs is not None and len(one_offs):
        sums |= {"one_offs": len(one_offs), "one_offs_brought": float(one_offs.sum())}
    if brought is not None and (least := purchases.material_from(brought)) is not None:
        sums |= {"large_from": least, "all_brought": float(brought.clip(lower=0).sum())}
    both = lost[lost["stopped"].eq(True)]  # told by step 3 as well, among those that bought within the year
    if len(both):
        sums |= {"both": len(both), "both_brought": both["brought"].sum()}
    sums["last_order"] = str(lost["last_order"].iloc[0].date())
    year_from = pd.Timestamp(as_of) - pd.DateOffset(months=12)
    recent = lost["last_order"] > year_from
    sums |= {"year_from": str(year_from.date()), "recent": int(recent.sum()), "older": int((~recent).sum())}
    sums |= {"newest": str(lost["last_order"].max().date()), "oldest": str(lost["last_order"].min().date())}
    found.add(
        "win_back_list",
        "act",
        "decide_win_back" if owned else "decide_win_back_unowned",
        lost.index,
        **sums,
        gain=sums["brought"],
        look=look if lost.index.isin(p_values.dropna().index).any() else None,
        only_outside=True,
    )


def _past_deals(found: Findings, book: Book, frame: pd.DataFrame, todo: pd.DataFrame, day: date) -> None:
    """All open deals whose expected close lies before the day of the plan: those that are settled one by
    one, and the others (small ones, and those at accounts that are not in the plan) together.
    """
    if not book.has("opportunities", "expected_close", "amount"):
        return
    deals = deals_at(book)
    past = deals[deals["open"] & (deals["expected_close"] < pd.Timestamp(day)) & (deals["amount"] > 0)]
    past = past.sort_values("amount", ascending=False, kind="stable")
    settled = [json.loads(facts)["deal"] for facts in todo.loc[todo["kind"] == "move_deal", "facts"]]
    large = past[past["opportunity_id"].isin(settled)]
    if large.empty:
        return
    small, first = past[~past.index.isin(large.index)], large.iloc[0]
    every = deals[deals["open"]]
    weight = (every["amount"] * every["recorded"].fillna(0.0)).fillna(0.0)
    figures = {
        "as_of": book.as_of.isoformat(),
        "count": len(past),
        "amount": past["amount"].sum(),
        "open": len(every),
        "share": past["amount"].sum() / every["amount"].sum(),
        "weighted": weight.sum(),
        "dated": weight[~every.index.isin(past.index)].sum(),
        "deal": first["opportunity_id"],
        "first_amount": first["amount"],
        "expected": str(first["expected_close"].date()),
        "large": len(large),
        "small": len(small),
        "small_amount": small["amount"].sum(),
    }
    heavy = large["amount"].sum() >= IMMATERIAL * frame["revenue"].sum()
    accounts = large["account_id"].drop_duplicates()
    found.add("deals_past", "act" if heavy else "watch", "deals_settle_past", accounts, **figures)
