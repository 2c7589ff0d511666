"""What is due within 30, 60 and 90 days of the plan, in a few words each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from kamplay.method.plan.calendar import MOST_ROUTINE, routine_calls
from kamplay.method.plan.step import Plan
from kamplay.show.locale import N_
from kamplay.show.view import View

KINDS = {
    "win_back_talk": N_("win back or close"),
    "close_lost": N_("close lost accounts"),
    "bought_again": N_("ask those that order again"),
    "campaign": N_("campaign"),
    "ask_rhythm": N_("ask why orders slow down"),
    "find_successor": N_("find successors"),
    "defend_offer": N_("defend against a rival's offer"),
    "senior_visit": N_("the head of sales asks"),
    "ask_change": N_("ask what changed"),
    "rescue_visit": N_("management visits"),
    "recovery_call": N_("recovery calls"),
    "review_meeting": N_("review meetings"),
    "reprice": N_("renegotiate price and terms"),
    "collect_overdue": N_("collect what is overdue"),
    "settle_complaint": N_("settle complaints"),
    "credit_limit": N_("decide on credit limits"),
    "deliver_order": N_("deliver late orders"),
    "renew_contract": N_("ask in writing to renew contracts"),
    "agree_contract": N_("agree price and terms of contracts"),
    "one_lead": N_("name one lead for both entities"),
    "meet_successor": N_("get to know successors"),
    "meet_person": N_("win people in the decision chain"),
    "open_layer": N_("find who decides"),
    "revisit": N_("accounts long not seen"),
    "move_deal": N_("move deals on or close them"),
    "offer_category": N_("offer a missing category"),
    "regain_category": N_("regain a lost category"),
    "win_share": N_("win share of wallet"),
    "joint_review": N_("joint business reviews"),
    "no_investment": N_("ordered on few days: ask for a further need"),
    "next_order": N_("ask for the next order"),
    "reactivation_mail": N_("reactivate by mail"),
    "targeted_offer": N_("targeted offers"),
}
# kinds that are one thing to the reader, told by the name of one of them
SAME = {
    "close_complaints": "settle_complaint",
    "mend_delivery": "deliver_order",
    "payment_plan": "collect_overdue",
}
ONCE = "no_investment_once"  # of no_investment: who bought once is asked for a second need
WORDS = KINDS | {ONCE: N_("bought once: ask for a second need")}
SPANS, MOST, NAMED = (30, 60, 90), 3, 2
MOSTLY = 0.5
VISITS = {  # by whether the visit norms ask for more than the team can make
    False: N_(
        "The calendar has {visits:n} visits within {days:n} days; the team can make {capacity:n} a month. "
        "The less urgent actions are spread over the working days."
    ),
    True: N_(
        "The calendar has {visits:n} visits within {days:n} days; by the norms all visits together are "
        "{needed:n} a month, of which the team can make {capacity:n}. The less urgent actions are spread "
        "over the working days."
    ),
}
TOTAL = N_("{count:n} actions at {accounts:n} accounts")
WITH_ROUTINE = N_("{count:n} actions at {accounts:n} accounts, {routine:n} of them routine, by phone or mail")
WITH_REVIEWS = N_(
    "{count:n} actions at {accounts:n} accounts, {routine:n} of them routine, by phone or mail, and "
    "{reviews:n} joint {reviews:plural|review|reviews}"
)


@dataclass(frozen=True)
class Span:
    """``title``: the days; ``total``: how much is due in them; ``lines``: the kinds with most at stake, each
    with the accounts that have most of it; ``kinds``: these with their counts alone.
    """

    title: str
    total: str
    lines: list[str]
    kinds: list[str]


def capacity_told(plan: Plan, view: View) -> str:
    """Who does the actions where no account has an owner; how many visits the calendar has in the first of
    SPANS, and how many can be made, where that is stated.
    """
    capacity, locale = plan.allocation.capacity, view.locale
    if plan.actions.empty:
        return ""
    unowned = plan.actions["owner"].isna().all() and view.one_by_one
    whose = N_(
        "No account has an owner: until one is named, inside sales make the routine calls and the head of "
        "sales decides who does the rest."
    )
    who = locale.text(whose) if unowned else ""
    if capacity is None or plan.allocation.none_pays:
        return who
    entries = plan.calendar.entries
    soon = entries["date"] <= pd.Timestamp(plan.day) + timedelta(days=SPANS[0])
    visits = locale.say(
        VISITS[(plan.allocation.over or 0.0) > 0],
        needed=plan.allocation.loads["norm"].sum(),
        days=SPANS[0],
        visits=int((soon & (entries["kind"] != "action")).sum()),
        capacity=capacity,
    )
    return locale.sentences(who, visits)


def days_ahead(plan: Plan, view: View) -> list[Span]:
    """The actions of the plan by the days in which they are due; a span without any is left out. What is one
    thing to the reader has one count. Where the figures are old, what can be done now leads, and how much
    waits is told.
    """
    if plan.actions.empty:
        return []
    locale, due = view.locale, pd.to_datetime(plan.actions["due"])
    first, out, waiting = pd.Timestamp(plan.day), [], plan.waiting
    before = first - timedelta(days=36500)
    for length in SPANS:
        last, begins = first + timedelta(days=length), (before - first).days + 1
        rows = plan.actions[(due > before) & (due <= last)]
        before = last
        if rows.empty:
            continue
        once = (rows["kind"] == "no_investment") & (rows["basis"] == "only_order")
        of = rows["kind"].replace(SAME).mask(once, ONCE)
        waits = rows["action_id"].isin(waiting)
        kinds = rows.assign(now=~waits).groupby(of)
        kinds = kinds.agg(count=("kind", "size"), money=("money", "sum"), now=("now", "mean"))
        # that of which most can be done now leads
        kinds["now"] = kinds["now"] >= MOSTLY
        by = ["now", "money", "count"] if waiting else ["money", "count"]
        kinds = kinds.sort_values(by, ascending=False, kind="stable").head(MOST)
        lines = [_line(str(kind), rows[of == kind], view) for kind in kinds.index]
        named = [_kind(str(kind), int(count), view) for kind, count in kinds["count"].items()]
        if rest := len(rows) - int(kinds["count"].sum()):
            lines.append(locale.say(N_("others ({count:n})"), count=rest))
        routine, reviews = int(routine_calls(rows).sum()), int((rows["kind"] == "joint_review").sum())
        with_routine = WITH_REVIEWS if reviews else WITH_ROUTINE
        total = locale.say(
            with_routine if routine > MOST_ROUTINE else TOTAL,
            routine=routine,
            reviews=reviews,
            count=len(rows),
            accounts=rows["account_id"].nunique(),
        )
        if waiting:
            now = len(rows) - int(waits.sum())
            split = N_("{total}: {now:n} go ahead now, {later:n} wait for the plan made of newer figures")
            total = locale.say(split, total=total, now=now, later=len(rows) - now)
        title = N_("Within {days:n} days") if begins <= 1 else N_("Days {begins:n} to {days:n}")
        out.append(Span(locale.say(title, days=length, begins=begins), total, lines, named))
    return out


def _line(kind: str, rows: pd.DataFrame, view: View) -> str:
    """How many actions of a kind, and at whom: the accounts with most at stake, where accounts are named."""
    locale, what = view.locale, view.locale.text(WORDS[kind])
    if not view.one_by_one:
        return _kind(kind, len(rows), view)
    money = rows.groupby("account_id", sort=False)["money"].sum()
    largest = money.sort_values(ascending=False, kind="stable")
    names = locale.accounts([view.name(str(one)) for one in largest.index], most=NAMED)
    return locale.say(N_("{what} ({count:n}): {names}"), what=what, count=len(rows), names=names)


def _kind(kind: str, count: int, view: View) -> str:
    """How many actions of a kind."""
    return view.locale.say(N_("{what} ({count:n})"), what=view.locale.text(WORDS[kind]), count=count)
