"""Findings in words: for every kind a headline that states the figures, and for every action what to do.

English is the text in the code; Chinese is in the catalogue. ``{x:pct}`` and the like are the formats of
``Locale.say``; ``{first}``, ``{names}`` are the finding's accounts by name. One module a step; ``TOPICS``: what a
step's page talks about, and which findings answer it, in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamplay.method.results import MOST, Finding
from kamplay.show.asset_words import BASIS as ASSET_BASIS
from kamplay.show.asset_words import PARTS as ASSET_PARTS
from kamplay.show.labels import CAUSES, SERVING, department
from kamplay.show.locale import N_, Locale
from kamplay.show.sentences import (
    data,
    health,
    health_cash_loop,
    health_proof,
    health_relationship,
    health_score,
    health_survival,
    health_warning,
    plan,
    tiers,
    value,
    value_asset_map,
    value_exposure,
    value_flows,
    value_future,
    value_outlook,
    value_pipeline,
    value_profit,
    value_room,
    value_spread,
    value_standing,
)

_STEPS = (
    data,
    tiers,
    value,
    value_spread,
    value_asset_map,
    value_exposure,
    value_flows,
    value_profit,
    value_standing,
    value_future,
    value_outlook,
    value_room,
    value_pipeline,
    health,
    health_warning,
    health_survival,
    health_score,
    health_relationship,
    health_proof,
    health_cash_loop,
    plan,
)
HEADLINES: dict[str, str] = {kind: said for step in _STEPS for kind, said in step.HEADLINES.items()}
ACTIONS: dict[str, str] = {name: said for step in _STEPS for name, said in step.ACTIONS.items()}
TOPICS: dict[str, tuple[str, ...]] = {topic: kinds for step in _STEPS for topic, kinds in step.TOPICS.items()}


def headline(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding's sentence, as plain text. ``names``: account id → name to show."""
    return locale.say(HEADLINES[finding.kind], **told(finding, locale, names))


def action(finding: Finding, locale: Locale, names: Mapping[str, str] | None = None) -> str | None:
    """What to do about it, or None when nothing needs doing; filled in as the headline is."""
    return locale.say(ACTIONS[finding.action], **told(finding, locale, names or {})) if finding.action else None


def told(finding: Finding, locale: Locale, names: Mapping[str, str]) -> dict[str, object]:
    """All that a sentence on the finding can name: its figures, its accounts, and words that follow from several figures."""
    return _told(finding, locale, names) | _derived(finding, locale)


def _told(finding: Finding, locale: Locale, names: Mapping[str, str]) -> dict[str, object]:
    """The finding's figures, and its accounts by name."""
    shown = [names.get(a, a) for a in finding.accounts]
    counted = finding.figures.get("count")
    total = counted if len(shown) == MOST and isinstance(counted, int) else len(shown)  # a finding names the first MOST
    first, second = [*shown, "", ""][:2]
    return {
        **finding.figures,
        "names": locale.words(shown, total=total),
        "first": first,
        "second": second,
        "three": locale.words(shown[:3]),
    }


def _counted(kinds: Mapping[str, str], figures: Mapping[str, Any], locale: Locale) -> str:
    """How many of each kind there are, the kinds of which there is none left out."""
    told = [locale.say(said, **{**figures, "count": figures[name]}) for name, said in kinds.items() if figures.get(name)]
    return locale.words(told, most=len(told))


def _derived(finding: Finding, locale: Locale) -> dict[str, object]:
    """Words that depend on several figures, or that the card or the client gave in both languages."""
    figures = finding.figures
    own = figures.get(locale.language)
    out: dict[str, object] = {}
    if own is not None:
        out["what"] = locale.words(own, most=len(own)) if isinstance(own, list) else own
    match finding.kind:
        case "difference_explained":
            out["cause_words"] = locale.say(CAUSES[figures["cause"]], detail=figures["detail"])
        case "over_capacity":
            full = locale.text(N_(", ")).join(figures["full"])
            partial = {"share": figures["partial_share"], "level": figures["partial"], "full": full}
            message = (
                N_("enough for level {full} and {share:pct} of level {level}") if full else N_("enough for {share:pct} of level {level}")
            )
            out["coverage"] = locale.say(message, **partial)
        case "future_expected" | "future_expected_corrected" | "future_checked" | "future_checked_total":
            out |= value_future.tested(figures, finding.kind.startswith("future_expected"), locale)
        case "furthest":
            out |= {side: department(figures[side], locale) for side in ("more", "less")}
            out["points"] = figures["gap"] * 100
        case "agreement_rose" | "agreement_fell":
            known = figures["kappa_before"] is not None and figures["kappa_now"] is not None
            said = N_(" and on the names from {before:n2} to {now:n2}")
            out["names_change"] = locale.say(said, before=figures["kappa_before"], now=figures["kappa_now"]) if known else ""
        case "agreement":
            out["degree"] = locale.text(
                N_("strongly") if figures["w"] >= 0.7 else N_("moderately") if figures["w"] >= 0.5 else N_("little")
            )
        case "loop_open" | "loop_open_unpriced":
            out["parts"] = _counted(health_cash_loop.LOOPS, figures, locale)
        case "warn_all":
            out["calls"] = _counted(health_warning.CALLS, figures, locale)
        case "rel_single_thread":
            out["threads"] = _counted(health_relationship.THREADS, figures, locale)
        case "to_settle":
            whys = [locale.say(said, count=figures[f"by_{why}"]) for why, said in OPEN.items() if figures[f"by_{why}"]]
            out["whys"] = locale.words(whys, most=len(whys))
        case "who_is_key":
            lower = figures["kappa"] if figures["named"] is None else min(figures["kappa"], figures["named"])
            out["overlap"] = locale.text(
                N_("largely overlap") if lower >= 0.6 else N_("overlap in part") if lower >= 0.2 else N_("hardly overlap")
            )
        case "judgements_rough":
            out["who"] = figures["rater"] or locale.text(N_("all raters together"))
            out["pair"] = locale.say(N_("{a} over {b}"), a=own[0], b=own[1]) if own else ""
            out |= {"given_ratio": _ratio(figures["given"], locale), "mended_ratio": _ratio(figures["mended"], locale)}
        case "asset_grow_one":
            out["basis"] = locale.text(ASSET_BASIS[figures["potential_on"]])
        case "asset_risk_partial":
            out["what"] = locale.words([locale.text(ASSET_PARTS[part]) for part in figures["parts"]], most=len(figures["parts"]))
        case "serve_costs_partial":
            out["what"] = locale.words([locale.text(SERVING[kind]) for kind in figures["kinds"]], most=len(figures["kinds"]))
        case "moved":
            whys = [locale.say(said, count=figures[f"by_{why}"]) for why, said in WHYS.items() if figures[f"by_{why}"]]
            out["whys"] = locale.words(whys, most=len(whys))
    return out


OPEN = {
    "departments": N_("the departments' weights differ on {count:n}"),
    "weights": N_("the weights leave {count:n} open"),
    "data": N_("a slightly different year would move {count:n}"),
    "votes": N_("most departments name {count:n} that the card does not make key"),
}
WHYS = {
    "data": N_("their figures {count:n}"),
    "weights": N_("weights {count:n}"),
    "rule": N_("rules {count:n}"),
    "gate": N_("exclusion rules {count:n}"),
    "override": N_("decisions by hand {count:n}"),
    "both": N_("figures and definition together {count:n}"),
}


def _ratio(value: float, locale: Locale) -> str:
    """A pairwise judgement as people say it: 3, or 1/3."""
    return locale.count(round(value, 1)) if value >= 1 else f"1/{locale.count(round(1 / value, 1))}"
