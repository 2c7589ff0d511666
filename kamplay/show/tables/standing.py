"""Tables of step 2: the accounts' own condition, and how old the receivables are."""

from __future__ import annotations

from typing import Any

from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import AGES
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word


def standing(value: Any) -> Display:
    """Accounts whose own condition calls for a look: weak books or a limit exceeded; those that owe most first."""
    frame = value.standing
    if frame.empty:
        return NOTHING
    frame = frame[(frame["weak"] >= 2) | (frame["credit_used"] > 1)].sort_values(["open", "revenue"], ascending=False)
    columns = [
        ACCOUNT,
        Column("open", N_("Owes us"), "money"),
        Column("credit_used", N_("Credit used"), "pct"),
        Column("oldest", N_("Oldest overdue, days"), "n"),
        Column("weak", N_("Weak ratios"), "n"),
        Column("current_ratio", N_("Current ratio"), "n2", extra=True),
        Column("cash_ratio", N_("Cash ratio"), "n2", extra=True),
        Column("net_margin", N_("Its net margin"), "pct", extra=True),
    ]
    columns = [c for c in columns if c.key == "name" or frame[c.key].notna().any()]
    caption = N_(
        "Accounts that are weak in at least two ratios or above their credit limit, those that owe most first. Weak: current ratio below 1, cash ratio below 0.2, net margin or return on assets below 0."
    )
    return table(named(frame), columns, caption, most=8)


def ageing(value: Any) -> Display:
    """What is open by how long it has been due."""
    frame = value.ageing
    if frame.empty or not frame["amount"].sum() > 0:
        return NOTHING
    columns = [
        Column("age", N_("Due since"), word(AGES)),
        Column("amount", N_("Amount"), "money"),
        Column("share", N_("Share"), "pct"),
        Column("bills", N_("Bills"), "n"),
        Column("accounts", N_("Accounts"), "n"),
    ]
    return table(frame, columns, N_("Unpaid bills at the reporting date, by how long they have been due."))
