"""HTML out of an executed notebook, which a consultant may have edited, without anything that acts.

The page's policy lets no script run anyway; this keeps it out of the file, too.
"""

from __future__ import annotations

import re
from html import escape, unescape

# elements that act, lead elsewhere, or would swallow the rest of the page
_BANNED = (
    "script|iframe|frame|frameset|object|embed|applet|portal|link|meta|base|form|noscript|noembed|noframes|"
    "plaintext|xmp|textarea|title|template|html|head|body"
)
_SUSPECT = re.compile(rf"<\s*/?\s*(?:{_BANNED})\b|<!|\bon\w+\s*=|script\s*:", re.IGNORECASE)
_WHOLE = re.compile(r"<\s*(script|iframe|object|noscript|template|textarea)\b.*?<\s*/\s*\1\s*>", re.I | re.S)
_LEFT = re.compile(rf"<\s*/?\s*(?:{_BANNED})\b|<!", re.IGNORECASE)
_TAG = re.compile(r"""<(/?)\s*([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_LEADS = ("href", "src", "action", "formaction", "xlink:href", "data", "poster", "background")


def inert(html: str) -> str:
    """The same HTML; where it has scripts, handlers of events, comments, or what loads or leads elsewhere,
    without them. What cannot be cleaned stands as text.
    """
    if not _SUSPECT.search(html):
        return html
    cleaned = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    cleaned = _TAG.sub(_tag, _WHOLE.sub("", cleaned))
    return escape(html) if _LEFT.search(cleaned) else cleaned


def _tag(found: re.Match[str]) -> str:
    closing, name, rest = found.groups()
    if re.fullmatch(_BANNED, name, re.IGNORECASE):
        return ""
    if not _SUSPECT.search(rest):
        return found[0]
    kept = [
        f" {one[1]}={one[2]}" if one[2] else f" {one[1]}"
        for one in _ATTRIBUTE.finditer(rest)
        if not one[1].lower().startswith("on") and not _acts(one[1], one[2] or "")
    ]
    return f"<{closing}{name}{''.join(kept)}>"


def _acts(name: str, value: str) -> bool:
    """Whether an attribute leads to a script."""
    plain = re.sub(r"[\s\x00-\x1f]", "", unescape(value.strip("\"'"))).lower()
    return name.lower() in _LEADS and plain.startswith(("javascript:", "vbscript:", "data:text/html"))
