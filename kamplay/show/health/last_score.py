"""What became of the last run's score, shown and said."""

from __future__ import annotations

from kamplay.method.health.last_score import COLUMNS, WARNING_STATES
from kamplay.method.health.step import Health
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import Column, Sheet, html_table, word
from kamplay.show.texts.vocabulary import BANDS
from kamplay.show.view import current

GROUP_LABELS = BANDS | {
    "act": N_("warned of: act"),
    "watch": N_("warned of: watch"),
    "none": N_("not warned of"),
    "silence": N_("had plainly stopped"),
}


@table
def last_score_outcome_table(health: Health) -> Display:
    """The last run's bands and warnings against what happened since."""
    frame, locale = health.last_score.table, current().locale
    frame = frame[frame["accounts"] > 0].reindex(columns=COLUMNS)
    if frame.empty:
        return NOTHING
    ranges = [
        f"{locale.percent(low)}–{locale.percent(high)}"
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]
    columns = [
        Column("band", N_("Judged then as"), word(GROUP_LABELS)),
        Column("accounts", N_("Accounts"), "n"),
        Column("stopped", N_("Nothing bought since"), "n"),
        Column("share", N_("Share"), "pct"),
        Column("range", N_("95% interval"), extra=True),
        Column("fell", N_("Nothing or less than half"), "n", extra=True),
    ]
    if frame["predicted"].notna().any():
        columns.append(Column("predicted", N_("Predicted then"), "pct", extra=True))
    caption = N_("Last period's health bands against what the accounts have bought since.")
    if frame["band"].isin(WARNING_STATES).any():
        caption = N_(
            "Last period's health bands, then its warnings, against what the accounts have bought since; an "
            "account stands in both. Less than half: against the same days a year before, or against as "
            "many days before where the data begin later. A warned account that goes on buying is no false "
            "alarm if somebody saw to it in time."
        )
    return html_table(frame.assign(range=ranges), columns, caption)


@sheet
def last_score_outcome_sheet(health: Health) -> Sheet:
    """The last run's bands and warnings against what happened since."""
    rows = health.last_score.table
    columns = [
        Column("band", N_("Judged then as"), GROUP_LABELS),
        Column("accounts", N_("Number of accounts"), "n"),
        Column("stopped", N_("Nothing bought since"), "n"),
        Column("share", N_("Share"), "pct"),
        Column("fell", N_("Nothing or less than half"), "n"),
        Column("low", N_("95% interval from"), "pct"),
        Column("high", N_("95% interval to"), "pct"),
        Column("predicted", N_("Predicted to stop"), "pct"),
    ]
    return Sheet(N_("Score of the run before"), rows[rows["accounts"] > 0].reindex(columns=COLUMNS), columns)


# what this topic can find, in words
LAST_SCORE_ASK = {
    "last_score_ask": N_(
        "Account managers: say for each green account that fell silent what was known beforehand, and "
        "whether it could be recorded."
    )
}
LAST_WARNED_ASK = {
    "last_warned_ask": N_(
        "Head of sales: have the owner of each account that was warned of and then bought nothing say "
        "what was done after the warning, then decide who wins it back or that it is closed: {names}."
    )
}

register_findings(
    FindingSpec(
        "last_score",
        "last_score",
        N_(
            "Of the {red:n} accounts that were red on {as_of:date}, {red_stopped:n} "
            "({red_share:pct}) bought nothing in the {days:n} days after; of the {green:n} green "
            "ones {green_stopped:n} ({green_share:pct})."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_so_far",
        "last_score",
        N_(
            "Of the {red:n} accounts that were red on {as_of:date}, {red_stopped:n} "
            "({red_share:pct}) have bought nothing in the {days:n} days since; of the {green:n} "
            "green ones {green_stopped:n} ({green_share:pct}). The score looks {horizon:n} days "
            "ahead, so this is a count on the way: some will still buy."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_inverted",
        "last_score",
        N_(
            "The score of {as_of:date} did not warn: in the {days:n} days after, {red_stopped:n} of "
            "{red:n} red accounts ({red_share:pct}) and {green_stopped:n} of {green:n} green ones "
            "({green_share:pct}) bought nothing."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned",
        "last_score",
        N_(
            "Of the {warned:n} {warned:plural|account|accounts} warned of on {as_of:date}, "
            "{warned_stopped:n} ({warned_share:pct}) bought nothing in the {days:n} days after; of "
            "the {others:n} others still active then {others_stopped:n} ({others_share:pct}). "
            "Counting also those that bought less than half as much as before, it is {warned_fell:n} "
            "and {others_fell:n}."
        ),
        actions=LAST_WARNED_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_so_far",
        "last_score",
        N_(
            "Of the {warned:n} {warned:plural|account|accounts} warned of on {as_of:date}, "
            "{warned_stopped:n} ({warned_share:pct}) {warned_stopped:plural|has|have} bought nothing "
            "in the {days:n} days since; of the {others:n} others still active then "
            "{others_stopped:n} ({others_share:pct}). Counting also those that bought less than half "
            "as much as before, it is {warned_fell:n} and {others_fell:n}."
        ),
        actions=LAST_WARNED_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_missed",
        "last_score",
        N_(
            "The warnings of {as_of:date} did not single out those that left: in the {days:n} days "
            "after, {warned_stopped:n} of {warned:n} accounts warned of ({warned_share:pct}) and "
            "{others_stopped:n} of the {others:n} others still active then ({others_share:pct}) "
            "bought nothing."
        ),
        actions={
            "last_warned_learn": N_(
                "Head of sales: go with the owners through the accounts that stopped without a "
                "warning, name what could have been recorded beforehand, and lean on the warnings "
                "less until it is."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_chance",
        "last_score",
        N_(
            "Whether the warnings told more than chance cannot be said yet: with {warned_stopped:n} "
            "of {warned:n} against {others_stopped:n} of {others:n}, such a difference may come "
            "about by itself."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_none",
        "last_score",
        N_(
            "No account was warned of on {as_of:date}; of the {others:n} then active, "
            "{others_stopped:n} bought nothing in the {days:n} days after."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_all",
        "last_score",
        N_(
            "Every account active on {as_of:date} was warned of; {warned_stopped:n} of the "
            "{warned:n} bought nothing in the {days:n} days after."
        ),
        actions=LAST_WARNED_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_probability_ranked",
        "last_score",
        N_(
            "In the {days:n} days after {as_of:date}, the probability given that day put accounts "
            "that bought nothing above those that bought in {auc:pct} of cases (AUC; 95% interval "
            "{low:pct} to {high:pct}; 50% would be chance)."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_ranked",
        "last_score",
        N_(
            "In the {days:n} days after {as_of:date}, the score of that day put accounts that bought "
            "nothing above those that bought in {auc:pct} of cases (AUC; 95% interval {low:pct} to "
            "{high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_few",
        "last_score",
        N_(
            "Of {scored:n} accounts scored on {as_of:date}, {stopped:n} bought nothing in the "
            "{days:n} days after; with fewer than {needed:n} that stopped or that bought, how well "
            "it ranked cannot be told."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_sum",
        "last_score",
        N_(
            "On {as_of:date}, {predicted:n} of {scored:n} accounts were expected to stop in the next "
            "{horizon:n} days; {stopped:n} did."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_sum_off",
        "last_score",
        N_(
            "On {as_of:date}, {predicted:n} of {scored:n} accounts were expected to stop in the next "
            "{horizon:n} days; {stopped:n} did, more of a difference than chance explains."
        ),
        actions={
            "last_score_level": N_(
                "Finance: set last period's expected loss right by this difference ({predicted:n} "
                "expected, {stopped:n} seen), and leave the same margin on this period's amounts."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_sum_due",
        "last_score",
        N_(
            "On {as_of:date}, {predicted:n} of {scored:n} accounts were expected to stop in the next "
            "{horizon:n} days. After {days:n} of them {stopped:n} have bought nothing so far, of "
            "which some still will; the count closes on {due:date}."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_early",
        "last_score",
        N_(
            "The score of {as_of:date} cannot be judged yet: it looks {horizon:n} days ahead, of "
            "which {days:n} have passed."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_unmatched",
        "last_score",
        N_(
            "{unmatched:n} {unmatched:plural|account|accounts} scored on {as_of:date} no longer "
            "{unmatched:plural|occurs|occur} in the data and {unmatched:plural|is|are} left out of "
            "the comparison."
        ),
        actions={
            "last_score_match": N_(
                "Data owner: say which of these accounts were merged, renumbered or deleted."
            )
        },
        on_first_page=False,
    ),
)
