"""Orders, invoices and deliveries: the `transactions`, `receivables` and `deliveries` tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from kamplay.samples.medtech_accounts import (
    AS_OF,
    CAPABILITIES,
    CATALOGUE,
    CATEGORIES,
    COMPETITORS,
    DEPARTMENTS,
    DISPUTE,
    DISPUTED,
    LAST,
    LEFT,
    MATURITY,
    NEVER,
    ROSTER,
    SKINNED_BY,
    STAGE_DAYS,
    STAGES,
    START,
    UNPAID_FROM,
    Actor,
    day_to_date,
    person,
    pick,
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
    return table.assign(date=_dates(table["date"]))


def _dates(days: pd.Series) -> pd.Series:
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
            "invoice_date": _dates(pd.Series(invoiced)),
            "due_date": _dates(pd.Series(due)),
            "paid_date": _dates(pd.Series(paid)).where(~pd.Series(never | (paid > LAST))),
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
            "promised_date": _dates(pd.Series(promised)),
            "delivered_date": _dates(pd.Series(arrived)).where(~under_way),
            "ordered": quantity.astype(float),
            "delivered": pd.Series(delivered.astype(float)).where(~under_way),
        }
    )


FIRST_VISIT = LAST - 547  # visits are recorded for the last 18 months
_SLA = {1: 15, 2: 10, 3: 7, 4: 3, 5: 2}  # days to close, by severity
SILENT_AT = 0.65  # a complainer that has given up falls silent from this severity on


def tickets_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """One row per ticket, by day; severity 1 (light) to 5 (grave); an unresolved one has no closed date."""
    rows = []
    for a in (a for a in actors if a.trades):
        a_year = {"profit_destroyer": 62.0, "demanding_but_profitable": 30.0}.get(
            a.case, 0.5 + 0.028 * 365 / a.interval
        )
        last = min(a.stop, LAST)
        for month in range(a.start, last, 30):
            sign = a.sign("complaints", month + 15)
            usual, extra = rng.poisson(a_year * 30 / 365), rng.poisson(7 * sign)
            for k in range(int(extra + usual)):
                day = month + int(rng.integers(0, 30))
                silent = a.reason == "complaints" and not a.passing and a.severity(day) > SILENT_AT
                if day <= last and not silent:
                    rows.append(_ticket(a, day, k < extra, rng))
    table = pd.DataFrame(rows, columns=["account_id", "day", "closed_day", "kind", "severity"])
    table = table.sort_values(["day", "account_id"], kind="stable", ignore_index=True)
    closed = table["closed_day"].where(table["closed_day"] <= LAST)
    # answered within a day or two, and before it is closed; a few of those never settled had no answer either
    replied = table["day"] + np.minimum(rng.poisson(0.8, len(table)), table["closed_day"] - table["day"])
    ignored = (table["closed_day"] >= NEVER) & (rng.random(len(table)) < 0.3)
    replied = replied.where((replied <= LAST) & ~ignored)
    return pd.DataFrame(
        {
            "ticket_id": [f"T{i:05d}" for i in range(1, len(table) + 1)],
            "account_id": table["account_id"],
            "opened": _medtech_service_dates(table["day"]),
            "closed": _medtech_service_dates(closed),
            "replied": _medtech_service_dates(replied),
            "kind": table["kind"],
            "severity": table["severity"],
            "due": _medtech_service_dates(table["day"] + table["severity"].map(_SLA)),
        }
    )


def _ticket(
    a: Actor, day: int, grievance: bool, rng: np.random.Generator
) -> tuple[str, int, float, str, int]:
    demanding = a.case == "demanding_but_profitable"
    if grievance or demanding:
        kind = "complaint" if grievance or rng.random() < 0.8 else "request"
    else:
        kind = str(rng.choice(["complaint", "request", "repair"], p=[0.24, 0.42, 0.34]))
    severity = int(
        rng.choice([1, 2, 3, 4, 5], p=[0, 0, 0.4, 0.4, 0.2] if grievance else [0.24, 0.33, 0.27, 0.12, 0.04])
    )
    open_still = rng.random() < (0.75 if grievance and not a.passing else 0.0 if demanding else 0.015)
    days = _SLA[severity] * float(rng.gamma(3, 0.26 if not grievance else 0.7))
    return a.account_id, day, float(NEVER) if open_still else float(day + max(1, round(days))), kind, severity


def surveys_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """One row per answered survey: May and November, quarterly for large accounts; dealers' form is out of
    10, the others' out of 5.
    """
    rounds = [
        (pd.Timestamp(year, month, 15) - day_to_date(0)).days
        for year in range(2023, 2027)
        for month in (2, 5, 8, 11)
    ]
    rows = []
    for i, a in enumerate(actors):
        mood = float(np.clip(rng.normal(4.1, 0.35), 3, 4.8))
        often = i < 40 or a.reason == "satisfaction_gap"
        for n, day in enumerate(rounds):
            answered = rng.random() < (1 if a.reason == "satisfaction_gap" else 0.9 if often else 0.6)
            if not (a.buys_on(day) and answered and (often or n % 2)) or a.case == "one_off":
                continue
            when = min(LAST, day + int(rng.integers(0, 20)))
            fall = 2.4 * a.sign("satisfaction_gap", when) + 0.5 * (
                a.severity(when) if a.reason in ("complaints", "delivery") else 0
            )
            unit = (
                mood
                - fall
                - (0.35 if a.case == "demanding_but_profitable" else 0)
                + float(rng.normal(0, 0.22))
            ) / 5
            unit = float(np.clip(unit, 0.2, 1))
            scale = 10 if a.kind == "dealer" else 5
            nps = int(np.clip(round(unit * 10 + rng.normal(0, 0.8)), 0, 10))
            rows.append(
                (a.account_id, when, round(unit * scale, 1), scale, nps, bool(rng.random() < unit * 0.75))
            )
    table = pd.DataFrame(rows, columns=["account_id", "date", "score", "scale", "nps", "mention"])
    table = table.sort_values(["date", "account_id"], kind="stable", ignore_index=True)
    return table.assign(date=_medtech_service_dates(table["date"]))


def contacts_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """One row per person. stance −2 (against us) to 2 (champion), influence 1 to 5; one who left says so in
    the title.
    """
    rows: list[dict[str, object]] = []
    for i, a in enumerate(actors):
        count = 6 if i < 25 else int(rng.integers(3, 6)) if i < 120 else 2
        roster = ROSTER["dealer" if a.kind == "dealer" else "hospital"][:count]
        lost = a.reason == "contact_lost" and not a.passing
        by_layer: dict[str, str] = {}
        people: list[dict[str, object]] = []
        for title, layer, role, influence in roster:
            contact = f"P{len(rows) + len(people) + 1:04d}"
            gone = lost and layer == "decision"
            stance = int(rng.choice([-1, 0, 1, 2], p=[0.1, 0.35, 0.38, 0.17]))
            if gone:
                stance = -1
            elif lost and layer == "image":
                stance = 0  # the one who left was the only friend above
            seen = (
                a.onset - int(rng.integers(5, 25)) if gone else min(a.stop, LAST) - int(rng.integers(10, 420))
            )
            people.append(
                {
                    "contact_id": contact,
                    "account_id": a.account_id,
                    "name": person(rng),
                    "title": title + (LEFT if gone else ""),
                    "layer": layer,
                    "role": role,
                    "stance": stance,
                    "influence": max(1, influence - int(rng.random() < 0.25)),
                    "need": str(rng.choice(["power", "achievement", "recognition", "acceptance", "safety"])),
                    "style": str(rng.choice(["facts", "order", "people", "vision"])),
                    "reports_to": None,
                    "confirmed": day_to_date(max(seen, 30)),
                }
            )
            by_layer.setdefault(layer, contact)
        above = {
            "use": ["implementation", "decision"],
            "implementation": ["decision"],
            "decision": ["image"],
            "image": [],
        }
        for someone in people:
            someone["reports_to"] = next(
                (by_layer[x] for x in above[str(someone["layer"])] if x in by_layer), None
            )
        rows.extend(people)
    table = pd.DataFrame(rows)
    return table.assign(confirmed=pd.to_datetime(table["confirmed"]))


def visits_table(actors: list[Actor], contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per visit of the last 18 months, by day; nobody visits one who has left."""
    people = contacts[["account_id", "contact_id", "title"]].groupby("account_id")
    ids = {key: (g["contact_id"].tolist(), g["title"].str.endswith(LEFT).tolist()) for key, g in people}
    rows = []
    for i, a in enumerate(actors):
        usual = 2.6 if i < 25 else 1.3 if i < 80 else 0.6 if i < 180 else 0.22
        usual *= float(rng.lognormal(0, 0.35)) * (0.8 if not a.trades else 1.0)
        usual = {"profit_destroyer": 4.2, "one_off": 0.15}.get(
            a.case, max(usual, 1.6) if a.reason == "contact_lost" else usual
        )
        for month in range(max(FIRST_VISIT, a.start if a.trades else FIRST_VISIT), LAST + 1, 30):
            gone = a.trades and month > a.stop + 90
            quiet = max(0.0, 1 - 4.5 * a.sign("contact_lost", month + 30)) * (0.1 if gone else 1.0)
            for day in np.sort(rng.integers(month, month + 30, int(rng.poisson(usual * quiet)))):
                if day > LAST:
                    continue
                everyone, left = ids[a.account_id]
                present = [c for c, out in zip(everyone, left, strict=True) if not (out and day >= a.onset)]
                level = "head_office" if rng.random() < (0.25 if i < 40 else 0.06) else "branch"
                outcome = str(rng.choice(["advance", "continuation", "none"], p=[0.27, 0.55, 0.18]))
                who = present[int(rng.integers(len(present)))]
                rows.append(
                    (
                        a.account_id,
                        int(day),
                        who,
                        a.owner if level == "branch" else "总部客户部",
                        level,
                        outcome,
                    )
                )
    table = pd.DataFrame(rows, columns=["account_id", "date", "contact_id", "by", "level", "outcome"])
    table = table.drop_duplicates(["account_id", "date"]).sort_values(
        ["date", "account_id"], kind="stable", ignore_index=True
    )
    return table.assign(date=_medtech_service_dates(table["date"]))


def _medtech_service_dates(days: pd.Series) -> pd.Series:
    return day_to_date(0) + pd.to_timedelta(days, unit="D")


_NAMES = list(STAGES)
_AGE = dict(
    zip(_NAMES, np.cumsum(list(STAGE_DAYS.values())), strict=True)
)  # usual age of a deal that stands in the stage
STALLED_AGE = 455  # days


def opportunities_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """One row per opportunity: what is open at as_of, and two years of won and lost ones."""
    rows: list[dict[str, object]] = []
    for i, a in enumerate(actors):
        gone = a.stop <= LAST
        for _ in range(int(rng.poisson(1.7 if i < 40 else 0.9 if i < 150 else 0.35))):
            _closed(rows, a, _within(a, rng), rng.random() < 0.55, None, rng)
        chance = 0.62 if i < 40 else 0.25 if a.trades else 0.8
        if not gone and a.case not in ("two_entities", "one_off", "stalled_deal") and rng.random() < chance:
            _open(
                rows, a, str(rng.choice(_NAMES, p=[0.27, 0.23, 0.18, 0.14, 0.11, 0.07])), a.entity, None, rng
            )
        if a.reason == "competitor" and not a.passing:
            rival = pick(rng, COMPETITORS)
            for share in (0.3, 0.6):
                _closed(rows, a, int(a.onset + share * (min(a.stop, LAST) - a.onset)), False, rival, rng)
            if not gone:
                _open(rows, a, "方案论证", a.entity, rival, rng)
        if a.case == "two_entities":
            for entity in ("华衡上海", "华衡广州"):
                _open(rows, a, "商务谈判", entity, None, rng)
        if a.case == "stalled_deal":
            _open(rows, a, "需求调研", a.entity, None, rng)
            stuck = day_to_date(LAST - STALLED_AGE)
            rows[-1] |= {"opened": stuck, "expected_close": stuck + pd.Timedelta(days=180)}
    for _ in range(4):  # leads of institutions that are not yet in the customer file
        _open(
            rows,
            actors[len(actors) // 2],
            "线索确认",
            pick(rng, ["华衡上海", "华衡广州", "华衡成都"]),
            None,
            rng,
        )
        rows[-1]["account_id"] = None
    table = pd.DataFrame(rows).sort_values(["opened", "account_id"], kind="stable", ignore_index=True)
    table.insert(0, "opportunity_id", [f"O{n:04d}" for n in range(1, len(table) + 1)])
    return table.assign(closed=pd.to_datetime(table["closed"]))


def _within(a: Actor, rng: np.random.Generator) -> int:
    """A closing day within the two years to as_of, while the account was one."""
    first, last = max(LAST - 730, a.start if a.trades else 0), min(a.stop, LAST) - 1
    return int(rng.integers(min(first, last - 1), last))


def _amount(a: Actor, rng: np.random.Generator) -> float:
    base = max(a.size, 150_000) if a.trades else 1.5 * a.size + 400_000
    return float(round(base * rng.uniform(0.08, 0.35), -3))


def _closed(
    rows: list[dict[str, object]], a: Actor, day: int, won: bool, rival: str | None, rng: np.random.Generator
) -> None:
    stage = "招标签约" if won else pick(rng, _NAMES[1:])
    opened = day - int(_AGE[stage] * rng.uniform(0.5, 1.1))
    competitor = rival or (pick(rng, COMPETITORS) if rng.random() < (0.6 if not won else 0.25) else None)
    rows.append(
        {
            "account_id": a.account_id,
            "amount": _amount(a, rng),
            "stage": stage,
            "win_rate": 1.0 if won else 0.0,
            "opened": day_to_date(opened),
            "expected_close": day_to_date(day + int(rng.integers(-30, 20))),
            "closed": day_to_date(day),
            "result": "won" if won else "lost",
            "competitor": competitor,
            "sales_entity": a.entity,
        }
    )


def _open(
    rows: list[dict[str, object]],
    a: Actor,
    stage: str,
    entity: str,
    rival: str | None,
    rng: np.random.Generator,
) -> None:
    opened = LAST - int(_AGE[stage] * rng.uniform(0.35, 1.1))
    competitor = rival or (pick(rng, COMPETITORS) if rng.random() < 0.35 else None)
    rows.append(
        {
            "account_id": a.account_id,
            "amount": _amount(a, rng),
            "stage": stage,
            "win_rate": STAGES[stage],
            "opened": day_to_date(opened),
            "expected_close": AS_OF + pd.Timedelta(days=int(rng.integers(15, 200))),
            "closed": None,
            "result": "open",
            "competitor": competitor,
            "sales_entity": entity,
        }
    )


def wallet_table(actors: list[Actor], transactions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per account and category: what the account spends a year with all suppliers, never less than
    with us.
    """
    year = transactions[transactions["date"] > AS_OF - pd.DateOffset(years=1)]
    ours = year.groupby(["account_id", "category"])["amount"].sum()
    rows = []
    for i, a in enumerate(actors):
        if (i >= 140 and a.case != "small_but_strong") or not a.trades or a.stop <= LAST:
            continue
        measured = "measured" if i < 45 or rng.random() < 0.3 else "estimated"
        bought = {
            str(c): float(v) for c, v in ours.get(a.account_id, pd.Series(dtype=float)).items() if v > 0
        }
        base = float(rng.beta(4, 3.5))
        for category, amount in bought.items():
            share = float(np.clip(base + rng.normal(0, 0.08), 0.12, 0.92))
            if a.reason == "competitor" and not a.passing:
                share = float(rng.uniform(0.12, 0.26))
            if a.case == "small_but_strong":
                share = float(rng.uniform(0.004, 0.008))
            rival = (1 - share) * float(rng.uniform(0.35, 0.75))
            if a.reason == "competitor" and not a.passing:
                rival = (1 - share) * float(rng.uniform(0.75, 0.88))
            rows.append(
                (
                    a.account_id,
                    category,
                    float(np.ceil(amount / share / 1000) * 1000),
                    round(rival, 2),
                    measured,
                )
            )
        absent = [
            c for c in CATEGORIES if c not in bought and (c != "口腔材料" or a.kind in ("dealer", "clinic"))
        ]
        wanted = (
            ["体外诊断"]
            if a.case == "white_space"
            else [pick(rng, absent)]
            if absent and rng.random() < 0.6
            else []
        )
        for category in wanted:
            spend = round(
                max(a.size, 100_000)
                * float(rng.uniform(0.15, 0.5))
                * (30 if a.case == "small_but_strong" else 1),
                -3,
            )
            rows.append((a.account_id, category, spend, round(float(rng.uniform(0.4, 0.8)), 2), measured))
    return pd.DataFrame(
        rows, columns=["account_id", "category", "spend", "top_competitor_share", "basis"]
    ).sort_values(["account_id", "category"], ignore_index=True)


def prospects_wallet(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """The same for accounts that do not buy yet: three large enough to be assessed; half are unknown."""
    prospects = sorted((a for a in actors if not a.trades), key=lambda a: a.account_id)
    rows = []
    for n, a in enumerate(prospects[:8]):
        total = {0: 12_600_000.0, 3: 7_400_000.0, 6: 5_900_000.0}.get(n, float(rng.uniform(0.4e6, 3e6)))
        kinds = sorted(
            str(c) for c in rng.choice([c for c in CATEGORIES if c != "口腔材料"], 3, replace=False)
        )
        for category, part in zip(kinds, rng.dirichlet([4, 3, 2]), strict=True):
            rows.append(
                (
                    a.account_id,
                    category,
                    round(total * part, -3),
                    round(float(rng.uniform(0.35, 0.8)), 2),
                    "estimated",
                )
            )
    return pd.DataFrame(rows, columns=["account_id", "category", "spend", "top_competitor_share", "basis"])


def financials_table(actors: list[Actor], accounts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two or three years of statements (2023 to 2025) of the larger accounts, in yuan; hospitals' net profit
    is their surplus.
    """
    revenue = accounts.set_index("account_id")["annual_revenue"]
    rows = []
    for i, a in enumerate(actors):
        if (i >= 90 and a.case != "small_but_strong") or not a.trades or a.case == "one_off":
            continue
        growth, margin = float(rng.normal(0.05, 0.07)), float(rng.normal(0.05, 0.03))
        turnover, liquid = float(rng.uniform(0.7, 1.3)), float(rng.uniform(0.35, 0.55))
        ratio = float(rng.uniform(0.75, 1.05)) if a.case == "unpaid_key" else float(rng.uniform(1.0, 2.1))
        for year in range(2023 if rng.random() < 0.75 else 2024, 2026):
            sales = float(revenue[a.account_id]) * (1 + growth) ** (year - 2025)
            assets = sales / turnover
            current = assets * liquid * float(rng.normal(1, 0.03))
            cash = current * float(
                rng.uniform(0.08, 0.14) if a.case == "unpaid_key" else rng.uniform(0.2, 0.4)
            )
            money = (
                current,
                current / ratio,
                cash,
                sales,
                sales * (margin + float(rng.normal(0, 0.01))),
                assets,
            )
            rows.append((a.account_id, year, *(round(x, -3) for x in money)))
    columns = [
        "account_id",
        "year",
        "current_assets",
        "current_liabilities",
        "cash",
        "revenue",
        "net_profit",
        "total_assets",
    ]
    return pd.DataFrame(rows, columns=columns).sort_values(["account_id", "year"], ignore_index=True)


NOMINATIONS = 10
# weights over the criteria by department: finance sees risk where sales sees volume, and that is the point of
# voting
WEIGHTS = {
    "销售": {"value": 55, "loyalty": 20, "growth": 20, "risk": 5},
    "财务": {"value": 20, "loyalty": 10, "growth": 10, "risk": 60},
    "产品": {"value": 25, "loyalty": 15, "growth": 50, "risk": 10},
    "交付": {"value": 30, "loyalty": 35, "growth": 10, "risk": 25},
    "区域": {"value": 45, "loyalty": 30, "growth": 20, "risk": 5},
}
_CRITERIA = ["value", "loyalty", "growth", "risk"]


def ratings_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """Two raters' 0 to 10 points for channel coverage, loyalty and prospects (by their Chinese labels) of
    every account that still buys.
    """
    raters = [person(rng), person(rng)]
    rows = []
    for a in actors:
        if not a.trades or a.stop <= LAST:
            continue
        truth = {
            "渠道覆盖": 2.5 + 1.0 * len(a.categories),
            "忠诚度": 6.8 - 0.0012 * max(0, a.start) - (1.5 if a.reason == "competitor" else 0),
            "发展前景": 5.8 + 6 * a.growth + (3 if a.case == "small_but_strong" else 0),
        }
        for rater, mildness in zip(raters, (0.4, -0.3), strict=True):
            for criterion, level in truth.items():
                score = float(np.clip(level + mildness + rng.normal(0, 0.9), 0, 10))
                rows.append((a.account_id, criterion, round(score * 2) / 2, rater))
    return pd.DataFrame(rows, columns=["account_id", "criterion", "score", "rater"]).sort_values(
        ["account_id", "rater", "criterion"], ignore_index=True
    )


def ballots_table(
    actors: list[Actor],
    transactions: pd.DataFrame,
    overdue: pd.Series,
    rng: np.random.Generator,
    later: np.random.Generator,
) -> pd.DataFrame:
    """Nine raters of five departments vote twice: weights over the criteria (they add up to 100), ten
    nominations each, ranked.

    ``rng`` draws the first round; ``later`` the second, after a workshop, so that neither shifts the other.
    """
    year = (
        transactions[transactions["date"] > AS_OF - pd.DateOffset(years=1)]
        .groupby("account_id")[["amount", "cost"]]
        .sum()
    )
    revenue, margin = year["amount"], year["amount"] - year["cost"]
    growth = pd.Series({a.account_id: a.growth for a in actors}).reindex(year.index).fillna(0)
    steady = (
        pd.Series({a.account_id: float(a.stop > LAST and not a.reason) for a in actors})
        .reindex(year.index)
        .fillna(0)
    )
    views = {
        "销售": revenue,
        "财务": margin - 1.5 * overdue.reindex(year.index).fillna(0),
        "产品": revenue * (1 + 2.5 * growth).clip(lower=0),
        "交付": revenue * (0.4 + 0.6 * steady),
        "区域": revenue * (0.7 + 0.3 * steady),
    }
    rows: list[dict[str, object]] = []
    for department, count in DEPARTMENTS:
        for _ in range(count):
            rater = person(rng)
            shifts = rng.integers(-1, 2, 3) * 5
            weights = dict(WEIGHTS[department])
            for criterion, shift in zip(_CRITERIA[1:], shifts, strict=True):
                moved = max(-weights[criterion] + 5, int(shift))
                weights[criterion] += moved
                weights["value"] -= moved
            rows += [
                {"rater": rater, "department": department, "criterion": c, "weight": float(weights[c])}
                for c in _CRITERIA
            ]
            seen = views[department] * rng.lognormal(0, 0.15, len(year))
            named = seen.nlargest(NOMINATIONS).index
            rows += [
                {
                    "rater": rater,
                    "department": department,
                    "account_id": x,
                    "rank": float(n),
                    "nominated": True,
                }
                for n, x in enumerate(named, start=1)
            ]
    columns = ["rater", "department", "criterion", "account_id", "weight", "rank", "nominated"]
    first = pd.DataFrame(rows, columns=columns)
    second = pd.DataFrame(_second_round(first, views, later), columns=columns)
    table = pd.concat([first.assign(round=1), second.assign(round=2)], ignore_index=True)
    return table.assign(nominated=table["nominated"].astype("boolean"))


def _second_round(
    first: pd.DataFrame, views: dict[str, pd.Series], rng: np.random.Generator
) -> list[dict[str, object]]:
    """Every rater again, a good half of the way from the first ballot to the mean of the departments.

    Nobody is talked into an account outside the upper quarter in the view of the own department: finance
    still names neither the late payer nor the volume without margin.
    """
    weights = first.pivot_table(index="rater", columns="criterion", values="weight", sort=False)[_CRITERIA]
    points = (
        (NOMINATIONS + 1 - first.pivot_table(index="rater", columns="account_id", values="rank"))
        .reindex(weights.index)
        .fillna(0)
    )
    department = first.drop_duplicates("rater").set_index("rater")["department"]
    middle = weights.groupby(department, sort=False).mean().mean()
    liked = points.groupby(department, sort=False).mean().mean()
    rows: list[dict[str, object]] = []
    for rater, own in weights.iterrows():
        pull = rng.uniform(0.5, 0.65)
        near = ((own + pull * (middle - own)) / 5).round() * 5
        near["value"] += 100 - near.sum()
        who = {"rater": rater, "department": department[rater]}
        rows += [{**who, "criterion": c, "weight": float(near[c])} for c in _CRITERIA]
        wanted = points.loc[rater] + pull * (liked - points.loc[rater]) + rng.normal(0, 0.2, len(liked))
        wanted = wanted[views[department[rater]].rank(pct=True).reindex(wanted.index) > 0.75]
        named = wanted.nlargest(NOMINATIONS).index
        rows += [
            {**who, "account_id": x, "rank": float(n), "nominated": True}
            for n, x in enumerate(named, start=1)
        ]
    return rows


def overrides_table(actors: list[Actor]) -> pd.DataFrame:
    """Four tiers set by hand, one of which has run out, one with a strategy, and one health score."""
    by_case = {a.case: a.account_id for a in actors if a.case}
    rows = [
        (
            by_case["small_but_strong"],
            "A",
            "采购额虽小，但为区域标杆，年采购潜力大，列入培育",
            "销售副总",
            AS_OF + pd.DateOffset(months=9),
        ),
        (
            by_case["one_off"],
            "C",
            "仅一次联合采购，无后续需求，不按大客户配置资源",
            "财务总监",
            AS_OF + pd.DateOffset(months=6),
        ),
        (
            by_case["demanding_but_profitable"],
            "S",
            "要求高但毛利高、增长快，须保留专属服务",
            "总经理",
            AS_OF + pd.DateOffset(months=12),
        ),
        (by_case["stalled_deal"], "S", "新院区项目期间临时提级", "区域总监", AS_OF - pd.DateOffset(months=3)),
    ]
    table = pd.DataFrame(rows, columns=["account_id", "tier", "reason", "by", "expires"]).assign(
        health=np.nan
    )
    demanding = table["account_id"] == by_case["demanding_but_profitable"]
    score = (
        by_case["white_space"],
        None,
        "关系稳固，量少是新院区搬迁所致，已当面核实",
        "客户总监",
        AS_OF + pd.DateOffset(months=4),
        85.0,
    )
    table.loc[len(table)] = pd.Series(score, index=table.columns)
    table["strategy"] = pd.Series("维护", index=demanding.index[demanding], dtype=object)
    return table


def maturity_table(rng: np.random.Generator) -> pd.DataFrame:
    """Five raters' scores (0 to 5, in halves) and the common target, one row per capability, item and rater.

    Around the planted levels; on one capability the raters are far apart.
    """
    raters = [person(rng) for _ in DISPUTE]
    rows = []
    for capability, (level, target) in MATURITY.items():
        for item in CAPABILITIES.get(capability, [None]):
            truth = level + float(rng.normal(0, 0.15))
            for rater, apart in zip(raters, DISPUTE, strict=True):
                shift = apart if capability == DISPUTED else 0.0
                score = round(float(np.clip(truth + shift + rng.normal(0, 0.25), 0, 5)) * 2) / 2
                rows.append((capability, item, score, target, rater))
    return pd.DataFrame(rows, columns=["capability", "item", "score", "target", "rater"])
