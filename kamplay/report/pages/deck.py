"""deck.<language>.pptx: the report's argument as slides, every chart and table of them one to edit.

Sentences, tables and figures are those of the page; here is which stand on which slide, and ``slides`` draws
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from kamplay.report.pages.argument import Argument, Part
from kamplay.report.pages.slides import (
    BOTTOM,
    HEIGHT,
    LEAST,
    LEFT,
    MOST_ROWS,
    NAMES,
    SENTENCE_END,
    TOP,
    WIDE,
    Slides,
    fitted,
    heights,
    lines_of,
    text_height,
    wide_of,
)
from kamplay.report.pages.telling import Point, Todo
from kamplay.show import registry
from kamplay.show.charts.plot import Plot
from kamplay.show.client_edition import Edition
from kamplay.show.display import Display, Grid
from kamplay.show.locale import N_
from kamplay.show.registry import step_of
from kamplay.show.summary.bridge import bridge_plot, other_of_bridge
from kamplay.show.summary.tiles import Tile
from kamplay.show.summary.whole import ahead, past
from kamplay.show.view import View, using

MOST_SLIDES = 16
FEW = 2  # findings that leave room for the decisions on their slide
MOST_SUMS = 3  # that the title of the decisions names
LEFT_OVER = (BOTTOM - TOP) / 3  # inches of sentences and things to be done that have a slide of their own
LEAST_ROWS = 6  # of a table that gives way to fewer of them
WHOLE = 7  # lines of a text that is to be read whole
CHECKS = N_("{count:n} {count:plural|check stands|checks stand} behind these figures")
NOT_HERE = N_("Not on this slide: {column}.")
CUT = N_("The first {shown:n} here; {rest:n} more in the workbook.")


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
    box_of_all = (LEFT, TOP, WIDE, BOTTOM - TOP)
    view, first, value = deck.view, told.first, cast(Value, results["value"])
    locale, health = view.locale, cast(Health, results["health"])
    title, rest = _in_three_lines(first.whole, view)
    slide = deck.slide(title, box=(LEFT, 0.75, WIDE, 1.4), most=26)
    deck.text(slide, [rest], (LEFT, 2.25, WIDE, 1.1), 16, SLATE)
    _tiles(deck, slide, first.tiles)
    if plot := bridge_plot(value):
        slide = deck.slide(ahead(value, health, view) or past(value, view))
        deck.chart(slide, plot, box_of_all)
        deck.footnote(slide, [plot.caption], [other_of_bridge(value)])
    if first.points:
        top, *others = first.points
        slide = deck.slide(_with_money(top), kicker=locale.text(N_("Main findings")))
        rows = [(p.text, p.money) for p in others]
        labels = (locale.text(N_("Also")), locale.text(N_("Amount")))
        grid = Grid(labels, (False, True), (False,) * 2, tuple(rows), "")
        beside = first.asked if len(others) < FEW else []  # few findings leave room for the decisions
        if rows:
            high = 1.2 if beside else BOTTOM - TOP - 0.1
            deck.table(slide, grid, (LEFT, TOP + 0.1, WIDE, high), size=18, lines=WHOLE)
        if beside:
            y = TOP + 1.3 if rows else TOP
            deck.text(slide, [_to_take(beside, view)], (LEFT, y, WIDE, 0.4), 18, INK, bold=True)
            box = (LEFT, y + 0.4, WIDE, BOTTOM - y - 0.4)
            deck.table(slide, _todo_grid(beside, view), box, size=16, lines=WHOLE)
        deck.footnote(slide, [first.materiality])
    if first.asked and (not first.points or len(first.points) > FEW):
        slide = deck.slide(_to_take(first.asked, view))
        deck.table(slide, _todo_grid(first.asked, view), box_of_all, size=18, lines=WHOLE)


def _in_three_lines(sentences: Sequence[str], view: View) -> tuple[str, str]:
    """The sentences that make a title of three lines at most, one of them at least, and the others."""
    locale, count = view.locale, len(sentences)
    while count > 1 and lines_of(locale.sentences(*sentences[:count]), WIDE, 26) > 3:
        count -= 1
    return locale.sentences(*sentences[:count]), locale.sentences(*sentences[count:])


def _to_take(decisions: Sequence[Todo], view: View) -> str:
    locale, sums = view.locale, [todo.money for todo in decisions if todo.money][:MOST_SUMS]
    if not sums:
        title = N_("{count:n} {count:plural|decision|decisions} to take now")
        return locale.say(title, count=len(decisions))
    title = N_("{count:n} {count:plural|decision|decisions} to take now: {sums}")
    return locale.say(title, count=len(decisions), sums=locale.text(N_("; ")).join(sums))


def _tiles(deck: Slides, slide: Any, tiles: Sequence[Tile]) -> None:
    gap, count = 0.25, max(1, len(tiles))
    width = (WIDE - gap * (count - 1)) / count
    for place, tile in enumerate(tiles):
        x = LEFT + place * (width + gap)
        deck.block(slide, (x, 3.5, width, 3.2), SURFACE)
        deck.block(slide, (x, 3.5, width, 0.05), deck.accent)
        inside = width - 0.3
        deck.text(slide, [tile.label], (x + 0.15, 3.6, inside, 0.48), 13, SLATE)
        deck.text(slide, [tile.value], (x + 0.15, 4.04, inside, 0.62), 30, INK, bold=True)
        high = min(1.0, max(0.52, text_height([tile.change], inside, 13)))  # what both need, of the rest
        deck.text(slide, [tile.change], (x + 0.15, 4.66, inside, high), 14, INK)
        deck.text(slide, [tile.trust], (x + 0.15, 4.66 + high, inside, 1.97 - high), 14, QUIET, least=8)


@dataclass(frozen=True)
class _Exhibit:
    """A chart or a table. ``shows``: the sentence that it shows, "" where it has none; ``kind``: of that
    finding, "" of a chart's own sentence.
    """

    shows: str
    kind: str
    plot: Plot | None = None
    grid: Grid | None = None


def _chapters(deck: Slides, parts: Sequence[Part], results: dict[str, StepResult], edition: Edition) -> None:
    """A slide for each chapter, and one more for its table where there is room for it."""
    shown = [(part, _exhibits(part, results, edition)) for part in parts]
    left = MOST_SLIDES - deck.count - 3 - len(shown)  # the days ahead and the appendix follow
    for place, (part, exhibits) in enumerate(shown, 1):
        kicker = f"{place} · {part.label}"
        if len(exhibits) == 2 and left <= 0:
            _together(deck, part, exhibits, kicker)
            continue
        before, planned = deck.count, max(1, len(exhibits))
        _each(deck, part, exhibits, kicker, left > (planned == 2))
        left -= deck.count - before - 1


def _each(deck: Slides, part: Part, exhibits: Sequence[_Exhibit], kicker: str, more: bool = False) -> None:
    """A slide for each exhibit under the sentence that it shows, that of the chapter's headline first, and
    the chapter's other sentences beside the chart, with what is to be done that has no room below the table;
    without an exhibit a slide of words. ``more``: whether there is a slide to spare for the sentences and the
    things to be done that a table leaves no room for.
    """
    head, view = part.headline, deck.view
    first = _with_money(head) if head else part.label
    titles = {one.kind for one in exhibits}
    if head and (not exhibits or not all(one.shows for one in exhibits)):
        titles.add(head.kind)
    said = [_with_money(point) for point in (head, *part.points) if point and point.kind not in titles]
    if head and head.rest:
        said.insert(int(head.kind not in titles), head.rest)
    todos, bear = list(part.todos), _bear_in_mind(part, view)
    chart, table = (any(one.plot for one in exhibits), next((one.grid for one in exhibits if one.grid), None))
    if chart or not table:
        below = _room_for(deck, table, todos, (), TOP, True)[1] if table and said else 0
        said += [_in_a_line(todo, view) for todo in todos[below:]]
        todos = todos[:below]
    if not exhibits:
        slide = deck.slide(first, kicker=kicker)
        deck.text(slide, [*said, bear], (LEFT, TOP, WIDE, BOTTOM - TOP), 22, INK, bullets=True)
    for one in sorted(exhibits, key=lambda one: not head or one.kind != head.kind):
        slide = deck.slide(_own_title(deck, one, first, part.label), kicker=kicker)
        if one.plot:
            deck.chart(slide, one.plot, (LEFT, TOP, 7.4 if said else WIDE, BOTTOM - TOP))
            deck.text(slide, said, (LEFT + 7.75, TOP, WIDE - 7.75, BOTTOM - TOP), 16, INK, bullets=True)
            deck.footnote(slide, [one.plot.caption, bear])
        elif one.grid:
            lead: list[str] = [] if chart else said
            unsaid, undone = _table_and_todos(
                deck, slide, one.grid, todos, "" if chart else bear, lead, elsewhere=more or chart
            )
            if (len(unsaid) > 1 or undone) and more:
                _what_is_left(deck, unsaid, undone, kicker)


def _what_is_left(deck: Slides, unsaid: Sequence[str], undone: Sequence[Todo], kicker: str) -> None:
    """A slide of the sentences, and of what is to be done, for which a table left no room."""
    top, *others = unsaid or [deck.view.locale.text(N_("Who does what by when"))]
    slide, y = deck.slide(top, kicker=kicker), TOP
    if not undone:
        deck.text(slide, others, (LEFT, y, WIDE, BOTTOM - y), 22, INK, bullets=True)
        return
    if others:
        high = min(text_height(others, WIDE - 0.2, 16) + 0.1, BOTTOM - y - _needed(undone, deck.view))
        deck.text(slide, others, (LEFT, y, WIDE, high), 16, INK, bullets=True)
        y += high + 0.15
    deck.table(slide, _todo_grid(undone, deck.view), (LEFT, y, WIDE, BOTTOM - y), size=16, lines=WHOLE)


def _own_title(deck: Slides, one: _Exhibit, first: str, label: str) -> str:
    """What an exhibit shows, or its chapter; where a slide before has that title, what the exhibit itself
    says.
    """
    caption = one.plot.caption if one.plot else one.grid.caption if one.grid else ""
    own = [one.shows or first, one.plot.message if one.plot else "", SENTENCE_END.split(caption)[0], first]
    return next((title for title in own if title and title not in deck.titles), label)


def _together(deck: Slides, part: Part, exhibits: Sequence[_Exhibit], kicker: str) -> None:
    """A chart and a table on one slide, each under what it shows."""
    head = part.headline
    slide = deck.slide(_with_money(head) if head else part.label, kicker=kicker)
    boxes, said = ((LEFT, 5.2), (LEFT + 5.45, WIDE - 5.45)), []
    keep: list[str] = []
    for one, (x, width) in zip(exhibits, boxes, strict=True):
        y = TOP
        if one.shows and (not head or one.kind != head.kind):
            deck.text(slide, [one.shows], (x, y, width, 0.55), 13, SLATE, bold=True)
            y += 0.6
        if one.plot:
            deck.chart(slide, one.plot, (x, y, width, BOTTOM - y))
            said.append(one.plot.caption)
        elif one.grid:
            rows = deck.table(slide, one.grid, (x, y, width, BOTTOM - y), size=11)
            keep = [*filter(None, [_cut(one.grid, rows, deck.view)]), *one.grid.explained(rows)]
    deck.footnote(slide, [*said, deck.view.locale.sentences(*keep), _bear_in_mind(part, deck.view)], keep)


def _bear_in_mind(part: Part, view: View) -> str:
    return f"{view.locale.text(N_('Bear in mind:'))} {part.caveat.text}" if part.caveat else ""


def _cut(grid: Grid, rows: int, view: View) -> str:
    """That a table shows the first ``rows`` of a list, and how many more there are; "" where it has all."""
    rest = grid.left_out(rows)
    return view.locale.say(CUT, shown=rows, rest=rest) if rest else ""


def _above(lead: Sequence[str]) -> float:
    """Inches of the sentences above a table."""
    return text_height(lead, WIDE - 0.2, 14) + 0.1 if lead else 0.0


def _room(
    deck: Slides, todos: Sequence[Todo], lead: Sequence[str], top: float, sentences: int, asked: int
) -> float:
    """Inches of a table below so many sentences and above so many things to be done."""
    return BOTTOM - top - _above(lead[:sentences]) - 0.2 - _needed(todos[:asked], deck.view)


def _room_for(
    deck: Slides, grid: Grid, todos: Sequence[Todo], lead: Sequence[str], top: float, elsewhere: bool
) -> tuple[int, int]:
    """For how many sentences and things to be done there is room with the table whole; where it is not whole
    without them either, none and one. ``elsewhere``: those without room stand on another slide.
    """
    fewer = [(n, m) for m in range(len(todos), -1, -1) for n in range(len(lead), -1, -1)]
    asking = [nm for nm in fewer if nm[1] or not todos or elsewhere]
    fits = (nm for nm in asking if deck.holds(grid, WIDE, _room(deck, todos, lead, top, *nm), LEAST))
    return next(fits, (0, 0 if elsewhere else min(1, len(todos))))


def _table_and_todos(
    deck: Slides,
    slide: Any,
    grid: Grid,
    todos: Sequence[Todo],
    bear: str = "",
    lead: Sequence[str] = (),
    elsewhere: bool = False,
) -> tuple[list[str], list[Todo]]:
    """Sentences above a table, the table, what is to be done below it, and a footnote: what the table shows,
    what to bear in mind. Where fewer of them let the table stand whole, so many are left out; where they are
    few, the table's last rows are. Returns the sentences and the things to be done that are left out;
    ``elsewhere``: these stand on another slide.
    """
    top = deck.below_title(slide)
    told, count = _room_for(deck, grid, todos, lead, top, elsewhere)
    if _above(lead[told:]) + _needed(todos[count:], deck.view) < LEFT_OVER:
        room = _room(deck, todos, lead, top, len(lead), len(todos))
        if sum(heights(grid, deck.places(grid, WIDE), LEAST, WIDE)[: LEAST_ROWS + 1]) <= room:
            told, count = len(lead), len(todos)  # a slide of their own would be all but empty
    if told:
        deck.text(slide, lead[:told], (LEFT, top, WIDE, _above(lead[:told])), 14, INK, bullets=True)
    room, undone = _room(deck, todos, lead, top, told, count), list(todos[count:])
    todos = todos[:count]
    asked, needed = _todo_grid(todos, deck.view), _needed(todos, deck.view)
    grid, without = _whole(deck, grid, room)
    rows = deck.table(slide, grid, (LEFT, top + _above(lead[:told]), WIDE, room), size=16)
    if todos:
        ends = slide.shapes[-1].top.inches + slide.shapes[-1].height.inches
        y = min(BOTTOM - needed, ends + 0.45)
        deck.table(slide, asked, (LEFT, y, WIDE, BOTTOM - y + 0.01), size=14, lines=3)
    rest = _cut(grid, rows, deck.view)
    whole = len(deck.places(grid, WIDE)) == len(grid.labels)
    caption = grid.caption if whole else grid.brief or grid.caption
    keep = grid.explained(rows)
    for sentence, _ in grid.marks:  # of rows that are cut off
        caption = caption if sentence in keep else caption.replace(sentence, "").replace("  ", " ")
    deck.footnote(
        slide,
        [deck.view.locale.sentences(rest, caption, without), bear],
        [*keep, without] if without else keep,
    )
    return list(lead[told:]), undone


def _whole(deck: Slides, grid: Grid, height: float) -> tuple[Grid, str]:
    """The table, where its rows take more than ``height`` without the column of sentences that repeat
    themselves most, if all rows stand then; and what the footnote says of that.
    """
    places = deck.places(grid, WIDE)
    if len(grid.lines) > MOST_ROWS or sum(heights(grid, places, LEAST, WIDE)) <= height:
        return grid, ""

    def differ(place: int) -> int:
        return len({line[place] for line in grid.lines})

    long = [n for n in places if max(wide_of(line[n]) for line in grid.lines) > NAMES and not grid.numeric[n]]
    repeated = min(long, key=differ, default=None)
    if repeated is None or differ(repeated) > len(grid.lines) / 2:
        return grid, ""
    left = [n for n in range(len(grid.labels)) if n != repeated]
    fewer = replace(
        grid,
        labels=tuple(grid.labels[n] for n in left),
        numeric=tuple(grid.numeric[n] for n in left),
        extra=tuple(grid.extra[n] for n in left),
        keys=tuple(grid.keys[n] for n in left) if grid.keys else (),
        lines=tuple(tuple(line[n] for n in left) for line in grid.lines),
    )
    if sum(heights(fewer, deck.places(fewer, WIDE), LEAST, WIDE)) > height:
        return grid, ""
    return fewer, deck.view.locale.say(NOT_HERE, column=grid.labels[repeated])


def _needed(todos: Sequence[Todo], view: View) -> float:
    """Inches that the table of what is to be done takes."""
    asked = _todo_grid(todos, view)
    return sum(heights(asked, range(len(asked.labels)), LEAST, WIDE, 3)) if todos else 0.0


def _ahead(deck: Slides, told: Argument, plan: Plan) -> None:
    spans, locale = told.first.days, deck.view.locale
    if not spans:
        return
    due, first = pd.to_datetime(plan.actions["due"]), pd.Timestamp(plan.day)
    within = [int((due <= first + timedelta(days=days)).sum()) for days in (90, 30)]
    title = N_("First {kinds}; {soon:n} of the {count:n} actions of the next 90 days are due within 30")
    kinds = locale.listed(list(spans[0].kinds))
    slide = deck.slide(locale.say(title, kinds=kinds, count=within[0], soon=within[1]))
    gap = 0.3
    width = (WIDE - gap * (len(spans) - 1)) / len(spans)
    for place, span in enumerate(spans):
        x = LEFT + place * (width + gap)
        deck.block(slide, (x, TOP, width, 0.05), deck.accent)
        deck.text(slide, [span.title], (x, TOP + 0.15, width, 0.45), 18, INK, bold=True)
        deck.text(slide, [span.total], (x, TOP + 0.65, width, 0.45), 14, SLATE)
        deck.text(slide, span.lines, (x, TOP + 1.2, width, BOTTOM - TOP - 1.2), 20, INK, bullets=True)


def _appendix(deck: Slides, told: Argument) -> None:
    """All checks in two columns; then the terms."""
    locale, behind = deck.view.locale, told.behind
    kicker, colon = locale.text(N_("Appendix")), locale.colon
    checks = [point.text for point in behind.checks]
    terms = [f"{term}{colon}{meaning}" for term, meaning in behind.terms]
    if checks:
        slide = deck.slide(locale.say(CHECKS, count=len(checks)), kicker=kicker)
        _in_columns(deck, slide, checks, 16)
    if terms:
        slide = deck.slide(locale.text(N_("What the words mean")), kicker=kicker)
        _in_columns(deck, slide, terms, 18)


def _in_columns(deck: Slides, slide: Any, lines: Sequence[str], most: int) -> None:
    """Paragraphs in two columns of about the same length."""
    ends = list(accumulate(map(wide_of, lines)))
    first = 1 + min(range(len(lines)), key=lambda n: abs(2 * ends[n] - ends[-1]))
    width, height, parts = WIDE / 2 - 0.2, 6.9 - TOP, (lines[:first], lines[first:])
    size = int(min(fitted(part, width - 0.2, height, most, gap=True, least=9)[0] for part in parts))
    for part, x in zip(parts, (LEFT, LEFT + width + 0.4), strict=True):
        deck.text(slide, part, (x, TOP, width, height), size, INK, bullets=True, least=size)


def _exhibits(part: Part, results: dict[str, StepResult], edition: Edition) -> list[_Exhibit]:
    """The first chart of a chapter that has its figures, and its first table."""
    found: list[_Exhibit] = []
    told = {point.kind for point in (part.headline, *part.points) if point}
    for what, drawn in (("charts", registry.plots), ("tables", registry.tables)):
        for name in part.names:
            own = name.partition(".")[2]
            if not name.startswith(f"{what}.") or own not in set(drawn):  # of the page alone
                continue
            made = drawn[own](results[step_of(drawn[own])])
            plot = made if isinstance(made, Plot) else None
            grid = edition.grid(own, made.grid) if isinstance(made, Display) and made.grid else None
            if not plot and not grid:
                continue
            point, message = part.shows.get(name), plot.message if plot else ""
            if point and (point.kind in told or not message):
                found.append(_Exhibit(_with_money(point), point.kind, plot, grid))
            else:
                found.append(_Exhibit(message, "", plot, grid))
            break
    return found


def _todo_grid(todos: Sequence[Todo], view: View) -> Grid:
    heads = (N_("What to do"), N_("Who"), N_("By"), N_("Amount"))
    cells = [(todo.what, todo.who, todo.by, todo.money) for todo in todos]
    count = 4 if any(todo.money for todo in todos) else 3
    lines = tuple(line[:count] for line in cells)
    labels = tuple(map(view.locale.text, heads[:count]))
    return Grid(labels, (False, False, False, True)[:count], (False,) * count, lines, "")


def _in_a_line(todo: Todo, view: View) -> str:
    said = N_("{what} ({who}, {by})") if todo.to else N_("{what} ({who}, by {by})")
    return view.locale.say(said, what=todo.what.rstrip(".。"), who=todo.who, by=todo.by)


def _with_money(point: Point) -> str:
    return f"{point.text.rstrip('.。')} · {point.amount}" if point.amount else point.text
