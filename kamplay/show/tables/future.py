"""Tables of step 2: the accounts expected to bring most, with interval, chance of still buying, and value over three years."""

from __future__ import annotations

from kamplay.method.value import Value
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word


def future(value: Value) -> Display:
    """The largest expectations of the next 12 months; refused accounts are left out."""
    frame = value.future[(value.future["model"] != "none") & (value.future["purchases"] > 1)]  # a single purchase says too little
    columns = [
        ACCOUNT,
        Column("revenue_12m", N_("Expected"), "money"),
        Column("low", N_("Low (10%)"), "money", extra=True),
        Column("high", N_("High (90%)"), "money", extra=True),
        Column("revenue", N_("Last 12 months"), "money"),
        Column("alive", N_("Still buying"), "pct"),
    ]
    caption = N_(
        "The largest expected revenues of the next 12 months, of accounts with at least two purchases. Still buying: the probability that the account has not left."
    )
    return table(named(frame), columns, caption, most=15)


def lifetime(value: Value) -> Display:
    """The accounts worth most over three years, and on what that stands."""
    frame = value.future[value.future["clv"].notna() & (value.future["purchases"] > 1)].sort_values("clv", ascending=False, kind="stable")
    both = frame["clv_on"].nunique() > 1
    columns = [
        ACCOUNT,
        Column("clv", N_("Value over three years"), "money"),
        Column("revenue_12m", N_("Expected"), "money"),
        Column("revenue", N_("Last 12 months"), "money", extra=True),
        Column("purchases_12m", N_("Purchases expected"), "n1", extra=True),
    ]
    if both:
        columns.append(Column("clv_on", N_("Stands on"), word({"margin": N_("margin"), "revenue": N_("revenue")})))
    caption = N_("The accounts worth most over the next three years, discounted at 10% a year. Expected: revenue of the next 12 months.")
    return table(named(frame), columns, caption, most=10)
