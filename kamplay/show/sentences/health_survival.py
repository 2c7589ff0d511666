"""Step 3 in words: how long accounts stay, and what is at risk by owner and tier."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "survive_all": N_("Of {accounts:n} accounts that were buying on {landmark:date}, {year:pct} (95% interval {low:pct} to {high:pct}) were still buying a year later; stopped means no purchase for {horizon:n} days."),
    "survive_level": N_("Size told stayers from leavers: a year later {best_share:pct} of the accounts as large then as today's level {best} were still buying, {worst_share:pct} of those as large as level {worst}."),
    "survive_nature": N_("By nature accounts stay for different times: a year later {best_share:pct} of “{best}” were still buying ({best_accounts:n} accounts), {worst_share:pct} of “{worst}” ({worst_accounts:n})."),
    "survive_industry": N_("By industry accounts stay for different times: a year later {best_share:pct} of “{best}” were still buying ({best_accounts:n} accounts), {worst_share:pct} of “{worst}” ({worst_accounts:n})."),
    "survive_region": N_("By region accounts stay for different times: a year later {best_share:pct} of “{best}” were still buying ({best_accounts:n} accounts), {worst_share:pct} of “{worst}” ({worst_accounts:n})."),
    "survive_leaning": N_("By size the lines lie apart: after {followed:n} days {best_share:pct} of accounts as large then as today's level {best} ({best_accounts:n} accounts) were still buying, {worst_share:pct} of those as large as level {worst}. Among {kinds:n} {kinds:plural|grouping|groupings} looked at, chance alone parts one as far in up to {p_value:pct} of cases: a hint, no proof."),
    "survive_alike": N_("Neither size nor the recorded groups told stayers from leavers by more than chance: no group needs a programme of its own for staying."),
    "survive_unknown": N_("How long accounts stay cannot be told yet: following them for a year takes at least that and the horizon in history, and ten accounts that buy."),
    "hazard_few": N_("What goes with stopping cannot be separated yet: {events:n} {events:plural|account|accounts} stopped and {stayed:n} stayed; each thing held against it takes {needed:n} of either."),
    "hazard_unsettled": N_("What goes with stopping cannot be told: what was known of these {accounts:n} accounts is too alike, or parts those that stopped from the others too sharply to be measured."),
    "hazard_lateness": N_("Accounts twice as late against their rhythm stop {ratio:n1} times as often as others that are alike in the rest (95% interval {low:n1} to {high:n1})."),
    "hazard_buys": N_("Accounts that buy on twice as many days stop {ratio:n2} times as often as others that are alike in the rest (95% interval {low:n2} to {high:n2})."),
    "hazard_revenue": N_("Accounts with twice the revenue stop {ratio:n2} times as often as others that are alike in the rest (95% interval {low:n2} to {high:n2})."),
    "hazard_tenure": N_("With every year an account stays it stops {ratio:n2} times as often as others that are alike in the rest (95% interval {low:n2} to {high:n2})."),
    "at_risk": N_("Accounts that stop are expected to cost {at_risk:money} in the next {horizon:n} days, in eight cases of ten between {low:money} and {high:money}; {first} weighs most. What accounts lose that only shrink is in addition; those that have plainly stopped already are not counted."),
    "at_risk_owner": N_("Of this, {at_risk:money} ({share:pct}) is with the accounts of {owner}, the most of {owners:n} owners."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "look_at_worst": N_(
        "Ask the owners of the group that stays least what it leaves for, and settle one thing to change there this quarter."
    ),
    "talk_to_owner": N_("Have the sales lead go through these accounts with this owner first, one by one, this week."),
}

TOPICS: dict[str, tuple[str, ...]] = {
    "survival": (
        "survive_all",
        "survive_level",
        "survive_nature",
        "survive_industry",
        "survive_region",
        "survive_leaning",
        "survive_alike",
        "survive_unknown",
    ),
    "hazards": ("hazard_lateness", "hazard_buys", "hazard_revenue", "hazard_tenure", "hazard_few", "hazard_unsettled"),
    "at_risk": ("at_risk", "at_risk_owner"),
}
