"""How findings are told: which of them, in which order, and who does what by when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.plan.calendar import ROUTINE_CALLS
from kamplay.method.plan.due_dates import no_later
from kamplay.method.plan.one_talk import ASKS_WHY
from kamplay.method.plan.service import YEAR
from kamplay.method.plan.step import Plan
from kamplay.method.plan.terms import of_terms
from kamplay.method.plan.working_days import WorkingDays, working_days
from kamplay.method.results import ACCOUNTS_NAMED, Finding
from kamplay.method.value.retention import BY_SEGMENT
from kamplay.presets import Outline
from kamplay.run_folder import Run
from kamplay.show import registry
from kamplay.show.findings import accounts_of, action, brief, brief_action, headline, named_or_more, trust
from kamplay.show.locale import N_
from kamplay.show.plan.matters import AGREED, ANYWHERE, AT_THE_FIRST, DONE_BY, SAYS_WHERE, due_days
from kamplay.show.plan.owners import Decision, day_or_today
from kamplay.show.texts.addressees import HEAD, OWNERS, ROLE, ROLES, UNOWNED, WITH_HEAD, WITH_HEAD_ON_PAGE
from kamplay.show.view import View

# of the plan's actions, told here
ACTION = ["action_id", "account_id", "owner", "kind", "facts", "leads", "due", "money"]
NAMED_ACCOUNTS = 2  # accounts that an action names in brackets
NAMED_OWNERS = 3  # owners told by name
SPLIT_OVER = 12  # owners that are told by name with their part of a sum
BUSY = 0.5  # the share of the weeks from now on that are full, from which an owner has no time for more
INSIDE = N_("Inside sales")
BOTH = N_("Head of sales and inside sales")
ABOUT_ONE = 2  # accounts that a finding may name to be about them: each has one such finding in the report
DUE = {"act": "urgent", "watch": "soon", "note": "routine"}  # a finding's severity → the strategy's due days
# kinds that say what could not be told: the appendix says once which table would
NOT_KNOWN = re.compile(r"^(?!since_).*_(?:unknown|unmeasured|unjudged|lacks)$")
ASKS_TERMS = ("renew_now", "renew_ran_out")  # actions that ask for terms, to be agreed by another day
# actions that are about other accounts than those of the finding
ABOUT_OTHERS = {"spread_widen_base", "work_by_campaign", "work_the_list"}
# whose sum is to be split over the owners
SPLIT = {"target_close_gap", "target_fill_gap", "target_gap_beyond"}
SPLIT_BY = {
    "measured": N_("proposed by {total:money} of measured room, of which it takes {share:pct}: {parts}"),
    "until": N_(
        "proposed by the measured room of {total:money} a year, {until:money} in the {days:n} days left, of "
        "which it takes {share:pct}: {parts}"
    ),
    "room": N_("proposed by room: {parts}"),
    "revenue": N_("proposed by their revenue: {parts}"),
}
SOON = 31  # days within which a date of its own makes a finding a decision of the first page
STATES_DAYS = {"intake_due"}  # kinds whose action says within how many days it is to be done
SEVERITIES = {"act": 0, "watch": 1, "note": 2}
# kinds whose money is neither at stake nor to be won as a whole: what it is
MONEY_IS = {
    "win_back_list": N_("{gain:money} in their last year of purchases"),
    "credit_exceeded": N_("{owed:money} owed, {beyond:money} above the limits"),
    "price_far_below": N_("{gain:money} below the usual prices"),
    "owners_none": N_("{revenue:money} of revenue"),
    "intake_due": N_("{gain:money} bought elsewhere"),
    **dict.fromkeys(
        ("movement", "large_losses", *BY_SEGMENT.values()), N_("{stake:money} less than the year before")
    ),
    **dict.fromkeys(
        (
            "concentration",
            "depend_we",
            "future_single",
            "stress_first",
            "stress_first_revenue",
            "stress_lost",
            "stress_lost_revenue",
            "stress_threat",
            "entities_competing_shared",
            "entities_shared",
        ),
        N_("{stake:money} of revenue"),
    ),
    **dict.fromkeys(("watch_campaign", "watch_list"), N_("{stake:money} of expected loss")),
    **dict.fromkeys(("target_within", "target_short"), N_("{stake:money} to the target")),
    **dict.fromkeys(
        ("contracts_notice_missed", "contracts_notice_near"), N_("{stake:money} a year under contract")
    ),
    **dict.fromkeys(("deals_stalled", "deals_stalled_plain"), N_("{stake:money} in deals")),
    "standing_weak": N_("{stake:money} owed"),
    **dict.fromkeys(("overdue", "overdue_without_purchases"), N_("{stake:money} overdue")),
}


@dataclass(frozen=True)
class Point:
    """A finding as the report tells it. ``money``: what is at stake or to be won, in words, and ``sum`` its
    amount; "" where unknown.
    """

    kind: str
    severity: str
    text: str
    rest: str
    trust: str
    money: str
    sum: str
    chapter: str

    @property
    def amount(self) -> str:
        """The money, where the sentence does not say it."""
        return "" if not self.money or self.sum in self.text else self.money


@dataclass(frozen=True)
class Todo:
    """Who does what by when, for how much. ``day``: the first by which some of it is due (ISO); ``covers``:
    the actions of the plan that do it at the accounts it names; ``kind``, ``severity``: of the finding that
    asks for it; ``to``: that ``by`` goes from a day to another.
    """

    what: str
    who: str
    by: str
    money: str
    day: str = ""
    covers: tuple[str, ...] = ()
    kind: str = ""
    severity: str = ""
    to: bool = False

    def of_the_head(self, language: str, told: bool = True) -> Decision | None:
        """As the page of the head of sales has it, where it names the head of sales or a role in which the
        head of sales decides with others. ``told``: whether the report's page asks for it; else a mere note
        that others decide too is left out.
        """
        named = HEAD[language].search(f"{self.who} {self.what}") is not None
        others = (WITH_HEAD_ON_PAGE if told else WITH_HEAD)[language]
        if not named and not (self.who in others and (told or self.severity != "note")):
            return None
        return Decision(self.day, self.by, self.what, self.who, self.money, self.kind, self.covers)


class Telling:
    """Which findings were told already, and the words of those that are told."""

    def __init__(self, findings: Sequence[Finding], run: Run, outline: Outline, view: View, plan: Plan):
        self.findings, self.run, self.view = findings, run, view
        self.owners = plan.accounts["owner"]
        self.owned = bool(self.owners.notna().any())
        self.plan, self.actions, self.issued = plan, plan.actions[ACTION], plan.issued
        self.by_owner = plan.by_owner.owners
        self.full = full_until(plan.by_owner.weeks)
        self.room = _borne(plan.growth, plan.by_owner.units)
        self.by_kind = {f.kind: f for f in findings}
        self.replaced = {kind for f in findings for kind in registry.specs()[f.kind].replaces}
        self.told: set[str] = set()
        self.about: set[str] = set()
        self.asked: set[str] = set()
        self.asked_kinds: set[str] = set()
        self.opened: list[Finding] = []
        self.least = 0.0
        self.chapter_of = {
            topic: chapter.anchor for chapter in reversed(outline.chapters) for topic in chapter.topics
        } | {
            registry.specs()[kind].topic: chapter.anchor
            for chapter in reversed(outline.chapters)
            for kind in chapter.headline
            if kind in registry.specs()
        }
        last = run.plan_day + timedelta(days=max(run.strategy.due_days.model_dump().values()) + 1)
        self.done: dict[tuple[str, Any], pd.DataFrame] = {}
        self.of_accounts: dict[tuple[str, Any, tuple[str, ...]], pd.DataFrame] = {}
        self.days: WorkingDays = working_days(
            run.settings.holiday_country, run.plan_day, last, run.strategy.quiet_days
        )

    def first_of(self, kinds: Iterable[str]) -> Finding | None:
        return next((self.by_kind[kind] for kind in kinds if kind in self.by_kind), None)

    def take(self, topics: Iterable[str], most: int, on_first_page: bool = False) -> list[Finding]:
        """The findings of ``topics`` that call for something and were not told yet: what is at stake
        before what
        could be won, more money first; of findings about the same account only the first. On the first
        screen an amount is known, or something is to be done at once, and a topic is told once.
        """
        wanted, specs = set(topics), registry.specs()
        out: list[Finding] = []
        open_ = [
            f
            for f in self.findings
            if specs[f.kind].topic in wanted
            and f.severity != "note"
            and f.kind not in self.told | self.replaced
            and not NOT_KNOWN.search(f.kind)
            and (not on_first_page or specs[f.kind].on_first_page)
            and (not on_first_page or f.severity == "act" or amount(f) is not None)
            and self.material(f)
        ]
        open_.sort(key=lambda f: self.order(f, on_first_page))
        for finding in open_:
            if len(out) == most:
                break
            about = set(finding.accounts) if len(finding.accounts) <= ABOUT_ONE else set()
            topic = specs[finding.kind].topic
            if about & self.about or (on_first_page and topic in {specs[f.kind].topic for f in out}):
                continue
            self.tell(finding)
            out.append(finding)
        return out

    def tell(self, finding: Finding) -> None:
        self.told.add(finding.kind)
        if len(finding.accounts) <= ABOUT_ONE:
            self.about |= set(finding.accounts)

    def leads(self, head: Finding) -> bool:
        """Whether what heads a chapter is worth the first page as well: a known amount that is material."""
        first = registry.specs()[head.kind].on_first_page and head.severity != "note"
        return first and amount(head) is not None and self.material(head)

    def material(self, finding: Finding) -> bool:
        money = amount(finding)
        return money is None or money >= self.least

    def order(self, finding: Finding, by_money: bool) -> tuple[Any, ...]:
        figures, spec = finding.figures, registry.specs()[finding.kind]
        what = 0 if "stake" in figures else 1 if "gain" in figures else 2
        money = -(amount(finding) or 0.0)
        severity = SEVERITIES[finding.severity]
        return (what, money, severity, spec.rank) if by_money else (severity, what, money, spec.rank)

    def point(self, finding: Finding, whole: bool = False) -> Point:
        """The finding in two lines; ``whole``: with the sentences that these leave out."""
        locale, names = self.view.locale, self.view.names
        short = brief(finding, locale, names)
        full = headline(finding, locale, names) if whole else ""
        rest = full.removeprefix(short).strip() if full.startswith(short) else ""
        return Point(
            finding.kind,
            finding.severity,
            short,
            rest,
            (trust(finding, locale, names) or "") if _against_chance(finding) else "",
            self.money(finding),
            locale.money(money) if (money := amount(finding)) else "",
            self.chapter_of.get(registry.specs()[finding.kind].topic, ""),
        )

    def check(self, finding: Finding) -> Point:
        """The finding as a line of the appendix: its whole sentence, as short ones leave out the figures."""
        point = self.point(finding)
        return replace(point, text=headline(finding, self.view.locale, self.view.names))

    def shown_by(self, names: Iterable[str], told: Sequence[Finding]) -> dict[str, Point]:
        """The finding that each exhibit shows, one of its own file: first of those that the chapter tells,
        then of all the gravest.
        """
        registers = {"charts": registry.charts, "tables": registry.tables}
        found = {}
        for name in names:
            what, _, own = name.partition(".")
            if own in set(registers[what]):
                kinds = registry.told_beside(registers[what][own])
                others = sorted(self.findings, key=lambda f: self.order(f, by_money=False))
                known = [f for f in (*told, *others) if f.kind in kinds and not NOT_KNOWN.search(f.kind)]
                if known:
                    found[name] = self.point(known[0])
        return found

    def money(self, finding: Finding) -> str:
        """What is at stake, or could be won, named as such; "" where unknown."""
        locale, figures = self.view.locale, finding.figures
        if not figures.get("told", True):  # an expected loss that bears no amounts
            return ""
        said = MONEY_IS.get(finding.kind, "")
        if said and all(f"{{{name}:" not in said or name in figures for name in ("stake", "gain")):
            return locale.say(said, **figures)
        if "stake" in figures:
            return locale.say(N_("{stake:money} at stake"), stake=figures["stake"])
        return locale.say(N_("{gain:money} to win"), gain=figures["gain"]) if "gain" in figures else ""

    @staticmethod
    def asked_of(finding: Finding) -> Finding:
        """The finding with the money of those that its action asks about, where it asks about some of all."""
        share, figures = finding.figures.get("asked_share"), finding.figures
        if share is None or "stake" not in figures:
            return finding
        return replace(finding, figures={**figures, "stake": figures["stake"] * share})

    def todos(self, findings: Iterable[Finding], most: int, whole: bool = False) -> list[Todo]:
        out: list[Todo] = []
        for finding in findings:
            todo = self.todo(finding, whole)
            if todo and todo.what not in self.asked and len(out) < most:
                self.asked.add(todo.what)
                self.asked_kinds.add(todo.kind)
                out.append(todo)
        return out

    def todos_beyond(self) -> list[Todo]:
        """What is asked for by the findings of which the page asks nothing, the gravest first: those that it
        has no room to tell, and those of which it leaves out the action. Without what another tells of all
        their accounts, and without what the plan has as rows of the head of sales's own.
        """
        beyond = [f for f in self.findings if f.kind not in self.asked_kinds and not self.told_by_another(f)]
        beyond.sort(key=lambda f: self.order(f, by_money=False))
        beyond = [f for f in beyond if not self.done_by_the_head(f)]
        todos = self.todos(beyond, len(beyond), whole=True)
        return [replace(todo, covers=()) for todo in todos]  # the plan's own rows stay beside them

    def told_by_another(self, finding: Finding) -> bool:
        """Whether a finding that replaces it is about all of its accounts."""
        others = [f for f in self.findings if finding.kind in registry.specs()[f.kind].replaces]
        return any(set(finding.accounts) <= set(other.accounts) for other in others)

    def done_by_the_head(self, finding: Finding) -> bool:
        """Whether each of its accounts has an action of the head of sales's own for it."""
        planned = self.planned(finding)
        return 0 < len(finding.accounts) <= len(planned) and bool((planned["leads"] == "head").all())

    def todo(self, finding: Finding, whole: bool = False) -> Todo | None:
        """The finding's action, with whoever its sentence names: the account's owner by name, where it is
        about one; None where its sentence asks nobody. ``whole``: not in brief, as where the finding is not
        told beside it.
        """
        if finding.action in SAYS_WHERE:
            return None
        locale, names = self.view.locale, self.view.names
        said = (
            (None if whole else brief_action(finding, locale, names)) or action(finding, locale, names) or ""
        )
        text = self.addressed(said, finding)
        if not text:
            return None
        role = ROLE[locale.language].match(text)
        role = role if role and role[1] in ROLES else None
        who = self.with_owner(role[1], finding) if role and role[1] not in OWNERS else self.owner_of(finding)
        what = text[role.end() :] if role else text
        what = self.with_accounts(what[:1].upper() + what[1:] if locale.language == "en" else what, finding)
        what = self.with_agreed(self.with_split(what, finding), finding)
        days, planned = self.days_of(finding), self.planned(finding)
        shown = [account for account in planned.index if self.view.name(account) in what]
        return Todo(
            what,
            who,
            self.by(finding),
            self.money(self.asked_of(finding)) if amount(finding) else "",
            min([*days, self.day_of(finding).isoformat()]),
            tuple(planned["action_id"].reindex(shown)),
            finding.kind,
            finding.severity,
            not self.by_one_day(finding),
        )

    def with_agreed(self, what: str, finding: Finding) -> str:
        """What is to be done, with the days by which the plan has the terms agreed that are asked for."""
        if finding.action not in ASKS_TERMS:
            return what
        agreed = self.actions["kind"].isin(AGREED) & self.actions["account_id"].isin(finding.accounts)
        days = self.actions.loc[agreed & of_terms(self.actions), "due"]
        if days.empty:
            return what
        one = N_("Terms are to be agreed by {first:date}.")
        told = one if days.nunique() == 1 else N_("Terms are to be agreed by {first:date} to {last:date}.")
        locale = self.view.locale
        return locale.sentences(what, locale.say(told, first=min(days), last=max(days)))

    def with_split(self, what: str, finding: Finding) -> str:
        """What is to be done, with the split that is proposed where a sum is to be split over the owners: by
        the room at their accounts, as far as it is measured, and no more than that; where none is (see
        ``_borne``) or no room is known, by what these bring. Owners whose weeks are full are told with the
        day until which they are: the sum is of a longer time.
        """
        if finding.action not in SPLIT or "owner" not in self.by_owner or "revenue" not in self.by_owner:
            return what
        locale, gap = self.view.locale, float(finding.figures["gap"])
        weights, said = self._split_by()
        if len(weights) < 2:
            return what
        total, days = float(weights.sum()), finding.figures.get("days")
        until = total
        if days and said != SPLIT_BY["revenue"]:  # room is of a year: only a part of it is left until the end
            until *= min(1.0, days / YEAR)
            said = SPLIT_BY["until"] if said == SPLIT_BY["measured"] else said
        most = gap / total if said == SPLIT_BY["revenue"] else min(1.0, gap / until)
        parts = most * until / total * weights
        each = [(locale.label(name), part) for name, part in parts.head(SPLIT_OVER).items()]
        if others := len(parts) - len(each):
            each.append(
                (locale.say(N_("{n:n} {n:plural|other|others}"), n=others), parts.iloc[SPLIT_OVER:].sum())
            )
        named = [locale.say(N_("{name} {part:money}"), name=name, part=part) for name, part in each]
        split = [
            locale.say(
                said, parts=locale.words(named, len(named)), total=total, until=until, days=days, share=most
            )
        ]
        if (rest := gap - float(parts.sum())) > 0.005 * gap:
            split.append(locale.say(N_("{rest:money} beyond it is assigned to nobody"), rest=rest))
        full = [
            locale.say(N_("{name} until {day:date}"), name=locale.label(one), day=self.full[one].isoformat())
            for one in weights.index
            if one in self.full
        ]
        if full:
            split.append(locale.say(N_("weeks mostly full: {names}"), names=locale.words(full, len(full))))
        names = locale.text(N_("; ")).join(split)
        return locale.say(N_("{what} ({names})"), what=what.rstrip(".。"), names=names)

    def _split_by(self) -> tuple[pd.Series, str]:
        """By what of each owner a sum is split, the largest first, and the words for it."""
        owners = self.by_owner.dropna(subset="owner").set_index("owner")["revenue"].clip(lower=0)
        rooms = self.room.dropna(subset=["owner", "amount"])
        rooms = rooms[rooms["owner"].isin(owners.index)]
        measured = rooms[rooms["basis"] == "measured"] if "basis" in rooms else rooms[:0]
        by = {
            "measured": measured.groupby("owner")["amount"].sum(),
            "room": rooms.groupby("owner")["amount"].sum(),
            "revenue": owners,
        }
        basis = next((name for name in by if (by[name] > 0).sum() > 1), "revenue")
        weights = by[basis][by[basis] > 0].sort_values(ascending=False, kind="stable")
        return weights, SPLIT_BY[basis]

    def addressed(self, text: str, finding: Finding) -> str:
        """An action's sentence, where no account has an owner to be asked to the head of sales, or to inside
        sales if the plan does it by routine calls, to both where each has a part of it.
        """
        role = None if self.owned else ROLE[self.view.locale.language].match(text)
        if role is None or role[1] not in UNOWNED:
            return text
        done = DONE_BY.get(finding.action or "", ())
        inside = bool(done) and set(done) <= set(ROUTINE_CALLS)
        leads = self.doing(finding)["leads"].eq("inside")
        who = self.view.locale.text(INSIDE) if inside else UNOWNED[role[1]]
        if not inside and role[1] in OWNERS and leads.any():
            who = self.view.locale.text(INSIDE if leads.all() else BOTH)
        return who + text[role.end(1) :]

    def with_accounts(self, what: str, finding: Finding) -> str:
        """What is to be done, with the accounts that it is about where it names none."""
        view, shown = self.view, [self.view.name(account) for account in finding.accounts]
        if (
            finding.action in ABOUT_OTHERS
            or not shown
            or not view.one_by_one
            or any(name in what for name in shown)
        ):
            return what
        # of a finding on many an action may be about the first few of them, which it counts as asked
        asked = finding.figures.get("asked")
        total = accounts_of(finding) if asked is None else max(asked, len(shown[:asked]))
        shown = shown[:asked]
        return view.locale.say(
            N_("{what} ({names})"),
            what=what.rstrip(".。"),
            names=view.locale.accounts(shown, most=NAMED_ACCOUNTS, total=total),
        )

    def planned(self, finding: Finding) -> pd.DataFrame:
        """The first action of the plan at each account that does what its action asks, in the accounts'
        order."""
        rows = self.doing(finding)
        return rows[~rows.index.duplicated()]

    def doing(self, finding: Finding) -> pd.DataFrame:
        """The actions of the plan (index: account_id) that do what its action asks of its accounts, in their
        order, those that it does not name included; where it names none, at all accounts.
        """
        action, category = finding.action or "", finding.figures.get("category")
        accounts = (*finding.accounts, *finding.others)[: finding.figures.get("asked")]
        key = action, category, accounts
        if key not in self.of_accounts:
            rows = self.of_matter(action, category)
            if action not in ANYWHERE:
                place = pd.Series(range(len(accounts)), accounts, dtype="int64")
                rows = rows[rows.index.isin(place.index)]
                rows = rows.iloc[rows.index.map(place).argsort(kind="stable")]
            self.of_accounts[key] = rows
        return self.of_accounts[key]

    def of_matter(self, action: str, category: Any) -> pd.DataFrame:
        """The actions of the plan that do what a finding's action asks, by account (index)."""
        if (action, category) not in self.done:
            kinds = DONE_BY.get(action, ANYWHERE.get(action, ()))
            rows = self.plan.matters
            done = rows["kind"].isin(kinds)
            if action in ASKS_WHY:  # whatever else the talk is about
                done |= rows["facts"].str.contains('"fell"', regex=False)
            rows = rows.loc[done, ACTION]
            if category is not None:
                same = [json.loads(facts).get("category") == category for facts in rows["facts"]]
                rows = rows[pd.Series(same, rows.index, dtype=bool)]
            if action in AT_THE_FIRST:
                rows = rows.drop_duplicates("account_id")
            elif action in ANYWHERE:
                rows = rows.sort_values("due", kind="stable")
            self.done[action, category] = rows.set_index("account_id")
        return self.done[action, category]

    def days_of(self, finding: Finding) -> pd.Series:
        """The days (ISO) on which the plan has its accounts (index); empty where none is in it for that."""
        return self.doing(finding)["due"]

    def day_of(self, finding: Finding) -> date:
        """The day by which its action is due: the last one of its accounts in the plan; of what is not in the
        plan the day that it names, else as ``due``; no later than the first day of notice.
        """
        own = self.days_of(finding)
        due = date.fromisoformat(max(own)) if len(own) else date.min
        about = finding.figures.get("asked") or max(len(finding.accounts), self.counted(finding))
        if own.empty or (finding.action not in ANYWHERE and own.index.nunique() < about):
            due = max(due, _day(finding, "due") or self.due(finding))
        first = _day(finding, "notice")
        if first and len(own):  # the first is asked for at a visit before
            first = min(first, date.fromisoformat(own.iloc[0]))
        return no_later(due, first, self.days)

    def last_of(self, finding: Finding) -> date:
        """The last day that its action has, also where its accounts have days of notice of their own."""
        day, own = self.day_of(finding), self.days_of(finding)
        return max(day, date.fromisoformat(max(own))) if len(own) else day

    def counted(self, finding: Finding) -> int:
        """How many accounts, or what else it counts, it is about."""
        count = finding.figures.get("count")
        return count if isinstance(count, int) else 1

    def by(self, finding: Finding) -> str:
        """When, in words: from the first to the last day where its accounts have several in the plan, or
        where its action is about several days of notice.
        """
        own, last, locale = self.days_of(finding), self.last_of(finding), self.view.locale
        if near := _day(finding, "near_last"):  # of the contracts that its brief sentence tells
            begins, ends = self.day_of(finding), no_later(date.max, near, self.days)
            if self.by_one_day(finding):
                return self.dated_today(str(begins))
            said = N_("{first} to {last:date}")
            return locale.say(said, first=self.dated_today(str(begins)), last=str(ends))
        if not self.by_one_day(finding):
            first = self.dated_today(min(own))
            return locale.say(N_("{first} to {last:date}"), first=first, last=last.isoformat())
        return self.dated_today(last.isoformat())

    def by_one_day(self, finding: Finding) -> bool:
        """Whether ``by`` names a single day."""
        own, last = self.days_of(finding), self.last_of(finding)
        if near := _day(finding, "near_last"):
            return self.day_of(finding) >= no_later(date.max, near, self.days)
        return own.empty or min(own) >= last.isoformat()

    def dated_today(self, day: str) -> str:
        """A day in words; that of issue as today."""
        return day_or_today(day, self.issued, self.view.locale)

    def dated_action(self, finding: Finding) -> str:
        """The action whole; where the plan has its accounts on several days, with the first account's own."""
        locale, own = self.view.locale, self.days_of(finding)
        what = self.with_agreed(action(finding, locale, self.view.names) or "", finding)
        if not what or own.empty or not self.view.one_by_one:
            return what
        last = self.last_of(finding).isoformat()
        if min(own) >= last:
            return what
        of_plan = locale.say(
            N_("In the plan: {first} by {day:date}, the last by {last:date}."),
            first=self.view.name(own.index[0]),
            day=own.iloc[0],
            last=last,
        )
        return locale.sentences(what, of_plan)

    def dated(self, wanted: Iterable[Finding]) -> list[Finding]:
        """Of all findings the one over the most money whose own date comes within SOON days, as far as it
        calls for something; none where it is ``wanted`` anyway.
        """
        last = self.run.plan_day + timedelta(days=SOON)
        near = [
            f
            for f in self.findings
            if f.action and f.severity == "act" and amount(f) and self.material(f)
            if any(self.run.plan_day <= day <= last for day in (_day(f, "due"), _day(f, "notice")) if day)
        ]
        first = max(near, key=lambda f: amount(f) or 0.0, default=None)
        return [] if first is None or first.kind in {f.kind for f in wanted} else [first]

    def due(self, finding: Finding) -> date:
        """Within the days that the finding states, on the day of the review meeting or in time for it, else
        in the days of its severity. Where no account has an owner, the review is on the working day before
        owners are named, and what it rests on is settled the day before it.
        """
        review = due_days(finding)
        if (
            review in ("soon", "warned") and "owners_none" in self.by_kind
        ):  # people are named for the accounts of a list that holds
            named = self.days.within(getattr(self.run.strategy.due_days, DUE["act"]))
            before = [day for day in self.days.days if self.days.first < day < named]
            back = 2 if review == "warned" else 1
            return before[-min(back, len(before))] if before else named
        length = getattr(self.run.strategy.due_days, review or DUE[finding.severity])
        if finding.kind in STATES_DAYS:
            length = int(finding.figures["days"])
        return self.days.within(length)

    def names_of(self, finding: Finding) -> list[str]:
        """The owners of its accounts, each once, by label."""
        known = dict.fromkeys(self.owners.get(account) for account in finding.accounts)
        return [self.view.locale.label(owner) for owner in known if isinstance(owner, str) and owner]

    def with_owner(self, role: str, finding: Finding) -> str:
        """Whom its sentence names, with the owner of the account where the plan has it as that account's
        matter.
        """
        names = self.names_of(finding)
        if len(finding.accounts) > ABOUT_ONE or not names or self.planned(finding).empty:
            return role
        locale = self.view.locale
        return locale.say(N_("{role} with {names}"), role=role, names=locale.words(names))

    def owner_of(self, finding: Finding) -> str:
        """The owners by name; of more than NAMED_OWNERS the first of them, and that there are others. Nobody
        by name where some of many have no owner.
        """
        locale, named, count = self.view.locale, self.names_of(finding), len(finding.accounts)
        few = 1 <= count <= ABOUT_ONE
        if not named or not (few or self.owners.reindex(finding.accounts).notna().all()):
            return locale.text(N_("Head of sales") if few or not self.owned else N_("Account owners"))
        if len(named) <= NAMED_OWNERS and count < ACCOUNTS_NAMED:
            return locale.words(named)
        return locale.say(N_("{first} and the other owners"), first=named[0])


@dataclass(frozen=True)
class Ranked:
    """A finding as the workbook lists it. ``money``: what is at stake or to be won, and ``sum`` in words what
    it is; ``by``: the day its action is due; both None, and the texts "", where there is none. ``about``: how
    many accounts there are with those that ``accounts`` does not name.
    """

    severity: str
    money: float | None
    sum: str
    text: str
    action: str
    who: str
    by: date | None
    accounts: tuple[str, ...]
    about: int


def _gravest_first(finding: Finding) -> tuple[int, bool, float, int]:
    money = amount(finding)
    rank = registry.specs()[finding.kind].rank
    return SEVERITIES[finding.severity], money is None, -(money or 0.0), rank


def ranked(run: Run, outline: Outline, findings: Sequence[Finding], view: View, plan: Plan) -> list[Ranked]:
    """Every finding in words, as the workbook says of its list: the gravest first, of equally grave ones
    those over more money first, and last those over none that is known.
    """
    telling, locale, names = Telling(findings, run, outline, view, plan), view.locale, view.names
    out = []
    for finding in sorted(findings, key=_gravest_first):
        todo = telling.todo(finding)
        out.append(
            Ranked(
                finding.severity,
                amount(finding),
                telling.money(finding),
                headline(finding, locale, names),
                telling.addressed(telling.dated_action(finding), finding),
                todo.who if todo else "",
                telling.last_of(finding) if todo else None,
                tuple(finding.accounts),
                named_or_more(finding),
            )
        )
    return out


def amount(finding: Finding) -> float | None:
    """What is at stake, or could be won; None where neither is known, or no amounts of it are told."""
    if not finding.figures.get("told", True):
        return None
    value = finding.figures.get("stake", finding.figures.get("gain"))
    return None if value is None else float(value)


def full_until(weeks: pd.DataFrame) -> dict[str, date]:
    """Until when (a Sunday) owners have no time for more: the last full week up to which BUSY or more of the
    weeks are full; ``weeks`` : as in ``Owners``.
    """
    if weeks.empty:
        return {}
    own = weeks[weeks["owner"].notna()].sort_values("week", kind="stable")
    place = (own["week"] - weeks["week"].min()).dt.days // 7 + 1  # weeks with nothing in them count
    full = own["actions"] >= own["room"]
    busy = own[full & (full.groupby(own["owner"]).cumsum() >= BUSY * place)]
    last = busy.groupby("owner")["week"].last()
    return {str(owner): (pd.Timestamp(week) + timedelta(days=6)).date() for owner, week in last.items()}


def _borne(room: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Room by account, as a sum can be split by it: what is not measured counts up to what the account buys.

    ``units`` : as in ``Owners``.
    """
    if units.empty:
        return room
    buys = room["account_id"].map(units.set_index("unit_id")["revenue"]).fillna(0.0).clip(lower=0.0)
    most = room["amount"].where(room["basis"] == "measured", np.minimum(room["amount"], buys))
    return room.assign(amount=most)


def _against_chance(finding: Finding) -> bool:
    """Whether the page says how it compares with chance: that chance does not explain it only with the range
    that chance gives.
    """
    known = registry.specs()[finding.kind].chance is not None and "chance_low" in finding.figures
    return known or finding.reference != "outside"


def _day(finding: Finding, name: str) -> date | None:
    """A day among its figures."""
    value = finding.figures.get(name)
    return date.fromisoformat(str(value)[:10]) if value else None
