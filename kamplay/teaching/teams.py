"""A team of a class: its case, its data, and its exercises."""

from __future__ import annotations

from dataclasses import dataclass

from kamplay.show.locale import Locale
from kamplay.teaching.cases import Case
from kamplay.teaching.keys.made import Made
from kamplay.teaching.keys.source import Source
from kamplay.teaching.registry import Exercise
from kamplay.teaching.wording import Wording


@dataclass(frozen=True)
class Asked:
    """One exercise as a team gets it."""

    exercise: Exercise
    made: Made

    @property
    def words(self) -> dict[str, dict[str, list[str]]]:
        """The exercise's lists of words with those that the data bring."""
        return {name: {**own, **self.made.words.get(name, {})} for name, own in self.exercise.words.items()}


@dataclass(frozen=True)
class Team:
    """A team with its case; ``trade`` is None on a class's own data."""

    name: str
    source: Source
    asked: tuple[Asked, ...]
    client: dict[str, str]
    case: Case | None = None
    currency: str = "CNY"

    def wording(self, language: str) -> Wording:
        return Wording(Locale(language, self.currency), self.case.trade if self.case else None)
