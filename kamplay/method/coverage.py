"""Step 0: what was read, whether it reconciles, where it has holes, and what it can carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.codebook import codebook
from kamplay.method.measures import revenue, window_dates
from kamplay.method.results import Finding, StepResult, figure

RECONCILED = 0.001  # a difference below 0.1 % of the ledger's total is rounding and cut-off
MONTHS_FOR_MOVEMENT = 24  # two full years: the least that NRR, growth and the bridge can be told from


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
    findings = [_coverage(book, lines, figures), *_reconciliation(bridge, control_total), *_holes(book, months)]
    if book.unassigned["rows"]:
        total = lines["amount"].sum()
        share = figure(book.unassigned["amount"] / total) if total else None
        findings.append(
            Finding(
                "check",
                "unassigned",
                "watch",
                {"rows": int(book.unassigned["rows"]), "amount": figure(book.unassigned["amount"]), "share": share},
                (),
                "assign_accounts",
            )
        )
    repeats = [f for f in book.faults if f.code == "line_repeated"]
    if repeats:
        amount = sum(f.args.get("amount") or 0.0 for f in repeats)
        findings.append(
            Finding(
                "check", "repeated_lines", "watch", {"rows": sum(f.count for f in repeats), "amount": figure(amount)}, (), "confirm_repeats"
            )
        )
    if not any(f.kind in ("months_empty", "history_short", "unassigned", "repeated_lines") for f in findings):
        findings.append(Finding("check", "no_gaps", "note"))
    tables = _tables(book)
    missing = tables.loc[~tables["there"] & (tables["table"] != "overrides"), "table"].tolist()
    if missing:
        findings.append(Finding("check", "tables_missing", "note", {"count": len(missing), "tables": missing}, (), "ask_for_tables"))
    else:
        findings.append(Finding("check", "tables_complete", "note"))
    accounts = pd.DataFrame({"account_name": book.names}, index=book.accounts.index)
    return Check(figures, tuple(findings), accounts, readings, months, bridge, tables)


def _coverage(book: Book, lines: pd.DataFrame, figures: dict) -> Finding:
    past = lines[lines["date"] <= pd.Timestamp(book.as_of)]
    return Finding(
        "check",
        "coverage",
        "note",
        {
            **figures,
            "first_date": str(past["date"].min().date()),
            "last_date": str(past["date"].max().date()),
            "months": book.months_covered,
            "revenue": figure(round(revenue(book).sum(), 2)),
        },
    )


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


def _reconciliation(bridge: pd.DataFrame, control_total: float | None) -> list[Finding]:
    if control_total is None:
        return [Finding("check", "no_control_total", "watch", {}, (), "get_control_total")]
    amounts = bridge.set_index("item")["amount"]
    difference = float(amounts["difference"])
    share = abs(difference) / abs(control_total) if control_total else 1.0
    good = share <= RECONCILED
    figures = {"revenue": float(amounts["revenue"]), "control_total": control_total, "difference": difference, "share": share}
    return [
        Finding(
            "check",
            "reconciled" if good else "not_reconciled",
            "note" if good else "act",
            figures,
            (),
            None if good else "explain_difference",
        )
    ]


def _holes(book: Book, months: pd.DataFrame) -> list[Finding]:
    found = []
    empty = months[months["orders"] == 0]
    if len(empty):
        figures = {
            "count": len(empty),
            "first_date": str(empty["month_end"].iloc[0].date()),
            "last_date": str(empty["month_end"].iloc[-1].date()),
        }
        found.append(Finding("check", "months_empty", "act", figures, (), "ask_for_months"))
    if book.months_covered < MONTHS_FOR_MOVEMENT:
        found.append(
            Finding(
                "check", "history_short", "watch", {"months": book.months_covered, "needed": MONTHS_FOR_MOVEMENT}, (), "ask_for_history"
            )
        )
    return found


def _tables(book: Book) -> pd.DataFrame:
    rows = []
    for name, spec in codebook().items():
        there = book.has(name)
        frame = book.tables.get(name)
        accounts = frame["account_id"].nunique() if there and frame is not None and "account_id" in frame else 0
        rows.append(
            (
                name,
                *spec.labels.values(),
                there,
                len(frame) if there and frame is not None else 0,
                accounts,
                spec.unlocks["zh"],
                spec.unlocks["en"],
            )
        )
    return pd.DataFrame(rows, columns=["table", "zh", "en", "there", "rows", "accounts", "unlocks_zh", "unlocks_en"])
