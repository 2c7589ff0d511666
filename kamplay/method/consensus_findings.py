"""Findings on the definition itself: its criteria and weights, and how far the departments agree on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.consensus import Consensus
from kamplay.method.rating import Rating
from kamplay.method.results import Findings

STRONG = 0.7  # Kendall's W from which agreement is strong enough to act on (Schmidt 1997)
SUBSTANTIAL = 0.6  # Fleiss' kappa from which agreement is called substantial (Landis & Koch 1977)
CONSISTENT = 0.1  # a consistency ratio up to here is accepted (Saaty 1980)


def criteria_findings(found: Findings, rating: Rating, criteria: pd.DataFrame, judgements: pd.DataFrame) -> None:
    """Whether the criteria are known, where the weights come from, and whether pairwise judgements are consistent."""
    missing = criteria[criteria["coverage"] < 0.5]
    if len(missing):
        names = missing["criterion"].tolist()
        found.add(
            "criteria_unknown",
            "watch",
            "fill_criteria",
            criteria=names,
            weight=missing["weight"].sum(),
            zh=missing["zh"].tolist(),
            en=missing["en"].tolist(),
        )
    else:
        found.add("criteria_known", "note")
    unused = _unused_ratings(rating)
    if unused:
        found.add("ratings_unused", "note", None, zh=unused, en=unused)
    settled = rating.settled
    if settled.missing:
        found.add("ballots_missing", "watch", "hold_ballot")
    elif settled.source == "ballots":
        found.add("weights_from_ballots", "note")
    odd = {k: v for k, v in rating.card.sums().items() if not np.isclose(v, 100.0) and not np.isclose(v, 1.0)}
    if odd:
        found.add("weights_normalised", "note", None, sum=next(iter(odd.values())), sets=len(odd))
    if rating.card.recalibrate:
        found.add("weights_recalibrated", "note", None, share=rating.card.recalibrate.share)
    if len(judgements):
        group = judgements.iloc[-1]
        rough = judgements[judgements["cr"] > CONSISTENT]
        figures: dict[str, Any] = {"cr": group["cr"] if group["cr"] == group["cr"] else 0.0, "raters": len(judgements) - 1}
        if len(rough):
            worst = rough.sort_values("cr", ascending=False).iloc[0]
            a, b = rating.card.criteria[worst["a"]], rating.card.criteria[worst["b"]]
            pair = {key: worst[key] for key in ("given", "mended", "cr_after", "rater")} | {"worst": worst["cr"]}
            words = {"zh": [a.zh, b.zh], "en": [a.en, b.en]}
            found.add("judgements_rough", "act", "mend_judgement", count=len(rough), **figures, **pair, **words)
        else:
            found.add("judgements_consistent", "note", None, **figures)


def _unused_ratings(rating: Rating) -> list[str]:
    """Names in the ratings table that neither a criterion nor a rule of the card asks for."""
    if not rating.book.has("ratings"):
        return []
    card = rating.card
    names = {n for key, c in [*card.leaves().items(), *card.specials.items()] for n in (key, c.zh, c.en)}
    for rule in [*card.gates.values(), *card.safeguards.values()]:
        names |= {rule.zh, rule.en} | {m.partition(".")[2] for m in rule.when}
    scored = [*card.leaves().values(), *card.specials.values()]
    names |= {c.measure.partition(".")[2] for c in scored if c.measure and "." in c.measure}
    asked = {n.strip().casefold() for n in names}
    given = rating.book.table("ratings")["criterion"].dropna().str.strip()
    return sorted({name for name in given if name.casefold() not in asked})


def agreement_findings(found: Findings, rating: Rating, v: Consensus | None, accounts: int, size: Callable[[Iterable[str]], int]) -> None:
    """How far the departments agree, where they differ, and which accounts hang on it. ``accounts`` that bought; ``size`` of some units."""
    if v is None or (v.w is None and v.kappa is None):
        found.add("agreement_unmeasured", "watch", "hold_ballot")
        if v is None:
            return
    if v.w is not None:
        strong = v.w.w >= STRONG
        found.add(
            "agreement", "note" if strong else "act", None if strong else "settle_weights", w=v.w.w, raters=v.w.raters, p_value=v.w.p_value
        )
    if len(v.rounds) > 1 and v.rounds["w"].notna().sum() > 1:
        told = v.rounds[v.rounds["w"].notna()]
        first, last = told.iloc[0], told.iloc[-1]
        figures = {"w_before": first["w"], "w_now": last["w"], "kappa_before": first["kappa"], "kappa_now": last["kappa"]}
        if abs(last["w"] - first["w"]) > 0.005:
            rose = last["w"] > first["w"]
            found.add("agreement_rose" if rose else "agreement_fell", "note" if rose else "watch", None, **figures)
    if v.kappa is not None:
        named = v.kappa_named.kappa if v.kappa_named else None
        firm = v.kappa.kappa >= SUBSTANTIAL and (named is None or named >= SUBSTANTIAL)
        figures = {"kappa": v.kappa.kappa, "low": v.kappa.low, "high": v.kappa.high, "raters": v.kappa.raters, "named": named}
        found.add("who_is_key", "note" if firm else "watch", None if firm else "settle_names", **figures)
    if v.furthest is not None:
        f = v.furthest
        words = rating.card.criteria[f.criterion]
        found.add("furthest", "watch", "talk_pair", more=f.department_a, less=f.department_b, gap=f.gap, zh=words.zh, en=words.en)
    if len(v.proposal) and rating.settled.source != "ballots":
        total = sum(c.weight for c in rating.card.criteria.values())
        own = pd.Series({key: c.weight / total for key, c in rating.card.criteria.items()})
        top = str((v.proposal.reindex(own.index) - own).abs().idxmax())
        figures = {"count": size(v.changes), "accounts": accounts, "ours": own[top], "theirs": v.proposal[top]}
        words = rating.card.criteria[top]
        found.add("proposal", "watch", "adopt_mean", v.changes, **figures, zh=words.zh, en=words.en)
    if len(v.unusable):
        found.add("ballots_unusable", "watch", "mend_ballots", count=len(v.unusable), raters=v.unusable["rater"].nunique())
