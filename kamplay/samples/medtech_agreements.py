"""Tenders, contracts and value cases of the sample, and what is planted in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.samples.medtech_accounts import AS_OF, COMPETITORS, LAST, NEVER, Actor, day_to_date, pick

OURS = "华衡医疗"
STRONG_RIVAL = COMPETITORS[2]  # wins nearly all tenders in which it is the main competitor
CLOSED_DOOR = 14  # bids at the account where none was won
FIRST_TENDER = LAST - 720  # day
LOST_FOR = ("技术参数", "服务", "交期", "原供应商延续")
WON_FOR = ("方案", "服务", "价格", "技术参数")
NOT_BID_FOR = ("得知太晚", "资质不符", "预算过低")
TERMS = ("目录价九折，年度内不调价", "按省级挂网价下浮8%", "阶梯返利，年度结算", "随集采价联动")
OFFERS = (
    ("耗材寄售与库存托管", 0.10, 0.09),
    ("检验流水线共建", 0.40, 0.22),
    ("设备全保服务", 0.06, 0.05),
    ("术式培训与带教", 0.05, 0.06),
    ("试剂成本包干", 0.03, 0.05),
    ("院内物流改善", 0.12, 0.10),
)  # with investment and yearly benefit as parts of what the account buys a year


def _plain(actors: list[Actor], kind: str | None = None) -> list[Actor]:
    """Accounts that buy, the largest first, in which nothing else is planted."""
    return [
        a
        for a in actors
        if a.trades and a.stop == NEVER and not a.case and not a.reason and kind in (None, a.kind)
    ]


# --- tenders


def closed_door(actors: list[Actor]) -> Actor:
    """The account at which no bid was won."""
    return _plain(actors, "hospital")[18]


def tenders_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """A row per tender of the last two years, and of the next weeks; amounts in yuan.

    Of the tenders in which STRONG_RIVAL is the main competitor we win hardly any, and lose by about a
    tenth of the price; of the others about half. At ``closed_door`` CLOSED_DOOR were lost and none won.
    """
    shut = closed_door(actors)
    rows = []
    for place, a in enumerate(actors):
        if a is shut or a.kind != "hospital" or not a.trades or place >= 150:
            continue
        for _ in range(int(rng.poisson(3.2 if place < 40 else 1.6))):
            day = int(rng.integers(FIRST_TENDER, LAST + 1))
            if day > a.start + 60 and (day < a.stop or a.stop == NEVER):
                rows.append(_tender(a, day, None, rng))
    for n in range(CLOSED_DOOR):
        lost = _tender(shut, FIRST_TENDER + 40 + n * 47, False, rng)
        rows.append(lost | dict.fromkeys(("competitor", "winner"), COMPETITORS[3]))
    for a in _plain(actors, "hospital")[2:20:3]:
        rows.append(_announced(a, LAST + int(rng.integers(6, 60)), rng))
    table = pd.DataFrame(rows).sort_values(["date", "account_id"], kind="stable", ignore_index=True)
    table.insert(0, "tender_id", [f"ZB{n:04d}" for n in range(1, len(table) + 1)])
    return table


def _announced(a: Actor, day: int, rng: np.random.Generator) -> dict[str, object]:
    """A tender of which nothing is decided yet."""
    amount = max(40_000.0, round(a.size * float(rng.uniform(0.06, 0.3)), -3))
    return {
        "account_id": a.account_id,
        "date": day_to_date(day),
        "amount": amount,
        "result": "open",
        "winner": None,
        "our_price": None,
        "winning_price": None,
        "reason": None,
        "competitor": pick(rng, COMPETITORS),
    }


def _tender(a: Actor, day: int, won: bool | None, rng: np.random.Generator) -> dict[str, object]:
    """A tender that is over: won or lost as chance has it (None) or as planted, not bid, or cancelled."""
    tender = _announced(a, day, rng)
    rival = str(tender["competitor"])
    fate = (
        "bid" if won is not None else str(rng.choice(["bid", "not_bid", "cancelled"], p=[0.84, 0.12, 0.04]))
    )
    if fate == "cancelled":
        return {**tender, "result": "cancelled"}
    amount = float(str(tender["amount"]))
    if fate == "not_bid":
        price = round(amount * float(rng.uniform(0.8, 0.95)), -2)
        reason = pick(rng, list(NOT_BID_FOR))
        return {**tender, "result": "not_bid", "winner": rival, "winning_price": price, "reason": reason}
    price = round(amount * float(rng.uniform(0.84, 0.97)), -2)
    strong = rival == STRONG_RIVAL
    if won is None:
        won = bool(rng.random() < (0.06 if strong else 0.54))
    if won:
        own = {"winner": OURS, "our_price": price, "winning_price": price}
        return {**tender, "result": "won", **own, "reason": pick(rng, list(WON_FOR))}
    gap = float(rng.normal(0.1, 0.02) if strong else rng.normal(0.03, 0.04))
    known = rng.random() < 0.85
    dear = gap > 0.03 and rng.random() < 0.75
    return {
        **tender,
        "result": "lost",
        "winner": rival,
        "our_price": price,
        "winning_price": round(price / (1 + gap), -2) if known else None,
        "reason": "价格" if dear else pick(rng, list(LOST_FOR)),
    }


def tenders_planted(tenders: pd.DataFrame, actors: list[Actor]) -> dict[str, Any]:
    """What can be found in the tenders, counted in the table."""
    by = tenders.groupby("result")
    bids = tenders[tenders["result"].isin(["won", "lost"])]
    lost = tenders[tenders["result"] == "lost"].dropna(subset=["our_price", "winning_price"])
    strong, shut = bids["competitor"] == STRONG_RIVAL, closed_door(actors)
    at_shut = bids["account_id"] == shut.account_id
    return {
        "count": {str(name): int(number) for name, number in by.size().items()},
        "amount": {str(name): round(float(amount), 2) for name, amount in by["amount"].sum().items()},
        "strong_rival": {
            "competitor": STRONG_RIVAL,
            "bids": int(strong.sum()),
            "won": int((bids.loc[strong, "result"] == "won").sum()),
        },
        "closed_door": {
            "account_id": shut.account_id,
            "account_name": shut.name,
            "bids": int(at_shut.sum()),
            "won": int((bids.loc[at_shut, "result"] == "won").sum()),
        },
        "lost_with_both_prices": len(lost),
        "lost_though_no_dearer": int((lost["our_price"] <= lost["winning_price"]).sum()),
    }


# --- contracts

MISSED, SOON, RAN_OUT, STOPPED = 1, 3, 3, 2  # accounts of each story


def _roles(actors: list[Actor]) -> dict[str, list[Actor]]:
    """Story → its accounts. The missed notice is at a large one; who stopped left within the last year."""
    plain = _plain(actors)[3:]
    gone = [a for a in actors if a.reason and not a.passing and LAST - 330 < a.stop <= LAST - 190]
    return {
        "missed": plain[:MISSED],
        "soon": plain[1 : 1 + SOON],
        "ran_out": plain[5 : 5 + RAN_OUT],
        "stopped": gone[:STOPPED],
    }


def contracts_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """A row per contract of a year, of the larger accounts that have one; amounts in yuan.

    Where a contract ran out, the register still calls it in force: nobody saw it end.
    """
    roles = _roles(actors)
    told = {a.account_id: story for story, some in roles.items() for a in some}
    rows: list[dict[str, object]] = []
    for place, a in enumerate(actors):
        story = told.get(a.account_id)
        if story is None and (place >= 75 or not a.trades or a.stop != NEVER or a.case == "one_off"):
            continue
        if a.case == "hidden_group" and a.parent:  # the group's contract is the head's
            continue
        if story is None and rng.random() < 0.25:
            continue
        ends = {
            "missed": LAST + 38,
            "soon": LAST + 75 + 9 * len(rows) % 40,
            "ran_out": LAST - 45 - 30 * len(rows) % 130,
            "stopped": min(a.stop, LAST) - 20,
        }
        end = ends.get(story or "", LAST + int(rng.integers(205, 366)))
        notice = {"missed": 60, "soon": 45}.get(story or "", int(rng.choice([30, 60, 90])))
        chain = 1 + int(rng.integers(1, 3))
        for back in range(chain - 1, -1, -1):
            last = day_to_date(end) - pd.DateOffset(years=back)
            first = last - pd.DateOffset(years=1) + pd.Timedelta(days=1)
            rows.append(_contract(a, first, last, notice, back == 0, story, rng))
    table = pd.DataFrame(rows).sort_values(["start", "account_id"], kind="stable", ignore_index=True)
    table.insert(0, "contract_id", [f"HT{n:04d}" for n in range(1, len(table) + 1)])
    return table.astype({"notice_days": "Int64"})


def _contract(
    a: Actor,
    first: pd.Timestamp,
    last: pd.Timestamp,
    notice: int,
    newest: bool,
    story: str | None,
    rng: np.random.Generator,
) -> dict[str, object]:
    """One year's contract; its notice as days, as a date, or (of a few without a story) not stated."""
    stated = 0.0 if story else float(rng.random())
    return {
        "account_id": a.account_id,
        "start": first,
        "end": last,
        "amount": max(30_000.0, round(a.size * float(rng.uniform(0.75, 1.05)), -4)),
        "price_terms": pick(rng, list(TERMS)),
        "notice_days": notice if stated < 0.75 else None,
        "notice_date": last - pd.Timedelta(days=notice) if 0.75 <= stated < 0.88 else pd.NaT,
        "status": "active" if newest else "renewed",
    }


def contracts_planted(contracts: pd.DataFrame, actors: list[Actor]) -> dict[str, Any]:
    """What can be found in the contracts: the accounts of each story, and sums over the table."""
    running = contracts[(contracts["start"] <= AS_OF) & (contracts["end"] >= AS_OF)]
    latest = contracts.sort_values("end").drop_duplicates("account_id", keep="last").set_index("account_id")
    told: dict[str, Any] = {}
    for story, some in _roles(actors).items():
        told[story] = [
            {
                "account_id": a.account_id,
                "account_name": a.name,
                "contract_id": str(latest.at[a.account_id, "contract_id"]),
                "end": latest.at[a.account_id, "end"].date().isoformat(),
            }
            for a in some
        ]
    return {
        "running": len(running),
        "running_amount": round(float(running["amount"].sum()), 2),
        "without_notice": int((running["notice_days"].isna() & running["notice_date"].isna()).sum()),
        **told,
    }


# --- value cases

UNPROVEN, OVERCLAIMED = 4, 9  # places of the cases with a story


def value_cases_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """A row per case: what an offer of ours is worth to the customer over its years, in yuan.

    The case UNPROVEN was agreed 17 months ago and nothing of it has been realised; OVERCLAIMED claims more
    than its own assumptions give.
    """
    rows = []
    pool = _plain(actors)[:22:2] + _plain(actors)[1:6:2]
    for n, a in enumerate(pool):
        offer, invest, gain = OFFERS[n % len(OFFERS)]
        day = LAST - int(rng.integers(60, 340))
        years, rate = int(rng.integers(3, 6)), float(rng.choice([0.06, 0.08, 0.1]))
        investment = round(a.size * invest * float(rng.uniform(0.8, 1.2)), -3)
        yearly = round(a.size * gain * float(rng.uniform(0.8, 1.2)), -3)
        claimed = round(yearly * years - investment, -3)
        agreed = n % 3 != 2 or n == UNPROVEN
        realised = n % 3 == 0 and n not in (UNPROVEN, OVERCLAIMED)
        if n == UNPROVEN:
            day = LAST - 560
        if n == OVERCLAIMED:
            claimed, agreed = round(yearly * years * 1.5, -3), False
        agreed_day = min(day + int(rng.integers(30, 60)), LAST - 8)
        known = n % 5 != 3 or n == OVERCLAIMED
        part = float(rng.uniform(0.7, 0.95))
        rows.append(
            {
                "account_id": a.account_id,
                "offer": offer,
                "date": day_to_date(day),
                "claimed": claimed,
                "agreed": round(claimed * part, -3) if agreed else None,
                "agreed_on": day_to_date(agreed_day) if agreed else pd.NaT,
                "realised": round(claimed * part * float(rng.uniform(0.3, 0.8)), -3) if realised else None,
                "realised_on": day_to_date(min(agreed_day + 200, LAST - 5)) if realised else pd.NaT,
                "investment": investment if known else None,
                "yearly_benefit": yearly if known else None,
                "years": years if known else None,
                "discount_rate": rate if known else None,
            }
        )
    table = pd.DataFrame(rows)
    table.insert(0, "case_id", [f"V{n:03d}" for n in range(1, len(table) + 1)])
    return table.astype({"years": "Int64"})


def value_cases_planted(cases: pd.DataFrame) -> dict[str, Any]:
    """What can be found in the value register, and its sums."""
    sums = {name: round(float(cases[name].sum()), 2) for name in ("claimed", "agreed", "realised")}
    return {
        "cases": len(cases),
        **sums,
        "unproven": str(cases.at[UNPROVEN, "case_id"]),
        "overclaimed": str(cases.at[OVERCLAIMED, "case_id"]),
    }
