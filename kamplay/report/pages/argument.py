"""The report's argument, composed by its outline: a first screen, the chapters, and the appendix.

Sentences come from the findings of the steps, charts and tables from the executed notebooks; nothing is
computed here but which of them are told, and in which order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, cast

import pandas as pd

from kamplay.method.check.step import Check
from kamplay.method.health.step import Health
from kamplay.method.plan.due_dates import no_later
from kamplay.method.plan.step import Plan
from kamplay.method.plan.working_days import WorkingDays, working_days
from kamplay.method.results import ACCOUNTS_NAMED, Finding, StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value
from kamplay.presets import Chapter, Outline
from kamplay.run_folder import Run, guessed
from kamplay.show import registry
from kamplay.show.findings import action, brief, brief_action, headline, trust
from kamplay.show.locale import N_
from kamplay.show.plan.matters import DONE_BY, due_days
from kamplay.show.summary.bridge import bridge_chart
from kamplay.show.summary.days_ahead import Span, capacity_told, days_ahead
from kamplay.show.summary.from_lines import from_lines
from kamplay.show.summary.guesses import guesses
from kamplay.show.summary.missing_inputs import missing_inputs
from kamplay.show.summary.tiles import Tile, tiles
from kamplay.show.summary.whole import whole
from kamplay.show.summary.written_alike import written_alike
from kamplay.show.view import View, using

NAMED_OWNERS = 3  # owners told by name
ABOUT_ONE = 2  # accounts that a finding may name to be about them: each has one such finding in the report
DUE = {"act": "urgent", "watch": "soon", "note": "routine"}  # a finding's severity → the strategy's due days
# who an action may address, before its first colon
ROLES = frozenset(
    [
        "Account managers",
        "Account owner",
        "Account owners",
        "Account owners and finance",
        "Contract desk",
        "Raters",
        "Analyst",
        "Data owner",
        "Delivery lead",
        "Delivery lead and finance",
        "Finance",
        "Finance and sales",
        "Finance and sales management",
        "Finance and sales operations",
        "General manager",
        "General manager and sales head",
        "Head of sales",
        "Head of sales and finance",
        "Head of service",
        "Heads of department",
        "Inside sales",
        "Management",
        "Management and legal",
        "Marketing",
        "Owners",
        "Sales",
        "Sales and finance",
        "Sales head",
        "Sales operations",
        "Service",
        "客户经理",
        "客户负责人",
        "客户负责人与财务",
        "合同管理岗",
        "投票人",
        "各负责人",
        "分析人员",
        "数据负责人",
        "交付负责人",
        "交付负责人和财务",
        "财务",
        "财务与销售",
        "财务和销售管理层",
        "财务与销售运营",
        "总经理",
        "总经理和销售负责人",
        "销售负责人",
        "销售负责人与财务",
        "服务负责人",
        "各部门负责人",
        "内勤",
        "内勤销售",
        "管理层",
        "管理层与法务",
        "市场",
        "市场部门",
        "销售",
        "销售与财务",
        "销售运营",
        "服务部门",
    ]
)
OWNERS = frozenset(["Account owner", "Account owners", "客户负责人"])  # told by name where they are one
# who is asked in place of the owners where no account has one
UNOWNED = {
    **dict.fromkeys(["Account owner", "Account owners", "Owners", "Account managers"], "Head of sales"),
    "Account owners and finance": "Head of sales and finance",
    **dict.fromkeys(["客户负责人", "各负责人", "客户经理"], "销售负责人"),
    "客户负责人与财务": "销售负责人与财务",
}
ROLE = {"en": re.compile(r"^([^:]+): (?=\S)"), "zh": re.compile(r"^([^：]+)：")}
# kinds that say what could not be told: the appendix says once which table would
NOT_KNOWN = re.compile(r"^(?!since_).*_(?:unknown|unmeasured|unjudged|lacks)$")
COMPACT = '<figure class="chart compact">'
# actions that are about other accounts than those of the finding
ABOUT_OTHERS = {"spread_widen_base", "work_by_campaign", "work_the_list"}
# kinds whose accounts are decided each by its own day of the plan: the last of them
DATED_BY_PLAN = {"already_stopped", "asset_stopped", "contracts_ran_out_stopped"}
SOON = 31  # days within which a date of its own makes a finding a decision of the first page
STATES_DAYS = {"intake_due"}  # kinds whose action says within how many days it is to be done
SEVERITIES = {"act": 0, "watch": 1, "note": 2}
# kinds whose money is neither at stake nor to be won as a whole: what it is
MONEY_IS = {
    "win_back_list": N_("{gain:money} in their last year of purchases"),
    "credit_exceeded": N_("{owed:money} owed, {beyond:money} above the limits"),
    "price_far_below": N_("{gain:money} below the usual prices"),
    "owners_none": N_("{revenue:money} of revenue"),
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
    """Who does what by when, for how much."""

    what: str
    who: str
    by: str
    money: str


@dataclass(frozen=True)
class First:
    """The first screen."""

    whole: str
    bridge: str
    tiles: list[Tile]
    points: list[Point]
    decisions: list[Todo]
    days: list[Span]
    capacity: str
    materiality: str


@dataclass(frozen=True)
class Part:
    """A chapter as the page shows it: ``exhibits`` and ``notes`` are HTML, ``compact`` are exhibits of half a
    column, ``names`` the names of all of them, as ``charts.pareto``; ``shows``: name → the finding that an
    exhibit shows, where there is one.
    """

    anchor: str
    label: str
    headline: Point | None
    compact: list[str]
    exhibits: list[str]
    points: list[Point]
    caveat: Point | None
    todos: list[Todo]
    notes: list[str]
    names: list[str] = field(default_factory=list)
    shows: dict[str, Point] = field(default_factory=dict)


@dataclass(frozen=True)
class Behind:
    """The appendix: ``assumed`` are settings that nobody has stated, what of the accounts comes from the
    lines of sales and which of them may be one, ``exhibits`` HTML, ``populations`` who is counted where, as
    (what, number).
    """

    assumed: list[str]
    exhibits: list[str]
    checks: list[Point]
    populations: list[tuple[str, str]]
    terms: list[tuple[str, str]]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Argument:
    """All that the page shows of the results."""

    first: First
    parts: list[Part]
    behind: Behind


class _Telling:
    """Which findings were told already, and the words of those that are told."""

    def __init__(self, findings: Sequence[Finding], run: Run, outline: Outline, view: View, plan: Plan):
        self.findings, self.run, self.view = findings, run, view
        self.owners, self.due_days = plan.accounts["owner"], plan.accounts["due"]
        self.owned = bool(self.owners.notna().any())
        self.actions = plan.actions
        self.by_kind = {f.kind: f for f in findings}
        self.replaced = {kind for f in findings for kind in registry.specs()[f.kind].replaces}
        self.told: set[str] = set()
        self.about: set[str] = set()
        self.asked: set[str] = set()
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
        self.days: WorkingDays = working_days(run.settings.holiday_country, run.plan_day, last)

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
        if finding.kind in MONEY_IS:
            return locale.say(MONEY_IS[finding.kind], **figures)
        if "stake" in figures:
            return locale.say(N_("{stake:money} at stake"), stake=figures["stake"])
        return locale.say(N_("{gain:money} to win"), gain=figures["gain"]) if "gain" in figures else ""

    def todos(self, findings: Iterable[Finding], most: int) -> list[Todo]:
        out: list[Todo] = []
        for finding in findings:
            todo = self.todo(finding)
            if todo and todo.what not in self.asked and len(out) < most:
                self.asked.add(todo.what)
                out.append(todo)
        return out

    def todo(self, finding: Finding) -> Todo | None:
        """The finding's action, with whoever its sentence names: the account's owner by name, where it is
        about one."""
        locale, names = self.view.locale, self.view.names
        text = self.addressed(brief_action(finding, locale, names) or action(finding, locale, names) or "")
        if not text:
            return None
        role = ROLE[locale.language].match(text)
        role = role if role and role[1] in ROLES else None
        who = self.with_owner(role[1], finding) if role and role[1] not in OWNERS else self.owner_of(finding)
        what = text[role.end() :] if role else text
        what = self.with_accounts(what[:1].upper() + what[1:] if locale.language == "en" else what, finding)
        return Todo(what, who, self.by(finding), self.money(finding) if amount(finding) else "")

    def addressed(self, text: str) -> str:
        """An action's sentence, to the head of sales where no account has an owner to be asked."""
        role = None if self.owned else ROLE[self.view.locale.language].match(text)
        if role is None or role[1] not in UNOWNED:
            return text
        return UNOWNED[role[1]] + text[role.end(1) :]

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
        shown = shown[:asked]
        counted = finding.figures.get("count") if asked is None else asked
        total = counted if isinstance(counted, int) and counted > len(shown) else len(shown)
        return view.locale.say(
            N_("{what} ({names})"), what=what.rstrip(".。"), names=view.locale.accounts(shown, total=total)
        )

    def planned(self, finding: Finding) -> pd.DataFrame:
        """The actions of the plan that do what its action asks, one an account, in the accounts' order."""
        rows = self.actions[self.actions["kind"].isin(DONE_BY.get(finding.action or "", ()))]
        if (category := finding.figures.get("category")) is not None:
            same = [json.loads(facts).get("category") == category for facts in rows["facts"]]
            rows = rows[pd.Series(same, rows.index, dtype=bool)]
        rows = rows.drop_duplicates("account_id").set_index("account_id")
        return rows.reindex([account for account in finding.accounts if account in rows.index])

    def days_of(self, finding: Finding) -> pd.Series:
        """The day (ISO) on which the plan has each of its accounts; empty where none is in it for that."""
        if finding.kind in DATED_BY_PLAN:
            return self.due_days.reindex(finding.accounts).dropna()
        return self.planned(finding)["due"]

    def day_of(self, finding: Finding) -> date:
        """The day by which its action is due: the last one of its accounts in the plan; of what is not in the
        plan the day that it names, else as ``due``; no later than the first day of notice.
        """
        own = self.days_of(finding)
        due = date.fromisoformat(max(own)) if len(own) else date.min
        if len(own) < max(len(finding.accounts), self.counted(finding)):
            due = max(due, _day(finding, "due") or self.due(finding))
        return no_later(due, _day(finding, "notice"), self.days)

    def counted(self, finding: Finding) -> int:
        """How many accounts, or what else it counts, it is about."""
        count = finding.figures.get("count")
        return count if isinstance(count, int) else 1

    def by(self, finding: Finding) -> str:
        """When, in words: from the first to the last day where its accounts have several in the plan."""
        own, last, locale = self.days_of(finding), self.day_of(finding), self.view.locale
        if len(own) and min(own) < last.isoformat():
            return locale.say(N_("{first:date} to {last:date}"), first=min(own), last=last.isoformat())
        return locale.date(last.isoformat())

    def dated_action(self, finding: Finding) -> str:
        """The action whole; where the plan has its accounts on several days, with the first account's own."""
        locale, own = self.view.locale, self.days_of(finding)
        what = action(finding, locale, self.view.names) or ""
        if not what or own.empty or not self.view.one_by_one:
            return what
        last = self.day_of(finding).isoformat()
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
        in the days of its severity.
        """
        length = getattr(self.run.strategy.due_days, due_days(finding) or DUE[finding.severity])
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
    """A finding as the workbook lists it. ``money``: what is at stake or to be won; ``by``: the day its
    action is due; both None, and the texts "", where there is none.
    """

    severity: str
    money: float | None
    text: str
    action: str
    who: str
    by: date | None
    accounts: tuple[str, ...]


def ranked(run: Run, outline: Outline, findings: Sequence[Finding], view: View, plan: Plan) -> list[Ranked]:
    """Every finding in words, in the order of a chapter: the gravest first, then what is at stake before what
    could be won, more money first.
    """
    telling, locale, names = _Telling(findings, run, outline, view, plan), view.locale, view.names
    out = []
    for finding in sorted(findings, key=lambda f: telling.order(f, by_money=False)):
        todo = telling.todo(finding)
        out.append(
            Ranked(
                finding.severity,
                amount(finding),
                headline(finding, locale, names),
                telling.addressed(telling.dated_action(finding)),
                todo.who if todo else "",
                telling.day_of(finding) if todo else None,
                tuple(finding.accounts),
            )
        )
    return out


def amount(finding: Finding) -> float | None:
    """What is at stake, or could be won; None where neither is known."""
    value = finding.figures.get("stake", finding.figures.get("gain"))
    return None if value is None else float(value)


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


def argument(
    run: Run,
    outline: Outline,
    results: dict[str, StepResult],
    displays: dict[str, str],
    notes: dict[str, list[str]],
    view: View,
) -> Argument:
    """Compose the report.

    Parameters
    ----------
    results : the five steps' results by step.
    displays : HTML of the displays of the executed notebooks, as ``charts.pareto`` or ``tables.watch``;
    one that
        showed nothing is left out.
    notes : HTML of the commentary by notebook.
    """
    findings = [finding for result in results.values() for finding in result.findings]
    plan = cast(Plan, results["plan"])
    telling = _Telling(findings, run, outline, view, plan)
    revenue = results["value"].key_figures["revenue"] or 0.0
    telling.least = outline.materiality * revenue
    chapters = [chapter for chapter in outline.chapters if run.settings.edition in chapter.editions]
    heads = {chapter.anchor: telling.first_of(chapter.headline) for chapter in chapters}
    with using(view):
        first = _first(telling, outline, results, view, [head for head in heads.values() if head])
        shown: set[str] = set()
        made = [
            _part(telling, chapter, heads[chapter.anchor], displays, shown, notes) for chapter in chapters
        ]
        parts = [part for part in made if part.headline or part.exhibits or part.points or part.notes]
        placed = {name for chapter in chapters for name in chapter.notes}
        rest = [html for name, texts in notes.items() if name not in placed for html in texts]
        behind = _behind(telling, outline, results, displays, view, rest)
    return Argument(first, parts, behind)


def _first(
    telling: _Telling, outline: Outline, results: dict[str, StepResult], view: View, heads: list[Finding]
) -> First:
    check, value = cast(Check, results["check"]), cast(Value, results["value"])
    health, plan = cast(Health, results["health"]), cast(Plan, results["plan"])
    opening = outline.opening
    always = [telling.by_kind[kind] for kind in opening.always if kind in telling.by_kind]
    for finding in always:
        telling.told.add(finding.kind)  # further findings may be about its accounts
    points = telling.take(opening.topics, opening.findings, on_first_page=True)
    # with few findings of a topic, what heads a chapter stands here as well
    more = [head for head in heads if head not in points and telling.leads(head)]
    points = sorted([*points, *more[: opening.findings - len(points)]], key=lambda f: telling.order(f, True))
    points = telling.opened = [*always, *points]
    wanted = [telling.by_kind[kind] for kind in opening.decisions if kind in telling.by_kind]
    wanted = [*telling.dated(wanted), *wanted]
    wanted = [f for f in wanted if f.action and telling.material(f)]
    decisions = telling.todos(wanted, opening.most_decisions)
    told = view.locale.say(
        N_(
            "The largest finding of a topic, from {least:money} ({share:pct} of revenue) on; the chapters "
            "have more."
        ),
        least=telling.least,
        share=outline.materiality,
    )
    return First(
        whole(value, health, view),
        bridge_chart(value).html,
        tiles(check, value, health, view),
        [telling.point(f) for f in points],
        decisions,
        days_ahead(plan, view),
        capacity_told(plan, view),
        told if telling.least else "",
    )


def _part(
    telling: _Telling,
    chapter: Chapter,
    head: Finding | None,
    displays: dict[str, str],
    shown: set[str],
    notes: dict[str, list[str]],
) -> Part:
    if head:
        telling.tell(head)
    before = [
        f for f in telling.opened if telling.chapter_of.get(registry.specs()[f.kind].topic) == chapter.anchor
    ]
    exhibits = [
        (name, displays[name]) for name in chapter.exhibits if displays.get(name) and name not in shown
    ][: chapter.most_exhibits]
    shown |= {name for name, _ in exhibits}
    caveat = telling.first_of(kind for kind in chapter.caveat if kind not in telling.told)
    if caveat:
        telling.tell(caveat)
    found = telling.take(chapter.topics, chapter.findings)
    for kind in chapter.also:
        finding = telling.by_kind.get(kind)
        if finding and kind not in telling.told and telling.material(finding):
            found.append(finding)
            telling.tell(finding)
    asked = [telling.by_kind[kind] for kind in chapter.asks if kind in telling.by_kind]
    todos = telling.todos([f for f in (head, *before, *found, caveat, *asked) if f], chapter.actions)
    names = [name for name, _ in exhibits]
    return Part(
        chapter.anchor,
        chapter.title.get(telling.view.locale.language),
        telling.point(head, whole=True) if head else None,
        [html for _, html in exhibits if COMPACT in html],
        [with_rows(html, chapter.rows, telling.view) for _, html in exhibits if COMPACT not in html],
        [telling.point(f) for f in found],
        telling.point(caveat, whole=True) if caveat else None,
        todos,
        [html for name in chapter.notes for html in notes.get(name, [])],
        names,
        telling.shown_by(names, [f for f in (head, *found) if f]),
    )


def with_rows(html: str, most: int, view: View) -> str:
    """A table of a notebook with its first ``most`` rows, its caption saying how many it has; a chart as
    it is.
    """
    body = re.search(r"(<tbody>)(.*?)(</tbody>)", html, flags=re.DOTALL)
    if body is None:
        return html
    rows = re.findall(r"<tr.*?</tr>", body[2], flags=re.DOTALL)
    kept = [
        re.sub(r'(<tr class=")[^"]*"', r'\1"', row).replace('<tr class="">', "<tr>") for row in rows[:most]
    ]
    out = html[: body.start(2)] + "".join(kept) + html[body.end(2) :]
    out = re.sub(r'<span class="(?:phone|print|screen)">[^<]*</span>(?=</?(?:span|figcaption))', "", out)
    out = re.sub(r'<span class="(?:phone|print|screen)">[^<]*</span>', "", out)
    if len(rows) > most:
        said = view.locale.say(N_("The first {shown:n} here; all in the workbook."), shown=most)
        gap = " " if view.locale.language == "en" else ""
        out = out.replace("</figcaption>", f"{gap}{said}</figcaption>")
    return out


TERMS = (
    (
        N_("Key account"),
        N_("An account of level S or A, by the scorecard and the rules that hold accounts back."),
    ),
    (N_("Revenue"), N_("Net of tax, returns deducted, in the 12 months to the reporting date, inclusive.")),
    (
        N_("GRR, NRR"),
        N_(
            "What last year's accounts bring now, as a share of what they brought then: without what "
            "they bought "
            "more (GRR), and with it (NRR)."
        ),
    ),
    (
        N_("Expected loss"),
        N_(
            "Chance that an account stops, beyond what its own buying rhythm explains, times what it would "
            "buy in the period; accounts that bought once and those that have plainly stopped are not "
            "counted, and what accounts only buy less is in the forecast."
        ),
    ),
    (
        N_("Health"),
        N_(
            "A score from 0 to 100 by the health card; green, yellow or red by its limits. Falling purchases "
            "cost only the weight that the card gives them: an account that buys less and goes on buying can "
            "be green."
        ),
    ),
    (
        N_("Share of wallet"),
        N_("Our part of what an account purchases in our categories from all suppliers."),
    ),
    (N_("Weighted deals"), N_("The open amount of each deal times its recorded win rate.")),
    (N_("80% interval"), N_("In eight cases of ten the figure lies within it.")),
)
OF_CONTACTS = (  # where there are contacts
    N_("Layers and buying roles"),
    N_(
        "Image: heads the house and answers for its name, as a hospital's director; decision: approves; "
        "implementation: buys; use: works with it. Initiator: raises the need; designer: sets the "
        "requirements; evaluator: compares; decider: has the last word; user: uses it."
    ),
)


def _behind(
    telling: _Telling,
    outline: Outline,
    results: dict[str, StepResult],
    displays: dict[str, str],
    view: View,
    notes: list[str],
) -> Behind:
    appendix, locale, check = outline.appendix, view.locale, cast(Check, results["check"])
    checks = [telling.by_kind[kind] for kind in appendix.checks if kind in telling.by_kind]
    exhibits = [with_rows(displays[e], appendix.rows, view) for e in appendix.exhibits if displays.get(e)]
    exhibits = [missing_inputs(check).html, *exhibits]
    used = [*TERMS, OF_CONTACTS] if telling.run.book.has("contacts") else TERMS
    terms = [(locale.text(term), locale.text(meaning)) for term, meaning in used]
    of_accounts = [*from_lines(check, locale), *written_alike(check, locale)]
    open_ = [*guesses(guessed(telling.run.folder), locale), *of_accounts]
    told = [telling.check(finding) for finding in checks]
    return Behind(open_, exhibits, told, populations(results, view), terms, notes)


def populations(results: dict[str, StepResult], view: View) -> list[tuple[str, str]]:
    """Who is counted where: what each number of accounts in the report is a number of. A group that is rated
    as one is one customer.
    """
    locale = view.locale
    check, tiers = cast(Check, results["check"]), cast(Tiers, results["tiers"])
    value, health = cast(Value, results["value"]), cast(Health, results["health"])
    plan = cast(Plan, results["plan"])

    def of(step: StepResult, kind: str, figure: str) -> Any:
        found = step.finding(kind)
        return found.figures.get(figure) if found else None

    scored = health.accounts["health"].notna()
    rows: list[tuple[str, Any]] = [
        (N_("accounts listed, also those that bought nothing"), len(check.accounts)),
        (N_("accounts in the data"), check.key_figures["accounts"]),
        (
            N_("accounts that belong to a group and are rated with it as one"),
            of(tiers, "groups_rated", "members"),
        ),
        (
            N_("customers with positive revenue in the year before: retention"),
            of(value, "movement", "base_count"),
        ),
        (
            N_("customers with positive revenue in the 12 months: tiers and value"),
            value.key_figures["accounts"],
        ),
        (
            N_("of these, customers that bought once: they have no rhythm to judge"),
            of(health, "single_purchase", "count"),
        ),
        (N_("customers with a health score"), int(scored.sum())),
        (
            N_("of these, customers without positive revenue in the 12 months: returns outweigh purchases"),
            int((scored & ~(value.accounts["revenue"].reindex(scored.index) > 0)).sum()),
        ),
        (N_("of these, customers that have plainly stopped"), of(health, "already_stopped", "count")),
        (N_("customers with a chance of stopping: expected loss"), of(health, "at_risk", "accounts")),
        (
            N_("customers the model was tested on: buying a horizon ago, once-only and long silent included"),
            of(health, "proof_validated", "n_test"),
        ),
        (
            N_("of these, customers that had not plainly stopped: the list's record"),
            of(health, "watch_trust", "open"),
        ),
        (
            N_("customers with a forecast: bought more than once, in whatever year"),
            next((f.figures["count"] for f in value.findings if f.kind.startswith("future_expected")), None),
        ),
        (N_("customers in the plan, lost ones to win back included"), plan.key_figures["accounts_planned"]),
    ]
    return [(locale.text(what), locale.number(count)) for what, count in rows if count]
