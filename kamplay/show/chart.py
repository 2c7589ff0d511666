"""Charts as figures of the page: one drawing for a laptop, one for a phone, both sharp SVG with a text
alternative.

Words become outlines of the shipped font, so a chart looks the same everywhere and no Chinese
character turns into a box. Nothing random is in the file: the same data give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT = "Kamplay Sans SC"
INK, QUIET, RULE, PALE = "#22303C", "#6B7884", "#D5DBE0", "#C3CCD4"
GOOD, WARN, BAD = "#3C8C5A", "#D9A21B", "#C2452D"
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


def clip(name: str, narrow: bool) -> str:
    """A client's name short enough for a label."""
    most = 10 if narrow else 18
    return name if len(name) <= most else name[: most - 1] + "…"


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
