"""A finding in words: its headline, what to do about it, and both again in two lines for the first page.

The sentences themselves stand in ``kamplay.show.<step>``, where each topic registers them; here they are
filled in. ``{x:pct}`` and the like are the formats of ``Locale.say``; ``{first}``, ``{names}`` are the
finding's accounts by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kamplay.method.results import ACCOUNTS_NAMED, Finding
from kamplay.show import registry
from kamplay.show.locale import Locale

LONGEST = {"en": 150, "zh": 70}  # characters that fit two lines of a printed page, with room for long names


def headline(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding's sentence, as plain text. ``names``: account id → name to show."""
    return locale.say(registry.specs()[finding.kind].headline, **fields_of(finding, locale, names))


def action(finding: Finding, locale: Locale, names: Mapping[str, str] | None = None) -> str | None:
    """What to do about it, or None when nothing needs doing; filled in as the headline is."""
    if not finding.action:
        return None
    return locale.say(registry.actions()[finding.action], **fields_of(finding, locale, names or {}))


def brief(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding in at most two printed lines, as plain text."""
    text = registry.specs()[finding.kind].brief
    if text is not None:
        return locale.say(text, **fields_of(finding, locale, names))
    return shortened(headline(finding, locale, names), locale)


def brief_action(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str | None:
    """What to do about it, in at most two printed lines."""
    text = registry.specs()[finding.kind].brief_actions.get(finding.action or "")
    if text is not None:
        return locale.say(text, **fields_of(finding, locale, names))
    whole = action(finding, locale, names)
    return shortened(whole, locale) if whole else None


def fields_of(finding: Finding, locale: Locale, names: Mapping[str, str]) -> dict[str, object]:
    """All that a sentence on the finding can name: its figures, its accounts by name, and its topic's own
    words.
    """
    shown = [names.get(a, a) for a in finding.accounts]
    counted = finding.figures.get("count")
    total = (
        counted if len(shown) == ACCOUNTS_NAMED and isinstance(counted, int) else len(shown)
    )  # it names the first ACCOUNTS_NAMED
    first, second = [*shown, "", ""][:2]
    fields: dict[str, object] = {
        **finding.figures,
        "names": locale.words(shown, total=total),
        "first": first,
        "second": second,
        "three": locale.words(shown[:3]),
    }
    own = finding.figures.get(locale.language)  # words that the card or the client gave in both languages
    if own is not None:
        fields["what"] = locale.words(own, most=len(own)) if isinstance(own, list) else own
    words = registry.specs()[finding.kind].words
    return fields | dict(words(finding, locale)) if words else fields


def counts(kinds: Mapping[str, str], figures: Mapping[str, Any], locale: Locale) -> str:
    """How many of each kind there are, the kinds of which there is none left out. ``kinds``: figure → its
    words.
    """
    found = [
        locale.say(text, **{**figures, "count": figures[name]})
        for name, text in kinds.items()
        if figures.get(name)
    ]
    return locale.words(found, most=len(found))


def shortened(text: str, locale: Locale) -> str:
    """``text``, or its first sentence where it is too long; part of one where that alone is too long and says
    enough.
    """
    most = LONGEST[locale.language]
    if len(text) <= most:
        return text
    first = re.split(r"(?<=[。！？])|(?<=[.!?])\s+(?=[A-Z])", text)[0]
    if len(first) > most:
        part = re.split(r"；|;\s|：(?=[^：]*$)|:\s(?=[^:]*$)", first)[0]
        first = (
            part + ("。" if locale.language == "zh" else ".")
            if len(part) > most / 4 and part != first
            else first
        )
    return first
