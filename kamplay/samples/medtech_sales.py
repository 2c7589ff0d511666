"""Orders, invoices and deliveries: the `transactions`, `receivables` and `deliveries` tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from kamplay.samples.medtech_accounts import (
    AS_OF,
    CATALOGUE,
    LAST,
    SKINNED_BY,
    START,
    UNPAID_FROM,
    Actor,
    day_to_date,
)

_SPRING = [
    (pd.Timestamp(d) - START).days for d in ("2024-02-10", "2025-01-29", "2026-02-17")
]  # New Year's Day of the lunar calendar
_MONTH = {1: 0.92, 2: 0.9, 3: 1.05, 6: 1.12, 7: 0.95, 8: 0.96, 9: 1.04, 11: 1.05, 12: 1.15}
_PRICE = {p: price for _, products in CATALOGUE.values() for p, price in products}


@dataclass
class Order:
    """One order: its day, the account, and lines of (product, category, quantity, net amount, cost)."""

    day: int
    actor: Actor
    entity: str
    lines: list[tuple[str, str, int, float, float]]
    order_id: str = ""


@lru_cache(maxsize=4096)
def season(day: int) -> float:
    """Demand relative to a usual day: half around Spring Festival, fuller at half-year and year end."""
    around = min(abs(day - s) for s in _SPRING)
    return 0.5 if around <= 12 else _MONTH.get(day_to_date(day).month, 1.0)


def make_orders(actors: list[Actor], rng: np.random.Generator, chance: float = 1.0) -> list[Order]:
    """Every order of the period, by day, with its number; the usual chance in amounts times ``chance``."""
    orders: list[Order] = []
    for actor in actors:
        if not actor.trades:
            continue
        if actor.case == "one_off":
            orders.append(_order(actor, actor.start, 5, actor.size, rng))
            continue
        # a planted story must not drown in chance
        noise, shape = (0.12, 16) if actor.case or actor.reason == "satisfaction_gap" else (0.3 * chance, 5)
        breadth = 0.56 + 0.22 * max(0.0, np.log(actor.size / 300_000))
        day = actor.start + int(rng.uniform(0, actor.interval))
        while actor.buys_on(day):
            working = day + (7 - w if (w := day_to_date(day).weekday()) >= 5 else 0)
            if working <= LAST:
                trend = (1 + actor.growth) ** ((day - LAST) / 365)
                value = (
                    actor.size
                    * actor.interval
                    / 365
                    * trend
                    * season(day)
                    * float(rng.lognormal(-noise * noise / 2, noise))
                )
                orders.append(_order(actor, working, 1 + int(rng.poisson(breadth)), value, rng))
            stretch = (
                1
                + 2.6 * actor.sign("order_rhythm", day)
                + (0.35 if _drags(actor) else 0.0) * actor.severity(day)
            )
            gap = (
                actor.interval
                * stretch
                * float(rng.gamma(shape, 1 / shape))
                / (0.7 if season(day) < 0.6 else 1.0)
            )
            day += max(2, round(gap))
    orders.sort(key=lambda o: (o.day, o.actor.account_id))
    for n, order in enumerate(orders, start=1):
        order.order_id = f"S{n:05d}"
    return orders


def _drags(actor: Actor) -> bool:
    """Most declines slow the orders a little; those whose point is that purchases hold do not."""
    return not (actor.passing or actor.case) and actor.reason not in (
        "order_rhythm",
        "satisfaction_gap",
        "no_sign",
    )


def _order(actor: Actor, day: int, count: int, value: float, rng: np.random.Generator) -> Order:
    kept = actor.categories
    shrink = actor.sign("competitor", day)
    if shrink > 0.2:
        kept = kept[: max(1, round(len(kept) * (1 - shrink)))]
    entity = actor.entity
    if actor.case == "two_entities" and rng.random() < 0.45:
        entity = "华衡广州"
    weights = np.array([1 / (1 + 0.35 * i) for i in range(len(kept))])
    lines = []
    for share in rng.dirichlet(np.full(count, 4.0)):
        category = kept[int(rng.choice(len(kept), p=weights / weights.sum()))]
        lines.append(_line(actor, day, category, float(share) * value, rng))
    return Order(day, actor, entity, lines)


def _line(
    actor: Actor, day: int, category: str, value: float, rng: np.random.Generator
) -> tuple[str, str, int, float, float]:
    ratio, products = CATALOGUE[category]
    affordable = [p for p in products if p[1] <= value * 1.4] or [min(products, key=lambda p: p[1])]
    product, price = affordable[int(rng.integers(len(affordable)))]
    discount = float(np.clip(actor.discount + rng.normal(0, 0.025), 0, 0.6))
    if actor.case == "skinner":  # concessions deepen until the price is the cost
        left = max(0.0, 1 - day / SKINNED_BY)
        discount = 1 - ratio * (1.0 + 0.35 * left + float(rng.normal(0.005, 0.03)))
    unit = price * (1 - discount)
    # rounding to whole packs would lose or gain much on dear items, so it is done at random, right on average
    quantity = max(1, int(np.floor(value / unit + rng.random())))
    return (
        product,
        category,
        quantity,
        round(quantity * unit, 2),
        round(quantity * price * ratio * float(rng.normal(1, 0.02)), 2),
    )


def transactions_table(orders: list[Order], rng: np.random.Generator) -> pd.DataFrame:
    """One row per order line; a return is a later row of the same order with everything negative. Money in
    yuan, net of tax.
    """
    rows = []
    for o in orders:
        rate = (
            0.24 if o.actor.case == "profit_destroyer" else 0.012 + 0.06 * o.actor.sign("complaints", o.day)
        )
        for product, category, quantity, amount, cost in o.lines:
            rows.append(
                (
                    o.day,
                    o.actor.account_id,
                    amount,
                    o.order_id,
                    product,
                    category,
                    quantity,
                    cost,
                    o.entity,
                    "正常",
                )
            )
            back = o.day + int(rng.integers(5, 30))
            if rng.random() < rate and back <= LAST and o.actor.case != "one_off":
                part = max(1, int(quantity * rng.uniform(0.2, 0.8)))
                minus = (-round(amount * part / quantity, 2), -part, -round(cost * part / quantity, 2))
                rows.append(
                    (
                        back,
                        o.actor.account_id,
                        minus[0],
                        o.order_id,
                        product,
                        category,
                        minus[1],
                        minus[2],
                        o.entity,
                        "退货",
                    )
                )
    columns = [
        "date",
        "account_id",
        "amount",
        "order_id",
        "product",
        "category",
        "quantity",
        "cost",
        "sales_entity",
        "status",
    ]
    table = pd.DataFrame(rows, columns=columns).sort_values(
        ["date", "account_id", "order_id"], kind="stable", ignore_index=True
    )
    return table.assign(date=dates(table["date"]))


def dates(days: pd.Series) -> pd.Series:
    """Days since the sample's first → dates."""
    return START + pd.to_timedelta(days, unit="D")


def _totals(orders: list[Order]) -> pd.DataFrame:
    """One row per order: day, amount (yuan), quantity (packs), and the actor."""
    rows = [
        (o.order_id, o.actor, o.day, round(sum(x[3] for x in o.lines), 2), sum(x[2] for x in o.lines))
        for o in orders
    ]
    return pd.DataFrame(rows, columns=["order_id", "actor", "day", "amount", "quantity"])


def receivables_table(orders: list[Order], rng: np.random.Generator) -> pd.DataFrame:
    """One invoice per order, in yuan, due after the account's term of 60 or 90 days; not yet paid at as_of:
    no paid_date.
    """
    t = _totals(orders)
    n = len(t)
    hospital = t["actor"].map(lambda a: a.kind == "hospital").to_numpy()
    invoiced = t["day"].to_numpy() + rng.integers(0, 4, n)
    due = invoiced + np.where(hospital, 90, 60)
    # habit: some accounts pay a little early, some a little late, always
    habit = {a.account_id: float(rng.normal(0, 6)) for a in dict.fromkeys(t["actor"])}
    delay = t["actor"].map(lambda a: habit[a.account_id]).to_numpy() + rng.normal(0, 5, n)
    # what a payer does shows when the money is due; the decline is read on that day, not on the invoice's
    slip = np.array([a.sign("payment", int(d) - 20) for a, d in zip(t["actor"], due, strict=True)])
    paid = np.round(due + delay + slip * 115).astype(int)
    never = (
        t["actor"].map(lambda a: a.case == "unpaid_key").to_numpy()
        & (due >= UNPAID_FROM)
        & (rng.random(n) < 0.65)
    )
    paid = np.maximum(paid, invoiced + 7)
    table = pd.DataFrame(
        {
            "invoice_id": [f"F{i:05d}" for i in range(1, n + 1)],
            "account_id": t["actor"].map(lambda a: a.account_id),
            "invoice_date": dates(pd.Series(invoiced)),
            "due_date": dates(pd.Series(due)),
            "paid_date": dates(pd.Series(paid)).where(~pd.Series(never | (paid > LAST))),
            "amount": t["amount"],
        }
    )
    return table[table["invoice_date"] <= AS_OF].reset_index(drop=True)


def deliveries_table(orders: list[Order], rng: np.random.Generator) -> pd.DataFrame:
    """One delivery per order, quantities in packs; still under way at as_of: no delivered_date and no
    quantity.
    """
    t = _totals(orders)
    n = len(t)
    promised = t["day"].to_numpy() + rng.integers(4, 13, n)
    fail = np.array([a.sign("delivery", int(d)) for a, d in zip(t["actor"], t["day"], strict=True)])
    late = np.where(rng.random(n) < 0.09, rng.integers(1, 8, n), -rng.integers(0, 3, n))
    late = late + np.where(rng.random(n) < 1.5 * fail, np.round(6 + 16 * fail * rng.random(n)), 0).astype(int)
    arrived = np.maximum(promised + late, t["day"].to_numpy() + 1)
    short = rng.random(n) < 0.035 + 0.5 * fail
    quantity = t["quantity"].to_numpy()
    delivered = np.where(short, np.floor(quantity * rng.uniform(0.5, 0.95, n)), quantity)
    under_way = pd.Series(arrived > LAST)
    return pd.DataFrame(
        {
            "order_id": t["order_id"],
            "account_id": t["actor"].map(lambda a: a.account_id),
            "promised_date": dates(pd.Series(promised)),
            "delivered_date": dates(pd.Series(arrived)).where(~under_way),
            "ordered": quantity.astype(float),
            "delivered": pd.Series(delivered.astype(float)).where(~under_way),
        }
    )
