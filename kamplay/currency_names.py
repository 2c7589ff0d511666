"""How currencies are named: codes, words in either language, and signs that several of them share."""

from __future__ import annotations

import re
import unicodedata

from kamplay.characters import alike
from kamplay.codebook import fold

_CODES = (
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KES KRW KWD "
    "KZT LKR MAD MOP MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH "
    "USD UYU VND ZAR"
)
CODES = set(_CODES.split())
# as a currency stands beside a figure in a cell
CURRENCIES = {
    word.upper(): code
    for code, words in {
        "CNY": "RMB CNY CNH 人民币 ¥ 元 圆",
        "USD": "USD US$ $ 美元",
        "EUR": "EUR € 欧元 Euro",
        "GBP": "GBP £ 英镑",
        "HKD": "HKD HK$ 港币 港元",
        "JPY": "JPY JP¥ 日元 日圆 円",
        "INR": "INR ₹ Rs Rs. 卢比 印度卢比",
        "CHF": "CHF SFr SFr. Fr. 瑞士法郎",
        "SGD": "SGD S$ SG$ 新加坡元 新元",
        "TWD": "TWD NTD NT$ 新台币 新臺幣 台币",
        "KRW": "KRW ₩ 韩元 韩币",
        "AUD": "AUD A$ AU$ 澳元",
        "CAD": "CAD C$ CA$ 加元 加拿大元",
        "NZD": "NZD NZ$ 新西兰元 纽元",
        "MOP": "MOP MOP$ 澳门元",
        "THB": "THB ฿ 泰铢",
        "VND": "VND ₫ 越南盾",
        "IDR": "IDR Rp Rp. 印尼盾",
        "MYR": "MYR RM 林吉特",
        "PHP": "PHP ₱ 菲律宾比索",
        "PKR": "PKR ₨ 巴基斯坦卢比",
        "BDT": "BDT ৳",
        "LKR": "LKR",
        "BRL": "BRL R$ 雷亚尔",
        "MXN": "MXN MX$ 墨西哥比索",
        "ARS": "ARS",
        "CLP": "CLP",
        "COP": "COP",
        "PEN": "PEN S/",
        "ZAR": "ZAR 兰特",
        "NGN": "NGN ₦",
        "KES": "KES KSh",
        "EGP": "EGP",
        "MAD": "MAD",
        "RUB": "RUB ₽ 卢布",
        "UAH": "UAH ₴",
        "KZT": "KZT ₸",
        "TRY": "TRY ₺ 土耳其里拉",
        "PLN": "PLN zł 兹罗提",
        "CZK": "CZK Kč",
        "HUF": "HUF Ft",
        "RON": "RON lei",
        "BGN": "BGN",
        "SEK": "SEK 瑞典克朗",
        "NOK": "NOK 挪威克朗",
        "DKK": "DKK 丹麦克朗",
        "ISK": "ISK",
        "kr": "kr kr.",  # of three countries: which one the cell does not say
        "AED": "AED Dhs 迪拉姆",
        "SAR": "SAR 沙特里亚尔",
        "QAR": "QAR",
        "KWD": "KWD",
        "ILS": "ILS NIS ₪",
    }.items()
    for word in words.split()
}
# and further ones, as a column or a person names it
_NAMES = {
    fold(word): code
    for code, words in {
        "CNY": "RMB CNH 人民币 人民币元 CN¥ 元 圆 YUAN RENMINBI",
        "USD": "US$ 美元 美金 USDOLLAR USDOLLARS DOLLAR DOLLARS",
        "EUR": "€ 欧元 EURO EUROS",
        "GBP": "£ 英镑 STERLING POUND POUNDS",
        "HKD": "HK$ 港币 港元 港幣",
        "JPY": "日元 日圆 日幣 円 YEN JAPANESEYEN",
        "TWD": "NT$ NTD 新台币 台币 新臺幣",
        "KRW": "韩元 韩币 ₩ WON",
        "SGD": "新加坡元 新币 S$",
        "AUD": "澳元 澳币 A$",
        "CAD": "加元 加币 C$",
        "CHF": "瑞士法郎 FRANKEN SFR",
        "INR": "₹ 卢比 RUPEE RUPEES",
        "THB": "泰铢 ฿",
        "RUB": "卢布 ₽",
        "MOP": "澳门元",
    }.items()
    for word in words.split()
    if len(fold(word)) > 1 or not fold(word).isascii()
}
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "¥": "¥",
    "￥": "¥",
    "$": "$",
    "฿": "THB",
    "₽": "RUB",
}
# signs that several currencies share: they never contradict one of these
SHARED = {
    "$": {"USD", "AUD", "CAD", "HKD", "SGD", "NZD", "TWD", "MXN", "ARS", "CLP", "COP", "MOP", "UYU"},
    "¥": {"CNY", "JPY"},
    "元": {"CNY", "HKD", "TWD", "JPY", "MOP"},
    "kr": {"SEK", "NOK", "DKK"},
}
_USUAL = {
    "$": "USD",
    "¥": "CNY",
    "元": "CNY",
    "kr": "SEK",
}  # what a shared sign stands for where it contradicts
_IN_HEADER = re.compile(
    rf"(?<![A-Za-z])(?:US\$|HK\$|NT\$|{'|'.join(sorted(CODES))}|RMB)(?![A-Za-z])|[€£$¥￥₹]|"
    "人民币|美元|美金|欧元|港币|港元|日元|英镑|澳元|加元|韩元|新加坡元|瑞士法郎"
)


def code_of(text: str) -> str | None:
    """The ISO code that a text names; a sign that several currencies share stays that sign."""
    plain = alike(str(text)).strip()
    found = _exactly(plain)
    if found or len(plain) > 24:
        return found
    inside = re.findall(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", plain)  # 美元(USD), USD - US Dollar
    known = [c for c in inside if c in CODES]
    return known[0] if len(set(known)) == 1 else None


def named(text: str) -> str:
    """The code of a currency that a person names: 人民币, ￥ or US$. A sign that several share stands for the
    usual one; a text that names none stays as it is.
    """
    plain = alike(text).strip()
    code = code_of(plain) or CURRENCIES.get(plain.upper(), plain)
    return _USUAL.get(code, code.upper() if re.fullmatch("[A-Za-z]{3}", code) else code)


def is_mark(text: str) -> bool:
    """Whether a text is a code, a sign or a Chinese word that means nothing but a currency; 元 alone may be a
    unit, and Won or Real a word.
    """
    plain = alike(str(text)).strip()
    if plain in CODES or plain == "RMB":
        return True
    latin = re.search("[A-Za-z]", plain) and "$" not in plain
    return not latin and plain not in ("元", "圆") and _exactly(plain) is not None


def _exactly(plain: str) -> str | None:
    if plain in ("¥", "￥", "$", "元", "kr"):
        return {"￥": "¥"}.get(plain, plain)
    if plain.upper() in CODES:
        return plain.upper()
    if plain in _SIGNS:
        return _SIGNS[plain]
    return _NAMES.get(fold(plain))


def of_header(header: str) -> str | None:
    """The currency that a header names; 元 alone is a unit and names none."""
    found = _IN_HEADER.search(alike(header))
    return code_of(found[0]) if found else None


def without_currency(header: str) -> str:
    """A header without the currency that it names: ``Amount (USD)`` is ``Amount``."""
    return _IN_HEADER.sub("", unicodedata.normalize("NFKC", header))


def same(code: str, currency: str) -> bool:
    """Whether a code or sign can stand for the currency."""
    return code == currency or currency in SHARED.get(code, ())


def meant(code: str, currency: str) -> str:
    """The currency that a code or sign stands for beside the engagement's."""
    return currency if same(code, currency) else _USUAL.get(code, code)
