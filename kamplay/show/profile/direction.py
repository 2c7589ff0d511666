"""Where the account is to be taken: the strategies that lead there, and the goals with measure and date."""

from __future__ import annotations

import json
from typing import Any

from kamplay.method.plan.strategy_choice import BY_HAND
from kamplay.method.profile.step import Profile
from kamplay.presets import Strategy
from kamplay.show.health.stakeholders import LAYER_WORDS
from kamplay.show.locale import N_, missing
from kamplay.show.profile.blocks import Block
from kamplay.show.texts.vocabulary import SIGN_EVIDENCE
from kamplay.show.view import current

THEMES = {
    "protect": N_("First keep it ({evidence}): {revenue:money} a year is at stake."),
    "protect_plain": N_("First keep it: find out what has changed; {revenue:money} a year is at stake."),
    "settle": N_(
        "Get paid first: {overdue:money} overdue, the oldest {oldest:n} days; until then against payment."
    ),
    "renegotiate": N_(
        "Bring price and service back into line: margin {share:pct} on {revenue:money}, {cost:money} to "
        "serve."
    ),
    "renegotiate_plain": N_("Bring price and service back into line on {revenue:money} of revenue."),
    "recover": N_("Win it back: it brought {brought:money} in its last year and bought last on {last:date}."),
    "close": N_(
        "Ask why it stopped, then decide: win it back or close it in good order. Last order {last:date}, "
        "{brought:money} in the year up to it."
    ),
    "gone": N_(
        "Fill the gap that {person} left: {supporters:n} of {contacts:n} people known there support us."
    ),
    "unsupported": N_(
        "Win {person} in the decision layer, through {through}: {supporters:n} of the {contacts:n} people "
        "known support us, nobody in that layer."
    ),
    "unsupported_alone": N_(
        "Find a supporter in the decision layer: {supporters:n} of {contacts:n} people known support us, "
        "nobody in that layer."
    ),
    "opposed": N_(
        "Answer what speaks against us in the decision layer; {supporters:n} of {contacts:n} people "
        "known support us."
    ),
    "thread": N_(
        "Stand on more than one person: of {contacts:n} known {supporters:n} "
        "{supporters:plural|supports|support} us; next is {person}."
    ),
    "thread_alone": N_(
        "Stand on more than one person: of {contacts:n} known {supporters:n} "
        "{supporters:plural|supports|support} us."
    ),
    "layer": N_("Get to know the {layer} layer: nobody there is known among {contacts:n} people."),
    "unseen": N_("Be seen again: {contacts:n} people known, no visit for 90 days."),
    "win_deal": N_("Win deal {deal}: {amount:money}, {stage}."),
    "win_deal_rival": N_("Win deal {deal} against {rival}: {amount:money}, {stage}."),
    "win_deal_plain": N_("Win deal {deal}: {amount:money}."),
    "win_category": N_(
        "Grow in {category}: it buys {spend:money} a year, {share:pct} of it from us; the strongest "
        "rival has {rival_share:pct}."
    ),
    "win_category_alone": N_("Grow in {category}: it buys {spend:money} a year, {share:pct} of it from us."),
    "win_category_first": N_(
        "Open {category}: it buys {spend:money} a year, none of it from us; the strongest rival has "
        "{rival_share:pct}."
    ),
    "regain": N_(
        "Win back {category}, which it no longer buys: about {amount:money} a year is expected of it."
    ),
    "win_category_peers": N_("Open {category}: about {amount:money} a year is expected of it."),
    "hold": N_(
        "Hold {revenue:money}, first of all {category} ({bought:money}), with {on_time:pct} of orders on "
        "time."
    ),
    "hold_category": N_("Hold {revenue:money}, first of all {category} ({bought:money})."),
    "renew": N_("Renew contract {contract}, which ends on {end:date}: {yearly:money} a year."),
    "renew_ran_out": N_("Sign again: contract {contract} ran out on {end:date}, and it buys without one."),
    "renew_ended": N_("Sign again: contract {contract} ended on {end:date}; {yearly:money} a year."),
    "renew_plain": N_("Renew the contract that ends on {end:date}: {yearly:money} a year."),
    "clear": N_("Payment before growth: {used:pct} of its credit limit is used, {overdue:money} overdue."),
    "clear_plain": N_("Payment before growth: {overdue:money} of {open:money} open is overdue."),
    "one_lead": N_("One face to it: {entities:words} both sell to it or bid there; one leads."),
    "deliver": N_("Deliver as promised: {on_time:pct} of {orders:n} orders came on time in 180 days."),
    "attend": N_(
        "Stay close: {branch:n1} branch and {head:n1} head-office visits a month, an order every "
        "{gap:n} days."
    ),
    "attend_plain": N_("Serve it by phone and mail, with an order every {gap:n} days."),
    "attend_unknown": N_("Get to know its rhythm: too few orders to tell one."),
    "hold_plain": N_("Hold {revenue:money} with the service that the plan gives it."),
}
GOALS = {
    "hold": (
        N_("Hold revenue"),
        N_("{goal:money} in 12 months, as now; by its rhythm alone {expected:money}"),
    ),
    "hold_plain": (N_("Hold revenue"), N_("{goal:money} in 12 months, as now")),
    "grow": (N_("Grow revenue"), N_("from {revenue:money} to {goal:money} in 12 months")),
    "decide": (
        N_("Win it back or close it"),
        N_("decided, with the reason recorded; it brought {brought:money}"),
    ),
    "collect": (
        N_("Overdue is paid"),
        N_("from {overdue:money} to nothing, the oldest bill {oldest:n} days late"),
    ),
    "complaints": (N_("Complaints are closed"), N_("from {open:n} open to none")),
    "complaints_plain": (N_("Complaints are closed"), N_("none open")),
    "people": (N_("{target} is met"), N_("meeting held, stance and concern recorded")),
    "people_won": (N_("{target} is won over"), N_("meeting held, stance and concern recorded")),
    "people_layer": (N_("The {layer} layer is known"), N_("a name recorded, a meeting dated")),
    "people_left": (N_("The successor of {left} is met"), N_("meeting held, stance and concern recorded")),
    "people_plain": (N_("The successor is met"), N_("meeting held, stance and concern recorded")),
    "deal": (N_("Deal {deal} is won"), N_("order of {amount:money}")),
    "contract": (
        N_("Contract {contract} is renewed"),
        N_("signed before {end:date}, or decided to go on without"),
    ),
    "contract_ended": (N_("A contract in place of {contract}"), N_("signed, or decided to go on without")),
    "contract_plain": (N_("The contract is renewed"), N_("signed, or decided to go on without")),
    "deal_plain": (N_("Deal {deal} is settled"), N_("next step dated, or closed")),
    "category": (
        N_("A larger share of {category}"),
        N_(
            "more than {share:pct} of the {spend:money} it buys a year; each point is worth {point:money} a "
            "year"
        ),
    ),
    "category_first": (N_("First order of {category}"), N_("of the {spend:money} it buys a year")),
    "category_peers": (N_("First order of {category}"), N_("about {amount:money} a year is expected")),
    "category_again": (N_("{category} is ordered again"), N_("about {amount:money} a year is expected")),
    "category_plain": (N_("First order of {category}"), N_("ordered, or the reason why not")),
    "review_with": (N_("Joint review with {person}"), N_("goals, owners and dates agreed in writing")),
    "review": (N_("Joint review"), N_("goals, owners and dates agreed in writing")),
}


def strategies_block(profile: Profile) -> Block:
    """The plan's strategy by name, and the two or three things that it comes to here."""
    lines = [theme_text(row.theme, json.loads(row.facts), profile.about["day"]) for row in profile.strategies]
    return Block("strategies", strategy_title(profile), lines=lines)


def strategy_title(profile: Profile) -> str:
    """``Strategies: invest (key account with room to grow)``, in the preset's words."""
    locale, facts = current().locale, profile.facts
    preset = profile.about.get("strategy")
    if missing(facts["strategy"]) or not preset:
        return locale.text(N_("Strategies"))
    strategy = Strategy.model_validate(preset)
    name = strategy.described()[facts["strategy"]].get(locale.language)
    rules = {rule.rule: rule.get(locale.language) for rule in strategy.choice}
    rules[BY_HAND] = locale.text(N_("chosen by hand"))
    return locale.say(N_("Strategies: {name} ({why})"), name=name, why=rules.get(facts["rule"], ""))


def theme_text(theme: str, known: dict[str, Any], day: str) -> str:
    """A strategy as a sentence, in the form for which its facts suffice. ``day``: ISO date of the plan."""
    locale, values = current().locale, dict(known)
    if theme == "people":
        theme = known["alarm"]
        values["layer"] = locale.text(LAYER_WORDS[known["layer"]]) if "layer" in known else ""
    if "evidence" in known:
        values["evidence"] = locale.say(SIGN_EVIDENCE[known["sign"]], **known["evidence"])
    return locale.say(THEMES[_theme_form(theme, known, day)], **values)


NEEDED = {  # facts without which the plainer form is said
    "protect": ("evidence", "protect_plain"),
    "renegotiate": ("share", "renegotiate_plain"),
    "unsupported": ("person", "unsupported_alone"),
    "thread": ("person", "thread_alone"),
    "clear": ("used", "clear_plain"),
}


def _theme_form(theme: str, known: dict[str, Any], day: str) -> str:
    """The form of a strategy for which its facts suffice."""
    match theme:
        case "win_deal" if "stage" not in known:
            return "win_deal_plain"
        case "win_deal" if "rival" in known:
            return "win_deal_rival"
        case "win_category" if "spend" not in known:
            return "win_category_peers"
        case "win_category" if "rival_share" not in known:
            return "win_category_alone"
        case "win_category" if not known["share"] > 0:
            return "win_category_first"
        case "hold" if "category" not in known:
            return "hold_plain"
        case "hold" if "on_time" not in known:
            return "hold_category"
        case "renew" if not known.get("contract"):
            return "renew_plain"
        case "renew" if known.get("stands") == "ran_out":
            return "renew_ran_out"
        case "renew" if known["end"] < day:
            return "renew_ended"
        case "attend" if "gap" not in known:
            return "attend_unknown"
        case "attend" if not known.get("branch", 0) + known.get("head", 0):
            return "attend_plain"
        case "unsupported" if "through" not in known:
            return "unsupported_alone"
    needed, plain = NEEDED.get(theme, ("", ""))
    return plain if needed and needed not in known else theme


def goals_block(profile: Profile) -> Block:
    """Our goals: objective, measure, date."""
    locale = current().locale
    rows = []
    for row in profile.goals:
        objective, measure = goal_text(row.goal, json.loads(row.facts))
        rows.append([objective, measure, locale.date(row.by)])
    heads = [locale.text(h) for h in (N_("Objective"), N_("Measure"), N_("By"))]
    return Block("goals", locale.text(N_("Our goals")), (), heads, rows, keep=(2,))


def goal_text(goal: str, known: dict[str, Any]) -> tuple[str, str]:
    """A goal's objective and measure, in the form for which its facts suffice."""
    locale, values = current().locale, dict(known)
    if "layer" in known:
        values["layer"] = locale.text(LAYER_WORDS.get(known["layer"], known["layer"]))
    if "spend" in known:
        values["point"] = known["spend"] / 100
    forms = {
        "hold": "hold" if "expected" in known else "hold_plain",
        "complaints": "complaints" if "open" in known else "complaints_plain",
        "people": _people_form(known),
        "contract": _contract_form(known),
        "review": "review_with" if "person" in known else "review",
        "deal": "deal" if "amount" in known else "deal_plain",
        "category": _category_form(known),
    }
    objective, measure = GOALS[forms.get(goal, goal)]
    return locale.say(objective, **values), locale.say(measure, **values)


def _contract_form(known: dict[str, Any]) -> str:
    if "contract" not in known:
        return "contract_plain"
    return "contract" if "end" in known else "contract_ended"


def _people_form(known: dict[str, Any]) -> str:
    if "target" in known:
        return "people_won" if known.get("kind") == "meet_person" else "people"
    if known.get("kind") == "open_layer":
        return "people_layer"
    return "people_left" if "left" in known else "people_plain"


def _category_form(known: dict[str, Any]) -> str:
    if {"share", "spend"} <= set(known):
        return "category" if known["share"] > 0 else "category_first"
    if "amount" in known:
        return "category_again" if "again" in known else "category_peers"
    return "category_plain"
