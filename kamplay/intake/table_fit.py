"""Whether a file that is named like a table holds one: sales_teams.csv has no sales in it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.codebook import TableSpec, codebook
from kamplay.engagement import Source
from kamplay.errors import Fault
from kamplay.intake.columns.mapping import Mapped, map_headers
from kamplay.intake.columns.proposals import fitting
from kamplay.intake.columns.rivals import ENOUGH
from kamplay.intake.files.readers import Raw
from kamplay.intake.layout.unpivot import months_of
from kamplay.intake.values.parsing import as_text

SHARED = 0.3  # of the values of a column that are accounts which bought, from which it names accounts
SURE = 2  # columns that a table need not have, from which a file without the needed ones is taken for it


def holds_no_such_table(frame: pd.DataFrame, spec: TableSpec, mapped: Mapped, faults: list[Fault]) -> bool:
    """Whether none of the columns that a table needs is among the headers, and none can be meant.

    Parameters
    ----------
    frame : DataFrame
        The cells as they stand.
    spec : TableSpec
        The table that the file is named like.
    mapped : Mapped
        Its columns, as far as the headers name them.
    faults : list of Fault
        What mapping told.

    Returns
    -------
    bool
        Of transactions whatever has no dates and no amounts, and under headers of which none is known
        whatever lacks one of the needed columns by its values, too: lines under headers that nobody knows
        stay an error. Of another table what has no header close to a needed one and hardly any of the others.
    """
    needed = {name for name, column in spec.columns.items() if column.required}
    known = needed & _named(mapped, faults)
    if spec.name == "transactions":
        possible = {name: _possible(frame, spec, name, mapped, faults) for name in needed}
        listed = not possible["date"] and not possible["amount"]  # customers, say, or who sells to them
        return listed or (not known and not all(possible.values()))
    proposed = any(
        f["propose"] for fault in faults for f in fault.args.get("lacking", ()) if f["name"] in needed
    )
    return bool(needed) and not known and not proposed and len(mapped.headers) < SURE


def shares_accounts(frame: pd.DataFrame, accounts: set[str]) -> bool:
    """Whether some column names accounts that bought: lines under headers that nobody knows do, targets and
    lists of sellers do not.
    """
    for header in frame.columns:
        values = set(as_text(frame[header]).str.strip().unique()) - {""}
        if values and len(values & accounts) >= SHARED * len(values):
            return True
    return False


def can_be_sales(raw: Raw) -> bool:
    """Whether a file whose name says nothing can hold the transactions: it has dates and amounts, or months
    as columns.
    """
    spec = codebook()["transactions"]
    mapped, faults = map_headers(raw, spec, Source())
    return bool(months_of(raw)) or all(
        _possible(raw.frame, spec, name, mapped, faults) for name in ("date", "amount")
    )


def _named(mapped: Mapped, faults: list[Fault]) -> set[str]:
    """The columns that a header feeds, or that a fault asks about: debit or credit, year and month."""
    asked = {f.args.get("name") for f in faults if f.code not in ("column_missing", "header_missing")}
    return {*mapped.headers, *(name for name in asked if name)}


def _possible(frame: pd.DataFrame, spec: TableSpec, name: str, mapped: Mapped, faults: list[Fault]) -> bool:
    """Whether a column is there, or may be by the values under a header that nobody knows."""
    if name in _named(mapped, faults) or (name == "account_id" and len(frame) < ENOUGH):
        return True
    lacking = {f["name"]: f for fault in faults for f in fault.args.get("lacking", ())}
    if name in lacking:
        return bool(lacking[name]["propose"] or lacking[name]["fitting"])
    return bool(fitting(spec.columns[name], mapped.unused, frame))


def not_used(raw: Raw, spec: TableSpec, mapped: Mapped) -> Fault:
    """The warning that a file is not what its name says, with what its headers lack."""
    lacking = [c for name, c in spec.columns.items() if c.required and name not in mapped.headers]
    args: dict[str, Any] = {"needed": [column.labels for column in lacking]}
    place: dict[str, Any] = {"table": spec.name, "file": raw.file, "sheet": raw.sheet}
    return Fault("file_not_used", "warning", args=args, **place)
