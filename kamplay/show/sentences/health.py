"""Step 3 in words: whom to see, which accounts are red or late, why there is no probability, payment."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "watch_list": N_("{count:n} {count:plural|account|accounts} to see this week: of about {ahead:money} that they would buy in the next {horizon:n} days, {at_risk:money} is expected to be lost; {warned:n} {warned:plural|shows|show} a sign that calls for action. First {three}."),
    "watch_list_score": N_("{count:n} {count:plural|account|accounts} to see this week: together they bring {revenue:money} a year; {warned:n} {warned:plural|shows|show} a sign that calls for action. First {three}."),
    "watch_trust": N_("How far to trust it: made the same way on {cutoff:date}, of the {count:n} accounts on the list {hit:n} stopped or bought less than half in the {horizon:n} days after, with {share:pct} of all the revenue lost in that time; picked blindly, {count:n} would hold about {chance:pct}. It expected a loss of {expected:money}, and {lost:money} came."),
    "watch_trust_none": N_("How far to trust it: made the same way on {cutoff:date}, none of the {count:n} accounts on the list was lost in the {horizon:n} days after, although {expected:money} was expected to be."),
    "watch_trust_moved": N_("{moved:n} of the model's {known:n} inputs have moved strongly since that test: today's accounts are of another kind, so trust the order of the list more than its amounts."),
    "already_stopped": N_("Of those that bought within the year, {count:n} {count:plural|has|have} plainly stopped already and {count:plural|is|are} not counted above; in the year before falling silent {count:plural|it|they} brought {before:money}. {count:plural|It is|The largest is} {first}: {first_before:money}, last order {last_order:date}."),
    "outlook_signs": N_("Section 2 expects {outlook:money} in the next 12 months from purchase dates and deals. {accounts:n} {accounts:plural|account|accounts} with a warning sign {accounts:plural|stands|stand} in it with {expected:money}; by the chances given here {off:money} of that will not come (eight times in ten {low:money} to {high:money}). That leaves {left:money} as the cautious case."),
    "outlook_signs_target": N_("Section 2 expects {outlook:money} in the next 12 months from purchase dates and deals. {accounts:n} {accounts:plural|account|accounts} with a warning sign {accounts:plural|stands|stand} in it with {expected:money}; by the chances given here {off:money} of that will not come (eight times in ten {low:money} to {high:money}). That leaves {left:money} as the cautious case. The target of {target:money} is missed by {least:money} if every warned account stays, and by {gap:money} in the cautious case."),
    "outlook_signs_part": N_("Section 2 expects {outlook:money} in the next 12 months from purchase dates and deals. {accounts:n} {accounts:plural|account|accounts} with a warning sign {accounts:plural|stands|stand} in it with {expected:money}; by the chances given here {off:money} of that will not come (eight times in ten {low:money} to {high:money}). That leaves {left:money} as the cautious case: the target of {target:money} is met if every warned account stays, and missed by {gap:money} in the cautious case."),
    "watch_none": N_("No account needs a visit out of turn this week."),
    "red_accounts": N_("{red:n} of the {active:n} accounts that bought at least twice, the last time within a year, are red; they bring {revenue:money}, {share:pct} of what all these bring. {gone:n} of them {gone:plural|has|have} plainly stopped already."),
    "red_buying": N_("{red:n} of the {active:n} accounts that bought at least twice, the last time within a year, are red; they bring {revenue:money}, {share:pct} of what all these bring, and none of them has plainly stopped yet."),
    "red_gone": N_("{red:n} of the {active:n} accounts that bought at least twice, the last time within a year, are red, and all of them have plainly stopped already; what they still brought in the last 12 months is {revenue:money}, {share:pct} of what all these brought."),
    "no_red": N_("None of the {active:n} accounts that bought at least twice, the last time within a year, is red."),
    "none_scored": N_("No account bought at least twice, the last time within a year, so none has a health score."),
    "large_silent": N_("{count:n} large {count:plural|account is|accounts are} late against {count:plural|its|their} own rhythm ({revenue:money} a year); {first} usually buys every {gap:n} days and has been silent for {silent:n}."),
    "single_purchase": N_("{count:n} {count:plural|account|accounts} of the last year bought only once ({revenue:money}): too little for a rhythm, so they are not judged."),
    "too_few": N_("Too few to validate: {events:n} {events:plural|account|accounts} stopped or stayed in the periods to learn from and to test on, where {needed:n} are needed. No probability is shown; the expert score ranks alone."),
    "too_short": N_("Too few to validate: the history is too short to learn from one period and test on another of {horizon:n} days. No probability is shown; the expert score ranks alone."),
    "not_better": N_("A probability of stopping was tried and did not hold out of time (it ranked right {auc:pct} of the time on {n_test:n} accounts), so none is shown; the expert score ranks alone."),
    "seen_to": N_("The data end on {seen_to:date}; health is judged at that day, so that months never delivered do not look like silence."),
    "overdue": N_("{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of {open:money} outstanding; {first} owes {first_overdue:money}, {first_share:pct} of its year's purchases, for up to {oldest:n} {oldest:plural|day|days}."),
    "overdue_without_purchases": N_("{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of {open:money} outstanding; {first} owes {first_overdue:money} for up to {oldest:n} {oldest:plural|day|days}, with no purchases in the last 12 months to set against it."),
    "payment_unknown": N_("Payment behaviour is not in this score: no receivables were delivered."),
    "payment_clean": N_("No account is overdue on {open:money} outstanding."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "see_them": N_("Head of sales: hand each owner the accounts below today; whoever has seen one reports within the week what changed and what was agreed."),
    "call_red": N_("Head of sales: have those that still buy seen first, by revenue; for those that have stopped, decide between winning back and closing."),
    "settle_gone": N_("Head of sales: decide with the owners within 30 days, the largest first, which to win back, with an offer and a name, and which to close."),
    "outlook_signs_plan": N_("Finance: plan for the range from {left:money} to {outlook:money}, and move within it as the owners report which of these accounts stay."),
    "visit_silent": N_("Have each owner find out in person this week whether the account has left or is only late."),
    "work_by_campaign": N_("Head of sales: no single account decides this, the list above stands for {covered:pct} of it; plan a campaign by telephone or mail for the accounts with the largest expected loss, which the workbook lists."),
    "work_the_list": N_("Head of sales: the list above stands for {covered:pct} of it; have the rest called in the order of expected loss, which the workbook holds."),
    "use_expert_score": N_("Use the ranking, not a probability, and judge again when more history exists."),
    "ask_for_receivables": N_("Provide the open and paid invoices with due dates."),
    "collect": N_("Have account owner and finance agree on who calls whom this week."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "watch": ("watch_list", "watch_list_score", "watch_none", "watch_trust", "watch_trust_none", "watch_trust_moved"),
    "stopped": ("already_stopped",),
    "outlook_signs": ("outlook_signs", "outlook_signs_target", "outlook_signs_part"),
    "withheld": ("too_few", "too_short", "not_better", "seen_to"),
    "bands": ("red_accounts", "red_gone", "red_buying", "no_red", "none_scored", "large_silent", "single_purchase"),
    "payment": ("overdue", "overdue_without_purchases", "payment_clean", "payment_unknown"),
}
