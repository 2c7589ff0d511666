"""What a criterion of a scorecard may say: what is measured, how it turns into points, what it weighs."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from kamplay.errors import nearest
from kamplay.presets.measures import MEASURES, WORDED
from kamplay.presets.words import Strict, Words

Missing = Literal["reweight", "neutral", "zero"]


class Band(Strict):
    """From ``from`` up to the next band's start, points run linearly from the first to the second."""

    start: float = Field(alias="from")
    points: tuple[float, float]


def _ascending(bands: list[Band]) -> list[Band]:
    starts = [b.start for b in bands]
    if starts != sorted(set(starts)):
        raise ValueError("bands_not_ascending")
    return bands


def known_measure(name: str) -> str:
    if name not in MEASURES and not re.fullmatch(r"rating\.\w+", name):
        raise ValueError("measure_unknown", {"near": nearest(name, MEASURES) or ""})
    return name


Measure = Annotated[str, AfterValidator(known_measure)]


class Scored(Words):
    """What is measured, in which unit, and how it turns into points. ``choices`` gives points to words (yes and no for a flag)."""

    measure: Measure | None = None
    unit: float = Field(1.0, gt=0)
    scoring: Literal["bands", "percentile", "minmax", "contribution", "scale", "choices"] | None = None
    bands: Annotated[list[Band], AfterValidator(_ascending)] = Field(default_factory=list)
    scale: tuple[float, float] | None = None
    choices: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _what_the_scoring_needs(self) -> Scored:
        if self.measure is None:
            return self
        if self.scoring is None:
            raise ValueError("scoring_missing")
        for kind in ("bands", "scale", "choices"):
            if bool(getattr(self, kind)) != (self.scoring == kind):
                raise ValueError("scoring_needs", {"kind": self.scoring if self.scoring in ("bands", "scale", "choices") else kind})
        if (self.measure in WORDED) != (self.scoring == "choices"):
            raise ValueError("choices_for_words", {"measure": self.measure})
        if self.scale and self.scale[0] == self.scale[1]:
            raise ValueError("scale_empty")
        return self


def _within(scored: Scored, low: float, high: float) -> None:
    given = [p for band in scored.bands for p in band.points] + list(scored.choices.values())
    if any(not low <= p <= high for p in given):
        raise ValueError("points_outside", {"low": low, "high": high})


class Criterion(Scored):
    """A criterion with its weight among its siblings: either measured itself, or made ``of`` others.

    ``missing``: where nothing is known its weight goes to the other criteria (reweight), or it counts 50 points
    (neutral) or none (zero).
    """

    weight: float = Field(gt=0, le=1e6)
    missing: Missing = "reweight"
    of: dict[str, Criterion] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _measured_or_made_of(self) -> Criterion:
        if bool(self.of) == (self.measure is not None):
            raise ValueError("measure_or_of")
        _within(self, 0, 100)
        return self


class Special(Scored):
    """A special item: points (−100 to 100) added to the weighted score; nothing where it is not known."""

    measure: Measure
    scoring: Literal["bands", "choices"]

    @model_validator(mode="after")
    def _points_of_the_score(self) -> Special:
        _within(self, -100, 100)
        return self
