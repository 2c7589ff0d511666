"""The week's list as it would have been made one horizon ago, and what became of the accounts on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import measures, panel, signs
from kamplay.method.churn import ChurnModel
from kamplay.method.early_warning import stopped
from kamplay.method.watch_list import watch_list


def list_record(book: Book, model: ChurnModel, horizon: int) -> dict[str, Any] | None:
    """The list of ``watch_list`` made at the test's cut-off, from the probability and the signs of that day; None without a test.

    cutoff (ISO), horizon, count (accounts on it), stopped (of them, bought nothing in the horizon), fell (of them, bought less than half
    of what they bought in as many days before), all_stopped and all_fell (of all that had not plainly stopped by then: ``open``),
    expected (what the list said would be lost) and lost (what was: for those that stopped or fell, the year's revenue in proportion to
    the horizon, less what they still bought), all_lost (the same of all open accounts), share (lost of all_lost; None without any),
    chance (what as many accounts picked blindly would have held of all_lost, the mean).
    """
    test = model.test
    if test.empty or test["predicted"].isna().all():
        return None
    cut = pd.Timestamp(test["cutoff"].iloc[0])
    ids = pd.Index(test["account_id"])
    warned = signs.raised(book, cut)
    warned["revenue"] = 0.0
    rhythm = measures.rhythm(book.days, cut).reindex(ids)
    revenue = pd.Series(test["revenue"].to_numpy(dtype=float), index=ids)
    expected = measures.over_horizon(revenue, horizon).where(rhythm["buys"] != 1, 0.0)
    chance = pd.Series(test["predicted"].to_numpy(dtype=float), index=ids)
    then = pd.DataFrame({"revenue": revenue, "probability": chance, "low": np.nan, "high": np.nan, "at_risk": chance * expected})
    then = then.assign(health=np.nan, health_band=None, health_drivers=None)
    listed = watch_list(then, warned).index
    here = ~ids.isin(warned.loc[stopped(warned), "account_id"])
    past = panel.history(book.days)
    codes = past.accounts.get_indexer(ids)
    gone = panel.outcome(past, codes, cut, horizon) == 1
    halved = np.nan_to_num(panel.shrunk(past, codes, cut, horizon, "before")) == 1
    end = panel.number(cut)
    inside = (past.day > end) & (past.day <= end + horizon)
    after = np.bincount(past.code[inside], past.amount[inside], minlength=len(past.accounts))[codes]
    lost = np.where(gone | halved, np.maximum(expected.to_numpy() - np.maximum(after, 0.0), 0.0), 0.0)
    on, whole = ids.isin(listed), float(lost[here].sum())
    return {
        "cutoff": str(cut.date()), "horizon": horizon, "count": int(on.sum()), "open": int(here.sum()),
        "stopped": int((gone & on).sum()), "fell": int((halved & ~gone & on).sum()),
        "all_stopped": int((gone & here).sum()), "all_fell": int((halved & ~gone & here).sum()),
        "expected": round(float(then["at_risk"][on].sum()), 2), "lost": round(float(lost[on].sum()), 2), "all_lost": round(whole, 2),
        "share": float(lost[on].sum() / whole) if whole > 0 else None, "chance": float(on.sum() / max(here.sum(), 1)),
    }  # fmt: skip
