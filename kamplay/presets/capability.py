"""What a preset of capabilities may say: frames of capabilities with the words that a client may use for
each, what shows it, its first step and who leads it; the sides of a platform; and what a source claims.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pydantic import Field, model_validator

from kamplay.errors import nearest
from kamplay.presets.scorecard import Strict, Words

HIGHEST = 5.0  # of the scale on which capabilities are scored, from 0


def as_word(text: str) -> str:
    """A word as it is compared: whatever its case, width and inner spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class Named(Words):
    """A name with what else it may be called."""

    aliases: list[str] = Field(default_factory=list)

    def words(self, key: str) -> set[str]:
        """All that it may be called, as ``as_word`` compares it."""
        return {as_word(name) for name in (key, self.zh, self.en, *self.aliases)}


class Capability(Named):
    """One capability: what shows it, the first step to build it, and who leads that.

    ``who``: the name of whoever leads it; ``importance``: its weight among the gaps; ``needs``: the level of
    other capabilities (0 to 5) that it takes, as a career does; ``source``: where it is not that of the
    frame.
    """

    shows: Words
    move: Words
    led_by: Words
    who: str | None = Field(None, min_length=1, max_length=200)
    importance: float = Field(1.0, gt=0, le=1e6)
    needs: dict[str, float] = Field(default_factory=dict)
    source: Words | None = None


class Frame(Named):
    """Capabilities that are looked at together."""

    source: Words
    items: dict[str, Capability] = Field(min_length=1)


class Side(Words):
    """One side of the choice of a platform, with what to look at; ``essential``: the lowest score on it rules
    a platform out.
    """

    essential: bool = False
    questions: list[Words] = Field(min_length=1)


class Platform(Strict):
    source: Words
    criteria: list[Side] = Field(min_length=1)


class Claims(Strict):
    """What a source states as fact, to be printed as its claim."""

    source: Words
    said: list[Words] = Field(min_length=1)


class CapabilityFrames(Strict):
    """All that the diagnosis of a firm's own capabilities goes by."""

    title: Words
    source: Words
    frames: dict[str, Frame] = Field(min_length=1)
    platform: Platform
    claims: Claims

    @model_validator(mode="after")
    def _each_name_once(self) -> CapabilityFrames:
        known: dict[str, str] = {}
        for at, words in self._named():
            for name in words:
                if name in known:
                    raise ValueError("capability_twice", {"at": at, "name": name, "other": known[name]})
                known[name] = at
        return self

    @model_validator(mode="after")
    def _needs_known(self) -> CapabilityFrames:
        known = [key for frame in self.frames.values() for key in frame.items]
        for frame_key, frame in self.frames.items():
            for key, item in frame.items.items():
                for need, level in item.needs.items():
                    at = f"frames.{frame_key}.items.{key}.needs.{need}"
                    if need not in known:
                        near = {"near": nearest(need, known) or "", "known": ", ".join(known)}
                        raise ValueError("capability_unknown", {"at": at, **near})
                    if not 0 <= level <= HIGHEST:
                        raise ValueError("level_outside", {"at": at, "high": HIGHEST})
        return self

    def _named(self) -> Iterator[tuple[str, set[str]]]:
        """Every frame and capability with all that it may be called; a frame is called so in a cell of the
        same column, so that no name may stand for two.
        """
        for frame_key, frame in self.frames.items():
            yield f"frames.{frame_key}", frame.words(frame_key)
            for key, item in frame.items.items():
                yield f"frames.{frame_key}.items.{key}", item.words(key)
