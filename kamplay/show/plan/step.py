"""Step 4, shown and said: who does what by when, the load of each owner."""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.results import Finding
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings

LACKING = {
    "owner": N_("who looks after each account"),
    "category": N_("which categories each account buys"),
    "contacts": N_("whom to speak to"),
    "visits": N_("who was visited"),
    "receivables": N_("what is overdue"),
    "tickets": N_("which complaints are open"),
    "deliveries": N_("which orders are late"),
    "opportunities": N_("which deals are open"),
    "wallet": N_("what is bought elsewhere"),
    "capacity": N_("how many visits the team can make"),
}


def _lacks(finding: Finding, locale: Locale) -> Mapping[str, object]:
    names = [locale.text(LACKING[name]) for name in finding.figures["lacking"]]
    return {"lacks": locale.words(names, len(names))}


# what this topic can find, in words
START_URGENT = {
    "start_urgent": N_(
        "Account owners: do the first thing at each by {due:date}; the head of sales asks "
        "for the outcome that day."
    )
}
START_URGENT_UNOWNED = {
    "start_urgent_unowned": N_(
        "Head of sales: give each a person who does the first thing there by {due:date}."
    )
}
FOLLOW_SIGNS = {
    "follow_signs": N_(
        "Account owners: see that whoever the table names deals with the sign by "
        "{due:date}, before any offer or plan to grow."
    )
}

FOLLOW_SIGNS_IN_BRIEF = N_("Account owners: see that the sign is dealt with by {due:date}, before any offer.")

PAUSING = N_("; {unsure:n} more may only pause")


def _pausing(finding: Finding, locale: Locale) -> dict[str, str]:
    """``pausing``: those that the plan asks as well, though chance alone may keep them silent so long."""
    return {"pausing": locale.say(PAUSING, **finding.figures) if finding.figures.get("unsure") else ""}


PAST_DEALS = {
    "deals_settle_past": N_(
        "Account owners: give each a new date or close it, the {large:n} in the plan by their days, the "
        "largest with {first}{small_ones}."
    )
}
SMALL_DEALS = N_("; the other {small:n}, {small_amount:money} in all, in one go")


def _small_deals(finding: Finding, locale: Locale) -> dict[str, str]:
    """``small_ones``: those that have no action of their own."""
    return {"small_ones": locale.say(SMALL_DEALS, **finding.figures) if finding.figures["small"] else ""}


ONE_OFFS = N_(
    "Not counted: {one_offs:n} that ordered on one day alone ({one_offs_brought:money}), as it may have "
    "been a one-off."
)
BOTH_LISTS = N_(
    "{both:n} of them, {both_brought:money}, still bought within the year and {both:plural|is|are} also "
    "among those that have plainly stopped."
)


LAST_ORDERS = N_(" (last orders {oldest:date} to {newest:date})")
LAST_ORDER = N_(" (last order {newest:date})")
STOPPED_RECENTLY = N_("{recent:n} stopped within 12 months (latest {newest:date})")
STOPPED_EARLIER = N_("{older:n} earlier (from {oldest:date})")
STOPPED_BOTH = N_("{recent_ones} and {older_ones}")
STOPPED_ALL_EARLIER = N_("all stopped more than 12 months ago, between {oldest:date} and {newest:date}")


def _lost_words(finding: Finding, locale: Locale) -> dict[str, str]:
    """``pausing``: see ``_pausing``; ``besides``: who stands in another list as well, lest sums be added, and
    who is not counted as it ordered once; ``since``: how many stopped lately and how many long ago; ``ago``:
    when.
    """
    figures = finding.figures
    besides = locale.sentences(
        locale.say(BOTH_LISTS, **figures) if figures.get("both") else "",
        locale.say(ONE_OFFS, **figures) if figures.get("one_offs") else "",
    )
    parts = [STOPPED_RECENTLY, STOPPED_EARLIER] if figures["older"] else [STOPPED_RECENTLY]
    parts = parts if figures["recent"] else [STOPPED_ALL_EARLIER]
    told = [locale.say(part, **figures) for part in parts]
    since = locale.say(STOPPED_BOTH, recent_ones=told[0], older_ones=told[1]) if len(told) > 1 else told[0]
    ago = LAST_ORDERS if figures["oldest"] < figures["newest"] else LAST_ORDER
    return {
        **_pausing(finding, locale),
        "besides": besides,
        "since": since,
        "ago": locale.say(ago, **figures),
    }


FEW = 3  # people in a sentence


BESIDES = {  # by whether there are joint reviews, and routine calls and mails
    (True, False): N_(", {reviews:n} of them joint {reviews:plural|review|reviews},"),
    (False, True): N_(", besides {routine:n} routine calls and mails,"),
    (True, True): N_(
        ", {reviews:n} of them joint {reviews:plural|review|reviews}, besides {routine:n} routine calls and "
        "mails,"
    ),
}


def _besides(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How many of the actions are joint reviews, and the calls and mails of inside sales that are not among
    them, with how many people these take.
    """
    figures = finding.figures
    said = BESIDES.get((bool(figures.get("reviews")), bool(figures.get("routine"))))
    besides = locale.say(said, **figures) if said else ""
    if not figures.get("calls"):
        few = N_("Routine calls and mails, and a campaign, are for inside sales to make and not counted.")
        brief = N_(" (assumed); inside sales make the routine calls")
        return {"besides": besides, "inside": locale.text(few), "calls_brief": locale.text(brief)}
    load = N_(
        "Inside sales has {calls:n} calls and mails beside a campaign: {calls_mean:n} in an average week, "
        "{calls_week:n} in the fullest, from {calls_from:date}. At an assumed {calls_a_week:n} a week each "
        "that takes {callers_mean:n} and {callers:n} {callers:plural|person|people}{campaign_too}; what "
        "fewer people do not reach stays undone, the smallest orders first."
    )
    brief = N_(
        "; inside sales's fullest week, {calls_week:n} calls and mails, takes {callers:n} at "
        "{calls_a_week:n} (both assumed)"
    )
    both = ""
    if "campaign" in figures:
        both = N_(
            ". The campaign's {campaign:n} calls and mails up to {campaign_until:date} come on top: evenly "
            "over the days, the fullest week, from {campaign_from:date}, then has {campaign_week:n} and "
            "takes {campaign_callers:n}"
        )
        both = locale.say(both, **figures)
        brief = N_(
            "; inside sales's fullest, {calls_week:n} calls, takes {callers:n} at {calls_a_week:n}, "
            "{campaign_callers:n} with the campaign's {campaign:n} (assumed)"
        )
    return {
        "besides": besides,
        "inside": locale.say(load, campaign_too=both, **figures),
        "calls_brief": locale.say(brief, **figures),
    }


def _people(finding: Finding, locale: Locale) -> dict[str, str]:
    """Whose actions found no week, and who has time left."""
    people, free, regions = (finding.figures[name] for name in ("people", "free", "regions"))
    named = [locale.label(name) for name in people]
    return {
        "people_named": locale.words(named, FEW),
        "first_person": named[0],
        "free_named": locale.words([locale.label(name) for name in free[:FEW]]),
        "regions_named": locale.words([locale.label(name) for name in regions], FEW),
    }


HELD_OUT = N_(" {held_out:n} more {held_out:plural|is|are} held out, to compare.")
BOUGHT = N_(" {bought:n} ordered after the reporting date and {bought:plural|is|are} not contacted.")


def _not_reached(finding: Finding, locale: Locale) -> dict[str, str]:
    """``not_reached``: whom the campaign leaves out, and why; blank without any."""
    figures = finding.figures
    parts = {"held_out": HELD_OUT, "bought": BOUGHT}
    told = [locale.say(text, **figures) for name, text in parts.items() if figures.get(name)]
    return {"not_reached": "".join(told)}


SINCE_KINDS = {
    "next_order": N_("the next order {count:n}"),
    "campaign": N_("the campaign {count:n}"),
    "no_investment": N_("a further need {count:n}"),
    "ask_change": N_("what changed {count:n}"),
}


OTHERS_KEEP = N_("; at the other {others:n} it settles nothing that is planned")


def _since(finding: Finding, locale: Locale) -> dict[str, str]:
    """``asked``: what is not asked, and of how many; ``others_keep``: whom the order settles nothing of."""
    counts = {kind: finding.figures[kind] for kind in SINCE_KINDS}
    told = [locale.say(SINCE_KINDS[kind], count=count) for kind, count in counts.items() if count]
    others = locale.say(OTHERS_KEEP, **finding.figures) if finding.figures["others"] else ""
    return {"asked": locale.listed(told), "others_keep": others}


PLAN_AGAIN = {"plan_again": N_("Sales operations: make the plan again from today's data{going}.")}
# what goes by a day on record, whatever newer data say
GOING = {
    "urgent": N_("what is urgent"),
    "renew_contract": N_("renewals of contracts"),
    "agree_contract": N_("renewals of contracts"),
    "reprice": N_("renewals of contracts"),
    "settle_complaint": N_("open complaints"),
    "close_complaints": N_("open complaints"),
    "one_lead": N_("leads to be named"),
    "by_then": N_("what is due by then"),
}
GO_AHEAD = N_(
    "; {goes:n} {goes:plural|action goes|actions go} ahead now ({which}), the other {waits:n} wait for it"
)
ALL_WAIT = N_("; the {waits:n} actions wait for it")


# what the figures know of the time after them: whether the data have orders of it
SINCE = {
    False: N_("what was ordered, paid or settled since is in no figure"),
    True: N_(
        "what was ordered since is in no revenue, chance or loss and only tells who need not be asked for an "
        "order; what was paid or settled since is not known"
    ),
}


def _old(finding: Finding, locale: Locale) -> dict[str, str]:
    """``since``: what the figures lack; ``going``: see ``_going``."""
    since = {"since": locale.text(SINCE[finding.figures["known_since"]])}
    return since | (_going(finding, locale) if "waits" in finding.figures else {})


def _going(finding: Finding, locale: Locale) -> dict[str, str]:
    """``going``: how many actions go by a day on record and need no newer data, which these are, and how many
    others wait for the new plan.
    """
    goes, waits = finding.figures["goes"], finding.figures["waits"]
    which = [
        locale.text(text)
        for text in dict.fromkeys(GOING[k] for k in GOING if k in finding.figures["standing"])
    ]
    if not waits:
        return {"going": ""}
    if not which:
        return {"going": locale.say(ALL_WAIT, waits=waits)}
    return {"going": locale.say(GO_AHEAD, goes=goes, which=locale.listed(which), waits=waits)}


register_findings(
    FindingSpec(
        "urgent",
        "urgent",
        N_(
            "{count:n} {count:plural|account|accounts} that we may lose {count:plural|needs|need} action by "
            "{due:date} ({revenue:money} of revenue)."
        ),
        actions=START_URGENT | START_URGENT_UNOWNED,
        on_first_page=False,
    ),
    FindingSpec(
        "planned_campaign",
        "urgent",
        N_(
            "{count:n} small {count:plural|account is|accounts are} reached by campaign until {due:date} "
            "({revenue:money} of revenue), with no visit and no other action.{not_reached}"
        ),
        words=_not_reached,
    ),
    FindingSpec(
        "figures_old",
        "urgent",
        N_(
            "The figures end on {as_of:date}, {days:n} days before the day of issue: {since}; days without "
            "an order are counted up to then, and chances and expected losses look ahead from then."
        ),
        actions=PLAN_AGAIN,
        words=_old,
        rank=20,
    ),
    FindingSpec(
        "figures_past",
        "urgent",
        N_(
            "The plan is dated from {as_of:date}, the end of the figures, {days:n} days before the day of "
            "issue: due dates, days without an order and expected losses count from then; {since}. Before "
            "anybody acts on it, make the plan again from today's data."
        ),
        words=_old,
        rank=20,
    ),
    FindingSpec(
        "ordered_since",
        "urgent",
        N_(
            "{ordered:n} of the plan's {of:n} accounts ordered after the reporting date, up "
            "to {last:date}, and {accounts:n} of them {accounts:plural|is|are} not asked what that settles "
            "({asked}){others_keep}. Revenue, chances and losses stay as of the reporting date."
        ),
        words=_since,
    ),
    FindingSpec(
        "plan_lacks",
        "urgent",
        N_("The plan rests on sales alone where it could rest on more. Not known: {lacks}."),
        actions={
            "ask_for_plan_tables": N_(
                "Sales operations: provide them for the next report, the first named first."
            )
        },
        words=_lacks,
    ),
    FindingSpec("nothing_urgent", "urgent", N_("No account is on the priority list.")),
    FindingSpec(
        "warned",
        "urgent",
        N_(
            "Beside the priority list {count:n} {count:plural|account shows|accounts show} a sign that "
            "calls for action ({revenue:money} of revenue): {names}."
        ),
        actions=FOLLOW_SIGNS,
        brief_actions={"follow_signs": FOLLOW_SIGNS_IN_BRIEF},
        brief=N_(
            "Beside the priority list {count:n} {count:plural|account shows|accounts show} a sign that "
            "calls for action, {revenue:money} of revenue; first {first}."
        ),
        rank=37,
    ),
    FindingSpec(
        "win_back_list",
        "types",
        N_(
            "{count:n} large {count:plural|account is|accounts are} lost or as good as lost: in the "
            "year up to {count:plural|its|their} last purchase {count:plural|it|they} brought "
            "{brought:money}; {since}. {names}. {besides}"
        ),
        actions={
            "decide_win_back": N_(
                "Head of sales: find out with the owners why each stopped{ago}; by its date in the plan, the "
                "last by {due:date}, decide whether to win it back or to close it."
            ),
            "decide_win_back_unowned": N_(
                "Head of sales: name who asks each why it stopped{ago}; by its date in the plan, the last by "
                "{due:date}, decide whether to win it back or to close it."
            ),
        },
        brief=N_(
            "{count:n} large {count:plural|account is|accounts are} lost or as good as lost, "
            "{brought:money} in their last year: {since}{pausing}."
        ),
        words=_lost_words,
        replaces=("already_stopped",),
        rank=19,
    ),
    FindingSpec(
        "deals_past",
        "types",
        N_(
            "{count:n} of {open:n} open deals are past their expected close, {amount:money} or {share:pct} "
            "of the amount; of the {weighted:money} that all come to by their win rates only {dated:money} "
            "has it ahead. What became of them since {as_of:date} is not in the data; the largest is "
            "{deal} at {first}, {first_amount:money}, expected by {expected:date}."
        ),
        actions=PAST_DEALS,
        words=_small_deals,
        on_first_page=False,
    ),
    FindingSpec(
        "actions_moved",
        "owners",
        N_(
            "No owner has more than {a_week:n} things to do a week, beside the visits and what is done at "
            "them, unless more are bound to a day; the first thing at each account and what has most at "
            "stake come first. "
            "{moved:n} {moved:plural|action|actions} moved to later weeks, the last to {last:date}."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "actions_postponed",
        "owners",
        N_(
            "No owner has more than {a_week:n} things to do a week, beside the visits and what is done at "
            "them, unless more are bound to a day: "
            "{moved:n} {moved:plural|action|actions} moved to later weeks, and {count:n} at {accounts:n} "
            "{accounts:plural|account|accounts} ({revenue:money} of revenue) {count:plural|is|are} not "
            "planned for lack of time, all of {people_named}."
        ),
        actions={
            "share_actions": N_(
                "Head of sales: move accounts of {first_person} to owners with time left ({free_named}), or "
                "decide which of these actions are left undone."
            ),
            "share_later": N_(
                "Head of sales: the {own:n} {own:plural|action|actions} of {first_person} that fit into no "
                "week have room in {regions_named} with {free_named} from the week of {begins:date} on: "
                "move them, or decide which are left undone."
            ),
            "hire_or_drop": N_(
                "Head of sales: nobody who looks after accounts in {regions_named} has time left until "
                "{until:date}. For the {own:n} {own:plural|action|actions} of {first_person} that fit into "
                "no week, hire there, or decide which are left undone."
            ),
            "drop_actions": N_(
                "Head of sales: decide which of these actions are left undone; no owner has time left until "
                "{until:date}."
            ),
        },
        brief=N_(
            "{count:n} actions at {accounts:n} accounts ({revenue:money} of revenue) do not fit in: "
            "{people_named} would have more than {a_week:n} a week."
        ),
        brief_actions={
            "share_actions": N_(
                "Head of sales: move accounts of {first_person} to {free_named}, or let these actions be."
            ),
            "share_later": N_(
                "Head of sales: move the {own:n} of {first_person} that fit into no week to {free_named}, "
                "with room from {begins:date} on, or let them be."
            ),
            "hire_or_drop": N_(
                "Head of sales: nobody in {regions_named} has time for the {own:n} of {first_person} until "
                "{until:date}: hire, or drop some."
            ),
        },
        words=_people,
        rank=35,
    ),
    FindingSpec(
        "actions_people",
        "owners",
        N_(
            "{count:n} actions{besides} are due in the busiest {weeks:n} weeks, {begins:date} to "
            "{ends:date}: at an assumed {a_week:n} a week they take {people:n} "
            "{people:plural|person|people}. How many there are is not known, and no account has an owner "
            "yet. {inside}"
        ),
        brief=N_(
            "The busiest {weeks:n} weeks take {people:n} {people:plural|person|people} at {a_week:n} actions "
            "a week each{calls_brief}."
        ),
        words=_besides,
        on_first_page=False,
    ),
    FindingSpec(
        "visits_none",
        "capacity",
        N_("No visits are planned: the accounts are no companies that one could call on."),
    ),
)
