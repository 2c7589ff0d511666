"""Where growth is: at which planned units and prospects there is room, how it is known, and what the plan
does about it next.
"""

from __future__ import annotations

import json

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.seasons import offered_from
from kamplay.method.plan.one_talk import each_matter
from kamplay.method.results import Findings
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value

# the actions that ask for more business, the nearest to it first: in this order one is the step to room
STEPS = ("win_share", "offer_category", "regain_category", "move_deal")
MATERIAL = 0.01  # of the revenue: less room than that is nothing for the board
COLUMNS = [
    "account_id",
    "amount",
    "basis",
    "category",
    "categories",
    "prospect",
    "step",
    "step_category",
    "step_amount",
    "deal",
    "due",
    "owner",
    "bought",
    "last_bought",
    "offer_from",
]


def growth_rooms(
    book: Book,
    units: pd.DataFrame,
    tiers: Tiers,
    value: Value,
    todo: pd.DataFrame,
    assess_by: str,
    first_day: pd.Timestamp,
) -> pd.DataFrame:
    """List where there is room, the largest first.

    Parameters
    ----------
    units : the planned units (index): gone (lost or plainly stopped), owner.
    todo : the plan's actions.
    assess_by : the day (ISO) by which prospects are assessed.
    first_day : of the plan: what sells in a season is offered later.

    Returns
    -------
    A row a unit, without those at which no growth is advised: account_id; amount a year and its ``basis``:
    what it buys elsewhere by the wallet table (``measured``, ``estimated``), else what it does not buy though
    its peers do, times the share of them that does (``peers``, ``own``, as in ``WhiteSpace``; ``mixed``: some
    of each); category, in which there is most, and categories (how many there are); offer_from (the day from
    which that category is offered, where it waits for its season); prospect (bought nothing in the 12
    months); step (the kind of the action that asks for more business, ``assess`` of a prospect; missing where
    the plan has none), step_category and step_amount (what of the room it is about, where it is about a
    category), deal (what the action is about, where that is a deal), due, owner. After them, without an
    amount or a step, what was mostly bought at once (``burst``): bought, last_bought.
    """
    group = tiers.accounts["group"]
    wallet = value.wallet.accounts
    known = wallet[wallet["basis"].isin(["measured", "estimated"])]
    room = known[(known["headroom"] > 0) & (known["growth_exclusion"] == "")]
    rooms = pd.DataFrame(
        {
            "account_id": room.index,
            "amount": room["headroom"].to_numpy(float),
            "basis": room["basis"].to_numpy(object),
            "category": room["category"].to_numpy(object),
            "categories": 1,
        }
    )
    cells = value.wallet.cells
    if len(cells):
        wide = cells[cells["headroom"] > 0].groupby("account_id").size()
        rooms["categories"] = rooms["account_id"].map(wide).fillna(1).astype(int)
    gaps = value.white_space.gaps
    gaps = gaps[(gaps["growth_exclusion"] == "") & ~gaps["account_id"].isin(known.index)]
    sized = gaps[gaps["basis"] != "burst"].assign(amount=lambda rows: rows["expected"], categories=1)
    rows = pd.concat([rooms, sized[["account_id", "amount", "basis", "category", "categories"]]])
    rows["account_id"] = rows["account_id"].map(group).fillna(rows["account_id"])
    offers = rows["category"].map(offered_from(book)).astype("datetime64[us]")
    rows["offer_from"] = offers.where(offers > first_day)
    rows = rows.sort_values(["amount", "account_id"], ascending=[False, True], kind="stable")
    by = rows.groupby("account_id", sort=False)
    out = by.head(1).set_index("account_id")[["basis", "category", "offer_from"]]
    out["basis"] = out["basis"].mask(by["basis"].nunique() > 1, "mixed")
    out["amount"], out["categories"] = by["amount"].sum(), by["categories"].sum()
    out = out.sort_values("amount", ascending=False, kind="stable").reset_index()
    bursts = gaps[gaps["basis"] == "burst"]
    bursts = bursts[["account_id", "basis", "category", "bought", "last_bought"]]
    out = pd.concat([out, bursts.assign(categories=1)], ignore_index=True)
    gone = units.index[units["gone"].astype(bool)]
    intake = tiers.prospects.index
    out["prospect"] = out["account_id"].isin(intake)
    out = out[out["prospect"] | (out["account_id"].isin(units.index) & ~out["account_id"].isin(gone))]
    owners = book.accounts["owner"] if "owner" in book.accounts else pd.Series(dtype=object)
    steps = _steps(todo).reindex(out["account_id"].where(out["basis"] != "burst"))
    return (
        out.assign(
            step=steps["kind"].where(~out["prospect"].to_numpy(), "assess").to_numpy(object),
            step_category=steps["category"].to_numpy(object),
            step_amount=steps["of_it"].to_numpy(float),
            deal=steps["deal"].to_numpy(object),
            due=steps["due"].where(~out["prospect"].to_numpy(), assess_by).to_numpy(object),
            owner=owners.reindex(out["account_id"]).to_numpy(object),
        )
        .reindex(columns=COLUMNS)
        .reset_index(drop=True)
    )


def add_findings(findings: Findings, rooms: pd.DataFrame, revenue: float) -> None:
    """Add how much room there is and where, the largest measured first. ``revenue``: of the planned units."""
    sized = rooms[rooms["basis"] != "burst"]
    if sized.empty:
        return
    measured = sized[sized["basis"] == "measured"]
    first = (measured if len(measured) else sized).iloc[0]
    total = float(sized["amount"].sum())
    offered = has_step(sized)  # the action is about these alone
    findings.add(
        "growth_room",
        "watch" if total >= MATERIAL * revenue else "note",
        "growth_steps" if offered.any() else None,
        [first["account_id"], *sized["account_id"][offered]] if offered.any() else [first["account_id"]],
        count=int(offered.sum()) or 1,
        room=len(sized),
        due=sized["due"][offered].max() if offered.any() else None,
        total=total,
        measured=float(measured["amount"].sum()),
        own=bool(sized["basis"].isin(["own", "mixed"]).any()),
        by_wallet=bool(sized["basis"].isin(["measured", "estimated"]).any()),
        most=float(first["amount"]),
        basis=first["basis"],
    )


def has_step(rooms: pd.DataFrame) -> pd.Series:
    """At which of the rooms the plan does something about it: it asks for more business, or a prospect is
    assessed.
    """
    return rooms["step"].notna()


def _steps(todo: pd.DataFrame) -> pd.DataFrame:
    """The action of each unit that asks for more business, the nearest to it: kind, due, deal, and the
    category that it offers with what of the room is in it, ``of_it`` (index account_id).
    """
    todo = each_matter(todo)
    rank = todo["kind"].map({kind: place for place, kind in enumerate(STEPS)})
    rows = todo.assign(_rank=rank)[rank.notna()].sort_values(["_rank", "place"], kind="stable")
    rows = rows.drop_duplicates("account_id").set_index("account_id")
    facts = [json.loads(own) for own in rows["facts"]]
    for name in ("deal", "category"):
        rows[name] = pd.Series([own.get(name) for own in facts], rows.index, dtype=object)
    rows["of_it"] = rows["money"].where(rows["category"].notna())
    return rows[["kind", "due", "deal", "category", "of_it"]]
