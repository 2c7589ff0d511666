"""Step 0: what was read, whether it reconciles, where it has holes, and what it can carry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.codebook import codebook
from kamplay.method.check.readiness import by_month, quality, verdicts
from kamplay.method.check.reconciliation import causes, reconcile
from kamplay.method.measures.purchases import TWO_YEARS, revenue
from kamplay.method.results import Findings, StepResult, figure

RECONCILED = 0.001  # a difference below 0.1 % of the ledger's total is rounding and cut-off
CHECKED_ONLY = frozenset(
    {"maturity"}
)  # no step reads it yet; a test holds this against what the steps do read
FIRST_ASKED = ("receivables", "opportunities", "contacts", "visits")  # of what is missing, what helps most


@dataclass(frozen=True)
class Check(StepResult):
    """``readings``: one row per input. ``months``: amount, orders and accounts per month to as_of.
    ``bridge``: file total to 12-month revenue to ledger. ``tables``: every table with rows, accounts and
    whether it is there. ``cover``: rows per table and month. ``quality``: one row per delivered optional
    table. ``verdicts``: what each step can be told. ``assumed``: the warnings of the intake (code, table,
    column, value, count, args as JSON): what was dropped, kept or taken for something. ``ledger`` and
    ``causes``: as ``method.reconciliation`` gives them.
    """

    step: ClassVar[str] = "check"
    readings: pd.DataFrame
    months: pd.DataFrame
    bridge: pd.DataFrame
    tables: pd.DataFrame
    cover: pd.DataFrame
    quality: pd.DataFrame
    verdicts: pd.DataFrame
    assumed: pd.DataFrame
    ledger: pd.DataFrame
    causes: pd.DataFrame


def check_data(book: Book, control_total: float | dict[str, float] | None, horizon_days: int = 180) -> Check:
    """The Book's own account of itself. ``control_total``: the ledger's net amount for the 12 months to
    as_of, or one for each period.
    """
    readings = pd.DataFrame(
        [{**r.__dict__, "headers": None, "unused": ", ".join(r.unused)} for r in book.readings]
    ).drop(columns="headers")
    months = _months(book)
    mine = readings[readings["table"] == "transactions"]
    figures = {
        "rows": int(mine["rows"].sum() - mine["set_aside"].sum()),
        "rows_dropped": int(
            mine["blank"].sum()
            + mine["totals"].sum()
            + mine["repeated"].sum()
            + book.totals["unassigned_rows"]
        ),
        "accounts": int(book.days["account_id"].nunique()),
        "amount": figure(round(book.totals["amount"] - book.totals["unassigned_amount"], 2)),
    }
    bridge = _bridge(book, control_total if isinstance(control_total, float) else None)
    lines = book.tables.get(
        "transactions", book.days
    )  # from a database only the days are here: enough to reconcile, not to explain
    stated = control_total if control_total is not None else {}
    ledger = reconcile(lines, stated, book.as_of)
    explained = causes(lines, ledger)
    tables = _tables(book)
    judged = verdicts(book, horizon_days)
    found = Findings("check")
    _coverage(found, book, figures)
    _reconciliation(found, ledger, explained)
    _holes(found, book, months)
    missing = tables.loc[
        ~tables["there"] & tables["used"] & (tables["table"] != "overrides"), "table"
    ].tolist()
    if missing:
        first = sorted(
            missing, key=lambda name: FIRST_ASKED.index(name) if name in FIRST_ASKED else len(FIRST_ASKED)
        )[:3]
        words = {language: [codebook()[name].labels[language] for name in first] for language in ("zh", "en")}
        found.add("tables_missing", "note", "ask_for_tables", count=len(missing), tables=missing, **words)
    else:
        found.add("tables_complete", "note")
    _verdict(found, judged)
    accounts = pd.DataFrame({"account_name": book.names}, index=book.accounts.index)
    return Check(
        figures,
        tuple(found),
        accounts,
        readings,
        months,
        bridge,
        tables,
        by_month(book),
        quality(book),
        judged,
        _assumed(book),
        ledger,
        explained,
    )


def _verdict(found: Findings, judged: pd.DataFrame) -> None:
    count = judged["verdict"].value_counts()
    figures: dict[str, Any] = {name: int(count.get(name, 0)) for name in ("full", "partly", "no")}
    if figures["no"]:
        found.add(
            "cannot_carry",
            "act",
            "ask_for_core",
            steps=judged.loc[judged["verdict"] == "no", "step"].tolist(),
            **figures,
        )
    else:
        found.add("can_carry", "note", None, **figures)


def _assumed(book: Book) -> pd.DataFrame:
    rows = [
        (f.code, f.table, f.column, f.value, f.count, json.dumps(f.args, ensure_ascii=False, default=str))
        for f in book.faults
        if f.code != "file_not_used"
    ]
    return pd.DataFrame(rows, columns=["code", "table", "column", "value", "count", "args"])


def _coverage(found: Findings, book: Book, figures: dict) -> None:
    totals = book.totals
    told = {
        **figures,
        "rows": figures["rows"] - totals["after_rows"],
        "first_date": totals["first"],
        "last_date": totals["last"],
    }
    found.add("coverage", "note", **told, months=book.months_covered, revenue=round(revenue(book).sum(), 2))
    if totals["after_rows"]:
        found.add(
            "after_as_of",
            "note",
            rows=totals["after_rows"],
            amount=totals["after_amount"],
            last_date=totals["after_last"],
        )


def _months(book: Book) -> pd.DataFrame:
    """Every month bucket from the first purchase to as_of, also the empty ones."""
    past = book.monthly[book.monthly["bucket"] >= 0]
    by = past.groupby("bucket").agg(
        amount=("amount", "sum"), orders=("orders", "sum"), accounts=("account_id", "nunique")
    )
    by = by.reindex(range(book.months_covered - 1, -1, -1)).fillna(0.0)
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    by["month_end"] = [after - pd.DateOffset(months=int(b)) - pd.Timedelta(days=1) for b in by.index]
    return by.reset_index()


def _bridge(book: Book, control_total: float | None) -> pd.DataFrame:
    by = book.monthly.groupby("bucket")["amount"].sum()
    steps = [
        ("read", book.totals["amount"]),
        ("unassigned", -book.totals["unassigned_amount"]),
        ("before_window", -by[by.index >= 12].sum()),
        ("after_as_of", -by[by.index < 0].sum()),
        ("revenue", revenue(book).sum()),
    ]
    if control_total is not None:
        steps += [("difference", control_total - revenue(book).sum()), ("control_total", control_total)]
    return pd.DataFrame(steps, columns=["item", "amount"]).assign(amount=lambda b: b["amount"].round(2))


def _reconciliation(found: Findings, ledger: pd.DataFrame, explained: pd.DataFrame) -> None:
    if ledger.empty:
        found.add("no_control_total", "watch", "get_control_total")
        return
    ledger = ledger.assign(off=ledger["share"].abs().fillna(1.0)).sort_values(
        "off", ascending=False, kind="stable"
    )
    worst, count = ledger.iloc[0], len(ledger)
    figures = {
        "revenue": worst["read"],
        "control_total": worst["ledger"],
        "difference": worst["difference"],
        "share": worst["off"],
    }
    bad = int((ledger["off"] > RECONCILED).sum())
    if not bad and count == 1:
        found.add("reconciled", "note", **figures)
    elif not bad:
        found.add("periods_reconciled", "note", count=count, **figures)
    elif count == 1:
        found.add("not_reconciled", "act", "explain_difference", **figures)
    else:
        found.add(
            "periods_not_reconciled",
            "act",
            "explain_difference",
            bad=bad,
            count=count,
            period=worst["period"],
            **figures,
        )
    cause = explained[explained["explains"].astype(bool) & (explained["period"] == worst["period"])]
    if bad and len(cause):
        first = cause.iloc[0]
        found.add(
            "difference_explained",
            "watch",
            f"mend_{first['cause']}",
            cause=first["cause"],
            amount=first["amount"],
            detail=first["detail"],
        )


def _holes(found: Findings, book: Book, months: pd.DataFrame) -> None:
    before = len(found)
    empty = months[months["orders"] == 0]
    if len(empty):
        dates = {
            "first_date": str(empty["month_end"].iloc[0].date()),
            "last_date": str(empty["month_end"].iloc[-1].date()),
        }
        found.add("months_empty", "act", "ask_for_months", count=len(empty), **dates)
    if book.months_covered < TWO_YEARS:
        found.add("history_short", "watch", "ask_for_history", months=book.months_covered, needed=TWO_YEARS)
    if book.unassigned["rows"]:
        total, amount = book.totals["amount"], book.unassigned["amount"]
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
        found.add(
            "repeated_lines", "watch", "confirm_repeats", rows=sum(f.count for f in repeats), amount=amount
        )
    if len(found) == before:
        found.add("no_gaps", "note")


def _tables(book: Book) -> pd.DataFrame:
    rows = []
    for name, spec in codebook().items():
        there = book.has(name)
        frame = book.tables.get(name)
        accounts = (
            frame["account_id"].nunique() if there and frame is not None and "account_id" in frame else 0
        )
        count = len(frame) if there and frame is not None else 0
        rows.append(
            (
                name,
                *spec.labels.values(),
                there,
                name not in CHECKED_ONLY,
                count,
                accounts,
                spec.unlocks["zh"],
                spec.unlocks["en"],
            )
        )
    return pd.DataFrame(
        rows, columns=["table", "zh", "en", "there", "used", "rows", "accounts", "unlocks_zh", "unlocks_en"]
    )
