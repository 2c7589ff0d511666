"""Accounts and key accounts by nature, stage, industry, region, ownership and source."""

from __future__ import annotations

from kamplay.method.tiers.step import Tiers
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import table
from kamplay.show.table import Column, html_table, word
from kamplay.show.texts.vocabulary import CLASSES
from kamplay.show.view import current


@table
def account_classes_table(tiers: Tiers) -> Display:
    """The accounts that bought, and the key ones among them, by every dimension that divides them."""
    frame = tiers.account_classes
    if frame.empty:
        return NOTHING
    locale, dimension = current().locale, word(CLASSES)
    shown = frame.assign(
        dimension=frame["dimension"].mask(frame["dimension"].duplicated(), ""),
        value=[value or locale.text(N_("not stated")) for value in frame["value"]],
    )
    columns = [
        Column("dimension", N_("Dimension"), lambda key: dimension(key) if key else ""),
        Column("value", N_("Class")),
        Column("accounts", N_("Accounts"), "n"),
        Column("key", N_("of which key"), "n"),
        Column("share", N_("Share of revenue"), "pct"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    caption = N_("The accounts that bought in the last 12 months, by class.")
    return html_table(shown, columns, caption, most=60)
