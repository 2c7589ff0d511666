"""Tables by number: the place of each row's account in the Book's list of accounts, found once for each table.

Looking up a million account ids as text takes longer than any figure made of them, and history is read for many days.
"""

from __future__ import annotations

import weakref

import numpy as np
import pandas as pd

from kamplay.book import Book

_KNOWN: dict[int, tuple[weakref.ref[pd.DataFrame], pd.Index, np.ndarray]] = {}


def codes(book: Book, frame: pd.DataFrame) -> np.ndarray:
    """For every row of ``frame`` the place of its account_id in ``book.accounts.index``; −1 where it is missing, unknown, or no column."""
    index = book.accounts.index
    held, rows = _KNOWN.get(id(frame)), len(frame)
    if held is not None and held[0]() is frame and held[1] is index and held[2].size == rows:
        return held[2]
    if "account_id" not in frame:  # deals may come without
        return np.full(rows, -1)
    # pd.factorize first: each id is looked up once, not once a row
    place, names = pd.factorize(frame["account_id"])
    found = index.get_indexer(pd.Index(names, dtype=index.dtype))
    out = np.where(place >= 0, np.append(found, -1)[place], -1)
    key = id(frame)

    def forget(_: weakref.ref[pd.DataFrame]) -> None:
        _KNOWN.pop(key, None)

    _KNOWN[key] = (weakref.ref(frame, forget), index, out)
    return out


def members(book: Book, accounts: pd.Index) -> np.ndarray:
    """Which accounts of the Book are among ``accounts``, as a mask with one more place, False, for code −1."""
    out = np.zeros(len(book.accounts.index) + 1, dtype=bool)
    place = book.accounts.index.get_indexer(accounts)
    out[place[place >= 0]] = True
    return out
