"""How we have served the account: deliveries, complaints, satisfaction, and what it owes."""

from __future__ import annotations

from kamplay.method.measures.features_at import OF
from kamplay.method.profile.step import Profile
from kamplay.show.locale import N_, missing
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current


def service_block(profile: Profile) -> Block:
    """Deliveries, complaints, satisfaction, bills: a sentence each, where its table is there."""
    locale = current().locale
    parts = (deliveries_line(profile), tickets_line(profile), satisfaction_line(profile), bills_line(profile))
    return Block("service", locale.text(N_("Delivery, service, payment")), lines=[p for p in parts if p])


def deliveries_line(profile: Profile) -> str:
    locale, facts = current().locale, profile.facts
    known = []
    if not missing(facts["on_time"]):
        said = N_("{on_time:pct} on time, {in_full:pct} in full of {orders:n} orders in 180 days")
        known.append(
            locale.say(said, on_time=facts["on_time"], in_full=facts["in_full"], orders=facts["orders"])
        )
    late = profile.deliveries.where(lambda row: row.late > 0)
    if len(late):
        said = N_("{count:n} late, the oldest {order} promised for {day:date}")
        known.append(locale.say(said, count=len(late), order=late[0].order_id, day=late[0].promised_date))
    if not known:
        return ""
    return locale.say(N_("Deliveries: {what}"), what=locale.text(N_("; ")).join(known))


def tickets_line(profile: Profile) -> str:
    locale, rows = current().locale, profile.tickets
    complaints = rows.where(lambda row: row.kind == "complaint")
    if not rows:
        return ""
    if not complaints:
        said = N_("Service: no complaint open, {count:n} other {count:plural|ticket|tickets}")
        return locale.say(said, count=len(rows))
    first, late = complaints[0], complaints.where(lambda row: row.late > 0)
    said = (
        N_("Complaints: {count:n} open, {late:n} past due, the oldest {ticket} since {day:date}")
        if len(late)
        else N_("Complaints: {count:n} open, the oldest {ticket} since {day:date}")
    )
    return locale.say(said, count=len(complaints), late=len(late), ticket=first.ticket_id, day=first.opened)


def satisfaction_line(profile: Profile) -> str:
    locale, facts = current().locale, profile.facts
    if missing(facts["score"]):
        return ""
    told = {"score": facts["score"], "scale": OF, "day": facts["asked"]}
    if missing(facts["score_before"]):
        return locale.say(N_("Satisfaction: {score:n1} of {scale:n} on {day:date}"), **told)
    said = N_("Satisfaction: {score:n1} of {scale:n} on {day:date}, {before:n1} in the survey before")
    return locale.say(said, before=facts["score_before"], **told)


def bills_line(profile: Profile) -> str:
    locale, rows = current().locale, profile.bills
    if not rows:
        return ""
    late = rows.where(lambda row: row.late > 0)
    if not late:
        said = N_("Bills: {count:n} open, {amount:money}, none overdue; the next due {day:date}")
        return locale.say(said, count=len(rows), amount=rows.total("amount"), day=rows[0].due_date)
    said = N_(
        "Bills: {count:n} open, {amount:money}; {late:n} overdue, {owed:money}, the oldest due {day:date}"
    )
    return locale.say(
        said,
        count=len(rows),
        amount=rows.total("amount"),
        late=len(late),
        owed=late.total("amount"),
        day=late[0].due_date,
    )
