"""Charts as figures of the page: one drawing for a laptop, and where the report shows it one for a phone and
paper; sharp SVG with a text alternative.

The drawings stand in the page itself, their words as text in the reader's own fonts: they can be
searched, and
they follow the page's colours. Nothing random is in them: the same data give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.palette import BAD, COOL, GROUND, INK, PALE, QUIET, RULE, SLATE, WARM, WHITE
from kamplay.show.display import Display
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = "Kamplay Sans SC"
# inches; at 96 px an inch about a laptop's column, a phone's, and half a laptop's column
WIDE, NARROW, COMPACT = (7.4, 3.5), (4.1, 3.7), (4.3, 3.2)
UNNAMED = "\N{NO-BREAK SPACE}"  # an axis without a name


@dataclass(frozen=True)
class Spot:
    """A place of a drawing that tells more when pointed at: ``x`` from the left and ``y`` from the top, as
    shares of its width and height; ``width``, a share of its width; ``text`` as it comes from the client.
    """

    x: float
    y: float
    width: float
    text: str


Draw = Callable[["Axes", View, bool], Sequence[Spot] | None]


def draw_chart(draw: Draw, caption: str, alt: str, height: float = 1.0, message: str = "") -> Display:
    """The drawing with its caption: for both widths where it is read on paper, too, else for a laptop.

    Parameters
    ----------
    draw : draws on ``(axes, view, narrow)``. Spots that it returns for the wide drawing lie over the picture:
        a picture in ``src`` cannot tell what is under the pointer.
    caption, alt : what stands below the picture, and what it shows in words.
    message : what the reader is to take from it, above the picture; "" where the text around it says that.
    height : of the default height.
    """
    wide, spots = _svg(draw, WIDE, height, narrow=False)
    if current().on_paper:
        narrow, _ = _svg(draw, NARROW, height, narrow=True)
        # a page without our style sheet shows the first alone
        picture = placed(wide, alt, "wide") + placed(narrow, alt, "narrow", 'style="display:none"')
    else:
        picture = placed(wide, alt)
    if spots:
        marks = "".join(map(_spot, spots))
        picture = f'<div class="spots">{picture}<span aria-hidden="true">{marks}</span></div>'
    return _figure("chart", picture, caption, alt, message)


def draw_compact(
    draw: Draw, caption: str, alt: str, height: float = 1.0, css: str = "chart compact", message: str = ""
) -> Display:
    """One drawing of half a column for every width, with its caption. ``draw`` is called as for a phone;
    ``css``: the figure's classes."""
    picture, _ = _svg(draw, COMPACT, height, narrow=True)
    return _figure(css, placed(picture, alt), caption, alt, message)


def placed(svg: str, alt: str, css: str = "", more: str = "") -> str:
    """A drawing for a place in the page, with what it shows in words; the names that it gives to its own
    parts
    are told apart from those of all others.
    """
    mark = hashlib.sha256(svg.encode()).hexdigest()[:8] + css[:1]
    svg = re.sub(r'(?<=[ :])id="|(?<=href="#)|(?<=url\(#)', lambda at: at[0] + mark, svg)
    named = f'<svg role="img" aria-label="{escape(alt, quote=True)}"'
    named += f' class="{css}"' if css else ""
    return svg.replace("<svg", f"{named} {more}".rstrip(), 1)


def _figure(css: str, picture: str, caption: str, alt: str, message: str) -> Display:
    title = f'<p class="message">{escape(message)}</p>' if message else ""
    html = f'<figure class="{css}">{title}{picture}<figcaption>{escape(caption)}</figcaption></figure>'
    return Display(html, f"[{caption}] {alt}")


def _spot(spot: Spot) -> str:
    place = f"left:{100 * spot.x:.1f}%;top:{100 * spot.y:.1f}%;width:{100 * spot.width:.1f}%"
    return f'<i style="{place}" title="{escape(spot.text, quote=True)}"></i>'


# --- the theme


@cache
def _theme() -> Any:
    """seaborn's style without a grid, with our font, colours and lines on top."""
    import seaborn as sns
    from matplotlib import font_manager

    with resources.as_file(resources.files("kamplay.show").joinpath("fonts", "KamplaySans-SC.otf")) as path:
        font_manager.fontManager.addfont(str(path))
    return {
        **sns.axes_style("white"),
        "font.family": [FONT],
        "font.size": 9.5,
        "svg.fonttype": "path",
        "svg.hashsalt": "kamplay",
        "text.parse_math": False,  # a $ in a client's name is a $
        "axes.unicode_minus": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": RULE,
        "axes.labelcolor": QUIET,
        "axes.titlesize": 9.5,
        "text.color": INK,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "grid.color": RULE,
        "grid.linewidth": 0.7,
        "patch.force_edgecolor": False,
    }


def load_drawing() -> None:
    """Import what every chart needs, and draw an empty one: children forked after it need not."""
    _svg(lambda axes, view, narrow: None, COMPACT, 1.0, narrow=True)


# --- from a drawing to an address


def _svg(draw: Draw, size: tuple[float, float], height: float, narrow: bool) -> tuple[str, Sequence[Spot]]:
    """The drawing as an address, and its spots."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_theme()):
        figure = Figure(figsize=(size[0], size[1] * height), layout="constrained")
        axes = figure.add_subplot()
        # seaborn names an axis that has no name, and builds all its ticks to learn whether any is shown
        axes.set(xlabel=UNNAMED, ylabel=UNNAMED)
        spots = draw(axes, current(), narrow) or ()
        for axis in (axes.xaxis, axes.yaxis):
            if axis.label.get_text() in ("", UNNAMED):
                axis.label.set_text("")
                axis.set_label_coords(0, 0)  # else matplotlib measures all ticks to place it
        return _smaller(_drawn(figure)), spots


def _drawn(figure: Figure) -> str:
    """The figure as SVG, without a ground."""
    from kamplay.show.charts.svg_renderer import svg_of

    inset = [child for axes in figure.axes for child in axes.child_axes]
    for patch in (figure.patch, *(axes.patch for axes in (*figure.axes, *inset))):
        patch.set(facecolor="none", edgecolor="none")
    return svg_of(figure)


def _smaller(svg: str) -> str:
    """The drawing without what no reader sees: comments, decimals of a thousandth of a point, names that
    nothing
    refers to, the namespaces that a page has anyway. Its quiet colours are those of the page.
    """
    text = re.sub(
        r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>",
        "",
        svg,
        flags=re.DOTALL,
    )
    text = re.sub(r'<svg[^>]*( viewBox="[^"]*")[^>]*>', r'<svg stroke-linejoin="round"\1>', text, count=1)
    text = _CIRCLE.sub(_circle, text.replace("xlink:href", "href"))
    text = re.sub(r"\n\s*", "\n", text).strip()
    text = re.sub(r'(?<= d=")[^"]*', lambda path: _short(path[0]), text)
    text = re.sub(r'(?<= style=")[^"]*', lambda style: re.sub(r"\s*([:;])\s*", r"\1", style[0]), text)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda name: name[0] if name[1] in used else "", text)
    for name, colour in FOLLOWED.items():
        text = re.sub(f"(?<=:){colour.lower()}", f"var(--{name},{colour})", text)
    text = re.sub(f'(<text[^>]* style="fill:){BAD.lower()}', rf"\1var(--bad,{BAD})", text)
    text = re.sub(r">\s+<", "><", text)
    for _ in range(3):  # groups of one part, or of none
        text = re.sub(r"<g></g>|<g>(<(?:text|path)[^>]*(?:/>|>[^<]*</text>))</g>", r"\1", text)
    return text.replace("<defs></defs>", "")


# colours of words, lines and grounds, which the page may set otherwise, as on a dark ground
FOLLOWED = {"ink": INK, "slate": SLATE, "quiet": QUIET, "rule": RULE, "ground": GROUND}


# a circle as matplotlib writes it: eight curves that begin at the bottom
_CURVE = r"C(?: \S+){4} (\S+) (\S+) \n"
_CIRCLE = re.compile(rf'<path d="M (\S+) (\S+) \n{_CURVE * 8}z\n"')


def _circle(path: re.Match[str]) -> str:
    """A circle in a tenth of the letters; any other path as it is."""
    x, bottom, right, y = (float(path[group]) for group in (1, 2, 5, 6))
    radius = right - x
    if abs(bottom - y - radius) > 0.001 or radius <= 0:
        return path[0]
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.4g}"'


def _short(path: str) -> str:
    """A path to a hundredth of a point, without the spaces it can do without: an eighth less to send. A line
    of no length is a dot.
    """
    short = re.sub(r"\s*([A-Za-z])\s*", r"\1", re.sub(r"(\.\d\d)\d+", r"\1", path)).strip()
    return re.sub(r"M([-\d. ]+)L\1(?=M|$)", r"M\1h0", short)


# --- axes


# of seaborn: the median of ``interval_rows`` and all that lies between the lowest and the highest
INTERVAL = {"estimator": "median", "errorbar": ("pi", 100)}


def interval_rows(frame: pd.DataFrame, value: str, low: str, high: str) -> pd.DataFrame:
    """Each row three times, with its value and both ends of its interval as ``value``: drawn with
    ``INTERVAL`` they are the value and its interval.
    """
    return pd.concat([frame.assign(**{value: frame[c]}) for c in (value, low, high)], ignore_index=True)


def money_axis(axis: Any, view: View, largest: float) -> str:
    """Round amounts on an axis in the unit that suits them; returns that unit for the caption."""
    scale, unit = view.locale.money_scale(largest, coarse=True)
    digits = 1 if largest / scale < 5 else 0
    axis.set_major_formatter(lambda value, _: view.locale.number(value / scale, digits))
    axis.set_major_locator(few_ticks())
    return unit


def percent_axis(axis: Any, view: View) -> None:
    axis.set_major_formatter(lambda value, _: view.locale.percent(value, 0))


def few_ticks() -> Any:
    """Places of at most five labels, at round figures."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])


def month_axis(axes: Axes, view: View, dates: Any, narrow: bool) -> None:
    """Month numbers under positions 0, 1, 2 …, counted back from the last so that it has one; a year's first
    label carries the year.
    """
    every = next(
        step for step in (1, 2, 3, 4, 6, 12, 24) if step * (6 if narrow else 13) >= len(dates) or step == 24
    )
    places = list(range(len(dates) - 1, -1, -every))[::-1]
    years = [dates[i].year for i in places]
    axes.set_xticks(
        places,
        [
            f"{dates[i].month}\n{dates[i].year}"
            if n == 0 or years[n] != years[n - 1]
            else f"{dates[i].month}"
            for n, i in enumerate(places)
        ],
    )


def paired_bars(
    axes: Axes,
    view: View,
    labels: Sequence[str],
    accounts: Sequence[float],
    amounts: Sequence[float],
    counts: Sequence[int],
    colours: Sequence[str],
    narrow: bool,
) -> None:
    """For each label, from the top, its share of revenue (in colour) above its share of accounts (pale, the
    count in brackets).
    """
    import seaborn as sns

    locale, places = view.locale, list(range(len(labels)))
    sns.barplot(
        x=[*amounts, *accounts],
        y=[*places, *places],
        hue=["revenue"] * len(labels) + ["accounts"] * len(labels),
        palette=[view.accent, PALE],
        orient="h",
        width=0.75,
        gap=0.04,
        saturation=1,
        errorbar=None,
        legend=False,
        ax=axes,
    )
    bars: Any = axes.containers
    revenue, number = bars
    for bar, colour in zip(revenue, colours, strict=True):
        bar.set_facecolor(colour)
    shares = [locale.say(N_("{part:pct} of revenue"), part=part) for part in amounts]
    counted = [
        locale.say(N_("{part:pct} of accounts ({count:n})"), part=part, count=count)
        for part, count in zip(accounts, counts, strict=True)
    ]
    axes.bar_label(revenue, shares, padding=3, fontsize=8.5)
    axes.bar_label(number, counted, padding=3, fontsize=8.5, color=QUIET)
    axes.set_yticks(places, list(labels))
    axes.set(ylabel="", xlim=(0, max(max(accounts), max(amounts)) * (1.8 if narrow else 1.35)))
    bare(axes, "bottom")


def interval_points(
    axes: Axes, frame: pd.DataFrame, columns: tuple[str, str, str], by: str, colours: Mapping[Any, str]
) -> None:
    """A point with the line of its interval for each row of ``frame``, from the top.

    Parameters
    ----------
    columns : of the figure, and of the lower and the upper end of its interval.
    by : the column that tells the rows apart; its values → their ``colours``.
    """
    import seaborn as sns

    sns.pointplot(
        interval_rows(frame, *columns),
        x=columns[0],
        y=by,
        hue=by,
        palette=dict(colours),
        **INTERVAL,
        linestyle="none",
        markersize=7,
        markeredgewidth=0,
        capsize=0.12,
        err_kws={"linewidth": 1.6},
        legend=False,
        ax=axes,
    )


def overlaid_bars(axes: Axes, *layers: tuple[Any, str, str, float]) -> None:
    """Horizontal bars from the top, each layer (amounts, colour, label, height) on those before it."""
    import seaborn as sns

    for amounts, colour, label, height in layers:
        sns.barplot(
            x=np.asarray(amounts),
            y=np.arange(len(amounts)),
            orient="h",
            color=colour,
            saturation=1,
            errorbar=None,
            width=height,
            label=label,
            ax=axes,
        )


def floating_bars(axes: Axes, starts: Any, amounts: Any, colours: Sequence[str], height: float) -> None:
    """Horizontal bars from the top, each from its start and in its own colour."""
    overlaid_bars(axes, (amounts, PALE, "", height))
    bars: Any = axes.containers[-1]
    for bar, start, colour in zip(bars, starts, colours, strict=True):
        bar.set(x=start, facecolor=colour)


def bare(axes: Axes, *sides: str) -> None:
    """No line and no ticks on these sides."""
    for side in sides:
        axes.spines[side].set_visible(False)
        (axes.set_xticks if side in ("bottom", "top") else axes.set_yticks)([])


# --- words and colours


def clip(name: str, narrow: bool, most: int = 18, most_narrow: int = 10) -> str:
    """A client's name short enough for a label; one that ends in a number keeps that, which tells it from
    others.
    """
    length = most_narrow if narrow else most
    if len(name) <= length:
        return name
    number = re.search(r"\d+$", name)
    end = number.group()[-(length - 2) :] if number else ""
    return f"{name[: length - 1 - len(end)].rstrip()}…{end}"


def one_line(name: str) -> str:
    """A client's word without line breaks."""
    return " ".join(name.split())


def wrap_label(text: str, width: int, most: int = 3) -> str:
    """``text`` in at most ``most`` lines of ``width`` characters."""
    return "\n".join(
        textwrap.wrap(one_line(text), max(3, width), max_lines=most, placeholder="…", break_on_hyphens=False)
    )


def join_parts(parts: list[str], locale: Locale) -> str:
    """The parts of a text alternative in one sentence."""
    return locale.text(N_("; ")).join(parts)


def lighten(colour: str, part: float) -> str:
    """``colour`` with ``part`` of it replaced by white."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (c + (1 - c) * part for c in to_rgb(colour))
    return str(to_hex((red, green, blue)))


def opposite_colour(accent: str) -> str:
    """The other end of a scale that ends in the brand's colour: warm, unless that is warm itself."""
    from matplotlib.colors import to_rgb

    red, _, blue = to_rgb(accent)
    return COOL if red > blue else WARM


def text_colour_on(fill: Any) -> str:
    """Ink or white, whichever stands out more on ``fill`` (contrast by WCAG 2's relative luminance)."""
    from matplotlib.colors import to_rgb

    def luminance(colour: Any) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    on = luminance(fill)
    return WHITE if 1.05 / (on + 0.05) > (on + 0.05) / (luminance(INK) + 0.05) else INK
