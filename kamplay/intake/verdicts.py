"""Whether figures can be built on the transactions at all: who bought, when, for how much, and up to which
day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from kamplay.book import Reading
from kamplay.engagement import SETTINGS_FILE
from kamplay.errors import Fault
from kamplay.intake.rollup import RollUp

MOST_UNASSIGNED = 0.5  # of the amount: where more has no account, shares and tiers are of the smaller part
ENDS_EARLY = pd.Timedelta(days=31)  # before the reporting date


@dataclass(frozen=True)
class Sums:
    """What the verdict on transactions needs, of lines at hand or of a roll-up alike.

    Attributes
    ----------
    rows : int
    accounts : int
    account : str or None
        The account of all lines, where there is but one.
    unassigned : float
        The share of the amount, returns counted positive, on lines without an account.
    zero : bool
        No line has an amount other than 0.
    first, last : Timestamp
        Of all lines, those after the reporting date with them.
    year_rows : int
        Lines in the 12 months to the reporting date.
    revenue : float
        Their amount, of the lines with an account.
    later_rows, later_amount : int, float
        Lines after the reporting date.
    """

    rows: int
    accounts: int
    account: str | None
    unassigned: float
    zero: bool
    first: pd.Timestamp
    last: pd.Timestamp
    year_rows: int
    revenue: float
    later_rows: int
    later_amount: float


def reporting_date(stated: date | None, transactions: pd.DataFrame) -> date:
    """The stated date, else that of the last line up to today, else today."""
    if stated:
        return stated
    today = datetime.now().date()
    last = transactions.loc[transactions["date"] <= pd.Timestamp(today), "date"].max()
    return today if pd.isna(last) else last.date()


def sums_of_lines(lines: pd.DataFrame, as_of: date) -> Sums | None:
    """Add up the lines; None where not one has a date."""
    dated, amounts = lines["date"], lines["amount"].fillna(0.0)
    if not dated.notna().any():
        return None
    until = pd.Timestamp(as_of)
    year, later = dated.between(_year_start(until), until), dated > until
    known, gross = lines["account_id"].notna(), amounts.abs()
    total = float(gross.sum())
    ids = lines["account_id"].dropna().unique()
    unassigned = float(gross[~known].sum()) / total if total else float((~known).mean())
    return Sums(
        rows=len(lines),
        accounts=len(ids),
        account=str(ids[0]) if len(ids) == 1 else None,
        unassigned=unassigned,
        zero=total == 0,
        first=dated.min(),
        last=dated.max(),
        year_rows=int(year.sum()),
        revenue=float(amounts[year & known].sum()),
        later_rows=int(later.sum()),
        later_amount=float(amounts[later].sum()),
    )


def sums_of_roll_up(up: RollUp) -> Sums:
    """The same of transactions that a database added up; returns stand against sales there already."""
    totals, accounts = up.totals, up.accounts
    loose, assigned = abs(totals["unassigned_amount"]), abs(totals["amount"] - totals["unassigned_amount"])
    by_amount = loose + assigned
    return Sums(
        rows=totals["rows"],
        accounts=len(accounts),
        account=str(accounts["account_id"].iloc[0]) if len(accounts) == 1 else None,
        unassigned=loose / by_amount if by_amount else totals["unassigned_rows"] / max(1, totals["rows"]),
        zero=not by_amount and not accounts["bought"].any() and up.undone.empty,
        first=pd.Timestamp(totals["first"] or totals["after_last"]),
        last=pd.Timestamp(totals["after_last"] or totals["last"]),
        year_rows=int(accounts["year"].notna().sum()),
        revenue=float(accounts["year"].sum()),
        later_rows=totals["after_rows"],
        later_amount=totals["after_amount"],
    )


def verdict(sums: Sums, as_of: date, stated: date | None, readings: list[Reading]) -> list[Fault]:
    """What keeps figures from being built on these transactions, and which lines they will not count.

    Parameters
    ----------
    sums : Sums
    as_of : date
        The reporting date.
    stated : date or None
        The reporting date as the settings state it.
    readings : list of Reading
        Of the transactions, to name the file where there is but one.
    """
    files = {(r.file, r.sheet) for r in readings}
    file, sheet = next(iter(files)) if len(files) == 1 else (None, None)
    place: dict[str, Any] = {"table": "transactions", "file": file, "sheet": sheet}
    headers = readings[0].headers if file else {}
    day = str(as_of)
    dates = {"first": str(sums.first.date()), "last": str(sums.last.date())}
    if sums.zero:
        return [Fault("amounts_all_zero", column=headers.get("amount"), count=sums.rows, **place)]
    if sums.unassigned > MOST_UNASSIGNED:  # said by ``unassigned_too_much``, with its places
        return []
    if not sums.year_rows:
        return [Fault("as_of_outside_data", file=SETTINGS_FILE, column="as_of", value=day, args=dates)]
    if sums.accounts == 1 and sums.rows > 1:
        who: dict[str, Any] = {"column": headers.get("account_id"), "value": sums.account}
        return [Fault("account_only_one", count=sums.rows, **who, **place)]
    faults: list[Fault] = []
    if round(sums.revenue, 2) <= 0:
        args = {"amount": round(sums.revenue, 2), "as_of": day}
        faults.append(Fault("revenue_not_positive", column=headers.get("amount"), args=args, **place))
    if sums.later_rows and stated:
        args = {"amount": sums.later_amount, "as_of": day}
        faults.append(
            Fault(
                "lines_after_as_of",
                "warning",
                table="transactions",
                file=SETTINGS_FILE,
                column="as_of",
                value=day,
                count=sums.later_rows,
                args=args,
            )
        )
    if pd.Timestamp(as_of) - sums.last > ENDS_EARLY:
        faults.append(
            Fault(
                "data_ends_early", "warning", table="transactions", value=dates["last"], args={"as_of": day}
            )
        )
    return faults


def unassigned_too_much(faults: list[Fault], share: float) -> list[Fault]:
    """The faults with those on lines without an account raised to errors, where most of the amount has
    none.
    """
    if share <= MOST_UNASSIGNED:
        return faults
    return [
        replace(f, code="account_blank_most", level="error", args={**f.args, "share": share})
        if f.code == "account_blank"
        else f
        for f in faults
    ]


def _year_start(as_of: pd.Timestamp) -> pd.Timestamp:
    return as_of + pd.Timedelta(days=1) - pd.DateOffset(months=12)
