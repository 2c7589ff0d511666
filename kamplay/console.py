"""Words on a console or in a file whose character set lacks some of them: what stands in its place can be
read, and none is lost without a trace.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import Any

HANDLER = "kamplay-readable"
# the nearest that older character sets may have, the best first; the last can be written anywhere
INSTEAD = {
    "−": "-",
    "–": "-",
    "—": ("─", "--"),
    "‑": "-",
    "…": "...",
    "¥": ("￥", "Y"),
    "￥": ("¥", "Y"),
    "£": ("￡", "GBP "),
    "€": "EUR ",
    "₩": ("￦", "KRW "),
    "₹": "INR ",
    "✓": ("√", "[x]"),
    "✔": ("√", "[x]"),
    "✗": ("×", "[ ]"),
    "×": "x",
    "·": "-",
    "•": ("·", "*"),
    "→": "->",
    "←": "<-",
    "↑": "^",
    "↓": "v",
    "≤": ("≦", "<="),
    "≥": ("≧", ">="),
    "≈": ("≒", "~"),
    "±": "+/-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "«": ("《", '"'),
    "»": ("》", '"'),
    "，": ", ",
    "。": ". ",
    "：": ": ",
    "；": "; ",
    "（": " (",
    "）": ") ",
    "、": ", ",
    "\u00a0": " ",
    "\u2009": " ",
    "\u202f": " ",
    "\u200b": "",
    "\u2060": "",
    "\ufeff": "",
}


def readable(text: str, encoding: str) -> str:
    """``text`` with what ``encoding`` cannot hold replaced by the nearest that it can: a sign that means the
    same, the letter without its accent, else its number as ``\\u534e``.
    """
    return "".join(one if _fits(one, encoding) else _instead(one, encoding) for one in text)


def _instead(one: str, encoding: str) -> str:
    known = INSTEAD.get(one, ())
    plain = "".join(c for c in unicodedata.normalize("NFKD", one) if not unicodedata.combining(c))
    for other in [known] if isinstance(known, str) else known:
        if _fits(other, encoding):
            return other
    if plain != one and _fits(plain, encoding):
        return plain
    return one.encode("ascii", "backslashreplace").decode("ascii")


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return readable(error.object[error.start : error.end], error.encoding), error.end


def make_readable(stream: Any) -> None:
    """Have a text stream write what its character set lacks as ``readable`` says."""
    codecs.register_error(HANDLER, _replace)
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors=HANDLER)
