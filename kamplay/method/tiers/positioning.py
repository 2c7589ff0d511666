"""The map of attractiveness and our own strength: where to hold and where to win."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.registry import measure_of
from kamplay.method.results import Findings
from kamplay.method.tiers.scoring import point_table, score
from kamplay.presets.scorecard import Criterion, Position

# attractive and strong, attractive and weak, strong only, neither
FIELDS = ("protect", "win", "keep", "serve")
KNOWN = 0.5  # of an axis's weight must be known for an account to be on the map
COLUMNS = ["attractiveness", "strength", "field", "revenue", "spend", "share"]


def positioning(book: Book, position: Position | None) -> pd.DataFrame:
    """Place the accounts that bought and are known well enough on both axes.

    Returns
    -------
    One row per account (index account_id), the largest first: attractiveness, strength (0 to 100), field,
    revenue (12 months), spend (its yearly purchases of what we sell) and share (ours of them; both missing
    where not known). Empty without the two small scorecards of ``position``.
    """
    empty = pd.DataFrame({c: [] for c in COLUMNS}, index=pd.Index([], name="account_id", dtype="str"))
    if position is None:
        return empty
    revenue = purchases.revenue(book)
    out = pd.DataFrame({axis: _axis(book, criteria) for axis, criteria in _axes(position).items()})
    out = out.assign(revenue=revenue)[revenue > 0].dropna()
    if out.empty:
        return empty
    attractive, strong = out["attractiveness"] >= position.high[0], out["strength"] >= position.high[1]
    out["field"] = np.select([attractive & strong, attractive, strong], FIELDS[:3], FIELDS[3])
    for column, measure in (("spend", "wallet_spend"), ("share", "wallet_share")):
        out[column] = measure_of(book, measure).reindex(out.index)
    return out[COLUMNS].sort_values("revenue", ascending=False)


def axis_coverage(book: Book, position: Position | None) -> pd.DataFrame:
    """List the criteria of the two axes: axis, zh, en, weight within the axis, and coverage, the share of the
    buying accounts that it is known of.
    """
    bought = purchases.revenue(book) > 0
    rows = []
    for axis, criteria in _axes(position).items() if position else ():
        table, total = point_table(book, criteria)[bought], sum(c.weight for c in criteria.values())
        rows += [
            (axis, c.zh, c.en, c.weight / total, float(table[key].notna().mean()) if len(table) else 0.0)
            for key, c in criteria.items()
        ]
    return pd.DataFrame(rows, columns=["axis", "zh", "en", "weight", "coverage"])


def _axes(position: Position) -> dict[str, dict[str, Criterion]]:
    return {"attractiveness": position.attractiveness, "strength": position.strength}


def _axis(book: Book, criteria: dict[str, Criterion]) -> pd.Series:
    """0 to 100 per account; missing where less than KNOWN of the weight is known."""
    table = point_table(book, criteria)
    weight = np.array([c.weight for c in criteria.values()])
    known = table.notna().to_numpy() @ weight / weight.sum()
    return pd.Series(score(table, weight), index=table.index).where(known >= KNOWN - 1e-9)


def add_findings(
    findings: Findings, position: Position | None, positions: pd.DataFrame, accounts: int
) -> None:
    """Add how many accounts stand in each field; ``accounts``: how many bought in the 12 months."""
    if position is None:
        return
    if positions.empty:
        findings.add("map_unknown", "note", "ask_for_map")
        return
    win = positions[positions["field"] == "win"]
    win = win.sort_values(["attractiveness", "revenue"], ascending=False, kind="stable")
    known = win[win["spend"] > 0]
    figures: dict[str, Any] = {"known": len(positions), "accounts": accounts}
    figures |= {f"{field}_count": int((positions["field"] == field).sum()) for field in FIELDS}
    figures["spend"] = known["spend"].sum()
    figures["share"] = (known["spend"] * known["share"]).sum() / figures["spend"] if len(known) else None
    findings.add("map_fields", "note", "go_for_win" if len(win) else None, win.index, **figures)
