"""When each unit was seen and asked, and when it is seen next: visits, and satisfaction surveys."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.features_at import OF, rows_until, scores_by_day
from kamplay.method.plan.step import Plan

LAST = 3  # visits that a profile keeps
PAST = ["unit_id", "date", "by", "level", "contact_id", "outcome"]
NEXT = ["unit_id", "date", "person", "role", "kind", "layer", "contact_id", "contact"]
SURVEYS = ["score", "nps", "asked", "score_before", "asked_before"]


def visits_past(book: Book) -> pd.DataFrame:
    """The last few visits of each unit, the latest first."""
    if not book.has("visits"):
        return pd.DataFrame(columns=PAST)
    log = book.table("visits")
    log = log[log["date"] <= pd.Timestamp(book.as_of)].sort_values("date", ascending=False, kind="stable")
    log = log.rename(columns={"account_id": "unit_id"}).reindex(columns=PAST)
    return log.groupby("unit_id").head(LAST).reset_index(drop=True)


def visits_next(plan: Plan) -> pd.DataFrame:
    """The visits of the calendar of each unit, the next first."""
    entries = plan.calendar.entries
    entries = entries[entries["kind"] != "action"]
    return entries.reindex(columns=NEXT).sort_values("date", kind="stable").reset_index(drop=True)


def satisfaction(book: Book, units: pd.Index) -> pd.DataFrame:
    """The last survey of each unit and the one before, of 5 as in the warning signs; answers of one day as
    their mean.

    Returns
    -------
    Index ``units``, SURVEYS; missing where it was never asked.
    """
    rows = rows_until(book, "surveys", "date", pd.Timestamp(book.as_of), needed=("score",))
    if rows is None:
        return pd.DataFrame(index=units, columns=SURVEYS)
    answers = scores_by_day(rows)
    answers = answers.assign(account_id=rows.index[answers["code"]], score=answers["score"] * OF)
    by = answers.groupby("account_id")
    last, before = by.tail(1).set_index("account_id"), by.nth(-2).set_index("account_id")
    out = last[["score", "nps"]].assign(asked=last["date"]).reindex(units)
    out["score_before"], out["asked_before"] = before["score"].reindex(units), before["date"].reindex(units)
    return out[SURVEYS]
