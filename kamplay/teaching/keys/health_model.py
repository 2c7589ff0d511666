"""Step 3: the decision chain, the lost champion, whom to call."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.samples.medtech_accounts import LEFT
from kamplay.teaching.answers import Part
from kamplay.teaching.keys.made import Made, key_of, makes
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
    seen = [
        max(filter(pd.notna, (last.get(c), d)), default=pd.NaT)
        for c, d in zip(own["contact_id"], confirmed, strict=True)
    ]
    roster = pd.DataFrame(
        {
            "account_id": own["account_id"],
            "contact_id": own["contact_id"],
            "contact_title": title,
            "layer": own["layer"],
            "stance": own.get("stance", blank),
            "influence": own.get("influence", blank),
            "last_seen": pd.to_datetime(pd.Series(seen, index=own.index)),
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


@makes("3c")
def twelve_calls(source: Source) -> Made:
    """Whom to call: accounts that are leaving among false alarms and healthy ones."""
    rng = source.rng("3c")
    shown = _signals(source)
    last = source.lines[source.lines["amount"] > 0].groupby("account_id")["date"].max().reindex(shown.index)
    shown = shown[last > source.end - pd.Timedelta(days=STOPPED)]
    if source.leaving is None or source.planted is None:
        largest = shown.head(40)
        return Made(
            {"signals": source.named(largest)},
            None,
            {"calls": CALLS, "shown": len(largest), "stopped": STOPPED},
        )
    leaving = list(source.leaving)
    special = {c["account_id"] for c in source.planted.values()} | set(
        source.planted["hidden_group"]["evidence"]["members"]
    )
    quiet = [str(a) for a in shown.index if a not in source.leaving and a not in special]
    others = pick(rng, quiet, {1: 16, 2: 24, 3: 30}[source.difficulty])
    chosen = [*leaving, *others]
    chosen = [chosen[int(i)] for i in rng.permutation(len(chosen))]
    part = Part("calls", "ids", "打给谁", "whom to call", count=CALLS)
    key = key_of([part], {"calls": tuple(leaving)})
    by_money = sorted(leaving, key=lambda a: -(source.leaving or {})[a])
    money = sum(source.leaving[a] for a in by_money[:CALLS])
    solution = {
        "leaving": leaving,
        "many": len(leaving),
        "money": round(money / WAN),
        "best": by_money[:CALLS],
    }
    facts = {"calls": CALLS, "shown": len(chosen), "stopped": STOPPED}
    return Made({"signals": source.named(shown.loc[chosen])}, key, facts, solution, by_money[:CALLS])


def _signals(source: Source) -> pd.DataFrame:
    """Signs of every account that bought in the year: now against its own past, as far as tables tell."""
    end, lines = source.end, source.lines
    bought = lines[lines["amount"] > 0]
    out = pd.DataFrame({"revenue": (source.revenue / WAN).round(1)})
    days = bought[["account_id", "date"]].drop_duplicates().sort_values(["account_id", "date"])
    gap = days.groupby("account_id")["date"].diff().dt.days
    old = days["date"] <= end - pd.Timedelta(days=180)
    out["usual_gap"] = gap[old].groupby(days["account_id"]).median().round(0)
    new = gap[~old].groupby(days["account_id"]).tail(3).groupby(days["account_id"]).mean()
    waiting = (end - days.groupby("account_id")["date"].max()).dt.days.reindex(out.index)
    out["gap_now"] = np.maximum(new.reindex(out.index).fillna(0), waiting).round(0)
    if "receivables" in source.tables and "due_date" in source.tables["receivables"]:
        bills = source.table("receivables")
        bills = bills[bills["due_date"] <= end]
        late = (bills["paid_date"].fillna(end) - bills["due_date"]).dt.days
        recent = bills["due_date"] > end - pd.Timedelta(days=120)
        _two_means(out, "late", late, recent, bills["account_id"])
    if "tickets" in source.tables and "kind" in source.tables["tickets"]:
        told = source.table("tickets")
        _two_rates(out, "complaints", told[told["kind"] == "complaint"], "opened", end, (545, 180), 180)
    if "visits" in source.tables:
        _two_rates(out, "visits", source.table("visits"), "date", end, (270, 90), 90, "visits_recent")
    if "category" in bought:
        for name, first, last in (("categories_before", 425, 60), ("categories_now", 60, -1)):
            inside = _between(bought["date"], end, first, last)
            found = bought[inside].groupby("account_id")["category"].nunique()
            out[name] = found.reindex(out.index).fillna(0).astype(int)
    if "deliveries" in source.tables:
        sent = source.table("deliveries")
        sent = sent[sent["promised_date"] <= end]
        on_time = 100.0 * ((sent["delivered_date"].fillna(end) - sent["promised_date"]).dt.days <= 0)
        recent = sent["promised_date"] > end - pd.Timedelta(days=120)
        _two_means(out, "on_time", on_time, recent, sent["account_id"])
    if "surveys" in source.tables and "scale" in source.tables["surveys"]:
        asked = source.table("surveys").sort_values("date")
        score = asked["score"] / asked["scale"] * 5
        recent = asked["date"] > end - pd.Timedelta(days=150)
        out["satisfied_before"] = score[~recent].groupby(asked["account_id"]).mean().round(1)
        out["satisfied_now"] = score[recent].groupby(asked["account_id"]).last().round(1)
    return out


def _between(days: pd.Series, end: pd.Timestamp, first: int, last: int) -> pd.Series:
    """Whether a day lies less than ``first`` and at least ``last`` days before ``end``."""
    return (days > end - pd.Timedelta(days=first)) & (days <= end - pd.Timedelta(days=last))


def _two_means(
    out: pd.DataFrame, name: str, values: pd.Series, recent: pd.Series, account: pd.Series
) -> None:
    out[f"{name}_before"] = values[~recent].groupby(account).mean().round(0)
    out[f"{name}_now"] = values[recent].groupby(account).mean().round(0)


def _two_rates(
    out: pd.DataFrame,
    name: str,
    rows: pd.DataFrame,
    day: str,
    end: pd.Timestamp,
    before: tuple[int, int],
    per: int,
    now: str = "",
) -> None:
    """How many rows an account has in ``per`` days, before and in the last ones."""
    for column, first, last in ((f"{name}_before", *before), (now or f"{name}_now", before[1], -1)):
        counts = rows[_between(rows[day], end, first, last)]["account_id"].value_counts()
        out[column] = (counts * per / (first - max(last, 0))).reindex(out.index).fillna(0).round(1)
