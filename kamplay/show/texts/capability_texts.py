"""A preset of capabilities in prose: the frames, what shows each capability, its first move and who leads it,
the sides of a platform, and what a source claims.
"""

from __future__ import annotations

from collections.abc import Iterator

from kamplay.presets import CapabilityFrames
from kamplay.presets.capability import Capability, Frame
from kamplay.show.locale import N_, Locale
from kamplay.show.texts.preset_texts import Line, number, opening
from kamplay.show.texts.strategy_texts import capital


def capabilities_explained(frames: CapabilityFrames, name: str, locale: Locale) -> list[Line]:
    """The whole preset in prose, in the language of ``locale``."""
    return [
        *opening(frames, name, locale),
        *(line for frame in frames.frames.values() for line in _frame(frame, frames, locale)),
        *_platform(frames, locale),
        *_claims(frames, locale),
    ]


def _frame(frame: Frame, frames: CapabilityFrames, locale: Locale) -> Iterator[Line]:
    language, say = locale.language, locale.say
    yield Line("heading", frame.get(language))
    for one in frame.items.values():
        said = N_("{title}: {care}.")
        yield Line("item", say(said, title=one.get(language), care=one.shows.get(language)))
        first = N_("First move: {move}. Led by: {who}.")
        yield Line("item", say(first, move=capital(one.move.get(language)), who=_leader(one, language)), 1)
        if one.needs:
            yield Line("item", say(N_("It takes: {needs}."), needs=_needs(one, frames, locale)), 1)
        if one.importance != 1:
            yield Line("item", say(N_("Importance: {weight}."), weight=number(one.importance, locale)), 1)
    own: dict[str, list[str]] = {}
    for one in frame.items.values():
        if one.source:
            own.setdefault(one.source.get(language), []).append(one.get(language))
    yield Line("paragraph", say(N_("Source: {source}."), source=frame.source.get(language)))
    for source, names in own.items():
        listed = locale.words(names, len(names))
        yield Line("paragraph", say(N_("Source of {names}: {source}."), names=listed, source=source))


def _leader(one: Capability, language: str) -> str:
    role = one.led_by.get(language)
    return f"{role} {one.who}" if one.who else role


def _needs(one: Capability, frames: CapabilityFrames, locale: Locale) -> str:
    known = {key: item for frame in frames.frames.values() for key, item in frame.items.items()}
    named = [f"{known[key].get(locale.language)} {number(level, locale)}" for key, level in one.needs.items()]
    return locale.words(named, len(named))


def _platform(frames: CapabilityFrames, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Choosing a collaboration platform")))
    for side in frames.platform.criteria:
        questions = [question.get(locale.language) for question in side.questions]
        said = locale.text(N_("; ")).join(questions)
        title = side.get(locale.language)
        yield Line("item", locale.say(N_("{title}: {care}."), title=title, care=said))
    source = frames.platform.source.get(locale.language)
    yield Line("paragraph", locale.say(N_("Source: {source}."), source=source))


def _claims(frames: CapabilityFrames, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Claims that nobody has checked")))
    for claim in frames.claims.said:
        yield Line("item", locale.say(N_("{limits}."), limits=capital(claim.get(locale.language))))
    source = frames.claims.source.get(locale.language)
    said = N_("Claims of {source}; not checked by anybody, and no norm for this client.")
    yield Line("paragraph", locale.say(said, source=source))
