"""Check what was read: one input against the table's contract, then all rows, tables and files against each
other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from kamplay.codebook import Column, TableSpec, codebook
from kamplay.errors import Fault, Level
from kamplay.intake.checks.duplicate_accounts import SAME_TAX_ID, alike, written_alike
from kamplay.intake.values.cells import is_typed
from kamplay.intake.values.dates import DateRules
from kamplay.intake.values.parsing import SHOWN, as_text, cause_args, causes
from kamplay.parent_links import cycles, links


def unreadable(
    bad: dict[str, pd.Series],
    cells: pd.DataFrame,
    spec: TableSpec,
    headers: dict[str, str],
    place: dict[str, Any],
    rules: dict[str, DateRules],
) -> list[Fault]:
    """Report the filled cells that their column's reader could not read.

    Parameters
    ----------
    bad : dict of str to Series of bool
        For each column the unreadable cells.
    cells : DataFrame
        The cells as they stand, index the row in the user's file.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the user's header.
    place : dict
        Where the faults stand: table, file, sheet.
    rules : dict of str to DateRules
        What is known of a column's dates.

    Returns
    -------
    list of Fault
        One for each cause in a column, with all its rows and the first places; an error where the column is
        required.
    """
    out = []
    for name, mask in bad.items():
        column = spec.columns[name]
        level: Level = "error" if column.required else "warning"
        text = as_text(cells.loc[mask, name])
        found = causes(cells[name], mask, column, rules[name])
        for code, same in text.groupby(found, sort=False):
            value = str(same.iloc[0])
            args = cause_args(str(code), cells[name], column, rules[name], value)
            fault = Fault(str(code), level, column=headers[name], value=value, args=args, **place)
            out.append(with_places(at_rows(fault, same.index), same))
    return out


def with_places(fault: Fault, values: pd.Series) -> Fault:
    """Give a fault the rows of its first different values, where it holds more than one."""
    first = values.drop_duplicates().head(SHOWN)
    if len(first) < 2:
        return fault
    return replace(fault, args={**fault.args, "places": [(int(r), str(v)) for r, v in first.items()]})


def contract(
    frame: pd.DataFrame,
    spec: TableSpec,
    headers: dict[str, str],
    place: dict[str, Any],
    blank_allowed: set[str],
    bad: dict[str, pd.Series],
    cells: pd.DataFrame,
) -> list[Fault]:
    """Check one input against the table's contract, a pandera schema built from the codebook.

    Parameters
    ----------
    frame : DataFrame
        Typed values, index the row in the user's file.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the user's header.
    place : dict
        Where the faults stand: table, file, sheet.
    blank_allowed : set of str
        Required columns whose empty cells are counted elsewhere.
    bad : dict of str to Series of bool
        Unreadable cells: missing by now, and reported already.
    cells : DataFrame
        The cells as they stand, with the index of ``frame``.

    Returns
    -------
    list of Fault
        Required cells that are empty or say that there is nothing (N/A), and values out of range.
    """
    optional = {name for name in frame.columns if not spec.columns[name].required or name in blank_allowed}
    if not any(_broken(frame[name], spec.columns[name], name in optional) for name in frame.columns):
        return []
    import pandera.pandas as pa  # costs half a second, which sound data need not pay
    from pandera.errors import SchemaErrors

    columns = {}
    for name in frame.columns:
        column = spec.columns[name]
        checks = []
        if column.minimum is not None:
            checks.append(pa.Check.ge(column.minimum, name="below"))
        if column.maximum is not None:
            checks.append(pa.Check.le(column.maximum, name="above"))
        columns[name] = pa.Column(nullable=name in optional, checks=checks)
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
        return []
    except SchemaErrors as error:
        cases = error.failure_cases
    out = []
    for (name, test), same in cases.groupby(["column", "check"], sort=False):
        column, rows = spec.columns[name], same["index"].astype(int)
        limits = {"low": column.minimum, "high": column.maximum}
        level: Level = "error" if column.required else "warning"
        if test == "not_nullable":
            rows = rows[~rows.isin(bad[name].index[bad[name]])] if name in bad else rows
            written = as_text(cells.loc[rows, name]).str.strip()
            for value, held in written.groupby(written, sort=False):
                code, shown = ("cell_says_nothing", str(value)) if value else ("cell_empty", None)
                fault = Fault(code, level, column=headers[name], value=shown, **place)
                out.append(at_rows(fault, held.index))
        else:
            found = same.set_index("index")["failure_case"].map(lambda v: f"{v:g}").sort_index()
            value = found.iloc[0]
            fault = Fault("out_of_range", level, column=headers[name], value=value, args=limits, **place)
            out.append(with_places(at_rows(fault, rows), found))
    return out


def _broken(values: pd.Series, column: Column, optional: bool) -> bool:
    """Whether some cell is empty where it must not be, or out of its column's range."""
    low = column.minimum is not None and (values < column.minimum).any()
    high = column.maximum is not None and (values > column.maximum).any()
    return bool(low or high or (not optional and values.isna().any()))


def at_rows(fault: Fault, rows: Iterable[int]) -> Fault:
    """Give a fault these rows of the user's file."""
    at = tuple(sorted(int(r) for r in rows))
    return replace(fault, row=at[0], rows=at, count=len(at))


def fold_faults(faults: Iterable[Fault]) -> list[Fault]:
    """Fold identical faults into one with a count and all their rows, errors first, else in order."""
    alike: dict[tuple, list[Fault]] = {}
    for fault in faults:
        key = (
            fault.code,
            fault.level,
            fault.table,
            fault.file,
            fault.sheet,
            fault.column,
            fault.value,
            repr(fault.args),
        )
        alike.setdefault(key, []).append(fault)
    return sorted((_folded(same) for same in alike.values()), key=lambda f: f.level != "error")


def _folded(same: list[Fault]) -> Fault:
    if len(same) == 1:
        return same[0]
    rows = tuple(sorted({row for fault in same for row in fault.all_rows}))
    return replace(same[0], count=sum(f.count for f in same), rows=rows, row=rows[0] if rows else None)


Tables = dict[str, pd.DataFrame]
Inputs = list[dict[str, Any]]
MANY_RETURNS = 0.2  # of the gross amount; below that returns are business as usual
OVER_DELIVERED = 1.2  # times what was ordered

# Dates of what has happened; dates to come (due, expected, promised) may lie ahead
PAST = {
    "accounts": ("since",),
    "transactions": ("date",),
    "receivables": ("invoice_date", "paid_date"),
    "deliveries": ("delivered_date",),
    "tickets": ("opened", "closed"),
    "surveys": ("date",),
    "contacts": ("confirmed",),
    "visits": ("date",),
    "opportunities": ("opened",),
    "actions": ("done_on",),
    "value_cases": ("date", "agreed_on", "realised_on"),
}
ORDER = (  # table, what comes first, what cannot come before it, the fault when it does
    ("receivables", "invoice_date", "due_date", "due_before_invoice"),
    ("receivables", "invoice_date", "paid_date", "paid_before_invoice"),
    ("tickets", "opened", "closed", "closed_before_opened"),
    ("opportunities", "opened", "closed", "closed_before_opened"),
    ("contracts", "start", "end", "ends_before_start"),
    ("contracts", "notice_date", "end", "ends_before_notice"),
    ("value_cases", "agreed_on", "realised_on", "realised_before_agreed"),
)
DECIDED = ("won", "lost")  # tenders whose outcome is known


def across(
    tables: Tables, inputs: Inputs, today: pd.Timestamp, repeats: dict[str, pd.Series], dedupe: bool
) -> list[Fault]:
    """Check between rows, tables and files: repeats, unknown accounts and contacts, odd dates, twins.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Typed tables; ``_input`` and ``_row`` say where each row was read.
    inputs : list of dict
        How each input was read.
    today : Timestamp
        Dates of what has happened cannot lie after it.
    repeats : dict of str to Series of bool
        For each table the mask that ``repeated`` gives.
    dedupe : bool
        Whether repeated lines are left out.
    """
    return [
        *_conflicts(tables, inputs),
        *_repeats(tables, inputs, repeats, dedupe),
        *_orphans(tables, inputs),
        *_contacts(tables, inputs),
        *_parents(tables, inputs),
        *_dates(tables, inputs, today),
        *_decided_ahead(tables, inputs, today),
        *_over_delivered(tables, inputs),
        *_sets_nothing(tables, inputs),
        *_many_returns(tables, inputs),
        *_twins(tables, inputs),
        *_written_alike(tables, inputs),
    ]


def repeated(name: str, frame: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """Find the rows that repeat an earlier one.

    Lines of a table without a key repeat only when the columns that we do not use agree as well: two items of
    one invoice may differ in nothing else.
    """
    data = frame.drop(columns=[name for name in frame if name.startswith("_")])
    again = _again(data)
    if codebook()[name].key or not again.any():
        return again
    candidates = data.duplicated(keep=False)
    rest = pd.Series("", index=frame.index[candidates], dtype="str")
    for number, rows in frame.loc[candidates, "_row"].groupby(frame.loc[candidates, "_input"]):
        raw, unused = inputs[int(number)].get("raw"), list(inputs[int(number)].get("unused", ()))
        if raw is not None and unused:
            cells = raw.frame.loc[rows.to_numpy(), unused].apply(as_text)
            rest[rows.index] = cells.agg("\x1f".join, axis=1).to_numpy()
    return data[candidates].assign(_rest=rest).duplicated(keep="first").reindex(frame.index, fill_value=False)


def _again(data: pd.DataFrame) -> pd.Series:
    """The rows that stand before to the last cell. Nearly all differ in a figure or a date already, which is
    cheaper to see than in a text.
    """
    typed = [c for c in data.columns if is_typed(data[c])]
    alike = data[typed].duplicated(keep=False) if typed else pd.Series(True, index=data.index)
    return data[alike].duplicated(keep="first").reindex(data.index, fill_value=False)


def returns(frame: pd.DataFrame) -> dict[str, Any]:
    """Sum the negative lines: rows, amount (negative), share of the gross amount (None without a positive
    line).
    """
    amounts = frame["amount"].dropna()
    back, gross = amounts[amounts < 0], float(amounts[amounts > 0].sum())
    return {
        "rows": len(back),
        "amount": round(float(back.sum()), 2) + 0.0,
        "share": -float(back.sum()) / gross if gross else None,
    }


def _at(
    code: str,
    mask: pd.Series,
    frame: pd.DataFrame,
    inputs: Inputs,
    column: str | None,
    level: Level = "warning",
    **args: Any,
) -> Iterator[Fault]:
    """One fault for each input with rows in ``mask``, at ``column``, with the first value there."""
    for number, rows in frame[mask].groupby("_input", sort=False):
        where = inputs[int(number)]
        value = _shown(rows[column].iloc[0]) if column else None
        header = where["headers"].get(column) if column else None
        yield at_rows(
            Fault(code, level, column=header, value=value, args=args, **where["place"]), rows["_row"]
        )


def _shown(value: Any) -> str | None:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _has(tables: Tables, name: str, *columns: str) -> bool:
    return name in tables and set(columns) <= set(tables[name].columns)


def _conflicts(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    """A key given before with other details; the sentence names the columns that differ."""
    for name, frame in tables.items():
        key = [k for k in codebook()[name].key if k in frame]
        if not key:
            continue
        data = frame.drop(columns=["_input", "_row"])
        clash = (
            data.duplicated(key, keep="first")
            & ~data.duplicated(keep="first")
            & data[key].notna().all(axis=1)
        )
        if not clash.any():
            continue
        first = data.drop_duplicates(key).set_index(key)
        for at, row in data[clash].iterrows():
            other = first.loc[tuple(row[key]) if len(key) > 1 else row[key[0]]]
            where = inputs[int(frame.at[at, "_input"])]
            differs = [
                c
                for c in data.columns
                if c not in key
                and not (
                    row[c] == other[c]
                    if pd.notna([row[c], other[c]]).all()
                    else pd.isna([row[c], other[c]]).all()
                )
            ]
            args = {"differing": [where["headers"].get(c, c) for c in differs]}
            yield at_rows(
                Fault(
                    "key_repeated",
                    column=where["headers"][key[0]],
                    value=str(row[key[0]]),
                    args=args,
                    **where["place"],
                ),
                [frame.at[at, "_row"]],
            )


def _repeats(tables: Tables, inputs: Inputs, repeats: dict[str, pd.Series], dedupe: bool) -> Iterator[Fault]:
    for name, frame in tables.items():
        code = "line_repeated_dropped" if codebook()[name].key or dedupe else "line_repeated"
        for number, rows in frame[repeats[name]].groupby("_input", sort=False):
            args: dict[str, Any] = {"amount": float(rows["amount"].sum()) if "amount" in rows else None}
            if code == "line_repeated" and args["amount"]:
                total = float(frame.loc[frame["_input"] == number, "amount"].sum())
                args |= {"total": total, "rest": total - args["amount"]}
            yield at_rows(Fault(code, "warning", args=args, **inputs[int(number)]["place"]), rows["_row"])


def _orphans(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    """Rows of accounts that neither bought nor are listed, and lines of accounts that are missing from the
    list. Where no transactions were read nothing is known of who bought: one fault says so already.
    """
    if "transactions" not in tables:
        return
    known = _ids(tables, "transactions", "account_id") | _ids(tables, "accounts", "account_id")
    for name, frame in tables.items():
        if name not in ("accounts", "transactions") and "account_id" in frame:
            yield from _at(
                "account_unknown", unknown_above(frame["account_id"], known), frame, inputs, "account_id"
            )
    listed = _ids(tables, "accounts", "account_id")
    if listed and _has(tables, "transactions", "account_id", "amount"):
        lines = tables["transactions"]
        lost = unknown_above(lines["account_id"], listed)
        for fault in _at("account_unlisted", lost, lines, inputs, "account_id"):
            yield replace(
                fault,
                args={
                    "accounts": int(lines.loc[lost, "account_id"].nunique()),
                    "amount": float(lines.loc[lost, "amount"].sum()),
                },
            )


def _contacts(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    if not _has(tables, "contacts", "contact_id"):
        return
    contacts = tables["contacts"]
    known = _ids(tables, "contacts", "contact_id")
    if "reports_to" in contacts:
        yield from _at(
            "superior_unknown", unknown_above(contacts["reports_to"], known), contacts, inputs, "reports_to"
        )
        yield from _loops(
            contacts, inputs, "contact_id", "reports_to", "superior_cycle", "superior_cycle", "warning"
        )
    if _has(tables, "visits", "contact_id", "account_id"):
        visits = tables["visits"]
        yield from _at(
            "contact_unknown", unknown_above(visits["contact_id"], known), visits, inputs, "contact_id"
        )
        home = visits["contact_id"].map(
            contacts.drop_duplicates("contact_id").set_index("contact_id")["account_id"]
        )
        elsewhere = home.notna() & visits["account_id"].notna() & (home != visits["account_id"])
        yield from _at("contact_elsewhere", elsewhere, visits, inputs, "contact_id")


def _parents(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    """A group that leads back to itself cannot be summed up: an error. An account that names itself just
    stands alone.
    """
    if not _has(tables, "accounts", "account_id", "parent_id"):
        return
    accounts = tables["accounts"]
    known = _ids(tables, "transactions", "account_id") | _ids(tables, "accounts", "account_id")
    yield from _at(
        "parent_unknown", unknown_above(accounts["parent_id"], known), accounts, inputs, "parent_id"
    )
    yield from _loops(accounts, inputs, "account_id", "parent_id", "parent_self", "parent_cycle", "error")


def _loops(
    frame: pd.DataFrame, inputs: Inputs, key: str, above: str, own: str, longer: str, level: Level
) -> Iterator[Fault]:
    for loop in cycles(links(frame[key], frame[above])):
        on = frame[key].isin(loop) & frame[above].isin(loop)
        alone = len(loop) == 1
        args = {"cycle": " → ".join([*loop, loop[0]])}
        yield from _at(
            own if alone else longer, on, frame, inputs, above, "warning" if alone else level, **args
        )


def _dates(tables: Tables, inputs: Inputs, today: pd.Timestamp) -> Iterator[Fault]:
    for name, columns in PAST.items():
        for column in columns:
            if not _has(tables, name, column):
                continue
            frame, ahead = tables[name], tables[name][column] > today
            for fault in _at("date_in_future", ahead, frame, inputs, column):
                if name == "transactions" and "amount" in frame:  # said with what the report leaves out
                    mine = ahead & frame["_row"].isin(fault.all_rows)
                    worth = {"amount": float(frame.loc[mine, "amount"].sum())}
                    fault = replace(fault, args=worth)
                yield fault
    for name, first, then, code in ORDER:
        if _has(tables, name, first, then):
            yield from _at(code, tables[name][then] < tables[name][first], tables[name], inputs, then)


def _decided_ahead(tables: Tables, inputs: Inputs, today: pd.Timestamp) -> Iterator[Fault]:
    """Tenders that are won or lost before the day on which they are decided; one that is still open may lie
    ahead.
    """
    if _has(tables, "tenders", "date", "result"):
        frame = tables["tenders"]
        ahead = (frame["date"] > today) & frame["result"].isin(DECIDED)
        yield from _at("decided_in_future", ahead, frame, inputs, "date")


def _over_delivered(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    if _has(tables, "deliveries", "ordered", "delivered"):
        frame = tables["deliveries"]
        over = frame["delivered"] > frame["ordered"] * OVER_DELIVERED + 1e-9
        yield from _at("delivered_over_ordered", over, frame, inputs, "delivered")


def _sets_nothing(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    """Decisions by hand that set neither a tier nor a health score nor a strategy."""
    if "overrides" in tables:
        frame = tables["overrides"]
        nothing = pd.Series(True, index=frame.index)
        for column in ("tier", "health", "strategy"):
            if column in frame:
                nothing &= frame[column].isna()
        yield from _at("override_sets_nothing", nothing, frame, inputs, "account_id")


def _many_returns(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    for name in ("transactions", "receivables"):
        if not _has(tables, name, "amount"):
            continue
        for number, rows in tables[name][["_input", "amount"]].groupby("_input", sort=False):
            found = returns(rows)
            if found["rows"] and (found["share"] is None or found["share"] > MANY_RETURNS):
                args = {"amount": found["amount"], "share": found["share"]}
                where = inputs[int(number)]
                yield Fault(
                    "returns_many",
                    "warning",
                    column=where["headers"]["amount"],
                    count=int(found["rows"]),
                    args=args,
                    **where["place"],
                )


def _twins(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    """Accounts that look like one company, one fault a pair at the row of the later one."""
    if not _has(tables, "accounts", "account_id"):
        return
    accounts = (
        tables["accounts"].dropna(subset=["account_id"]).drop_duplicates("account_id").reset_index(drop=True)
    )
    for pair in alike(accounts).itertuples():
        one, other = accounts.iloc[pair.left], accounts.iloc[pair.right]
        where = inputs[int(other["_input"])]
        column = "tax_id" if pair.sign == SAME_TAX_ID else "account_name"
        name = _shown(one.get("account_name")) or one["account_id"]
        args = {
            "id": other["account_id"],
            "other": one["account_id"],
            "other_name": name,
            "other_row": int(one["_row"]),
        }
        yield at_rows(
            Fault(
                pair.sign,
                "warning",
                column=where["headers"].get(column),
                value=str(other[column]),
                args=args,
                **where["place"],
            ),
            [other["_row"]],
        )


def _ids(tables: Tables, name: str, column: str) -> set[str]:
    return set(tables[name][column].dropna().unique()) if _has(tables, name, column) else set()


def unknown_above(above: pd.Series, known: set[str]) -> pd.Series:
    """Find the filled cells that name nobody known."""
    return above.notna() & ~above.isin(known)


def _written_alike(tables: Tables, inputs: Inputs) -> Iterator[Fault]:
    """Accounts of the sales that differ in spaces, width or case alone, with what either bought: 协和医院 and
    协和 医院. The one that bought less is the odd one.
    """
    lines = tables.get("transactions")
    if lines is None or "account_id" not in lines:
        return
    known = lines["account_id"].dropna()
    names = pd.Series(known.unique(), dtype="object")
    keys = names.map(written_alike)
    twins = names[keys.duplicated(keep=False)]
    if twins.empty:
        return
    amounts = lines["amount"] if "amount" in lines else pd.Series(0.0, index=lines.index)
    bought = amounts[known.index].groupby(known).sum()
    for _, same in twins.groupby(keys[twins.index], sort=False):
        first, *others = sorted(same, key=lambda name: (-float(bought[name]), str(name)))
        for odd in others:
            args = {"other": first, "amount": float(bought[odd]), "other_amount": float(bought[first])}
            args["paste"] = json.dumps([[first, odd]], ensure_ascii=False)
            yield from _at(
                "accounts_written_alike", lines["account_id"] == odd, lines, inputs, "account_id", **args
            )
