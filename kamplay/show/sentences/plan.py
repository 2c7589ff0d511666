"""Step 4 in words: what to do, who, by when, and whether the team can carry it."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "urgent": N_("{count:n} {count:plural|account needs|accounts need} action within {days:n} days, {revenue:money} of revenue: the short list of section 3, one action each. {overdue:money} is overdue there."),
    "urgent_silent": N_("{count:n} {count:plural|account needs|accounts need} action within {days:n} days, {revenue:money} of revenue: the short list of section 3, one action each."),
    "nothing_urgent": N_("Section 3 puts no account on the short list for this week."),
    "warned": N_("{count:n} more {count:plural|account shows|accounts show} a sign that calls for action ({revenue:money} of revenue): {names}."),
    "types": N_("Of the {planned:n} accounts that still buy, {invest:n} {invest:plural|deserves|deserve} investment, {maintain:n} maintenance, {promote:n} promotion; {operate:n} {operate:plural|runs|run} on standard service."),
    "win_back_list": N_("{count:n} large {count:plural|account is|accounts are} lost or as good as lost: in the year up to {count:plural|its|their} last purchase {count:plural|it|they} brought {brought:money}. {names}. The last order of {first} was on {last_order:date}."),
    "over_capacity": N_("The visit norms ask for {needed:n} visits a month, the team can make {capacity:n}: {coverage}."),
    "within_capacity": N_("The visit norms ask for {needed:n} visits a month; the team can make {capacity:n}."),
    "capacity_unknown": N_("The visit norms ask for {needed:n} visits a month; what the team can make was not stated."),
    "visits_behind": N_("{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three months (all {upper:n} together: {done:n} of {norm:n})."),
    "visits_kept": N_("All {upper:n} key accounts got their visits in the last three months."),
    "visits_unknown": N_("Whether visits are made is unknown: no visit log was delivered."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "start_urgent": N_("Each owner does what the table names by {due:date}; the head of sales asks for the outcome that day."),
    "start_urgent_unowned": N_("Head of sales: give each a person who does what the table names by {due:date}."),
    "follow_signs": N_("Whoever the table names deals with the sign by {due:date}, before any offer or plan to grow."),
    "assign_teams": N_("Head of sales: by {due:date} put a lead each for account, solution and delivery, with one set of goals, in charge of the largest to invest in ({first_teams:n} for a start): {three}."),
    "decide_win_back": N_("The owners ask each for the reason; by {due:date} the head of sales decides with them: win back or close."),
    "decide_win_back_unowned": N_("Head of sales: name who asks each for the reason, and by {due:date} decide: win back or close."),
    "state_capacity": N_("Head of sales: state how many visits a month the team can make, for the next report."),
    "cut_from_below": N_("Head of sales: from next month serve the lowest levels by phone and online, or ask for more people; leave the visits to the top as they are."),
    "schedule_visits": N_("The owners book the missing visits by {due:date}, first at {three}."),
    "reallocate_visits": N_("Head of sales: the team has visits to spare; by {due:date} move some to those furthest behind, first {three}."),
    "ask_for_visits": N_("Sales operations: provide the visit log of the last six months for the next report."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "urgent": (
        "urgent",
        "urgent_silent",
        "nothing_urgent",
        "warned",
    ),
    "types": (
        "types",
        "win_back_list",
    ),
    "capacity": (
        "over_capacity",
        "within_capacity",
        "capacity_unknown",
    ),
    "visits": (
        "visits_behind",
        "visits_kept",
        "visits_unknown",
    ),
}
