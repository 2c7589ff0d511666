"""Step 0: what was read, whether it reconciles, where it has holes, and what it can carry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar

import pandas as pd

from kamplay.book import UNDONE_WITHIN, Book
from kamplay.method.check import readiness, reconciliation
from kamplay.method.measures.business import business, fitting
from kamplay.method.measures.purchases import TWO_YEARS, margin, revenue
from kamplay.method.results import Findings, StepResult, figure

UNREAD = ("file_not_used", "file_kind_unknown")  # warnings that a file was delivered and not read


@dataclass(frozen=True)
class Check(StepResult):
    """The result of step 0.

    Attributes
    ----------
    readings : one row an input: file, sheet, rows and what became of them, unused columns.
    columns : one row a column of an input: table, file, column, header, samples, ways (JSON).
    left_out : headers without a column that look like one: file, header, looks_like, sum, why, args (JSON).
    months : bucket, amount, orders, accounts, month_end of every month from the first purchase to as_of.
    bridge : ``reconciliation.revenue_bridge``; ``ledger`` : ``reconciliation.reconcile``; ``causes`` :
        ``reconciliation.causes``.
    tables : ``readiness.tables_delivered``; ``cover`` : ``readiness.rows_by_month``; ``quality`` :
        ``readiness.table_quality``; ``verdicts`` : ``readiness.verdicts``.
    assumed : the warnings of the intake (code, table, file, sheet, column, value, count, args as JSON): what
        was dropped, kept, left unread or taken for something.
    """

    step: ClassVar[str] = "check"
    readings: pd.DataFrame
    columns: pd.DataFrame
    left_out: pd.DataFrame
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
    """Let the Book give account of itself.

    Parameters
    ----------
    control_total : the ledger's net amount for the 12 months to as_of, or one for each period.
    horizon_days : how far ahead step 3 is to look.
    """
    readings = pd.DataFrame([{**vars(r), "unused": ", ".join(r.unused)} for r in book.readings]).drop(
        columns=["headers", "columns", "passed_over"]
    )
    key_figures = _key_figures(book, readings)
    months = _months(book)
    # from a database only the days are here: enough to reconcile, not to explain
    lines = book.tables.get("transactions", book.days)
    ledger = reconciliation.reconcile(lines, {} if control_total is None else control_total, book.as_of)
    explained = reconciliation.causes(lines, ledger)
    tables, judged = readiness.tables_delivered(book), readiness.verdicts(book, horizon_days)
    findings = Findings("check")
    _add_coverage(findings, book, key_figures)
    _add_business(findings, book)
    reconciliation.add_findings(findings, ledger, explained)
    _add_gaps(findings, book, months)
    readiness.add_findings(findings, tables, judged)
    return Check(
        key_figures=key_figures,
        findings=fitting(findings.settled(), book),
        accounts=_accounts(book),
        readings=readings,
        columns=_columns(book),
        left_out=_left_out(book),
        months=months,
        bridge=reconciliation.revenue_bridge(
            book, control_total if isinstance(control_total, float) else None
        ),
        tables=tables,
        cover=readiness.rows_by_month(book),
        quality=readiness.table_quality(book),
        verdicts=judged,
        assumed=_intake_warnings(book),
        ledger=ledger,
        causes=explained,
    )


def _accounts(book: Book) -> pd.DataFrame:
    """Every account's name, industry, region and city, with its own revenue, margin and share of revenue of
    the 12 months.
    """
    sold = revenue(book)
    total = sold[sold > 0].sum()
    unknown = pd.Series(None, index=book.accounts.index, dtype="str")
    return pd.DataFrame(
        {
            "account_name": book.names,
            "revenue": sold.round(2),
            "margin": margin(book).round(2),
            "revenue_share": (sold / total if total else 0.0 * sold).where(sold > 0, 0.0).round(6),
            "industry": book.accounts.get("industry", unknown),
            "region": book.accounts.get("region", unknown),
            "city": book.accounts.get("city", unknown),
        },
        index=book.accounts.index,
    )


def _columns(book: Book) -> pd.DataFrame:
    rows = [
        (r.table, r.file, name, c["header"], " · ".join(c["samples"]), json.dumps(list(c["ways"])))
        for r in book.readings
        for name, c in r.columns.items()
    ]
    return pd.DataFrame(rows, columns=["table", "file", "column", "header", "samples", "ways"])


def _left_out(book: Book) -> pd.DataFrame:
    rows = [
        (r.file, f["header"], f["looks_like"], f["sum"], f["why"], json.dumps(f["args"], ensure_ascii=False))
        for r in book.readings
        for f in r.passed_over
    ]
    return pd.DataFrame(rows, columns=["file", "header", "looks_like", "sum", "why", "args"])


def _key_figures(book: Book, readings: pd.DataFrame) -> dict[str, Any]:
    lines = readings[readings["table"] == "transactions"]
    lost = ["blank", "totals", "repeated", "void", "page_rows"]
    dropped = lines[lost].to_numpy().sum() + book.totals["unassigned_rows"]
    return {
        "rows": int(lines["rows"].sum() - lines["set_aside"].sum()),
        "rows_dropped": int(dropped),
        "accounts": int(book.days["account_id"].nunique()),
        "amount": figure(round(book.totals["amount"] - book.totals["unassigned_amount"], 2)),
    }


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


def _intake_warnings(book: Book) -> pd.DataFrame:
    told = "lines_after_as_of" if book.totals["after_rows"] else None  # a finding of its own says so
    rows = [
        (f.code, f.table, f.file, f.sheet, f.column, f.value, f.count, _args_json(f.args))
        for f in book.faults
        if f.code != told
    ]
    columns = ["code", "table", "file", "sheet", "column", "value", "count", "args"]
    return pd.DataFrame(rows, columns=columns)


def _args_json(args: dict[str, Any]) -> str:
    return json.dumps(args, ensure_ascii=False, default=str)


def _add_coverage(findings: Findings, book: Book, key_figures: dict[str, Any]) -> None:
    totals = book.totals
    figures = key_figures | {
        "rows": key_figures["rows"] - totals["after_rows"],
        "first_date": totals["first"],
        "last_date": totals["last"],
        "months": book.months_covered,
        "revenue": round(revenue(book).sum(), 2),
    }
    findings.add("coverage", "note", **figures)
    _add_undone(findings, book)
    if totals["after_rows"]:
        after = {"rows": totals["after_rows"], "amount": totals["after_amount"]}
        findings.add("after_as_of", "note", **after, last_date=totals["after_last"])
    unread = [PurePath(str(f.file)).name for f in book.faults if f.code in UNREAD]
    if unread:
        findings.add("files_not_used", "note", count=len(unread), files=unread)


def _add_undone(findings: Findings, book: Book) -> None:
    """Say which orders were credited in full and so are no purchases, those of the largest sums first."""
    undone = book.undone
    if undone is None or not (inside := undone["date"] <= pd.Timestamp(book.as_of)).any():
        return
    orders = undone[inside]
    by_account = orders.groupby("account_id")["amount"].sum().sort_values(ascending=False, kind="stable")
    largest = orders.sort_values("amount", ascending=False, kind="stable").iloc[0]
    findings.add(
        "orders_undone",
        "note",
        None,
        by_account.index,
        count=len(by_account),
        orders=len(orders),
        amount=orders["amount"].sum(),
        same_day=int((orders["date"] == orders["credited"]).sum()),
        span=UNDONE_WITHIN,
        largest=largest["amount"],
    )


def _add_business(findings: Findings, book: Book) -> None:
    """Say where the accounts are consumers or countries: visits and contacts are left out there."""
    sold_to = business(book)
    if sold_to == "companies":
        return
    bought = revenue(book)
    bought = bought[bought > 0]
    largest = float(bought.max() / bought.sum())
    if sold_to == "consumers":
        kind = "sold_to_consumers_stated" if book.accounts_are else "sold_to_consumers_seen"
    else:
        kind = "sold_to_countries_stated" if book.accounts_are else "sold_to_countries_seen"
    findings.add(kind, "note", accounts=len(bought), largest=largest)


def _add_gaps(findings: Findings, book: Book, months: pd.DataFrame) -> None:
    """Months without sales, a short history, lines of nobody, and repeated lines."""
    before = len(findings)
    empty = months.loc[months["orders"] == 0, "month_end"]
    if len(empty):
        first, last = (str(day.date()) for day in (empty.iloc[0], empty.iloc[-1]))
        figures = {"count": len(empty), "first_date": first, "last_date": last}
        findings.add("months_empty", "act", "ask_for_months", **figures)
    if book.months_covered < TWO_YEARS:
        findings.add(
            "history_short", "watch", "ask_for_history", months=book.months_covered, needed=TWO_YEARS
        )
    if book.unassigned["rows"]:
        total, amount = book.totals["amount"], book.unassigned["amount"]
        findings.add(
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
        rows = sum(f.count for f in repeats)
        findings.add("repeated_lines", "watch", "confirm_repeats", rows=rows, amount=amount)
    if len(findings) == before:
        findings.add("no_gaps", "note")
