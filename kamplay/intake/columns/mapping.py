"""The user's headers to our column names, and the rows that ``where`` keeps.

Order of trust: the engagement's own ``columns``; our key or label; an alias; an alias that says less than we
want (a name where an id is meant, an amount with tax). A header that is only close is proposed, never
applied.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from kamplay.characters import alike
from kamplay.codebook import Column, TableSpec, bare, fold
from kamplay.engagement import Source
from kamplay.errors import Fault
from kamplay.intake.columns import split_columns
from kamplay.intake.columns.header_formulas import headers_in, worked_out
from kamplay.intake.columns.header_words import GROSS
from kamplay.intake.columns.header_words import NET as NET_OF_TAX
from kamplay.intake.columns.proposals import closest, fitting, similar
from kamplay.intake.columns.rivals import Choice, Figures, judge
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.cells import kept
from kamplay.intake.values.parsing import as_text, numbers

NET, EXACT, ALIAS, WEAK = range(4)  # the surest first
_NAME = re.compile(
    r"名称|简称|全称|name$|^(billing|shipping|associated|primary) company|^email$|"
    r"^(客户|往来单位|购货单位|购货方|购方|购买方|customer|client|account|company|buyer|"
    r"kunde|firma|cliente)$|^nom\b|^nombre\b|^nome\b|raison sociale|raz[oó]n social|ragione sociale",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"编码|编号|代码|品号|number$|code$|\bno\.?$|\bid$|sku|stockcode$|matnr|materialid|cinvcode|fnumber$|"
    r"nummer$|nr\.?$|^(code|c[oó]digo|codice|r[ée]f[ée]rence)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"[^\w](%)\s*[)\]】]?\s*$")


@dataclass(frozen=True)
class Mapped:
    """The columns of one input under our names.

    Attributes
    ----------
    frame : DataFrame
        Raw cells, our columns.
    headers : dict of str to str
        Our column to the user's header.
    unused : tuple of str
        Headers of no known column.
    set_aside : int
        Rows that ``where`` did not keep.
    why : dict of str to (code, figures)
        For headers that were passed over, the reason.
    """

    frame: pd.DataFrame
    headers: dict[str, str]
    unused: tuple[str, ...]
    set_aside: int  # rows that `where` did not keep
    why: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)


def map_headers(
    raw: Raw, spec: TableSpec, source: Source, currency: str | None = None
) -> tuple[Mapped, list[Fault]]:
    """Map the user's headers to our columns and keep the rows that ``where`` names.

    Parameters
    ----------
    raw : Raw
        The input.
    spec : TableSpec
        The table in the codebook.
    source : Source
        Its settings: ``columns`` and ``where``.
    currency : str, optional
        The engagement's, for amounts that stand in a column for each currency.

    Returns
    -------
    mapped : Mapped
        Of several headers that fit one column the surest wins.
    faults : list of Fault
        Ties, required columns without a header, filters that fit nothing.
    """
    place: dict[str, Any] = {"table": spec.name, "file": raw.file, "sheet": raw.sheet}
    there = list(raw.frame.columns)
    raw = _with_formulas(raw, source.columns, spec)
    headers, faults = _own(raw, spec, source, place)
    by_fold = {fold(h): h for h in there}
    reserved = {*headers.values(), *(by_fold.get(fold(h), h) for h in source.columns.values())}
    rivals: dict[str, list[str]] = {}
    for level in (NET, EXACT, ALIAS, WEAK):
        for name, column in spec.columns.items():
            if name in headers or name in source.columns:
                continue
            taken = reserved | set(headers.values())
            fitting = [h for h in _fitting(column, there, level) if h not in taken]
            if fitting:
                headers[name], *rivals[name] = fitting
    rows = _lines(raw, spec, source, headers, place)
    choice = _judged(raw, rows, spec, source, headers, currency, place)
    _by_sides(raw, rows, spec, source, choice, place)
    headers, raw = choice.headers, _with_formulas(raw, choice.headers, spec)
    order = {name: position for position, name in enumerate(spec.columns)}
    headers = dict(sorted(headers.items(), key=lambda item: order[item[0]]))
    told = {f.args["name"] for f in choice.faults}
    for name, others in rivals.items():
        taken = {*headers.values(), *choice.why}
        if name not in told and (left := [h for h in others if h not in taken]):
            args = {"other": ", ".join(left), "name": name}
            faults.append(
                Fault(
                    "header_ambiguous",
                    "warning",
                    row=raw.header_row,
                    column=headers[name],
                    args=args,
                    **place,
                )
            )
    if beside := _side_by_side(raw, spec, headers, place):
        named = set(rivals) | {"amount"}
        faults = [f for f in faults if f.code != "header_ambiguous" or f.args["name"] not in named] + [beside]
        choice.faults = [f for f in choice.faults if f.code != "amount_rivals"]
    faults += choice.faults
    lacking = _missing(raw, spec, source, headers, place, choice)
    if any(f.level == "error" for f in lacking) and _is_datev(raw):
        lacking = [Fault("datev_bookings", row=raw.header_row, **place)]
    faults += lacking
    if spec.name == "transactions" and _is_gross(headers.get("amount")):
        faults.append(Fault("gross_used", "warning", row=raw.header_row, column=headers["amount"], **place))
    frame, where_faults = _kept(raw, source, place)
    mapped = frame[list(headers.values())].set_axis(list(headers), axis=1)
    for name, header in headers.items():
        mapped[name] = with_percent(mapped[name], spec.columns[name], header)
    used = {*headers.values(), *(part for h in headers.values() for part in headers_in(h))}
    unused = tuple(h for h in there if h not in used and h not in source.where)
    return Mapped(mapped, headers, unused, len(raw.frame) - len(frame), choice.why), faults + where_faults


def _is_datev(raw: Raw) -> bool:
    """Whether the first line is that of a DATEV export: EXTF, then the number of its format."""
    first = [text for row, text in raw.above if row == 1]
    return len(first) > 1 and first[0].strip('"') in ("EXTF", "DTVF")


def _side_by_side(raw: Raw, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]) -> Fault | None:
    """Two tables beside each other on one sheet: date, account and amount all come again further right."""
    again = [f"{headers[n]}.2" for n, c in spec.columns.items() if c.required and n in headers]
    if spec.name != "transactions" or len(again) < 3 or not set(again) <= set(raw.frame.columns):
        return None
    if not all((as_text(raw.frame[h].iloc[:50]).str.strip() != "").mean() >= 0.5 for h in again):
        return None
    column = headers["amount"]
    left, right = (float(numbers(raw.frame[h])[0].sum()) for h in (column, f"{column}.2"))
    args = {"headers": [h.removesuffix(".2") for h in again], "left": left, "amount": right}
    return Fault("tables_side_by_side", row=raw.header_row, column=column, args=args, **place)


def _lines(
    raw: Raw, spec: TableSpec, source: Source, headers: dict[str, str], place: dict[str, Any]
) -> pd.Index:
    """The lines that count: those that ``where`` keeps and that have a date and an account."""
    rows = _kept(raw, source, place)[0].index if source.where else raw.frame.index
    for name in ("date", "account_id"):
        if spec.name == "transactions" and headers.get(name) in raw.frame.columns:
            cells = raw.frame[headers[name]]
            blank = cells.isna() | ((cells == "") if pd.api.types.is_string_dtype(cells.dtype) else False)
            if blank.any() and blank.mean() < 0.5:
                rows = rows.intersection(blank.index[~blank])
    return rows


def _judged(
    raw: Raw,
    rows: pd.Index,
    spec: TableSpec,
    source: Source,
    headers: dict[str, str],
    currency: str | None,
    place: dict[str, Any],
) -> Choice:
    """The headers found by name, held against what stands under them on the lines that count."""
    there = list(raw.frame.columns)
    known = {name: headers_of(column, there) for name, column in spec.columns.items()}
    at = {**place, "row": raw.header_row}
    return judge(raw.frame, rows, spec, headers, known, set(source.columns), at, currency)


def _with_formulas(raw: Raw, columns: dict[str, str], spec: TableSpec) -> Raw:
    """With a column for each formula that ``columns`` names: an export of quantities and prices has no
    amounts, one of years and months no dates.
    """
    by_fold = {fold(h): h for h in reversed(list(raw.frame.columns))}
    added = {}
    for name, wanted in columns.items():
        if wanted not in raw.frame.columns:
            dated = name in spec.columns and spec.columns[name].kind == "date"
            joined = split_columns.joined if dated else worked_out
            cells = joined(wanted, raw.frame, lambda part: by_fold.get(fold(part)))
            if cells is not None:
                added[wanted] = cells
    return replace(raw, frame=raw.frame.assign(**added)) if added else raw


def _by_sides(
    raw: Raw, rows: pd.Index, spec: TableSpec, source: Source, choice: Choice, place: dict[str, Any]
) -> None:
    """Where debit and credit stand in two columns, and no header is known for the amount, ask which it is."""
    amount = choice.headers.get("amount")
    if spec.name not in ("transactions", "receivables") or "amount" in source.columns:
        return
    taken = {h for name, h in choice.headers.items() if name != "amount"}
    pair = split_columns.debit_and_credit([h for h in raw.frame.columns if h not in taken])
    if pair is None or amount not in (None, *pair):
        return
    fault = split_columns.by_sides(raw, Figures(raw.frame, rows), pair, spec.name, place)
    if fault:
        choice.headers.pop("amount", None)
        choice.proposed.pop("amount", None)
        choice.faults = [f for f in choice.faults if f.args.get("name") != "amount"] + [fault]


def _own(
    raw: Raw, spec: TableSpec, source: Source, place: dict[str, Any]
) -> tuple[dict[str, str], list[Fault]]:
    """What the engagement's ``columns`` say; a header they name that is not there is an error with the
    nearest one proposed.
    """
    by_fold = {fold(h): h for h in reversed(list(raw.frame.columns))}
    exact = set(raw.frame.columns)
    headers: dict[str, str] = {}
    faults: list[Fault] = []
    for name, wanted in source.columns.items():
        header = wanted if wanted in exact else by_fold.get(fold(wanted))
        if header is None:
            faults.append(
                Fault("header_missing", column=wanted, args={**_near(wanted, raw), "name": name}, **place)
            )
        elif name in spec.columns:
            headers[name] = header
    return headers, faults


def _fitting(column: Column, there: list[str], level: int, every: bool = False) -> list[str]:
    """The headers that name ``column`` at this level of trust, in the codebook's order; a weak one never vies
    with another, unless ``every`` one is wanted.
    """
    known = {f: position for position, h in reversed(list(enumerate(column.headers))) if (f := fold(h))}
    beside: dict[str | None, set[str]] = {
        fold(k): {fold(v) for v in others} for k, others in column.beside.items()
    }
    folded = {fold(h) for h in there} if beside else set()
    found = []
    for header in there:
        first = re.sub(r"\.\d+$", "", header)
        plain = first if first in there else header  # the reader numbers a header that comes again
        key = next((k for k in (fold(plain), fold(bare(plain))) if k in known), None)
        if key in beside and not beside[key] & folded:
            continue
        if key is not None and _level(column, plain, key) == level:
            found.append((known[key], header != plain, there.index(header), header))
    best = [f[-1] for f in sorted(found)]
    return best[:1] if level in (NET, WEAK) and not every else best


def headers_of(column: Column, there: list[str]) -> list[str]:
    """The headers that name ``column``, the surest first."""
    return [h for level in (NET, EXACT, ALIAS, WEAK) for h in _fitting(column, there, level, every=True)]


def _level(column: Column, header: str, key: str) -> int:
    """How far a header is to be trusted; weak when it says less than the column wants."""
    header = alike(header)
    inner = bare(header)
    sure = key in {fold(h) for h in (column.name, *column.labels.values())}
    if (
        column.table == "transactions"
        and column.name == "amount"
        and (_is_gross(header) or NET_OF_TAX.search(header))
    ):
        return WEAK if _is_gross(header) else NET
    if sure:
        return EXACT
    weak = {"id": _NAME, "text": _CODE}.get(column.kind)
    return WEAK if weak and weak.search(inner) else ALIAS


def _is_gross(header: str | None) -> bool:
    return bool(header and GROSS.search(alike(header)))


def with_percent(cells: pd.Series, column: Column, header: str) -> pd.Series:
    """Put the % of a header on bare shares, where some figure exceeds 1."""
    if column.kind != "share" or not _PERCENT.search(unicodedata.normalize("NFKC", header)):
        return cells
    text = as_text(cells).str.strip()
    figures = text.str.fullmatch(r"[(+-]?[\d.,' ]*\d[\d.,' ]*[)-]?")
    if not (pd.to_numeric(text.where(figures), errors="coerce") > 1).any():
        return cells  # a percent cell of a spreadsheet arrives as 0.45
    inside = text.str.endswith(")")
    return text.where(~figures, (text + "%").where(~inside, text.str.slice(0, -1) + "%)"))


def _missing(
    raw: Raw, spec: TableSpec, source: Source, headers: dict[str, str], place: dict[str, Any], choice: Choice
) -> list[Fault]:
    """Columns without a header: an error where required, with the closest free header proposed; for optional
    ones a close one is told. What judging has told already is left out.
    """
    out: list[Fault] = []
    lacking: list[dict[str, Any]] = []
    told = {f.args["name"] for f in choice.faults}
    free = [h for h in raw.frame.columns if h not in headers.values()]
    for name, column in spec.columns.items():
        if name in headers or name in source.columns or name in told:
            continue
        dated = column.kind == "date" and column.required and split_columns.year_and_month(raw, free)
        if dated:
            wanted, example, read, own = dated
            parted = {"name": name, "propose": wanted, "example": example, "read": read}
            code = "date_in_own_periods" if own else "date_in_parts"
            out.append(Fault(code, row=raw.header_row, column=wanted, args=parted, **place))
            continue
        propose = choice.proposed.get(name) or closest(column, free, raw.frame)
        if name == "account_id" and not propose:
            propose = headers.get("account_name")  # a list without ids can go by its names
        args: dict[str, Any] = {
            "name": name,
            **column.labels,
            "propose": propose or "",
            "near": propose or "",
        }
        if propose in free:
            free.remove(propose)
        if column.required:
            lacking.append({**args, "fitting": fitting(column, free, raw.frame)})
        elif propose:
            out.append(
                Fault("column_close", "warning", row=raw.header_row, column=propose, args=args, **place)
            )
    if lacking:  # one file has one header row: all that it lacks is one fault
        told_of = {"there": _listed(raw), "lacking": lacking}
        out.insert(0, Fault("column_missing", row=raw.header_row, args=told_of, **place))
    return out


def _kept(raw: Raw, source: Source, place: dict[str, Any]) -> tuple[pd.DataFrame, list[Fault]]:
    keep = pd.Series(True, index=raw.frame.index)
    faults: list[Fault] = []
    for header, wanted in source.where.items():
        actual = next((h for h in raw.frame.columns if fold(h) == fold(header)), None)
        if actual is None:
            faults.append(Fault("header_missing", column=header, args=_near(header, raw), **place))
            continue
        cells = as_text(raw.frame[actual]).str.strip()
        keep &= cells.isin([w.strip() for w in wanted])
        if not keep.any():
            there = ", ".join(cells.value_counts().index[:6])
            faults.append(
                Fault(
                    "where_keeps_nothing",
                    column=header,
                    value=", ".join(wanted),
                    args={"there": there},
                    **place,
                )
            )
    return kept(raw.frame, keep), faults


def _near(wanted: str, raw: Raw) -> dict[str, str]:
    near = similar(wanted, list(raw.frame.columns)) or ""
    return {"near": near, "propose": near, "there": _listed(raw)}


def _listed(raw: Raw) -> str:
    return ", ".join(str(c) for c in raw.frame.columns[:40])
