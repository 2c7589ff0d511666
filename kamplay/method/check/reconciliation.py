"""What was read against what the ledger says, period by period, and what could explain a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

import pandas as pd

from kamplay.book import Book
from kamplay.line_status import is_void
from kamplay.method.measures.purchases import revenue
from kamplay.method.results import Findings
from kamplay.periods import period_dates

RECONCILED = 0.001  # a difference below 0.1 % of the ledger's total is rounding and cut-off
CLOSE = 0.005  # a cause explains a difference when it comes within half a percent of it
# the Chinese value-added tax rates on services, on transport and farm goods, on goods
VAT_FACTORS = (1.06, 1.09, 1.13)
# a missing month is known by its usual size only: half to twice that size counts as explained
MONTH_RANGE = (0.5, 2.0)
COLUMNS = ["period", "start", "end", "read", "ledger", "difference", "share"]
CAUSE_COLUMNS = ["period", "cause", "rows", "amount", "share", "explains", "detail"]


class Cause(NamedTuple):
    """What could explain a difference: ``rows`` lines that would add ``amount`` to what was read."""

    cause: str
    rows: int
    amount: float
    detail: str = ""


def reconcile(lines: pd.DataFrame, control_total: float | Mapping[str, float], as_of: date) -> pd.DataFrame:
    """Hold what was read against the ledger.

    Parameters
    ----------
    lines : date, account_id, amount; lines without an account are not counted.
    control_total : the ledger's net amount for the 12 months to ``as_of`` (period "12m"), or one amount for
        each period ("2025", "2025Q3", "2025-07", "2025-07..2025-12"). Periods are whole, also where they
        reach past ``as_of``.

    Returns
    -------
    One row a period, in the order given: ``period``, ``start``, ``end``, ``read``, ``ledger``, ``difference``
    (ledger − read) and ``share`` (difference / |ledger|, missing when the ledger is 0).

    Raises
    ------
    ValueError
        For a period that is none.
    """
    if isinstance(control_total, Mapping):
        stated = [
            (name, *map(pd.Timestamp, period_dates(name)), float(total))
            for name, total in control_total.items()
        ]
    else:
        end = pd.Timestamp(as_of)
        stated = [("12m", end + pd.Timedelta(days=1) - pd.DateOffset(months=12), end, float(control_total))]
    rows = []
    for name, start, end, ledger in stated:
        read = round(float(_assigned_within(lines, start, end)["amount"].sum()), 2)
        difference = round(ledger - read, 2) + 0.0
        rows.append(
            (name, start, end, read, ledger, difference, difference / abs(ledger) if ledger else float("nan"))
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def causes(lines: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """List what could explain each difference, the likeliest first within a period.

    Parameters
    ----------
    lines : as for ``reconcile``, with ``status`` where the client has one.
    ledger : what ``reconcile`` returns.

    Returns
    -------
    One row a cause: ``period``, ``cause`` (no_account, duplicates, after_period, before_period, voided,
    read_gross, ledger_gross, month_missing), ``rows`` (lines it is about), ``amount`` (what it would add to
    what was read), ``share`` (amount / difference), ``explains`` (within ``CLOSE`` of the difference; a
    missing month within ``MONTH_RANGE``) and ``detail`` (the tax factor, or the empty months). A cause
    without lines is not listed; nor is any where nothing differs.
    """
    found = []
    for period in ledger.itertuples(index=False):
        if not period.difference:
            continue
        inside = _assigned_within(lines, period.start, period.end)
        for cause in (
            *_of_lines(lines, inside, period.start, period.end),
            *_of_tax(len(inside), period.read, period.ledger),
            *_of_missing_months(inside, period.start, period.end),
        ):
            share = cause.amount / period.difference
            amount = round(cause.amount, 2) + 0.0
            explains = _explains(cause.cause, share)
            found.append((period.period, cause.cause, cause.rows, amount, share, explains, cause.detail))
    frame = pd.DataFrame(found, columns=CAUSE_COLUMNS)
    order = pd.DataFrame(
        {
            "period": pd.Categorical(frame["period"], ledger["period"], ordered=True),
            "unexplained": ~frame["explains"].astype(bool),
            "off": (frame["share"] - 1).abs(),
        }
    )
    return frame.loc[order.sort_values([*order], kind="stable").index].reset_index(drop=True)


def revenue_bridge(book: Book, control_total: float | None) -> pd.DataFrame:
    """Lead from all that was read to the revenue of the 12 months and, where it is stated, to the ledger.

    Returns
    -------
    ``amount`` by ``item``: read, unassigned, before_window, after_as_of, revenue, difference, control_total;
    before them in_files and void, where lines were set aside as void.
    """
    void = [r for r in book.readings if r.table == "transactions" and r.void]
    set_aside = sum(r.void_amount for r in void)
    by_bucket = book.monthly.groupby("bucket")["amount"].sum()
    total = revenue(book).sum()
    items = [
        *([("in_files", book.totals["amount"] + set_aside), ("void", -set_aside)] if void else []),
        ("read", book.totals["amount"]),
        ("unassigned", -book.totals["unassigned_amount"]),
        ("before_window", -by_bucket[by_bucket.index >= 12].sum()),
        ("after_as_of", -by_bucket[by_bucket.index < 0].sum()),
        ("revenue", total),
    ]
    if control_total is not None:
        items += [("difference", control_total - total), ("control_total", control_total)]
    return pd.DataFrame(items, columns=["item", "amount"]).assign(amount=lambda b: b["amount"].round(2))


def add_findings(findings: Findings, ledger: pd.DataFrame, explained: pd.DataFrame) -> None:
    """Add whether the periods agree with the ledger, and what explains the largest difference."""
    if ledger.empty:
        findings.add("no_control_total", "watch", "get_control_total")
        return
    ledger = ledger.assign(off=ledger["share"].abs().fillna(1.0)).sort_values(
        "off", ascending=False, kind="stable"
    )
    worst, count = ledger.iloc[0], len(ledger)
    bad = int((ledger["off"] > RECONCILED).sum())
    figures = {
        "revenue": worst["read"],
        "control_total": worst["ledger"],
        "difference": worst["difference"],
        "share": worst["off"],
    }
    if not bad and count == 1:
        findings.add("reconciled", "note", **figures)
    elif not bad:
        findings.add("periods_reconciled", "note", count=count, **figures)
    elif count == 1:
        findings.add("not_reconciled", "act", "explain_difference", **figures)
    else:
        figures = {"bad": bad, "count": count, "period": worst["period"]} | figures
        findings.add("periods_not_reconciled", "act", "explain_difference", **figures)
    likely = explained[explained["explains"].astype(bool) & (explained["period"] == worst["period"])]
    if bad and len(likely):
        first = likely.iloc[0]
        figures = {name: first[name] for name in ("cause", "amount", "detail")}
        findings.add("difference_explained", "watch", f"mend_{first['cause']}", **figures)


def _explains(cause: str, share: float) -> bool:
    if cause == "month_missing":
        return bool(1 / MONTH_RANGE[1] <= share <= 1 / MONTH_RANGE[0])
    return cause.endswith("_gross") or abs(share - 1) <= CLOSE  # tax is listed only where its ratio fits


def _of_lines(
    lines: pd.DataFrame, inside: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[Cause]:
    """Lines that one can point at."""
    nobody = lines[lines["date"].between(start, end) & lines["account_id"].isna()]
    parts = [
        ("no_account", nobody, 1),
        ("duplicates", inside[inside.duplicated(keep="first")], -1),
        ("after_period", lines[lines["date"] > end], 1),
        ("before_period", lines[lines["date"] < start], 1),
    ]
    if "status" in lines:
        parts.append(("voided", inside[is_void(inside["status"])], -1))
    for cause, part, sign in parts:
        if len(part):
            yield Cause(cause, len(part), sign * float(part["amount"].sum()))


def _of_tax(rows: int, read: float, ledger: float) -> Iterator[Cause]:
    """Tax on one side only: the two totals stand to each other as 1.06, 1.09 or 1.13."""
    if read * ledger <= 0:
        return
    for factor in VAT_FACTORS:
        if abs(read / ledger / factor - 1) <= CLOSE:
            yield Cause("read_gross", rows, read / factor - read, f"{factor:g}")
        if abs(ledger / read / factor - 1) <= CLOSE:
            yield Cause("ledger_gross", rows, read * factor - read, f"{factor:g}")


def _of_missing_months(inside: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> Iterator[Cause]:
    """Calendar months of the period without a line, put at the mean of the other months."""
    by_month = inside.groupby(inside["date"].dt.to_period("M"))["amount"].sum()
    empty = [month for month in pd.period_range(start, end, freq="M") if month not in by_month.index]
    if empty and len(by_month):
        yield Cause("month_missing", 0, float(by_month.mean()) * len(empty), ", ".join(map(str, empty)))


def _assigned_within(lines: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    return lines[lines["date"].between(start, end) & lines["account_id"].notna()]
