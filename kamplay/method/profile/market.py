"""What each unit buys and from whom: by category with our share and room, and the rivals that are named."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.deals import deals_at
from kamplay.method.value.step import Value

CATEGORIES = [
    "unit_id",
    "category",
    "bought",
    "before",
    "spend",
    "share",
    "headroom",
    "competitor_share",
    "competitor_ahead",
    "basis",
]
RIVALS = ["unit_id", "rival", "open_deals", "open_amount", "won", "lost", "lost_amount", "last_lost"]


def categories(book: Book, value: Value, units: pd.Index) -> pd.DataFrame:
    """What each of these units bought by category, beside what it buys in all.

    Returns
    -------
    CATEGORIES, of each unit the largest first by what it buys in all, where that is not known by the larger
    of both years: bought (12 months from us) and before (the 12 before them), negative where more was
    credited than sold; the rest as in ``Wallet.cells``, missing where the wallet does not name the category.
    """
    months = book.baskets if book.has_categories else book.baskets[:0]
    months = months[months["account_id"].isin(units)]
    sums = {
        name: months[months["bucket"].between(first, first + 11)]
        .groupby(["account_id", "category"])["amount"]
        .sum()
        for name, first in (("bought", 0), ("before", 12))
    }
    out = pd.DataFrame(sums).astype("float64").fillna(0.0).reset_index()
    cells = value.wallet.cells
    cells = cells[cells["account_id"].isin(units)] if len(cells) else cells
    if len(cells):
        known = ["spend", "share", "headroom", "competitor_share", "competitor_ahead", "basis"]
        out = out.merge(cells[["account_id", "category", *known]], how="outer", on=["account_id", "category"])
        out[["bought", "before"]] = out[["bought", "before"]].fillna(0.0)
    out = out.rename(columns={"account_id": "unit_id"}).reindex(columns=CATEGORIES)
    out = out[(out["bought"] != 0) | (out["before"] != 0) | (out["spend"] > 0)]
    out["competitor_ahead"] = out["competitor_ahead"].eq(True).fillna(False).astype(bool)
    size = out["spend"].astype("float64").fillna(out[["bought", "before"]].max(axis=1))
    order = out.assign(_size=size).sort_values(["unit_id", "_size"], ascending=[True, False], kind="stable")
    return order.drop(columns="_size").reset_index(drop=True)


def rivals(book: Book) -> pd.DataFrame:
    """The competitors named in the deals of each unit.

    Returns
    -------
    RIVALS, of each unit the one with most at stake first: open_deals against it and their amount, won and
    lost (deals against it that ended), lost_amount, last_lost (date).
    """
    if not book.has("opportunities", "competitor"):
        return pd.DataFrame(columns=RIVALS)
    deals = deals_at(book)
    deals = deals[deals["competitor"].notna() & deals["account_id"].notna()]
    stands = deals.assign(
        open_deals=deals["open"].astype(int),
        open_amount=deals["amount"].where(deals["open"], 0.0),
        won=deals["won"].astype(int),
        lost=deals["lost"].astype(int),
        lost_amount=deals["amount"].where(deals["lost"], 0.0),
        last_lost=deals["closed"].where(deals["lost"]),
    )
    by = stands.groupby(["account_id", "competitor"])
    out = by[["open_deals", "open_amount", "won", "lost", "lost_amount"]].sum()
    out["last_lost"] = by["last_lost"].max()
    out = out.reset_index().rename(columns={"account_id": "unit_id", "competitor": "rival"})
    out = out.sort_values(
        ["unit_id", "open_amount", "lost_amount"], ascending=[True, False, False], kind="stable"
    )
    return out[RIVALS].reset_index(drop=True)
