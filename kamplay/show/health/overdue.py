"""What accounts owe, in words."""

from __future__ import annotations

from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings

# what this topic can find, in words
COLLECT = {"collect": N_("Account owners and finance: agree who calls which account.")}

register_findings(
    FindingSpec(
        "overdue",
        "payment",
        N_(
            "{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of "
            "{open:money} outstanding; {first} owes {first_overdue:money}, {first_share:pct} of its "
            "year's purchases, for up to {oldest:n} {oldest:plural|day|days}."
        ),
        actions=COLLECT,
        brief=N_(
            "{overdue:money} of {open:money} outstanding is overdue, {first_overdue:money} of it at {first}."
        ),
        rank=24,
    ),
    FindingSpec(
        "overdue_without_purchases",
        "payment",
        N_(
            "{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of "
            "{open:money} outstanding; {first} owes {first_overdue:money} for up to {oldest:n} "
            "{oldest:plural|day|days}, with no purchases in the last 12 months to set against it."
        ),
        actions=COLLECT,
        brief=N_(
            "{overdue:money} of {open:money} outstanding is overdue, {first_overdue:money} of it at {first}."
        ),
        rank=25,
    ),
    FindingSpec("payment_clean", "payment", N_("No account is overdue on {open:money} outstanding.")),
    FindingSpec(
        "payment_unknown",
        "payment",
        N_("Payment behaviour is not in this score: no receivables were delivered."),
        actions={"ask_for_receivables": N_("Finance: provide the open and paid invoices with due dates.")},
    ),
)
