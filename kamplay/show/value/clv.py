"""Expected revenue of the next 12 months and customer lifetime value, as table and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.clv import CORRECTED, counted, ranked_by, short_history
from kamplay.method.value.step import FUTURE_COLUMNS, Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import (
    ACCOUNT,
    ACCOUNT_COLUMNS,
    REVENUE,
    Column,
    Sheet,
    html_table,
    ranges,
    with_names,
)
from kamplay.show.view import current

FUTURE_ROWS = 10  # the headline gives their sum
EXPECTED = Column("revenue_12m", N_("Expected"), "money")
NOT_COUNTED = {
    "one_purchase": N_("bought once: may have been a one-off"),
    "no_net_revenue": N_("returns eat up all purchases"),
    "short_history": N_("less than a year of data"),
}

NOT_RANKED = {"young": N_("has bought for less than a year: too short to rank it, so it comes last")}


@sheet
def expected_revenue_sheet(value: Value) -> Sheet:
    """What is expected of every account in the next 12 months and over three years: blank, with the reason,
    where the total does not count it, so that the column adds up to the report's figure.
    """
    rows = value.customer_value.accounts
    first = ranked_by(counted(rows), "revenue_12m")
    rows = pd.concat([first, rows.drop(first.index)])
    young = short_history(first).reindex(rows.index, fill_value=False)
    counts = rows.index.isin(first.index)
    why = rows["reason"].where(rows["reason"] != "", "one_purchase").where(~counts)
    figures = {name: rows[name].where(counts) for name in FUTURE_COLUMNS.values()}
    columns = [
        *ACCOUNT_COLUMNS,
        EXPECTED,
        Column("low", N_("Low"), "money"),
        Column("high", N_("High"), "money"),
        Column("alive", N_("Chance it has not left, by purchase dates alone"), "pct"),
        Column("clv", N_("Value over three years"), "money"),
        Column("clv_low", N_("Its low"), "money"),
        Column("clv_high", N_("Its high"), "money"),
        REVENUE,
        Column("rank", N_("Not ranked"), NOT_RANKED),
        Column("not_counted", N_("Not counted"), NOT_COUNTED),
    ]
    rank = young.map({True: "young", False: None})
    return Sheet(N_("Next 12 months"), rows.assign(**figures, rank=rank, not_counted=why), columns)


@table
def expected_revenue_table(value: Value) -> Display:
    """The accounts with the largest expected revenue of the next 12 months, and their value over three years;
    accounts without an expectation are left out.
    """
    frame = ranked_by(counted(value.customer_value.accounts), "revenue_12m")
    if not current().one_by_one:
        return NOTHING
    head, locale = frame.head(FUTURE_ROWS), current().locale
    scale, _ = locale.money_scale(
        float(head[["revenue_12m", "revenue", "clv"]].abs().max().max()) if len(head) else 0.0
    )  # the table's unit
    blank = [""] * (len(frame) - len(head))  # the rest is only counted
    frame = frame.assign(
        interval=[*ranges(head["low"], head["high"], locale, scale), *blank],
        clv_interval=[*ranges(head["clv_low"], head["clv_high"], locale, scale), *blank],
    )
    on = head["clv_on"].unique()
    clv_label = (
        N_("Value over 3 years")
        if len(on) != 1
        else N_("Margin over 3 years")
        if on[0] == "margin"
        else N_("Revenue over 3 years")
    )
    columns = [
        ACCOUNT,
        Column("revenue", N_("Last 12 months"), "money"),
        EXPECTED,
        Column("interval", N_("80% interval"), css="num keep"),
        Column("clv", clv_label, "money", extra=True),
        Column("clv_interval", N_("its 80% interval"), css="num keep", extra=True),
    ]
    caption = N_(
        "The largest expected revenues of the next 12 months, by purchase dates alone; over three years "
        "discounted at 10% a year."
    )
    if short_history(frame).any():
        ranked = N_("Accounts that have bought for less than a year are not ranked and come last.")
        caption = locale.sentences(locale.text(caption), locale.text(ranked))
    return html_table(with_names(frame), columns, caption, most=FUTURE_ROWS)


BY_SIZE = {  # short beside the forecast, in full in its backtest
    True: N_(", up to {size:pct} by size group"),
    False: N_(
        "; of ten groups by size, group {group:n} was furthest off: {group_expected:money} "
        "expected, {group_actual:money} came"
    ),
}

MOVED = {True: N_("raised by {part:pct}"), False: N_("lowered by {part:pct}")}
AS_MISSED = N_(", {moved} as part of that error is assumed to recur")
PART_AGAIN = N_(" Part of that error is assumed to recur, so the model's own {by_method:money} is {moved}.")
FIRST_TEN = N_(", of which the first {ten_count:n} {ten:money}")
MOST_OF = 0.05  # share of all from which the first ten are worth a word
AGAIN = N_(
    " For {again:n} {again:plural|account|accounts} that no model fits, last year's revenue is taken again."
)


def _tested(short: bool, finding: Finding, locale: Locale) -> dict[str, str]:
    """``missed``: the error of the backtest and its sign; ``last_missed``: that of last year again;
    ``wider``: why its range was wider than today's; ``by_size``: the size group with the largest error,
    where that exceeds the error of the total, in which errors of large and small accounts may cancel;
    ``moved``: what past misses changed; ``again``: for how many accounts last year is taken again.
    """
    figures = finding.figures
    off, group, moved = figures.get("off"), figures.get("group_off"), figures.get("correction") or 0.0
    larger = group is not None and abs(group) > abs(off or 0.0)
    again = figures.get("again") or 0
    ten, ten_share = figures.get("ten_count"), figures.get("ten_share") or 0.0
    told = ten is not None and figures["count"] > ten and ten_share >= MOST_OF
    moved_by = locale.say(MOVED[moved >= 0], part=abs(moved))
    return {
        "missed": _off(off, locale),
        "last_missed": _off(figures.get("last_off"), locale),
        "by_size": locale.say(BY_SIZE[short], **figures, size=abs(group or 0.0)) if larger else "",
        "moved": moved_by,
        "moved_as_missed": locale.say(AS_MISSED, moved=moved_by) if abs(moved) >= CORRECTED else "",
        "part_again": locale.say(PART_AGAIN, moved=moved_by, by_method=figures.get("by_method"))
        if abs(moved) >= CORRECTED
        else "",
        "too_short": _too_short(figures, locale),
        "first_ten": locale.say(FIRST_TEN, **figures) if told else "",
        "wider": locale.say(WIDER, years=figures["years"]) if figures.get("wider") else "",
        "again_rest": locale.say(AGAIN, again=again) if again else "",
    }


# today's range learns from one tested year more
WIDER = N_(
    "; that range was wider than today's, as one year fewer of past forecasts could be checked then (today "
    "{years:n})"
)


TOO_SHORT = {  # by whether there are others
    False: N_("; {name} has bought for less than a year, too short to rank it by a forecast"),
    True: N_(
        "; {name} and {rest:n} more have bought for less than a year, too short to rank them by a forecast"
    ),
}


def _too_short(figures: Mapping[str, Any], locale: Locale) -> str:
    """Which of those with most have bought for too short a time."""
    if not figures.get("short"):
        return ""
    rest = figures["short"] - 1
    return locale.say(TOO_SHORT[rest > 0], name=current().name(figures["short_first"]), rest=rest)


def _off(off: float | None, locale: Locale) -> str:
    side = N_("{off:pct} too high") if (off or 0.0) >= 0 else N_("{off:pct} too low")
    return locale.say(side, off=None if off is None else abs(off))


# what this topic can find, in words
FUTURE_ASK_COST = {
    "future_ask_cost": N_("Provide the cost of every line: what an account is worth is its margin.")
}
FUTURE_SPLIT = {
    "future_split": N_("Where it matters, take the first accounts' own plan instead of the model's figure.")
}
FUTURE_ASK_HISTORY = {
    "future_ask_history": N_("Sales operations: provide the transactions of the last two to three years.")
}

FUTURE_BUDGET = {
    "future_compare_budget": N_(
        "Finance: hold the budget of existing accounts against this sum; it knows purchase dates alone, not "
        "what the warning signs may cost."
    ),
    "future_not_a_budget": N_(
        "Finance: take the order of the accounts from this, not the sum; for the budget, have the {asked:n} "
        "largest of them estimated by the people who know them, {three} first{too_short}."
    ),
}
FUTURE_IN_BRIEF = {
    "future_not_a_budget": N_(
        "Finance: do not budget on the forecast's sum ({expected:money}); have the {asked:n} largest "
        "accounts estimated by the people who know them, {three} first{too_short}."
    )
}
FUTURE_BRIEF = N_(
    "Today's accounts should bring {expected:money} in the next 12 months ({low:money} to "
    "{high:money}; they brought {last:money} in the last 12)."
)

register_findings(
    FindingSpec(
        "future_expected",
        "expected_revenue",
        N_(
            "The next 12 months are expected to bring {expected:money} from the {count:n} accounts that "
            "have "
            "bought more than once (80% interval {low:money} to {high:money}; they brought {last:money} in "
            "the last 12){first_ten}.{again_rest} Tested on the year "
            "before: {missed} in total{by_size}."
        ),
        actions=FUTURE_BUDGET,
        brief_actions=FUTURE_IN_BRIEF,
        brief=FUTURE_BRIEF,
        rank=11,
        always=True,
        words=partial(_tested, True),
    ),
    FindingSpec(
        "future_expected_corrected",
        "expected_revenue",
        N_(
            "The next 12 months are expected to bring {expected:money} from the {count:n} accounts that "
            "have "
            "bought more than once (80% interval {low:money} to {high:money}; they brought {last:money} in "
            "the last 12){first_ten}.{again_rest} Tested on the year "
            "before, the method came out {missed} in total{by_size}. Of such a miss only a part comes "
            "again, "
            "so the method's {by_method:money} is {moved}."
        ),
        actions=FUTURE_BUDGET,
        brief_actions=FUTURE_IN_BRIEF,
        brief=FUTURE_BRIEF,
        rank=12,
        always=True,
        words=partial(_tested, True),
    ),
    FindingSpec(
        "future_expected_last_year",
        "expected_revenue",
        N_(
            "The next 12 months are expected to bring {expected:money} from the {count:n} accounts that "
            "have bought more "
            "than once (80% interval {low:money} to {high:money}): what they brought in the last "
            "12, {last:money}{moved_as_missed}. The models of their purchases are not used here: in "
            "{years:n} past "
            "{years:plural|year|years} they missed by {model_miss:pct} on average, last year's revenue by "
            "{last_miss:pct}."
        ),
        actions=FUTURE_BUDGET,
        brief_actions=FUTURE_IN_BRIEF,
        brief=FUTURE_BRIEF,
        rank=12,
        always=True,
        words=partial(_tested, True),
    ),
    FindingSpec(
        "future_expected_beaten",
        "expected_revenue",
        N_(
            "No forecast here is clearly better than repeating the last 12 months, in which the {count:n} "
            "accounts that have bought more than once brought {last:money}. The model expects "
            "{expected:money} of them (80% interval {low:money} to {high:money}), but on the year just past "
            "it was {missed}, "
            "and repeating the year before {last_missed}.{part_again} New accounts, {new:money} in that "
            "year, are in neither."
        ),
        actions=FUTURE_BUDGET,
        brief_actions=FUTURE_IN_BRIEF,
        brief=N_(
            "No forecast clearly beats repeating the last 12 months of today's repeat accounts, "
            "{last:money}: the model says {expected:money}, tested {missed}, repeating {last_missed}."
        ),
        rank=11,
        always=True,
        words=partial(_tested, True),
    ),
    FindingSpec(
        "future_expected_untested",
        "expected_revenue",
        N_(
            "The next 12 months are expected to bring {expected:money} from the {count:n} accounts that "
            "have bought more than once (80% interval {low:money} to {high:money}; they brought "
            "{last:money} in the last 12){first_ten}.{again_rest} With {months:n} months of data this "
            "could not be tested on a past year, so the range is the usual one of such forecasts, about a "
            "quarter up and down, and chance on top."
        ),
        actions={
            "future_test_first": N_(
                "Finance: provide two full years of transactions before putting this into a budget."
            )
        },
        brief=N_(
            "Today's accounts should bring {expected:money} in the next 12 months ({low:money} to "
            "{high:money}); this could not be tested yet."
        ),
        rank=13,
        always=True,
        words=partial(_tested, True),
    ),
    FindingSpec(
        "future_falling",
        "expected_revenue",
        N_(
            "{count:n} {count:plural|account is|accounts are} expected to bring clearly less than in "
            "the last 12 months, {fall:money} less out of {before:money}: {names}."
        ),
        actions={
            "future_call": N_(
                "Account managers: call those that fall most, {three}, and ask what they plan to buy."
            )
        },
    ),
    FindingSpec(
        "future_single",
        "expected_revenue",
        N_(
            "Not in the forecast: {count:n} {count:plural|account that has|accounts that have} bought "
            "a single time so far, {buying:part|count|{n} of them |all of them |}in the last 12 months, for "
            "{last:money}: {names}. A single order may as well have been a one-off."
        ),
        unnamed=N_(
            "Not in the forecast: {count:n} {count:plural|account that has|accounts that have} bought a "
            "single time so far, {buying:part|count|{n} of them |all of them |}in the last 12 months, for "
            "{last:money}. A single order may as well have been a one-off."
        ),
        actions={
            "future_ask_single": N_(
                "Account managers: ask once for a second need, at the largest first: {three}; until an "
                "order is in sight, count no revenue of any of them."
            )
        },
        on_first_page=False,  # it stands beside the forecast that leaves them out
    ),
    FindingSpec(
        "future_no_model",
        "expected_revenue",
        N_(
            "Nothing can be expected of {count:n} accounts: with {repeaters:n} that bought again there are "
            "too few to learn from."
        ),
        actions=FUTURE_ASK_HISTORY,
    ),
    FindingSpec(
        "future_unknown",
        "expected_revenue",
        N_("With {months:n} months of data, the next 12 cannot be told: it takes a year."),
        actions=FUTURE_ASK_HISTORY,
    ),
    FindingSpec(
        "future_checked",
        "expected_revenue_backtest",
        N_(
            "Checked on the year just past: of the {accounts:n} accounts that had bought more than once "
            "before it the forecast would "
            "have said {expected:money} ({low:money} to {high:money}), and {actual:money} came: "
            "{missed}{by_size}{wider}. Last year's revenue again would have been {last_missed}. For "
            "{inside:pct} of "
            "the accounts the revenue fell into the interval given. Accounts that had bought once "
            "brought another {single:money}, new ones {new:money}; neither is in such a forecast."
        ),
        words=partial(_tested, False),
    ),
    FindingSpec(
        "future_checked_total",
        "expected_revenue_backtest",
        N_(
            "Checked on the year just past: of the {accounts:n} accounts that had bought more than once "
            "before it the forecast would "
            "have said {expected:money} ({low:money} to {high:money}), and {actual:money} came: "
            "{missed}{by_size}{wider}. Last year's revenue again would have been {last_missed}. Accounts "
            "that had bought once brought another {single:money}, new ones {new:money}; neither is in such a "
            "forecast."
        ),
        words=partial(_tested, False),
    ),
    FindingSpec(
        "future_dependent_more",
        "expected_revenue_backtest",
        N_(
            "Accounts that buy more often also spend more each time; the model takes the two as "
            "independent, so small accounts are expected a little too high and frequent ones a "
            "little too low."
        ),
        actions=FUTURE_SPLIT,
        rank=53,
    ),
    FindingSpec(
        "future_dependent_less",
        "expected_revenue_backtest",
        N_(
            "Accounts that buy more often spend less each time; the model takes the two as "
            "independent, so rare buyers are expected a little too low and frequent ones a little "
            "too high."
        ),
        actions=FUTURE_SPLIT,
        rank=53,
    ),
    FindingSpec(
        "future_refused_single",
        "expected_revenue_backtest",
        N_(
            "{count:n} {count:plural|account gets|accounts get} no expectation ({revenue:money} in "
            "the last 12 months): bought once, and with {repeaters:n} accounts that bought again "
            "there are too few to learn from."
        ),
    ),
    FindingSpec(
        "future_refused_returns",
        "expected_revenue_backtest",
        N_(
            "{count:n} {count:plural|account gets|accounts get} no expectation ({revenue:money} in "
            "the last 12 months): returns eat up all purchases."
        ),
    ),
    FindingSpec(
        "future_clv_margin",
        "lifetime_value",
        N_(
            "Over {years:n} years today's accounts are worth {clv:money} of margin ({low:money} to "
            "{high:money}), discounted at {rate:pct} a year; the first is {first}."
        ),
        unnamed=N_(
            "Over {years:n} years today's accounts are worth {clv:money} of margin ({low:money} to "
            "{high:money}), discounted at {rate:pct} a year."
        ),
        actions=FUTURE_ASK_COST,
    ),
    FindingSpec(
        "future_clv_mixed",
        "lifetime_value",
        N_(
            "Over {years:n} years today's accounts are worth {clv:money} ({low:money} to {high:money}), "
            "discounted at {rate:pct} a year: on margin for {with_cost:n} of them, on revenue for "
            "{without:n} whose cost is unknown. The first is {first}."
        ),
        unnamed=N_(
            "Over {years:n} years today's accounts are worth {clv:money} ({low:money} to "
            "{high:money}), discounted at {rate:pct} a year: on margin for {with_cost:n} of them, on "
            "revenue for {without:n} whose cost is unknown."
        ),
        actions=FUTURE_ASK_COST,
    ),
    FindingSpec(
        "future_clv_revenue",
        "lifetime_value",
        N_(
            "Over {years:n} years today's accounts are worth {clv:money} of revenue ({low:money} to "
            "{high:money}), discounted at {rate:pct} a year; on revenue, because no cost is known. The "
            "first "
            "is {first}."
        ),
        unnamed=N_(
            "Over {years:n} years today's accounts are worth {clv:money} of revenue ({low:money} to "
            "{high:money}), discounted at {rate:pct} a year; on revenue, because no cost is known."
        ),
        actions=FUTURE_ASK_COST,
    ),
)
