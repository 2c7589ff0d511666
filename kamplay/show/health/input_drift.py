"""Whether today's accounts look like those of the churn model's test, in words; the workbook lists the
inputs.
"""

from __future__ import annotations

from kamplay.method.health.step import Health
from kamplay.show.health.season_of_test import inputs_moved
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings, sheet
from kamplay.show.table import Column, Sheet

DRIFT_STATES = {
    "moved": N_("moved strongly"),
    "shifted": N_("moved somewhat"),
    "stable": N_("unchanged, or within chance"),
    "missing": N_("cannot be compared"),
}
FEATURE_LABELS = {
    "lateness": N_("lateness against its own rhythm"),
    "silent": N_("days of silence"),
    "buys": N_("number of purchases"),
    "trend": N_("trend of purchases"),
    "irregular": N_("irregularity of purchases"),
    "buys_30": N_("purchases in 30 days"),
    "buys_90": N_("purchases in 90 days"),
    "buys_180": N_("purchases in 180 days"),
    "buys_365": N_("purchases in 365 days"),
    "decayed_30": N_("recent purchases, weighted (30 days)"),
    "decayed_120": N_("recent purchases, weighted (120 days)"),
    "returns": N_("returns"),
    "season_bought": N_("bought in the same season before"),
    "p_none": N_("chance of no purchase (purchase dates alone)"),
    "expected": N_("purchases expected (purchase dates alone)"),
    "breadth": N_("breadth of purchases"),
    "revenue": N_("revenue"),
}


@sheet
def input_drift_sheet(health: Health) -> Sheet:
    """Each input of the churn model then and now."""
    columns = [
        Column("feature", N_("Input"), FEATURE_LABELS),
        Column("state", N_("Moved since"), DRIFT_STATES),
        Column("then", N_("Median then"), "n2"),
        Column("now", N_("Median now"), "n2"),
        Column("psi", N_("Stability index"), "n2"),
        Column("noise", N_("By chance up to"), "n2"),
    ]
    return Sheet(N_("Inputs since then"), health.input_drift, columns)


# what this topic can find, in words
register_findings(
    FindingSpec(
        "proof_drift_moved",
        "input_drift",
        N_(
            "{moved:n} of the model's {known:n} inputs {moved:plural|has|have} moved strongly since "
            "it learnt (population stability index above 0.25), {shifted:n} more somewhat; today's "
            "accounts differ from those it was tested on.{season}"
        ),
        words=inputs_moved,
        actions={
            "proof_relearn": N_(
                "Analyst: find out what changed (the season, new accounts, another way of recording, "
                "the market), and learn the model anew before relying on it."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "proof_drift_shifted",
        "input_drift",
        N_(
            "{shifted:n} of the model's {known:n} inputs {shifted:plural|has|have} moved somewhat "
            "since it learnt (population stability index above 0.1); the workbook names "
            "{shifted:plural|it|them}.{season}"
        ),
        words=inputs_moved,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_drift_none",
        "input_drift",
        N_(
            "Today's accounts look like those the model learnt from: none of its {known:n} inputs "
            "has moved noticeably (population stability index up to 0.1, or within chance)."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_drift_missing",
        "input_drift",
        N_(
            "{missing:n} of the model's inputs cannot be compared: {missing:plural|it was|they were} "
            "known only when the model learnt, or only today."
        ),
        actions={
            "proof_ask_same_tables": N_("Data owner: deliver the same tables and columns for every period.")
        },
        on_first_page=False,
    ),
)
