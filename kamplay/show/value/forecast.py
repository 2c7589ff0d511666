"""The forecast of the next 12 months from history and the funnel against the target: table and words."""

from __future__ import annotations

from kamplay.method.results import Finding
from kamplay.method.value.step import Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import Column, html_table, word

PARTS = {
    "history": N_("Expected of today's accounts"),
    "known": N_("Deals with these accounts"),
    "fresh": N_("Deals with accounts without an expectation"),
    "unnamed": N_("Deals without an account"),
    "later": N_("Deals that close later"),
    "total": N_("Outlook"),
    "target": N_("Target"),
    "gap": N_("Missing to the target"),
    "new": N_("New accounts last year, in no forecast"),
}


@table
def forecast_table(value: Value) -> Display:
    """What the forecast is made of, and what of the deals it leaves out; nothing where no deal and no target
    is to be added to history.
    """
    frame = value.forecast.parts
    if len(frame) <= 2:
        return NOTHING
    columns = [
        Column("part", N_("Part"), word(PARTS)),
        Column("deals", N_("Open deals"), "n", extra=True),
        Column("weighted", N_("Weighted"), "money", extra=True),
        Column("counted", N_("In the outlook"), "money"),
        Column("history_weighted", N_("Weighted by history"), "money", extra=True),
        Column("history_counted", N_("Outlook by history"), "money"),
    ]
    if frame["history_counted"].isna().all():
        columns = columns[:4]
    if frame["weighted"].isna().all() or not frame["deals"].fillna(0.0).any():
        columns = [c for c in columns if c.key in ("part", "counted")]
    caption = N_(
        "History and funnel together, for the next 12 months. Of deals with accounts that "
        "are expected to buy anyway, only what exceeds the expectation is in it."
    )
    if len(columns) > 4:
        caption = N_(
            "History and funnel together, for the next 12 months. Of deals with accounts that "
            "are expected to buy anyway, only what exceeds the expectation is in it. By history: "
            "with the win rates of past deals instead of the recorded ones."
        )
    return html_table(frame, columns, caption)


OUTLOOK_ASK_HISTORY = {"outlook_ask_history": N_("Data owner: provide at least two years of transactions.")}
TARGET_CLOSE_GAP = {
    "target_close_gap": N_(
        "Head of sales: split the gap of {gap:money} over the owners, and agree with each the accounts and "
        "the new opportunities."
    ),
    "target_fill_gap": N_(
        "Head of sales: the {gap:money} missing takes about {needed:money} of new deals opened now: "
        "{rate:pct} are won, and {within:pct} of what was won came within the {days:n} days to {end:date}; "
        "agree with each owner the accounts and the deals."
    ),
    "target_gap_beyond": N_(
        "Head of sales: new deals cannot close the gap of {gap:money} by {end:date}; agree with each owner "
        "what to win at existing accounts and which open deals come on top. Of the amount won so far "
        "{within:pct} came within {days:n} days; a whole year's new deals of {opened:money}, opened now and "
        "won at {rate:pct}, would bring about {lands:money}. Renewals only hold the outlook, and what nobody "
        "takes stays missing."
    ),
}
GAP_IN_BRIEF = {
    "target_gap_beyond": N_(
        "Head of sales: new deals miss the {gap:money} due by {end:date} ({within:pct} of won amounts came "
        "in {days:n} days); agree with owners on room and open deals"
    )
}


def _not_in_it(finding: Finding, locale: Locale) -> dict[str, str]:
    """``new``: that new accounts are not in the outlook, and what they brought last year where known."""
    amount = finding.figures.get("new_amount")
    if amount is None:
        return {"new": locale.text(N_("new accounts are not in it"))}
    return {
        "new": locale.say(
            N_("new repeat buyers ({amount:money} in the last 12 months) are not in it"), amount=amount
        )
    }


register_findings(
    FindingSpec(
        "outlook",
        "forecast",
        N_(
            "The next 12 months look like {middle:money} ({low:money} to {high:money}): history "
            "expects {expected:money} of today's accounts, and weighted deals add {extra:money}; "
            "another {overlap:money} of weighted deals is with accounts that are expected to buy as "
            "much anyway, and is not counted twice. (The {funnel:money} of the section on the funnel "
            "is another sum: it holds {won:money} already won, and no repeat orders.)"
        ),
        actions={
            "outlook_plan": N_(
                "Finance and sales management: budget on {middle:money}, which does not count what the "
                "warning signs may cost; add a deal with an existing account only where the owner confirms "
                "that it comes on top of the usual orders."
            )
        },
    ),
    FindingSpec(
        "outlook_by_history",
        "forecast",
        N_(
            "With the win rates of past deals instead of the recorded ones, the deals add "
            "{history_extra:money} instead of {extra:money}, and the next 12 months look like "
            "{history_middle:money}."
        ),
    ),
    FindingSpec(
        "outlook_history_only",
        "forecast",
        N_(
            "The next 12 months look like {middle:money} ({low:money} to {high:money}) from today's "
            "accounts alone, without new ones; with open opportunities, business that history cannot know "
            "would be added."
        ),
        actions={
            "outlook_ask_deals": N_(
                "Sales operations: provide the CRM's open opportunities with account, amount and win rate."
            )
        },
    ),
    FindingSpec(
        "outlook_funnel_only",
        "forecast",
        N_(
            "With {months:n} months of data history expects nothing yet, so the {weighted:money} of "
            "weighted deals stand alone: repeat orders are missing from any outlook."
        ),
        actions=OUTLOOK_ASK_HISTORY,
    ),
    FindingSpec(
        "target_short",
        "target",
        N_(
            "The outlook covers {cover:pct} of the target of {target:money}: {expected:money} by "
            "today's accounts and {extra:money} by what weighted deals add to that. {gap:money} is missing "
            "(80% range {gap_low:money} to {gap_high:money}), and even the upper end of the outlook "
            "({high:money}) falls short; {new}."
        ),
        actions=TARGET_CLOSE_GAP,
        brief_actions=GAP_IN_BRIEF,
        brief=N_(
            "The outlook is {cover:pct} of the target of {target:money}, {gap:money} short (80% range "
            "{gap_low:money} to {gap_high:money}); {new}."
        ),
        words=_not_in_it,
        rank=9,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_last_year",
            "future_expected_beaten",
            "future_expected_untested",
        ),
    ),
    FindingSpec(
        "target_within",
        "target",
        N_(
            "The outlook covers {cover:pct} of the target of {target:money}: {expected:money} by "
            "today's accounts and {extra:money} by what weighted deals add to that. {gap:money} is missing; "
            "the target still lies within the range ({low:money} to {high:money})."
        ),
        actions=TARGET_CLOSE_GAP,
        brief_actions=GAP_IN_BRIEF,
        brief=N_(
            "The outlook covers {cover:pct} of the target of {target:money}; the missing {gap:money} "
            "lies within the range."
        ),
        rank=10,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_last_year",
            "future_expected_beaten",
            "future_expected_untested",
        ),
    ),
    FindingSpec(
        "target_covered",
        "target",
        N_(
            "The outlook covers the target of {target:money} ({cover:pct}): {expected:money} by "
            "today's accounts and {extra:money} by what weighted deals add to that, {over:money} more than "
            "is needed; the range begins at {low:money}."
        ),
        actions={
            "target_hold": N_(
                "Head of sales: protect the accounts on which the outlook rests before raising the target."
            )
        },
    ),
    FindingSpec(
        "target_unjudged",
        "target",
        N_(
            "Whether the target of {target:money} is within reach cannot be told: with {months:n} "
            "months of data, nothing is expected of today's accounts."
        ),
        actions=OUTLOOK_ASK_HISTORY,
    ),
    FindingSpec(
        "target_unknown",
        "target",
        N_(
            "No revenue target is stated. With it this page would say how much of it today's "
            "accounts and weighted deals cover, and how much is still to be found."
        ),
        actions={
            "target_state": N_(
                "Management: state the revenue target for the 12 months after the reporting date."
            )
        },
    ),
    FindingSpec(
        "target_met_by_history",
        "target",
        N_(
            "With the win rates of past deals instead of the recorded ones nothing is missing: the "
            "deals add {history_extra:money} instead of {extra:money}."
        ),
    ),
    FindingSpec(
        "target_new",
        "target",
        N_(
            "New accounts are in no forecast. Last year {new:n} of them brought {new_amount:money}; "
            "as much again would close {share:pct} of the gap of {gap:money}."
        ),
    ),
    FindingSpec(
        "target_new_once",
        "target",
        N_(
            "New accounts are in no forecast. Last year {new:n} of them brought {new_amount:money}, "
            "not counting {once_amount:money} from {once:n} that bought a single time; as much again "
            "would close {share:pct} of the gap of {gap:money}."
        ),
    ),
)
