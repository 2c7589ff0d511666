"""Charts as figures of the page: one drawing for a laptop, one for a phone, both sharp SVG with a text
alternative.

Words become outlines of the shipped font, so a chart looks the same everywhere and no Chinese
character turns into a box. Nothing random is in the file: the same data give the same bytes.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from kamplay.show.display import Display
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT = "Kamplay Sans SC"
INK, QUIET, RULE, PALE = "#22303C", "#6B7884", "#D5DBE0", "#C3CCD4"
WHITE = "#FFFFFF"
GOOD, WARN, BAD = "#3C8C5A", "#D9A21B", "#C2452D"
WARM, COOL = "#B9771E", "#3F6E93"  # the other end of a scale whose one end is the brand's colour
WIDE, NARROW = (7.4, 3.5), (4.1, 3.7)  # inches; at 96 px an inch about a laptop's column and a phone's
PHONE = "(max-width: 560px)"


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


def draw_chart(draw: Draw, caption: str, alt: str, height: float = 1.0) -> Display:
    """The drawing for both widths with its caption. ``draw(axes, view, narrow)``; ``height`` scales the
    default height.

    Spots that ``draw`` gives for the wide one lie over the picture: a picture in ``src`` cannot tell what is
    under the pointer.
    """
    view = current()
    (wide, spots), (narrow, _) = (drawn(draw, view, size, height, size is NARROW) for size in (WIDE, NARROW))
    picture = f'<picture><source media="{PHONE}" srcset="{narrow}"><img src="{wide}" alt="{escape(alt, quote=True)}"></picture>'
    if spots:
        picture = (
            f'<div class="spots">{picture}<span aria-hidden="true">{"".join(map(_spot, spots))}</span></div>'
        )
    html = f'<figure class="chart">{picture}<figcaption>{escape(caption)}</figcaption></figure>'
    return Display(html, f"[{caption}] {alt}")


def _spot(spot: Spot) -> str:
    place = f"left:{100 * spot.x:.1f}%;top:{100 * spot.y:.1f}%;width:{100 * spot.width:.1f}%"
    return f'<i style="{place}" title="{escape(spot.text, quote=True)}"></i>'


def drawn(
    draw: Draw, view: View, size: tuple[float, float], height: float, narrow: bool
) -> tuple[str, Sequence[Spot]]:
    """The drawing as an address, and its spots."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_settings()):
        figure = Figure(figsize=(size[0], size[1] * height), layout="constrained")
        axes = figure.add_subplot()
        spots = draw(axes, view, narrow) or ()
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = out.getvalue().decode("utf-8")
    text = re.sub(
        r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL
    )
    text = re.sub(r"\n\s*", "\n", text).strip()
    text = re.sub(r'(?<= d=")[^"]*', lambda path: _short(path[0]), text)
    text = text.replace("KamplaySansSC-Regular-", "k")  # a name for each character, wherever it stands
    text = re.sub(r"(?<=translate\()[^)]*", lambda place: re.sub(r"(\.\d\d)\d+", r"\1", place[0]), text)
    text = re.sub(
        r'd="([^"]*)" transform="scale\(0\.015625\)"',
        lambda glyph: f'd="{_coarse(glyph[1])}" transform="scale(0.25)"',
        text,
    )
    return as_uri(text), spots


def as_uri(svg: str) -> str:
    """A drawing as an address that stands in ``src`` and ``srcset``: outlines as they are, only what either
    would misread is escaped.

    A quarter shorter than base64. Without a space, as ``srcset`` ends an address there.

    """
    text = re.sub(r">\s+<", "><", svg).replace('"', "'")
    text = re.sub(r"(?<= d=')[^']*", lambda path: re.sub(r"\s+", ",", path[0].strip()), text)
    text = re.sub(r"(?<= style=')[^']*", lambda style: re.sub(r"\s*([:;])\s*", r"\1", style[0]), text)
    escaped = quote(text, safe="/:=,;()'!*-._~@+?").replace(
        "://", "%3A//"
    )  # a page without a web address, not even a namespace's
    return "data:image/svg+xml," + escaped


def _short(path: str) -> str:
    """A path to a hundredth of a point, without the spaces it can do without: an eighth less to send. A line
    of no length is a dot.
    """
    short = re.sub(r"\s*([A-Za-z])\s*", r"\1", re.sub(r"(\.\d\d)\d+", r"\1", path)).strip()
    return re.sub(r"M([-\d. ]+)L\1(?=M|$)", r"M\1h0", short)


def _coarse(glyph: str) -> str:
    """A character's outline on a grid of a fiftieth of a pixel, a sixteenth of the font's own: a quarter less
    to send.
    """
    return re.sub(r"-?\d+", lambda number: str(round(int(number[0]) / 16)), glyph)


@cache
def _settings() -> Any:
    from matplotlib import font_manager

    with resources.as_file(resources.files("kamplay.show").joinpath("fonts", "KamplaySans-SC.otf")) as path:
        font_manager.fontManager.addfont(str(path))
    return {
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
        "axes.grid": False,
        "grid.color": RULE,
        "grid.linewidth": 0.7,
        "axes.axisbelow": True,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
    }


def money_axis(axis: Any, view: View, largest: float) -> str:
    """Round amounts on an axis in the unit that suits them; returns that unit for the caption."""
    scale, unit = view.locale.money_scale(largest, coarse=True)
    digits = 1 if largest / scale < 5 else 0
    axis.set_major_formatter(lambda value, _: view.locale.number(value / scale, digits))
    axis.set_major_locator(_few_ticks())
    return unit


def percent_axis(axis: Any, view: View) -> None:
    axis.set_major_formatter(lambda value, _: view.locale.percent(value, 0))


def _few_ticks() -> Any:
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


def clip(name: str, narrow: bool, most: int = 18, most_narrow: int = 10) -> str:
    """A client's name short enough for a label."""
    length = most_narrow if narrow else most
    return name if len(name) <= length else name[: length - 1] + "…"


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


def paired_bars(
    axes: Axes,
    view: View,
    labels: Sequence[str],
    accounts: Any,
    amounts: Any,
    counts: Any,
    colours: Sequence[str],
    narrow: bool,
) -> None:
    """For each label, from the top, its share of revenue (in colour) above its share of accounts (pale, the
    count in brackets).
    """
    locale = view.locale
    places = range(len(labels) - 1, -1, -1)
    for place, amount, part, count, colour in zip(places, amounts, accounts, counts, colours, strict=True):
        axes.barh(place + 0.19, amount, height=0.36, color=colour)
        axes.barh(place - 0.19, part, height=0.36, color=PALE)
        axes.text(
            amount + 0.008,
            place + 0.19,
            locale.say(N_("{part:pct} of revenue"), part=amount),
            va="center",
            fontsize=8.5,
        )
        said = locale.say(N_("{part:pct} of accounts ({count:n})"), part=part, count=count)
        axes.text(part + 0.008, place - 0.19, said, va="center", fontsize=8.5, color=QUIET)
    axes.set_yticks(list(places), list(labels))
    axes.set_xlim(0, max(max(accounts), max(amounts)) * (1.8 if narrow else 1.35))
    bare(axes, "bottom")


def bare(axes: Axes, *sides: str) -> None:
    """No line and no ticks on these sides."""
    for side in sides:
        axes.spines[side].set_visible(False)
        (axes.set_xticks if side in ("bottom", "top") else axes.set_yticks)([])


SIZE = (4.3, 3.2)  # inches


def draw_compact(draw: Draw, caption: str, alt: str, height: float = 1.0) -> Display:
    """The drawing with its caption. ``draw(axes, view, narrow)`` is called as for a phone; ``height`` scales
    the default height.
    """
    picture, _ = drawn(draw, current(), SIZE, height, True)
    html = (
        f'<figure class="chart compact"><img src="{picture}" alt="{escape(alt, quote=True)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
    return Display(html, f"[{caption}] {alt}")


NAMED_DIAMETER = 4.5  # points across that a named mark has at least, so that its name points at something
# where a label may stand, as seen from its mark
SIDES = (
    (1, 0),
    (-1, 0),
    (0, 1),
    (0, -1),
    (1, 1),
    (-1, 1),
    (1, -1),
    (-1, -1),
    (0.4, 1),
    (-0.4, 1),
    (0.4, -1),
    (-0.4, -1),
)


def circle_diameters(areas: Any) -> Any:
    """Diameters in points of circles of ``areas`` (square points), in steps of an eighth: few sizes make a
    small file.
    """
    return np.round(
        2.0 * 1.125 ** np.round(np.log(np.maximum(np.sqrt(areas / np.pi), 1.0)) / np.log(1.125)), 2
    )


def place_labels(
    axes: Axes,
    texts: list[str],
    points: Any,
    size: Any,
    chosen: Any,
    circled: Any,
    inches: Any,
    fontsize: float,
    drawn: Any = None,
) -> None:
    """Each text whole, beside its account; one that finds no place without touching a mark or another text is
    left out.

    ``points`` and ``size`` (diameters) of all accounts in points; ``chosen``: the places of those with a
    text, by falling importance; ``circled``: which have a circle of their own; ``drawn``: which are on the
    map at all, if not only these.
    """
    figure: Any = axes.figure
    unit = 72 / figure.dpi
    frame = axes.get_window_extent().extents * unit
    taken = [t.get_window_extent().extents * unit for t in axes.texts]
    lines = np.empty((0, 2))  # points along the lines that lead from a text to its account
    for text, n in zip(texts, chosen, strict=True):
        label = axes.text(
            0, 0, text, fontsize=fontsize, color=INK, transform=inches, zorder=5, va="center", ha="center"
        )
        extent = label.get_window_extent()
        width, height = extent.width * unit, extent.height * unit
        half = np.array([width, height]) / 2
        best: tuple[float, Any, Any] | None = None
        for far, gap in enumerate((1.5, 8.0, 16.0, 26.0, 38.0, 52.0)):
            for turn, (dx, dy) in enumerate(SIDES):
                reach = (size[n] / 2 + gap) * (0.75 if dx and dy else 1)
                middle = points[n] + np.array([dx * (reach + width / 2), dy * (reach + height / 2)])
                spot = np.concatenate([middle - half, middle + half])
                if (
                    (spot[:2] < frame[:2] + 1).any()
                    or (spot[2:] > frame[2:] - 1).any()
                    or any(_touch(spot, t) for t in taken)
                ):
                    continue
                near = (np.abs(points - middle) < half + size[:, None] / 2).all(axis=1)
                near[n] = False
                if (near & (circled if drawn is None else drawn)).any() or _inside(lines, spot).any():
                    continue
                cost = 1.2 * far + 0.05 * turn
                lead = (
                    points[n]
                    + (np.clip(points[n], spot[:2], spot[2:]) - points[n]) * np.linspace(0, 1, 12)[:, None]
                    if far
                    else lines[:0]
                )
                if any(_inside(lead, t).any() for t in taken):
                    continue
                if far:
                    away = np.linalg.norm(lead[:, None] - points[circled][None], axis=2)
                    crossed = (away < size[circled] / 2 + 0.5).any(axis=0) & (
                        points[circled] != points[n]
                    ).any(axis=1)
                    cost += size[circled][crossed].sum() / 4
                if best is None or cost < best[0]:
                    best = (float(cost), spot, lead)
        if best is None:
            label.remove()
            continue
        spot = best[1]
        taken.append(spot)
        label.set_position((round((spot[0] + spot[2]) / 2, 1), round((spot[1] + spot[3]) / 2, 1)))
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.72, "pad": 0.4})
        if len(best[2]):
            lines = np.vstack([lines, best[2]])
            axes.plot(
                best[2][[0, -1], 0], best[2][[0, -1], 1], color=INK, linewidth=0.6, transform=inches, zorder=4
            )


def _inside(points: Any, box: Any) -> Any:
    return ((points > box[:2]) & (points < box[2:])).all(axis=1)


def _touch(one: Any, other: Any) -> bool:
    return bool(
        one[0] < other[2] + 1
        and other[0] < one[2] + 1
        and one[1] < other[3] + 0.5
        and other[1] < one[3] + 0.5
    )
