"""Step 2: the published funnel, the client's own, the concentration curve."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.value.pipeline import shape
from kamplay.teaching.answers import Part, number_token, number_tokens
from kamplay.teaching.keys.made import Made, key_of, makes
from kamplay.teaching.keys.source import ROWS, WAN, NotInDataError, Source, pick

# the published funnel: win rate, opportunities, amount in 10,000 euros
STAGES = ((0.05, 5, 300), (0.10, 4, 240), (0.20, 3, 176), (0.30, 2, 464), (0.50, 2, 146), (0.80, 2, 98))


@makes("2a")
def published_funnel(source: Source) -> Made:
    """The worked example of the source: 364.8."""
    frame = pd.DataFrame([{"win_rate": round(100 * r), "deals": n, "amount_eur": a} for r, n, a in STAGES])
    weighted = sum(r * a for r, _, a in STAGES)
    total = sum(a for *_, a in STAGES)
    part = Part("weighted", "number", "加权金额", "weighted amount", step=0.1, slack=1, size=WAN)
    mean = total * sum(r for r, *_ in STAGES) / len(STAGES)
    counted = total * sum(r * n for r, n, _ in STAGES) / sum(n for _, n, _ in STAGES)
    mistakes = {
        number_token(total, 0.1): "unweighted",
        number_token(sum(n for _, n, _ in STAGES), 0.1): "counted",
        number_token(mean, 0.1): "mean_rate",
        number_token(counted, 0.1): "mean_rate",
    }
    key = key_of([part], {"weighted": number_tokens(weighted, part)}, {"weighted": mistakes})
    return Made({"funnel": frame}, key, {}, {"weighted": weighted, "total": total}, round(weighted, 1))


PURPOSES = ("purpose_year", "purpose_new", "purpose_renew", "purpose_stock", "purpose_trial")  # of a deal


@makes("2b")
def funnel_of_the_case(source: Source) -> Made:
    """The client's own funnel, its shape, the stalled deal and the account that is counted twice."""
    deals = source.table("opportunities")
    current = deals[(deals["result"] == "open") & deals["win_rate"].notna()]
    if len(current) < 5:
        raise NotInDataError("opportunities")
    by = current.groupby(["win_rate", "stage"], as_index=False).agg(
        deals=("amount", "size"), amount=("amount", "sum")
    )
    by["amount"] = (by["amount"] / WAN).round(1)
    weighted = float((by["win_rate"] * by["amount"]).sum())
    form = shape(by.assign(amount=by["amount"]))
    stages = by.assign(win_rate=(100 * by["win_rate"]).round(0))[["stage", "win_rate", "deals", "amount"]]
    step = 10.0 if weighted >= 500 else 1.0
    parts = [
        Part("weighted", "number", "加权金额", "weighted amount", step=step, slack=1, size=WAN),
        Part("shape", "word", "形状", "shape", words="shapes"),
    ]
    accepted: dict[str, tuple[str, ...]] = {"weighted": number_tokens(weighted, parts[0]), "shape": (form,)}
    total = float(by["amount"].sum())
    mean = total * float(by["win_rate"].mean())
    wrong = {number_token(total, step): "unweighted", number_token(mean, step): "mean_rate"}
    mistakes = {"weighted": wrong}
    exhibits = {"stages": stages}
    solution: dict[str, Any] = {"weighted": weighted, "shape": form, "total": total}
    best: dict[str, Any] = {"weighted": round(weighted, 1), "shape": form}
    if source.planted is not None:
        stalled = source.planted["stalled_deal"]["evidence"]["opportunity_id"]
        twice = source.planted["two_entities"]["account_id"]
        exhibits["deals"] = _deals(source, current, stalled, twice)
        parts.append(Part("stalled", "ids", "停滞的商机", "stalled deal", count=1, prefix="O"))
        parts.append(Part("twice", "ids", "重复计入的客户", "account counted twice", count=1, prefix="C"))
        worth = (current["win_rate"] * current["amount"] / WAN).set_axis(current["opportunity_id"])
        pair = worth[(current["account_id"] == twice).to_numpy()]
        for less in (*pair, worth[stalled], *(x + worth[stalled] for x in pair)):
            wrong.setdefault(number_token(weighted - less, step), "deducted")
        accepted |= {"stalled": (stalled,), "twice": (twice,)}
        age = int((source.end - current.set_index("opportunity_id").loc[stalled, "opened"]).days)
        solution |= {"stalled": stalled, "twice": twice, "twice_name": source.name(twice), "age": age}
        best |= {"stalled": stalled, "twice": twice}
    return Made(exhibits, key_of(parts, accepted, mistakes), {"as_of": source.as_of}, solution, best)


def _deals(source: Source, current: pd.DataFrame, stalled: str, twice: str) -> pd.DataFrame:
    """Some open deals with the usual age at their stage, the planted ones among them."""
    rng = source.rng("2b")
    age = (source.end - current["opened"]).dt.days
    usual = age.groupby(current["stage"]).median()
    known = current[current["account_id"].notna()]
    planted = known["opportunity_id"].eq(stalled) | known["account_id"].eq(twice)
    once = known[~planted].drop_duplicates("account_id")
    once = once[(age.loc[once.index] <= 2 * once["stage"].map(usual)) & (once["expected_close"] > source.end)]
    others = pick(rng, list(once["opportunity_id"]), ROWS[source.difficulty] - int(planted.sum()))
    shown = known[planted | known["opportunity_id"].isin(others)].sort_values("opportunity_id")
    bought = source.lines.dropna(subset=["category"]) if "category" in source.lines else None
    needs: dict[str, tuple[str, str]] = {}
    for account in sorted(set(shown["account_id"])):
        own = (
            sorted(set(bought.loc[bought["account_id"] == account, "category"])) if bought is not None else []
        )
        own = own or (sorted(set(bought["category"])) if bought is not None else [""])
        needs[account] = (own[int(rng.integers(len(own)))], PURPOSES[int(rng.integers(len(PURPOSES)))])
    return pd.DataFrame(
        {
            "opportunity_id": shown["opportunity_id"],
            "account_id": shown["account_id"],
            "category": [needs[a][0] for a in shown["account_id"]],
            "purpose": [needs[a][1] for a in shown["account_id"]],
            "stage": shown["stage"],
            "amount": (shown["amount"] / WAN).round(1),
            "age_days": age.loc[shown.index],
            "usual_age": shown["stage"].map(usual).round(0).astype(int),
            "expected_close": shown["expected_close"],
            "sales_entity": shown.get("sales_entity", ""),
        }
    ).reset_index(drop=True)


@makes("2c")
def concentration_curve(source: Source) -> Made:
    """The share of the first fifth, how many accounts bring 80 %, the largest one, and who is visible."""
    revenue = source.revenue
    n = len(revenue)
    if n < 10:
        raise NotInDataError("transactions")
    cumulative = 100 * revenue.cumsum() / revenue.sum()
    fifth = -(-n // 5)
    top20 = float(cumulative.iloc[fifth - 1])
    for80 = int((cumulative < 80).sum()) + 1
    share = 100 * revenue / revenue.sum()
    visible = int((share.round(1) >= 5).sum())
    ranks = sorted({*range(1, 13), *range(15, n + 1, 5), n} - ({fifth} if fifth > 12 else set()))
    frame = pd.DataFrame(
        {
            "rank": ranks,
            "account_name": [source.name(str(revenue.index[r - 1])) for r in ranks],
            "revenue": [round(float(revenue.iloc[r - 1]) / WAN, 1) for r in ranks],
            "share": [round(float(share.iloc[r - 1]), 1) for r in ranks],
            "cumulative": [round(float(cumulative.iloc[r - 1]), 1) for r in ranks],
        }
    )
    parts = [
        Part("top20", "number", "前 20% 客户的收入占比", "share of the first fifth", slack=2),
        Part("for80", "number", "贡献 80% 收入的客户数", "accounts that bring 80%", slack=2),
        Part(
            "largest", "number", "失去最大客户减少的收入", "revenue lost with the largest", step=0.5, slack=1
        ),
        Part("visible", "number", "占比达到 5% 的客户数", "accounts with 5% or more"),
    ]
    largest = float(share.iloc[0])
    key = key_of(
        parts,
        {
            "top20": number_tokens(top20, parts[0]),
            "for80": number_tokens(for80, parts[1]),
            "largest": number_tokens(largest, parts[2]),
            "visible": (str(visible),),
        },
        {"top20": {"80": "slogan"}, "for80": {str(fifth): "slogan", "80": "mixed_axes"}},
    )
    solution = {
        "top20": top20,
        "for80": for80,
        "largest": largest,
        "visible": visible,
        "n": n,
        "fifth": fifth,
    }
    best = {"top20": round(top20, 1), "for80": for80, "largest": round(largest, 1), "visible": visible}
    return Made({"ranks": frame}, key, {"n": n, "fifth": fifth}, solution, best)


def curve(source: Source) -> list[float]:
    """Cumulative share of revenue in per cent, the largest account first, from 0."""
    revenue = source.revenue
    return [0.0, *(float(x) for x in 100 * revenue.cumsum() / revenue.sum())]
