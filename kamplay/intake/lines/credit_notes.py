"""Lines whose sign stands outside the amount: credit notes of a document type, debit and credit flags,
negative quantities.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from kamplay.characters import alike
from kamplay.engagement import Source
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.files.readers import Raw
from kamplay.intake.lines import written_marks
from kamplay.intake.lines.named_values import BELOW_ZERO, lines_with
from kamplay.intake.values.cells import at
from kamplay.intake.values.parsing import as_text
from kamplay.line_status import is_status, spaced

_RETURN = re.compile(
    "退货|退款|退回|销退|红字|红票|红冲|冲红|冲销|冲回|贷项|贷记|负数发票|折让|返品|赤伝|"
    r"\bcredit[\s_-]*(?:memo|note|invoice|adj\w*|nota|noten)|\bcreditmemo|\bcreditnote|"
    r"\bcustcred|\barcredit|accreccredit|"
    r"\b(?:out[\s_-]*)?refunds?(?:ed)?\b|\b(?:sales?[\s_-]*)?returns?\b|\breturned\b|\brma\b|\bchargebacks?\b|"
    r"gutschrift|storno|retoure|rücksendung|rechnungskorrektur|\bavoir\b|note de crédit|nota de cr[ée]dito|"
    r"\babono|"
    r"devoluci[óo]n|nota di credito|\breso\b|kreditnota|kreditfaktura|creditfactuur|creditnota|devolução|"
    r"\bcredit for returns\b|\breversal\b",
    re.IGNORECASE,
)
# what only looks like one: a reversed credit note adds, a credit sale is a sale
_NOT_RETURN = re.compile(
    r"非退|未退|不退|换货|取消.*(?:退|红|贷)|(?:cancel|revers|void)\w*.*\b(?:credit|refund|return)|"
    r"(?:credit|return)\w*\s*(?:memo|note)?.*(?:cancel|revers)|storno.*gutschrift|gutschrift.*storno|"
    r"\bcredit[\s_-]*(?:card|sale|term|limit)|debit[\s_-]*(?:memo|note)|\bnon?[\s_-]*(?:return|refund)",
    re.IGNORECASE,
)
_SALE = re.compile(
    r"invoice|\bsales?\b|\border|\binv\b|out_invoice|\bdebit|charge|payment|"
    r"发票|销售|出库|蓝字|蓝票|正数|订单|应收|普通|专用|rechnung|faktura|facture|factura|fattura|verkauf|accrec|正常|発注|売上",
    re.IGNORECASE,
)
# in a status, 红冲 or refunded say what happened to a line, not which sign it has
_RETURN_IN_STATUS = re.compile(
    r"贷项|红字发票|红票|退货单|\bcredit[\s_-]*(?:memo|note|invoice)|gutschrift|\bavoir\b|"
    r"note de crédit|nota di credito",
    re.IGNORECASE,
)
_CODES = {
    "cn",
    "cm",
    "crn",
    "crm",
    "cnote",
    "rma",
    "rtn",
    "srn",
    "scn",
    "gs",
    "g2",
    "arcn",
}  # short codes of credit notes
_SAP_CODES = {"re", "s1", "g2", "cr", "cbre"}  # beside F2, the invoice: RE alone is a German invoice
_SAGE_CODES = {"sc"}  # beside SI, the sales invoice
_NUMBERED = ("2", "3")  # Business Central keeps invoices as 2 and credit memos as 3
_NUMBERED_IN = re.compile(r"document[\s_]*type|doc[\s_]*type|单据类型|凭证类型", re.IGNORECASE)
_TYPE = re.compile(
    r"类型|类别|种类|票种|单据名称|业务名称|性质|红蓝|摘要|\btype\b|\bkind\b|typ\b|belegart|"
    r"auftragsart|fkart|vbtyp|auart|"
    r"\bdoc(?:ument)?\b|move_type|\bmovement\b|class|art\b|tipo|transaction|statut|状态|status",
    re.IGNORECASE,
)
_NOT_TYPE = re.compile(
    r"product|item|customer|client|account type|payment|pay |tax|price|"
    r"付款|支付|收款|结算|客户|产品|物料|商品|税",
    re.IGNORECASE,
)
_FLAG_RETURN = re.compile(
    r"是否.*(?:退货|退款|红字|冲红|红冲)|(?:退货|红字|红冲|冲红)标[志识记]|^(?:退货|红字)$|"
    r"\bis[\s_-]*(?:return|refund|credit)\w*|"
    r"^(?:return|refund|credit note|credit memo|returned)\s*\??$|return flag",
    re.IGNORECASE,
)
_FLAG_SALE = re.compile(r"是否正数|是否蓝字|是否正票", re.IGNORECASE)
_RED_BLUE = re.compile("红蓝|正负", re.IGNORECASE)
_SIDES = re.compile(
    r"借贷|方向|余额方向|dr\s*[/|_-]?\s*cr|debit\s*[/|_-]?\s*credit|d\s*/\s*c\b|soll\s*[/|_-]?\s*haben|"
    r"s\s*/\s*h\b|"
    r"shkzg|drcrk|\bsign\b|^side$|entry type|posting type|debit.?credit",
    re.IGNORECASE,
)
_PAIRS = [
    {"借", "贷"},
    {"借方", "贷方"},
    {"d", "c"},
    {"dr", "cr"},
    {"debit", "credit"},
    {"s", "h"},
    {"soll", "haben"},
    {"+", "-"},
    {"debe", "haber"},
    {"dare", "avere"},
    {"débit", "crédit"},
]
_DEBITS = {"借", "借方", "dr", "soll", "debit"}  # so clear that the header need not speak of sides
_YES, _NO = {"是", "y", "yes", "true", "1", "x", "√", "ja"}, {"否", "n", "no", "false", "0", "×", "nein"}
MOST_TYPES, LOOKED_AT = 40, 2000
MINOR = 0.5  # of two sides the lesser one holds the returns only where it is this small beside the other


def signed(
    frame: pd.DataFrame,
    raw: Raw,
    headers: dict[str, str],
    source: Source,
    as_given: bool,
    place: dict[str, Any],
) -> tuple[pd.DataFrame, list[Fault]]:
    """Give credit notes their sign where it stands outside the amount.

    What the source's ``returns`` names is subtracted; without it lines that a column of types calls returns,
    all of them positive, are too. What leaves doubt is told with both totals.

    Parameters
    ----------
    frame : DataFrame
        Typed values under our names, index the row in the user's file.
    raw : Raw
        The input with all its columns.
    headers : dict of str to str
        Our column to the user's header.
    source : Source
        Its settings: ``returns``.
    as_given : bool
        Signs are right as they are.
    place : dict
        Where the faults stand: table, file, sheet.
    """
    amounts = frame["amount"]
    if source.returns:
        back, faults = lines_with(raw, source.returns, frame.index, place)
        return _subtracted(frame, back & (amounts > 0)), faults
    if as_given or not (amounts > 0).any():
        return frame, []
    faults = []
    told = pd.Series(False, index=frame.index)
    for header in (h for h in raw.frame.columns if h not in headers.values() or h == headers.get("status")):
        cells = raw.frame[header]
        if pd.api.types.is_float_dtype(cells.dtype) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
            continue
        back, sure = returns_of(header, cells, frame.index, amounts)
        if back is None or (told & back).any():
            continue
        positive = back & (amounts > 0)
        positive &= ~of_credit_notes(frame, back)
        if not positive.any():
            continue
        told |= back
        total, flipped = float(amounts.sum()), float(amounts.sum() - 2 * amounts[positive].sum())
        words = ", ".join(as_text(cells.loc[back.index[positive]]).str.strip().value_counts().index[:3])
        certain = sure and not (back & (amounts < 0)).any() and amounts[positive].sum() < amounts[~back].sum()
        args = {
            "given": total,
            "amount": flipped if certain else total,
            "other": flipped,
            **_pasted(header, cells, positive),
        }
        code = "returns_signed" if certain else "returns_doubtful"
        faults.append(
            at_rows(
                Fault(code, "warning", column=header, value=words, args=args, **place), frame.index[positive]
            )
        )
        if certain:
            frame = _subtracted(frame, positive)
            amounts = frame["amount"]
    faults += written_marks.returns(frame, raw, headers, told, place)
    if "quantity" in frame:
        against = (frame["quantity"] < 0) & (amounts > 0) & ~told
        if against.any():
            total = float(amounts.sum())
            other = total - 2 * float(amounts[against].sum())
            header = headers["quantity"]
            args = {
                "given": total,
                "amount": total,
                "other": other,
                "returns": f'{{"{header}": ["{BELOW_ZERO}"]}}',
            }
            fault = Fault("returns_by_quantity", "warning", column=header, args=args, **place)
            faults.append(at_rows(fault, frame.index[against]))
    return frame, faults


def of_credit_notes(frame: pd.DataFrame, back: pd.Series) -> pd.Series:
    """The positive lines among ``back`` that take a credit note back: beside reversals below zero, each meets
    a negative line of its own account and size that is none of them.
    """
    none = pd.Series(False, index=frame.index)
    if not (back & (frame["amount"] < 0)).any():
        return none
    plus, minus = frame[back & (frame["amount"] > 0)], frame[~back & (frame["amount"] < 0)]
    none[plus.index[pair_keys(plus).isin(pair_keys(minus))]] = True
    return none


def pair_keys(lines: pd.DataFrame) -> pd.MultiIndex:
    """Account, size in cents and the how-manieth of them: lines that cancel each other share theirs."""
    cents = (lines["amount"].abs() * 100).round().astype("int64")
    who = lines["account_id"].astype(object).where(lines["account_id"].notna(), "")
    return pd.MultiIndex.from_arrays([who, cents, lines.groupby([who, cents]).cumcount()])


def is_type(header: str) -> bool:
    """Whether a header names the types of documents or lines."""
    words = spaced(header)
    return bool(_TYPE.search(words) or _TYPE.search(header)) and not _NOT_TYPE.search(words)


def speaks_of_sign(header: str) -> bool:
    """Whether a header names types of documents, sides, or flags of returns."""
    words = spaced(header)
    flags = (_FLAG_RETURN, _FLAG_SALE, _RED_BLUE, _SIDES)
    return (is_type(header) and not is_status(header)) or any(p.search(words) for p in flags)


def _subtracted(frame: pd.DataFrame, back: pd.Series) -> pd.DataFrame:
    """The lines in ``back`` with amount, cost and quantity below zero."""
    names = [c for c in ("amount", "cost", "quantity") if c in frame]
    return frame.assign(**{c: frame[c].where(~back, -frame[c].abs()) for c in names})


def returns_of(
    header: str, cells: pd.Series, index: pd.Index, amounts: pd.Series
) -> tuple[pd.Series | None, bool]:
    """The lines that a column says are returns, and whether it leaves no doubt."""
    typed, header = is_type(header), spaced(header)
    flag = bool(_FLAG_RETURN.search(header) or _FLAG_SALE.search(header))
    sides = bool(_SIDES.search(header))
    if not (flag or sides or typed) and as_text(cells.iloc[:LOOKED_AT]).nunique() > MOST_TYPES:
        return None, False
    text = as_text(at(cells, index)).str.strip()
    distinct = [v for v in text.unique() if v]
    if not 1 <= len(distinct) <= (200 if typed else MOST_TYPES):
        return None, False
    keys = {v: alike(v).casefold().strip(" .") for v in distinct}
    if flag:
        words = _YES if _FLAG_RETURN.search(header) else _NO
        back = [v for v, key in keys.items() if key in words]
        if back:
            return text.isin(back), True
    if _RED_BLUE.search(header):
        back = [v for v, key in keys.items() if key in ("红", "红字", "红票", "负", "负数", "r", "-", "-1")]
        if back and len(back) < len(distinct):
            return text.isin(back), True
    if set(keys.values()) in _PAIRS and (sides or _DEBITS & set(keys.values())):
        by_side = amounts.abs().groupby(text.map(keys)).sum()
        minor = by_side.idxmin()
        back = [v for v, key in keys.items() if key == minor]
        return text.isin(back), bool(by_side.min() <= MINOR * by_side.max())
    if header and _NOT_TYPE.search(header) and not typed:
        return None, False
    pattern = _RETURN_IN_STATUS if is_status(header) else _RETURN
    if set(keys.values()) == set(_NUMBERED) and _NUMBERED_IN.search(header):
        return text.isin([v for v, key in keys.items() if key == _NUMBERED[1]]), False
    said = set(keys.values())
    codes = _CODES | (_SAP_CODES if "f2" in said else set()) | (_SAGE_CODES if "si" in said else set())
    back = [v for v, key in keys.items() if _is_return(v, key, pattern, typed, codes)]
    sales = [v for v in distinct if v not in back and _SALE.search(alike(v).replace("_", " "))]
    if not back:
        bare = [v for v, key in keys.items() if key in ("credit", "credits", "cr", "贷")]
        back = bare if typed and sales else []
    if not back or (len(back) == len(distinct) and not typed):
        return None, False
    if typed or sales:
        return text.isin(back), True
    # nothing but the value itself speaks of returns: told where it is that word alone, on the lesser part
    whole = [v for v in back if pattern.fullmatch(alike(v).replace("_", " "))]
    lines = text.isin(whole)
    return (lines, False) if whole and not is_status(header) and lines.mean() <= MINOR else (None, False)


def _is_return(value: str, key: str, pattern: re.Pattern[str], typed: bool, codes: set[str]) -> bool:
    plain = alike(value).replace("_", " ")
    if _NOT_RETURN.search(plain):
        return False
    return bool(pattern.search(plain)) or (typed and key in codes)


def _pasted(header: str, cells: pd.Series, positive: pd.Series) -> dict[str, str]:
    """The setting that names these lines as returns, to paste."""
    words = as_text(cells.loc[positive.index[positive]]).str.strip().unique()[:10]
    quoted = ", ".join(f'"{w}"' for w in words)
    return {"returns": f'{{"{header}": [{quoted}]}}'}
