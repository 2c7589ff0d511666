"""What of the revenue is no goods: categories of charges, discounts and adjustments."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.charges import is_charge
from kamplay.method.measures import purchases

MOST = 0.2  # of all amounts without sign: where such categories hold more they are what the client sells
MATERIAL = 0.01  # of the year's revenue: what moved less is not told apart


class Charges(NamedTuple):
    """``names`` of the categories; ``accounts`` (index account_id): ``now`` and ``before``, their net amount
    in the 12 months to as_of and in the 12 before.
    """

    names: tuple[str, ...]
    accounts: pd.DataFrame


def charge_categories(book: Book) -> tuple[str, ...]:
    """The categories (products, where lines have no category) that are charges by their names, see
    ``charges.yaml``; none where they hold more than MOST of the amounts of the last 24 months, or all do.
    """
    kept = book.computed.setdefault("charge_categories", {})
    if not kept:
        kept[0] = _categories(book)
    return cast("tuple[str, ...]", kept[0])


def _categories(book: Book) -> tuple[str, ...]:
    if not book.has_categories:
        return ()
    recent = book.baskets[book.baskets["bucket"].between(0, purchases.TWO_YEARS - 1)]
    gross = recent["amount"].abs().groupby(recent["category"]).sum()
    names = [str(name) for name in gross.index if is_charge(str(name))]
    return tuple(names) if gross[names].sum() <= MOST * gross.sum() else ()


def charges(book: Book) -> Charges | None:
    """What charges came to by account; None where no category holds them, where less than 24 months are
    known, or where all of them moved less than MATERIAL of the year's revenue.
    """
    names = charge_categories(book)
    if not names or book.months_covered < purchases.TWO_YEARS:
        return None
    sums = {year: _net(book, names, back) for year, back in (("now", 0), ("before", 12))}
    accounts = pd.DataFrame(sums).astype("float64").reindex(book.accounts.index).fillna(0.0)
    moved = accounts["now"].sum() - accounts["before"].sum()
    if abs(moved) < MATERIAL * max(purchases.revenue(book).sum(), 0.0):
        return None
    return Charges(names, accounts)


def lines_apart(lines: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Which lines (category, product) are of the categories ``names``; a line without a category goes by its
    product, as in ``Book.baskets``.
    """
    kinds = [name for name in ("category", "product") if name in lines]
    if not names or not kinds:
        return np.zeros(len(lines), dtype=bool)
    kind = lines[kinds[0]]
    return kind.where(kind.notna(), lines[kinds[-1]]).isin(names).to_numpy()


def _net(book: Book, names: tuple[str, ...], back: int) -> pd.Series:
    """What the categories came to by account in the 12 months that ended ``back`` months ago, by the lines as
    they were booked: the baskets move the credit of an order that was undone to the categories of the order.
    """
    lines = book.tables.get("transactions")
    if lines is None:
        rows = book.baskets[book.baskets["category"].isin(names)]
        return rows[rows["bucket"].between(back, back + 11)].groupby("account_id")["amount"].sum()
    first, last = purchases.window_dates(book, 12, back)
    inside = (lines["date"] >= first) & (lines["date"] < last + pd.Timedelta(days=1))
    rows = lines[inside & lines["amount"].notna()]
    return rows[lines_apart(rows, names)].groupby("account_id", observed=True)["amount"].sum()
