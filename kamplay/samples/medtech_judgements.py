"""What the supplier's own people say: ratings, ballots, overrides and the maturity of capabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.samples.medtech_accounts import (
    AS_OF,
    CAPABILITIES,
    DEPARTMENTS,
    DISPUTE,
    DISPUTED,
    LAST,
    MATURITY,
    Actor,
    person,
)

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
