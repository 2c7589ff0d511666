"""What may go wrong at each unit, and the sign by which it shows first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kamplay.method.health.early_warning import evidence, variant
from kamplay.method.health.step import Health
from kamplay.method.profile.rows import absent, by_unit, numbered, told
from kamplay.method.profile.strategies import LATE_BELOW
from kamplay.method.value.contracts import SOON

MOST = 4
COLUMNS = ["unit_id", "risk", "facts"]
ONE_CATEGORY = 0.6  # of a unit's purchases from us: one category that carries the account
LARGE_SHARE = 0.05  # of our revenue: a visible share, whose loss hurts
FELL = -0.2  # change of revenue on the year before, from which the fall is the risk


def risks(
    facts: pd.DataFrame,
    health: Health,
    categories: pd.DataFrame,
    people: pd.DataFrame,
    rivals: pd.DataFrame,
    deliveries: pd.DataFrame,
    bills: pd.DataFrame,
    contracts: pd.DataFrame,
    day: pd.Timestamp,
) -> pd.DataFrame:
    """List the risks of each unit that buys, the gravest first. ``day``: the day of the plan, a quarter
    from which a contract's day of notice is a matter of this plan.

    Returns
    -------
    A row a risk: unit_id, place, risk (its kind), facts (JSON).
    """
    buying = facts[(facts["revenue"] > 0) & facts["strategy"].notna()]
    signs: dict[str, list[Any]] = {}
    warnings = health.early_warning.warnings
    for _, warning in warnings[warnings["account_id"].isin(buying.index)].iterrows():
        signs.setdefault(warning["account_id"], []).append(warning)
    of = [by_unit(frame) for frame in (categories, people, rivals, deliveries, bills, contracts)]
    return numbered(
        (
            (row.Index, *one)
            for row in buying.itertuples()
            for one in _of_one(
                row, signs.get(row.Index, []), *(rows.get(row.Index, []) for rows in of), day=day
            )
        ),
        COLUMNS,
        MOST,
    )


def _of_one(
    unit: Any,
    signs: list[Any],
    categories: list[Any],
    people: list[Any],
    rivals: list[Any],
    deliveries: list[Any],
    bills: list[Any],
    contracts: list[Any],
    *,
    day: pd.Timestamp,
) -> Iterator[tuple[str, str]]:
    silence = _silence(unit)
    for warning in signs[:2]:
        if warning["sign"] != "silence":
            known = evidence(warning)
            yield ("sign", told(sign=variant(warning), since=warning["since"], evidence=known, **silence))
    here = [one for one in people if not one.gone]
    if not absent(unit.departed):
        yield "departed", told(person=_label(people, unit.departed))
    for own in contracts[:1]:
        if own.ran_out and own.buys:
            yield "contract_ran_out", told(contract=own.contract_id, end=own.end, revenue=unit.revenue)
        elif own.state in ("missed", "soon") or (own.state == "later" and (own.notice - day).days <= SOON):
            yield "contract_ends", told(contract=own.contract_id, end=own.end, notice=own.notice)
    opponent = next((one for one in here if one.side == "opponent"), None)
    if opponent:
        yield "opponent", told(person=opponent.label, layer=opponent.layer, influence=opponent.influence)
    if not absent(unit.thread):
        yield "thread", told(thread=unit.thread, person=_label(people, unit.thread_contact))
    ahead = [row for row in categories if row.competitor_ahead and row.competitor_share - row.share >= 0.01]
    if ahead:
        most = max(ahead, key=lambda row: row.headroom)
        named = next((row for row in rivals if row.open_deals), None)
        winner = next((row for row in rivals if row.lost), None)
        yield (
            "rival",
            told(
                category=most.category,
                rival_share=most.competitor_share,
                share=most.share,
                rival=named.rival if named else None,
                winner=winner.rival if winner else None,
            ),
        )
    elif rivals and rivals[0].open_deals:
        yield "rival_deal", told(rival=rivals[0].rival, amount=rivals[0].open_amount, lost=rivals[0].lost)
    if not absent(unit.on_time) and unit.on_time < LATE_BELOW:
        waiting = deliveries[0] if deliveries else None
        yield (
            "delivery",
            told(
                on_time=unit.on_time,
                orders=unit.orders,
                order=waiting.order_id if waiting else None,
                promised=waiting.promised_date if waiting else None,
            ),
        )
    unpaid = [bill for bill in bills if not bill.late > 0]
    if not absent(unit.overdue) and unit.overdue > 0 and unpaid:
        yield (
            "payment",
            told(
                overdue=unit.overdue,
                bill=unpaid[0].invoice_id,
                due=unpaid[0].due_date,
                amount=unpaid[0].amount,
                days=unit.days_to_pay,
            ),
        )
    if unit.verdict == "stopped":  # no early sign of what has come
        return
    fell = not absent(unit.change) and unit.change <= FELL
    if fell:
        yield "fell", told(change=unit.change, **silence)
    bought = sum(row.bought for row in categories if row.bought > 0)
    top = max(categories, key=lambda row: row.bought, default=None)
    if top is not None and bought > 0 and top.bought / bought >= ONE_CATEGORY:
        yield "one_category", told(category=top.category, share=top.bought / bought, monthly=top.bought / 12)
    if not absent(unit.revenue_share) and unit.revenue_share >= LARGE_SHARE:
        yield "dependence", told(share=unit.revenue_share, **silence)
    elif "silent" in silence and not fell:
        yield "rhythm", told(last=unit.last_order, **silence)


def _silence(unit: Any) -> dict[str, Any]:
    """The usual gap, and either ``silent``, the days without an order after which it would show (twice that
    gap) and ``until``, the day on which they end, or, where as many have passed in the data, ``waited``, how
    many have. Nothing without a usual gap.
    """
    if absent(unit.gap_days):
        return {}
    usual = 2 * unit.gap_days
    if absent(unit.silent_days) or unit.silent_days < usual:
        known = {"gap": unit.gap_days, "silent": usual}
        if not absent(unit.last_order):
            known["until"] = pd.Timestamp(unit.last_order) + pd.Timedelta(days=round(usual))
        return known
    return {"gap": unit.gap_days, "waited": unit.silent_days}


def _label(people: list[Any], contact: Any) -> str | None:
    return next((one.label for one in people if one.contact_id == contact), None)
