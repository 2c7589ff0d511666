"""Cleaned rows against the table's contract: every fault found, with its row in the user's file, identical ones folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from kamplay.codebook import TableSpec
from kamplay.errors import Fault, Level

TOTAL_WORDS = ("合计", "总计", "小计", "本页合计", "total", "subtotal", "grand total", "sum")


def total_rows(text: pd.DataFrame, frame: pd.DataFrame, spec: TableSpec) -> pd.Series:
    """Rows that sum the others up: a cell says so and the row lacks a required identity or date."""
    says = text.apply(lambda c: c.str.strip().str.rstrip(":：").str.casefold().isin(TOTAL_WORDS)).any(axis=1)
    identity = [c for c in frame.columns if spec.columns[c].required and spec.columns[c].kind in ("id", "date")]
    lacks = frame[identity].isna().any(axis=1) if identity else pd.Series(True, index=frame.index)
    return says & (lacks | says_in(text, identity))


def says_in(text: pd.DataFrame, columns: Iterable[str]) -> pd.Series:
    cells = text[list(columns)]
    return cells.apply(lambda c: c.str.strip().str.rstrip(":：").str.casefold().isin(TOTAL_WORDS)).any(axis=1)


def unreadable(
    bad: dict[str, pd.Series], text: pd.DataFrame, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]
) -> list[Fault]:
    """Filled cells that their column's reader could not read: an error where the column is required, else a warning."""
    out = []
    for name, mask in bad.items():
        column = spec.columns[name]
        for row, value in text.loc[mask, name].items():
            args = {"kind": column.kind, "choices": [{"zh": c["zh"], "en": c["en"]} for c in column.choices.values()]}
            level: Level = "error" if column.required else "warning"
            out.append(Fault(f"unreadable_{column.kind}", level, row=int(row), column=headers[name], value=value, args=args, **place))
    return out


def contract(frame: pd.DataFrame, spec: TableSpec, headers: dict[str, str], place: dict[str, Any], blank_allowed: set[str]) -> list[Fault]:
    """What a pandera schema built from the codebook finds: empty required cells and values out of range."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    columns = {}
    for name in frame.columns:
        column = spec.columns[name]
        checks = []
        if column.minimum is not None:
            checks.append(pa.Check.ge(column.minimum, name="below"))
        if column.maximum is not None:
            checks.append(pa.Check.le(column.maximum, name="above"))
        columns[name] = pa.Column(nullable=not column.required or name in blank_allowed, checks=checks)
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
        return []
    except SchemaErrors as error:
        cases = error.failure_cases
    out = []
    for case in cases.itertuples():
        column = spec.columns[case.column]
        limits = {"low": column.minimum, "high": column.maximum}
        level: Level = "error" if column.required else "warning"
        if case.check == "not_nullable":
            out.append(Fault("cell_empty", level, row=int(case.index), column=headers[case.column], **place))
        else:
            value = f"{case.failure_case:g}"
            out.append(Fault("out_of_range", level, row=int(case.index), column=headers[case.column], value=value, args=limits, **place))
    return out


def across(tables: dict[str, pd.DataFrame], inputs: list[dict], today: pd.Timestamp) -> list[Fault]:
    """What only shows once all files are read: keys given twice, exact duplicate lines, unknown accounts, dates after today."""
    return [*_duplicates(tables, inputs), *_orphans(tables, inputs), *_future(tables, inputs, today)]


def _duplicates(tables: dict[str, pd.DataFrame], inputs: list[dict]) -> Iterable[Fault]:
    from kamplay.codebook import codebook

    for name, frame in tables.items():
        data = frame.drop(columns=["_input", "_row"])
        key = [k for k in codebook()[name].key if k in data.columns]
        if key:
            clash = data.duplicated(key, keep="first") & ~data.duplicated(keep="first")
            for _, row in frame[clash].iterrows():
                where = inputs[row["_input"]]
                yield Fault("key_repeated", row=int(row["_row"]), column=where["headers"][key[0]], value=str(row[key[0]]), **where["place"])
        repeated = data.duplicated(keep="first")
        if repeated.any():
            first = frame[repeated].iloc[0]
            where = inputs[first["_input"]]
            code = "line_repeated_dropped" if key else "line_repeated"
            amount = float(frame.loc[repeated, "amount"].sum()) if "amount" in frame else None
            yield Fault(code, "warning", row=int(first["_row"]), count=int(repeated.sum()), args={"amount": amount}, **where["place"])


def _orphans(tables: dict[str, pd.DataFrame], inputs: list[dict]) -> Iterable[Fault]:
    known: set[str] = set(tables["transactions"]["account_id"].dropna()) if "transactions" in tables else set()
    if "accounts" in tables:
        known |= set(tables["accounts"]["account_id"].dropna())
    for name, frame in tables.items():
        if name in ("accounts", "transactions") or "account_id" not in frame:
            continue
        lost = frame["account_id"].notna() & ~frame["account_id"].isin(known)
        if lost.any():
            first = frame[lost].iloc[0]
            where = inputs[first["_input"]]
            yield Fault(
                "account_unknown",
                "warning",
                row=int(first["_row"]),
                column=where["headers"]["account_id"],
                value=str(first["account_id"]),
                count=int(lost.sum()),
                **where["place"],
            )


def _future(tables: dict[str, pd.DataFrame], inputs: list[dict], today: pd.Timestamp) -> Iterable[Fault]:
    if "transactions" not in tables or "date" not in tables["transactions"]:
        return
    frame = tables["transactions"]
    late = frame["date"] > today
    if late.any():
        first = frame[late].iloc[0]
        where = inputs[first["_input"]]
        yield Fault(
            "date_in_future",
            "warning",
            row=int(first["_row"]),
            column=where["headers"]["date"],
            value=str(first["date"].date()),
            count=int(late.sum()),
            **where["place"],
        )


def fold_faults(faults: Iterable[Fault]) -> list[Fault]:
    """Identical faults as one with a count, at the place of the first; errors first, the order otherwise kept."""
    folded: dict[tuple, Fault] = {}
    for fault in faults:
        key = (fault.code, fault.level, fault.table, fault.file, fault.sheet, fault.column, fault.value, repr(fault.args))
        folded[key] = replace(folded[key], count=folded[key].count + fault.count) if key in folded else fault
    return sorted(folded.values(), key=lambda f: f.level != "error")
