"""Step 1: who is a key account, by which rule, how firmly, and how far the departments agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import concentration, measures
from kamplay.method.agreement import kendall_w, weight_ranks
from kamplay.method.results import Findings, StepResult, figure
from kamplay.method.scorecard import measured, point_table, score, tier_index
from kamplay.presets import LEVELS, Scorecard

SEED = 20260630
DRAWS = 2000
WEIGHT_SPREAD = 60.0  # Dirichlet concentration: a 50 % weight moves by about ±6.4 points, what two reasonable people differ by
VISIBLE = 0.05  # below this share of sales the largest account is not a visible one (the distributor's rule for when not to tier)
UNEQUAL = 0.4  # Gini from which accounts differ enough for tiers to mean something
STRONG = 0.7  # Kendall's W from which agreement is strong enough to act on (Schmidt 1997)
FIRM = 0.7  # below this probability of its tier an account is borderline


@dataclass(frozen=True)
class Tiers(StepResult):
    """``criteria``: one row per criterion with weight and coverage. ``summary``: one row per tier with accounts and revenue."""

    step: ClassVar[str] = "tiers"
    criteria: pd.DataFrame
    summary: pd.DataFrame
    points: pd.DataFrame


def define_tiers(book: Book, card: Scorecard) -> Tiers:
    """Score every account that ever bought or is known, cap by gates, apply unexpired overrides, and test how firm each tier is."""
    points = point_table(book, card)
    weights = np.array([c.weight for c in card.criteria.values()], dtype=float)
    weights /= weights.sum()
    scores = score(points, weights)
    revenue = measures.revenue(book)
    accounts = pd.DataFrame({"tier_score": np.floor(np.round(scores, 6) * 100) / 100, "revenue": revenue}, index=points.index)
    gates = gated(book, card)
    allowed = gates.map(lambda gate: _first_tier_at(card, getattr(card.gates, gate).cap) if isinstance(gate, str) else 0).to_numpy(
        dtype=int
    )
    unbound = tier_index(scores, card)
    gates = gates.where(unbound < allowed, None)  # a gate counts where it changes something
    position = np.maximum(unbound, allowed)
    probability = _probability(points, weights, card, allowed, position)
    keys = np.array([t.key for t in card.tiers], dtype=object)
    accounts["tier"] = keys[position]
    accounts["tier_probability"] = np.round(probability, 3)
    accounts["gate"] = gates
    accounts, set_aside = _override(accounts, book, card)
    accounts["level"] = accounts["tier"].map({t.key: t.level for t in card.tiers})
    criteria = _criteria(book, card, points, weights)
    summary = _summary(accounts, card)
    figures, found = _figures(book, accounts, criteria, summary, set_aside)
    return Tiers(figures, tuple(found), accounts, criteria, summary, points.round(2))


def gated(book: Book, card: Scorecard) -> pd.Series:
    """The gate that holds each account back, or None. One-off: a single day of buying, long ago. Skinner: volume without margin."""
    out = pd.Series(None, index=book.accounts.index, dtype=object)
    revenue = measures.revenue(book)
    skinner, one_off = card.gates.skinner, card.gates.one_off
    if skinner and skinner.margin_below is not None:
        share = measures.margin(book) / revenue.where(revenue > 0)
        out[share < skinner.margin_below] = "skinner"
    if one_off and one_off.silent_days is not None:
        rhythm = measures.rhythm(book.days, pd.Timestamp(book.as_of)).reindex(out.index)
        out[(rhythm["buys"] == 1) & (rhythm["silent"] > one_off.silent_days)] = "one_off"
    return out


def _first_tier_at(card: Scorecard, level: str) -> int:
    """The highest tier whose level is not above ``level``."""
    return next((i for i, t in enumerate(card.tiers) if LEVELS.index(t.level) >= LEVELS.index(level)), len(card.tiers) - 1)


def _probability(points: pd.DataFrame, weights: np.ndarray, card: Scorecard, allowed: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Share of weight draws (Dirichlet around the settled weights) in which each account keeps its tier."""
    draws = np.random.default_rng(SEED).dirichlet(weights * WEIGHT_SPREAD, DRAWS).T
    kept = np.zeros(len(points))
    for start in range(0, DRAWS, 250):  # in blocks, so that 100,000 accounts fit in memory
        block = tier_index(score(points, draws[:, start : start + 250]), card)
        kept += (np.maximum(block, allowed[:, None]) == position[:, None]).sum(axis=1)
    return kept / DRAWS


def _override(accounts: pd.DataFrame, book: Book, card: Scorecard) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Tiers set by hand, applied until they expire; those expired, and those whose tier this card does not have, by account."""
    accounts["override"] = pd.Series(None, index=accounts.index, dtype=object)
    if not book.has("overrides"):
        return accounts, {"expired": [], "unusable": []}
    rows = book.table("overrides")
    known = rows["account_id"].isin(accounts.index) & rows["tier"].isin([t.key for t in card.tiers])
    unusable = rows.loc[~known, "account_id"].tolist()
    rows = rows[known]
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    live = rows[~(ends < pd.Timestamp(book.as_of))].set_index("account_id")
    accounts.loc[live.index, "tier"] = live["tier"]
    accounts.loc[live.index, "override"] = live["reason"]
    accounts.loc[live.index, "tier_probability"] = np.nan  # set by hand: no weight decides it
    return accounts, {"expired": rows.loc[ends < pd.Timestamp(book.as_of), "account_id"].tolist(), "unusable": unusable}


def _criteria(book: Book, card: Scorecard, points: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    bought = measures.revenue(book) > 0
    rows = []
    for (name, criterion), weight in zip(card.criteria.items(), weights, strict=True):
        known = points.loc[bought, name].notna()
        raw = measured(book, name, criterion)[bought]
        rows.append(
            (name, criterion.zh, criterion.en, weight, known.mean() if len(known) else 0.0, points.loc[bought, name].mean(), raw.median())
        )
    return pd.DataFrame(rows, columns=["criterion", "zh", "en", "weight", "coverage", "mean_points", "median"])


def _summary(accounts: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    buying = accounts[accounts["revenue"] > 0]
    by = buying.groupby("tier")["revenue"].agg(["size", "sum"]).reindex([t.key for t in card.tiers]).fillna(0)
    out = pd.DataFrame(
        {
            "tier": by.index,
            "level": [t.level for t in card.tiers],
            "zh": [t.zh for t in card.tiers],
            "en": [t.en for t in card.tiers],
            "start": [t.start for t in card.tiers],
            "accounts": by["size"].astype(int).to_numpy(),
            "revenue": by["sum"].to_numpy(),
        }
    )
    total = out["revenue"].sum()
    out["revenue_share"] = out["revenue"] / total if total else 0.0
    return out


def _figures(
    book: Book, accounts: pd.DataFrame, criteria: pd.DataFrame, summary: pd.DataFrame, set_aside: dict[str, list[str]]
) -> tuple[dict, Findings]:
    found = Findings("tiers")
    buying = accounts[accounts["revenue"] > 0].sort_values("revenue", ascending=False)
    revenue, total = buying["revenue"], buying["revenue"].sum()
    top1, gini = concentration.first_share(revenue, 1) or 0.0, concentration.gini(revenue) or 0.0
    worthwhile = bool(top1 >= VISIBLE or gini >= UNEQUAL)
    if worthwhile:
        found.add(
            "worth_tiering" if top1 >= VISIBLE else "worth_tiering_spread",
            "note",
            "tier",
            revenue.index[:1],
            top1_share=top1,
            gini=gini,
            accounts=len(buying),
        )
    else:
        found.add("not_worth_tiering", "act", "do_not_tier", revenue.index[:1], top1_share=top1, gini=gini, accounts=len(buying))
    key = buying[buying["level"].isin(["S", "A"])]
    found.add(
        "key_accounts",
        "note",
        "confirm_key",
        key.index,
        key=len(key),
        accounts=len(buying),
        share=key["revenue"].sum() / total if total else None,
    )
    doubt = buying[buying["tier_probability"] < FIRM]
    upper = doubt[doubt["level"].isin(["S", "A"])]
    if len(doubt):
        found.add(
            "borderline", "watch", "settle_borderline", upper.index, unstable=len(doubt), accounts=len(buying), upper=len(upper), firm=FIRM
        )
    else:
        found.add("all_firm", "note", accounts=len(buying))
    _gates(book, buying, found)
    missing = criteria[criteria["coverage"] < 0.5]
    if len(missing):
        words = {"zh": "、".join(missing["zh"]), "en": ", ".join(missing["en"])}
        found.add(
            "criteria_unknown", "watch", "fill_criteria", criteria=missing["criterion"].tolist(), weight=missing["weight"].sum(), **words
        )
    else:
        found.add("criteria_known", "note")
    ranks = weight_ranks(book)
    agreement = kendall_w(ranks) if ranks is not None else None
    if agreement is None:
        found.add("agreement_unmeasured", "watch", "hold_ballot")
    else:
        strong = agreement.w >= STRONG
        found.add(
            "agreement",
            "note" if strong else "act",
            None if strong else "settle_weights",
            w=agreement.w,
            raters=agreement.raters,
            p_value=agreement.p_value,
        )
    for why, held in set_aside.items():
        if held:
            found.add(f"overrides_{why}", "watch", "renew_overrides", held, count=len(held))
    figures = {
        "counts": {t: int(n) for t, n in zip(summary["tier"], summary["accounts"], strict=True)},
        "worthwhile": worthwhile,
        "consensus_w": figure(round(agreement.w, 4)) if agreement else None,
        "unstable": len(doubt),
    }
    return figures, found


def _gates(book: Book, buying: pd.DataFrame, found: Findings) -> None:
    for gate in ("skinner", "one_off"):
        held = buying[buying["gate"] == gate]
        if len(held):
            share = held["revenue"].sum() / buying["revenue"].sum()
            found.add(
                f"gate_{gate}",
                "act" if gate == "skinner" else "watch",
                f"review_{gate}",
                held.index,
                count=len(held),
                revenue=held["revenue"].sum(),
                share=share,
            )
    if buying["gate"].isna().all():
        found.add("gates_none" if book.has("transactions", "cost") else "gates_margin_unknown", "note")
