"""deck.<language>.pptx: the report's argument as slides, every chart and table of them one to edit.

Sentences, tables and figures are those of the page; here is which stand on which slide, and ``slides`` draws
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

import pandas as pd
from pptx.util import Inches

from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.method.results import StepResult
from kamplay.method.value.step import Value
from kamplay.palette import INK, QUIET, SLATE, SURFACE
from kamplay.report.pages.argument import Argument, Part, Point, Todo
from kamplay.report.pages.slides import BOTTOM, HEIGHT, LEFT, TOP, WIDE, Slides, fitted, heights, wide_of
from kamplay.show import registry
from kamplay.show.charts.plot import Plot
from kamplay.show.client_edition import Edition
from kamplay.show.display import Grid
from kamplay.show.locale import N_
from kamplay.show.registry import step_of
from kamplay.show.summary.bridge import bridge_plot
from kamplay.show.summary.tiles import Tile
from kamplay.show.summary.whole import ahead, past
from kamplay.show.view import View, using

MOST_SLIDES = 16
MOST_TODOS = 3
WHOLE = 5  # lines of a text that is to be read whole
CHECKS = N_("{count:n} {count:plural|check stands|checks stand} behind these figures")
CUT = N_("The first {shown:n} here; all in the workbook.")


def write(
    path: Path,
    told: Argument,
    results: dict[str, StepResult],
    view: View,
    edition: Edition,
    cover: Sequence[str],
    draft: str = "",
    logo: Path | None = None,
) -> None:
    """The slides.

    Parameters
    ----------
    edition : which columns of the tables are shown.
    cover : the client's name, what the document is, its period, and further lines of the cover.
    draft : the mark of a draft, "" for none.
    logo : a picture file; a drawing (SVG) has no place on a slide and is left out.
    """
    with using(view):
        deck = Slides(view, cover, draft, logo)
        _cover(deck)
        _opening(deck, told, results)
        _chapters(deck, told.parts, results, edition)
        _ahead(deck, told, cast(Plan, results["plan"]))
        _appendix(deck, told)
    path.write_bytes(deck.bytes())


# --- the argument, slide by slide


def _cover(deck: Slides) -> None:
    client, kind, *lines = deck.cover
    slide = deck.slide(client, box=(LEFT, 2.5, WIDE, 1.5), most=40, number=False)
    deck.block(slide, (0.0, 0.0, 0.22, HEIGHT), deck.accent)
    if deck.logo:
        picture = slide.shapes.add_picture(str(deck.logo), Inches(LEFT), Inches(0.7), height=Inches(0.8))
        if picture.width > Inches(4):
            picture.height, picture.width = int(picture.height * Inches(4) / picture.width), Inches(4)
    deck.text(slide, [kind], (LEFT, 1.95, WIDE, 0.5), 18, deck.accent)
    deck.text(slide, lines, (LEFT, 4.1, WIDE, 1.6), 16, SLATE)
    if deck.draft:
        deck.text(slide, [deck.draft], (LEFT, 6.4, WIDE, 0.5), 16, QUIET, bold=True)


def _opening(deck: Slides, told: Argument, results: dict[str, StepResult]) -> None:
    box = (LEFT, TOP, WIDE, BOTTOM - TOP)
    view, first, value = deck.view, told.first, cast(Value, results["value"])
    locale, health = view.locale, cast(Health, results["health"])
    slide = deck.slide(first.whole, box=(LEFT, 0.75, WIDE, 2.4), most=26)
    _tiles(deck, slide, first.tiles)
    if plot := bridge_plot(value):
        slide = deck.slide(ahead(value, health, view) or past(value, view))
        deck.chart(slide, plot, (LEFT, TOP, WIDE, BOTTOM - TOP))
        deck.footnote(slide, [plot.caption])
    if first.points:
        top, *others = first.points
        slide = deck.slide(_with_money(top), kicker=locale.text(N_("Main findings")))
        rows = [(p.text, p.money) for p in others]
        labels = (locale.text(N_("Also")), locale.text(N_("Amount")))
        grid = Grid(labels, (False, True), (False,) * 2, tuple(rows), "")
        if rows:
            deck.table(slide, grid, (LEFT, TOP + 0.1, WIDE, BOTTOM - TOP - 0.1), size=18, lines=WHOLE)
        elif first.decisions:  # one finding leaves room for what is to be decided
            deck.table(slide, _todo_grid(first.decisions, view), box, size=18, lines=WHOLE)
        deck.footnote(slide, [first.materiality])
    if first.decisions and len(first.points) != 1:
        count = len(first.decisions)
        title = locale.say(N_("{count:n} {count:plural|decision|decisions} to take now"), count=count)
        slide = deck.slide(title)
        deck.table(slide, _todo_grid(first.decisions, view), box, size=18, lines=WHOLE)


def _tiles(deck: Slides, slide: Any, tiles: Sequence[Tile]) -> None:
    gap, count = 0.25, max(1, len(tiles))
    width = (WIDE - gap * (count - 1)) / count
    for place, tile in enumerate(tiles):
        x = LEFT + place * (width + gap)
        deck.block(slide, (x, 3.5, width, 2.9), SURFACE)
        deck.block(slide, (x, 3.5, width, 0.05), deck.accent)
        inside = width - 0.3
        deck.text(slide, [tile.label], (x + 0.15, 3.62, inside, 0.4), 13, SLATE)
        deck.text(slide, [tile.value], (x + 0.15, 3.98, inside, 0.7), 30, INK, bold=True)
        deck.text(slide, [tile.change], (x + 0.15, 4.66, inside, 0.5), 13, INK)
        deck.text(slide, [tile.trust], (x + 0.15, 5.18, inside, 1.2), 12, QUIET, least=9)


def _chapters(deck: Slides, parts: Sequence[Part], results: dict[str, StepResult], edition: Edition) -> None:
    """A slide for each chapter, and one more for its table where there is room for it."""
    shown = [(part, _plot_of(part, results), _grid_of(part, results, edition)) for part in parts]
    left = MOST_SLIDES - deck.count - 3 - len(shown)  # the days ahead and the appendix follow
    for place, (part, plot, grid) in enumerate(shown, 1):
        second = plot is not None and grid is not None and left > 0
        left -= second
        kicker = f"{place} · {part.label}"
        title = _with_money(part.headline) if part.headline else part.label
        slide = deck.slide(title, kicker=kicker)
        points, todos = list(part.points), part.todos[:MOST_TODOS]
        named = points.pop(0) if second and points else None
        bear = f"{deck.view.locale.text(N_('Bear in mind:'))} {part.caveat.text}" if part.caveat else ""
        if plot and grid and not second:
            deck.chart(slide, plot, (LEFT, TOP, 5.2, BOTTOM - TOP))
            deck.table(slide, grid, (LEFT + 5.45, TOP, WIDE - 5.45, BOTTOM - TOP), size=11)
        elif plot:
            deck.chart(slide, plot, (LEFT, TOP, 7.4, BOTTOM - TOP))
            beside = [part.headline.rest] if part.headline and part.headline.rest else []
            beside += [_with_money(p) for p in points]
            if not beside or not second:
                beside += [_in_a_line(todo, deck.view) for todo in todos]
                todos = []
            deck.text(slide, beside, (LEFT + 7.75, TOP, WIDE - 7.75, BOTTOM - TOP), 15, INK, bullets=True)
        elif grid:
            _table_and_todos(deck, slide, grid, todos, bear)
            continue
        else:
            lines = [part.headline.rest] if part.headline and part.headline.rest else []
            lines += [_with_money(p) for p in points] + [_in_a_line(todo, deck.view) for todo in todos]
            deck.text(slide, lines, (LEFT, TOP, WIDE, BOTTOM - TOP), 16, INK, bullets=True)
        deck.footnote(slide, [plot.caption if plot else "", bear])
        if second and grid:
            slide = deck.slide(_with_money(named) if named else title, kicker=kicker)
            _table_and_todos(deck, slide, grid, todos)


def _table_and_todos(deck: Slides, slide: Any, grid: Grid, todos: Sequence[Todo], bear: str = "") -> None:
    """A table, what is to be done below it, and a footnote: what the table shows, what to bear in mind. Where
    fewer things to be done, which the report has all, let the table stand whole, so many are left out.
    """
    fitting = (
        n
        for n in range(len(todos), -1, -1)
        if deck.holds(grid, WIDE, BOTTOM - TOP - 0.2 - _needed(todos[:n], deck.view), 12)
    )
    todos = todos[: next(fitting, len(todos))]
    asked, needed = _todo_grid(todos, deck.view), _needed(todos, deck.view)
    rows = deck.table(slide, grid, (LEFT, TOP, WIDE, BOTTOM - TOP - needed - 0.2), size=12)
    if todos:
        deck.table(slide, asked, (LEFT, BOTTOM - needed, WIDE, needed + 0.01), size=11, lines=3)
    cut = rows < len(grid.lines)
    rest = deck.view.locale.say(CUT, shown=rows) if cut else ""
    deck.footnote(slide, [deck.view.locale.sentences(rest, grid.caption), bear])


def _needed(todos: Sequence[Todo], view: View) -> float:
    """Inches that the table of what is to be done takes."""
    asked = _todo_grid(todos, view)
    return sum(heights(asked, range(len(asked.labels)), 11, WIDE, 3)) if todos else 0.0


def _ahead(deck: Slides, told: Argument, plan: Plan) -> None:
    spans, locale = told.first.days, deck.view.locale
    if not spans:
        return
    due, first = pd.to_datetime(plan.actions["due"]), pd.Timestamp(plan.day)
    within = [int((due <= first + timedelta(days=days)).sum()) for days in (90, 30)]
    title = N_("{count:n} actions are due within 90 days, {soon:n} of them within 30")
    slide = deck.slide(locale.say(title, count=within[0], soon=within[1]))
    gap = 0.3
    width = (WIDE - gap * (len(spans) - 1)) / len(spans)
    for place, span in enumerate(spans):
        x = LEFT + place * (width + gap)
        deck.block(slide, (x, TOP, width, 0.05), deck.accent)
        deck.text(slide, [span.title], (x, TOP + 0.15, width, 0.45), 18, INK, bold=True)
        deck.text(slide, [span.total], (x, TOP + 0.65, width, 0.45), 14, SLATE)
        deck.text(slide, span.lines, (x, TOP + 1.2, width, BOTTOM - TOP - 1.2), 15, INK, bullets=True)


def _appendix(deck: Slides, told: Argument) -> None:
    """All checks in two columns; then the terms."""
    locale, behind = deck.view.locale, told.behind
    kicker, colon = locale.text(N_("Appendix")), locale.colon
    checks = [point.text for point in behind.checks]
    terms = [f"{term}{colon}{meaning}" for term, meaning in behind.terms]
    if checks:
        slide = deck.slide(locale.say(CHECKS, count=len(checks)), kicker=kicker)
        _in_columns(deck, slide, checks, 12)
    if terms:
        slide = deck.slide(locale.text(N_("What the words mean")), kicker=kicker)
        _in_columns(deck, slide, terms, 15)


def _in_columns(deck: Slides, slide: Any, lines: Sequence[str], most: int) -> None:
    """Paragraphs in two columns of about the same length."""
    ends = list(accumulate(map(wide_of, lines)))
    first = 1 + min(range(len(lines)), key=lambda n: abs(2 * ends[n] - ends[-1]))
    width, height, parts = WIDE / 2 - 0.2, 6.9 - TOP, (lines[:first], lines[first:])
    size = int(min(fitted(part, width - 0.2, height, most, gap=True, least=9)[0] for part in parts))
    for part, x in zip(parts, (LEFT, LEFT + width + 0.4), strict=True):
        deck.text(slide, part, (x, TOP, width, height), size, INK, bullets=True, least=size)


def _plot_of(part: Part, results: dict[str, StepResult]) -> Plot | None:
    """The first chart of a chapter that has its figures."""
    names = [name.partition(".")[2] for name in part.names if name.startswith("charts.")]
    plots = (registry.plots[name] for name in names if name in set(registry.plots))
    return next((found for plot in plots if (found := plot(results[step_of(plot)]))), None)


def _grid_of(part: Part, results: dict[str, StepResult], edition: Edition) -> Grid | None:
    """The first table of a chapter."""
    for name in part.names:
        if name.startswith("tables."):
            own = name.partition(".")[2]
            if own not in set(registry.tables):  # of the page alone
                continue
            table = registry.tables[own]
            whole = table(results[step_of(table)]).grid
            if whole and (grid := edition.grid(own, whole)):
                return grid
    return None


def _todo_grid(todos: Sequence[Todo], view: View) -> Grid:
    heads = (N_("What to do"), N_("Who"), N_("By"), N_("Amount"))
    cells = [(todo.what, todo.who, todo.by, todo.money) for todo in todos]
    count = 4 if any(todo.money for todo in todos) else 3
    lines = tuple(line[:count] for line in cells)
    labels = tuple(map(view.locale.text, heads[:count]))
    return Grid(labels, (False, False, False, True)[:count], (False,) * count, lines, "")


def _in_a_line(todo: Todo, view: View) -> str:
    said = N_("{what} ({who}, by {by})")
    return view.locale.say(said, what=todo.what.rstrip(".。"), who=todo.who, by=todo.by)


def _with_money(point: Point) -> str:
    return f"{point.text.rstrip('.。')} · {point.amount}" if point.amount else point.text
