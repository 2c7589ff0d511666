"""Table of exposure: who depends on whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamplay.show.charts.exposure import DEPENDS
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word

if TYPE_CHECKING:
    from kamplay.method.value import Value


def dependence(value: Value) -> Display:
    """Accounts where one side depends: those we depend on first, then the largest."""
    frame = value.dependence
    frame = frame[frame["field"] != "neither"]
    order = frame["field"].map({"we": 0, "both": 1}).fillna(2)
    frame = frame.assign(_order=order).sort_values(["_order", "revenue"], ascending=[True, False], kind="stable")
    columns = [
        ACCOUNT,
        Column("their_share_of_ours", N_("Share of our revenue"), "pct"),
        Column("our_share_of_theirs", N_("Our share of purchases"), "pct"),
        Column("field", N_("Who depends"), word(DEPENDS)),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    return table(
        named(frame),
        columns,
        N_(
            "Accounts where one side depends on the other, those we depend on first, then by revenue. Dependent: from 5% of our revenue, from half of their purchases."
        ),
        most=8,
    )
