"""Slides and what stands on them: text that fits its box, tables and charts to edit, the theme.

What is written on a slide is text, whatever a client's name holds; the workbooks behind the charts take no
text for a formula. The same slides give the same bytes.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.chart.xlsx import CategoryWorkbookWriter, XyWorkbookWriter
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from kamplay.palette import GREY, HAIRLINE, INK, QUIET, RULE, SLATE, WHITE
from kamplay.show.charts.chart import text_colour_on
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import Grid
from kamplay.show.labels import pieces
from kamplay.show.table import text_width
from kamplay.show.view import View

MOST_ROWS = 12  # of a table
USUAL = 12  # points of a table's text
MOST_BESIDE = 1.9  # inches of a column beside a first one that is the longest
LEAST = 11  # below which nobody reads a table on a wall: rows are left out before
SPARE = 1.15
PLOT_MARGIN, DOT = (
    (0.9, 1.1),
    0.09,
)  # inches that axes and legend take of a cloud's box; from a dot to its name
CLEAR = 0.07  # of a line of a title: its letters are wider in some programs than in others
WIDER = 0.03  # of a line of a table's cell, for the same reason
NAMES = 26  # letters of a column of names or figures, which gives way last
PADDING = 0.06  # inches of a table's row above and below its text
WIDTH, HEIGHT = 13.333, 7.5  # inches
LEFT, TOP, WIDE, BOTTOM = 0.6, 1.62, 12.13, 6.42  # of what stands between a slide's title and its footnote
LATIN, HAN = "Calibri", "Microsoft YaHei"
EM = 0.51  # of its size that a Latin letter is wide, bold ones and capitals among them
MIXED = 0.5  # letters between a Chinese character and a figure or a Latin word
BETWEEN = re.compile(r"(?<=[\u2e80-\ufaff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u2e80-\ufaff])")
LINE, HAN_LINE = 1.28, 1.46  # of its size that a line is high, and one with Chinese in it
HAN_LETTER = re.compile(r"[\u2e80-\uffef]")
SENTENCE_END = re.compile(r"(?<=[。！？])(?=.)|(?<=[.!?]) (?=[A-Z])")
STILL = datetime(2000, 1, 1)  # the same results give the same bytes
NEVER = (1980, 1, 1, 0, 0, 0)
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what the format cannot hold
LANGUAGES = {"zh": ("zh-CN", "en-US"), "en": ("en-GB", "zh-CN")}
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # a table without lines and grounds of its own

Box = tuple[float, float, float, float]  # left, top, width, height, in inches


class Slides:
    """The presentation, its theme, and how text, tables and charts are put on its slides."""

    def __init__(self, view: View, cover: Sequence[str], draft: str, logo: Path | None):
        self.view, self.draft, self.cover = view, draft, [plain(text) for text in cover]
        self.accent = view.accent
        self.titles: set[str] = set()
        self.logo = logo if logo and logo.suffix.lower() != ".svg" else None
        self.deck: Any = Presentation()
        self.deck.slide_width, self.deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
        self.layout = _prepared(self.deck, view.accent)
        about = self.deck.core_properties
        about.title, about.author, about.last_modified_by = self.cover[0], "", ""
        about.subject, about.language = self.cover[1], LANGUAGES[view.locale.language][0]
        about.created = about.modified = STILL
        about.revision = 1

    @property
    def count(self) -> int:
        return len(self.deck.slides)

    def bytes(self) -> bytes:
        """The file; nothing in it tells when it was made."""
        made, still = io.BytesIO(), io.BytesIO()
        self.deck.save(made)
        with zipfile.ZipFile(made) as source, zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                entry = zipfile.ZipInfo(name, NEVER)
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, source.read(name))
        return still.getvalue()

    def slide(
        self,
        title: str,
        kicker: str = "",
        box: Box = (LEFT, 0.5, WIDE, 1.02),
        most: int = 24,
        number: bool = True,
    ) -> Any:
        """A new slide with its title, a finding; small above it, what it is about; and the foot of all."""
        slide = self.deck.slides.add_slide(self.layout)
        self.titles.add(title)
        self.text(
            slide,
            [title],
            box,
            _clear_of_the_edge(plain(title), box[2], most),
            INK,
            bold=True,
            shape=slide.shapes.title,
        )
        if kicker:
            self.text(slide, [kicker], (LEFT, 0.2, WIDE, 0.32), 12, self.accent)
        if number:
            foot = " · ".join(filter(None, (self.cover[0], self.cover[2], self.draft)))
            self.text(slide, [foot], (LEFT, 7.05, WIDE - 1, 0.3), 10, QUIET)
            self._number(slide)
        return slide

    def below_title(self, slide: Any) -> float:
        """Inches from the top at which a table can begin: higher below a title of one line."""
        size = slide.shapes.title.text_frame.paragraphs[0].runs[0].font.size.pt
        return TOP if lines_of(slide.shapes.title.text_frame.text, WIDE, size) > 1 else TOP - 0.42

    def text(
        self,
        slide: Any,
        lines: Sequence[str],
        box: Box,
        most: int,
        colour: str,
        bold: bool = False,
        bullets: bool = False,
        least: int = 10,
        shape: Any = None,
    ) -> None:
        """Paragraphs in a box, as large as fits it, ``most`` points at most; in ``shape``, else in
        a new one.
        """
        if not any(lines):
            return
        _, _, width, height = box
        shape = shape or slide.shapes.add_textbox(*map(Inches, box))
        shape.left, shape.top, shape.width, shape.height = map(Inches, box)
        frame = shape.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        indent = 0.2 if bullets else 0.0
        size, kept = fitted(
            [plain(line) for line in lines if line], width - indent, height, most, bullets, least
        )
        for place, line in enumerate(kept):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            self._run(paragraph, line, size, colour, bold)
            if bullets:
                paragraph.space_after = Pt(size * 0.5)
                _bullet(paragraph, self.accent)

    def footnote(self, slide: Any, lines: Sequence[str], keep: Sequence[str] = ()) -> None:
        """What a slide shows, below it, shortened to its place but for the sentences to ``keep``."""
        width, height, least = WIDE, 0.54, 9
        kept = shortened(
            [plain(line) for line in lines if line], width, height, least, list(map(plain, keep))
        )
        self.text(slide, kept, (LEFT, 6.5, width, height), 11, QUIET, least=least)

    def block(self, slide: Any, box: Box, colour: str) -> None:
        """A ground or a rule, behind what is put there after it."""
        from pptx.enum.shapes import MSO_SHAPE

        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *map(Inches, box))
        shape.fill.solid()
        _paint(shape.fill.fore_color, colour, self.accent)
        shape.line.fill.background()
        shape._element.remove(shape._element.find(qn("p:style")))  # its shadow

    def _run(self, paragraph: Any, text: str, size: float, colour: str, bold: bool = False) -> None:
        language = self.view.locale.language
        paragraph._p.get_or_add_pPr().set("hangingPunct", "0")  # no full stop beyond the margin
        for part, chinese in pieces(text) if language == "en" else [(text, True)]:
            run = paragraph.add_run()
            run.text = part
            run.font.size, run.font.bold = Pt(size), bold
            _paint(run.font.color, colour, self.accent)
            own, other = LANGUAGES["zh" if chinese else "en"]
            said = run._r.get_or_add_rPr()
            said.set("lang", own)
            said.set("altLang", other)

    def _number(self, slide: Any) -> None:
        shape = slide.shapes.add_textbox(Inches(LEFT + WIDE - 1), Inches(7.05), Inches(1), Inches(0.3))
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        paragraph = frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.RIGHT
        self._run(paragraph, str(self.count), 10, QUIET)
        run = paragraph.runs[0]._r
        run.tag = qn("a:fld")
        run.set("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}")
        run.set("type", "slidenum")

    # tables

    def table(self, slide: Any, grid: Grid, box: Box, size: float, lines: int = 2) -> int:
        """The table's first rows, as many as the box holds; returns how many. Narrow places leave out its
        extra columns; what is longer than so many ``lines`` ends in an ellipsis.
        """
        x, y, width, height = box
        places = self.places(grid, width, size)
        sizes = [
            s
            for s in range(int(size), LEAST - 1, -1)
            if sum(heights(grid, places, s, width, lines)) <= height
            # larger only where all is whole, in a program that spaces it wider as well
            if s <= USUAL or lines > 2 or SPARE * _natural(grid, places, s) <= width
        ]
        size = sizes[0] if sizes else LEAST
        widths = _widths(grid, places, size, width)
        tall = heights(grid, places, size, width, lines)
        while len(tall) > 2 and sum(tall) > height:
            tall.pop()
        rows = [
            [clipped(plain(row[n]), _inside(w), size, lines) for n, w in zip(places, widths, strict=True)]
            for row in [grid.labels, *grid.lines][: len(tall)]
        ]
        box_of_all = (x, y, sum(widths), sum(tall))
        frame = slide.shapes.add_table(len(rows), len(places), *map(Inches, box_of_all))
        made = frame.table
        frame._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = NO_STYLE
        for column, wide in zip(made.columns, widths, strict=True):
            column.width = Inches(wide)
        for row, inches in zip(made.rows, tall, strict=True):
            row.height = Inches(inches)
        for number, texts in enumerate(rows):
            for at, (place, text) in enumerate(zip(places, texts, strict=True)):
                cell = made.cell(number, at)
                self._cell(cell, text, size, number == 0, grid.numeric[place])
                if any(map(HAN_LETTER.search, texts)):  # else figures stand higher than the words beside them
                    cell.text_frame.paragraphs[0].line_spacing = Pt(size * HAN_LINE)
                if at and grid.numeric[places[at - 1]] and not grid.numeric[place]:
                    cell.margin_left = Inches(0.2)  # figures end where this begins
        return len(rows) - 1

    def places(self, grid: Grid, width: float, size: float = USUAL) -> list[int]:
        """The columns that stand in so many inches: all, or those that are not extra."""
        places = list(range(len(grid.labels)))
        if _natural(grid, places, min(size, USUAL)) > width:
            places = [place for place in places if not grid.extra[place]] or places
        return places

    def holds(self, grid: Grid, width: float, height: float, least: float) -> bool:
        """Whether a box holds all rows of the table, in print no smaller than ``least``."""
        places = self.places(grid, width)
        return len(grid.lines) <= MOST_ROWS and sum(heights(grid, places, least, width)) <= height

    def _cell(self, cell: Any, text: str, size: float, head: bool, numeric: bool) -> None:
        cell.margin_left = cell.margin_right = Inches(0.07)
        cell.margin_top = cell.margin_bottom = Inches(0.03)
        cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.TOP
        paragraph = cell.text_frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.RIGHT if numeric else PP_ALIGN.LEFT
        self._run(paragraph, text, size, SLATE if head else INK, bold=head)
        etree.SubElement(paragraph._p, qn("a:endParaRPr")).set("sz", str(round(size * 100)))  # an empty cell
        line = etree.SubElement(cell._tc.get_or_add_tcPr(), qn("a:lnB"), w=str(Pt(1.25 if head else 0.5)))
        fill = etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:srgbClr"))
        fill.set("val", (RULE if head else HAIRLINE).lstrip("#"))

    # charts

    def chart(self, slide: Any, plot: Plot, box: Box) -> None:
        """A chart whose figures stand in a workbook behind it."""
        place = map(Inches, box)
        frame = slide.shapes.add_chart(KINDS[plot.kind], *place, _data(plot, box[2]))
        frame.name = plain(plot.caption)[:120]
        frame._element.nvGraphicFramePr.cNvPr.set("descr", plain(plot.caption))
        chart = frame.chart
        chart.has_title = False
        chart.font.size = Pt(12)
        chart.font.color.rgb = _rgb(INK)
        self._axes(chart, plot, box[2])
        made = list(zip(chart.plots[0].series, _drawn(plot), strict=True))
        beside = _beside_dots(plot, box) if plot.kind == "cloud" else {}
        for order, (series, given) in enumerate(made):
            self._series(series, given, plot, {n: at for (own, n), at in beside.items() if own == order})
        if plot.kind in ("bars", "stacked"):
            bars = chart.plots[0]
            bars.gap_width = 45
            bars.overlap = 100 if plot.kind == "stacked" else -5
        named = [given.name for _, given in made if given.name]
        chart.has_legend = len(named) > 1 and plot.kind != "stacked"
        if chart.has_legend:
            legend = chart.legend
            legend.position, legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
            legend.font.size = Pt(12)
            for number, (_, given) in enumerate(made):
                if not given.name:
                    entry = etree.Element(qn("c:legendEntry"))
                    etree.SubElement(entry, qn("c:idx")).set("val", str(number))
                    etree.SubElement(entry, qn("c:delete")).set("val", "1")
                    legend._element.insert(1, entry)
        elif len(named) > 1:  # bars end to end have their names in the first of them
            for series, given in made:
                if given.name:
                    colour = text_colour_on(given.colour)
                    self._label(series.points[0].data_label, given.name, XL_LABEL_POSITION.CENTER, colour)

    def _series(self, series: Any, given: Series, plot: Plot, beside: Mapping[int, Any]) -> None:
        if plot.kind in ("curve", "line"):
            series.smooth = False
            series.format.line.width = Pt(2.25)
            series.marker.style = XL_MARKER_STYLE.NONE
            if given.colour:
                _paint(series.format.line.color, given.colour, self.accent)
                series.format.line.dash_style = MSO_LINE.DASH if given.colour == GREY else None
            else:
                series.format.line.fill.background()
        elif plot.kind == "cloud":
            series.format.line.fill.background()
            series.marker.style, series.marker.size = XL_MARKER_STYLE.CIRCLE, 7
            series.marker.format.fill.solid()
            _paint(series.marker.format.fill.fore_color, given.colour, self.accent)
            series.marker.format.line.color.rgb = _rgb(WHITE)
        elif not given.colour:
            series.format.fill.background()
        else:
            series.format.fill.solid()
            _paint(series.format.fill.fore_color, given.colour, self.accent)
            series.invert_if_negative = False
            for number, colour in enumerate(given.colours):
                fill = series.points[number].format.fill
                fill.solid()
                _paint(fill.fore_color, colour, self.accent)
        for number, words in enumerate(given.labels):
            if words and (plot.kind != "cloud" or number in beside):
                place = beside.get(number, BESIDE[plot.kind])
                self._label(series.points[number].data_label, words, place)

    def _label(self, label: Any, words: str, place: Any, colour: str = INK) -> None:
        self._run(label.text_frame.paragraphs[0], plain(words), 12, colour)
        label.position = place

    def _axes(self, chart: Any, plot: Plot, width: float) -> None:
        across, up = chart.category_axis, chart.value_axis
        for axis in (across, up):
            axis.has_major_gridlines = axis.has_minor_gridlines = False
            axis.format.line.color.rgb = _rgb(RULE)
            axis.tick_labels.font.size = Pt(12)
        if plot.kind in ("bars", "stacked"):
            across.reverse_order = True
            up.visible = False
            up.minimum_scale, up.maximum_scale = _scale(plot, width)
            across.tick_label_position = XL_TICK_LABEL_POSITION.LOW
            return
        up.tick_labels.number_format, up.tick_labels.number_format_is_linked = plot.form, False
        up.has_major_gridlines = True
        up.major_gridlines.format.line.color.rgb = _rgb(HAIRLINE)
        up.format.line.fill.background()
        if plot.log:
            scaling = up._element.find(qn("c:scaling"))
            base = scaling.makeelement(qn("c:logBase"), {"val": "10"})
            scaling.insert(0, base)
            low = min(v for s in plot.series for v in s.values if v)
            up.minimum_scale = 10.0 ** math.floor(math.log10(low))
            up.tick_labels.number_format = "General"
        else:
            up.minimum_scale = 0
        if plot.form == "0%":
            up.maximum_scale = 1.0 if plot.kind == "curve" else None
        if plot.kind == "line":
            every = -(-len(plot.categories) // 8)
            skip = across._element.makeelement(qn("c:tickLblSkip"), {"val": str(every)})
            across._element.insert_element_before(skip, "c:tickMarkSkip", "c:noMultiLvlLbl", "c:extLst")
            return
        across.minimum_scale, across.maximum_scale = 0, 1.0
        across.tick_labels.number_format, across.tick_labels.number_format_is_linked = plot.form_at, False
        for axis, words in ((across, plot.axes[0]), (up, plot.axes[1])):
            if words:
                axis.has_title = True
                self._run(axis.axis_title.text_frame.paragraphs[0], plain(words), 12, QUIET)


KINDS = {
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
    "stacked": XL_CHART_TYPE.BAR_STACKED,
    "line": XL_CHART_TYPE.LINE,
    "curve": XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS,
    "cloud": XL_CHART_TYPE.XY_SCATTER,
}

BESIDE = {
    "bars": XL_LABEL_POSITION.OUTSIDE_END,
    "stacked": XL_LABEL_POSITION.INSIDE_BASE,
    "line": XL_LABEL_POSITION.ABOVE,
    "curve": XL_LABEL_POSITION.RIGHT,
    "cloud": XL_LABEL_POSITION.RIGHT,
}


def _beside_dots(plot: Plot, box: Box) -> dict[tuple[int, int], Any]:
    """Where the name of each dot that has one stands, by its series and its place in it: beside, above or
    below it, clear of the names before; one without such a place is left out. The room of axes is estimated.
    """
    wide, tall = box[2] - PLOT_MARGIN[0], box[3] - PLOT_MARGIN[1]
    known = [v for series in plot.series for v in series.values if v]
    if not known:
        return {}
    low, high = (
        (math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))) if plot.log else (0, 1)
    )
    top = max(known)
    taken: list[Box] = []
    found: dict[tuple[int, int], Any] = {}
    for order, series in enumerate(plot.series):
        for number, words in enumerate(series.labels):
            if not words or series.values[number] is None:
                continue
            value = float(series.values[number] or 0.0)
            up = (math.log10(max(value, 1e-9)) - low) / max(high - low, 1) if plot.log else value / top
            x, y = wide * float(series.at[number]), tall * (1 - up)
            long, line = wide_of(plain(words)) * 12 * EM / 72, 12 * LINE / 72
            for place, left, upper in (
                (XL_LABEL_POSITION.RIGHT, x + DOT, y - line / 2),
                (XL_LABEL_POSITION.LEFT, x - DOT - long, y - line / 2),
                (XL_LABEL_POSITION.ABOVE, x - long / 2, y - DOT - line),
                (XL_LABEL_POSITION.BELOW, x - long / 2, y + DOT),
            ):
                own = (left, upper, left + long, upper + line)
                inside = left >= -0.3 and own[2] <= wide + 0.2 and upper >= -0.2 and own[3] <= tall
                if inside and not any(_overlap(own, other) for other in taken):
                    taken.append(own)
                    found[order, number] = place
                    break
    return found


def _overlap(one: Box, other: Box) -> bool:
    """Whether two places (left, top, right, bottom) overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class _Still:
    """A workbook behind a chart in which text stays text, the same bytes for the same figures."""

    @contextmanager
    def _open_worksheet(self, xlsx_file: Any) -> Iterator[Any]:
        from xlsxwriter import Workbook

        options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        workbook = Workbook(xlsx_file, {"in_memory": True, **options})
        workbook.set_properties({"created": STILL})
        yield workbook, workbook.add_worksheet()
        workbook.close()


class _CategoryBook(_Still, CategoryWorkbookWriter):
    pass


class _XyBook(_Still, XyWorkbookWriter):
    pass


class _Categories(CategoryChartData):
    _workbook_writer = property(lambda self: _CategoryBook(self))


class _Xy(XyChartData):
    _workbook_writer = property(lambda self: _XyBook(self))


def _drawn(plot: Plot) -> list[Series]:
    """The series with one more where bars end to end have words: they stand in it, beyond the bars."""
    *others, last = plot.series
    if plot.kind != "stacked" or not last.labels:
        return list(plot.series)
    room = max(map(sum, zip(*(_known(s) for s in plot.series), strict=True)))
    words = Series("", (room,) * len(plot.categories), "", labels=last.labels)
    return [*others, replace(last, labels=()), words]


def _known(series: Series) -> list[float]:
    return [value or 0.0 for value in series.values]


def _data(plot: Plot, width: float) -> Any:
    if plot.kind in ("curve", "cloud"):
        cloud = _Xy()
        for series in plot.series:
            row = cloud.add_series(plain(series.name) or " ")
            for x, y in zip(series.at, series.values, strict=True):
                row.add_data_point(x, y)
        return cloud
    data = _Categories()
    most = max(8, int(width * 3.2))
    data.categories = [clip_width(plain(name), most) or " " for name in plot.categories]
    for series in _drawn(plot):
        data.add_series(plain(series.name) or " ", series.values)
    return data


def _scale(plot: Plot, width: float) -> tuple[float, float]:
    """Where the axis of bars begins and ends, with room for the words beyond them."""
    rows = [_known(series) for series in plot.series]
    ends = list(map(sum, zip(*rows, strict=True))) if plot.kind == "stacked" else [v for r in rows for v in r]
    most, least = max([*ends, 1e-9]), min([*ends, 0.0])
    words = max((wide_of(w) for series in plot.series for w in series.labels), default=0)
    names = max(map(wide_of, plot.categories), default=0)
    bars = max(width - min(names, width * 3.2) * 12 * EM / 72 - 0.3, 1.0)
    part = min(0.62, words * 12 * EM / 72 / bars + 0.03)
    return least, most / (1 - part)


# --- words in a place


def plain(text: object) -> str:
    """A text in one line that every program can hold: what stands in it means nothing but itself."""
    return " ".join(UNFIT.sub(" ", str(text)).split())


def wide_of(text: str) -> float:
    """Letters that a text is wide, with the little space that programs put between Chinese and figures."""
    return text_width(text) + MIXED * len(BETWEEN.findall(text))


def lines_of(text: str, width: float, size: float) -> int:
    """Lines that a text takes in ``width`` inches, at ``size`` points."""
    fit = max(1, int(width * 72 / (size * EM)))
    lines, used = 1, 0.0
    for word in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s", text):
        wide = wide_of(word) + (MIXED / 2 if word.isascii() and wide_of(text) > len(text) else 0)
        if used and used + wide > fit:
            lines, used = lines + 1, 0
        lines += int(wide // (fit + 1))  # a word longer than a line
        used += wide % (fit + 1) if wide > fit else wide
    return lines


def _clear_of_the_edge(title: str, width: float, most: int) -> int:
    """The points, a few below ``most`` at least, at which a title takes as many lines in every program: none
    is all but full, and the last holds more than a word.
    """

    def lines(size: int, share: float) -> int:
        return lines_of(title, width * share, size)

    return next((s for s in range(most, most - 5, -1) if lines(s, 1 - CLEAR) == lines(s, 1 + CLEAR)), most)


def _high(text: str, size: float) -> float:
    """Points that a line of ``text`` is high: a Chinese font stands higher."""
    return size * (HAN_LINE if HAN_LETTER.search(text) else LINE)


def clip_width(text: str, most: int) -> str:
    """``text`` with as many letters as ``most`` are wide, an ellipsis at its end where it was longer."""
    if text_width(text) <= most:
        return text
    kept = ""
    for letter in text:
        if text_width(kept + letter) > most - 1:
            break
        kept += letter
    whole = kept.rpartition(" ")[0]  # a word is left out rather than cut in two
    if whole and text[len(kept) :][:1].isalnum() and kept[-1:].isascii() and len(whole) > len(kept) - 14:
        kept = whole
    return kept.rstrip(" ,;:、，；：（(") + "…"


def clipped(text: str, width: float, size: float, lines: int) -> str:
    """``text`` in so many lines of ``width`` inches."""
    if lines_of(text, width, size) <= lines:
        return text
    most = int(width * 72 / (size * EM)) * lines
    while most > 1 and lines_of(clip_width(text, most), width, size) > lines:
        most -= 1
    return clip_width(text, most)


def fitted(
    lines: Sequence[str], width: float, height: float, most: int, gap: bool = False, least: int = 10
) -> tuple[float, list[str]]:
    """The size in points, ``most`` to ``least``, at which paragraphs fit a box, and the
    paragraphs, shortened and dropped where even small ones do not; ``gap``: with half a line between them.
    """
    least = max(least, most - 9)

    def high(kept: Sequence[str], size: float) -> float:
        between = size * 0.5 * len(kept) if gap else 0.0
        return (sum(lines_of(line, width, size) * _high(line, size) for line in kept) + between) / 72

    for size in range(most, least - 1, -1):
        if high(lines, size) <= height:
            return float(size), list(lines)
    kept = list(lines)
    while len(kept) > 1 and high(kept, least) > height:
        kept.pop()
    return float(least), [
        clipped(line, width, least, max(1, int(height * 72 / _high(line, least)))) for line in kept
    ]


def shortened(
    lines: Sequence[str], width: float, height: float, size: float, keep: Sequence[str] = ()
) -> list[str]:
    """Paragraphs without so many sentences of the longest that they fit a box; its last, which gives the
    unit, stays, and so do those to ``keep``.
    """
    held = [piece for text in keep for piece in SENTENCE_END.split(text)]
    kept = [SENTENCE_END.split(line) for line in lines]

    def droppable(line: list[str]) -> list[int]:
        return [n for n, piece in enumerate(line[:-1]) if not any(one in piece for one in held)]

    def told() -> list[str]:
        return [("" if HAN_LETTER.search(line[0]) else " ").join(line) for line in kept]

    while sum(lines_of(line, width, size) * _high(line, size) for line in told()) > height * 72:
        loose = [line for line in kept if droppable(line)]
        if not loose:
            break
        longest = max(loose, key=lambda line: wide_of("".join(line)))
        del longest[droppable(longest)[-1]]
    return told()


def text_height(lines: Sequence[str], width: float, size: float) -> float:
    """Inches that paragraphs with a gap between them take."""
    tall = (lines_of(plain(line), width, size) * _high(line, size) + size * 0.5 for line in lines)
    return sum(tall) / 72


def _natural(grid: Grid, places: Sequence[int], size: float) -> float:
    return sum(_widest(grid, place, size) for place in places)


def _widest(grid: Grid, place: int, size: float, most: int = 60) -> float:
    """Inches that a column takes where nothing breaks, but a long text; a header in two lines."""
    cells = [wide_of(plain(line[place])) for line in grid.lines[:MOST_ROWS]]
    label = plain(grid.labels[place])
    words = 1.2 * max((wide_of(word) for word in label.split()), default=0.0)  # it is bold
    head = max(
        words if label.isascii() else 0, wide_of(label) if wide_of(label) < 9 else _in_two_lines(label)
    )
    after_figures = 0.13 if place and grid.numeric[place - 1] and not grid.numeric[place] else 0.0
    return min(max([*cells, head, 3]), most) * size * EM / 72 / (1 - WIDER) + 0.16 + after_figures


def _in_two_lines(label: str) -> float:
    """How wide a header in two lines is, which breaks between words where it has several."""
    words = label.split()
    breaks = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return min((max(map(wide_of, both)) for both in breaks), default=wide_of(label) / 2)


def heights(grid: Grid, places: Sequence[int], size: float, width: float, most: int = 2) -> list[float]:
    """Inches that the header and each row that a slide shows take, in ``most`` lines at most."""
    widths, tall = _widths(grid, places, size, width), []
    for row in [grid.labels, *grid.lines[:MOST_ROWS]]:
        cells = [(plain(row[n]), _inside(w)) for n, w in zip(places, widths, strict=True)]
        tall.append(
            max(min(most, lines_of(text, w, size)) * _high(text, size) for text, w in cells) / 72 + PADDING
        )
    return tall


def _widths(grid: Grid, places: Sequence[int], size: float, width: float) -> list[float]:
    """The columns' widths, together at most ``width``: texts give way, figures do not."""
    wide = [_widest(grid, place, size, 400) for place in places]
    over = sum(wide) - width
    if over <= 0:
        return [one - over / len(wide) for one in wide]
    if wide[0] == max(wide):  # what is to be done: who, by when and how much stand in two lines beside it
        wide[1:] = [min(one, MOST_BESIDE) for one in wide[1:]]
        wide[0] = max(wide[0] - max(sum(wide) - width, 0.0), 0.6)
        return [one * width / sum(wide) for one in wide]
    texts = [n for n, place in enumerate(places) if not grid.numeric[place]] or list(range(len(wide)))
    cells = [[plain(row[place]) for row in [grid.labels, *grid.lines[:MOST_ROWS]]] for place in places]
    for _ in range(60):
        over = sum(wide) - width
        if over <= 1e-6:
            break
        step = min(over, 0.15 if over < 3 else over / 2)
        # that column gives way whose texts then need least lines, of several the widest
        sentences = [n for n in texts if wide[n] > NAMES * size * EM / 72]  # names and figures stay whole
        narrower = sentences or texts
        n = min(
            narrower, key=lambda n: (_more_lines(cells, wide, n, step, size) if over < 3 else 0, -wide[n])
        )
        wide[n] = max(0.6, wide[n] - step)
    scale = min(1.0, width / sum(wide))
    return [one * scale for one in wide]


def _more_lines(
    cells: Sequence[Sequence[str]], wide: Sequence[float], n: int, step: float, size: float
) -> int:
    """Lines of all rows together once column ``n`` is narrower by ``step``; ``cells`` : by column."""
    if wide[n] - step < 0.6:
        return 10**6
    widths = [one - step * (place == n) for place, one in enumerate(wide)]
    rows = zip(*cells, strict=True)
    return sum(
        max(lines_of(text, _inside(w), size) for text, w in zip(row, widths, strict=True)) for row in rows
    )


def _inside(width: float) -> float:
    """Inches of a cell's width that its text can count on in every program."""
    return (width - 0.14) * (1 - WIDER)


# --- the theme


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _paint(place: Any, colour: str, accent: str) -> None:
    """The brand's colour is that of the theme, so that it is changed in one place."""
    from pptx.enum.dml import MSO_THEME_COLOR

    if colour == accent:
        place.theme_color = MSO_THEME_COLOR.ACCENT_1
    else:
        place.rgb = _rgb(colour)


def _bullet(paragraph: Any, accent: str) -> None:
    about = paragraph._p.get_or_add_pPr()
    about.set("marL", str(Inches(0.2)))
    about.set("indent", str(-Inches(0.2)))
    colour = etree.SubElement(about, qn("a:buClr"))
    etree.SubElement(colour, qn("a:schemeClr")).set("val", "accent1")
    etree.SubElement(about, qn("a:buFont")).set("typeface", "Arial")
    etree.SubElement(about, qn("a:buChar")).set("char", "•")


def _prepared(deck: Any, accent: str) -> Any:
    """The one layout of the slides, a title and nothing else; fonts and colours are the theme's."""
    master = deck.slide_master
    theme = next(r.target_part for r in master.part.rels.values() if r.reltype.endswith("/theme"))
    tree = etree.fromstring(theme.blob)
    for fonts in ("majorFont", "minorFont"):
        font = next(tree.iter(qn(f"a:{fonts}")))
        font.find(qn("a:latin")).set("typeface", LATIN)
        font.find(qn("a:ea")).set("typeface", HAN)
        for script in font.findall(qn("a:font")):
            if script.get("script") in ("Hans", "Hant"):
                script.set("typeface", HAN)
    for name, colour in (("dk1", INK), ("accent1", accent), ("dk2", SLATE)):
        place = next(tree.iter(qn(f"a:{name}")))
        for child in list(place):
            place.remove(child)
        etree.SubElement(place, qn("a:srgbClr")).set("val", colour.lstrip("#").upper())
    theme._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    layout = next(one for one in deck.slide_layouts if one.name == "Title Only")
    for other in [one for one in deck.slide_layouts if one is not layout]:
        deck.slide_layouts.remove(other)
    for place in (master, layout):
        for shape in list(place.placeholders):
            if shape.placeholder_format.type is not None and "TITLE" in str(shape.placeholder_format.type):
                box = (LEFT, 0.5, WIDE, 1.02)
                shape.left, shape.top, shape.width, shape.height = map(Inches, box)
            else:
                shape._element.getparent().remove(shape._element)
    styles = master._element.find(qn("p:txStyles")).find(qn("p:titleStyle"))
    for about in styles.iter(qn("a:lvl1pPr")):
        about.set("algn", "l")
    return layout
