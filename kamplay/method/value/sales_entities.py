"""Two of our own sales entities on one account: both selling to it, or bidding against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.purchases import window_dates
from kamplay.method.results import Findings

PART = 0.1  # of an account's revenue, from which an entity counts as selling to it
COLUMNS = ["account_id", "entity", "revenue", "share", "open_deals", "deals"]


@dataclass(frozen=True)
class SalesEntities:
    """``entities``: the accounts that two entities share or bid for, the largest first, a row per entity:
    ``revenue`` of the 12 months and its ``share`` of the account's, ``open_deals`` and their ids as
    ``deals``. ``figures``: counts.
    """

    figures: dict[str, Any]
    entities: pd.DataFrame


def sales_entities(book: Book) -> SalesEntities:
    """Accounts to which two entities each sell PART or more of the 12 months' revenue, or with open deals of
    two entities.

    Who sold what is known from the lines alone: without them (from a database) only open deals are compared.

    """
    sold, bids = _sold(book), _bids(book)
    figures: dict[str, Any] = {"from_lines": sold is not None, "from_deals": bids is not None}
    sales = pd.Series(dtype="float64") if sold is None else sold
    offers = pd.DataFrame({"open_deals": [], "deals": []}) if bids is None else bids
    frame = (
        pd.DataFrame({"revenue": sales}).join(offers, how="outer")
        if len(offers)
        else sales.to_frame("revenue").assign(open_deals=0, deals="")
    )
    if frame.empty:
        return SalesEntities(
            figures | {"shared": 0, "competing": 0, "both": 0, "amount": 0.0}, pd.DataFrame(columns=COLUMNS)
        )
    frame.index = frame.index.set_names(["account_id", "entity"])
    frame = frame.reset_index().fillna({"revenue": 0.0, "open_deals": 0, "deals": ""})
    total = frame.groupby("account_id")["revenue"].transform("sum")
    frame["share"] = (frame["revenue"] / total).where(total > 0)
    frame["open_deals"] = frame["open_deals"].astype("int64")
    per = (
        frame.assign(sells=frame["share"] >= PART, bids=frame["open_deals"] > 0)
        .groupby("account_id")[["sells", "bids"]]
        .sum()
        >= 2
    )
    chosen = frame[
        frame["account_id"].isin(per.index[per.any(axis=1)])
        & ((frame["share"] >= PART) | (frame["open_deals"] > 0))
    ]
    chosen = chosen.assign(total=total).sort_values(
        ["total", "account_id", "revenue", "entity"], ascending=[False, True, False, True]
    )
    if sold is None:
        chosen = chosen.assign(revenue=float("nan"))
    shared = per.index[per["sells"]]
    figures |= {
        "shared": len(shared),
        "competing": int(per["bids"].sum()),
        "both": int(per.all(axis=1).sum()),
    }
    amount = float(frame.loc[frame["account_id"].isin(shared), "revenue"].sum())
    return SalesEntities(figures | {"amount": amount}, chosen[COLUMNS].reset_index(drop=True))


def _sold(book: Book) -> pd.Series | None:
    """Net amount of the 12 months by account and entity; None where no line names an entity."""
    lines = book.tables.get("transactions")
    if lines is None or "sales_entity" not in lines or lines["sales_entity"].isna().all():
        return None
    start, end = window_dates(book, 12)
    inside = lines[lines["date"].between(start, end + pd.Timedelta(days=1), inclusive="left")]
    return inside.groupby(["account_id", "sales_entity"])["amount"].sum().clip(lower=0.0)


def _bids(book: Book) -> pd.DataFrame | None:
    """Open deals by account and entity; None where no deal names an entity."""
    if not book.has("opportunities", "sales_entity", "account_id"):
        return None
    deals = deals_at(book)
    live = deals[deals["open"]].dropna(subset=["account_id", "sales_entity"])
    by = (
        live.assign(opportunity_id=live["opportunity_id"].astype("str"))
        .sort_values("opportunity_id")
        .groupby(["account_id", "sales_entity"])
    )
    return pd.DataFrame({"open_deals": by.size(), "deals": by["opportunity_id"].agg(", ".join)})


def add_findings(found: Findings, result: SalesEntities) -> None:
    """Accounts on which our entities meet: shared sales, and deals against each other."""
    figures, frame = result.figures, result.entities
    if not figures["from_lines"] and not figures["from_deals"]:
        found.add("entities_unknown", "note", "entities_name_seller")
        return
    if not figures["from_lines"]:
        found.add("entities_deals_only", "note", "entities_name_seller")
    bids = frame[frame["open_deals"] > 0].groupby("account_id", sort=False)["entity"].nunique()
    sells = frame[frame["share"] >= PART].groupby("account_id", sort=False)["entity"].nunique()
    against, shared = bids.index[bids >= 2], sells.index[sells >= 2]
    if len(against):
        deals = frame[frame["account_id"].eq(against[0]) & (frame["open_deals"] > 0)]
        found.add(
            "entities_competing",
            "act",
            "entities_one_lead",
            against,
            count=len(against),
            deals=deals["deals"].str.cat(sep=", "),
        )
    if len(shared):
        both = frame[frame["account_id"].eq(shared[0]) & (frame["share"] >= PART)]["entity"].tolist()
        found.add(
            "entities_shared",
            "watch",
            "entities_one_face",
            shared,
            count=len(shared),
            amount=figures["amount"],
            one=both[0],
            other=both[1],
            stake=figures["amount"],
        )
    if not len(against) and not len(shared):
        found.add("entities_apart" if figures["from_deals"] else "entities_apart_sales", "note", part=PART)
