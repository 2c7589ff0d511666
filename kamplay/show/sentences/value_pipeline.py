"""Step 2 in words: win rates, the forecast tried on past quarters, deals that stand still, entities on one account."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "deals_unknown": N_("Win rates, the worth of the forecast and stalled deals cannot be told without opportunities."),
    "deals_few_closed": N_("{closed:n} {closed:plural|deal|deals} closed: too few for a win rate, which takes {few:n}."),
    "deals_won": N_("{rate:pct} of closed deals were won (95% interval {low:pct} to {high:pct}, {closed:n} deals)."),
    "deals_promise_high": N_("The recorded win rates promise {recorded_promise:pct} of the open amount, history gives {history_promise:pct}: {recorded_weighted:money} against {history_weighted:money} ({compared:n} deals)."),
    "deals_promise_low": N_("The recorded win rates promise only {recorded_promise:pct} of the open amount, history gives {history_promise:pct}: {recorded_weighted:money} against {history_weighted:money} ({compared:n} deals)."),
    "deals_promise_fair": N_("The recorded win rates agree with history: they promise {recorded_promise:pct} of the open amount, history {history_promise:pct} ({compared:n} deals)."),
    "deals_calibrated": N_("Deals closed with a recorded win rate of {kept_recorded:pct} on average; {kept_rate:pct} of the {kept:n} were won ({kept_low:pct} to {kept_high:pct}): the estimates hold."),
    "deals_uncalibrated": N_("Deals closed with a recorded win rate of {kept_recorded:pct} on average, but {kept_rate:pct} of the {kept:n} were won ({kept_low:pct} to {kept_high:pct})."),
    "deals_entities_differ": N_("{best} wins {best_rate:pct} of its deals, {worst} {worst_rate:pct}: more than chance explains."),
    "deals_large_harder": N_("Of the largest third of deals {large:pct} were won, of the smallest {small:pct}: more than chance explains."),
    "deals_amounts_missing": N_("{won:pct} of won and {lost:pct} of lost deals carry an amount; it takes {least:pct} of both to tell win rates by size and try the forecast in money. It is tried in deals instead."),
    "deals_untested": N_("The forecast cannot be tried on the past yet: {settled:n} {settled:plural|quarter is|quarters are} settled, and each needs {few:n} deals closed before it."),
    "deals_forecast_high": N_("Tried on {settled:n} past quarters, the forecast missed by {miss:pct} of what was then won, too high every time."),
    "deals_forecast_low": N_("Tried on {settled:n} past quarters, the forecast missed by {miss:pct} of what was then won, too low every time."),
    "deals_forecast_mixed": N_("Tried on {settled:n} past quarters, the forecast missed by {miss:pct} of what was then won: {high:n} times too high, {low:n} times too low."),
    "deals_none_open": N_("No opportunity is open."),
    "deals_pace": N_("A deal that is won takes {days_won:n} days, one that is lost {days_lost:n}; open deals have been open for {age_open:n} (medians)."),
    "deals_past_winning": N_("{count:n} of {open:n} open opportunities are older than {longest:n} days, within which 95% of the won ones were won."),
    "deals_moving": N_("None of the {open:n} open opportunities stands still."),
    "deals_undatable": N_("The {open:n} open opportunities carry no opening date: which of them stand still cannot be told."),
    "deals_stalled": N_("{count:n} open {count:plural|opportunity stands|opportunities stand} still, {amount:money} in all, {late:n} of them over {days:n} days past the expected close. {deal} of {first} has been open for {age:n} days, {times:n1} times what is usual at its stage ({stage}, median {median:n1})."),
    "deals_stalled_blank": N_("{count:n} open {count:plural|opportunity stands|opportunities stand} still, {late:n} of them over {days:n} days past the expected close. {deal} of {first} has been open for {age:n} days, {times:n1} times what is usual at its stage ({stage}, median {median:n1})."),
    "deals_stalled_plain": N_("{count:n} open {count:plural|opportunity stands|opportunities stand} still, {late:n} of them over {days:n} days past the expected close."),
    "deals_outside": N_("{share:pct} of revenue ({amount:money}, {count:n} {count:plural|account|accounts}) came without a deal won in the 12 months: it runs outside the funnel."),
    "deals_blank": N_("{count:n} of {open:n} open opportunities carry no amount and count for nothing in the weighted amount."),
    "deals_dates_missing": N_("Left out where dates are needed: {undated:n} closed deals without both dates, {unopened:n} open ones without an opening date; {unclear:n} with a closing date but no outcome count as open."),
    "entities_unknown": N_("Neither sales lines nor opportunities say which of our entities sells: two on one account would go unseen."),
    "entities_deals_only": N_("Only opportunities say which of our entities sells: revenue by entity is unknown."),
    "entities_competing": N_("On {count:n} {count:plural|account|accounts} different entities of ours have open opportunities against each other: {three}. At {first} they are {deals}."),
    "entities_shared": N_("{count:n} {count:plural|account buys|accounts buy} from two of our entities ({amount:money}); at {first} they are {one} and {other}."),
    "entities_apart_sales": N_("No account buys {part:pct} or more from each of two of our entities; whether they bid against each other is unknown, because no opportunities name the entity."),
    "entities_apart": N_("No account buys {part:pct} or more from each of two of our entities, and none has open opportunities of two."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "deals_keep_closed": N_("Have sales record won and lost with a date, and keep closed deals in the export."),
    "deals_use_history": N_("Sales management sets the win rates of the stages to what history gives, and reviews them each quarter."),
    "deals_learn": N_("Sales management compares how both qualify deals, before it compares people."),
    "deals_qualify_large": N_("Decide on large deals by hand: a sponsor, a budget and a date before they count."),
    "deals_keep_amounts": N_("Keep the amount of lost deals in the CRM instead of clearing it."),
    "deals_discount": N_("Cut the forecast by the usual miss before production and finance plan on it."),
    "deals_plan_more": N_("Plan stock and capacity for more than the forecast says."),
    "deals_prospect": N_("Sales management agrees with each owner how many new opportunities are to be opened this quarter."),
    "deals_close_dead": N_("Each owner closes these as lost, or states the customer's next step with a date."),
    "deals_move_or_close": N_("The owner visits {three} this month: a next step with a date, or close the deal as lost."),
    "deals_state_amounts": N_("Have each owner state an amount, if only a range, for every open opportunity."),
    "deals_state_dates": N_("Record when an opportunity is opened and closed, and with which outcome."),
    "entities_name_seller": N_("Provide the selling entity on the sales lines and on the opportunities."),
    "entities_one_lead": N_("The heads of both entities name one lead for {first} before the next offer goes out."),
    "entities_one_face": N_("Name one entity responsible for {first}, with one price list and one contact."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "win_rates": (
        "deals_unknown", "deals_won", "deals_few_closed", "deals_promise_high", "deals_promise_low", "deals_promise_fair", "deals_calibrated",
        "deals_uncalibrated", "deals_entities_differ", "deals_large_harder",
    ),
    "backtest": ("deals_forecast_high", "deals_forecast_low", "deals_forecast_mixed", "deals_untested", "deals_amounts_missing"),
    "stalled": (
        "deals_stalled", "deals_stalled_blank", "deals_stalled_plain", "deals_moving", "deals_undatable", "deals_none_open", "deals_past_winning", "deals_pace",
        "deals_blank", "deals_dates_missing",
    ),
    "outside_funnel": ("deals_outside",),
    "entities": ("entities_competing", "entities_shared", "entities_apart", "entities_apart_sales", "entities_deals_only", "entities_unknown"),
}  # fmt: skip
