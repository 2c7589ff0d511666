"""The two or three strategies of each unit: what comes first there, and the figures that call for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from kamplay.method.plan.actions import KINDS
from kamplay.method.plan.possible_actions import GROWTH_ALLOWED
from kamplay.method.profile.rows import absent, by_unit, numbered, told

MOST = 3
COLUMNS = ["unit_id", "theme", "facts", "money"]
FIRST_OF = {  # strategy of the plan → the theme that it comes to
    "recover": "recover",
    "close": "close",
    "protect": "protect",
    "retain": "protect",
    "settle": "settle",
    "renegotiate": "renegotiate",
}
LATE_BELOW = 0.9  # delivered on time: a smaller share is talked about
ROOM = ("invest", "promote")  # types with room to grow
GROWTH = ("win_share", "offer_category", "regain_category")
THEME_OF = {  # what an action that sells comes to
    "move_deal": "win_deal",
    "win_share": "win_category",
    "offer_category": "win_category",
    "regain_category": "regain",
}


def strategies(
    facts: pd.DataFrame,
    actions: pd.DataFrame,
    categories: pd.DataFrame,
    people: pd.DataFrame,
    deals: pd.DataFrame,
) -> pd.DataFrame:
    """Choose the strategies of each planned unit.

    What the plan's strategy says comes first (FIRST_OF), then the contract to renew, then the people who are
    missing, then the deal and the category of the plan's own actions, the larger sum first. Where no action
    is about a deal, the largest open one all the same; where to invest and neither sells anything, the
    category with most room; then what stands in the way (payment, two sales entities, late deliveries);
    where there are fewer than three, holding what there is and looking after it.

    Returns
    -------
    A row a strategy: unit_id, place, theme, facts (JSON), money (what it is about; 0 where it is none).
    """
    planned = facts[facts["strategy"].notna()]
    todo, bought, open_deals = by_unit(actions), by_unit(categories), by_unit(deals)
    label = dict(zip(people["contact_id"], people["label"], strict=True))
    return numbered(
        (
            (row.Index, *one)
            for row in planned.itertuples()
            for one in _of_one(
                row, todo.get(row.Index, []), bought.get(row.Index, []), open_deals.get(row.Index, []), label
            )
        ),
        COLUMNS,
        MOST,
    )


def _of_one(
    unit: Any, todo: list[Any], bought: list[Any], deals: list[Any], label: Mapping[str, str]
) -> Iterator[tuple[str, str, float]]:
    first = FIRST_OF.get(unit.strategy)
    if first in ("recover", "close"):
        yield first, told(brought=unit.brought, last=unit.last_order), float(unit.brought)
        return
    lead = next((row for row in todo if KINDS[row.kind].stage == "keep_alive"), None)
    sign = json.loads(lead.facts).get("sign") if lead else None
    if first == "protect":
        loss = 0.0 if absent(unit.revenue_at_risk) else float(unit.revenue_at_risk)
        known = json.loads(lead.facts) if lead else {}
        yield first, told(**known | {"revenue": unit.revenue}), loss
    if first == "renegotiate":
        share = unit.margin / unit.revenue if unit.revenue > 0 and not absent(unit.margin) else None
        yield first, told(share=share, cost=unit.cost_to_serve, revenue=unit.revenue), float(unit.revenue)
    if first == "settle" and not str(sign).startswith("payment"):
        overdue = 0.0 if absent(unit.overdue) else float(unit.overdue)
        yield first, told(overdue=unit.overdue, oldest=unit.oldest, open=unit.open), overdue
    renewal = next((row for row in todo if row.kind == "renew_contract"), None)
    if renewal:
        yield "renew", told(**json.loads(renewal.facts), yearly=renewal.money), float(renewal.money)
    if not absent(unit.alarms) and len(unit.alarms):
        yield "people", _people(unit, label), float(unit.revenue)
    sold = [(THEME_OF[row.kind], row.facts, float(row.money)) for row in todo if row.kind in THEME_OF]
    yield from sorted(sold, key=lambda one: -one[2])
    if deals and not any(row.kind == "move_deal" for row in todo):
        own = {"deal": deals[0].opportunity_id, "amount": deals[0].amount, "stage": deals[0].stage}
        sold.append(("win_deal", told(**own, rival=deals[0].competitor), float(deals[0].amount)))
        yield sold[-1]
    room = [row for row in bought if not absent(row.headroom) and row.headroom > 0]
    if unit.type in ROOM and not sold and room and unit.growth_exclusion in GROWTH_ALLOWED:
        most = max(room, key=lambda row: row.headroom)
        own = {"category": most.category, "share": most.share, "spend": most.spend}
        yield "win_category", told(**own, rival_share=most.competitor_share), float(most.headroom)
    if unit.growth_exclusion == "payment" and first not in ("settle", "protect"):
        yield "clear", told(used=unit.credit_used, overdue=unit.overdue, open=unit.open), float(unit.revenue)
    one_lead = next((row for row in todo if row.kind == "one_lead"), None)
    if one_lead:
        yield "one_lead", one_lead.facts, float(unit.revenue)
    late = not absent(unit.on_time) and unit.on_time < LATE_BELOW
    if late:
        yield "deliver", told(on_time=unit.on_time, orders=unit.orders), float(unit.revenue)
    top = max((row for row in bought if row.bought > 0), key=lambda row: row.bought, default=None)
    yield (
        "hold",
        told(
            revenue=unit.revenue,
            category=top.category if top else None,
            bought=top.bought if top else None,
            on_time=None if late else unit.on_time,
        ),
        float(unit.revenue),
    )
    yield (
        "attend",
        told(branch=unit.visits_branch, head=unit.visits_head_office, gap=unit.gap_days),
        float(unit.revenue),
    )


def _people(unit: Any, label: Mapping[str, str]) -> str:
    """The gravest alarm, and about whom it is."""
    about = unit.departed if unit.alarms[0] == "gone" else unit.target
    return told(
        alarm=str(unit.alarms[0]),
        person=label.get(about),
        through=label.get(unit.introducer),
        layer=None if absent(unit.missing) or not len(unit.missing) else str(unit.missing[0]),
        contacts=unit.contacts,
        supporters=unit.supporters,
    )
