"""What a health card may say: dimensions made of indicators, ceilings and red flags that cap the score, other
weights for other accounts.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from kamplay.errors import nearest
from kamplay.method.measures.registry import MEASURES
from kamplay.presets.scorecard import Band, Limit, Strict, Words

# columns of the accounts table that segments are made by
Trait = Literal["nature", "stage", "industry", "region", "ownership", "source"]


def _known(name: str) -> str:
    known = [measure.name for measure in MEASURES.values() if measure.code]
    if name not in known:
        raise ValueError(
            "health_measure_unknown", {"near": nearest(name, known) or "", "known": ", ".join(known)}
        )
    return name


HealthMeasure = Annotated[str, AfterValidator(_known)]


def _points_of(bands: list[Band]) -> list[float]:
    """All points of the bands in their order, once these are in order and within 0 and 100."""
    starts = [band.start for band in bands]
    if starts != sorted(set(starts)):
        raise ValueError("bands_not_ascending", {"at": "bands"})
    points = [p for band in bands for p in band.points]
    if any(not 0 <= p <= 100 for p in points):
        raise ValueError("points_outside", {"at": "bands", "low": 0, "high": 100})
    return points


class Indicator(Words):
    """What is measured, how it turns into 0–100 points, what it weighs in its dimension, and how fast it
    ages.

    ``half_life_days``: a figure that old counts half its weight, one twice as old a quarter; left out, it
    does not age. ``unless_known``: a measure of the same dimension that it stands in for: it counts only
    where that is unknown, with that one's weight.
    """

    measure: HealthMeasure
    weight: float = Field(gt=0, le=1e6)
    direction: Literal["higher", "lower"]  # which is better; the bands must run the same way
    bands: list[Band] = Field(min_length=1)
    half_life_days: float | None = Field(None, ge=1, le=36500)
    unless_known: HealthMeasure | None = None

    @model_validator(mode="after")
    def _bands_fit(self) -> Indicator:
        if _points_of(self.bands) != sorted(_points_of(self.bands), reverse=self.direction == "lower"):
            raise ValueError("direction_against_bands", {"at": "bands", "direction": self.direction})
        return self

    @property
    def table(self) -> str:
        return MEASURES[self.measure].table

    @property
    def code(self) -> str:
        return MEASURES[self.measure].code or ""


class Dimension(Words):
    """A side of the relation, with its weight in the whole."""

    weight: float = Field(ge=0, le=1e6)
    indicators: dict[str, Indicator] = Field(min_length=1)

    @model_validator(mode="after")
    def _stand_ins_fit(self) -> Dimension:
        own = {i.measure for i in self.indicators.values() if not i.unless_known}
        for key, indicator in self.indicators.items():
            if indicator.unless_known and indicator.unless_known not in own:
                raise ValueError(
                    "stands_in_for_nothing", {"at": f"indicators.{key}", "measure": indicator.unless_known}
                )
        return self

    @property
    def own_weight(self) -> float:
        """The weights of its indicators added up, without those that stand in for another."""
        return sum(i.weight for i in self.indicators.values() if not i.unless_known)


class Ceiling(Words):
    """The score is at most as many points as ``bands`` give for ``measure``, where that is known.

    Unlike the cap of a red flag it moves with the measure, so that accounts do not pile up at one score.
    """

    measure: HealthMeasure
    bands: list[Band] = Field(min_length=1)

    @model_validator(mode="after")
    def _bands_fit(self) -> Ceiling:
        _points_of(self.bands)
        return self


class RedFlag(Words):
    """The score is at most ``cap`` where every measure in ``when`` is known and lies within its limit. Its
    words are the reason. ``unless_known``: a measure that says more: the flag holds only where it is unknown.
    """

    cap: float = Field(ge=0, lt=100)
    when: dict[HealthMeasure, Limit] = Field(min_length=1)
    unless_known: HealthMeasure | None = None

    @model_validator(mode="after")
    def _numbers_only(self) -> RedFlag:
        for measure, limit in self.when.items():
            if limit.one_of is not None:
                raise ValueError("limit_for_words", {"at": f"when.{measure}", "measure": measure})
        return self


class Segment(Words):
    """Other weights of dimensions for the accounts whose traits are all among the words given; a dimension
    not named keeps its own.
    """

    when: dict[Trait, Annotated[list[str], Field(min_length=1)]] = Field(min_length=1)
    weights: dict[str, Annotated[float, Field(ge=0, le=1e6)]] = Field(min_length=1)


class HealthCard(Strict):
    """A health card. ``green`` and ``yellow``: from how many points; ``thin_below``: the coverage under which
    a score is thin.
    """

    title: Words
    source: Words
    dimensions: dict[str, Dimension] = Field(min_length=1)
    green: float = Field(70.0, gt=0, lt=100)
    yellow: float = Field(40.0, gt=0, lt=100)
    thin_below: float = Field(0.3, ge=0, le=1)
    gates: dict[str, RedFlag] = Field(default_factory=dict)
    ceilings: dict[str, Ceiling] = Field(default_factory=dict)
    segments: list[Segment] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> HealthCard:
        keys = [key for d in self.dimensions.values() for key in d.indicators]
        if odd := [
            k for k in [*self.dimensions, *keys, *self.gates, *self.ceilings] if not re.fullmatch(r"\w+", k)
        ]:
            raise ValueError("criterion_key", {"at": "dimensions", "names": ", ".join(odd)})
        if twice := {k for k in keys if keys.count(k) > 1}:
            raise ValueError("criterion_twice", {"at": "dimensions", "names": ", ".join(sorted(twice))})
        if self.yellow >= self.green:
            raise ValueError("yellow_above_green", {"at": "yellow"})
        for place, segment in enumerate(self.segments):
            if unknown := [d for d in segment.weights if d not in self.dimensions]:
                near = nearest(unknown[0], self.dimensions) or ""
                raise ValueError(
                    "dimension_unknown",
                    {"at": f"segments.{place}.weights", "names": ", ".join(unknown), "near": near},
                )
        for place, weights in enumerate([{}, *(s.weights for s in self.segments)]):
            if not sum(weights.get(key, d.weight) for key, d in self.dimensions.items()) > 0:
                raise ValueError(
                    "weights_all_zero", {"at": f"segments.{place - 1}.weights" if place else "dimensions"}
                )
        return self

    def indicators(self) -> dict[str, Indicator]:
        """All indicators by key, in the card's order."""
        return {key: i for d in self.dimensions.values() for key, i in d.indicators.items()}

    def dimension_of(self) -> dict[str, str]:
        return {key: name for name, d in self.dimensions.items() for key in d.indicators}

    def weights(self, segment: int | None = None) -> dict[str, float]:
        """Each indicator's share of the whole (they add up to 1), for a segment by its place or for the
        accounts in none; 0 for one that stands in for another.
        """
        own = self.segments[segment].weights if segment is not None else {}
        top = {key: own.get(key, d.weight) for key, d in self.dimensions.items()}
        total = sum(top.values())
        return {
            key: 0.0 if i.unless_known else top[name] / total * i.weight / d.own_weight
            for name, d in self.dimensions.items()
            for key, i in d.indicators.items()
        }

    def measures(self) -> tuple[str, ...]:
        """Every measure that the card asks for, its red flags and ceilings included, each once."""
        indicators, gates = self.indicators().values(), self.gates.values()
        asked = [i.measure for i in indicators] + [m for g in gates for m in g.when]
        asked += [c.measure for c in self.ceilings.values()]
        asked += [i.unless_known for i in indicators if i.unless_known]
        return tuple(dict.fromkeys(asked + [g.unless_known for g in gates if g.unless_known]))

    def digest(self) -> str:
        """Eight hex digits of all that decides a score: equal for two cards that differ only in words."""
        plain = _without_words(self.model_dump(mode="json", by_alias=True, exclude={"title", "source"}))
        if not self.ceilings:  # as cards were written before there were any
            del plain["ceilings"]
        return hashlib.sha256(
            json.dumps(plain, sort_keys=True, ensure_ascii=False).encode("utf-8")
        ).hexdigest()[:8]


def _without_words(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _without_words(value)
            for key, value in part.items()
            if not (key in ("zh", "en") and isinstance(value, str))
            and not (key == "unless_known" and value is None)
        }
    return [_without_words(item) for item in part] if isinstance(part, list) else part
