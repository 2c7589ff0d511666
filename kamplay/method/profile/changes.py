"""What changed at each unit since the last run, and what became of its actions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.health.step import Health
from kamplay.method.measures.registry import MEASURES
from kamplay.method.plan.actions_done import STATES
from kamplay.method.plan.since_last_run import SinceLastRun
from kamplay.method.profile.rows import absent, told
from kamplay.method.tiers.step import Tiers

COLUMNS = ["unit_id", "change", "facts"]
LEAST_POINTS = 1.0  # of health, and ...
LEAST_REVENUE = 0.01  # ... of revenue: less is no change


def changes(facts: pd.DataFrame, tiers: Tiers, health: Health, since: SinceLastRun) -> pd.DataFrame:
    """Tell of each planned unit what the run says has changed; empty without an earlier run.

    Returns
    -------
    A row a change: unit_id, change (``new``: not known then; ``tier``, ``health``, ``revenue``, ``actions``),
    facts (JSON): before, now and why (of a fall of health the driver that cost most); of
    actions planned, and how many came to each of STATES.
    """
    if not since.figures:
        return pd.DataFrame(columns=COLUMNS)
    planned = facts.index[facts["strategy"].notna()]
    why = tiers.migration["why"].to_dict() if len(tiers.migration) else {}
    moved = health.score_changes.accounts if health.score_changes else pd.DataFrame()
    because = moved["because"].to_dict() if len(moved) else {}
    measured = health.score.parts.drop_duplicates("indicator").set_index("indicator")["measure"]
    driver = {indicator: MEASURES[m].code for indicator, m in measured.items() if m in MEASURES}
    rows: list[tuple[Any, str, str]] = []
    for row in since.units.loc[since.units.index.intersection(planned, sort=False)].itertuples():
        if absent(row.tier_before):
            rows.append((row.Index, "new", told()))
        elif row.Index in why:
            rows.append(
                (row.Index, "tier", told(before=row.tier_before, now=row.tier_now, why=why[row.Index]))
            )
        if abs(row.health_now - row.health_before) >= LEAST_POINTS:
            fell = row.health_now < row.health_before
            reason = driver.get(because.get(row.Index, "")) if fell else None
            rows.append(
                (row.Index, "health", told(before=row.health_before, now=row.health_now, because=reason))
            )
        if row.revenue_before > 0 and abs(row.revenue_now / row.revenue_before - 1) >= LEAST_REVENUE:
            rows.append((row.Index, "revenue", told(before=row.revenue_before, now=row.revenue_now)))
        states = {state: int(getattr(row, state)) for state in STATES}
        if sum(states.values()):
            rows.append((row.Index, "actions", told(planned=sum(states.values()), **states)))
    return pd.DataFrame(rows, columns=COLUMNS)
