"""A drawing is the one that matplotlib saves but for its words, which are text; an axis without a name stays
without one.
"""

from __future__ import annotations

import io
import re

import matplotlib as mpl
import seaborn as sns
from matplotlib.figure import Figure

from kamplay.palette import BAD
from kamplay.show.charts import chart


def drawing() -> Figure:
    """Bars with ticks and a note beside them, and a small scale inside."""
    figure = Figure(figsize=chart.NARROW, layout="constrained")
    axes = figure.add_subplot()
    sns.barplot(x=[3.0, 20_000.0], y=["华衡", "Long name of an account"], errorbar=None, ax=axes)
    axes.annotate("beside the bar", (20_000, 1), xytext=(8, 0), textcoords="offset points")
    axes.inset_axes((0.6, 0.7, 0.3, 0.1)).set_xticks([0, 1])
    return figure


WORDS = re.compile(r"\s*(?:<!--.*?-->\s*)?<text[^>]*>[^<]*</text>", re.DOTALL)


def test_all_but_the_words_is_what_matplotlib_saves() -> None:
    with mpl.rc_context({**chart._theme(), "svg.fonttype": "none"}):
        out = io.StringIO()
        drawing().savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    with mpl.rc_context(chart._theme()):
        ours = chart._drawn(drawing())
    assert "".join(WORDS.sub("", ours).split()) == "".join(WORDS.sub("", out.getvalue()).split())
    words = re.compile(r"<text[^>]*>([^<]*)</text>")
    assert words.findall(ours) == words.findall(out.getvalue())
    assert {"华衡", "Long name of an account", "beside the bar"} <= set(words.findall(ours))


def test_a_text_is_as_wide_as_it_was_laid_out() -> None:
    """The width that a text claims is that of its characters' advances in the font, in points."""
    from importlib import resources

    from fontTools.ttLib import TTFont

    with resources.as_file(resources.files("kamplay.show").joinpath("fonts", "KamplaySans-SC.otf")) as path:
        font = TTFont(path)
    advances, glyphs, units = font["hmtx"], font.getBestCmap(), font["head"].unitsPerEm
    with mpl.rc_context(chart._theme()):
        found = re.findall(
            r'<text[^>]* font-size="([\d.]+)" textLength="([\d.]+)"[^>]*>华衡</text>', chart._drawn(drawing())
        )
    ((size, width),) = found
    told = sum(advances[glyphs[ord(c)]][0] for c in "华衡") / units * float(size)
    assert abs(float(width) - told) < 0.12 * float(size)


def test_no_two_drawings_share_a_name() -> None:
    def draw(axes, view, narrow):
        axes.plot([0, 1], [0, 1], "o")

    html = chart.draw_chart(draw, "caption", 'what it "shows"').html
    named = re.findall(r' id="([^"]+)"', html)
    assert named and len(named) == len(set(named))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', html)) == set(named)
    assert html.count('aria-label="what it &quot;shows&quot;"') == 2
    assert "http" not in html and "<style" not in html


def test_seaborn_names_no_axis() -> None:
    named = []

    def draw(axes, view, narrow):
        sns.lineplot({"share": [0.1, 0.2], "month": [1, 2]}, x="month", y="share", estimator=None, ax=axes)
        axes.set_ylabel("share of revenue")
        named.append(axes)

    chart.draw_compact(draw, "", "")
    assert (named[0].get_xlabel(), named[0].get_ylabel()) == ("", "share of revenue")


def test_red_words_follow_a_dark_page() -> None:
    """The words take the page's red, which is light on a dark ground; the line beside them stays as it is."""
    figure = Figure(figsize=chart.NARROW)
    axes = figure.add_subplot()
    axes.axvline(0.5, color=BAD)
    axes.text(0.5, 0.5, "capacity 320", color=BAD)
    svg = chart._smaller(chart._drawn(figure))
    (words,) = re.findall(r"<text[^>]*>capacity 320", svg)
    assert f"fill:var(--bad,{BAD})" in words
    assert svg.count("var(--bad") == 1 and BAD.lower() in svg.lower().replace(words.lower(), "")
