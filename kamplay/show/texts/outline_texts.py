"""The outline of a report in prose: what its first screen and its chapters show."""

from __future__ import annotations

from kamplay.presets.outline import Outline
from kamplay.show.locale import N_, Locale
from kamplay.show.texts.preset_texts import Line, opening


def outline_explained(outline: Outline, name: str, locale: Locale) -> list[Line]:
    """The outline, chapter by chapter, in the language of ``locale``."""
    language, first = locale.language, outline.opening
    lines = [
        *opening(outline, name, locale),
        Line("heading", locale.text(N_("First screen"))),
        Line(
            "paragraph",
            locale.say(
                N_(
                    "The report in one sentence, the bridge from the year before to the target, four "
                    "figures, up to "
                    "{findings:n} findings with at least {share:pct} of revenue, up to {decisions:n} "
                    "decisions, and "
                    "what is due within 90 days."
                ),
                findings=first.findings,
                share=outline.materiality,
                decisions=first.most_decisions,
            ),
        ),
        Line("heading", locale.text(N_("Chapters"))),
    ]
    for number, chapter in enumerate(outline.chapters, 1):
        told = N_(
            "{number:n} {title}: a headline, up to {exhibits:n} of {displays}, up to {findings:n} "
            "further findings, "
            "a caveat, up to {actions:n} actions"
        )
        lines.append(
            Line(
                "item",
                locale.say(
                    told,
                    number=number,
                    title=chapter.title.get(language),
                    exhibits=chapter.most_exhibits,
                    displays=locale.words(chapter.exhibits, most=len(chapter.exhibits)),
                    findings=chapter.findings,
                    actions=chapter.actions,
                ),
            )
        )
    return lines
