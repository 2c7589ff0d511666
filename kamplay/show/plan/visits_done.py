"""Whether the visits are being made, shown and said: the norm, what advanced, who waits."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.show.display import Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names, word

WAITS = {"long": N_("long unvisited"), "overdue": N_("visit overdue"), "": N_("below the norm")}


@table
def visits_table(plan: Plan) -> Display:
    """Key accounts visited less than the norm or too long ago: those who wait longest, then the furthest
    behind; nothing without a visit log.
    """
    done = plan.visits
    shown = done[(done["done"] < done["norm"]) | done["overdue"].astype(bool) | done["long"].astype(bool)]
    kept = shown["overdue"].astype(bool).map({True: "overdue", False: ""})
    shown = shown.assign(
        gap=shown["norm"] - shown["done"], waits=kept.mask(shown["long"].astype(bool), "long")
    )
    shown = shown.sort_values(["long", "gap", "revenue"], ascending=False, kind="stable")
    columns = [
        ACCOUNT,
        Column("waits", N_("Flag"), word(WAITS)),
        Column("days", N_("Days since the last visit"), "n"),
        Column("done", N_("Visits made"), "n"),
        Column("advanced", N_("Of which advanced"), "n"),
        Column("norm", N_("Norm"), "count"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    if pd.isna(shown["advanced"]).all():
        columns = [c for c in columns if c.key != "advanced"]
    return html_table(
        with_names(shown),
        columns,
        N_(
            "Key accounts below the visit norm in the last three months: first those without a visit for 60 "
            "days, then the furthest behind. Overdue: the norm's interval has passed twice."
        ),
        most=12,
    )


def _recorded(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How many visits have an outcome, where not all have."""
    told, done = finding.figures["told"], finding.figures["done"]
    said = N_(" ({told:n} of {done:n} visits have an outcome)")
    return {"recorded": locale.say(said, told=told, done=done) if told < done else ""}


register_findings(
    FindingSpec(
        "visits_behind",
        "visits",
        N_(
            "{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three "
            "months (all {upper:n} together: {done:n} of {norm:n})."
        ),
        actions={
            "schedule_visits": N_("Account owners: book the missing visits by {due:date}, first at {three}."),
            "reallocate_visits": N_(
                "Head of sales: the team has visits to spare; by {due:date} move some to those "
                "furthest behind, first {three}."
            ),
        },
        brief=N_(
            "{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three months."
        ),
        rank=40,
        chance=N_(
            "At their own pace so far these accounts get {chance_low:n} to {chance_high:n} visits in "
            "three months: "
            "it is the norm that is new."
        ),
    ),
    FindingSpec(
        "visits_kept", "visits", N_("All {upper:n} key accounts got their visits in the last three months.")
    ),
    FindingSpec(
        "visits_advanced",
        "visits",
        N_(
            "Account by account, visits made meet {made:pct} of the norm; visits that advanced the deal meet "
            "{advanced:pct}{recorded}."
        ),
        on_first_page=False,
        words=_recorded,
    ),
    FindingSpec(
        "visits_without_outcome",
        "visits",
        N_(
            "Account by account, visits made meet {made:pct} of the norm; how many advanced the deal is "
            "unknown, since no outcome was recorded."
        ),
        actions={
            "record_outcomes": N_(
                "Owners: record the outcome of each visit from now on: advance, continuation or none."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "long_unvisited",
        "visits",
        N_(
            "{count:n} key {count:plural|account has|accounts have} had no visit for {days:n} days or more, "
            "{revenue:money} of revenue: {names}."
        ),
        actions={
            "visit_waiting": N_(
                "Account owners: visit them first; the calendar has them in its first two weeks."
            )
        },
        rank=39,
    ),
    FindingSpec(
        "visits_unknown",
        "visits",
        N_("Whether visits are made is unknown: no visit log was delivered."),
        actions={
            "ask_for_visits": N_(
                "Sales operations: provide the visit log of the last six months for the next report."
            )
        },
    ),
)
