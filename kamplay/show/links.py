"""Where a name leads: the anchors of account cards and owners' pages, and links to those that there are.

A table or a sentence marks whose name it shows; whether that account has a card is known where the page is
put together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from markupsafe import Markup, escape

PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,40}")  # an id that can stand in an address as it is
SHORTEST = 5  # letters of a name that is looked for in a sentence
FIRST_WIDE = 0x2E80  # the first Chinese character
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


def names_linked(text: str, anchors: Mapping[str, str | None]) -> Markup:
    """A sentence as HTML, escaped, in which every name leads to its card.

    Parameters
    ----------
    anchors : every name → the anchor of its card, None of one that leads nowhere: it is known so that no
        other name is found inside of it. A name so short that it may be a word of the sentence is left alone.
    """
    there = [name for name in _long_enough(tuple(anchors)) if name in text]
    if not there:
        return escape(text)
    names = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, there))})(?![A-Za-z0-9])")
    return Markup("").join(
        Markup('<a href="#{}">{}</a>').format(anchors[part], part) if place % 2 and anchors[part] else part
        for place, part in enumerate(names.split(text))
    )


@lru_cache(maxsize=8)
def _long_enough(names: tuple[str, ...]) -> list[str]:
    """The names to look for, the longest first."""
    return sorted((n for n in names if _width(n) >= SHORTEST), key=lambda name: (-len(name), name))


def _width(text: str) -> int:
    """Letters that a text is wide; a Chinese character counts two."""
    return sum(1 if ord(letter) < FIRST_WIDE else 2 for letter in text)


def _safe(text: str) -> str:
    return text if PLAIN.fullmatch(text) else f"~{_hash(text)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
