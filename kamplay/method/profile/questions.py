"""What is not known of each unit and the next visit can find out, the most important first, at most MOST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kamplay.method.health.stakeholders import LAYERS
from kamplay.method.profile.rows import absent, by_unit, numbered, told

MOST = 5
COLUMNS = ["unit_id", "question", "facts"]


def questions(
    facts: pd.DataFrame,
    people: pd.DataFrame,
    moved: pd.DataFrame,
    categories: pd.DataFrame,
    rivals: pd.DataFrame,
    deals: pd.DataFrame,
    fresh: pd.DataFrame,
    actions: pd.DataFrame,
) -> pd.DataFrame:
    """Rank what to ask at each unit: who decides, then what the customer wants, then who else supplies it,
    then what may have changed, then what was never entered. What an action of the plan finds out already is
    not asked again.

    Returns
    -------
    A row a question: unit_id, place, question (its kind), facts (JSON).
    """
    planned = facts[facts["strategy"].notna()]
    of = [by_unit(frame) for frame in (people, moved, categories, rivals, deals, fresh, actions)]
    return numbered(
        (
            (row.Index, *one)
            for row in planned.itertuples()
            for one in _of_one(row, *(rows.get(row.Index, []) for rows in of))
        ),
        COLUMNS,
        MOST,
    )


def _of_one(
    unit: Any,
    people: list[Any],
    moved: list[Any],
    categories: list[Any],
    rivals: list[Any],
    deals: list[Any],
    fresh: list[Any],
    actions: list[Any],
) -> Iterator[tuple[str, str]]:
    here = [one for one in people if not one.gone]
    bought = [row for row in categories if row.bought > 0]
    top = max(bought, key=lambda row: row.bought, default=None)
    doing = {row.kind for row in actions}
    if unit.gone:
        yield "why_gone", told(last=unit.last_order, brought=unit.brought)
    if not people:
        yield "nobody", told(category=top.category if top else None)
    elif not absent(unit.departed) and not doing & {"meet_successor", "find_successor"}:
        gone = next(one for one in people if one.contact_id == unit.departed)
        yield "successor", told(person=gone.label, layer=gone.layer)
    elif not unit.decider_known:
        yield "decider", told(category=top.category if top else None, bought=top.bought if top else None)
    yield (
        "goals",
        told(
            category=top.category if top else None,
            bought=top.bought if top else None,
            annual=unit.annual_revenue,
        ),
    )
    if absent(unit.spend):
        yield "wallet", told(revenue=unit.revenue)
    else:
        room = [row for row in categories if not absent(row.headroom) and row.headroom > 0]
        most = max(room, key=lambda row: row.headroom, default=None)
        if most is not None:
            yield (
                "supplier",
                told(category=most.category, headroom=most.headroom, rival_share=most.competitor_share),
            )
    late = [deal for deal in deals if deal.late > 0]
    blind = [deal for deal in deals if absent(deal.competitor)]
    if late and "move_deal" not in doing:
        yield (
            "late_deal",
            told(deal=late[0].opportunity_id, amount=late[0].amount, day=late[0].expected_close),
        )
    elif blind:
        yield "deal_rival", told(deal=blind[0].opportunity_id, amount=blind[0].amount, stage=blind[0].stage)
    missing = [
        layer for layer in LAYERS if people and not absent(unit.missing) and layer in list(unit.missing)
    ]
    weight = sorted(here, key=lambda one: -(0 if absent(one.influence) else one.influence))
    if missing and weight and "open_layer" not in doing:
        yield "layer", told(layer=missing[0], count=len(here), person=weight[0].label)
    for row in moved[:1]:
        yield (
            "moved",
            told(person=row.label, other=row.other_unit, left=bool(row.left), other_label=row.other_label),
        )
    blank = next((one for one in weight if absent(one.need) or absent(one.style)), None)
    if blank:
        yield "need", told(person=blank.label)
    unknown = next((one for one in weight if one.side == "unknown"), None)
    if unknown:
        yield "stance", told(person=unknown.label)
    stale = {row.fact: row for row in fresh if row.stale}
    old = [one for one in weight if one.assumed]
    if "people" in stale and old:
        yield "still_there", told(person=old[0].label, day=old[0].confirmed, count=len(old), of=len(here))
    asked = {row.fact for row in fresh}
    if "survey" in stale or "survey" not in asked:
        yield "survey", told(day=unit.asked, score=unit.score)
    if unit.wallet_basis in ("estimated", "by_rule"):
        yield "wallet_estimate", told(spend=unit.spend, revenue=unit.revenue)
    rest = [row for row in categories if row.before > 0 and row.bought < row.before / 2]
    if rest:
        fell = max(rest, key=lambda row: row.before - row.bought)
        yield "fell", told(category=fell.category, bought=fell.bought, before=fell.before)
    if absent(unit.annual_revenue) and absent(unit.employees):
        yield "size", told(revenue=unit.revenue)
