"""The whole way in: find → read → map → clean → check → roll up. One call gives a Book, or every reason why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd

from kamplay.book import Book, Reading
from kamplay.codebook import codebook
from kamplay.engagement import Engagement
from kamplay.errors import Fault, KamplayError
from kamplay.intake import check
from kamplay.intake.clean import as_text, clean
from kamplay.intake.find import Input, find
from kamplay.intake.map import map_headers
from kamplay.intake.read import Raw, read
from kamplay.intake.rollup import roll_up


@dataclass
class Intake:
    """What reading found, usable or not: the tables, how each input was read, the raw cells (to mark them), the faults."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    raws: list[Raw] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        return not any(f.level == "error" for f in self.faults)


def survey(engagement: Engagement) -> Intake:
    """Read and check everything; never raises for a fault in the data."""
    intake = Intake()
    inputs, faults = find(engagement)
    parts: dict[str, list[pd.DataFrame]] = {}
    about: list[dict[str, Any]] = []
    for entry in inputs:
        frame, found, description = _one_input(entry, len(about), intake)
        faults += found
        about.append(description)
        if frame is not None:
            parts.setdefault(entry.table, []).append(frame)
    tables = {name: pd.concat(parts[name], ignore_index=True) for name in codebook() if name in parts}
    tables = {name: frame for name, frame in tables.items() if len(frame) or name == "transactions"}  # a blank sheet is no table
    faults += check.across(tables, about, pd.Timestamp(datetime.now().date()))
    for name, frame in tables.items():
        intake.tables[name] = _finished(name, frame, intake)
    if "transactions" in intake.tables and intake.tables["transactions"].get("amount") is not None:
        faults += _as_of_faults(engagement, intake.tables["transactions"])
    intake.faults = check.fold_faults(faults)
    return intake


def prepare(engagement: Engagement) -> Book:
    """The Book of an engagement. Raises KamplayError with every error when the data cannot be used."""
    return to_book(engagement, survey(engagement))


def to_book(engagement: Engagement, intake: Intake) -> Book:
    if not intake.usable:
        raise KamplayError(intake.faults)
    transactions = intake.tables["transactions"]
    no_account = transactions["account_id"].isna()
    unassigned = {"rows": int(no_account.sum()), "amount": float(transactions.loc[no_account, "amount"].sum())}
    as_of = engagement.settings.as_of or _last_date(transactions)
    monthly, days = roll_up(transactions, as_of)
    return Book(intake.tables, monthly, days, tuple(intake.readings), tuple(intake.faults), as_of, unassigned)


def _one_input(entry: Input, number: int, intake: Intake) -> tuple[pd.DataFrame | None, list[Fault], dict[str, Any]]:
    spec = codebook()[entry.table]
    place: dict[str, Any] = {"table": entry.table, "file": entry.shown, "sheet": entry.sheet}
    description: dict[str, Any] = {"place": place, "headers": {}}
    try:
        wanted = (*entry.source.columns.values(), *entry.source.where)
        raw = read(entry.path, entry.shown, entry.sheet, spec, wanted)
    except KamplayError as error:
        return None, error.faults, description
    intake.raws.append(raw)
    mapped, faults = map_headers(raw, spec, entry.source)
    description["headers"] = mapped.headers
    if any(f.level == "error" for f in faults):
        return None, faults, description
    text = mapped.frame.apply(as_text)
    blank = (text.apply(lambda c: c.str.strip()) == "").all(axis=1)
    cells, text = mapped.frame[~blank], text[~blank]
    cleaned = {name: clean(cells[name], spec.columns[name]) for name in cells.columns}
    frame = pd.DataFrame({name: values for name, (values, _) in cleaned.items()}, index=cells.index)
    sums = check.total_rows(text, frame, spec)
    frame, text = frame[~sums], text[~sums]
    bad = {name: mask[~sums] for name, (_, mask) in cleaned.items() if mask[~sums].any()}
    faults += check.unreadable(bad, text, spec, mapped.headers, place)
    blank_allowed = {"account_id"} if entry.table == "transactions" else set()
    broken = check.contract(frame, spec, mapped.headers, place, blank_allowed)
    faults += [f for f in broken if not _reported(f, bad, mapped.headers)]
    if sums.any():
        faults.append(Fault("total_rows", "warning", row=int(sums.idxmax()), count=int(sums.sum()), **place))
    if entry.table == "transactions" and frame["account_id"].isna().any():
        missing = frame["account_id"].isna()
        faults.append(
            Fault(
                "account_blank",
                "warning",
                row=int(missing.idxmax()),
                column=mapped.headers["account_id"],
                count=int(missing.sum()),
                args={"amount": float(frame.loc[missing, "amount"].sum())},
                **place,
            )
        )
    intake.readings.append(
        Reading(
            entry.table,
            entry.shown,
            entry.sheet,
            len(raw.frame),
            mapped.set_aside,
            int(blank.sum()),
            int(sums.sum()),
            0,
            len(frame),
            mapped.headers,
            mapped.unused,
        )
    )
    return frame.assign(_input=number, _row=frame.index), faults, description


def _reported(fault: Fault, bad: dict[str, pd.Series], headers: dict[str, str]) -> bool:
    """An unreadable cell is missing after cleaning: it is one fault, not two."""
    return fault.code == "cell_empty" and any(headers[n] == fault.column and fault.row in m.index[m] for n, m in bad.items())


def _finished(name: str, frame: pd.DataFrame, intake: Intake) -> pd.DataFrame:
    """The table without bookkeeping columns; exact repeats of a keyed row are one row, and counted."""
    data = frame.drop(columns=["_input", "_row"])
    if not codebook()[name].key:
        return data
    repeated = data.duplicated(keep="first")
    if repeated.any():
        for i, reading in enumerate(intake.readings):
            if reading.table == name:
                intake.readings[i] = Reading(
                    **{**reading.__dict__, "repeated": int(repeated.sum()), "used": reading.used - int(repeated.sum())}
                )
                break
    return data[~repeated].reset_index(drop=True)


def _last_date(transactions: pd.DataFrame) -> date:
    today = pd.Timestamp(datetime.now().date())
    past = transactions.loc[transactions["date"] <= today, "date"]
    return past.max().date()


def _as_of_faults(engagement: Engagement, transactions: pd.DataFrame) -> list[Fault]:
    """as_of must leave something to analyse: at least one sale in the 12 months that end there."""
    if transactions["date"].notna().sum() == 0:
        return [Fault("no_rows", table="transactions", file="data/")]
    as_of = pd.Timestamp(engagement.settings.as_of or _last_date(transactions))
    first, last = transactions["date"].min(), transactions["date"].max()
    start = as_of + pd.Timedelta(days=1) - pd.DateOffset(months=12)
    if not transactions["date"].between(start, as_of).any():
        args = {"first": str(first.date()), "last": str(last.date())}
        return [Fault("as_of_outside_data", file="engagement.yaml", column="as_of", value=str(as_of.date()), args=args)]
    if as_of - last > pd.Timedelta(days=31):
        return [Fault("data_ends_early", "warning", table="transactions", value=str(last.date()), args={"as_of": str(as_of.date())})]
    return []
