"""Step 0 in words: what was read, whether it reconciles, what it can carry."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "coverage": N_("{rows:n} lines of {accounts:n} accounts from {first_date:date} to {last_date:date} were read; the last 12 months come to {revenue:money}."),
    "after_as_of": N_("A further {rows:n} lines worth {amount:money}, up to {last_date:date}, are dated after the reporting date and not counted."),
    "reconciled": N_("The figures agree with the ledger: {revenue:money} against {control_total:money}, a difference of {difference:money}."),
    "not_reconciled": N_("The figures do not agree with the ledger: {revenue:money} read, {control_total:money} in the books, a difference of {difference:money} ({share:pct})."),
    "periods_reconciled": N_("All {count:n} periods agree with the ledger; the largest difference is {difference:money}."),
    "periods_not_reconciled": N_("{bad:n} of {count:n} periods do not agree with the ledger; the largest gap is {difference:money} ({share:pct}) in {period}."),
    "difference_explained": N_("The difference is as large as {cause_words} ({amount:money})."),
    "no_control_total": N_("No ledger total was given, so the figures are not reconciled with the books."),
    "months_empty": N_("{count:n} {count:plural|month has|months have} no sale at all ({first_date:date} to {last_date:date}): were these months delivered?"),
    "history_short": N_("The data cover {months:n} months; year-on-year movement needs {needed:n}."),
    "unassigned": N_("{rows:n} lines worth {amount:money} ({share:pct} of the total) name no account and are left out of every account's figures."),
    "repeated_lines": N_("{rows:n} lines repeat another to the letter ({amount:money}); they are kept and counted until someone confirms them."),
    "no_gaps": N_("No gaps: every month from the first sale to the reporting date has sales, and every line names its account."),
    "tables_missing": N_("{count:n} further {count:plural|table|tables} would sharpen this report; the table below says what each adds."),
    "tables_complete": N_("Every table this report works with was delivered."),
    "can_carry": N_("The data carry all four steps: {full:n} in full, {partly:n} in part."),
    "cannot_carry": N_("The data cannot carry {no:n} of the four steps yet; {full:n} stand in full, {partly:n} in part."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "get_control_total": N_("Have finance state the net sales of these 12 months, so that the figures can be reconciled."),
    "explain_difference": N_("Settle the difference with finance before quoting any figure."),
    "mend_no_account": N_("Assign those lines to accounts."),
    "mend_duplicates": N_("Confirm that the lines were exported twice, and drop them."),
    "mend_after_period": N_("Agree with finance on the cut-off date."),
    "mend_before_period": N_("Agree with finance on the cut-off date."),
    "mend_voided": N_("Leave the voided lines out."),
    "mend_read_gross": N_("Export the net amounts."),
    "mend_ledger_gross": N_("Ask finance for the total net of tax."),
    "mend_month_missing": N_("Deliver the missing months."),
    "ask_for_months": N_("Provide the missing months, or confirm that nothing was sold."),
    "ask_for_history": N_("Provide at least 24 months of sales."),
    "assign_accounts": N_("Have sales operations assign these lines to accounts."),
    "confirm_repeats": N_("Confirm whether these lines are real repeats or were exported twice."),
    "ask_for_tables": N_("Provide the tables with the greatest use first: receivables, opportunities, contacts and visits."),
    "ask_for_core": N_("Provide what the table below names as lacking before these steps are relied on."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "coverage": (
        "coverage",
        "after_as_of",
    ),
    "reconciliation": (
        "reconciled",
        "not_reconciled",
        "periods_reconciled",
        "periods_not_reconciled",
        "difference_explained",
        "no_control_total",
    ),
    "gaps": (
        "months_empty",
        "history_short",
        "unassigned",
        "repeated_lines",
        "no_gaps",
    ),
    "tables": (
        "tables_missing",
        "tables_complete",
    ),
    "verdict": (
        "can_carry",
        "cannot_carry",
    ),
}
