"""Step 3 in words: the signs that accounts may leave, and how often such warnings were right."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "warn_all": N_("{accounts:n} {accounts:plural|account shows|accounts show} a sign of leaving, with {revenue:money} of yearly revenue: {calls}. First: {three}."),
    "warn_quiet": N_("No account that still buys shows a sign that it may leave; {read:n} {read:plural|sign was|signs were} read."),
    "warn_payment": N_("Payment slips at {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: {bills_overdue:n} {bills_overdue:plural|invoice|invoices} overdue by {overdue:money}, the oldest {oldest:n} days, since {since:date}."),
    "warn_payment_slip": N_("Payment slips at {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: invoices settled {rise:n} days later than before on average, since {since:date}; {overdue:money} overdue now."),
    "warn_order_rhythm": N_("{count:n} {count:plural|account orders|accounts order} later than usual, worth {revenue:money} a year. {first}: {usual:n} days between orders before, {recent:n} lately, since {since:date}; last order {last_order:date}."),
    "warn_complaints": N_("Complaints rise at {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: {complaints:n} in 180 days, {open_complaints:n} of all still open, since {since:date}; the last was {quiet_days:n} {quiet_days:plural|day|days} ago."),
    "warn_complaints_silent": N_("Complaints rise at {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: {complaints:n} in 180 days since {since:date}, then none for {quiet_days:n} days although {open_complaints:n} {open_complaints:plural|is|are} still open: it may have given up."),
    "warn_contact_lost": N_("{count:n} {count:plural|account is|accounts are} no longer met, worth {revenue:money} a year. {first}: no visit for {days_unvisited:n} days, usually one every {visit_gap:n}; last visit {last_visit:date}."),
    "warn_contact_lost_gone": N_("{count:n} {count:plural|account is|accounts are} no longer met or lost a key contact, worth {revenue:money} a year. {first}: {gone:n} {gone:plural|contact has|contacts have} left, no visit for {days_unvisited:n} days, last visit {last_visit:date}; visible since {since:date}."),
    "warn_contact_left": N_("A key contact has left at {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: nobody of that layer is known any more."),
    "warn_competitor": N_("A competitor gains at {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: {lost_deals:n} {lost_deals:plural|deal|deals} lost in a year, the last to {rival} on {last_loss:date}; first sign {since:date}."),
    "warn_delivery": N_("We deliver late to {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: {on_time:pct} of {orders:n} orders on time in 180 days, {on_time_before:pct} in the year before, since {since:date}."),
    "warn_satisfaction_gap": N_("Satisfaction falls while purchases hold at {count:n} {count:plural|account|accounts} worth {revenue:money} a year. {first}: from {score_before:n1} to {score:n1} out of 5, with {bought:money} bought in the last half-year, since {since:date}."),
    "warn_record": N_("On {cuts:n} past days from {first_cut:date} to {last_cut:date} such signs were raised {raised:n} times; {stopped:n} times ({share:pct}) the account then bought nothing for {horizon:n} days. Of accounts picked blindly {base:pct} would have."),
    "warn_record_poor": N_("{count:n} of {of:n} kinds of sign did no better in the past than picking accounts blindly."),
    "warn_record_short": N_("How often such warnings are right cannot be told yet: that takes a year of history before a past day and {horizon:n} days after it."),
    "warn_record_too_few": N_("How often such warnings are right cannot be told yet: {raised:n} on {cuts:n} past days, {needed:n} are needed."),
    "warn_orders_only": N_("Only the rhythm of orders can be watched. Invoices, deliveries, tickets, surveys, visits and deals would each add a sign that often shows before orders fall."),
    "warn_no_receivables": N_("Without invoices with due and payment dates, slipping payment cannot be seen."),
    "warn_no_deliveries": N_("Without promised and actual delivery dates, late deliveries to an account cannot be seen."),
    "warn_no_tickets": N_("Without tickets, rising complaints and the silence after them cannot be seen."),
    "warn_no_surveys": N_("Without satisfaction surveys, satisfaction that falls while purchases hold cannot be seen."),
    "warn_no_visits": N_("Without a log of visits, accounts that nobody meets any more cannot be seen."),
    "warn_no_opportunities": N_("Without deals that name the competitor, ground lost to a competitor cannot be seen."),
}  # fmt: skip

# how grave the warnings are; what does not occur is left out
CALLS: dict[str, str] = {
    "act": N_("{count:n} {count:plural|calls|call} for action now"),
    "watch": N_("{count:n} for attention"),
}

ACTIONS: dict[str, str] = {
    "warn_do_all": N_("The head of sales goes through the list with the owners this week and names for each account who speaks with whom by when."),
    "warn_do_payment": N_("The owner and finance call together: dispute or lack of money? Agree a payment plan before the next delivery."),
    "warn_do_order_rhythm": N_("The owner asks each account why orders come later, and enters stock, need and next order date."),
    "warn_do_complaints": N_("The service head closes the open complaints, each with a date; the owner calls in person, first where it has gone quiet."),
    "warn_do_contact_lost": N_("The owner finds the successor and books a meeting within two weeks, with a senior colleague where a key contact left."),
    "warn_do_competitor": N_("The owner and product compare offers with the competitor named, and decide which categories to defend."),
    "warn_do_delivery": N_("The supply head names the cause and a date from which deliveries are on time again; the owner tells the account."),
    "warn_do_satisfaction_gap": N_("A senior colleague visits and asks what changed, before orders fall too."),
    "warn_do_silence": N_("Sales decides for each: win back, with a name and a date, or close, with the reason noted."),
    "warn_ask_for_all": N_("Provide whichever of these exists; invoices with payment dates are usually the quickest."),
    "warn_ask_for_table": N_("Provide the table; the sign then joins the list."),
    "warn_ask_for_history": N_("Keep the warnings of each run, or provide a longer history."),
    "warn_trust_less": N_("Take these signs as a reason to ask, not as a forecast; see the record by sign."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "early_warning": (
        "warn_all", "warn_quiet", "warn_payment", "warn_payment_slip", "warn_order_rhythm", "warn_complaints_silent", "warn_complaints", "warn_contact_lost_gone",
        "warn_contact_lost", "warn_contact_left", "warn_competitor", "warn_delivery", "warn_satisfaction_gap",
        "warn_orders_only", "warn_no_receivables", "warn_no_deliveries", "warn_no_tickets", "warn_no_surveys", "warn_no_visits",
        "warn_no_opportunities",
    ),
    "warning_record": ("warn_record", "warn_record_poor", "warn_record_too_few", "warn_record_short"),
}  # fmt: skip

NAMES: dict[str, str] = {
    "order_rhythm": N_("orders late"),
    "payment": N_("payment slips"),
    "complaints": N_("complaints"),
    "contact_lost": N_("no longer met"),
    "competitor": N_("competitor"),
    "delivery": N_("late deliveries"),
    "satisfaction_gap": N_("satisfaction falls"),
    "silence": N_("stopped buying"),
}

# one warning in a table: with its figures
SHORT: dict[str, str] = {
    "order_rhythm": N_("{usual:n} days between orders before, {recent:n} lately"),
    "payment": N_("{bills_overdue:n} {bills_overdue:plural|invoice|invoices} overdue, {overdue:money}, the oldest {oldest:n} days"),
    "payment_slip": N_("invoices settled {rise:n} days later than before, {overdue:money} overdue"),
    "complaints": N_("{complaints:n} complaints in 180 days, {open_complaints:n} open"),
    "complaints_silent": N_("{complaints:n} complaints in 180 days, {open_complaints:n} open, silent for {quiet_days:n} days"),
    "contact_lost": N_("no visit for {days_unvisited:n} days, usually every {visit_gap:n}"),
    "contact_lost_gone": N_("{gone:n} {gone:plural|contact has|contacts have} gone, no visit for {days_unvisited:n} days"),
    "contact_left": N_("a key contact has gone, nobody of that layer remains"),
    "competitor": N_("{lost_deals:n} {lost_deals:plural|deal|deals} lost, the last to {rival}"),
    "delivery": N_("{on_time:pct} on time, {on_time_before:pct} before"),
    "satisfaction_gap": N_("satisfaction {score:n1} of 5, {score_before:n1} before; purchases hold"),
    "silence": N_("no order for {open_gap:n} days, usually every {usual:n}"),
}

# and what to do about it, in a few words
TODO: dict[str, str] = {
    "order_rhythm": N_("Owner: ask why, note the next order date"),
    "payment": N_("Owner and finance: agree a payment plan"),
    "complaints": N_("Service head: close complaints, owner calls"),
    "contact_lost": N_("Owner: find the successor and meet"),
    "competitor": N_("Owner and product: compare offers, defend"),
    "delivery": N_("Supply head: name cause and date"),
    "satisfaction_gap": N_("Senior colleague: visit and ask"),
    "silence": N_("Sales: win back or close"),
}
