"""A bridge from one amount to another, each step a bar that floats where the one before it ended; its axis
begins at zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.value.retention import Retention
from kamplay.palette import BAD, GOOD, PALE
from kamplay.show.charts.chart import bare, draw_compact, floating_bars
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OTHER = N_(
    "Other: earlier accounts that brought nothing net in the year before, as they bought nothing or returned "
    "more than they bought, and returns of accounts that bring nothing now."
)
OTHER_BRIEF = N_("Other: accounts without net purchases in the year before, and returns.")
OTHER_IN = N_("Other: {charges:money} in {names}, {goods:money} in goods.")
OTHER_OF = N_("Other, {other:money}: {most}; {charges:money} of it lies in {names}, {goods:money} in goods.")
# what most of the other is: a minus of the year before that is gone, or else
WAS_MINUS = N_(
    "mostly returns of the year before that did not recur, {minus:money} beyond what {count:n} "
    "{count:plural|account|accounts} bought then"
)
NO_NET = N_(
    "accounts that brought nothing net in the year before, and returns of those that bring nothing now"
)
STOPPED = {  # by whether all that have stopped since bought less
    True: N_(
        "An account without net revenue in the 12 months counts as left; the {count:n} that bought and "
        "then stopped {count:plural|is|are} in “{bar}”: {amount:money}."
    ),
    False: N_(
        "An account without net revenue in the 12 months counts as left; of {count:n} that bought and "
        "then stopped, {less:n} {less:plural|is|are} in “{bar}”: {amount:money}."
    ),
}
BASE = N_(
    "Retention is of {base:money}, without accounts that returned more than they bought in the year before."
)


MAY_RETURN = N_(
    "New: not seen before in these data, which are too short to tell who bought earlier and came back."
)


def what_bars_hold(retention: Retention, less: str) -> str:
    """What of a bridge of revenue is not as its bars are called: where accounts stand that have stopped, what
    is in "other", what a newcomer is, and of what retention is where that is not the first bar. ``less``: the
    bar of those that bought less.
    """
    locale = current().locale
    stopped = retention.stopped
    fewer = stopped[stopped["move"] == "contracted"]
    before = float(retention.moves["before"].sum())
    return locale.sentences(
        locale.say(
            STOPPED[len(fewer) == len(stopped)],
            count=len(stopped),
            less=len(fewer),
            bar=less,
            amount=abs(fewer["change"].sum()),
        )
        if len(fewer)
        else "",
        other_told(retention),
        locale.text(MAY_RETURN)
        if "new" in set(retention.bridge["item"]) and not retention.returns_known
        else "",
        locale.say(BASE, base=retention.base) if locale.money(retention.base) != locale.money(before) else "",
    )


def other_told(retention: Retention, brief: bool = False) -> str:
    """What is in the bar of that name, "" without one: where charges moved, how much of it they are.
    ``brief``: in half a line.
    """
    locale, apart = current().locale, retention.charges
    if "other" not in set(retention.bridge["item"]):
        return ""
    if apart is None:
        return locale.text(OTHER_BRIEF if brief else OTHER)
    amount = float(retention.bridge.set_index("item").loc["other", "amount"])
    names = locale.words([f"“{name}”" for name in apart.names])
    if brief:
        return locale.say(OTHER_IN, charges=apart.other, goods=amount - apart.other, names=names)
    before = retention.moves.loc[retention.moves["move"] == "other", "before"]
    minus = before[before < 0]
    most = locale.text(NO_NET)
    if -minus.sum() > abs(amount + minus.sum()):  # larger than all else in the bar
        most = locale.say(WAS_MINUS, count=len(minus), minus=-minus.sum())
    return locale.say(
        OTHER_OF, other=amount, most=most, charges=apart.other, goods=amount - apart.other, names=names
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
