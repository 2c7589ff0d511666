"""The short list of step 3: whom to see first, why, since when, how sure, how much money, what to do."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.health.early_warning import evidence, variant
from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.health.bands import SETTLE_GONE
from kamplay.show.health.chances import TOO_WIDE, chances
from kamplay.show.health.early_warning import SEVERITY
from kamplay.show.health.revenue_at_risk import why_untold
from kamplay.show.health.score import reasons_of
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.texts.vocabulary import ACTIONS, BANDS, DRIVERS, SIGN_ACTIONS, SIGN_EVIDENCE, SIGN_NAMES
from kamplay.show.view import current

LATE = 1.5  # times its usual gap, from which silence is the reason


@table
def watch_table(health: Health) -> Display:
    """The accounts to see first, the largest expected loss first, as far as it can be told."""
    frame = health.priority_list.accounts
    if frame.empty:
        return NOTHING
    locale = current().locale
    raised = health.early_warning.warnings.set_index(["account_id", "sign"])
    parts = health.score.parts
    if len(parts):  # the chance has a column of its own
        parts = parts[parts["measure"] != "churn_probability"]
    reasons = reasons_of(parts, frame.index, most=2, points=False) if len(parts) else {}

    def one(account: str, sign: str) -> str:
        found = raised.loc[(account, sign)].copy()
        found["sign"] = sign
        return locale.say(SIGN_EVIDENCE[variant(found)], **evidence(found))

    def why(account: str, row: Any) -> str:
        if not missing(row["sign"]):
            return locale.text(N_("; ")).join(
                one(account, sign) for sign in (row["sign"], row["more"]) if not missing(sign)
            )
        if not missing(row["silent_days"]) and row["silent_days"] > LATE * row["gap_days"]:
            return locale.say(
                N_("no order for {open_gap:n} days, usually every {usual:n}"),
                open_gap=row["silent_days"],
                usual=row["gap_days"],
            )
        if account in reasons:
            return reasons[account]
        if missing(row["silent_days"]) or missing(row["gap_days"]):
            return "–" if missing(row["driver"]) else locale.text(DRIVERS[row["driver"]])
        return locale.say(
            N_("last order {silent:n} {silent:plural|day|days} ago, usually every {usual:n}"),
            silent=row["silent_days"],
            usual=row["gap_days"],
        )

    def sure(row: Any) -> str:
        if missing(row["probability"]):
            return "–"
        if missing(row["low"]):
            return locale.percent(row["probability"])
        if row["too_wide"]:
            return locale.say(TOO_WIDE, low=row["low"], high=row["high"])
        return locale.say(
            N_("{p:pct} ({low:pct}–{high:pct})"), p=row["probability"], low=row["low"], high=row["high"]
        )

    rows = list(frame.iterrows())
    shown = with_names(frame).assign(
        why=[why(account, row) for account, row in rows],
        sure=[sure(row) for _, row in rows],
        todo=[
            locale.text(ACTIONS["ask_change"] if missing(row["sign"]) else SIGN_ACTIONS[row["sign"]])
            for _, row in rows
        ],
    )
    owned = bool(frame["owner"].notna().any())
    proven = bool(frame["probability"].notna().any())
    sums = proven and health.revenue_at_risk.told
    columns = [
        ACCOUNT,
        *([Column("owner", N_("Owner"), css="keep")] if owned else []),
        Column("at_risk", N_("Expected loss"), "money")
        if sums
        else Column("revenue", N_("Revenue"), "money"),
        *([Column("sure", N_("Chance (range)"), css="keep")] if proven else []),
        Column("why", N_("Why"), css="long"),
        Column("since", N_("Since"), "date", css="keep", extra=True),
        Column("todo", N_("What to do first"), css="long"),
    ]
    caption = (
        N_(
            "Accounts in danger (with a sign that calls for action, or a chance of having left from 20% "
            "beyond their own rhythm): the six largest expected losses and others with such a sign, by "
            "expected loss, without those plainly stopped. Chance: of no order in {horizon:n} days, in "
            "brackets the 80% interval; how often each sign was right: the workbook."
        )
        if proven
        else N_(
            "The largest accounts with a sign that calls for action, then red ones with a weaker sign; "
            "those that have plainly stopped are left out."
        )
    )
    since = N_("Since: the first day the sign could be seen.")
    wide = N_("Too wide: from below a third to above two thirds; act on the sign.")
    said = locale.say(caption, horizon=health.key_figures["horizon_days"])
    marks = {locale.text(wide): frame["too_wide"]} if proven else None
    since_told = locale.text(since)
    return html_table(
        pd.DataFrame(shown), columns, said, most=12, cards=True, of_extra=since_told, marks=marks
    )


@sheet
def watch_list_sheet(health: Health) -> Sheet:
    """Everybody to see, the largest expected loss first."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("owner", N_("Owner")),
        Column("level", N_("Level")),
        REVENUE,
        Column("sign", N_("Sign"), SIGN_NAMES),
        Column("since", N_("Since"), "date"),
        Column("severity", N_("Urgency"), SEVERITY),
        Column("driver", N_("What costs most points"), DRIVERS),
        Column("probability", N_("Chance of stopping"), "pct"),
        Column("low", N_("80% interval from"), "pct"),
        Column("high", N_("80% interval to"), "pct"),
        *([Column("at_risk", N_("Expected loss"), "money")] if health.revenue_at_risk.told else []),
        Column("health", N_("Health"), "n1"),
        Column("health_band", N_("Band"), BANDS),
    ]
    rows = health.priority_list.accounts
    told = rows.assign(probability=chances(rows["probability"], rows["low"], rows["high"]))
    return Sheet(N_("Watch list"), told, columns)


# what this topic can find, in words
SEE_THEM = {
    "see_them": N_(
        "Head of sales: go through the accounts below with their owners at once; whoever has seen one "
        "reports by the day named here what changed and what was agreed."
    ),
    "see_them_unowned": N_(
        "Head of sales: name at once who sees each of the accounts below; whoever has seen one reports by "
        "the day named here what changed and what was agreed."
    ),
}
SEE_THEM_IN_BRIEF = {
    "see_them": N_(
        "Head of sales: go through the accounts of the list with their owners at once, and hear by this day "
        "what they found."
    ),
    "see_them_unowned": N_(
        "Head of sales: name at once who sees each account of the list, and hear by this day what they found."
    ),
}


BY_RECORD_BRIEF = N_("; all accounts on {cutoff:date}: {sum_expected:money} expected, {sum_came:money} lost")
OFF_BY = 1.5  # times, from which it is worth a word that too much or too little was expected
BY_RECORD = N_(
    " Of all accounts {sum_expected:money} was expected to be lost on {cutoff:date} in the same measure, and "
    "{sum_came:money} was."
)
SUM = N_(
    ": {at_risk:money} expected to be lost in the {horizon:n} days after {since:date}{range}{then_brief}"
)
ORDER = N_(", by what they may take in the {horizon:n} days after {since:date}; no amounts: {why}")
FAILED = N_("they failed their test")
WHY = {"came": FAILED, "none": FAILED, "wide": N_("the range is too wide")}
AHEAD = N_(
    ": of about {ahead:money} that they would buy in the {horizon:n} days after {since:date}, "
    "{at_risk:money} is expected to be lost{range}"
)
WIDE = {
    True: N_(
        " At {too_wide:part|count|{n} of them|all of them|it}, with {wide_loss:money} of it, the chance is "
        "too wide to rank on: go by the signs."
    ),
    False: N_(
        " At {too_wide:part|count|{n} of them|all of them|it} the chance is too wide to rank on: go by the "
        "signs."
    ),
}


def _back(finding: Finding, locale: Locale) -> dict[str, str]:
    """Those that the data show buying again after the reporting date; blank without any."""
    said = N_(" {again:n} of them ordered again after the reporting date.")
    return {"back": locale.say(said, again=again) if (again := finding.figures.get("again")) else ""}


def _held_now(finding: Finding, locale: Locale) -> dict[str, str]:
    """``more``: how many others bought less than half; ``now``: which part of today's expected loss the list
    has, where that is more than it had of the loss that came.
    """
    fell = N_(", and {fell:n} more bought less than half")
    told = {"more": locale.say(fell, **finding.figures) if finding.figures["fell"] else ""}
    share = finding.figures.get("share_now")
    if share is None or share <= finding.figures["share"]:
        return told | {"now": ""}
    return told | {
        "now": locale.say(
            N_(
                "; today's has {share_now:pct} of the loss expected, so losses beyond it have to be "
                "reckoned with"
            ),
            share_now=share,
        )
    }


def _how_sure(finding: Finding, locale: Locale) -> dict[str, str]:
    """``wide``: at how many accounts the chance bears no ranking; ``as_then``: what came of the sum of all
    accounts one horizon ago, where that was far off; ``expected`` and in brief ``loss``: how much may be
    lost, where amounts are told, else by what the list goes.
    """
    figures, told = finding.figures, finding.figures["told"]
    ends = [figures.get("sum_expected") or 0.0, figures.get("sum_came") or 0.0]
    off = told and min(ends) > 0 and max(ends) >= OFF_BY * min(ends)
    ranged = N_(" ({loss_low:money} to {loss_high:money})")
    known = {
        "range": locale.say(ranged, **figures) if figures.get("loss_low") is not None else "",
        "then_brief": locale.say(BY_RECORD_BRIEF, **figures) if off else "",
        "why": locale.text(why_untold(figures, WHY)),
    }
    return {
        "wide": locale.say(WIDE[told], **figures) if figures.get("too_wide") else "",
        "as_then": locale.say(BY_RECORD, **figures) if off else "",
        "expected": locale.say(AHEAD if told else ORDER, **figures, **known),
        "loss": locale.say(SUM if told else ORDER, **figures, **known),
    }


register_findings(
    FindingSpec(
        "watch_list",
        "watch",
        N_(
            "{count:n} {count:plural|account|accounts} to see first{expected}; "
            "{warned:part|count|{n}|all|it} {warned:plural|shows|show} a sign that calls for action. Begin "
            "with {three}.{wide}{as_then}"
        ),
        actions=SEE_THEM,
        brief_actions=SEE_THEM_IN_BRIEF,
        brief=N_("{count:n} {count:plural|account|accounts} to see first{loss}."),
        words=_how_sure,
        rank=17,
    ),
    FindingSpec(
        "watch_list_score",
        "watch",
        N_(
            "{count:n} {count:plural|account|accounts} to see first: together they bring "
            "{revenue:money} a year; {warned:part|count|{n}|all|it} {warned:plural|shows|show} a sign that "
            "calls for action. "
            "Begin with {three}."
        ),
        actions=SEE_THEM,
        brief_actions=SEE_THEM_IN_BRIEF,
        brief=N_(
            "{count:n} {count:plural|account|accounts} to see first bring {revenue:money} a year; begin "
            "with {first}."
        ),
        rank=18,
    ),
    FindingSpec(
        "watch_slow",
        "watch",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} so seldom that {horizon:n} days without "
            "an order are nothing unusual there, and {count:plural|is|are} not on the list: the largest "
            "is {first}, last order {silent:n} {silent:plural|day|days} ago, usually every {usual:n}."
        ),
        unnamed=N_(
            "{count:n} {count:plural|account buys|accounts buy} so seldom that {horizon:n} days "
            "without an order are nothing unusual there, and {count:plural|is|are} not on the list."
        ),
    ),
    FindingSpec("watch_none", "watch", N_("No account has to be dealt with out of turn.")),
    FindingSpec(
        "watch_too_few",
        "watch",
        N_(
            "Too few to tell who is leaving: {buying:n} {buying:plural|account buys|accounts buy}, and it "
            "would take {needed:n} that stopped and {needed:n} that stayed; a green score proves nothing "
            "here. What is a fact: {count:n} {count:plural|brings|bring} less than the year before, "
            "{now:money} against {before:money} ({names})."
        ),
        brief=N_(
            "{buying:n} {buying:plural|account|accounts}: too few to tell who is leaving; {count:n} "
            "{count:plural|brings|bring} less than the year before, {now:money} against {before:money}."
        ),
        unnamed=N_(
            "Too few to tell who is leaving: {buying:n} {buying:plural|account buys|accounts buy}, and it "
            "would take {needed:n} that stopped and {needed:n} that stayed. None brings less than the year "
            "before."
        ),
    ),
    FindingSpec(
        "watch_trust",
        "watch",
        N_(
            "Track record: of the {count:n} accounts that the same method listed on {cutoff:date}, "
            "{stopped:n} stopped in the {horizon:n} days after (by their chances {due:n} would have){more}; "
            "of all {open:n} that were buying {all_hit:n} stopped or bought less than half. The list held "
            "{share:pct} of the revenue lost, {count:n} picked at random about {chance:pct}{now}."
        ),
        brief=N_(
            "Of the {count:n} listed on {cutoff:date}, {stopped:n} stopped in {horizon:n} days ({due:n} by "
            "their chances)."
        ),
        words=_held_now,
    ),
    FindingSpec(
        "watch_trust_none",
        "watch",
        N_(
            "Track record: by the same method on {cutoff:date}, none of the {count:n} accounts "
            "on the list was lost in the {horizon:n} days after, although by their chances {due:n} would "
            "have been."
        ),
    ),
    FindingSpec(
        "watch_trust_moved",
        "watch",
        N_(
            "{moved:n} of the model's {known:n} inputs have moved strongly since that test: today's "
            "accounts are of another kind, so trust the order of the list more than its amounts."
        ),
    ),
    FindingSpec(
        "already_stopped",
        "stopped",
        N_(
            "Of those that bought within the year, {count:n} {count:plural|has|have} plainly stopped "
            "already and {count:plural|is|are} not in the expected loss; in the year before falling silent "
            "{count:plural|it|they} brought {before:money}. {count:plural|It is|The largest is} "
            "{first}: {first_before:money}, last order {last_order:date}.{back}"
        ),
        unnamed=N_(
            "Of those that bought within the year, {count:n} {count:plural|has|have} plainly stopped "
            "already and {count:plural|is|are} not in the expected loss; in the year before falling silent "
            "{count:plural|it|they} brought {before:money}.{back}"
        ),
        actions=SETTLE_GONE,
        words=_back,
        on_first_page=False,
        replaces=("asset_stopped",),
    ),
)
