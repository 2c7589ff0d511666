"""Ratios of an account's own yearly books."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book

# ratio → the columns of financials above and below the line
RATIOS = {
    "current_ratio": ("current_assets", "current_liabilities"),
    "cash_ratio": ("cash", "current_liabilities"),
    "net_margin": ("net_profit", "revenue"),
    "return_on_assets": ("net_profit", "total_assets"),
}


def latest_ratio(book: Book, ratio: str, year: int) -> pd.DataFrame:
    """One of RATIOS, of each account's latest year up to ``year`` in which both its figures are known.

    A ratio never sets one year's figure against another's.

    Returns
    -------
    Index account_id: ``year`` and ``ratio`` (missing where the figure below the line is not above 0); empty
    without the table or one of the columns.
    """
    above, below = RATIOS[ratio]
    if not book.has("financials", above, below):
        return pd.DataFrame({"year": [], "ratio": []}, dtype="float64")
    rows = book.table("financials").dropna(subset=[above, below])
    rows = rows[rows["year"] <= year].sort_values("year").drop_duplicates("account_id", keep="last")
    rows = rows.set_index("account_id").astype({"year": "float64", above: "float64", below: "float64"})
    return pd.DataFrame({"year": rows["year"], "ratio": rows[above] / rows[below].where(rows[below] > 0)})
