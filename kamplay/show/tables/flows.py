"""Tables of step 2 on movement in depth: retention by tier and segment."""

from __future__ import annotations

from kamplay.method.value import Value
from kamplay.show.display import Display
from kamplay.show.labels import CLASSES
from kamplay.show.locale import N_
from kamplay.show.tables.table import Column, table
from kamplay.show.view import current

SPLITS = {"all": N_("All accounts"), "tier": N_("Tier"), "size": N_("Size a year ago"), "owner": N_("Owner"), **CLASSES}


def retention(value: Value) -> Display:
    """NRR and GRR of all accounts, by tier and by segment; nothing with less than 24 months."""
    frame, locale = value.retention, current().locale
    first = ~frame["dimension"].duplicated()
    names = [locale.text(SPLITS[d]) for d in frame["dimension"]]
    shown = frame.assign(
        dimension=[n if f else "" for n, f in zip(names, first, strict=True)],
        value=["" if d == "all" else v or locale.text(N_("not stated")) for d, v in zip(frame["dimension"], frame["value"], strict=True)],
    )
    columns = [
        Column("dimension", N_("Dimension"), lambda text: text),
        Column("value", N_("Segment"), lambda text: text),
        Column("accounts", N_("Accounts"), "n"),
        Column("before", N_("Year before"), "money", extra=True),
        Column("nrr", N_("NRR"), "pct"),
        Column("grr", N_("GRR"), "pct"),
    ]
    caption = N_(
        "Retention of the accounts with positive revenue in the 12 months before, whether or not they bought since. NRR: their revenue now over then; GRR: the same, no account counted above its revenue then."
    )
    if (frame["dimension"] == "size").any():
        caption = N_(
            "Retention of the accounts with positive revenue in the 12 months before, whether or not they bought since. NRR: their revenue now over then; GRR: the same, no account counted above its revenue then. Size a year ago: by the revenue then, as large a part as each level S, A, B and C holds today."
        )
    return table(shown, columns, caption, most=60)
