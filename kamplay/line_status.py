"""What the status of a line says: that the line counts, that it does not, that it was reversed, or that
nobody can say yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import pandas as pd

from kamplay.characters import alike
from kamplay.codebook import fold

Kind = Literal["void", "reversed", "doubtful", "fine"]

# Chinese words are looked for inside the value, for nothing parts them; others as whole words
_NEGATED = re.compile(
    "[未非无没](?:有|被|经)?(?:作废|红冲|冲红|冲销|取消|撤销|撤消|删除|失效|退货|退款|红字)|正常|未冲|"
    r"\b(?:not?|non|never|un)[\s_-]*(?:yet[\s_-]*)?(?:void|cancel|revers|refund|delet|annul|reject)|uncancel",
    re.IGNORECASE,
)
_PARTLY = re.compile(r"部分|\bpart(?:ial(?:ly)?|ly)?(?![a-z])|\bteil|\bpartiel", re.IGNORECASE)
_UNDER_WAY = re.compile(
    "待|申请|审批中|处理中|取消中|作废中|退款中|pending|request|in progress|awaiting|to be", re.IGNORECASE
)
_REVERSED = re.compile(
    r"红冲|冲红|冲销|被冲|已冲|红字冲|\b(?:reversed|reversal|stornier\w*|storno\w*|credited)\b", re.IGNORECASE
)
_VOID = re.compile(
    "作废|已废|废弃|废除|废单|取消|撤销|撤消|撤单|已删除|无效|失败|交易关闭|拒付|"
    r"\b(?:void\w*|cancel\w*|canceled|annul\w*|deleted|removed|failed|failure|fail|declined|denied|uncollectible|"
    r"anulad\w*|cancelad\w*|geannuleerd|anulowan\w*|avbrut\w*|gelöscht|ungültig|invalid|write[\s_-]?off)\b",
    re.IGNORECASE,
)
_DOUBTFUL = re.compile(
    "草稿|暂存|待|未审|未提交|未确认|未生效|未过账|未完成|未核准|审核中|审批中|处理中|重新审核|取消审核|反审核|驳回|"
    "挂起|冻结|锁定|争议|异常|预开|预估|报价|意向|形式发票|新建|制单|已?创建|录入|退款|退货|拒收|售后|下書き|"
    r"\b(?:draft\w*|pending|on[\s_-]?hold|hold|held|parked|open|quote\w*|quotation|estimate\w*|pro[\s_-]?forma|"
    r"disputed?|in[\s_-]?dispute|chargeback|refund\w*|returned|awaiting|unapproved|unconfirmed|unposted|"
    r"incomplete|processing|in[\s_-]?progress|in[\s_-]?review|submitted|created|new|rejected|expired|requested|"
    r"requires\w*|abandoned|suspended|blocked|planned|forecast|provisional|temporary|to be \w+|"
    r"not[\s_-](?:approved|posted|confirmed|final\w*|invoiced)|"
    r"entwurf|offen|in bearbeitung|angebot|gesperrt|brouillon|en attente|devis|borrador|pendiente|"
    r"bozza|in attesa|rascunho|pendente|concept)\b",
    re.IGNORECASE,
)
_FINE = re.compile(
    "正常|有效|审核|审批|确认|完成|关闭|结案|开票|发货|付款|收款|签收|生效|过账|记账|入账|归档|成功|出库|核销|结清|"
    r"\b(?:post\w*|paid|complet\w*|closed?|approv\w*|fulfilled|unfulfilled|shipped|delivered|invoiced|booked|"
    r"confirmed|sent|authori[sz]ed|succeeded|success\w*|active|valid|final\w*|done|sale|settled|billed|issued|"
    r"overdue|unpaid|cleared|released|normal|ok|current|gebucht|bezahlt|abgeschlossen|freigegeben|"
    r"payée?|comptabilisée?|validée?|pagad\w*|contabilizad\w*|contabilizzat\w*|pagat\w*)\b",
    re.IGNORECASE,
)
# types of documents that are no sale, or not yet
NO_SALE = re.compile(
    r"草稿|报价|意向|形式发票|预开|收款|付款|预收|\b(?:draft|quote|quotation|estimate|pro[\s_-]?forma|offer|"
    r"angebot|devis|payments?|receipts?|deposits?|zahlung|zahlungseingang|paiement|pago)\b",
    re.IGNORECASE,
)
# of a return, which is right in the sum where it is booked negative
RETURNED = re.compile("退|refund|return|credit", re.IGNORECASE)
_HEADER = re.compile(
    r"\bloekz\b|\bloevm\b|\bdeletion (?:indicator|flag|ind\b)|löschkennzeichen|删除标识|"
    r"状态|作废|废除|审核标志|是否有效|有效标[志记]|(?:删除|取消|撤销)标[志记]|是否已?(?:删除|取消|撤销)|"
    r"\bstatus\b|\bstate\b|\bdocstatus\b|statut|estado|\bstato\b|situação|"
    r"\b(?:void(?:ed)?|cancel(?:l?ed)?|deleted|is valid)\b|storniert|belegstatus|rechnungsstatus",
    re.IGNORECASE,
)
_FLAG_VOID = re.compile(
    r"作废|废除|取消|撤销|删除|\b(?:void(?:ed)?|cancel(?:l?ed)?|deleted|deletion|loekz|loevm)\b|storniert|storno|"
    r"löschkennzeichen",
    re.IGNORECASE,
)
# the status of a customer or of a product says nothing of the line
_OF_ANOTHER = re.compile(
    r"\b(?:customer|client|account|contact|product|item|material|stock|contract|kunden?|artikel|produkt)\s*"
    r"(?:status|state)|(?:客户|产品|物料|商品|存货|合同)(?:的)?状态",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}\D?.*|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}\b.*"
)
_FLAG_VALID = re.compile(r"是否有效|有效标[志记]|\bis[\s_-]?valid\b", re.IGNORECASE)
_YES, _NO = {"是", "y", "yes", "true", "1", "x", "√", "ja", "t"}, {"否", "n", "no", "false", "0", "×", "nein"}
# the letters that two families of systems keep in place of words
_LETTERS: dict[str, dict[str, Kind]] = {
    "fdocumentstatus": {"z": "doubtful", "a": "doubtful", "b": "doubtful", "c": "fine", "d": "doubtful"},
    "fcancelstatus": {"a": "fine", "b": "void"},
    "docstatus": {"0": "doubtful", "1": "fine", "2": "void"},
}


# bare codes, which mean what the client's system says they mean
_CODE = re.compile(r"[a-z]{1,2}|[a-z]?\d{1,2}|yes|no|true|false|[是否√×ox]", re.IGNORECASE)
_ASKED = re.compile(
    r"\bposted\b|\bapproved\b|\bconfirmed\b|\bvalid\b|\breleased\b|\bbooked\b|\bfinali[sz]ed\b|\bactive\b|"
    r"是否(?:审核|过账|记账|确认|生效|有效)|(?:审核|过账|记账|确认|生效|有效|记账)(?:标[志识记]|否)|gebucht|freigegeben",
    re.IGNORECASE,
)
# how far goods or money have come says nothing of whether the line counts
_NOT_ASKED = re.compile(
    r"payment|paid|deliver|ship|stock|credit|fulfil|print|mail|sync|付款|收款|支付|回款|结算|发货|配送|物流|运输|开票|"
    r"打印|同步|会员|信用|zahlung|liefer",
    re.IGNORECASE,
)
MOST_CODES = 12


# deals: the stage says whether one was won, and only then is it a sale
_STAGE = re.compile(r"\bstage\b|(?:商机|销售|成交)阶段|赢单状态", re.IGNORECASE)
_LIFE = re.compile(r"life\s*cycle|customer|contact|lead stage|客户", re.IGNORECASE)
_WON = re.compile(r"\b(?:closed\s*)?won\b|赢单|已成交|成交$", re.IGNORECASE)
_LOST = re.compile(r"\b(?:closed\s*)?lost\b|输单|丢单|未成交", re.IGNORECASE)


def stages(header: str, values: Iterable[str]) -> dict[str, Kind] | None:
    """What the stages of deals say: won is a sale, lost is none, and what is between them is not one yet.

    None where the header names no stage or no value says won or lost: stages of another kind.
    """
    if not _STAGE.search(spaced(header)) or _LIFE.search(spaced(header)):
        return None
    kinds: dict[str, Kind] = {}
    for value in (v for v in values if v):
        plain = spaced(str(value))
        kinds[value] = "void" if _LOST.search(plain) else "fine" if _WON.search(plain) else "doubtful"
    return kinds if {"fine", "void"} & set(kinds.values()) else None


def spaced(header: str) -> str:
    """A header with its words apart: financial_status and InvoiceStatus too."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", alike(header))
    return re.sub(r"[_\s-]+", " ", plain)


def is_status(header: str) -> bool:
    """Whether a header names a status or a flag of void lines."""
    words = spaced(header)
    return bool(_HEADER.search(words) and not of_another(header)) or fold(header) in _LETTERS


def of_another(header: str) -> bool:
    """Whether a header names the status of a customer, a product or a contract, not of the line."""
    return bool(_OF_ANOTHER.search(spaced(header)))


def bare_codes(header: str, values: Iterable[str]) -> list[str]:
    """The values of a status that are codes nobody can read: 1 and 9, Y and N, A and V; empty where some are
    words, or all lines have the same one.
    """
    filled = [v for v in values if v]
    words = spaced(header)
    if not 2 <= len(filled) <= MOST_CODES or _NOT_ASKED.search(words) or of_another(header):
        return []
    if not (is_status(header) or _ASKED.search(words)) or not all(_CODE.fullmatch(v) for v in filled):
        return []
    states = bool(re.search(r"\bstate\b|\bestado\b|\bstato\b", words, re.IGNORECASE))
    if states and any(len(v) == 2 and v.isalpha() for v in filled):
        return []  # CA and NY are states of another kind
    return filled if all(kind_of(v, header) is None for v in filled) else []


def is_day(value: str) -> bool:
    """Whether a value is a day, as under “cancelled at”."""
    return bool(_WHEN.fullmatch(value))


def kind_of(value: str, header: str = "") -> Kind | None:
    """What a status says of its line; None where it is no word of a status.

    ``header`` tells how to read flags and letters: 作废标志 是, docstatus 2.
    """
    text = re.sub(r"_", " ", alike(str(value))).strip()
    key = fold(text)
    if not key:
        return None
    letters = _LETTERS.get(fold(header))
    if letters and key in letters:
        return letters[key]
    if header and key in _YES | _NO:
        header = spaced(header)
        if _FLAG_VALID.search(header):
            return "fine" if key in _YES else "void"
        if _FLAG_VOID.search(header):
            return "void" if key in _YES else "fine"
        return None
    if header and is_day(text):  # cancelled at: the day it was
        return "void" if _FLAG_VOID.search(spaced(header)) else None
    if _NEGATED.search(text):
        return "fine"
    for pattern, kind in ((_REVERSED, "reversed"), (_VOID, "void")):
        if pattern.search(text) and "取消审核" not in text:
            return "doubtful" if _PARTLY.search(text) or _UNDER_WAY.search(text) else kind  # type: ignore[return-value]
    if _DOUBTFUL.search(text):
        return "doubtful"
    return "fine" if _FINE.search(text) else None


def is_void(status: pd.Series) -> pd.Series:
    """Mask of the lines whose status says so: 已作废, 红冲发票, Cancelled; not 未作废 or “not void”."""
    void = [v for v in status.dropna().unique() if kind_of(str(v)) in ("void", "reversed")]
    return status.isin(void)
