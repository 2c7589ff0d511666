"""Three indices of the work on a common platform with the customers, as far as the tables give their factors:

    CEI = on-time rate × information accuracy × satisfaction ÷ mean response time
    DVR = data-driven decisions ÷ all decisions
    CPI = active users × frequency of use

The method names the factors of CEI and CPI, and that DVR counts data-driven decisions; that it is their share
is our reading. The units are ours: shares from 0 to 1, a response in days, so that CEI is per day; frequency
in entries a user and month, so that CPI is in entries a month. A factor that no table holds is left out and
named, never assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.registry import measure_of
from kamplay.method.results import Findings

MONTHS = 3  # of use
# index → its factors; those of NO_TABLE stand in no table
FACTORS: dict[str, tuple[str, ...]] = {
    "cei": ("on_time", "accuracy", "satisfaction", "response"),
    "dvr": ("data_decisions", "decisions"),
    "cpi": ("users", "frequency"),
}
NO_TABLE = ("accuracy", "data_decisions", "decisions")
COLUMNS = ["index", "factor", "value", "cases", "basis"]


@dataclass(frozen=True)
class Platform:
    """The factors, and what follows.

    Attributes
    ----------
    factors : one row a factor in the order of FACTORS: COLUMNS. ``value`` (missing where not known): on_time
        and satisfaction are shares, response is in days, users are people, frequency is entries a user and
        month. ``cases``: orders, customers that answered, tickets, entries. ``basis`` of a response:
        ``replied`` (first reply) or ``closed`` (no reply is recorded: until it was closed).
    figures : cei, dvr, cpi (missing where a factor is); ``cei_most``: what CEI would be with all information
        right, where accuracy alone is lacking; ``lacking``: the factors not known; ``unanswered``: tickets of
        the 12 months without a reply, which the mean leaves out.
    """

    factors: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    figures: dict[str, Any] = field(default_factory=dict)


def platform(book: Book, shares: pd.DataFrame) -> Platform:
    """Gather the factors.

    Parameters
    ----------
    shares : ``Service.shares``: orders on time by level.
    """
    response, tickets, basis, unanswered = _response(book)
    satisfied = measure_of(book, "satisfaction").dropna()
    users, entries = _use(book)
    on_time = shares[shares["measure"] == "on_time"]
    orders, kept = int(on_time["trials"].sum()), int(on_time["hits"].sum())
    known: dict[str, tuple[float, float, str | None]] = {
        "on_time": (kept / orders if orders else np.nan, orders, None),
        "satisfaction": (float(satisfied.mean()) if len(satisfied) else np.nan, len(satisfied), None),
        "response": (response, tickets, basis),
        "users": (users or np.nan, entries, None),
        "frequency": (entries / users / MONTHS if users else np.nan, entries, None),
    }
    rows = [
        (index, name, *known.get(name, (np.nan, 0, None)))
        for index, names in FACTORS.items()
        for name in names
    ]
    factors = pd.DataFrame(rows, columns=COLUMNS).astype({"value": "float64", "cases": "int64"})
    value = factors.set_index("factor")["value"]
    rest = value["on_time"] * value["satisfaction"] / value["response"] if value["response"] > 0 else np.nan
    figures = {
        "cei": _figure(rest * value["accuracy"]),
        "cei_most": _figure(rest),
        "dvr": _figure(value["data_decisions"] / value["decisions"]),
        "cpi": _figure(value["users"] * value["frequency"]),
        "lacking": [name for name in factors["factor"] if np.isnan(value[name])],
        "unanswered": unanswered,
    }
    return Platform(factors, figures)


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _response(book: Book) -> tuple[float, int, str | None, int]:
    """Mean days from the opening of a ticket of the 12 months to its first reply (to its close where no reply
    is ever recorded), over how many tickets, by which of the two, and how many are left out as still without.
    """
    if not book.has("tickets"):
        return np.nan, 0, None, 0
    basis = "replied" if book.has("tickets", "replied") else "closed"
    if not book.has("tickets", basis):
        return np.nan, 0, None, 0
    start, end = purchases.window_dates(book, 12)
    rows = book.table("tickets")
    opened, until = pd.to_datetime(rows["opened"]), pd.to_datetime(rows[basis])
    recent = (opened >= start) & (opened <= end)
    days = (until - opened).dt.days[recent & (until >= opened) & (until <= end)]
    left_out = int(recent.sum()) - len(days)
    return (float(days.mean()) if len(days) else np.nan), len(days), basis, left_out


def _use(book: Book) -> tuple[int, int]:
    """Who entered a visit in the last MONTHS months, and how many entries they made: the visit log is the
    only part of a platform whose use a table shows.
    """
    if not book.has("visits", "by"):
        return 0, 0
    start, end = purchases.window_dates(book, MONTHS)
    log = book.table("visits")
    log = log[(log["date"] >= start) & (log["date"] <= end) & log["by"].notna()]
    return int(log["by"].nunique()), len(log)


def add_findings(found: Findings, result: Platform) -> None:
    """Add which index can be told, and what has to be recorded for the others."""
    figures = result.figures
    value = result.factors.set_index("factor")
    if figures["cei_most"] is not None and "accuracy" in figures["lacking"]:
        parts = {name: value.loc[name, "value"] for name in ("on_time", "satisfaction", "response")}
        found.add(
            "cei_bound", "note", None, most=figures["cei_most"], basis=value.loc["response", "basis"], **parts
        )
    if figures["cpi"] is not None:
        use = {name: value.loc[name, "value"] for name in ("users", "frequency")}
        found.add("cpi", "note", None, cpi=figures["cpi"], months=MONTHS, **use)
    if figures["lacking"]:
        found.add("platform_lacking", "note", "record_factors", lacking=figures["lacking"])
