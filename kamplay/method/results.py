"""What a step gives: figures, findings and tables, without a word of any language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import pandas as pd

Severity = Literal["act", "watch", "note"]
MOST = 20  # accounts that a finding names; all of them are in accounts.csv


@dataclass(frozen=True)
class Finding:
    """One thing a step found out. ``kind`` names it; its sentence and its action are written by
    ``kamplay.show``.

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
    """A step's findings as they are made: figures are turned into plain numbers, accounts cut to the first
    ``MOST``.
    """

    def __init__(self, step: str):
        super().__init__()
        self.step = step

    def add(
        self,
        kind: str,
        severity: Severity,
        action: str | None = None,
        who: Iterable[str] = (),
        **figures: Any,
    ) -> None:
        plain = {name: figure(value) for name, value in figures.items()}
        self.append(Finding(self.step, kind, severity, plain, tuple(who)[:MOST], action))


@dataclass(frozen=True)
class StepResult:
    """The common part of the five results: ``accounts`` (index account_id) holds the step's columns of
    accounts.csv.
    """

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


# what could be lost or is missing within a year: the figure that says it
LOSS = {
    "target_short": "gap",
    "target_within": "gap",
    "future_falling": "fall",
    "large_losses": "amount",
    "credit_exceeded": "owed",
    "standing_weak": "owed",
    "deals_overdue": "amount",
    "deals_stalled": "amount",
    "deals_stalled_plain": "amount",
    "profit_given_back": "lost",
    "pvm_price_falls": "amount",
    "asset_guard": "value",
    "stress_first": "revenue",
    "stress_first_revenue": "revenue",
    "stress_lost": "revenue",
    "stress_lost_revenue": "revenue",
    "stress_group": "revenue",
    "entities_shared": "amount",
    "entities_competing": "amount",
    "future_single": "last",
}
# the same told as a share of revenue
SHARE = {"concentration": "top1_share", "stress_threat": "share", "depend_we": "share"}
# what could be won: it stands after what could be lost
GAIN = {
    "room_wallet": "most",
    "room_wallet_both": "most",
    "room_wallet_estimated": "most",
    "room_gap_wallet": "mid",
    "room_gap": "mid",
    "room_lapsed": "mid",
    "asset_grow": "potential",
    "asset_grow_one": "first_potential",
    "room_competitor": "room",
}


def weighed(findings: Iterable[Finding], revenue: float) -> tuple[Finding, ...]:
    """The findings with figures ``stake`` (what could be lost or is missing) or ``gain`` (what could be won),
    where either is known.
    """
    return tuple(replace(f, figures=f.figures | _money(f, revenue)) for f in findings)


def _money(finding: Finding, revenue: float) -> dict[str, float]:
    kind, figures = finding.kind, finding.figures
    loss: Any = figures.get(LOSS[kind]) if kind in LOSS else None
    if kind in SHARE and figures.get(SHARE[kind]) is not None:
        loss = figures[SHARE[kind]] * revenue
    if kind == "movement" and figures.get("grr") is not None:
        loss = (1 - figures["grr"]) * figures["before"]
    if kind.startswith("kept_by") and figures.get("worst_grr") is not None:
        loss = (1 - figures["worst_grr"]) * figures["worst_before"]
    if kind == "service_eats_margin":
        loss = figures["cost"] - figures["margin"]
    if kind == "margin_losers":
        loss = -figures["losing_margin"]
    if kind == "pvm":
        loss = -figures["price"] if figures["price"] < 0 else None
    gain = figures.get(GAIN[kind]) if kind in GAIN else None
    return ({"stake": float(loss)} if loss is not None else {}) | (
        {"gain": float(gain)} if gain is not None else {}
    )


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """By the money at stake, the most first; then by what could be won; then the rest. At most one for each
    account that a decision is about alone (or with one other).
    """

    def order(finding: Finding) -> tuple[int, float]:
        figures = finding.figures
        return (
            (0, -figures["stake"])
            if "stake" in figures
            else (1, -figures["gain"])
            if "gain" in figures
            else (2, 0.0)
        )

    told: set[str] = set()
    out = []
    for finding in sorted(findings, key=order):
        about = set(finding.accounts[:1] if finding.action == "protect_first" else finding.accounts)
        if len(about) <= 2 and about & told:
            continue
        told |= about if len(about) <= 2 else set()
        out.append(finding)
    return out
