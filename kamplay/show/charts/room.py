"""Chart of room to grow: our share and the room by category."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.value import Value
from kamplay.show.charts.compact import compact
from kamplay.show.charts.figure import PALE, bare, clip
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 8  # categories that fit


def room(value: Value) -> Display:
    """What accounts are known to purchase in each category: what we hold, and the room beside it; nothing without a wallet by category."""
    view, every = current(), value.room_by_category
    every = every[every["spend"] > 0]
    if every.empty:
        return NOTHING
    locale, table = view.locale, every.head(MOST)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        place = np.arange(len(table))[::-1]
        held = (table["spend"] - table["room"]).to_numpy()
        left = table["room"].to_numpy()
        axes.barh(place, held, color=view.accent, height=0.64, label=locale.text(N_("ours")))
        axes.barh(place, left, left=held, color=PALE, height=0.64, label=locale.text(N_("room")))
        for y, row in zip(place, table.itertuples(), strict=True):
            said = N_("{share:pct}\nroom {room:money}") if narrow else N_("{share:pct} ours, room {room:money}")
            note = locale.say(said, share=row.share, room=row.room)
            axes.text(row.spend + table["spend"].max() * 0.015, y, note, va="center", fontsize=7.4 if narrow else 8.5, linespacing=1.1)
        axes.set_yticks(place, [clip(str(c), narrow) for c in table["category"]])
        axes.set_xlim(0, table["spend"].max() * (1.42 if narrow else 1.38))
        axes.set_ylim(-0.6, len(table) - 0.4)
        bare(axes, "bottom")
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8.5, borderaxespad=0)

    caption = locale.text(N_("What accounts are known to purchase in a year, by category: what they buy from us, and the room beside it."))
    if len(every) > MOST:
        left_out = N_("The {shown:n} with the largest room; {rest:n} more are in the workbook.")
        caption += (" " if locale.language == "en" else "") + locale.say(left_out, shown=MOST, rest=len(every) - MOST)
    parts = locale.text(N_("; ")).join(
        locale.say(N_("{category} {spend:money}, of it {share:pct} ours, room {room:money}"), **row._asdict())
        for row in table.itertuples(index=False)
    )
    height = 0.35 + 0.1 * max(len(table), 3)
    return compact(draw, caption, locale.say(N_("Purchases by category: {parts}."), parts=parts), height)
