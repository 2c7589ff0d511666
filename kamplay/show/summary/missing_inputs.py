"""The tables that were not delivered, and what each would add."""

from __future__ import annotations

from kamplay.method.check.step import Check
from kamplay.show.display import Display, sentence
from kamplay.show.locale import N_
from kamplay.show.table import Column, html_table
from kamplay.show.view import current


def missing_inputs(check: Check) -> Display:
    """One row for each table that was not delivered; a sentence where none is missing."""
    locale = current().locale
    # decisions by hand are made on the report, not delivered for it
    missing = check.tables[~check.tables["delivered"].astype(bool) & (check.tables["table"] != "overrides")]
    if missing.empty:
        return sentence(locale.text(N_("Every table that the method knows was delivered.")))
    frame = missing.assign(label=missing[locale.language], adds=missing[f"unlocks_{locale.language}"])
    columns = [Column("label", N_("Not delivered")), Column("adds", N_("What it would add"))]
    return html_table(frame, columns, N_("Tables that were not delivered, and what each would add."))
