"""What is done at the account: by whom, by when, for how much."""

from __future__ import annotations

from typing import Any

from kamplay.method.profile.step import Profile
from kamplay.show.locale import N_, missing
from kamplay.show.plan.actions import in_words_of
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current

WITH = {  # who does it together with the owner
    "finance": N_("{owner} with finance"),
    "service": N_("{owner} with service"),
    "supply": N_("{owner} with supply"),
    "head": N_("head of sales with {owner}"),
    "marketing": N_("marketing with {owner}"),
}


def _who(row: Any, lead: str) -> str:
    """The owner, with whom; where nobody is named, whose matter it is: ``lead``."""
    if missing(row.owner):
        return lead
    if row.leads == "owner":
        return current().locale.label(str(row.owner))
    return current().locale.say(WITH[row.leads], owner=row.owner)


def actions_block(profile: Profile) -> Block:
    """Every action of the plan, the first first."""
    locale = current().locale
    rows = []
    for row in profile.actions:
        told = in_words_of(row, profile.about["day"], locale)
        rows.append([told.text, _who(row, told.lead), locale.date(row.due), told.stake, told.done_when])
    heads = [N_("What to do"), N_("Owner"), N_("By"), N_("Amount"), N_("Done when")]
    return Block(
        "actions", locale.text(N_("Actions")), heads=[locale.text(h) for h in heads], rows=rows, keep=(2,)
    )
