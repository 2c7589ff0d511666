"""The indices of the work on a common platform, shown and said: each factor with its unit, and what to record
where one is lacking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamplay.method.plan.platform import MONTHS
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import Column, html_table
from kamplay.show.texts.strategy_texts import capital
from kamplay.show.view import current

INDICES = {
    "cei": N_("CEI: on-time rate × information accuracy × satisfaction ÷ mean response time"),
    "dvr": N_("DVR: data-driven decisions ÷ all decisions"),
    "cpi": N_("CPI: active users × frequency of use"),
}
FACTORS = {
    "on_time": N_("on-time rate"),
    "accuracy": N_("information accuracy"),
    "satisfaction": N_("satisfaction"),
    "response": N_("mean response time"),
    "data_decisions": N_("data-driven decisions"),
    "decisions": N_("all decisions"),
    "users": N_("active users"),
    "frequency": N_("frequency of use"),
}
RECORD = {
    "on_time": N_("promised and delivered day of every order"),
    "accuracy": N_(
        "check 50 records with customers each quarter (contact, terms, promised day): how many were right"
    ),
    "satisfaction": N_("every survey with its score and scale"),
    "response": N_("day of the first reply of every ticket; the hour where most are answered the same day"),
    "data_decisions": N_("in the minutes of each review: which decisions rested on figures"),
    "decisions": N_("in the minutes of each review: how many decisions were taken"),
    "users": N_("who made each visit or entry"),
    "frequency": N_("the day of each entry"),
}
BASED_ON = {
    "on_time": N_("{count:n} orders promised for the last 180 days"),
    "satisfaction": N_("{count:n} customers asked in 12 months, share of the scale"),
    "users": N_("whoever entered a visit in {months:n} months"),
    "frequency": N_("{count:n} visits entered in {months:n} months"),
}
RESPONSES = {
    "replied": N_("{count:n} tickets of 12 months, to the first reply; {unanswered:n} without one left out"),
    "closed": N_(
        "{count:n} tickets of 12 months, to their close, as no reply is recorded; {unanswered:n} open left "
        "out"
    ),
}


@table
def platform_table(plan: Plan) -> Display:
    """Every factor of the three indices: its value and unit, what it rests on, or what to record."""
    result, locale = plan.platform, current().locale
    if result.factors.empty:
        return NOTHING
    factors = result.factors
    first = ~factors["index"].duplicated()
    frame = factors.assign(
        named=[
            locale.text(INDICES[key]) if new else "" for key, new in zip(factors["index"], first, strict=True)
        ],
        what=[capital(locale.text(FACTORS[name])) for name in factors["factor"]],
        told=[_value(row, locale) for row in factors.itertuples()],
        rests=[_rests_on(row, result.figures["unanswered"], locale) for row in factors.itertuples()],
    )
    columns = [
        Column("named", N_("Index"), str, css="long"),
        Column("what", N_("Factor")),
        Column("told", N_("Value"), css="keep"),
        Column("rests", N_("Basis, or what to record"), css="long"),
    ]
    caption = N_(
        "The indices factor by factor; the units are ours. A factor without a value is in no "
        "table, and its index is left open."
    )
    return html_table(frame, columns, caption)


def _value(row: Any, locale: Locale) -> str:
    if missing(row.value):
        return MISSING
    texts = {
        "response": N_("{value:n1} days"),
        "users": N_("{value:n} people"),
        "frequency": N_("{value:n1} entries a user and month"),
    }
    return locale.say(texts.get(row.factor, N_("{value:pct}")), value=row.value)


def _rests_on(row: Any, unanswered: int, locale: Locale) -> str:
    if missing(row.value):
        return locale.say(N_("To record: {what}"), what=locale.text(RECORD[row.factor]))
    if row.factor == "response":
        return locale.say(RESPONSES[row.basis], count=row.cases, unanswered=unanswered)
    return locale.say(BASED_ON[row.factor], count=row.cases, months=MONTHS)


def _lacking(finding: Finding, locale: Locale) -> Mapping[str, object]:
    names = [locale.text(FACTORS[name]) for name in finding.figures["lacking"]]
    return {"what": locale.words(names, len(names))}


def _bound(finding: Finding, locale: Locale) -> Mapping[str, object]:
    told = {"replied": N_("to the first reply"), "closed": N_("to the close of the ticket")}
    return {"until": locale.text(told[finding.figures["basis"]])}


register_findings(
    FindingSpec(
        "cei_bound",
        "platform",
        N_(
            "CEI is at most {most:n2} a day: {on_time:pct} on time × {satisfaction:pct} satisfaction ÷ "
            "{response:n1} days {until}, were all information right; how much of it is right nobody records."
        ),
        words=_bound,
        on_first_page=False,
    ),
    FindingSpec(
        "cpi",
        "platform",
        N_(
            "CPI of the visit log, the only use that a table shows: {users:n} users × {frequency:n1} entries "
            "each a month = {cpi:n} entries a month."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "platform_lacking",
        "platform",
        N_("Not in any table: {what}. Indices that need them are left open."),
        actions={
            "record_factors": N_(
                "Sales operations: record them from now on as the table says, for the next report."
            )
        },
        words=_lacking,
        on_first_page=False,
    ),
)
