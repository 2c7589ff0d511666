"""What has happened since the last report, shown and said: plan against actual, what moved, who was lost and
won back, which findings still stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.plan.actions_done import STATES
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.show.charts.bridge import draw_bridge
from kamplay.show.charts.chart import join_parts
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts, headline
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.plan.actions import BASES, action_text
from kamplay.show.plan.owners import NOBODY
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, specs, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names, word
from kamplay.show.texts.vocabulary import ACTIONS, BANDS
from kamplay.show.value.retention import MOVES
from kamplay.show.view import View, current

STATE_WORDS = {
    "in_time": N_("done in time"),
    "late": N_("done late"),
    "undated": N_("done, no date"),
    "dropped": N_("dropped"),
    "overdue": N_("overdue"),
    "open": N_("not yet due"),
}
STATE_COUNTS = {
    "in_time": N_("{count:n} done in time"),
    "late": N_("{count:n} done late"),
    "undated": N_("{count:n} done on a day not told"),
    "dropped": N_("{count:n} dropped"),
    "overdue": N_("{count:n} overdue"),
    "open": N_("{count:n} not yet due"),
}
RESULTS = {
    "advanced": N_("advanced"),
    "unchanged": N_("no change"),
    "won_back": N_("won back"),
    "closed": N_("closed"),
    "lost": N_("lost"),
}
SHOWN_FIRST = ("overdue", "dropped", "late", "undated", "in_time")
LOST_STATES = {"lost": N_("lost"), "won_back": N_("won back"), "closed": N_("closed")}
REASONS_FROM = {
    "recorded": N_("{reason}"),
    "action": N_("{reason} (note on the action)"),
    "deal": N_("a deal was lost to {reason} (not a stated reason)"),
    "complaint": N_("complaint {reason} about the time of the last order (not a stated reason)"),
}
GROUPS = {"seen": N_("warned and seen"), "unseen": N_("warned and not seen")}
SEEN_BY = {
    "both": N_("an action done or a visit made"),
    "actions": N_("an action done; no visit log"),
    "visits": N_("a visit made; no list of actions done"),
}
FINDING_STATES = {"new": N_("new"), "gone": N_("gone"), "still": N_("still there")}
FEW = 2  # actions of each state on the page
FEW_FINDINGS = 5  # findings of each state
PHONE = 8  # rows of a table on a phone
WORTH_A_LINE = 0.005  # of revenue: a unit whose revenue moved by less is named only for its tier or health


@chart
def since_bridge_chart(plan: Plan) -> Display:
    """The bridge from the revenue of the 12 months to the last report to that of today."""
    locale, since = current().locale, plan.since
    bridge = since.bridge
    if bridge.empty:
        return NOTHING
    ends = {
        "before": locale.say(N_("12 months to {day:date}"), day=since.figures["as_of"]),
        "now": locale.say(N_("12 months to {day:date}"), day=since.figures["now"]),
    }
    words = [ends.get(item) or locale.text(MOVES[item]) for item in bridge["item"]]
    amounts = bridge["amount"].to_numpy()
    parts = [f"{label} {locale.money(amount)}" for label, amount in zip(words, amounts, strict=True)]
    alt = locale.say(N_("Revenue bridge: {parts}."), parts=join_parts(parts, locale))
    labels = [f"{label} ({locale.number(n)})" for label, n in zip(words, bridge["accounts"], strict=True)]
    caption = N_(
        "From the revenue of the 12 months to the last report to that of today, both on today's data; in "
        "brackets the accounts. The two years overlap: what moved lies in the months since, against the same "
        "months a year before."
    )
    return draw_bridge(labels, amounts, locale.text(caption), alt)


@table
def since_units_table(plan: Plan) -> Display:
    """Whose tier, health or money moved most, and what was done there."""
    view, units = current(), plan.since.units
    if units.empty or not view.one_by_one:
        return NOTHING
    locale = view.locale
    tier = _differs(units["tier_before"], units["tier_now"])
    band = _differs(units["band_before"], units["band_now"])
    large = units["change"].abs() >= WORTH_A_LINE * units["revenue_now"].clip(lower=0).sum()
    shown = units[tier | band | large]
    shown = shown.assign(_order=-shown["change"].abs()).sort_values("_order", kind="stable")
    shown = shown.rename_axis("account_id").assign(
        tiers=[_then_now(a, b) for a, b in zip(shown["tier_before"], shown["tier_now"], strict=True)],
        scores=[
            _then_now(*(None if missing(v) else locale.number(v) for v in pair))
            for pair in zip(shown["health_before"], shown["health_now"], strict=True)
        ],
        health_band=shown["band_now"],
        acted=[_acted(row, locale) for row in shown[list(STATES)].to_dict("records")],
    )
    columns = [
        ACCOUNT,
        Column("tiers", N_("Tier"), css="keep"),
        Column("scores", N_("Health"), css="keep"),
        Column("health_band", N_("Band"), word(BANDS)),
        Column("revenue_before", N_("Revenue then"), "money", extra=True),
        Column("revenue_now", N_("Revenue now"), "money"),
        Column("change", N_("Change"), "money"),
        Column("acted", N_("Actions of the last plan"), extra=True),
    ]
    if not any(acted.strip(MISSING) for acted in shown["acted"]):
        columns = columns[:-1]
    caption = N_(
        "Accounts whose tier, health band or revenue moved since the last report, then → now, the largest "
        "change of revenue first. Revenue of 12 months, both on today's data."
    )
    return html_table(with_names(shown), columns, caption, most=10, phone=PHONE)


def _differs(was: pd.Series, is_: pd.Series) -> np.ndarray:
    """Known then and now, and not the same."""
    known = was.notna() & is_.notna()
    return (known & (was.astype(object) != is_.astype(object))).to_numpy()


def _then_now(then: Any, now: Any) -> str:
    before, after = (MISSING if missing(v) else str(v) for v in (then, now))
    return after if before == after else f"{before} → {after}"


def _acted(row: Mapping[str, Any], locale: Locale) -> str:
    """How many of its actions are done, dropped and so on."""
    return counts(STATE_COUNTS, row, locale) or MISSING


@table
def plan_against_actual_table(plan: Plan) -> Display:
    """What each owner did of what the last report planned."""
    locale, frame = current().locale, plan.since.done.by_owner
    if frame.empty:
        return NOTHING
    frame = frame.assign(
        named=[
            locale.text(NOBODY) if missing(owner) else locale.label(str(owner)) for owner in frame["owner"]
        ]
    )
    columns = [Column("named", N_("Owner")), Column("planned", N_("Planned"), "n")]
    labels = {
        "in_time": N_("In time"),
        "late": N_("Late"),
        "undated": N_("Done, no date"),
        "dropped": N_("Dropped"),
        "overdue": N_("Overdue"),
        "open": N_("Not yet due"),
    }
    columns += [
        Column(state, labels[state], "n", extra=state in ("undated", "dropped", "open"))
        for state in STATES
        if frame[state].any()
    ]
    caption = N_(
        "What each owner did of the actions of the last report, those with most overdue first. Overdue: not "
        "done, and the planned day is past."
    )
    return html_table(frame, columns, caption, most=15, cards=False)


@table
def actions_told_table(plan: Plan) -> Display:
    """The actions of the last report of which something was told, and those that are overdue."""
    view, actions = current(), plan.since.done.actions
    rows = actions[actions["state"].isin(SHOWN_FIRST)]
    if rows.empty or not view.one_by_one:
        return NOTHING
    rows = _worded(rows.sort_values("money", ascending=False, kind="stable"), plan, view)
    rows, most = _few_of_each(rows, SHOWN_FIRST, FEW)
    columns = [
        Column("state", N_("State"), word(STATE_WORDS), css="keep"),
        ACCOUNT,
        Column("text", N_("What to do"), css="long"),
        Column("owner", N_("Owner"), extra=True),
        Column("due", N_("Due"), "date", css="keep"),
        Column("done_on", N_("Done on"), "date", css="keep", extra=True),
        Column("result", N_("Result"), word(RESULTS)),
        Column("note", N_("Note"), extra=True),
    ]
    optional = ("done_on", "result", "note", "owner")
    columns = [c for c in columns if c.key not in optional or rows[c.key].notna().any()]
    caption = N_(
        "The actions of the last report, a few of each state, those with most at stake first: overdue, "
        "dropped, done late, done in time."
    )
    return html_table(with_names(rows), columns, caption, most=most, cards=True, phone=PHONE)


def _few_of_each(frame: pd.DataFrame, states: tuple[str, ...], few: int) -> tuple[pd.DataFrame, int]:
    """The rows with the first ``few`` of each state on top, and how many these are; within each part by
    state.
    """
    later = frame.groupby("state").cumcount() >= few
    order = frame["state"].map({state: n for n, state in enumerate(states)})
    out = frame.assign(_later=later, _order=order).sort_values(["_later", "_order"], kind="stable")
    return out, int((~later).sum())


def _worded(actions: pd.DataFrame, plan: Plan, view: View) -> pd.DataFrame:
    """The actions of the last report with their ``text``."""
    day = plan.since.figures["day"]
    pairs = zip(actions["kind"], actions["facts"], strict=True)
    return actions.assign(text=[_told_then(kind, facts, day, view.locale) for kind, facts in pairs])


def _told_then(kind: str, facts: str, day: str, locale: Locale) -> str:
    """The action as its report told it; its kind alone where another version of kamplay wrote other facts."""
    try:
        return action_text(kind, json.loads(facts), day, locale)
    except (KeyError, TypeError, ValueError):
        return locale.text(ACTIONS.get(kind, kind))


@table
def warned_and_seen_table(plan: Plan) -> Display:
    """The accounts warned of that were seen since, beside those that were not."""
    locale, since = current().locale, plan.since
    frame, f = since.groups, since.figures
    if frame.empty or f["warned_too_early"] or f["kept_difference"] is None:
        return NOTHING
    frame = frame.assign(
        range=[
            f"{locale.percent(low)}–{locale.percent(high)}"
            for low, high in zip(frame["low"], frame["high"], strict=True)
        ]
    )
    columns = [
        Column("group", N_("Accounts warned of"), word(GROUPS)),
        Column("accounts", N_("Accounts"), "n"),
        Column("kept", N_("Went on buying"), "n"),
        Column("kept_share", N_("Share"), "pct"),
        Column("range", N_("95% interval"), extra=True),
        Column("expected", N_("Revenue at the pace before"), "money", extra=True),
        Column("since", N_("Revenue since"), "money", extra=True),
        Column("ratio", N_("Of the pace before"), "pct"),
    ]
    said = N_(
        "The accounts that the last report warned of and that still bought then, in the {days:n} days after. "
        "Seen: {how}. Pace before: their 12 months up to then, by days."
    )
    caption = locale.say(said, days=f["days"], how=locale.text(SEEN_BY[f["seen_by"]]))
    return html_table(frame, columns, caption)


@table
def lost_since_table(plan: Plan) -> Display:
    """Who was lost, won back or closed since the last report, and why."""
    view, frame = current(), plan.since.lost
    if frame.empty or not view.one_by_one:
        return NOTHING
    locale = view.locale
    frame = frame.assign(why=[_why(row, locale) for row in frame.itertuples()])
    columns = [
        ACCOUNT,
        Column("state", N_("State"), word(LOST_STATES)),
        Column("revenue", N_("Revenue then"), "money"),
        Column("last_order", N_("Last order"), "date", css="keep", extra=True),
        Column("why", N_("Why"), css="long"),
    ]
    caption = N_("Accounts lost, won back or closed since the last report, the largest first.")
    return html_table(with_names(frame), columns, caption, most=10)


def _why(row: Any, locale: Locale) -> str:
    if missing(row.reason_from):
        return locale.text(N_("no reason on record")) if row.state == "lost" else MISSING
    return locale.say(REASONS_FROM[row.reason_from], reason=row.reason)


@table
def findings_compared_table(plan: Plan) -> Display:
    """Which findings are new, and which of the last report's are gone."""
    view, frame = current(), plan.since.findings
    frame, most = _few_of_each(_said(frame[frame["state"] != "still"], view), ("new", "gone"), FEW_FINDINGS)
    columns = [
        Column("state", N_("State"), word(FINDING_STATES), css="keep"),
        Column("sentence", N_("Finding"), css="long"),
    ]
    caption = N_(
        "Findings that call for something: those that the last report did not have, then those that it had "
        "and that are gone, in the words and figures of then."
    )
    return html_table(frame, columns, caption, most=most, phone=PHONE)


def _said(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    """The findings with their ``sentence``; without those that another version of kamplay told in figures
    that today's sentence does not know.
    """
    sentences = [_sentence(row, view) for row in frame.itertuples()]
    out = frame.assign(sentence=pd.Series(sentences, index=frame.index, dtype=object))
    return out[out["sentence"].notna()]


def _sentence(row: Any, view: View) -> str | None:
    if row.kind not in specs():
        return None
    figures, accounts = json.loads(row.figures), tuple(json.loads(row.accounts))
    finding = Finding(row.step, row.kind, row.severity, figures, accounts)
    try:
        return headline(finding, view.locale, view.names)
    except (KeyError, TypeError, ValueError):
        return None


@sheet
def plan_against_actual_sheet(plan: Plan) -> Sheet:
    """Every action of the last report and what became of it."""
    rows = plan.since.done.actions
    rows = rows[rows["state"].notna()]
    rows = _worded(rows, plan, current()) if len(rows) else rows.assign(text=None)
    columns = [
        Column("action_id", N_("Action ID")),
        *ACCOUNT_COLUMNS,
        Column("text", N_("What to do")),
        Column("owner", N_("Owner")),
        Column("due", N_("Due"), "date"),
        Column("state", N_("State"), STATE_WORDS),
        Column("done_on", N_("Done on"), "date"),
        Column("result", N_("Result"), RESULTS),
        Column("note", N_("Note")),
        Column("money", N_("Amount"), "money"),
        Column("basis", N_("What the sum is"), BASES),
    ]
    return Sheet(N_("Plan against actual"), rows, columns)


@sheet
def since_last_run_sheet(plan: Plan) -> Sheet:
    """Every account then and now: tier, health, revenue, and what became of its actions."""
    rows = plan.since.units.rename_axis("account_id")
    columns = [
        *ACCOUNT_COLUMNS,
        Column("tier_before", N_("Tier then")),
        Column("tier_now", N_("Tier now")),
        Column("health_before", N_("Score then"), "n1"),
        Column("health_now", N_("Score now"), "n1"),
        Column("band_before", N_("Band then"), BANDS),
        Column("band_now", N_("Band now"), BANDS),
        Column("revenue_before", N_("Revenue then"), "money"),
        Column("revenue_now", N_("Revenue now"), "money"),
        Column("change", N_("Change"), "money"),
        *(Column(state, STATE_WORDS[state], "n") for state in STATES),
    ]
    if not plan.since.done.figures.get("told"):
        columns = columns[: -len(STATES)]
    return Sheet(N_("Since the last report"), rows, columns)


@sheet
def findings_compared_sheet(plan: Plan) -> Sheet:
    """Every finding that calls for something: new, gone or still there."""
    rows = _said(plan.since.findings, current())
    columns = [Column("state", N_("State"), FINDING_STATES), Column("sentence", N_("Finding"))]
    return Sheet(N_("Findings then and now"), rows, columns)


# what this topic can find, in words


def _states(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"states": counts(STATE_COUNTS, finding.figures, locale)}


def _apart(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """Who counts as seen, and both differences with their intervals."""
    f = finding.figures
    said = N_("{difference:n1} percentage points, 95% interval {low:n1} to {high:n1}")
    parts = {
        what: locale.text(N_("not known"))
        if f[f"{what}_difference"] is None
        else locale.say(said, **{end: f[f"{what}_{end}"] for end in ("difference", "low", "high")})
        for what in ("kept", "revenue")
    }
    return {"how": locale.text(SEEN_BY[f["seen_by"]]), "kept_apart": parts["kept"], "pace": parts["revenue"]}


def _how(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"how": locale.text(SEEN_BY[finding.figures["seen_by"]])}


PLANNED = N_("Of the {planned:n} actions in the plan of {day:date}: {states}.")
SEEN_IN_BRIEF = N_(
    "Of {seen:n} warned accounts that were seen {seen_kept:n} went on buying, of {unseen:n} others "
    "{unseen_kept:n} ({kept_apart}); nobody chose at random whom to see."
)
SEEN_FACTS = N_(
    "Of the {warned:n} accounts warned of on {as_of:date} that still bought, {seen:n} were seen in the "
    "{days:n} days after ({how}): {seen_kept:n} of them ({seen_share:pct}) went on buying, of the {unseen:n} "
    "others {unseen_kept:n} ({unseen_share:pct}); difference {kept_apart}. Revenue came to {seen_pace:pct} "
    "and {unseen_pace:pct} of the pace before; difference {pace}. "
    "The difference is more than chance, but nobody chose at random whom to see: the two groups may have "
    "differed from the start, so it is not simply what the visits brought."
)
SEEN_ALIKE = N_(
    "Of the {warned:n} accounts warned of on {as_of:date} that still bought, {seen:n} were seen in the "
    "{days:n} days after ({how}): {seen_kept:n} of them ({seen_share:pct}) went on buying, of the {unseen:n} "
    "others {unseen_kept:n} ({unseen_share:pct}); difference {kept_apart}. Revenue came to {seen_pace:pct} "
    "and {unseen_pace:pct} of the pace before; difference {pace}. "
    "No difference can be claimed; nor was it chosen at random who was seen."
)

register_findings(
    FindingSpec(
        "since_overdue",
        "since",
        PLANNED,
        actions={
            "settle_overdue": N_(
                "Head of sales: by {due:date} settle with the owners what becomes of the overdue actions, "
                "first with {owners:words}."
            ),
            "settle_overdue_unowned": N_(
                "Head of sales: give the overdue actions to somebody by {due:date}, or drop them."
            ),
        },
        brief=N_("Of the {planned:n} actions of the last report {overdue:n} are overdue."),
        rank=36,
        words=_states,
    ),
    FindingSpec("since_done", "since", PLANNED, words=_states, on_first_page=False),
    FindingSpec(
        "since_no_list",
        "since",
        N_(
            "What became of the {planned:n} actions in the plan of {day:date} is not known: "
            "its action list was not put back."
        ),
        actions={
            "put_back_list": N_(
                "Sales operations: have the owners fill in the action list that comes with the report "
                "(actions.xlsx), and hand it in with the data of the next one."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "since_list_alone",
        "since",
        N_(
            "An action list was put back, but the report that planned it is not there: what was done cannot "
            "be set against the plan."
        ),
        actions={
            "keep_reports_together": N_(
                "Analyst: keep this report in one folder with the earlier ones of this client."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "since_ids_unknown",
        "since",
        N_(
            "{rows:n} {rows:plural|row|rows} of the action list {rows:plural|names|name} an action that no "
            "report has planned, and {rows:plural|is|are} not counted: {ids:words}."
        ),
        actions={
            "keep_ids": N_(
                "Sales operations: set the action IDs of these rows right; they stay as the list has them."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "since_ids_other",
        "since",
        N_(
            "{rows:n} {rows:plural|row|rows} of the action list {rows:plural|belongs|belong} to another "
            "plan than that of {day:date} and {rows:plural|is|are} not counted here."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "since_money",
        "since",
        N_(
            "Revenue of the 12 months to {now:date} is {revenue_now:money}, {change:change} against the "
            "{revenue_before:money} of the 12 months to {as_of:date}, both on today's data."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "since_money_unknown",
        "since",
        N_(
            "How revenue moved since {as_of:date} cannot be told: the data begin on {data_from:date}, less "
            "than 12 months before."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "since_restated",
        "since",
        N_(
            "For the 12 months to {as_of:date} the last report told {told:money}; today's data give "
            "{revenue_before:money}."
        ),
        actions={
            "say_what_changed": N_(
                "Data owner: say what was booked, corrected or left out for these months since."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "since_moves",
        "since",
        N_(
            "Since {as_of:date} {tiers_up:n} {tiers_up:plural|account|accounts} rose in tier and "
            "{tiers_down:n} fell; {bands_up:n} moved to a better band of health and {bands_down:n} to a "
            "worse one."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "since_seen_apart", "since", SEEN_FACTS, brief=SEEN_IN_BRIEF, words=_apart, on_first_page=False
    ),
    FindingSpec(
        "since_seen_alike", "since", SEEN_ALIKE, brief=SEEN_IN_BRIEF, words=_apart, on_first_page=False
    ),
    FindingSpec(
        "since_seen_few",
        "since",
        N_(
            "Whether the accounts warned of on {as_of:date} fared better where somebody saw them ({how}) "
            "cannot be told: {seen:n} {seen:plural|was|were} seen and {unseen:n} "
            "{unseen:plural|was|were} not, "
            "and {needed:n} of each are needed."
        ),
        brief=N_(
            "Too few to tell whether warned accounts fared better where somebody saw them: {seen:n} were, "
            "{unseen:n} not; {needed:n} of each are needed."
        ),
        words=_how,
        on_first_page=False,
    ),
    FindingSpec(
        "since_seen_early",
        "since",
        N_(
            "Whether the accounts warned of on {as_of:date} fared better where somebody saw them ({how}) "
            "cannot be told yet: only {days:n} days have passed."
        ),
        words=_how,
        on_first_page=False,
    ),
    FindingSpec(
        "since_lost",
        "since",
        N_(
            "{count:n} {count:plural|account was|accounts were} lost since {as_of:date}, {revenue:money} of "
            "revenue in the 12 months up to then; for {reasons:part|count|{n} of them|all of them|it} a "
            "reason is on record. {names}."
        ),
        actions={
            "record_reasons": N_(
                "Owners: record by {due:date} why each left; the head of sales then decides: win back or "
                "close."
            ),
            "decide_lost": N_("Head of sales: decide for each by {due:date}: win back or close."),
        },
        on_first_page=False,
    ),
    FindingSpec(
        "since_won_back",
        "since",
        N_(
            "{count:n} {count:plural|account|accounts} that had stopped buying by {as_of:date} "
            "{count:plural|has|have} bought again: {names}."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "since_closed",
        "since",
        N_("{count:n} lost {count:plural|account was|accounts were} closed since {as_of:date}: {names}."),
        on_first_page=False,
    ),
    FindingSpec(
        "since_visits",
        "since",
        N_(
            "Since {as_of:date} {visits:n} visits were made; of the {told:n} with an outcome {advanced:n} "
            "advanced the deal ({advanced_share:pct}, 95% interval {advanced_low:pct} to "
            "{advanced_high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "since_visits_untold",
        "since",
        N_("Since {as_of:date} {visits:n} visits were made; what they brought was not recorded."),
        on_first_page=False,
    ),
    FindingSpec(
        "since_findings",
        "since",
        N_(
            "Of the findings that call for something, {new:n} are new since {as_of:date}, {gone:n} are gone "
            "and {still:n} still stand."
        ),
        on_first_page=False,
    ),
)
