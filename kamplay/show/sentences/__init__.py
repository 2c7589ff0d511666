"""Findings in words: for every kind a headline that states the figures, and for every action what to do.

English is the text in the code; Chinese is in the catalogue. ``{x:pct}`` and the like are the formats of
``Locale.say``; ``{first}``, ``{names}`` are the finding's accounts by name. One module a step; ``TOPICS``: what a
step's page talks about, and which findings answer it, in this order.
"""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.results import Finding
from kamplay.show.labels import CAUSES
from kamplay.show.locale import N_, Locale
from kamplay.show.sentences import data, health, plan, tiers, value

_STEPS = (data, tiers, value, health, plan)
HEADLINES: dict[str, str] = {kind: said for step in _STEPS for kind, said in step.HEADLINES.items()}
ACTIONS: dict[str, str] = {name: said for step in _STEPS for name, said in step.ACTIONS.items()}
TOPICS: dict[str, tuple[str, ...]] = {topic: kinds for step in _STEPS for topic, kinds in step.TOPICS.items()}


def headline(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding's sentence, as plain text. ``names``: account id → name to show."""
    shown = [names.get(a, a) for a in finding.accounts]
    values = {**finding.figures, "names": locale.words(shown), "first": shown[0] if shown else ""}
    return locale.say(HEADLINES[finding.kind], **values, **_derived(finding, locale))


def action(finding: Finding, locale: Locale) -> str | None:
    """What to do about it, or None when nothing needs doing."""
    return locale.text(ACTIONS[finding.action]) if finding.action else None


def _derived(finding: Finding, locale: Locale) -> dict[str, object]:
    """Words that depend on several figures: which criteria, and how far the team's visits reach."""
    figures = finding.figures
    if finding.kind == "criteria_unknown":
        return {"criteria_words": figures[locale.language]}
    if finding.kind == "difference_explained":
        return {"cause_words": locale.say(CAUSES[figures["cause"]], detail=figures["detail"])}
    if finding.kind == "over_capacity":
        full = locale.text(N_(", ")).join(figures["full"])
        partial = {"share": figures["partial_share"], "level": figures["partial"], "full": full}
        message = N_("enough for level {full} and {share:pct} of level {level}") if full else N_("enough for {share:pct} of level {level}")
        return {"coverage": locale.say(message, **partial)}
    return {}
