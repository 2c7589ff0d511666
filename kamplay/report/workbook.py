"""The sheets of step 3 in results.xlsx: whom to see, warnings and their record, the score in detail, the
proof, people, loops, survival.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.codebook import codebook
from kamplay.method.health.early_warning import evidence, variant
from kamplay.method.health.last_score import COLUMNS as LAST_SCORE_COLUMNS
from kamplay.method.health.step import Health
from kamplay.method.measures.registry import MEASURES
from kamplay.method.results import Finding
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value
from kamplay.show.findings import action, headline
from kamplay.show.health.input_drift import DRIFT_STATES, FEATURE_LABELS
from kamplay.show.health.last_score import GROUP_LABELS
from kamplay.show.health.stakeholders import LAYER_WORDS, SIDE_WORDS, STEPS, THREADS
from kamplay.show.health.validation import method_label
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.value import portfolio_map
from kamplay.show.value.pipeline import group_label
from kamplay.show.value.retention import MOVES
from kamplay.show.view import View
from kamplay.show.vocabulary import (
    ACTIONS,
    BANDS,
    DRIVERS,
    FIELDS,
    GATES,
    SIGN_ACTIONS,
    SIGN_EVIDENCE,
    SIGN_NAMES,
    TYPES,
    WHY,
    department,
    drivers_label,
    level_label,
    measure_text,
)

MOST_PARTS = 20_000  # rows of the score in detail; the largest accounts are kept
LEAST = 0.5  # points below which a part of the score is no reason
SEVERITY = {"act": N_("act"), "watch": N_("watch")}
WHO_ACTS = {"delivery": N_("delivery"), "finance": N_("finance")}
ALARMS = {
    "gone": N_("key person gone"),
    "unsupported": N_("no supporter where decisions are made"),
    "opposed": N_("opponent where decisions are made"),
    "thread": N_("single thread"),
    "layer": N_("layer without anyone"),
    "unseen": N_("not visited"),
}
TERMS = {
    "lateness": N_("twice as late against its rhythm"),
    "buys": N_("twice as many buying days a year"),
    "revenue": N_("twice the revenue"),
    "tenure": N_("a year longer with us"),
}
# column → (label, kind, width), as in kamplay.report.workbook; names that mean something else there are not
# used again
HEALTH_LABELS: dict[str, tuple[str, Any, int]] = {
    "who": (N_("Level, then owner"), "text", 16),
    "accounts": (N_("Number of accounts"), "n", 10),
    "risk_low": (N_("80% interval from"), "money", 14),
    "risk_high": (N_("80% interval to"), "money", 14),
    "stopping": (N_("Expected to stop"), "n1", 11),
    "heaviest": (N_("Weighs most"), "text", 28),
    "level_now": (N_("Level"), "text", 8),
    "sign": (N_("Sign"), SIGN_NAMES, 16),
    "since": (N_("Since"), "date", 12),
    "driver": (N_("What costs most points"), DRIVERS, 24),
    "severity": (N_("Urgency"), SEVERITY, 9),
    "said": (N_("Warning"), "text", 52),
    "todo": (N_("What to do"), "text", 44),
    "raised": (N_("Times raised"), "n", 10),
    "right": (N_("Then stopped"), "pct1", 11),
    "base": (N_("Picked blindly"), "pct1", 11),
    "wolf": (N_("False alarms"), "pct1", 10),
    "lead": (N_("Days before the last purchase (below 0: after)"), "n", 12),
    "raw": (N_("Before red flags and decisions"), "n1", 13),
    "flag": (N_("Red flag that held it down"), "text", 36),
    "flags_all": (N_("Red flags that hold"), "text", 36),
    "by_hand": (N_("Changed by hand, points"), "n1", 11),
    "override_reason": (N_("Score set by hand because"), "text", 28),
    "dimension": (N_("Dimension"), "text", 16),
    "figure": (N_("Figure"), "text", 44),
    "points": (N_("Points of 100"), "n1", 10),
    "lost": (N_("Points it costs"), "n1", 9),
    "weight": (N_("Weight in the score"), "pct1", 10),
    "age_days": (N_("Age of the figure, days"), "n", 11),
    "band_before": (N_("Band then"), BANDS, 10),
    "band_now": (N_("Band now"), BANDS, 10),
    "points_change": (N_("Change"), "n1", 9),
    "customer": (N_("Customer"), "n1", 10),
    "older": (N_("Older data"), "n1", 10),
    "definition": (N_("Definition"), "n1", 10),
    "method": (N_("Order by"), "text", 30),
    "auc": (N_("Ranks right (AUC)"), "pct1", 11),
    "auc_low": (N_("95% interval from"), "pct1", 12),
    "auc_high": (N_("95% interval to"), "pct1", 12),
    "brier": (N_("Brier score"), "n3", 10),
    "skill": (N_("Error saved (Brier skill)"), "pct1", 11),
    "k": (N_("Accounts called"), "n", 10),
    "met": (N_("Of them stopped"), "n1", 10),
    "precision": (N_("Hit rate"), "pct1", 9),
    "recall": (N_("Share of all that stopped"), "pct1", 12),
    "revenue_lost_share": (N_("Share of the revenue lost"), "pct1", 12),
    "by_loss_share": (N_("The same by expected loss"), "pct1", 12),
    "predicted": (N_("Predicted to stop"), "pct1", 11),
    "seen": (N_("Actually stopped"), "pct1", 11),
    "input": (N_("Input"), "text", 36),
    "state": (N_("Moved since"), DRIFT_STATES, 22),
    "median_then": (N_("Median then"), "n2", 10),
    "median_now": (N_("Median now"), "n2", 10),
    "psi": (N_("Stability index"), "n2", 10),
    "noise": (N_("By chance up to"), "n2", 10),
    "stopped_since": (N_("Nothing bought since"), "n", 11),
    "judged_then": (N_("Judged then as"), GROUP_LABELS, 20),
    "fell_since": (N_("Nothing or less than half"), "n", 12),
    "stopped_share": (N_("Share"), "pct1", 9),
    "contacts": (N_("Contacts known"), "n", 10),
    "layers": (N_("Layers known, of 4"), "n", 10),
    "layers_missing": (N_("Layers without anyone"), "text", 22),
    "supporters": (N_("Supporters"), "n", 10),
    "opponents": (N_("Opponents"), "n", 10),
    "stance_mean": (N_("Stance, -2 to 2"), "n1", 9),
    "thread": (N_("Single thread"), THREADS, 18),
    "thread_person": (N_("With whom"), "text", 24),
    "left_person": (N_("Left, nobody in the place"), "text", 24),
    "unseen_days": (N_("Last visit, days ago"), "n", 10),
    "confirmed_share": (N_("Contacts confirmed"), "pct", 10),
    "alarms_said": (N_("Alarms"), "text", 44),
    "step": (N_("What to do first"), "text", 40),
    "door": (N_("Through"), "text", 24),
    "person": (N_("Name"), "text", 14),
    "title": (N_("Title"), "text", 20),
    "layer": (N_("Layer"), "text", 14),
    "role": (N_("Buying role"), "text", 12),
    "stance": (N_("Stance, -2 to 2"), "n", 8),
    "side": (N_("Side"), SIDE_WORDS, 14),
    "influence": (N_("Influence, 1 to 5"), "n", 9),
    "need": (N_("Personal need"), "text", 12),
    "style": (N_("Thinking style"), "text", 12),
    "superior": (N_("Reports to"), "text", 22),
    "present": (N_("Still there"), "text", 10),
    "confirmed": (N_("Last confirmed"), "date", 12),
    "last": (N_("Last visit"), "date", 12),
    "on_time": (N_("On time"), "pct", 9),
    "in_full": (N_("In full"), "pct", 9),
    "to_deliver": (N_("Days to deliver"), "n1", 9),
    "to_collect": (N_("Days to collect"), "n1", 9),
    "late_orders": (N_("Orders late"), "n", 9),
    "late_amount": (N_("Amount late"), "money", 13),
    "short_orders": (N_("Orders short"), "n", 9),
    "short_amount": (N_("Amount short"), "money", 13),
    "bills": (N_("Bills overdue"), "n", 9),
    "stuck": (N_("Amount stuck"), "money", 14),
    "oldest_loop": (N_("Oldest, days"), "n", 9),
    "acts": (N_("Who acts first"), WHO_ACTS, 12),
    "term": (N_("What goes with stopping"), TERMS, 34),
    "ratio": (N_("Stops so many times as often"), "n2", 13),
    "ratio_low": (N_("95% interval from"), "n2", 12),
    "ratio_high": (N_("95% interval to"), "n2", 12),
    "p_value": (N_("p value"), "n3", 9),
}
WHO = ["account_id", "account_name"]
HEALTH_LISTS: dict[str, tuple[str, list[str]]] = {
    "watch_list": (
        N_("Watch list"),
        [
            *WHO,
            "owner",
            "level_now",
            "revenue",
            "sign",
            "since",
            "severity",
            "driver",
            "churn_probability",
            "churn_low",
            "churn_high",
            "revenue_at_risk",
            "health",
            "health_band",
        ],
    ),
    "warnings": (N_("Warnings"), [*WHO, "sign", "severity", "since", "said", "revenue", "todo"]),
    "warning_record": (
        N_("Record of warnings"),
        ["sign", "raised", "right", "base", "wolf", "rate_low", "rate_high", "lead"],
    ),
    "scores": (
        N_("Health score"),
        [
            *WHO,
            "health",
            "health_band",
            "coverage",
            "raw",
            "flag",
            "flags_all",
            "by_hand",
            "override_reason",
            "revenue",
        ],
    ),
    "score_parts": (
        N_("What costs points"),
        [*WHO, "dimension", "figure", "points", "weight", "lost", "age_days"],
    ),
    "score_moves": (
        N_("Changes of score"),
        [
            *WHO,
            "score_before",
            "score_now",
            "band_before",
            "band_now",
            "points_change",
            "customer",
            "older",
            "by_hand",
            "definition",
            "driver",
        ],
    ),
    "risk": (
        N_("Revenue at risk"),
        ["who", "accounts", "revenue", "revenue_at_risk", "risk_low", "risk_high", "stopping", "heaviest"],
    ),
    "method_comparison": (
        N_("Proof against simpler orders"),
        ["method", "accounts", "auc", "auc_low", "auc_high", "brier", "skill"],
    ),
    "calls_by_workload": (
        N_("Proof in calls"),
        ["k", "met", "precision", "recall", "revenue_lost_share", "by_loss_share"],
    ),
    "calibration": (N_("Predicted and seen"), ["accounts", "predicted", "seen", "rate_low", "rate_high"]),
    "input_drift": (N_("Inputs since then"), ["input", "state", "median_then", "median_now", "psi", "noise"]),
    "last_score_outcome": (
        N_("Score of the run before"),
        [
            "judged_then",
            "accounts",
            "stopped_since",
            "stopped_share",
            "fell_since",
            "rate_low",
            "rate_high",
            "predicted",
        ],
    ),
    "relations": (
        N_("Relationships"),
        [
            *WHO,
            "level_now",
            "revenue",
            "contacts",
            "layers",
            "layers_missing",
            "supporters",
            "opponents",
            "stance_mean",
            "thread",
            "thread_person",
            "left_person",
            "unseen_days",
            "confirmed_share",
            "alarms_said",
            "step",
            "door",
        ],
    ),
    "people": (
        N_("Contacts"),
        [
            *WHO,
            "person",
            "title",
            "layer",
            "role",
            "side",
            "stance",
            "influence",
            "need",
            "style",
            "superior",
            "present",
            "confirmed",
            "last",
        ],
    ),
    "order_to_cash": (
        N_("Demand to cash"),
        [
            *WHO,
            "on_time",
            "in_full",
            "to_deliver",
            "to_collect",
            "late_orders",
            "late_amount",
            "short_orders",
            "short_amount",
            "bills",
            "overdue",
            "stuck",
            "oldest_loop",
            "acts",
            "revenue",
        ],
    ),
    "hazard_ratios": (N_("What goes with stopping"), ["term", "ratio", "ratio_low", "ratio_high", "p_value"]),
}


def health_lists(health: Health, view: View) -> dict[str, pd.DataFrame]:
    """The lists of step 3, whole, by their name in LISTS; those of accounts have account_id as a column.
    Empty ones are left out.
    """
    found = {
        **_watched(health, view),
        **_scored(health, view),
        "risk": _risk(health.revenue_at_risk.groups, view),
        **_validated(health, view),
        **_mapped(health, view),
        "order_to_cash": _by_account(health.order_to_cash.accounts.rename(columns={"oldest": "oldest_loop"})),
        "hazard_ratios": health.retention.hazard_ratios.rename(
            columns={"low": "ratio_low", "high": "ratio_high"}
        ),
    }
    return {name: found[name] for name in HEALTH_LISTS if len(found[name])}


def _by_account(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename_axis("account_id").reset_index() if len(frame) else pd.DataFrame()


def _days(dates: pd.Series) -> pd.Series:
    return pd.to_datetime(dates).dt.strftime("%Y-%m-%d")


def _watched(health: Health, view: View) -> dict[str, pd.DataFrame]:
    """Whom to see, every warning in words, and how often each sign was right; rates of a few cases are left
    blank.
    """
    names = {
        "level": "level_now",
        "probability": "churn_probability",
        "low": "churn_low",
        "high": "churn_high",
        "at_risk": "revenue_at_risk",
    }
    watch, warned, record = (
        health.priority_list.accounts,
        health.early_warning.warnings,
        health.early_warning.record,
    )
    if len(watch):
        watch = _by_account(watch.rename(columns=names)).assign(since=_days(watch["since"]).to_numpy())
    if len(warned):
        said_ = [
            view.locale.say(SIGN_EVIDENCE[variant(row)], **evidence(row)) for _, row in warned.iterrows()
        ]
        todo = [view.locale.text(SIGN_ACTIONS[sign]) for sign in warned["sign"]]
        warned = warned[["account_id", "sign", "severity", "revenue"]].assign(
            since=_days(warned["since"]), said=said_, todo=todo
        )
    if len(record):
        record = record.rename(columns={"wolf_low": "rate_low", "wolf_high": "rate_high"})
        rates = ["right", "wolf", "rate_low", "rate_high"]
        record = record.assign(**{name: record[name].where(record["enough"]) for name in rates})
    return {"watch_list": watch, "warnings": warned, "warning_record": record}


def _scored(health: Health, view: View) -> dict[str, pd.DataFrame]:
    """The score of every judged account, what costs it points, and why it moved."""
    language = view.locale.language
    titles, flags = (
        dict(zip(f[key], f[language], strict=True))
        for f, key in ((health.score.dimensions, "dimension"), (health.score.flags, "flag"))
    )
    scores, moves = (
        health.score.accounts.sort_values("revenue", ascending=False, kind="stable"),
        health.score_changes.accounts if health.score_changes else pd.DataFrame(),
    )

    def flagged(names: Any) -> str | None:
        return None if not len(names) else view.locale.text(N_("; ")).join(str(flags[n]) for n in names)

    shown = scores.assign(
        flag=[flagged([] if missing(flag) else [flag]) for flag in scores["capped_by"]],
        flags_all=scores["flags"].map(flagged),
        by_hand=scores["override"].where(scores["override"] != 0),
    )
    moved = {
        "before": "score_before",
        "now": "score_now",
        "change": "points_change",
        "age": "older",
        "override": "by_hand",
        "because": "driver",
    }
    if len(moves):
        codes = {
            row.indicator: row.measure
            for row in health.score.parts[["indicator", "measure"]].drop_duplicates().itertuples()
        }
        moves = _by_account(moves.rename(columns=moved))
        moves["driver"] = [_code(codes.get(name)) for name in moves["driver"]]
    return {
        "scores": _by_account(shown),
        "score_parts": _parts(health, scores.index, titles, view.locale),
        "score_moves": moves,
    }


def _code(measure: Any) -> str | None:
    return MEASURES[measure].code if measure in MEASURES else None


def _parts(health: Health, order: pd.Index, titles: dict[str, Any], locale: Locale) -> pd.DataFrame:
    """What costs an account half a point or more, the larger account first; at most MOST_PARTS rows, of whole
    accounts.
    """
    parts = health.score.parts[health.score.parts["lost"] >= LEAST]
    if parts.empty:
        return pd.DataFrame()
    place = pd.Series(order.get_indexer(parts["account_id"]), index=parts.index)
    parts = parts.assign(_place=place).sort_values(["_place", "lost"], ascending=[True, False], kind="stable")
    if len(parts) > MOST_PARTS:
        parts = parts[parts["_place"] < parts["_place"].iloc[MOST_PARTS]]
    figures = [
        measure_text(str(m), float(v), locale) for m, v in zip(parts["measure"], parts["value"], strict=True)
    ]
    columns = ["account_id", "points", "weight", "lost", "age_days"]
    return parts[columns].assign(dimension=[str(titles[d]) for d in parts["dimension"]], figure=figures)


def _risk(risk: pd.DataFrame, view: View) -> pd.DataFrame:
    """All accounts, then the levels, then the owners."""
    rows = risk.assign(
        _by=risk["by"].map({"all": 0, "level": 1, "owner": 2}),
        _level=risk["group"].map(lambda g: "SABC".find(str(g))),
    )
    rows["_level"] = rows["_level"].where(rows["by"] == "level", 0)
    rows = rows.sort_values(["_by", "_level", "at_risk"], ascending=[True, True, False], kind="stable")
    everything, nobody = view.locale.text(N_("all accounts")), view.locale.text(N_("no owner recorded"))
    who = [
        everything
        if by == "all"
        else level_label(str(group), view.locale)
        if by == "level"
        else str(group) or nobody
        for by, group in zip(rows["by"], rows["group"], strict=True)
    ]
    rows = rows.assign(who=who, heaviest=[view.name(a) for a in rows["first"]])
    return rows.rename(columns={"at_risk": "revenue_at_risk", "low": "risk_low", "high": "risk_high"})


def _validated(health: Health, view: View) -> dict[str, pd.DataFrame]:
    """How far the probability can be believed: against simpler orders, in calls, by group, its inputs since,
    last period's score.
    """
    tested, drift, last = health.validation, health.input_drift, health.last_score.table
    rates = {"low": "rate_low", "high": "rate_high"}
    methods = tested.method_comparison[tested.method_comparison["auc"].notna()]
    workload = tested.workload[tested.workload["stopped"] > 0]
    if len(drift):
        labels = [view.locale.text(FEATURE_LABELS.get(f, f)) for f in drift["feature"]]
        drift = drift.assign(input=labels).rename(columns={"then": "median_then", "now": "median_now"})
    last = last[last["accounts"] > 0].reindex(columns=LAST_SCORE_COLUMNS)
    return {
        "method_comparison": methods.assign(method=[method_label(m, view.locale) for m in methods["method"]]),
        "calls_by_workload": workload.rename(
            columns={"revenue_share": "revenue_lost_share", "expected_loss_revenue_share": "by_loss_share"}
        ),
        "calibration": tested.calibration.rename(columns=rates),
        "input_drift": drift,
        "last_score_outcome": last.rename(
            columns={
                "band": "judged_then",
                "stopped": "stopped_since",
                "fell": "fell_since",
                "share": "stopped_share",
                **rates,
            }
        ),
    }


def _mapped(health: Health, view: View) -> dict[str, pd.DataFrame]:
    """The accounts with contacts, the gravest first, and everybody known there."""
    people, relations, locale = health.stakeholders.people, health.stakeholders.relations, view.locale
    if people.empty:
        return {"relations": pd.DataFrame(), "people": pd.DataFrame()}
    labels = people["label"]

    def person(contact: Any) -> str | None:
        return None if missing(contact) else str(labels.get(contact, contact))

    def listed(names: str, words: dict[str, str]) -> str | None:
        return locale.text(N_("; ")).join(locale.text(words[n]) for n in names.split(";")) if names else None

    steps = [
        locale.say(
            STEPS[row["do"]],
            target=person(row["target"]) or "",
            layer=listed(row["missing"].split(";")[0], LAYER_WORDS) or "",
        )
        for _, row in relations.iterrows()
    ]
    shown = relations.rename(
        columns={"level": "level_now", "stance": "stance_mean", "days": "unseen_days"}
    ).assign(
        layers_missing=[listed(m, LAYER_WORDS) for m in relations["missing"]],
        thread_person=relations["one"].map(person),
        left_person=relations["left"].map(person),
        alarms_said=[listed(a, ALARMS) for a in relations["alarms"]],
        step=steps,
        door=relations["through"].map(person),
    )
    gone = {True: locale.text(N_("no")), False: locale.text(N_("yes"))}
    everyone = people.assign(_at=relations.index.get_indexer(people["account_id"])).sort_values(
        ["_at", "influence"], ascending=[True, False]
    )
    everyone = everyone.assign(
        person=everyone["name"],
        superior=everyone["reports_to"].map(person),
        present=[gone[bool(g)] for g in everyone["gone"]],
        confirmed=_days(everyone["confirmed"]),
        last=_days(everyone["last"]),
        **{
            name: [_choice(name, key, locale) for key in everyone[name]]
            for name in ("layer", "role", "need", "style")
        },
    )
    return {"relations": _by_account(shown), "people": everyone}


def _choice(column: str, key: Any, locale: Locale) -> str | None:
    """A choice of the contacts' table in the workbook's language; a word that is none as the client wrote
    it."""
    if missing(key):
        return None
    found = codebook()["contacts"].columns[column].choices.get(key)
    return str(found[locale.language]) if found else str(key)


# column → (label, kind, width); kinds: text, n, n1, money, pct, or a dictionary of words
LABELS: dict[str, tuple[str, Any, int]] = {
    "account_id": (N_("Account ID"), "text", 14),
    "account_name": (N_("Account"), "text", 30),
    "tier": (N_("Tier"), "text", 10),
    "tier_score": (N_("Score"), "n1", 9),
    "tier_probability": (N_("Certainty"), "pct", 10),
    "gate": (N_("Held back as"), GATES, 16),
    "override": (N_("Set by hand because"), "text", 28),
    "revenue": (N_("Revenue"), "money", 15),
    "margin": (N_("Margin amount"), "money", 15),
    "revenue_share": (N_("Share"), "pct1", 9),
    "cumulative_share": (N_("Cumulative"), "pct1", 10),
    "abc": (N_("ABC class"), "text", 8),
    "health": (N_("Health"), "n1", 9),
    "health_band": (N_("Band"), BANDS, 9),
    "coverage": (N_("Rests on data"), "pct", 9),
    "warning": (N_("Strongest warning"), SIGN_NAMES, 16),
    "warned_since": (N_("Since"), "date", 12),
    "churn_probability": (N_("Chance of stopping"), "pct1", 11),
    "churn_low": (N_("80% interval from"), "pct1", 11),
    "churn_high": (N_("80% interval to"), "pct1", 11),
    "shrink_probability": (N_("Chance that revenue halves"), "pct1", 12),
    "revenue_at_risk": (N_("Expected loss"), "money", 14),
    "health_drivers": (N_("What costs points"), "drivers", 40),
    "strategy": (N_("Level"), "text", 8),
    "type": (N_("Type"), TYPES, 12),
    "visits_branch": (N_("Branch visits a month"), "n1", 11),
    "visits_head_office": (N_("Head-office visits a month"), "n1", 13),
    "owner": (N_("Owner"), "text", 12),
    "next_action": (N_("Next action"), ACTIONS, 26),
    "due": (N_("Due"), "date", 12),
}
LIST_LABELS: dict[str, tuple[str, Any, int]] = {
    "key_probability": (N_("Chance of being key"), "pct", 12),
    "by_weights": (N_("Kept if weights vary"), "pct", 14),
    "by_data": (N_("Kept if data vary"), "pct", 14),
    "key_by": (N_("Key by weights of"), "n", 14),
    "named_by": (N_("Named by"), "n", 11),
    "departments": (N_("Departments"), "n", 11),
    "attractiveness": (N_("Attractiveness"), "n", 11),
    "strength": (N_("Our position"), "n", 11),
    "field": (N_("Field of the map"), FIELDS, 14),
    "spend": (N_("Purchases a year"), "money", 15),
    "share": (N_("Our share"), "pct", 10),
    "before": (N_("Then"), "text", 9),
    "now": (N_("Now"), "text", 9),
    "why": (N_("Why"), WHY, 18),
    "score_before": (N_("Score then"), "n1", 10),
    "score_now": (N_("Score now"), "n1", 10),
    "other": (N_("Looks like"), "text", 30),
    "joint_revenue": (N_("Revenue together"), "money", 15),
    "rank_now": (N_("Rank now"), "n", 10),
    "joint_rank": (N_("Rank together"), "n", 10),
    "members": (N_("Accounts in it"), "n", 10),
    "cost": (N_("Cost to serve"), "money", 15),
    "net": (N_("Left"), "money", 15),
    "revenue_12m": (N_("Expected"), "money", 15),
    "low": (N_("Low"), "money", 14),
    "high": (N_("High"), "money", 14),
    "mid": (N_("Middle"), "money", 14),
    "alive": (N_("Not left, by purchase dates alone"), "pct", 12),
    "clv": (N_("Value over three years"), "money", 15),
    "our_sales": (N_("From us"), "money", 14),
    "headroom": (N_("Room"), "money", 14),
    "category": (N_("Category"), "text", 18),
    "likelihood": (N_("Peers that buy"), "pct", 10),
    "expected": (N_("Expected"), "money", 14),
    "our_share_of_theirs": (N_("Our share of its purchases"), "pct", 12),
    "their_share_of_ours": (N_("Its share of our revenue"), "pct1", 12),
    "open": (N_("Owes us"), "money", 14),
    "overdue": (N_("Overdue"), "money", 14),
    "oldest": (N_("Oldest overdue, days"), "n", 11),
    "credit_used": (N_("Credit used"), "pct", 10),
    "weak": (N_("Weak ratios"), "n", 9),
    "current_ratio": (N_("Current ratio"), "n1", 9),
    "cash_ratio": (N_("Cash ratio"), "n1", 9),
    "net_margin": (N_("Its net margin"), "pct1", 10),
    "return_on_assets": (N_("Return on assets"), "pct1", 10),
    "opportunity_id": (N_("Deal"), "text", 12),
    "stage": (N_("Stage"), "text", 14),
    "amount": (N_("Amount"), "money", 14),
    "last_year": (N_("Year before"), "money", 14),
    "this_year": (N_("This year"), "money", 14),
    "change": (N_("Change"), "money", 14),
    "move": (N_("What happened"), MOVES, 14),
    "deals": (N_("Deals"), "text", 26),
    "closed": (N_("Closed"), "n", 9),
    "won": (N_("Won"), "n", 9),
    "rate": (N_("Win rate"), "pct1", 10),
    "rate_low": (N_("95% interval from"), "pct1", 12),
    "rate_high": (N_("95% interval to"), "pct1", 12),
    "recorded": (N_("Recorded"), "pct1", 10),
    "entity": (N_("Entity"), "text", 18),
    "part": (N_("Share"), "pct", 9),
    "offers": (N_("Open opportunities"), "text", 24),
    "age": (N_("Days open"), "n", 10),
    "median_age": (N_("Usual at this stage"), "n", 10),
    "late_days": (N_("Days past expected close"), "n", 11),
}
LIST_LABELS |= {
    "account_level": (N_("Level"), "text", 8),
    "value": (N_("Contribution"), "money", 15),
    "potential": (N_("Potential"), "money", 15),
    "potential_basis": (N_("Potential rests on"), portfolio_map.POTENTIAL_BASES, 18),
    "risk": (N_("Risk index"), "pct", 10),
    "risk_reason": (N_("Main risk"), portfolio_map.REASONS, 16),
    "risk_known": (N_("Part of the risk known"), "pct", 12),
    "quadrant": (N_("Place on the map"), portfolio_map.QUADRANTS, 18),
}
WORKBOOK_WHO = ["account_id", "account_name"]
LISTS: dict[str, tuple[str, list[str]]] = {
    "rated": (
        N_("Certainty of tiers"),
        [
            *WORKBOOK_WHO,
            "members",
            "tier",
            "tier_score",
            "tier_probability",
            "key_probability",
            "by_weights",
            "by_data",
            "revenue",
        ],
    ),
    "disputed": (N_("Disputed accounts"), [*WORKBOOK_WHO, "key_by", "departments", "named_by", "revenue"]),
    "positioning": (
        N_("Position map"),
        [*WORKBOOK_WHO, "attractiveness", "strength", "field", "spend", "share", "revenue"],
    ),
    "prospects": (N_("To assess"), [*WORKBOOK_WHO, "spend", "due"]),
    "migration": (
        N_("Changes of tier"),
        [*WORKBOOK_WHO, "before", "now", "score_before", "score_now", "why", "revenue"],
    ),
    "losses": (N_("Falls"), [*WORKBOOK_WHO, "last_year", "this_year", "change", "move"]),
    "profit": (N_("Profit after service"), [*WORKBOOK_WHO, "revenue", "margin", "cost", "net"]),
    "expected_revenue": (
        N_("Next 12 months"),
        [*WORKBOOK_WHO, "revenue_12m", "low", "high", "alive", "clv", "revenue"],
    ),
    "wallet": (N_("Share of wallet"), [*WORKBOOK_WHO, "spend", "our_sales", "share", "headroom", "category"]),
    "wallet_by_category": (N_("Room by category"), ["category", "spend", "share", "headroom"]),
    "white_space": (
        N_("White space"),
        [*WORKBOOK_WHO, "category", "likelihood", "low", "mid", "high", "expected"],
    ),
    "portfolio_map": (
        N_("Account asset map"),
        [
            *WORKBOOK_WHO,
            "account_level",
            "revenue",
            "value",
            "potential",
            "potential_basis",
            "risk",
            "risk_reason",
            "risk_known",
            "quadrant",
        ],
    ),
    "dependence": (
        N_("Dependence"),
        [*WORKBOOK_WHO, "our_share_of_theirs", "their_share_of_ours", "revenue"],
    ),
    "standing": (
        N_("Condition of accounts"),
        [
            *WORKBOOK_WHO,
            "open",
            "overdue",
            "oldest",
            "credit_used",
            "weak",
            "current_ratio",
            "cash_ratio",
            "net_margin",
            "return_on_assets",
        ],
    ),
    "win_rates": (N_("Win rates"), ["deals", "closed", "won", "rate", "rate_low", "rate_high", "recorded"]),
    "sales_entities": (N_("Shared by our entities"), [*WORKBOOK_WHO, "entity", "revenue", "part", "offers"]),
    "stalled": (
        N_("Stalled deals"),
        ["opportunity_id", *WORKBOOK_WHO, "stage", "amount", "age", "median_age", "late_days"],
    ),
    "related_accounts": (
        N_("Suspected groups"),
        [*WORKBOOK_WHO, "other", "joint_revenue", "rank_now", "joint_rank"],
    ),
}
LISTS |= HEALTH_LISTS
LIST_LABELS |= HEALTH_LABELS
ASSETS = {"level": "account_level", "reason": "risk_reason", "coverage": "risk_known"}
PLAN = [
    "due",
    "account_id",
    "account_name",
    "tier",
    "type",
    "owner",
    "next_action",
    "revenue",
    "revenue_at_risk",
]


def write(
    path: Path,
    accounts: pd.DataFrame,
    findings: list[Finding],
    view: View,
    lists: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """The workbook; ``accounts`` as in accounts.csv (index account_id), ``lists``: further lists, by their
    name in LISTS. Text is written as text: nothing of the client's becomes a formula.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same results give the same bytes
    locale = view.locale
    styles = _styles(book, view)
    _findings_sheet(book, findings, view, styles)
    rows = accounts.reset_index()
    _sheet(book, locale.text(N_("Accounts")), rows, list(LABELS), locale, styles)
    planned = rows[rows["next_action"].notna()].sort_values(["due", "revenue"], ascending=[True, False])
    _sheet(book, locale.text(N_("Plan")), planned, PLAN, locale, styles)
    for name, frame in (lists or {}).items():
        if len(frame):
            rows = frame
            if "account_id" in frame:
                rows = frame.assign(
                    account_name=[view.name(a) if isinstance(a, str) else "" for a in frame["account_id"]]
                )
            own = [c for c in frame.columns if c.startswith("by ")]  # a column per department
            _sheet(book, locale.text(LISTS[name][0]), rows, LISTS[name][1] + own, locale, styles)
    book.close()


def lists(tiers: Tiers, value: Value, view: View, health: Health | None = None) -> dict[str, pd.DataFrame]:
    """The lists of steps 1 to 3 that the page cuts short; those of accounts have account_id as a column."""
    buying = tiers.rated[tiers.rated["revenue"] > 0].sort_values(["revenue", "tier_score"], ascending=False)
    frames = {
        "rated": buying,
        "disputed": tiers.disputed[tiers.disputed["split"] > 0] if len(tiers.disputed) else tiers.disputed,
        "positioning": tiers.positioning,
        "prospects": tiers.prospects,
        "migration": tiers.migration,
    }
    found = {
        name: frame.rename_axis("account_id").reset_index() for name, frame in frames.items() if len(frame)
    }
    profit = value.profitability.accounts
    if len(profit) and profit["net"].notna().any():
        found["profit"] = profit.sort_values("net").rename_axis("account_id").reset_index()
    of_value = {
        "expected_revenue": value.customer_value.accounts,
        "wallet": value.wallet.accounts,
        "white_space": value.white_space.gaps,
        "dependence": value.stress_test.dependence,
        "standing": value.credit.accounts,
    }
    if value.pipeline:
        of_value["stalled"] = value.pipeline.ages.stalled
    for name, frame in of_value.items():
        if len(frame):
            found[name] = frame if "account_id" in frame else frame.rename_axis("account_id").reset_index()
    found |= _more_lists(value, view)
    if len(tiers.related_accounts):
        found["related_accounts"] = tiers.related_accounts.assign(
            other=[view.name(h) for h in tiers.related_accounts["head"]]
        )
    return found | (health_lists(health, view) if health is not None else {})


def _more_lists(value: Value, view: View) -> dict[str, pd.DataFrame]:
    """Falls, room by category, win rates and shared accounts, under the columns that LISTS names."""
    moves = value.retention.moves
    falls = moves[moves["change"] < 0].sort_values("change")
    if value.retention.nrr is None:
        falls = falls.iloc[:0]
    shared = value.sales_entities.entities
    rates = value.pipeline.win_rates.rates if value.pipeline else pd.DataFrame(columns=["by", "value"])
    found = {
        "losses": falls.rename(columns={"before": "last_year", "now": "this_year"})
        .rename_axis("account_id")
        .reset_index(),
        "wallet_by_category": value.wallet.by_category,
        "win_rates": rates.rename(columns={"low": "rate_low", "high": "rate_high"}).assign(
            deals=[group_label(b, v, view.locale) for b, v in zip(rates["by"], rates["value"], strict=True)]
        ),
        "sales_entities": shared.assign(deals=shared["deals"].map(", ".join)).rename(
            columns={"share": "part", "deals": "offers"}
        ),
        "portfolio_map": value.portfolio_map.accounts.rename(columns=ASSETS)
        .replace("", None)
        .rename_axis("account_id")
        .reset_index(),
    }
    return {name: frame for name, frame in found.items() if len(frame)}


def _styles(book: Any, view: View) -> dict[str, Any]:
    font = {
        "font_name": "Microsoft YaHei" if view.locale.language == "zh" else "Calibri",
        "font_size": 10,
        "valign": "top",
    }
    formats = {
        "text": "@",
        "n": "#,##0",
        "n1": "#,##0.0",
        "n2": "#,##0.00",
        "n3": "#,##0.000",
        "money": "#,##0",
        "pct": "0%",
        "pct1": "0.0%",
        "date": "yyyy-mm-dd",
    }
    styles = {k: book.add_format({**font, "num_format": f}) for k, f in formats.items()}
    styles["head"] = book.add_format(
        {**font, "bold": True, "font_color": "#FFFFFF", "bg_color": view.accent, "text_wrap": True}
    )
    styles["wrap"] = book.add_format({**font, "text_wrap": True})
    for band, colour in (("green", "#DDEFE3"), ("yellow", "#FBF0D0"), ("red", "#F6DDD8")):
        styles[band] = book.add_format({**font, "bg_color": colour})
    return styles


def _findings_sheet(book: Any, findings: list[Finding], view: View, styles: dict[str, Any]) -> None:
    locale = view.locale
    sheet = book.add_worksheet(locale.text(N_("Findings")))
    words = {
        "act": locale.text(N_("act")),
        "watch": locale.text(N_("watch")),
        "note": locale.text(N_("note")),
    }
    for column, (label, width) in enumerate(
        ((N_("Weight of it"), 10), (N_("Finding"), 80), (N_("What to do"), 60), (N_("Accounts"), 50))
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, locale.text(label), styles["head"])
    order = {"act": 0, "watch": 1, "note": 2}
    for row, finding in enumerate(sorted(findings, key=lambda f: order[f.severity]), start=1):
        cells = (
            words[finding.severity],
            headline(finding, locale, view.names),
            action(finding, locale, view.names) or "",
            locale.text(N_(", ")).join(view.name(a) for a in finding.accounts),
        )
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell, styles["wrap"])
    sheet.freeze_panes(1, 0)


def _sheet(
    book: Any, name: str, rows: pd.DataFrame, columns: list[str], locale: Locale, styles: dict[str, Any]
) -> None:
    sheet = book.add_worksheet(name)
    for column, key in enumerate(columns):
        label, kind, width = (
            (department(key.removeprefix("by "), locale), "text", 9)
            if key.startswith("by ")
            else (LABELS | LIST_LABELS)[key]
        )
        style = styles[kind] if isinstance(kind, str) and kind in styles else styles["text"]
        sheet.set_column(column, column, width, style)
        unit = f" ({locale.currency})" if kind == "money" else ""
        sheet.write_string(0, column, locale.text(label) + unit, styles["head"])
        for row, value in enumerate(rows[key], start=1):
            if missing(value):
                continue
            if key == "health_band":
                sheet.write_string(row, column, locale.text(BANDS[value]), styles[value])
            elif isinstance(kind, dict):
                sheet.write_string(
                    row, column, locale.text(kind.get(value, value)), style
                )  # a rule of the card's own has its own key
            elif kind == "drivers":
                sheet.write_string(row, column, drivers_label(value, locale), style)
            elif kind == "date":
                sheet.write_datetime(row, column, datetime.fromisoformat(value), style)
            elif kind == "text":
                sheet.write_string(row, column, str(value), style)
            else:
                sheet.write_number(row, column, float(value), style)
    sheet.freeze_panes(1, 2)
    if len(rows):
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
