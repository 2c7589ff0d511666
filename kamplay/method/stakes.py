"""What is at stake in a finding, in money, so that decisions can stand in its order, and one decision for each account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kamplay.method.results import Finding

# what could be lost or is missing within a year: the figure that says it
LOSS = {
    "target_short": "gap", "target_within": "gap", "future_falling": "fall", "large_losses": "amount", "credit_exceeded": "owed",
    "standing_weak": "owed", "deals_overdue": "amount", "deals_stalled": "amount", "deals_stalled_plain": "amount",
    "profit_given_back": "lost", "pvm_price_falls": "amount", "asset_guard": "value", "stress_first": "revenue",
    "stress_first_revenue": "revenue", "stress_lost": "revenue", "stress_lost_revenue": "revenue", "stress_group": "revenue",
    "entities_shared": "amount", "entities_competing": "amount",
    "future_single": "last",
}  # fmt: skip
# the same told as a share of revenue
SHARE = {"concentration": "top1_share", "stress_threat": "share", "depend_we": "share"}
# what could be won: it stands after what could be lost
GAIN = {
    "room_wallet": "most", "room_wallet_both": "most", "room_wallet_estimated": "most", "room_gap_wallet": "mid", "room_gap": "mid",
    "room_lapsed": "mid", "asset_grow": "potential", "asset_grow_one": "first_potential", "room_competitor": "room",
}  # fmt: skip


def weighed(findings: Iterable[Finding], revenue: float) -> tuple[Finding, ...]:
    """The findings with figures ``stake`` (what could be lost or is missing) or ``gain`` (what could be won), where either is known."""
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
    return ({"stake": float(loss)} if loss is not None else {}) | ({"gain": float(gain)} if gain is not None else {})


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """By the money at stake, the most first; then by what could be won; then the rest. At most one for each account that a decision
    is about alone (or with one other)."""

    def order(finding: Finding) -> tuple[int, float]:
        figures = finding.figures
        return (0, -figures["stake"]) if "stake" in figures else (1, -figures["gain"]) if "gain" in figures else (2, 0.0)

    told: set[str] = set()
    out = []
    for finding in sorted(findings, key=order):
        about = set(finding.accounts[:1] if finding.action == "protect_first" else finding.accounts)
        if len(about) <= 2 and about & told:
            continue
        told |= about if len(about) <= 2 else set()
        out.append(finding)
    return out
