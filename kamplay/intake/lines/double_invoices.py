"""The same invoices in two files or sheets: found by order and amount before anything is added up twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from kamplay.errors import Fault, Level
from kamplay.intake.checks.validation import at_rows

FEW = 3  # invoices or lines below which it may be chance
HALF = 0.5  # of the lines of an input that stand in another as well: it is the same export
MUCH = 0.05  # of the total that counts twice: no figure stands on it
NEARLY_ALL = 0.9  # of the lines of an input: two exports of one business, whatever their days
MANY = 20  # lines of the same accounts and amounts below which two inputs may be alike by chance
DAYS_APART = 31  # between an order and its invoice


def twice(frame: pd.DataFrame) -> pd.DataFrame:
    """Find the lines whose invoice stands in an earlier input with the same date and the same amount.

    Parameters
    ----------
    frame : DataFrame
        Lines of all inputs: date, account_id, amount, order_id (may be absent), _input.

    Returns
    -------
    DataFrame
        The lines that count again, with ``_first``, the input where their invoice stood before. Without order
        ids the account, the date and the amount of a line must agree, and half the lines of an input.
    """
    known = frame[frame["date"].notna() & frame["amount"].notna()]
    if known["_input"].nunique() < 2:
        return known.iloc[:0].assign(_first=0)
    numbered = known["order_id"].notna() if "order_id" in known else pd.Series(False, index=known.index)
    share = numbered.groupby(known["_input"]).mean()
    by_number = known["_input"].map(share) >= HALF
    parts = [_by_invoice(known[numbered & by_number]), _by_line(known)]
    found = pd.concat([part for part in parts if len(part)] or [known.iloc[:0].assign(_first=0)])
    return found[~found.index.duplicated()]


def _by_invoice(lines: pd.DataFrame) -> pd.DataFrame:
    """Invoices of one number, day and sum in two inputs."""
    if lines["_input"].nunique() < 2:
        return lines.iloc[:0]
    sums = lines.groupby(["order_id", "_input"], sort=False).agg(
        amount=("amount", "sum"), date=("date", "min")
    )
    sums = sums.reset_index().sort_values("_input", kind="stable")
    sums["cents"] = sums["amount"].round(2)
    first = sums.groupby(["order_id", "date", "cents"])["_input"].transform("first")
    again = sums[(first != sums["_input"]) & (sums["cents"] != 0)].assign(_first=first)
    again = again[again.groupby("_input")["_input"].transform("size") >= FEW]
    keys = again.set_index(["order_id", "_input"])["_first"]
    at = pd.MultiIndex.from_frame(lines[["order_id", "_input"]])
    return lines.assign(_first=keys.reindex(at).to_numpy()).dropna(subset=["_first"])


def _by_line(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines of one account, day and amount in two inputs, where that is half of an input or more."""
    keys = ["account_id", "date", "amount"]
    lines = lines[lines["amount"] != 0].sort_values("_input", kind="stable")
    nth = lines.groupby([*keys, "_input"], dropna=False).cumcount()  # the second of a pair meets the second
    first = lines.groupby([*keys, nth], dropna=False)["_input"].transform("first")
    again = lines.assign(_first=first)[first != lines["_input"]]
    count = again.groupby("_input")["_input"].transform("size")
    size = again["_input"].map(lines["_input"].value_counts())
    return again[(count >= max(FEW, 5)) & (count >= HALF * size)]


def faults(frame: pd.DataFrame, inputs: list[dict[str, Any]]) -> list[Fault]:
    """Report the invoices that are counted twice, one fault for each input that brings them again.

    An error where half of that input, or a twentieth of the total, counts twice: no figure stands on it.
    """
    again = twice(frame)
    total = float(frame["amount"].abs().sum())
    out = []
    for number, rows in again.groupby("_input", sort=False):
        place = inputs[int(number)]["place"]
        other = inputs[int(rows["_first"].mode().iloc[0])]["place"]
        share = len(rows) / max(1, int((frame["_input"] == number).sum()))
        amount = float(rows["amount"].sum())
        much = share >= HALF or float(rows["amount"].abs().sum()) >= MUCH * total
        level: Level = "error" if much else "warning"
        invoices = int(rows["order_id"].nunique()) if "order_id" in rows else 0
        args = {
            "other": shown(other),
            "amount": amount,
            "invoices": invoices or len(rows),
            "leave_out": [shown(place)] if share >= 0.95 else [],
        }
        out.append(at_rows(Fault("invoices_twice", level, args=args, **place), rows["_row"]))
    return out


def on_other_days(frame: pd.DataFrame, inputs: list[dict[str, Any]]) -> list[Fault]:
    """Report inputs whose lines stand in an earlier one with account and amount, but on other days and under
    other numbers: orders beside the invoices of the same sales.

    Only inputs of the same time are compared, and amounts that do not come again and again: a subscription
    is paid every month. An error where nearly all lines are alike.
    """
    known = frame[frame["date"].notna() & frame["account_id"].notna() & (frame["amount"] != 0)]
    numbers = list(known["_input"].unique())
    if len(numbers) < 2:
        return []
    lines = known[["_input", "_row", "account_id", "date", "amount"]].sort_values("date", kind="stable")
    lines = lines.assign(cents=lines["amount"].round(2))
    lines["nth"] = lines.groupby(["_input", "account_id", "cents"]).cumcount()
    parts = {n: lines[lines["_input"] == n] for n in numbers}
    out = []
    for at, number in enumerate(numbers):
        part = parts[number]
        for other in numbers[:at]:
            alike = _alike(part, parts[other])
            if len(alike) < max(MANY, HALF * len(part)):
                continue
            level: Level = "error" if len(alike) >= NEARLY_ALL * len(part) else "warning"
            args = {"other": shown(inputs[int(other)]["place"]), "amount": float(alike["amount"].sum())}
            fault = Fault("sales_on_other_days", level, args=args, **inputs[int(number)]["place"])
            out.append(at_rows(fault, alike["_row"]))
            break
    return out


def _alike(part: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The lines of an input that stand in another of the same time, a day to a month apart."""
    (first, last), (its_first, its_last) = ((p["date"].min(), p["date"].max()) for p in (part, other))
    if min(last, its_last) - max(first, its_first) < HALF * min(last - first, its_last - its_first):
        return part.iloc[:0]
    keys = ["account_id", "cents", "nth"]
    both = part.merge(other[[*keys, "date"]], on=keys, suffixes=("", "_other"))
    apart = (both["date"] - both["date_other"]).abs().dt.days
    both = both[(apart > 0) & (apart <= DAYS_APART)]
    return both if (both["nth"] == 0).sum() > HALF * len(both) else both.iloc[:0]


def of_one_cause(found: list[Fault]) -> list[Fault]:
    """Make one fault of those whose invoices all stand in one other input: a sheet of the whole time beside
    one for each year.
    """
    out: dict[str, list[Fault]] = {}
    for fault in found:
        out.setdefault(str(fault.args["other"]), []).append(fault)
    return [_together(other, same) if len(same) > 1 else same[0] for other, same in out.items()]


def _together(other: str, same: list[Fault]) -> Fault:
    inputs = [shown({"file": f.file, "sheet": f.sheet}) for f in same]
    args = {
        "others": ", ".join(inputs[:4]) + (" …" if len(inputs) > 4 else ""),
        "amount": round(sum(f.args["amount"] for f in same), 2),
        "invoices": sum(f.args["invoices"] for f in same),
        "leave_out": [name for f in same for name in f.args["leave_out"]],
    }
    file, _, sheet = other.partition("#")
    level: Level = "error" if any(f.level == "error" for f in same) else "warning"
    count = sum(f.count for f in same)
    return Fault("invoices_in_several", level, same[0].table, file, sheet or None, count=count, args=args)


def shown(place: dict[str, Any]) -> str:
    """A file with its sheet, as sources names it."""
    return f"{place['file']}#{place['sheet']}" if place["sheet"] else str(place["file"])


def without_repeats(found: list[Fault], doubles: list[Fault]) -> list[Fault]:
    """One cause is one fault: lines that are told as invoices counted twice are not told as repeats too."""
    told = {(f.file, f.sheet): set(f.all_rows) for f in doubles}
    return [
        f
        for f in found
        if f.code != "line_repeated" or not set(f.all_rows) <= told.get((f.file, f.sheet), set())
    ]


def of_sheets(
    fault: Fault, used: pd.DataFrame, others: list[tuple[str, pd.DataFrame | None]]
) -> Iterator[Fault]:
    """Say of each sheet that is not read what it would add, and what of it would count twice.

    Parameters
    ----------
    fault : Fault
        ``sheets_not_used``.
    used : DataFrame
        The lines of the sheet that is read.
    others : list of (str, DataFrame or None)
        The other sheets with their lines, None where they are no such table.
    """
    rest: list[tuple[str, int, float | None]] = []
    for sheet, lines in others:
        if lines is None or not {"date", "amount", "account_id"} <= set(lines.columns) or lines.empty:
            if sheet not in fault.args.get("hidden", ()):  # a hidden list of other things
                rest.append((sheet, 0, None))
            continue
        both = pd.concat([used.assign(_input=0), lines.assign(_input=1)], ignore_index=True)
        again = twice(both)
        amount = float(lines["amount"].sum())
        if len(again):
            args = {
                "other": sheet,
                "lines": len(again),
                "amount": float(again["amount"].sum()),
                "would": float(used["amount"].sum()) + amount,
            }
            yield replace(fault, code="sheet_same_invoices", args=args)
        else:
            rest.append((sheet, len(lines), amount))
    if rest:
        yield replace(fault, args={**fault.args, "sheets": rest})
