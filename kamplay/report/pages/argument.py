"""The report's argument, composed by its outline: a first screen, the chapters, and the appendix.

Sentences come from the findings of the steps, charts and tables from the executed notebooks; nothing is
computed here but which of them are told, and in which order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from kamplay.method.check.step import Check
from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding, StepResult
from kamplay.method.value.step import Value
from kamplay.presets import Chapter, Outline
from kamplay.report.pages.appendix import Behind, behind, with_rows
from kamplay.report.pages.telling import Point, Telling, Todo
from kamplay.run_folder import Run
from kamplay.show import registry
from kamplay.show.locale import N_
from kamplay.show.plan.owners import Decision
from kamplay.show.summary.bridge import bridge_chart
from kamplay.show.summary.days_ahead import Span, capacity_told, days_ahead
from kamplay.show.summary.tiles import Tile, tiles
from kamplay.show.summary.whole import whole
from kamplay.show.view import View, using

OLD = "figures_old"  # the kind of finding that says that figures are old
COMPACT = '<figure class="chart compact">'
FEW_SENTENCES = 2  # beside a chart of half a column would leave most of the other half empty
ASIDE_COLUMNS = 6  # of a table that fits beside such a chart

DATED = N_(
    "The days above lie in the past: the plan is dated from {day:date}, where the figures end. Set new ones "
    "before anybody is asked."
)


@dataclass(frozen=True)
class First:
    """The first screen. ``now``: where figures are old, what is done before the plan is made again, and that
    it is; ``decisions``: what is asked else; ``dated``: that the days of the decisions lie in the past, ""
    where they do not.
    """

    whole: tuple[str, ...]
    bridge: str
    tiles: list[Tile]
    points: list[Point]
    decisions: list[Todo]
    days: list[Span]
    capacity: str
    materiality: str
    dated: str
    now: list[Todo] = field(default_factory=list)

    @property
    def asked(self) -> list[Todo]:
        """All that is to be decided or done."""
        return [*self.now, *self.decisions]


@dataclass(frozen=True)
class Part:
    """A chapter as the page shows it: ``exhibits`` and ``notes`` are HTML, ``compact`` are exhibits of half a
    column, ``aside`` is a table beside the only such chart, where few sentences would stand; ``names`` the
    names of all of them, as ``charts.pareto``; ``shows``: name → the finding that an exhibit shows, where
    there is one.
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
    aside: str = ""
    names: list[str] = field(default_factory=list)
    shows: dict[str, Point] = field(default_factory=dict)


@dataclass(frozen=True)
class Argument:
    """All that the page shows of the results."""

    first: First
    parts: list[Part]
    behind: Behind


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
    telling, chapters, heads = _begun(run, outline, results, view)
    with using(view):
        first = _first(telling, outline, results, view, [head for head in heads.values() if head])
        shown: set[str] = set()
        made = [
            _part(telling, chapter, heads[chapter.anchor], displays, shown, notes) for chapter in chapters
        ]
        parts = [part for part in made if part.headline or part.exhibits or part.points or part.notes]
        placed = {name for chapter in chapters for name in chapter.notes}
        rest = [html for name, texts in notes.items() if name not in placed for html in texts]
        appended = behind(telling, outline, results, displays, view, rest)
    return Argument(first, parts, appended)


def decisions(run: Run, outline: Outline, results: dict[str, StepResult], view: View) -> list[Todo]:
    """What the first screen and the chapters ask for, in their order."""
    return _decided(run, outline, results, view)[0]


def _decided(
    run: Run, outline: Outline, results: dict[str, StepResult], view: View
) -> tuple[list[Todo], Telling]:
    telling, chapters, heads = _begun(run, outline, results, view)
    with using(view):
        _, todos = _opening(telling, outline, [head for head in heads.values() if head])
        for chapter in chapters:
            todos = [*todos, *_told(telling, chapter, heads[chapter.anchor])[-1]]
    return todos, telling


def of_the_head(run: Run, outline: Outline, results: dict[str, StepResult], view: View) -> list[Decision]:
    """What is the head of sales's, alone or with others: of what the page asks for, sales operations' part
    too, and behind it of the findings that only the workbook has.
    """
    todos, telling = _decided(run, outline, results, view)
    with using(view):
        beyond = telling.todos_beyond()
    language = view.locale.language
    own = [todo.of_the_head(language) for todo in todos]
    own += [todo.of_the_head(language, told=False) for todo in beyond]
    return [one for one in own if one]


def _begun(
    run: Run, outline: Outline, results: dict[str, StepResult], view: View
) -> tuple[Telling, list[Chapter], dict[str, Finding | None]]:
    """What has been told when the report begins, its chapters, and by their anchors what heads them."""
    findings = [finding for result in results.values() for finding in result.findings]
    telling = Telling(findings, run, outline, view, cast(Plan, results["plan"]))
    telling.least = outline.materiality * (results["value"].key_figures["revenue"] or 0.0)
    chapters = [chapter for chapter in outline.chapters if run.settings.edition in chapter.editions]
    return telling, chapters, {chapter.anchor: telling.first_of(chapter.headline) for chapter in chapters}


def _first(
    telling: Telling, outline: Outline, results: dict[str, StepResult], view: View, heads: list[Finding]
) -> First:
    check, value = cast(Check, results["check"]), cast(Value, results["value"])
    health, plan = cast(Health, results["health"]), cast(Plan, results["plan"])
    points, asked = _opening(telling, outline, heads)
    now, decisions = _do_first(asked)
    told = view.locale.say(
        N_(
            "The largest finding of each topic worth at least {least:money} ({share:pct} of revenue); the "
            "chapters have more."
        ),
        least=telling.least,
        share=outline.materiality,
    )
    return First(
        whole(value, health, view, plan.issued),
        bridge_chart(value).html,
        tiles(check, value, health, view, plan.issued),
        [telling.point(f) for f in points],
        decisions,
        days_ahead(plan, view),
        capacity_told(plan, view),
        told if telling.least else "",
        view.locale.say(DATED, day=str(plan.day)) if decisions and plan.day < plan.issued else "",
        now,
    )


def _do_first(decisions: list[Todo]) -> tuple[list[Todo], list[Todo]]:
    """What is due before a plan of old figures is made again, with that it is, and the rest; nothing and all
    where the figures are not old.
    """
    again = next((todo.day for todo in decisions if todo.kind == OLD), None)
    if again is None:
        return [], decisions
    first = [todo for todo in decisions if todo.day <= again]
    return first, [todo for todo in decisions if todo.day > again]


def _opening(telling: Telling, outline: Outline, heads: list[Finding]) -> tuple[list[Finding], list[Todo]]:
    """The findings and the decisions of the first screen."""
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
    todos = telling.todos(wanted, opening.most_decisions)
    return points, sorted(todos, key=lambda todo: todo.day)  # what others rest on comes before them


def _part(
    telling: Telling,
    chapter: Chapter,
    head: Finding | None,
    displays: dict[str, str],
    shown: set[str],
    notes: dict[str, list[str]],
) -> Part:
    exhibits = [
        (name, displays[name]) for name in chapter.exhibits if displays.get(name) and name not in shown
    ][: chapter.most_exhibits]
    shown |= {name for name, _ in exhibits}
    found, caveat, todos = _told(telling, chapter, head)
    names = [name for name, _ in exhibits]
    compact = [html for _, html in exhibits if COMPACT in html]
    full = [with_rows(html, chapter.rows, telling.view) for _, html in exhibits if COMPACT not in html]
    aside = ""
    if len(compact) == 1 and full and len(found) + bool(caveat) <= FEW_SENTENCES and _fits_beside(full[0]):
        aside = full.pop(0)
    return Part(
        chapter.anchor,
        chapter.title.get(telling.view.locale.language),
        telling.point(head, whole=True) if head else None,
        compact,
        full,
        [telling.point(f) for f in found],
        telling.point(caveat, whole=True) if caveat else None,
        todos,
        [html for name in chapter.notes for html in notes.get(name, [])],
        aside,
        names,
        telling.shown_by(names, [f for f in (head, *found) if f]),
    )


def _fits_beside(html: str) -> bool:
    """Whether an exhibit is a table that is narrow enough for half the page."""
    return '<figure class="table' in html and html.count("<th scope=") <= ASIDE_COLUMNS


def _told(
    telling: Telling, chapter: Chapter, head: Finding | None
) -> tuple[list[Finding], Finding | None, list[Todo]]:
    """What a chapter finds beside its ``head``, what is to be borne in mind, and what is to be done."""
    if head:
        telling.tell(head)
    before = [
        f for f in telling.opened if telling.chapter_of.get(registry.specs()[f.kind].topic) == chapter.anchor
    ]
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
    return (
        found,
        caveat,
        telling.todos([f for f in (head, *before, *found, caveat, *asked) if f], chapter.actions),
    )
