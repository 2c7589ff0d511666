"""Step 0: what was read, whether it reconciles, where it has holes, and what it can carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.codebook import codebook
from kamplay.method.measures import TWO_YEARS, revenue, window_dates
from kamplay.method.results import Findings, StepResult, figure

RECONCILED = 0.001  # a difference below 0.1 % of the ledger's total is rounding and cut-off
USED = {"accounts", "transactions", "receivables", "visits", "opportunities", "wallet", "ratings", "ballots", "overrides"}


@dataclass(frozen=True)
class Check(StepResult):
    """``readings``: one row per input. ``months``: amount, orders and accounts per month to as_of. ``bridge``: file total to
    12-month revenue to ledger. ``tables``: every table with rows, accounts and whether it is there."""

    step: ClassVar[str] = "check"
    readings: pd.DataFrame
    months: pd.DataFrame
    bridge: pd.DataFrame
    tables: pd.DataFrame


def check_data(book: Book, control_total: float | None) -> Check:
    """The Book's own account of itself. ``control_total`` is the ledger's net amount for the 12 months to as_of."""
    lines = book.table("transactions")
    readings = pd.DataFrame([{**r.__dict__, "headers": None, "unused": ", ".join(r.unused)} for r in book.readings]).drop(columns="headers")
    months = _months(book)
    mine = readings[readings["table"] == "transactions"]
    dropped = int(mine["blank"].sum() + mine["totals"].sum() + mine["repeated"].sum() + book.unassigned["rows"])
    figures = {
        "rows": int(mine["rows"].sum() - mine["set_aside"].sum()),
        "rows_dropped": dropped,
        "accounts": int(lines["account_id"].nunique()),
        "amount": figure(round(lines.loc[lines["account_id"].notna(), "amount"].sum(), 2)),
    }
    bridge = _bridge(book, control_total)
    tables = _tables(book)
    found = Findings("check")
    _coverage(found, book, lines, figures)
    _reconciliation(found, bridge, control_total)
    _holes(found, book, lines, months)
    missing = tables.loc[~tables["there"] & tables["used"] & (tables["table"] != "overrides"), "table"].tolist()
    if missing:
        found.add("tables_missing", "note", "ask_for_tables", count=len(missing), tables=missing)
    else:
        found.add("tables_complete", "note")
    accounts = pd.DataFrame({"account_name": book.names}, index=book.accounts.index)
    return Check(figures, tuple(found), accounts, readings, months, bridge, tables)


def _coverage(found: Findings, book: Book, lines: pd.DataFrame, figures: dict) -> None:
    as_of = pd.Timestamp(book.as_of)
    past, later = lines[lines["date"] <= as_of], lines[lines["date"] > as_of]
    dates = {"first_date": str(past["date"].min().date()), "last_date": str(past["date"].max().date())}
    told = {**figures, "rows": figures["rows"] - len(later), **dates}
    found.add("coverage", "note", **told, months=book.months_covered, revenue=round(revenue(book).sum(), 2))
    if len(later):
        found.add("after_as_of", "note", rows=len(later), amount=later["amount"].sum(), last_date=str(later["date"].max().date()))


def _months(book: Book) -> pd.DataFrame:
    """Every month bucket from the first purchase to as_of, also the empty ones."""
    past = book.monthly[book.monthly["bucket"] >= 0]
    by = past.groupby("bucket").agg(amount=("amount", "sum"), orders=("orders", "sum"), accounts=("account_id", "nunique"))
    by = by.reindex(range(book.months_covered - 1, -1, -1)).fillna(0.0)
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    by["month_end"] = [after - pd.DateOffset(months=int(b)) - pd.Timedelta(days=1) for b in by.index]
    return by.reset_index()


def _bridge(book: Book, control_total: float | None) -> pd.DataFrame:
    lines = book.table("transactions")
    start, end = window_dates(book, 12)
    assigned = lines[lines["account_id"].notna()]
    steps = [
        ("read", lines["amount"].sum()),
        ("unassigned", -book.unassigned["amount"]),
        ("before_window", -assigned.loc[assigned["date"] < start, "amount"].sum()),
        ("after_as_of", -assigned.loc[assigned["date"] > end, "amount"].sum()),
        ("revenue", revenue(book).sum()),
    ]
    if control_total is not None:
        steps += [("difference", control_total - revenue(book).sum()), ("control_total", control_total)]
    return pd.DataFrame(steps, columns=["item", "amount"]).assign(amount=lambda b: b["amount"].round(2))


def _reconciliation(found: Findings, bridge: pd.DataFrame, control_total: float | None) -> None:
    if control_total is None:
        found.add("no_control_total", "watch", "get_control_total")
        return
    amounts = bridge.set_index("item")["amount"]
    difference = amounts["difference"] + 0.0  # never −0
    share = abs(difference) / abs(control_total) if control_total else 1.0
    figures = {"revenue": amounts["revenue"], "control_total": control_total, "difference": difference, "share": share}
    if share <= RECONCILED:
        found.add("reconciled", "note", **figures)
    else:
        found.add("not_reconciled", "act", "explain_difference", **figures)


def _holes(found: Findings, book: Book, lines: pd.DataFrame, months: pd.DataFrame) -> None:
    before = len(found)
    empty = months[months["orders"] == 0]
    if len(empty):
        dates = {"first_date": str(empty["month_end"].iloc[0].date()), "last_date": str(empty["month_end"].iloc[-1].date())}
        found.add("months_empty", "act", "ask_for_months", count=len(empty), **dates)
    if book.months_covered < TWO_YEARS:
        found.add("history_short", "watch", "ask_for_history", months=book.months_covered, needed=TWO_YEARS)
    if book.unassigned["rows"]:
        total, amount = lines["amount"].sum(), book.unassigned["amount"]
        found.add(
            "unassigned",
            "watch",
            "assign_accounts",
            rows=int(book.unassigned["rows"]),
            amount=amount,
            share=amount / total if total else None,
        )
    repeats = [f for f in book.faults if f.code == "line_repeated"]
    if repeats:
        amount = sum(f.args.get("amount") or 0.0 for f in repeats)
        found.add("repeated_lines", "watch", "confirm_repeats", rows=sum(f.count for f in repeats), amount=amount)
    if len(found) == before:
        found.add("no_gaps", "note")


def _tables(book: Book) -> pd.DataFrame:
    rows = []
    for name, spec in codebook().items():
        there = book.has(name)
        frame = book.tables.get(name)
        accounts = frame["account_id"].nunique() if there and frame is not None and "account_id" in frame else 0
        count = len(frame) if there and frame is not None else 0
        rows.append((name, *spec.labels.values(), there, name in USED, count, accounts, spec.unlocks["zh"], spec.unlocks["en"]))
    return pd.DataFrame(rows, columns=["table", "zh", "en", "there", "used", "rows", "accounts", "unlocks_zh", "unlocks_en"])
