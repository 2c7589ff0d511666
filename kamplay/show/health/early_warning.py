"""Tables of step 3 on early warning: the warnings account by account, and how often such signs were right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kamplay.method.health.churn import MIN_CASES, told_cases
from kamplay.method.health.early_warning import (
    evidence,
    sign_records,
    stopped_accounts,
    variant,
    without_record,
)
from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.health.campaign import CHANNELS
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names, word
from kamplay.show.texts.vocabulary import (
    FEW_STRONG_CASES,
    NO_STRONG_CASE,
    NOT_APART,
    ONLY_WEAK_CASES,
    SIGN_ACTIONS,
    SIGN_CASES,
    SIGN_EVIDENCE,
    SIGN_NAMES,
    STRONG_CASES,
    STRONG_TO_WEAK,
)
from kamplay.show.view import current

MOST = 15
KEY = {"account_id": "object", "sign": "object"}  # of no rows at all pandas cannot tell the type
SEVERITY = {"act": N_("act"), "watch": N_("watch")}
# what stands behind a sign: a fact, or what its own record says
RECORDS = {
    "fact": N_("a fact"),
    "proven": N_("proven in the past"),
    "not_proven": N_("not proven in the past"),
    "too_few": N_("too few cases to tell"),
    "resumed": N_("ordered again within its earlier gap"),
}


@table
def warnings_table(health: Health) -> Display:
    """The most severe warnings of accounts that are not on the priority list, each with its figures, date,
    revenue and what to do.
    """
    locale = current().locale
    warnings = health.early_warning.warnings
    elsewhere = health.priority_list.accounts.index.union(stopped_accounts(warnings))
    others = warnings[~warnings["account_id"].isin(elsewhere)]
    rows = others.head(MOST)
    warning = [locale.say(SIGN_EVIDENCE[variant(row)], **evidence(row)) for _, row in rows.iterrows()]
    channel = health.campaign.accounts["channel"]
    todo = [
        locale.say(N_("Campaign: {channel}"), channel=locale.text(CHANNELS[channel[account]]))
        if account in channel.index
        else locale.text(SIGN_ACTIONS[sign])
        for account, sign in zip(rows["account_id"], rows["sign"], strict=True)
    ]
    rest = [""] * (len(others) - len(rows))  # counted by the table, listed in the workbook
    shown = with_names(others.set_index("account_id")[["since", "revenue", "record"]]).assign(
        warning=warning + rest, todo=todo + rest
    )
    columns = [
        Column("name", N_("Account"), lambda text: text),
        Column("warning", N_("Warning"), lambda text: text, css="long"),
        Column("record", N_("What it rests on"), word(RECORDS)),
        Column("since", N_("Since"), "date", css="keep"),
        Column("revenue", N_("Revenue, 12 months"), "money"),
        Column("todo", N_("What to do"), lambda text: text, extra=True, css="long"),
    ]
    return html_table(
        shown,
        columns,
        N_(
            "Accounts with a sign that are not on the priority list, the gravest sign first, "
            "the larger account first among equals."
        ),
        MOST,
        cards=True,
    )


def strong_cases(
    cases: Mapping[str, tuple[tuple[int, float], tuple[int, float]]], locale: Locale
) -> list[str]:
    """What became of past accounts with each sign as strong; where the stronger stopped less often, all of
    them together, as they are too few to be told apart.

    ``cases`` : sign → (cases, share that stopped) of what is as strong as the strongest told, and as the
    weakest.
    """
    told = []
    for sign, ((strong, share), (weak, weak_share)) in cases.items():
        named: dict[str, Any] = {"sign": locale.text(SIGN_NAMES[sign]), "cases": strong, "share": share}
        named |= {"weak": weak, "weak_share": weak_share}
        if strong >= MIN_CASES:
            text = STRONG_CASES if weak == strong else STRONG_TO_WEAK
            if weak > strong and share < weak_share:
                text = NOT_APART
        elif weak >= MIN_CASES:
            text = ONLY_WEAK_CASES
        else:
            text = FEW_STRONG_CASES if strong else NO_STRONG_CASE
        told.append(locale.say(text, **named))
    return told


NO_RECORD = {  # whether amounts of the expected loss are told
    True: N_(" No record yet: {signs}; {loss:money} of the expected loss rests on it."),
    False: N_(" No record yet: {signs}."),
}


def beside_the_record(health: Health, signs: pd.Series) -> str:
    """What a chance is of, and beside it how often each of the ``signs`` was right, as the end of a caption;
    "" where no sign has a record, or accounts have no tested chance.

    ``signs`` : by account.
    """
    locale, record = current().locale, health.early_warning.record
    if record.empty or health.key_figures["verdict"] != "validated":
        return ""
    text = N_(
        " The chance is that nothing is bought in the next {horizon:n} days, all signs weighed by their "
        "strength.{tested}{strong}{record}{none}"
    )
    shown, tried = list(signs.dropna().unique()), sign_records(health.early_warning)
    shown_by = signs.rename("sign").rename_axis("account_id").reset_index().astype(KEY)
    known = health.churn.cases.astype(KEY).merge(shown_by)
    known = known.sort_values("cases", kind="stable")  # fewer were as strong as the strongest
    strong = {
        str(sign): (
            (rows["cases"].iloc[0], rows["share"].iloc[0]),
            (rows["cases"].iloc[-1], rows["share"].iloc[-1]),
        )
        for sign, rows in known.groupby("sign", sort=False)
    }
    cases = [
        locale.say(SIGN_CASES, sign=locale.text(SIGN_NAMES[sign]), **tried[sign])
        for sign in shown
        if sign in tried and sign not in strong
    ]
    told = locale.text(N_("; ")).join(cases)
    as_strong = locale.text(N_("; ")).join(strong_cases(strong, locale))
    enough = known.loc[known["cases"] >= MIN_CASES, "account_id"]
    without = signs[signs.notna() & ~signs.isin(list(tried)) & ~signs.index.isin(enough)]
    named = locale.words([locale.text(SIGN_NAMES[sign]) for sign in without.unique()], most=len(SIGN_NAMES))
    resting = without_record(health.early_warning, told_cases(health.churn)).index.intersection(without.index)
    loss = health.accounts["revenue_at_risk"].reindex(resting).sum()
    return locale.say(
        text,
        horizon=health.key_figures["horizon_days"],
        tested=_tested(health, locale),
        strong=locale.say(
            N_(" Of past accounts with a sign as strong, while it stood so: {told}."), told=as_strong
        )
        if strong
        else "",
        record=locale.say(N_(" Record of each sign, weak and strong cases alike: {told}."), told=told)
        if cases
        else "",
        none=locale.say(NO_RECORD[health.revenue_at_risk.told], signs=named, loss=loss)
        if len(without)
        else "",
    )


def _tested(health: Health, locale: Locale) -> str:
    """What the chances of accounts with a sign came to when tested; "" where none was tested."""
    figures = health.churn.evaluation
    if not figures.get("signed"):
        return ""
    text = N_(
        " Tested: of {signed:n} accounts that showed a sign {horizon:n} days before the end of the data, "
        "their chances added up to {signed_predicted:n1} that would stop; {signed_stopped:n} did."
    )
    return locale.say(text, horizon=health.key_figures["horizon_days"], **figures)


@table
def warning_record_table(health: Health) -> Display:
    """Backtest of each sign: precision, false alarms, and lead time before the last purchase."""
    locale = current().locale
    frame = health.early_warning.record
    if frame.empty:
        return NOTHING
    few = locale.text(N_("too few"))

    def share(row: Any) -> str:
        split = N_("{share}: {stopped:n} stopped, {halved:n} halved")
        rate = locale.percent(row["precision"]) if told(row) else few
        return locale.say(split, share=rate, stopped=row["stopped"], halved=row["halved"])

    def told(row: Any) -> bool:
        return bool(row["enough"] or row["verdict"] == "proven")

    def between(row: Any) -> str:
        if not told(row):
            return few
        return locale.say(
            N_("{rate:pct} ({low:pct} to {high:pct})"),
            rate=row["false_alarm_rate"],
            low=row["false_alarm_low"],
            high=row["false_alarm_high"],
        )

    def lead(days: Any) -> str:
        if missing(days):
            return "–"
        return locale.say(
            N_("{days:n} days before") if days >= 0 else N_("{days:n} days after"), days=abs(days)
        )

    rows = [row for _, row in frame.iterrows()]
    shown = frame.assign(
        precision=[share(row) for row in rows], false_alarm_rate=[between(row) for row in rows]
    )
    columns = [
        Column("sign", N_("Sign"), word(SIGN_NAMES)),
        Column("raised", N_("Accounts that showed it"), "n"),
        Column("precision", N_("Then stopped or halved"), lambda text: text),
        Column("base", N_("Picked blindly"), "pct"),
        Column("verdict", N_("Record"), word(RECORDS)),
        Column("false_alarm_rate", N_("False alarms"), lambda text: text, extra=True),
        Column("lead", N_("Seen, against the last purchase"), lead, extra=True),
    ]
    caption = N_(
        "Accounts that showed a sign on a past day, each counted once, and how many of them then stopped "
        "or bought less than half of their year's rate. Picked blindly: what chance would have given among "
        "the accounts on which the sign could show. In brackets the 95% interval. A sign is proven where "
        "that interval lies clear of chance, all signs counted (false discoveries 10%); only then does it "
        "call for action, unless it is a fact.{record}"
    )
    raised = health.early_warning.warnings.set_index("account_id")["sign"]
    record = beside_the_record(health, raised[raised != "silence"])
    return html_table(shown, columns, locale.say(caption, record=record))


@sheet
def warnings_sheet(health: Health) -> Sheet:
    """Every warning in words, what to do, and what became of past accounts with a sign as strong, which cards
    tell beside the chance; the share is left blank where they are too few.
    """
    locale, rows = current().locale, health.early_warning.warnings
    in_words = {
        "evidence": [locale.say(SIGN_EVIDENCE[variant(row)], **evidence(row)) for _, row in rows.iterrows()],
        "todo": [SIGN_ACTIONS[row["sign"]] for _, row in rows.iterrows()],
    }
    columns = [
        *ACCOUNT_COLUMNS,
        Column("sign", N_("Sign"), SIGN_NAMES),
        Column("severity", N_("Urgency"), SEVERITY),
        Column("record", N_("What it rests on"), RECORDS),
        Column("since", N_("Since"), "date"),
        Column("evidence", N_("Warning")),
        REVENUE,
        Column("todo", N_("What to do"), locale.text),
        Column("cases", N_("Past accounts with a sign as strong"), "n"),
        Column("share", N_("Of their days, no order after"), "pct"),
    ]
    told = rows.assign(**in_words).astype(KEY).merge(health.churn.cases.astype(KEY), on=list(KEY), how="left")
    told["share"] = told["share"].where(told["cases"] >= MIN_CASES)
    return Sheet(N_("Warnings"), told, columns)


@sheet
def warning_record_sheet(health: Health) -> Sheet:
    """How often each sign was right; rates of a few cases are left blank."""
    record = health.early_warning.record
    columns = [
        Column("sign", N_("Sign"), SIGN_NAMES),
        Column("raised", N_("Accounts that showed it"), "n"),
        Column("stopped", N_("Stopped, from the first day of the sign"), "n"),
        Column("halved", N_("Halved, from the first day of the sign"), "n"),
        Column("precision", N_("Then stopped or halved"), "pct"),
        Column("base", N_("Picked blindly"), "pct"),
        Column("false_alarm_rate", N_("False alarms"), "pct"),
        Column("false_alarm_low", N_("95% interval from"), "pct"),
        Column("false_alarm_high", N_("95% interval to"), "pct"),
        Column("lead", N_("Days before the last purchase (below 0: after)"), "n"),
        Column("p_value", N_("Chance of so many by luck"), "pct"),
        Column("verdict", N_("Record"), RECORDS),
    ]
    rates = ["precision", "false_alarm_rate", "false_alarm_low", "false_alarm_high"]
    if len(record):
        told = record["enough"] | (record["verdict"] == "proven")
        record = record.assign(**{rate: record[rate].where(told) for rate in rates})
    return Sheet(N_("Record of warnings"), record, columns)


# how grave the warnings are
CALLS: dict[str, str] = {
    "act": N_("{count:part|accounts|{n}|all|it} {count:plural|calls|call} for action now"),
    "watch": N_("{count:part|accounts|{n}|all|1} for attention"),
}


def _calls(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"calls": counts(CALLS, finding.figures, locale)}


# what the record of a sign says, behind what to do about it
STANDING: dict[str, str] = {
    "fact": N_("This is a fact, not a forecast."),
    "proven": N_(
        "Such signs held: of {shown:n} accounts that showed it in the past {came_true:n} then stopped or "
        "bought less than half; picked at random, about {blindly:n1} would have. The chance of stopping "
        "shown beside an account is another figure: that of no order at all, by all that is known of the "
        "account."
    ),
    "not_proven": N_(
        "Ask, do not forecast: of {shown:n} accounts that showed it in the past {came_true:n} then stopped "
        "or bought less than half; picked at random, about {blindly:n1} would have."
    ),
    "too_few": N_("Ask, do not forecast: there are too few past cases to tell whether it foretells a loss."),
    "resumed": N_(
        "Slower than before, but ordered again within the earlier gap: to be watched, not acted on."
    ),
}
BY_CHANCE = N_("{looked:n} accounts were looked at; at most one in ten of those named may be so by chance.")


def _what_to_do(finding: Finding, locale: Locale) -> Mapping[str, object]:
    sign, record = str(finding.action).removeprefix("warn_do_"), str(finding.figures["record"])
    standing = locale.say(STANDING[record], **finding.figures)
    if record != "fact":
        by_chance = locale.say(BY_CHANCE, **finding.figures)
        standing = locale.say(N_("{standing} {by_chance}"), standing=standing, by_chance=by_chance)
    return {"todo": locale.text(SIGN_ACTIONS[sign]) if sign in SIGN_ACTIONS else "", "standing": standing}


def _sign(kind: str, sign: str, text: str, unnamed: str | None = None) -> FindingSpec:
    """The finding of a sign, with the sign's own action."""
    actions = {
        f"warn_do_{sign}": N_("{todo}. {standing}"),
        "warn_in_campaign": N_(
            "The campaign above reaches those that call for action; key accounts stand in the plan. "
            "{standing}"
        ),
    }
    return FindingSpec(
        kind, "early_warning", text, actions=actions, unnamed=unnamed, words=_what_to_do, on_first_page=False
    )


# what this topic can find, in words
WARN_ASK_FOR_TABLE = {"warn_ask_for_table": N_("Provide the table; the sign then joins the list.")}
WARN_ASK_FOR_HISTORY = {
    "warn_ask_for_history": N_("Analyst: keep the warnings of each run, or provide a longer history.")
}


LATE_UNNAMED = N_(
    "{count:n} {count:plural|account orders|accounts order} later than usual, worth {revenue:money} a year."
)


def _missing(kind: str, text: str) -> FindingSpec:
    """The finding that a sign lacks its table."""
    return FindingSpec(kind, "early_warning", text, actions=WARN_ASK_FOR_TABLE, on_first_page=False)


register_findings(
    FindingSpec(
        "warn_all",
        "early_warning",
        N_(
            "{accounts:n} {accounts:plural|account shows|accounts show} a sign of leaving, with "
            "{revenue:money} of yearly revenue: {calls}. First: {three}."
        ),
        unnamed=N_(
            "{accounts:n} {accounts:plural|account shows|accounts show} a sign of leaving, with "
            "{revenue:money} of yearly revenue: {calls}."
        ),
        actions={
            "warn_do_all": N_(
                "The head of sales goes through the list with the owners and names for "
                "each account who speaks with whom by when."
            ),
            "warn_do_campaign": N_(
                "Inside sales: the campaign above reaches those that call for action; key accounts "
                "stand in the plan. Whoever phones one asks about its sign first."
            ),
        },
        on_first_page=False,
        words=_calls,
    ),
    FindingSpec(
        "warn_quiet",
        "early_warning",
        N_(
            "No account that still buys shows a sign that it may leave; {read:n} {read:plural|sign "
            "was|signs were} read."
        ),
        on_first_page=False,
    ),
    _sign(
        "warn_payment",
        "payment",
        N_(
            "Payment slips at {count:n} {count:plural|account|accounts} worth {revenue:money} a "
            "year. {first}: {bills_overdue:n} {bills_overdue:plural|invoice|invoices} overdue by "
            "{overdue:money}, the oldest {oldest:n} days, since {since:date}."
        ),
    ),
    _sign(
        "warn_payment_slip",
        "payment",
        N_(
            "Payment slips at {count:n} {count:plural|account|accounts} worth {revenue:money} a "
            "year. {first}: invoices settled {rise:n} days later than before on average, since "
            "{since:date}; {overdue:money} overdue now."
        ),
    ),
    _sign(
        "warn_order_rhythm",
        "order_rhythm",
        N_(
            "{count:n} {count:plural|account orders|accounts order} later than usual, worth "
            "{revenue:money} a year. {first}: {usual:n} days between orders before, {recent:n} "
            "lately, since {since:date}; last order {last_order:date}."
        ),
        LATE_UNNAMED,
    ),
    _sign(
        "warn_order_rhythm_open",
        "order_rhythm",
        N_(
            "{count:n} {count:plural|account orders|accounts order} later than usual, worth "
            "{revenue:money} a year. {first}: {usual:n} days between orders before, {recent:n} lately with "
            "the {open_gap:n} since the last on {last_order:date}; to be seen since {since:date}."
        ),
        LATE_UNNAMED,
    ),
    _sign(
        "warn_order_rhythm_silent",
        "order_rhythm",
        N_(
            "{count:n} {count:plural|account orders|accounts order} later than usual, worth "
            "{revenue:money} a year. {first}: no order for {open_gap:n} days, usually every {usual:n}; last "
            "order {last_order:date}."
        ),
        LATE_UNNAMED,
    ),
    _sign(
        "warn_complaints_silent",
        "complaints",
        N_(
            "Complaints rise at {count:n} {count:plural|account|accounts} worth {revenue:money} a "
            "year. {first}: {complaints:n} in 180 days since {since:date}, then none for "
            "{quiet_days:n} days although {open_complaints:n} {open_complaints:plural|is|are} still "
            "open: it may have given up."
        ),
    ),
    _sign(
        "warn_complaints",
        "complaints",
        N_(
            "Complaints rise at {count:n} {count:plural|account|accounts} worth {revenue:money} a "
            "year. {first}: {complaints:n} in 180 days, {open_complaints:n} of all still open, since "
            "{since:date}; the last was {quiet_days:n} {quiet_days:plural|day|days} ago."
        ),
    ),
    _sign(
        "warn_contact_lost_gone",
        "contact_lost",
        N_(
            "{count:n} {count:plural|account is|accounts are} no longer met or lost a key contact, "
            "worth {revenue:money} a year. {first}: {gone:n} {gone:plural|contact has|contacts have} "
            "left, no visit for {days_unvisited:n} days, last visit {last_visit:date}; visible since "
            "{since:date}."
        ),
    ),
    _sign(
        "warn_contact_lost",
        "contact_lost",
        N_(
            "{count:n} {count:plural|account is|accounts are} no longer met, worth {revenue:money} a "
            "year. {first}: no visit for {days_unvisited:n} days, usually one every {visit_gap:n}; "
            "last visit {last_visit:date}."
        ),
    ),
    _sign(
        "warn_contact_left",
        "contact_lost",
        N_(
            "A key contact has left at {count:n} {count:plural|account|accounts} worth "
            "{revenue:money} a year. {first}: nobody of that layer is known any more."
        ),
    ),
    _sign(
        "warn_competitor",
        "competitor",
        N_(
            "A competitor gains at {count:n} {count:plural|account|accounts} worth {revenue:money} a "
            "year. {first}: {lost_deals:n} {lost_deals:plural|deal|deals} lost in a year, the last "
            "to {rival} on {last_loss:date}; first sign {since:date}."
        ),
    ),
    _sign(
        "warn_delivery",
        "delivery",
        N_(
            "We deliver late to {count:n} {count:plural|account|accounts} worth {revenue:money} a "
            "year. {first}: {on_time:pct} of {orders:n} orders on time in 180 days, "
            "{on_time_before:pct} in the year before, since {since:date}."
        ),
    ),
    _sign(
        "warn_satisfaction_gap",
        "satisfaction_gap",
        N_(
            "Satisfaction falls at {count:n} {count:plural|account|accounts} worth {revenue:money} a year "
            "that still buy. {first}: {score:n1} out of 5, in earlier surveys {score_before:n1} on average, "
            "with {bought:money} bought in the last half-year, since {since:date}."
        ),
    ),
    FindingSpec(
        "warn_orders_only",
        "early_warning",
        N_(
            "Only the rhythm of orders can be watched. Invoices, deliveries, tickets, surveys, "
            "visits and deals would each add a sign that often shows before orders fall."
        ),
        actions={
            "warn_ask_for_all": N_(
                "Provide whichever of these exists; invoices with payment dates are usually the quickest."
            )
        },
        on_first_page=False,
    ),
    _missing(
        "warn_no_receivables",
        N_("Without invoices with due and payment dates, slipping payment cannot be seen."),
    ),
    _missing(
        "warn_no_deliveries",
        N_("Without promised and actual delivery dates, late deliveries to an account cannot be seen."),
    ),
    _missing(
        "warn_no_tickets", N_("Without tickets, rising complaints and the silence after them cannot be seen.")
    ),
    _missing(
        "warn_no_surveys",
        N_("Without satisfaction surveys, satisfaction that falls before purchases do cannot be seen."),
    ),
    _missing(
        "warn_no_visits", N_("Without a log of visits, accounts that nobody meets any more cannot be seen.")
    ),
    _missing(
        "warn_no_opportunities",
        N_("Without deals that name the competitor, ground lost to a competitor cannot be seen."),
    ),
    FindingSpec(
        "warn_record",
        "warning_record",
        N_(
            "On {cuts:n} past days from {first_cut:date} to {last_cut:date} such signs were raised "
            "{raised:n} times, each sign once an account; {stopped:n} times ({share:pct}, 95% interval "
            "{share_low:pct} to {share_high:pct}) the account then stopped or bought less than half for "
            "{horizon:n} days. Of accounts picked at random {base:pct} would have."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "warn_record_poor",
        "warning_record",
        N_(
            "{count:n} of {of:n} kinds of sign cannot be shown to have done better in the past than "
            "picking accounts blindly; {count:plural|it calls|they call} for no action."
        ),
        actions={
            "warn_trust_less": N_("Account owners: take these signs as a reason to ask, not as a forecast.")
        },
        on_first_page=False,
    ),
    FindingSpec(
        "warn_record_too_few",
        "warning_record",
        N_(
            "How often such warnings are right cannot be told yet: {raised:n} on {cuts:n} past days, "
            "{needed:n} are needed."
        ),
        actions=WARN_ASK_FOR_HISTORY,
        on_first_page=False,
    ),
    FindingSpec(
        "warn_record_short",
        "warning_record",
        N_(
            "How often such warnings are right cannot be told yet: that takes a year of history "
            "before a past day and {horizon:n} days after it."
        ),
        actions=WARN_ASK_FOR_HISTORY,
        on_first_page=False,
    ),
)
