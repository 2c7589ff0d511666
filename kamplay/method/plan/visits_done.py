"""Whether the last quarter's visits were made, whether they moved anything, and who has waited too long."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.sign_onset import UNVISITED
from kamplay.method.noise_gate import Look, family_look
from kamplay.method.results import Findings
from kamplay.presets.scorecard import KEY_LEVELS

MONTHS = 3
MISSED = 2.0  # intervals of the norm since the last visit from which a visit is overdue
COLUMNS = ["done", "advanced", "told", "norm", "usual", "part", "days", "overdue", "long", "revenue"]


def visits_done(book: Book, units: pd.DataFrame) -> pd.DataFrame:
    """Count the visits of the last three months to every key unit outside the campaign.

    Parameters
    ----------
    units : index unit_id; level, channel, visits (the norm, a month), revenue.

    Returns
    -------
    Index unit_id: done (visits), told (those with an outcome), advanced (those that advanced the deal;
    missing where no visit of the log has an outcome), norm (of three months), usual (visits of three months
    at the pace before), part (the three months over the time before), days (since the last visit), overdue
    (twice the norm's interval has passed since), long (UNVISITED days have passed, or the log, as old as
    that, has no visit), revenue. Empty without a visit log.
    """
    if not book.has("visits"):
        return pd.DataFrame({name: [] for name in COLUMNS})
    as_of = pd.Timestamp(book.as_of)
    start, end = purchases.window_dates(book, MONTHS)
    log = book.table("visits")
    log = log[log["date"] <= end]
    upper = units[units["level"].isin(KEY_LEVELS) & units["channel"].isna()]
    index = upper.index

    def count(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby("account_id").size().reindex(index).fillna(0)

    recent = log[log["date"] >= start]
    first = log["date"].min()
    part = ((end - start).days + 1) / max((start - first).days, 1)
    days = (as_of - log.groupby("account_id")["date"].max().reindex(index)).dt.days.astype("float64")
    waited = days.fillna(float((as_of - first).days))
    norm = upper["visits"] * MONTHS
    interval = ((end - start).days + 1) / norm.where(norm > 0)
    outcome = (
        recent["outcome"] if book.has("visits", "outcome") else pd.Series(None, recent.index, dtype=object)
    )
    advanced = count(recent[outcome == "advance"])
    return pd.DataFrame(
        {
            "done": count(recent),
            "advanced": advanced if book.has("visits", "outcome") else np.nan,
            "told": count(recent[outcome.notna()]),
            "norm": norm,
            "usual": count(log[log["date"] < start]) * part,
            "part": part,
            "days": days,
            "overdue": waited > MISSED * interval,
            "long": waited >= UNVISITED,
            "revenue": upper["revenue"],
        }
    )


def made_a_month(book: Book) -> float | None:
    """All visits of the last three months, a month; None without a visit log of that time."""
    if not book.has("visits"):
        return None
    start, end = purchases.window_dates(book, MONTHS)
    log = book.table("visits")["date"]
    return None if log.empty or log.min() > start else float(log.between(start, end).sum()) / MONTHS


def completion(done: pd.DataFrame, column: str) -> float | None:
    """The part of the norm that was met: visits beyond an account's own norm do not make up for another's.

    Returns
    -------
    0 to 1; None where no norm asks for a visit, or the visits of ``column`` are not known.
    """
    norm = float(done["norm"].sum())
    if norm <= 0 or done[column].isna().any():
        return None
    return float(np.minimum(done[column], done["norm"]).sum()) / norm


def add_findings(
    found: Findings, book: Book, units: pd.DataFrame, capacity: float | None, done: pd.DataFrame, due: str
) -> None:
    """Add how far the norm was met, and who has waited too long. The units furthest behind come first, as in
    the table.

    Parameters
    ----------
    capacity : visits a month that the team can make.
    done : as ``visits_done`` gives it.
    due : the day (ISO) by which missing visits are to be booked.
    """
    if not book.has("visits"):
        found.add("visits_unknown", "watch", "ask_for_visits")
        return
    if done.empty:
        return
    behind = done[done["done"] < done["norm"]].assign(gap=done["norm"] - done["done"])
    behind = behind.sort_values(["gap", "revenue"], ascending=False, kind="stable")
    counts = {
        "behind": len(behind),
        "upper": len(done),
        "done": int(done["done"].sum()),
        "norm": done["norm"].sum(),
    }
    if len(behind):
        spare = capacity is not None and float(units["visits"].sum()) <= capacity
        action = "reallocate_visits" if spare else "schedule_visits"
        look = _pace_look(done)
        found.add("visits_behind", "watch", action, behind.index, **counts, due=due, look=look)
    else:
        found.add("visits_kept", "note", **counts)
    made, advanced = completion(done, "done"), completion(done, "advanced")
    if made is not None:
        told = {"made": made, "told": int(done["told"].sum()), "done": counts["done"]}
        if advanced is None:
            found.add("visits_without_outcome", "watch", "record_outcomes", **told)
        else:
            found.add("visits_advanced", "note", **told, advanced=advanced)
    waiting = done[done["long"]].sort_values("revenue", ascending=False, kind="stable")
    if len(waiting):
        figures = {"count": len(waiting), "days": UNVISITED, "revenue": waiting["revenue"].sum()}
        found.add("long_unvisited", "watch", "visit_waiting", waiting.index, **figures)


def _pace_look(done: pd.DataFrame) -> Look:
    """Whether accounts are visited less than at their own pace so far; where not, only the norm is new.

    Visits come at random at a rate that those so far tell: negative binomial (Jeffreys' prior).
    """
    usual, share = done["usual"] + 0.5 * done["part"], done["part"] / (1 + done["part"])
    p = nbinom.cdf(done["done"], usual / done["part"], 1 - share)
    sd = float(np.sqrt((usual * (1 + done["part"])).sum()))
    return replace(family_look(p), mean=float(usual.sum()), sd=sd)
