"""Of what kinds the accounts are: by nature, stage, industry, region, ownership and source."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.registry import measure_of

DIMENSIONS = ("nature", "stage", "industry", "region", "ownership", "source")
MOST_CLASSES = 12  # more values than that are names, not classes


def account_classes(book: Book, key: pd.Series) -> pd.DataFrame:
    """Divide the buying accounts by each known dimension.

    Parameters
    ----------
    book : the client's data.
    key : account_id → whether it is a key account.

    Returns
    -------
    One row per class, largest revenue first within its dimension: dimension, value (blank: not stated),
    accounts, revenue (12 months), share (of revenue), key (key accounts in it). A dimension with a single
    value, or with more than MOST_CLASSES, tells nothing and is left out.
    """
    revenue = purchases.revenue(book)
    bought = revenue > 0
    columns = ["dimension", "value", "accounts", "revenue", "share", "key"]
    parts = []
    for dimension in DIMENSIONS:
        if dimension not in book.accounts or book.accounts[dimension].isna().all():
            continue
        value = measure_of(book, dimension)[bought].map(str, na_action="ignore").fillna("")
        if not 2 <= value[value != ""].nunique() <= MOST_CLASSES:
            continue
        frame = pd.DataFrame(
            {
                "value": value,
                "revenue": revenue[bought],
                "key": key.reindex(revenue.index).fillna(False)[bought],
            }
        )
        table = frame.groupby("value").agg(
            accounts=("revenue", "size"), revenue=("revenue", "sum"), key=("key", "sum")
        )
        table = table.reset_index().sort_values(["revenue", "value"], ascending=[False, True])
        table["share"] = table["revenue"] / table["revenue"].sum()
        parts.append(table.assign(dimension=dimension)[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
