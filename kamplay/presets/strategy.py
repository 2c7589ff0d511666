"""What a strategy preset may say: service, offers, visits and due dates by level."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kamplay.presets.scorecard import Level, Strict, Words


class VisitNorm(Strict):
    branch: float = Field(ge=0)
    head_office: float = Field(ge=0)


class LevelPlan(Strict):
    """What one level gets. Visits are per account and month."""

    title: Words
    mechanism: Words
    customisation: Words
    discount: Words
    proactive_service_per_quarter: float = Field(ge=0)
    visits: VisitNorm


class AccountType(Words):
    care: Words


class DueDays(Strict):
    """Days to the due date: of step 3's short list, of other warnings that call for action, of what should be
    soon, of the rest.
    """

    urgent: int = Field(gt=0, le=3650)
    warned: int = Field(14, gt=0, le=3650)
    soon: int = Field(gt=0, le=3650)
    routine: int = Field(gt=0, le=3650)


class Strategy(Strict):
    """Strategies by level, account types, and which levels are visited at all."""

    title: Words
    source: Words
    levels: dict[Level, LevelPlan]
    types: dict[Literal["invest", "maintain", "promote", "operate"], AccountType]
    visited_levels: list[Level]
    due_days: DueDays
