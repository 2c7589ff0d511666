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


def visits_block(profile: Profile) -> Block:
    """Visits made and planned against the norm, and what its level gets."""
    locale = current().locale
    parts = (_last(profile), _norm(profile), _next(profile), _given(profile))
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
