"""What a header says of its figures: a price, a cost, a tax, a total of the document, another currency, a
status.
"""

from __future__ import annotations

import re

from kamplay.characters import alike

GROSS = re.compile(
    r"价税合计|(?<!不)含税|gross|fallamount|amount[ _]due[ _]original|^i(nat)?sum$|"
    r"inc(l|luding|lusive)?\.?\s*(of\s*)?(tax|vat|gst)|with (tax|vat)|"
    r"brutto|\bttc\b|toutes taxes|lordo|con iva|iva (inclu[ií]d[oa]|inclusa|compresa)|"
    r"inkl.*(mwst|steuer|ust)",
    re.IGNORECASE,
)
NET = re.compile(
    r"不含税|无税|未税|净额|\bnet\b|excl|netwr|natmoney|netto(?!gewicht)|\bht\b|"
    r"hors (taxe|tva)|sin iva|iva esclusa|\bneto\b|\bnetas?\b|imponib[il]le|"
    r"(ohne|exkl|zzgl).*(mwst|steuer|ust)",
    re.IGNORECASE,
)
PRICE = re.compile(
    r"单价|每件|unit ?(price|amount|value)|price (each|per)|^(list |net |sales? )?price$|"
    r"lineitem price|price_unit|^rate$|stückpreis|einzelpreis|stkpreis|(verkaufs|vk|listen|netto)-?preis|"
    r"^preis$|\bprix (unitaire|de vente)|\bp\.?u\.? ?ht\b|precio(?! total)|prezzo(?! totale)",
    re.IGNORECASE,
)
COMPANY = re.compile(
    r"本位币|本币|折人民币|(company|local|base|home|functional|reporting) currency|converted|_lc$|\bbase_",
    re.IGNORECASE,
)
_COST = re.compile(
    r"成本|进价|进货价|采购价|\bcosts?\b|cogs|\bwavwr|costamount|prime ?cost|wareneinsatz|einstandswert|"
    r"(herstell|selbst)kosten|^kosten$|\bcoûts?\b|\bcost[eio]\b",
    re.IGNORECASE,
)
_UNIT_COST = re.compile(
    r"单位成本|成本单价|进货?价|采购价|unit ?cost|cost (per|each)|cost price|purchase.?price|"
    r"(einkaufs|einstands|ek)-?preis|prix d.achat|prix de revient|(coste?|costo|coût) unita",
    re.IGNORECASE,
)
_PROFIT = re.compile(r"毛利|利润|profit|margin|deckungsbeitrag|\bmarge\b|margen|margine", re.IGNORECASE)
_RATE = re.compile(
    r"汇率|税率|折扣率|率$|\brate\b|percent|%|\bratio\b|steuersatz|\bkurs\b|\btaux\b|\btasa\b|aliquota",
    re.IGNORECASE,
)
_TAX = re.compile(
    r"税额|税金|增值税|\btax(es)?\b|taxtotal|taxamount|\b(vat|gst|mwst|ust|tva|iva)\b|steuer|"
    r"impuesto|imposta",
    re.IGNORECASE,
)
_DISCOUNT = re.compile(
    r"折扣|让利|返利|减免|优惠(?!后)|discount(?!ed)(?! price)|rebate|rabatt|remise|nachlass|skonto|"
    r"descuento|sconto",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"已[收付核]|未[收付核]|余额|欠款|收款|付款|回款|核销|定金|预[收付]|退款|"
    r"bezahlt|\boffen|zahlung|payé|réglé|\bsolde\b|\bsaldo\b|reste dû|pagado|cobrado|pendiente|pagato|"
    r"incassato|paid|payments?\b|balance|outstanding|amountdue|\bdue\b|refund|deposit|fees?\b",
    re.IGNORECASE,
)
_FREIGHT = re.compile(
    r"运费|物流费|包装费|手续费|freight|shipping|handling|\bfee\b|fracht|versand|"
    r"\bfrais\b|flete|portes|spedizione|trasporto",
    re.IGNORECASE,
)
_DISCOUNTED = re.compile(
    r"折后|优惠后|折扣后|让利后|实付金额|实付款|实销|after (the )?discount|discounted|net of discount",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"折前|优惠前|折扣前|原价|标价|before (the )?discount|undiscounted|list (amount|value)|subtotal before",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"^total$|(order|invoice|document|grand) ?total|^total (price|amount|due)$|total_amount|"
    r"^gesamtbetrag$|rechnungssumme|total (facture|commande|factura|pedido)|"
    r"totale (documento|fattura|ordine)|^importe total$|"
    r"(整单|单据|订单|发票|开票|合同)(总额|总金额|合计)|^总(金额|额|计|价)$|^合计$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"金额|价款|货款|收入|销售额|营业额|额$|amount|revenue|turnover|\bvalue\b|\btotal\b|\bsum\b|"
    # of the sales force and its organisation no header says what was sold for
    r"\bsales\b(?! ?(?:agents?|reps?\b|representatives?|person|people|man\b|men\b|woman|managers?|teams?|"
    r"staff|employees?|leads?\b|executives?|director|assistant|owner|offices?|branch|regions?|area|district|"
    r"territor|groups?|org\b|organi[sz]ation|units?\b|departments?|divisions?|entit|channels?|stage))|"
    r"\bnet\b|subtotal|betrag|umsatz|erlöse|gesamtpreis|montant|"
    r"chiffre d.affaires|importe|\bmonto\b|\bventas\b|importo|fatturato|extended",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"币种|币别|货币|^原币$|currency|\bcurr\b|waerk|^ccy$|devise|währung", re.IGNORECASE)
_STATUS = re.compile(r"状态|作废|红冲|是否正数|审核|\bstatus\b|\bstate\b|voided|cancel+ed", re.IGNORECASE)
_DOCUMENT_TYPE = re.compile(
    r"单据类型|发票类型|业务类型|单据类别|交易类型|借贷|红蓝|(document|doc|invoice|transaction|billing) type|"
    r"^type$|debit.?credit|move_type",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"客户|往来单位|购货?方|购货单位|购买方|买方|付款方|经销商|customer|client|kunde|debitor|buyer|sold.?to|bill.?to|"
    r"\baccount\b|debtor|payer|partner|contact ?name|company|dealer|reseller",
    re.IGNORECASE,
)
_ID = re.compile(r"\bid\b|编号|编码|代码|号码|单号|\bno\b|number|date|日期|时间", re.IGNORECASE)


def plain(header: str) -> str:
    """A header in one width, with the words of a name in camel case parted."""
    text = alike(str(header)).strip()
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ")


_ROLES = (  # the first that fits; a price with tax is a price, a cost is no amount
    ("rate", _RATE),
    ("unit_cost", _UNIT_COST),
    ("price", PRICE),
    ("profit", _PROFIT),
    ("cost", _COST),
    ("discounted", _DISCOUNTED),
    ("list", _LIST),
    ("gross", GROSS),
    ("net", NET),
    ("tax", _TAX),
    ("discount", _DISCOUNT),
    ("paid", _PAID),
    ("freight", _FREIGHT),
    ("company", COMPANY),
    ("document", _DOCUMENT),
    ("amount", _AMOUNT),
)


def money_role(header: str) -> str | None:
    """What a header says of its figures.

    Returns
    -------
    str or None
        rate, unit_cost, price, profit, cost, discounted, list, gross, net, tax, discount, paid, freight,
        company (the company's own currency), document (a total of the whole document) or amount; None where
        it says nothing of money.
    """
    words = plain(header)
    if words.replace(" ", "").casefold() in ("unitamount", "unitprice"):
        return "price"
    return next((role for role, pattern in _ROLES if pattern.search(words)), None)


def in_company_currency(header: str | None) -> bool:
    """Whether a header says that its figures are in the company's own currency."""
    return bool(header and (COMPANY.search(header) or COMPANY.search(plain(header))))


def of_customers(header: str) -> bool:
    """Whether a header says that its companies buy: billing company."""
    return bool(
        re.search(r"\b(bill(ing|\W?to)?|ship(ping|\W?to)?|associated|primary)\b", plain(header), re.I)
    )


def looks_like(header: str, money: bool = True) -> str | None:
    """What a header that feeds no column may hold all the same: amount, cost, currency, status,
    document_type or account; without ``money`` neither amount nor cost.
    """
    words = plain(header)
    if _CURRENCY.search(words) and not in_company_currency(header):
        return "currency"
    role = money_role(header) if money else None
    if role in ("cost", "unit_cost"):
        return "cost"
    if role and role != "rate" and not (role in ("tax", "amount", "paid") and _ID.search(words)):
        return "amount"
    if _STATUS.search(words):
        return "status"
    if _DOCUMENT_TYPE.search(words):
        return "document_type"
    if _ACCOUNT.search(words):
        return "account"
    return None
