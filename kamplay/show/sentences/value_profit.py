"""Step 2 in words: profit after the cost to serve."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "profit_given_back": N_("After what serving costs, {accounts:n} accounts with positive revenue and a known cost leave {net:money}; {losing:n} of them cost more than they bring and give back {lost:money} ({share:pct} of what the others earn)."),
    "profit_all_earn": N_("After what serving costs, every one of {accounts:n} accounts earns its keep: {net:money} is left of a margin of {margin:money}."),
    "service_eats_margin": N_("Of these, {count:n} {count:plural|is|are} of visible size: a margin of {margin:money} against {cost:money} for serving {count:plural|it|them}. {names}."),
    "serve_costs_unstated": N_("What serving an account costs is not stated, so profit here is margin alone."),
    "serve_costs_partial": N_("Not counted for lack of data: {what}."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "mend_losers": N_("For each of the largest losers, {three} first, choose one: charge for the service, serve more cheaply, or reprice."),
    "change_service": N_("Agree with {three} on fewer visits and orders, a service fee, or a higher price."),
    "state_serve_costs": N_("Have finance state what a visit, a ticket, an order and a return cost, and the rate for money tied up."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "profit": ("profit_given_back", "profit_all_earn", "service_eats_margin", "serve_costs_unstated", "serve_costs_partial"),
}
