"""Step 3 in words: from demand to cash, and the loops left open."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "loop_open": N_("{open:n} {open:plural|loop is|loops are} open at {count:n} {count:plural|account|accounts} with {stuck:money}: {parts}. Most is stuck at {first} ({first_stuck:money}, {first_open:n} open); the oldest is {oldest:n} {oldest:plural|day|days} past its date."),
    "loop_open_unpriced": N_("{open:n} {open:plural|loop is|loops are} open at {count:n} {count:plural|account|accounts}: {parts}. Most are open at {first} ({first_open:n}); the oldest is {oldest:n} {oldest:plural|day|days} past its date. What they are worth is not known: no delivery could be tied to an order with an amount."),
    "loop_part_priced": N_("The amount leaves out {share:pct} of the late and short deliveries: what their orders are worth is not known."),
    "loop_ended": N_("Deliveries or bills were delivered up to {ended:date} only, {days:n} days before the reporting date: what arrived or was paid since then counts as open here."),
    "loop_both_ways": N_("At {count:n} {count:plural|account|accounts} both sides are waiting: we owe goods, and {overdue:money} is overdue to us: {names}."),
    "loop_clean": N_("No loop is open at the {accounts:n} {accounts:plural|account|accounts} with deliveries or bills: nothing late, nothing short, nothing past due."),
    "loop_slower_delivery": N_("From order to delivery it now takes {now:n1} days (median), against {before:n1} in the 12 months before."),
    "loop_slower_invoice": N_("From order to invoice it now takes {now:n1} days (median), against {before:n1} in the 12 months before."),
    "loop_slower_collection": N_("From invoice to payment it now takes {now:n1} days (mean weighted by amount), against {before:n1} in the 12 months before."),
    "loop_late": N_("{count:n} {count:plural|account is|accounts are} delivered on time less often than before, by more than chance ({revenue:money} a year): {names}; {first} got {now:pct} of its orders on time in the last 180 days, against {before:pct} in the year before."),
    "loop_no_deliveries": N_("Whether orders arrive on time and in full is not known: deliveries with the dates on which they came are missing from the data."),
    "loop_no_bills": N_("How long bills take to be paid is not known: no receivables were delivered."),
    "loop_not_linked": N_("Only {linked:pct} of the year's bills can be tied to an order, so days to invoice are not told."),
    "loop_linked_by_amount": N_("Bills carry no order number; {linked:pct} of the year's bills were tied to the one order of the account with exactly the same amount."),
    "loop_unknown": N_("How long it takes from order to cash, and what is left open on the way, is not known: neither deliveries nor receivables were delivered. With them each account shows its late orders, short deliveries and unpaid bills in one line."),
}  # fmt: skip

# what is open, told by kind: kinds of which nothing is open are left out
LOOPS: dict[str, str] = {
    "late": N_("{count:n} {count:plural|order|orders} past the promised date"),
    "short": N_("{count:n} delivered short"),
    "bills": N_("{count:n} {count:plural|bill|bills} past due"),
}

ACTIONS: dict[str, str] = {
    "loop_bring_up_to_date": N_("Provide deliveries and payments up to the reporting date before anyone is called."),
    "loop_link_deliveries": N_("Have the order number put on each delivery as it stands on the order, so that what is late has an amount."),
    "loop_close": N_("Delivery lead and finance: go through the open loops account by account this week, the largest amount first; each gets one owner and a date on which it is closed."),
    "loop_deliver_then_dun": N_("Account owner: deliver or credit what is missing first, and only then ask for payment."),
    "loop_find_cause": N_("Delivery lead and finance: find the step that takes longer, and name the accounts it concerns."),
    "loop_delivery_promise": N_("Delivery lead: explain the delays to these accounts in person, and promise only dates that planning has confirmed."),
    "loop_ask_for_both": N_("Provide orders with promised and actual delivery dates, and bills with due and payment dates."),
    "loop_ask_for_deliveries": N_("Provide the deliveries with promised and actual dates and quantities."),
    "loop_ask_for_bills": N_("Provide the bills with due and payment dates."),
    "loop_link": N_("Have the order number put on each bill, so that the whole loop can be followed."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "cash_loop": (
        "loop_open",
        "loop_open_unpriced",
        "loop_part_priced",
        "loop_ended",
        "loop_both_ways",
        "loop_clean",
        "loop_slower_delivery",
        "loop_slower_invoice",
        "loop_slower_collection",
        "loop_late",
        "loop_no_deliveries",
        "loop_no_bills",
        "loop_not_linked",
        "loop_linked_by_amount",
        "loop_unknown",
    ),
}
