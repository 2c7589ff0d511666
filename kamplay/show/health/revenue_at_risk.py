"""Tables of step 3: what is at risk, by tier and by owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.presets.scorecard import LEVELS
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import REVENUE, Column, Sheet, html_table
from kamplay.show.texts.vocabulary import SIGN_NAMES, level_label
from kamplay.show.view import current


@table
def revenue_risk_table(health: Health) -> Display:
    """Expected loss with its interval by level, then by owner, the largest first; nothing where no amounts
    are told.
    """
    if not health.revenue_at_risk.told:
        return NOTHING
    rows = _groups(health)
    columns = [
        Column("who", N_("Level, then owner")),
        Column("accounts", N_("Accounts"), "count", extra=True),
        Column("at_risk", N_("Expected loss"), "money"),
        Column("low", N_("in 8 of 10 cases from"), "money"),
        Column("high", N_("to"), "money"),
        Column("heaviest", N_("Weighs most"), extra=True),
    ]
    caption = N_("What leaving accounts are expected to cost over the horizon, by level and by owner.")
    return html_table(rows[rows["by"] != "all"], columns, caption, most=16)


@sheet
def risk_sheet(health: Health) -> Sheet:
    """Expected loss of all accounts, by level and by owner; without amounts where none are told."""
    columns = [
        Column("who", N_("Level, then owner")),
        Column("accounts", N_("Number of accounts"), "n"),
        REVENUE,
        Column("at_risk", N_("Expected loss"), "money"),
        Column("low", N_("80% interval from"), "money"),
        Column("high", N_("80% interval to"), "money"),
        Column("stopping", N_("Expected to leave"), "n1"),
        Column("heaviest", N_("Weighs most")),
    ]
    if not health.revenue_at_risk.told:
        columns = [c for c in columns if c.key not in ("at_risk", "low", "high")]
    return Sheet(N_("Revenue at risk"), _groups(health), columns)


def _groups(health: Health) -> pd.DataFrame:
    """All accounts, then the levels from S to C, then the owners by expected loss, with their names."""
    view, groups = current(), health.revenue_at_risk.groups
    place = [
        ("all", "level", "owner").index(by) * 10 + (LEVELS.index(group) if by == "level" else 0)
        for by, group in zip(groups["by"], groups["group"], strict=True)
    ]
    rows = groups.assign(place=place).sort_values(
        ["place", "at_risk"], ascending=[True, False], kind="stable"
    )
    words = {
        "all": lambda _: view.locale.text(N_("all accounts")),
        "level": lambda group: level_label(str(group), view.locale),
        "owner": lambda group: str(group) or view.locale.text(N_("no owner recorded")),
    }
    who = [words[by](group) for by, group in zip(rows["by"], rows["group"], strict=True)]
    return rows.assign(who=who, heaviest=[view.name(account) for account in rows["first"]])


# what this topic can find, in words
WORK_BY_CAMPAIGN = {
    "work_by_campaign": N_(
        "Head of sales: plan a campaign by telephone or mail for the accounts with the largest expected "
        "loss, which the workbook lists; no single account decides this, the priority list stands for "
        "{covered:pct} of it."
    )
}
WORK_THE_LIST = {
    "work_the_list": N_(
        "Head of sales: the priority list stands for {covered:pct} of the expected loss; have the rest "
        "called in the order of expected loss, which the workbook holds."
    )
}
OUTLOOK_SIGNS_PLAN = {
    "outlook_signs_plan": N_(
        "Finance: budget on {outlook:money}; {left:money} is the cautious case: settle now what is cut "
        "should the owners report that these accounts leave."
    )
}

UNTRIED = N_(" {untried:money} of it rests on signs without a record: {signs}.")
RECORD = {  # whether the client's own sum could be followed
    True: N_(
        " Take the range, not the sum: the same sum on {cutoff:date}, over {counted:n} accounts, came "
        "to {sum_expected:money}; {sum_came:money} of it was lost, where chance alone moves {sum_sd:money} "
        "either way."
    ),
    False: N_(
        " Take the range, not the sum: held against what was lost afterwards, such sums were 58% and 27% too "
        "low and 9% too high at a firm whose data are public."
    ),
}
TOLD = N_(
    "Accounts that leave are expected to cost {at_risk:money} in the next {horizon:n} days beyond "
    "what their own rhythm explains, in eight cases of ten "
    "between {low:money} and {high:money}; of that "
    "{danger_at_risk:money} is with the {danger:n} {danger:plural|account|accounts} in danger"
)
UNTOLD = N_(
    "How much leaving accounts will cost in the next {horizon:n} days cannot be told: {why}. Whom to "
    "ask first can be told: {danger:n} of {accounts:n} accounts {danger:plural|is|are} in danger"
)
WHY_UNTOLD = {
    "came": N_(
        "the same sum on {cutoff:date}, over {counted:n} accounts, came to {sum_expected:money}, and "
        "{sum_came:money} was lost (chance moves that sum by {sum_sd:money} either way){season}"
    ),
    "none": N_(
        "the same sum on {cutoff:date}, over {counted:n} accounts, came to {sum_expected:money}, and then "
        "no more accounts bought nothing than their own rhythms explain (chance moves that sum by "
        "{sum_sd:money} either way){season}"
    ),
    "wide": N_("it may be {low:money} as well as {high:money}"),
}
TESTED_IN = {  # whether the season of the test brings more than the days ahead
    True: N_("; that was in a season of more revenue than the days ahead, which are untested"),
    False: N_("; that was in a season of less revenue than the days ahead, which are untested"),
}
OF_OWNER = {True: N_("{at_risk:money} ({share:pct})"), False: N_("{share:pct}")}


def why_untold(figures: Mapping[str, Any], among: Mapping[str, str]) -> str:
    """The text for a sum of which far too little or too much came, or nothing, or that is too wide."""
    if not figures.get("failed"):
        return among["wide"]
    return among["came" if figures["sum_came"] > 0 else "none"]


def _how_sure(finding: Finding, locale: Locale) -> dict[str, str]:
    """``sum``: the expected loss, or why it is not told; ``untried``: how much of it rests on signs that no
    record bears out; ``record``: how far such a sum was off.
    """
    figures = finding.figures
    if not figures["told"]:
        stronger = figures.get("stronger")
        season = "" if stronger is None else locale.text(TESTED_IN[stronger])
        why = locale.say(why_untold(figures, WHY_UNTOLD), **figures, season=season)
        return {"sum": locale.say(UNTOLD, **figures, why=why), "untried": "", "record": ""}
    record = locale.say(RECORD["sum_came" in figures], **figures)
    said = {"sum": locale.say(TOLD, **figures), "untried": "", "record": record}
    if figures.get("untried"):
        signs = locale.listed([locale.text(SIGN_NAMES[sign]) for sign in figures["untried_signs"]])
        said["untried"] = locale.say(UNTRIED, untried=figures["untried"], signs=signs)
    return said


def _of_owner(finding: Finding, locale: Locale) -> dict[str, str]:
    return {"part": locale.say(OF_OWNER[finding.figures["told"]], **finding.figures)}


register_findings(
    FindingSpec(
        "outlook_signs_record",
        "outlook_signs",
        N_(
            "Of the expected loss of {cutoff:date}, {sum_expected:money} over {counted:n} accounts, "
            "{sum_came:money} was lost. Chance alone moves such a loss by a factor of {factor:n} "
            "either way, so one test corrects little: what the chances take off, {rated:money}, changes by "
            "{change:change}, and the range is widened."
        ),
    ),
    FindingSpec(
        "outlook_signs_untried",
        "outlook_signs",
        N_(
            "No earlier expected loss could be tested to see how far such chances are off: the range assumes "
            "that they may be off by a fifth for all accounts alike."
        ),
    ),
    FindingSpec(
        "at_risk",
        "at_risk",
        N_(
            "{sum}; {first} weighs most.{untried}{record} What accounts lose that only shrink is in "
            "addition; those that have plainly stopped already are not counted. What accounts that left took "
            "off the year's revenue is another figure: all that they had brought, slow buyers included."
        ),
        unnamed=N_(
            "{sum}.{untried}{record} What accounts lose that only shrink is in addition; those that have "
            "plainly stopped already are not counted. What accounts that left took off the year's revenue is "
            "another figure: all that they had brought, slow buyers included."
        ),
        actions=WORK_BY_CAMPAIGN | WORK_THE_LIST,
        words=_how_sure,
    ),
    FindingSpec(
        "at_risk_owner",
        "at_risk",
        N_("Of the expected loss, {part} is with the accounts of {owner}, the most of {owners:n} owners."),
        words=_of_owner,
        actions={"talk_to_owner": N_("Head of sales: go through these accounts with {owner}, one by one.")},
    ),
    FindingSpec(
        "outlook_signs",
        "outlook_signs",
        N_(
            "Purchase dates and deals let {outlook:money} be expected in the next 12 months. "
            "{accounts:n} {accounts:plural|account|accounts} with a warning sign "
            "{accounts:plural|stands|stand} in it with {expected:money}; by the chances given "
            "here and their record {off:money} of that will not come (80% interval {low:money} "
            "to {high:money}). That leaves {left:money} as the cautious case ({left_low:money} "
            "to {left_high:money}, the range of the outlook included)."
        ),
        actions=OUTLOOK_SIGNS_PLAN,
        brief=N_(
            "The next 12 months should bring {outlook:money}, or {left:money} "
            "({left_low:money} to {left_high:money}) with warning signs counted."
        ),
        rank=8,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_last_year",
            "future_expected_beaten",
            "future_expected_untested",
            "target_short",
            "target_within",
        ),
    ),
    FindingSpec(
        "outlook_signs_target",
        "outlook_signs",
        N_(
            "Purchase dates and deals let {outlook:money} be expected in the next 12 months. "
            "{accounts:n} {accounts:plural|account|accounts} with a warning sign "
            "{accounts:plural|stands|stand} in it with {expected:money}; by the chances given "
            "here and their record {off:money} of that will not come (80% interval {low:money} "
            "to {high:money}). That leaves {left:money} as the cautious case ({left_low:money} "
            "to {left_high:money}, the range of the outlook included). The target of "
            "{target:money} is missed by {least:money} if every warned account stays, and by "
            "{gap:money} in the cautious case."
        ),
        actions=OUTLOOK_SIGNS_PLAN,
        brief=N_(
            "The next 12 months should bring {outlook:money}, or {left:money} "
            "({left_low:money} to {left_high:money}) with warning signs counted: {least:money} "
            "or {gap:money} short of the target."
        ),
        rank=6,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_last_year",
            "future_expected_beaten",
            "future_expected_untested",
            "target_short",
            "target_within",
        ),
    ),
    FindingSpec(
        "outlook_signs_part",
        "outlook_signs",
        N_(
            "Purchase dates and deals let {outlook:money} be expected in the next 12 months. "
            "{accounts:n} {accounts:plural|account|accounts} with a warning sign "
            "{accounts:plural|stands|stand} in it with {expected:money}; by the chances given "
            "here and their record {off:money} of that will not come (80% interval {low:money} "
            "to {high:money}). That leaves {left:money} as the cautious case ({left_low:money} "
            "to {left_high:money}, the range of the outlook included): the target of "
            "{target:money} is met if every warned account stays, and missed by {gap:money} in "
            "the cautious case."
        ),
        actions=OUTLOOK_SIGNS_PLAN,
        brief=N_(
            "The next 12 months should bring {outlook:money}, above the target, or "
            "{left:money} ({left_low:money} to {left_high:money}) with warning signs counted: "
            "{gap:money} short of it."
        ),
        rank=7,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_last_year",
            "future_expected_beaten",
            "future_expected_untested",
            "target_short",
            "target_within",
        ),
    ),
)
