"""What changed at each unit since the earlier run: tier, health, revenue, with the reasons that are known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.health.score_attribution import EarlierScore
from kamplay.method.health.step import Health
from kamplay.method.profile.rows import absent, told
from kamplay.method.tiers.migration import EarlierTiers
from kamplay.method.tiers.step import Tiers

COLUMNS = ["unit_id", "change", "facts"]
LEAST_POINTS = 1.0  # of health, and ...
LEAST_REVENUE = 0.01  # ... of revenue: less is no change


def changes(
    facts: pd.DataFrame,
    tiers: Tiers,
    health: Health,
    earlier: EarlierTiers | None,
    earlier_health: EarlierScore | None,
) -> pd.DataFrame:
    """Compare with the earlier run; empty without one.

    Returns
    -------
    A row a change: unit_id, change (``tier``, ``health``, ``revenue``, or ``new``: not known then), facts
    (JSON: before, now, and why).
    """
    if earlier is None:
        return pd.DataFrame(columns=COLUMNS)
    known = facts[facts["strategy"].notna()]
    rows: list[tuple[Any, str, str]] = [
        (unit, "new", told()) for unit in known.index.difference(earlier.accounts.index)
    ]
    moved = tiers.migration
    for row in moved[moved.index.isin(known.index)].itertuples():
        rows.append((row.Index, "tier", told(before=row.before, now=row.now, why=row.why)))
    scored = health.score_changes.accounts if health.score_changes else pd.DataFrame()
    if len(scored):
        scored = scored[scored.index.isin(known.index) & (scored["change"].abs() >= LEAST_POINTS)]
        for row in scored.itertuples():
            because = None if absent(row.because) or row.because == "" else row.because
            rows.append((row.Index, "health", told(before=row.before, now=row.now, because=because)))
    if earlier_health is not None:
        then = earlier_health.accounts["revenue"].reindex(known.index)
        for unit, before, now in zip(known.index, then, known["revenue"], strict=True):
            if not absent(before) and before > 0 and abs(now / before - 1) >= LEAST_REVENUE:
                rows.append((unit, "revenue", told(before=before, now=now)))
    out = pd.DataFrame(rows, columns=COLUMNS)
    place = {kind: number for number, kind in enumerate(("new", "tier", "health", "revenue"))}
    out = out.assign(_place=out["change"].map(place)).sort_values(["unit_id", "_place"], kind="stable")
    return out[COLUMNS].reset_index(drop=True)
