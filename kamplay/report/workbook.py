"""results.xlsx: findings, accounts, the plan, and a sheet for each list that the page cuts short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from kamplay.palette import BAD_FILL, GOOD_FILL, WARN_FILL, WHITE
from kamplay.show import registry
from kamplay.show.findings import action, headline
from kamplay.show.health.input_drift import DRIFT_STATES, FEATURE_LABELS
from kamplay.show.health.last_score import GROUP_LABELS
from kamplay.show.health.stakeholders import LAYER_LABELS, SIDE_LABELS, THREAD_LABELS, next_step
from kamplay.show.health.validation import method_label
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import step_of
from kamplay.show.table import ACCOUNT_COLUMNS, REVENUE, Column, Sheet, text_width
from kamplay.show.view import View, current, using
from kamplay.show.vocabulary import (
    ACTIONS,
    BANDS,
    DRIVERS,
    GATES,
    SIGN_ACTIONS,
    SIGN_EVIDENCE,
    SIGN_NAMES,
    TYPES,
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
    "rate_low": (N_("95% interval from"), "pct1", 12),
    "rate_high": (N_("95% interval to"), "pct1", 12),
    "overdue": (N_("Overdue"), "money", 14),
    "score_before": (N_("Score then"), "n1", 10),
    "score_now": (N_("Score now"), "n1", 10),
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
    "then_stopped": (N_("Then stopped"), "pct1", 11),
    "base": (N_("Picked blindly"), "pct1", 11),
    "false_alarm_rate": (N_("False alarms"), "pct1", 10),
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
    "thread": (N_("Single thread"), THREAD_LABELS, 18),
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
    "side": (N_("Side"), SIDE_LABELS, 14),
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
        ["sign", "raised", "then_stopped", "base", "false_alarm_rate", "rate_low", "rate_high", "lead"],
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
        record = record.rename(
            columns={
                "precision": "then_stopped",
                "false_alarm_low": "rate_low",
                "false_alarm_high": "rate_high",
            }
        )
        rates = ["then_stopped", "false_alarm_rate", "rate_low", "rate_high"]
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

    def listed(names: Iterable[str], words: dict[str, str]) -> str | None:
        return locale.text(N_("; ")).join(locale.text(words[name]) for name in names) or None

    steps = [next_step(row, labels, LAYER_LABELS, locale) for _, row in relations.iterrows()]
    shown = relations.rename(
        columns={"level": "level_now", "stance": "stance_mean", "days": "unseen_days"}
    ).assign(
        layers_missing=[listed(m, LAYER_LABELS) for m in relations["missing"]],
        thread_person=relations["thread_contact"].map(person),
        left_person=relations["departed"].map(person),
        alarms_said=[listed(a, ALARMS) for a in relations["alarms"]],
        step=steps,
        door=relations["introducer"].map(person),
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


# what the sheet of accounts shows of accounts.csv
ACCOUNTS = [
    *ACCOUNT_COLUMNS,
    Column("tier", N_("Tier")),
    Column("tier_score", N_("Score"), "n1"),
    Column("tier_probability", N_("Certainty"), "pct"),
    Column("gate", N_("Held back as"), GATES),
    Column("override", N_("Set by hand because")),
    REVENUE,
    Column("margin", N_("Margin amount"), "money"),
    Column("revenue_share", N_("Share"), "pct"),
    Column("cumulative_share", N_("Cumulative"), "pct"),
    Column("abc", N_("ABC class")),
    Column("health", N_("Health"), "n1"),
    Column("health_band", N_("Band"), BANDS),
    Column("coverage", N_("Rests on data"), "pct"),
    Column("warning", N_("Strongest warning"), SIGN_NAMES),
    Column("warned_since", N_("Since"), "date"),
    Column("churn_probability", N_("Chance of stopping"), "pct"),
    Column("churn_low", N_("80% interval from"), "pct"),
    Column("churn_high", N_("80% interval to"), "pct"),
    Column("shrink_probability", N_("Chance that revenue halves"), "pct"),
    Column("revenue_at_risk", N_("Expected loss"), "money"),
    Column(
        "health_drivers", N_("What costs points"), lambda drivers: drivers_label(drivers, current().locale)
    ),
    Column("strategy", N_("Level")),
    Column("type", N_("Type"), TYPES),
    Column("visits_branch", N_("Branch visits a month"), "n1"),
    Column("visits_head_office", N_("Head-office visits a month"), "n1"),
    Column("owner", N_("Owner")),
    Column("next_action", N_("Next action"), ACTIONS),
    Column("due", N_("Due"), "date"),
]
PLAN = (
    "due",
    "account_id",
    "account_name",
    "tier",
    "type",
    "owner",
    "next_action",
    "revenue",
    "revenue_at_risk",
)
# the sheets that a reader looks for first; the others follow, by step and name
ORDER = (
    "stability",
    "disputed",
    "positioning",
    "prospects",
    "migration",
    "profitability",
    "expected_revenue",
    "wallet",
    "white_space",
    "dependence",
    "credit_standing",
    "stalled_deals",
    "falls",
    "wallet_by_category",
    "win_rates",
    "sales_entities",
    "portfolio_map",
    "related_accounts",
    *HEALTH_LISTS,
)
FORMATS = {
    "text": "@",
    "n": "#,##0",
    "n1": "#,##0.0",
    "n2": "#,##0.00",
    "n3": "#,##0.000",
    "count": "#,##0.##",
    "score": "#,##0.0",
    "money": "#,##0",
    "pct": "0.0%",
    "pct1": "0.0%",
    "date": "yyyy-mm-dd",
}
NARROWEST, WIDEST = 8, 52  # letters of a column
SEVERITIES = {"act": N_("act"), "watch": N_("watch"), "note": N_("note")}  # the gravest first


def write(
    path: Path, accounts: pd.DataFrame, findings: list[Finding], view: View, sheets: Iterable[Sheet]
) -> None:
    """The workbook: findings, accounts (as in accounts.csv, index account_id), the plan, and further sheets.
    Text is written as text: nothing of the client's becomes a formula.
    """
    import xlsxwriter

    options = dict.fromkeys(
        ("strings_to_formulas", "strings_to_urls", "strings_to_numbers", "nan_inf_to_errors"), False
    )
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same results give the same bytes
    with using(view):
        styles = _styles(book, view)
        _write_findings(book, findings, view, styles)
        planned = accounts[accounts["next_action"].notna()]
        planned = planned.sort_values(["due", "revenue"], ascending=[True, False])
        by_key = {column.key: column for column in ACCOUNTS}
        for sheet in (
            Sheet(N_("Accounts"), accounts, ACCOUNTS),
            Sheet(N_("Plan"), planned, [by_key[key] for key in PLAN]),
            *(sheet for sheet in sheets if len(sheet.rows)),
        ):
            _write_sheet(book, sheet, view, styles)
    book.close()


def sheets_of(results: Mapping[str, Any], view: View) -> list[Sheet]:
    """The sheets that the topics of the steps register, filled from the steps' ``results``, in
    their ORDER."""
    with using(view):
        found = {name: make(results[step_of(make)]) for name, make in registry.sheets.items()}
        found |= _more_sheets(results["health"], view)
    return [found[name] for name in sorted(found, key=lambda n: ORDER.index(n) if n in ORDER else len(ORDER))]


def _styles(book: Any, view: View) -> dict[str, Any]:
    font = {
        "font_name": "Microsoft YaHei" if view.locale.language == "zh" else "Calibri",
        "font_size": 10,
        "valign": "top",
    }
    styles = {kind: book.add_format({**font, "num_format": f}) for kind, f in FORMATS.items()}
    styles["head"] = book.add_format(
        {**font, "bold": True, "font_color": WHITE, "bg_color": view.accent, "text_wrap": True}
    )
    styles["wrap"] = book.add_format({**font, "text_wrap": True})
    for band, colour in (("green", GOOD_FILL), ("yellow", WARN_FILL), ("red", BAD_FILL)):
        styles[band] = book.add_format({**font, "bg_color": colour})
    return styles


def _write_findings(book: Any, findings: list[Finding], view: View, styles: dict[str, Any]) -> None:
    locale = view.locale
    sheet = book.add_worksheet(locale.text(N_("Findings")))
    for column, (label, width) in enumerate(
        ((N_("Weight of it"), 10), (N_("Finding"), 80), (N_("What to do"), 60), (N_("Accounts"), 50))
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, locale.text(label), styles["head"])
    order = list(SEVERITIES)
    for row, finding in enumerate(sorted(findings, key=lambda f: order.index(f.severity)), start=1):
        cells = (
            locale.text(SEVERITIES[finding.severity]),
            headline(finding, locale, view.names),
            action(finding, locale, view.names) or "",
            locale.text(N_(", ")).join(view.name(a) for a in finding.accounts),
        )
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell, styles["wrap"])
    sheet.freeze_panes(1, 0)


def _write_sheet(book: Any, sheet: Sheet, view: View, styles: dict[str, Any]) -> None:
    locale, rows, keys = view.locale, sheet.rows, [column.key for column in sheet.columns]
    if "account_id" in keys and "account_id" not in rows:
        rows = rows.rename_axis("account_id").reset_index()
    if "account_name" in keys:
        names = [view.name(a) if isinstance(a, str) else "" for a in rows["account_id"]]
        rows = rows.assign(account_name=names)
    page = book.add_worksheet(locale.text(sheet.title))
    for place, column in enumerate(sheet.columns):
        kind = column.kind if isinstance(column.kind, str) else "text"
        unit = f" ({locale.currency})" if kind == "money" else ""
        label = locale.text(column.label) + unit
        page.write_string(0, place, label, styles["head"])
        widest = text_width(label) // 2  # a header may stand in two lines
        for row, value in enumerate(rows[column.key], start=1):
            if missing(value):
                continue
            style = styles[value] if column.key == "health_band" else styles[kind]
            if kind == "text":
                text = _text(column, value, locale)
                page.write_string(row, place, text, style)
                widest = max(widest, text_width(text))
            elif kind == "date":
                page.write_datetime(row, place, pd.Timestamp(value).to_pydatetime(), style)
                widest = max(widest, len("yyyy-mm-dd"))
            else:
                page.write_number(row, place, float(value), style)
                widest = max(widest, len(f"{float(value):,.1f}") if kind in ("money", "n", "count") else 6)
        page.set_column(place, place, min(max(widest, NARROWEST), WIDEST) + 1, styles[kind])
    page.freeze_panes(1, 2)
    if len(rows):
        page.autofilter(0, 0, len(rows), len(keys) - 1)


def _text(column: Column, value: Any, locale: Locale) -> str:
    """A cell of words; a key that has none, such as that of a card's own rule, stands for itself."""
    if callable(column.kind):
        return column.kind(value)
    return locale.text(column.kind.get(value, value)) if isinstance(column.kind, Mapping) else str(value)


# --- sheets of step 3


def _more_sheets(health: Health, view: View) -> dict[str, Sheet]:
    known = {column.key: column for column in ACCOUNTS}
    found = {}
    for name, frame in health_lists(health, view).items():
        title, keys = HEALTH_LISTS[name]
        columns = [
            Column(key, *HEALTH_LABELS[key][:2]) if key in HEALTH_LABELS else known[key] for key in keys
        ]
        found[name] = Sheet(title, frame, columns)
    return found
