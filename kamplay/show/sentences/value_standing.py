"""Step 2 in words: the accounts' own condition and how they pay."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "standing_weak": N_("{count:n} of {known:n} accounts whose books are known are weak in at least two of four ratios; they buy for {revenue:money} a year and owe {owed:money}: {names}."),
    "standing_sound": N_("None of the {known:n} accounts whose books are known is weak in two of four ratios."),
    "standing_unknown": N_("How sound the accounts themselves are is not known: their own figures were not delivered."),
    "collect_days": N_("Bills paid in the last 12 months took {now:n} days to collect, against {before:n} in the 12 before."),
    "collect_days_first": N_("Bills paid in the last 12 months took {now:n} days to collect."),
    "credit_exceeded": N_("{count:n} {count:plural|account is|accounts are} above the credit limit, by {beyond:money} in all: {names}."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "watch_credit": N_("Have finance review limits and terms of those that owe most before the next large order, {three} first."),
    "ask_for_financials": N_("Ask the largest accounts for their statements, or take them from public registers."),
    "speed_collection": N_("Find out with finance which accounts became slower, and agree on dates with them."),
    "decide_credit": N_("Decide account by account, {first} first: raise the limit with a reason, or hold deliveries until paid."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "standing": ("standing_weak", "standing_sound", "standing_unknown", "collect_days", "collect_days_first", "credit_exceeded"),
}
