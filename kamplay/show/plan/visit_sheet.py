"""The visit sheet: one page for each visit of the next two weeks, with what is known before it and
room for what comes during and after it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.plan.step import Plan
from kamplay.show.display import NOTHING, Display, template
from kamplay.show.health.stakeholders import LAYER_LABELS, SIDE_LABELS
from kamplay.show.labels import in_language
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.plan.actions import in_words
from kamplay.show.plan.calendar import KINDS, ROLES, how_firm, person_label, whom
from kamplay.show.registry import table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import View, current, using

if TYPE_CHECKING:
    pass

DOT = " · "  # between facts, in either language
MOST = 3  # rows of one list on a sheet; the others are counted
BY = N_("By {day:date}; done when {what}.")
NEEDS = {
    "power": N_("power"),
    "achievement": N_("achievement"),
    "recognition": N_("recognition"),
    "acceptance": N_("acceptance"),
    "safety": N_("safety"),
}
BUYING_ROLES = {
    "initiator": N_("initiator"),
    "decider": N_("decider"),
    "designer": N_("designer"),
    "evaluator": N_("evaluator"),
    "user": N_("user"),
}
STYLES = {
    "facts": N_("facts: figures, logic, to the point"),
    "order": N_("order: details in sequence, tidy papers"),
    "people": N_("people: examples, what users gain, feelings"),
    "vision": N_("vision: the whole, pictures, what comes next"),
}
STYLE_UNKNOWN = N_("style not known: ask")
OUTCOMES = {
    "advance": N_("advanced the deal"),
    "continuation": N_("went on as before"),
    "none": N_("without result"),
}
TICKETS = {"complaint": N_("complaint"), "request": N_("request"), "repair": N_("repair")}


@table
def visit_sheet_table(plan: Plan) -> Display:
    """What each visit of the next two weeks is for, and when it has succeeded."""
    visits, locale = plan.visit_sheets.visits, current().locale
    if visits.empty:
        return NOTHING
    purposes = [rows[0] if rows else None for rows in _of_each_visit(plan)]
    rows = visits.assign(
        who=[person_label(p, r) for p, r in zip(visits["person"], visits["role"], strict=True)],
        met=[whom(row) for row in visits.itertuples()],
        text=[row.text if row else "" for row in purposes],
        done_when=[row.done_when if row else "" for row in purposes],
    ).rename(columns={"unit_id": "account_id"})
    columns = [
        Column("date", N_("Day"), "date", css="keep"),
        Column("who", N_("Who")),
        ACCOUNT,
        Column("met", N_("Whom to meet"), extra=True),
        Column("text", N_("What for"), lambda text: text, css="long"),
        Column("done_when", N_("Done when"), lambda text: text, extra=True, css="long"),
    ]
    if not rows["met"].any():  # nobody is known at any of them
        columns = [column for column in columns if column.key != "met"]
    caption = N_("The visits of the next two weeks, each with what it is for.")
    return html_table(with_names(rows), columns, locale.text(caption), most=15, cards=True)


def _todo(plan: Plan) -> dict[Any, list[Any]]:
    """The actions of every unit that is visited, in words: those that take a visit first."""
    units = plan.visit_sheets.visits["unit_id"]
    own = plan.actions[plan.actions["account_id"].isin(units)]
    own = own.assign(_calls=own["visits"] <= 0).sort_values(["account_id", "_calls", "place"], kind="stable")
    return _by(in_words(plan, own), "account_id")


def _of_each_visit(plan: Plan) -> list[list[Any]]:
    """For each visit of the two weeks the unit's actions in words, first what this visit is for as the
    calendar has it, else the unit's other actions in turn, the last of them again; a review only where one is
    held.
    """
    todo, made = _todo(plan), defaultdict[Any, int](int)
    each = []
    for visit in plan.visit_sheets.visits.itertuples():
        rows = todo.get(visit.unit_id, [])
        reviews = [row for row in rows if row.kind == "joint_review"]
        others = [row for row in rows if row.kind != "joint_review"]
        done = [visit.purpose, *([] if missing(visit.also) else visit.also.split())]
        aim = sorted((row for row in others if row.kind in done), key=lambda row: done.index(row.kind))
        if visit.kind == "review":
            rows = reviews + others
        elif aim:
            rows = [*aim, *(row for row in others if row.kind not in done), *reviews]
        elif others:
            place = min(made[visit.unit_id], len(others) - 1)
            made[visit.unit_id] += 1
            rows = [*others[place:], *others[:place], *reviews]
        each.append(rows)
    return each


def _by(frame: pd.DataFrame, column: str) -> dict[Any, list[Any]]:
    """The rows of a frame by the value of a column."""
    rows = defaultdict(list)
    for row in frame.itertuples():
        rows[getattr(row, column)].append(row)
    return rows


def visit_sheets_page(plan: Plan, view: View, client: str) -> str:
    """The sheets as one self-contained HTML page, one printed page a visit: escaped, without a script."""
    with using(view):
        locale, sheets = view.locale, plan.visit_sheets
        names = {name: locale.text(text) for name, text in LABELS.items()}
        todo = _of_each_visit(plan) if len(sheets.visits) else []
        waiting = plan.visits_waiting
        facts = {name: _by(getattr(sheets, name), "unit_id") for name in FACTS}
        pages = [
            _page(visit, own, {n: rows[visit.unit_id] for n, rows in facts.items()}, waiting)
            for visit, own in zip(sheets.visits.itertuples(), todo, strict=True)
        ]
        page = template("visit_sheets.html.j2").render(
            language={"zh": "zh-Hans", "en": "en"}[locale.language],
            accent=view.accent,
            client=client,
            title=locale.text(N_("Visit sheets")),
            nothing=locale.text(N_("No visit is planned for the next two weeks.")),
            as_of=locale.say(N_("as at {day:date}"), day=view.as_of) if view.as_of else "",
            labels=names,
            pages=pages,
        )
        return in_language(page, locale.language)


LABELS = {
    "before": N_("Before"),
    "met": N_("Whom to meet"),
    "during": N_("During"),
    "after": N_("After"),
    "todo": N_("What for"),
    "issues": N_("Open issues"),
    "supply": N_("Orders and supply"),
    "bills": N_("Bills open and overdue"),
    "deals": N_("Deals"),
    "people": N_("Who is there, and how to talk to them"),
    "information": N_("Information"),
    "progress": N_("Progress of projects"),
    "points": N_("Points confirmed"),
    "feedback": N_("Feedback"),
    "summary": N_("Summary"),
    "outcome": N_("Outcome"),
    "next": N_("Next step: what, who, by when"),
} | OUTCOMES


FACTS = ("tickets", "deliveries", "bills", "deals", "orders", "purchases", "contacts")


def _page(
    visit: Any, todo: list[Any], known: dict[str, list[Any]], waiting: frozenset[tuple[str, str]]
) -> dict[str, Any]:
    """One visit's sheet, in words. ``todo``: the unit's actions in words; ``known``: the rows of the unit, of
    each of FACTS; ``waiting``: as ``Plan.visits_waiting``.
    """
    view, locale = current(), current().locale
    head = [locale.date(visit.date), person_label(visit.person, visit.role), locale.text(ROLES[visit.role])]
    head += [locale.label(str(place)) for place in (visit.region, visit.city) if not missing(place)]
    head = list(dict.fromkeys(head))  # where no region is known the city stands for it
    head += filter(None, [how_firm(visit, waiting)])
    facts = []
    if not missing(visit.tier):
        facts.append(locale.say(N_("tier {tier}"), tier=visit.tier))
    facts.append(locale.say(N_("revenue of 12 months {revenue:money}"), revenue=visit.revenue))
    if missing(visit.last_visit):
        facts.append(locale.text(N_("no visit on record")))
    elif missing(visit.last_outcome):
        facts.append(locale.say(N_("last visit {day:date}"), day=visit.last_visit))
    else:
        said = N_("last visit {day:date}, {outcome}")
        outcome = locale.text(OUTCOMES[visit.last_outcome])
        facts.append(locale.say(said, day=visit.last_visit, outcome=outcome))
    return {
        "account": view.name(visit.unit_id),
        "kind": locale.text(KINDS[visit.kind]),
        "head": head,
        "facts": facts,
        "met": whom(visit),
        "todo": [{"text": row.text, "by": locale.say(BY, day=row.due, what=row.done_when)} for row in todo],
        "issues": _cut([_ticket(row, locale) for row in known["tickets"]], locale),
        "supply": [
            *_cut([_delivery(row, locale) for row in known["deliveries"]], locale),
            *_bought(known["orders"], known["purchases"], locale),
        ],
        "bills": _bills(known["bills"], locale),
        "deals": _cut([deal_line(row, locale) for row in known["deals"]], locale),
        # whom the visit is for stands first, however many are known
        "people": [
            _person(row, visit.contact_id, locale)
            for row in sorted(known["contacts"], key=lambda one: one.contact_id != visit.contact_id)[
                : MOST + 2
            ]
        ],
    }


def _cut(lines: list[str], locale: Locale) -> list[str]:
    rest = len(lines) - MOST
    return lines if rest <= 0 else [*lines[:MOST], locale.say(N_("{rest:n} more"), rest=rest)]


def _ticket(row: Any, locale: Locale) -> str:
    kind = locale.text(TICKETS[row.kind]) if row.kind in TICKETS else ""
    parts = [
        locale.say(N_("{id} {kind}, open since {day:date}"), id=_id(row.ticket_id), kind=kind, day=row.opened)
    ]
    if not missing(row.due):
        parts.append(locale.say(N_("to be settled by {day:date}"), day=row.due))
    return DOT.join(parts)


def _delivery(row: Any, locale: Locale) -> str:
    said = (
        N_("Order {id}: not delivered, promised for {day:date}")
        if row.late > 0
        else N_("Order {id}: promised for {day:date}")
    )
    return locale.say(said, id=_id(row.order_id), day=row.promised_date)


def _bought(orders: list[Any], bought: list[Any], locale: Locale) -> list[str]:
    lines = []
    if orders:
        days = [
            locale.say(N_("{day:date} {amount:money}"), day=row.date, amount=row.amount) for row in orders
        ]
        lines.append(locale.say(N_("Last bought: {days}"), days=locale.text(N_("; ")).join(days)))
    if bought and not missing(bought[0].gap):
        lines.append(locale.say(N_("Buys about every {gap:n} days"), gap=bought[0].gap))
    named = [
        locale.say(N_("{what} {amount:money}"), what=row.category, amount=row.amount)
        for row in bought
        if not missing(row.category)
    ]
    if named:
        lines.append(locale.say(N_("Most in 12 months: {what}"), what=locale.text(N_("; ")).join(named)))
    return lines


def _bills(bills: list[Any], locale: Locale) -> list[str]:
    if not bills:
        return []
    late = [row for row in bills if row.late > 0]
    said = N_("{number:n} open {number:plural|bill|bills}, {amount:money}; overdue {late:money}")
    open_sum, late_sum = (sum(row.amount for row in rows) for rows in (bills, late))
    whole = locale.say(said, number=len(bills), amount=open_sum, late=late_sum)
    lines = [
        locale.say(
            N_("{id}: {amount:money}, due {day:date}"),
            id=_id(row.invoice_id),
            amount=row.amount,
            day=row.due_date,
        )
        for row in late
    ]
    return [whole, *_cut(lines, locale)]


def deal_line(row: Any, locale: Locale) -> str:
    """An open deal in one line: its sum, its stage, when it is expected, against whom."""
    parts = [
        locale.say(
            N_("{id}: {amount:money}, {stage}"),
            id=_id(row.opportunity_id),
            amount=row.amount,
            stage=row.stage,
        )
    ]
    if not missing(row.expected_close):
        parts.append(locale.say(N_("expected for {day:date}"), day=row.expected_close))
    if not missing(row.competitor):
        parts.append(locale.say(N_("against {who}"), who=row.competitor))
    return DOT.join(parts)


def _person(row: Any, met: Any, locale: Locale) -> dict[str, Any]:
    parts = []
    if not missing(row.layer):
        parts.append(locale.text(LAYER_LABELS[row.layer]))
    if row.role in BUYING_ROLES:
        parts.append(locale.text(BUYING_ROLES[row.role]))
    if not missing(row.side):
        parts.append(locale.text(SIDE_LABELS[row.side]))
    if row.need in NEEDS:
        parts.append(locale.say(N_("seeks {need}"), need=locale.text(NEEDS[row.need])))
    if missing(row.days):
        parts.append(locale.text(N_("not met yet")))
    else:
        met_on = pd.Timestamp(current().as_of) - pd.Timedelta(days=int(row.days))
        parts.append(locale.say(N_("last met {day:date}"), day=met_on))
    return {
        "who": locale.label(row.label),
        "what": DOT.join(parts),
        "style": locale.text(STYLES.get(row.style, STYLE_UNKNOWN)) if not missing(row.side) else "",
        "met": row.contact_id == met,
    }


def _id(value: Any) -> str:
    return "" if missing(value) else str(value)
