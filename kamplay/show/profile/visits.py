"""What the account is given: whom it saw last, who comes next, what its level gets."""

from __future__ import annotations

from kamplay.method.profile.step import Profile
from kamplay.presets import Strategy
from kamplay.show.locale import N_, missing
from kamplay.show.plan.calendar import KINDS, person_label, whom
from kamplay.show.plan.visit_sheet import OUTCOMES
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current

MOST_NEXT = 3
OF_WHAT = {  # what further visits are for: the assumption, without and with the sum
    "loss": (
        "loss_averted",
        N_("much may be lost"),
        N_("{whole:money} of {money} may be lost, of which the norm averts {share:pct}"),
    ),
    "room": (
        "room_won",
        N_("it purchases much elsewhere"),
        N_("its purchases elsewhere hold {whole:money} of {money}, of which the norm wins {share:pct}"),
    ),
}


def visits_block(profile: Profile) -> Block:
    """Visits made and planned against the norm, and what its level gets."""
    locale = current().locale
    parts = (_last(profile), _norm(profile), _next(profile), _why(profile), _given(profile))
    return Block("visits", locale.text(N_("Visits and resources")), lines=[p for p in parts if p])


def _last(profile: Profile) -> str:
    locale = current().locale
    if not profile.visits:
        return locale.text(N_("No visit is on record"))
    row = profile.visits[0]
    known = dict(zip(profile.people["contact_id"], profile.people["label"], strict=True))
    parts = [locale.date(row.date)]
    parts += [locale.label(str(p)) for p in (known.get(row.contact_id), row.by) if not missing(p)]
    if row.outcome in OUTCOMES:
        parts.append(locale.text(OUTCOMES[row.outcome]))
    return locale.say(N_("Last visit: {what}"), what=" · ".join(parts))


def _norm(profile: Profile) -> str:
    locale, facts = current().locale, profile.facts
    if missing(facts["visits_done"]):
        return ""
    said = N_("{done:n} visits in three months, the norm is {norm:n1}")
    return locale.say(said, done=facts["visits_done"], norm=facts["visits_norm"])


def _next(profile: Profile) -> str:
    """The next visits: the day, whose, whom to meet."""
    locale, rows = current().locale, profile.next_visits
    each = [
        " ".join(
            part
            for part in (
                locale.date(row.date),
                person_label(row.person, row.role),
                locale.say(N_("({kind})"), kind=locale.text(KINDS[row.kind])) if row.kind == "review" else "",
                f"→ {whom(row)}" if whom(row) else "",
            )
            if part
        )
        for row in rows[:MOST_NEXT]
    ]
    if not each:
        return ""
    said = N_("{count:n} planned, next: {visits}")
    return locale.say(said, count=len(rows), visits=locale.text(N_("; ")).join(each))


def _why(profile: Profile) -> str:
    """Why the quarter has more visits than the norm: what they should keep and win, of what, as assumed."""
    locale, facts, preset = current().locale, profile.facts, profile.about.get("strategy")
    if not preset or missing(facts["quarter_visits"]) or not facts["quarter_visits"] > facts["quarter_norm"]:
        return ""
    response, parts = Strategy.model_validate(preset).response, []
    money = locale.text(N_("margin") if facts["quarter_in_margin"] else N_("revenue"))
    for name, (brings, bare, said) in OF_WHAT.items():
        whole, share = facts[f"quarter_{name}"], getattr(response, brings)
        if facts[f"quarter_for_{name}"]:
            told = missing(whole)
            parts.append(
                locale.text(bare) if told else locale.say(said, whole=whole, share=share, money=money)
            )
    if not parts:
        return ""
    why = N_("{visits:n} in the quarter, {beyond:n} beyond the norm: {what}, as assumed")
    beyond = facts["quarter_visits"] - facts["quarter_norm"]
    what = locale.words(parts, len(parts))
    return locale.say(why, visits=facts["quarter_visits"], beyond=beyond, what=what)


def _given(profile: Profile) -> str:
    """What the level gets, in the preset's words, and how soon a complaint is answered."""
    locale, preset = current().locale, profile.about.get("strategy")
    if not preset or missing(profile.facts["strategy"]):
        return ""
    level = None if missing(profile.facts["level"]) else profile.facts["level"]
    plan = Strategy.model_validate(preset).of(level)
    return locale.say(
        N_(
            "Level of service: {mechanism}; complaints answered within {hours:n} hours, settled within "
            "{days:n} days"
        ),
        mechanism=plan.mechanism.get(locale.language),
        hours=plan.complaint.reply_hours,
        days=plan.complaint.resolve_days,
    )
