"""What changed, how fresh the facts are, and what to ask at the next visit."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from kamplay.method.profile.freshness import LIMITS
from kamplay.method.profile.step import Profile
from kamplay.show.findings import counts
from kamplay.show.health.stakeholders import LAYER_WORDS
from kamplay.show.locale import N_, missing
from kamplay.show.plan.since_last_run import STATE_COUNTS
from kamplay.show.profile.blocks import Block
from kamplay.show.texts.vocabulary import DRIVERS, WHY
from kamplay.show.view import current

CHANGES = {
    "new": N_("Not among the accounts then."),
    "tier": N_("Tier {before} → {now}: {why}."),
    "health": N_("Health {before:n1} → {now:n1}; most points lost: {because}."),
    "health_plain": N_("Health {before:n1} → {now:n1}."),
    "revenue": N_("Revenue of 12 months {before:money} → {now:money}."),
    "actions": N_("Of {planned:n} {planned:plural|action|actions} of the last plan: {what}."),
}
FACTS = {
    "orders": N_("orders to {day:date}"),
    "visit": N_("last visit {day:date}"),
    "people": N_(
        "{count:n} of {of:n} people not confirmed for {limit:n} days, the oldest entry of {day:date}"
    ),
    "people_all": N_(
        "none of {of:n} {of:plural|person|people} confirmed within {limit:n} days, the oldest entry of "
        "{day:date}"
    ),
    "people_never": N_("{count:n} of {of:n} people not confirmed for {limit:n} days"),
    "people_fresh": N_("all {of:n} people confirmed within {limit:n} days"),
    "survey": N_("last survey {day:date}"),
    "books": N_("its books of {day:date}"),
    "wallet": N_("purchases from others estimated, without a date"),
    "wallet_fresh": N_("purchases from others measured, without a date"),
    "deal": N_("{count:n} of {of:n} open {of:plural|deal|deals} past the expected date"),
    "deal_all": N_("{of:n} open {of:plural|deal|deals}, past the expected {of:plural|date|dates}"),
    "deal_fresh": N_("{of:n} open {of:plural|deal|deals}, none past the expected date"),
}
QUESTIONS = {
    "why_gone": N_("Why did it stop after {last:date}, and what would have to change?"),
    "nobody": N_("Who decides here on {category}, who uses it, and who signs?"),
    "nobody_plain": N_("Who decides here, who uses what we sell, and who signs?"),
    "successor": N_("Who took over from {person}, and what matters to them?"),
    "decider": N_("Who decides on {category} ({bought:money} a year), and who has to agree?"),
    "decider_plain": N_("Who decides, and who has to agree?"),
    "goals": N_(
        "What are its goals for the next year, and what do they mean for {category} ({bought:money} a year "
        "from us)?"
    ),
    "goals_plain": N_("What are its goals for the next year, and how can we help to reach them?"),
    "wallet": N_("How much does it buy in all each year, of which we have {revenue:money}, and from whom?"),
    "supplier": N_(
        "Who supplies the {headroom:money} of {category} that is not ours (the strongest "
        "{rival_share:pct}), at what price, and until when?"
    ),
    "supplier_plain": N_(
        "Who supplies the {headroom:money} of {category} that is not ours, at what price, and until when?"
    ),
    "late_deal": N_("What holds up deal {deal} ({amount:money}), expected by {day:date}?"),
    "deal_rival": N_("Who else bids for deal {deal} ({amount:money}), and what will decide it?"),
    "layer": N_(
        "Who is there in the {layer} layer? {count:n} {count:plural|person is|people are} known so far, the "
        "most influential of them {person}."
    ),
    "moved": N_("{person}: is this the same person who is now at {other}, and who does the job here now?"),
    "moved_here": N_(
        "{person}: is this the same person who was at {other}, and what is known of us from there?"
    ),
    "need": N_("What does {person} want to achieve, and which kind of papers does {person} like best?"),
    "stance": N_("What does {person} think of us and of our rivals?"),
    "still_there": N_(
        "Is {person} still in the post (last confirmed {day:date})? The entries of {count:n} of {of:n} "
        "people are to be confirmed."
    ),
    "still_there_all": N_(
        "Is {person} still in the post (last confirmed {day:date})? The entries of all {of:n} people are to "
        "be confirmed."
    ),
    "still_there_plain": N_(
        "Is {person} still in the post? {count:n} of {of:n} entries were never confirmed of late."
    ),
    "survey": N_("How satisfied is it today? It was last asked on {day:date} ({score:n1} of 5)."),
    "survey_plain": N_("How satisfied is it, and would it recommend us? It has never been asked."),
    "wallet_estimate": N_(
        "Is {spend:money} a year right for all that it buys? It is an estimate; {revenue:money} is ours."
    ),
    "fell": N_("Why did {category} fall from {before:money} to {bought:money} in a year?"),
    "size": N_("How large is it (revenue, staff), beside the {revenue:money} it buys from us?"),
}
NEEDED = {  # facts without which the plain form is said
    "nobody": "category",
    "decider": "category",
    "goals": "category",
    "supplier": "rival_share",
    "still_there": "day",
    "survey": "day",
}


def changes_block(profile: Profile) -> Block:
    """What changed since the earlier run; without one it says so."""
    locale, then = current().locale, profile.about.get("compared_with")
    title = locale.text(N_("Since the last plan"))
    if not then:
        facts = profile.facts
        if missing(facts["change"]):
            return Block("changes", title, lines=[locale.text(N_("This is its first plan."))])
        said = N_("First plan. A year ago 12 months brought {before:money}; now {now:money}.")
        return Block("changes", title, lines=[locale.say(said, before=facts["before"], now=facts["revenue"])])
    lines = [change_text(row.change, json.loads(row.facts)) for row in profile.changes]
    said = N_("Tier, health and revenue are as on {day:date}.")
    return Block("changes", title, lines=lines or [locale.say(said, day=then)])


def change_text(change: str, known: dict[str, Any]) -> str:
    locale, values = current().locale, dict(known)
    if change == "tier":
        values["why"] = locale.text(WHY[known["why"]])
    if change == "actions":
        values["what"] = counts(STATE_COUNTS, known, locale)
    form = "health_plain" if change == "health" and "because" not in known else change
    if "because" in known:
        values["because"] = locale.text(DRIVERS[known["because"]])
    return locale.say(CHANGES[form], **values)


def freshness_block(profile: Profile) -> Block:
    """Which facts have gone stale, and which are fresh."""
    locale = current().locale
    stale = [_fact(row) for row in profile.freshness if row.stale]
    fresh = [_fact(row) for row in profile.freshness if not row.stale]
    join = locale.text(N_("; ")).join
    lines = [locale.say(N_("Stale: {what}"), what=join(stale))] if stale else []
    lines += [locale.say(N_("Fresh: {what}"), what=join(fresh))] if fresh else []
    old = (pd.Timestamp(profile.about["issued"]) - pd.Timestamp(profile.about["as_of"])).days
    if old > LIMITS["orders"]:
        said = N_(
            "The data end {days:n} days before the day of issue; what has happened since is to be asked "
            "first."
        )
        lines.insert(0, locale.say(said, days=old))
    said = N_(
        "By the day to which the data reach, stale are: visits after {visit:n} days, people {people:n}, "
        "surveys {survey:n}, books two years."
    )
    return Block(
        "freshness", locale.text(N_("How fresh the facts are")), lines, note=locale.say(said, **LIMITS)
    )


def _fact(row: Any) -> str:
    form = row.fact if row.stale or f"{row.fact}_fresh" not in FACTS else f"{row.fact}_fresh"
    if form == "people" and missing(row.day):
        form = "people_never"
    elif form in ("people", "deal") and row.count == row.of:
        form = f"{form}_all"
    return current().locale.say(FACTS[form], day=row.day, count=row.count, of=row.of, limit=row.limit)


def questions_block(profile: Profile) -> Block:
    """What is not known, the most important first."""
    lines = [question_text(row.question, json.loads(row.facts)) for row in profile.questions]
    return Block("questions", current().locale.text(N_("To ask at the next visit")), lines=lines)


def question_text(question: str, known: dict[str, Any]) -> str:
    view, values = current(), dict(known)
    if "layer" in known:
        values["layer"] = view.locale.text(LAYER_WORDS.get(known["layer"], known["layer"]))
    if "other" in known:
        values["other"] = view.name(known["other"])
    form = question
    if question in NEEDED and NEEDED[question] not in known:
        form = f"{question}_plain"
    if form == "still_there" and known["count"] == known["of"] > 1:
        form = "still_there_all"
    if question == "moved" and not known["left"]:
        form = "moved_here"
    return view.locale.say(QUESTIONS[form], **values)
