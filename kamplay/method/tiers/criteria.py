"""The scorecard's criteria: for how many accounts each is known, and what weight other sources would give
it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.measures import purchases
from kamplay.method.results import Findings
from kamplay.method.tiers import weights
from kamplay.method.tiers.rating import Rating
from kamplay.method.tiers.scoring import measured
from kamplay.presets.scorecard import Criterion, Scorecard

KNOWN = 0.5  # of the buying accounts: below it a criterion is not backed by data
CONSISTENT = 0.1  # a consistency ratio up to here is accepted (Saaty 1980)


def criteria_table(rating: Rating, proposal: pd.Series) -> pd.DataFrame:
    """Describe each measured criterion of a rating.

    Parameters
    ----------
    rating : the units under the card.
    proposal : top criterion → mean weight over the departments; empty without ballots.

    Returns
    -------
    One row per criterion: criterion, zh, en, branch_zh, branch_en (of its top criterion), nested (it is not
    one itself), measure, less (less of the measure gives more points), weight, coverage (share of the buying
    units that it is known of), mean_points, top_weight (of its top criterion, in the scale of those
    weights), by_data (its weight by the data alone, missing where the card does not recalibrate); and the
    weights by entropy, critic, departments and judged
    (pairwise judgements), missing where they cannot say.
    """
    card, bought = rating.card, purchases.revenue(rating.book) > 0
    points, branch, leaves = rating.points[bought], card.branch_of(), card.leaves()
    rows = []
    for key, c in leaves.items():
        top, values = card.criteria[branch[key]], measured(rating.book, key, c)[bought]
        coverage = float(values.notna().mean()) if len(values) else 0.0
        rows.append(
            (key, c.zh, c.en, top.zh, top.en, branch[key] != key, c.measure, _less_is_better(c), coverage)
        )
    out = pd.DataFrame(
        rows,
        columns=["criterion", "zh", "en", "branch_zh", "branch_en", "nested", "measure", "less", "coverage"],
    )
    out.insert(8, "weight", rating.weights.leaves.to_numpy())
    out["mean_points"] = points.mean().to_numpy()
    settled = rating.weights
    out["top_weight"] = [settled.top.get(branch[key], 0.0) for key in leaves]
    out["by_data"] = np.nan if settled.by_data is None else settled.by_data.to_numpy()
    out["entropy"], out["critic"] = weights.entropy(points).to_numpy(), weights.critic(points).to_numpy()
    out["departments"] = _leaf_weights(card, proposal) if len(proposal) else np.nan
    out["judged"] = (
        _leaf_weights(card, weights.judged_priorities(card).weights) if card.judgements else np.nan
    )
    return out


def _less_is_better(criterion: Criterion) -> bool:
    if criterion.scale:
        return criterion.scale[0] > criterion.scale[1]
    return bool(criterion.bands) and criterion.bands[0].points[0] > criterion.bands[-1].points[1]


def _leaf_weights(card: Scorecard, top: pd.Series) -> list[float]:
    return list(card.weights(top.to_dict()).values())


def judgement_table(card: Scorecard) -> pd.DataFrame:
    """Check the consistency of each rater's pairwise judgements, and last of all together (rater blank).

    Returns
    -------
    rater, cr (None where it is not known), and of the judgement to ask about a, b, given, mended, cr_after
    (see ``weights.Judgement``).
    """
    columns = ["rater", "cr", "a", "b", "given", "mended", "cr_after"]
    if not card.judgements:
        return pd.DataFrame(columns=columns)
    criteria = list(card.criteria)
    priorities = {
        rater: weights.ahp(weights.matrix_of(pairs, criteria)) for rater, pairs in card.judgements.items()
    }
    rows = []
    for rater, found in {**priorities, "": weights.judged_priorities(card)}.items():
        w = found.worst
        worst = (w.a, w.b, w.given, w.mended, w.cr_after) if w else (None,) * 5
        rows.append((rater, found.cr, *worst))
    return pd.DataFrame(rows, columns=columns)


def add_findings(
    findings: Findings, rating: Rating, criteria: pd.DataFrame, judgements: pd.DataFrame
) -> None:
    """Add whether the criteria are known, where the weights come from, and whether pairwise judgements are
    consistent.
    """
    missing = criteria[criteria["coverage"] < KNOWN]
    if len(missing):
        findings.add(
            "criteria_unknown",
            "watch",
            "fill_criteria",
            criteria=missing["criterion"].tolist(),
            weight=missing["weight"].sum(),
            zh=missing["zh"].tolist(),
            en=missing["en"].tolist(),
        )
    else:
        findings.add("criteria_known", "note")
    unused = _unused_ratings(rating)
    if unused:
        findings.add("ratings_unused", "note", None, zh=unused, en=unused)
    if rating.weights.ballots_missing:
        findings.add("ballots_missing", "watch", "hold_ballot")
    elif rating.weights.source == "ballots":
        findings.add("weights_from_ballots", "note")
    card = rating.card
    odd = [s for s in card.sums().values() if not np.isclose(s, 100.0) and not np.isclose(s, 1.0)]
    if odd:
        findings.add("weights_normalised", "note", None, sum=odd[0], sets=len(odd))
    if card.recalibrate:
        findings.add("weights_recalibrated", "note", None, share=card.recalibrate.share)
    if len(judgements):
        _add_judgements(findings, card, judgements)


def _add_judgements(findings: Findings, card: Scorecard, judgements: pd.DataFrame) -> None:
    together = judgements["cr"].iloc[-1]
    figures: dict[str, Any] = {"cr": 0.0 if pd.isna(together) else together, "raters": len(judgements) - 1}
    rough = judgements[judgements["cr"] > CONSISTENT].sort_values("cr", ascending=False)
    if rough.empty:
        findings.add("judgements_consistent", "note", None, **figures)
        return
    worst = rough.iloc[0]
    a, b = card.criteria[worst["a"]], card.criteria[worst["b"]]
    figures |= {key: worst[key] for key in ("given", "mended", "cr_after", "rater")}
    figures |= {"worst": worst["cr"], "zh": [a.zh, b.zh], "en": [a.en, b.en]}
    findings.add("judgements_rough", "act", "mend_judgement", count=len(rough), **figures)


def _unused_ratings(rating: Rating) -> list[str]:
    """Names in the ratings table that neither a criterion nor a rule of the card asks for."""
    if not rating.book.has("ratings"):
        return []
    card = rating.card
    scored = card.leaves() | card.specials
    names = {name for key, c in scored.items() for name in (key, c.zh, c.en)}
    names |= {c.measure.partition(".")[2] for c in scored.values() if c.measure and "." in c.measure}
    for rule in [*card.gates.values(), *card.safeguards.values()]:
        names |= {rule.zh, rule.en} | {m.partition(".")[2] for m in rule.when}
    asked = {n.strip().casefold() for n in names}
    given = rating.book.table("ratings")["criterion"].dropna().str.strip()
    return sorted({name for name in given if name.casefold() not in asked})
