"""What lines mean that stay in a database: the same rules as for files, on the few values of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay import currency_names
from kamplay.codebook import fold
from kamplay.engagement import Settings, Source
from kamplay.errors import Fault
from kamplay.intake.lines import credit_notes, currency, units
from kamplay.intake.lines.named_values import BELOW_ZERO, pattern_of
from kamplay.line_status import RETURNED, is_status, kind_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST_VALUES = 200  # of a column that is looked at: more are no statuses, types or currencies


@dataclass(frozen=True)
class Meant:
    """The lines that count, amounts in the engagement's currency with their sign, and what was set aside."""

    lines: ir.Table
    faults: list[Fault]
    void: int = 0
    void_amount: float = 0.0


def understood(
    kept: ir.Table, headers: dict[str, str], source: Source, settings: Settings, place: dict[str, Any]
) -> Meant:
    """Understand lines by the columns whose headers speak of a status, a type, a currency or a unit.

    Parameters
    ----------
    kept : ibis table
        The client's table, filtered by ``where``.
    headers : dict of str to str
        Our column to the client's.
    source, settings : Source, Settings
        Of this table, and the engagement's.
    place : dict
        Where the faults stand: table, file, sheet.
    """
    if not kept[headers["amount"]].type().is_numeric():
        return Meant(kept, [])
    amounts = [
        headers[n] for n in ("amount", "cost") if n in headers and kept[headers[n]].type().is_numeric()
    ]
    faults: list[Fault] = []
    for header in amounts:
        unit = units.of_header(header)
        if unit is not None and unit.factor != 1:
            before = float(kept.aggregate(s=kept[header].sum()).to_pyarrow().to_pylist()[0]["s"] or 0)
            kept = kept.mutate(**{header: kept[header].cast("float64") * unit.factor})
            args = {"factor": unit.factor, "before": before, "amount": before * unit.factor}
            faults.append(Fault("unit_applied", "warning", column=header, value=header, args=args, **place))
    free = [h for h in kept.columns if h not in headers.values() or h == headers.get("status")]
    ruled = {fold(h) for h in (*source.where, *source.void)}
    kept, said = _signed(kept, headers, free, source, settings, amounts, place)
    faults += said
    void, worth = 0, 0.0
    keep = settings.keep_void if source.keep_void is None else source.keep_void
    for wanted, words in source.void.items():
        named = next((h for h in kept.columns if fold(h) == fold(wanted)), None)
        if named is None:
            there = ", ".join(kept.columns[:12])
            return Meant(
                kept, [*faults, Fault("header_missing", column=wanted, args={"there": there}, **place)]
            )
        marked = _holds(kept, named, words)
        lines = kept.filter(marked)
        count, amount = int(lines.count().to_pyarrow().as_py()), _sum(lines, headers["amount"])
        if count:
            args = {"amount": amount}
            code, value = "lines_voided_kept" if keep else "lines_voided", ", ".join(words[:4])
            faults.append(Fault(code, "warning", column=named, value=value, count=count, args=args, **place))
        if count and not keep:
            void, worth, kept = void + count, worth + amount, kept.filter(~marked)
    for header in (h for h in free if is_status(h) and fold(h) not in ruled):
        values = _values(kept, header, headers["amount"])
        kinds = values["value"].map(lambda v, h=header: kind_of(v, h))
        returned = values["value"].map(lambda v: bool(RETURNED.search(v))) & ~values["above"].astype(bool)
        gone, doubtful = kinds == "void", kinds.isin(["doubtful", "reversed"]) & ~returned
        for code, mask in (
            ("lines_voided_kept" if keep else "lines_voided", gone),
            ("lines_doubtful", doubtful),
        ):
            if mask.any():
                faults.append(_told(code, header, values, mask, place))
        if gone.any() and not keep:
            void += int(values.loc[gone, "rows"].sum())
            worth += float(values.loc[gone, "amount"].sum())
            kept = kept.filter(~_text(kept, header).isin(list(values.loc[gone, "value"].unique())))
    kept, said = _in_one(kept, headers, free, settings, amounts, place)
    return Meant(kept, faults + said, void, round(worth, 2))


def _text(table: ir.Table, header: str) -> Any:
    return table[header].cast("string").strip().fill_null("")


def _holds(table: ir.Table, header: str, wanted: list[str]) -> Any:
    """Where a column holds one of the wanted values; ``*`` in one stands for anything."""
    text = _text(table, header)
    found = text.isin(wanted)
    for value in (v for v in wanted if "*" in v):
        found = found | text.re_search(f"^{pattern_of(value)}$")
    return found


def _values(table: ir.Table, header: str, amount: str) -> pd.DataFrame:
    """Each value of a column with its lines above and below zero: value, rows, amount; empty for too many."""
    parts = table.select(value=_text(table, header), amount=table[amount].cast("float64"))
    parts = parts.mutate(above=parts.amount > 0)
    sums = parts.group_by(["value", "above"]).aggregate(rows=parts.count(), amount=parts.amount.sum())
    found = sums.limit(2 * MOST_VALUES + 1).to_pyarrow().to_pandas()
    return found.iloc[:0] if len(found) > 2 * MOST_VALUES else found.fillna({"amount": 0.0})


def _told(code: str, header: str, values: pd.DataFrame, mask: pd.Series, place: dict[str, Any]) -> Fault:
    part = values[mask]
    others = [v for v in values["value"].unique() if v not in set(part["value"])][:20]
    quoted = ", ".join(f'"{v}"' for v in others)
    args = {
        "amount": float(part["amount"].sum()),
        "total": float(values["amount"].sum()),
        "where": f'{{"{header}": [{quoted}]}}',
    }
    words = ", ".join(part["value"].unique()[:4])
    count = int(part["rows"].sum())
    return Fault(code, "warning", column=header, value=words, count=count, args=args, **place)


def _signed(
    kept: ir.Table,
    headers: dict[str, str],
    free: list[str],
    source: Source,
    settings: Settings,
    amounts: list[str],
    place: dict[str, Any],
) -> tuple[ir.Table, list[Fault]]:
    """Subtract the lines that ``returns`` names, or that a type of documents calls returns."""
    as_given = settings.signs_as_given if source.signs_as_given is None else source.signs_as_given
    if source.returns:
        for wanted, words in source.returns.items():
            header = next((h for h in kept.columns if fold(h) == fold(wanted)), None)
            if header is None:
                there = ", ".join(kept.columns[:12])
                return kept, [Fault("header_missing", column=wanted, args={"there": there}, **place)]
            back = _holds(kept, header, words)
            if BELOW_ZERO in words and kept[header].type().is_numeric():
                back = back | (kept[header] < 0)
            kept = _subtracted(kept, back & (kept[headers["amount"]] > 0), amounts)
        return kept, []
    faults: list[Fault] = []
    for header in [] if as_given else [h for h in free if credit_notes.speaks_of_sign(h)]:
        values = _values(kept, header, headers["amount"])
        if values.empty:
            continue
        back, sure = credit_notes.returns_of(header, values["value"], values.index, values["amount"])
        if back is None or not (positive := back & (values["amount"] > 0)).any():
            continue
        given, flipped = float(values["amount"].sum()), float(values.loc[positive, "amount"].sum())
        certain = sure and not (back & (values["amount"] < 0)).any()
        certain = certain and flipped < float(values.loc[~back, "amount"].sum())
        words = list(values.loc[positive, "value"].unique())
        args: dict[str, Any] = {
            "given": given,
            "amount": given - 2 * flipped if certain else given,
            "other": given - 2 * flipped,
        }
        args["returns"] = f'{{"{header}": [{", ".join(f"{chr(34)}{w}{chr(34)}" for w in words)}]}}'
        code, count = (
            "returns_signed" if certain else "returns_doubtful",
            int(values.loc[positive, "rows"].sum()),
        )
        value = ", ".join(words[:3])
        faults.append(Fault(code, "warning", column=header, value=value, count=count, args=args, **place))
        if certain:
            kept = _subtracted(kept, _text(kept, header).isin(words), amounts)
    return kept, faults


def _subtracted(kept: ir.Table, back: Any, amounts: list[str]) -> ir.Table:
    return kept.mutate(**{h: back.ifelse(-kept[h].abs(), kept[h]) for h in amounts})


def _in_one(
    kept: ir.Table,
    headers: dict[str, str],
    free: list[str],
    settings: Settings,
    amounts: list[str],
    place: dict[str, Any],
) -> tuple[ir.Table, list[Fault]]:
    """Bring the amounts into the engagement's currency, by a currency column or the amount's header."""
    import ibis

    home, amount = settings.currency, headers["amount"]
    if currency.of_company(amount, home):
        return kept, []
    if named := currency_names.of_header(amount):
        column: str | None = None
        values = pd.DataFrame({"value": [named], "rows": [1], "amount": [_sum(kept, amount)]})
    else:
        column = next((h for h in free if currency.names_currency(h)), None)
        if column is None:
            return kept, []
        values = _values(kept, column, amount)
    codes = values["value"].map(
        lambda v: currency_names.meant(currency_names.code_of(v) or v.upper() or home, home)
    )
    sums = values.assign(code=codes).groupby("code", sort=False)[["rows", "amount"]].sum()
    foreign = [c for c in sums.index if c != home]
    if not foreign:
        return kept, []
    stated = [(c, int(r.rows), float(r.amount)) for c, r in zip(sums.index, sums.itertuples(), strict=True)]
    args: dict[str, Any] = {"currency": home, "sums": stated, "missing": ", ".join(foreign)}
    at: dict[str, Any] = {"column": column or amount, "value": ", ".join(sums.index[:6])}
    if any(c not in settings.currency_rates for c in foreign):
        if len(sums) > 1:
            count = int(sums.loc[foreign, "rows"].sum())
            return kept, [Fault("currencies_several", count=count, args=args, **at, **place)]
        args |= {"code": foreign[0], "amount": stated[0][2]}
        return kept, [Fault("currency_differs", "warning", args=args, **at, **place)]
    rates = {**settings.currency_rates, home: 1.0}
    if column is None:
        factor: Any = rates[foreign[0]]
    else:
        text = _text(kept, column)
        factor = ibis.cases(
            *((text == v, rates[c]) for v, c in zip(values["value"], codes, strict=True)), else_=1.0
        )
    kept = kept.mutate(**{h: kept[h].cast("float64") * factor for h in amounts})
    args |= {
        "amount": sum(total * rates[code] for code, _, total in stated),
        "rates": ", ".join(f"{c} {rates[c]:g}" for c in foreign),
    }
    return kept, [Fault("currency_converted", "warning", args=args, **at, **place)]


def _sum(table: ir.Table, column: str) -> float:
    return float(table.aggregate(s=table[column].sum()).to_pyarrow().to_pylist()[0]["s"] or 0)
