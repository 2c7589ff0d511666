"""Service by tier, shown and said: what each level was promised and what it got, and the queue of
complaints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.texts.vocabulary import level_label
from kamplay.show.view import current

MEASURES = {
    "complaints": N_("complaints settled in time"),
    "on_time": N_("orders on time"),
    "in_full": N_("orders in full"),
}
LACKING = {
    "lines": N_("the lines of the sales"),
    "quantity": N_("quantities"),
    "product": N_("products"),
    "common": N_("products that several accounts bought"),
}


def _level(level: Any, locale: Locale) -> str:
    return locale.text(N_("all accounts")) if missing(level) else str(level)


def _share(shares: pd.DataFrame, measure: str, level: Any, locale: Locale) -> str:
    """18 of 25, 72% (55% to 85%); without the share where the cases are too few to tell it."""
    same = shares["level"].isna() if missing(level) else shares["level"] == level
    rows = shares[same & (shares["measure"] == measure) & (shares["trials"] > 0)]
    if rows.empty:
        return MISSING
    row = rows.iloc[0]
    text = (
        N_("{hits:n} of {trials:n}, {share:pct} ({low:pct} to {high:pct})")
        if row["told"]
        else N_("{hits:n} of {trials:n} at {units:n} {units:plural|account|accounts}, too few to tell")
    )
    return locale.say(text, **row[["hits", "trials", "units", "share", "low", "high"]].to_dict())


@table
def complaints_by_tier_table(plan: Plan) -> Display:
    """Complaints of each level: the times promised, settled in time, how long it took, past due."""
    service, locale = plan.service, current().locale
    if not service.figures.get("tickets"):
        return NOTHING
    frame = service.levels
    frame = frame.assign(
        named=[_level(level, locale) for level in frame["level"]],
        promised=[
            locale.say(N_("{hours:n} h / {days:n} d"), hours=row.reply_hours, days=row.resolve_days)
            for row in frame.itertuples()
        ],
        kept=[_share(service.shares, "complaints", level, locale) for level in frame["level"]],
    )
    columns = [
        Column("named", N_("Level")),
        Column("promised", N_("Reply / settle within"), css="keep", extra=True),
        Column("given", N_("Days that tickets give"), "n", extra=True),
        Column("complaints", N_("Complaints"), "n"),
        Column("kept", N_("Settled by the due day"), css="long"),
        Column("days", N_("Days to settle"), "n"),
        Column("past_due", N_("Open past due"), "n"),
        Column("past_due_lost", N_("of these at lost accounts"), "n", extra=True),
    ]
    columns = [c for c in columns if c.key != "given" or frame["given"].notna().any()]
    if service.figures["replies"]:
        columns.insert(-3, Column("replied", N_("Answered in time"), "pct"))
    caption = N_(
        "Complaints opened in the last 12 months, and the median days that their tickets give; settled by "
        "the due day, of those that fell due in the last 12 months, with the range in which the share lies; "
        "the median days to settle; open past the due day, however old."
    )
    return html_table(frame, columns, caption)


@table
def service_by_tier_table(plan: Plan) -> Display:
    """Orders, visits and prices of each level."""
    service, locale = plan.service, current().locale
    if service.levels.empty:
        return NOTHING
    frame = service.levels
    frame = frame.assign(named=[_level(level, locale) for level in frame["level"]])
    for measure in ("on_time", "in_full"):
        frame[measure] = [_share(service.shares, measure, level, locale) for level in frame["level"]]
    frame["visits"] = [
        MISSING
        if missing(row.made)
        else locale.say(
            N_("{made:n} of {norm:n}") if row.norm else N_("{made:n}, no norm"), made=row.made, norm=row.norm
        )
        for row in frame.itertuples()
    ]
    frame["price"] = [
        MISSING
        if missing(row.price_index)
        else locale.say(
            N_("{index:n2} ({low:n2} to {high:n2})"),
            index=row.price_index,
            low=row.price_low,
            high=row.price_high,
        )
        for row in frame.itertuples()
    ]
    columns = [
        Column("on_time", N_("Orders on time"), css="long"),
        Column("in_full", N_("Orders in full"), css="long"),
        Column("visits", N_("Visits made / norm"), css="keep"),
        Column("price", N_("Price index"), css="keep"),
    ]
    columns = [c for c in columns if (frame[c.key] != MISSING).any()]
    if not columns:
        return NOTHING
    caption = N_(
        "Orders promised for the last 180 days, visits of the last three months, and the price index of the "
        "last 12 months: 1 is what the median customer pays for the same products."
    )
    return html_table(frame, [Column("named", N_("Level")), *columns], caption)


def _rung(plan: Plan) -> Callable[[Any], str]:
    """A reader of places on the escalation's ladder, in the words of the strategy."""
    names = plan.service.rungs[current().locale.language]
    return lambda place: MISSING if missing(place) else str(names.iloc[int(place)])


@table
def complaint_queue_table(plan: Plan) -> Display:
    """The accounts with open complaints, in the order in which they are served."""
    columns = [
        ACCOUNT,
        Column("level", N_("Level")),
        Column("open", N_("Open"), "n"),
        Column("past_due", N_("Past due"), "n"),
        Column("days_late", N_("Most days past due"), "n", extra=True),
        Column("settle_by", N_("Settle by"), "date", css="keep"),
        Column("rung", N_("Escalated to"), _rung(plan)),
    ]
    queue = plan.service.queue.assign(past_due=plan.service.queue["days_late"] > 0)
    by = queue.groupby("unit_id", sort=False)
    frame = by.agg(
        level=("level", "first"),
        open=("unit_id", "size"),
        past_due=("past_due", "sum"),
        days_late=("days_late", "max"),
        settle_by=("settle_by", "min"),
        rung=("rung", "max"),
    ).reset_index()
    if frame["rung"].isna().all():
        columns = columns[:-1]
    if frame["level"].isna().all():
        columns = [c for c in columns if c.key != "level"]
    caption = N_(
        "Accounts with open complaints in the order of levels, within a level the soonest date first, lost "
        "accounts last; each ticket is in the workbook. What is past due gets the level's days anew, from "
        "the day of this report, or the day of the plan's action where that is sooner. Escalated to: where "
        "the oldest belongs by the strategy's times."
    )
    named = with_names(frame.rename(columns={"unit_id": "account_id"}))
    return html_table(named, columns, caption, most=15)


@sheet
def complaint_queue_sheet(plan: Plan) -> Sheet:
    """Every open complaint, in the order in which they are served."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("level", N_("Level")),
        Column("ticket_id", N_("Ticket")),
        Column("opened", N_("Opened"), "date"),
        Column("severity", N_("Severity"), "n"),
        Column("due", N_("Due"), "date"),
        Column("days_late", N_("Days past due"), "n"),
        Column("settle_by", N_("Settle by"), "date"),
        Column("rung", N_("Escalated to"), _rung(plan)),
    ]
    rows = plan.service.queue.rename(columns={"unit_id": "account_id"})
    return Sheet(N_("Complaint queue"), rows, columns)


@sheet
def visits_without_norm_sheet(plan: Plan) -> Sheet:
    """Every account visited in the last three months though its norm has no visit, the most first."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("level", N_("Level")),
        Column("owner", N_("Owner")),
        Column("made", N_("Visits, three months"), "n"),
        Column("planned", N_("Visits planned"), "n"),
        REVENUE,
    ]
    figures = plan.service.figures
    rows = pd.DataFrame(
        {
            "account_id": figures.get("elsewhere", []),
            "made": figures.get("elsewhere_made", []),
            "planned": figures.get("elsewhere_planned", []),
        }
    )
    known = plan.units.set_index("account_id")[["level", "owner", "revenue"]]
    return Sheet(N_("Visits without a norm"), rows.join(known, on="account_id"), columns)


def _past_due(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """Where they are: at accounts that still buy, with their levels, and at lost ones."""
    figures, parts = finding.figures, []
    if figures["still"]:
        by_level = figures["by_level"] or {}
        each = N_("{level} {count:n}")
        counted = [
            locale.say(each, level=level_label(level, locale), count=n) for level, n in by_level.items()
        ]
        levels = locale.say(N_(" ({parts})"), parts=locale.text(N_(", ")).join(counted)) if counted else ""
        still = N_(
            "{still:n} at {units_still:n} {units_still:plural|account|accounts} that still "
            "{units_still:plural|buys|buy}{levels}"
        )
        parts.append(locale.say(still, levels=levels, **figures))
    if figures["lost"]:
        lost = N_("{lost:n} at {units_lost:n} lost {units_lost:plural|account|accounts}")
        parts.append(locale.say(lost, **figures))
    of_lost = N_("Those of lost accounts may tell why they left.")
    return {
        "parts": locale.text(N_("; ")).join(parts),
        "of_lost": locale.text(of_lost) if figures["lost"] else "",
    }


def _few(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"what": locale.words([locale.text(MEASURES[m]) for m in finding.figures["few"]])}


def _lacking(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"what": locale.text(LACKING[finding.figures["lacking"]])}


# what this topic can find, in words
MEND_COMPLAINTS = {
    "mend_complaints": N_(
        "Head of service: settle complaints in the order of levels from now on, and look each week at those "
        "of key accounts that fall due."
    )
}
MEND_ON_TIME = {
    "mend_on_time": N_(
        "Delivery lead: promise key accounts only dates that planning has confirmed, and give them "
        "deliveries and scarce stock first."
    )
}
MEND_IN_FULL = {
    "mend_in_full": N_("Delivery lead: reserve scarce stock for the orders of key accounts first.")
}

register_findings(
    FindingSpec(
        "tickets_without_kind",
        "service",
        N_("The tickets do not tell complaints from other matters: all count as complaints here."),
        actions={"ask_for_kinds": N_("Service: mark in each ticket whether it is a complaint.")},
    ),
    FindingSpec(
        "due_by_strategy",
        "service",
        N_(
            "The tickets name no due days: complaints are judged by the days that the strategy gives each "
            "level, which nobody has promised yet."
        ),
        actions={"ask_for_due_days": N_("Service: record in each ticket the day that was promised.")},
    ),
    FindingSpec(
        "complaints_past_due",
        "service",
        N_("{count:n} {count:plural|complaint is|complaints are} open past the due day: {parts}. {of_lost}"),
        actions={
            "work_the_queue": N_(
                "Head of service: by {due:date} name one person for each complaint of the queue and settle "
                "them in its order; of those past due, {first} comes first."
            )
        },
        brief=N_("{count:n} {count:plural|complaint is|complaints are} open past the due day: {parts}."),
        rank=36,
        words=_past_due,
    ),
    FindingSpec(
        "complaints_in_time",
        "service",
        N_("No complaint is open past its due day; {open:n} {open:plural|is|are} open in all."),
    ),
    FindingSpec(
        "tickets_ended",
        "service",
        N_(
            "The last ticket was opened or closed on {ended:date}: what was settled since then counts as "
            "open here ({open:n})."
        ),
        actions={
            "bring_tickets_up_to_date": N_(
                "Service: provide the tickets up to the reporting date before anyone is called."
            )
        },
    ),
    FindingSpec(
        "promise_missed_complaints",
        "service",
        N_(
            "Of {trials:n} complaints of key accounts that fell due in the last 12 months "
            "{hits:n} ({share:pct}) {hits:plural|was|were} settled by their due day (at most "
            "{high:pct}, 95% sure)."
        ),
        actions=MEND_COMPLAINTS,
        rank=38,
    ),
    FindingSpec(
        "promise_missed_on_time",
        "service",
        N_(
            "Of {trials:n} orders of key accounts promised for the last 180 days {hits:n} "
            "({share:pct}) {hits:plural|was|were} on time (at most {high:pct}, 95% sure)."
        ),
        actions=MEND_ON_TIME,
        rank=38,
    ),
    FindingSpec(
        "promise_missed_in_full",
        "service",
        N_(
            "Of {trials:n} orders of key accounts promised for the last 180 days {hits:n} "
            "({share:pct}) {hits:plural|was|were} in full (at most {high:pct}, 95% sure)."
        ),
        actions=MEND_IN_FULL,
        rank=38,
    ),
    FindingSpec(
        "served_worse_complaints",
        "service",
        N_(
            "Complaints of key accounts are settled by their due day less often than those of the others: "
            "{key:pct} against {others:pct}."
        ),
        actions=MEND_COMPLAINTS,
        rank=35,
        chance=N_("Served alike, key accounts would see {chance_low:pct} to {chance_high:pct}."),
    ),
    FindingSpec(
        "served_worse_on_time",
        "service",
        N_(
            "Orders of key accounts arrive on time less often than those of the others: {key:pct} against "
            "{others:pct}."
        ),
        actions=MEND_ON_TIME,
        rank=35,
        chance=N_("Served alike, key accounts would see {chance_low:pct} to {chance_high:pct}."),
    ),
    FindingSpec(
        "served_worse_in_full",
        "service",
        N_(
            "Orders of key accounts arrive in full less often than those of the others: {key:pct} against "
            "{others:pct}."
        ),
        actions=MEND_IN_FULL,
        rank=35,
        chance=N_("Served alike, key accounts would see {chance_low:pct} to {chance_high:pct}."),
    ),
    FindingSpec(
        "service_too_few",
        "service",
        N_(
            "Whether key accounts are served better or worse than the others: too few cases to tell ({what})."
        ),
        words=_few,
    ),
    FindingSpec(
        "visits_elsewhere",
        "service",
        N_(
            "{elsewhere:n} of the {made:n} visits of the three months to {until:date} ({share:pct}) went to "
            "{units:n} {units:plural|account|accounts} for which the norm has none, while key accounts got "
            "{key_made:n} of {key_norm:n}."
        ),
        actions={
            "move_visits": N_(
                "Head of sales: from next month serve by phone and online the {moved:n} "
                "{moved:plural|account|accounts} of the workbook's list Visits without a norm that the "
                "plan does not visit, and use the visits saved for key accounts."
            )
        },
        rank=39,
    ),
    FindingSpec(
        "price_tier_dearer",
        "service",
        N_(
            "For the same products key accounts pay {apart:pct} more than the others (price index {key:n3} "
            "against {others:n3}), although discounts are theirs first."
        ),
        actions={
            "price_tier_check": N_(
                "Head of sales: set the discounts of each level, and settle the terms of those that lie "
                "outside with the next contract."
            )
        },
        chance=N_(
            "If all paid alike, the index of key accounts would be {chance_low:n3} to {chance_high:n3}."
        ),
    ),
    FindingSpec(
        "price_tier_cheaper",
        "service",
        N_(
            "For the same products key accounts pay {apart:pct} less than the others (price index {key:n3} "
            "against {others:n3})."
        ),
        chance=N_(
            "If all paid alike, the index of key accounts would be {chance_low:n3} to {chance_high:n3}."
        ),
    ),
    FindingSpec(
        "price_far_below",
        "service",
        N_(
            "{count:n} {count:plural|account|accounts} below the key levels {count:plural|buys|buy} far "
            "cheaper than all others: {names}. {first} (level {first_level}) pays {first_below:pct} less for "
            "the same products than the median customer: {first_given:money} in the 12 months."
        ),
        actions={
            "price_settle_terms": N_(
                "Head of sales: have finance check the prices and units of {first} first, then renegotiate "
                "terms that are better than its level allows."
            )
        },
        brief=N_(
            "{count:n} {count:plural|account|accounts} below the key levels {count:plural|buys|buy} far "
            "cheaper than all others; {first} (level {first_level}) pays {first_below:pct} less for the same "
            "products."
        ),
    ),
    FindingSpec(
        "price_tier_too_few",
        "service",
        N_(
            "Whether discounts follow the level cannot be told: {products:n} "
            "{products:plural|product|products} with {share:pct} of revenue can be compared, or too few "
            "accounts buy them."
        ),
    ),
    FindingSpec(
        "price_tier_unknown",
        "service",
        N_("Whether discounts follow the level is not known: the data lack {what}."),
        actions={
            "price_tier_ask": N_(
                "Data owner: provide the sales lines with product and quantity for the next report."
            )
        },
        words=_lacking,
    ),
    FindingSpec(
        "replies_unknown",
        "service",
        N_("How soon complaints are answered is not known: the tickets name no day of the first reply."),
        actions={"ask_for_replies": N_("Service: record the day of the first reply in each ticket.")},
    ),
    FindingSpec(
        "service_no_tickets",
        "service",
        N_("How complaints are dealt with is not known: no tickets were delivered."),
        actions={
            "ask_for_tickets": N_(
                "Service: provide the tickets of the last 12 months with the days on which they were opened, "
                "due and closed."
            )
        },
    ),
)
