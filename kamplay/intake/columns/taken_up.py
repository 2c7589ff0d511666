"""What the lines say of their accounts, taken up where the list of accounts says nothing, and told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kamplay.book import Reading
from kamplay.codebook import Column, codebook
from kamplay.errors import Fault
from kamplay.intake.columns.account_columns import Beside, Settled, settled
from kamplay.intake.columns.account_names import usual_names
from kamplay.intake.columns.columns_read import LONGEST, SAMPLES

QUIET = pd.DateOffset(months=6)


@dataclass(frozen=True)
class TakenUp:
    """A table of accounts as the lines have it (None where they say nothing of them), the accounts' names,
    and what was assumed.
    """

    accounts: pd.DataFrame | None
    names: dict[str, str]
    faults: list[Fault]


def take_up(
    counts: dict[str, pd.DataFrame],
    beside: list[tuple[int, Beside]],
    readings: list[Reading],
    known: pd.DataFrame | None,
) -> TakenUp:
    """Choose what counts of each column, and write it into the readings.

    Parameters
    ----------
    counts : our column of the accounts → what ``account_columns.counted`` gives of all lines.
    beside : place in ``readings`` → the headers of that input.
    readings : changed in place: each header is a column read, or left out with a reason.
    known : the accounts table, which comes first, cell by cell.
    """
    own = known.drop_duplicates("account_id").set_index("account_id") if known is not None else pd.DataFrame()
    names: dict[str, str] = {}
    taken: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for name, column in codebook()["accounts"].columns.items():
        fed = [(at, found) for at, found in beside if name in found.headers]
        if not fed or name not in counts:
            continue
        if name == "account_name":
            names = usual_names(_added(counts[name])) or {}
            values, why = pd.Series(names, dtype="str"), None
            ways = ["text"]
        else:
            found = settled([counts[name]], column)
            values, ways = found.values, [column.on_lines or "latest"]
            given = own[name].reindex(values.index) if name in own else pd.Series(None, index=values.index)
            used = values.index[given.isna()]
            why = _against(found, used, any(name in one.named for _, one in fed), name)
            if why is None:
                taken[name] = values
                place = _place(readings[fed[0][0]], fed[0][1].headers[name])
                faults += _assumed(found, used, column, place, name in own)
                faults += _quiet(counts[name], values[used], place) if name == "owner" else []
        for at, one in fed:
            if len(values):
                readings[at] = _told(readings[at], name, one.headers[name], values, ways, why)
    table = pd.DataFrame(taken).rename_axis("account_id").reset_index() if taken else None
    return TakenUp(table, names, faults)


def _added(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.groupby(["account_id", "value"], sort=False)["lines"].sum().reset_index()


def _against(found: Settled, used: pd.Index, named: bool, name: str) -> tuple[str, dict[str, Any]] | None:
    """Why a column is not taken up."""
    if not (found.of_accounts or named):
        return "of_the_line", {"several": len(found.several), "accounts": len(found.values), "name": name}
    return None if len(used) else ("in_accounts", {})


def _place(reading: Reading, header: str) -> dict[str, Any]:
    return {"table": reading.table, "file": reading.file, "sheet": reading.sheet, "column": header}


def _quiet(counts: pd.DataFrame, owners: pd.Series, place: dict[str, Any]) -> list[Fault]:
    """Owners who stand on no line of the last half-year: they may have left, and actions would be theirs."""
    last = counts.groupby("value")["last"].max()
    gone = last.index[last < counts["last"].max() - QUIET]
    theirs = owners[owners.isin(gone)]
    if theirs.empty:
        return []
    args = {"name": "owner", "accounts": len(theirs), "owners": list(theirs.value_counts().index)}
    return [Fault("account_owners_quiet", "warning", args=args, **place)]


def _assumed(
    found: Settled, used: pd.Index, column: Column, place: dict[str, Any], listed: bool
) -> list[Fault]:
    """How many accounts had several values, and how many the list of accounts leaves empty."""
    args: dict[str, Any] = {"name": column.name, "accounts": len(used)}
    several = len(found.several.intersection(used))
    out = []
    if several:
        rule = f"account_column_{column.on_lines or 'latest'}"
        out.append(Fault(rule, "warning", args={**args, "several": several}, **place))
    if listed:
        out.append(Fault("account_column_filled", "warning", args=args, **place))
    return out


def _told(
    reading: Reading,
    name: str,
    header: str,
    values: pd.Series,
    ways: list[str],
    why: tuple[str, dict[str, Any]] | None,
) -> Reading:
    """The reading of an input with a header that feeds a column of the accounts, or that is left out."""
    rest = [found for found in reading.passed_over if found["header"] != header]
    if why:
        code, args = why
        left = {
            "header": header,
            "looks_like": name,
            "sum": None,
            "why": code,
            "args": {**args, "header": header},
        }
        return replace(reading, passed_over=[*rest, left])
    some = [str(value) for value in values.drop_duplicates().iloc[:SAMPLES]]
    samples = [one if len(one) <= LONGEST else one[: LONGEST - 1] + "…" for one in some]
    return replace(
        reading,
        unused=tuple(h for h in reading.unused if h != header),
        columns={**reading.columns, name: {"header": header, "samples": samples, "ways": ways}},
        passed_over=rest,
    )
