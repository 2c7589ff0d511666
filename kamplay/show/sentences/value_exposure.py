"""Step 2 in words: the stress test, and who depends on whom."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "stress_first": N_("Losing {first} costs {share:pct} of revenue and {margin_share:pct} of margin. New accounts, one-off purchases not counted, brought {new_per_year:money} in the last 12 months; at that rate it takes {years_to_replace:n1} years to replace."),
    "stress_first_revenue": N_("Losing {first} costs {share:pct} of revenue; its share of margin cannot be told. New accounts, one-off purchases not counted, brought {new_per_year:money} in the last 12 months; at that rate it takes {years_to_replace:n1} years to replace."),
    "stress_lost": N_("Losing {first} costs {revenue:money}, {share:pct} of revenue, and {margin_share:pct} of margin."),
    "stress_lost_revenue": N_("Losing {first} costs {revenue:money}, {share:pct} of revenue; its share of margin cannot be told."),
    "stress_lost_no_margin": N_("Losing {first} costs {revenue:money}, {share:pct} of revenue, but no margin: it leaves {margin:money}."),
    "stress_no_new": N_("New business replaces nothing: apart from the first account, no account that bought more than once is new in the last 12 months."),
    "stress_rate_unknown": N_("How long new business would take to replace a loss cannot be told: that needs 24 months of sales, and {months:n} are there."),
    "stress_two": N_("{first} and {second} are the two whose loss would hurt most: together {revenue:money}, {share:pct} of revenue. Of what is left, {accounts_for_80_after:n} {accounts_for_80_after:plural|account brings|accounts bring} 80%."),
    "stress_threat": N_("{count:n} {count:plural|customer carries|customers carry} {limit:pct} or more of revenue or margin, groups taken as one: {names} ({share:pct} of revenue). Accounting rules (IFRS 8) have listed companies disclose customers of that size."),
    "stress_no_threat": N_("No customer, groups taken as one, carries {limit:pct} of revenue or margin; the largest has {largest:pct} of revenue."),
    "stress_group": N_("The largest group, that of {first}, buys through {members:n} accounts: {revenue:money}, {share:pct} of revenue, lost together if one decision goes against us."),
    "stress_industry": N_("{value} is the largest industry: {accounts:n} {accounts:plural|account|accounts}, {revenue:money}, {share:pct} of revenue. The industry is known for {known:pct} of revenue."),
    "stress_region": N_("{value} is the largest region: {accounts:n} {accounts:plural|account|accounts}, {revenue:money}, {share:pct} of revenue. The region is known for {known:pct} of revenue."),
    "stress_master_unknown": N_("Only single accounts are tried, because no parent, industry or region of the accounts is recorded."),
    "stress_group_unknown": N_("The loss of a group is not tried, because no account has a parent recorded."),
    "stress_industry_unknown": N_("The loss of an industry is not tried, because no account that buys has one recorded."),
    "stress_region_unknown": N_("The loss of a region is not tried, because no account that buys has one recorded."),
    "stress_nothing": N_("There is nothing to lose in a stress test: no account has positive revenue in the 12 months."),
    "depend_fields": N_("Purchases are known for {known:n} {known:plural|account|accounts} ({part:pct} of revenue): mutual dependence with {both:n}, only we depend on {we:n}, only they depend on us for {they:n}, neither for {neither:n}."),
    "depend_we": N_("{count:n} {count:plural|account matters|accounts matter} more to us than we do to {count:plural|it|them}: {names}. {count:plural|It brings|They bring} {share:pct} of our revenue, while we have at most {most:pct} of {count:plural|its|their} purchases."),
    "depend_both": N_("{count:n} {count:plural|account|accounts} and we need each other: {names}, {share:pct} of our revenue."),
    "depend_they": N_("{count:n} {count:plural|account buys|accounts buy} half or more from us without being large for us: {names}, {share:pct} of our revenue."),
    "depend_unseen": N_("{count:n} {count:plural|account|accounts} with 5% or more of our revenue each ({names}, together {share:pct}) {count:plural|has|have} no known purchases: whether they need us cannot be told."),
    "depend_capped": N_("{count:n} {count:plural|account|accounts} bought more from us than they are said to spend in all ({names}); their share is taken as 100%."),
    "depend_unknown": N_("Who depends on whom cannot be told, because the total purchases of the accounts that buy are not known."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "stress_second_leg": N_("General manager and sales head: name this quarter what would be cut and who would be won if {first} left, and put a figure on both."),
    "stress_two_fallback": N_("Finance: run the plan for the year without {first} and {second} and state how long cash would last."),
    "stress_cap_exposure": N_("Management: agree notice periods and minimum quantities with {three}, and win new business elsewhere, so that others grow into the balance."),
    "stress_group_one_plan": N_("Sales head: one plan and one owner for the whole group of {first}, with contacts in each member that buys."),
    "stress_watch_market": N_("Marketing: name the one event (a rule, a tender, a price cut) that would hit {value}, and the sign by which it would be seen first."),
    "stress_ask_history": N_("Provide at least 24 months of sales: then new accounts can be told from old ones."),
    "stress_find_new": N_("Sales head: set a target for new accounts and give somebody the time to win them."),
    "stress_ask_master": N_("Have the accounts' parent, industry and region recorded: losses that come together can then be tried together."),
    "stress_ask_revenue": N_("Check the reporting date and whether the sales of the last 12 months were delivered."),
    "depend_reduce": N_("Account owners: give {three} a reason to stay that others cannot copy, and find a second contact; management: hold no capacity there without a commitment."),
    "depend_bind": N_("Account owners: turn the mutual need into a framework agreement of several years with {three}."),
    "depend_deserve": N_("Sales: secure their supply and keep prices fair; half a customer's purchases is trust, and also the limit of growth there."),
    "depend_ask_wallet": N_("Account owners: find out what the largest accounts spend in all on what we sell."),
    "depend_correct_wallet": N_("Account owners: correct the stated purchases of these accounts."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "stress": (
        "stress_first",
        "stress_first_revenue",
        "stress_lost",
        "stress_lost_revenue",
        "stress_lost_no_margin",
        "stress_rate_unknown",
        "stress_no_new",
        "stress_two",
        "stress_threat",
        "stress_no_threat",
        "stress_group",
        "stress_industry",
        "stress_region",
        "stress_master_unknown",
        "stress_group_unknown",
        "stress_industry_unknown",
        "stress_region_unknown",
        "stress_nothing",
    ),
    "dependence": ("depend_fields", "depend_we", "depend_both", "depend_they", "depend_unseen", "depend_capped", "depend_unknown"),
}
