"""The account plan in the customer's own hands: made of what is named here, and of nothing else.

An allow-list: ``allowed`` takes over the facts, columns and actions that are named below, and the page is
written from what it returns. A field that nobody has named cannot reach it, whatever is added to a profile.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from kamplay.method.measures.features_at import OF
from kamplay.method.profile.rows import Rows, absent
from kamplay.method.profile.step import Profile
from kamplay.show.locale import N_, missing
from kamplay.show.profile.blocks import Block, Page, Tile, side_by_side
from kamplay.show.profile.header import SINCE, SINCE_BEGIN
from kamplay.show.profile.revenue_months import against_year_before, revenue_months_chart
from kamplay.show.profile.service import bills_line, deliveries_line, satisfaction_line, tickets_line
from kamplay.show.view import current

# what is told of the unit itself, of ``Profiles.accounts``
FACTS = (
    "region",
    "since",
    "since_data_begin",
    "owner",
    "revenue",  # what it bought from us in 12 months
    "before",
    "change",
    "last_order",
    "on_time",
    "in_full",
    "orders",
    "score",  # of its last survey
    "asked",
    "score_before",
    "open",
    "overdue",
)
# the columns of each table; a table that is not named has none
TABLES = {
    "categories": ("unit_id", "category", "bought", "before"),
    "tickets": ("unit_id", "ticket_id", "kind", "opened", "due", "late"),
    "deliveries": ("unit_id", "order_id", "promised_date", "late"),
    "bills": ("unit_id", "invoice_id", "due_date", "amount", "late"),
    "people": (
        "unit_id",
        "contact_id",
        "name",
        "title",
        "label",
        "gone",
    ),  # its own people, by name and title
    "next_visits": ("unit_id", "date", "person", "role", "kind", "contact"),
    "contracts": ("unit_id", "contract_id", "start", "end", "running"),
    "value_cases": ("unit_id", "offer", "agreed", "agreed_on"),  # what was agreed with it
    "goals": ("unit_id", "place", "goal", "facts", "by"),
    "actions": ("unit_id", "place", "kind", "facts", "owner", "due"),
}
# the kinds of our goals that are set together, with their facts
GOALS = {"collect": ("overdue",), "complaints": ("open",), "review": ()}
# the actions that are done for the customer or with it, with the facts of each
ACTIONS = {
    "collect_overdue": ("overdue", "bills"),
    "payment_plan": (),
    "settle_complaint": ("ticket", "opened", "open"),
    "close_complaints": (),
    "deliver_order": ("order", "promised", "orders"),
    "mend_delivery": (),
    "agree_contract": ("contract", "end"),
    "joint_review": (),
    "offer_category": ("category",),
    "one_lead": (),
}
ABOUT = ("as_of", "day", "issued")
# the columns of the client's tables that all this comes from; every other one is internal, and a test plants
# a value in each of those
FIELDS = {
    "accounts": ("account_name", "account_name_en", "region", "since", "owner"),
    "transactions": ("date", "amount", "category"),
    "receivables": ("invoice_id", "due_date", "paid_date", "amount"),
    "deliveries": ("order_id", "promised_date", "delivered_date", "ordered", "delivered"),
    "tickets": ("ticket_id", "kind", "opened", "closed", "due"),
    "surveys": ("date", "score", "scale"),
    "contacts": ("name", "title"),
    "contracts": ("contract_id", "start", "end", "status"),
    "value_cases": ("offer", "agreed", "agreed_on"),
}
# what the edition says of an action: the customer's view of it
STEPS = {
    "collect_overdue": N_("Settle {bills:n} overdue {bills:plural|bill|bills}: {overdue:money}"),
    "payment_plan": N_("Agree dates for the bills that are overdue"),
    "settle_complaint": N_("Close complaint {ticket}, open since {opened:date}"),
    "settle_complaint_plain": N_("Close the open complaint"),
    "close_complaints": N_("Name a person and a day for each open complaint"),
    "deliver_order": N_("Deliver order {order}, promised for {promised:date}"),
    "mend_delivery": N_("Name the new dates of the late orders"),
    "agree_contract": N_("Renew contract {contract}, which ends on {end:date}"),
    "agree_contract_ended": N_("Agree a new contract: {contract} ended on {end:date}"),
    "agree_contract_plain": N_("Renew the contract"),
    "joint_review": N_("Hold the joint review"),
    "offer_category": N_("Present {category}"),
    "one_lead": N_("Name one contact for all our companies"),
}
AIMS = {
    "collect": (N_("No bill overdue"), N_("{overdue:money} settled")),
    "complaints": (N_("No complaint open"), N_("{open:n} closed")),
    "complaints_plain": (N_("No complaint open"), N_("all closed")),
    "contract": (N_("Contract {contract} renewed"), N_("signed before {end:date}")),
    "contract_plain": (N_("Contract renewed"), N_("signed")),
    "review": (N_("Goals of both sides agreed"), N_("joint review held, in writing")),
    "deliveries": (
        N_("Orders on time and in full"),
        N_("all of them; {on_time:pct} on time in the last 180 days"),
    ),
}
MOST_PEOPLE = 8
MOST_VISITS = 3


def allowed(profile: Profile) -> Profile:
    """The profile with the facts, columns and actions that are named above, and nothing else."""
    rows: dict[str, Any] = {}
    for part in fields(profile):
        whole = getattr(profile, part.name)
        if isinstance(whole, Rows):
            rows[part.name] = whole.only(TABLES.get(part.name, ()))
    rows["actions"] = _named(rows["actions"], "kind", ACTIONS)
    rows["goals"] = _named(rows["goals"], "goal", GOALS)
    about = {name: profile.about[name] for name in ABOUT}
    return replace(profile, about=about, facts={name: profile.facts[name] for name in FACTS}, **rows)


def _named(rows: Rows, kind: str, named: dict[str, tuple[str, ...]]) -> Rows:
    """The rows of the named kinds, each with its named facts."""

    def told(row: Any) -> Any:
        known = json.loads(row.facts).items()
        kept = {name: value for name, value in known if name in named[getattr(row, kind)]}
        return row._replace(facts=json.dumps(kept))

    return rows.where(lambda row: getattr(row, kind) in named).each(told)


def customer_page(whole: Profile) -> Page:
    """What we have done for the customer, what both sides want, who does what next."""
    profile, view = allowed(whole), current()
    return Page(
        name=view.name(profile.unit_id),
        kind=view.locale.text(N_("Joint review")),
        facts=_facts_line(profile),
        tiles=_tiles(profile),
        chart=revenue_months_chart(profile).html,
        parts=[
            side_by_side(
                [_purchases(profile), _service(profile)], [_people(profile), _team(profile), _agreed(profile)]
            ),
            side_by_side([_goals(profile)]),
            side_by_side([_steps(profile)]),
            side_by_side([_yours(profile)]),
        ],
    )


def _facts_line(profile: Profile) -> list[str]:
    locale, facts = current().locale, profile.facts
    out = [] if missing(facts["region"]) else [current().locale.label(str(facts["region"]))]
    if not missing(facts["since"]):
        text = SINCE_BEGIN if facts["since_data_begin"] else SINCE
        out.append(locale.say(text, day=locale.month(facts["since"])))
    if not missing(facts["owner"]):
        out.append(locale.say(N_("your contact {owner}"), owner=facts["owner"]))
    out.append(locale.say(N_("as at {day:date}"), day=profile.about["as_of"]))
    return out


def _tiles(profile: Profile) -> list[Tile]:
    """What it bought, how orders came, how satisfied it is, what is open: each where it is known."""
    locale, facts = current().locale, profile.facts
    out = [
        Tile(
            locale.text(N_("Purchases, 12 months")),
            locale.money(facts["revenue"]),
            against_year_before(profile.facts),
        )
    ]
    if not missing(facts["on_time"]):
        why = locale.say(N_("of {orders:n} orders in 180 days"), orders=facts["orders"])
        out.append(Tile(locale.text(N_("Delivered on time")), locale.percent(facts["on_time"]), why))
    if not missing(facts["score"]):
        day = locale.say(N_("on {day:date}"), day=facts["asked"])
        score = locale.say(N_("{score:n1} of {scale:n}"), score=facts["score"], scale=OF)
        out.append(Tile(locale.text(N_("Satisfaction")), score, day))
    complaints = profile.tickets.where(lambda row: row.kind == "complaint")
    if profile.tickets:
        out.append(Tile(locale.text(N_("Complaints open")), locale.number(len(complaints))))
    if not missing(facts["open"]):
        late = locale.text(N_("none of it overdue"))
        if facts["overdue"] > 0:
            late = locale.say(N_("{overdue:money} of it overdue"), overdue=facts["overdue"])
        out.append(Tile(locale.text(N_("Bills open")), locale.money(facts["open"]), late))
    return out


def _purchases(profile: Profile) -> Block:
    """What it bought by category, this year and the year before."""
    locale = current().locale
    bought = profile.categories.where(lambda row: row.bought > 0 or row.before > 0)
    rows = sorted(bought, key=lambda row: -max(row.bought, row.before))[:8]
    cells = [
        [locale.label(str(row.category)), locale.money(row.bought), locale.money(row.before)] for row in rows
    ]
    heads = [locale.text(h) for h in (N_("Category"), N_("12 months"), N_("The 12 before"))]
    return Block("share", locale.text(N_("What you bought")), (), heads, cells, (1, 2))


def _service(profile: Profile) -> Block:
    parts = (deliveries_line(profile), tickets_line(profile), satisfaction_line(profile), bills_line(profile))
    title = current().locale.text(N_("Delivery, service, payment"))
    return Block("service", title, lines=[part for part in parts if part])


def _people(profile: Profile) -> Block:
    """Its people whom we know, by title and name."""
    locale = current().locale
    here = profile.people.where(lambda row: not row.gone)
    labels = [locale.label(label) for label in here["label"][:MOST_PEOPLE]]
    if not labels:
        return Block("people", "")
    rest = len(here) - len(labels)
    more = [locale.say(N_("{rest:n} more {rest:plural|person|people}"), rest=rest)] if rest > 0 else []
    return Block("people", locale.text(N_("Your people whom we know")), lines=[*labels, *more])


def _team(profile: Profile) -> Block:
    """Who looks after it, and when we come next."""
    locale, facts = current().locale, profile.facts
    lines = []
    if not missing(facts["owner"]):
        lines.append(locale.say(N_("Your contact: {owner}"), owner=facts["owner"]))
    for row in profile.next_visits[:MOST_VISITS]:
        unnamed = N_("our head of sales") if row.role == "head_office" else N_("our sales team")
        who = locale.text(unnamed) if missing(row.person) else row.person
        said = (
            N_("Visit on {day:date}: {who}, to see {met}")
            if not missing(row.contact)
            else N_("Visit on {day:date}: {who}")
        )
        lines.append(locale.say(said, day=row.date, who=who, met=row.contact))
    return Block("team", locale.text(N_("Our team and its next visits")), lines=lines)


def _agreed(profile: Profile) -> Block:
    """The contract that runs, and the value that was agreed with the customer."""
    locale = current().locale
    running = profile.contracts.where(lambda row: not absent(row.running) and row.running > 0)
    said = N_("Contract {contract}: {start:date} to {end:date}")
    lines = [locale.say(said, contract=row.contract_id, start=row.start, end=row.end) for row in running]
    for row in profile.value_cases.where(lambda row: not absent(row.agreed) and not absent(row.offer)):
        agreed = N_("{offer}: worth {money:money} to you, as agreed")
        lines.append(locale.say(agreed, offer=row.offer, money=row.agreed))
    return Block("agreements", locale.text(N_("Agreed between us")), lines=lines)


def _goals(profile: Profile) -> Block:
    """What both sides have to gain: goals with measure and date."""
    locale = current().locale
    rows = []
    for row in profile.goals:
        known = json.loads(row.facts)
        plain = f"{row.goal}_plain"
        needed = {"complaints": "open", "contract": "contract"}.get(row.goal, "")
        objective, measure = AIMS[plain if needed and needed not in known else row.goal]
        rows.append([locale.say(objective, **known), locale.say(measure, **known), locale.date(row.by)])
    if not missing(profile.facts["on_time"]):
        objective, measure = AIMS["deliveries"]
        now = locale.say(measure, on_time=profile.facts["on_time"])
        rows.insert(0, [locale.text(objective), now, locale.text(N_("at every review"))])
    heads = [locale.text(h) for h in (N_("Objective"), N_("Measure"), N_("By"))]
    return Block("goals", locale.text(N_("Joint goals")), (), heads, rows, keep=(2,))


def _steps(profile: Profile) -> Block:
    """What is done next, by whom and by when."""
    locale = current().locale
    rows = []
    for row in profile.actions:
        known = json.loads(row.facts)
        needed = {"settle_complaint": "ticket", "agree_contract": "contract"}.get(row.kind, "")
        form = f"{row.kind}_plain" if needed and not known.get(needed) else row.kind
        if form == "agree_contract" and known["end"] < profile.about["day"]:
            form = "agree_contract_ended"
        text = locale.say(STEPS[form], **known)
        rows.append(
            [text, "" if missing(row.owner) else current().locale.label(str(row.owner)), locale.date(row.due)]
        )
    heads = [locale.text(h) for h in (N_("Next step"), N_("Who"), N_("By"))]
    return Block("actions", locale.text(N_("Next steps")), (), heads, rows, keep=(2,))


def _yours(profile: Profile) -> Block:
    """What we want to hear from the customer."""
    locale = current().locale
    bought = profile.categories.where(lambda row: row.bought > 0)
    lines = [
        locale.text(
            N_("Which goals have you set for the next year, and by which figure will they be judged?")
        )
    ]
    if bought:
        top = max(bought, key=lambda row: row.bought)
        said = N_("What has to get better in {category}, of which you bought {bought:money}?")
        lines.append(locale.say(said, category=top.category, bought=top.bought))
    late = profile.deliveries.where(lambda row: row.late > 0)
    if late:
        said = N_("Which date for order {order} would serve you, after {day:date} has passed?")
        lines.append(locale.say(said, order=late[0].order_id, day=late[0].promised_date))
    lines.append(locale.text(N_("Which change at your side should we prepare for?")))
    return Block("questions", locale.text(N_("What we would like to hear from you")), lines=lines)
