"""What the ballots say: how far the departments agree, who differs from whom and on what, and which accounts
hang on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.method.stats.agreement import Concordance, Kappa, fleiss_kappa, kendall_w
from kamplay.method.tiers import ballots
from kamplay.method.tiers.rating import Rating, keyed

KEY = ("S", "A")


@dataclass(frozen=True)
class Consensus:
    """The latest round, and how the rounds compare.

    ``kappa`` is over all accounts that bought, most of which nobody names; ``kappa_named`` over those that
    anybody named. ``rounds``: per round raters, departments, w, p_value, kappa, kappa_low, kappa_high
    (missing where it cannot be told). ``departments``: department × top criterion in rows, with weight and
    deviation from the mean (shares). ``disputed``: units that bought (index), those on which departments are
    most split first: key_by and named_by (numbers of departments), departments, voters (departments that
    named any), split, revenue, and a column ``by …`` per department with the tier its own weights give, the
    tiers kept at their size. ``proposal``: the mean weights; ``changes``: units that they move, in the same
    way.
    """

    w: Concordance | None
    kappa: Kappa | None
    kappa_named: Kappa | None
    rounds: pd.DataFrame
    departments: pd.DataFrame
    furthest: ballots.Furthest | None
    disputed: pd.DataFrame
    proposal: pd.Series
    changes: list[str]
    unusable: pd.DataFrame


def consensus(rating: Rating, revenue: pd.Series) -> Consensus | None:
    """None without ballots. ``revenue`` per unit."""
    book, card = rating.book, rating.card
    if not book.has("ballots"):
        return None
    table, criteria = keyed(book.table("ballots"), card), list(card.criteria)
    buying = revenue.index[revenue > 0]
    compared = [_round(ballots.in_round(table, n), n, criteria, buying) for n in ballots.rounds(table)]
    rows = _last(table, lambda r: len(ballots.weights_given(r, criteria)) > 0)
    given = ballots.weights_given(rows, criteria)
    departments = ballots.by_department(given, rows)
    named = _last(table, lambda r: ballots.nominations(r, list(buying)) is not None)
    weighed, voted = (
        next(c for c in compared if c[0]["round"] == ballots.rounds(r)[0]) if len(r) else compared[-1]
        for r in (rows, named)
    )
    away = ballots.divergence(departments)
    long = [
        (
            department,
            key,
            card.criteria[key].zh,
            card.criteria[key].en,
            departments.loc[department, key],
            away.loc[department, key],
        )
        for department in departments.index
        for key in criteria
    ]
    proposal = ballots.settled(departments)
    changes: list[str] = []
    if len(proposal):
        other = rating.ranked_by(pd.Series(card.weights(proposal.to_dict())))
        changes = list(rating.points.index[(other != rating.tiers()) & (revenue > 0)])
    known = [*rating.points.index, *rating.heads.index.difference(rating.points.index)]
    return Consensus(
        weighed[1],
        voted[2],
        _kappa(ballots.nominations(named, list(buying)), only_named=True),
        pd.DataFrame([c[0] for c in compared]),
        pd.DataFrame(long, columns=["department", "criterion", "zh", "en", "weight", "deviation"]),
        ballots.furthest(departments),
        _disputed(rating, departments, ballots.nominated_by(named, buying), revenue),
        proposal,
        changes,
        ballots.unusable(ballots.in_round(table, ballots.rounds(table)[-1]), criteria, known),
    )


def _last(table: pd.DataFrame, says: Callable[[pd.DataFrame], bool]) -> pd.DataFrame:
    """The ballots of the latest round that says something of the kind; the latest round where none does."""
    each = [ballots.in_round(table, n) for n in ballots.rounds(table)]
    return next((rows for rows in reversed(each) if says(rows)), each[-1])


def _round(
    rows: pd.DataFrame, number: int, criteria: list[str], buying: pd.Index
) -> tuple[dict[str, object], Concordance | None, Kappa | None]:
    given = ballots.weights_given(rows, criteria)
    w = kendall_w(ballots.weight_ranks(given)) if len(given) else None
    kappa = _kappa(ballots.nominations(rows, list(buying)))
    nan = float("nan")
    return (
        {
            "round": number,
            "raters": len(given),
            "departments": len(ballots.by_department(given, rows)),
            "w": w.w if w else nan,
            "p_value": w.p_value if w else nan,
            "kappa": kappa.kappa if kappa else nan,
            "kappa_low": kappa.low if kappa else nan,
            "kappa_high": kappa.high if kappa else nan,
        },
        w,
        kappa,
    )


def _kappa(named: pd.DataFrame | None, only_named: bool = False) -> Kappa | None:
    if named is None:
        return None
    return fleiss_kappa(
        named.loc[(named["nominated"] > 0) | (not only_named), ["nominated", "not_nominated"]]
    )


def _disputed(
    rating: Rating, departments: pd.DataFrame, named: pd.DataFrame, revenue: pd.Series
) -> pd.DataFrame:
    card, index = rating.card, rating.points.index
    level = {t.key: t.level for t in card.tiers}
    by = {
        f"by {d}": rating.ranked_by(pd.Series(card.weights(departments.loc[d].to_dict())))
        for d in departments.index
    }
    out = pd.DataFrame(by, index=index)
    key_by = sum(
        (column.map(level).isin(KEY).astype(int) for column in by.values()), pd.Series(0, index=index)
    )
    voters = len(
        {d for row in named["departments"] for d in row} | {d for row in named["others"] for d in row}
    )
    out["key_by"] = key_by
    out["departments"] = len(departments)
    out["named_by"] = named["departments"].map(len).reindex(index).fillna(0).astype(int)
    out["voters"] = voters
    out["revenue"] = revenue
    weighed = np.minimum(key_by, len(departments) - key_by)
    voiced = np.minimum(out["named_by"], voters - out["named_by"])
    out["split"] = weighed + voiced
    out = out[revenue > 0]
    return (
        out.assign(_id=out.index)
        .sort_values(["split", "revenue", "_id"], ascending=[False, False, True])
        .drop(columns="_id")
    )
