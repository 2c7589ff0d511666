"""What every preset shares: strict models, levels, labels in both languages."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

LEVELS = ("S", "A", "B", "C")
Level = Literal["S", "A", "B", "C"]


class Strict(BaseModel):
    """Unknown keys are refused; nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Words(Strict):
    """One label in both languages."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        return self.zh if language == "zh" else self.en
