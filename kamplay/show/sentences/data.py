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
    "tables_missing": N_("{count:n} further {count:plural|table|tables} would sharpen this report; the table below says what {count:plural|it adds|each adds}."),
    "tables_complete": N_("Every table this report works with was delivered."),
    "can_carry": N_("The data carry all four steps: {full:n} in full, {partly:n} in part."),
    "cannot_carry": N_("The data cannot carry {no:n} of the four steps yet; {full:n} stand in full, {partly:n} in part."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "get_control_total": N_("Finance: state the net sales of these 12 months before any figure is quoted."),
    "explain_difference": N_("Finance and sales operations: settle the difference before any figure is quoted."),
    "mend_no_account": N_("Sales operations: assign those lines to accounts for the next run."),
    "mend_duplicates": N_("Sales operations: confirm that the lines were exported twice; the next run drops them."),
    "mend_after_period": N_("Finance and sales operations: agree on the cut-off date for the next run."),
    "mend_before_period": N_("Finance and sales operations: agree on the cut-off date for the next run."),
    "mend_voided": N_("Sales operations: leave the voided lines out of the next export."),
    "mend_read_gross": N_("Sales operations: export the net amounts for the next run."),
    "mend_ledger_gross": N_("Finance: state the total net of tax for the next run."),
    "mend_month_missing": N_("Sales operations: deliver the missing months for the next run."),
    "ask_for_months": N_("Sales operations: deliver the missing months, or confirm that nothing was sold, before these figures are used."),
    "ask_for_history": N_("Sales operations: provide at least 24 months of sales for the next report."),
    "assign_accounts": N_("Sales operations: assign these lines to accounts for the next report."),
    "confirm_repeats": N_("Sales operations: say before the next report whether these lines are real or were exported twice."),
    "ask_for_tables": N_("Sales operations: provide for the next report first of all {what}."),
    "ask_for_core": N_("Sales operations: provide what the table below names as lacking before these steps are relied on."),
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
