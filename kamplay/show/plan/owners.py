"""What each owner looks after, as one table over all and one page for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import NamedTuple

import pandas as pd

from kamplay.errors import Fault, KamplayError, nearest
from kamplay.method.plan.findings import WEEKS
from kamplay.method.plan.step import Plan
from kamplay.method.plan.terms import of_terms
from kamplay.method.results import Finding
from kamplay.presets import LEVELS
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts, headline
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.plan.actions import as_is, in_words
from kamplay.show.plan.calendar import what_for, whether_it_waits, whom
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import ACCOUNT, REVENUE, Column, html_table, with_names
from kamplay.show.texts.addressees import HEAD as HEAD_NAMED
from kamplay.show.view import current

NOBODY = N_("no owner")
MOST_ACTIONS = 20  # on an owner's page; the workbook has all
MOST_UNITS = 15
MOST_WEEKS = 3  # that hold more than a week does, each told
AGENDA_DAYS = 14  # of the calendar, on an owner's page
PARTS = (N_("Actions"), N_("Visits of the next two weeks"), N_("Accounts"))
# what is said of columns that not every client has
_MEANT = {
    "past_due": N_("Complaints past due: without those of lost accounts."),
    "placed": N_("Visits in the calendar: the owner's own in the next quarter, joint reviews among them."),
}
KINDS = {"visit": N_("Visit"), "review": N_("Joint review")}


def _named(owner: object, locale: Locale) -> str:
    return locale.text(NOBODY) if missing(owner) else locale.label(str(owner))


@table
def by_owner_table(plan: Plan) -> Display:
    """What each owner looks after, the largest expected loss first."""
    locale, frame = current().locale, plan.by_owner.owners
    if frame.empty:
        return NOTHING
    frame = frame.assign(
        named=[_named(owner, locale) for owner in frame["owner"]],
        levels=[_levels(row, locale) for _, row in frame.iterrows()],
    )
    columns = [
        Column("named", N_("Owner"), to_owner=True),
        Column("units", N_("Accounts"), "n"),
        Column("levels", N_("by level S / A / B / C"), css="keep", extra=True),
        REVENUE,
        Column("revenue_at_risk", N_("Expected loss"), "money"),
        Column("overdue", N_("Overdue"), "money", extra=True),
        Column("acting", N_("Accounts to act on"), "n"),
        Column("past_due", N_("Complaints past due"), "n", extra=True),
        Column("placed", N_("Visits in the calendar"), "n", extra=True),
    ]
    optional = ("revenue_at_risk", "overdue", "past_due", "placed")
    columns = [c for c in columns if c.key not in optional or frame[c.key].fillna(0).any()]
    if not frame[list(LEVELS)].to_numpy().any():
        columns = [c for c in columns if c.key != "levels"]
    caption = N_(
        "What each owner looks after, the largest expected loss first. Accounts: customers in the plan, a "
        "group as one."
    )
    shown = {c.key for c in columns}
    said = [locale.text(text) for key, text in _MEANT.items() if key in shown]
    made = plan.finding("calendar_made")
    if made and "placed" in shown and made.figures["senior"]:
        others = N_("{senior:n} more of the calendar are the head of sales's.")
        said.append(locale.say(others, senior=made.figures["senior"]))
    if made and "placed" in shown and made.figures["unnamed"]:
        others = N_("For {unnamed:n} more visits of the calendar nobody is named yet.")
        said.append(locale.say(others, unnamed=made.figures["unnamed"]))
    return html_table(frame, columns, locale.sentences(locale.text(caption), *said), most=40)


def first_weeks(plan: Plan, owner: object) -> list[tuple[int, int]]:
    """Of each of the first WEEKS weeks from the first working day of the calendar (Monday to Sunday): the
    owner's actions without those done at a visit, and the visits.
    """
    first = pd.Timestamp(plan.calendar.figures["first"])
    monday, weeks = first - pd.Timedelta(days=first.weekday()), plan.by_owner.weeks
    own = weeks[weeks["owner"] == owner]
    held = {
        week: (int(actions), int(visits))
        for week, actions, visits in zip(own["week"], own["actions"], own["visits"], strict=True)
    }
    return [held.get(monday + pd.Timedelta(weeks=place), (0, 0)) for place in range(WEEKS)]


def _full_weeks(plan: Plan, owner: object, locale: Locale) -> list[str]:
    """How much each of the first weeks holds, and which hold more than a week does, and why."""
    if missing(owner):
        return []
    weekly = N_("Actions + visits, weeks 1 to 4: {weekly}; what is done at a visit counts with it.")
    said = [locale.say(weekly, weekly=_weekly(plan, owner, locale))]
    weeks = plan.by_owner.weeks
    over = weeks[(weeks["owner"] == owner) & (weeks["actions"] > weeks["room"])]
    said += [
        locale.say(
            N_(
                "The week of {week:date} holds {actions:n} actions, more than {room:n}: the day of {bound:n} "
                "cannot move (a warning, money owed, a promise, a notice, an order or deal expected)."
            ),
            week=row.week,
            actions=row.actions,
            room=row.room,
            bound=row.bound,
        )
        for row in over.head(MOST_WEEKS).itertuples()
    ]
    if len(over) > MOST_WEEKS:
        said.append(locale.say(N_("{rest:n} more weeks likewise."), rest=len(over) - MOST_WEEKS))
    return said


def _weekly(plan: Plan, owner: object, locale: Locale) -> str:
    if missing(owner):
        return ""
    each = N_("{actions:n}+{visits:n}")
    return locale.text(N_(", ")).join(
        locale.say(each, actions=actions, visits=visits) for actions, visits in first_weeks(plan, owner)
    )


def _levels(row: pd.Series, locale: Locale) -> str:
    return " / ".join(locale.number(row[level]) for level in LEVELS)


@table
def owner_table(plan: Plan, owner: str) -> Display:
    """One owner's page.

    Raises
    ------
    KamplayError
        Nobody of that name owns a planned account.
    """
    known = [str(one) for one in plan.by_owner.owners["owner"].dropna()]
    if owner not in known:
        raise KamplayError(Fault("owner_unknown", value=owner, args={"near": nearest(owner, known) or ""}))
    return owner_page(plan, owner)


@table
def owner_pages_table(plan: Plan) -> Display:
    """The pages of all owners, one after another, each folded under the owner's name."""
    locale = current().locale
    owners = list(plan.by_owner.owners["owner"])
    pages = [owner_page(plan, owner) for owner in owners]
    if not pages:
        return NOTHING
    folded = [
        f"<details><summary>{escape(_named(owner, locale))}</summary>{page.html}</details>"
        for owner, page in zip(owners, pages, strict=True)
    ]
    return Display("".join(folded), "\n\n".join(page.text for page in pages))


def owner_page(plan: Plan, owner: object, heading: str = "h4") -> Display:
    """Who it is (in the HTML as a ``heading``), the sums, what is to be done, the visits, and the accounts.
    None as ``owner``: the accounts without one.
    """
    locale, units = current().locale, plan.by_owner.units
    sums = plan.by_owner.owners
    row = sums[sums["owner"].isna() if missing(owner) else sums["owner"] == owner].iloc[0]
    own = units[units["owner"].isna() if missing(owner) else units["owner"] == owner]
    name = _named(owner, locale)
    said = [
        locale.say(
            N_("{units:n} {units:plural|account|accounts}, {revenue:money} of revenue in the 12 months."),
            units=row["units"],
            revenue=row["revenue"],
        )
    ]
    if not missing(row["revenue_at_risk"]):
        said.append(locale.say(N_("Expected loss: {loss:money}."), loss=row["revenue_at_risk"]))
    if row["overdue"] > 0:
        said.append(locale.say(N_("Overdue: {overdue:money}."), overdue=row["overdue"]))
    if row["past_due"]:
        said.append(locale.say(N_("Complaints past due: {count:n}."), count=row["past_due"]))
    if row["visits"] > 0:
        said.append(
            locale.say(
                N_("Visits a month by the norms, head office's among them: {visits:n}."), visits=row["visits"]
            )
        )
    line = locale.sentences(*said, *_full_weeks(plan, owner, locale))
    parts = [_actions(plan, own), _agenda(plan, owner), _units(own)]
    below = f"h{int(heading[1]) + 1}"
    html = f"<{heading}>{escape(name)}</{heading}><p>{escape(line)}</p>" + "".join(
        f"<{below}>{escape(locale.text(title))}</{below}>{part.html}"
        for title, part in zip(PARTS, parts, strict=True)
        if part.html
    )
    text = "\n".join(filter(None, [f"{name}: {line}", *(part.text for part in parts)]))
    return Display(f'<div class="owner">{html}</div>', text)


HEAD = N_("Head of sales")
NAMED = 3  # accounts that a row names
MOST_HEAD = 20  # lines of what others do, on the page of the head of sales
FIRST_DAYS = 7  # from the plan's day on: terms of contracts that are due by then are asked for as well
HEAD_PARTS = (
    N_("Decide or do yourself"),
    N_("Your own visits"),
    N_("Ask for the outcome"),
    N_("Go through with each owner, weekly"),
)


class Decision(NamedTuple):
    """What the report asks of the head of sales: the first day by which some of it is due (ISO), when in
    words, what, who does it, the amount in words, the kind of the finding that asks, and the ids of the
    plan's actions that do it.
    """

    day: str
    by: str
    what: str
    who: str
    money: str
    kind: str
    covers: tuple[str, ...] = ()


def day_or_today(day: str, issued: date, locale: Locale) -> str:
    """A day (ISO) in words; that of issue as today."""
    if day != issued.isoformat():
        return locale.date(day)
    return locale.say(N_("today ({day:date})"), day=day)


# kinds of findings that ask the head of sales to go through the list with its owners: of one day one meeting
WITH_OWNERS = ("watch_list", "watch_list_score", "urgent", "warn_all")
ONE_MEETING = N_(
    "In one meeting with the account owners, go through the accounts of the list and those with a sign: what "
    "the first step at each brought, and who speaks with whom by when."
)
BOTH = N_("Head of sales with the account owners")


def _in_one_meeting(decisions: Sequence[Decision], locale: Locale) -> list[Decision]:
    """The decisions, those that are one meeting as one of them."""
    out: list[Decision] = []
    for one in decisions:
        together = [two for two in decisions if two.kind in WITH_OWNERS and two.by == one.by]
        if one.kind not in WITH_OWNERS or len(together) == 1:
            out.append(one)
        elif one is together[0]:
            out.append(
                one._replace(
                    what=locale.text(ONE_MEETING),
                    who=locale.text(BOTH),
                    money=next((two.money for two in together if two.money), ""),
                    covers=tuple(dict.fromkeys(action for two in together for action in two.covers)),
                )
            )
    return out


def head_rows(plan: Plan, decisions: Sequence[Decision]) -> pd.DataFrame:
    """What is the head of sales's to decide or to do, by its first day: what the report asks for, the
    complaints that are escalated so far, and each of the plan's actions that no such line covers. day (ISO),
    by (in words), account_id and name (of an action), text, who, stake, key (the same in the next run for the
    same matter, but where a kind of finding asks for several things: these are numbered by date).
    """
    locale = current().locale
    if plan.units["owner"].notna().any():
        decisions = _in_one_meeting(decisions, locale)
    covered = {action for one in decisions for action in one.covers}
    own = plan.actions[(plan.actions["leads"] == "head") & ~plan.actions["action_id"].isin(covered)]
    told = with_names(in_words(plan, own, to_the_head=True))
    rows = [(one.day, one.by, None, "", one.what, one.who, one.money, one.kind) for one in decisions]
    rows += _escalated(plan, locale)
    for row in told.itertuples():
        who = locale.text(HEAD)
        if not missing(row.owner):
            who = locale.say(
                N_("{role} (account owner {names})"), role=who, names=locale.label(str(row.owner))
            )
        by = day_or_today(row.due, plan.issued, locale)
        rows.append((row.due, by, row.account_id, row.name, row.text, who, row.stake, row.action_id))
    columns = ["day", "by", "account_id", "name", "text", "who", "stake", "key"]
    out = pd.DataFrame(rows, columns=columns).sort_values("day", kind="stable", ignore_index=True)
    again = out.groupby("key").cumcount()  # a kind of finding may ask for several things
    return out.assign(key=out["key"].where(again == 0, out["key"] + "-" + again.astype("str")))


ESCALATED = "complaints_escalated"


def _escalated(plan: Plan, locale: Locale) -> list[tuple[str, str, None, str, str, str, str, str]]:
    """The open complaints that by the strategy's times have come to the head of sales, as one row of
    ``head_rows``; none where there are none.
    """
    queue, rungs = plan.service.queue, plan.service.rungs
    mine = [place for place, name in enumerate(rungs["en"]) if HEAD_NAMED["en"].search(str(name))]
    rows = queue[queue["rung"].isin(mine)]
    if rows.empty:
        return []
    names = [current().name(unit) for unit in dict.fromkeys(rows["unit_id"])]
    text = locale.say(
        N_(
            "Have the {count:n} {count:plural|complaint|complaints} settled that {count:plural|has|have} "
            "come to you by the times of escalation: {names}; each by its day in the queue of complaints."
        ),
        count=len(rows),
        names=locale.accounts(names, most=NAMED),
    )
    first, last = (f"{day:%Y-%m-%d}" for day in (rows["settle_by"].min(), rows["settle_by"].max()))
    by = day_or_today(first, plan.issued, locale)
    if first < last:
        by = locale.say(N_("{first} to {last:date}"), first=by, last=last)
    who = rungs[locale.language].iloc[int(rows["rung"].max())]
    return [(first, by, None, "", text, str(who)[:1].upper() + str(who)[1:], "", ESCALATED)]


def head_page(plan: Plan, decisions: Sequence[Decision] = (), heading: str = "h2") -> Display:
    """What the head of sales does and decides, whom to visit, what to ask others for, and whom to see each
    week with how much to do. ``decisions``: what the report asks of the head of sales.
    """
    locale, actions = current().locale, plan.actions.sort_values(["due", "place"], kind="stable")
    lead = actions["leads"] == "head"
    soon = (plan.day + timedelta(days=FIRST_DAYS)).isoformat()
    urgent = actions["urgency"].isin(["urgent", "warned"]) | (of_terms(actions) & (actions["due"] <= soon))
    due, owner = (
        Column("due", N_("Due"), "date", css="keep"),
        Column("named", N_("Owner"), css="keep", to_owner=True),
    )
    own = head_rows(plan, decisions)
    columns = [
        Column("by", N_("Due"), as_is, css="keep"),
        Column("name", N_("Account"), as_is),
        Column("text", N_("What to do"), as_is, css="long"),
        Column("who", N_("Who"), as_is, extra=True),
        Column("stake", N_("Amount"), as_is, extra=True),
    ]
    columns = [c for c in columns if c.key not in ("name", "stake") or own[c.key].ne("").any()]
    tables = [
        _with_unowned(
            plan,
            html_table(
                own,
                columns,
                N_(
                    "What is yours to do or to decide, alone or with others, by date, and what sales "
                    "operations prepare for it."
                ),
                most=len(own),
                cards=True,
                phone=len(own),
            ),
        ),
        _own_visits(plan),
        _of_the_head(
            plan,
            actions[urgent & ~lead],
            [due, ACCOUNT, Column("text", N_("What to do"), css="long"), owner],
            N_("What others do first: ask for the outcome on the day."),
        ),
    ]
    tables.append(_loads(plan, owner))
    name, below = locale.text(HEAD), f"h{int(heading[1]) + 1}"
    html = f"<{heading}>{escape(name)}</{heading}>" + "".join(
        f"<{below}>{escape(locale.text(title))}</{below}>{part.html}"
        for title, part in zip(HEAD_PARTS, tables, strict=True)
        if part.html
    )
    return Display(f'<div class="owner">{html}</div>', "\n".join([name, *(part.text for part in tables)]))


UNOWNED_ACTIONS = N_(
    "Beside these, {own:n} {own:plural|action|actions} of the plan at accounts without an owner are yours "
    "until one is named: the workbook's sheet Actions has them as led by the head of sales{calls}."
)
INSIDE_CALLS = N_(
    "; the {calls:n} routine calls and mails there, and calls to small accounts, are inside sales's"
)


def _with_unowned(plan: Plan, shown: Display) -> Display:
    """What is the head of sales's to do or to decide, and what is at accounts without an owner."""
    locale, unowned = current().locale, plan.actions[plan.actions["owner"].isna()]
    unowned = unowned[unowned["leads"] != "head"]
    calls = int((unowned["leads"] == "inside").sum())
    own = len(unowned) - calls
    if not own:
        return shown
    inside = locale.say(INSIDE_CALLS, calls=calls) if calls else ""
    said = locale.say(UNOWNED_ACTIONS, own=own, calls=inside)
    return Display(f"{shown.html}<p>{escape(said)}</p>", "\n".join(filter(None, [shown.text, said])))


def _loads(plan: Plan, owner: Column) -> Display:
    """How much each owner has to do in the first weeks."""
    if plan.by_owner.owners.empty:
        return NOTHING
    locale = current().locale
    sums = plan.by_owner.owners[plan.by_owner.owners["owner"].notna()]
    late = plan.postponed["owner"].value_counts()
    sums = sums.assign(
        named=[_named(one, locale) for one in sums["owner"]],
        weekly=[_weekly(plan, one, locale) for one in sums["owner"]],
        postponed=[int(late.get(one, 0)) for one in sums["owner"]],
    )
    columns = [
        owner,
        Column("weekly", N_("Actions + visits, weeks 1 to 4"), css="keep"),
        Column("acting", N_("Accounts to act on"), "n"),
        Column("past_due", N_("Complaints past due"), "n"),
        Column("postponed", N_("Found no week"), "n", extra=True),
    ]
    columns = [c for c in columns if not c.numeric or sums[c.key].any()]
    loads = N_("The load of each owner in the first four weeks; what is done at a visit counts with it.")
    return html_table(sums, columns, loads, most=40)


def _of_the_head(plan: Plan, rows: pd.DataFrame, columns: list[Column], caption: str) -> Display:
    if rows.empty:
        return NOTHING
    told = with_names(in_words(plan, rows))
    told = told.assign(named=[_named(one, current().locale) for one in told["owner"]])
    return html_table(told, columns, caption, most=MOST_HEAD, cards=True)


def _own_visits(plan: Plan) -> Display:
    """How many visits are the head of sales's where head office names nobody, whether more are than one
    person can make, and those of the next two weeks with what they are for.
    """
    entries, locale = plan.calendar.entries, current().locale
    if entries.empty:
        return NOTHING
    made = entries[entries["person"].isna() & (entries["role"] == "head_office")]
    own = made[made["kind"].isin(list(KINDS))]
    found = plan.finding("visits_senior") or plan.finding("visits_senior_beyond")
    if own.empty or found is None:
        return NOTHING
    end = pd.Timestamp(plan.calendar.figures["first"]) + pd.Timedelta(days=AGENDA_DAYS - 1)
    near = own[own["date"] <= end].rename(columns={"unit_id": "account_id"})
    near = _with_what_for(near, plan)
    columns = [
        Column("date", N_("Date"), "date", css="keep"),
        ACCOUNT,
        Column("city", N_("City"), css="keep"),
        Column("met", N_("Whom to meet"), as_is),
        Column("what", N_("What for"), as_is),
    ]
    columns = [c for c in columns if c.key != "city" or near["city"].notna().any()]
    said = headline(found, locale, current().names)
    shown = html_table(
        with_names(near), columns, N_("Your visits of the next two weeks."), most=len(near), phone=len(near)
    )
    listed = plan.accounts.index[plan.accounts["reached_by"] == "list"]
    if unseen := [current().name(unit) for unit in listed if unit not in set(own["unit_id"])]:
        said = locale.sentences(said, locale.say(UNSEEN, names=unseen))
    return Display(f"<p>{escape(said)}</p>{shown.html}", "\n".join(filter(None, [said, shown.text])))


UNSEEN = N_(
    "Not seen of the priority list: {names:words}; nobody who decides is known there, or no day is left. "
    "The owner goes."
)


def _with_what_for(visits: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Visits of the calendar with whom they are for (met) and what for (what), in words, with the mark of
    those that wait for newer figures.
    """
    rows = list(visits.rename(columns={"account_id": "unit_id"}).itertuples())
    waiting, between = plan.visits_waiting, current().locale.text(N_("; "))
    told = [filter(None, [what_for(row), whether_it_waits(row, waiting)]) for row in rows]
    return visits.assign(met=[whom(row) for row in rows], what=[between.join(parts) for parts in told])


def _actions(plan: Plan, own: pd.DataFrame) -> Display:
    """What is to be done at the owner's accounts, by due date, the accounts to act on first on each."""
    rows = plan.actions[plan.actions["account_id"].isin(own["unit_id"])]
    if rows.empty:
        return NOTHING
    place = rows["account_id"].map({unit: n for n, unit in enumerate(own["unit_id"])})
    rows = rows.assign(_unit=place).sort_values(["due", "_unit", "place"], kind="stable")
    columns = [
        Column("due", N_("Due"), "date", css="keep"),
        ACCOUNT,
        Column("text", N_("What to do"), css="long"),
        Column("stake", N_("Amount"), extra=True),
    ]
    caption = N_("What to do at these accounts, by date.")
    told = with_names(in_words(plan, rows))
    return html_table(told, columns, caption, most=MOST_ACTIONS, cards=True, phone=MOST_ACTIONS + 1)


def _units(own: pd.DataFrame) -> Display:
    columns = [
        ACCOUNT,
        Column("level", N_("Level")),
        REVENUE,
        Column("revenue_at_risk", N_("Expected loss"), "money"),
        Column("overdue", N_("Overdue"), "money", extra=True),
        Column("past_due", N_("Complaints past due"), "n", extra=True),
        Column("visits", N_("Visits a month"), "count", extra=True),
    ]
    columns = [c for c in columns if c.key != "level" or own["level"].notna().any()]
    columns = [c for c in columns if not c.numeric or own[c.key].fillna(0).any()]
    caption = N_("All accounts: those on which somebody must act first, then by expected loss.")
    named = with_names(own.rename(columns={"unit_id": "account_id"}))
    return html_table(named, columns, caption, most=MOST_UNITS, phone=MOST_UNITS + 1, whole=True)


def _agenda(plan: Plan, owner: object) -> Display:
    """What the calendar has for one owner in its first two weeks."""
    entries = plan.calendar.entries
    if entries.empty or missing(owner):
        return NOTHING
    end = pd.Timestamp(plan.calendar.figures["first"]) + pd.Timedelta(days=AGENDA_DAYS - 1)
    near = pd.to_datetime(entries["date"]) <= end
    own = entries[(entries["person"] == owner) & entries["kind"].isin(list(KINDS)) & near]
    if own.empty:
        return NOTHING
    columns = [
        Column("date", N_("Date"), "date", css="keep"),
        ACCOUNT,
        Column("city", N_("City"), css="keep"),
        Column("region", N_("Region")),
        Column("met", N_("Whom to meet"), as_is),
        Column("what", N_("What for"), as_is),
    ]
    known = own["city"].notna()
    hidden = {"region"} if known.all() else set() if known.any() else {"city"}
    columns = [c for c in columns if c.key not in hidden]
    shown = _with_what_for(own.rename(columns={"unit_id": "account_id"}), plan)
    columns = [c for c in columns if c.key != "region" or shown["region"].notna().any()]
    columns = [c for c in columns if c.key not in ("met", "what") or shown[c.key].ne("").any()]
    figures, caption = plan.calendar.figures, N_("Visits of the next two weeks.")
    if known.all() and own.groupby("date")["city"].nunique().le(1).all():
        caption = N_("Visits of the next two weeks, each day in one city.")
    elif known.all():
        caption = N_("Visits of the next two weeks, a day in one city unless a deadline takes several.")
    elif figures["one_region"] and figures["one_region"] == figures["days_out"]:
        caption = N_(
            "Visits of the next two weeks, each day in one region. The calendar does not know cities: move "
            "those that lie far apart within the week."
        )
    return html_table(with_names(shown), columns, caption, most=len(own), phone=len(own), cards=True)


NEED_ONE = {"key": N_("{count:n} key"), "others": N_("{count:n} {count:plural|other|others} to act on")}
ALL_NEED_ONE = {"key": N_("all of them key"), "others": N_("all of them to act on")}


def _need_one(finding: Finding, locale: Locale) -> dict[str, str]:
    """``who``: how many of them are key, and how many others have to be acted on."""
    figures = finding.figures
    all_of_them = [text for name, text in ALL_NEED_ONE.items() if figures[name] == figures["count"]]
    return {"who": locale.text(all_of_them[0]) if all_of_them else counts(NEED_ONE, figures, locale)}


# what this topic can find, in words
register_findings(
    FindingSpec(
        "units_without_owner",
        "owners",
        N_(
            "{count:n} of the {planned:n} planned accounts have no owner ({revenue:money} of revenue), "
            "first {three}."
        ),
        actions={"name_missing_owners": N_("Head of sales: name an owner for each of them, {first} first.")},
        rank=34,
    ),
    FindingSpec(
        "owners_none",
        "owners",
        N_(
            "No account has an owner on record. {count:n} {count:plural|needs|need} one first ({who}), with "
            "{revenue:money} of revenue in the 12 months; until then inside sales make the routine calls and "
            "the head of sales decides who does the rest."
        ),
        actions={
            "name_first_owners": N_(
                "Head of sales: once the list of key accounts is confirmed, name an owner for each of the "
                "{count:n} accounts, {three} first; until then the actions of the plan are yours, and inside "
                "sales make the routine calls."
            )
        },
        brief_actions={
            "name_first_owners": N_(
                "Head of sales: name {count:plural|the owner|the owners} of the {count:n} "
                "{count:plural|account|accounts} that {count:plural|needs|need} one first: {who}"
            )
        },
        words=_need_one,
        rank=5,
    ),
)
