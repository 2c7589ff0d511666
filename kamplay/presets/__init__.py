"""Policies as data: scorecards and strategies, read from YAML, refused when a key or a value is not known.

A preset is named (``four_dimensions``) or is a consultant's own copy in the engagement folder (``my_card.yaml``).
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kamplay.errors import Fault, KamplayError, nearest
from kamplay.settings_file import Model, parse, read_yaml, validated

LEVELS = ("S", "A", "B", "C")
Level = Literal["S", "A", "B", "C"]
MEASURES = ("revenue", "monthly_revenue", "margin_share", "growth", "active_months", "tenure_years", "breadth", "overdue_share", "rating")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """One label in both languages."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class Band(_Strict):
    """From ``from`` up to the next band's start, points run linearly from the first to the second (0 to 100)."""

    start: float = Field(alias="from")
    points: tuple[float, float]


def _ascending(bands: list[Band]) -> list[Band]:
    starts = [b.start for b in bands]
    if starts != sorted(set(starts)):
        raise ValueError("bands_not_ascending")
    return bands


class Criterion(Words):
    """One criterion: what is measured, in which unit, and how it turns into 0 to 100 points."""

    weight: float = Field(gt=0)
    measure: Literal[
        "revenue", "monthly_revenue", "margin_share", "growth", "active_months", "tenure_years", "breadth", "overdue_share", "rating"
    ]
    unit: float = Field(1.0, gt=0)
    scoring: Literal["bands", "percentile", "contribution"]
    bands: Annotated[list[Band], AfterValidator(_ascending)] = []

    @model_validator(mode="after")
    def _bands_when_needed(self) -> Criterion:
        if (self.scoring == "bands") != bool(self.bands):
            raise ValueError("bands_and_scoring")
        return self


class Tier(Words):
    """A tier starts at a score; ``level`` says which strategy it gets."""

    key: str
    level: Level
    start: float = Field(alias="from", ge=0, le=100)


class Gate(Words):
    """A rule that caps an account's tier at a level, whatever its score."""

    cap: Level
    silent_days: int | None = None
    margin_below: float | None = None


class Gates(_Strict):
    one_off: Gate | None = None
    skinner: Gate | None = None


class Scorecard(_Strict):
    """A scorecard: weighted criteria, tiers from the highest, gates."""

    title: Words
    source: Words
    criteria: dict[str, Criterion] = Field(min_length=1)
    tiers: list[Tier] = Field(min_length=2)
    gates: Gates = Gates()

    @model_validator(mode="after")
    def _tiers_descend_to_zero(self) -> Scorecard:
        starts = [t.start for t in self.tiers]
        if starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
            raise ValueError("tiers_not_descending")
        return self

    def level_of(self, tier: str) -> str:
        return next(t.level for t in self.tiers if t.key == tier)


class VisitNorm(_Strict):
    branch: float = Field(ge=0)
    head_office: float = Field(ge=0)


class LevelPlan(_Strict):
    """What one level gets. Visits are per account and month."""

    title: Words
    mechanism: Words
    customisation: Words
    discount: Words
    proactive_service_per_quarter: float = Field(ge=0)
    visits: VisitNorm


class AccountType(Words):
    care: Words


class DueDays(_Strict):
    urgent: int = Field(gt=0)
    soon: int = Field(gt=0)
    routine: int = Field(gt=0)


class Strategy(_Strict):
    """Strategies by level, account types, and which levels are visited at all."""

    title: Words
    source: Words
    levels: dict[Level, LevelPlan]
    types: dict[Literal["invest", "maintain", "promote", "operate"], AccountType]
    visited_levels: list[Level]
    due_days: DueDays


KINDS: dict[str, type[BaseModel]] = {"scorecard": Scorecard, "strategy": Strategy}
_FOLDERS = {"scorecard": "scorecards", "strategy": "strategies"}


def names(kind: str) -> list[str]:
    """The shipped presets of a kind (``scorecard`` or ``strategy``)."""
    folder = resources.files("kamplay.presets").joinpath(_FOLDERS[kind])
    return sorted(p.name.removesuffix(".yaml") for p in folder.iterdir() if p.name.endswith(".yaml"))


def text(kind: str, name: str) -> str:
    """The YAML of a shipped preset, to copy and edit."""
    return resources.files("kamplay.presets").joinpath(_FOLDERS[kind], f"{name}.yaml").read_text(encoding="utf-8")


def load_scorecard(name: str, folder: Path) -> Scorecard:
    """The scorecard of that name, or of that file in the engagement folder. Raises KamplayError naming the nearest known one."""
    return _load(Scorecard, "scorecard", name, folder)


def load_strategy(name: str, folder: Path) -> Strategy:
    """The strategy of that name, or of that file in the engagement folder."""
    return _load(Strategy, "strategy", name, folder)


def _load(model: type[Model], kind: str, name: str, folder: Path) -> Model:
    if name in names(kind):
        return validated(model, parse(text(kind, name), name), name)
    if name.endswith((".yaml", ".yml")) and Path(name).name == name:
        return validated(model, read_yaml(folder / name, name), name)
    near = nearest(name, names(kind)) or ""
    raise KamplayError(Fault("preset_unknown", column=kind, value=name, args={"near": near, "known": ", ".join(names(kind))}))
