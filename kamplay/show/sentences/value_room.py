"""Room to grow in words: share of wallet, who holds the rest, white space."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "room_wallet": N_("By measured figures {count:n} {count:plural|account purchases|accounts purchase} {spend:money} a year, of which we hold {share:pct}; {room:money} is room to grow, first of all {most:money} at {first}."),
    "room_wallet_both": N_("By measured figures {count:n} {count:plural|account purchases|accounts purchase} {spend:money} a year, of which we hold {share:pct}; {room:money} is room to grow, first of all {most:money} at {first}. Estimates for {estimated_accounts:n} more say {estimated_spend:money} a year, {estimated_room:money} of it room."),
    "room_wallet_estimated": N_("By estimates alone, {count:n} {count:plural|account purchases|accounts purchase} {spend:money} a year, of which we hold {share:pct}; {room:money} would be room to grow, most of it at {first} ({most:money}). Nothing of this is measured."),
    "room_wallet_full": N_("The {count:n} {count:plural|account|accounts} whose purchases are known buy {spend:money} a year, all of it from us: there is no room left there."),
    "room_rule": N_("For {count:n} more {count:plural|account|accounts} purchases are estimated by rule from at least {least:n} measured accounts of the same industry: {spend:money} a year, of it {room:money} room; these are not in the sums above. At {over:n} of them we already sell more than the rule gives."),
    "room_rule_tried": N_("For {count:n} more {count:plural|account|accounts} purchases are estimated by rule from at least {least:n} measured accounts of the same industry: {spend:money} a year, of it {room:money} room; these are not in the sums above. Tried on the measured accounts, the rule is within a factor of two for {within:pct}; at {over:n} of the estimated ones we already sell more than it gives."),
    "room_competitor": N_("At {count:n} {count:plural|account|accounts} one competitor holds more than we do, with {room:money} of room: {names}."),
    "room_category": N_("The category with the largest room is {category}: of {spend:money} a year we hold {share:pct}, which leaves {room:money}."),
    "room_names_differ": N_("None of the {count:n} {count:plural|category|categories} in the wallet table is named as in the sales lines, so share of wallet is told by account only, against all our sales."),
    "room_names_strange": N_("{count:n} {count:plural|category|categories} of the wallet table, {spend:money} a year, {count:plural|is|are} in no sales line: business that we do not have, or another spelling."),
    "room_wallet_low": N_("We sell more to {count:n} {count:plural|account|accounts} than the wallet table says they purchase: {names}."),
    "room_wallet_unknown": N_("Share of wallet is unknown, because the accounts' yearly purchases were not delivered."),
    "room_history_short": N_("With {months:n} months of data, share of wallet and white space cannot be told yet: both are told on a full year."),
    "room_categories_unknown": N_("White space is unknown, because the sales lines carry neither category nor product."),
    "room_categories_cut": N_("White space is told for the {kept:n} largest categories or products; {count:n} smaller {count:plural|one is|ones are} left out."),
    "room_uncategorised": N_("{share:pct} of revenue has a category. {count:n} {count:plural|account|accounts} with less than {least:pct} of it categorised {count:plural|is|are} left out of white space, because a gap there may only be a blank cell."),
    "room_peers_few": N_("White space is unknown, because no account has {least:n} similar ones to compare it with."),
    "room_alone": N_("{count:n} {count:plural|account has|accounts have} fewer than {least:n} peers of the same industry and a similar size, so no gap is told for {count:plural|it|them}."),
    "room_no_gaps": N_("The {accounts:n} accounts with peers enough leave out no category that several of their peers buy."),
    "room_gaps": N_("{accounts:n} of {of:n} accounts with enough peers leave {count:n} {count:plural|gap|gaps} that most peers fill: a category that at least {usual:pct} of them buy and the account does not. The list holds the {listed:n} gaps worth most of all, {listed_usual:n} of them such and the others filled by fewer peers."),
    "room_gap": N_("{first} buys no {category}, though {buyers:n} of {peers:n} peers do: {low:money} to {high:money} a year at its size."),
    "room_gap_wallet": N_("{first} buys no {category} from us, though {buyers:n} of {peers:n} peers do; by the wallet table it purchases {mid:money} of it a year elsewhere."),
    "room_lapsed": N_("{count:n} of the listed gaps {count:plural|is a category|are categories} that the account bought before and stopped, first {category} at {first}: {buyers:n} of {peers:n} peers still buy it."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "room_plan_growth": N_("The manager of {first} names the categories to win there, and what it takes to win them."),
    "room_settle_first": N_("Settle payment, terms, dependence and warning signs at the accounts with room before growing there."),
    "room_learn_rival": N_("At each of them, {first} first, the account's manager finds out what the competitor offers, and when its contract ends."),
    "room_align_names": N_("Write the categories in the wallet table as in the sales lines."),
    "room_correct_wallet": N_("Sales corrects the yearly purchases of these accounts, {three} first."),
    "room_ask_wallet": N_("Estimate the yearly purchases of the largest accounts by category: that shows how much more they could buy from us."),
    "room_ask_history": N_("Provide at least 12 months of transactions."),
    "room_ask_categories": N_("Provide the category or product of each line: that shows what an account does not buy though similar ones do."),
    "room_complete_categories": N_("Complete the categories of the lines."),
    "room_offer": N_("The manager of {first} asks who supplies {category} today, and makes an offer this quarter."),
    "room_win_back": N_("Ask {first} why it stopped before offering {category} again."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "wallet": (
        "room_wallet",
        "room_wallet_both",
        "room_wallet_estimated",
        "room_wallet_full",
        "room_wallet_unknown",
        "room_history_short",
        "room_competitor",
        "room_category",
        "room_rule",
        "room_rule_tried",
        "room_wallet_low",
        "room_names_differ",
        "room_names_strange",
    ),
    "white_space": (
        "room_gap",
        "room_gap_wallet",
        "room_lapsed",
        "room_gaps",
        "room_no_gaps",
        "room_categories_unknown",
        "room_peers_few",
        "room_alone",
        "room_uncategorised",
        "room_categories_cut",
    ),
}
