"""What the lines of one input mean: sums among them, their unit, sign, status and currency, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kamplay.codebook import TableSpec
from kamplay.engagement import Settings, Source
from kamplay.errors import Fault
from kamplay.intake.files.readers import Raw
from kamplay.intake.layout import balance_rows, total_rows
from kamplay.intake.lines import credit_notes, currency, refunds, units, void_lines
from kamplay.intake.values.cells import at, kept

MONEY_LINES = ("transactions", "receivables")  # tables whose lines have a sign and a status


@dataclass(frozen=True)
class Meaning:
    """Typed values as they are meant.

    Attributes
    ----------
    frame : DataFrame
        All rows, amounts in the engagement's currency with their sign.
    sums, void : Series of bool
        The rows that sum up others or carry a balance forward, and the lines that do not count.
    faults : list of Fault
        What was decided, and what could not be.
    """

    frame: pd.DataFrame
    sums: pd.Series
    void: pd.Series
    faults: list[Fault]


def understood(
    raw: Raw,
    cells: pd.DataFrame,
    frame: pd.DataFrame,
    spec: TableSpec,
    headers: dict[str, str],
    unused: tuple[str, ...],
    source: Source,
    settings: Settings,
    place: dict[str, Any],
) -> Meaning:
    """Understand the lines of one input.

    Parameters
    ----------
    raw : Raw
        The input with all its columns.
    cells, frame : DataFrame
        Cells as they stand and typed values under our names, index the row in the user's file.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the user's header.
    unused : tuple of str
        Headers of no known column.
    source : Source
        Its settings.
    settings : Settings
        The engagement's.
    place : dict
        Where the faults stand: table, file, sheet.
    """
    others = at(raw.frame[list(unused)], frame.index)
    balances = pd.Series("", index=frame.index)
    if spec.name == "transactions":
        balances = balance_rows.find(cells, others, frame, spec)
    rest = balances == ""
    found = total_rows.find(kept(cells, rest), kept(others, rest), kept(frame, rest), spec)
    sums = found.rows.reindex(frame.index, fill_value=True)
    scaled, faults = units.applied(frame, cells, raw, spec, headers, ~sums, place)
    balanced = balance_rows.told(balances, kept(scaled, ~sums | ~rest), place)
    faults = [*balanced, *total_rows.said(found, kept(scaled, rest), place), *faults]
    lines, cells = kept(scaled, ~sums), kept(cells, ~sums)
    void = pd.Series(False, index=lines.index)
    if spec.name in MONEY_LINES and "amount" in lines and "account_id" in lines:
        as_given = settings.signs_as_given if source.signs_as_given is None else source.signs_as_given
        lines, said = credit_notes.signed(lines, raw, headers, source, as_given, place)
        faults += said
        keep = settings.keep_void if source.keep_void is None else source.keep_void
        judged = void_lines.judged(lines, raw, spec, headers, source, keep, place)
        void, faults = judged.void, faults + judged.faults
        if spec.name == "transactions":
            faults += refunds.told(lines, raw, headers, unused, ~void, place)
    lines, said = currency.in_one(
        lines, cells, raw, spec, headers, settings.currency, settings.currency_rates, ~void, place
    )
    return Meaning(
        lines.reindex(frame.index), sums, void.reindex(frame.index, fill_value=False), faults + said
    )
