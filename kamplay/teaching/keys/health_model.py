"""Step 3: the decision chain, the lost champion, whom to call."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.samples.medtech_accounts import LEFT
from kamplay.teaching.answers import Part
from kamplay.teaching.grading import CALLS_FOR_ALL
from kamplay.teaching.keys.made import Made, key_of, makes
from kamplay.teaching.keys.signs import WINDOW, signs, strength
from kamplay.teaching.keys.source import WAN, NotInDataError, Source, pick

# who → layer, what they value
UNIVERSITY = {
    "president": ("image", "standing"),
    "division_head": ("decision", "approval"),
    "section_chief": ("implementation", "done"),
    "teachers": ("use", "ease"),
}


@makes("3a")
def university(source: Source) -> Made:
    """Four people of a university, their layer and what each values."""
    zh = {"president": "校长", "division_head": "处长", "section_chief": "科长", "teachers": "教师"}
    en = {
        "president": "president",
        "division_head": "division head",
        "section_chief": "section chief",
        "teachers": "teachers",
    }
    parts: list[Part] = []
    accepted: dict[str, tuple[str, ...]] = {}
    for who, (layer, value) in UNIVERSITY.items():
        parts.append(Part(f"{who}.layer", "word", f"{zh[who]} · 层级", f"{en[who]} · layer", words="layers"))
        parts.append(Part(f"{who}.value", "word", f"{zh[who]} · 看重", f"{en[who]} · value", words="values"))
        accepted |= {f"{who}.layer": (layer,), f"{who}.value": (value,)}
    mistakes = {"president.layer": {"decision": "president_decides"}}
    best = {who: list(pair) for who, pair in UNIVERSITY.items()}
    return Made({}, key_of(parts, accepted, mistakes), {}, {}, best)


@makes("3b")
def lost_champion(source: Source) -> Made:
    """The account that buys more while its contact in the decision layer has left."""
    rng, end = source.rng("3b"), source.end
    account = source.planted["lost_champion"]["account_id"] if source.planted is not None else None
    contacts, visits = source.table("contacts"), source.table("visits")
    avoid = {str(a) for a in (source.leaving or {})} | {account}
    recent = visits[visits["date"] > end - pd.Timedelta(days=90)]["account_id"].value_counts()
    before = visits[
        (visits["date"] <= end - pd.Timedelta(days=90)) & (visits["date"] > end - pd.Timedelta(days=270))
    ]
    before = before["account_id"].value_counts()
    people = contacts.groupby("account_id").size()
    if not {"layer", "title"} <= set(contacts.columns):
        raise NotInDataError("contacts")
    pool = [
        str(a)
        for a in source.revenue.index[:60]
        if a not in avoid
        and recent.get(a, 0) >= 2
        and before.get(a, 0) >= 2
        and people.get(a, 0) >= 3
        and not contacts.loc[contacts["account_id"] == a, "title"].str.endswith(LEFT).any()
    ]
    if account is None:
        pool = [str(a) for a in source.revenue.index[:60] if people.get(a, 0) >= 2]
        if not pool:
            raise NotInDataError("contacts")
    chosen = [*([account] if account else []), *pick(rng, pool, {1: 4, 2: 5, 3: 7}[source.difficulty])]
    chosen = [chosen[int(i)] for i in rng.permutation(len(chosen))]
    figures = source.figures.loc[chosen]
    table = pd.DataFrame(
        {
            "revenue": figures["revenue"],
            "growth": figures["growth"],
            "visits_before": [before.get(a, 0) / 2 for a in chosen],  # per 90 days
            "visits_recent": [int(recent.get(a, 0)) for a in chosen],
        },
        index=chosen,
    )
    own = contacts[contacts["account_id"].isin(chosen)]
    own = own.assign(order=own["account_id"].map({a: i for i, a in enumerate(chosen)}))
    own = own.sort_values(["order", "contact_id"])
    title = own["title"] if source.difficulty == 1 else own["title"].str.removesuffix(LEFT)
    last = visits.groupby("contact_id")["date"].max() if "contact_id" in visits else pd.Series(dtype=object)
    blank = pd.Series(pd.NA, index=own.index)
    confirmed = own.get("confirmed", pd.Series(pd.NaT, index=own.index))
    met = [last.get(c, pd.NaT) for c in own["contact_id"]]
    roster = pd.DataFrame(
        {
            "account_id": own["account_id"],
            "contact_id": own["contact_id"],
            "contact_title": title,
            "layer": own["layer"],
            "stance": own.get("stance", blank),
            "influence": own.get("influence", blank),
            "last_met": pd.to_datetime(pd.Series(met, index=own.index)),
            "confirmed": pd.to_datetime(confirmed),
            "reports_to": own.get("reports_to", blank),
        }
    ).reset_index(drop=True)
    exhibits = {"accounts": source.named(table), "people": roster}
    if account is None:
        return Made(exhibits, None, {"as_of": source.as_of})
    gone = own[(own["account_id"] == account) & own["title"].str.endswith(LEFT)].iloc[0]
    parts = [
        Part("account", "ids", "客户", "account", count=1, prefix="C", weight=2),
        Part("contact", "ids", "离开的人", "who has left", count=1, prefix="P"),
        Part("next", "ids", "先去见谁", "whom to see first", count=1, prefix="P"),
    ]
    accepted = {
        "account": (account,),
        "contact": (str(gone["contact_id"]),),
        "next": (str(gone["reports_to"]),),
    }
    solution = {
        "account": account,
        "name": source.name(account),
        "contact": str(gone["contact_id"]),
        "next": str(gone["reports_to"]),
        "growth": float(figures.loc[account, "growth"]),
        "before": before.get(account, 0) / 2,
        "recent": int(recent.get(account, 0)),
    }
    best = {"account": account, "contact": str(gone["contact_id"]), "next": str(gone["reports_to"])}
    return Made(exhibits, key_of(parts, accepted), {"as_of": source.as_of}, solution, best)


CALLS = 12
STOPPED = 180  # days without an order after which a call no longer saves an account
DOUBT = 0.75  # of a clear sign: whoever shows more and is not leaving by what was planted is on no sheet


@makes("3c")
def twelve_calls(source: Source) -> Made:
    """Whom to call. On the sheet are the accounts planted as leaving whose sign is clear, and others that
    show none: what chance makes look like a sign cannot be told from one, and is left out.
    """
    rng = source.rng("3c")
    shown = signs(source)
    shown = shown[shown["days_since"] < STOPPED]
    facts: dict[str, Any] = {"calls": CALLS, "stopped": STOPPED, "window": WINDOW}
    if source.leaving is None or source.planted is None:
        largest = shown.head(40).drop(columns="days_since")
        return Made(
            {"signals": source.named(largest)}, None, {**facts, "shown": len(largest), "full": CALLS_FOR_ALL}
        )
    clear = strength(shown)
    leaving = [a for a in source.leaving if clear.get(a, -1.0) >= 1]
    special = {c["account_id"] for c in source.planted.values()} | set(
        source.planted["hidden_group"]["evidence"]["members"]
    )
    quiet = [str(a) for a in shown.index[clear <= DOUBT] if a not in source.leaving and a not in special]
    others = pick(rng, quiet, {1: 16, 2: 24, 3: 30}[source.difficulty])
    part = Part("calls", "ids", "打给谁", "whom to call", count=CALLS, prefix="C")
    by_money = sorted(leaving, key=lambda a: -(source.leaving or {})[a])
    money = sum(source.leaving[a] for a in by_money[:CALLS])
    solution = {
        "leaving": leaving,
        "many": len(leaving),
        "money": round(money / WAN),
        "best": by_money[:CALLS],
    }
    # by number: the order tells nothing
    table = shown.drop(columns="days_since").loc[sorted([*leaving, *others])]
    key = key_of([part], {"calls": tuple(leaving)}, public={"shown": len(table)})
    facts |= {"shown": len(table), "full": min(CALLS_FOR_ALL, len(leaving))}
    return Made({"signals": source.named(table)}, key, facts, solution, by_money[:CALLS])
