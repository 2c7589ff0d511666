"""Beside the tiers: the map of attractiveness and own strength, how accounts are classified, and whom to
assess before they buy.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.registry import measure_of
from kamplay.method.tiers.scoring import point_table, score
from kamplay.presets.scorecard import Criterion, Intake, Position

DIMENSIONS = ("nature", "stage", "industry", "region", "ownership", "source")
MOST_CLASSES = 12  # more values than that are names, not classes
FIELDS = (
    "protect",
    "win",
    "keep",
    "serve",
)  # attractive and strong, attractive and weak, strong only, neither
KNOWN = 0.5  # of an axis's weight must be known for an account to be on the map


def positioning(book: Book, position: Position | None) -> pd.DataFrame:
    """Per account that bought and is known well enough on both axes: attractiveness, strength (0–100), field,
    revenue, spend, share.

    ``spend``: its yearly purchases of what we sell; ``share``: ours of them; missing where not known.

    """
    revenue = purchases.revenue(book)
    columns = ("attractiveness", "strength", "field", "revenue", "spend", "share")
    empty = pd.DataFrame({c: [] for c in columns}, index=pd.Index([], name="account_id", dtype="str"))
    if position is None:
        return empty
    axes = {
        name: _axis(book, criteria)
        for name, criteria in (("attractiveness", position.attractiveness), ("strength", position.strength))
    }
    frame = pd.DataFrame({**axes, "revenue": revenue})[(revenue > 0)].dropna()
    if frame.empty:
        return empty
    attractive, strong = frame["attractiveness"] >= position.high[0], frame["strength"] >= position.high[1]
    frame["field"] = np.select([attractive & strong, attractive, strong], FIELDS[:3], FIELDS[3])
    frame["spend"], frame["share"] = (
        measure_of(book, m).reindex(frame.index) for m in ("wallet_spend", "wallet_share")
    )
    return frame[list(columns)].sort_values("revenue", ascending=False)


def axis_coverage(book: Book, position: Position) -> pd.DataFrame:
    """Each criterion of the two axes: axis, zh, en, weight within the axis, and for what share of the buying
    accounts it is known.
    """
    bought = purchases.revenue(book) > 0
    rows = []
    for axis, criteria in (("attractiveness", position.attractiveness), ("strength", position.strength)):
        table, total = point_table(book, criteria)[bought], sum(c.weight for c in criteria.values())
        rows += [
            (axis, c.zh, c.en, c.weight / total, float(table[key].notna().mean()) if len(table) else 0.0)
            for key, c in criteria.items()
        ]
    return pd.DataFrame(rows, columns=["axis", "zh", "en", "weight", "coverage"])


def _axis(book: Book, criteria: dict[str, Criterion]) -> pd.Series:
    table = point_table(book, criteria)
    weight = np.array([c.weight for c in criteria.values()])
    known = table.notna().to_numpy() @ weight / weight.sum()
    return pd.Series(score(table, weight), index=table.index).where(known >= KNOWN - 1e-9)


def classes(book: Book, key: pd.Series) -> pd.DataFrame:
    """How the buying accounts divide by each known dimension: dimension, value, accounts, revenue, share, key
    (accounts of ``key``).

    Largest revenue first; an account without a value counts under a blank one. A dimension with a single
    value, or with more than MOST_CLASSES, tells nothing and is left out.
    """
    revenue = purchases.revenue(book)
    bought = revenue > 0
    parts = []
    for dimension in DIMENSIONS:
        if dimension not in book.accounts or book.accounts[dimension].notna().sum() == 0:
            continue
        value = measure_of(book, dimension)[bought].map(str, na_action="ignore").fillna("")
        if not 2 <= value[value != ""].nunique() <= MOST_CLASSES:
            continue
        by = pd.DataFrame(
            {
                "value": value,
                "revenue": revenue[bought],
                "key": key.reindex(revenue.index).fillna(False)[bought],
            }
        ).groupby("value")
        table = by.agg(
            accounts=("revenue", "size"), revenue=("revenue", "sum"), key=("key", "sum")
        ).reset_index()
        table["share"] = table["revenue"] / table["revenue"].sum()
        parts.append(
            table.assign(dimension=dimension).sort_values(["revenue", "value"], ascending=[False, True])
        )
    columns = ["dimension", "value", "accounts", "revenue", "share", "key"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def intake(book: Book, rule: Intake | None) -> pd.DataFrame:
    """Accounts without a purchase in the 12 months whose yearly purchases elsewhere call for an assessment:
    spend, due (date), dedicated.

    Not those recorded as lost. Index account_id, the largest first; empty without the rule or without wallet
    data.
    """
    spend = measure_of(book, "wallet_spend")
    if rule is None:
        spend = spend.iloc[:0]
    quiet = purchases.revenue(book).reindex(spend.index) <= 0
    lost = measure_of(book, "stage").reindex(spend.index) == "lost"
    found = spend[quiet & ~lost & (spend > (rule.assess_above if rule else 0))].sort_values(ascending=False)
    due = pd.Timestamp(book.as_of) + pd.Timedelta(days=rule.within_days if rule else 0)
    dedicated = found > rule.dedicated_above if rule else found.astype(bool)
    return pd.DataFrame(
        {"spend": found, "due": due.strftime("%Y-%m-%d"), "dedicated": dedicated}
    ).rename_axis("account_id")
