"""What is done at each unit, in words: the action with its facts, when it is done, what it is worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from kamplay.method.plan.next_action import NO_STEP
from kamplay.method.plan.step import Plan
from kamplay.method.plan.whom import MONEY
from kamplay.method.plan.working_days import plan_day
from kamplay.method.profile.rows import Table
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.show.display import NOTHING, Display
from kamplay.show.health.stakeholders import LAYER_WORDS
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import table
from kamplay.show.table import Column, html_table, with_names
from kamplay.show.texts.vocabulary import ACTIONS, DRIVERS, SIGN_EVIDENCE, SIGN_NAMES
from kamplay.show.view import current

MOST_GROWTH = 3.0  # a growth beyond that is of a small amount: both amounts are told
LARGEST = 10  # units shown where none is key and none has to be acted on
# what follows an action's sentence, where its facts call for it
AFTER = {
    "into_contract": N_(
        "Agree them by {agree:date} and put them into the new contract, which is asked for in writing by "
        "{ask:date}; {contract} ends on {end:date}."
    ),
    "into_contract_ended": N_(
        "Agree them by {agree:date} and put them into the new contract, which is asked for in writing by "
        "{ask:date}; {contract} ended on {end:date}."
    ),
    "paid_since": N_("Check first what was paid after {as_of:date}."),
    "we_owe": N_(
        "We still owe it goods ({we_owe:n} {we_owe:plural|order|orders}): deliver or settle these first, "
        "then speak of payment."
    ),
    "seen": N_("Last seen in person on {met:date}."),
    "never_seen": N_("No meeting with this person is on record."),
    "level_open": N_(
        "Its level is settled at the review on {review:date}: agree nothing before that hangs on the level."
    ),
    "at_stake": N_(
        "If the talks fail, it may buy no more: {revenue:money} of revenue in the last 12 months."
    ),
    "at_stake_margin": N_(
        "If the talks fail, it may buy no more: {revenue:money} of revenue in the last 12 months, with a "
        "margin of {margin:money}."
    ),
    "closed_since": N_("Check first what was closed after {as_of:date}."),
    "closed_by": N_("The last is to be closed by {closed_by:date}."),
    "after_lead": N_("Only when it is named who leads there."),
    "by_phone": N_("By phone or online."),
    "not_seen": N_("The calendar has nobody who sees {person} by then: agree it by phone or online."),
    "today": N_("Send it today, {ask:date}."),
    "handed": N_("It is handed over at the visit on {ask:date}."),
    "handed_senior": N_("The head of sales hands it over at the visit on {ask:date}."),
    "met_before": N_("The head of sales meets this person on {met_before:date} and introduces you."),
    "then_called": N_(
        "It is asked for at the visit on {ask:date}, and no further visit follows by then: agree what is "
        "left by phone or online."
    ),
    "introduced": N_("{introducer} may introduce you."),
    "fell": N_("Ask why it bought {fell:money} less than the year before."),
    "rhythm": N_("Ask when it needs the next order, and whether it buys elsewhere meanwhile."),
    "volume": N_("Ask how much it needs a year, and from whom it has the rest."),
}
SAME_TALK = N_("In the same talk: {what}")
# kinds of which the reason says what to ask
ASKED_AFTER = ("recovery_call", "review_meeting", "rescue_visit")
CAPPED = N_("capped by a red flag: {flag}")
# how a chance of stopping comes about, by the part that raises it most
CHANCES = {
    "rhythm": N_(
        "{chance:pct} chance of stopping, due mainly to the timing of its orders: the last {silent:n} "
        "days ago, usually one every {gap:n} days"
    ),
    "volume": N_(
        "{chance:pct} chance of stopping, due mainly to the number and size of its orders: {revenue:money} "
        "on {days:n} {days:plural|day|days} in 12 months, last {silent:n} days ago"
    ),
    "sign": N_("{chance:pct} chance of stopping, due mainly to a sign: {sign}"),
    "weak": N_("{chance:pct} chance of stopping, due mainly to a sign too weak for a warning: {sign}"),
    "": N_("{chance:pct} chance of stopping, about that of the average account"),
}
# where its range is too wide for one figure
WIDE_CHANCES = {
    "rhythm": N_(
        "chance of stopping {low:pct} to {high:pct}, too wide for one figure; due mainly to the timing of "
        "its orders: the last {silent:n} days ago, usually one every {gap:n} days"
    ),
    "volume": N_(
        "chance of stopping {low:pct} to {high:pct}, too wide for one figure; due mainly to the number and "
        "size of its orders: {revenue:money} on {days:n} {days:plural|day|days} in 12 months, last "
        "{silent:n} days ago"
    ),
    "sign": N_(
        "chance of stopping {low:pct} to {high:pct}, too wide for one figure; due mainly to a sign: {sign}"
    ),
    "weak": N_(
        "chance of stopping {low:pct} to {high:pct}, too wide for one figure; due mainly to a sign too weak "
        "for a warning: {sign}"
    ),
    "": N_("chance of stopping {low:pct} to {high:pct}, too wide for one figure"),
}
CHANCE_FACTS = {"rhythm": {"silent", "gap"}, "volume": {"revenue", "days", "silent"}}
# by kind, or by a form of it; {person} is whom to speak to
SENTENCES = {
    "win_back_talk": N_(
        "Ask {person} why it stopped: last order {last:date}, {brought:money} in the year up to it. Then "
        "decide: win it back or close it."
    ),
    "close_lost": N_(
        "Ask by phone why it stopped ({brought:money}, last order {last:date}); then decide: win it back or "
        "close it."
    ),
    "bought_again": N_(
        "It had stopped on the reporting date (last order {last:date}, {brought:money} in the year up to it) "
        "and ordered again on {again:date}: ask {person} why it paused, and do not close it."
    ),
    "campaign": N_("In the campaign by phone, mail and web ({revenue:money})."),
    "ask_rhythm": N_("Ask {person} why orders slow down ({evidence}); note the date of the next one."),
    "payment_plan": N_("With finance, ask {person} why it pays later ({evidence}); agree a payment plan."),
    "close_complaints": N_(
        "With service, give each open complaint a person and a day ({evidence}); tell {person}."
    ),
    "find_successor": N_(
        "Ask {person} who takes over from {left:words} ({evidence}) and to introduce you; fix a day to meet."
    ),
    "find_successor_unnamed": N_(
        "Ask {person} who takes over ({evidence}) and to introduce you; fix a day to meet."
    ),
    "defend_offer": N_(
        "Ask {person} how our offer compares ({evidence}); decide with product what to defend."
    ),
    "mend_delivery": N_("Name cause and new dates of the late deliveries ({evidence}); tell {person}."),
    "senior_visit": N_("The head of sales visits {person} and asks what changed: {evidence}."),
    "ask_change": N_(
        "Ask {person} what changed: no order for {silent:n} days, usually one every {gap:n} days."
    ),
    "ask_change_unknown": N_("Ask {person} what changed."),
    # to the head of sales
    "senior_visit_yours": N_("Visit {person} yourself and ask what changed: {evidence}."),
    "rescue_visit_yours": N_("Visit {person} yourself: health {health:n} of 100 ({driver})."),
    "rescue_visit": N_("Management visits {person}: health {health:n} of 100 ({driver})."),
    "recovery_call": N_("Call {person} and ask how we stand: health {health:n} of 100 ({driver})."),
    "review_meeting": N_("Go through it with {person}: health {health:n} of 100 ({driver})."),
    "reprice": N_("Renegotiate price or service with {person} ({revenue:money} of revenue)."),
    "reprice_below": N_(
        "First have finance check its prices and units: it pays {below:pct} less than the median "
        "customer, {given:money} in 12 months. Then renegotiate the terms with {person}."
    ),
    "collect_overdue": N_(
        "With finance, collect {overdue:money} on {bills:n} overdue {bills:plural|bill|bills}, the oldest "
        "{bill} (due {due_since:date}); speak to {person}."
    ),
    "collect_overdue_unnumbered": N_(
        "With finance, collect {overdue:money} on {bills:n} overdue {bills:plural|bill|bills}, the "
        "oldest due "
        "{due_since:date}; speak to {person}."
    ),
    "settle_complaint": N_(
        "Settle complaint {ticket} (open since {opened:date}, {open:n} open in all); tell {person}."
    ),
    "settle_complaint_unnumbered": N_(
        "Settle the complaint open since {opened:date} ({open:n} open in all); tell {person}."
    ),
    "credit_limit": N_(
        "With finance, decide on the credit limit: {owed:money} owed, {beyond:money} above the limit of "
        "{limit:money}. Raise it with a reason, or hold deliveries until paid."
    ),
    "deliver_order": N_(
        "Deliver order {order}, promised for {promised:date} ({orders:n} {orders:plural|order is|orders "
        "are} "
        "late); give {person} the new date."
    ),
    "renew_contract": N_(
        "Ask {person} in writing by {ask:date} to renew contract {contract} or extend it (last day of notice "
        "{notice:date}, end {end:date}), and fix a day for the talks: price and terms are to be agreed by "
        "{agree:date}."
    ),
    "renew_contract_assumed": N_(
        "Ask {person} in writing by {ask:date} to renew contract {contract} or extend it (no notice is "
        "stated; {assumed:n} days before its end on {end:date} are assumed), and fix a day for the talks: "
        "price and terms are to be agreed by {agree:date}."
    ),
    "renew_contract_assumed_late": N_(
        "Ask {person} in writing by {ask:date} to renew contract {contract} or extend it (no notice is "
        "stated; the {assumed:n} days before its end on {end:date} that are assumed have begun), and fix a "
        "day for the talks: price and terms are to be agreed by {agree:date}."
    ),
    "renew_contract_missed": N_(
        "Ask {person} in writing by {ask:date} to renew contract {contract} or extend it (notice was due by "
        "{notice:date}, it ends on {end:date}), and fix a day for the talks: price and terms are to be "
        "agreed by {agree:date}."
    ),
    "renew_contract_ran_out": N_(
        "Ask {person} in writing by {ask:date} for a new contract ({contract} ran out on {end:date}; "
        "{since:money} has been bought without one since), and fix a day for the talks: price and terms are "
        "to be agreed by {agree:date}."
    ),
    "renew_contract_ended": N_(
        "Ask {person} in writing by {ask:date} for a new contract, if none is signed yet ({contract} ended "
        "on {end:date}), and fix a day for the talks: price and terms are to be agreed by {agree:date}."
    ),
    "agree_contract": N_(
        "Agree price and terms of the new contract with {person} by {agree:date}: {contract} ends on "
        "{end:date}."
    ),
    "agree_contract_ended": N_(
        "Agree price and terms of the new contract with {person} by {agree:date}: {contract} ended on "
        "{end:date}."
    ),
    "one_lead": N_("Name one lead: {entities:words} both sell to it or bid there; tell {person} who it is."),
    "one_lead_deals": N_(
        "Name one lead before the next offer goes out: {entities:words} bid against each other there "
        "({deals:words}); tell {person} who it is."
    ),
    "meet_successor": N_("Meet the successor of {target}, who has left; {introducer} may introduce you."),
    "meet_successor_alone": N_("Find and meet the successor of {target}, who has left."),
    "meet_person": N_("Meet {target} ({layer} layer) and win them over; {introducer} may introduce you."),
    "meet_person_alone": N_("Meet {target} ({layer} layer) and win them over."),
    "open_layer": N_("Ask {person} who stands for the {layer} layer: nobody there is known; then meet them."),
    "revisit": N_("Visit {person}: the last visit on record to this customer was on {last:date}."),
    "move_deal": N_(
        "Agree the next step of deal {deal} with {person} ({stage}, {amount:money}, expected "
        "{expected:date})."
    ),
    "move_deal_rival": N_(
        "Agree the next step of deal {deal} with {person} ({stage}, {amount:money}, expected "
        "{expected:date}; "
        "{rival} competes)."
    ),
    "move_deal_late": N_(
        "Settle deal {deal} with {person}: {stage}, {amount:money}; it was expected by {expected:date}. "
        "New date, "
        "or close it."
    ),
    "move_deal_still": N_(
        "Get deal {deal} moving with {person}: {stage}, {amount:money}, open since {opened:date}. Next "
        "step, or "
        "close it."
    ),
    "move_deal_undated": N_("Agree the next step of deal {deal} with {person} ({amount:money})."),
    "offer_category": N_(
        "Offer {category} to {person}: {buyers:n} of {peers:n} similar accounts buy it; about "
        "{amount:money} a year is expected of it."
    ),
    "offer_category_all": N_(
        "Offer {category} to {person}: all {peers:n} similar accounts buy it; about {amount:money} a year "
        "is expected of it."
    ),
    "regain_category": N_(
        "Ask {person} why it no longer buys {category}, and offer it: by what similar accounts buy, about "
        "{amount:money} a year is expected of it."
    ),
    "regain_category_own": N_(
        "Ask {person} why it no longer buys {category}, and offer it: in the last year that it did, it "
        "bought {own:money} of it; about {amount:money} a year is expected."
    ),
    "win_share": N_(
        "Win share in {category} with {person}: it buys {spend:money} a year, {share:pct} of it from us; "
        "the "
        "strongest rival has {rival_share:pct}."
    ),
    "win_share_alone": N_(
        "Win share in {category} with {person}: it buys {spend:money} a year, {share:pct} of it from us."
    ),
    "win_share_first": N_(
        "Win a first order of {category} with {person}: it buys {spend:money} a year, none of it from us; "
        "the strongest rival has {rival_share:pct}."
    ),
    "joint_review": N_(
        "Joint review with {person}: {revenue:money} in 12 months, {change:change} on the year before; "
        "agree "
        "goals and dates."
    ),
    "joint_review_grown": N_(
        "Joint review with {person}: {revenue:money} in 12 months, {before:money} in the year before; agree "
        "goals and dates."
    ),
    "joint_review_new": N_(
        "Joint review with {person}: {revenue:money} in 12 months; agree goals and dates."
    ),
    "no_investment": N_(
        "Ask {person} once for a further need: the last order was on {last:date}. No visits beyond that."
    ),
    "no_investment_visited": N_(
        "Ask {person} what it needs next: it has ordered once so far, on {last:date}."
    ),
    "no_investment_few": N_(
        "Ask {person} whether there is a further need: it has ordered on {orders:n} days so far, last on "
        "{last:date}."
    ),
    "next_order": N_(
        "Confirm the next order, due about {expected:date} (one every {gap:n} days, on average "
        "{amount:money})."
    ),
    "next_order_late": N_(
        "Ask {person} for the next order: it was due about {expected:date} (one every {gap:n} days, "
        "on average {amount:money})."
    ),
    "next_order_unseen": N_(
        "The next order was due about {expected:date} (one every {gap:n} days, on average {amount:money}), "
        "after the end of the data: check the ledger whether it came, else ask {person} for it."
    ),
    # where the calendar has no visit for it
    "senior_visit_by_phone": N_("The head of sales calls {person} and asks what changed: {evidence}."),
    "senior_visit_yours_by_phone": N_("Call {person} yourself and ask what changed: {evidence}."),
    "rescue_visit_yours_by_phone": N_("Call {person} yourself: health {health:n} of 100 ({driver})."),
    "rescue_visit_by_phone": N_("Management calls {person}: health {health:n} of 100 ({driver})."),
    "meet_successor_by_phone": N_(
        "Speak to the successor of {target}, who has left, by phone or online; {introducer} may introduce "
        "you."
    ),
    "meet_successor_alone_by_phone": N_(
        "Find the successor of {target}, who has left, and speak to them by phone or online."
    ),
    "meet_person_by_phone": N_(
        "Speak to {target} ({layer} layer) by phone or online and win them over; {introducer} may introduce "
        "you."
    ),
    "meet_person_alone_by_phone": N_(
        "Speak to {target} ({layer} layer) by phone or online and win them over."
    ),
    "open_layer_by_phone": N_(
        "Ask {person} by phone who stands for the {layer} layer: nobody there is known; then speak to them."
    ),
    "revisit_by_phone": N_("Call {person}: the last visit on record to this customer was on {last:date}."),
    # where customers are consumers or countries
    "reactivation_mail": N_(
        "Reactivate by mail: no order for {silent:n} days, usually one every {gap:n} days."
    ),
    "reactivation_mail_sign": N_("Reactivate by mail ({evidence})."),
    "reactivation_mail_lost": N_(
        "Reactivate by mail: last order {last:date}, {brought:money} in the year up to it."
    ),
    "targeted_offer": N_("Make a targeted offer."),
}
DONE_WHEN = {
    "win_back_talk": N_("the reason is recorded, and decided: win back or close"),
    "close_lost": N_("the reason is recorded, and decided: win back or close"),
    "bought_again": N_("the reason is recorded, the next order has a date"),
    "campaign": N_("it was reached, the answer is recorded"),
    "ask_rhythm": N_("the reason is recorded, the next order has a date"),
    "payment_plan": N_("a plan is signed, the first payment is in"),
    "close_complaints": N_("each open one has a person and a day, and the customer knows"),
    "find_successor": N_("the name is recorded, the introduction is agreed, a meeting has a date"),
    "defend_offer": N_("it is decided what we defend, and the customer has our answer"),
    "mend_delivery": N_("all is delivered, or the customer has agreed to new dates"),
    "senior_visit": N_("the reason is recorded, a remedy has a date"),
    "ask_change": N_("the reason is recorded, the next order has a date"),
    "rescue_visit": N_("the reason is recorded, a remedy has a date"),
    "recovery_call": N_("the reason is recorded, a remedy has a date"),
    "review_meeting": N_("the reason is recorded, a remedy has a date"),
    "reprice": N_("new terms are signed, or service is cut to what they bear"),
    "collect_overdue": N_("the sum is in, or a date is agreed in writing"),
    "settle_complaint": N_("it is closed and the customer agrees"),
    "credit_limit": N_("a new limit is set with its reason, or deliveries are held"),
    "deliver_order": N_("it is delivered, or the customer has agreed to a new date"),
    "renew_contract": N_("it is asked for in writing, and a day for the talks is fixed"),
    "agree_contract": N_("price and terms are agreed in writing"),
    "one_lead": N_("one lead is named, and the customer knows"),
    "meet_successor": N_("the meeting is held, stance and concern recorded"),
    "meet_person": N_("the meeting is held, stance and concern recorded"),
    "open_layer": N_("a name is recorded and a meeting has a date"),
    "revisit": N_("the visit is logged with its outcome"),
    "move_deal": N_("the next step has a date, or the deal is closed"),
    "offer_category": N_("a first order, or the reason why not"),
    "regain_category": N_("an order again, or the reason why not"),
    "win_share": N_("a larger share of its orders, or the reason why not"),
    "joint_review": N_("goals, owners and dates are agreed in writing"),
    "no_investment": N_("the answer is recorded"),
    "next_order": N_("the order is in, or has a date"),
    "reactivation_mail": N_("the answer is recorded"),
    "targeted_offer": N_("the answer is recorded"),
}
WHY_KNOWN = N_("the reason why it bought less is recorded")
DONE_BY_PHONE = {
    "meet_successor": N_("they were spoken to, stance and concern recorded"),
    "meet_person": N_("they were spoken to, stance and concern recorded"),
    "revisit": N_("the call is logged with its outcome"),
}
BASES = {
    "expected_loss": N_("expected loss"),
    "wide_loss": N_("expected loss, too wide to rank on"),
    "untold_loss": N_("expected loss, for the order alone"),
    "revenue": N_("revenue of 12 months"),
    "brought": N_("its last year of purchases"),
    "owed": N_("what it owes"),
    "overdue": N_("overdue"),
    "late_orders": N_("the late order"),
    "deal": N_("deal × win rate"),
    "deal_amount": N_("the deal"),
    "contract": N_("the contract, a year of it"),
    "given": N_("what it pays less than the median customer"),
    "peers": N_("what similar accounts buy × how many do"),
    "own": N_("what it bought before × how many similar accounts buy it"),
    "wallet": N_("what it buys elsewhere"),
    "order": N_("an average order"),
    "only_order": N_("its only order"),
}
STAKE = N_("{money:money} ({basis})")  # sums of different bases are never added
LEADS = {
    "owner": N_("owner"),
    "finance": N_("owner with finance"),
    "service": N_("owner with service"),
    "supply": N_("owner with supply"),
    "head": N_("head of sales"),
    "marketing": N_("marketing"),
    "inside": N_("inside sales"),
}
UNOWNED = LEADS | {  # who does it where the account has no owner
    "owner": N_("head of sales"),
    "finance": N_("head of sales with finance"),
    "service": N_("head of sales with service"),
    "supply": N_("head of sales with supply"),
}


def action_text(kind: str, facts: dict[str, Any], day: str, locale: Locale) -> str:
    """The action as a sentence with its facts. ``day``: ISO date, by which an order or a deal is late."""
    nobody = N_("whoever sees to bills there") if kind in MONEY else N_("the buyer")
    values = {"person": locale.text(nobody), "contract": locale.text(N_("(no number)")), **facts}
    if "evidence" in facts:
        values["evidence"] = locale.say(SIGN_EVIDENCE[facts["sign"]], **facts["evidence"])
    if "driver" in facts:
        values["driver"] = _driver(facts, locale)
    if "layer" in facts:
        values["layer"] = locale.text(LAYER_WORDS.get(facts["layer"], facts["layer"]))
    if kind == "joint_review" and facts.get("before", 0) > 0:
        values["change"] = facts["revenue"] / facts["before"] - 1
    form, after = _form(kind, facts, day), _after(kind, facts, day)
    after = [*after, "fell"] if "fell" in facts else after
    if facts.get("by_phone"):
        spoken = f"{form}_by_phone"
        form, after = (
            (spoken, after)
            if spoken in SENTENCES
            else (form, [*after, "not_seen" if "agree" in facts else "by_phone"])
        )
    elif "today" in facts:
        after = [*after, "today"]
    parts = [SENTENCES[form], *(AFTER[name] for name in after)]
    said = [locale.say(part, **values) for part in parts]
    beside = [action_text(one["kind"], one["facts"], day, locale) for one in facts.get("beside", ())]
    said += [locale.say(SAME_TALK, what=locale.sentences(*beside))] if beside else []
    return locale.sentences(*said)


def _driver(facts: Mapping[str, Any], locale: Locale) -> str:
    """What costs the score most: of the chance of stopping how it comes about, of a red flag which."""
    named = locale.text(DRIVERS.get(facts["driver"], facts["driver"]))
    if "flag" in facts:
        return locale.say(CAPPED, flag=facts["flag"][locale.language])
    told = CHANCES if "chance" in facts else WIDE_CHANCES
    if not {"chance", "low"} & set(facts):
        return named
    part = str(facts.get("part", ""))
    form = part if CHANCE_FACTS.get(part, {"-"}) <= set(facts) else ""
    if part in SIGN_NAMES:
        form = "weak" if facts.get("weak") else "sign"
    sign = locale.text(SIGN_NAMES.get(part, ""))
    return locale.say(told[form], **{**facts, "sign": sign})


def _after(kind: str, facts: dict[str, Any], day: str) -> list[str]:
    """Which of AFTER its facts call for."""
    if kind == "collect_overdue":
        return ["paid_since"] * (facts.get("as_of", day) < day) + ["we_owe"] * ("we_owe" in facts)
    if kind in ("close_complaints", "settle_complaint"):
        first = ["closed_since"] * (facts.get("as_of", day) < day)
        return first + ["closed_by"] * ("closed_by" in facts)
    if kind == "move_deal":
        return ["after_lead"] * ("after_lead" in facts) + ["introduced"] * ("introducer" in facts)
    if kind == "meet_person":
        return ["met_before"] * ("met_before" in facts)
    if kind in ASKED_AFTER and facts.get("part") in AFTER:
        return [facts["part"]]
    if kind == "revisit":
        return ["seen"] * ("met" in facts) + ["never_seen"] * ("unmet" in facts)
    if kind == "renew_contract":
        handed = [name for name in facts if name in ("handed", "handed_senior")]
        return handed + ["introduced"] * ("introducer" in facts)
    talks = [name for name, fact in (("introduced", "introducer"), ("then_called",) * 2) if fact in facts]
    if kind == "agree_contract":
        return talks
    if kind != "reprice":
        return []
    told = [*talks, *["level_open"] * ("review" in facts)]
    if "agree" in facts:
        told.append("into_contract_ended" if facts["end"] < day else "into_contract")
    return [*told, "at_stake_margin" if facts.get("margin", 0) > 0 else "at_stake"]


def _form(kind: str, facts: dict[str, Any], day: str) -> str:
    """The kind's sentence for which the facts suffice."""
    match kind:
        case "ask_change" if "silent" not in facts:
            return "ask_change_unknown"
        case "senior_visit" | "rescue_visit" if facts.get("yours"):
            return f"{kind}_yours"
        case "reprice" if "below" in facts:
            return "reprice_below"
        case "collect_overdue" if "bill" not in facts:
            return "collect_overdue_unnumbered"
        case "find_successor" if "left" not in facts:
            return "find_successor_unnamed"
        case "renew_contract" if facts["stands"] == "ran_out":
            return "renew_contract_ran_out"
        case "renew_contract" if facts["end"] < day:
            return "renew_contract_ended"
        case "renew_contract" if "assumed" in facts:
            return "renew_contract_assumed" + ("_late" if facts["notice"] < facts["ask"] else "")
        case "renew_contract" if facts["notice"] < facts["ask"]:
            return "renew_contract_missed"
        case "agree_contract" if facts["end"] < day:
            return "agree_contract_ended"
        case "settle_complaint" if "ticket" not in facts:
            return "settle_complaint_unnumbered"
        case "one_lead" if "deals" in facts:
            return "one_lead_deals"
        case "meet_successor" | "meet_person" if "introducer" not in facts:
            return f"{kind}_alone"
        case "win_share" if "rival_share" not in facts:
            return "win_share_alone"
        case "win_share" if not facts["share"] > 0:
            return "win_share_first"
        case "regain_category" if facts.get("own"):
            return "regain_category_own"
        case "offer_category" if facts["buyers"] == facts["peers"]:
            return "offer_category_all"
        case "joint_review" if not facts.get("before", 0) > 0:
            return "joint_review_new"
        case "joint_review" if facts["revenue"] > (1 + MOST_GROWTH) * facts["before"]:
            return "joint_review_grown"
        case "no_investment" if "orders" in facts:
            return "no_investment_few"
        case "no_investment" if facts.get("visited"):
            return "no_investment_visited"
        case "next_order" if facts["expected"] < day and facts.get("unseen"):
            return "next_order_unseen"
        case "next_order" if facts["expected"] < day:
            return "next_order_late"
        case "reactivation_mail" if "evidence" in facts:
            return "reactivation_mail_sign"
        case "reactivation_mail" if "brought" in facts:
            return "reactivation_mail_lost"
        case "move_deal" if not {"stage", "expected", "opened"} <= set(facts):
            return "move_deal_undated"
        case "move_deal" if facts["stands"] == "late" or facts["expected"] < day:
            return "move_deal_late"
        case "move_deal" if facts["stands"] == "still":
            return "move_deal_still"
        case "move_deal" if "rival" in facts:
            return "move_deal_rival"
    return kind


def dated_back(as_of: date, issued: date | None, locale: Locale) -> str:
    """That the plan is dated from the reporting date, as the data were old when issued; else ""."""
    if issued is None or plan_day(as_of, issued) >= issued:
        return ""
    told = N_("figures as of {as_of:date}, and the plan is dated from that day")
    return locale.say(told, as_of=as_of.isoformat())


def in_words(plan: Plan, actions: pd.DataFrame, to_the_head: bool = False) -> pd.DataFrame:
    """The actions with their words, see ``actions_in_words``; ``to_the_head``: as they are told to the head
    of sales, who goes in person where others read that the head of sales goes.
    """
    if to_the_head:
        facts = [json.dumps(json.loads(own) | {"yours": True}) for own in actions["facts"]]
        actions = actions.assign(facts=pd.Series(facts, actions.index, dtype=object))
    return actions_in_words(actions, str(plan.day))


def actions_in_words(actions: pd.DataFrame, day: str) -> pd.DataFrame:
    """The actions with their words: text, done_when, stake (money with its basis), lead. ``day``: ISO date
    of the plan.
    """
    locale = current().locale
    told = [in_words_of(row, day, locale) for row in Table(actions[WORDED]).rows()]
    return actions.assign(
        **{name: [one[place] for one in told] for place, name in enumerate(InWords._fields)}
    )


WORDED = ["kind", "facts", "money", "basis", "leads", "owner"]  # of an action: what its words hang on


class InWords(NamedTuple):
    """The words of an action, see ``actions_in_words``."""

    text: str
    done_when: str
    stake: str
    lead: str


def in_words_of(action: Any, day: str, locale: Locale) -> InWords:
    """The words of one action. ``action``: a row as of ``Plan.actions``; ``day``: ISO date of the plan."""
    leads = (UNOWNED if missing(action.owner) else LEADS)[action.leads]
    return _words(action.kind, action.facts, action.money, action.basis, leads, day, locale, locale.spoken)


# the calendars, the list of actions, the workbook and the page tell the same actions
@lru_cache(maxsize=8192)
def _words(
    kind: str, stated: str, money: float, basis: str, leads: str, day: str, locale: Locale, spoken: str
) -> InWords:
    """The words of an action of these facts (``stated``: as JSON). ``spoken``: of the locale's labels, which
    do not tell one locale from another.
    """
    facts = json.loads(stated)
    done = DONE_WHEN | (DONE_BY_PHONE if facts.get("by_phone") else {})
    kinds = [kind, *(one["kind"] for one in facts.get("beside", ()))]
    when = [done[one] for one in kinds] + [WHY_KNOWN] * ("fell" in facts)
    return InWords(
        action_text(kind, facts, day, locale),
        locale.text(N_("; ")).join(map(locale.text, when)),
        ""
        if not money > 0 or basis == "untold_loss"
        else locale.say(STAKE, money=money, basis=locale.text(BASES[basis])),
        locale.text(leads),
    )


@table
def actions_table(plan: Plan) -> Display:
    """What is done at the key units and wherever somebody has to act, unit by unit; where there is neither,
    at the first few; all others in the workbook.
    """
    locale = current().locale
    units = plan.units.set_index("account_id")
    first = units["level"].isin(KEY_LEVELS) | units["urgency"].isin(["urgent", "warned"]) | units["win_back"]
    acting = bool(first.any())
    ids = units.index[first] if acting else units.index[:LARGEST]
    rows = plan.actions[plan.actions["account_id"].isin(ids)]
    if rows.empty:
        return NOTHING
    order = pd.Series(range(len(ids)), index=ids)
    rows = rows.assign(_unit=rows["account_id"].map(order)).sort_values(["_unit", "place"])
    told = with_names(in_words(plan, rows).set_index("account_id"))
    told["tier"] = units["tier"].reindex(told.index).to_numpy()
    again = pd.Series(told.index).duplicated().to_numpy()
    members = plan.members["unit"].value_counts() if len(plan.members) else pd.Series(dtype=int)
    told["name"] = [
        "" if repeated else _with_members(name, int(members.get(unit, 1)), locale)
        for name, unit, repeated in zip(told["name"], told.index, again, strict=True)
    ]
    owned = bool(told["owner"].notna().any())
    for column in ("tier", "owner"):
        told[column] = told[column].astype(object).where(told[column].notna() & ~again, "")
    columns = [
        Column("name", N_("Account"), as_is),
        Column("tier", N_("Tier"), as_is),
        Column("owner", N_("Owner"), as_is),
        Column("text", N_("What to do"), as_is, css="long"),
        Column("due", N_("Due"), "date", css="keep"),
        Column("stake", N_("Amount"), as_is, extra=True),
        Column("done_when", N_("Done when"), as_is, extra=True, css="long"),
    ]
    if not owned:
        columns = [c for c in columns if c.key != "owner"]
    told = _with_campaign(plan, told, locale)
    caption = N_(
        "What to do at key accounts and wherever somebody has to act: first those of the priority list, "
        "then by date."
    )
    if not acting:
        caption = N_("What to do, by date, then by revenue; the other accounts stand in the workbook.")
    return html_table(told, columns, caption, most=36, cards=True)


def planned_by_action(plan: Plan) -> dict[str, int]:
    """How many planned customers have an action of their own, are the campaign's, have nothing to be asked
    since they ordered after the reporting date, or have no action at all.
    """
    action = plan.units["next_action"]
    settled, none = action.eq("ordered_since"), action.isna() | action.isin(NO_STEP)
    return {
        "own": int((~settled & ~none).sum()),
        "campaign": int(plan.key_figures["accounts_planned"]) - len(plan.units),
        "settled": int(settled.sum()),
        "none": int(none.sum()),
    }


def as_is(text: str) -> str:
    """A cell that is text already, blank where it repeats the one above."""
    return text


def _with_campaign(plan: Plan, told: pd.DataFrame, locale: Locale) -> pd.DataFrame:
    """The campaign as one line, the first."""
    for line in plan.by_campaign.itertuples():
        said = {
            "name": locale.say(N_("{count:n} small accounts"), count=line.count),
            "text": locale.text(ACTIONS["campaign"]),
            "due": line.due,
            "stake": locale.say(STAKE, money=line.revenue, basis=locale.text(BASES["revenue"])),
            "tier": "",
            "owner": "",
            "done_when": locale.text(DONE_WHEN["campaign"]),
        }
        told = pd.concat([pd.DataFrame([said]), told])
    return told


def _with_members(name: str, count: int, locale: Locale) -> str:
    return locale.say(N_("{name} (group of {count:n})"), name=name, count=count) if count > 1 else name
