"""What is done at the account: by whom, by when, for how much."""

from __future__ import annotations

from typing import Any

from kamplay.method.profile.step import Profile
from kamplay.show.locale import N_, missing
from kamplay.show.plan.actions import actions_in_words
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current

WITH = {  # who does it together with the owner
    "finance": N_("{owner} with finance"),
    "service": N_("{owner} with service"),
    "supply": N_("{owner} with supply"),
    "head": N_("head of sales with {owner}"),
    "marketing": N_("marketing with {owner}"),
}


def _who(row: Any) -> str:
    """The owner, with whom; where nobody is named, whose matter it is."""
    if missing(row.owner):
        return str(row.lead)
    if row.leads == "owner":
        return current().locale.label(str(row.owner))
    return current().locale.say(WITH[row.leads], owner=row.owner)


def actions_block(profile: Profile) -> Block:
    """Every action of the plan, the first first."""
    locale = current().locale
    told = actions_in_words(profile.actions, profile.about["day"])
    rows = [
        [row.text, _who(row), locale.date(row.due), row.stake, row.done_when] for row in told.itertuples()
    ]
    heads = [N_("What to do"), N_("Owner"), N_("By"), N_("At stake"), N_("Done when")]
    return Block(
        "actions", locale.text(N_("Actions")), heads=[locale.text(h) for h in heads], rows=rows, keep=(2,)
    )
