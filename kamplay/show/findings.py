"""A finding in words: its headline, what to do about it, both again in two lines for the first page; and the
blocks in which a page shows findings and decisions.

The sentences themselves stand in ``kamplay.show.<step>``, where each topic registers them; here they are
filled in. ``{x:pct}`` and the like are the formats of ``Locale.say``; ``{first}``, ``{names}`` are the
finding's accounts by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from kamplay.method.results import ACCOUNTS_NAMED, Finding, StepResult, by_stake
from kamplay.show import registry
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import of_topic
from kamplay.show.view import current

LONGEST = {"en": 150, "zh": 70}  # characters that fit two lines of a printed page, with room for long names
MOST = 5  # decisions a meeting can take; the others stand with their findings
# topics of a step's first screen; what they ask is not asked again at the end
FIRST_SCREEN = {
    "check": ("coverage",),
    "tiers": ("tiering_test", "key_accounts"),
    "value": ("concentration",),
    "health": ("watch",),
    "plan": ("urgent",),
}
# how far a finding can be trusted, beside what a client shows to whom nothing happens
TRUST = {
    "outside": N_("Random variation alone does not explain this."),
    "within": N_("No more than chance: a client like this to whom nothing happens would show as much."),
    "none": N_(
        "Not compared with chance: whether a client to whom nothing happens would show as much is not known."
    ),
}
# their ``count`` is of actions or visits, their ``accounts`` at how many accounts
COUNTS_AT_ACCOUNTS = frozenset({"actions_postponed", "calendar_unplaced"})
MARKS = {"act": "!", "watch": "?", "note": "·"}


def headline(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding's sentence, as plain text. ``names``: account id → name to show."""
    spec = registry.specs()[finding.kind]
    text = spec.headline if finding.accounts or spec.unnamed is None else spec.unnamed
    return locale.say(text, **fields_of(finding, locale, names))


def action(finding: Finding, locale: Locale, names: Mapping[str, str] | None = None) -> str | None:
    """What to do about it, or None when nothing needs doing; filled in as the headline is."""
    if not finding.action:
        return None
    return locale.say(registry.actions()[finding.action], **fields_of(finding, locale, names or {}))


def brief(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding in at most two printed lines, as plain text."""
    spec = registry.specs()[finding.kind]
    text = spec.brief
    if text is not None and (finding.accounts or spec.unnamed is None):
        return locale.say(text, **fields_of(finding, locale, names))
    return shortened(headline(finding, locale, names), locale)


def brief_action(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str | None:
    """What to do about it, in at most two printed lines."""
    text = registry.specs()[finding.kind].brief_actions.get(finding.action or "")
    if text is not None:
        return locale.say(text, **fields_of(finding, locale, names))
    whole = action(finding, locale, names)
    return shortened(whole, locale) if whole else None


def trust(finding: Finding, locale: Locale, names: Mapping[str, str] | None = None) -> str | None:
    """How the finding compares with chance, with the range that chance gives where it is known; None of a
    fact."""
    if finding.reference == "fact" or (finding.reference == "none" and finding.severity == "note"):
        return None
    sentence = locale.text(TRUST[finding.reference])
    text = registry.specs()[finding.kind].chance
    if text is None or "chance_low" not in finding.figures:
        return sentence
    given = locale.say(text, **fields_of(finding, locale, names or {}))
    return f"{given}{'' if locale.language == 'zh' else ' '}{sentence}"


def accounts_of(finding: Finding) -> int:
    """How many accounts a finding is about: it names the first of them alone."""
    if finding.about:
        return finding.about
    counted = finding.figures.get("accounts" if finding.kind in COUNTS_AT_ACCOUNTS else "count")
    return max(counted if isinstance(counted, int) else 0, len(finding.accounts))


def named_or_more(finding: Finding) -> int:
    """How many accounts a list of a finding's accounts tells of, with those that it does not name."""
    # one of an earlier run may not tell how many there are
    unnamed = finding.about or len(finding.accounts) == ACCOUNTS_NAMED
    return accounts_of(finding) if unnamed else len(finding.accounts)


def fields_of(finding: Finding, locale: Locale, names: Mapping[str, str]) -> dict[str, object]:
    """All that a sentence on the finding can name: its figures, its accounts by name, and its topic's own
    words.
    """
    shown = [names.get(a, a) for a in finding.accounts]
    total = named_or_more(finding)
    first, second = [*shown, "", ""][:2]
    fields: dict[str, object] = {
        **finding.figures,
        "names": locale.accounts(shown, total=total),
        "first": first,
        "second": second,
        "three": locale.accounts(shown[:3]),
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


def findings(result: StepResult, topic: str) -> Display:
    """What the step found out about a topic: each finding as a headline, with the action it calls for."""
    locale, names, kinds = current().locale, current().names, of_topic(topic)
    html, text = [], []
    for finding in (f for f in result.findings if f.kind in kinds):
        sentence, todo = headline(finding, locale, names), action(finding, locale, names)
        severity = finding.severity
        block = f'<div class="finding {severity}"><p class="headline">{_whole(sentence)}</p>'
        if told := trust(finding, locale, names):
            block += f'<p class="trust">{escape(told)}</p>'
        if todo:
            block += f'<p class="action">{escape(todo)}</p>'
        html.append(block + "</div>")
        text.append(
            f"{MARKS[severity]} {sentence}"
            + (f"\n  ({told})" if told else "")
            + (f"\n  → {todo}" if todo else "")
        )
    return Display("".join(html), "\n".join(text)) if html else NOTHING


def _whole(sentence: str) -> str:
    """The sentence for a page, on which no line ends between a minus and its currency."""
    return re.sub(r"−(?=\D)", "−&NoBreak;", escape(sentence))


def decisions(result: StepResult) -> Display:
    """The step's open decisions as a checklist, the most severe first: what to do, and for which accounts
    where the action does not name them.

    Where findings have a stake, they are ordered by it, one for each account. Actions on the step's first
    screen are left out.
    """
    locale, names = current().locale, current().names
    order = {"act": 0, "watch": 1, "note": 2}
    on_first_screen = {kind for topic in FIRST_SCREEN[result.step] for kind in of_topic(topic)}
    todo = [f for f in sorted(result.findings, key=lambda f: order[f.severity]) if f.action]
    left = [f for f in todo if f.kind not in on_first_screen]
    # optional actions only where there are no others
    left = [f for f in left if f.severity != "note"] or ([] if todo != left else left)
    left = by_stake(left) if any("stake" in f.figures for f in left) else left
    who_of: dict[str, str] = {}
    for f in left:
        do, who = action(f, locale, names) or "", [names.get(a, a) for a in f.accounts]
        told = locale.accounts(who, total=accounts_of(f))
        who_of.setdefault(do, "" if not who or who[0] in do else told)
    items = list(who_of.items())[:MOST]
    if not items:
        sentence = locale.text(
            N_("Nothing further is left to decide here.") if todo else N_("Nothing is left to decide here.")
        )
        return Display(f"<p>{escape(sentence)}</p>", sentence)
    why = {do: f'<span class="why">{escape(who)}</span>' if who else "" for do, who in items}
    html = "".join(f"<li>{escape(do)}{why[do]}</li>" for do, _ in items)
    return Display(
        f'<ul class="decisions">{html}</ul>',
        "\n".join(f"[ ] {do}" + (f" ({who})" if who else "") for do, who in items),
    )
