"""Tier migration: who changed tier since the earlier run, and why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kamplay.method.results import Finding
from kamplay.method.tiers.step import Tiers
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.texts.vocabulary import WHY

WHY_COUNTS = {
    "data": N_("their figures {count:n}"),
    "weights": N_("weights {count:n}"),
    "rule": N_("rules {count:n}"),
    "gate": N_("exclusion rules {count:n}"),
    "override": N_("decisions by hand {count:n}"),
    "both": N_("figures and definition together {count:n}"),
}


def _why_counts(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """Why accounts changed tier, each reason with its number."""
    figures = {why: finding.figures[f"by_{why}"] for why in WHY_COUNTS}
    return {"whys": counts(WHY_COUNTS, figures, locale)}


register_findings(
    FindingSpec(
        "moved",
        "migration",
        N_(
            "Since {as_of:date} {into:n} {into:plural|account|accounts} became key and {out:n} "
            "ceased to be; in all {count:n} changed tier, {up:n} up and {down:n} down. Why: {whys}."
        ),
        actions={
            "explain_moves": N_(
                "Head of sales: explain to the owners of the accounts that fell why, before service changes."
            )
        },
        brief=N_(
            "Since {as_of:date} {into:n} {into:plural|account|accounts} became key and {out:n} ceased to be."
        ),
        rank=38,
        words=_why_counts,
    ),
    FindingSpec("none_moved", "migration", N_("No account changed tier since {as_of:date}.")),
)


TIERS = (Column("before", N_("Then")), Column("now", N_("Now")))
SCORES = (
    Column("score_before", N_("Score then"), "score", extra=True),
    Column("score_now", N_("Score now"), "score", extra=True),
)
CAUSE = Column("why", N_("Why"), WHY)


@sheet
def migration_sheet(tiers: Tiers) -> Sheet:
    """Every account whose tier changed since the earlier run."""
    columns = [*ACCOUNT_COLUMNS, *TIERS, *SCORES, CAUSE, REVENUE]
    return Sheet(N_("Changes of tier"), tiers.migration, columns)


@table
def migration_table(tiers: Tiers) -> Display:
    """Who changed tier since the earlier run: first those that became key or ceased to be, then the other key
    ones, each the largest first.
    """
    frame = tiers.migration
    if frame.empty:
        return NOTHING
    before, now = (frame[column].isin(KEY_LEVELS) for column in ("level_before", "level_now"))
    frame = frame.assign(_order=np.select([before != now, before & now], [0, 1], 2))
    frame = frame.sort_values(["_order", "revenue"], ascending=[True, False])
    columns = [ACCOUNT, *TIERS, *SCORES, CAUSE, REVENUE]
    caption = N_(
        "Accounts whose tier changed since the earlier report: first those that became key "
        "or ceased to be, then by revenue."
    )
    most = min(max(int((before | now).sum()), 8), 25)
    return html_table(with_names(frame), columns, caption, most=most)
