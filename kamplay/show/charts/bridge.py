"""A bridge from one amount to another, each step a bar that floats where the one before it ended; its axis
begins at zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kamplay.palette import BAD, GOOD, PALE
from kamplay.show.charts.chart import bare, draw_compact, floating_bars
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OTHER = N_(
    "Other: accounts that brought nothing net in the year before though seen earlier, and "
    "returns of accounts that brought nothing."
)


def draw_bridge(
    labels: Sequence[str],
    amounts: np.ndarray,
    caption: str,
    alt: str,
    words: Callable[[float], str] | None = None,
    neutral: Sequence[int] = (),
) -> Display:
    """A bridge that lies on its side, so that labels have room on a phone.

    Parameters
    ----------
    labels, amounts : from the top; the first and the last amount are totals, those between are steps.
    words : an amount in words; without it, money.
    neutral : places of steps that are neither good nor bad news.
    """
    locale = current().locale
    ends = np.isin(np.arange(len(amounts)), [0, len(amounts) - 1])
    starts = np.where(ends, 0.0, np.concatenate([[0.0], np.cumsum(amounts[:-1])]))
    said = words or locale.money

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        lows, highs = np.minimum(starts, starts + amounts), np.maximum(starts, starts + amounts)
        top, floor = max(0.0, highs.max()), min(0.0, lows.min())
        reach = max(top - floor, 1e-9)
        colours = [PALE, *(GOOD if amount >= 0 else BAD for amount in amounts[1:-1]), view.accent]
        colours = [PALE if place in neutral else colour for place, colour in enumerate(colours)]
        floating_bars(axes, lows, highs - lows, colours, 0.66)
        for place, (amount, high, end) in enumerate(zip(amounts, highs, ends, strict=True)):
            sign = "+" if not end and amount > 0 else ""
            axes.text(high + reach * 0.015, place, sign + said(amount), va="center", fontsize=8)
        axes.set_yticks(range(len(labels)), list(labels), fontsize=8.5)
        axes.set_xlim(floor, top + reach * 0.42)
        bare(axes, "bottom")
        axes.spines["left"].set_visible(False)

    return draw_compact(draw, caption, alt, 0.95)
