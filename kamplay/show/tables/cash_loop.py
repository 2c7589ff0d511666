"""Table of step 3: accounts with loops left open between order and cash."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.tables.table import ACCOUNT, Column, named, table
from kamplay.show.view import current


def cash_loop(health: Any) -> Display:
    """Accounts with open loops, the largest amount stuck first: how they are delivered, how they pay, what is open and who acts."""
    result = health.cash_loop
    if not result.figures:
        return NOTHING
    frame = result.accounts[result.accounts["open"] > 0]
    locale = current().locale
    frame = frame.assign(loops=[_loops(row, locale) for row in frame.itertuples()])
    columns = [
        ACCOUNT,
        Column("stuck", N_("Amount stuck"), "money"),
        Column("loops", N_("What is open, and who acts"), css="long"),
        Column("on_time", N_("On time"), "pct", extra=True),
        Column("in_full", N_("In full"), "pct", extra=True),
        Column("to_collect", N_("Days to collect"), "n", extra=True),
    ]
    columns = [c for c in columns if c.key in ("name", "loops") or (len(frame) and frame[c.key].notna().any())]
    said = N_(
        "Accounts with loops open between order and cash. On time and in full: of orders promised for the last 180 days. Days to collect: bills paid in the last 12 months."
    )
    return table(named(frame), columns, said, most=8)


def _loops(row: Any, locale: Locale) -> str:
    """2 short, up to 137 days (delivery); 1 bill overdue, up to 20 days (finance): the one that holds more money first."""

    def aged(said: str, days: float) -> str:
        return said if pd.isna(days) else locale.say(N_("{said}, up to {days:n} {days:plural|day|days}"), said=said, days=days)

    goods = [
        locale.say(said, count=count)
        for said, count in ((N_("{count:n} late"), row.late_orders), (N_("{count:n} short"), row.short_orders))
        if count
    ]
    parts = {}
    if goods:
        parts["delivery"] = locale.say(N_("{what} (delivery)"), what=aged(locale.text(N_(", ")).join(goods), row.oldest_goods))
    if row.bills:
        bills = locale.say(N_("{count:n} {count:plural|bill|bills} overdue"), count=row.bills)
        parts["finance"] = locale.say(N_("{what} (finance)"), what=aged(bills, row.oldest_bill))
    order = sorted(parts, key=lambda who: who != row.acts)
    return locale.text(N_("; ")).join(parts[who] for who in order)
