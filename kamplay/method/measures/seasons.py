"""Categories that sell in a season: when the next one begins, and from when on they are offered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases

YEAR = 12
LENGTH = 3  # months
AHEAD = 120  # days before a season, from which on its goods are offered
HELD = 2 / 3  # of a year's sales in these months, in each of two years: else they are no season


def offered_from(book: Book) -> dict[str, pd.Timestamp]:
    """The day from which on the goods of each season are offered, AHEAD days before it."""
    return {category: day - pd.Timedelta(days=AHEAD) for category, day in next_seasons(book).items()}


def next_seasons(book: Book) -> dict[str, pd.Timestamp]:
    """The day on which the next season of each category begins; only of those that have one, which takes two
    years of data.
    """
    if book.months_covered < purchases.TWO_YEARS or not book.has_categories:
        return {}
    rows = book.baskets
    rows = rows[rows["bucket"].between(0, 2 * YEAR - 1) & (rows["amount"] > 0)]
    months = rows.groupby(["category", "bucket"])["amount"].sum().unstack(fill_value=0.0)
    months = months.reindex(columns=range(2 * YEAR), fill_value=0.0)
    found = {}
    for category, amounts in zip(months.index, months.to_numpy(float), strict=True):
        years = amounts.reshape(2, YEAR)
        held = [[np.roll(year, -last)[:LENGTH].sum() for last in range(YEAR)] for year in years]
        last = int(np.argmax(np.sum(held, axis=0)))  # months ago that the season's last month was
        if all(of[last] >= HELD * year.sum() > 0 for of, year in zip(held, years, strict=True)):
            began = purchases.window_dates(book, 1, last + LENGTH - 1)[0]
            found[str(category)] = began + pd.DateOffset(years=1)
    return found
