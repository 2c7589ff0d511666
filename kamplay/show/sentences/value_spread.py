"""Concentration in depth in words: the client's own law, margin beside revenue, the trend, how regularly the large accounts buy."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "spread_law": N_("Where the rule of thumb says 20/80, the rule here is {few:n}/{many:n}: the largest {few:n}% of accounts ({holders:n} of {accounts:n}) bring {many:n}% of revenue (95% interval {low:n}/{low_many:n} to {high:n}/{high_many:n}); the largest fifth brings {top20:pct}."),
    "spread_law_unknown": N_("With {accounts:n} {accounts:plural|account|accounts} that bought, no rule such as 20/80 can be read; {needed:n} are needed."),
    "spread_empty": N_("No account brought net revenue in the 12 months, so concentration cannot be told."),
    "spread_margin_narrower": N_("Margin is more concentrated than revenue: of the {known:n} accounts whose cost is known, {margin_for_80:n} {margin_for_80:plural|brings|bring} 80% of what the profitable ones earn, while it takes {revenue_for_80:n} to bring 80% of revenue."),
    "spread_margin_wider": N_("Margin is spread wider than revenue: of the {known:n} accounts whose cost is known, it takes {margin_for_80:n} to bring 80% of what the profitable ones earn, but only {revenue_for_80:n} to bring 80% of revenue."),
    "spread_margin_alike": N_("Margin is about as concentrated as revenue: of the {known:n} accounts whose cost is known, {margin_for_80:n} {margin_for_80:plural|brings|bring} 80% of what the profitable ones earn and {revenue_for_80:n} {revenue_for_80:plural|brings|bring} 80% of revenue."),
    "spread_margin_unknown": N_("Whether profit hangs on fewer accounts than revenue cannot be told, because too little of the cost is known; with the cost of each line it could."),
    "spread_rose": N_("Concentration rose: in the 12 months to {since:date} the five largest accounts brought {was:pct} of revenue, in those to {until:date} {now:pct}; 80% came from {before_80:n} of {before_all:n} accounts then and comes from {now_80:n} of {now_all:n} now."),
    "spread_fell": N_("Concentration fell: in the 12 months to {since:date} the five largest accounts brought {was:pct} of revenue, in those to {until:date} {now:pct}; 80% came from {before_80:n} of {before_all:n} accounts then and comes from {now_80:n} of {now_all:n} now."),
    "spread_steady": N_("Concentration at the top hardly moved: in the 12 months to {since:date} the five largest accounts brought {was:pct} of revenue, in those to {until:date} {now:pct}; 80% came from {before_80:n} of {before_all:n} accounts then and comes from {now_80:n} of {now_all:n} now."),
    "spread_trend_unknown": N_("With {months:n} {months:plural|month|months} of data it cannot be told where concentration is heading; 13 months give a first comparison, 24 a full one."),
    "spread_irregular_a": N_("{count:n} of {judged:n} accounts of ABC class A with a full year behind them {count:plural|buys|buy} irregularly (AZ) and {count:plural|brings|bring} {share:pct} of revenue: {names}."),
    "spread_regular_a": N_("None of the {judged:n} accounts of ABC class A with a full year behind them buys irregularly; {regular:n} {regular:plural|buys|buy} evenly from month to month (AX) and {regular:plural|brings|bring} {regular_share:pct} of revenue."),
    "spread_a_new": N_("No account of ABC class A has a full year behind it, so how regularly the large accounts buy cannot be told."),
    "spread_xyz_unknown": N_("With {months:n} {months:plural|month|months} of data no account has a full year behind it, so how regularly accounts buy cannot be told; more than 12 months of lines, or the start of each relation, would show it."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "spread_check_period": N_("Check with the client whether the sales of these 12 months were delivered in full."),
    "spread_guard_margin": N_("Sales and finance: review price and terms of these accounts together before any concession, as most of the profit hangs on them."),
    "spread_widen_base": N_("Head of sales: name the accounts below the first five that can grow, and give each a target and an owner."),
    "spread_call_offs": N_("Account owners: agree a yearly frame with call-offs, or a purchase forecast, with the largest of them, {three} first."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "spread_law": ("spread_law", "spread_law_unknown", "spread_empty"),
    "spread_margin": ("spread_margin_narrower", "spread_margin_wider", "spread_margin_alike", "spread_margin_unknown"),
    "spread_trend": ("spread_rose", "spread_fell", "spread_steady", "spread_trend_unknown"),
    "spread_rhythm": ("spread_irregular_a", "spread_regular_a", "spread_a_new", "spread_xyz_unknown"),
}
