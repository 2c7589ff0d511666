"""What is written into numbers, names and notes for want of a column: credit notes, returns, void documents.

A word there is weaker than a type or a status, so nothing is subtracted by it: it is told with both totals.
Only a number or a whole note that says void is set aside like a status that does.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from kamplay.characters import simplified
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.columns.header_words import looks_like
from kamplay.intake.files.readers import Raw
from kamplay.intake.lines.named_values import to_paste
from kamplay.intake.values.cells import at, hinted
from kamplay.intake.values.parsing import as_text
from kamplay.line_status import kind_of, spaced

_NUMBERED = re.compile(
    r"单号|单据号|编号|编码|号码|票号|凭证号|流水号|订单号|\bno\b|number|#|\bnr\b|nummer|invoice|voucher|\bdoc\b|"
    r"document|\bref\b|reference|facture|factura|fattura|beleg|\border\b|\bid\b",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(
    r"product|item|customer|client|material|sku|stock|tax|account|serial|tracking|contract|project|bank|line|"
    r"phone|post|zip|sales|date|status|type|original|applied|kunden|artikel|产品|物料|商品|存货|客户|往来|税号|"
    r"合同|项目|仓库|行号|原|电话|日期|状态|类型|批号|序列|人员|员",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"备注|说明|摘要|描述|附注|附言|事由|内容|原因|备忘|\bnotes?\b|remark|memo\b|comment|descr|reason|\btext\b|"
    r"bemerkung|notiz|buchungstext|commentaire|libell|observ|concepto|causale|narrat|particulars",
    re.IGNORECASE,
)
# a credit note by how its number begins
_SHORT = r"S?CN|CR|CM|NC|AV|GS|TH"  # some are countries as well
_LONG = r"CRN|CNOTE|CREDIT[A-Z]*|SRN|RTN|RMA|RFD?|RET|REFUND|RETURN|GUT(?:SCHRIFT)?|AVOIR|XSTH|THD|STORNO"
_ZH = "红冲|冲红|红字|红|冲销|冲|退货|销退|退|贷项"
_BEGINS = re.compile(rf"(?P<token>{_SHORT}|{_LONG}|{_ZH})(?=[-_/ .#:№号]+\w|\d)", re.IGNORECASE)
_WITHIN = re.compile(
    rf"[-_/ .](?P<token>CRN|SCN|CREDIT|REFUND|RMA|XSTH|{_ZH})(?=[-_/ .#:]|\d|$)", re.IGNORECASE
)
# or by how it ends, where the same number without it is there too
_ENDS = r"(?:[-_/ .](?:R|RE?V|RET|RTN|CR|CN|STORNO)|-?(?:红冲|冲红|红字|红|冲销|冲|退货|退))\d?"
_TWIN = re.compile(rf"(?P<base>.*[\dA-Za-z]){_ENDS}", re.IGNORECASE)
_MARK_HINT = rf"^(?:{_SHORT}|{_LONG}|{_ZH})|[-_/ .](?:CRN|SCN|CREDIT|REFUND|RMA|XSTH|{_ZH})"
_TWIN_HINT = f"{_ENDS}$"
_COUNTRIES = {
    *("DE", "US", "FR", "GB", "UK", "JP", "HK", "SG", "TW", "KR", "AU", "CA", "IT", "ES", "NL", "BE", "AT"),
    *("CH", "PL", "CZ", "SE", "DK", "FI", "IE", "PT", "BR", "MX", "ZA", "AE", "MY", "VN", "PH", "NZ", "TR"),
}
_LETTERS = r"^([A-Za-z\u4e00-\u9fff]+)"
MOST_PREFIXES = 8  # kinds of documents; more are letters of no meaning
MOST = 0.4  # share of the lines from which a mark is what all of them bear

_RETURNED = re.compile(
    "退货|退款|退回|销退|冲销|红冲|冲红|红字|贷项|返品|"
    r"\breturn(?:ed)? (?:of |the )?(?:goods|merchandise|items?|products?|stock)\b|\bgoods returned?\b|"
    r"\b(?:sales?|customer|client) returns?\b|\breturned\b|\brefund(?:ed|s)?\b|"
    r"\bcredit(?:ed)? (?:note|memo|for)\b|\brevers(?:al|ed)\b|"
    r"^returns?\b(?=\s*(?:$|[-:–#,(]|inv|order|for|from|by|rma|\d))|\brma\b|"
    r"gutschrift|\bretoure\b|rücksendung|\bstorn(?:o|iert)\b|\bavoir\b|retour (?:de )?marchandise|"
    r"remboursement|devoluci[oó]n|\babono\b|\breso merce|nota di credito",
    re.IGNORECASE,
)
_NOT_RETURNED = re.compile(
    r"[不无未非免可包如若待]\s*(?:予|需|能|可|支持|要)?退|拒绝退|换货|退换|退货(?:地址|率|政策|运费|期)|无理由|申请|"
    r"\b(?:no|non|not|never|without|if|may|can|cannot|request\w*|pending)[\s-]+(?:\w+ )?(?:be )?"
    r"(?:return|refund|revers)\w*|"
    r"(?:return|refund)\w*[\s-]+(?:policy|label|address|period|customer|client|visit|trip|flight|spring|call|"
    r"requested)|"
    r"credit (?:card|sale|term|limit)",
    re.IGNORECASE,
)
_VOID = (
    r"(?:已)?作废|已?废[单票]|void(?:ed)?|cancell?ed|annul(?:led|ed|ée?|lat[oa]|iert)|storniert|cancelad[oa]|"
    r"anulad[oa]|deleted"
)
_VOID_HINT = rf"{_VOID}|废|取消|撤销|cancel"  # found wherever one of the four below is
_VOID_NUMBER = re.compile(rf"(?<![A-Za-z])(?:{_VOID}|已?取消|已?撤销)(?![A-Za-z])", re.IGNORECASE)
_VOID_NAME = re.compile(
    rf"[(\[（【<{{]\s*(?:{_VOID}|已取消)\s*[)\]）】>}}]|^\W*(?:{_VOID}|已取消)\s*[-–—:：_*/|]|"
    rf"[-–—:：_*/|]\s*(?:{_VOID}|已取消)\W*$|^\W*(?:{_VOID}|已取消)\W*$|"
    rf"作废$|^作废|(?-i:\s(?:VOID(?:ED)?|CANCELL?ED)$)",
    re.IGNORECASE,
)
_VOID_WHOLE = re.compile(
    rf"\W*(?:(?:order|invoice|sale|document|该?[订本]?[单票])\s*)?(?:{_VOID}|已?取消|已?撤销)\W*",
    re.IGNORECASE,
)
_VOID_NOTE = re.compile(
    r"作废|废单|废票|(?:订单|客户|发票|单据)(?:已|被)?(?:取消|撤销)|^已?(?:取消|撤销)(?:订单|发票|单据)?|"
    r"(?<![a-z])void(?:ed)?(?![a-z])|^cancell?ed\b|\b(?:order|invoice|sale|document)\s+(?:\w+\s+){0,2}cancell?ed\b|"
    r"\bstorniert\b|\bannulée?\b|\banulad[oa]\b|\bannullat[oa]\b",
    re.IGNORECASE,
)


def returns(
    frame: pd.DataFrame, raw: Raw, headers: dict[str, str], told: pd.Series, place: dict[str, Any]
) -> list[Fault]:
    """Tell of lines with positive amounts whose number or note says that they are returns.

    Parameters
    ----------
    frame : DataFrame
        Typed values under our names, index the row in the user's file.
    raw : Raw
        The input with all its columns.
    headers : dict of str to str
        Our column to the user's header.
    told : Series of bool
        Lines that another column has called returns already.
    place : dict
        Where the faults stand: table, file, sheet.
    """
    faults = []
    numbers = _numbers(raw, headers)
    for header in numbers + _notes(raw, headers):
        distinct = _distinct(raw, header)
        if header in numbers:
            patterns = _credit_numbers(distinct, raw, header, frame)
        else:
            patterns = _credit_notes(distinct)
        if not patterns:
            continue
        text = _text(raw, header, frame.index)
        back = text.isin(list(patterns))
        positive = back & (frame["amount"] > 0) & ~told
        if not positive.any() or back.mean() > MOST:
            continue
        told = told | back
        total = float(frame["amount"].sum())
        words = list(text[positive].unique())
        args = {
            "given": total,
            "amount": total,
            "other": total - 2 * float(frame.loc[positive, "amount"].sum()),
            "returns": to_paste(header, text, back, [patterns[w] for w in text[back].unique()]),
        }
        value = ", ".join(words[:3]) + (" …" if len(words) > 3 else "")
        fault = Fault("returns_doubtful", "warning", column=header, value=value, args=args, **place)
        faults.append(at_rows(fault, frame.index[positive]))
    return faults


def void_values(
    raw: Raw, headers: dict[str, str], index: pd.Index
) -> list[tuple[str, pd.Series, dict[str, str], bool]]:
    """Find the numbers, notes and names that say void.

    Returns
    -------
    list of (header, text, values, sure)
        The value → the part of it that says so, as a pattern; sure where the whole document is meant.
    """
    found = []
    for header in _numbers(raw, headers):
        found.append((header, _marked(_distinct(raw, header), _VOID_NUMBER), True))
    for header in _notes(raw, headers):
        values = _marked(_distinct(raw, header), _VOID_NOTE)
        whole = {v: p for v, p in values.items() if _VOID_WHOLE.fullmatch(simplified(v))}
        within = {v: p for v, p in values.items() if v not in whole}
        found += [(header, whole, True), (header, within, False)]
    for header in _accounts(raw, headers):
        found.append((header, _marked(_distinct(raw, header), _VOID_NAME), False))
    return [(header, _text(raw, header, index), values, sure) for header, values, sure in found if values]


def _marked(distinct: pd.Series, mark: re.Pattern[str]) -> dict[str, str]:
    """The values with the mark, unless they deny it: value → what it has of the mark, as a pattern."""
    hits = ((v, mark.search(simplified(v))) for v in hinted(distinct, _VOID_HINT))
    return {v: f"*{v[slice(*hit.span())].strip()}*" for v, hit in hits if hit and kind_of(v) != "fine"}


def _distinct(raw: Raw, header: str) -> pd.Series:
    """The distinct cells of a column; only where one bears a mark are its lines looked at."""
    text = as_text(pd.Series(raw.frame[header].unique())).str.strip().drop_duplicates()
    return text[text != ""]


def _text(raw: Raw, header: str, index: pd.Index) -> pd.Series:
    return as_text(at(raw.frame[header], index)).str.strip()


def _numbers(raw: Raw, headers: dict[str, str]) -> list[str]:
    """The columns with numbers of documents."""
    own = [headers[n] for n in ("order_id", "invoice_id") if headers.get(n) in raw.frame]
    taken = set(headers.values())
    return own + [
        h
        for h in raw.frame.columns
        if h not in taken
        and _NUMBERED.search(spaced(h))
        and not _OF_ANOTHER.search(spaced(h))
        and _is_text(raw, h)
    ]


def _notes(raw: Raw, headers: dict[str, str]) -> list[str]:
    """The columns of free text; what feeds a column of ours, such as the product, is none."""
    taken = set(headers.values())
    return [h for h in raw.frame.columns if h not in taken and _NOTE.search(spaced(h)) and _is_text(raw, h)]


def _accounts(raw: Raw, headers: dict[str, str]) -> list[str]:
    """The columns with names or ids of accounts."""
    own, taken = headers.get("account_id"), set(headers.values())
    return [
        h
        for h in raw.frame.columns
        if h == own or (h not in taken and looks_like(h) == "account" and _is_text(raw, h))
    ]


def _is_text(raw: Raw, header: str) -> bool:
    return raw.frame[header].dtype.kind not in "ifbM"


def _credit_numbers(distinct: pd.Series, raw: Raw, header: str, frame: pd.DataFrame) -> dict[str, str]:
    """The numbers of credit notes: number → a pattern for numbers like it."""
    by_mark = {
        v: (f"{v[: hit.end()]}*" if hit.re is _BEGINS else f"*{hit[0]}*", hit["token"].upper())
        for v in hinted(distinct, _MARK_HINT)
        if (hit := _BEGINS.match(v) or _WITHIN.search(v))
    }
    ends = {v: hit["base"] for v in hinted(distinct, _TWIN_HINT) if (hit := _TWIN.fullmatch(v))}
    there = set(distinct[distinct.isin(set(ends.values()))])
    pairs = {v: base for v, base in ends.items() if base in there}
    if not by_mark and not pairs:
        return {}
    text = _text(raw, header, frame.index)
    found = {v: pattern for v, (pattern, _) in by_mark.items()}
    others = distinct[~distinct.isin(list(found))]
    prefixes = set(others.str.extract(_LETTERS, expand=False).str.upper().dropna().unique())
    if not len(others) or len(prefixes) > MOST_PREFIXES or not _of_customers_with_others(text, found, frame):
        found = {}
    elif prefixes & _COUNTRIES:
        found = {v: p for v, p in found.items() if not re.fullmatch(_SHORT, by_mark[v][1])}
    return found | _twins(text, pairs, frame)


def _of_customers_with_others(text: pd.Series, found: dict[str, str], frame: pd.DataFrame) -> bool:
    """Whether some account with such numbers has other numbers too: letters of one customer mark no kind."""
    back = text.isin(list(found))
    accounts = frame["account_id"]
    return bool(accounts[back].isin(accounts[~back].dropna().unique()).any())


def _twins(text: pd.Series, pairs: dict[str, str], frame: pd.DataFrame) -> dict[str, str]:
    """Of the numbers that repeat another with a letter for its reversal, those of the same account and of no
    larger sum.
    """
    if not pairs:
        return {}
    some = text.isin([*pairs, *pairs.values()])
    lines = frame.loc[some, ["account_id", "amount"]].groupby(text[some])
    account, amount = lines["account_id"].first(), lines["amount"].sum()
    return {
        v: f"*{v[len(base) :]}"
        for v, base in pairs.items()
        if v in account
        and base in account
        and account[v] == account[base]
        and 0 < amount[v] <= amount[base] + 0.011
    }


def _credit_notes(distinct: pd.Series) -> dict[str, str]:
    """The notes that speak of a return: note → a pattern for notes like it."""
    hits = ((v, _RETURNED.search(simplified(v))) for v in distinct)
    return {
        v: f"*{v[slice(*hit.span())]}*" for v, hit in hits if hit and not _NOT_RETURNED.search(simplified(v))
    }
