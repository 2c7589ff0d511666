"""Step 3 in words: the relationship map, its holes, its single threads, and what in it is only assumed."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "rel_champion_gone": N_("{count:n} key {count:plural|account has|accounts have} lost a person of weight whose place nobody known has taken ({names}; {revenue:money} a year). At {first} it is {person}: of those who remain {supporters:n} {supporters:plural|supports|support} us, {top:n} of them in the image or decision layer, and the last visit was {days:n} {days:plural|day|days} ago."),
    "rel_champion_gone_unseen": N_("{count:n} key {count:plural|account has|accounts have} lost a person of weight whose place nobody known has taken ({names}; {revenue:money} a year). At {first} it is {person}: of those who remain {supporters:n} {supporters:plural|supports|support} us, {top:n} of them in the image or decision layer, and no visit is on record."),
    "rel_champion_gone_bare": N_("{count:n} key {count:plural|account has|accounts have} lost a person of weight whose place nobody known has taken ({names}; {revenue:money} a year). At {first} it is {person}; whether those who remain support us is not on file."),
    "rel_gap": N_("At {count:n} of {key:n} key accounts nobody known in the decision layer supports us; they bring {revenue:money} a year: {names}."),
    "rel_gap_blank": N_("At {count:n} of {key:n} key accounts nobody known in the decision layer supports us, or it is not known who decides; they bring {revenue:money} a year: {names}. At {blank:n} of them the decider or the whole layer is unknown."),
    "rel_single_thread": N_("{count:n} key {count:plural|account hangs|accounts hang} by one thread ({revenue:money} a year): {threads}: {names}."),
    "rel_covered": N_("At all {count:n} key accounts whose contacts are known somebody in the decision layer supports us, and none hangs by one person."),
    "rel_unjudged": N_("Whether the decision layer supports us at the {count:n} key {count:plural|account|accounts} with contacts on file cannot be told: layer or stance is missing from the contacts."),
    "rel_no_key": N_("Contacts are on file for {accounts:n} {accounts:plural|account|accounts}, but no account is key (level S or A), so no map is drawn."),
    "rel_unmapped": N_("Of {count:n} of the {key:n} key accounts not one contact is on file ({revenue:money} a year): {names}."),
    "rel_unconfirmed": N_("{share:pct} of what is on file about people at key accounts was not confirmed within {days:n} days and is an assumption; at {count:n} of {key:n} accounts that is true of more than half."),
    "rel_lines_cut": N_("{bad:n} reporting {bad:plural|line leads|lines lead} to nobody known at the account, {circles:n} {circles:plural|circle of lines was|circles of lines were} opened at the most influential person; the maps are drawn without them."),
    "rel_unknown": N_("Who decides at the accounts, and what they think of us, is not known: no contacts were delivered. With them each key account gets a map of its people, and an alarm when a supporter leaves or everything hangs by one person."),
}  # fmt: skip

# by what an account hangs; what does not occur is left out
THREADS: dict[str, str] = {
    "visits": N_("at {count:n} all visits of the last {days:n} days went to the same person"),
    "supporter": N_("at {count:n} only one person supports us"),
}

ACTIONS: dict[str, str] = {
    "rel_ask_for_stance": N_("Have the account owners enter layer and stance for each contact, key accounts first."),
    "rel_meet_successor": N_("Account owner: within two weeks have a supporter who reported to the one that left introduce the successor; an executive of ours visits the level above."),
    "rel_win_decision": N_("Account owner: for each account name the person in the decision layer to be won and the supporter who opens the door, and bring the answer to the next account review."),
    "rel_second_thread": N_("Account owner: visit a second person in another layer this month, introduced by the one we know."),
    "rel_map_them": N_("Account owner: enter at least the decider, one user and whom they report to, before the next review."),
    "rel_confirm": N_("Account owner: at the next visit confirm who is still there and what they think of us, and date the entry."),
    "rel_mend_lines": N_("Ask the account owner who reports to whom, and correct the contacts."),
    "rel_ask_for_contacts": N_("Begin with the ten largest accounts: name, title, layer, role, stance, and whom the person reports to."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "relationship": (
        "rel_champion_gone",
        "rel_champion_gone_unseen",
        "rel_champion_gone_bare",
        "rel_gap",
        "rel_gap_blank",
        "rel_single_thread",
        "rel_covered",
        "rel_unjudged",
        "rel_no_key",
        "rel_unmapped",
        "rel_unconfirmed",
        "rel_lines_cut",
        "rel_unknown",
    ),
}
