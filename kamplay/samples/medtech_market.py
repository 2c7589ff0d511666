"""What lies beyond the orders: the `opportunities`, `wallet` and `financials` tables. Money in yuan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.samples.medtech_actors import AS_OF, LAST, Actor, day_to_date
from kamplay.samples.medtech_words import CATEGORIES, COMPETITORS, STAGE_DAYS, STAGES, pick

_NAMES = list(STAGES)
_AGE = dict(zip(_NAMES, np.cumsum(list(STAGE_DAYS.values())), strict=True))  # usual age of a deal that stands in the stage
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
            _open(rows, a, str(rng.choice(_NAMES, p=[0.27, 0.23, 0.18, 0.14, 0.11, 0.07])), a.entity, None, rng)
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
        _open(rows, actors[150], "线索确认", pick(rng, ["华衡上海", "华衡广州", "华衡成都"]), None, rng)
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


def _closed(rows: list[dict[str, object]], a: Actor, day: int, won: bool, rival: str | None, rng: np.random.Generator) -> None:
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


def _open(rows: list[dict[str, object]], a: Actor, stage: str, entity: str, rival: str | None, rng: np.random.Generator) -> None:
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
    """One row per account and category: what the account spends a year with all suppliers, never less than with us."""
    year = transactions[transactions["date"] > AS_OF - pd.DateOffset(years=1)]
    ours = year.groupby(["account_id", "category"])["amount"].sum()
    rows = []
    for i, a in enumerate(actors):
        if (i >= 140 and a.case != "small_but_strong") or not a.trades or a.stop <= LAST:
            continue
        measured = "measured" if i < 45 or rng.random() < 0.3 else "estimated"
        bought = {str(c): float(v) for c, v in ours.get(a.account_id, pd.Series(dtype=float)).items() if v > 0}
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
            rows.append((a.account_id, category, float(np.ceil(amount / share / 1000) * 1000), round(rival, 2), measured))
        absent = [c for c in CATEGORIES if c not in bought and (c != "口腔材料" or a.kind in ("dealer", "clinic"))]
        wanted = ["体外诊断"] if a.case == "white_space" else [pick(rng, absent)] if absent and rng.random() < 0.6 else []
        for category in wanted:
            spend = round(max(a.size, 100_000) * float(rng.uniform(0.15, 0.5)) * (30 if a.case == "small_but_strong" else 1), -3)
            rows.append((a.account_id, category, spend, round(float(rng.uniform(0.4, 0.8)), 2), measured))
    return pd.DataFrame(rows, columns=["account_id", "category", "spend", "top_competitor_share", "basis"]).sort_values(
        ["account_id", "category"], ignore_index=True
    )


def prospects_wallet(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """The same for accounts that do not buy yet: three large enough to be assessed; half are unknown."""
    prospects = sorted((a for a in actors if not a.trades), key=lambda a: a.account_id)
    rows = []
    for n, a in enumerate(prospects[:8]):
        total = {0: 12_600_000.0, 3: 7_400_000.0, 6: 5_900_000.0}.get(n, float(rng.uniform(0.4e6, 3e6)))
        kinds = sorted(str(c) for c in rng.choice([c for c in CATEGORIES if c != "口腔材料"], 3, replace=False))
        for category, part in zip(kinds, rng.dirichlet([4, 3, 2]), strict=True):
            rows.append((a.account_id, category, round(total * part, -3), round(float(rng.uniform(0.35, 0.8)), 2), "estimated"))
    return pd.DataFrame(rows, columns=["account_id", "category", "spend", "top_competitor_share", "basis"])


def financials_table(actors: list[Actor], accounts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two or three years of statements (2023 to 2025) of the larger accounts, in yuan; hospitals' net profit is their surplus."""
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
            cash = current * float(rng.uniform(0.08, 0.14) if a.case == "unpaid_key" else rng.uniform(0.2, 0.4))
            money = (current, current / ratio, cash, sales, sales * (margin + float(rng.normal(0, 0.01))), assets)
            rows.append((a.account_id, year, *(round(x, -3) for x in money)))
    columns = ["account_id", "year", "current_assets", "current_liabilities", "cash", "revenue", "net_profit", "total_assets"]
    return pd.DataFrame(rows, columns=columns).sort_values(["account_id", "year"], ignore_index=True)
