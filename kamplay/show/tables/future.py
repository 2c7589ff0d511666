"""Table of step 2: the accounts expected to bring most, with interval and value over three years."""

from __future__ import annotations

from kamplay.method.value import Value
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, ranges, table
from kamplay.show.view import current

FUTURE_ROWS = 10  # those whose sum the headline gives


def future(value: Value) -> Display:
    """The largest expectations of the next 12 months and what each account is worth over three years; refused accounts are left out."""
    frame = value.future[(value.future["model"] != "none") & (value.future["purchases"] > 1)]  # a single purchase says too little
    head, locale = frame.head(FUTURE_ROWS), current().locale
    scale, _ = locale.money_scale(
        float(head[["revenue_12m", "revenue", "clv"]].abs().max().max()) if len(head) else 0.0
    )  # the table's unit
    shown = list(ranges(head["low"], head["high"], locale, scale))
    frame = frame.assign(interval=shown + [""] * (len(frame) - len(head)))  # the rest is only counted
    on = head["clv_on"].unique()
    worth = N_("Value over 3 years") if len(on) != 1 else N_("Margin over 3 years") if on[0] == "margin" else N_("Revenue over 3 years")
    columns = [
        ACCOUNT,
        Column("revenue", N_("Last 12 months"), "money"),
        Column("revenue_12m", N_("Expected"), "money"),
        Column("interval", N_("80% interval"), css="num keep"),
        Column("clv", worth, "money", extra=True),
    ]
    caption = N_(
        "The largest expected revenues of the next 12 months, of accounts with at least two purchases, by purchase dates alone; over three years discounted at 10% a year."
    )
    if value.finding("future_expected_corrected"):
        caption = N_(
            "The largest expected revenues of the next 12 months, of accounts with at least two purchases, by purchase dates alone and before the correction of the sum; over three years discounted at 10% a year."
        )
    return table(named(frame), columns, caption, most=FUTURE_ROWS)
