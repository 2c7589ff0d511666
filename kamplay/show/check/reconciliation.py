"""Whether the lines agree with the ledger: the bridge to it, the periods, and what explains a difference."""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.check.step import Check
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import Column, html_table, word
from kamplay.show.texts.vocabulary import CAUSES, RECONCILIATION


@table
def reconciliation_table(check: Check) -> Display:
    """From every line read to the revenue of the 12 months, and to the ledger where its total is known."""
    frame = check.bridge.assign(item=check.bridge["item"].map(word(RECONCILIATION)))
    return html_table(
        frame,
        [Column("item", N_("Step")), Column("amount", N_("Amount"), "money")],
        N_("From all lines read to the revenue of the last 12 months."),
    )


@table
def ledger_table(check: Check) -> Display:
    """Each period that the ledger states: read, in the books, and the difference. Nothing for a single total:
    the bridge shows it.
    """
    if len(check.ledger) < 2:
        return NOTHING
    columns = [
        Column("period", N_("Period")),
        Column("read", N_("Read"), "money"),
        Column("ledger", N_("Control total"), "money"),
        Column("difference", N_("Difference"), "money"),
        Column("share", N_("Share"), "pct"),
    ]
    caption = N_("What was read against the control totals supplied, period by period.")
    return html_table(check.ledger, columns, caption, most=36)


def _cause(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    return {"cause_words": locale.say(CAUSES[figures["cause"]], detail=figures["detail"])}


EXPLAIN_DIFFERENCE = {
    "explain_difference": N_(
        "Finance and sales operations: settle the difference before any figure is quoted."
    )
}

register_findings(
    FindingSpec(
        "reconciled",
        "reconciliation",
        N_(
            "The figures agree with the control total supplied: {revenue:money} against "
            "{control_total:money}, a difference of {difference:money}."
        ),
    ),
    FindingSpec(
        "not_reconciled",
        "reconciliation",
        N_(
            "The figures do not agree with the control total supplied: {revenue:money} read, "
            "{control_total:money} supplied, a difference of {difference:money} ({share:pct})."
        ),
        actions=EXPLAIN_DIFFERENCE,
        rank=1,
    ),
    FindingSpec(
        "periods_reconciled",
        "reconciliation",
        N_(
            "All {count:n} periods agree with the control totals supplied; the largest difference is "
            "{difference:money}."
        ),
    ),
    FindingSpec(
        "periods_not_reconciled",
        "reconciliation",
        N_(
            "{bad:n} of {count:n} periods do not agree with the control totals supplied; the largest gap "
            "is {difference:money} ({share:pct}) in {period}."
        ),
        actions=EXPLAIN_DIFFERENCE,
    ),
    FindingSpec(
        "difference_explained",
        "reconciliation",
        N_("The difference is as large as {cause_words} ({amount:money})."),
        actions={
            "mend_no_account": N_("Sales operations: assign those lines to accounts for the next run."),
            "mend_duplicates": N_(
                "Sales operations: confirm that the lines were exported twice; the next run drops them."
            ),
            "mend_after_period": N_(
                "Finance and sales operations: agree on the cut-off date for the next run."
            ),
            "mend_before_period": N_(
                "Finance and sales operations: agree on the cut-off date for the next run."
            ),
            "mend_voided": N_("Sales operations: leave the voided lines out of the next export."),
            "mend_read_gross": N_("Sales operations: export the net amounts for the next run."),
            "mend_ledger_gross": N_("Finance: state the total net of tax for the next run."),
            "mend_month_missing": N_("Sales operations: deliver the missing months for the next run."),
        },
        words=_cause,
    ),
    FindingSpec(
        "no_control_total",
        "reconciliation",
        N_("No control total was supplied, so the figures are not reconciled with the books."),
        actions={
            "get_control_total": N_(
                "Finance: state the net sales of these 12 months before any figure is quoted."
            )
        },
    ),
)
