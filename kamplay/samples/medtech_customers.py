"""What is known of a customer beside its orders: complaints, surveys, people, visits, deals, its purchases
elsewhere and its books.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.samples.medtech_accounts import (
    AS_OF,
    CATEGORIES,
    COMPETITORS,
    LAST,
    LEFT,
    NEVER,
    ROSTER,
    STAGE_DAYS,
    STAGES,
    Actor,
    day_to_date,
    person,
    pick,
)
from kamplay.samples.medtech_sales import dates

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
            "opened": dates(table["day"]),
            "closed": dates(closed),
            "replied": dates(replied),
            "kind": table["kind"],
            "severity": table["severity"],
            "due": dates(table["day"] + table["severity"].map(_SLA)),
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
    return table.assign(date=dates(table["date"]))


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
    return table.assign(date=dates(table["date"]))


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
