"""An account's own buying rhythm on a given day: its usual gap between purchases, the recent gaps, and how
unusual they are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import fdtrc, gammaincc

from kamplay.book import Book

SETTLED = 180  # days: gaps that ended longer ago are the habit that the recent ones are held against
FEWEST = 6  # gaps that make a habit
LAST = 4  # closed gaps that count as recent
# of a gap, as a share of it: without it four equal gaps would make any fifth one a wonder
LEAST_SPREAD = 0.25


def own_rhythm(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Per account with a habit at the cut-off (six gaps that ended over 180 days before, else six before the
    newest four).

    ``usual``, ``recent``: mean of its habitual and of its recent gaps (days); the open gap counts among the
    recent once it is longer than usual. ``ratio`` = recent / usual; ``odds``: how often chance makes as many
    gaps as long. Gaps are taken as gamma with the spread of its habit (shape k = 1 / CV²); the ratio of the
    means of m and n such gaps is F with 2mk and 2nk degrees of freedom. ``open_gap`` (days since the last
    purchase), ``open_ratio`` and ``open_odds`` of that gap alone, ``last_order``. None without purchases.
    """
    gaps = closed_gaps(book, cutoff)
    if gaps is None:
        return None
    account, end, gap, rank = gaps["code"], gaps["end"], gaps["gap"], gaps["rank"]
    earlier = rank >= LAST
    old = earlier & (end <= cutoff - pd.Timedelta(days=SETTLED))
    enough = old.groupby(account).transform("sum") >= FEWEST
    habit = np.where(enough, old, earlier)
    base = gap[habit].groupby(account[habit]).agg(["mean", "std", "size"])
    out = base[base["size"] >= FEWEST].rename(columns={"mean": "usual", "size": "gaps"})
    shape = 1 / (out["std"] / out["usual"]).clip(lower=LEAST_SPREAD) ** 2
    recent = gap[~earlier].groupby(account[~earlier]).agg(["sum", "size"]).reindex(out.index)
    out["last_order"] = end.groupby(account).max().reindex(out.index)
    out["open_gap"] = (cutoff - out["last_order"]).dt.days.astype("float64")
    longer = out["open_gap"] > out["usual"]
    number, total = recent["size"] + longer, recent["sum"] + out["open_gap"].where(longer, 0.0)
    out["recent"] = total / number
    out["ratio"] = out["recent"] / out["usual"]
    out["odds"] = fdtrc(2 * number * shape, 2 * out["gaps"] * shape, out["ratio"])
    out["open_ratio"] = out["open_gap"] / out["usual"]
    out["open_odds"] = gammaincc(shape, out["open_gap"] * shape / out["usual"])
    return out.drop(columns="std").set_axis(book.accounts.index[out.index])


def closed_gaps(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Every gap between two buying days up to the cut-off, by account and date: code (the account's place in
    ``book.accounts``), start, end, gap (days), rank (0 the newest). None without purchases.
    """
    when = book.days["date"].to_numpy(dtype="datetime64[D]")
    seen = book.days["bought"].to_numpy(dtype=bool) & (when <= np.datetime64(cutoff, "D"))
    if not seen.any():
        return None
    codes, when = book.account_codes("days")[seen], when[seen]
    order = np.lexsort((when, codes))
    codes, when = codes[order], when[order]
    rows = np.flatnonzero((codes[1:] == codes[:-1]) & (codes[1:] >= 0))
    ends = np.flatnonzero(np.append(codes[1:] != codes[:-1], True))
    rank = ends[np.searchsorted(ends, rows + 1)] - (rows + 1)
    gap = (when[rows + 1] - when[rows]).astype(float)
    start, end = when[rows].astype("datetime64[us]"), when[rows + 1].astype("datetime64[us]")
    return pd.DataFrame({"code": codes[rows], "start": start, "end": end, "gap": gap, "rank": rank})
