"""The user's headers to our column names, and the rows that ``where`` keeps.

Order of trust: the engagement's own ``columns``; our key or label; an alias; an alias that says less than we
want (a name where an id is meant, an amount with tax). A header that is only close is proposed, never
applied.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kamplay.codebook import Column, TableSpec, bare, fold
from kamplay.engagement import Source
from kamplay.errors import Fault
from kamplay.intake.parsing import as_text, numbers
from kamplay.intake.proposals import closest, similar
from kamplay.intake.readers import Raw

NET, EXACT, ALIAS, WEAK = range(4)  # the surest first
_GROSS = re.compile(
    r"价税合计|(?<!不)含税|gross|fallamount|^i(nat)?sum$|"
    r"inc(l|luding|lusive)?\.?\s*(of\s*)?(tax|vat|gst)|with (tax|vat)",
    re.IGNORECASE,
)
_NET = re.compile(r"不含税|无税|未税|净额|\bnet\b|excl|netwr|natmoney", re.IGNORECASE)
_NAME = re.compile(
    r"名称|简称|全称|name$|^(客户|往来单位|购货单位|购货方|购方|购买方|customer|client|account|company|buyer)$",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"编码|编号|代码|品号|number$|code$|\bno\.?$|\bid$|sku|stockcode$|matnr|materialid|cinvcode",
    re.IGNORECASE,
)
_PRODUCT = re.compile(r"\s*[*×]\s*")
_PRICE = re.compile(r"单价|unit ?price|^price$|^net price$", re.IGNORECASE)
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
    """

    frame: pd.DataFrame
    headers: dict[str, str]
    unused: tuple[str, ...]
    set_aside: int  # rows that `where` did not keep


def map_headers(raw: Raw, spec: TableSpec, source: Source) -> tuple[Mapped, list[Fault]]:
    """Map the user's headers to our columns and keep the rows that ``where`` names.

    Parameters
    ----------
    raw : Raw
        The input.
    spec : TableSpec
        The table in the codebook.
    source : Source
        Its settings: ``columns`` and ``where``.

    Returns
    -------
    mapped : Mapped
        Of several headers that fit one column the surest wins.
    faults : list of Fault
        Ties, required columns without a header, filters that fit nothing.
    """
    place: dict[str, Any] = {"table": spec.name, "file": raw.file, "sheet": raw.sheet}
    there = list(raw.frame.columns)
    raw = _with_products(raw, source)
    headers, faults = _own(raw, spec, source, place)
    reserved = set(headers.values())
    rivals: dict[str, list[str]] = {}
    for level in (NET, EXACT, ALIAS, WEAK):
        for name, column in spec.columns.items():
            if name in headers or name in source.columns:
                continue
            taken = reserved | set(headers.values())
            fitting = [h for h in _fitting(column, there, level) if h not in taken]
            if fitting:
                headers[name], *rivals[name] = fitting
    order = {name: position for position, name in enumerate(spec.columns)}
    headers = dict(sorted(headers.items(), key=lambda item: order[item[0]]))
    for name, others in rivals.items():
        if left := [h for h in others if h not in headers.values()]:
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
    faults += _missing(raw, spec, source, headers, place)
    if spec.name == "transactions" and _is_gross(headers.get("amount")):
        faults.append(Fault("gross_used", "warning", row=raw.header_row, column=headers["amount"], **place))
    frame, where_faults = _kept(raw, source, place)
    mapped = frame[list(headers.values())].set_axis(list(headers), axis=1)
    for name, header in headers.items():
        mapped[name] = with_percent(mapped[name], spec.columns[name], header)
    unused = tuple(h for h in there if h not in headers.values() and h not in source.where)
    return Mapped(mapped, headers, unused, len(raw.frame) - len(frame)), faults + where_faults


def _with_products(raw: Raw, source: Source) -> Raw:
    """With a column for each ``Header * Header`` that ``columns`` names: an export of quantities and prices
    has no amounts.

    Empty where either side is empty; a side that cannot be read leaves its own text, which the amount's
    reader then reports.
    """
    added = {}
    for wanted in source.columns.values():
        sides = [
            next((h for h in raw.frame.columns if fold(h) == fold(part)), None)
            for part in _PRODUCT.split(wanted)
        ]
        if wanted in raw.frame.columns or len(sides) != 2 or None in sides:
            continue
        (one, bad_one), (other, bad_other) = (numbers(raw.frame[side]) for side in sides)
        product = (one * other).round(6).astype(object).where(one.notna() & other.notna(), None)
        product = product.where(~bad_one, raw.frame[sides[0]]).where(~bad_other, raw.frame[sides[1]])
        added[wanted] = product
    return replace(raw, frame=raw.frame.assign(**added)) if added else raw


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


def _fitting(column: Column, there: list[str], level: int) -> list[str]:
    """The headers that name ``column`` at this level of trust, in the codebook's order; a weak one never vies
    with another.
    """
    known = {f: position for position, h in reversed(list(enumerate(column.headers))) if (f := fold(h))}
    found = []
    for header in there:
        first = re.sub(r"\.\d+$", "", header)
        plain = first if first in there else header  # the reader numbers a header that comes again
        key = next((k for k in (fold(plain), fold(bare(plain))) if k in known), None)
        if key is not None and _level(column, plain, key) == level:
            found.append((known[key], header != plain, there.index(header), header))
    best = [f[-1] for f in sorted(found)]
    return best[:1] if level in (NET, WEAK) else best


def _level(column: Column, header: str, key: str) -> int:
    """How far a header is to be trusted; weak when it says less than the column wants."""
    inner = bare(header)
    sure = key in {fold(h) for h in (column.name, *column.labels.values())}
    if (
        column.table == "transactions"
        and column.name == "amount"
        and (_is_gross(header) or _NET.search(header))
    ):
        return WEAK if _is_gross(header) else NET
    if sure:
        return EXACT
    weak = {"id": _NAME, "text": _CODE}.get(column.kind)
    return WEAK if weak and weak.search(inner) else ALIAS


def _is_gross(header: str | None) -> bool:
    return bool(header and _GROSS.search(header))


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
    raw: Raw, spec: TableSpec, source: Source, headers: dict[str, str], place: dict[str, Any]
) -> list[Fault]:
    """Columns without a header: an error where required, with the closest free header proposed; for optional
    ones a close one is told.
    """
    out = []
    free = [h for h in raw.frame.columns if h not in headers.values()]
    for name, column in spec.columns.items():
        if name in headers or name in source.columns:
            continue
        propose = closest(column, free, raw.frame)
        if spec.name == "transactions" and name == "amount" and "quantity" in headers:
            price = next((h for h in free if _PRICE.search(h)), None)
            propose = f"{headers['quantity']} * {price}" if price else propose
        if name == "account_id" and not propose:
            propose = headers.get("account_name")  # a list without ids can go by its names
        args = {"name": name, **column.labels, "propose": propose or "", "near": propose or ""}
        if propose in free:
            free.remove(propose)
        if column.required:
            out.append(
                Fault("column_missing", row=raw.header_row, args={**args, "there": _listed(raw)}, **place)
            )
        elif propose:
            out.append(
                Fault("column_close", "warning", row=raw.header_row, column=propose, args=args, **place)
            )
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
    return raw.frame[keep], faults


def _near(wanted: str, raw: Raw) -> dict[str, str]:
    near = similar(wanted, list(raw.frame.columns)) or ""
    return {"near": near, "propose": near, "there": _listed(raw)}


def _listed(raw: Raw) -> str:
    return ", ".join(str(c) for c in raw.frame.columns[:12])
