"""Who decides at the account, what they want, how to talk to them, who is missing, who opens which door."""

from __future__ import annotations

from typing import Any

from kamplay.method.profile.step import Profile
from kamplay.show.health.stakeholders import LAYER_LABELS, LAYER_WORDS, SIDE_LABELS
from kamplay.show.locale import N_, missing
from kamplay.show.plan.visit_sheet import BUYING_ROLES, NEEDS
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current

MOST = 6  # people by name
DOT = " · "
BREAK_AFTER = ("年", "年\u200b")  # where a Chinese date may go on in the next line of a narrow column
# how to talk to whom seeks this
NEED_TALK = {
    "power": N_("leave the decision to them"),
    "achievement": N_("a result with a figure and a date"),
    "recognition": N_("give them the credit"),
    "acceptance": N_("show what their peers do"),
    "safety": N_("proof and guarantees"),
}
# and to whom thinks like this
STYLE_TALK = {
    "facts": N_("figures, to the point"),
    "order": N_("details in order, in writing"),
    "people": N_("examples of users"),
    "vision": N_("the whole picture first"),
}
GAPS = {
    "gone": N_("{person} has left and nobody known has the place"),
    "unsupported": N_("nobody in the decision layer supports us ({deciders})"),
    "unsupported_unknown": N_("nobody known in the decision layer"),
    "opposed": N_("somebody in the decision layer is against us"),
    "thread": N_("everything hangs by one person"),
    "layer": N_("nobody is known in these layers: {layers}"),
    "unseen": N_("not visited since {day:date}"),
    "unseen_ever": N_("no visit is on record"),
}
DOORS = {
    "supporter": N_("{through} supports us and can introduce us to {target}"),
    "supporter_alone": N_("{through} supports us and can open doors"),
    "superior": N_("{target} reports to {through}"),
    "moved": N_("{through} seems to have come from {other}, where {through} knew us: ask"),
    "supporter_left": N_("{through} supports us and can introduce us to the successor of {target}"),
    "superior_left": N_("{target} reported to {through}, who can name the successor"),
}


def chain_block(profile: Profile) -> Block:
    """The people by layer, with their stance, what they seek and how to talk to them; where nothing is told
    of that, who they are and when they were met.
    """
    locale = current().locale
    title = locale.text(N_("Decision chain"))
    if not profile.people:
        return Block("chain", title, lines=[locale.text(N_("Nobody is on file: see the questions."))])
    here = profile.people.where(lambda row: not row.gone)
    rows = [_person(row, profile) for row in here[:MOST]]
    heads = [N_("Who"), N_("Layer, role"), N_("Stance, influence"), N_("How to talk to them"), N_("Last met")]
    told = not all(missing(side) for side in profile.people["side"])
    if not told:
        heads, rows = [*heads[:2], heads[-1]], [[*row[:2], row[-1]] for row in rows]
    rest = len(here) - MOST
    note = locale.say(N_("{rest:n} more on file."), rest=rest) if rest > 0 else ""
    gaps = gap_lines(profile) if told else []
    return Block("chain", title, gaps, [locale.text(h) for h in heads], rows, note=note)


def _person(row: Any, profile: Profile) -> list[str]:
    locale = current().locale
    place = [] if missing(row.layer) else [locale.text(LAYER_LABELS[row.layer])]
    if row.role in BUYING_ROLES:
        place.append(locale.text(BUYING_ROLES[row.role]))
    side = [] if missing(row.side) else [locale.text(SIDE_LABELS[row.side])]
    if not missing(row.influence):
        side.append(locale.number(row.influence))
    talk = [
        locale.text(words[key])
        for words, key in ((NEED_TALK, row.need), (STYLE_TALK, row.style))
        if key in words
    ]
    if row.need in NEEDS:
        talk[0] = locale.say(N_("seeks {need}: {talk}"), need=locale.text(NEEDS[row.need]), talk=talk[0])
    who = locale.label(row.label)
    if row.home != profile.unit_id:
        who = locale.say(N_("{who} ({where})"), who=who, where=current().name(row.home))
    met = (
        locale.text(N_("no visit on record"))
        if missing(row.last)
        else locale.date(row.last).replace(*BREAK_AFTER)
    )
    return [
        who,
        DOT.join(place),
        DOT.join(side),
        locale.text(N_("; ")).join(talk) or locale.text(N_("to be asked")),
        met,
    ]


def gap_lines(profile: Profile) -> list[str]:
    """What is missing in the chain, and who can introduce us."""
    locale, facts = current().locale, profile.facts
    alarms = [] if missing(facts["alarms"]) else list(facts["alarms"])
    known = dict(zip(profile.people["contact_id"], profile.people["label"], strict=True))
    layers = [locale.text(LAYER_WORDS[layer]) for layer in facts["missing"]] if alarms else []
    values = {
        "person": known.get(facts["departed"], ""),
        "deciders": _deciders(profile),
        "layers": locale.words(layers, len(layers)),
        "day": facts["last_visit"],
    }
    told = []
    for alarm in alarms:
        form = alarm
        if alarm == "unseen" and missing(facts["last_visit"]):
            form = "unseen_ever"
        elif alarm == "unsupported" and not values["deciders"]:
            if "layer" in alarms and "decision" in facts["missing"]:
                continue  # that nobody is known there is told below
            form = "unsupported_unknown"
        told.append(locale.say(GAPS[form], **values))
    lines = []
    if told:
        lines.append(locale.say(N_("Gaps: {what}."), what=locale.text(N_("; ")).join(told)))
    doors = [_door(row, profile) for row in profile.doors[:2]]
    if doors and alarms:
        lines.append(locale.say(N_("Ways in: {what}."), what=locale.text(N_("; ")).join(doors)))
    return lines


def _deciders(profile: Profile) -> str:
    """Who is known in the decision layer, and where each stands."""
    locale = current().locale
    rows = profile.people.where(lambda row: row.layer == "decision" and not row.gone)
    each = [
        locale.say(N_("{who}: {side}"), who=locale.label(row.label), side=locale.text(SIDE_LABELS[row.side]))
        for row in rows
    ]
    return locale.words(each, len(each))


def _door(row: Any, profile: Profile) -> str:
    view = current()
    if row.how == "moved":
        came = next(one for one in profile.moves if one.contact_id == row.through)
        other = view.name(came.other_unit)
        return view.locale.say(DOORS["moved"], through=row.through_label, other=other)
    form = "supporter_alone" if missing(row.target_label) else row.how
    if any(one.gone for one in profile.people if one.contact_id == row.target):
        form = f"{row.how}_left"
    return view.locale.say(DOORS[form], through=row.through_label, target=row.target_label)
