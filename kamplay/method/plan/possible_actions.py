"""Which actions there could be at each unit, each made of the unit's own facts: the bill, the complaint, the
deal, the person, the category that it is about. Which of them are chosen, and by when, see ``actions``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.churn import chance_steps
from kamplay.method.health.early_warning import evidence, variant
from kamplay.method.health.priority_list import too_wide
from kamplay.method.health.step import Health
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.receivables import bills_at
from kamplay.method.measures.seasons import offered_from
from kamplay.method.measures.warning_signs import ACTIONS as SIGN_ACTIONS
from kamplay.method.measures.warning_signs import strongest_sign
from kamplay.method.plan.whom import People
from kamplay.method.value.account_forecast import order_size
from kamplay.method.value.contracts import to_renew
from kamplay.method.value.credit import exceeded
from kamplay.method.value.step import Value
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.presets.strategy import Worth

GROWTH_ALLOWED = ("", "size")  # growth exclusions under which something more may be offered all the same
SETTLED = ("next_order", "no_investment", "ask_change")  # kinds that an order settles
LEAST_OVERDUE = 0.01  # of the unit's revenue: a smaller sum is a matter for bookkeeping
LEAST_GAIN = 0.01  # of the unit's revenue, and ...
LEAST_OFFER = 0.0001  # ... of all revenue: an offer that can bring less is not worth its call
LEAST_DEAL = 0.001  # of all revenue: a smaller deal has no action of its own
# account_id, kind, ref (what it is about), facts, person, money and its basis
Candidate = tuple[str, str, str, dict[str, Any], str | None, float, str]


def possible_actions(
    book: Book,
    units: pd.DataFrame,
    value: Value,
    health: Health,
    people: People,
    prices: pd.DataFrame,
    *,
    first: pd.Timestamp,
    last: pd.Timestamp,
    assumed_notice: int | None,
    least_orders: int,
    worth: Worth | None = None,
) -> pd.DataFrame:
    """List what could be done at each unit.

    Parameters
    ----------
    units : the planned units, with next_action, see ``actions``.
    prices : as ``PriceByTier.units``.
    first, last : the day of the plan, and its last one: orders expected after it are not confirmed.
    assumed_notice : days before the end that are taken for the notice of a contract that states none.
    least_orders : order days from which on an account has a rhythm.
    worth : the parts of the units' revenue from which on a joint review, and a call for an order, pay; None:
        all do.

    Returns
    -------
    A row per action: account_id (also of units that are not planned), kind (of ``actions.KINDS``), ref (what
    it is about), facts (dict; ``again``: the first order after the reporting date, of SETTLED), person
    (contact_id, where the action is about one), money and its ``basis``.
    """
    candidates = [
        *_first_ones(book, units, health),
        *_put_right(book, units, value, health, prices),
        *_contracts(units, value, first, assumed_notice),
        *_people(book, units, value, health, people),
        *_deals(book, units, value, first),
        *_growth(book, units, value, first),
        *_routine(book, units, value, last, least_orders, worth),
    ]
    again = purchases.bought_after(book)
    for account, kind, _, facts, *_ in candidates:
        if kind in SETTLED and account in again.index:
            facts["again"] = str(again[account].date())
    return pd.DataFrame(
        candidates, columns=["account_id", "kind", "ref", "facts", "person", "money", "basis"]
    )


def _facts(row: Any, **names: str) -> dict[str, Any]:
    """The named fields of a row as plain values, missing ones left out."""
    out = {}
    for name, column in names.items():
        value = getattr(row, column)
        if (
            value is None
            or value is pd.NaT
            or (isinstance(value, float) and np.isnan(value))
            or value is pd.NA
        ):
            continue
        out[name] = str(value.date()) if isinstance(value, pd.Timestamp) else value
    return {name: value.item() if hasattr(value, "item") else value for name, value in out.items()}


def _first_ones(book: Book, units: pd.DataFrame, health: Health) -> Iterator[Candidate]:
    """What ``next_action`` names for its own sake: the lost, the campaign, signs, silence, poor health."""
    signs = strongest_sign(health.early_warning.warnings)
    warnings = health.early_warning.warnings.drop_duplicates(["account_id", "sign"])
    of_sign = {(row.account_id, row.sign): place for place, row in enumerate(warnings.itertuples())}
    scores = health.accounts.reindex(units.index)
    drivers = health.drivers.sort_values("points", kind="stable").drop_duplicates("account_id")
    driver = drivers.set_index("account_id")["code"].reindex(units.index)
    year = book.window(12).groupby("account_id")["active_days"].sum()
    owed = health.owed["overdue"].reindex(units.index)
    relations = health.stakeholders.relations
    introducer = relations["introducer"] if len(relations) else pd.Series(dtype=object)
    people = health.stakeholders.people
    left = people[people["gone"].astype(bool)].groupby("account_id")["label"].agg(list) if len(people) else {}
    left = pd.Series(left, dtype=object)
    code_of = {action: sign for sign, action in SIGN_ACTIONS.items()}
    table = units.assign(
        health=scores["health"],
        silent=scores["silent_days"],
        gap=scores["gap_days"],
        driver=driver.astype(object),
        flag=_flags(health).reindex(units.index),
        part=_largest_part(health).reindex(units.index),
        days=year.reindex(units.index),
        sign=signs["sign"].reindex(units.index).astype(object),
        told=_signs_told(health).reindex(units.index),
        owed=owed,
        again=purchases.bought_after(book).reindex(units.index),
        buys=rhythm_at(book, book.seen_to)["buys"].reindex(units.index),
    ).rename_axis("account_id")
    lost_orders = ("win_back_talk", "close_lost")
    for row in table.reset_index().itertuples():
        kind = row.next_action
        if kind in lost_orders:
            facts = _facts(row, last="last_order", brought="brought", again="again")
            kind = "bought_again" if "again" in facts else kind
            yield row.account_id, kind, "", facts, None, row.brought, "brought"
        elif kind == "campaign":
            yield row.account_id, kind, "", _facts(row, revenue="revenue"), None, *_stake(row, health)
        elif kind in code_of and (row.account_id, code_of[kind]) in of_sign:
            warning = warnings.iloc[of_sign[row.account_id, code_of[kind]]]
            facts = {"sign": variant(warning), "evidence": evidence(warning)}
            through = introducer.get(row.account_id) if kind == "find_successor" else None
            who = through if isinstance(through, str) else None
            if kind == "find_successor" and row.account_id in left.index:
                facts["left"] = left[row.account_id]
            if kind == "close_complaints":
                facts["as_of"] = book.as_of.isoformat()
            yield row.account_id, kind, code_of[kind], facts, who, *_stake(row, health)
        elif kind in ("ask_change", "rescue_visit", "recovery_call", "review_meeting"):
            yield row.account_id, kind, "", _poor_health(row), None, *_stake(row, health)
        elif kind == "no_investment":
            facts = _facts(row, last="last_order", amount="brought")
            basis = "only_order" if row.buys == 1 else "brought"
            yield row.account_id, kind, "", facts, None, row.brought, basis
        if isinstance(row.clear, str) and (row.account_id, row.clear) in of_sign:
            warning = warnings.iloc[of_sign[row.account_id, row.clear]]
            facts = {"sign": variant(warning), "evidence": evidence(warning)}
            if SIGN_ACTIONS[row.clear] == "close_complaints":
                facts["as_of"] = book.as_of.isoformat()
            yield row.account_id, SIGN_ACTIONS[row.clear], row.clear, facts, None, *_stake(row, health)


def _poor_health(row: Any) -> dict[str, Any]:
    """What costs the score most; of the chance of stopping also which part of it raises it most."""
    facts = _facts(row, silent="silent", gap="gap", health="health", driver="driver")
    if row.driver == "cap" and isinstance(row.flag, dict):
        facts["flag"] = row.flag
    if row.driver == "chance":
        if too_wide(row.churn_low, row.churn_high):  # no single figure is told of it
            facts |= _facts(row, low="churn_low", high="churn_high", part="part")
        else:
            facts |= _facts(row, chance="churn_probability", part="part")
        if row.part in SIGN_ACTIONS and not (isinstance(row.told, tuple) and row.part in row.told):
            facts["weak"] = True
        if row.part == "volume":
            facts |= _facts(row, revenue="revenue", days="days")
    return facts


def _signs_told(health: Health) -> pd.Series:
    """The signs that are told of each account as warnings; others show too weakly."""
    warnings = health.early_warning.warnings
    return warnings.groupby("account_id")["sign"].agg(tuple).astype(object)


def _largest_part(health: Health) -> pd.Series:
    """The part that raises each account's chance of stopping most, see ``chance_steps``; missing where none
    does.
    """
    steps = chance_steps(health.churn)
    raised = steps[(steps["by"] > 0) & ~steps["part"].isin(["start", "rest"])]
    raised = raised.sort_values("by", ascending=False, kind="stable").drop_duplicates("account_id")
    return raised.set_index("account_id")["part"].astype(object)


def _flags(health: Health) -> pd.Series:
    """The red flag that caps each account's score, in both languages."""
    named = health.score.flags
    words = {row.flag: {"zh": row.zh, "en": row.en} for row in named.itertuples()} if len(named) else {}
    return health.score.accounts["capped_by"].map(words).astype(object)


def _stake(row: Any, health: Health) -> tuple[float, str]:
    """What could be lost: the expected loss where it is known, else the year's revenue. Where that loss bears
    no amounts (``RevenueAtRisk.told``) it is kept for the order alone.
    """
    loss = row.revenue_at_risk
    if not loss > 0:
        return float(max(row.revenue, 0.0)), "revenue"
    if not health.revenue_at_risk.told:
        return float(loss), "untold_loss"
    return float(loss), "wide_loss" if too_wide(row.churn_low, row.churn_high) else "expected_loss"


def _put_right(
    book: Book, units: pd.DataFrame, value: Value, health: Health, prices: pd.DataFrame | None
) -> Iterator[Candidate]:
    """Thin prices, credit limits exceeded, overdue bills, open complaints, orders that are late."""
    as_of = pd.Timestamp(book.as_of)
    profit = value.profitability.accounts.reindex(units.index)
    held = units[units["gate"].isin(["skinner", "unprofitable"])]
    for unit in held.index:
        thin: dict[str, Any] = {"revenue": float(held.at[unit, "revenue"])}
        margin = profit.at[unit, "margin"]
        if pd.notna(margin):
            thin |= {"margin": float(margin), "share": float(margin / held.at[unit, "revenue"])}
        money, basis = float(held.at[unit, "revenue"]), "revenue"
        if prices is not None and unit in prices.index and prices.at[unit, "far_out"]:
            thin |= {"below": float(1 - prices.at[unit, "index"]), "given": float(prices.at[unit, "given"])}
            money, basis = thin["given"], "given"
        yield unit, "reprice", "", thin, None, money, basis
    over, _ = exceeded(value.credit.accounts)
    over = over.reindex(units.index.intersection(over.index, sort=False))
    for row in over.rename_axis("account_id").reset_index().itertuples():
        owes = {"owed": row.open, "limit": row.credit_limit, "beyond": row.open - row.credit_limit}
        yield row.account_id, "credit_limit", "", owes, None, float(row.open), "owed"
    if book.has("receivables"):
        bills = bills_at(book.table("receivables"), as_of)
        late = bills[bills["overdue"] & bills["account_id"].isin(units.index)]
        by = late.groupby("account_id")
        sums = pd.DataFrame({"overdue": by["amount"].sum(), "bills": by.size()})
        oldest = (
            late.sort_values("due_date", kind="stable").drop_duplicates("account_id").set_index("account_id")
        )
        goods = health.order_to_cash.accounts.reindex(columns=["late_orders", "short_orders"])
        we_owe = goods.fillna(0.0).sum(axis=1)  # orders that are late, or were delivered in part
        for unit in sums.index[sums["overdue"] >= LEAST_OVERDUE * units["revenue"].reindex(sums.index)]:
            late_bills: dict[str, Any] = {
                "overdue": float(sums.at[unit, "overdue"]),
                "bills": int(sums.at[unit, "bills"]),
                "due_since": str(oldest.at[unit, "due_date"].date()),
                "as_of": book.as_of.isoformat(),
            }
            bill = oldest.at[unit, "invoice_id"] if "invoice_id" in oldest else None
            if isinstance(bill, str):
                late_bills["bill"] = bill
            if we_owe.get(unit, 0.0) > 0:
                late_bills["we_owe"] = int(we_owe[unit])
            yield unit, "collect_overdue", "", late_bills, None, late_bills["overdue"], "overdue"
    if book.has("tickets", "kind"):
        tickets = book.table("tickets")
        seen = (tickets["kind"] == "complaint") & (tickets["opened"] <= as_of)
        closed = tickets["closed"] if "closed" in tickets else pd.Series(pd.NaT, index=tickets.index)
        still = tickets[seen & ~(closed <= as_of)].sort_values("opened", kind="stable")
        count = still.groupby("account_id").size()
        for row in still.drop_duplicates("account_id").itertuples():
            if row.account_id not in units.index:
                continue
            facts = _facts(row, opened="opened") | {"open": int(count[row.account_id])}
            facts["as_of"] = book.as_of.isoformat()
            if "ticket_id" in still and isinstance(row.ticket_id, str):
                facts["ticket"] = row.ticket_id
            if "due" in still and pd.notna(row.due):
                facts["promised"] = str(row.due.date())
            revenue = float(max(units.at[row.account_id, "revenue"], 0.0))
            yield row.account_id, "settle_complaint", facts.get("ticket", ""), facts, None, revenue, "revenue"
    yield from _late_orders(book, units, as_of)


def _late_orders(book: Book, units: pd.DataFrame, as_of: pd.Timestamp) -> Iterator[Candidate]:
    """The order that waits longest of each unit, of those promised within the last half year."""
    if not book.has("deliveries", "order_id"):
        return
    rows = book.table("deliveries")
    arrived = rows["delivered_date"] if "delivered_date" in rows else pd.Series(pd.NaT, index=rows.index)
    late = (rows["promised_date"] < as_of) & (rows["promised_date"] > as_of - pd.Timedelta(days=182))
    late = rows[late & ~(arrived <= as_of) & rows["order_id"].notna()]
    late = late.sort_values("promised_date", kind="stable")
    count = late.groupby("account_id")["order_id"].nunique()
    lines = book.tables.get("transactions")
    amounts = (
        lines.groupby("order_id")["amount"].sum()
        if lines is not None and "order_id" in lines
        else pd.Series()
    )
    for row in late.drop_duplicates("account_id").itertuples():
        if row.account_id not in units.index:
            continue
        facts = {"order": row.order_id, "promised": str(row.promised_date.date())}
        facts |= {"orders": int(count[row.account_id])}
        amount = float(amounts.get(row.order_id, 0.0))
        if amount > 0:
            facts["amount"] = amount
        yield row.account_id, "deliver_order", row.order_id, facts, None, amount, "late_orders"


def _contracts(
    units: pd.DataFrame, value: Value, first: pd.Timestamp, assumed: int | None
) -> Iterator[Candidate]:
    """The contract whose day of notice has passed or comes within a quarter of the plan's ``first`` day, else
    the one that ran out while the account still buys.
    """
    if value.contracts is None:
        return
    due = to_renew(value.contracts.renewals, first, assumed).drop_duplicates("account_id")
    gone = value.contracts.ran_out
    gone = gone[gone["buys"].astype(bool)].assign(state="ran_out")
    for part in (due, gone):
        for row in part.itertuples():
            if row.account_id not in units.index:
                continue
            names = {"contract": "contract_id", "end": "end"}
            names |= {"notice": "notice"} if row.state != "ran_out" else {"since": "since"}
            facts = _facts(row, **names) | {"stands": row.state}
            if row.state != "ran_out" and row.assumed > 0:
                facts["assumed"] = int(row.assumed)
            money, basis = (row.yearly, "contract") if row.yearly > 0 else (row.revenue, "revenue")
            yield (
                row.account_id,
                "renew_contract",
                facts.get("contract", ""),
                facts,
                None,
                float(money),
                basis,
            )


def _people(
    book: Book, units: pd.DataFrame, value: Value, health: Health, people: People
) -> Iterator[Candidate]:
    """Whom to meet, and through whom; which layer is unknown; where two of our entities come to one door."""
    relations = health.stakeholders.relations
    todo = {
        "meet_successor": "meet_successor",
        "win_decision": "meet_person",
        "second_thread": "meet_person",
        "open_decision": "open_layer",
        "open_layer": "open_layer",
        "revisit": "revisit",
    }
    for row in relations.rename_axis("account_id").reset_index().itertuples():
        kind = todo.get(row.next_step)
        if kind is None or row.account_id not in units.index:
            continue
        facts: dict[str, Any] = {"why": row.next_step}
        person = row.target if isinstance(row.target, str) else None
        if kind == "open_layer":
            missing = [*row.missing]
            facts["layer"] = "decision" if "decision" in missing else missing[0]
        elif kind == "revisit":
            if pd.isna(row.last):
                continue
            facts |= {"last": str(row.last.date()), "days": int(row.days)}
            met = people.people.at[person, "last"] if person in people.people.index else pd.NaT
            if pd.notna(met):
                facts["met"] = str(met.date())
            elif person and book.has("visits", "contact_id"):
                facts["unmet"] = True
        else:
            facts["target"] = people.label(person)
            if kind == "meet_person" and person:
                facts["layer"] = people.people.at[person, "layer"]
            introducer = people.label(row.introducer)
            if introducer:
                facts["introducer"] = introducer
        speak_to = row.introducer if kind in ("meet_successor", "meet_person") else person
        revenue = float(max(units.at[row.account_id, "revenue"], 0.0))
        who = speak_to if isinstance(speak_to, str) else None
        facts = {name: fact for name, fact in facts.items() if fact is not None}
        yield row.account_id, kind, person or facts.get("layer", ""), facts, who, revenue, "revenue"
    shared = value.sales_entities.entities
    for unit, part in shared.groupby("account_id", sort=False):
        if unit in units.index:
            facts = {"entities": [str(name) for name in part["entity"]]}
            if (part["open_deals"] > 0).sum() >= 2:
                facts["deals"] = [str(deal) for deals in part["deals"] for deal in deals]
            revenue = float(max(units.at[unit, "revenue"], 0.0))
            yield str(unit), "one_lead", "", facts, None, revenue, "revenue"


def least_deal(revenue: pd.Series) -> float:
    """The amount from which a deal has an action of its own. ``revenue``: of the planned units."""
    return LEAST_DEAL * float(revenue.clip(lower=0).sum())


def _deals(book: Book, units: pd.DataFrame, value: Value, first: pd.Timestamp) -> Iterator[Candidate]:
    """The largest open deal that on the plan's ``first`` day is past its date or stands still, or else the
    largest; where entities of ours bid against each other, each of their deals (``after_lead``); none below
    LEAST_DEAL.
    """
    if not book.has("opportunities"):
        return
    deals = deals_at(book)
    large = (deals["amount"] > 0) & (deals["amount"] >= least_deal(units["revenue"]))
    live = deals[deals["open"] & deals["account_id"].isin(units.index) & large]
    stalled = value.pipeline.ages.stalled["opportunity_id"] if value.pipeline else pd.Series(dtype="str")
    live = live.assign(
        late=live["expected_close"] < first,
        still=live["opportunity_id"].isin(stalled),
        weighted=live["amount"] * live["recorded"].fillna(0.0),
    )
    live["_stuck"] = live["late"] | live["still"]
    live = live.sort_values(["_stuck", "amount"], ascending=False, kind="stable")
    shared = value.sales_entities.entities
    rivals = {
        deal
        for _, part in shared.groupby("account_id")
        if (part["open_deals"] > 0).sum() >= 2
        for deals_ in part["deals"]
        for deal in deals_
    }
    led = live["opportunity_id"].isin(rivals)
    for row in live[led | ~live["account_id"].duplicated()].itertuples():
        facts = _facts(
            row,
            deal="opportunity_id",
            amount="amount",
            stage="stage",
            opened="opened",
            expected="expected_close",
        )
        if "competitor" in live and isinstance(row.competitor, str):
            facts["rival"] = row.competitor
        facts["stands"] = "late" if row.late else "still" if row.still else "open"
        facts |= {"stuck": True} if row.late or row.still else {}
        facts |= {"after_lead": True} if row.opportunity_id in rivals else {}
        money = float(row.weighted) if row.weighted > 0 else float(row.amount)
        basis = "deal" if row.weighted > 0 else "deal_amount"
        yield row.account_id, "move_deal", row.opportunity_id, facts, None, money, basis


def _growth(book: Book, units: pd.DataFrame, value: Value, first: pd.Timestamp) -> Iterator[Candidate]:
    """The category that peers buy and the unit does not, and the one of which others sell it most. What sells
    in a season waits until it is offered again.
    """
    waits = {category for category, day in offered_from(book).items() if day > first}
    total = float(units["revenue"].clip(lower=0).sum())
    least = (LEAST_GAIN * units["revenue"]).clip(lower=LEAST_OFFER * total)

    def worth(rows: pd.DataFrame, column: str) -> pd.DataFrame:
        allowed = rows["growth_exclusion"].isin(GROWTH_ALLOWED) & rows["account_id"].isin(units.index)
        return rows[allowed & (rows[column] >= rows["account_id"].map(least))]

    for row in worth(value.white_space.gaps, "expected").itertuples():
        if row.category in waits:
            continue
        facts = _facts(row, category="category", buyers="buyers", peers="peers", amount="expected")
        own = row.basis == "own"
        facts |= {"own": float(row.mid)} if own else {}
        kind = "regain_category" if row.lapsed else "offer_category"
        basis = "own" if own else "peers"
        yield row.account_id, kind, row.category, facts, None, float(row.expected), basis
    wallet = value.wallet.accounts.rename_axis("account_id").reset_index()
    if len(wallet):
        known = worth(wallet[wallet["category"].notna()], "headroom")
        cells = value.wallet.cells.set_index(["account_id", "category"]) if len(value.wallet.cells) else None
        for row in known.itertuples():
            facts = _facts(row, category="category")
            if row.category in waits or cells is None or (row.account_id, row.category) not in cells.index:
                continue
            cell = cells.loc[(row.account_id, row.category)]
            cell = cell.iloc[0] if isinstance(cell, pd.DataFrame) else cell
            facts |= {"spend": float(cell["spend"]), "share": float(cell["share"])}
            if pd.notna(cell["competitor_share"]):
                facts["rival_share"] = float(cell["competitor_share"])
            money = float(cell["headroom"])
            yield row.account_id, "win_share", row.category, facts, None, money, "wallet"


def least_worth(worth: Worth | None, units: pd.DataFrame) -> tuple[float, float]:
    """What an account has to bring for a joint review, and an order has to for a call."""
    total = float(units["revenue"].clip(lower=0).sum())
    return (worth.joint_review * total, worth.order_call * total) if worth else (0.0, 0.0)


def _routine(
    book: Book,
    units: pd.DataFrame,
    value: Value,
    last_day: pd.Timestamp,
    least_orders: int,
    worth: Worth | None,
) -> Iterator[Candidate]:
    """The review with key accounts, and the next order that an account's own rhythm promises up to the plan's
    ``last_day``; who has bought on fewer than ``least_orders`` days has no rhythm and is asked whether there
    is a further need. None of what brings less than it is ``worth``.
    """
    least_review, least_order = least_worth(worth, units)
    moves = value.retention.moves.reindex(units.index)
    rhythm = rhythm_at(book, book.seen_to).reindex(units.index)
    size = order_size(book.days, book.seen_to)["spend"].reindex(units.index)
    table = units.assign(
        before=moves["before"], last=rhythm["last"], gap=rhythm["gap"], buys=rhythm["buys"], size=size
    ).rename_axis("account_id")
    for row in table.reset_index().itertuples():
        if row.gone or row.revenue <= 0:
            continue
        large = row.revenue >= least_review
        if row.level in KEY_LEVELS and large and not isinstance(row.channel, str):
            facts = _facts(row, revenue="revenue", before="before")
            yield row.account_id, "joint_review", "", facts, None, float(row.revenue), "revenue"
        if pd.isna(row.last) or not row.size > 0 or row.size < least_order:
            continue
        if row.buys < least_orders:
            facts = _facts(row, last="last") | {"amount": _about(row.size)}
            if row.buys > 1:
                facts["orders"] = int(row.buys)
            elif row.visits > 0:
                facts["visited"] = True
            basis = "only_order" if row.buys < 2 else "order"
            yield row.account_id, "no_investment", "", facts, None, float(row.size), basis
            continue
        expected = row.last + pd.Timedelta(days=round(row.gap))
        if expected > last_day:
            continue
        size = _about(row.size)
        facts = {"gap": round(row.gap), "expected": str(expected.date()), "amount": size}
        facts |= {"unseen": True} if expected > pd.Timestamp(book.as_of) else {}
        yield row.account_id, "next_order", "", facts, None, size, "order"


def _about(amount: float) -> float:
    """An average to three figures: it is told as about so much, not to the last digit."""
    return float(f"{amount:.3g}")
