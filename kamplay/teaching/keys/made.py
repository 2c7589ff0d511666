"""An exercise as it is made from a source, and the register of the functions that make one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from kamplay.teaching.answers import Part
from kamplay.teaching.grading import Key
from kamplay.teaching.keys.source import Source


@dataclass(frozen=True)
class Span:
    """The lowest and the highest of some figures, as one cell of an exhibit."""

    low: float
    high: float
    digits: int = 0


@dataclass(frozen=True)
class Made:
    """An exercise made from a source.

    Attributes
    ----------
    exhibits : name → table, in the order they are shown.
    key : what is right; None where only a class can judge it.
    facts, solution : figures of the question, and of the trainer's solution.
    best : an answer that earns all points, as a participant would type it.
    words : further spellings that the data bring: list → key → spellings.
    """

    exhibits: dict[str, pd.DataFrame]
    key: Key | None
    facts: dict[str, Any] = field(default_factory=dict)
    solution: dict[str, Any] = field(default_factory=dict)
    best: Any = None
    words: dict[str, dict[str, list[str]]] = field(default_factory=dict)


Maker = Callable[[Source], Made]
MAKERS: dict[str, Maker] = {}


def makes(exercise: str) -> Callable[[Maker], Maker]:
    """Register the function that lays out an exercise."""

    def register(maker: Maker) -> Maker:
        MAKERS[exercise] = maker
        return maker

    return register


def key_of(
    parts: list[Part],
    accepted: Mapping[str, tuple[str, ...]],
    mistakes: Mapping[str, Mapping[str, str]] | None = None,
    public: Mapping[str, Any] | None = None,
) -> Key:
    """A key; a mistake that happens to be right is none."""
    known = {p: {t: n for t, n in own.items() if t not in accepted[p]} for p, own in (mistakes or {}).items()}
    return Key(tuple(parts), accepted, known, public or {})
