"""The account's own condition: its books, what it owes us and for how long, how quickly it pays, how far its
credit is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.financials import RATIOS, latest_ratio
from kamplay.method.measures.receivables import bills_at, owed, paid_between
from kamplay.method.results import Findings, Severity

# below this a ratio is weak: rules of thumb of credit analysis, to be judged against the industry
WEAK_BELOW = {"current_ratio": 1.0, "cash_ratio": 0.2, "net_margin": 0.0, "return_on_assets": 0.0}
WEAK_RATIOS = 2  # so many make the account weak
# of a year's revenue: by less a limit is not exceeded so far that somebody has to decide on it
LEAST_BEYOND = 0.0001
SLOWER = 1.1  # days to collect over those of the year before from which payment has slowed
# band of age → days overdue above and up to which a bill falls into it
AGES = (
    ("not_due", -np.inf, 0),
    ("to_30", 0, 30),
    ("to_90", 30, 90),
    ("to_180", 90, 180),
    ("over_180", 180, np.inf),
)


@dataclass(frozen=True)
class Credit:
    """Credit standing at as_of. Amounts in the engagement's currency; a column is missing where its table is.

    Attributes
    ----------
    accounts : index account_id, those that bought or owe: revenue (12 months), year (of its latest books),
        the RATIOS, weak (how many of them lie below WEAK_BELOW), open, overdue, oldest (days overdue),
        days_to_pay (mean over its bills paid in the 12 months, weighted by amount), credit_limit, credit_used
        (open over limit).
    ageing : open bills by how long they have been due: age (of AGES), amount, bills, accounts, share.
    days_now, days_before : days to collect over all bills paid in the 12 months and in the 12 before; None
        without.
    """

    accounts: pd.DataFrame
    ageing: pd.DataFrame
    days_now: float | None
    days_before: float | None


def credit(book: Book) -> Credit:
    """Assess the accounts' credit standing at as_of from financials, receivables and credit limits."""
    index = book.accounts.index
    accounts = pd.DataFrame({"revenue": purchases.revenue(book)}).join(_ratios(book).reindex(index))
    owes = owed(book)
    for column in ("open", "overdue", "oldest"):
        accounts[column] = np.nan if owes is None else owes[column].reindex(index)
    paid = _paid_bills(book)
    accounts["days_to_pay"] = _days_to_pay(paid).reindex(index)
    limit = book.accounts.get("credit_limit", pd.Series(np.nan, index=index)).astype("float64")
    accounts["credit_limit"], accounts["credit_used"] = limit, accounts["open"] / limit.where(limit > 0)
    kept = (accounts["revenue"] > 0) | (accounts["open"] > 0)
    days_now, days_before = _days_to_collect(paid), _days_to_collect(_paid_bills(book, ending_months_ago=12))
    return Credit(accounts[kept], _ageing(book), days_now, days_before)


def _ratios(book: Book) -> pd.DataFrame:
    """Of each account's latest books by as_of: year, the ratios, weak."""
    found = {name: latest_ratio(book, name, book.as_of.year) for name in RATIOS}
    year = pd.concat([ratio["year"] for ratio in found.values()]).groupby(level=0).max()
    ratios = pd.DataFrame({"year": year, **{name: ratio["ratio"] for name, ratio in found.items()}})
    return ratios.assign(weak=sum((ratios[name] < limit).astype(int) for name, limit in WEAK_BELOW.items()))


def _paid_bills(book: Book, ending_months_ago: int = 0) -> pd.DataFrame:
    """Bills paid within 12 months, with ``weighted``: amount × days from invoice to payment."""
    paid = paid_between(book, *purchases.window_dates(book, 12, ending_months_ago))
    return paid.assign(weighted=paid["days_to_pay"] * paid["amount"])


def _days_to_pay(paid: pd.DataFrame) -> pd.Series:
    sums = paid.groupby("account_id")[["weighted", "amount"]].sum()
    return sums["weighted"] / sums["amount"]


def _days_to_collect(paid: pd.DataFrame) -> float | None:
    return None if paid.empty else float(paid["weighted"].sum() / paid["amount"].sum())


def _ageing(book: Book) -> pd.DataFrame:
    columns = ["age", "amount", "bills", "accounts", "share"]
    if not book.has("receivables"):
        return pd.DataFrame(columns=columns)
    bills = bills_at(book.table("receivables"), pd.Timestamp(book.as_of))
    unpaid = bills[bills["open"]]
    late = unpaid["days_late"]
    total = unpaid["amount"].sum()
    rows = []
    for age, low, high in AGES:
        part = unpaid[(late > low) & (late <= high)]
        amount = part["amount"].sum()
        rows.append((age, amount, len(part), part["account_id"].nunique(), amount / total if total else 0.0))
    return pd.DataFrame(rows, columns=columns)


def add_findings(findings: Findings, result: Credit) -> None:
    """Add weak accounts that owe or buy much, days to collect, and exceeded limits."""
    accounts = result.accounts
    known = accounts[accounts["weak"].notna() & (accounts["revenue"] > 0)]
    weak = known[known["weak"] >= WEAK_RATIOS].sort_values("revenue", ascending=False)
    if accounts["weak"].isna().all():
        findings.add("standing_unknown", "note", "ask_for_financials")
    elif weak.empty:
        findings.add("standing_sound", "note", None, known=len(known))
    else:
        owed = None if weak["open"].isna().all() else weak["open"].sum()
        figures = {"count": len(weak), "known": len(known), "revenue": weak["revenue"].sum(), "owed": owed}
        findings.add("standing_weak", "watch", "watch_credit", weak.index, **figures, stake=owed)
    if result.days_now is not None:
        slower = result.days_before is not None and result.days_now > result.days_before * SLOWER
        findings.add(
            "collect_days_first" if result.days_before is None else "collect_days",
            "watch" if slower else "note",
            "speed_collection" if slower else None,
            now=result.days_now,
            before=result.days_before,
        )
    over, little = exceeded(accounts)
    if over.empty and little.empty:
        return
    decided = len(over) > 0
    told = over if decided else little
    owed, beyond = told["open"].sum(), _beyond(told).sum()
    figures = {"count": len(told), "beyond": beyond, "owed": owed}
    if decided and len(little):
        figures |= {"little": len(little), "little_beyond": _beyond(little).sum()}
    severity: Severity = "act" if decided else "note"
    action = "decide_credit" if decided else None
    findings.add("credit_exceeded", severity, action, told.index, **figures, stake=owed)


def exceeded(accounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The accounts above their credit limit, those that owe most first: by LEAST_BEYOND of all revenue or
    more, and by less, which is for finance to settle. ``accounts`` : as in ``Credit``.
    """
    over = accounts[accounts["credit_used"] > 1].sort_values("open", ascending=False, kind="stable")
    large = _beyond(over) >= LEAST_BEYOND * accounts["revenue"].clip(lower=0).sum()
    return over[large], over[~large]


def _beyond(over: pd.DataFrame) -> pd.Series:
    return over["open"] - over["credit_limit"]
