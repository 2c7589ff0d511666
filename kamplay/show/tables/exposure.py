"""Tables of exposure: the stress test, and who depends on whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.show.charts.exposure import DEPENDS, scenario_label
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current

if TYPE_CHECKING:
    from kamplay.method.value import Value


def stress(value: Value) -> Display:
    """Each scenario: what goes, how long it takes to make up for it, and how the rest is spread."""
    if value.stress.empty:
        return NOTHING
    view = current()
    frame = value.stress.assign(label=[scenario_label(row, view) for row in value.stress.itertuples()])
    markets = frame["scenario"].isin(["industry", "region"])  # nobody replaces a whole market: years would mean nothing
    frame.loc[markets, "years_to_replace"] = np.nan
    columns = [
        Column("label", N_("Lost"), css="long"),
        Column("revenue", N_("Revenue"), "money", extra=True),
        Column("share", N_("Share"), "pct"),
        Column("margin_share", N_("Share of margin"), "pct"),
        Column("years_to_replace", N_("Years to replace"), "n1"),
        Column("accounts_for_80_after", N_("Accounts for 80% after"), "n", extra=True),
    ]
    columns = [c for c in columns if frame[c.key].notna().any()]
    by_new = N_(
        "What each loss takes from the 12 months, and the years in which new accounts make up for it at the rate of these months, one-off purchases not counted."
    )
    only = N_("What each loss takes from the 12 months.")
    return table(frame, columns, only if frame["years_to_replace"].isna().all() else by_new)  # fmt: skip


def dependence(value: Value) -> Display:
    """Accounts we depend on first, then the largest of the others."""
    frame = value.dependence
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
        N_("Those we depend on first, then by revenue. Dependent: from 5% of our revenue, from half of their purchases."),
        most=12,
        printed=8,
    )
