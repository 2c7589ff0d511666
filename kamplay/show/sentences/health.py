"""Step 3 in words: whom to see, which accounts are red or late, why there is no probability, payment."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "watch_list": N_("{count:n} accounts to see this week: together they bring {revenue:money} a year, of which {at_risk:money} is expected to be lost; {warned:n} show a sign that calls for action. First {three}."),
    "watch_list_score": N_("{count:n} accounts to see this week: together they bring {revenue:money} a year; {warned:n} show a sign that calls for action. First {three}."),
    "watch_trust": N_("How far to trust it: in the test period, of {open:n} accounts that had not plainly stopped, the first {k:n} of such a list held {met:n} of the {stopped:n} that then stopped; over all accounts {predicted:n} were expected to stop and {all_stopped:n} did, so amounts ran {off:change} off."),
    "watch_none": N_("No account needs a visit out of turn this week."),
    "red_accounts": N_("{red:n} of the {active:n} accounts that bought at least twice, the last time within a year, are red; they bring {revenue:money}, {share:pct} of revenue. {gone:n} of them have plainly stopped already."),
    "no_red": N_("None of the {active:n} accounts that bought at least twice, the last time within a year, is red."),
    "none_scored": N_("No account bought at least twice, the last time within a year, so none has a health score."),
    "large_silent": N_("{count:n} large {count:plural|account is|accounts are} late against {count:plural|its|their} own rhythm ({revenue:money} a year); {first} usually buys every {gap:n} days and has been silent for {silent:n}."),
    "single_purchase": N_("{count:n} {count:plural|account|accounts} of the last year bought only once ({revenue:money}): too little for a rhythm, so they are not judged."),
    "too_few": N_("Too few to validate: only {events:n} accounts stopped or stayed in the periods to learn from and to test on, {needed:n} are needed. No probability is shown; the expert score ranks alone."),
    "too_short": N_("Too few to validate: the history is too short to learn from one period and test on another of {horizon:n} days. No probability is shown; the expert score ranks alone."),
    "not_better": N_("A probability of stopping was tried and did not hold out of time (it ranked right {auc:pct} of the time on {n_test:n} accounts), so none is shown; the expert score ranks alone."),
    "seen_to": N_("The data end on {seen_to:date}; health is judged at that day, so that months never delivered do not look like silence."),
    "overdue": N_("{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of {open:money} outstanding; {first} owes {first_overdue:money}, {first_share:pct} of its year's purchases, for up to {oldest:n} {oldest:plural|day|days}."),
    "overdue_without_purchases": N_("{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of {open:money} outstanding; {first} owes {first_overdue:money} for up to {oldest:n} {oldest:plural|day|days}, with no purchases in the last 12 months to set against it."),
    "payment_unknown": N_("Payment behaviour is not in this score: no receivables were delivered."),
    "payment_clean": N_("No account is overdue on {open:money} outstanding."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "see_them": N_("Give each account a name and a day this week; the list of section 3 says what the talk is about."),
    "call_red": N_("Take them in the order of the plan in section 4, the largest first, as many a week as the owners can reach in person."),
    "visit_silent": N_("Have each owner find out in person this week whether the account has left or is only late."),
    "work_the_list": N_("Use the probability to rank, and the expected loss to decide how much effort an account is worth."),
    "use_expert_score": N_("Use the ranking, not a probability, and judge again when more history exists."),
    "ask_for_receivables": N_("Provide the open and paid invoices with due dates."),
    "collect": N_("Have account owner and finance agree on who calls whom this week."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "watch": ("watch_list", "watch_list_score", "watch_none", "watch_trust"),
    "withheld": ("too_few", "too_short", "not_better", "seen_to"),
    "bands": ("red_accounts", "no_red", "none_scored", "large_silent", "single_purchase"),
    "payment": ("overdue", "overdue_without_purchases", "payment_clean", "payment_unknown"),
}
