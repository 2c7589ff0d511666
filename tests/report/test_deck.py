"""The slides: text that fits its place and means nothing but itself, charts and tables to edit."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.util import Inches

from kamplay.report.pages import deck, slides
from kamplay.report.pages.appendix import Behind
from kamplay.report.pages.argument import Argument, First, Part
from kamplay.report.pages.telling import Point, Todo
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.client_edition import Edition
from kamplay.show.display import Grid
from kamplay.show.locale import Locale
from kamplay.show.summary.days_ahead import Span
from kamplay.show.summary.tiles import Tile
from kamplay.show.table import Column, html_table
from kamplay.show.view import View, using

HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","x")',
    "\u202egpj.exe \u2066x\u2069",
    r"$\frac{1}{2}$ {{ 7*7 }} ]]> &amp;",
    "N" * 120,
    "喆" * 120,
    "-1+1|cmd",
    "a\x00b\x0bc\nd",
]


def test_a_text_keeps_what_a_file_can_hold():
    assert slides.plain("a\x00b\x0bc\nd\ud800\uffff") == "a b c d"
    assert slides.plain(HOSTILE[3]) == HOSTILE[3]
    assert slides.plain(HOSTILE[2]) == HOSTILE[2]


def test_a_text_is_made_smaller_then_shortened():
    # 20 points, letters 0.51 of that wide: 7 inches hold 49 letters a line; a line is 0.356 inches high
    assert slides.fitted(["x" * 49], 7, 0.36, 20) == (20.0, ["x" * 49])
    size, kept = slides.fitted(["word " * 30], 7, 0.72, 20)
    assert size < 20 and kept == ["word " * 30]
    size, kept = slides.fitted(["word " * 300, "second"], 7, 0.36, 20)
    assert size == 11 and len(kept) == 1 and kept[0].endswith("…") and len(kept[0]) < 100
    # a Chinese character is as wide as two letters
    assert slides.clip_width("喆喆喆喆", 5) == "喆喆…"
    assert slides.clip_width("abcd", 4) == "abcd"


def test_columns_fit_their_table_and_figures_stay_whole():
    grid = Grid(("Account", "Revenue"), (False, True), (False, False), (("N" * 120, "1,234,567"),), "")
    name, amount = slides._widths(grid, [0, 1], 12, 6.0)
    assert name + amount == pytest.approx(6.0)
    assert amount >= 9 * 12 * slides.EM / 72  # nine letters of figures


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A deck of one chapter in which every text is hostile."""

    class Steps(dict):
        def __missing__(self, key):
            return None

    def point(text: str, money: str = "") -> Point:
        return Point("kind", "act", text, "", "", money, money, "who")

    todo = Todo(HOSTILE[0], HOSTILE[1], "4 Dec 2026", "€1M")
    first = First(
        tuple(HOSTILE[:4]),
        "",
        [Tile(text, "€1M", text, text) for text in HOSTILE[:4]],
        [point(text, "€1M") for text in HOSTILE],
        [todo],
        [Span("Within 30 days", "3 actions", HOSTILE[:3], HOSTILE[:3])],
        "",
        "",
        "",
    )
    points = [point(text) for text in HOSTILE]
    part = Part("who", "Who", point(HOSTILE[4]), [], [], points, None, [todo], [], ["charts.c", "tables.t"])
    behind = Behind([], [], [point(t) for t in HOSTILE], [], [("term", HOSTILE[3])])
    told = Argument(first, [part], behind)
    bars = Series(HOSTILE[1], (2.0,) * 8, "#112233", labels=tuple(HOSTILE))
    plot = Plot("stacked", tuple(HOSTILE), (Series("", (1.0,) * 8, ""), bars), HOSTILE[0])
    lines = tuple((text, text, "1,234") for text in HOSTILE)
    grid = Grid(("Name", HOSTILE[1], "Revenue"), (False, False, True), (False,) * 3, lines * 3, "caption")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deck, "bridge_plot", lambda value: plot)
        patch.setattr(deck, "ahead", lambda *_: HOSTILE[1])
        patch.setattr(deck, "other_of_bridge", lambda value: "")
        exhibits = [deck._Exhibit("", "", plot=plot), deck._Exhibit("", "", grid=grid)]
        patch.setattr(deck, "_exhibits", lambda part, results, edition: exhibits)
        patch.setattr(deck, "_ahead", lambda *_: None)
        files = []
        for number in range(2):
            path = tmp_path_factory.mktemp("deck") / f"{number}.pptx"
            view = View(Locale("en", "EUR"), accent="#884400")
            deck.write(path, told, Steps(), view, Edition(), [HOSTILE[0], "Report", "2025"], "Draft")
            files.append(path)
    return files


def test_the_same_argument_gives_the_same_bytes(made):
    assert made[0].read_bytes() == made[1].read_bytes()
    with zipfile.ZipFile(made[0]) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_names_are_text_on_slides_and_behind_charts(made):
    slides = Presentation(str(made[0])).slides
    assert slides[0].shapes.title.text_frame.text == HOSTILE[0]
    charts = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 2
    for chart in charts:
        names = [str(name) for name in chart.plots[0].categories]
        assert names[0].startswith("<script>alert(") and names[1].startswith("=HYPERLINK(")
        book = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    with zipfile.ZipFile(made[0]) as file:
        xml = "".join(file.read(n).decode() for n in file.namelist() if n.endswith((".xml", ".rels")))
    assert "<script" not in xml
    assert "hlinkClick" not in xml and 'TargetMode="External"' not in xml


def test_everything_is_to_be_edited_and_stays_on_its_slide(made):
    deck_ = Presentation(str(made[0]))
    assert (deck_.slide_width, deck_.slide_height) == (Inches(13.333), Inches(7.5))
    for slide in deck_.slides:
        assert slide.shapes.title.text_frame.text
        for shape in slide.shapes:
            assert shape.shape_type != MSO_SHAPE_TYPE.PICTURE
            assert shape.left >= 0 and shape.left + shape.width <= deck_.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= deck_.slide_height
            if shape.has_table:
                assert 2 <= len(shape.table.rows) <= 13
                assert sum(row.height for row in shape.table.rows) + shape.top <= Inches(6.9)
                runs = [r for cell in shape.table.iter_cells() for r in cell.text_frame.paragraphs[0].runs]
                assert min(run.font.size.pt for run in runs) >= 11  # rows are left out before


def test_a_table_leaves_room_for_what_is_to_be_done_and_is_cut_before_it_gets_small():
    """Twelve rows of two lines, at 11 points 0.49 inches each, need more than the 4.6 of a slide."""
    long = "a word " * 40
    grid = Grid(("Name", "Why"), (False,) * 2, (False,) * 2, ((long, long),) * 12, "Whom to see.")
    made = slides.Slides(View(Locale("en", "EUR")), ["Client", "Report", "2025"], "", None)
    slide = made.slide("Title")
    deck._table_and_todos(made, slide, grid, [Todo("Do it", "Li", "1 Jan", "")] * 3)
    table, todos = (shape for shape in slide.shapes if shape.has_table)
    assert 6 < len(table.table.rows) < 13 and len(todos.table.rows) == 4
    assert table.top + sum(row.height for row in table.table.rows) < todos.top
    assert todos.top + sum(row.height for row in todos.table.rows) <= Inches(slides.BOTTOM + 0.02)
    sizes = {r.font.size.pt for c in table.table.iter_cells() for r in c.text_frame.paragraphs[0].runs}
    assert min(sizes) >= 11
    shown = len(table.table.rows) - 1
    assert f"{shown}" in slide.shapes[-1].text_frame.text  # how many of them stand here


def test_a_title_takes_as_many_lines_in_a_program_with_wider_letters():
    """At 24 points its 75 letters take 12.8 inches of 12.1: a line, or two with a word in the second."""
    made = slides.Slides(View(Locale("zh", "CNY")), ["客户", "报告", "2025"], "", None)
    title = "可能失去的12家客户，须在2026年12月8日前采取行动（收入合计3,534万元）。"
    frame = made.slide(title).shapes.title.text_frame
    (size,) = {run.font.size.pt for run in frame.paragraphs[0].runs}
    assert size >= 20 and 75 * size * slides.EM / 72 < 0.97 * slides.WIDE
    assert frame.paragraphs[0]._p.pPr.get("hangingPunct") == "0"


def test_figures_stand_on_the_line_of_the_words_beside_them():
    """Chinese letters stand higher than figures: in a row with them every cell has their line."""
    made = slides.Slides(View(Locale("zh", "CNY")), ["客户", "报告", "2025"], "", None)
    lines = (("某医院", "491"), ("A", "287"))
    grid = Grid(("客户", "金额"), (False, True), (False,) * 2, lines, "")
    made.table(slide := made.slide("标题"), grid, (1, 1, 5, 3), 12)
    (table,) = (shape.table for shape in slide.shapes if shape.has_table)
    spaced = [[cell.text_frame.paragraphs[0].line_spacing for cell in row.cells] for row in table.rows]
    assert all(len(set(row)) == 1 for row in spaced)
    assert [row[0] is not None for row in spaced] == [True, True, False]


def test_sentences_without_room_beside_a_table_have_a_slide_where_one_is_to_spare():
    point = Point("watch", "act", "Twelve may leave", "", "", "", "", "risk")
    said = [replace(point, kind=f"k{n}", text=f"Finding {n}. " + "word " * 60) for n in range(3)]
    part = Part("risk", "Risk", point, [], [], said, None, [], [])
    grid = Grid(("Name", "Why"), (False,) * 2, (False,) * 2, (("a word " * 40,) * 2,) * 12, "Whom to see.")
    for more, count in ((True, 2), (False, 1)):
        made = slides.Slides(View(Locale("en", "EUR")), ["Client", "Report", "2025"], "", None)
        deck._each(made, part, [deck._Exhibit("Twelve may leave", "watch", grid=grid)], "3 · Risk", more)
        assert made.count == count
        words = [s.text_frame.text for slide in made.deck.slides for s in slide.shapes if s.has_text_frame]
        assert [f"Finding {n}." in " ".join(words) for n in range(3)] == [more] * 3


def test_a_title_stands_on_one_slide_alone():
    made = slides.Slides(View(Locale("en", "EUR")), ["Client", "Report", "2025"], "", None)
    grid = Grid(("Name",), (False,), (False,), (("a",),), "Who grew most. Amounts in €.")
    one = deck._Exhibit("Kept 70%", "movement", grid=grid)
    assert deck._own_title(made, one, "Growth of 9%", "Growth") == "Kept 70%"
    made.slide("Kept 70%")
    assert deck._own_title(made, one, "Growth of 9%", "Growth") == "Who grew most."
    made.slide("Who grew most.")
    assert deck._own_title(made, one, "Growth of 9%", "Growth") == "Growth of 9%"


def test_a_draft_says_so_on_every_slide(made):
    for slide in Presentation(str(made[0])).slides:
        assert any("Draft" in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_the_brand_and_both_fonts_are_the_themes(made):
    with zipfile.ZipFile(made[0]) as file:
        theme = file.read("ppt/theme/theme1.xml").decode()
    assert '<a:accent1><a:srgbClr val="884400"/></a:accent1>' in theme
    assert theme.count('<a:latin typeface="Calibri"') == 2
    assert theme.count('<a:ea typeface="Microsoft YaHei"') == 2


def _titles_of(part: Part, exhibits: list) -> list[str]:
    view = View(Locale("en", "EUR"), accent="#884400")
    made = slides.Slides(view, ["Client", "Report", "2025"], "", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deck, "_exhibits", lambda part, results, edition: exhibits)
        deck._chapters(made, [part], {}, Edition())
    return [slide.shapes.title.text_frame.text for slide in made.deck.slides]


def _said(kind: str, text: str) -> Point:
    return Point(kind, "act", text, "", "", "", "", "who")


def test_an_exhibit_stands_under_what_it_shows_and_the_headline_comes_first():
    plot = Plot("bars", ("a", "b"), (Series("n", (1.0, 2.0), "#112233"),), "Two bars.")
    grid = Grid(("Name", "Revenue"), (False, True), (False,) * 2, (("a", "1"),), "A table.")
    part = Part("x", "X", _said("head", "The headline."), [], [], [_said("other", "Another.")], None, [], [])
    chart = deck._Exhibit("The chart's own.", "", plot=plot)
    assert _titles_of(part, [chart, deck._Exhibit("The headline.", "head", grid=grid)]) == [
        "The headline.",
        "The chart's own.",
    ]
    assert _titles_of(part, [chart]) == ["The chart's own."]  # the headline stands beside it
    assert _titles_of(part, [deck._Exhibit("", "", plot=plot)]) == ["The headline."]
    assert _titles_of(part, []) == ["The headline."]


def test_a_footnote_loses_whole_sentences_and_keeps_the_unit():
    long = "First things first. " + "In between stands more than anybody reads. " * 20 + "Amounts in €."
    (kept,) = slides.shortened([long], 12, 0.56, 9)
    assert len(kept) < len(long)
    assert kept.startswith("First things first. ") and kept.endswith(". Amounts in €.")
    short = "一句。" * 3 + "金额单位：万元。"
    assert slides.shortened([short], 12, 0.56, 9) == [short]


@pytest.mark.parametrize(
    ("language", "label", "change", "trust"),
    [
        (
            "en",
            "Expected loss, 180 days to 27 Dec 2026",
            "+0.2% on the year before; −2.3% without the one order of a joint purchasing service, CN¥5.68M",
            "agrees with the control total",
        ),
        (
            "zh",
            "预期损失（180天，至2026年12月27日）",
            "比上一年+0.2%；不计某某医疗器械联合采购服务有限公司仅有的一单（568万元），为−2.3%",
            "与对账总额一致，" * 12,
        ),
    ],
)
def test_a_tile_tells_all_of_its_words_in_a_quarter_of_the_slide(language, label, change, trust):
    made = slides.Slides(View(Locale(language, "CNY")), ["Client", "Report", "2025"], "", None)
    slide = made.slide("Title")
    deck._tiles(made, slide, [Tile(label, "CN¥232M", change, trust)] * 4)
    told = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert [told.count(text) for text in (label, change, trust)] == [4, 4, 4]
    assert max(shape.top + shape.height for shape in slide.shapes if shape.top < Inches(7)) <= Inches(6.86)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_mark_stands_with_what_it_means_and_without_it_there_is_none(language):
    """The footnote is shortened to its place, but not by the sentence for a mark of a row on the slide; the
    one for a mark of a row that is cut off goes.
    """
    wide = {"en": "Too wide: it tells nothing.", "zh": "“过宽”指看不出什么。"}[language]
    other = {"en": "Stale: it is old.", "zh": "“过旧”指数据太旧。"}[language]
    long = {"en": "This sentence says more than anybody reads here. ", "zh": "这一句说得太多没有人会去读。"}[
        language
    ]
    view = View(Locale(language, "EUR"))
    frame = pd.DataFrame({"name": ["a", "b", *"cdefghijklmnopqrs"], "sum": 1.0})
    columns = [Column("name", "Name"), Column("sum", "Sum", "money")]  # the unit is the last sentence
    rows = {wide: [n == 1 for n in range(19)], other: [n == 18 for n in range(19)]}
    with using(view):
        grid = html_table(frame, columns, long * 40, most=19, marks=rows).grid
        assert wide in grid.caption and other in grid.caption
        none = html_table(frame.head(1), [Column("name", "Name")], "All.", marks={wide: [False]}).grid
        assert wide not in none.caption and not none.marks
        made = slides.Slides(view, ["Client", "Report", "2025"], "", None)
        slide = made.slide("Title")
        deck._table_and_todos(made, slide, grid, [])
        footnote = slide.shapes[-1].text_frame.text
        part = Part("x", "X", None, [], [], [], None, [], [])
        plot = Plot("bars", ("a",), (Series("n", (1.0,), "#112233"),), long)
        deck._together(made, part, [deck._Exhibit("", "", plot=plot), deck._Exhibit("", "", grid=grid)], "k")
        beside = made.deck.slides[-1].shapes[-1].text_frame.text
    assert wide in footnote and other not in footnote and footnote.count(long.strip()) < 40
    assert wide in beside and other not in beside


def test_a_footnote_speaks_of_columns_that_stand_on_the_slide():
    """An extra column goes where the table is too wide, and with it what the caption says of it."""
    view = View(Locale("en", "EUR"))
    reasons = {f"why{n}": f"Why {n}" for n in range(5)}
    columns = [*(Column(key, label) for key, label in reasons.items()), Column("since", "Since", extra=True)]

    def footnote(letters: int) -> str:
        frame = pd.DataFrame({key: ["x " * letters] for key in reasons} | {"since": ["May"]})
        with using(view):
            grid = html_table(frame, columns, "Whom to see.", of_extra="Since: the first day.").grid
            made = slides.Slides(view, ["Client", "Report", "2025"], "", None)
            slide = made.slide("Title")
            deck._table_and_todos(made, slide, grid, [])
        assert grid.caption == "Whom to see. Since: the first day."
        (table,) = (shape.table for shape in slide.shapes if shape.has_table)
        assert (len(table.columns) == 6) == (letters < 100)
        return slide.shapes[-1].text_frame.text

    assert footnote(10) == "Whom to see. Since: the first day."
    assert footnote(400) == "Whom to see."


@pytest.mark.parametrize(("differ", "rows"), [(3, 12), (12, None)])
def test_of_a_table_that_does_not_fit_the_column_that_repeats_itself_gives_way(differ, rows):
    """Twelve rows of two long columns are too much for a slide: where one of them has only three sentences,
    all rows stand without it, and the footnote says so; where all differ, the last rows are cut.
    """
    view = View(Locale("en", "EUR"))
    why = [f"the reason of the account {n} " + "told at length " * 4 for n in range(12)]
    todo = [f"do the thing {n % differ} " + "and say so to all " * 9 for n in range(12)]
    columns = [Column("name", "Account"), Column("why", "Why"), Column("todo", "What to do first")]
    frame = pd.DataFrame({"name": [f"Account {n}" for n in range(12)], "why": why, "todo": todo})
    with using(view):
        grid = html_table(frame, columns, "Whom to see.").grid
        made = slides.Slides(view, ["Client", "Report", "2025"], "", None)
        slide = made.slide("Title")
        deck._table_and_todos(made, slide, grid, [])
    (table,) = (shape.table for shape in slide.shapes if shape.has_table)
    footnote, without = slide.shapes[-1].text_frame.text, "Not on this slide: What to do first."
    if rows:
        assert (len(table.rows) - 1, len(table.columns)) == (rows, 2) and without in footnote
    else:
        assert len(table.rows) - 1 < 12 and len(table.columns) == 3 and without not in footnote


@pytest.mark.parametrize("most", [10, 40, 263])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_slide_leaves_out_is_counted_of_the_whole_list_and_once(language, most):
    """Of 263 accounts 12 stood on the slide, and "28 more": it had counted the 40 of the page. A list cut on
    the page and again on the slide had two counts.
    """
    view = View(Locale(language, "EUR"))
    frame = pd.DataFrame({"name": [f"No. {n}" for n in range(263)], "sum": 1.0})
    with using(view):
        grid = html_table(
            frame, [Column("name", "Name"), Column("sum", "Sum", "money")], "All.", most=most
        ).grid
        made = slides.Slides(view, ["Client", "Report", "2025"], "", None)
        slide = made.slide("Title")
        deck._table_and_todos(made, slide, grid, [])
        plot = Plot("bars", ("a",), (Series("n", (1.0,), "#112233"),), "A chart.")
        part = Part("x", "X", None, [], [], [], None, [], [])
        deck._together(made, part, [deck._Exhibit("", "", plot=plot), deck._Exhibit("", "", grid=grid)], "k")
    for one in (slide, made.deck.slides[-1]):
        (table,) = (shape.table for shape in one.shapes if shape.has_table)
        shown = len(table.rows) - 1
        footnote = one.shapes[-1].text_frame.text
        assert str(263 - shown) in footnote and footnote.count("workbook") + footnote.count("工作簿") == 1


def test_names_of_dots_do_not_lie_on_one_another():
    """Two at the same place stand on two sides of it; of five at one place the fifth finds none."""
    box = (0.6, 1.6, 7.4, 4.8)

    def places(values: tuple[float, ...], words: tuple[str, ...]) -> list:
        rest = ("",) * 2  # two more dots, which span the axis
        dots = Series("risk", (*values, 1.0, 1000.0), "#112233", (0.5,) * (len(values) + 2), (*words, *rest))
        return list(slides._beside_dots(Plot("cloud", (), (dots,), "caption", log=True), box).values())

    two = places((30.0, 30.0), ("Customer 18102", "Customer 17450"))
    assert len(two) == 2 and len(set(two)) == 2
    assert 2 <= len(places((30.0,) * 5, ("Customer 18102", "Customer 17450", "c", "d", "e"))) < 5
    assert places((30.0, 300.0), ("a", "b")) == [slides.XL_LABEL_POSITION.RIGHT] * 2


def test_a_table_that_fits_alone_stands_whole_and_all_to_be_done_is_on_a_slide():
    """Twelve rows of one line leave no room for six things to be done: these stand on a slide of their own,
    or beside the chart."""
    long = "do this and that and what else there is " * 4
    todos = [Todo(f"Thing {n}: {long}", "Li", "1 Jan", "€1M") for n in range(6)]
    point = Point("watch", "act", "Twelve may leave", "", "", "", "", "risk")
    part = Part("risk", "Risk", point, [], [], [], None, todos, [])
    grid = Grid(("Name",), (False,), (False,), (("a",),) * 12, "Whom to see.")
    table = deck._Exhibit("Twelve may leave", "watch", grid=grid)
    plot = Plot("bars", ("a", "b"), (Series("n", (1.0, 2.0), "#112233"),), "Two bars.")
    for exhibits in ([table], [deck._Exhibit("A chart.", "", plot=plot), table]):
        made = slides.Slides(View(Locale("en", "EUR")), ["Client", "Report", "2025"], "", None)
        deck._each(made, part, exhibits, "3 · Risk", more=True)
        shapes = [shape for slide in made.deck.slides for shape in slide.shapes]
        tables = [shape.table for shape in shapes if shape.has_table]
        rows = [len(one.rows) for one in tables if one.cell(0, 0).text_frame.text == "Name"]
        cells = [cell.text_frame.text for one in tables for cell in one.iter_cells()]
        words = " ".join([*(s.text_frame.text for s in shapes if s.has_text_frame), *cells])
        assert rows == [13] and all(f"Thing {n}:" in words for n in range(6))


def test_the_opening_has_a_title_of_three_lines_and_the_rest_below():
    said = [
        f"Sentence {n} says what has to be known of the year, at the length of one line. " for n in range(6)
    ]
    view = View(Locale("en", "GBP"))
    title, rest = deck._in_three_lines([s.strip() for s in said], view)
    assert slides.lines_of(title, slides.WIDE, 26) <= 3 and title.startswith("Sentence 0")
    assert rest and f"{title} {rest}" == view.locale.sentences(*[s.strip() for s in said])
