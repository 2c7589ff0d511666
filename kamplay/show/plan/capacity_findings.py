"""What is found of capacity and allocation, in sentences: whether the norms can be met, what is given up, who
has no visits left, and how firm that is.
"""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.results import Finding
from kamplay.show.locale import N_, Locale
from kamplay.show.plan.capacity import ROLE_NAMES, asking, who
from kamplay.show.registry import FindingSpec, register_findings
from kamplay.show.texts.vocabulary import level_label

MOST_NAMED = 5  # people in a sentence


def _money(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"what": locale.text(N_("margin") if finding.figures["in_margin"] else N_("revenue"))}


def _by_level(levels: list[str], values: list[float], text: str, unnamed: str, locale: Locale) -> str:
    """A value for each level, one after another; ``unnamed`` stands for a level without a name."""
    parts = [
        locale.say(text, level=level or locale.text(unnamed), value=value)
        for level, value in zip(levels, values, strict=True)
    ]
    return locale.text(N_(", ")).join(parts)


def _not_paying(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """The norms in words, visits a year for each account by level, and how little they bring."""
    figures = finding.figures
    each = _by_level(figures["levels"], figures["a_year"], N_("{level} {value:n}"), N_("each"), locale)
    said = N_(" (visits a year for an account: {parts})")
    cost = N_("less than they cost") if figures["cost_known"] else N_("next to no revenue")
    return {"a_year": locale.say(said, parts=each) if each else "", "little": locale.text(cost)}


def _idle(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """What they would cost, and that nothing is known of what they could win."""
    figures = finding.figures
    cost = locale.say(N_(", and cost {cost:money} in all"), **figures)
    open_ = N_(" What could be won there is not known.")
    return {
        "against": "" if figures["cost"] is None else cost,
        "unknown": "" if figures["room_known"] else locale.text(open_),
        **_money(finding, locale),
    }


def _levels_left_out(finding: Finding, locale: Locale) -> Mapping[str, object]:
    names = [level_label(level, locale) for level in finding.figures["levels"]]
    return {"level_names": locale.words(names, len(names)) if names else locale.text(N_("no level"))}


def _given_up(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How much of each level's visits can be made, and what the others would bring."""
    figures = finding.figures
    said = N_("By the assumptions this gives up {given_up:money} of {what}.")
    known = figures["given_up"] is not None and figures["given_up"] > 0
    return {
        "coverage": _by_level(
            figures["levels"], figures["shares"], N_("{level} {value:pct}"), N_("all"), locale
        ),
        "money": locale.say(said, given_up=figures["given_up"], **_money(finding, locale)) if known else "",
        **_norms(finding, locale),
        **_people(finding, locale),
    }


def _norms(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"norms": asking(finding.figures.get("left_out", 0.0), locale)}


def _within(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """``but``: the visits of head office, which lack somebody to make them and no capacity."""
    but = N_("; only {head_missing:n} of head office in the quarter have nobody to make them")
    said = locale.say(but, **finding.figures) if finding.figures.get("head_missing") else ""
    return {**_norms(finding, locale), "but": said}


def _people(finding: Finding, locale: Locale) -> Mapping[str, object]:
    people, free = finding.figures.get("people", []), finding.figures.get("free", [])
    return {
        "count_people": len(people),
        "people_named": _listed(people, locale),
        "first_person": _listed(people[:1], locale),
        "free_named": _listed(free, locale),
    }


def _listed(people: list[str], locale: Locale) -> str:
    """The first few of some people; of those who are not named, the head of sales for head office, and the
    branch for its own.
    """
    unnamed = {"branch": locale.text(ROLE_NAMES["branch"]), "head_office": who(None, "head_office", locale)}
    names = [unnamed.get(one, one) for one in people]
    joined = locale.text(N_(", ")).join(names[:MOST_NAMED])
    return locale.say(N_("{names} and others"), names=joined) if len(names) > MOST_NAMED else joined


def _newcomer(finding: Finding, locale: Locale) -> Mapping[str, object]:
    words = {
        "branch": N_("One person more at the branch"),
        "head_office": N_("One person more at head office"),
        "team": N_("One person more"),
    }
    cost = finding.figures["cost"]
    said = N_("The visits cost {cost:money}, the salary comes on top.")
    return {
        "newcomer": locale.text(words[finding.figures["role"]]),
        "costs": locale.text(N_("What the person costs is not taken off."))
        if cost is None
        else locale.say(said, cost=cost),
        **_money(finding, locale),
    }


def _moved(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    if not figures["most"]:
        said = N_("the visits stay as they are")
    elif figures["fewest"] == figures["most"]:
        said = N_("{most:n} of the {visits:n} visits change")
    else:
        said = N_("{fewest:n} to {most:n} of the {visits:n} visits change")
    return {"moves": locale.say(said, **figures), **_money(finding, locale)}


CUT_FROM_BELOW = N_(
    "Head of sales: from next month serve the accounts of the table of norms not met by phone and online, or "
    "ask for more people; leave the other visits as they are."
)

CALL_INSTEAD = {
    "call_instead": N_(
        "Head of sales: plan no visits. Hold the plan's joint reviews of key accounts on the phone; the "
        "other accounts have its calls and mails. Visit only where an order is to be won."
    ),
    "call_instead_no_key": N_(
        "Head of sales: plan no visits; the {others:n} accounts have the calls and mails of the plan. Visit "
        "only where an order is to be won."
    ),
}

register_findings(
    FindingSpec(
        "over_capacity",
        "capacity",
        N_(
            "{norms} ask for {needed:n} visits a month, the team can make {capacity:n}. Over the "
            "quarter {missing:n} visits to {accounts:n} {accounts:plural|account|accounts} fall out; made "
            "are, by level: {coverage}. {money}"
        ),
        actions={"cut_from_below": CUT_FROM_BELOW},
        brief=N_(
            "{norms} ask for {needed:n} visits a month, the team can make {capacity:n}; {accounts:n} "
            "{accounts:plural|account gets|accounts get} fewer than the norm."
        ),
        brief_actions={
            "cut_from_below": N_(
                "Head of sales: serve those accounts by phone and online from next month, or ask for people."
            )
        },
        rank=33,
        words=_given_up,
    ),
    FindingSpec(
        "people_over_capacity",
        "capacity",
        N_(
            "{count_people:n} of those who visit {count_people:plural|has|have} more visits by the norms "
            "than can be made: {people_named}. Over the quarter {missing:n} visits to {accounts:n} "
            "{accounts:plural|account|accounts} fall out; made are, by level: {coverage}. {money}"
        ),
        actions={
            "even_out": N_(
                "Head of sales: by {due:date} move accounts from {first_person} to others who have visits "
                "left: {free_named}."
            ),
            "relieve_people": N_(
                "Head of sales: by {due:date} decide which of these accounts {first_person} serves by phone "
                "and online; nobody else there has visits left."
            ),
        },
        brief=N_(
            "{count_people:n} of those who visit {count_people:plural|has|have} more visits by the norms "
            "than can be made: {people_named}."
        ),
        rank=33,
        words=_given_up,
    ),
    FindingSpec(
        "within_capacity",
        "capacity",
        N_("{norms} ask for {needed:n} visits a month; the team can make {capacity:n}{but}."),
        words=_within,
    ),
    FindingSpec(
        "within_what_is_stated",
        "capacity",
        N_("{norms} ask for {needed:n} visits a month; all whose capacity is stated can make theirs{but}."),
        words=_within,
    ),
    FindingSpec(
        "capacity_unknown",
        "capacity",
        N_("{norms} ask for {needed:n} visits a month; what the team can make was not stated."),
        actions={
            "state_capacity": N_(
                "Head of sales: state how many visits a month the team can make, for the next report."
            )
        },
        words=_norms,
    ),
    FindingSpec(
        "people_unstated",
        "capacity",
        N_(
            "For {count_people:n} of those who visit no capacity is stated ({people_named}); their "
            "{visits:n} visits a month stand as the norms ask, whether they can be made or not."
        ),
        actions={
            "state_people": N_(
                "Head of sales: state what they can do, in visits or hours, for the next report."
            )
        },
        words=_people,
    ),
    FindingSpec(
        "people_not_owners",
        "capacity",
        N_(
            "The settings state the capacity of {people_named}, who "
            "{count_people:plural|owns|own} no account: the visits stated there cannot be used."
        ),
        actions={
            "mend_names": N_(
                "Sales operations: write the names in the settings as they stand with the accounts."
            )
        },
        words=_people,
    ),
    FindingSpec(
        "visits_expected",
        "capacity",
        N_(
            "By the preset's assumptions the {visits:n} visits of the quarter should keep {kept:money} and "
            "win {won:money} of {what}, most at {three}. The expected loss is known for {loss_known:n} of "
            "the {units:n} accounts visited, what they purchase elsewhere for {room_known:n}."
        ),
        words=_money,
    ),
    FindingSpec(
        "visits_expected_of_loss",
        "capacity",
        N_(
            "By the preset's assumptions the {visits:n} visits of the quarter should keep {kept:money} of "
            "{what}, most at {three}. What accounts purchase elsewhere is not known, so visits go where most "
            "could be lost, and nothing is expected to be won."
        ),
        words=_money,
    ),
    FindingSpec(
        "visits_none_planned",
        "capacity",
        N_(
            "No visits are planned at the {units:n} {units:plural|account|accounts} with visit "
            "norms{a_year}: by the assumptions of the strategy preset they would bring {little}. The norms "
            "are starting values, to be replaced by one's own."
        ),
        actions=CALL_INSTEAD,
        brief_actions={
            "call_instead": N_(
                "Head of sales: hold the plan's joint reviews of key accounts on the phone; the other "
                "accounts have its calls and mails."
            )
        },
        brief=N_("No visits are planned: the starting norms{a_year} would bring {little}."),
        words=_not_paying,
        rank=32,
    ),
    FindingSpec(
        "visits_do_not_pay",
        "capacity",
        N_(
            "The {visits:n} visits of the norms should bring {brings:money} of {what} in the quarter"
            "{against}: they do not pay.{unknown}"
        ),
        rank=32,
        words=_idle,
    ),
    FindingSpec(
        "visits_left_out",
        "capacity",
        N_(
            "{visits:n} {visits:plural|visit|visits} of the quarter's norms at {units:n} "
            "{units:plural|account|accounts} of {level_names}, {revenue:money} of revenue, "
            "{visits:plural|is|are} not planned: "
            "by the preset's assumptions none of them brings what it costs. {none:n} of these accounts "
            "{none:plural|loses|lose} all visits, the others some. The norms of key accounts stay, and so do "
            "visits that an action takes."
        ),
        actions={
            "call_instead_of_visits": N_(
                "Account owners: keep in touch by phone and mail with the {none:n} "
                "{none:plural|account|accounts} that {none:plural|loses|lose} all visits, {first} first; the "
                "others have fewer."
            )
        },
        brief=N_(
            "{visits:n} visits of the norms at {units:n} accounts of {level_names} are not planned: by the "
            "assumptions none brings what it costs."
        ),
        words=_levels_left_out,
    ),
    FindingSpec(
        "visits_left_out_money",
        "capacity",
        N_("The {visits:n} visits left out should bring {brings:money} of {what} and cost {cost:money}."),
        words=_money,
    ),
    FindingSpec(
        "visits_unvalued",
        "capacity",
        N_(
            "No expected loss and no purchases elsewhere are known of the {units:n} "
            "{units:plural|account|accounts} with a visit norm: what visits could keep or win is open, and "
            "they follow level and revenue alone."
        ),
    ),
    FindingSpec(
        "visits_senior",
        "capacity",
        N_(
            "{made:n} visits of head office in the quarter, to {accounts:n} "
            "{accounts:plural|account|accounts}, are the head of sales's, on {days_out:n} days: nobody else "
            "is named for them. At most {a_week:n} days out a week are assumed."
        ),
        brief=N_(
            "{made:n} visits of head office in the quarter are the head of sales's, on {days_out:n} days: "
            "nobody else is named."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "visits_senior_beyond",
        "capacity",
        N_(
            "{made:n} visits of head office in the quarter are the head of sales's, on {days_out:n} days; "
            "{missing:n} more of the norms have nobody, as nobody else is named. Assumed are at most "
            "{a_week:n} days out a week, each in one city, and {weeks:n} weeks between two visits to one "
            "account. The visits that nobody makes are those at {names}."
        ),
        actions={
            "name_senior_or_drop": N_(
                "Head of sales: by {due:date} name who makes the {missing:n} visits of head office that have "
                "nobody, or drop them: you can make {made:n} of {both:n}, on {a_week:n} days a week at most."
            )
        },
        brief_actions={
            "name_senior_or_drop": N_(
                "Head of sales: of {both:n} visits of head office you can make {made:n}, on {a_week:n} days "
                "a week at most; name who makes the other {missing:n}, or drop them."
            )
        },
        brief=N_(
            "{missing:n} visits of head office in the quarter have nobody; {made:n} are the head of sales's."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "visits_above_made",
        "capacity",
        N_(
            "The plan has {planned:n} visits a month, more than the {made:n} a month made in the last three "
            "months."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "visits_beyond",
        "capacity",
        N_(
            "{beyond:n} visits of the quarter beyond the norms go to {accounts:n} "
            "{accounts:plural|account|accounts} where they should bring most: {names}."
        ),
    ),
    FindingSpec(
        "one_more",
        "capacity",
        N_(
            "{newcomer}, with {each:n} visits a month, could make {norm_visits:n} of the quarter's visits "
            "that fall out; its {made:n} visits should bring {brings:money} of {what}. {costs}"
        ),
        words=_newcomer,
    ),
    FindingSpec(
        "one_more_beyond",
        "capacity",
        N_(
            "{newcomer}, with {each:n} visits a month, would meet no norm that is not met already; {made:n} "
            "visits more of the quarter should bring {brings:money} of {what}. {costs}"
        ),
        words=_newcomer,
    ),
    FindingSpec(
        "one_more_idle",
        "capacity",
        N_(
            "{newcomer} would bring nothing by the assumptions: the norms are met, and no further visit is "
            "worth what it costs."
        ),
        words=_newcomer,
    ),
    FindingSpec(
        "assumptions_moved",
        "capacity",
        N_(
            "Assumed, not measured: visits by the norm avert {averted:pct} of an expected loss and win "
            "{room:pct} of the room to grow. With one of these halved or doubled {moves}, and {low:money} "
            "to {high:money} of {what} are expected."
        ),
        words=_moved,
    ),
)
