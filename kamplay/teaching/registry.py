"""The exercises: what each asks, in both languages, with hints, rule of credit and the trainer's notes.

One YAML file in ``exercises/`` holds the words; the function of the same id in ``keys`` lays out the
exhibits and the key. Nothing else knows an exercise by name.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import Field

from kamplay.presets.scorecard import Strict, Words
from kamplay.teaching.grading import Credit

STEPS = ("0_check_data", "1_define_tiers", "2_pareto_value", "3_health_model", "4_plan_strategies")


class Exhibit(Strict):
    """A table that an exercise is solved from: its caption."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class Hint(Words):
    """A hint; ``part``: the one it helps with, or several with spaces between, so that it is given only
    while one of them is not right.
    """

    part: str = ""

    @property
    def parts(self) -> list[str]:
        return self.part.split()


class Exercise(Strict):
    """One exercise.

    Attributes
    ----------
    minutes : how long a class takes, from reading to comparing.
    question : Markdown; fields in braces are facts of the case. Code in brackets is the name of a part in a
        notebook's answer: paper leaves it out.
    of_a_case : what is asked besides where the client is a case, with every exhibit.
    unit : the unit of the answer, or its form.
    start : the answer cell before anything is filled in, a literal.
    hints : from a nudge to the way, never the answer.
    mistakes : name of a common mistake → what it is called when it is made.
    credit : the rule of partial credit, ``rule`` in words.
    tell : what a participant is told: which parts are right, or, until the hints are used up, how many.
    own : whether the answer can be checked on a class's own data.
    words : lists that answers are chosen from: list → key → spellings in both languages.
    solution, goes_wrong, discuss : for the trainer.
    """

    id: str
    step: str
    title: Words
    minutes: int = Field(gt=0, le=90)
    question: Words
    of_a_case: Words | None = None
    unit: Words
    start: Words
    hints: list[Hint] = Field(min_length=2)
    mistakes: dict[str, Words] = Field(default_factory=dict)
    credit: Credit = "parts"
    tell: Literal["parts", "count"] = "parts"
    rule: Words
    own: bool
    words: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    exhibits: dict[str, Exhibit] = Field(default_factory=dict)
    solution: Words
    goes_wrong: Words
    discuss: Words


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by its id, in the order of the class."""
    folder = resources.files("kamplay.teaching").joinpath("exercises")
    found = [
        _load(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")
    ]
    return {one.id: one for one in sorted(found, key=lambda one: one.id)}


def _load(text: str) -> Exercise:
    return Exercise.model_validate(yaml.safe_load(text))


@cache
def column_labels() -> dict[str, dict[str, dict[str, str]]]:
    """``headers`` by column, ``values`` by neutral key, ``columns_of_criteria``, each in both languages."""
    text = resources.files("kamplay.teaching").joinpath("columns.yaml").read_text(encoding="utf-8")
    labels: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return labels
