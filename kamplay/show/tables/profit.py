"""Tables of step 2: profit after the cost to serve."""

from __future__ import annotations

from typing import Any

from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, table


def losers(value: Any) -> Display:
    """The accounts that cost more than they bring, the worst first."""
    frame = value.profit
    if frame.empty or frame["net"].notna().sum() == 0:
        return NOTHING
    frame = frame[frame["net"] < 0].sort_values("net")
    frame = frame.assign(margin_rate=frame["margin"] / frame["revenue"])
    columns = [
        ACCOUNT,
        Column("revenue", N_("Revenue"), "money", extra=True),
        Column("margin", N_("Margin amount"), "money"),
        Column("margin_rate", N_("Margin"), "pct", extra=True),
        Column("cost", N_("Cost to serve"), "money"),
        Column("net", N_("Left"), "money"),
    ]
    return table(
        named(frame), columns, N_("Accounts that cost more than they bring in the last 12 months, the worst first."), most=10, printed=6
    )
