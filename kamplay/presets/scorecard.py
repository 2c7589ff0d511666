"""What every preset shares: strict models, levels, labels in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from kamplay.errors import nearest
from kamplay.method.measures.registry import MEASURES
from kamplay.settings_file import bounded

LEVELS: tuple[Level, ...] = ("S", "A", "B", "C")
KEY_LEVELS: tuple[Level, ...] = ("S", "A")  # those of key accounts
Level = Literal["S", "A", "B", "C"]


class Strict(BaseModel):
    """Unknown keys are refused; nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _not_beyond_all_sums(cls, value: Any) -> Any:
        return bounded(value)


class Words(Strict):
    """One label in both languages."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


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
    if name not in MEASURES and not re.fullmatch(r"rating(\.\w+)?", name):
        raise ValueError("measure_unknown", {"near": nearest(name, [*MEASURES, "rating"]) or ""})
    return name


def is_worded(measure: str) -> bool:
    """Tell whether a measure gives words, not numbers."""
    return measure in MEASURES and MEASURES[measure].worded


Measure = Annotated[str, AfterValidator(known_measure)]


class Scored(Words):
    """What is measured, in which unit, and how it turns into points. ``choices`` gives points to words (yes
    and no for a flag).
    """

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
                raise ValueError(
                    "scoring_needs",
                    {"kind": self.scoring if self.scoring in ("bands", "scale", "choices") else kind},
                )
        if is_worded(self.measure) != (self.scoring == "choices"):
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

    ``missing``: where nothing is known its weight goes to the other criteria (reweight), or it counts 50
    points (neutral) or none (zero).
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


class Limit(Strict):
    """Where a measure must lie: every bound that is given must hold. ``one_of`` is for measures in words."""

    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    one_of: list[str] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _bounded(self) -> Limit:
        if all(v is None for v in (self.above, self.below, self.at_least, self.at_most, self.one_of)):
            raise ValueError("limit_without_bound")
        low = [v for v in (self.above, self.at_least) if v is not None]
        high = [v for v in (self.below, self.at_most) if v is not None]
        if low and high and max(low) > min(high):
            raise ValueError("limit_never_holds")
        return self


class Rule(Words):
    """Holds for an account when every measure in ``when`` is known and lies within its limit."""

    when: dict[Measure, Limit] = Field(min_length=1)

    @model_validator(mode="after")
    def _words_for_words(self) -> Rule:
        for measure, limit in self.when.items():
            if is_worded(measure) != (limit.one_of is not None):
                raise ValueError("limit_for_words", {"at": f"when.{measure}", "measure": measure})
        return self


class Gate(Rule):
    """Holds an account at a level at most, or excludes it: the lowest tier, and no place in quotas."""

    cap: Level | None = None
    exclude: bool = False

    @model_validator(mode="after")
    def _one_effect(self) -> Gate:
        if (self.cap is None) == (not self.exclude):
            raise ValueError("cap_or_exclude")
        return self


class Safeguard(Rule):
    """Keeps an account: at a level at least (``floor``), and out of reach of the gates named in
    ``shields``."""

    floor: Level | None = None
    shields: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _some_effect(self) -> Safeguard:
        if self.floor is None and not self.shields:
            raise ValueError("floor_or_shields")
        return self


class Tier(Words):
    """``level`` says which strategy a tier gets. Which of the others is needed depends on the card's ``cut``:

    ``from`` a score (0 to 100), ``share`` of the accounts, ``places`` for so many accounts, or the ``field``
    of the matrix.
    """

    key: str
    level: Level
    start: float | None = Field(None, alias="from", ge=0, le=100)
    share: float | None = Field(None, gt=0, lt=1)
    places: int | None = Field(None, gt=0)
    field: Literal["both", "first", "second", "neither"] | None = None


class Matrix(Strict):
    """Two of the card's top criteria, and from how many points an account counts as high on each."""

    first: str
    second: str
    high: tuple[float, float] = (50.0, 50.0)


class Recalibrate(Strict):
    """A share of the weights taken from the data: more to criteria that tell accounts apart."""

    method: Literal["entropy", "critic"]
    share: float = Field(gt=0, le=1)


class Position(Strict):
    """The map of attractiveness and own strength: two small scorecards, and where high begins."""

    attractiveness: dict[str, Criterion] = Field(min_length=1)
    strength: dict[str, Criterion] = Field(min_length=1)
    high: tuple[float, float] = (50.0, 50.0)

    @model_validator(mode="after")
    def _measured(self) -> Position:
        if nested := [k for axis in (self.attractiveness, self.strength) for k, c in axis.items() if c.of]:
            raise ValueError("position_nested", {"names": ", ".join(nested)})
        return self


class Intake(Strict):
    """For accounts that do not buy yet: from which yearly purchases they are assessed and how soon, and when
    they get their own manager.
    """

    assess_above: float = Field(gt=0)
    within_days: int = Field(gt=0, le=3650)
    dedicated_above: float = Field(gt=0)


_ORDER = {"both": 0, "first": 1, "second": 2, "neither": 3}


class Scorecard(Strict):
    """A scorecard: criteria in a tree, special items, tiers from the highest, gates and safeguards."""

    title: Words
    source: Words
    criteria: dict[str, Criterion] = Field(min_length=1)
    specials: dict[str, Special] = Field(default_factory=dict)
    tiers: list[Tier] = Field(min_length=2)
    cut: Literal["score", "quota", "capacity", "natural", "matrix"] = "score"
    matrix: Matrix | None = None
    gates: dict[str, Gate] = Field(default_factory=dict)
    safeguards: dict[str, Safeguard] = Field(default_factory=dict)
    rate: Literal["account", "group"] = "group"
    weights_from: Literal["card", "ballots", "judgements"] = "card"
    judgements: dict[str, dict[str, float]] = Field(default_factory=dict)
    recalibrate: Recalibrate | None = None
    position: Position | None = None
    intake: Intake | None = None

    @field_validator("judgements", mode="before")
    @classmethod
    def _fractions(cls, value: Any) -> Any:
        """``1/3`` as people write it."""
        if not isinstance(value, dict):
            return value
        return {
            rater: {pair: _ratio(text) for pair, text in pairs.items()} if isinstance(pairs, dict) else pairs
            for rater, pairs in value.items()
        }

    @model_validator(mode="after")
    def _consistent(self) -> Scorecard:
        keys = [key for key, _ in _walk(self.criteria)]
        if odd := [k for k in keys if not re.fullmatch(r"\w+", k)]:
            raise ValueError("criterion_key", {"at": "criteria", "names": ", ".join(odd)})
        if twice := {k for k in keys if keys.count(k) > 1}:
            raise ValueError("criterion_twice", {"at": "criteria", "names": ", ".join(sorted(twice))})
        _tiers_fit(self)
        for name, guard in self.safeguards.items():
            if unknown := [g for g in guard.shields if g not in self.gates]:
                raise ValueError(
                    "gate_unknown", {"at": f"safeguards.{name}.shields", "names": ", ".join(unknown)}
                )
        if self.weights_from == "judgements" and not self.judgements:
            raise ValueError("judgements_missing", {"at": "judgements"})
        return self

    def level_of(self, tier: str) -> str:
        return next(t.level for t in self.tiers if t.key == tier)

    def leaves(self) -> dict[str, Criterion]:
        """The criteria that are measured, by key, in the card's order."""
        return {key: c for key, c in _walk(self.criteria) if not c.of}

    def branch_of(self) -> dict[str, str]:
        """For every leaf the top criterion it belongs to."""
        return {
            leaf: top for top, c in self.criteria.items() for leaf, inner in _walk({top: c}) if not inner.of
        }

    def sums(self) -> dict[str, float]:
        """What the weights of each set of siblings add up to, by its parent's key; the top set under an empty
        key.
        """
        parents = {"": self.criteria} | {key: c.of for key, c in _walk(self.criteria) if c.of}
        return {parent: sum(c.weight for c in siblings.values()) for parent, siblings in parents.items()}

    def weights(self, top: dict[str, float] | None = None) -> dict[str, float]:
        """Each leaf's share of the whole (they add up to 1); ``top`` replaces the weights of the top
        criteria.
        """
        out: dict[str, float] = {}
        total = sum(top.values()) if top else sum(c.weight for c in self.criteria.values())
        for key, criterion in self.criteria.items():
            _share_out(key, criterion, (top.get(key, 0.0) if top else criterion.weight) / total, out)
        return out


def _walk(criteria: dict[str, Criterion]) -> Iterator[tuple[str, Criterion]]:
    for key, criterion in criteria.items():
        yield key, criterion
        yield from _walk(criterion.of)


def _share_out(key: str, criterion: Criterion, share: float, out: dict[str, float]) -> None:
    if not criterion.of:
        out[key] = share
        return
    total = sum(c.weight for c in criterion.of.values())
    for inner, child in criterion.of.items():
        _share_out(inner, child, share * child.weight / total, out)


def _ratio(text: Any) -> Any:
    found = re.fullmatch(r"\s*([\d.]+)\s*/\s*([\d.]+)\s*", str(text))
    return float(found[1]) / float(found[2]) if found and float(found[2]) else text


def _tiers_fit(card: Scorecard) -> None:
    """The tiers say what the cut needs, from the highest to the lowest, and the last takes all the rest."""
    tiers, last = card.tiers, card.tiers[-1]
    if len({t.key for t in tiers}) < len(tiers):
        raise ValueError("tier_twice", {"at": "tiers"})
    if [LEVELS.index(t.level) for t in tiers] != sorted(LEVELS.index(t.level) for t in tiers):
        raise ValueError("levels_not_descending", {"at": "tiers"})
    needed = {"score": "start", "quota": "share", "capacity": "places", "matrix": "field", "natural": None}[
        card.cut
    ]
    for name in ("start", "share", "places", "field"):
        given = [getattr(t, name) is not None for t in (tiers if name in ("start", "field") else tiers[:-1])]
        if (name == needed and not all(given)) or (name != needed and any(given)):
            raise ValueError(
                "tiers_need",
                {"at": "tiers", "cut": card.cut, "needed": (needed or "").replace("start", "from") or "–"},
            )
    if card.cut == "score":
        starts = [t.start or 0.0 for t in tiers]
        if starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
            raise ValueError("tiers_not_descending")
    if card.cut == "quota" and sum(t.share or 0.0 for t in tiers[:-1]) >= 1:
        raise ValueError("shares_above_one", {"at": "tiers"})
    if (last.share, last.places) != (None, None):
        raise ValueError("last_tier_takes_the_rest", {"at": "tiers"})
    if (card.cut == "matrix") != (card.matrix is not None):
        raise ValueError("matrix_and_cut", {"at": "matrix"})
    if card.matrix:
        if card.matrix.first == card.matrix.second:
            raise ValueError("matrix_twice", {"at": "matrix"})
        if unknown := [k for k in (card.matrix.first, card.matrix.second) if k not in card.criteria]:
            raise ValueError("criterion_unknown", {"at": "matrix", "names": ", ".join(unknown)})
        if [_ORDER[t.field or "neither"] for t in tiers] != [0, 1, 2, 3]:
            raise ValueError(
                "tiers_need",
                {"at": "tiers", "cut": "matrix", "needed": "field: both, first, second, neither"},
            )
