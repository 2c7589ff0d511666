"""Step 4 in words: what to do, who, by when, and whether the team can carry it."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "urgent": N_("{count:n} {count:plural|account needs|accounts need} action within {days:n} days, {revenue:money} of revenue: the short list of section 3, one action each. {overdue:money} is overdue there."),
    "urgent_silent": N_("{count:n} {count:plural|account needs|accounts need} action within {days:n} days, {revenue:money} of revenue: the short list of section 3, one action each."),
    "nothing_urgent": N_("No account needs action this week; the plan below runs by the calendar."),
    "types": N_("Of {planned:n} planned accounts, {invest:n} deserve investment, {maintain:n} maintenance, {promote:n} promotion; {operate:n} run on standard service."),
    "win_back_list": N_("{count:n} large {count:plural|account was|accounts were} lost since the year before, {before:money} then: {names}."),
    "over_capacity": N_("The visit norms ask for {needed:n} visits a month, the team can make {capacity:n}: {coverage}."),
    "within_capacity": N_("The visit norms ask for {needed:n} visits a month; the team can make {capacity:n}."),
    "capacity_unknown": N_("The visit norms ask for {needed:n} visits a month; what the team can make was not stated."),
    "visits_behind": N_("{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three months (all {upper:n} together: {done:n} of {norm:n})."),
    "visits_kept": N_("All {upper:n} key accounts got their visits in the last three months."),
    "visits_unknown": N_("Whether visits are made is unknown: no visit log was delivered."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "start_urgent": N_("Start with the first on the list; name the owner and the date today."),
    "assign_teams": N_("Start with the ten largest to invest in: an account lead, a solution lead and a delivery lead who share one set of goals."),
    "name_win_back_owners": N_("Name an owner for each, who asks for the reason and proposes to win it back or to close it."),
    "state_capacity": N_("State how many visits a month the team can make."),
    "cut_from_below": N_("Serve the lower levels by phone and online, or add people; do not thin out the top."),
    "schedule_visits": N_("Catch up within the quarter, the largest account first."),
    "reallocate_visits": N_("There is capacity enough; it goes elsewhere. Move visits to these accounts, the largest first."),
    "ask_for_visits": N_("Provide the visit log of the last six months."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "urgent": (
        "urgent",
        "urgent_silent",
        "nothing_urgent",
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
