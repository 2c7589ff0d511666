"""Solve every exercise from its sheet alone, by the rules its question states: plain Python on the printed
tables, with nothing of the code that made the key.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from fractions import Fraction
from typing import Any

Table = list[dict[str, Any]]


def rows(frame) -> Table:
    """An exhibit as plain rows; blanks are None."""
    return [{k: None if _blank(v) else v for k, v in r.items()} for r in frame.to_dict("records")]


def _blank(value: Any) -> bool:
    return value is None or value != value or str(value) in ("NaT", "<NA>")


def solve(exercise: str, exhibits: dict[str, Any], facts: dict[str, Any]) -> Any:
    tables = {name: rows(frame) for name, frame in exhibits.items()}
    return SOLVERS[exercise](tables, facts)


def labels(t, facts):
    out = {}
    for r in t["accounts"]:
        out[r["account_id"]] = "A" if r["orders_12"] > 0 else "B" if r["open_deals"] > 0 else "C"
    return out


def lines(t, facts):
    end = facts["as_of"]
    start = end.replace(year=end.year - 1)
    total, seen, left_out = Fraction(0), set(), 0
    for r in t["lines"]:
        day = r["date"].date()
        amount = r["amount_as_sent"]
        value = Fraction(amount[:-1]) * 10_000 if amount.endswith("万") else Fraction(amount.replace(",", ""))
        entry = (day, r["order_id"], r["category"], value)
        if r["status"] == "作废" or not start < day <= end or entry in seen:
            left_out += 1
            continue
        seen.add(entry)
        total += value
    return {"net": float(total), "left_out": left_out}


def definitions(t, facts):
    out: dict[str, Any] = {}
    for column in ("revenue", "margin", "largest_order", "growth", "own_turnover", "visits"):
        known = [(r[column], r["account_id"]) for r in t["accounts"] if r[column] is not None]
        out[column] = [a for _, a in sorted(known, reverse=True)[:3]]
    out["accounts"] = len(set(itertools.chain.from_iterable(out.values())))
    return out


def culprits(t, facts):
    """By the words of the question; of each kind exactly one account of the table fits."""
    accounts = t["accounts"]

    def middle(column: str) -> float:
        return sorted(r[column] for r in accounts)[len(accounts) // 2]

    (skinner,) = [r for r in accounts if r["margin_share"] < 5 and r["revenue"] > middle("revenue")]
    (once,) = [r for r in accounts if r["orders_3_years"] == 1]
    (keep,) = [
        r
        for r in accounts
        if r["complaints"] >= facts["complains"]
        and r["growth"] is not None
        and r["growth"] > 0
        and r["margin_share"] > middle("margin_share")
    ]
    nurture, second = sorted(accounts, key=lambda r: -r["own_turnover"])[:2]
    assert nurture["own_turnover"] > 1.5 * second["own_turnover"]
    assert nurture["revenue"] < middle("revenue")
    found = {"skinner": skinner, "one_off": once, "keep": keep, "nurture": nurture}
    return {kind: r["account_id"] for kind, r in found.items()}


def card(t, facts):
    v = {r["measure"]: float(r["value"]) for r in t["facts"]}
    sales = {v["monthly_units"] >= at: p for at, p in ((0, 0), (1, 10), (2, 20), (3, 30), (5, 40), (10, 50))}[
        True
    ]
    g = v["growth_percent"]
    bands = [(-100, 20, 0, 5), (20, 50, 5, 10), (50, 100, 10, 20)]
    growth = next((p + (g - a) / (b - a) * (q - p) for a, b, p, q in bands if a <= g < b), 20)
    total = sales + growth + v["expert_0"] + v["expert_1"] + v["expert_2"]
    tier = (
        "VIP"
        if total >= 90
        else "骨干"
        if total >= 75
        else "有效"
        if total >= 60
        else "dormant"
        if total >= 50
        else "潜在"
    )
    return {"sales": sales, "growth": growth, "total": total, "tier": tier}


def agreement(t, facts):
    names = [r["department"] for r in t["ranks"]]
    ranks = [[r[c] for c in r if c != "department"] for r in t["ranks"]]
    m, n = len(ranks), len(ranks[0])
    sums = [sum(row[i] for row in ranks) for i in range(n)]
    s = sum((x - sum(sums) / n) ** 2 for x in sums)
    w = 12 * s / (m * m * (n**3 - n))
    apart = {
        (a, b): sum((x - y) ** 2 for x, y in zip(ra, rb, strict=True))
        for (a, ra), (b, rb) in itertools.combinations(zip(names, ranks, strict=True), 2)
    }
    return {"w": w, "enough": "yes" if w >= 0.7 else "no", "furthest": list(max(apart, key=apart.get))}


def w_with_ties(table: list[list[float]]) -> float:
    """Kendall's W with the correction for ties, from the textbook's sums."""
    ranked, ties = [], 0.0
    for row in table:
        order = sorted(row, reverse=True)
        ranked.append([order.index(x) + 1 + (order.count(x) - 1) / 2 for x in row])
        ties += sum(order.count(x) ** 2 - 1 for x in row)
    m, n = len(table), len(table[0])
    sums = [sum(r[i] for r in ranked) for i in range(n)]
    s = sum((x - m * (n + 1) / 2) ** 2 for x in sums)
    return 12 * s / (m**2 * (n**3 - n) - m * ties)


def negotiated(t, facts):
    """Some departments take over one order at the lowest price, in steps of 5; the others stay."""
    table = t["weights"]
    criteria = [c for c in table[0] if c != "department"]
    first = [[int(r[c]) for c in criteria] for r in table]
    mean = [sum(column) for column in zip(*first, strict=True)]
    common = sorted(range(len(criteria)), key=lambda i: -mean[i])
    steps = range(0, 101, 5)
    whole = [(*x, 100 - sum(x)) for x in itertools.product(steps, repeat=len(criteria) - 1) if sum(x) <= 100]
    for order in itertools.permutations(common):
        kept = [w for w in whole if all(w[i] > w[j] for i, j in itertools.pairwise(order))]
        moved = [min(kept, key=lambda w, row=row: price(row, w)) for row in first]
        for who in itertools.product((False, True), repeat=len(first)):
            rows = [m if x else row for m, x, row in zip(moved, who, first, strict=True)]
            if sum(map(price, first, rows)) <= facts["budget"] and w_with_ties(rows) >= 0.7:
                return {r["department"]: list(row) for r, row in zip(table, rows, strict=True)}
    return None


def price(before, after) -> int:
    """The points that a department gives up."""
    return sum(max(0, b - a) for b, a in zip(before, after, strict=True))


def funnel(t, facts):
    return float(sum(Fraction(r["win_rate"]) / 100 * r["amount_eur"] for r in t["funnel"]))


def own_funnel(t, facts):
    early = sum(r["amount"] for r in t["stages"] if r["win_rate"] < 30)
    late = sum(r["amount"] for r in t["stages"] if r["win_rate"] >= 30)
    shape = "口窄" if early < late else "口大颈细" if early > 4 * late else "匀称"
    out = {"weighted": sum(r["win_rate"] / 100 * r["amount"] for r in t["stages"]), "shape": shape}
    entities = defaultdict(set)
    for r in t["deals"]:
        entities[r["account_id"]].add(r["sales_entity"])
    out["stalled"] = max(t["deals"], key=lambda r: r["age_days"] / r["usual_age"])["opportunity_id"]
    (out["twice"],) = [a for a, own in entities.items() if len(own) > 1]
    return out


def concentration(t, facts):
    """As read from the printed ranks, in between by a straight line as on the curve."""
    table = {r["rank"]: r for r in t["ranks"]}
    ranks = sorted(table)

    def at(rank: int) -> float:
        below = max(r for r in ranks if r <= rank)
        above = min(r for r in ranks if r >= rank)
        a, b = table[below]["cumulative"], table[above]["cumulative"]
        return a if below == above else a + (b - a) * (rank - below) / (above - below)

    return {
        "top20": at(math.ceil(facts["n"] / 5)),
        "for80": next(r for r in range(1, facts["n"] + 1) if at(r) >= 80),
        "largest": table[1]["share"],
        "visible": sum(r["share"] >= 5 for r in t["ranks"]),
    }


def university(t, facts):
    return {
        "校长": ["形象", "地位"],
        "处长": ["决策", "领导认可"],
        "科长": ["实施", "办成事"],
        "教师": ["使用", "好用"],
    }


def champion(t, facts):
    fell = min(t["accounts"], key=lambda r: r["visits_recent"] / r["visits_before"])
    own = [p for p in t["people"] if p["account_id"] == fell["account_id"] and p["layer"] == "decision"]
    return {"account": fell["account_id"], "contact": own[0]["contact_id"], "next": own[0]["reports_to"]}


def shows_a_sign(r) -> bool:
    """By the question's rule: outside the range before, by as much as it says, on the worse side."""
    less = {"orders": 2, "met": 2, "categories": 2, "on_time": 20, "satisfied": 0.5}
    more = {"late": 10, "complaints": 2}
    for measure in [*less, *more]:
        before, now = r[f"{measure}_before"], r[f"{measure}_now"]
        if before is None or now is None:
            continue
        if measure in less and before.low - now >= less[measure] - 1e-9:
            return True
        if measure in more and now - before.high >= more[measure] - 1e-9:
            return True
    return False


def calls(t, facts):
    """Everybody with a sign, the largest first."""
    found = sorted((r for r in t["signals"] if shows_a_sign(r)), key=lambda r: -r["revenue"])
    return [r["account_id"] for r in found[:12]]


def visits(t, facts):
    norm = {"core": [2, 2], "senior": [2, 1], "middle": [1, 1], "general": [1, 0.5]}
    end = facts["as_of"]
    start = end.replace(year=end.year - 1)
    out = {r["account_id"]: [0, 0] for r in t["accounts"]}
    branch, head = float(facts["branch"]), float(facts["head"])
    for r in sorted(t["accounts"], key=lambda r: (list(norm).index(r["level"]), -r["revenue"])):
        none = (
            r["orders_3_years"] == 1
            or (r["margin_share"] is not None and r["margin_share"] < 5)
            or r["last_order"].date() <= start
        )
        wanted = norm[r["level"]]
        if none:
            continue
        if wanted[0] > branch or wanted[1] > head:
            break
        out[r["account_id"]] = wanted
        branch, head = branch - wanted[0], head - wanted[1]
    assert branch == head == 0
    return out


HEARD = {
    "quote_0": "facts",
    "quote_1": "order",
    "quote_2": "people",
    "quote_3": "vision",
    "quote_4": "facts",
    "quote_5": "people",
    "quote_6": "order",
    "quote_7": "vision",
}


def styles(t, facts):
    return {r["number"]: HEARD[re.sub(r"\s", "", r["remark"])] for r in t["remarks"]}


SOLVERS = {
    "0a": labels,
    "0b": lines,
    "1a": definitions,
    "1b": culprits,
    "1c": card,
    "1d": agreement,
    "1e": negotiated,
    "2a": funnel,
    "2b": own_funnel,
    "2c": concentration,
    "3a": university,
    "3b": champion,
    "3c": calls,
    "4a": visits,
    "4b": styles,
}
