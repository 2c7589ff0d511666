"""Two of our own sales entities on one account: both selling to it, or bidding against each other."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.purchases import window_dates
from kamplay.method.results import Findings

PART = 0.1  # of an account's revenue, from which an entity counts as selling to it
COLUMNS = ["account_id", "entity", "revenue", "share", "open_deals", "deals"]


@dataclass(frozen=True)
class SalesEntities:
    """The accounts that two entities share or bid for.

    Attributes
    ----------
    entities : a row per account and entity, the largest account first: account_id, entity, revenue of the 12
        months (missing where no line names an entity) and its share of the account's, open_deals and their
        ids in ``deals``.
    from_lines, from_deals : whether sales lines, and deals, name the entity.
    shared_revenue : of the accounts to which two entities each sell PART or more, in the engagement's
        currency.
    """

    entities: pd.DataFrame
    from_lines: bool
    from_deals: bool
    shared_revenue: float = 0.0


def sales_entities(book: Book) -> SalesEntities:
    """Find the accounts to which two entities each sell PART or more of the 12 months' revenue, and those
    with open deals of two entities.

    Who sold what is known from the lines alone: without them (from a database) only open deals are compared.
    """
    sold, bids = _sold(book), _bids(book)
    known = {"from_lines": sold is not None, "from_deals": bids is not None}
    frames = [frame for frame in (sold, bids) if frame is not None and len(frame)]
    if not frames:
        return SalesEntities(pd.DataFrame(columns=COLUMNS), **known)
    frame = pd.concat(frames, axis=1).sort_index().reindex(columns=["revenue", "open_deals", "deals"])
    frame = frame.rename_axis(["account_id", "entity"]).reset_index()
    frame["deals"] = [ids if isinstance(ids, tuple) else () for ids in frame["deals"]]
    frame = frame.fillna({"revenue": 0.0, "open_deals": 0}).astype({"open_deals": "int64"})
    frame["total"] = frame.groupby("account_id")["revenue"].transform("sum")
    frame["share"] = (frame["revenue"] / frame["total"]).where(frame["total"] > 0)
    sells, bidding = frame["share"] >= PART, frame["open_deals"] > 0
    two = frame.assign(sells=sells, bids=bidding).groupby("account_id")[["sells", "bids"]].sum() >= 2
    chosen = frame[frame["account_id"].isin(two.index[two.any(axis=1)]) & (sells | bidding)]
    chosen = chosen.sort_values(
        ["total", "account_id", "revenue", "entity"], ascending=[False, True, False, True]
    )
    if sold is None:
        chosen = chosen.assign(revenue=float("nan"))
    shared = frame["account_id"].isin(two.index[two["sells"]])
    return SalesEntities(
        chosen[COLUMNS].reset_index(drop=True),
        **known,
        shared_revenue=float(frame.loc[shared, "revenue"].sum()),
    )


def _sold(book: Book) -> pd.DataFrame | None:
    """Net amount of the 12 months by account and entity; None where no line names an entity."""
    lines = book.tables.get("transactions")
    if lines is None or "sales_entity" not in lines or lines["sales_entity"].isna().all():
        return None
    start, end = window_dates(book, 12)
    inside = lines[lines["date"].between(start, end + pd.Timedelta(days=1), inclusive="left")]
    amount = inside.groupby(["account_id", "sales_entity"])["amount"].sum().clip(lower=0.0)
    return amount.to_frame("revenue")


def _bids(book: Book) -> pd.DataFrame | None:
    """Open deals by account and entity; None where no deal names an entity."""
    if not book.has("opportunities", "sales_entity", "account_id"):
        return None
    deals = deals_at(book)
    live = deals[deals["open"]].dropna(subset=["account_id", "sales_entity"])
    live = live.assign(opportunity_id=live["opportunity_id"].astype("str")).sort_values("opportunity_id")
    by = live.groupby(["account_id", "sales_entity"])["opportunity_id"]
    return pd.DataFrame({"open_deals": by.size(), "deals": by.agg(tuple)})


def add_findings(findings: Findings, result: SalesEntities) -> None:
    """Add the accounts on which our entities meet: deals against each other, and shared sales; as one where
    those with the deals are among those with the sales.
    """
    if not result.from_lines and not result.from_deals:
        findings.add("entities_unknown", "note", "entities_name_seller")
        return
    if not result.from_lines:
        findings.add("entities_deals_only", "note", "entities_name_seller")
    bidding, selling = (
        result.entities[mask]
        for mask in (result.entities["open_deals"] > 0, result.entities["share"] >= PART)
    )
    competing, shared = (
        rows.groupby("account_id", sort=False).filter(lambda own: len(own) >= 2)
        for rows in (bidding, selling)
    )
    rivals, accounts = competing["account_id"].unique(), shared["account_id"].unique()
    both = len(rivals) > 0 and set(rivals) <= set(accounts)
    if len(rivals):
        first = competing[competing["account_id"] == rivals[0]]
        deals = [deal for deals in first["deals"] for deal in deals]
    if both:
        findings.add(
            "entities_competing_shared",
            "act",
            "entities_one_lead_each",
            list(dict.fromkeys([*rivals, *accounts])),
            count=len(accounts),
            rivals=len(rivals),
            deals=deals,
            amount=result.shared_revenue,
            stake=result.shared_revenue,
        )
    elif len(rivals):
        findings.add("entities_competing", "act", "entities_one_lead", rivals, count=len(rivals), deals=deals)
    if len(accounts) and not both:
        one, other = shared.loc[shared["account_id"] == accounts[0], "entity"].iloc[:2]
        findings.add(
            "entities_shared",
            "watch",
            "entities_one_face",
            accounts,
            count=len(accounts),
            amount=result.shared_revenue,
            one=one,
            other=other,
            stake=result.shared_revenue,
        )
    if competing.empty and shared.empty:
        kind = "entities_apart" if result.from_deals else "entities_apart_sales"
        kind = kind if result.from_lines else "entities_apart_deals"
        findings.add(kind, "note", part=PART)
