"""The first page in words: findings in at most two lines each; what decides, without the statistics behind it.

A finding without a sentence here is told by the first sentence of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kamplay.method.results import Finding
from kamplay.show import sentences
from kamplay.show.locale import N_, Locale

LONGEST = {"en": 150, "zh": 70}  # characters that fit two lines of a printed page, with room for long names

BRIEF: dict[str, str] = {
    "key_accounts": N_("{key:n} of {accounts:n} accounts are key and bring {share:pct} of revenue."),
    "concentration": N_("{accounts_for_80:n} of {accounts:n} accounts bring 80% of revenue, {first} alone {top1_share:pct}."),
    "movement": N_("Last year's accounts now bring {nrr:pct} of what they brought then, {grr:pct} when no growth is counted."),
    "outlook_signs_target": N_("The next 12 months should bring {outlook:money}, or {left:money} if the warned accounts do as rated: {least:money} to {gap:money} short of the target."),
    "outlook_signs_part": N_("The next 12 months should bring {outlook:money}, above the target, or {left:money} if the warned accounts do as rated: {gap:money} short of it."),
    "outlook_signs": N_("The next 12 months should bring {outlook:money}, or {left:money} if the warned accounts do as rated."),
    "target_short": N_("{gap:money} of the target of {target:money} is missing; the outlook covers {cover:pct}."),
    "target_within": N_("The outlook covers {cover:pct} of the target of {target:money}; the missing {gap:money} lies within the range."),
    "future_expected": N_("Today's accounts should bring {expected:money} in the next 12 months ({low:money} to {high:money}; all accounts brought {last:money} in the last 12)."),
    "future_expected_corrected": N_("Today's accounts should bring about {corrected:money} in the next 12 months ({corrected_low:money} to {corrected_high:money}; all accounts brought {last:money} in the last 12)."),
    "future_expected_untested": N_("Today's accounts should bring {expected:money} in the next 12 months ({low:money} to {high:money}); this could not be tested yet."),
    "room_wallet": N_("At {count:n} {count:plural|account|accounts} {room:money} a year is room to grow, as we hold {share:pct} of what they purchase; first {first}."),
    "room_wallet_both": N_("At {count:n} {count:plural|account|accounts} {room:money} a year is room to grow, as we hold {share:pct} of what they purchase; first {first}."),
    "room_wallet_estimated": N_("By estimates alone, {room:money} a year would be room to grow, most of it at {first}."),
    "watch_list": N_("{count:n} {count:plural|account|accounts} to see this week: {at_risk:money} of the {ahead:money} of the next {horizon:n} days is expected to be lost; first {first}."),
    "watch_list_score": N_("{count:n} {count:plural|account|accounts} to see this week bring {revenue:money} a year; first {first}."),
    "win_back_list": N_("{count:n} large {count:plural|account is|accounts are} lost or as good as lost, {brought:money} a year before; first {first}, {first_brought:money}, last order {last_order:date}."),
    "large_losses": N_("{count:n} large {count:plural|account|accounts} shrank or left and took away {amount:money}; first {first}."),
    "gate_skinner": N_("{names}: a margin of only {margin:pct} on {revenue:money}, against {usual:pct} as usual."),
    "overdue": N_("{overdue:money} of {open:money} outstanding is overdue, {first_overdue:money} of it at {first}."),
    "overdue_without_purchases": N_("{overdue:money} of {open:money} outstanding is overdue, {first_overdue:money} of it at {first}."),
    "deals_promise_low": N_("The recorded win rates promise {recorded_weighted:money} from open deals, history {history_weighted:money}."),
    "deals_promise_high": N_("The recorded win rates promise {recorded_weighted:money} from open deals, history {history_weighted:money}."),
    "spread_rose": N_("Concentration rose: the five largest accounts bring {now:pct} of revenue, against {was:pct} in the year to {since:date}."),
    "room_competitor": N_("At {count:n} {count:plural|account|accounts} one competitor holds more than we do, with {room:money} of room."),
    "stress_first": N_("Losing {first} would cost {share:pct} of revenue and take {years_to_replace:n1} years to replace."),
    "stress_first_revenue": N_("Losing {first} would cost {share:pct} of revenue and take {years_to_replace:n1} years to replace."),
    "entities_competing": N_("On {count:n} {count:plural|account|accounts} entities of ours compete against each other: {three}."),
    "gate_broken_word": N_("{names}: far behind on payment with {revenue:money} of revenue."),
    "gate_one_off": N_("{names}: bought once and never again ({revenue:money}), so not key."),
    "to_settle": N_("{sure:n} of {key:n} key accounts are beyond doubt, {doubt:n} still open."),
    "agreement": N_("The departments agree {degree} on what makes an account key."),
    "moved": N_("Since {as_of:date} {into:n} {into:plural|account|accounts} became key and {out:n} ceased to be."),
    "borderline": N_("{unstable:n} of {accounts:n} accounts sit on the border of a tier, {upper:n} of them key."),
    "intake_due": N_("{count:n} {count:plural|prospect purchases|prospects purchase} more than {above:money} a year elsewhere and nothing from us."),
    "visits_behind": N_("{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three months."),
    "kin_suspected": N_("{first} may belong to {second}; together they would rank no. {joint_rank:n} instead of no. {rank_now:n}."),
    "profit_given_back": N_("{losing:n} {losing:plural|account costs|accounts cost} more than {losing:plural|it brings|they bring}, {lost:money} in all."),
    "standing_weak": N_("{count:n} of {known:n} accounts whose books are known are weak; they owe {owed:money}."),
    "warned": N_("{count:n} more {count:plural|account shows|accounts show} a sign that calls for action, {revenue:money} of revenue; first {first}."),
}  # fmt: skip

# where the section's own sentence points at what stands beside it there
BRIEF_ACTIONS: dict[str, str] = {
    "see_them": N_("Head of sales: hand each owner the accounts of the list in section 3 today, and ask for a report within the week."),
    "follow_signs": N_("Whoever the plan in section 4 names deals with the sign by {due:date}, before any offer."),
}


def brief(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding in at most two lines, as plain text."""
    if finding.kind in BRIEF:
        return locale.say(BRIEF[finding.kind], **sentences.told(finding, locale, names))
    return shortened(sentences.headline(finding, locale, names), locale)


def brief_action(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str | None:
    """What to do about it, in at most two lines."""
    if finding.action in BRIEF_ACTIONS:
        return locale.say(BRIEF_ACTIONS[finding.action], **sentences.told(finding, locale, names))
    said = sentences.action(finding, locale, names)
    return shortened(said, locale) if said else None


def shortened(text: str, locale: Locale) -> str:
    """``text``, or its first sentence where it does not fit; a part of a sentence where that alone is too long and says enough."""
    most = LONGEST[locale.language]
    if len(text) <= most:
        return text
    first = re.split(r"(?<=[。！？])|(?<=[.!?])\s+(?=[A-Z])", text)[0]
    if len(first) > most:
        part = re.split(r"；|;\s|：(?=[^：]*$)|:\s(?=[^:]*$)", first)[0]
        first = part + ("。" if locale.language == "zh" else ".") if len(part) > most / 4 and part != first else first
    return first
