"""Step 1: who is a key account, by which rule, how firmly, and how far the departments agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import StepResult, figure
from kamplay.method.tiers import migration, positioning, weights
from kamplay.method.tiers.consensus import Consensus, consensus
from kamplay.method.tiers.findings import Told, tier_findings
from kamplay.method.tiers.migration import Earlier
from kamplay.method.tiers.rating import FIRM, KEY, Rating, group_judgement, rate, rated_units, still_open
from kamplay.method.tiers.related_accounts import related_accounts
from kamplay.method.tiers.scoring import raw
from kamplay.method.tiers.tiering_test import tiering_test
from kamplay.presets.scorecard import Criterion, Scorecard

VISIBLE_KIN = 0.001  # a suspected group below a thousandth of revenue changes nothing


@dataclass(frozen=True)
class Tiers(StepResult):
    """``accounts``: every account, with ``group``: the unit it is rated in. The other tables:

    ``rated``: per unit (an account, or a group rated as one; index the id of its head) members, revenue,
    tier_score, tier, level, tier_probability, key_probability (of level S or A), by_weights, by_data, doubt
    (the criterion whose weight decides most whether it keeps its tier), gate, safeguard, override,
    margin_share, growth, overdue, owner, and ``open``: why it is not settled whether it is key. ``criteria``:
    per measured criterion weight, coverage, mean points, and the weights that the data, the departments and
    the judgements would give. ``summary``: per tier accounts and revenue. ``rules``: gates and safeguards
    with how many accounts each holds and moves. ``points``: units × criteria. ``overrides``: every one with
    its state. ``rounds``, ``departments``, ``disputed``: what the ballots say. ``judgements``: consistency by
    rater. ``position``, ``axes``: the map and what it rests on. ``classes``, ``intake``, ``moves``, ``kin``:
    see their modules.
    """

    step: ClassVar[str] = "tiers"
    rated: pd.DataFrame
    criteria: pd.DataFrame
    summary: pd.DataFrame
    rules: pd.DataFrame
    points: pd.DataFrame
    overrides: pd.DataFrame
    rounds: pd.DataFrame
    departments: pd.DataFrame
    disputed: pd.DataFrame
    judgements: pd.DataFrame
    position: pd.DataFrame
    axes: pd.DataFrame
    classes: pd.DataFrame
    intake: pd.DataFrame
    moves: pd.DataFrame
    kin: pd.DataFrame


def define_tiers(book: Book, card: Scorecard, earlier: Earlier | None = None) -> Tiers:
    """Rate every account by the card (groups as one), bound by gates and safeguards, apply unexpired
    overrides, and test how firm it is.

    ``earlier``: step 1 of an earlier run, to tell who moved and why.

    """
    rating = rate(book, card)
    rated, overrides = rated_units(rating)
    accounts = _accounts(book, rating, rated)
    buying = accounts[accounts["revenue"] > 0]
    voices = consensus(rating, rated["revenue"])
    none = pd.DataFrame()
    disputed = voices.disputed if voices else none
    rated["open"] = still_open(rated, disputed)
    judgements = _judgements(card)
    summary = _summary(accounts, card)
    verdict = tiering_test(rated["revenue"], rated["level"].isin(KEY))
    criteria = _criteria(rating, voices)
    position = positioning.positioning(rating.book, card.position)
    axes = (
        positioning.axis_coverage(rating.book, card.position)
        if card.position
        else pd.DataFrame({"axis": [], "coverage": []})
    )
    moves = _moves(book, earlier, accounts, card)
    found_kin = related_accounts(book, rating.heads)
    found_kin = found_kin[found_kin["joint_revenue"] >= VISIBLE_KIN * rated["revenue"].sum()].reset_index(
        drop=True
    )
    told = Told(
        book,
        rating,
        rated,
        accounts,
        verdict,
        criteria,
        rules := _rules(rating, rated),
        overrides,
        voices,
        judgements,
        position,
        axes,
        positioning.intake(rating.book, card.intake),
        moves,
        earlier,
        found_kin,
    )
    figures = {
        "counts": {t: int(n) for t, n in zip(summary["tier"], summary["accounts"], strict=True)},
        "worthwhile": verdict.worthwhile,
        "consensus_w": figure(round(voices.w.w, 4)) if voices and voices.w else None,
        "unstable": int((buying["tier_probability"] < FIRM).sum()),
    }
    return Tiers(
        figures,
        tuple(tier_findings(told)),
        accounts.drop(columns="safeguard"),
        rated,
        criteria,
        summary,
        rules,
        rating.points.round(2),
        overrides,
        voices.rounds if voices else none,
        voices.departments if voices else none,
        disputed,
        judgements,
        position,
        axes,
        positioning.classes(book, accounts["level"].isin(KEY)),
        told.intake,
        moves,
        found_kin,
    )


def _accounts(book: Book, rating: Rating, rated: pd.DataFrame) -> pd.DataFrame:
    """Every account with what its unit was given; revenue is its own."""
    columns = ["tier_score", "tier", "tier_probability", "gate", "safeguard", "override", "level"]
    out = rated.loc[rating.heads.to_numpy(), columns].set_axis(rating.heads.index)
    out.insert(1, "revenue", purchases.revenue(book))
    return out.assign(group=rating.heads)


def _criteria(rating: Rating, voices: Consensus | None) -> pd.DataFrame:
    """One row per measured criterion, with the weights that other sources would give it (missing where they
    cannot say).
    """
    card, bought = rating.card, purchases.revenue(rating.book) > 0
    points = rating.points[bought]
    branch = card.branch_of()
    out = pd.DataFrame(
        [
            (
                key,
                c.zh,
                c.en,
                card.criteria[branch[key]].zh,
                card.criteria[branch[key]].en,
                bool(branch[key] != key),
                c.measure,
                _less(c),
            )
            for key, c in card.leaves().items()
        ],
        columns=["criterion", "zh", "en", "branch_zh", "branch_en", "nested", "measure", "less"],
    )
    values = {key: raw(rating.book, key, c)[bought] for key, c in card.leaves().items()}
    out["weight"] = rating.settled.leaves.to_numpy()
    out["coverage"] = [float(v.notna().mean()) if len(v) else 0.0 for v in values.values()]
    out["mean_points"] = points.mean().to_numpy()
    out["entropy"], out["critic"] = weights.entropy(points).to_numpy(), weights.critic(points).to_numpy()
    proposed = voices.proposal if voices is not None and len(voices.proposal) else None
    out["departments"] = list(card.weights(proposed.to_dict()).values()) if proposed is not None else np.nan
    out["judged"] = (
        list(card.weights(group_judgement(card).weights.to_dict()).values()) if card.judgements else np.nan
    )
    return out


def _less(criterion: Criterion) -> bool:
    """Whether less of the measure gives more points."""
    if criterion.scale:
        return criterion.scale[0] > criterion.scale[1]
    return bool(criterion.bands) and criterion.bands[0].points[0] > criterion.bands[-1].points[1]


def _judgements(card: Scorecard) -> pd.DataFrame:
    """Consistency of each rater's pairwise judgements, and of all together (rater blank): cr, a, b, given,
    mended, cr_after.
    """
    rows = []
    if card.judgements:
        single = {
            rater: weights.ahp(weights.matrix_of(pairs, list(card.criteria)))
            for rater, pairs in card.judgements.items()
        }
        for rater, found in {**single, "": group_judgement(card)}.items():
            w = found.worst
            rows.append(
                (
                    rater,
                    found.cr,
                    *((w.a, w.b, w.given, w.mended, w.cr_after) if w else (None, None, None, None, None)),
                )
            )
    return pd.DataFrame(rows, columns=["rater", "cr", "a", "b", "given", "mended", "cr_after"])


def _summary(accounts: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    buying = accounts[accounts["revenue"] > 0]
    by = buying.groupby("tier")["revenue"].agg(["size", "sum"]).reindex([t.key for t in card.tiers]).fillna(0)
    out = pd.DataFrame(
        [(t.key, t.level, t.zh, t.en, t.start, t.share, t.places, t.field) for t in card.tiers],
        columns=["tier", "level", "zh", "en", "start", "share", "places", "field"],
    )
    out["cut"] = card.cut
    out["accounts"], out["revenue"] = by["size"].astype(int).to_numpy(), by["sum"].to_numpy()
    total = out["revenue"].sum()
    return out.assign(revenue_share=out["revenue"] / total if total else 0.0)


def _rules(rating: Rating, rated: pd.DataFrame) -> pd.DataFrame:
    """Every gate and safeguard: how many buying units it holds for, and how many of these it moves."""
    buying = rated[rated["revenue"] > 0]
    rows = []
    for kind, rules in (("gate", rating.card.gates), ("safeguard", rating.card.safeguards)):
        for key, rule in rules.items():
            holds = (
                rating.rules.holding[key].reindex(buying.index)
                if key in rating.rules.holding
                else buying["kept"] & False
            )
            moves = (
                (buying["gate"] == key) if kind == "gate" else (buying["safeguard"] == key) & buying["kept"]
            )
            cap = getattr(rule, "cap", None) or (
                rating.card.tiers[-1].level if getattr(rule, "exclude", False) else None
            )
            rows.append(
                (
                    kind,
                    key,
                    rule.zh,
                    rule.en,
                    cap,
                    int(holds.sum()),
                    int(moves.sum()),
                    key not in rating.rules.unchecked,
                )
            )
    return pd.DataFrame(rows, columns=["kind", "key", "zh", "en", "cap", "accounts", "moved", "checked"])


def _moves(book: Book, earlier: Earlier | None, accounts: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    if earlier is None:
        return pd.DataFrame(columns=[*migration.COLUMNS, "revenue"])
    other = rate(book, earlier.card)
    as_if = other.tiers().reindex(other.heads.to_numpy()).set_axis(other.heads.index)
    return migration.moved(earlier, accounts, as_if, card).join(accounts["revenue"])
