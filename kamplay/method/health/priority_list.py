"""Whom to see this week: the largest expected losses and the gravest warnings in one short list, each with
why, since when and how sure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.churn import ChurnModel
from kamplay.method.health.churn_features import day_number, purchase_history, revenue_halved, stopped_buying
from kamplay.method.health.early_warning import stopped
from kamplay.method.health.validation import Validation
from kamplay.method.measures import purchases, warning_signs
from kamplay.method.measures.buying_rhythm import buying_rhythm
from kamplay.method.results import Findings

BY_LOSS, BY_WARNING = 6, 6  # as many as an owner's week can hold
DANGER = 0.2  # below it an account without a sign is large, not in danger
ENOUGH = 5  # accounts on a list: what became of fewer says nothing
MANY_MOVED = 0.25  # of the model's inputs, from which its test says little of today's accounts
COLUMNS = [
    "revenue",
    "owner",
    "level",
    "probability",
    "low",
    "high",
    "at_risk",
    "sign",
    "since",
    "driver",
    "severity",
    "health",
    "health_band",
    "silent_days",
    "gap_days",
    "more",
]


@dataclass(frozen=True)
class PriorityList:
    """``accounts``: columns COLUMNS (index account_id), the largest expected loss first. ``record``: what
    became of the list made one horizon ago, see ``past_priority_list``; None without a test.
    """

    accounts: pd.DataFrame
    record: dict[str, Any] | None = None


def priority_list(
    book: Book, active: pd.DataFrame, warnings: pd.DataFrame, model: ChurnModel, horizon: int
) -> PriorityList:
    """Choose whom to see this week, and look at what became of the list made one horizon ago."""
    return PriorityList(choose_accounts(active, warnings), past_priority_list(book, model, horizon))


def choose_accounts(accounts: pd.DataFrame, warnings: pd.DataFrame) -> pd.DataFrame:
    """``accounts`` (index account_id): revenue, probability with low and high, at_risk, health, health_band,
    driver, owner, level. ``warnings``: as in kamplay.method.early_warning. Gives COLUMNS (index
    account_id), the largest expected loss first.

    On it: of the accounts in danger (a chance from DANGER on, or a sign) the BY_LOSS largest expected losses,
    then the next BY_WARNING of those with a warning that calls for action. Accounts that have plainly stopped
    (sign ``silence``) are not: they need a decision, not a visit this week. Where no probability holds, the
    warnings that call for action make the list, the largest revenue first, then the reddest. ``sign``: its
    strongest warning, ``more``: the next; ``driver``: what costs its score most points, where no warning is
    raised.
    """
    gone = set(warnings.loc[warnings["sign"] == "silence", "account_id"])
    early = warnings[~warnings["account_id"].isin(gone)]
    first = warning_signs.strongest_sign(early)
    here = accounts[(accounts["revenue"] > 0) & ~accounts.index.isin(gone)].sort_index()
    known = bool(here["probability"].notna().any())
    danger = (here["probability"] >= DANGER) | here.index.isin(first.index)
    by_loss = here[danger & (here["at_risk"] > 0)].nlargest(BY_LOSS, "at_risk", keep="first").index
    called = here[here.index.isin(first.index[first["severity"] == "act"])].drop(by_loss, errors="ignore")
    rest = called.nlargest(BY_WARNING, "at_risk" if known else "revenue", keep="first").index
    chosen = by_loss.append(rest)
    if not known and len(chosen) < BY_LOSS:
        red = here[(here["health_band"] == "red") & ~here.index.isin(chosen)]
        chosen = chosen.append(red.nlargest(BY_LOSS - len(chosen), "revenue", keep="first").index)
    out = here.reindex(chosen)
    out["sign"] = first["sign"].reindex(chosen).astype(object)
    out["since"] = first["since"].reindex(chosen) if "since" in first else pd.NaT
    out["more"] = warning_signs.strongest_sign(early, 2)["sign"].reindex(chosen).astype(object)
    out["severity"] = first["severity"].reindex(chosen).astype(object)
    for column in ("owner", "level", "silent_days", "gap_days"):
        if column not in out:
            out[column] = None
    out = out.sort_values(["at_risk", "revenue"], ascending=False, kind="stable", na_position="last")
    return out[COLUMNS]


def past_priority_list(book: Book, model: ChurnModel, horizon: int) -> dict[str, Any] | None:
    """The list of ``watch_list`` made at the test's cut-off, from the probability and the signs of that day;
    None without a test.

    cutoff (ISO), horizon, count (accounts on it), stopped (of them, bought nothing in the horizon), fell (of
    them, bought less than half of what they bought in as many days before), all_stopped and all_fell (of all
    that had not plainly stopped by then: ``open``), expected (what the list said would be lost) and lost
    (what was: for those that stopped or fell, the year's revenue in proportion to the horizon, less what they
    still bought), all_lost (the same of all open accounts), share (lost of all_lost; None without any),
    chance (what as many accounts picked blindly would have held of all_lost, the mean).
    """
    test = model.test
    if test.empty or test["predicted"].isna().all():
        return None
    cut = pd.Timestamp(test["cutoff"].iloc[0])
    ids = pd.Index(test["account_id"])
    warned = warning_signs.raised_signs(book, cut)
    warned["revenue"] = 0.0
    rhythm = buying_rhythm(book.days, cut).reindex(ids)
    revenue = pd.Series(test["revenue"].to_numpy(dtype=float), index=ids)
    expected = purchases.over_horizon(revenue, horizon).where(rhythm["buys"] != 1, 0.0)
    chance = pd.Series(test["predicted"].to_numpy(dtype=float), index=ids)
    then = pd.DataFrame(
        {
            "revenue": revenue,
            "probability": chance,
            "low": np.nan,
            "high": np.nan,
            "at_risk": chance * expected,
        }
    )
    then = then.assign(health=np.nan, health_band=None, driver=None)
    listed = choose_accounts(then, warned).index
    here = ~ids.isin(warned.loc[stopped(warned), "account_id"])
    past = purchase_history(book.days)
    codes = past.accounts.get_indexer(ids)
    gone = stopped_buying(past, codes, cut, horizon) == 1
    halved = np.nan_to_num(revenue_halved(past, codes, cut, horizon, "before")) == 1
    after = past.revenue(codes, day_number(cut), horizon)
    lost = np.where(gone | halved, np.maximum(expected.to_numpy() - np.maximum(after, 0.0), 0.0), 0.0)
    on, whole = ids.isin(listed), float(lost[here].sum())
    return {
        "cutoff": str(cut.date()),
        "horizon": horizon,
        "count": int(on.sum()),
        "open": int(here.sum()),
        "stopped": int((gone & on).sum()),
        "fell": int((halved & ~gone & on).sum()),
        "all_stopped": int((gone & here).sum()),
        "all_fell": int((halved & ~gone & here).sum()),
        "expected": round(float(then["at_risk"][on].sum()), 2),
        "lost": round(float(lost[on].sum()), 2),
        "all_lost": round(whole, 2),
        "share": float(lost[on].sum() / whole) if whole > 0 else None,
        "chance": float(on.sum() / max(here.sum(), 1)),
    }


def add_trust_findings(
    found: Findings, listed: PriorityList, tested: Validation, drift: pd.DataFrame
) -> None:
    """What became of such a list made one horizon ago, beside the list itself, if there is one; and
    when today's accounts are of another kind.
    """
    record = listed.record
    if (
        listed.accounts.empty
        or tested.figures["reason"] is not None
        or record is None
        or record["count"] < ENOUGH
    ):
        return
    if record["share"] is None:
        return
    kind = "watch_trust" if record["lost"] > 0 else "watch_trust_none"
    found.add(
        kind,
        "note" if record["lost"] > 0 else "watch",
        None,
        (),
        **record,
        hit=record["stopped"] + record["fell"],
    )
    moved = int((drift["state"] == "moved").sum()) if len(drift) else 0
    if moved >= MANY_MOVED * max(len(drift), 1):
        found.add("watch_trust_moved", "watch", None, (), moved=moved, known=len(drift))
