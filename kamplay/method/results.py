"""What a step gives: figures, findings and tables, without a word of any language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pandas as pd

Severity = Literal["act", "watch", "note"]
MOST = 20  # accounts that a finding names; all of them are in accounts.csv


@dataclass(frozen=True)
class Finding:
    """One thing a step found out. ``kind`` names it; its sentence and its action are written by ``kamplay.show``.

    ``figures`` are plain numbers, texts and ISO dates; shares are 0 to 1, amounts in the engagement's
    currency. ``accounts`` are account ids, the most important first. ``action`` names what to do.
    """

    step: str
    kind: str
    severity: Severity
    figures: dict[str, Any] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    action: str | None = None


class Findings(list[Finding]):
    """A step's findings as they are made: figures are turned into plain numbers, accounts cut to the first ``MOST``."""

    def __init__(self, step: str):
        super().__init__()
        self.step = step

    def add(self, kind: str, severity: Severity, action: str | None = None, who: Iterable[str] = (), **figures: Any) -> None:
        plain = {name: figure(value) for name, value in figures.items()}
        self.append(Finding(self.step, kind, severity, plain, tuple(who)[:MOST], action))


@dataclass(frozen=True)
class StepResult:
    """The common part of the five results: ``accounts`` (index account_id) holds the step's columns of accounts.csv."""

    step: ClassVar[str]
    key_figures: dict[str, Any]
    findings: tuple[Finding, ...]
    accounts: pd.DataFrame

    def finding(self, kind: str) -> Finding | None:
        """The finding of that kind, or None when the step had no reason for it."""
        return next((f for f in self.findings if f.kind == kind), None)


def figure(value: Any) -> Any:
    """A number for JSON: numpy's types become Python's, and what is not finite becomes None."""
    if value is None or value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
