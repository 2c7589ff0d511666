"""How old each fact is, and which have gone stale: older than what is stated here for each."""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.health.stakeholders import RECENT_DAYS, UNVISITED_DAYS

# days after which a fact is stale
LIMITS = {
    "orders": 31,  # the months of the data are whole
    "visit": UNVISITED_DAYS,
    "people": RECENT_DAYS,
    "survey": 365,
    "books": 730,  # two years: last year's books are closed in the middle of this one
    "wallet": 365,
    "deal": 0,  # its expected date has passed
}
COLUMNS = ["unit_id", "fact", "day", "days", "limit", "stale", "count", "of"]


def freshness(
    book: Book, facts: pd.DataFrame, people: pd.DataFrame, deals: pd.DataFrame, day: pd.Timestamp
) -> pd.DataFrame:
    """The age of the facts of each unit at as_of; a deal is late by the day of the plan, as in its actions.

    Returns
    -------
    COLUMNS, a row a fact that is known: fact (of LIMITS), day (when it was last so; missing where its table
    has no date), days (since), limit, stale. Of people and deals: count stale ones of ``of``; day is that of
    the stalest. A wallet without a date is stale where it is not measured.
    """
    as_of, units = pd.Timestamp(book.as_of), facts.index
    seen = pd.Series(pd.Timestamp(book.seen_to), index=units).where(facts["revenue"] > 0)
    parts = [_part("orders", seen, as_of), _part("visit", facts["last_visit"], as_of)]
    parts.append(_part("survey", facts["asked"], as_of))
    closed = pd.to_datetime(facts["books_of"].astype("Int64").astype("str") + "-12-31", errors="coerce")
    parts.append(_part("books", closed, as_of))
    wallet = pd.DataFrame({"unit_id": units, "fact": "wallet", "day": pd.NaT, "days": float("nan")})
    wallet["stale"] = facts["wallet_basis"].ne("measured").to_numpy()
    parts.append(wallet[facts["wallet_basis"].notna().to_numpy()])
    here = people[~people["gone"].astype(bool)] if len(people) else people
    if len(here):
        counted = here.assign(stale=here["assumed"].astype(bool)).groupby("unit_id")
        rows = counted.agg(
            count=("stale", "sum"), of=("stale", "size"), day=("confirmed", "min")
        ).reset_index()
        parts.append(rows.assign(fact="people", days=_days(rows["day"], as_of), stale=rows["count"] > 0))
    if len(deals):
        late = deals.assign(past=deals["expected_close"] < max(day, as_of)).groupby("unit_id")
        rows = late.agg(
            count=("past", "sum"), of=("past", "size"), day=("expected_close", "min")
        ).reset_index()
        parts.append(rows.assign(fact="deal", days=_days(rows["day"], as_of), stale=rows["count"] > 0))
    out = pd.concat([part.astype({"day": "datetime64[us]"}) for part in parts], ignore_index=True)
    out = out[out["unit_id"].isin(units)].assign(limit=lambda f: f["fact"].map(LIMITS))
    order = out["fact"].map({fact: place for place, fact in enumerate(LIMITS)})
    out = out.assign(_order=order).sort_values(["unit_id", "_order"], kind="stable")
    return out.reindex(columns=COLUMNS).reset_index(drop=True)


def _days(days: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    return (as_of - pd.to_datetime(days)).dt.days.astype("float64")


def _part(fact: str, days: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    known = pd.to_datetime(days).dropna()
    age = _days(known, as_of)
    rows = {"unit_id": known.index, "fact": fact, "day": known.to_numpy(), "days": age.to_numpy()}
    return pd.DataFrame(rows).assign(stale=(age > LIMITS[fact]).to_numpy())
