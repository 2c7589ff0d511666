"""Deals of the opportunities table: which are won, lost or open on a day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book

# stages that say how a deal ended, in lower case
WON = {"won", "closed won", "赢单", "成交"}
LOST = {"lost", "closed lost", "输单", "丢单"}


def outcome(deals: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """How each deal stands on ``day``: ``won``, ``lost`` or ``open``.

    A ``result`` of won or lost decides, whatever the ``stage`` says: stages are moved by habit, a result is
    entered on purpose. Without one (blank, or still open) a stage that means won or lost decides. A deal
    whose ``closed`` date lies after the day is open; one without that date ended before it.

    Parameters
    ----------
    deals : opportunities, one row a deal; each of the three columns may be missing.
    """
    blank = pd.Series(np.nan, index=deals.index, dtype="str")
    result, stage = (deals[c].astype("str") if c in deals else blank for c in ("result", "stage"))
    stage = stage.str.casefold()
    won = (result == "won") | (stage.isin(WON) & (result != "lost"))
    lost = (result == "lost") | (stage.isin(LOST) & (result != "won"))
    ended = ~(pd.to_datetime(deals["closed"]) > day) if "closed" in deals else True
    return pd.Series(
        np.select([won & ended, lost & ended], ["won", "lost"], "open"), deals.index, dtype="str"
    )


def deals_lost(book: Book) -> np.ndarray:
    """Which deals of opportunities are lost, whenever they closed; a mask (deals,), worked out once."""
    kept = book.computed.setdefault("deals_lost", {})
    day = pd.Timestamp(book.as_of)
    if day not in kept:
        kept[day] = (outcome(book.table("opportunities"), pd.Timestamp.max) == "lost").to_numpy(dtype=bool)
    lost: np.ndarray = kept[day]
    return lost


def deals_at(book: Book, day: pd.Timestamp | None = None) -> pd.DataFrame:
    """The deals opened by ``day`` (default: as_of) and how they stand then.

    Returns
    -------
    The columns of opportunities, with those that the client left out empty; dates as dates, amounts and win
    rates as numbers; and ``won``, ``lost``, ``open`` (exactly one is true), ``recorded`` (the recorded win
    rate)
    and, where accounts have one, ``owner``.
    """
    day = pd.Timestamp(book.as_of) if day is None else day
    deals = book.table("opportunities").reset_index(drop=True)
    for column in ("account_id", "win_rate", "opened", "expected_close", "closed", "result", "sales_entity"):
        if column not in deals:
            deals[column] = None
    for column in ("opened", "expected_close", "closed"):
        deals[column] = pd.to_datetime(deals[column])
    stands = outcome(deals, day)
    for name in ("won", "lost", "open"):
        deals[name] = stands == name
    deals["recorded"] = pd.to_numeric(deals["win_rate"]).astype("float64")
    deals["amount"] = pd.to_numeric(deals["amount"]).astype("float64")
    if "owner" in book.accounts:
        deals["owner"] = deals["account_id"].map(book.accounts["owner"].to_dict())
    return deals[~(deals["opened"] > day)].reset_index(drop=True)
