"""Tables of step 2: the largest accounts, thin margins, falls."""

from __future__ import annotations

import pandas as pd

from kamplay.method.value import Value
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, table
from kamplay.show.view import current

MARGINS, LOSERS = 9, 5  # rows; of them accounts that lose money, at most


def top_accounts(value: Value) -> Display:
    """The largest accounts with their share, class and movement."""
    frame = value.ranking.join(value.accounts[["abc", "margin"]]).join(value.moves[["before", "change"]])
    frame["margin_rate"] = frame["margin"] / frame["amount"]
    columns = [
        ACCOUNT,
        Column("amount", N_("Revenue"), "money"),
        Column("share", N_("Share"), "pct"),
        Column("cumulative", N_("Cumulative"), "pct", extra=True),
        Column("abc", N_("ABC class"), extra=True),
        Column("change", N_("Change"), "money"),
        Column("margin_rate", N_("Margin"), "pct", extra=True),
    ]
    if frame["margin"].isna().all():
        columns = columns[:-1]
    said = N_(
        "The largest accounts of the last 12 months. ABC class: A brings the first 80% of revenue, B the next 15%, C the rest; it is not the tier S, A, B or C. Change: against the 12 months before."
    )
    return table(named(frame), columns, said, most=10)


def margins(value: Value) -> Display:
    """What accounts leave, the least first: those that cost more than they bring, then the thinnest margins of class A; without cost nothing."""
    frame = value.profit.assign(margin_rate=value.profit["margin"] / value.profit["revenue"]).dropna(subset=["net"])
    losing = frame[frame["net"] < 0].sort_values("net")
    thin = frame[(value.accounts["abc"].reindex(frame.index) == "A") & (frame["net"] >= 0)].sort_values("margin_rate")
    shown = pd.concat([losing.head(LOSERS), thin.head(MARGINS - min(len(losing), LOSERS))])
    columns = [
        ACCOUNT,
        Column("revenue", N_("Revenue"), "money", extra=True),
        Column("margin_rate", N_("Margin"), "pct"),
        Column("margin", N_("Margin amount"), "money"),
        Column("cost", N_("Cost to serve"), "money"),
        Column("net", N_("Left"), "money"),
    ]
    if not (frame["cost"] > 0).any():
        columns = columns[:-2]
    caption = N_("Accounts that leave least: first those that cost more than they bring, then the thinnest margins of ABC class A.")
    return table(named(shown), columns, caption)


def losses(value: Value) -> Display:
    """The largest falls against the year before."""
    if value.key_figures["nrr"] is None:
        return table(value.moves.iloc[:0], [], "")
    falls = value.moves[value.moves["change"] < 0].sort_values("change")
    locale = current().locale
    gone, less = locale.text(N_("lost")), locale.text(N_("contracted"))
    columns = [
        ACCOUNT,
        Column("before", N_("Year before"), "money"),
        Column("now", N_("This year"), "money"),
        Column("change", N_("Change"), "money"),
        Column("move", N_("What happened"), lambda m: gone if m == "lost" else less),
    ]
    return table(named(falls), columns, N_("Largest falls against the year before."), most=8)
