"""Step 1: definitions of a key account, who is none, the card of 100 points, the agreement of departments."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.stats.agreement import kendall_w
from kamplay.teaching.answers import Part, number_token, number_tokens, pair_token
from kamplay.teaching.grading import STRONG, Key
from kamplay.teaching.keys.made import Made, key_of, makes
from kamplay.teaching.keys.source import ROWS, WAN, NotInDataError, Source, pick

DEFINITIONS = ("revenue", "margin", "largest_order", "growth", "own_turnover", "visits")
_ZH = dict(zip(DEFINITIONS, ("年收入", "毛利", "最大一单", "增长", "自身规模", "拜访次数"), strict=True))
_EN = dict(
    zip(DEFINITIONS, ("revenue", "margin", "largest order", "growth", "own turnover", "visits"), strict=True)
)


def _sheet_accounts(source: Source) -> list[str]:
    """The accounts of step 1's sheet: the planted ones and others, so that the first three of every
    definition can be told apart from the fourth.
    """
    rng, figures = source.rng("1a"), source.figures
    for column in DEFINITIONS:
        if column not in figures:
            raise NotInDataError({"own_turnover": "accounts", "margin": "transactions"}.get(column, column))
    must: list[str] = []
    if source.planted is not None:
        kinds = ("skinner", "one_off", "demanding_but_profitable", "small_but_strong")
        must = [source.planted[k]["account_id"] for k in kinds]
        taken = {c["account_id"] for c in source.planted.values()} | set(
            source.planted["hidden_group"]["evidence"]["members"]
        )
        taken |= _too_alike(figures)
    else:
        taken = set()
    plain = [str(a) for a in figures.index if a not in taken]
    top, rest = plain[: max(10, len(plain) // 3)], plain[max(10, len(plain) // 3) :]
    wanted = ROWS[source.difficulty] - len(must)
    if len(plain) < wanted:
        raise NotInDataError("transactions")
    chosen: list[str] = []
    for _ in range(300):
        chosen = must + pick(rng, top, min(len(top), wanted - wanted // 3))
        chosen += pick(rng, rest, wanted + len(must) - len(chosen))
        part = figures.loc[chosen]
        if all(_told_apart(part[c]) for c in DEFINITIONS):
            break
    else:
        raise NotInDataError("transactions")
    return [chosen[int(i)] for i in rng.permutation(len(chosen))]


COMPLAINS = 5  # complaints in the year from which exercise 1b calls an account demanding


def _too_alike(figures: pd.DataFrame) -> set[str]:
    """Accounts that would be a second answer to exercise 1b: bought once, or complain and grow."""
    demanding = (figures["complaints"] >= COMPLAINS) & (figures["growth"] > 0)
    return set(figures.index[(figures["orders_3_years"] == 1) | demanding])


def _told_apart(values: pd.Series) -> bool:
    best = values.dropna().sort_values(ascending=False)
    return len(best) >= 4 and bool(best.iloc[2] > best.iloc[3])


def _first_three(values: pd.Series) -> list[str]:
    return [str(a) for a in values.dropna().sort_values(ascending=False).index[:3]]


@makes("1a")
def six_definitions(source: Source) -> Made:
    """The first three by each of six plausible definitions, and how many accounts that makes."""
    chosen = _sheet_accounts(source)
    figures = source.figures.loc[chosen]
    lists = {c: _first_three(figures[c]) for c in DEFINITIONS}
    distinct = len({a for own in lists.values() for a in own})
    prefix = "C" if source.planted is not None else ""  # of a class's own accounts nobody knows the form
    parts = [Part(c, "ids", _ZH[c], _EN[c], count=3, prefix=prefix) for c in DEFINITIONS]
    parts.append(Part("accounts", "number", "共几家", "how many accounts"))
    key = key_of(
        parts,
        {**{c: tuple(a.upper() for a in own) for c, own in lists.items()}, "accounts": (str(distinct),)},
        {"accounts": {"18": "counted_twice"}},
    )
    shown = source.named(figures[list(DEFINITIONS)])
    solution = {**lists, "accounts": distinct}
    return Made({"accounts": shown}, key, {"as_of": source.as_of}, solution, {**lists, "accounts": distinct})


@makes("1b")
def who_is_not_key(source: Source) -> Made:
    """The skinner, the one-off purchase, the demanding one to keep and the small strong one to nurture."""
    chosen = _sheet_accounts(source)
    columns = [
        c
        for c in (
            "revenue",
            "margin_share",
            "orders_3_years",
            "growth",
            "complaints",
            "own_turnover",
            "spend_everywhere",
        )
        if c in source.figures
    ]
    shown = source.named(source.figures.loc[chosen, columns])
    facts = {"as_of": source.as_of, "complains": COMPLAINS}
    if source.planted is None:
        return Made({"accounts": shown}, None, facts)
    culprits = {
        "skinner": source.planted["skinner"]["account_id"],
        "one_off": source.planted["one_off"]["account_id"],
        "keep": source.planted["demanding_but_profitable"]["account_id"],
        "nurture": source.planted["small_but_strong"]["account_id"],
    }
    zh = {
        "skinner": "扒皮大户",
        "one_off": "一次性团购",
        "keep": "挑剔但应留住",
        "nurture": "买得少但值得培育",
    }
    en = {
        "skinner": "skinner",
        "one_off": "one-off",
        "keep": "demanding, to keep",
        "nurture": "small here, to nurture",
    }
    parts = [Part(k, "ids", zh[k], en[k], count=1, prefix="C") for k in culprits]
    key = key_of(parts, {k: (a,) for k, a in culprits.items()}, _unlike(shown))
    proof = source.figures.loc[list(culprits.values())]
    solution = {
        **culprits,
        **{f"{k}_name": source.name(a) for k, a in culprits.items()},
        "skinner_margin": proof.loc[culprits["skinner"], "margin_share"],
        "keep_complaints": proof.loc[culprits["keep"], "complaints"],
        "keep_margin": proof.loc[culprits["keep"], "margin_share"],
        "nurture_turnover": proof.loc[culprits["nurture"], "own_turnover"],
    }
    return Made({"accounts": shown}, key, facts, solution, culprits)


def _unlike(shown: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Of each account the first thing in which it is not what is looked for."""
    out: dict[str, dict[str, str]] = {"skinner": {}, "one_off": {}, "keep": {}, "nurture": {}}
    usual = shown[["revenue", "margin_share", "own_turnover"]].median()
    for row in shown.itertuples():
        account = str(row.account_id).upper()
        out["skinner"][account] = "earns" if row.margin_share >= 5 else "too_small"
        out["one_off"][account] = "bought_again"
        out["keep"][account] = (
            "few_complaints"
            if row.complaints < COMPLAINS
            else "shrinks"
            if not row.growth > 0
            else "low_margin"
        )
        strong = row.own_turnover > usual["own_turnover"]
        out["nurture"][account] = "buys_much" if strong and row.revenue > usual["revenue"] else "not_strong"
    return out


def sales_points(units: float) -> float:
    """Of the card of 100: monthly average sales in units."""
    return next((p for start, p in ((10, 50), (5, 40), (3, 30), (2, 20), (1, 10)) if units >= start), 0)


def growth_points(growth: float) -> float:
    """Of the card of 100: growth in per cent, linear inside its band."""
    if growth >= 50:
        return min(20.0, 10 + 10 * (growth - 50) / 50)
    if growth >= 20:
        return 5 + 5 * (growth - 20) / 30
    return max(0.0, 5 * (growth + 100) / 120)


@makes("1c")
def score_a_distributor(source: Source) -> Made:
    """The card of 100 points on one channel partner."""
    ratings, accounts = source.table("ratings"), source.table("accounts")
    if not {"stage", "nature"} <= set(accounts.columns):
        raise NotInDataError("accounts")
    wide = ratings.pivot_table(index="account_id", columns="criterion", values="score", aggfunc="mean").round(
        1
    )
    experts = [c for c in ("渠道覆盖", "忠诚度", "发展前景") if c in wide]
    if len(experts) < 3:
        raise NotInDataError("ratings")
    monthly = (source.revenue / 12 / WAN).round(1)
    growth = source.figures["growth"]
    channel = (
        set(accounts.loc[accounts["nature"] == "渠道伙伴", "account_id"])
        if source.planted is not None
        else set(accounts["account_id"])
    )
    special = {c["account_id"] for c in (source.planted or {}).values()}
    pool = [
        str(a)
        for a in sorted(set(wide.dropna().index) & channel & set(monthly.index) - special)
        if 1.2 <= monthly[a] <= 12
        and 6 <= growth.get(a, np.nan) <= 90
        and not _near(monthly[a], (1, 2, 3, 5, 10), 0.15)
        and not _near(growth[a], (20, 50), 1)
    ]
    pool = [a for a in pool if not _near(_card(source, a, wide, monthly)["total"], (50, 60, 75, 90), 0.4)]
    if not pool:
        raise NotInDataError("ratings")
    rng = source.rng("1c")
    account = pool[int(rng.integers(len(pool)))]
    card = _card(source, account, wide, monthly)
    rows = [("monthly_units", monthly[account]), ("growth_percent", growth[account])]
    rows += [(f"expert_{n}", wide.loc[account, c]) for n, c in enumerate(experts)]
    parts = [
        Part("sales", "number", "月均销售额得分", "points for monthly sales"),
        Part("growth", "number", "增长得分", "points for growth", step=0.1, slack=1),
        Part("total", "number", "总分", "total", step=0.1, slack=2),
        Part("tier", "word", "等级", "tier", words="tiers"),
    ]
    key = key_of(
        parts,
        {
            "sales": number_tokens(card["sales"], parts[0]),
            "growth": number_tokens(card["growth"], parts[1]),
            "total": number_tokens(card["total"], parts[2]),
            "tier": (card["tier"],),
        },
        {
            "sales": dict.fromkeys(_in_proportion(float(monthly[account])), "interpolated"),
            "growth": {number_token(p, 0.1): "band_edge" for p in (0, 5, 10, 20)},
        },
    )
    facts = {"account": account, "name": source.name(account)}
    frame = pd.DataFrame(rows, columns=["measure", "value"])
    best = {
        "sales": card["sales"],
        "growth": round(card["growth"], 1),
        "total": round(card["total"], 1),
        "tier": card["tier"],
    }
    return Made({"facts": frame}, key, facts, {**facts, **card}, best)


def _in_proportion(units: float) -> list[str]:
    """The points for sales as they would be in proportion inside the band, rounded down and off."""
    edges, points = (0, 1, 2, 3, 5, 10), (0, 10, 20, 30, 40, 50)
    value = float(np.interp(units, edges, points))
    return [number_token(math.floor(value), 1), number_token(value, 1)]


def _near(value: float, edges: tuple[float, ...], by: float) -> bool:
    return any(abs(value - e) < by for e in edges)


def _card(source: Source, account: str, wide: pd.DataFrame, monthly: pd.Series) -> dict[str, Any]:
    sales, growth = (
        sales_points(float(monthly[account])),
        growth_points(float(source.figures.loc[account, "growth"])),
    )
    experts = float(wide.loc[account, ["渠道覆盖", "忠诚度", "发展前景"]].sum())
    total = sales + growth + experts
    tiers = ((90, "vip"), (75, "backbone"), (60, "effective"), (50, "dormant"), (-1, "potential"))
    return {
        "sales": sales,
        "growth": growth,
        "experts": experts,
        "total": total,
        "tier": next(k for f, k in tiers if total >= f),
    }


CRITERIA = ("value", "loyalty", "growth", "risk")


def first_weights(source: Source) -> pd.DataFrame:
    """The departments' mean weights before the discussion, in steps of 5 that add up to 100: department ×
    criterion."""
    ballots = source.table("ballots")
    rows = ballots[ballots["criterion"].notna() & ballots["weight"].notna()]
    if "round" in rows:
        rows = rows[rows["round"].fillna(1) == rows["round"].fillna(1).min()]
    criteria = list(dict.fromkeys(rows["criterion"]))
    mean = rows.groupby(["department", "criterion"], sort=False)["weight"].mean().unstack()[criteria]
    mean = mean.div(mean.sum(axis=1), axis=0) * 100
    if len(mean) < 3 or len(criteria) < 3 or mean.isna().any().any():
        raise NotInDataError("ballots")
    rounded = (mean / 5).round() * 5
    for department in rounded.index:  # what rounding lost goes to the largest weight
        rounded.loc[department, rounded.loc[department].idxmax()] += 100 - rounded.loc[department].sum()
    return rounded


def _ranks(weights: pd.DataFrame) -> pd.DataFrame:
    """1 for the largest weight; of equal ones the criterion named first is ranked first."""
    return weights.rank(axis=1, ascending=False, method="first")


@makes("1d")
def how_far_departments_agree(source: Source) -> Made:
    """Kendall's W of the ranks that the departments give the criteria, and the two furthest apart."""
    ranks = _ranks(first_weights(source))
    found = kendall_w(ranks)
    if found is None:
        raise NotInDataError("ballots")
    distance = {
        pair_token([_department_token(a), _department_token(b)]): float(
            ((ranks.loc[a] - ranks.loc[b]) ** 2).sum()
        )
        for i, a in enumerate(ranks.index)
        for b in ranks.index[i + 1 :]
    }
    far = tuple(t for t, d in distance.items() if d == max(distance.values()))
    parts = [
        Part("w", "number", "肯德尔 W", "Kendall's W", step=0.01, slack=1, weight=2, plain=True),
        Part("enough", "word", "够不够", "enough to act", words="yes_no"),
        Part("furthest", "pair", "分歧最大的两个部门", "the two furthest apart", words="departments"),
    ]
    enough = "yes" if found.w >= STRONG else "no"
    m, n = ranks.shape
    s = float(((ranks.sum() - ranks.sum().mean()) ** 2).sum())
    key = key_of(
        parts,
        {"w": number_tokens(found.w, parts[0]), "enough": (enough,), "furthest": far},
        {"w": {number_token(s, 0.01): "only_s", number_token(12 * s / (m * (n**3 - n)), 0.01): "m_once"}},
    )
    shown = ranks.astype(int).reset_index()
    solution = {"w": found.w, "s": s, "enough": enough, "furthest": far[0].split("+"), "m": m, "n": n}
    best = {"w": round(found.w, 2), "enough": enough, "furthest": far[0].split("+")}
    return Made({"ranks": shown}, key, {"m": m, "n": n}, solution, best, _departments(ranks))


DEPARTMENT_KEYS = {
    "销售": "sales",
    "财务": "finance",
    "产品": "product",
    "交付": "delivery",
    "区域": "region",
}


def _department_token(name: str) -> str:
    return DEPARTMENT_KEYS.get(name, name)


def _departments(table: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """The departments of the data as words to answer with."""
    own = {_department_token(str(d)): [str(d)] for d in table.index if str(d) not in DEPARTMENT_KEYS}
    return {"departments": own} if own else {}


@makes("1e")
def negotiate_weights(source: Source) -> Made:
    """New weights that the departments can live with, and that agree: checked by its rule, not by a key."""
    weights = first_weights(source)
    cost, settled = _settled(weights)
    budget = cost + STEP  # room to argue: there is more than one way
    if _mean_will_do(weights, budget):
        budget = cost
    table = {
        _department_token(str(d)): [float(x) for x in row]
        for d, row in zip(weights.index, weights.to_numpy(), strict=True)
    }
    found = kendall_w(weights.rank(axis=1, ascending=False))
    best = {
        _department_token(str(d)): [float(x) for x in row]
        for d, row in zip(settled.index, settled.to_numpy(), strict=True)
    }
    key = Key((), {}, {}, {"weights": table, "budget": float(budget)})
    after = kendall_w(settled.rank(axis=1, ascending=False))
    mean = _given_up(weights, pd.DataFrame([weights.mean()] * len(weights), index=weights.index))
    solution = {
        "before": found.w if found else 0.0,
        "after": after.w if after else 0.0,
        "cost": cost,
        "mean": mean,
        "moved": [
            _department_token(str(d)) for d in weights.index if (weights.loc[d] != settled.loc[d]).any()
        ],
    }
    shown = weights.astype(int).reset_index()
    return Made({"weights": shown}, key, {"budget": budget}, solution, best, _departments(weights))


STEP = 5.0  # points
MOST_DEPARTMENTS, MOST_CRITERIA = 10, 6


def _given_up(before: pd.DataFrame, after: pd.DataFrame) -> float:
    """The points that the departments take from their weights, all together."""
    return float((before - after).clip(lower=0).sum().sum())


def _agreement(rows: np.ndarray) -> float:
    found = kendall_w(pd.DataFrame(rows).rank(axis=1, ascending=False))
    return found.w if found else 0.0


def _settled(weights: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """The cheapest way, in steps of 5, in which some departments take over one order and the others stay as
    they are, so that the ranks agree: what it costs, and the weights.
    """
    first = weights.to_numpy(dtype=float)
    departments, criteria = first.shape
    if departments > MOST_DEPARTMENTS or criteria > MOST_CRITERIA:
        raise NotInDataError("ballots")
    whole = _whole_weights(criteria)
    orders = {tuple(np.argsort(-row, kind="stable")) for row in (*first, first.mean(axis=0))}
    ways = []
    for order in sorted(orders):
        fit = whole[(np.diff(whole[:, list(order)], axis=1) < 0).all(axis=1)]
        costs = np.clip(first[:, None, :] - fit[None], 0, None).sum(axis=2)
        moved, cost = fit[costs.argmin(axis=1)], costs.min(axis=1)
        for number in range(1, 2**departments):
            chosen = np.array([bool(number >> i & 1) for i in range(departments)])
            ways.append((float(cost[chosen].sum()), np.where(chosen[:, None], moved, first)))
    for cost, rows in sorted(ways, key=lambda way: way[0]):
        if _agreement(rows) >= STRONG:
            return cost, pd.DataFrame(rows, index=weights.index, columns=weights.columns)
    raise NotInDataError("ballots")


def _whole_weights(criteria: int) -> np.ndarray:
    """All weights of so many criteria in steps of 5 that add up to 100."""
    steps = round(100 / STEP)
    bars = itertools.combinations(range(steps + criteria - 1), criteria - 1)
    return np.array([STEP * (np.diff((-1, *bar, steps + criteria - 1)) - 1) for bar in bars])


def _mean_will_do(weights: pd.DataFrame, budget: float) -> bool:
    """Whether all departments together reach agreement within the budget by moving towards the mean."""
    first = weights.to_numpy(dtype=float)
    gap = first.mean(axis=0) - first
    partly = [first + share * gap for share in np.linspace(0.05, 1, 20)]
    limited = [first + np.clip(gap, -by, by) for by in range(1, 60)]
    return any(
        np.clip(first - rows, 0, None).sum() <= budget and _agreement(np.round(rows, 6)) >= STRONG
        for rows in (*partly, *limited)
    )
