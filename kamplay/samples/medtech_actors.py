"""The accounts as the generator sees them: hidden traits that drive every table, and the `accounts` table itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kamplay.samples import medtech_words as words

START = pd.Timestamp("2023-07-01")
AS_OF = pd.Timestamp("2026-06-30")
LAST = (AS_OF - START).days  # days are counted from START throughout; this is as_of
NEVER = 1_000_000
COUNT = 300


@dataclass(eq=False)
class Actor:
    """One account's hidden traits. Days are counted from START; money is yuan, net of tax; shares are 0 to 1."""

    kind: str  # hospital, dealer, lab, clinic
    size: float  # net yuan a year, at as_of
    interval: float  # mean days between orders
    region: str = ""
    place: str = ""
    name: str = ""
    account_id: str = ""
    parent: Actor | None = None
    owner: str = ""
    entity: str = ""
    start: int = 0
    stop: int = NEVER  # no order after this day
    onset: int = NEVER  # the first day of a decline
    end: int = NEVER  # the day the decline is complete
    reason: str = ""
    second: str = ""  # a lesser sign that travels with the first
    passing: bool = False  # the sign passes and the account stays: a false alarm
    growth: float = 0.0  # a year
    discount: float = 0.12
    categories: list[str] = field(default_factory=list)  # the most important first
    case: str = ""
    stage: str = "producing"

    def severity(self, day: int) -> float:
        """How far the decline has gone on ``day``, 0 to 1; a passing one rises to 0.6 and falls back."""
        if not self.reason or day < self.onset:
            return 0.0
        x = min(1.0, (day - self.onset) / (self.end - self.onset))
        return 0.6 * (1 - abs(2 * x - 1)) if self.passing else x

    def sign(self, reason: str, day: int) -> float:
        """How strongly the sign ``reason`` shows on ``day``, 0 to 1."""
        share = 1.0 if self.reason == reason else 0.4 if self.second == reason else 0.0
        return share * self.severity(day) if share else 0.0

    def buys_on(self, day: int) -> bool:
        return self.start <= day <= min(self.stop, LAST)

    @property
    def trades(self) -> bool:
        return self.start <= LAST


def day_to_date(day: int) -> pd.Timestamp:
    return START + pd.Timedelta(days=int(day))


def draw(rng: np.random.Generator) -> list[Actor]:
    """COUNT actors, the largest first, without any planted case: 60 % hospitals, 35 % dealers, 5 % labs and clinics."""
    sizes = np.sort(rng.lognormal(np.log(300_000), 1.42, COUNT))[::-1]
    kinds = np.array(["hospital"] * 180 + ["dealer"] * 105 + ["lab"] * 9 + ["clinic"] * 6)
    order = rng.permutation(COUNT)
    actors = []
    for i, size in enumerate(sizes):
        kind = str(kinds[order[i]])
        if kind in ("lab", "clinic") and i < 60:
            kind = "hospital"  # no clinic is among the largest; made good below
        interval = float(np.clip(63 * (300_000 / size) ** 0.36 * rng.lognormal(0, 0.35), 9, 80))
        actors.append(Actor(kind, float(size), interval))
    _keep_the_mix(actors, rng)
    taken: set[str] = set()
    owners = {region: [words.person(rng) for _ in range(2)] for region in words.REGIONS}
    for i, actor in enumerate(actors):
        _settle(actor, i, rng, taken, owners)
    return actors


def _keep_the_mix(actors: list[Actor], rng: np.random.Generator) -> None:
    small = [a for a in actors[150:] if a.kind == "hospital"]
    missing = 15 - sum(a.kind in ("lab", "clinic") for a in actors)
    for j in rng.choice(len(small), missing, replace=False):
        small[int(j)].kind = "lab"


def _settle(actor: Actor, i: int, rng: np.random.Generator, taken: set[str], owners: dict[str, list[str]]) -> None:
    actor.region = str(rng.choice(list(words.REGIONS), p=words.REGION_WEIGHTS))
    actor.entity, places = words.REGIONS[actor.region]
    actor.place = words.pick(rng, places)
    actor.name = words.organisation(rng, actor.kind, actor.place, taken)
    actor.owner = words.pick(rng, owners[actor.region])
    newcomer = i > 50 and rng.random() < 0.3
    actor.start = int(rng.integers(60, LAST - 120)) if newcomer else int(rng.integers(0, 30))
    actor.growth = float(np.clip(rng.normal(0.06, 0.18), -0.35, 0.6))
    low, high = (0.16, 0.27) if actor.kind == "dealer" else (0.06, 0.18)
    actor.discount = float(rng.uniform(low, high))
    usual = 3.2 + 0.5 * np.log(actor.size / 300_000) + rng.normal(0, 0.9)
    breadth = {"lab": 1, "clinic": 2}.get(actor.kind) or int(np.clip(round(usual), 2, 7))
    first = {"lab": ["体外诊断"], "clinic": ["口腔材料"]}.get(actor.kind, ["体外诊断"] if actor.kind == "hospital" and i < 60 else [])
    rest = [c for c in rng.permutation(words.CATEGORIES) if c not in first and (c != "口腔材料" or actor.kind != "hospital")]
    actor.categories = first + [str(c) for c in rest[: breadth - len(first)]]


def number(actors: list[Actor], rng: np.random.Generator) -> None:
    """Give every actor its account_id, in order of first dealings, so that the number does not betray the rank."""
    key = [a.start + (float(rng.random()) * 30) for a in actors]
    for n, j in enumerate(np.argsort(key, kind="stable"), start=1):
        actors[int(j)].account_id = f"C{n:04d}"


def accounts_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """The `accounts` table, one row per actor, by account_id; money in yuan."""
    rows = []
    for a in actors:
        strength = a.size * float(rng.lognormal(np.log(45 if a.kind == "hospital" else 9), 0.5))
        strong = a.case == "small_but_strong"
        revenue = 5_200_000_000.0 if strong else round(max(strength, 1_500_000), -4)
        public = a.kind == "hospital" and (strong or rng.random() < 0.7)
        before = int(rng.integers(30, 3000)) if a.start < 30 else int(rng.integers(0, 25))
        rows.append(
            {
                "account_id": a.account_id,
                "account_name": a.name,
                "tax_id": f"99{int(a.account_id[1:]):016d}",  # 99 begins no real one
                "parent_id": a.parent.account_id if a.parent else None,
                "industry": {"hospital": "医疗机构", "dealer": "医疗器械流通", "lab": "第三方检验", "clinic": "医疗机构"}[a.kind],
                "region": a.region,
                "nature": "渠道伙伴" if a.kind == "dealer" else "终端用户",
                "ownership": "公立" if public else words.pick(rng, ["民营", "民营", "合资", "国有控股"]),
                "source": words.pick(rng, ["展会", "经销商报备", "主动开发", "学术会议", "转介绍"]),
                "stage": a.stage,
                "since": day_to_date(a.start - before) if a.trades else None,
                "owner": a.owner,
                "sales_entity": a.entity,
                "registered_capital": 860_000_000.0 if strong else round(revenue * float(rng.uniform(0.05, 0.25)), -4),
                "employees": 4_300 if strong else max(8, int(revenue / float(rng.uniform(450_000, 900_000)))),
                "annual_revenue": revenue,
                "listed": bool(not public and a.size > 2_000_000 and rng.random() < 0.25),
                "state_owned_share": 1.0 if public else round(float(rng.choice([0, 0, 0, 0.3, 0.51])), 2),
                "premises": "自有" if a.kind == "hospital" else words.pick(rng, ["自有", "租赁", "租赁"]),
                "credit_grade": str(rng.choice(["AAA", "AA", "A", "B"], p=[0.2, 0.35, 0.33, 0.12])),
                "credit_limit": round(a.size * 0.35 + 20_000, -4),
            }
        )
    table = pd.DataFrame(rows).sort_values("account_id", ignore_index=True)
    return table.assign(since=pd.to_datetime(table["since"]), employees=table["employees"].astype("int64"))
