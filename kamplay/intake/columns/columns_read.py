"""Which header feeds which column, with samples, and which headers that seem to matter feed none."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.codebook import Column, TableSpec
from kamplay.intake.columns.header_words import looks_like, money_role
from kamplay.intake.columns.mapping import Mapped
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.cells import at
from kamplay.intake.values.dates import AS_FOUND, DateRules
from kamplay.intake.values.parsing import as_text, how_read, numbers

SAMPLES, LONGEST = 3, 40  # values shown of a column, and letters of each
LOOKED_AT = {"currency", "document_type", "status"}  # read line by line without a column of their own
MONEY_LINES = ("transactions", "receivables")


def columns_read(
    mapped: Mapped, spec: TableSpec, rules: dict[str, DateRules] | None = None
) -> dict[str, dict[str, Any]]:
    """Show for each column of ours the header that feeds it.

    Parameters
    ----------
    mapped : Mapped
        The columns of one input under our names.
    spec : TableSpec
        The table in the codebook.
    rules : dict of str to DateRules, optional
        How the dates of a column are read.

    Returns
    -------
    dict
        Our column → ``header``, ``samples`` (up to three filled cells) and ``ways``
        (``parsing.how_read``; ``text`` where cells are taken as they stand).
    """
    return {
        name: {
            "header": header,
            "samples": _samples(mapped.frame[name]),
            "ways": _ways(mapped.frame[name], spec.columns[name], (rules or {}).get(name, AS_FOUND)),
        }
        for name, header in mapped.headers.items()
    }


def _samples(cells: pd.Series) -> list[str]:
    found: list[str] = []
    for start in range(0, len(cells), 500):
        some = as_text(cells.iloc[start : start + 500]).str.strip()
        found = list(dict.fromkeys([*found, *some[some != ""].unique()]))
        if len(found) >= SAMPLES:
            break
    return [v if len(v) <= LONGEST else v[: LONGEST - 1] + "…" for v in found[:SAMPLES]]


def _ways(cells: pd.Series, column: Column, rules: DateRules) -> list[str]:
    if column.kind in ("id", "text", "choice", "flag"):
        return ["text"]
    distinct = cells.drop_duplicates() if cells.dtype == object else cells
    return list(how_read(distinct, column, rules))


def passed_over(raw: Raw, mapped: Mapped, spec: TableSpec, rows: pd.Index) -> list[dict[str, Any]]:
    """List the headers without a column that look like an amount, a cost, a currency, a status, a document
    type or an account.

    Parameters
    ----------
    raw : Raw
        The input with all its columns.
    mapped : Mapped
        Its columns under our names.
    spec : TableSpec
        The table in the codebook.
    rows : Index
        The lines that count, over which figures are summed.

    Returns
    -------
    list of dict
        ``header``, ``looks_like``, ``sum`` (None without figures), ``why`` (a reason of ``show.faults``) and
        its ``args``.
    """
    out = []
    for header in mapped.unused:
        kind = looks_like(header)
        if kind is None and header in mapped.why:
            kind = "account" if mapped.why[header][0] in ("one_value", "all_different", "dates") else "id"
        if kind is None:
            continue
        total = None
        if kind in ("amount", "cost"):
            figures = _figures(at(raw.frame[header], rows))
            total = None if figures is None else round(float(figures.sum()), 2)
            if figures is None and _words_only(at(raw.frame[header], rows)):
                kind = looks_like(header, money=False)
                if kind is None:
                    continue
        why, args = mapped.why.get(header) or _reason(header, kind, total, mapped, spec)
        out.append({"header": header, "looks_like": kind, "sum": total, "why": why, "args": args})
    return out


def _figures(cells: pd.Series) -> pd.Series | None:
    """The figures of a column; None where most of the filled cells of its first lines are none."""
    head = as_text(cells.head(200)).str.strip()
    some = cells.loc[head.index[head != ""]]
    if len(some) and numbers(some)[0].notna().mean() < 0.8:
        return None
    values = numbers(cells)[0]
    return values if values.notna().any() else None


def _words_only(cells: pd.Series) -> bool:
    """Whether the filled cells of the first lines are names: hardly one has a figure in it."""
    head = as_text(cells.head(200)).str.strip()
    filled = head[head != ""]
    return bool(len(filled)) and bool(filled.str.contains(r"\d").mean() < 0.1)


def _reason(
    header: str, kind: str, total: float | None, mapped: Mapped, spec: TableSpec
) -> tuple[str, dict[str, Any]]:
    if kind in LOOKED_AT:
        return (f"looked_at_{kind}" if spec.name in MONEY_LINES else "no_column"), {}
    if kind in ("amount", "cost") and total is None:
        return "no_figures", {}
    role = money_role(header)
    if kind == "amount" and role in ("price", "tax", "discount", "paid", "freight", "profit", "list"):
        return str(role), {}
    column = {"account": "account_id", "id": "order_id"}.get(kind, kind)
    if column not in spec.columns:
        return "no_column", {}
    if role in ("gross", "document"):
        return str(role), {}
    used = mapped.headers.get(column)
    return ("other_used", {"used": used}) if used else ("not_known", {})
