"""Who the account is: its size, its books, its group, how it buys, what it leaves us."""

from __future__ import annotations

from kamplay.method.profile.step import Profile
from kamplay.show.locale import N_, missing
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current

MOST_MEMBERS = 3  # of a group, by name


def business_block(profile: Profile) -> Block:
    """Its business in a few sentences, each only where its table tells it."""
    locale = current().locale
    parts = (_size(profile), _group(profile), _buying(profile), _profit(profile), _credit(profile))
    return Block("business", locale.text(N_("Who it is")), lines=[line for line in parts if line])


def _size(profile: Profile) -> str:
    locale, facts = current().locale, profile.facts
    known = []
    if not missing(facts["annual_revenue"]):
        known.append(locale.say(N_("{annual:money} of revenue a year"), annual=facts["annual_revenue"]))
    if not missing(facts["employees"]):
        known.append(locale.say(N_("{staff:n} staff"), staff=facts["employees"]))
    if not missing(facts["net_margin"]):
        year = N_("net margin {margin:pct} in {year}")
        known.append(locale.say(year, margin=facts["net_margin"], year=str(int(facts["books_of"]))))
    if not missing(facts["current_ratio"]):
        known.append(locale.say(N_("current ratio {ratio:n1}"), ratio=facts["current_ratio"]))
    return _joined(known)


def _group(profile: Profile) -> str:
    """The members of a group with what each buys."""
    view = current()
    if not profile.members:
        return ""
    each = [
        view.locale.say(N_("{who} {amount:money}"), who=view.name(row.account_id), amount=row.revenue)
        for row in profile.members
    ]
    return view.locale.say(
        N_("Group of {count:n}, planned as one customer: {members}"),
        count=len(each),
        members=view.locale.accounts(each, MOST_MEMBERS),
    )


def _buying(profile: Profile) -> str:
    locale, facts = current().locale, profile.facts
    known = []
    if not missing(facts["gap_days"]):
        rhythm = N_("orders about every {gap:n} days, last on {day:date}")
        known.append(locale.say(rhythm, gap=facts["gap_days"], day=facts["last_order"]))
    elif not missing(facts["last_order"]):
        known.append(locale.say(N_("last order on {day:date}"), day=facts["last_order"]))
    bought = profile.categories.where(lambda row: row.bought > 0)
    if bought:
        top = max(bought, key=lambda row: row.bought)
        most = N_("buys {count:n} {count:plural|category|categories}, most of all {category} ({share:pct})")
        known.append(
            locale.say(
                most, category=top.category, share=top.bought / bought.total("bought"), count=len(bought)
            )
        )
    if not missing(facts["expected_12m"]) and facts["revenue"] > 0:
        ahead = N_("by its rhythm the next 12 months bring {low:money} to {high:money}")
        known.append(locale.say(ahead, low=facts["expected_low"], high=facts["expected_high"]))
    return _joined(known)


def _profit(profile: Profile) -> str:
    locale, facts = current().locale, profile.facts
    if missing(facts["margin"]) or not facts["revenue"] > 0:
        return ""
    known = [locale.say(N_("margin {share:pct}"), share=facts["margin"] / facts["revenue"])]
    if not missing(facts["cost_to_serve"]) and facts["cost_to_serve"] > 0:
        known.append(locale.say(N_("cost to serve {cost:money}"), cost=facts["cost_to_serve"]))
    if not missing(facts["revenue_share"]):
        known.append(locale.say(N_("{share:pct} of our revenue"), share=facts["revenue_share"]))
    return _joined(known)


def _credit(profile: Profile) -> str:
    locale, facts = current().locale, profile.facts
    known = []
    if not missing(facts["credit_grade"]):
        known.append(locale.say(N_("credit grade {grade}"), grade=facts["credit_grade"]))
    if not missing(facts["credit_limit"]) and not missing(facts["credit_used"]):
        limit = N_("{used:pct} of the limit of {limit:money} used")
        known.append(locale.say(limit, used=facts["credit_used"], limit=facts["credit_limit"]))
    if not missing(facts["days_to_pay"]):
        known.append(locale.say(N_("pays after {days:n} days on average"), days=facts["days_to_pay"]))
    return _joined(known)


def _joined(parts: list[str]) -> str:
    """Facts as one sentence, which begins with a capital."""
    text = current().locale.text(N_("; ")).join(parts)
    return text[:1].upper() + text[1:]
