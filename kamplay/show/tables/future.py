"""Tables of step 2: the accounts expected to bring most, with interval, chance of still buying, and value over three years."""

from __future__ import annotations

from kamplay.method.value import Value
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, ranges, table, word
from kamplay.show.view import current

FUTURE_ROWS = 10  # those whose sum the headline gives


def future(value: Value) -> Display:
    """The largest expectations of the next 12 months; refused accounts are left out."""
    frame = value.future[(value.future["model"] != "none") & (value.future["purchases"] > 1)]  # a single purchase says too little
    head, locale = frame.head(FUTURE_ROWS), current().locale
    scale, _ = locale.money_scale(float(head[["revenue_12m", "revenue"]].abs().max().max()) if len(head) else 0.0)  # the table's own unit
    shown = list(ranges(head["low"], head["high"], locale, scale))
    frame = frame.assign(interval=shown + [""] * (len(frame) - len(head)))  # the rest is only counted
    columns = [
        ACCOUNT,
        Column("revenue_12m", N_("Expected"), "money"),
        Column("interval", N_("80% interval"), css="num keep"),
        Column("revenue", N_("Last 12 months"), "money"),
        Column("alive", N_("Still buying"), "pct", extra=True),
    ]
    caption = N_(
        "The largest expected revenues of the next 12 months, of accounts with at least two purchases. Still buying: the probability that the account has not left."
    )
    return table(named(frame), columns, caption, most=FUTURE_ROWS)


def lifetime(value: Value) -> Display:
    """The accounts worth most over three years, and on what that stands."""
    frame = value.future[value.future["clv"].notna() & (value.future["purchases"] > 1)].sort_values("clv", ascending=False, kind="stable")
    on = frame["clv_on"].unique()
    both = len(on) > 1
    then = frame["revenue"].rank(ascending=False, method="first").to_numpy()
    moved = [round(was - place) for place, was in enumerate(then, 1)]
    frame = frame.assign(moved=["–" if m == 0 else f"+{m}" if m > 0 else f"−{-m}" for m in moved])
    label = (
        N_("Value over 3 years") if both or not len(on) else N_("Margin over 3 years") if on[0] == "margin" else N_("Revenue over 3 years")
    )
    columns = [
        ACCOUNT,
        Column("clv", label, "money"),
        Column("revenue_12m", N_("Expected"), "money", extra=True),
        Column("revenue", N_("Last 12 months"), "money"),
        Column("moved", N_("Places gained"), css="num"),
    ]
    if both:
        columns.append(Column("clv_on", N_("Stands on"), word({"margin": N_("margin"), "revenue": N_("revenue")})))
    caption = N_(
        "The accounts worth most over the next three years, discounted at 10% a year. Expected: revenue of the next 12 months. Places gained: against the ranking by revenue of the last 12 months."
    )
    return table(named(frame), columns, caption, most=10, printed=8)
