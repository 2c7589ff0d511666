"""Where a name leads: the anchors of account cards and owners' pages, and links to those that there are.

A table or a sentence marks whose name it shows; whether that account has a card is known where the page is
put together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

from markupsafe import Markup

PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,40}")  # an id that can stand in an address as it is
MARK = re.compile(r'<span data-to="([^"<>]+)">([^<]*)</span>')


def account_anchor(account_id: object) -> str:
    """The anchor of an account's card: its id where that is plain, else a hash of it."""
    return f"a-{_safe(str(account_id))}"


def owner_anchor(owner: object) -> str:
    """The anchor of an owner's page, by the name; that of the accounts without an owner for None."""
    return "owner-none" if owner is None else f"owner-~{_hash(str(owner))}"


def account_link(account_id: object, name: str) -> Markup:
    """An account's name as HTML, marked so that ``linked`` can make it lead to the account's card."""
    return marked(account_anchor(account_id), name)


def owner_link(owner: str) -> Markup:
    """An owner's name as HTML, marked so that it can lead to the owner's page."""
    return marked(owner_anchor(owner), owner)


def marked(anchor: str, text: str) -> Markup:
    """A text as HTML, escaped, with the anchor to which it leads where there is one on the page."""
    return Markup('<span data-to="{}">{}</span>').format(anchor, text)


def linked(html: str, anchors: Collection[str]) -> str:
    """HTML with every marked name a link to its anchor, the mark taken away where the page has no such
    anchor."""

    def link(found: re.Match[str]) -> str:
        return f'<a href="#{found[1]}">{found[2]}</a>' if found[1] in anchors else found[2]

    return MARK.sub(link, html)


def _safe(text: str) -> str:
    return text if PLAIN.fullmatch(text) else f"~{_hash(text)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
