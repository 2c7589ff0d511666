"""What stands on the lines of sales and says something of their accounts: owner, industry, region.

A line says it as of its own day, so an account may have several. The latest owner counts, as people change;
of what describes an account the usual word of its latest year. A column of which many accounts have several
at a time is of the line, and is told instead of taken, unless the settings name it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from kamplay.codebook import Column, codebook, fold
from kamplay.engagement import Source
from kamplay.errors import Fault
from kamplay.intake.columns.mapping import Mapped, headers_of
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.cells import at
from kamplay.intake.values.parsing import as_text
from kamplay.line_status import is_status, kind_of

BESIDE = "_of_"  # begins the name of such a column among those of the lines
SETTLED = 0.8  # of the accounts have one value at a time, or the column is of the line
HELD = 0.9  # of an account's lines: a value that others interrupt no longer
WITH_CENTS = 0.2  # of the values: from this share on they are amounts
COUNTED = ["account_id", "value", "year", "lines", "first", "last"]


@dataclass(frozen=True)
class Beside:
    """Columns of the accounts that headers of the lines feed.

    Attributes
    ----------
    headers : dict of str to str
        Our column of the accounts to the user's header.
    named : frozenset of str
        Those that the settings name: taken whatever they hold.
    faults : tuple of Fault
        Other headers that fit as well, named ones that are not there.
    """

    headers: dict[str, str] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()

    def with_name(self, headers: list[str]) -> Beside:
        """These with the first of the headers that may name the accounts."""
        return replace(self, headers={**self.headers, "account_name": headers[0]}) if headers else self


def columns_beside(
    raw: Raw, mapped: Mapped, source: Source, listed: Source | None, rows: pd.Index, place: dict[str, Any]
) -> Beside:
    """Find the headers of the lines that feed a column of the accounts.

    Parameters
    ----------
    raw : the input with all its columns; without rows its headers alone decide.
    mapped : its columns under our names; those looked for feed none of them.
    source : the settings of the transactions.
    listed : those of the accounts, where they name the same lines: then any column of theirs is taken.
    rows : the lines that count.
    place : where the faults stand: table, file, sheet.
    """
    lines, accounts = codebook()["transactions"].columns, codebook()["accounts"].columns
    by_fold = {fold(h): h for h in reversed(list(raw.frame.columns))}
    own = {name: header for name, header in source.columns.items() if name not in lines}
    own = {**(listed.columns if listed else {}), **own}
    headers = {
        name: found
        for name, wanted in own.items()
        if name != "account_name" and name not in lines and (found := by_fold.get(fold(wanted)))
    }
    faults: list[Fault] = []
    for name, wanted in (listed.columns if listed else {}).items():
        if fold(wanted) not in by_fold:
            args = {"near": "", "there": ", ".join(map(str, raw.frame.columns[:40])), "name": name}
            faults.append(Fault("header_missing", column=wanted, args=args, **place))
    named = frozenset(headers)
    free = [h for h in mapped.unused if h in raw.frame and h not in headers.values()]
    for name, column in accounts.items():
        if name in headers or name in lines or name == "account_name" or not (listed or column.on_lines):
            continue
        elsewhere = {fold(h) for h in column.not_on_lines}
        fitting = [h for h in headers_of(column, free) if fold(h) not in elsewhere]
        fitting = [h for h in fitting if raw.frame.empty or _may_be(at(raw.frame[h], rows), column, h)]
        if not fitting:
            continue
        headers[name] = fitting[0]
        free.remove(fitting[0])
        if len(fitting) > 1:
            args = {"name": name, "other": ", ".join(fitting[1:])}
            where: dict[str, Any] = {"row": raw.header_row, "column": fitting[0], "args": args, **place}
            faults.append(Fault("account_header_ambiguous", "warning", **where))
    if listed and not headers and "account_name" not in own:
        faults.append(Fault("accounts_not_on_lines", "warning", **place))
    return Beside(headers, frozenset(headers) if listed else named, tuple(faults))


def _may_be(cells: pd.Series, column: Column, header: str) -> bool:
    """Whether the values under a header can say something of accounts: words that are no statuses of the
    lines, no amounts, and, of what describes an account, not the same everywhere.
    """
    values = as_text(cells.drop_duplicates()).str.strip()
    values = values[values != ""]
    if values.empty or (column.on_lines == "usual" and len(values) < 2):
        return False
    if column.kind not in ("text", "id"):
        return True
    if is_status(header) and values.map(lambda v: kind_of(v, header) is not None).mean() >= 0.5:
        return False
    return bool(values.str.fullmatch(r"[¥$€£]?-?\d[\d,]*\.\d+").mean() < WITH_CENTS)


def counted(lines: pd.DataFrame, name: str, as_of: date) -> pd.DataFrame:
    """Count the lines up to a day by account, value and year.

    Parameters
    ----------
    lines : transactions with ``account_id``, ``date`` and the column of ``BESIDE``.
    name : our column of the accounts.

    Returns
    -------
    account_id, value, year (0: the twelve months to ``as_of``), lines, first and last day.
    """
    cells, edge = lines[BESIDE + name], pd.Timestamp(as_of) + pd.Timedelta(days=1)
    inside = lines["account_id"].notna() & cells.notna() & (lines["date"] < edge)
    day = lines.loc[inside, "date"].dt.normalize()
    reached = (day.dt.month > edge.month) | ((day.dt.month == edge.month) & (day.dt.day >= edge.day))
    year = edge.year - day.dt.year - reached.astype("int64")
    keys = pd.DataFrame({"account_id": lines.loc[inside, "account_id"], "value": cells[inside], "year": year})
    by = day.groupby([keys[c] for c in keys], sort=False)
    return by.agg(["size", "min", "max"]).reset_index().set_axis(COUNTED, axis=1)


@dataclass(frozen=True)
class Settled:
    """What the lines say of their accounts in one column.

    Attributes
    ----------
    values : Series
        account_id → the value that counts, sorted by account.
    several : Index
        The accounts that had more than one.
    of_accounts : bool
        Nearly all accounts have one value at a time.
    """

    values: pd.Series
    several: pd.Index
    of_accounts: bool


def settled(counts: Iterable[pd.DataFrame], column: Column) -> Settled:
    """Choose one value for each account, of what ``counted`` gives of one input or of several.

    Of the latest on one day, and of the usual ones of one number, that with more lines in the account's
    latest year counts, then the later, then that with more lines, then the first in order.
    """
    every = pd.concat(list(counts), ignore_index=True)
    pair = ["account_id", "value"]
    recent = every[every["year"] == every.groupby("account_id")["year"].transform("min")]
    by = every.groupby(pair, sort=False).agg(
        lines=("lines", "sum"), first=("first", "min"), last=("last", "max")
    )
    by["recent"] = recent.groupby(pair)["lines"].sum().reindex(by.index).fillna(0)
    by = by.reset_index()
    order = ["recent", "last", "lines"] if column.on_lines == "usual" else ["last", "recent", "lines"]
    ranked = by.sort_values(["account_id", *order, "value"], ascending=[True, False, False, False, True])
    chosen = ranked.drop_duplicates("account_id").set_index("account_id")["value"]
    in_time = by.sort_values(["account_id", "first", "last"])
    of_account = in_time.groupby("account_id")
    before = of_account["last"].cummax().groupby(in_time["account_id"]).shift()
    overlap = (in_time["first"] < before).groupby(in_time["account_id"]).any()
    held = of_account["lines"].max() >= HELD * of_account["lines"].sum()
    number = of_account.size()
    one_at_a_time = ~overlap | held
    return Settled(chosen, number.index[number > 1], bool(one_at_a_time.mean() >= SETTLED))
