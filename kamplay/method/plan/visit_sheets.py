"""What whoever makes a visit of the next two weeks has to know: what is open, what it buys, who is there."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.receivables import bills_at
from kamplay.method.plan.calendar import SOON_DAYS, Calendar

ORDERS = 3  # of the last days of purchase
CATEGORIES = 3  # of the year's purchases, the largest


@dataclass(frozen=True)
class VisitSheets:
    """The visits from the day of the plan for SOON_DAYS, and what is known of their units at as_of.

    Attributes
    ----------
    visits : by date and person: date, person, role, unit_id, region, city, kind, number, layer, contact_id,
        purpose (as in ``Calendar.entries``), tier, revenue (12 months), last_visit (date), last_outcome.
    tickets : not closed: unit_id, ticket_id, kind, severity, opened, due, late (days past the due date).
    deliveries : not delivered: unit_id, order_id, promised_date, ordered, late (days).
    bills : not paid: unit_id, invoice_id, invoice_date, due_date, amount, late (days).
    deals : open: unit_id, opportunity_id, stage, amount, expected_close, competitor, late (days past the
        expected close).
    orders : the last days of purchase: unit_id, date, amount.
    purchases : what the unit buys: unit_id, category, amount (12 months), and of the unit gap (its usual days
        between purchases).
    contacts : who is there: unit_id, contact_id, label, layer, role, need, style, side, days (since met).
    """

    visits: pd.DataFrame = field(default_factory=pd.DataFrame)
    tickets: pd.DataFrame = field(default_factory=pd.DataFrame)
    deliveries: pd.DataFrame = field(default_factory=pd.DataFrame)
    bills: pd.DataFrame = field(default_factory=pd.DataFrame)
    deals: pd.DataFrame = field(default_factory=pd.DataFrame)
    orders: pd.DataFrame = field(default_factory=pd.DataFrame)
    purchases: pd.DataFrame = field(default_factory=pd.DataFrame)
    contacts: pd.DataFrame = field(default_factory=pd.DataFrame)


def visit_sheets(book: Book, units: pd.DataFrame, calendar: Calendar, people: pd.DataFrame) -> VisitSheets:
    """Collect the facts for the visits of the next two weeks.

    Parameters
    ----------
    units : index unit_id; tier, revenue.
    people : as in ``Stakeholders``.

    Returns
    -------
    Empty without a visit in these weeks. A table that the client did not deliver is empty.
    """
    entries = calendar.entries
    if entries.empty:
        return VisitSheets()
    last = pd.Timestamp(calendar.figures["day"]) + pd.Timedelta(days=SOON_DAYS)
    visits = entries[(entries["kind"] != "action") & (entries["date"] <= last)]
    visits = visits.drop(columns=["action", "todo"]).reset_index(drop=True)
    if visits.empty:  # a small team's first may come later
        return VisitSheets()
    as_of, visited = pd.Timestamp(book.as_of), pd.Index(visits["unit_id"].unique())
    known = units[["tier", "revenue"]].reindex(visits["unit_id"]).reset_index(drop=True)
    return VisitSheets(
        visits=visits.join(known).join(_last_visits(book, as_of), on="unit_id"),
        tickets=open_tickets(book, visited, as_of),
        deliveries=open_deliveries(book, visited, as_of),
        bills=open_bills(book, visited, as_of),
        deals=open_deals(book, visited, as_of),
        orders=_orders(book, visited, as_of),
        purchases=_purchases(book, visited),
        contacts=_contacts(people, visited),
    )


def _of(frame: pd.DataFrame, visited: pd.Index, columns: list[str]) -> pd.DataFrame:
    """The rows of the visited units, with all of the columns, missing ones empty."""
    rows = frame[frame["account_id"].isin(visited)].rename(columns={"account_id": "unit_id"})
    return rows.reindex(columns=["unit_id", *columns]).reset_index(drop=True)


def _late(dates: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    """Whole days past a date; 0 before it, missing without one."""
    return (as_of - pd.to_datetime(dates)).dt.days.astype("float64").clip(lower=0.0)


def open_tickets(book: Book, visited: pd.Index, as_of: pd.Timestamp) -> pd.DataFrame:
    """The tickets of these units that are not closed, see ``VisitSheets``; empty without the table."""
    columns = ["ticket_id", "kind", "severity", "opened", "due"]
    if not book.has("tickets"):
        return pd.DataFrame(columns=["unit_id", *columns, "late"])
    rows = book.table("tickets")
    closed = pd.to_datetime(rows["closed"]) <= as_of if "closed" in rows else False
    rows = _of(rows[(rows["opened"] <= as_of) & ~closed], visited, columns)
    rows["late"] = _late(rows["due"], as_of)
    return rows.sort_values(["unit_id", "opened"], kind="stable").reset_index(drop=True)


def open_deliveries(book: Book, visited: pd.Index, as_of: pd.Timestamp) -> pd.DataFrame:
    """What was not delivered to these units, see ``VisitSheets``; empty where nothing tells it."""
    columns = ["order_id", "promised_date", "ordered"]
    if not book.has("deliveries", "delivered_date"):  # without it nothing tells what has arrived
        return pd.DataFrame(columns=["unit_id", *columns, "late"])
    rows = book.table("deliveries")
    rows = _of(rows[~(rows["delivered_date"] <= as_of)], visited, columns)
    rows["late"] = _late(rows["promised_date"], as_of)
    return rows.sort_values(["unit_id", "promised_date"], kind="stable").reset_index(drop=True)


def open_bills(book: Book, visited: pd.Index, as_of: pd.Timestamp) -> pd.DataFrame:
    """What these units have not paid, see ``VisitSheets``; empty without the table."""
    columns = ["invoice_id", "invoice_date", "due_date", "amount"]
    if not book.has("receivables"):
        return pd.DataFrame(columns=["unit_id", *columns, "late"]).astype({"amount": float, "late": float})
    bills = bills_at(book.table("receivables"), as_of)
    rows = _of(bills[bills["open"]], visited, columns)
    rows["late"] = _late(rows["due_date"], as_of)
    return rows.sort_values(["unit_id", "due_date"], kind="stable").reset_index(drop=True)


def open_deals(book: Book, visited: pd.Index, as_of: pd.Timestamp) -> pd.DataFrame:
    """The open deals of these units, see ``VisitSheets``, the larger first; empty without the table."""
    columns = ["opportunity_id", "stage", "amount", "expected_close", "competitor"]
    if not book.has("opportunities"):
        return pd.DataFrame(columns=["unit_id", *columns, "late"])
    deals = deals_at(book)
    rows = _of(deals[deals["open"]], visited, columns)
    rows["late"] = _late(rows["expected_close"], as_of)
    order = rows.sort_values(["unit_id", "amount"], ascending=[True, False], kind="stable")
    return order.reset_index(drop=True)


def _orders(book: Book, visited: pd.Index, as_of: pd.Timestamp) -> pd.DataFrame:
    days = book.days[book.days["bought"] & (book.days["date"] <= as_of)]
    rows = _of(days, visited, ["date", "amount"]).sort_values(["unit_id", "date"], kind="stable")
    last = rows.groupby("unit_id").tail(ORDERS)
    return last.sort_values(["unit_id", "date"], ascending=[True, False]).reset_index(drop=True)


def _purchases(book: Book, visited: pd.Index) -> pd.DataFrame:
    gap = rhythm_at(book, book.seen_to)["gap"].reindex(visited)
    months = book.baskets[book.baskets["bucket"].between(0, 11)] if book.has_categories else book.baskets[:0]
    rows = _of(months, visited, ["category", "amount"])
    sums = rows.groupby(["unit_id", "category"], as_index=False)["amount"].sum()
    sums = sums[sums["amount"] > 0].sort_values(["unit_id", "amount"], ascending=[True, False], kind="stable")
    top = sums.groupby("unit_id").head(CATEGORIES)
    every = pd.DataFrame({"unit_id": visited, "gap": gap.to_numpy()})
    return every.merge(top, on="unit_id", how="left")[["unit_id", "category", "amount", "gap"]]


def _contacts(people: pd.DataFrame, visited: pd.Index) -> pd.DataFrame:
    columns = ["contact_id", "label", "layer", "role", "need", "style", "side", "days"]
    if people.empty:
        return pd.DataFrame(columns=["unit_id", *columns])
    there = people[~people["gone"].astype(bool)].rename_axis("contact_id").reset_index()
    rank = {layer: n for n, layer in enumerate(("decision", "image", "implementation", "use"))}
    there = there.assign(_rank=there["layer"].map(rank).fillna(len(rank)), _weight=-there["influence"])
    return _of(there.sort_values(["_rank", "_weight"], kind="stable"), visited, columns)


def _last_visits(book: Book, as_of: pd.Timestamp) -> pd.DataFrame:
    """Of every unit the date and the outcome of its last visit."""
    if not book.has("visits"):
        return pd.DataFrame({"last_visit": pd.Series(dtype="datetime64[us]"), "last_outcome": None})
    log = book.table("visits")
    log = log[log["date"] <= as_of].sort_values("date", kind="stable").groupby("account_id").tail(1)
    outcome = log.get("outcome")
    told = pd.DataFrame({"unit_id": log["account_id"], "last_visit": log["date"], "last_outcome": outcome})
    return told.set_index("unit_id")
