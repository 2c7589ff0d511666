"""Who changed tier since an earlier run, and why: the data, the weights, another part of the rule, a gate, a decision by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from kamplay.presets.scorecard import Scorecard
from kamplay.presets.words import LEVELS

COLUMNS = ["before", "now", "direction", "why", "score_before", "score_now", "level_before", "level_now"]


@dataclass(frozen=True)
class Earlier:
    """Step 1 of an earlier run of the same client: its date, its card, and per account tier, level, tier_score, gate and override."""

    as_of: date
    card: Scorecard
    accounts: pd.DataFrame


def moved(earlier: Earlier, now: pd.DataFrame, as_if: pd.Series, card: Scorecard) -> pd.DataFrame:
    """The accounts known to both runs whose tier differs (index account_id), with COLUMNS; the steepest falls in level first.

    ``now``: tier, level, tier_score, gate, override per account. ``as_if``: the tier that today's data give under the earlier card, its
    gates and safeguards applied. ``why`` is the first that holds: override (set or lifted by hand), gate (one holds now that did not,
    or the other way round), data (the earlier card gives today's tier), weights or rule (today's data give the earlier tier under the
    earlier card; only weights differ between the cards, or more), both (neither alone explains it).
    """
    before = earlier.accounts
    both = before.index.intersection(now.index)
    was, is_ = before.loc[both], now.loc[both]
    changed = was["tier"] != is_["tier"]
    ids = both[changed.to_numpy()]
    cause = "weights" if _only_weights_differ(earlier.card, card) else "rule"
    rows = []
    for account in ids:
        a, b = was.loc[account], is_.loc[account]
        rows.append(
            (
                a["tier"],
                b["tier"],
                _direction(a, b, earlier.card, card),
                _why(a, b, as_if.get(account), cause),
                a["tier_score"],
                b["tier_score"],
                a["level"],
                b["level"],
            )
        )
    out = pd.DataFrame(rows, index=pd.Index(ids, name="account_id"), columns=COLUMNS)
    fall = (
        out["level_now"].map(LEVELS.index).astype(int) - out["level_before"].map(LEVELS.index).astype(int)
        if len(out)
        else pd.Series(dtype=int)
    )
    return out.assign(_fall=fall, _id=out.index).sort_values(["_fall", "_id"], ascending=[False, True]).drop(columns=["_fall", "_id"])


def _why(was: pd.Series, is_: pd.Series, as_if: object, cause: str) -> str:
    if _text(was["override"]) != _text(is_["override"]):
        return "override"
    if _text(was["gate"]) != _text(is_["gate"]):
        return "gate"
    if as_if == is_["tier"]:
        return "data"
    return cause if as_if == was["tier"] else "both"


def _direction(was: pd.Series, is_: pd.Series, before: Scorecard, now: Scorecard) -> str:
    """By level; within a level by the place in the card, where both cards have both tiers."""
    levels = LEVELS.index(is_["level"]) - LEVELS.index(was["level"])
    if levels == 0:
        keys = [t.key for t in now.tiers]
        if was["tier"] in keys and was["tier"] in [t.key for t in before.tiers]:
            levels = keys.index(is_["tier"]) - keys.index(was["tier"])
    return "down" if levels > 0 else "up" if levels < 0 else "renamed"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _only_weights_differ(a: Scorecard, b: Scorecard) -> bool:
    """Whether the cards say the same but for weights and where these come from."""
    return _without_weights(a) == _without_weights(b) and (a.weights() != b.weights() or _source(a) != _source(b))


def _source(card: Scorecard) -> object:
    return card.weights_from, card.judgements, card.recalibrate


def _without_weights(card: Scorecard) -> object:
    raw = card.model_dump(mode="json", exclude={"weights_from", "judgements", "recalibrate", "title", "source"})
    return _stripped(raw)


def _stripped(value: object) -> object:
    if isinstance(value, dict):
        return {k: _stripped(v) for k, v in value.items() if k != "weight"}
    return [_stripped(v) for v in value] if isinstance(value, list) else value
