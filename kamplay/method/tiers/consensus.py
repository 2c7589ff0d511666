"""How far the departments agree on what makes an account key and on who is key, and which accounts hang on
it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.measures import purchases
from kamplay.method.results import Findings
from kamplay.method.stats.agreement import Concordance, Kappa, fleiss_kappa, kendall_w
from kamplay.method.tiers import ballots
from kamplay.method.tiers.rating import Rating, Units
from kamplay.presets.scorecard import KEY_LEVELS

STRONG = 0.7  # Kendall's W from which agreement is strong enough to act on (Schmidt 1997)
SUBSTANTIAL = 0.6  # Fleiss' kappa from which agreement is called substantial (Landis & Koch 1977)
CHANGED = 0.005  # of W between two rounds: less shows as the same figure


@dataclass(frozen=True)
class Consensus:
    """What the ballots say.

    Attributes
    ----------
    w : agreement on the weights in the latest round with weights.
    kappa, kappa_named : agreement on the names in the latest round with names, over all accounts that bought
        (most of which nobody names), and over those that anybody named.
    rounds : one row per round: round, raters, departments, w, p_value, kappa, kappa_low, kappa_high (missing
        where it cannot be told).
    departments : one row per department and top criterion: department, criterion, zh, en, weight, deviation
        from the mean of the departments (shares).
    furthest : the two departments furthest apart.
    disputed : units that bought (index), those on which departments are most split first: a column ``by …``
        per department with the tier that its own weights give, tiers kept at their size; key_by, departments
        (by how many of how many it is key so), named_by, voters (departments that named any), revenue, split.
    proposal : top criterion → mean weight over the departments.
    changes : units that bought whose tier the proposal changes, tiers kept at their size.
    unusable : ballots of the latest round that could not be used.
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


def consensus(rating: Rating, table: pd.DataFrame | None) -> Consensus | None:
    """Measure the agreement of the departments.

    Parameters
    ----------
    rating : the accounts under the card, by which the weights of each department are tried.
    table : the ballots, accounts by the id of their unit.

    Returns
    -------
    None without ballots.
    """
    if table is None or table.empty:
        return None
    card, revenue = rating.card, purchases.revenue(rating.book)
    table, criteria = ballots.with_criterion_keys(table, card), list(card.criteria)
    buying = list(revenue.index[revenue > 0])
    weighed = _latest(table, lambda r: len(ballots.rater_weights(r, criteria)) > 0)
    named = _latest(table, lambda r: ballots.nominations(r, buying) is not None)
    given = ballots.rater_weights(weighed, criteria)
    departments = ballots.department_weights(given, weighed)
    proposal = ballots.mean_weights(departments)
    changes: list[str] = []
    if len(proposal):
        other = rating.tiers_ranked_by(pd.Series(card.weights(proposal.to_dict())))
        changes = list(rating.points.index[(other != rating.tiers()) & (revenue > 0)])
    known = [*rating.points.index, *rating.heads.index.difference(rating.points.index)]
    rounds = ballots.rounds(table)
    return Consensus(
        w=_concordance(given),
        kappa=_kappa(named, buying),
        kappa_named=_kappa(named, buying, only_named=True),
        rounds=pd.DataFrame([_round(ballots.in_round(table, n), n, criteria, buying) for n in rounds]),
        departments=_deviations(rating, departments),
        furthest=ballots.furthest_apart(departments),
        disputed=_disputed(rating, departments, ballots.nominated_by(named, buying), revenue),
        proposal=proposal,
        changes=changes,
        unusable=ballots.unusable(ballots.in_round(table, rounds[-1]), criteria, known),
    )


def _latest(table: pd.DataFrame, says: Callable[[pd.DataFrame], bool]) -> pd.DataFrame:
    """The ballots of the latest round that says something of the kind; the latest round where none does."""
    each = [ballots.in_round(table, n) for n in ballots.rounds(table)]
    return next((rows for rows in reversed(each) if says(rows)), each[-1])


def _concordance(given: pd.DataFrame) -> Concordance | None:
    return kendall_w(ballots.weight_ranks(given)) if len(given) else None


def _kappa(rows: pd.DataFrame, buying: list[str], only_named: bool = False) -> Kappa | None:
    named = ballots.nominations(rows, buying)
    if named is None:
        return None
    if only_named:
        named = named[named["nominated"] > 0]
    return fleiss_kappa(named[["nominated", "not_nominated"]])


def _round(rows: pd.DataFrame, number: int, criteria: list[str], buying: list[str]) -> dict[str, object]:
    given = ballots.rater_weights(rows, criteria)
    w, kappa, nan = _concordance(given), _kappa(rows, buying), float("nan")
    return {
        "round": number,
        "raters": len(given),
        "departments": len(ballots.department_weights(given, rows)),
        "w": w.w if w else nan,
        "p_value": w.p_value if w else nan,
        "kappa": kappa.kappa if kappa else nan,
        "kappa_low": kappa.low if kappa else nan,
        "kappa_high": kappa.high if kappa else nan,
    }


def _deviations(rating: Rating, departments: pd.DataFrame) -> pd.DataFrame:
    """``Consensus.departments`` from departments × top criteria."""
    deviation = departments - departments.mean()
    rows = [
        (department, key, c.zh, c.en, departments.loc[department, key], deviation.loc[department, key])
        for department in departments.index
        for key, c in rating.card.criteria.items()
    ]
    return pd.DataFrame(rows, columns=["department", "criterion", "zh", "en", "weight", "deviation"])


def _disputed(
    rating: Rating, departments: pd.DataFrame, named: pd.DataFrame, revenue: pd.Series
) -> pd.DataFrame:
    card, index = rating.card, rating.points.index
    level = {t.key: t.level for t in card.tiers}
    out = pd.DataFrame(index=index)
    key_by = pd.Series(0, index=index)
    for department, weights in departments.iterrows():
        tier = rating.tiers_ranked_by(pd.Series(card.weights(weights.to_dict())))
        out[f"by {department}"] = tier
        key_by = key_by + tier.map(level).isin(KEY_LEVELS)
    voters = len({d for column in ("departments", "others") for row in named[column] for d in row})
    out["key_by"] = key_by
    out["departments"] = len(departments)
    out["named_by"] = named["departments"].map(len).reindex(index).fillna(0).astype(int)
    out["voters"] = voters
    out["revenue"] = revenue
    by_weights = np.minimum(key_by, len(departments) - key_by)
    out["split"] = by_weights + np.minimum(out["named_by"], voters - out["named_by"])
    out = out[revenue > 0].sort_index()
    return out.sort_values(["split", "revenue"], ascending=False, kind="stable")


def add_findings(findings: Findings, rating: Rating, found: Consensus | None, units: Units) -> None:
    """Add how far the departments agree, where they differ, and which accounts hang on it."""
    if found is None or (found.w is None and found.kappa is None):
        findings.add("agreement_unmeasured", "watch", "hold_ballot")
    if found is None:
        return
    if found.w is not None:
        figures: dict[str, Any] = {"w": found.w.w, "raters": found.w.raters, "p_value": found.w.p_value}
        strong = found.w.w >= STRONG
        findings.add(
            "agreement", "note" if strong else "act", None if strong else "settle_weights", **figures
        )
    _add_change(findings, found.rounds[found.rounds["w"].notna()])
    if found.kappa is not None:
        named = found.kappa_named.kappa if found.kappa_named else None
        figures = {
            "kappa": found.kappa.kappa,
            "low": found.kappa.low,
            "high": found.kappa.high,
            "raters": found.kappa.raters,
            "named": named,
        }
        firm = found.kappa.kappa >= SUBSTANTIAL and (named is None or named >= SUBSTANTIAL)
        findings.add("who_is_key", "note" if firm else "watch", None if firm else "settle_names", **figures)
    criteria = rating.card.criteria
    if (far := found.furthest) is not None:
        pair: dict[str, Any] = {"more": far.department_a, "less": far.department_b, "gap": far.gap}
        label = criteria[far.criterion]
        findings.add("furthest", "watch", "talk_pair", **pair, zh=label.zh, en=label.en)
    if len(found.proposal) and rating.weights.source != "ballots":
        total = sum(c.weight for c in criteria.values())
        own = pd.Series({key: c.weight / total for key, c in criteria.items()})
        top = str((found.proposal.reindex(own.index) - own).abs().idxmax())
        figures = {
            "count": len(found.changes),
            "accounts": units.total,
            "ours": own[top],
            "theirs": found.proposal[top],
        }
        label = criteria[top]
        findings.add("proposal", "watch", "adopt_mean", found.changes, **figures, zh=label.zh, en=label.en)
    if len(found.unusable):
        figures = {"count": len(found.unusable), "raters": found.unusable["rater"].nunique()}
        findings.add("ballots_unusable", "watch", "mend_ballots", **figures)


def _add_change(findings: Findings, rounds: pd.DataFrame) -> None:
    """Add whether agreement rose from the first of these rounds to the last."""
    if len(rounds) < 2:
        return
    first, last = rounds.iloc[0], rounds.iloc[-1]
    if abs(last["w"] - first["w"]) <= CHANGED:
        return
    figures = {
        "w_before": first["w"],
        "w_now": last["w"],
        "kappa_before": first["kappa"],
        "kappa_now": last["kappa"],
    }
    if last["w"] > first["w"]:
        findings.add("agreement_rose", "note", None, **figures)
    else:
        findings.add("agreement_fell", "watch", None, **figures)
