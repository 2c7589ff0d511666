"""Step 2 in words: concentration, movement, margin, funnel."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "concentration": N_("{accounts_for_80:n} of {accounts:n} {accounts:plural|account|accounts} {accounts_for_80:plural|brings|bring} 80% of revenue; losing {first} would cost {top1_share:pct}."),
    "movement": N_("Revenue changed by {growth:change}. Last year's accounts brought {before:money} then and {nrr:pct} of it now, but only {grr:pct} when no growth is counted."),
    "movement_unknown": N_("With {months:n} months of data, growth and retention cannot be told yet."),
    "large_losses": N_("{falls:n} accounts shrank or left and took away {total:money}, {total_share:pct} of the year before; {count:n} of them account for {amount:money}: {names}."),
    "below_peak": N_("Over three years revenue went from {before_last:money} to {last:money} to {now:money}: {change:change} against the best of them."),
    "margin": N_("Sales leave a margin of {margin_rate:pct} ({margin:money}); before service no large account loses money, the thinnest margin among them is {thinnest:pct} at {first}."),
    "margin_losers": N_("{losing:n} large {losing:plural|account loses|accounts lose} money: {losing_revenue:money} of revenue at a margin of {losing_margin:money}. {names}."),
    "margin_partial": N_("The cost of {share:pct} of revenue is known; where an account's lines carry none, its other lines stand for them."),
    "margin_unknown": N_("Profit by account is unknown, because the sales lines carry no cost."),
    "funnel": N_("{open:n} open opportunities worth {open_amount:money} weigh {weighted:money} by their win rates, {share:pct} of a year's revenue. Won and weighted come to {forecast:money}: {won:money} of it was won in the last 12 months and is no new money."),
    "deals_without_rate": N_("{count:n} open {count:plural|opportunity has|opportunities have} no win rate and {count:plural|counts|count} for nothing in the weighted amount."),
    "deals_overdue": N_("{count:n} open {count:plural|opportunity is|opportunities are} past the expected closing date, worth {amount:money}."),
    "funnel_unknown": N_("What is in the funnel is unknown, because no opportunities were delivered."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "protect_first": N_("Give {first} a plan of its own: a team, a second contact at the top, and a stated fallback."),
    "focus_on_few": N_("Put the best people on these accounts first."),
    "one_standard_for_most": N_("Too many to manage one by one: personal care for levels S and A, one good standard for the rest."),
    "explain_decline": N_("Establish with sales and finance what was lost for good and what can come back."),
    "win_back": N_("Before hunting for new accounts, find out why those that fell most left or shrank: {three}."),
    "keep_growing": N_("Retention is in order: put the effort into the accounts with room to grow."),
    "find_out_why": N_("Talk to these accounts this month, {three} first, and record the reasons."),
    "reprice": N_("Recalculate price, terms and service of those that lose most, {three}."),
    "complete_cost": N_("Complete the cost of the lines before repricing on these margins."),
    "ask_for_cost": N_("Provide the cost of each line: revenue alone cannot tell a key account from an expensive one."),
    "ask_for_opportunities": N_("Provide the CRM's open and closed opportunities."),
    "funnel_balanced": N_("Keep the intake of new opportunities at this level."),
    "funnel_fill_gap": N_("This intake does not reach the target: at the {rate:pct} of past deals that were won, the {gap:money} missing takes about {needed:money} of new opportunities that close within the year. Agree with each owner how many to open this quarter."),
    "funnel_fill_gap_unrated": N_("This intake does not reach the target: {gap:money} is missing. Agree with each owner how many new opportunities to open this quarter."),
    "funnel_wide_mouth": N_("Much goes in and little comes near a close: qualify early, and drop what will not close."),
    "funnel_thin_mouth": N_("Little new is coming in behind the late stages: prospect now, or next year has a hole."),
    "state_win_rates": N_("State a win rate for every stage."),
    "review_deals": N_("Set a new date with the customer, or close these opportunities as lost."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "concentration": ("concentration",),
    "movement": (
        "movement",
        "movement_unknown",
        "large_losses",
        "below_peak",
    ),
    "margin": (
        "margin",
        "margin_losers",
        "margin_unknown",
        "margin_partial",
    ),
    "funnel": (
        "funnel",
        "funnel_unknown",
        "deals_without_rate",
        "deals_overdue",
    ),
}
