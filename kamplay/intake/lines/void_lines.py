"""Lines that do not count: void ones are set aside, reversed ones stay with their reversal, doubtful ones are
told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kamplay.codebook import TableSpec, fold
from kamplay.engagement import Source
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.files.readers import Raw
from kamplay.intake.lines import written_marks
from kamplay.intake.lines.credit_notes import is_type, of_credit_notes, pair_keys, returns_of
from kamplay.intake.lines.named_values import lines_with, to_paste
from kamplay.intake.values.cells import at
from kamplay.intake.values.parsing import as_text, clean
from kamplay.line_status import (
    NO_SALE,
    RETURNED,
    Kind,
    bare_codes,
    is_day,
    is_status,
    kind_of,
    of_another,
    stages,
)

MOST_VALUES, LOOKED_AT = 40, 2000
STATED = 20  # status values that a proposed filter names at most
PAIRED = 0.8  # void lines whose own negative lines are there, mostly: they were reversed, not voided


@dataclass(frozen=True)
class Judged:
    """The lines that do not count, as a mask, and what is to be told."""

    void: pd.Series
    faults: list[Fault]


def judged(
    frame: pd.DataFrame,
    raw: Raw,
    spec: TableSpec,
    headers: dict[str, str],
    source: Source,
    keep: bool,
    place: dict[str, Any],
) -> Judged:
    """Find the lines whose status says that they do not count.

    Parameters
    ----------
    frame : DataFrame
        Typed values under our names, index the row in the user's file.
    raw : Raw
        The input with all its columns.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the user's header.
    source : Source
        Its settings: a ``where`` on a column decides for that column.
    keep : bool
        Void lines count.
    place : dict
        Where the faults stand: table, file, sheet.
    """
    ruled = {fold(h) for h in (*source.where, *source.void)}
    none = pd.Series(False, index=frame.index)
    void, faults = lines_with(raw, source.void, frame.index, place)
    named = void.copy()
    columns: list[tuple[str, pd.Series, dict[Any, Kind | None]]] = []
    for header in _columns(raw, headers):
        text = as_text(at(raw.frame[header], frame.index)).str.strip()
        kinds = _kinds(header, text.unique(), header == headers.get("status"))
        if fold(header) not in ruled and _is_status(header, text, kinds, header == headers.get("status")):
            columns.append((header, text, kinds))
    written = written_marks.void_values(raw, headers, frame.index) if spec.name == "transactions" else []
    written = [w for w in written if fold(w[0]) not in ruled and w[0] not in {h for h, *_ in columns}]
    columns += [(h, text, dict.fromkeys(values, "void")) for h, text, values, sure in written if sure]
    doubts: dict[str, pd.Series] = {}
    for header, text, kinds in columns:
        kind = text.map(kinds)
        reversed_, called = kind == "reversed", kind == "void"
        twins = _twins(frame, reversed_ | called) | _credits_taken_back(
            frame, raw, headers, reversed_ | called
        )
        if called.any() and twins[called].mean() < PAIRED:
            twins &= ~called
        # an account with other negative lines may have been credited in another sum
        unsure = reversed_ & ~twins & frame["account_id"].isin(_credited(frame, kind, twins))
        gone = (called | reversed_) & ~twins & ~unsure & ~((frame["amount"] < 0) & reversed_)
        void |= gone
        doubts[header] = (kind == "doubtful") | unsure
        if gone.any():
            faults.append(_told("lines_voided", header, text, gone, frame, kinds, ~gone, place))
    if named.any():
        header = next(iter(source.void))
        args = {"amount": float(frame.loc[named, "amount"].sum())}
        value = ", ".join(source.void[header][:4])
        fault = Fault("lines_voided", "warning", column=header, value=value, args=args, **place)
        faults.append(at_rows(fault, frame.index[named]))
    if keep and void.any():
        faults = [Fault(**{**f.__dict__, "code": "lines_voided_kept"}) for f in faults]
        void = none
    for (header, text, kinds), doubtful in zip(columns, doubts.values(), strict=True):
        # returns and refunds that are booked negative are in the sum as they should be
        returned = {v for v in kinds if RETURNED.search(str(v))}
        doubtful = doubtful & ~void & ~((frame["amount"] < 0) & text.isin(returned))
        if doubtful.any() and spec.name == "transactions":  # an open receivable is what it should be
            faults.append(_told("lines_doubtful", header, text, doubtful, frame, kinds, ~void, place))
    for header, text, values, sure in written:
        marked = text.isin(list(values)) & ~void
        if marked.any() and not sure:
            faults.append(_marked(header, text, values, marked, frame, ~void, place))
    if spec.name == "transactions":
        faults += _coded(frame, raw, headers, ruled, ~void, place)
    return Judged(void, faults + _split_pairs(frame, raw, spec, headers, source, place))


def _columns(raw: Raw, headers: dict[str, str]) -> list[str]:
    """The columns that may hold a status: few values, and not taken for something else."""
    taken = set(headers.values()) - {headers.get("status")}
    return [
        h
        for h in raw.frame.columns
        if h not in taken
        and not pd.api.types.is_float_dtype(raw.frame[h].dtype)
        and (is_status(h) or not pd.api.types.is_datetime64_any_dtype(raw.frame[h].dtype))
        and (is_status(h) or as_text(raw.frame[h].iloc[:LOOKED_AT]).nunique() <= MOST_VALUES)
    ]


def _kinds(header: str, values: Iterable[str], mapped: bool) -> dict[Any, Kind | None]:
    """What each value says. A type of documents tells sales from quotes; its returns are a matter of sign."""
    values = list(values)
    kinds: dict[Any, Kind | None] = {v: kind_of(v, header) for v in values}
    if (staged := stages(header, values)) is not None:
        return {**dict.fromkeys(values), **staged}
    if mapped or is_status(header):
        return kinds
    if is_type(header):
        return {v: "doubtful" if NO_SALE.search(str(v)) else "fine" if v else None for v in kinds}
    return {v: None if RETURNED.search(str(v)) else kind for v, kind in kinds.items()}


def _is_status(header: str, text: pd.Series, kinds: dict[Any, Kind | None], mapped: bool) -> bool:
    """Whether a column is a status: it says so and holds a word of one, or most of its lines hold one."""
    staged = stages(header, kinds) is not None
    telling = {v for v, kind in kinds.items() if kind in ("void", "reversed", "doubtful")}
    words = sum(not is_day(str(v)) for v in kinds)
    if not telling or words > (10 * MOST_VALUES if mapped else MOST_VALUES):
        return False
    if mapped or staged or is_status(header):
        return True
    if of_another(header):
        return False
    filled = text[text != ""]
    void = {v for v in telling if kinds[v] in ("void", "reversed")}
    if len(filled) < 0.5 * len(text) and filled.isin(void).mean() >= 0.9:
        return True  # remarks that say VOID and little else
    known = {v for v, kind in kinds.items() if kind}
    return len(known) > 1 and bool(filled.isin(known).mean() >= 0.9) and len(filled) >= 0.9 * len(text)


def _twins(frame: pd.DataFrame, reversed_: pd.Series) -> pd.Series:
    """The reversed lines, each with a negative line of the same account and size of its own."""
    twins = pd.Series(False, index=frame.index)
    plus = frame[reversed_ & (frame["amount"] > 0)]
    minus = frame[~reversed_ & (frame["amount"] < 0)]
    if plus.empty or minus.empty:
        return twins

    twins[plus.index[pair_keys(plus).isin(pair_keys(minus))]] = True
    return twins


def _credits_taken_back(
    frame: pd.DataFrame, raw: Raw, headers: dict[str, str], reversed_: pd.Series
) -> pd.Series:
    """The reversed credit notes, each with a document that a type calls a reversal and that adds its sum."""
    twins = pd.Series(False, index=frame.index)
    minus = frame[reversed_ & (frame["amount"] < 0)]
    if minus.empty:
        return twins
    for header in (h for h in raw.frame.columns if h not in headers.values() and is_type(h)):
        back, _ = returns_of(header, raw.frame[header], frame.index, frame["amount"])
        if back is not None:
            plus = frame[of_credit_notes(frame, back)]
            twins[minus.index[pair_keys(minus).isin(pair_keys(plus))]] = True
    return twins


def _credited(frame: pd.DataFrame, kind: pd.Series, twins: pd.Series) -> set[str]:
    """Accounts with more negative lines than the pairs take."""
    minus = frame[(frame["amount"] < 0) & (kind != "void")].groupby("account_id").size()
    paired = frame[twins].groupby("account_id").size().reindex(minus.index, fill_value=0)
    return set(minus.index[minus > paired])


def _told(
    code: str,
    header: str,
    text: pd.Series,
    rows: pd.Series,
    frame: pd.DataFrame,
    kinds: dict[Any, Kind | None],
    counted: pd.Series,
    place: dict[str, Any],
) -> Fault:
    words = text[rows].value_counts()
    others = text[~text.isin(words.index)].value_counts().index
    keep = [v for v in others if kinds.get(v) != "void"][:STATED]
    where = f"{{{json.dumps(header, ensure_ascii=False)}: {json.dumps(keep, ensure_ascii=False)}}}"
    amount = float(frame.loc[rows, "amount"].sum())
    args = {"amount": amount, "total": float(frame.loc[counted, "amount"].sum()), "where": where}
    if code == "lines_doubtful" and not keep:
        code = "lines_all_doubtful"
    value = ", ".join(words.index[:4]) + (" …" if len(words) > 4 else "")
    return at_rows(Fault(code, "warning", column=header, value=value, args=args, **place), frame.index[rows])


def _coded(
    frame: pd.DataFrame,
    raw: Raw,
    headers: dict[str, str],
    ruled: set[str],
    counted: pd.Series,
    place: dict[str, Any],
) -> list[Fault]:
    """Ask for the meaning of codes that stand for a status, with the sum of each."""
    faults = []
    taken = set(headers.values()) - {headers.get("status")}
    for header in (h for h in raw.frame.columns if h not in taken and fold(h) not in ruled):
        if as_text(raw.frame[header].iloc[:LOOKED_AT]).nunique() > MOST_VALUES:
            continue
        text = as_text(at(raw.frame[header], frame.index)).str.strip()[counted]
        if not (codes := bare_codes(header, text.unique())):
            continue
        lines = frame.loc[counted, "amount"].groupby(text)
        sums = [(v, int(lines.size()[v]), float(lines.sum()[v])) for v in codes]
        sums.sort(key=lambda s: -s[1])
        usual = sums[0][0]
        where = f"{{{json.dumps(header, ensure_ascii=False)}: {json.dumps([usual], ensure_ascii=False)}}}"
        args = {"sums": sums, "where": where}
        value = ", ".join(v for v, *_ in sums)
        other = text[(text != usual) & (text != "")]
        fault = Fault("status_codes", "warning", column=header, value=value, args=args, **place)
        faults.append(at_rows(fault, other.index))
    return faults


def _marked(
    header: str,
    text: pd.Series,
    values: dict[str, str],
    marked: pd.Series,
    frame: pd.DataFrame,
    counted: pd.Series,
    place: dict[str, Any],
) -> Fault:
    """Lines with a word for void in a name or within a note: told with both totals."""
    words = list(text[marked].unique())
    amount, total = (float(frame.loc[rows, "amount"].sum()) for rows in (marked, counted))
    pasted = to_paste(header, text, text.isin(list(values)), [values[w] for w in words])
    args = {"amount": amount, "total": total, "rest": total - amount, "void": pasted}
    value = ", ".join(words[:3]) + (" …" if len(words) > 3 else "")
    fault = Fault("lines_marked_void", "warning", column=header, value=value, args=args, **place)
    return at_rows(fault, frame.index[marked])


def _split_pairs(
    frame: pd.DataFrame,
    raw: Raw,
    spec: TableSpec,
    headers: dict[str, str],
    source: Source,
    place: dict[str, Any],
) -> list[Fault]:
    """A filter that drops reversed lines but keeps the lines that reverse them takes their sum away twice."""
    out = []
    for wanted in source.where:
        header = next((h for h in raw.frame.columns if fold(h) == fold(wanted)), None)
        if header is None or not {"amount", "account_id"} <= set(headers):
            continue
        text = as_text(raw.frame[header]).str.strip()
        gone = text[~text.index.isin(frame.index)]
        words = [v for v in gone.unique() if kind_of(v, header) == "reversed"]
        dropped = gone.index[gone.isin(words)]
        if not len(dropped) or headers["amount"] not in raw.frame or headers["account_id"] not in raw.frame:
            continue
        lost = pd.DataFrame(
            {
                n: clean(raw.frame.loc[dropped, headers[n]], spec.columns[n])[0]
                for n in ("amount", "account_id")
            }
        )
        joined = pd.concat([lost, frame[["amount", "account_id"]]])
        twins = _twins(joined, pd.Series(joined.index.isin(dropped), index=joined.index))
        if twins.any():
            total = float(frame["amount"].sum())
            args = {"amount": total, "together": total + float(lost.loc[twins.index[twins], "amount"].sum())}
            value = ", ".join(words[:3])
            fault = Fault("reversed_apart", "warning", column=header, value=value, args=args, **place)
            out.append(at_rows(fault, twins.index[twins]))
    return out
