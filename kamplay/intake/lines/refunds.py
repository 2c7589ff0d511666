"""Refunds and returned quantities that stand in a column beside the amount, which does not contain them."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.columns.header_words import money_role
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.parsing import as_text, numbers
from kamplay.line_status import spaced

_REFUND = re.compile(
    r"退款|退货|退回|退还|已退|退[数件]|实退|返金|refund|\breturn(?:ed|s)?\b|erstatt|retouren?|rembours|\bretours?\b|reembols|"
    r"devuel|devoluci|rimbors|\bresi\b|credited",
    re.IGNORECASE,
)
_PIECES = re.compile(
    r"数量|件数|数$|个数|\bqty\b|quantit|\bunits?\b|pieces|\bpcs\b|menge|stück|cantidad|quantidade",
    re.IGNORECASE,
)
_OF_MONEY = re.compile(
    r"额|款$|金$|\brefund(?:s|ed)?$|amount|total|value|sum\b|betrag|wert|montant|importe|importo|valor",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"日期|时间|单号|编号|号码|原因|状态|方式|率|税|渠道|地址|人$|类型|运费|次数|是否|期限|天数|标|"
    r"\bdate\b|\btime\b|\bat\b|\bon\b|\bid\b|\bno\b|number|\bnr\b|reason|status|method|\brate\b|%|\btax\b|\bvat\b|"
    r"type|flag|policy|shipping|freight|fee|days|\bby\b|\bref\b|grund|datum|motif|\bline ?items?\b|times",
    re.IGNORECASE,
)
READ = 0.8  # share of the filled cells that must be figures
PROVES = 0.95


def told(
    frame: pd.DataFrame,
    raw: Raw,
    headers: dict[str, str],
    unused: tuple[str, ...],
    counted: pd.Series,
    place: dict[str, Any],
) -> list[Fault]:
    """Tell of refunds beside amounts: their sum, the total net of them, and the formula that subtracts them.

    Parameters
    ----------
    frame : DataFrame
        Typed values under our names, index the row in the user's file.
    raw : Raw
        The input with all its columns.
    headers : dict of str to str
        Our column to the user's header.
    unused : tuple of str
        Headers of no known column.
    counted : Series of bool
        The lines that count.
    place : dict
        Where the faults stand: table, file, sheet.
    """
    named = [h for h in unused if _REFUND.search(spaced(h)) and not _NOT.search(spaced(h))]
    pieces = [h for h in named if _PIECES.search(spaced(h))]
    for header in [h for h in named if h not in pieces and _OF_MONEY.search(spaced(h))]:
        if fault := _refund(header, frame, raw, headers, unused, counted, place):
            return [fault]
    for header in pieces:
        if fault := _returned(header, frame, raw, headers, counted, place):
            return [fault]
    return []


def _figures(header: str, frame: pd.DataFrame, raw: Raw) -> pd.Series | None:
    """The figures of a column; None where it holds words, or flags of 0 and 1."""
    cells = raw.frame.loc[frame.index, header]
    filled = as_text(cells).str.strip() != ""
    values = numbers(cells)[0]
    if not filled.any() or values[filled].notna().mean() < READ:
        return None
    return values.fillna(0.0)


def _refund(
    header: str,
    frame: pd.DataFrame,
    raw: Raw,
    headers: dict[str, str],
    unused: tuple[str, ...],
    counted: pd.Series,
    place: dict[str, Any],
) -> Fault | None:
    values = _figures(header, frame, raw)
    if values is None or set(values.unique()) <= {0.0, 1.0}:
        return None
    # a refund that is a line of its own is below zero there, and in the sum already
    on = counted & (values != 0) & (frame["amount"] > 0)
    if not on.any() or _net_already(values, on, frame, raw, headers, unused):
        return None
    refunded = float(values[on].abs().sum()) * _unit(frame, raw, headers, on)
    sign = "+" if (values[on] < 0).all() else "-"
    return _fault("refunds_beside", header, on, frame, counted, refunded, f"{sign} {header}", headers, place)


def _net_already(
    values: pd.Series,
    on: pd.Series,
    frame: pd.DataFrame,
    raw: Raw,
    headers: dict[str, str],
    unused: tuple[str, ...],
) -> bool:
    """Whether another column less the refund is the amount."""
    given = headers["amount"]
    if given not in raw.frame:
        return False
    amount = numbers(raw.frame.loc[on.index[on], given])[0].abs()
    for other in (h for h in unused if money_role(h) and not _REFUND.search(spaced(h))):
        before = numbers(raw.frame.loc[on.index[on], other])[0].abs()
        if ((before - values[on].abs() - amount).abs() <= 0.011).mean() >= PROVES:
            return True
    return False


def _returned(
    header: str,
    frame: pd.DataFrame,
    raw: Raw,
    headers: dict[str, str],
    counted: pd.Series,
    place: dict[str, Any],
) -> Fault | None:
    values = _figures(header, frame, raw)
    if values is None:
        return None
    on = counted & (values != 0) & (frame["amount"] > 0)
    if not on.any():
        return None
    back = values[on].abs()
    sign = "+" if (values[on] < 0).all() else "-"
    amount, unit = frame.loc[on, "amount"], _unit(frame, raw, headers, on)
    quantity = frame.loc[on, "quantity"] if "quantity" in frame else None
    for price in (h for h in raw.frame.columns if money_role(h) == "price"):
        each = numbers(raw.frame.loc[on.index[on], price])[0].abs() * unit
        if quantity is not None and _agree(each * (quantity - back), amount):
            return None  # the amount is that of the pieces kept
        if quantity is None or _agree(each * quantity, amount):
            worth, paste = float((each * back).sum()), f"{sign} {header} * {price}"
            return _fault("returned_beside", header, on, frame, counted, worth, paste, headers, place, back)
    if quantity is None or not (quantity > 0).any():
        return _fault("returned_beside_unknown", header, on, frame, counted, 0.0, "", headers, place, back)
    worth = float((amount * back / quantity.where(quantity > 0)).sum())
    paste = f"{sign} {headers['amount']} * {header} / {headers['quantity']}"
    return _fault("returned_beside", header, on, frame, counted, worth, paste, headers, place, back)


def _agree(one: pd.Series, other: pd.Series) -> bool:
    return bool(((one - other).abs() <= 0.011 + 5e-4 * other.abs()).mean() >= PROVES)


def _unit(frame: pd.DataFrame, raw: Raw, headers: dict[str, str], on: pd.Series) -> float:
    """What the amounts were multiplied by for their unit: the refunds beside them are in the same one."""
    if headers["amount"] not in raw.frame:
        return 1.0
    given = numbers(raw.frame.loc[on.index[on], headers["amount"]])[0].abs()
    ratio = (frame.loc[on, "amount"] / given.where(given > 0)).median()
    return float(ratio) if ratio == ratio else 1.0


def _fault(
    code: str,
    header: str,
    on: pd.Series,
    frame: pd.DataFrame,
    counted: pd.Series,
    worth: float,
    term: str,
    headers: dict[str, str],
    place: dict[str, Any],
    back: pd.Series | None = None,
) -> Fault:
    total = round(float(frame.loc[counted, "amount"].sum()), 2)
    args: dict[str, Any] = {"refunds": round(worth, 2), "amount": total, "net": round(total - worth, 2)}
    if back is not None:
        args["pieces"] = float(back.sum())
    formula = f"{headers['amount']} {term}".replace('"', '\\"')
    args["paste"] = f'{{amount: "{formula}"}}'
    return at_rows(Fault(code, "warning", column=header, args=args, **place), on.index[on])
