"""Tier migration: who changed tier since an earlier run, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.results import Findings
from kamplay.method.tiers.rating import rate
from kamplay.presets.scorecard import KEY_LEVELS, LEVELS, Criterion, Scorecard

COLUMNS = ["before", "now", "direction", "why", "score_before", "score_now", "level_before", "level_now"]
REASONS = ("data", "weights", "rule", "gate", "override", "both")
_LABELLED = ("specials", "gates", "safeguards")


@dataclass(frozen=True)
class EarlierTiers:
    """Step 1 of an earlier run of the same client.

    Attributes
    ----------
    as_of : its reporting date.
    card : its scorecard, with the weights that it had settled on.
    accounts : per account (index account_id) tier, level, tier_score, gate, override.
    """

    as_of: date
    card: Scorecard
    accounts: pd.DataFrame


def migration(
    book: Book, earlier: EarlierTiers | None, accounts: pd.DataFrame, card: Scorecard
) -> pd.DataFrame:
    """Compare the tiers of two runs; ``tier_changes`` with the revenue of the 12 months of today. Empty
    without an earlier run.

    Parameters
    ----------
    book : today's data.
    earlier : step 1 of the earlier run.
    accounts : per account tier, level, tier_score, gate, override, revenue of today.
    card : today's scorecard.
    """
    if earlier is None:
        return pd.DataFrame(columns=[*COLUMNS, "revenue"])
    rating = rate(book, earlier.card)
    tiers = rating.tiers().reindex(rating.heads.to_numpy()).set_axis(rating.heads.index)
    return tier_changes(earlier, accounts, tiers, card).join(accounts["revenue"])


def tier_changes(
    earlier: EarlierTiers, now: pd.DataFrame, by_earlier_card: pd.Series, card: Scorecard
) -> pd.DataFrame:
    """List the accounts known to both runs whose tier or level differs.

    Parameters
    ----------
    earlier : step 1 of the earlier run.
    now : per account tier, level, tier_score, gate, override of today.
    by_earlier_card : account_id → tier that today's data give under the earlier card, its gates and
    safeguards
        applied.
    card : today's scorecard.

    Returns
    -------
    One row per account (index account_id), the steepest falls in level first: before, now (tiers), direction
    (up, down or renamed), why, score_before, score_now, level_before, level_now. ``why`` is the first that
    holds: override (set by hand now, or then), gate (one that holds now lowers it, or it rises as one no
    longer holds), data (the earlier card gives today's tier), weights or rule (today's data give the earlier
    tier under the earlier card; only weights differ between the cards, or more), both (neither alone explains
    it).
    """
    ids = earlier.accounts.index.intersection(now.index)
    was, is_ = earlier.accounts.loc[ids], now.loc[ids]
    differs = _differ(was["tier"], is_["tier"]) | _differ(was["level"], is_["level"])
    was, is_, ids = was[differs], is_[differs], ids[differs]
    out = pd.DataFrame({"before": was["tier"], "now": is_["tier"]}, index=ids)
    level_was, level_is = (frame["level"].map(LEVELS.index).astype(int).to_numpy() for frame in (was, is_))
    within = _steps_within(was["tier"], is_["tier"], card)
    down = np.where(level_was != level_is, level_is - level_was, within)
    out["direction"] = np.select([down > 0, down < 0], ["down", "up"], "renamed")
    out["why"] = _why(was, is_, by_earlier_card.reindex(ids), down, earlier.card, card)
    out["score_before"], out["score_now"] = was["tier_score"], is_["tier_score"]
    out["level_before"], out["level_now"] = was["level"], is_["level"]
    out.index.name = "account_id"
    order = pd.DataFrame({"fall": level_was - level_is, "id": ids}).sort_values(["fall", "id"]).index
    return out.iloc[order][COLUMNS]


def with_settled_weights(card: Scorecard, leaves: pd.Series) -> Scorecard:
    """Fix the weights that a run had settled on in its card, where they were not the card's own.

    Weights from ballots or from the data would otherwise be taken anew from today's, and a change of weights
    would pass for one of data.

    Parameters
    ----------
    card : of the run.
    leaves : measured criterion → weight.
    """
    if card.weights_from == "card" and card.recalibrate is None:
        return card
    criteria = {key: _weighed(key, criterion, leaves) for key, criterion in card.criteria.items()}
    return card.model_copy(update={"criteria": criteria, "weights_from": "card", "recalibrate": None})


def _weighed(key: str, criterion: Criterion, leaves: pd.Series) -> Criterion:
    inner = {name: _weighed(name, child, leaves) for name, child in criterion.of.items()}
    # a card's weights are above 0
    own = sum(child.weight for child in inner.values()) if inner else max(float(leaves[key]), 1e-12)
    return criterion.model_copy(update={"of": inner, "weight": own})


def _why(
    was: pd.DataFrame,
    is_: pd.DataFrame,
    by_earlier_card: pd.Series,
    down: np.ndarray,
    before: Scorecard,
    now: Scorecard,
) -> np.ndarray:
    gate_was, gate_is = _texts(was["gate"]), _texts(is_["gate"])
    # A gate that binds no more because the score fell below its cap has not lifted anything; nor does a new
    # one raise an account.
    gate = (gate_was != gate_is) & np.where(gate_was == "", down > 0, np.where(gate_is == "", down < 0, True))
    by_hand = ((_texts(was["override"]) != "") | (_texts(is_["override"]) != "")) & _differ(
        was["tier"], is_["tier"]
    )
    level = by_earlier_card.map({t.key: t.level for t in before.tiers})
    data = ~_differ(by_earlier_card, is_["tier"]) & ~_differ(level, is_["level"])
    card = ~_differ(by_earlier_card, was["tier"])
    return np.select(
        [by_hand, gate, data, card],
        ["override", "gate", "data", "weights" if _only_weights_differ(before, now) else "rule"],
        "both",
    )


def _steps_within(was: pd.Series, is_: pd.Series, card: Scorecard) -> np.ndarray:
    """How many places lower each stands in today's card; 0 where this does not have the earlier tier."""
    place = {t.key: float(n) for n, t in enumerate(card.tiers)}
    return (is_.map(place).astype(float) - was.map(place).astype(float)).fillna(0.0).to_numpy()


def _differ(a: pd.Series, b: pd.Series) -> np.ndarray:
    return a.to_numpy(dtype=object) != b.to_numpy(dtype=object)


def _texts(values: pd.Series) -> np.ndarray:
    """Texts as they are, anything else (None, missing) empty."""
    return np.array([v if isinstance(v, str) else "" for v in values], dtype=object)


def _only_weights_differ(a: Scorecard, b: Scorecard) -> bool:
    """Whether two cards rate the same way but for weights and where these come from."""
    return _rating_part(a) == _rating_part(b) and (a.weights() != b.weights() or _source(a) != _source(b))


def _source(card: Scorecard) -> object:
    return card.weights_from, card.judgements, card.recalibrate


def _rating_part(card: Scorecard) -> object:
    """What decides a tier beside weights: not the words, and not what stands beside the tiers (map,
    intake)."""
    others = {
        "title",
        "source",
        "position",
        "intake",
        "weights_from",
        "judgements",
        "recalibrate",
        "criteria",
    }
    rest = card.model_dump(mode="json", exclude=others)
    return _unworded(rest), {key: _unweighed(c) for key, c in card.criteria.items()}


def _unweighed(criterion: Criterion) -> object:
    own = criterion.model_dump(mode="json", exclude={"weight", "of", "zh", "en"})
    return own, {key: _unweighed(c) for key, c in criterion.of.items()}


def _unworded(rest: dict[str, Any]) -> object:
    """Special items, tiers and rules without their labels."""
    bare = {
        name: {k: {f: v for f, v in part.items() if f not in ("zh", "en")} for k, part in rest[name].items()}
        for name in _LABELLED
    }
    tiers = [{f: v for f, v in tier.items() if f not in ("zh", "en")} for tier in rest["tiers"]]
    return {**rest, **bare, "tiers": tiers}


def add_findings(findings: Findings, earlier: EarlierTiers | None, changes: pd.DataFrame) -> None:
    """Add who became key, who ceased to be, and why tiers changed; ``changes`` of ``migration``."""
    if earlier is None:
        return
    as_of = earlier.as_of.isoformat()
    if changes.empty:
        findings.add("none_moved", "note", None, as_of=as_of)
        return
    was, is_ = (changes[column].isin(KEY_LEVELS) for column in ("level_before", "level_now"))
    figures: dict[str, Any] = {
        "count": len(changes),
        "as_of": as_of,
        "into": int((~was & is_).sum()),
        "out": int((was & ~is_).sum()),
        "up": int((changes["direction"] == "up").sum()),
        "down": int((changes["direction"] == "down").sum()),
    }
    figures |= {f"by_{why}": int((changes["why"] == why).sum()) for why in REASONS}
    falls = changes[changes["direction"] == "down"].sort_values("revenue", ascending=False)
    findings.add("moved", "watch", "explain_moves", falls.index, **figures)
